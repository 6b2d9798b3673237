//! `@id`, `@unique`, `@@id`, `@@unique` and `@@index`.

use crate::diag::{Diagnostic, Span};
use crate::schema::arguments::{Arguments, Signature, descending, not_in_sqlite};
use crate::schema::ast::{Argument, Attribute, Expression};
use crate::schema::resolve::{DraftKind, ModelDraft, missing_argument, name_list};
use crate::schema::{Arity, Faults};

/// The keys of a model on their way.
#[derive(Default)]
pub(crate) struct Keys {
    pub(crate) primary: Option<KeyDraft>,
    /// Those of fields first.
    pub(crate) uniques: Vec<KeyDraft>,
    pub(crate) indexes: Vec<KeyDraft>,
    /// Whether a key was meant but could not be read.
    pub(crate) broken: bool,
}

/// A key on its way.
pub(crate) struct KeyDraft {
    /// The field's index, and whether it is sorted descending.
    pub(crate) fields: Vec<(usize, bool)>,
    pub(crate) name: Option<String>,
    pub(crate) map: Option<String>,
    pub(crate) kind: KeyKind,
    /// The attribute.
    pub(crate) span: Span,
}

/// What a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind {
    FieldId,
    FieldUnique,
    Id,
    Unique,
    Index,
}

const FIELD_ID: Signature = Signature { name: "@id", unnamed: None, named: &["map", "length", "sort", "clustered"] };
const FIELD_UNIQUE: Signature =
    Signature { name: "@unique", unnamed: None, named: &["map", "length", "sort", "clustered"] };
const ID: Signature = Signature { name: "@@id", unnamed: Some("fields"), named: &["name", "map", "clustered"] };
const UNIQUE: Signature = Signature { name: "@@unique", unnamed: Some("fields"), named: &["name", "map", "clustered"] };
const INDEX: Signature =
    Signature { name: "@@index", unnamed: Some("fields"), named: &["name", "map", "type", "ops", "clustered"] };

impl KeyKind {
    fn signature(self) -> &'static Signature {
        match self {
            KeyKind::FieldId => &FIELD_ID,
            KeyKind::FieldUnique => &FIELD_UNIQUE,
            KeyKind::Id => &ID,
            KeyKind::Unique => &UNIQUE,
            KeyKind::Index => &INDEX,
        }
    }

    /// Returns the attribute as users write it.
    pub(crate) fn attribute(self) -> &'static str {
        self.signature().name
    }
}

impl KeyDraft {
    /// Returns the fields without their sort order.
    pub(crate) fn field_indexes(&self) -> impl Iterator<Item = usize> {
        self.fields.iter().map(|(field, _)| *field)
    }

    /// Returns the index's name in the database.
    pub(crate) fn db_name(&self, model: &ModelDraft<'_>) -> String {
        match &self.map {
            Some(name) => name.clone(),
            None => {
                let suffix = if self.kind == KeyKind::Index { "idx" } else { "key" };
                format!("{}_{}_{suffix}", model.table, model.columns(self.field_indexes()))
            }
        }
    }
}

