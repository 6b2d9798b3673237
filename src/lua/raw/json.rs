//! JSON text to and from Lua values.

use std::fmt;
use std::fmt::Write;
use std::os::raw::{c_char, c_int, c_void};

use mlua::ffi;

use crate::lua::limits;
use crate::lua::raw::Marks;
use crate::lua::raw::read::{Reader, Shape, kind_name};
use crate::value::MAX_DEPTH;

/// How a Lua value becomes text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Encoding {
    /// Line breaks, and two spaces a level.
    pub pretty: bool,
    /// Whether a metatable other than the markers is a fault.
    pub strict: bool,
    /// The most bytes of text.
    pub limit: usize,
}

impl Encoding {
    /// The encoding of values that must be plain.
    pub fn strict(limit: usize) -> Self {
        Self { pretty: false, strict: true, limit }
    }
}

/// Why a value has no JSON form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EncodeError {
    /// A readable code.
    pub code: &'static str,
    /// Where in the value, such as `posts[2].title`; empty for the value itself.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if !self.path.is_empty() {
            write!(f, " at `{}`", self.path)?;
        }
        f.write_str(" has no JSON form")
    }
}

/// Writes the value at the absolute `index` as JSON text, keys sorted. Never raises.
///
/// # Safety
/// `state` is live, and `index` holds a value.
pub(crate) unsafe fn encode(
    state: *mut ffi::lua_State,
    index: c_int,
    marks: Marks,
    encoding: Encoding,
) -> Result<String, EncodeError> {
    // SAFETY: the contract above; the height of the stack is restored.
    unsafe {
        let top = ffi::lua_gettop(state);
        let mut encoder =
            Encoder { reader: Reader::new(state, marks, encoding.strict), out: String::new(), encoding, depth: 0 };
        let result = encoder.value(index);
        ffi::lua_settop(state, top);
        result.map(|()| encoder.out)
    }
}

struct Encoder {
    reader: Reader,
    out: String,
    encoding: Encoding,
    depth: usize,
}

impl Encoder {
    unsafe fn value(&mut self, index: c_int) -> Result<(), EncodeError> {
        let state = self.reader.state;
        if self.out.len() > self.encoding.limit {
            return Err(refuse("too_large", format!("a value of more than {} bytes", self.encoding.limit)));
        }
        if limits::is_due() {
            return Err(refuse("stopped", "a value that takes longer to read than the script may run".to_owned()));
        }
        // SAFETY: `index` is a valid absolute index; these functions only look.
        unsafe {
            match ffi::lua_type(state, index) {
                ffi::LUA_TNIL => self.out.push_str("null"),
                ffi::LUA_TLIGHTUSERDATA if ffi::lua_touserdata(state, index).is_null() => self.out.push_str("null"),
                ffi::LUA_TBOOLEAN if ffi::lua_toboolean(state, index) != 0 => self.out.push_str("true"),
                ffi::LUA_TBOOLEAN => self.out.push_str("false"),
                ffi::LUA_TNUMBER if ffi::lua_isinteger(state, index) != 0 => {
                    let number = ffi::lua_tointegerx(state, index, std::ptr::null_mut());
                    let _ = write!(self.out, "{number}");
                }
                ffi::LUA_TNUMBER => {
                    let number = ffi::lua_tonumberx(state, index, std::ptr::null_mut());
                    if !number.is_finite() {
                        return Err(refuse("wrong_type", format!("the number {number}")));
                    }
                    let _ = write!(self.out, "{number:?}");
                }
                ffi::LUA_TSTRING => {
                    let mut length = 0;
                    let bytes = ffi::lua_tolstring(state, index, &mut length).cast::<u8>();
                    self.text(std::slice::from_raw_parts(bytes, length))?;
                }
                ffi::LUA_TTABLE => self.table(index)?,
                kind => return Err(refuse("wrong_type", format!("a value of type {}", kind_name(kind)))),
            }
        }
        Ok(())
    }

