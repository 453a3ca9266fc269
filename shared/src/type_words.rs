//! Kinds of values in the words of people: parsers and schemas name them as programs do.

use crate::lang::Lang;

/// Puts what a parser or a schema says about a value (``floating point `1.5` ``, `sequence`, `string, null`) into words.
/// What is none of these stays as it is.
#[must_use]
pub fn type_words(text: &str, lang: Lang) -> String {
    if let Some((kind, value)) = text.split_once(' ')
        && let Some(value) = shown(kind, value)
    {
        return value;
    }
    let words: Option<Vec<&str>> = text.split(", ").map(|name| word(name, lang)).collect();
    let or = if lang == Lang::Nl { " of " } else { " or " };
    words.map_or_else(|| text.to_owned(), |words| words.join(or))
}

/// A value itself says most: ``integer `5` ``, `string "x"`.
fn shown(kind: &str, value: &str) -> Option<String> {
    let value = if kind == "floating" { value.strip_prefix("point ")? } else { value };
    match kind {
        "integer" | "floating" | "boolean" | "character" => {
            Some(value.strip_prefix('`')?.strip_suffix('`')?.to_owned())
        }
        "string" => Some(value.to_owned()).filter(|value| value.starts_with('"')),
        _ => None,
    }
}

fn word(name: &str, lang: Lang) -> Option<&'static str> {
    let name = name.trim_start_matches("a ").trim_start_matches("an ");
    let (dutch, english) = match name {
        "string" | "str" | "borrowed string" => ("een tekst", "a text"),
        "integer" | "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => {
            ("een geheel getal", "a whole number")
        }
        "number" | "f32" | "f64" | "floating point" => ("een getal", "a number"),
        "boolean" | "bool" => ("true of false", "true or false"),
        "sequence" | "array" => ("een lijst", "a list"),
        "map" | "object" => ("een object", "an object"),
        "null" | "unit" | "unit value" | "Option value" => ("null", "null"),
        _ => return None,
    };
    Some(if lang == Lang::Nl { dutch } else { english })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// I18N-02, GEN-04: no name of a type of the programmers' reaches the reader.
    #[test]
    fn kinds_of_values_are_named_in_words() {
        for (text, dutch, english) in [
            ("floating point `1.5`", "1.5", "1.5"),
            ("integer `7`", "7", "7"),
            ("boolean `true`", "true", "true"),
            ("string \"a, b\"", "\"a, b\"", "\"a, b\""),
            ("sequence", "een lijst", "a list"),
            ("a sequence", "een lijst", "a list"),
            ("map", "een object", "an object"),
            ("a string", "een tekst", "a text"),
            ("u32", "een geheel getal", "a whole number"),
            ("string, null", "een tekst of null", "a text or null"),
            ("2026-11-22T08:00:00Z", "2026-11-22T08:00:00Z", "2026-11-22T08:00:00Z"),
        ] {
            assert_eq!(type_words(text, Lang::Nl), dutch, "{text}");
            assert_eq!(type_words(text, Lang::En), english, "{text}");
        }
    }
}
