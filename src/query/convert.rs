//! Raw values to the values that are bound, in the forms in which Prisma stores them.
//!
//! The same conversion checks a value when a query is checked, and makes the value of each later call of the same shape.

use std::sync::Arc;

use crate::query::input::Raw;
use crate::query::{LikeKind, SlotType};
use crate::schema::{ScalarType, Schema};
use crate::value::{Sentinel, Value};

/// The longest text of `contains` and its like, in bytes: SQLite takes a pattern of 50,000, which has `%` at both ends.
const LONGEST_PATTERN: usize = 49_998;

/// Why a raw value does not fit its slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// `wrong_type`, `invalid_value` or `out_of_range`.
    pub code: &'static str,
    /// What was expected, such as `an integer`.
    pub expected: String,
    /// The way out, where there is more to say.
    pub help: Option<&'static str>,
}

/// Converts a raw value to the value that is bound.
///
/// A value that is part of the shape ([`SlotType::Unused`]) becomes NULL. A NULL where none may stand is a mismatch.
pub fn convert(schema: &Schema, slot: &SlotType, raw: &Raw) -> Result<Value, Mismatch> {
    if matches!(raw, Raw::Unknown) {
        return Ok(Value::Null);
    }
    match slot {
        SlotType::Unused => Ok(Value::Null),
        SlotType::Scalar(scalar) => convert_scalar(*scalar, raw),
        SlotType::Enum(id) => {
            let values = &schema.enumeration(*id).values;
            match raw {
                Raw::Text(text) => match values.iter().find(|value| value.name == **text) {
                    Some(value) if value.db_name == value.name => Ok(Value::Text(text.clone())),
                    Some(value) => Ok(Value::Text(value.db_name.as_str().into())),
                    None => Err(Mismatch { code: "invalid_value", ..wrong(expected(schema, slot)) }),
                },
                _ => Err(wrong(expected(schema, slot))),
            }
        }
        SlotType::List(item) => match raw {
            Raw::List(items) => {
                let values = items.iter().map(|raw| convert(schema, item, raw)).collect::<Result<Arc<[Value]>, _>>()?;
                Ok(Value::List(values))
            }
            _ => Err(wrong(expected(schema, slot))),
        },
        SlotType::Like(kind) => match raw {
            Raw::Text(text) if text.len() > LONGEST_PATTERN => {
                Err(out_of_range(format!("a string of at most {LONGEST_PATTERN} bytes")))
            }
            Raw::Text(text) => Ok(Value::Text(
                match kind {
                    LikeKind::Contains => format!("%{text}%"),
                    LikeKind::StartsWith => format!("{text}%"),
                    LikeKind::EndsWith => format!("%{text}"),
                }
                .into(),
            )),
            _ => Err(wrong(expected(schema, slot))),
        },
        SlotType::Json | SlotType::JsonOperand => convert_scalar(ScalarType::Json, raw),
        SlotType::JsonPath => convert_scalar(ScalarType::String, raw),
        SlotType::Count => match integer(raw) {
            Some(number) => match number.checked_abs() {
                Some(number) => Ok(Value::Int(number)),
                None => Err(Mismatch { code: "out_of_range", ..wrong(expected(schema, slot)) }),
            },
            None => Err(wrong(expected(schema, slot))),
        },
    }
}

/// Says what a slot takes, such as `an integer`.
pub(in crate::query) fn expected(schema: &Schema, slot: &SlotType) -> String {
    match slot {
        SlotType::Unused => "nothing".to_owned(),
        SlotType::Scalar(scalar) => expected_scalar(*scalar).to_owned(),
        SlotType::Enum(id) => {
            let names: Vec<String> =
                schema.enumeration(*id).values.iter().take(12).map(|value| format!("`{}`", value.name)).collect();
            format!("one of {}", names.join(", "))
        }
        SlotType::List(item) => format!("a list, each item {}", expected(schema, item)),
        SlotType::Like(_) | SlotType::JsonPath => "a string".to_owned(),
        SlotType::Json | SlotType::JsonOperand => "a JSON value".to_owned(),
        SlotType::Count => "an integer".to_owned(),
    }
}

fn expected_scalar(scalar: ScalarType) -> &'static str {
    match scalar {
        ScalarType::String => "a string",
        ScalarType::Int | ScalarType::BigInt => "an integer",
        ScalarType::Float => "a number",
        ScalarType::Boolean => "true or false",
        ScalarType::DateTime => "a DateTime",
        ScalarType::Json => "a JSON value",
        ScalarType::Bytes => "bytes",
        ScalarType::Decimal => "a number or a numeric string",
    }
}

