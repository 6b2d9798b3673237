//! Packages: what is in a package's folder, read once, checked, and put into load order.
//!
//! Folders in ([`load`]), a [`PackageSet`] with every finding out. Only `scan` reads the disk; the rest takes text and
//! returns values. This module knows nothing of Lua's machine, of queries or of a database: whether a script
//! compiles and what it returns is found out elsewhere.

mod annotation;
mod components;
mod join;
mod load;
mod metadata;
mod module;
mod order;
mod requires;
mod scan;
mod version;

use std::path::PathBuf;
use std::sync::Arc;

use crate::diag::{Diagnostics, SourceId, Sources};
use crate::schema::Schema;

pub use annotation::{Annotations, ClassAnnotation, FunctionAnnotation, Parameter, Returned, read_annotations};
pub use components::{Component, ComponentKind, Definition, Level, NODE_TYPES, Prop, PropType, ScriptReference};
pub use load::{LoadError, LoadOptions, Wanted, load};
pub use metadata::{Dependency, Exports};
pub use module::{ModuleFault, STANDARD_MODULES};
pub use scan::FileFault;
pub use version::{Requirement, Version};

/// Everything that was loaded together: one consistent world of packages, with what was found wrong.
#[derive(Debug, Clone)]
pub struct PackageSet {
    /// The packages that can be run, in load order: each stands behind its dependencies.
    pub packages: Vec<Package>,
    /// The packages that were asked for and cannot be run, by id, as far as they could be read: their scripts can
    /// still be checked. The errors say why.
    pub refused: Vec<Package>,
    /// Every text that was read.
    pub sources: Sources,
    /// Everything found wrong, sorted by file and place.
    pub diagnostics: Diagnostics,
    /// The core schema and the schemas of `packages`, joined.
    pub schema: Arc<Schema>,
    /// The source of the core schema, when it was joined.
    pub core_source: Option<SourceId>,
}

/// A package as its folder describes it.
#[derive(Debug, Clone)]
pub struct Package {
    /// `packageId`; the folder's name when the metadata does not say.
    pub id: String,
    /// The name that people read; the id when there is none.
    pub name: String,
    /// `version`; 0.0.0 for a refused package that has none.
    pub version: Version,
    /// `description`.
    pub description: Option<String>,
    /// `author`.
    pub author: Option<String>,
    /// `category`.
    pub category: Option<String>,
    /// The packages that it needs, in the order of the text.
    pub dependencies: Vec<Dependency>,
    /// What it asks the host for: `db.raw`, `files`, `sandbox`, ...
    pub capabilities: Vec<String>,
    /// What callers of which level may do, as written; an object, empty when left out.
    pub permissions: serde_json::Value,
    /// The level that a caller needs to use the package at all: 0 to 6.
    pub min_level: u8,
    /// What it says that it shows to others.
    pub exports: Exports,
    /// The whole metadata.json, as written; null for a refused package whose metadata does not parse.
    pub metadata: serde_json::Value,
    /// The components, in the order of the text.
    pub components: Vec<Component>,
    /// Its Lua files, by path.
    pub scripts: Vec<Script>,
    /// The modules whose file is there but could not be read (it is not UTF-8, or not accessible).
    pub unreadable: Vec<String>,
    /// Its JSON files, by path.
    pub data: Vec<DataFile>,
    /// The source of schema.prisma, when there is one.
    pub schema: Option<SourceId>,
    /// The names of the models that it owns, in the order of the text.
    pub models: Vec<String>,
    /// The folder that holds metadata.json.
    pub root: PathBuf,
    /// `root` as messages show it: `packages/audit_log/seed`.
    pub display: String,
    /// The folder that a user names: `root`, or the one above it when `root` is called `seed`.
    pub folder: PathBuf,
    /// Whether it was named by the caller, and not only needed by another package.
    pub wanted: bool,
}

/// A Lua file of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// The name that `require` takes: `db.create`, `init`, `ui.forum_page`.
    pub module: String,
    /// The path below `scripts/`, `db/create.lua`; for a test file outside of it the path below the package's root.
    pub path: String,
    /// The text; its source's name is the path as messages show it.
    pub source: SourceId,
    /// Whether it lies under `scripts/`; else it is a test file or a test's helper beside it.
    pub in_scripts: bool,
    /// Whether it holds tests: `*_spec.lua`, `*_test.lua` or `*.test.lua`.
    pub is_test: bool,
}

/// A JSON file of a package: metadata.json, components.json, and what lies beside its scripts and tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFile {
    /// The path below the package's root: `scripts/tests/create.cases.json`.
    pub path: String,
    /// The text. It is not known whether it parses, but for the package's own two.
    pub source: SourceId,
}

impl PackageSet {
    /// Finds a package that can be run.
    pub fn package(&self, id: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.id == id)
    }
}

impl Package {
    /// Finds a component by its name.
    pub fn component(&self, name: &str) -> Option<&Component> {
        self.components.iter().find(|component| component.name == name)
    }

    /// Tells whether `id` is declared as a dependency.
    pub fn depends_on(&self, id: &str) -> bool {
        self.dependencies.iter().any(|dependency| dependency.id == id)
    }
}
