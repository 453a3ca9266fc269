//! The fields of logs in compact form: numbers with their times, and texts with few different values.

use std::collections::{BTreeMap, HashMap};

use shared::logs::Level;

use crate::domain::logs::tally::Seen;
use crate::domain::search::doc::Scalar;

/// Logs that are kept; the newest.
pub const MAX_ROWS: usize = 200_000;
/// A text field with more different values tells logs apart instead of grouping them.
const MAX_VALUES: usize = 40;
/// Fields of a kind that are kept.
const MAX_FIELDS: usize = 60;

/// A numeric field.
#[derive(Debug, Default)]
pub struct Numbers {
    /// Position of the log among those of its kind, and its value.
    pub values: Vec<(u32, f64)>,
}

/// A field with few different values.
#[derive(Debug, Default)]
pub struct Texts {
    names: HashMap<String, u16>,
    /// Position of the log among those of its kind, and number of its value.
    pub values: Vec<(u32, u16)>,
    dropped: bool,
}

impl Texts {
    fn add(&mut self, row: u32, value: &str) {
        if self.dropped {
            return;
        }
        let next = u16::try_from(self.names.len()).unwrap_or(u16::MAX);
        let number = match self.names.get(value) {
            Some(number) => *number,
            None if self.names.len() >= MAX_VALUES => {
                *self = Self { dropped: true, ..Self::default() };
                return;
            }
            None => {
                self.names.insert(value.to_owned(), next);
                next
            }
        };
        self.values.push((row, number));
    }

    /// The values with their numbers.
    pub fn names(&self) -> impl Iterator<Item = (&str, u16)> {
        self.names.iter().map(|(name, number)| (name.as_str(), *number))
    }

    /// The value with a number.
    #[must_use]
    pub fn name(&self, number: usize) -> &str {
        self.names().find(|(_, other)| usize::from(*other) == number).map_or("", |(name, _)| name)
    }

    /// The value of each log of the kind, in order; the first one where a log has several.
    #[must_use]
    pub fn column(&self, rows: usize) -> Vec<Option<u16>> {
        let mut column = vec![None; rows];
        for (row, value) in &self.values {
            if let Some(cell) = column.get_mut(*row as usize) {
                cell.get_or_insert(*value);
            }
        }
        column
    }

    /// Different values; none for a field that tells logs apart.
    #[must_use]
    pub fn distinct(&self) -> usize {
        self.names.len()
    }
}

/// The logs of one kind.
#[derive(Debug, Default)]
pub struct Kind {
    /// When each happened.
    pub times: Vec<i64>,
    /// How serious each is.
    pub levels: Vec<Level>,
    /// Numeric fields by path.
    pub numbers: BTreeMap<String, Numbers>,
    /// Text fields by path.
    pub texts: BTreeMap<String, Texts>,
}

/// The logs that were read, by kind.
#[derive(Debug, Default)]
pub struct Sample {
    /// Kinds by name.
    pub kinds: BTreeMap<String, Kind>,
    rows: usize,
}

impl Sample {
    /// Whether no more logs are kept.
    #[must_use]
    pub const fn full(&self) -> bool {
        self.rows >= MAX_ROWS
    }

    /// Adds a log.
    pub fn add(&mut self, log: &Seen<'_>) {
        if self.full() {
            return;
        }
        self.rows += 1;
        let kind = self.kinds.entry(log.kind().to_owned()).or_default();
        let row = u32::try_from(kind.times.len()).unwrap_or(u32::MAX);
        kind.times.push(log.occurred_at().0);
        kind.levels.push(Level::parse(log.level()).unwrap_or_default());
        kind.texts.entry("level".to_owned()).or_default().add(row, log.level());
        log.scalars(|path, scalar| match scalar {
            // The level is known already.
            _ if path == "level" => {}
            Scalar::Number(number) => {
                let room = kind.numbers.len() < MAX_FIELDS || kind.numbers.contains_key(path);
                if let Some(value) = number.as_f64().filter(|_| room) {
                    kind.numbers.entry(path.to_owned()).or_default().values.push((row, value));
                }
            }
            Scalar::Text(text) => kind.text(path, row, &text),
            Scalar::Bool(value) => kind.text(path, row, if value { "true" } else { "false" }),
        });
    }
}

impl Kind {
    fn text(&mut self, path: &str, row: u32, value: &str) {
        // The message and other prose are no groups.
        if value.len() > 64 || value.is_empty() {
            return;
        }
        if self.texts.len() < MAX_FIELDS || self.texts.contains_key(path) {
            self.texts.entry(path.to_owned()).or_default().add(row, value);
        }
    }
}
