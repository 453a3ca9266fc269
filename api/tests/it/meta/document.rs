//! The specification as the tests read it.

use axum::http::Method;
use serde_json::Value;

/// One operation of the document.
#[derive(Debug, Clone)]
pub struct Operation {
    pub method: Method,
    pub path: String,
    pub id: String,
    pub permission: Option<String>,
    /// Names of the schemes that open it; a requirement without a scheme is the empty text.
    pub security: Vec<String>,
    pub statuses: Vec<u16>,
    pub value: Value,
}

/// The document that the program makes.
pub fn document() -> Value {
    serde_json::to_value(api::router::document()).unwrap()
}

/// All operations of a document.
pub fn operations(document: &Value) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, value) in item.as_object().unwrap() {
            let Ok(method) = method.to_uppercase().parse::<Method>() else {
                continue;
            };
            if !value.is_object() {
                continue;
            }
            let schemes = value["security"].as_array().into_iter().flatten().map(|requirement| {
                requirement.as_object().unwrap().keys().next().cloned().unwrap_or_default()
            });
            found.push(Operation {
                method,
                path: path.clone(),
                id: value["operationId"].as_str().unwrap_or_default().to_owned(),
                permission: value["x-permission"].as_str().map(str::to_owned),
                security: schemes.collect(),
                statuses: value["responses"]
                    .as_object()
                    .unwrap()
                    .keys()
                    .filter_map(|status| status.parse().ok())
                    .collect(),
                value: value.clone(),
            });
        }
    }
    assert!(found.len() >= 40, "only {} operations were found", found.len());
    found
}

impl Operation {
    /// The example of the JSON body.
    pub fn example(&self) -> Option<Value> {
        let content = &self.value["requestBody"]["content"]["application/json"];
        let named = content["examples"]
            .as_object()
            .and_then(|examples| examples.values().next())
            .map(|one| &one["value"]);
        content.get("example").or(named).cloned()
    }

    /// Parameters at a place: `path`, `query` or `header`.
    pub fn params(&self, place: &str) -> Vec<&Value> {
        self.value["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|param| param["in"] == place)
            .collect()
    }

    /// Whether another standard defines it, errors included.
    pub fn is_foreign(&self) -> bool {
        !self.path.starts_with(api::router::BASE)
    }

    pub fn name(&self) -> String {
        format!("{} {} ({})", self.method, self.path, self.id)
    }
}
