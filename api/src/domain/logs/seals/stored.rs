//! Reading the numbers of a range: the log that stands under each, and what is kept of it.

use super::digest::{self, DAY_MS, Hash};
use super::repo::{self, Kept};
use crate::db::{Db, Scope};
use crate::domain::logs::model::BookKey;
use crate::domain::logs::repo::{find_book, list_stored};
use crate::http::problem::Answer;
use crate::util::ids::{CustomerId, LogId, Space};

/// Bytes of logs that are read at once, about.
const PORTION_BYTES: i64 = 2 * 1024 * 1024;
/// Logs, and numbers, that are read at once at most.
const MOST_ROWS: i64 = 1_000;
const MOST_NUMBERS: i64 = 4_000;

/// What stands under a number.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The number.
    pub number: i64,
    /// The log that is there: its leaf, and when it was received.
    pub log: Option<(Hash, i64)>,
    /// What is kept of one that was erased or changed.
    pub kept: Option<Kept>,
}

impl Stored {
    /// The leaf in the tree: of the log as it was received.
    #[must_use]
    pub fn leaf(&self, customer: CustomerId) -> Hash {
        match (&self.kept, &self.log) {
            // What is no digest leads nowhere.
            (Some(kept), _) => digest::read(&kept.digest).unwrap_or_default(),
            (None, Some((leaf, _))) => *leaf,
            (None, None) => digest::gap(customer, self.number),
        }
    }

    /// Unix day of its receipt, where it is known.
    #[must_use]
    pub fn day(&self) -> Option<i64> {
        let kept = self.kept.as_ref().and_then(|kept| kept.day);
        kept.or_else(|| self.log.map(|(_, received_at)| received_at.div_euclid(DAY_MS)))
    }
}

/// Reads a range portion by portion. Each portion is one state of the database; nothing is held between two.
#[derive(Debug)]
pub struct Reader<'a> {
    db: &'a Db,
    customer: CustomerId,
    next: i64,
    rows: i64,
}

impl<'a> Reader<'a> {
    /// A reader that begins at a number.
    #[must_use]
    pub const fn new(db: &'a Db, customer: CustomerId, first: i64) -> Self {
        Self { db, customer, next: first, rows: 64 }
    }

    /// The next numbers up to one, or up to the last that was given; none when all are read.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next(&mut self, last: Option<i64>) -> Answer<Option<Vec<Stored>>> {
        let customer = self.customer;
        let mut conn = self.db.snapshot(Scope::Customer(customer)).await?;
        let last = match last {
            Some(last) => last,
            None => find_book(&mut conn, BookKey { customer, space: Space::Live }).await?.seq,
        };
        if self.next > last {
            return Ok(None);
        }
        let base = LogId::base(customer, Space::Live);
        let mut end = last.min(self.next + MOST_NUMBERS - 1);
        let rows = list_stored(&mut conn, customer, (base + self.next, base + end), self.rows).await?;
        let count = i64::try_from(rows.len()).unwrap_or(MOST_ROWS);
        if let Some(row) = rows.last().filter(|_| count >= self.rows) {
            end = LogId(row.id).seq();
        }
        let kept = repo::list_kept(&mut conn, customer, (base + self.next, base + end)).await?;
        drop(conn);
        let bytes: usize = rows.iter().map(|row| row.data.len() + 500).sum();
        let fitting = PORTION_BYTES / (i64::try_from(bytes).unwrap_or(i64::MAX) / count.max(1)).max(1);
        self.rows = fitting.min(self.rows * 4).clamp(8, MOST_ROWS);
        let (mut rows, mut kept) = (rows.into_iter().peekable(), kept.into_iter().peekable());
        let stored = (self.next..=end).map(|number| Stored {
            number,
            log: rows.next_if(|row| row.id == base + number).map(|row| (digest::leaf(&row), row.received_at)),
            kept: kept.next_if(|kept| kept.id == base + number),
        });
        let stored = stored.collect();
        self.next = end + 1;
        Ok(Some(stored))
    }
}
