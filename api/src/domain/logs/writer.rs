//! The one writer: takes what waits, commits once, answers everybody.
//!
//! While one commit flushes, the next batch forms by itself. A 2xx answer follows the flush, never precedes it.
//! Submissions of different customers take turns, and so do uploads and single logs: who records one log waits for one
//! upload of somebody else at most.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use shared::problem::Code;
use tokio::sync::{Mutex, OwnedSemaphorePermit, RwLock, Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;

use super::live::{Live, News};
use super::model::BookKey;
use super::model::{Period, Prepared};
use super::repo::{self, BookUpdate, HourKind, Known};
use crate::db::{Conn, Db, DbError, Dialect, Scope, Statement};
use crate::domain::search::vocabulary::{self, Vocabulary};
use crate::http::problem::Problem;
use crate::util::ids::{CustomerId, LogId, Space};

/// Rows and bytes of one commit; a single submission may be larger, because it commits as a whole.
const COMMIT_ROWS: usize = 2_048;
const COMMIT_BYTES: usize = 4 * 1024 * 1024;
/// A submission of more rows is an upload.
const SMALL_ROWS: usize = 64;
/// What may wait at the same time, in KiB.
const WAITING_KIB: usize = 128 * 1024;
/// How long a submission waits for a place before it is refused.
const PATIENCE: Duration = Duration::from_millis(50);
/// More rows than this are not looked through on a thread that answers requests.
const INLINE_ROWS: usize = 200;

/// What became of one log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Stored under this number.
    Created(i64),
    /// The same log stands under this number.
    Duplicate(i64),
    /// A different log has the same external id; it stands under this number.
    Conflict(i64),
    /// The logs of the month are used up; nothing was stored.
    OverQuota,
}

impl Outcome {
    /// Whether the log is not stored, now or before.
    #[must_use]
    pub const fn refused(self) -> bool {
        matches!(self, Self::Conflict(_) | Self::OverQuota)
    }
}

/// Logs of one request.
#[derive(Debug)]
struct Submission {
    customer: CustomerId,
    space: Space,
    period: Period,
    rows: Vec<Prepared>,
    /// Entries of the vocabulary that these logs may be the first to need.
    entries: Vec<String>,
    atomic: bool,
    reply: oneshot::Sender<Result<Vec<Outcome>, Problem>>,
    _room: OwnedSemaphorePermit,
}

/// The way to the writer.
#[derive(Debug)]
pub struct LogWriter {
    /// Taken away when the writer stops.
    sender: std::sync::RwLock<Option<mpsc::UnboundedSender<Submission>>>,
    room: Arc<Semaphore>,
    vocabulary: Arc<Vocabulary>,
    /// Held by submissions from the look into the vocabulary until they are stored; taken alone to take words out of it.
    words: RwLock<()>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl LogWriter {
    /// Starts the writer on a database.
    #[must_use]
    pub fn start(db: Db, live: Live) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        let vocabulary = Arc::new(Vocabulary::new(db.dialect()));
        let task = tokio::spawn(run(db, live, Arc::clone(&vocabulary), receiver));
        Self {
            sender: std::sync::RwLock::new(Some(sender)),
            room: Arc::new(Semaphore::new(WAITING_KIB)),
            vocabulary,
            words: RwLock::default(),
            task: Mutex::new(Some(task)),
        }
    }

