//! What a runtime tells its host.

use std::time::Duration;

use serde::Serialize;

use crate::error::Error;
use crate::lua::LogRecord;

/// Something that happened in a runtime; see [`RuntimeBuilder::on_event`](crate::RuntimeBuilder::on_event).
///
/// ```
/// use mbl::runtime::Event;
///
/// let builder = mbl::Runtime::builder().on_event(|event| match event {
///     Event::Reloaded(reload) => eprintln!("generation {} runs", reload.generation),
///     Event::ReloadFailed { error, .. } => eprintln!("{error}"),
///     _ => {}
/// });
/// builder.build()?.reload()?;
/// # Ok::<(), mbl::Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The first generation runs.
    Loaded {
        /// Its number.
        generation: u64,
    },
    /// Another generation has taken over.
    Reloaded(&'a Reload),
    /// A reload failed, and the generation that ran goes on.
    ReloadFailed {
        /// The generation that runs.
        generation: u64,
        /// The files that changed, as messages show them.
        files: &'a [String],
        /// What was wrong.
        error: &'a Error,
        /// How long it took to find out.
        time: Duration,
    },
    /// A script wrote to its log.
    Log(&'a LogRecord),
}

/// What a reload changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Reload {
    /// The number of the generation that runs now.
    pub generation: u64,
    /// The files that were added, changed or removed, as messages show them, sorted; those that were saved when all are as before.
    pub files: Vec<String>,
    /// The operations that are new, `package.operation`, sorted.
    pub added: Vec<String>,
    /// The operations that are gone.
    pub removed: Vec<String>,
    /// The operations whose own text is another.
    pub changed: Vec<String>,
    /// What was done to the database, in words: `added column Poll.closesAt`.
    pub schema: Vec<String>,
    /// The SQL that did it.
    pub sql: Vec<String>,
    /// How long it took, from the reading of the files to the swap.
    #[serde(rename = "ms", serialize_with = "milliseconds")]
    pub time: Duration,
}

fn milliseconds<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(time.as_millis() as u64)
}
