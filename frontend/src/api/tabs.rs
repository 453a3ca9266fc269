//! One at a time in all tabs of the browser (Web Locks).

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::future_to_promise;

/// A script function that runs a future.
pub(super) fn task<F, Fut>(make: F) -> Function
where
    F: FnOnce() -> Fut + 'static,
    Fut: Future<Output = ()> + 'static,
{
    Closure::once_into_js(move || {
        let future = make();
        future_to_promise(async move {
            future.await;
            Ok(JsValue::UNDEFINED)
        })
    })
    .unchecked_into()
}

/// Runs a function while no other tab runs it: two tabs that spend one refresh token would end the session.
pub(super) fn across_tabs(task: &Function) -> Promise {
    let locks = web_sys::window()
        .and_then(|window| Reflect::get(&window.navigator(), &"locks".into()).ok())
        .filter(|locks| locks.is_object());
    let through_lock = locks.and_then(|locks| {
        let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
        request.call2(&locks, &"mvai-refresh".into(), task).ok()?.dyn_into::<Promise>().ok()
    });
    through_lock.unwrap_or_else(|| {
        let result = task.call0(&JsValue::NULL);
        result
            .ok()
            .and_then(|value| value.dyn_into().ok())
            .unwrap_or_else(|| Promise::resolve(&JsValue::NULL))
    })
}
