//! From text to a schema. Every place is read once, also when several references lead to it.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value};
use shared::kinds::MAX_SCHEMA_BYTES;
use shared::problem::{FieldCode, FieldError};

use super::pattern::{Budget, Pattern};
use super::{At, Bound, MAX_FAULTS, Members, Node, Rule, Schema, escaped};
use crate::domain::search::doc;
use crate::http::body::human_bytes;

/// Deepest nesting of a schema.
const MAX_DEPTH: usize = 64;
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
const TYPES: [&str; 7] = ["null", "boolean", "object", "array", "number", "integer", "string"];
/// Keywords that would change what a schema means and are not supported.
const REFUSED: [&str; 8] = [
    "$dynamicRef",
    "$dynamicAnchor",
    "$recursiveRef",
    "$recursiveAnchor",
    "unevaluatedItems",
    "unevaluatedProperties",
    "additionalItems",
    "dependencies",
];

/// Reads a schema.
///
/// # Errors
/// What is wrong with it.
pub fn schema(text: &str) -> Result<Schema, Vec<FieldError>> {
    let mut reader = Reader::default();
    let limit = |actual: String, limit: String| vec![("actual", actual), ("limit", limit)];
    if text.len() > MAX_SCHEMA_BYTES {
        reader.fault(
            "",
            FieldCode::SchemaSize,
            limit(human_bytes(text.len()), human_bytes(MAX_SCHEMA_BYTES)),
        );
        return Err(reader.faults);
    }
    let depth = doc::depth(text.as_bytes());
    if depth > MAX_DEPTH {
        let actual = format!("{depth} × {{}}");
        reader.fault("", FieldCode::SchemaSize, limit(actual, format!("{MAX_DEPTH} × {{}}")));
        return Err(reader.faults);
    }
    let whole: Value = match serde_json::from_str(text) {
        Ok(whole) => whole,
        Err(error) => {
            let args = vec![("line", error.line().to_string()), ("column", error.column().to_string())];
            reader.fault("", FieldCode::JsonSyntax, args);
            return Err(reader.faults);
        }
    };
    anchors(&whole, "", &mut reader.anchors);
    reader.subschema(&whole, "");
    while let Some((pointer, at)) = reader.waiting.pop() {
        match whole.pointer(&pointer) {
            Some(value) => reader.fill(at, value, &pointer),
            None => reader.fault(&pointer, FieldCode::SchemaReference, vec![("reference", pointer.clone())]),
        }
    }
    if reader.faults.is_empty()
        && let Some(at) = looping(&reader.nodes)
    {
        let pointer =
            reader.known.iter().find(|(_, known)| **known == at).map(|(pointer, _)| pointer.clone());
        reader.fault(&pointer.unwrap_or_default(), FieldCode::SchemaLoop, vec![]);
    }
    if reader.faults.is_empty() {
        // A letter of a schema becomes a few words at most; patterns are counted apart.
        let weight = 1_024 + 16 * text.len() + reader.patterns.used();
        Ok(Schema { nodes: reader.nodes, weight })
    } else {
        reader.faults.truncate(MAX_FAULTS);
        Err(reader.faults)
    }
}

/// Places with a name of their own.
fn anchors(value: &Value, pointer: &str, found: &mut HashMap<String, String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(name)) = members.get("$anchor") {
                found.insert(name.clone(), pointer.to_owned());
            }
            for (name, inner) in
                members.iter().filter(|(name, _)| !["const", "enum"].contains(&name.as_str()))
            {
                anchors(inner, &format!("{pointer}/{}", escaped(name)), found);
            }
        }
        Value::Array(items) => {
            for (at, inner) in items.iter().enumerate() {
                anchors(inner, &format!("{pointer}/{at}"), found);
            }
        }
        _ => {}
    }
}

/// Subschemas that a subschema asks about the same value.
fn same_value(node: &Node) -> Vec<At> {
    let Node::Rules(rules) = node else { return Vec::new() };
    let mut all = Vec::new();
    for rule in rules {
        match rule {
            Rule::All(list) | Rule::Any(list) | Rule::One(list) => all.extend(list),
            Rule::Not(at) | Rule::Reference(at) => all.push(*at),
            Rule::If { test, then, otherwise } => {
                all.extend([Some(*test), *then, *otherwise].into_iter().flatten())
            }
            Rule::Members(members) => all.extend(members.then_fits.iter().map(|(_, at)| *at)),
            _ => {}
        }
    }
    all
}

