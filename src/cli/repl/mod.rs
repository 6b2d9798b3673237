//! `mbl repl`: interactive Lua over the packages of a project and their database.

mod complete;
mod lexer;
mod show;

use std::borrow::Cow;
use std::cell::RefCell;
use std::fs;
use std::io::{BufRead, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::Args;
use mbl::diag::{Diagnostic, closest, escape_control};
use mbl::lua::{Shown, standard_library};
use mbl::package::{FunctionAnnotation, PackageSet, read_annotations};
use mbl::runtime::{Interrupter, Session};
use mbl::schema::Schema;
use rustyline::completion::{Completer, Pair};
use rustyline::config::Configurer;
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Context, Editor, Helper, Hinter, Validator};
use serde_json::{Map, Value as Json};
use signal_hook::consts::SIGINT;

use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::info;
use crate::cli::output::{Output, Paint, colors, script_error, width, write_stderr, write_stdout};
use crate::cli::project::{self, Print};
use crate::cli::repl::complete::{World, complete};
use crate::cli::repl::lexer::{Kind, pieces};
use crate::cli::repl::show::{Rows, literal, plain};
use crate::cli::run::counted;
use crate::cli::terminal::on_signals;
use crate::cli::{Common, LogKind, counts, read_text};

#[derive(Args)]
pub struct ReplArgs {
    /// Packages' folders, or folders of packages [default: the packages of the project]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Run this and end; the value of an expression is printed
    #[arg(short = 'e', value_name = "CODE")]
    code: Option<String>,
}

/// Opens a dialogue: with a person, with what is piped in, or with one piece of code.
pub fn repl(common: &Common, args: &ReplArgs, output: Output) -> Outcome<Exit> {
    let sql = Arc::new(AtomicBool::new(common.log == Some(LogKind::Sql)));
    let logged = sql.clone();
    let interactive = args.code.is_none() && std::io::stdin().is_terminal();
    // Outside of a project there is nothing to keep.
    let lonely = args.paths.is_empty() && project::roots(common).is_empty();
    let builder = match lonely {
        true if common.db.is_none() => project::without_packages(common, Print::Stdout, output),
        true => project::without_packages(common, Print::Stdout, output).database(project::database(common, None)),
        false => project::with_paths(common, &args.paths, Print::Stdout, output),
    };
    let builder = builder.on_statement(move |sql, time| {
        if logged.load(Ordering::Relaxed) {
            project::write_statement(sql, time);
        }
    });
    let runtime = builder.build()?;
    let findings = runtime.check();
    if findings.has_errors() {
        output.findings(&findings, &runtime.packages().sources);
    }
    let mut session = Session::new(runtime);
    if interactive {
        session = session.confirm(confirm);
    }
    let mut repl = Repl {
        session: Arc::new(session),
        output,
        sql,
        time: true,
        interactive,
        entered: Vec::new(),
        last: Vec::new(),
        interrupter: Arc::default(),
    };
    match &args.code {
        Some(code) if output.json => {
            let result: Json = repl.session.eval(code)?;
            let mut more = Map::new();
            more.insert("result".into(), result);
            let packages = repl.session.runtime().packages();
            output.report("repl", true, &findings, &packages.sources, more, counts(&findings));
            Ok(Exit::Done)
        }
        Some(code) => repl.run("-e", code).map(|()| Exit::Done).map_err(of_script),
        None if interactive => repl.talk(common),
        None => repl.read_piped(),
    }
}

/// Asks whether all rows of a model are to be deleted.
fn confirm(model: &str, rows: i64) -> bool {
    let rows = if rows == 1 { "the only row".to_owned() } else { format!("all {rows} rows") };
    write_stdout(format!("This deletes {rows} of {model}. Type `yes` to go on: "));
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).is_ok() && answer.trim() == "yes"
}

