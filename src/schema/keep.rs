//! What only a schema's text says, carried over to a text that was written out of tables: comments, generators, the datasource's name.
//!
//! Works on the tokens of both texts, a line at a time. Documentation (`///`) is part of the schema, and no matter here.

use std::collections::BTreeMap;

use crate::schema::format::{Line, format, lines};
use crate::schema::lex::{Token, TokenKind, lex};

/// Returns `new` with what the `old` texts say beside the schema: each `//` and `/* */` comes to what it stood above, behind or at the
/// end of, generators stay, and the datasource keeps its name. What is about a thing that `new` does not have goes with it.
///
/// An old text that cannot be read whole is passed over. The result is not formatted.
pub fn keep(old: &[&str], new: &str) -> String {
    let mut kept = Kept::default();
    old.iter().filter(|text| format("old.prisma", text).is_ok()).for_each(|text| kept.read(text));
    kept.write(new)
}

/// The remarks on one line: those above it, a blank line as an empty one, and the one behind it.
#[derive(Debug, Default)]
struct Remarks {
    above: Vec<String>,
    behind: Option<String>,
}

/// What old texts say.
#[derive(Debug, Default)]
struct Kept {
    /// By the place of the line: `model User`, `model User email`, `model User @@index([role])`, `model User }`, or nothing for the end.
    remarks: BTreeMap<String, Remarks>,
    /// The head of the datasource.
    datasource: Option<String>,
    /// What stands for generators and the datasource, in order; None is the datasource.
    settings: Vec<Option<String>>,
}

impl Kept {
    fn read(&mut self, text: &str) {
        let mut reader = Reader::new(text);
        let mut above: Vec<String> = Vec::new();
        // A generator stays as it stands.
        let mut generator: Option<String> = None;
        for line in lines(text, &lex(text)) {
            let place = reader.place(&line);
            if let Some(whole) = &mut generator {
                whole.push_str(&reader.whole(&line));
                whole.push('\n');
                if place == Place::Close {
                    reader.block = None;
                    self.settings.push(generator.take());
                }
                continue;
            }
            let words = reader.words(&line);
            match place {
                Place::Blank if reader.block.is_none() && above.last().is_some_and(|last| !last.is_empty()) => {
                    above.push(String::new());
                }
                Place::Blank | Place::Documentation => {}
                Place::Remark => above.push(reader.whole(&line)),
                Place::Head if words.starts_with("generator ") => {
                    let mut whole = String::new();
                    above.drain(..).for_each(|line| whole.push_str(&(line + "\n")));
                    generator = Some(format!("{whole}{}\n", reader.whole(&line)));
                }
                Place::Head | Place::Inside | Place::Close => {
                    if words.starts_with("datasource ") && self.datasource.is_none() {
                        self.datasource = Some(words);
                        self.settings.push(None);
                    }
                    let key = reader.key(&line, place);
                    let remark = line.comment.filter(|comment| comment.kind == TokenKind::Comment);
                    let behind = remark.map(|comment| reader.text(comment));
                    let remarks = self.remarks.entry(key).or_default();
                    remarks.above.append(&mut above);
                    remarks.behind = remarks.behind.take().or(behind);
                }
            }
        }
        self.remarks.entry(String::new()).or_default().above.append(&mut above);
    }

