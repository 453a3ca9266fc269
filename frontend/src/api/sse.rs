//! Server-sent events over `fetch`, because the token travels in a header that `EventSource` cannot send.
//!
//! The stream resumes by `Last-Event-ID` after every break, waiting 1, 2, 4 … 30 seconds in between.

use std::time::Duration;

use js_sys::{Math, Promise};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

use super::call::Call;
use super::client::AuthedApi;
use super::error::ApiError;
use crate::prelude::*;
use crate::state::session::Phase;

/// One event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// Name; `message` when the server gave none.
    pub name: String,
    /// Its number, kept for resuming.
    pub id: Option<String>,
    /// Its data.
    pub data: String,
}

/// Cuts a byte stream into events (WHATWG HTML §9.2.6); bytes may be split anywhere.
#[derive(Debug, Default)]
pub struct Parser {
    line: Vec<u8>,
    skip_newline: bool,
    event: Event,
    has_data: bool,
}

impl Parser {
    /// Takes the next bytes and gives the events that they complete.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for &byte in bytes {
            match byte {
                b'\n' if std::mem::take(&mut self.skip_newline) => {}
                b'\r' | b'\n' => {
                    self.skip_newline = byte == b'\r';
                    let line = std::mem::take(&mut self.line);
                    self.end_line(&String::from_utf8_lossy(&line), &mut events);
                }
                _ => {
                    self.skip_newline = false;
                    self.line.push(byte);
                }
            }
        }
        events
    }

    fn end_line(&mut self, line: &str, events: &mut Vec<Event>) {
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            if std::mem::take(&mut self.has_data) {
                let name = if event.name.is_empty() { "message".to_owned() } else { event.name };
                events.push(Event { name, ..event });
            }
            return;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event.name),
            "id" if !value.contains('\0') => self.event.id = Some(value.to_owned()),
            "data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
            }
            // Comments (empty field) keep the connection alive; other fields are none of ours.
            _ => {}
        }
    }
}

/// How a live stream is doing.
#[derive(Debug, Clone, PartialEq)]
pub enum LiveState {
    /// Being connected.
    Connecting,
    /// Receiving.
    Live,
    /// Broken; tries again by itself.
    Waiting,
    /// The server refuses, for example because the query is wrong; does not try again.
    Refused(ApiError),
    /// Stopped by the app, or the session is over.
    Stopped,
}

/// Handle on a live stream.
#[derive(Debug, Clone, Copy)]
pub struct Live {
    /// How the stream is doing.
    pub state: RwSignal<LiveState>,
    stopped: StoredValue<bool>,
    abort: StoredValue<Option<AbortController>>,
}

impl Live {
    /// Ends the stream for good.
    pub fn stop(self) {
        self.stopped.try_update_value(|stopped| *stopped = true);
        if let Some(Some(controller)) = self.abort.try_update_value(Option::take) {
            controller.abort();
        }
        self.state.try_set(LiveState::Stopped);
    }

    fn is_stopped(self) -> bool {
        self.stopped.try_get_value().unwrap_or(true)
    }

    fn set(self, state: LiveState) {
        if !self.is_stopped() {
            self.state.try_set(state);
        }
    }
}

/// No sign of life for this long means that the connection is dead (the server pings every 15 s).
const SILENCE: Duration = Duration::from_secs(45);

/// Seconds to wait before try number `attempt` (from 0).
fn back_off_seconds(attempt: u32) -> f64 {
    f64::from(1_u32 << attempt.min(5)).min(30.0)
}

/// Follows a stream of events until it is stopped.
pub fn follow(
    api: AuthedApi,
    path: String,
    last_event_id: Option<String>,
    on_event: impl Fn(Event) + 'static,
) -> Live {
    let live = Live {
        state: RwSignal::new(LiveState::Connecting),
        stopped: StoredValue::new(false),
        abort: StoredValue::new(None),
    };
    spawn_local(run(api, path, last_event_id, Box::new(on_event), live));
    live
}

