//! Turns elements into HTML and the list of what is filled in.

use proc_macro2::TokenStream;
use quote::quote;
use rstml::Infallible;
use rstml::node::{KeyedAttribute, KeyedAttributeValue, Node, NodeAttribute, NodeBlock, NodeElement};
use syn::spanned::Spanned;
use syn::{Expr, Lit, Stmt};

use crate::{component, names};

/// A view in the making.
pub struct Writer {
    /// HTML with an empty comment for each child that is filled in; elements with attributes, handlers or a
    /// reference to fill in name them, in order, in an attribute `_`.
    html: String,
    /// What is filled in, in the order of the page.
    slots: Vec<TokenStream>,
    /// Whether the outermost elements are shapes, which need an `<svg>` around them to be read as such.
    shapes: bool,
    faults: Vec<TokenStream>,
}

impl Writer {
    /// Writes the nodes of a view.
    pub fn of(nodes: &[Node]) -> Self {
        let first = nodes.iter().find_map(|node| match node {
            Node::Element(element) => Some(element.name().to_string()),
            _ => None,
        });
        let shapes = first.is_some_and(|name| names::is_shape(&name));
        let mut writer = Self { html: String::new(), slots: Vec::new(), shapes, faults: Vec::new() };
        writer.nodes(nodes);
        writer
    }

    /// The expression that makes the view.
    pub fn finish(self) -> TokenStream {
        let Self { html, slots, shapes, faults } = self;
        if !faults.is_empty() {
            return quote!({ #(#faults;)* crate::html::IntoChild::into_child(()) });
        }
        let html = if shapes { format!("<svg _>{html}</svg>") } else { html };
        quote!(crate::html::html(#html) #(#slots)* .view())
    }

    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Element(element) if names::is_component(&element.name().to_string()) => {
                    let call = component::call(element);
                    self.child(&call);
                }
                Node::Element(element) => self.element(element),
                Node::Block(block) => self.child(&expression(block)),
                Node::Fragment(fragment) => self.nodes(&fragment.children),
                Node::Text(text) => escape(&mut self.html, &text.value_string()),
                Node::RawText(text) => escape(&mut self.html, &text.to_string_best()),
                Node::Comment(_) => {}
                Node::Doctype(_) | Node::Custom(_) => self.fault(node, "a view holds elements"),
            }
        }
    }

    fn child(&mut self, value: &TokenStream) {
        self.html.push_str("<!>");
        self.slots.push(quote!(.child(#value)));
    }

    fn element(&mut self, element: &NodeElement<Infallible>) {
        let name = element.name().to_string();
        if !names::is_element(&name) {
            self.fault(element.name(), &format!("<{name}> is no element of HTML or SVG"));
        }
        self.html.push('<');
        self.html.push_str(&name);
        let mut filled: Vec<String> = Vec::new();
        for attribute in element.attributes() {
            match attribute {
                NodeAttribute::Attribute(attribute) => self.attribute(attribute, &mut filled),
                NodeAttribute::Block(block) => self.fault(block, "an attribute needs a name"),
            }
        }
        if !filled.is_empty() {
            self.html.push_str(&format!(" _=\"{}\"", filled.join(" ")));
        }
        self.html.push('>');
        if names::is_void(&name) {
            if let Some(child) = element.children.first() {
                self.fault(child, &format!("<{name}> has no children"));
            }
            return;
        }
        self.nodes(&element.children);
        self.html.push_str(&format!("</{name}>"));
    }

    fn attribute(&mut self, attribute: &KeyedAttribute, filled: &mut Vec<String>) {
        let key = attribute.key.to_string().replace(' ', "");
        let value = match &attribute.possible_value {
            KeyedAttributeValue::Value(value) => &value.value,
            KeyedAttributeValue::None => {
                self.known(attribute, &key);
                self.html.push_str(&format!(" {key}"));
                return;
            }
            KeyedAttributeValue::Binding(binding) => {
                self.fault(binding, "an attribute takes a value");
                return;
            }
        };
        let (kind, name) = key.split_once(':').unwrap_or(("", &key));
        let slot = match kind {
            "" if name == "node_ref" => quote!(.reference(#value)),
            "" => {
                self.known(attribute, name);
                if let Some(text) = literal(attribute) {
                    self.html.push_str(&format!(" {name}=\""));
                    escape(&mut self.html, &text);
                    self.html.push('"');
                    return;
                }
                quote!(.attribute(#[allow(unused_braces)] { #value }))
            }
            "class" => quote!(.toggle(#[allow(unused_braces)] { #value })),
            "prop" => quote!(.property(#[allow(unused_braces)] { #value })),
            "on" => {
                let event = syn::Ident::new(name, attribute.key.span());
                if names::is_plain_event(name) {
                    quote!(.on_plain(#value))
                } else {
                    quote!(.on(::leptos::ev::#event, #value))
                }
            }
            _ => {
                self.fault(&attribute.key, &format!("`{kind}:` is not known here"));
                return;
            }
        };
        filled.push(name.to_owned());
        self.slots.push(slot);
    }

    fn known(&mut self, attribute: &KeyedAttribute, name: &str) {
        if !names::is_attribute(name) {
            self.fault(&attribute.key, &format!("`{name}` is not in the list of attributes (names.rs)"));
        }
    }

    fn fault(&mut self, place: &impl Spanned, text: &str) {
        self.faults.push(syn::Error::new(place.span(), text).to_compile_error());
    }
}

/// The text of an attribute that never changes.
fn literal(attribute: &KeyedAttribute) -> Option<String> {
    match attribute.value()? {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// A block without needless braces.
pub fn expression(block: &NodeBlock) -> TokenStream {
    match block {
        NodeBlock::ValidBlock(valid) => match valid.stmts.as_slice() {
            [Stmt::Expr(expression, None)] => quote!(#expression),
            _ => quote!(#valid),
        },
        // Not Rust yet: passed on as it is, for the completions of an editor.
        NodeBlock::Invalid(_) => quote!(#block),
    }
}

fn escape(html: &mut String, text: &str) {
    for sign in text.chars() {
        match sign {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '"' => html.push_str("&quot;"),
            other => html.push(other),
        }
    }
}
