//! Reads metadata.json: who a package is, and what it needs.

use std::str::FromStr;

use crate::diag::{Diagnostic, Diagnostics, Span, closest, escape_control};
use crate::json::{Member, Node, NodeKind};
use crate::package::{Requirement, STANDARD_MODULES, Version};

/// A package that another one needs.
#[derive(Debug, Clone)]
pub struct Dependency {
    /// Its `packageId`.
    pub id: String,
    /// The versions that will do.
    pub requirement: Requirement,
    /// Where it is named.
    pub span: Span,
}

/// `exports`: what a package says that it shows to others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exports {
    /// Names of components.
    pub components: Vec<String>,
    /// Names of scripts.
    pub scripts: Vec<String>,
    /// Names or paths of pages.
    pub pages: Vec<String>,
}

/// What metadata.json says, as far as it is right.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    pub id: Option<String>,
    pub id_span: Option<Span>,
    pub name: Option<String>,
    pub version: Option<Version>,
    pub description: Option<String>,
    pub author: Option<String>,
    pub category: Option<String>,
    pub dependencies: Vec<Dependency>,
    pub capabilities: Vec<String>,
    pub permissions: Option<serde_json::Value>,
    pub min_level: u8,
    pub exports: Exports,
    /// The names in `exports`, to be looked up when components and scripts are known.
    pub exported: Vec<(Export, String, Span)>,
    pub raw: serde_json::Value,
}

/// Where an exported name is to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Export {
    Component,
    Script,
    /// `exports` is a bare list: either.
    Either,
}

/// The keys that mean something, or that packages are known to carry.
const KEYS: &[&str] = &[
    "$schema",
    "packageId",
    "name",
    "version",
    "description",
    "author",
    "category",
    "dependencies",
    "devDependencies",
    "permissions",
    "capabilities",
    "exports",
    "minLevel",
    "primary",
    "tests",
    "schema",
    "bindings",
    "license",
    "icon",
    "tags",
    "keywords",
    "homepage",
    "repository",
];

const HIGHEST_LEVEL: i64 = 6;

/// Reads a metadata document; adds a finding for everything that is wrong with it.
pub(super) fn read_metadata(node: &Node, diagnostics: &mut Diagnostics) -> Metadata {
    let mut metadata = Metadata { raw: node.to_value(), ..Metadata::default() };
    if node.as_object().is_none() {
        diagnostics.push(wrong_type(node, "metadata.json", "an object"));
        return metadata;
    }
    check_keys(node, KEYS, &["packageId", "version"], diagnostics);

    if let Some(value) = required(node, "packageId", KEYS, diagnostics)
        && let Some(text) = string(value, "packageId", diagnostics)
    {
        metadata.id_span = Some(value.span);
        match id_fault(text) {
            None => metadata.id = Some(text.to_owned()),
            Some(fault) => diagnostics.push(fault.at(value.span)),
        }
    }
    if let Some(value) = required(node, "version", KEYS, diagnostics)
        && let Some(text) = string(value, "version", diagnostics)
    {
        match Version::from_str(text) {
            Ok(version) => metadata.version = Some(version),
            Err(reason) => {
                let message = format!("{text:?} is no version: {reason}");
                let fault =
                    Diagnostic::error("invalid_version", message).at(value.span).label("expected MAJOR.MINOR.PATCH");
                diagnostics.push(match complete(text) {
                    Some(version) => {
                        fault.help(format!("write \"{version}\"")).fix(value.span, format!("\"{version}\""))
                    }
                    None => fault.help("write three numbers with dots, as in \"1.2.0\""),
                });
            }
        }
    }
    let mut text = |key| node.get(key).and_then(|value| string(value, key, diagnostics)).map(str::to_owned);
    metadata.name = text("name");
    metadata.description = text("description");
    metadata.author = text("author");
    metadata.category = text("category");
    if let Some(value) = node.get("primary")
        && value.as_bool().is_none()
    {
        diagnostics.push(wrong_type(value, "`primary`", "true or false"));
    }
    for key in ["tests", "schema", "bindings"] {
        if let Some(value) = node.get(key)
            && value.as_object().is_none()
        {
            diagnostics.push(wrong_type(value, &format!("`{key}`"), "an object"));
        }
    }
    if let Some(value) = node.get("minLevel") {
        metadata.min_level = level(value, "minLevel", diagnostics).unwrap_or(0);
    }
    if let Some(value) = node.get("dependencies") {
        metadata.dependencies = dependencies(value, "dependencies", diagnostics);
    }
    if let Some(value) = node.get("devDependencies") {
        dependencies(value, "devDependencies", diagnostics);
    }
    if let Some(value) = node.get("capabilities") {
        let names = strings(value, "capabilities", diagnostics);
        metadata.capabilities = names.into_iter().map(|(name, _)| name).collect();
    }
    if let Some(value) = node.get("permissions") {
        match value.as_object() {
            Some(_) => {
                check_permissions(value, "permissions", diagnostics);
                metadata.permissions = Some(value.to_value());
            }
            None => diagnostics.push(wrong_type(value, "`permissions`", "an object")),
        }
    }
    if let Some(value) = node.get("exports") {
        read_exports(value, &mut metadata, diagnostics);
    }
    metadata
}

