//! A handle on an element of the page.

use std::marker::PhantomData;

use leptos::tachys::html::element::ElementType;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::RwSignal;

/// A handle on an element, empty until it is in the page.
pub struct NodeRef<E> {
    element: RwSignal<Option<Element>>,
    of: PhantomData<fn() -> E>,
}

impl<E: ElementType> NodeRef<E>
where
    E::Output: JsCast,
{
    /// A handle on no element yet.
    #[must_use]
    pub fn new() -> Self {
        Self { element: RwSignal::new(None), of: PhantomData }
    }

    /// The element (tracked).
    #[must_use]
    pub fn get(self) -> Option<E::Output> {
        self.element.get().map(JsCast::unchecked_into)
    }

    /// The element (not tracked).
    #[must_use]
    pub fn get_untracked(self) -> Option<E::Output> {
        self.element.get_untracked().map(JsCast::unchecked_into)
    }

    /// The handle without the type of its element.
    pub(crate) const fn any(self) -> RwSignal<Option<Element>> {
        self.element
    }
}

impl<E: ElementType> Default for NodeRef<E>
where
    E::Output: JsCast,
{
    fn default() -> Self {
        Self::new()
    }
}

impl<E> Clone for NodeRef<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for NodeRef<E> {}
