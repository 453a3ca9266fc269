//! The file of the former edition, `{"logs": [ … ]}`, row by row: of the file no more than one row is in memory.

use std::fmt;
use std::io::{BufRead, BufReader, Read};

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Gets each row; an answer of `false` ends the reading.
type Each<'a> = &'a mut dyn FnMut(&RawValue) -> bool;

/// Reads the file and hands over its rows.
///
/// # Errors
/// When it is not JSON of that shape, or cannot be read; the rows before the fault have been handed over.
pub fn read(input: impl Read, each: Each<'_>) -> Result<(), serde_json::Error> {
    let mut input = BufReader::with_capacity(256 * 1024, input);
    let start = input.fill_buf().map_err(serde_json::Error::io)?;
    if start.starts_with(b"\xEF\xBB\xBF") {
        input.consume(3);
    }
    let mut reader = serde_json::Deserializer::from_reader(input);
    File(each).deserialize(&mut reader)?;
    reader.end()
}

struct File<'a>(Each<'a>);

impl<'de> DeserializeSeed<'de> for File<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for File<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a list `logs`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut found = false;
        while let Some(name) = map.next_key::<String>()? {
            if name == "logs" {
                found = true;
                map.next_value_seed(Rows(&mut *self.0))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        if found { Ok(()) } else { Err(Error::missing_field("logs")) }
    }
}

struct Rows<'a>(Each<'a>);

impl<'de> DeserializeSeed<'de> for Rows<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Rows<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of logs")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(row) = seq.next_element::<Box<RawValue>>()? {
            if !(self.0)(&row) {
                return Err(Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &[u8]) -> (Vec<String>, bool) {
        let mut rows = Vec::new();
        let result = read(text, &mut |row| {
            rows.push(row.get().to_owned());
            true
        });
        (rows, result.is_ok())
    }

    /// OPS-13: rows come as they are written; other members of the file do not disturb.
    #[test]
    fn rows_are_handed_over_as_written() {
        let file = "\u{FEFF}{\"version\": [1, {}], \"logs\" : [ {\"a\": 1.50}, 7 ,\"x\"] , \"more\":null}\n";
        assert_eq!(
            rows(file.as_bytes()),
            (vec!["{\"a\": 1.50}".to_owned(), "7".to_owned(), "\"x\"".to_owned()], true)
        );
        assert_eq!(rows(b"{\"logs\":[]}"), (vec![], true));
    }

    /// OPS-13: a file that breaks off, or is another one, is a failure after the rows before it.
    #[test]
    fn broken_files_fail() {
        assert_eq!(rows(b"{\"logs\":[{\"a\":1},{\"b\":"), (vec!["{\"a\":1}".to_owned()], false));
        for wrong in [
            &b""[..],
            b"[]",
            b"{}",
            b"{\"logs\":{}}",
            b"{\"logs\":[]} x",
            b"{\"log\":[1]}",
            b"{\"logs\":[\"\xff\"]}",
        ] {
            assert!(!rows(wrong).1, "{wrong:?}");
        }
    }

    /// OPS-13: reading ends when nobody takes rows any more.
    #[test]
    fn reading_can_be_stopped() {
        let mut seen = 0;
        let result = read(&b"{\"logs\":[1,2,3]}"[..], &mut |_| {
            seen += 1;
            false
        });
        assert!(result.is_err() && seen == 1);
    }
}
