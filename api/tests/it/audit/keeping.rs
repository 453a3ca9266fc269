//! Append-only, cutting off what is kept no longer, and erasing what is about persons.

use api::db::Scope;
use api::domain::audit::{checkpoints, service};
use api::util::ids::CustomerId;
use serde_json::json;
use shared::audit::AuditFault;

use super::{LIST, check, rows, unguard};
use crate::support::TestApp;

const DAY: i64 = 86_400_000;

async fn with_checkpoints() -> (TestApp, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("elsewhere").join("checkpoints.ndjson");
    (TestApp::with(|config| config.audit_checkpoints = Some(path)).await, folder)
}

/// SEC-17: rows can be neither changed nor deleted, by any statement of the application's role.
#[tokio::test]
async fn rows_can_only_be_added() {
    let test = TestApp::new().await;
    test.tenant().await;
    for statement in [
        "UPDATE audit_event SET outcome = 'ok'",
        "UPDATE audit_event SET at = at + 1 WHERE number = 1",
        "DELETE FROM audit_event",
        "DELETE FROM audit_event WHERE number = 2",
        "UPDATE audit_private SET data = '{}'",
    ] {
        let mut tx = test.app.db.write(Scope::Installation).await.unwrap();
        let refused = api::db::sql_owned(statement.to_owned()).execute(&mut tx).await;
        let error = refused.unwrap_err().to_string();
        assert!(error.contains("append-only") || error.contains("permission denied"), "{statement}: {error}");
    }
    assert!(check(&test).await.intact);
}

/// SEC-17: rows older than the setting are cut off up to a signed place, and what stays is verified from there. Nothing is
/// cut that no checkpoint outside knows, and rows that go another way are missed.
#[tokio::test]
async fn old_rows_are_cut_off_at_a_signed_place() {
    let (test, _folder) = with_checkpoints().await;
    let (customer, owner, _) = test.tenant().await;
    test.clock.advance(25 * 31 * DAY);
    assert_eq!(checkpoints::cut(&test.app).await.unwrap(), 0, "no checkpoint, no cut");
    assert!(checkpoints::run(&test.app).await.unwrap() >= 2);
    assert_eq!(checkpoints::run(&test.app).await.unwrap(), 0, "nothing new");
    let owner_again = test.owner(&customer).await;
    drop(owner);
    let before = test.number("SELECT COUNT(*) AS n FROM audit_event").await;
    let gone = checkpoints::cut(&test.app).await.unwrap();
    assert!(gone > 0);
    assert_eq!(
        test.number("SELECT COUNT(*) AS n FROM audit_event").await,
        before - i64::try_from(gone).unwrap()
    );
    assert_eq!(rows(&owner_again, LIST).await.len(), 1, "the sign-in of today");
    let found = check(&test).await;
    assert!(found.intact, "{found:?}");
    checkpoints::run(&test.app).await.unwrap();
    assert!(check(&test).await.intact);
    // A cut that nobody signed.
    test.run_sql("UPDATE audit_chain SET cut_number = cut_number + 1 WHERE customer_id <> 0").await;
    let found = check(&test).await;
    assert_eq!(found.findings[0].fault, AuditFault::CheckpointForged);
}

/// SEC-17: what may be about persons is erased without breaking the chain, and survives nowhere in it; exchanging
/// it instead is noticed.
#[tokio::test]
async fn personal_data_goes_and_the_chain_stays() {
    let test = TestApp::new().await;
    let (customer, owner, _) = test.tenant().await;
    let search = json!({ "name": "Kanarie Jansen", "q": "driver:Kanarie" });
    owner.post("/api/v1/searches", &search).await.expect(axum::http::StatusCode::CREATED);
    let everything =
        "SELECT e.changes || coalesce(e.actor_id, '') || coalesce(e.target, '') AS text FROM audit_event e";
    let told = "SELECT data AS text FROM audit_private";
    assert!(test.texts(told).await.join("").contains("Kanarie"), "the search would see it");
    assert!(!test.texts(everything).await.join("").contains("Kanarie"));
    let mut tx = test.app.db.write(Scope::Customer(CustomerId(customer.id))).await.unwrap();
    assert!(service::erase_private(&mut tx, CustomerId(customer.id)).await.unwrap() > 2);
    tx.commit().await.unwrap();
    assert!(!test.texts(told).await.join("").contains("Kanarie"));
    assert!(check(&test).await.intact);
    let row = rows(&owner, LIST).await.remove(0);
    assert!(row["private"].is_null() && row["private_digest"].is_string() && row["actor_kind"] == "person");

    unguard(&test).await;
    test.run_sql("UPDATE audit_private SET data = replace(data, '203.0.113.7', '198.51.100.1')").await;
    assert_eq!(
        test.number("SELECT COUNT(*) AS n FROM audit_private WHERE data LIKE '%198.51.100.1%'").await,
        0
    );
    test.admin().await;
    test.run_sql("UPDATE audit_private SET data = replace(data, '203.0.113.7', '198.51.100.1')").await;
    let found = check(&test).await;
    assert_eq!(found.findings[0].fault, AuditFault::PrivateChanged);
}
