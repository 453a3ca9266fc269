//! Unusual numbers of logs, and gaps in what is received. Pure.
//!
//! An hour is compared with the same hour of the week in other weeks, so are quarters of a day and days: what is too
//! little to stand out in one hour can be plain over a night. Holidays and days of a clock change are no example for
//! others and are never called quiet.

use std::collections::HashMap;

use crate::domain::analytics::history;
use crate::domain::analytics::statistics::robust::Spread;

/// Robust standard deviations beyond which a number is unusual.
pub const BAND: f64 = 5.0;
/// A number must be this far off to be told, however small the spread.
const LEAST_DIFFERENCE: f64 = 10.0;
/// Weeks that must be known of an hour of the week.
pub const LEAST_WEEKS: usize = 4;
/// Logs that must have been due before silence is a gap: all of them missing has a chance of e⁻²⁰.
const LEAST_DUE: f64 = 20.0;
/// Shortest gap, in hours.
const LEAST_GAP: usize = 3;
/// Lengths of the blocks that are compared, in hours.
const SCALES: [usize; 3] = [1, 6, 24];
/// Part of a longer episode that shorter ones must explain to stand for it.
const EXPLAINED: f64 = 0.6;

/// One hour of history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hour {
    /// Where it begins.
    pub at: i64,
    /// Number of its local day.
    pub day: i64,
    /// Day of the week, 0 is Monday.
    pub weekday: u8,
    /// Hour of the local day.
    pub hour: u8,
    /// Whether its day is a holiday or has a clock change.
    pub special: bool,
    /// Logs that happened in it.
    pub count: i64,
    /// Logs that were received in it.
    pub received: i64,
}

/// A stretch of unusual hours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Episode {
    /// Where it begins.
    pub from: i64,
    /// Where it ends, not included.
    pub to: i64,
    /// Logs in it.
    pub observed: f64,
    /// Logs that are usual.
    pub usual: f64,
    /// Lower end of the usual.
    pub low: f64,
    /// Upper end of the usual.
    pub high: f64,
    /// Largest distance, in robust standard deviations.
    pub score: f64,
}

impl Episode {
    /// How many logs it is off.
    fn excess(&self) -> f64 {
        (self.observed - self.usual).abs()
    }

    /// Whether it has more logs than usual.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.observed > self.usual
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.from < other.to && other.from < self.to
    }
}

const HOUR: i64 = 3_600_000;

/// Neighbouring hours of one local day.
struct Block {
    from: i64,
    to: i64,
    class: (u8, u8),
    special: bool,
    count: f64,
}

fn blocks(hours: &[Hour], scale: usize) -> Vec<Block> {
    let part = |hour: &Hour| u8::try_from(usize::from(hour.hour) / scale).unwrap_or_default();
    let same = |a: &Hour, b: &Hour| a.day == b.day && part(a) == part(b);
    let block = |hours: &[Hour]| {
        let (first, last) = (hours.first()?, hours.last()?);
        // Cut off at the ends of history it says nothing.
        let whole = hours.len() >= scale || first.special;
        whole.then(|| Block {
            from: first.at,
            to: last.at + HOUR,
            class: (first.weekday, part(first)),
            special: first.special,
            count: hours.iter().map(|hour| hour.count as f64).sum(),
        })
    };
    hours.chunk_by(same).filter_map(block).collect()
}

/// What is usual for each class of blocks: median and robust standard deviation, never less than chance alone brings.
fn usual(blocks: &[Block]) -> HashMap<(u8, u8), (f64, f64)> {
    let mut known: HashMap<(u8, u8), Vec<f64>> = HashMap::new();
    for block in blocks.iter().filter(|block| !block.special) {
        known.entry(block.class).or_default().push(block.count);
    }
    let class = |(class, mut counts): ((u8, u8), Vec<f64>)| {
        let spread = Spread::of(&mut counts).filter(|_| counts.len() >= LEAST_WEEKS)?;
        let chance = spread.median.max(1.0).sqrt();
        Some((class, (spread.median, spread.scale().unwrap_or_default().max(chance))))
    };
    known.into_iter().filter_map(class).collect()
}

/// Hours without a log that end what came before them.
const PAUSE: usize = 14 * 24;

/// The hour with which regular history begins.
#[must_use]
pub fn beginning(hours: &[Hour]) -> usize {
    history::beginning(hours.iter().map(|hour| hour.count == 0 && hour.received == 0), PAUSE)
}

