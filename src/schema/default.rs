//! `@default(...)`: the functions, and literals of every type.

use base64::Engine;

use crate::diag::{Diagnostic, Span};
use crate::schema::arguments::{describe, wrong_type};
use crate::schema::ast::{Argument, Expression, ExpressionKind};
use crate::schema::{DefaultValue, Enum, Faults, ScalarType};

/// What a default is for.
pub(crate) enum Target<'a> {
    Scalar(ScalarType),
    Enum(&'a Enum),
    Unsupported,
}

/// The functions and the types that take them.
const FUNCTIONS: [(&str, &[ScalarType]); 7] = [
    ("autoincrement", &[ScalarType::Int, ScalarType::BigInt]),
    ("now", &[ScalarType::DateTime]),
    ("cuid", &[ScalarType::String]),
    ("uuid", &[ScalarType::String]),
    ("ulid", &[ScalarType::String]),
    ("nanoid", &[ScalarType::String]),
    ("dbgenerated", &[]),
];

/// Reads the value of `@default` for a field that holds `target`.
pub(crate) fn read_default(target: &Target<'_>, value: &Expression, faults: &mut Faults) -> Option<DefaultValue> {
    if let ExpressionKind::Call(name, arguments) = &value.kind {
        return read_function(target, name, arguments, value.span, faults);
    }
    match target {
        Target::Scalar(scalar) => read_literal(*scalar, value, faults),
        Target::Enum(enumeration) => read_enum_value(enumeration, value, faults),
        Target::Unsupported => {
            faults.push(
                wrong_type(value, "the default of an `Unsupported` field", "`dbgenerated(\"...\")`")
                    .help("the database alone knows this type; write its SQL in `dbgenerated(\"...\")`"),
            );
            None
        }
    }
}

