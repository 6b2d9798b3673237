//! `mbl schema diff`, `apply` and `prune`: a database beside its schema.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use mbl::diag::{Diagnostic, Diagnostics, Sources, closest};
use mbl::migrate::{Layout, Names, Step};
use mbl::schema::Schema;
use mbl::store::{
    Change, Changed, Comparison, DatabaseUrl, Location, MigrateError, Store, StoreError, Surplus, Verdict,
};
use serde_json::{Map, Value as Json, json};

use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::output::{Output, Paint};
use crate::cli::schema::{self, plural};
use crate::cli::{Common, project};

/// Which schema a command is about.
#[derive(Args, Clone, Default)]
pub struct SchemaArgs {
    /// Packages, by name or folder [default: all of the project]
    // `packages` is the id of `--packages`, which every command takes.
    #[arg(id = "PKG", value_name = "PKG")]
    pub(super) packages: Vec<String>,
    /// The whole schema instead: .prisma files, or folders of them
    #[arg(long = "schema", alias = "to", alias = "to-schema", value_name = "FILE|FOLDER", conflicts_with = "packages")]
    pub(super) files: Vec<PathBuf>,
}

#[derive(Args)]
pub struct DiffArgs {
    #[command(flatten)]
    schema: SchemaArgs,
    /// Compare this schema instead of a database: .prisma files, or folders of them
    #[arg(long, alias = "from-schema", value_name = "FILE|FOLDER")]
    from: Vec<PathBuf>,
    /// Compare nothing at all: show how to make the schema's tables
    #[arg(long, conflicts_with = "from")]
    from_empty: bool,
    /// Print the SQL that brings the database to the schema; nothing when they agree
    #[arg(long, alias = "script")]
    sql: bool,
    /// End with 4 when there are differences
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    renames: RenameArgs,
}

#[derive(Args)]
pub struct ApplyArgs {
    #[command(flatten)]
    schema: SchemaArgs,
    /// Do what loses values, too, after a backup
    #[arg(long)]
    accept_data_loss: bool,
    #[command(flatten)]
    renames: RenameArgs,
}

#[derive(Args)]
pub struct PruneArgs {
    /// The tables to drop; without one, those that no model has are listed
    #[arg(value_name = "TABLE")]
    tables: Vec<String>,
    /// The whole schema instead of the packages': .prisma files, or folders of them
    #[arg(long = "schema", value_name = "FILE|FOLDER")]
    files: Vec<PathBuf>,
}

#[derive(Args)]
pub(super) struct RenameArgs {
    /// What has a new name: Model.old=new, or Old=New for a model; may be given several times
    #[arg(long = "rename", value_name = "OLD=NEW", value_parser = Rename::parse)]
    renames: Vec<Rename>,
}

/// Something that has a new name.
#[derive(Debug, Clone)]
struct Rename {
    /// The model of a field.
    model: Option<String>,
    old: String,
    new: String,
}

impl Rename {
    fn parse(text: &str) -> Result<Self, String> {
        let fault = || "write Model.old=new for a field, or Old=New for a model".to_owned();
        let (old, new) = text.split_once('=').ok_or_else(fault)?;
        let (model, old) = match old.split_once('.') {
            Some((model, old)) => (Some(model.to_owned()), old),
            None => (None, old),
        };
        // `User.name=User.label` is understood, too.
        let new = match (&model, new.split_once('.')) {
            (Some(_), Some((_, new))) => new,
            _ => new,
        };
        let is_empty = old.is_empty() || new.is_empty() || model.as_deref() == Some("");
        if is_empty || new.contains('.') { Err(fault()) } else { Ok(Self { model, old: old.into(), new: new.into() }) }
    }
}

/// A schema, and whether it is the whole of what a database is for.
pub(super) struct Goal {
    pub(super) schema: std::sync::Arc<Schema>,
    pub(super) layout: Layout,
    pub(super) names: Names,
    pub(super) surplus: Surplus,
    /// Whether all packages are in it, so that a table without a model is nobody's.
    is_whole: bool,
}

