//! Reads metadata.json.

use crate::diag::Span;
use crate::package::Requirement;

/// A package that another one needs.
#[derive(Debug, Clone)]
pub struct Dependency {
    /// Its `packageId`.
    pub id: String,
    /// The versions that will do.
    pub requirement: Requirement,
    /// Where it is named.
    pub span: Span,
}

/// `exports`: what a package says that it shows to others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exports {
    /// Names of components.
    pub components: Vec<String>,
    /// Names of scripts.
    pub scripts: Vec<String>,
    /// Names or paths of pages.
    pub pages: Vec<String>,
}
