//! `/seals` and the proof of a log.

use axum::response::Response;
use shared::page::Page;
use shared::problem::Code;
use shared::seals::{ProofOut, SealOut, VerificationOut};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{proof, service};
use crate::app::App;
use crate::http::Json;
use crate::http::auth::{LogsRead, Tenant};
use crate::http::extract::ValidPath;
use crate::http::page::NextPage;
use crate::http::params::Params;
use crate::http::problem::{Answer, Problem};

/// Routes of the area.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_seals))
        .routes(routes!(get_verification))
        .routes(routes!(get_log_proof))
}

/// List seals
///
/// One for each day (UTC) on which logs were received, newest first. Some minutes after a day its logs are sealed: a digest
/// of all of them and of the seal before. What exactly is hashed is described with the source. Whoever keeps the newest
/// seal elsewhere can show later that nothing before it was written anew. Logs of the test space are not sealed.
#[utoipa::path(get, path = "/seals", tag = "logs", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:read"))),
    params(("limit" = Option<u32>, Query, description = "Seals on a page", minimum = 1, maximum = 1000, example = 50),
        ("cursor" = Option<String>, Query, description = "Position of a former page", max_length = 512)),
    responses((status = 200, description = "A page of seals", body = Page<SealOut>)))]
async fn list_seals(tenant: Tenant<LogsRead>, params: Params) -> Answer<Response> {
    params.allow(&["limit", "cursor"])?;
    let limit = usize::try_from(params.int("limit", 50, 1, 1_000)?).unwrap_or(50);
    let page = service::list(&tenant.app, tenant.id(), tenant.space(), params.get("cursor"), limit).await?;
    Ok(NextPage::mark(page.next_cursor.clone(), Json(page)))
}

/// Verify seals
///
/// Computes the seals anew from the stored logs and compares, oldest day first, for about two seconds; `next_cursor`
/// goes on where it ended, within a day if need be. Each day is `intact`, `changed` with what was found, or `removed` when
/// all of its logs were erased by request or by retention. With `seal`, the chain is searched for a seal kept elsewhere.
#[utoipa::path(get, path = "/seals/verification", tag = "logs", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:read"))),
    params(("cursor" = Option<String>, Query, description = "Position behind a former answer", max_length = 512),
        ("seal" = Option<String>, Query, description = "A seal to look for, in hexadecimal", min_length = 64, max_length = 64, pattern = "^[0-9A-Fa-f]{64}$")),
    responses((status = 200, description = "What was found so far", body = VerificationOut)))]
async fn get_verification(tenant: Tenant<LogsRead>, params: Params) -> Answer<Response> {
    params.allow(&["cursor", "seal"])?;
    let (cursor, seal) = (params.get("cursor"), params.get("seal"));
    let out = service::verification(&tenant.app, tenant.id(), tenant.space(), cursor, seal).await?;
    Ok(NextPage::mark(out.next_cursor.clone(), Json(out)))
}

/// Proof of a log
///
/// The digest of the log, and the digests that lead from it to the root in the seal of its day (RFC 9162). `seal` is absent
/// as long as the day is not sealed, and for logs that never are: those of the test space, and those from before there
/// were seals.
#[utoipa::path(get, path = "/logs/{id}/proof", tag = "logs", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:read"))),
    params(("id" = i64, Path, description = "Number of the log", minimum = 1, example = 1)),
    responses((status = 200, description = "The proof", body = ProofOut)))]
async fn get_log_proof(tenant: Tenant<LogsRead>, ValidPath(id): ValidPath<String>) -> Answer<Json<ProofOut>> {
    let number = id.parse().map_err(|_| Problem::new(Code::LogNotFound))?;
    proof::proof(&tenant.app, tenant.id(), tenant.space(), number).await.map(Json)
}
