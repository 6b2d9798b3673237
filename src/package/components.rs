//! Reads components.json: definitions with a script, and static trees of nodes.

use std::fmt;

use rustc_hash::FxHashSet;

use crate::diag::{Diagnostic, Diagnostics, Severity, Span, closest, escape_control};
use crate::json::{Node, NodeKind};
use crate::package::Script;
use crate::package::metadata::{check_keys, first_line, level, required, string, wrong_type};

/// The node types that the renderer knows, beside the names of components. Letter case counts nothing.
pub const NODE_TYPES: &[&str] = &[
    "Stack",
    "Box",
    "Flex",
    "Grid",
    "Card",
    "Container",
    "Section",
    "Heading",
    "Text",
    "Typography",
    "Label",
    "Button",
    "IconButton",
    "Link",
    "Image",
    "Icon",
    "Avatar",
    "Badge",
    "Chip",
    "Alert",
    "Table",
    "List",
    "ListItem",
    "Form",
    "Input",
    "Textarea",
    "Select",
    "Option",
    "Checkbox",
    "Switch",
    "Tabs",
    "Tab",
    "Dialog",
    "Divider",
    "Progress",
    "Code",
    "Markdown",
    "Chart",
    "Spacer",
];

/// A component of a package.
#[derive(Debug, Clone)]
pub struct Component {
    /// Its name; a tree's `id`.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// `description`.
    pub description: Option<String>,
    /// The level that a caller needs to see it: 0 to 6.
    pub min_level: u8,
    /// What it is.
    pub kind: ComponentKind,
    /// Why it cannot be used, when an error was found in it: the first error's message.
    pub quarantined: Option<String>,
}

/// What a component is made of.
#[derive(Debug, Clone)]
pub enum ComponentKind {
    /// A script renders it.
    Definition(Definition),
    /// A static tree of nodes `{ id, type, props, children }`, as written.
    Tree(serde_json::Value),
}

/// A component that a script renders.
#[derive(Debug, Clone)]
pub struct Definition {
    /// How large a part of a page it is.
    pub level: Level,
    /// What it is given, in the order of the text.
    pub props: Vec<Prop>,
    /// The script that renders it.
    pub script: ScriptReference,
}

/// A component's script as it is named.
#[derive(Debug, Clone)]
pub struct ScriptReference {
    /// The path below `scripts/`: `ui/forum_page.lua`.
    pub path: String,
    /// The module of that file: `ui.forum_page`; None when there is no such file.
    pub module: Option<String>,
    /// Where the path stands.
    pub span: Span,
}

/// How large a part of a page a component is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A whole page; may call operations.
    Page,
    /// A page's form without its content.
    Template,
    /// An arrangement of parts.
    Layout,
    /// A part that stands on its own.
    Organism,
    /// A few atoms together.
    Molecule,
    /// The smallest part.
    Atom,
}

/// A prop of a component.
#[derive(Debug, Clone)]
pub struct Prop {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub prop_type: PropType,
    /// Whether it has to be given.
    pub required: bool,
    /// What stands for it when it is left out.
    pub default: Option<serde_json::Value>,
    /// `description`.
    pub description: Option<String>,
    /// Where its name stands.
    pub span: Span,
}

/// What a prop holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PropType {
    /// Text.
    String,
    /// Any number.
    Number,
    /// A whole number.
    Integer,
    /// true or false.
    Boolean,
    /// A table with names.
    Object,
    /// A list.
    Array,
    /// A function; in JSON the name of an operation, `package.operation`.
    Function,
    /// Anything.
    Any,
}

impl Level {
    /// All levels, from large to small.
    pub const ALL: [Level; 6] =
        [Level::Page, Level::Template, Level::Layout, Level::Organism, Level::Molecule, Level::Atom];

    /// Returns the word for it in components.json.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Page => "page",
            Level::Template => "template",
            Level::Layout => "layout",
            Level::Organism => "organism",
            Level::Molecule => "molecule",
            Level::Atom => "atom",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PropType {
    /// All types.
    pub const ALL: [PropType; 8] = [
        PropType::String,
        PropType::Number,
        PropType::Integer,
        PropType::Boolean,
        PropType::Object,
        PropType::Array,
        PropType::Function,
        PropType::Any,
    ];

    /// Returns the word for it in components.json.
    pub fn as_str(self) -> &'static str {
        match self {
            PropType::String => "string",
            PropType::Number => "number",
            PropType::Integer => "integer",
            PropType::Boolean => "boolean",
            PropType::Object => "object",
            PropType::Array => "array",
            PropType::Function => "function",
            PropType::Any => "any",
        }
    }

