//! Makes the client of the specification for OpenAPI 3.0, by progenitor.

use std::path::Path;

use serde_json::{Map, Value, json};

fn main() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../../openapi/openapi-3.0.json");
    println!("cargo:rerun-if-changed={}", file.display());
    let mut document: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    for item in document["paths"].as_object_mut().unwrap().values_mut() {
        for operation in item.as_object_mut().unwrap().values_mut().filter_map(Value::as_object_mut) {
            simplify(operation);
        }
    }
    let document = serde_json::from_value(document).unwrap();
    let mut settings = progenitor::GenerationSettings::default();
    settings.with_interface(progenitor::InterfaceStyle::Builder);
    let tokens = progenitor::Generator::new(&settings).generate_tokens(&document).unwrap();
    let text = prettyplease::unparse(&syn::parse2(tokens).unwrap());
    std::fs::write(Path::new(&std::env::var("OUT_DIR").unwrap()).join("client.rs"), text).unwrap();
}

/// Leaves out what progenitor does not read: a second media type of a body, answers of several kinds, and a header that
/// is named like a parameter.
fn simplify(operation: &mut Map<String, Value>) {
    if let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_array_mut) {
        parameters.retain(|parameter| parameter["name"] != "Last-Event-ID");
    }
    if let Some(content) = operation.get_mut("requestBody").map(|body| &mut body["content"]) {
        let json = content.get("application/json").cloned();
        *content = match json {
            Some(json) => json!({ "application/json": json }),
            None => {
                json!({ "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } })
            }
        };
    }
    let Some(answers) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    answers.retain(|status, answer| match status.as_bytes() {
        [b'2', ..] => true,
        [b'3', ..] => false,
        _ => answer["content"].get("application/problem+json").is_some(),
    });
    for answer in answers.values_mut() {
        if let Some(forms) =
            answer.get_mut("content").and_then(Value::as_object_mut).filter(|forms| forms.len() > 1)
        {
            forms.remove("application/json");
        }
    }
    let good = answers
        .iter()
        .rfind(|(status, _)| status.starts_with('2'))
        .map(|(_, answer)| answer["content"].clone());
    for (status, answer) in answers {
        answer["content"] = if status.starts_with('2') {
            good.clone().filter(|content| !content.is_null()).unwrap_or_else(|| json!({}))
        } else {
            json!({ "application/json": answer["content"]["application/problem+json"] })
        };
    }
}
