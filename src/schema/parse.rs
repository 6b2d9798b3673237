//! Tokens to a tree. A fault costs a line at most: the next line is read as if nothing had happened.

use crate::diag::{Diagnostic, SourceId, Sources, Span};
use crate::schema::Faults;
use crate::schema::ast::{
    Argument, Attribute, Block, BlockKind, Expression, ExpressionKind, FieldNode, File, Name, Property, TypeArity,
    TypeNode, ValueNode,
};
use crate::schema::lex::{Token, TokenKind, lex};

/// The words that open a block.
pub(crate) const KEYWORDS: [(&str, BlockKind); 6] = [
    ("model", BlockKind::Model),
    ("enum", BlockKind::Enum),
    ("datasource", BlockKind::Datasource),
    ("generator", BlockKind::Generator),
    ("view", BlockKind::View),
    ("type", BlockKind::Type),
];

/// How deep calls and lists may stand in each other; Prisma's own need two.
const MAX_DEPTH: usize = 32;

/// Reads one file. What cannot be understood is told in `faults` and left out.
pub(crate) fn parse(sources: &Sources, source: SourceId, faults: &mut Faults) -> File {
    let text = &*sources.get(source).text;
    let tokens = lex(text);
    let mut parser = Parser { source, text, tokens: &tokens, at: 0, last_end: 0, faults };
    let blocks = parser.file();
    File { source, tokens, blocks }
}

struct Parser<'a> {
    source: SourceId,
    text: &'a str,
    tokens: &'a [Token],
    /// The next token; trivia is skipped when one looks.
    at: usize,
    /// Where the last token that was taken ends.
    last_end: usize,
    faults: &'a mut Faults,
}

/// A fault that ends the reading of a line; it is already told.
struct Told;

