//! A Lua table as arguments.

use std::os::raw::c_int;

use mlua::ffi;

use crate::lua::host::Host;
use crate::lua::raw::json;
use crate::lua::raw::read::{Reader, Shape, kind_name};
use crate::value::{Args, ArgsFault, ArgsSink, Scalar, Sentinel, Wish};

/// The arguments of an operation: the Lua value at a stack index, a table or nothing.
pub(crate) struct TableArgs<'a> {
    state: *mut ffi::lua_State,
    index: c_int,
    host: &'a Host,
}

/// A reference to a field, as it lies in its userdata.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub(crate) struct FieldReference {
    /// The model's index in the schema.
    pub model: u32,
    /// The field's index in its model.
    pub field: u32,
}

const SENTINELS: [Sentinel; 4] = [Sentinel::DbNull, Sentinel::JsonNull, Sentinel::AnyNull, Sentinel::All];

impl<'a> TableArgs<'a> {
    /// Views the value at the absolute `index`.
    ///
    /// # Safety
    /// The value must stay there, on the stack of a live `state`, as long as the view is used.
    pub unsafe fn new(state: *mut ffi::lua_State, index: c_int, host: &'a Host) -> Self {
        Self { state, index, host }
    }
}

impl Args for TableArgs<'_> {
    fn feed(&self, sink: &mut dyn ArgsSink) -> Result<(), ArgsFault> {
        // SAFETY: the contract of `new`. The height of the stack is restored, so that a fault leaves nothing behind.
        unsafe {
            let top = ffi::lua_gettop(self.state);
            let mut walk = Walk { reader: Reader::new(self.state, self.host.marks(), true), host: self.host };
            let result = match ffi::lua_type(self.state, self.index) {
                ffi::LUA_TTABLE => walk.table(self.index, sink),
                ffi::LUA_TNIL | ffi::LUA_TNONE => sink.empty(true),
                kind => {
                    Err(fault(("wrong_type", format!("expected a table of arguments, found a {}", kind_name(kind)))))
                }
            };
            ffi::lua_settop(self.state, top);
            result
        }
    }
}

struct Walk<'a> {
    reader: Reader,
    host: &'a Host,
}

impl Walk<'_> {
    unsafe fn table(&mut self, index: c_int, sink: &mut dyn ArgsSink) -> Result<(), ArgsFault> {
        let opened = self.reader.open(index).map_err(fault)?;
        match opened.shape {
            Shape::Empty => sink.empty(true)?,
            Shape::List(length) => {
                sink.begin_list()?;
                for number in 1..=length {
                    self.reader.push_item(index, number);
                    // SAFETY: the item is on top of the stack.
                    unsafe { self.value(ffi::lua_gettop(self.reader.state), sink)? };
                    self.reader.pop_item();
                }
                sink.end_list();
            }
            Shape::Object(count) => {
                sink.begin_object(!opened.marked)?;
                for number in 0..count {
                    let (key, slot) = self.reader.entry(&opened, number);
                    let Ok(key) = std::str::from_utf8(key) else {
                        return Err(fault(("invalid_text", "a key that is not valid UTF-8".to_owned())));
                    };
                    let wish = sink.key(plain_key(key))?;
                    // SAFETY: the value lies in its slot until the table is closed.
                    unsafe {
                        match wish {
                            Wish::Walk => self.value(slot, sink)?,
                            Wish::Json => self.json(slot, sink)?,
                        }
                    }
                }
                sink.end_object();
            }
        }
        self.reader.close(opened);
        Ok(())
    }

    unsafe fn value(&mut self, index: c_int, sink: &mut dyn ArgsSink) -> Result<(), ArgsFault> {
        let state = self.reader.state;
        // SAFETY: `index` is a valid absolute index, and these functions only look.
        unsafe {
            match ffi::lua_type(state, index) {
                ffi::LUA_TTABLE => self.table(index, sink),
                ffi::LUA_TBOOLEAN => sink.scalar(Scalar::Bool(ffi::lua_toboolean(state, index) != 0)),
                ffi::LUA_TNUMBER if ffi::lua_isinteger(state, index) != 0 => {
                    sink.scalar(Scalar::Int(ffi::lua_tointegerx(state, index, std::ptr::null_mut())))
                }
                ffi::LUA_TNUMBER => sink.scalar(Scalar::Float(ffi::lua_tonumberx(state, index, std::ptr::null_mut()))),
                ffi::LUA_TSTRING => {
                    let mut length = 0;
                    let bytes = ffi::lua_tolstring(state, index, &mut length).cast::<u8>();
                    sink.scalar(Scalar::Text(std::slice::from_raw_parts(bytes, length)))
                }
                ffi::LUA_TLIGHTUSERDATA if ffi::lua_touserdata(state, index).is_null() => sink.scalar(Scalar::Null),
                ffi::LUA_TUSERDATA => self.userdata(index, sink),
                kind => Err(fault(("wrong_type", format!("a value of type {}", kind_name(kind))))),
            }
        }
    }

    unsafe fn userdata(&self, index: c_int, sink: &mut dyn ArgsSink) -> Result<(), ArgsFault> {
        let state = self.reader.state;
        let marks = &self.reader.marks;
        // SAFETY: `index` holds a full userdata; `open` left room for its metatable. A userdata with the field metatable was made by
        // this crate and holds a `FieldReference`.
        unsafe {
            let address = ffi::lua_topointer(state, index);
            if let Some(which) = marks.sentinels.iter().position(|sentinel| *sentinel == address) {
                return sink.scalar(Scalar::Sentinel(SENTINELS[which]));
            }
            if ffi::lua_getmetatable(state, index) != 0 {
                let metatable = ffi::lua_topointer(state, -1);
                ffi::lua_settop(state, -2);
                if metatable == marks.field {
                    let reference = *ffi::lua_touserdata(state, index).cast::<FieldReference>();
                    if let Some((model, field)) = self.host.field_names(reference) {
                        return sink.scalar(Scalar::Field(&model, &field));
                    }
                }
            }
        }
        Err(fault(("wrong_type", "a value of type userdata".to_owned())))
    }

    unsafe fn json(&mut self, index: c_int, sink: &mut dyn ArgsSink) -> Result<(), ArgsFault> {
        // SAFETY: as in `value`.
        unsafe {
            match ffi::lua_type(self.reader.state, index) {
                // What says which NULL is meant, and references to fields, are no JSON.
                ffi::LUA_TUSERDATA | ffi::LUA_TLIGHTUSERDATA => self.value(index, sink),
                _ => {
                    let limit = self.host.text_limit;
                    let text = json::encode(self.reader.state, index, self.reader.marks, json::Encoding::strict(limit))
                        .map_err(|error| ArgsFault { code: error.code, message: error.to_string() })?;
                    sink.json(text)
                }
            }
        }
    }
}

/// Lua's keywords cannot be bare keys, so they have a second spelling.
fn plain_key(key: &str) -> &str {
    match key {
        "in_" => "in",
        "not_" => "not",
        key => key,
    }
}

fn fault((code, message): (&'static str, String)) -> ArgsFault {
    ArgsFault { code, message }
}
