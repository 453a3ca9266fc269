//! Finding: what a query means, the same by index and by reading, and harmless whatever it holds.

mod corpus;
mod errors;
mod filters;
mod history;
mod hostile;
mod meaning;
mod paging;
mod parts;
mod saved;
