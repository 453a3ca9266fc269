//! HTML that the browser read once, and where in it something is filled in.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{DocumentFragment, Element, HtmlTemplateElement, Node};

use crate::ui::dom;

/// Where something is filled in: the way from the root by numbers of children, and its name.
pub struct Place {
    pub way: Vec<u32>,
    pub name: Rc<str>,
}

/// HTML that was read once.
pub struct Pattern {
    pub content: DocumentFragment,
    pub places: Vec<Place>,
}

/// Where the text of a pattern lies in memory, and its length.
type Key = (usize, usize);

thread_local! {
    /// What was read, by place and length of its text.
    static PATTERNS: RefCell<Vec<(Key, Rc<Pattern>)>> = const { RefCell::new(Vec::new()) };
}

impl Pattern {
    /// The pattern of a text; read at its first use.
    pub fn of(html: &'static str) -> Option<Rc<Self>> {
        let key = (html.as_ptr().addr(), html.len());
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

    fn read(html: &'static str) -> Option<Self> {
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
pub fn follow(root: &Node, way: &[u32]) -> Option<Node> {
    way.iter().try_fold(root.clone(), |node, index| node.child_nodes().get(*index))
}
