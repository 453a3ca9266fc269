//! What protects the product from outside.

mod decisions;
mod detector;
mod own_cases;
mod refusal;
