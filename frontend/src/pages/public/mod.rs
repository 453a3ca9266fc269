//! Pages that everybody may see.

pub mod errors;
pub mod frame;
pub mod landing;
pub mod login;
