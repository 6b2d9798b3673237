//! Faults of a text: where Lua's compiler stops at the first, the parser goes on.

use crate::diag::{Diagnostic, SourceId, Span};
use crate::lint::Report;
use crate::lint::tree::{Parsed, Range};

/// How many faults of one file are named: behind one that leads astray, there are many that say nothing.
const MOST_FAULTS: usize = 20;

/// Reports the faults of a text that Lua refuses with `message` at `line`.
///
/// The first is told in Lua's own words, which people know; the parser knows the place, and what follows.
pub(super) fn report(
    text: &str,
    source: SourceId,
    parsed: Option<&Parsed>,
    line: u32,
    message: &str,
    report: &mut Report,
) {
    let faults = parsed.map(Parsed::faults).unwrap_or_default();
    let (line_start, line_end) = line_bounds(text, line);
    let on_line = |range: &Range| range.start >= line_start && range.start <= line_end;
    // A fault that Lua names is told once: the parser's on its line is the same one.
    let same = faults.iter().find(|fault| on_line(&fault.range));
    let place = match (near_token(text, line_start, line_end, message), same) {
        (Some(range), _) => range,
        (None, Some(fault)) => fault.range,
        (None, None) => line_range(text, line_start, line_end),
    };
    report.push(at(Diagnostic::error("syntax", message.to_owned()), source, place, help_of(message)));
    let mut last = line_end;
    for fault in faults.iter().filter(|fault| fault.range.start > line_end).take(MOST_FAULTS) {
        // What stands right behind a fault is its consequence, and so is what was left open by one.
        let (_, fault_end) = line_bounds(text, line_of(text, fault.range.start));
        let consequence = fault.range.start <= last
            || is_blank(text.get(last..fault.range.start).unwrap_or(""))
            || fault.message.contains("not properly closed")
            || fault.message.starts_with("unexpected 'end'");
        if consequence {
            continue;
        }
        last = fault_end;
        report.push(at(Diagnostic::error("syntax", words(&fault.message)), source, fault.range, None));
    }
}

/// Tells whether a piece of a text holds nothing but blanks and comments.
fn is_blank(text: &str) -> bool {
    text.lines().map(str::trim).all(|line| line.is_empty() || line.starts_with("--"))
}

/// Reports the annotations that cannot be read. They change nothing of what runs.
pub(super) fn report_annotations(text: &str, source: SourceId, parsed: &Parsed, report: &mut Report) {
    let mut told = Vec::new();
    for fault in parsed.annotation_faults() {
        let line = line_of(text, fault.range.start);
        // What is missing at the end of a line is missed at the next.
        let (start, end) = line_bounds(text, line);
        let own = text[start..fault.range.start.clamp(start, end)].trim().trim_start_matches('-').is_empty();
        let line = if own { line.saturating_sub(1).max(1) } else { line };
        let (start, end) = line_bounds(text, line);
        // Prose may hold what looks like a tag; only one that opens its line is meant as one.
        let tag = text[start..end].trim_start().trim_start_matches('-').trim_start();
        let known = ["@param", "@return", "@field", "@class", "@type", "@alias"];
        if !known
            .iter()
            .any(|known| tag.strip_prefix(known).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)))
        {
            continue;
        }
        if told.contains(&line) {
            continue;
        }
        told.push(line);
        let diagnostic =
            Diagnostic::warning("annotation", format!("an annotation that cannot be read: {}", words(&fault.message)));
        let range = if own { line_range(text, start, end) } else { fault.range };
        report.push(at(diagnostic, source, range, Some("write `---@param name type what it is`, `---@return type`")));
    }
}

fn at(diagnostic: Diagnostic, source: SourceId, range: Range, help: Option<&str>) -> Diagnostic {
    let diagnostic = diagnostic.at(Span::new(source, range.start, range.end));
    match help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// Finds the text that Lua's message ends with: `... near 'x'`.
fn near_token(text: &str, start: usize, end: usize, message: &str) -> Option<Range> {
    let near = message.rsplit_once(" near ")?.1;
    if near == "<eof>" {
        return None;
    }
    let token = near.strip_prefix('\'')?.strip_suffix('\'')?;
    let line = text.get(start..end)?;
    let mut found = line.match_indices(token).filter(|(at, _)| is_whole(line, *at, token));
    let (at, _) = found.next()?;
    // Which of two it is, Lua does not say.
    found.next().is_none().then_some(Range { start: start + at, end: start + at + token.len() })
}

/// Tells whether a word stands alone at this place.
fn is_whole(line: &str, at: usize, token: &str) -> bool {
    let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    if !token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return true;
    }
    let bytes = line.as_bytes();
    !is_word(at.checked_sub(1).and_then(|before| bytes.get(before))) && !is_word(bytes.get(at + token.len()))
}

fn help_of(message: &str) -> Option<&'static str> {
    let has = |part: &str| message.contains(part);
    Some(match message {
        _ if has("'=' expected near") || has("syntax error near") => {
            "a statement is an assignment, a call, or begins with a keyword"
        }
        _ if has("'end' expected (to close") => "add `end` where the block is to end",
        _ if has("'then' expected") => "write `if condition then`; comparing is `==`",
        _ if has("'do' expected") => "write `while condition do`, `for ... do`",
        _ if has("'}' expected") => "a comma may be missing between two fields, or the closing `}`",
        _ if has("')' expected") => "a comma may be missing between two arguments, or the closing `)`",
        _ if has("unfinished string") => "close the string on its line, or write [[...]]",
        _ if has("unfinished long") => "close it with the same number of `=`: `]]`, `]=]`",
        _ if has("<eof> expected near 'end'") => "there is one `end` too many",
        _ if has("unexpected symbol near '!'") => "`not x` and `x ~= y` are how Lua says it",
        _ if has("near '+'") || has("near '+='") => "write `x = x + 1`",
        _ if has("attempt to assign to const") => "the local is `<const>`",
        _ if has("cannot use '...' outside") => "add `...` to the function's parameters",
        _ if has("no visible label") => "add the label, as in `::continue::`",
        _ if has("malformed number") => "a name cannot begin with a digit",
        _ if has("invalid escape sequence") => "write `\\\\` for a backslash",
        _ => return None,
    })
}

/// Says it as the rest of the findings: lower case, no full stop.
fn words(message: &str) -> String {
    // The parser's own names of tokens say nothing to anybody.
    let message = message.split(", but get Tk").next().unwrap_or(message).trim().trim_end_matches('.');
    let mut characters = message.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// Returns where a line begins and ends, its line end left out. A line behind the last is the last.
fn line_bounds(text: &str, line: u32) -> (usize, usize) {
    let mut start = 0;
    for _ in 1..line {
        match text[start..].find('\n') {
            Some(newline) => start += newline + 1,
            None => break,
        }
    }
    let end = text[start..].find('\n').map_or(text.len(), |newline| start + newline);
    (start, end)
}

/// Returns a line without its indentation.
fn line_range(text: &str, start: usize, end: usize) -> Range {
    let line = &text[start..end];
    let indent = line.len() - line.trim_start().len();
    Range { start: start + indent, end: start + line.trim_end().len().max(indent) }
}

/// Returns the number of the line, from 1.
fn line_of(text: &str, at: usize) -> u32 {
    text.as_bytes()[..at.min(text.len())].iter().filter(|byte| **byte == b'\n').count() as u32 + 1
}
