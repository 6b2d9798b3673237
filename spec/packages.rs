//! The Lua specs of each package under `packages/`, and those of the standard library.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use mbl::Runtime;
use mbl::diag::RenderOptions;
use mbl::package::Wanted;
use mbl::runtime::{Outcome, TestOptions};

use crate::cli::{Folder, copy_tree, root};

#[test]
fn the_specs_of_the_packages_pass() {
    let packages = folders(&root().join("packages"));
    assert!(!packages.is_empty(), "there are packages");
    let faults: Vec<String> = packages.iter().filter_map(|package| run_specs(package).err()).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Stands around the operations of a package, and says how each call ended.
const WATCHED: &str = r"
return function(operations)
  local watched = {}
  for name, operation in pairs(operations) do
    watched[name] = type(operation) == 'function' and function(...)
      local results = table.pack(pcall(operation, ...))
      print('WATCHED', results[1] and 'works' or 'refuses', name)
      if not results[1] then
        error(results[2], 0)
      end
      return table.unpack(results, 2, results.n)
    end or operation
  end
  return watched
end
";

#[test]
fn each_operation_is_seen_to_work_and_to_refuse_by_the_specs_of_its_package() {
    let project = Folder::new();
    copy_tree(&root().join("packages"), &project.path);
    let (mut faults, mut tests) = (Vec::new(), 0);
    for package in folders(&project.path) {
        let scripts = package.join("seed/scripts");
        fs::write(scripts.join("watched.lua"), WATCHED).expect("it can be written");
        for file in fs::read_dir(scripts.join("db")).expect("it is a folder").flatten() {
            let text = fs::read_to_string(file.path()).expect("it is text");
            let body = text.strip_suffix("return M\n").expect("a module returns M");
            fs::write(file.path(), format!("{body}return require('watched')(M)\n")).expect("it can be written");
        }
        let seen: Arc<Mutex<BTreeSet<String>>> = Arc::default();
        let lines = seen.clone();
        let runtime = Runtime::builder()
            .only(Wanted::Path(package.clone()))
            .in_memory()
            .sandbox_program(env!("CARGO_BIN_EXE_mbl"))
            .on_print(move |line| {
                let line = String::from_utf8_lossy(line).trim_end().to_owned();
                lines.lock().expect("nothing panics").extend(line.strip_prefix("WATCHED\t").map(str::to_owned));
            })
            .build()
            .unwrap_or_else(|error| panic!("{}: {error}", package.display()));
        tests += runtime.test(&TestOptions::default(), &mut |_| {}).expect("they run").tests.len();
        let id = package.file_name().expect("it has a name").to_string_lossy().into_owned();
        let set = runtime.packages();
        // Nothing can be wrong about a call without arguments.
        let takes_nothing = |name: &str| {
            let scripts = set.package(&id).expect("it is there").scripts.iter().filter(|script| !script.is_test);
            scripts
                .map(|script| &set.sources.get(script.source).text)
                .any(|text| text.contains(&format!("function M.{name}()")))
        };
        let seen = seen.lock().expect("nothing panics");
        for name in runtime.operations(&id).expect("it is loaded") {
            for how in ["works", "refuses"] {
                let cannot = how == "refuses" && takes_nothing(&name);
                if !cannot && !seen.contains(&format!("{how}\t{name}")) {
                    faults.push(format!("{id}.{name}: no spec sees that it {how}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(tests >= 1400, "only {tests} tests");
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
