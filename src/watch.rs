//! Watches folders and tells which files have another content, once they have been quiet for a moment.
//!
//! Paths in, changed paths out. What the system reports is taken only as a hint that something happened: the files are then looked at,
//! and compared by their bytes. So an editor's rename dance, a save of the same text and a checkout of 500 files come out as what they
//! are. This module knows nothing of packages.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Component, Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime};

use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind, RemoveKind};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use walkdir::{DirEntry, WalkDir};

/// What to watch, and how long to wait.
#[derive(Debug, Clone)]
pub struct WatcherOptions {
    /// The folders; all that lies below them counts, but for hidden names, `target` and `node_modules`.
    pub folders: Vec<PathBuf>,
    /// The endings of the files that count, without the dot: so an editor's leftovers do not.
    pub endings: &'static [&'static str],
    /// How long the files must have been quiet.
    pub quiet: Duration,
    /// How long a burst may keep the change back.
    pub patience: Duration,
}

/// A thread that watches. Dropping it ends the thread, after the change that it is at.
pub struct Watcher {
    messages: Sender<Message>,
    thread: Option<JoinHandle<()>>,
}

/// Tells a [`Watcher`] which folders to watch.
#[derive(Clone)]
pub struct FolderSetter(Sender<Message>);

/// Folders cannot be watched.
#[derive(Debug, thiserror::Error)]
#[error("files cannot be watched: {0}")]
pub struct WatchError(String);

/// How often to look whether a folder that was lost is there again.
const LOOK: Duration = Duration::from_millis(500);

/// How long a burst that reaches ever more files may keep the change back.
const MOST: Duration = Duration::from_secs(5);

/// More files than this are no save but a checkout, which a busy machine interrupts for longer than an editor's save.
const MANY: usize = 20;

/// How long it must have been quiet after so many.
const QUIET_AFTER_MANY: Duration = Duration::from_millis(100);

enum Message {
    Event(notify::Result<notify::Event>),
    Folders(Vec<PathBuf>),
    Stop,
}

/// Why the thread that watches has something to do.
enum Woken {
    /// Something happened to these paths, and it has been quiet since.
    Touched(BTreeSet<PathBuf>),
    /// Other folders are to be watched.
    Folders(Vec<PathBuf>),
}

impl Watcher {
    /// Begins to watch. `on_change` gets the files that were added, changed or removed, sorted.
    ///
    /// What is changed after this returns is not missed; nor is what changes while `on_change` runs.
    pub fn start(
        options: WatcherOptions,
        mut on_change: impl FnMut(Vec<PathBuf>) + Send + 'static,
    ) -> Result<Self, WatchError> {
        let (messages, receiver) = mpsc::channel();
        let sender = messages.clone();
        let fault = |error: notify::Error| WatchError(error.to_string());
        let notify =
            notify::recommended_watcher(move |event| drop(sender.send(Message::Event(event)))).map_err(fault)?;
        let mut folders = Folders::new(options, notify);
        folders.watch(true);
        let mut known = folders.look(&BTreeMap::new(), &BTreeSet::new());
        let run = move || {
            let mut burst = Burst::default();
            while let Some(woken) = folders.wait(&receiver, &mut burst) {
                match woken {
                    Woken::Touched(touched) => {
                        let now = folders.look(&known, &touched);
                        let changed = difference(&known, &now);
                        known = now;
                        if !changed.is_empty() {
                            on_change(changed);
                        }
                    }
                    // What is new among them is looked at now, and is no change.
                    Woken::Folders(wanted) => {
                        if folders.set(wanted) {
                            for (path, stamp) in folders.look(&known, &BTreeSet::new()) {
                                known.entry(path).or_insert(stamp);
                            }
                        }
                    }
                }
            }
        };
        let thread = thread::Builder::new().name("mbl watch".into()).spawn(run);
        let thread = thread.map_err(|error| WatchError(error.to_string()))?;
        Ok(Self { messages, thread: Some(thread) })
    }

    /// Returns what sets the folders to watch from then on.
    pub fn folder_setter(&self) -> FolderSetter {
        FolderSetter(self.messages.clone())
    }
}

