//! Making fields of a log unreadable. Pure.

use crate::domain::logs::model::{Flag, Indexed};
use crate::domain::logs::reader;
use crate::domain::logs::repo::LogRow;
use crate::domain::logs::seals::digest::new_salt;
use crate::domain::search::doc;
use crate::domain::search::words::path_token;
use crate::util::ids::LogId;

use super::repo::Edited;

/// The kind of a log whose own kind was made unreadable.
const REDACTED_KIND: &str = "redacted";
/// Members that stand in columns which every log has: these stay, or a log could not be found or counted any more.
pub const KEPT: [&str; 8] =
    ["level", "severity", "source", "occurred_at", "timestamp", "time", "received_at", "id"];

/// Fields to make unreadable, as the search names them.
#[derive(Debug, Clone)]
pub struct Targets(Vec<String>);

impl Targets {
    /// Reads names of fields; `data.` in front means the same as without.
    #[must_use]
    pub fn new(fields: &[String]) -> Self {
        let mut targets: Vec<String> =
            fields.iter().map(|field| path_token(field.strip_prefix("data.").unwrap_or(field))).collect();
        // The message is a member of the data as well: neither may outlive the other.
        if targets.iter().any(|target| reader::MESSAGE_NAMES.contains(&target.as_str())) {
            targets.extend(reader::MESSAGE_NAMES.iter().map(|name| (*name).to_owned()));
        }
        Self(targets)
    }

    /// The members that the message is read from.
    fn message() -> Self {
        Self(reader::MESSAGE_NAMES.iter().map(|name| (*name).to_owned()).collect())
    }

    /// These targets and, where kind or identifier of this log are among them, the members that those were read from.
    fn with_origins(&self, row: &LogRow) -> Result<Self, serde_json::Error> {
        let mut targets = self.clone();
        for (name, have, origins) in [
            ("kind", Some(row.kind.as_str()), reader::KIND_NAMES),
            ("external_id", row.external_id.as_deref(), reader::EXTERNAL_ID_NAMES),
        ] {
            let Some(have) = have.filter(|_| self.name(name)) else { continue };
            let origin = |(path, text): (String, String)| {
                (origins.contains(&path.as_str()) && text == have).then_some(path)
            };
            targets.0.extend(reader::fields(&row.data)?.into_iter().filter_map(origin));
        }
        Ok(targets)
    }

    fn name(&self, name: &str) -> bool {
        self.0.iter().any(|target| target == name)
    }

    /// A log without these fields; none if it has none of them. What is left keeps its digits and escapes. What was read
    /// or made from a field goes with it: a message that holds its text, a kind or an identifier that is its text.
    ///
    /// # Errors
    /// When the stored data is not JSON.
    pub fn cut(&self, row: &LogRow) -> Result<Option<Edited>, serde_json::Error> {
        let mut gone = Vec::new();
        let data = self.with_origins(row)?.cut_json(&row.data, "", &mut gone)?;
        let is_gone = |have: &str| gone.iter().any(|text| text == have);
        let names = |names: &[&str]| names.iter().any(|name| self.name(name));
        let holds_gone =
            |have: &str| gone.iter().any(|text| !text.is_empty() && have.contains(text.as_str()));
        let message = row.message.as_deref().filter(|have| !names(&["message"]) && !holds_gone(have));
        let ip = row.ip_address.as_deref().filter(|have| !names(&["ip_address", "ip"]) && !is_gone(have));
        let external_id =
            row.external_id.as_deref().filter(|have| !names(&["external_id"]) && !is_gone(have));
        let kind = if names(&["kind"]) || is_gone(&row.kind) { REDACTED_KIND } else { &row.kind };
        let same = message == row.message.as_deref()
            && ip == row.ip_address.as_deref()
            && external_id == row.external_id.as_deref()
            && kind == row.kind;
        if data.is_none() && same {
            return Ok(None);
        }
        let mut data = data.unwrap_or_else(|| row.data.clone());
        if message != row.message.as_deref()
            && let Some(without) = Self::message().cut_json(&data, "", &mut Vec::new())?
        {
            data = without;
        }
        let fields = reader::fields(&data)?;
        let computed = [Flag::PartlyIndexed.as_str(), Flag::Redacted.as_str()];
        let mut flags: Vec<&str> =
            row.flags.split_whitespace().filter(|flag| !computed.contains(flag)).collect();
        flags.push(Flag::Redacted.as_str());
        let indexed = Indexed {
            customer: LogId(row.id).customer(),
            kind,
            level: &row.level,
            source: &row.source,
            message,
            external_id,
            ip,
            fields: &fields,
        };
        let words = indexed.words(&mut flags);
        Ok(Some(Edited {
            id: LogId(row.id),
            kind: kind.to_owned(),
            external_id: external_id.map(str::to_owned),
            message: message.map(str::to_owned),
            ip: ip.map(str::to_owned),
            flags: flags.join(" "),
            words,
            data,
            salt: row.salt.as_ref().map(|_| new_salt()),
        }))
    }

