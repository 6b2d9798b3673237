//! From folders to a [`PackageSet`]: finds, reads, checks, orders.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diag::{Diagnostic, Diagnostics, SourceId, Sources, Span, closest, escape_control};
use crate::json::{self, Node};
use crate::package::components::{ScriptIndex, check_node_types, read_components};
use crate::package::join::{Part, join};
use crate::package::metadata::{Export, Metadata, read_metadata};
use crate::package::order::load_order;
use crate::package::scan::{self, Files, Found, Place, Reader};
use crate::package::{Dependency, ModuleFault, Package, PackageSet, STANDARD_MODULES, Version};
use crate::schema::Schema;

/// A package that is to be loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A package's folder, or a folder of packages.
    Path(PathBuf),
    /// A package under the roots, by its id or its folder's name.
    Id(String),
}

/// How packages are loaded.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// Paths in messages are shown relative to this folder where they lie in it; else as they were given.
    pub base: Option<PathBuf>,
    /// Leaves the core schema out.
    pub without_core: bool,
    /// Ids of packages that are turned off: they are not loaded, and what needs them is refused.
    pub disabled: Vec<String>,
}

/// A wrong call: what was asked for is not there. Faults in packages are diagnostics instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// A path that does not exist.
    #[error("no such folder: `{}`", path.display())]
    NoSuchFolder {
        /// The path, as given.
        path: PathBuf,
    },
    /// A path that is no folder.
    #[error("not a folder: `{}`", path.display())]
    NotAFolder {
        /// The path, as given.
        path: PathBuf,
    },
    /// An id that no package under the roots has.
    #[error("no package `{id}` in {}{}", places(roots), near.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
    UnknownPackage {
        /// The id.
        id: String,
        /// Where it was looked for.
        roots: Vec<PathBuf>,
        /// A package with a similar id.
        near: Option<String>,
    },
}

fn places(roots: &[PathBuf]) -> String {
    match roots {
        [] => "no folder at all".to_owned(),
        roots => roots.iter().map(|root| format!("`{}`", root.display())).collect::<Vec<_>>().join(", "),
    }
}

/// Loads the packages that are wanted and those that they need; all packages under `roots` when nothing is named.
///
/// Dependencies are looked for under `roots` and beside the wanted packages. Every file is read once. What is wrong with
/// a package stands in the set's diagnostics, and a package with such a fault is among those refused.
pub fn load(roots: &[PathBuf], wanted: &[Wanted], options: &LoadOptions) -> Result<PackageSet, LoadError> {
    let mut loader =
        Loader { options, sources: Sources::new(), diagnostics: Diagnostics::new(), candidates: Vec::new() };
    loader.find(roots, wanted)?;
    Ok(loader.load())
}

/// The core models, which belong to the runtime.
const CORE_SCHEMA: &str = include_str!("../../stdlib/core.prisma");

struct Loader<'a> {
    options: &'a LoadOptions,
    sources: Sources,
    diagnostics: Diagnostics,
    candidates: Vec<Candidate>,
}

/// A package that was found, whether or not it will be loaded.
struct Candidate {
    place: Place,
    /// The folder with all links followed, by which it is known again.
    identity: PathBuf,
    /// `packageId`, else the folder's name.
    id: String,
    metadata: Metadata,
    found: Found,
    findings: Diagnostics,
    wanted: bool,
}

/// A package that is being loaded.
struct Loading {
    package: Package,
    refused: bool,
    version_known: bool,
    id_span: Option<Span>,
    exported: Vec<(Export, String, Span)>,
    components: Option<Node>,
}

