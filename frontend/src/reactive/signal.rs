//! A value that is read, wherever it comes from.

use std::any::Any;
use std::marker::PhantomData;
use std::rc::Rc;

use leptos::prelude::StoredValue;

use super::source::{Derive, Source, reads};
use super::{Memo, RwSignal};

/// A value that is read: set, calculated or constant.
pub struct Signal<T> {
    source: Source,
    of: PhantomData<fn() -> T>,
}

reads!(Signal, 'static);

impl<T: 'static> Signal<T> {
    /// A value that is calculated each time it is read.
    #[must_use]
    pub fn derive(f: impl Fn() -> T + 'static) -> Self {
        Self { source: derived(Rc::new(move || -> Rc<dyn Any> { Rc::new(f()) })), of: PhantomData }
    }

    /// A value that never changes.
    #[must_use]
    pub fn stored(value: T) -> Self {
        RwSignal::new(value).into()
    }

    pub(super) const fn source(self) -> Source {
        self.source
    }
}

fn derived(f: Derive) -> Source {
    Source::Derived(StoredValue::new_local(f))
}

impl<T: 'static> From<RwSignal<T>> for Signal<T> {
    fn from(state: RwSignal<T>) -> Self {
        Self { source: state.source(), of: PhantomData }
    }
}

impl<T: 'static> From<Memo<T>> for Signal<T> {
    fn from(memo: Memo<T>) -> Self {
        Self { source: memo.source(), of: PhantomData }
    }
}

impl<T: 'static> From<T> for Signal<T> {
    fn from(value: T) -> Self {
        Self::stored(value)
    }
}

impl<T: Default + 'static> Default for Signal<T> {
    fn default() -> Self {
        Self::stored(T::default())
    }
}
