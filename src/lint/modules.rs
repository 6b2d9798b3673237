//! What `require` leads to, and whether what is read off it is there.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::diag::{Diagnostic, Severity, closest};
use crate::lint::facts::{Exports, Facts, facts};
use crate::lint::tree::{Kind, LocalId, Range, Tree, parse};
use crate::lint::walk::{Event, walk};
use crate::lint::{File, PackageFiles, Report, World};
use crate::package::{ModuleFault, STANDARD_MODULES};

/// Modules that a spec of an existing package takes its words from.
const SPEC_MODULE: &str = "lua_test";

/// What a module name leads to.
pub(super) enum Target<'w> {
    /// A module whose members are not looked at: the host's, a JSON file, words of specs.
    Opaque,
    /// A standard module.
    Standard(&'w str),
    /// A script of a package: the package's number and the script's.
    Script(usize, usize),
    /// The face of a package.
    Face(usize),
    /// A file that could not be read, which has been said.
    Unreadable,
    /// Nothing.
    Nothing(Fault),
}

/// Why a module name leads nowhere.
pub(super) struct Fault {
    code: &'static str,
    message: String,
    help: Option<String>,
}

impl<'w> World<'w> {
    /// Finds what `require(name)` means to a script.
    pub fn resolve(&self, package: usize, file: &File, name: &'w str) -> Target<'w> {
        let own = &self.packages[package];
        if STANDARD_MODULES.contains(&name) || self.standard.iter().any(|(known, _)| *known == name) {
            return Target::Standard(name);
        }
        if self.host_modules.contains(&name) {
            return Target::Opaque;
        }
        let in_spec_module =
            name == SPEC_MODULE || name.strip_prefix(SPEC_MODULE).is_some_and(|rest| rest.starts_with('.'));
        if file.script.is_test && in_spec_module {
            return Target::Opaque;
        }
        match own.package.resolve(name, Some(file.script)) {
            Ok(Some(script)) => return self.script(package, script.source),
            Ok(None) => {}
            Err(ModuleFault::Unreadable { .. }) => return Target::Unreadable,
            Err(fault @ ModuleFault::Illegal { .. }) => {
                let plain = name.trim_start_matches(['.', '/']).trim_end_matches(".lua").replace(['/', '\\'], ".");
                let meant = own.package.resolve(&plain, None).ok().flatten().is_some();
                let help = match meant {
                    true => format!("write `require('{plain}')`"),
                    false => {
                        "name a module of the package, as in `require('db.create')`, or a package that it depends on"
                            .to_owned()
                    }
                };
                return Target::Nothing(Fault { code: "illegal_module", message: fault.to_string(), help: Some(help) });
            }
        }
        let reachable = |id: &str| id == own.package.id || own.package.depends_on(id);
        let number = |id: &str| self.packages.iter().position(|other| other.package.id == id);
        if reachable(name)
            && let Some(other) = number(name)
        {
            return Target::Face(other);
        }
        if let Some((id, module)) = name.split_once(['.', '/'])
            && reachable(id)
            && let Some(other) = number(id)
        {
            return match self.packages[other].package.resolve(module, None) {
                Ok(Some(script)) => self.script(other, script.source),
                Err(ModuleFault::Unreadable { .. }) => Target::Unreadable,
                _ => {
                    let names = self.packages[other].package.scripts.iter().map(|script| &script.module[..]);
                    let help = closest(module, names).map(|near| format!("did you mean `{id}.{near}`?"));
                    let message = format!("package `{id}` has no module `{module}`");
                    Target::Nothing(Fault { code: "unknown_module", message, help })
                }
            };
        }
        for need in &own.package.dependencies {
            let Some(other) = number(&need.id) else { continue };
            if let Ok(Some(script)) = self.packages[other].package.resolve(name, None) {
                return self.script(other, script.source);
            }
        }
        if own.package.data_file(name, Some(file.script)).is_some() {
            return Target::Opaque;
        }
        // What a package that is not there would bring, nobody knows.
        let first = name.split(['.', '/']).next().unwrap_or(name);
        if own.package.depends_on(first) {
            return Target::Unreadable;
        }
        Target::Nothing(self.unknown(own, name, first))
    }

    fn script(&self, package: usize, source: crate::diag::SourceId) -> Target<'w> {
        let number = self.packages[package].files.iter().position(|file| file.script.source == source);
        number.map_or(Target::Opaque, |number| Target::Script(package, number))
    }