impl ModelDraft<'_> {
    /// Takes `@id` or `@unique`.
    pub(crate) fn field_key(&mut self, field: usize, attribute: &Attribute, faults: &mut Faults) {
        let kind = if attribute.name == "id" { KeyKind::FieldId } else { KeyKind::FieldUnique };
        let signature = kind.signature();
        let draft = &self.fields[field];
        if draft.kind == DraftKind::Faulty {
            self.keys.broken = true;
            return;
        }
        let Some(arguments) = Arguments::bind(signature, attribute, faults) else {
            self.keys.broken = true;
            return;
        };
        arguments.refuse(&["length", "clustered"], signature, faults);
        let mut key = KeyDraft { fields: vec![(field, false)], name: None, map: None, kind, span: attribute.span };
        if kind == KeyKind::FieldUnique {
            key.fields[0].1 = arguments.descending(faults);
            key.map = arguments.string("map", faults).map(|(name, _)| name.to_owned());
            self.keys.uniques.push(key);
            return;
        }
        arguments.refuse(&["sort"], signature, faults);
        if arguments.get("map").is_some() {
            faults.push(self.named_id(signature));
        }
        if self.keys.primary.is_some() {
            faults.push(
                Diagnostic::error("duplicate_id", format!("model `{}` has more than one `@id`", self.name()))
                    .at(self.block.name.span)
                    .help(format!(
                        "for a key of several fields, write `@@id([{}, {}])` in place of both",
                        self.keys
                            .primary
                            .iter()
                            .map(|key| self.field_names(key.field_indexes(), ", "))
                            .collect::<String>(),
                        draft.name()
                    )),
            );
            return;
        }
        self.keys.primary = Some(key);
    }

    /// Takes `@@id`, `@@unique` or `@@index`.
    pub(crate) fn block_key(&mut self, attribute: &Attribute, faults: &mut Faults) {
        let kind = match attribute.name.as_str() {
            "id" => KeyKind::Id,
            "unique" => KeyKind::Unique,
            _ => KeyKind::Index,
        };
        match self.read_block_key(kind, attribute, faults) {
            None => self.keys.broken = true,
            Some(key) => match kind {
                KeyKind::Id => self.keys.primary = self.keys.primary.take().or(Some(key)),
                KeyKind::Unique => self.keys.uniques.push(key),
                _ => self.keys.indexes.push(key),
            },
        }
    }

    fn read_block_key(&self, kind: KeyKind, attribute: &Attribute, faults: &mut Faults) -> Option<KeyDraft> {
        let signature = kind.signature();
        let arguments = Arguments::bind(signature, attribute, faults)?;
        if kind == KeyKind::Id && self.keys.primary.is_some() {
            faults.push(
                // The model's line: neither of the two is more wrong than the other.
                Diagnostic::error("duplicate_id", format!("model `{}` has both `@id` and `@@id`", self.name()))
                    .at(self.block.name.span)
                    .help("keep one of the two"),
            );
        }
        arguments.refuse(&["clustered", "ops"], signature, faults);
        let name = self.client_name(kind, &arguments, faults);
        let mut map = arguments.string("map", faults).map(|(name, _)| name.to_owned());
        match kind {
            KeyKind::Id if arguments.get("map").is_some() => faults.push(self.named_id(signature)),
            KeyKind::Index => {
                if let Some(type_) = arguments.get("type") {
                    self.check_index_type(type_, faults);
                }
                if let (Some(_), Some(_)) = (&name, &map) {
                    faults.push(
                        Diagnostic::error("two_names", "`@@index` has both `name` and `map`")
                            .at(attribute.span)
                            .label("of an index, both are its name in the database")
                            .help("keep `map`"),
                    );
                }
                map = map.or(name.clone());
            }
            _ => {}
        }
        let Some(value) = arguments.get("fields") else {
            if attribute.arguments.iter().all(|argument| argument.name.is_some()) {
                faults.push(missing_argument(signature.name, "fields", "the fields in brackets", attribute));
            }
            return None;
        };
        let fields = self.key_fields(kind, value, attribute, faults)?;
        Some(KeyDraft { fields, name, map, kind, span: attribute.span })
    }

    fn named_id(&self, signature: &Signature) -> Diagnostic {
        let message = format!("`map` of `{}` in `{}` is not supported by SQLite", signature.name, self.name());
        Diagnostic::error("unsupported_argument", message)
            .at(self.block.name.span)
            .label("its primary keys have no names")
            .help("leave `map` out")
    }

    /// Reads `name:`, which becomes a key in the client's arguments.
    fn client_name(&self, kind: KeyKind, arguments: &Arguments<'_>, faults: &mut Faults) -> Option<String> {
        let (name, span) = arguments.string("name", faults)?;
        let plain = name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_');
        if !plain && kind != KeyKind::Index {
            faults.push(
                Diagnostic::error("invalid_name", format!("`{name}` cannot be a name in filters"))
                    .at(span)
                    .label("expected letters, digits and `_` only")
                    .help("for a name in the database, use `map`"),
            );
            return None;
        }
        Some(name.to_owned())
    }

    fn check_index_type(&self, value: &Expression, faults: &mut Faults) {
        if !matches!(&value.kind, crate::schema::ast::ExpressionKind::Constant(word) if word == "BTree") {
            faults.push(not_in_sqlite("type", "@@index", value.span));
        }
    }

    fn key_fields(
        &self,
        kind: KeyKind,
        value: &Expression,
        attribute: &Attribute,
        faults: &mut Faults,
    ) -> Option<Vec<(usize, bool)>> {
        let name = kind.attribute();
        let names = name_list(value, &format!("a field of `{name}`"), faults)?;
        if names.is_empty() {
            faults.push(
                Diagnostic::error("empty_key", format!("`{name}` has no fields"))
                    .at(attribute.span)
                    .help("name at least one field in the brackets"),
            );
            return None;
        }
        let mut fields: Vec<(usize, bool)> = Vec::new();
        let mut whole = true;
        for (field_name, span, arguments) in names {
            let Some(field) = self.names.get(field_name).copied() else {
                whole = false;
                faults.push(self.unknown_field(field_name, span, faults));
                continue;
            };
            let draft = &self.fields[field];
            if draft.kind == DraftKind::Faulty {
                whole = false;
            } else if draft.is_relation() {
                whole = false;
                faults.push(self.relation_in_key(kind, field, span));
            } else if fields.iter().any(|(other, _)| *other == field) {
                whole = false;
                faults.push(
                    Diagnostic::error("duplicate_key_field", format!("`{name}` names `{field_name}` twice"))
                        .at(span)
                        .help("name it once"),
                );
            } else {
                if kind == KeyKind::Id && draft.arity == Arity::Optional && !self.is_ignored() {
                    faults.push(optional_id(field_name, span));
                }
                fields.push((field, key_field_arguments(kind, arguments, faults)));
            }
        }
        whole.then_some(fields)
    }

    /// Tells a name that is no field of this model.
    pub(crate) fn unknown_field(&self, name: &str, span: Span, faults: &Faults) -> Diagnostic {
        let fault =
            Diagnostic::error("unknown_field", format!("model `{}` has no field `{name}`", self.name())).at(span);
        match faults.closest(name, self.fields.iter().map(|field| field.name())) {
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None => fault,
        }
    }

    fn relation_in_key(&self, kind: KeyKind, field: usize, span: Span) -> Diagnostic {
        let draft = &self.fields[field];
        let name = kind.attribute();
        let fault =
            Diagnostic::error("relation_in_key", format!("`{name}` names the relation field `{}`", draft.name()))
                .at(span)
                .label("only a field with a column can be in a key");
        match draft.relation.field_names() {
            names if names.is_empty() => fault,
            names => fault.help(format!("did you mean `{name}([{}])`?", names.join(", "))),
        }
    }

    fn is_ignored(&self) -> bool {
        self.block.attributes.iter().any(|attribute| attribute.name == "ignore")
    }
}

