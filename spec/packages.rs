//! The Lua specs of each package under `packages/`.

use std::fs;
use std::path::Path;

use mbl::Runtime;
use mbl::diag::RenderOptions;
use mbl::package::Wanted;
use mbl::runtime::{Outcome, TestOptions};

use crate::cli::{Folder, root};

#[test]
fn the_specs_of_the_packages_pass() {
    let mut packages: Vec<_> = fs::read_dir(root().join("packages"))
        .expect("packages is a folder")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    packages.sort();
    assert!(!packages.is_empty(), "there are packages");
    let faults: Vec<String> = packages.iter().filter_map(|package| run_specs(package).err()).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_specs_of_the_standard_library_pass() {
    let (folder, from) = (Folder::new(), root().join("spec/stdlib"));
    let seed = folder.path.join("standard/seed");
    fs::create_dir_all(seed.join("scripts/tests")).expect("a folder can be made");
    let metadata =
        r#"{ "packageId": "standard", "name": "Standard", "version": "1.0.0", "capabilities": ["db.raw", "sandbox"] }"#;
    fs::write(seed.join("metadata.json"), metadata).expect("a file can be written");
    fs::write(seed.join("scripts/init.lua"), "return {}").expect("a file can be written");
    fs::copy(from.join("schema.prisma"), seed.join("schema.prisma")).expect("a file can be copied");
    for entry in fs::read_dir(&from).expect("it is a folder").flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "lua") {
            fs::copy(entry.path(), seed.join("scripts/tests").join(entry.file_name())).expect("a file can be copied");
        }
    }
    assert_eq!(run_specs(&folder.path.join("standard")), Ok(()));
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
