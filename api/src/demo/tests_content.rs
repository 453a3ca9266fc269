//! The content of the demonstration, without a database: what is promised about it can be measured in it.

use std::collections::{HashMap, HashSet};

use jiff::civil::{Date, date};
use serde_json::Value;
use shared::logs::Level;

use super::company::{COMPANIES, Company, ECOFREIGHT, Kind, ROTTERDAM_CARGO, TRANSLOG, USUAL_LOGS, VANDERMEER};
use super::schedule::{Slot, schedule};
use super::story::{Course, HISTORY_DAYS, Story, TIME_ZONE};
use super::{calendar, content, feed};
use crate::domain::logs::model::{Flag, NewLog};
use crate::util::{crypto, zone};

const UNTIL: Date = date(2026, 11, 21);
const HOUR: i64 = 3_600_000;

fn course_of(seed: u64, until: Date, logs: u64) -> Course {
    Course { seed, until, logs, zone: zone::find(TIME_ZONE).unwrap() }
}

fn course() -> Course {
    course_of(42, UNTIL, USUAL_LOGS)
}

fn slots(course: &Course, company: u8) -> Vec<Slot> {
    schedule(course, &COMPANIES[usize::from(company)])
}

/// A log that is stored: one that is offered twice stands here once.
struct Stored {
    slot: Slot,
    log: NewLog,
    ip: String,
    data: Value,
}

impl Stored {
    fn text(&self, name: &str) -> &str {
        self.data[name].as_str().unwrap_or_default()
    }

    fn number(&self, name: &str) -> f64 {
        self.data[name].as_f64().unwrap()
    }

    fn at(&self) -> i64 {
        self.log.occurred_at.0
    }
}

