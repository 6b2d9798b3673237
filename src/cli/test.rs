//! `mbl test`: the Lua specs of packages.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::Args;
use mbl::diag::{Diagnostic, escape_control};
use mbl::lua::LuaError;
use mbl::runtime::{Outcome as TestOutcome, TestEvent, TestOptions, TestReport, TestResult};
use mbl::watch::{Watcher, WatcherOptions};
use serde_json::{Map, json};

use crate::cli::Common;
use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::output::{Output, Paint, places, script_error_json};
use crate::cli::project::{self, Print};

#[derive(Args)]
#[command(
    after_help = "Examples:\n  mbl test packages\n  mbl test packages/forum_forge -f \"counts replies\"\n  mbl test packages --junit report.xml"
)]
pub struct TestArgs {
    /// Packages' folders, or folders of packages
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Only tests whose name, the names of their groups in front, contains this
    #[arg(long, short, value_name = "S")]
    filter: Option<String>,
    /// Order the spec files by this number
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Test so many packages at the same time [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// Stay, and test again when a file is saved: what it concerns first
    #[arg(long)]
    watch: bool,
    /// Also write the results to this file, as JUnit does
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write the results as TAP 14
    #[arg(long, conflicts_with = "json")]
    tap: bool,
}

/// Runs specs, each test in a transaction that is rolled back.
pub fn test(common: &Common, args: &TestArgs, output: Output) -> Outcome<Exit> {
    if args.watch {
        return watch(common, args, output);
    }
    run(common, args, output, &BTreeSet::new())
}

/// Tests, then waits for saves and tests again, until it is ended.
fn watch(common: &Common, args: &TestArgs, output: Output) -> Outcome<Exit> {
    let once = |first: &BTreeSet<String>| {
        if let Err(failure) = run(common, args, output, first) {
            output.failure("test", &failure);
        }
    };
    let (sender, receiver) = mpsc::channel();
    let options = WatcherOptions {
        folders: args.paths.clone(),
        endings: &["lua", "json", "prisma"],
        quiet: Duration::from_millis(50),
        patience: Duration::from_millis(500),
    };
    let _watcher = Watcher::start(options, move |paths| drop(sender.send(paths.to_vec()))).map_err(|error| {
        let fault = Diagnostic::error("watch", format!("the folders cannot be watched: {error}"));
        Failure::new(Exit::Environment, fault.help("run `mbl test` without --watch"))
    })?;
    once(&BTreeSet::new());
    while let Ok(paths) = receiver.recv() {
        output.note(&format!("\n{}", changed(&paths)));
        once(&concerned(common, args, output, &paths));
    }
    Ok(Exit::Done)
}

/// Names what was saved.
fn changed(paths: &[PathBuf]) -> String {
    match paths {
        [one] => one.display().to_string(),
        paths => format!("{} files changed", paths.len()),
    }
}

/// Returns the spec files that the scripts at these paths concern, as messages show them.
fn concerned(common: &Common, args: &TestArgs, output: Output, paths: &[PathBuf]) -> BTreeSet<String> {
    let Ok(set) = project::with_paths(common, &args.paths, Print::Stderr, output).read() else {
        return BTreeSet::new();
    };
    let saved: Vec<PathBuf> = paths.iter().filter_map(|path| path.canonicalize().ok()).collect();
    let scripts = set.packages.iter().flat_map(|package| &package.scripts);
    let changed: BTreeSet<_> = scripts
        .filter(|script| {
            let path = Path::new(&*set.sources.get(script.source).name).canonicalize();
            path.is_ok_and(|path| saved.contains(&path))
        })
        .map(|script| script.source)
        .collect();
    set.tests_of(&changed).into_iter().map(|source| set.sources.get(source).name.to_string()).collect()
}

/// Runs the specs once, those of `first` before the others.
fn run(common: &Common, args: &TestArgs, output: Output, first: &BTreeSet<String>) -> Outcome<Exit> {
    let begun = Instant::now();
    let seed = args.seed.unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::from(now.subsec_nanos()) % 100_000
    });
    let options =
        TestOptions { filter: args.filter.clone(), seed, jobs: args.jobs.map_or(0, usize::from), first: first.clone() };
    let runtime = project::with_paths(common, &args.paths, Print::Stderr, output).in_memory().build()?;
    let show = |event: &TestEvent| {
        if !args.tap {
            show_event(event, output)
        }
    };
    let report = runtime.test(&options, &mut |event| show(event))?;
    let mut findings = runtime.check();
    findings.extend(report.diagnostics.clone());
    let packages = runtime.packages();
    let sources = &packages.sources;
    if let Some(path) = &args.junit {
        std::fs::write(path, junit(&report, begun.elapsed())).map_err(|error| {
            let fault =
                Diagnostic::error("unwritable_file", format!("`{}` cannot be written: {error}", path.display()));
            Failure::new(Exit::Environment, fault)
        })?;
    }
    if args.tap {
        output.line(&tap(&report));
    }
    if report.tests.is_empty() {
        let diagnostic = match &args.filter {
            Some(filter) => Diagnostic::error("no_tests", format!("no test has \"{filter}\" in its name"))
                .help("-f looks in a test's name with the names of its groups in front"),
            None => Diagnostic::error("no_tests", "there are no tests").help(
                "put specs into scripts/tests/*_spec.lua: describe('what', function() it('does', function() ... end) end)",
            ),
        };
        findings.push(diagnostic);
        return Err(Failure { exit: Exit::Fault, diagnostics: findings, sources: sources.clone(), script: None });
    }
    let ok = report.is_success() && !findings.has_errors();
    let (passed, failed, skipped) = report.counts();
    if output.json {
        let summary = json!({ "passed": passed, "failed": failed, "skipped": skipped, "seed": seed });
        output.report("test", ok, &findings, sources, Map::new(), summary);
    } else {
        if findings.has_errors() {
            output.findings(&findings, sources);
        }
        let rerun = rerun(&report, args, seed);
        let paint = if ok { Paint::Green } else { Paint::Red };
        let counts = format!("{failed} failed, {passed} passed, {skipped} skipped");
        let line =
            format!("{}   {:.2} s   seed {seed}{rerun}", output.paint(paint, &counts), begun.elapsed().as_secs_f64());
        // TAP's own text is all that its readers take.
        if args.tap { output.note(&line) } else { output.line(&line) }
    }
    Ok(if ok { Exit::Done } else { Exit::Fault })
}