impl Goal {
    /// Reads the schema that the arguments name.
    pub(super) fn read(common: &Common, args: &SchemaArgs, output: Output) -> Outcome<Self> {
        let (schema, surplus) = match args.files.is_empty() {
            false => (schema::read(&args.files)?, Surplus::Goes),
            true => (schema::of_packages(common, &args.packages, output)?.schema, Surplus::Stays),
        };
        let (layout, names) = (Layout::of(&schema), Names::of(&schema));
        Ok(Self { schema, layout, names, surplus, is_whole: args.packages.is_empty() })
    }

    /// Puts what has a new name into the layout.
    pub(super) fn rename(&mut self, renames: &RenameArgs) -> Outcome<()> {
        // Models first: a field may be named by its model's old name.
        let (fields, models): (Vec<&Rename>, Vec<&Rename>) =
            renames.renames.iter().partition(|rename| rename.model.is_some());
        for rename in models.iter().chain(&fields) {
            let model_name = rename.model.as_ref().unwrap_or(&rename.new);
            let came_to = models.iter().find(|other| other.old == *model_name).map(|other| &other.new);
            let by_table = || self.schema.models.iter().find(|model| model.table == *model_name);
            let found =
                [Some(model_name), came_to].into_iter().flatten().find_map(|name| self.schema.model_named(name));
            let Some(model) = found.map(|id| self.schema.model(id)).or_else(by_table) else {
                let names = self.schema.models.iter().map(|model| model.name.as_str());
                let fault =
                    Diagnostic::error("unknown_model", format!("--rename: the schema has no model `{model_name}`"));
                return Err(Failure::usage(fault.did_you_mean(model_name, names)));
            };
            let table = model.table.clone();
            let column = match &rename.model {
                None => None,
                Some(_) => {
                    let mut columns = model.columns().map(|(_, field)| field);
                    let Some(field) = columns.find(|field| field.name == rename.new || field.column == rename.new)
                    else {
                        let names = model.columns().map(|(_, field)| field.name.as_str());
                        let message = format!("--rename: model `{}` has no field `{}`", model.name, rename.new);
                        let fault = Diagnostic::error("unknown_field", message).did_you_mean(&rename.new, names);
                        return Err(Failure::usage(fault));
                    };
                    Some(field.column.clone())
                }
            };
            self.layout.rename(&table, column.as_deref(), &rename.old);
        }
        Ok(())
    }

    /// Fails when a new name was asked for of something that is not there.
    pub(super) fn check_renames(&self, renames: &RenameArgs, old: &Layout, comparison: &Comparison) -> Outcome<()> {
        for rename in &renames.renames {
            let is_done = comparison.changes.iter().any(|change| match &change.step {
                Step::RenameTable { from, .. } => rename.model.is_none() && from.eq_ignore_ascii_case(&rename.old),
                Step::RenameColumn { from, .. } => rename.model.is_some() && from.eq_ignore_ascii_case(&rename.old),
                _ => false,
            });
            let has_column = |name: &str| {
                old.tables.iter().any(|table| self.is_of(rename, &table.name) && table.column(name).is_some())
            };
            let (has_old, has_new) = match &rename.model {
                None => {
                    (old.table(&rename.old).is_some(), old.tables.iter().any(|table| self.is_of(rename, &table.name)))
                }
                Some(_) => (has_column(&rename.old), has_column(&rename.new)),
            };
            if is_done || has_new && !has_old {
                // It is done now, or was done before.
                continue;
            }
            let what = match &rename.model {
                Some(model) => format!("column `{}` in `{model}`", rename.old),
                None => format!("table `{}`", rename.old),
            };
            let (message, help) = match (has_old, has_new) {
                (true, true) => (
                    format!("--rename: there is a {what}, and one named `{}` as well", rename.new),
                    "both hold data; bring one into the other first, then leave the rename out".to_owned(),
                ),
                _ => {
                    let near = match &rename.model {
                        None => closest(&rename.old, old.tables.iter().map(|table| table.name.as_str())),
                        Some(_) => closest(
                            &rename.old,
                            old.tables
                                .iter()
                                .filter(|table| self.is_of(rename, &table.name))
                                .flat_map(|table| table.columns.iter().map(|column| column.name.as_str())),
                        ),
                    };
                    let help = near.map(|near| format!("did you mean `{near}`?"));
                    (format!("--rename: there is no {what}"), help.unwrap_or("name it as the database does".into()))
                }
            };
            return Err(Failure::usage(Diagnostic::error("unknown_rename", message).help(help)));
        }
        Ok(())
    }

