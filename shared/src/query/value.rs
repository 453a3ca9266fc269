//! Gives a term its meaning: which field, and what its value must be.

use super::error::{ErrorKind, Expected, ParseError};
use super::fields::{builtin, closest_level, has_name, level, strip_data};
use super::lexer::{Prefix, RawTerm, RawValue};
use super::print::quote;
use super::{IdRange, IpTest, LevelTest, LocalDateTime, Mode, Op, Span, Test, Text, Value};

/// Reads the meaning of a term; `None` for a lone `*`, which every log passes. `source` is its text.
pub(super) fn test(raw: RawTerm, source: &str, span: Span) -> Result<Option<Test>, ParseError> {
    let RawTerm { name, value } = raw;
    let Some(name) = name else {
        if value.text.is_empty() && !value.quoted && value.prefix == Prefix::Star {
            return Ok(None);
        }
        if value.text.is_empty() && value.quoted {
            let error = ParseError::new(ErrorKind::MissingValue, span, source);
            return Err(error.expecting(&[Expected::Phrase]));
        }
        return Ok(Some(Test::Word(text(value))));
    };
    let present = value.prefix == Prefix::Star && value.text.is_empty() && !value.quoted;
    let known = if name.quoted { None } else { builtin(&name.text) };
    let Some(known) = known else {
        let path =
            if name.quoted { name.text.as_str() } else { strip_data(&name.text).unwrap_or(&name.text) };
        if present {
            // A literal name may be spelled like a built-in field.
            let data = format!("data.{path}");
            return Ok(Some(Test::Has(has_name(&data))));
        }
        return Ok(Some(Test::Field { name: path.to_owned(), value: field_value(value)? }));
    };
    if present {
        return Ok(Some(Test::Has(known.to_owned())));
    }
    // `adres:Kerkstraat` is probably about a field of the record.
    let as_data = |error: ParseError| {
        let text = format!("data.{}:{}", name.text, quote(&value.text));
        if error.suggestion.is_some() { error } else { error.covering(span).suggest(text) }
    };
    let test = match known {
        "kind" => Test::Kind(text(value)),
        "message" => Test::Message(text(value)),
        "external_id" => Test::ExternalId(text(value)),
        "level" => Test::Level(level_test(&value)?),
        "ip" => Test::Ip(ip(&value).map_err(as_data)?),
        "id" => Test::Id(ids(&value).map_err(as_data)?),
        "after" => Test::After(date(&value)?),
        "before" => Test::Before(date(&value)?),
        _ => {
            let literal = value.literal();
            if literal.is_empty() {
                let error = ParseError::new(ErrorKind::MissingValue, span, source);
                return Err(error.expecting(&[Expected::Value]));
            }
            match known {
                "has" => Test::Has(has_name(&literal)),
                "flag" if literal.eq_ignore_ascii_case("laat") => Test::Flag("late".to_owned()),
                "flag" => Test::Flag(literal.to_ascii_lowercase()),
                _ => Test::Source(literal.to_ascii_lowercase()),
            }
        }
    };
    Ok(Some(test))
}

/// Makes a text test; a comparison has no meaning here and is part of the text.
fn text(value: RawValue) -> Text {
    let mode = match value.prefix {
        Prefix::Equal => Mode::Whole,
        Prefix::Star => Mode::Anywhere,
        Prefix::None if value.quoted && !value.star => Mode::Phrase,
        Prefix::None | Prefix::Compare(_) => Mode::Prefix,
    };
    let text = if matches!(value.prefix, Prefix::Compare(_)) { value.literal() } else { value.text };
    Text { text, mode }
}

/// Reads a decimal number; a comma is a decimal comma. Thousands are not separated.
pub(super) fn number(text: &str) -> Option<f64> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let allowed = |b: u8| b.is_ascii_digit() || matches!(b, b'.' | b',' | b'-' | b'+' | b'e' | b'E');
    if digits == 0 || !text.bytes().all(allowed) {
        return None;
    }
    text.replacen(',', ".", 1).parse().ok().filter(|number: &f64| number.is_finite())
}

fn bad(kind: ErrorKind, value: &RawValue, expected: Expected) -> ParseError {
    ParseError::new(kind, value.at, &value.text).expecting(&[expected])
}

fn bad_date(value: &RawValue) -> ParseError {
    let error = bad(ErrorKind::BadDate, value, Expected::Date);
    match LocalDateTime::suggestion(&value.text) {
        // With a space it would need quotes; the printed form has none.
        Some(text) => error.suggest(text),
        None => error,
    }
}

fn bad_number(value: &RawValue) -> ParseError {
    let error = bad(ErrorKind::BadNumber, value, Expected::Number);
    // `8kg`, `1.234,5`
    let plain = value.text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let ungrouped = if plain.contains(',') { plain.replace('.', "") } else { plain.to_owned() };
    if number(&ungrouped).is_some() { error.suggest(ungrouped) } else { error }
}

