//! Bounds for those of Lua's functions that would otherwise run in C for as long as a script says: no hook reaches them there.
//!
//! What is asked of a table without `__len` goes on to Lua's own function. A length that a metamethod told is asked for once.

use std::ffi::CStr;
use std::os::raw::c_int;
use std::ptr;

use mlua::{Lua, ffi};

use crate::lua::limits;
use crate::lua::raw::strings;

/// The most items that a length may speak of which no memory stands behind.
const MOST_ITEMS: i64 = 1 << 22;

/// The most items that one `table.move` moves.
const MOST_MOVED: i64 = 1 << 24;

/// The functions of each library, by the names of those of Lua's own whose places they take.
const REPLACEMENTS: [(&CStr, &[(&CStr, ffi::lua_CFunction)]); 2] = [
    (
        c"table",
        &[
            (c"concat", concat),
            (c"insert", insert),
            (c"move", move_),
            (c"remove", remove),
            (c"sort", sort),
            (c"unpack", unpack),
        ],
    ),
    (
        c"string",
        &[
            (c"find", strings::find),
            (c"gmatch", strings::gmatch),
            (c"gsub", strings::gsub),
            (c"match", strings::match_),
            (c"rep", strings::rep),
        ],
    ),
];

/// Between two looks at the clock lie one more steps than this.
const LOOK: i64 = 1023;

/// Puts them into the libraries of a new state.
pub(crate) fn install(lua: &Lua) -> mlua::Result<()> {
    // SAFETY: runs inside a protected call and leaves nothing. Each function has the one it stands for as its upvalue.
    unsafe {
        lua.exec_raw::<()>((), |state| {
            for (library, functions) in REPLACEMENTS {
                ffi::lua_getglobal(state, library.as_ptr());
                for (name, function) in functions {
                    ffi::lua_getfield(state, -1, name.as_ptr());
                    ffi::lua_pushcclosure(state, *function, 1);
                    ffi::lua_setfield(state, -2, name.as_ptr());
                }
                ffi::lua_settop(state, -2);
            }
        })
    }
}

unsafe extern "C-unwind" fn concat(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `original`; this goes for all functions here. None has a value with a destructor, so that Lua may raise.
    unsafe {
        if ffi::lua_type(state, 1) != ffi::LUA_TTABLE {
            return original(state);
        }
        if ffi::lua_type(state, 4) <= ffi::LUA_TNIL {
            ffi::lua_settop(state, 3);
            if told_length(state) {
                ffi::lua_pushinteger(state, length(state));
            } else {
                ffi::lua_pushinteger(state, ffi::luaL_len(state, 1));
            }
        } else if told_length(state) {
            range(state, 3, 4);
        }
        let mut size = 0;
        let separator = ffi::luaL_optlstring(state, 2, c"".as_ptr(), &mut size);
        let (first, last) = (ffi::luaL_optinteger(state, 3, 1), ffi::luaL_checkinteger(state, 4));
        let mut buffer: ffi::luaL_Buffer = std::mem::zeroed();
        ffi::luaL_buffinit(state, &mut buffer);
        let mut place = first;
        while place <= last {
            if place & LOOK == 0 && limits::is_due() {
                return limits::halt(state);
            }
            ffi::lua_geti(state, 1, place);
            if ffi::lua_isstring(state, -1) == 0 {
                let (kind, message) =
                    (ffi::luaL_typename(state, -1), c"invalid value (%s) at index %I in table for 'concat'");
                return ffi::luaL_error(state, message.as_ptr(), kind, place);
            }
            ffi::luaL_addvalue(&mut buffer);
            if place == last {
                break;
            }
            ffi::luaL_addlstring(&mut buffer, separator, size);
            place += 1;
        }
        ffi::luaL_pushresult(&mut buffer);
        1
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
        let to = ffi::luaL_checkinteger(state, 4);
        let target = if ffi::lua_type(state, 5) <= ffi::LUA_TNIL { 1 } else { 5 };
        let is_plain = |index| ffi::lua_type(state, index) == ffi::LUA_TTABLE;
        if last < first || !is_plain(1) || !is_plain(target) || to.checked_add(last - first).is_none() {
            return original(state);
        }
        let count = last - first + 1;
        // Upwards, unless that would overwrite what is still to be moved.
        let upwards =
            to > last || to <= first || (target != 1 && ffi::lua_compare(state, 1, target, ffi::LUA_OPEQ) == 0);
        for step in 0..count {
            if step & LOOK == 0 && limits::is_due() {
                return limits::halt(state);
            }
            let offset = if upwards { step } else { count - 1 - step };
            ffi::lua_geti(state, 1, first + offset);
            ffi::lua_seti(state, target, to + offset);
        }
        ffi::lua_pushvalue(state, target);
        1
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
                    if place & LOOK == 0 && limits::is_due() {
                        return limits::halt(state);
                    }
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
            if place & LOOK == 0 && limits::is_due() {
                return limits::halt(state);
            }
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
        if ffi::lua_type(state, 1) != ffi::LUA_TTABLE {
            return original(state);
        }
        let size = if told_length(state) { length(state) } else { ffi::luaL_len(state, 1) };
        if size < 2 {
            return 0;
        }
        if size >= i64::from(c_int::MAX) {
            return ffi::luaL_argerror(state, 1, c"array too big".as_ptr());
        }
        if ffi::lua_type(state, 2) > ffi::LUA_TNIL {
            ffi::luaL_checktype(state, 2, ffi::LUA_TFUNCTION);
        }
        ffi::lua_settop(state, 2);
        // The parts that are still to be sorted lie on Lua's stack.
        ffi::luaL_checkstack(state, 16, ptr::null());
        let mut order = Order { state, compares: ffi::lua_type(state, 2) == ffi::LUA_TFUNCTION, steps: 0 };
        order.part(1, size);
        0
    }
}

