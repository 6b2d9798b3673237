//! `mbl info` and `mbl list`: what packages are.

use std::collections::BTreeSet;

use clap::Args;
use mbl::diag::{Diagnostics, escape_control};
use mbl::package::{ComponentKind, FunctionAnnotation, Package, PackageSet, Parameter, read_annotations};
use mbl::{Error, Runtime};
use serde_json::{Map, Value as Json, json};

use crate::cli::exit::{Exit, Outcome};
use crate::cli::output::{Output, Paint};
use crate::cli::project::{self, Print};
use crate::cli::{Common, counts};

#[derive(Args)]
pub struct InfoArgs {
    /// A package's folder, or its name under the packages' folder
    #[arg(value_name = "PKG")]
    package: String,
}

/// An operation with what its annotations say.
pub struct Operation {
    /// Its name.
    pub name: String,
    /// Its annotations; empty when it has none.
    pub function: FunctionAnnotation,
    /// The file that it stands in, as messages show it.
    pub file: Option<String>,
}

/// Shows what a package is. Opens no database of the project's.
pub fn info(common: &Common, args: &InfoArgs, output: Output) -> Outcome<Exit> {
    let (builder, _) = project::with_package(common, &args.package, Print::Stderr, output);
    let runtime = builder.in_memory().build()?;
    let findings = runtime.check();
    let set = runtime.packages();
    for package in set.packages.iter().filter(|package| package.wanted) {
        let operations = operations(&runtime, package)?;
        if output.json {
            let mut more = Map::new();
            more.insert("package".into(), package_json(package, &operations));
            output.report("info", !findings.has_errors(), &findings, &set.sources, more, counts(&findings));
        } else {
            show(package, &operations, output);
        }
    }
    Ok(end(&findings, &set, output))
}

/// Lists the packages of the project.
pub fn list(common: &Common, output: Output) -> Outcome<Exit> {
    let builder = project::with_paths(common, &[], Print::Stderr, output);
    let set = builder.read()?;
    let rows: Vec<&Package> = set.packages.iter().chain(&set.refused).collect();
    // What there is in the folders can be told without the database.
    let installed = builder.installed().unwrap_or_else(|error| {
        output.note(&format!("which of them are installed is not known: {error}"));
        Vec::new()
    });
    let state = |package: &Package| installed.iter().find(|installed| installed.id == package.id);
    if output.json {
        let packages: Vec<Json> = set
            .packages
            .iter()
            .map(|package| (package, true))
            .chain(set.refused.iter().map(|package| (package, false)))
            .map(|(package, loads)| {
                json!({
                    "id": package.id,
                    "name": package.name,
                    "version": package.version.to_string(),
                    "description": package.description,
                    "path": package.folder.display().to_string(),
                    "loads": loads,
                    "installed": state(package).map(|installed| &installed.version),
                    "enabled": state(package).map(|installed| installed.enabled),
                })
            })
            .collect();
        let mut more = Map::new();
        more.insert("packages".into(), json!(packages));
        let ok = !set.diagnostics.has_errors();
        output.report("list", ok, &set.diagnostics, &set.sources, more, counts(&set.diagnostics));
    } else {
        let id_width = rows.iter().map(|package| package.id.chars().count()).max().unwrap_or(0);
        let version_width = rows.iter().map(|package| package.version.to_string().len()).max().unwrap_or(0);
        for package in &rows {
            let description = package.description.as_deref().unwrap_or("");
            let mark = match state(package) {
                Some(installed) if !installed.enabled => "(disabled) ",
                _ => "",
            };
            let version = package.version.to_string();
            let line = format!("{:<id_width$}  {version:<version_width$}  {mark}{description}", package.id);
            output.line(escape_control(&line).trim_end());
        }
        if rows.is_empty() {
            output.note("no packages here; --packages names a folder of packages");
        }
    }
    Ok(end(&set.diagnostics, &set, output))
}

/// Shows the errors among the findings and returns the exit code that they call for.
fn end(findings: &Diagnostics, set: &PackageSet, output: Output) -> Exit {
    if findings.has_errors() {
        output.findings(findings, &set.sources);
    }
    Exit::of(findings)
}

/// Returns the operations of a package in the order in which their files declare them.
pub fn operations(runtime: &Runtime, package: &Package) -> Result<Vec<Operation>, Error> {
    let set = runtime.packages();
    let mut left: BTreeSet<String> = runtime.operations(&package.id)?.into_iter().collect();
    let mut operations = Vec::new();
    for script in package.scripts.iter().filter(|script| script.in_scripts && !script.is_test) {
        if script.path != "init.lua" && !script.path.starts_with("db/") {
            continue;
        }
        let source = set.sources.get(script.source);
        for function in read_annotations(&source.text).functions {
            if function.exported && left.remove(&function.name) {
                let (name, file) = (function.name.clone(), Some(source.name.to_string()));
                operations.push(Operation { name, function, file });
            }
        }
    }
    // What is put together while the script runs has no annotations to read.
    let rest = left.into_iter().map(|name| Operation { name, function: FunctionAnnotation::default(), file: None });
    operations.extend(rest);
    Ok(operations)
}

impl Operation {
    /// Returns `createThread(categoryId, authorId)`.
    pub fn signature(&self) -> String {
        let parameters: Vec<String> = self
            .function
            .parameters
            .iter()
            .map(|parameter| format!("{}{}", parameter.name, if parameter.optional { "?" } else { "" }))
            .collect();
        format!("{}({})", self.name, parameters.join(", "))
    }