/// A dialogue, and what it remembers.
struct Repl {
    session: Arc<Session>,
    output: Output,
    /// Whether statements of SQL are shown.
    sql: Arc<AtomicBool>,
    /// Whether it is said how long an entry took.
    time: bool,
    interactive: bool,
    /// The entries that went well.
    entered: Vec<String>,
    /// The values of the last entry that had any.
    last: Vec<Shown>,
    /// What Ctrl-C ends.
    interrupter: Arc<Mutex<Option<Interrupter>>>,
}

/// Whether the dialogue goes on.
#[derive(PartialEq)]
enum Flow {
    On,
    Quit,
}

impl Repl {
    /// Talks with a person.
    fn talk(&mut self, common: &Common) -> Outcome<Exit> {
        let failed = |error: ReadlineError| {
            Failure::new(
                Exit::Environment,
                Diagnostic::error("terminal", format!("the terminal cannot be used: {error}")),
            )
        };
        self.listen_for_interrupts()?;
        let config = rustyline::Config::builder().completion_type(CompletionType::List).bracketed_paste(true).build();
        let mut editor: Editor<Assistant, FileHistory> = Editor::with_config(config).map_err(failed)?;
        // A person has long memories.
        let _ = editor.set_max_history_size(10_000);
        let packages = self.session.runtime().packages();
        editor.set_helper(Some(Assistant {
            session: self.session.clone(),
            packages: RefCell::new(packages.clone()),
            pending: RefCell::default(),
            color: colors(std::io::stdout().is_terminal()),
        }));
        let history = history_file();
        if let Some(history) = &history {
            // There is none at first.
            let _ = editor.load_history(history);
        }
        self.greet(common, &packages);
        let mut text = String::new();
        loop {
            if let Some(assistant) = editor.helper() {
                *assistant.packages.borrow_mut() = self.session.runtime().packages();
                text.clone_into(&mut assistant.pending.borrow_mut());
            }
            let prompt = match (text.is_empty(), self.session.depth()?) {
                (false, _) => "… ",
                (true, 0) => "> ",
                (true, _) => "tx> ",
            };
            match editor.readline(prompt) {
                Ok(line) => {
                    text.push_str(&line);
                    if text.trim().is_empty() {
                        text.clear();
                        continue;
                    }
                    if !is_command(&text) && self.session.is_unfinished(&text)? {
                        text.push('\n');
                        continue;
                    }
                    let entry = std::mem::take(&mut text);
                    let _ = editor.add_history_entry(entry.trim_end());
                    if let Some(history) = &history {
                        let _ = editor.append_history(history);
                    }
                    match self.handle(ENTRY, &entry) {
                        Ok(Flow::On) => {}
                        Ok(Flow::Quit) => return Ok(Exit::Done),
                        Err(failure) => self.show_failure(&failure),
                    }
                }
                // Ctrl-C takes back what was typed.
                Err(ReadlineError::Interrupted) => text.clear(),
                Err(ReadlineError::Eof) if text.is_empty() => return Ok(Exit::Done),
                Err(ReadlineError::Eof) => text.clear(),
                Err(error) => return Err(failed(error)),
            }
        }
    }

    /// Runs each statement that is piped in; the first one that fails ends it.
    fn read_piped(&mut self) -> Outcome<Exit> {
        let mut text = String::new();
        for (number, line) in std::io::stdin().lock().lines().enumerate() {
            let line = line.map_err(|error| {
                Failure::new(Exit::Environment, Diagnostic::error("stdin", format!("stdin cannot be read: {error}")))
            })?;
            if text.is_empty() {
                // An error's line is then that of what is piped in.
                text.push_str(&"\n".repeat(number));
            }
            // A byte-order mark is no part of the first statement.
            text.push_str(if number == 0 { line.trim_start_matches('\u{feff}') } else { &line });
            if !is_command(text.trim_start()) && self.session.is_unfinished(&text)? {
                text.push('\n');
                continue;
            }
            let entry = std::mem::take(&mut text);
            if !entry.trim().is_empty() && self.handle("stdin", &entry).map_err(of_script)? == Flow::Quit {
                return Ok(Exit::Done);
            }
        }
        match text.trim().is_empty() {
            true => Ok(Exit::Done),
            // The way in which it is unfinished is an error of Lua's.
            false => self.run("stdin", &text).map(|()| Exit::Done).map_err(of_script),
        }
    }

