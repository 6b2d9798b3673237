//! Results as Lua tables: recorded while the database steps, built when no Rust value is in the way of an error.
//!
//! A result is written to a buffer that the host owns, as one byte of kind and the bytes of the value; a key is a number, since
//! the same few keys come back with every row. Building pushes each key once, and raises only when memory is short.

use std::os::raw::{c_char, c_int};
use std::sync::Arc;

use mlua::ffi;
use rustc_hash::FxHashMap;

use crate::lua::raw::{Marks, json};
use crate::value::Rows;

/// A recorded result.
#[derive(Default)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    keys: Vec<Arc<str>>,
    /// For each key, the one that followed it last: rows repeat.
    following: Vec<u32>,
    numbers: FxHashMap<*const u8, u32>,
    last: u32,
    /// Text that is being put together while JSON is read.
    pub scratch: Vec<u8>,
    /// Why there is no result.
    pub error: Option<Box<PendingError>>,
    limit: usize,
    too_large: bool,
}

/// An error of `db` on its way to Lua: its parts as text, since building the table may raise.
#[derive(Debug, Default)]
pub(crate) struct PendingError {
    /// Prisma's code, or a readable one.
    pub code: Option<String>,
    /// `known`, `validation` or `internal`.
    pub kind: &'static str,
    /// The model's name.
    pub model: Option<String>,
    /// The operation.
    pub operation: Option<String>,
    /// Prisma's `meta`, as JSON.
    pub meta: String,
    /// The whole message.
    pub message: String,
}

const END: u8 = 0;
const LIST: u8 = 1;
const OBJECT: u8 = 2;
const KEY: u8 = 3;
const NULL: u8 = 4;
const FALSE: u8 = 5;
const TRUE: u8 = 6;
const INT: u8 = 7;
const FLOAT: u8 = 8;
const TEXT: u8 = 9;
const JSON: u8 = 10;

impl Buffer {
    /// Makes the buffer empty; it refuses to grow beyond `limit` bytes.
    pub fn reset(&mut self, limit: usize) {
        self.bytes.clear();
        self.bytes.shrink_to(1 << 20);
        self.scratch.clear();
        self.scratch.shrink_to(1 << 20);
        self.keys.clear();
        self.following.clear();
        self.numbers.clear();
        self.last = 0;
        self.error = None;
        self.limit = limit;
        self.too_large = false;
    }

    /// Tells whether the result went beyond the limit, and is not whole.
    pub fn is_too_large(&self) -> bool {
        self.too_large
    }

    fn put(&mut self, kind: u8, bytes: &[u8]) {
        if self.bytes.len() + bytes.len() > self.limit {
            self.too_large = true;
            return;
        }
        self.bytes.push(kind);
        self.bytes.extend_from_slice(bytes);
    }

    fn put_text(&mut self, kind: u8, bytes: &[u8]) {
        if self.bytes.len() + bytes.len() > self.limit {
            self.too_large = true;
            return;
        }
        self.bytes.push(kind);
        self.bytes.extend_from_slice(&(bytes.len() as u64).to_ne_bytes());
        self.bytes.extend_from_slice(bytes);
    }

    fn key_number(&mut self, key: &Arc<str>) -> u32 {
        let guess = self.following.get(self.last as usize).copied().unwrap_or(0);
        if self.keys.get(guess as usize).is_some_and(|known| Arc::ptr_eq(known, key)) {
            self.last = guess;
            return guess;
        }
        let next = self.keys.len() as u32;
        let number = *self.numbers.entry(key.as_ptr()).or_insert(next);
        if number == next {
            // The buffer holds the key, so that its address stays its own.
            self.keys.push(key.clone());
            self.following.push(0);
        }
        if let Some(following) = self.following.get_mut(self.last as usize) {
            *following = number;
        }
        self.last = number;
        number
    }
}

impl Rows for Buffer {
    fn begin_list(&mut self, capacity: Option<usize>) {
        self.put(LIST, &(capacity.unwrap_or(0).min(1 << 24) as u32).to_ne_bytes());
    }

    fn end_list(&mut self) {
        self.put(END, &[]);
    }

    fn begin_object(&mut self, keys: usize) {
        self.put(OBJECT, &(keys.min(1 << 16) as u32).to_ne_bytes());
    }

    fn end_object(&mut self) {
        self.put(END, &[]);
    }

    fn key(&mut self, key: &Arc<str>) {
        let number = self.key_number(key);
        self.put(KEY, &number.to_ne_bytes());
    }

    fn null(&mut self) {
        self.put(NULL, &[]);
    }

    fn boolean(&mut self, value: bool) {
        self.put(if value { TRUE } else { FALSE }, &[]);
    }

    fn int(&mut self, value: i64) {
        self.put(INT, &value.to_ne_bytes());
    }

    fn bigint(&mut self, value: i64) {
        self.put(INT, &value.to_ne_bytes());
    }

    fn float(&mut self, value: f64) {
        self.put(FLOAT, &value.to_ne_bytes());
    }

    fn text(&mut self, value: &str) {
        self.put_text(TEXT, value.as_bytes());
    }

    fn datetime(&mut self, value: &str) {
        self.put_text(TEXT, value.as_bytes());
    }

    fn decimal(&mut self, value: &str) {
        self.put_text(TEXT, value.as_bytes());
    }

    fn bytes(&mut self, value: &[u8]) {
        self.put_text(TEXT, value);
    }

