//! Where regular history begins. Pure.

/// The place with which regular history begins: the first that is not quiet and that no long pause follows. What was
/// sent in much earlier, or about a time long ago, does not make the time between a time of zeros.
pub fn beginning(quiet: impl ExactSizeIterator<Item = bool>, pause: usize) -> usize {
    let end = quiet.len();
    let (mut begun, mut silent) = (end, 0);
    for (place, quiet) in quiet.enumerate() {
        if quiet {
            silent += 1;
            continue;
        }
        if begun == end || silent >= pause {
            begun = place;
        }
        silent = 0;
    }
    begun
}

#[cfg(test)]
mod tests {
    fn beginning(counts: &[i64]) -> usize {
        super::beginning(counts.iter().map(|count| *count == 0), 14)
    }

    /// ANA-06, ANA-07, GEN-01: a single old log does not make years of zeros; a shorter pause is part of history.
    #[test]
    fn histories_begin_with_regular_days() {
        let mut counts = vec![0; 400];
        counts[0] = 1;
        counts[380..].fill(5);
        assert_eq!(beginning(&counts), 380);
        counts[386..395].fill(0);
        assert_eq!(beginning(&counts), 380);
        assert_eq!(beginning(&[0, 0, 3, 0]), 2);
        assert_eq!((beginning(&[]), beginning(&[0; 5])), (0, 5));
    }
}
