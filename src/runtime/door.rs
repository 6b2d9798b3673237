//! The JSON door to `db`: a request in, an answer out.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use crate::db::{Database, DbError, ErrorKind};
use crate::diag::closest;
use crate::error::Error;
use crate::json::{self, JsonArgs, JsonRows, kind_of};
use crate::migrate::Layout;
use crate::query::Action;
use crate::schema::{ModelId, Schema};
use crate::store::{DatabaseUrl, Policy, Store};

/// A database brought to a schema, for hosts that want no Lua.
pub struct Door {
    database: Database,
}

impl Door {
    /// Opens a database and brings it to the schema, by what only adds.
    pub fn open(url: &str, schema: Arc<Schema>) -> Result<Self, Error> {
        let store = Store::open(&DatabaseUrl::parse(url)?)?;
        store.bring_to(&Layout::of(&schema), Policy::Additive)?;
        Ok(Self { database: Database::new(store, schema) })
    }

    /// Returns the database.
    pub fn database(&self) -> &Database {
        &self.database
    }
}

/// Answers one request line: `{"id", "model", "action", "args"}` or `{"id", "transaction": [{"model", "action", "args"}, ...]}`.
///
/// The answer is one line without its line end: `{"id", "result"}` or `{"id", "error": {"code", "kind", "message", "meta"}}`. A
/// transaction is all or nothing. A line that is no request gets an error answer, too.
pub fn answer(database: &Database, line: &[u8]) -> String {
    let request = match json::parse(line) {
        Ok(request) => request,
        Err(error) => {
            let (code, what) = match () {
                _ if json::is_too_deep(&error) => ("too_deep", "is nested too deep"),
                _ if error.is_data() => ("duplicate_key", "is ambiguous"),
                _ => ("not_json", "is not JSON"),
            };
            let error = invalid(code, format!("the request {what}: {error}"));
            return format!(r#"{{"id":null,"error":{}}}"#, error_json(&error));
        }
    };
    let id = request.get("id").unwrap_or(&Json::Null);
    match perform(database, &request) {
        Ok(result) => format!(r#"{{"id":{id},"result":{result}}}"#),
        Err(error) => format!(r#"{{"id":{id},"error":{}}}"#, error_json(&error)),
    }
}

/// Returns an error as the door answers it.
///
/// The code is Prisma's; the readable code of refused arguments is `meta.reason`.
pub fn error_json(error: &DbError) -> Json {
    let mut meta = error.meta.clone();
    let code = match error.kind {
        ErrorKind::Validation => {
            if let (Some(code), None) = (&error.code, meta.get("reason")) {
                meta.insert("reason".into(), json!(code));
            }
            Json::Null
        }
        _ => json!(error.code),
    };
    json!({ "code": code, "kind": error.kind.name(), "message": error.message, "meta": meta })
}

/// Runs one operation and returns its result without tags.
pub(super) fn plain(database: &Database, model: &str, action: &str, args: &Json) -> Result<String, DbError> {
    Call::named(database, model, action, args)?.run(database, JsonRows::plain())
}

/// Runs one operation and drops its result.
pub(super) fn ask(database: &Database, model: &str, action: &str, args: &Json) -> Result<(), DbError> {
    call(database, model, action, args).map(drop)
}

/// Counts the rows of a model, named as in the schema.
pub(super) fn count(database: &Database, model: &str) -> Result<i64, DbError> {
    let Some(id) = database.schema().model_named(model) else { return Ok(0) };
    let mut rows = JsonRows::new();
    database.run(id, Action::Count, &JsonArgs(&json!({})), &mut rows)?;
    Ok(rows.into_string().parse().unwrap_or(0))
}

fn perform(database: &Database, request: &Json) -> Result<String, DbError> {
    let Json::Object(request) = request else {
        return Err(invalid("wrong_type", format!("a request is an object, found {}", kind_of(request))));
    };
    match request.get("transaction") {
        None => single(database, request, &["id", "model", "action", "args"]),
        Some(Json::Array(calls)) => {
            known_keys(request, &["id", "transaction"])?;
            transaction(database, calls)
        }
        Some(other) => {
            Err(invalid("wrong_type", format!("`transaction` is a list of calls, found {}", kind_of(other))))
        }
    }
}

/// Runs all calls, or none of them. Their arguments are checked before the first one runs.
fn transaction(database: &Database, calls: &[Json]) -> Result<String, DbError> {
    let none = json!({});
    let mut read = Vec::with_capacity(calls.len());
    for call in calls {
        match call {
            Json::Object(call) => read.push(Call::read(database, call, &["model", "action", "args"], &none)?),
            other => return Err(invalid("wrong_type", format!("a call is an object, found {}", kind_of(other)))),
        }
    }
    let calls = read;
    for call in &calls {
        database.check(call.model, call.action, &JsonArgs(call.args))?;
    }
    database.begin()?;
    let mut results = Vec::with_capacity(calls.len());
    for call in calls {
        match call.run(database, JsonRows::new()) {
            Ok(result) => results.push(result),
            Err(error) => {
                database.rollback()?;
                return Err(error);
            }
        }
    }
    database.commit()?;
    Ok(format!("[{}]", results.join(",")))
}

/// Runs the call that an object describes.
fn single(database: &Database, call: &Map<String, Json>, keys: &[&str]) -> Result<String, DbError> {
    Call::read(database, call, keys, &json!({}))?.run(database, JsonRows::new())
}

fn call(database: &Database, model: &str, action: &str, args: &Json) -> Result<String, DbError> {
    Call::named(database, model, action, args)?.run(database, JsonRows::new())
}

/// An operation on a model, with arguments that are not checked yet.
struct Call<'a> {
    model: ModelId,
    action: Action,
    args: &'a Json,
}

impl<'a> Call<'a> {
    fn read(database: &Database, call: &'a Map<String, Json>, keys: &[&str], none: &'a Json) -> Result<Self, DbError> {
        known_keys(call, keys)?;
        let text = |key: &str| match call.get(key) {
            Some(Json::String(text)) => Ok(text.as_str()),
            Some(other) => Err(invalid("wrong_type", format!("`{key}` is a string, found {}", kind_of(other)))),
            None => Err(invalid("missing_key", format!("the request has no `{key}`"))),
        };
        let args = match call.get("args") {
            None | Some(Json::Null) => none,
            Some(args) => args,
        };
        Self::named(database, text("model")?, text("action")?, args)
    }

    fn named(database: &Database, model: &str, action: &str, args: &'a Json) -> Result<Self, DbError> {
        let schema = database.schema();
        let Some(model) = schema.model_by_accessor(model).or_else(|| schema.model_named(model)) else {
            return Err(unknown("unknown_model", "model", model, accessors(schema)));
        };
        let Some(action) = Action::named(action) else {
            let names = Action::ALL.into_iter().map(Action::name).collect();
            return Err(unknown("unknown_action", "operation", action, names));
        };
        Ok(Self { model, action, args })
    }

    fn run(&self, database: &Database, mut rows: JsonRows) -> Result<String, DbError> {
        database.run(self.model, self.action, &JsonArgs(self.args), &mut rows)?;
        Ok(rows.into_string())
    }
}

fn accessors(schema: &Schema) -> Vec<&str> {
    schema.client_models().map(|(_, model)| model.accessor.as_str()).collect()
}

fn known_keys(object: &Map<String, Json>, keys: &[&str]) -> Result<(), DbError> {
    match object.keys().find(|key| !keys.contains(&key.as_str())) {
        Some(key) => Err(unknown("unknown_key", "key", key, keys.to_vec())),
        None => Ok(()),
    }
}

fn unknown(code: &str, what: &str, name: &str, names: Vec<&str>) -> DbError {
    let near = closest(name, names.iter().copied()).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    // A name of the caller's may be anything: keep the message short.
    let shown: String = name.chars().take(64).collect();
    invalid(code, format!("unknown {what} `{}`; {near}valid names: {}", shown.escape_debug(), names.join(", ")))
}

fn invalid(code: &str, message: String) -> DbError {
    DbError { code: Some(code.to_owned()), kind: ErrorKind::Validation, ..DbError::internal(message) }
}
