//! Numbers and dates by language, through the browser's own `Intl`.
//!
//! Formatters are made once per language, zone and kind, and kept: making one costs a hundred times more
//! than using it. Days without a time (`2026-11-22`) are shown as they are, in no zone.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use shared::lang::Lang;
use shared::time::{Civil, Millis};
use wasm_bindgen::{JsCast, JsValue};

/// Numbers and dates in one language and zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formats {
    lang: Lang,
    zone: Arc<str>,
}

type Options = &'static [(&'static str, &'static str)];

/// Kinds of formatters: name, `Intl` constructor, options, whether times are shown in a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Int,
    Decimal1,
    Compact,
    Euro,
    Percent,
    SignedPercent,
    DateMedium,
    DateShort,
    DateTime,
    DateTimeSeconds,
    Time,
    TimeSeconds,
    Weekday,
    DayMonth,
    Month,
    IsoDay,
    Relative,
}

impl Kind {
    const fn recipe(self) -> (&'static str, Options) {
        match self {
            Self::Int => ("NumberFormat", &[("maximumFractionDigits", "0")]),
            Self::Decimal1 => ("NumberFormat", &[("maximumFractionDigits", "1")]),
            Self::Compact => ("NumberFormat", &[("notation", "compact"), ("maximumFractionDigits", "1")]),
            Self::Euro => ("NumberFormat", &[("style", "currency"), ("currency", "EUR")]),
            Self::Percent => ("NumberFormat", &[("style", "percent"), ("maximumFractionDigits", "1")]),
            Self::SignedPercent => (
                "NumberFormat",
                &[("style", "percent"), ("maximumFractionDigits", "1"), ("signDisplay", "exceptZero")],
            ),
            Self::DateMedium => ("DateTimeFormat", &[("dateStyle", "medium")]),
            Self::DateShort => {
                ("DateTimeFormat", &[("day", "2-digit"), ("month", "2-digit"), ("year", "numeric")])
            }
            Self::DateTime => ("DateTimeFormat", &[("dateStyle", "medium"), ("timeStyle", "short")]),
            Self::DateTimeSeconds => ("DateTimeFormat", &[("dateStyle", "medium"), ("timeStyle", "medium")]),
            Self::Time => ("DateTimeFormat", &[("timeStyle", "short")]),
            Self::TimeSeconds => ("DateTimeFormat", &[("timeStyle", "medium")]),
            Self::Weekday => {
                ("DateTimeFormat", &[("weekday", "short"), ("day", "numeric"), ("month", "short")])
            }
            Self::DayMonth => ("DateTimeFormat", &[("day", "numeric"), ("month", "short")]),
            Self::Month => ("DateTimeFormat", &[("month", "long"), ("year", "numeric")]),
            Self::IsoDay => (
                "DateTimeFormat",
                &[("calendar", "iso8601"), ("day", "2-digit"), ("month", "2-digit"), ("year", "numeric")],
            ),
            Self::Relative => ("RelativeTimeFormat", &[("numeric", "auto")]),
        }
    }
}

type Cache = BTreeMap<(u8, Kind, Arc<str>), Function>;

thread_local! {
    static CACHE: RefCell<Cache> = const { RefCell::new(BTreeMap::new()) };
}

const fn locale(lang: Lang, kind: Kind) -> &'static str {
    match (kind, lang) {
        (Kind::IsoDay, _) => "sv-SE",
        (_, Lang::Nl) => "nl-NL",
        (_, Lang::En) => "en-GB",
    }
}

/// Makes a bound `format` function; `None` when the browser refuses, for example an unknown zone.
fn make(lang: Lang, kind: Kind, zone: &str) -> Option<Function> {
    let (constructor, recipe) = kind.recipe();
    let options = Object::new();
    let set = |name: &str, value: &str| Reflect::set(&options, &name.into(), &value.into()).is_ok();
    let mut all_set = recipe.iter().all(|(name, value)| set(name, value));
    if constructor == "DateTimeFormat" && !zone.is_empty() {
        all_set &= set("timeZone", zone);
    }
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let constructor: Function = Reflect::get(&intl, &constructor.into()).ok()?.dyn_into().ok()?;
    let arguments = Array::of2(&locale(lang, kind).into(), &options);
    let formatter = Reflect::construct(&constructor, &arguments).ok()?;
    let format: Function = Reflect::get(&formatter, &"format".into()).ok()?.dyn_into().ok()?;
    all_set.then(|| format.bind0(&formatter))
}

