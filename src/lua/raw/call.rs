//! The functions of `db`, as Lua calls them: arguments in, tables or an error out.

use std::ffi::CStr;
use std::os::raw::{c_char, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use mlua::ffi;
use serde_json::Value as Json;

use crate::db::{Action, Database, DbError, ErrorKind, ModelId};
use crate::lua::host::Host;
use crate::lua::limits;
use crate::lua::raw::args::TableArgs;
use crate::lua::raw::json::{self, Encoding};
use crate::lua::raw::read::kind_name;
use crate::lua::raw::rows::{self, Buffer, Built, PendingError, Receiver};
use crate::lua::raw::{setup, strings};
use crate::value::{Cell, Rows, Value};

/// The functions that this file makes. Each has the host as its first upvalue and a number as its second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Native {
    /// An operation on a model; the number is made by [`operation_number`].
    Operation,
    /// begin(timeoutMs).
    Begin,
    /// commit().
    Commit,
    /// rollback().
    Rollback,
    /// queryRaw(sql, ...).
    QueryRaw,
    /// executeRaw(sql, ...).
    ExecuteRaw,
    /// json.encode(value, pretty): the text, or nil and what is wrong.
    Encode,
    /// json.decode(text): true and the value, or false and what is wrong.
    Decode,
    /// Gives a table the marker of lists.
    Array,
    /// Gives a table the marker of objects.
    Object,
    /// Returns `list`, `object` or nil.
    Marker,
    /// Makes an error of `db` from a readable code and a message, and raises it.
    Refuse,
    /// Lua's `setmetatable`, without finalizers: they would run in the middle of anything, and when the state closes.
    SetMetatable,
    /// Remembers where the error was raised that ended a coroutine: trace(thread, error).
    Trace,
    /// Remembers where the error was raised that it is given, and returns it.
    Handler,
    /// Tells whether the script is being stopped.
    Stopped,
    /// Returns a table's metatable, whatever `__metatable` says.
    Metatable,
    /// Sets a table's metatable, whatever `__metatable` says, and takes the finalizer out of it: replaceMetatable(table, metatable).
    ReplaceMetatable,
    /// Returns a copy of what a package gets of Lua, with copies of the libraries in it.
    Copy,
    /// load(text, name, environment), which can be ended: the function, or nil and what is wrong.
    Load,
}

/// Packs a model and an action into the number of a [`Native::Operation`].
pub(crate) fn operation_number(model: ModelId, action: Action) -> i64 {
    let action = Action::ALL.iter().position(|known| *known == action).unwrap_or(0);
    (i64::from(model.0) << 8) | action as i64
}

impl Native {
    /// Returns the C function.
    pub fn function(self) -> ffi::lua_CFunction {
        match self {
            Native::Operation => operation,
            Native::Begin => begin,
            Native::Commit => commit,
            Native::Rollback => rollback,
            Native::QueryRaw => query_raw,
            Native::ExecuteRaw => execute_raw,
            Native::Encode => encode,
            Native::Decode => decode,
            Native::Array => array,
            Native::Object => object,
            Native::Marker => marker,
            Native::Refuse => refuse,
            Native::SetMetatable => set_metatable,
            Native::Trace => trace,
            Native::Handler => handler,
            Native::Stopped => stopped,
            Native::Metatable => metatable,
            Native::ReplaceMetatable => replace_metatable,
            Native::Copy => copy,
            Native::Load => strings::load,
        }
    }
}

unsafe extern "C-unwind" fn operation(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: every function of this file is made by `setup::function`, whose first upvalue is the host, which outlives the state.
    unsafe {
        let number = ffi::lua_tointegerx(state, ffi::lua_upvalueindex(2), std::ptr::null_mut());
        ffi::lua_settop(state, 2);
        answer(state, |database, host, receiver| {
            let model = ModelId((number >> 8) as u32);
            let action = Action::ALL[(number & 0xff) as usize];
            if is_model(state, host) {
                return Err(colon_call(database, model, action));
            }
            if host.read_only && action.writes() {
                return Err(not_granted(database, model, action));
            }
            let args = TableArgs::new(state, 1, host);
            database.run(model, action, &args, receiver)
        })
    }
}

