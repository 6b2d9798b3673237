//! Trees of nodes as HTML: what a component renders, for people and for tests without a front end.
//!
//! Every text, name and address in a tree may be hostile: all of it is escaped, and no address runs a script.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json};

use crate::markdown;
use crate::package::NODE_TYPES;

/// More levels than this are no page.
const DEEPEST: usize = 200;

/// Returns a node, a text or a list of them as HTML.
///
/// Actions become `data-action` and `data-args`; other plain props `data-` attributes. A component that is not expanded is a `div`
/// with its name.
///
/// ```
/// let node = serde_json::json!({ "type": "Heading", "props": { "level": 2 }, "children": ["<script>"] });
/// assert_eq!(mbl::html::render(&node), "<h2>&lt;script&gt;</h2>");
/// ```
pub fn render(node: &Json) -> String {
    let mut out = String::new();
    write(node, 0, &mut out);
    out
}

/// Elements that hold nothing.
const VOID: &[&str] = &["hr", "img", "input"];

/// Returns the element of a node type, and the attributes that it always has.
fn element(name: &str) -> (&'static str, &'static [(&'static str, &'static str)]) {
    match name {
        "Section" => ("section", &[]),
        "Card" => ("article", &[]),
        "Text" => ("p", &[]),
        "Typography" | "Badge" | "Chip" | "Avatar" => ("span", &[]),
        "Icon" => ("span", &[("aria-hidden", "true")]),
        "Label" => ("label", &[]),
        "Button" | "IconButton" => ("button", &[("type", "button")]),
        "Link" => ("a", &[]),
        "Image" => ("img", &[]),
        "Alert" => ("div", &[("role", "alert")]),
        "Table" => ("table", &[]),
        "List" => ("ul", &[]),
        "ListItem" => ("li", &[]),
        "Form" => ("form", &[]),
        "Input" => ("input", &[]),
        "Textarea" => ("textarea", &[]),
        "Select" => ("select", &[]),
        "Option" => ("option", &[]),
        "Checkbox" => ("input", &[("type", "checkbox")]),
        "Switch" => ("input", &[("type", "checkbox"), ("role", "switch")]),
        "Tabs" => ("div", &[("role", "tablist")]),
        "Tab" => ("button", &[("type", "button"), ("role", "tab")]),
        "Dialog" => ("dialog", &[]),
        "Divider" => ("hr", &[]),
        "Progress" => ("progress", &[]),
        "Code" => ("pre", &[]),
        "Chart" => ("figure", &[]),
        "Spacer" => ("div", &[("aria-hidden", "true")]),
        _ => ("div", &[]),
    }
}

fn write(node: &Json, depth: usize, out: &mut String) {
    if depth > DEEPEST {
        return;
    }
    match node {
        Json::Null | Json::Bool(_) => {}
        Json::String(text) => escape(text, out),
        Json::Number(number) => out.push_str(&number.to_string()),
        Json::Array(items) => items.iter().for_each(|item| write(item, depth + 1, out)),
        Json::Object(node) => write_node(node, depth, out),
    }
}

