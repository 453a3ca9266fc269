//! The layer around the protocols of others: their ways to show a credential on the way in, their words for errors
//! on the way out. It lies outside of everything that can go wrong, so that a body that cannot be unpacked or an
//! unknown address is answered in the right words as well.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use shared::problem::Code;

use super::credential;
use super::protocol::Protocol;
use crate::http::params::Params;
use crate::http::problem::Problem;

/// Translates between a protocol and the product; see the module.
pub async fn speak(mut request: Request, next: Next) -> Response {
    let Some(protocol) = Protocol::of(request.uri().path()) else {
        return next.run(request).await;
    };
    credential::translate(request.headers_mut());
    protocol.prepare(request.headers_mut());
    let wording = protocol.wording(request.method(), request.headers());
    let params = Params::parse(request.uri().query().unwrap_or_default());
    let mut response = match params.iter().find(|(name, _)| *name == "dry_run") {
        // None of these protocols can try; storing instead would be the opposite of what was asked.
        Some((name, _)) => {
            Problem::new(Code::UnknownParameter).with("name", name).with("allowed", "–").into_response()
        }
        None => next.run(request).await,
    };
    protocol.stamp(response.headers_mut());
    response.extensions_mut().insert(wording);
    response
}
