//! Exponential smoothing: simple, and additive Holt–Winters in the convention of R (calculations.md §4.5).

/// A fitted model: what it expects next, and how far off it was.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    level: f64,
    trend: f64,
    /// Seasonal parts in the order in which they will be used.
    seasonal: Vec<f64>,
    weights: Weights,
    /// Sum of squared one-step errors.
    pub sse: f64,
    /// Errors that were summed.
    pub errors: usize,
}

/// Smoothing weights of level, trend and season, each from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Weights {
    /// Level.
    pub alpha: f64,
    /// Trend.
    pub beta: f64,
    /// Season.
    pub gamma: f64,
}

impl Fit {
    /// What is expected `ahead` steps after the last value (1 is the next).
    #[must_use]
    pub fn expected(&self, ahead: usize) -> f64 {
        let season = match self.seasonal.len() {
            0 => 0.0,
            length => self.seasonal[(ahead - 1) % length],
        };
        self.level + self.trend * ahead as f64 + season
    }

    /// Standard deviation of that expectation (Hyndman and others 2008, class 1).
    #[must_use]
    pub fn deviation(&self, ahead: usize) -> f64 {
        let Weights { alpha, beta, gamma } = self.weights;
        let one_step = (self.sse / self.errors.max(1) as f64).sqrt();
        let growth: f64 = (1..ahead)
            .map(|step| {
                let season = !self.seasonal.is_empty() && step % self.seasonal.len() == 0;
                let weight =
                    alpha * (1.0 + step as f64 * beta) + if season { gamma * (1.0 - alpha) } else { 0.0 };
                weight * weight
            })
            .sum();
        one_step * (1.0 + growth).sqrt()
    }
}

/// Simple exponential smoothing with a given weight; the first value is the first level. None without values.
#[must_use]
pub fn simple(values: &[f64], alpha: f64) -> Option<Fit> {
    let (first, rest) = values.split_first()?;
    let (mut level, mut sse) = (*first, 0.0);
    for value in rest {
        let error = value - level;
        sse += error * error;
        level += alpha * error;
    }
    let weights = Weights { alpha, ..Weights::default() };
    Some(Fit { level, trend: 0.0, seasonal: Vec::new(), weights, sse, errors: rest.len() })
}

/// Additive Holt–Winters with given weights; two full seasons give the start. None with less.
#[must_use]
pub fn holt_winters(values: &[f64], season: usize, weights: Weights) -> Option<Fit> {
    let (mut level, mut trend, mut seasonal) = start(values, season)?;
    let Weights { alpha, beta, gamma } = weights;
    let mut sse = 0.0;
    for (at, value) in values.iter().enumerate().skip(season) {
        let place = at % season;
        let error = value - (level + trend + seasonal[place]);
        sse += error * error;
        let next = alpha * (value - seasonal[place]) + (1.0 - alpha) * (level + trend);
        trend = beta * (next - level) + (1.0 - beta) * trend;
        level = next;
        seasonal[place] = gamma * (value - level) + (1.0 - gamma) * seasonal[place];
    }
    seasonal.rotate_left(values.len() % season);
    Some(Fit { level, trend, seasonal, weights, sse, errors: values.len() - season })
}

/// Level, trend and seasonal parts at the start: centred averages of the first two seasons.
fn start(values: &[f64], season: usize) -> Option<(f64, f64, Vec<f64>)> {
    let first = values.get(..2 * season).filter(|_| season > 1)?;
    let half = season / 2;
    let centred: Vec<Option<f64>> = (0..first.len())
        .map(|at| {
            let from = at.checked_sub(half)?;
            let window = first.get(from..=at + half)?;
            let sum: f64 = window.iter().sum();
            // With an even season the two ends count half.
            let ends = if season.is_multiple_of(2) { f64::midpoint(window[0], window[season]) } else { 0.0 };
            Some((sum - ends) / season as f64)
        })
        .collect();
    let known: Vec<f64> = centred.iter().copied().flatten().collect();
    let (level, trend) = line(&known)?;
    let mut seasonal: Vec<f64> = (0..season)
        .map(|place| {
            let parts: Vec<f64> = [place, place + season]
                .into_iter()
                .filter_map(|at| centred[at].map(|centre| first[at] - centre))
                .collect();
            parts.iter().sum::<f64>() / parts.len().max(1) as f64
        })
        .collect();
    let mean = seasonal.iter().sum::<f64>() / season as f64;
    seasonal.iter_mut().for_each(|part| *part -= mean);
    Some((level, trend, seasonal))
}

/// Intercept (at 0) and slope of the line through values at 1, 2, 3 … by least squares.
fn line(values: &[f64]) -> Option<(f64, f64)> {
    let n = values.len() as f64;
    if values.len() < 2 {
        return None;
    }
    let (mean_x, mean_y) = (f64::midpoint(n, 1.0), values.iter().sum::<f64>() / n);
    let (mut above, mut below) = (0.0, 0.0);
    for (at, value) in values.iter().enumerate() {
        let x = at as f64 + 1.0 - mean_x;
        above += x * (value - mean_y);
        below += x * x;
    }
    let slope = above / below;
    Some((mean_y - slope * mean_x, slope))
}

