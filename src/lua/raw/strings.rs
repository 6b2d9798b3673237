//! `string.find`, `match`, `gmatch`, `gsub`, `rep` and `format`, and `tostring`, as untrusted code and packages get them: bounded in
//! time, and for untrusted code without addresses.

use std::os::raw::{c_char, c_int};
use std::ptr;

use mlua::{Lua, ffi};

use crate::lua::limits;
use crate::lua::pattern::{Capture, Fault, Matcher, is_plain};
use crate::lua::raw::bounds::original;

/// What goes on from one call of `gmatch`'s function to the next.
#[repr(C)]
struct Progress {
    /// Where the next match is looked for.
    at: usize,
    /// Where the last match ended, plus 1.
    last: usize,
}

/// Returns a text argument; a number is one.
unsafe fn text<'a>(state: *mut ffi::lua_State, index: c_int) -> &'a [u8] {
    // SAFETY: as in `bounds`: functions here have no value with a destructor, so that Lua may raise. The string stays at its index.
    unsafe {
        let mut length = 0;
        let bytes = ffi::luaL_checklstring(state, index, &mut length);
        std::slice::from_raw_parts(bytes.cast::<u8>(), length)
    }
}

/// Reads where to begin: from 1, or from the end when it is negative. The result is from 0.
unsafe fn start(state: *mut ffi::lua_State, index: c_int, length: usize) -> usize {
    // SAFETY: as in `text`.
    let at = unsafe { ffi::luaL_optinteger(state, index, 1) };
    match at {
        1.. => usize::try_from(at - 1).unwrap_or(usize::MAX),
        0 => 0,
        _ => length.saturating_sub(usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX)),
    }
}

pub(super) unsafe extern "C-unwind" fn find(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `text`.
    unsafe { search(state, true) }
}

pub(super) unsafe extern "C-unwind" fn match_(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `text`.
    unsafe { search(state, false) }
}

unsafe fn search(state: *mut ffi::lua_State, find: bool) -> c_int {
    // SAFETY: as in `text`.
    unsafe {
        let (subject, pattern) = (text(state, 1), text(state, 2));
        let from = start(state, 3, subject.len());
        if from > subject.len() {
            ffi::lua_pushnil(state);
            return 1;
        }
        if find && (ffi::lua_toboolean(state, 4) != 0 || is_plain(pattern)) {
            return match memchr::memmem::find(&subject[from..], pattern) {
                Some(at) => {
                    ffi::lua_pushinteger(state, (from + at + 1) as i64);
                    ffi::lua_pushinteger(state, (from + at + pattern.len()) as i64);
                    2
                }
                None => {
                    ffi::lua_pushnil(state);
                    1
                }
            };
        }
        let (pattern, anchored) = without_anchor(pattern);
        let mut matcher = Matcher::new(subject, pattern, limits::is_due);
        for at in from..=subject.len() {
            match matcher.match_at(at) {
                Ok(Some(end)) if find => {
                    ffi::lua_pushinteger(state, (at + 1) as i64);
                    ffi::lua_pushinteger(state, end as i64);
                    return push_captures(state, &matcher, None) + 2;
                }
                Ok(Some(end)) => return push_captures(state, &matcher, Some((at, end))),
                Ok(None) if anchored => break,
                Ok(None) => {}
                Err(fault) => return raise(state, fault),
            }
        }
        ffi::lua_pushnil(state);
        1
    }
}

fn without_anchor(pattern: &[u8]) -> (&[u8], bool) {
    match pattern.strip_prefix(b"^") {
        Some(rest) => (rest, true),
        None => (pattern, false),
    }
}

/// Pushes the captures of a match; the match itself when there are none and it is given.
unsafe fn push_captures(state: *mut ffi::lua_State, matcher: &Matcher<'_>, whole: Option<(usize, usize)>) -> c_int {
    // SAFETY: as in `text`.
    unsafe {
        let count = match (matcher.captures(), whole) {
            (0, Some(_)) => 1,
            (count, _) => count,
        };
        ffi::luaL_checkstack(state, count as c_int, c"too many captures".as_ptr());
        let (start, end) = whole.unwrap_or_default();
        for number in 0..count {
            push_capture(state, matcher, number, start, end);
        }
        count as c_int
    }
}

