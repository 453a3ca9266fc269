//! Addresses: the bulk interface, and what clients ask before they use it.

use std::time::Instant;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use serde_json::json;
use shared::logs::MAX_UPLOAD_BYTES;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{answer, bulk, media};
use crate::app::App;
use crate::domain::logs::model::{Origin, Source};
use crate::domain::logs::service;
use crate::http::auth::{LogsWrite, SignedIn, Tenant};
use crate::http::body;
use crate::http::extract::ValidPath;
use crate::http::problem::Answer;
use crate::http::work::beside;

/// The version whose bulk interface is spoken.
const VERSION: &str = "8.19.0";

/// Routes of Elasticsearch.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_es_info))
        .routes(routes!(create_es_bulk))
        .routes(routes!(create_es_bulk_in))
        // The same with and without a last stroke, and by either method, as clients have it.
        .route("/es", get(get_es_info))
        .route("/es/_bulk", put(create_es_bulk))
        .route("/es/{index}/_bulk", put(create_es_bulk_in))
}

/// Elasticsearch: product and version
///
/// What clients of Elasticsearch and `OpenSearch` ask before they send. Point them at `https://host/es`.
/// The key travels as `ApiKey` (the key itself, or base64 of `id:key`), as password of Basic, as Bearer or `X-API-Key`.
#[utoipa::path(get, path = "/es/", tag = "ingest", security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "Product and version", content_type = "application/json", body = serde_json::Value)))]
async fn get_es_info(_caller: SignedIn, headers: HeaderMap) -> Response {
    let info = json!({
        "name": "mvai-connexx", "cluster_name": "mvai-connexx", "cluster_uuid": "mvai-connexx",
        "version": {
            "number": VERSION, "build_flavor": "default", "build_type": "docker", "build_hash": "unknown",
            "build_date": "2025-07-24T00:00:00.000Z", "build_snapshot": false, "lucene_version": "9.12.2",
            "minimum_wire_compatibility_version": "7.17.0", "minimum_index_compatibility_version": "7.0.0",
        },
        "tagline": "You Know, for Search",
    });
    respond(&headers, &info)
}

/// Elasticsearch: bulk
///
/// Up to 10,000 items and 32 MiB (unpacked). `index` and `create` store, `update` and `delete` get an error of their
/// item. `_id` is the log's `external_id`, `_index` (without a date at its end) the kind unless the document has one,
/// `@timestamp` the time. See the bulk API of Elasticsearch; errors have its form.
#[utoipa::path(post, path = "/es/_bulk", tag = "ingest", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:write"))),
    request_body(content = String, content_type = "application/x-ndjson", example = "{\"create\":{\"_index\":\"scan\",\"_id\":\"evt-1\"}}\n{\"@timestamp\":\"2026-11-22T08:00:00Z\",\"message\":\"Pakket gescand\"}\n"),
    responses((status = 200, description = "A result for each item; `errors` tells whether any failed", content_type = "application/json", body = serde_json::Value)))]
async fn create_es_bulk(tenant: Tenant<LogsWrite>, headers: HeaderMap, body: Body) -> Answer<Response> {
    store(&tenant, &headers, None, body).await
}

/// Elasticsearch: bulk into an index
///
/// As `/es/_bulk`, for items that name no index.
#[utoipa::path(post, path = "/es/{index}/_bulk", tag = "ingest", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:write"))),
    params(("index" = String, Path, description = "Index of items that name none", min_length = 1, max_length = 64, example = "scan")),
    request_body(content = String, content_type = "application/x-ndjson", example = "{\"index\":{}}\n{\"message\":\"Pakket gescand\"}\n"),
    responses((status = 200, description = "A result for each item", content_type = "application/json", body = serde_json::Value)))]
async fn create_es_bulk_in(
    tenant: Tenant<LogsWrite>,
    ValidPath(index): ValidPath<String>,
    headers: HeaderMap,
    body: Body,
) -> Answer<Response> {
    store(&tenant, &headers, Some(index), body).await
}

async fn store(
    tenant: &Tenant<LogsWrite>,
    headers: &HeaderMap,
    index: Option<String>,
    body: Body,
) -> Answer<Response> {
    let started = Instant::now();
    media::expect(headers)?;
    let bytes = body::read(body, MAX_UPLOAD_BYTES).await?;
    let context = service::context(tenant);
    let origin = Origin { way: "elastic", ..service::origin(tenant, Source::Integration, context.now) };
    let lang = context.lang;
    let items = beside(bytes.len(), move || bulk::read(&bytes, index.as_deref(), &context)).await?;
    let (errors, items) = answer::store(&tenant.app, &origin, items, lang).await?;
    let took = u64::try_from(started.elapsed().as_millis()).unwrap_or_default();
    Ok(respond(headers, &json!({ "took": took, "errors": errors, "items": items })))
}

fn respond(headers: &HeaderMap, body: &serde_json::Value) -> Response {
    (StatusCode::OK, [(header::CONTENT_TYPE, media::of_answer(headers))], body.to_string()).into_response()
}
