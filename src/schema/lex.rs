//! Text to tokens. Every byte of the text lies in exactly one token, so that nothing is lost.

/// A token: its kind and its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// Blanks and tabs; also a byte-order mark at the start.
    Blank,
    /// One line end.
    Newline,
    /// `// ...`
    Comment,
    /// `/// ...`
    DocComment,
    /// `/* ... */`; it may reach over lines.
    BlockComment,
    /// A `/*` without its `*/`: the rest of the text.
    OpenBlockComment,
    /// A word of letters, digits, `_` and `-`.
    Word,
    /// Digits, with a sign and a fraction if there are any.
    Number,
    /// A string with both quotes.
    String,
    /// A string without its second quote: up to the end of the line.
    OpenString,
    OpenBrace,
    CloseBrace,
    OpenParenthesis,
    CloseParenthesis,
    OpenBracket,
    CloseBracket,
    Comma,
    Colon,
    Equals,
    Dot,
    Question,
    Exclamation,
    At,
    AtAt,
    /// A character that has no place in a schema.
    Other,
    /// The end of the text; it has no bytes.
    End,
}

/// Cuts `text` into tokens; the last one is [`TokenKind::End`].
pub(crate) fn lex(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let (kind, length) = first_token(&text[start..], start);
        tokens.push(Token { kind, start, end: start + length });
        start += length;
    }
    tokens.push(Token { kind: TokenKind::End, start, end: start });
    tokens
}

/// Returns the kind and length of the token at the start of `rest`, which is not empty.
fn first_token(rest: &str, offset: usize) -> (TokenKind, usize) {
    let first = rest.chars().next().expect("not empty");
    let until_line_end = || rest.find(['\n', '\r']).unwrap_or(rest.len());
    match first {
        '\n' => (TokenKind::Newline, 1),
        '\r' if rest.starts_with("\r\n") => (TokenKind::Newline, 2),
        '\r' => (TokenKind::Newline, 1),
        '\u{feff}' if offset == 0 => (TokenKind::Blank, first.len_utf8()),
        _ if is_blank(first) => (TokenKind::Blank, length_while(rest, is_blank)),
        '/' if rest.starts_with("///") => (TokenKind::DocComment, until_line_end()),
        '/' if rest.starts_with("//") => (TokenKind::Comment, until_line_end()),
        '/' if rest.starts_with("/*") => match rest[2..].find("*/") {
            Some(inner) => (TokenKind::BlockComment, inner + 4),
            None => (TokenKind::OpenBlockComment, rest.len()),
        },
        '"' => string(rest),
        '@' if rest.starts_with("@@") => (TokenKind::AtAt, 2),
        '-' if rest[1..].starts_with(|character: char| character.is_ascii_digit()) => {
            (TokenKind::Number, 1 + number_length(&rest[1..]))
        }
        _ if first.is_alphanumeric() || first == '_' => word_or_number(rest),
        _ => (punctuation(first), first.len_utf8()),
    }
}

fn punctuation(character: char) -> TokenKind {
    match character {
        '{' => TokenKind::OpenBrace,
        '}' => TokenKind::CloseBrace,
        '(' => TokenKind::OpenParenthesis,
        ')' => TokenKind::CloseParenthesis,
        '[' => TokenKind::OpenBracket,
        ']' => TokenKind::CloseBracket,
        ',' => TokenKind::Comma,
        ':' => TokenKind::Colon,
        '=' => TokenKind::Equals,
        '.' => TokenKind::Dot,
        '?' => TokenKind::Question,
        '!' => TokenKind::Exclamation,
        '@' => TokenKind::At,
        _ => TokenKind::Other,
    }
}

/// A word may start with a digit (the checker has a better message for that), so digits alone are a number.
fn word_or_number(rest: &str) -> (TokenKind, usize) {
    let word = length_while(rest, |character| character.is_alphanumeric() || character == '_' || character == '-');
    match rest[..word].bytes().all(|byte| byte.is_ascii_digit()) {
        true => (TokenKind::Number, number_length(rest)),
        false => (TokenKind::Word, word),
    }
}

/// Returns the length of digits and a fraction.
fn number_length(rest: &str) -> usize {
    let whole = length_while(rest, |character| character.is_ascii_digit());
    let fraction = match rest[whole..].strip_prefix('.') {
        Some(after) => length_while(after, |character| character.is_ascii_digit()),
        None => 0,
    };
    whole + if fraction > 0 { fraction + 1 } else { 0 }
}

/// A string ends at its second quote, or unfinished at the end of the line.
fn string(rest: &str) -> (TokenKind, usize) {
    let mut escaped = false;
    for (index, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            b'\n' | b'\r' => return (TokenKind::OpenString, index),
            b'"' if !escaped => return (TokenKind::String, index + 1),
            _ => escaped = byte == b'\\' && !escaped,
        }
    }
    (TokenKind::OpenString, rest.len())
}

fn is_blank(character: char) -> bool {
    character.is_whitespace() && character != '\n' && character != '\r'
}

fn length_while(text: &str, wanted: impl Fn(char) -> bool) -> usize {
    text.find(|character| !wanted(character)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::{TokenKind, lex};

    #[test]
    fn tokens_cover_the_text() {
        let text =
            "\u{feff}model A1 {\r\n  x-y Int? @default(-1.50) // c\n  s \"a\\\"b\" /* d\n */ \"open\n}\u{1}é/* end";
        let mut end = 0;
        for token in lex(text) {
            assert_eq!(token.start, end);
            end = token.end;
        }
        assert_eq!(end, text.len());
    }

    #[test]
    fn numbers_and_words_are_told_apart() {
        let kinds = |text| lex(text).into_iter().map(|token| token.kind).collect::<Vec<_>>();
        assert_eq!(kinds("12"), [TokenKind::Number, TokenKind::End]);
        assert_eq!(kinds("-1.5"), [TokenKind::Number, TokenKind::End]);
        assert_eq!(kinds("1A"), [TokenKind::Word, TokenKind::End]);
        assert_eq!(kinds("1."), [TokenKind::Number, TokenKind::Dot, TokenKind::End]);
    }
}
