//! What a database's write-ahead log has come to, read where SQLite's connections share it.
//!
//! The index of the log lies in memory that all processes with the file open share. Its header changes with every commit, so that comparing
//! two readings tells whether anybody has committed in between, without a lock and without asking the system. rusqlite has no call for it.

#![allow(unsafe_code)]

use std::ffi::c_void;
use std::marker::PhantomData;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use rusqlite::{Connection, ffi};

/// How large the pieces are in which SQLite maps the index, in bytes: a part of the file format.
const REGION: i32 = 32_768;

/// Where the index says how many frames of the log have been copied into the file, in bytes.
const COPIED: usize = 96;

/// The index of one connection's log.
pub(in crate::store) struct WalIndex<'c> {
    file: *mut ffi::sqlite3_file,
    /// The file is the connection's.
    _connection: PhantomData<&'c Connection>,
}

/// The index's header at one time: two that are equal were read with no commit in between.
///
/// It holds a counter of commits, how many frames the log has, and their checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct WalHeader([u64; 6]);

impl WalHeader {
    /// Returns how many frames the log has.
    pub fn frames(self) -> u32 {
        let bytes = self.0[2].to_ne_bytes();
        u32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
    }

    /// Tells whether it belongs to a log that is in use.
    fn is_set(self) -> bool {
        self.0[1].to_ne_bytes()[4] != 0
    }
}

impl<'c> WalIndex<'c> {
    /// Finds that of a connection whose database is in WAL mode.
    pub fn of(connection: &'c Connection) -> Option<Self> {
        let mut file: *mut ffi::sqlite3_file = null_mut();
        // SAFETY: the connection is open, the name ends with NUL, and the last argument is what SQLITE_FCNTL_FILE_POINTER writes to: the
        // file that belongs to the connection's pager from its opening to its end.
        let status = unsafe {
            ffi::sqlite3_file_control(
                connection.handle(),
                c"main".as_ptr(),
                ffi::SQLITE_FCNTL_FILE_POINTER,
                (&raw mut file).cast::<c_void>(),
            )
        };
        (status == ffi::SQLITE_OK && !file.is_null()).then_some(Self { file, _connection: PhantomData })
    }

    /// Reads the header, and how many frames have been copied into the file; None while there is no log.
    pub fn read(&self) -> Option<(WalHeader, u32)> {
        let mut region: *mut c_void = null_mut();
        // SAFETY: the file is open as long as the connection, and its methods are a table that SQLite never changes. From version 2 they have `xShmMap`, which
        // writes the address of a region of `REGION` bytes, or NULL where there is none and, as the 0 says, none is to be made.
        let status = unsafe {
            let methods = (*self.file).pMethods;
            if methods.is_null() || (*methods).iVersion < 2 {
                return None;
            }
            (*methods).xShmMap?(self.file, 0, REGION, 0, &raw mut region)
        };
        if status != ffi::SQLITE_OK || region.is_null() {
            return None;
        }
        // SAFETY: the region begins a page of memory and stays mapped at least until this connection runs its next statement. Others write
        // to it meanwhile, so all of it is read by atomic loads; a header that is half written equals no other.
        let (header, copied) = unsafe {
            let words = region.cast::<u64>();
            let word = |place: usize| AtomicU64::from_ptr(words.add(place)).load(Ordering::Acquire);
            let header = WalHeader([word(0), word(1), word(2), word(3), word(4), word(5)]);
            let copied = AtomicU32::from_ptr(region.cast::<u8>().add(COPIED).cast()).load(Ordering::Acquire);
            (header, copied)
        };
        header.is_set().then_some((header, copied))
    }
}