    /// Tells whether a JSON value fits.
    pub fn accepts(self, value: &serde_json::Value) -> bool {
        match self {
            PropType::String => value.is_string(),
            PropType::Number => value.is_number(),
            PropType::Integer => value.is_i64() || value.is_u64(),
            PropType::Boolean => value.is_boolean(),
            PropType::Object => value.is_object(),
            PropType::Array => value.is_array(),
            PropType::Function => value.as_str().is_some_and(|name| name.contains('.')),
            PropType::Any => true,
        }
    }
}

impl fmt::Display for PropType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Component {
    /// Returns the definition of a component that a script renders.
    pub fn definition(&self) -> Option<&Definition> {
        match &self.kind {
            ComponentKind::Definition(definition) => Some(definition),
            ComponentKind::Tree(_) => None,
        }
    }
}

/// The keys of a definition.
const DEFINITION_KEYS: &[&str] = &[
    "name",
    "type",
    "props",
    "script",
    "description",
    "id",
    "title",
    "icon",
    "category",
    "minLevel",
    "children",
    "scripts",
    "events",
    "styles",
];

/// The keys of a node in a static tree. Trees carry keys of their own, so only a near miss is worth a word.
const NODE_KEYS: &[&str] = &["id", "type", "props", "children", "scripts", "events", "styles"];

/// What is known of a package's scripts when its components are read.
pub(super) struct ScriptIndex<'a> {
    pub scripts: &'a [Script],
    /// Modules whose file is there but cannot be read; that has been reported.
    pub unreadable: &'a [String],
}

/// Reads a components document. None when it is not of a form that holds components at all.
pub(super) fn read_components(
    node: &Node,
    scripts: &ScriptIndex,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Component>> {
    let mut components: Vec<Component> = Vec::new();
    let mut names: FxHashSet<String> = FxHashSet::default();
    for Entry { key, node: entry } in entries(node, diagnostics)? {
        let mut findings = Diagnostics::new();
        let component = read_entry(key, entry, scripts, &mut findings);
        if let Some(mut component) = component {
            if !names.insert(component.name.clone()) {
                findings.push(duplicate(&component));
            }
            let first = findings.iter().find(|finding| finding.severity == Severity::Error);
            component.quarantined = component.quarantined.or(first.map(|finding| finding.message.clone()));
            components.push(component);
        }
        diagnostics.extend(findings);
    }
    Some(components)
}

/// An entry of a components document, with the key under which it stands in a map of names.
struct Entry<'a> {
    key: Option<(&'a str, Span)>,
    node: &'a Node,
}

/// Returns the components of the document's form: a list, `{ "components": ... }`, a map of names, or one alone.
fn entries<'a>(node: &'a Node, diagnostics: &mut Diagnostics) -> Option<Vec<Entry<'a>>> {
    let alone = |node| Entry { key: None, node };
    match &node.kind {
        NodeKind::Array(items) => Some(items.iter().map(alone).collect()),
        NodeKind::Object(members) => match node.get("components") {
            Some(inner) => entries(inner, diagnostics),
            None if node.get("type").is_some_and(|value| value.as_str().is_some()) => Some(vec![alone(node)]),
            None => {
                let named = members.iter().map(|member| (Some((&member.key[..], member.key_span)), &member.value));
                Some(named.map(|(key, node)| Entry { key, node }).collect())
            }
        },
        _ => {
            let fault = wrong_type(node, "components.json", "a list of components");
            diagnostics.push(fault.help("write [] when the package has none, or remove the file"));
            None
        }
    }
}

