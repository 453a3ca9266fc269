//! Unusual values of a numeric field: clusters of outliers, and shifts of its mean. Pure.

use crate::domain::analytics::statistics::proportion::ln_tail;
use crate::domain::analytics::statistics::robust::Spread;

/// Robust standard deviations beyond which a value is an outlier.
const BAND: f64 = 3.5;
/// Values that a field needs before any is judged.
pub const LEAST_VALUES: usize = 50;
/// Outliers of a cluster.
const LEAST_OUTLIERS: usize = 3;
/// Outliers further apart than this belong to different clusters.
const CLUSTER_GAP: i64 = 6 * 3_600_000;
/// The chance of a cluster, had its outliers come evenly over time, must be below e to this.
const LN_CHANCE: f64 = -14.0;
/// Days that a shift needs before and after it.
const LEAST_DAYS: usize = 5;
/// How far a path of summed differences goes by chance alone: once in ten thousand (Kolmogorov).
const SHIFT_BOUND: f64 = 2.23;
/// Part of the former mean by which it must have moved.
const LEAST_SHIFT: f64 = 0.05;

/// Values far from the others, close together in time.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// First outlier.
    pub from: i64,
    /// Just after the last one.
    pub to: i64,
    /// The value farthest off.
    pub extreme: f64,
    /// Median of all values.
    pub usual: f64,
    /// Lower end of the usual.
    pub low: f64,
    /// Upper end of the usual.
    pub high: f64,
    /// Positions of the outliers among the values.
    pub places: Vec<usize>,
    /// Distance of the extreme, in robust standard deviations.
    pub score: f64,
}

/// Clusters of outliers among values in order of time.
#[must_use]
pub fn clusters(values: &[(i64, f64)]) -> Vec<Cluster> {
    if values.len() < LEAST_VALUES {
        return Vec::new();
    }
    let mut plain: Vec<f64> = values.iter().map(|(_, value)| *value).collect();
    let Some((centre, scale)) =
        Spread::of(&mut plain).and_then(|spread| Some((spread.median, spread.scale()?)))
    else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for side in [1.0, -1.0] {
        let distance = |value: f64| (value - centre) * side / scale;
        let outliers: Vec<usize> = (0..values.len()).filter(|at| distance(values[*at].1) > BAND).collect();
        for places in outliers.chunk_by(|a, b| values[*b].0 - values[*a].0 <= CLUSTER_GAP) {
            let (first, last) = (places[0], places[places.len() - 1]);
            let within = (last - first + 1) as f64;
            let others = (outliers.len() - places.len()) as f64 + 1.0;
            let share = others / (values.len() as f64 - within + 1.0);
            if places.len() < LEAST_OUTLIERS || ln_tail(places.len() as f64, within, share) > LN_CHANCE {
                continue;
            }
            let farthest = places
                .iter()
                .map(|at| values[*at].1)
                .max_by(|a, b| distance(*a).total_cmp(&distance(*b)))
                .unwrap_or(centre);
            found.push(Cluster {
                from: values[first].0,
                to: values[last].0 + 1,
                extreme: farthest,
                usual: centre,
                low: centre - BAND * scale,
                high: centre + BAND * scale,
                places: places.to_vec(),
                score: distance(farthest),
            });
        }
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found
}

/// A day with the mean of a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Day {
    /// Where it begins.
    pub from: i64,
    /// Where it ends, not included.
    pub to: i64,
    /// Sum of the values.
    pub sum: f64,
    /// Values.
    pub n: f64,
}

/// A mean that moved and stayed, at once or little by little.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// Since when.
    pub from: i64,
    /// End of the last day.
    pub to: i64,
    /// Mean before.
    pub before: f64,
    /// Mean of the last days.
    pub now: f64,
    /// Lower end of what daily means were before.
    pub low: f64,
    /// Upper end of it.
    pub high: f64,
    /// Values since then.
    pub n: f64,
    /// Longest way of the summed differences, in standard deviations of chance.
    pub score: f64,
}

