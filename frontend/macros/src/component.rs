//! Calls of components.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use rstml::Infallible;
use rstml::node::{NodeAttribute, NodeElement};
use syn::spanned::Spanned;

/// The call of a component: every attribute is a property, what stands inside are its children.
pub fn call(element: &NodeElement<Infallible>) -> TokenStream {
    let name = element.name();
    let properties = element.attributes().iter().map(property);
    let children = (!element.children.is_empty()).then(|| {
        let view = crate::of_nodes(&element.children);
        quote!(.children(crate::html::IntoChildren::into_children(move || #view)))
    });
    quote_spanned! {name.span()=>
        ::leptos::component::component_view(
            #name,
            ::leptos::component::component_props_builder(&#name) #(#properties)* #children .build()
        )
    }
}

fn property(attribute: &NodeAttribute) -> TokenStream {
    let NodeAttribute::Attribute(attribute) = attribute else {
        return syn::Error::new(attribute.span(), "a component takes properties by name").to_compile_error();
    };
    let key = &attribute.key;
    if key.to_string().contains(':') {
        return syn::Error::new(key.span(), "a component takes properties only").to_compile_error();
    }
    match &attribute.possible_value {
        rstml::node::KeyedAttributeValue::Value(value) => {
            let value = &value.value;
            quote!(.#key(#[allow(unused_braces)] { #value }))
        }
        _ => quote!(.#key(#key)),
    }
}
