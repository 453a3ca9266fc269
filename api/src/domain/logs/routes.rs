//! Reading logs: list, search, detail, surroundings, live stream.

use std::time::Instant;

use axum::http::HeaderMap;
use axum::response::Response;
use shared::logs::{AroundOut, LogOut, LogsOut, SearchOut};
use shared::problem::Code;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service::{self, FILTERS};
use super::{fields, stream};
use crate::app::App;
use crate::domain::searches::{self, history::Hits};
use crate::http::Json;
use crate::http::auth::{LogsRead, Tenant};
use crate::http::extract::ValidPath;
use crate::http::page::NextPage;
use crate::http::params::Params;
use crate::http::problem::{Answer, Problem};

/// Highest `offset`; beyond it a cursor is needed.
const MAX_OFFSET: i64 = 100_000;
const MAX_LIMIT: i64 = 1_000;

/// Routes of the area.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(super::across::routes::router())
        .merge(super::routes_ingest::router())
        .merge(super::routes_counts::router())
        .merge(super::erasure::routes::router())
        .merge(super::seals::routes::router())
        .routes(routes!(list_logs))
        .routes(routes!(list_logs_alias))
        .routes(routes!(search_logs))
        .routes(routes!(search_logs_alias))
        .routes(routes!(stream_logs))
        .routes(routes!(get_log))
        .routes(routes!(list_logs_around))
}

/// The documented lists read a limit that is no number as the default and cut one that is too high.
fn lenient_limit(params: &Params, default: i64) -> usize {
    let text = params.get("limit").map(str::trim).unwrap_or_default();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // More digits than a number has are too high as well.
    let asked = text.parse::<i64>().unwrap_or(if is_number { MAX_LIMIT } else { default });
    usize::try_from(asked.clamp(1, MAX_LIMIT)).unwrap_or(1)
}

/// List logs
///
/// Newest arrival first, or by `sort`. Page on with `cursor`; it stays valid while logs are added. `offset` works
/// up to 100,000 for older clients. `q` and the filters narrow the list.
#[utoipa::path(get, path = "/logs", tag = "logs", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:read"))),
    params(("limit" = Option<u32>, Query, description = "Logs on a page", minimum = 1, maximum = 1000, example = 100),
        ("offset" = Option<u32>, Query, description = "Logs to skip", minimum = 0, maximum = 100_000),
        ("cursor" = Option<String>, Query, description = "Position of a former page", max_length = 512),
        ("q" = Option<String>, Query, description = "Search grammar, such as `kind:container_arrived location:Rotterdam`", max_length = 4096),
        ("from" = Option<shared::time::Millis>, Query, description = "Happened at or after"),
        ("to" = Option<shared::time::Millis>, Query, description = "Happened before"),
        ("kind" = Option<String>, Query, description = "Kind", max_length = 64),
        ("level" = Option<shared::logs::Level>, Query, description = "Level"),
        ("source" = Option<String>, Query, description = "Way in", max_length = 16),
        ("ip" = Option<String>, Query, description = "Address or network of the sender", max_length = 64),
        ("sort" = Option<String>, Query, description = "`-id`, `id`, `-occurred_at` or `occurred_at`", pattern = "^-?(id|occurred_at)$"),
        ("count" = Option<String>, Query, description = "`capped` counts up to 10,000, `exact` all", pattern = "^(capped|exact|estimate)$"),
        ("expand" = Option<String>, Query, description = "`payload` gives the parsed value instead of `data`", pattern = "^payload$"),
        ("fields" = Option<String>, Query, description = "Members of a log to answer with, separated by commas, such as `id,timestamp,kind,data`", max_length = 256)),
    responses((status = 200, description = "A page of logs", body = LogsOut)))]
async fn list_logs(tenant: Tenant<LogsRead>, params: Params) -> Answer<Response> {
    list(&tenant, &params).await
}

