//! What could stand at the cursor: globals, modules, models, operations, and what fits into a table of arguments.

use mbl::package::STANDARD_MODULES;
use mbl::query::Action;
use mbl::query::inputs::{Input, InputField, Takes};
use mbl::schema::{ModelId, Schema};

use crate::cli::repl::lexer::{KEYWORDS, Kind, Piece, pieces};

/// What completion asks of the world around it.
pub trait World {
    /// The schema.
    fn schema(&self) -> &Schema;
    /// The names in the table that a path of globals leads to, and whether each is a function.
    fn members(&self, path: &[&str]) -> Vec<(String, bool)>;
    /// The packages.
    fn packages(&self) -> Vec<String>;
    /// The functions of a module or a package.
    fn functions(&self, module: &str) -> Vec<String>;
}

/// The functions and values of `db` itself.
const DB: &[&str] =
    &["all", "anyNull", "dbNull", "executeRaw", "explain", "jsonNull", "model", "null", "queryRaw", "transaction"];

/// Returns where the word at the end of `text` begins, and what it could become, sorted.
pub fn complete(text: &str, world: &dyn World) -> (usize, Vec<String>) {
    let found = pieces(text);
    let (start, word, before) = match found.split_last() {
        Some((last, before)) if last.end() == text.len() && matches!(last.kind, Kind::Name | Kind::Keyword) => {
            (last.start, last.text, before)
        }
        Some((last, before)) if last.kind == (Kind::Text { open: true }) => (last.start, last.text, before),
        Some((last, _)) if last.kind == Kind::Comment && !text.ends_with('\n') => return (text.len(), Vec::new()),
        _ => (text.len(), "", found.as_slice()),
    };
    let mut candidates = candidates(word, before, world);
    candidates.retain(|candidate| candidate.starts_with(word) && candidate != word);
    candidates.sort();
    candidates.dedup();
    (start, candidates)
}

