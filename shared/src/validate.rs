//! Rules for input that browser and server share.

use crate::problem::FieldError;

/// Collects faults of a body; each has a pointer, a code and a fix in both languages.
#[derive(Debug, Default)]
pub struct Checks {
    /// Faults found so far.
    pub errors: Vec<FieldError>,
}

impl Checks {
    /// Notes a fault at a pointer.
    pub fn fail(&mut self, pointer: &str, code: FieldCode, args: &[(&str, String)]) {
        let args = args.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        self.errors.push(FieldError { pointer: pointer.to_owned(), code, args });
    }

    /// Requires a text of `min` to `max` characters without control characters; returns it trimmed.
    pub fn text(&mut self, pointer: &str, value: &str, min: usize, max: usize) -> String {
        let trimmed = value.trim();
        let chars = trimmed.chars().count();
        if chars < min && chars == 0 {
            self.fail(pointer, FieldCode::Required, &[]);
        } else if chars < min || chars > max {
            let args = [("min", min.to_string()), ("max", max.to_string()), ("actual", chars.to_string())];
            self.fail(pointer, FieldCode::Length, &args);
        } else if trimmed.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')) {
            self.fail(pointer, FieldCode::ControlCharacter, &[]);
        }
        trimmed.to_owned()
    }

    /// The same as [`Checks::text`], on a single line.
    pub fn line(&mut self, pointer: &str, value: &str, min: usize, max: usize) -> String {
        let known = self.errors.len();
        let text = self.text(pointer, value, min, max);
        if self.errors.len() == known && text.chars().any(char::is_control) {
            self.fail(pointer, FieldCode::ControlCharacter, &[]);
        }
        text
    }

    /// Requires an e-mail address as people write them; whether it exists only a mail can tell.
    pub fn email(&mut self, pointer: &str, value: &str) -> String {
        let trimmed = value.trim();
        let ok = trimmed.len() <= 254
            && trimmed.split_once('@').is_some_and(|(local, domain)| {
                !local.is_empty()
                    && local.len() <= 64
                    && domain.contains('.')
                    && !domain.contains('@')
                    && domain.split('.').all(|label| {
                        !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-')
                    })
            })
            && !trimmed.chars().any(|c| c.is_whitespace() || c.is_control() || "<>,;:\"()[]\\".contains(c));
        if trimmed.is_empty() {
            self.fail(pointer, FieldCode::Required, &[]);
        } else if !ok {
            self.fail(pointer, FieldCode::Email, &[]);
        }
        trimmed.to_owned()
    }

    /// Requires a number within bounds.
    pub fn range(&mut self, pointer: &str, value: i64, min: i64, max: i64) {
        if !(min..=max).contains(&value) {
            let args = [("min", min.to_string()), ("max", max.to_string()), ("actual", value.to_string())];
            self.fail(pointer, FieldCode::Range, &args);
        }
    }
}

pub use crate::problem::FieldCode;

/// Serde for members of a merge patch: absent is `None`, `null` is `Some(None)` (RFC 7396).
pub mod clearable {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// Reads a present member.
    ///
    /// # Errors
    /// When the value is of the wrong type.
    pub fn deserialize<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
    where
        D: Deserializer<'de>,
        T: Deserialize<'de>,
    {
        Option::<T>::deserialize(deserializer).map(Some)
    }

    /// Writes a present member.
    ///
    /// # Errors
    /// When the serializer fails.
    pub fn serialize<S, T>(value: &Option<Option<T>>, serializer: S) -> Result<S::Ok, S::Error>
    where
        S: Serializer,
        T: Serialize,
    {
        value.as_ref().and_then(Option::as_ref).serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// API-10: addresses that people have, and none that they have not.
    #[test]
    fn addresses_are_judged() {
        for (address, ok) in [
            ("a@b.nl", true),
            ("jan.de-vries+test@sub.voorbeeld.nl", true),
            ("a@b", false),
            ("a b@c.nl", false),
            ("@c.nl", false),
            ("a@@c.nl", false),
            ("a@c..nl", false),
            ("<a@c.nl>", false),
            ("", false),
        ] {
            let mut checks = Checks::default();
            checks.email("/contact_email", address);
            assert_eq!(checks.errors.is_empty(), ok, "{address}");
        }
    }
}
