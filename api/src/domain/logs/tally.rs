//! Counting what a search finds, by time and by value: from roll-ups where they know the answer, by groups of the
//! database where the index decides, and by reading the logs otherwise. A time budget ends long counts; what was
//! counted then are the newest arrivals, and the answer says so.

use std::collections::HashMap;
use std::time::Instant;

use shared::time::Millis;

use super::finder::{BREATH, Bounds, Order, Search};
use super::repo::{self, Column, LogRow, Window};
use crate::db::Conn;
use crate::domain::search::doc::{self, Scalar, Sink};
use crate::domain::search::eval;
use crate::domain::search::words::path_token;
use crate::http::problem::Answer;
use crate::util::ids::{LogId, Space};

const MINUTE: i64 = 60_000;
const QUARTER: i64 = 15 * MINUTE;
const HOUR: i64 = 60 * MINUTE;
/// Identities that one statement groups; between statements the budget is looked at.
const STRETCH: i64 = 200_000;
/// Logs that are read at once.
const PORTION: usize = 2_000;
/// Different values that are kept apart.
pub const MAX_DISTINCT: usize = 100_000;
/// Border hours that are counted from the logs themselves beside a roll-up.
const MAX_UNEVEN: usize = 40;

/// How much was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    /// Logs.
    pub n: i64,
    /// Whether these are all.
    pub complete: bool,
}

/// A log as it is counted.
#[derive(Debug)]
pub struct Seen<'a>(&'a LogRow);

impl Seen<'_> {
    /// When it happened.
    #[must_use]
    pub const fn occurred_at(&self) -> Millis {
        Millis(self.0.occurred_at)
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.0.kind
    }

    /// Its level.
    #[must_use]
    pub fn level(&self) -> &str {
        &self.0.level
    }

    /// Whether it fits another query.
    #[must_use]
    pub fn fits(&self, query: &shared::query::Query, zone: &jiff::tz::TimeZone) -> bool {
        eval::matches(query, &self.0.doc(), zone)
    }

    /// Hands over every scalar of its data with its path.
    pub fn scalars(&self, each: impl FnMut(&str, Scalar)) {
        struct Each<F>(F);
        impl<F: FnMut(&str, Scalar)> Sink for Each<F> {
            fn scalar(&mut self, path: &str, _depth: usize, scalar: Scalar) {
                (self.0)(path, scalar);
            }
            fn empty(&mut self, _path: &str) {}
        }
        if let Err(error) = doc::walk(&self.0.data, &mut Each(each)) {
            tracing::error!(%error, id = self.0.id, "stored data is not JSON");
        }
    }

    /// The different values of a field, as text.
    #[must_use]
    pub fn values(&self, field: &Field) -> Vec<String> {
        match field {
            Field::Column(Column::Kind) => vec![self.0.kind.clone()],
            Field::Column(Column::Level) => vec![self.0.level.clone()],
            Field::Column(Column::Source) => vec![self.0.source.clone()],
            Field::Column(Column::Ip) => self.0.ip_address.clone().into_iter().collect(),
            Field::Data(wanted) => {
                let mut values = Vec::new();
                self.scalars(|path, scalar| {
                    if path_token(path) == *wanted && !scalar.text().is_empty() {
                        values.push(scalar.text().to_owned());
                    }
                });
                values.sort_unstable();
                values.dedup();
                values
            }
        }
    }
}

/// What logs are grouped by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// A column of every log.
    Column(Column),
    /// A path into the data, as the index writes it.
    Data(String),
}

impl Field {
    /// Reads the name of a field.
    #[must_use]
    pub fn named(name: &str) -> Self {
        match name {
            "kind" => Self::Column(Column::Kind),
            "level" => Self::Column(Column::Level),
            "source" => Self::Column(Column::Source),
            "ip" => Self::Column(Column::Ip),
            _ => Self::Data(path_token(name.strip_prefix("data.").unwrap_or(name))),
        }
    }
}

/// How often each value of a field was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    /// Logs by value.
    pub counts: HashMap<String, i64>,
    /// Logs without a value.
    pub missing: i64,
    /// Logs with values that were not kept apart any more.
    pub beyond: i64,
}

impl Values {
    fn add(&mut self, value: Option<String>, n: i64) {
        let Some(value) = value else {
            self.missing += n;
            return;
        };
        if self.counts.len() >= MAX_DISTINCT && !self.counts.contains_key(&value) {
            self.beyond += n;
        } else {
            *self.counts.entry(value).or_default() += n;
        }
    }

    /// The most frequent values, ties in order of the values.
    #[must_use]
    pub fn top(&self, limit: usize) -> Vec<(&str, i64)> {
        let mut all: Vec<(&str, i64)> = self.counts.iter().map(|(value, n)| (value.as_str(), *n)).collect();
        all.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        all.truncate(limit);
        all
    }
}

