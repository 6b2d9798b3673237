//! `mbl check`: what is wrong with packages.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, json};

use crate::cli::Common;
use crate::cli::exit::{Exit, Outcome};
use crate::cli::output::Output;
use crate::cli::project::{self, Print};

#[derive(Args)]
pub struct CheckArgs {
    /// Packages' folders, or folders of packages
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// Names everything that is wrong with the packages and can be known without running them.
pub fn check(common: &Common, args: &CheckArgs, output: Output) -> Outcome<Exit> {
    let set = project::with_paths(common, &args.paths, Print::Stderr, output).check()?;
    let (errors, warnings) = set.diagnostics.counts();
    let packages = set.packages.iter().chain(&set.refused).filter(|package| package.wanted).count();
    if output.json {
        let summary = json!({ "errors": errors, "warnings": warnings, "packages": packages });
        output.report("check", errors == 0, &set.diagnostics, &set.sources, Map::new(), summary);
    } else {
        output.findings(&set.diagnostics, &set.sources);
        if !output.quiet {
            output.line(&format!(
                "{}, {} ({} checked)",
                plural(errors, "error"),
                plural(warnings, "warning"),
                plural(packages, "package")
            ));
        }
    }
    Ok(Exit::of(&set.diagnostics))
}

fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