    unsafe fn table(&mut self, index: c_int) -> Result<(), EncodeError> {
        let opened = self.reader.open(index).map_err(|(code, message)| refuse(code, message))?;
        self.depth += 1;
        match opened.shape {
            Shape::Empty | Shape::Object(0) => self.out.push_str("{}"),
            Shape::List(0) => self.out.push_str("[]"),
            Shape::List(length) => {
                self.out.push('[');
                for number in 1..=length {
                    self.separate(number > 1);
                    self.reader.push_item(index, number);
                    // SAFETY: the item is on top of the stack.
                    let result = unsafe { self.value(ffi::lua_gettop(self.reader.state)) };
                    result.map_err(|error| error.within(&format!("[{number}]")))?;
                    self.reader.pop_item();
                }
                self.line(self.depth - 1);
                self.out.push(']');
            }
            Shape::Object(count) => {
                self.out.push('{');
                for number in 0..count {
                    self.separate(number > 0);
                    let (key, slot) = self.reader.entry(&opened, number);
                    // The key lies in Lua's memory until the table is closed; the borrow of the reader must end before.
                    let key: *const [u8] = key;
                    // SAFETY: see above, and `slot` holds the key's value as long.
                    unsafe {
                        self.text(&*key)?;
                        self.out.push_str(if self.encoding.pretty { ": " } else { ":" });
                        self.value(slot).map_err(|error| error.within(&String::from_utf8_lossy(&*key)))?;
                    }
                }
                self.line(self.depth - 1);
                self.out.push('}');
            }
        }
        self.depth -= 1;
        self.reader.close(opened);
        Ok(())
    }

    fn separate(&mut self, comma: bool) {
        if comma {
            self.out.push(',');
        }
        self.line(self.depth);
    }

    fn line(&mut self, depth: usize) {
        if self.encoding.pretty {
            self.out.push('\n');
            for _ in 0..depth {
                self.out.push_str("  ");
            }
        }
    }

    fn text(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Err(refuse("invalid_text", "a string that is not valid UTF-8".to_owned()));
        };
        if self.out.len() + text.len() > self.encoding.limit {
            return Err(refuse("too_large", format!("a value of more than {} bytes", self.encoding.limit)));
        }
        self.out.push('"');
        let mut start = 0;
        for (at, byte) in bytes.iter().enumerate() {
            let escape = match byte {
                b'"' => "\\\"",
                b'\\' => "\\\\",
                b'\n' => "\\n",
                b'\r' => "\\r",
                b'\t' => "\\t",
                0x08 => "\\b",
                0x0c => "\\f",
                0x00..=0x1f => "",
                _ => continue,
            };
            self.out.push_str(&text[start..at]);
            if escape.is_empty() {
                let _ = write!(self.out, "\\u{byte:04x}");
            } else {
                self.out.push_str(escape);
            }
            start = at + 1;
        }
        self.out.push_str(&text[start..]);
        self.out.push('"');
        Ok(())
    }
}

impl EncodeError {
    fn within(mut self, step: &str) -> Self {
        let joint = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{step}{joint}{}", self.path);
        self
    }
}

fn refuse(code: &'static str, message: String) -> EncodeError {
    EncodeError { code, path: String::new(), message }
}

/// Why a text is no JSON: what is wrong, and at which byte.
pub(crate) type DecodeError = (&'static str, usize);

/// Decodes JSON text and pushes the value; or pushes nothing and tells why. Raises only when memory is short.
///
/// # Safety
/// `state` is a live state inside a protected call; the text stays where it is; nobody else uses `scratch` meanwhile.
pub(crate) unsafe fn push_decoded(
    state: *mut ffi::lua_State,
    text: *const u8,
    length: usize,
    scratch: *mut Vec<u8>,
    marks: Marks,
) -> Option<DecodeError> {
    // SAFETY: the contract above. No value here has a destructor.
    unsafe {
        let top = ffi::lua_gettop(state);
        if ffi::lua_checkstack(state, 8) == 0 {
            return Some(("nested too deep", 0));
        }
        push_marker(state, marks.list);
        push_marker(state, marks.object);
        let bytes = std::slice::from_raw_parts(text, length);
        let mut decoder = Decoder { state, bytes, at: 0, list: top + 1, object: top + 2, scratch };
        let mut result = decoder.value(0);
        if result.is_ok() {
            decoder.space();
            if decoder.at < length {
                result = Err("expected the end of the text");
            }
        }
        match result {
            Ok(()) => {
                ffi::lua_replace(state, top + 1);
                ffi::lua_settop(state, top + 1);
                None
            }
            Err(message) => {
                ffi::lua_settop(state, top);
                Some((message, decoder.at))
            }
        }
    }
}

/// Pushes one of the marker metatables.
///
/// # Safety
/// `state` is live with room for a value, and `marker` comes from its [`Marks`].
pub(crate) unsafe fn push_marker(state: *mut ffi::lua_State, marker: *const c_void) {
    // SAFETY: the registry holds each marker under its own address; a plain read raises nothing.
    unsafe { ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, marker) };
}

