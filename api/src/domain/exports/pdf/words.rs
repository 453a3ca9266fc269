//! Words, numbers and times of a report, in Dutch or English.

use shared::analytics::Unit;
use shared::lang::Lang;
use shared::time::Millis;

use crate::util::zone::{self, Zone};

/// How a report speaks.
#[derive(Debug, Clone)]
pub struct Words {
    /// Its language.
    pub lang: Lang,
    /// Zone of its times.
    pub zone: Zone,
}

impl Words {
    /// One of two texts.
    #[must_use]
    pub fn say(&self, dutch: &'static str, english: &'static str) -> &'static str {
        match self.lang {
            Lang::Nl => dutch,
            Lang::En => english,
        }
    }

    /// A number with its thousands apart.
    #[must_use]
    pub fn number(&self, value: i64) -> String {
        let digits = value.unsigned_abs().to_string();
        let mark = self.say(".", ",");
        let mut text = if value < 0 { "-".to_owned() } else { String::new() };
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push_str(mark);
            }
            text.push(digit);
        }
        text
    }

    /// A local time to the second: `22-11-2026 13:00:00`, in English `22 Nov 2026, 13:00:00`.
    #[must_use]
    pub fn time(&self, at: Millis) -> String {
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let local = zone::local(&self.zone.zone, at);
        let clock = format!("{:02}:{:02}:{:02}", local.hour(), local.minute(), local.second());
        match self.lang {
            Lang::Nl => format!("{:02}-{:02}-{:04} {clock}", local.day(), local.month(), local.year()),
            Lang::En => {
                let month = usize::try_from(local.month()).ok().and_then(|month| MONTHS.get(month - 1));
                format!("{} {} {:04}, {clock}", local.day(), month.unwrap_or(&""), local.year())
            }
        }
    }

    /// A place on the axis of time, as short as the unit allows.
    #[must_use]
    pub fn tick(&self, at: Millis, unit: Unit) -> String {
        let local = zone::local(&self.zone.zone, at);
        let (day, month) = (local.day(), local.month());
        let date = match self.lang {
            Lang::Nl => format!("{day:02}-{month:02}"),
            Lang::En => format!("{day:02}/{month:02}"),
        };
        match unit {
            Unit::Minute | Unit::FiveMinutes | Unit::QuarterHour | Unit::Hour => {
                format!("{date} {:02}:{:02}", local.hour(), local.minute())
            }
            Unit::Day | Unit::Week => date,
            Unit::Month => format!("{month:02}-{:04}", local.year()),
        }
    }

    /// What a bar of the chart over time stands for.
    #[must_use]
    pub fn unit(&self, unit: Unit) -> &'static str {
        match unit {
            Unit::Minute => self.say("minuut", "minute"),
            Unit::FiveMinutes => self.say("vijf minuten", "five minutes"),
            Unit::QuarterHour => self.say("kwartier", "quarter of an hour"),
            Unit::Hour => self.say("uur", "hour"),
            Unit::Day => self.say("dag", "day"),
            Unit::Week => self.say("week", "week"),
            Unit::Month => self.say("maand", "month"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(lang: Lang) -> Words {
        let name = "Europe/Amsterdam".to_owned();
        Words { lang, zone: Zone { zone: zone::find(&name).unwrap(), name } }
    }

    /// EXP-04, GEN-02: numbers and times read as the language writes them, in local time.
    #[test]
    fn numbers_and_times_read_well() {
        let (nl, en) = (words(Lang::Nl), words(Lang::En));
        for (value, dutch, english) in [
            (0, "0", "0"),
            (999, "999", "999"),
            (1_000, "1.000", "1,000"),
            (-1_234_567, "-1.234.567", "-1,234,567"),
        ] {
            assert_eq!((nl.number(value).as_str(), en.number(value).as_str()), (dutch, english));
        }
        let at = Millis::from_rfc3339("2026-07-01T10:05:09Z").unwrap();
        assert_eq!(
            (nl.time(at).as_str(), en.time(at).as_str()),
            ("01-07-2026 12:05:09", "1 Jul 2026, 12:05:09")
        );
        assert_eq!(
            (nl.tick(at, Unit::Hour).as_str(), en.tick(at, Unit::Month).as_str()),
            ("01-07 12:05", "07-2026")
        );
    }
}
