//! A JSON object as it stands: names and values in their order, values not touched.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of an object.
#[derive(Debug, Clone)]
pub struct Members<'a>(pub Vec<(String, &'a RawValue)>);

impl Members<'_> {
    /// Writes the object with some members set: in their place, or else in front.
    #[must_use]
    pub fn with(&self, set: &[(&str, String)]) -> String {
        let name = |name: &str| serde_json::to_string(name).unwrap_or_default();
        let own = |wanted: &str| self.0.iter().any(|(own, _)| own == wanted);
        let mut parts: Vec<String> = set
            .iter()
            .filter(|(wanted, _)| !own(wanted))
            .map(|(wanted, value)| format!("{}:{value}", name(wanted)))
            .collect();
        parts.extend(self.0.iter().map(|(own, value)| {
            let other = set.iter().find(|(wanted, _)| wanted == own);
            format!("{}:{}", name(own), other.map_or(value.get(), |(_, other)| other))
        }));
        format!("{{{}}}", parts.join(","))
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// LOG-18, LOG-01: what is not set stays byte for byte, order and numbers included.
    #[test]
    fn members_stay_as_they_stand() {
        let json = r#"{ "z": 1.10, "a" : {"x":[1 ,2]}, "é":null }"#;
        let members: Members<'_> = serde_json::from_str(json).unwrap();
        assert_eq!(
            members.with(&[("n", "7".to_owned()), ("a", "true".to_owned())]),
            r#"{"n":7,"z":1.10,"a":true,"é":null}"#
        );
    }
}
