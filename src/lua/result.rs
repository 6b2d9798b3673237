//! What comes back from a script: JSON, or an error with its place.

use std::time::{Duration, Instant};

use mlua::{MultiValue, Table, Value};
use serde_json::Value as Json;

use crate::db::{DbError, ErrorKind};
use crate::lua::raw::setup;
use crate::lua::{Frame, LuaError, LuaErrorKind, Vm, environment};

impl Vm {
    /// Makes Lua values of JSON: a null is nil, but `json.null` inside of tables.
    pub(super) fn arguments(&self, args: &[Json]) -> Result<MultiValue, LuaError> {
        let mut values = MultiValue::new();
        for arg in args {
            values.push_back(match arg {
                Json::Null => Value::Nil,
                arg => {
                    let (ok, value): (bool, Value) =
                        self.decode.call(arg.to_string()).map_err(|error| self.fault(error))?;
                    if !ok {
                        let message = value.to_string().unwrap_or_default();
                        return Err(LuaError::new(LuaErrorKind::Internal, format!("bad arguments: {message}")));
                    }
                    value
                }
            });
        }
        Ok(values)
    }

    /// Makes JSON of a Lua value.
    pub(super) fn to_json(&self, value: Value, what: &str) -> Result<Json, LuaError> {
        json_of(&self.to_text(value, what)?, what)
    }

    /// Makes JSON text of a Lua value.
    pub(super) fn to_text(&self, value: Value, what: &str) -> Result<String, LuaError> {
        // The result is read in what is left of the call's time: a few shared tables can stand for billions.
        let watch = &self.world.host.watch;
        watch.start(self.until.get().map(|until| until.saturating_duration_since(Instant::now())));
        let encoded = self.encode.call(value);
        let is_late = watch.stop().is_some();
        let (text, message): (Option<String>, Option<String>) = encoded.map_err(|error| match self.fault(error) {
            error if error.kind == LuaErrorKind::MemoryLimit => error,
            error => refused(what, &error.message),
        })?;
        match text {
            None if is_late => Err(self.over_time(self.call_timeout.get().unwrap_or_default())),
            Some(text) => Ok(text),
            None => Err(refused(what, &message.unwrap_or_default())),
        }
    }

    /// Makes an error of what a script raised; `text` is what its own `__tostring` says, when it has one.
    pub(super) fn error_of(&self, value: Value, text: Value) -> LuaError {
        let frames = self.world.host.frames.take().unwrap_or_default();
        let mut error = match &value {
            Value::String(text) => self.error_of_text(&text.to_string_lossy(), &frames),
            Value::Table(table) => self.error_of_table(table, &text, &frames),
            Value::Error(error) => self.fault((**error).clone()),
            other => {
                let message = format!("an error of type {}: {}", other.type_name(), shown(other));
                placed(LuaError::new(LuaErrorKind::Script, message), &frames)
            }
        };
        error.traceback = frames;
        error
    }

    /// Makes an error of what Lua says of a script that does not compile.
    pub(super) fn syntax(&self, error: &mlua::Error) -> LuaError {
        let message = environment::syntax_message(error);
        let mut error = LuaError::new(LuaErrorKind::Syntax, message.as_str());
        if let Some((file, line, rest)) = split_place(&message) {
            error.file = Some(file.to_owned());
            error.line = Some(line);
            error.message = rest.to_owned();
        }
        error
    }

    /// Makes an error of a failure below the scripts.
    pub(super) fn fault(&self, error: mlua::Error) -> LuaError {
        match error {
            mlua::Error::MemoryError(_) => self.over_memory(),
            mlua::Error::CallbackError { cause, .. } => self.fault((*cause).clone()),
            mlua::Error::RuntimeError(message) => self.error_of_text(&message, &[]),
            mlua::Error::BadArgument { cause, .. } => LuaError::new(LuaErrorKind::Script, cause.to_string()),
            other => LuaError::new(LuaErrorKind::Internal, other.to_string()),
        }
    }

    /// The error of a script that ran too long.
    pub(super) fn over_time(&self, limit: Duration) -> LuaError {
        let frames = self.world.host.frames.take().unwrap_or_default();
        let message = format!("the script ran longer than {} and was stopped", seconds(limit));
        let mut error = placed(LuaError::new(LuaErrorKind::TimeLimit, message), &frames);
        error.traceback = frames;
        error
    }

    /// The error of a script that printed too much.
    pub(super) fn over_output(&self) -> LuaError {
        let frames = self.world.host.frames.take().unwrap_or_default();
        let limit = mebibytes(self.output_bytes.get().unwrap_or_default());
        let message = format!("the script printed more than its {limit} of output, and was stopped");
        let mut error = placed(LuaError::new(LuaErrorKind::OutputLimit, message), &frames);
        error.traceback = frames;
        error
    }

