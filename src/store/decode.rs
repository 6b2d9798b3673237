//! Stored values to what a reader sees.

use rusqlite::types::ValueRef;

use crate::schema::ScalarType;
use crate::sql::plan::{Column, Decode};
use crate::store::prepared::utf8;
use crate::value::{Cell, Digits, IsoText, civil_time};

/// Returns a stored value as its reader sees it. Fails, in words, when it is not of the column's type (Prisma's P2023).
#[inline]
pub(in crate::store) fn decode<'a>(column: &'a Column, value: ValueRef<'a>) -> Result<Cell<'a>, String> {
    // What most cells of a result are, decided where they are read.
    match (value, &column.decode) {
        (ValueRef::Null, _) => Ok(Cell::Null),
        (ValueRef::Text(text), Decode::Scalar(ScalarType::String)) => match utf8(text) {
            Ok(text) => Ok(Cell::Text(text)),
            Err(_) => Err(format!("text in column '{}' is not UTF-8", column.name)),
        },
        (ValueRef::Integer(number), Decode::Scalar(ScalarType::Int) | Decode::Count) => Ok(Cell::Int(number)),
        (ValueRef::Integer(number), Decode::Scalar(ScalarType::BigInt)) => Ok(Cell::BigInt(number)),
        _ => decode_other(column, value),
    }
}

#[inline(never)]
fn decode_other<'a>(column: &'a Column, value: ValueRef<'a>) -> Result<Cell<'a>, String> {
    match &column.decode {
        Decode::Scalar(scalar) => decode_scalar(*scalar, column, value),
        Decode::Count => Err(wrong(column, "an integer", value)),
        Decode::Enum(name, values) => {
            let ValueRef::Text(stored) = value else { return Err(wrong(column, "a string", value)) };
            match values.iter().find(|(db_name, _)| db_name.as_bytes() == stored) {
                Some((_, client)) => Ok(Cell::Text(client)),
                None => Err(format!("value '{}' not found in enum '{name}'", String::from_utf8_lossy(stored))),
            }
        }
        Decode::Raw => Ok(match value {
            ValueRef::Null => Cell::Null,
            ValueRef::Integer(number) => Cell::Int(number),
            ValueRef::Real(number) => Cell::Float(number),
            ValueRef::Text(text) => match utf8(text) {
                Ok(text) => Cell::Text(text),
                Err(_) => Cell::Bytes(text),
            },
            ValueRef::Blob(bytes) => Cell::Bytes(bytes),
        }),
        // It is not shown.
        Decode::Link => Ok(Cell::Null),
    }
}

fn decode_scalar<'a>(scalar: ScalarType, column: &'a Column, value: ValueRef<'a>) -> Result<Cell<'a>, String> {
    Ok(match (scalar, value) {
        (ScalarType::Int | ScalarType::BigInt, ValueRef::Real(number)) => match (whole(number), scalar) {
            (Some(number), ScalarType::Int) => Cell::Int(number),
            (Some(number), _) => Cell::BigInt(number),
            (None, _) => return Err(wrong(column, expected(scalar), value)),
        },
        (ScalarType::Float, ValueRef::Real(number)) => Cell::Float(number),
        (ScalarType::Float, ValueRef::Integer(number)) => Cell::Float(number as f64),
        (ScalarType::Boolean, ValueRef::Integer(number)) => Cell::Bool(number != 0),
        (ScalarType::Boolean, ValueRef::Real(number)) => Cell::Bool(number != 0.0),
        (ScalarType::Boolean, ValueRef::Text(text)) if text == b"true" || text == b"false" => {
            Cell::Bool(text == b"true")
        }
        (ScalarType::DateTime, value) => return decode_datetime(column, value),
        (ScalarType::Decimal, ValueRef::Real(number)) => Cell::Decimal(Digits::Number(number)),
        (ScalarType::Decimal, ValueRef::Integer(number)) => Cell::Decimal(Digits::Integer(number)),
        (ScalarType::Decimal, ValueRef::Text(text)) => match utf8(text) {
            Ok(digits) if digits.parse::<f64>().is_ok() => Cell::Decimal(Digits::Text(digits)),
            _ => return Err(wrong(column, "a decimal number", value)),
        },
        (ScalarType::Bytes, ValueRef::Blob(bytes)) => Cell::Bytes(bytes),
        (ScalarType::Json, ValueRef::Text(text)) => {
            let valid = utf8(text).ok().filter(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok());
            match valid {
                Some(text) => Cell::Json(text),
                None => return Err(format!("the text in column '{}' is not JSON", column.name)),
            }
        }
        // SQLite turns JSON text that is a number into one where the column's affinity says so.
        (ScalarType::Json, ValueRef::Integer(number)) => Cell::Int(number),
        (ScalarType::Json, ValueRef::Real(number)) if number.fract() == 0.0 && number.abs() < 1e15 => {
            Cell::Int(number as i64)
        }
        (ScalarType::Json, ValueRef::Real(number)) => Cell::Float(number),
        (scalar, value) => return Err(wrong(column, expected(scalar), value)),
    })
}

