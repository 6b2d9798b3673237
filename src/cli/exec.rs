//! `mbl exec`: one Lua script.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use mbl::diag::escape_control;

use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::output::{Output, places, write_stderr};
use crate::cli::project::{self, Print};
use crate::cli::{Common, schema, unreadable};

#[derive(Args)]
pub struct ExecArgs {
    /// The script
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Stop the script after this many milliseconds
    #[arg(long, value_name = "N")]
    timeout_ms: Option<u64>,
    /// Stop the script when it needs more memory than this
    #[arg(long, value_name = "N")]
    memory_mb: Option<usize>,
    /// The whole schema of the database: a .prisma file or a folder of them; the database is brought to it
    #[arg(long, value_name = "FILE|FOLDER")]
    schema: Option<PathBuf>,
    /// What the script is given
    #[arg(last = true, value_name = "ARGS")]
    args: Vec<String>,
}

impl ExecArgs {
    /// Returns the arguments of a plain run.
    pub fn of(file: PathBuf, args: Vec<String>) -> Self {
        Self { file, timeout_ms: None, memory_mb: None, schema: None, args }
    }
}

/// Runs a script. Its errors are told in one plain line with its place.
pub fn exec(common: &Common, args: &ExecArgs, output: Output) -> Outcome<Exit> {
    let text = std::fs::read(&args.file).map_err(|error| unreadable(&args.file, &error))?;
    let mut builder = project::without_packages(common, Print::Stdout, output)
        .call_timeout(args.timeout_ms.map(Duration::from_millis))
        .memory_bytes(args.memory_mb.map(|megabytes| megabytes << 20));
    if let Ok(folder) = std::env::current_dir() {
        builder = builder.base(folder);
    }
    let mut has_models = !common.packages.is_empty();
    for root in &common.packages {
        builder = builder.packages(root);
    }
    if let Some(path) = &args.schema {
        builder = builder.schema(schema::read(std::slice::from_ref(path))?);
        has_models = true;
    } else if !has_models {
        for root in project::roots(common) {
            builder = builder.packages(root);
            has_models = true;
        }
    }
    // A script without any model has nothing to keep, and leaves no file behind.
    if has_models || common.db.is_some() {
        builder = builder.database(project::database(common, None));
    }
    let runtime = builder.build()?;
    let findings = runtime.check();
    output.findings(&findings, &runtime.packages().sources);
    match runtime.exec(&args.file.display().to_string(), &text, &args.args) {
        Ok(()) => Ok(Exit::of(&findings)),
        Err(error) => {
            let failure = Failure::from(error);
            match &failure.script {
                Some(error) if !output.json => {
                    // The place stands in front of the message already.
                    let callers: String = places(error).lines().skip(1).map(|line| format!("{line}\n")).collect();
                    let code = error.code.as_ref().map(|code| format!("  = code: {code}\n")).unwrap_or_default();
                    write_stderr(escape_control(&format!("error: {error}\n{code}{callers}")));
                    Ok(failure.exit)
                }
                _ => Err(failure),
            }
        }
    }
}