impl Formats {
    /// Creates formats for a language and an IANA zone; an empty zone means the zone of the browser.
    #[must_use]
    pub const fn new(lang: Lang, zone: Arc<str>) -> Self {
        Self { lang, zone }
    }

    /// The language.
    #[must_use]
    pub const fn lang(&self) -> Lang {
        self.lang
    }

    fn call(&self, kind: Kind, zone: &Arc<str>, values: &[JsValue]) -> Option<String> {
        let key = (self.lang as u8, kind, zone.clone());
        let function = CACHE.with_borrow(|cache| cache.get(&key).cloned());
        let function = match function {
            Some(function) => function,
            None => {
                let made = make(self.lang, kind, zone).or_else(|| make(self.lang, kind, ""))?;
                CACHE.with_borrow_mut(|cache| cache.insert(key, made.clone()));
                made
            }
        };
        let result = match values {
            [one] => function.call1(&JsValue::NULL, one),
            [one, two] => function.call2(&JsValue::NULL, one, two),
            _ => return None,
        };
        result.ok()?.as_string()
    }

    fn number(&self, kind: Kind, value: f64) -> String {
        self.call(kind, &Arc::from(""), &[value.into()]).unwrap_or_else(|| value.to_string())
    }

    fn instant(&self, kind: Kind, at: Millis) -> String {
        self.call(kind, &self.zone, &[(at.0 as f64).into()]).unwrap_or_else(|| at.to_rfc3339())
    }

    fn day(&self, kind: Kind, date: &str) -> String {
        let Some(at) = Millis::from_rfc3339(&format!("{date}T00:00:00Z")) else {
            return date.to_owned();
        };
        self.call(kind, &Arc::from("UTC"), &[(at.0 as f64).into()]).unwrap_or_else(|| date.to_owned())
    }

    /// A whole number: `1.234.567`.
    #[must_use]
    pub fn int(&self, value: i64) -> String {
        self.number(Kind::Int, value as f64)
    }

    /// A number with at most one decimal: `12,3`.
    #[must_use]
    pub fn decimal(&self, value: f64) -> String {
        self.number(Kind::Decimal1, value)
    }

    /// A large number in short; Dutch keeps thousands in full: `12.345`, `1,2 mln.`.
    #[must_use]
    pub fn compact(&self, value: i64) -> String {
        if self.lang == Lang::Nl && value.unsigned_abs() < 1_000_000 {
            return self.int(value);
        }
        self.number(Kind::Compact, value as f64)
    }

    /// A large number for a tight axis: `12 dzd.`, `1,2 mln.`.
    #[must_use]
    pub fn axis(&self, value: i64) -> String {
        match (self.lang, value.unsigned_abs()) {
            (Lang::Nl, 10_000..=999_999) => format!("{}\u{a0}dzd.", self.decimal(value as f64 / 1_000.0)),
            (Lang::En, 10_000..) | (Lang::Nl, 1_000_000..) => self.number(Kind::Compact, value as f64),
            _ => self.int(value),
        }
    }

    /// A share: `23,4%` for 0.234.
    #[must_use]
    pub fn percent(&self, ratio: f64) -> String {
        self.number(Kind::Percent, ratio)
    }

    /// A change: `+23,4%` for 0.234.
    #[must_use]
    pub fn signed_percent(&self, ratio: f64) -> String {
        self.number(Kind::SignedPercent, ratio)
    }

    /// An amount of money in cents: `€ 49,00`.
    #[must_use]
    pub fn euro(&self, cents: i64) -> String {
        self.number(Kind::Euro, cents as f64 / 100.0)
    }

