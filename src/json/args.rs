//! Arguments of `db` out of JSON, with the `$`-tags where JSON has no type.

use base64::Engine;
use serde_json::{Map, Value as Json};

use crate::value::{Args, ArgsFault, ArgsSink, MAX_DEPTH, Scalar, Sentinel, Wish};

/// JSON arguments, read as they stand. Nothing was erased from them: an empty object is what the caller wrote.
#[derive(Debug, Clone, Copy)]
pub struct JsonArgs<'a>(pub &'a Json);

impl Args for JsonArgs<'_> {
    fn feed(&self, sink: &mut dyn ArgsSink) -> Result<(), ArgsFault> {
        feed(self.0, Wish::Walk, 0, sink)
    }
}

fn feed(value: &Json, wish: Wish, depth: usize, sink: &mut dyn ArgsSink) -> Result<(), ArgsFault> {
    if depth > MAX_DEPTH {
        return Err(fault("too_deep", format!("nested more than {MAX_DEPTH} levels deep")));
    }
    match value {
        Json::Null => sink.scalar(Scalar::Null),
        Json::Bool(value) => sink.scalar(Scalar::Bool(*value)),
        Json::Number(number) => sink.scalar(match (number.as_i64(), number.as_f64()) {
            (Some(value), _) => Scalar::Int(value),
            (None, value) => Scalar::Float(value.unwrap_or(f64::NAN)),
        }),
        Json::String(text) => sink.scalar(Scalar::Text(text.as_bytes())),
        Json::Array(_) if wish == Wish::Json => sink.json(value.to_string()),
        Json::Array(items) => {
            sink.begin_list()?;
            for item in items {
                feed(item, Wish::Walk, depth + 1, sink)?;
            }
            sink.end_list();
            Ok(())
        }
        Json::Object(members) => match tag(members) {
            // A Json field holds plain JSON: of the tags only those that say which NULL, or name a field, mean something there.
            Some((tag @ ("$jsonnull" | "$field"), content)) => feed_tag(tag, content, sink),
            _ if wish == Wish::Json => sink.json(value.to_string()),
            Some((tag, content)) => feed_tag(tag, content, sink),
            None => {
                sink.begin_object(false)?;
                for (key, value) in members {
                    let wish = sink.key(key)?;
                    feed(value, wish, depth + 1, sink)?;
                }
                sink.end_object();
                Ok(())
            }
        },
    }
}

/// Returns the tag of an object that stands for a scalar.
fn tag(members: &Map<String, Json>) -> Option<(&str, &Json)> {
    let (key, content) = members.iter().next().filter(|_| members.len() == 1)?;
    let tags = ["$bigint", "$datetime", "$bytes", "$decimal", "$float", "$jsonnull", "$field"];
    tags.contains(&key.as_str()).then_some((key, content))
}

fn feed_tag(tag: &str, content: &Json, sink: &mut dyn ArgsSink) -> Result<(), ArgsFault> {
    let expected = |what: &str| fault("wrong_type", format!("`{tag}` must be {what}, found {content}"));
    let text = content.as_str().ok_or_else(|| expected("a string"))?;
    match tag {
        "$bigint" => sink.scalar(Scalar::BigInt(text)),
        "$datetime" => sink.scalar(Scalar::DateTime(text)),
        "$decimal" => sink.scalar(Scalar::Decimal(text)),
        "$bytes" => {
            let engine = base64::engine::GeneralPurpose::new(
                &base64::alphabet::STANDARD,
                base64::engine::GeneralPurposeConfig::new()
                    .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
            );
            let bytes = engine.decode(text).map_err(|_| expected("base64"))?;
            sink.scalar(Scalar::Bytes(&bytes))
        }
        "$float" => sink.scalar(Scalar::Float(match text {
            "NaN" => f64::NAN,
            "Infinity" => f64::INFINITY,
            "-Infinity" => f64::NEG_INFINITY,
            "-0" => -0.0,
            _ => return Err(expected("\"NaN\", \"Infinity\", \"-Infinity\" or \"-0\"")),
        })),
        "$jsonnull" => sink.scalar(Scalar::Sentinel(match text {
            "DbNull" => Sentinel::DbNull,
            "JsonNull" => Sentinel::JsonNull,
            "AnyNull" => Sentinel::AnyNull,
            _ => return Err(expected("\"DbNull\", \"JsonNull\" or \"AnyNull\"")),
        })),
        _ => {
            let (model, field) = text.split_once('.').ok_or_else(|| expected("\"Model.field\""))?;
            sink.scalar(Scalar::Field(model, field))
        }
    }
}

fn fault(code: &'static str, message: String) -> ArgsFault {
    ArgsFault { code, message }
}
