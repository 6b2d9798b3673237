//! Makes the special tables, userdata and functions of a state, and looks at its call stack.

use std::ffi::CStr;
use std::os::raw::{c_char, c_int, c_void};

use mlua::{Function, Lua, Table, Value, ffi};

use crate::lua::Frame;
use crate::lua::host::Host;
use crate::lua::raw::Marks;
use crate::lua::raw::args::FieldReference;
use crate::lua::raw::call::Native;

/// Makes the markers of a new state and tells them to the host.
pub(crate) fn install(lua: &Lua, host: &Host) -> mlua::Result<()> {
    let mut marks = Marks::default();
    let out = &raw mut marks;
    // SAFETY: runs inside a protected call; every function leaves the stack as the next one expects it; `marks` has no destructor and
    // outlives the call.
    unsafe {
        lua.exec_raw::<()>((), |state| {
            (*out).list = metatable(state, c"list", false);
            (*out).object = metatable(state, c"object", false);
            (*out).field = metatable(state, c"field reference", true);
            (*out).error = metatable(state, c"db error", true);
            let names = [c"db.dbNull", c"db.jsonNull", c"db.anyNull", c"db.all"];
            for (place, name) in names.iter().enumerate() {
                ffi::lua_newuserdatauv(state, 0, 0);
                let address = ffi::lua_topointer(state, -1);
                (*out).sentinels[place] = address;
                ffi::lua_pushvalue(state, -1);
                ffi::lua_rawsetp(state, ffi::LUA_REGISTRYINDEX, address);
                let marker = metatable(state, name, true);
                ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, marker);
                ffi::lua_setmetatable(state, -2);
                ffi::lua_settop(state, -2);
            }
            // `db.null` is the light userdata NULL; its type has one metatable.
            ffi::lua_pushlightuserdata(state, std::ptr::null_mut());
            let marker = metatable(state, c"null", true);
            ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, marker);
            ffi::lua_setmetatable(state, -2);
            ffi::lua_settop(state, -2);
        })?;
    }
    host.set_marks(marks);
    Ok(())
}

/// Makes a locked metatable, keeps it in the registry under its own address, and returns the address.
unsafe fn metatable(state: *mut ffi::lua_State, name: &CStr, prints: bool) -> *const c_void {
    // SAFETY: called inside a protected call with room on the stack, whose height is restored.
    unsafe {
        ffi::lua_createtable(state, 0, 3);
        ffi::lua_pushboolean(state, 0);
        ffi::lua_setfield(state, -2, c"__metatable".as_ptr());
        if prints {
            ffi::lua_pushstring(state, name.as_ptr());
            ffi::lua_pushcclosure(state, print_name, 1);
            ffi::lua_setfield(state, -2, c"__tostring".as_ptr());
        }
        let address = ffi::lua_topointer(state, -1);
        ffi::lua_rawsetp(state, ffi::LUA_REGISTRYINDEX, address);
        address
    }
}

/// `__tostring`: the message of an error, else the name of the thing.
unsafe extern "C-unwind" fn print_name(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: a C function has room for twenty values; raw access calls nothing.
    unsafe {
        if ffi::lua_type(state, 1) == ffi::LUA_TTABLE {
            ffi::lua_pushstring(state, c"message".as_ptr());
            ffi::lua_rawget(state, 1);
            if ffi::lua_type(state, -1) == ffi::LUA_TSTRING {
                return 1;
            }
        }
        ffi::lua_pushvalue(state, ffi::lua_upvalueindex(1));
        1
    }
}

/// Makes one of the native functions.
///
/// The host must outlive the state; `Vm` sees to that.
pub(crate) fn function(lua: &Lua, host: &Host, native: Native, number: i64) -> mlua::Result<Function> {
    let host: *const Host = host;
    // SAFETY: runs inside a protected call and leaves one value.
    unsafe {
        lua.exec_raw::<Function>((), |state| {
            ffi::lua_pushlightuserdata(state, host.cast_mut().cast());
            ffi::lua_pushinteger(state, number);
            ffi::lua_pushcclosure(state, native.function(), 2);
        })
    }
}