    fn json(&mut self, text: &str) {
        self.put_text(JSON, text.as_bytes());
    }
}

/// Pushes the recorded result. Raises when memory is short, or the stack.
///
/// # Safety
/// `state` is a live state inside a protected call, and `buffer` holds a whole result that nothing changes meanwhile.
pub(crate) unsafe fn push(state: *mut ffi::lua_State, buffer: *mut Buffer, marks: Marks) {
    // SAFETY: the contract above; no value here has a destructor. The scratch space is a field apart from those that are read.
    unsafe {
        let keys: &[Arc<str>] = &(*buffer).keys;
        let count = keys.len();
        // The keys, the markers, and the open tables with a key and a value each.
        let room = count + 3 * (crate::value::MAX_DEPTH + 64);
        ffi::luaL_checkstack(state, room.min(c_int::MAX as usize) as c_int, c"a result with too many keys".as_ptr());
        let result = ffi::lua_gettop(state) + 1;
        json::push_marker(state, marks.list);
        let first_key = ffi::lua_gettop(state) + 1;
        for key in keys {
            ffi::lua_pushlstring(state, key.as_ptr().cast::<c_char>(), key.len());
        }
        let bytes: &[u8] = &(*buffer).bytes;
        let mut cursor = Cursor {
            at: bytes.as_ptr(),
            end: bytes.as_ptr().add(bytes.len()),
            list: result,
            first_key,
            scratch: &raw mut (*buffer).scratch,
            marks,
        };
        if cursor.at == cursor.end {
            ffi::lua_pushnil(state);
        } else {
            let kind = cursor.kind();
            value(state, &mut cursor, kind, 0);
        }
        ffi::lua_replace(state, result);
        ffi::lua_settop(state, result);
    }
}

struct Cursor {
    at: *const u8,
    end: *const u8,
    list: c_int,
    first_key: c_int,
    scratch: *mut Vec<u8>,
    marks: Marks,
}

impl Cursor {
    unsafe fn kind(&mut self) -> u8 {
        // SAFETY: `Rows` is called with balanced begins and ends, so that there is a kind wherever one is expected; past the end
        // the result is taken to end.
        unsafe {
            if self.at >= self.end {
                return END;
            }
            let kind = *self.at;
            self.at = self.at.add(1);
            kind
        }
    }

    unsafe fn take<const N: usize>(&mut self) -> [u8; N] {
        // SAFETY: `put` writes the whole of a value or nothing.
        unsafe {
            let bytes = *self.at.cast::<[u8; N]>();
            self.at = self.at.add(N);
            bytes
        }
    }

    unsafe fn text(&mut self) -> (*const u8, usize) {
        // SAFETY: as in `take`.
        unsafe {
            let length = u64::from_ne_bytes(self.take()) as usize;
            let text = self.at;
            self.at = self.at.add(length);
            (text, length)
        }
    }
}

unsafe fn value(state: *mut ffi::lua_State, cursor: &mut Cursor, kind: u8, depth: usize) {
    // SAFETY: the contract of `push`; a recorded value has its kind's bytes after it.
    unsafe {
        match kind {
            LIST => {
                if depth > crate::value::MAX_DEPTH {
                    ffi::luaL_error(state, c"a result that nests too deep".as_ptr());
                }
                let capacity = u32::from_ne_bytes(cursor.take());
                ffi::lua_createtable(state, capacity as c_int, 0);
                ffi::lua_pushvalue(state, cursor.list);
                ffi::lua_setmetatable(state, -2);
                let mut number = 0;
                loop {
                    let kind = cursor.kind();
                    if kind == END {
                        break;
                    }
                    number += 1;
                    value(state, cursor, kind, depth + 1);
                    ffi::lua_rawseti(state, -2, number);
                }
            }
            OBJECT => {
                if depth > crate::value::MAX_DEPTH {
                    ffi::luaL_error(state, c"a result that nests too deep".as_ptr());
                }
                let capacity = u32::from_ne_bytes(cursor.take());
                ffi::lua_createtable(state, 0, capacity as c_int);
                while cursor.kind() == KEY {
                    let key = u32::from_ne_bytes(cursor.take());
                    let kind = cursor.kind();
                    if kind == NULL {
                        continue;
                    }
                    ffi::lua_pushvalue(state, cursor.first_key + key as c_int);
                    value(state, cursor, kind, depth + 1);
                    ffi::lua_rawset(state, -3);
                }
            }
            FALSE => ffi::lua_pushboolean(state, 0),
            TRUE => ffi::lua_pushboolean(state, 1),
            INT => ffi::lua_pushinteger(state, i64::from_ne_bytes(cursor.take())),
            FLOAT => ffi::lua_pushnumber(state, f64::from_ne_bytes(cursor.take())),
            TEXT => {
                let (text, length) = cursor.text();
                ffi::lua_pushlstring(state, text.cast::<c_char>(), length);
            }
            JSON => {
                let (text, length) = cursor.text();
                if json::push_decoded(state, text, length, cursor.scratch, cursor.marks).is_some() {
                    // Known to be valid JSON; what another program wrote there may not be, and then it is text.
                    ffi::lua_pushlstring(state, text.cast::<c_char>(), length);
                }
            }
            // NULL as the whole result, or in a list.
            _ => ffi::lua_pushnil(state),
        }
    }
}
