//! EXP-08, LEG-06: an archive of another installation as a new customer of this one.
//!
//! Everything is compared with the manifest before anything is stored. Logs go the way of all logs, so that indexes and
//! sums are made anew; they keep their data byte for byte, their times, senders and way in, and are numbered from 1 in the
//! order in which they were. What has a meaning only where it was (keys, requests, sessions, exports, seals) stays in the
//! archive.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use shared::kinds::{KindIn, KindMode, SpecLimit};
use shared::lang::Lang;
use shared::logs::LogOut;
use shared::problem::Code;
use shared::savings::SavingsIn;
use shared::searches::SavedSearchIn;
use shared::tenancy::{CustomerIn, Plan, Segment};
use tokio::sync::mpsc;

use super::manifest::Manifest;
use super::reading::{Contents, Fault, open, read_lines, verify};
use super::{LOGS, TEST_LOGS};
use crate::app::App;
use crate::db::Scope;
use crate::domain::logs::kept::{self, Totals};
use crate::domain::logs::model::{Flag, NewLog, Origin, Source};
use crate::domain::logs::reader::{self, Context};
use crate::domain::logs::service::period;
use crate::domain::logs::writer::Outcome;
use crate::domain::tenancy::model::{OfKind, Retention};
use crate::domain::{kinds, searches, tenancy, usage};
use crate::http::problem::{Answer, Problem};
use crate::http::work::blocking;
use crate::util::ids::{CustomerId, Space};
use crate::util::zone;

/// Logs and bytes of a part: one commit of the writer.
const PART_LOGS: usize = 2_000;
const PART_BYTES: usize = 4 * 1024 * 1024;
/// Parts that wait to be stored.
const AHEAD: usize = 2;
/// What is brought along beside logs.
const BROUGHT: [&str; 5] = ["customer", "log_kept", "log_kind", "saved_search", "saving_assumption"];

/// How an archive is imported.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// Name of the new customer; that in the archive if absent.
    pub name: Option<String>,
    /// Compare with the manifest and report, store nothing.
    pub dry_run: bool,
}

/// What became of an archive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Name of the customer.
    pub customer: String,
    /// Its number here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
    /// Access code; shown once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_code: Option<String>,
    /// Live logs stored (in a dry run: in the archive).
    pub logs: u64,
    /// Logs of the test space stored (in a dry run: in the archive).
    pub test_logs: u64,
    /// Kinds described.
    pub kinds: u64,
    /// Searches kept.
    pub searches: u64,
    /// Rows that could not be stored, each with its reason.
    pub rejected: Vec<String>,
    /// What stays in the archive: entity, and rows.
    pub left_out: Vec<(String, u64)>,
}

/// Why an archive is not imported, or not in full.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It cannot be opened, is none of ours, or was changed; nothing is stored.
    #[error("{}: {fault}; nothing is stored", path.display())]
    Archive {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: Fault,
    },
    /// The customer cannot be made; nothing is stored.
    #[error("the customer cannot be made: {}; nothing is stored", in_words(.0))]
    Customer(Problem),
    /// It broke off in the middle.
    #[error(
        "customer {customer} has {logs} log(s) of the archive, then it broke off: {}; suspend that customer and import again under another name",
        in_words(problem)
    )]
    Halfway {
        /// Number of the new customer.
        customer: i64,
        /// Logs stored.
        logs: u64,
        /// Why.
        problem: Problem,
    },
}

fn in_words(problem: &Problem) -> String {
    let detail = problem.detail(Lang::En);
    problem.cause().map_or_else(|| detail.clone(), |cause| format!("{detail} ({cause})"))
}

