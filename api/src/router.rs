//! Merges the areas' routers and puts the layers on.

use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use shared::problem::Code;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate};
use tower_http::decompression::RequestDecompressionLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::domain::{
    activity, analytics, audit, auth, exports, idempotency, ingest, keys, kinds, logs, lookup, mail, public,
    requests, searches, security, tenancy, usage,
};
use crate::http::frame::frame;
use crate::http::problem::Problem;
use crate::http::{cors, spa, version};
use crate::openapi;

/// A body that brings nothing for this long is given up.
const BODY_PATIENCE: Duration = Duration::from_secs(30);
/// A request is answered within this time; streams begin within it.
const REQUEST_PATIENCE: Duration = Duration::from_secs(60);
/// Where our own API lives; what other standards define lives beside it.
pub const BASE: &str = "/api/v1";

fn areas(limit_sign_in: bool) -> OpenApiRouter<App> {
    let areas = OpenApiRouter::new()
        .merge(public::routes::router())
        .merge(auth::routes::router(limit_sign_in))
        .merge(logs::routes::router())
        .merge(exports::routes::router())
        .merge(analytics::routes::router())
        .merge(keys::routes::router())
        .merge(kinds::routes::router())
        .merge(searches::routes::router())
        .merge(auth::people::routes::router())
        .merge(tenancy::routes::router())
        .merge(usage::routes::router())
        .merge(requests::routes::router())
        .merge(activity::routes::router())
        .merge(mail::routes::router())
        .merge(audit::routes::router())
        .merge(security::routes::router())
        .merge(lookup::routes::router());
    OpenApiRouter::with_openapi(openapi::base()).nest(BASE, areas).merge(ingest::router())
}

/// The OpenAPI document of all routes.
#[must_use]
pub fn document() -> OpenApi {
    openapi::finish(areas(false).into_openapi())
}

/// The whole application as a service.
pub fn router(app: App) -> Router {
    let (routes, _) = areas(app.config.ratelimit_enabled).split_for_parts();
    routes
        .layer(middleware::from_fn_with_state(app.clone(), idempotency::layer::replay))
        .layer(middleware::from_fn(version::answer))
        .merge(openapi::router())
        .route("/docs/problems", axum::routing::get(public::problems::page))
        .route("/health", axum::routing::get(|| async { "alive\n" }))
        .fallback(spa::serve)
        .layer(
            ServiceBuilder::new()
                .layer(middleware::from_fn(in_time))
                .layer(RequestBodyTimeoutLayer::new(BODY_PATIENCE))
                .layer(RequestDecompressionLayer::new()),
        )
        .layer(middleware::from_fn_with_state(app.clone(), security::layer::watch))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(ingest::layer::speak))
        .layer(middleware::from_fn_with_state(app.clone(), cors::share))
        .layer(middleware::from_fn_with_state(app.clone(), frame))
        .layer(
            CompressionLayer::new()
                .quality(tower_http::CompressionLevel::Fastest)
                .compress_when(DefaultPredicate::new().and(as_it_lies)),
        )
        .with_state(app)
}

/// What can be fetched in parts is sent byte for byte: parts of something packed would not fit together.
fn as_it_lies(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    !headers.contains_key(header::ACCEPT_RANGES)
}

async fn in_time(request: Request, next: Next) -> Response {
    let answer = tokio::time::timeout(REQUEST_PATIENCE, next.run(request)).await;
    answer.unwrap_or_else(|_| Problem::new(Code::RequestTimeout).into_response())
}

#[expect(clippy::needless_pass_by_value, reason = "the layer hands it over")]
fn panicked(payload: Box<dyn std::any::Any + Send>) -> Response {
    let text = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied());
    tracing::error!(event = "panic", cause = text.unwrap_or("unknown"));
    Problem::new(Code::Internal).into_response()
}
