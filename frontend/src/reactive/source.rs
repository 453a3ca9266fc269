//! Where a value of any type is kept and how it is looked at.

use std::any::Any;
use std::rc::Rc;

use leptos::prelude::{GetValue, Read, ReadUntracked};
use leptos::prelude::{LocalStorage, Memo, RwSignal, StoredValue};
use send_wrapper::SendWrapper;

/// A value of any type that knows how to compare itself.
pub struct Kept {
    pub value: SendWrapper<Rc<dyn Any>>,
    same: fn(&dyn Any, &dyn Any) -> bool,
}

impl Kept {
    /// A value that is never compared.
    pub fn any<T: 'static>(value: T) -> Self {
        Self { value: SendWrapper::new(Rc::new(value)), same: |_, _| false }
    }

    /// A value that can be compared.
    pub fn comparable<T: PartialEq + 'static>(value: T) -> Self {
        Self {
            value: SendWrapper::new(Rc::new(value)),
            same: |a, b| match (a.downcast_ref::<T>(), b.downcast_ref::<T>()) {
                (Some(a), Some(b)) => a == b,
                _ => false,
            },
        }
    }

    /// Whether a value differs from the one before.
    pub fn differs(before: Option<&Self>, now: Option<&Self>) -> bool {
        match (before, now) {
            (Some(before), Some(now)) => !(now.same)(&**before.value, &**now.value),
            _ => true,
        }
    }
}

/// Calculates a value.
pub type Derive = Rc<dyn Fn() -> Rc<dyn Any>>;

/// Where a value comes from.
#[derive(Clone, Copy)]
pub enum Source {
    /// Set by somebody.
    State(RwSignal<Kept>),
    /// Calculated when something that it reads changed, and kept.
    Memo(Memo<Kept>),
    /// Calculated each time.
    Derived(StoredValue<Derive, LocalStorage>),
}

impl Source {
    /// The value; who asks is told when it changes. Nothing once its owner is gone.
    #[inline(never)]
    fn value(self) -> Option<Rc<dyn Any>> {
        match self {
            Self::State(state) => state.try_read().map(|kept| Rc::clone(&kept.value)),
            Self::Memo(memo) => memo.try_read().map(|kept| Rc::clone(&kept.value)),
            Self::Derived(derive) => derive.try_get_value().map(|derive| derive()),
        }
    }

    /// The value, for somebody who need not know when it changes.
    #[inline(never)]
    fn value_untracked(self) -> Option<Rc<dyn Any>> {
        match self {
            Self::State(state) => state.try_read_untracked().map(|kept| Rc::clone(&kept.value)),
            Self::Memo(memo) => memo.try_read_untracked().map(|kept| Rc::clone(&kept.value)),
            Self::Derived(derive) => {
                derive.try_get_value().map(|derive| leptos::prelude::untrack(|| derive()))
            }
        }
    }

    /// The value by its type (tracked).
    #[inline(never)]
    pub fn get<T: 'static>(self) -> Option<Rc<T>> {
        self.value()?.downcast().ok()
    }

    /// The value by its type (not tracked).
    #[inline(never)]
    pub fn get_untracked<T: 'static>(self) -> Option<Rc<T>> {
        self.value_untracked()?.downcast().ok()
    }

    /// Tells whoever asks when the value changes.
    pub fn track(self) {
        drop(self.value());
    }
}

/// Says that a value is gone: what holds its handle lives longer than the page that it belongs to.
#[cold]
pub fn gone<T>() -> T {
    panic!("a signal was read after its owner is gone")
}

/// The methods that read, for every type with a `source`.
macro_rules! reads {
    ($signal:ident, $($bound:tt)*) => {
        impl<T: $($bound)*> $signal<T> {
            /// What `f` makes of the value (tracked).
            pub fn with<R>(self, f: impl FnOnce(&T) -> R) -> R {
                f(&*self.source().get::<T>().unwrap_or_else(crate::reactive::source::gone))
            }

            /// What `f` makes of the value (not tracked).
            pub fn with_untracked<R>(self, f: impl FnOnce(&T) -> R) -> R {
                f(&*self.source().get_untracked::<T>().unwrap_or_else(crate::reactive::source::gone))
            }

            /// What `f` makes of the value (not tracked); nothing once its owner is gone.
            pub fn try_with_untracked<R>(self, f: impl FnOnce(&T) -> R) -> Option<R> {
                self.source().get_untracked::<T>().map(|value| f(&*value))
            }

            /// Remembers who asks, as [`Self::with`] does.
            pub fn track(self) {
                self.source().track();
            }
        }

        impl<T: Clone + $($bound)*> $signal<T> {
            /// The value (tracked).
            #[must_use]
            #[inline(never)]
            pub fn get(self) -> T {
                self.with(T::clone)
            }

            /// The value (not tracked).
            #[must_use]
            #[inline(never)]
            pub fn get_untracked(self) -> T {
                self.with_untracked(T::clone)
            }

            /// The value (not tracked); nothing once its owner is gone.
            #[must_use]
            pub fn try_get_untracked(self) -> Option<T> {
                self.try_with_untracked(T::clone)
            }
        }

        impl<T> Clone for $signal<T> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<T> Copy for $signal<T> {}

        impl<T> std::fmt::Debug for $signal<T> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($signal))
            }
        }
    };
}

pub(super) use reads;
