//! The way from one generation to the next.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::diag::{Diagnostic, Diagnostics, SourceId};
use crate::error::{Error, Findings, Result};
use crate::lua::Interrupt;
use crate::package::PackageSet;
use crate::runtime::test::{self, Outcome, TestOptions};
use crate::runtime::worker::{Answer, STACK_BYTES, Waited, Workers, died, lock};
use crate::runtime::world::{Base, Handover, Opened, Recipe, World, invalid, locate};
use crate::runtime::{Event, Generation, Live, Reload, Shared};
use crate::store::Location;

/// How long a worker that is at a call may keep the others waiting for its snapshot, when loading has no limit.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often to look whether what is waited for is wanted no more.
const LOOK: Duration = Duration::from_millis(10);

impl Shared {
    /// Builds the next generation and lets it take over. `files` are those that changed, when they are known.
    pub(super) fn reload(&self, files: Option<Vec<String>>, check_tests: bool) -> Result<Reload> {
        if self.live().workers.is_one() {
            return Err(Error::Reentrant);
        }
        let _one = lock(&self.reloading);
        let begun = Instant::now();
        let old = self.live();
        let interrupt = Arc::new(Interrupt::default());
        *lock(&self.building) = Some(interrupt.clone());
        let mut result = self.advance(&old, begun, check_tests, &interrupt);
        *lock(&self.building) = None;
        self.has_failed.store(result.is_err(), Ordering::Release);
        if self.stopped.load(Ordering::Acquire) && result.is_err() {
            return Err(Error::Stopped);
        }
        // A file may be what it was before the save that failed.
        if let (Ok(reload), Some(files)) = (&mut result, &files)
            && reload.files.is_empty()
        {
            reload.files = files.clone();
        }
        match &result {
            Ok(reload) => self.builder.tell(&Event::Reloaded(reload)),
            Err(error) => self.builder.tell(&Event::ReloadFailed {
                generation: old.generation.number,
                files: &files.unwrap_or_default(),
                error,
                time: begun.elapsed(),
            }),
        }
        result
    }

    /// Ends what is being built, if anything is: nobody wants it any more.
    pub(super) fn give_up(&self, reason: &'static str) {
        if let Some(interrupt) = &*lock(&self.building) {
            interrupt.end(reason);
        }
    }

    fn advance(&self, old: &Live, begun: Instant, check_tests: bool, interrupt: &Arc<Interrupt>) -> Result<Reload> {
        if self.stopped.load(Ordering::Acquire) {
            return Err(Error::Stopped);
        }
        let (packages, url) = self.builder.gather()?;
        World::whole(packages.diagnostics.clone(), &packages.sources)?;
        let before = &*old.generation;
        let files = changed_files(&before.packages, &packages);
        let mut recipe = self.builder.recipe(&packages, packages.packages.iter(), url, false);
        recipe.interrupt = Some(interrupt.clone());
        let mut next = Generation {
            number: before.number + 1,
            packages: Arc::new(packages),
            opened: Opened::default(),
            recipe: recipe.clone(),
        };
        if check_tests {
            check_specs(&before.packages, &next, &files)?;
        }
        // What runs is never ended by what ended its building.
        next.recipe.interrupt = None;
        let handover = Handover {
            snapshots: BTreeMap::new(),
            packages: before.recipe.packages.iter().map(|package| package.scripts.id.clone()).collect(),
            moves: moves(&before.recipe, &recipe),
        };
        let workers = match recipe.url.location {
            Location::Memory => {
                next.opened = replace_in_place(&old.workers, recipe, handover)?;
                old.workers.clone()
            }
            Location::File(_) => {
                let snapshots = snapshots(old, interrupt)?;
                let (workers, opened) = build_beside(recipe, handover, snapshots)?;
                next.opened = opened;
                Arc::new(workers)
            }
        };
        let reload = Reload {
            generation: next.number,
            files,
            schema: next.opened.database.changes.clone(),
            sql: next.opened.database.sql.clone(),
            time: begun.elapsed(),
            ..compare(&before.opened.operations, &next.opened.operations)
        };
        let is_another = !Arc::ptr_eq(&workers, &old.workers);
        *self.live.write().unwrap_or_else(PoisonError::into_inner) =
            Arc::new(Live { workers, generation: Arc::new(next) });
        if is_another {
            old.workers.close(Some(World::unload));
            let mut retired = lock(&self.retired);
            retired.retain(|workers| !workers.are_done());
            retired.push(old.workers.clone());
        }
        Ok(reload)
    }
}