    fn handle(&mut self, name: &str, entry: &str) -> Outcome<Flow> {
        match entry.trim_start() {
            command if is_command(command) => self.command(command[1..].trim()),
            _ => self.run(name, entry).map(|()| Flow::On),
        }
    }

    /// Runs an entry and shows its values.
    fn run(&mut self, name: &str, text: &str) -> Outcome<()> {
        let begun = Instant::now();
        let values = self.stoppable(|session| session.enter_as(name, text))?;
        let took = begun.elapsed();
        let text = text.trim();
        // In a script an expression is no statement.
        self.entered.push(match values.is_empty() {
            true => text.to_owned(),
            false => format!("_ = {}", text.strip_prefix("return ").unwrap_or(text)),
        });
        if !values.is_empty() {
            self.last = values;
            self.show(Some(took));
        }
        Ok(())
    }

    /// Does what Ctrl-C may stop.
    fn stoppable<T>(&self, job: impl FnOnce(&Session) -> mbl::Result<T>) -> mbl::Result<T> {
        if !self.interactive {
            return job(&self.session);
        }
        // A reload may have made another connection.
        *self.interrupter.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.session.interrupter()?);
        job(&self.session)
    }

    /// Lets Ctrl-C stop the entry that runs, and nothing else. At the prompt the terminal hands the key over instead.
    fn listen_for_interrupts(&self) -> Outcome<()> {
        let interrupter = self.interrupter.clone();
        on_signals(&[SIGINT], move |_| {
            if let Some(interrupter) = &*interrupter.lock().unwrap_or_else(PoisonError::into_inner) {
                interrupter.interrupt();
            }
        })
    }

    fn greet(&self, common: &Common, packages: &PackageSet) {
        if self.output.quiet {
            return;
        }
        let database = self.session.runtime().generation().opened().database.name.clone();
        let mut facts = vec![format!("mbl {}", env!("CARGO_PKG_VERSION"))];
        facts.push(counted(packages.packages.len(), "package"));
        facts.push(database);
        facts.extend(common.tenant.as_ref().map(|tenant| format!("tenant {tenant}")));
        self.output.line(
            &self.output.paint(Paint::Dim, &format!("{}  ·  .help for help, Ctrl-D to leave", facts.join("  ·  "))),
        );
    }

    /// Shows the last values.
    fn show(&self, took: Option<Duration>) {
        let packages = self.session.runtime().packages();
        for value in &self.last {
            match Rows::of(value, &packages.schema).filter(|_| self.interactive) {
                Some(rows) => {
                    let (grid, shown) = rows.grid(width());
                    write_stdout(grid);
                    let mut facts = vec![counted(rows.length(), "row")];
                    facts.extend(took.filter(|_| self.time).map(milliseconds));
                    if shown < rows.columns() {
                        facts.push(format!("{} columns, {shown} shown (.vertical for all)", rows.columns()));
                    }
                    self.output.line(&self.output.paint(Paint::Dim, &facts.join(" · ")));
                }
                None if self.interactive => self.output.line(&colored(&literal(value, width()), self.output)),
                None => self.output.line(&plain(value, width())),
            }
        }
    }

    fn show_failure(&self, failure: &Failure) {
        self.output.findings(&failure.diagnostics, &failure.sources);
        if let Some(error) = &failure.script {
            let mut error = (**error).clone();
            let is_entry = |file: &str| file == ENTRY;
            error.traceback.retain(|frame| !is_entry(&frame.file));
            if error.file.as_deref().is_some_and(is_entry) && (error.line == Some(1) || !error.traceback.is_empty()) {
                (error.file, error.line) = (None, None);
            }
            write_stderr(script_error(&error, colors(std::io::stderr().is_terminal())));
        }
    }

    /// Does what a command with a dot says.
    fn command(&mut self, line: &str) -> Outcome<Flow> {
        let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        match (name, rest) {
            ("help", _) => write_stdout(HELP),
            ("quit" | "exit" | "q", _) => return Ok(Flow::Quit),
            ("models", _) => self.models(),
            ("schema", name) if !name.is_empty() => self.schema(name)?,
            ("ops", package) => self.operations(package)?,
            ("doc", name) if !name.is_empty() => self.doc(name)?,
            ("load", path) if !path.is_empty() => {
                let text = read_text(Path::new(path))?;
                let values = self.stoppable(|session| session.enter_as(path, &text))?;
                self.entered.push(text.trim_end().to_owned());
                if !values.is_empty() {
                    self.last = values;
                    self.show(None);
                }
            }
            ("save", path) if !path.is_empty() => self.save(Path::new(path))?,
            ("reload", _) => self.reload()?,
            ("sql", "on" | "off") => self.sql.store(rest == "on", Ordering::Relaxed),
            ("time", "on" | "off") => self.time = rest == "on",
            ("explain", code) if !code.is_empty() => self.explain(code)?,
            ("vertical", _) => self.vertical(),
            ("tx", "begin") => self.session.begin()?,
            ("tx", "commit" | "rollback") if self.session.depth()? == 0 => {
                let diagnostic =
                    Diagnostic::error("no_transaction", "no transaction is open").help(".tx begin begins one");
                return Err(Failure::usage(diagnostic));
            }
            ("tx", "commit") => self.session.commit()?,
            ("tx", "rollback") => self.session.rollback()?,
            _ => return Err(unknown_command(name)),
        }
        Ok(Flow::On)
    }

    fn models(&self) {
        let packages = self.session.runtime().packages();
        let schema = &packages.schema;
        let widest = schema.client_models().map(|(_, model)| model.accessor.len() + 3).max().unwrap_or(0);
        for (_, model) in schema.client_models() {
            let name = format!("db.{}", model.accessor);
            let fields: Vec<&str> = model.scalars().map(|(_, field)| field.name.as_str()).collect();
            self.output.line(&entry(&format!("{name:<widest$}  "), &fields.join(" ")));
        }
        if schema.models.is_empty() {
            self.output.note("there are no models here");
        }
    }

    fn schema(&self, name: &str) -> Outcome<()> {
        let packages = self.session.runtime().packages();
        let schema = &packages.schema;
        let id = schema.model_named(name).or_else(|| schema.model_by_accessor(name.trim_start_matches("db.")));
        let Some(id) = id else {
            let names: Vec<&str> = schema.client_models().map(|(_, model)| model.name.as_str()).collect();
            return Err(unknown("model", name, names));
        };
        let span = schema.model(id).span;
        let source = packages.sources.get(span.source);
        let (line, _) = source.position(span.start);
        let lines: Vec<&str> = source.text.lines().collect();
        // Its doc comment stands above it.
        let mut first = (line as usize).saturating_sub(1);
        while first > 0 && lines[first - 1].trim_start().starts_with("///") {
            first -= 1;
        }
        for line in lines.iter().skip(first) {
            self.output.line(line);
            if line.trim_end().ends_with('}') {
                break;
            }
        }
        Ok(())
    }

    fn operations(&self, package: &str) -> Outcome<()> {
        let runtime = self.session.runtime();
        let packages = runtime.packages();
        if !package.is_empty() && packages.package(package).is_none() {
            return Err(unknown(
                "package",
                package,
                packages.packages.iter().map(|package| package.id.as_str()).collect(),
            ));
        }
        for known in packages.packages.iter().filter(|known| package.is_empty() || known.id == package) {
            for operation in info::operations(runtime, known)? {
                self.output.line(&format!("{}.{}", known.id, operation.signature()));
            }
        }
        Ok(())
    }

    /// Shows what is said of a function, a model or a module.
    fn doc(&self, name: &str) -> Outcome<()> {
        let packages = self.session.runtime().packages();
        if let Some(id) = packages.schema.model_named(name) {
            self.output.line(packages.schema.model(id).doc.as_deref().unwrap_or("nothing is said of it"));
            return self.schema(name);
        }
        let functions = documented(&packages);
        let wanted = name.trim_start_matches("db.");
        let found: Vec<&(String, FunctionAnnotation)> = functions
            .iter()
            .filter(|(owner, function)| format!("{owner}.{}", function.name) == name || function.name == wanted)
            .collect();
        if found.is_empty() {
            let names: Vec<String> =
                functions.iter().map(|(owner, function)| format!("{owner}.{}", function.name)).collect();
            return Err(unknown("function", name, names.iter().map(String::as_str).collect()));
        }
        for (owner, function) in found {
            let parameters: Vec<String> = function.parameters.iter().map(info::parameter_text).collect();
            let returns: Vec<&str> = function.returns.iter().map(|returned| returned.type_name.as_str()).collect();
            let arrow = if returns.is_empty() { "" } else { " -> " };
            let line = format!("{owner}.{}({}){arrow}{}", function.name, parameters.join(", "), returns.join(", "));
            self.output.line(&self.output.paint(Paint::Bold, &line));
            for line in function.doc.as_deref().unwrap_or_default().lines() {
                self.output.line(&format!("  {line}"));
            }
            for parameter in &function.parameters {
                if let Some(description) = &parameter.description {
                    self.output.line(&format!("  {}: {description}", parameter.name));
                }
            }
        }
        Ok(())
    }

    fn save(&self, path: &Path) -> Outcome<()> {
        if path.exists() {
            return Err(Failure::usage(
                Diagnostic::error("file_exists", format!("`{}` is there already", path.display()))
                    .help("nothing is overwritten; choose another name"),
            ));
        }
        let text: String = self.entered.iter().map(|entry| format!("{entry}\n")).collect();
        fs::write(path, text).map_err(|error| {
            let message = format!("`{}` cannot be written: {error}", path.display());
            Failure::new(Exit::Environment, Diagnostic::error("unwritable_file", message))
        })?;
        self.output.line(&format!("{} in {}", counted(self.entered.len(), "statement"), path.display()));
        Ok(())
    }

    fn reload(&self) -> Outcome<()> {
        if self.session.depth()? > 0 {
            return Err(Failure::usage(
                Diagnostic::error("open_transaction", "a transaction is open, and a reload would end it")
                    .help(".tx commit or .tx rollback first"),
            ));
        }
        let reload = self.session.runtime().reload()?;
        let mut facts = vec![format!("generation {}", reload.generation), counted(reload.files.len(), "changed file")];
        facts.extend(reload.schema);
        self.output.line(&format!("{}; globals are gone", facts.join(" · ")));
        Ok(())
    }

    fn explain(&self, code: &str) -> Outcome<()> {
        let text = format!(
            "(function() local r = require('db').explain(function() return {code}\nend) r.result = nil return r end)()"
        );
        let explained: Json = self.session.eval(&text)?;
        for statement in explained["statements"].as_array().into_iter().flatten() {
            let text = statement["sql"].as_str().unwrap_or_default();
            self.output.line(&format!(
                "{:>9.3} ms  {}",
                statement["ms"].as_f64().unwrap_or_default(),
                escape_control(text)
            ));
            for line in statement["plan"].as_array().into_iter().flatten().filter_map(Json::as_str) {
                self.output.line(&format!("{:14}{line}", ""));
            }
        }
        let count = explained["count"].as_u64().unwrap_or_default() as usize;
        self.output.line(&format!(
            "{} · {:.3} ms",
            counted(count, "statement"),
            explained["ms"].as_f64().unwrap_or_default()
        ));
        Ok(())
    }

    fn vertical(&self) {
        let packages = self.session.runtime().packages();
        for value in &self.last {
            match Rows::of(value, &packages.schema) {
                Some(rows) => write_stdout(rows.vertical(width())),
                None => self.output.line(&literal(value, 1)),
            }
        }
    }
}

