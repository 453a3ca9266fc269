//! Comparisons, ranges, dates, levels and addresses.

use super::super::*;
use super::test;

fn value(input: &str) -> Value {
    match test(input) {
        Test::Field { value, .. } => value,
        other => panic!("{input}: {other:?}"),
    }
}

/// SRCH-01: comparisons and ranges of numbers and dates.
#[test]
fn fields_compare_numbers_and_dates() {
    let day = |text| LocalDateTime::parse(text).unwrap();
    for (input, op, number) in [
        ("t:>8", Op::Gt, 8.0),
        ("t:>=8,5", Op::Ge, 8.5),
        ("t:<-8.5", Op::Lt, -8.5),
        ("t:<=1e3", Op::Le, 1000.0),
        ("t:≥2026", Op::Ge, 2026.0),
    ] {
        assert_eq!(value(input), Value::Compare { op, number }, "{input}");
    }
    for (input, from, to) in [
        ("t:4..8", Some(4.0), Some(8.0)),
        ("t:4..", Some(4.0), None),
        ("t:..8", None, Some(8.0)),
        ("t:-8,5..-4", Some(-8.5), Some(-4.0)),
        ("t:2025..2026", Some(2025.0), Some(2026.0)),
    ] {
        assert_eq!(value(input), Value::Between { from, to }, "{input}");
    }
    for (input, from, to) in [
        ("t:2026-11-01..2026-11-30", Some(day("2026-11-01")), Some(day("2026-11-30"))),
        ("t:1-11-2026..", Some(day("2026-11-01")), None),
        ("t:..2026-11", None, Some(day("2026-11"))),
        ("t:2026..2026-03-01T08:00", Some(day("2026")), Some(day("2026-03-01T08:00"))),
        ("t:2026-11-05..2026-11", Some(day("2026-11-05")), Some(day("2026-11"))),
    ] {
        assert_eq!(value(input), Value::BetweenDates { from, to }, "{input}");
    }
    assert_eq!(value("t:>2026-11-01"), Value::CompareDate { op: Op::Gt, date: day("2026-11-01") });
}

/// SRCH-01: a level comparison follows severity.
#[test]
fn levels_are_compared_by_severity() {
    let levels = |input| match test(input) {
        Test::Level(level) => level.levels(),
        other => panic!("{other:?}"),
    };
    assert_eq!(levels("level:>=warning"), ["warning", "error", "critical"]);
    assert_eq!(levels("level:<info"), ["debug"]);
    assert_eq!(levels("niveau:fout"), ["error"]);
    assert!(levels("level:>critical").is_empty());
    assert!(LevelTest::Compare { op: Op::Gt, level: "info" }.matches("error"));
}

/// SRCH-01: addresses and networks.
#[test]
fn addresses_may_be_networks() {
    let ip = |input: &str| match test(input) {
        Test::Ip(ip) => ip,
        other => panic!("{other:?}"),
    };
    for (input, printed, inside, outside) in [
        ("ip:203.0.113.0/24", "203.0.113.0/24", "203.0.113.255", "203.0.114.0"),
        ("ip:203.0.113.9/24", "203.0.113.0/24", "::ffff:203.0.113.1", "::1"),
        ("ip:203.*", "203.0.0.0/8", "203.9.9.9", "204.0.0.0"),
        ("ip:203.0.*.*", "203.0.0.0/16", "203.0.9.9", "203.1.0.0"),
        ("ip:203.0.113.7", "203.0.113.7", "203.0.113.7", "203.0.113.8"),
        ("ip:::ffff:203.0.113.7", "203.0.113.7", "203.0.113.7", "203.0.113.8"),
        ("ip:0.0.0.0/0", "0.0.0.0/0", "255.1.2.3", "::1"),
        ("ip:2001:db8::/32", "2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
        ("ip:::1", "::1", "::1", "::2"),
        ("ip:::/0", "::/0", "2001::", "1.2.3.4"),
    ] {
        assert_eq!(ip(input).to_string(), printed, "{input}");
        assert!(ip(input).contains(inside.parse().unwrap()), "{input} {inside}");
        assert!(!ip(input).contains(outside.parse().unwrap()), "{input} {outside}");
        assert!(ip(input).contains(ip(input).network) && ip(input).contains(ip(input).last()), "{input}");
    }
}

/// SRCH-01: dates that exist, in the shapes of the manual.
#[test]
fn dates_are_validated() {
    for (input, printed, end) in [
        ("2026", "2026", "2027"),
        ("2026-12", "2026-12", "2027-01"),
        ("2026-11-01", "2026-11-01", "2026-11-02"),
        ("1-11-2026", "2026-11-01", "2026-11-02"),
        ("31-12-2026", "2026-12-31", "2027-01-01"),
        ("2024-02-29", "2024-02-29", "2024-03-01"),
        ("2000-02-29", "2000-02-29", "2000-03-01"),
        ("2026-11-01T14:30", "2026-11-01T14:30", "2026-11-01T14:31"),
        ("2026-12-31 23:59", "2026-12-31T23:59", "2027-01-01T00:00"),
        ("1-11-2026 9:05:59", "2026-11-01T09:05:59", "2026-11-01T09:06:00"),
        ("9999-12-31", "9999-12-31", "9999-12-31T23:59:59"),
    ] {
        let date = LocalDateTime::parse(input).unwrap_or_else(|| panic!("{input}"));
        assert_eq!((date.to_string().as_str(), date.end().to_string().as_str()), (printed, end));
    }
    for input in [
        "",
        "-",
        "26-11-01",
        "2026-13",
        "2026-00",
        "2026-11-00",
        "2026-11-31",
        "2025-02-29",
        "1900-02-29",
        "0000-01-01",
        "2026-11-01T24:00",
        "2026-11-01T12:60",
        "2026-11-01T",
        "2026-11T10:00",
        "2026-11-01T9",
        "1-11-26",
        "+2026-1-1",
        "2026-11-01T10:00:00:00",
        "２０２６-11-01",
        "2026-1",
    ] {
        assert_eq!(LocalDateTime::parse(input), None, "{input}");
    }
}
