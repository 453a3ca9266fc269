//! Small things that pages of the customer share: names of fields and values, and shares as bars.

use leptos::html;
use shared::logs::Level;

use crate::i18n::{I18n, Texts};
use crate::prelude::*;
use crate::ui::{dom, level_name};

/// Shades of a cell; none for zero.
const SHADES: [&str; 6] = ["h0", "h1", "h2", "h3", "h4", "h5"];

/// The name of a field; those of the customer's data have their own.
#[must_use]
pub fn field_name(t: &'static Texts, field: &str) -> String {
    match field {
        "level" => t.logs.column_level.to_owned(),
        "kind" => t.logs.column_kind.to_owned(),
        "source" => t.logs.f_source.to_owned(),
        "ip" => t.logs.column_ip.to_owned(),
        own => own.to_owned(),
    }
}

/// The name of a value of a field.
#[must_use]
pub fn value_name(i18n: I18n, field: &str, value: &str) -> String {
    match Level::parse(value).filter(|_| field == "level") {
        Some(level) => level_name(i18n.t(), level).to_owned(),
        None => value.to_owned(),
    }
}

/// A bar as long as a share of the whole; the figure stands beside it.
pub fn share_bar(share: f64) -> AnyView {
    let bar = NodeRef::<html::Span>::new();
    Effect::new(move |_| {
        if let Some(bar) = bar.get() {
            dom::set_property(&bar, "--w", &format!("{:.1}%", share.clamp(0.0, 1.0) * 100.0));
        }
    });
    view! {
        <span class="share" aria-hidden="true">
            <span node_ref=bar></span>
        </span>
    }
}

/// The shade of a cell of a table (`.heat`): the highest number is the darkest.
#[must_use]
pub fn shade(count: i64, highest: i64) -> &'static str {
    if count == 0 || highest == 0 {
        return SHADES[0];
    }
    // Above zero there are five equal steps.
    let step = (count * 5 + highest - 1) / highest;
    SHADES[usize::try_from(step).unwrap_or(0).clamp(1, 5)]
}

#[cfg(test)]
mod tests {
    use super::shade;

    /// ANA-03, UI-04: the busiest cell is the darkest, a single log is not nothing, and nothing is blank.
    #[test]
    fn shades_follow_the_numbers() {
        assert_eq!((shade(0, 100), shade(1, 100), shade(100, 100), shade(0, 0)), ("h0", "h1", "h5", "h0"));
        assert_eq!((shade(20, 100), shade(21, 100)), ("h1", "h2"));
    }
}
