//! Funnels: who came from step to step in order and in time (ANA-11). Pure.

use std::collections::HashMap;

use shared::analytics::FunnelStepOut;

use super::statistics::robust::median;

/// Different values that are kept apart.
const MAX_VALUES: usize = 100_000;
/// Values named of those who dropped out.
const MAX_NAMED: usize = 100;

/// Collects the logs of a funnel by the value that ties them together.
#[derive(Debug, Default)]
pub struct Funnel {
    /// For each value: when, and which steps the log fits (one bit each).
    seen: HashMap<String, Vec<(i64, u8)>>,
    /// Whether a value was left out.
    pub overflowed: bool,
}

/// How far one value came.
struct Way {
    times: Vec<i64>,
}

impl Funnel {
    /// Adds a log.
    pub fn add(&mut self, value: &str, at: i64, steps: u8) {
        if let Some(logs) = self.seen.get_mut(value) {
            logs.push((at, steps));
        } else if self.seen.len() < MAX_VALUES {
            self.seen.insert(value.to_owned(), vec![(at, steps)]);
        } else {
            self.overflowed = true;
        }
    }

    /// What became of those whose first step lies within `range`. A step counts when it follows the one before it and
    /// lies within `window` of the first.
    #[must_use]
    pub fn steps(
        mut self,
        queries: &[String],
        range: (i64, i64),
        window: i64,
        now: i64,
    ) -> Vec<FunnelStepOut> {
        let mut ways: Vec<(String, Way)> = Vec::new();
        for (value, logs) in &mut self.seen {
            logs.sort_unstable();
            if let Some(times) = way(logs, queries.len(), range, window) {
                ways.push((value.clone(), Way { times }));
            }
        }
        let reached = |step: usize| ways.iter().filter(move |(_, way)| way.times.len() > step);
        (0..queries.len())
            .map(|step| {
                let count = reached(step).count() as i64;
                let before = if step == 0 { None } else { Some(reached(step - 1).count() as i64) };
                let mut stopped: Vec<(&str, i64)> = Vec::new();
                let mut waiting = 0;
                if let Some(last) = step.checked_sub(1) {
                    for (value, way) in ways.iter().filter(|(_, way)| way.times.len() == step) {
                        if way.times[0].saturating_add(window) > now {
                            waiting += 1;
                        } else {
                            stopped.push((value, way.times[last]));
                        }
                    }
                }
                stopped.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
                let mut took: Vec<f64> = reached(step)
                    .filter(|_| step > 0)
                    .map(|(_, way)| (way.times[step] - way.times[step - 1]) as f64)
                    .collect();
                FunnelStepOut {
                    q: queries[step].clone(),
                    reached: count,
                    share: before.filter(|before| *before > 0).map(|before| count as f64 / before as f64),
                    median_ms: median(&mut took).map(|took| took as i64),
                    dropped_count: stopped.len() as i64,
                    dropped: stopped.into_iter().take(MAX_NAMED).map(|(value, _)| value.to_owned()).collect(),
                    waiting,
                }
            })
            .collect()
    }
}

/// When each step was done, as far as it came; none when the first step does not lie in the range.
fn way(logs: &[(i64, u8)], steps: usize, (from, to): (i64, i64), window: i64) -> Option<Vec<i64>> {
    let fits = |mask: u8, step: usize| mask >> step & 1 == 1;
    let begin = logs.iter().position(|(at, mask)| fits(*mask, 0) && (from..to).contains(at))?;
    let mut times = vec![logs[begin].0];
    for (at, mask) in &logs[begin + 1..] {
        if *at > times[0].saturating_add(window) || times.len() == steps {
            break;
        }
        if fits(*mask, times.len()) {
            times.push(*at);
        }
    }
    Some(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ANA-11: steps count in order and in time; who has time left is waiting, who has none dropped out.
    #[test]
    fn steps_count_in_order_and_in_time() {
        let mut funnel = Funnel::default();
        for (value, at, step) in [
            ("done", 20, 1),
            ("done", 10, 0),
            ("done", 60, 2),
            ("backwards", 10, 1),
            ("backwards", 20, 0),
            ("late", 10, 0),
            ("late", 200, 1),
            ("halfway", 30, 0),
            ("halfway", 70, 1),
            ("fresh", 950, 0),
            ("outside", 2_000, 0),
        ] {
            funnel.add(value, at, 1 << step);
        }
        let queries: Vec<String> = ["a", "b", "c"].map(str::to_owned).into();
        let steps = funnel.steps(&queries, (0, 1_000), 100, 1_000);
        assert_eq!(steps.iter().map(|step| step.reached).collect::<Vec<_>>(), [5, 2, 1]);
        assert_eq!(steps[1].dropped, ["backwards", "late"]);
        assert_eq!((steps[1].waiting, steps[1].share), (1, Some(0.4)));
        assert_eq!((steps[2].dropped_count, steps[2].median_ms), (1, Some(40)));
        assert_eq!(steps[1].median_ms, Some(25));
        assert_eq!((steps[0].share, steps[0].dropped_count), (None, 0));
        assert!(Funnel::default().steps(&queries, (0, 1), 1, 1).iter().all(|step| step.reached == 0));
    }
}
