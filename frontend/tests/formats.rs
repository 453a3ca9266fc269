//! Numbers and dates as the browser writes them, against the vectors of the design brief §14.
//!
//! Needs `Intl`, so it runs as WebAssembly: `cargo test -p frontend --target wasm32-unknown-unknown` with
//! `wasm-bindgen-test-runner` as runner.
#![cfg(target_arch = "wasm32")]

use frontend::i18n::{Formats, Lang};
use shared::time::Millis;
use wasm_bindgen_test::wasm_bindgen_test;

fn formats(lang: Lang) -> Formats {
    Formats::new(lang, "Europe/Amsterdam".into())
}

/// 9 March 2026, 15:05:09 in Amsterdam.
const MOMENT: Millis = Millis(1_773_065_109_000);

/// I18N-04: numbers, shares and changes in both languages.
#[wasm_bindgen_test]
fn numbers_follow_the_language() {
    let (nl, en) = (formats(Lang::Nl), formats(Lang::En));
    assert_eq!((nl.int(1_234_567), en.int(1_234_567)), ("1.234.567".to_owned(), "1,234,567".to_owned()));
    assert_eq!((nl.percent(0.234), en.percent(0.234)), ("23,4%".to_owned(), "23.4%".to_owned()));
    assert_eq!(
        (nl.signed_percent(0.234), en.signed_percent(0.234)),
        ("+23,4%".to_owned(), "+23.4%".to_owned())
    );
    assert_eq!((nl.signed_percent(0.0), nl.signed_percent(-0.5)), ("0%".to_owned(), "-50%".to_owned()));
    assert_eq!(
        (nl.compact(1_234_567), en.compact(1_234_567)),
        ("1,2\u{a0}mln.".to_owned(), "1.2m".to_owned())
    );
    assert_eq!(
        (nl.compact(12_345), en.compact(12_345).to_lowercase()),
        ("12.345".to_owned(), "12.3k".to_owned())
    );
    assert_eq!(
        (nl.axis(12_000), en.axis(12_000).to_lowercase()),
        ("12\u{a0}dzd.".to_owned(), "12k".to_owned())
    );
    assert_eq!((nl.bytes(1_234_567.0), en.bytes(900.0)), ("1,2\u{a0}MB".to_owned(), "900\u{a0}B".to_owned()));
}

/// I18N-04: dates and times in both languages, in the zone of the customer.
#[wasm_bindgen_test]
fn dates_follow_language_and_zone() {
    let (nl, en) = (formats(Lang::Nl), formats(Lang::En));
    assert_eq!(
        (nl.date_medium(MOMENT), en.date_medium(MOMENT)),
        ("9 mrt 2026".to_owned(), "9 Mar 2026".to_owned())
    );
    assert_eq!(
        (nl.date_short(MOMENT), en.date_short(MOMENT)),
        ("09-03-2026".to_owned(), "09/03/2026".to_owned())
    );
    assert_eq!(
        (nl.date_time(MOMENT), en.date_time(MOMENT)),
        ("9 mrt 2026, 15:05".to_owned(), "9 Mar 2026, 15:05".to_owned())
    );
    assert_eq!(
        (nl.weekday(MOMENT), en.weekday(MOMENT).replace(',', "")),
        ("ma 9 mrt".to_owned(), "Mon 9 Mar".to_owned())
    );
    assert_eq!((nl.time(MOMENT), en.time_seconds(MOMENT)), ("15:05".to_owned(), "15:05:09".to_owned()));
    assert_eq!((nl.iso_day(MOMENT), en.iso_day(MOMENT)), ("2026-03-09".to_owned(), "2026-03-09".to_owned()));
    // A quarter to midnight in London is the next day in Amsterdam.
    assert_eq!(nl.iso_day(Millis(1_773_099_900_000)), "2026-03-10");
}

/// I18N-04: days without a time stay the day that they are, whatever the zone.
#[wasm_bindgen_test]
fn days_stay_the_same_day() {
    for zone in ["Pacific/Kiritimati", "America/Los_Angeles", "Europe/Amsterdam"] {
        let fmt = Formats::new(Lang::Nl, zone.into());
        assert_eq!(fmt.day_medium("2026-03-09"), "9 mrt 2026", "{zone}");
        assert_eq!(fmt.day_weekday("2026-03-09"), "ma 9 mrt", "{zone}");
        assert_eq!(fmt.month("2026-03"), "maart 2026", "{zone}");
    }
}

/// I18N-04: distances in time as people say them.
#[wasm_bindgen_test]
fn distances_are_words() {
    let now = MOMENT;
    for (delta, nl, en) in [
        (-180_000, "3 minuten geleden", "3 minutes ago"),
        (-86_400_000, "gisteren", "yesterday"),
        (7_200_000, "over 2 uur", "in 2 hours"),
    ] {
        let at = Millis(now.0 + delta);
        assert_eq!(
            (formats(Lang::Nl).relative(at, now), formats(Lang::En).relative(at, now)),
            (nl.to_owned(), en.to_owned())
        );
    }
}

/// I18N-04: a zone that the browser does not know does no harm.
#[wasm_bindgen_test]
fn unknown_zones_do_no_harm() {
    let fmt = Formats::new(Lang::Nl, "Europe/Nergens".into());
    assert!(fmt.date_time(MOMENT).starts_with("9 mrt 2026"));
}
