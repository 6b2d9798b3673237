//! Arguments as JSON: the `$` marks of the JSON door.
//!
//! `{"$bigint": "1"}`, `{"$datetime": "..."}`, `{"$bytes": "<base64>"}`, `{"$decimal": "1.5"}`, `{"$float": "NaN"}`,
//! `{"$jsonnull": "DbNull"}` and `{"$field": "Post.views"}` stand for values that JSON lacks. The value of a Json field is plain
//! JSON, where only `$jsonnull` and `$field` count.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

use crate::value::{Args, ArgsFault, ArgsSink, MAX_DEPTH, Scalar, Sentinel, Wish};

/// Arguments in a JSON value.
#[derive(Debug, Clone, Copy)]
pub struct JsonArgs<'a>(pub &'a Json);

impl Args for JsonArgs<'_> {
    fn feed(&self, sink: &mut dyn ArgsSink) -> Result<(), ArgsFault> {
        feed(self.0, Wish::Walk, sink)
    }
}

fn feed(value: &Json, wish: Wish, sink: &mut dyn ArgsSink) -> Result<(), ArgsFault> {
    if let Some((mark, content)) = marked(value) {
        let here = wish == Wish::Walk || matches!(mark, "$jsonnull" | "$field");
        if here && feed_marked(mark, content, sink)? {
            return Ok(());
        }
    }
    if wish == Wish::Json {
        let mut text = String::new();
        write_json(value, 0, &mut text)?;
        return sink.json(text);
    }
    match value {
        Json::Null => sink.scalar(Scalar::Null),
        Json::Bool(value) => sink.scalar(Scalar::Bool(*value)),
        Json::Number(number) => match number.as_i64() {
            Some(integer) => sink.scalar(Scalar::Int(integer)),
            None => sink.scalar(Scalar::Float(number.as_f64().unwrap_or(f64::NAN))),
        },
        Json::String(text) => sink.scalar(Scalar::Text(text.as_bytes())),
        Json::Array(items) => {
            sink.begin_list()?;
            for item in items {
                feed(item, Wish::Walk, sink)?;
            }
            sink.end_list();
            Ok(())
        }
        Json::Object(object) => {
            sink.begin_object(false)?;
            for (key, value) in object {
                let wish = sink.key(key)?;
                feed(value, wish, sink)?;
            }
            sink.end_object();
            Ok(())
        }
    }
}

/// Returns the only key, which begins with `$`, and its text.
fn marked(value: &Json) -> Option<(&str, &str)> {
    let object = value.as_object()?;
    if object.len() != 1 {
        return None;
    }
    let (key, content) = object.iter().next()?;
    key.starts_with('$').then_some((key.as_str(), content.as_str()?))
}

/// Feeds a marked value; false when the mark is not known.
fn feed_marked(mark: &str, content: &str, sink: &mut dyn ArgsSink) -> Result<bool, ArgsFault> {
    let fault = |expected: &str| ArgsFault {
        code: "invalid_value",
        message: format!("`{mark}` must be {expected}, found {:?}", content.chars().take(32).collect::<String>()),
    };
    match mark {
        "$bigint" => sink.scalar(Scalar::BigInt(content))?,
        "$datetime" => sink.scalar(Scalar::DateTime(content))?,
        "$decimal" => sink.scalar(Scalar::Decimal(content))?,
        "$bytes" => {
            let bytes = STANDARD.decode(content).map_err(|_| fault("base64"))?;
            sink.scalar(Scalar::Bytes(&bytes))?;
        }
        "$float" => {
            let number = match content {
                "NaN" => f64::NAN,
                "Infinity" => f64::INFINITY,
                "-Infinity" => f64::NEG_INFINITY,
                "-0" => -0.0,
                _ => content.parse().map_err(|_| fault("a number"))?,
            };
            sink.scalar(Scalar::Float(number))?;
        }
        "$jsonnull" => {
            let sentinel = match content {
                "DbNull" => Sentinel::DbNull,
                "JsonNull" => Sentinel::JsonNull,
                "AnyNull" => Sentinel::AnyNull,
                _ => return Err(fault("`DbNull`, `JsonNull` or `AnyNull`")),
            };
            sink.scalar(Scalar::Sentinel(sentinel))?;
        }
        "$field" => {
            let (model, field) = content.split_once('.').ok_or_else(|| fault("`Model.field`"))?;
            sink.scalar(Scalar::Field(model, field))?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Writes JSON as `JSON.stringify` does: no spaces, keys in their order, numbers in JavaScript's form.
fn write_json(value: &Json, depth: usize, text: &mut String) -> Result<(), ArgsFault> {
    if depth > MAX_DEPTH {
        return Err(ArgsFault { code: "too_deep", message: format!("nested deeper than {MAX_DEPTH} levels") });
    }
    match value {
        Json::Null => text.push_str("null"),
        Json::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Json::Number(number) => match number.as_i64() {
            Some(integer) => text.push_str(&integer.to_string()),
            None => text.push_str(&javascript_number(number.as_f64().unwrap_or(f64::NAN))),
        },
        Json::String(string) => text.push_str(&Json::from(string.as_str()).to_string()),
        Json::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_json(item, depth + 1, text)?;
            }
            text.push(']');
        }
        Json::Object(object) => {
            text.push('{');
            for (index, (key, value)) in object.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                text.push_str(&Json::from(key.as_str()).to_string());
                text.push(':');
                write_json(value, depth + 1, text)?;
            }
            text.push('}');
        }
    }
    Ok(())
}

/// Writes a number as JavaScript does: `1`, `0.5`, `1e+21`, `1e-7`.
fn javascript_number(number: f64) -> String {
    if !number.is_finite() {
        return "null".to_owned();
    }
    if number == 0.0 {
        return "0".to_owned();
    }
    let size = number.abs();
    if (1e-6..1e21).contains(&size) {
        return format!("{number}");
    }
    // Rust writes `1e21` and `1e-7`; JavaScript has a plus sign before a positive exponent.
    let text = format!("{number:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::javascript_number;

    #[test]
    fn numbers_look_as_in_javascript() {
        for (number, text) in [
            (1.0, "1"),
            (-0.0, "0"),
            (0.1, "0.1"),
            (1e21, "1e+21"),
            (1.5e-7, "1.5e-7"),
            (123456789012.5, "123456789012.5"),
        ] {
            assert_eq!(javascript_number(number), text);
        }
    }
}
