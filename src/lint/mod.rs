//! What can be known of packages' scripts without running them.
//!
//! A [`PackageSet`] in, [`Diagnostics`] out: syntax, annotations, `require`, globals, calls of `db` and components. Texts are parsed
//! here and nowhere else, so what runs packages does not carry the parser. A text that Lua itself takes is never called wrong
//! for its syntax: [`Options::compile`] asks it.

mod annotations;
mod components;
mod database;
mod facts;
mod globals;
mod modules;
mod syntax;
mod tree;
mod walk;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::diag::{Diagnostic, Diagnostics, Severity, SourceId, Span};
use crate::json;
use crate::lint::facts::{Exports, Facts, facts};
use crate::lint::modules::Target;
use crate::lint::tree::{Expr, Function, Kind, LocalId, Range, Stat, Tree};
use crate::lint::walk::{Event, walk, walk_function};
use crate::package::{Component, Package, PackageSet, Script};
use crate::schema::Schema;

/// What the checks have to be told.
pub struct Options<'a> {
    /// Compiles a script of the set.
    pub compile: &'a dyn Fn(&Script) -> Result<(), Refusal>,
    /// The standard modules: names and texts.
    pub standard: &'a [(&'a str, &'a str)],
    /// The modules that the host gives to scripts.
    pub host_modules: Vec<&'a str>,
    /// The stack that each thread gets: trees are walked by recursion.
    pub stack_bytes: usize,
}

/// Why Lua does not take a text.
pub struct Refusal {
    /// The line, from 1.
    pub line: u32,
    /// What Lua says of it.
    pub message: String,
}

/// Checks the scripts of the packages that were asked for, those refused among them.
pub fn check(set: &PackageSet, options: &Options<'_>) -> Diagnostics {
    let stack_bytes = options.stack_bytes;
    let mut report = Report::default();
    let packages: Vec<&Package> = set.packages.iter().chain(&set.refused).collect();
    let scripts: Vec<(&Package, &Script)> =
        packages.iter().flat_map(|package| package.scripts.iter().map(move |script| (*package, script))).collect();
    let read_all = || on_threads(scripts.len(), stack_bytes, |number| read(set, scripts[number].0, scripts[number].1));
    let (read, taken) = std::thread::scope(|scope| {
        let reading = std::thread::Builder::new().stack_size(stack_bytes).spawn_scoped(scope, read_all);
        // Lua is asked here meanwhile: its state belongs to one thread.
        let taken: Vec<bool> =
            scripts.iter().map(|(package, script)| compiles(set, package, script, options, &mut report)).collect();
        let read = match reading.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(read)) => read,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(_) => read_all(),
        };
        (read, taken)
    });
    let mut trees = Vec::with_capacity(read.len());
    for ((tree, found), taken) in read.into_iter().zip(taken) {
        // What Lua does not take has been reported; a tree of it would say too much.
        trees.push(tree.filter(|_| taken));
        if taken {
            report.diagnostics.extend(found.diagnostics);
        }
    }
    let facts = on_threads(trees.len(), stack_bytes, |number| trees[number].as_ref().map(facts));
    let mut files = scripts.iter().zip(&trees).zip(facts).map(|(((_, script), tree), facts)| File {
        script,
        text: &set.sources.get(script.source).text,
        facts: facts.unwrap_or_default(),
        tree: tree.as_ref(),
    });
    let files: Vec<PackageFiles<'_>> = packages
        .iter()
        .map(|package| PackageFiles { package, files: files.by_ref().take(package.scripts.len()).collect() })
        .collect();
    let required = required(&files);
    let standard: Vec<(&str, &str)> =
        options.standard.iter().copied().filter(|(name, _)| *name == "test" || required.contains(name)).collect();
    let (mut standard_names, mut spec_globals) = (FxHashMap::default(), BTreeSet::new());
    let known = on_threads(standard.len(), stack_bytes, |number| {
        let (name, text) = standard[number];
        let globals = if name == "test" { globals::spec_globals(text) } else { BTreeSet::new() };
        (modules::standard_members(text), globals)
    });
    for ((name, _), (members, globals)) in standard.iter().zip(known) {
        standard_names.extend(members.filter(|_| required.contains(name)).map(|members| (*name, members)));
        spec_globals.extend(globals);
    }
    let world = World {
        set,
        packages: files,
        standard: options.standard,
        standard_names,
        host_modules: &options.host_modules,
        spec_globals,
        known_packages: packages.iter().map(|package| &package.id[..]).collect(),
    };
    let classes = standard_types(set);
    let found = on_threads(world.packages.len(), stack_bytes, |number| {
        let mut report = Report::default();
        if world.packages[number].package.wanted {
            check_package(&world, number, &classes, &mut report);
        }
        report
    });
    for found in found {
        report.diagnostics.extend(found.diagnostics);
    }
    let mut diagnostics = report.diagnostics;
    diagnostics.sort(&set.sources);
    diagnostics
}

