//! What runs while the page goes on.

use std::pin::Pin;

/// Runs a future while the page goes on.
pub fn spawn_local(future: impl Future<Output = ()> + 'static) {
    start(Box::pin(future));
}

fn start(future: Pin<Box<dyn Future<Output = ()>>>) {
    leptos::task::spawn_local(future);
}
