//! API-11: versions of the API. Within a version there are only additions; what breaks something gets a new date.

use crate::time::Millis;

/// Header that asks for a version, and tells which one answered.
pub const HEADER: &str = "mvai-version";

/// A version: its date, and the instant from which new keys get it.
const VERSIONS: [(&str, Millis); 1] = [("2026-11-01", Millis(1_793_491_200_000))];

/// The versions that are answered, oldest first.
pub fn all() -> impl Iterator<Item = &'static str> {
    VERSIONS.into_iter().map(|(version, _)| version)
}

/// The version by its date.
#[must_use]
pub fn find(date: &str) -> Option<&'static str> {
    all().find(|version| *version == date)
}

/// The version of what was made at an instant: the latest of that time, which it keeps.
#[must_use]
pub fn of(made: Millis) -> &'static str {
    let (oldest, _) = VERSIONS[0];
    VERSIONS.into_iter().rev().find(|(_, since)| *since <= made).map_or(oldest, |(version, _)| version)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// API-11: versions are dates in order, each in force from its date on; a key keeps that of the day it was made.
    #[test]
    fn versions_are_dates() {
        assert!(VERSIONS.is_sorted_by_key(|(_, since)| *since));
        for (version, since) in VERSIONS {
            assert_eq!(since.to_rfc3339(), format!("{version}T00:00:00.000Z"));
            assert_eq!((find(version), of(since)), (Some(version), version));
        }
        assert_eq!((find("2026-11-02"), find("")), (None, None));
        assert_eq!(of(Millis(0)), VERSIONS[0].0, "older than every version");
        assert_eq!(of(Millis(i64::MAX)), VERSIONS[VERSIONS.len() - 1].0);
    }
}