impl Search<'_> {
    /// Reads all logs that are found, newest arrival first, until the budget ends or the visitor has enough.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn each(&self, conn: &mut Conn, mut visit: impl FnMut(&Seen<'_>) -> bool) -> Answer<Coverage> {
        let search = Search { order: Order::NewestArrival, ..self.clone() };
        let Some(bounds) = search.bounds(conn).await? else {
            return Ok(Coverage { n: 0, complete: true });
        };
        let started = Instant::now();
        let (mut n, mut after) = (0, None);
        loop {
            let rows = search.candidates(conn, &bounds, after, PORTION as i64).await?;
            for (at, row) in rows.iter().enumerate() {
                if at % BREATH == BREATH - 1 {
                    tokio::task::yield_now().await;
                    if started.elapsed() > self.budget {
                        return Ok(Coverage { n, complete: false });
                    }
                }
                if !search.fits(&bounds, row) {
                    continue;
                }
                n += 1;
                if !visit(&Seen(row)) {
                    return Ok(Coverage { n, complete: false });
                }
            }
            after = rows.last().map(|row| (row.occurred_at, row.id));
            if rows.len() < PORTION {
                return Ok(Coverage { n, complete: true });
            }
            if started.elapsed() > self.budget {
                return Ok(Coverage { n, complete: false });
            }
        }
    }

    /// Counts logs between borders, which are in order: one count for each pair of neighbours.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn between(&self, conn: &mut Conn, borders: &[i64]) -> Answer<(Vec<i64>, Coverage)> {
        let (Some(first), Some(last)) = (borders.first(), borders.last()) else {
            return Ok((Vec::new(), Coverage { n: 0, complete: true }));
        };
        let mut counts = vec![0; borders.len() - 1];
        let bounded =
            Search { occurred: (self.occurred.0.max(*first), self.occurred.1.min(*last)), ..self.clone() };
        let mut add = |at: i64, n: i64| {
            let place = borders.partition_point(|border| *border <= at);
            if let Some(count) = place.checked_sub(1).and_then(|place| counts.get_mut(place)) {
                *count += n;
            }
        };
        let Some(bounds) = bounded.bounds(conn).await? else {
            return Ok((counts, Coverage { n: 0, complete: true }));
        };
        let uneven = borders.iter().filter(|border| *border % HOUR != 0).count();
        let complete =
            if bounded.is_all(&bounds) && bounds.window.occurred == (*first, *last) && uneven <= MAX_UNEVEN {
                counts = self.rolled_up(conn, borders).await?;
                true
            } else if bounds.plan.exact {
                bounded.slots(conn, &bounds, borders, &mut add).await?
            } else {
                let each = |log: &Seen<'_>| {
                    add(log.occurred_at().0, 1);
                    true
                };
                bounded.each(conn, each).await?.complete
            };
        let n = counts.iter().sum();
        Ok((counts, Coverage { n, complete }))
    }

    /// Whether nothing but the time of occurrence narrows the live logs, so that roll-ups know the answer.
    fn is_all(&self, bounds: &Bounds) -> bool {
        self.key.space == Space::Live
            && bounds.plan.exact
            && bounds.plan.words.is_none()
            && bounds.plan.seq == (1, i64::MAX)
            && self.up_to.is_none()
    }

    async fn rolled_up(&self, conn: &mut Conn, borders: &[i64]) -> Answer<Vec<i64>> {
        let hours = (
            borders.first().copied().unwrap_or_default().div_euclid(HOUR),
            (borders.last().copied().unwrap_or_default() + HOUR - 1).div_euclid(HOUR),
        );
        let totals = repo::hours(conn, self.key.customer, hours).await?;
        // How many logs of the known hours lie before each border; within an hour the logs tell, each counted once.
        let mut before = Vec::with_capacity(borders.len());
        let (mut sum, mut next) = (0, totals.iter().peekable());
        let (mut counted_to, mut within) = (i64::MIN, 0);
        for border in borders {
            let hour = border.div_euclid(HOUR);
            while let Some((_, total, _)) = next.next_if(|(at, ..)| *at < hour) {
                sum += total;
            }
            let start = hour * HOUR;
            if counted_to < start {
                (counted_to, within) = (start, 0);
            }
            if counted_to < *border {
                let ids = LogId::range(self.key.customer, self.key.space);
                let window = Window { ids, occurred: (counted_to, *border) };
                within += repo::count(conn, self.key, window, i64::MAX).await?;
                counted_to = *border;
            }
            before.push(sum + within);
        }
        Ok(before.windows(2).map(|pair| pair[1] - pair[0]).collect())
    }

    async fn slots(
        &self,
        conn: &mut Conn,
        bounds: &Bounds,
        borders: &[i64],
        add: &mut impl FnMut(i64, i64),
    ) -> Answer<bool> {
        // Inner borders are full minutes at least; the outer ones are kept by the window.
        let inner = borders.get(1..borders.len().saturating_sub(1)).unwrap_or_default();
        let width = if inner.iter().all(|border| border % QUARTER == 0) { QUARTER } else { MINUTE };
        let (from, _) = bounds.window.occurred;
        let origin = from - from.rem_euclid(width);
        let words = bounds.plan.words.as_deref();
        let ids = self.given(conn, bounds).await?;
        let started = Instant::now();
        for ids in stretches(ids, words.is_some()) {
            if started.elapsed() > self.budget {
                return Ok(false);
            }
            let window = Window { ids, ..bounds.window };
            for (slot, n) in repo::count_slots(conn, self.key, words, window, (origin, width)).await? {
                add((origin + slot * width).max(from), n);
            }
        }
        Ok(true)
    }

    /// Counts the values of fields.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn values(&self, conn: &mut Conn, fields: &[Field]) -> Answer<(Vec<Values>, Coverage)> {
        let mut found = vec![Values::default(); fields.len()];
        let Some(bounds) = self.bounds(conn).await? else {
            return Ok((found, Coverage { n: 0, complete: true }));
        };
        let columns: Option<Vec<Column>> = fields
            .iter()
            .map(|field| match field {
                Field::Column(column) => Some(*column),
                Field::Data(_) => None,
            })
            .collect();
        if let Some(columns) = columns.filter(|_| bounds.plan.exact) {
            let coverage = self.columns(conn, bounds, &columns, &mut found).await?;
            return Ok((found, coverage));
        }
        let coverage = self
            .each(conn, |log| {
                for (field, values) in fields.iter().zip(&mut found) {
                    let have = log.values(field);
                    if have.is_empty() {
                        values.add(None, 1);
                    }
                    for value in have {
                        values.add(Some(value), 1);
                    }
                }
                true
            })
            .await?;
        Ok((found, coverage))
    }

    /// The identities of a window that are given out already.
    async fn given(&self, conn: &mut Conn, bounds: &Bounds) -> Answer<(i64, i64)> {
        let newest = repo::find_book(conn, self.key).await?.seq;
        let base = LogId::base(self.key.customer, self.key.space);
        let (low, high) = bounds.window.ids;
        Ok((low, high.min(base.saturating_add(newest))))
    }

    async fn columns(
        &self,
        conn: &mut Conn,
        bounds: Bounds,
        columns: &[Column],
        found: &mut [Values],
    ) -> Answer<Coverage> {
        let (from, to) = bounds.window.occurred;
        let whole_hours = [from, to].iter().all(|at| at % HOUR == 0 || *at == i64::MIN || *at == i64::MAX);
        let rolled = columns.iter().all(|column| matches!(column, Column::Kind | Column::Level));
        if rolled && whole_hours && self.is_all(&bounds) {
            let hours = (from.div_euclid(HOUR), to.div_euclid(HOUR));
            let mut n = 0;
            for (kind, level, total) in repo::totals_by_kind(conn, self.key.customer, hours).await? {
                n += total;
                for (column, values) in columns.iter().zip(&mut *found) {
                    let value = if *column == Column::Kind { &kind } else { &level };
                    values.add(Some(value.clone()), total);
                }
            }
            return Ok(Coverage { n, complete: true });
        }
        let words = bounds.plan.words.as_deref();
        let ids = self.given(conn, &bounds).await?;
        let started = Instant::now();
        let mut n = 0;
        for ids in stretches(ids, true) {
            if started.elapsed() > self.budget {
                return Ok(Coverage { n, complete: false });
            }
            let window = Window { ids, ..bounds.window };
            for (at, (column, values)) in columns.iter().zip(&mut *found).enumerate() {
                for (value, count) in
                    repo::count_values(conn, self.key.customer, words, window, *column).await?
                {
                    n += if at == 0 { count } else { 0 };
                    values.add(value, count);
                }
            }
        }
        Ok(Coverage { n, complete: true })
    }
}