/// A subschema that comes back to itself without having gone into the data: it would never end.
fn looping(nodes: &[Node]) -> Option<At> {
    let mut open: Vec<usize> = vec![0; nodes.len()];
    let mut askers: Vec<Vec<At>> = vec![Vec::new(); nodes.len()];
    for (at, node) in nodes.iter().enumerate() {
        let asked: BTreeSet<At> = same_value(node).into_iter().collect();
        open[at] = asked.len();
        for inner in asked {
            askers[inner].push(at);
        }
    }
    // Those that ask nothing more are done; whoever waits for them alone is done next. A circle is never done.
    let mut done: Vec<At> = (0..nodes.len()).filter(|at| open[*at] == 0).collect();
    while let Some(at) = done.pop() {
        for asker in std::mem::take(&mut askers[at]) {
            open[asker] -= 1;
            if open[asker] == 0 {
                done.push(asker);
            }
        }
    }
    open.iter().position(|open| *open > 0)
}

#[derive(Default)]
struct Reader {
    nodes: Vec<Node>,
    /// Subschemas by their place in the text.
    known: HashMap<String, At>,
    anchors: HashMap<String, String>,
    waiting: Vec<(String, At)>,
    patterns: Budget,
    faults: Vec<FieldError>,
}

impl Reader {
    fn fault(&mut self, pointer: &str, code: FieldCode, args: Vec<(&str, String)>) {
        let mut args: shared::problem::Args =
            args.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let at = if pointer.is_empty() { "#" } else { pointer };
        args.insert("at".to_owned(), at.to_owned());
        self.faults.push(FieldError { pointer: pointer.to_owned(), code, args });
    }

    fn unfit(&mut self, pointer: &str, expected: &str) {
        self.fault(pointer, FieldCode::SchemaValue, vec![("expected", expected.to_owned())]);
    }

    /// The subschema at a place; it is read if nobody has asked for it before.
    fn subschema(&mut self, value: &Value, pointer: &str) -> At {
        if let Some(at) = self.known.get(pointer) {
            return *at;
        }
        let at = self.place(pointer);
        self.fill(at, value, pointer);
        at
    }

