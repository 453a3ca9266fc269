//! Cohorts of the values of a field: when each was first seen, and in which later months again (ANA-10). Pure.

use std::collections::{BTreeMap, HashMap};

use shared::analytics::{CohortCell, CohortRow};

/// Months that are kept apart.
const MAX_MONTHS: usize = 64;
/// Different values that are kept apart.
const MAX_VALUES: usize = 100_000;

/// Collects in which months a value was seen.
#[derive(Debug, Default)]
pub struct Cohorts {
    seen: HashMap<String, u64>,
    /// Whether a value or month was left out.
    pub overflowed: bool,
}

impl Cohorts {
    /// Adds a value of a log; months are counted from the first of the range.
    pub fn add(&mut self, value: &str, month: usize) {
        if month >= MAX_MONTHS {
            self.overflowed = true;
        } else if let Some(months) = self.seen.get_mut(value) {
            *months |= 1 << month;
        } else if self.seen.len() < MAX_VALUES {
            self.seen.insert(value.to_owned(), 1 << month);
        } else {
            self.overflowed = true;
        }
    }

    /// The table. `names` are the months of the range; the last one still runs if `running`.
    #[must_use]
    pub fn rows(&self, names: &[String], running: bool) -> Vec<CohortRow> {
        let mut cohorts: BTreeMap<usize, (i64, Vec<i64>)> = BTreeMap::new();
        for months in self.seen.values() {
            let first = months.trailing_zeros() as usize;
            let (size, active) =
                cohorts.entry(first).or_insert_with(|| (0, vec![0; names.len().saturating_sub(first)]));
            *size += 1;
            for (at, count) in active.iter_mut().enumerate().take(MAX_MONTHS - first) {
                *count += i64::from(months >> (first + at) & 1 == 1);
            }
        }
        let row = |(first, (size, active)): (usize, (i64, Vec<i64>))| {
            let cell = |(at, active): (usize, &i64)| CohortCell {
                active: *active,
                share: *active as f64 / size.max(1) as f64,
                provisional: running && first + at + 1 == names.len(),
            };
            Some(CohortRow {
                month: names.get(first)?.clone(),
                size,
                cells: active.iter().enumerate().map(cell).collect(),
            })
        };
        cohorts.into_iter().filter_map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ANA-10: a value belongs to the month of its first log, months to come are left out, the running one is
    /// provisional, and the order in which logs are read does not matter.
    #[test]
    fn values_belong_to_their_first_month() {
        let names: Vec<String> = ["2026-09", "2026-10", "2026-11"].map(str::to_owned).into();
        let mut cohorts = Cohorts::default();
        for (value, month) in [("b", 2), ("a", 2), ("a", 0), ("b", 1), ("c", 0), ("a", 0), ("d", 2)] {
            cohorts.add(value, month);
        }
        let rows = cohorts.rows(&names, true);
        let text: Vec<String> = rows
            .iter()
            .map(|row| {
                let cells: Vec<String> = row
                    .cells
                    .iter()
                    .map(|cell| format!("{}{}", cell.active, if cell.provisional { "?" } else { "" }))
                    .collect();
                format!("{} {}: {}", row.month, row.size, cells.join(" "))
            })
            .collect();
        assert_eq!(text, ["2026-09 2: 2 0 1?", "2026-10 1: 1 1?", "2026-11 1: 1?"]);
        assert_eq!(rows[0].cells[2].share, 0.5);
        assert!(!cohorts.overflowed);
        cohorts.add("e", 64);
        assert!(cohorts.overflowed);
        let long: Vec<String> = (0..100).map(|month| month.to_string()).collect();
        assert_eq!(cohorts.rows(&long, true)[2].cells.len(), 98);
        assert_eq!(Cohorts::default().rows(&names, false), []);
    }
}
