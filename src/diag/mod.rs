//! Diagnostics: what is wrong in a user's file, where, and what would be right.
//!
//! Parsers and checkers add [`Diagnostic`]s to [`Diagnostics`] and go on, so that one pass names every fault.
//! This module knows nothing of what is being parsed.

mod render;
mod source;
mod suggest;

pub use render::{RenderOptions, escape_control};
pub use source::{Source, SourceId, Sources, Span};
pub use suggest::closest;

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The file is refused, or a part of it is quarantined.
    Error,
    /// The file works, but probably not as its author meant.
    Warning,
}

/// One finding: what is wrong, where, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    /// A stable readable name such as `unknown_type`.
    pub code: &'static str,
    /// Whether it refuses the file.
    pub severity: Severity,
    /// Lower case, no full stop, names in backquotes.
    pub message: String,
    /// The offending text, where the fault has one.
    pub span: Option<Span>,
    /// What stands under the carets: what was expected.
    pub label: Option<String>,
    /// The ways out, most likely first.
    pub help: Vec<String>,
    /// The file, when the fault has no span (a file that is missing).
    pub path: Option<PathBuf>,
    /// The change that mends it, when there is one that cannot do harm.
    pub fix: Option<Fix>,
}

/// A change of a text that mends a fault.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fix {
    /// What is replaced; where nothing is, the place at which the text is put in.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

impl Diagnostic {
    /// Makes an error.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message.into())
    }

    /// Makes a warning.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message.into())
    }

    fn new(severity: Severity, code: &'static str, message: String) -> Self {
        Self { code, severity, message, span: None, label: None, help: Vec::new(), path: None, fix: None }
    }

    /// Sets the offending text.
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// Sets the file of a fault that has no span.
    pub fn in_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Sets what stands under the carets.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Adds a way out.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Sets the change that mends it.
    pub fn fix(mut self, span: Span, text: impl Into<String>) -> Self {
        self.fix = Some(Fix { span, text: text.into() });
        self
    }

    /// Adds ``did you mean `x`?`` when a candidate is close to `name`.
    pub fn did_you_mean<'a>(self, name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        match closest(name, candidates) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self,
        }
    }
}

/// All findings of one pass, in the order in which they were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    /// The hashes of what is in the list: a file may have thousands of findings.
    seen: HashSet<u64>,
}

impl Diagnostics {
    /// Makes an empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a finding; the same finding is kept once.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let mut hasher = DefaultHasher::new();
        diagnostic.hash(&mut hasher);
        if self.seen.insert(hasher.finish()) || !self.list.contains(&diagnostic) {
            self.list.push(diagnostic);
        }
    }

    /// Adds all findings of `other`.
    pub fn extend(&mut self, other: Diagnostics) {
        for diagnostic in other.list {
            self.push(diagnostic);
        }
    }

    /// Tells whether a finding is of error level.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Returns the number of errors and of warnings.
    pub fn counts(&self) -> (usize, usize) {
        let errors = self.list.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
        (errors, self.list.len() - errors)
    }

    /// Tells whether there is no finding at all.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Iterates over the findings.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// Sorts by file, then by place, so that the order does not depend on who looked first.
    pub fn sort(&mut self, sources: &Sources) {
        self.list.sort_by_cached_key(|diagnostic| match diagnostic.span {
            Some(span) => (sources.get(span.source).name.to_string(), span.start),
            None => (diagnostic.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default(), 0),
        });
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.iter()
    }
}
