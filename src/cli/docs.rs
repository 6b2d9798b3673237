//! `mbl docs`: a package as Markdown.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use mbl::package::{ComponentKind, Package, PackageSet};
use mbl::schema::{Arity, Field, FieldKind, Schema};

use crate::cli::Common;
use crate::cli::exit::{Exit, Outcome};
use crate::cli::info::{self, Operation};
use crate::cli::output::{Output, write_stdout};
use crate::cli::project::{self, Print};

#[derive(Args)]
pub struct DocsArgs {
    /// Packages' folders, or folders of packages
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// Prints what packages are: their operations, models and components.
pub fn docs(common: &Common, args: &DocsArgs, output: Output) -> Outcome<Exit> {
    let runtime = project::with_paths(common, &args.paths, Print::Stderr, output).in_memory().build()?;
    let findings = runtime.check();
    let set = runtime.packages();
    if findings.has_errors() {
        output.findings(&findings, &set.sources);
    }
    for (number, package) in set.packages.iter().filter(|package| package.wanted).enumerate() {
        let operations = info::operations(&runtime, package)?;
        let gap = if number > 0 { "\n" } else { "" };
        write_stdout(format!("{gap}{}", page(&set, package, &operations)));
    }
    Ok(Exit::of(&findings))
}

fn page(set: &PackageSet, package: &Package, operations: &[Operation]) -> String {
    let mut out = format!("# {}\n\n", package.name);
    if let Some(description) = &package.description {
        let _ = writeln!(out, "{description}\n");
    }
    let _ = writeln!(out, "`{}` {}", package.id, package.version);
    let needs: Vec<String> = package.dependencies.iter().map(|needed| format!("`{}`", needed.id)).collect();
    if !needs.is_empty() {
        let _ = writeln!(out, "\nIt needs {}.", needs.join(", "));
    }
    if !operations.is_empty() {
        out.push_str("\n## Operations\n");
    }
    for operation in operations {
        self::operation(operation, &mut out);
    }
    let models: Vec<_> = package.models.iter().filter_map(|name| set.schema.model_named(name)).collect();
    if !models.is_empty() {
        out.push_str("\n## Models\n");
    }
    for id in models {
        let model = set.schema.model(id);
        let _ = writeln!(out, "\n### {}\n", model.name);
        if let Some(doc) = &model.doc {
            let _ = writeln!(out, "{}\n", doc.trim());
        }
        out.push_str("| field | type | |\n| --- | --- | --- |\n");
        for field in model.fields.iter().filter(|field| !field.ignored) {
            let doc = cell(field.doc.as_deref().unwrap_or_default());
            let _ = writeln!(out, "| `{}` | {} | {doc} |", field.name, type_of(&set.schema, field));
        }
    }
    if !package.components.is_empty() {
        out.push_str("\n## Components\n");
    }
    for component in &package.components {
        let (kind, props) = match &component.kind {
            ComponentKind::Definition(definition) => (definition.level.to_string(), definition.props.as_slice()),
            ComponentKind::Tree(_) => ("tree".to_owned(), &[][..]),
        };
        let _ = writeln!(out, "\n### {} ({kind})", component.name);
        if let Some(description) = &component.description {
            let _ = writeln!(out, "\n{}", description.trim());
        }
        if !props.is_empty() {
            out.push_str("\n| prop | type | |\n| --- | --- | --- |\n");
        }
        for prop in props {
            let mut facts = Vec::new();
            facts.extend(prop.description.clone());
            facts.extend(prop.default.as_ref().map(|default| format!("{default} if left out")));
            let mark = if prop.required { "" } else { "?" };
            let _ = writeln!(out, "| `{}` | {}{mark} | {} |", prop.name, prop.prop_type, cell(&facts.join("; ")));
        }
    }
    let permissions = package.permissions.as_object().filter(|list| !list.is_empty());
    if let Some(permissions) = permissions {
        out.push_str("\n## Permissions\n\n| permission | level | |\n| --- | --- | --- |\n");
        for (name, facts) in permissions {
            let level = facts["minLevel"].as_i64().map(|level| level.to_string()).unwrap_or_default();
            let _ =
                writeln!(out, "| `{name}` | {level} | {} |", cell(facts["description"].as_str().unwrap_or_default()));
        }
    }
    out
}

fn operation(operation: &Operation, out: &mut String) {
    let _ = writeln!(out, "\n### {}", operation.signature());
    let function = &operation.function;
    if let Some(doc) = &function.doc {
        let _ = writeln!(out, "\n{}", doc.trim());
    }
    if !function.parameters.is_empty() {
        out.push_str("\n| parameter | type | |\n| --- | --- | --- |\n");
    }
    for parameter in &function.parameters {
        let kind = parameter.type_name.as_deref().map(|kind| format!("`{}`", cell(kind))).unwrap_or_default();
        let kind = if parameter.optional { format!("{kind}, optional") } else { kind };
        let _ = writeln!(
            out,
            "| `{}` | {kind} | {} |",
            parameter.name,
            cell(parameter.description.as_deref().unwrap_or_default())
        );
    }
    for returned in &function.returns {
        let description = returned.description.as_deref().map(|text| format!(": {text}")).unwrap_or_default();
        let _ = writeln!(out, "\nReturns `{}`{description}", returned.type_name);
    }
}

fn type_of(schema: &Schema, field: &Field) -> String {
    let name = match &field.kind {
        FieldKind::Scalar(scalar) => scalar.name().to_owned(),
        FieldKind::Enum(id) => schema.enumeration(*id).name.clone(),
        FieldKind::Relation(relation) => schema.model(relation.target).name.clone(),
        FieldKind::Unsupported(name) => name.clone(),
    };
    match field.arity {
        Arity::Required => name,
        Arity::Optional => format!("{name}?"),
        Arity::List => format!("{name}[]"),
    }
}

/// Makes a text fit into a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").split_whitespace().collect::<Vec<_>>().join(" ")
}
