//! Kinds of logs: what they are called, what their data must look like, and the logs that did not fit.

use serde::{Deserialize, Serialize};

use crate::lang::Lang;
use crate::problem::FieldErrorOut;
use crate::time::Millis;

/// Kinds that a customer describes at most.
pub const MAX_KINDS: i64 = 200;
/// Longest title of a kind, in characters.
pub const MAX_TITLE_CHARS: usize = 80;
/// Largest schema, in bytes.
pub const MAX_SCHEMA_BYTES: usize = 64 * 1024;
/// Specification limits of a kind at most.
pub const MAX_SPEC_LIMITS: usize = 50;
/// Longest name of a field with limits, in characters.
pub const MAX_FIELD_CHARS: usize = 96;
/// Longest unit, in characters.
pub const MAX_UNIT_CHARS: usize = 16;
/// Newest logs of a kind that a schema is tried on.
pub const TRIED_LOGS: usize = 100;
/// Days that a line stays in quarantine.
pub const QUARANTINE_DAYS: i64 = 30;
/// Open lines that a customer's quarantine holds at most.
pub const QUARANTINE_LINES: i64 = 10_000;
/// Bytes of open lines that a customer's quarantine holds at most.
pub const QUARANTINE_BYTES: i64 = 64 * 1024 * 1024;
/// Lines that are replayed by one request.
pub const REPLAYED_AT_ONCE: i64 = 500;

/// What happens to a log whose data does not fit the schema of its kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum KindMode {
    /// Nothing: the schema is not looked at.
    #[default]
    Off,
    /// It is stored with a warning and the flag `schema_mismatch`.
    Warn,
    /// It is not stored but put in quarantine.
    Reject,
}

impl KindMode {
    /// All modes, mildest first.
    pub const ALL: [Self; 3] = [Self::Off, Self::Warn, Self::Reject];

    /// The stored and published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Warn => "warn",
            Self::Reject => "reject",
        }
    }

    /// Finds a mode by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == name)
    }
}

/// Within which bounds a measured field is good.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SpecLimit {
    /// Field of the data with dots between the names, 1 to 96 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 96, example = "temperature_c"))]
    pub field: String,
    /// Lower specification limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = 2.0))]
    pub lower: Option<f64>,
    /// Upper specification limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = 8.0))]
    pub upper: Option<f64>,
    /// Unit, up to 16 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 16, example = "°C"))]
    pub unit: Option<String>,
}

/// A kind to describe.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct KindIn {
    /// Name as it stands in logs, 1 to 64 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64, example = "temperature"))]
    pub name: String,
    /// What it is called in Dutch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 80, example = "Temperatuurmeting"))]
    pub title_nl: Option<String>,
    /// What it is called in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 80, example = "Temperature reading"))]
    pub title_en: Option<String>,
    /// JSON Schema 2020-12 of the data, as text, up to 64 KiB; kept as it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "openapi",
        schema(max_length = 65536, example = "{\"required\": [\"temperature_c\"]}")
    )]
    pub schema: Option<String>,
    /// What happens to logs that do not fit; anything but `off` needs a schema.
    #[serde(default)]
    pub mode: KindMode,
    /// Specification limits by field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(max_items = 50))]
    pub limits: Vec<SpecLimit>,
}

/// What to change of a kind; absent members stay, `null` clears.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct KindPatch {
    /// Name; logs keep the kind that they have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub name: Option<String>,
    /// What it is called in Dutch.
    #[serde(default, with = "crate::validate::clearable", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 80))]
    pub title_nl: Option<Option<String>>,
    /// What it is called in English.
    #[serde(default, with = "crate::validate::clearable", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 80))]
    pub title_en: Option<Option<String>>,
    /// JSON Schema 2020-12 of the data, as text.
    #[serde(default, with = "crate::validate::clearable", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 65536))]
    pub schema: Option<Option<String>>,
    /// What happens to logs that do not fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<KindMode>,
    /// Specification limits by field; they take the place of all that are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_items = 50))]
    pub limits: Option<Vec<SpecLimit>>,
}

/// A described kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KindOut {
    /// Identifier.
    pub id: String,
    /// Name as it stands in logs.
    pub name: String,
    /// What it is called in Dutch.
    pub title_nl: Option<String>,
    /// What it is called in English.
    pub title_en: Option<String>,
    /// Whether it has a schema.
    pub has_schema: bool,
    /// JSON Schema of the data as it was written; absent in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// What happens to logs that do not fit.
    pub mode: KindMode,
    /// Specification limits by field.
    pub limits: Vec<SpecLimit>,
    /// Logs of this kind.
    pub logs: i64,
    /// Lines of this kind that wait in quarantine.
    pub quarantined: i64,
    /// Lines of this kind that were rejected and not kept because the quarantine was full.
    pub not_kept: i64,
    /// When it was described.
    pub created_at: Millis,
    /// When it was last changed.
    pub updated_at: Millis,
}