/// Imports an archive as a new customer.
///
/// # Errors
/// See [`ImportError`].
pub async fn import(app: &App, path: &Path, options: &ImportOptions) -> Result<ImportReport, ImportError> {
    let faulty = |fault| ImportError::Archive { path: path.to_owned(), fault };
    let owned = path.to_owned();
    let verified = tokio::task::spawn_blocking(move || verify(&owned, &BROUGHT)).await;
    let verified = verified.unwrap_or_else(|error| Err(Fault::Unreadable(error.to_string())));
    let (manifest, contents) = verified.map_err(faulty)?;
    let mut report = ImportReport {
        customer: options.name.clone().unwrap_or_else(|| manifest.customer.name.clone()),
        left_out: left_out(&manifest),
        ..ImportReport::default()
    };
    if options.dry_run {
        let rows = |entity: &str| manifest.rows(entity);
        (report.logs, report.test_logs) = (rows(LOGS), rows(TEST_LOGS));
        (report.kinds, report.searches) = (rows("log_kind"), rows("saved_search"));
        return Ok(report);
    }
    let input = customer(&contents, &report.customer).map_err(faulty)?;
    let (made, code) = tenancy::service::create(app, input, false).await.map_err(ImportError::Customer)?;
    (report.number, report.access_code) = (Some(made.id), Some(code));
    let id = CustomerId(made.id);
    let zone = zone::find(&made.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let mut import = Import { app, id, zone, corrected: contents.corrected.clone(), report };
    let told = async {
        import.settings(&contents).await?;
        import.logs(path, LOGS, Space::Live).await?;
        import.logs(path, TEST_LOGS, Space::Test).await
    };
    match Box::pin(told).await {
        Ok(()) => Ok(import.report),
        Err(problem) => Err(ImportError::Halfway { customer: made.id, logs: import.report.logs, problem }),
    }
}

fn left_out(manifest: &Manifest) -> Vec<(String, u64)> {
    let brought = |entity: &str| BROUGHT.contains(&entity) || [LOGS, TEST_LOGS].contains(&entity);
    let entities = manifest.files.iter().filter_map(|file| Some((file.entity()?, file.rows)));
    entities
        .filter(|(entity, rows)| *rows > 0 && !brought(entity))
        .map(|(entity, rows)| (entity.to_owned(), rows))
        .collect()
}

fn text<'a>(row: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    row.get(name).and_then(Value::as_str)
}

/// A member that is JSON in a text.
fn parsed<T: DeserializeOwned>(row: &Map<String, Value>, name: &str) -> Option<T> {
    serde_json::from_str(text(row, name)?).ok()
}

/// A member that is one of a list of words.
fn word<T: DeserializeOwned>(row: &Map<String, Value>, name: &str) -> Option<T> {
    serde_json::from_value(row.get(name)?.clone()).ok()
}

fn customer(contents: &Contents, name: &str) -> Result<CustomerIn, Fault> {
    let row = contents.rows("customer").first().ok_or(Fault::Missing("data/customer.ndjson"))?;
    let own = |name: &str| text(row, name).map(str::to_owned);
    Ok(CustomerIn {
        name: name.to_owned(),
        contact_email: own("contact_email").unwrap_or_default(),
        company_info: own("company_info"),
        vat_number: own("vat_number"),
        country: own("country"),
        segment: word::<Segment>(row, "segment"),
        language: word::<Lang>(row, "language"),
        time_zone: own("time_zone"),
        plan: word::<Plan>(row, "plan"),
    })
}

struct Import<'a> {
    app: &'a App,
    id: CustomerId,
    zone: jiff::tz::TimeZone,
    /// Numbers, in the archive, of logs that others correct.
    corrected: HashSet<i64>,
    report: ImportReport,
}