/// The shift of a mean over days in order, if there is one.
#[must_use]
pub fn shift(days: &[Day]) -> Option<Shift> {
    let days: Vec<Day> = days.iter().copied().filter(|day| day.n > 0.0).collect();
    if days.len() < 2 * LEAST_DAYS {
        return None;
    }
    let means: Vec<f64> = days.iter().map(|day| day.sum / day.n).collect();
    let count = means.len() as f64;
    let overall = means.iter().sum::<f64>() / count;
    // Spread from day to day, which a lasting shift does not widen: neighbours differ by √2 of it.
    let mut steps: Vec<f64> = means.windows(2).map(|pair| (pair[1] - pair[0]) / 2_f64.sqrt()).collect();
    let sigma = Spread::of(&mut steps)?.scale()?;
    let mut way = 0.0_f64;
    let longest = means
        .iter()
        .map(|mean| {
            way += mean - overall;
            way.abs()
        })
        .fold(0.0, f64::max);
    let score = longest / (sigma * count.sqrt());
    if score < SHIFT_BOUND {
        return None;
    }
    let since = onset(&means)?;
    let before = mean(&means[..since]);
    let last = &means[means.len() - LEAST_DAYS.min(means.len() - since)..];
    let now = mean(last);
    let far = (now - before).abs() > LEAST_SHIFT * before.abs() && (now - before).abs() > 2.0 * sigma;
    far.then(|| Shift {
        from: days[since].from,
        to: days[days.len() - 1].to,
        before,
        now,
        low: before - BAND * sigma,
        high: before + BAND * sigma,
        n: days[since..].iter().map(|day| day.n).sum(),
        score,
    })
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The day from which a step or a ramp explains the means best.
fn onset(means: &[f64]) -> Option<usize> {
    let candidates = LEAST_DAYS..=means.len() - LEAST_DAYS;
    let error = |since: usize| {
        let (before, after) = means.split_at(since);
        let level = mean(before);
        let rest = |fit: &dyn Fn(usize) -> f64| -> f64 {
            after.iter().enumerate().map(|(at, value)| (value - fit(at)).powi(2)).sum()
        };
        let step_height = mean(after);
        // The slope of a line that starts at the former level.
        let (above, below) = after.iter().enumerate().fold((0.0, 0.0), |(above, below), (at, value)| {
            let x = at as f64 + 1.0;
            (above + x * (value - level), below + x * x)
        });
        let slope = above / below;
        let flat: f64 = before.iter().map(|value| (value - level).powi(2)).sum();
        flat + rest(&|_| step_height).min(rest(&|at| level + slope * (at as f64 + 1.0)))
    };
    candidates.min_by(|a, b| error(*a).total_cmp(&error(*b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;

    /// Numbers from −1 to 1 that look random and are always the same.
    fn noise(at: usize) -> f64 {
        let mixed = (at as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        ((mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40) as f64 / f64::from(1 << 23) - 1.0
    }

    fn readings() -> Vec<(i64, f64)> {
        (0..2_000).map(|at| (at as i64 * 900_000, 4.0 + 2.0 * noise(at))).collect()
    }

    /// ANA-07: readings that break out for some hours are one finding with its extreme; evenly scattered wild values
    /// and ordinary ones are none.
    #[test]
    fn broken_cold_chains_are_found() {
        let mut values = readings();
        assert_eq!(clusters(&values), []);
        for (at, warm) in [9.9, 10.4, 12.6, 11.8, 10.1].into_iter().enumerate() {
            values[1_200 + at].1 = warm;
        }
        let found = clusters(&values);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].places, [1_200, 1_201, 1_202, 1_203, 1_204]);
        assert_eq!((found[0].extreme, found[0].from), (12.6, values[1_200].0));
        assert!(found[0].high < 9.9 && found[0].score > BAND);

        let mut values = readings();
        for at in (0..2_000).step_by(40) {
            values[at].1 = 15.0;
        }
        assert_eq!(clusters(&values), [], "wild values are usual for this field");
        assert_eq!(clusters(&values[..LEAST_VALUES - 1]), []);
        assert_eq!(clusters(&vec![(0, 4.0); 100]), [], "no spread, no verdict");
    }

    fn days(mean: impl Fn(usize) -> f64) -> Vec<Day> {
        (0..90)
            .map(|at| Day { from: at as i64 * DAY, to: (at as i64 + 1) * DAY, sum: 20.0 * mean(at), n: 20.0 })
            .collect()
    }

    /// ANA-07: a drift and a step are found about where they began; noise and one bad day are none.
    #[test]
    fn drifts_are_found() {
        let base = |at: usize| 40.0 + 1.5 * noise(at);
        assert_eq!(shift(&days(base)), None);
        let drift = shift(&days(|at| base(at) * (1.0 + 0.25 * at.saturating_sub(59) as f64 / 30.0))).unwrap();
        assert!((54..72).contains(&(drift.from / DAY)), "{}", drift.from / DAY);
        assert!(drift.now > 47.0 && (38.0..42.0).contains(&drift.before), "{drift:?}");
        let step = shift(&days(|at| base(at) - if at >= 70 { 6.0 } else { 0.0 })).unwrap();
        assert!((69..=71).contains(&(step.from / DAY)), "{}", step.from / DAY);
        assert!(step.now < step.low.max(36.0));
        assert_eq!(shift(&days(|at| base(at) + if at == 50 { 30.0 } else { 0.0 })), None);
        assert_eq!(shift(&days(|_| 40.0)), None);
        assert_eq!(shift(&days(base)[..8]), None);
    }
}