fn read_entry(
    key: Option<(&str, Span)>,
    node: &Node,
    scripts: &ScriptIndex,
    findings: &mut Diagnostics,
) -> Option<Component> {
    if node.as_object().is_none() {
        findings.push(wrong_type(node, "a component", "an object"));
        return None;
    }
    let mut text = |key| {
        let value = node.get(key)?;
        Some((string(value, key, findings)?, value.span))
    };
    // In a map of names the key is the name; a tree's `id` is its root's.
    let Some((name, span)) = text("name").or(key).or_else(|| text("id")) else {
        if node.get("name").is_none() && node.get("id").is_none() {
            let fault = Diagnostic::error("missing_field", "a component without a name").at(first_line(node));
            findings.push(fault.help("add \"name\" to a definition, or \"id\" to a tree of nodes"));
        }
        return None;
    };
    let description = node.get("description").and_then(|value| string(value, "description", findings));
    let min_level = node.get("minLevel").and_then(|value| level(value, "minLevel", findings));
    let mut component = Component {
        name: name.to_owned(),
        min_level: min_level.unwrap_or(0),
        span,
        description: description.map(str::to_owned),
        kind: ComponentKind::Tree(serde_json::Value::Null),
        quarantined: None,
    };
    if let Some(layout) = node.get("layout") {
        check_tree(layout, findings);
        component.kind = ComponentKind::Tree(layout.to_value());
    } else if is_definition(node) {
        let (definition, unreadable) = read_definition(name, node, scripts, findings);
        component.kind = ComponentKind::Definition(definition);
        component.quarantined = unreadable.then(|| "its script could not be read".to_owned());
    } else {
        check_tree(node, findings);
        component.kind = ComponentKind::Tree(node.to_value());
    }
    Some(component)
}

/// Tells a definition from a tree: what names a script is one, and what has a name and no id, unless it looks like a node.
fn is_definition(node: &Node) -> bool {
    let word = node.get("type").and_then(Node::as_str);
    let level = word.is_some_and(|word| level_named(word).is_some());
    if node.get("script").is_some() {
        return true;
    }
    if node.get("children").is_some() || word.is_some_and(is_node_type) {
        return false;
    }
    level || node.get("id").is_none()
}

fn is_node_type(word: &str) -> bool {
    NODE_TYPES.iter().any(|known| known.eq_ignore_ascii_case(word))
}

fn level_named(word: &str) -> Option<Level> {
    Level::ALL.into_iter().find(|level| level.as_str().eq_ignore_ascii_case(word))
}

/// Reads a definition; tells also whether its script is there but could not be read.
fn read_definition(name: &str, node: &Node, scripts: &ScriptIndex, findings: &mut Diagnostics) -> (Definition, bool) {
    check_keys(node, DEFINITION_KEYS, &["type", "script"], findings);
    let level = required(node, "type", DEFINITION_KEYS, findings).and_then(|value| {
        let word = string(value, "type", findings)?;
        let level = level_named(word);
        if level.is_none() {
            let message = format!("unknown component type `{}`", escape_control(word));
            let fault = Diagnostic::error("unknown_component_type", message).at(value.span);
            let fault = fault.label("expected page, template, layout, organism, molecule or atom");
            findings.push(fault.did_you_mean(word, Level::ALL.map(Level::as_str)));
        }
        level
    });
    let props = node.get("props").map(|props| read_props(name, props, findings)).unwrap_or_default();
    let mut unreadable = false;
    let script = required(node, "script", DEFINITION_KEYS, findings).and_then(|value| {
        let path = string(value, "script", findings)?;
        let module = find_script(name, path, value.span, scripts, findings);
        unreadable = module.is_none() && scripts.unreadable.contains(&module_of(path));
        Some(ScriptReference { path: path.to_owned(), module, span: value.span })
    });
    let script = script.unwrap_or(ScriptReference { path: String::new(), module: None, span: node.span });
    (Definition { level: level.unwrap_or(Level::Organism), props, script }, unreadable)
}

/// Returns the module name of a path below `scripts`.
pub(super) fn module_of(path: &str) -> String {
    path.strip_suffix(".lua").unwrap_or(path).replace('/', ".")
}

fn find_script(
    name: &str,
    path: &str,
    span: Span,
    scripts: &ScriptIndex,
    findings: &mut Diagnostics,
) -> Option<String> {
    let files = || scripts.scripts.iter().filter(|script| script.in_scripts && !script.is_test);
    if let Some(script) = scripts.scripts.iter().find(|script| script.in_scripts && script.path == path) {
        return Some(script.module.clone());
    }
    if scripts.unreadable.contains(&module_of(path)) {
        return None;
    }
    let leads_out =
        path.starts_with(['/', '\\']) || path.contains(['\0', '\\', ':']) || path.split('/').any(|part| part == "..");
    if leads_out {
        let message = format!("component `{name}` names a script outside of the package");
        let fault = Diagnostic::error("illegal_path", message).at(span);
        findings.push(fault.label("expected a path below `scripts`").help("write it as in \"ui/my_component.lua\""));
        return None;
    }
    let message = format!("component `{name}` names a script that does not exist");
    let fault = Diagnostic::error("missing_script", message).at(span).label("no such file in `scripts`");
    let plain = path.trim_start_matches("./");
    let plain = plain.strip_prefix("scripts/").unwrap_or(plain);
    let meant = files().map(|script| &script.path[..]).find(|file| {
        *file == plain || file.strip_suffix(".lua").is_some_and(|stem| stem == plain || stem.replace('/', ".") == plain)
    });
    let fault = match meant.or_else(|| closest(path, files().map(|script| &script.path[..]))) {
        Some(near) if meant.is_some() => fault.help(format!("did you mean `{near}`?")).fix(span, format!("\"{near}\"")),
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None => fault.help(format!("make the file `scripts/{}`, or name another", escape_control(plain))),
    };
    findings.push(fault);
    None
}