fn wrong(expected: impl Into<String>) -> Mismatch {
    Mismatch { code: "wrong_type", expected: expected.into(), help: None }
}

fn out_of_range(expected: impl Into<String>) -> Mismatch {
    Mismatch { code: "out_of_range", expected: expected.into(), help: None }
}

fn convert_scalar(scalar: ScalarType, raw: &Raw) -> Result<Value, Mismatch> {
    match (scalar, raw) {
        (ScalarType::String, Raw::Text(text)) => Ok(Value::Text(text.clone())),
        (ScalarType::String, Raw::Bytes(_)) => {
            Err(Mismatch { code: "invalid_value", ..wrong("a string of valid UTF-8") })
        }

        (ScalarType::Boolean, Raw::Bool(value)) => Ok(Value::Int(i64::from(*value))),

        (ScalarType::Int | ScalarType::BigInt, Raw::Int(value)) => Ok(Value::Int(*value)),
        (ScalarType::Int | ScalarType::BigInt, Raw::Float(number)) => match integer(raw) {
            Some(value) => Ok(Value::Int(value)),
            None if number.fract() == 0.0 || number.is_infinite() => Err(out_of_range("an integer of 64 bits")),
            None => Err(wrong("an integer")),
        },
        (ScalarType::BigInt, Raw::BigInt(digits)) => match digits.parse() {
            Ok(value) => Ok(Value::Int(value)),
            Err(_) if is_decimal(digits) => Err(out_of_range("an integer of 64 bits")),
            Err(_) => Err(Mismatch { code: "invalid_value", ..wrong("an integer") }),
        },

        (ScalarType::Float, Raw::Int(value)) => Ok(Value::Float(*value as f64)),
        (ScalarType::Float, Raw::Float(value)) if value.is_nan() => Err(Mismatch {
            help: Some("SQLite keeps NaN as NULL: write null where that is meant"),
            ..out_of_range("a number")
        }),
        (ScalarType::Float, Raw::Float(value)) => Ok(Value::Float(*value)),
        (ScalarType::Float, Raw::Decimal(digits)) => decimal(digits),

        (ScalarType::Decimal, Raw::Int(value)) => Ok(Value::Float(*value as f64)),
        (ScalarType::Decimal, Raw::Float(value)) if value.is_finite() => Ok(Value::Float(sixteen_digits(*value))),
        (ScalarType::Decimal, Raw::Float(_)) => Err(out_of_range("a finite number or a numeric string")),
        (ScalarType::Decimal, Raw::Decimal(digits) | Raw::Text(digits)) => decimal(digits),

        (ScalarType::DateTime, Raw::Text(text) | Raw::DateTime(text)) => match datetime(text) {
            Some(stored) => Ok(Value::Text(stored.into())),
            None => Err(Mismatch {
                code: "invalid_value",
                expected: "a DateTime".to_owned(),
                help: Some("write ISO 8601 with a zone, such as `2020-01-02T03:04:05.000Z`"),
            }),
        },
        (ScalarType::DateTime, _) => Err(Mismatch {
            help: Some("write ISO 8601 with a zone, such as `2020-01-02T03:04:05.000Z`"),
            ..wrong("a DateTime")
        }),

        (ScalarType::Bytes, Raw::Bytes(bytes)) => Ok(Value::Bytes(bytes.clone())),
        (ScalarType::Bytes, Raw::Text(text)) => Ok(Value::Bytes(text.as_bytes().into())),

        (ScalarType::Json, Raw::Json(text)) => Ok(Value::Text(text.clone())),
        (ScalarType::Json, Raw::Null | Raw::Sentinel(Sentinel::JsonNull)) => Ok(Value::Text("null".into())),

        _ => Err(wrong(expected_scalar(scalar))),
    }
}

/// The first float that does not fit 64 bits.
const TWO_TO_63: f64 = (1u64 << 63) as f64;

/// Returns an integer, or a float that is exactly one.
///
/// The float -2^63 is none: an integer below the least of 64 bits becomes it when a reader of JSON rounds.
pub(in crate::query) fn integer(raw: &Raw) -> Option<i64> {
    match raw {
        Raw::Int(value) => Some(*value),
        Raw::Float(value) if value.fract() == 0.0 && value.abs() < TWO_TO_63 => Some(*value as i64),
        _ => None,
    }
}

