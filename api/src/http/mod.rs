//! What every handler uses. Knows no area of the product.

pub mod acting;
pub mod assets;
pub mod attachment;
pub mod auth;
pub mod body;
pub mod client_ip;
pub mod cors;
pub mod extract;
pub mod frame;
pub mod headers;
pub mod limits;
pub mod page;
pub mod params;
pub mod problem;
pub mod sender;
pub mod spa;
pub mod version;
pub mod work;

use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A JSON answer.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(bytes) => ([(axum::http::header::CONTENT_TYPE, "application/json")], bytes).into_response(),
            Err(error) => {
                problem::Problem::new(shared::problem::Code::Internal).caused_by(&error).into_response()
            }
        }
    }
}
