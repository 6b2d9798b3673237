//! Module names to the files of a package.

use crate::package::{Package, Script};

/// The modules of the standard library: `require` finds them first, and no package may be called like one of them.
pub const STANDARD_MODULES: &[&str] = &[
    "check", "ctx", "db", "files", "hash", "id", "image", "json", "list", "log", "markdown", "sandbox", "text", "time",
    "ui",
];

/// Why a module name leads to no file of a package.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModuleFault {
    /// It could lead out of the package, or is no name at all.
    #[error("module name `{name}` {reason}")]
    Illegal {
        /// The name, control characters escaped.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The file is there and could not be read.
    #[error("module `{name}` could not be read")]
    Unreadable {
        /// The module's name.
        name: String,
    },
}

impl Package {
    /// Finds the script that `require(name)` means inside this package; None when there is none.
    ///
    /// `db.create` is scripts/db/create.lua, else scripts/db/create/init.lua; `db/create` and `db/create.lua` are
    /// taken too. `from` is the script that asks: `types.lua` that asks for `types` means types/init.lua, not itself.
    pub fn resolve(&self, name: &str, from: Option<&Script>) -> Result<Option<&Script>, ModuleFault> {
        let _ = (name, from);
        Ok(None)
    }
}
