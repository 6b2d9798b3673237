//! Module names to the files of a package.
//!
//! A name is looked up among the files that were read, so no name can lead out of the package; names that try are told apart
//! from names that are merely wrong.

use crate::diag::escape_control;
use crate::package::{DataFile, Package, Script};

/// The modules of the standard library: `require` finds them first, and no package may be called like one of them.
pub const STANDARD_MODULES: &[&str] = &[
    "check", "ctx", "db", "dbal", "files", "hash", "id", "image", "json", "list", "log", "markdown", "sandbox", "text",
    "time", "ui",
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
        check_module_name(name)?;
        let stem = name.strip_suffix(".lua").unwrap_or(name);
        let stem = if stem.contains('/') { stem.to_owned() } else { stem.replace('.', "/") };
        let asked = |script: &Script| from.is_none_or(|from| from.source != script.source);
        let paths = [format!("{stem}.lua"), format!("{stem}/init.lua")];
        let below_scripts = paths.iter().find_map(|path| {
            self.scripts.iter().find(|script| script.in_scripts && script.path == *path && asked(script))
        });
        let module = stem.replace('/', ".");
        let found =
            below_scripts.or_else(|| self.scripts.iter().find(|script| script.module == module && asked(script)));
        if found.is_none() && self.unreadable.contains(&module) {
            return Err(ModuleFault::Unreadable { name: module });
        }
        Ok(found)
    }

    /// Finds a JSON file: a path from the script that asks (`x.json`, `../x.json`), from `scripts/` or its `tests/`, or from
    /// the package's root (`metadata.json`). A module name (`tests.x.cases`) leads to the file, too. None when there is
    /// none, and for paths that lead out of the package.
    pub fn data_file(&self, path: &str, from: Option<&Script>) -> Option<&DataFile> {
        let beside = from.map(|script| {
            let folder = script.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            if script.in_scripts { format!("scripts/{folder}") } else { folder.to_owned() }
        });
        let mut wanted = vec![path.to_owned()];
        if !path.contains('/') && !path.ends_with(".json") {
            // The last dots may belong to the file's name: `tests.x.cases` is tests/x.cases.json.
            let mut parts: Vec<&str> = path.split('.').collect();
            let mut name = parts.pop().unwrap_or("").to_owned();
            wanted.push(format!("{}/{name}.json", parts.join("/")));
            while let Some(part) = parts.pop() {
                name = format!("{part}.{name}");
                wanted.push(format!("{}/{name}.json", parts.join("/")));
            }
        }
        let folders = [beside.as_deref(), Some("scripts"), Some("scripts/tests"), Some(""), Some("tests")];
        folders.into_iter().flatten().find_map(|folder| {
            wanted.iter().find_map(|path| {
                let path = join(folder, path)?;
                self.data.iter().find(|file| file.path == path)
            })
        })
    }
}

/// Tells whether a module name is one, and does not try to lead anywhere else.
fn check_module_name(name: &str) -> Result<(), ModuleFault> {
    let reason = if name.is_empty() {
        "is empty"
    } else if name.len() > 255 {
        "is longer than 255 bytes"
    } else if name.contains('\0') {
        "holds a NUL character"
    } else if name.chars().any(char::is_control) {
        "holds a control character"
    } else if name.starts_with(['/', '\\']) || name.as_bytes().get(1) == Some(&b':') {
        "is an absolute path; modules are named from the package's `scripts` folder"
    } else if name.contains('\\') {
        "holds a backslash; write dots, as in `db.create`"
    } else if name.split('/').any(|part| part == "..") || name.contains("..") {
        "leads out of a folder with `..`; modules are named from the package's `scripts` folder"
    } else if name.starts_with('.') || name.ends_with('.') || name.split('/').any(|part| part.is_empty() || part == ".")
    {
        "has an empty part"
    } else {
        return Ok(());
    };
    let name = escape_control(&name.chars().take(60).collect::<String>()).replace('\n', "\\n");
    Err(ModuleFault::Illegal { name, reason })
}

/// Joins two paths with `/` and resolves `.` and `..`; None when the result leads out.
fn join(folder: &str, path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains(['\\', '\0']) {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