unsafe fn push_capture(state: *mut ffi::lua_State, matcher: &Matcher<'_>, number: usize, start: usize, end: usize) {
    // SAFETY: as in `text`.
    unsafe {
        match matcher.capture(number, start, end) {
            Ok(Capture::Text(text)) => {
                ffi::lua_pushlstring(state, text.as_ptr().cast::<c_char>(), text.len());
            }
            Ok(Capture::Position(at)) => ffi::lua_pushinteger(state, at as i64),
            Err(fault) => {
                raise(state, fault);
            }
        }
    }
}

pub(super) unsafe extern "C-unwind" fn gmatch(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `text`; the userdata is as large as `Progress`, which has no destructor.
    unsafe {
        let subject = text(state, 1);
        text(state, 2);
        let from = start(state, 3, subject.len());
        ffi::lua_settop(state, 2);
        let progress = ffi::lua_newuserdatauv(state, size_of::<Progress>(), 0).cast::<Progress>();
        progress.write(Progress { at: from.min(subject.len() + 1), last: 0 });
        ffi::lua_pushcclosure(state, gmatch_next, 3);
        1
    }
}

unsafe extern "C-unwind" fn gmatch_next(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: the upvalues are those of `gmatch`.
    unsafe {
        let (subject, pattern) = (text(state, ffi::lua_upvalueindex(1)), text(state, ffi::lua_upvalueindex(2)));
        let progress = ffi::lua_touserdata(state, ffi::lua_upvalueindex(3)).cast::<Progress>();
        let mut matcher = Matcher::new(subject, pattern, limits::is_due);
        for at in (*progress).at..=subject.len() {
            match matcher.match_at(at) {
                Ok(Some(end)) if end + 1 != (*progress).last => {
                    progress.write(Progress { at: end, last: end + 1 });
                    return push_captures(state, &matcher, Some((at, end)));
                }
                Ok(_) => {}
                Err(fault) => return raise(state, fault),
            }
        }
        0
    }
}

pub(super) unsafe extern "C-unwind" fn gsub(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `text`. The buffer is Lua's own; what it needs lies on the stack.
    unsafe {
        let (subject, pattern) = (text(state, 1), text(state, 2));
        let kind = ffi::lua_type(state, 3);
        let most = ffi::luaL_optinteger(state, 4, subject.len() as i64 + 1);
        if !matches!(kind, ffi::LUA_TNUMBER | ffi::LUA_TSTRING | ffi::LUA_TFUNCTION | ffi::LUA_TTABLE) {
            // Its own words for a wrong argument.
            return original(state);
        }
        let (pattern, anchored) = without_anchor(pattern);
        let mut matcher = Matcher::new(subject, pattern, limits::is_due);
        let mut buffer: ffi::luaL_Buffer = std::mem::zeroed();
        ffi::luaL_buffinit(state, &mut buffer);
        let (mut at, mut last, mut count, mut changed) = (0, None, 0, false);
        while count < most {
            let found = match matcher.match_at(at) {
                Ok(found) => found,
                Err(fault) => return raise(state, fault),
            };
            match found {
                Some(end) if last != Some(end) => {
                    count += 1;
                    changed |= add_value(state, &mut buffer, &matcher, kind, &subject[at..end], (at, end));
                    at = end;
                    last = Some(end);
                }
                _ if at < subject.len() => {
                    ffi::luaL_addlstring(&mut buffer, subject[at..].as_ptr().cast::<c_char>(), 1);
                    at += 1;
                }
                _ => break,
            }
            if anchored {
                break;
            }
        }
        if changed {
            let rest = &subject[at..];
            ffi::luaL_addlstring(&mut buffer, rest.as_ptr().cast::<c_char>(), rest.len());
            ffi::luaL_pushresult(&mut buffer);
        } else {
            ffi::lua_pushvalue(state, 1);
        }
        ffi::lua_pushinteger(state, count);
        2
    }
}

