//! Views in the page: the one place where a page is built and updated.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::oco::Oco;
use leptos::prelude::{Owner, RenderEffect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, Node};

use super::pattern::{Pattern, follow};
use super::rows::{PlacedRows, Row};
use super::template::{Html, Slot};
use super::value::{Side, Value};
use super::view::{AnyView, Content};
use crate::ui::dom;

/// Shows a view at the end of an element, until the page is left.
pub fn show(view: AnyView, place: &Element) {
    let mut placed = Placed::new(view);
    placed.mount(place, None);
    std::mem::forget(placed);
}

/// A view in the page.
pub enum Placed {
    Nothing,
    Text(Node, Oco<'static, str>),
    Many(Vec<Self>),
    Html(PlacedHtml),
    Live(Rc<RefCell<Self>>, Anchor),
    Rows(Rc<RefCell<PlacedRows>>, Anchor),
}

/// The end of a part that changes, and what changes it.
pub struct Anchor {
    node: Node,
    _effect: RenderEffect<()>,
}

/// An empty text: it marks a place and nobody sees it.
fn mark() -> Option<Node> {
    Some(dom::document()?.create_text_node("").into())
}

/// Runs now and whenever a signal that was read changes.
fn effect(mut run: Box<dyn FnMut()>) -> RenderEffect<()> {
    RenderEffect::new(move |_| run())
}

impl Placed {
    /// Builds a view; it stands nowhere yet.
    pub fn new(view: AnyView) -> Self {
        match *view.0 {
            Content::Nothing => Self::Nothing,
            Content::Text(text) => {
                let node = dom::document().map(|document| document.create_text_node(&text));
                node.map_or(Self::Nothing, |node| Self::Text(node.into(), text))
            }
            Content::Many(views) => Self::Many(views.into_iter().map(Self::new).collect()),
            Content::Html(html) => PlacedHtml::new(html).map_or(Self::Nothing, Self::Html),
            Content::Live(part) => Self::live(part),
            Content::Rows(rows) => Self::rows(rows),
        }
    }

    fn live(part: Box<dyn Fn() -> AnyView>) -> Self {
        let Some(node) = mark() else { return Self::Nothing };
        let placed = Rc::new(RefCell::new(Self::Nothing));
        // Weak: what is taken out of the page must end at once, not when its effect gets round to it.
        let (inside, end) = (Rc::downgrade(&placed), node.clone());
        let run = move || {
            let Some(inside) = inside.upgrade() else { return };
            let view = part();
            inside.borrow_mut().update(view, end.parent_node().as_ref(), &end);
        };
        Self::Live(placed, Anchor { node, _effect: effect(Box::new(run)) })
    }

    fn rows(rows: Box<dyn Fn() -> Vec<Row>>) -> Self {
        let (Some(node), Some(document)) = (mark(), dom::document()) else { return Self::Nothing };
        let placed = Rc::new(RefCell::new(PlacedRows::default()));
        let (inside, end) = (Rc::downgrade(&placed), node.clone());
        let owner = Owner::current().unwrap_or_default();
        let run = move || {
            let Some(inside) = inside.upgrade() else { return };
            let rows = rows();
            // Before it stands in the page its parent is a fragment.
            let parent = end.parent_node().or_else(|| {
                let fragment = document.create_document_fragment();
                fragment.append_child(&end).is_ok().then(|| fragment.into())
            });
            if let Some(parent) = parent {
                inside.borrow_mut().update(rows, &parent, &end, &owner);
            }
        };
        Self::Rows(placed, Anchor { node, _effect: effect(Box::new(run)) })
    }

    /// Shows another view in its place, which ends before `end`; what is the same is kept.
    fn update(&mut self, view: AnyView, parent: Option<&Node>, end: &Node) {
        match (&mut *self, *view.0) {
            (Self::Nothing, Content::Nothing) => {}
            (Self::Text(node, old), Content::Text(text)) => {
                if *old != text {
                    node.set_node_value(Some(&text));
                    *old = text;
                }
            }
            (Self::Html(placed), Content::Html(html)) if std::ptr::eq(placed.text, html.text) => {
                placed.update(html.slots);
            }
            (Self::Many(placed), Content::Many(mut views)) => {
                for mut gone in placed.drain(views.len().min(placed.len())..) {
                    gone.unmount();
                }
                let more = views.split_off(placed.len());
                for view in more {
                    let mut new = Self::new(view);
                    if let Some(parent) = parent {
                        new.mount(parent, Some(end));
                    }
                    placed.push(new);
                }
                let mut end =
                    placed.iter().skip(views.len()).find_map(Self::first_node).unwrap_or_else(|| end.clone());
                while let Some(view) = views.pop() {
                    if let Some(old) = placed.get_mut(views.len()) {
                        old.update(view, parent, &end);
                        end = old.first_node().unwrap_or(end);
                    }
                }
            }
            (old, content) => {
                let mut new = Self::new(AnyView(Box::new(content)));
                if let Some(parent) = parent {
                    new.mount(parent, Some(end));
                    old.unmount();
                }
                *self = new;
            }
        }
    }