impl Loader<'_> {
    /// Finds the wanted packages, and what lies beside them.
    fn find(&mut self, roots: &[PathBuf], wanted: &[Wanted]) -> Result<(), LoadError> {
        let mut named: Vec<Place> = Vec::new();
        for wanted in wanted {
            let Wanted::Path(path) = wanted else { continue };
            match scan::is_folder(path) {
                None => return Err(LoadError::NoSuchFolder { path: path.clone() }),
                Some(false) => return Err(LoadError::NotAFolder { path: path.clone() }),
                Some(true) => {}
            }
            let place = scan::look_at(path);
            if place.is_package {
                named.push(place);
                continue;
            }
            // A folder of packages, or a project with one in it; else a package whose files are missing.
            let below = [path.clone(), path.join("packages")];
            let places = below.iter().map(|folder| self.packages_below(folder)).find(|places| !places.is_empty());
            named.extend(places.unwrap_or_else(|| vec![place]));
        }
        for place in named {
            self.add(place, true);
        }

        let mut searched: Vec<PathBuf> = roots.to_vec();
        let beside = self.candidates.iter().filter_map(|candidate| candidate.place.folder.parent());
        searched.extend(beside.map(Path::to_owned).collect::<Vec<_>>());
        let mut seen = BTreeSet::new();
        searched.retain(|root| seen.insert(scan::identity(root)));
        for root in &searched {
            if wanted.is_empty() && scan::is_folder(root) != Some(true) {
                return Err(match scan::is_folder(root) {
                    None => LoadError::NoSuchFolder { path: root.clone() },
                    Some(_) => LoadError::NotAFolder { path: root.clone() },
                });
            }
            for place in self.packages_below(root) {
                self.add(place, wanted.is_empty());
            }
        }

        for wanted in wanted {
            let Wanted::Id(id) = wanted else { continue };
            let by_id = self.candidates.iter().position(|candidate| candidate.id == *id);
            let found = by_id.or_else(|| self.candidates.iter().position(|candidate| candidate.place.name == *id));
            match found {
                Some(index) => self.candidates[index].wanted = true,
                None => {
                    let names = self.candidates.iter().map(|candidate| &candidate.id[..]);
                    let near = closest(id, names).map(str::to_owned);
                    return Err(LoadError::UnknownPackage { id: id.clone(), roots: roots.to_vec(), near });
                }
            }
        }
        Ok(())
    }

    /// Returns the packages directly below a folder.
    fn packages_below(&self, folder: &Path) -> Vec<Place> {
        let places = scan::folders_below(folder).into_iter().map(|folder| scan::look_at(&folder));
        places.filter(|place| place.is_package).collect()
    }

    /// Adds a candidate and reads its metadata, unless the folder is there already.
    fn add(&mut self, place: Place, wanted: bool) {
        let identity = scan::identity(&place.folder);
        if let Some(known) = self.candidates.iter_mut().find(|known| known.identity == identity) {
            known.wanted |= wanted;
            return;
        }
        let base = self.options.base.as_deref();
        let mut findings = Diagnostics::new();
        let mut reader = Reader { root: &place.root, base, sources: &mut self.sources, diagnostics: &mut findings };
        let found = reader.read_root_file("metadata.json");
        let metadata = match found {
            Found::Read(source) => json::read(&self.sources, source, &mut findings)
                .map(|node| read_metadata(&node, &mut findings))
                .unwrap_or_default(),
            Found::Unreadable => Metadata::default(),
            Found::Missing => {
                findings.push(missing_metadata(&place, base));
                Metadata::default()
            }
        };
        let id = metadata.id.clone().unwrap_or_else(|| place.name.clone());
        self.candidates.push(Candidate { place, identity, id, metadata, found, findings, wanted });
    }

    fn load(mut self) -> PackageSet {
        let mut loading = Vec::new();
        for candidate in self.choose() {
            loading.push(self.read(candidate));
        }
        loading.sort_by(|a, b| a.package.id.cmp(&b.package.id));
        self.check_names(&mut loading);
        let order = self.order(&mut loading);

        self.refuse_dependents(&mut loading, &order);
        let core_source = match self.options.without_core {
            true => None,
            false => Some(self.sources.add("core.prisma", CORE_SCHEMA)),
        };
        let mut joined = self.join(core_source, &mut loading, &order);
        if self.refuse_dependents(&mut loading, &order) {
            // Joined once more without them; everything has been said the first time.
            let said = std::mem::take(&mut self.diagnostics);
            joined = self.join(core_source, &mut loading, &order);
            self.diagnostics = said;
        }
        self.check_components(&loading);
        self.check_modules(&loading);

        self.diagnostics.sort(&self.sources);
        let mut slots: Vec<Option<Loading>> = loading.into_iter().map(Some).collect();
        let sorted: Vec<Loading> = order.iter().filter_map(|index| slots[*index].take()).collect();
        let (refused, packages): (Vec<Loading>, Vec<Loading>) = sorted.into_iter().partition(|one| one.refused);
        let mut refused: Vec<Package> = refused.into_iter().map(|one| one.package).collect();
        refused.sort_by(|a, b| a.id.cmp(&b.id));
        PackageSet {
            packages: packages.into_iter().map(|one| one.package).collect(),
            refused,
            sources: self.sources,
            diagnostics: self.diagnostics,
            schema: joined,
            core_source,
        }
    }

    /// Takes the wanted candidates and those that they need. Of two with one id, the first that is wanted is needed.
    fn choose(&mut self) -> Vec<Candidate> {
        let mut chosen: Vec<usize> = Vec::new();
        let disabled = |id: &String| self.options.disabled.contains(id);
        let wanted = (0..self.candidates.len()).filter(|index| self.candidates[*index].wanted);
        chosen.extend(wanted.filter(|index| !disabled(&self.candidates[*index].id)));
        let mut next = 0;
        while let Some(index) = chosen.get(next) {
            next += 1;
            let needs: Vec<&str> =
                self.candidates[*index].metadata.dependencies.iter().map(|need| &need.id[..]).collect();
            for need in needs {
                let have = chosen.iter().any(|index| self.candidates[*index].id == need);
                let found = self.candidates.iter().position(|candidate| candidate.id == need);
                if let Some(found) = found.filter(|found| !have && !disabled(&self.candidates[*found].id)) {
                    chosen.push(found);
                }
            }
        }
        let mut slots: Vec<Option<Candidate>> = std::mem::take(&mut self.candidates).into_iter().map(Some).collect();
        let taken = chosen.into_iter().filter_map(|index| slots[index].take()).collect();
        self.candidates = slots.into_iter().flatten().collect();
        taken
    }

    /// Reads all files of a package.
    fn read(&mut self, candidate: Candidate) -> Loading {
        let Candidate { place, id, metadata, found, mut findings, wanted, identity: _ } = candidate;
        let base = self.options.base.as_deref();
        let mut files = Files { metadata: found, ..Files::default() };
        let mut reader = Reader { root: &place.root, base, sources: &mut self.sources, diagnostics: &mut findings };
        files.components = reader.read_root_file("components.json");
        files.schema = reader.read_root_file("schema.prisma");
        // What is found in one script quarantines that script, so it is not counted against the package.
        let mut script_findings = Diagnostics::new();
        reader.diagnostics = &mut script_findings;
        reader.read_all(&place.folder, &mut files);
        // Of a folder without anything in it, `missing_metadata` says enough.
        if files.metadata != Found::Missing || !files.scripts.is_empty() {
            self.check_init(&place, &files, &mut findings);
        }
        let mut components = None;
        let mut list = Vec::new();
        if let Found::Read(source) = files.components {
            components = json::read(&self.sources, source, &mut findings);
            let index = ScriptIndex { scripts: &files.scripts, unreadable: &files.unreadable };
            if let Some(node) = &components {
                match read_components(node, &index, &mut script_findings) {
                    Some(found) => list = found,
                    None => {
                        findings.extend(std::mem::take(&mut script_findings));
                    }
                }
            }
        }
        let refused = findings.has_errors();
        self.diagnostics.extend(findings);
        self.diagnostics.extend(script_findings);
        let version_known = metadata.version.is_some();
        let package = Package {
            name: metadata.name.unwrap_or_else(|| id.clone()),
            id,
            version: metadata.version.unwrap_or_else(|| Version::new(0, 0, 0)),
            description: metadata.description,
            author: metadata.author,
            category: metadata.category,
            dependencies: metadata.dependencies,
            capabilities: metadata.capabilities,
            permissions: metadata.permissions.unwrap_or_else(|| serde_json::Value::Object(Default::default())),
            min_level: metadata.min_level,
            exports: metadata.exports,
            metadata: metadata.raw,
            components: list,
            scripts: files.scripts,
            unreadable: files.unreadable,
            data: files.data,
            schema: files.schema.source(),
            models: Vec::new(),
            display: scan::display(&place.root, base),
            root: place.root,
            folder: place.folder,
            wanted,
        };
        Loading { package, refused, version_known, id_span: metadata.id_span, exported: metadata.exported, components }
    }

    fn check_init(&self, place: &Place, files: &Files, findings: &mut Diagnostics) {
        let path = scan::display(&place.root.join("scripts/init.lua"), self.options.base.as_deref());
        let init = files.scripts.iter().find(|script| script.in_scripts && script.path == "init.lua");
        let help = "it returns the package's operations: `local M = {} return M` will do for a start";
        match init {
            Some(script) if self.sources.get(script.source).text.trim().is_empty() => {
                let fault = Diagnostic::error("empty_init", "`scripts/init.lua` is empty");
                findings.push(fault.in_file(path).help(help));
            }
            Some(_) => {}
            None if files.unreadable.iter().any(|module| module == "init") => {
                let fault = Diagnostic::error("broken_init", "`scripts/init.lua` could not be read");
                findings.push(fault.in_file(path).help("a package cannot do without it"));
            }
            None => {
                let fault = Diagnostic::error("missing_init", "the package has no `scripts/init.lua`");
                findings.push(fault.in_file(path).help(help));
            }
        }
    }

    /// Refuses the second of two packages with one id.
    fn check_names(&mut self, loading: &mut [Loading]) {
        for index in 1..loading.len() {
            let (before, rest) = loading.split_at_mut(index);
            let (first, second) = (&before[index - 1], &mut rest[0]);
            if first.package.id != second.package.id {
                continue;
            }
            let message = format!("two packages are called `{}`", second.package.id);
            let fault = Diagnostic::error("duplicate_package", message);
            let fault = match second.id_span {
                Some(span) => fault.at(span),
                None => fault.in_file(&second.package.display),
            };
            self.diagnostics.push(fault.help(format!("the other one is {}", first.package.display)));
            second.refused = true;
        }
    }

    /// Checks dependencies; returns the load order, with packages that have none in it at the end.
    fn order(&mut self, loading: &mut [Loading]) -> Vec<usize> {
        let mut needs: Vec<Vec<usize>> = vec![Vec::new(); loading.len()];
        for index in 0..loading.len() {
            let mut broken = false;
            for dependency in &loading[index].package.dependencies {
                match loading.iter().position(|other| other.package.id == dependency.id) {
                    Some(found) => {
                        needs[index].push(found);
                        let version = &loading[found].package.version;
                        if loading[found].version_known && !dependency.requirement.accepts(version) {
                            broken = true;
                            self.diagnostics.push(wrong_version(&loading[index].package.id, dependency, version));
                        }
                    }
                    None => {
                        broken = true;
                        let fault = self.missing_dependency(&loading[index].package.id, dependency, loading);
                        self.diagnostics.push(fault);
                    }
                }
            }
            loading[index].refused |= broken;
        }
        let order = load_order(&needs);
        for cycle in &order.cycles {
            self.report_cycle(cycle, loading);
        }
        let left: Vec<usize> = (0..loading.len()).filter(|index| !order.sorted.contains(index)).collect();
        for index in order.cycles.iter().flatten() {
            loading[*index].refused = true;
        }
        order.sorted.into_iter().chain(left).collect()
    }

    fn missing_dependency(&self, id: &str, dependency: &Dependency, loading: &[Loading]) -> Diagnostic {
        let name = &dependency.id;
        if self.options.disabled.contains(name) {
            let message = format!("package `{id}` needs `{name}`, which is turned off");
            let fault = Diagnostic::error("disabled_dependency", message).at(dependency.span);
            return fault.help(format!("enable `{name}`, or disable `{id}` too"));
        }
        let message = format!("package `{id}` needs `{name}`, which is not there");
        let fault = Diagnostic::error("missing_dependency", message).at(dependency.span).label("no such package");
        let others = self.candidates.iter().map(|candidate| &candidate.id[..]);
        let names = loading.iter().map(|one| &one.package.id[..]).chain(others).filter(|other| *other != id);
        match closest(name, names) {
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None => fault.help(format!("put `{name}` beside `{id}`, or remove it from `dependencies`")),
        }
    }

    fn report_cycle(&mut self, cycle: &[usize], loading: &[Loading]) {
        let id = |index: &usize| loading[*index].package.id.clone();
        let mut chain: Vec<String> = cycle.iter().map(id).collect();
        let next = chain.get(1).unwrap_or(&chain[0]);
        let first = &loading[cycle[0]].package;
        let span = first.dependencies.iter().find(|dependency| dependency.id == *next).map(|found| found.span);
        let fault = match cycle.len() {
            1 => Diagnostic::error("cyclic_dependency", format!("package `{}` needs itself", first.id))
                .help("remove it from `dependencies`"),
            _ => {
                chain.push(first.id.clone());
                let message = format!("packages need each other in a circle: {}", chain.join(" → "));
                Diagnostic::error("cyclic_dependency", message)
                    .help("remove one of these dependencies, or move what both need into a third package")
            }
        };
        self.diagnostics.push(match span {
            Some(span) => fault.at(span),
            None => fault.in_file(&first.display),
        });
    }

    /// Refuses what needs a refused package; tells whether there was any.
    fn refuse_dependents(&mut self, loading: &mut [Loading], order: &[usize]) -> bool {
        let mut any = false;
        // What stands in no order (it needs a cycle) may need several passes.
        loop {
            let mut changed = false;
            for &index in order {
                if loading[index].refused {
                    continue;
                }
                // Of two packages with one id, the first is needed.
                let refused = |id: &str| loading.iter().find(|one| one.package.id == id).is_some_and(|one| one.refused);
                let package = &loading[index].package;
                let Some(need) = package.dependencies.iter().find(|need| refused(&need.id)) else { continue };
                let message = format!("package `{}` needs `{}`, which is refused", package.id, need.id);
                let fault = Diagnostic::error("broken_dependency", message).at(need.span);
                self.diagnostics.push(fault.help(format!("mend `{}` first", need.id)));
                loading[index].refused = true;
                changed = true;
            }
            any |= changed;
            if !changed {
                return any;
            }
        }
    }

    /// Joins the schemas; refuses packages whose schema is broken.
    fn join(&mut self, core: Option<SourceId>, loading: &mut [Loading], order: &[usize]) -> Arc<Schema> {
        let with_schema: Vec<(usize, SourceId)> =
            order.iter().filter_map(|index| Some((*index, loading[*index].package.schema?))).collect();
        let parts: Vec<Part> = with_schema
            .iter()
            .map(|(index, source)| Part {
                id: &loading[*index].package.id,
                source: *source,
                joins: !loading[*index].refused,
            })
            .collect();
        let joined = join(&self.sources, core, &parts, &mut self.diagnostics);
        for (((index, _), whole), models) in with_schema.into_iter().zip(joined.whole).zip(joined.models) {
            loading[index].refused |= !whole;
            loading[index].package.models = models;
        }
        joined.schema
    }

    /// Warns of scripts whose name means something else, and of what they hide.
    fn check_modules(&mut self, loading: &[Loading]) {
        for package in loading.iter().map(|one| &one.package) {
            let own = |name: &str| package.resolve(name, None).ok().flatten();
            for name in STANDARD_MODULES {
                let Some(script) = own(name) else { continue };
                let message = format!("`require('{name}')` means the standard module, not this file");
                let fault = Diagnostic::warning("hidden_module", message).at(Span::new(script.source, 0, 0));
                self.diagnostics.push(match script.module.contains('.') {
                    true => fault.help(format!("write `require('{}')`, or rename it", script.module)),
                    false => fault.help("rename it"),
                });
            }
            for need in &package.dependencies {
                let Some(script) = own(&need.id) else { continue };
                let message = format!("`require('{}')` means this file, not the package of that name", need.id);
                let fault = Diagnostic::warning("hidden_package", message).at(Span::new(script.source, 0, 0));
                self.diagnostics.push(fault.help("rename the file"));
            }
        }
    }

    /// Looks up the names in components and exports, now that all components are known.
    fn check_components(&mut self, loading: &[Loading]) {
        for one in loading {
            let package = &one.package;
            let needed = loading.iter().map(|other| &other.package).filter(|other| package.depends_on(&other.id));
            let names: Vec<&str> = std::iter::once(package)
                .chain(needed)
                .flat_map(|package| package.components.iter().map(|component| &component.name[..]))
                .collect();
            // What a package that is not there would bring, nobody knows.
            let all_there = package.dependencies.iter().all(|need| loading.iter().any(|one| one.package.id == need.id));
            if let Some(document) = one.components.as_ref().filter(|_| all_there) {
                check_node_types(document, &names, &mut self.diagnostics);
            }
            // Components of a broken document are not known, so nothing can be said about what is exported.
            let components_known = one.components.is_some() || package.data_file("components.json", None).is_none();
            for (export, name, span) in &one.exported {
                let component = package.component(name).is_some();
                let script = has_script(package, name);
                let (found, word) = match export {
                    Export::Component => (component || !components_known, "component"),
                    Export::Script => (script, "script"),
                    Export::Either => (component || script || !components_known, "component or script"),
                };
                if !found {
                    let message =
                        format!("the package exports a {word} `{}` that it does not have", escape_control(name));
                    let fault = Diagnostic::warning("unknown_export", message).at(*span);
                    let own = package.components.iter().map(|component| &component.name[..]);
                    let scripts = package.scripts.iter().map(|script| &script.path[..]);
                    self.diagnostics.push(match export {
                        Export::Component => fault.did_you_mean(name, own),
                        Export::Script => fault.did_you_mean(name, scripts),
                        Export::Either => fault.did_you_mean(name, own.chain(scripts)),
                    });
                }
            }
        }
    }
}