impl FolderSetter {
    /// Watches these folders and no others. Nothing happens when the watcher has ended.
    pub fn set(&self, folders: Vec<PathBuf>) {
        let _ = self.0.send(Message::Folders(folders));
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.messages.send(Message::Stop);
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

/// What has happened since it was last quiet.
#[derive(Default)]
struct Burst {
    touched: BTreeSet<PathBuf>,
    /// When it began, when a path was first touched in it, and when anything last happened.
    times: Option<(Instant, Instant, Instant)>,
}

impl Burst {
    /// Returns how long to wait for quiet; None when nothing has happened.
    fn pause(&self, options: &WatcherOptions) -> Option<Duration> {
        let (begun, widened, last) = self.times?;
        let quiet = match self.touched.len() {
            ..=MANY => options.quiet,
            _ => options.quiet.max(QUIET_AFTER_MANY),
        };
        let until = (last + quiet).min(widened + options.patience).min(begun + MOST.max(options.patience));
        Some(until.saturating_duration_since(Instant::now()))
    }

    /// Waits for quiet anew.
    fn prolong(&mut self) {
        let now = Instant::now();
        self.times = self.times.map(|(begun, _, _)| (begun, now, now));
    }

    /// Tells whether it may go on.
    fn is_young(&self) -> bool {
        self.times.is_some_and(|(begun, _, _)| begun.elapsed() < MOST)
    }

    fn happened(&mut self, paths: impl IntoIterator<Item = PathBuf>) {
        let now = Instant::now();
        let before = self.touched.len();
        self.touched.extend(paths);
        let (begun, widened, _) = self.times.unwrap_or((now, now, now));
        // One file that is saved again and again is not waited for; the many of a checkout are.
        let widened = if self.touched.len() > before { now } else { widened };
        self.times = Some((begun, widened, now));
    }
}

/// What is known of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    hash: u64,
}

/// The folders that are watched.
struct Folders {
    options: WatcherOptions,
    notify: RecommendedWatcher,
    /// Each folder, absolute, and which folder it was when it was last watched; None while it is not there.
    places: Vec<(PathBuf, Option<Identity>)>,
    /// What lies there while Git changes files of theirs.
    locks: Vec<PathBuf>,
}

/// By what a folder is told from another one of its name.
type Identity = (u64, Option<SystemTime>);

impl Folders {
    fn new(options: WatcherOptions, notify: RecommendedWatcher) -> Self {
        let mut folders = Self { options, notify, places: Vec::new(), locks: Vec::new() };
        let wanted = std::mem::take(&mut folders.options.folders);
        folders.set_list(wanted);
        folders
    }

    /// Sets which folders to watch; tells whether there are new ones.
    fn set(&mut self, wanted: Vec<PathBuf>) -> bool {
        let before = self.places.clone();
        self.set_list(wanted);
        if self.places.iter().map(|(path, _)| path).eq(before.iter().map(|(path, _)| path)) {
            self.places = before;
            return false;
        }
        for (path, _) in before {
            let _ = self.notify.unwatch(&path);
        }
        self.watch(true);
        true
    }

    /// Takes a list of folders, without those that lie in others.
    fn set_list(&mut self, wanted: Vec<PathBuf>) {
        let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let mut pairs: Vec<(PathBuf, PathBuf)> = wanted.into_iter().map(|path| (absolute(&path), path)).collect();
        pairs.sort();
        let mut kept: Vec<(PathBuf, PathBuf)> = Vec::new();
        for pair in pairs {
            if !kept.iter().any(|(outer, _)| pair.0.starts_with(outer)) {
                kept.push(pair);
            }
        }
        self.locks = kept.iter().filter_map(|(place, _)| lock_of_git(place)).collect();
        self.locks.dedup();
        self.places = kept.iter().map(|(place, _)| (place.clone(), None)).collect();
        self.options.folders = kept.into_iter().map(|(_, path)| path).collect();
    }

    /// Watches each folder that is another one than before, or each of them; tells whether there was one.
    ///
    /// The folder above is watched as well, for a folder that is removed and made again.
    fn watch(&mut self, each: bool) -> bool {
        let mut any = false;
        for (path, known) in &mut self.places {
            let now = identity(path);
            if !each && now == *known {
                continue;
            }
            any = true;
            let _ = self.notify.unwatch(path);
            if let Some(above) = path.parent() {
                let _ = self.notify.watch(above, RecursiveMode::NonRecursive);
            }
            *known = match now.is_some() && self.notify.watch(path, RecursiveMode::Recursive).is_ok() {
                true => now,
                false => None,
            };
        }
        any
    }

