//! `mbl schema format` and `print`: schemas as text.

use std::path::{Path, PathBuf};

use clap::Args;
use mbl::diag::{Diagnostic, Diagnostics, Sources};
use mbl::schema;
use serde_json::{Map, json};

use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::output::{Output, write_stdout};
use crate::cli::schema::diff::SchemaArgs;
use crate::cli::schema::{files, of_packages, plural};
use crate::cli::{Common, read_text};

#[derive(Args)]
pub struct FormatArgs {
    /// Schema files, or folders of them; `-` reads stdin and writes stdout
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Change nothing, and end with 4 when a file is not formatted
    #[arg(long)]
    check: bool,
}

#[derive(Args)]
pub struct PrintArgs {
    #[command(flatten)]
    schema: SchemaArgs,
}

/// Formats schema files in place.
pub fn format(args: &FormatArgs, output: Output) -> Outcome<Exit> {
    if let [only] = args.files.as_slice()
        && only.as_os_str() == "-"
    {
        let text = std::io::read_to_string(std::io::stdin());
        let text = text
            .map_err(|error| Failure::new(Exit::Environment, Diagnostic::error("stdin", format!("stdin: {error}"))))?;
        let formatted = formatted("stdin", &text)?;
        if args.check {
            return Ok(if formatted == text { Exit::Done } else { Exit::Refused });
        }
        write_stdout(formatted);
        return Ok(Exit::Done);
    }
    // All files are read before one is written.
    let mut texts = Vec::new();
    let mut failures = Failure { exit: Exit::Fault, ..Failure::default() };
    for path in files(&args.files)? {
        let text = read_text(&path)?;
        match formatted(&path.display().to_string(), &text) {
            Ok(formatted) => texts.push((path, text, formatted)),
            Err(failure) if failures.diagnostics.is_empty() => failures = failure,
            // Each file has its own sources; the first one's faults are shown with their places, the others named.
            Err(failure) => {
                let (errors, _) = failure.diagnostics.counts();
                let message = format!("{errors} error{} in `{}`", plural(errors), path.display());
                failures.diagnostics.push(Diagnostic::error("unreadable_schema", message).in_file(&path));
            }
        }
    }
    if failures.diagnostics.has_errors() {
        return Err(failures);
    }
    let changed: Vec<String> = texts
        .iter()
        .filter(|(_, text, formatted)| text != formatted)
        .map(|(path, _, _)| path.display().to_string())
        .collect();
    if !args.check {
        for (path, text, formatted) in &texts {
            if text != formatted {
                replace(path, formatted)?;
            }
        }
    }
    let verb = if args.check { "would format" } else { "formatted" };
    if output.json {
        let more = Map::from_iter([("changed".to_owned(), json!(changed))]);
        let summary = json!({ "files": texts.len(), "changed": changed.len() });
        let ok = !args.check || changed.is_empty();
        output.report("schema_format", ok, &Diagnostics::new(), &Sources::new(), more, summary);
    } else {
        changed.iter().for_each(|path| output.line(&format!("{verb} {path}")));
        if changed.is_empty() {
            output.note(&format!("{} file{} formatted already", texts.len(), plural(texts.len())));
        }
    }
    Ok(if args.check && !changed.is_empty() { Exit::Refused } else { Exit::Done })
}

/// Prints the whole schema as one file that Prisma reads.
pub fn print(common: &Common, args: &PrintArgs, output: Output) -> Outcome<Exit> {
    let merged = if args.schema.files.is_empty() {
        let set = of_packages(common, &args.schema.packages, output)?;
        let parts = set.core_source.into_iter().chain(set.packages.iter().filter_map(|package| package.schema));
        let files: Vec<(&str, &str)> = parts
            .map(|source| {
                let source = set.sources.get(source);
                (&*source.name, &*source.text)
            })
            .collect();
        schema::merge(&files, false)
    } else {
        crate::cli::schema::read(&args.schema.files)?;
        let mut texts = Vec::new();
        for path in files(&args.schema.files)? {
            texts.push((path.display().to_string(), read_text(&path)?));
        }
        let files: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        schema::merge(&files, true)
    };
    let merged = merged.map_err(faulty)?;
    if output.json {
        let more = Map::from_iter([("schema".to_owned(), json!(merged))]);
        output.report(
            "schema_print",
            true,
            &Diagnostics::new(),
            &Sources::new(),
            more,
            json!({ "bytes": merged.len() }),
        );
    } else {
        write_stdout(merged);
    }
    Ok(Exit::Done)
}

fn formatted(name: &str, text: &str) -> Outcome<String> {
    schema::format(name, text).map_err(faulty)
}

fn faulty((sources, diagnostics): (Sources, Diagnostics)) -> Failure {
    Failure { exit: Exit::Fault, diagnostics, sources, ..Failure::default() }
}

/// Puts a text in a file's place in one step, so that no half of it is ever seen.
pub(super) fn replace(path: &Path, text: &str) -> Outcome<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".mbl-new");
    let beside = PathBuf::from(beside);
    let write = || -> std::io::Result<()> {
        std::fs::write(&beside, text)?;
        if let Ok(metadata) = std::fs::metadata(path) {
            std::fs::set_permissions(&beside, metadata.permissions())?;
        }
        // A link stays one.
        std::fs::rename(&beside, std::fs::canonicalize(path).unwrap_or(path.to_owned()))
    };
    write().map_err(|error| {
        let _ = std::fs::remove_file(&beside);
        let message = format!("`{}` cannot be written: {error}", path.display());
        Failure::new(Exit::Environment, Diagnostic::error("unwritable_file", message))
    })
}
