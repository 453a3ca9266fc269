//! What is filled into a view: the functions that `view!` calls for attributes, handlers and references.

use std::rc::Rc;

use leptos::ev::EventDescriptor;
use leptos::prelude::*;
use leptos::tachys::html::element::ElementType;
use leptos::tachys::html::node_ref::NodeRefContainer;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event};

use super::value::{IntoSetting, Setting};

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

/// One thing that is filled in; its name stands in the HTML.
pub enum Slot {
    /// A child.
    Child(AnyView),
    /// A value.
    Set(Side, Setting),
    /// A handler of an event.
    Event(Rc<dyn Fn(Event)>),
    /// Tells somebody about the element.
    Reference(Box<dyn FnOnce(&Element)>),
}

/// `name=value`.
pub fn attribute(value: impl IntoSetting) -> Slot {
    Slot::Set(Side::Attribute, value.into_setting())
}

/// `prop:name=value`.
pub fn property(value: impl IntoSetting) -> Slot {
    Slot::Set(Side::Property, value.into_setting())
}

/// `class:name=value`.
pub fn toggle(value: impl IntoSetting) -> Slot {
    Slot::Set(Side::Class, value.into_setting())
}

/// `on:event=handler`.
pub fn on<E>(_event: E, handler: impl Fn(E::EventType) + 'static) -> Slot
where
    E: EventDescriptor,
    E::EventType: JsCast,
{
    Slot::Event(Rc::new(move |event| handler(event.unchecked_into())))
}

/// `on:event=handler` for an event that Leptos has no name for.
pub fn on_plain(handler: impl Fn(Event) + 'static) -> Slot {
    Slot::Event(Rc::new(handler))
}

/// `node_ref=reference`.
pub fn reference<E>(node: NodeRef<E>) -> Slot
where
    E: ElementType + 'static,
    E::Output: JsCast + Clone + 'static,
{
    Slot::Reference(Box::new(move |element| NodeRefContainer::<E>::load(node, element)))
}