    /// Waits until something happened and it has been quiet since, or other folders are wanted. None when it is to stop.
    fn wait(&mut self, messages: &Receiver<Message>, burst: &mut Burst) -> Option<Woken> {
        loop {
            let pause = burst.pause(&self.options);
            match messages.recv_timeout(pause.unwrap_or(LOOK)) {
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return None,
                Ok(Message::Folders(folders)) => return Some(Woken::Folders(folders)),
                Ok(Message::Event(event)) => {
                    if self.concerns(&event) {
                        burst.happened(event.into_iter().flat_map(|event| event.paths));
                    }
                }
                Err(RecvTimeoutError::Timeout) if pause.is_some() => {
                    if burst.is_young() && self.locks.iter().any(|lock| is_fresh(lock)) {
                        burst.prolong();
                        continue;
                    }
                    let touched = std::mem::take(burst).touched;
                    let lost = self.places.iter().any(|(place, _)| touched.iter().any(|path| place.starts_with(path)));
                    self.watch(lost);
                    return Some(Woken::Touched(touched));
                }
                Err(RecvTimeoutError::Timeout) => {
                    if self.watch(false) {
                        burst.happened([]);
                    }
                }
            }
        }
    }

    /// Tells whether an event may mean another content.
    fn concerns(&self, event: &notify::Result<notify::Event>) -> bool {
        let Ok(event) = event else { return true };
        if event.need_rescan() {
            return true;
        }
        let of_folder = match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => false,
            EventKind::Access(_) => return false,
            EventKind::Create(CreateKind::Folder) | EventKind::Remove(RemoveKind::Folder) => true,
            EventKind::Modify(ModifyKind::Name(_)) => true,
            _ => false,
        };
        event.paths.iter().any(|path| {
            let Some((place, _)) = self.places.iter().find(|(place, _)| path.starts_with(place)) else {
                // Seen through the folder above.
                return self.places.iter().any(|(place, _)| place.starts_with(path));
            };
            let hidden = path.strip_prefix(place).is_ok_and(|inner| inner.components().any(is_passed_over));
            !hidden && (self.counts(path) || of_folder && path.extension().is_none() || path.is_dir())
        })
    }

    /// Tells whether a file of this name counts.
    fn counts(&self, path: &Path) -> bool {
        let ending = path.extension().and_then(OsStr::to_str);
        ending.is_some_and(|ending| self.options.endings.contains(&ending))
    }

    /// Looks at all files. Those that seem as they were, and were not touched, are not read again.
    fn look(&self, known: &BTreeMap<PathBuf, Stamp>, touched: &BTreeSet<PathBuf>) -> BTreeMap<PathBuf, Stamp> {
        let mut found = BTreeMap::new();
        for (folder, (place, _)) in self.options.folders.iter().zip(&self.places) {
            let walk = WalkDir::new(folder).follow_links(true).into_iter();
            let visible = |entry: &DirEntry| {
                let name = Component::Normal(entry.file_name());
                entry.depth() == 0 || !is_passed_over(name)
            };
            for entry in walk.filter_entry(visible).flatten() {
                if !entry.file_type().is_file() || !self.counts(entry.path()) {
                    continue;
                }
                let Ok(metadata) = entry.metadata() else { continue };
                let (length, modified) = (metadata.len(), metadata.modified().ok());
                let absolute = entry.path().strip_prefix(folder).map(|inner| place.join(inner)).unwrap_or_default();
                let same = known.get(entry.path()).filter(|stamp| {
                    stamp.length == length && stamp.modified == modified && !touched.contains(&absolute)
                });
                let stamp = match same {
                    Some(stamp) => stamp.clone(),
                    // It may be gone since; then it is not there.
                    None => match fs::read(entry.path()) {
                        Ok(bytes) => Stamp { length, modified, hash: hash_of(&bytes) },
                        Err(_) => continue,
                    },
                };
                found.insert(entry.into_path(), stamp);
            }
        }
        found
    }
}

/// Tells whether nothing below a name is looked at.
fn is_passed_over(name: Component<'_>) -> bool {
    let Component::Normal(name) = name else { return false };
    name.as_encoded_bytes().starts_with(b".") || name == "target" || name == "node_modules"
}

fn identity(folder: &Path) -> Option<Identity> {
    let metadata = fs::metadata(folder).ok().filter(fs::Metadata::is_dir)?;
    #[cfg(unix)]
    let number = std::os::unix::fs::MetadataExt::ino(&metadata);
    #[cfg(not(unix))]
    let number = 0;
    Some((number, metadata.created().ok()))
}

