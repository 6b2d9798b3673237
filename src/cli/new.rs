//! `mbl new`: the files of a package that checks and tests.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use mbl::diag::{Diagnostic, Diagnostics, Sources, escape_control};
use mbl::generate;
use mbl::package::PackageSet;
use serde_json::{Map, json};

use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::generate::write_whole;
use crate::cli::output::Output;
use crate::cli::project::{self, Print};
use crate::cli::{Common, counts};

#[derive(Args)]
pub struct NewArgs {
    /// The package's name: letters, digits and `_`
    #[arg(value_name = "NAME")]
    name: String,
    /// Give it this model, with operations, a page and specs
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
}

/// Makes a package; what is there already is left alone.
pub fn new(common: &Common, args: &NewArgs, output: Output) -> Outcome<Exit> {
    let root = root(common);
    let folder = root.join(&args.name);
    let set = neighbours(common, output)?;
    let files = generate::package(&args.name, args.model.as_deref(), &set)
        .map_err(|message| Failure::usage(Diagnostic::error("bad_name", escape_control(&message))))?;
    if folder.exists() {
        return Err(Failure::usage(
            Diagnostic::error("folder_exists", format!("`{}` is there already", folder.display()))
                .help("nothing is overwritten; choose another name, or move it away"),
        ));
    }
    for file in &files {
        if let Err(failure) = write_whole(&folder.join(&file.name), &file.text) {
            // Half a package is none.
            let _ = fs::remove_dir_all(&folder);
            return Err(failure);
        }
    }
    let names: Vec<String> = files.iter().map(|file| folder.join(&file.name).display().to_string()).collect();
    if output.json {
        let mut more = Map::new();
        more.insert("package".into(), json!(args.name));
        more.insert("path".into(), json!(folder.display().to_string()));
        more.insert("files".into(), json!(names));
        let none = Diagnostics::new();
        output.report("new", true, &none, &Sources::new(), more, counts(&none));
    } else if !output.quiet {
        for name in &names {
            output.line(name);
        }
        let folder = folder.display();
        output.note(&format!(
            "Next:  mbl check {folder}  ·  mbl test {folder}  ·  mbl run {folder} --watch  ·  mbl generate lua"
        ));
    }
    Ok(Exit::Done)
}

/// Returns where the package goes: where packages lie, else here.
fn root(common: &Common) -> PathBuf {
    let roots = project::roots(common);
    roots.into_iter().find(|root| root.is_dir()).unwrap_or_default()
}

/// Reads the packages that are there, whose names and models are taken.
fn neighbours(common: &Common, output: Output) -> Outcome<PackageSet> {
    let roots = project::roots(common).into_iter().filter(|root: &PathBuf| Path::is_dir(root));
    let builder =
        roots.fold(project::without_packages(common, Print::Stderr, output), |builder, root| builder.packages(root));
    Ok(builder.read()?)
}
