//! `mbl schema migrate`: migration files for those who deploy.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use mbl::diag::{Diagnostic, Diagnostics, Sources};
use mbl::store::{Comparison, MigrateError, MigrationFile, MigrationStatus, StoreError, layout_of_migrations};
use serde_json::{Map, Value as Json, json};

use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::output::Output;
use crate::cli::schema::diff::{Goal, RenameArgs, SchemaArgs, open_to_change, open_to_read, show, warnings};
use crate::cli::schema::plural;
use crate::cli::{Common, project, unreadable};

#[derive(Subcommand)]
pub enum MigrateCommand {
    /// Write a migration that brings what the earlier ones make to the schema
    #[command(after_help = "Examples:\n  mbl schema migrate new forum forum_forge\n  mbl schema migrate new rest")]
    New(NewArgs),
    /// Run the migrations that have not run yet
    #[command(after_help = r#"Examples:
  mbl schema migrate new first
  mbl schema migrate deploy"#)]
    Deploy(DeployArgs),
    /// Show which migrations ran, and whether the database is what they make
    #[command(after_help = r#"Examples:
  mbl schema migrate new first
  mbl schema migrate deploy
  mbl schema migrate status"#)]
    Status(FolderArgs),
}

impl MigrateCommand {
    /// Returns the name that `--json` reports as `kind`.
    pub fn kind(&self) -> &'static str {
        match self {
            MigrateCommand::New(_) => "schema_migrate_new",
            MigrateCommand::Deploy(_) => "schema_migrate_deploy",
            MigrateCommand::Status(_) => "schema_migrate_status",
        }
    }
}

#[derive(Args)]
pub struct FolderArgs {
    /// Folder of the migrations [default: migrations beside packages/, else here]
    #[arg(long, value_name = "DIR")]
    migrations: Option<PathBuf>,
}

#[derive(Args)]
pub struct NewArgs {
    /// What it does, in a word or two
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    schema: SchemaArgs,
    #[command(flatten)]
    folder: FolderArgs,
    #[command(flatten)]
    renames: RenameArgs,
    /// Write a migration without statements when nothing differs
    #[arg(long)]
    empty: bool,
}

#[derive(Args)]
pub struct DeployArgs {
    #[command(flatten)]
    folder: FolderArgs,
    /// The database has its tables already: note the migrations that make them, without running them
    #[arg(long)]
    baseline: bool,
}

/// Runs a command about migrations.
pub fn run(common: &Common, command: MigrateCommand, output: Output) -> Outcome<Exit> {
    match command {
        MigrateCommand::New(args) => new(common, &args, output),
        MigrateCommand::Deploy(args) => deploy(common, &args, output),
        MigrateCommand::Status(args) => status(common, &args, output),
    }
}

fn new(common: &Common, args: &NewArgs, output: Output) -> Outcome<Exit> {
    let (folder, files) = read(&args.folder)?;
    let mut goal = Goal::read(common, &args.schema, output)?;
    goal.rename(&args.renames)?;
    let old = layout_of_migrations(&files).map_err(|(name, error)| broken_migration(&folder, &name, &error))?;
    let comparison = Comparison::between(&old, &goal.layout);
    goal.check_renames(&args.renames, &old, &comparison)?;
    if comparison.is_empty() && !args.empty {
        match output.json {
            true => report("schema_migrate_new", json!({ "migration": null }), output),
            false => output.note("nothing differs from what the migrations make; --empty writes one all the same"),
        }
        return Ok(Exit::Done);
    }
    let name = format!("{}_{}", next_time(&files), slug(&args.name));
    let path = folder.join(&name);
    let sql = format!("{}{}", warnings(&comparison, &goal.names), comparison.script);
    write(&folder, &path, &sql)?;
    let file = path.join("migration.sql");
    if output.json {
        report("schema_migrate_new", json!({ "migration": name, "file": file, "sql": sql }), output);
    } else {
        show(&comparison, &goal.names, output);
        output.line(&format!("wrote {}", file.display()));
        output.note("Next:  mbl schema migrate deploy");
    }
    Ok(Exit::Done)
}

