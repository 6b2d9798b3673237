//! Reads the LuaLS annotations of a script: what its functions take and return.
//!
//! The text is lexed, not run; a script that does not compile gives what could be made out.

/// What a script's annotations say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Annotations {
    /// The text above the first statement.
    pub doc: Option<String>,
    /// Every named function, in the order of the text.
    pub functions: Vec<FunctionAnnotation>,
    /// Every `---@class`, in the order of the text.
    pub classes: Vec<ClassAnnotation>,
}

/// A function with its annotations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FunctionAnnotation {
    /// The name that others see: `createThread` of `function M.createThread` in a module that returns `M`; the path as
    /// written (`helper`, `Other.name`) for a function that is not returned.
    pub name: String,
    /// Whether what the script returns holds it (or is it: then `name` is the local's name).
    pub exported: bool,
    /// The text of its doc comment.
    pub doc: Option<String>,
    /// Its parameters, in order; `self` of a method is left out.
    pub parameters: Vec<Parameter>,
    /// What it returns, in order.
    pub returns: Vec<Returned>,
    /// The line on which the word `function` stands, from 1: what Lua calls `linedefined`.
    pub line: u32,
    /// Whether it is written with a colon.
    pub method: bool,
    /// Whether it is marked `---@deprecated`.
    pub deprecated: bool,
}

/// A parameter of a function, or a field of a class.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameter {
    /// Its name; `...` for the rest.
    pub name: String,
    /// The type as written; None when nothing says it.
    pub type_name: Option<String>,
    /// Whether it may be left out: `name?`, `T?` or `T|nil`.
    pub optional: bool,
    /// What is said about it.
    pub description: Option<String>,
}

/// A value that a function returns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Returned {
    /// The type as written.
    pub type_name: String,
    /// Its name, when it has one.
    pub name: Option<String>,
    /// What is said about it.
    pub description: Option<String>,
}

/// A `---@class` with its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClassAnnotation {
    /// Its name.
    pub name: String,
    /// The class that it extends.
    pub parent: Option<String>,
    /// The text of its doc comment.
    pub doc: Option<String>,
    /// Its fields, in order.
    pub fields: Vec<Parameter>,
}

/// Reads the annotations of a Lua text. Never fails; what is not understood is left out.
pub fn read_annotations(text: &str) -> Annotations {
    let mut reader = Reader { tokens: lex(text), at: 0, blocks: 0, tables: Vec::new(), found: Found::default() };
    reader.read();
    reader.found.finish()
}

