//! Limits on sign-in: a bucket per client address, by `tower_governor` with our key and our error.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::response::{IntoResponse, Response};
use governor::middleware::NoOpMiddleware;
use shared::problem::Code;
use tower_governor::governor::{GovernorConfig, GovernorConfigBuilder};
use tower_governor::key_extractor::KeyExtractor;
use tower_governor::{GovernorError, GovernorLayer};

use super::frame::RequestInfo;
use super::problem::Problem;

/// Attempts that a client may make at once, and the pause after which it gets another.
const BURST: u32 = 30;
const REFILL: Duration = Duration::from_secs(2);
const CLEAN_UP_EVERY: Duration = Duration::from_secs(60);

/// Counts by the client's address, for IPv6 by its /64.
#[derive(Debug, Clone, Copy)]
pub struct ByClient;

impl KeyExtractor for ByClient {
    type Key = String;

    fn extract<T>(&self, request: &Request<T>) -> Result<String, GovernorError> {
        let info = request.extensions().get::<RequestInfo>();
        Ok(info.map_or_else(|| "-".to_owned(), |info| info.ip.bucket()))
    }
}

type SignInConfig = GovernorConfig<ByClient, NoOpMiddleware>;
/// The layer in front of the sign-in routes.
pub type SignInLimit = GovernorLayer<ByClient, NoOpMiddleware, Body>;

/// Makes the layer; it forgets clients that have been away.
#[must_use]
pub fn sign_in() -> Option<SignInLimit> {
    let config: SignInConfig =
        GovernorConfigBuilder::default().key_extractor(ByClient).period(REFILL).burst_size(BURST).finish()?;
    let config = Arc::new(config);
    let limiter = Arc::downgrade(config.limiter());
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(CLEAN_UP_EVERY).await;
            let Some(limiter) = limiter.upgrade() else { return };
            limiter.retain_recent();
        }
    });
    Some(GovernorLayer::new(config).error_handler(refuse))
}

fn refuse(error: GovernorError) -> Response {
    match error {
        GovernorError::TooManyRequests { wait_time, .. } => {
            let seconds = wait_time.max(1);
            Problem::new(Code::RateLimited).with("seconds", seconds).retry_after(seconds).into_response()
        }
        other => Problem::new(Code::Internal).caused_by(&other).into_response(),
    }
}