fn write_node(node: &Map<String, Json>, depth: usize, out: &mut String) {
    let none = Map::new();
    let props = node.get("props").and_then(Json::as_object).unwrap_or(&none);
    let children = node.get("children").unwrap_or(&Json::Null);
    let said = node.get("type").and_then(Json::as_str).unwrap_or_default();
    let name = NODE_TYPES.iter().find(|known| known.eq_ignore_ascii_case(said)).copied();
    let (tag, fixed) = match name {
        Some("Heading") => {
            let level = props.get("level").and_then(Json::as_u64).unwrap_or(2).clamp(1, 6);
            (["h1", "h2", "h3", "h4", "h5", "h6"][level as usize - 1], &[] as &[_])
        }
        name => element(name.unwrap_or_default()),
    };
    let _ = write!(out, "<{tag}");
    let mut attributes = Attributes { out, written: Vec::new() };
    fixed.iter().for_each(|(name, value)| attributes.put(name, value));
    if name.is_none() {
        attributes.put("data-component", said);
    }
    attributes.write(name.unwrap_or_default(), node, props);
    out.push('>');
    match name {
        Some("Markdown") => {
            let content = props.get("content").and_then(Json::as_str).map(str::to_owned);
            out.push_str(&markdown::html(&content.unwrap_or_else(|| text_of(children))));
        }
        Some("Code") => {
            out.push_str("<code>");
            write(children, depth + 1, out);
            out.push_str("</code>");
        }
        // What belongs to an element that holds nothing stands behind it: the label of a box.
        _ => write(children, depth + 1, out),
    }
    if !VOID.contains(&tag) {
        let _ = write!(out, "</{tag}>");
    }
}

/// The attributes that a prop of the same name may be, whatever the element.
const PLAIN: &[&str] = &["alt", "title", "name", "placeholder", "value", "min", "max", "rows", "label", "role", "lang"];
/// The attributes that are there or not.
const SWITCHES: &[&str] = &["checked", "disabled", "required", "selected", "open", "multiple", "readonly", "hidden"];
/// The types of an input.
const INPUTS: &[&str] = &[
    "text",
    "password",
    "email",
    "number",
    "search",
    "tel",
    "url",
    "date",
    "time",
    "datetime-local",
    "checkbox",
    "radio",
    "file",
    "hidden",
    "color",
    "range",
];

/// Writes the attributes of a start tag, each of them once: the first of a name counts, as it does for a browser.
struct Attributes<'a> {
    out: &'a mut String,
    written: Vec<String>,
}

impl Attributes<'_> {
    fn put(&mut self, name: &str, value: &str) {
        if self.is_new(name) {
            let _ = write!(self.out, " {name}=\"");
            escape(value, self.out);
            self.out.push('"');
        }
    }

    fn switch(&mut self, name: &str) {
        if self.is_new(name) {
            let _ = write!(self.out, " {name}");
        }
    }

    fn is_new(&mut self, name: &str) -> bool {
        let is_new = !self.written.iter().any(|written| written == name);
        if is_new {
            self.written.push(name.to_owned());
        }
        is_new
    }

    fn write(&mut self, name: &str, node: &Map<String, Json>, props: &Map<String, Json>) {
        if let Some(id) = node.get("id").or(props.get("id")).and_then(Json::as_str) {
            self.put("id", id);
        }
        let mut acts = false;
        for (key, value) in props {
            match (key.as_str(), value) {
                ("id" | "key" | "children" | "style" | "content", _) => {}
                ("level", _) if name == "Heading" => {}
                ("className" | "class", Json::String(text)) => self.put("class", text),
                ("htmlFor" | "for", Json::String(text)) => self.put("for", text),
                ("href", Json::String(address)) if name == "Link" => {
                    self.put("href", if is_safe(address) { address } else { "#" });
                }
                ("src", Json::String(address)) if name == "Image" => {
                    self.put("src", if is_safe(address) { address } else { "" });
                }
                ("type", Json::String(kind)) if name == "Input" && INPUTS.contains(&kind.as_str()) => {
                    self.put("type", kind);
                }
                (key, Json::Bool(true)) if SWITCHES.contains(&key) => self.switch(key),
                (key, Json::Bool(false)) if SWITCHES.contains(&key) => {}
                (_, Json::Object(action)) if !acts && action.get("operation").is_some_and(Json::is_string) => {
                    acts = true;
                    self.put("data-action", action["operation"].as_str().unwrap_or_default());
                    let args = action.get("args").cloned().unwrap_or(Json::Array(Vec::new()));
                    self.put("data-args", &args.to_string());
                }
                (key, Json::String(text)) if PLAIN.contains(&key) => self.put(key, text),
                (key, Json::Number(number)) if PLAIN.contains(&key) => self.put(key, &number.to_string()),
                // What only a front end knows is handed on.
                (key, value) if is_name(key) => {
                    let text = match value {
                        Json::String(text) => text.clone(),
                        other => other.to_string(),
                    };
                    self.put(&format!("data-{}", dashed(key)), &text);
                }
                _ => {}
            }
        }
    }
}

