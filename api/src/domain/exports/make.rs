//! Making a file: logs are read portion by portion, written in the form that was asked for, measured, and handed to
//! whoever takes the file. Memory does not grow with the number of logs.

use std::io::Read;
use std::sync::atomic::{AtomicI64, Ordering};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use shared::exports::ExportFormat;
use shared::logs::LogOut;
use shared::problem::Code;

use super::order::Order;
use super::{archive, pdf, text, xlsx};
use crate::app::App;
use crate::domain::logs::finder::{Search, connect};
use crate::domain::logs::model::BookKey;
use crate::http::problem::{Answer, Problem};
use crate::http::work::blocking;
use crate::util::crypto;
use crate::util::ids::Space;

/// Most logs in one short read; the database is not held between two of them.
const PORTION: usize = 1_000;
/// About as many bytes of logs are read at once: large logs come in small portions.
const PORTION_BYTES: usize = 2 * 1024 * 1024;
/// Logs in the first portion, before it is known how large they are.
pub const FIRST_PORTION: usize = 100;
/// Bytes of a finished file that are handed over at once.
const CHUNK: usize = 64 * 1024;

/// Whether the rest is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Go {
    /// It is.
    On,
    /// Nobody takes it any more.
    Stop,
}

/// Who takes a file.
pub trait Taker: Send {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// When they cannot be kept.
    fn take(&mut self, bytes: Bytes) -> impl Future<Output = Answer<Go>> + Send;

    /// Whether the next portion may be read; asked between two.
    ///
    /// # Errors
    /// When who asked for it has lost the right to it.
    fn go(&self) -> impl Future<Output = Answer<Go>> + Send {
        std::future::ready(Ok(Go::On))
    }
}

/// How far an export is; read by others while it runs.
#[derive(Debug)]
pub struct Meter {
    rows: AtomicI64,
    bytes: AtomicI64,
    total: AtomicI64,
    first: AtomicI64,
    last: AtomicI64,
}

impl Default for Meter {
    fn default() -> Self {
        let none = || AtomicI64::new(0);
        Self { rows: none(), bytes: none(), total: AtomicI64::new(-1), first: none(), last: none() }
    }
}

impl Meter {
    /// Logs and bytes so far.
    #[must_use]
    pub fn done(&self) -> (i64, i64) {
        (self.rows.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }

    /// Logs that fit, once counted.
    #[must_use]
    pub fn total(&self) -> Option<i64> {
        Some(self.total.load(Ordering::Relaxed)).filter(|total| *total >= 0)
    }

    /// Says how many logs fit.
    pub fn count(&self, total: i64) {
        self.total.store(total, Ordering::Relaxed);
    }

    /// Numbers of the first and the last log so far.
    #[must_use]
    pub fn ids(&self) -> Option<(i64, i64)> {
        let ids = (self.first.load(Ordering::Relaxed), self.last.load(Ordering::Relaxed));
        (ids.0 > 0).then_some(ids)
    }

    fn add(&self, portion: Portion) {
        if portion.logs > 0 {
            if self.rows.fetch_add(i64::try_from(portion.logs).unwrap_or_default(), Ordering::Relaxed) == 0 {
                self.first.store(portion.ids.0, Ordering::Relaxed);
            }
            self.last.store(portion.ids.1, Ordering::Relaxed);
        }
    }
}

/// Logs that were read together.
#[derive(Debug, Clone, Copy)]
pub struct Portion {
    /// How many.
    pub logs: usize,
    /// Numbers of the first and the last one.
    ids: (i64, i64),
}

impl Portion {
    /// The portion of some logs.
    #[must_use]
    pub fn of(logs: &[LogOut]) -> Self {
        let id = |log: Option<&LogOut>| log.map_or(0, |log| log.id);
        Self { logs: logs.len(), ids: (id(logs.first()), id(logs.last())) }
    }
}

/// Logs, portion by portion.
pub struct Reading<'a> {
    app: &'a App,
    search: Option<Search<'a>>,
    order: &'a Order,
    left: usize,
    portion: usize,
    /// Whether logs were left out because of the limit; known when all is read.
    pub truncated: bool,
}

impl<'a> Reading<'a> {
    /// All logs of an order, in its own space or another one.
    pub fn of(app: &'a App, order: &'a Order, space: Space) -> Self {
        let mut search = order.search();
        if space != order.key.space {
            // Numbers of another space have nothing to do with those of the order.
            search.key = BookKey { space, ..order.key };
            search.up_to = None;
        }
        let limit = match order.form.format {
            ExportFormat::Pdf => order.limit.min(shared::exports::MAX_PDF_ROWS),
            _ => order.limit,
        };
        Self { app, search: Some(search), order, left: limit, portion: FIRST_PORTION, truncated: false }
    }

    /// The next logs; none when all are read.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next(&mut self) -> Answer<Option<Vec<LogOut>>> {
        let Some(mut search) = self.search.take() else { return Ok(None) };
        // A new connection for each portion: a slow reader holds nothing.
        let mut conn = connect(self.app, self.order.key).await?;
        let found = search.page(&mut conn, self.portion.min(self.left)).await?;
        drop(conn);
        // Forms that hold every member byte for byte also hold what a digest needs.
        let exact = matches!(self.order.form.format, ExportFormat::Json | ExportFormat::Archive);
        let rows = found.rows.into_iter();
        let logs: Vec<LogOut> = if exact {
            rows.map(|row| row.out_to_prove()).collect()
        } else {
            rows.map(|row| row.out()).collect()
        };
        self.portion = fitting(logs.iter(), self.portion);
        self.left -= logs.len().min(self.left);
        self.truncated = found.next.is_some() && self.left == 0;
        if let Some(next) = found.next.filter(|_| self.left > 0) {
            search.after = Some(next);
            self.search = Some(search);
        }
        Ok(Some(logs))
    }
}

