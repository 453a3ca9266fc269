//! How a new log changes what is on screen. Pure, so that the live figures can be tested against the snapshot.

use shared::analytics::OverviewOut;
use shared::logs::LogOut;

use crate::i18n::format::{day_number, now};
use crate::prelude::*;

/// New logs are announced at most this often.
const SAY_EVERY_MS: i64 = 30_000;

/// Counts a log that happened on a local day into the figures; tells whether they still fit the calendar.
///
/// A log that the snapshot holds already is not counted twice.
pub fn count(overview: &mut OverviewOut, day: &str, id: i64) -> bool {
    if id <= overview.last_id {
        return true;
    }
    overview.last_id = id;
    let Some(today) = overview.daily.data.last().map(|day| day.date.clone()) else {
        return false;
    };
    let (Some(happened), Some(current)) = (day_number(day), day_number(&today)) else {
        return false;
    };
    if happened > current {
        // Midnight has passed since the snapshot.
        return false;
    }
    let stats = &mut overview.stats;
    stats.total_logs += 1;
    overview.usage.logs_used += 1;
    if happened == current {
        stats.logs_today += 1;
    }
    // Day 0 is a Thursday, weeks start on Monday.
    let monday = current - (current + 3).rem_euclid(7);
    if happened >= monday {
        stats.logs_week += 1;
    }
    if let Some(bar) = overview.daily.data.iter_mut().find(|bar| bar.date == day) {
        bar.count += 1;
        overview.daily.n += 1;
    }
    true
}

/// Puts newer logs among the older ones, newest first, each once, at most `limit`.
pub fn merge(rows: &mut Vec<LogOut>, newer: &[LogOut], limit: usize) {
    for log in newer {
        if !rows.iter().any(|row| row.id == log.id) {
            rows.push(log.clone());
        }
    }
    rows.sort_by_key(|log| std::cmp::Reverse(log.id));
    rows.truncate(limit);
}

/// Counts what happens and says now and then how much.
#[derive(Clone, Copy)]
pub struct Pace(StoredValue<(i64, i64)>);

impl Pace {
    /// Starts to count; nothing is said in the first half minute, the page itself has just been read.
    pub fn new() -> Self {
        Self(StoredValue::new((0, now().0)))
    }

    /// Counts one; gives the number since the last announcement when it is time for one.
    pub fn count(self) -> Option<i64> {
        let at = now().0;
        let due = self.0.try_update_value(|(count, said)| {
            *count += 1;
            (at - *said >= SAY_EVERY_MS).then(|| {
                *said = at;
                std::mem::take(count)
            })
        });
        due.flatten()
    }
}

#[cfg(test)]
mod tests {
    use shared::analytics::{DailyOut, DayCount, StatsOut, UsageOut};
    use shared::time::Millis;

    use super::*;

    fn overview() -> OverviewOut {
        let day = |date: &str, count| DayCount { date: date.to_owned(), count, partial: false };
        OverviewOut {
            stats: StatsOut {
                total_logs: 10,
                first_log: None,
                last_log: None,
                logs_today: 2,
                logs_week: 3,
                logs_yesterday_same_time: 0,
                logs_last_week_same_time: 0,
                time_zone: "Europe/Amsterdam".to_owned(),
                computed_at: Millis(0),
            },
            daily: DailyOut {
                period: "3 days".to_owned(),
                time_zone: "Europe/Amsterdam".to_owned(),
                n: 6,
                kept: 0,
                // 2026-11-22 is a Sunday: the week began on the 16th.
                data: vec![day("2026-11-20", 3), day("2026-11-21", 1), day("2026-11-22", 2)],
                computed_at: Millis(0),
            },
            usage: UsageOut { period: "2026-11".to_owned(), logs_used: 10, logs_included: 100 },
            recent: Vec::new(),
            last_id: 10,
        }
    }

    /// ANA-02: a live log counts once, in today, the week, the month and its own day.
    #[test]
    fn a_new_log_is_counted_once() {
        let mut board = overview();
        assert!(count(&mut board, "2026-11-22", 11));
        assert!(count(&mut board, "2026-11-22", 11));
        assert_eq!((board.stats.logs_today, board.stats.logs_week, board.stats.total_logs), (3, 4, 11));
        assert_eq!(board.usage.logs_used, 11);
        assert_eq!(board.daily.data.last().map(|day| day.count), Some(3));
        assert_eq!(board.daily.n, 7);
    }

    /// ANA-02: a late log counts on its own day, and in the week only if that day is in it.
    #[test]
    fn a_late_log_counts_on_its_own_day() {
        let mut board = overview();
        assert!(count(&mut board, "2026-11-20", 11));
        assert_eq!((board.stats.logs_today, board.stats.logs_week), (2, 4));
        assert_eq!(board.daily.data.first().map(|day| day.count), Some(4));
        assert!(count(&mut board, "2026-11-15", 12));
        assert_eq!((board.stats.logs_today, board.stats.logs_week, board.stats.total_logs), (2, 4, 12));
        assert_eq!(board.daily.n, 7);
    }

    /// ANA-02: after midnight the snapshot is out of date.
    #[test]
    fn a_new_day_asks_for_a_new_snapshot() {
        assert!(!count(&mut overview(), "2026-11-23", 11));
    }
}