    /// The error of a script that the host ended.
    pub(super) fn ended(&self) -> LuaError {
        let frames = self.world.host.frames.take().unwrap_or_default();
        let reason = self.world.host.watch.interrupted().unwrap_or("nobody wants its result");
        let message = format!("the script was still running and was stopped: {reason}");
        let mut error = placed(LuaError::new(LuaErrorKind::Interrupted, message), &frames);
        error.traceback = frames;
        error
    }

    fn over_memory(&self) -> LuaError {
        let limit = mebibytes(self.memory_bytes.get());
        let message = format!("the script needs more than its {limit} of memory, and was stopped");
        LuaError::new(LuaErrorKind::MemoryLimit, message)
    }

    fn error_of_text(&self, text: &str, frames: &[Frame]) -> LuaError {
        if text == "not enough memory" {
            return self.over_memory();
        }
        let mut error = LuaError::new(LuaErrorKind::Script, text);
        match split_place(text) {
            Some((file, line, rest)) => {
                // Lua shortens long names; the call stack has them whole.
                let full = frames.iter().find(|frame| frame.line == line && ends_alike(&frame.file, file));
                error.file = Some(full.map_or_else(|| file.to_owned(), |frame| frame.file.clone()));
                error.line = Some(line);
                error.message = rest.to_owned();
                error
            }
            None => placed(error, frames),
        }
    }

    fn error_of_table(&self, table: &Table, printed: &Value, frames: &[Frame]) -> LuaError {
        let text = |key: &str| match table.raw_get::<Value>(key) {
            Ok(Value::String(text)) => Some(text.to_string_lossy()),
            _ => None,
        };
        let message = text("message").unwrap_or_else(|| match printed {
            Value::String(printed) => printed.to_string_lossy(),
            _ => "a table was raised as an error, without a `message`".to_owned(),
        });
        let mut error = self.error_of_text(&message, frames);
        error.code = text("code");
        if !setup::is_db_error(&self.lua, &self.world.host, table) {
            return error;
        }
        let meta = table.raw_get::<Value>("meta").ok().and_then(|meta| self.to_json(meta, "`meta`").ok());
        error.kind = LuaErrorKind::Db;
        error.file = text("file").or(error.file);
        error.line = table.raw_get::<Option<u32>>("line").ok().flatten().or(error.line);
        error.db = Some(Box::new(DbError {
            code: error.code.clone(),
            kind: match text("kind").as_deref() {
                Some("known") => ErrorKind::Known,
                Some("validation") => ErrorKind::Validation,
                _ => ErrorKind::Internal,
            },
            model: text("model"),
            operation: text("operation"),
            meta: match meta {
                Some(Json::Object(meta)) => meta,
                _ => serde_json::Map::new(),
            },
            message: error.message.clone(),
        }));
        error
    }
}

/// Reads the JSON text of a result.
pub(super) fn json_of(text: &str, what: &str) -> Result<Json, LuaError> {
    serde_json::from_str(text).map_err(|error| refused(what, &error.to_string()))
}

pub(super) fn refused(what: &str, message: &str) -> LuaError {
    LuaError::new(LuaErrorKind::Result, format!("the result of {what}: {message}"))
}

/// Returns what a plain value is, or the type's name. An address says nothing.
fn shown(value: &Value) -> String {
    match value {
        Value::Nil => "nil".to_owned(),
        Value::Boolean(_) | Value::Integer(_) | Value::Number(_) => value.to_string().unwrap_or_default(),
        other => other.type_name().to_owned(),
    }
}

/// Gives an error without a place that of the innermost script.
fn placed(mut error: LuaError, frames: &[Frame]) -> LuaError {
    if let Some(frame) = frames.first() {
        error.file = Some(frame.file.clone());
        error.line = Some(frame.line);
    }
    error
}

/// Splits `file:line: message`.
pub(super) fn split_place(text: &str) -> Option<(&str, u32, &str)> {
    let mut from = 0;
    // A file's name may hold colons.
    while let Some(colon) = text[from..].find(':').map(|colon| from + colon) {
        let rest = &text[colon + 1..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0
            && let Some(message) = rest[digits..].strip_prefix(':')
            && let Ok(line) = rest[..digits].parse()
            && !text[..colon].contains('\n')
            && colon > 0
        {
            return Some((&text[..colon], line, message.trim_start()));
        }
        from = colon + 1;
    }
    None
}

/// Tells whether `short` is `full`, or what Lua leaves of it.
fn ends_alike(full: &str, short: &str) -> bool {
    full == short || short.strip_prefix("...").is_some_and(|end| full.ends_with(end))
}

fn seconds(duration: Duration) -> String {
    match duration.as_millis() {
        milliseconds if milliseconds % 1000 == 0 => format!("{} s", milliseconds / 1000),
        milliseconds => format!("{milliseconds} ms"),
    }
}

fn mebibytes(bytes: usize) -> String {
    match bytes {
        bytes if bytes % (1 << 20) == 0 => format!("{} MiB", bytes >> 20),
        bytes => format!("{bytes} bytes"),
    }
}
