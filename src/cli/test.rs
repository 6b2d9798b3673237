//! `mbl test`: the Lua specs of packages.

use std::path::PathBuf;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use clap::Args;
use mbl::diag::Diagnostic;
use mbl::runtime::{Outcome as TestOutcome, TestEvent, TestOptions, TestReport, TestResult};
use serde_json::{Map, json};

use crate::cli::Common;
use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::output::{Output, Paint, places, script_error_json};
use crate::cli::project::{self, Print};

#[derive(Args)]
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
}

/// Runs specs, each test in a transaction that is rolled back.
pub fn test(common: &Common, args: &TestArgs, output: Output) -> Outcome<Exit> {
    let begun = Instant::now();
    let seed = args.seed.unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::from(now.subsec_nanos()) % 100_000
    });
    let options = TestOptions { filter: args.filter.clone(), seed };
    let runtime = project::with_paths(common, &args.paths, Print::Stderr, output).in_memory().build()?;
    let report = runtime.test(&options, &mut |event| show_event(event, output))?;
    let mut findings = runtime.check();
    findings.extend(report.diagnostics.clone());
    let packages = runtime.packages();
    let sources = &packages.sources;
    if report.tests.is_empty() {
        let diagnostic = match &args.filter {
            Some(filter) => Diagnostic::error("no_tests", format!("no test has \"{filter}\" in its name"))
                .help("-f looks in a test's name with the names of its groups in front"),
            None => Diagnostic::error("no_tests", "there are no tests").help(
                "put specs into scripts/tests/*_spec.lua: describe('what', function() it('does', function() ... end) end)",
            ),
        };
        return Err(Failure::new(Exit::Fault, diagnostic));
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
        output.line(&format!(
            "{}   {:.2} s   seed {seed}{rerun}",
            output.paint(paint, &counts),
            begun.elapsed().as_secs_f64()
        ));
    }
    Ok(if ok { Exit::Done } else { Exit::Fault })
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
    let name = test.full_name();
    let time = match &test.outcome {
        TestOutcome::Skipped => "skipped".to_owned(),
        _ => format!("{} ms", test.time.as_millis()),
    };
    let room = 72usize.saturating_sub(name.chars().count()).max(time.len() + 2);
    output.line(&format!("  {mark} {name}{}", output.paint(Paint::Dim, &format!("{time:>room$}"))));
    if let TestOutcome::Failed(error) = &test.outcome {
        for line in error.message.lines().chain(places(error).lines()) {
            output.line(&format!("      {line}"));
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
    format!("\nrerun: mbl test {} -f \"{}\" --seed {seed}", paths.join(" "), failed.name.replace('"', "\\\""))
}