    /// Stores logs and waits for the commit. With `atomic` either all are stored (or known), or none.
    ///
    /// # Errors
    /// `overloaded` when too much is waiting, `stopping`, or what the database says; then nothing was stored.
    pub async fn submit(
        &self,
        customer: CustomerId,
        space: Space,
        period: Period,
        rows: Vec<Prepared>,
        atomic: bool,
    ) -> Result<Vec<Outcome>, Problem> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let kib: usize = rows.iter().map(|row| (row.row.len() + row.words.len()) / 1024 + 1).sum();
        let wanted = u32::try_from(kib.min(WAITING_KIB)).unwrap_or(u32::MAX);
        let room = tokio::time::timeout(PATIENCE, Arc::clone(&self.room).acquire_many_owned(wanted)).await;
        let Ok(Ok(room)) = room else {
            return Err(Problem::new(Code::Overloaded).retry_after(1));
        };
        let _words = self.words.read().await;
        let (rows, entries) = self.entries(rows).await?;
        let (reply, answer) = oneshot::channel();
        let submission = Submission { customer, space, period, rows, entries, atomic, reply, _room: room };
        let stopping = || Problem::new(Code::Stopping);
        {
            let sender = self.sender.read().unwrap_or_else(std::sync::PoisonError::into_inner);
            sender.as_ref().ok_or_else(stopping)?.send(submission).map_err(|_| stopping())?;
        }
        answer.await.map_err(|_| stopping())?
    }

    /// Finds what the vocabulary may not hold yet; many rows are looked at beside the requests.
    async fn entries(&self, rows: Vec<Prepared>) -> Result<(Vec<Prepared>, Vec<String>), Problem> {
        let vocabulary = Arc::clone(&self.vocabulary);
        let many = rows.len() > INLINE_ROWS;
        let look = move || {
            let unknown = rows.iter().flat_map(|row| vocabulary.unknown(row.words.trim_matches('"')));
            let mut entries: Vec<String> = unknown.collect();
            entries.sort_unstable();
            entries.dedup();
            (rows, entries)
        };
        if !many {
            return Ok(look());
        }
        let looked = tokio::task::spawn_blocking(look).await;
        looked.map_err(|error| Problem::new(Code::Internal).caused_by(&error))
    }

    /// Takes words out of the vocabulary that no log has any more. Each portion waits until nothing is being stored.
    ///
    /// # Errors
    /// When the database fails; what is left is found the next time.
    pub async fn forget_unused_words(&self, db: &Db) -> Result<(), DbError> {
        let mut after = String::new();
        loop {
            let mut conn = db.read(Scope::Installation).await?;
            let (unused, last) = vocabulary::unused(&mut conn, &after).await?;
            drop(conn);
            if !unused.is_empty() {
                let _alone = self.words.write().await;
                self.vocabulary.forget(&unused);
                let mut tx = db.write(Scope::Installation).await?;
                vocabulary::delete_unused(&mut tx, &unused).await?;
                tx.commit().await?;
            }
            match last {
                Some(last) => after = last,
                None => return Ok(()),
            }
        }
    }

    /// Takes nothing more, stores what waits and ends.
    pub async fn stop(&self) {
        drop(self.sender.write().unwrap_or_else(std::sync::PoisonError::into_inner).take());
        if let Some(task) = self.task.lock().await.take()
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the writer did not end well");
        }
    }
}

/// What waits. Uploads have a lane of their own and commit by themselves: a commit takes as long as its rows, and single
/// logs would wait for an upload before them and then for the one that they share the commit with.
#[derive(Default)]
struct Backlog {
    singles: Lane,
    uploads: Lane,
    upload_is_next: bool,
}

impl Backlog {
    fn push(&mut self, submission: Submission) {
        let lane = if submission.rows.len() > SMALL_ROWS { &mut self.uploads } else { &mut self.singles };
        lane.push(submission);
    }

    fn is_empty(&self) -> bool {
        self.singles.is_empty() && self.uploads.is_empty()
    }

    /// Takes what one commit stores.
    fn take(&mut self) -> Vec<Submission> {
        let upload = self.singles.is_empty() || (self.upload_is_next && !self.uploads.is_empty());
        self.upload_is_next = !upload;
        if upload { self.uploads.take() } else { self.singles.take() }
    }
}

/// Submissions that wait, by customer, in turn.
#[derive(Default)]
struct Lane {
    waiting: HashMap<CustomerId, VecDeque<Submission>>,
    turns: VecDeque<CustomerId>,
}

impl Lane {
    fn push(&mut self, submission: Submission) {
        let queue = self.waiting.entry(submission.customer).or_default();
        if queue.is_empty() {
            self.turns.push_back(submission.customer);
        }
        queue.push_back(submission);
    }

    fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    /// Takes one submission of each customer in turn until a commit is full.
    fn take(&mut self) -> Vec<Submission> {
        let (mut batch, mut rows, mut bytes) = (Vec::new(), 0, 0);
        while let Some(customer) = self.turns.pop_front() {
            let Some(queue) = self.waiting.get_mut(&customer) else {
                continue;
            };
            let Some(next) = queue.front() else { continue };
            let more: usize = next.rows.iter().map(|row| row.row.len() + row.words.len()).sum();
            if !batch.is_empty() && (rows + next.rows.len() > COMMIT_ROWS || bytes + more > COMMIT_BYTES) {
                self.turns.push_front(customer);
                break;
            }
            rows += next.rows.len();
            bytes += more;
            batch.extend(queue.pop_front());
            if queue.is_empty() {
                self.waiting.remove(&customer);
            } else {
                self.turns.push_back(customer);
            }
        }
        batch
    }
}

async fn run(
    db: Db,
    live: Live,
    vocabulary: Arc<Vocabulary>,
    mut receiver: mpsc::UnboundedReceiver<Submission>,
) {
    let mut backlog = Backlog::default();
    let mut sequences = Sequences::new();
    loop {
        if backlog.is_empty() {
            match receiver.recv().await {
                Some(submission) => backlog.push(submission),
                None => return,
            }
        }
        while let Ok(submission) = receiver.try_recv() {
            backlog.push(submission);
        }
        let batch = backlog.take();
        match commit(&db, &batch, &mut sequences).await {
            Ok(Committed { outcomes, news, entries }) => {
                vocabulary.learn(entries);
                for (submission, outcome) in batch.into_iter().zip(outcomes) {
                    // A caller that has gone away does not change what is stored.
                    drop(submission.reply.send(Ok(outcome)));
                }
                news.into_iter().for_each(|news| live.publish(news));
            }
            Err(error) => {
                // Numbers were given that are not stored.
                sequences.clear();
                if matches!(error, DbError::Io(_) | DbError::Full(_)) {
                    db.renew_writer().await;
                }
                let problem = Problem::from(error);
                tracing::error!(event = "commit_failed", cause = problem.cause(), submissions = batch.len());
                for submission in batch {
                    drop(submission.reply.send(Err(problem.clone())));
                }
            }
        }
    }
}

/// What a commit adds, put together before it is written.
#[derive(Default)]
struct Work {
    logs: Vec<String>,
    words: Vec<String>,
    entries: BTreeSet<String>,
    books: HashMap<BookKey, BookUpdate>,
    hours: HashMap<(CustomerId, i64), repo::Hour>,
    kinds: HashMap<HourKind, i64>,
    usage: HashMap<Month, i64>,
}

/// A customer and a calendar month in its zone.
type Month = (CustomerId, Arc<str>);

impl Submission {
    /// The month that stops these logs, and where.
    fn stop(&self) -> Option<(Month, i64)> {
        let stop = self.period.stop.as_ref().filter(|_| self.space == Space::Live)?;
        Some((self.month(), stop.limit))
    }

    fn month(&self) -> Month {
        (self.customer, Arc::clone(&self.period.name))
    }
}

/// Last numbers of books. Nobody else numbers logs of an embedded database, so they are read once and then known.
type Sequences = HashMap<BookKey, i64>;

/// What came of a commit.
struct Committed {
    outcomes: Vec<Vec<Outcome>>,
    news: Vec<News>,
    /// Entries that the vocabulary holds now.
    entries: BTreeSet<String>,
}