/// What messages call an entry.
const ENTRY: &str = "repl";

/// Tells whether an entry is a command with a dot.
fn is_command(entry: &str) -> bool {
    entry.starts_with('.') && !entry.starts_with("..")
}

const HELP: &str = "\
An expression shows its value, `_` is the last one. An unfinished statement goes on in the next line. `db` is there,
require('forum_forge') gives a package. Ctrl-C stops what runs, or takes back what was typed. Tab completes.

  .models              the models and their fields
  .schema NAME         a model as its schema has it
  .ops [PACKAGE]       the operations of packages
  .doc NAME            what is said of a function or a model: .doc text.trim
  .load PATH           run a file
  .save FILE           write what was entered to a new file
  .reload              read the packages again
  .sql on|off          show the statements of SQL
  .time on|off         show how long rows took
  .explain EXPRESSION  the statements that it runs, with SQLite's plan
  .vertical            the last rows with all their columns
  .tx begin|commit|rollback
  .quit
";

const COMMANDS: &[&str] = &[
    "doc", "explain", "help", "load", "models", "ops", "quit", "reload", "save", "schema", "sql", "time", "tx",
    "vertical",
];

fn unknown_command(name: &str) -> Failure {
    let message = match COMMANDS.contains(&name) {
        true => format!("`.{name}` needs to be told what"),
        false => format!("there is no command `.{name}`"),
    };
    let diagnostic = Diagnostic::error("unknown_command", message);
    let near = closest(name, COMMANDS.iter().copied()).filter(|near| *near != name);
    Failure::usage(match near {
        Some(near) => diagnostic.help(format!("did you mean `.{near}`?")),
        None => diagnostic.help(".help lists the commands"),
    })
}