/// Returns the file that Git keeps while it changes files of a folder, when the folder is in a repository.
fn lock_of_git(folder: &Path) -> Option<PathBuf> {
    let git = folder.ancestors().map(|folder| folder.join(".git")).find(|git| git.exists())?;
    // In a work tree beside the repository's own it is a file that says where to look.
    let elsewhere = fs::read_to_string(&git).ok().and_then(|text| {
        let path = text.strip_prefix("gitdir:")?.trim();
        Some(git.with_file_name(path))
    });
    Some(elsewhere.unwrap_or(git).join("index.lock"))
}

/// Tells whether a lock is there and not one that was left behind.
fn is_fresh(lock: &Path) -> bool {
    let modified = fs::metadata(lock).and_then(|metadata| metadata.modified());
    modified.is_ok_and(|modified| modified.elapsed().map_or(true, |age| age < 2 * MOST))
}

fn hash_of(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

/// Returns the paths that are in one only, or have another content.
fn difference(old: &BTreeMap<PathBuf, Stamp>, new: &BTreeMap<PathBuf, Stamp>) -> Vec<PathBuf> {
    let paths: BTreeSet<&PathBuf> = old.keys().chain(new.keys()).collect();
    let hash = |stamps: &BTreeMap<PathBuf, Stamp>, path: &PathBuf| stamps.get(path).map(|stamp| stamp.hash);
    paths.into_iter().filter(|path| hash(old, path) != hash(new, path)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn a_burst_is_one_change_and_equal_bytes_are_none() {
        let (folder, _watcher, changes) = watched("burst");
        for number in 0..300 {
            fs::write(folder.join(format!("file{number}.lua")), "return 1").expect("it is written");
        }
        assert_eq!(changes.recv_timeout(WAIT).expect("a change").len(), 300);
        fs::write(folder.join("file7.lua"), "return 1").expect("it is written");
        assert_eq!(changes.recv_timeout(SHORT).ok(), None);
        fs::write(folder.join("file7.lua"), "return 2").expect("it is written");
        assert_eq!(changes.recv_timeout(WAIT).expect("a change"), ["file7.lua"]);
    }

    #[test]
    fn leftovers_of_editors_are_no_change_and_their_saves_are_one() {
        let (folder, _watcher, changes) = watched("editors");
        fs::write(folder.join("a.lua"), "return 1").expect("it is written");
        assert_eq!(changes.recv_timeout(WAIT).expect("a change"), ["a.lua"]);
        for name in [".a.lua.swp", "a.lua~", ".#a.lua", "#a.lua#", "4913", "a.lua.tmp"] {
            fs::write(folder.join(name), "x").expect("it is written");
        }
        assert_eq!(changes.recv_timeout(SHORT).ok(), None);
        // Written beside and moved over it; then moved away and written anew.
        fs::write(folder.join("a.lua.tmp"), "return 2").expect("it is written");
        fs::rename(folder.join("a.lua.tmp"), folder.join("a.lua")).expect("it is renamed");
        assert_eq!(changes.recv_timeout(WAIT).expect("a change"), ["a.lua"]);
        fs::rename(folder.join("a.lua"), folder.join("a.lua~")).expect("it is renamed");
        fs::write(folder.join("a.lua"), "return 3").expect("it is written");
        assert_eq!(changes.recv_timeout(WAIT).expect("a change"), ["a.lua"]);
        fs::remove_file(folder.join("a.lua")).expect("it is removed");
        assert_eq!(changes.recv_timeout(WAIT).expect("a change"), ["a.lua"]);
    }

    #[test]
    fn folders_come_and_go() {
        let (folder, _watcher, changes) = watched("folders");
        fs::create_dir_all(folder.join("db/deep")).expect("a folder is made");
        fs::write(folder.join("db/deep/a.lua"), "1").expect("it is written");
        assert_eq!(changes.recv_timeout(WAIT).expect("a change"), ["db/deep/a.lua"]);
        fs::write(folder.join("db/deep/a.lua"), "2").expect("it is written");
        assert_eq!(changes.recv_timeout(WAIT).expect("a change"), ["db/deep/a.lua"]);
        fs::remove_dir_all(&folder).expect("it is removed");
        assert_eq!(changes.recv_timeout(WAIT).expect("a change"), ["db/deep/a.lua"]);
        fs::create_dir_all(&folder).expect("a folder is made");
        fs::write(folder.join("b.lua"), "1").expect("it is written");
        assert_eq!(changes.recv_timeout(WAIT).expect("a change"), ["b.lua"]);
        fs::write(folder.join("b.lua"), "2").expect("it is written");
        assert_eq!(changes.recv_timeout(WAIT).expect("a change"), ["b.lua"]);
    }

    #[test]
    fn a_checkout_is_waited_for_and_one_file_saved_again_and_again_is_not() {
        let options = WatcherOptions {
            folders: Vec::new(),
            endings: &["lua"],
            quiet: Duration::from_secs(100),
            patience: Duration::from_secs(10),
        };
        let mut burst = Burst::default();
        assert_eq!(burst.pause(&options), None);
        burst.happened([PathBuf::from("a.lua")]);
        let (begun, widened, _) = burst.times.expect("it has begun");
        burst.happened([PathBuf::from("a.lua")]);
        assert_eq!(burst.times.map(|(begun, widened, _)| (begun, widened)), Some((begun, widened)));
        thread::sleep(Duration::from_millis(2));
        burst.happened([PathBuf::from("b.lua")]);
        let (_, later, last) = burst.times.expect("it has begun");
        assert!(later > widened && later == last);
        assert!(burst.pause(&options).expect("it waits") <= options.patience);
    }

    #[test]
    fn a_checkout_is_one_change_however_long_it_takes() {
        let (folder, watcher, changes) = watched("git");
        fs::create_dir(folder.with_file_name(".git")).expect("a folder is made");
        // The repository is looked for when the folders are set.
        watcher.folder_setter().set(vec![folder.join("elsewhere")]);
        watcher.folder_setter().set(vec![folder.clone()]);
        let lock = folder.with_file_name(".git").join("index.lock");
        fs::write(&lock, "").expect("it is written");
        fs::write(folder.join("a.lua"), "1").expect("it is written");
        assert_eq!(changes.recv_timeout(SHORT).ok(), None);
        fs::write(folder.join("b.lua"), "1").expect("it is written");
        fs::remove_file(&lock).expect("it is removed");
        let seen = changes.recv_timeout(WAIT).expect("a change");
        // The first may have been there before its folder was watched again.
        assert!(seen.ends_with(&["b.lua".to_owned()]), "{seen:?}");
    }

    #[test]
    fn other_folders_can_be_watched() {
        let (folder, watcher, changes) = watched("others");
        let other = folder.with_file_name("other");
        fs::create_dir_all(&other).expect("a folder is made");
        watcher.folder_setter().set(vec![folder.clone(), folder.join("inner"), other.clone()]);
        // Until the other folder is watched, what is written there is found by nobody.
        let seen = (0..100).find_map(|number| {
            fs::write(other.join("a.lua"), format!("return {number}")).expect("it is written");
            changes.recv_timeout(SHORT).ok()
        });
        assert_eq!(seen.expect("a change"), ["../other/a.lua"]);
        fs::write(folder.join("b.lua"), "return 1").expect("it is written");
        assert_eq!(changes.recv_timeout(WAIT).expect("a change"), ["b.lua"]);
    }

    const WAIT: Duration = Duration::from_secs(10);
    const SHORT: Duration = Duration::from_millis(250);

    /// Watches an empty folder; what changes comes as paths below it.
    fn watched(name: &str) -> (PathBuf, Watcher, Receiver<Vec<String>>) {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let above = std::env::temp_dir().join(format!("mbl-watch-{}-{number}-{name}", std::process::id()));
        let folder = above.join("package");
        fs::create_dir_all(&folder).expect("a folder is made");
        let (sender, receiver) = mpsc::channel();
        let root = folder.clone();
        let options = WatcherOptions {
            folders: vec![folder.clone()],
            endings: &["lua"],
            quiet: Duration::from_millis(50),
            patience: Duration::from_secs(5),
        };
        let watcher = Watcher::start(options, move |paths| {
            let inner = |path: &PathBuf| match path.strip_prefix(&root) {
                Ok(inner) => inner.display().to_string(),
                Err(_) => format!("../other/{}", path.file_name().expect("it has a name").display()),
            };
            let _ = sender.send(paths.iter().map(inner).collect());
        });
        (folder, watcher.expect("it watches"), receiver)
    }
}