    /// Puts the view into the page, or moves it.
    pub fn mount(&mut self, parent: &Node, before: Option<&Node>) {
        match self {
            Self::Nothing => {}
            Self::Text(node, _) => drop(parent.insert_before(node, before)),
            Self::Many(views) => views.iter_mut().for_each(|view| view.mount(parent, before)),
            Self::Html(html) => html.mount(parent, before),
            Self::Live(inside, anchor) => {
                drop(parent.insert_before(&anchor.node, before));
                inside.borrow_mut().mount(parent, Some(&anchor.node));
            }
            Self::Rows(rows, anchor) => {
                drop(parent.insert_before(&anchor.node, before));
                rows.borrow_mut().views_mut().for_each(|view| view.mount(parent, Some(&anchor.node)));
            }
        }
    }

    /// Takes the view out of the page.
    pub fn unmount(&mut self) {
        match self {
            Self::Nothing => {}
            Self::Text(node, _) => remove(node),
            Self::Many(views) => views.iter_mut().for_each(Self::unmount),
            Self::Html(html) => html.unmount(),
            Self::Live(inside, anchor) => {
                inside.borrow_mut().unmount();
                remove(&anchor.node);
            }
            Self::Rows(rows, anchor) => {
                rows.borrow_mut().views_mut().for_each(Self::unmount);
                remove(&anchor.node);
            }
        }
    }

    /// The first node of the view.
    pub fn first_node(&self) -> Option<Node> {
        match self {
            Self::Nothing => None,
            Self::Text(node, _) => Some(node.clone()),
            Self::Many(views) => views.iter().find_map(Self::first_node),
            Self::Html(html) => html.first_node(),
            Self::Live(inside, anchor) => inside.borrow().first_node().or_else(|| Some(anchor.node.clone())),
            Self::Rows(rows, anchor) => {
                rows.borrow().views().find_map(Self::first_node).or_else(|| Some(anchor.node.clone()))
            }
        }
    }

