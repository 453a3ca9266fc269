//! A small JSON reader, enough to show what the server printed.

use crate::process::Done;
use crate::table;

/// A JSON value; numbers keep their spelling.
#[derive(Debug, PartialEq)]
pub enum Json {
    /// `null`, a Boolean or a number, as written.
    Plain(String),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object, in the order of its members.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// The member of an object by its name.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(known, _)| known == name).map(|(_, value)| value),
            _ => None,
        }
    }
}

/// Reads one JSON value.
pub fn parse(text: &str) -> Done<Json> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value()?;
    reader.blank();
    if reader.rest().is_empty() { Ok(value) } else { Err(reader.wrong("the end")) }
}

/// Shows an object for reading: lists of objects become tables, the rest lines with a name.
pub fn show(value: &Json) -> String {
    let Json::Object(members) = value else {
        return format!("  {}", cell(value));
    };
    let mut blocks = Vec::new();
    let mut plain = Vec::new();
    for (name, member) in members {
        match member {
            Json::List(items) if items.iter().any(|item| matches!(item, Json::Object(_))) => {
                blocks.push(format!("  {}\n{}", title(name), list(items)));
            }
            Json::Object(_) => {
                blocks.push(format!("  {}\n{}", title(name), list(std::slice::from_ref(member))))
            }
            other => plain.push(format!("  {}: {}", title(name), cell(other))),
        }
    }
    if !plain.is_empty() {
        blocks.insert(0, plain.join("\n"));
    }
    blocks.join("\n\n")
}

fn list(items: &[Json]) -> String {
    let mut head: Vec<String> = Vec::new();
    for (name, _) in items.iter().flat_map(members) {
        if !head.contains(name) {
            head.push(name.clone());
        }
    }
    let row = |item: &Json| {
        let value =
            |name: &String| members(item).iter().find(|(key, _)| key == name).map(|(_, value)| cell(value));
        head.iter().map(|name| value(name).unwrap_or_default()).collect()
    };
    let rows: Vec<Vec<String>> = items.iter().map(row).collect();
    let head: Vec<String> = head.iter().map(|name| title(name)).collect();
    table::render(&head, &rows)
}

fn members(value: &Json) -> &[(String, Json)] {
    if let Json::Object(members) = value { members } else { &[] }
}

fn title(name: &str) -> String {
    name.replace('_', " ")
}

fn cell(value: &Json) -> String {
    match value {
        Json::Plain(text) if text == "null" => "–".to_owned(),
        Json::Plain(text) | Json::Text(text) => text.clone(),
        Json::List(items) => items.iter().map(cell).collect::<Vec<_>>().join(", "),
        Json::Object(members) => members
            .iter()
            .map(|(name, value)| format!("{}: {}", title(name), cell(value)))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn wrong(&self, wanted: &str) -> String {
        format!("not JSON: expected {wanted} at byte {}", self.at)
    }

    fn blank(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    /// Takes the token if it comes next, after blanks.
    fn take(&mut self, token: char) -> bool {
        self.blank();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len_utf8();
        }
        found
    }

    fn need(&mut self, token: char) -> Done {
        if self.take(token) { Ok(()) } else { Err(self.wrong(&format!("'{token}'"))) }
    }

    fn value(&mut self) -> Done<Json> {
        if self.take('{') {
            let mut members = Vec::new();
            while !self.take('}') {
                if !members.is_empty() {
                    self.need(',')?;
                }
                self.need('"')?;
                let name = self.string()?;
                self.need(':')?;
                members.push((name, self.value()?));
            }
            return Ok(Json::Object(members));
        }
        if self.take('[') {
            let mut items = Vec::new();
            while !self.take(']') {
                if !items.is_empty() {
                    self.need(',')?;
                }
                items.push(self.value()?);
            }
            return Ok(Json::List(items));
        }
        if self.take('"') {
            return Ok(Json::Text(self.string()?));
        }
        let rest = self.rest();
        let end =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c))).unwrap_or(rest.len());
        let word = rest.get(..end).unwrap_or_default();
        if !(matches!(word, "true" | "false" | "null") || word.parse::<f64>().is_ok_and(f64::is_finite)) {
            return Err(self.wrong("a value"));
        }
        self.at += end;
        Ok(Json::Plain(word.to_owned()))
    }

    /// Reads a string whose opening quote was taken.
    fn string(&mut self) -> Done<String> {
        let mut text = String::new();
        loop {
            match self.character() {
                Some('"') => return Ok(text),
                Some('\\') => text.push(self.escape()?),
                Some(plain) => text.push(plain),
                None => return Err(self.wrong("the end of a string")),
            }
        }
    }

    fn character(&mut self) -> Option<char> {
        let character = self.rest().chars().next()?;
        self.at += character.len_utf8();
        Some(character)
    }

    fn escape(&mut self) -> Done<char> {
        Ok(match self.character() {
            Some('n') => '\n',
            Some('t') => '\t',
            Some('r') => '\r',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('u') => {
                let first = self.hex()?;
                if (0xd800..0xdc00).contains(&first) {
                    // The second half of a pair follows as an escape of its own.
                    self.need('\\')?;
                    self.need('u')?;
                    let second = self.hex()?;
                    let joined = 0x1_0000 + ((first - 0xd800) << 10) + (second.wrapping_sub(0xdc00) & 0x3ff);
                    char::from_u32(joined).ok_or_else(|| self.wrong("a character"))?
                } else {
                    char::from_u32(first).ok_or_else(|| self.wrong("a character"))?
                }
            }
            Some(same @ ('"' | '\\' | '/')) => same,
            _ => return Err(self.wrong("an escape")),
        })
    }

    fn hex(&mut self) -> Done<u32> {
        let digits = self.rest().get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let value = digits.ok_or_else(|| self.wrong("four hexadecimal digits"))?;
        self.at += 4;
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::{Json, parse, show};

    #[test]
    fn reads_every_kind_of_value() {
        let value = parse(r#" {"a":[1,-2.5e3,true,null],"b":{"c":"x\"\u00e9\ud83d\ude00"}} "#).unwrap();
        let plain = |text: &str| Json::Plain(text.to_owned());
        let list = Json::List(vec![plain("1"), plain("-2.5e3"), plain("true"), plain("null")]);
        let inner = Json::Object(vec![("c".to_owned(), Json::Text("x\"é😀".to_owned()))]);
        assert_eq!(value, Json::Object(vec![("a".to_owned(), list), ("b".to_owned(), inner)]));
    }

    #[test]
    fn refuses_what_is_not_json() {
        for text in ["", "{", "[1 2]", "{\"a\" 1}", "\"open", "nan", "1 2", "[1,]x"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_list_of_objects_is_shown_as_a_table() {
        let value =
            parse(r#"{"note":"once","customers":[{"name":"A","access_code":"1"},{"name":"Bee"}]}"#).unwrap();
        let shown = show(&value);
        assert!(shown.starts_with("  note: once\n\n  customers\n"), "{shown}");
        assert!(shown.contains("name  access code"), "{shown}");
    }
}
