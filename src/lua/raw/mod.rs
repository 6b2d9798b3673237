//! Lua's C API: reading arguments, building rows, JSON, and the functions that `db` calls.
//!
//! Two rules hold in this folder. What reads a table uses raw access and calls nothing that can raise, so that Rust values may live
//! meanwhile. What builds Lua values may raise (longjmp, when memory is short), so that no Rust value with a destructor lives
//! meanwhile: whatever is needed then lies in the [`Host`](crate::lua::host::Host), which outlives the Lua state.
#![allow(unsafe_code)]

pub(super) mod args;
pub(super) mod bounds;
pub(super) mod call;
pub(super) mod coroutine;
pub(super) mod json;
pub(super) mod read;
pub(super) mod rows;
pub(super) mod setup;
pub(super) mod strings;

use std::os::raw::c_void;

/// The identities of the tables and userdata that mean something: compared by address, kept alive by the Lua registry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks {
    /// The metatable of lists.
    pub list: *const c_void,
    /// The metatable of objects that a decoder or `json.object` made.
    pub object: *const c_void,
    /// The metatable of references to fields.
    pub field: *const c_void,
    /// The metatable of errors of `db`.
    pub error: *const c_void,
    /// `db.dbNull`, `db.jsonNull`, `db.anyNull`, `db.all`.
    pub sentinels: [*const c_void; 4],
}

impl Default for Marks {
    fn default() -> Self {
        let none = std::ptr::null();
        Self { list: none, object: none, field: none, error: none, sentinels: [none; 4] }
    }
}
