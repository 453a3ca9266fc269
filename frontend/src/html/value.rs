//! Values of attributes, properties and classes: given once, or following the signals that they read.

use leptos::oco::Oco;
use leptos::text_prop::TextProp;

use super::template::Template;
use crate::reactive::{Memo, RwSignal, Signal};

/// Which side of an element a value sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// An attribute.
    Attribute,
    /// A property of the object, for what a person changes: the text of a field, a tick.
    Property,
    /// One class of several.
    Class,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// The attribute is absent, the property false, the class not set.
    Off,
    /// The attribute is present without a text, the property true, the class set.
    On,
    /// A text.
    Text(Oco<'static, str>),
}

/// What can be a value.
pub trait IntoValue {
    /// Converts it.
    fn into_value(self) -> Value;
}

impl IntoValue for bool {
    fn into_value(self) -> Value {
        if self { Value::On } else { Value::Off }
    }
}

impl IntoValue for &'static str {
    fn into_value(self) -> Value {
        Value::Text(Oco::Borrowed(self))
    }
}

impl IntoValue for String {
    fn into_value(self) -> Value {
        Value::Text(self.into())
    }
}

impl IntoValue for Oco<'static, str> {
    fn into_value(self) -> Value {
        Value::Text(self)
    }
}

impl<T: IntoValue> IntoValue for Option<T> {
    fn into_value(self) -> Value {
        self.map_or(Value::Off, IntoValue::into_value)
    }
}

/// What can be set: a value, or a closure or signal that gives one.
pub trait Setting {
    /// Fills it into a view.
    fn fill(self, template: Template, side: Side) -> Template;
}

macro_rules! fixed {
    ($($value:ty),*) => {$(
        impl Setting for $value {
            fn fill(self, template: Template, side: Side) -> Template {
                template.fill_fixed(side, self.into_value())
            }
        }
    )*};
}

fixed!(bool, &'static str, String, Oco<'static, str>);

impl<T: IntoValue> Setting for Option<T> {
    fn fill(self, template: Template, side: Side) -> Template {
        template.fill_fixed(side, self.into_value())
    }
}

impl<F, V> Setting for F
where
    F: Fn() -> V + 'static,
    V: IntoValue,
{
    fn fill(self, template: Template, side: Side) -> Template {
        template.fill_live(side, Box::new(move || self().into_value()))
    }
}

impl Setting for TextProp {
    fn fill(self, template: Template, side: Side) -> Template {
        template.fill_live(side, Box::new(move || Value::Text(self.get())))
    }
}

macro_rules! signals {
    ($($signal:ident),*) => {$(
        impl<T: IntoValue + Clone + 'static> Setting for $signal<T> {
            fn fill(self, template: Template, side: Side) -> Template {
                template.fill_live(side, Box::new(move || self.get().into_value()))
            }
        }
    )*};
}

signals!(Memo, RwSignal, Signal);
