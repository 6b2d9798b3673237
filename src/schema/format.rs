//! Writes a schema file anew, as `prisma format` does: order and alignment, no word lost.
//!
//! It works on the tokens, so that every comment stays. A comment that Prisma's formatter drops or moves (behind `{` and `}`, between
//! slashes and stars) stays where it is.

use crate::diag::{Diagnostics, Sources};
use crate::schema::Faults;
use crate::schema::lex::{Token, TokenKind};
use crate::schema::parse::parse;

/// The order of attributes; others follow as they stand.
const FIELD_ATTRIBUTES: [&str; 7] = ["id", "unique", "default", "updatedAt", "map", "relation", "ignore"];
const BLOCK_ATTRIBUTES: [&str; 7] = ["id", "unique", "index", "fulltext", "map", "ignore", "schema"];

/// Formats the text of a schema file.
///
/// # Errors
/// A text that cannot be read whole is not formatted: returns the findings with the source that they point into.
pub fn format(name: &str, text: &str) -> Result<String, (Sources, Diagnostics)> {
    let mut sources = Sources::new();
    let source = sources.add(name, text);
    let mut faults = Faults::default();
    let file = parse(&sources, source, &mut faults);
    let diagnostics = faults.finish(&[source]);
    if diagnostics.has_errors() {
        return Err((sources, diagnostics));
    }
    let mut formatter = Formatter { text, out: String::with_capacity(text.len()), pending: false };
    formatter.file(&lines(text, &file.tokens));
    Ok(formatter.out)
}

/// Writes several files as one, formatted: the first datasource, the generators, then everything else in the order of the files.
///
/// A file without a datasource gets one for SQLite in front. `names` are put above what each file brings; a file without blocks of
/// its own brings nothing.
///
/// # Errors
/// As [`format`](fn@format), for the first file that cannot be read whole.
pub fn merge(files: &[(&str, &str)], keep_generators: bool) -> Result<String, (Sources, Diagnostics)> {
    let mut datasource = None;
    let mut generators: Vec<(String, String)> = Vec::new();
    let mut rest = String::new();
    for (name, text) in files {
        let formatted = format(name, text)?;
        let mut brings = String::new();
        for block in top_blocks(&formatted) {
            let mut words = block.head.split_whitespace();
            match (words.next(), words.next()) {
                (Some("datasource"), _) => {
                    datasource.get_or_insert_with(|| block.text.to_owned());
                }
                (Some("generator"), Some(generator)) => {
                    if keep_generators && !generators.iter().any(|(known, _)| known == generator) {
                        generators.push((generator.to_owned(), block.text.to_owned()));
                    }
                }
                _ => {
                    brings.push_str(block.text);
                    brings.push('\n');
                }
            }
        }
        if !brings.is_empty() {
            if files.len() > 1 {
                rest.push_str(&format!("// {name}\n\n"));
            }
            rest.push_str(&brings);
        }
    }
    let mut out = datasource.unwrap_or_else(|| "datasource db {\n  provider = \"sqlite\"\n}\n".to_owned());
    for part in generators.iter().map(|(_, text)| text).chain([&rest]) {
        out.push('\n');
        out.push_str(part);
    }
    let out = out.trim_end().to_owned() + "\n";
    format("merged.prisma", &out)
}

/// A block of a formatted file, or comments that stand alone.
struct TopBlock<'a> {
    /// Its first line, or nothing.
    head: &'a str,
    /// The whole of it with the comments above, and its line end.
    text: &'a str,
}

/// Cuts a formatted file at the blank lines between its blocks.
fn top_blocks(text: &str) -> Vec<TopBlock<'_>> {
    let mut blocks = Vec::new();
    let (mut start, mut at, mut head, mut is_open) = (0, 0, "", false);
    for line in text.split_inclusive('\n') {
        let is_blank = line.trim().is_empty();
        if is_blank && !is_open {
            if start < at {
                blocks.push(TopBlock { head, text: &text[start..at] });
            }
            (start, head) = (at + line.len(), "");
        } else if !is_open && !line.starts_with(['/', ' ', '*']) && !line.starts_with('}') {
            (head, is_open) = (line.trim_end(), true);
        } else if line.starts_with('}') {
            is_open = false;
        }
        at += line.len();
    }
    if start < at {
        blocks.push(TopBlock { head, text: &text[start..at] });
    }
    blocks
}

/// The tokens of a line without its blanks and its end.
pub(super) struct Line {
    /// What is no comment at the line's end.
    pub(super) tokens: Vec<Token>,
    /// `//` or `///` at its end.
    pub(super) comment: Option<Token>,
}

