//! Copies the HTML of a view and fills its slots; the one place where a page is built and updated.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use leptos::tachys::html::attribute::any_attribute::AnyAttribute;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::renderer::types;
use leptos::tachys::view::any_view::AnyViewState;
use leptos::tachys::view::{Position, PositionState};
use send_wrapper::SendWrapper;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DocumentFragment, Element, Event, HtmlTemplateElement, Node};

use super::slot::{Side, Slot};
use super::value::{Setting, Value};
use crate::ui::dom;

/// The view of a piece of HTML in which nothing is filled in.
pub fn fixed(html: &'static str) -> AnyView {
    filled(html, Vec::new())
}

/// The view of a piece of HTML and what is filled in, in the order of the page.
pub fn filled(html: &'static str, slots: Vec<Slot>) -> AnyView {
    Template(SendWrapper::new(Content { html, slots })).into_any()
}

struct Content {
    html: &'static str,
    slots: Vec<Slot>,
}

/// A view that is not built yet.
struct Template(SendWrapper<Content>);

/// Where something is filled in: the way from the root by numbers of children, and its name.
struct Place {
    way: Vec<u32>,
    name: Rc<str>,
}

/// HTML that was read once.
struct Pattern {
    content: DocumentFragment,
    places: Vec<Place>,
}

thread_local! {
    /// What was read, by the address of its text.
    static PATTERNS: RefCell<Vec<(usize, Rc<Pattern>)>> = const { RefCell::new(Vec::new()) };
}

impl Pattern {
    /// The pattern of a text; read at its first use.
    fn of(html: &'static str) -> Option<Rc<Self>> {
        let key = html.as_ptr().addr();
        let found = PATTERNS.with_borrow(|known| {
            let at = known.binary_search_by_key(&key, |(key, _)| *key)?;
            Ok(known.get(at).map(|(_, pattern)| Rc::clone(pattern)))
        });
        match found {
            Ok(pattern) => pattern,
            Err(at) => {
                let at: usize = at;
                let pattern = Rc::new(Self::read(html)?);
                PATTERNS.with_borrow_mut(|known| known.insert(at, (key, Rc::clone(&pattern))));
                Some(pattern)
            }
        }
    }

    fn read(html: &str) -> Option<Self> {
        let template: HtmlTemplateElement =
            dom::document()?.create_element("template").ok()?.dyn_into().ok()?;
        template.set_inner_html(html);
        let content = template.content();
        // Shapes are read inside an `<svg>` that is no part of the view.
        if html.starts_with("<svg _>") {
            let svg = content.first_child()?;
            content.remove_child(&svg).ok()?;
            while let Some(shape) = svg.first_child() {
                content.append_child(&shape).ok()?;
            }
        }
        let mut places = Vec::new();
        gather(&content, &mut Vec::new(), &mut places);
        Some(Self { content, places })
    }
}

/// Finds the places below a node.
fn gather(parent: &Node, way: &mut Vec<u32>, places: &mut Vec<Place>) {
    let mut next = parent.first_child();
    let mut index = 0;
    while let Some(node) = next {
        way.push(index);
        if let Some(element) = node.dyn_ref::<Element>() {
            if let Some(names) = element.get_attribute("_") {
                drop(element.remove_attribute("_"));
                places.extend(names.split(' ').map(|name| Place { way: way.clone(), name: name.into() }));
            }
            gather(&node, way, places);
        } else if node.node_type() == Node::COMMENT_NODE {
            places.push(Place { way: way.clone(), name: "".into() });
        }
        way.pop();
        index += 1;
        next = node.next_sibling();
    }
}

/// The node at the end of a way.
fn follow(root: &Node, way: &[u32]) -> Option<Node> {
    way.iter().try_fold(root.clone(), |node, index| node.child_nodes().get(*index))
}

