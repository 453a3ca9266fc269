//! The reference cases of the design: published numbers and results of other programs.

use serde_json::Value;

/// The cases of a metric.
pub fn cases(area: &str, metric: &str) -> Vec<Value> {
    let path = format!("{}/../../shared/reference-cases/{area}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let all: Vec<Value> = serde_json::from_str(&text).unwrap();
    let found: Vec<Value> = all.into_iter().filter(|case| case["metric"] == metric).collect();
    assert!(!found.is_empty(), "no case for {metric}");
    found
}

/// A list of numbers.
pub fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

/// Fails unless a number is as close as the case asks.
pub fn assert_close(case: &Value, what: &str, actual: f64, expected: &Value) {
    let expected = expected.as_f64().unwrap();
    let tolerance = &case["tolerance"];
    let allowed = tolerance["abs"].as_f64().unwrap_or_default()
        + tolerance["rel"].as_f64().unwrap_or_default() * expected.abs();
    assert!((actual - expected).abs() <= allowed, "{} {what}: {actual} instead of {expected}", case["id"]);
}