fn read_props(component: &str, node: &Node, findings: &mut Diagnostics) -> Vec<Prop> {
    match &node.kind {
        NodeKind::Object(members) => members
            .iter()
            .filter_map(|member| read_prop(component, &member.key, member.key_span, &member.value, findings))
            .collect(),
        // A list of long forms that carry their names says the same.
        NodeKind::Array(items) => {
            let mut props = Vec::new();
            for item in items {
                let named = item.get("name").and_then(|name| Some((name.as_str()?, name.span)));
                match named {
                    Some((name, span)) => props.extend(read_prop(component, name, span, item, findings)),
                    None => findings.push(wrong_type(item, "a prop in a list", "an object with a `name`")),
                }
            }
            props
        }
        _ => {
            findings.push(wrong_type(node, "`props`", "an object of names and types"));
            Vec::new()
        }
    }
}

fn read_prop(component: &str, name: &str, span: Span, node: &Node, findings: &mut Diagnostics) -> Option<Prop> {
    let shown = escape_control(name);
    if node.as_str().is_some() {
        let (prop_type, optional) = read_prop_type(component, name, node, findings);
        let name = name.to_owned();
        return Some(Prop { name, prop_type, required: !optional, default: None, description: None, span });
    }
    if node.as_object().is_none() {
        let expected = "the name of a type, or an object with `type`";
        findings.push(wrong_type(node, &format!("prop `{shown}` of `{component}`"), expected));
        return None;
    }
    check_keys(node, &["name", "type", "required", "default", "description"], &[], findings);
    let (prop_type, optional) = match node.get("type") {
        Some(value) => read_prop_type(component, name, value, findings),
        None => {
            let message = format!("prop `{shown}` of `{component}` has no `type`");
            let fault = Diagnostic::error("missing_field", message).at(first_line(node));
            findings.push(fault.help("add \"type\": \"string\", or \"any\" when it may be anything"));
            return None;
        }
    };
    let default = node.get("default").map(|value| (value, value.to_value()));
    if let Some((place, value)) = &default
        && !value.is_null()
        && !prop_type.accepts(value)
    {
        let what = format!("the default of prop `{shown}`");
        findings.push(wrong_type(place, &what, &format!("of type {prop_type}")));
    }
    let required = match node.get("required") {
        None => !optional && default.is_none(),
        Some(value) => value.as_bool().unwrap_or_else(|| {
            findings.push(wrong_type(value, "`required`", "true or false"));
            false
        }),
    };
    let description = node.get("description").and_then(|value| string(value, "description", findings));
    Some(Prop {
        name: name.to_owned(),
        prop_type,
        required,
        default: default.map(|(_, value)| value),
        description: description.map(str::to_owned),
        span,
    })
}

/// Reads the name of a type; tells also whether a `?` follows it. An unknown type is reported, and takes anything.
fn read_prop_type(component: &str, name: &str, node: &Node, findings: &mut Diagnostics) -> (PropType, bool) {
    let Some(text) = string(node, &format!("{name}.type"), findings) else { return (PropType::Any, false) };
    let (word, optional) = text.strip_suffix('?').map_or((text, false), |word| (word, true));
    let found = PropType::ALL.into_iter().find(|prop_type| prop_type.as_str() == word);
    if found.is_none() {
        let message =
            format!("unknown type `{}` of prop `{}` of `{component}`", escape_control(text), escape_control(name));
        let fault = Diagnostic::error("unknown_prop_type", message).at(node.span);
        let fault = fault.label("expected string, number, integer, boolean, object, array, function or any");
        let meant = match word {
            "bool" | "Boolean" => Some("boolean"),
            "int" | "Int" => Some("integer"),
            "float" | "double" => Some("number"),
            "list" => Some("array"),
            "table" | "map" => Some("object"),
            "str" | "String" => Some("string"),
            _ => None,
        };
        let fault = match meant {
            Some(meant) => {
                let mark = if optional { "?" } else { "" };
                fault.help(format!("did you mean `{meant}`?")).fix(node.span, format!("\"{meant}{mark}\""))
            }
            None => fault.did_you_mean(word, PropType::ALL.map(PropType::as_str)),
        };
        findings.push(fault);
    }
    (found.unwrap_or(PropType::Any), optional)
}

