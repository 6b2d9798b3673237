//! Rules that are not about one type or one relation: names, clashes, keys, datasources and generators.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::diag::{Diagnostic, Span};
use crate::schema::arguments::{describe, wrong_type};
use crate::schema::ast::{Attribute, Block, BlockKind, Expression, ExpressionKind, FieldNode, Name, Property};
use crate::schema::keys::{KeyDraft, KeyKind, optional_id};
use crate::schema::relations::RelationDraft;
use crate::schema::resolve::{DraftKind, FieldDraft, ModelDraft};
use crate::schema::{Arity, DefaultValue, EnumValue, Faults, RelationKind, ScalarType};

/// Names that a client cannot use for a type.
const RESERVED: [&str; 48] = [
    "PrismaClient",
    "async",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "using",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

/// Preview features that generators may ask for, also those that have become part of the language since.
const PREVIEW_FEATURES: [&str; 52] = [
    "aggregateApi",
    "atomicNumberOperations",
    "clientExtensions",
    "cockroachdb",
    "connectOrCreate",
    "createMany",
    "dataProxy",
    "deno",
    "distinct",
    "driverAdapters",
    "extendedIndexes",
    "extendedWhereUnique",
    "fieldReference",
    "filterJson",
    "filteredRelationCount",
    "fullTextIndex",
    "fullTextSearch",
    "fullTextSearchPostgres",
    "groupBy",
    "improvedQueryRaw",
    "insensitiveFilters",
    "interactiveTransactions",
    "jsonProtocol",
    "metrics",
    "microsoftSqlServer",
    "middlewares",
    "mongoDb",
    "multiSchema",
    "nApi",
    "namedConstraints",
    "nativeDistinct",
    "nativeTypes",
    "omitApi",
    "orderByAggregateGroup",
    "orderByNulls",
    "orderByRelation",
    "partialIndexes",
    "postgresqlExtensions",
    "prismaSchemaFolder",
    "queryCompiler",
    "referentialActions",
    "referentialIntegrity",
    "relationJoins",
    "schemaEngineDriverAdapters",
    "selectRelationCount",
    "shardKeys",
    "strictUndefinedChecks",
    "tracing",
    "transactionApi",
    "typedSql",
    "uncheckedScalarInputs",
    "views",
];

/// Checks datasource and generator blocks; returns whether relations have foreign keys in the database.
pub(crate) fn check_configuration<'a>(blocks: impl Iterator<Item = &'a Block>, faults: &mut Faults) -> bool {
    let mut first_datasource: Option<&Block> = None;
    let mut generators: FxHashSet<&str> = FxHashSet::default();
    let mut foreign_keys = true;
    for block in blocks {
        match block.kind {
            BlockKind::Datasource => {
                if let Some(first) = first_datasource {
                    faults.push(
                        Diagnostic::error("second_datasource", "there is more than one datasource")
                            .at(if first.name.text == block.name.text { block.head } else { first.head })
                            .help("keep one; a schema has one database"),
                    );
                    continue;
                }
                first_datasource = Some(block);
                check_datasource(block, faults);
                foreign_keys = !block
                    .properties
                    .iter()
                    .any(|property| property.name.text == "relationMode" && string_of(property) == Some("prisma"));
            }
            BlockKind::Generator => {
                if !generators.insert(&block.name.text) {
                    faults.push(
                        Diagnostic::error(
                            "duplicate_generator",
                            format!("there are two generators `{}`", block.name.text),
                        )
                        .at(block.name.span)
                        .help("remove or rename one of them"),
                    );
                }
                check_properties(block, faults);
                check_generator(block, faults);
            }
            _ => {}
        }
    }
    foreign_keys
}

