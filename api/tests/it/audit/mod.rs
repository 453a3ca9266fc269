//! The audit log: what is written, how it is read, and that nothing in it can be changed unseen.

mod chain;
mod keeping;
mod reading;
mod sessions;
mod writing;

use api::domain::audit::verify::{self, Asked};
use serde_json::Value;
use shared::audit::AuditCheckOut;

use crate::support::{Actor, TestApp};

const LIST: &str = "/api/v1/audit";
const ALL: &str = "/api/v1/admin/audit";

/// Rows that a caller sees, newest first.
async fn rows(actor: &Actor, path: &str) -> Vec<Value> {
    actor.get(path).await.expect_ok().json()["data"].as_array().unwrap().clone()
}

/// The newest row that a caller sees.
async fn newest(actor: &Actor) -> Value {
    rows(actor, &format!("{LIST}?limit=1")).await.remove(0)
}

/// Verifies all chains of a database, with the checkpoints of its file.
async fn check(test: &TestApp) -> AuditCheckOut {
    let path = test.app.config.audit_checkpoints();
    let kept = if path.exists() { api::domain::audit::checkpoints::read(&path).unwrap() } else { Vec::new() };
    let asked = Asked { only: None, kept: &kept, time: None };
    verify::database(&test.app.db, &test.app.keys, &asked, test.app.clock.now()).await.unwrap()
}

/// Takes the guard of the rows away, as somebody with the rights of the owner of the database can.
async fn unguard(test: &TestApp) {
    let statements: &[&str] = if crate::support::TestDatabase::is_postgres() {
        &[
            "ALTER TABLE audit_event DISABLE TRIGGER USER",
            "ALTER TABLE audit_private DISABLE TRIGGER USER",
            "GRANT UPDATE ON audit_event TO CURRENT_USER",
            "GRANT UPDATE ON audit_private TO CURRENT_USER",
        ]
    } else {
        &[
            "DROP TRIGGER audit_event_stays",
            "DROP TRIGGER audit_event_is_cut",
            "DROP TRIGGER audit_private_stays",
        ]
    };
    for statement in statements {
        test.run_sql(statement).await;
    }
}
