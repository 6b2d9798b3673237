//! Runs the specs of packages: a new database in memory for each package, every test rolled back.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::diag::{Diagnostics, SourceId};
use crate::error::Result;
use crate::lua::{LuaError, Script};
use crate::package::{self, Package};
use crate::runtime::Generation;
use crate::runtime::builder::lua_script;
use crate::runtime::worker::Workers;
use crate::runtime::world::{Base, Recipe, World};
use crate::schema::Schema;
use crate::store::DatabaseUrl;

/// Which tests to run, and in what order.
#[derive(Debug, Clone, Default)]
pub struct TestOptions {
    /// Only tests whose name, the names of their groups in front, contains this.
    pub filter: Option<String>,
    /// Orders the spec files; the same seed gives the same order.
    pub seed: u64,
}

/// What happens while tests run.
#[derive(Debug, Clone)]
pub enum TestEvent {
    /// The tests of a package begin.
    Package {
        /// The package.
        id: String,
        /// Its folder, as messages show it.
        folder: String,
    },
    /// A test is over. The tests of a package come in the order in which they were declared, not in that in which they ran.
    Test(TestResult),
}

/// One test, and how it went.
#[derive(Debug, Clone)]
pub struct TestResult {
    /// The package.
    pub package: String,
    /// The spec file, as messages show it.
    pub file: String,
    /// The names of the groups around it, outermost first.
    pub groups: Vec<String>,
    /// Its own name; the file's path when the file itself failed.
    pub name: String,
    /// How it went.
    pub outcome: Outcome,
    /// How long it took.
    pub time: Duration,
}

/// How a test went.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It passed.
    Passed,
    /// It is marked to be left out.
    Skipped,
    /// It failed, or its file did.
    Failed(Box<LuaError>),
}

/// All tests of a run.
#[derive(Debug, Clone, Default)]
pub struct TestReport {
    /// Every test that was chosen.
    pub tests: Vec<TestResult>,
    /// What was found wrong while the packages were loaded for it.
    pub diagnostics: Diagnostics,
}

impl TestReport {
    /// Returns how many passed, failed and were skipped.
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |wanted: fn(&Outcome) -> bool| self.tests.iter().filter(|test| wanted(&test.outcome)).count();
        (
            count(|outcome| matches!(outcome, Outcome::Passed)),
            count(|outcome| matches!(outcome, Outcome::Failed(_))),
            count(|outcome| matches!(outcome, Outcome::Skipped)),
        )
    }

    /// Tells whether there were tests, none failed, and the packages were whole.
    pub fn is_success(&self) -> bool {
        !self.tests.is_empty() && self.counts().1 == 0 && !self.diagnostics.has_errors()
    }
}

impl TestResult {
    /// Returns the whole name: the groups, then its own, a space between.
    pub fn full_name(&self) -> String {
        full_name(&self.groups, &self.name)
    }
}

/// Runs the spec files `only`, whatever package they are of; None for those of every package that was asked for.
pub(super) fn run(
    generation: &Generation,
    options: &TestOptions,
    only: Option<&BTreeSet<SourceId>>,
    on_event: &mut dyn FnMut(&TestEvent),
) -> Result<TestReport> {
    let mut report = TestReport::default();
    for package in &generation.packages.packages {
        let is_chosen =
            |script: &package::Script| script.is_test && only.is_none_or(|only| only.contains(&script.source));
        let chosen = match only {
            Some(_) => package.scripts.iter().any(is_chosen),
            None => package.wanted,
        };
        if !chosen || generation.opened.refused.contains(&package.id) {
            continue;
        }
        on_event(&TestEvent::Package { id: package.id.clone(), folder: package.folder.display().to_string() });
        let specs: Vec<Script> = package
            .scripts
            .iter()
            .filter(|script| is_chosen(script))
            .map(|script| lua_script(&generation.packages, script))
            .collect();
        let recipe = alone(generation, package);
        let mut workers = Workers::new();
        let opened = workers.start(move || World::open(&recipe))?;
        report.diagnostics.extend(opened.diagnostics);
        let (id, options) = (package.id.clone(), options.clone());
        let tests = workers.run(move |world| Ok(run_files(world, &id, &specs, &options)))?;
        for test in tests {
            on_event(&TestEvent::Test(test.clone()));
            report.tests.push(test);
        }
    }
    Ok(report)
}