/// Says what is wrong with a package's id, if anything is.
fn id_fault(id: &str) -> Option<Diagnostic> {
    let legal = id.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if !legal {
        let message = format!("`{}` is no package id", escape_control(id));
        return Some(
            Diagnostic::error("invalid_package_id", message)
                .label("expected letters, digits and `_`, a letter first")
                .help("write it like the folder's name: `forum_forge`"),
        );
    }
    if STANDARD_MODULES.contains(&id) {
        let message = format!("`{id}` is the name of a standard module, and no package may be called so");
        return Some(
            Diagnostic::error("reserved_package_id", message)
                .help(format!("`require('{id}')` would not reach the package; choose another id")),
        );
    }
    None
}

/// Returns the version that was meant by one that leaves numbers out.
fn complete(text: &str) -> Option<Version> {
    let text = text.trim().trim_start_matches(['v', 'V', '^', '~', '=']);
    (0..3).find_map(|missing| format!("{text}{}", ".0".repeat(missing)).parse().ok())
}

fn dependencies(node: &Node, key: &str, diagnostics: &mut Diagnostics) -> Vec<Dependency> {
    // The usual form is a list; a table of name and versions says the same.
    if let Some(members) = node.as_object() {
        let mut found = Vec::new();
        for Member { key: name, key_span, value } in members {
            let Some(text) = string(value, &format!("{key}.{name}"), diagnostics) else { continue };
            found.extend(dependency(name, Some(text), *key_span, diagnostics));
        }
        return found;
    }
    let mut found: Vec<Dependency> = Vec::new();
    for (text, span) in strings(node, key, diagnostics) {
        let (id, requirement) = text.split_once('@').map_or((&text[..], None), |(id, rest)| (id, Some(rest)));
        let Some(dependency) = dependency(id, requirement, span, diagnostics) else { continue };
        if found.iter().any(|other| other.id == dependency.id) {
            let message = format!("`{}` stands twice in `{key}`", dependency.id);
            diagnostics.push(Diagnostic::warning("duplicate_dependency", message).at(span).help("remove one of them"));
            continue;
        }
        found.push(dependency);
    }
    found
}

fn dependency(id: &str, requirement: Option<&str>, span: Span, diagnostics: &mut Diagnostics) -> Option<Dependency> {
    let form = "write \"name\" or \"name@^1.2\"";
    if let Some(fault) = id_fault(id) {
        diagnostics.push(Diagnostic { help: vec![form.to_owned()], ..fault }.at(span));
        return None;
    }
    let requirement = match requirement.map(Requirement::from_str) {
        None => Requirement::any(),
        Some(Ok(requirement)) => requirement,
        Some(Err(reason)) => {
            let message = format!("the versions of `{id}` cannot be read: {reason}");
            let label = "expected ^1.2, ~1.2, >=1, 1.2.3 or *";
            diagnostics.push(Diagnostic::error("invalid_requirement", message).at(span).label(label).help(form));
            return None;
        }
    };
    Some(Dependency { id: id.to_owned(), requirement, span })
}

/// Checks `minLevel` wherever it stands in permissions; everything else in them is the package's own.
fn check_permissions(node: &Node, path: &str, diagnostics: &mut Diagnostics) {
    for member in node.as_object().unwrap_or_default() {
        let path = format!("{path}.{}", member.key);
        match &member.value.kind {
            NodeKind::Object(_) => check_permissions(&member.value, &path, diagnostics),
            NodeKind::Array(_) if member.key == "operations" => drop(strings(&member.value, &path, diagnostics)),
            _ if member.key == "minLevel" => {
                level(&member.value, &path, diagnostics);
            }
            _ => {}
        }
    }
}

/// Reads a level: 0 to 6.
pub(super) fn level(node: &Node, path: &str, diagnostics: &mut Diagnostics) -> Option<u8> {
    match node.as_i64() {
        Some(level @ 0..=HIGHEST_LEVEL) => u8::try_from(level).ok(),
        _ => {
            let help = "0 public, 1 user, 2 moderator, 3 admin, 4 god, 5 supergod, 6 the owner of the instance";
            let fault = wrong_type(node, &format!("`{path}`"), &format!("an integer from 0 to {HIGHEST_LEVEL}"));
            diagnostics.push(fault.help(help));
            None
        }
    }
}

