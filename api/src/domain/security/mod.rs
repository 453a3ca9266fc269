//! What protects the product from outside: requests are looked at for attacks.

pub mod classify;
pub mod detector;
pub mod layer;
