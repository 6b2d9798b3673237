//! `mbl schema pull`: a schema out of a database.

use std::path::PathBuf;

use clap::Args;
use mbl::diag::{Diagnostic, Diagnostics, Sources};
use mbl::migrate::{Layout, pull as pull_layout};
use mbl::schema::{self, Schema};
use mbl::store::{DatabaseUrl, Location, Store};
use serde_json::{Map, json};

use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::output::{Output, write_stdout};
use crate::cli::schema::diff::SchemaArgs;
use crate::cli::schema::format::replace;
use crate::cli::schema::{files, of_packages, parse, plural};
use crate::cli::{Common, project, read_text};

#[derive(Args)]
pub struct PullArgs {
    /// Keep names, comments and what a database does not know from this schema, which it had before
    #[command(flatten)]
    schema: SchemaArgs,
    /// Write to this file instead of stdout; one that is there is the schema whose names are kept
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// With --output: replace a file that is there
    #[arg(long, requires = "output")]
    force: bool,
}

/// Writes the schema of a database.
pub fn pull(common: &Common, args: &PullArgs, output: Output) -> Outcome<Exit> {
    if let Some(file) = args.output.as_deref().filter(|file| file.exists() && !args.force) {
        let fault = Diagnostic::error("file_exists", format!("`{}` is there already", file.display()));
        return Err(Failure::new(Exit::Refused, fault.help("--force replaces it; its names and comments are kept")));
    }
    let url = DatabaseUrl::parse(&project::database(common, None)).map_err(mbl::Error::from)?;
    if let Location::File(path) = &url.location
        && !path.exists()
    {
        let fault = Diagnostic::error("no_database", format!("there is no database `{}`", path.display()));
        return Err(Failure::new(Exit::Environment, fault.help("name one with --db")));
    }
    let known = known(common, args, output)?;
    let layout = Store::open(&url)?.introspect()?;
    let text = pull_layout(&layout, known.as_ref().map(|(schema, _)| schema));
    let texts: Vec<&str> = known.iter().flat_map(|(_, texts)| texts).map(String::as_str).collect();
    let text = schema::keep(&texts, &text);
    let text = schema::format("pulled.prisma", &text).map_err(|(sources, diagnostics)| Failure {
        exit: Exit::Bug,
        diagnostics,
        sources,
        ..Failure::default()
    })?;
    let notes = notes(&layout, &text);
    if output.json {
        let more = Map::from_iter([("schema".to_owned(), json!(text)), ("notes".to_owned(), json!(notes))]);
        let summary = json!({ "tables": layout.tables.len() });
        output.report("schema_pull", true, &Diagnostics::new(), &Sources::new(), more, summary);
    }
    match &args.output {
        Some(file) => {
            replace(file, &text)?;
            let tables = layout.tables.len();
            if !output.json && !output.quiet {
                output.line(&format!("wrote {} ({tables} table{})", file.display(), plural(tables)));
            }
        }
        None if !output.json => write_stdout(&text),
        None => {}
    }
    notes.iter().for_each(|note| output.note(note));
    Ok(Exit::Done)
}

/// Reads the schema whose names are kept, as far as it can be understood, and its texts.
fn known(common: &Common, args: &PullArgs, output: Output) -> Outcome<Option<(Schema, Vec<String>)>> {
    let file = args.output.iter().filter(|file| file.exists()).cloned();
    let paths = if args.schema.files.is_empty() { file.collect() } else { args.schema.files.clone() };
    if !paths.is_empty() {
        let mut sources = Sources::new();
        let schema = parse(&paths, &mut sources)?.0;
        let texts = files(&paths)?.iter().map(|path| read_text(path)).collect::<Outcome<_>>()?;
        return Ok(Some((schema, texts)));
    }
    let in_project = !args.schema.packages.is_empty() || common.db.is_none() && project::project_folder(None).is_some();
    if !in_project {
        return Ok(None);
    }
    let set = of_packages(common, &args.schema.packages, output)?;
    let parts = set.core_source.into_iter().chain(set.packages.iter().filter_map(|package| package.schema));
    let texts = parts.map(|source| set.sources.get(source).text.to_string()).collect();
    Ok(Some(((*set.schema).clone(), texts)))
}

/// Names what is in the database and in no schema.
fn notes(layout: &Layout, text: &str) -> Vec<String> {
    let mut notes = Vec::new();
    for table in &layout.tables {
        if !table.beyond.is_empty() {
            notes.push(format!("a schema cannot say the {} of table `{}`", table.beyond.join(", "), table.name));
        }
        for key in table.foreign_keys.iter().filter(|key| layout.table(&key.table).is_none()) {
            let columns = key.columns.join(", ");
            notes.push(format!("`{}` ({columns}) refers to a table `{}` that is not there", table.name, key.table));
        }
        if !table.beside.is_empty() {
            let count = table.beside.len();
            let what = if count == 1 { "a trigger or index" } else { "triggers or indexes" };
            notes.push(format!("table `{}` has {what} that a schema cannot say", table.name));
        }
    }
    if !layout.views.is_empty() {
        notes.push(format!("views are left out: {}", layout.views.join(", ")));
    }
    if let Err((_, diagnostics)) = Schema::parse_text("pulled.prisma", text) {
        let messages = diagnostics.iter().map(|finding| format!("the schema needs a hand: {}", finding.message));
        notes.extend(messages);
    }
    notes
}
