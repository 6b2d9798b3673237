//! Bounds for those of Lua's functions that would otherwise run in C for as long as a script says: no hook reaches them there.
//!
//! What is asked of a table without `__len` goes on to Lua's own function. A length that a metamethod told is asked for once.

use std::ffi::CStr;
use std::os::raw::c_int;

use mlua::{Lua, Table, ffi};

/// The most items that a length may speak of which no memory stands behind.
const MOST_ITEMS: i64 = 1 << 22;

/// The most items that one `table.move` moves.
const MOST_MOVED: i64 = 1 << 24;

/// Functions by the names of those of Lua's own whose places they take.
type Replacements<'a> = &'a [(&'a CStr, ffi::lua_CFunction)];

/// The functions of `table`.
pub(crate) const TABLE: Replacements<'_> = &[
    (c"concat", concat),
    (c"insert", insert),
    (c"move", move_),
    (c"remove", remove),
    (c"sort", sort),
    (c"unpack", unpack),
];

/// The functions of `string`.
pub(crate) const STRING: Replacements<'_> = &[(c"rep", rep)];

/// Makes the functions that take the places of those in `library`.
pub(crate) fn functions(lua: &Lua, library: Table, functions: Replacements<'_>) -> mlua::Result<Table> {
    // SAFETY: runs inside a protected call and leaves one value. Each function has the one it stands for as its upvalue.
    unsafe {
        lua.exec_raw::<Table>(library, |state| {
            ffi::lua_createtable(state, 0, 6);
            for (name, function) in functions {
                ffi::lua_getfield(state, 1, name.as_ptr());
                ffi::lua_pushcclosure(state, *function, 1);
                ffi::lua_setfield(state, 2, name.as_ptr());
            }
            ffi::lua_remove(state, 1);
        })
    }
}

unsafe extern "C-unwind" fn concat(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `original`; this goes for all functions here. None has a value with a destructor, so that Lua may raise.
    unsafe {
        if told_length(state) {
            if ffi::lua_type(state, 4) <= ffi::LUA_TNIL {
                ffi::lua_settop(state, 3);
                ffi::lua_pushinteger(state, length(state));
            }
            range(state, 3, 4);
        }
        original(state)
    }
}

unsafe extern "C-unwind" fn unpack(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `concat`.
    unsafe {
        if told_length(state) && ffi::lua_type(state, 3) <= ffi::LUA_TNIL {
            ffi::lua_settop(state, 2);
            ffi::lua_pushinteger(state, length(state));
        }
        original(state)
    }
}

unsafe extern "C-unwind" fn move_(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `concat`.
    unsafe {
        let first = ffi::luaL_checkinteger(state, 2);
        let last = ffi::luaL_checkinteger(state, 3);
        if last.checked_sub(first).is_none_or(|distance| distance >= MOST_MOVED) && last >= first {
            return ffi::luaL_argerror(state, 3, c"too many elements to move".as_ptr());
        }
        original(state)
    }
}

unsafe extern "C-unwind" fn insert(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `concat`.
    unsafe {
        if !told_length(state) {
            return original(state);
        }
        let end = length(state) + 1;
        match ffi::lua_gettop(state) {
            2 => {}
            3 => {
                let position = ffi::luaL_checkinteger(state, 2);
                if position < 1 || position > end {
                    return ffi::luaL_argerror(state, 2, c"position out of bounds".as_ptr());
                }
                for place in (position + 1..=end).rev() {
                    ffi::lua_geti(state, 1, place - 1);
                    ffi::lua_seti(state, 1, place);
                }
                ffi::lua_seti(state, 1, position);
                return 0;
            }
            _ => return ffi::luaL_error(state, c"wrong number of arguments to 'insert'".as_ptr()),
        }
        ffi::lua_seti(state, 1, end);
        0
    }
}

unsafe extern "C-unwind" fn remove(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `concat`.
    unsafe {
        if !told_length(state) {
            return original(state);
        }
        let size = length(state);
        let position = ffi::luaL_optinteger(state, 2, size);
        if ffi::lua_gettop(state) > 1 && position != size && (position < 1 || position > size + 1) {
            return ffi::luaL_argerror(state, 2, c"position out of bounds".as_ptr());
        }
        ffi::lua_geti(state, 1, position);
        for place in position..size {
            ffi::lua_geti(state, 1, place + 1);
            ffi::lua_seti(state, 1, place);
        }
        ffi::lua_pushnil(state);
        ffi::lua_seti(state, 1, position.max(size));
        1
    }
}

unsafe extern "C-unwind" fn sort(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `concat`.
    unsafe {
        if !told_length(state) {
            return original(state);
        }
        // Lua's own would ask for the length again: it gets a plain table.
        ffi::lua_settop(state, 2);
        let size = length(state);
        ffi::lua_pushvalue(state, ffi::lua_upvalueindex(1));
        ffi::lua_createtable(state, 0, 0);
        for place in 1..=size {
            if ffi::lua_geti(state, 1, place) == ffi::LUA_TNIL {
                return ffi::luaL_error(state, c"attempt to compare two nil values".as_ptr());
            }
            ffi::lua_rawseti(state, 4, place);
        }
        ffi::lua_pushvalue(state, 3);
        ffi::lua_pushvalue(state, 4);
        ffi::lua_pushvalue(state, 2);
        ffi::lua_call(state, 2, 0);
        for place in 1..=size {
            ffi::lua_rawgeti(state, 4, place);
            ffi::lua_seti(state, 1, place);
        }
        0
    }
}

unsafe extern "C-unwind" fn rep(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `concat`.
    unsafe {
        let is_empty = |index| ffi::lua_type(state, index) == ffi::LUA_TSTRING && ffi::lua_rawlen(state, index) == 0;
        // However often nothing is repeated.
        if is_empty(1) && (ffi::lua_type(state, 3) <= ffi::LUA_TNIL || is_empty(3)) {
            ffi::luaL_checkinteger(state, 2);
            ffi::lua_settop(state, 1);
            return 1;
        }
        original(state)
    }
}

/// Tells whether a metamethod tells the length of the first argument.
unsafe fn told_length(state: *mut ffi::lua_State) -> bool {
    // SAFETY: the height is restored.
    unsafe {
        if ffi::luaL_getmetafield(state, 1, c"__len".as_ptr()) == ffi::LUA_TNIL {
            return false;
        }
        ffi::lua_settop(state, -2);
        true
    }
}

/// Returns the length of the first argument; raises when it is absurd.
unsafe fn length(state: *mut ffi::lua_State) -> i64 {
    // SAFETY: may raise.
    unsafe {
        let length = ffi::luaL_len(state, 1);
        if !(0..=MOST_ITEMS).contains(&length) {
            ffi::luaL_error(state, c"the length that `__len` tells is out of bounds".as_ptr());
        }
        length
    }
}

/// Raises when the range between two arguments is absurd.
unsafe fn range(state: *mut ffi::lua_State, first: c_int, last: c_int) {
    // SAFETY: may raise.
    unsafe {
        let from = ffi::luaL_optinteger(state, first, 1);
        let to = ffi::luaL_optinteger(state, last, 0);
        if to >= from && to.checked_sub(from).is_none_or(|distance| distance >= MOST_ITEMS) {
            ffi::luaL_argerror(state, last, c"too many elements".as_ptr());
        }
    }
}

/// Goes on to the function that this one stands for.
unsafe fn original(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: the upvalue is one of Lua's own functions, which use no upvalue and take the arguments that are on the stack.
    unsafe {
        match ffi::lua_tocfunction(state, ffi::lua_upvalueindex(1)) {
            Some(function) => function(state),
            None => 0,
        }
    }
}
