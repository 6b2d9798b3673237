//! Reloads when files change.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::runtime::reload::changed_files;
use crate::runtime::worker::lock;
use crate::runtime::{Runtime, Shared};
use crate::watch::{FolderSetter, Watcher, WatcherOptions};

/// How to watch.
#[derive(Debug, Clone)]
pub struct WatchOptions {
    /// How long the files must have been quiet before they are read. 30 ms by default.
    pub quiet: Duration,
    /// Runs the specs of the packages that a change concerns, and keeps the generation that runs when one fails.
    pub check_tests: bool,
}

/// A runtime that is reloaded when its files change. Dropping it ends that, and what is being built of a next generation.
pub struct Watch {
    watcher: Option<Watcher>,
    saves: Arc<Saves>,
    shared: Weak<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What was saved and is not built yet, between the thread that watches and the one that builds.
#[derive(Default)]
struct Saves {
    state: Mutex<SavesState>,
    changed: Condvar,
}

#[derive(Default)]
struct SavesState {
    paths: BTreeSet<PathBuf>,
    /// The number of the reload that is under way, and when it began.
    building: Option<(u64, Instant)>,
    /// How long the last reload took that worked; at first, how long the runtime took to build.
    pace: Duration,
    closed: bool,
}

/// The endings of the files that a package is made of.
const ENDINGS: &[&str] = &["lua", "json", "prisma"];

/// How long a file that is saved again and again may keep a reload back.
const PATIENCE: Duration = Duration::from_millis(300);

/// How long a reload may take, at least, before a newer save ends it; else three times as long as the last one that worked.
const GRACE: Duration = Duration::from_millis(100);

impl Default for WatchOptions {
    fn default() -> Self {
        Self { quiet: Duration::from_millis(30), check_tests: false }
    }
}

impl Runtime {
    /// Reloads whenever files of the packages change, until the result is dropped. What comes of it is told by
    /// [`RuntimeBuilder::on_event`](crate::RuntimeBuilder::on_event).
    ///
    /// A reload that is still at it when the files change again, and has taken much longer than the one before, is given up: scripts
    /// that never end keep no good save waiting.
    pub fn watch(&self, options: &WatchOptions) -> Result<Watch> {
        let saves = Arc::new(Saves::default());
        saves.lock().pace = self.shared.built_in;
        let shared = Arc::downgrade(&self.shared);
        let (at_change, found) = (shared.clone(), saves.clone());
        let watcher = Watcher::start(
            WatcherOptions {
                folders: folders(&self.shared),
                endings: ENDINGS,
                quiet: options.quiet,
                patience: PATIENCE.max(options.quiet),
            },
            move |paths| found.add(paths, &at_change),
        );
        let fault = |error: String| Error::Io {
            path: folders(&self.shared).into_iter().next().unwrap_or_default(),
            source: std::io::Error::other(error),
        };
        let watcher = watcher.map_err(|error| fault(error.to_string()))?;
        let (saved, at_save, setter) = (saves.clone(), shared.clone(), watcher.folder_setter());
        let check_tests = options.check_tests;
        let thread = thread::Builder::new()
            .name("mbl reload".into())
            .spawn(move || saved.build(&at_save, check_tests, &setter))
            .map_err(|error| fault(error.to_string()))?;
        // What changed since the packages were read, and before they were watched, nobody else has seen.
        if let Ok((packages, _)) = self.shared.builder.gather() {
            let files = changed_files(&self.packages(), &packages);
            if !files.is_empty() {
                saves.add(files.into_iter().map(PathBuf::from).collect(), &shared);
            }
        }
        Ok(Watch { watcher: Some(watcher), saves, shared, thread: Some(thread) })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.watcher = None;
        let mut state = self.saves.lock();
        state.closed = true;
        let unwanted = state.building;
        drop(state);
        self.saves.changed.notify_all();
        self.saves.outlast(unwanted, &self.shared, "its files are watched no more");
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

impl Saves {
    /// Takes what was saved. What is being built meanwhile is out of date: it gets the time that sound packages need, and no more.
    fn add(&self, paths: Vec<PathBuf>, shared: &Weak<Shared>) {
        let mut state = self.lock();
        // What begins from here on knows of them.
        let outdated = state.building;
        state.paths.extend(paths);
        drop(state);
        self.changed.notify_all();
        self.outlast(outdated, shared, "the files have changed again");
    }

    /// Waits for a reload that is under way, and ends it when that takes too long.
    fn outlast(&self, building: Option<(u64, Instant)>, shared: &Weak<Shared>, reason: &'static str) {
        let Some((number, begun)) = building else { return };
        let mut state = self.lock();
        loop {
            let left = GRACE.max(3 * state.pace).saturating_sub(begun.elapsed());
            if state.building.is_none_or(|(now, _)| now != number) {
                return;
            }
            if left.is_zero() {
                if let Some(shared) = shared.upgrade() {
                    shared.give_up(reason);
                }
                return;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Reloads after each save, until nobody watches.
    fn build(&self, shared: &Weak<Shared>, check_tests: bool, setter: &FolderSetter) {
        let mut number = 0;
        loop {
            let mut state = self.lock();
            while state.paths.is_empty() && !state.closed {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            let Some(shared) = shared.upgrade().filter(|_| !state.closed) else { return };
            let paths = std::mem::take(&mut state.paths);
            number += 1;
            state.building = Some((number, Instant::now()));
            drop(state);
            let took = if matters(&shared, &paths) {
                let files = paths.iter().map(|path| shown(&shared, path)).collect();
                // Whoever wants to know has subscribed.
                shared.reload(Some(files), check_tests).ok().map(|reload| reload.time)
            } else {
                None
            };
            let mut state = self.lock();
            state.building = None;
            state.pace = took.unwrap_or(state.pace);
            drop(state);
            self.changed.notify_all();
            setter.set(folders(&shared));
        }
    }

    fn lock(&self) -> MutexGuard<'_, SavesState> {
        lock(&self.state)
    }
}

/// Tells whether saves are of packages that run, or may be what a reload that failed is waiting for, or make a difference.
fn matters(shared: &Shared, paths: &BTreeSet<PathBuf>) -> bool {
    let live = shared.live();
    let set = live.generation.packages();
    let runs = |path: &PathBuf| set.packages.iter().chain(&set.refused).any(|package| path.starts_with(&package.root));
    shared.has_failed.load(Ordering::Acquire)
        || paths.iter().any(runs)
        || shared.builder.gather().map_or(true, |(packages, _)| !changed_files(set, &packages).is_empty())
}

/// Returns the folders in which packages lie, and those of the packages that run.
fn folders(shared: &Shared) -> Vec<PathBuf> {
    let live = shared.live();
    let set = live.generation.packages();
    let packages: Vec<&Path> =
        set.packages.iter().chain(&set.refused).map(|package| package.folder.as_path()).collect();
    let mut folders: Vec<PathBuf> = packages.iter().map(|folder| folder.to_path_buf()).collect();
    // A dependency that is missing may be made beside them.
    let beside = packages.iter().filter_map(|folder| folder.parent());
    folders.extend(beside.filter(|folder| folder.ends_with("packages")).map(Path::to_owned));
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
