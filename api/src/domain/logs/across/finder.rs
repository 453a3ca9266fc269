//! Finding a page of logs of all customers, by arrival.

use std::time::Duration;

use jiff::tz::TimeZone;
use shared::logs::MAX_FUTURE_MS;
use shared::query::Query;

use super::repo;
use crate::db::Conn;
use crate::domain::logs::finder::{Candidates, Found, Position, fill, planned};
use crate::domain::logs::repo::LogRow;
use crate::domain::search::eval;
use crate::http::problem::Answer;
use crate::util::ids::LogId;

/// As many hits of the word index are sorted by arrival; where there are more of them the next match is near.
const SORTED: usize = 10_000;
/// Before everything: no log arrives later.
const NEWEST: Position = (i64::MAX, i64::MAX);

/// What is looked for.
#[derive(Debug)]
pub struct Search<'a> {
    /// The query.
    pub query: &'a Query,
    /// Zone of times in the query.
    pub zone: &'a TimeZone,
    /// When it happened: from (included) and to (excluded), beside what the query says.
    pub occurred: (i64, i64),
    /// Where to continue: arrival and identity.
    pub after: Option<Position>,
    /// Time after which a page is given as it is.
    pub budget: Duration,
}

/// What is known before a log is read.
struct Known<'a> {
    search: &'a Search<'a>,
    occurred: (i64, i64),
    /// Hits of the word index; without them all logs are candidates.
    hits: Option<Vec<LogId>>,
    /// Whether every candidate that happened in time matches.
    exact: bool,
}

impl Search<'_> {
    /// Finds a page of at most `limit` logs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn page(&self, conn: &mut Conn, limit: usize) -> Answer<Found> {
        let plan = planned(conn, self.query, self.zone).await?;
        let occurred = (plan.occurred.0.max(self.occurred.0), plan.occurred.1.min(self.occurred.1));
        if occurred.0 >= occurred.1 {
            return Ok(Found::default());
        }
        let hits = match &plan.words {
            Some(words) => few(conn, words).await?,
            None => None,
        };
        // Numbers are the customers' own, so no range of identities holds those of all.
        let decided = plan.exact && plan.seq == (1, i64::MAX) && (plan.words.is_none() || hits.is_some());
        let known = Known { search: self, occurred, hits, exact: decided };
        fill(conn, &known, self.after, limit, self.budget).await
    }
}

/// The hits of the word index, if they are few.
async fn few(conn: &mut Conn, words: &str) -> Answer<Option<Vec<LogId>>> {
    let most = i64::try_from(SORTED + 1).unwrap_or(i64::MAX);
    let hits = repo::list_with_words(conn, words, most).await?;
    Ok(Some(hits).filter(|hits| hits.len() <= SORTED))
}

impl Candidates for Known<'_> {
    async fn list(&self, conn: &mut Conn, after: Option<Position>, limit: i64) -> Answer<Vec<LogRow>> {
        let after = after.unwrap_or(NEWEST);
        Ok(match &self.hits {
            Some(hits) => repo::list_hits(conn, hits, after, limit).await?,
            None => {
                // What happened late cannot have arrived long before.
                let from = self.occurred.0.saturating_sub(MAX_FUTURE_MS);
                repo::list_arrivals(conn, after, from, limit).await?
            }
        })
    }

    fn fits(&self, row: &LogRow) -> bool {
        let (from, to) = self.occurred;
        row.occurred_at >= from
            && row.occurred_at < to
            && (self.exact || eval::matches(self.search.query, &row.doc(), self.search.zone))
    }

    fn position(&self, row: &LogRow) -> Position {
        (row.received_at, row.id)
    }
}
