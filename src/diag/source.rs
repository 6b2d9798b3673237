//! Source texts and places in them.

use std::sync::Arc;

/// A text that was read, with the name that messages show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The path as messages show it.
    pub name: Arc<str>,
    /// The whole text.
    pub text: Arc<str>,
}

/// The handle of a [`Source`] in its [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub u32);

/// A range of bytes in a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// Where it lies.
    pub source: SourceId,
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// Makes a span.
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        let cut = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { source, start: cut(start), end: cut(end) }
    }

    /// Returns the span from the start of `self` to the end of `other`.
    pub fn to(self, other: Span) -> Span {
        Span { source: self.source, start: self.start, end: other.end }
    }
}

/// The texts that diagnostics point into. Cloning is cheap: the texts are shared.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    list: Vec<Source>,
}

impl Sources {
    /// Makes an empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text and returns its handle.
    pub fn add(&mut self, name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> SourceId {
        self.list.push(Source { name: name.into(), text: text.into() });
        SourceId(u32::try_from(self.list.len() - 1).expect("fewer than 2^32 sources"))
    }

    /// Returns a source that was added here.
    pub fn get(&self, id: SourceId) -> &Source {
        &self.list[id.0 as usize]
    }

    /// Returns the text of a span.
    pub fn text(&self, span: Span) -> &str {
        &self.get(span.source).text[span.start as usize..span.end as usize]
    }

    /// Returns all sources with their handles.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.list.iter().enumerate().map(|(index, source)| (SourceId(index as u32), source))
    }
}

impl Source {
    /// Returns the position of `offset` as (line, column), both from 1.
    ///
    /// Columns count characters, not bytes. An offset past the end gives the end.
    /// Scans the text once; keep the result if you need it again.
    pub fn position(&self, offset: u32) -> (u32, u32) {
        let mut end = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (line as u32, before[start..].chars().count() as u32 + 1)
    }

    /// Returns line `number`, counted from 1, without its line end.
    pub fn line(&self, number: u32) -> &str {
        self.text.lines().nth(number.saturating_sub(1) as usize).unwrap_or("")
    }
}