/// Sorts as Lua does: quicksort with the middle of three as its pivot. Nothing in it has a destructor.
struct Order {
    state: *mut ffi::lua_State,
    /// There is a comparator, at index 2.
    compares: bool,
    steps: i64,
}

impl Order {
    /// Sorts the items from `low` to `high`.
    unsafe fn part(&mut self, mut low: i64, mut high: i64) {
        // SAFETY: as in `concat`; the height is restored.
        unsafe {
            let state = self.state;
            while low < high {
                self.order(low, high);
                if high - low == 1 {
                    return;
                }
                // What an attacker foresees is slow; it ends with the time limit.
                let middle = low + (high - low) / 2;
                self.order(low, middle);
                self.order(middle, high);
                if high - low == 2 {
                    return;
                }
                ffi::lua_geti(state, 1, middle);
                ffi::lua_pushvalue(state, -1);
                ffi::lua_geti(state, 1, high - 1);
                self.put(middle, high - 1);
                let pivot = self.split(low, high);
                // The smaller part first, so that the depth is bounded.
                if pivot - low < high - pivot {
                    self.part(low, pivot - 1);
                    low = pivot + 1;
                } else {
                    self.part(pivot + 1, high);
                    high = pivot - 1;
                }
            }
        }
    }

    /// Puts what is smaller than the pivot, which is on top of the stack and at `high - 1`, before what is larger; returns its place.
    unsafe fn split(&mut self, low: i64, high: i64) -> i64 {
        // SAFETY: as in `part`; takes the pivot from the stack.
        unsafe {
            let state = self.state;
            let (mut left, mut right) = (low, high - 1);
            loop {
                loop {
                    left += 1;
                    ffi::lua_geti(state, 1, left);
                    if !self.is_less(-1, -2) {
                        break;
                    }
                    if left == high - 1 {
                        ffi::luaL_error(state, c"invalid order function for sorting".as_ptr());
                    }
                    ffi::lua_settop(state, -2);
                }
                loop {
                    right -= 1;
                    ffi::lua_geti(state, 1, right);
                    if !self.is_less(-3, -1) {
                        break;
                    }
                    if right < left {
                        ffi::luaL_error(state, c"invalid order function for sorting".as_ptr());
                    }
                    ffi::lua_settop(state, -2);
                }
                if right < left {
                    ffi::lua_settop(state, -4);
                    ffi::lua_geti(state, 1, high - 1);
                    ffi::lua_geti(state, 1, left);
                    self.put(high - 1, left);
                    return left;
                }
                self.put(left, right);
            }
        }
    }

    /// Puts two items in order.
    unsafe fn order(&mut self, low: i64, high: i64) {
        // SAFETY: as in `part`.
        unsafe {
            ffi::lua_geti(self.state, 1, low);
            ffi::lua_geti(self.state, 1, high);
            if self.is_less(-1, -2) {
                self.put(low, high);
            } else {
                ffi::lua_settop(self.state, -3);
            }
        }
    }

    /// Sets `first` to what is on top of the stack, and `second` to what is below it.
    unsafe fn put(&mut self, first: i64, second: i64) {
        // SAFETY: as in `part`.
        unsafe {
            ffi::lua_seti(self.state, 1, first);
            ffi::lua_seti(self.state, 1, second);
        }
    }

    unsafe fn is_less(&mut self, left: c_int, right: c_int) -> bool {
        // SAFETY: as in `part`.
        unsafe {
            let state = self.state;
            self.steps += 1;
            if self.steps & LOOK == 0 && limits::is_due() {
                limits::halt(state);
            }
            if !self.compares {
                return ffi::lua_compare(state, left, right, ffi::LUA_OPLT) != 0;
            }
            ffi::lua_pushvalue(state, 2);
            ffi::lua_pushvalue(state, left - 1);
            ffi::lua_pushvalue(state, right - 2);
            ffi::lua_call(state, 2, 1);
            let is_less = ffi::lua_toboolean(state, -1) != 0;
            ffi::lua_settop(state, -2);
            is_less
        }
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
pub(super) unsafe fn original(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: the upvalue is one of Lua's own functions, which use no upvalue and take the arguments that are on the stack.
    unsafe {
        match ffi::lua_tocfunction(state, ffi::lua_upvalueindex(1)) {
            Some(function) => function(state),
            None => 0,
        }
    }
}