    /// Tells whether a table is the one that a rename is about.
    fn is_of(&self, rename: &Rename, table: &str) -> bool {
        let name = rename.model.as_ref().unwrap_or(&rename.new);
        table.eq_ignore_ascii_case(name) || self.names.model(table) == name
    }
}

/// Shows what differs between a database, or another schema, and the schema.
pub fn diff(common: &Common, args: &DiffArgs, output: Output) -> Outcome<Exit> {
    let mut goal = Goal::read(common, &args.schema, output)?;
    goal.rename(&args.renames)?;
    let (old, comparison, name) = if args.from_empty {
        (Layout::default(), Comparison::between(&Layout::default(), &goal.layout), None)
    } else if !args.from.is_empty() {
        let from = Layout::of(&*schema::read(&args.from)?);
        let comparison = Comparison::between(&from, &goal.layout);
        (from, comparison, None)
    } else {
        let store = open_to_read(common, &args.schema.packages)?;
        let name = store.url().to_string();
        (store.introspect()?, store.compare(&goal.layout, goal.surplus)?, Some(name))
    };
    goal.check_renames(&args.renames, &old, &comparison)?;
    if output.json {
        report("schema_diff", true, &comparison, &goal.names, &Diagnostics::new(), Map::new(), output);
    } else if args.sql {
        if !comparison.is_empty() {
            warn(&comparison, &goal.names, output);
            print(&format!("{}{}", warnings(&comparison, &goal.names), comparison.script));
        }
    } else {
        show(&comparison, &goal.names, output);
        let what = if name.is_some() { "the database is at the schema" } else { "the schemas have the same tables" };
        match comparison.is_empty() {
            true => output.note(what),
            false => hints(&comparison, &goal, output),
        }
        if name.is_some() {
            left_over(&comparison, &goal, output);
            next(&comparison, output);
        }
    }
    Ok(if args.exit_code && !comparison.is_empty() { Exit::Refused } else { Exit::Done })
}

/// Brings a database to the schema.
pub fn apply(common: &Common, args: &ApplyArgs, output: Output) -> Outcome<Exit> {
    let mut goal = Goal::read(common, &args.schema, output)?;
    goal.rename(&args.renames)?;
    let store = open_to_change(common, &args.schema.packages)?;
    let name = store.url().to_string();
    if !args.renames.renames.is_empty() {
        goal.check_renames(&args.renames, &store.introspect()?, &store.compare(&goal.layout, goal.surplus)?)?;
    }
    match store.change_to(&goal.layout, goal.surplus, args.accept_data_loss) {
        Ok(changed) => {
            done("schema_apply", &changed, &goal.names, &name, output);
            if !output.json {
                left_over(&changed.comparison, &goal, output);
            }
            Ok(Exit::Done)
        }
        Err(error) => refused("schema_apply", error, &goal, output),
    }
}

