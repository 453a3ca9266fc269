//! Codes of problems: the catalogue is complete in every language, and answers follow `Accept-Language`.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use axum::http::Method;
use serde_json::{Value, json};
use shared::lang::Lang;
use shared::problem::{Code, FieldCode};

use super::document::{document, operations};
use crate::support::{Actor, Answer, TestApp};

fn placeholders(text: &str) -> BTreeSet<String> {
    let inside = text.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    // `{n|log|logs}` is a word that follows the number `n`.
    inside.map(|(name, _)| name.split('|').next().unwrap().to_owned()).collect()
}

/// GEN-04, I18N-02: each code is unique, has words in both languages, and both mention the same values.
#[test]
fn every_code_has_words_in_every_language() {
    let mut names = HashSet::new();
    for code in Code::ALL {
        assert!(names.insert(code.as_str()), "{}", code.as_str());
        assert!((400..600).contains(&code.status()), "{}", code.as_str());
        let [(nl_title, nl), (en_title, en)] = [code.text(Lang::Nl), code.text(Lang::En)];
        assert!([nl_title, nl, en_title, en].iter().all(|text| text.len() > 3), "{}", code.as_str());
        assert_eq!(placeholders(nl), placeholders(en), "{}", code.as_str());
        assert!(nl != en, "{}", code.as_str());
    }
    let mut names = HashSet::new();
    for code in FieldCode::ALL {
        assert!(names.insert(code.as_str()), "{}", code.as_str());
        let [(nl, nl_fix), (en, en_fix)] = [code.text(Lang::Nl), code.text(Lang::En)];
        assert!(nl != en && nl_fix != en_fix, "{}", code.as_str());
        assert_eq!(placeholders(nl), placeholders(en), "{}", code.as_str());
        assert_eq!(placeholders(nl_fix), placeholders(en_fix), "{}", code.as_str());
    }
}

/// GEN-04: codes that the document mentions are codes of the catalogue.
#[test]
fn codes_in_the_document_exist() {
    let known: HashSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let text = document().to_string();
    for mention in text.split("\"code\":\"").skip(1) {
        let code = mention.split('"').next().unwrap();
        assert!(known.contains(code), "{code}");
    }
    // Statuses of the catalogue are documented somewhere, but for those that no operation causes itself.
    let documented: BTreeSet<u16> =
        operations(&document()).into_iter().flat_map(|operation| operation.statuses).collect();
    for code in Code::ALL {
        let outside = [405, 414];
        assert!(
            documented.contains(&code.status()) || outside.contains(&code.status()),
            "{} {}",
            code.status(),
            code.as_str()
        );
    }
}