async fn commit(db: &Db, batch: &[Submission], sequences: &mut Sequences) -> Result<Committed, DbError> {
    let embedded = db.dialect() == Dialect::Sqlite;
    if !embedded {
        sequences.clear();
    }
    let mut keys: Vec<BookKey> =
        batch.iter().map(|s| BookKey { customer: s.customer, space: s.space }).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.retain(|key| !sequences.contains_key(key));
    let asked: Vec<(CustomerId, Space, &str)> = batch
        .iter()
        .flat_map(|s| {
            s.rows.iter().filter_map(|row| Some((s.customer, s.space, row.external_id.as_ref()?.0.as_str())))
        })
        .collect();
    let mut stopping: Vec<Month> = batch.iter().filter_map(|s| Some(s.stop()?.0)).collect();
    stopping.sort_unstable();
    stopping.dedup();
    let (mut known, mut used) = (HashMap::new(), HashMap::new());
    let looked = if keys.is_empty() && asked.is_empty() && stopping.is_empty() {
        None
    } else {
        let mut conn = db.look(Scope::Installation).await?;
        look(&mut conn, &keys, &asked, sequences, &mut known).await?;
        // After the books are locked: nobody adds to these months until this commit is done.
        if !stopping.is_empty() {
            used = repo::find_usages(&mut conn, &stopping).await?;
            for month in stopping {
                used.entry(month).or_default();
            }
        }
        Some(conn)
    };
    let mut work = Work::default();
    let outcomes = batch
        .iter()
        .map(|submission| place(submission, sequences, &mut known, &mut used, &mut work))
        .collect();
    // What is refused as a whole leaves no words behind.
    if !work.logs.is_empty() {
        work.entries = batch.iter().flat_map(|submission| submission.entries.iter().cloned()).collect();
    }
    db.transact(looked, work.statements(db.dialect())).await?;
    Ok(Committed { outcomes, news: work.news(sequences), entries: work.entries })
}

/// Reads what numbering needs: last numbers, and logs that were stored under the external ids that come in.
async fn look(
    conn: &mut Conn,
    keys: &[BookKey],
    asked: &[(CustomerId, Space, &str)],
    sequences: &mut Sequences,
    known: &mut HashMap<(BookKey, String), Known>,
) -> Result<(), DbError> {
    if !keys.is_empty() {
        sequences.extend(repo::lock_books(conn, keys).await?);
    }
    if !asked.is_empty() {
        known.extend(repo::find_external(conn, asked).await?);
    }
    Ok(())
}

/// Numbers the logs of a submission and adds them to the work; duplicates, conflicts and what is above the quota add
/// nothing. `used` holds the months that stop somebody in this commit.
fn place(
    submission: &Submission,
    sequences: &mut Sequences,
    known: &mut HashMap<(BookKey, String), Known>,
    used: &mut HashMap<Month, i64>,
    work: &mut Work,
) -> Vec<Outcome> {
    let key = BookKey { customer: submission.customer, space: submission.space };
    let first = sequences.get(&key).copied().unwrap_or_default();
    let mut next = first;
    let before = used.get(&submission.month()).copied().unwrap_or_default();
    let room = submission.stop().map_or(i64::MAX, |(_, limit)| limit - before);
    let mut fresh: HashMap<String, Known> = HashMap::new();
    let mut outcomes = Vec::with_capacity(submission.rows.len());
    for row in &submission.rows {
        let before = row.external_id.as_ref().and_then(|(id, digest)| {
            let own = fresh.get(id).copied();
            let found = own.or_else(|| known.get(&(key, id.clone())).copied())?;
            Some(if found.digest == *digest {
                Outcome::Duplicate(found.seq)
            } else {
                Outcome::Conflict(found.seq)
            })
        });
        outcomes.push(before.unwrap_or_else(|| {
            if next - first >= room {
                return Outcome::OverQuota;
            }
            next += 1;
            if let Some((id, digest)) = &row.external_id {
                fresh.insert(id.clone(), Known { seq: next, digest: *digest });
            }
            Outcome::Created(next)
        }));
    }
    if submission.atomic && outcomes.iter().any(|outcome| outcome.refused()) {
        return outcomes;
    }
    if submission.space == Space::Live
        && let Some(used) = used.get_mut(&submission.month())
    {
        *used += next - first;
    }
    sequences.insert(key, next);
    known.extend(fresh.into_iter().map(|(id, found)| ((key, id), found)));
    for (row, outcome) in submission.rows.iter().zip(&outcomes) {
        if let Outcome::Created(seq) = outcome
            && let Some(id) = LogId::new(key.customer, key.space, *seq)
        {
            work.add(key, id, row, &submission.period.name);
        }
    }
    outcomes
}