/// The blocks of a file.
impl Parser<'_> {
    fn file(&mut self) -> Vec<Block> {
        if self.text.starts_with('\u{feff}') {
            self.faults.push(
                Diagnostic::warning("byte_order_mark", "the file begins with a byte-order mark")
                    .at(Span::new(self.source, 0, 3))
                    .help("save it as UTF-8 without a mark"),
            );
        }
        let mut blocks = Vec::new();
        loop {
            let doc = self.doc();
            let token = self.peek();
            match token.kind {
                TokenKind::End => return blocks,
                TokenKind::Newline => self.take(),
                TokenKind::Word => blocks.extend(self.block(doc)),
                _ => {
                    self.unexpected("invalid_line", token, "a block such as `model Name {`");
                    self.skip_line();
                }
            }
        }
    }

    fn block(&mut self, doc: Option<String>) -> Option<Block> {
        let keyword = self.name();
        let kind = KEYWORDS.iter().find(|(word, _)| *word == keyword.text).map(|(_, kind)| *kind);
        let Some(kind) = kind else {
            return self.unknown_block(keyword);
        };
        let token = self.peek();
        if !matches!(token.kind, TokenKind::Word | TokenKind::Number) {
            self.unexpected("missing_name", token, &format!("the name of the {}", keyword.text));
            self.skip_block_from_here();
            return None;
        }
        let name = self.name();
        if kind == BlockKind::Type && self.peek().kind == TokenKind::Equals {
            self.faults.push(
                Diagnostic::error("type_alias", format!("`type {} = ...` is not part of the language", name.text))
                    .at(keyword.span.to(name.span))
                    .help("write the type and its attributes at each field"),
            );
            self.skip_line();
            return Some(Block { broken: true, ..Block::new(BlockKind::Unknown, name, keyword.span, None) });
        }
        let mut block = Block::new(kind, name, keyword.span, doc);
        if self.peek().kind != TokenKind::OpenBrace {
            let token = self.peek();
            self.unexpected("missing_brace", token, "`{`");
            // What follows is most likely the block's lines, as if the brace were there.
            block.broken = true;
            self.skip_block_from_here();
            return Some(block);
        }
        self.take();
        self.rest_after_brace(&mut block);
        Some(block)
    }

    /// Reads from behind `{`. Nothing but a comment may stand on that line.
    fn rest_after_brace(&mut self, block: &mut Block) {
        let token = self.peek();
        if matches!(token.kind, TokenKind::Newline | TokenKind::End) {
            self.body(block);
            return;
        }
        let closes = self.line_has(TokenKind::CloseBrace);
        block.broken = true;
        let what = if closes { "a block on one line" } else { "text behind `{`" };
        self.faults.push(
            Diagnostic::error("block_on_one_line", format!("{what} cannot be read"))
                .at(self.span(token))
                .label("expected the end of the line")
                .help("put every field and the closing `}` on a line of its own"),
        );
        self.skip_line();
        if !closes {
            self.body(block);
        }
    }

    fn body(&mut self, block: &mut Block) {
        loop {
            let doc = self.doc();
            let token = self.peek();
            match token.kind {
                TokenKind::Newline => self.take(),
                TokenKind::CloseBrace => {
                    self.take();
                    return;
                }
                TokenKind::End => {
                    block.broken = true;
                    self.faults.push(
                        Diagnostic::error("unclosed_block", format!("`{}` is never closed", block.name.text))
                            .at(block.head)
                            .label("its `}` is missing")
                            .help("add `}` on a line of its own after its last line"),
                    );
                    return;
                }
                _ if self.starts_block() => {
                    block.broken = true;
                    let word = self.token_text(token).to_owned();
                    self.faults.push(
                        Diagnostic::error("unclosed_block", format!("expected `}}`, found `{word}`"))
                            .at(self.span(token))
                            .label(format!("`{}` is still open here", block.name.text))
                            .help(format!(
                                "close `{}` with `}}` on a line of its own before this one",
                                block.name.text
                            )),
                    );
                    return;
                }
                _ => self.entry(block, doc),
            }
        }
    }

    /// Tells whether a line such as `model Name {` begins here.
    fn starts_block(&mut self) -> bool {
        let token = self.peek();
        if !KEYWORDS.iter().any(|(word, _)| *word == self.token_text(token)) {
            return false;
        }
        let mut significant = self.tokens[self.at + 1..].iter().filter(|token| token.kind != TokenKind::Blank);
        significant.next().is_some_and(|token| token.kind == TokenKind::Word)
            && significant.next().is_some_and(|token| token.kind == TokenKind::OpenBrace)
    }

    /// Reads one line of a block.
    fn entry(&mut self, block: &mut Block, doc: Option<String>) {
        let fields = block.fields.len();
        let result = match (self.peek().kind, block.kind) {
            (TokenKind::AtAt, BlockKind::Datasource | BlockKind::Generator) => Err(self.invalid_line(block.kind)),
            (TokenKind::AtAt, _) => {
                self.take();
                let attribute = self.attribute(self.last_end - 2);
                block.broken |= attribute.broken;
                let broken = attribute.broken;
                block.attributes.push(attribute);
                if broken { Err(Told) } else { Ok(()) }
            }
            (TokenKind::Word | TokenKind::Number, BlockKind::Enum) => self.value(block),
            (TokenKind::Word | TokenKind::Number, BlockKind::Datasource | BlockKind::Generator) => self.property(block),
            (TokenKind::Word | TokenKind::Number, _) => self.field(block, doc),
            _ => Err(self.invalid_line(block.kind)),
        };
        let is_field = result.is_ok() && block.fields.len() > fields;
        let result = result.and_then(|()| self.end_of_line(block));
        if result.is_err() {
            block.broken = true;
            // What stands right behind a type, as in `List<Int>`, belongs to the type.
            if let Some(field) = block.fields.last_mut().filter(|field| is_field && field.attributes.is_empty()) {
                field.type_ = None;
            }
            self.skip_line();
        }
    }

    /// The end of an entry: nothing but a comment may follow, which documents a field that has no doc above.
    fn end_of_line(&mut self, block: &mut Block) -> Result<(), Told> {
        if let Some(doc) = self.trailing_doc()
            && let Some(field) = block.fields.last_mut()
        {
            field.doc = match field.doc.take() {
                Some(above) => Some(format!("{above}\n{doc}")),
                None => Some(doc),
            };
        }
        let token = self.peek();
        match token.kind {
            TokenKind::Newline => {
                self.take();
                Ok(())
            }
            TokenKind::End => Ok(()),
            TokenKind::CloseBrace => {
                // Not taken: the brace still closes the block.
                self.unexpected("brace_on_line", token, "the end of the line");
                block.broken = true;
                Ok(())
            }
            _ => Err(self.unexpected("unexpected_text", token, "the end of the line")),
        }
    }

    fn invalid_line(&mut self, kind: BlockKind) -> Told {
        let wanted = match kind {
            BlockKind::Enum => "a value, an attribute such as `@@map(\"name\")`, or `}`",
            BlockKind::Datasource | BlockKind::Generator => "a line such as `key = \"value\"`, or `}`",
            _ => "a field such as `name String`, an attribute such as `@@index([name])`, or `}`",
        };
        let token = self.peek();
        self.unexpected("invalid_line", token, wanted)
    }

    /// A block whose keyword is none: told once, and its lines are not looked at.
    fn unknown_block(&mut self, keyword: Name) -> Option<Block> {
        let words = KEYWORDS.iter().map(|(word, _)| *word);
        let mut fault = Diagnostic::error("unknown_keyword", format!("unknown keyword `{}`", keyword.text))
            .at(keyword.span)
            .label("expected `model`, `enum`, `datasource` or `generator`")
            .did_you_mean(&keyword.text, words);
        if self.peek().kind == TokenKind::OpenBrace {
            fault = fault.help(format!("give the block a keyword: `model {} {{`", keyword.text));
        }
        self.faults.push(fault);
        let name = match self.peek().kind {
            TokenKind::Word => self.name(),
            _ => keyword.clone(),
        };
        let opens = self.line_has(TokenKind::OpenBrace);
        if !opens {
            self.skip_line();
            return None;
        }
        self.skip_block_from_here();
        Some(Block { broken: true, ..Block::new(BlockKind::Unknown, name, keyword.span, None) })
    }

    /// Skips to behind the `}` of a block whose head could not be read, or to the next block.
    fn skip_block_from_here(&mut self) {
        let closes = self.line_has(TokenKind::CloseBrace);
        let opens = self.line_has(TokenKind::OpenBrace);
        self.skip_line();
        if closes || !opens {
            return;
        }
        loop {
            match self.peek().kind {
                TokenKind::End => return,
                TokenKind::CloseBrace => {
                    self.take();
                    return;
                }
                _ if self.starts_block() => return,
                _ => self.skip_line(),
            }
        }
    }
}

