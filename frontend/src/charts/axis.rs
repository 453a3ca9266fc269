//! Where labels go, so that none touches another and steps are those that people count in.

/// Width of a character at 12 px, with room to spare.
const CHARACTER: f64 = 7.0;
/// Room between two labels.
const GAP: f64 = 14.0;

/// How far apart labels have to stand: the first of `steps` at which `count` of them fit into `width`.
#[must_use]
pub fn step(count: usize, width: f64, characters: usize, steps: &[usize]) -> usize {
    let label = characters as f64 * CHARACTER + GAP;
    let room = (width / label).floor().max(1.0);
    let least = (count as f64 / room).ceil() as usize;
    steps.iter().copied().find(|step| *step >= least).unwrap_or(least).max(1)
}

/// Steps in days.
#[must_use]
pub const fn day_steps(days: usize) -> &'static [usize] {
    if days > 20 { &[7, 14, 28, 56, 91, 182, 364] } else { &[1, 2, 4, 7] }
}

/// Indexes that get a label, counted back from the last one.
#[must_use]
pub fn labelled(count: usize, step: usize) -> Vec<usize> {
    let mut indexes: Vec<usize> = (0..count).rev().step_by(step.max(1)).collect();
    indexes.reverse();
    indexes
}

/// Anchor of the label of an index, so that the first and last do not leave the plot.
#[must_use]
pub fn anchor(index: usize, count: usize, x: f64, left: f64) -> &'static str {
    if index + 1 == count {
        "end"
    } else if x < left + 20.0 {
        "start"
    } else {
        "middle"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// UI-04: labels never touch, at any width, and weeks stay weeks.
    #[test]
    fn labels_fit() {
        for width in [120.0, 250.0, 390.0, 700.0, 1400.0] {
            for days in [7, 30, 90, 365] {
                let step = step(days, width, 6, day_steps(days));
                let labels = labelled(days, step);
                let each = width / days as f64 * step as f64;
                assert!(labels.len() == 1 || each >= 6.0 * CHARACTER, "{days} days in {width} px");
                assert_eq!(labels.last(), Some(&(days - 1)));
                assert!(days < 21 || step.is_multiple_of(7), "{step}");
            }
        }
    }

    /// UI-04: no data, no labels.
    #[test]
    fn nothing_needs_no_label() {
        assert!(labelled(0, 7).is_empty());
        assert_eq!(step(0, 100.0, 6, &[1, 2]), 1);
    }
}