fn unknown(what: &str, name: &str, names: Vec<&str>) -> Failure {
    let diagnostic = Diagnostic::error("unknown_name", format!("there is no {what} `{}`", escape_control(name)));
    let diagnostic = diagnostic.did_you_mean(name, names.iter().copied());
    Failure::usage(match names.len() {
        1..=30 => diagnostic.help(format!("there are {}", names.join(", "))),
        _ => diagnostic,
    })
}

/// What is wrong in what is piped in is the script's fault, not that of whoever typed the command.
fn of_script(mut failure: Failure) -> Failure {
    if failure.exit == Exit::Usage {
        failure.exit = Exit::Fault;
    }
    failure
}

/// Returns every function with a doc that a name can be asked for: its module or package, and what is said of it.
fn documented(packages: &PackageSet) -> Vec<(String, FunctionAnnotation)> {
    let mut found = Vec::new();
    for (module, text) in standard_library() {
        let functions = read_annotations(text).functions;
        // What `db` hands out is no table of the file's own.
        found.extend(
            functions.into_iter().filter(|function| function.exported || function.name.starts_with("M.")).map(
                |mut function| {
                    function.name = function.name.trim_start_matches("M.").to_owned();
                    (module.to_owned(), function)
                },
            ),
        );
    }
    for package in &packages.packages {
        for script in package.scripts.iter().filter(|script| script.in_scripts && !script.is_test) {
            if script.path == "init.lua" || script.path.starts_with("db/") {
                let functions = read_annotations(&packages.sources.get(script.source).text).functions;
                found.extend(
                    functions.into_iter().filter(|f| f.exported).map(|function| (package.id.clone(), function)),
                );
            }
        }
    }
    found
}