/// Says why a test failed: the message, then the places.
fn reason(error: &LuaError) -> String {
    format!("{}\n{}", error.message.trim_end(), places(error))
}

/// Writes the results as TAP 14.
fn tap(report: &TestReport) -> String {
    let mut out = format!("TAP version 14\n1..{}", report.tests.len());
    for (index, test) in report.tests.iter().enumerate() {
        // `#` begins a directive.
        let name = test.full_name().replace('\\', "\\\\").replace('#', "\\#").replace(['\n', '\r'], " ");
        let name = format!("{} {}", test.package, escape_control(&name));
        let number = index + 1;
        match &test.outcome {
            TestOutcome::Passed => out.push_str(&format!("\nok {number} - {name}")),
            TestOutcome::Skipped => out.push_str(&format!("\nok {number} - {name} # SKIP")),
            TestOutcome::Failed(error) => {
                out.push_str(&format!("\nnot ok {number} - {name}\n  ---\n  file: {}\n  message: |", json!(test.file)));
                for line in reason(error).lines() {
                    out.push_str(&format!("\n    {}", escape_control(line)));
                }
                out.push_str("\n  ...");
            }
        }
    }
    out
}

/// Writes the results as JUnit does: a suite for each spec file.
fn junit(report: &TestReport, time: Duration) -> String {
    let (_, failed, skipped) = report.counts();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"{}\" failures=\"{failed}\" skipped=\"{skipped}\" time=\"{:.3}\">\n",
        report.tests.len(),
        time.as_secs_f64()
    );
    let mut files: Vec<&str> = report.tests.iter().map(|test| &test.file[..]).collect();
    files.dedup();
    for file in files {
        let tests: Vec<&TestResult> = report.tests.iter().filter(|test| test.file == file).collect();
        let count = |wanted: fn(&TestOutcome) -> bool| tests.iter().filter(|test| wanted(&test.outcome)).count();
        let seconds: f64 = tests.iter().map(|test| test.time.as_secs_f64()).sum();
        out.push_str(&format!(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\" time=\"{seconds:.3}\">\n",
            xml(file),
            tests.len(),
            count(|outcome| matches!(outcome, TestOutcome::Failed(_))),
            count(|outcome| matches!(outcome, TestOutcome::Skipped)),
        ));
        for test in tests {
            let class = std::iter::once(&test.package).chain(&test.groups).map(|name| xml(name)).collect::<Vec<_>>();
            out.push_str(&format!(
                "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" time=\"{:.3}\"",
                class.join("."),
                xml(&test.name),
                xml(&test.file),
                test.time.as_secs_f64()
            ));
            out.push_str(&match &test.outcome {
                TestOutcome::Passed => "/>\n".to_owned(),
                TestOutcome::Skipped => "><skipped/></testcase>\n".to_owned(),
                TestOutcome::Failed(error) => format!(
                    "><failure message=\"{}\">{}</failure></testcase>\n",
                    xml(error.message.lines().next().unwrap_or("")),
                    xml(&reason(error))
                ),
            });
        }
        out.push_str("  </testsuite>\n");
    }
    out + "</testsuites>\n"
}

