//! A value that is set.

use std::marker::PhantomData;
use std::rc::Rc;

use leptos::prelude::{RwSignal as Inner, Write};

use super::source::{Kept, Source, reads};

/// A value that is set, and read by what follows it.
pub struct RwSignal<T> {
    inner: Inner<Kept>,
    of: PhantomData<fn(T) -> T>,
}

reads!(RwSignal, 'static);

impl<T: 'static> RwSignal<T> {
    /// Starts with a value.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self { inner: Inner::new(Kept::any(value)), of: PhantomData }
    }

    pub(super) const fn source(self) -> Source {
        Source::State(self.inner)
    }

    /// Sets the value.
    pub fn set(self, value: T) {
        self.try_set(value);
    }

    /// Sets the value; says whether there is still somebody to hold it.
    #[inline(never)]
    pub fn try_set(self, value: T) -> bool {
        replace(self.inner, Kept::any(value))
    }

    /// Changes the value.
    pub fn update(self, f: impl FnOnce(&mut T)) {
        self.try_update(f);
    }

    /// Changes the value and gives what `f` says; nothing once its owner is gone.
    pub fn try_update<R>(self, f: impl FnOnce(&mut T) -> R) -> Option<R> {
        let mut kept = self.inner.try_write()?;
        let value = Rc::get_mut(&mut kept.value).and_then(|value| value.downcast_mut());
        debug_assert!(value.is_some(), "a signal was changed by what reads it");
        value.map(f)
    }
}

fn replace(inner: Inner<Kept>, value: Kept) -> bool {
    inner.try_write().map(|mut kept| *kept = value).is_some()
}