fn stored(course: &Course, company: u8) -> Vec<Stored> {
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

fn planted(course: &Course, wanted: impl Fn(&Story) -> bool) -> (Story, i64, i64) {
    let found = course.planted().into_iter().find(|planted| wanted(&planted.story)).unwrap();
    (found.story, found.from.0, found.to.0)
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
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
    assert_eq!(first, "73c4a3429ffde7ec762166cebd0454480ab4b5db8cb8b25e2d8316dd48368749", "other content needs another version of the program; then change this digest");
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
            assert!(found == due || (logs < 5_000 && found >= due && found < due + 80), "{} {found} {due}", company.name);
            all += found;
            let first = course.start(zone::add_days(UNTIL, 1 - company.days));
            assert!(slots.is_sorted_by_key(|slot| slot.received_at));
            for slot in &slots {
                assert!(slot.occurred_at >= first && slot.occurred_at <= slot.received_at);
                assert!(slot.received_at < course.cutoff());
            }
            let mut seen = HashSet::new();
            let numbers: Vec<u32> = slots.iter().filter(|slot| seen.insert(slot.number)).map(|slot| slot.number).collect();
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
    let of = |weight: f64| mean(days.iter().filter(|(day, _)| (calendar::weight(**day) - weight).abs() < 1e-9).map(|(_, n)| *n));
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
    for (until, day) in [(date(2026, 11, 21), date(2026, 10, 25)), (date(2026, 4, 20), date(2026, 3, 29)), (date(2026, 4, 20), date(2025, 10, 26))] {
        let course = course_of(42, until, USUAL_LOGS);
        let logs = stored(&course, TRANSLOG);
        let flagged: Vec<&Stored> = logs.iter().filter(|log| log.log.flags.contains(&Flag::AmbiguousTime)).collect();
        let local = |log: &Stored| zone::date_of(&course.zone, log.log.occurred_at);
        assert!(flagged.iter().any(|log| local(log) == day && log.text("occurred_at").ends_with("02:30:00")), "{day}");
        assert!(flagged.iter().all(|log| zone::add_days(local(log), 1).month() != local(log).month() || local(log).day() >= 25));
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
                Kind::PalletShipped => &["order", "customer", "expected_date", "carrier", "pallets", "destination"],
                Kind::QualityCheck => &["order", "result"],
                Kind::TrackTraceUpdate => &["order", "status"],
                Kind::InventoryCount => &["aisle", "units", "delta"],
                Kind::DockOccupied => &["dock", "minutes", "efficiency_pct"],
                Kind::RouteOptimised => &["vehicle", "saved_km"],
                Kind::SafetyCheck => &["vehicle", "result", "next_date"],
            };
            assert!(members.iter().all(|member| !log.data[*member].is_null()), "{}", log.data);
            assert!(log.log.message.as_ref().is_some_and(|text| text.ends_with('.')) && !log.text("location").is_empty());
            assert_eq!(log.log.external_id.as_deref(), Some(format!("{}-{:06}", company.prefix, log.slot.number).as_str()));
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

/// OPS-12: the broken cold chain has 13 readings of 9.5–12.4 °C in three hours; all others lie within 2–8 °C, with
/// a capability above 1.
#[test]
fn the_broken_cold_chain_stands_out() {
    let course = course();
    let (story, from, to) = planted(&course, |story| matches!(story, Story::ColdChain { .. }));
    let Story::ColdChain { readings, lowest_c, highest_c } = story else { unreachable!() };
    let logs = stored(&course, VANDERMEER);
    let arrivals = || logs.iter().filter(|log| log.slot.kind == Kind::ContainerArrived);
    let (inside, outside): (Vec<&Stored>, Vec<&Stored>) = arrivals().partition(|log| (from..to).contains(&log.at()));
    let hot: Vec<f64> = inside.iter().map(|log| log.number("temperature_c")).collect();
    assert_eq!((hot.len(), to - from), (readings, 3 * HOUR + 1));
    assert!(hot.contains(&lowest_c) && hot.contains(&highest_c) && hot.iter().all(|t| (lowest_c..=highest_c).contains(t)));
    assert!(inside.iter().all(|log| log.log.level >= Level::Error && log.text("location") == "Rotterdam"));
    let usual: Vec<f64> = outside.iter().map(|log| log.number("temperature_c")).collect();
    assert!(usual.iter().all(|t| (2.0..=8.0).contains(t)));
    let center = mean(usual.iter().copied());
    let deviation = mean(usual.iter().map(|t| (t - center) * (t - center))).sqrt();
    let capability = (8.0 - center).min(center - 2.0) / (3.0 * deviation);
    assert!((1.1..1.4).contains(&capability), "{capability}");
}

/// OPS-12: dock minutes rise evenly by a quarter within 30 days.
#[test]
fn dock_minutes_drift() {
    let course = course();
    let (story, from, to) = planted(&course, |story| matches!(story, Story::DockDrift { .. }));
    let Story::DockDrift { minutes, rise_percent } = story else { unreachable!() };
    // The clock may change within.
    assert!((to - from - 30 * 24 * HOUR).abs() <= HOUR);
    let logs = stored(&course, VANDERMEER);
    let between = |from: i64, to: i64| {
        let docks = logs.iter().filter(move |log| log.slot.kind == Kind::DockOccupied && (from..to).contains(&log.at()));
        mean(docks.map(|log| log.number("minutes")))
    };
    let before = between(0, from);
    assert!((before - minutes).abs() < 0.5, "{before}");
    let fifth = (to - from) / 5;
    let steps: Vec<f64> = (0..5).map(|step| between(from + step * fifth, from + (step + 1) * fifth) / before * 100.0 - 100.0).collect();
    for (step, found) in (0..5).zip(&steps) {
        let due = rise_percent * (f64::from(step) + 0.5) / 5.0;
        assert!((found - due).abs() < 4.5, "{steps:?}");
    }
}

/// OPS-12: nothing comes for two days, then 1,100 late logs at once.
#[test]
fn a_gap_is_followed_by_a_late_batch() {
    let course = course();
    let (story, from, to) = planted(&course, |story| matches!(story, Story::LateBatch { .. }));
    let Story::LateBatch { logs: due, received_at } = story else { unreachable!() };
    assert_eq!((due, to - from), (1_100, 48 * HOUR));
    assert!(!slots(&course, TRANSLOG).iter().any(|slot| (from..to).contains(&slot.received_at)));
    let logs = stored(&course, TRANSLOG);
    let batch: Vec<&Stored> = logs.iter().filter(|log| (received_at.0..received_at.0 + 5_000).contains(&log.slot.received_at)).collect();
    let late = batch.iter().filter(|log| log.log.flags.contains(&Flag::Late) && (from..to).contains(&log.at())).count();
    assert_eq!(late as u64, due);
    assert!(batch.len() - late <= 2);
    let numbers: Vec<u32> = batch.iter().map(|log| log.slot.number).collect();
    assert_eq!(numbers.last().unwrap() - numbers.first().unwrap() + 1, u32::try_from(numbers.len()).unwrap());
}

/// OPS-12: rejects in Venlo rise from 5 % to 14 % for three weeks, and nowhere else.
#[test]
fn rejects_rise_in_venlo() {
    let course = course();
    let (story, from, to) = planted(&course, |story| matches!(story, Story::QualityRejects { .. }));
    let Story::QualityRejects { place, usual_percent, percent } = story else { unreachable!() };
    assert!((to - from - 21 * 24 * HOUR).abs() <= HOUR);
    let logs = stored(&course, TRANSLOG);
    let share = |venlo: bool, inside: bool| {
        let checks = logs.iter().filter(|log| log.slot.kind == Kind::QualityCheck);
        let chosen = checks.filter(|log| (log.text("location") == place) == venlo && (from..to).contains(&log.at()) == inside);
        let results: Vec<f64> = chosen.map(|log| f64::from(u8::from(log.text("result") == "AFKEUR"))).collect();
        assert!(results.len() > 150, "{}", results.len());
        100.0 * mean(results.into_iter())
    };
    assert!((share(true, true) - percent).abs() < 1.5, "{}", share(true, true));
    for (venlo, inside) in [(true, false), (false, true), (false, false)] {
        assert!((share(venlo, inside) - usual_percent).abs() < 1.0, "{venlo} {inside} {}", share(venlo, inside));
    }
}

/// OPS-12: one night is eight times as busy as others, all of it from one address.
#[test]
fn one_night_is_busy() {
    let course = course();
    let (story, from, to) = planted(&course, |story| matches!(story, Story::BusyNight { .. }));
    let Story::BusyNight { logs: due, factor, ip } = story else { unreachable!() };
    let logs = stored(&course, VANDERMEER);
    let night = |from: i64, to: i64| logs.iter().filter(move |log| (from..to).contains(&log.at()));
    assert_eq!(night(from, to).count() as u64, due);
    assert!(night(from, to).all(|log| log.ip == ip));
    assert_eq!(logs.iter().filter(|log| log.ip == ip).count() as u64, due);
    // Nights from Tuesday to Wednesday, weeks before.
    let others = (1..20).map(|week| f64::from(u32::try_from(night(from - week * 168 * HOUR, to - week * 168 * HOUR).count()).unwrap()));
    let times = due as f64 / mean(others);
    assert!((factor as f64 * 0.8..factor as f64 * 1.25).contains(&times), "{times}");
}

/// OPS-12: 14 shipments do not arrive within 48 hours, 10 of them later; every other one does, for every company.
#[test]
fn fourteen_shipments_do_not_arrive() {
    for (until, logs) in [(UNTIL, USUAL_LOGS), (UNTIL, 1_000), (date(2026, 4, 20), USUAL_LOGS), (date(2026, 1, 2), 3_000)] {
        let course = course_of(42, until, logs);
        let (story, from, to) = planted(&course, |story| matches!(story, Story::MissingArrivals { .. }));
        let Story::MissingArrivals { shipments, hours, late_arrivals } = story else { unreachable!() };
        for company in &COMPANIES {
            let slots = schedule(&course, company);
            let arrivals: HashMap<u32, i64> =
                slots.iter().filter(|slot| slot.kind == Kind::ContainerArrived && slot.order > 0).map(|slot| (slot.order, slot.occurred_at)).collect();
            let mut open = HashMap::new();
            for slot in slots.iter().filter(|slot| slot.kind == Kind::PalletShipped) {
                let due = slot.occurred_at + i64::from(hours) * HOUR;
                let arrived = arrivals.get(&slot.order);
                assert!(arrived.is_none_or(|at| *at > slot.occurred_at));
                if due < course.cutoff() && arrived.is_none_or(|at| *at > due) {
                    open.insert(slot.order, (slot.occurred_at, arrived.is_some()));
                }
            }
            if company.index == TRANSLOG {
                assert_eq!(open.len(), usize::try_from(shipments).unwrap(), "{until} {logs}");
                assert_eq!(open.values().filter(|(_, late)| *late).count(), usize::try_from(late_arrivals).unwrap());
                assert!(open.values().all(|(at, _)| (from..to).contains(at)));
            } else {
                assert!(open.is_empty(), "{} {until} {logs}: {open:?}", company.name);
            }
        }
    }
}

/// OPS-12: one company is slightly over its quota in the running month, wherever the last day lies in it, and not
/// in the months before.
#[test]
fn one_company_is_over_its_quota() {
    for until in [UNTIL, date(2026, 11, 1), date(2026, 10, 31), date(2026, 3, 3), date(2026, 8, 15)] {
        let course = course_of(42, until, USUAL_LOGS);
        let (story, ..) = planted(&course, |story| matches!(story, Story::OverQuota { .. }));
        let Story::OverQuota { logs: due, included } = story else { unreachable!() };
        let mut months: HashMap<String, i64> = HashMap::new();
        let mut numbers = HashSet::new();
        for slot in slots(&course, ROTTERDAM_CARGO).iter().filter(|slot| numbers.insert(slot.number)) {
            *months.entry(zone::month_of(&course.zone, shared::time::Millis(slot.received_at))).or_default() += 1;
        }
        let running = months.remove(&until.strftime("%Y-%m").to_string()).unwrap();
        assert!((running - i64::try_from(due).unwrap()).abs() < 25 && running > included, "{until}: {running}");
        assert!(months.values().all(|count| *count < included), "{until}: {months:?}");
    }
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