fn check_generator(block: &Block, faults: &mut Faults) {
    if !block.broken && !block.properties.iter().any(|property| property.name.text == "provider") {
        faults.push(missing_provider(block, "generator", "prisma-client"));
    }
    for property in &block.properties {
        let Some(value) = &property.value else { continue };
        match (property.name.text.as_str(), &value.kind) {
            ("provider" | "output" | "engineType", ExpressionKind::String(_) | ExpressionKind::Call(..)) => {}
            (name @ ("provider" | "output" | "engineType"), _) => {
                faults.push(wrong_type(value, &format!("`{name}`"), "a string in quotes"));
            }
            ("previewFeatures", ExpressionKind::List(features)) => {
                for feature in features {
                    check_preview_feature(feature, faults);
                }
            }
            ("previewFeatures", _) => check_preview_feature(value, faults),
            _ => {}
        }
    }
}

fn check_preview_feature(value: &Expression, faults: &mut Faults) {
    let ExpressionKind::String(feature) = &value.kind else {
        faults.push(wrong_type(value, "a preview feature", "a string in quotes"));
        return;
    };
    if !PREVIEW_FEATURES.contains(&feature.as_str()) {
        faults.push(
            Diagnostic::error("unknown_preview_feature", format!("unknown preview feature \"{feature}\""))
                .at(value.span)
                .did_you_mean(feature, PREVIEW_FEATURES)
                .help("remove it; preview features change nothing here"),
        );
    }
}

fn check_datasource(block: &Block, faults: &mut Faults) {
    check_properties(block, faults);
    let known = ["provider", "relationMode"];
    for property in &block.properties {
        let name = property.name.text.as_str();
        match name {
            "provider" => check_provider(property, faults),
            "relationMode" => {
                if property.value.is_some() && !matches!(string_of(property), Some("prisma" | "foreignKeys")) {
                    faults.push(
                        Diagnostic::error("unknown_relation_mode", "unknown `relationMode`")
                            .at(block.head)
                            .help("write `relationMode = \"foreignKeys\"` or `relationMode = \"prisma\"`"),
                    );
                }
            }
            "url" | "directUrl" | "shadowDatabaseUrl" => faults.push(
                Diagnostic::error("url_in_schema", format!("`{name}` does not belong in a schema"))
                    .at(property.name.span)
                    .label("a schema does not say where its database is")
                    .help("remove this line; the database is named when the program is started"),
            ),
            _ => {
                let mut fault = Diagnostic::error("unknown_property", format!("a datasource has no property `{name}`"))
                    .at(property.name.span)
                    .did_you_mean(name, known);
                if fault.help.is_empty() {
                    fault = fault.label("expected `provider` or `relationMode`");
                }
                faults.push(fault);
            }
        }
    }
    if !block.broken && !block.properties.iter().any(|property| property.name.text == "provider") {
        faults.push(missing_provider(block, "datasource", "sqlite"));
    }
}

fn check_provider(property: &Property, faults: &mut Faults) {
    let Some(value) = &property.value else { return };
    let others = ["postgresql", "postgres", "mysql", "sqlserver", "mongodb", "cockroachdb"];
    let fault = match &value.kind {
        ExpressionKind::String(name) if name == "sqlite" => return,
        ExpressionKind::String(name) if others.contains(&name.as_str()) => {
            Diagnostic::error("unsupported_provider", format!("provider \"{name}\" is not supported"))
        }
        ExpressionKind::String(name) => Diagnostic::error("unknown_provider", format!("unknown provider \"{name}\"")),
        _ => {
            Diagnostic::error("wrong_type", format!("`provider` must be a string in quotes, found {}", describe(value)))
        }
    };
    faults.push(fault.at(value.span).label("expected \"sqlite\"").help("write `provider = \"sqlite\"`"));
}

