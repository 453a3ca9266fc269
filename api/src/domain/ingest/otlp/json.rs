//! How the JSON encoding of OTLP differs from other JSON: whole numbers as text, names for numbers, ids in hexadecimal.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::proto::{AnyValue, ArrayValue, KeyValueList, Value};

#[derive(Deserialize)]
#[serde(untagged)]
enum NumberOrText<N> {
    Number(N),
    Text(String),
}

/// A whole number, written as number or text.
pub fn integer<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    match Option::<NumberOrText<u64>>::deserialize(from)? {
        Some(NumberOrText::Number(number)) => Ok(number),
        Some(NumberOrText::Text(text)) => text.parse().map_err(D::Error::custom),
        None => Ok(0),
    }
}

/// A severity, as number or as `SEVERITY_NUMBER_WARN2`.
pub fn severity<'de, D: Deserializer<'de>>(from: D) -> Result<i32, D::Error> {
    let text = match Option::<NumberOrText<i32>>::deserialize(from)? {
        Some(NumberOrText::Number(number)) => return Ok(number),
        Some(NumberOrText::Text(text)) => text,
        None => return Ok(0),
    };
    let name = text.strip_prefix("SEVERITY_NUMBER_").unwrap_or(&text);
    let (word, step) = match name.as_bytes().last() {
        Some(digit @ b'2'..=b'4') => (&name[..name.len() - 1], i32::from(digit - b'1')),
        _ => (name, 0),
    };
    let first = match word {
        "UNSPECIFIED" => return Ok(0),
        "TRACE" => 1,
        "DEBUG" => 5,
        "INFO" => 9,
        "WARN" => 13,
        "ERROR" => 17,
        "FATAL" => 21,
        _ => return Err(D::Error::custom(format!("unknown severity {name}"))),
    };
    Ok(first + step)
}

/// Bytes in hexadecimal, as ids of traces and spans.
pub fn hexadecimal<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
    let text = Option::<String>::deserialize(from)?.unwrap_or_default();
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0);
    let digits = digits.ok_or_else(|| D::Error::custom("an id is written in hexadecimal"))?;
    Ok(digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect())
}

/// A value as JSON names it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Any {
    string_value: Option<String>,
    bool_value: Option<bool>,
    int_value: Option<Int>,
    double_value: Option<Double>,
    array_value: Option<ArrayValue>,
    kvlist_value: Option<KeyValueList>,
    bytes_value: Option<Bytes>,
}

#[derive(Deserialize)]
#[serde(try_from = "NumberOrText<i64>")]
struct Int(i64);

impl TryFrom<NumberOrText<i64>> for Int {
    type Error = std::num::ParseIntError;

    fn try_from(from: NumberOrText<i64>) -> Result<Self, Self::Error> {
        match from {
            NumberOrText::Number(number) => Ok(Self(number)),
            NumberOrText::Text(text) => text.parse().map(Self),
        }
    }
}

#[derive(Deserialize)]
#[serde(try_from = "NumberOrText<f64>")]
struct Double(f64);

impl TryFrom<NumberOrText<f64>> for Double {
    type Error = std::num::ParseFloatError;

    fn try_from(from: NumberOrText<f64>) -> Result<Self, Self::Error> {
        match from {
            NumberOrText::Number(number) => Ok(Self(number)),
            // `NaN`, `Infinity` and `-Infinity` are written as text.
            NumberOrText::Text(text) => text.parse().map(Self),
        }
    }
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Bytes(Vec<u8>);

impl TryFrom<String> for Bytes {
    type Error = base64::DecodeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        STANDARD.decode(text).map(Self)
    }
}

impl From<Any> for AnyValue {
    fn from(any: Any) -> Self {
        let value = (any.string_value.map(Value::Text))
            .or_else(|| any.bool_value.map(Value::Bool))
            .or_else(|| any.int_value.map(|Int(number)| Value::Int(number)))
            .or_else(|| any.double_value.map(|Double(number)| Value::Double(number)))
            .or_else(|| any.array_value.map(Value::Array))
            .or_else(|| any.kvlist_value.map(Value::KeyValues))
            .or_else(|| any.bytes_value.map(|Bytes(bytes)| Value::Bytes(bytes)));
        Self { value }
    }
}
