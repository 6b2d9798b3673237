//! Where text goes: results to stdout, everything else to stderr.
//!
//! A reader that has seen enough (`| head`) ends the program quietly. Colors are for terminals, unless the environment says otherwise.

use std::io::{self, IsTerminal, Write};

use mbl::diag::{Diagnostics, RenderOptions, Sources, escape_control};
use mbl::lua::LuaError;
use serde_json::{Map, Value as Json, json};

use crate::cli::exit::Failure;
use crate::cli::terminal;

/// How the user wants to be told.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// One JSON object instead of text for people.
    pub json: bool,
    /// Results and errors only.
    pub quiet: bool,
    /// More than the usual.
    pub verbose: bool,
}

/// A color or weight of a piece of text.
#[derive(Debug, Clone, Copy)]
pub enum Paint {
    /// Bold.
    Bold,
    /// Less important.
    Dim,
    /// Good.
    Green,
    /// Bad.
    Red,
}

impl Output {
    /// Writes a line of result to stdout.
    pub fn line(&self, text: &str) {
        write_stdout(format!("{text}\n"));
    }

    /// Writes a line for people to stderr, unless they asked for quiet or for JSON.
    pub fn note(&self, text: &str) {
        if !self.quiet && !self.json {
            write_stderr(format!("{text}\n"));
        }
    }