impl KindOut {
    /// What it is called in a language: its title there, else the other one, else its name.
    #[must_use]
    pub fn title(&self, lang: Lang) -> &str {
        let (own, other) = match lang {
            Lang::Nl => (&self.title_nl, &self.title_en),
            Lang::En => (&self.title_en, &self.title_nl),
        };
        own.as_ref().or(other.as_ref()).unwrap_or(&self.name)
    }
}

/// A kind that occurs in logs and is not described.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KindCount {
    /// Name as it stands in logs.
    pub name: String,
    /// Logs of this kind.
    pub logs: i64,
}

/// All kinds of a customer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KindsOut {
    /// Described kinds, by name.
    pub kinds: Vec<KindOut>,
    /// Kinds that occur in logs and are not described, the most frequent first; at most 200.
    pub undescribed: Vec<KindCount>,
    /// How many kinds may be described.
    pub limit: i64,
    /// How full the quarantine is.
    pub quarantine: QuarantineState,
}

/// How full the quarantine is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuarantineState {
    /// Lines that wait.
    pub open: i64,
    /// Lines that may wait.
    pub limit: i64,
    /// Bytes of the lines that wait.
    pub bytes: i64,
    /// Bytes that may wait.
    pub bytes_limit: i64,
    /// When the oldest of them came.
    pub oldest_at: Option<Millis>,
}

/// A schema to try on the newest logs of a kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct KindCheckIn {
    /// Name of the kind as it stands in logs.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64, example = "temperature"))]
    pub name: String,
    /// JSON Schema 2020-12 of the data, as text.
    #[cfg_attr(
        feature = "openapi",
        schema(max_length = 65536, example = "{\"required\": [\"temperature_c\"]}")
    )]
    pub schema: String,
}

/// What a schema makes of the newest logs of a kind; nothing is changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KindCheckOut {
    /// Logs that were looked at, at most 100.
    pub checked: i64,
    /// Logs of these that do not fit.
    pub failing: i64,
    /// Up to ten logs that do not fit, newest first, each with its first fault.
    pub examples: Vec<KindCheckFault>,
}

/// A log that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KindCheckFault {
    /// Number of the log.
    pub log_id: i64,
    /// The first fault.
    pub fault: FieldErrorOut,
}

/// What became of a line in quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum QuarantinedState {
    /// It waits.
    Open,
    /// It was stored as a log.
    Replayed,
    /// Somebody decided against it.
    Discarded,
}

impl QuarantinedState {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Open, Self::Replayed, Self::Discarded];

    /// The stored and published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Replayed => "replayed",
            Self::Discarded => "discarded",
        }
    }

    /// Finds a state by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// A line in quarantine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuarantinedOut {
    /// Identifier.
    pub id: String,
    /// Kind of the log.
    pub kind: String,
    /// The data as it was sent; absent in lists, and once it was replayed or discarded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// Size of the data in bytes.
    pub bytes: i64,
    /// Why it was rejected.
    pub reasons: Vec<FieldErrorOut>,
    /// Way in: `web`, `api`, `batch`, `upload`, `elastic`, `loki`, `otlp`, `epcis` or `otm`.
    pub way: String,
    /// Session or key that sent it.
    pub actor: String,
    /// Whether it belongs to the test space.
    pub test: bool,
    /// How often the same line was sent.
    pub times: i64,
    /// When it first came.
    pub received_at: Millis,
    /// When it last came.
    pub last_received_at: Millis,
    /// When it is removed.
    pub expires_at: Millis,
    /// What became of it.
    pub state: QuarantinedState,
    /// Number of the log that it became.
    pub log_id: Option<i64>,
    /// When it was replayed or discarded.
    pub settled_at: Option<Millis>,
    /// Who did so.
    pub settled_by: Option<String>,
}

/// How a line is replayed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReplayIn {
    /// The corrected data as JSON text; absent for the line as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "openapi",
        schema(
            min_length = 1,
            max_length = 262_144,
            example = "{\"kind\": \"temperature\", \"temperature_c\": 4.2}"
        )
    )]
    pub data: Option<String>,
}

/// Which lines are replayed as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReplayManyIn {
    /// Kind of the lines.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64, example = "temperature"))]
    pub kind: String,
}

/// What became of lines that were replayed as they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplayManyOut {
    /// Lines that were tried, oldest first, at most 500.
    pub tried: i64,
    /// Lines that are logs now.
    pub stored: i64,
    /// Lines that had been stored before.
    pub duplicates: i64,
    /// Lines that still do not fit, or cannot be stored for another reason; they wait on.
    pub refused: i64,
    /// Lines of this kind that were not tried yet.
    pub remaining: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// LOG-15: names survive a round trip.
    #[test]
    fn names_are_stable() {
        for mode in KindMode::ALL {
            assert_eq!(KindMode::parse(mode.as_str()), Some(mode));
            assert_eq!(serde_json::to_value(mode).unwrap(), mode.as_str());
        }
        for state in QuarantinedState::ALL {
            assert_eq!(QuarantinedState::parse(state.as_str()), Some(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
    }
}