/// Rounds to 16 significant digits: all that Prisma takes of a number for a Decimal, so that 0.1 + 0.2 is 0.3.
fn sixteen_digits(number: f64) -> f64 {
    format!("{number:.15e}").parse().unwrap_or(number)
}

fn decimal(digits: &str) -> Result<Value, Mismatch> {
    match digits.parse::<f64>() {
        Ok(value) if is_decimal(digits) && value.is_finite() => Ok(Value::Float(value)),
        Ok(_) if is_decimal(digits) => Err(out_of_range("a number that a double can hold")),
        _ => Err(Mismatch { code: "invalid_value", ..wrong("a number or a numeric string") }),
    }
}

/// Tells whether text is a number: a sign, digits with a point, an exponent. (`parse` takes `inf` and `nan` too.)
fn is_decimal(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'))
}

/// Parses RFC 3339 and returns the stored form, in UTC with milliseconds: `2020-01-02T03:04:05.000+00:00`.
///
/// More precise times are cut. None when it is no such time, or its year does not fit four digits in UTC.
pub(in crate::query) fn datetime(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    if bytes.len() < 20 || bytes[4] != b'-' || bytes[7] != b'-' || bytes[13] != b':' || bytes[16] != b':' {
        return None;
    }
    if !matches!(bytes[10], b'T' | b't' | b' ') {
        return None;
    }
    let (year, month, day) = (digits(&bytes[0..4])?, digits(&bytes[5..7])?, digits(&bytes[8..10])?);
    let (hour, minute, second) = (digits(&bytes[11..13])?, digits(&bytes[14..16])?, digits(&bytes[17..19])?);
    if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }

    let mut rest = &bytes[19..];
    let mut millisecond = 0;
    if let Some(fraction) = rest.strip_prefix(b".") {
        let length = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if length == 0 {
            return None;
        }
        for index in 0..3 {
            let digit = fraction[..length].get(index).map_or(0, |byte| i64::from(byte - b'0'));
            millisecond = millisecond * 10 + digit;
        }
        rest = &fraction[length..];
    }

    let offset = match rest {
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            (hours * 60 + minutes) * if *sign == b'-' { -1 } else { 1 }
        }
        _ => return None,
    };

    let minutes = hour * 60 + minute - offset;
    let (year, month, day) = shift_days(year, month, day, minutes.div_euclid(24 * 60))?;
    let minutes = minutes.rem_euclid(24 * 60);
    let (hour, minute) = (minutes / 60, minutes % 60);
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}+00:00"))
}

fn digits(bytes: &[u8]) -> Option<i64> {
    bytes.iter().try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0')))
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Moves a date by -1, 0 or 1 days: a zone moves no further. None when it leaves the years of four digits.
fn shift_days(mut year: i64, mut month: i64, mut day: i64, days: i64) -> Option<(i64, i64, i64)> {
    day += days;
    if day < 1 {
        month -= 1;
        if month < 1 {
            (year, month) = (year - 1, 12);
        }
        day = days_in(year, month);
    } else if day > days_in(year, month) {
        day = 1;
        month += 1;
        if month > 12 {
            (year, month) = (year + 1, 1);
        }
    }
    (0..=9999).contains(&year).then_some((year, month, day))
}

#[cfg(test)]
mod tests {
    use super::datetime;

    #[test]
    fn a_datetime_is_stored_in_utc_with_milliseconds() {
        for (written, stored) in [
            ("2020-01-02T03:04:05Z", Some("2020-01-02T03:04:05.000+00:00")),
            ("2022-01-01T05:30:00.5+05:30", Some("2022-01-01T00:00:00.500+00:00")),
            ("2020-12-31T23:30:00-01:00", Some("2021-01-01T00:30:00.000+00:00")),
            ("2020-03-01T00:30:00+01:00", Some("2020-02-29T23:30:00.000+00:00")),
            ("2020-01-01T00:00:00.123999Z", Some("2020-01-01T00:00:00.123+00:00")),
            ("2021-02-29T00:00:00Z", None),
            ("2020-01-01", None),
            ("2020-01-01T00:00:00", None),
            ("9999-12-31T23:30:00-01:00", None),
            ("soon", None),
        ] {
            assert_eq!(datetime(written).as_deref(), stored, "{written}");
        }
    }
}