/// A view in the page.
struct Placed {
    html: &'static str,
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
    Child(AnyViewState),
    Value(Value),
    Effect(#[expect(dead_code, reason = "runs until it is dropped")] RenderEffect<()>),
    Listener(#[expect(dead_code, reason = "listens until it is dropped")] Listener),
}

impl Content {
    fn build(self) -> Placed {
        let mut placed = Placed { html: self.html, roots: Vec::new(), parts: Vec::new() };
        let Some(pattern) = Pattern::of(self.html) else { return placed };
        let copy =
            dom::document().and_then(|document| document.import_node_with_deep(&pattern.content, true).ok());
        let Some(copy) = copy else { return placed };
        debug_assert_eq!(pattern.places.len(), self.slots.len(), "read differently: {}", self.html);
        // All nodes are found before the first child moves them.
        let nodes: Vec<Option<Node>> = pattern.places.iter().map(|place| follow(&copy, &place.way)).collect();
        let mut next = copy.first_child();
        while let Some(node) = next {
            next = node.next_sibling();
            placed.roots.push((None, node));
        }
        let mut later = Vec::new();
        for ((place, node), slot) in pattern.places.iter().zip(nodes).zip(self.slots) {
            let Some(node) = node else { continue };
            let index = placed.parts.len();
            let mut part = Part { node, name: Rc::clone(&place.name), held: Held::Nothing };
            match slot {
                Slot::Child(view) => {
                    let mut state = view.build();
                    if let [outermost] = place.way.as_slice() {
                        if let Some((child, _)) = placed.roots.get_mut(*outermost as usize) {
                            *child = Some(index);
                        }
                    } else if let Some(parent) = part.node.parent_element() {
                        state.mount(&parent, Some(&part.node));
                    }
                    part.held = Held::Child(state);
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
        placed
    }
}

impl Part {
    /// Fills the slot, or fills it anew.
    fn fill(&mut self, slot: Slot) {
        let Some(element) = self.node.dyn_ref::<Element>() else {
            if let (Slot::Child(view), Held::Child(state)) = (slot, &mut self.held) {
                view.rebuild(state);
            }
            return;
        };
        match slot {
            Slot::Child(_) => {}
            Slot::Set(side, Setting::Fixed(value)) => {
                let same = matches!(&self.held, Held::Value(old) if *old == value);
                if !same {
                    self.held = Held::Nothing;
                    set(element, side, &self.name, &value);
                    self.held = Held::Value(value);
                }
            }
            Slot::Set(side, Setting::Live(read)) => {
                // What ran before must not run again after this.
                self.held = Held::Nothing;
                let (element, name) = (element.clone(), Rc::clone(&self.name));
                let run = move || set(&element, side, &name, &read());
                self.held = Held::Effect(effect(Box::new(run)));
            }
            Slot::Event(handler) => {
                self.held = Held::Nothing;
                self.held = Held::Listener(Listener::new(element, Rc::clone(&self.name), handler));
            }
            Slot::Reference(tell) => tell(element),
        }
    }
}

/// Runs now and whenever a signal that was read changes.
fn effect(run: Box<dyn Fn()>) -> RenderEffect<()> {
    RenderEffect::new(move |_| run())
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
        let closure = Closure::<dyn Fn(Event)>::new(move |event| owner.with(|| handler(event)));
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

impl Render for Template {
    type State = Placed;

    fn build(self) -> Placed {
        self.0.take().build()
    }

    fn rebuild(self, state: &mut Placed) {
        let content = self.0.take();
        if std::ptr::eq(content.html, state.html) {
            for (part, slot) in state.parts.iter_mut().zip(content.slots) {
                part.fill(slot);
            }
        } else {
            let mut new = content.build();
            state.insert_before_this(&mut new);
            state.unmount();
            *state = new;
        }
    }
}

impl Placed {
    fn child_mut(&mut self, part: usize) -> Option<&mut AnyViewState> {
        match &mut self.parts.get_mut(part)?.held {
            Held::Child(state) => Some(state),
            _ => None,
        }
    }

    fn child(&self, part: usize) -> Option<&AnyViewState> {
        match &self.parts.get(part)?.held {
            Held::Child(state) => Some(state),
            _ => None,
        }
    }
}

impl Mountable for Placed {
    fn unmount(&mut self) {
        for (child, node) in std::mem::take(&mut self.roots) {
            if let Some(child) = child.and_then(|part| self.child_mut(part)) {
                child.unmount();
            }
            if let Some(parent) = node.parent_node() {
                drop(parent.remove_child(&node));
            }
            self.roots.push((child, node));
        }
    }

    fn mount(&mut self, parent: &types::Element, marker: Option<&types::Node>) {
        for index in 0..self.roots.len() {
            let Some((child, node)) = self.roots.get(index).cloned() else { continue };
            if let Some(child) = child.and_then(|part| self.child_mut(part)) {
                child.mount(parent, marker);
            }
            drop(parent.insert_before(&node, marker));
        }
    }

    fn insert_before_this(&self, other: &mut dyn Mountable) -> bool {
        let Some((child, node)) = self.roots.first() else { return false };
        if child.and_then(|part| self.child(part)).is_some_and(|child| child.insert_before_this(other)) {
            return true;
        }
        let parent = node.parent_element();
        parent.is_some_and(|parent| other.try_mount(&parent, Some(node)))
    }

    fn elements(&self) -> Vec<types::Element> {
        self.roots.iter().filter_map(|(_, node)| node.dyn_ref::<Element>().cloned()).collect()
    }
}

/// Only browsers show this app: there is no HTML of it and nothing to hydrate.
impl RenderHtml for Template {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        _buf: &mut String,
        _position: &mut Position,
        _escape: bool,
        _mark_branches: bool,
        _extra_attrs: Vec<AnyAttribute>,
    ) {
    }

    fn hydrate<const FROM_SERVER: bool>(self, _cursor: &Cursor, _position: &PositionState) -> Placed {
        self.build()
    }

    fn into_owned(self) -> Self {
        self
    }
}

leptos::tachys::no_attrs!(Template);