/// Returns the integer part of a number that has one in 64 bits.
fn whole(number: f64) -> Option<i64> {
    let cut = number.trunc();
    (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&cut).then_some(cut as i64)
}

fn expected(scalar: ScalarType) -> &'static str {
    match scalar {
        ScalarType::String => "a string",
        ScalarType::Int | ScalarType::BigInt => "an integer",
        ScalarType::Float => "a float",
        ScalarType::Boolean => "a boolean",
        ScalarType::DateTime => "a date and time",
        ScalarType::Json => "JSON",
        ScalarType::Bytes => "a byte array",
        ScalarType::Decimal => "a decimal number",
    }
}

fn wrong(column: &Column, expected: &str, value: ValueRef) -> String {
    let found = match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => format!("the integer {number}"),
        ValueRef::Real(number) => format!("the number {number}"),
        ValueRef::Text(text) => {
            let text = String::from_utf8_lossy(text);
            let short: String = text.chars().take(32).collect();
            format!("the text {short:?}{}", if short.len() < text.len() { "..." } else { "" })
        }
        ValueRef::Blob(bytes) => format!("{} bytes", bytes.len()),
    };
    format!("expected {expected} in column '{}', found {found}", column.name)
}

/// Shows a stored DateTime as ISO 8601 in UTC with milliseconds. Prisma writes text; other tools write milliseconds since 1970, or text in
/// SQLite's own form.
fn decode_datetime<'a>(column: &'a Column, value: ValueRef<'a>) -> Result<Cell<'a>, String> {
    if let ValueRef::Text(text) = value {
        // The form that Prisma and this module write: 2020-01-02T03:04:05.678+00:00
        if text.len() == 29
            && text.ends_with(b"+00:00")
            && text[10] == b'T'
            && let Ok(civil) = utf8(&text[..23])
            && civil.is_ascii()
        {
            return Ok(Cell::DateTime(IsoText::Civil(civil)));
        }
    }
    let milliseconds = match value {
        ValueRef::Integer(number) => Some(number),
        ValueRef::Real(number) => whole(number),
        ValueRef::Text(text) => utf8(text).ok().and_then(parse_datetime),
        _ => None,
    };
    match milliseconds.filter(|milliseconds| civil_time(*milliseconds).is_some()) {
        Some(milliseconds) => Ok(Cell::DateTime(IsoText::Milliseconds(milliseconds))),
        None => Err(wrong(column, "a date and time", value)),
    }
}

/// Reads a date and time in any form that SQLite's own functions make; without a zone it is in UTC.
fn parse_datetime(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(instant.as_millisecond());
    }
    // `2020-01-01 00:00:00 +00:00` is how a schema's default lies in a table.
    let (civil, zone) = match text.rsplit_once(' ') {
        Some((civil, zone)) if zone.starts_with(['+', '-']) => (civil, zone),
        _ => (text, ""),
    };
    if let Ok(instant) = format!("{civil}{}", if zone.is_empty() { "Z" } else { zone }).parse::<jiff::Timestamp>() {
        return Some(instant.as_millisecond());
    }
    let date = civil.parse::<jiff::civil::Date>().ok()?;
    let instant = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(instant.timestamp().as_millisecond())
}

/// Returns the form in which an instant is stored.
pub(in crate::store) fn stored(milliseconds: i64) -> Option<String> {
    Some(format!("{}+00:00", civil_time(milliseconds)?))
}