/// Writes a text so that it can stand in XML, which has no control characters.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            character if character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            character => out.push(character),
        }
    }
    out
}

/// Shows what happens while tests run.
pub fn show_event(event: &TestEvent, output: Output) {
    match event {
        TestEvent::Package { folder, .. } if !output.json && !output.quiet => output.line(folder),
        TestEvent::Package { .. } => {}
        TestEvent::Test(test) if output.json => output.line(&test_json(test)),
        TestEvent::Test(test) => show(test, output),
    }
}

fn show(test: &TestResult, output: Output) {
    let mark = match &test.outcome {
        TestOutcome::Passed if output.quiet => return,
        TestOutcome::Skipped if output.quiet => return,
        TestOutcome::Passed => output.paint(Paint::Green, "✓"),
        TestOutcome::Skipped => output.paint(Paint::Dim, "-"),
        TestOutcome::Failed(_) => output.paint(Paint::Red, "✗"),
    };
    let name = escape_control(&test.full_name().replace('\n', " "));
    let time = match &test.outcome {
        TestOutcome::Skipped => "skipped".to_owned(),
        _ => format!("{} ms", test.time.as_millis()),
    };
    let room = 72usize.saturating_sub(name.chars().count()).max(time.len() + 2);
    output.line(&format!("  {mark} {name}{}", output.paint(Paint::Dim, &format!("{time:>room$}"))));
    if let TestOutcome::Failed(error) = &test.outcome {
        for line in error.message.lines().chain(places(error).lines()) {
            output.line(&format!("      {}", escape_control(line)));
        }
    }
}

fn test_json(test: &TestResult) -> String {
    let (outcome, error) = match &test.outcome {
        TestOutcome::Passed => ("passed", None),
        TestOutcome::Skipped => ("skipped", None),
        TestOutcome::Failed(error) => ("failed", Some(script_error_json(error))),
    };
    json!({
        "event": "test",
        "package": test.package,
        "file": test.file,
        "groups": test.groups,
        "name": test.name,
        "outcome": outcome,
        "error": error,
    })
    .to_string()
}

/// Says how to run the first test that failed again.
fn rerun(report: &TestReport, args: &TestArgs, seed: u64) -> String {
    let Some(failed) = report.tests.iter().find(|test| matches!(test.outcome, TestOutcome::Failed(_))) else {
        return String::new();
    };
    let paths: Vec<String> = args.paths.iter().map(|path| path.display().to_string()).collect();
    format!("\nrerun: mbl test {} -f {} --seed {seed}", paths.join(" "), quoted(&failed.name))
}

/// Returns a part of a test's name as a shell takes it: nothing in it may be run.
fn quoted(name: &str) -> String {
    // What a terminal would not show cannot be typed; the longest part without it says enough.
    let part = name.split(char::is_control).max_by_key(|part| part.len()).unwrap_or("").trim();
    match part.contains(['"', '$', '`', '\\', '!']) {
        false => format!("\"{part}\""),
        true => format!("'{}'", part.replace('\'', r"'\''")),
    }
}
