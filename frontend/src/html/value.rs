//! Values of attributes, properties and classes: given once, or following the signals that they read.

use leptos::oco::Oco;
use leptos::prelude::*;

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

impl IntoValue for Value {
    fn into_value(self) -> Value {
        self
    }
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

/// A value, or how to find it.
pub enum Setting {
    /// Never changes.
    Fixed(Value),
    /// Follows the signals that it reads.
    Live(Box<dyn Fn() -> Value>),
}

/// What can be a setting: a value or a closure that gives one.
pub trait IntoSetting {
    /// Converts it.
    fn into_setting(self) -> Setting;
}

macro_rules! fixed {
    ($($value:ty),*) => {$(
        impl IntoSetting for $value {
            fn into_setting(self) -> Setting {
                Setting::Fixed(self.into_value())
            }
        }
    )*};
}

fixed!(bool, &'static str, String, Oco<'static, str>);

impl<T: IntoValue> IntoSetting for Option<T> {
    fn into_setting(self) -> Setting {
        Setting::Fixed(self.into_value())
    }
}

impl<F, V> IntoSetting for F
where
    F: Fn() -> V + 'static,
    V: IntoValue,
{
    fn into_setting(self) -> Setting {
        Setting::Live(Box::new(move || self().into_value()))
    }
}

impl IntoSetting for TextProp {
    fn into_setting(self) -> Setting {
        Setting::Live(Box::new(move || Value::Text(self.get())))
    }
}

impl IntoSetting for Signal<bool> {
    fn into_setting(self) -> Setting {
        Setting::Live(Box::new(move || self.get().into_value()))
    }
}

impl IntoSetting for RwSignal<String> {
    fn into_setting(self) -> Setting {
        Setting::Live(Box::new(move || self.get().into_value()))
    }
}

impl IntoSetting for Signal<String> {
    fn into_setting(self) -> Setting {
        Setting::Live(Box::new(move || self.get().into_value()))
    }
}
