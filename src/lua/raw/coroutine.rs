//! Lua's `coroutine` functions, so that the watch over the limits knows which states run, and so that a script does not see that the
//! host runs it in a coroutine.

use std::os::raw::c_int;

use mlua::{Lua, ffi};

use crate::lua::host::Host;
use crate::lua::limits;

/// Puts the functions into the library of a new state, in the places of Lua's own.
pub(crate) fn install(lua: &Lua, host: &Host) -> mlua::Result<()> {
    let host: *const Host = host;
    let functions: [(&std::ffi::CStr, ffi::lua_CFunction); 6] = [
        (c"resume", resume),
        (c"wrap", wrap),
        (c"close", close),
        (c"yield", yield_),
        (c"running", running),
        (c"isyieldable", is_yieldable),
    ];
    // SAFETY: runs inside a protected call and leaves nothing; the host outlives the state.
    unsafe {
        lua.exec_raw::<()>((), |state| {
            ffi::lua_getglobal(state, c"coroutine".as_ptr());
            for (name, function) in functions {
                ffi::lua_pushlightuserdata(state, host.cast_mut().cast());
                ffi::lua_pushcclosure(state, function, 1);
                ffi::lua_setfield(state, -2, name.as_ptr());
            }
            ffi::lua_settop(state, -2);
        })
    }
}

unsafe extern "C-unwind" fn resume(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: the first upvalue is the host, as in all functions of this file. Nothing here has a destructor, so that Lua may raise.
    unsafe {
        let thread = thread_at(state, 1);
        let count = ffi::lua_gettop(state) - 1;
        match go_on(state, thread, count) {
            Ok(results) => {
                ffi::lua_pushboolean(state, 1);
                ffi::lua_insert(state, -(results + 1));
                results + 1
            }
            Err(()) => {
                ffi::lua_pushboolean(state, 0);
                ffi::lua_insert(state, -2);
                2
            }
        }
    }
}

unsafe extern "C-unwind" fn wrap(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `resume`.
    unsafe {
        ffi::luaL_checktype(state, 1, ffi::LUA_TFUNCTION);
        ffi::lua_pushvalue(state, ffi::lua_upvalueindex(1));
        let thread = ffi::lua_newthread(state);
        ffi::lua_pushvalue(state, 1);
        ffi::lua_xmove(state, thread, 1);
        ffi::lua_pushcclosure(state, wrapped, 2);
        1
    }
}

unsafe extern "C-unwind" fn wrapped(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `resume`; the second upvalue is the coroutine.
    unsafe {
        let thread = ffi::lua_tothread(state, ffi::lua_upvalueindex(2));
        let count = ffi::lua_gettop(state);
        if let Ok(results) = go_on(state, thread, count) {
            return results;
        }
        let mut status = ffi::lua_status(thread);
        if status != ffi::LUA_OK && status != ffi::LUA_YIELD && !limits::is_broken(state, thread) {
            status = (*host(state)).watch.close(thread, state);
            stop_here(state);
            // The error of a `__close` function takes the place of the one before.
            ffi::lua_xmove(thread, state, 1);
        }
        if status != ffi::LUA_ERRMEM && ffi::lua_type(state, -1) == ffi::LUA_TSTRING {
            ffi::luaL_where(state, 1);
            ffi::lua_insert(state, -2);
            ffi::lua_concat(state, 2);
        }
        ffi::lua_error(state)
    }
}

unsafe extern "C-unwind" fn close(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `resume`.
    unsafe {
        let thread = thread_at(state, 1);
        let status = ffi::lua_status(thread);
        if thread == state {
            return ffi::luaL_error(state, c"cannot close a running coroutine".as_ptr());
        }
        if status == ffi::LUA_OK && is_active(thread) {
            return ffi::luaL_error(state, c"cannot close a normal coroutine".as_ptr());
        }
        if limits::is_broken(state, thread) {
            ffi::lua_pushboolean(state, 0);
            ffi::lua_pushstring(state, c"the coroutine was stopped by a limit".as_ptr());
            return 2;
        }
        let status = (*host(state)).watch.close(thread, state);
        stop_here(state);
        if status == ffi::LUA_OK {
            ffi::lua_pushboolean(state, 1);
            return 1;
        }
        ffi::lua_pushboolean(state, 0);
        ffi::lua_xmove(thread, state, 1);
        2
    }
}

