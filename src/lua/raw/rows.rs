//! Results as Lua tables.
//!
//! Records are built while the database steps. Building raises when memory is short, so it is one protected call of a function that
//! owns nothing: it asks the source for the next record, whose frames have returned before a table is made of it.
//! Anything else (a count, a list of single records) is small, and recorded first: one byte of kind and the bytes of the value, in a
//! buffer that the host owns, of which the tables are built when no Rust value is left in the way of an error.

use std::io::Write;
use std::os::raw::{c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use mlua::ffi;
use rustc_hash::FxHashMap;

use crate::lua::host::Host;
use crate::lua::raw::{Marks, json};
use crate::value::{
    Abandoned, Cell, Digits, Extent, ISO_ROOM, MAX_DEPTH, RecordField, RecordShape, Records, Rows, record_all,
};

/// A recorded result.
#[derive(Default)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    keys: Vec<Arc<str>>,
    /// For each key, the one that followed it last: rows repeat.
    following: Vec<u32>,
    numbers: FxHashMap<*const u8, u32>,
    last: u32,
    /// The values of the record that is being built; empty between records.
    cells: Vec<Cell<'static>>,
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

/// Receives the result of an operation: records become Lua tables at once, anything else is recorded.
pub(crate) struct Receiver<'a> {
    state: *mut ffi::lua_State,
    host: &'a Host,
    buffer: &'a mut Buffer,
    built: Built,
}

/// What lies on top of the Lua stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Built {
    /// Nothing: the result, if there is one, is recorded.
    Nothing,
    /// The result.
    Value,
    /// The error of Lua's that ended the building.
    Error,
}

impl<'a> Receiver<'a> {
    /// Makes a receiver that leaves its result on the stack of `state`, or in `buffer`, which is empty.
    ///
    /// # Safety
    /// `state` is a live state of `host` that runs a C function, with room for four values.
    pub unsafe fn new(state: *mut ffi::lua_State, host: &'a Host, buffer: &'a mut Buffer) -> Self {
        Self { state, host, buffer, built: Built::Nothing }
    }

    /// Tells what lies on top of the stack.
    pub fn built(&self) -> Built {
        self.built
    }

    /// Tells whether the result went beyond the limit, and is not whole.
    pub fn is_too_large(&self) -> bool {
        self.buffer.too_large
    }
}

impl Rows for Receiver<'_> {
    fn begin_list(&mut self, capacity: Option<usize>) {
        self.buffer.put(LIST, &(capacity.unwrap_or(0).min(1 << 24) as u32).to_ne_bytes());
    }

    fn end_list(&mut self) {
        self.buffer.put(END, &[]);
    }

    fn begin_object(&mut self, keys: usize) {
        self.buffer.put(OBJECT, &(keys.min(1 << 16) as u32).to_ne_bytes());
    }

    fn end_object(&mut self) {
        self.buffer.put(END, &[]);
    }

    fn key(&mut self, key: &Arc<str>) {
        let number = self.buffer.key_number(key);
        self.buffer.put(KEY, &number.to_ne_bytes());
    }

    fn cell(&mut self, cell: Cell<'_>) {
        let buffer = &mut *self.buffer;
        match cell {
            Cell::Null => buffer.put(NULL, &[]),
            Cell::Bool(value) => buffer.put(if value { TRUE } else { FALSE }, &[]),
            Cell::Int(value) | Cell::BigInt(value) => buffer.put(INT, &value.to_ne_bytes()),
            Cell::Float(value) => buffer.put(FLOAT, &value.to_ne_bytes()),
            Cell::Text(value) => buffer.put_text(TEXT, value.as_bytes()),
            Cell::DateTime(value) => buffer.put_text(TEXT, value.write_in(&mut [0; ISO_ROOM]).as_bytes()),
            Cell::Decimal(value) => buffer.put_text(TEXT, value.to_string().as_bytes()),
            Cell::Bytes(value) => buffer.put_text(TEXT, value),
            Cell::Json(text) => buffer.put_text(JSON, text.as_bytes()),
        }
    }

    fn records<S: Records>(
        &mut self,
        shape: &Arc<RecordShape>,
        extent: Extent,
        source: &mut S,
    ) -> Result<usize, Abandoned> {
        if !self.buffer.bytes.is_empty() || self.built != Built::Nothing {
            // They are part of a list that is being recorded.
            return record_all(self, shape, extent, source);
        }
        self.host.keep_shape(shape);
        let mut build = Build {
            source: &raw mut *source,
            shape: Arc::as_ptr(shape),
            extent,
            host: self.host,
            cells: &raw mut self.buffer.cells,
            scratch: &raw mut self.buffer.scratch,
            left: self.buffer.limit,
            count: 0,
            outcome: Outcome::Whole,
        };
        // SAFETY: `new` promised the room; a light C function and a pointer allocate nothing. What may raise runs inside the protected
        // call, so that this frame and those of the database above it are never jumped over.
        let status = unsafe {
            ffi::lua_pushcfunction(self.state, build_records::<S>);
            ffi::lua_pushlightuserdata(self.state, (&raw mut build).cast());
            ffi::lua_pcall(self.state, 1, 1, 0)
        };
        // A source's texts are gone with its next step.
        self.buffer.cells.clear();
        if status != ffi::LUA_OK {
            self.built = Built::Error;
            return Err(Abandoned);
        }
        let empty = extent == Extent::One && build.count == 0;
        if empty || build.outcome != Outcome::Whole {
            // SAFETY: the call left one value.
            unsafe { ffi::lua_settop(self.state, -2) };
        } else {
            self.built = Built::Value;
        }
        match build.outcome {
            Outcome::TooLarge => {
                self.buffer.too_large = true;
                Err(Abandoned)
            }
            Outcome::Panicked => Err(Abandoned),
            Outcome::Whole | Outcome::Fault => Ok(build.count),
        }
    }
}

