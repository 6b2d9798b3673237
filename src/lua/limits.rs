//! The time limit of a script.
//!
//! A count hook looks at the clock. Once the time is over, the hook fires after every instruction and raises each time, so that a
//! `pcall` that catches the error comes no further than its next instruction. Coroutines inherit the hook.
//! The cost is that of a hook; a watchdog that arms it only at the deadline fits behind the same two functions.
#![allow(unsafe_code)]

use std::time::{Duration, Instant};

use mlua::{Lua, ffi};

use crate::lua::host::Host;

/// Instructions between two looks at the clock.
const INTERVAL: i32 = 10_000;

static HOST: u8 = 0;

/// Tells the state who its host is. The host must outlive the state.
pub(crate) fn install(lua: &Lua, host: &Host) -> mlua::Result<()> {
    let host: *const Host = host;
    // SAFETY: runs inside a protected call, and leaves nothing on the stack.
    unsafe {
        lua.exec_raw::<()>((), |state| {
            ffi::lua_pushlightuserdata(state, host.cast_mut().cast());
            ffi::lua_rawsetp(state, ffi::LUA_REGISTRYINDEX, (&raw const HOST).cast());
        })
    }
}

/// Starts the clock of a script.
pub(crate) fn start(lua: &Lua, host: &Host, limit: Duration) {
    host.expired.set(false);
    host.deadline.set(Instant::now().checked_add(limit));
    set_hook(lua, true);
}

/// Stops the clock.
pub(crate) fn stop(lua: &Lua, host: &Host) {
    if host.deadline.take().is_some() {
        set_hook(lua, false);
    }
    host.expired.set(false);
}

fn set_hook(lua: &Lua, on: bool) {
    // SAFETY: setting a hook on the thread's own state raises nothing. What fails here is the call itself, when memory is short; the
    // script's next allocation fails, too.
    let _ = unsafe {
        lua.exec_raw::<()>((), |state| match on {
            true => ffi::lua_sethook(state, Some(hook), ffi::LUA_MASKCOUNT, INTERVAL),
            false => ffi::lua_sethook(state, None, 0, 0),
        })
    };
}

unsafe extern "C-unwind" fn hook(state: *mut ffi::lua_State, _: *mut ffi::lua_Debug) {
    // SAFETY: `install` put the host there, which outlives the state. A hook has room on the stack. Nothing with a destructor lives
    // when the error is raised.
    unsafe {
        ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, (&raw const HOST).cast());
        let host = ffi::lua_touserdata(state, -1).cast::<Host>();
        ffi::lua_settop(state, -2);
        if host.is_null() {
            return;
        }
        match (*host).deadline.get() {
            None => ffi::lua_sethook(state, None, 0, 0),
            Some(deadline) if Instant::now() < deadline => {}
            Some(_) => {
                (*host).expired.set(true);
                ffi::lua_sethook(state, Some(hook), ffi::LUA_MASKCOUNT, 1);
                ffi::luaL_error(state, c"the script ran longer than it may, and was stopped".as_ptr());
            }
        }
    }
}
