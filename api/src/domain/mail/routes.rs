//! `/admin/mail` and `/admin/mails`: the outbox, for staff.

use axum::response::Response;
use shared::lang::Lang;
use shared::mail::{
    MailDetailOut, MailKind, MailOut, MailPreviewOut, MailSetupOut, MailState, MailTestIn, MailTestOut,
};
use shared::page::Page;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::service;
use crate::app::App;
use crate::http::Json;
use crate::http::auth::{MailManage, Staff};
use crate::http::extract::{ValidJson, ValidPath};
use crate::http::page::{ListKey, NextPage};
use crate::http::params::{Params, invalid};
use crate::http::problem::Answer;

/// Routes of the area.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_mail_setup))
        .routes(routes!(get_mail_preview))
        .routes(routes!(create_mail_test))
        .routes(routes!(list_mails))
        .routes(routes!(get_mail))
        .routes(routes!(replay_mail))
}

fn kinds() -> [(&'static str, MailKind); MailKind::ALL.len()] {
    MailKind::ALL.map(|kind| (kind.as_str(), kind))
}

/// How mail leaves this installation
///
/// Mail server, protection and sender as they are set, never the password; and how many mails are in each state.
#[utoipa::path(get, path = "/admin/mail", tag = "mail", security(("bearer" = [])), extensions(("x-permission" = json!("mail:manage"))),
    responses((status = 200, description = "The setup", body = MailSetupOut)))]
async fn get_mail_setup(staff: Staff<MailManage>) -> Answer<Json<MailSetupOut>> {
    service::setup(&staff.app).await.map(Json)
}

/// Preview a kind of mail
///
/// With sample data, in one language.
#[utoipa::path(get, path = "/admin/mail/preview", tag = "mail", security(("bearer" = [])), extensions(("x-permission" = json!("mail:manage"))),
    params(("kind" = MailKind, Query, description = "What the mail is about", example = json!("key_created")),
        ("language" = Option<Lang>, Query, description = "Language of its words; Dutch if absent")),
    responses((status = 200, description = "The mail", body = MailPreviewOut)))]
async fn get_mail_preview(staff: Staff<MailManage>, params: Params) -> Answer<Json<MailPreviewOut>> {
    params.allow(&["kind", "language"])?;
    let names = kinds().map(|(name, _)| name).join(", ");
    let kind = params.choice("kind", &kinds())?.ok_or_else(|| invalid("kind", &names))?;
    let language = params.choice("language", &Lang::ALL.map(|lang| (lang.code(), lang)))?;
    Ok(Json(service::preview(&staff.app, kind, language.unwrap_or_default())))
}

/// Send a test mail
///
/// Talks with the mail server now and says how far that got and what it answered. The mail is not kept in the outbox.
#[utoipa::path(post, path = "/admin/mail/tests", tag = "mail", security(("bearer" = [])), extensions(("x-permission" = json!("mail:manage"))),
    request_body(content = MailTestIn, example = json!({"to": "beheer@mvai.example"})),
    responses((status = 200, description = "What became of it", body = MailTestOut)))]
async fn create_mail_test(
    staff: Staff<MailManage>,
    ValidJson(input): ValidJson<MailTestIn>,
) -> Answer<Json<MailTestOut>> {
    service::test(&staff.app, &input, staff.info.lang).await.map(Json)
}

/// List mails
///
/// The outbox, newest first. Sent, failed and held mails are kept for 90 days.
#[utoipa::path(get, path = "/admin/mails", tag = "mail", security(("bearer" = [])), extensions(("x-permission" = json!("mail:manage"))),
    params(("state" = Option<MailState>, Query, description = "Where they stand"),
        ("kind" = Option<MailKind>, Query, description = "What they are about"),
        ("limit" = Option<i64>, Query, description = "Rows on a page; 50 if absent", minimum = 1, maximum = 1000, example = json!(50)),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before", max_length = 1024)),
    responses((status = 200, description = "A page of mails", body = Page<MailOut>)))]
async fn list_mails(staff: Staff<MailManage>, params: Params) -> Answer<Response> {
    params.allow(&["state", "kind", "limit", "cursor"])?;
    let state = params.choice("state", &MailState::ALL.map(|state| (state.as_str(), state)))?;
    let kind = params.choice("kind", &kinds())?;
    let limit = params.int("limit", 50, 1, 1_000)?;
    let list =
        ListKey::new(&["mails", state.map_or("", MailState::as_str), kind.map_or("", MailKind::as_str)]);
    let before = list.before(&staff.app.keys, params.get("cursor"))?;
    let data = service::list(&staff.app, (state, kind), &before, limit + 1).await?;
    let page = list.page(&staff.app.keys, data, limit, |mail| &mail.id);
    Ok(NextPage::mark(page.next_cursor.clone(), Json(page)))
}

/// A mail with its words
///
/// Links that open something without signing in are left out: they are for the recipient alone.
#[utoipa::path(get, path = "/admin/mails/{id}", tag = "mail", security(("bearer" = [])), extensions(("x-permission" = json!("mail:manage"))),
    params(("id" = String, Path, description = "Id of the mail", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    responses((status = 200, description = "The mail", body = MailDetailOut)))]
async fn get_mail(staff: Staff<MailManage>, ValidPath(id): ValidPath<Uuid>) -> Answer<Json<MailDetailOut>> {
    service::find(&staff.app, &id.to_string()).await.map(Json)
}

/// Have a mail sent again
///
/// For mails that were given up, suppressed or held; their attempts begin anew, and the address is given another chance.
/// One that waits already goes on waiting.
#[utoipa::path(post, path = "/admin/mails/{id}/retry", tag = "mail", security(("bearer" = [])), extensions(("x-permission" = json!("mail:manage"))),
    params(("id" = String, Path, description = "Id of the mail", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    responses((status = 200, description = "The mail as it is now", body = MailOut)))]
async fn replay_mail(staff: Staff<MailManage>, ValidPath(id): ValidPath<Uuid>) -> Answer<Json<MailOut>> {
    service::retry(&staff.app, &id.to_string()).await.map(Json)
}
