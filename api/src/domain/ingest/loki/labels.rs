//! Labels as Protocol Buffers carry them: `{app="sorter", dock="3"}`. Pure.

use std::collections::BTreeMap;

/// Reads labels; `None` when they are not written as they must be.
#[must_use]
pub fn parse(text: &str) -> Option<BTreeMap<String, String>> {
    let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
    let mut labels = BTreeMap::new();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        let name = name.trim();
        let first = name.chars().next()?;
        let good = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | ':' | '/');
        if !(first.is_alphabetic() || first == '_') || !name.chars().all(good) {
            return None;
        }
        let (value, after) = quoted(after.trim_start())?;
        labels.insert(name.to_owned(), value);
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(more) => more.trim_start(),
            None if after.is_empty() => after,
            None => return None,
        };
    }
    Some(labels)
}

/// A text in quotes as Go writes it, and what follows.
fn quoted(text: &str) -> Option<(String, &str)> {
    if let Some(raw) = text.strip_prefix('`') {
        return raw.split_once('`').map(|(value, rest)| (value.to_owned(), rest));
    }
    let mut chars = text.strip_prefix('"')?.chars();
    let mut bytes = Vec::new();
    loop {
        match chars.next()? {
            '"' => return Some((String::from_utf8(bytes).ok()?, chars.as_str())),
            '\\' => {
                let digits = |chars: &mut std::str::Chars<'_>, count, radix| {
                    let digits: String = chars.take(count).collect();
                    u32::from_str_radix(&digits, radix).ok().filter(|_| digits.len() == count)
                };
                let c = match chars.next()? {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    'a' => '\u{7}',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'v' => '\u{b}',
                    'x' => {
                        bytes.push(u8::try_from(digits(&mut chars, 2, 16)?).ok()?);
                        continue;
                    }
                    'u' => char::from_u32(digits(&mut chars, 4, 16)?)?,
                    'U' => char::from_u32(digits(&mut chars, 8, 16)?)?,
                    c @ ('"' | '\\' | '\'') => c,
                    _ => return None,
                };
                bytes.extend(c.encode_utf8(&mut [0; 4]).bytes());
            }
            c => bytes.extend(c.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// LOG-19: labels are read with their escapes, and what is not written so is refused.
    #[test]
    fn labels_are_read() {
        let labels = parse(r#"{app="sorter", dock = "3\"\\\n\u00e9\xc3\xa9", raw=`a\b`,}"#).unwrap();
        let pairs: Vec<(&str, &str)> =
            labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("app", "sorter"), ("dock", "3\"\\\néé"), ("raw", "a\\b")]);
        assert_eq!(parse("{}"), Some(BTreeMap::new()));
        for broken in [
            "",
            "{",
            "app=\"x\"",
            "{app}",
            "{app=x}",
            "{1=\"x\"}",
            "{a=\"x}",
            "{a=\"x\" b=\"y\"}",
            "{a=\"\\q\"}",
            "{a=\"\\xff\"}",
        ] {
            assert_eq!(parse(broken), None, "{broken}");
        }
    }

    proptest! {
        /// LOG-19: any text is read or refused, and what JSON quotes is read back.
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}", value in "[a-z\"\\\\\n\t é]{0,20}") {
            drop(parse(&text));
            drop(parse(&format!("{{a=\"{text}")));
            let written = format!("{{a={}}}", serde_json::to_string(&value).unwrap());
            prop_assert_eq!(parse(&written).unwrap().remove("a").unwrap(), value);
        }
    }
}
