//! Results as JSON text.

use std::fmt::Write;
use std::sync::Arc;

use base64::Engine;

use crate::value::{Cell, ISO_ROOM, Rows};

/// Writes a result as JSON text, with the `$`-tags of the JSON door where JSON has no type.
#[derive(Debug, Default)]
pub struct JsonRows {
    text: String,
    /// Whether a comma comes before the next item, for each open list and object.
    open: Vec<bool>,
    after_key: bool,
    /// Whether values come without tags.
    is_plain: bool,
}

impl JsonRows {
    /// Makes an empty writer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes an empty writer that leaves the tags out: a BigInt is a number, and what has no number or literal is its text.
    pub fn plain() -> Self {
        Self { is_plain: true, ..Self::default() }
    }

    /// Returns the text.
    pub fn into_string(self) -> String {
        self.text
    }

    fn before(&mut self) {
        if std::mem::take(&mut self.after_key) {
            return;
        }
        if let Some(comma) = self.open.last_mut()
            && std::mem::replace(comma, true)
        {
            self.text.push(',');
        }
    }

    fn string(&mut self, text: &str) {
        self.text.push('"');
        let mut plain = 0;
        for (index, byte) in text.bytes().enumerate() {
            let escape = match byte {
                b'"' => "\\\"",
                b'\\' => "\\\\",
                b'\n' => "\\n",
                b'\r' => "\\r",
                b'\t' => "\\t",
                0..=0x1f => "",
                _ => continue,
            };
            self.text.push_str(&text[plain..index]);
            plain = index + 1;
            match escape {
                "" => drop(write!(self.text, "\\u{byte:04x}")),
                escape => self.text.push_str(escape),
            }
        }
        self.text.push_str(&text[plain..]);
        self.text.push('"');
    }

    fn literal(&mut self, text: &str) {
        self.before();
        self.text.push_str(text);
    }

    fn int(&mut self, value: i64) {
        self.before();
        let _ = write!(self.text, "{value}");
    }

    fn float(&mut self, value: f64) {
        let name = match value {
            value if value.is_nan() => "NaN",
            f64::INFINITY => "Infinity",
            f64::NEG_INFINITY => "-Infinity",
            value if value == 0.0 && value.is_sign_negative() => "-0",
            _ => "",
        };
        if !name.is_empty() {
            return self.tagged("$float", name);
        }
        self.before();
        // Rust's debug form of a float is JSON, with an exponent where digits would run on.
        let _ = write!(self.text, "{value:?}");
    }

    fn tagged(&mut self, tag: &str, text: &str) {
        self.before();
        if self.is_plain {
            return self.string(text);
        }
        self.text.push_str("{\"");
        self.text.push_str(tag);
        self.text.push_str("\":");
        self.string(text);
        self.text.push('}');
    }
}

impl Rows for JsonRows {
    fn begin_list(&mut self, _capacity: Option<usize>) {
        self.before();
        self.text.push('[');
        self.open.push(false);
    }

    fn end_list(&mut self) {
        self.open.pop();
        self.text.push(']');
    }

    fn begin_object(&mut self, _keys: usize) {
        self.before();
        self.text.push('{');
        self.open.push(false);
    }

    fn end_object(&mut self) {
        self.open.pop();
        self.text.push('}');
    }

    fn key(&mut self, key: &Arc<str>) {
        self.before();
        self.string(key);
        self.text.push(':');
        self.after_key = true;
    }

    fn cell(&mut self, cell: Cell<'_>) {
        match cell {
            Cell::Null => self.literal("null"),
            Cell::Bool(value) => self.literal(if value { "true" } else { "false" }),
            Cell::Int(value) => self.int(value),
            Cell::BigInt(value) if self.is_plain => self.int(value),
            Cell::BigInt(value) => {
                self.before();
                let _ = write!(self.text, "{{\"$bigint\":\"{value}\"}}");
            }
            Cell::Float(value) => self.float(value),
            Cell::Text(value) => {
                self.before();
                self.string(value);
            }
            Cell::DateTime(value) => self.tagged("$datetime", value.write_in(&mut [0; ISO_ROOM])),
            Cell::Decimal(value) => self.tagged("$decimal", &value.to_string()),
            Cell::Bytes(value) => self.tagged("$bytes", &base64::engine::general_purpose::STANDARD.encode(value)),
            // A line end inside would end the answer's line; between tokens it means nothing.
            Cell::Json(text) => match text.contains(['\n', '\r']) {
                true => {
                    self.before();
                    self.text.extend(text.chars().filter(|character| !matches!(character, '\n' | '\r')));
                }
                false => self.literal(text),
            },
        }
    }
}
