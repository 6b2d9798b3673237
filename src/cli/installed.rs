//! `mbl enable`, `mbl disable` and `mbl uninstall`: what a database knows of packages.

use std::path::{Path, PathBuf};

use clap::Args;
use mbl::RuntimeBuilder;
use mbl::diag::{Diagnostic, Diagnostics, Sources};
use mbl::package::Wanted;
use mbl::store::{DatabaseUrl, InstalledPackage, Location};
use serde_json::{Map, json};

use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::output::Output;
use crate::cli::project::{self, Print};
use crate::cli::run::counted;
use crate::cli::{Common, counts};

#[derive(Args)]
pub struct InstalledArgs {
    /// A package's folder, or its name
    #[arg(value_name = "PKG")]
    package: String,
}

/// Turns an installed package on or off; nothing of it is run.
pub fn set_enabled(common: &Common, args: &InstalledArgs, enabled: bool, output: Output) -> Outcome<Exit> {
    let found = Found::find(common, args, output)?;
    let changed = found.builder.set_enabled(&found.id, enabled)?;
    let (kind, state) = if enabled { ("enable", "enabled") } else { ("disable", "disabled") };
    if output.json {
        let mut more = Map::new();
        more.insert("package".into(), json!(found.id));
        more.insert("enabled".into(), json!(enabled));
        more.insert("changed".into(), json!(changed));
        report(kind, more, output);
    } else if !output.quiet {
        let already = if changed { "" } else { " already" };
        output.line(&format!("{} is{already} {state} in {}", found.id, found.database));
        if !enabled {
            for other in found.dependents(common, output)? {
                output.note(&format!("{other} needs it and is not loaded either"));
            }
            output.note(&format!("mbl enable {} turns it on again; its rows stay", found.id));
        }
    }
    Ok(Exit::Done)
}

/// Runs a package's `on_uninstall` and forgets that it was installed. Its tables stay.
pub fn uninstall(common: &Common, args: &InstalledArgs, output: Output) -> Outcome<Exit> {
    let found = Found::find(common, args, output)?;
    let dependents = found.dependents(common, output)?;
    if let [first, ..] = dependents.as_slice() {
        return Err(Failure::new(
            Exit::Refused,
            Diagnostic::error("needed_package", format!("{} is needed by {}", found.id, dependents.join(", ")))
                .help(format!("mbl uninstall {first} goes first")),
        ));
    }
    let (version, enabled) = (found.installed.version.clone(), found.installed.enabled);
    // Nothing of a package that is turned off is run.
    let tables = match enabled {
        true => {
            let runtime = found.builder.clone().build()?;
            let tables = runtime.row_counts(&found.id)?;
            runtime.uninstall(&found.id)?;
            tables
        }
        false => {
            found.builder.forget(&found.id)?;
            Vec::new()
        }
    };
    if output.json {
        let mut more = Map::new();
        more.insert("package".into(), json!(found.id));
        more.insert("version".into(), json!(version));
        more.insert("ranOnUninstall".into(), json!(enabled));
        let kept = tables.iter().map(|(model, rows)| json!({ "model": model, "rows": rows })).collect::<Vec<_>>();
        more.insert("kept".into(), json!(kept));
        report("uninstall", more, output);
    } else if !output.quiet {
        output.line(&format!("{} {version} is uninstalled from {}", found.id, found.database));
        if !enabled {
            output.note("it was disabled, so its `on_uninstall` was not run");
        }
        let kept: Vec<String> =
            tables.iter().map(|(model, rows)| format!("{model} ({})", counted(*rows as usize, "row"))).collect();
        output.note(&match kept.is_empty() {
            true => "its tables stay, if it has any".to_owned(),
            false => format!("its tables stay with their rows: {}", kept.join(", ")),
        });
    }
    Ok(Exit::Done)
}

fn report(kind: &str, more: Map<String, serde_json::Value>, output: Output) {
    let none = Diagnostics::new();
    output.report(kind, true, &none, &Sources::new(), more, counts(&none));
}

/// An installed package that was named.
struct Found {
    id: String,
    installed: InstalledPackage,
    builder: RuntimeBuilder,
    database: String,
    /// Where packages lie that may need it.
    roots: Vec<PathBuf>,
}

impl Found {
    fn find(common: &Common, args: &InstalledArgs, output: Output) -> Outcome<Self> {
        let (builder, wanted) = project::with_package(common, &args.package, Print::Stderr, output);
        let (id, roots) = match wanted {
            // Its folder may be gone.
            Wanted::Id(id) => (id, project::roots(common)),
            Wanted::Path(path) => {
                let set = builder.read()?;
                let package = set.packages.iter().chain(&set.refused).find(|package| package.wanted);
                let Some(package) = package else {
                    return Err(Failure::usage(
                        Diagnostic::error("no_package", format!("there is no package in `{}`", path.display()))
                            .help("name a package's folder, such as packages/forum_forge"),
                    ));
                };
                let mut roots = common.packages.clone();
                roots.extend(package.folder.parent().map(Path::to_owned));
                (package.id.clone(), roots)
            }
        };
        let database = builder.database_url()?;
        if let Location::File(path) = &database.location
            && !path.exists()
        {
            return Err(no_database(&database, &id));
        }
        let installed = builder.installed()?.into_iter().find(|package| package.id == id);
        let Some(installed) = installed else {
            let known = builder.installed()?;
            return Err(Failure::usage(
                Diagnostic::error("not_installed", format!("`{id}` is not installed in `{database}`"))
                    .did_you_mean(&id, known.iter().map(|package| package.id.as_str()))
                    .help(match known.is_empty() {
                        true => "nothing is installed there; `mbl run` installs packages".to_owned(),
                        false => format!(
                            "installed are {}",
                            known.iter().map(|package| package.id.as_str()).collect::<Vec<_>>().join(", ")
                        ),
                    }),
            ));
        };
        Ok(Self { id, installed, builder, database: database.to_string(), roots })
    }

    /// Returns the other installed packages that need it.
    fn dependents(&self, common: &Common, output: Output) -> Outcome<Vec<String>> {
        let builder = self
            .roots
            .iter()
            .filter(|root| root.is_dir())
            .fold(project::without_packages(common, Print::Stderr, output), RuntimeBuilder::packages);
        let set = builder.read()?;
        let installed = self.builder.installed()?;
        let needs = |id: &str| {
            let mut packages = set.packages.iter().chain(&set.refused);
            packages.any(|package| package.id == id && package.depends_on(&self.id))
        };
        Ok(installed.into_iter().map(|package| package.id).filter(|id| needs(id)).collect())
    }
}

fn no_database(url: &DatabaseUrl, id: &str) -> Failure {
    Failure::new(
        Exit::Environment,
        Diagnostic::error("no_database", format!("there is no database `{url}`, so `{id}` is not installed"))
            .help("`mbl run` makes it and installs packages; --db names another one"),
    )
}