/// Requests that are refused, each with the code that it is refused with.
async fn refusals(test: &TestApp, lang: &str) -> Vec<(Code, Answer)> {
    let (_, owner, key) = test.tenant().await;
    let narrow = test.key(&owner, Some(&["webhooks:manage"])).await;
    let admin = test.admin().await;
    let with = |actor: &Actor| actor.with("accept-language", lang);
    let (owner, key, narrow, admin, anon) =
        (with(&owner), with(&key), with(&narrow), with(&admin), with(&test.anon()));
    let customer = test.customer().await;
    let login = json!({ "access_code": "MVAI-00000-00000-00000-00000-000000" });
    let live = test.key(&owner, None).await.credential.unwrap();
    let mut refused = vec![
        (Code::InvalidJson, owner.post_raw("/api/v1/keys", "application/json", "{\"name\": }").await),
        (
            Code::InvalidUtf8,
            owner.post_raw("/api/v1/keys", "application/json", b"{\"name\": \"\xff\"}".to_vec()).await,
        ),
        (Code::EmptyBody, owner.post_raw("/api/v1/keys", "application/json", " ").await),
        (Code::InvalidBody, owner.post("/api/v1/keys", &json!({ "name": 7 })).await),
        (Code::InvalidBody, owner.post("/api/v1/keys", &json!({ "name": "x", "colour": "red" })).await),
        (
            Code::InvalidBody,
            owner.post("/api/v1/keys", &json!({ "name": "", "expires_in_days": 9999, "cidrs": ["x"] })).await,
        ),
        (
            Code::InvalidBody,
            admin
                .post(
                    "/api/v1/admin/customers",
                    &json!({ "name": "x", "contact_email": "x", "country": "nl", "time_zone": "x" }),
                )
                .await,
        ),
        (Code::InvalidBody, anon.post("/api/v1/auth/login", &json!({})).await),
        (Code::InvalidCsv, key.post_raw("/api/v1/logs/batch", "text/csv", "a,a\n1,2").await),
        (
            Code::InvalidEncoding,
            with(&owner)
                .with("content-encoding", "gzip")
                .post_raw("/api/v1/keys", "application/json", "no gzip at all")
                .await,
        ),
        (Code::UnknownParameter, admin.get("/api/v1/admin/customers?colour=red").await),
        (Code::InvalidParameter, admin.get("/api/v1/admin/customers?limit=0").await),
        (Code::MissingQuery, key.get("/api/v1/search").await),
        (Code::InvalidQuery, key.get("/api/v1/search?q=%22open").await),
        (Code::InvalidCursor, admin.get("/api/v1/admin/customers?cursor=abc").await),
        (Code::UseCursor, key.get("/api/v1/logs?offset=100001").await),
        (Code::Unauthenticated, anon.get("/api/v1/me").await),
        (Code::InvalidCredentials, anon.post("/api/v1/auth/login", &login).await),
        (Code::InvalidToken, test.bearer("x.y.z").with("accept-language", lang).get("/api/v1/me").await),
        (Code::InvalidKey, test.bearer("mvai_live_x").with("accept-language", lang).get("/api/v1/me").await),
        (Code::SeveralCredentials, key.with("x-api-key", "mvai_live_x").get("/api/v1/me").await),
        (Code::KeyInUrl, anon.get(&format!("/api/v1/me?api_key={live}")).await),
        (Code::Forbidden, owner.get("/api/v1/admin/overview").await),
        (Code::InsufficientScope, narrow.get("/api/v1/logs").await),
        (
            Code::CrossSite,
            anon.with("origin", "https://evil.example").post("/api/v1/auth/refresh", &json!({})).await,
        ),
        (Code::LogNotFound, key.get("/api/v1/logs/77").await),
        (Code::NotFound, anon.get("/api/v1/nothing").await),
        (
            Code::MethodNotAllowed,
            anon.send(Method::DELETE, "/api/v1/logs", None, axum::body::Body::empty()).await,
        ),
        (
            Code::NameTaken,
            admin
                .post(
                    "/api/v1/admin/customers",
                    &json!({ "name": customer.name.to_uppercase(), "contact_email": "a@b.nl" }),
                )
                .await,
        ),
        (
            Code::StateConflict,
            admin
                .send(
                    Method::POST,
                    &format!("/api/v1/admin/customers/{}/reactivate", customer.id),
                    None,
                    axum::body::Body::empty(),
                )
                .await,
        ),
        (
            Code::PreconditionRequired,
            admin.patch(&format!("/api/v1/admin/customers/{}", customer.id), &json!({})).await,
        ),
        (
            Code::PreconditionFailed,
            admin
                .with("if-match", "\"99\"")
                .patch(&format!("/api/v1/admin/customers/{}", customer.id), &json!({}))
                .await,
        ),
        (
            Code::BodyTooLarge,
            owner.post_raw("/api/v1/keys", "application/json", vec![b' '; 2 * 1024 * 1024 + 1]).await,
        ),
        (Code::RecordTooLarge, key.post("/api/v1/logs", &json!({ "x": "y".repeat(300_000) })).await),
        (
            Code::TooDeep,
            key.post_raw(
                "/api/v1/logs",
                "application/json",
                format!("{}1{}", "[".repeat(70), "]".repeat(70)),
            )
            .await,
        ),
        (Code::TooManyItems, key.post("/api/v1/logs/batch", &json!({ "logs": vec![1; 1_001] })).await),
        (Code::UriTooLong, key.get(&format!("/api/v1/logs?q={}", "a".repeat(17_000))).await),
        (Code::UnsupportedMediaType, owner.post_raw("/api/v1/keys", "text/plain", "{}").await),
        (
            Code::UnsupportedEncoding,
            owner.with("content-encoding", "lzma").post_raw("/api/v1/keys", "application/json", "{}").await,
        ),
        (
            Code::OccurredAtInFuture,
            key.post("/api/v1/logs", &json!({ "x": 1, "occurred_at": "2027-01-01T00:00:00Z" })).await,
        ),
        (Code::AllRejected, key.post("/api/v1/logs/batch", &json!({ "logs": [{}, {}] })).await),
    ];
    let conflict = json!({ "external_id": "e1", "x": 1 });
    key.post("/api/v1/logs", &conflict).await.expect(axum::http::StatusCode::CREATED);
    refused.push((
        Code::ExternalIdConflict,
        key.post("/api/v1/logs", &json!({ "external_id": "e1", "x": 2 })).await,
    ));
    let made = owner
        .post("/api/v1/keys", &json!({ "name": format!("Smal {lang}"), "scopes": ["logs:read"] }))
        .await
        .expect(axum::http::StatusCode::CREATED)
        .json();
    let path = format!("/api/v1/keys/{}", made["id"].as_str().unwrap());
    refused.push((Code::ScopeWidening, owner.patch(&path, &json!({ "scopes": ["logs:write"] })).await));
    let suspended = test.tenant().await;
    let reason = json!({ "reason": "rekening" });
    admin.post(&format!("/api/v1/admin/customers/{}/suspend", suspended.0.id), &reason).await.expect_ok();
    refused.push((Code::CustomerSuspended, with(&suspended.2).get("/api/v1/logs").await));
    for (state, code) in [("read_only", Code::CustomerReadOnly), ("closing", Code::CustomerClosing)] {
        let (customer, _, key) = test.tenant().await;
        test.run_sql(&format!("UPDATE customer SET status = '{state}' WHERE id = {}", customer.id)).await;
        refused.push((code, with(&key).post("/api/v1/logs", &json!({ "x": 1 })).await));
    }
    refused
}

