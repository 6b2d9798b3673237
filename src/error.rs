//! The public error.

use std::fmt;
use std::path::PathBuf;

use crate::db::DbError;
use crate::diag::{Diagnostics, RenderOptions, Sources};
use crate::lua::LuaError;
use crate::package::LoadError;
use crate::store::{MigrateError, StoreError};

/// The library's result.
pub type Result<T> = std::result::Result<T, Error>;

/// Everything that can go wrong, by who refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The packages or their schema do not check, and nothing is left that can run.
    #[error("{0}")]
    Invalid(Box<Findings>),
    /// A package that was asked for is not there.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A package that is not loaded was called.
    #[error("no package `{package}` is loaded{}", did_you_mean(near))]
    UnknownPackage {
        /// The name that was given.
        package: String,
        /// A loaded package with a similar name.
        near: Option<String>,
    },
    /// A package has no such operation.
    #[error("`{package}` has no operation `{operation}`{}", did_you_mean(near))]
    UnknownOperation {
        /// The package.
        package: String,
        /// The name that was given.
        operation: String,
        /// An operation with a similar name.
        near: Option<String>,
        /// The operations that it has, sorted.
        operations: Vec<String>,
    },
    /// A package has no such component.
    #[error("`{package}` has no component `{component}`{}", did_you_mean(near))]
    UnknownComponent {
        /// The package.
        package: String,
        /// The name that was given.
        component: String,
        /// A component with a similar name.
        near: Option<String>,
        /// The components that it has.
        components: Vec<String>,
    },
    /// A component cannot be rendered with these props.
    #[error("`{component}`: {}", faults.join("; "))]
    Props {
        /// The component.
        component: String,
        /// Everything that is wrong with them.
        faults: Vec<String>,
    },
    /// The database cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database was not brought to the schema: rows might be lost.
    #[error("{0}")]
    Migrate(MigrateError),
    /// `db` refused a query, or the database did.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A script failed, was refused, or ran into a limit.
    #[error(transparent)]
    Lua(Box<LuaError>),
    /// A file cannot be read.
    #[error("`{}` cannot be read: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A value has no JSON form, or a result is not of the type that was asked for.
    #[error("{0}")]
    Convert(#[from] serde_json::Error),
    /// The runtime has been shut down.
    #[error("the runtime has been shut down and takes no more calls")]
    Stopped,
    /// A host function called the runtime that is calling it: it would wait for itself.
    #[error("a host function cannot call the runtime that runs it; let it return first, or call another runtime")]
    Reentrant,
    /// The tests of a generation failed before it took over; it was dropped.
    #[error("{failed} of {total} tests failed\n{findings}")]
    TestsFailed {
        /// How many failed.
        failed: usize,
        /// How many ran.
        total: usize,
        /// Each test that failed, with its error and place.
        findings: Box<Findings>,
    },
    /// A bug in mbl.
    #[error("{0}")]
    Internal(String),
}

/// Findings with the texts that they point into.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// What was found.
    pub diagnostics: Diagnostics,
    /// The texts.
    pub sources: Sources,
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.diagnostics.render(&self.sources, RenderOptions::default()).trim_end())
    }
}

impl From<MigrateError> for Error {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Store(error) => Error::Store(error),
            error => Error::Migrate(error),
        }
    }
}

impl From<LuaError> for Error {
    fn from(error: LuaError) -> Self {
        Error::Lua(Box::new(error))
    }
}

fn did_you_mean(near: &Option<String>) -> String {
    near.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}
