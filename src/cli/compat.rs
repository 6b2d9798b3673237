//! `mbl check --compat`: which modules load here and which tests pass, and whose fault it is when one does not.

use std::collections::BTreeMap;
use std::path::PathBuf;

use mbl::diag::Diagnostics;
use mbl::lua::LuaError;
use mbl::package::Package;
use mbl::runtime::{Outcome as TestOutcome, TestOptions};
use serde_json::{Value as Json, json};

use crate::cli::Common;
use crate::cli::exit::Outcome;
use crate::cli::output::Output;
use crate::cli::project::{self, Print};

/// What was tried, and what came of it.
#[derive(Default)]
pub struct Compat {
    packages: Vec<PackageCompat>,
}

#[derive(Default)]
struct PackageCompat {
    id: String,
    modules: usize,
    loaded: usize,
    tests: usize,
    passed: usize,
    skipped: usize,
    failures: Vec<Failed>,
}

/// A module that does not load, or a test that does not pass.
struct Failed {
    what: String,
    message: String,
    /// What the host does not have, when that is the reason; else it is the package's own fault.
    missing: Option<String>,
}

/// Modules that existing code may expect of a host, and that are none of a package.
const FOREIGN_MODULES: &[&str] = &[
    "bit",
    "bit32",
    "busted",
    "cjson",
    "dkjson",
    "ffi",
    "inspect",
    "lfs",
    "lpeg",
    "ltn12",
    "luassert",
    "luaunit",
    "mime",
    "pl",
    "rapidjson",
    "say",
    "socket",
    "ssl",
];

/// Loads every module of the packages and runs their tests.
pub fn run(common: &Common, paths: &[PathBuf], output: Output) -> Outcome<Compat> {
    let mut compat = Compat::default();
    let builder = project::with_paths(common, paths, Print::Stderr, output).on_print(|_| ()).on_log(|_| ()).in_memory();
    let set = builder.read()?;
    let is_module = |script: &&mbl::package::Script| script.in_scripts && !script.is_test;
    let (runtime, findings) = match builder.build() {
        Ok(runtime) => {
            let findings = runtime.check();
            (Some(runtime), findings)
        }
        Err(mbl::Error::Invalid(findings)) => (None, findings.diagnostics),
        Err(error) => return Err(error.into()),
    };
    let report = match &runtime {
        Some(runtime) => runtime.test(&TestOptions::default(), &mut |_| ())?,
        None => Default::default(),
    };
    for package in set.packages.iter().chain(&set.refused).filter(|package| package.wanted) {
        let modules = package.scripts.iter().filter(is_module).count() + package.unreadable.len();
        let mut found = PackageCompat { id: package.id.clone(), modules, ..PackageCompat::default() };
        let texts: Vec<&str> = package.scripts.iter().map(|script| &*set.sources.get(script.source).text).collect();
        let loads = runtime.as_ref().and_then(|runtime| runtime.load_modules(&package.id).ok());
        if loads.is_none() {
            found.explain_absence(package, &findings);
        }
        // What lies beside the specs outside of `scripts` is no module of the package.
        let is_own = |path: &str| package.scripts.iter().any(|script| is_module(&script) && script.path == path);
        for module in loads.unwrap_or_default().into_iter().filter(|module| is_own(&module.path)) {
            match &module.error {
                None => found.loaded += 1,
                Some(error) => found.failures.push(failed(format!("scripts/{}", module.path), error, &texts)),
            }
        }
        for test in report.tests.iter().filter(|test| test.package == package.id) {
            found.tests += 1;
            match &test.outcome {
                TestOutcome::Passed => found.passed += 1,
                TestOutcome::Skipped => found.skipped += 1,
                TestOutcome::Failed(error) => {
                    found.failures.push(failed(format!("{}: {}", test.file, test.full_name()), error, &texts));
                }
            }
        }
        found.explain_refusal(package, &set);
        compat.packages.push(found);
    }
    Ok(compat)
}

fn failed(what: String, error: &LuaError, texts: &[&str]) -> Failed {
    let message = error.message.lines().next().unwrap_or("").to_owned();
    Failed { what, missing: missing(&message, texts), message }
}