    /// The last node of the view.
    pub fn last_node(&self) -> Option<Node> {
        match self {
            Self::Nothing => None,
            Self::Text(node, _) => Some(node.clone()),
            Self::Many(views) => views.iter().rev().find_map(Self::last_node),
            Self::Html(html) => html.roots.last().map(|(_, node)| node.clone()),
            Self::Live(_, anchor) | Self::Rows(_, anchor) => Some(anchor.node.clone()),
        }
    }
}

fn remove(node: &Node) {
    if let Some(parent) = node.parent_node() {
        drop(parent.remove_child(node));
    }
}

/// HTML in the page.
pub struct PlacedHtml {
    text: &'static str,
    /// The outermost nodes; before a comment that marks a place stands the child of that part.
    roots: Vec<(Option<usize>, Node)>,
    parts: Vec<Part>,
}

/// One slot that was filled.
struct Part {
    node: Node,
    name: Rc<str>,
    held: Held,
}

/// What a filled slot keeps alive.
enum Held {
    Nothing,
    Child(Placed),
    Value(Value),
    Effect(#[expect(dead_code, reason = "runs until it is dropped")] RenderEffect<()>),
    Listener(#[expect(dead_code, reason = "listens until it is dropped")] Listener),
}

impl PlacedHtml {
    fn new(html: Html) -> Option<Self> {
        let pattern = Pattern::of(html.text)?;
        let copy = dom::document()?.import_node_with_deep(&pattern.content, true).ok()?;
        debug_assert_eq!(pattern.places.len(), html.slots.len(), "read differently: {}", html.text);
        // All nodes are found before the first child moves them.
        let nodes: Vec<Option<Node>> = pattern.places.iter().map(|place| follow(&copy, &place.way)).collect();
        let mut placed = Self { text: html.text, roots: Vec::new(), parts: Vec::new() };
        let mut next = copy.first_child();
        while let Some(node) = next {
            next = node.next_sibling();
            placed.roots.push((None, node));
        }
        let mut later = Vec::new();
        for ((place, node), slot) in pattern.places.iter().zip(nodes).zip(html.slots) {
            let index = placed.parts.len();
            let mut part = Part { node: node?, name: Rc::clone(&place.name), held: Held::Nothing };
            match slot {
                Slot::Child(view) => {
                    let mut child = Placed::new(view);
                    if let [outermost] = place.way.as_slice() {
                        if let Some((root, _)) = placed.roots.get_mut(*outermost as usize) {
                            *root = Some(index);
                        }
                    } else if let Some(parent) = part.node.parent_node() {
                        child.mount(&parent, Some(&part.node));
                    }
                    part.held = Held::Child(child);
                }
                other => later.push((index, other)),
            }
            placed.parts.push(part);
        }
        // A field chooses among its options only once they are there.
        for (index, slot) in later {
            if let Some(part) = placed.parts.get_mut(index) {
                part.fill(slot);
            }
        }
        Some(placed)
    }

    fn update(&mut self, slots: Vec<Slot>) {
        for (part, slot) in self.parts.iter_mut().zip(slots) {
            part.fill(slot);
        }
    }

    fn child(&self, part: Option<usize>) -> Option<&Placed> {
        match &self.parts.get(part?)?.held {
            Held::Child(child) => Some(child),
            _ => None,
        }
    }

    fn mount(&mut self, parent: &Node, before: Option<&Node>) {
        for (child, node) in &self.roots {
            drop(parent.insert_before(node, before));
            if let Some(Held::Child(child)) =
                child.and_then(|part| self.parts.get_mut(part)).map(|part| &mut part.held)
            {
                child.mount(parent, Some(node));
            }
        }
    }

    fn unmount(&mut self) {
        for (child, node) in &self.roots {
            if let Some(Held::Child(child)) =
                child.and_then(|part| self.parts.get_mut(part)).map(|part| &mut part.held)
            {
                child.unmount();
            }
            remove(node);
        }
    }

    fn first_node(&self) -> Option<Node> {
        let (child, node) = self.roots.first()?;
        self.child(*child).and_then(Placed::first_node).or_else(|| Some(node.clone()))
    }
}

impl Part {
    /// Fills the slot, or fills it anew.
    fn fill(&mut self, slot: Slot) {
        if let Slot::Child(view) = slot {
            if let Held::Child(child) = &mut self.held {
                child.update(view, self.node.parent_node().as_ref(), &self.node);
            }
            return;
        }
        let Some(element) = self.node.dyn_ref::<Element>() else { return };
        if let (Slot::Fixed(_, value), Held::Value(old)) = (&slot, &self.held)
            && value == old
        {
            return;
        }
        // What ran before must not run again after this.
        self.held = Held::Nothing;
        self.held = match slot {
            Slot::Fixed(side, value) => {
                set(element, side, &self.name, &value);
                Held::Value(value)
            }
            Slot::Live(side, read) => {
                let (element, name) = (element.clone(), Rc::clone(&self.name));
                Held::Effect(effect(Box::new(move || set(&element, side, &name, &read()))))
            }
            Slot::Event(handler) => Held::Listener(Listener::new(element, Rc::clone(&self.name), handler)),
            Slot::Reference(node) => {
                node.set(Some(element.clone()));
                Held::Nothing
            }
            Slot::Child(_) => Held::Nothing,
        };
    }
}

/// Sets one side of an element.
fn set(element: &Element, side: Side, name: &str, value: &Value) {
    match side {
        Side::Attribute => drop(match value {
            Value::Off => element.remove_attribute(name),
            Value::On => element.set_attribute(name, ""),
            Value::Text(text) => element.set_attribute(name, text),
        }),
        Side::Property => {
            let value = match value {
                Value::Off => JsValue::FALSE,
                Value::On => JsValue::TRUE,
                Value::Text(text) => JsValue::from_str(text),
            };
            drop(js_sys::Reflect::set(element, &JsValue::from_str(name), &value));
        }
        Side::Class => {
            let classes = element.class_list();
            drop(if *value == Value::Off { classes.remove_1(name) } else { classes.add_1(name) });
        }
    }
}

/// A handler at an element, taken away when it is dropped.
struct Listener {
    element: Element,
    name: Rc<str>,
    closure: Closure<dyn Fn(Event)>,
}

impl Listener {
    fn new(element: &Element, name: Rc<str>, handler: Rc<dyn Fn(Event)>) -> Self {
        let owner = Owner::current().unwrap_or_default();
        let closure = Closure::<dyn Fn(Event)>::new(move |event| {
            #[cfg(debug_assertions)]
            let _zone = leptos::reactive::diagnostics::SpecialNonReactiveZone::enter();
            owner.with(|| handler(event));
        });
        drop(element.add_event_listener_with_callback(&name, closure.as_ref().unchecked_ref()));
        Self { element: element.clone(), name, closure }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let function = self.closure.as_ref().unchecked_ref();
        drop(self.element.remove_event_listener_with_callback(&self.name, function));
    }
}