/// Whether any hour of the week is known well enough to judge others by it.
#[must_use]
pub fn can_judge(hours: &[Hour]) -> bool {
    !usual(&blocks(hours, 24)).is_empty()
}

/// Episodes with unusually many or few logs that begin at `since` or later.
#[must_use]
pub fn episodes(hours: &[Hour], since: i64) -> Vec<Episode> {
    let mut kept: Vec<Episode> = Vec::new();
    for scale in SCALES {
        for found in at_scale(hours, scale, since) {
            let same = |other: &&Episode| other.busy() == found.busy() && other.overlaps(&found);
            let explained: f64 = kept.iter().filter(same).map(Episode::excess).sum();
            if explained < EXPLAINED * found.excess() {
                kept.retain(|other| !same(&other));
                kept.push(found);
            }
        }
    }
    kept.sort_by(|a, b| b.score.total_cmp(&a.score));
    kept
}

fn at_scale(hours: &[Hour], scale: usize, since: i64) -> Vec<Episode> {
    let blocks = blocks(hours, scale);
    let usual = usual(&blocks);
    let mut found: Vec<Episode> = Vec::new();
    for block in blocks.iter().filter(|block| block.from >= since) {
        let Some((median, scale)) = usual.get(&block.class) else { continue };
        let score = (block.count - median) / scale;
        let quiet_day_off = block.special && score < 0.0;
        if score.abs() <= BAND || (block.count - median).abs() < LEAST_DIFFERENCE || quiet_day_off {
            continue;
        }
        let episode = Episode {
            from: block.from,
            to: block.to,
            observed: block.count,
            usual: *median,
            low: (median - BAND * scale).max(0.0),
            high: median + BAND * scale,
            score: score.abs(),
        };
        match found.last_mut() {
            Some(last) if last.to == block.from && last.busy() == episode.busy() => {
                last.to = episode.to;
                last.observed += episode.observed;
                last.usual += episode.usual;
                last.low += episode.low;
                last.high += episode.high;
                last.score = last.score.max(episode.score);
            }
            _ => found.push(episode),
        }
    }
    found
}

/// Stretches in which nothing was received although logs were due. Their `observed` is what happened in them, as far
/// as it arrived later.
#[must_use]
pub fn gaps(hours: &[Hour], since: i64) -> Vec<Episode> {
    let mut known: HashMap<(u8, u8), Vec<f64>> = HashMap::new();
    for hour in hours.iter().filter(|hour| !hour.special) {
        known.entry((hour.weekday, hour.hour)).or_default().push(hour.received as f64);
    }
    let due: HashMap<(u8, u8), f64> = known
        .into_iter()
        .filter(|(_, counts)| counts.len() >= LEAST_WEEKS)
        .filter_map(|(class, mut counts)| Some((class, Spread::of(&mut counts)?.median)))
        .collect();
    let due = |hour: &Hour| {
        let usual = due.get(&(hour.weekday, hour.hour)).copied().unwrap_or_default();
        if hour.special { 0.0 } else { usual }
    };
    let silent = |hours: &&[Hour]| hours.first().is_some_and(|hour| hour.received == 0);
    let gap = |hours: &[Hour]| {
        let (first, last) = (hours.first()?, hours.last()?);
        let usual: f64 = hours.iter().map(due).sum();
        (hours.len() >= LEAST_GAP && usual >= LEAST_DUE && first.at >= since).then(|| Episode {
            from: first.at,
            to: last.at + HOUR,
            observed: hours.iter().map(|hour| hour.count as f64).sum(),
            usual,
            low: (usual - BAND * usual.sqrt()).max(0.0),
            high: usual + BAND * usual.sqrt(),
            score: usual.sqrt(),
        })
    };
    hours.chunk_by(|a, b| (a.received == 0) == (b.received == 0)).filter(silent).filter_map(gap).collect()
}