/// Returns the recipe of a world with one package, what it needs, and a database of its own.
fn alone(generation: &Generation, package: &Package) -> Recipe {
    let mut recipe = generation.recipe.clone();
    let mut needed = vec![package.id.clone()];
    // Packages stand behind their dependencies.
    for other in recipe.packages.iter().rev() {
        if needed.contains(&other.scripts.id) {
            needed.extend(other.scripts.dependencies.iter().cloned());
        }
    }
    recipe.packages.retain(|other| needed.contains(&other.scripts.id));
    recipe.url = DatabaseUrl::memory();
    if let Base::Joint { schema, core } = &mut recipe.base {
        let files: Vec<_> =
            core.iter().copied().chain(recipe.packages.iter().filter_map(|package| package.schema)).collect();
        *schema = Arc::new(Schema::parse(&recipe.sources, &files).0);
    }
    recipe
}

/// Runs the spec files of a package, in the order of the seed.
fn run_files(world: &World, package: &str, specs: &[Script], options: &TestOptions) -> Vec<TestResult> {
    let mut results = Vec::new();
    for place in order(specs.len(), options.seed) {
        results.push((place, run_file(world, package, &specs[place], options)));
    }
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().flat_map(|(_, results)| results).collect()
}

fn run_file(world: &World, package: &str, spec: &Script, options: &TestOptions) -> Vec<TestResult> {
    let context = world.context();
    let result = |groups: &[String], name: &str, outcome, time| TestResult {
        package: package.to_owned(),
        file: spec.name.to_string(),
        groups: groups.to_vec(),
        name: name.to_owned(),
        outcome,
        time,
    };
    let chosen = |name: &str| options.filter.as_deref().is_none_or(|filter| name.contains(filter));
    let begun = Instant::now();
    let file = match world.vm.load_tests(package, spec, context) {
        Ok(file) => file,
        Err(error) => {
            return vec![result(&[], &spec.path, Outcome::Failed(Box::new(error)), begun.elapsed())];
        }
    };
    let only = file.tests.iter().any(|test| test.only);
    let mut results = Vec::new();
    for (index, test) in file.tests.iter().enumerate() {
        if !chosen(&full_name(&test.groups, &test.name)) || only && !test.only {
            continue;
        }
        let begun = Instant::now();
        let outcome = match test.skip {
            true => Outcome::Skipped,
            false => match world.vm.run_test(&file, index, context) {
                Ok(()) => Outcome::Passed,
                Err(error) => Outcome::Failed(Box::new(error)),
            },
        };
        results.push(result(&test.groups, &test.name, outcome, begun.elapsed()));
    }
    results
}

fn full_name(groups: &[String], name: &str) -> String {
    groups.iter().map(String::as_str).chain([name]).collect::<Vec<_>>().join(" ")
}

/// Returns the numbers below `count` in an order of the seed's.
fn order(count: usize, seed: u64) -> Vec<usize> {
    let mut numbers: Vec<usize> = (0..count).collect();
    let mut state = seed;
    for last in (1..count).rev() {
        // SplitMix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        numbers.swap(last, (mixed % (last as u64 + 1)) as usize);
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::order;

    #[test]
    fn an_order_holds_each_number_once_and_depends_on_the_seed_alone() {
        let mut first = order(20, 7);
        assert_eq!(first, order(20, 7));
        assert_ne!(first, order(20, 8));
        first.sort();
        assert_eq!(first, (0..20).collect::<Vec<_>>());
        assert_eq!(order(0, 1), Vec::<usize>::new());
    }
}
