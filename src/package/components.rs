//! Reads components.json: definitions with a script, and static trees of nodes.

use std::fmt;

use crate::diag::Span;

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
