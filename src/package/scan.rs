//! Reads the disk: finds packages and reads their files. The only file of this module that does.
//!
//! Nothing outside of a package's folder is read: a link that leads out is named and left alone.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use walkdir::WalkDir;

use crate::diag::{Diagnostic, Diagnostics, SourceId, Sources, Span};
use crate::package::{DataFile, Package, Script};

/// The largest file of a package that is read, in bytes.
const FILE_LIMIT: u64 = 16 << 20;

/// How deep folders below `scripts` may lie.
const FOLDER_LIMIT: usize = 32;

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
    /// Returns where `path`, relative to the package's root, lies on the disk, links followed. It is a file in the
    /// package's folder.
    pub fn file(&self, path: &str) -> Result<PathBuf, FileFault> {
        let plain = Path::new(path).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !plain || path.contains(['\0', '\\']) {
            return Err(FileFault::Outside(path.to_owned()));
        }
        let place = inside(&self.root, &self.root.join(path)).map_err(|fault| match fault {
            Refusal::Missing => FileFault::Missing(path.to_owned()),
            Refusal::Outside => FileFault::Outside(path.to_owned()),
            Refusal::Other(reason) => FileFault::Unreadable { path: path.to_owned(), reason },
        })?;
        match place.is_file() {
            true => Ok(place),
            false => Err(FileFault::Missing(path.to_owned())),
        }
    }
}

/// A place where a package lies, or should.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The folder that a user names.
    pub folder: PathBuf,
    /// The folder that holds metadata.json, or should.
    pub root: PathBuf,
    /// The name of `folder`.
    pub name: String,
    /// Whether there is anything that makes it a package.
    pub is_package: bool,
}

/// Looks at a folder as a package's. Both `packages/x` with a `seed` folder and the folder with metadata.json itself will do.
pub(super) fn look_at(folder: &Path) -> Place {
    let holds = |folder: &Path, names: &[&str]| names.iter().any(|name| folder.join(name).exists());
    let seed = folder.join("seed");
    let (root, is_package) = if holds(&seed, &["metadata.json"]) {
        (seed, true)
    } else if holds(folder, &["metadata.json"]) {
        (folder.to_owned(), true)
    } else if seed.is_dir() {
        (seed, true)
    } else {
        (folder.to_owned(), holds(folder, &["components.json", "schema.prisma"]))
    };
    // Whoever names packages/x/seed means packages/x.
    let whole = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let is_seed = root == folder && whole.file_name().is_some_and(|name| name == "seed");
    let folder = match folder.parent() {
        Some(parent) if is_seed && folder.file_name().is_some() => parent.to_owned(),
        _ => folder.to_owned(),
    };
    let named = if is_seed { whole.parent().unwrap_or(&whole) } else { &whole };
    let name = named.file_name().map_or_else(|| "package".to_owned(), |name| name.to_string_lossy().into_owned());
    Place { folder, root, name, is_package }
}

