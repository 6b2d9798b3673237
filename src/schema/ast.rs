//! The tree of one schema file, as written: nothing is resolved, and everything has its span.
//!
//! The tokens stay with the tree, so that comments, blank lines and order can be written back.

use crate::diag::{SourceId, Span};
use crate::schema::lex::Token;

/// One file.
#[derive(Debug)]
pub(crate) struct File {
    /// Where its text lies.
    pub(crate) source: SourceId,
    /// All tokens, trivia too: together they are the text.
    pub(crate) tokens: Vec<Token>,
    /// The blocks, in the order of the text.
    pub(crate) blocks: Vec<Block>,
}

/// A name and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// `keyword name { ... }`
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) kind: BlockKind,
    pub(crate) name: Name,
    pub(crate) doc: Option<String>,
    /// The keyword and the name.
    pub(crate) head: Span,
    pub(crate) fields: Vec<FieldNode>,
    pub(crate) values: Vec<ValueNode>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) properties: Vec<Property>,
    /// Whether something in it could not be read, so that what seems to be missing may be there.
    pub(crate) broken: bool,
}

/// What a block declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlockKind {
    Model,
    View,
    Type,
    Enum,
    Datasource,
    Generator,
    /// A block whose keyword is none; its fault is already told.
    Unknown,
}

/// `name Type attributes`
#[derive(Debug)]
pub(crate) struct FieldNode {
    pub(crate) name: Name,
    pub(crate) doc: Option<String>,
    /// `None` when it is missing or could not be read; the fault is already told.
    pub(crate) type_: Option<TypeNode>,
    pub(crate) attributes: Vec<Attribute>,
}

/// A field's type.
#[derive(Debug)]
pub(crate) struct TypeNode {
    /// `Unsupported` when `unsupported` is there.
    pub(crate) name: Name,
    pub(crate) arity: TypeArity,
    /// The text of `Unsupported("...")`.
    pub(crate) unsupported: Option<String>,
}

/// What follows a type's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TypeArity {
    Required,
    Optional,
    List,
}

/// A value of an enum.
#[derive(Debug)]
pub(crate) struct ValueNode {
    pub(crate) name: Name,
    pub(crate) attributes: Vec<Attribute>,
}

/// `key = value` in a datasource or generator.
#[derive(Debug)]
pub(crate) struct Property {
    pub(crate) name: Name,
    /// `None` when it is missing.
    pub(crate) value: Option<Expression>,
}

/// `@name(...)` or `@@name(...)`
#[derive(Debug)]
pub(crate) struct Attribute {
    /// The name without the signs, such as `id` or `db.Text`.
    pub(crate) name: String,
    /// The whole attribute.
    pub(crate) span: Span,
    pub(crate) arguments: Vec<Argument>,
    /// Whether its arguments could not be read; the fault is already told.
    pub(crate) broken: bool,
}

/// `value` or `name: value`
#[derive(Debug)]
pub(crate) struct Argument {
    pub(crate) name: Option<Name>,
    /// `None` in `name:` alone.
    pub(crate) value: Option<Expression>,
    pub(crate) span: Span,
}

/// A value and where it stands.
#[derive(Debug)]
pub(crate) struct Expression {
    pub(crate) kind: ExpressionKind,
    pub(crate) span: Span,
}

/// A value.
#[derive(Debug)]
pub(crate) enum ExpressionKind {
    /// Text without quotes and escapes.
    String(String),
    /// A number as written.
    Number(String),
    /// A name such as `true`, `Cascade` or `a.b`.
    Constant(String),
    /// `name(arguments)`
    Call(String, Vec<Argument>),
    /// `[values]`
    List(Vec<Expression>),
}