/// Drops tables that no model has.
pub fn prune(common: &Common, args: &PruneArgs, output: Output) -> Outcome<Exit> {
    let schema_args = SchemaArgs { files: args.files.clone(), ..SchemaArgs::default() };
    let goal = Goal::read(common, &schema_args, output)?;
    let store = open_to_change(common, &[])?;
    let name = store.url().to_string();
    let old = store.introspect()?;
    let free: Vec<&str> =
        old.tables.iter().map(|table| table.name.as_str()).filter(|table| goal.layout.table(table).is_none()).collect();
    if args.tables.is_empty() {
        let comparison = store.compare(&goal.layout, Surplus::Stays)?;
        if output.json {
            report("schema_prune", true, &comparison, &goal.names, &Diagnostics::new(), Map::new(), output);
            return Ok(Exit::Done);
        }
        for (table, rows) in &comparison.left {
            output.line(&format!("{table}  {rows} row{}", plural(*rows as usize)));
        }
        output.note(match comparison.left.is_empty() {
            true => "every table has its model",
            false => "no model has these tables; `mbl schema prune TABLE...` drops those that you name, after a backup",
        });
        return Ok(Exit::Done);
    }
    let mut tables = Vec::new();
    for wanted in &args.tables {
        let found = old.tables.iter().find(|table| table.name.eq_ignore_ascii_case(wanted));
        let modelled =
            goal.layout.tables.iter().find(|table| {
                table.name.eq_ignore_ascii_case(wanted) || goal.names.model(&table.name) == wanted.as_str()
            });
        match (found, modelled) {
            (_, Some(table)) => {
                let model = goal.names.model(&table.name);
                let fault = Diagnostic::error("table_in_use", format!("table `{}` belongs to the schema", table.name));
                let help = format!("take `{model}` out of the schema, or its package out of the project, first");
                return Err(Failure::new(Exit::Refused, fault.help(help)));
            }
            (Some(table), None) => tables.push(table.name.clone()),
            (None, None) => {
                let fault = Diagnostic::error("unknown_table", format!("there is no table `{wanted}` in `{name}`"));
                let fault = fault.did_you_mean(wanted, free.iter().copied());
                return Err(Failure::usage(fault.help("`mbl schema prune` lists the tables that no model has")));
            }
        }
    }
    match store.prune(&tables) {
        Ok(changed) => {
            done("schema_prune", &changed, &goal.names, &name, output);
            Ok(Exit::Done)
        }
        Err(error) => refused("schema_prune", error, &goal, output),
    }
}

/// Opens the database to look at it; one that is not there yet is an empty one, and no file is made.
pub(super) fn open_to_read(common: &Common, packages: &[String]) -> Outcome<Store> {
    let url =
        DatabaseUrl::parse(&project::database(common, packages.first().map(Path::new))).map_err(mbl::Error::from)?;
    match &url.location {
        Location::File(path) if !path.exists() => Ok(Store::open(&DatabaseUrl::memory())?),
        _ => Ok(Store::open(&url)?),
    }
}

/// Opens the database to change it. Another process may be at a long change, so this one has patience.
pub(super) fn open_to_change(common: &Common, packages: &[String]) -> Outcome<Store> {
    let text = project::database(common, packages.first().map(Path::new));
    let mut url = DatabaseUrl::parse(&text).map_err(mbl::Error::from)?;
    if !text.contains("busy_timeout") {
        url.busy_timeout = Duration::from_secs(120);
    }
    Ok(Store::open(&url)?)
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Failure::of(&error.into())
    }
}

/// Shows what differs, a line for each change.
pub(super) fn show(comparison: &Comparison, names: &Names, output: Output) {
    let lines: Vec<(String, String, &Change)> = comparison
        .changes
        .iter()
        .map(|change| {
            let described = names.describe(&change.step);
            (format!("{} {}", described.sign, described.subject), described.detail, change)
        })
        .collect();
    let width =
        |texts: &dyn Fn(&(String, String, &Change)) -> usize| lines.iter().map(texts).max().unwrap_or(0).min(50);
    let first = width(&|line| line.0.chars().count());
    let second = width(&|line| line.1.chars().count());
    for (subject, detail, change) in &lines {
        let cost = cost(change);
        let cost = match change.verdict {
            Verdict::Safe => output.paint(Paint::Green, &cost),
            Verdict::Loses | Verdict::Blocked => output.paint(Paint::Red, &cost),
        };
        output.line(&format!("{subject:first$}  {detail:second$}  {cost}"));
    }
}

/// Says what a change costs.
fn cost(change: &Change) -> String {
    let mut text = match (change.verdict, change.message.is_empty()) {
        (Verdict::Safe, true) => "safe".to_owned(),
        (Verdict::Safe, false) => format!("safe: {}", change.message),
        (_, _) => change.message.clone(),
    };
    if !change.examples.is_empty() {
        let more = if change.rows as usize > change.examples.len() { ", ..." } else { "" };
        text.push_str(&format!(" ({}{more})", mbl::diag::escape_control(&change.examples.join(", "))));
    }
    text
}

