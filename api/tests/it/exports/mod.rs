//! Taking logs out: complete, exact, as they were when it began, and on record.

mod archive;
mod jobs;
mod pdf;
mod records;
mod resumed;
mod streamed;

use serde_json::Value;

use crate::support::{Actor, TestApp};

/// Asks for an export by a job and gives its id.
pub async fn ask(actor: &Actor, body: &Value) -> String {
    let answer = actor.post("/api/v1/exports", body).await.expect(axum::http::StatusCode::ACCEPTED);
    let job = answer.json();
    let id = job["id"].as_str().unwrap().to_owned();
    assert_eq!(answer.header("location"), format!("/api/v1/jobs/{id}"));
    id
}

/// A job as it is now.
pub async fn job(actor: &Actor, id: &str) -> Value {
    actor.get(&format!("/api/v1/jobs/{id}")).await.expect_ok().json()
}

/// Makes all files that are due, as the workers of a server do.
pub async fn work_off(test: &TestApp) -> usize {
    api::domain::exports::worker::work_off(&test.app).await.unwrap()
}

/// Names of the files that lie in the folder of exports.
pub fn files(test: &TestApp) -> Vec<String> {
    let folder = test.exports.path().join("exports");
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Exports that a caller sees, newest first.
pub async fn exports(actor: &Actor) -> Vec<Value> {
    let page = actor.get("/api/v1/exports").await.expect_ok().json();
    page["data"].as_array().unwrap().clone()
}