/// A range of identities in stretches, newest first.
fn stretches((low, high): (i64, i64), cut: bool) -> impl Iterator<Item = (i64, i64)> {
    let mut top = high;
    std::iter::from_fn(move || {
        (top >= low).then(|| {
            let bottom = if cut { low.max(top.saturating_sub(STRETCH - 1)) } else { low };
            let stretch = (bottom, top);
            top = bottom - 1;
            stretch
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SRCH-06: stretches cover a range once, newest first.
    #[test]
    fn stretches_cover_a_range() {
        let all: Vec<(i64, i64)> = stretches((1, 2 * STRETCH + 5), true).collect();
        assert_eq!(all, [(STRETCH + 6, 2 * STRETCH + 5), (6, STRETCH + 5), (1, 5)]);
        assert_eq!(stretches((1, 2 * STRETCH), false).count(), 1);
        assert_eq!(stretches((7, 7), true).collect::<Vec<_>>(), [(7, 7)]);
        assert_eq!(stretches((8, 7), true).count(), 0);
    }

    /// SRCH-06, GEN-10: values beyond the limit are counted, not forgotten.
    #[test]
    fn values_beyond_the_limit_are_counted() {
        let mut values = Values::default();
        for at in 0..=MAX_DISTINCT {
            values.add(Some(at.to_string()), 1);
        }
        values.add(Some("0".to_owned()), 2);
        values.add(None, 4);
        assert_eq!((values.counts.len(), values.beyond, values.missing), (MAX_DISTINCT, 1, 4));
        assert_eq!(values.top(2), [("0", 3), ("1", 1)]);
    }
}
