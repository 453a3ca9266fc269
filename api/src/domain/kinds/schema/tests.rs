//! The meaning of schemas: by example, by another validator as yardstick, and with schemas that want to do harm.

use proptest::prelude::*;
use serde_json::json;
use shared::lang::Lang;

use super::*;

fn told(schema: &Value, data: &Value) -> Vec<(String, &'static str)> {
    let schema = Schema::read(&schema.to_string()).unwrap();
    schema.faults(&data.to_string()).into_iter().map(|fault| (fault.pointer, fault.code.as_str())).collect()
}

fn refused(schema: &str) -> Vec<(String, &'static str)> {
    let faults = Schema::read(schema).unwrap_err();
    faults.into_iter().map(|fault| (fault.pointer, fault.code.as_str())).collect()
}

/// LOG-15: every fault has its place and its reason.
#[test]
fn faults_have_their_place() {
    let schema = json!({
        "type": "object", "required": ["temperature_c", "a/b"],
        "properties": {
            "temperature_c": { "type": "number", "minimum": -30, "maximum": 30, "multipleOf": 0.1 },
            "state": { "enum": ["open", "dicht"] },
            "stops": { "items": { "type": "object", "required": ["at"] }, "maxItems": 2, "uniqueItems": true },
            "a/b": true,
            "code": { "pattern": "^[A-Z]{2}$", "maxLength": 2 },
        },
        "additionalProperties": false,
    });
    assert!(told(&schema, &json!({ "temperature_c": 4.2, "a/b": 1 })).is_empty());
    let data = json!({ "temperature_c": "4,2", "state": "half", "stops": [{ "at": 1 }, {}, { "at": 1.0 }], "code": "abc" });
    assert_eq!(
        told(&schema, &data),
        [
            ("/a~1b".to_owned(), "required"),
            ("/code".to_owned(), "length"),
            ("/code".to_owned(), "pattern"),
            ("/state".to_owned(), "not_listed"),
            ("/stops".to_owned(), "count"),
            ("/stops/2".to_owned(), "repeated"),
            ("/stops/1/at".to_owned(), "required"),
            ("/temperature_c".to_owned(), "wrong_type"),
        ]
    );
    assert_eq!(told(&schema, &json!({ "temperature_c": 31, "a/b": 1 }))[0].1, "bound");
}

