//! `mbl run`: the main job.

use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Instant;

use clap::Args;
use mbl::Runtime;
use mbl::diag::{Diagnostic, Diagnostics, Severity, escape_control};
use mbl::package::{ComponentKind, Package};
use mbl::runtime::{Generation, Opened, WatchOptions};
use serde_json::{Map, Value as Json, json};

use crate::cli::exec::{self, ExecArgs};
use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::info::{self, Operation};
use crate::cli::output::{Output, Paint, width};
use crate::cli::project::{self, Print};
use crate::cli::{Common, counts, watch};

#[derive(Args)]
pub struct RunArgs {
    /// A package's folder, a folder of packages, or one .lua file
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Stay, and reload when files change
    #[arg(long)]
    watch: bool,
    /// With --watch: keep the old generation when a spec of what changed fails
    #[arg(long, requires = "watch")]
    check_tests: bool,
    /// What the package's `main` is given
    #[arg(last = true, value_name = "ARGS")]
    args: Vec<String>,
}

/// Loads the packages, installs what is new, and runs their `main` or shows what they are.
pub fn run(common: &Common, args: &RunArgs, output: Output) -> Outcome<Exit> {
    if let [script] = args.paths.as_slice()
        && script.extension().is_some_and(|extension| extension == "lua")
        && !script.is_dir()
    {
        if args.watch {
            let message = format!("`--watch` is for packages, and `{}` is one script", script.display());
            return Err(Failure::usage(
                Diagnostic::error("watched_script", message)
                    .help("leave `--watch` out, or make it the `main` of a package"),
            ));
        }
        return exec::exec(common, &ExecArgs::of(script.clone(), args.args.clone()), output);
    }
    let begun = Instant::now();
    // With --json stdout is one object.
    let print = if output.json { Print::Stderr } else { Print::Stdout };
    let builder = project::with_paths(common, &args.paths, print, output);
    let messages = mpsc::channel();
    let builder = match args.watch {
        true => watch::listen(builder, messages.0.clone(), output),
        false => builder,
    };
    let runtime = builder.build()?;
    let took = begun.elapsed();
    let findings = runtime.check();
    let generation = runtime.generation();
    let sources = &generation.packages().sources;
    let mut errors = Diagnostics::new();
    for finding in findings.iter().filter(|finding| finding.severity == Severity::Error) {
        errors.push(finding.clone());
    }
    output.findings(&errors, sources);
    let mut shown = Vec::new();
    let mut first = true;
    for package in loaded(&generation) {
        let operations = info::operations(&runtime, package)?;
        let result = runtime.main(&package.id, &args.args)?;
        if result.is_some() && !output.json {
            continue;
        }
        let rows = runtime.row_counts(&package.id)?;
        if output.json {
            let mut facts = package_json(package, &operations, &rows);
            if let Some(result) = result {
                facts["result"] = result;
            }
            shown.push(facts);
        } else if !output.quiet {
            let time = first.then(|| format!("{} ms", took.as_millis().max(1)));
            show(&runtime, package, &operations, &rows, time, output);
            first = false;
        }
    }
    if args.watch {
        let options = WatchOptions { check_tests: args.check_tests, ..WatchOptions::default() };
        return watch::watch(&runtime, messages, &options, took, output);
    }
    if output.json {
        let opened = generation.opened();
        let mut more = Map::new();
        more.insert("packages".into(), json!(shown));
        more.insert("installed".into(), json!(opened.installed));
        more.insert(
            "database".into(),
            json!({
                "url": opened.database.name,
                "tables": opened.database.tables,
                "indexes": opened.database.indexes,
                "columns": opened.database.columns,
            }),
        );
        output.report("run", !findings.has_errors(), &findings, sources, more, counts(&findings));
    } else if !output.quiet {
        for finding in findings.iter().filter(|finding| finding.severity == Severity::Warning) {
            output.line(&format!("  warn        {}", finding.render_line(sources)));
        }
        if let Some(package) = loaded(&generation).next().filter(|_| !first) {
            output.line(&next(package, &info::operations(&runtime, package)?));
        }
    }
    Ok(Exit::of(&findings))
}

/// Returns the packages that were asked for and run.
fn loaded(generation: &Generation) -> impl Iterator<Item = &Package> {
    let refused = &generation.opened().refused;
    generation.packages().packages.iter().filter(move |package| package.wanted && !refused.contains(&package.id))
}