fn read_exports(node: &Node, metadata: &mut Metadata, diagnostics: &mut Diagnostics) {
    if node.as_array().is_some() {
        for (name, span) in strings(node, "exports", diagnostics) {
            metadata.exported.push((Export::Either, name, span));
        }
        return;
    }
    let Some(members) = node.as_object() else {
        diagnostics.push(wrong_type(node, "`exports`", "an object with `components`, `scripts` and `pages`"));
        return;
    };
    check_keys(node, &["components", "scripts", "pages"], &[], diagnostics);
    for member in members {
        let path = format!("exports.{}", member.key);
        let (list, export) = match &member.key[..] {
            "components" => (&mut metadata.exports.components, Some(Export::Component)),
            "scripts" => (&mut metadata.exports.scripts, Some(Export::Script)),
            "pages" => (&mut metadata.exports.pages, None),
            _ => continue,
        };
        for (name, span) in strings(&member.value, &path, diagnostics) {
            list.push(name.clone());
            metadata.exported.extend(export.map(|export| (export, name, span)));
        }
    }
}

/// Warns of keys that mean nothing. A misspelled key that has to be there is left to [`required`].
pub(super) fn check_keys(node: &Node, known: &[&str], needed: &[&str], diagnostics: &mut Diagnostics) {
    let misspelled: Vec<&Member> = needed.iter().filter_map(|key| misspelled(node, key, known)).collect();
    for member in node.as_object().unwrap_or_default() {
        if !known.contains(&&member.key[..]) && !misspelled.iter().any(|other| other.key == member.key) {
            let message = format!("unknown key `{}`", escape_control(&member.key));
            let fault = Diagnostic::warning("unknown_key", message).at(member.key_span);
            diagnostics.push(fault.did_you_mean(&member.key, known.iter().copied()));
        }
    }
}

/// Returns the member that was meant to be `key`, which is not there.
fn misspelled<'a>(node: &'a Node, key: &str, known: &[&str]) -> Option<&'a Member> {
    let unknown = || node.as_object().unwrap_or_default().iter().filter(|member| !known.contains(&&member.key[..]));
    let near = closest(key, unknown().map(|member| &member.key[..])).filter(|_| node.get(key).is_none())?;
    unknown().find(|member| member.key == near)
}

/// Returns a member that has to be there.
pub(super) fn required<'a>(
    node: &'a Node,
    key: &str,
    known: &[&str],
    diagnostics: &mut Diagnostics,
) -> Option<&'a Node> {
    let found = node.get(key);
    if found.is_none() {
        let fault = Diagnostic::error("missing_field", format!("missing field `{key}`"));
        diagnostics.push(match misspelled(node, key, known) {
            Some(near) => fault.at(near.key_span).label("not known").help(format!("did you mean `{key}`?")),
            None => fault.at(first_line(node)).help(format!("add \"{key}\": {}", example(key))),
        });
    }
    found
}

fn example(key: &str) -> &'static str {
    match key {
        "packageId" => "\"my_package\"",
        "version" => "\"1.0.0\"",
        "script" => "\"ui/my_component.lua\"",
        "type" => "\"page\"",
        _ => "\"...\"",
    }
}

/// Returns the text of a value that has to be a string.
pub(super) fn string<'a>(node: &'a Node, path: &str, diagnostics: &mut Diagnostics) -> Option<&'a str> {
    let text = node.as_str();
    if text.is_none() {
        diagnostics.push(wrong_type(node, &format!("`{}`", escape_control(path)), "a string"));
    }
    text
}

/// Returns the texts of a value that has to be a list of strings.
fn strings(node: &Node, path: &str, diagnostics: &mut Diagnostics) -> Vec<(String, Span)> {
    let Some(items) = node.as_array() else {
        diagnostics.push(wrong_type(node, &format!("`{path}`"), "a list of strings"));
        return Vec::new();
    };
    let mut found = Vec::new();
    for (index, item) in items.iter().enumerate() {
        if let Some(text) = string(item, &format!("{path}[{index}]"), diagnostics) {
            found.push((text.to_owned(), item.span));
        }
    }
    found
}

/// Makes the finding that `what` should be something else.
pub(super) fn wrong_type(node: &Node, what: &str, expected: &str) -> Diagnostic {
    let message = format!("{what} must be {expected}, found {}", node.describe());
    Diagnostic::error("wrong_type", message).at(first_line(node)).label(format!("expected {expected}"))
}

/// Returns the place of a node: of an array or object, only its bracket.
pub(super) fn first_line(node: &Node) -> Span {
    match node.kind {
        NodeKind::Array(_) | NodeKind::Object(_) => Span { end: node.span.start + 1, ..node.span },
        _ => node.span,
    }
}