/// The lines of a block.
impl Parser<'_> {
    fn field(&mut self, block: &mut Block, doc: Option<String>) -> Result<(), Told> {
        let name = self.name();
        if self.peek().kind == TokenKind::Colon {
            let token = self.peek();
            self.faults.push(
                Diagnostic::error("colon_after_name", format!("field `{}` has a `:` before its type", name.text))
                    .at(self.span(token))
                    .help(format!("write `{} Type` without the colon", name.text)),
            );
            block.broken = true;
            self.take();
        }
        let type_ = self.type_(&name);
        block.fields.push(FieldNode { name, doc, type_: None, attributes: Vec::new() });
        let field = block.fields.last_mut().expect("just pushed");
        field.type_ = type_?;
        let (attributes, result) = self.field_attributes();
        block.fields.last_mut().expect("just pushed").attributes = attributes;
        result
    }

    /// Reads a type; `None` when it is told to be wrong but the line goes on.
    fn type_(&mut self, field: &Name) -> Result<Option<TypeNode>, Told> {
        let token = self.peek();
        match token.kind {
            TokenKind::OpenBracket => {
                self.take();
                let inner = self.peek();
                if inner.kind != TokenKind::Word {
                    return Err(self.unexpected("missing_type", inner, "a type"));
                }
                let name = self.name();
                let closing = self.peek();
                if closing.kind != TokenKind::CloseBracket {
                    return Err(self.unexpected("missing_bracket", closing, "`]`"));
                }
                self.take();
                self.faults.push(
                    Diagnostic::error("list_type", format!("a list is written `{0}[]`, not `[{0}]`", name.text))
                        .at(self.span(token).to(self.span(closing)))
                        .help(format!("write `{} {}[]`", field.text, name.text)),
                );
                Ok(None)
            }
            TokenKind::Word => self.named_type(),
            _ => {
                self.faults.push(
                    Diagnostic::error("missing_type", format!("field `{}` has no type", field.text))
                        .at(field.span)
                        .label("expected a type after the name")
                        .help(format!("write `{} String`, or another type", field.text)),
                );
                Err(Told)
            }
        }
    }

    fn named_type(&mut self) -> Result<Option<TypeNode>, Told> {
        let name = self.name();
        let mut unsupported = None;
        if name.text == "Unsupported" && self.next_is(TokenKind::OpenParenthesis) {
            self.take();
            let token = self.peek();
            if token.kind != TokenKind::String {
                return Err(self.unexpected("unsupported_type", token, "a type of the database in quotes"));
            }
            unsupported = Some(self.string());
            let closing = self.peek();
            if closing.kind != TokenKind::CloseParenthesis {
                return Err(self.unexpected("missing_parenthesis", closing, "`)`"));
            }
            self.take();
        }
        let token = self.peek();
        let arity = match token.kind {
            TokenKind::Question => {
                self.take();
                TypeArity::Optional
            }
            TokenKind::Exclamation => {
                self.take();
                self.faults.push(
                    Diagnostic::error("exclamation_mark", "a field is required without `!`")
                        .at(self.span(token))
                        .help(format!("write `{}`", name.text)),
                );
                TypeArity::Required
            }
            TokenKind::OpenBracket => {
                self.take();
                let closing = self.peek();
                if closing.kind != TokenKind::CloseBracket {
                    return Err(self.unexpected("missing_bracket", closing, "`]`"));
                }
                self.take();
                let mark = self.peek();
                if mark.kind == TokenKind::Question {
                    self.take();
                    self.faults.push(
                        Diagnostic::error("optional_list", "a list cannot be optional")
                            .at(self.span(mark))
                            .help(format!("write `{0}[]` (it may be empty) or `{0}?`", name.text)),
                    );
                    return Ok(None);
                }
                TypeArity::List
            }
            _ => TypeArity::Required,
        };
        Ok(Some(TypeNode { name, arity, unsupported }))
    }

    fn value(&mut self, block: &mut Block) -> Result<(), Told> {
        let name = self.name();
        let (attributes, result) = self.field_attributes();
        block.values.push(ValueNode { name, attributes });
        result
    }

    fn property(&mut self, block: &mut Block) -> Result<(), Told> {
        let name = self.name();
        let token = self.peek();
        if token.kind != TokenKind::Equals {
            return Err(self.unexpected("missing_equals", token, "`=`"));
        }
        self.take();
        let value = match self.peek().kind {
            TokenKind::Newline | TokenKind::End => None,
            _ => Some(self.expression(0)?),
        };
        block.properties.push(Property { name, value });
        Ok(())
    }

    /// Skips the lines over which someone spread arguments, which must stand on one line; told already.
    fn skip_continuation(&mut self) {
        let mut depth = 1;
        let mut line_start = false;
        let mut at = self.at;
        // Far more tokens than any attribute has; so an unclosed `(` costs little.
        let end = (self.at + 200).min(self.tokens.len());
        while at < end {
            let token = self.tokens[at];
            let next = self.tokens[at + 1..end].iter().find(|token| token.kind != TokenKind::Blank);
            match token.kind {
                TokenKind::OpenParenthesis => depth += 1,
                TokenKind::CloseParenthesis => depth -= 1,
                TokenKind::OpenBrace | TokenKind::CloseBrace | TokenKind::At | TokenKind::AtAt | TokenKind::End => {
                    return;
                }
                // Two words begin a field.
                TokenKind::Word if line_start && next.is_some_and(|next| next.kind == TokenKind::Word) => return,
                _ => {}
            }
            at += 1;
            if depth == 0 {
                self.at = at;
                return;
            }
            line_start = token.kind == TokenKind::Newline || (line_start && token.kind == TokenKind::Blank);
        }
    }

    /// Reads `@...` attributes as far as they can be read.
    fn field_attributes(&mut self) -> (Vec<Attribute>, Result<(), Told>) {
        let mut attributes = Vec::new();
        loop {
            let token = self.peek();
            match token.kind {
                TokenKind::At => {
                    self.take();
                    let attribute = self.attribute(token.start);
                    let broken = attribute.broken;
                    attributes.push(attribute);
                    if broken {
                        return (attributes, Err(Told));
                    }
                }
                TokenKind::AtAt => {
                    self.faults.push(
                        Diagnostic::error(
                            "block_attribute_on_field",
                            "an attribute with `@@` stands on a field's line",
                        )
                        .at(self.span(token))
                        .help("use `@` for the field, or put the `@@` attribute on a line of its own"),
                    );
                    return (attributes, Err(Told));
                }
                _ => return (attributes, Ok(())),
            }
        }
    }

    /// Reads an attribute from behind its signs, which begin at `start`.
    fn attribute(&mut self, start: usize) -> Attribute {
        let token = self.peek();
        let mut attribute = Attribute {
            name: String::new(),
            span: Span::new(self.source, start, token.end),
            arguments: Vec::new(),
            broken: false,
        };
        if token.kind != TokenKind::Word {
            attribute.broken = true;
            self.unexpected("missing_name", token, "the attribute's name");
            return attribute;
        }
        attribute.name = self.path();
        if self.next_is(TokenKind::OpenParenthesis) {
            match self.arguments(0) {
                Ok(arguments) => attribute.arguments = arguments,
                Err(Told) => {
                    attribute.broken = true;
                    self.skip_continuation();
                }
            }
        }
        attribute.span = Span::new(self.source, start, self.last_end);
        attribute
    }
}

