//! `import-json`: brings the logs of the former edition's JSON file to a customer (OPS-13).
//!
//! The hash of a row is its external id, so that a row is stored once, however often the file is imported.

use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use serde_json::value::RawValue;
use shared::audit::AuditAction;
use shared::problem::Code;
use shared::tenancy::{CustomerIn, CustomerStatus};
use shared::time::Millis;
use tokio::sync::mpsc;

use super::import_report::{ImportError, ImportOptions, ImportReport, Rejected};
use super::import_row::{self, Row, Times};
use super::{import_file, repo};
use crate::app::App;
use crate::db::Scope;
use crate::domain::audit;
use crate::domain::audit::model::Event;
use crate::domain::logs::model::{Origin, Source};
use crate::domain::logs::writer::Outcome;
use crate::domain::{logs, tenancy};
use crate::http::problem::{Answer, Problem};
use crate::util::ids::{CustomerId, Space};
use crate::util::zone;

const CUSTOMER: &str = "Legacy Data";
/// Nobody knows an address for the logs of a file.
const CONTACT: &str = "legacy-data@import.example";
/// What stands in an imported log as its sender.
const ACTOR: &str = "cli";
/// Rows and bytes of a part.
const PART_ROWS: usize = 2_000;
const PART_BYTES: usize = 4 * 1024 * 1024;
/// Parts that wait to be stored.
const AHEAD: usize = 2;

/// OPS-13: imports a file of the former edition.
///
/// # Errors
/// See [`ImportError`].
pub async fn import_json(
    app: &App,
    path: &Path,
    options: &ImportOptions,
) -> Result<ImportReport, ImportError> {
    let open = |source| ImportError::Open { path: path.to_owned(), source };
    let file = File::open(path).map_err(open)?;
    let now = app.clock.now();
    let zone = if options.local_times { zone::find(&app.config.time_zone) } else { None };
    let times = Times { now, zone: zone.unwrap_or(jiff::tz::TimeZone::UTC) };
    let name = options.customer.as_deref().map_or(CUSTOMER, str::trim).to_owned();
    let target = find_target(app, &name).await?;
    let (sender, mut parts) = mpsc::channel(AHEAD);
    let reader = tokio::task::spawn_blocking(move || read_parts(&file, &times, &sender));
    let report = ImportReport {
        customer: name,
        access_code: None,
        read: 0,
        created: 0,
        duplicates: 0,
        rejected: Vec::new(),
        backup: None,
    };
    let mut import = Import { app, now, dry_run: options.dry_run, target, seen: HashSet::new(), report };
    while let Some(part) = parts.recv().await {
        Box::pin(import.take(part)).await?;
    }
    let (mut report, target) = (import.report, import.target);
    let done = reader.await.map_err(|error| Problem::new(Code::Internal).caused_by(&error))?;
    done.map_err(|source| ImportError::Read { rows: report.read, source })?;
    if let Some(target) = target.filter(|_| !options.dry_run) {
        let event = Event::of(AuditAction::ImportRun, target.id)
            .with("read", report.read)
            .with("created", report.created)
            .with("duplicates", report.duplicates);
        audit::service::record_alone(app, event).await?;
    }
    if !options.dry_run && !options.keep {
        report.backup = Some(set_aside(path, now)?);
    }
    Ok(report)
}

/// A part of the file: rows that can be stored and rows that cannot.
#[derive(Default)]
struct Part {
    read: u64,
    rows: Vec<Row>,
    rejected: Vec<Rejected>,
}

fn read_parts(file: &File, times: &Times, sender: &mpsc::Sender<Part>) -> Result<(), serde_json::Error> {
    let (mut part, mut index, mut bytes) = (Part::default(), 0, 0);
    let result = import_file::read(file, &mut |raw: &RawValue| {
        match import_row::read(raw.get(), times) {
            Ok(row) => part.rows.push(row),
            Err(reason) => part.rejected.push(Rejected { index, reason }),
        }
        part.read += 1;
        index += 1;
        bytes += raw.get().len();
        if part.rows.len() < PART_ROWS && bytes < PART_BYTES {
            return true;
        }
        bytes = 0;
        sender.blocking_send(std::mem::take(&mut part)).is_ok()
    });
    // Also what was read before a fault; whoever has stopped taking rows knows why.
    drop(sender.blocking_send(part));
    result
}