fn deploy(common: &Common, args: &DeployArgs, output: Output) -> Outcome<Exit> {
    let (folder, files) = read(&args.folder)?;
    let store = open_to_change(common, &[])?;
    let mut status = store.migration_status(&files)?;
    if args.baseline && status.is_unknown {
        let found = store.introspect()?;
        let made = |count: usize| {
            let made = layout_of_migrations(&files[..count]);
            made.map(|made| Comparison::between(&found, &made).is_empty()).unwrap_or(false)
        };
        let Some(count) = (1..=files.len()).rev().find(|count| made(*count)) else {
            let fault = Diagnostic::error("no_baseline", "the database is not what any of the migrations make");
            let help = "bring it to the schema with `mbl schema apply` first, or make the first migration fit it";
            return Err(Failure::new(Exit::Refused, fault.help(help)));
        };
        store.record_deployed(&files[..count])?;
        output.note(&format!("noted {count} migration{} as run", plural(count)));
        status = store.migration_status(&files)?;
    }
    refuse_unsound(&status, &folder, store.url())?;
    let pending: Vec<MigrationFile> =
        files.iter().filter(|file| status.pending.contains(&file.name)).cloned().collect();
    let backup = store.backup_before(&pending)?;
    match store.deploy(&pending) {
        Ok(done) => {
            if output.json {
                report("schema_migrate_deploy", json!({ "applied": done, "backup": backup }), output);
                return Ok(Exit::Done);
            }
            done.iter().for_each(|name| output.line(&format!("applied {name}")));
            if let Some(backup) = backup {
                output.line(&format!("backup  {}", backup.display()));
            }
            if done.is_empty() {
                output.note("every migration has run already");
            }
            Ok(Exit::Done)
        }
        Err(error) => {
            error.done.iter().for_each(|name| output.line(&format!("applied {name}")));
            if let Some(backup) = backup.filter(|_| error.done.is_empty()) {
                // Nothing was lost.
                let _ = std::fs::remove_file(backup);
            }
            let exit = match &*error.error {
                MigrateError::Store(
                    StoreError::Locked { .. } | StoreError::ReadOnly { .. } | StoreError::Full { .. },
                ) => Exit::Environment,
                MigrateError::Breaks(_) => Exit::Refused,
                _ => Exit::Fault,
            };
            let file = folder.join(&error.migration).join("migration.sql");
            let fault = Diagnostic::error("migration_failed", error.to_string()).in_file(file);
            Err(Failure::new(exit, fault.help("nothing of it was done; mend the rows or the file, then deploy again")))
        }
    }
}

fn status(common: &Common, args: &FolderArgs, output: Output) -> Outcome<Exit> {
    let (folder, files) = read(args)?;
    let store = open_to_read(common, &[])?;
    let status = store.migration_status(&files)?;
    let exit = match (status.is_sound(), status.pending.is_empty()) {
        (false, _) => Exit::Refused,
        (true, false) => Exit::Environment,
        (true, true) => Exit::Done,
    };
    let drift: Vec<String> = status.drift.iter().map(ToString::to_string).collect();
    if output.json {
        let object = json!({
            "applied": status.applied,
            "pending": status.pending,
            "changed": status.changed,
            "failed": status.failed,
            "missing": status.missing,
            "drift": drift,
        });
        let Json::Object(more) = object else { unreachable!("an object was written") };
        let ok = exit == Exit::Done;
        let summary = json!({ "applied": status.applied.len(), "pending": status.pending.len() });
        output.report("schema_migrate_status", ok, &Diagnostics::new(), &Sources::new(), more, summary);
        return Ok(exit);
    }
    let mut marks: Vec<(&String, &str)> = Vec::new();
    for name in &status.applied {
        let is_changed = status.changed.contains(name);
        marks.push((name, if is_changed { "changed after it ran" } else { "applied" }));
    }
    marks.extend(status.failed.iter().map(|name| (name, "began and did not end")));
    marks.extend(status.missing.iter().map(|name| (name, "applied, and has no file here")));
    marks.extend(status.pending.iter().map(|name| (name, "pending")));
    marks.sort();
    for (name, mark) in marks {
        output.line(&format!("{name}  {mark}"));
    }
    if files.is_empty() {
        output.note(&format!("there are no migrations in {}", folder.display()));
    }
    if status.is_unknown {
        output.line("the database has tables, and no history of migrations");
    }
    if !drift.is_empty() {
        output.line("drift: the database is not what the migrations made:");
        drift.iter().for_each(|step| output.line(&format!("  {step}")));
    }
    Ok(exit)
}

