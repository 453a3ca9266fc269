//! The one form of an event that the schema of the standard allows. JSON-LD knows more ways to write the same, and
//! examples of the standard use them.

use serde_json::Value;

/// Lists that may be written as the one object that is in them.
const LISTS: [&str; 3] = ["bizTransactionList", "sourceList", "destinationList"];

/// The event in that form, if it is in another one.
#[must_use]
pub fn form(mut event: Value) -> Option<Value> {
    let members = event.as_object_mut()?;
    let mut changed = false;
    // Both are names of `@id`.
    if let Some(id) = members.remove("id") {
        members.entry("eventID").or_insert(id);
        changed = true;
    }
    for list in LISTS {
        if let Some(one) = members.get_mut(list).filter(|value| value.is_object()) {
            *one = Value::Array(vec![one.take()]);
            changed = true;
        }
    }
    // What stands in the list is a sensor element, said or not.
    let elements = members.get_mut("sensorElementList").and_then(Value::as_array_mut);
    for element in elements.into_iter().flatten().filter_map(Value::as_object_mut) {
        changed |= element.remove("type").is_some();
    }
    changed.then_some(event)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// LOG-18: other ways to write an event are brought into the form of the schema, and that form is left alone.
    #[test]
    fn events_get_the_form_of_the_schema() {
        let written = json!({ "id": "urn:x:1", "sourceList": { "type": "t" }, "sensorElementList": [{ "type": "epcis:SensorElement", "a": 1 }] });
        let expected = json!({ "eventID": "urn:x:1", "sourceList": [{ "type": "t" }], "sensorElementList": [{ "a": 1 }] });
        assert_eq!(form(written).as_ref(), Some(&expected));
        assert_eq!(form(expected), None);
    }
}