    /// A size: `1,2 MB` (decimal units).
    #[must_use]
    pub fn bytes(&self, bytes: f64) -> String {
        let (value, unit) = match bytes {
            b if b < 1_000.0 => (b, "B"),
            b if b < 1_000_000.0 => (b / 1_000.0, "KB"),
            b if b < 1_000_000_000.0 => (b / 1_000_000.0, "MB"),
            b => (b / 1_000_000_000.0, "GB"),
        };
        format!("{}\u{a0}{unit}", self.decimal(value))
    }

    /// A length of time in its two largest units: `3 d 4 u`, `12 min`, `0,4 s`.
    #[must_use]
    pub fn duration(&self, ms: i64) -> String {
        let hour = if self.lang == Lang::Nl { "u" } else { "h" };
        let units = [(86_400_000, "d"), (3_600_000, hour), (60_000, "min"), (1_000, "s")];
        let Some(at) = units.iter().position(|(length, _)| ms >= *length) else {
            return format!("{}\u{a0}s", self.decimal(ms as f64 / 1_000.0));
        };
        let mut rest = ms;
        let mut parts = Vec::new();
        for (length, unit) in units.into_iter().skip(at).take(2) {
            if rest >= length {
                parts.push(format!("{}\u{a0}{unit}", self.int(rest / length)));
            }
            rest %= length;
        }
        parts.join(" ")
    }

    /// A date: `9 mrt 2026`.
    #[must_use]
    pub fn date_medium(&self, at: Millis) -> String {
        self.instant(Kind::DateMedium, at)
    }

    /// A date in digits: `09-03-2026`.
    #[must_use]
    pub fn date_short(&self, at: Millis) -> String {
        self.instant(Kind::DateShort, at)
    }

    /// A date with time: `9 mrt 2026, 15:05`.
    #[must_use]
    pub fn date_time(&self, at: Millis) -> String {
        self.instant(Kind::DateTime, at)
    }

    /// A date with time to the second: `9 mrt 2026, 15:05:09`.
    #[must_use]
    pub fn date_time_seconds(&self, at: Millis) -> String {
        self.instant(Kind::DateTimeSeconds, at)
    }

    /// A time of the day: `15:05`.
    #[must_use]
    pub fn time(&self, at: Millis) -> String {
        self.instant(Kind::Time, at)
    }

    /// A time of the day to the second: `15:05:09`.
    #[must_use]
    pub fn time_seconds(&self, at: Millis) -> String {
        self.instant(Kind::TimeSeconds, at)
    }

    /// A day with its weekday: `ma 9 mrt`.
    #[must_use]
    pub fn weekday(&self, at: Millis) -> String {
        self.instant(Kind::Weekday, at)
    }

    /// The local date of an instant as `2026-03-09`, for addresses and date fields.
    #[must_use]
    pub fn iso_day(&self, at: Millis) -> String {
        self.instant(Kind::IsoDay, at)
    }

    /// A local date `YYYY-MM-DD` as `9 mrt 2026`.
    #[must_use]
    pub fn day_medium(&self, date: &str) -> String {
        self.day(Kind::DateMedium, date)
    }

    /// A local date `YYYY-MM-DD` as `ma 9 mrt`.
    #[must_use]
    pub fn day_weekday(&self, date: &str) -> String {
        self.day(Kind::Weekday, date)
    }

    /// A local date `YYYY-MM-DD` as `9 mrt`.
    #[must_use]
    pub fn day_month(&self, date: &str) -> String {
        self.day(Kind::DayMonth, date)
    }

    /// A month `YYYY-MM` as `maart 2026`.
    #[must_use]
    pub fn month(&self, month: &str) -> String {
        self.day(Kind::Month, &format!("{month}-01"))
    }

    /// How long ago or ahead: `3 minuten geleden`, `gisteren`, `over 2 uur`.
    #[must_use]
    pub fn relative(&self, at: Millis, now: Millis) -> String {
        let (value, unit) = relative_parts(at.0 - now.0);
        self.call(Kind::Relative, &Arc::from(""), &[(value as f64).into(), unit.into()])
            .unwrap_or_else(|| at.to_rfc3339())
    }

    /// A list in words: `CSV, PDF en JSON`.
    #[must_use]
    pub fn list<S: AsRef<str>>(&self, items: &[S]) -> String {
        list(self.lang, &items.iter().map(AsRef::as_ref).collect::<Vec<_>>())
    }
}