impl Line {
    pub(super) fn is_blank(&self) -> bool {
        self.tokens.is_empty() && self.comment.is_none()
    }

    /// Tells whether nothing but comments stands here.
    pub(super) fn is_comment(&self) -> bool {
        !self.is_blank() && self.tokens.iter().all(|token| is_block_comment(token.kind))
    }

    pub(super) fn first(&self) -> Option<TokenKind> {
        self.tokens.iter().find(|token| !is_block_comment(token.kind)).map(|token| token.kind)
    }
}

fn is_block_comment(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::BlockComment | TokenKind::OpenBlockComment)
}

pub(super) fn lines(text: &str, tokens: &[Token]) -> Vec<Line> {
    let mut lines = vec![Line { tokens: Vec::new(), comment: None }];
    for token in tokens {
        let line = lines.last_mut().expect("there is always one");
        match token.kind {
            TokenKind::Blank | TokenKind::End => {}
            TokenKind::Newline => lines.push(Line { tokens: Vec::new(), comment: None }),
            TokenKind::Comment | TokenKind::DocComment => line.comment = Some(*token),
            _ => line.tokens.push(*token),
        }
    }
    debug_assert!(tokens.last().is_none_or(|token| token.end == text.len()));
    lines
}

struct Formatter<'a> {
    text: &'a str,
    out: String,
    /// Whether a blank line is to come before what comes next.
    pending: bool,
}

/// A line of a block, in columns.
#[derive(PartialEq)]
struct Row {
    cells: Vec<String>,
    /// What stands behind the cells, or the whole line when there are none.
    tail: String,
}

/// A block attribute with the comments above it.
struct BlockAttribute {
    order: usize,
    comments: Vec<String>,
    text: String,
}

