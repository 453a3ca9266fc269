//! LOG-11: totals of logs that retention deleted, for customers who keep them: how many happened in a quarter of an hour,
//! and nothing else. All time zones have their borders at quarters.

mod repo;

use std::collections::BTreeMap;

use crate::db::{Conn, DbError};
use crate::util::ids::CustomerId;

const QUARTER_MS: i64 = 900_000;

/// Logs that are about to go, by the quarter in which they happened.
#[derive(Debug, Default)]
pub struct Totals(BTreeMap<i64, i64>);

impl Totals {
    /// Counts a log.
    pub fn count(&mut self, occurred_at: i64) {
        *self.0.entry(occurred_at.div_euclid(QUARTER_MS)).or_default() += 1;
    }
}

impl FromIterator<(i64, i64)> for Totals {
    /// Of quarters with their totals.
    fn from_iter<I: IntoIterator<Item = (i64, i64)>>(totals: I) -> Self {
        Self(totals.into_iter().collect())
    }
}

/// Adds totals.
///
/// # Errors
/// When the database fails.
pub async fn add(conn: &mut Conn, customer: CustomerId, totals: &Totals) -> Result<u64, DbError> {
    repo::add(conn, customer, totals.0.iter().map(|(quarter, total)| (*quarter, *total))).await
}

/// Forgets the totals of a customer.
///
/// # Errors
/// When the database fails.
pub async fn forget(conn: &mut Conn, customer: CustomerId) -> Result<u64, DbError> {
    repo::delete(conn, customer).await
}

/// Kept totals between borders, unix milliseconds in order. A border within a quarter counts as its end.
///
/// # Errors
/// When the database fails.
pub async fn between(conn: &mut Conn, customer: CustomerId, borders: &[i64]) -> Result<Vec<i64>, DbError> {
    let mut counts = vec![0; borders.len().saturating_sub(1)];
    let (Some(from), Some(to)) = (borders.first(), borders.last()) else { return Ok(counts) };
    for (quarter, total) in repo::list(conn, customer, (first_from(*from), first_from(*to))).await? {
        let place = borders.partition_point(|border| *border <= quarter * QUARTER_MS);
        if let Some(count) = place.checked_sub(1).and_then(|place| counts.get_mut(place)) {
            *count += total;
        }
    }
    Ok(counts)
}

/// The first quarter that begins at an instant or after it.
const fn first_from(at: i64) -> i64 {
    -at.saturating_neg().div_euclid(QUARTER_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// LOG-11: a quarter belongs where it begins.
    #[test]
    fn quarters_belong_where_they_begin() {
        for (at, quarter) in
            [(0, 0), (1, 1), (QUARTER_MS, 1), (-1, 0), (-QUARTER_MS, -1), (-QUARTER_MS - 1, -1)]
        {
            assert_eq!(first_from(at), quarter, "{at}");
        }
        assert!(first_from(i64::MIN) < first_from(i64::MAX));
    }
}
