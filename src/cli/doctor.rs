//! `mbl doctor`: what is wrong with this machine or this folder.

use std::path::Path;

use mbl::diag::{Diagnostic, Diagnostics, Sources};
use mbl::store::{DatabaseUrl, Location, Store};
use serde_json::{Map, json};

use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::output::{Output, Paint};
use crate::cli::project::{self, Print};
use crate::cli::run::counted;
use crate::cli::{Common, counts};

/// Looks at the project, its packages and its database, and changes nothing.
pub fn doctor(common: &Common, output: Output) -> Outcome<Exit> {
    let mut report = Report { output, lines: Vec::new(), findings: Diagnostics::new(), sources: Sources::new() };
    report.good("mbl", format!("{} on {}", env!("CARGO_PKG_VERSION"), std::env::consts::OS));
    let roots = project::roots(common);
    match roots.is_empty() {
        true => report.bad(
            "project",
            Diagnostic::warning("no_project", "there is no folder `packages` here or above")
                .help("go to a project, or name a folder of packages with --packages; mbl new NAME makes a package"),
        ),
        false => {
            let names: Vec<String> = roots.iter().map(|root| root.display().to_string()).collect();
            report.good("project", names.join(", "));
            packages(common, &mut report)?;
        }
    }
    database(common, &mut report);
    definitions(&mut report);
    let Report { findings, sources, lines, .. } = report;
    let (errors, _) = findings.counts();
    if output.json {
        let checks: Vec<_> =
            lines.iter().map(|(name, ok, text)| json!({ "check": name, "ok": ok, "text": text })).collect();
        let mut more = Map::new();
        more.insert("checks".into(), json!(checks));
        output.report("doctor", errors == 0, &findings, &sources, more, counts(&findings));
    } else {
        output.findings(&findings, &sources);
    }
    Ok(match errors {
        0 => Exit::Done,
        // The packages' own faults are 1, the machine's 3.
        _ if findings.iter().any(|finding| DATABASE.contains(&finding.code)) => Exit::Environment,
        _ => Exit::Fault,
    })
}

/// The codes of what is wrong with the database.
const DATABASE: &[&str] = &[
    "database",
    "cannot_open_database",
    "not_a_database",
    "damaged_database",
    "read_only_database",
    "database_locked",
    "database_full",
    "database_url",
    "no_such_folder",
    "foreign_keys",
];

/// What was looked at.
struct Report {
    output: Output,
    lines: Vec<(&'static str, bool, String)>,
    findings: Diagnostics,
    sources: Sources,
}

impl Report {
    fn good(&mut self, name: &'static str, text: String) {
        self.show(name, true, text);
    }

    fn bad(&mut self, name: &'static str, diagnostic: Diagnostic) {
        self.show(name, false, diagnostic.message.clone());
        self.findings.push(diagnostic);
    }

    fn show(&mut self, name: &'static str, ok: bool, text: String) {
        if !self.output.json && (!ok || !self.output.quiet) {
            let mark = if ok { self.output.paint(Paint::Green, "✓") } else { self.output.paint(Paint::Red, "✗") };
            self.output.line(&format!("{mark} {name:<10}{text}"));
        }
        self.lines.push((name, ok, text));
    }
}

fn packages(common: &Common, report: &mut Report) -> Outcome<()> {
    let set = project::with_paths(common, &[], Print::Stderr, report.output).read()?;
    let (errors, warnings) = set.diagnostics.counts();
    let text = format!(
        "{}, {}, {}",
        counted(set.packages.len(), "package"),
        counted(errors, "error"),
        counted(warnings, "warning")
    );
    report.show("packages", errors == 0, text);
    report.findings.extend(set.diagnostics);
    report.sources = set.sources;
    Ok(())
}

/// Finds out whether files can be made in a folder, or where the folder would be, by making one that is gone at once.
fn probe(folder: &Path) -> std::io::Result<()> {
    let folder = match (folder.is_dir(), folder.parent()) {
        (false, Some(parent)) if !parent.as_os_str().is_empty() => parent,
        (false, _) => Path::new("."),
        (true, _) => folder,
    };
    let file = folder.join(format!(".mbl-doctor-{}", std::process::id()));
    std::fs::File::create_new(&file)?;
    std::fs::remove_file(&file)
}

fn database(common: &Common, report: &mut Report) {
    let url = match DatabaseUrl::parse(&project::database(common, None)) {
        Ok(url) => url,
        Err(error) => return report.failure("database", Failure::from(mbl::Error::Store(error))),
    };
    match &url.location {
        Location::Memory => report.good("database", "in memory".to_owned()),
        Location::File(path) if !path.exists() => {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            match folder.is_dir() || folder.file_name().is_some_and(|name| name == ".mbl") {
                true => match probe(folder) {
                    Ok(()) => report.good("database", format!("{url} is not there yet; mbl run makes it")),
                    Err(error) => report.bad(
                        "database",
                        Diagnostic::error(
                            "cannot_open_database",
                            format!("`{url}` is not there yet, and cannot be made: {error}"),
                        )
                        .help("choose another file with --db, or look at the permissions of the folder"),
                    ),
                },
                false => report.bad(
                    "database",
                    Diagnostic::error(
                        "no_such_folder",
                        format!("there is no folder `{}` for the database", folder.display()),
                    )
                    .help("make the folder, or choose another file with --db"),
                ),
            }
        }
        Location::File(_) => match Store::open(&url)
            .and_then(|store| Ok((store.check_integrity()?, store.installed()?)))
        {
            Ok((faults, installed)) if faults.is_empty() => {
                report.good("database", format!("{url} is sound; {} installed", counted(installed.len(), "package")));
            }
            Ok((faults, _)) => report.bad(
                "database",
                Diagnostic::error("damaged_database", format!("`{url}` is damaged: {}", faults.join("; ")))
                    .help("bring back a copy of it, or choose another file with --db"),
            ),
            Err(error) => report.failure("database", Failure::from(mbl::Error::Store(error))),
        },
    }
}

impl Report {
    fn failure(&mut self, name: &'static str, failure: Failure) {
        for diagnostic in failure.diagnostics {
            self.bad(name, diagnostic);
        }
    }
}

/// Tells whether editors know the project.
fn definitions(report: &mut Report) {
    let root = project::project_folder(None).unwrap_or_default();
    match root.join(".luarc.json").is_file() {
        true => report
            .good("editor", ".luarc.json is there; mbl generate lua --check tells whether it is up to date".to_owned()),
        false => report.good("editor", "no .luarc.json; mbl generate lua makes definitions for completion".to_owned()),
    }
}
