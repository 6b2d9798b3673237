//! `mbl check`: what is wrong with packages.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, ValueEnum};
use mbl::diag::{Diagnostic, Diagnostics, Severity, Source, Sources};
use mbl::package::PackageSet;
use serde_json::{Map, Value as Json, json};

use crate::cli::Common;
use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::explain;
use crate::cli::output::{Output, write_stdout};
use crate::cli::project::{self, Print};

#[derive(Args)]
#[command(
    after_help = "Examples:\n  mbl check packages\n  mbl check packages --fix\n  mbl check packages --format sarif > findings.sarif\n  mbl explain unknown_field"
)]
pub struct CheckArgs {
    /// Packages' folders, or folders of packages
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// How findings are written; all but text go to stdout
    #[arg(long, value_enum, default_value = "text", conflicts_with = "json")]
    format: Format,
    /// Mend what can be mended without doing harm, then check again
    #[arg(long)]
    fix: bool,
    /// Also load every module and run every test, and say which of them do not work here
    #[arg(long)]
    compat: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON object, as with --json
    Json,
    /// Commands for GitHub Actions, which shows them beside the lines
    Github,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

/// Names everything that is wrong with the packages and can be known without running them.
pub fn check(common: &Common, args: &CheckArgs, output: Output) -> Outcome<Exit> {
    let begun = Instant::now();
    let format = if output.json { Format::Json } else { args.format };
    let read = || project::with_paths(common, &args.paths, Print::Stderr, output).check();
    let mut set = read()?;
    let mut fixed = 0;
    // What is mended may show what stood behind it.
    for _ in 0..if args.fix { MOST_ROUNDS } else { 0 } {
        let mended = mend(&set)?;
        if mended == 0 {
            break;
        }
        fixed += mended;
        set = read()?;
    }
    let compat = match args.compat {
        true => Some(crate::cli::compat::run(common, &args.paths, output)?),
        false => None,
    };
    let (errors, warnings) = set.diagnostics.counts();
    match format {
        Format::Json => {
            let output = Output { json: true, ..output };
            let mut summary = json!({ "errors": errors, "warnings": warnings, "packages": packages(&set) });
            if args.fix {
                summary["fixed"] = json!(fixed);
            }
            let mut more = Map::new();
            if let Some(compat) = &compat {
                more.insert("compat".into(), compat.json());
            }
            output.report("check", errors == 0, &set.diagnostics, &set.sources, more, summary);
        }
        Format::Github => write_stdout(github(&set.diagnostics, &set.sources)),
        Format::Sarif => write_stdout(sarif(&set.diagnostics, &set.sources) + "\n"),
        Format::Text => {
            output.findings(&set.diagnostics, &set.sources);
            if let Some(compat) = &compat {
                compat.show(output);
            }
            if !output.quiet {
                output.line(&summary(&set, fixed, begun));
            }
        }
    }
    Ok(Exit::of(&set.diagnostics))
}

fn packages(set: &PackageSet) -> usize {
    set.packages.iter().chain(&set.refused).filter(|package| package.wanted).count()
}

/// Says in one line how it went: `2 errors, 1 warning in 3 files (15 packages checked, 41 ms)`.
fn summary(set: &PackageSet, fixed: usize, begun: Instant) -> String {
    let (errors, warnings) = set.diagnostics.counts();
    let mut files: Vec<String> = set.diagnostics.iter().filter_map(|finding| file_of(finding, &set.sources)).collect();
    files.sort();
    files.dedup();
    let places = match files.len() {
        0 => String::new(),
        count => format!(" in {}", plural(count, "file")),
    };
    let mended = if fixed > 0 { format!("{} mended, ", plural(fixed, "fault")) } else { String::new() };
    format!(
        "{mended}{}, {}{places} ({} checked, {} ms)",
        plural(errors, "error"),
        plural(warnings, "warning"),
        plural(packages(set), "package"),
        begun.elapsed().as_millis()
    )
}

fn file_of(finding: &Diagnostic, sources: &Sources) -> Option<String> {
    match (finding.span, &finding.path) {
        (Some(span), _) => Some(sources.get(span.source).name.to_string()),
        (None, Some(path)) => Some(path.display().to_string()),
        (None, None) => None,
    }
}

/// Counts something: `1 error`, `2 errors`.
pub fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// How often files are mended and checked again.
const MOST_ROUNDS: usize = 5;

const MARK: &str = "\u{feff}";

/// Changes the files as the findings say; returns how many were mended.
fn mend(set: &PackageSet) -> Outcome<usize> {
    let mut by_file: BTreeMap<&str, (&Source, Vec<&Diagnostic>)> = BTreeMap::new();
    for finding in &set.diagnostics {
        let Some(span) = finding.fix.as_ref().map(|fix| fix.span).or(finding.span) else { continue };
        if finding.fix.is_some() || finding.code == "byte_order_mark" {
            let source = set.sources.get(span.source);
            by_file.entry(&source.name).or_insert((source, Vec::new())).1.push(finding);
        }
    }
    let mut mended = 0;
    for (name, (source, findings)) in by_file {
        let path = Path::new(name);
        let unwritable = |error: io::Error| {
            let fault = Diagnostic::error("unwritable_file", format!("`{name}` cannot be changed: {error}"));
            Failure::new(Exit::Environment, fault)
        };
        let whole = fs::read_to_string(path).map_err(unwritable)?;
        let (mark, mut text) = match whole.strip_prefix(MARK) {
            Some(text) => (MARK, text.to_owned()),
            None => ("", whole.clone()),
        };
        // Whoever changed it meanwhile knows better.
        if text != *source.text {
            continue;
        }
        let without_mark = findings.iter().any(|finding| finding.code == "byte_order_mark");
        let mut fixes: Vec<_> = findings.iter().filter_map(|finding| finding.fix.as_ref()).collect();
        fixes.sort_by_key(|fix| (fix.span.start, fix.span.end));
        fixes.dedup();
        let mut before = u32::MAX;
        for fix in fixes.iter().rev() {
            // Of two changes of one place, the second waits for the next time.
            if fix.span.end <= before {
                text.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.text);
                before = fix.span.start;
                mended += 1;
            }
        }
        mended += usize::from(without_mark);
        let mark = if without_mark { "" } else { mark };
        write_whole(path, &format!("{mark}{text}")).map_err(unwritable)?;
    }
    Ok(mended)
}

