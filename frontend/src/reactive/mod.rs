//! The signals of Leptos with one compiled type behind all of them.
//!
//! A signal of every type would compile the storage, the tracking and the updates of a signal anew. Here the
//! graph of Leptos holds values of any type (`source`); the types that pages use are thin and have the names
//! and methods of those of Leptos, which `crate::prelude` puts in their place.

mod effect;
mod memo;
mod node;
mod signal;
mod source;
mod state;
mod stored;
mod task;

pub use effect::Effect;
pub use memo::Memo;
pub use node::NodeRef;
pub use signal::Signal;
pub use state::RwSignal;
pub use stored::StoredValue;
pub use task::spawn_local;