fn is_name(key: &str) -> bool {
    key.bytes().next().is_some_and(|first| first.is_ascii_alphabetic())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// Returns `max-width` of `maxWidth`.
fn dashed(key: &str) -> String {
    let mut out = String::new();
    for letter in key.chars() {
        if letter.is_ascii_uppercase() {
            out.push('-');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

/// Tells whether an address leads somewhere and runs nothing: one of the web, of mail or telephone, or one below this page.
fn is_safe(address: &str) -> bool {
    // Browsers read over blanks and control characters.
    let plain: String = address.chars().filter(|letter| !letter.is_control() && !letter.is_whitespace()).collect();
    match plain.find([':', '/', '?', '#']) {
        Some(at) if plain[at..].starts_with(':') => {
            let scheme = plain[..at].to_ascii_lowercase();
            matches!(scheme.as_str(), "http" | "https" | "mailto" | "tel")
        }
        _ => true,
    }
}

fn text_of(node: &Json) -> String {
    match node {
        Json::String(text) => text.clone(),
        Json::Array(items) => items.iter().map(text_of).collect::<Vec<_>>().join("\n\n"),
        _ => String::new(),
    }
}

fn escape(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(markdown::shown(letter)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_that_is_hostile_gets_through() {
        let node = json!({
            "type": "Link",
            "id": "\"><script>",
            "props": {
                "href": " java\tscript:alert(1)",
                "onmouseover": "alert(1)",
                "x\"><script>": "y",
                "style": "background:url(javascript:1)",
                "onClick": { "operation": "a.b\"", "args": ["'"] },
            },
            "children": ["<b>", { "type": "<img>", "children": "&" }, { "type": "Image", "props": { "src": "data:text/html,x" } }],
        });
        assert_eq!(
            render(&node),
            "<a id=\"&quot;&gt;&lt;script&gt;\" href=\"#\" data-onmouseover=\"alert(1)\" data-action=\"a.b&quot;\" \
             data-args=\"[&quot;&#39;&quot;]\">&lt;b&gt;<div data-component=\"&lt;img&gt;\">&amp;</div><img src=\"\"></a>"
        );
        assert!(
            !render(&json!({ "type": "Markdown", "children": ["<script>x</script> [a](javascript:b)"] }))
                .contains("<script")
        );
    }

    #[test]
    fn an_attribute_stands_there_once() {
        let props = json!({ "role": "status", "class": "a", "className": "b", "maxWidth": 1, "max-width": 2 });
        assert_eq!(
            render(&json!({ "type": "Alert", "props": props })),
            "<div role=\"alert\" class=\"a\" data-max-width=\"1\"></div>"
        );
        let action = |name: &str| json!({ "operation": name, "args": [1] });
        assert_eq!(
            render(&json!({ "type": "Form", "props": { "onSubmit": action("a.b"), "onReset": action("a.c") } })),
            "<form data-action=\"a.b\" data-args=\"[1]\" data-on-reset=\"{&quot;operation&quot;:&quot;a.c&quot;,&quot;args&quot;:[1]}\"></form>"
        );
    }

    #[test]
    fn every_node_type_has_a_form() {
        for name in NODE_TYPES {
            let html = render(&json!({ "type": name.to_lowercase(), "props": { "maxWidth": 3 }, "children": [] }));
            assert!(!html.contains("data-component"), "{name}: {html}");
            assert!(html.contains("data-max-width=\"3\""), "{name}: {html}");
        }
    }
}