/// Logs of the next portion: as many as have about the bytes that are read at once, if they are like the last ones. It
/// grows step by step, as those to come may be larger.
pub fn fitting<'a>(logs: impl ExactSizeIterator<Item = &'a LogOut>, last: usize) -> usize {
    let count = logs.len().max(1);
    let bytes: usize = logs.map(|log| log.data.as_ref().map_or(0, String::len) + 500).sum();
    let fitting = PORTION_BYTES / (bytes / count).max(1);
    fitting.min(last * 4).clamp(8, PORTION)
}

/// The file on its way: what goes through is measured.
pub struct Out<'a, T> {
    taker: &'a mut T,
    hash: Sha256,
    meter: &'a Meter,
}

impl<T: Taker> Out<'_, T> {
    /// Hands over bytes.
    ///
    /// # Errors
    /// When they cannot be kept.
    pub async fn put(&mut self, bytes: Vec<u8>) -> Answer<Go> {
        if bytes.is_empty() {
            return Ok(Go::On);
        }
        self.hash.update(&bytes);
        self.meter.bytes.fetch_add(i64::try_from(bytes.len()).unwrap_or_default(), Ordering::Relaxed);
        self.taker.take(Bytes::from(bytes)).await
    }

    /// Hands over a finished file.
    ///
    /// # Errors
    /// When it cannot be read or kept.
    pub async fn put_file(&mut self, mut file: std::fs::File) -> Answer<Go> {
        loop {
            let (rest, chunk) = blocking(move || {
                let mut chunk = vec![0; CHUNK];
                let read =
                    file.read(&mut chunk).map_err(|error| Problem::new(Code::Internal).caused_by(&error))?;
                chunk.truncate(read);
                Ok((file, chunk))
            })
            .await?;
            file = rest;
            if chunk.is_empty() {
                return Ok(Go::On);
            }
            if self.put(chunk).await? == Go::Stop {
                return Ok(Go::Stop);
            }
        }
    }

    /// Says that a portion is in the file.
    pub fn count(&self, portion: Portion) {
        self.meter.add(portion);
    }

    /// Whether the next portion may be read.
    ///
    /// # Errors
    /// When who asked for it has lost the right to it.
    pub async fn go(&self) -> Answer<Go> {
        self.taker.go().await
    }
}

/// Makes a file and gives its SHA-256; none when nobody takes it any more.
///
/// # Errors
/// When the logs cannot be read, the file not be kept, or the right to it was lost.
pub async fn make<T: Taker>(
    app: &App,
    order: &Order,
    meter: &Meter,
    taker: &mut T,
) -> Answer<Option<String>> {
    let reading = Reading::of(app, order, order.key.space);
    let mut out = Out { taker, hash: Sha256::new(), meter };
    let went = match order.form.format {
        ExportFormat::Csv | ExportFormat::Ndjson | ExportFormat::Json => {
            text::write(order, reading, &mut out).await?
        }
        ExportFormat::Xlsx => xlsx::write(app, order, reading, &mut out).await?,
        ExportFormat::Pdf => pdf::write(app, order, reading, &mut out).await?,
        ExportFormat::Archive => Box::pin(archive::write(app, order, &mut out)).await?,
    };
    Ok((went == Go::On).then(|| crypto::hex(&out.hash.finalize())))
}

/// Counts what an export will hold.
///
/// # Errors
/// When the database fails.
pub async fn count(app: &App, order: &Order) -> Answer<i64> {
    let mut conn = connect(app, order.key).await?;
    Ok(order.search().count(&mut conn, None).await?.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EXP-01: however large the logs are, about the same is in memory.
    #[test]
    fn large_logs_come_in_small_portions() {
        let log = |bytes: usize| {
            let text = format!(
                "{{\"id\":1,\"customer_id\":1,\"timestamp\":\"2026-11-22T12:00:00Z\",\"received_at\":\"2026-11-22T12:00:00Z\",\
                 \"kind\":\"x\",\"level\":\"info\",\"message\":null,\"data\":\"{}\",\"metadata\":null,\"source\":\"api\",\"ip_address\":null,\
                 \"actor_ref\":null,\"external_id\":null,\"corrects_id\":null,\"flags\":[],\"test\":false}}",
                "y".repeat(bytes)
            );
            serde_json::from_str::<LogOut>(&text).unwrap()
        };
        for (bytes, last, expected) in [
            (100, 100, 400),
            (100, 400, 1_000),
            (10_000, 1_000, 199),
            (250_000, 199, 8),
            (250_000, 8, 8),
            (100, 8, 32),
        ] {
            assert_eq!(fitting(vec![log(bytes); 10].iter(), last), expected, "{bytes} after {last}");
        }
        assert_eq!(fitting([].iter(), 100), 400);
    }
}