/// A piece of Lua, as far as annotations need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    /// A name or a keyword.
    Word(&'a str),
    /// A punctuation mark.
    Mark(char),
    /// `...`
    Rest,
    /// The text behind `---`.
    Doc(&'a str),
    /// A string or a number.
    Literal,
}

/// What has been read so far: functions by their path, other names for them, and what the script returns.
#[derive(Default)]
struct Found {
    annotations: Annotations,
    /// `M.create = create`, `return { create = create }`.
    aliases: Vec<(String, String)>,
    /// The name of what the script returns; `return` for a table that is written there.
    returned: Option<String>,
}

/// The name that stands for a table that is returned where it is written.
const RETURNED_TABLE: &str = "return";

impl Found {
    /// Finds out which functions others see, and under which names.
    fn finish(self) -> Annotations {
        let Found { mut annotations, aliases, returned } = self;
        let Some(returned) = returned else {
            return annotations;
        };
        let prefix = format!("{returned}.");
        let visible = |path: &str| {
            let name = path.strip_prefix(&prefix)?;
            (!name.contains('.')).then(|| name.to_owned())
        };
        let mut functions = Vec::new();
        for function in annotations.functions {
            let own = if function.name == returned { Some(returned.clone()) } else { visible(&function.name) };
            let others = aliases.iter().filter(|(_, target)| *target == function.name);
            let mut names: Vec<String> = own.into_iter().chain(others.filter_map(|(path, _)| visible(path))).collect();
            names.dedup();
            if names.is_empty() {
                functions.push(function);
                continue;
            }
            for name in names {
                functions.push(FunctionAnnotation { name, exported: true, ..function.clone() });
            }
        }
        annotations.functions = functions;
        annotations
    }
}

struct Reader<'a> {
    /// Each with its line.
    tokens: Vec<(Token<'a>, u32)>,
    at: usize,
    /// How many blocks are open.
    blocks: usize,
    /// The tables that are open, by the name that they are given; None for those without one.
    tables: Vec<Option<String>>,
    found: Found,
}

impl<'a> Reader<'a> {
    fn read(&mut self) {
        let mut block: Vec<(&'a str, u32)> = Vec::new();
        let mut first = true;
        while let Some((token, line)) = self.tokens.get(self.at).copied() {
            if let Token::Doc(text) = token {
                if block.last().is_some_and(|(_, last)| last + 1 < line) {
                    self.end_block(&mut block, &mut first);
                }
                block.push((text, line));
                self.at += 1;
                continue;
            }
            let adjacent = block.last().is_some_and(|(_, last)| last + 1 >= line);
            match self.function() {
                Some(mut function) => {
                    if adjacent {
                        annotate(&mut function, &block);
                        first &= block.is_empty();
                        let kept = std::mem::take(&mut block);
                        self.read_classes(&kept);
                    }
                    self.found.annotations.functions.push(function);
                }
                None => self.step(token),
            }
            self.end_block(&mut block, &mut first);
            first = false;
        }
        self.end_block(&mut block, &mut first);
    }

    /// Ends a doc comment that belongs to no function.
    fn end_block(&mut self, block: &mut Vec<(&'a str, u32)>, first: &mut bool) {
        if block.is_empty() {
            return;
        }
        let lines = std::mem::take(block);
        if std::mem::take(first) && !lines.iter().any(|(text, _)| text.trim_start().starts_with("@class")) {
            self.found.annotations.doc = doc_of(&lines);
        }
        self.read_classes(&lines);
    }

    /// Steps over a token, keeping count of blocks and tables.
    fn step(&mut self, token: Token<'a>) {
        match token {
            Token::Word("do" | "if" | "repeat" | "function") => self.blocks += 1,
            Token::Word("end" | "until") => self.blocks = self.blocks.saturating_sub(1),
            Token::Word("return") if self.blocks == 0 => self.returned(),
            Token::Mark('{') => {
                let name = self.name_before();
                self.tables.push(name);
            }
            Token::Mark('}') => {
                self.tables.pop();
            }
            Token::Word(_) => self.alias(),
            _ => {}
        }
        self.at += 1;
    }

    /// Reads the head of a function, if one begins here; returns it without its annotations.
    fn function(&mut self) -> Option<FunctionAnnotation> {
        let mut at = self.at;
        let local = self.word(at) == Some("local");
        at += usize::from(local);
        let mut path;
        let mut method = false;
        let line;
        if self.word(at) == Some("function") {
            line = self.tokens[at].1;
            at += 1;
            (path, at) = self.path(at)?;
            if self.mark(at) == Some(':') {
                path = format!("{path}.{}", self.name(at + 1)?);
                method = true;
                at += 2;
            }
        } else {
            // Most names begin no function: theirs are not put together.
            let end = self.path_end(at)?;
            if self.mark(end) != Some('=') || self.word(end + 1) != Some("function") {
                return None;
            }
            path = self.path(at)?.0;
            line = self.tokens[end + 1].1;
            at = end + 2;
            if !local {
                path = self.qualified(path)?;
            }
        }
        if self.mark(at) != Some('(') {
            return None;
        }
        at += 1;
        let mut parameters = Vec::new();
        loop {
            match self.tokens.get(at).map(|(token, _)| *token)? {
                Token::Word(name) => parameters.push(Parameter { name: name.to_owned(), ..Parameter::default() }),
                Token::Rest => parameters.push(Parameter { name: "...".to_owned(), ..Parameter::default() }),
                Token::Mark(')') => break,
                Token::Mark(',') | Token::Doc(_) => {}
                _ => return None,
            }
            at += 1;
        }
        self.at = at + 1;
        self.blocks += 1;
        Some(FunctionAnnotation { name: path, parameters, line, method, ..FunctionAnnotation::default() })
    }

    /// Reads `a.b.c`; returns it with the place behind it.
    fn path(&self, at: usize) -> Option<(String, usize)> {
        let end = self.path_end(at)?;
        let names: Vec<&str> = (at..end).step_by(2).filter_map(|at| self.word(at)).collect();
        Some((names.join("."), end))
    }

    /// Returns the place behind `a.b.c`.
    fn path_end(&self, at: usize) -> Option<usize> {
        self.name(at)?;
        let mut end = at + 1;
        while self.mark(end) == Some('.') {
            self.name(end + 1)?;
            end += 2;
        }
        Some(end)
    }

    /// Puts the name of the table in which a name stands before it; None in a table without a name.
    fn qualified(&self, path: String) -> Option<String> {
        match self.tables.last() {
            None => Some(path),
            Some(table) => table.as_ref().map(|table| format!("{table}.{path}")),
        }
    }

    /// Returns the name that a table gets whose brace stands here.
    fn name_before(&self) -> Option<String> {
        let at = self.at;
        if at > 0 && self.word(at - 1) == Some(RETURNED_TABLE) && self.blocks == 0 {
            return Some(RETURNED_TABLE.to_owned());
        }
        if at < 2 || self.mark(at - 1) != Some('=') {
            return None;
        }
        let mut start = at - 2;
        while start >= 2 && self.mark(start - 1) == Some('.') {
            start -= 2;
        }
        let (path, _) = self.path(start)?;
        self.qualified(path)
    }

    /// Notes `a.b = c` as another name for a function.
    fn alias(&mut self) {
        let inner = self.at > 0 && matches!(self.mark(self.at - 1), Some('.' | ':'));
        if inner || self.path_end(self.at).is_none_or(|end| self.mark(end) != Some('=')) {
            return;
        }
        let Some((path, at)) = self.path(self.at) else { return };
        let Some((target, end)) = self.path(at + 1) else { return };
        let call = matches!(self.mark(end), Some('(' | ':' | '{' | '[')) || self.literal(end);
        if let Some(path) = self.qualified(path).filter(|_| !call) {
            self.found.aliases.push((path, target));
        }
    }

    /// Notes what the script returns.
    fn returned(&mut self) {
        let mut at = self.at + 1;
        if self.mark(at) == Some('{') {
            self.found.returned = Some(RETURNED_TABLE.to_owned());
            return;
        }
        if self.word(at) == Some("setmetatable") && self.mark(at + 1) == Some('(') {
            at += 2;
        }
        if let Some((path, _)) = self.path(at) {
            self.found.returned = Some(path);
        } else if self.word(at) == Some("function") {
            self.found.returned = None;
        }
    }

    fn read_classes(&mut self, lines: &[(&str, u32)]) {
        let classes = &mut self.found.annotations.classes;
        let before = classes.len();
        for (text, _) in lines {
            let Some((tag, rest)) = tag(text) else { continue };
            match tag {
                "class" => {
                    let rest = rest.strip_prefix("(exact)").unwrap_or(rest).trim_start();
                    let (name, parent) =
                        rest.split_once(':').map_or((rest, None), |(name, parent)| (name, Some(parent)));
                    let word = |text: &str| text.split_whitespace().next().map(str::to_owned);
                    let Some(name) = word(name) else { continue };
                    let parent = parent.and_then(|parent| read_type(parent.trim_start()).0.to_owned().into());
                    classes.push(ClassAnnotation { name, parent, ..ClassAnnotation::default() });
                }
                "field" if classes.len() > before => {
                    let scopes = ["public ", "private ", "protected ", "package "];
                    let rest = scopes.iter().find_map(|scope| rest.strip_prefix(scope)).unwrap_or(rest).trim_start();
                    if !rest.starts_with('[') {
                        classes.last_mut().expect("one was pushed").fields.extend(parameter(rest));
                    }
                }
                _ => {}
            }
        }
        if classes.len() == before + 1 {
            classes[before].doc = doc_of(lines);
        }
    }

    fn word(&self, at: usize) -> Option<&'a str> {
        match self.tokens.get(at)?.0 {
            Token::Word(word) => Some(word),
            _ => None,
        }
    }

    fn name(&self, at: usize) -> Option<&'a str> {
        self.word(at).filter(|word| !is_keyword(word))
    }

    fn mark(&self, at: usize) -> Option<char> {
        match self.tokens.get(at)?.0 {
            Token::Mark(mark) => Some(mark),
            _ => None,
        }
    }

    fn literal(&self, at: usize) -> bool {
        matches!(self.tokens.get(at), Some((Token::Literal, _)))
    }
}

fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "and"
            | "break"
            | "do"
            | "else"
            | "elseif"
            | "end"
            | "false"
            | "for"
            | "function"
            | "goto"
            | "if"
            | "in"
            | "local"
            | "nil"
            | "not"
            | "or"
            | "repeat"
            | "return"
            | "then"
            | "true"
            | "until"
            | "while"
    )
}