/// Adds what stands for a match; tells whether that is anything else than the match.
unsafe fn add_value(
    state: *mut ffi::lua_State,
    buffer: *mut ffi::luaL_Buffer,
    matcher: &Matcher<'_>,
    kind: c_int,
    found: &[u8],
    (start, end): (usize, usize),
) -> bool {
    // SAFETY: as in `gsub`.
    unsafe {
        match kind {
            ffi::LUA_TFUNCTION => {
                ffi::lua_pushvalue(state, 3);
                let count = push_captures(state, matcher, Some((start, end)));
                ffi::lua_call(state, count, 1);
            }
            ffi::LUA_TTABLE => {
                push_capture(state, matcher, 0, start, end);
                ffi::lua_gettable(state, 3);
            }
            _ => {
                add_replacement(state, buffer, matcher, found, (start, end));
                return true;
            }
        }
        if ffi::lua_toboolean(state, -1) == 0 {
            ffi::lua_settop(state, -2);
            ffi::luaL_addlstring(buffer, found.as_ptr().cast::<c_char>(), found.len());
            return false;
        }
        if ffi::lua_isstring(state, -1) == 0 {
            let kind = ffi::luaL_typename(state, -1);
            ffi::luaL_error(state, c"invalid replacement value (a %s)".as_ptr(), kind);
        }
        ffi::luaL_addvalue(buffer);
        true
    }
}

/// Adds a replacement text, in which `%1` stands for a capture.
unsafe fn add_replacement(
    state: *mut ffi::lua_State,
    buffer: *mut ffi::luaL_Buffer,
    matcher: &Matcher<'_>,
    found: &[u8],
    (start, end): (usize, usize),
) {
    // SAFETY: as in `gsub`.
    unsafe {
        let add = |bytes: &[u8]| ffi::luaL_addlstring(buffer, bytes.as_ptr().cast::<c_char>(), bytes.len());
        let mut length = 0;
        let bytes = ffi::lua_tolstring(state, 3, &mut length).cast::<u8>();
        let mut rest = std::slice::from_raw_parts(bytes, length);
        while let Some(escape) = memchr::memchr(b'%', rest) {
            add(&rest[..escape]);
            match rest.get(escape + 1) {
                Some(b'%') => add(b"%"),
                Some(b'0') => add(found),
                Some(digit @ b'1'..=b'9') => match matcher.capture(usize::from(digit - b'1'), start, end) {
                    Ok(Capture::Text(text)) => add(text),
                    Ok(Capture::Position(at)) => {
                        ffi::lua_pushinteger(state, at as i64);
                        ffi::luaL_addvalue(buffer);
                    }
                    Err(fault) => {
                        raise(state, fault);
                    }
                },
                _ => {
                    raise(state, Fault::Pattern("invalid use of '%' in replacement string"));
                }
            }
            rest = &rest[escape + 2..];
        }
        add(rest);
    }
}

pub(super) unsafe extern "C-unwind" fn rep(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `gsub`; what is written lies in the room that the buffer was asked for.
    unsafe {
        let unit = text(state, 1);
        let count = ffi::luaL_checkinteger(state, 2);
        let separator: &[u8] = match ffi::lua_type(state, 3) {
            ffi::LUA_TNONE | ffi::LUA_TNIL => &[],
            _ => text(state, 3),
        };
        let period = unit.len() + separator.len();
        if count <= 0 || period == 0 {
            ffi::lua_pushstring(state, c"".as_ptr());
            return 1;
        }
        // Far more than there is memory, and too little for sums of it to overflow.
        if usize::try_from(count).is_ok_and(|count| count > (1 << 46) / period) {
            return ffi::luaL_error(state, c"resulting string too large".as_ptr());
        }
        let total = period * count as usize - separator.len();
        let mut buffer: ffi::luaL_Buffer = std::mem::zeroed();
        let out = ffi::luaL_buffinitsize(state, &mut buffer, total).cast::<u8>();
        ptr::copy_nonoverlapping(unit.as_ptr(), out, unit.len());
        if total > unit.len() {
            ptr::copy_nonoverlapping(separator.as_ptr(), out.add(unit.len()), separator.len());
        }
        // What is there is doubled until it is enough.
        let mut done = period.min(total);
        while done < total {
            let more = done.min(total - done);
            ptr::copy_nonoverlapping(out, out.add(done), more);
            done += more;
        }
        ffi::luaL_pushresultsize(&mut buffer, total);
        1
    }
}

