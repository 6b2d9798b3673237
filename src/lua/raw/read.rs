//! Opens a Lua table for reading: is it a list or an object, is it plain, and what are its keys, in order.
//!
//! Nothing here calls into Lua code or allocates in Lua, so nothing here raises.

use std::os::raw::{c_int, c_void};

use mlua::ffi;
use smallvec::SmallVec;

use crate::lua::limits;
use crate::lua::raw::Marks;
use crate::value::MAX_DEPTH;

/// A walk through a Lua value: the tables that are open, and the keys of those of them that are objects.
pub(crate) struct Reader {
    /// The state whose stack holds the value.
    pub state: *mut ffi::lua_State,
    /// What the special tables and userdata are.
    pub marks: Marks,
    /// Whether a metatable other than the markers is a fault; else it is passed over.
    pub strict: bool,
    /// The open tables. Few arguments nest deeper, or have more keys, than what lies here without an allocation.
    path: SmallVec<[*const c_void; 8]>,
    entries: SmallVec<[Entry; 16]>,
}

/// A table that was opened. Its keys and values lie on the Lua stack until [`Reader::close`].
pub(crate) struct Opened {
    /// What it is.
    pub shape: Shape,
    /// Whether `json.object`, `json.array` or a decoder made it.
    pub marked: bool,
    top: c_int,
    entries: usize,
}

/// What a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// No keys, and no marker that tells what it would be.
    Empty,
    /// A list of this length; its items are read with [`Reader::push_item`].
    List(usize),
    /// An object with this many keys; they are read with [`Reader::entry`], sorted.
    Object(usize),
}

