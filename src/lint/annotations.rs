//! Annotations that do not fit the functions below them.

use std::collections::BTreeSet;

use crate::diag::{Severity, closest};
use crate::lint::tree::{Doc, Kind, Op, Stat};
use crate::lint::walk::{Event, Named, walk, walk_function};
use crate::lint::{File, PackageFiles, Report};

/// The types that every annotation may name.
const TYPES: &[&str] = &[
    "any",
    "boolean",
    "false",
    "function",
    "integer",
    "lightuserdata",
    "nil",
    "number",
    "self",
    "string",
    "table",
    "thread",
    "true",
    "unknown",
    "userdata",
    "void",
];

/// Words for types that are another language's.
const FOREIGN_TYPES: &[(&str, &str)] = &[
    ("bool", "boolean"),
    ("int", "integer"),
    ("float", "number"),
    ("double", "number"),
    ("str", "string"),
    ("array", "table"),
    ("object", "table"),
    ("dict", "table"),
    ("list", "table"),
    ("func", "function"),
];

/// Checks the annotations of one script.
pub(super) fn check(file: &File, report: &mut Report) {
    let Some(tree) = &file.tree else { return };
    walk(&tree.block, &mut |event, _| {
        if let Event::Function(named) = event
            && let Some(doc) = named.doc
            && !(doc.params.is_empty() && doc.returns.is_empty())
        {
            check_function(file, &named, doc, report);
        }
    });
}

