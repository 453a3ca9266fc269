//! Finding a page of logs: candidates by index or by number, each tested if the index cannot decide, within a
//! time budget. A page that ends early says so and can be continued.

use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use shared::logs::Total;
use shared::query::Query;

use super::model::BookKey;
use super::parts::find::Wanted;
use super::parts::repo::find_mark;
use super::repo::{self, LogRow, Window};
use crate::db::{Conn, Dialect, Scope};
use crate::domain::search::eval;
use crate::domain::search::plan::{Plan, plan};
use crate::domain::search::vocabulary::{self, Expansions};
use crate::http::problem::Answer;
use crate::util::ids::{LogId, Space};

/// Longest search before a page is given as it is (SRCH-04).
pub const BUDGET: Duration = Duration::from_secs(2);
/// Counts are exact up to here unless more is asked for (SRCH-05).
pub const COUNT_CAP: i64 = 10_000;

/// After so many logs that were looked at others have their turn: a query may be dear for each of them.
pub(super) const BREATH: usize = 32;
/// As many logs are sorted in memory.
const SORTED: i64 = 1_000;

/// Order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Newest arrival first.
    #[default]
    NewestArrival,
    /// Oldest arrival first.
    OldestArrival,
    /// Latest occurrence first.
    LatestOccurrence,
    /// Earliest occurrence first.
    EarliestOccurrence,
}

impl Order {
    const fn ascending(self) -> bool {
        matches!(self, Self::OldestArrival | Self::EarliestOccurrence)
    }

    const fn by_time(self) -> bool {
        matches!(self, Self::LatestOccurrence | Self::EarliestOccurrence)
    }
}

/// Position behind a log: time of occurrence and identity.
pub type Position = (i64, i64);

/// Kinds by their exact names.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kinds {
    /// This one.
    Only(String),
    /// All but these.
    Except(Vec<String>),
}

impl Kinds {
    /// Whether a kind is one of them.
    #[must_use]
    pub fn hold(&self, kind: &str) -> bool {
        match self {
            Self::Only(only) => only == kind,
            Self::Except(others) => !others.iter().any(|other| other == kind),
        }
    }
}

/// What is looked for.
#[derive(Debug, Clone)]
pub struct Search<'a> {
    /// Whose logs.
    pub key: BookKey,
    /// The query.
    pub query: &'a Query,
    /// Zone of times in the query.
    pub zone: &'a TimeZone,
    /// When it happened: from (included) and to (excluded), beside what the query says.
    pub occurred: (i64, i64),
    /// Order.
    pub order: Order,
    /// Where to continue.
    pub after: Option<Position>,
    /// Highest number; what arrives later is left out.
    pub up_to: Option<i64>,
    /// Kinds by their exact names, whatever the query says of them; none is all.
    pub kinds: Option<&'a Kinds>,
    /// Time after which a page is given as it is.
    pub budget: Duration,
}

/// A page.
#[derive(Debug, Default)]
pub struct Found {
    /// The logs.
    pub rows: Vec<LogRow>,
    /// Position behind the last candidate, if there may be more.
    pub next: Option<Position>,
    /// Whether the budget ended before the page was full.
    pub partial: bool,
}

/// Where a page comes from: candidates in an order, each of which matches or does not.
pub(super) trait Candidates: Sync {
    /// Candidates behind a position; fewer than the limit when there are no more.
    ///
    /// # Errors
    /// When the database fails.
    fn list(
        &self,
        conn: &mut Conn,
        after: Option<Position>,
        limit: i64,
    ) -> impl Future<Output = Answer<Vec<LogRow>>> + Send;

    /// Whether one matches.
    fn fits(&self, row: &LogRow) -> bool;

    /// Its place in the order.
    fn position(&self, row: &LogRow) -> Position;
}

/// Fills a page with the candidates that match, within a time budget.
///
/// # Errors
/// When the database fails.
pub(super) async fn fill(
    conn: &mut Conn,
    candidates: &impl Candidates,
    mut after: Option<Position>,
    limit: usize,
    budget: Duration,
) -> Answer<Found> {
    let started = Instant::now();
    let mut found = Found::default();
    // One more than asked for tells whether there are more; tested candidates come in larger portions.
    let mut portion = limit.saturating_add(1);
    loop {
        let rows = candidates.list(conn, after, i64::try_from(portion).unwrap_or(i64::MAX)).await?;
        let exhausted = rows.len() < portion;
        for (at, row) in rows.into_iter().enumerate() {
            if at % BREATH == BREATH - 1 {
                tokio::task::yield_now().await;
                if started.elapsed() > budget {
                    found.next = after;
                    found.partial = true;
                    return Ok(found);
                }
            }
            let position = candidates.position(&row);
            if candidates.fits(&row) {
                if found.rows.len() == limit {
                    found.next = after;
                    return Ok(found);
                }
                found.rows.push(row);
            }
            after = Some(position);
        }
        if exhausted {
            return Ok(found);
        }
        if started.elapsed() > budget {
            found.next = after;
            found.partial = true;
            return Ok(found);
        }
        portion = (portion * 2).clamp(200, 2_000);
    }
}