fn candidates(word: &str, before: &[Piece<'_>], world: &dyn World) -> Vec<String> {
    let quote = word.chars().next().filter(|first| matches!(first, '\'' | '"'));
    let last = before.last();
    if let Some(quote) = quote {
        let quoted = |names: Vec<String>| names.into_iter().map(|name| format!("{quote}{name}{quote}")).collect();
        let is_module = before.iter().rev().find(|piece| !piece.is("(")).is_some_and(|piece| piece.text == "require");
        return match is_module {
            true => quoted(modules(world)),
            false => quoted(words(&value_field(before, world), world)),
        };
    }
    if last.is_some_and(|piece| piece.is(".") || piece.is(":")) {
        return members(&before[..before.len() - 1], world);
    }
    if last.is_some_and(|piece| piece.is("{") || piece.is(",") || piece.is(";"))
        && let Some(input) = table(before, world.schema())
    {
        return input.fields(world.schema()).into_iter().map(|field| key(&field)).collect();
    }
    let mut found: Vec<String> = world.members(&[]).into_iter().map(|(name, _)| name).collect();
    found.extend(KEYWORDS.iter().map(|keyword| (*keyword).to_owned()));
    let field = value_field(before, world);
    found.extend(words(&field, world).into_iter().map(|word| format!("'{word}'")));
    for takes in field.iter().flat_map(|field| &field.takes) {
        match takes {
            Takes::All => found.push("db.all".into()),
            Takes::Null => found.push("db.null".into()),
            _ => {}
        }
    }
    found
}

/// Returns what `require` takes.
fn modules(world: &dyn World) -> Vec<String> {
    let mut modules = world.packages();
    modules.extend(STANDARD_MODULES.iter().map(|name| (*name).to_owned()));
    modules
}

/// Returns what may stand behind the dot after these pieces.
fn members(before: &[Piece<'_>], world: &dyn World) -> Vec<String> {
    if let [.., require, open, module, close] = before
        && require.text == "require"
        && open.is("(")
        && close.is(")")
    {
        return world.functions(module.content());
    }
    let mut path = Vec::new();
    let mut rest = before;
    while let Some((last, front)) = rest.split_last().filter(|(last, _)| last.kind == Kind::Name) {
        path.insert(0, last.text);
        match front.split_last() {
            Some((dot, front)) if dot.is(".") => rest = front,
            _ => break,
        }
    }
    let schema = world.schema();
    let own = |name: &str| schema.model_by_accessor(name);
    match path.as_slice() {
        ["db" | "tx"] => {
            let models = schema.client_models().map(|(_, model)| model.accessor.clone());
            models.chain(DB.iter().map(|name| (*name).to_owned())).collect()
        }
        ["db" | "tx", model] if own(model).is_some() => {
            Action::ALL.iter().map(|action| action.name().to_owned()).chain(["fields".to_owned()]).collect()
        }
        ["db" | "tx", model, "fields"] => {
            let scalars = own(model).into_iter().flat_map(|id| schema.model(id).scalars());
            scalars.map(|(_, field)| field.name.clone()).collect()
        }
        path => world.members(path).into_iter().map(|(name, _)| name).collect(),
    }
}

/// Returns the words that may stand as a string where these pieces end.
fn words(field: &Option<InputField>, world: &dyn World) -> Vec<String> {
    let schema = world.schema();
    let mut found = Vec::new();
    for takes in field.iter().flat_map(|field| &field.takes) {
        match takes {
            Takes::Words(words) => found.extend(words.iter().map(|word| (*word).to_owned())),
            Takes::Enum(id) | Takes::Enums(id) => {
                found.extend(schema.enumeration(*id).values.iter().map(|value| value.name.clone()));
            }
            Takes::FieldNames(model) => {
                found.extend(schema.model(*model).scalars().map(|(_, field)| field.name.clone()));
            }
            _ => {}
        }
    }
    found
}

/// Returns a key as it is written in a table.
fn key(field: &InputField) -> String {
    match field.name.as_str() {
        "in" | "not" => format!("{}_", field.name),
        name => name.to_owned(),
    }
}

/// Returns the key whose value these pieces end before: `orderBy = { title = `, `distinct = { `.
fn value_field(before: &[Piece<'_>], world: &dyn World) -> Option<InputField> {
    let schema = world.schema();
    let field = |before: &[Piece<'_>], name: &str| {
        table(before, schema)?.fields(schema).into_iter().find(|field| field.name == name.trim_end_matches('_'))
    };
    match before {
        [front @ .., name, equals] if equals.is("=") => field(front, name.text),
        // An item of a list.
        [.., last] if last.is("{") || last.is(",") => {
            let open = innermost(before)?;
            match &before[..open] {
                [front @ .., name, equals] if equals.is("=") => field(front, name.text),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Returns the place of the innermost brace that is open.
fn innermost(before: &[Piece<'_>]) -> Option<usize> {
    let mut closed = 0;
    for (place, piece) in before.iter().enumerate().rev() {
        if piece.is("}") {
            closed += 1;
        } else if piece.is("{") && closed == 0 {
            return Some(place);
        } else if piece.is("{") {
            closed -= 1;
        }
    }
    None
}

/// Returns what the innermost open brace is the table of.
fn table(before: &[Piece<'_>], schema: &Schema) -> Option<Input> {
    let open = innermost(before)?;
    let front = &before[..open];
    match front {
        [.., db, dot, model, other, action] if dot.is(".") && other.is(".") => called(db, model, action, schema),
        _ => None,
    }
    .or_else(|| match front {
        [.., db, dot, model, other, action, paren] if paren.is("(") && dot.is(".") && other.is(".") => {
            called(db, model, action, schema)
        }
        // `['in'] = {`
        [rest @ .., bracket, name, close, equals] if equals.is("=") && close.is("]") && bracket.is("[") => {
            table(rest, schema)?.inside(schema, name.content())
        }
        [rest @ .., name, equals] if equals.is("=") => table(rest, schema)?.inside(schema, name.text),
        // A table in a list is what the list is of.
        [.., last] if last.is("{") || last.is(",") => table(front, schema),
        _ => None,
    })
}

fn called(db: &Piece<'_>, model: &Piece<'_>, action: &Piece<'_>, schema: &Schema) -> Option<Input> {
    let model: ModelId = schema.model_by_accessor(model.text)?;
    matches!(db.text, "db" | "tx").then_some(Input::Args(model, Action::named(action.text)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Forum(Schema);

    impl World for Forum {
        fn schema(&self) -> &Schema {
            &self.0
        }

        fn members(&self, path: &[&str]) -> Vec<(String, bool)> {
            let names: &[&str] = if path == ["string"] { &["format", "find"] } else { &["db", "print", "string"] };
            names.iter().map(|name| ((*name).to_owned(), true)).collect()
        }

        fn packages(&self) -> Vec<String> {
            vec!["forum_forge".into()]
        }

        fn functions(&self, module: &str) -> Vec<String> {
            vec![format!("of_{module}")]
        }
    }

    const SCHEMA: &str = r#"
        enum Mood {
          GLAD
          SAD
        }
        model Thread {
          id    String @id
          title String
          mood  Mood?
          views Int
          posts Post[]
          @@unique([title, views])
        }
        model Post {
          id       String @id
          body     String
          threadId String
          thread   Thread @relation(fields: [threadId], references: [id])
        }
    "#;

    fn at(text: &str) -> String {
        let schema = Schema::parse_text("schema.prisma", SCHEMA).expect("it is whole");
        complete(text, &Forum(schema)).1.join(" ")
    }

    #[test]
    fn names_and_modules() {
        assert_eq!(at("pri"), "print");
        assert_eq!(at("x = string.f"), "find format");
        assert_eq!(at("require('for"), "'forum_forge'");
        assert_eq!(at("require('forum_forge')."), "of_forum_forge");
        assert_eq!(at("db.th"), "thread");
        assert_eq!(at("db.thread.findF"), "findFirst findFirstOrThrow");
        assert_eq!(at("db.thread.fields.v"), "views");
        assert_eq!(at("-- db.th"), "");
    }

    #[test]
    fn keys_inside_tables_of_arguments() {
        assert_eq!(at("db.thread.findMany{ wh"), "where");
        assert_eq!(at("db.thread.findMany({\n where = { t"), "title");
        assert_eq!(at("db.thread.findMany{ where = { title = { con"), "contains");
        assert_eq!(at("db.thread.findMany{ where = { title = { n"), "notIn not_");
        assert_eq!(at("db.thread.findMany{ where = { OR = { { title = 'x' }, { vi"), "views");
        assert_eq!(at("db.thread.findMany{ where = { posts = { some = { bo"), "body");
        assert_eq!(at("db.thread.findMany{ include = { posts = { orderBy = { { b"), "body");
        assert_eq!(at("db.thread.create{ data = { posts = { create = { { th"), "");
        assert_eq!(at("db.thread.findUnique{ where = { title_"), "title_views");
        assert_eq!(at("db.thread.findMany{ where = { ['AND'] = { mo"), "mood");
    }

    #[test]
    fn values() {
        assert_eq!(at("db.thread.findMany{ orderBy = { title = '"), "'asc' 'desc'");
        assert_eq!(at("db.thread.findMany{ where = { mood = '"), "'GLAD' 'SAD'");
        assert_eq!(at("db.thread.findMany{ distinct = { 'ti"), "'title'");
        assert_eq!(at("db.thread.deleteMany{ where = db."), at("db."));
        assert_eq!(at("db.thread.deleteMany{ where = db.al"), "all");
    }
}
