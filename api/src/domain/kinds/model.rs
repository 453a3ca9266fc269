//! What may be said of a kind.

use shared::kinds::{
    KindIn, KindMode, KindPatch, MAX_FIELD_CHARS, MAX_SPEC_LIMITS, MAX_TITLE_CHARS, MAX_UNIT_CHARS, SpecLimit,
};
use shared::logs::MAX_KIND_CHARS;
use shared::problem::FieldCode;
use shared::validate::Checks;

use super::schema::Schema;
use crate::http::extract::no_faults;
use crate::http::problem::Answer;

/// A kind, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Described {
    /// Name as it stands in logs.
    pub name: String,
    /// What it is called in Dutch.
    pub title_nl: Option<String>,
    /// What it is called in English.
    pub title_en: Option<String>,
    /// JSON Schema as it was written.
    pub schema: Option<String>,
    /// What happens to logs that do not fit.
    pub mode: KindMode,
    /// Specification limits.
    pub limits: Vec<SpecLimit>,
}

/// A text that may be left out: trimmed, or nothing.
fn line(checks: &mut Checks, pointer: &str, value: Option<String>, max: usize) -> Option<String> {
    let value = value.filter(|value| !value.trim().is_empty())?;
    Some(checks.line(pointer, &value, 1, max))
}

impl Described {
    /// Checks a kind. Compiles its schema: not for a thread that answers requests.
    ///
    /// # Errors
    /// `invalid_body` with a fault for each member.
    pub fn judge(input: KindIn) -> Answer<Self> {
        let mut checks = Checks::default();
        let described = Self {
            name: checks.line("/name", &input.name, 1, MAX_KIND_CHARS),
            title_nl: line(&mut checks, "/title_nl", input.title_nl, MAX_TITLE_CHARS),
            title_en: line(&mut checks, "/title_en", input.title_en, MAX_TITLE_CHARS),
            schema: input.schema.filter(|schema| !schema.trim().is_empty()),
            mode: input.mode,
            limits: limits(&mut checks, input.limits),
        };
        match &described.schema {
            Some(text) => drop(schema(&mut checks, text)),
            None if described.mode != KindMode::Off => checks.fail("/schema", FieldCode::Required, &[]),
            None => {}
        }
        no_faults(checks)?;
        Ok(described)
    }

    /// What a patch makes of it.
    ///
    /// # Errors
    /// As [`Self::judge`].
    pub fn patched(self, patch: KindPatch) -> Answer<Self> {
        Self::judge(KindIn {
            name: patch.name.unwrap_or(self.name),
            title_nl: patch.title_nl.unwrap_or(self.title_nl),
            title_en: patch.title_en.unwrap_or(self.title_en),
            schema: patch.schema.unwrap_or(self.schema),
            mode: patch.mode.unwrap_or(self.mode),
            limits: patch.limits.unwrap_or(self.limits),
        })
    }
}

/// Reads a schema; faults stand below `/schema`.
pub fn schema(checks: &mut Checks, text: &str) -> Option<Schema> {
    match Schema::read(text) {
        Ok(schema) => Some(schema),
        Err(faults) => {
            checks.errors.extend(faults.into_iter().map(|mut fault| {
                fault.pointer.insert_str(0, "/schema");
                fault
            }));
            None
        }
    }
}

fn limits(checks: &mut Checks, limits: Vec<SpecLimit>) -> Vec<SpecLimit> {
    if limits.len() > MAX_SPEC_LIMITS {
        let actual = limits.len().to_string();
        let args = [("min", "0".to_owned()), ("max", MAX_SPEC_LIMITS.to_string()), ("actual", actual)];
        checks.fail("/limits", FieldCode::Count, &args);
        return Vec::new();
    }
    let mut known: Vec<SpecLimit> = Vec::with_capacity(limits.len());
    for (at, limit) in limits.into_iter().enumerate() {
        let place = |name: &str| format!("/limits/{at}/{name}");
        let field = checks.line(&place("field"), &limit.field, 1, MAX_FIELD_CHARS);
        if known.iter().any(|other| other.field == field) {
            checks.fail(&place("field"), FieldCode::Repeated, &[]);
        }
        match (limit.lower, limit.upper) {
            (None, None) => checks.fail(&place("lower"), FieldCode::Required, &[]),
            (Some(lower), Some(upper)) if lower >= upper => {
                checks.fail(&place("upper"), FieldCode::Order, &[])
            }
            _ => {}
        }
        let unit = line(checks, &place("unit"), limit.unit, MAX_UNIT_CHARS);
        known.push(SpecLimit { field, unit, ..limit });
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(input: KindIn) -> Vec<String> {
        let told = Described::judge(input)
            .err()
            .map(|problem| problem.render(shared::lang::Lang::En, "/", "x").errors);
        told.unwrap_or_default()
            .into_iter()
            .map(|fault| format!("{} {}", fault.pointer, fault.code))
            .collect()
    }

    /// LOG-15, API-10: each fault has its place.
    #[test]
    fn kinds_are_judged() {
        let limit =
            |field: &str, lower, upper| SpecLimit { field: field.to_owned(), lower, upper, unit: None };
        let kind = KindIn { name: "temperature".to_owned(), ..KindIn::default() };
        assert!(faults(kind.clone()).is_empty());
        let limits = vec![limit("t", Some(2.0), Some(8.0)), limit("u", None, Some(1.0))];
        assert!(faults(KindIn { limits, title_nl: Some(" ".to_owned()), ..kind.clone() }).is_empty());
        let limits =
            vec![limit("t", Some(8.0), Some(8.0)), limit("t", None, None), limit("", Some(1.0), None)];
        let wrong = KindIn {
            name: "x".repeat(65),
            title_en: Some("a\nb".to_owned()),
            mode: KindMode::Reject,
            limits,
            ..KindIn::default()
        };
        assert_eq!(
            faults(wrong),
            [
                "/name length",
                "/title_en control_character",
                "/limits/0/upper order",
                "/limits/1/field repeated",
                "/limits/1/lower required",
                "/limits/2/field required",
                "/schema required"
            ]
        );
        let broken = KindIn { schema: Some("{\"type\": 1}".to_owned()), ..kind };
        assert_eq!(faults(broken), ["/schema/type schema_value"]);
    }
}