/// Lists the folders directly below a root, by name; hidden ones are left out.
pub(super) fn folders_below(root: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(root)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

/// Returns the path by which two names of one folder can be told to be the same.
pub(super) fn identity(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// Tells whether a path is there, and whether it is a folder.
pub(super) fn is_folder(path: &Path) -> Option<bool> {
    fs::metadata(path).ok().map(|metadata| metadata.is_dir())
}

/// Returns a path as messages show it: with `/`, without `.`, relative to `base` where it lies in it.
pub(super) fn display(path: &Path, base: Option<&Path>) -> String {
    let path = base.and_then(|base| path.strip_prefix(base).ok()).unwrap_or(path);
    let plain: PathBuf = path.components().filter(|part| !matches!(part, Component::CurDir)).collect();
    match plain.to_string_lossy().replace('\\', "/") {
        empty if empty.is_empty() => ".".to_owned(),
        text => text,
    }
}

/// What a package's folder holds.
#[derive(Debug, Default)]
pub(super) struct Files {
    pub metadata: Found,
    pub components: Found,
    pub schema: Found,
    pub scripts: Vec<Script>,
    pub unreadable: Vec<String>,
    pub data: Vec<DataFile>,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Found {
    #[default]
    Missing,
    /// It is there, but cannot be read; that has been reported.
    Unreadable,
    Read(SourceId),
}

impl Found {
    pub fn source(self) -> Option<SourceId> {
        match self {
            Found::Read(source) => Some(source),
            _ => None,
        }
    }
}

/// Reads files of one package into `sources`.
pub(super) struct Reader<'a> {
    pub root: &'a Path,
    pub base: Option<&'a Path>,
    pub sources: &'a mut Sources,
    pub diagnostics: &'a mut Diagnostics,
}

impl Reader<'_> {
    /// Reads a file that stands in the package's root.
    pub fn read_root_file(&mut self, name: &str) -> Found {
        self.read(&self.root.join(name), self.root)
    }

    /// Reads all scripts and JSON files: those below `scripts`, and those of the test folders.
    pub fn read_all(&mut self, folder: &Path, files: &mut Files) {
        self.read_folder(&self.root.join("scripts"), "", true, files);
        for (base, name) in [(self.root, "tests"), (self.root, "spec"), (folder, "tests"), (folder, "spec")] {
            if base == self.root || folder != self.root {
                self.read_folder(&base.join(name), name, false, files);
            }
        }
        for (name, found) in [("metadata.json", files.metadata), ("components.json", files.components)] {
            if let Found::Read(source) = found {
                files.data.push(DataFile { path: name.to_owned(), source });
            }
        }
        files.scripts.sort_by(|a, b| (!a.in_scripts, &a.path).cmp(&(!b.in_scripts, &b.path)));
        files.data.sort_by(|a, b| a.path.cmp(&b.path));
        // One folder may hold both spec/ and seed/spec/; the first of a name counts.
        files.scripts.dedup_by(|b, a| a.in_scripts == b.in_scripts && a.path == b.path);
        files.data.dedup_by(|b, a| a.path == b.path);
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str, in_scripts: bool, files: &mut Files) {
        if !folder.is_dir() {
            return;
        }
        let bound = if folder.starts_with(self.root) { self.root } else { folder };
        if let Err(Refusal::Outside) = inside(bound, folder) {
            self.report_outside(folder);
            return;
        }
        let visible =
            |entry: &walkdir::DirEntry| entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.');
        let walk = WalkDir::new(folder).follow_links(false).max_depth(FOLDER_LIMIT).sort_by_file_name();
        for entry in walk.into_iter().filter_entry(visible) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let path = error.path().unwrap_or(folder).to_owned();
                    let reason = error.io_error().map_or_else(|| "cannot be listed".to_owned(), reason);
                    self.report_unreadable(&path, &reason);
                    continue;
                }
            };
            let path = entry.path();
            let wanted = path.extension().is_some_and(|extension| extension == "lua" || extension == "json");
            if entry.file_type().is_symlink() && path.is_dir() {
                let message = "a link to a folder is not followed";
                let shown = display(path, self.base);
                self.diagnostics.push(Diagnostic::warning("link_not_followed", message).in_file(shown));
                continue;
            }
            if entry.file_type().is_dir() || !wanted {
                continue;
            }
            let Some(below) = path.strip_prefix(folder).ok().and_then(Path::to_str) else {
                self.report_unreadable(path, "its name is not UTF-8");
                continue;
            };
            let below = below.replace('\\', "/");
            let below = if prefix.is_empty() { below } else { format!("{prefix}/{below}") };
            let found = self.read(path, bound);
            let is_script = path.extension().is_some_and(|extension| extension == "lua");
            match found {
                Found::Missing => {}
                Found::Unreadable if is_script => files.unreadable.push(module_of(&below)),
                Found::Unreadable => {}
                Found::Read(source) if is_script => {
                    let is_test = ["_spec.lua", "_test.lua", ".test.lua"].iter().any(|end| below.ends_with(end));
                    let module = module_of(&below);
                    files.scripts.push(Script { module, path: below, source, in_scripts, is_test });
                }
                Found::Read(source) => {
                    let path = if in_scripts { format!("scripts/{below}") } else { below };
                    files.data.push(DataFile { path, source });
                }
            }
        }
    }

    /// Reads a file that has to lie in `bound` when all links are followed.
    fn read(&mut self, path: &Path, bound: &Path) -> Found {
        let place = match inside(bound, path) {
            Ok(place) => place,
            // What was just listed and is gone is a link that leads nowhere, or was removed meanwhile.
            Err(Refusal::Missing) => return Found::Missing,
            Err(Refusal::Outside) => {
                self.report_outside(path);
                return Found::Unreadable;
            }
            Err(Refusal::Other(reason)) => {
                self.report_unreadable(path, &reason);
                return Found::Unreadable;
            }
        };
        let bytes = match read_bytes(&place) {
            Ok(bytes) => bytes,
            Err(reason) => {
                self.report_unreadable(path, &reason);
                return Found::Unreadable;
            }
        };
        let name = display(path, self.base);
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
                let message = format!("the file is not UTF-8: line {line} holds a byte that is no text");
                let fault = Diagnostic::error("not_utf8", message).in_file(name);
                self.diagnostics.push(fault.help("save it as UTF-8"));
                return Found::Unreadable;
            }
        };
        let marked = text.starts_with('\u{feff}');
        let source = self.sources.add(name, text.strip_prefix('\u{feff}').unwrap_or(&text));
        if marked {
            let message = "the file begins with a byte-order mark";
            let fault = Diagnostic::warning("byte_order_mark", message).at(Span::new(source, 0, 0));
            self.diagnostics.push(fault.help("save it as plain UTF-8"));
        }
        Found::Read(source)
    }

    fn report_outside(&mut self, path: &Path) {
        let message = "a link that leads out of the package's folder is not followed";
        let fault = Diagnostic::error("outside_package", message).in_file(display(path, self.base));
        self.diagnostics.push(fault.help("copy the file into the package"));
    }

    fn report_unreadable(&mut self, path: &Path, reason: &str) {
        let fault = Diagnostic::error("unreadable_file", format!("the file cannot be read: {reason}"));
        self.diagnostics.push(fault.in_file(display(path, self.base)));
    }
}