    fn unknown(&self, own: &PackageFiles, name: &str, first: &str) -> Fault {
        if self.known_packages.contains(first) {
            return Fault {
                code: "undeclared_dependency",
                message: format!("package `{first}` is not among the dependencies of `{}`", own.package.id),
                help: Some(format!("add \"{first}\" to `dependencies` in metadata.json")),
            };
        }
        let stem = name.replace('.', "/");
        let names = own
            .package
            .scripts
            .iter()
            .filter(|script| script.in_scripts)
            .map(|script| script.module.strip_suffix(".init").unwrap_or(&script.module));
        let names = names.chain(self.standard.iter().map(|(name, _)| *name));
        let names = names.chain(own.package.dependencies.iter().map(|need| &need.id[..]));
        let help = match closest(name, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("make the file scripts/{stem}.lua, or name another module"),
        };
        Fault { code: "unknown_module", message: format!("module `{name}` is not there"), help: Some(help) }
    }

    /// Tells what may be read off a target; None when anything may.
    fn members(&self, target: &Target, extended: &FxHashSet<crate::diag::SourceId>) -> Option<BTreeSet<&'w str>> {
        let of = |exports: &Exports<'w>| match exports {
            Exports::Table { open: false, .. } => Some(exports.names().collect::<BTreeSet<&'w str>>()),
            _ => None,
        };
        match target {
            Target::Script(package, number) => {
                let file = &self.packages[*package].files[*number];
                file.tree.as_ref()?;
                if extended.contains(&file.script.source) {
                    return None;
                }
                match &file.facts.exports {
                    Exports::Nothing if self.says_nothing(*package, file) => None,
                    Exports::Nothing => Some(BTreeSet::new()),
                    exports => of(exports),
                }
            }
            Target::Face(package) => {
                let mut members = BTreeSet::new();
                let files = &self.packages[*package].files;
                let face = files.iter().filter(|file| file.is_face());
                for file in face {
                    if extended.contains(&file.script.source) {
                        return None;
                    }
                    file.tree.as_ref()?;
                    members.extend(of(&file.facts.exports)?);
                }
                Some(members)
            }
            Target::Standard(name) => self.standard_members(name),
            Target::Opaque | Target::Unreadable | Target::Nothing(_) => None,
        }
    }

    fn standard_members(&self, name: &str) -> Option<BTreeSet<&'w str>> {
        // `db` answers for models, and `ctx` for what a host puts into it.
        if matches!(name, "db" | "ctx" | "test") {
            return None;
        }
        self.standard_names.get(name).cloned()
    }
}

/// Returns the members of a standard module, by its text; None when they cannot be known.
pub(super) fn standard_members(text: &str) -> Option<BTreeSet<&str>> {
    let tree: Tree = parse(text)?.tree();
    let Exports::Table { members, open: false } = &facts(&tree).exports else { return None };
    // The names of the tree's are those of the text.
    let members = members.keys().filter_map(|member| {
        let at = text.find(*member)?;
        Some(&text[at..at + member.len()])
    });
    Some(members.collect())
}

/// Returns the modules into whose tables other scripts put something.
pub(super) fn extended<'w>(world: &'w World<'w>, package: usize) -> FxHashSet<crate::diag::SourceId> {
    let mut found = FxHashSet::default();
    for file in &world.packages[package].files {
        let changed = file.facts.added.keys().chain(&file.facts.changed);
        for id in changed {
            let Some((name, _)) = file.facts.values.get(id).and_then(|value| value.as_require()) else { continue };
            match world.resolve(package, file, name) {
                Target::Script(package, number) => {
                    found.insert(world.packages[package].files[number].script.source);
                }
                Target::Face(package) => {
                    found.extend(world.packages[package].files.iter().map(|file| file.script.source));
                }
                _ => {}
            }
        }
    }
    found
}