/// Unit and rounded value in which people say a distance in time.
fn relative_parts(delta_ms: i64) -> (i64, &'static str) {
    let seconds = (delta_ms as f64 / 1_000.0).round() as i64;
    let rounded = |unit: i64| (seconds as f64 / unit as f64).round() as i64;
    match seconds.unsigned_abs() {
        0..45 => (seconds, "second"),
        45..2_700 => (rounded(60), "minute"),
        2_700..79_200 => (rounded(3_600), "hour"),
        79_200..2_246_400 => (rounded(86_400), "day"),
        2_246_400..29_808_000 => (rounded(2_629_746), "month"),
        _ => (rounded(31_556_952), "year"),
    }
}

fn list(lang: Lang, items: &[&str]) -> String {
    let and = match lang {
        Lang::Nl => " en ",
        Lang::En => " and ",
    };
    match items {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{}{and}{last}", rest.join(", ")),
    }
}

/// Now, by the clock of the browser.
#[must_use]
pub fn now() -> Millis {
    Millis(Date::now() as i64)
}

/// The zone of the browser, such as `Europe/Amsterdam`.
#[must_use]
pub fn browser_zone() -> Option<String> {
    let options = Intl::DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
    Reflect::get(&options, &"timeZone".into()).ok()?.as_string()
}

/// All zones that the browser knows; empty when it cannot say.
#[must_use]
pub fn known_zones() -> Vec<String> {
    let list = Reflect::get(&js_sys::global(), &"Intl".into())
        .and_then(|intl| Reflect::get(&intl, &"supportedValuesOf".into()))
        .ok()
        .and_then(|function| function.dyn_into::<Function>().ok())
        .and_then(|function| function.call1(&JsValue::NULL, &"timeZone".into()).ok());
    list.map_or_else(Vec::new, |list| Array::from(&list).iter().filter_map(|zone| zone.as_string()).collect())
}

/// The number of days since 1970 of a date `YYYY-MM-DD`.
#[must_use]
pub fn day_number(date: &str) -> Option<i64> {
    let mut parts = date.splitn(3, '-');
    let year = parts.next()?.parse().ok()?;
    let month = parts.next()?.parse().ok()?;
    let day = parts.next()?.parse().ok()?;
    let civil = Civil { year, month, day };
    civil.is_valid().then(|| civil.days())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// I18N-04: lists in words, in both languages.
    #[test]
    fn lists_are_words() {
        for (items, nl, en) in [
            (&[][..], "", ""),
            (&["CSV"][..], "CSV", "CSV"),
            (&["CSV", "PDF"][..], "CSV en PDF", "CSV and PDF"),
            (&["CSV", "PDF", "JSON"][..], "CSV, PDF en JSON", "CSV, PDF and JSON"),
        ] {
            assert_eq!((list(Lang::Nl, items), list(Lang::En, items)), (nl.to_owned(), en.to_owned()));
        }
    }

    /// I18N-04: distances in time are said in the unit that people would use.
    #[test]
    fn distances_get_a_fitting_unit() {
        const MINUTE: i64 = 60_000;
        const HOUR: i64 = 60 * MINUTE;
        const DAY: i64 = 24 * HOUR;
        for (delta, expected) in [
            (0, (0, "second")),
            (-44_000, (-44, "second")),
            (-3 * MINUTE, (-3, "minute")),
            (-50 * MINUTE, (-1, "hour")),
            (2 * HOUR, (2, "hour")),
            (-DAY, (-1, "day")),
            (-25 * DAY, (-25, "day")),
            (-40 * DAY, (-1, "month")),
            (-400 * DAY, (-1, "year")),
        ] {
            assert_eq!(relative_parts(delta), expected, "{delta} ms");
        }
    }

    /// I18N-04: dates without a time are counted right, and nonsense is refused.
    #[test]
    fn day_numbers_are_counted() {
        assert_eq!(day_number("1970-01-02"), Some(1));
        assert_eq!(day_number("2026-02-29"), None);
        assert_eq!(day_number("nonsense"), None);
    }
}
