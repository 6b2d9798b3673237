//! A snapshot that stands from one read to the next for as long as nobody commits.
//!
//! A statement by itself takes a lock of the file, looks where the log ends, and gives the lock back: a fifth of a read of one row. Between two
//! reads of a call nothing has changed most of the time, and the log's index says so for the price of a few loads. So from the second read on
//! a statement is left open, whose snapshot the others then share; each looks at the index first, and the snapshot is let go as soon as it
//! is not the newest. What a read sees is what it would see by itself.
//!
//! A snapshot keeps the log from beginning anew, so it does not stand while a call waits or when it is over, nor beside a log that has
//! grown so far that its writers want to copy it into the file.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::store::wal::{WalHeader, WalIndex};

/// How many frames a log may have beside a snapshot that needs it: when it has so many, writers want to copy all of them into the file and
/// begin it anew. One that was copied whole is needed by nobody.
const FRAMES: u32 = 1000;

/// Sees to it that a snapshot does not stand for long where nobody reads: has [`Store::rest`](crate::store::Store::rest) called after a while.
pub trait SnapshotWatch {
    /// Says that a snapshot begins to stand.
    fn begins(&self);
    /// Says that it does not stand any more.
    fn ends(&self);
}

/// The standing snapshot of a connection.
#[derive(Default)]
pub(in crate::store) struct Standing {
    /// None without a log.
    index: Option<WalIndex>,
    /// How many calls are under way that let go of it at their end.
    calls: Cell<usize>,
    /// What the log was when the last read began, or, while it stands, what it is of.
    header: Cell<Option<WalHeader>>,
    stands: Cell<bool>,
    /// That of the call that is under way.
    watch: RefCell<Option<Rc<dyn SnapshotWatch>>>,
}

/// What a read is to do about the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Step {
    /// It stands and is the newest one.
    Share,
    /// Nobody has committed since the last read: one may stand from now on.
    Begin,
    /// Read without one.
    Alone,
}

impl Standing {
    /// Makes that of a connection with this log.
    pub fn new(index: Option<WalIndex>) -> Self {
        Self { index, ..Self::default() }
    }

    /// Notes that a call begins, and returns the watch of the one around it.
    pub fn begin_call(&self, watch: Rc<dyn SnapshotWatch>) -> Option<Rc<dyn SnapshotWatch>> {
        self.calls.set(self.calls.get() + 1);
        self.watch.replace(Some(watch))
    }

    /// Notes that a call has ended that let go of what stood.
    pub fn end_call(&self, outer: Option<Rc<dyn SnapshotWatch>>) {
        self.calls.set(self.calls.get() - 1);
        self.watch.replace(outer);
    }

    /// Tells whether it stands.
    pub fn stands(&self) -> bool {
        self.stands.get()
    }

    /// Looks at the log before a read. Unless it answers [`Step::Share`], what stands is to be let go.
    pub fn look(&self) -> Step {
        let (Some(index), true) = (&self.index, self.calls.get() > 0) else { return Step::Alone };
        let read = index.read();
        let header = read.map(|(header, _)| header);
        let is_same = header.is_some() && header == self.header.replace(header);
        match read {
            Some(_) if is_same && self.stands.get() => Step::Share,
            Some((header, copied)) if is_same && (header.frames() < FRAMES || copied >= header.frames()) => Step::Begin,
            _ => Step::Alone,
        }
    }

    /// Notes that a statement was left open since [`Standing::look`]; false when somebody has committed meanwhile, so that nobody knows
    /// which snapshot it has.
    pub fn begin(&self) -> bool {
        let header = self.index.as_ref().and_then(WalIndex::read).map(|(header, _)| header);
        let is_same = header.is_some() && header == self.header.get();
        self.stands.set(is_same);
        if let (true, Some(watch)) = (is_same, &*self.watch.borrow()) {
            watch.begins();
        }
        is_same
    }

    /// Notes that the statement has ended.
    pub fn end(&self) {
        self.stands.set(false);
        if let Some(watch) = &*self.watch.borrow() {
            watch.ends();
        }
    }
}