/// Leaves out episodes that are explained by a gap: too few logs within it, or too many that arrived later.
#[must_use]
pub fn without_gaps(episodes: Vec<Episode>, gaps: &[Episode]) -> Vec<Episode> {
    episodes.into_iter().filter(|episode| !gaps.iter().any(|gap| gap.overlaps(episode))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Thirteen weeks with `base` logs in working hours of working days, and a little noise.
    fn history(base: i64) -> Vec<Hour> {
        (0..13 * 7 * 24)
            .map(|at: i64| {
                let (day, hour) = (at / 24, at % 24);
                let weekday = day % 7;
                let works = weekday < 5 && (8..18).contains(&hour);
                let noise = (at * 7_919) % 5 - 2;
                let count = if works { base + noise } else { 0 };
                Hour {
                    at: at * HOUR,
                    day,
                    weekday: weekday as u8,
                    hour: hour as u8,
                    special: false,
                    count,
                    received: count,
                }
            })
            .collect()
    }

    fn set(hours: &mut [Hour], from: i64, to: i64, change: impl Fn(&mut Hour)) {
        for hour in hours.iter_mut().filter(|hour| (from..to).contains(&(hour.at / HOUR))) {
            change(hour);
        }
    }

    /// ANA-07: an ordinary quarter of a year has nothing unusual, whatever its size.
    #[test]
    fn ordinary_weeks_are_ordinary() {
        for base in [2, 20, 2_000] {
            let hours = history(base);
            assert_eq!(episodes(&hours, 0), [], "{base}");
            assert_eq!(gaps(&hours, 0), [], "{base}");
        }
    }

    /// ANA-07: a busy night, a quiet day and a gap are found where they are, and nothing else is.
    #[test]
    fn unusual_hours_are_found() {
        let mut hours = history(20);
        let night = 80 * 24 + 22;
        set(&mut hours, night, night + 8, |hour| hour.count = 30);
        let quiet = 77 * 24;
        set(&mut hours, quiet, quiet + 24, |hour| hour.count /= 4);
        let found = episodes(&hours, 0);
        assert_eq!(found.len(), 2, "{found:?}");
        let busy = found.iter().find(|episode| episode.busy()).unwrap();
        assert_eq!((busy.from / HOUR, busy.to / HOUR, busy.observed), (night, night + 8, 240.0));
        let calm = found.iter().find(|episode| !episode.busy()).unwrap();
        assert!(calm.from / HOUR >= quiet && calm.to / HOUR <= quiet + 24 && calm.observed < calm.low);

        let mut hours = history(20);
        set(&mut hours, 71 * 24, 73 * 24, |hour| hour.received = 0);
        let found = gaps(&hours, 0);
        assert_eq!(found.len(), 1);
        assert!(found[0].from / HOUR <= 71 * 24 && found[0].to / HOUR >= 73 * 24);
        assert!(found[0].usual > 300.0 && found[0].observed > 300.0);
        assert_eq!(gaps(&hours, 80 * 24 * HOUR), [], "only what is asked for");
    }

    /// ANA-07: a night that stands out as a whole is found even if no hour of it does.
    #[test]
    fn small_excesses_add_up() {
        let mut hours = history(1);
        for hour in &mut hours {
            hour.count = i64::from(hour.hour % 3 == 0);
        }
        let night = 80 * 24;
        set(&mut hours, night, night + 6, |hour| hour.count = 6);
        let found = episodes(&hours, 0);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].from / HOUR, found[0].to / HOUR), (night, night + 6));
    }

    /// ANA-07: a holiday is not quiet, and no example for other days; silence of one's own making explains the quiet.
    #[test]
    fn holidays_are_apart() {
        let mut hours = history(20);
        for day in [70, 77, 84] {
            set(&mut hours, day * 24, day * 24 + 24, |hour| (hour.count, hour.special) = (0, true));
        }
        assert_eq!(episodes(&hours, 0), []);
        let mut hours = history(20);
        set(&mut hours, 70 * 24, 71 * 24, |hour| (hour.count, hour.received) = (0, 0));
        let gaps = gaps(&hours, 0);
        let found = episodes(&hours, 0);
        assert!(!found.is_empty());
        assert_eq!(without_gaps(found, &gaps), []);
    }

    /// ANA-07, GEN-01: one old log does not make months of silence.
    #[test]
    fn history_begins_with_regular_hours() {
        let mut hours = history(20);
        for hour in &mut hours[..60 * 24] {
            (hour.count, hour.received) = (0, 0);
        }
        hours[5].count = 1;
        assert_eq!(beginning(&hours), hours.iter().skip(6).position(|hour| hour.count > 0).unwrap() + 6);
        assert_eq!(beginning(&[]), 0);
    }

    /// ANA-07, GEN-01: too short a history says nothing.
    #[test]
    fn short_histories_say_nothing() {
        let mut hours = history(20);
        hours.truncate(20 * 24);
        hours[19 * 24 + 9].count = 5_000;
        assert!(!can_judge(&hours));
        assert_eq!(episodes(&hours, 0), []);
        assert!(can_judge(&history(20)));
        assert!(!can_judge(&[]));
    }
}
