//! The content of the demonstration, without a database: what is promised about it can be measured in it.

use std::collections::{HashMap, HashSet};

use jiff::civil::{Date, date};
use serde_json::Value;
use shared::logs::Level;

use super::company::{
    COMPANIES, Company, ECOFREIGHT, Kind, ROTTERDAM_CARGO, TRANSLOG, USUAL_LOGS, VANDERMEER,
};
use super::schedule::{Slot, schedule};
use super::story::{Course, HISTORY_DAYS, TIME_ZONE};
use super::{calendar, content, feed};
use crate::domain::logs::model::{Flag, NewLog};
use crate::util::{crypto, zone};

pub(super) const UNTIL: Date = date(2026, 11, 21);
pub(super) const HOUR: i64 = 3_600_000;

pub(super) fn course_of(seed: u64, until: Date, logs: u64) -> Course {
    Course { seed, until, logs, zone: zone::find(TIME_ZONE).unwrap() }
}

pub(super) fn course() -> Course {
    course_of(42, UNTIL, USUAL_LOGS)
}

pub(super) fn slots(course: &Course, company: u8) -> Vec<Slot> {
    schedule(course, &COMPANIES[usize::from(company)])
}

/// A log that is stored: one that is offered twice stands here once.
pub(super) struct Stored {
    pub(super) slot: Slot,
    pub(super) log: NewLog,
    pub(super) ip: String,
    data: Value,
}

impl Stored {
    pub(super) fn text(&self, name: &str) -> &str {
        self.data[name].as_str().unwrap_or_default()
    }

    pub(super) fn number(&self, name: &str) -> f64 {
        self.data[name].as_f64().unwrap()
    }

    pub(super) fn at(&self) -> i64 {
        self.log.occurred_at.0
    }
}

pub(super) fn stored(course: &Course, company: u8) -> Vec<Stored> {
    let mut numbers = HashSet::new();
    let company: &Company = &COMPANIES[usize::from(company)];
    let slots = schedule(course, company).into_iter().filter(|slot| numbers.insert(slot.number));
    let read = |slot: Slot| {
        let (log, ip) = feed::read(&course.zone, company, &slot).unwrap();
        assert!(log.warnings.is_empty(), "{:?} {}", log.warnings, log.data);
        let data = serde_json::from_str(&log.data).unwrap();
        Stored { slot, log, ip, data }
    };
    slots.map(read).collect()
}

pub(super) fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let all: Vec<f64> = values.collect();
    assert!(!all.is_empty());
    all.iter().sum::<f64>() / all.len() as f64
}

fn digest(course: &Course) -> String {
    let mut text = String::new();
    for company in &COMPANIES {
        for slot in schedule(course, company) {
            let sent = content::render(&course.zone, company, &slot);
            text.push_str(&format!("{}|{}|{}\n", slot.received_at, sent.ip, sent.data));
        }
    }
    crypto::sha256_hex(text.as_bytes())
}

/// OPS-12: seed, last day and size make the content, the same every time; each of them matters.
#[test]
fn the_same_seed_gives_the_same_content() {
    let small = |seed, until| course_of(seed, until, 2_000);
    let first = digest(&small(42, UNTIL));
    assert_eq!(first, digest(&small(42, UNTIL)));
    assert_ne!(first, digest(&small(43, UNTIL)));
    assert_ne!(first, digest(&small(42, date(2026, 11, 20))));
    assert_eq!(
        first, "73c4a3429ffde7ec762166cebd0454480ab4b5db8cb8b25e2d8316dd48368749",
        "other content needs another version of the program; then change this digest"
    );
}

/// OPS-12: about 40,000 logs in 180 days, the trial 87 in 9, one of 200 offered twice, numbered in order of arrival.
#[test]
fn sizes_are_as_promised() {
    for logs in [1_000, 5_000, USUAL_LOGS, 100_000] {
        let course = course_of(42, UNTIL, logs);
        let mut all = 0;
        for company in &COMPANIES {
            let slots = schedule(&course, company);
            let different: HashSet<u32> = slots.iter().map(|slot| slot.number).collect();
            let twice = slots.len() - different.len();
            assert_eq!(twice, different.len() / 200, "{}", company.name);
            // Very small demonstrations may need a few more logs, so that shipments arrive.
            let (found, due) = (different.len() as u64, company.total(logs));
            assert!(
                found == due || (logs < 5_000 && found >= due && found < due + 80),
                "{} {found} {due}",
                company.name
            );
            all += found;
            let first = course.start(zone::add_days(UNTIL, 1 - company.days));
            assert!(slots.is_sorted_by_key(|slot| slot.received_at));
            for slot in &slots {
                assert!(slot.occurred_at >= first && slot.occurred_at <= slot.received_at);
                assert!(slot.received_at < course.cutoff());
            }
            let mut seen = HashSet::new();
            let numbers: Vec<u32> =
                slots.iter().filter(|slot| seen.insert(slot.number)).map(|slot| slot.number).collect();
            assert!(numbers.is_sorted());
        }
        assert!(logs < 5_000 || all == logs, "{all}");
    }
    let trial = slots(&course(), ECOFREIGHT);
    assert_eq!(trial.len(), 87);
}