impl Import<'_> {
    /// Notes what cannot be stored, unless the database fails.
    fn judge<T>(&mut self, what: &str, made: Answer<T>) -> Answer<bool> {
        match made {
            Ok(_) => Ok(true),
            Err(problem) if problem.code.status() < 500 => {
                self.report.rejected.push(format!("{what}: {}", in_words(&problem)));
                Ok(false)
            }
            Err(problem) => Err(problem),
        }
    }

    async fn settings(&mut self, contents: &Contents) -> Answer<()> {
        let (app, id) = (self.app, self.id);
        if let Some(row) = contents.rows("customer").first() {
            let days = row.get("retention_days").and_then(Value::as_i64);
            let own: Vec<OfKind> = parsed(row, "retention_kinds").unwrap_or_default();
            let kept = own
                .into_iter()
                .filter(|own| own.days.is_some())
                .map(|own| OfKind { next: None, ..own })
                .collect();
            let totals = row.get("retention_totals").and_then(Value::as_bool).unwrap_or_default();
            let retention = Retention { days, next: None, kinds: kept, totals };
            tenancy::service::change_retention(app, id, |_| retention.clone()).await?;
            let remember = row.get("search_history").and_then(Value::as_bool);
            let patch = shared::auth::AccountPatch { search_history: remember, ..Default::default() };
            tenancy::service::update_account(app, id, patch).await?;
        }
        let number = |row: &Map<String, Value>, name: &str| row.get(name).and_then(Value::as_i64);
        let totals: Totals = contents
            .rows("log_kept")
            .iter()
            .filter_map(|row| number(row, "quarter").zip(number(row, "total")))
            .collect();
        let mut tx = app.db.write(Scope::Customer(id)).await?;
        kept::add(&mut tx, id, &totals).await?;
        tx.commit().await?;
        for row in contents.rows("log_kind") {
            let name = text(row, "name").unwrap_or_default().to_owned();
            let own = |name: &str| text(row, name).map(str::to_owned);
            let input = KindIn {
                title_nl: own("title_nl"),
                title_en: own("title_en"),
                schema: own("schema"),
                mode: word::<KindMode>(row, "mode").unwrap_or_default(),
                limits: parsed::<Vec<SpecLimit>>(row, "limits").unwrap_or_default(),
                name,
            };
            let what = format!("kind {}", input.name);
            let made = kinds::service::create(app, id, input).await;
            self.report.kinds += u64::from(self.judge(&what, made)?);
        }
        for row in contents.rows("saved_search") {
            let input = SavedSearchIn {
                name: text(row, "name").unwrap_or_default().to_owned(),
                q: text(row, "query").unwrap_or_default().to_owned(),
                shared: row.get("shared").and_then(Value::as_bool).unwrap_or_default(),
            };
            let owner = text(row, "owner").unwrap_or_default();
            let made = searches::service::restore(app, id, owner, &input).await;
            self.report.searches += u64::from(self.judge(&format!("search {}", input.name), made)?);
        }
        if let Some(row) = contents.rows("saving_assumption").first() {
            let minutes = |name: &str| row.get(name).and_then(Value::as_i64);
            let input = SavingsIn {
                minutes_per_search: minutes("minutes_per_search"),
                minutes_per_export: minutes("minutes_per_export"),
            };
            let made = usage::savings::restore(app, id, input).await;
            self.judge("what it saves", made)?;
        }
        Ok(())
    }

    /// Stores the logs of a space.
    async fn logs(&mut self, path: &Path, entity: &'static str, space: Space) -> Answer<()> {
        let (sender, mut parts) = mpsc::channel(AHEAD);
        let path = path.to_owned();
        let reading = tokio::task::spawn_blocking(move || read_parts(&path, entity, &sender));
        // Numbers in the archive, of logs that others correct, and here.
        let mut numbers = HashMap::new();
        while let Some(part) = parts.recv().await {
            self.store(space, part, &mut numbers).await?;
        }
        let read = reading.await.map_err(|error| Problem::new(Code::Internal).caused_by(&error))?;
        read.map_err(|fault| Problem::new(Code::Internal).caused_by(&fault))
    }

    /// Stores logs in their order: those of one month together, and those that correct one of the same part after it.
    async fn store(
        &mut self,
        space: Space,
        logs: Vec<LogOut>,
        numbers: &mut HashMap<i64, i64>,
    ) -> Answer<()> {
        let mut waiting: Vec<LogOut> = Vec::new();
        for log in logs {
            let unknown = log.corrects_id.is_some_and(|id| waiting.iter().any(|other| other.id == id));
            let month = |log: &LogOut| zone::month_of(&self.zone, log.received_at);
            if unknown || waiting.first().is_some_and(|first| month(first) != month(&log)) {
                self.submit(space, std::mem::take(&mut waiting), numbers).await?;
            }
            waiting.push(log);
        }
        self.submit(space, waiting, numbers).await
    }

    async fn submit(
        &mut self,
        space: Space,
        logs: Vec<LogOut>,
        numbers: &mut HashMap<i64, i64>,
    ) -> Answer<()> {
        let Some(first) = logs.first() else { return Ok(()) };
        let month = period(&self.zone, first.received_at);
        let ids: Vec<i64> = logs.iter().map(|log| log.id).collect();
        let corrects: HashMap<i64, i64> = logs
            .iter()
            .filter_map(|log| Some((log.corrects_id?, *numbers.get(&log.corrects_id?)?)))
            .collect();
        let (customer, zone, name) = (self.id, self.zone.clone(), month.clone());
        let prepared = blocking(move || {
            let mut rows = Vec::with_capacity(logs.len());
            for log in logs {
                let (mut new, origin) = read(log, customer, space, &zone, &name)?;
                new.corrects_id = new.corrects_id.and_then(|id| corrects.get(&id).copied());
                rows.push(new.prepare(&origin));
            }
            Ok(rows)
        })
        .await?;
        let outcomes = self.app.writer.submit(self.id, space, month.into(), prepared, false).await?;
        for (old, outcome) in ids.into_iter().zip(outcomes) {
            match outcome {
                Outcome::Created(new) => {
                    let count =
                        if space == Space::Live { &mut self.report.logs } else { &mut self.report.test_logs };
                    *count += 1;
                    if self.corrected.contains(&old) {
                        numbers.insert(old, new);
                    }
                }
                Outcome::Duplicate(_) | Outcome::Conflict(_) | Outcome::OverQuota => {
                    self.report
                        .rejected
                        .push(format!("log {old}: its external id stands twice in the archive"));
                }
            }
        }
        Ok(())
    }
}

