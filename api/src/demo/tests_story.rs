//! Everything that is hidden in the demonstration can be measured in its logs.

use std::collections::{HashMap, HashSet};

use jiff::civil::date;
use shared::logs::Level;

use super::company::{COMPANIES, Kind, ROTTERDAM_CARGO, TRANSLOG, USUAL_LOGS, VANDERMEER};
use super::planted::Story;
use super::schedule::schedule;
use super::story::Course;
use super::tests_content::{HOUR, Stored, UNTIL, course, course_of, mean, slots, stored};
use crate::domain::logs::model::Flag;
use crate::util::zone;

fn planted(course: &Course, wanted: impl Fn(&Story) -> bool) -> (Story, i64, i64) {
    let found = course.planted().into_iter().find(|planted| wanted(&planted.story)).unwrap();
    (found.story, found.from.0, found.to.0)
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
    let (inside, outside): (Vec<&Stored>, Vec<&Stored>) =
        arrivals().partition(|log| (from..to).contains(&log.at()));
    let hot: Vec<f64> = inside.iter().map(|log| log.number("temperature_c")).collect();
    assert_eq!((hot.len(), to - from), (readings, 3 * HOUR + 1));
    assert!(
        hot.contains(&lowest_c)
            && hot.contains(&highest_c)
            && hot.iter().all(|t| (lowest_c..=highest_c).contains(t))
    );
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
        let docks = logs
            .iter()
            .filter(move |log| log.slot.kind == Kind::DockOccupied && (from..to).contains(&log.at()));
        mean(docks.map(|log| log.number("minutes")))
    };
    let before = between(0, from);
    assert!((before - minutes).abs() < 0.5, "{before}");
    let fifth = (to - from) / 5;
    let steps: Vec<f64> = (0..5)
        .map(|step| between(from + step * fifth, from + (step + 1) * fifth) / before * 100.0 - 100.0)
        .collect();
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
    let batch: Vec<&Stored> = logs
        .iter()
        .filter(|log| (received_at.0..received_at.0 + 5_000).contains(&log.slot.received_at))
        .collect();
    let late = batch
        .iter()
        .filter(|log| log.log.flags.contains(&Flag::Late) && (from..to).contains(&log.at()))
        .count();
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
        let chosen = checks.filter(|log| {
            (log.text("location") == place) == venlo && (from..to).contains(&log.at()) == inside
        });
        let results: Vec<f64> =
            chosen.map(|log| f64::from(u8::from(log.text("result") == "AFKEUR"))).collect();
        assert!(results.len() > 150, "{}", results.len());
        100.0 * mean(results.into_iter())
    };
    assert!((share(true, true) - percent).abs() < 1.5, "{}", share(true, true));
    for (venlo, inside) in [(true, false), (false, true), (false, false)] {
        assert!(
            (share(venlo, inside) - usual_percent).abs() < 1.0,
            "{venlo} {inside} {}",
            share(venlo, inside)
        );
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
    let others = (1..20).map(|week| {
        f64::from(u32::try_from(night(from - week * 168 * HOUR, to - week * 168 * HOUR).count()).unwrap())
    });
    let times = due as f64 / mean(others);
    assert!((factor as f64 * 0.8..factor as f64 * 1.25).contains(&times), "{times}");
}

/// OPS-12: 14 shipments do not arrive within 48 hours, 10 of them later; every other one does, for every company.
#[test]
fn fourteen_shipments_do_not_arrive() {
    for (until, logs) in
        [(UNTIL, USUAL_LOGS), (UNTIL, 1_000), (date(2026, 4, 20), USUAL_LOGS), (date(2026, 1, 2), 3_000)]
    {
        let course = course_of(42, until, logs);
        let (story, from, to) = planted(&course, |story| matches!(story, Story::MissingArrivals { .. }));
        let Story::MissingArrivals { shipments, hours, late_arrivals } = story else { unreachable!() };
        for company in &COMPANIES {
            let slots = schedule(&course, company);
            let arrivals: HashMap<u32, i64> = slots
                .iter()
                .filter(|slot| slot.kind == Kind::ContainerArrived && slot.order > 0)
                .map(|slot| (slot.order, slot.occurred_at))
                .collect();
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
                assert_eq!(
                    open.values().filter(|(_, late)| *late).count(),
                    usize::try_from(late_arrivals).unwrap()
                );
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
            *months
                .entry(zone::month_of(&course.zone, shared::time::Millis(slot.received_at)))
                .or_default() += 1;
        }
        let running = months.remove(&until.strftime("%Y-%m").to_string()).unwrap();
        assert!(
            (running - i64::try_from(due).unwrap()).abs() < 25 && running > included,
            "{until}: {running}"
        );
        assert!(months.values().all(|count| *count < included), "{until}: {months:?}");
    }
}
