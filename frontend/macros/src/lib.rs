//! `view!` of the web app: the syntax of Leptos, compiled to data instead of to types.
//!
//! Elements become one piece of HTML, which the browser itself reads once and copies from then on, and a list
//! of what is filled in: attributes that follow signals, event handlers, children. What runs is in
//! `frontend::html`. Components are called as Leptos calls them.

mod component;
mod names;
mod writer;

use proc_macro::TokenStream;
use quote::quote;
use rstml::node::Node;
use rstml::{Infallible, Parser, ParserConfig};

use writer::Writer;

/// Makes an `AnyView` of elements, components, texts and `{expressions}`.
///
/// On elements: `name="text"`, `name=value` (a text, a `bool` that makes the attribute present, an `Option`, or
/// a closure of these that follows signals), `class:name=bool`, `prop:name=value`, `on:event=handler` and
/// `node_ref=reference`.
#[proc_macro]
pub fn view(tokens: TokenStream) -> TokenStream {
    let parser = Parser::<Infallible>::new(ParserConfig::default().recover_block(true));
    let (nodes, faults) = parser.parse_recoverable(tokens).split_vec();
    let faults = faults.into_iter().map(|fault| fault.emit_as_expr_tokens());
    let view = of_nodes(&nodes);
    quote! {{ #(#faults;)* #view }}.into()
}

/// The expression of a view.
fn of_nodes(nodes: &[Node]) -> proc_macro2::TokenStream {
    match nodes {
        [Node::Element(element)] if names::is_component(&element.name().to_string()) => {
            let call = component::call(element);
            quote!(crate::html::IntoChild::into_child(#call))
        }
        [Node::Block(block)] => {
            let value = writer::expression(block);
            quote!(crate::html::IntoChild::into_child(#value))
        }
        _ => Writer::of(nodes).finish(),
    }
}
