//! Ending calls: because a newer one replaces them, or because they take too long.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::AbortController;

use crate::prelude::*;

/// An ordinary call gives up after this time.
const TIMEOUT_MS: i32 = 30_000;

/// Keeps only the newest of a series of calls alive: a new call through the slot ends the former one.
#[derive(Debug, Clone, Copy)]
pub struct AbortSlot(StoredValue<Option<AbortController>>);

impl Default for AbortSlot {
    fn default() -> Self {
        Self::new()
    }
}

impl AbortSlot {
    /// Creates an empty slot; its call ends with the component that made it.
    #[must_use]
    pub fn new() -> Self {
        let slot = Self(StoredValue::new(None));
        if Owner::current().is_some() {
            on_cleanup(move || slot.abort());
        }
        slot
    }

    /// Ends the call in the slot.
    pub fn abort(self) {
        if let Some(Some(controller)) = self.0.try_update_value(Option::take) {
            controller.abort();
        }
    }

    pub(super) fn occupy(self, controller: &AbortController) {
        self.abort();
        self.0.try_update_value(|slot| *slot = Some(controller.clone()));
    }
}

/// Ends a call that takes too long.
pub(super) struct Timer {
    id: Option<i32>,
    fired: Rc<Cell<bool>>,
    _closure: Option<Closure<dyn FnMut()>>,
}

impl Timer {
    pub(super) fn start(wanted: bool, controller: &AbortController) -> Self {
        let fired = Rc::new(Cell::new(false));
        let window = if wanted { web_sys::window() } else { None };
        let Some(window) = window else {
            return Self { id: None, fired, _closure: None };
        };
        let (flag, controller) = (fired.clone(), controller.clone());
        let closure = Closure::once(move || {
            flag.set(true);
            controller.abort();
        });
        let id = window
            .set_timeout_with_callback_and_timeout_and_arguments_0(
                closure.as_ref().unchecked_ref(),
                TIMEOUT_MS,
            )
            .ok();
        Self { id, fired, _closure: Some(closure) }
    }

    pub(super) fn stop(self) -> bool {
        if let (Some(id), Some(window)) = (self.id, web_sys::window()) {
            window.clear_timeout_with_handle(id);
        }
        self.fired.get()
    }
}
