//! A log on its way in, and a log as stored.

use std::sync::Arc;

use jiff::tz::TimeZone;
use shared::logs::{Level, LogWarning};
use shared::time::Millis;

use crate::domain::search::words::{Collector, Known};
use crate::util::ids::{CustomerId, Space};

/// A book: the counter and totals of a customer's space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BookKey {
    /// The customer.
    pub customer: CustomerId,
    /// The space.
    pub space: Space,
}

/// Way in of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The web app.
    Web,
    /// A single request with a key.
    Api,
    /// A JSON batch.
    Batch,
    /// NDJSON or CSV.
    Upload,
    /// The protocol of another product or standard.
    Integration,
    /// A file of the former edition.
    Import,
    /// Demo data.
    Demo,
}

impl Source {
    /// All ways in.
    const ALL: [Self; 7] =
        [Self::Web, Self::Api, Self::Batch, Self::Upload, Self::Integration, Self::Import, Self::Demo];

    /// The way in with a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == name)
    }

    /// The stored and published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Api => "api",
            Self::Batch => "batch",
            Self::Upload => "upload",
            Self::Integration => "integration",
            Self::Import => "import",
            Self::Demo => "demo",
        }
    }
}

/// Something noticed about a log; stored, shown, never a reason to refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// It came more than 24 hours after it happened.
    Late,
    /// It lies in the future, up to 24 hours.
    ClockSkew,
    /// Its local time exists twice or not at all.
    AmbiguousTime,
    /// It holds more words than the index keeps.
    PartlyIndexed,
    /// It had no usable time of its own (import).
    TimeMissing,
    /// Fields of it were made unreadable.
    Redacted,
    /// Its data does not fit the schema of its kind.
    SchemaMismatch,
    /// It lay in quarantine before it was stored.
    QuarantineReplayed,
}

impl Flag {
    /// All observations.
    const ALL: [Self; 8] = [
        Self::Late,
        Self::ClockSkew,
        Self::AmbiguousTime,
        Self::PartlyIndexed,
        Self::TimeMissing,
        Self::Redacted,
        Self::SchemaMismatch,
        Self::QuarantineReplayed,
    ];

    /// The observation with a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flag| flag.as_str() == name)
    }

    /// The stored and published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::ClockSkew => "clock_skew",
            Self::AmbiguousTime => "ambiguous_time",
            Self::PartlyIndexed => "partly_indexed",
            Self::TimeMissing => "time_missing",
            Self::Redacted => "redacted",
            Self::SchemaMismatch => "schema_mismatch",
            Self::QuarantineReplayed => "quarantine_replayed",
        }
    }
}

/// A log that has been read and may be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct NewLog {
    /// Type of log.
    pub kind: String,
    /// How serious it is.
    pub level: Level,
    /// One sentence about it.
    pub message: Option<String>,
    /// The JSON exactly as sent.
    pub data: String,
    /// When it happened.
    pub occurred_at: Millis,
    /// The sender's identifier.
    pub external_id: Option<String>,
    /// What makes a repeated delivery the same one, if that is not the data byte for byte.
    pub same_as: Option<String>,
    /// Number of the log that this one corrects.
    pub corrects_id: Option<i64>,
    /// Observations.
    pub flags: Vec<Flag>,
    /// Members that could not be used.
    pub warnings: Vec<LogWarning>,
    /// Scalars of the data with their paths, for the index.
    pub fields: Vec<(String, String)>,
}

/// Where a log comes from: the same for all logs of a request.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The customer.
    pub customer: CustomerId,
    /// Space of logs.
    pub space: Space,
    /// Way in.
    pub source: Source,
    /// Way in as the quarantine tells it: the source, or the protocol.
    pub way: &'static str,
    /// Address of the sender.
    pub ip: Option<String>,
    /// Session or key.
    pub actor: String,
    /// When it was received.
    pub received_at: Millis,
    /// Calendar month of the customer that it counts in.
    pub period: Period,
}

/// A calendar month that logs count in.
#[derive(Debug, Clone)]
pub struct Period {
    /// `YYYY-MM` in the customer's zone.
    pub name: Arc<str>,
    /// Where recording stops in it; none where it goes on.
    pub stop: Option<Stop>,
}

impl From<Arc<str>> for Period {
    /// A month in which recording goes on.
    fn from(name: Arc<str>) -> Self {
        Self { name, stop: None }
    }
}