    /// Colors a piece of stdout's text, where colors are wanted.
    pub fn paint(&self, paint: Paint, text: &str) -> String {
        if self.json || !colors(io::stdout().is_terminal()) {
            return text.to_owned();
        }
        let code = match paint {
            Paint::Bold => "1",
            Paint::Dim => "2",
            Paint::Green => "32",
            Paint::Red => "31",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }

    /// Shows findings: as text on stderr. With `--json` they are part of the [`report`](Output::report).
    pub fn findings(&self, diagnostics: &Diagnostics, sources: &Sources) {
        if self.json || diagnostics.is_empty() {
            return;
        }
        let options = RenderOptions { color: colors(io::stderr().is_terminal()) };
        write_stderr(diagnostics.render(sources, options));
    }

    /// Shows a failure of the command `kind`.
    pub fn failure(&self, kind: &str, failure: &Failure) {
        self.findings(&failure.diagnostics, &failure.sources);
        if let (Some(error), false) = (&failure.script, self.json) {
            write_stderr(script_error(error, colors(io::stderr().is_terminal())));
        }
        if self.json {
            let mut more = Map::new();
            if let Some(error) = &failure.script {
                more.insert("error".into(), script_error_json(error));
            }
            let (errors, warnings) = failure.diagnostics.counts();
            let errors = errors + usize::from(failure.script.is_some());
            let summary = json!({ "errors": errors, "warnings": warnings });
            self.report(kind, false, &failure.diagnostics, &failure.sources, more, summary);
        }
    }

    /// Prints the one JSON object of a command. `more` are keys of this command's own.
    pub fn report(
        &self,
        kind: &str,
        ok: bool,
        diagnostics: &Diagnostics,
        sources: &Sources,
        more: Map<String, Json>,
        summary: Json,
    ) {
        let mut object = Map::new();
        object.insert("mbl".into(), json!(1));
        object.insert("kind".into(), json!(kind));
        object.insert("ok".into(), json!(ok));
        object.insert("diagnostics".into(), diagnostics_json(diagnostics, sources));
        object.extend(more);
        object.insert("summary".into(), summary);
        self.line(&Json::Object(object).to_string());
    }
}

/// Returns the readable code of a script's error: its own, else its kind's.
pub fn script_code(error: &LuaError) -> &str {
    error.code.as_deref().unwrap_or(error.kind.name())
}

/// Renders a script's error: what happened, and where, innermost call first.
pub fn script_error(error: &LuaError, color: bool) -> String {
    let head = format!("error[{}]", escape_control(script_code(error)));
    let head = if color { format!("\x1b[1;31m{head}\x1b[0m") } else { head };
    format!("{head}: {}\n{}", escape_control(error.message.trim_end()), places(error))
}

/// Renders where a script's error happened, one line for each call.
pub fn places(error: &LuaError) -> String {
    let mut lines: Vec<String> = error
        .traceback
        .iter()
        .map(|frame| match &frame.function {
            Some(function) => format!("{}:{} in {function}", frame.file, frame.line),
            None => format!("{}:{}", frame.file, frame.line),
        })
        .collect();
    if let (Some(file), Some(line)) = (&error.file, error.line) {
        let place = format!("{file}:{line}");
        if !lines.iter().any(|known| *known == place || known.starts_with(&format!("{place} "))) {
            lines.insert(0, place);
        }
    }
    lines
        .iter()
        .enumerate()
        .map(|(index, line)| format!("  {} {}\n", if index == 0 { "-->" } else { "   " }, escape_control(line)))
        .collect()
}

/// Returns a script's error as JSON.
pub fn script_error_json(error: &LuaError) -> Json {
    let trace: Vec<Json> = error
        .traceback
        .iter()
        .map(|frame| json!({ "file": frame.file, "line": frame.line, "function": frame.function }))
        .collect();
    let mut object = json!({
        "code": script_code(error),
        "kind": error.kind.name(),
        "message": error.message,
        "file": error.file,
        "line": error.line,
        "trace": trace,
    });
    if let Some(db) = &error.db {
        object["model"] = json!(db.model);
        object["operation"] = json!(db.operation);
        object["meta"] = json!(db.meta);
    }
    object
}

/// Returns findings as JSON, one object each.
pub fn diagnostics_json(diagnostics: &Diagnostics, sources: &Sources) -> Json {
    let place = |source: &mbl::diag::Source, offset: u32| {
        let (line, column) = source.position(offset);
        json!({ "line": line, "column": column, "offset": offset })
    };
    diagnostics
        .iter()
        .map(|diagnostic| {
            let (file, start, end) = match (diagnostic.span, &diagnostic.path) {
                (Some(span), _) => {
                    let source = sources.get(span.source);
                    (json!(&*source.name), place(source, span.start), place(source, span.end))
                }
                (None, Some(path)) => (json!(path.display().to_string()), Json::Null, Json::Null),
                (None, None) => (Json::Null, Json::Null, Json::Null),
            };
            let severity = match diagnostic.severity {
                mbl::diag::Severity::Error => "error",
                mbl::diag::Severity::Warning => "warning",
            };
            let help = match diagnostic.help.is_empty() {
                true => Json::Null,
                false => json!(diagnostic.help.join("\n")),
            };
            json!({
                "code": diagnostic.code,
                "severity": severity,
                "message": diagnostic.message,
                "file": file,
                "start": start,
                "end": end,
                "help": help,
            })
        })
        .collect()
}

/// Writes to stdout. A closed pipe ends the program quietly; any other fault ends it with a word.
pub fn write_stdout(text: impl AsRef<[u8]>) {
    let mut stdout = io::stdout().lock();
    if let Err(error) = stdout.write_all(text.as_ref()).and_then(|()| stdout.flush()) {
        if error.kind() == io::ErrorKind::BrokenPipe {
            std::process::exit(0);
        }
        write_stderr(format!("error[stdout]: stdout cannot be written: {error}\n"));
        std::process::exit(3);
    }
}

/// Writes to stderr. When nobody can read it, nobody can be told.
pub fn write_stderr(text: impl AsRef<[u8]>) {
    let _ = io::stderr().lock().write_all(text.as_ref());
}

/// Tells whether to color a stream. NO_COLOR wins over CLICOLOR_FORCE, which wins over what the stream is.
pub fn colors(terminal: bool) -> bool {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if set("NO_COLOR").is_some() {
        return false;
    }
    if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") {
        return true;
    }
    terminal && set("TERM").is_none_or(|term| term != "dumb")
}

/// Returns the columns of stdout: 80 when it is not a terminal, or when the terminal does not say.
pub fn width() -> usize {
    let said = || std::env::var("COLUMNS").ok()?.parse().ok();
    match io::stdout().is_terminal() {
        true => said().or_else(terminal::columns).filter(|columns| *columns >= 20).unwrap_or(80),
        false => 80,
    }
}