/// Checks the requires of one script, and what is read off the modules.
pub(super) fn check<'w>(
    world: &World<'w>,
    package: usize,
    file: &'w File<'w>,
    extended: &FxHashSet<crate::diag::SourceId>,
    report: &mut Report,
) {
    let Some(tree) = &file.tree else { return };
    let facts: &Facts<'w> = &file.facts;
    let mut modules: FxHashMap<LocalId, (&'w str, Option<BTreeSet<&'w str>>)> = FxHashMap::default();
    for (id, value) in &facts.values {
        // A table that this script changes is not what the module made.
        let changed = facts.added.contains_key(id) || facts.changed.contains(id);
        if let Some((name, _)) = value.as_require().filter(|_| !changed) {
            let target = world.resolve(package, file, name);
            modules.insert(*id, (name, world.members(&target, extended)));
        }
    }
    let mut called: FxHashSet<(usize, usize)> = FxHashSet::default();
    walk(&tree.block, &mut |event, place| {
        let Event::Expr(expr) = event else { return };
        if let Kind::Call { callee, .. } = &expr.kind {
            called.insert((callee.range.start, callee.range.end));
        }
        if place.guarded {
            return;
        }
        if let Some((name, range)) = expr.as_require().filter(|_| matches!(expr.kind, Kind::Call { .. })) {
            if let Target::Nothing(fault) = world.resolve(package, file, name) {
                report.push(file.finding(Severity::Error, fault, range));
            }
            return;
        }
        let Some((base, member)) = expr.as_field().filter(|_| !matches!(expr.kind, Kind::Paren(_))) else { return };
        let of_base = match base.as_local() {
            Some(id) => modules.get(&id).cloned(),
            None => base.as_require().map(|(name, _)| {
                let target = world.resolve(package, file, name);
                (name, world.members(&target, extended))
            }),
        };
        let Some((module, Some(members))) = of_base else { return };
        if members.contains(&member.text[..]) {
            return;
        }
        let called = called.contains(&(expr.range.start, expr.range.end));
        let severity = match called && !file.script.is_test {
            true => Severity::Error,
            false => Severity::Warning,
        };
        if !called && facts.tested_members.contains(&(expr.range.start, expr.range.end)) {
            return;
        }
        let message = match members.is_empty() {
            true => format!("`{module}` returns nothing that could have `{}`", member.text),
            false => format!("module `{module}` has no `{}`", member.text),
        };
        let fault = file.fault(severity, "unknown_member", message, member.range);
        report.push(match closest(&member.text, members.iter().copied()) {
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None if members.is_empty() => fault.help("add `return M` at the end of the module"),
            None => fault.help(format!("there are: {}", list(&members))),
        });
    });
}

fn list(members: &BTreeSet<&str>) -> String {
    const SHOWN: usize = 12;
    let shown: Vec<&str> = members.iter().copied().take(SHOWN).collect();
    let more = if members.len() > SHOWN { ", ..." } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// Names circles of modules that require each other while they load.
pub(super) fn check_circles<'w>(world: &'w World<'w>, package: usize, report: &mut Report) {
    let files = &world.packages[package].files;
    let needs: Vec<Vec<(usize, Range)>> = files
        .iter()
        .map(|file| {
            let mut needs = Vec::new();
            let Some(tree) = &file.tree else { return needs };
            walk(&tree.block, &mut |event, place| {
                if let Event::Expr(expr) = event
                    && place.functions == 0
                    && matches!(expr.kind, Kind::Call { .. })
                    && let Some((name, range)) = expr.as_require()
                    && let Target::Script(other, number) = world.resolve(package, file, name)
                    && other == package
                {
                    needs.push((number, range));
                }
            });
            needs
        })
        .collect();
    // Each circle is told once, at its first file.
    let mut told: FxHashSet<Vec<usize>> = FxHashSet::default();
    for start in 0..files.len() {
        let mut trail = vec![start];
        circle(start, start, &needs, &mut trail, &mut FxHashSet::default());
        if trail.len() < 2 {
            continue;
        }
        let mut members = trail.clone();
        members.pop();
        members.sort_unstable();
        if members[0] != start || !told.insert(members) {
            continue;
        }
        let Some((_, range)) = needs[start].iter().find(|(next, _)| *next == trail[1]) else { continue };
        let names: Vec<&str> = trail.iter().map(|number| &files[*number].script.module[..]).collect();
        let message = format!("modules require each other in a circle: {}", names.join(" > "));
        let fault = files[start].fault(Severity::Error, "cyclic_require", message, *range);
        report.push(
            fault.help("require one of them inside the function that needs it, or move what both need into a third"),
        );
    }
}

/// Looks for a way from `at` back to `start`; leaves it in `trail`, which is left with its first step only when there is none.
fn circle(
    start: usize,
    at: usize,
    needs: &[Vec<(usize, Range)>],
    trail: &mut Vec<usize>,
    seen: &mut FxHashSet<usize>,
) -> bool {
    for (next, _) in &needs[at] {
        if *next == start {
            trail.push(start);
            return true;
        }
        if seen.insert(*next) {
            trail.push(*next);
            if circle(start, *next, needs, trail, seen) {
                return true;
            }
            trail.pop();
        }
    }
    false
}

impl File<'_> {
    fn finding(&self, severity: Severity, fault: Fault, range: Range) -> Diagnostic {
        let diagnostic = self.fault(severity, fault.code, fault.message, range);
        match fault.help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }
}
