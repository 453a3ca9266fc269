//! Reactive parts of a view behind one type each: every closure in a view otherwise compiles the whole
//! machinery of a reactive node anew, which is what most of the download would consist of.

use std::sync::Arc;

use leptos::oco::Oco;
use leptos::prelude::*;

/// A part of a view that follows the signals it reads.
pub fn live<V>(part: impl Fn() -> V + Send + Sync + 'static) -> AnyView
where
    V: IntoAny,
{
    live_any(Box::new(move || part().into_any()))
}

fn live_any(part: Box<dyn Fn() -> AnyView + Send + Sync>) -> AnyView {
    (move || part()).into_any()
}

/// Value of an attribute: absent, or a text.
pub type Value = Option<Oco<'static, str>>;

/// What can be the value of an attribute; a bool makes it present or absent.
pub trait IntoValue {
    /// Converts it.
    fn into_value(self) -> Value;
}

impl IntoValue for bool {
    fn into_value(self) -> Value {
        self.then_some(Oco::Borrowed(""))
    }
}

impl IntoValue for &'static str {
    fn into_value(self) -> Value {
        Some(Oco::Borrowed(self))
    }
}

impl IntoValue for String {
    fn into_value(self) -> Value {
        Some(self.into())
    }
}

impl IntoValue for Oco<'static, str> {
    fn into_value(self) -> Value {
        Some(self)
    }
}

impl<T: IntoValue> IntoValue for Option<T> {
    fn into_value(self) -> Value {
        self.and_then(IntoValue::into_value)
    }
}

/// An attribute that follows the signals it reads.
pub fn lazy<T: IntoValue>(
    value: impl Fn() -> T + Send + Sync + 'static,
) -> impl Fn() -> Value + Clone + Send + Sync {
    lazy_value(Arc::new(move || value().into_value()))
}

fn lazy_value(value: Arc<dyn Fn() -> Value + Send + Sync>) -> impl Fn() -> Value + Clone + Send + Sync {
    move || value()
}