fn check_function(file: &File, named: &Named, doc: &Doc, report: &mut Report) {
    let function = named.function;
    let name = named.name.unwrap_or("the function");
    let params: Vec<&str> = function.params.iter().map(|(_, param)| &param.text[..]).collect();
    // `self` may be said of a method.
    let is_param =
        |text: &str| params.contains(&text) || (text == "..." && function.rest) || (text == "self" && named.method);
    let mut said: Vec<&str> = Vec::new();
    let unknown: Vec<_> = doc.params.iter().filter(|param| !is_param(&param.name.text)).collect();
    let missing: Vec<_> =
        function.params.iter().filter(|(_, param)| !doc.params.iter().any(|of| of.name.text == param.text)).collect();
    for param in &doc.params {
        let text = &param.name.text[..];
        if said.contains(&text) {
            let message = format!("parameter `{text}` of `{name}` is annotated twice");
            report.push(
                file.fault(Severity::Warning, "duplicate_param", message, param.name.range)
                    .help("remove one of the two"),
            );
        } else if !is_param(text) && !doc.overloads {
            let message = format!("`{name}` has no parameter `{text}`");
            let fault = file.fault(Severity::Warning, "unknown_param", message, param.name.range);
            let rest = missing.iter().map(|(_, param)| &param.text[..]);
            report.push(match (missing.as_slice(), unknown.len()) {
                // One name for another.
                ([(_, only)], 1) => fault
                    .help(format!("the parameter is called `{}`", only.text))
                    .fix(file.span(param.name.range), &only.text),
                _ => match closest(text, rest) {
                    Some(near) => fault.help(format!("did you mean `{near}`?")),
                    None if params.is_empty() => fault.help("it takes none; remove the annotation"),
                    None => fault.help(format!("its parameters are: {}", params.join(", "))),
                },
            });
        }
        said.push(text);
    }
    // A function whose parameters are annotated is annotated whole; one with a `@return` alone need not be.
    if !doc.params.is_empty() && !doc.overloads {
        for (_, param) in &missing {
            // `_` and `_unused` say that they are not looked at.
            if param.text.starts_with('_') || (unknown.len() == 1 && missing.len() == 1) {
                continue;
            }
            let message = format!("parameter `{}` of `{name}` has no annotation", param.text);
            let fault = file.fault(Severity::Warning, "missing_param", message, param.range);
            report.push(fault.help(format!("add `---@param {} ...` above the function", param.text)));
        }
    }
    if unknown.is_empty() && missing.is_empty() {
        let mut order: Vec<&str> =
            doc.params.iter().map(|param| &param.name.text[..]).filter(|text| params.contains(text)).collect();
        order.dedup();
        if let Some(at) = order.iter().zip(&params).position(|(said, is)| said != is)
            && order.len() == params.len()
        {
            let message = format!("the annotations of `{name}` are in another order than its parameters");
            let param = doc.params.iter().find(|param| param.name.text == order[at]).expect("it comes from this list");
            let fault = file.fault(Severity::Warning, "param_order", message, param.name.range);
            report.push(fault.help(format!("the order is: {}", params.join(", "))));
        }
    }
    // `filters = filters or {}` stands in for what the caller left out.
    for stat in &function.body {
        let Stat::Assign { targets, values, .. } = stat else { continue };
        let ([target], [value]) = (targets.as_slice(), values.as_slice()) else { continue };
        let Kind::Binary { op: Op::Or, left, .. } = &value.kind else { continue };
        let (Some(id), Some(same)) = (target.as_local(), left.as_local()) else { continue };
        let Some((_, param)) = function.params.iter().find(|(of, _)| *of == id && same == id) else { continue };
        let Some(said) = doc.params.iter().find(|said| said.name.text == param.text && !said.optional) else {
            continue;
        };
        if said.type_text.is_none() {
            continue;
        }
        let message =
            format!("parameter `{}` of `{name}` may be left out, and its annotation does not say so", param.text);
        let fault = file.fault(Severity::Warning, "param_optional", message, said.name.range);
        report.push(
            fault
                .help(format!("write `---@param {}? ...`", param.text))
                .fix(file.span(said.name.range), format!("{}?", param.text)),
        );
    }
    if let Some(returned) =
        doc.returns.first().filter(|returned| !matches!(&returned.type_text[..], "nil" | "void" | "" | "never"))
    {
        let mut returns = false;
        let mut raises = false;
        walk_function(function, &mut |event, place| match event {
            Event::Stat(Stat::Return { values }) if place.functions == 1 => returns |= !values.is_empty(),
            Event::Expr(expr) => {
                if let Kind::Call { callee, .. } = &expr.kind {
                    raises |= callee.as_global() == Some("error");
                }
            }
            _ => {}
        });
        let optional =
            returned.type_text.ends_with('?') || returned.type_text.split('|').any(|part| part.trim() == "nil");
        if !returns && !raises && !optional {
            let message = format!("`{name}` is annotated to return `{}`, and returns nothing", returned.type_text);
            let fault = file.fault(Severity::Warning, "missing_return", message, returned.range);
            report.push(fault.help("return the value, or remove the annotation"));
        }
    }
}

/// Checks the names of types that a package's annotations use: only a name that is nearly another is a finding, for editors know
/// more of them than are known here.
pub(super) fn check_types(package: &PackageFiles, known: &BTreeSet<&str>, report: &mut Report) {
    let own: BTreeSet<&str> = package
        .files
        .iter()
        .filter_map(|file| file.tree.as_ref())
        .flat_map(|tree| tree.types.iter().map(String::as_str))
        .collect();
    for file in &package.files {
        let Some(tree) = &file.tree else { continue };
        for name in &tree.type_uses {
            let text = &name.text[..];
            if TYPES.contains(&text) || own.contains(text) || known.contains(text) {
                continue;
            }
            let near = match FOREIGN_TYPES.iter().find(|(foreign, _)| foreign.eq_ignore_ascii_case(text)) {
                Some((_, own)) => Some(*own),
                None if text.len() > 3 => closest(
                    text,
                    TYPES
                        .iter()
                        .copied()
                        .filter(|known| known.len() > 3)
                        .chain(own.iter().copied())
                        .chain(known.iter().copied()),
                ),
                None => None,
            };
            if let Some(near) = near {
                let message = format!("unknown type `{text}`");
                let fault = file.fault(Severity::Warning, "unknown_annotation_type", message, name.range);
                report.push(fault.help(format!("did you mean `{near}`?")));
            }
        }
    }
}