/// Values.
impl Parser<'_> {
    /// Reads `( ... )`.
    fn arguments(&mut self, depth: usize) -> Result<Vec<Argument>, Told> {
        self.take();
        let mut arguments = Vec::new();
        loop {
            let token = self.peek();
            if token.kind == TokenKind::CloseParenthesis {
                self.take();
                return Ok(arguments);
            }
            arguments.push(self.argument(depth)?);
            let token = self.peek();
            match token.kind {
                TokenKind::Comma => {
                    self.take();
                    if self.next_is(TokenKind::CloseParenthesis) {
                        self.faults.push(
                            Diagnostic::error("trailing_comma", "a comma stands behind the last argument")
                                .at(self.span(token))
                                .help("remove it"),
                        );
                    }
                }
                TokenKind::CloseParenthesis => {}
                _ => return Err(self.unexpected("missing_parenthesis", token, "`,` or `)`")),
            }
        }
    }

    fn argument(&mut self, depth: usize) -> Result<Argument, Told> {
        let token = self.peek();
        let is_named = token.kind == TokenKind::Word
            && self.tokens[self.at + 1..]
                .iter()
                .find(|token| token.kind != TokenKind::Blank)
                .is_some_and(|token| token.kind == TokenKind::Colon);
        let name = is_named.then(|| self.name());
        if name.is_some() {
            self.peek();
            self.take();
        }
        let value = match self.peek().kind {
            TokenKind::Comma | TokenKind::CloseParenthesis if name.is_some() => None,
            _ => Some(self.expression(depth)?),
        };
        Ok(Argument { name, value, span: Span::new(self.source, token.start, self.last_end) })
    }

    fn expression(&mut self, depth: usize) -> Result<Expression, Told> {
        let token = self.peek();
        if depth > MAX_DEPTH {
            self.faults.push(
                Diagnostic::error("too_deep", "values stand in each other too deeply")
                    .at(self.span(token))
                    .label(format!("at most {MAX_DEPTH} levels")),
            );
            return Err(Told);
        }
        let kind = match token.kind {
            TokenKind::String => ExpressionKind::String(self.string()),
            TokenKind::Number => {
                self.take();
                ExpressionKind::Number(self.token_text(token).to_owned())
            }
            TokenKind::Word => {
                let path = self.path();
                match self.next_is(TokenKind::OpenParenthesis) {
                    true => ExpressionKind::Call(path, self.arguments(depth + 1)?),
                    false => ExpressionKind::Constant(path),
                }
            }
            TokenKind::OpenBracket => ExpressionKind::List(self.list(depth + 1)?),
            TokenKind::Newline | TokenKind::End => {
                let fault = Diagnostic::error("missing_value", "expected a value, found the end of the line")
                    .at(Span::new(self.source, self.last_end, self.last_end))
                    .help("an attribute and all its arguments stand on one line");
                self.faults.push(fault);
                return Err(Told);
            }
            _ => return Err(self.unexpected("missing_value", token, "a value")),
        };
        Ok(Expression { kind, span: Span::new(self.source, token.start, self.last_end) })
    }

    /// Reads `[ ... ]`.
    fn list(&mut self, depth: usize) -> Result<Vec<Expression>, Told> {
        self.take();
        let mut values = Vec::new();
        if self.next_is(TokenKind::CloseBracket) {
            self.take();
            return Ok(values);
        }
        loop {
            values.push(self.expression(depth)?);
            let token = self.peek();
            match token.kind {
                TokenKind::Comma => self.take(),
                TokenKind::CloseBracket => {
                    self.take();
                    return Ok(values);
                }
                _ => return Err(self.unexpected("missing_bracket", token, "`,` or `]`")),
            }
        }
    }

    /// Reads `a` or `a.b.c`; the parts must touch.
    fn path(&mut self) -> String {
        let mut path = self.name().text;
        while self.tokens[self.at].kind == TokenKind::Dot && self.tokens[self.at + 1].kind == TokenKind::Word {
            self.take();
            path.push('.');
            path.push_str(&self.name().text);
        }
        path
    }

    /// Takes a string and resolves its escapes, which are JSON's.
    fn string(&mut self) -> String {
        let token = self.peek();
        self.take();
        let inner = &self.text[token.start + 1..token.end - 1];
        let mut out = String::with_capacity(inner.len());
        let mut rest = inner;
        while let Some(backslash) = rest.find('\\') {
            out.push_str(&rest[..backslash]);
            let escape = &rest[backslash..];
            match resolve_escape(escape) {
                Some((character, length)) => {
                    out.push(character);
                    rest = &escape[length..];
                }
                None => {
                    let length = 1 + escape[1..].chars().next().map_or(0, char::len_utf8);
                    let start = token.end - 1 - escape.len();
                    self.faults.push(
                        Diagnostic::error("unknown_escape", format!("unknown escape `{}`", &escape[..length]))
                            .at(Span::new(self.source, start, start + length))
                            .help("a backslash itself is written `\\\\`"),
                    );
                    rest = &escape[length..];
                }
            }
        }
        out.push_str(rest);
        out
    }
}