fn package_json(package: &Package, operations: &[Operation], rows: &[(String, i64)]) -> Json {
    let mut object = info::package_json(package, operations);
    object["models"] = rows.iter().map(|(name, rows)| json!({ "name": name, "rows": rows })).collect();
    object
}

fn show(
    runtime: &Runtime,
    package: &Package,
    operations: &[Operation],
    rows: &[(String, i64)],
    time: Option<String>,
    output: Output,
) {
    let scripts = package.scripts.iter().filter(|script| script.in_scripts && !script.is_test).count();
    let title = format!("{} {}", package.id, package.version);
    let facts = [
        counted(package.models.len(), "model"),
        counted(scripts, "script"),
        counted(package.components.len(), "component"),
    ]
    .map(|fact| format!("  ·  {fact}"))
    .concat();
    let used = title.chars().count() + facts.chars().count();
    let time = time.map(|time| format!("{time:>width$}", width = width().saturating_sub(used + 1).max(time.len() + 2)));
    output.line(&format!(
        "{}{facts}{}",
        output.paint(Paint::Bold, &title),
        output.paint(Paint::Dim, time.as_deref().unwrap_or(""))
    ));
    if time.is_some() {
        output.line(&entry("db", &[database_line(runtime.generation().opened())]));
    }
    let models: Vec<String> =
        rows.iter().map(|(name, rows)| format!("{name} {}", counted(*rows as usize, "row"))).collect();
    let signatures: Vec<String> = operations.iter().map(Operation::signature).collect();
    let components: Vec<String> = package
        .components
        .iter()
        .map(|component| match &component.kind {
            ComponentKind::Definition(definition) => format!("{} {}", component.name, definition.level),
            ComponentKind::Tree(_) => format!("{} tree", component.name),
        })
        .collect();
    for (label, items) in [
        ("models", models),
        ("operations", signatures),
        ("components", components),
        ("granted", package.capabilities.clone()),
    ] {
        if !items.is_empty() {
            output.line(&entry(label, &items));
        }
    }
}

/// Tells where the database lies and what was done to it.
fn database_line(opened: &Opened) -> String {
    let database = &opened.database;
    let mut made = Vec::new();
    for (count, what) in [(database.tables, "table"), (database.columns, "column"), (database.indexes, "index")] {
        if count > 0 {
            made.push(counted(count, what));
        }
    }
    match (made.is_empty(), database.is_new) {
        (true, _) => format!("{} (in place)", database.name),
        (false, true) => format!("{} (created: {})", database.name, made.join(", ")),
        (false, false) => format!("{} (added: {})", database.name, made.join(", ")),
    }
}

/// Lays out a labelled list, broken to the width.
fn entry(label: &str, items: &[String]) -> String {
    let mut out = format!("  {label:<12}");
    let mut column = out.len();
    for (index, item) in items.iter().map(|item| escape_control(item)).enumerate() {
        let length = item.chars().count();
        if index > 0 {
            if column + 3 + length > width() {
                out.push_str(&format!(" ·\n{:14}", ""));
                column = 14;
            } else {
                out.push_str(" · ");
                column += 3;
            }
        }
        out.push_str(&item);
        column += length;
    }
    out
}

/// Says what to type next.
fn next(package: &Package, operations: &[Operation]) -> String {
    let folder = package.folder.display();
    // An operation that asks for a tenant at most can be typed as it stands.
    let easy = operations.iter().find(|operation| {
        operation.function.parameters.iter().all(|parameter| parameter.optional || parameter.name == "tenantId")
    });
    let call = easy.map(|operation| {
        let tenant = operation.function.parameters.iter().any(|parameter| parameter.name == "tenantId");
        format!("mbl call {folder} {}{}", operation.name, if tenant { " '\"default\"'" } else { "" })
    });
    let mut out = "Next:  ".to_owned();
    let mut column = out.len();
    for (index, command) in
        call.into_iter().chain(["info", "test"].map(|word| format!("mbl {word} {folder}"))).enumerate()
    {
        let length = command.chars().count();
        if index > 0 && column + 5 + length > width() {
            out.push_str("\n       ");
            column = 7;
        } else if index > 0 {
            out.push_str("  ·  ");
            column += 5;
        }
        out.push_str(&command);
        column += length;
    }
    out
}

pub fn counted(count: usize, what: &str) -> String {
    match (count, what) {
        (1, _) => format!("1 {what}"),
        (_, "index") => format!("{count} indexes"),
        _ => format!("{count} {what}s"),
    }
}