/// Checks the form of a static tree. Which node types there are is looked at when all components are known.
fn check_tree(node: &Node, findings: &mut Diagnostics) {
    let Some(members) = node.as_object() else {
        findings.push(wrong_type(node, "a tree of nodes", "an object with `type`"));
        return;
    };
    for member in members.iter().filter(|member| !NODE_KEYS.contains(&&member.key[..])) {
        if let Some(near) = closest(&member.key, NODE_KEYS.iter().copied()) {
            let message = format!("unknown key `{}`", escape_control(&member.key));
            let fault = Diagnostic::warning("unknown_key", message).at(member.key_span);
            findings.push(fault.help(format!("did you mean `{near}`?")));
        }
    }
    match node.get("type") {
        Some(value) => {
            string(value, "type", findings);
        }
        None => {
            let fault = Diagnostic::error("missing_field", "a node without a `type`").at(first_line(node));
            findings.push(fault.help("add \"type\": \"Stack\", or another node type"));
        }
    }
    if let Some(props) = node.get("props")
        && props.as_object().is_none()
    {
        findings.push(wrong_type(props, "`props`", "an object"));
    }
    match node.get("children").map(|children| (children, &children.kind)) {
        Some((_, NodeKind::Array(items))) => {
            for item in items.iter().filter(|item| matches!(item.kind, NodeKind::Object(_) | NodeKind::Array(_))) {
                check_tree(item, findings);
            }
        }
        Some((child, NodeKind::Object(_))) => check_tree(child, findings),
        _ => {}
    }
}

/// How many unknown node types of one document are named, and among how many components a near name is looked for.
const NODE_TYPE_FINDINGS: usize = 100;

/// Warns of node types that neither the renderer knows nor a component is named after.
pub(super) fn check_node_types(document: &Node, components: &[&str], diagnostics: &mut Diagnostics) {
    let Some(entries) = entries(document, &mut Diagnostics::new()) else { return };
    let known: FxHashSet<String> = components.iter().map(|name| name.to_ascii_lowercase()).collect();
    let near = &components[..components.len().min(NODE_TYPE_FINDINGS)];
    let mut findings = Diagnostics::new();
    for Entry { node: entry, .. } in entries {
        match entry.get("layout") {
            Some(layout) => check_node_type(layout, &known, near, &mut findings),
            None if entry.as_object().is_some() && !is_definition(entry) => {
                check_node_type(entry, &known, near, &mut findings);
            }
            None => {}
        }
    }
    diagnostics.extend(findings);
}

fn check_node_type(node: &Node, known: &FxHashSet<String>, near: &[&str], findings: &mut Diagnostics) {
    if let Some(value) = node.get("type")
        && let Some(word) = value.as_str()
        && !is_node_type(word)
        && !known.contains(&word.to_ascii_lowercase())
        && findings.counts().1 < NODE_TYPE_FINDINGS
    {
        let message = format!("unknown node type `{}`", escape_control(word));
        let fault = Diagnostic::warning("unknown_node_type", message).at(value.span);
        let fault = fault.label("neither a node type nor a component");
        findings.push(fault.did_you_mean(word, NODE_TYPES.iter().copied().chain(near.iter().copied())));
    }
    match node.get("children").map(|children| (children, &children.kind)) {
        Some((_, NodeKind::Array(items))) => {
            for item in items {
                check_node_type(item, known, near, findings);
            }
        }
        Some((child, NodeKind::Object(_))) => check_node_type(child, known, near, findings),
        _ => {}
    }
}

fn duplicate(component: &Component) -> Diagnostic {
    let message = format!("component `{}` is defined twice", escape_control(&component.name));
    let fault = Diagnostic::error("duplicate_component", message).at(component.span);
    fault.label("defined a second time").help("give one of them another name, or remove it")
}