/// Asks each worker what its packages hand over, once it is between two calls.
fn snapshots(old: &Live, interrupt: &Interrupt) -> Result<Vec<BTreeMap<String, Json>>> {
    if !old.generation.opened.hands_over {
        return Ok(vec![BTreeMap::new(); old.workers.count()]);
    }
    let recipe = &old.generation.recipe;
    let patience = recipe.load_timeout.unwrap_or(PATIENCE);
    let asked: Vec<_> = (0..old.workers.count())
        .map(|number| {
            let log = recipe.log.clone();
            old.workers.ask(number, move |world| Ok(world.snapshots(&log)))
        })
        .collect::<Result<_>>()?;
    let until = Instant::now() + patience;
    let busy = |why: String| {
        let mut diagnostics = Diagnostics::new();
        let message = format!("a call has kept `on_snapshot` waiting: {why}");
        diagnostics.push(Diagnostic::error("busy", message).help("reload again when that call has ended"));
        invalid(diagnostics, &recipe.sources)
    };
    let wait = |answer: Answer<Result<BTreeMap<String, Json>>>| loop {
        match answer.wait_for(LOOK) {
            Waited::Kept(snapshot) => return snapshot,
            Waited::Broken => return Err(died()),
            Waited::NotYet => match interrupt.reason() {
                Some(reason) => return Err(busy(reason.to_owned())),
                None if Instant::now() >= until => return Err(busy(format!("it runs for more than {patience:?}"))),
                None => {}
            },
        }
    };
    asked.into_iter().map(wait).collect()
}

/// Starts new workers, as many as there were, each with what its forerunner hands over.
fn build_beside(
    recipe: Recipe,
    handover: Handover,
    snapshots: Vec<BTreeMap<String, Json>>,
) -> Result<(Workers, Opened)> {
    let mut workers = Workers::new();
    let mut first = None;
    for snapshots in snapshots {
        // The first one has changed what there is to change.
        let handover = Handover { snapshots, moves: handover.moves && first.is_none(), ..handover.clone() };
        let recipe = recipe.clone();
        let opened = workers.start(move || World::reopen(&recipe, &handover))?;
        first.get_or_insert(opened);
    }
    Ok((workers, first.unwrap_or_default()))
}

/// Lets the one worker of a database in memory, which lives in its connection, become the next generation between two calls.
///
/// The scripts are loaded over another database first: what never ends, or fails, is found while the worker still answers.
fn replace_in_place(workers: &Workers, recipe: Recipe, handover: Handover) -> Result<Opened> {
    let rehearsal = recipe.clone();
    let found = thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(move || World::rehearse(&rehearsal))
        .map_err(|error| Error::Internal(format!("no thread could be started: {error}")))?
        .join()
        .unwrap_or_else(|_| Err(died()))?;
    World::whole(found, &recipe.sources)?;
    let answer = workers.ask(0, move |world| world.replace(&recipe, handover))?;
    answer.wait().unwrap_or_else(|| Err(died()))
}

/// Runs the specs that depend on the files that changed.
fn check_specs(before: &PackageSet, next: &Generation, files: &[String]) -> Result<()> {
    let specs = concerned_specs(before, &next.packages, files);
    if specs.is_empty() {
        return Ok(());
    }
    let report = test::run(next, &TestOptions::default(), Some(&specs), &mut |_| {})?;
    World::whole(report.diagnostics.clone(), &next.packages.sources)?;
    let (_, failed, _) = report.counts();
    if failed == 0 {
        return Ok(());
    }
    let sources = &next.packages.sources;
    let mut diagnostics = Diagnostics::new();
    for test in &report.tests {
        if let Outcome::Failed(error) = &test.outcome {
            let message = format!("`{}` failed: {}", test.full_name(), error.message);
            diagnostics.push(locate(Diagnostic::error("test_failed", message).in_file(&test.file), error, sources));
        }
    }
    let findings = Box::new(Findings { diagnostics, sources: sources.clone() });
    Err(Error::TestsFailed { failed, total: report.tests.len(), findings })
}