/// Raises what a pattern is at fault with, or ends the script.
unsafe fn raise(state: *mut ffi::lua_State, fault: Fault) -> c_int {
    // SAFETY: as in `text`.
    unsafe {
        ffi::luaL_where(state, 1);
        match fault {
            Fault::Due => return limits::halt(state),
            Fault::Pattern(message) => {
                ffi::lua_pushlstring(state, message.as_ptr().cast::<c_char>(), message.len());
            }
            Fault::CaptureIndex(number) => {
                ffi::lua_pushstring(state, c"invalid capture index %".as_ptr());
                ffi::lua_pushinteger(state, i64::from(number));
                ffi::lua_concat(state, 2);
            }
        }
        ffi::lua_concat(state, 2);
        ffi::lua_error(state)
    }
}

/// Puts a `tostring` and a `format` that show no addresses, for untrusted code, into the table.
pub(crate) fn hide_addresses(lua: &Lua, native: &mlua::Table) -> mlua::Result<()> {
    // SAFETY: runs inside a protected call and leaves nothing.
    unsafe {
        lua.exec_raw::<()>(native, |state| {
            // Each thing that was shown, with its number. The keys are weak.
            ffi::lua_createtable(state, 0, 0);
            ffi::lua_createtable(state, 0, 1);
            ffi::lua_pushstring(state, c"k".as_ptr());
            ffi::lua_setfield(state, -2, c"__mode".as_ptr());
            ffi::lua_setmetatable(state, -2);
            ffi::lua_createtable(state, 1, 0);
            ffi::lua_pushcclosure(state, tostring, 2);
            ffi::lua_pushvalue(state, -1);
            ffi::lua_setfield(state, 1, c"tostring".as_ptr());
            ffi::lua_getglobal(state, c"string".as_ptr());
            ffi::lua_getfield(state, -1, c"format".as_ptr());
            ffi::lua_remove(state, -2);
            ffi::lua_insert(state, -2);
            ffi::lua_pushcclosure(state, format_, 2);
            ffi::lua_setfield(state, 1, c"format".as_ptr());
            ffi::lua_settop(state, 0);
        })
    }
}

/// `tostring` without addresses: a table is `table: 1`, the next one `table: 2`.
unsafe extern "C-unwind" fn tostring(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `text`; the upvalues are the numbers that were given, and a table with the last of them.
    unsafe {
        ffi::luaL_checkany(state, 1);
        let kind = ffi::lua_type(state, 1);
        let is_named = !matches!(kind, ffi::LUA_TNIL | ffi::LUA_TBOOLEAN | ffi::LUA_TNUMBER | ffi::LUA_TSTRING);
        let has_method = ffi::luaL_getmetafield(state, 1, c"__tostring".as_ptr()) != ffi::LUA_TNIL;
        if has_method || !is_named {
            ffi::lua_settop(state, 1);
            // Calls the method and checks its result.
            ffi::luaL_tolstring(state, 1, ptr::null_mut());
            return 1;
        }
        ffi::lua_settop(state, 1);
        if ffi::luaL_getmetafield(state, 1, c"__name".as_ptr()) != ffi::LUA_TSTRING {
            ffi::lua_settop(state, 1);
            ffi::lua_pushstring(state, ffi::lua_typename(state, kind));
        }
        ffi::lua_pushstring(state, c": ".as_ptr());
        let numbers = ffi::lua_upvalueindex(1);
        ffi::lua_pushvalue(state, 1);
        if ffi::lua_rawget(state, numbers) == ffi::LUA_TNIL {
            let counter = ffi::lua_upvalueindex(2);
            ffi::lua_settop(state, -2);
            ffi::lua_rawgeti(state, counter, 1);
            let number = ffi::lua_tointegerx(state, -1, ptr::null_mut()) + 1;
            ffi::lua_settop(state, -2);
            ffi::lua_pushinteger(state, number);
            ffi::lua_rawseti(state, counter, 1);
            ffi::lua_pushvalue(state, 1);
            ffi::lua_pushinteger(state, number);
            ffi::lua_rawset(state, numbers);
            ffi::lua_pushinteger(state, number);
        }
        ffi::lua_concat(state, 3);
        1
    }
}