async fn run(
    api: AuthedApi,
    path: String,
    mut last_id: Option<String>,
    on_event: Box<dyn Fn(Event)>,
    live: Live,
) {
    let mut attempt = 0;
    while !live.is_stopped() {
        live.set(LiveState::Connecting);
        let received = connect(api, &path, &mut last_id, &*on_event, live).await;
        if live.is_stopped() {
            return;
        }
        match received {
            Ok(true) => attempt = 0,
            Ok(false) => {}
            Err(error) => {
                let over = api.client().session().set_phase.get_untracked() == Phase::Out;
                if over {
                    live.set(LiveState::Stopped);
                    return;
                }
                if error
                    .status()
                    .is_some_and(|status| (400..500).contains(&status) && status != 429 && status != 401)
                {
                    live.set(LiveState::Refused(error));
                    return;
                }
            }
        }
        live.set(LiveState::Waiting);
        // Spread over ±25%, so that a restarted server is not met by everybody at once.
        sleep(back_off_seconds(attempt) * (0.75 + Math::random() / 2.0)).await;
        attempt += 1;
    }
}

/// Reads one connection to its end; says whether it delivered anything.
async fn connect(
    api: AuthedApi,
    path: &str,
    last_id: &mut Option<String>,
    on_event: &dyn Fn(Event),
    live: Live,
) -> Result<bool, ApiError> {
    let mut call = Call::get(path.to_owned()).header("Accept", "text/event-stream").without_timeout();
    if let Some(id) = last_id {
        call = call.header("Last-Event-ID", id.clone());
    }
    let stream = api.open(call).await?;
    if live.is_stopped() {
        return Ok(false);
    }
    live.abort.try_update_value(|abort| *abort = Some(stream.abort_handle()));
    live.set(LiveState::Live);
    let mut parser = Parser::default();
    let mut received = false;
    loop {
        let watchdog = Watchdog::start(&stream.abort_handle());
        let piece = stream.next().await;
        watchdog.stop();
        let Some(piece) = piece? else { return Ok(received) };
        for event in parser.feed(&piece.to_vec()) {
            received = true;
            if let Some(id) = &event.id {
                *last_id = Some(id.clone());
            }
            if event.name == "end" {
                return Ok(received);
            }
            if live.is_stopped() {
                return Ok(received);
            }
            on_event(event);
        }
    }
}

/// Ends a connection that has gone silent.
struct Watchdog(Option<TimeoutHandle>);

impl Watchdog {
    fn start(abort: &AbortController) -> Self {
        let abort = abort.clone();
        Self(set_timeout_with_handle(move || abort.abort(), SILENCE).ok())
    }

    fn stop(self) {
        if let Some(handle) = self.0 {
            handle.clear();
        }
    }
}

/// Waits; ends early when the browser comes back online.
pub async fn sleep(seconds: f64) {
    let promise = Promise::new(&mut |resolve, _| {
        let Some(window) = web_sys::window() else { return };
        let milliseconds = (seconds * 1_000.0) as i32;
        drop(window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds));
        let online = Closure::once_into_js(move || drop(resolve.call0(&wasm_bindgen::JsValue::NULL)));
        let options = web_sys::AddEventListenerOptions::new();
        options.set_once(true);
        drop(window.add_event_listener_with_callback_and_add_event_listener_options(
            "online",
            online.unchecked_ref(),
            &options,
        ));
    });
    drop(JsFuture::from(promise).await);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// UI-07: events survive every way in which the network may cut the bytes.
    #[test]
    fn events_are_read_however_they_are_cut() {
        let text = ": ping\n\nid: 7\nevent: log\ndata: {\"a\":\"é\"}\n\nevent: end\r\ndata: {\r\ndata: }\r\n\r\nid: 9\n\n";
        let expected = vec![
            Event { name: "log".to_owned(), id: Some("7".to_owned()), data: "{\"a\":\"é\"}".to_owned() },
            Event { name: "end".to_owned(), id: None, data: "{\n}".to_owned() },
        ];
        for size in 1..=text.len() {
            let mut parser = Parser::default();
            let events: Vec<Event> =
                text.as_bytes().chunks(size).flat_map(|bytes| parser.feed(bytes)).collect();
            assert_eq!(events, expected, "pieces of {size}");
        }
    }

    /// UI-07: the wait before the next try grows and has an end.
    #[test]
    fn waits_grow_up_to_half_a_minute() {
        let waits: Vec<f64> = (0..8).map(back_off_seconds).collect();
        assert_eq!(waits, [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]);
    }
}