/// List logs (former address)
///
/// The same as `/logs`.
#[utoipa::path(get, path = "/log", tag = "logs", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:read"))),
    params(("limit" = Option<u32>, Query, description = "Logs on a page", minimum = 1, maximum = 1000)),
    responses((status = 200, description = "A page of logs", body = LogsOut)))]
async fn list_logs_alias(tenant: Tenant<LogsRead>, params: Params) -> Answer<Response> {
    list(&tenant, &params).await
}

async fn list(tenant: &Tenant<LogsRead>, params: &Params) -> Answer<Response> {
    let limit = lenient_limit(params, 100);
    let offset = params.get("offset").and_then(|text| text.trim().parse::<i64>().ok()).unwrap_or(0).max(0);
    if offset > MAX_OFFSET {
        return Err(Problem::new(Code::UseCursor).with("limit", MAX_OFFSET));
    }
    let skip = usize::try_from(offset).unwrap_or(0);
    let asked = service::asked(params, tenant.info.lang)?;
    let page = found(tenant, &asked, params, limit, skip).await?;
    let next = page.next_cursor.clone();
    let out = LogsOut {
        count: page.logs.len(),
        limit: u32::try_from(limit).unwrap_or_default(),
        offset: u32::try_from(offset).unwrap_or_default(),
        has_more: page.next_cursor.is_some(),
        next_cursor: page.next_cursor,
        last_id: page.last_id,
        total: page.total,
        partial: page.partial,
        logs: page.logs,
    };
    Ok(NextPage::mark(next, fields::answer(out, Some("logs"), params)?))
}

/// Finds a page; the first one of a search is remembered (SRCH-09).
async fn found(
    tenant: &Tenant<LogsRead>,
    asked: &service::Asked,
    params: &Params,
    limit: usize,
    skip: usize,
) -> Answer<service::LogPage> {
    let started = Instant::now();
    let page = service::page(tenant, asked, params, limit, skip).await?;
    let typing = params.flag("preview")?;
    if let (Some(q), None, 0, false) = (params.get("q"), params.get("cursor"), skip, typing) {
        let on_page = i64::try_from(page.logs.len()).unwrap_or(i64::MAX);
        let hits = page.total.map_or(Hits { count: on_page, capped: page.next_cursor.is_some() }, |total| {
            Hits { count: total.value, capped: total.capped }
        });
        searches::service::note(tenant, q, asked.occurred, hits, started.elapsed());
    }
    Ok(page)
}

/// Search logs
///
/// All words must match; `"exact phrase"`, `-not`, `OR`, `field:value`, `kind:`, `level:`, `after:`, `before:`.
#[utoipa::path(get, path = "/logs/search", tag = "search", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:read"))),
    params(("q" = String, Query, description = "Search grammar", min_length = 1, max_length = 4096, example = "result:AFKEUR location:Venlo"),
        ("limit" = Option<u32>, Query, description = "Logs on a page", minimum = 1, maximum = 1000, example = 50),
        ("cursor" = Option<String>, Query, description = "Position of a former page", max_length = 512),
        ("count" = Option<String>, Query, description = "`capped` counts up to 10,000, `exact` all", pattern = "^(capped|exact|estimate)$"),
        ("preview" = Option<bool>, Query, description = "`true` while somebody is still typing: the search is not remembered"),
        ("expand" = Option<String>, Query, description = "`payload` gives the parsed value instead of `data`", pattern = "^payload$"),
        ("fields" = Option<String>, Query, description = "Members of a log to answer with, separated by commas, such as `id,timestamp,kind,data`", max_length = 256)),
    responses((status = 200, description = "A page of results", body = SearchOut)))]
async fn search_logs(tenant: Tenant<LogsRead>, params: Params) -> Answer<Response> {
    search(&tenant, &params).await
}