unsafe extern "C-unwind" fn yield_(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `resume`.
    unsafe {
        if (*host(state)).watch.is_base(state) {
            return ffi::luaL_error(state, c"attempt to yield from outside a coroutine".as_ptr());
        }
        ffi::lua_yield(state, ffi::lua_gettop(state))
    }
}

unsafe extern "C-unwind" fn running(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `resume`.
    unsafe {
        let is_main = ffi::lua_pushthread(state) != 0 || (*host(state)).watch.is_base(state);
        ffi::lua_pushboolean(state, c_int::from(is_main));
        2
    }
}

unsafe extern "C-unwind" fn is_yieldable(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `resume`.
    unsafe {
        let thread = match ffi::lua_type(state, 1) {
            ffi::LUA_TNONE => state,
            _ => thread_at(state, 1),
        };
        let yieldable = ffi::lua_isyieldable(thread) != 0 && !(*host(state)).watch.is_base(thread);
        ffi::lua_pushboolean(state, c_int::from(yieldable));
        1
    }
}

/// Resumes a coroutine with the `count` values on top of the stack; its results, or its error, lie there afterwards.
unsafe fn go_on(state: *mut ffi::lua_State, thread: *mut ffi::lua_State, count: c_int) -> Result<c_int, ()> {
    // SAFETY: that of the caller.
    unsafe {
        stop_here(state);
        if ffi::lua_checkstack(thread, count) == 0 {
            ffi::lua_pushstring(state, c"too many arguments to resume".as_ptr());
            return Err(());
        }
        ffi::lua_xmove(state, thread, count);
        let (status, results) = (*host(state)).watch.resume(thread, state, count);
        stop_here(state);
        if status != ffi::LUA_OK && status != ffi::LUA_YIELD {
            ffi::luaL_checkstack(state, 1, std::ptr::null());
            ffi::lua_xmove(thread, state, 1);
            return Err(());
        }
        if ffi::lua_checkstack(state, results + 1) == 0 {
            ffi::lua_settop(thread, -results - 1);
            ffi::lua_pushstring(state, c"too many results to resume".as_ptr());
            return Err(());
        }
        ffi::lua_xmove(thread, state, results);
        Ok(results)
    }
}

/// Goes no further once the script is being stopped.
unsafe fn stop_here(state: *mut ffi::lua_State) {
    // SAFETY: called where Lua may raise, and does not come back then.
    unsafe {
        if (*host(state)).watch.stopped().is_some() {
            limits::halt(state);
        }
    }
}

/// Tells whether a coroutine has functions that are not done.
unsafe fn is_active(thread: *mut ffi::lua_State) -> bool {
    // SAFETY: only looks.
    unsafe {
        let mut debug: ffi::lua_Debug = std::mem::zeroed();
        ffi::lua_getstack(thread, 0, &mut debug) != 0
    }
}

unsafe fn thread_at(state: *mut ffi::lua_State, index: c_int) -> *mut ffi::lua_State {
    // SAFETY: raises where there is no coroutine; nothing with a destructor lives.
    unsafe {
        ffi::luaL_checktype(state, index, ffi::LUA_TTHREAD);
        ffi::lua_tothread(state, index)
    }
}

unsafe fn host(state: *mut ffi::lua_State) -> *const Host {
    // SAFETY: see `resume`.
    unsafe { ffi::lua_touserdata(state, ffi::lua_upvalueindex(1)).cast::<Host>() }
}