fn check_properties(block: &Block, faults: &mut Faults) {
    let mut seen: FxHashSet<&str> = FxHashSet::default();
    for property in &block.properties {
        let name = &property.name.text;
        if !seen.insert(name) {
            faults.push(
                Diagnostic::error("duplicate_property", format!("`{name}` is given twice in `{}`", block.name.text))
                    .at(property.name.span)
                    .help("keep one of the two"),
            );
        }
        if property.value.is_none() {
            faults.push(
                Diagnostic::error("missing_value", format!("`{name}` has no value in `{}`", block.name.text))
                    .at(block.head)
                    .help(format!("write `{name} = ...`, or remove the line")),
            );
        }
    }
}

fn missing_provider(block: &Block, what: &str, value: &str) -> Diagnostic {
    Diagnostic::error("missing_provider", format!("{what} `{}` has no `provider`", block.name.text))
        .at(block.head)
        .help(format!("add `provider = \"{value}\"`"))
}

fn string_of(property: &Property) -> Option<&str> {
    match property.value.as_ref().map(|value| &value.kind) {
        Some(ExpressionKind::String(text)) => Some(text),
        _ => None,
    }
}

/// Checks the name of a model or enum.
pub(crate) fn check_block_name(block: &Block, faults: &mut Faults) {
    let what = kind_word(block.kind);
    let name = &block.name;
    check_name(name, &format!("{} {what}", if what == "enum" { "an" } else { "a" }), faults);
    let reserved = if ScalarType::named(&name.text).is_some() {
        "it is the name of a scalar type"
    } else if RESERVED.contains(&name.text.as_str()) {
        "clients cannot use it as a name"
    } else {
        return;
    };
    if block.kind != BlockKind::Unknown {
        faults.push(
            Diagnostic::error("reserved_name", format!("`{}` is a reserved name", name.text))
                .at(name.span)
                .label(reserved)
                .help(format!("choose another name, and keep the table's with `@@map(\"{}\")`", name.text)),
        );
    }
}

/// Checks the form of a name; `what` has its article.
pub(crate) fn check_name(name: &Name, what: &str, faults: &mut Faults) {
    let first = name.text.chars().next().unwrap_or('_');
    let problem = if first.is_numeric() {
        "start with a digit"
    } else if first == '_' {
        "start with `_`"
    } else if name.text.contains('-') {
        "contain `-`"
    } else {
        return;
    };
    faults.push(
        Diagnostic::error("invalid_name", format!("the name of {what} cannot {problem}: `{}`", name.text))
            .at(name.span)
            .help("use letters, digits and `_`, starting with a letter; `@map` keeps a name in the database"),
    );
}

fn kind_word(kind: BlockKind) -> &'static str {
    match kind {
        BlockKind::Model | BlockKind::Unknown => "model",
        BlockKind::View => "view",
        BlockKind::Type => "type",
        BlockKind::Enum => "enum",
        BlockKind::Datasource => "datasource",
        BlockKind::Generator => "generator",
    }
}

/// The fault of a second block of one name.
pub(crate) fn duplicate_block(block: &Block, first: &Block) -> Diagnostic {
    let (kind, other) = (kind_word(block.kind), kind_word(first.kind));
    let name = &block.name.text;
    let message = match kind == other {
        true => format!("there are two {kind}s `{name}`"),
        false => format!("{kind} `{name}` has the name of {} {other}", if other == "enum" { "an" } else { "a" }),
    };
    Diagnostic::error(if kind == "enum" { "duplicate_enum" } else { "duplicate_model" }, message)
        .at(block.name.span)
        .help("rename or remove one of them")
}

/// The fault of a second field of one name.
pub(crate) fn duplicate_field(block: &Block, node: &FieldNode, _first: Span) -> Diagnostic {
    let name = &node.name.text;
    Diagnostic::error("duplicate_field", format!("model `{}` has two fields `{name}`", block.name.text))
        .at(node.name.span)
        .help("rename or remove one of them")
}

