//! Untrusted code in a process of its own: what is asked of it, what comes back, and the processes that wait for work.
//!
//! It knows nothing of Lua or databases. A worker is this crate again in another process ([`crate::worker_main`]), started ahead of
//! time, used for one script, and killed when it does not end by itself. Requests and answers are frames over its stdin and stdout.

mod confine;
#[cfg(unix)]
mod pool;
mod wire;

pub(crate) use confine::{confine, prepare};
#[cfg(unix)]
pub(crate) use pool::Pool;
pub(crate) use wire::{read_job, write_answer, write_output, write_started};

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// The first argument of a process that is a worker.
pub(crate) const WORKER_ARGUMENT: &str = "sandbox-worker";

/// How long after its deadline a script's process is killed.
pub(crate) const GRACE: Duration = Duration::from_millis(250);

/// A piece of untrusted code, and what it may.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Untrusted {
    /// What messages call it.
    pub name: String,
    /// Its text.
    #[serde(skip)]
    pub code: Vec<u8>,
    /// It is an expression, whose value is the result.
    pub expression: bool,
    /// What it is given: a list is its `...`, an object's values are globals by their names; either is `args`.
    pub args: Json,
    /// The names of the globals that it sees, such as `string` or `math.floor`; None for all that there are.
    pub globals: Option<Vec<String>>,
    /// How long it may run.
    pub timeout: Duration,
    /// How much memory it may use.
    pub memory_bytes: usize,
    /// How much it may print.
    pub output_bytes: usize,
    /// What it may do with the database.
    pub grant: Grant,
}

/// What untrusted code may do with the database.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grant {
    /// Nothing: there is no `db`.
    #[default]
    None,
    /// Operations that read.
    Read,
    /// Every operation but raw SQL.
    Write,
}

/// How untrusted code ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// What it returned.
    pub result: Json,
    /// Why it did not come to its end.
    pub error: Option<Fault>,
    /// How long it ran.
    pub time: Duration,
}

/// Why untrusted code did not come to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// What happened, without a place.
    pub message: String,
    /// A readable code: the script's own, that of `db`, or one such as `syntax` and `time_limit`.
    pub code: String,
    /// The limit that ended it.
    pub limit: Option<Limit>,
    /// The file, as messages show it.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u32>,
}

/// A limit that untrusted code can reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Limit {
    /// It ran too long.
    Time,
    /// It needed too much memory.
    Memory,
    /// It printed too much.
    Output,
}

/// What a worker is asked to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Job {
    /// The code.
    #[serde(flatten)]
    pub script: Untrusted,
    /// The database, unless the grant is [`Grant::None`].
    pub database: Option<JobDatabase>,
}

/// The database that a worker opens.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct JobDatabase {
    /// Its file, already brought to the schema; None for a new one in memory.
    pub file: Option<String>,
    /// SQLite's `synchronous`.
    pub synchronous: String,
    /// How long to wait for another writer.
    pub busy_timeout: Duration,
    /// The schema's files: names and texts.
    pub schema: Vec<(String, String)>,
}

impl Untrusted {
    /// Makes untrusted code with the limits that hold where nothing else is said: 5 s, 64 MiB of memory, 1 MiB of output, no database.
    pub fn new(name: impl Into<String>, code: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            code: code.into(),
            expression: false,
            args: Json::Null,
            globals: None,
            timeout: Duration::from_secs(5),
            memory_bytes: 64 << 20,
            output_bytes: 1 << 20,
            grant: Grant::None,
        }
    }
}

impl Grant {
    /// Finds a grant by its name: `none`, `read` or `write`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "none" => Some(Grant::None),
            "read" => Some(Grant::Read),
            "write" => Some(Grant::Write),
            _ => None,
        }
    }
}

impl Outcome {
    /// Makes the outcome of code that did not come to its end.
    pub fn failed(message: impl Into<String>, code: &str, limit: Option<Limit>) -> Self {
        let fault = Fault { message: message.into(), code: code.to_owned(), limit, file: None, line: None };
        Self { error: Some(fault), ..Self::default() }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let (Some(file), Some(line)) = (&self.file, self.line) {
            write!(f, "{file}:{line}: ")?;
        }
        f.write_str(&self.message)
    }
}