/// Puts what a doc comment says into a function.
fn annotate(function: &mut FunctionAnnotation, lines: &[(&str, u32)]) {
    function.doc = doc_of(lines);
    for (text, _) in lines {
        let Some((tag, rest)) = tag(text) else { continue };
        match tag {
            "param" | "vararg" => {
                let rest = if tag == "vararg" { format!("... {rest}") } else { rest.to_owned() };
                let Some(read) = parameter(&rest) else { continue };
                if let Some(known) = function.parameters.iter_mut().find(|known| known.name == read.name) {
                    *known = read;
                }
            }
            "return" => function.returns.extend(returns(rest)),
            "deprecated" => function.deprecated = true,
            _ => {}
        }
    }
}

/// Splits `@param name ...` into the tag and what follows.
fn tag(text: &str) -> Option<(&str, &str)> {
    let text = text.trim().strip_prefix('@')?;
    let end = text.find(|character: char| !character.is_ascii_alphanumeric()).unwrap_or(text.len());
    Some((&text[..end], text[end..].trim()))
}

/// Joins the lines that carry no tag.
fn doc_of(lines: &[(&str, u32)]) -> Option<String> {
    let plain = lines.iter().map(|(text, _)| text.strip_prefix(' ').unwrap_or(text).trim_end());
    let plain = plain.filter(|text| !text.trim_start().starts_with(['@', '|']));
    let text = plain.collect::<Vec<_>>().join("\n").trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// Reads `name? Type what it is`.
fn parameter(text: &str) -> Option<Parameter> {
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (name, rest) = (&text[..end], text[end..].trim_start());
    let (name, marked) = name.strip_suffix('?').map_or((name, false), |name| (name, true));
    if name.is_empty() {
        return None;
    }
    let (type_name, rest) = read_type(rest);
    Some(Parameter {
        name: name.to_owned(),
        type_name: (!type_name.is_empty()).then(|| type_name.to_owned()),
        optional: marked || takes_nil(type_name),
        description: description(rest),
    })
}

/// Reads `Type name, Type name` or `Type what it is`.
fn returns(mut text: &str) -> Vec<Returned> {
    let mut found = Vec::new();
    loop {
        let (type_name, rest) = read_type(text);
        if type_name.is_empty() {
            return found;
        }
        let end = rest.find(|character: char| !(character.is_alphanumeric() || character == '_')).unwrap_or(rest.len());
        let (word, behind) = (&rest[..end], rest[end..].trim_start());
        let single = !word.is_empty() && (behind.is_empty() || behind.starts_with([',', '#']));
        let (name, rest) = if single { (Some(word.to_owned()), behind) } else { (None, rest) };
        let next = rest.strip_prefix(',').map(str::trim_start);
        let description = if next.is_some() { None } else { description(rest) };
        found.push(Returned { type_name: type_name.to_owned(), name, description });
        match next {
            Some(next) => text = next,
            None => return found,
        }
    }
}

fn description(text: &str) -> Option<String> {
    let text = text.trim_start_matches(['#', '@', ' ']).trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Tells whether nil is among the types of a union.
fn takes_nil(type_name: &str) -> bool {
    let mut depth = 0;
    let parts = type_name.split(|character| {
        depth += i32::from(matches!(character, '(' | '{' | '<' | '['));
        depth -= i32::from(matches!(character, ')' | '}' | '>' | ']'));
        character == '|' && depth == 0
    });
    type_name.ends_with('?') || parts.map(str::trim).any(|part| part == "nil")
}

/// Reads a type from the start of a text; returns it and what follows.
///
/// A type may hold spaces in brackets, around `|`, and before what a `fun()` returns.
fn read_type(text: &str) -> (&str, &str) {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut last = ' ';
    for (at, character) in text.char_indices() {
        if let Some(open) = quote {
            if character == open {
                quote = None;
            }
            last = character;
            continue;
        }
        match character {
            '"' | '\'' | '`' => quote = Some(character),
            '(' | '{' | '<' | '[' => depth += 1,
            ')' | '}' | '>' | ']' => depth = depth.saturating_sub(1),
            ',' | '#' if depth == 0 => return (text[..at].trim_end(), &text[at..]),
            _ if character.is_whitespace() && depth == 0 => {
                let rest = text[at..].trim_start();
                let goes_on = rest.starts_with('|') || last == '|' || (last == ':' && !rest.is_empty());
                if !goes_on {
                    return (&text[..at], rest);
                }
            }
            _ => {}
        }
        if !character.is_whitespace() {
            last = character;
        }
    }
    (text.trim_end(), "")
}

/// Cuts a Lua text into tokens. What is no Lua is passed over.
fn lex(text: &str) -> Vec<(Token<'_>, u32)> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut line = 1;
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let token = match bytes[at] {
            b'\n' => {
                line += 1;
                at += 1;
                continue;
            }
            b'-' if text[at..].starts_with("--") => {
                if let Some(end) = long_bracket(text, at + 2) {
                    line += newlines(&text[at..end]);
                    at = end;
                    continue;
                }
                at += text[at..].find('\n').unwrap_or(text.len() - at);
                let comment = text[start..at].trim_end_matches('\r');
                match comment.strip_prefix("---").filter(|rest| !rest.starts_with('-')) {
                    Some(doc) => Token::Doc(doc),
                    None => continue,
                }
            }
            b'[' if let Some(end) = long_bracket(text, at) => {
                tokens.push((Token::Literal, line));
                line += newlines(&text[at..end]);
                at = end;
                continue;
            }
            quote @ (b'"' | b'\'') => {
                at += 1;
                while at < bytes.len() && bytes[at] != quote && bytes[at] != b'\n' {
                    at += 1 + usize::from(bytes[at] == b'\\');
                }
                at = (at + usize::from(bytes.get(at) == Some(&quote))).min(bytes.len());
                tokens.push((Token::Literal, line));
                // An escaped line end stands in the string.
                line += bytes[start..at].iter().filter(|byte| **byte == b'\n').count() as u32;
                continue;
            }
            b'.' if text[at..].starts_with("...") => {
                at += 3;
                Token::Rest
            }
            byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_') {
                    at += 1;
                }
                Token::Word(&text[start..at])
            }
            byte if byte.is_ascii_digit() => {
                while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'.') {
                    at += 1;
                }
                Token::Literal
            }
            byte if byte.is_ascii_punctuation() => {
                // A comparison is no assignment.
                let compares = matches!(byte, b'=' | b'~' | b'<' | b'>') && bytes.get(at + 1) == Some(&b'=');
                at += 1 + usize::from(compares);
                Token::Mark(if compares { '≡' } else { char::from(byte) })
            }
            _ => {
                at += 1;
                continue;
            }
        };
        tokens.push((token, line));
    }
    tokens
}