    /// JSON text with `null` in the place of each of these fields; none if it has none of them. The texts that were
    /// there are handed over.
    fn cut_json(
        &self,
        raw: &str,
        path: &str,
        gone: &mut Vec<String>,
    ) -> Result<Option<String>, serde_json::Error> {
        let raw = raw.trim();
        let (open, close) = match raw.as_bytes().first() {
            Some(b'{') => ('{', '}'),
            Some(b'[') => ('[', ']'),
            _ => return Ok(None),
        };
        let (mut out, mut changed) = (String::from(open), false);
        for (name, value) in doc::parts(raw)? {
            if out.len() > 1 {
                out.push(',');
            }
            let mut inner = path.to_owned();
            if let Some(name) = name {
                out.push_str(name.get());
                out.push(':');
                if !inner.is_empty() {
                    inner.push('.');
                }
                inner.push_str(&doc::text(name.get())?);
            }
            let hit = name.is_some() && self.name(&path_token(&inner));
            let cut = if !hit {
                self.cut_json(value.get(), &inner, gone)?
            } else {
                gone.extend(reader::fields(value.get())?.into_iter().map(|(_, text)| text));
                Some("null".to_owned()).filter(|null| value.get() != null)
            };
            changed |= cut.is_some();
            out.push_str(cut.as_deref().unwrap_or_else(|| value.get()));
        }
        out.push(close);
        Ok(changed.then_some(out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(fields: &[&str], data: &str) -> Option<String> {
        let fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
        Targets::new(&fields).cut_json(data, "", &mut Vec::new()).unwrap()
    }

    /// LOG-10: a field goes wherever its path leads, in lists as well; everything else keeps its notation.
    #[test]
    fn fields_are_cut_and_the_rest_stays() {
        let data = r#"{"driver": {"name": "Jan\u00e9", "id": 7}, "temp": 4.20, "stops": [{"who": "A"}, {"who": "B", "n": 1e3}]}"#;
        assert_eq!(
            cut(&["driver.name", "stops.who"], data).unwrap(),
            r#"{"driver":{"name":null,"id":7},"temp":4.20,"stops":[{"who":null},{"who":null,"n":1e3}]}"#
        );
        assert_eq!(cut(&["DRIVER"], r#"{"driver": {"a": 1}, "b": 2}"#).unwrap(), r#"{"driver":null,"b":2}"#);
        assert_eq!(cut(&["data.b"], r#"{"a": 1, "b": 2, "b": 3}"#).unwrap(), r#"{"a":1,"b":null,"b":null}"#);
    }

    /// LOG-10: what is not there, or is gone already, changes nothing.
    #[test]
    fn what_is_not_there_changes_nothing() {
        for data in [r#"{"a": 1}"#, r#"{"b": null}"#, r#""b""#, "[1, 2]", r#"{"c": {"b": 1}}"#] {
            assert_eq!(cut(&["b"], data), None, "{data}");
        }
    }

    /// LOG-10: the message does not survive in the member that it was read from.
    #[test]
    fn the_message_goes_with_its_member() {
        assert_eq!(cut(&["message"], r#"{"txt": "Jan"}"#).unwrap(), r#"{"txt":null}"#);
        assert_eq!(cut(&["txt"], r#"{"msg": "Jan"}"#).unwrap(), r#"{"msg":null}"#);
    }
}
