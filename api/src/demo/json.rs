//! How the senders of the demonstration write JSON, times and numbers.

use std::fmt::{Display, Write};

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// A local time and its offset from UTC, as RFC 3339 writes it.
pub(super) fn local(zone: &TimeZone, at: i64) -> (DateTime, String) {
    let stamp = jiff::Timestamp::from_millisecond(at).unwrap_or_default();
    let offset = zone.to_offset(stamp);
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    (offset.to_datetime(stamp), format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60))
}

/// A time of day, to the second.
pub(super) fn seconds(at: DateTime) -> String {
    format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second())
}

/// A day as Dutch people write it.
pub(super) fn day(date: Date) -> String {
    format!("{:02}-{:02}-{:04}", date.day(), date.month(), date.year())
}

/// A number of tenths with a decimal comma.
pub(super) fn comma(tenths: i64) -> String {
    format!("{},{}", tenths / 10, tenths % 10)
}

/// JSON put together member by member.
pub(super) struct Object(String);

impl Object {
    /// Starts an object.
    pub(super) fn new() -> Self {
        Self(String::with_capacity(384))
    }

    fn name(&mut self, name: &str) {
        self.0.push_str(if self.0.is_empty() { "" } else { "," });
        self.0.push('"');
        self.0.push_str(name);
        self.0.push_str("\":");
    }

    /// Adds a text.
    pub(super) fn text(&mut self, name: &str, value: impl Display) {
        self.name(name);
        self.0.push_str(&serde_json::to_string(&value.to_string()).unwrap_or_default());
    }

    /// Adds a number.
    pub(super) fn number(&mut self, name: &str, value: impl Display) {
        self.name(name);
        // Writing to a text cannot fail.
        if write!(self.0, "{value}").is_err() {
            self.0.push_str("null");
        }
    }

    /// Both together, as JSON text.
    pub(super) fn join(&self, more: &Self) -> String {
        format!("{{{},{}}}", self.0, more.0)
    }
}
