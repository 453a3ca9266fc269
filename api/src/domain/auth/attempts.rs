//! How attempts at one account by strangers are slowed and stopped (ACC-10). Pure.

/// Failures in a row after which the next attempt has to wait.
const FREE: i64 = 5;
/// Failures in a row after which strangers get no further.
pub const MOST: i64 = 100;
/// The longest wait.
const LONGEST_S: i64 = 900;

/// Milliseconds to wait after so many failures in a row: none up to the fourth, then 1, 2, 4 … 900 seconds.
#[must_use]
pub fn wait_ms(failures: i64) -> i64 {
    if failures < FREE {
        return 0;
    }
    let doublings = u32::try_from(failures - FREE).unwrap_or(u32::MAX).min(20);
    (1_i64 << doublings).min(LONGEST_S) * 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ACC-10, B5 of the security goals: whoever never stops gets a hundred attempts and no more, within a day or ever.
    #[test]
    fn a_hundred_attempts_and_no_more() {
        let waits: Vec<i64> = [0, 4, 5, 6, 7, 14, 15, 16, 99].map(|n| wait_ms(n) / 1_000).to_vec();
        assert_eq!(waits, [0, 0, 1, 2, 4, 512, 900, 900, 900]);
        let (mut now, mut locked_until, mut failures) = (0_i64, 0_i64, 0_i64);
        let mut heard = 0;
        while now < 24 * 3_600_000 {
            if failures < MOST && locked_until <= now {
                heard += 1;
                failures += 1;
                locked_until = now + wait_ms(failures);
            }
            now += 250;
        }
        assert!((90..=100).contains(&heard), "{heard}");
    }
}
