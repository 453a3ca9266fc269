//! The outbox, for staff.

use shared::mail::{MailDetailOut, MailOut, MailPreviewOut, MailSetupOut, MailTestIn, MailTestOut};
use shared::page::Page;

use super::call::{Call, Reply};
use super::client::AuthedApi;
use super::params::{Params, encode};

/// How mail leaves the installation.
pub fn setup(api: &AuthedApi) -> Reply<MailSetupOut> {
    api.fetch(Call::get("/admin/mail"))
}

/// A kind of mail with sample data.
pub fn preview(api: &AuthedApi, kind: &str, language: &str) -> Reply<MailPreviewOut> {
    let params = Params::new().with("kind", kind).with("language", language).finish();
    api.fetch(Call::get(format!("/admin/mail/preview{params}")))
}

/// Sends a test mail now.
pub fn test(api: &AuthedApi, to: String) -> Reply<MailTestOut> {
    api.fetch(Call::post("/admin/mail/tests").json(&MailTestIn { to }))
}

/// A page of the outbox.
pub fn list(api: &AuthedApi, state: &str, kind: &str, cursor: Option<&str>) -> Reply<Page<MailOut>> {
    let params = Params::new().with("state", state).with("kind", kind).with_some("cursor", cursor).finish();
    api.fetch(Call::get(format!("/admin/mails{params}")))
}

/// A mail with its words.
pub fn read(api: &AuthedApi, id: &str) -> Reply<MailDetailOut> {
    api.fetch(Call::get(format!("/admin/mails/{}", encode(id))))
}

/// Has a mail sent again.
pub fn retry(api: &AuthedApi, id: &str) -> Reply<MailOut> {
    api.fetch(Call::post(format!("/admin/mails/{}/retry", encode(id))))
}