/// LOG-15: reasons are told in the language of the reader and never repeat what was sent.
#[test]
fn reasons_are_told_in_both_languages() {
    let schema = Schema::read(r#"{"properties": {"bsn": {"type": "integer"}}}"#).unwrap();
    let fault = schema.faults(r#"{"bsn": "123456782"}"#).remove(0);
    assert_eq!(fault.render(Lang::Nl).detail, "Hier staat een tekst; verwacht is een geheel getal.");
    assert_eq!(fault.render(Lang::En).detail, "This is a text; expected is a whole number.");
    assert!(!format!("{fault:?}").contains("123456782"));
}

/// LOG-15: what would be ignored in silence, or leads elsewhere, is refused.
#[test]
fn unsupported_schemas_are_refused() {
    for (schema, pointer, code) in [
        ("{", "", "json_syntax"),
        ("[]", "", "schema_value"),
        (r#"{"type": "text"}"#, "/type", "schema_value"),
        (r#"{"minLength": -1}"#, "/minLength", "schema_value"),
        (r#"{"properties": {"a": 1}}"#, "/properties/a", "schema_value"),
        (r#"{"required": "a"}"#, "/required", "schema_value"),
        (r#"{"multipleOf": 0}"#, "/multipleOf", "schema_value"),
        (r#"{"$schema": "http://json-schema.org/draft-07/schema#"}"#, "/$schema", "schema_value"),
        (r#"{"$ref": "https://example.org/schema.json"}"#, "/$ref", "schema_reference"),
        (r#"{"$ref": "file:///etc/passwd"}"#, "/$ref", "schema_reference"),
        (r#"{"$ref": "other.json#/a"}"#, "/$ref", "schema_reference"),
        (r##"{"$ref": "#nowhere"}"##, "/$ref", "schema_reference"),
        (r##"{"$ref": "#/$defs/none"}"##, "/$defs/none", "schema_reference"),
        (r##"{"$ref": "#"}"##, "", "schema_loop"),
        (
            r##"{"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"allOf": [{"$ref": "#/$defs/a"}]}}}"##,
            "/$defs/a",
            "schema_loop",
        ),
        (r#"{"unevaluatedProperties": false}"#, "", "schema_keyword"),
        (r#"{"properties": {"a": {"$id": "x"}}}"#, "/properties/a", "schema_keyword"),
        (r##"{"$dynamicRef": "#a"}"##, "", "schema_keyword"),
        (r#"{"pattern": "(?=a)"}"#, "/pattern", "schema_pattern"),
        (r#"{"patternProperties": {"(a)\\1": {}}}"#, "/patternProperties/(a)\\1", "schema_pattern"),
    ] {
        let found = refused(schema);
        assert_eq!(found[0].1, code, "{schema}: {found:?}");
        if code != "schema_loop" {
            assert_eq!(found[0].0, pointer, "{schema}");
        }
    }
}

/// LOG-15: schemas of any size and depth end at their bounds.
#[test]
fn hostile_schemas_end_at_their_bounds() {
    let deep = format!("{}{{}}{}", r#"{"not":"#.repeat(70), "}".repeat(70));
    assert_eq!(refused(&deep)[0].1, "schema_size");
    let huge = format!(r#"{{"description": "{}"}}"#, "x".repeat(64 * 1024));
    assert_eq!(refused(&huge)[0].1, "schema_size");
    // A chain of references is no loop and no burden.
    let chain: Vec<String> =
        (0..900).map(|n| format!(r##""d{n}": {{"$ref": "#/$defs/d{}"}}"##, n + 1)).collect();
    let chain = format!(
        r##"{{"$ref": "#/$defs/d0", "$defs": {{{}, "d900": {{"type": "null"}}}}}}"##,
        chain.join(",")
    );
    let faults = Schema::read(&chain).unwrap().faults("1");
    assert_eq!(faults[0].code.as_str(), "too_complex");
    // Twice as much at every level: forty levels would take a million million steps.
    let doubling: Vec<String> = (0..40)
        .map(|n| {
            format!(
                r##""d{n}": {{"allOf": [{{"$ref": "#/$defs/d{m}"}}, {{"$ref": "#/$defs/d{m}"}}]}}"##,
                m = n + 1
            )
        })
        .collect();
    let doubling = format!(r##"{{"$ref": "#/$defs/d0", "$defs": {{{}, "d40": true}}}}"##, doubling.join(","));
    let begun = std::time::Instant::now();
    assert_eq!(Schema::read(&doubling).unwrap().faults("1")[0].code.as_str(), "too_complex");
    assert!(begun.elapsed().as_secs() < 5, "it is given up and not worked off");
    // The same into the depth of the data.
    let tree = r##"{"anyOf": [{"properties": {"a": {"$ref": "#"}, "b": false}}, {"properties": {"a": {"$ref": "#"}, "c": false}}]}"##;
    let nested = format!("{}{}{}", r#"{"b":1,"c":1,"a":"#.repeat(60), "1", "}".repeat(60));
    assert_eq!(Schema::read(tree).unwrap().faults(&nested)[0].code.as_str(), "too_complex");
}

/// LOG-15: a schema that refers to itself looks into data as deep as data may be.
#[test]
fn recursive_schemas_follow_the_data() {
    let tree = r##"{"type": "object", "properties": {"child": {"$ref": "#"}}, "required": ["n"]}"##;
    let schema = Schema::read(tree).unwrap();
    let good = format!("{}{}{}", r#"{"n":1,"child":"#.repeat(63), r#"{"n":1}"#, "}".repeat(63));
    assert!(schema.faults(&good).is_empty());
    let bad = good.replace(r#"{"n":1}}"#, "{}}");
    assert_eq!(schema.faults(&bad)[0].pointer, format!("{}/n", "/child".repeat(63)));
}

/// LOG-15: a large log is looked through as a whole.
#[test]
fn large_logs_are_looked_through() {
    let schema = Schema::read(r##"{"items": {"allOf": [{"$ref": "#/$defs/n"}]}, "$defs": {"n": {"type": "integer", "minimum": 0}}}"##).unwrap();
    let numbers: Vec<String> = (0..40_000).map(|n| n.to_string()).collect();
    assert!(schema.faults(&format!("[{}]", numbers.join(","))).is_empty());
    assert_eq!(schema.faults(&format!("[{},-1]", numbers.join(",")))[0].pointer, "/40000");
}

fn yardstick(schema: &Value, data: &Value) -> Option<bool> {
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("mem:///schema", schema.clone()).ok()?;
    let mut schemas = boon::Schemas::new();
    let at = compiler.compile("mem:///schema", &mut schemas).ok()?;
    Some(schemas.validate(data, at).is_ok())
}

fn some_data() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3_i64..6).prop_map(Value::from),
        prop_oneof![Just(0.5), Just(2.0), Just(-1.5)].prop_map(Value::from),
        "[ab1é]{0,3}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[abc]", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn some_schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        proptest::sample::subsequence(
            vec!["null", "boolean", "object", "array", "number", "integer", "string"],
            1..4
        )
        .prop_map(|types| json!({ "type": types })),
        some_data().prop_map(|value| json!({ "const": value })),
        proptest::collection::vec(some_data(), 0..3).prop_map(|values| json!({ "enum": values })),
        (-2_i64..4, -2_i64..4).prop_map(|(a, b)| json!({ "minimum": a, "exclusiveMaximum": b })),
        (-2_i64..4, 1_i64..4).prop_map(|(a, b)| json!({ "exclusiveMinimum": a, "multipleOf": b })),
        (0_u64..3, 0_u64..4).prop_map(|(a, b)| json!({ "minLength": a, "maxLength": b })),
        prop_oneof![Just("^a"), Just("[0-9]$"), Just("\\w"), Just("é")]
            .prop_map(|text| json!({ "pattern": text })),
        (0_u64..3, 0_u64..4).prop_map(|(a, b)| json!({ "minProperties": a, "maxItems": b, "minItems": a })),
        proptest::sample::subsequence(vec!["a", "b", "c"], 0..3)
            .prop_map(|names| json!({ "required": names })),
        Just(json!({ "uniqueItems": true })),
        Just(json!({ "dependentRequired": { "a": ["b"] } })),
        Just(json!({ "$ref": "#/$defs/own" })),
    ];
    leaf.prop_recursive(3, 24, 3, |inner| {
        let list = proptest::collection::vec(inner.clone(), 1..3);
        prop_oneof![
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| json!({ "properties": { "a": a, "b": b }, "additionalProperties": c })),
            (inner.clone(), inner.clone()).prop_map(
                |(a, b)| json!({ "patternProperties": { "^[ab]": a }, "dependentSchemas": { "c": b } })
            ),
            inner.clone().prop_map(|a| json!({ "propertyNames": a })),
            (list.clone(), inner.clone())
                .prop_map(|(first, rest)| json!({ "prefixItems": first, "items": rest })),
            (inner.clone(), 0_u64..3, 0_u64..3).prop_map(
                |(a, least, most)| json!({ "contains": a, "minContains": least, "maxContains": most })
            ),
            list.clone().prop_map(|all| json!({ "allOf": all })),
            list.clone().prop_map(|any| json!({ "anyOf": any })),
            list.prop_map(|one| json!({ "oneOf": one })),
            inner.clone().prop_map(|a| json!({ "not": a })),
            (inner.clone(), inner.clone(), inner)
                .prop_map(|(a, b, c)| json!({ "if": a, "then": b, "else": c })),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// LOG-15: the verdict is that of another validator, which passes the test suite of the standard.
    #[test]
    fn the_verdict_is_that_of_the_standard(schema in some_schema(), own in some_schema(), data in some_data()) {
        // What the reference leads to refers no further, so that there is no loop.
        let own: Value = serde_json::from_str(&own.to_string().replace("#/$defs/own", "#/$defs/end")).unwrap();
        let whole = json!({ "allOf": [schema], "$defs": { "own": own, "end": { "type": ["string", "integer"] } } });
        let expected = yardstick(&whole, &data);
        prop_assume!(expected.is_some());
        let faults = Schema::read(&whole.to_string()).unwrap().faults(&data.to_string());
        prop_assert_eq!(faults.is_empty(), expected.unwrap(), "{} {} {:?}", whole, data, faults);
    }

    /// LOG-15: any text is a schema or is refused, and any data is looked through.
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,80}", data in "\\PC{0,40}") {
        if let Ok(schema) = Schema::read(&text) {
            drop(schema.faults(&data));
        }
    }
}