/// The fault of a scalar's attribute on a relation field.
pub(crate) fn on_relation(field: &FieldDraft<'_>, attribute: &Attribute) -> Diagnostic {
    let name = &attribute.name;
    let fault = Diagnostic::error(
        "attribute_on_relation",
        format!("`@{name}` cannot stand on the relation field `{}`", field.name()),
    )
    .at(attribute.span)
    .label("only a field with a column can have it");
    let keys = field.relation.field_names();
    match (name.as_str(), keys.as_slice()) {
        ("id" | "unique", [one]) => fault.help(format!("did you mean to put it on `{one}`?")),
        ("id" | "unique", [_, _, ..]) => fault.help(format!("did you mean `@@{name}([{}])`?", keys.join(", "))),
        _ => fault.help("remove it"),
    }
}

/// Checks that the names of an enum's values in the database differ.
pub(crate) fn check_enum_names(block: &Block, values: &[EnumValue], faults: &mut Faults) {
    let mut taken: FxHashMap<&str, &str> = FxHashMap::default();
    for value in values {
        if let Some(first) = taken.insert(&value.db_name, &value.name)
            && !faults.is_full()
        {
            let span = block.values.iter().find(|node| node.name.text == value.name).map(|node| node.name.span);
            // Not an error: the database does not mind, and reading takes the first.
            let mut fault = Diagnostic::warning(
                "duplicate_mapped_name",
                format!("the values `{first}` and `{}` are both `{}` in the database", value.name, value.db_name),
            )
            .help("map them to different names");
            if let Some(span) = span {
                fault = fault.at(span);
            }
            faults.push(fault);
        }
    }
}

/// Checks that the columns of a model differ.
pub(crate) fn check_columns(models: &[ModelDraft<'_>], faults: &mut Faults) {
    for model in models {
        let columns = model.fields.iter().filter(|field| field.is_column());
        check_letter_case("column", columns.map(|field| (field.column.as_str(), field.node.name.span)), faults);
        let mut taken: FxHashMap<&str, &FieldDraft<'_>> = FxHashMap::default();
        for field in model.fields.iter().filter(|field| field.is_column()) {
            let Some(first) = taken.insert(&field.column, field) else { continue };
            // The one that is mapped there is the one to change.
            let guilty = if field.column == field.name() { first } else { field };
            faults.push(
                Diagnostic::error(
                    "duplicate_column",
                    format!(
                        "the fields `{}` and `{}` of `{}` have the same column `{}`",
                        first.name(),
                        field.name(),
                        model.name(),
                        field.column
                    ),
                )
                .at(guilty.node.name.span)
                .help("map them to different columns"),
            );
        }
    }
}

/// Checks what needs whole models: keys, ids, ignored fields, and names in the database.
pub(crate) fn check_models(models: &[ModelDraft<'_>], relations: &[RelationDraft], faults: &mut Faults) {
    check_tables(models, faults);
    check_index_names(models, faults);
    for model in models {
        check_identity(model, faults);
        check_key_names(model, faults);
        check_autoincrement(model, faults);
        check_ignored(models, model, faults);
    }
    check_join_tables(models, relations, faults);
}

/// SQLite tells names apart by more than letter case only.
fn check_letter_case<'n>(what: &str, names: impl Iterator<Item = (&'n str, Span)>, faults: &mut Faults) {
    let mut taken: FxHashMap<String, &str> = FxHashMap::default();
    for (name, span) in names {
        if let Some(first) = taken.insert(name.to_ascii_lowercase(), name)
            && first != name
        {
            faults.push(
                Diagnostic::warning(
                    "differs_by_case",
                    format!("the {what}s `{first}` and `{name}` are one {what} to SQLite, which ignores letter case"),
                )
                .at(span)
                .help("give one of them another name in the database"),
            );
        }
    }
}