/// Does a piece of work for each number below `count`, on as many threads as there are processors; returns what each gave, in order.
fn on_threads<T: Send>(count: usize, stack_bytes: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS).min(count);
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return done;
            }
            done.push((number, work(number)));
        }
    };
    let mut done = std::thread::scope(|scope| {
        // A thread that cannot be started leaves its work to the others.
        let others: Vec<_> = (1..threads)
            .filter_map(|_| std::thread::Builder::new().stack_size(stack_bytes).spawn_scoped(scope, take).ok())
            .collect();
        let mut done = take();
        for other in others {
            match other.join() {
                Ok(part) => done.extend(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

/// How many threads read scripts at most: beyond, they are read before the threads have started.
const MOST_THREADS: usize = 8;

fn check_package<'w>(world: &'w World<'w>, number: usize, classes: &BTreeSet<&str>, report: &mut Report) {
    let package = &world.packages[number];
    let extended = modules::extended(world, number);
    for file in &package.files {
        if file.tree.is_some_and(|tree| tree.is_meta) {
            continue;
        }
        modules::check(world, number, file, &extended, report);
        globals::check(world, package, file, report);
        annotations::check(file, report);
        components::check_tables(file, report);
        if file.is_face() {
            components::check_face(file, report);
        }
    }
    modules::check_circles(world, number, report);
    if let Some(schema) = schema_of(world.set, package.package) {
        for file in &package.files {
            database::check(file, &schema, report);
        }
    }
    components::check(world, number, report);
    annotations::check_types(package, classes, report);
    check_data(world.set, package.package, report);
}

/// Returns the schema that a package's scripts mean: the joint one, to which a refused package's own is added. None when its own is
/// broken: which models it would have had, nobody knows.
fn schema_of(set: &PackageSet, package: &Package) -> Option<Arc<Schema>> {
    let Some(own) =
        package.schema.filter(|_| set.package(&package.id).is_none_or(|loaded| loaded.root != package.root))
    else {
        return Some(set.schema.clone());
    };
    let others = set.packages.iter().filter_map(|other| other.schema);
    let files: Vec<SourceId> = set.core_source.into_iter().chain(others).chain([own]).collect();
    let (schema, faults) = Schema::parse(&set.sources, &files);
    let broken = faults.has_errors()
        || set
            .diagnostics
            .iter()
            .any(|fault| fault.severity == Severity::Error && fault.span.is_some_and(|span| span.source == own));
    (!broken).then(|| Arc::new(schema))
}

/// Tells whether Lua takes a script; what it has against it is reported.
fn compiles(set: &PackageSet, package: &Package, script: &Script, options: &Options<'_>, report: &mut Report) -> bool {
    let Err(Refusal { line, message }) = (options.compile)(script) else { return true };
    if package.wanted {
        let text = &set.sources.get(script.source).text;
        syntax::report(text, script.source, tree::parse(text).as_ref(), line, &message, report);
    }
    false
}

/// Parses a script, whether Lua takes it or not; what is wrong with its annotations is reported.
fn read(set: &PackageSet, package: &Package, script: &Script) -> (Option<Tree>, Report) {
    let mut report = Report::default();
    let text = &set.sources.get(script.source).text;
    let Some(parsed) = tree::parse(text) else { return (None, report) };
    if package.wanted {
        syntax::report_annotations(text, script.source, &parsed, &mut report);
    }
    (Some(parsed.tree()), report)
}

/// Checks that JSON files beside the scripts can be read. The package's own two were read when it was loaded.
fn check_data(set: &PackageSet, package: &Package, report: &mut Report) {
    for file in package.data.iter().filter(|file| !matches!(&file.path[..], "metadata.json" | "components.json")) {
        let mut faults = Diagnostics::new();
        json::read(&set.sources, file.source, &mut faults);
        for fault in faults {
            report.push(fault);
        }
    }
}

/// Returns the modules that scripts require.
fn required<'w>(packages: &[PackageFiles<'w>]) -> BTreeSet<&'w str> {
    let mut names = BTreeSet::new();
    for tree in packages.iter().flat_map(|package| &package.files).filter_map(|file| file.tree) {
        walk(&tree.block, &mut |event, _| {
            if let Event::Expr(expr) = event
                && let Some((name, _)) = expr.as_require()
            {
                names.insert(name);
            }
        });
    }
    names
}

/// Returns the names of types that annotations may use: those of models, beside which others are generated from them.
fn standard_types(set: &PackageSet) -> BTreeSet<&str> {
    let models = set.schema.models.iter().map(|model| &model.name[..]);
    models.chain(set.schema.enums.iter().map(|of| &of.name[..])).collect()
}

/// What was found.
#[derive(Default)]
struct Report {
    diagnostics: Diagnostics,
}

impl Report {
    fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
}

/// Everything that is looked at.
struct World<'w> {
    set: &'w PackageSet,
    packages: Vec<PackageFiles<'w>>,
    standard: &'w [(&'w str, &'w str)],
    standard_names: FxHashMap<&'w str, BTreeSet<&'w str>>,
    host_modules: &'w [&'w str],
    /// What spec files find as globals.
    spec_globals: BTreeSet<String>,
    /// The ids of all packages that were read.
    known_packages: FxHashSet<&'w str>,
}