    fn write(mut self, new: &str) -> String {
        let mut reader = Reader::new(new);
        let mut out = String::new();
        let mut datasource = String::new();
        let mut before = String::new();
        for line in lines(new, &lex(new)) {
            let place = reader.place(&line);
            let whole = reader.whole(&line);
            if matches!(place, Place::Blank | Place::Documentation | Place::Remark) {
                before.push_str(&(whole + "\n"));
                continue;
            }
            let key = reader.key(&line, place);
            let is_setting = key == "datasource" || key.starts_with("datasource ");
            let out = if is_setting { &mut datasource } else { &mut out };
            let remarks = self.remarks.remove(&key).unwrap_or_default();
            // Above the documentation, but below the blank line.
            let documentation = before.trim_start_matches('\n');
            out.push_str(&before[..before.len() - documentation.len()]);
            remarks.above.iter().for_each(|remark| out.push_str(&format!("{remark}\n")));
            out.push_str(documentation);
            before.clear();
            match self.datasource.as_ref().filter(|_| key == "datasource") {
                Some(head) => out.push_str(head),
                None => out.push_str(&whole),
            }
            if let Some(behind) = remarks.behind.filter(|_| line.comment.is_none()) {
                out.push_str(&format!(" {behind}"));
            }
            out.push('\n');
        }
        if self.settings.iter().all(Option::is_some) {
            self.settings.insert(0, None);
        }
        let mut text = String::new();
        for part in self.settings {
            text.push_str(part.as_deref().unwrap_or(&datasource));
            text.push('\n');
        }
        text.push_str(&out);
        if let Some(last) = self.remarks.remove("") {
            text.push('\n');
            last.above.iter().for_each(|remark| text.push_str(&format!("{remark}\n")));
        }
        text
    }
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Blank,
    /// Comments and nothing else.
    Remark,
    /// `/// ...` and nothing else.
    Documentation,
    /// `model User {`
    Head,
    /// A field, a value, a setting, an attribute.
    Inside,
    /// `}`
    Close,
}

/// Goes through the lines of a text.
struct Reader<'a> {
    text: &'a str,
    /// The block that is open: `model User`; `datasource` whatever its name.
    block: Option<String>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, block: None }
    }

    /// Says what the next line is, and opens or closes its block.
    fn place(&mut self, line: &Line) -> Place {
        let is_documentation = line.comment.is_some_and(|comment| comment.kind == TokenKind::DocComment);
        let has = |kind| line.tokens.iter().any(|token| token.kind == kind);
        match () {
            () if line.is_blank() => Place::Blank,
            () if line.is_comment() && is_documentation && line.tokens.is_empty() => Place::Documentation,
            () if line.is_comment() => Place::Remark,
            () if has(TokenKind::CloseBrace) => Place::Close,
            () if self.is_closed() && has(TokenKind::OpenBrace) => {
                let words: Vec<&str> = line
                    .tokens
                    .iter()
                    .filter(|token| token.kind == TokenKind::Word)
                    .map(|token| self.slice(*token))
                    .collect();
                self.block = Some(match words.as_slice() {
                    ["datasource", ..] => "datasource".to_owned(),
                    words => words.join(" "),
                });
                Place::Head
            }
            () => Place::Inside,
        }
    }

    fn is_closed(&self) -> bool {
        self.block.is_none()
    }

    /// Names the place of a line; the block is closed after its last one.
    fn key(&mut self, line: &Line, place: Place) -> String {
        let block = self.block.clone().unwrap_or_default();
        match place {
            Place::Head => block,
            Place::Close => {
                self.block = None;
                format!("{block} }}")
            }
            _ if line.first() == Some(TokenKind::AtAt) => {
                let parts: String = line.tokens.iter().map(|token| self.slice(*token)).collect();
                format!("{block} {parts}")
            }
            _ => {
                let name = line.tokens.iter().find(|token| token.kind == TokenKind::Word);
                format!("{block} {}", name.map_or("", |token| self.slice(*token)))
            }
        }
    }

    /// Returns a line as it stands, without what stands behind it.
    fn words(&self, line: &Line) -> String {
        match (line.tokens.first(), line.tokens.last()) {
            (Some(first), Some(last)) => self.text[first.start..last.end].to_owned(),
            _ => String::new(),
        }
    }

    fn whole(&self, line: &Line) -> String {
        let words = self.words(line);
        let comment = line.comment.map(|comment| self.text(comment)).unwrap_or_default();
        format!("{words} {comment}").trim().to_owned()
    }

    fn text(&self, token: Token) -> String {
        self.slice(token).trim_end().to_owned()
    }

    fn slice(&self, token: Token) -> &'a str {
        &self.text[token.start..token.end]
    }
}