/// Where recording stops (BIL-04).
#[derive(Debug, Clone)]
pub struct Stop {
    /// Logs of the month.
    pub limit: i64,
    /// Zone of the month.
    pub zone: TimeZone,
}

/// A log ready for the writer: everything that does not need its number is done.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// Type of log, for the roll-up.
    pub kind: String,
    /// How serious it is, for the roll-up.
    pub level: Level,
    /// When it happened.
    pub occurred_at: Millis,
    /// When it was received.
    pub received_at: Millis,
    /// Size of the data.
    pub bytes: i64,
    /// The sender's identifier and the fingerprint of the data.
    pub external_id: Option<(String, i64)>,
    /// The row as JSON list without its beginning: `"kind","level",…]`.
    pub row: String,
    /// Words for the index as JSON text.
    pub words: String,
}

/// What the word index keeps of a log.
#[derive(Debug, Clone, Copy)]
pub struct Indexed<'a> {
    /// The customer.
    pub customer: CustomerId,
    /// Type of log.
    pub kind: &'a str,
    /// How serious it is.
    pub level: &'a str,
    /// Way in.
    pub source: &'a str,
    /// One sentence about it.
    pub message: Option<&'a str>,
    /// The sender's identifier.
    pub external_id: Option<&'a str>,
    /// Address of the sender.
    pub ip: Option<&'a str>,
    /// Scalars of the data with their paths.
    pub fields: &'a [(String, String)],
}

impl<'a> Indexed<'a> {
    /// The words as JSON text; a log with more words than the index keeps is flagged.
    #[must_use]
    pub fn words(&self, flags: &mut Vec<&'a str>) -> String {
        let mut collector = Collector::default();
        collector.known(Known::Kind, self.kind);
        collector.known(Known::Level, self.level);
        collector.known(Known::Source, self.source);
        collector.known(Known::Customer, &self.customer.to_string());
        collector.text(self.kind);
        for text in [self.message, self.external_id, self.ip].into_iter().flatten() {
            collector.text(text);
        }
        if let Some(ip) = self.ip {
            collector.known(Known::Ip, ip);
        }
        let mut last: Option<(&str, String)> = None;
        for (path, value) in self.fields {
            if last.as_ref().is_none_or(|(known, _)| known != path) {
                last = Some((path, crate::domain::search::words::path_token(path)));
            }
            if let Some((_, token)) = &last {
                collector.field(path, token, value);
            }
        }
        if collector.overflows() {
            flags.push(Flag::PartlyIndexed.as_str());
        }
        for flag in flags.iter() {
            collector.known(Known::Flag, flag);
        }
        serde_json::to_string(&collector.finish()).unwrap_or_default()
    }
}

impl NewLog {
    /// Prepares the log for the writer.
    #[must_use]
    pub fn prepare(self, origin: &Origin) -> Prepared {
        let mut flags: Vec<&str> = self.flags.iter().map(|flag| flag.as_str()).collect();
        let indexed = Indexed {
            customer: origin.customer,
            kind: &self.kind,
            level: self.level.as_str(),
            source: origin.source.as_str(),
            message: self.message.as_deref(),
            external_id: self.external_id.as_deref(),
            ip: origin.ip.as_deref(),
            fields: &self.fields,
        };
        let words = indexed.words(&mut flags);
        let same = self.same_as.as_deref().unwrap_or(&self.data);
        let fingerprint =
            self.external_id.as_ref().map(|_| crate::util::crypto::fingerprint(same.trim().as_bytes()));
        let row = (
            &self.kind,
            self.level.as_str(),
            &self.message,
            &self.data,
            self.occurred_at.0,
            origin.received_at.0,
            origin.source.as_str(),
            &origin.ip,
            &origin.actor,
            &self.external_id,
            fingerprint,
            flags.join(" "),
            self.corrects_id,
            super::seals::digest::new_salt(),
        );
        let row = serde_json::to_string(&row).unwrap_or_default();
        Prepared {
            kind: self.kind,
            level: self.level,
            occurred_at: self.occurred_at,
            received_at: origin.received_at,
            bytes: i64::try_from(self.data.len()).unwrap_or(i64::MAX),
            external_id: self.external_id.zip(fingerprint),
            // The writer puts id, customer and space in front.
            row: row.get(1..).unwrap_or_default().to_owned(),
            words,
        }
    }
}