/// A fault in a value: a readable code, and what is wrong.
pub(crate) type Fault = (&'static str, String);

#[derive(Clone, Copy)]
struct Entry {
    key: *const u8,
    length: usize,
    slot: c_int,
}

impl Reader {
    /// Makes a reader for values on the stack of `state`.
    ///
    /// # Safety
    /// `state` must be a live Lua state, and the values read must stay on its stack while they are read.
    pub unsafe fn new(state: *mut ffi::lua_State, marks: Marks, strict: bool) -> Self {
        Self { state, marks, strict, path: SmallVec::new(), entries: SmallVec::new() }
    }

    /// Opens the table at the absolute `index`.
    pub fn open(&mut self, index: c_int) -> Result<Opened, Fault> {
        let state = self.state;
        // SAFETY: `index` holds a table that stays there (see `new`). None of these functions raises: `lua_checkstack` reports,
        // `lua_next` is given only keys that it returned and the table does not change, and the rest only looks.
        unsafe {
            if ffi::lua_checkstack(state, 16) == 0 {
                return Err(("too_deep", "the value is too large".to_owned()));
            }
            if limits::is_due() {
                return Err(("stopped", "a value that takes longer to read than the script may run".to_owned()));
            }
            let address = ffi::lua_topointer(state, index);
            if self.path.contains(&address) {
                return Err(("cycle", "a table that contains itself".to_owned()));
            }
            if self.path.len() >= MAX_DEPTH {
                return Err(("too_deep", format!("nested deeper than {MAX_DEPTH} levels")));
            }
            let top = ffi::lua_gettop(state);
            let mut marker = std::ptr::null();
            if ffi::lua_getmetatable(state, index) != 0 {
                marker = ffi::lua_topointer(state, -1);
                ffi::lua_settop(state, top);
                if self.strict && marker != self.marks.list && marker != self.marks.object {
                    return Err(("not_plain", self.not_plain(marker)));
                }
            }
            let entries = self.entries.len();
            let shape = match self.shape(index, marker) {
                Ok(shape) => shape,
                Err(fault) => {
                    ffi::lua_settop(state, top);
                    self.entries.truncate(entries);
                    return Err(fault);
                }
            };
            self.path.push(address);
            let marked = marker == self.marks.list || marker == self.marks.object;
            Ok(Opened { shape, marked, top, entries })
        }
    }

    /// Pushes item `number` (from 1) of the list at the absolute `index`.
    pub fn push_item(&self, index: c_int, number: usize) {
        // SAFETY: `index` holds an open list, and `open` made room on the stack.
        unsafe { ffi::lua_rawgeti(self.state, index, number as ffi::lua_Integer) };
    }

    /// Takes away what [`Reader::push_item`] pushed.
    pub fn pop_item(&self) {
        // SAFETY: follows a `push_item`.
        unsafe { ffi::lua_settop(self.state, -2) };
    }

    /// Returns the key of entry `number` (from 0) of an open object, and the stack index of its value.
    pub fn entry(&self, opened: &Opened, number: usize) -> (&[u8], c_int) {
        let entry = self.entries[opened.entries + number];
        // SAFETY: the key is a Lua string that lies on the stack until `close`, which takes `opened`.
        (unsafe { std::slice::from_raw_parts(entry.key, entry.length) }, entry.slot)
    }

    /// Closes a table.
    pub fn close(&mut self, opened: Opened) {
        self.path.pop();
        self.entries.truncate(opened.entries);
        // SAFETY: restores the height that `open` found.
        unsafe { ffi::lua_settop(self.state, opened.top) };
    }

    unsafe fn shape(&mut self, index: c_int, marker: *const c_void) -> Result<Shape, Fault> {
        let state = self.state;
        // SAFETY: as in `open`, whose height is restored by it when this fails.
        unsafe {
            let length = ffi::lua_rawlen(state, index);
            let is_list = marker == self.marks.list || (length > 0 && marker != self.marks.object);
            ffi::lua_pushnil(state);
            if is_list {
                let mut count = 0;
                while ffi::lua_next(state, index) != 0 {
                    ffi::lua_settop(state, -2);
                    if ffi::lua_isinteger(state, -1) == 0 {
                        return Err(self.odd_key(true));
                    }
                    let number = ffi::lua_tointegerx(state, -1, std::ptr::null_mut());
                    if number < 1 || number as u64 > length as u64 {
                        return Err(("not_plain", "a list with holes".to_owned()));
                    }
                    count += 1;
                }
                if count != length {
                    return Err(("not_plain", "a list with holes".to_owned()));
                }
                return Ok(Shape::List(length));
            }
            let mut count = 0;
            while ffi::lua_next(state, index) != 0 {
                // The stack holds the key and its value; both stay, and a copy of the key goes on.
                if ffi::lua_type(state, -2) != ffi::LUA_TSTRING {
                    ffi::lua_settop(state, -2);
                    return Err(self.odd_key(false));
                }
                let mut size = 0;
                let key = ffi::lua_tolstring(state, -2, &mut size).cast::<u8>();
                self.entries.push(Entry { key, length: size, slot: ffi::lua_gettop(state) });
                count += 1;
                if count % 4 == 0 && ffi::lua_checkstack(state, 32) == 0 {
                    return Err(("too_large", "a table with too many keys".to_owned()));
                }
                ffi::lua_pushvalue(state, -2);
            }
            if count == 0 {
                return Ok(if marker == self.marks.object { Shape::Object(0) } else { Shape::Empty });
            }
            let start = self.entries.len() - count;
            self.entries[start..].sort_unstable_by(|one, other| {
                // Both are live Lua strings on the stack.
                let one = std::slice::from_raw_parts(one.key, one.length);
                one.cmp(std::slice::from_raw_parts(other.key, other.length))
            });
            Ok(Shape::Object(count))
        }
    }

    /// Names the key on top of the stack, which does not fit.
    unsafe fn odd_key(&self, list: bool) -> Fault {
        // SAFETY: only looks at the top of the stack.
        let kind = unsafe { ffi::lua_type(self.state, -1) };
        let message = match (kind, list) {
            (ffi::LUA_TSTRING, true) => "a table that mixes list items and named keys".to_owned(),
            (ffi::LUA_TNUMBER, false) => {
                "a table with number keys that is no list (a list begins at 1 and has no holes)".to_owned()
            }
            _ => format!("a table with a key of type {}, where keys are strings", kind_name(kind)),
        };
        ("not_plain", message)
    }

    fn not_plain(&self, marker: *const c_void) -> String {
        if marker == self.marks.error {
            "an error of `db`, where a plain table is expected".to_owned()
        } else {
            "a table with a metatable, where a plain table is expected".to_owned()
        }
    }
}

/// Returns how messages name a Lua type.
pub(crate) fn kind_name(kind: c_int) -> &'static str {
    match kind {
        ffi::LUA_TNIL => "nil",
        ffi::LUA_TBOOLEAN => "boolean",
        ffi::LUA_TNUMBER => "number",
        ffi::LUA_TSTRING => "string",
        ffi::LUA_TTABLE => "table",
        ffi::LUA_TFUNCTION => "function",
        ffi::LUA_TTHREAD => "thread",
        _ => "userdata",
    }
}