fn module_of(path: &str) -> String {
    crate::package::components::module_of(path)
}

enum Refusal {
    Missing,
    Outside,
    Other(String),
}

/// Follows all links of `path`; it has to end inside of `bound`.
fn inside(bound: &Path, path: &Path) -> Result<PathBuf, Refusal> {
    let refuse = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Refusal::Missing,
        _ => Refusal::Other(reason(&error)),
    };
    let place = fs::canonicalize(path).map_err(refuse)?;
    let bound = fs::canonicalize(bound).map_err(refuse)?;
    if place.starts_with(&bound) { Ok(place) } else { Err(Refusal::Outside) }
}

/// Reads a regular file; a pipe or a device would wait, or never end.
fn read_bytes(path: &Path) -> Result<Vec<u8>, String> {
    let metadata = fs::metadata(path).map_err(|error| reason(&error))?;
    if !metadata.is_file() {
        return Err("it is no file".to_owned());
    }
    if metadata.len() > FILE_LIMIT {
        return Err(format!("it is larger than {} MiB", FILE_LIMIT >> 20));
    }
    fs::read(path).map_err(|error| reason(&error))
}

/// Says why the system refused, without paths and numbers.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::NotFound => "it is not there".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => {
            let text = error.to_string().to_lowercase();
            text.split(" (os error").next().unwrap_or(&text).to_owned()
        }
    }
}