/// The customer that gets the logs, if it is there.
async fn find_target(app: &App, name: &str) -> Answer<Option<Target>> {
    let mut conn = app.db.read(Scope::Installation).await?;
    let Some(id) = repo::find_by_name(&mut conn, name).await? else {
        return Ok(None);
    };
    drop(conn);
    let customer = tenancy::service::find(app, id).await?.customer;
    if customer.status == CustomerStatus::Closed {
        return Err(Problem::new(Code::StateConflict).with("state", customer.status.as_str()));
    }
    Ok(Some(Target::new(customer.id, &customer.time_zone)))
}

#[derive(Debug, Clone)]
struct Target {
    id: CustomerId,
    zone: jiff::tz::TimeZone,
}

impl Target {
    fn new(id: i64, time_zone: &str) -> Self {
        Self { id: CustomerId(id), zone: zone::find(time_zone).unwrap_or(jiff::tz::TimeZone::UTC) }
    }
}

struct Import<'a> {
    app: &'a App,
    now: Millis,
    dry_run: bool,
    target: Option<Target>,
    /// Hashes of the rows of a dry run.
    seen: HashSet<String>,
    report: ImportReport,
}

impl Import<'_> {
    async fn take(&mut self, part: Part) -> Answer<()> {
        self.report.read += part.read;
        self.report.rejected.extend(part.rejected);
        if part.rows.is_empty() {
            return Ok(());
        }
        if self.dry_run { self.count(&part.rows).await } else { self.store(part.rows).await }
    }

    /// Says what would become of rows.
    async fn count(&mut self, rows: &[Row]) -> Answer<()> {
        let hashes: Vec<&str> = rows.iter().filter_map(|row| row.log.external_id.as_deref()).collect();
        let mut known = HashSet::new();
        if let Some(target) = &self.target {
            let asked: Vec<_> = hashes.iter().map(|hash| (target.id, Space::Live, *hash)).collect();
            let mut conn = self.app.db.read(Scope::Customer(target.id)).await?;
            let found = logs::repo::find_external(&mut conn, &asked).await?;
            known.extend(found.into_keys().map(|(_, hash)| hash));
        }
        for hash in hashes {
            if !known.contains(hash) && self.seen.insert(hash.to_owned()) {
                self.report.created += 1;
            } else {
                self.report.duplicates += 1;
            }
        }
        Ok(())
    }

    async fn store(&mut self, rows: Vec<Row>) -> Answer<()> {
        let target = self.target().await?;
        let mut origin = Origin {
            customer: target.id,
            space: Space::Live,
            source: Source::Import,
            way: Source::Import.as_str(),
            ip: None,
            actor: ACTOR.to_owned(),
            received_at: self.now,
            period: logs::service::period(&target.zone, self.now).into(),
        };
        let period = origin.period.clone();
        let job = move || {
            let mut prepared = Vec::with_capacity(rows.len());
            for row in rows {
                origin.ip = row.ip;
                prepared.push(row.log.prepare(&origin));
            }
            prepared
        };
        let prepared = tokio::task::spawn_blocking(job).await;
        let prepared = prepared.map_err(|error| Problem::new(Code::Internal).caused_by(&error))?;
        for outcome in self.app.writer.submit(target.id, Space::Live, period, prepared, false).await? {
            match outcome {
                Outcome::Created(_) => self.report.created += 1,
                // The same row, written down another way.
                Outcome::Duplicate(_) | Outcome::Conflict(_) | Outcome::OverQuota => {
                    self.report.duplicates += 1
                }
            }
        }
        Ok(())
    }

    /// The customer, made when the first row is stored: a file without rows makes none.
    async fn target(&mut self) -> Answer<Target> {
        if let Some(target) = &self.target {
            return Ok(target.clone());
        }
        let input = CustomerIn {
            name: self.report.customer.clone(),
            contact_email: CONTACT.to_owned(),
            ..CustomerIn::default()
        };
        let (customer, access_code) = tenancy::service::create(self.app, input, false).await?;
        self.report.access_code = Some(access_code);
        let target = Target::new(customer.id, &customer.time_zone);
        self.target = Some(target.clone());
        Ok(target)
    }
}

/// Renames the file to `<name>.backup.<timestamp>`; another file of that name stays what it is.
fn set_aside(path: &Path, now: Millis) -> Result<PathBuf, ImportError> {
    let digits = now.to_rfc3339().replace(['-', ':'], "");
    let stamp = digits.get(..15).unwrap_or_default();
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".backup.{stamp}Z"));
    let mut backup = PathBuf::from(&name);
    for number in 2..100 {
        if !backup.exists() {
            break;
        }
        let mut next = name.clone();
        next.push(format!(".{number}"));
        backup = next.into();
    }
    std::fs::rename(path, &backup).map_err(|source| ImportError::Rename { path: path.to_owned(), source })?;
    Ok(backup)
}