struct Decoder<'a> {
    state: *mut ffi::lua_State,
    bytes: &'a [u8],
    at: usize,
    list: c_int,
    object: c_int,
    scratch: *mut Vec<u8>,
}

type Step = Result<(), &'static str>;

impl Decoder<'_> {
    unsafe fn value(&mut self, depth: usize) -> Step {
        if limits::is_due() {
            // Nobody will read it: the script is being stopped.
            return Err("there is no time left");
        }
        self.space();
        // SAFETY: the contract of `push_decoded`; each level makes room for what it pushes.
        unsafe {
            match self.bytes.get(self.at) {
                Some(b'{') => self.object(depth),
                Some(b'[') => self.list(depth),
                Some(b'"') => {
                    let (text, length) = self.text()?;
                    ffi::lua_pushlstring(self.state, text.cast::<c_char>(), length);
                    Ok(())
                }
                Some(b't') => {
                    self.word(b"true")?;
                    ffi::lua_pushboolean(self.state, 1);
                    Ok(())
                }
                Some(b'f') => {
                    self.word(b"false")?;
                    ffi::lua_pushboolean(self.state, 0);
                    Ok(())
                }
                Some(b'n') => {
                    self.word(b"null")?;
                    ffi::lua_pushlightuserdata(self.state, std::ptr::null_mut());
                    Ok(())
                }
                Some(b'-' | b'0'..=b'9') => self.number(),
                Some(_) => Err("expected a value"),
                None => Err("expected a value, found the end of the text"),
            }
        }
    }

    unsafe fn list(&mut self, depth: usize) -> Step {
        self.at += 1;
        // SAFETY: as in `value`.
        unsafe {
            self.deeper(depth)?;
            ffi::lua_createtable(self.state, 0, 0);
            ffi::lua_pushvalue(self.state, self.list);
            ffi::lua_setmetatable(self.state, -2);
            self.space();
            if self.bytes.get(self.at) == Some(&b']') {
                self.at += 1;
                return Ok(());
            }
            let mut number = 0;
            loop {
                self.value(depth + 1)?;
                number += 1;
                ffi::lua_rawseti(self.state, -2, number);
                self.space();
                match self.bytes.get(self.at) {
                    Some(b',') => self.at += 1,
                    Some(b']') => {
                        self.at += 1;
                        return Ok(());
                    }
                    _ => return Err("expected `,` or `]`"),
                }
            }
        }
    }

    unsafe fn object(&mut self, depth: usize) -> Step {
        self.at += 1;
        // SAFETY: as in `value`.
        unsafe {
            self.deeper(depth)?;
            ffi::lua_createtable(self.state, 0, 4);
            ffi::lua_pushvalue(self.state, self.object);
            ffi::lua_setmetatable(self.state, -2);
            self.space();
            if self.bytes.get(self.at) == Some(&b'}') {
                self.at += 1;
                return Ok(());
            }
            loop {
                self.space();
                if self.bytes.get(self.at) != Some(&b'"') {
                    return Err("expected a key in double quotes");
                }
                let (text, length) = self.text()?;
                ffi::lua_pushlstring(self.state, text.cast::<c_char>(), length);
                self.space();
                if self.bytes.get(self.at) != Some(&b':') {
                    return Err("expected `:`");
                }
                self.at += 1;
                self.value(depth + 1)?;
                ffi::lua_rawset(self.state, -3);
                self.space();
                match self.bytes.get(self.at) {
                    Some(b',') => self.at += 1,
                    Some(b'}') => {
                        self.at += 1;
                        return Ok(());
                    }
                    _ => return Err("expected `,` or `}`"),
                }
            }
        }
    }

    unsafe fn deeper(&self, depth: usize) -> Step {
        // SAFETY: `lua_checkstack` reports and does not raise.
        if depth >= MAX_DEPTH || unsafe { ffi::lua_checkstack(self.state, 8) } == 0 {
            return Err("nested too deep");
        }
        Ok(())
    }

    unsafe fn number(&mut self) -> Step {
        let start = self.at;
        let mut integer = true;
        self.skip(b'-');
        match self.bytes.get(self.at) {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err("expected a digit"),
        }
        if self.skip(b'.') {
            integer = false;
            self.some_digits()?;
        }
        if self.skip(b'e') || self.skip(b'E') {
            integer = false;
            if !self.skip(b'+') {
                self.skip(b'-');
            }
            self.some_digits()?;
        }
        let digits = &self.bytes[start..self.at];
        // Only ASCII was taken.
        let text = std::str::from_utf8(digits).map_err(|_| "expected a digit")?;
        // SAFETY: pushing a number raises nothing; there is room (`deeper`).
        unsafe {
            match text.parse::<i64>() {
                Ok(number) if integer => ffi::lua_pushinteger(self.state, number),
                _ => {
                    let number = text.parse::<f64>().map_err(|_| "expected a number")?;
                    if !number.is_finite() {
                        self.at = start;
                        return Err("a number too large");
                    }
                    ffi::lua_pushnumber(self.state, number);
                }
            }
        }
        Ok(())
    }

    fn some_digits(&mut self) -> Step {
        let start = self.at;
        self.digits();
        if self.at == start { Err("expected a digit") } else { Ok(()) }
    }

    fn digits(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn skip(&mut self, byte: u8) -> bool {
        let found = self.bytes.get(self.at) == Some(&byte);
        if found {
            self.at += 1;
        }
        found
    }

    fn word(&mut self, word: &'static [u8]) -> Step {
        if self.bytes[self.at..].starts_with(word) {
            self.at += word.len();
            return Ok(());
        }
        Err("expected a value")
    }

    fn space(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Reads a string; its bytes lie in the text itself, or in the scratch space until the next string is read.
    unsafe fn text(&mut self) -> Result<(*const u8, usize), &'static str> {
        self.at += 1;
        let start = self.at;
        loop {
            match self.bytes.get(self.at) {
                None => return Err("a string without its closing quote"),
                Some(b'"') => break,
                // SAFETY: that of the caller.
                Some(b'\\') => return unsafe { self.escaped_text(start) },
                Some(0x00..=0x1f) => return Err("a control character in a string, which is written as an escape"),
                Some(_) => self.at += 1,
            }
        }
        let text = &self.bytes[start..self.at];
        if let Err(error) = std::str::from_utf8(text) {
            self.at = start + error.valid_up_to();
            return Err("a string that is not valid UTF-8");
        }
        self.at += 1;
        Ok((text.as_ptr(), text.len()))
    }

    unsafe fn escaped_text(&mut self, start: usize) -> Result<(*const u8, usize), &'static str> {
        // SAFETY: nobody else uses the scratch space, and nothing here raises, so the borrow is alone and ends.
        let scratch = unsafe { &mut *self.scratch };
        scratch.clear();
        scratch.extend_from_slice(&self.bytes[start..self.at]);
        loop {
            let byte = *self.bytes.get(self.at).ok_or("a string without its closing quote")?;
            self.at += 1;
            match byte {
                b'"' => break,
                0x00..=0x1f => {
                    self.at -= 1;
                    return Err("a control character in a string, which is written as an escape");
                }
                b'\\' => {
                    let escape = *self.bytes.get(self.at).ok_or("a string without its closing quote")?;
                    self.at += 1;
                    let plain = match escape {
                        b'"' | b'\\' | b'/' => escape,
                        b'b' => 0x08,
                        b'f' => 0x0c,
                        b'n' => b'\n',
                        b'r' => b'\r',
                        b't' => b'\t',
                        b'u' => {
                            let letter = self.letter()?;
                            let mut bytes = [0; 4];
                            scratch.extend_from_slice(letter.encode_utf8(&mut bytes).as_bytes());
                            continue;
                        }
                        _ => {
                            self.at -= 2;
                            return Err("an unknown escape in a string");
                        }
                    };
                    scratch.push(plain);
                }
                _ => scratch.push(byte),
            }
        }
        if std::str::from_utf8(scratch).is_err() {
            self.at = start;
            return Err("a string that is not valid UTF-8");
        }
        Ok((scratch.as_ptr(), scratch.len()))
    }

    /// Reads the digits after `\u`, and the second half of a pair.
    fn letter(&mut self) -> Result<char, &'static str> {
        let start = self.at;
        let first = self.hex()?;
        let code = match first {
            0xd800..=0xdbff if self.bytes[self.at..].starts_with(b"\\u") => {
                self.at += 2;
                match self.hex()? {
                    second @ 0xdc00..=0xdfff => 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00),
                    _ => first,
                }
            }
            _ => first,
        };
        char::from_u32(code).ok_or_else(|| {
            self.at = start;
            "half of a surrogate pair in a string"
        })
    }

    fn hex(&mut self) -> Result<u32, &'static str> {
        let digits = self.bytes.get(self.at..self.at + 4).ok_or("expected four hexadecimal digits")?;
        let mut number = 0;
        for digit in digits {
            let digit = (*digit as char).to_digit(16).ok_or("expected four hexadecimal digits")?;
            number = number * 16 + digit;
        }
        self.at += 4;
        Ok(number)
    }
}
