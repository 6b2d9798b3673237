//! Waiting for a lock that another connection holds, and giving way to those who wait.
//!
//! SQLite's own handler sleeps ever longer, up to a tenth of a second. A writer that begins its next transaction right after the last then
//! keeps the others out for as long as it goes on: the lock is free for microseconds, in which all of them sleep. So who waits here looks some
//! thousand times a second, which costs a hundredth of a core, and says that it waits: it holds a shared lock on the folder of the file
//! meanwhile. A writer that has just written asks for that folder before it writes again, and pauses when somebody waits.

use std::cell::Cell;
use std::fs::{File, TryLockError};
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::store::{Deadline, Location};

/// The longest pause between two looks.
const MOST: Duration = Duration::from_micros(500);

/// The first; each is twice the one before.
const FIRST: Duration = Duration::from_micros(50);

/// How long a writer pauses for those who wait.
const WAY: Duration = Duration::from_millis(2);

/// A writer that has not written for so long has left the others time enough.
const RECENT: Duration = Duration::from_millis(5);

/// The turns of the connections that write to one database.
pub(in crate::store) struct Turns {
    /// The folder of the file; None in memory, and where folders cannot be locked.
    folder: Option<Arc<File>>,
    /// When this connection last wrote.
    wrote: Cell<Option<Instant>>,
}

impl Turns {
    /// Makes those of one connection.
    pub fn new(location: &Location) -> Self {
        let folder = match location {
            Location::Memory => None,
            Location::File(path) => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
                File::open(folder).ok().map(Arc::new)
            }
        };
        Self { folder, wrote: Cell::new(None) }
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

    /// Pauses before a transaction for writing when this connection wrote just now and others wait.
    pub fn before_write(&self) {
        let Some(folder) = &self.folder else { return };
        if self.wrote.get().is_none_or(|wrote| wrote.elapsed() >= RECENT) {
            return;
        }
        match folder.try_lock() {
            Ok(()) => {
                let _ = folder.unlock();
            }
            Err(TryLockError::WouldBlock) => thread::sleep(WAY),
            Err(TryLockError::Error(_)) => {}
        }
    }

    /// Notes that a transaction for writing has ended.
    pub fn after_write(&self) {
        if self.folder.is_some() {
            self.wrote.set(Some(Instant::now()));
        }
    }
}
