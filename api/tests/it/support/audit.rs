//! Everything that is counted beside the logs, compared with the logs themselves.

use std::collections::{BTreeMap, BTreeSet};

use api::db::{Db, Dialect, Scope, sql};
use api::domain::logs::repo::{Window, list_window};
use api::domain::search::{parts, postings};
use api::util::ids::{CustomerId, LogId, Space};
use api::util::zone;
use shared::time::Millis;

const HOUR: i64 = 3_600_000;

#[derive(sqlx::FromRow)]
struct LogRow {
    id: i64,
    customer_id: i64,
    test: bool,
    kind: String,
    level: String,
    occurred_at: i64,
    received_at: i64,
    data: String,
}

#[derive(sqlx::FromRow)]
struct HourRow {
    customer_id: i64,
    hour: i64,
    total: i64,
    bytes: i64,
    first_id: i64,
    last_id: i64,
    received: i64,
}

#[derive(sqlx::FromRow)]
struct KindRow {
    customer_id: i64,
    hour: i64,
    kind: String,
    level: String,
    total: i64,
}

#[derive(sqlx::FromRow)]
struct BookRow {
    customer_id: i64,
    test: bool,
    seq: i64,
    total: i64,
    bytes: i64,
    first_occurred_at: Option<i64>,
    last_occurred_at: Option<i64>,
    last_received_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct UsageRow {
    customer_id: i64,
    period: String,
    value: i64,
}

#[derive(sqlx::FromRow)]
struct ZoneRow {
    id: i64,
    time_zone: String,
}

#[derive(sqlx::FromRow)]
struct MarkRow {
    customer_id: i64,
    test: bool,
    seq: i64,
}

#[derive(sqlx::FromRow)]
struct PartRow {
    customer_id: i64,
    test: bool,
    block: i64,
    gram: i64,
    ids: String,
}

#[derive(sqlx::FromRow)]
struct IdRow {
    id: i64,
}

/// Logs, bytes, lowest and highest identity of an hour, and logs received in it.
type Rolled = (i64, i64, i64, i64, i64);

/// What has become of logs that were stored once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum History {
    /// They are all there.
    Whole,
    /// Some were erased: numbers have gaps, the month's use still counts them, an hour's range may be wider.
    Erased,
}

/// The same as [`audit`] where logs were erased.
pub async fn audit_erased(db: &Db) -> usize {
    compare(db, History::Erased).await
}

/// Requires that numbers have no gaps and no doubles, and that roll-ups, books, use and word index say exactly what
/// the logs say. Returns how many logs there are.
pub async fn audit(db: &Db) -> usize {
    compare(db, History::Whole).await
}

