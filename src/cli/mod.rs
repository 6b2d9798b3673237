//! The commands of `mbl`: arguments, dispatch, exit codes.
//!
//! Each command is one file. A command returns an [`Exit`], or a [`Failure`] with the findings to show; nothing but this file ends the
//! process for it.

mod call;
mod check;
mod compat;
mod completions;
mod config;
mod docs;
mod doctor;
mod exec;
mod exit;
mod explain;
mod generate;
mod info;
mod installed;
mod new;
mod output;
mod project;
mod query;
mod render;
mod repl;
mod run;
mod schema;
mod terminal;
mod test;
mod transfer;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use mbl::diag::{Diagnostic, Diagnostics};
use serde::Deserialize;

use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::output::Output;

/// Runs Lua packages that describe their data in schema.prisma.
#[derive(Parser)]
#[command(name = "mbl", version, max_term_width = 100)]
#[command(after_help = "Begin with:  mbl run packages/forum_forge")]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command understands.
#[derive(Args, Clone)]
#[command(next_help_heading = "Common options")]
struct Common {
    /// Database: a path, file:PATH or :memory: [default: .mbl/dev.db beside packages/]
    #[arg(long, global = true, value_name = "URL", value_parser = NonEmptyStringValueParser::new())]
    db: Option<String>,
    /// Folder of packages; may be given several times [default: packages]
    #[arg(long, global = true, value_name = "DIR")]
    packages: Vec<PathBuf>,
    /// Tenant of the caller, who reaches no other one [default: the operator, acting in `default`]
    #[arg(long, global = true, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    tenant: Option<String>,
    /// User who calls
    #[arg(long, global = true, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    user: Option<String>,
    /// Level of the caller, 0 to 6 [default: the operator, who may do everything]
    #[arg(long, global = true, value_name = "N")]
    level: Option<i64>,
    /// Tell on stderr what is asked of the database, with its time
    #[arg(long, global = true, value_name = "WHAT")]
    log: Option<LogKind>,
    /// Print results and errors only
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Print more
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    verbose: bool,
    /// Print one JSON object
    #[arg(long, global = true)]
    json: bool,
    /// The database where --db is not given, as the environment or mbl.toml says
    #[arg(skip)]
    db_default: Option<String>,
}

/// What `--log` tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
enum LogKind {
    /// Every statement of SQL.
    Sql,
}

#[derive(Subcommand)]
enum Command {
    /// Load packages, bring the database to their schema, and run or show them
    #[command(after_help = r#"Examples:
  mbl run packages/forum_forge
  mbl run packages
  mbl run packages/forum_forge --json"#)]
    Run(run::RunArgs),
    /// Call one operation and print its result as JSON
    #[command(after_help = r#"Examples:
  mbl call forum_forge listCategories '"default"'
  mbl call forum_forge createCategory '"default"' '{"name": "Lua"}'"#)]
    Call(call::CallArgs),
    /// Run one Lua script
    #[command(after_help = r#"Examples:
  echo "print(require('db').user.count())" > count.lua
  mbl exec count.lua
  mbl exec count.lua --sandbox --grant read --timeout-ms 500
  echo count.lua > list.txt
  mbl exec --batch --grant read list.txt"#)]
    Exec(exec::ExecArgs),
    /// Ask the database through the JSON door
    #[command(after_help = r#"Examples:
  mbl query forumThread.findMany '{"take": 3}'
  echo '{"id": 1, "model": "forumThread", "action": "count"}' | mbl query --jsonl"#)]
    Query(query::QueryArgs),
    /// Enter Lua, line by line
    #[command(after_help = r#"Examples:
  mbl repl packages/forum_forge
  mbl repl -e 'db.forumCategory.count()'
  echo 'db.forumCategory.findFirst()' | mbl repl"#)]
    Repl(repl::ReplArgs),
    /// Find what is wrong with packages, without running them
    Check(check::CheckArgs),
    /// Print the page of a diagnostic
    #[command(after_help = "Examples:\n  mbl explain unknown_field")]
    Explain(explain::ExplainArgs),
    /// Run the Lua specs of packages
    Test(test::TestArgs),
    /// Show what a package is
    #[command(after_help = "Examples:\n  mbl info forum_forge")]
    Info(info::InfoArgs),
    /// List the packages
    #[command(after_help = "Examples:\n  mbl list")]
    List,
    /// Turn an installed package on again
    #[command(after_help = r#"Examples:
  mbl run packages/forum_forge
  mbl disable forum_forge
  mbl enable forum_forge"#)]
    Enable(installed::InstalledArgs),
    /// Turn an installed package off: it is not loaded, and its rows stay
    #[command(after_help = r#"Examples:
  mbl run packages/forum_forge
  mbl disable forum_forge"#)]
    Disable(installed::InstalledArgs),
    /// Run a package's on_uninstall and forget that it was installed; its tables stay
    #[command(after_help = r#"Examples:
  mbl run packages/forum_forge
  mbl uninstall forum_forge"#)]
    Uninstall(installed::InstalledArgs),
    /// Run a component's script and print its tree of nodes
    #[command(after_help = "Examples:\n  mbl render forum_forge ForumPage '{\"tenantId\": \"default\"}' --html")]
    Render(render::RenderArgs),
    /// Print a package's operations, models and components as Markdown
    #[command(after_help = "Examples:\n  mbl docs packages/forum_forge")]
    Docs(docs::DocsArgs),
    /// Make a package that checks and tests
    #[command(after_help = "Examples:\n  mbl new polls --model Poll")]
    New(new::NewArgs),
    /// Write files for editors
    #[command(subcommand)]
    Generate(generate::GenerateCommand),
    /// Read rows from a file of CSV or JSON Lines
    #[command(after_help = r#"Examples:
  echo '{"tenantId": "default", "name": "Tea", "slug": "tea", "createdAt": 0}' > tea.jsonl
  mbl import tea.jsonl --model ForumCategory"#)]
    Import(transfer::ImportArgs),
    /// Write a model's rows as CSV or JSON Lines
    #[command(after_help = "Examples:\n  mbl export --model ForumCategory --out categories.csv")]
    Export(transfer::ExportArgs),
    /// Find what is wrong with this machine or folder
    #[command(after_help = "Examples:\n  mbl doctor")]
    Doctor,
    /// Print what a shell needs to complete commands
    #[command(after_help = "Examples:\n  mbl completions bash")]
    Completions(completions::CompletionsArgs),
    /// Look at schemas, and bring databases to them
    #[command(subcommand)]
    Schema(schema::SchemaCommand),
}