unsafe extern "C-unwind" fn begin(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `operation`.
    unsafe {
        let milliseconds = ffi::lua_tonumberx(state, 1, std::ptr::null_mut());
        answer(state, |database, host, _| {
            if host.read_only {
                database.begin_read()?
            } else {
                database.begin()?
            }
            // A number too large for a duration is no limit that anyone would live to see.
            let limit = Duration::try_from_secs_f64(milliseconds / 1000.0).unwrap_or(Duration::from_secs(1 << 31));
            let now = Instant::now();
            let deadline = now.checked_add(limit).unwrap_or(now);
            host.transactions.borrow_mut().push(deadline);
            Ok(())
        })
    }
}

unsafe extern "C-unwind" fn commit(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `operation`.
    unsafe {
        answer(state, |database, host, _| {
            database.commit()?;
            host.transactions.borrow_mut().pop();
            Ok(())
        })
    }
}

unsafe extern "C-unwind" fn rollback(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `operation`. A transaction whose time is over is rolled back, too, so that this does not ask for it.
    unsafe {
        run(state, false, |database, host, _| {
            host.transactions.borrow_mut().pop();
            database.rollback()
        })
    }
}

unsafe extern "C-unwind" fn query_raw(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `operation`.
    unsafe {
        answer(state, |database, _, receiver| {
            let (sql, params) = statement(state, "queryRaw")?;
            database.query_raw(&sql, &params, receiver)
        })
    }
}

unsafe extern "C-unwind" fn execute_raw(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `operation`.
    unsafe {
        answer(state, |database, _, receiver| {
            let (sql, params) = statement(state, "executeRaw")?;
            let changed = database.execute_raw(&sql, &params)?;
            receiver.cell(Cell::Int(changed));
            Ok(())
        })
    }
}

unsafe extern "C-unwind" fn encode(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `operation`. The text lies in the buffer while Lua copies it.
    unsafe {
        let host = host(state);
        ffi::lua_settop(state, 2);
        let Some((number, buffer)) = host.enter_buffer() else {
            return exhausted(state);
        };
        let pretty = ffi::lua_toboolean(state, 2) != 0;
        let encoding = Encoding { pretty, strict: false, limit: host.text_limit };
        let result = json::encode(state, 1, host.marks(), encoding);
        let failed = result.is_err();
        let text = match result {
            Ok(text) => text,
            Err(error) => error.to_string(),
        };
        (*buffer).scratch = text.into_bytes();
        if failed {
            ffi::lua_pushnil(state);
        }
        push_bytes(state, &raw const (*buffer).scratch);
        host.leave_buffer(number);
        if failed { 2 } else { 1 }
    }
}

unsafe extern "C-unwind" fn decode(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `operation`. The text is a Lua string that stays on the stack.
    unsafe {
        let host = host(state);
        ffi::lua_settop(state, 1);
        let Some((number, buffer)) = host.enter_buffer() else {
            return exhausted(state);
        };
        if ffi::lua_type(state, 1) != ffi::LUA_TSTRING {
            host.leave_buffer(number);
            ffi::lua_pushboolean(state, 0);
            let kind = kind_name(ffi::lua_type(state, 1));
            push_text(state, "expected a string of JSON, found a value of type ");
            push_text(state, kind);
            ffi::lua_concat(state, 2);
            return 2;
        }
        let mut length = 0;
        let text = ffi::lua_tolstring(state, 1, &mut length).cast::<u8>();
        ffi::lua_pushboolean(state, 1);
        let Some((message, at)) = json::push_decoded(state, text, length, &raw mut (*buffer).scratch, host.marks())
        else {
            host.leave_buffer(number);
            return 2;
        };
        write_place(&mut (*buffer).scratch, message, std::slice::from_raw_parts(text, length), at);
        ffi::lua_pushboolean(state, 0);
        push_bytes(state, &raw const (*buffer).scratch);
        host.leave_buffer(number);
        2
    }
}

