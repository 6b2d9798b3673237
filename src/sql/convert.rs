//! How values go from a column of one type to one of another, as SQL over the old column.
//!
//! SQLite keeps any value in any column, so that a change of type has to look at each value: which ones are the same afterwards, which
//! ones have a counterpart, and which ones have none.

use crate::migrate::{Column, TypeFamily};
use crate::schema::ScalarType;
use crate::sql::name::quote_name;

/// The conversion of a column's values. NULL stays NULL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversion {
    /// The new value.
    pub value: String,
    /// Whether the value says the same afterwards.
    pub exact: String,
    /// Whether there is a value to put in its place, though it may say less: `007` as a number.
    pub possible: String,
}

impl Conversion {
    /// Returns how values of `from` become values of `to`; None when they stay as they are.
    pub fn of(from: &Column, to: &Column) -> Option<Self> {
        let (old, new) = (TypeFamily::of(&from.type_name), TypeFamily::of(&to.type_name));
        let TypeFamily::Scalar(target) = new else { return None };
        if old == new {
            return None;
        }
        let source = match old {
            TypeFamily::Scalar(source) => source,
            // What such a column holds shows at each value only, as in a column of text.
            TypeFamily::Other => ScalarType::String,
        };
        Some(conversion(source, target, &quote_name(&from.name)))
    }

    /// Returns the new value, NULL where there is none.
    pub fn checked_value(&self) -> String {
        match self.possible == ALWAYS {
            true => self.value.clone(),
            false => format!("CASE WHEN {} THEN {} END", self.possible, self.value),
        }
    }
}

/// A condition that holds for each value.
const ALWAYS: &str = "1";

fn conversion(source: ScalarType, target: ScalarType, c: &str) -> Conversion {
    let make = |value: String, exact: String, possible: String| Conversion { value, exact, possible };
    let always = || ALWAYS.to_owned();
    let cast = |name: &str| format!("CAST({c} AS {name})");
    let is_number = format!("typeof({c}) IN ('integer', 'real')");
    match (source, target) {
        // Bytes are text when they are ASCII, which SQL can tell.
        (ScalarType::Bytes, ScalarType::String) => {
            let ascii = format!("NOT CAST({c} AS TEXT) GLOB '*[^' || char(1) || '-' || char(127) || ']*'");
            let whole = format!("{ascii} AND length(CAST({c} AS TEXT)) = length({c})");
            make(cast("TEXT"), whole.clone(), whole)
        }
        (ScalarType::Float | ScalarType::Decimal, ScalarType::String) => {
            make(cast("TEXT"), format!("CAST(CAST({c} AS TEXT) AS REAL) = {c}"), always())
        }
        (_, ScalarType::String) => make(cast("TEXT"), always(), always()),
        (_, ScalarType::Bytes) => make(cast("BLOB"), always(), always()),
        (ScalarType::DateTime, ScalarType::Int | ScalarType::BigInt) => {
            let value = format!(
                "CASE typeof({c}) WHEN 'text' THEN CAST(round(unixepoch({c}, 'subsec') * 1000) AS INTEGER) ELSE CAST({c} AS INTEGER) END"
            );
            let possible = format!("({is_number} OR unixepoch({c}) IS NOT NULL) AND {}", in_range(target, &value));
            make(value, possible.clone(), possible)
        }
        (_, ScalarType::Int | ScalarType::BigInt) => {
            // The comparison reads a text as a number when it is one from end to end.
            let value = cast("INTEGER");
            let range = in_range(target, &value);
            let exact = format!("{value} = {c} AND {} AND {range}", no_leading_zero(c));
            // A number loses its fraction.
            let possible = format!("({value} = {c} OR {is_number} AND abs({c}) < 9.2e18) AND {range}");
            make(value, exact, possible)
        }
        (ScalarType::Int | ScalarType::BigInt, ScalarType::Float) => {
            make(cast("REAL"), format!("CAST(CAST({c} AS REAL) AS INTEGER) = {c}"), is_number)
        }
        (ScalarType::Int | ScalarType::BigInt | ScalarType::Float, ScalarType::Decimal)
        | (ScalarType::Decimal, ScalarType::Float) => make(c.to_owned(), is_number.clone(), is_number),
        (_, ScalarType::Float | ScalarType::Decimal) => {
            let possible = format!("CAST({c} AS REAL) = {c}");
            // Some 17 digits are what a number holds.
            let exact = format!("{possible} AND {} AND length({c}) <= 17", no_leading_zero(c));
            let value = if target == ScalarType::Float { cast("REAL") } else { cast("NUMERIC") };
            make(value, exact, possible)
        }
        (ScalarType::Int | ScalarType::BigInt | ScalarType::Float | ScalarType::Decimal, ScalarType::Boolean) => {
            make(format!("{c} <> 0"), format!("{c} IN (0, 1)"), is_number)
        }
        (_, ScalarType::Boolean) => {
            let value = format!("lower(trim({c})) IN ('true', '1')");
            let possible = format!("lower(trim({c})) IN ('true', 'false', '1', '0')");
            make(value, possible.clone(), possible)
        }
        (ScalarType::String | ScalarType::Json, ScalarType::DateTime) => {
            let value = format!("strftime('%Y-%m-%dT%H:%M:%f+00:00', {c})");
            let possible = format!("{c} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND {value} IS NOT NULL");
            make(value, possible.clone(), possible)
        }
        (_, ScalarType::DateTime) => {
            // Numbers are milliseconds since the Unix epoch.
            let value = format!("strftime('%Y-%m-%dT%H:%M:%f+00:00', {c} / 1000.0, 'unixepoch')");
            let possible = format!("{is_number} AND {value} IS NOT NULL");
            make(value, possible.clone(), possible)
        }
        (ScalarType::Boolean, ScalarType::Json) => {
            let value = format!("CASE {c} WHEN 0 THEN 'false' ELSE 'true' END");
            make(value, format!("{c} IN (0, 1)"), format!("{c} IN (0, 1)"))
        }
        (_, ScalarType::Json) => make(c.to_owned(), format!("json_valid({c})"), format!("json_valid({c})")),
    }
}

/// An Int has 32 bits for Prisma's client, a BigInt has 64.
fn in_range(target: ScalarType, value: &str) -> String {
    match target {
        ScalarType::Int => format!("{value} BETWEEN -2147483648 AND 2147483647"),
        _ => ALWAYS.to_owned(),
    }
}

/// Tells whether a text has no zeros in front, which a number would lose.
fn no_leading_zero(c: &str) -> String {
    format!("NOT ltrim({c}, ' +-') GLOB '0[0-9]*'")
}
