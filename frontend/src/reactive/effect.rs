//! What runs when a signal changes.

use leptos::prelude::Effect as Inner;

/// What runs when a signal that it reads changes.
#[derive(Debug, Clone, Copy)]
pub struct Effect;

impl Effect {
    /// Runs soon, and again after each change; gets what the run before gave.
    pub fn new<T: 'static>(mut f: impl FnMut(Option<T>) -> T + 'static) -> Self {
        let mut last = None;
        start(Box::new(move || last = Some(f(last.take()))));
        Self
    }
}

fn start(mut run: Box<dyn FnMut()>) {
    Inner::new(move |_: Option<()>| run());
}