/// The fault of an id that may be missing.
pub(crate) fn optional_id(field: &str, span: Span) -> Diagnostic {
    Diagnostic::error("optional_id", format!("`{field}` is in the id, so it cannot be optional"))
        .at(span)
        .help("remove the `?` from its type")
}

/// Reads `sort` and the like behind a field's name; true for descending.
fn key_field_arguments(kind: KeyKind, arguments: &[Argument], faults: &mut Faults) -> bool {
    let mut is_descending = false;
    for argument in arguments {
        let name = argument.name.as_ref().map(|name| name.text.as_str());
        match (name, &argument.value) {
            (Some("sort"), Some(_)) if kind == KeyKind::Id => {
                faults.push(not_in_sqlite("sort", kind.attribute(), argument.span));
            }
            (Some("sort"), Some(value)) => is_descending = descending(value, faults),
            (Some(name @ "length"), _) => faults.push(not_in_sqlite(name, kind.attribute(), argument.span)),
            // Prisma passes over these in silence, so they refuse no schema.
            _ => faults.push(
                Diagnostic::warning(
                    "unknown_argument",
                    format!("unknown argument of a field in `{}`", kind.attribute()),
                )
                .at(argument.span)
                .label("expected `sort: Asc` or `sort: Desc`"),
            ),
        }
    }
    is_descending
}
