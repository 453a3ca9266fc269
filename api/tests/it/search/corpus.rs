//! Forty varied logs, and an oracle of what a query means that shares no code with the server.

use serde_json::Value;

use crate::support::{Actor, Dice, record};

/// Logs in the order in which they are stored; the first has number 1.
pub const CORPUS: [&str; 40] = [
    r#"{"kind":"container_arrived","level":"info","message":"Container MSKU1234567 aangekomen bij dok 31","container":"MSKU1234567","location":{"city":"Rotterdam","dock":31},"temperature_c":4.2,"occurred_at":"2026-11-01T08:00:00Z"}"#,
    r#"{"kind":"container_arrived","level":"warning","message":"Container TGHU7654321 te warm","container":"TGHU7654321","location":{"city":"Rotterdam","dock":3},"temperature_c":9.5,"occurred_at":"2026-11-02T08:00:00Z"}"#,
    r#"{"kind":"container_departed","message":"Vertrokken naar Duisburg","container":"MSKU1234567","location":{"city":"Rotterdam"},"occurred_at":"2026-11-03T08:00:00Z"}"#,
    r#"{"kind":"pallet_shipped","message":"Pallet 7 naar Den Haag","pallet":7,"location":{"city":"Den Haag"},"order":"88213-A","occurred_at":"2026-11-03T23:30:00Z"}"#,
    r#"{"kind":"pallet_shipped","message":"Pallet 70 naar Den Helder","pallet":70,"location":{"city":"Den Helder"},"order":"88213-B","occurred_at":"2026-11-04T08:00:00Z"}"#,
    r#"{"kind":"pallet_shipped","level":"error","message":"Pallet 71 kwijt!","pallet":71,"order":88213,"occurred_at":"2026-11-05T08:00:00Z"}"#,
    r#"{"kind":"scan","message":"Scan bij de laadbrug","gate":"A1","operator":"Renée","occurred_at":"2026-11-06T08:00:00Z"}"#,
    r#"{"kind":"scan","message":"scan bij laadklep","gate":"a2","operator":"renee","occurred_at":"2026-11-06T09:00:00Z"}"#,
    r#"{"kind":"scan_failed","level":"warning","message":"Barcode onleesbaar","gate":"A1","attempts":3,"occurred_at":"2026-11-06T10:00:00Z"}"#,
    r#"{"kind":"scan","msg":"Straße gesperrt","ort":"Köln","tags":["koel","spoed"],"occurred_at":"2026-11-07T08:00:00Z"}"#,
    r#"{"kind":"quality_check","level":"critical","message":"AFKEUR: 4,2 °C boven grens","result":"AFKEUR","temperature_c":12,"tags":["koel"],"occurred_at":"2026-11-08T08:00:00Z"}"#,
    r#"{"kind":"quality_check","message":"Goedgekeurd","result":"goed","temperature_c":-0.5,"score":100,"occurred_at":"2026-11-08T09:00:00Z"}"#,
    r#"{"kind":"invoice","message":"Factuur € 1.250,50","amount":1250.5,"paid":false,"supplier":"Bakker & Zn.","occurred_at":"2026-11-09T08:00:00Z"}"#,
    r#"{"kind":"invoice","message":"Factuur € 99","amount":99.0,"paid":true,"supplier":"De Boer","occurred_at":"2026-11-09T09:00:00Z"}"#,
    r#"{"kind":"note","txt":"Chauffeur belt: file op de A15","occurred_at":"2026-11-10T08:00:00Z"}"#,
    r#"{"kind":"note","txt":"100% vol; 50%_rabatt","ref":"A_B%C","occurred_at":"2026-11-10T09:00:00Z"}"#,
    r#"{"kind":"note","txt":"📦 bezorgd","emoji":"📦🚚","occurred_at":"2026-11-10T10:00:00Z"}"#,
    r#"{"kind":"note","txt":"وصلت الحاوية إلى الميناء","occurred_at":"2026-11-10T11:00:00Z"}"#,
    r#"{"kind":"note","txt":"集装箱 到达 港口","occurred_at":"2026-11-10T12:00:00Z"}"#,
    r#"{"kind":"telemetry","sensor":{"id":"S-17","values":[1,2,3]},"battery":88,"occurred_at":"2026-11-11T08:00:00Z"}"#,
    r#"{"kind":"telemetry","sensor":{"id":"S-18","values":[40,5.25]},"battery":8,"occurred_at":"2026-11-11T09:00:00Z"}"#,
    r#"{"kind":"telemetry","sensor":{"id":"S-170","values":[]},"battery":null,"occurred_at":"2026-11-11T10:00:00Z"}"#,
    r#"{"kind":"gate","message":"Poort open","gate":"B","plate":"12-ABC-3","eta":"2026-11-20","occurred_at":"2026-11-12T08:00:00Z"}"#,
    r#"{"kind":"gate","message":"Poort dicht","gate":"B","plate":"99-XYZ-1","eta":"2026-11-25T10:00:00Z","occurred_at":"2026-11-12T09:00:00Z"}"#,
    r#"{"kind":"delivery","message":"Afgeleverd bij Café 't Hoekje","address":{"street":"Oude Gracht 12","city":"Utrecht"},"occurred_at":"2026-11-13T08:00:00Z"}"#,
    r#"{"kind":"delivery","level":"notice","message":"Niet thuis, Kerkstraat 12","address":{"street":"Kerkstraat 12","city":"Utrecht"},"occurred_at":"2026-11-13T09:00:00Z"}"#,
    r#"{"kind":"delivery","level":"error","message":"Adres onbekend","address":{"street":"Kerkstraat 120","city":"Amersfoort"},"occurred_at":"2026-11-14T08:00:00Z"}"#,
    r#"{"kind":"epcis","bizStep":"urn:epcglobal:cbv:bizstep:shipping","epcList":["urn:epc:id:sgtin:0614141.107346.2017"],"occurred_at":"2026-11-15T08:00:00Z"}"#,
    r#"{"kind":"epcis","bizStep":"urn:epcglobal:cbv:bizstep:receiving","epcList":["urn:epc:id:sgtin:0614141.107346.2018"],"occurred_at":"2026-11-15T09:00:00Z"}"#,
    r#"{"kind":"system","level":"debug","message":"SELECT * FROM orders WHERE id = 1; -- ok","duration_ms":12,"occurred_at":"2026-11-16T08:00:00Z"}"#,
    r#"{"kind":"system","level":"error","message":"drop off point update mislukt","code":"E-404","occurred_at":"2026-11-16T09:00:00Z"}"#,
    r#"{"kind":"system","message":"<script>alert('hoi')</script>","occurred_at":"2026-11-16T10:00:00Z"}"#,
    r#"{"kind":"Laden gereed","message":"Kind met spatie","occurred_at":"2026-11-17T08:00:00Z"}"#,
    r#"{"kind":"laden_gereed","message":"Kind met streep","occurred_at":"2026-11-17T09:00:00Z"}"#,
    r#"{"external_id":"evt-2026-0001","kind":"import","rows":1000,"occurred_at":"2026-11-18T08:00:00Z"}"#,
    r#"{"external_id":"evt-2026-0002","kind":"import","rows":10000,"rate":0.10,"occurred_at":"2026-11-18T09:00:00Z"}"#,
    r#"{"event_id":88213,"kind":"import","rows":1e3,"occurred_at":"2026-11-18T10:00:00Z"}"#,
    r#"["lijst","met",{"diep":{"dieper":"Rotterdam"}}]"#,
    r#""Losse tekst over een container""#,
    r#"{"kind":"scan","message":"Laatste scan: dok 3","location":"Rotterdam Maasvlakte","dock":"3","occurred_at":"2026-11-22T11:00:00Z"}"#,
];