impl<'w> World<'w> {
    /// Tells whether a script returns nothing, and that is said of the script itself: what asks for it is not at fault.
    fn says_nothing(&self, package: usize, file: &File<'_>) -> bool {
        let components = &self.packages[package].package.components;
        let renders = components.iter().filter_map(Component::definition).any(|of| of.script.path == file.script.path);
        matches!(file.facts.exports, Exports::Nothing) && (file.is_face() || renders)
    }

    /// Finds a module that a document of a package names: one of its own, its face or that of a package that it needs.
    fn lookup(&self, number: usize, name: &str) -> Option<Target<'w>> {
        let own = &self.packages[number];
        let script = |package: usize, name: &str| {
            let found = self.packages[package].package.resolve(name, None).ok()??;
            let file = self.packages[package].files.iter().position(|file| file.script.source == found.source)?;
            Some(Target::Script(package, file))
        };
        if let Some(found) = script(number, name) {
            return Some(found);
        }
        let reachable = |id: &str| id == own.package.id || own.package.depends_on(id);
        let position = |id: &str| self.packages.iter().position(|other| other.package.id == id);
        if reachable(name) {
            return Some(position(name).map_or(Target::Unreadable, Target::Face));
        }
        let (id, module) = name.split_once('.')?;
        if reachable(id) {
            return match position(id) {
                Some(other) => script(other, module),
                None => Some(Target::Unreadable),
            };
        }
        None
    }
}

/// A package with its scripts, read.
struct PackageFiles<'w> {
    package: &'w Package,
    files: Vec<File<'w>>,
}

/// A script, read.
struct File<'w> {
    script: &'w Script,
    text: &'w str,
    /// None when its text is broken.
    tree: Option<&'w Tree>,
    facts: Facts<'w>,
}

impl File<'_> {
    fn span(&self, range: Range) -> Span {
        Span::new(self.script.source, range.start, range.end)
    }

    fn fault(&self, severity: Severity, code: &'static str, message: String, range: Range) -> Diagnostic {
        let diagnostic = match severity {
            Severity::Error => Diagnostic::error(code, message),
            Severity::Warning => Diagnostic::warning(code, message),
        };
        diagnostic.at(self.span(range))
    }

    /// Returns the last line that holds anything, for what should stand there and does not.
    fn last_line(&self) -> Range {
        let end = self.text.trim_end().len();
        let start = self.text[..end].rfind('\n').map_or(0, |newline| newline + 1);
        Range { start, end }
    }

    /// Adds the fix of a colon that should be a dot: `written` is the name of the function, which does without `self`.
    fn with_dot(&self, fault: Diagnostic, written: &Expr, function: &Function) -> Diagnostic {
        let mut uses_self = false;
        walk_function(function, &mut |event, _| {
            uses_self |= matches!(event, Event::Expr(Expr { kind: Kind::Name(name, Some(_)), .. }) if name == "self");
        });
        let text = &self.text[written.range.start..written.range.end];
        match text.rfind(':').filter(|_| !uses_self) {
            Some(colon) => {
                let at = written.range.start + colon;
                fault.fix(self.span(Range { start: at, end: at + 1 }), ".")
            }
            None => fault,
        }
    }

    /// Tells whether the script puts functions into the table of a local, outside of all functions.
    fn fills(&self, id: LocalId) -> bool {
        let block = self.tree.map(|tree| tree.block.as_slice()).unwrap_or_default();
        block.iter().any(|stat| match stat {
            Stat::Function { target, .. } => target.as_field().is_some_and(|(base, _)| base.as_local() == Some(id)),
            _ => false,
        })
    }

    /// Tells whether the functions that the script returns are the package's operations.
    fn is_face(&self) -> bool {
        let in_db = self.script.path.strip_prefix("db/").is_some_and(|name| !name.contains('/'));
        self.script.in_scripts && !self.script.is_test && (self.script.path == "init.lua" || in_db)
    }
}
