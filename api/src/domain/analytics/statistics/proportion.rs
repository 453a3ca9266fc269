//! Shares and how sure they are.

/// Wilson's score interval for `successes` of `n`, `z` standard deviations wide; none without trials (Newcombe 1998).
#[must_use]
pub fn wilson(successes: f64, n: f64, z: f64) -> Option<(f64, f64)> {
    if n <= 0.0 {
        return None;
    }
    let (share, z2) = (successes / n, z * z);
    let centre = share + z2 / (2.0 * n);
    let half = z * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    let whole = 1.0 + z2 / n;
    Some((((centre - half) / whole).max(0.0), ((centre + half) / whole).min(1.0)))
}

/// How many standard deviations two shares lie apart (pooled); none without trials or without any difference possible.
#[must_use]
pub fn two_shares((hits, n): (f64, f64), (other_hits, other_n): (f64, f64)) -> Option<f64> {
    if n <= 0.0 || other_n <= 0.0 {
        return None;
    }
    let pooled = (hits + other_hits) / (n + other_n);
    let error = (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / other_n)).sqrt();
    (error > 0.0).then(|| (hits / n - other_hits / other_n) / error)
}

/// Natural logarithm of the chance of at least `hits` of `n` when each has the chance `share`; zero when that many
/// are to be expected (binomial tail, from the point upwards).
#[must_use]
pub fn ln_tail(hits: f64, n: f64, share: f64) -> f64 {
    if n <= 0.0 || hits <= share * n || share <= 0.0 || share >= 1.0 {
        return if share <= 0.0 && hits > 0.0 { f64::NEG_INFINITY } else { 0.0 };
    }
    let point = ln_factorial(n) - ln_factorial(hits) - ln_factorial(n - hits)
        + hits * share.ln()
        + (n - hits) * (1.0 - share).ln();
    let odds = share / (1.0 - share);
    let (mut term, mut sum, mut at) = (1.0, 1.0, hits);
    while at < n && term > sum * 1e-12 {
        term *= (n - at) / (at + 1.0) * odds;
        sum += term;
        at += 1.0;
    }
    (point + sum.ln()).min(0.0)
}

/// Natural logarithm of a factorial: the sum for small numbers, Stirling's series beyond.
fn ln_factorial(n: f64) -> f64 {
    if n < 16.0 {
        return (2..=n as u32).map(|factor| f64::from(factor).ln()).sum();
    }
    let x = n + 1.0;
    (x - 0.5) * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI).ln() + 1.0 / (12.0 * x)
        - 1.0 / (360.0 * x.powi(3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::analytics::statistics::reference::{assert_close, cases};

    const Z95: f64 = 1.959_963_984_540_054;

    /// ANA-07: the published intervals, also at 0 of n and n of n.
    #[test]
    fn intervals_are_those_of_the_references() {
        let mut tested = 0;
        for case in cases("marketing", "wilson_interval") {
            let input = &case["inputs"];
            if input["continuity"] == true || input["level"].as_f64().is_some_and(|level| level != 0.95) {
                continue;
            }
            let (low, high) =
                wilson(input["successes"].as_f64().unwrap(), input["n"].as_f64().unwrap(), Z95).unwrap();
            assert_close(&case, "low", low, &case["expected"]["lower"]);
            assert_close(&case, "high", high, &case["expected"]["upper"]);
            tested += 1;
        }
        assert!(tested > 0);
        assert_eq!(wilson(0.0, 0.0, Z95), None);
    }

    /// ANA-07: shares that differ lie apart, equal ones do not, and nothing can be said of nothing.
    #[test]
    fn shares_are_compared() {
        assert!(two_shares((30.0, 200.0), (50.0, 1_000.0)).unwrap() > 5.0);
        assert!(two_shares((10.0, 200.0), (50.0, 1_000.0)).unwrap().abs() < 1e-9);
        assert_eq!(two_shares((0.0, 0.0), (1.0, 2.0)), None);
        assert_eq!(two_shares((0.0, 5.0), (0.0, 5.0)), None);
    }

    /// ANA-07: tails of the binomial distribution are those of its definition.
    #[test]
    fn tails_are_exact() {
        // 1 − P(0) − P(1) of ten with one in ten, and five heads of five.
        assert!((ln_tail(2.0, 10.0, 0.1) - 0.263_901_070_9_f64.ln()).abs() < 1e-9);
        assert!((ln_tail(5.0, 5.0, 0.5) - 0.5_f64.powi(5).ln()).abs() < 1e-12);
        // The sum of all terms from 40 of 200, one by one.
        let terms = (40..=200).map(|k: i32| {
            let ways: f64 = (0..k).map(|at| (f64::from(200 - at) / f64::from(at + 1)).ln()).sum();
            (ways + f64::from(k) * 0.1_f64.ln() + f64::from(200 - k) * 0.9_f64.ln()).exp()
        });
        assert!((ln_tail(40.0, 200.0, 0.1) - terms.sum::<f64>().ln()).abs() < 1e-9);
        assert_eq!(ln_tail(1.0, 100.0, 0.01), 0.0);
        assert_eq!(ln_tail(0.0, 10.0, 0.0), 0.0);
        assert_eq!(ln_tail(1.0, 10.0, 0.0), f64::NEG_INFINITY);
    }
}
