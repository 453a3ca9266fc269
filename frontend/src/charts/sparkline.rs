//! A small line beside a figure: decoration, the figure itself says what there is to know.

use super::scale::{Linear, line};

use crate::prelude::*;

const WIDTH: f64 = 96.0;
const HEIGHT: f64 = 28.0;

/// Path of a sparkline on 96 by 28 units; empty for fewer than two values.
#[must_use]
pub fn path(values: &[i64]) -> String {
    let (Some(low), Some(high)) = (values.iter().min(), values.iter().max()) else {
        return String::new();
    };
    if values.len() < 2 {
        return String::new();
    }
    let x = Linear { domain: (0.0, (values.len() - 1) as f64), range: (0.0, WIDTH) };
    // A flat line lies at the bottom.
    let y = Linear { domain: (*low as f64, (*high).max(low + 1) as f64), range: (HEIGHT - 2.0, 2.0) };
    line(values.iter().enumerate().map(|(index, value)| (x.at(index as f64), y.at(*value as f64))))
}

/// Draws a sparkline.
pub fn sparkline(values: Signal<Vec<i64>>) -> AnyView {
    view! {
        <svg
            class="spark"
            viewBox=format!("0 0 {WIDTH} {HEIGHT}")
            preserveAspectRatio="none"
            aria-hidden="true"
            focusable="false"
        >
            <path d=move || values.with(|values| path(values))></path>
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// UI-04: the line uses the full height, and nothing is drawn of nothing.
    #[test]
    fn lines_fill_the_box() {
        assert_eq!(path(&[0, 10, 5]), "M0 26L48 2L96 14");
        assert_eq!(path(&[3, 3]), "M0 26L96 26");
        assert_eq!(path(&[3]), "");
        assert_eq!(path(&[]), "");
    }
}
