//! Random numbers that are the same on every machine: `SplitMix64` (Steele, Lea, Flood 2014), whole numbers first.
//!
//! Nothing secret is made with it.

/// A stream of numbers.
#[derive(Debug, Clone)]
pub struct Rng(u64);

const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Rng {
    /// Starts a stream that belongs to some numbers, such as seed, company and purpose.
    #[must_use]
    pub fn of(parts: &[u64]) -> Self {
        Self(
            parts
                .iter()
                .fold(0, |state, part| mix(state.wrapping_add(GAMMA) ^ mix(part.wrapping_add(GAMMA)))),
        )
    }

    /// The next 64 bits.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GAMMA);
        mix(self.0)
    }

    /// A number from 0 up to, but not including, `n`; 0 for nothing to choose from.
    pub fn below(&mut self, n: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(n);
        u64::try_from(wide >> 64).unwrap_or_default()
    }

    /// A number from `low` to `high`, both included.
    pub fn range(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high - low + 1).unwrap_or(1);
        low + i64::try_from(self.below(span)).unwrap_or_default()
    }

    /// Whether something with this many chances in a thousand happens.
    pub fn per_mille(&mut self, chances: u64) -> bool {
        self.below(1_000) < chances
    }

    /// One of several values.
    ///
    /// # Panics
    /// When there are none.
    pub fn pick<T: Copy>(&mut self, values: &[T]) -> T {
        values[usize::try_from(self.below(values.len() as u64)).unwrap_or_default()]
    }

    /// The place of a weight that is drawn in proportion to its size.
    pub fn weighted(&mut self, weights: &[u16]) -> usize {
        let mut left = self.below(weights.iter().map(|weight| u64::from(*weight)).sum());
        for (at, weight) in weights.iter().enumerate() {
            match left.checked_sub(u64::from(*weight)) {
                Some(rest) => left = rest,
                None => return at,
            }
        }
        0
    }

    /// A bell-shaped number (sum of twelve uniform ones), at most six deviations from the mean. Sums and products
    /// alone: a logarithm could differ in its last bit from one machine to the next.
    pub fn bell(&mut self, mean: f64, deviation: f64) -> f64 {
        let sum: u64 = (0..12).map(|_| self.next() >> 32).sum();
        mean + (sum as f64 / f64::from(u32::MAX) - 6.0) * deviation
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OPS-12: the stream is fixed for all time; other numbers here mean other demo data.
    #[test]
    fn the_stream_is_fixed() {
        let mut plain = Rng(1_234_567);
        assert_eq!([plain.next(), plain.next()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
        assert_ne!(Rng::of(&[1, 2]).next(), Rng::of(&[2, 1]).next());
        assert_ne!(Rng::of(&[0]).next(), Rng::of(&[0, 0]).next());
    }

    /// OPS-12: numbers stay within their bounds and spread as asked for.
    #[test]
    fn numbers_spread_as_asked() {
        let mut rng = Rng::of(&[42]);
        let mut counts = [0_u32; 3];
        let mut sum = 0.0;
        for _ in 0..10_000 {
            assert!((-3..=3).contains(&rng.range(-3, 3)) && rng.below(7) < 7);
            counts[rng.weighted(&[700, 0, 300])] += 1;
            sum += rng.bell(5.0, 0.8);
        }
        assert!((6_800..7_200).contains(&counts[0]) && counts[1] == 0, "{counts:?}");
        assert!((4.97..5.03).contains(&(sum / 10_000.0)), "{sum}");
    }
}
