//! JSON Schema of lines.

use serde_json::{Map, Value, json};
use shared::logs::LogOut;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::db::registry::{Kind, Sensitivity, Table};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of a row of a table.
pub fn of_table(table: &Table) -> String {
    let mut properties = Map::new();
    for (name, kind, sensitivity) in table.columns {
        if *sensitivity == Sensitivity::Secret {
            continue;
        }
        let schema = match kind {
            Kind::Text => json!({ "type": ["string", "null"] }),
            Kind::Number => json!({ "type": ["integer", "null"] }),
            Kind::Flag => json!({ "type": ["boolean", "null"] }),
            Kind::Time => json!({ "type": ["string", "null"], "format": "date-time" }),
        };
        properties.insert((*name).to_owned(), schema);
    }
    let required: Vec<&String> = properties.keys().collect();
    text(&json!({
        "$schema": DIALECT,
        "title": table.name,
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": false,
    }))
}

/// The schema of a log, as the API documents it.
pub fn of_log() -> String {
    let mut named: Vec<(String, RefOr<Schema>)> = Vec::new();
    LogOut::schemas(&mut named);
    let value = |schema: &RefOr<Schema>| serde_json::to_value(schema).unwrap_or_default();
    let definitions: Map<String, Value> =
        named.iter().map(|(name, schema)| (name.clone(), value(schema))).collect();
    let mut schema = value(&LogOut::schema());
    if let Some(members) = schema.as_object_mut() {
        members.insert("$schema".to_owned(), DIALECT.into());
        members.insert("title".to_owned(), "log".into());
        members.insert("$defs".to_owned(), definitions.into());
    }
    text(&schema).replace("#/components/schemas/", "#/$defs/")
}

fn text(schema: &Value) -> String {
    serde_json::to_string_pretty(schema).unwrap_or_default()
}
