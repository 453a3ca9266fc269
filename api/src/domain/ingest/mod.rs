//! Protocols of others: log shippers and standards of logistics write here without a line of code for us.
//!
//! Each protocol has a folder and a base path of its own, speaks its own words in answers and errors, and hands what
//! it has read to the one writer of logs. What was sent stays in `data`; columns are read from where the protocol
//! keeps them. A repeated delivery is never stored twice: either the protocol names its records, or a name is made
//! of what makes a record that record (`identity`).

mod credential;
pub mod elastic;
pub mod epcis;
mod identity;
pub mod layer;
pub mod loki;
pub mod otlp;
pub mod otm;
mod parts;
pub(crate) mod protocol;

use shared::problem::Code;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::http::problem::Problem;

/// Routes of all protocols.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(elastic::routes::router())
        .merge(epcis::routes::router())
        .merge(loki::routes::router())
        .merge(otlp::routes::router())
        .merge(otm::routes::router())
}

/// A message that breaks the rules of its standard.
fn unreadable(standard: &str, reason: impl std::fmt::Display) -> Problem {
    Problem::new(Code::InvalidMessage).with("standard", standard).with("reason", reason)
}
