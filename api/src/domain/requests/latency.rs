//! ANA-14: durations in buckets that grow by a fixed factor, so that those of hours, keys and servers add up and a
//! percentile is off by no more than a known share. Pure.

use std::collections::BTreeMap;

use shared::analytics::Reason;
use shared::requests::{ACCURACY, AnswerFigures, MIN_P95, MIN_P99, MIN_RATE};

/// Upper end of a bucket ÷ its lower end. The middle of a bucket (in the harmonic sense) is then no further than
/// [`ACCURACY`] from any value in it (`DDSketch`; Masson, Rim, Lee 2019).
const GROWTH: f64 = (1.0 + ACCURACY) / (1.0 - ACCURACY);

/// The bucket of a duration in microseconds; all below one microsecond share the first.
#[must_use]
pub fn bucket_of(us: i64) -> i64 {
    ((us.max(1) as f64).ln() / GROWTH.ln()).ceil() as i64
}

/// The duration that stands for a bucket, in milliseconds.
#[must_use]
pub fn middle_ms(bucket: i64) -> f64 {
    let exponent = i32::try_from(bucket).unwrap_or(i32::MAX);
    2.0 * GROWTH.powi(exponent) / (GROWTH + 1.0) / 1_000.0
}

/// Answers of one bucket, or of many together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Answers.
    pub n: i64,
    /// Those with a status from 400 to 499.
    pub refused: i64,
    /// Those with a status from 500.
    pub failed: i64,
    /// Microseconds of all of them.
    pub total_us: i64,
}

impl Count {
    /// One answer.
    #[must_use]
    pub const fn one(status: u16, us: i64) -> Self {
        let (refused, failed) = (matches!(status, 400..=499), status >= 500);
        Self { n: 1, refused: refused as i64, failed: failed as i64, total_us: us }
    }

    /// Adds others.
    pub const fn add(&mut self, other: Self) {
        self.n += other.n;
        self.refused += other.refused;
        self.failed += other.failed;
        self.total_us = self.total_us.saturating_add(other.total_us);
    }
}

/// Durations by bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    buckets: BTreeMap<i64, i64>,
    total: Count,
}

impl Histogram {
    /// Adds answers of a bucket.
    pub fn add(&mut self, bucket: i64, count: Count) {
        *self.buckets.entry(bucket).or_default() += count.n;
        self.total.add(count);
    }

    /// Answers in all.
    #[must_use]
    pub const fn n(&self) -> i64 {
        self.total.n
    }

    /// The duration that so many of a hundred answers do not exceed (nearest rank), in milliseconds.
    fn percentile(&self, percent: i64) -> Option<f64> {
        let rank = (self.total.n * percent + 99) / 100;
        let mut below = 0;
        let found = self.buckets.iter().find(|(_, n)| {
            below += **n;
            below >= rank.max(1)
        });
        found.map(|(bucket, _)| middle_ms(*bucket))
    }

    /// What can be said of them; what needs more answers than there are has no value.
    #[must_use]
    pub fn figures(&self) -> AnswerFigures {
        let Count { n, refused, failed, total_us } = self.total;
        let from = |least: i64, percent| self.percentile(percent).filter(|_| n >= least);
        let reason = match n {
            0 => Some(Reason::NoData),
            few if few < MIN_P99 => Some(Reason::TooFew),
            _ => None,
        };
        AnswerFigures {
            n,
            refused,
            failed,
            error_rate: (n >= MIN_RATE).then(|| (refused + failed) as f64 / n as f64),
            mean_ms: (n > 0).then(|| total_us as f64 / n as f64 / 1_000.0),
            p50_ms: self.percentile(50),
            p95_ms: from(MIN_P95, 95),
            p99_ms: from(MIN_P99, 99),
            reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(durations: &[i64]) -> Histogram {
        let mut all = Histogram::default();
        for us in durations {
            all.add(bucket_of(*us), Count::one(200, *us));
        }
        all
    }

    fn near(found: Option<f64>, ms: f64) -> bool {
        found.is_some_and(|found| (found - ms).abs() <= ms * (ACCURACY + 1e-9))
    }

    /// ANA-14: nearest rank of 1 to 100 ms, worked out by hand: the 50th, 95th and 99th value.
    #[test]
    fn percentiles_are_those_of_the_nearest_rank() {
        let figures = of(&(1..=100).map(|ms| ms * 1_000).collect::<Vec<_>>()).figures();
        assert!(
            near(figures.p50_ms, 50.0) && near(figures.p95_ms, 95.0) && near(figures.p99_ms, 99.0),
            "{figures:?}"
        );
        assert_eq!((figures.mean_ms, figures.error_rate, figures.reason), (Some(50.5), Some(0.0), None));
    }

    /// ANA-14, GEN-01: too few answers have no percentile and no rate; none have nothing.
    #[test]
    fn too_few_answers_have_no_figures() {
        let none = of(&[]).figures();
        assert_eq!(
            (none.p50_ms, none.mean_ms, none.error_rate, none.reason),
            (None, None, None, Some(Reason::NoData))
        );
        for (n, p95, rate, p99) in [
            (19, false, false, false),
            (20, true, false, false),
            (29, true, false, false),
            (30, true, true, false),
            (99, true, true, false),
            (100, true, true, true),
        ] {
            let figures = of(&vec![2_000; n]).figures();
            assert_eq!(
                (figures.p95_ms.is_some(), figures.error_rate.is_some(), figures.p99_ms.is_some()),
                (p95, rate, p99),
                "{n}"
            );
            assert_eq!(figures.reason, (!p99).then_some(Reason::TooFew));
            assert!(near(figures.p50_ms, 2.0));
        }
    }

    /// ANA-14: answers from 400 on are errors, those from 500 on are our own.
    #[test]
    fn errors_are_told_apart() {
        let mut all = Histogram::default();
        for status in [200, 201, 304, 399, 400, 404, 429, 499, 500, 503].repeat(3) {
            all.add(bucket_of(1_000), Count::one(status, 1_000));
        }
        let figures = all.figures();
        assert_eq!((figures.n, figures.refused, figures.failed, figures.error_rate), (30, 12, 6, Some(0.6)));
    }

    proptest! {
        /// ANA-14: a bucket is no further from its values than is said, from a microsecond to an hour.
        #[test]
        fn buckets_are_as_exact_as_they_say(us in 1_i64..3_600_000_000) {
            let ms = us as f64 / 1_000.0;
            prop_assert!((middle_ms(bucket_of(us)) - ms).abs() <= ms * (ACCURACY + 1e-9));
        }

        /// ANA-14: percentiles of parts that were added up are those of the whole, and within the accuracy of the exact ones.
        #[test]
        fn parts_add_up(durations in proptest::collection::vec(1_i64..10_000_000, 1..300), at in 0_usize..300) {
            let (left, right) = durations.split_at(at.min(durations.len()));
            let mut sum = of(left);
            for us in right {
                sum.add(bucket_of(*us), Count::one(200, *us));
            }
            let whole = of(&durations);
            prop_assert_eq!(&sum, &whole);
            let mut sorted = durations;
            sorted.sort_unstable();
            for percent in [50, 95, 99] {
                let rank = (sorted.len() * percent).div_ceil(100).max(1);
                let exact = sorted[rank - 1] as f64 / 1_000.0;
                prop_assert!(near(whole.percentile(percent as i64), exact));
            }
        }
    }
}