/// Writes `message` with its line and column to `out`.
fn write_place(out: &mut Vec<u8>, message: &str, text: &[u8], at: usize) {
    let before = &text[..at.min(text.len())];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let column = String::from_utf8_lossy(&before[start..]).chars().count() + 1;
    out.clear();
    out.extend_from_slice(format!("{message} at line {line}, column {column}").as_bytes());
}

unsafe extern "C-unwind" fn array(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `operation`.
    unsafe { mark(state, host(state).marks().list) }
}

unsafe extern "C-unwind" fn object(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `operation`.
    unsafe { mark(state, host(state).marks().object) }
}

unsafe fn mark(state: *mut ffi::lua_State, marker: *const std::os::raw::c_void) -> c_int {
    // SAFETY: called from a C function with room for twenty values.
    unsafe {
        ffi::lua_settop(state, 1);
        if ffi::lua_type(state, 1) == ffi::LUA_TTABLE {
            // What is locked stays locked; the markers themselves are the exception.
            if ffi::lua_getmetatable(state, 1) != 0 {
                let metatable = ffi::lua_topointer(state, -1);
                let marks = host(state).marks();
                if metatable != marks.list
                    && metatable != marks.object
                    && ffi::luaL_getmetafield(state, 1, c"__metatable".as_ptr()) != ffi::LUA_TNIL
                {
                    return ffi::luaL_error(state, c"cannot change a protected metatable".as_ptr());
                }
                ffi::lua_settop(state, 1);
            }
            json::push_marker(state, marker);
            ffi::lua_setmetatable(state, 1);
        }
        1
    }
}

unsafe extern "C-unwind" fn marker(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `operation`.
    unsafe {
        let marks = host(state).marks();
        ffi::lua_settop(state, 1);
        if ffi::lua_type(state, 1) != ffi::LUA_TTABLE || ffi::lua_getmetatable(state, 1) == 0 {
            return 0;
        }
        let metatable = ffi::lua_topointer(state, -1);
        if metatable == marks.list {
            push_text(state, "list");
        } else if metatable == marks.object {
            push_text(state, "object");
        } else {
            return 0;
        }
        1
    }
}

unsafe extern "C-unwind" fn refuse(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `operation`; the arguments stay on the stack. As in `run`, nothing with a destructor is left when the error is
    // pushed.
    unsafe {
        ffi::lua_settop(state, 4);
        let host: *const Host = host(state);
        let Some((number, buffer)) = (*host).enter_buffer() else {
            return exhausted(state);
        };
        set_error(&mut *buffer, refusal(state));
        push_error(state, buffer, &*host);
        (*host).leave_buffer(number);
        ffi::lua_error(state)
    }
}

/// Makes an error of the arguments of `refuse`.
unsafe fn refusal(state: *mut ffi::lua_State) -> DbError {
    // SAFETY: that of the caller.
    unsafe {
        let mut error = DbError::internal(text_at(state, 2).unwrap_or_default());
        error.kind = ErrorKind::Validation;
        error.code = text_at(state, 1);
        error.model = text_at(state, 3);
        error.operation = text_at(state, 4);
        error
    }
}

unsafe extern "C-unwind" fn set_metatable(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: the checks are those of Lua's own function; nothing here has a destructor.
    unsafe {
        ffi::luaL_checktype(state, 1, ffi::LUA_TTABLE);
        let kind = ffi::lua_type(state, 2);
        ffi::lua_settop(state, 2);
        if kind != ffi::LUA_TNIL && kind != ffi::LUA_TTABLE {
            return ffi::luaL_argerror(state, 2, c"nil or table expected".as_ptr());
        }
        if ffi::luaL_getmetafield(state, 1, c"__metatable".as_ptr()) != ffi::LUA_TNIL {
            return ffi::luaL_error(state, c"cannot change a protected metatable".as_ptr());
        }
        if kind == ffi::LUA_TTABLE {
            ffi::lua_pushstring(state, c"__gc".as_ptr());
            if ffi::lua_rawget(state, 2) != ffi::LUA_TNIL {
                return ffi::luaL_error(state, c"metatables have no `__gc` here; use a `<close>` variable".as_ptr());
            }
        }
        ffi::lua_settop(state, 2);
        ffi::lua_setmetatable(state, 1);
        1
    }
}

