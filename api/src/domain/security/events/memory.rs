//! What is not written yet. The same again is counted, not kept: an attack does not fill the disk.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use shared::security::Severity;
use shared::time::Millis;

use super::model::Event;
use crate::util::ids::new_id_in_order;

/// Different events within a minute that are kept, of mild ones and of severe ones: whoever makes noise neither fills
/// the disk nor hides what matters.
const MAX_A_MINUTE: usize = 500;
const MINUTE_MS: i64 = 60_000;

#[derive(Debug, Default)]
struct State {
    waiting: Vec<Event>,
    /// The running minute, and what came in it: mild, severe.
    minute: i64,
    came: [usize; 2],
    left_out: u64,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Events {
    state: Mutex<State>,
    order: AtomicU32,
    /// Held while events are written, so that whoever closes the database waits for a write under way.
    pub writing: tokio::sync::Mutex<()>,
}

impl Events {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes an event; gives the id under which it is kept: that of the first one, if it is the same again.
    pub fn note(&self, mut event: Event, now: Millis) -> String {
        let mut state = self.state();
        // The same comes in a row; those long before are not looked through.
        if let Some(same) = state.waiting.iter_mut().rev().take(64).find(|known| event.repeats(known)) {
            same.times += 1;
            same.last_at = now;
            return same.id.clone();
        }
        event.id = new_id_in_order(now, self.order.fetch_add(1, Ordering::Relaxed));
        (event.at, event.last_at) = (now, now);
        let id = event.id.clone();
        let minute = now.0 / MINUTE_MS;
        if state.minute != minute {
            (state.minute, state.came) = (minute, [0; 2]);
        }
        let severe = usize::from(event.severity >= Severity::High);
        if state.came[severe] < MAX_A_MINUTE {
            state.came[severe] += 1;
            state.waiting.push(event);
        } else {
            state.left_out += 1;
        }
        id
    }

    /// Takes what is to be written.
    #[must_use]
    pub fn take(&self) -> Vec<Event> {
        let mut state = self.state();
        if state.left_out > 0 {
            tracing::warn!(
                events = state.left_out,
                "too many security events at once; these were not written down"
            );
            state.left_out = 0;
        }
        std::mem::take(&mut state.waiting)
    }

    /// What was taken could not be written.
    pub fn put_back(&self, mut taken: Vec<Event>) {
        let mut state = self.state();
        taken.append(&mut state.waiting);
        taken.truncate(20 * MAX_A_MINUTE);
        state.waiting = taken;
    }
}

#[cfg(test)]
mod tests {
    use shared::security::SecurityEventKind;

    use super::*;
    use crate::domain::security::events::model::tests::request_from;

    /// The same again is counted under the id of the first, something else is kept, and there is an end to it.
    #[test]
    fn repetitions_are_counted() {
        let events = Events::default();
        let event = |from: &str| {
            Event::of(SecurityEventKind::Threat, Severity::Medium, &request_from(from)).found(["a"])
        };
        let first = events.note(event("192.0.2.1"), Millis(1));
        assert_eq!(events.note(event("192.0.2.1"), Millis(9)), first);
        assert_ne!(events.note(event("192.0.2.2"), Millis(9)), first);
        let taken = events.take();
        let told: Vec<_> = taken.iter().map(|event| (event.times, event.at.0, event.last_at.0)).collect();
        assert_eq!(told, [(2, 1, 9), (1, 9, 9)]);
        events.put_back(taken);
        for number in 0..3_000 {
            events.note(event("192.0.2.1").found([number.to_string()]), Millis(10));
        }
        assert_eq!(events.take().len(), MAX_A_MINUTE);
        let severe = Event { severity: Severity::Critical, ..event("192.0.2.9") };
        events.note(severe, Millis(11));
        events.note(event("192.0.2.1").found(["late"]), Millis(MINUTE_MS));
        assert_eq!(events.take().len(), 2, "what is severe, and the next minute");
    }
}