/// Tells whether a script is meant by a path (`scripts/db/create.lua`, `db/create.lua`) or a module (`db.create`), or a folder of them.
fn has_script(package: &Package, name: &str) -> bool {
    let below = name.strip_prefix("scripts/").unwrap_or(name);
    let folder = format!("{}/", below.trim_end_matches('/').replace('.', "/"));
    if package.scripts.iter().any(|script| script.in_scripts && script.path.starts_with(&folder)) {
        return true;
    }
    [name, below]
        .iter()
        .any(|name| matches!(package.resolve(name, None), Ok(Some(_)) | Err(ModuleFault::Unreadable { .. })))
}

fn missing_metadata(place: &Place, base: Option<&Path>) -> Diagnostic {
    let shown = scan::display(&place.folder, base);
    if !place.is_package {
        let message = format!("`{shown}` is no package: it holds no metadata.json");
        let fault = Diagnostic::error("missing_metadata", message).in_file(shown);
        return fault.help("a package is a folder with seed/metadata.json");
    }
    let path = scan::display(&place.root.join("metadata.json"), base);
    let fault = Diagnostic::error("missing_metadata", format!("package `{}` has no metadata.json", place.name));
    let help = format!("write one: {{ \"packageId\": \"{}\", \"name\": \"...\", \"version\": \"0.1.0\" }}", place.name);
    fault.in_file(path).help(help)
}

fn wrong_version(id: &str, dependency: &Dependency, version: &Version) -> Diagnostic {
    let name = &dependency.id;
    let message = format!("package `{id}` needs `{name}` {}, found {version}", dependency.requirement);
    let fault = Diagnostic::error("wrong_version", message).at(dependency.span);
    fault
        .label(format!("`{name}` is {version}"))
        .help(format!("update `{name}`, or write \"{name}@^{version}\" if that will do"))
}