/// A log of an archive as it goes to the writer.
fn read(
    log: LogOut,
    customer: CustomerId,
    space: Space,
    zone: &jiff::tz::TimeZone,
    period: &std::sync::Arc<str>,
) -> Answer<(NewLog, Origin)> {
    let data = log.data.unwrap_or_default();
    // What was taken once is taken again: its times were judged when it came.
    let context = Context {
        now: log.timestamp.max(log.received_at),
        zone: zone.clone(),
        lang: Lang::En,
        retention: std::sync::Arc::default(),
    };
    let mut new = reader::read(data.as_bytes(), &context)?;
    new.flags = log
        .flags
        .iter()
        .filter_map(|name| Flag::parse(name))
        .filter(|flag| *flag != Flag::PartlyIndexed)
        .collect();
    (new.kind, new.level, new.message) = (log.kind, log.level, log.message);
    (new.data, new.occurred_at) = (data, log.timestamp);
    (new.external_id, new.corrects_id, new.same_as) = (log.external_id, log.corrects_id, None);
    let source = Source::parse(&log.source).unwrap_or(Source::Import);
    let origin = Origin {
        customer,
        space,
        source,
        way: source.as_str(),
        ip: log.ip_address,
        actor: log.actor_ref.unwrap_or_default(),
        received_at: log.received_at,
        period: period.clone().into(),
    };
    Ok((new, origin))
}

fn read_parts(path: &Path, entity: &str, sender: &mpsc::Sender<Vec<LogOut>>) -> Result<(), Fault> {
    let mut archive = open(path)?;
    let (mut part, mut bytes) = (Vec::new(), 0);
    read_lines(&mut archive, entity, &mut |line| {
        let log: LogOut =
            serde_json::from_slice(line).map_err(|error| Fault::Unreadable(error.to_string()))?;
        bytes += line.len();
        part.push(log);
        if part.len() < PART_LOGS && bytes < PART_BYTES {
            return Ok(true);
        }
        bytes = 0;
        Ok(sender.blocking_send(std::mem::take(&mut part)).is_ok())
    })?;
    drop(sender.blocking_send(part));
    Ok(())
}