unsafe extern "C-unwind" fn stopped(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `operation`.
    unsafe {
        ffi::lua_pushboolean(state, c_int::from(host(state).watch.stopped().is_some()));
        1
    }
}

unsafe extern "C-unwind" fn metatable(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: raises, with nothing that has a destructor, for what is no table.
    unsafe {
        ffi::luaL_checktype(state, 1, ffi::LUA_TTABLE);
        ffi::lua_getmetatable(state, 1)
    }
}

unsafe extern "C-unwind" fn replace_metatable(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `metatable`.
    unsafe {
        ffi::luaL_checktype(state, 1, ffi::LUA_TTABLE);
        ffi::luaL_checktype(state, 2, ffi::LUA_TTABLE);
        ffi::lua_settop(state, 2);
        // A script may have set it after it set the metatable, when Lua looks for it no more. Here it would be found.
        ffi::lua_pushstring(state, c"__gc".as_ptr());
        ffi::lua_pushnil(state);
        ffi::lua_rawset(state, 2);
        ffi::lua_setmetatable(state, 1);
        0
    }
}

/// What of Lua a package gets: its libraries, and about how much there is in each, so that no table grows while it is filled.
const LIBRARIES: [(&CStr, c_int); 6] =
    [(c"coroutine", 8), (c"math", 27), (c"os", 4), (c"string", 16), (c"table", 7), (c"utf8", 6)];

/// The same for the functions beside the libraries and what else an environment has.
const GLOBALS: c_int = 40;

unsafe extern "C-unwind" fn copy(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `metatable`; a C function has room for twenty values.
    unsafe {
        ffi::luaL_checktype(state, 1, ffi::LUA_TTABLE);
        ffi::lua_settop(state, 1);
        copy_at(state, 1, GLOBALS);
        for (name, size) in LIBRARIES {
            if ffi::lua_getfield(state, 1, name.as_ptr()) == ffi::LUA_TTABLE {
                copy_at(state, 3, size);
                ffi::lua_setfield(state, 2, name.as_ptr());
            }
            ffi::lua_settop(state, 2);
        }
        1
    }
}

/// Pushes a copy of the table at `index`, made for so many entries.
unsafe fn copy_at(state: *mut ffi::lua_State, index: c_int, size: c_int) {
    // SAFETY: called with room for five values; a key that `lua_next` gave stays where it is.
    unsafe {
        ffi::lua_createtable(state, 0, size);
        ffi::lua_pushnil(state);
        while ffi::lua_next(state, index) != 0 {
            ffi::lua_pushvalue(state, -2);
            ffi::lua_pushvalue(state, -2);
            ffi::lua_rawset(state, -5);
            ffi::lua_settop(state, -2);
        }
    }
}

unsafe extern "C-unwind" fn trace(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `handler`. The stack of a coroutine that an error ended can be looked at until the coroutine is closed.
    unsafe {
        let host = host(state);
        ffi::lua_settop(state, 2);
        let thread = ffi::lua_tothread(state, 1);
        let address = ffi::lua_topointer(state, 2) as usize;
        let mut inner = host.inner_frames.borrow_mut();
        match &mut *inner {
            // A transaction inside another: the innermost stack is there, and goes on here.
            Some((known, frames)) if *known == address => frames.extend(setup::frames(state)),
            _ if !thread.is_null() => {
                let mut frames = setup::frames(thread);
                frames.extend(setup::frames(state));
                *inner = Some((address, frames));
            }
            _ => {}
        }
        0
    }
}

