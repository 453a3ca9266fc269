//! Logs per day for the next four weeks (ANA-06): judged by what it would have said about the last weeks, and offered
//! only where it beats repeating the week before. Pure.

use shared::analytics::{ForecastMethod, Reason};

use super::history;
use super::statistics::smoothing::{Fit, best_holt_winters, best_simple};

/// Complete days that a forecast needs.
pub const LEAST_DAYS: usize = 14;
/// Complete days from which the week counts as a season.
const SEASONAL_DAYS: usize = 21;
/// Days that are forecast.
pub const AHEAD: usize = 28;
const WEEK: usize = 7;
/// Four in five lie within so many standard deviations (normal distribution).
const Z80: f64 = 1.281_551_565_544_6;

/// One day ahead.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected {
    /// Logs expected.
    pub value: f64,
    /// Lower end of the 80 % interval.
    pub low: f64,
    /// Upper end of it.
    pub high: f64,
}

/// A forecast with its error.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// How it was made.
    pub method: ForecastMethod,
    /// The days.
    pub days: Vec<Expected>,
    /// Mean absolute error over the days that were held back.
    pub error: f64,
    /// That error in relation to the naive one; none when the naive one was never wrong.
    pub error_ratio: Option<f64>,
}

/// A pause of so many days ends what came before it.
const PAUSE: usize = 14;

/// The day with which regular history begins.
#[must_use]
pub fn beginning(counts: &[i64]) -> usize {
    history::beginning(counts.iter().map(|count| *count == 0), PAUSE)
}

/// Forecasts daily counts of complete days, oldest first.
///
/// # Errors
/// `too_few` below two weeks.
pub fn forecast(counts: &[f64]) -> Result<Forecast, Reason> {
    if counts.len() < LEAST_DAYS {
        return Err(Reason::TooFew);
    }
    let seasonal = counts.len() >= SEASONAL_DAYS;
    let method = if seasonal { ForecastMethod::HoltWinters } else { ForecastMethod::ExponentialSmoothing };
    let fit = |counts: &[f64]| -> Option<Fit> {
        if seasonal { best_holt_winters(counts, WEEK) } else { best_simple(counts) }
    };
    let held_back = (counts.len() / 3).clamp(WEEK, AHEAD).min(counts.len() - WEEK);
    let (known, actual) = counts.split_at(counts.len() - held_back);
    let naive_error = mean_error(actual, |at| known[known.len() - WEEK + at % WEEK]);
    let own_error = fit(known).map(|fit| mean_error(actual, |at| fit.expected(at + 1).max(0.0)));
    let whole = fit(counts).ok_or(Reason::TooFew)?;
    match own_error.filter(|error| *error < naive_error) {
        Some(error) => Ok(Forecast {
            method,
            days: (1..=AHEAD).map(|ahead| interval(whole.expected(ahead), whole.deviation(ahead))).collect(),
            error,
            error_ratio: Some(error / naive_error),
        }),
        None => Ok(Forecast {
            method: ForecastMethod::SeasonalNaive,
            days: (0..AHEAD)
                .map(|at| {
                    let weeks = (at / WEEK + 1) as f64;
                    interval(counts[counts.len() - WEEK + at % WEEK], naive_deviation(counts) * weeks.sqrt())
                })
                .collect(),
            error: naive_error,
            error_ratio: (naive_error > 0.0).then_some(1.0),
        }),
    }
}

/// A count is never below zero.
fn interval(value: f64, deviation: f64) -> Expected {
    let bound = |by: f64| (value + by * deviation).max(0.0);
    Expected { value: value.max(0.0), low: bound(-Z80), high: bound(Z80) }
}

fn mean_error(actual: &[f64], expected: impl Fn(usize) -> f64) -> f64 {
    let sum: f64 = actual.iter().enumerate().map(|(at, value)| (value - expected(at)).abs()).sum();
    sum / actual.len().max(1) as f64
}

/// Standard deviation of the change from one week to the next.
fn naive_deviation(counts: &[f64]) -> f64 {
    let squares: Vec<f64> =
        counts.iter().zip(counts.iter().skip(WEEK)).map(|(a, b)| (b - a).powi(2)).collect();
    (squares.iter().sum::<f64>() / squares.len().max(1) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ANA-06: below two weeks there is a reason instead of a forecast; up to three weeks a simple method.
    #[test]
    fn short_histories_have_no_season() {
        assert_eq!(forecast(&[5.0; 13]), Err(Reason::TooFew));
        let short =
            forecast(&[3.0, 9.0, 4.0, 8.0, 5.0, 7.0, 6.0, 6.0, 7.0, 5.0, 8.0, 4.0, 9.0, 3.0]).unwrap();
        assert_ne!(short.method, ForecastMethod::HoltWinters);
        assert_eq!(short.days.len(), AHEAD);
    }

    /// ANA-06: a week with weekends and growth is continued with its weekends, and the error is told beside the naive one.
    #[test]
    fn weeks_are_continued() {
        let week = [100.0, 104.0, 98.0, 101.0, 95.0, 30.0, 12.0];
        let noise = |at: usize| ((at * 37) % 11) as f64 - 5.0;
        let counts: Vec<f64> =
            (0..84).map(|at| week[at % 7] * (1.0 + at as f64 / 200.0) + noise(at)).collect();
        let forecast = forecast(&counts).unwrap();
        assert_eq!(forecast.method, ForecastMethod::HoltWinters);
        assert!(forecast.error_ratio.unwrap() < 1.0, "{forecast:?}");
        for (at, day) in forecast.days.iter().enumerate() {
            assert!(day.low <= day.value && day.value <= day.high && day.low >= 0.0);
            let truth = week[at % 7] * (1.0 + (84 + at) as f64 / 200.0);
            assert!((day.value - truth).abs() < 15.0, "{at}: {} instead of {truth}", day.value);
        }
        assert!(
            forecast.days[27].high - forecast.days[27].low > forecast.days[0].high - forecast.days[0].low
        );
    }

    /// ANA-06: what no method beats is repeated, and silence stays silence.
    #[test]
    fn naive_is_told_as_naive() {
        let same: Vec<f64> = (0..42).map(|at| [9.0, 1.0, 5.0, 3.0, 8.0, 0.0, 2.0][at % 7]).collect();
        let forecast = super::forecast(&same).unwrap();
        assert_eq!((forecast.method, forecast.error), (ForecastMethod::SeasonalNaive, 0.0));
        assert_eq!(forecast.days[0].value, 9.0);
        assert_eq!(forecast.error_ratio, None);
        assert!(
            super::forecast(&[0.0; 60]).unwrap().days.iter().all(|day| day.value == 0.0 && day.high == 0.0)
        );
    }
}
