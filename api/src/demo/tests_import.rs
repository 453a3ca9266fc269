//! `import-json` against a database.

use std::path::PathBuf;

use shared::problem::Code;
use shared::tenancy::SuspendIn;

use super::tests_seed::{Place, place};
use super::{ImportError, ImportOptions, ImportReport, Rejected, import_json};
use crate::db::{Scope, sql};
use crate::domain::tenancy;

const FILE: &str = r#"{"logs":[
    {"ip":"10.0.0.7","timestamp":"2024-03-01 08:09:10","type":"scan","kg":1.50},
    {"type":"scan","kg":1.50, "timestamp":"2024-03-01 08:09:10","ip":"10.0.0.7"},
    7,
    {"ip":"nergens","timestamp":"gisteren","note":"Zonder tijd"},
    {"timestamp":"2024-03-01 08:09:10"}
]}"#;

fn write(place: &Place, text: &str) -> PathBuf {
    let path = place.dir.path().join("logs.json");
    std::fs::write(&path, text).unwrap();
    path
}

async fn import(place: &Place, options: &ImportOptions) -> ImportReport {
    import_json(&place.app, &place.dir.path().join("logs.json"), options).await.unwrap()
}

#[derive(Debug, PartialEq, sqlx::FromRow)]
struct Log {
    data: String,
    occurred_at: i64,
    received_at: i64,
    source: String,
    ip_address: Option<String>,
    actor_ref: Option<String>,
    flags: String,
}

async fn logs(place: &Place) -> Vec<Log> {
    let mut conn = place.app.db.read(Scope::Installation).await.unwrap();
    sql("SELECT data, occurred_at, received_at, source, ip_address, actor_ref, flags FROM log ORDER BY id")
        .all(&mut conn)
        .await
        .unwrap()
}

/// OPS-13: rows become logs of "Legacy Data", bad ones are listed, the file is set aside; a second run adds nothing.
#[tokio::test(flavor = "multi_thread")]
async fn files_are_imported_once() {
    let place = place(|_| {}).await;
    let path = write(&place, FILE);
    let report = import(&place, &ImportOptions::default()).await;
    assert_eq!(
        (report.customer.as_str(), report.read, report.created, report.duplicates),
        ("Legacy Data", 5, 2, 1)
    );
    assert!(report.access_code.is_some());
    let indexes: Vec<u64> = report.rejected.iter().map(|row| row.index).collect();
    assert_eq!(indexes, [2, 4]);
    assert_eq!(report.rejected[0], Rejected { index: 2, reason: "the row is not an object".to_owned() });
    let backup = report.backup.unwrap();
    assert_eq!(backup.file_name().unwrap(), "logs.json.backup.20261122T120000Z");
    assert!(!path.exists() && std::fs::read_to_string(&backup).unwrap() == FILE);
    let now = place.app.clock.now().0;
    let stored = logs(&place).await;
    assert_eq!(
        stored,
        [
            Log {
                data: r#"{"type":"scan","kg":1.50}"#.to_owned(),
                occurred_at: 1_709_280_550_000,
                received_at: now,
                source: "import".to_owned(),
                ip_address: Some("10.0.0.7".to_owned()),
                actor_ref: Some("cli".to_owned()),
                flags: "late".to_owned(),
            },
            Log {
                data: r#"{"ip":"nergens","timestamp":"gisteren","note":"Zonder tijd"}"#.to_owned(),
                occurred_at: now,
                received_at: now,
                source: "import".to_owned(),
                ip_address: None,
                actor_ref: Some("cli".to_owned()),
                flags: "time_missing".to_owned(),
            },
        ]
    );
    // Another layout and a later time do not make other rows; the customer is found without regard to case.
    place.app.clock.advance(60_000);
    write(&place, &FILE.replace('\n', " ").replace("1.50}", "1.50 }"));
    let again = import(
        &place,
        &ImportOptions { customer: Some(" legacy data".to_owned()), keep: true, ..ImportOptions::default() },
    )
    .await;
    assert_eq!((again.read, again.created, again.duplicates, again.rejected.len()), (5, 0, 3, 2));
    assert_eq!((again.access_code, again.backup), (None, None));
    assert!(path.exists());
    assert_eq!(logs(&place).await.len(), 2);
    // A backup of the same second is not written over.
    place.app.clock.advance(-60_000);
    let third = import(&place, &ImportOptions::default()).await;
    assert_eq!(third.backup.unwrap().file_name().unwrap(), "logs.json.backup.20261122T120000Z.2");
}