/// Stores the corpus.
pub async fn store(actor: &Actor) {
    for (number, raw) in (1..).zip(CORPUS) {
        assert_eq!(record(actor, raw).await, number);
    }
}

/// A log as the oracle sees it.
pub struct Entry {
    pub number: i64,
    kind: String,
    level: String,
    message: Option<String>,
    external_id: Option<String>,
    /// Time in UTC as text, which sorts like time.
    at: String,
    /// Paths with their values.
    values: Vec<(String, Value)>,
    /// Numbers as they stand in the record.
    numerals: Vec<String>,
}

impl Entry {
    /// The notations under which a value is found: as written, and a number as all of its value are written.
    fn notations(&self, value: &Value) -> Vec<String> {
        let mut all = vec![as_text(value)];
        if let Some(number) = value.as_number().and_then(serde_json::Number::as_f64) {
            all.extend(self.numerals.iter().filter(|text| text.parse() == Ok(number)).cloned());
        }
        all
    }
}

/// Numbers outside of texts, as they stand there.
fn numerals(raw: &str) -> Vec<String> {
    let outside: Vec<&str> = raw.split('"').step_by(2).collect();
    let texts = outside.iter().flat_map(|part| part.split(['{', '}', '[', ']', ',', ':', ' ']));
    texts.filter(|text| text.parse::<f64>().is_ok()).map(str::to_owned).collect()
}

