//! Reads strict JSON (RFC 8259) into [`Node`]s with spans; names every fault it can tell apart in one pass.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::diag::{Diagnostic, Diagnostics, SourceId, Sources, Span};

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
    let text = Arc::clone(&sources.get(source).text);
    let mut reader = Reader { text: &text, source, at: 0, depth: 0, faults: 0, diagnostics };
    reader.document().ok()
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

/// How many faults of one document are named before the reader gives up.
const FAULT_LIMIT: usize = 50;

/// The structure cannot be made out from here on; the fault has been reported.
struct Stop;

struct Reader<'a> {
    text: &'a str,
    source: SourceId,
    at: usize,
    depth: usize,
    faults: usize,
    diagnostics: &'a mut Diagnostics,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<Node, Stop> {
        if self.text.starts_with('\u{feff}') {
            self.at = '\u{feff}'.len_utf8();
            let message = "the file begins with a byte-order mark";
            let span = Span::new(self.source, 0, self.at);
            self.diagnostics
                .push(Diagnostic::warning("byte_order_mark", message).at(span).help("save it as plain UTF-8"));
        }
        self.skip_space()?;
        if self.at == self.text.len() {
            return Err(self.stop("expected a JSON document, found an empty file".to_owned(), self.here()));
        }
        let node = self.value()?;
        self.skip_space()?;
        if self.at < self.text.len() {
            let found = self.found();
            self.fault(format!("expected the end of the file, found {found}"), self.here(), None)?;
        }
        Ok(node)
    }

    fn value(&mut self) -> Result<Node, Stop> {
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'"') => NodeKind::String(self.string(b'"')?),
            Some(b'\'') => {
                let kind = NodeKind::String(self.string(b'\'')?);
                let help = "strings stand in double quotes";
                self.fault("a string in single quotes".to_owned(), self.span(start), Some(help))?;
                kind
            }
            Some(b'-' | b'+' | b'.' | b'0'..=b'9') => NodeKind::Number(self.number()?),
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => self.word()?,
            _ => {
                let found = self.found();
                return Err(self.stop(format!("expected a value, found {found}"), self.here()));
            }
        };
        Ok(Node { span: self.span(start), kind })
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<NodeKind, Stop>) -> Result<NodeKind, Stop> {
        if self.depth == DEPTH_LIMIT {
            let message = format!("arrays and objects are nested more than {DEPTH_LIMIT} deep");
            return Err(self.stop(message, self.here()));
        }
        self.depth += 1;
        let kind = read(self);
        self.depth -= 1;
        kind
    }

    fn object(&mut self) -> Result<NodeKind, Stop> {
        let open = self.here();
        self.at += 1;
        let mut members: Vec<Member> = Vec::new();
        let mut seen: FxHashMap<String, Span> = FxHashMap::default();
        loop {
            self.skip_space()?;
            if self.peek() == Some(b'}') {
                self.at += 1;
                return Ok(NodeKind::Object(members));
            }
            let (key, key_span) = self.key(open, members.is_empty())?;
            self.skip_space()?;
            match self.peek() {
                Some(b':') => self.at += 1,
                Some(b'=') => {
                    self.fault("expected `:`, found `=`".to_owned(), self.here(), None)?;
                    self.at += 1;
                }
                _ => {
                    let found = self.found();
                    let message = format!("expected `:` after the name {key:?}, found {found}");
                    return Err(self.stop(message, self.here()));
                }
            }
            self.skip_space()?;
            let value = self.value()?;
            match seen.get(&key) {
                Some(first) if self.faults < FAULT_LIMIT => {
                    let (line, _) = self.position(first.start);
                    let message = format!("the name {key:?} stands twice in one object; the last one counts");
                    let fault = Diagnostic::warning("duplicate_key", message).at(key_span);
                    self.faults += 1;
                    self.diagnostics.push(fault.help(format!("it stands first in line {line}")));
                }
                Some(_) => {}
                None => {
                    seen.insert(key.clone(), key_span);
                }
            }
            members.push(Member { key, key_span, value });
            self.separator(open, b'}')?;
        }
    }

    fn key(&mut self, open: Span, first: bool) -> Result<(String, Span), Stop> {
        let start = self.at;
        match self.peek() {
            Some(b'"') => Ok((self.string(b'"')?, self.span(start))),
            Some(b'\'') => {
                let key = self.string(b'\'')?;
                let help = "names stand in double quotes";
                self.fault("a name in single quotes".to_owned(), self.span(start), Some(help))?;
                Ok((key, self.span(start)))
            }
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => {
                let key = self.take_word().to_owned();
                let help = format!("write \"{key}\"");
                self.fault(format!("the name `{key}` stands without quotes"), self.span(start), Some(&help))?;
                Ok((key, self.span(start)))
            }
            _ => {
                let expected = if first { "a name in double quotes or `}`" } else { "a name in double quotes" };
                Err(self.unclosed(expected, open, "{"))
            }
        }
    }

    fn array(&mut self) -> Result<NodeKind, Stop> {
        let open = self.here();
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip_space()?;
            match self.peek() {
                Some(b']') => {
                    self.at += 1;
                    return Ok(NodeKind::Array(items));
                }
                None => return Err(self.unclosed("a value or `]`", open, "[")),
                _ => items.push(self.value()?),
            }
            self.separator(open, b']')?;
        }
    }

    /// Reads the comma between two parts; leaves a closing bracket to the caller.
    fn separator(&mut self, open: Span, close: u8) -> Result<(), Stop> {
        let end = self.at;
        self.skip_space()?;
        let bracket = char::from(close);
        match self.peek() {
            Some(b',') => {
                let comma = self.here();
                self.at += 1;
                self.skip_space()?;
                if self.peek() == Some(close) {
                    let message = format!("a comma before `{bracket}`");
                    let fault = Diagnostic::error("json_syntax", message).at(comma).fix(comma, "");
                    self.report(fault.help("remove it: JSON has commas between parts only"))?;
                }
                Ok(())
            }
            Some(byte) if byte == close => Ok(()),
            // A comma was forgotten: the next part begins here.
            Some(b'"' | b'{' | b'[' | b'0'..=b'9') => {
                let found = self.found();
                let message = format!("expected `,` or `{bracket}`, found {found}");
                let fault = Diagnostic::error("json_syntax", message).at(self.here());
                let between = Span::new(self.source, end, end);
                self.report(fault.help("put a comma between the two parts").fix(between, ","))
            }
            _ => Err(self.unclosed(&format!("`,` or `{bracket}`"), open, if close == b'}' { "{" } else { "[" })),
        }
    }

    fn string(&mut self, quote: u8) -> Result<String, Stop> {
        let start = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let plain =
                rest.bytes().position(|byte| byte == quote || byte == b'\\' || byte < 0x20).unwrap_or(rest.len());
            out.push_str(&rest[..plain]);
            self.at += plain;
            match self.peek() {
                Some(byte) if byte == quote => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => self.escape(&mut out)?,
                None | Some(b'\n' | b'\r') => {
                    return Err(self.stop("the string has no closing quote on its line".to_owned(), self.span(start)));
                }
                Some(control) => {
                    let help = format!("write \\u{control:04x}");
                    let help = if control == b'\t' { "write \\t" } else { &help };
                    self.fault("a control character in a string".to_owned(), self.here(), Some(help))?;
                    out.push(char::from(control));
                    self.at += 1;
                }
            }
        }
    }

    fn escape(&mut self, out: &mut String) -> Result<(), Stop> {
        let start = self.at;
        self.at += 1;
        let Some(character) = self.text[self.at..].chars().next() else {
            return Ok(());
        };
        self.at += character.len_utf8();
        out.push(match character {
            '"' | '\\' | '/' => character,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.unicode_escape(start, out),
            '\n' | '\r' => {
                self.at = start + 1;
                return Ok(());
            }
            other => {
                let help = "JSON knows \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX";
                self.fault(format!("unknown escape `\\{other}` in a string"), self.span(start), Some(help))?;
                other
            }
        });
        Ok(())
    }

    fn unicode_escape(&mut self, start: usize, out: &mut String) -> Result<(), Stop> {
        let first = self.hex4();
        let code = match first {
            Some(high @ 0xd800..=0xdbff) if self.text[self.at..].starts_with("\\u") => {
                let back = self.at;
                self.at += 2;
                match self.hex4() {
                    Some(low @ 0xdc00..=0xdfff) => Some(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)),
                    _ => {
                        self.at = back;
                        None
                    }
                }
            }
            other => other,
        };
        match code.and_then(char::from_u32) {
            Some(character) => out.push(character),
            None => {
                let message = match first {
                    Some(_) => "half of a surrogate pair in a string",
                    None => "expected four hexadecimal digits after `\\u`",
                };
                self.fault(message.to_owned(), self.span(start), None)?;
                out.push('\u{fffd}');
            }
        }
        Ok(())
    }

    fn hex4(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }

    fn number(&mut self) -> Result<String, Stop> {
        let start = self.at;
        let rest = &self.text[start..];
        let end = rest
            .bytes()
            .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.' | b'_')))
            .unwrap_or(rest.len());
        let text = &rest[..end];
        self.at += end;
        if !is_number(text) {
            self.fault(format!("`{}` is no JSON number", short(text)), self.span(start), None)?;
            return Ok("0".to_owned());
        }
        if text.parse::<f64>().is_ok_and(f64::is_infinite) {
            self.fault("the number is too large".to_owned(), self.span(start), None)?;
        }
        Ok(text.to_owned())
    }

    fn word(&mut self) -> Result<NodeKind, Stop> {
        let start = self.at;
        let word = self.take_word();
        let (kind, meant) = match word {
            "null" => return Ok(NodeKind::Null),
            "true" => return Ok(NodeKind::Bool(true)),
            "false" => return Ok(NodeKind::Bool(false)),
            "True" | "TRUE" => (NodeKind::Bool(true), "true"),
            "False" | "FALSE" => (NodeKind::Bool(false), "false"),
            "nil" | "None" | "Null" | "NULL" | "undefined" => (NodeKind::Null, "null"),
            _ => {
                let message = format!("expected a value, found `{}`", short(word));
                return Err(self.stop(message, self.span(start)));
            }
        };
        let message = format!("expected a value, found `{}`", short(word));
        self.fault(message, self.span(start), Some(&format!("write `{meant}`")))?;
        Ok(kind)
    }

    fn take_word(&mut self) -> &str {
        let rest = &self.text[self.at..];
        let end = rest.bytes().position(|byte| !(byte.is_ascii_alphanumeric() || byte == b'_')).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// Skips white space, and comments with a fault for each.
    fn skip_space(&mut self) -> Result<(), Stop> {
        loop {
            let rest = &self.text[self.at..];
            self.at +=
                rest.bytes().position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).unwrap_or(rest.len());
            let rest = &self.text[self.at..];
            let length = if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |end| end + 2)
            } else {
                return Ok(());
            };
            let start = self.at;
            self.at += length;
            self.fault("a comment".to_owned(), self.span(start), Some("JSON has no comments"))?;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Returns the span of the character at the reader's place; empty at the end.
    fn here(&self) -> Span {
        let width = self.text[self.at..].chars().next().map_or(0, char::len_utf8);
        Span::new(self.source, self.at, self.at + width)
    }

    fn span(&self, start: usize) -> Span {
        Span::new(self.source, start, self.at)
    }

    fn found(&self) -> String {
        match self.text[self.at..].chars().next() {
            None => "the end of the file".to_owned(),
            Some('"') => "a string".to_owned(),
            Some(character) => format!("`{character}`"),
        }
    }

    fn position(&self, offset: u32) -> (u32, u32) {
        let before = &self.text[..offset as usize];
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        (line as u32, before[start..].chars().count() as u32 + 1)
    }

    /// Reports that something else was expected inside of an open bracket.
    fn unclosed(&mut self, expected: &str, open: Span, bracket: &str) -> Stop {
        let found = self.found();
        let message = format!("expected {expected}, found {found}");
        let mut fault = Diagnostic::error("json_syntax", message).at(self.here());
        if self.at == self.text.len() {
            let (line, column) = self.position(open.start);
            fault = fault.help(format!("the `{bracket}` of line {line}, column {column} is not closed"));
        }
        self.diagnostics.push(fault);
        Stop
    }

    fn stop(&mut self, message: String, span: Span) -> Stop {
        self.diagnostics.push(Diagnostic::error("json_syntax", message).at(span));
        Stop
    }

    /// Reports a fault behind which the reader can go on.
    fn fault(&mut self, message: String, span: Span, help: Option<&str>) -> Result<(), Stop> {
        let mut fault = Diagnostic::error("json_syntax", message).at(span);
        if let Some(help) = help {
            fault = fault.help(help);
        }
        self.report(fault)
    }

    fn report(&mut self, fault: Diagnostic) -> Result<(), Stop> {
        self.diagnostics.push(fault);
        self.faults += 1;
        if self.faults < FAULT_LIMIT { Ok(()) } else { Err(Stop) }
    }
}