/// OPS-13: a dry run reports the same and changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn dry_runs_change_nothing() {
    let place = place(|_| {}).await;
    let path = write(&place, FILE);
    let dry = ImportOptions { dry_run: true, ..ImportOptions::default() };
    let report = import(&place, &dry).await;
    assert_eq!((report.read, report.created, report.duplicates, report.rejected.len()), (5, 2, 1, 2));
    assert_eq!((report.access_code, report.backup), (None, None));
    assert!(path.exists() && logs(&place).await.is_empty());
    let mut conn = place.app.db.read(Scope::Installation).await.unwrap();
    assert_eq!(super::repo::count_others(&mut conn).await.unwrap(), 0);
    drop(conn);
    import(&place, &ImportOptions { keep: true, ..ImportOptions::default() }).await;
    let report = import(&place, &dry).await;
    assert_eq!((report.created, report.duplicates), (0, 3));
}

/// OPS-13: local times are those of the installation.
#[tokio::test(flavor = "multi_thread")]
async fn local_times_are_of_the_installation() {
    let place = place(|_| {}).await;
    write(&place, r#"{"logs":[{"timestamp":"2024-07-01 08:00:00","a":1}]}"#);
    let options = ImportOptions {
        local_times: true,
        customer: Some("Van Dijk".to_owned()),
        ..ImportOptions::default()
    };
    assert_eq!(import(&place, &options).await.customer, "Van Dijk");
    assert_eq!(logs(&place).await[0].occurred_at, 1_719_813_600_000);
}

/// OPS-13: more rows than a part holds, and a file that breaks off: what was read is stored and known next time.
#[tokio::test(flavor = "multi_thread")]
async fn a_broken_file_can_be_mended() {
    let place = place(|_| {}).await;
    let rows: Vec<String> =
        (0..4_500).map(|n| format!(r#"{{"timestamp":"2024-03-01 08:00:00","n":{n}}}"#)).collect();
    let whole = format!(r#"{{"logs":[{}]}}"#, rows.join(","));
    let path = write(&place, &whole[..whole.len() - 20]);
    let error = import_json(&place.app, &path, &ImportOptions::default()).await.unwrap_err();
    assert!(matches!(error, ImportError::Read { rows: 4_499, .. }), "{error}");
    assert!(path.exists() && logs(&place).await.len() == 4_499);
    write(&place, &whole);
    let report = import(&place, &ImportOptions::default()).await;
    assert_eq!((report.read, report.created, report.duplicates), (4_500, 1, 4_499));
    assert_eq!(logs(&place).await.len(), 4_500);
}

/// OPS-13: what is no such file changes nothing; a closed customer gets no logs, a suspended one does.
#[tokio::test(flavor = "multi_thread")]
async fn refusals_change_nothing() {
    let place = place(|_| {}).await;
    let path = write(&place, "{\"log\":[]}");
    let missing = place.dir.path().join("gone.json");
    let options = ImportOptions::default();
    assert!(matches!(import_json(&place.app, &missing, &options).await, Err(ImportError::Open { .. })));
    assert!(matches!(import_json(&place.app, &path, &options).await, Err(ImportError::Read { rows: 0, .. })));
    let mut conn = place.app.db.read(Scope::Installation).await.unwrap();
    assert_eq!(super::repo::count_others(&mut conn).await.unwrap(), 0);
    drop(conn);
    write(&place, FILE);
    import(&place, &ImportOptions { keep: true, ..options.clone() }).await;
    let mut conn = place.app.db.read(Scope::Installation).await.unwrap();
    let id = super::repo::find_by_name(&mut conn, "Legacy Data").await.unwrap().unwrap();
    drop(conn);
    tenancy::service::suspend(&place.app, id, &SuspendIn { reason: "onderzoek".to_owned() }).await.unwrap();
    assert_eq!(import(&place, &ImportOptions { keep: true, ..options.clone() }).await.duplicates, 3);
    let mut tx = place.app.db.write(Scope::Installation).await.unwrap();
    sql("UPDATE customer SET status = 'closed' WHERE id = $1").bind(id).execute(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    let refused = import_json(&place.app, &path, &options).await.unwrap_err();
    assert!(
        matches!(&refused, ImportError::Refused(problem) if problem.code == Code::StateConflict),
        "{refused}"
    );
    assert!(path.exists());
}
