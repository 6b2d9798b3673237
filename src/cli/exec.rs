//! `mbl exec`: one Lua script.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use mbl::Runtime;
use mbl::diag::{Diagnostic, escape_control};
use mbl::sandbox::{Grant, Limit, Outcome as SandboxOutcome, Untrusted};
use serde_json::{Value as Json, json};

use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::output::{Output, places, write_stderr, write_stdout};
use crate::cli::project::{self, Print};
use crate::cli::{Common, schema, unreadable};

#[derive(Args)]
pub struct ExecArgs {
    /// The script; with --batch a list of scripts, a path a line
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Run it as untrusted code, in a process of its own
    #[arg(long)]
    sandbox: bool,
    /// What untrusted code may do with the database: none, read or write [default: write with --schema, else none]
    #[arg(long, value_name = "GRANT", value_parser = grant)]
    grant: Option<Grant>,
    /// Run each script of a list as untrusted code and print a line of JSON for it
    #[arg(long)]
    batch: bool,
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
        Self { file, sandbox: false, grant: None, batch: false, timeout_ms: None, memory_mb: None, schema: None, args }
    }
}

/// Runs a script. Its errors are told in one plain line with its place.
pub fn exec(common: &Common, args: &ExecArgs, output: Output) -> Outcome<Exit> {
    let text = std::fs::read(&args.file).map_err(|error| unreadable(&args.file, &error))?;
    if args.sandbox || args.batch {
        return sandboxed(common, args, &text, output);
    }
    if args.grant.is_some() {
        return Err(Failure::usage(
            Diagnostic::error("bad_flags", "--grant is for untrusted code; any other script has the whole database")
                .help("add --sandbox, or leave --grant out"),
        ));
    }
    let runtime = build(common, args, output)?;
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

/// Opens what a script works with.
fn build(common: &Common, args: &ExecArgs, output: Output) -> Outcome<Runtime> {
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
    Ok(builder.build()?)
}

/// Runs untrusted code: one script, or each of a list.
fn sandboxed(common: &Common, args: &ExecArgs, text: &[u8], output: Output) -> Outcome<Exit> {
    let grant = args.grant.unwrap_or(if args.schema.is_some() { Grant::Write } else { Grant::None });
    let runtime = match grant {
        Grant::None => project::without_packages(common, Print::Stdout, output).build()?,
        Grant::Read | Grant::Write => build(common, args, output)?,
    };
    let code = |name: &Path, text: &[u8]| {
        let mut code = Untrusted::new(name.display().to_string(), text);
        code.grant = grant;
        code.timeout = args.timeout_ms.map_or(code.timeout, Duration::from_millis);
        code.memory_bytes = args.memory_mb.map_or(code.memory_bytes, |megabytes| megabytes.saturating_mul(1 << 20));
        code.args = args.args.iter().cloned().map(Json::String).collect();
        code
    };
    if args.batch {
        let list = String::from_utf8_lossy(text).into_owned();
        for file in list.lines().map(str::trim).filter(|line| !line.is_empty()) {
            write_stdout(batch_line(&runtime, file, &args.file, &code));
        }
        return Ok(Exit::Done);
    }
    let outcome = runtime.run_untrusted(&code(&args.file, text), |bytes| write_stdout(bytes));
    let Some(fault) = outcome.error else { return Ok(Exit::Done) };
    if output.json {
        let failure = json!({ "code": fault.code, "message": fault.message, "file": fault.file, "line": fault.line, "limit": fault.limit });
        write_stderr(format!("{failure}\n"));
    } else {
        write_stderr(escape_control(&format!("error: {fault}\n")));
    }
    Ok(match (fault.limit, fault.code.as_str()) {
        (Some(Limit::Time), _) => Exit::TimeLimit,
        (_, "sandbox_unavailable") => Exit::Environment,
        _ => Exit::Fault,
    })
}

/// Runs one script of a batch and says in a line of JSON what became of it.
fn batch_line(runtime: &Runtime, file: &str, list: &Path, code: &impl Fn(&Path, &[u8]) -> Untrusted) -> String {
    // A path is taken from the current folder, and from the list's own where there is no such file.
    let beside = || list.parent().map(|folder| folder.join(file)).filter(|path| path.is_file());
    let path = Some(PathBuf::from(file)).filter(|path| path.is_file()).or_else(beside).unwrap_or_else(|| file.into());
    let mut stdout = Vec::new();
    let outcome = match std::fs::read(&path) {
        Ok(text) => runtime.run_untrusted(&code(Path::new(file), &text), |bytes| stdout.extend_from_slice(bytes)),
        Err(error) => SandboxOutcome::failed(format!("`{file}` cannot be read: {error}"), "unreadable_file", None),
    };
    let status = match &outcome.error {
        None => "ok",
        Some(fault) if fault.limit == Some(Limit::Time) => "timeout",
        Some(_) => "error",
    };
    let line = json!({
        "file": file,
        "status": status,
        "stdout": String::from_utf8_lossy(&stdout),
        "error": outcome.error.map(|fault| fault.to_string()),
        "ms": (outcome.time.as_secs_f64() * 10_000.0).round() / 10.0,
    });
    format!("{line}\n")
}

fn grant(text: &str) -> Result<Grant, String> {
    Grant::named(text).ok_or_else(|| "expected none, read or write".into())
}
