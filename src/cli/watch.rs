//! `mbl run --watch`: stays, reloads when files change, and says what came of it.

use std::io::Read;
use std::sync::mpsc::{self, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use mbl::diag::escape_control;
use mbl::lua::LogRecord;
use mbl::runtime::{Event, Generation, Reload, TestOptions, WatchOptions};
use mbl::{Runtime, RuntimeBuilder};
use serde_json::{Value as Json, json};
use signal_hook::consts::SIGINT;

use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::output::{Output, Paint, diagnostics_json, script_error_json, write_stdout};
use crate::cli::run::counted;
use crate::cli::terminal::{ENDING, Keys, on_signals};
use crate::cli::test;

/// What there is to do or to tell.
pub enum Message {
    Reloaded(Reload),
    Failed { generation: u64, files: Vec<String>, failure: Failure },
    Key(u8),
}

/// Lets a runtime tell this command what happens in it.
pub fn listen(builder: RuntimeBuilder, messages: Sender<Message>, output: Output) -> RuntimeBuilder {
    let messages = Mutex::new(messages);
    let builder = builder.on_event(move |event| {
        let message = match event {
            Event::Reloaded(reload) => Message::Reloaded((*reload).clone()),
            Event::ReloadFailed { generation, files, error, .. } => {
                Message::Failed { generation: *generation, files: files.to_vec(), failure: Failure::of(error) }
            }
            _ => return,
        };
        let _ = messages.lock().unwrap_or_else(PoisonError::into_inner).send(message);
    });
    if !output.json {
        return builder;
    }
    builder.on_log(write_log).on_print(|bytes| {
        let text = String::from_utf8_lossy(bytes);
        write_event(&json!({ "event": "log", "level": "print", "message": text.strip_suffix('\n').unwrap_or(&text) }));
    })
}

/// Reloads until a key or a signal ends it.
pub fn watch(
    runtime: &Runtime,
    messages: (Sender<Message>, mpsc::Receiver<Message>),
    options: &WatchOptions,
    took: Duration,
    output: Output,
) -> Outcome<Exit> {
    let (sender, receiver) = messages;
    let terminal = Keys::enter();
    end_at_interrupt(terminal.clone())?;
    let _watch = runtime.watch(options)?;
    ready(&runtime.generation(), took, output);
    if terminal.is_some() {
        output.note("keys: r reload · t test · q quit");
        thread::spawn(move || {
            for key in std::io::stdin().lock().bytes().map_while(Result::ok) {
                if sender.send(Message::Key(key)).is_err() {
                    break;
                }
            }
        });
    }
    for message in receiver {
        match message {
            Message::Reloaded(reload) => reloaded(runtime, &reload, output),
            Message::Failed { generation, files, failure } => failed(runtime, generation, &files, &failure, output),
            Message::Key(b'r') => drop(runtime.reload()),
            Message::Key(b't') => run_tests(runtime, output),
            Message::Key(b'q' | 4) => break,
            Message::Key(_) => {}
        }
    }
    if let Some(terminal) = terminal {
        terminal.leave();
    }
    Ok(Exit::Done)
}

fn ready(generation: &Generation, took: Duration, output: Output) {
    let packages: Vec<_> = generation.packages().packages.iter().filter(|package| package.wanted).collect();
    let scripts = packages.iter().flat_map(|package| &package.scripts).filter(|script| !script.is_test).count();
    if output.json {
        write_event(&json!({
            "event": "ready",
            "generation": generation.number(),
            "packages": packages.iter().map(|package| &package.id).collect::<Vec<_>>(),
            "ms": took.as_millis() as u64,
        }));
        return;
    }
    let mut watched = Vec::new();
    if packages.len() > 1 {
        watched.push(counted(packages.len(), "package"));
    }
    watched.push(counted(scripts, "script"));
    for name in ["components.json", "metadata.json"] {
        if packages.iter().any(|package| package.data.iter().any(|file| file.path == name)) {
            watched.push(name.to_owned());
        }
    }
    if packages.iter().any(|package| package.schema.is_some()) {
        watched.push("schema.prisma".to_owned());
    }
    output.line(&format!("ready {} ms · watching {}", took.as_millis().max(1), watched.join(", ")));
}

fn reloaded(runtime: &Runtime, reload: &Reload, output: Output) {
    if output.json {
        return write_event(&json!({
            "event": "reload",
            "ok": true,
            "generation": reload.generation,
            "changed": reload.files,
            "operations": { "added": reload.added, "removed": reload.removed, "changed": reload.changed },
            "schema": reload.schema,
            "sql": reload.sql,
            "ms": reload.time.as_millis() as u64,
        }));
    }
    let mut facts = vec![format!("generation {}", reload.generation)];
    for (list, what) in [(&reload.added, "added"), (&reload.removed, "removed"), (&reload.changed, "changed")] {
        match list.as_slice() {
            [] => {}
            [one] if what != "changed" => facts.push(format!("{} {what}", one.split('.').next_back().unwrap_or(one))),
            many => facts.push(format!("{} {what}", counted(many.len(), "operation"))),
        }
    }
    facts.extend(reload.schema.iter().cloned());
    facts.push(format!("{} ms", reload.time.as_millis().max(1)));
    output.line(&format!(
        "{}  {}  {}",
        output.paint(Paint::Dim, &clock()),
        files_line(runtime, &reload.files),
        output.paint(Paint::Green, &facts.join(" · "))
    ));
    if output.verbose {
        for statement in &reload.sql {
            output.line(&output.paint(Paint::Dim, &format!("  {}", escape_control(statement))));
        }
    }
}

fn failed(runtime: &Runtime, generation: u64, files: &[String], failure: &Failure, output: Output) {
    if output.json {
        let mut event = json!({
            "event": "reload",
            "ok": false,
            "generation": generation,
            "changed": files,
            "diagnostics": diagnostics_json(&failure.diagnostics, &failure.sources),
        });
        if let Some(error) = &failure.script {
            event["error"] = script_error_json(error);
        }
        return write_event(&event);
    }
    output.line(&format!(
        "{}  {}  {}",
        output.paint(Paint::Dim, &clock()),
        files_line(runtime, files),
        output.paint(Paint::Red, &format!("reload failed, generation {generation} goes on"))
    ));
    output.failure("run", failure);
}

/// Names the files that changed as short as can be.
fn files_line(runtime: &Runtime, files: &[String]) -> String {
    let packages = runtime.packages();
    let short = |file: &String| {
        let inner = packages.packages.iter().find_map(|package| file.strip_prefix(&*package.display));
        let inner = inner.and_then(|inner| inner.strip_prefix('/')).unwrap_or(file);
        inner.strip_prefix("scripts/").unwrap_or(inner).to_owned()
    };
    escape_control(&match files {
        [] => "again".to_owned(),
        [one] => short(one),
        [one, two] => format!("{}, {}", short(one), short(two)),
        [one, rest @ ..] => format!("{} and {} more", short(one), rest.len()),
    })
}

fn run_tests(runtime: &Runtime, output: Output) {
    let report = runtime.test(&TestOptions::default(), &mut |event| test::show_event(event, output));
    match report {
        Ok(report) if !output.json => {
            let (passed, failed, skipped) = report.counts();
            output.line(&format!("{failed} failed, {passed} passed, {skipped} skipped"));
        }
        Ok(_) => {}
        Err(error) => output.failure("test", &error.into()),
    }
}

fn write_log(record: LogRecord) {
    write_event(&json!({
        "event": "log",
        "level": record.level,
        "package": record.package,
        "message": record.message,
        "fields": record.fields,
    }));
}

fn write_event(event: &Json) {
    write_stdout(format!("{event}\n"));
}

/// Returns the time of day, as the clock on the wall has it.
fn clock() -> String {
    jiff::Zoned::now().strftime("%H:%M:%S").to_string()
}

/// Ends the program with 130 at Ctrl-C, and with 128 and its number at another signal that ends programs, whatever is under way.
fn end_at_interrupt(terminal: Option<Keys>) -> Outcome<()> {
    on_signals(ENDING, move |signal| {
        if let Some(terminal) = &terminal {
            terminal.leave();
        }
        std::process::exit(match signal {
            SIGINT => Exit::Interrupted as i32,
            signal => 128 + signal,
        });
    })
}
