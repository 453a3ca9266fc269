//! Following the logs: what was stored comes into the index, portion by portion.
//!
//! Reading and reckoning happen beside the writer; a transaction writes what was worked out, and only if meanwhile nothing
//! has changed that it was worked out from. The mark moves in the same transaction, so a server that is killed goes on where
//! it was. Servers that follow the same book do the work twice, and one of them keeps it. Between two portions the follower
//! rests for as long as one took: who stores logs has at least half of the time.

use std::time::{Duration, Instant};

use super::change::{self, Change};
use super::repo::{self, Due};
use crate::app::App;
use crate::db::{Conn, Scope};
use crate::domain::logs::repo::{Window, find_book, list_window};
use crate::http::problem::Answer;
use crate::http::work::blocking;
use crate::util::ids::LogId;
use crate::util::swallow::OrLog;

/// Logs of a portion at most.
const ROWS: i64 = 512;
/// Logs that wait before they are brought in. Each portion rewrites what the block has so far, and reading a hundred logs
/// costs a search half a millisecond.
const LEAST: i64 = 128;
/// Bytes of a portion, about: one log more at most.
const BYTES: i64 = 1024 * 1024;
/// Numbers of a portion at most; those of erased logs are empty.
const NUMBERS: i64 = 8_192;
/// Books that are looked at together.
const BOOKS: i64 = 200;
/// Shortest rest between two portions.
const REST: Duration = Duration::from_millis(2);
/// More logs than this that wait are told.
const MANY: i64 = 100_000;

/// How many logs are not in the index, over all customers.
///
/// # Errors
/// When the database fails.
pub async fn waiting(conn: &mut Conn) -> Answer<i64> {
    Ok(repo::count_waiting(conn).await?)
}

/// Brings in what was stored until little waits, or the server stops.
///
/// # Errors
/// When the database fails; it is tried again.
pub async fn run(app: &App) -> Answer<()> {
    bring_in(app, LEAST).await
}

/// Brings in what was stored until fewer logs of each book wait, or the server stops.
///
/// # Errors
/// When the database fails; it is tried again.
pub async fn bring_in(app: &App, least: i64) -> Answer<()> {
    let began = Instant::now();
    let waiting = waiting(&mut app.db.read(Scope::Installation).await?).await?;
    if waiting > MANY {
        tracing::info!(event = "parts_behind", logs = waiting);
    }
    loop {
        let mut conn = app.db.read(Scope::Installation).await?;
        let due = repo::list_due(&mut conn, least, BOOKS).await?;
        drop(conn);
        let mut well = !due.is_empty();
        for book in due {
            if *app.stopping.borrow() {
                return Ok(());
            }
            let at = Instant::now();
            // One customer's trouble keeps nobody else's logs out.
            well &= portion(app, &book, ROWS).await.or_log("indexing parts of words").is_some();
            tokio::time::sleep(at.elapsed().max(REST)).await;
        }
        if !well {
            break;
        }
    }
    if waiting > MANY {
        let seconds = began.elapsed().as_secs();
        tracing::info!(event = "parts_caught_up", logs = waiting, seconds);
    }
    Ok(())
}

/// Brings in the next logs of a book; false when something has changed meanwhile.
///
/// # Errors
/// When the database fails.
pub async fn portion(app: &App, book: &Due, most: i64) -> Answer<bool> {
    let key = book.key();
    let base = LogId::base(key.customer, key.space);
    let mut conn = app.db.read(Scope::Customer(key.customer)).await?;
    let mut last = book.seq.min(book.mark.saturating_add(NUMBERS));
    let first = base.saturating_add(book.mark).saturating_add(1);
    let sizes = repo::list_sizes(&mut conn, key.customer, (first, base.saturating_add(last)), most).await?;
    let (mut bytes, mut taken) = (0, 0);
    for (id, size) in &sizes {
        (bytes, taken) = (bytes + size, taken + 1);
        if bytes > BYTES || taken == most {
            last = id.seq();
            break;
        }
    }
    let window = Window { ids: (first, base.saturating_add(last)), occurred: (i64::MIN, i64::MAX) };
    let rows = list_window(&mut conn, key.customer, window, true, taken.max(1)).await?;
    let change = blocking(move || {
        let mut change = Change::up_to(i64::MAX);
        rows.iter().for_each(|row| change.put(row));
        Ok(change)
    })
    .await?;
    let postings = change.worked_out(&mut conn, key).await?;
    drop(conn);
    let mut tx = app.db.write(Scope::Customer(key.customer)).await?;
    let mark = repo::lock_mark(&mut tx, key).await?;
    let now = find_book(&mut tx, key).await?;
    if mark != book.mark || now.edits != book.edits || now.seq < book.seq {
        return Ok(false);
    }
    change::write(&mut tx, key, &postings).await?;
    repo::set_mark(&mut tx, key, last).await?;
    tx.commit().await?;
    Ok(true)
}