/// Points out what looks like a new name.
fn hints(comparison: &Comparison, goal: &Goal, output: Output) {
    for likely in &comparison.likely_renames {
        let (from, to) = (&likely.from, &likely.to);
        output.note(&match &likely.table {
            Some(table) => {
                let (model, field) = (goal.names.model(table), goal.names.field(table, to));
                format!(
                    "is `{model}.{field}` the old `{from}`? then say so: --rename {model}.{from}={field}, or `/// @renamed-from {from}` above it"
                )
            }
            None => {
                let model = goal.names.model(to);
                format!("is `{model}` the old `{from}`? then say so: --rename {from}={model}, or `/// @renamed-from {from}` above it")
            }
        });
    }
}

/// Names the tables that stay though no model has them.
fn left_over(comparison: &Comparison, goal: &Goal, output: Output) {
    if !goal.is_whole {
        return;
    }
    for (table, rows) in &comparison.left {
        output.note(&format!(
            "left    table {table} ({rows} row{}), which no package has; `mbl schema prune {table}` drops it",
            plural(*rows as usize)
        ));
    }
}

fn next(comparison: &Comparison, output: Output) {
    if comparison.is_empty() {
        return;
    }
    let (loses, blocked) = (comparison.count(Verdict::Loses), comparison.count(Verdict::Blocked));
    output.note(&match (loses, blocked) {
        (0, 0) => "Next:  mbl schema apply".to_owned(),
        (_, 0) => "Next:  mbl schema apply --accept-data-loss  (a backup is made first)".to_owned(),
        _ => format!("{blocked} change{} cannot be made with the rows that are there", plural(blocked)),
    });
    for help in helps(comparison) {
        output.note(&format!("  = help: {help}"));
    }
}

/// Returns the ways out of what stands in the way, each once.
fn helps(comparison: &Comparison) -> Vec<String> {
    let mut helps = Vec::new();
    for change in comparison.changes.iter().filter(|change| change.verdict == Verdict::Blocked) {
        let help = format!("{}: {}", change.step.table(), change.help.as_deref().unwrap_or("change those rows first"));
        if !helps.contains(&help) {
            helps.push(help);
        }
    }
    helps
}

/// Returns the comment above SQL that loses something, in the form of Prisma's tools.
pub(super) fn warnings(comparison: &Comparison, names: &Names) -> String {
    let lines: Vec<String> = comparison
        .changes
        .iter()
        .filter(|change| change.verdict != Verdict::Safe)
        .map(|change| {
            let described = names.describe(&change.step);
            let detail = if described.detail.is_empty() { String::new() } else { format!(" {}", described.detail) };
            format!("  - {} {}{detail}: {}\n", described.sign, described.subject, change.message.replace("*/", "* /"))
        })
        .collect();
    if lines.is_empty() { String::new() } else { format!("/*\n  Warnings:\n\n{}*/\n", lines.concat()) }
}

fn warn(comparison: &Comparison, names: &Names, output: Output) {
    for change in comparison.changes.iter().filter(|change| change.verdict != Verdict::Safe) {
        output.note(&format!("warning: {}: {}", names.describe(&change.step).subject, cost(change)));
    }
}

fn print(text: &str) {
    crate::cli::output::write_stdout(text);
}

/// Says what was done.
fn done(kind: &str, changed: &Changed, names: &Names, database: &str, output: Output) {
    let backup = changed.backup.as_deref().map(Path::display);
    if output.json {
        let mut more = Map::new();
        more.insert("database".into(), json!(database));
        more.insert("backup".into(), json!(backup.map(|path| path.to_string())));
        report(kind, true, &changed.comparison, names, &Diagnostics::new(), more, output);
        return;
    }
    let count = changed.comparison.changes.len();
    if count == 0 {
        output.note("the database is at the schema");
        return;
    }
    if !output.quiet {
        show(&changed.comparison, names, output);
        if let Some(backup) = backup {
            output.line(&format!("backup  {backup}"));
        }
        output.line(&format!("applied {count} change{} to {database}", plural(count)));
    }
}