/// Plans a query, with the whole words that the vocabulary knows for beginnings.
///
/// # Errors
/// When the database fails.
pub(super) async fn planned(conn: &mut Conn, query: &Query, zone: &TimeZone) -> Answer<Plan> {
    let dialect: Dialect = conn.dialect();
    let first = plan(query, dialect, &Expansions::new(), zone);
    let expansions = vocabulary::expand(conn, &first.beginnings).await?;
    Ok(if expansions.is_empty() { first } else { plan(query, dialect, &expansions, zone) })
}

/// What can be known before a log is read.
pub(super) struct Bounds {
    pub(super) window: Window,
    pub(super) plan: Plan,
    /// The last number that the index of parts knows, if it is asked.
    mark: i64,
}

impl Search<'_> {
    /// What can be known before a log is read. `None`: nothing can match.
    pub(super) async fn bounds(&self, conn: &mut Conn) -> Answer<Option<Bounds>> {
        let mut plan = planned(conn, self.query, self.zone).await?;
        plan.exact &= self.kinds.is_none();
        plan.occurred = (plan.occurred.0.max(self.occurred.0), plan.occurred.1.min(self.occurred.1));
        let base = LogId::base(self.key.customer, self.key.space);
        let (low, high) = LogId::range(self.key.customer, self.key.space);
        let highest = self.up_to.map_or(plan.seq.1, |seq| seq.min(plan.seq.1));
        let mut ids = (base.saturating_add(plan.seq.0).max(low), base.saturating_add(highest).min(high));
        if plan.occurred != (i64::MIN, i64::MAX) && self.key.space == Space::Live {
            let hours = (
                plan.occurred.0.div_euclid(3_600_000),
                plan.occurred.1.saturating_sub(1).div_euclid(3_600_000),
            );
            match repo::ids_of_hours(conn, self.key.customer, hours).await? {
                Some((first, last)) => ids = (ids.0.max(first), ids.1.min(last)),
                None => return Ok(None),
            }
        }
        let window = Window { ids, occurred: plan.occurred };
        // What comes into the index from now on is read: the mark never goes back.
        let mark = if plan.parts.is_some() { find_mark(conn, self.key).await? } else { 0 };
        Ok((ids.0 <= ids.1 && plan.occurred.0 < plan.occurred.1).then_some(Bounds { window, plan, mark }))
    }

    pub(super) fn fits(&self, bounds: &Bounds, row: &LogRow) -> bool {
        let (from, to) = bounds.window.occurred;
        // In order of occurrence the word index is not asked, so the log decides.
        let undecided = !bounds.plan.exact || (self.order.by_time() && bounds.plan.words.is_some());
        row.occurred_at >= from
            && row.occurred_at < to
            && self.kinds.is_none_or(|kinds| kinds.hold(&row.kind))
            && (!undecided || eval::matches(self.query, &row.doc(), self.zone))
    }

    pub(super) async fn candidates(
        &self,
        conn: &mut Conn,
        bounds: &Bounds,
        after: Option<Position>,
        limit: i64,
    ) -> Answer<Vec<LogRow>> {
        if self.order.by_time() {
            let ascending = self.order.ascending();
            return Ok(repo::list_by_time(conn, self.key, bounds.window, after, ascending, limit).await?);
        }
        self.by_arrival(conn, bounds, after, limit).await
    }

    async fn by_arrival(
        &self,
        conn: &mut Conn,
        bounds: &Bounds,
        after: Option<Position>,
        limit: i64,
    ) -> Answer<Vec<LogRow>> {
        let ascending = self.order.ascending();
        let mut window = bounds.window;
        match after {
            Some((_, id)) if ascending => window.ids.0 = window.ids.0.max(id.saturating_add(1)),
            Some((_, id)) => window.ids.1 = window.ids.1.min(id.saturating_sub(1)),
            None => {}
        }
        if window.ids.0 > window.ids.1 {
            return Ok(Vec::new());
        }
        if let Some(parts) = &bounds.plan.parts {
            let (key, words, mark) = (self.key, bounds.plan.words.as_deref(), bounds.mark);
            let wanted = Wanted { key, parts, words, mark, window, ascending };
            return wanted.list(conn, usize::try_from(limit).unwrap_or(usize::MAX)).await;
        }
        Ok(match &bounds.plan.words {
            Some(words) => {
                repo::list_with_words(conn, self.key.customer, words, window.ids, ascending, limit).await?
            }
            None => repo::list_window(conn, self.key.customer, window, ascending, limit).await?,
        })
    }

    /// A page in order of occurrence from logs that an index finds, if they are few: walking through time until they
    /// all have passed would read everything there is.
    async fn sorted(&self, conn: &mut Conn, bounds: &Bounds, limit: usize) -> Answer<Option<Found>> {
        if !self.order.by_time() {
            return Ok(None);
        }
        let (customer, ids) = (self.key.customer, bounds.window.ids);
        match (&bounds.plan.parts, &bounds.plan.words) {
            (Some(_), _) => {}
            (None, Some(words)) => {
                if repo::count_with_words(conn, customer, words, ids, SORTED + 1).await? > SORTED {
                    return Ok(None);
                }
            }
            (None, None) => return Ok(None),
        }
        let search = Search { order: Order::OldestArrival, ..self.clone() };
        let mut rows = search.by_arrival(conn, bounds, None, SORTED + 1).await?;
        if rows.len() > SORTED as usize {
            return Ok(None);
        }
        let ascending = self.order.ascending();
        let comes = |at: &Position, after: &Position| if ascending { at > after } else { at < after };
        rows.retain(|row| {
            self.after.is_none_or(|after| comes(&(row.occurred_at, row.id), &after)) && self.fits(bounds, row)
        });
        rows.sort_unstable_by_key(|row| (row.occurred_at, row.id));
        if !ascending {
            rows.reverse();
        }
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().map(|row| (row.occurred_at, row.id)).filter(|_| more);
        Ok(Some(Found { rows, next, partial: false }))
    }

    /// Finds a page of at most `limit` logs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn page(&self, conn: &mut Conn, limit: usize) -> Answer<Found> {
        let Some(bounds) = self.bounds(conn).await? else {
            return Ok(Found::default());
        };
        if let Some(found) = self.sorted(conn, &bounds, limit).await? {
            return Ok(found);
        }
        fill(conn, &Bounded { search: self, bounds: &bounds }, self.after, limit, self.budget).await
    }

    /// Counts what matches, up to a number; without a number exactly.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count(&self, conn: &mut Conn, cap: Option<i64>) -> Answer<Total> {
        let Some(bounds) = self.bounds(conn).await? else {
            return Ok(Total { value: 0, capped: false });
        };
        let most = cap.map_or(i64::MAX, |cap| cap + 1);
        let untimed = bounds.window.occurred == (i64::MIN, i64::MAX);
        let all = bounds.plan.words.is_none() && untimed && bounds.plan.exact;
        let value = if all && bounds.plan.seq == (1, i64::MAX) && self.up_to.is_none() {
            repo::find_book(conn, self.key).await?.total
        } else if bounds.plan.exact && bounds.plan.words.is_none() {
            repo::count(conn, self.key, bounds.window, most).await?
        } else if let (true, true, Some(words)) = (bounds.plan.exact, untimed, &bounds.plan.words) {
            repo::count_with_words(conn, self.key.customer, words, bounds.window.ids, most).await?
        } else {
            return self.count_by_reading(conn, most, cap).await;
        };
        Ok(capped(value, cap))
    }

    async fn count_by_reading(&self, conn: &mut Conn, most: i64, cap: Option<i64>) -> Answer<Total> {
        let started = Instant::now();
        let mut search = Search { order: Order::NewestArrival, after: None, ..self.clone() };
        let mut value = 0_i64;
        loop {
            let found = search.page(conn, 1_000).await?;
            value += i64::try_from(found.rows.len()).unwrap_or_default();
            let out_of_time = cap.is_some() && started.elapsed() > self.budget;
            match found.next {
                Some(next) if value < most && !out_of_time => search.after = Some(next),
                // The last page may have gone beyond the cap.
                more => {
                    return Ok(Total {
                        capped: more.is_some() || cap.is_some_and(|cap| value > cap),
                        value: cap.map_or(value, |cap| value.min(cap)),
                    });
                }
            }
        }
    }
}

/// The candidates of a customer's search.
struct Bounded<'a> {
    search: &'a Search<'a>,
    bounds: &'a Bounds,
}

impl Candidates for Bounded<'_> {
    async fn list(&self, conn: &mut Conn, after: Option<Position>, limit: i64) -> Answer<Vec<LogRow>> {
        self.search.candidates(conn, self.bounds, after, limit).await
    }

    fn fits(&self, row: &LogRow) -> bool {
        self.search.fits(self.bounds, row)
    }

    fn position(&self, row: &LogRow) -> Position {
        (row.occurred_at, row.id)
    }
}

fn capped(value: i64, cap: Option<i64>) -> Total {
    match cap {
        Some(cap) if value > cap => Total { value: cap, capped: true },
        _ => Total { value, capped: false },
    }
}

/// A connection for reading a customer's logs.
///
/// # Errors
/// When no connection can be had.
pub async fn connect(app: &crate::app::App, key: BookKey) -> Answer<Conn> {
    Ok(app.db.read(Scope::Customer(key.customer)).await?)
}
