//! Lua text in pieces, as far as coloring and completion need it: also text that is not finished.

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A name.
    Name,
    /// A keyword.
    Keyword,
    /// A string; an open one has no end yet.
    Text {
        /// Whether its end is missing.
        open: bool,
    },
    /// A number.
    Number,
    /// A comment.
    Comment,
    /// A punctuation mark of one character.
    Mark,
}

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'a> {
    /// What it is.
    pub kind: Kind,
    /// Its text.
    pub text: &'a str,
    /// Where it begins, in bytes.
    pub start: usize,
}

impl Piece<'_> {
    /// Tells whether it is this mark.
    pub fn is(&self, mark: &str) -> bool {
        self.kind == Kind::Mark && self.text == mark
    }

    /// Returns where it ends, in bytes.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Returns what a string with quotes says, as far as it is there.
    pub fn content(&self) -> &str {
        let Kind::Text { open } = self.kind else { return self.text };
        let inner = self.text.get(1..).unwrap_or_default();
        if open { inner } else { inner.get(..inner.len().saturating_sub(1)).unwrap_or_default() }
    }
}

/// Lua's keywords.
pub const KEYWORDS: &[&str] = &[
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil",
    "not", "or", "repeat", "return", "then", "true", "until", "while",
];

/// Cuts a text into its pieces; blanks are left out.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let start = at;
        let kind = match bytes[at] {
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'-' if bytes[at..].starts_with(b"--") => {
                at = match long_end(text, at + 2) {
                    Some((end, _)) => end,
                    None => text[at..].find('\n').map_or(text.len(), |length| at + length),
                };
                Kind::Comment
            }
            b'[' if long_end(text, at).is_some() => {
                let (end, open) = long_end(text, at).unwrap_or((text.len(), true));
                at = end;
                Kind::Text { open }
            }
            quote @ (b'"' | b'\'') => {
                at += 1;
                while at < bytes.len() && bytes[at] != quote && bytes[at] != b'\n' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                let open = bytes.get(at) != Some(&quote);
                at = (at + usize::from(!open)).min(text.len());
                while !text.is_char_boundary(at) {
                    at += 1;
                }
                Kind::Text { open }
            }
            byte if byte.is_ascii_digit() => {
                while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'.') {
                    at += 1;
                }
                Kind::Number
            }
            byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_') {
                    at += 1;
                }
                if KEYWORDS.contains(&&text[start..at]) { Kind::Keyword } else { Kind::Name }
            }
            _ => {
                at += text[at..].chars().next().map_or(1, char::len_utf8);
                Kind::Mark
            }
        };
        out.push(Piece { kind, text: &text[start..at], start });
    }
    out
}

/// Returns where a long bracket that begins at `start` ends, and whether its end is missing; None when none begins there.
fn long_end(text: &str, start: usize) -> Option<(usize, bool)> {
    let rest = text.get(start..)?.strip_prefix('[')?;
    let level = rest.bytes().take_while(|byte| *byte == b'=').count();
    rest.get(level..)?.strip_prefix('[')?;
    let close = format!("]{}]", "=".repeat(level));
    let inner = start + level + 2;
    Some(match text[inner..].find(&close) {
        Some(length) => (inner + length + close.len(), false),
        None => (text.len(), true),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unfinished_text_has_pieces_too() {
        let kinds: Vec<(Kind, &str)> =
            pieces("local x = [[a\nb]] -- ü\ny = 'ö").iter().map(|piece| (piece.kind, piece.text)).collect();
        assert_eq!(
            kinds,
            [
                (Kind::Keyword, "local"),
                (Kind::Name, "x"),
                (Kind::Mark, "="),
                (Kind::Text { open: false }, "[[a\nb]]"),
                (Kind::Comment, "-- ü"),
                (Kind::Name, "y"),
                (Kind::Mark, "="),
                (Kind::Text { open: true }, "'ö"),
            ]
        );
        assert_eq!(pieces("'\\")[0].text, "'\\");
    }
}