/// Says why nothing was done.
fn refused(kind: &str, error: MigrateError, goal: &Goal, output: Output) -> Outcome<Exit> {
    let comparison = match error {
        MigrateError::Stopped(comparison) => *comparison,
        MigrateError::Breaks(broken) => {
            let mut diagnostics = Diagnostics::new();
            for broken in &broken {
                let fault = Diagnostic::error("would_break", format!("{broken}; the database was left as it is"));
                diagnostics.push(fault.help("mend those rows or objects first, then try again"));
            }
            return Err(Failure { exit: Exit::Refused, diagnostics, ..Failure::default() });
        }
        error => return Err(Failure::of(&error.into())),
    };
    let (loses, blocked) = (comparison.count(Verdict::Loses), comparison.count(Verdict::Blocked));
    if output.json {
        let mut diagnostics = Diagnostics::new();
        for change in comparison.changes.iter().filter(|change| change.verdict != Verdict::Safe) {
            let described = goal.names.describe(&change.step);
            let code = if change.verdict == Verdict::Loses { "data_loss" } else { "rows_in_the_way" };
            let mut fault = Diagnostic::error(code, format!("{}: {}", described.subject, cost(change)));
            fault = match &change.help {
                Some(help) => fault.help(help.clone()),
                None => fault.help("accept it with --accept-data-loss; a backup is made first"),
            };
            diagnostics.push(fault);
        }
        report(kind, false, &comparison, &goal.names, &diagnostics, Map::new(), output);
        return Ok(Exit::Refused);
    }
    show(&comparison, &goal.names, output);
    hints(&comparison, goal, output);
    if blocked > 0 {
        crate::cli::output::write_stderr(format!(
            "refused: {blocked} change{} cannot be made with the rows that are there (above); nothing was changed\n",
            plural(blocked)
        ));
        for help in helps(&comparison) {
            crate::cli::output::write_stderr(format!("  = help: {help}\n"));
        }
    } else {
        crate::cli::output::write_stderr(format!(
            "refused: {loses} change{} may lose data (above). With a backup first: mbl schema apply --accept-data-loss\n",
            plural(loses)
        ));
    }
    Ok(Exit::Refused)
}

/// Prints a comparison as the one JSON object.
pub(super) fn report(
    kind: &str,
    ok: bool,
    comparison: &Comparison,
    names: &Names,
    diagnostics: &Diagnostics,
    more: Map<String, Json>,
    output: Output,
) {
    let changes: Vec<Json> = comparison
        .changes
        .iter()
        .map(|change| {
            let described = names.describe(&change.step);
            json!({
                "sign": described.sign.to_string(),
                "subject": described.subject,
                "detail": described.detail,
                "table": change.step.table(),
                "verdict": change.verdict.name(),
                "rows": change.rows,
                "message": change.message,
                "examples": change.examples,
                "help": change.help,
            })
        })
        .collect();
    let left: Vec<Json> = comparison.left.iter().map(|(table, rows)| json!({ "table": table, "rows": rows })).collect();
    let likely: Vec<Json> = comparison
        .likely_renames
        .iter()
        .map(|likely| json!({ "table": likely.table, "from": likely.from, "to": likely.to }))
        .collect();
    let mut object = Map::new();
    object.insert("changes".into(), json!(changes));
    object.insert("left".into(), json!(left));
    object.insert("likely_renames".into(), json!(likely));
    let sql = if comparison.is_empty() { String::new() } else { comparison.script.to_string() };
    object.insert("sql".into(), json!(sql));
    object.extend(more);
    let count = |verdict| comparison.count(verdict);
    let summary = json!({
        "changes": comparison.changes.len(),
        "safe": count(Verdict::Safe),
        "loses": count(Verdict::Loses),
        "blocked": count(Verdict::Blocked),
    });
    output.report(kind, ok, diagnostics, &Sources::new(), object, summary);
}
