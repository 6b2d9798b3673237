//! Stored values to what a reader sees.

use rusqlite::types::ValueRef;

use crate::schema::ScalarType;
use crate::sql::plan::{Column, Decode};
use crate::value::Rows;

/// Hands a stored value to `rows`. Fails, in words, when it is not of the column's type (Prisma's P2023).
pub(in crate::store) fn emit<R: Rows + ?Sized>(column: &Column, value: ValueRef, rows: &mut R) -> Result<(), String> {
    if let ValueRef::Null = value {
        rows.null();
        return Ok(());
    }
    match &column.decode {
        Decode::Scalar(scalar) => emit_scalar(*scalar, column, value, rows),
        Decode::Count => match value {
            ValueRef::Integer(count) => {
                rows.int(count);
                Ok(())
            }
            _ => Err(wrong(column, "an integer", value)),
        },
        Decode::Enum(name, values) => {
            let ValueRef::Text(stored) = value else { return Err(wrong(column, "a string", value)) };
            match values.iter().find(|(db_name, _)| db_name.as_bytes() == stored) {
                Some((_, client)) => {
                    rows.text(client);
                    Ok(())
                }
                None => Err(format!("value '{}' not found in enum '{name}'", String::from_utf8_lossy(stored))),
            }
        }
        Decode::Raw => {
            match value {
                ValueRef::Null => rows.null(),
                ValueRef::Integer(number) => rows.int(number),
                ValueRef::Real(number) => rows.float(number),
                ValueRef::Text(text) => match std::str::from_utf8(text) {
                    Ok(text) => rows.text(text),
                    Err(_) => rows.bytes(text),
                },
                ValueRef::Blob(bytes) => rows.bytes(bytes),
            }
            Ok(())
        }
        Decode::Link => Ok(()),
    }
}

fn emit_scalar<R: Rows + ?Sized>(
    scalar: ScalarType,
    column: &Column,
    value: ValueRef,
    rows: &mut R,
) -> Result<(), String> {
    match (scalar, value) {
        (ScalarType::String, ValueRef::Text(text)) => match std::str::from_utf8(text) {
            Ok(text) => rows.text(text),
            Err(_) => return Err(format!("text in column '{}' is not UTF-8", column.name)),
        },
        (ScalarType::Int, ValueRef::Integer(number)) => rows.int(number),
        (ScalarType::Int, ValueRef::Real(number)) if whole(number).is_some() => rows.int(whole(number).unwrap_or(0)),
        (ScalarType::BigInt, ValueRef::Integer(number)) => rows.bigint(number),
        (ScalarType::BigInt, ValueRef::Real(number)) if whole(number).is_some() => {
            rows.bigint(whole(number).unwrap_or(0));
        }
        (ScalarType::Float, ValueRef::Real(number)) => rows.float(number),
        (ScalarType::Float, ValueRef::Integer(number)) => rows.float(number as f64),
        (ScalarType::Boolean, ValueRef::Integer(number)) => rows.boolean(number != 0),
        (ScalarType::Boolean, ValueRef::Real(number)) => rows.boolean(number != 0.0),
        (ScalarType::Boolean, ValueRef::Text(text)) if text == b"true" || text == b"false" => {
            rows.boolean(text == b"true");
        }
        (ScalarType::DateTime, value) => return emit_datetime(column, value, rows),
        (ScalarType::Decimal, ValueRef::Real(number)) => rows.decimal(&shortest(number)),
        (ScalarType::Decimal, ValueRef::Integer(number)) => rows.decimal(&number.to_string()),
        (ScalarType::Decimal, ValueRef::Text(text)) => match std::str::from_utf8(text) {
            Ok(digits) if digits.parse::<f64>().is_ok() => rows.decimal(digits),
            _ => return Err(wrong(column, "a decimal number", value)),
        },
        (ScalarType::Bytes, ValueRef::Blob(bytes)) => rows.bytes(bytes),
        (ScalarType::Json, ValueRef::Text(text)) => {
            let valid = std::str::from_utf8(text)
                .ok()
                .filter(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok());
            match valid {
                Some(text) => rows.json(text),
                None => return Err(format!("the text in column '{}' is not JSON", column.name)),
            }
        }
        (ScalarType::Json, ValueRef::Integer(number)) => rows.json(&number.to_string()),
        (ScalarType::Json, ValueRef::Real(number)) => rows.json(&shortest(number)),
        (scalar, value) => return Err(wrong(column, expected(scalar), value)),
    }
    Ok(())
}

/// Returns the integer part of a number that has one in 64 bits.
fn whole(number: f64) -> Option<i64> {
    let cut = number.trunc();
    (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&cut).then_some(cut as i64)
}

/// Returns the shortest digits that read back as the same number.
fn shortest(number: f64) -> String {
    match number.fract() == 0.0 && number.abs() < 1e15 {
        true => format!("{number:.0}"),
        false => format!("{number}"),
    }
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
fn emit_datetime<R: Rows + ?Sized>(column: &Column, value: ValueRef, rows: &mut R) -> Result<(), String> {
    if let ValueRef::Text(text) = value {
        // The form that Prisma and this module write: 2020-01-02T03:04:05.678+00:00
        if text.len() == 29 && text.ends_with(b"+00:00") && text[10] == b'T' && text.is_ascii() {
            let mut shown = [0; 24];
            shown[..23].copy_from_slice(&text[..23]);
            shown[23] = b'Z';
            rows.datetime(std::str::from_utf8(&shown).expect("ASCII is UTF-8"));
            return Ok(());
        }
    }
    let milliseconds = match value {
        ValueRef::Integer(number) => Some(number),
        ValueRef::Real(number) => whole(number),
        ValueRef::Text(text) => std::str::from_utf8(text).ok().and_then(parse_datetime),
        _ => None,
    };
    match milliseconds.and_then(iso) {
        Some(text) => {
            rows.datetime(&text);
            Ok(())
        }
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

/// Returns ISO 8601 in UTC with milliseconds.
fn iso(milliseconds: i64) -> Option<String> {
    Some(format!("{}Z", civil(milliseconds)?))
}

/// Returns the form in which an instant is stored.
pub(in crate::store) fn stored(milliseconds: i64) -> Option<String> {
    Some(format!("{}+00:00", civil(milliseconds)?))
}

fn civil(milliseconds: i64) -> Option<String> {
    let instant = jiff::Timestamp::from_millisecond(milliseconds).ok()?;
    Some(instant.strftime("%Y-%m-%dT%H:%M:%S.%3f").to_string())
}