impl Work {
    fn statements(&self, dialect: Dialect) -> Vec<Statement> {
        if self.logs.is_empty() {
            return Vec::new();
        }
        let mut all = vec![
            repo::insert_logs(dialect, &self.logs),
            repo::insert_words(dialect, &self.words),
            repo::update_books(dialect, &self.books),
        ];
        if !self.entries.is_empty() {
            all.push(vocabulary::insert(dialect, self.entries.iter()));
        }
        // Test logs are in no roll-up.
        if !self.hours.is_empty() {
            all.extend([
                repo::add_hours(dialect, &self.hours),
                repo::add_kinds(dialect, &self.kinds),
                repo::add_usage(dialect, &self.usage),
            ]);
        }
        all
    }

    fn news(&self, sequences: &Sequences) -> Vec<News> {
        let news = |key: &BookKey| News {
            customer: key.customer,
            space: key.space,
            seq: sequences.get(key).copied().unwrap_or_default(),
        };
        self.books.keys().map(news).collect()
    }

    fn add(&mut self, key: BookKey, id: LogId, row: &Prepared, period: &Arc<str>) {
        let (customer, test) = (key.customer, key.space.is_test());
        self.logs.push(format!("[{},{customer},{test},{}", id.0, row.row));
        self.words.push(format!("[{customer},{},{}]", id.0, row.words));
        self.books.entry(key).or_default().add(row);
        if key.space == Space::Live {
            let hour = row.occurred_at.0.div_euclid(3_600_000);
            self.hours.entry((customer, hour)).or_default().add(id, row.bytes);
            let received = row.received_at.0.div_euclid(3_600_000);
            self.hours.entry((customer, received)).or_default().receive();
            let kind = HourKind { customer, hour, kind: row.kind.clone(), level: row.level.as_str() };
            *self.kinds.entry(kind).or_default() += 1;
            *self.usage.entry((customer, Arc::clone(period))).or_default() += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn submission(customer: i64, rows: usize) -> Submission {
        let row = Prepared {
            kind: String::new(),
            level: shared::logs::Level::Info,
            occurred_at: shared::time::Millis(0),
            received_at: shared::time::Millis(0),
            bytes: 0,
            external_id: None,
            row: String::new(),
            words: String::new(),
        };
        let room = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        let (reply, _) = oneshot::channel();
        Submission {
            customer: CustomerId(customer),
            space: Space::Live,
            period: Arc::<str>::from("2026-11").into(),
            rows: vec![row; rows],
            entries: Vec::new(),
            atomic: false,
            reply,
            _room: room,
        }
    }

    fn customers(batch: &[Submission]) -> Vec<i64> {
        batch.iter().map(|submission| submission.customer.0).collect()
    }

    /// GEN-14: customers take turns, with single logs and with uploads.
    #[test]
    fn customers_take_turns() {
        for rows in [SMALL_ROWS, COMMIT_ROWS / 3] {
            let mut backlog = Backlog::default();
            for _ in 0..2 * COMMIT_ROWS / rows {
                backlog.push(submission(1, rows));
            }
            backlog.push(submission(2, rows));
            assert_eq!(customers(&backlog.take())[..3], [1, 2, 1], "{rows}");
            assert!(!backlog.is_empty(), "more rows than a commit takes are left");
        }
    }

    /// GEN-14: single logs do not share a commit with uploads, and neither keeps the other waiting for long.
    #[test]
    fn single_logs_and_uploads_alternate() {
        let mut backlog = Backlog::default();
        let mut commits = Vec::new();
        for _ in 0..3 {
            backlog.push(submission(1, 2_000));
        }
        for _ in 0..3 {
            backlog.push(submission(2, 1));
            backlog.push(submission(3, 1));
            commits.push(customers(&backlog.take()));
            commits.push(customers(&backlog.take()));
        }
        assert_eq!(commits, [vec![2, 3], vec![1], vec![2, 3], vec![1], vec![2, 3], vec![1]]);
        assert!(backlog.is_empty());
    }

    /// LOG-06: a submission larger than a commit still commits as a whole.
    #[test]
    fn large_submissions_are_not_cut() {
        let mut backlog = Backlog::default();
        backlog.push(submission(1, 10_000));
        assert_eq!(backlog.take().len(), 1);
    }
}