/// Search logs (former address)
///
/// The same as `/logs/search`.
#[utoipa::path(get, path = "/search", tag = "search", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:read"))),
    params(("q" = String, Query, description = "Search grammar", min_length = 1, max_length = 4096)),
    responses((status = 200, description = "A page of results", body = SearchOut)))]
async fn search_logs_alias(tenant: Tenant<LogsRead>, params: Params) -> Answer<Response> {
    search(&tenant, &params).await
}

async fn search(tenant: &Tenant<LogsRead>, params: &Params) -> Answer<Response> {
    let text = params.get("q").ok_or_else(|| Problem::new(Code::MissingQuery))?;
    let asked = service::asked(params, tenant.info.lang)?;
    let page = found(tenant, &asked, params, lenient_limit(params, 50), 0).await?;
    let next = page.next_cursor.clone();
    let out = SearchOut {
        query: text.to_owned(),
        count: page.logs.len(),
        has_more: page.next_cursor.is_some(),
        next_cursor: page.next_cursor,
        total: page.total,
        partial: page.partial,
        results: page.logs,
    };
    Ok(NextPage::mark(next, fields::answer(out, Some("results"), params)?))
}

/// One log
///
/// By its number, which counts per customer. `data` is the JSON exactly as it was sent.
#[utoipa::path(get, path = "/logs/{id}", tag = "logs", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:read"))),
    params(("id" = i64, Path, description = "Number of the log", minimum = 1, example = 1),
        ("expand" = Option<String>, Query, description = "`payload` gives the parsed value instead of `data`", pattern = "^payload$"),
        ("fields" = Option<String>, Query, description = "Members of a log to answer with, separated by commas, such as `id,timestamp,kind,data`", max_length = 256)),
    responses((status = 200, description = "The log", body = LogOut)))]
async fn get_log(
    tenant: Tenant<LogsRead>,
    ValidPath(id): ValidPath<String>,
    params: Params,
) -> Answer<Response> {
    let seq = id.parse().map_err(|_| Problem::new(Code::LogNotFound))?;
    let mut log = service::find(&tenant.app, tenant.id(), tenant.space(), seq).await?;
    if params.choice("expand", &[("payload", ())])?.is_some() {
        service::expand(std::slice::from_mut(&mut log));
    }
    fields::answer(log, None, &params)
}

/// Logs around one
///
/// Up to ten before and ten after, in order of arrival.
#[utoipa::path(get, path = "/logs/{id}/around", tag = "logs", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:read"))),
    params(("id" = i64, Path, description = "Number of the log", minimum = 1, example = 1)),
    responses((status = 200, description = "The neighbours", body = AroundOut)))]
async fn list_logs_around(
    tenant: Tenant<LogsRead>,
    ValidPath(id): ValidPath<String>,
) -> Answer<Json<AroundOut>> {
    let seq = id.parse().map_err(|_| Problem::new(Code::LogNotFound))?;
    service::around(&tenant.app, tenant.id(), tenant.space(), seq).await.map(Json)
}

/// Follow logs live
///
/// Server-sent events: `event: log` with the log as data and its number as id, a comment every 15 seconds,
/// `event: end` when the session ends. Resume with `Last-Event-ID`: nothing is missed, nothing comes twice.
#[utoipa::path(get, path = "/logs/stream", tag = "logs", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:read"))),
    params(("q" = Option<String>, Query, description = "Search grammar", max_length = 4096),
        ("last_event_id" = Option<i64>, Query, description = "Same as the header `Last-Event-ID`", minimum = 0),
        ("Last-Event-ID" = Option<i64>, Header, description = "Number of the last log received", minimum = 0)),
    responses((status = 200, description = "The stream", content_type = "text/event-stream", body = String)))]
async fn stream_logs(tenant: Tenant<LogsRead>, headers: HeaderMap, params: Params) -> Answer<Response> {
    params.allow(&[FILTERS.as_slice(), &["last_event_id"]].concat())?;
    stream::open(tenant, &headers, &params).await
}