/// Writes a file so that it is there whole or as it was.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    // A link stays one.
    let path = fs::canonicalize(path)?;
    let mut beside = path.clone().into_os_string();
    beside.push(".mbl-new");
    let beside = PathBuf::from(beside);
    let written = fs::write(&beside, text)
        .and_then(|()| fs::set_permissions(&beside, fs::metadata(&path)?.permissions()))
        .and_then(|()| fs::rename(&beside, &path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Where a finding is, for formats that say it in numbers.
struct Place {
    file: String,
    /// Line and column of the first character, and of the one behind the last, from 1.
    region: Option<((u32, u32), (u32, u32))>,
}

fn place(finding: &Diagnostic, sources: &Sources) -> Option<Place> {
    let file = file_of(finding, sources)?.replace('\\', "/");
    let region = finding.span.map(|span| {
        let source = sources.get(span.source);
        (source.position(span.start), source.position(span.end))
    });
    Some(Place { file, region })
}

/// Writes findings as commands of GitHub Actions.
fn github(diagnostics: &Diagnostics, sources: &Sources) -> String {
    let escape = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| escape(text).replace(':', "%3A").replace(',', "%2C");
    let mut out = String::new();
    for finding in diagnostics {
        let mut properties = Vec::new();
        if let Some(place) = place(finding, sources) {
            properties.push(format!("file={}", property(&place.file)));
            if let Some(((line, column), (end_line, end_column))) = place.region {
                properties.push(format!("line={line},endLine={end_line}"));
                // Columns of several lines mean nothing there.
                if line == end_line {
                    properties.push(format!("col={column},endColumn={end_column}"));
                }
            }
        }
        properties.push(format!("title={}", property(finding.code)));
        let text = std::iter::once(&finding.message).chain(&finding.help).map(String::as_str).collect::<Vec<_>>();
        out.push_str(&format!("::{} {}::{}\n", word(finding.severity), properties.join(","), escape(&text.join("\n"))));
    }
    out
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// Writes findings as SARIF 2.1.0.
fn sarif(diagnostics: &Diagnostics, sources: &Sources) -> String {
    let mut codes: Vec<&str> = diagnostics.iter().map(|finding| finding.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let rules: Vec<Json> = codes
        .iter()
        .map(|code| {
            let page = explain::page(code).unwrap_or_default();
            let short = page.lines().next().unwrap_or(code);
            json!({ "id": code, "shortDescription": { "text": short }, "help": { "text": page, "markdown": page } })
        })
        .collect();
    let results: Vec<Json> = diagnostics
        .iter()
        .map(|finding| {
            let text = std::iter::once(&finding.message).chain(&finding.help).map(String::as_str).collect::<Vec<_>>();
            let mut result = json!({
                "ruleId": finding.code,
                "ruleIndex": codes.iter().position(|code| *code == finding.code),
                "level": word(finding.severity),
                "message": { "text": text.join("\n") },
            });
            if let Some(place) = place(finding, sources) {
                let mut location = json!({ "artifactLocation": { "uri": uri(&place.file) } });
                if let Some(((line, column), (end_line, end_column))) = place.region {
                    location["region"] = json!({
                        "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column,
                    });
                }
                result["locations"] = json!([{ "physicalLocation": location }]);
            }
            result
        })
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "mbl", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_string_pretty(&log).expect("a value of strings and numbers can be written")
}

/// Writes a path as a URI; a relative one stays relative.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    if path.starts_with('/') { format!("file://{uri}") } else { uri }
}