unsafe extern "C-unwind" fn handler(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `operation`. Nothing here raises: looking at the stack does not allocate in Lua.
    unsafe {
        let host = host(state);
        let address = ffi::lua_topointer(state, 1) as usize;
        let inner = host.inner_frames.take().filter(|(known, _)| *known == address && address != 0);
        let mut frames = host.frames.borrow_mut();
        if frames.is_none() {
            *frames = Some(inner.map_or_else(|| setup::frames(state), |(_, frames)| frames));
        }
        ffi::lua_settop(state, 1);
        1
    }
}

/// Runs `work` and answers its rows, or raises its error.
unsafe fn answer(
    state: *mut ffi::lua_State,
    work: impl FnOnce(&Database, &Host, &mut Receiver) -> Result<(), DbError>,
) -> c_int {
    // SAFETY: that of the caller.
    unsafe { run(state, true, work) }
}

unsafe fn run(
    state: *mut ffi::lua_State,
    in_time: bool,
    work: impl FnOnce(&Database, &Host, &mut Receiver) -> Result<(), DbError>,
) -> c_int {
    // SAFETY: the host outlives the state. The buffer is ours alone until it is given back. After `fill`, no value with a destructor is
    // left in this frame, so that the pushes below may raise.
    unsafe {
        let host: *const Host = host(state);
        let Some((number, buffer)) = (*host).enter_buffer() else {
            return exhausted(state);
        };
        match fill(state, &*host, in_time, buffer, work) {
            Filled::Recorded => rows::push(state, buffer, (*host).marks()),
            Filled::Built => {}
            Filled::Failed => {
                push_error(state, buffer, &*host);
                (*host).leave_buffer(number);
                ffi::lua_error(state)
            }
            Filled::Raised => {
                (*host).leave_buffer(number);
                ffi::lua_error(state)
            }
        }
        (*host).leave_buffer(number);
        1
    }
}

/// Where the result of an operation is.
enum Filled {
    /// In the buffer.
    Recorded,
    /// On top of the stack.
    Built,
    /// There is none; the error is in the buffer.
    Failed,
    /// There is none; an error of Lua's is on top of the stack.
    Raised,
}

/// Runs `work`, and tells where its result is.
///
/// # Safety
/// As for [`Receiver::new`]; the buffer is the caller's alone.
unsafe fn fill(
    state: *mut ffi::lua_State,
    host: &Host,
    in_time: bool,
    buffer: *mut Buffer,
    work: impl FnOnce(&Database, &Host, &mut Receiver) -> Result<(), DbError>,
) -> Filled {
    // SAFETY: that of the caller.
    let mut receiver = unsafe { Receiver::new(state, host, &mut *buffer) };
    let result = catch_unwind(AssertUnwindSafe(|| {
        if in_time && let Some(error) = host.overdue() {
            return Err(error);
        }
        let Some(database) = &host.database else {
            return Err(DbError::internal("there is no database here"));
        };
        let done = work(database, host, &mut receiver);
        if receiver.is_too_large() {
            return Err(too_large(host));
        }
        done
    }));
    let error = match (result, receiver.built()) {
        (Ok(Ok(())), Built::Nothing) => return Filled::Recorded,
        (Ok(Ok(())), Built::Value) => return Filled::Built,
        (_, Built::Error) => {
            limits::stop_late_script();
            return Filled::Raised;
        }
        (Ok(Err(error)), _) => error,
        (Err(_), _) => DbError::internal("a fault inside the database layer; the operation did not take place"),
    };
    limits::stop_late_script();
    // SAFETY: that of the caller; the receiver is not used any more.
    set_error(unsafe { &mut *buffer }, error);
    Filled::Failed
}

fn set_error(buffer: &mut Buffer, error: DbError) {
    buffer.error = Some(Box::new(PendingError {
        code: error.code,
        kind: error.kind.name(),
        model: error.model,
        operation: error.operation,
        meta: Json::Object(error.meta).to_string(),
        message: error.message,
    }));
}