/// Fails when the history and the files do not agree; what is pending may rest on what was changed.
fn refuse_unsound(status: &MigrationStatus, folder: &Path, url: &mbl::store::DatabaseUrl) -> Outcome<()> {
    let mut diagnostics = Diagnostics::new();
    for name in &status.changed {
        let fault = Diagnostic::error("migration_changed", format!("migration `{name}` was changed after it ran"));
        let fault = fault.in_file(folder.join(name).join("migration.sql"));
        diagnostics.push(fault.help("bring the file back as it was, and write a new migration for the change"));
    }
    for name in &status.failed {
        let fault =
            Diagnostic::error("migration_failed", format!("migration `{name}` began on `{url}` and did not end"));
        diagnostics.push(fault.help("look at what it did, then mark it with `prisma migrate resolve`"));
    }
    if status.is_unknown {
        let fault = Diagnostic::error("no_history", format!("`{url}` has tables, and no history of migrations"));
        diagnostics.push(fault.help("when they are what the migrations make: mbl schema migrate deploy --baseline"));
    }
    match diagnostics.has_errors() {
        true => Err(Failure { exit: Exit::Refused, diagnostics, ..Failure::default() }),
        false => Ok(()),
    }
}

/// Reads the migrations of the folder that is meant.
fn read(args: &FolderArgs) -> Outcome<(PathBuf, Vec<MigrationFile>)> {
    let folder = match &args.migrations {
        Some(folder) => folder.clone(),
        None => project::project_folder(None).unwrap_or_default().join("migrations"),
    };
    let files = MigrationFile::read_all(&folder).map_err(|error| unreadable(&folder, &error))?;
    Ok((folder, files))
}

fn broken_migration(folder: &Path, name: &str, error: &StoreError) -> Failure {
    let fault = Diagnostic::error("broken_migration", format!("migration `{name}` does not run: {error}"));
    let fault = fault.in_file(folder.join(name).join("migration.sql"));
    Failure::new(Exit::Fault, fault.help("mend it: what comes next rests on what it makes"))
}

/// Writes the file, and beside the migrations the lock file of Prisma's tools.
fn write(folder: &Path, path: &Path, sql: &str) -> Outcome<()> {
    let make = || -> std::io::Result<()> {
        std::fs::create_dir_all(path)?;
        let lock = folder.join("migration_lock.toml");
        if !lock.exists() {
            let text = "# Please do not edit this file manually\n# It should be added in your version-control system (e.g., Git)\nprovider = \"sqlite\"\n";
            std::fs::write(lock, text)?;
        }
        std::fs::write(path.join("migration.sql"), sql)
    };
    make().map_err(|error| {
        let message = format!("`{}` cannot be written: {error}", path.display());
        Failure::new(Exit::Environment, Diagnostic::error("unwritable_file", message))
    })
}

/// Returns the time as Prisma's tools write it, later than that of every migration.
fn next_time(files: &[MigrationFile]) -> String {
    let now = mbl::store::utc_digits();
    let last = files.iter().filter_map(|file| file.name.get(..14)?.parse::<u64>().ok()).max();
    match (now.parse::<u64>(), last) {
        (Ok(now), Some(last)) if last >= now => (last + 1).to_string(),
        _ => now,
    }
}

/// Makes a folder's name of words.
fn slug(name: &str) -> String {
    let kept = name.chars().map(|character| if character.is_alphanumeric() { character } else { '_' });
    let text: String = kept.collect::<String>().to_lowercase();
    let text = text.trim_matches('_');
    let text: String = text.chars().take(100).collect();
    if text.is_empty() { "migration".to_owned() } else { text }
}

fn report(kind: &str, more: Json, output: Output) {
    let Json::Object(more) = more else { unreachable!("callers give an object") };
    output.report(kind, true, &Diagnostics::new(), &Sources::new(), more, Map::new().into());
}
