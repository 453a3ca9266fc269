//! J1, API-14: the first visit by the client that progenitor makes of the specification.

mod connexx {
    #![allow(warnings, clippy::all)]
    include!(concat!(env!("OUT_DIR"), "/client.rs"));
}

use connexx::{Client, types};
use futures_util::{StreamExt, TryStreamExt};
use serde_json::json;

fn client(token: Option<&str>) -> Client {
    let mut headers = reqwest::header::HeaderMap::new();
    if let Some(token) = token {
        headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    let http = reqwest::Client::builder().default_headers(headers).build().unwrap();
    Client::new_with_client(&std::env::var("BASE").unwrap(), http)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let code = std::env::var("ACCESS_CODE").unwrap();
    let session = client(None)
        .create_session()
        .body_map(|body| body.access_code(Some(code.parse().unwrap())))
        .send()
        .await
        .unwrap();
    let owner = client(Some(&session.access_token));
    let first = json!({ "kind": "scan", "message": "Eerste log" });
    assert_eq!(owner.create_log().body(first).send().await.unwrap().log_id, 1);

    let scopes = [types::Scope::LogsRead, types::Scope::LogsWrite, types::Scope::ExportRead];
    let wanted = types::KeyIn::builder().name("Rust".to_owned()).scopes(Some(scopes.to_vec()));
    let key = owner.create_key().body(wanted).send().await.unwrap();
    let system = client(Some(&key.api_key));

    let mut live = system.stream_logs().send().await.unwrap().into_inner().into_inner();
    let second = json!({ "kind": "scan", "message": "Tweede log", "dock": 3 });
    let second = system.create_log().body(second).send().await.unwrap();
    let mut seen = String::new();
    while !seen.contains("Tweede log") {
        seen.push_str(std::str::from_utf8(&live.next().await.unwrap().unwrap()).unwrap());
    }
    assert!(seen.contains(&format!("\"id\":{}", second.log_id)), "{seen}");

    let logs = vec![json!({ "kind": "gate", "dock": 3 }), json!({ "kind": "gate", "dock": 4 })];
    let batch = system.create_logs().body(types::LogsIn::Object { logs }).send().await.unwrap();
    assert_eq!(batch.created_ids, [3, 4]);
    let found = system.search_logs().q("dock:3").send().await.unwrap();
    let numbers: Vec<i64> = found.results.iter().map(|log| log.id).collect();
    assert_eq!(numbers, [3, 2]);
    assert_eq!(found.results[1].message.as_deref(), Some("Tweede log"));
    let file = system.export_logs().format("ndjson").send().await.unwrap().into_inner().into_inner();
    let parts: Vec<_> = file.try_collect().await.unwrap();
    assert_eq!(parts.concat().split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count(), 4);

    let refused = client(Some("mvai_live_onzin")).create_log().body(json!({})).send().await.unwrap_err();
    assert_eq!(refused.status().unwrap(), 401);
    match system.search_logs().q("dock:>>").send().await.unwrap_err() {
        connexx::Error::ErrorResponse(problem) => assert_eq!(problem.code, "invalid_query"),
        other => panic!("{other}"),
    }
}