pub fn entries() -> Vec<Entry> {
    (1..)
        .zip(CORPUS)
        .map(|(number, raw)| {
            let value: Value = serde_json::from_str(raw).unwrap();
            let text =
                |names: &[&str]| names.iter().find_map(|name| value[*name].as_str()).map(str::to_owned);
            let external_id =
                text(&["external_id"]).or_else(|| value["event_id"].as_i64().map(|id| id.to_string()));
            let mut values = Vec::new();
            flatten("", &value, &mut values);
            Entry {
                number,
                kind: text(&["kind"]).unwrap_or_else(|| "note".to_owned()),
                level: text(&["level"]).unwrap_or_else(|| "info".to_owned()),
                message: text(&["message", "msg", "txt"]),
                external_id,
                at: text(&["occurred_at"]).unwrap_or_else(|| crate::support::NOW.to_owned()),
                values,
                numerals: numerals(raw),
            }
        })
        .collect()
}

fn flatten(path: &str, value: &Value, out: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                let longer = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(&longer, inner, out);
            }
        }
        Value::Array(items) => items.iter().for_each(|inner| flatten(path, inner, out)),
        other => out.push((path.to_owned(), other.clone())),
    }
}

/// Letters without case and accents, by a table that knows just what the corpus needs.
fn plain(text: &str) -> String {
    text.chars()
        .flat_map(|c| c.to_lowercase())
        .map(|c| match c {
            'é' | 'è' | 'ë' | 'ê' => "e".to_owned(),
            'ö' => "o".to_owned(),
            'ü' => "u".to_owned(),
            'ß' => "ss".to_owned(),
            other => other.to_string(),
        })
        .collect()
}

fn words(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut open = false;
    for c in plain(text).chars() {
        if c.is_alphanumeric() {
            if !open {
                out.push(String::new());
            }
            out.last_mut().unwrap().push(c);
            open = true;
        } else {
            open = false;
            if ['€', '°', '📦', '🚚'].contains(&c) {
                out.push(c.to_string());
            }
        }
    }
    out
}

fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// How a text must match.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum How {
    Beginning,
    Whole,
    Part,
    Phrase,
}

fn fits(have: &str, wanted: &str, how: How) -> bool {
    if how == How::Part {
        return plain(have).contains(&plain(wanted));
    }
    let (have, wanted) = (words(have), words(wanted));
    (0..have.len()).any(|start| {
        wanted.iter().enumerate().all(|(at, want)| match have.get(start + at) {
            Some(word) if at + 1 == wanted.len() && how == How::Beginning => word.starts_with(want.as_str()),
            Some(word) => word == want,
            None => false,
        })
    })
}

/// A question that can be written as a query and answered without one.
#[derive(Debug, Clone)]
pub enum Ask {
    Word(String, How),
    Field(String, String, How),
    Over(String, f64),
    Between(String, f64, f64),
    Kind(String),
    Level(String),
    AtLeast(String),
    After(u32),
    Before(u32),
    Has(String),
    Message(String),
    ExternalId(String),
    Id(i64, i64),
    Not(Box<Ask>),
    All(Vec<Ask>),
    Any(Vec<Ask>),
}

const LEVELS: [&str; 6] = ["debug", "info", "notice", "warning", "error", "critical"];

fn value_text(text: &str, how: How) -> String {
    let quoted = text.contains(' ');
    match how {
        How::Phrase => format!("\"{text}\""),
        How::Whole if quoted => format!("=\"{text}\""),
        How::Part if quoted => format!("*\"{text}\"*"),
        How::Whole => format!("={text}"),
        How::Part => format!("*{text}*"),
        How::Beginning if quoted => format!("\"{text}\"*"),
        How::Beginning => text.to_owned(),
    }
}