/// What the function that builds records works with; it lies in the frame of [`Receiver::records`].
struct Build<'a, S> {
    source: *mut S,
    shape: *const RecordShape,
    extent: Extent,
    host: &'a Host,
    cells: *mut Vec<Cell<'static>>,
    scratch: *mut Vec<u8>,
    /// How many bytes the result may still take.
    left: usize,
    count: usize,
    outcome: Outcome,
}

/// How the building ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Whole,
    /// The source has met a fault, and keeps it.
    Fault,
    TooLarge,
    Panicked,
}

/// Lua's side of [`Receiver::records`]: builds the tables of all records. Raises when memory is short.
unsafe extern "C-unwind" fn build_records<S: Records>(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: called by `records` only, whose frame holds the build and all it points to. Rust code that could panic runs inside
    // `catch_unwind`, and has returned before anything of Lua's that may raise is called; no value with a destructor is in this frame.
    unsafe {
        let build = ffi::lua_touserdata(state, 1).cast::<Build<'_, S>>();
        let shape = (*build).shape;
        let host: *const Host = (*build).host;
        let keys = (*shape).keys.len();
        // The keys, the marker, and for each level of relations a list, a record, a group, a key and a value.
        let room = keys + 8 * ((*shape).levels + 1);
        ffi::luaL_checkstack(state, room.min(c_int::MAX as usize) as c_int, c"a result with too many keys".as_ptr());
        let keys_at = push_key_list(state, shape, &*host);
        // A record by itself needs each key once, and no list.
        let single = (*build).extent == Extent::One && (*shape).levels == 1;
        let first_key = if single { 0 } else { push_keys(state, keys_at, keys) };
        if !single {
            json::push_marker(state, (*host).marks().list);
        }
        let marker = ffi::lua_gettop(state);
        let mut builder = Builder { state, build, keys_at, first_key, marker };
        match (*build).extent {
            Extent::One => {
                let fields: *const [RecordField] = (*shape).fields.as_slice();
                if advance((*build).source, &mut (*build).outcome) && builder.record((*build).source, fields) {
                    (*build).count = 1;
                    // A write with RETURNING must come to its end.
                    while advance((*build).source, &mut (*build).outcome) {}
                } else {
                    ffi::lua_pushnil(state);
                }
            }
            Extent::List => (*build).count = builder.list((*build).source, (*shape).fields.as_slice()),
        }
        1
    }
}

/// Goes to a source's next record.
fn advance<S: Records>(source: *mut S, outcome: &mut Outcome) -> bool {
    // SAFETY: the source is alive, and nobody else uses it (see `build_records`).
    let step = AssertUnwindSafe(|| unsafe { (*source).advance() });
    catch_unwind(step).unwrap_or_else(|_| {
        *outcome = Outcome::Panicked;
        false
    })
}

