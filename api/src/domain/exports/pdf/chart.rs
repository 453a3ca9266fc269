//! Charts as boxes and texts, from the figures that the analysis gives.

use shared::analytics::{FacetOut, HistogramOut};

use super::face::{self, Weight};
use super::sheet::{Mark, Shade, WIDE};
use super::words::Words;

/// Letters of charts.
const SIZE: f32 = 7.5;
/// Height of the chart over time, its labels included.
pub const OVER_TIME: f32 = 132.0;
/// Height of a bar with its label.
const BAR: f32 = 13.0;
/// Room for numbers beside a chart over time.
const SCALE: f32 = 46.0;
/// Bars of a chart of values.
pub const MOST_BARS: usize = 8;

fn text(at: (f32, f32), text: String, shade: Shade) -> Mark {
    Mark::Text { at, size: SIZE, weight: Weight::Regular, shade, text }
}

/// The next round number: 1, 2 or 5 times a power of ten.
fn round_up(value: i64) -> i64 {
    let mut step = 1_i64;
    loop {
        for factor in [1, 2, 5] {
            if step.saturating_mul(factor) >= value {
                return step.saturating_mul(factor);
            }
        }
        step = step.saturating_mul(10);
    }
}

/// Logs over time: a bar for each bucket, and what it shows in words.
pub fn over_time(words: &Words, figures: &HistogramOut, (left, top): (f32, f32)) -> (Vec<Mark>, String) {
    let most = figures.buckets.iter().map(|bucket| bucket.count).max().unwrap_or(0);
    let high = round_up(most.max(1));
    let (x, width, height) = (left + SCALE, WIDE - SCALE, OVER_TIME - 24.0);
    let mut marks = Vec::new();
    let mut levels = vec![0, high];
    if high % 2 == 0 {
        levels.insert(1, high / 2);
    }
    for level in levels {
        let y = top + height - height * (level as f32 / high as f32);
        marks.push(Mark::Area { area: (x, y, width, 0.5), shade: Shade::Line });
        let label = words.number(level);
        let right = x - 5.0 - face::width(&label, Weight::Regular, SIZE);
        marks.push(text((right, y + 2.5), label, Shade::Muted));
    }
    let step = width / figures.buckets.len().max(1) as f32;
    for (at, bucket) in figures.buckets.iter().enumerate().filter(|(_, bucket)| bucket.count > 0) {
        let tall = (height * (bucket.count as f32 / high as f32)).max(0.75);
        let area = (x + step * at as f32 + step * 0.1, top + height - tall, step * 0.8, tall);
        marks.push(Mark::Area { area, shade: Shade::Accent });
    }
    // As many labels as stand apart.
    let room = face::width("00-00 00:00", Weight::Regular, SIZE) + 14.0;
    let every = ((room / step).ceil() as usize).max(1);
    for (at, bucket) in figures.buckets.iter().enumerate().step_by(every) {
        let label = words.tick(bucket.from, figures.unit);
        let place = x + step * at as f32;
        if place + face::width(&label, Weight::Regular, SIZE) <= left + WIDE {
            marks.push(text((place, top + height + 11.0), label, Shade::Muted));
        }
    }
    let busiest = figures.buckets.iter().find(|bucket| bucket.count == most && most > 0);
    let mut said = format!(
        "{} {}: {} logs, {} – {}.",
        words.say("Logs per", "Logs per"),
        words.unit(figures.unit),
        words.number(figures.n),
        words.time(figures.from),
        words.time(figures.to)
    );
    if let Some(bucket) = busiest {
        let peak = words.say("De meeste", "Most");
        said.push_str(&format!(" {peak}: {} ({}).", words.number(bucket.count), words.time(bucket.from)));
    }
    (marks, said)
}

/// The most frequent values of a field: a bar for each, with its number, and what it shows in words.
pub fn by_value(
    words: &Words,
    facet: &FacetOut,
    (left, top): (f32, f32),
    width: f32,
) -> (Vec<Mark>, String, f32) {
    let shown = facet.values.iter().take(MOST_BARS);
    let most = shown.clone().map(|value| value.count).max().unwrap_or(0).max(1);
    let (name_room, number_room) = (width * 0.4, 48.0);
    let bar_room = width - name_room - number_room;
    let (mut marks, mut said, mut y) = (Vec::new(), Vec::new(), top);
    let mut bar = |name: &str, count: i64, shade: Shade| {
        let (name, _) = face::shown(name);
        let (lines, _) = face::wrap(&name, Weight::Regular, SIZE, name_room - 8.0, 1);
        marks.push(text((left, y + 8.5), lines.concat(), Shade::Ink));
        let long = (bar_room * (count as f32 / most as f32)).clamp(0.75, bar_room);
        marks.push(Mark::Area { area: (left + name_room, y + 2.0, long, BAR - 5.0), shade });
        marks.push(text((left + name_room + long + 5.0, y + 8.5), words.number(count), Shade::Ink));
        said.push(format!("{name}: {}", words.number(count)));
        y += BAR;
    };
    for value in shown {
        bar(&value.value, value.count, Shade::Accent);
    }
    let rest: i64 = facet.other + facet.values.iter().skip(MOST_BARS).map(|value| value.count).sum::<i64>();
    if rest > 0 {
        bar(words.say("overige", "other"), rest, Shade::Muted);
    }
    let said = if said.is_empty() { words.say("Geen logs.", "No logs.").to_owned() } else { said.join("; ") };
    (marks, said, y - top)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EXP-04: a scale ends at a round number that nothing exceeds.
    #[test]
    fn scales_end_at_round_numbers() {
        for (value, expected) in
            [(1, 1), (2, 2), (3, 5), (6, 10), (11, 20), (51, 100), (100, 100), (1_234, 2_000)]
        {
            assert_eq!(round_up(value), expected);
        }
        assert!(round_up(i64::MAX) > 0);
    }
}