/// Steps in which weights are tried, coarse to fine.
const STEPS: [f64; 5] = [0.2, 0.1, 0.05, 0.02, 0.01];

/// Simple exponential smoothing with the weight of the smallest error.
#[must_use]
pub fn best_simple(values: &[f64]) -> Option<Fit> {
    let fit = |alpha: f64| simple(values, alpha);
    let mut best = fit(0.5)?;
    for step in STEPS {
        while let Some(better) = [-step, step]
            .into_iter()
            .filter_map(|change| fit((best.weights.alpha + change).clamp(0.0, 1.0)))
            .find(|other| other.sse < best.sse)
        {
            best = better;
        }
    }
    Some(best)
}

/// Additive Holt–Winters with the weights of the smallest error, searched from a coarse grid downhill.
#[must_use]
pub fn best_holt_winters(values: &[f64], season: usize) -> Option<Fit> {
    let fit = |weights: Weights| holt_winters(values, season, weights);
    let grid = [0.05, 0.3, 0.7];
    let mut best: Option<Fit> = None;
    for alpha in grid {
        for beta in [0.0, 0.05, 0.3] {
            for gamma in grid {
                let other = fit(Weights { alpha, beta, gamma })?;
                if best.as_ref().is_none_or(|best| other.sse < best.sse) {
                    best = Some(other);
                }
            }
        }
    }
    let mut best = best?;
    for step in STEPS {
        loop {
            let Weights { alpha, beta, gamma } = best.weights;
            let to = |value: f64| value.clamp(0.0, 1.0);
            let around = [
                Weights { alpha: to(alpha - step), beta, gamma },
                Weights { alpha: to(alpha + step), beta, gamma },
                Weights { alpha, beta: to(beta - step), gamma },
                Weights { alpha, beta: to(beta + step), gamma },
                Weights { alpha, beta, gamma: to(gamma - step) },
                Weights { alpha, beta, gamma: to(gamma + step) },
            ];
            match around.into_iter().filter_map(fit).find(|other| other.sse < best.sse * (1.0 - 1e-9)) {
                Some(better) => best = better,
                None => break,
            }
        }
    }
    Some(best)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::analytics::statistics::reference::{assert_close, cases, numbers};

    /// ANA-06: the recursion of simple smoothing gives the published levels and errors.
    #[test]
    fn simple_smoothing_is_that_of_the_reference() {
        for case in cases("unit_economics", "forecast_ses_recursion") {
            let values = numbers(&case["inputs"]["values"]);
            let fit = simple(&values, case["inputs"]["alpha"].as_f64().unwrap()).unwrap();
            assert_close(&case, "next", fit.expected(1), &case["expected"]["forecast_next"]);
            assert_close(&case, "sse", fit.sse, &case["expected"]["sse"]);
        }
    }

    /// ANA-06: what the search finds is as good as what R finds (forecasts are judged, not weights).
    #[test]
    fn fitted_forecasts_are_those_of_the_reference() {
        for case in cases("unit_economics", "forecast_hw_additive_optimised") {
            let values = numbers(&case["inputs"]["values"]);
            let season = case["inputs"]["period"].as_u64().unwrap_or(12) as usize;
            let fit = best_holt_winters(&values, season).unwrap();
            let expected = numbers(&case["expected"]["forecast12"]);
            for (at, expected) in expected.iter().enumerate() {
                let found = fit.expected(at + 1);
                assert!((found - expected).abs() < 0.2, "{}: {found} instead of {expected}", at + 1);
            }
            let sse = case["expected"]["sse"].as_f64().unwrap();
            assert!(fit.sse < sse * 1.02, "{} instead of {sse}", fit.sse);
        }
        for case in cases("unit_economics", "forecast_ses_optimised") {
            let values = numbers(&case["inputs"]["values"]);
            let fit = best_simple(&values).unwrap();
            let sse = case["expected"]["sse"].as_f64().unwrap();
            assert!(fit.sse < sse * 1.02, "{} instead of {sse}", fit.sse);
        }
    }

    /// ANA-06: a pure week repeats, a trend goes on, uncertainty grows, and too short a history gives nothing.
    #[test]
    fn patterns_are_continued() {
        let week = [10.0, 12.0, 14.0, 12.0, 10.0, 3.0, 2.0];
        let values: Vec<f64> = (0..70).map(|at| week[at % 7] + at as f64 * 0.1).collect();
        let fit = best_holt_winters(&values, 7).unwrap();
        for ahead in 1..=28 {
            let expected = week[(70 + ahead - 1) % 7] + (70 + ahead - 1) as f64 * 0.1;
            assert!((fit.expected(ahead) - expected).abs() < 0.3, "{ahead}: {}", fit.expected(ahead));
            assert!(fit.deviation(ahead + 1) >= fit.deviation(ahead));
        }
        assert_eq!(holt_winters(&values[..13], 7, Weights::default()), None);
        assert_eq!(simple(&[], 0.5), None);
        assert_eq!(best_simple(&[5.0]).unwrap().expected(3), 5.0);
    }
}