impl Ask {
    /// The question in the grammar of SRCH-01.
    pub fn query(&self) -> String {
        match self {
            Self::Word(text, how) => value_text(text, *how),
            Self::Field(name, text, how) => format!("{name}:{}", value_text(text, *how)),
            Self::Over(name, number) => format!("{name}:>{number}"),
            Self::Between(name, from, to) => format!("{name}:{from}..{to}"),
            Self::Kind(text) => format!("kind:{text}"),
            Self::Level(level) => format!("niveau:{level}"),
            Self::AtLeast(level) => format!("level:>={level}"),
            Self::After(day) => format!("na:2026-11-{day:02}"),
            Self::Before(day) => format!("before:2026-11-{day:02}"),
            Self::Has(name) => format!("heeft:{name}"),
            Self::Message(text) => format!("message:{text}"),
            Self::ExternalId(text) => format!("external_id:{text}"),
            Self::Id(from, to) => format!("id:{from}..{to}"),
            Self::Not(inner) => match **inner {
                Self::All(_) | Self::Any(_) => format!("-({})", inner.query()),
                _ => format!("-{}", inner.query()),
            },
            Self::All(parts) => parts
                .iter()
                .map(|part| match part {
                    Self::Any(_) => format!("({})", part.query()),
                    _ => part.query(),
                })
                .collect::<Vec<_>>()
                .join(" "),
            Self::Any(parts) => parts.iter().map(Self::query).collect::<Vec<_>>().join(" OR "),
        }
    }

    /// Whether a log is an answer.
    pub fn holds(&self, entry: &Entry) -> bool {
        let number = |value: &Value| match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.parse::<f64>().ok(),
            _ => None,
        };
        // A day begins an hour earlier in UTC: the whole corpus lies in winter.
        let midnight = |day: u32| format!("2026-11-{:02}T23:00:00Z", day - 1);
        match self {
            Self::Word(text, how) => {
                let own = [
                    Some(entry.kind.as_str()),
                    entry.message.as_deref(),
                    entry.external_id.as_deref(),
                    Some("203.0.113.7"),
                ];
                own.into_iter().flatten().any(|have| fits(have, text, *how))
                    || entry.values.iter().any(|(path, value)| {
                        fits(path, text, *how)
                            || entry.notations(value).iter().any(|have| fits(have, text, *how))
                    })
            }
            Self::Field(name, text, how) => entry.values.iter().any(|(path, value)| {
                let same = plain(path) == plain(name) && !value.is_null();
                match (value, text.parse::<f64>()) {
                    (Value::Number(have), Ok(wanted)) if matches!(how, How::Beginning | How::Whole) => {
                        same && have.as_f64() == Some(wanted)
                    }
                    // Behind a field `=` asks for the whole value.
                    _ if *how == How::Whole => {
                        same && entry.notations(value).iter().any(|have| words(have) == words(text))
                    }
                    _ => same && entry.notations(value).iter().any(|have| fits(have, text, *how)),
                }
            }),
            Self::Over(name, than) => entry.values.iter().any(|(path, value)| {
                plain(path) == plain(name) && number(value).is_some_and(|have| have > *than)
            }),
            Self::Between(name, from, to) => entry.values.iter().any(|(path, value)| {
                plain(path) == plain(name) && number(value).is_some_and(|have| have >= *from && have <= *to)
            }),
            Self::Kind(text) => plain(&entry.kind).starts_with(&plain(text)),
            Self::Level(level) => entry.level == *level,
            Self::AtLeast(level) => {
                let rank = |name: &str| LEVELS.iter().position(|known| *known == name).unwrap();
                rank(&entry.level) >= rank(level)
            }
            Self::After(day) => entry.at >= midnight(*day),
            Self::Before(day) => entry.at < midnight(*day),
            Self::Has(name) => match name.as_str() {
                "message" => entry.message.is_some(),
                "external_id" => entry.external_id.is_some(),
                _ => entry.values.iter().any(|(path, _)| {
                    plain(path) == plain(name) || plain(path).starts_with(&format!("{}.", plain(name)))
                }),
            },
            Self::Message(text) => {
                entry.message.as_deref().is_some_and(|have| fits(have, text, How::Beginning))
            }
            Self::ExternalId(text) => {
                entry.external_id.as_deref().is_some_and(|have| fits(have, text, How::Beginning))
            }
            Self::Id(from, to) => (*from..=*to).contains(&entry.number),
            Self::Not(inner) => !inner.holds(entry),
            Self::All(parts) => parts.iter().all(|part| part.holds(entry)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(entry)),
        }
    }

    /// A random question about the corpus, at most so many levels deep.
    pub fn random(dice: &mut Dice, depth: usize) -> Self {
        let parts = |dice: &mut Dice| {
            (0..2 + dice.below(2)).map(|_| Self::random(dice, depth - 1)).collect::<Vec<_>>()
        };
        match dice.below(if depth == 0 { 7 } else { 10 }) {
            0 | 1 => Self::Word((*dice.pick(&WORDS)).to_owned(), *dice.pick(&HOW)),
            2 | 3 => {
                let (name, value) = dice.pick(&FIELDS);
                Self::Field((*name).to_owned(), (*value).to_owned(), *dice.pick(&HOW))
            }
            4 => {
                let (name, number) = dice.pick(&[
                    ("temperature_c", 4.2),
                    ("pallet", 7.0),
                    ("battery", 8.0),
                    ("amount", 99.0),
                    ("rows", 1_000.0),
                    ("sensor.values", 3.0),
                    ("dock", 2.5),
                ]);
                if dice.below(2) == 0 {
                    Self::Over((*name).to_owned(), *number)
                } else {
                    Self::Between((*name).to_owned(), *number - 1.0, *number + 3.0)
                }
            }
            5 => match dice.below(5) {
                0 => Self::Kind(
                    (*dice.pick(&[
                        "scan",
                        "scan_failed",
                        "CONTAINER",
                        "pallet_",
                        "laden_gereed",
                        "arrived",
                        "note",
                    ]))
                    .to_owned(),
                ),
                1 => Self::Level((*dice.pick(&LEVELS)).to_owned()),
                2 => Self::AtLeast((*dice.pick(&LEVELS)).to_owned()),
                3 => Self::Message((*dice.pick(&WORDS[..20])).to_owned()),
                _ => Self::ExternalId(
                    (*dice.pick(&["evt", "evt-2026-0001", "88213", "0002", "2026"])).to_owned(),
                ),
            },
            6 => match dice.below(4) {
                0 => Self::After(u32::try_from(1 + dice.below(25)).unwrap()),
                1 => Self::Before(u32::try_from(1 + dice.below(25)).unwrap()),
                2 => Self::Has(
                    (*dice.pick(&[
                        "container",
                        "location",
                        "location.city",
                        "sensor",
                        "message",
                        "external_id",
                        "battery",
                        "Gate",
                        "diep",
                        "niets",
                    ]))
                    .to_owned(),
                ),
                _ => Self::Id(3, 3 + dice.within(0, 30)),
            },
            7 => Self::Not(Box::new(Self::random(dice, depth - 1))),
            8 => Self::All(parts(dice)),
            _ => Self::Any(parts(dice)),
        }
    }
}

