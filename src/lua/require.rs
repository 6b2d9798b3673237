//! What a module name means to a package.
//!
//! A name is looked up among the scripts that were read, so that no name can lead anywhere else.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::diag::{closest, escape_control};
use crate::lua::PackageScripts;
use crate::lua::native::STANDARD;

/// What `require` found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// A module of the standard library.
    Standard,
    /// A script: the number of its package, and its path.
    Script(usize, String),
    /// What another package shows.
    Face(usize),
    /// Nothing; the message says what was looked for and where.
    Nothing(String),
}

/// The packages of a VM, by number; the first is that of scripts that belong to none.
pub(crate) struct Modules {
    packages: Vec<Arc<PackageScripts>>,
    scripts: Vec<FxHashMap<String, usize>>,
}

impl Modules {
    /// Indexes the scripts of packages. The first package may require all others.
    pub fn new(packages: Vec<Arc<PackageScripts>>) -> Self {
        let scripts = packages
            .iter()
            .map(|package| {
                // Of two scripts with one path, the first counts: the other is a helper of specs outside of `scripts`.
                let numbered = package.scripts.iter().enumerate().rev();
                numbered.map(|(number, script)| (script.path.clone(), number)).collect()
            })
            .collect();
        Self { packages, scripts }
    }

    /// Returns all packages, by number.
    pub fn packages(&self) -> &[Arc<PackageScripts>] {
        &self.packages
    }

    /// Returns a script of a package by its path.
    pub fn script(&self, package: usize, path: &str) -> Option<&crate::lua::Script> {
        self.scripts.get(package)?.get(path).map(|number| &self.packages[package].scripts[*number])
    }

    /// Finds a package by its name.
    pub fn number(&self, id: &str) -> Option<usize> {
        self.packages.iter().skip(1).position(|package| package.id == id).map(|position| position + 1)
    }

    /// Finds what `require(name)` means in package `from`, asked by the script that is being loaded.
    pub fn resolve(&self, from: usize, name: &str, loading: Option<&str>) -> Found {
        if STANDARD.iter().any(|(standard, _)| *standard == name) {
            return Found::Standard;
        }
        if let Some(reason) = illegal(name) {
            let shown: String = escape_control(name).chars().take(60).collect();
            return Found::Nothing(format!("module name `{shown}` {reason}"));
        }
        if let Some(path) = self.path(from, name, loading) {
            return Found::Script(from, path);
        }
        let reachable = |package: usize| from == 0 || package == from || self.depends(from, package);
        if let Some(package) = self.number(name).filter(|package| reachable(*package)) {
            return Found::Face(package);
        }
        if let Some((id, module)) = name.split_once(['.', '/'])
            && let Some(package) = self.number(id).filter(|package| reachable(*package))
        {
            return match self.path(package, module, None) {
                Some(path) => Found::Script(package, path),
                None => Found::Nothing(self.missing(package, module)),
            };
        }
        // A module of a dependency may be named without it.
        for package in 1..self.packages.len() {
            if package != from
                && from != 0
                && reachable(package)
                && let Some(path) = self.path(package, name, None)
            {
                return Found::Script(package, path);
            }
        }
        Found::Nothing(self.unknown(from, name))
    }

    fn path(&self, package: usize, name: &str, loading: Option<&str>) -> Option<String> {
        let stem = name.strip_suffix(".lua").unwrap_or(name);
        let stem = if stem.contains('/') { stem.to_owned() } else { stem.replace('.', "/") };
        [format!("{stem}.lua"), format!("{stem}/init.lua")]
            .into_iter()
            .find(|path| self.scripts[package].contains_key(path) && loading != Some(path))
    }

    fn depends(&self, from: usize, on: usize) -> bool {
        self.packages[from].dependencies.contains(&self.packages[on].id)
    }

    fn missing(&self, package: usize, module: &str) -> String {
        let stem = module.replace('.', "/");
        let id = &self.packages[package].id;
        format!(
            "package `{id}` has no module `{module}`: there is no scripts/{stem}.lua and no scripts/{stem}/init.lua in it"
        )
    }

