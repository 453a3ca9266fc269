//! Centre and spread that a few wild values cannot move.

/// Makes the median absolute deviation of normal data equal to its standard deviation.
const NORMAL: f64 = 1.4826;
/// The same for the mean absolute deviation, √(π/2).
const NORMAL_MEAN: f64 = 1.253_314;

/// The middle value; none without values. Sorts them.
pub fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get((values.len() - 1) / 2)?;
    Some(f64::midpoint(lower, upper))
}

/// Centre and spread of a sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// Median.
    pub median: f64,
    /// Median absolute deviation.
    pub mad: f64,
    /// Mean absolute deviation from the median.
    pub mean_deviation: f64,
}

impl Spread {
    /// Of a sample; none without values.
    pub fn of(values: &mut [f64]) -> Option<Self> {
        let centre = median(values)?;
        let mut deviations: Vec<f64> = values.iter().map(|value| (value - centre).abs()).collect();
        let mean_deviation = deviations.iter().sum::<f64>() / deviations.len() as f64;
        Some(Self { median: centre, mad: median(&mut deviations)?, mean_deviation })
    }

    /// A robust standard deviation: from the median absolute deviation, or from the mean one where more than half
    /// of the values are equal. None when all are (Iglewicz and Hoaglin; NIST 1.3.5.17).
    #[must_use]
    pub fn scale(&self) -> Option<f64> {
        [NORMAL * self.mad, NORMAL_MEAN * self.mean_deviation].into_iter().find(|scale| *scale > 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::analytics::statistics::reference::{assert_close, cases, numbers};

    /// ANA-07: medians and deviations as R computes them.
    #[test]
    fn spreads_are_those_of_the_references() {
        for case in cases("anomaly_detection", "robust_mad") {
            let expected = &case["expected"];
            let values = numbers(&case["inputs"]["values"]);
            let spread = Spread::of(&mut values.clone()).unwrap();
            assert_close(&case, "median", spread.median, &expected["median"]);
            assert_close(&case, "mad", spread.mad, &expected["mad_raw"]);
            if let Some(flagged) = expected["flag_abs_gt_3_5_1based"].as_array() {
                let found: Vec<usize> = (1..=values.len())
                    .filter(|at| (values[at - 1] - spread.median).abs() * 0.6745 > 3.5 * spread.mad)
                    .collect();
                assert_eq!(found, flagged.iter().map(|at| at.as_u64().unwrap() as usize).collect::<Vec<_>>());
            }
        }
        for case in cases("anomaly_detection", "robust_mad_zero") {
            let spread = Spread::of(&mut numbers(&case["inputs"]["values"])).unwrap();
            assert_close(&case, "mean deviation", spread.mean_deviation, &case["expected"]["mean_abs_dev"]);
            assert_eq!(spread.mad, 0.0);
            assert!(spread.scale().unwrap() > 0.0);
        }
        assert_eq!(Spread::of(&mut []), None);
        assert_eq!(Spread::of(&mut [4.0, 4.0]).unwrap().scale(), None);
    }
}