/// Resolves the escape at the start of `text` into its character and its length.
fn resolve_escape(text: &str) -> Option<(char, usize)> {
    let unit = |text: &str| -> Option<u32> {
        let digits = text.strip_prefix("\\u")?.get(..4)?;
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
    };
    let character = match text.as_bytes().get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let first = unit(text)?;
            if !(0xd800..0xdc00).contains(&first) {
                return char::from_u32(first).map(|character| (character, 6));
            }
            let second = unit(&text[6..]).filter(|second| (0xdc00..0xe000).contains(second))?;
            let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            return char::from_u32(code).map(|character| (character, 12));
        }
        _ => return None,
    };
    Some((character, 2))
}

/// Tokens.
impl Parser<'_> {
    /// Returns the next token that is no trivia.
    fn peek(&mut self) -> Token {
        loop {
            let token = self.tokens[self.at];
            match token.kind {
                TokenKind::Blank | TokenKind::Comment | TokenKind::DocComment | TokenKind::BlockComment => self.at += 1,
                TokenKind::OpenBlockComment => {
                    self.faults.push(
                        Diagnostic::error("unclosed_comment", "a comment is never closed")
                            .at(Span::new(self.source, token.start, token.start + 2))
                            .help("close it with `*/`"),
                    );
                    self.at += 1;
                }
                _ => return token,
            }
        }
    }

    fn next_is(&mut self, kind: TokenKind) -> bool {
        self.peek().kind == kind
    }

    /// Takes the token that was just looked at; the end is never taken.
    fn take(&mut self) {
        let token = self.tokens[self.at];
        if token.kind != TokenKind::End {
            self.last_end = token.end;
            self.at += 1;
        }
    }

    /// Takes a word.
    fn name(&mut self) -> Name {
        let token = self.peek();
        self.take();
        Name { text: self.token_text(token).to_owned(), span: self.span(token) }
    }

    /// Goes to behind the next line end.
    fn skip_line(&mut self) {
        while !matches!(self.peek().kind, TokenKind::Newline | TokenKind::End) {
            self.take();
        }
        self.take();
    }

    /// Tells whether a token of `kind` stands in the rest of the line.
    fn line_has(&self, kind: TokenKind) -> bool {
        self.tokens[self.at..]
            .iter()
            .take_while(|token| !matches!(token.kind, TokenKind::Newline | TokenKind::End))
            .any(|token| token.kind == kind)
    }

    /// Takes the comments and blanks at the start of a line; returns the doc comment that touches what follows.
    fn doc(&mut self) -> Option<String> {
        let text = self.text;
        let mut doc: Option<String> = None;
        loop {
            let token = self.tokens[self.at];
            match token.kind {
                TokenKind::DocComment => {
                    let line = doc_text(&text[token.start..token.end]);
                    match &mut doc {
                        Some(above) => above.extend(["\n", line]),
                        None => doc = Some(line.to_owned()),
                    }
                    self.take_comment_line();
                }
                TokenKind::Comment => self.take_comment_line(),
                TokenKind::Blank | TokenKind::BlockComment => self.at += 1,
                TokenKind::Newline => {
                    doc = None;
                    self.at += 1;
                }
                _ => return doc,
            }
        }
    }

    fn take_comment_line(&mut self) {
        self.at += 1;
        if self.tokens[self.at].kind == TokenKind::Newline {
            self.at += 1;
        }
    }

    /// Returns the text of a `///` comment between here and the end of the line.
    fn trailing_doc(&self) -> Option<String> {
        self.tokens[self.at..]
            .iter()
            .take_while(|token| {
                matches!(token.kind, TokenKind::Blank | TokenKind::BlockComment | TokenKind::DocComment)
            })
            .find(|token| token.kind == TokenKind::DocComment)
            .map(|token| doc_text(self.token_text(*token)).to_owned())
    }

    fn token_text(&self, token: Token) -> &str {
        &self.text[token.start..token.end]
    }

    fn span(&self, token: Token) -> Span {
        Span::new(self.source, token.start, token.end)
    }

    /// Tells that something else was expected here.
    fn unexpected(&mut self, code: &'static str, token: Token, wanted: &str) -> Told {
        let found = match token.kind {
            TokenKind::Newline => "the end of the line".to_owned(),
            TokenKind::End => "the end of the file".to_owned(),
            TokenKind::OpenString => "a string without its closing quote".to_owned(),
            _ => format!("`{}`", self.token_text(token).chars().take(40).collect::<String>()),
        };
        let code = if token.kind == TokenKind::OpenString { "unclosed_string" } else { code };
        // A line end has no width to point at, and the end of the file lies on a line of its own.
        let span = match token.kind {
            TokenKind::Newline | TokenKind::End => Span::new(self.source, self.last_end, self.last_end),
            _ => self.span(token),
        };
        let mut fault = Diagnostic::error(code, format!("expected {wanted}, found {found}")).at(span);
        if token.kind == TokenKind::OpenString {
            fault = fault.help("add `\"` at its end; a string ends on the line it begins on");
        }
        self.faults.push(fault);
        Told
    }
}

fn doc_text(comment: &str) -> &str {
    let text = &comment[3..];
    text.strip_prefix(' ').unwrap_or(text).trim_end()
}

impl Block {
    fn new(kind: BlockKind, name: Name, keyword: Span, doc: Option<String>) -> Self {
        let head = keyword.to(name.span);
        Self {
            kind,
            name,
            doc,
            head,
            fields: Vec::new(),
            values: Vec::new(),
            attributes: Vec::new(),
            properties: Vec::new(),
            broken: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::diag::Sources;
    use crate::schema::Faults;
    use crate::schema::parse::parse;

    #[test]
    fn the_tokens_of_a_file_are_its_text() {
        let text = "// c\n\nmodel A { // open\n\tid Int @id /// doc\n  /* b */\n}\n\n\"open\n";
        let mut sources = Sources::new();
        let source = sources.add("a.prisma", text);
        let file = parse(&sources, source, &mut Faults::default());
        let written: String = file.tokens.iter().map(|token| &text[token.start..token.end]).collect();
        assert_eq!(written, text);
    }
}
