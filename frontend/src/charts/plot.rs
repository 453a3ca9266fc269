//! A series laid out for a size: from numbers to paths. Pure.

use super::scale::{Linear, line, nice_count_max, px};

/// Room above the plot.
const TOP: f64 = 12.0;
/// Room below the plot, for the labels.
pub const BOTTOM: f64 = 26.0;
/// Room to the right.
const RIGHT: f64 = 12.0;

/// A series laid out for a size.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// Pixels by index.
    pub x: Linear,
    /// Pixels by value.
    pub y: Linear,
    /// Values that get a line across.
    pub ticks: [f64; 5],
    /// Path of the periods that are complete.
    pub line: String,
    /// Path of the last stretch, when its period is still running.
    pub tail: String,
    /// Path of the area below both.
    pub area: String,
    /// Path of a bar for each value.
    pub bars: String,
    /// Path of the band in which values are expected.
    pub band: String,
    /// Path of the values of an earlier period.
    pub before: String,
}

impl Plot {
    /// Lays out values on an axis up to `highest`; `left` is the room for the labels of the values.
    #[must_use]
    pub fn new(
        values: &[i64],
        highest: i64,
        running: bool,
        (width, height): (f64, f64),
        left: f64,
        bars: bool,
    ) -> Self {
        let count = values.len();
        let top = nice_count_max(highest as f64);
        let right = (width - RIGHT).max(left + 1.0);
        // A bar needs room on both sides of its point.
        let half = if bars { (right - left) / count.max(1) as f64 / 2.0 } else { 0.0 };
        let last = count.saturating_sub(1).max(1) as f64;
        let x = Linear { domain: (0.0, last), range: (left + half, right - half) };
        let y = Linear { domain: (0.0, top), range: ((height - BOTTOM).max(TOP + 1.0), TOP) };
        let at = |index: usize, value: i64| (x.at(index as f64), y.at(value as f64));
        let points: Vec<(f64, f64)> =
            values.iter().enumerate().map(|(index, value)| at(index, *value)).collect();
        let complete = if running && count > 1 { count - 1 } else { count };
        let tail_from = complete.saturating_sub(1);
        let tail =
            if complete < count { line(points.iter().skip(tail_from).copied()) } else { String::new() };
        let mut area = line(points.iter().copied());
        if let (Some(first), Some(last)) = (points.first(), points.last()) {
            let base = px(y.at(0.0));
            area.push_str(&format!("L{} {base}L{} {base}Z", px(last.0), px(first.0)));
        }
        Self {
            x,
            y,
            ticks: [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| share * top),
            bars: self::bars(&points, y.at(0.0), (right - left) / count.max(1) as f64),
            line: line(points.into_iter().take(complete)),
            tail,
            area,
            band: String::new(),
            before: String::new(),
        }
    }

    /// Adds the band in which values are expected.
    #[must_use]
    pub fn with_band(mut self, band: &[(i64, i64)]) -> Self {
        let (x, y) = (self.x, self.y);
        let at = move |(index, value): (usize, i64)| (x.at(index as f64), y.at(value as f64));
        let upper = band.iter().map(|(_, high)| *high).enumerate().map(at);
        let lower = band.iter().map(|(low, _)| *low).enumerate().rev().map(at);
        self.band = line(upper.chain(lower));
        self
    }

    /// Adds the values of an earlier period.
    #[must_use]
    pub fn with_before(mut self, before: &[i64]) -> Self {
        let (x, y) = (self.x, self.y);
        self.before =
            line(before.iter().enumerate().map(|(index, value)| (x.at(index as f64), y.at(*value as f64))));
        self
    }

    /// The index nearest to a pixel.
    #[must_use]
    pub fn nearest(&self, pixel: f64, count: usize) -> usize {
        let last = count.saturating_sub(1) as f64;
        self.x.invert(pixel).round().clamp(0.0, last) as usize
    }
}

/// Bars around points, with a gap of a fifth between them; what is not zero can be seen.
fn bars(points: &[(f64, f64)], base: f64, room: f64) -> String {
    let width = (room * 0.8).max(1.0);
    let bar = |(x, y): &(f64, f64)| {
        let top = if *y < base { y.min(base - 1.0) } else { *y };
        format!("M{} {}V{}h{}V{}Z", px(x - width / 2.0), px(base), px(top), px(width), px(base))
    };
    points.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(values: &[i64], running: bool) -> Plot {
        let highest = values.iter().copied().max().unwrap_or(0);
        Plot::new(values, highest, running, (252.0, 138.0), 40.0, false)
    }

    /// UI-04: bars stand beside each other inside the plot, and what is not zero can be seen.
    #[test]
    fn bars_stand_inside_the_plot() {
        let plot = Plot::new(&[0, 4_000, 1], 4_000, false, (252.0, 138.0), 40.0, true);
        assert_eq!(plot.bars, "M46.7 112V112h53.3V112ZM113.3 112V12h53.3V112ZM180 112V111h53.3V112Z");
        assert_eq!(plot.nearest(50.0, 3), 0);
        assert_eq!(plot.nearest(239.0, 3), 2);
    }

    /// ANA-06: the band runs along its upper ends and back along the lower ones.
    #[test]
    fn bands_are_closed() {
        let plot = plot(&[1, 1, 1], false).with_band(&[(0, 1), (0, 1), (1, 1)]);
        assert_eq!(plot.band, "M40 87L140 87L240 87L240 87L140 112L40 112");
    }

    /// ANA-16: the earlier period is drawn over the same axes.
    #[test]
    fn the_earlier_period_has_the_same_axes() {
        assert_eq!(plot(&[0, 4, 2], false).with_before(&[4, 0]).before, "M40 12L140 112");
    }

    /// UI-04: the line touches both ends of the plot and its values.
    #[test]
    fn a_series_fills_the_plot() {
        let plot = plot(&[0, 4, 2], false);
        assert_eq!(plot.line, "M40 112L140 12L240 62");
        assert_eq!(plot.area, "M40 112L140 12L240 62L240 112L40 112Z");
        assert_eq!(plot.tail, "");
        assert_eq!(plot.ticks, [0.0, 1.0, 2.0, 3.0, 4.0]);
    }

    /// UI-04: a day that is still running is drawn apart, so that nobody reads it as a fall.
    #[test]
    fn a_running_day_is_drawn_apart() {
        let plot = plot(&[0, 4, 2], true);
        assert_eq!(plot.line, "M40 112L140 12");
        assert_eq!(plot.tail, "M140 12L240 62");
    }

    /// UI-04: no data and one value give a plot too, and the nearest point is always one that exists.
    #[test]
    fn few_points_are_drawn() {
        assert_eq!(Plot::new(&[], 0, false, (0.0, 0.0), 40.0, false).line, "");
        let one = plot(&[3], true);
        assert_eq!(one.line, "M40 37");
        assert_eq!(one.nearest(999.0, 1), 0);
        assert_eq!(one.nearest(-5.0, 0), 0);
        let many = Plot::new(&[1; 30], 1, false, (700.0, 240.0), 40.0, false);
        assert_eq!(many.nearest(0.0, 30), 0);
        assert_eq!(many.nearest(9_999.0, 30), 29);
    }
}