fn too_large(host: &Host) -> DbError {
    let mut error = DbError::internal(format!(
        "the result is larger than {} bytes; read it in pages with `take` and `cursor`",
        host.text_limit
    ));
    error.code = Some("result_too_large".to_owned());
    error.kind = ErrorKind::Validation;
    error
}

fn colon_call(database: &Database, model: ModelId, action: Action) -> DbError {
    let model = database.schema().model(model);
    let (accessor, operation) = (&model.accessor, action.name());
    let mut error = DbError::internal(format!(
        "db.{accessor}.{operation}: called with a colon; write `db.{accessor}.{operation}{{ ... }}` with a dot"
    ));
    error.code = Some("colon_call".to_owned());
    error.kind = ErrorKind::Validation;
    error.model = Some(model.name.clone());
    error.operation = Some(operation.to_owned());
    error
}

fn not_granted(database: &Database, model: ModelId, action: Action) -> DbError {
    let model = database.schema().model(model);
    let (accessor, operation) = (&model.accessor, action.name());
    let mut error = DbError::internal(format!("db.{accessor}.{operation}: this script may read and not write"));
    error.code = Some("not_granted".to_owned());
    error.kind = ErrorKind::Validation;
    error.model = Some(model.name.clone());
    error.operation = Some(operation.to_owned());
    error
}

/// Tells whether the first argument is a model of `db`.
unsafe fn is_model(state: *mut ffi::lua_State, host: &Host) -> bool {
    // SAFETY: only looks; the height is restored.
    unsafe {
        if ffi::lua_type(state, 1) != ffi::LUA_TTABLE || ffi::lua_getmetatable(state, 1) == 0 {
            return false;
        }
        let metatable = ffi::lua_topointer(state, -1);
        ffi::lua_settop(state, -2);
        host.is_model(metatable)
    }
}

/// Reads the SQL text and the parameters of a raw statement.
unsafe fn statement(state: *mut ffi::lua_State, name: &str) -> Result<(String, Vec<Value>), DbError> {
    let refused = |message: String| {
        let mut error = DbError::internal(format!("db.{name}: {message}"));
        error.code = Some("wrong_type".to_owned());
        error.kind = ErrorKind::Validation;
        error.operation = Some(name.to_owned());
        error
    };
    // SAFETY: the arguments stay on the stack, and these functions only look.
    unsafe {
        let Some(sql) = text_at(state, 1) else {
            let found = kind_name(ffi::lua_type(state, 1));
            return Err(refused(format!("expected the SQL text, found a value of type {found}")));
        };
        let mut params = Vec::new();
        for index in 2..=ffi::lua_gettop(state) {
            params.push(match ffi::lua_type(state, index) {
                ffi::LUA_TBOOLEAN => Value::Bool(ffi::lua_toboolean(state, index) != 0),
                ffi::LUA_TNUMBER if ffi::lua_isinteger(state, index) != 0 => {
                    Value::Int(ffi::lua_tointegerx(state, index, std::ptr::null_mut()))
                }
                ffi::LUA_TNUMBER => Value::Float(ffi::lua_tonumberx(state, index, std::ptr::null_mut())),
                ffi::LUA_TSTRING => match bytes_at(state, index) {
                    bytes if std::str::from_utf8(bytes).is_ok() => Value::Text(String::from_utf8_lossy(bytes).into()),
                    bytes => Value::Bytes(bytes.into()),
                },
                ffi::LUA_TLIGHTUSERDATA if ffi::lua_touserdata(state, index).is_null() => Value::Null,
                ffi::LUA_TNIL => {
                    return Err(refused(format!("parameter {} is nil; write `db.null` for NULL", index - 1)));
                }
                kind => {
                    let (number, kind) = (index - 1, kind_name(kind));
                    return Err(refused(format!(
                        "parameter {number} must be a string, a number, a boolean or `db.null`, found a value of type {kind}"
                    )));
                }
            });
        }
        Ok((sql, params))
    }
}

