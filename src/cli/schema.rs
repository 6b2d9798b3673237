//! `mbl schema`: schemas, and the databases that follow them.

mod diff;
mod format;
mod migrate;
mod pull;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use mbl::diag::{Diagnostic, Diagnostics, Sources};
use mbl::package::PackageSet;
use mbl::schema::Schema;
use serde_json::{Map, json};

use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::output::Output;
use crate::cli::project::{self, Print};
use crate::cli::{Common, read_text, unreadable};

#[derive(Subcommand)]
pub enum SchemaCommand {
    /// Check schema files; several files are one schema
    #[command(after_help = r#"Examples:
  mbl schema validate packages/forum_forge/seed/schema.prisma
  mbl schema validate packages"#)]
    Validate(ValidateArgs),
    /// Format schema files: order and alignment as Prisma's, every comment kept
    #[command(after_help = r#"Examples:
  mbl schema format packages
  mbl schema format --check packages/forum_forge/seed/schema.prisma"#)]
    Format(format::FormatArgs),
    /// Print the schema of all packages as one file that Prisma reads
    #[command(after_help = r#"Examples:
  mbl schema print > schema.prisma
  mbl schema print forum_forge"#)]
    Print(format::PrintArgs),
    /// Show what differs between a database and its schema
    #[command(after_help = r#"Examples:
  mbl schema diff
  mbl schema diff forum_forge --sql
  mbl schema diff --from-empty --sql --schema packages/forum_forge/seed/schema.prisma"#)]
    Diff(diff::DiffArgs),
    /// Bring a database to its schema; what may lose data only when it is accepted
    #[command(after_help = r#"Examples:
  mbl schema apply
  mbl schema apply --accept-data-loss"#)]
    Apply(diff::ApplyArgs),
    /// Write the schema of a database
    #[command(after_help = r#"Examples:
  mbl schema apply
  mbl schema pull
  mbl schema pull forum_forge -o pulled.prisma"#)]
    Pull(pull::PullArgs),
    /// Write migration files, and run them
    #[command(subcommand)]
    Migrate(migrate::MigrateCommand),
    /// Drop tables that no model has, by name
    #[command(after_help = r#"Examples:
  mbl schema apply
  mbl schema prune"#)]
    Prune(diff::PruneArgs),
}

impl SchemaCommand {
    /// Returns the name that `--json` reports as `kind`.
    pub fn kind(&self) -> &'static str {
        match self {
            SchemaCommand::Validate(_) => "schema_validate",
            SchemaCommand::Format(_) => "schema_format",
            SchemaCommand::Print(_) => "schema_print",
            SchemaCommand::Diff(_) => "schema_diff",
            SchemaCommand::Apply(_) => "schema_apply",
            SchemaCommand::Pull(_) => "schema_pull",
            SchemaCommand::Migrate(command) => command.kind(),
            SchemaCommand::Prune(_) => "schema_prune",
        }
    }
}

/// Runs a command about schemas.
pub fn run(common: &Common, command: SchemaCommand, output: Output) -> Outcome<Exit> {
    match command {
        SchemaCommand::Validate(args) => validate(common, &args, output),
        SchemaCommand::Format(args) => format::format(&args, output),
        SchemaCommand::Print(args) => format::print(common, &args, output),
        SchemaCommand::Diff(args) => diff::diff(common, &args, output),
        SchemaCommand::Apply(args) => diff::apply(common, &args, output),
        SchemaCommand::Pull(args) => pull::pull(common, &args, output),
        SchemaCommand::Migrate(command) => migrate::run(common, command, output),
        SchemaCommand::Prune(args) => diff::prune(common, &args, output),
    }
}

#[derive(Args)]
pub struct ValidateArgs {
    /// Schema files, or folders of them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Checks files as one schema. A package's own schema is checked with the core models at hand.
fn validate(_common: &Common, args: &ValidateArgs, output: Output) -> Outcome<Exit> {
    let mut sources = Sources::new();
    let (schema, diagnostics) = parse(&args.files, &mut sources)?;
    let (errors, warnings) = diagnostics.counts();
    if output.json {
        let summary = json!({
            "errors": errors,
            "warnings": warnings,
            "models": schema.models.len(),
            "enums": schema.enums.len(),
        });
        output.report("schema_validate", errors == 0, &diagnostics, &sources, Map::new(), summary);
    } else {
        output.findings(&diagnostics, &sources);
        if errors > 0 {
            output.note(&format!("\n{errors} error{}, {warnings} warning{}", plural(errors), plural(warnings)));
        } else if !output.quiet {
            let (models, enums) = (schema.models.len(), schema.enums.len());
            output.line(&format!("valid: {models} model{}, {enums} enum{}", plural(models), plural(enums)));
        }
    }
    Ok(if errors == 0 { Exit::Done } else { Exit::Fault })
}

/// Reads the whole schema that `--schema` names; one with errors is refused.
pub fn read(paths: &[PathBuf]) -> Outcome<Arc<Schema>> {
    let mut sources = Sources::new();
    let (schema, diagnostics) = parse(paths, &mut sources)?;
    match diagnostics.has_errors() {
        true => Err(Failure { exit: Exit::Fault, diagnostics, sources, ..Failure::default() }),
        false => Ok(Arc::new(schema)),
    }
}

/// Reads the packages named, or all of the project, whose schemas must be right.
fn of_packages(common: &Common, packages: &[String], output: Output) -> Outcome<PackageSet> {
    let set = project::with_packages(common, packages, Print::Stderr, output).read()?;
    if set.diagnostics.has_errors() {
        let diagnostics = set.diagnostics.clone();
        return Err(Failure { exit: Exit::Fault, diagnostics, sources: set.sources, ..Failure::default() });
    }
    if set.packages.is_empty() {
        return Err(Failure::usage(
            Diagnostic::error("no_schema", "there is no schema: no package is here")
                .help("name one with --schema, or go to a folder that holds packages/"),
        ));
    }
    Ok(set)
}

fn parse(paths: &[PathBuf], sources: &mut Sources) -> Outcome<(Schema, Diagnostics)> {
    let mut ids = Vec::new();
    for path in files(paths)? {
        ids.push(sources.add(path.display().to_string(), read_text(&path)?));
    }
    Ok(Schema::parse(sources, &ids))
}

/// Returns the files that paths name: a folder stands for the .prisma files in it, at any depth, sorted.
fn files(paths: &[PathBuf]) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        if !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let before = found.len();
        collect(path, &mut found)?;
        if found.len() == before {
            let message = format!("there is no .prisma file in `{}`", path.display());
            return Err(Failure::usage(
                Diagnostic::error("no_schema", message).help("name a schema file, or its folder"),
            ));
        }
        found[before..].sort();
    }
    Ok(found)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Outcome<()> {
    for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
        let path = entry.map_err(|error| unreadable(folder, &error))?.path();
        if path.is_dir() {
            collect(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "prisma") {
            found.push(path);
        }
    }
    Ok(())
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}