/// OPS-12: weekdays, hours and holidays have their profile, in each of the large companies.
#[test]
fn days_and_hours_have_their_profile() {
    let course = course_of(42, date(2026, 6, 20), USUAL_LOGS);
    let mut days: HashMap<Date, f64> = HashMap::new();
    let mut hours = [0_u32; 24];
    for slot in slots(&course, 2) {
        let local = zone::local(&course.zone, shared::time::Millis(slot.occurred_at));
        *days.entry(local.date()).or_default() += 1.0;
        hours[usize::try_from(local.hour()).unwrap()] += 1;
    }
    let of = |weight: f64| {
        mean(days.iter().filter(|(day, _)| (calendar::weight(**day) - weight).abs() < 1e-9).map(|(_, n)| *n))
    };
    let usual = of(1.0);
    for weight in [0.35, 0.15, 0.10] {
        let share = of(weight) / usual;
        assert!((share - weight).abs() < 0.06, "{weight}: {share}");
    }
    let mut busiest: Vec<usize> = (0..24).collect();
    busiest.sort_by_key(|hour| std::cmp::Reverse(hours[*hour]));
    busiest.truncate(4);
    busiest.sort_unstable();
    assert_eq!(busiest, [8, 9, 14, 15]);
}

/// OPS-12: both clock changes leave their marks: a local time that is there twice, or not at all, is flagged; the
/// long night has both of its hours.
#[test]
fn clock_changes_are_covered() {
    for (until, day) in [
        (date(2026, 11, 21), date(2026, 10, 25)),
        (date(2026, 4, 20), date(2026, 3, 29)),
        (date(2026, 4, 20), date(2025, 10, 26)),
    ] {
        let course = course_of(42, until, USUAL_LOGS);
        let logs = stored(&course, TRANSLOG);
        let flagged: Vec<&Stored> =
            logs.iter().filter(|log| log.log.flags.contains(&Flag::AmbiguousTime)).collect();
        let local = |log: &Stored| zone::date_of(&course.zone, log.log.occurred_at);
        assert!(
            flagged.iter().any(|log| local(log) == day && log.text("occurred_at").ends_with("02:30:00")),
            "{day}"
        );
        assert!(
            flagged
                .iter()
                .all(|log| zone::add_days(local(log), 1).month() != local(log).month()
                    || local(log).day() >= 25)
        );
        assert!(logs.iter().filter(|log| local(log) == day).count() > 5);
    }
}

/// OPS-12: eight kinds with their members, a Dutch sentence and a level; 2 % late, and nothing is refused.
#[test]
fn logs_are_sensible() {
    let course = course();
    let mut kinds: HashMap<&str, u32> = HashMap::new();
    let (mut all, mut late, mut mild) = (0.0, 0.0, 0.0);
    for company in &COMPANIES {
        for log in stored(&course, company.index) {
            let members: &[&str] = match log.slot.kind {
                Kind::ContainerArrived => &["container", "temperature_c"],
                Kind::PalletShipped => {
                    &["order", "customer", "expected_date", "carrier", "pallets", "destination"]
                }
                Kind::QualityCheck => &["order", "result"],
                Kind::TrackTraceUpdate => &["order", "status"],
                Kind::InventoryCount => &["aisle", "units", "delta"],
                Kind::DockOccupied => &["dock", "minutes", "efficiency_pct"],
                Kind::RouteOptimised => &["vehicle", "saved_km"],
                Kind::SafetyCheck => &["vehicle", "result", "next_date"],
            };
            assert!(members.iter().all(|member| !log.data[*member].is_null()), "{}", log.data);
            assert!(
                log.log.message.as_ref().is_some_and(|text| text.ends_with('.'))
                    && !log.text("location").is_empty()
            );
            assert_eq!(
                log.log.external_id.as_deref(),
                Some(format!("{}-{:06}", company.prefix, log.slot.number).as_str())
            );
            *kinds.entry(log.slot.kind.as_str()).or_default() += 1;
            all += 1.0;
            let batch = log.slot.mark == super::schedule::Mark::Backlog;
            late += f64::from(u8::from(!batch && log.log.flags.contains(&Flag::Late)));
            mild += f64::from(u8::from(log.log.level <= Level::Notice));
            match log.slot.kind {
                Kind::DockOccupied => assert!((75.0..=98.0).contains(&log.number("efficiency_pct"))),
                Kind::RouteOptimised => assert!((5.0..=50.0).contains(&log.number("saved_km"))),
                _ => {}
            }
        }
    }
    assert_eq!(kinds.len(), 8);
    assert!(kinds.values().all(|count| *count > 500), "{kinds:?}");
    assert!((0.016..0.024).contains(&(late / all)), "{}", late / all);
    assert!((0.96..0.995).contains(&(mild / all)), "{}", mild / all);
}

/// OPS-12: the history has its length, whatever the day.
#[test]
fn the_history_begins_180_days_back() {
    let course = course();
    let first = course.start(zone::add_days(UNTIL, 1 - HISTORY_DAYS));
    for company in [TRANSLOG, VANDERMEER, ROTTERDAM_CARGO] {
        let earliest = slots(&course, company).iter().map(|slot| slot.occurred_at).min().unwrap();
        assert!((0..3 * 24 * HOUR).contains(&(earliest - first)), "{company}");
    }
}
