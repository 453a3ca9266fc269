//! Every operation × every kind of caller × every kind of number, derived from the specification.

mod audited;
mod controls;
mod policy;
mod probe;
mod stranger;
mod world;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use self::policy::{Guard, POLICY, SHOWN_TO_ADMINS, Verdict, Who, verdict};
use self::probe::{Id, MALFORMED, changes, probe};
use self::world::World;
use super::document::{Operation, document, operations};

fn guard_of(id: &str) -> Option<Guard> {
    POLICY.iter().find(|(name, _)| *name == id).map(|(_, guard)| *guard)
}

/// What is wrong between a document and the policy table.
fn disagreements(document: &Value) -> Vec<String> {
    let mut findings = Vec::new();
    let operations = operations(document);
    for operation in &operations {
        let Some(guard) = guard_of(&operation.id) else {
            findings.push(format!("{}: not in the policy table", operation.name()));
            continue;
        };
        let (permission, schemes): (_, &[&str]) = match guard {
            Guard::Public => (None, &[]),
            Guard::SignedIn => (None, &["api_key", "bearer"]),
            Guard::Person | Guard::WithPassword => (None, &["bearer"]),
            Guard::Staff(permission) => (Some(permission), &["bearer"]),
            Guard::Tenant(permission) if permission.grant().is_some_and(|grant| grant.scope.is_some()) => {
                (Some(permission), &["api_key", "bearer"])
            }
            Guard::Tenant(permission) => (Some(permission), &["bearer"]),
        };
        let expected = permission.map(|permission| permission.as_str());
        if operation.permission.as_deref() != expected {
            findings.push(format!(
                "{}: x-permission is {:?}, the table says {expected:?}",
                operation.name(),
                operation.permission
            ));
        }
        let open = operation.security.iter().any(String::is_empty)
            || operation.security.iter().all(|scheme| scheme == "refresh_cookie");
        let found: BTreeSet<&str> = operation.security.iter().map(String::as_str).collect();
        if (guard == Guard::Public) != open
            || (guard != Guard::Public && found != schemes.iter().copied().collect())
        {
            findings.push(format!("{}: security is {found:?}, the table says {guard:?}", operation.name()));
        }
    }
    for (id, _) in POLICY {
        if !operations.iter().any(|operation| operation.id == *id) {
            findings.push(format!("{id}: in the policy table, not in the document"));
        }
    }
    findings
}

/// ACC-02: each operation has a line in the policy table, and the document names the same permission.
#[test]
fn document_and_policy_table_agree() {
    let findings = disagreements(&document());
    assert!(findings.is_empty(), "{findings:#?}");
}

fn ids(operation: &Operation) -> Vec<Id> {
    // The name of an index is any name, and names nothing of anybody.
    if operation.params("path").iter().all(|param| param["name"] == "index") {
        return vec![Id::Own];
    }
    [Id::Own, Id::Foreign, Id::Random].into_iter().chain(MALFORMED.map(Id::Malformed)).collect()
}

/// Sends every operation with every kind of number; returns what is wrong, and how often the caller saw its own logs.
async fn findings(who: Who) -> (Vec<String>, usize) {
    let mut world = World::new().await;
    let shared_pair = world.pair().await;
    let mut shared_seat = world.seat(who, &shared_pair).await;
    let (mut findings, mut own_content) = (Vec::new(), 0);
    for operation in operations(&document()) {
        let Some(guard) = guard_of(&operation.id) else {
            continue;
        };
        let verdict = verdict(guard, who);
        for id in ids(&operation) {
            // Whoever may change something gets customers of his own for it.
            let fresh =
                verdict == Verdict::Allowed && changes(&operation) && matches!(id, Id::Own | Id::Foreign);
            let (pair, seat) = if fresh {
                let pair = world.pair().await;
                if operation.id == "reactivate_customer" {
                    world.suspend(&pair.sides[0]).await;
                    world.suspend(&pair.sides[1]).await;
                }
                let seat = world.seat(who, &pair).await;
                (pair, seat)
            } else {
                (
                    shared_pair.clone(),
                    world::Seat {
                        who,
                        actor: shared_seat.actor.clone(),
                        side: shared_seat.side,
                        export_id: shared_seat.export_id.clone(),
                    },
                )
            };
            let own = seat.side.map(|side| &pair.sides[side]);
            let mut forbidden = world.forbidden(who, own);
            if who == Who::Admin && SHOWN_TO_ADMINS.contains(&operation.id.as_str()) {
                forbidden.retain(|text| !world.is_recorded(text));
            }
            let (answer, wrong) = probe(&operation, &seat, id, &pair, verdict, &forbidden).await;
            own_content += usize::from(
                own.is_some_and(|own| String::from_utf8_lossy(&answer.body).contains(&own.content)),
            );
            findings.extend(wrong);
            // Staff are the same people for all pairs: whoever ends their other sessions ends the shared one.
            if fresh && who.is_staff() && operation.id == "delete_my_other_sessions" {
                shared_seat = world.seat(who, &shared_pair).await;
            }
        }
    }
    (findings, own_content)
}

