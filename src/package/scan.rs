//! Reads the disk: the only file of this module that does.

use std::path::PathBuf;

use crate::package::Package;

/// Why a file of a package cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// The path could lead out of the package's folder, or does.
    #[error("`{0}` leads out of the package's folder")]
    Outside(String),
    /// There is no such file.
    #[error("no file `{0}` in the package's folder")]
    Missing(String),
    /// The file is there and cannot be read.
    #[error("`{path}` cannot be read: {reason}")]
    Unreadable {
        /// The path, as given.
        path: String,
        /// What the system says.
        reason: String,
    },
}

impl Package {
    /// Returns where `path`, relative to the package's root, lies on the disk, links followed. It lies in the package's folder.
    pub fn file(&self, path: &str) -> Result<PathBuf, FileFault> {
        Err(FileFault::Missing(path.to_owned()))
    }
}
