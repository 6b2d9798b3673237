//! Lua's patterns, matched as Lua 5.4 does, but never longer than somebody is willing to wait.
//!
//! A pattern can take time that grows exponentially with the text. Lua's own matcher runs in C, where no limit reaches it; this one asks
//! every few thousand steps whether it must end.

/// How deep a pattern may nest, as in Lua.
const MOST_DEPTH: u32 = 200;

/// How many captures a pattern may have, as in Lua.
const MOST_CAPTURES: usize = 32;

/// Steps between two looks at the clock: some ten microseconds.
const STEPS: usize = 4096;

const ESCAPE: u8 = b'%';

/// A pattern over a text, and what the last match captured.
pub(crate) struct Matcher<'a> {
    text: &'a [u8],
    pattern: &'a [u8],
    is_due: fn() -> bool,
    steps: usize,
    depth: u32,
    level: usize,
    captures: [(usize, Length); MOST_CAPTURES],
}

/// How long a capture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    Unfinished,
    /// `()`
    Position,
    Bytes(usize),
}

/// What a capture holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Capture<'a> {
    /// A part of the text.
    Text(&'a [u8]),
    /// A place in it, from 1.
    Position(usize),
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Something is wrong with the pattern, in Lua's words.
    Pattern(&'static str),
    /// There is no capture of this number.
    CaptureIndex(i32),
    /// The script must end.
    Due,
}

type Matched = Result<Option<usize>, Fault>;

impl<'a> Matcher<'a> {
    /// Makes a matcher of a pattern without its anchor.
    pub fn new(text: &'a [u8], pattern: &'a [u8], is_due: fn() -> bool) -> Self {
        Self {
            text,
            pattern,
            is_due,
            steps: STEPS,
            depth: MOST_DEPTH,
            level: 0,
            captures: [(0, Length::Unfinished); 32],
        }
    }

    /// Matches at `start` and returns the end of the match.
    pub fn match_at(&mut self, start: usize) -> Matched {
        self.depth = MOST_DEPTH;
        self.level = 0;
        self.spend(1)?;
        self.go(start, 0)
    }

    /// Returns how many captures the last match has.
    pub fn captures(&self) -> usize {
        self.level
    }

    /// Returns a capture of the last match, which is `text[start..end]`; without captures the first one is the match.
    pub fn capture(&self, number: usize, start: usize, end: usize) -> Result<Capture<'a>, Fault> {
        if number >= self.level {
            return match number {
                0 => Ok(Capture::Text(&self.text[start..end])),
                number => Err(Fault::CaptureIndex(number as i32 + 1)),
            };
        }
        match self.captures[number] {
            (_, Length::Unfinished) => Err(Fault::Pattern("unfinished capture")),
            (at, Length::Position) => Ok(Capture::Position(at + 1)),
            (at, Length::Bytes(length)) => Ok(Capture::Text(&self.text[at..at + length])),
        }
    }

    fn spend(&mut self, steps: usize) -> Result<(), Fault> {
        match self.steps.checked_sub(steps) {
            Some(left) => self.steps = left,
            None if (self.is_due)() => return Err(Fault::Due),
            None => self.steps = STEPS,
        }
        Ok(())
    }

    /// Returns a byte of the pattern; behind its end there is a NUL, as in C.
    fn at(&self, place: usize) -> u8 {
        self.pattern.get(place).copied().unwrap_or(0)
    }

    fn go(&mut self, mut s: usize, mut p: usize) -> Matched {
        if self.depth == 0 {
            return Err(Fault::Pattern("pattern too complex"));
        }
        self.depth -= 1;
        let result = loop {
            self.spend(1)?;
            if p == self.pattern.len() {
                break Some(s);
            }
            match self.pattern[p] {
                b'(' if self.at(p + 1) == b')' => break self.start_capture(s, p + 2, Length::Position)?,
                b'(' => break self.start_capture(s, p + 1, Length::Unfinished)?,
                b')' => break self.end_capture(s, p + 1)?,
                b'$' if p + 1 == self.pattern.len() => break (s == self.text.len()).then_some(s),
                ESCAPE if self.at(p + 1) == b'b' => match self.balance(s, p + 2)? {
                    Some(end) => (s, p) = (end, p + 4),
                    None => break None,
                },
                ESCAPE if self.at(p + 1) == b'f' => {
                    p += 2;
                    if self.at(p) != b'[' {
                        return Err(Fault::Pattern("missing '[' after '%f' in pattern"));
                    }
                    let end = self.class_end(p)?;
                    let before = if s == 0 { 0 } else { self.text[s - 1] };
                    let here = self.text.get(s).copied().unwrap_or(0);
                    if self.in_set(before, p, end - 1)? || !self.in_set(here, p, end - 1)? {
                        break None;
                    }
                    p = end;
                }
                ESCAPE if self.at(p + 1).is_ascii_digit() => match self.back_reference(s, self.at(p + 1))? {
                    Some(end) => (s, p) = (end, p + 2),
                    None => break None,
                },
                _ => {
                    let end = self.class_end(p)?;
                    let suffix = self.at(end);
                    if !self.single(s, p, end)? {
                        if !matches!(suffix, b'*' | b'?' | b'-') {
                            break None;
                        }
                        p = end + 1;
                        continue;
                    }
                    match suffix {
                        b'?' => match self.go(s + 1, end + 1)? {
                            Some(end) => break Some(end),
                            None => p = end + 1,
                        },
                        b'+' => break self.most(s + 1, p, end)?,
                        b'*' => break self.most(s, p, end)?,
                        b'-' => break self.least(s, p, end)?,
                        _ => (s, p) = (s + 1, end),
                    }
                }
            }
        };
        self.depth += 1;
        Ok(result)
    }

    /// Returns where the item at `p` ends.
    fn class_end(&mut self, p: usize) -> Result<usize, Fault> {
        let length = self.pattern.len();
        match self.pattern[p] {
            ESCAPE if p + 1 == length => Err(Fault::Pattern("malformed pattern (ends with '%')")),
            ESCAPE => Ok(p + 2),
            b'[' => {
                let mut at = p + 1;
                if self.at(at) == b'^' {
                    at += 1;
                }
                loop {
                    if at == length {
                        return Err(Fault::Pattern("malformed pattern (missing ']')"));
                    }
                    at += 1;
                    if self.pattern[at - 1] == ESCAPE && at < length {
                        at += 1;
                    }
                    if self.at(at) == b']' && at < length {
                        self.spend(at - p)?;
                        return Ok(at + 1);
                    }
                }
            }
            _ => Ok(p + 1),
        }
    }

    fn single(&mut self, s: usize, p: usize, end: usize) -> Result<bool, Fault> {
        let Some(byte) = self.text.get(s).copied() else { return Ok(false) };
        match self.pattern[p] {
            b'.' => Ok(true),
            ESCAPE => Ok(is_of_class(byte, self.pattern[p + 1])),
            b'[' => self.in_set(byte, p, end - 1),
            wanted => Ok(wanted == byte),
        }
    }

    /// Tells whether a byte is in the set between `[` at `p` and `]` at `end`.
    fn in_set(&mut self, byte: u8, mut p: usize, end: usize) -> Result<bool, Fault> {
        self.spend(end - p)?;
        let mut wanted = true;
        if self.at(p + 1) == b'^' {
            wanted = false;
            p += 1;
        }
        loop {
            p += 1;
            if p >= end {
                return Ok(!wanted);
            }
            if self.pattern[p] == ESCAPE {
                p += 1;
                if is_of_class(byte, self.at(p)) {
                    return Ok(wanted);
                }
            } else if self.at(p + 1) == b'-' && p + 2 < end {
                p += 2;
                if self.pattern[p - 2] <= byte && byte <= self.pattern[p] {
                    return Ok(wanted);
                }
            } else if self.pattern[p] == byte {
                return Ok(wanted);
            }
        }
    }

    /// `%b`: a balanced part of the text.
    fn balance(&mut self, s: usize, p: usize) -> Matched {
        if p + 1 >= self.pattern.len() {
            return Err(Fault::Pattern("malformed pattern (missing arguments to '%b')"));
        }
        let (open, close) = (self.pattern[p], self.pattern[p + 1]);
        if self.text.get(s) != Some(&open) {
            return Ok(None);
        }
        let mut level = 1;
        for at in s + 1..self.text.len() {
            self.spend(1)?;
            let byte = self.text[at];
            if byte == close {
                level -= 1;
                if level == 0 {
                    return Ok(Some(at + 1));
                }
            } else if byte == open {
                level += 1;
            }
        }
        Ok(None)
    }

    fn most(&mut self, s: usize, p: usize, end: usize) -> Matched {
        let mut count = 0;
        while self.single(s + count, p, end)? {
            self.spend(1)?;
            count += 1;
        }
        loop {
            if let Some(found) = self.go(s + count, end + 1)? {
                return Ok(Some(found));
            }
            if count == 0 {
                return Ok(None);
            }
            count -= 1;
        }
    }

    fn least(&mut self, mut s: usize, p: usize, end: usize) -> Matched {
        loop {
            if let Some(found) = self.go(s, end + 1)? {
                return Ok(Some(found));
            }
            if !self.single(s, p, end)? {
                return Ok(None);
            }
            s += 1;
        }
    }

    fn start_capture(&mut self, s: usize, p: usize, length: Length) -> Matched {
        if self.level >= MOST_CAPTURES {
            return Err(Fault::Pattern("too many captures"));
        }
        self.captures[self.level] = (s, length);
        self.level += 1;
        let found = self.go(s, p)?;
        if found.is_none() {
            self.level -= 1;
        }
        Ok(found)
    }

    fn end_capture(&mut self, s: usize, p: usize) -> Matched {
        let open = self.captures[..self.level].iter().rposition(|(_, length)| *length == Length::Unfinished);
        let number = open.ok_or(Fault::Pattern("invalid pattern capture"))?;
        self.captures[number].1 = Length::Bytes(s - self.captures[number].0);
        let found = self.go(s, p)?;
        if found.is_none() {
            self.captures[number].1 = Length::Unfinished;
        }
        Ok(found)
    }

    fn back_reference(&mut self, s: usize, digit: u8) -> Matched {
        let number = i32::from(digit) - i32::from(b'1');
        let capture = usize::try_from(number).ok().and_then(|number| self.captures[..self.level].get(number).copied());
        match capture {
            None | Some((_, Length::Unfinished)) => Err(Fault::CaptureIndex(number + 1)),
            // Lua takes the length of a position for a very large one.
            Some((_, Length::Position)) => Ok(None),
            Some((at, Length::Bytes(length))) => {
                self.spend(length / 16)?;
                let is_same = self.text[s..].starts_with(&self.text[at..at + length]);
                Ok(is_same.then_some(s + length))
            }
        }
    }
}