fn read_function(
    target: &Target<'_>,
    name: &str,
    arguments: &[Argument],
    span: Span,
    faults: &mut Faults,
) -> Option<DefaultValue> {
    if name == "dbgenerated" {
        return read_dbgenerated(arguments, span, faults);
    }
    let Some((name, types)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else {
        let known = FUNCTIONS.iter().map(|(known, _)| *known);
        let mut fault = Diagnostic::error("unknown_function", format!("unknown function `{name}()`")).at(span);
        fault = match faults.closest(name, known.clone()) {
            Some(near) => fault.help(format!("did you mean `{near}()`?")),
            None => fault.help(format!(
                "the functions are {}",
                known.map(|known| format!("`{known}()`")).collect::<Vec<_>>().join(", ")
            )),
        };
        faults.push(fault);
        return None;
    };
    let fits = matches!(target, Target::Scalar(scalar) if types.contains(scalar));
    if !fits {
        let found = match target {
            Target::Scalar(scalar) => scalar.name(),
            Target::Enum(enumeration) => &enumeration.name,
            Target::Unsupported => "Unsupported",
        };
        let wanted = types.iter().map(|scalar| format!("`{}`", scalar.name())).collect::<Vec<_>>().join(" or ");
        faults.push(
            Diagnostic::error(
                "wrong_function",
                format!("`{name}()` cannot be the default of {} `{found}` field", article(found)),
            )
            .at(span)
            .label(format!("it makes values for {wanted}")),
        );
        return None;
    }
    match *name {
        "autoincrement" => no_arguments(name, arguments, span, faults).then_some(DefaultValue::AutoIncrement),
        "now" => no_arguments(name, arguments, span, faults).then_some(DefaultValue::Now),
        "ulid" => no_arguments(name, arguments, span, faults).then_some(DefaultValue::Ulid),
        "cuid" => {
            number_argument(name, arguments, span, 1, "1 or 2", |n| n == 1 || n == 2, faults).map(DefaultValue::Cuid)
        }
        "uuid" => {
            number_argument(name, arguments, span, 4, "4 or 7", |n| n == 4 || n == 7, faults).map(DefaultValue::Uuid)
        }
        _ => number_argument(name, arguments, span, 21, "a length from 2 to 255", |n| n >= 2, faults)
            .map(DefaultValue::NanoId),
    }
}

fn no_arguments(name: &str, arguments: &[Argument], span: Span, faults: &mut Faults) -> bool {
    if !arguments.is_empty() {
        faults.push(
            Diagnostic::error("wrong_arguments", format!("`{name}()` takes no argument"))
                .at(span)
                .help(format!("write `{name}()`")),
        );
    }
    arguments.is_empty()
}

fn number_argument(
    name: &str,
    arguments: &[Argument],
    span: Span,
    absent: u8,
    wanted: &str,
    fits: impl Fn(u8) -> bool,
    faults: &mut Faults,
) -> Option<u8> {
    let found = match arguments {
        [] => return Some(absent),
        [Argument { value: Some(Expression { kind: ExpressionKind::Number(text), .. }), .. }] => {
            text.parse::<u8>().ok().filter(|number| fits(*number))
        }
        _ => None,
    };
    if found.is_none() {
        faults.push(
            Diagnostic::error("wrong_arguments", format!("`{name}()` takes nothing or {wanted}"))
                .at(span)
                .help(format!("`{name}()` alone is `{name}({absent})`")),
        );
    }
    found
}

fn read_dbgenerated(arguments: &[Argument], span: Span, faults: &mut Faults) -> Option<DefaultValue> {
    match arguments {
        [] => return Some(DefaultValue::DbGenerated(None)),
        [Argument { value: Some(Expression { kind: ExpressionKind::String(sql), .. }), .. }] if !sql.is_empty() => {
            return Some(DefaultValue::DbGenerated(Some(sql.clone())));
        }
        _ => {}
    }
    faults.push(
        Diagnostic::error("wrong_arguments", "`dbgenerated()` takes nothing or one string of SQL that is not empty")
            .at(span),
    );
    None
}

fn read_literal(scalar: ScalarType, value: &Expression, faults: &mut Faults) -> Option<DefaultValue> {
    match (scalar, &value.kind) {
        (ScalarType::String, ExpressionKind::String(text)) => return Some(DefaultValue::String(text.clone())),
        (ScalarType::Json, ExpressionKind::String(text)) => {
            return match serde_json::from_str::<serde::de::IgnoredAny>(text) {
                Ok(_) => Some(DefaultValue::String(text.clone())),
                Err(error) => bad_literal(value, "valid JSON", &error.to_string(), faults),
            };
        }
        (ScalarType::Bytes, ExpressionKind::String(text)) => {
            return match base64::engine::general_purpose::STANDARD.decode(text) {
                Ok(bytes) => Some(DefaultValue::Bytes(bytes)),
                Err(_) => {
                    bad_literal(value, "valid base64", "bytes are written in base64, such as \"aGVsbG8=\"", faults)
                }
            };
        }
        (ScalarType::DateTime, ExpressionKind::String(text)) => {
            return match is_instant(text) {
                true => Some(DefaultValue::DateTime(text.clone())),
                false => {
                    let form = "an instant is written like \"2020-01-31T12:00:00Z\" (RFC 3339)";
                    bad_literal(value, "a date and time", form, faults)
                }
            };
        }
        (ScalarType::Int | ScalarType::BigInt, ExpressionKind::Number(text)) => {
            return match text.parse() {
                Ok(number) => Some(DefaultValue::Int(number)),
                Err(_) => {
                    bad_literal(value, "a 64-bit integer", "an integer has no fraction and at most 64 bits", faults)
                }
            };
        }
        (ScalarType::Float | ScalarType::Decimal, ExpressionKind::Number(text)) => {
            return Some(DefaultValue::Number(text.clone()));
        }
        (ScalarType::Decimal, ExpressionKind::String(text)) => {
            return match is_decimal(text) {
                true => Some(DefaultValue::Number(text.clone())),
                false => bad_literal(value, "a decimal number", "a decimal is written like 12.50", faults),
            };
        }
        (ScalarType::Boolean, ExpressionKind::Constant(word)) if word == "true" || word == "false" => {
            return Some(DefaultValue::Boolean(word == "true"));
        }
        _ => {}
    }
    let wanted = match scalar {
        ScalarType::String => "a string in quotes",
        ScalarType::Json => "JSON in quotes",
        ScalarType::Bytes => "base64 in quotes",
        ScalarType::DateTime => "a date and time in quotes, or `now()`",
        ScalarType::Int | ScalarType::BigInt => "an integer",
        ScalarType::Float => "a number",
        ScalarType::Decimal => "a number",
        ScalarType::Boolean => "`true` or `false`",
    };
    faults.push(wrong_type(
        value,
        &format!("the default of {} `{}` field", article(scalar.name()), scalar.name()),
        wanted,
    ));
    None
}

/// Returns `a` or `an`.
pub(crate) fn article(name: &str) -> &'static str {
    if name.starts_with(['A', 'E', 'I', 'O', 'U', 'a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

fn bad_literal(value: &Expression, what: &str, help: &str, faults: &mut Faults) -> Option<DefaultValue> {
    faults
        .push(Diagnostic::error("bad_literal", format!("{} is not {what}", describe(value))).at(value.span).help(help));
    None
}

fn read_enum_value(enumeration: &Enum, value: &Expression, faults: &mut Faults) -> Option<DefaultValue> {
    let names = || enumeration.values.iter().map(|value| value.name.as_str());
    let ExpressionKind::Constant(name) = &value.kind else {
        faults.push(wrong_type(
            value,
            &format!("the default of {} `{}` field", article(&enumeration.name), enumeration.name),
            "a value of the enum, without quotes",
        ));
        return None;
    };
    let index = names().position(|known| known == name);
    if index.is_none() {
        let fault =
            Diagnostic::error("unknown_enum_value", format!("enum `{}` has no value `{name}`", enumeration.name))
                .at(value.span);
        let near = faults.closest(name, names());
        faults.push(match near {
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None => fault.help(format!(
                "its values are {}",
                names().take(20).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            )),
        });
    }
    index.map(DefaultValue::Enum)
}

/// Tells whether `text` is an instant as RFC 3339 has it: date, time and offset.
fn is_instant(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| -> Option<u32> {
        let part = bytes.get(range)?;
        part.iter()
            .all(u8::is_ascii_digit)
            .then(|| part.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')))
    };
    let parse = || -> Option<()> {
        let (year, month, day) = (digits(0..4)?, digits(5..7)?, digits(8..10)?);
        let (hour, minute, second) = (digits(11..13)?, digits(14..16)?, digits(17..19)?);
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let last = match month {
            2 => 28 + u32::from(leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let date = bytes[4] == b'-' && bytes[7] == b'-' && (1..=12).contains(&month) && (1..=last).contains(&day);
        let parted = matches!(bytes[10], b'T' | b't' | b' ') && bytes[13] == b':' && bytes[16] == b':';
        if !date || !parted || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let mut rest = 19;
        if bytes.get(rest) == Some(&b'.') {
            let fraction = bytes[rest + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            rest += 1 + fraction;
            if fraction == 0 {
                return None;
            }
        }
        match bytes.get(rest)? {
            b'Z' | b'z' => (bytes.len() == rest + 1).then_some(()),
            b'+' | b'-' => {
                let (hours, minutes) = (digits(rest + 1..rest + 3)?, digits(rest + 4..rest + 6)?);
                (bytes[rest + 3] == b':' && hours < 24 && minutes < 60 && bytes.len() == rest + 6).then_some(())
            }
            _ => None,
        }
    };
    parse().is_some()
}

fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (number, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(fraction) && digits(exponent) && !exponent.is_empty() && whole.len() + fraction.len() > 0
}

#[cfg(test)]
mod tests {
    use super::{is_decimal, is_instant};

    #[test]
    fn instants_need_date_time_and_offset() {
        for good in ["2020-01-31T12:00:00Z", "2020-02-29T23:59:60.123456+02:00", "2021-02-03T04:05:06.789Z"] {
            assert!(is_instant(good), "{good}");
        }
        for bad in ["soon", "2020-01-31", "2021-02-29T00:00:00Z", "2020-01-31T12:00:00", "2020-01-31T12:00:00.Z", "é"]
        {
            assert!(!is_instant(bad), "{bad}");
        }
    }

    #[test]
    fn decimals_are_numbers_in_text() {
        for good in ["1", "-1.50", "1e10", ".5", "1."] {
            assert!(is_decimal(good), "{good}");
        }
        for bad in ["", "-", "x", "1e", "1.2.3", "1_0"] {
            assert!(!is_decimal(bad), "{bad}");
        }
    }
}