/// Returns the string at `index`, when it is one of valid UTF-8.
unsafe fn text_at(state: *mut ffi::lua_State, index: c_int) -> Option<String> {
    // SAFETY: that of the caller.
    unsafe {
        if ffi::lua_type(state, index) != ffi::LUA_TSTRING {
            return None;
        }
        String::from_utf8(bytes_at(state, index).to_vec()).ok()
    }
}

/// Borrows the string at `index` for as long as it stays there.
unsafe fn bytes_at<'a>(state: *mut ffi::lua_State, index: c_int) -> &'a [u8] {
    // SAFETY: `index` holds a string, so that nothing is converted.
    unsafe {
        let mut length = 0;
        let bytes = ffi::lua_tolstring(state, index, &mut length).cast::<u8>();
        std::slice::from_raw_parts(bytes, length)
    }
}

/// Pushes the error in the buffer as a table that `tostring` understands. Raises when memory is short.
unsafe fn push_error(state: *mut ffi::lua_State, buffer: *mut Buffer, host: &Host) {
    let place = setup::caller(state);
    // SAFETY: the buffer and its error stay until the buffer is given back; no value here has a destructor but `place`, whose text is
    // moved into the buffer before the first push.
    unsafe {
        let error: *mut PendingError = match &mut (*buffer).error {
            Some(error) => &raw mut **error,
            None => return ffi::lua_pushnil(state),
        };
        let (mut has_place, mut line) = (false, 0);
        if let Some((file, number)) = place {
            has_place = true;
            line = number;
            (*error).message.insert_str(0, &format!("{file}:{line}: "));
            (*buffer).scratch = file.into_bytes();
        }
        ffi::luaL_checkstack(state, 20, std::ptr::null());
        ffi::lua_createtable(state, 0, 8);
        if has_place {
            push_text(state, "file");
            push_bytes(state, &raw const (*buffer).scratch);
            ffi::lua_rawset(state, -3);
            push_text(state, "line");
            ffi::lua_pushinteger(state, i64::from(line));
            ffi::lua_rawset(state, -3);
        }
        set_text(state, "kind", Some((*error).kind));
        set_text(state, "code", (*error).code.as_deref());
        set_text(state, "model", (*error).model.as_deref());
        set_text(state, "operation", (*error).operation.as_deref());
        set_text(state, "message", Some(&(*error).message));
        push_text(state, "meta");
        let meta: &str = &(*error).meta;
        let (meta, length) = (meta.as_ptr(), meta.len());
        if json::push_decoded(state, meta, length, &raw mut (*buffer).scratch, host.marks()).is_some() {
            ffi::lua_createtable(state, 0, 0);
        }
        ffi::lua_rawset(state, -3);
        json::push_marker(state, host.marks().error);
        ffi::lua_setmetatable(state, -2);
    }
}

unsafe fn set_text(state: *mut ffi::lua_State, key: &'static str, text: Option<&str>) {
    // SAFETY: a table is on top of the stack, and there is room.
    unsafe {
        if let Some(text) = text {
            push_text(state, key);
            push_text(state, text);
            ffi::lua_rawset(state, -3);
        }
    }
}

unsafe fn push_text(state: *mut ffi::lua_State, text: &str) {
    // SAFETY: there is room on the stack; Lua copies the text before anything else happens.
    unsafe { ffi::lua_pushlstring(state, text.as_ptr().cast::<c_char>(), text.len()) };
}

unsafe fn push_bytes(state: *mut ffi::lua_State, bytes: *const Vec<u8>) {
    // SAFETY: as in `push_text`.
    unsafe { ffi::lua_pushlstring(state, (*bytes).as_ptr().cast::<c_char>(), (*bytes).len()) };
}

unsafe fn exhausted(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: raises; nothing with a destructor is in the way.
    unsafe { ffi::luaL_error(state, c"too many operations are under way, or memory ran out in too many".as_ptr()) }
}

/// Returns the host of the function that is running.
unsafe fn host<'a>(state: *mut ffi::lua_State) -> &'a Host {
    // SAFETY: see `operation`.
    unsafe { &*ffi::lua_touserdata(state, ffi::lua_upvalueindex(1)).cast::<Host>() }
}
