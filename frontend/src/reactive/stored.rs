//! A value that belongs to a page and that nobody follows.

use std::any::Any;
use std::cell::RefCell;
use std::marker::PhantomData;
use std::rc::Rc;

use leptos::prelude::{GetValue, LocalStorage, StoredValue as Inner};

use super::source::gone;

/// A value that belongs to a page and that nobody follows; the handle is cheap to copy.
pub struct StoredValue<T> {
    inner: Inner<Rc<dyn Any>, LocalStorage>,
    of: PhantomData<fn(T) -> T>,
}

impl<T: 'static> StoredValue<T> {
    /// Keeps a value.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self { inner: Inner::new_local(Rc::new(RefCell::new(value))), of: PhantomData }
    }

    /// The cell; nothing once its owner is gone.
    fn cell(self) -> Option<Rc<RefCell<T>>> {
        self.inner.try_get_value()?.downcast().ok()
    }

    /// What `f` makes of the value; nothing once its owner is gone.
    pub fn try_with_value<R>(self, f: impl FnOnce(&T) -> R) -> Option<R> {
        Some(f(&self.cell()?.borrow()))
    }

    /// What `f` makes of the value.
    pub fn with_value<R>(self, f: impl FnOnce(&T) -> R) -> R {
        self.try_with_value(f).unwrap_or_else(gone)
    }

    /// The value; nothing once its owner is gone.
    pub fn try_get_value(self) -> Option<T>
    where
        T: Clone,
    {
        self.try_with_value(T::clone)
    }

    /// The value.
    pub fn get_value(self) -> T
    where
        T: Clone,
    {
        self.with_value(T::clone)
    }

    /// Changes the value and gives what `f` says; nothing once its owner is gone.
    pub fn try_update_value<R>(self, f: impl FnOnce(&mut T) -> R) -> Option<R> {
        Some(f(&mut self.cell()?.borrow_mut()))
    }

    /// Changes the value.
    pub fn update_value(self, f: impl FnOnce(&mut T)) {
        self.try_update_value(f);
    }

    /// Replaces the value.
    pub fn set_value(self, value: T) {
        self.update_value(move |old| *old = value);
    }
}

impl<T> Clone for StoredValue<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for StoredValue<T> {}

impl<T> std::fmt::Debug for StoredValue<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoredValue")
    }
}