/// Pushes the list of a shape's keys and returns its index; Lua keeps it from call to call.
unsafe fn push_key_list(state: *mut ffi::lua_State, shape: *const RecordShape, host: &Host) -> c_int {
    // SAFETY: that of `build_records`; the registry holds the table of all kept keys under the host's address, and in it the list of
    // a shape's under the shape's, which the host keeps alive as long.
    unsafe {
        let place = std::ptr::from_ref(host).cast::<c_void>();
        if host.keys_are_stale() || ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, place) != ffi::LUA_TTABLE {
            ffi::lua_createtable(state, 0, 16);
            ffi::lua_pushvalue(state, -1);
            ffi::lua_rawsetp(state, ffi::LUA_REGISTRYINDEX, place);
            host.keys_are_fresh();
        }
        let keys: &[Arc<str>] = &(*shape).keys;
        if ffi::lua_rawgetp(state, -1, shape.cast()) != ffi::LUA_TTABLE {
            ffi::lua_settop(state, -2);
            ffi::lua_createtable(state, keys.len() as c_int, 0);
            for (number, key) in (1..).zip(keys) {
                ffi::lua_pushlstring(state, key.as_ptr().cast::<c_char>(), key.len());
                ffi::lua_rawseti(state, -2, number);
            }
            ffi::lua_pushvalue(state, -1);
            ffi::lua_rawsetp(state, -3, shape.cast());
        }
        ffi::lua_gettop(state)
    }
}

/// Pushes as many keys as the list at `list` has, and returns the index of the first.
unsafe fn push_keys(state: *mut ffi::lua_State, list: c_int, count: usize) -> c_int {
    // SAFETY: `build_records` made room, and its stack ends with the list.
    unsafe {
        for number in 1..=count {
            ffi::lua_rawgeti(state, list, number as ffi::lua_Integer);
        }
    }
    list + 1
}

/// Builds tables on the Lua stack. It is plain data: what it does may raise.
struct Builder<'a, S> {
    state: *mut ffi::lua_State,
    build: *mut Build<'a, S>,
    /// Where the list of keys is.
    keys_at: c_int,
    /// Where the first of them is; 0 when they are only in the list.
    first_key: c_int,
    marker: c_int,
}

