//! Waiting for a lock that another connection holds, and giving way to those who wait.
//!
//! The writers of one process wait for one another in a queue, which knows when the one before is done. A writer that begins its next
//! transaction right after the last may go first for some half a millisecond; then it is another one's turn.
//!
//! Between processes there is only SQLite's lock. Its own handler sleeps ever longer, up to a tenth of a second. A writer that begins its
//! next transaction right after the last then keeps the others out for as long as it goes on: the lock is free for microseconds, in which all of
//! them sleep. So who waits here looks some thousand times a second, which costs a hundredth of a core, and says that it waits: it holds a shared
//! lock on the folder of the file meanwhile. A process that has just written asks for that folder before it writes again, and pauses when
//! somebody waits.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{ArcMutexGuard, Mutex, RawMutex};

use crate::store::{Deadline, Location};

/// The longest pause between two looks.
const MOST: Duration = Duration::from_micros(500);

/// The first; each is twice the one before.
const FIRST: Duration = Duration::from_micros(50);

/// How long a writer pauses for those who wait.
const WAY: Duration = Duration::from_millis(2);

/// A process that has not written for so long has left the others time enough.
const RECENT: Duration = Duration::from_millis(5);

/// What the writers of one file in this process queue for: when one of them last wrote.
type Queue = Mutex<Option<Instant>>;

/// The queues of all files that are open, by their paths.
static QUEUES: LazyLock<std::sync::Mutex<HashMap<PathBuf, Weak<Queue>>>> = LazyLock::new(Default::default);

/// The turns of one of the connections that write to a database.
pub(in crate::store) struct Turns {
    /// The folder of the file; None in memory, and where folders cannot be locked.
    folder: Option<Arc<File>>,
    /// None in memory, where a connection is alone.
    queue: Option<Arc<Queue>>,
    /// The turn that this connection has.
    turn: RefCell<Option<ArcMutexGuard<RawMutex, Option<Instant>>>>,
}

impl Turns {
    /// Makes those of one connection.
    pub fn new(location: &Location) -> Self {
        let (folder, queue) = match location {
            Location::Memory => (None, None),
            Location::File(path) => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
                (File::open(folder).ok().map(Arc::new), Some(queue_of(folder, path)))
            }
        };
        Self { folder, queue, turn: RefCell::default() }
    }

    /// Returns what SQLite asks, with how often it has asked for this lock, whether to look again: for as long as `limit` and the
    /// deadline allow, it answers yes after a pause.
    pub fn handler(&self, limit: Duration, deadline: Arc<Deadline>) -> impl FnMut(i32) -> bool + Send + 'static {
        let folder = self.folder.clone();
        let mut begun = Instant::now();
        let mut random = RandomState::new().hash_one(0u8) | 1;
        move |count| {
            if count == 0 {
                begun = Instant::now();
            }
            let waited = begun.elapsed();
            if waited >= limit {
                return false;
            }
            if deadline.is_over() {
                // Who asks next why nothing came of it sees the time over by a clock of his own, too.
                thread::sleep(2 * MOST);
                return false;
            }
            // Those who wait must not look all at the same moments, nor always just before the lock is free.
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let doubled = FIRST * (1 << count.clamp(0, 8));
            let pause = doubled.min(MOST).mul_f64(0.5 + (random >> 11) as f64 / (1_u64 << 53) as f64 / 2.0);
            let said = folder.as_ref().filter(|folder| folder.try_lock_shared().is_ok());
            thread::sleep(pause.min(limit - waited));
            if let Some(folder) = said {
                // It is released with the file, too.
                let _ = folder.unlock();
            }
            true
        }
    }

    /// Waits for this connection's turn to write, up to `limit` and the deadline; tells whether it has come. [`Turns::end`] must follow.
    pub fn begin(&self, limit: Duration, deadline: &Deadline) -> bool {
        let Some(queue) = &self.queue else { return true };
        let wait = deadline.left().map_or(limit, |left| left.min(limit));
        let Some(turn) = queue.try_lock_arc_for(wait) else {
            if deadline.is_over() {
                // As in the handler.
                thread::sleep(2 * MOST);
            }
            return false;
        };
        if let Some(folder) = self.folder.as_ref().filter(|_| turn.is_some_and(|wrote| wrote.elapsed() < RECENT)) {
            match folder.try_lock() {
                Ok(()) => {
                    let _ = folder.unlock();
                }
                Err(TryLockError::WouldBlock) => thread::sleep(WAY),
                Err(TryLockError::Error(_)) => {}
            }
        }
        self.turn.replace(Some(turn));
        true
    }

    /// Gives the turn to the next; `wrote` tells whether something was written. Without a turn it does nothing.
    pub fn end(&self, wrote: bool) {
        if let Some(mut turn) = self.turn.take()
            && wrote
        {
            *turn = Some(Instant::now());
        }
    }
}

/// Finds the queue of a file's writers. A file by two names has two, and SQLite's lock still keeps them apart.
fn queue_of(folder: &Path, path: &Path) -> Arc<Queue> {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let key = path.file_name().map_or_else(|| folder.clone(), |name| folder.join(name));
    let mut queues = QUEUES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(queue) = queues.get(&key).and_then(Weak::upgrade) {
        return queue;
    }
    queues.retain(|_, queue| queue.strong_count() > 0);
    let queue = Arc::new(Mutex::new(None));
    queues.insert(key, Arc::downgrade(&queue));
    queue
}
