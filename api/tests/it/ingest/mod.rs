//! Protocols of others, spoken as their clients speak them.

mod elastic;
mod epcis;
mod loki;
mod otlp;
mod otm;
mod wire;

use serde_json::Value;

use crate::support::{Actor, encode};

/// Logs that a query finds, oldest first.
async fn logs(actor: &Actor, query: &str) -> Vec<Value> {
    let path = format!("/api/v1/logs?limit=1000&sort=id&q={}", encode(query));
    actor.get(&path).await.expect_ok().json()["logs"].as_array().unwrap().clone()
}

/// Packs a body.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}