/// Returns the end of `[[...]]` or `[==[...]==]` that begins at `at`.
fn long_bracket(text: &str, at: usize) -> Option<usize> {
    let inner = text.get(at..)?.strip_prefix('[')?;
    let level = inner.bytes().take_while(|byte| *byte == b'=').count();
    if inner.as_bytes().get(level) != Some(&b'[') {
        return None;
    }
    let close = format!("]{}]", "=".repeat(level));
    let body = at + level + 2;
    Some(text[body..].find(&close).map_or(text.len(), |end| body + end + close.len()))
}

fn newlines(text: &str) -> u32 {
    text.bytes().filter(|byte| *byte == b'\n').count() as u32
}

#[cfg(test)]
mod tests {
    use super::{Annotations, read_annotations};

    /// Writes the functions that a text shows, one a line; `-` stands before those that it does not show.
    fn signatures(annotations: &Annotations) -> String {
        let mut out = String::new();
        for function in &annotations.functions {
            let parameters = function.parameters.iter().map(|parameter| {
                let mark = if parameter.optional { "?" } else { "" };
                format!("{}{mark}: {}", parameter.name, parameter.type_name.as_deref().unwrap_or("-"))
            });
            let returns: Vec<&str> = function.returns.iter().map(|returned| &returned.type_name[..]).collect();
            let parameters = parameters.collect::<Vec<_>>().join(", ");
            let hidden = if function.exported { "" } else { "- " };
            out.push_str(&format!(
                "{hidden}{}({parameters}): {} @{}\n",
                function.name,
                returns.join(", "),
                function.line
            ));
        }
        out
    }