/// `sees_logs`: the least number of answers with the caller's own logs, or the check for canaries would be blind.
async fn check(who: Who, sees_logs: usize) {
    let (findings, own_content) = Box::pin(findings(who)).await;
    assert!(findings.is_empty(), "{} findings\n{}", findings.len(), findings.join("\n"));
    assert!(own_content >= sees_logs, "{who:?} saw its own logs in {own_content} answers only");
    assert!(sees_logs > 0 || own_content == 0, "{who:?} saw logs in {own_content} answers");
}

/// ACC-01, ACC-02: nobody gets further than the public operations without a credential.
#[tokio::test]
async fn anonymous_callers_do_what_the_matrix_says() {
    check(Who::Anonymous, 0).await;
}

/// ACC-01, ACC-02: viewers read, and only what is their customer's.
#[tokio::test]
async fn viewers_do_what_the_matrix_says() {
    check(Who::Viewer, 9).await;
}

/// ACC-01, ACC-02: members read and record.
#[tokio::test]
async fn members_do_what_the_matrix_says() {
    check(Who::Member, 9).await;
}

/// ACC-01, ACC-02: owners decide about their own customer and no other.
#[tokio::test]
async fn owners_do_what_the_matrix_says() {
    check(Who::Owner, 9).await;
}

/// ACC-01, ACC-02: a key with all scopes does what keys may do, for its own customer.
#[tokio::test]
async fn keys_with_all_scopes_do_what_the_matrix_says() {
    check(Who::KeyWithAllScopes, 9).await;
}

/// ACC-02, KEY-03: a key without a matching scope does nothing.
#[tokio::test]
async fn keys_without_matching_scopes_do_what_the_matrix_says() {
    check(Who::KeyWithoutUse, 0).await;
}

/// ACC-01, ACC-02: analysts read about customers, never what customers recorded.
#[tokio::test]
async fn analysts_do_what_the_matrix_says() {
    check(Who::Analyst, 0).await;
}

/// ACC-01, ACC-02: admins run the installation, and do not see what customers recorded.
#[tokio::test]
async fn admins_do_what_the_matrix_says() {
    check(Who::Admin, 0).await;
}

/// ACC-01: the owner of another customer gets nothing by naming what is not his.
#[tokio::test]
async fn owners_of_another_customer_do_what_the_matrix_says() {
    check(Who::OwnerOfAnother, 9).await;
}

/// ACC-01: the key of another customer gets nothing by naming what is not its own.
#[tokio::test]
async fn keys_of_another_customer_do_what_the_matrix_says() {
    check(Who::KeyOfAnother, 9).await;
}

/// ACC-08, ACC-11: a session from before a suspension is over.
#[tokio::test]
async fn sessions_from_before_a_suspension_do_what_the_matrix_says() {
    check(Who::SuspendedSession, 0).await;
}

/// ACC-11: the owner of a suspended customer may look at the reason and take the data out.
#[tokio::test]
async fn owners_of_a_suspended_customer_do_what_the_matrix_says() {
    check(Who::SuspendedOwner, 2).await;
}

/// ACC-11, KEY-06: keys of a suspended customer do nothing.
#[tokio::test]
async fn keys_of_a_suspended_customer_do_what_the_matrix_says() {
    check(Who::SuspendedKey, 0).await;
}

/// GEN-05: what belongs to another customer and what does not exist get the same answer, byte for byte.
#[tokio::test]
async fn foreign_and_unknown_are_answered_alike() {
    let mut world = World::new().await;
    let pair = world.pair().await;
    let admin = world.test.admin().await;
    let (own, other) = (&pair.sides[0], &pair.sides[1]);
    let unknown = "019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e";
    let keys = |verb: &str, id: &str| (own.owner.clone(), format!("/api/v1/keys/{id}{verb}"));
    let of_customer =
        |id: &str| (admin.clone(), format!("/api/v1/admin/customers/{}/keys/{id}/revoke", own.customer.id));
    let pairs = [
        (keys("/revoke", &other.key_id), keys("/revoke", unknown), json!({})),
        (keys("/rotate", &other.key_id), keys("/rotate", unknown), json!({})),
        (of_customer(&other.key_id), of_customer(unknown), json!({})),
        (
            (own.owner.clone(), "/api/v1/logs/5/around".to_owned()),
            (own.owner.clone(), "/api/v1/logs/6/around".to_owned()),
            Value::Null,
        ),
        (
            (own.owner.clone(), "/api/v1/logs/5".to_owned()),
            (own.owner.clone(), "/api/v1/logs/6".to_owned()),
            Value::Null,
        ),
    ];
    for ((actor, foreign), (_, missing), body) in pairs {
        let mut answers = Vec::new();
        for path in [&foreign, &missing] {
            let answer = if body.is_null() { actor.get(path).await } else { actor.post(path, &body).await };
            assert_eq!(answer.status.as_u16(), 404, "{path}");
            let mut problem: Value = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!(problem["instance"], **path);
            problem["request_id"] = json!("");
            problem["instance"] = json!("");
            let mut headers: Vec<_> =
                answer.headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
            headers.retain(|(name, _)| name != "x-request-id");
            answers.push((problem.to_string(), headers));
        }
        assert_eq!(answers[0], answers[1], "{foreign}");
    }
}