/// Puts native functions into a table under their names.
pub(crate) fn fill(lua: &Lua, host: &Host, table: &Table, functions: &[(&CStr, Native)]) -> mlua::Result<()> {
    let host: *const Host = host;
    // SAFETY: as in `function`; leaves nothing.
    unsafe {
        lua.exec_raw::<()>(table, |state| {
            for (name, native) in functions {
                ffi::lua_pushlightuserdata(state, host.cast_mut().cast());
                ffi::lua_pushinteger(state, 0);
                ffi::lua_pushcclosure(state, native.function(), 2);
                ffi::lua_setfield(state, 1, name.as_ptr());
            }
            ffi::lua_settop(state, 0);
        })
    }
}

/// Makes a reference to a field.
pub(crate) fn field(lua: &Lua, host: &Host, reference: FieldReference) -> mlua::Result<Value> {
    let marker = host.marks().field;
    // SAFETY: as in `function`; the userdata is as large as the reference.
    unsafe {
        lua.exec_raw::<Value>((), |state| {
            let place = ffi::lua_newuserdatauv(state, size_of::<FieldReference>(), 0);
            place.cast::<FieldReference>().write(reference);
            ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, marker);
            ffi::lua_setmetatable(state, -2);
        })
    }
}

/// Returns `db.dbNull`, `db.jsonNull`, `db.anyNull` and `db.all`.
pub(crate) fn sentinels(lua: &Lua, host: &Host) -> mlua::Result<(Value, Value, Value, Value)> {
    let addresses = host.marks().sentinels;
    // SAFETY: as in `function`.
    unsafe {
        lua.exec_raw((), |state| {
            for address in addresses {
                ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, address);
            }
        })
    }
}

/// Tells whether a table is an error of `db`.
pub(crate) fn is_db_error(lua: &Lua, host: &Host, table: &Table) -> bool {
    let marker = host.marks().error;
    // SAFETY: as in `function`; only looks.
    let result = unsafe {
        lua.exec_raw::<bool>(table, |state| {
            let found = ffi::lua_getmetatable(state, -1) != 0 && ffi::lua_topointer(state, -1) == marker;
            ffi::lua_settop(state, 0);
            ffi::lua_pushboolean(state, c_int::from(found));
        })
    };
    result.unwrap_or(false)
}

/// Returns the script and line that called the function that is running; the standard library's own files are passed over.
pub(crate) fn caller(state: *mut ffi::lua_State) -> Option<(String, u32)> {
    frames_of(state, 1).into_iter().next().map(|frame| (frame.file, frame.line))
}

/// Returns the call stack, innermost first, without the standard library's own files.
pub(crate) fn frames(state: *mut ffi::lua_State) -> Vec<Frame> {
    frames_of(state, 32)
}

fn frames_of(state: *mut ffi::lua_State, most: usize) -> Vec<Frame> {
    let mut frames = Vec::new();
    // SAFETY: `lua_getstack` tells whether there is such a level; `lua_getinfo` fills the fields asked for, whose texts live as long as
    // the function does. Neither raises nor allocates.
    unsafe {
        let mut debug: ffi::lua_Debug = std::mem::zeroed();
        let mut level = 0;
        while frames.len() < most && level < 1000 && ffi::lua_getstack(state, level, &mut debug) != 0 {
            level += 1;
            if ffi::lua_getinfo(state, c"Sln".as_ptr(), &mut debug) == 0 || debug.currentline <= 0 {
                continue;
            }
            let file = chunk_name(debug.source, debug.srclen, debug.short_src.as_ptr());
            if file.starts_with("stdlib/") {
                continue;
            }
            let function = match debug.name.is_null() {
                true => None,
                false => Some(CStr::from_ptr(debug.name).to_string_lossy().into_owned()),
            };
            frames.push(Frame { file, line: debug.currentline as u32, function });
        }
    }
    frames
}

unsafe fn chunk_name(source: *const c_char, length: usize, short: *const c_char) -> String {
    // SAFETY: Lua filled both.
    unsafe {
        let source = std::slice::from_raw_parts(source.cast::<u8>(), length);
        match source.first() {
            Some(b'@' | b'=') => String::from_utf8_lossy(&source[1..]).into_owned(),
            _ => CStr::from_ptr(short).to_string_lossy().into_owned(),
        }
    }
}
