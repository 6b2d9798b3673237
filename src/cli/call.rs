//! `mbl call`: one operation, its arguments and its result as JSON.

use std::io::{IsTerminal, Read};
use std::path::PathBuf;

use clap::Args;
use mbl::Runtime;
use mbl::diag::{Diagnostic, Diagnostics};
use mbl::package::{Wanted, read_annotations};
use serde_json::{Map, Value as Json};

use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::output::Output;
use crate::cli::project::{self, Print};
use crate::cli::{Common, counts, read_text};

#[derive(Args)]
pub struct CallArgs {
    /// A package's folder, or its name under the packages' folder
    #[arg(value_name = "PKG")]
    package: String,
    /// The operation
    operation: String,
    /// Its arguments, each as JSON: '"text"' 12 '{"limit": 10}'; `-` reads all of them from stdin
    #[arg(value_name = "JSON", allow_negative_numbers = true, conflicts_with = "file")]
    args: Vec<String>,
    /// Read the arguments from this file: a JSON list of them, or the only one
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

/// Calls an operation and prints its result.
pub fn call(common: &Common, args: &CallArgs, output: Output) -> Outcome<Exit> {
    let given = match (&args.file, args.args.as_slice()) {
        (Some(file), _) => Some(list_of(&read_text(file)?, &format!("`{}`", file.display()))?),
        (None, [dash]) if dash == "-" => Some(from_stdin()?),
        (None, []) => None,
        (None, texts) => Some(parse_each(texts)?),
    };
    let (builder, wanted) = project::with_package(common, &args.package, Print::Stderr, output);
    let runtime = builder.build()?;
    let package = wanted_id(&runtime, &wanted);
    let values = match given {
        Some(values) => values,
        // Whoever pipes something in means it; an operation that needs nothing waits for nobody.
        None if needs_arguments(&runtime, &package, &args.operation) && !std::io::stdin().is_terminal() => {
            from_stdin()?
        }
        None => Vec::new(),
    };
    let findings = runtime.check();
    let result = runtime.call_as(&project::context(common), &package, &args.operation, values)?;
    let packages = runtime.packages();
    let sources = &packages.sources;
    let broken = findings.has_errors();
    if output.json {
        let mut more = Map::new();
        more.insert("result".into(), result);
        output.report("call", !broken, &findings, sources, more, counts(&findings));
    } else {
        if broken {
            output.findings(&findings, sources);
        }
        output.line(&pretty(&result));
    }
    Ok(Exit::of(&findings))
}

/// Returns JSON for people on a terminal, one line for everything else.
pub fn pretty(value: &Json) -> String {
    match std::io::stdout().is_terminal() {
        true => serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string()),
        false => value.to_string(),
    }
}

/// Returns the id of the package that was named by its path or its id.
fn wanted_id(runtime: &Runtime, wanted: &Wanted) -> String {
    let packages = runtime.packages();
    let found = packages.packages.iter().find(|package| package.wanted);
    match (found, wanted) {
        (Some(package), _) => package.id.clone(),
        (None, Wanted::Id(id)) => id.clone(),
        (None, Wanted::Path(path)) => path.display().to_string(),
    }
}

fn needs_arguments(runtime: &Runtime, package: &str, operation: &str) -> bool {
    let set = runtime.packages();
    let Some(package) = set.package(package) else { return false };
    package.scripts.iter().filter(|script| script.in_scripts && !script.is_test).any(|script| {
        let annotations = read_annotations(&set.sources.get(script.source).text);
        annotations.functions.iter().any(|function| {
            function.name == operation && function.parameters.iter().any(|parameter| !parameter.optional)
        })
    })
}

fn from_stdin() -> Outcome<Vec<Json>> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| Failure::new(Exit::Environment, Diagnostic::error("stdin", format!("stdin: {error}"))))?;
    match text.trim().is_empty() {
        true => Ok(Vec::new()),
        false => list_of(&text, "stdin"),
    }
}

/// Reads a list of arguments, or the only one.
fn list_of(text: &str, place: &str) -> Outcome<Vec<Json>> {
    // Some editors and shells begin each file with a byte-order mark.
    let text = text.trim_start_matches('\u{feff}');
    match serde_json::from_str(text) {
        Ok(Json::Array(values)) => Ok(values),
        Ok(value) => Ok(vec![value]),
        Err(error) => Err(Failure::usage(
            Diagnostic::error("not_json", format!("{place} is not JSON: {error}"))
                .help("give a JSON list of the arguments, such as [\"default\", {\"limit\": 10}]"),
        )),
    }
}

/// Reads each argument, and names every one that is no JSON.
fn parse_each(texts: &[String]) -> Outcome<Vec<Json>> {
    let mut diagnostics = Diagnostics::new();
    let mut values = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        match serde_json::from_str(text) {
            Ok(value) => values.push(value),
            Err(error) => {
                let message = format!("argument {} is not JSON: {error}, found `{}`", index + 1, shorten(text));
                let quoted = Json::String(text.clone()).to_string().replace('\'', "'\\''");
                diagnostics.push(Diagnostic::error("not_json", message).help(format!(
                    "text needs its quotes inside the shell's: '{}'",
                    if text.len() <= 60 { quoted } else { "\"...\"".into() }
                )));
            }
        }
    }
    match diagnostics.is_empty() {
        true => Ok(values),
        false => Err(Failure { exit: Exit::Usage, diagnostics, ..Failure::default() }),
    }
}

fn shorten(text: &str) -> String {
    match text.chars().count() > 60 {
        true => format!("{}…", text.chars().take(60).collect::<String>()),
        false => text.to_owned(),
    }
}
