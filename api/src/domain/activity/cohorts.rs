//! ANA-10: customers by the month in which they began, and in which later months they were active. Pure.

use std::collections::{BTreeMap, HashSet};

use jiff::civil::Date;
use shared::activity::{CustomerCohort, CustomerCohortCell};

use crate::util::zone::{first_of_month, first_of_next_month};

/// Months at most: the running one and two years before it.
pub const MONTHS: usize = 25;

/// What is known of activity.
#[derive(Debug, Default)]
pub struct Known {
    /// Customers with the first day of each month in which they were active.
    pub active: HashSet<(i64, Date)>,
    /// The first day on record.
    pub since: Option<Date>,
}

impl Known {
    /// How many of some customers were active in a month; nothing where it is not on record.
    fn cell(&self, customers: &[i64], month: Date, this: Date) -> CustomerCohortCell {
        let since = self.since.filter(|since| *since < first_of_next_month(month));
        let active = since.map(|_| {
            let active = customers.iter().filter(|customer| self.active.contains(&(**customer, month)));
            i64::try_from(active.count()).unwrap_or(i64::MAX)
        });
        CustomerCohortCell {
            active,
            share: active.map(|active| active as f64 / customers.len().max(1) as f64),
            // The month runs, or recording began within it.
            provisional: active.is_some() && (month == this || since.is_some_and(|since| since > month)),
        }
    }

    /// The table up to the running month. `began` are customers with the day on which they began.
    #[must_use]
    pub fn rows(&self, began: &[(i64, Date)], today: Date) -> Vec<CustomerCohort> {
        let this = first_of_month(today);
        let mut months = vec![this];
        while months.len() < MONTHS {
            let Some(first) = months.last() else { break };
            months.push(first_of_month(crate::util::zone::add_days(*first, -1)));
        }
        let earliest = months.last().copied().unwrap_or(this);
        let mut cohorts: BTreeMap<Date, Vec<i64>> = BTreeMap::new();
        for (customer, day) in began {
            let month = first_of_month(*day);
            if month >= earliest {
                cohorts.entry(month).or_default().push(*customer);
            }
        }
        let row = |(first, customers): (Date, Vec<i64>)| CustomerCohort {
            month: format!("{:04}-{:02}", first.year(), first.month()),
            size: i64::try_from(customers.len()).unwrap_or(i64::MAX),
            cells: months
                .iter()
                .rev()
                .filter(|month| **month >= first)
                .map(|month| self.cell(&customers, *month, this))
                .collect(),
        };
        cohorts.into_iter().map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn shown(rows: &[CustomerCohort]) -> Vec<String> {
        let cell = |cell: &CustomerCohortCell| {
            let active = cell.active.map_or("-".to_owned(), |active| active.to_string());
            format!("{active}{}", if cell.provisional { "?" } else { "" })
        };
        rows.iter()
            .map(|row| {
                let cells: Vec<String> = row.cells.iter().map(cell).collect();
                format!("{} {}: {}", row.month, row.size, cells.join(" "))
            })
            .collect()
    }

    /// ANA-10, GEN-01: customers stand in the month in which they began; months before the record have no value, the one
    /// in which it began and the running one are provisional, months to come are left out.
    #[test]
    fn customers_belong_to_the_month_in_which_they_began() {
        let (aug, sep, oct, nov) = (date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1));
        let began = [
            (1, date(2026, 8, 31)),
            (2, date(2026, 8, 1)),
            (3, date(2026, 10, 15)),
            (4, date(2026, 11, 22)),
            (5, date(2024, 10, 31)),
        ];
        let active = [(1, sep), (2, sep), (1, oct), (3, oct), (2, nov), (4, nov), (5, nov), (1, aug)];
        let known = Known { active: active.into(), since: Some(date(2026, 9, 9)) };
        let rows = known.rows(&began, date(2026, 11, 22));
        assert_eq!(shown(&rows), ["2026-08 2: - 2? 1 1?", "2026-10 1: 1 0?", "2026-11 1: 1?"]);
        assert_eq!(rows[0].cells[2].share, Some(0.5));
        let unknown = Known::default().rows(&began, date(2026, 11, 22));
        assert_eq!(shown(&unknown), ["2026-08 2: - - - -", "2026-10 1: - -", "2026-11 1: -"]);
        assert_eq!(Known::default().rows(&[], date(2026, 11, 22)), []);
        // On the first of a month the record is whole.
        let whole = Known { active: HashSet::new(), since: Some(sep) };
        assert_eq!(shown(&whole.rows(&began[..1], date(2026, 10, 1))), ["2026-08 1: - 0 0?"]);
    }
}
