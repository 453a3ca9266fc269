//! Every operation × the audit log: what changes something writes exactly one row, what only reads writes none. What is
//! otherwise stands in a list, with the reason.

use serde_json::json;

use super::guard_of;
use super::policy::{Guard, Verdict, Who};
use super::probe::{Id, changes, probe};
use super::world::World;
use crate::meta::document::{Operation, document, operations};

/// Recording logs is no row of its own: each log is its own record, with its sender and a seal.
const RECORDING: &str = "logs are their own record";

/// Operations that write another number of rows than their method says.
const OTHERWISE: &[(&str, usize, &str)] = &[
    ("change_password", 0, "the probe brings a wrong password; proved in audit::sessions"),
    ("change_password_by_link", 0, "the probe has no link that works; proved in auth::people"),
    ("check_kind", 0, "tries a schema and changes nothing"),
    ("check_link", 0, "looks and changes nothing"),
    ("compute_funnel", 0, "computes and changes nothing"),
    ("create_epcis_capture", 0, RECORDING),
    ("create_epcis_event", 0, RECORDING),
    ("create_es_bulk", 0, RECORDING),
    ("create_es_bulk_in", 0, RECORDING),
    ("create_log", 0, RECORDING),
    ("create_log_alias", 0, RECORDING),
    ("create_logs", 0, RECORDING),
    ("create_loki_push", 0, RECORDING),
    ("create_otlp_logs", 0, RECORDING),
    ("create_otm_events", 0, RECORDING),
    ("create_password_reset", 0, "nobody has the address of the probe; proved in auth::people"),
    ("export_all_audit", 1, "takes data out"),
    ("export_all_logs", 1, "takes data out"),
    ("export_audit", 1, "takes data out"),
    ("export_customers", 1, "takes data out"),
    (
        "export_json",
        2,
        "takes data out: a row when it begins, one with rows, bytes and checksum when it ends",
    ),
    (
        "export_logs",
        2,
        "takes data out: a row when it begins, one with rows, bytes and checksum when it ends",
    ),
    ("export_security_events", 1, "takes data out"),
    ("get_export_file", 1, "takes data out"),
    ("list_all_logs", 1, "shows staff what customers recorded"),
    ("refresh_session", 0, "the probe has no cookie; reuse is proved in audit::sessions"),
    ("replay_quarantine", 0, "the lines of the probe still do not fit; proved in audit::writing"),
    ("search_installation", 1, "shows staff what customers recorded"),
];

fn expected(operation: &Operation) -> usize {
    let otherwise = OTHERWISE.iter().find(|(id, ..)| *id == operation.id);
    otherwise.map_or(usize::from(changes(operation)), |(_, rows, _)| *rows)
}

fn caller(guard: Guard) -> Who {
    match guard {
        Guard::Staff(_) | Guard::WithPassword => Who::Admin,
        Guard::Tenant(_) | Guard::Person | Guard::SignedIn | Guard::Public => Who::Owner,
    }
}

/// Carries an operation out and says what is wrong with the rows that it wrote.
async fn findings(world: &mut World, operation: &Operation) -> Vec<String> {
    let guard = guard_of(&operation.id).unwrap();
    let who = caller(guard);
    let pair = world.pair().await;
    if operation.id == "reactivate_customer" {
        world.suspend(&pair.sides[0]).await;
    }
    if operation.id == "delete_next_retention" {
        // Without a shorter time there is nothing to withdraw.
        pair.sides[0].owner.put("/api/v1/retention", &json!({ "days": 365 })).await.expect_ok();
    }
    let seat = world.seat(who, &pair).await;
    let (answer, mut wrong) = probe(operation, &seat, Id::Own, &pair, Verdict::Allowed, &[]).await;
    let request = answer.headers.get("x-request-id").unwrap().to_str().unwrap().to_owned();
    let rows = world
        .test
        .texts(&format!(
            "SELECT e.actor_kind || ' ' || e.customer_id || ' ' || coalesce(p.data, '') AS text FROM audit_event e \
             LEFT JOIN audit_private p ON p.customer_id = e.customer_id AND p.number = e.number WHERE e.request_id = '{request}'"
        ))
        .await;
    let wanted = expected(operation);
    if rows.len() != wanted {
        wrong.push(format!("{}: {} rows, expected {wanted}: {rows:?}", operation.id, rows.len()));
    }
    let actor = match (operation.id.as_str(), who) {
        ("create_session", _) => "anonymous",
        (_, Who::Admin) => "staff",
        _ => "person",
    };
    let about = match operation.id.as_str() {
        // Nobody is signed in, a customer that was not there before, and what concerns all of them.
        "create_session"
        | "create_customer"
        | "create_decision"
        | "create_mail_test"
        | "create_security_acknowledgement"
        | "delete_decision"
        | "export_security_events"
        | "update_decision"
        | "update_detector_modes"
        | "export_all_audit"
        | "export_all_logs"
        | "export_customers"
        | "list_all_logs"
        | "search_installation" => None,
        _ => Some(pair.sides[0].customer.id),
    };
    for row in rows {
        let whose = about.is_none_or(|id| row.starts_with(&format!("{actor} {id} ")));
        if !row.starts_with(&format!("{actor} ")) || !whose || !row.contains("\"203.0.113.7\"") {
            wrong.push(format!("{}: not by {actor} from here about {about:?}: {row}", operation.id));
        }
    }
    wrong
}

/// SEC-16, ACC-02: each operation of the document that changes something writes one row in the audit log, with who did it,
/// from where and for which customer; reading writes none, but for data that is taken out.
#[tokio::test]
async fn every_change_is_one_row_of_the_audit_log() {
    let mut world = World::new().await;
    let mut wrong = Vec::new();
    for operation in operations(&document()) {
        wrong.extend(findings(&mut world, &operation).await);
    }
    assert!(wrong.is_empty(), "{} findings\n{}", wrong.len(), wrong.join("\n"));
    for (id, ..) in OTHERWISE {
        assert!(guard_of(id).is_some(), "{id} is no operation");
    }
}

/// SEC-16: a change that is not written down, or is written down twice, is noticed.
#[tokio::test]
async fn a_forgotten_row_is_noticed() {
    let mut world = World::new().await;
    let operation = |id: &str| operations(&document()).into_iter().find(|one| one.id == id).unwrap();
    assert_eq!(findings(&mut world, &operation("update_key")).await, Vec::<String>::new());
    // As if the handler did not write its row.
    for statement in swallowing() {
        world.test.run_sql(statement).await;
    }
    let found = findings(&mut world, &operation("update_key")).await;
    assert!(found.len() == 1 && found[0].starts_with("update_key: 0 rows, expected 1"), "{found:?}");
    assert_eq!(findings(&mut world, &operation("create_kind")).await, Vec::<String>::new());
    // As if reading wrote one.
    let mut reading = operation("create_kind");
    reading.id = "list_kinds".to_owned();
    reading.method = axum::http::Method::GET;
    assert_eq!(expected(&reading), 0);
}

/// Statements after which rows about changed keys are not stored.
fn swallowing() -> Vec<&'static str> {
    if crate::support::TestDatabase::is_postgres() {
        return vec![
            "CREATE FUNCTION swallow() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
            "CREATE TRIGGER swallow BEFORE INSERT ON audit_event FOR EACH ROW WHEN (NEW.action = 'key.update') EXECUTE FUNCTION swallow()",
        ];
    }
    vec![
        "CREATE TRIGGER swallow BEFORE INSERT ON audit_event WHEN NEW.action = 'key.update' BEGIN SELECT RAISE(IGNORE); END",
    ]
}