    /// Returns the operation as JSON.
    pub fn json(&self) -> Json {
        let parameters: Vec<Json> = self.function.parameters.iter().map(parameter_json).collect();
        let returns: Vec<Json> = self
            .function
            .returns
            .iter()
            .map(|returned| {
                json!({ "type": returned.type_name, "name": returned.name, "description": returned.description })
            })
            .collect();
        json!({
            "name": self.name,
            "doc": self.function.doc,
            "parameters": parameters,
            "returns": returns,
            "deprecated": self.function.deprecated,
            "file": self.file,
            "line": self.file.as_ref().map(|_| self.function.line),
        })
    }
}

/// Returns `filters?: forum_forge.ThreadFilters`.
pub fn parameter_text(parameter: &Parameter) -> String {
    let mark = if parameter.optional { "?" } else { "" };
    match &parameter.type_name {
        Some(type_name) => format!("{}{mark}: {type_name}", parameter.name),
        None => format!("{}{mark}", parameter.name),
    }
}

fn parameter_json(parameter: &Parameter) -> Json {
    json!({
        "name": parameter.name,
        "type": parameter.type_name,
        "optional": parameter.optional,
        "description": parameter.description,
    })
}

/// Returns a package as JSON.
pub fn package_json(package: &Package, operations: &[Operation]) -> Json {
    let components: Vec<Json> = package
        .components
        .iter()
        .map(|component| match &component.kind {
            ComponentKind::Definition(definition) => {
                let props: Map<String, Json> = definition
                    .props
                    .iter()
                    .map(|prop| {
                        let mut facts = json!({ "type": prop.prop_type.as_str(), "required": prop.required });
                        if let Some(default) = &prop.default {
                            facts["default"] = default.clone();
                        }
                        if let Some(description) = &prop.description {
                            facts["description"] = json!(description);
                        }
                        (prop.name.clone(), facts)
                    })
                    .collect();
                json!({
                    "name": component.name,
                    "type": definition.level.as_str(),
                    "description": component.description,
                    "props": props,
                    "script": definition.script.path,
                })
            }
            ComponentKind::Tree(tree) => json!({ "id": component.name, "tree": tree }),
        })
        .collect();
    let dependencies: Vec<&str> = package.dependencies.iter().map(|dependency| dependency.id.as_str()).collect();
    json!({
        "id": package.id,
        "name": package.name,
        "version": package.version.to_string(),
        "description": package.description,
        "author": package.author,
        "category": package.category,
        "path": package.folder.display().to_string(),
        "dependencies": dependencies,
        "capabilities": package.capabilities,
        "permissions": package.permissions,
        "minLevel": package.min_level,
        "models": package.models,
        "operations": operations.iter().map(Operation::json).collect::<Vec<_>>(),
        "components": components,
    })
}

fn show(package: &Package, operations: &[Operation], output: Output) {
    let title = format!("{} {}", package.id, package.version);
    output.line(&match package.description.as_deref() {
        Some(description) => format!("{}  ·  {}", output.paint(Paint::Bold, &title), escape_control(description)),
        None => output.paint(Paint::Bold, &title),
    });
    let dependencies: Vec<&str> = package.dependencies.iter().map(|dependency| dependency.id.as_str()).collect();
    let permissions: Vec<String> =
        package.permissions.as_object().map(|list| list.keys().cloned().collect()).unwrap_or_default();
    for (label, text) in [
        ("path", package.folder.display().to_string()),
        ("author", package.author.clone().unwrap_or_default()),
        ("needs", dependencies.join(", ")),
        ("asks for", package.capabilities.join(", ")),
        ("models", package.models.join(", ")),
        ("permissions", permissions.join(", ")),
    ] {
        if !text.is_empty() {
            output.line(&format!("  {label:<12}{}", escape_control(&text)));
        }
    }
    if !operations.is_empty() {
        output.line("\noperations");
    }
    for operation in operations {
        let parameters: Vec<String> = operation.function.parameters.iter().map(parameter_text).collect();
        let returns: Vec<&str> =
            operation.function.returns.iter().map(|returned| returned.type_name.as_str()).collect();
        let returns =
            if returns.is_empty() { String::new() } else { format!(" -> {}", escape_control(&returns.join(", "))) };
        output.line(&format!(
            "  {}({}){returns}",
            output.paint(Paint::Bold, &operation.name),
            escape_control(&parameters.join(", "))
        ));
        if let Some(first) = operation.function.doc.as_deref().and_then(|doc| doc.lines().next()) {
            output.line(&format!("      {}", escape_control(first)));
        }
    }
    if !package.components.is_empty() {
        output.line("\ncomponents");
    }
    for component in &package.components {
        let (level, props) = match &component.kind {
            ComponentKind::Definition(definition) => (
                definition.level.as_str(),
                definition
                    .props
                    .iter()
                    .map(|prop| format!("{}{}: {}", prop.name, if prop.required { "" } else { "?" }, prop.prop_type))
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
            ComponentKind::Tree(_) => ("tree", String::new()),
        };
        let props = if props.is_empty() { String::new() } else { format!("  ({props})") };
        let name = output.paint(Paint::Bold, &escape_control(&component.name));
        output.line(&format!("  {name} {level}{}", escape_control(&props)));
    }
}