const HOW: [How; 6] = [How::Beginning, How::Beginning, How::Beginning, How::Whole, How::Part, How::Phrase];

const WORDS: [&str; 47] = [
    "container",
    "contain",
    "MSKU1234567",
    "msku",
    "1234567",
    "dok",
    "pallet",
    "7",
    "70",
    "scan",
    "Renée",
    "renee",
    "strasse",
    "Straße",
    "koel",
    "AFKEUR",
    "4.2",
    "4,2",
    "€",
    "°C",
    "100%",
    "50%_rabatt",
    "A_B%C",
    "📦",
    "الحاوية",
    "集装箱",
    "S-17",
    "S-1",
    "rotterdam",
    "Den Haag",
    "dok 3",
    "dok 31",
    "kerkstraat 12",
    "naar Den",
    "88213",
    "88213-A",
    "evt-2026",
    "203.0.113.7",
    "203.0",
    "location city",
    "city",
    "true",
    "1250.5",
    "urn:epcglobal:cbv:bizstep:shipping",
    "107346",
    "zebra",
    "a",
];

const FIELDS: [(&str, &str); 42] = [
    ("location.city", "Rotterdam"),
    ("location.city", "den"),
    ("location.city", "Den Haag"),
    ("location.city", "haag"),
    ("location", "Rotterdam"),
    ("LOCATION.City", "rotter"),
    ("pallet", "7"),
    ("pallet", "70"),
    ("pallet", "7.0"),
    ("temperature_c", "4.2"),
    ("temperature_c", "4.20"),
    ("temperature_c", "12"),
    ("temperature_c", "12.0"),
    ("temperature_c", "-0.5"),
    ("temperature_c", "9"),
    ("amount", "99"),
    ("amount", "1250.50"),
    ("amount", "1250"),
    ("order", "88213"),
    ("order", "882"),
    ("order", "a"),
    ("gate", "a1"),
    ("gate", "A"),
    ("operator", "RENEE"),
    ("tags", "spoed"),
    ("result", "afk"),
    ("paid", "true"),
    ("paid", "tr"),
    ("rows", "1000"),
    ("rows", "1e3"),
    ("rows", "01000"),
    ("rate", "0.1"),
    ("rate", "0.10"),
    ("rate", ".1"),
    ("sensor.values", "5.25"),
    ("sensor.values", "5"),
    ("sensor.id", "s-17"),
    ("dock", "3"),
    ("dock", "3.0"),
    ("diep.dieper", "rotterdam"),
    ("ref", "A_B%C"),
    ("niets", "x"),
];
