//! Small helpers around the browser: timers, focus, ids and custom properties.

use std::cell::Cell;
use std::time::Duration;

use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::prelude::*;

thread_local! {
    static NEXT_ID: Cell<u32> = const { Cell::new(0) };
}

/// Makes an id that no other element has.
#[must_use]
pub fn unique_id(prefix: &str) -> String {
    let number = NEXT_ID.get();
    NEXT_ID.set(number + 1);
    format!("{prefix}-{number}")
}

/// Waits for a number of milliseconds.
pub async fn sleep(ms: i32) {
    let promise = Promise::new(&mut |resolve: Function, _| {
        if let Some(window) = web_sys::window() {
            drop(window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms));
        }
    });
    drop(JsFuture::from(promise).await);
}

/// Whether the page is scrolled down.
#[must_use]
pub fn is_scrolled() -> bool {
    web_sys::window().and_then(|window| window.scroll_y().ok()).is_some_and(|y| y > 1.0)
}

/// Runs something after the view of this moment stands in the page.
pub fn next_tick(run: impl FnOnce() + 'static) {
    set_timeout(run, Duration::ZERO);
}

/// Runs something after the view of this moment was painted.
pub fn after_paint(run: impl FnOnce() + 'static) {
    request_animation_frame(move || next_tick(run));
}

/// The document.
#[must_use]
pub fn document() -> Option<web_sys::Document> {
    web_sys::window()?.document()
}

/// The first element that a selector finds.
#[must_use]
pub fn find(selector: &str) -> Option<web_sys::HtmlElement> {
    document()?.query_selector(selector).ok()??.dyn_into().ok()
}

/// Moves the focus to the first element that a selector finds, after the view is updated.
pub fn focus_later(selector: &'static str) {
    next_tick(move || {
        if let Some(element) = find(selector) {
            drop(element.focus());
        }
    });
}

/// Sets a custom property through the CSSOM; a `style` attribute would break the content security policy.
pub fn set_property(element: &web_sys::HtmlElement, name: &str, value: &str) {
    drop(element.style().set_property(name, value));
}

/// Whether a key press belongs to an element that takes text.
#[must_use]
pub fn in_text_control(event: &web_sys::KeyboardEvent) -> bool {
    event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "SELECT" | "TEXTAREA"))
}

/// A random UUID (version 4); the browser's own exists in secure contexts alone.
#[must_use]
pub fn random_uuid() -> String {
    let mut bytes = [0_u8; 16];
    if let Some(crypto) = web_sys::window().and_then(|window| window.crypto().ok()) {
        drop(crypto.get_random_values_with_u8_array(&mut bytes));
    }
    uuid(bytes)
}

fn uuid(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// A text in small letters, by the tables of the browser.
#[must_use]
pub fn lower_case(text: &str) -> String {
    js_sys::JsString::from(text).to_lower_case().into()
}

/// Puts a text on the clipboard; tells whether the browser allowed it.
pub async fn copy_text(text: &str) -> bool {
    let Some(window) = web_sys::window() else {
        return false;
    };
    let clipboard = js_sys::Reflect::get(&window.navigator(), &JsValue::from_str("clipboard"));
    // Absent outside a secure context.
    if !clipboard.is_ok_and(|clipboard| clipboard.is_object()) {
        return false;
    }
    JsFuture::from(window.navigator().clipboard().write_text(text)).await.is_ok()
}

/// What stands behind `#` in the address; it is taken out of it, so that it stays neither in view nor in the history.
pub fn fragment() -> String {
    let Some(window) = web_sys::window() else { return String::new() };
    let hash = window.location().hash().unwrap_or_default();
    let path = window.location().pathname().unwrap_or_default();
    if !hash.is_empty()
        && let Ok(history) = window.history()
    {
        drop(history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&path)));
    }
    hash.trim_start_matches('#').to_owned()
}

/// Loads the page anew.
pub fn reload() {
    if let Some(window) = web_sys::window() {
        drop(window.location().reload());
    }
}

/// Whether there is room for columns beside each other; the style sheet has the same limit.
#[must_use]
pub fn is_wide() -> bool {
    const WIDE: &str = "(min-width: 73.8125rem)";
    let list = web_sys::window().and_then(|window| window.match_media(WIDE).ok().flatten());
    list.is_some_and(|list| list.matches())
}

#[cfg(test)]
mod tests {
    /// LOG-02: keys have the form that the standard gives them.
    #[test]
    fn random_bytes_become_a_uuid() {
        assert_eq!(super::uuid([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(super::uuid([0; 16]), "00000000-0000-4000-8000-000000000000");
    }
}
