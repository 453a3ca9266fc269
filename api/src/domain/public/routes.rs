//! `/health`.

use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use shared::public::{HealthOut, LiveOut};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::http::Json;
use crate::http::auth::Public;

const PATIENCE: Duration = Duration::from_secs(2);

/// Routes of the area.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_health)).routes(routes!(get_live))
}

/// Readiness
///
/// 200 when the database answers within two seconds, else 503.
#[utoipa::path(get, path = "/health", tag = "public", security(()),
    responses((status = 200, description = "Ready", body = HealthOut), (status = 503, description = "Not ready", body = HealthOut)))]
async fn get_health(public: Public) -> Response {
    let error = match tokio::time::timeout(PATIENCE, public.app.db.ping()).await {
        Ok(Ok(())) if *public.app.stopping.borrow() => Some("stopping"),
        Ok(Ok(())) => None,
        Ok(Err(_)) => Some("database error"),
        Err(_) => Some("database timeout"),
    };
    let (status, words) = match error {
        None => (StatusCode::OK, ("healthy", "connected")),
        Some(_) => (StatusCode::SERVICE_UNAVAILABLE, ("unhealthy", "disconnected")),
    };
    let out = HealthOut {
        status: words.0.to_owned(),
        database: words.1.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        timestamp: public.app.clock.now(),
        error: error.map(str::to_owned),
    };
    let mut response = (status, Json(out)).into_response();
    // The body is the documented one, not a problem.
    response.extensions_mut().insert(crate::http::frame::Plain);
    response
}

/// Liveness
///
/// 200 as long as the process answers; nothing else is looked at.
#[utoipa::path(get, path = "/health/live", tag = "public", security(()),
    responses((status = 200, description = "The process answers", body = LiveOut)))]
async fn get_live(_public: Public) -> Json<LiveOut> {
    Json(LiveOut { status: "alive".to_owned() })
}
