//! A snapshot that is held from one read to the next for as long as nobody commits.
//!
//! A statement by itself takes a lock of the file, looks where the log ends, and gives the lock back: a fifth of a read of one row. Between two
//! reads of a call nothing has changed most of the time, and the log's index says so for the price of a few loads. So from the second read on
//! a statement is left open, whose snapshot the others then share; each looks at the index first, and the snapshot is released as soon as it
//! is not the newest. What a read sees is what it would see by itself.
//!
//! A snapshot keeps the log from beginning anew, so it is not held while a call waits or when it is over, nor beside a log that has
//! grown so far that its writers want to copy it into the file.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::store::wal::WalHeader;

/// How many frames a log may have beside a snapshot that needs it: when it has so many, writers want to copy all of them into the file and
/// begin it anew. One that was copied whole is needed by nobody.
const FRAMES: u32 = 1000;

/// Sees to it that a snapshot is not held for long where nobody reads: has
/// [`Store::release_snapshot`](crate::store::Store::release_snapshot) called after a while.
pub trait SnapshotWatch {
    /// Says that a snapshot is held from now on.
    fn begins(&self);
    /// Says that it is held no more.
    fn ends(&self);
}

/// The snapshot that the reads of a connection share.
#[derive(Default)]
pub(in crate::store) struct SharedSnapshot {
    /// What the log was when the last read began, or, while the snapshot is held, what it is of.
    header: Cell<Option<WalHeader>>,
    held: Cell<bool>,
    /// That of the call that is under way; None outside of calls, where nobody would let go.
    watch: RefCell<Option<Rc<dyn SnapshotWatch>>>,
}

/// What a read is to do about the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Step {
    /// It is held and is the newest one.
    Share,
    /// Nobody has committed since the last read: one may be held from now on.
    Hold,
    /// Read without one.
    Alone,
}

impl SharedSnapshot {
    /// Notes which call is under way, by its watch, and returns the one before.
    pub fn set_call(&self, watch: Option<Rc<dyn SnapshotWatch>>) -> Option<Rc<dyn SnapshotWatch>> {
        self.watch.replace(watch)
    }

    /// Tells whether a call is under way.
    pub fn is_in_call(&self) -> bool {
        self.watch.borrow().is_some()
    }

    /// Tells whether it is held.
    pub fn is_held(&self) -> bool {
        self.held.get()
    }

    /// Decides before a read, with the log's header and how many of its frames have been copied. Unless it answers [`Step::Share`], what is
    /// held is to be released.
    pub fn decide(&self, log: Option<(WalHeader, u32)>) -> Step {
        let header = log.map(|(header, _)| header);
        let is_same = header.is_some() && header == self.header.replace(header);
        match log {
            Some(_) if is_same && self.held.get() => Step::Share,
            Some((header, copied)) if is_same && (header.frames() < FRAMES || copied >= header.frames()) => Step::Hold,
            _ => Step::Alone,
        }
    }

    /// Notes that a statement was left open since [`SharedSnapshot::decide`]; false when somebody has committed meanwhile, so that nobody
    /// knows which snapshot it has.
    pub fn hold(&self, log: Option<(WalHeader, u32)>) -> bool {
        let header = log.map(|(header, _)| header);
        let is_same = header.is_some() && header == self.header.get();
        self.held.set(is_same);
        if let (true, Some(watch)) = (is_same, &*self.watch.borrow()) {
            watch.begins();
        }
        is_same
    }

    /// Notes that the statement has ended.
    pub fn release(&self) {
        self.held.set(false);
        if let Some(watch) = &*self.watch.borrow() {
            watch.ends();
        }
    }
}
