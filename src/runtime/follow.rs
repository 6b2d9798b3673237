//! Reloads when files change.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::runtime::reload::changed_files;
use crate::runtime::{Runtime, Shared};
use crate::watch::{Watcher, WatcherOptions};

/// How to watch.
#[derive(Debug, Clone)]
pub struct WatchOptions {
    /// How long the files must have been quiet before they are read. 30 ms by default.
    pub quiet: Duration,
    /// Runs the specs of the packages that a change concerns, and keeps the generation that runs when one fails.
    pub check_tests: bool,
}

/// A runtime that is reloaded when its files change. Dropping it ends that.
pub struct Watch {
    _watcher: Watcher,
}

/// The endings of the files that a package is made of.
const ENDINGS: &[&str] = &["lua", "json", "prisma"];

/// How long a burst of saves may keep a reload back.
const PATIENCE: Duration = Duration::from_millis(300);

impl Default for WatchOptions {
    fn default() -> Self {
        Self { quiet: Duration::from_millis(30), check_tests: false }
    }
}

impl Runtime {
    /// Reloads whenever files of the packages change, until the result is dropped. What comes of it is told by
    /// [`RuntimeBuilder::on_event`](crate::RuntimeBuilder::on_event).
    pub fn watch(&self, options: &WatchOptions) -> Result<Watch> {
        let weak = Arc::downgrade(&self.shared);
        let check_tests = options.check_tests;
        let watcher = Watcher::start(
            WatcherOptions {
                folders: folders(&self.shared),
                endings: ENDINGS,
                quiet: options.quiet,
                patience: PATIENCE.max(options.quiet),
            },
            move |paths| follow(&weak, &paths, check_tests),
        )
        .map_err(|error| Error::Io {
            path: folders(&self.shared).into_iter().next().unwrap_or_default(),
            source: std::io::Error::other(error),
        })?;
        // What changed since the packages were read, and before they were watched, nobody else has seen.
        if let Ok((packages, _)) = self.shared.builder.gather() {
            let files = changed_files(&self.packages(), &packages);
            if !files.is_empty() {
                let _ = self.shared.reload(Some(files), check_tests);
            }
        }
        Ok(Watch { _watcher: watcher })
    }
}

/// Reloads, and returns the folders to watch from then on.
fn follow(shared: &Weak<Shared>, paths: &[PathBuf], check_tests: bool) -> Vec<PathBuf> {
    let Some(shared) = shared.upgrade() else { return Vec::new() };
    let files = paths.iter().map(|path| shown(&shared, path)).collect();
    // Whoever wants to know has subscribed.
    let _ = shared.reload(Some(files), check_tests);
    folders(&shared)
}

/// Returns the folders in which packages lie, and those of the packages that run.
fn folders(shared: &Shared) -> Vec<PathBuf> {
    let live = shared.live();
    let set = live.generation.packages();
    let packages: Vec<&Path> =
        set.packages.iter().chain(&set.refused).map(|package| package.folder.as_path()).collect();
    let mut folders: Vec<PathBuf> = packages.iter().map(|folder| folder.to_path_buf()).collect();
    for named in shared.builder.named_folders() {
        let is_package = packages.iter().any(|folder| *folder == named || named.starts_with(folder));
        let inner = named.join("packages");
        // A project is no folder of packages, and holds much else.
        match (is_package, packages.iter().any(|folder| folder.starts_with(&inner))) {
            (true, _) => {}
            (false, true) => folders.push(inner),
            (false, false) => folders.push(named.to_owned()),
        }
    }
    folders
}

/// Returns a path as messages show it.
fn shown(shared: &Shared, path: &Path) -> String {
    let live = shared.live();
    let set = live.generation.packages();
    let inner = set.packages.iter().chain(&set.refused).find_map(|package| {
        let inner = path.strip_prefix(&package.root).ok()?;
        Some(format!("{}/{}", package.display, inner.display()))
    });
    inner.unwrap_or_else(|| path.display().to_string())
}
