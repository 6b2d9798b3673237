//! Diagnostics as text for people and as JSON-ready facts for machines.

use std::fmt::Write;

use crate::diag::{Diagnostic, Diagnostics, Severity, Sources};

/// How a diagnostic is shown.
#[derive(Debug, Clone, Copy, Default)]
pub struct RenderOptions {
    /// Whether to use ANSI colors.
    pub color: bool,
}

impl Diagnostics {
    /// Renders every finding with its line of text, carets and help, a blank line between two.
    pub fn render(&self, sources: &Sources, options: RenderOptions) -> String {
        self.iter().map(|diagnostic| diagnostic.render(sources, options)).collect::<Vec<_>>().join("\n")
    }
}

impl Diagnostic {
    /// Renders the finding with its line of text, carets and help; ends in a line end.
    pub fn render(&self, sources: &Sources, options: RenderOptions) -> String {
        let paint = |code: &str, text: &str| match options.color {
            true => format!("\x1b[{code}m{text}\x1b[0m"),
            false => text.to_owned(),
        };
        let (word, color) = match self.severity {
            Severity::Error => ("error", "1;31"),
            Severity::Warning => ("warning", "1;33"),
        };
        let mut out =
            format!("{}: {}\n", paint(color, &format!("{word}[{}]", self.code)), escape_control(&self.message));
        if let Some(span) = self.span {
            let source = sources.get(span.source);
            let (line, column) = source.position(span.start);
            let text = escape_control(&source.line(line).replace('\t', " "));
            let number = line.to_string();
            let gutter = " ".repeat(number.len());
            let (end_line, end_column) = source.position(span.end);
            let width = match end_line == line {
                true => end_column.saturating_sub(column).max(1) as usize,
                false => (text.chars().count() + 1).saturating_sub(column as usize).max(1),
            };
            let carets = paint(color, &"^".repeat(width));
            let label = self.label.as_deref().map(|label| format!(" {label}")).unwrap_or_default();
            let _ = writeln!(out, "{gutter}{} {}:{line}:{column}", paint("1;34", "-->"), source.name);
            let _ = writeln!(out, "{gutter} {}", paint("1;34", "|"));
            let _ = writeln!(out, "{} {} {}", paint("1;34", &number), paint("1;34", "|"), text);
            let indent = " ".repeat(column as usize - 1);
            let _ = writeln!(out, "{gutter} {} {indent}{carets}{}", paint("1;34", "|"), paint(color, &label));
            for help in &self.help {
                let _ = writeln!(out, "{gutter} {} help: {}", paint("1;34", "="), escape_control(help));
            }
            return out;
        }
        if let Some(path) = &self.path {
            let _ = writeln!(out, " {} {}", paint("1;34", "-->"), escape_control(&path.display().to_string()));
        }
        for help in &self.help {
            let _ = writeln!(out, "  {} help: {}", paint("1;34", "="), escape_control(help));
        }
        out
    }

    /// Renders the finding in one line: `file:line:column: code: message`.
    pub fn render_line(&self, sources: &Sources) -> String {
        let place = match (self.span, &self.path) {
            (Some(span), _) => {
                let source = sources.get(span.source);
                let (line, column) = source.position(span.start);
                format!("{}:{line}:{column}: ", source.name)
            }
            (None, Some(path)) => format!("{}: ", path.display()),
            (None, None) => String::new(),
        };
        format!("{place}{}: {}", self.code, escape_control(&self.message))
    }
}

/// Returns `text` with control characters (but line ends) written as escapes, so that nothing a user wrote steers a terminal.
pub fn escape_control(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => out.push('\n'),
            character if character.is_control() => {
                let _ = write!(out, "\\u{{{:x}}}", character as u32);
            }
            character => out.push(character),
        }
    }
    out
}