/// Tells whether a byte is of the class that a letter stands for; any other byte stands for itself.
fn is_of_class(byte: u8, class: u8) -> bool {
    let is = match class.to_ascii_lowercase() {
        b'a' => byte.is_ascii_alphabetic(),
        b'c' => byte.is_ascii_control(),
        b'd' => byte.is_ascii_digit(),
        b'g' => byte.is_ascii_graphic(),
        b'l' => byte.is_ascii_lowercase(),
        b'p' => byte.is_ascii_punctuation(),
        // Rust's does not know the vertical tab.
        b's' => byte.is_ascii_whitespace() || byte == 0x0b,
        b'u' => byte.is_ascii_uppercase(),
        b'w' => byte.is_ascii_alphanumeric(),
        b'x' => byte.is_ascii_hexdigit(),
        b'z' => byte == 0,
        _ => return class == byte,
    };
    is != class.is_ascii_uppercase()
}

/// Tells whether a pattern is nothing but text.
pub(crate) fn is_plain(pattern: &[u8]) -> bool {
    !pattern.iter().any(|byte| b"^$*+?.([%-".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_match_ends_when_it_must() {
        let (text, pattern) = ("a".repeat(40), format!("{}b", "a-".repeat(40)));
        let mut matcher = Matcher::new(text.as_bytes(), pattern.as_bytes(), || true);
        assert_eq!(matcher.match_at(0), Err(Fault::Due));
        let text = "(".repeat(100_000);
        let mut matcher = Matcher::new(text.as_bytes(), b"%b()", || true);
        assert_eq!(matcher.match_at(0), Err(Fault::Due));
    }
}