fn date(value: &RawValue) -> Result<LocalDateTime, ParseError> {
    let usable = matches!(value.prefix, Prefix::None | Prefix::Equal) && !value.star;
    let read = if usable { LocalDateTime::parse(&value.text) } else { None };
    read.ok_or_else(|| bad_date(value))
}

fn field_value(value: RawValue) -> Result<Value, ParseError> {
    if let Prefix::Compare(op) = value.prefix {
        if let Some(number) = number(&value.text) {
            return Ok(Value::Compare { op, number });
        }
        if let Some(date) = LocalDateTime::parse(&value.text) {
            return Ok(Value::CompareDate { op, date });
        }
        let like_date = value.text.matches(['-', '/']).count() == 2;
        return Err(if like_date { bad_date(&value) } else { bad_number(&value) });
    }
    let plain = value.prefix == Prefix::None && !value.quoted && !value.star;
    match value.text.split_once("..") {
        Some((from, to)) if plain => {
            range(&value, from, to).map(|found| found.unwrap_or(Value::Text(text(value))))
        }
        _ => Ok(Value::Text(text(value))),
    }
}

/// Reads a range; `None` if neither end is a number or date, so that `../x` is text.
fn range(value: &RawValue, from: &str, to: &str) -> Result<Option<Value>, ParseError> {
    let error = || bad(ErrorKind::BadRange, value, Expected::Range);
    let swapped = || error().suggest(format!("{to}..{from}"));
    let reads = |end: &str| number(end).is_some() || LocalDateTime::parse(end).is_some();
    if !reads(from) && !reads(to) {
        return Ok(None);
    }
    if let (Some(from), Some(to)) = (end(from, number), end(to, number)) {
        let reversed = matches!((from, to), (Some(from), Some(to)) if from > to);
        return if reversed { Err(swapped()) } else { Ok(Some(Value::Between { from, to })) };
    }
    if let (Some(from), Some(to)) = (end(from, LocalDateTime::parse), end(to, LocalDateTime::parse)) {
        let reversed = matches!((from, to), (Some(from), Some(to)) if from.is_past(to));
        return if reversed { Err(swapped()) } else { Ok(Some(Value::BetweenDates { from, to })) };
    }
    Err(error())
}

/// An end of a range: `Some(None)` if it is open, `None` if it cannot be read.
fn end<T>(text: &str, read: fn(&str) -> Option<T>) -> Option<Option<T>> {
    if text.is_empty() { Some(None) } else { read(text).map(Some) }
}

fn level_test(value: &RawValue) -> Result<LevelTest, ParseError> {
    let known = level(&value.text).filter(|_| !value.star && value.prefix != Prefix::Star);
    let Some(level) = known else {
        let error = bad(ErrorKind::UnknownLevel, value, Expected::Level);
        return Err(match closest_level(&value.text) {
            Some(name) => error.suggest(name.to_owned()),
            None => error,
        });
    };
    Ok(match value.prefix {
        Prefix::Compare(op) => LevelTest::Compare { op, level },
        _ => LevelTest::Is(level),
    })
}

fn ip(value: &RawValue) -> Result<IpTest, ParseError> {
    let read = if matches!(value.prefix, Prefix::None | Prefix::Equal) {
        IpTest::parse(&value.literal())
    } else {
        None
    };
    read.ok_or_else(|| {
        let error = bad(ErrorKind::BadIp, value, Expected::Address);
        // `203.0.113` or `203.0.113.`
        let padded = format!("{}.*", value.text.trim_end_matches('.'));
        if IpTest::parse(&padded).is_some() { error.suggest(padded) } else { error }
    })
}

fn id_number(text: &str) -> Option<u64> {
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

fn ids(value: &RawValue) -> Result<IdRange, ParseError> {
    let bad_id = || bad(ErrorKind::BadNumber, value, Expected::Number);
    let empty = || bad(ErrorKind::BadRange, value, Expected::Range);
    if value.star || value.prefix == Prefix::Star {
        return Err(bad_id());
    }
    if let Prefix::Compare(op) = value.prefix {
        let number = id_number(&value.text).ok_or_else(bad_id)?;
        return Ok(match op {
            Op::Ge => IdRange { from: Some(number), to: None },
            Op::Le => IdRange { from: None, to: Some(number) },
            Op::Gt => IdRange { from: Some(number.checked_add(1).ok_or_else(empty)?), to: None },
            Op::Lt => IdRange { from: None, to: Some(number.checked_sub(1).ok_or_else(empty)?) },
        });
    }
    let Some((from, to)) = value.text.split_once("..") else {
        let number = Some(id_number(&value.text).ok_or_else(bad_id)?);
        return Ok(IdRange { from: number, to: number });
    };
    let found = (end(from, id_number), end(to, id_number));
    let (Some(first), Some(last)) = found else {
        return Err(bad_id());
    };
    match (first, last) {
        (None, None) => Err(empty()),
        (Some(low), Some(high)) if low > high => Err(empty().suggest(format!("{to}..{from}"))),
        _ => Ok(IdRange { from: first, to: last }),
    }
}