/// `string.format` without addresses: `%s` shows what `tostring` does, and there is no `%p`.
unsafe extern "C-unwind" fn format_(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `text`; the upvalues are Lua's own function and `tostring`.
    unsafe {
        let format = text(state, 1);
        let (mut at, mut argument) = (0, 1);
        while let Some(escape) = memchr::memchr(b'%', &format[at..]) {
            at += escape + 1;
            if format.get(at) == Some(&b'%') {
                at += 1;
                continue;
            }
            argument += 1;
            while format.get(at).is_some_and(|byte| b"-+ #0.123456789".contains(byte)) {
                at += 1;
            }
            match format.get(at) {
                Some(b'p') => {
                    return ffi::luaL_error(
                        state,
                        c"invalid conversion '%%p' to 'format': there are no addresses here".as_ptr(),
                    );
                }
                Some(b's') if ffi::lua_type(state, argument) > ffi::LUA_TSTRING => {
                    ffi::luaL_checkstack(state, 2, ptr::null());
                    ffi::lua_pushvalue(state, ffi::lua_upvalueindex(2));
                    ffi::lua_pushvalue(state, argument);
                    ffi::lua_call(state, 1, 1);
                    ffi::lua_replace(state, argument);
                }
                _ => {}
            }
        }
        original(state)
    }
}

/// The text that is being compiled.
#[repr(C)]
struct Pieces {
    next: *const u8,
    left: usize,
}

/// How much is compiled between two looks at the clock.
const PIECE: usize = 4096;

/// [`Native::Load`](crate::lua::raw::call::Native::Load).
pub(super) unsafe extern "C-unwind" fn load(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as in `text`. The text stays on the stack meanwhile.
    unsafe {
        let text = text(state, 1);
        let name = ffi::luaL_checklstring(state, 2, ptr::null_mut());
        let mut pieces = Pieces { next: text.as_ptr(), left: text.len() };
        let status = ffi::lua_load(state, piece, (&raw mut pieces).cast(), name, c"t".as_ptr());
        if limits::is_due() {
            return limits::halt(state);
        }
        if status != ffi::LUA_OK {
            ffi::lua_pushnil(state);
            ffi::lua_insert(state, -2);
            return 2;
        }
        ffi::lua_pushvalue(state, 3);
        if ffi::lua_setupvalue(state, -2, 1).is_null() {
            ffi::lua_settop(state, -2);
        }
        1
    }
}

unsafe extern "C-unwind" fn piece(
    _: *mut ffi::lua_State,
    pieces: *mut std::os::raw::c_void,
    size: *mut usize,
) -> *const c_char {
    // SAFETY: `load` gave the pieces, and they are alive until it is done.
    unsafe {
        let pieces = &mut *pieces.cast::<Pieces>();
        let length = if limits::is_due() { 0 } else { pieces.left.min(PIECE) };
        let at = pieces.next;
        pieces.next = at.add(length);
        pieces.left -= length;
        *size = length;
        if length == 0 { ptr::null() } else { at.cast::<c_char>() }
    }
}