impl Formatter<'_> {
    fn file(&mut self, lines: &[Line]) {
        let mut rest = lines;
        while let Some((line, after)) = rest.split_first() {
            rest = after;
            if line.is_blank() {
                self.pending = true;
                continue;
            }
            if std::mem::take(&mut self.pending) && !self.out.is_empty() {
                self.out.push('\n');
            }
            if line.is_comment() {
                let text = self.comment_line(line);
                self.write_line(0, &text);
                continue;
            }
            let head = self.with_comment(self.words(&line.tokens), line);
            self.write_line(0, &head);
            let end = rest.iter().position(|line| line.first() == Some(TokenKind::CloseBrace)).unwrap_or(rest.len());
            let config = matches!(self.word(line.tokens.first()), "datasource" | "generator");
            self.block(&rest[..end], config);
            if let Some(line) = rest.get(end) {
                let close = self.with_comment(self.words(&line.tokens), line);
                self.write_line(0, &close);
            }
            rest = rest.get(end + 1..).unwrap_or(&[]);
            // A blank line stands between a block and whatever follows.
            self.pending = true;
        }
    }

    fn block(&mut self, lines: &[Line], config: bool) {
        // The body, in groups that are aligned each by itself.
        let mut groups: Vec<Vec<Row>> = vec![Vec::new()];
        let mut attributes: Vec<BlockAttribute> = Vec::new();
        // Comments belong to what follows; whether a blank line stands above them.
        let mut comments: Vec<String> = Vec::new();
        let mut is_apart = false;
        let body = |groups: &mut Vec<Vec<Row>>, is_apart: &mut bool, rows: &mut dyn Iterator<Item = Row>| {
            if std::mem::take(is_apart) && groups != &[vec![]] {
                groups.push(Vec::new());
            }
            groups.last_mut().expect("there is always one").extend(rows);
        };
        let comment_row = |text: String| Row { cells: Vec::new(), tail: text };
        for line in lines {
            if line.is_blank() {
                if !comments.is_empty() {
                    body(&mut groups, &mut is_apart, &mut comments.drain(..).map(comment_row));
                }
                is_apart = true;
            } else if line.is_comment() {
                comments.push(self.comment_line(line));
            } else if line.first() == Some(TokenKind::AtAt) {
                is_apart = false;
                attributes.push(BlockAttribute {
                    order: self.order(&line.tokens, &BLOCK_ATTRIBUTES),
                    comments: std::mem::take(&mut comments),
                    text: self.with_comment(self.words(&line.tokens), line),
                });
            } else {
                let row = self.row(line, config);
                body(&mut groups, &mut is_apart, &mut comments.drain(..).map(comment_row).chain([row]));
            }
        }
        if !comments.is_empty() {
            body(&mut groups, &mut is_apart, &mut comments.drain(..).map(comment_row));
        }
        let has_body = groups != [vec![]];
        for (index, group) in groups.into_iter().enumerate() {
            if index > 0 {
                self.out.push('\n');
            }
            self.table(group);
        }
        if has_body && !attributes.is_empty() {
            self.out.push('\n');
        }
        attributes.sort_by_key(|attribute| attribute.order);
        for attribute in attributes {
            attribute.comments.iter().for_each(|comment| self.write_line(2, comment));
            self.write_line(2, &attribute.text);
        }
    }

    /// Splits a field, a value or a property into columns.
    fn row(&self, line: &Line, config: bool) -> Row {
        let tokens = &line.tokens;
        let tail = line.comment.map(|token| self.comment(token)).unwrap_or_default();
        if config {
            let equals = tokens.iter().position(|token| token.kind == TokenKind::Equals).unwrap_or(tokens.len());
            let (name, value) = (self.words(&tokens[..equals]), self.words(tokens.get(equals + 1..).unwrap_or(&[])));
            return Row { cells: vec![name, format!("= {value}")], tail };
        }
        let attributes = tokens.iter().position(|token| token.kind == TokenKind::At).unwrap_or(tokens.len());
        // A comment in front of the attributes stays there.
        let name =
            tokens.iter().take(attributes).position(|token| !is_block_comment(token.kind)).map_or(0, |at| at + 1);
        let mut cells = vec![self.words(&tokens[..name])];
        let kind = self.words(&tokens[name..attributes]);
        let attributes = self.attributes(&tokens[attributes..]);
        if !kind.is_empty() {
            cells.push(kind);
        }
        if !attributes.is_empty() {
            cells.push(attributes);
        }
        Row { cells, tail }
    }

    fn attributes(&self, tokens: &[Token]) -> String {
        let starts: Vec<usize> =
            tokens.iter().enumerate().filter(|(_, token)| token.kind == TokenKind::At).map(|(at, _)| at).collect();
        let ends = starts.iter().skip(1).copied().chain([tokens.len()]);
        let mut parts: Vec<&[Token]> = starts.iter().zip(ends).map(|(start, end)| &tokens[*start..end]).collect();
        parts.sort_by_key(|part| self.order(part, &FIELD_ATTRIBUTES));
        parts.iter().map(|part| self.words(part)).collect::<Vec<_>>().join(" ")
    }

    fn order(&self, attribute: &[Token], names: &[&str]) -> usize {
        let name = self.word(attribute.iter().find(|token| token.kind == TokenKind::Word));
        // `@db.Text` is none of them, whatever it is called.
        let is_path = attribute.get(2).is_some_and(|token| token.kind == TokenKind::Dot);
        names.iter().position(|known| *known == name && !is_path).unwrap_or(names.len())
    }

    /// Writes rows with their columns aligned.
    fn table(&mut self, rows: Vec<Row>) {
        let count = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        let width = |column: usize| {
            rows.iter().filter_map(|row| row.cells.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..count).map(width).collect();
        for row in rows {
            let mut text = String::new();
            for (index, cell) in row.cells.iter().enumerate() {
                match index + 1 < row.cells.len() {
                    true => text.push_str(&format!("{cell:width$} ", width = widths[index])),
                    false => text.push_str(cell),
                }
            }
            if !row.tail.is_empty() && !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&row.tail);
            self.write_line(2, &text);
        }
    }

    fn comment_line(&self, line: &Line) -> String {
        self.with_comment(self.words(&line.tokens), line)
    }

    fn with_comment(&self, mut text: String, line: &Line) -> String {
        if let Some(comment) = line.comment {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&self.comment(comment));
        }
        text
    }

    fn comment(&self, token: Token) -> String {
        self.text[token.start..token.end].trim_end().to_owned()
    }

    fn word(&self, token: Option<&Token>) -> &str {
        token.map_or("", |token| &self.text[token.start..token.end])
    }

    /// Writes tokens with the blanks that belong between them.
    fn words(&self, tokens: &[Token]) -> String {
        let mut text = String::new();
        let mut last = None;
        for token in tokens {
            let is_apart = match (last, token.kind) {
                (None, _) => false,
                (Some(TokenKind::Comma | TokenKind::Colon | TokenKind::Equals), _) => true,
                (Some(last), kind) if is_block_comment(last) || is_block_comment(kind) => true,
                (_, TokenKind::OpenBrace | TokenKind::Equals) => true,
                (Some(TokenKind::Word | TokenKind::Number), TokenKind::Word | TokenKind::Number) => true,
                _ => false,
            };
            if is_apart {
                text.push(' ');
            }
            text.push_str(&self.text[token.start..token.end]);
            last = Some(token.kind);
        }
        text
    }

    fn write_line(&mut self, indent: usize, text: &str) {
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.out.push_str(text);
        self.out.push('\n');
    }
}