    fn unknown(&self, from: usize, name: &str) -> String {
        let package = &self.packages[from];
        let first = name.split(['.', '/']).next().unwrap_or(name);
        if from != 0 && self.number(first).is_some() {
            return format!(
                "package `{first}` is not a dependency of `{}`; add it to `dependencies` in metadata.json",
                package.id
            );
        }
        let stem = name.replace('.', "/");
        let mut message = match from {
            0 => format!("module `{name}` not found: it is no standard module and no package"),
            _ => format!(
                "module `{name}` not found: it is no standard module, there is no scripts/{stem}.lua and no scripts/{stem}/init.lua in \
                 `{}`, and no package of that name among its dependencies{}",
                package.id,
                match package.dependencies.is_empty() {
                    true => String::new(),
                    false => format!(" ({})", package.dependencies.join(", ")),
                }
            ),
        };
        let own = package.scripts.iter().map(|script| module_name(&script.path));
        let names: Vec<String> = own
            .chain(STANDARD.iter().map(|(standard, _)| (*standard).to_owned()))
            .chain(self.packages.iter().skip(1).map(|package| package.id.clone()))
            .collect();
        if let Some(near) = closest(name, names.iter().map(String::as_str)) {
            message.push_str(&format!("; did you mean `{near}`?"));
        }
        message
    }
}

/// Returns the name that `require` takes for a script.
fn module_name(path: &str) -> String {
    let stem = path.strip_suffix(".lua").unwrap_or(path);
    stem.strip_suffix("/init").unwrap_or(stem).replace('/', ".")
}

/// Tells why a text is no module name.
fn illegal(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("is empty")
    } else if name.len() > 255 {
        Some("is longer than 255 bytes")
    } else if name.chars().any(char::is_control) {
        Some("holds a control character")
    } else if name.starts_with('/') || name.as_bytes().get(1) == Some(&b':') {
        Some("is an absolute path; modules are named from the package's `scripts` folder")
    } else if name.contains('\\') {
        Some("holds a backslash; write dots, as in `db.create`")
    } else if name.contains("..") {
        Some("leads out of a folder with `..`; modules are named from the package's `scripts` folder")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lua::Script;

    fn package(id: &str, dependencies: &[&str], paths: &[&str]) -> Arc<PackageScripts> {
        let scripts = paths
            .iter()
            .map(|path| Script {
                path: (*path).to_owned(),
                name: (*path).into(),
                text: Vec::new().into(),
                source: None,
            })
            .collect();
        let dependencies = dependencies.iter().map(|id| (*id).to_owned()).collect();
        Arc::new(PackageScripts { id: id.to_owned(), dependencies, scripts, ..PackageScripts::default() })
    }

    fn modules() -> Modules {
        Modules::new(vec![
            package("", &[], &[]),
            package("notes", &["tags"], &["init.lua", "db/create.lua", "types.lua", "types/init.lua"]),
            package("tags", &[], &["init.lua", "names.lua", "ui/init.lua"]),
            package("other", &[], &["init.lua"]),
        ])
    }

    #[test]
    fn names_are_found_in_order() {
        let modules = modules();
        assert_eq!(modules.resolve(1, "db", None), Found::Standard);
        assert_eq!(modules.resolve(1, "db.create", None), Found::Script(1, "db/create.lua".to_owned()));
        assert_eq!(modules.resolve(1, "tags", None), Found::Face(2));
        assert_eq!(modules.resolve(1, "tags.names", None), Found::Script(2, "names.lua".to_owned()));
        assert_eq!(modules.resolve(1, "tags.ui", None), Found::Script(2, "ui/init.lua".to_owned()));
        assert_eq!(modules.resolve(1, "names", None), Found::Script(2, "names.lua".to_owned()));
        assert_eq!(modules.resolve(1, "types", Some("types.lua")), Found::Script(1, "types/init.lua".to_owned()));
        assert_eq!(modules.resolve(0, "other", None), Found::Face(3));
    }

    #[test]
    fn what_is_not_there_is_explained() {
        let modules = modules();
        for (name, part) in [
            ("db.creat", "did you mean `db.create`?"),
            ("other", "not a dependency of `notes`"),
            ("../tags/names", "leads out of a folder"),
            ("/etc/passwd", "absolute path"),
            ("a\0b", "control character"),
            ("tags.nothing", "package `tags` has no module `nothing`"),
        ] {
            match modules.resolve(1, name, None) {
                Found::Nothing(message) => assert!(message.contains(part), "{name}: {message}"),
                found => panic!("{name}: {found:?}"),
            }
        }
    }
}