    fn place(&mut self, pointer: &str) -> At {
        self.nodes.push(Node::Always(true));
        self.known.insert(pointer.to_owned(), self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    fn fill(&mut self, at: At, value: &Value, pointer: &str) {
        if self.faults.len() >= MAX_FAULTS {
            return;
        }
        match value {
            Value::Bool(always) => self.nodes[at] = Node::Always(*always),
            Value::Object(keywords) => self.nodes[at] = Node::Rules(self.rules(keywords, pointer)),
            _ => self.unfit(pointer, "{…}, true, false"),
        }
    }

    fn list(&mut self, value: &Value, pointer: &str) -> Vec<At> {
        match value {
            Value::Array(items) if !items.is_empty() => items
                .iter()
                .enumerate()
                .map(|(at, item)| self.subschema(item, &format!("{pointer}/{at}")))
                .collect(),
            _ => {
                self.unfit(pointer, "[{…}, …]");
                Vec::new()
            }
        }
    }

    fn map<'a>(&mut self, value: &'a Value, pointer: &str) -> Vec<(&'a String, At)> {
        match value {
            Value::Object(members) => members
                .iter()
                .map(|(name, inner)| (name, self.subschema(inner, &format!("{pointer}/{}", escaped(name)))))
                .collect(),
            _ => {
                self.unfit(pointer, "{\"…\": {…}}");
                Vec::new()
            }
        }
    }

    fn number(&mut self, value: &Value, pointer: &str, above_zero: bool) -> Option<serde_json::Number> {
        match value {
            Value::Number(number) if !above_zero || number.as_f64().is_some_and(|number| number > 0.0) => {
                Some(number.clone())
            }
            _ => {
                self.unfit(pointer, if above_zero { "1, 0.1, …" } else { "1, 2.5, …" });
                None
            }
        }
    }

    fn count(&mut self, keywords: &Map<String, Value>, pointer: &str, name: &str, otherwise: u64) -> u64 {
        let Some(value) = keywords.get(name) else { return otherwise };
        // A whole number may be written with a fraction of zero.
        let whole = value.as_u64().or_else(|| {
            value
                .as_f64()
                .filter(|number| number.fract() == 0.0 && (0.0..9e15).contains(number))
                .map(|n| n as u64)
        });
        whole.unwrap_or_else(|| {
            self.unfit(&format!("{pointer}/{name}"), "0, 1, 2, …");
            otherwise
        })
    }

    fn flag(&mut self, keywords: &Map<String, Value>, pointer: &str, name: &str) -> bool {
        match keywords.get(name) {
            None => false,
            Some(Value::Bool(value)) => *value,
            Some(_) => {
                self.unfit(&format!("{pointer}/{name}"), "true, false");
                false
            }
        }
    }

    fn texts(&mut self, value: &Value, pointer: &str) -> Vec<String> {
        let texts: Option<Vec<String>> = value
            .as_array()
            .and_then(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect());
        let unique = |texts: &Vec<String>| texts.iter().collect::<BTreeSet<_>>().len() == texts.len();
        match texts.filter(unique) {
            Some(texts) => texts,
            None => {
                self.unfit(pointer, "[\"…\", …]");
                Vec::new()
            }
        }
    }

    fn pattern(&mut self, text: &str, pointer: &str) -> Option<Pattern> {
        match Pattern::read(text, &mut self.patterns) {
            Ok(pattern) => Some(pattern),
            Err(reason) => {
                self.fault(pointer, FieldCode::SchemaPattern, vec![("reason", reason)]);
                None
            }
        }
    }

    /// The place that a reference leads to.
    fn reference(&mut self, value: &Value, pointer: &str) -> Option<At> {
        let Some(text) = value.as_str() else {
            self.unfit(pointer, "\"#/$defs/…\"");
            return None;
        };
        let local = text.strip_prefix('#').and_then(|fragment| {
            let fragment = percent_decoded(fragment)?;
            if fragment.is_empty() || fragment.starts_with('/') {
                Some(fragment)
            } else {
                self.anchors.get(&fragment).cloned()
            }
        });
        let Some(target) = local else {
            let shown = text.chars().take(100).collect();
            self.fault(pointer, FieldCode::SchemaReference, vec![("reference", shown)]);
            return None;
        };
        if let Some(at) = self.known.get(&target) {
            return Some(*at);
        }
        let at = self.place(&target);
        self.waiting.push((target, at));
        Some(at)
    }

    fn rules(&mut self, keywords: &Map<String, Value>, pointer: &str) -> Vec<Rule> {
        let within = |name: &str| format!("{pointer}/{name}");
        for name in REFUSED.iter().filter(|name| keywords.contains_key(**name)) {
            self.fault(pointer, FieldCode::SchemaKeyword, vec![("keyword", (*name).to_owned())]);
        }
        if keywords.contains_key("$id") && !pointer.is_empty() {
            self.fault(pointer, FieldCode::SchemaKeyword, vec![("keyword", "$id".to_owned())]);
        }
        if let Some(dialect) = keywords.get("$schema")
            && dialect.as_str().map(|text| text.trim_end_matches('#')) != Some(DIALECT)
        {
            self.unfit(&within("$schema"), DIALECT);
        }
        for name in ["$defs", "definitions"] {
            if let Some(value) = keywords.get(name) {
                self.map(value, &within(name));
            }
        }
        let mut rules = Vec::new();
        self.about_all(keywords, pointer, &mut rules);
        self.about_numbers_and_texts(keywords, pointer, &mut rules);
        self.about_lists(keywords, pointer, &mut rules);
        self.about_objects(keywords, pointer, &mut rules);
        rules
    }

    fn about_all(&mut self, keywords: &Map<String, Value>, pointer: &str, rules: &mut Vec<Rule>) {
        let within = |name: &str| format!("{pointer}/{name}");
        if let Some(value) = keywords.get("type") {
            let names: Vec<&Value> =
                value.as_array().map_or_else(|| vec![value], |list| list.iter().collect());
            let types: Option<Vec<&'static str>> = names
                .iter()
                .map(|name| TYPES.into_iter().find(|known| name.as_str() == Some(*known)))
                .collect();
            match types.filter(|types| !types.is_empty()) {
                Some(types) => rules.push(Rule::Type(types)),
                None => self.unfit(&within("type"), &TYPES.join(", ")),
            }
        }
        if let Some(value) = keywords.get("const") {
            rules.push(Rule::Enum(vec![value.clone()]));
        }
        match keywords.get("enum") {
            None => {}
            Some(Value::Array(values)) => rules.push(Rule::Enum(values.clone())),
            Some(_) => self.unfit(&within("enum"), "[…]"),
        }
        if let Some(value) = keywords.get("$ref") {
            rules.extend(self.reference(value, &within("$ref")).map(Rule::Reference));
        }
        for name in ["allOf", "anyOf", "oneOf"] {
            let Some(value) = keywords.get(name) else { continue };
            let list = self.list(value, &within(name));
            rules.push(match name {
                "allOf" => Rule::All(list),
                "anyOf" => Rule::Any(list),
                _ => Rule::One(list),
            });
        }
        if let Some(value) = keywords.get("not") {
            rules.push(Rule::Not(self.subschema(value, &within("not"))));
        }
        let mut branch = |name: &str| keywords.get(name).map(|value| self.subschema(value, &within(name)));
        let (test, then, otherwise) = (branch("if"), branch("then"), branch("else"));
        rules.extend(test.map(|test| Rule::If { test, then, otherwise }));
    }

    fn about_numbers_and_texts(
        &mut self,
        keywords: &Map<String, Value>,
        pointer: &str,
        rules: &mut Vec<Rule>,
    ) {
        let within = |name: &str| format!("{pointer}/{name}");
        for (name, bound) in [
            ("minimum", Bound::Least),
            ("maximum", Bound::Most),
            ("exclusiveMinimum", Bound::Above),
            ("exclusiveMaximum", Bound::Below),
            ("multipleOf", Bound::Multiple),
        ] {
            if let Some(value) = keywords.get(name) {
                let number = self.number(value, &within(name), bound == Bound::Multiple);
                rules.extend(number.map(|number| Rule::Number(bound, number)));
            }
        }
        let length = (
            self.count(keywords, pointer, "minLength", 0),
            self.count(keywords, pointer, "maxLength", u64::MAX),
        );
        if length != (0, u64::MAX) {
            rules.push(Rule::Length(length.0, length.1));
        }
        match keywords.get("pattern") {
            None => {}
            Some(Value::String(text)) => {
                rules.extend(self.pattern(text, &within("pattern")).map(Rule::Pattern));
            }
            Some(_) => self.unfit(&within("pattern"), "\"…\""),
        }
    }

    fn about_lists(&mut self, keywords: &Map<String, Value>, pointer: &str, rules: &mut Vec<Rule>) {
        let within = |name: &str| format!("{pointer}/{name}");
        let count = (
            self.count(keywords, pointer, "minItems", 0),
            self.count(keywords, pointer, "maxItems", u64::MAX),
        );
        let unique = self.flag(keywords, pointer, "uniqueItems");
        let first = keywords
            .get("prefixItems")
            .map_or_else(Vec::new, |value| self.list(value, &within("prefixItems")));
        let rest = keywords.get("items").map(|value| self.subschema(value, &within("items")));
        if count != (0, u64::MAX) || unique || !first.is_empty() || rest.is_some() {
            rules.push(Rule::Items { count, unique, first, rest });
        }
        let least = self.count(keywords, pointer, "minContains", 1);
        let most = self.count(keywords, pointer, "maxContains", u64::MAX);
        if let Some(value) = keywords.get("contains") {
            let schema = self.subschema(value, &within("contains"));
            rules.push(Rule::Contains { schema, count: (least, most) });
        }
    }

    fn about_objects(&mut self, keywords: &Map<String, Value>, pointer: &str, rules: &mut Vec<Rule>) {
        let within = |name: &str| format!("{pointer}/{name}");
        let mut members = Members::default();
        let count = (
            self.count(keywords, pointer, "minProperties", 0),
            self.count(keywords, pointer, "maxProperties", u64::MAX),
        );
        members.count = Some(count).filter(|count| *count != (0, u64::MAX));
        if let Some(value) = keywords.get("required") {
            members.required = self.texts(value, &within("required"));
        }
        if let Some(value) = keywords.get("properties") {
            let named = self.map(value, &within("properties"));
            members.named = named.into_iter().map(|(name, at)| (name.clone(), at)).collect();
        }
        if let Some(value) = keywords.get("patternProperties") {
            for (text, at) in self.map(value, &within("patternProperties")) {
                let place = format!("{}/{}", within("patternProperties"), escaped(text));
                members.by_pattern.extend(self.pattern(text, &place).map(|pattern| (pattern, at)));
            }
        }
        members.other = keywords
            .get("additionalProperties")
            .map(|value| self.subschema(value, &within("additionalProperties")));
        match keywords.get("dependentRequired") {
            None => {}
            Some(Value::Object(all)) => {
                for (name, value) in all {
                    let place = format!("{}/{}", within("dependentRequired"), escaped(name));
                    members.then_required.push((name.clone(), self.texts(value, &place)));
                }
            }
            Some(_) => self.unfit(&within("dependentRequired"), "{\"…\": [\"…\"]}"),
        }
        if let Some(value) = keywords.get("dependentSchemas") {
            let fits = self.map(value, &within("dependentSchemas"));
            members.then_fits = fits.into_iter().map(|(name, at)| (name.clone(), at)).collect();
        }
        let asks = members.count.is_some()
            || !members.required.is_empty()
            || !members.named.is_empty()
            || !members.by_pattern.is_empty()
            || members.other.is_some()
            || !members.then_required.is_empty()
            || !members.then_fits.is_empty();
        if asks {
            rules.push(Rule::Members(members));
        }
        if let Some(value) = keywords.get("propertyNames") {
            rules.push(Rule::Names(self.subschema(value, &within("propertyNames"))));
        }
    }
}

/// A fragment of an address without its `%41`.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit =
                || char::from(rest.next()?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            let (high, low) = (digit()?, digit()?);
            bytes.push(high << 4 | low);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}
