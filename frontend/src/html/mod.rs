//! What `view!` compiles to: a piece of HTML and the list of what is filled in.
//!
//! Leptos gives every element, attribute and closure of a view a type of its own, with its own compiled code to
//! build and update it; that code was four fifths of the download. Here a view is data, read by one function:
//! [`template`] copies the HTML and fills the slots, [`child`] and [`value`] say what may stand in them. Signals,
//! effects, components and their children remain those of Leptos, and every view is an `AnyView` to it.

mod child;
mod each;
mod slot;
mod template;
mod value;

pub use frontend_macros::view;

pub use child::{IntoChild, IntoChildren, live};
pub use each::each;
pub use slot::{Slot, attribute, on, on_plain, property, reference, toggle};
pub use template::{filled, fixed};
pub use value::{IntoSetting, IntoValue, Setting, Value};
