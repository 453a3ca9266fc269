//! A value that became more frequent for some time. Pure.

use crate::domain::analytics::statistics::proportion::{ln_tail, two_shares};

/// Lengths of windows that may begin on any day, in days.
const DAYS: [usize; 2] = [1, 3];
/// Lengths of windows that begin on Mondays, in days.
const WEEKS: [usize; 5] = [7, 14, 21, 28, 42];
/// Logs that a window needs.
const LEAST_LOGS: f64 = 30.0;
/// Logs with the value that a window needs.
const LEAST_HITS: f64 = 8.0;
/// How many times as frequent it must be.
const LEAST_RATIO: f64 = 1.5;

/// Standard deviations that the shares must lie apart.
const LEAST_SCORE: f64 = 3.5;

/// Logs of a day, and how many of them hold the value.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Day {
    /// Logs with the value.
    pub hits: f64,
    /// Logs.
    pub n: f64,
}

/// A window in which a value was more frequent than outside it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rise {
    /// First day.
    pub first: usize,
    /// Last day, included.
    pub last: usize,
    /// Share within.
    pub share: f64,
    /// Share outside.
    pub usual: f64,
    /// Logs within.
    pub n: f64,
    /// How far apart the shares lie, in standard deviations.
    pub score: f64,
    /// Natural logarithm of the chance of so many hits in one window, were the share the usual one.
    pub ln_chance: f64,
}

/// The least likely rise of a share. `monday` is the first day that is one; `tried` counts the windows that were
/// looked at, so that the caller can tell how unlikely the least likely one has to be.
#[must_use]
pub fn rise(days: &[Day], monday: usize, tried: &mut usize) -> Option<Rise> {
    let mut sums = vec![Day::default()];
    for day in days {
        let last = sums[sums.len() - 1];
        sums.push(Day { hits: last.hits + day.hits, n: last.n + day.n });
    }
    let all = sums[days.len()];
    let any_day = DAYS.into_iter().flat_map(|length| (0..days.len()).map(move |first| (first, length)));
    let mondays = WEEKS
        .into_iter()
        .flat_map(|length| (monday..days.len()).step_by(7).map(move |first| (first, length)));
    let mut best: Option<Rise> = None;
    for (first, length) in any_day.chain(mondays) {
        if first + length > days.len() || length * 2 > days.len() {
            continue;
        }
        let (from, to) = (sums[first], sums[first + length]);
        let (hits, n) = (to.hits - from.hits, to.n - from.n);
        let (other_hits, other_n) = (all.hits - hits, all.n - n);
        if n < LEAST_LOGS || other_n < LEAST_LOGS {
            continue;
        }
        *tried += 1;
        let (share, usual) = (hits / n, other_hits / other_n);
        if hits < LEAST_HITS || share < LEAST_RATIO * usual {
            continue;
        }
        // The usual share is not known for certain either (Laplace's rule of succession).
        let ln_chance = ln_tail(hits, n, (other_hits + 1.0) / (other_n + 2.0));
        let Some(score) = two_shares((hits, n), (other_hits, other_n)) else { continue };
        if score >= LEAST_SCORE && best.is_none_or(|best| ln_chance < best.ln_chance) {
            best = Some(Rise { first, last: first + length - 1, share, usual, n, score, ln_chance });
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(share: impl Fn(usize) -> usize) -> Vec<Day> {
        // Spread evenly by the remainder, so that shares are what they say.
        (0..91)
            .map(|day| {
                let hits = (0..20).filter(|at| (day * 20 + at) * 37 % 100 < share(day)).count();
                Day { hits: hits as f64, n: 20.0 }
            })
            .collect()
    }

    fn rise(days: &[Day]) -> Option<Rise> {
        super::rise(days, 1, &mut 0)
    }

    /// ANA-07: three weeks with 14 % instead of 5 % are found where they are, far from chance; a steady share is not.
    #[test]
    fn rejects_are_found() {
        assert!(rise(&days(|_| 5)).is_none_or(|rise| rise.ln_chance > -6.0));
        let found = rise(&days(|day| if (50..71).contains(&day) { 14 } else { 5 })).unwrap();
        assert_eq!((found.first, found.last), (50, 70), "{found:?}");
        assert!(found.ln_chance < -20.0);
        assert!((0.11..0.17).contains(&found.share) && (0.03..0.07).contains(&found.usual), "{found:?}");
        assert_eq!(rise(&[]), None);
        assert_eq!(rise(&[Day { hits: 3.0, n: 3.0 }; 40]), None, "always there");
    }
}
