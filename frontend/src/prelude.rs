//! What pages and components use: Leptos, with the signals, lists and views of this app in the place of its own.

pub use leptos::prelude::*;

pub use crate::html::{AnyView, Children, ChildrenFn, CollectView, IntoChild, ViewFn, each, live, view};
pub use crate::reactive::{Effect, Memo, NodeRef, RwSignal, Signal, StoredValue, spawn_local};
