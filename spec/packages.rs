//! The Lua specs of each package under `packages/`, and those of the standard library.

use std::fs;
use std::path::{Path, PathBuf};

use mbl::Runtime;
use mbl::diag::RenderOptions;
use mbl::package::Wanted;
use mbl::runtime::{Outcome, TestOptions};

use crate::cli::{Folder, root};

#[test]
fn the_specs_of_the_packages_pass() {
    let packages = folders(&root().join("packages"));
    assert!(!packages.is_empty(), "there are packages");
    let faults: Vec<String> = packages.iter().filter_map(|package| run_specs(package).err()).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<_> = fs::read_dir(path)
        .expect("it is a folder")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

#[test]
fn the_specs_of_the_standard_library_pass() {
    let folder = Folder::new();
    let seed = folder.path.join("standard_library/seed");
    let tests = seed.join("scripts/tests");
    fs::create_dir_all(&tests).expect("a folder can be made");
    for file in fs::read_dir(root().join("spec/stdlib")).expect("it is a folder").flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        let target = match () {
            _ if name.ends_with("_spec.lua") => tests.join(name),
            _ if name.ends_with(".lua") => seed.join("scripts").join(name),
            _ => seed.join(name),
        };
        fs::copy(file.path(), target).expect("a file can be copied");
    }
    run_specs(&folder.path.join("standard_library")).unwrap_or_else(|faults| panic!("{faults}"));
}

/// Runs a package's specs in memory; the error names every test that failed.
fn run_specs(package: &Path) -> Result<(), String> {
    let fault = |what: String| format!("{}: {what}", package.display());
    let runtime = Runtime::builder()
        .only(Wanted::Path(package.to_owned()))
        .in_memory()
        .sandbox_program(env!("CARGO_BIN_EXE_mbl"))
        .build()
        .map_err(|error| fault(error.to_string()))?;
    let report = runtime.test(&TestOptions::default(), &mut |_| {}).map_err(|error| fault(error.to_string()))?;
    let mut faults = Vec::new();
    let findings = runtime.check();
    if !findings.is_empty() {
        faults.push(findings.render(&runtime.packages().sources, RenderOptions::default()));
    }
    for test in &report.tests {
        if let Outcome::Failed(error) = &test.outcome {
            faults.push(fault(format!("{} ({}): {error}", test.full_name(), test.file)));
        }
    }
    if report.tests.is_empty() {
        faults.push(fault("there are no tests".into()));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}