impl<S> Builder<'_, S> {
    /// Pushes the list of all that is left in a source, and returns how many there were.
    unsafe fn list<T: Records>(&mut self, source: *mut T, fields: *const [RecordField]) -> usize {
        let state = self.state;
        // SAFETY: that of `build_records`.
        unsafe {
            let left = (*source).left().unwrap_or(0).min(1 << 24);
            ffi::lua_createtable(state, left as c_int, 0);
            ffi::lua_pushvalue(state, self.marker);
            ffi::lua_setmetatable(state, -2);
            let mut count = 0;
            while advance(source, &mut (*self.build).outcome) && self.record(source, fields) {
                count += 1;
                ffi::lua_rawseti(state, -2, count as ffi::lua_Integer);
            }
            count
        }
    }

    /// Pushes the record that a source has gone to; or pushes nothing and returns false, when the result cannot be whole.
    unsafe fn record<T: Records>(&mut self, source: *mut T, fields: *const [RecordField]) -> bool {
        let state = self.state;
        // SAFETY: that of `build_records`. The cells borrow from the source, which does not step before they have been pushed: what
        // hangs below the record comes after its own values.
        unsafe {
            let fields: &[RecordField] = &*fields;
            if !self.read(source, fields) {
                return false;
            }
            let cells: &[Cell<'static>] = &*(*self.build).cells;
            let mut at = 0;
            ffi::lua_createtable(state, 0, fields.len() as c_int);
            for field in fields {
                match field {
                    RecordField::Cell { key, .. } => {
                        self.set(*key, &cells[at]);
                        at += 1;
                    }
                    RecordField::Group { key, cells: group } => {
                        self.push_key(*key);
                        ffi::lua_createtable(state, 0, group.len() as c_int);
                        for (key, _) in group {
                            self.set(*key, &cells[at]);
                            at += 1;
                        }
                        ffi::lua_rawset(state, -3);
                    }
                    RecordField::Child { .. } => {}
                }
            }
            for field in fields {
                let RecordField::Child { key, child, list, fields } = field else { continue };
                // Related records are rows in memory, whose view has nothing to drop.
                let mut below = std::mem::ManuallyDrop::new((*source).child(*child));
                let below: *mut T::Child<'_> = &raw mut *below;
                self.push_key(*key);
                if *list {
                    self.list(below, fields.as_slice());
                } else if !advance(below, &mut (*self.build).outcome) || !self.record(below, fields.as_slice()) {
                    ffi::lua_pushnil(state);
                }
                ffi::lua_rawset(state, -3);
                if (*self.build).outcome != Outcome::Whole {
                    ffi::lua_settop(state, -2);
                    return false;
                }
            }
            true
        }
    }

    /// Reads the values of a record; false when one cannot be shown, or there is no more room.
    unsafe fn read<T: Records>(&mut self, source: *mut T, fields: &[RecordField]) -> bool {
        // SAFETY: that of `record`. The cells are said to live for ever, and are dropped before the source steps.
        let decoded = catch_unwind(AssertUnwindSafe(|| unsafe {
            let cells = &mut *(*self.build).cells;
            cells.clear();
            cells.reserve(fields.len());
            let source = &*source;
            let mut size = 0;
            let mut put = |column: usize| {
                let cell: Cell<'static> = std::mem::transmute::<Cell<'_>, Cell<'static>>(source.cell(column)?);
                size += KEY_SIZE + size_of_cell(&cell);
                cells.push(cell);
                Some(())
            };
            for field in fields {
                match field {
                    RecordField::Cell { column, .. } => put(*column)?,
                    RecordField::Group { cells, .. } => cells.iter().try_for_each(|(_, column)| put(*column))?,
                    RecordField::Child { .. } => {}
                }
            }
            Some(size)
        }));
        // SAFETY: the build lies in the frame of `records`.
        let build = unsafe { &mut *self.build };
        let outcome = match decoded {
            Ok(Some(size)) => match build.left.checked_sub(size) {
                Some(left) => {
                    build.left = left;
                    return true;
                }
                None => Outcome::TooLarge,
            },
            Ok(None) => Outcome::Fault,
            Err(_) => Outcome::Panicked,
        };
        build.outcome = outcome;
        false
    }

    /// Pushes a key of the shape.
    #[inline(always)]
    unsafe fn push_key(&self, key: u32) {
        // SAFETY: that of `record`.
        unsafe {
            match self.first_key {
                0 => drop(ffi::lua_rawgeti(self.state, self.keys_at, ffi::lua_Integer::from(key) + 1)),
                first => ffi::lua_pushvalue(self.state, first + key as c_int),
            }
        }
    }

    /// Sets a key of the table on top of the stack; NULL is no key.
    unsafe fn set(&mut self, key: u32, cell: &Cell<'static>) {
        let state = self.state;
        // SAFETY: that of `record`.
        unsafe {
            if let Cell::Null = cell {
                return;
            }
            self.push_key(key);
            match cell {
                Cell::Null => {}
                Cell::Bool(value) => ffi::lua_pushboolean(state, c_int::from(*value)),
                Cell::Int(value) | Cell::BigInt(value) => ffi::lua_pushinteger(state, *value),
                Cell::Float(value) => ffi::lua_pushnumber(state, *value),
                Cell::Text(text) => push_bytes(state, text.as_bytes()),
                Cell::DateTime(text) => push_bytes(state, text.write_in(&mut [0; ISO_ROOM]).as_bytes()),
                Cell::Decimal(digits) => {
                    // The shortest digits of a double, without an exponent, are some 350 at most.
                    let mut text = [0; 400];
                    let mut rest = &mut text[..];
                    let written = write!(rest, "{digits}");
                    let length = 400 - rest.len();
                    match (digits, written) {
                        // Text may be of any length.
                        (Digits::Text(digits), _) => push_bytes(state, digits.as_bytes()),
                        _ => push_bytes(state, &text[..length]),
                    }
                }
                Cell::Bytes(bytes) => push_bytes(state, bytes),
                Cell::Json(text) => {
                    let (scratch, marks) = ((*self.build).scratch, (*self.build).host.marks());
                    if json::push_decoded(state, text.as_ptr(), text.len(), scratch, marks).is_some() {
                        // Known to be valid JSON; what nests deeper than the decoder follows is text.
                        push_bytes(state, text.as_bytes());
                    }
                }
            }
            ffi::lua_rawset(state, -3);
        }
    }
}

/// What a key takes of the limit, in bytes.
const KEY_SIZE: usize = 5;

#[inline(always)]
fn size_of_cell(cell: &Cell) -> usize {
    match cell {
        Cell::Null => 1,
        Cell::Text(text) | Cell::Json(text) | Cell::Decimal(Digits::Text(text)) => 9 + text.len(),
        Cell::Bytes(bytes) => 9 + bytes.len(),
        _ => 9,
    }
}

unsafe fn push_bytes(state: *mut ffi::lua_State, bytes: &[u8]) {
    // SAFETY: there is room on the stack; Lua copies the bytes before anything else happens.
    unsafe { ffi::lua_pushlstring(state, bytes.as_ptr().cast::<c_char>(), bytes.len()) };
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
        let room = count + 3 * (MAX_DEPTH + 64);
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
                if depth > MAX_DEPTH {
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
                if depth > MAX_DEPTH {
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
