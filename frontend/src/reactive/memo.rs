//! A value that is calculated and kept.

use std::marker::PhantomData;

use leptos::prelude::Memo as Inner;
use send_wrapper::SendWrapper;

use super::source::{Kept, Source, reads};

/// A value that is calculated when something that it reads changed; what follows it runs when it differs.
pub struct Memo<T> {
    inner: Inner<Kept>,
    of: PhantomData<fn() -> T>,
}

reads!(Memo, 'static);

impl<T: 'static> Memo<T> {
    /// Calculates when it is first read. The argument is there for the form of Leptos and always empty.
    #[must_use]
    pub fn new(f: impl Fn(Option<&T>) -> T + 'static) -> Self
    where
        T: PartialEq,
    {
        Self { inner: calculated(Box::new(move || Kept::comparable(f(None)))), of: PhantomData }
    }

    pub(super) const fn source(self) -> Source {
        Source::Memo(self.inner)
    }
}

fn calculated(f: Box<dyn Fn() -> Kept>) -> Inner<Kept> {
    let f = SendWrapper::new(f);
    Inner::new_with_compare(move |_| f(), Kept::differs)
}
