//! Candidates for a query with parts of words: logs behind the mark as they come, the others as the index names them.

use std::collections::{HashMap, HashSet};

use super::{change, repo};
use crate::db::Conn;
use crate::domain::logs::model::BookKey;
use crate::domain::logs::repo::{self as logs, LogRow, Window};
use crate::domain::search::parts::{Gram, Parts};
use crate::domain::search::postings::{number, place};
use crate::http::problem::Answer;
use crate::util::ids::LogId;

/// Blocks that are looked up first, and at most at once.
const FIRST_BLOCKS: i64 = 4;
const MOST_BLOCKS: i64 = 64;
/// As many hits are read; of more of them the word index says first which have the words.
const FEW: usize = 64;

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Whose logs.
    pub key: BookKey,
    /// Condition for the index of parts.
    pub parts: &'a Parts,
    /// Condition for the word index.
    pub words: Option<&'a str>,
    /// The last number in the index of parts.
    pub mark: i64,
    /// Which logs.
    pub window: Window,
    /// Oldest first.
    pub ascending: bool,
}

impl Wanted<'_> {
    /// Candidates in order of arrival; fewer than the limit when there are no more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self, conn: &mut Conn, limit: usize) -> Answer<Vec<LogRow>> {
        let mark = LogId::base(self.key.customer, self.key.space).saturating_add(self.mark);
        let (low, high) = self.window.ids;
        let (known, fresh) = ((low, high.min(mark)), (low.max(mark.saturating_add(1)), high));
        let mut rows = Vec::new();
        for is_fresh in [!self.ascending, self.ascending] {
            let more = limit.saturating_sub(rows.len());
            if more == 0 {
                break;
            }
            rows.extend(match is_fresh {
                true => self.fresh(conn, fresh, more).await?,
                false => self.known(conn, known, more).await?,
            });
        }
        Ok(rows)
    }

    async fn fresh(&self, conn: &mut Conn, ids: (i64, i64), limit: usize) -> Answer<Vec<LogRow>> {
        if ids.0 > ids.1 {
            return Ok(Vec::new());
        }
        let (customer, limit) = (self.key.customer, i64::try_from(limit).unwrap_or(i64::MAX));
        let window = Window { ids, ..self.window };
        Ok(match self.words {
            Some(words) => logs::list_with_words(conn, customer, words, ids, self.ascending, limit).await?,
            None => logs::list_window(conn, customer, window, self.ascending, limit).await?,
        })
    }

    async fn known(&self, conn: &mut Conn, ids: (i64, i64), limit: usize) -> Answer<Vec<LogRow>> {
        let (mut low, mut high) = (LogId(ids.0).seq(), LogId(ids.1).seq());
        let (mut rows, mut blocks) = (Vec::new(), FIRST_BLOCKS);
        while ids.0 <= ids.1 && low <= high && rows.len() < limit {
            let (first, last) = (place(low).0, place(high).0);
            let stretch = if self.ascending {
                (first, last.min(first + blocks - 1))
            } else {
                (first.max(last - blocks + 1), last)
            };
            let bounds = (low.max(number(stretch.0, 0)), high.min(number(stretch.1 + 1, 0) - 1));
            let mut hits = self.hits(conn, stretch, bounds).await?;
            while !hits.is_empty() && rows.len() < limit {
                let rest = hits.split_off(hits.len().min(limit - rows.len()));
                rows.extend(logs::list_of(conn, self.key.customer, &hits, self.ascending).await?);
                hits = rest;
            }
            (low, high) = if self.ascending { (bounds.1 + 1, high) } else { (low, bounds.0 - 1) };
            blocks = (blocks * 4).min(MOST_BLOCKS);
        }
        Ok(rows)
    }

    /// Logs of a stretch of blocks, within bounds, that the indexes name, in order.
    async fn hits(&self, conn: &mut Conn, blocks: (i64, i64), bounds: (i64, i64)) -> Answer<Vec<LogId>> {
        let grams = self.parts.grams();
        let pairs: Vec<(i64, Gram)> =
            (blocks.0..=blocks.1).flat_map(|block| grams.iter().map(move |gram| (block, *gram))).collect();
        let mut stored: HashMap<i64, HashMap<Gram, Vec<u16>>> = HashMap::new();
        for posting in repo::list_postings(conn, self.key, &pairs).await? {
            stored.entry(posting.block).or_default().insert(posting.gram, change::read(&posting.ids)?);
        }
        let mut hits: Vec<LogId> = stored
            .iter()
            .flat_map(|(block, postings)| {
                self.parts.hits(postings).into_iter().map(|offset| number(*block, offset))
            })
            .filter(|seq| (bounds.0..=bounds.1).contains(seq))
            .filter_map(|seq| LogId::new(self.key.customer, self.key.space, seq))
            .collect();
        hits.sort_unstable_by_key(|id| id.0);
        if let (Some(words), Some(first), Some(last)) = (self.words, hits.first(), hits.last())
            && hits.len() > FEW
        {
            let known = logs::ids_with_words(conn, self.key.customer, words, (first.0, last.0)).await?;
            let known: HashSet<i64> = known.into_iter().collect();
            hits.retain(|id| known.contains(&id.0));
        }
        if !self.ascending {
            hits.reverse();
        }
        Ok(hits)
    }
}