/// Breaks a text into lines of the terminal's width, behind a label.
fn entry(label: &str, text: &str) -> String {
    let indent = " ".repeat(label.chars().count());
    let (mut out, mut column) = (label.to_owned(), label.chars().count());
    for (index, word) in text.split(' ').enumerate() {
        let length = word.chars().count();
        if index > 0 && column + 1 + length > width() {
            out.push_str(&format!("\n{indent}"));
            column = indent.len();
        } else if index > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

/// Returns where the history lies: in the project, else in the user's folder for such things.
fn history_file() -> Option<PathBuf> {
    let folder = match project::project_folder(None) {
        Some(folder) => folder.join(".mbl"),
        None => {
            let folder = |name: &str| std::env::var_os(name).filter(|folder| !folder.is_empty()).map(PathBuf::from);
            let state = folder("XDG_STATE_HOME").or_else(|| folder("LOCALAPPDATA"));
            state.or_else(|| Some(folder("HOME")?.join(".local/state")))?.join("mbl")
        }
    };
    fs::create_dir_all(&folder).ok()?;
    Some(folder.join("history"))
}

fn colored(text: &str, output: Output) -> String {
    match colors(std::io::stdout().is_terminal()) && !output.json {
        true => paint_lua(text),
        false => text.to_owned(),
    }
}

/// Colors Lua text.
fn paint_lua(text: &str) -> String {
    let (mut out, mut at) = (String::new(), 0);
    for piece in pieces(text) {
        out.push_str(&text[at..piece.start]);
        let code = match piece.kind {
            Kind::Keyword => "35",
            Kind::Text { .. } => "32",
            Kind::Number => "36",
            Kind::Comment => "2",
            Kind::Name | Kind::Mark => "",
        };
        match code {
            "" => out.push_str(piece.text),
            code => out.push_str(&format!("\x1b[{code}m{}\x1b[0m", piece.text)),
        }
        at = piece.end();
    }
    out.push_str(&text[at..]);
    out
}

/// Completes and colors what is being typed.
#[derive(Helper, Hinter, Validator)]
struct Assistant {
    session: Arc<Session>,
    packages: RefCell<Arc<PackageSet>>,
    /// The lines of the entry before the one that is being typed.
    pending: RefCell<String>,
    color: bool,
}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(&self, line: &str, position: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let pair = |text: String| Pair { display: text.clone(), replacement: text };
        let pending = self.pending.borrow();
        if pending.is_empty() && line.starts_with('.') && !line[..position].contains(' ') {
            let names =
                COMMANDS.iter().map(|name| format!(".{name}")).filter(|name| name.starts_with(&line[..position]));
            return Ok((0, names.map(pair).collect()));
        }
        let known = Known { session: &self.session, packages: self.packages.borrow().clone() };
        let text = format!("{pending}{}", &line[..position]);
        let (start, found) = complete(&text, &known);
        Ok((start.saturating_sub(pending.len()), found.into_iter().map(pair).collect()))
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        match self.color && !line.starts_with('.') {
            true => Cow::Owned(paint_lua(line)),
            false => Cow::Borrowed(line),
        }
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.color && kind != CmdKind::MoveCursor
    }
}

/// The world of a dialogue, for completion.
struct Known<'a> {
    session: &'a Session,
    packages: Arc<PackageSet>,
}

impl World for Known<'_> {
    fn schema(&self) -> &Schema {
        &self.packages.schema
    }

    fn members(&self, path: &[&str]) -> Vec<(String, bool)> {
        self.session.members(path).unwrap_or_default()
    }

    fn packages(&self) -> Vec<String> {
        self.packages.packages.iter().map(|package| package.id.clone()).collect()
    }

    fn functions(&self, module: &str) -> Vec<String> {
        if self.packages.package(module).is_some() {
            return self.session.runtime().operations(module).unwrap_or_default();
        }
        let functions = documented(&self.packages).into_iter().filter(|(owner, _)| owner == module);
        functions.map(|(_, function)| function.name).collect()
    }
}
