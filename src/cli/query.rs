//! `mbl query`: the JSON door to `db`.

use std::io::BufRead;
use std::path::PathBuf;

use clap::Args;
use mbl::diag::Diagnostic;
use mbl::runtime::{Door, answer};
use serde_json::{Value as Json, json};

use crate::cli::call::pretty;
use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::output::{Output, write_stdout};
use crate::cli::project::{self, Print};
use crate::cli::{Common, LogKind, schema};

#[derive(Args)]
pub struct QueryArgs {
    /// What to ask: the model and its operation, such as forumThread.findMany
    #[arg(value_name = "MODEL.OPERATION", required_unless_present = "jsonl")]
    operation: Option<String>,
    /// Its arguments as a JSON object
    #[arg(value_name = "JSON", requires = "operation")]
    args: Option<String>,
    /// Answer one request a line from stdin
    #[arg(long, conflicts_with = "operation")]
    jsonl: bool,
    /// The whole schema of the database: a .prisma file or a folder of them [default: the packages' merged schema]
    #[arg(long, value_name = "FILE|FOLDER")]
    schema: Option<PathBuf>,
}

/// Answers requests on the database.
pub fn query(common: &Common, args: &QueryArgs, output: Output) -> Outcome<Exit> {
    let request = args.operation.as_deref().map(|operation| request(operation, args.args.as_deref())).transpose()?;
    let schema = match &args.schema {
        Some(path) => schema::read(std::slice::from_ref(path))?,
        None => {
            let set = project::with_paths(common, &[], Print::Stderr, output).read()?;
            output.findings(&set.diagnostics, &set.sources);
            if set.packages.is_empty() {
                return Err(Failure::usage(
                    Diagnostic::error("no_schema", "there is no schema to ask for")
                        .help("name one with --schema, or go to a folder that holds packages/"),
                ));
            }
            set.schema
        }
    };
    let door = Door::open(&project::database(common, None), schema)?;
    if common.log == Some(LogKind::Sql) {
        door.database().store().on_statement(Some(Box::new(project::write_statement)));
    }
    match request {
        Some(request) => Ok(single(&door, &request, output)),
        None => lines(&door),
    }
}

/// Answers each line of stdin with a line, at once.
fn lines(door: &Door) -> Outcome<Exit> {
    let mut stdin = std::io::stdin().lock();
    let mut line = Vec::new();
    let mut is_first = true;
    loop {
        line.clear();
        let read = stdin.read_until(b'\n', &mut line);
        let read = read
            .map_err(|error| Failure::new(Exit::Environment, Diagnostic::error("stdin", format!("stdin: {error}"))))?;
        if read == 0 {
            return Ok(Exit::Done);
        }
        // Some shells begin what they pipe with a byte-order mark.
        let mark = if std::mem::take(&mut is_first) { "\u{feff}".as_bytes() } else { &[] };
        let request = line.strip_prefix(mark).unwrap_or(&line);
        if request.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let mut answer = answer(door.database(), request);
        answer.push('\n');
        write_stdout(answer);
    }
}

fn single(door: &Door, request: &Json, output: Output) -> Exit {
    let answer: Json =
        serde_json::from_str(&answer(door.database(), request.to_string().as_bytes())).unwrap_or(Json::Null);
    match (answer.get("result"), answer.get("error")) {
        (Some(result), _) => {
            match output.json {
                true => output.line(&json!({ "mbl": 1, "kind": "query", "ok": true, "diagnostics": [], "result": result, "summary": {} }).to_string()),
                false => output.line(&pretty(result)),
            }
            Exit::Done
        }
        (None, error) => {
            let error = error.cloned().unwrap_or(Json::Null);
            let text = |key: &str| error[key].as_str().map(str::to_owned);
            let code = text("code").or_else(|| error["meta"]["reason"].as_str().map(str::to_owned));
            let exit = if text("kind").as_deref() == Some("internal") { Exit::Environment } else { Exit::Fault };
            if output.json {
                output.line(&json!({ "mbl": 1, "kind": "query", "ok": false, "diagnostics": [], "error": error, "summary": {} }).to_string());
            } else {
                let message = text("message").unwrap_or_default();
                let code = code.unwrap_or_else(|| "db".into());
                crate::cli::output::write_stderr(format!("error[{code}]: {message}\n"));
            }
            exit
        }
    }
}

/// Makes the request of `model.operation` with its arguments.
fn request(operation: &str, args: Option<&str>) -> Outcome<Json> {
    let Some((model, action)) = operation.split_once('.') else {
        return Err(Failure::usage(
            Diagnostic::error("bad_operation", format!("`{operation}` is no operation of a model"))
                .help("say the model and the operation with a dot between: forumThread.findMany"),
        ));
    };
    let args: Json = serde_json::from_str(args.unwrap_or("{}")).map_err(|error| {
        Failure::usage(
            Diagnostic::error("not_json", format!("the arguments are not JSON: {error}"))
                .help("give an object, such as '{\"where\": {\"id\": 1}}'"),
        )
    })?;
    Ok(json!({ "id": null, "model": model, "action": action, "args": args }))
}
