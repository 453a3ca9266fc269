//! What protects the product from outside.

mod detector;
mod own_cases;
mod refusal;