/// Returns what the host would have to have for this to work; None when the package itself is wrong.
fn missing(message: &str, texts: &[&str]) -> Option<String> {
    let between = |before: &str, after: &str| {
        let rest = message.split_once(before)?.1;
        Some(rest.split_once(after)?.0.to_owned())
    };
    if message.contains("a nil value (global '") {
        let name = between("a nil value (global '", "'")?;
        // What a script of the package defines is the package's, even when it is nil then.
        let defines = |text: &str| {
            [format!("{name} ="), format!("{name}="), format!("function {name}(")]
                .iter()
                .any(|form| text.contains(form))
        };
        return (!texts.iter().any(|text| defines(text))).then_some(name);
    }
    if let Some(name) = between("module `", "` not found") {
        let first = name.split(['.', '/']).next().unwrap_or(&name);
        return FOREIGN_MODULES.contains(&first).then(|| format!("module {name}"));
    }
    ["has no matcher `", "assert has no `", "specs have no `", "`it` has no `", "`describe` has no `"]
        .iter()
        .find_map(|before| between(before, "`"))
}

impl PackageCompat {
    /// A package that was refused loads nothing; its findings say why.
    fn explain_refusal(&mut self, package: &Package, set: &mbl::package::PackageSet) {
        if set.refused.iter().any(|refused| std::ptr::eq(refused, package)) {
            let message = "the package is refused; its findings say why".to_owned();
            self.failures.push(Failed { what: package.display.clone(), message, missing: None });
        }
    }

    /// A package that could not be installed is not there; what its `on_install` or `on_load` raised says why.
    fn explain_absence(&mut self, package: &Package, findings: &Diagnostics) {
        let name = format!("`{}`", package.id);
        let mut raised = findings.iter().filter(|finding| finding.code == "lifecycle");
        if let Some(finding) = raised.find(|finding| finding.message.contains(&name)) {
            let what = package.display.clone();
            self.failures.push(Failed { what, message: finding.message.clone(), missing: None });
        }
    }

    fn missing(&self) -> usize {
        self.failures.iter().filter(|failed| failed.missing.is_some()).count()
    }
}

impl Compat {
    /// Prints the table, and what the host does not have.
    pub fn show(&self, output: Output) {
        for package in &self.packages {
            output.line(&format!(
                "{:<28} {:>4} of {:<4} modules load   {:>5} of {:<5} tests pass{}",
                package.id,
                package.loaded,
                package.modules,
                package.passed,
                package.tests - package.skipped,
                match package.skipped {
                    0 => String::new(),
                    skipped => format!(", {skipped} skipped"),
                }
            ));
            for failed in &package.failures {
                let whose = match &failed.missing {
                    Some(name) => format!("the host has no `{name}`"),
                    None => "the package's".to_owned(),
                };
                output.line(&format!("  {}\n      {} ({whose})", failed.what, failed.message));
            }
        }
        let mut missing: BTreeMap<&str, usize> = BTreeMap::new();
        for name in
            self.packages.iter().flat_map(|package| &package.failures).filter_map(|failed| failed.missing.as_deref())
        {
            *missing.entry(name).or_default() += 1;
        }
        let total = |of: fn(&PackageCompat) -> usize| self.packages.iter().map(of).sum::<usize>();
        output.line(&format!(
            "{} of {} modules load, {} of {} tests pass; {} of {} failures are the packages' own",
            total(|package| package.loaded),
            total(|package| package.modules),
            total(|package| package.passed),
            total(|package| package.tests - package.skipped),
            total(|package| package.failures.len() - package.missing()),
            total(|package| package.failures.len()),
        ));
        if !missing.is_empty() {
            let names: Vec<String> = missing.iter().map(|(name, count)| format!("{name} ({count})")).collect();
            output.line(&format!("the host does not have: {}", names.join(", ")));
        }
    }

    /// Says the same as JSON.
    pub fn json(&self) -> Json {
        let packages: Vec<Json> = self
            .packages
            .iter()
            .map(|package| {
                let failures: Vec<Json> = package
                    .failures
                    .iter()
                    .map(|failed| {
                        let class = if failed.missing.is_some() { "host" } else { "package" };
                        json!({ "what": failed.what, "message": failed.message, "class": class, "missing": failed.missing })
                    })
                    .collect();
                json!({
                    "package": package.id,
                    "modules": package.modules,
                    "loaded": package.loaded,
                    "tests": package.tests,
                    "passed": package.passed,
                    "skipped": package.skipped,
                    "failures": failures,
                })
            })
            .collect();
        json!({ "packages": packages })
    }
}
