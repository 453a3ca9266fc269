//! The methods that `view!` calls: HTML, and one call for each thing that is filled in, in the order of the page.

use std::rc::Rc;

use leptos::ev::EventDescriptor;
use leptos::tachys::html::element::ElementType;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event};

use super::value::{Setting, Side, Value};
use super::view::{AnyView, Content, IntoChild};
use crate::reactive::{NodeRef, RwSignal};

/// HTML with what is filled in.
pub struct Html {
    pub text: &'static str,
    pub slots: Vec<Slot>,
}

/// One thing that is filled in; its name stands in the HTML.
pub enum Slot {
    /// A child.
    Child(AnyView),
    /// A value that stays.
    Fixed(Side, Value),
    /// A value that follows the signals it reads.
    Live(Side, Box<dyn Fn() -> Value>),
    /// A handler of an event.
    Event(Rc<dyn Fn(Event)>),
    /// Tells somebody about the element.
    Reference(RwSignal<Option<Element>>),
}

/// A view of HTML in the making.
pub struct Template(AnyView);

/// Starts a view of HTML.
#[inline(never)]
#[must_use]
pub fn html(text: &'static str) -> Template {
    Template(AnyView(Box::new(Content::Html(Html { text, slots: Vec::new() }))))
}

impl Template {
    fn fill(mut self, slot: Slot) -> Self {
        if let Content::Html(html) = &mut *self.0.0 {
            html.slots.push(slot);
        }
        self
    }

    #[inline(never)]
    fn fill_child(self, view: AnyView) -> Self {
        self.fill(Slot::Child(view))
    }

    #[inline(never)]
    pub(super) fn fill_fixed(self, side: Side, value: Value) -> Self {
        self.fill(Slot::Fixed(side, value))
    }

    #[inline(never)]
    pub(super) fn fill_live(self, side: Side, read: Box<dyn Fn() -> Value>) -> Self {
        self.fill(Slot::Live(side, read))
    }

    #[inline(never)]
    fn fill_event(self, handler: Rc<dyn Fn(Event)>) -> Self {
        self.fill(Slot::Event(handler))
    }

    #[inline(never)]
    fn fill_reference(self, element: RwSignal<Option<Element>>) -> Self {
        self.fill(Slot::Reference(element))
    }

    /// The view.
    #[must_use]
    pub fn view(self) -> AnyView {
        self.0
    }

    /// `{child}`.
    #[must_use]
    pub fn child(self, child: impl IntoChild) -> Self {
        self.fill_child(child.into_child())
    }

    /// `name=value`.
    #[must_use]
    pub fn attribute(self, value: impl Setting) -> Self {
        value.fill(self, Side::Attribute)
    }

    /// `prop:name=value`.
    #[must_use]
    pub fn property(self, value: impl Setting) -> Self {
        value.fill(self, Side::Property)
    }

    /// `class:name=value`.
    #[must_use]
    pub fn toggle(self, value: impl Setting) -> Self {
        value.fill(self, Side::Class)
    }

    /// `on:event=handler`.
    #[must_use]
    pub fn on<E>(self, _event: E, handler: impl Fn(E::EventType) + 'static) -> Self
    where
        E: EventDescriptor,
        E::EventType: JsCast,
    {
        self.fill_event(Rc::new(move |event| handler(event.unchecked_into())))
    }

    /// `on:event=handler` for an event that Leptos has no name for.
    #[must_use]
    pub fn on_plain(self, handler: impl Fn(Event) + 'static) -> Self {
        self.fill_event(Rc::new(handler))
    }

    /// `node_ref=reference`.
    #[must_use]
    pub fn reference<E>(self, node: NodeRef<E>) -> Self
    where
        E: ElementType,
        E::Output: JsCast,
    {
        self.fill_reference(node.any())
    }
}