/// Tells whether a text is a number as JSON writes it.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(head, tail)| (head, Some(tail)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(head, tail)| (head, Some(tail)));
    digits(whole)
        && (whole.len() == 1 || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|text| digits(text.strip_prefix(['+', '-']).unwrap_or(text)))
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::{DEPTH_LIMIT, read};
    use crate::diag::{Diagnostics, Sources};

    /// Reads a text; returns the value (`-` when there is none) and a line for each finding.
    fn check(text: &str, expected: &str) {
        let mut sources = Sources::new();
        let source = sources.add("x", text);
        let mut diagnostics = Diagnostics::new();
        let node = read(&sources, source, &mut diagnostics);
        let mut found = node.map_or("-".to_owned(), |node| node.to_value().to_string());
        for diagnostic in &diagnostics {
            found.push_str(&format!("\n{}", diagnostic.render_line(&sources)));
        }
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn what_is_json_is_read() {
        check(
            r#" {"a":[1,-2.5e3,true,null,"\u00e9\ud83d\ude00\n"],"b":{}} "#,
            r#"{"a":[1,-2500.0,true,null,"é😀\n"],"b":{}}"#,
        );
        check("9223372036854775807", "9223372036854775807");
    }

    #[test]
    fn a_fault_that_can_be_stepped_over_does_not_hide_the_next() {
        check(
            "{ a: 1, // x\n  'b': True,\n  \"c\": 01 \"d\": [1,],\n}",
            "{\"a\":1,\"b\":true,\"c\":0,\"d\":[1]}\n\
             x:1:3: json_syntax: the name `a` stands without quotes\n\
             x:1:9: json_syntax: a comment\n\
             x:2:3: json_syntax: a name in single quotes\n\
             x:2:8: json_syntax: expected a value, found `True`\n\
             x:3:8: json_syntax: `01` is no JSON number\n\
             x:3:11: json_syntax: expected `,` or `}`, found a string\n\
             x:3:18: json_syntax: a comma before `]`\n\
             x:3:20: json_syntax: a comma before `}`",
        );
    }

    #[test]
    fn what_has_no_structure_is_refused_once() {
        check("", "-\nx:1:1: json_syntax: expected a JSON document, found an empty file");
        check("{\"a\": ", "-\nx:1:7: json_syntax: expected a value, found the end of the file");
        check("[1, 2", "-\nx:1:6: json_syntax: expected `,` or `]`, found the end of the file");
        check("{\"a\": 1]", "-\nx:1:8: json_syntax: expected `,` or `}`, found `]`");
        check("{\"a\" 1}", "-\nx:1:6: json_syntax: expected `:` after the name \"a\", found `1`");
        check("\"abc\n\"", "-\nx:1:1: json_syntax: the string has no closing quote on its line");
        check("[1,,2]", "-\nx:1:4: json_syntax: expected a value, found `,`");
        check("hello", "-\nx:1:1: json_syntax: expected a value, found `hello`");
    }

    #[test]
    fn nesting_has_a_bound() {
        check(&"[".repeat(100_000), "-\nx:1:257: json_syntax: arrays and objects are nested more than 256 deep");
        let deep = format!("{}{}", "[".repeat(DEPTH_LIMIT), "]".repeat(DEPTH_LIMIT));
        check(&deep, &deep);
    }

    #[test]
    fn odd_but_legal_texts_are_warned_of() {
        check(
            "\u{feff}{\"a\":1,\"a\":2}",
            "{\"a\":2}\nx:1:1: byte_order_mark: the file begins with a byte-order mark\nx:1:9: duplicate_key: the name \"a\" stands twice in one object; the last one counts",
        );
        check(r#""\ud800""#, "\"\u{fffd}\"\nx:1:2: json_syntax: half of a surrogate pair in a string");
    }
}
