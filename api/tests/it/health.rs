//! Health and liveness.

use axum::http::StatusCode;

use crate::support::TestApp;

/// OPS-10: readiness answers in the documented shape.
#[tokio::test]
async fn health_has_the_documented_shape() {
    let app = TestApp::new().await;
    let health = app.anon().get("/api/v1/health").await.expect(StatusCode::OK).json();
    assert_eq!((&health["status"], &health["database"]), (&"healthy".into(), &"connected".into()));
    assert!(health["version"].is_string() && health["timestamp"].is_string());
}