    #[test]
    fn a_module_shows_what_it_returns() {
        let text = "\
--- Threads and posts.
local db = require('db')

local M = {}

---@class forum.Filters
---@field limit? integer at most 200
---@field tags string[] | nil # any of them

--- Opens a thread.
---
--- With its first post.
---@param categoryId string
---@param authorId string # need not be a user's
---@param changes { old: table?, new: table|nil } what changed
---@param done fun(ok: boolean, n?: integer): boolean | nil
---@param filters? forum.Filters
---@return ForumThread thread, ForumPost? post
---@return string the reason, when there is one
function M.createThread(categoryId, authorId, changes, done, filters)
  local function inner(a) if a then return a end end
  return inner(function() end)
end

-- Not documented.
M.list = function(...) end

---@param slug string
local function helper(slug) end

M.helper = helper
M.other = helper.x
M.called = helper()

---@deprecated
function M:method(x) end

return M
";
        let annotations = read_annotations(text);
        assert_eq!(
            signatures(&annotations),
            "\
createThread(categoryId: string, authorId: string, changes: { old: table?, new: table|nil }, done?: fun(ok: boolean, n?: integer): boolean | nil, filters?: forum.Filters): ForumThread, ForumPost?, string @20
- inner(a: -):  @21
list(...: -):  @26
helper(slug: string):  @29
method(x: -):  @36
"
        );
        assert_eq!(annotations.doc.as_deref(), Some("Threads and posts."));
        let thread = &annotations.functions[0];
        assert_eq!(thread.doc.as_deref(), Some("Opens a thread.\n\nWith its first post."));
        assert_eq!(thread.parameters[1].description.as_deref(), Some("need not be a user's"));
        assert_eq!(thread.parameters[2].description.as_deref(), Some("what changed"));
        assert_eq!(thread.returns[0].name.as_deref(), Some("thread"));
        assert_eq!(thread.returns[2].description.as_deref(), Some("the reason, when there is one"));
        let class = &annotations.classes[0];
        assert_eq!((&class.name[..], class.fields.len()), ("forum.Filters", 2));
        assert!(class.fields.iter().all(|field| field.optional));
        assert!(annotations.functions[4].deprecated && annotations.functions[4].method);
    }

    #[test]
    fn a_table_may_be_returned_where_it_is_written() {
        let text = "local function a(x) end\nreturn {\n  first = a,\n  --- Second.\n  ---@param y integer\n  second = function(y) end,\n  deep = { third = function() end },\n}\n";
        assert_eq!(
            signatures(&read_annotations(text)),
            "first(x: -):  @1\nsecond(y: integer):  @6\n- return.deep.third():  @7\n"
        );
    }

    #[test]
    fn a_function_may_be_returned_by_itself() {
        let text =
            "---@param props table\nlocal function render(props)\n  return [[ function no(x) ]]\nend\nreturn render\n";
        assert_eq!(signatures(&read_annotations(text)), "render(props: table):  @2\n");
    }

    #[test]
    fn what_is_no_lua_does_no_harm() {
        for text in [
            "function",
            "function M.",
            "local function (",
            "M.x = function(a",
            "--[[",
            "'\\",
            "return",
            "}}}end",
            "---@param",
            "---@return\nfunction f() end",
            "é = function() end",
        ] {
            read_annotations(text);
        }
    }
}