fn check_join_tables(models: &[ModelDraft<'_>], relations: &[RelationDraft], faults: &mut Faults) {
    let mut taken: FxHashSet<&str> = models.iter().map(|model| model.table.as_str()).collect();
    for relation in relations.iter().filter(|relation| relation.kind == RelationKind::ManyToMany) {
        if !taken.insert(&relation.db_name) {
            let field = &models[relation.from.0].fields[relation.from.1];
            faults.push(
                Diagnostic::error(
                    "duplicate_table",
                    format!(
                        "the join table `{}` of `{}.{}` has the name of another table",
                        relation.db_name,
                        models[relation.from.0].name(),
                        field.name()
                    ),
                )
                .at(field.node.name.span)
                .help("give the relation another name, on both sides: `@relation(\"name\")`"),
            );
        }
    }
}

fn check_tables(models: &[ModelDraft<'_>], faults: &mut Faults) {
    check_letter_case("table", models.iter().map(|model| (model.table.as_str(), model.block.name.span)), faults);
    let mut taken: FxHashMap<&str, &ModelDraft<'_>> = FxHashMap::default();
    for model in models {
        let Some(first) = taken.insert(&model.table, model) else { continue };
        // The one that is mapped there is the one to change.
        let map_of = |model: &ModelDraft<'_>| {
            model.block.attributes.iter().find(|attribute| attribute.name == "map").map(|attribute| attribute.span)
        };
        faults.push(
            Diagnostic::error(
                "duplicate_table",
                format!("the models `{}` and `{}` have the same table `{}`", first.name(), model.name(), model.table),
            )
            .at(map_of(model).or(map_of(first)).unwrap_or(model.block.name.span))
            .help("give one of them another name with `@@map`"),
        );
    }
}

/// An index's name is unique in the whole database.
fn check_index_names(models: &[ModelDraft<'_>], faults: &mut Faults) {
    let mut taken: FxHashMap<String, (Span, bool)> = FxHashMap::default();
    for model in models {
        let of_fields = |key: &&KeyDraft| key.kind == KeyKind::FieldUnique;
        let uniques = &model.keys.uniques;
        let keys = uniques.iter().filter(of_fields).chain(&model.keys.indexes);
        for key in keys.chain(uniques.iter().filter(|key| !of_fields(key))) {
            let name = key.db_name(model);
            match taken.get_mut(&name) {
                None => {
                    taken.insert(name, (key.span, false));
                }
                Some((_, true)) => {}
                Some((first, told)) => {
                    *told = true;
                    faults.push(
                        Diagnostic::error("duplicate_index_name", format!("two indexes have the name `{name}`"))
                            .at(*first)
                            .label("an index's name must be unique in the database")
                            .help(format!(
                                "remove one, or give one another name: `{}(..., map: \"...\")`",
                                key.kind.attribute()
                            )),
                    );
                }
            }
        }
    }
}

/// A record must be identifiable.
fn check_identity(model: &ModelDraft<'_>, faults: &mut Faults) {
    if let Some(key) = &model.keys.primary
        && key.kind == KeyKind::FieldId
        && !model.ignored
    {
        let field = &model.fields[key.fields[0].0];
        if field.arity == Arity::Optional {
            faults.push(optional_id(field.name(), key.span));
            return;
        }
    }
    if model.ignored || model.broken || model.keys.broken {
        return;
    }
    let is_strict = |key: &KeyDraft| {
        key.field_indexes().all(|field| {
            let field = &model.fields[field];
            field.arity == Arity::Required && !matches!(field.kind, DraftKind::Unsupported(_))
        })
    };
    // An optional `@@id` is told already.
    if model.keys.primary.iter().any(|key| key.kind == KeyKind::Id && !is_strict(key) && !has_unsupported(model, key)) {
        return;
    }
    if model.keys.primary.iter().chain(&model.keys.uniques).any(is_strict) {
        return;
    }
    let mut fault =
        Diagnostic::error("missing_id", format!("model `{}` has no id and no required unique field", model.name()))
            .at(model.block.name.span);
    let loose: Vec<String> =
        model.keys.uniques.iter().map(|key| format!("`{}`", model.field_names(key.field_indexes(), ", "))).collect();
    if !loose.is_empty() {
        fault = fault.label(format!("{} may be missing, so it identifies no record", loose.join(" and ")));
    }
    faults.push(fault.help("mark a field with `@id`, or fields with `@@id([...])`"));
}

fn has_unsupported(model: &ModelDraft<'_>, key: &KeyDraft) -> bool {
    key.field_indexes().any(|field| matches!(model.fields[field].kind, DraftKind::Unsupported(_)))
}

/// The names of keys become keys in the client's arguments.
fn check_key_names(model: &ModelDraft<'_>, faults: &mut Faults) {
    let mut taken: FxHashMap<&str, Span> = FxHashMap::default();
    for key in model.keys.primary.iter().chain(&model.keys.uniques) {
        let attribute = key.kind.attribute();
        if let Some(name) = &key.name {
            if model.names.contains_key(name.as_str()) {
                faults.push(
                    Diagnostic::error(
                        "key_name_taken",
                        format!("`{attribute}` of `{}` has the name `{name}`, which is a field's", model.name()),
                    )
                    .at(model.block.name.span)
                    .help("choose another `name`"),
                );
            } else if let Some(first) = taken.insert(name, key.span) {
                faults.push(
                    Diagnostic::error(
                        "key_name_taken",
                        format!("two keys of `{}` have the name `{name}`", model.name()),
                    )
                    .at(first)
                    .help("choose another `name`"),
                );
            }
        } else if key.fields.len() > 1 {
            let name = model.field_names(key.field_indexes(), "_");
            if model.names.get(name.as_str()).is_some_and(|field| model.fields[*field].is_column()) {
                faults.push(
                    Diagnostic::error("key_name_taken", format!("the field `{name}` has the name of `{attribute}`"))
                        .at(key.span)
                        .help(format!("give the key a name: `{attribute}([...], name: \"...\")`")),
                );
            }
        }
    }
}

/// In SQLite only the id can count up.
fn check_autoincrement(model: &ModelDraft<'_>, faults: &mut Faults) {
    let counting = || {
        let fields = model.fields.iter().enumerate();
        fields.filter(|(_, field)| field.default == Some(DefaultValue::AutoIncrement))
    };
    if counting().count() > 1 {
        faults.push(
            Diagnostic::error(
                "second_autoincrement",
                format!("`{}` has more than one `autoincrement()`", model.name()),
            )
            .at(model.block.name.span)
            .help("keep the one of the id; SQLite counts up nothing else"),
        );
        return;
    }
    for (index, field) in counting() {
        let is_id = model.keys.primary.as_ref().is_some_and(|key| key.fields.len() == 1 && key.fields[0].0 == index);
        if is_id || model.keys.broken {
            continue;
        }
        faults.push(
            Diagnostic::error(
                "autoincrement_without_id",
                format!("`{}` is not the id, so it cannot be `autoincrement()`", field.name()),
            )
            .at(field.default_span.unwrap_or(field.node.name.span))
            .label("SQLite counts up an id of one field only"),
        );
    }
}

/// A relation to a model that clients do not see is not seen either.
fn check_ignored(models: &[ModelDraft<'_>], model: &ModelDraft<'_>, faults: &mut Faults) {
    for field in &model.fields {
        if model.ignored && field.ignored && field.is_column() {
            faults.push(
                Diagnostic::error("needless_ignore", format!("`{}` is ignored with its whole model", field.name()))
                    .at(field.node.name.span)
                    .help("remove its `@ignore`"),
            );
        }
        if let DraftKind::Relation(target) = field.kind
            && models[target].ignored
            && !model.ignored
            && !field.ignored
        {
            faults.push(
                Diagnostic::error(
                    "relation_to_ignored",
                    format!("`{}.{}` refers to an ignored model", model.name(), field.name()),
                )
                .at(field.node.name.span)
                .help(format!("add `@ignore` to it, or remove `@@ignore` from `{}`", models[target].name())),
            );
        }
    }
}
