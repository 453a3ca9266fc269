//! What `view!` compiles to: a piece of HTML and the list of what is filled in.
//!
//! Leptos gives every element, attribute and closure of a view a type of its own, with its own compiled code to
//! build and update it; that code was four fifths of the download. Here a view is data: [`AnyView`] is a pointer,
//! `view!` calls the methods of [`Template`], and `placed` is the one place where pages are built and updated.
//! Components, effects and owners remain those of Leptos; signals are thin handles on its graph (`reactive`).

mod children;
mod pattern;
mod placed;
mod rows;
mod template;
mod value;
mod view;

pub use frontend_macros::view;

pub use children::{Children, ChildrenFn, IntoChildren, ViewFn};
pub use placed::show;
pub use rows::each;
pub use template::{Template, html};
pub use value::{IntoValue, Setting, Side, Value};
pub use view::{AnyView, CollectView, IntoChild, live};
