//! Changing the index: logs come in, go out, or become others.

use std::collections::{BTreeMap, HashMap};

use shared::problem::Code;

use super::repo::{self, Posting};
use crate::db::Conn;
use crate::domain::logs::model::BookKey;
use crate::domain::logs::repo::LogRow;
use crate::domain::search::parts::{Gram, grams};
use crate::domain::search::postings::{self, place};
use crate::http::problem::{Answer, Problem};
use crate::util::ids::LogId;

/// Pairs of block and gram that one statement looks up or writes.
const PAIRS: usize = 4_000;

/// What is to change.
#[derive(Debug)]
pub struct Change {
    /// Of each block and gram the offsets, and whether they are to stand there.
    offsets: BTreeMap<(i64, Gram), Vec<(u16, bool)>>,
    /// The last number that is in the index.
    mark: i64,
    /// The first number behind it that something happens to.
    behind: Option<i64>,
}

impl Change {
    /// Nothing is to change yet. Of logs behind the mark nothing stands in the index that would have to.
    #[must_use]
    pub const fn up_to(mark: i64) -> Self {
        Self { offsets: BTreeMap::new(), mark, behind: None }
    }

    fn note(&mut self, row: &LogRow, stands: bool) {
        let seq = LogId(row.id).seq();
        if seq > self.mark {
            self.behind = Some(self.behind.map_or(seq, |first| first.min(seq)));
            return;
        }
        let (block, offset) = place(seq);
        for gram in grams(&row.doc()) {
            self.offsets.entry((block, gram)).or_default().push((offset, stands));
        }
    }

    /// A log comes in.
    pub fn put(&mut self, row: &LogRow) {
        self.note(row, true);
    }

    /// A log goes out.
    pub fn take(&mut self, row: &LogRow) {
        self.note(row, false);
    }

    /// A log becomes another one.
    pub fn exchange(&mut self, before: &LogRow, after: &LogRow) {
        self.note(before, false);
        self.note(after, true);
    }

    /// What the index is to have, worked out from what it has.
    ///
    /// # Errors
    /// When the database fails, or the index holds what nobody has written.
    pub async fn worked_out(&self, conn: &mut Conn, key: BookKey) -> Answer<Vec<Posting>> {
        let pairs: Vec<(i64, Gram)> = self.offsets.keys().copied().collect();
        let mut changed = Vec::new();
        for pairs in pairs.chunks(PAIRS) {
            let stored = repo::list_postings(conn, key, pairs).await?;
            let stored: HashMap<(i64, Gram), String> =
                stored.into_iter().map(|posting| ((posting.block, posting.gram), posting.ids)).collect();
            for pair in pairs {
                let before = stored.get(pair).map_or("", String::as_str);
                let mut offsets = read(before)?;
                for (offset, stands) in self.offsets.get(pair).into_iter().flatten() {
                    match (offsets.binary_search(offset), stands) {
                        (Err(at), true) => offsets.insert(at, *offset),
                        (Ok(at), false) => drop(offsets.remove(at)),
                        _ => {}
                    }
                }
                let ids = postings::write(&offsets);
                if ids != before {
                    changed.push(Posting { block: pair.0, gram: pair.1, ids });
                }
            }
        }
        Ok(changed)
    }

    /// Carries the change out; false when one of the logs behind the mark has come into the index meanwhile. The book is
    /// locked by the caller, who counts its edits up.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn carry_out(self, tx: &mut Conn, key: BookKey) -> Answer<bool> {
        let mark = repo::lock_mark(tx, key).await?;
        if self.behind.is_some_and(|first| first <= mark) {
            return Ok(false);
        }
        let postings = self.worked_out(tx, key).await?;
        write(tx, key, &postings).await?;
        Ok(true)
    }
}

/// Reads what the index has.
///
/// # Errors
/// When nobody has written it so.
pub fn read(ids: &str) -> Answer<Vec<u16>> {
    postings::read(ids).ok_or_else(|| {
        Problem::new(Code::Internal).caused_by(&std::io::Error::other("the index of parts is damaged"))
    })
}

/// Writes what was worked out.
///
/// # Errors
/// When the database fails.
pub async fn write(tx: &mut Conn, key: BookKey, postings: &[Posting]) -> Answer<()> {
    for postings in postings.chunks(PAIRS) {
        repo::write_postings(tx, key, postings).await?;
    }
    Ok(())
}