impl Command {
    /// Returns the name that `--json` reports as `kind`.
    fn kind(&self) -> &'static str {
        match self {
            Command::Run(_) => "run",
            Command::Call(_) => "call",
            Command::Exec(_) => "exec",
            Command::Query(_) => "query",
            Command::Repl(_) => "repl",
            Command::Check(_) => "check",
            Command::Explain(_) => "explain",
            Command::Test(_) => "test",
            Command::Info(_) => "info",
            Command::List => "list",
            Command::Render(_) => "render",
            Command::Docs(_) => "docs",
            Command::New(_) => "new",
            Command::Generate(generate::GenerateCommand::Lua(_)) => "generate_lua",
            Command::Generate(generate::GenerateCommand::JsonSchema(_)) => "generate_json_schema",
            Command::Import(_) => "import",
            Command::Export(_) => "export",
            Command::Doctor => "doctor",
            Command::Completions(_) => "completions",
            Command::Enable(_) => "enable",
            Command::Disable(_) => "disable",
            Command::Uninstall(_) => "uninstall",
            Command::Schema(command) => command.kind(),
        }
    }
}

/// Runs the command line and returns its exit code.
pub fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        let text = format!(
            "error[bug]: this is a bug in mbl: {panic}\n  = help: please report it with the command that you typed\n"
        );
        output::write_stderr(text);
    }));
    let Ok(cli) = std::panic::catch_unwind(Cli::parse) else { return Exit::Bug.into() };
    let output = Output { json: cli.common.json, quiet: cli.common.quiet, verbose: cli.common.verbose };
    let kind = cli.command.kind();
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        dispatch(&config::settle(cli.common)?, cli.command, output)
    }));
    let exit = match outcome {
        Ok(Ok(exit)) => exit,
        Ok(Err(failure)) => {
            output.failure(kind, &failure);
            failure.exit
        }
        Err(_) => Exit::Bug,
    };
    exit.into()
}

fn dispatch(common: &Common, command: Command, output: Output) -> Outcome<Exit> {
    match command {
        Command::Run(args) => run::run(common, &args, output),
        Command::Call(args) => call::call(common, &args, output),
        Command::Exec(args) => exec::exec(common, &args, output),
        Command::Query(args) => query::query(common, &args, output),
        Command::Repl(args) => repl::repl(common, &args, output),
        Command::Check(args) => check::check(common, &args, output),
        Command::Explain(args) => explain::explain(&args, output),
        Command::Test(args) => test::test(common, &args, output),
        Command::Info(args) => info::info(common, &args, output),
        Command::List => info::list(common, output),
        Command::Render(args) => render::render(common, &args, output),
        Command::Docs(args) => docs::docs(common, &args, output),
        Command::New(args) => new::new(common, &args, output),
        Command::Generate(generate::GenerateCommand::Lua(args)) => generate::lua(common, &args, output),
        Command::Generate(generate::GenerateCommand::JsonSchema(args)) => generate::json_schema(common, &args, output),
        Command::Import(args) => transfer::import(common, &args, output),
        Command::Export(args) => transfer::export(common, &args, output),
        Command::Doctor => doctor::doctor(common, output),
        Command::Completions(args) => completions::completions(&args),
        Command::Enable(args) => installed::set_enabled(common, &args, true, output),
        Command::Disable(args) => installed::set_enabled(common, &args, false, output),
        Command::Uninstall(args) => installed::uninstall(common, &args, output),
        Command::Schema(command) => schema::run(common, command, output),
    }
}

/// Returns the numbers of findings, as `--json` sums them up.
fn counts(diagnostics: &Diagnostics) -> serde_json::Value {
    let (errors, warnings) = diagnostics.counts();
    serde_json::json!({ "errors": errors, "warnings": warnings })
}

/// Reads a file that the user named.
fn read_text(path: &std::path::Path) -> Outcome<String> {
    let bytes = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
    String::from_utf8(bytes).map_err(|error| {
        let message = format!("`{}` is not UTF-8 text (byte {})", path.display(), error.utf8_error().valid_up_to());
        Failure::new(Exit::Environment, Diagnostic::error("not_utf8", message).in_file(path))
    })
}

/// Makes the failure of a file that cannot be read: not there is wrong usage, anything else the environment's.
fn unreadable(path: &std::path::Path, error: &std::io::Error) -> Failure {
    match error.kind() {
        std::io::ErrorKind::NotFound => Failure::usage(
            Diagnostic::error("file_not_found", format!("there is no file `{}`", path.display()))
                .help("check the path; it is taken from the current folder"),
        ),
        _ => Failure::new(
            Exit::Environment,
            Diagnostic::error("unreadable_file", format!("`{}` cannot be read: {error}", path.display())),
        ),
    }
}
