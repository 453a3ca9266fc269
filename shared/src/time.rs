//! Instants: milliseconds since 1970 inside, RFC 3339 in UTC with `Z` outside.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An instant in milliseconds since 1970-01-01T00:00:00Z; reads and writes RFC 3339 with `Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Millis(pub i64);

/// A civil date in the proleptic Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Civil {
    /// Year.
    pub year: i64,
    /// Month, 1 to 12.
    pub month: u32,
    /// Day of the month, 1 to 31.
    pub day: u32,
}

impl Civil {
    /// Converts a day number (days since 1970-01-01). Source: H. Hinnant, "chrono-compatible low-level date algorithms".
    #[must_use]
    pub const fn from_days(days: i64) -> Self {
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let day = (doy - (153 * mp + 2) / 5 + 1) as u32;
        let month = if mp < 10 { mp + 3 } else { mp - 9 } as u32;
        let year = yoe + era * 400 + if month <= 2 { 1 } else { 0 };
        Self { year, month, day }
    }

    /// Day number of this date (days since 1970-01-01).
    #[must_use]
    pub const fn days(self) -> i64 {
        let y = if self.month <= 2 { self.year - 1 } else { self.year };
        let era = y.div_euclid(400);
        let yoe = y.rem_euclid(400);
        let m = self.month as i64;
        let doy = (153 * (if m > 2 { m - 3 } else { m + 9 }) + 2) / 5 + self.day as i64 - 1;
        let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
        era * 146_097 + doe - 719_468
    }

    /// Whether the date exists.
    #[must_use]
    pub fn is_valid(self) -> bool {
        (1..=12).contains(&self.month) && (1..=31).contains(&self.day) && Self::from_days(self.days()) == self
    }
}

impl Millis {
    /// Writes RFC 3339 in UTC with milliseconds, such as `2026-11-22T08:09:10.123Z`.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        let date = Civil::from_days(self.0.div_euclid(86_400_000));
        let rest = self.0.rem_euclid(86_400_000);
        let (h, m, s, ms) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60, rest % 1_000);
        format!("{:04}-{:02}-{:02}T{h:02}:{m:02}:{s:02}.{ms:03}Z", date.year, date.month, date.day)
    }

    /// Reads RFC 3339 with `Z` or an offset; fractions beyond milliseconds are cut off.
    #[must_use]
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let digits = |from: usize, len: usize| -> Option<i64> {
            let part = bytes.get(from..from + len)?;
            part.iter().all(u8::is_ascii_digit).then_some(())?;
            part.iter().try_fold(0_i64, |sum, b| Some(sum * 10 + i64::from(b - b'0')))
        };
        let is = |at: usize, set: &[u8]| bytes.get(at).is_some_and(|b| set.contains(b));
        if !(is(4, b"-") && is(7, b"-") && is(10, b"Tt ") && is(13, b":") && is(16, b":")) {
            return None;
        }
        let date = Civil { year: digits(0, 4)?, month: digits(5, 2)? as u32, day: digits(8, 2)? as u32 };
        let (h, m, s) = (digits(11, 2)?, digits(14, 2)?, digits(17, 2)?);
        if !date.is_valid() || h > 23 || m > 59 || s > 60 {
            return None;
        }
        let mut at = 19;
        let mut ms = 0;
        if is(at, b".,") {
            let from = at + 1;
            let len = bytes.get(from..)?.iter().take_while(|b| b.is_ascii_digit()).count();
            if len == 0 {
                return None;
            }
            for i in 0..3 {
                ms = ms * 10 + if i < len { digits(from + i, 1)? } else { 0 };
            }
            at = from + len;
        }
        let offset_minutes = match bytes.get(at)? {
            b'Z' | b'z' if bytes.len() == at + 1 => 0,
            sign @ (b'+' | b'-') => {
                let hours = digits(at + 1, 2)?;
                let (minutes, end) = if is(at + 3, b":") {
                    (digits(at + 4, 2)?, at + 6)
                } else {
                    (digits(at + 3, 2)?, at + 5)
                };
                if bytes.len() != end || hours > 23 || minutes > 59 {
                    return None;
                }
                (hours * 60 + minutes) * if *sign == b'-' { -1 } else { 1 }
            }
            _ => return None,
        };
        let seconds = date.days() * 86_400 + h * 3_600 + m * 60 + s.min(59) - offset_minutes * 60;
        Some(Self(seconds * 1_000 + ms))
    }
}

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_rfc3339())
    }
}

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::from_rfc3339(&text).ok_or_else(|| serde::de::Error::custom("expected an RFC 3339 time"))
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Millis {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::DateTime)))
            .description(Some("Instant in UTC with milliseconds (RFC 3339)."))
            .examples([serde_json::json!("2026-11-22T08:09:10.123Z")])
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Millis {
    fn name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// GEN-02: every instant survives the way to RFC 3339 and back.
        #[test]
        fn instants_round_trip(ms in -62_135_596_800_000_i64..253_402_300_799_999) {
            prop_assert_eq!(Millis::from_rfc3339(&Millis(ms).to_rfc3339()), Some(Millis(ms)));
        }

        /// API-10: no text makes the reader of times fail hard.
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
            let read = Millis::from_rfc3339(&text);
            prop_assert!(read.is_none() || text.len() >= 20);
        }
    }

    /// GEN-02: offsets, fractions and impossible dates.
    #[test]
    fn known_times_are_read() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1970-01-01T01:00:00+01:00", Some(0)),
            ("1970-01-01T01:00:00.5+0100", Some(500)),
            ("2026-02-29T00:00:00Z", None),
            ("2024-02-29T00:00:00Z", Some(1_709_164_800_000)),
            ("2026-11-22T25:00:00Z", None),
            ("2026-11-22T10:00:00", None),
            ("2026-11-22T10:00:00.Z", None),
            ("2026-11-22T10:00:00Zx", None),
        ] {
            assert_eq!(Millis::from_rfc3339(text).map(|t| t.0), expected, "{text}");
        }
    }
}