/// GEN-04, I18N-02: the same refusal has the same code in both languages, with the words of the catalogue for each.
#[tokio::test]
async fn answers_follow_the_language_of_the_caller() {
    let test = TestApp::new().await;
    let mut seen = BTreeMap::new();
    for lang in Lang::ALL {
        for (at, (code, answer)) in refusals(&test, lang.code()).await.into_iter().enumerate() {
            assert_eq!(answer.headers["content-language"], lang.code(), "{code:?}");
            let problem = answer.expect_problem(code.status(), code.as_str());
            let (title, template) = code.text(lang);
            assert_eq!(problem["title"], title);
            assert_eq!((&problem["error"], &problem["message"]), (&problem["title"], &problem["detail"]));
            let detail = problem["detail"].as_str().unwrap();
            // A batch says about each line what its documented form says; all other faults have one form.
            let faults = if code == Code::AllRejected {
                &[][..]
            } else {
                problem["errors"].as_array().map_or(&[][..], Vec::as_slice)
            };
            let start = template.split('{').next().unwrap();
            assert!(detail.starts_with(start), "{detail}");
            for text in std::iter::once(detail).chain(
                faults
                    .iter()
                    .flat_map(|fault| [fault["detail"].as_str().unwrap(), fault["fix"].as_str().unwrap()]),
            ) {
                assert!(!text.contains('{') || code == Code::InvalidJson, "{text}");
            }
            for fault in faults {
                let known = FieldCode::ALL.iter().find(|known| fault["code"] == known.as_str()).unwrap();
                assert_eq!(
                    fault["fix"],
                    known.text(lang).1.split('{').next().unwrap_or_default(),
                    "fixes hold no values"
                );
                assert!(fault["pointer"].is_string());
            }
            // The codes of faults are the same in each language.
            let codes: Vec<Value> =
                faults.iter().map(|fault| json!([fault["code"], fault["pointer"]])).collect();
            let first = seen.entry(at).or_insert_with(|| codes.clone());
            assert_eq!(*first, codes);
        }
    }
    assert!(seen.len() >= 40, "{}", seen.len());
}

/// I18N-02: without a wish, or with one that cannot be met, the language of the installation is used.
#[tokio::test]
async fn the_language_of_the_installation_is_the_fallback() {
    for (default, lang) in [(Lang::Nl, "nl"), (Lang::En, "en")] {
        let test = TestApp::with(|config| config.default_language = default).await;
        for header in [None, Some("fr"), Some(""), Some("*"), Some("q=1;;;"), Some("\u{e9}")] {
            let actor = header.map_or_else(|| test.anon(), |text| test.anon().with("accept-language", text));
            let answer = actor.get("/api/v1/me").await;
            assert_eq!(answer.headers["content-language"], lang, "{header:?}");
        }
        let answer =
            test.anon().with("accept-language", "de;q=0.9, en-GB;q=0.8, nl;q=0.2").get("/api/v1/me").await;
        assert_eq!(answer.headers["content-language"], "en");
    }
}
