//! Values of JSON as the standard compares them: `1` is `1.0`, and digits are not lost.

use serde_json::{Number, Value};

use super::Bound;

/// Type of a value in the words of the standard.
pub const fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Whether a value is of a type.
pub fn is(value: &Value, kind: &str) -> bool {
    match value {
        Value::Number(number) if kind == "integer" => {
            whole(number).is_some() || number.as_f64().is_some_and(|number| number.fract() == 0.0)
        }
        other => type_of(other) == kind,
    }
}

fn whole(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

fn order(a: &Number, b: &Number) -> Option<std::cmp::Ordering> {
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

/// Whether a number is as a bound asks.
pub fn within(number: &Number, bound: Bound, limit: &Number) -> bool {
    use std::cmp::Ordering::{Greater, Less};
    let order = order(number, limit);
    match bound {
        Bound::Least => order != Some(Less),
        Bound::Most => order != Some(Greater),
        Bound::Above => order == Some(Greater),
        Bound::Below => order == Some(Less),
        Bound::Multiple => is_multiple(number, limit),
    }
}

/// Digits and the power of ten that they count.
fn decimal(number: &Number) -> Option<(i128, i32)> {
    let text = number.to_string();
    let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((text.as_str(), "0"));
    let (left, right) = digits.split_once('.').unwrap_or((digits, ""));
    let exponent: i32 = exponent.parse().ok()?;
    Some((format!("{left}{right}").parse().ok()?, exponent.checked_sub(i32::try_from(right.len()).ok()?)?))
}

/// Counted in digits, because `4.2 / 0.1` is no whole number in floating point.
fn is_multiple(number: &Number, of: &Number) -> bool {
    let exact = || {
        let ((a, a_power), (b, b_power)) = (decimal(number)?, decimal(of)?);
        let power = a_power.min(b_power);
        let scaled = |digits: i128, own: i32| {
            digits.checked_mul(10_i128.checked_pow(u32::try_from(own - power).ok()?)?)
        };
        scaled(a, a_power)?.checked_rem(scaled(b, b_power)?).map(|rest| rest == 0)
    };
    exact().unwrap_or_else(|| {
        let quotient = number.as_f64().unwrap_or_default() / of.as_f64().unwrap_or(1.0);
        quotient.is_finite() && quotient.fract() == 0.0
    })
}

/// Whether two values are the same.
pub fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => order(a, b) == Some(std::cmp::Ordering::Equal),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(name, value)| b.get(name).is_some_and(|other| equal(value, other)))
        }
        (a, b) => a == b,
    }
}

/// A text that is the same for equal values alone.
pub fn canonical(value: &Value, out: &mut String) {
    match value {
        Value::Number(number) => {
            let fraction = number.as_f64().filter(|_| whole(number).is_none());
            match fraction {
                // Whole numbers of this size are exact in floating point.
                Some(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
                    out.push_str(&(number as i64).to_string());
                }
                Some(number) => out.push_str(&number.to_string()),
                None => out.push_str(&number.to_string()),
            }
        }
        Value::Array(items) => {
            out.push('[');
            for item in items {
                canonical(item, out);
                out.push(',');
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut names: Vec<_> = members.iter().collect();
            names.sort_by_key(|(name, _)| *name);
            out.push('{');
            for (name, value) in names {
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                canonical(value, out);
                out.push(',');
            }
            out.push('}');
        }
        other => out.push_str(&other.to_string()),
    }
}