/// Returns the specs that depend on the files that changed: those that need a changed script. Of a package whose other files changed, and
/// of those that need it, it is all of them.
fn concerned_specs(before: &PackageSet, next: &PackageSet, files: &[String]) -> BTreeSet<SourceId> {
    let was_there = |file: &str| before.sources.iter().any(|(_, source)| *source.name == *file);
    let mut changed = BTreeSet::new();
    let mut whole = BTreeSet::new();
    // Packages stand behind their dependencies.
    for package in &next.packages {
        let folder = format!("{}/", package.display);
        let mut rest: BTreeSet<&str> =
            files.iter().map(String::as_str).filter(|file| file.starts_with(&folder)).collect();
        for script in &package.scripts {
            let name = &*next.sources.get(script.source).name;
            if was_there(name) && rest.remove(name) {
                changed.insert(script.source);
            }
        }
        if !rest.is_empty() || package.dependencies.iter().any(|dependency| whole.contains(&dependency.id)) {
            whole.insert(package.id.clone());
        }
    }
    let mut specs = next.tests_of(&changed);
    let tests = next.packages.iter().filter(|package| whole.contains(&package.id)).flat_map(|package| &package.scripts);
    specs.extend(tests.filter(|script| script.is_test).map(|script| script.source));
    specs
}

/// Tells whether the database may have to be changed on the way from one recipe to the next.
fn moves(old: &Recipe, new: &Recipe) -> bool {
    let text_of = |recipe: &Recipe| match &recipe.base {
        Base::Given(_) => Vec::new(),
        Base::Joint { .. } => {
            let schemas = recipe.packages.iter().filter_map(|package| package.schema);
            schemas.map(|id| recipe.sources.get(id).text.clone()).collect::<Vec<_>>()
        }
    };
    let packages_of = |recipe: &Recipe| -> Vec<(String, String)> {
        recipe.packages.iter().map(|package| (package.scripts.id.clone(), package.version.clone())).collect()
    };
    packages_of(old) != packages_of(new) || text_of(old) != text_of(new)
}

/// Returns the files that are in one set only, or have another text in it, sorted.
pub(super) fn changed_files(old: &PackageSet, new: &PackageSet) -> Vec<String> {
    let texts = |set: &PackageSet| -> BTreeMap<Arc<str>, Arc<str>> {
        let folders: Vec<String> =
            set.packages.iter().chain(&set.refused).map(|package| format!("{}/", package.display)).collect();
        // What was read of packages that only lie beside them is nothing of theirs.
        let own = |name: &str| folders.iter().any(|folder| name.starts_with(folder));
        let sources = set.sources.iter().filter(|(_, source)| own(&source.name));
        sources.map(|(_, source)| (source.name.clone(), source.text.clone())).collect()
    };
    let (old, new) = (texts(old), texts(new));
    let names: BTreeSet<&Arc<str>> = old.keys().chain(new.keys()).collect();
    names.into_iter().filter(|name| old.get(*name) != new.get(*name)).map(|name| name.to_string()).collect()
}

/// Says which operations are new, gone, or have another text.
fn compare(old: &BTreeMap<String, u64>, new: &BTreeMap<String, u64>) -> Reload {
    let missing_in = |names: &BTreeMap<String, u64>, other: &BTreeMap<String, u64>| -> Vec<String> {
        names.keys().filter(|name| !other.contains_key(*name)).cloned().collect()
    };
    let changed = new.iter().filter(|(name, text)| old.get(*name).is_some_and(|old| old != *text));
    Reload {
        added: missing_in(new, old),
        removed: missing_in(old, new),
        changed: changed.map(|(name, _)| name.clone()).collect(),
        ..Reload::default()
    }
}