/// ACC-01: neither parameters nor headers nor bodies select a customer.
#[tokio::test]
async fn nothing_but_the_credential_selects_the_customer() {
    let mut world = World::new().await;
    let pair = world.pair().await;
    let (own, other) = (&pair.sides[0], &pair.sides[1]);
    let forbidden = world.forbidden(Who::Owner, Some(own));
    let id = other.customer.id;
    let lists = [
        "logs",
        "logs?sort=-occurred_at",
        "logs?sort=occurred_at",
        "search?q=gedeeld",
        "logs/search?q=gedeeld",
        "logs/export?format=ndjson",
        "export/json",
        "exports",
        "status",
        "keys",
        "me",
        "analytics/overview",
        "analytics/series",
        "analytics/pattern",
        "analytics/findings",
        "analytics/cohorts?field=note",
        "logs/histogram",
        "logs/facets?fields=note,ip,kind",
        "logs/1",
        "logs/1/around",
    ];
    for list in lists {
        let mark = if list.contains('?') { '&' } else { '?' };
        for extra in [
            format!("customer_id={id}"),
            format!("customer={id}"),
            format!("tenant={id}"),
            format!("q=customer:{id}"),
            "q=-niets".to_owned(),
            "q=id:1..9999999".to_owned(),
            "field.note=*".to_owned(),
        ] {
            let mut actor = own.owner.clone();
            for name in ["x-customer-id", "x-tenant-id", "x-forwarded-user", "mvai-customer", "customer-id"] {
                actor = actor.with(name, &id.to_string());
            }
            let path = format!("/api/v1/{list}{mark}{extra}");
            let answer = actor.get(&path).await;
            assert!(!answer.status.is_server_error(), "{path}: {}", answer.status);
            assert_eq!(probe::leaks(&answer, &forbidden), Vec::<String>::new(), "{path}");
        }
    }
    // A body that names another customer is data, and stays with the sender.
    let sent = json!({ "kind": "scan", "message": "poging", "customer_id": id, "customer": id, "tenant_id": id, "id": 1, "test": true, "actor_ref": "x" });
    let stored = own.owner.post("/api/v1/logs", &sent).await.expect(axum::http::StatusCode::CREATED).json();
    let log = own.owner.get(&format!("/api/v1/logs/{}", stored["log_id"])).await.expect_ok().json();
    assert_eq!(
        (&log["customer_id"], &log["test"], &log["actor_ref"]),
        (&json!(own.customer.id), &json!(false), &json!("access_code"))
    );
    let theirs = other.owner.get("/api/v1/logs?limit=1").await.expect_ok().json();
    assert_eq!(theirs["last_id"], 5, "nothing was added to the other customer");
}

/// ACC-01, API-10: members that a request does not know are refused by name, so none can slip in a number, role or time.
#[tokio::test]
async fn unknown_members_are_refused_everywhere() {
    let mut world = World::new().await;
    let pair = world.pair().await;
    let (admin, owner) = (world.test.admin().await, pair.sides[0].owner.clone());
    let mut checked = 0;
    for operation in operations(&document()) {
        let Some(example) = operation.example().filter(Value::is_object) else {
            continue;
        };
        if matches!(operation.id.as_str(), "create_log" | "create_log_alias") || operation.is_foreign() {
            continue; // any JSON is a log, and other standards have rules of their own
        }
        let seat = match guard_of(&operation.id) {
            Some(Guard::Staff(_) | Guard::WithPassword) => {
                world::Seat { who: Who::Admin, actor: admin.clone(), side: None, export_id: None }
            }
            _ => world::Seat { who: Who::Owner, actor: owner.clone(), side: Some(0), export_id: None },
        };
        for member in
            ["customer_id", "id", "role", "created_at", "status", "usage_count", "is_admin", "__proto__"]
        {
            if example.get(member).is_some() {
                continue; // one that the operation knows
            }
            let mut body = example.clone();
            body[member] = json!(2);
            let path = probe::path_of(&operation, &pair);
            let actor = seat.actor.with("if-match", "*");
            let answer = actor
                .send(operation.method.clone(), &path, Some("application/json"), body.to_string().into())
                .await;
            let problem = answer.expect_problem(422, "invalid_body");
            let fault = &problem["errors"][0];
            assert_eq!(
                (&fault["code"], &fault["pointer"]),
                (&json!("unknown_field"), &json!(format!("/{member}"))),
                "{}",
                operation.name()
            );
            checked += 1;
        }
    }
    assert!(checked >= 80, "{checked}");
}