async fn compare(db: &Db, history: History) -> usize {
    let mut conn = db.snapshot(Scope::Installation).await.unwrap();
    let logs: Vec<LogRow> =
        sql("SELECT id, customer_id, test, kind, level, occurred_at, received_at, data FROM log ORDER BY id")
            .all(&mut conn)
            .await
            .unwrap();
    let hours: Vec<HourRow> =
        sql("SELECT customer_id, hour, total, bytes, first_id, last_id, received FROM log_hour")
            .all(&mut conn)
            .await
            .unwrap();
    let kinds: Vec<KindRow> =
        sql("SELECT customer_id, hour, kind, level, total FROM log_hour_kind").all(&mut conn).await.unwrap();
    let books: Vec<BookRow> = sql("SELECT customer_id, test, seq, total, bytes, first_occurred_at, last_occurred_at, last_received_at FROM log_book").all(&mut conn).await.unwrap();
    let usage: Vec<UsageRow> =
        sql("SELECT customer_id, period, value FROM usage_counter WHERE metric = 'logs'")
            .all(&mut conn)
            .await
            .unwrap();
    let zones: Vec<ZoneRow> = sql("SELECT id, time_zone FROM customer").all(&mut conn).await.unwrap();
    let words = match db.dialect() {
        Dialect::Sqlite => sql("SELECT rowid AS id FROM log_words ORDER BY rowid"),
        Dialect::Postgres => sql("SELECT id FROM log_words ORDER BY id"),
    };
    let words: Vec<IdRow> = words.all(&mut conn).await.unwrap();
    drop(conn);

    let mut expected_hours: BTreeMap<(i64, i64), Rolled> = BTreeMap::new();
    let mut expected_kinds: BTreeMap<(i64, i64, &str, &str), i64> = BTreeMap::new();
    let mut expected_usage: BTreeMap<(i64, String), i64> = BTreeMap::new();
    let mut numbers: BTreeMap<(i64, bool), Vec<&LogRow>> = BTreeMap::new();
    let zones: BTreeMap<i64, jiff::tz::TimeZone> =
        zones.iter().map(|row| (row.id, zone::find(&row.time_zone).unwrap())).collect();
    for log in &logs {
        numbers.entry((log.customer_id, log.test)).or_default().push(log);
        if log.test {
            continue;
        }
        let hour = log.occurred_at.div_euclid(HOUR);
        let size = i64::try_from(log.data.len()).unwrap();
        let none = (0, 0, i64::MAX, 0, 0);
        let cell = expected_hours.entry((log.customer_id, hour)).or_insert(none);
        *cell = (cell.0 + 1, cell.1 + size, cell.2.min(log.id), cell.3.max(log.id), cell.4);
        let received = log.received_at.div_euclid(HOUR);
        expected_hours.entry((log.customer_id, received)).or_insert(none).4 += 1;
        *expected_kinds.entry((log.customer_id, hour, &log.kind, &log.level)).or_default() += 1;
        let month = zone::month_of(&zones[&log.customer_id], Millis(log.received_at));
        *expected_usage.entry((log.customer_id, month)).or_default() += 1;
    }
    let hours: BTreeMap<_, _> = hours
        .iter()
        .map(|row| {
            let at = (row.customer_id, row.hour);
            let mut range = (row.first_id, row.last_id);
            if let (History::Erased, Some(cell)) = (history, expected_hours.get(&at)) {
                assert!(range.0 <= cell.2 && range.1 >= cell.3, "range of {at:?}");
                range = (cell.2, cell.3);
            }
            (at, (row.total, row.bytes, range.0, range.1, row.received))
        })
        .collect();
    assert_eq!(hours, expected_hours, "roll-up by hour");
    let kinds: BTreeMap<_, _> = kinds
        .iter()
        .map(|row| ((row.customer_id, row.hour, row.kind.as_str(), row.level.as_str()), row.total))
        .collect();
    assert_eq!(kinds, expected_kinds, "roll-up by kind and level");
    let usage: BTreeMap<_, _> =
        usage.into_iter().map(|row| ((row.customer_id, row.period), row.value)).collect();
    if history == History::Whole {
        assert_eq!(usage, expected_usage, "counted use");
    }
    for book in &books {
        let own = numbers.remove(&(book.customer_id, book.test)).unwrap_or_default();
        let count = i64::try_from(own.len()).unwrap();
        let of = format!("customer {} test {}", book.customer_id, book.test);
        assert_eq!(book.total, count, "book of {of}");
        let seqs: Vec<i64> = own.iter().map(|log| LogId(log.id).seq()).collect();
        if history == History::Whole {
            assert_eq!(book.seq, count, "book of {of}");
            assert_eq!(seqs, (1..=count).collect::<Vec<_>>(), "numbers of {of}");
            assert_eq!(book.last_received_at, own.iter().map(|log| log.received_at).max());
        } else {
            assert!(seqs.iter().all(|seq| *seq <= book.seq), "numbers of {of}");
        }
        assert_eq!(book.bytes, own.iter().map(|log| i64::try_from(log.data.len()).unwrap()).sum::<i64>());
        assert_eq!(book.first_occurred_at, own.iter().map(|log| log.occurred_at).min());
        assert_eq!(book.last_occurred_at, own.iter().map(|log| log.occurred_at).max());
    }
    assert!(numbers.is_empty(), "logs without a book: {:?}", numbers.keys());
    let all: BTreeSet<i64> = logs.iter().map(|log| log.id).collect();
    assert_eq!(words.iter().map(|row| row.id).collect::<BTreeSet<_>>(), all, "word index");
    audit_parts(db).await;
    logs.len()
}

/// Requires that the index of parts holds exactly what the logs up to its marks say. Returns how many logs these are.
pub async fn audit_parts(db: &Db) -> usize {
    let mut conn = db.snapshot(Scope::Installation).await.unwrap();
    let marks: Vec<MarkRow> =
        sql("SELECT customer_id, test, seq FROM log_part_mark").all(&mut conn).await.unwrap();
    let stored: Vec<PartRow> =
        sql("SELECT customer_id, test, block, gram, ids FROM log_part").all(&mut conn).await.unwrap();
    let mut expected: BTreeMap<(i64, bool, i64, i64), Vec<u16>> = BTreeMap::new();
    let mut logs = 0;
    for mark in marks {
        let customer = CustomerId(mark.customer_id);
        let space = Space::of(mark.test);
        let ids = (LogId::range(customer, space).0, LogId::base(customer, space) + mark.seq);
        let window = Window { ids, occurred: (i64::MIN, i64::MAX) };
        for row in list_window(&mut conn, customer, window, true, i64::MAX).await.unwrap() {
            let (block, offset) = postings::place(LogId(row.id).seq());
            for gram in parts::grams(&row.doc()) {
                let at = (mark.customer_id, mark.test, block, i64::from(gram));
                expected.entry(at).or_default().push(offset);
            }
            logs += 1;
        }
    }
    let stored: BTreeMap<_, _> = stored
        .into_iter()
        .map(|row| {
            let offsets = postings::read(&row.ids).expect("what was written can be read");
            ((row.customer_id, row.test, row.block, row.gram), offsets)
        })
        .collect();
    assert!(stored == expected, "the index of parts differs from the logs");
    logs
}
