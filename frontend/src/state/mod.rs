//! What the whole app shares: who is signed in, how the person likes it, and what was just said.

pub mod preferences;
pub mod session;
pub mod toasts;
