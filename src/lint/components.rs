//! Components whose script, props or handlers do not fit.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Diagnostic, Diagnostics, Severity, Span, closest};
use crate::json::{self, Node, NodeKind};
use crate::lint::facts::{Exports, Member, function_of};
use crate::lint::modules::Target;
use crate::lint::tree::{Expr, Function, Key, Kind, LocalId, Op, Range, Stat};
use crate::lint::walk::{Event, walk, walk_function};
use crate::lint::{File, Report, World};
use crate::package::{Component, Definition, PropType};

/// Props that every component may be given without saying so.
const IMPLICIT_PROPS: &[&str] = &["children"];

/// Checks the components of a package.
pub(super) fn check<'w>(world: &World<'w>, number: usize, report: &mut Report) {
    let package = &world.packages[number];
    // A script may serve several components.
    let mut by_script: BTreeMap<&str, Vec<(&Component, &Definition)>> = BTreeMap::new();
    for component in &package.package.components {
        if let Some(definition) = component.definition() {
            by_script.entry(&definition.script.path).or_default().push((component, definition));
        }
    }
    for (path, components) in by_script {
        let file = package.files.iter().find(|file| file.script.in_scripts && file.script.path == path);
        if let Some(file) = file.filter(|file| file.tree.is_some()) {
            check_script(file, &components, report);
        }
    }
    let Some(document) = package.package.data_file("components.json", None) else { return };
    // What is wrong with the document itself has been said when it was loaded.
    if let Some(document) = json::read(&world.set.sources, document.source, &mut Diagnostics::new()) {
        check_nodes(&document, world, number, report);
    }
}

/// Checks a component's script: that it renders, and which props it reads.
fn check_script(file: &File, components: &[(&Component, &Definition)], report: &mut Report) {
    let name = &components[0].0.name;
    let render = match &file.facts.exports {
        Exports::Nothing => {
            let message = format!("the script of component `{name}` returns nothing");
            let help = "add `return M` at its end, where `M.render` is the function that makes the node";
            report.push(returns_nothing(file, message, help));
            return;
        }
        Exports::Open => return,
        Exports::Function(function) => Some(*function),
        Exports::Table { members, open } => match members.get("render") {
            Some(Member::Function { function, method: false, .. }) => Some(*function),
            Some(Member::Function { name: written, method: true, function }) => {
                let message = format!("`render` of component `{name}` is a method, and is called without a `self`");
                let fault = file.fault(Severity::Error, "method_operation", message, written.range);
                report.push(file.with_dot(fault.help("write a dot: `function M.render(props)`"), written, function));
                return;
            }
            Some(Member::Value(value)) => function_of(value, &file.facts),
            None if *open => return,
            None => {
                let message = format!("the script of component `{name}` has no `render`");
                let fault = Diagnostic::error("missing_render", message).at(file.span(file.last_line()));
                let names = members.keys().copied();
                let near = closest("render", names);
                report.push(match near {
                    Some(near) => fault.help(format!("rename `{near}` to `render`")),
                    None => fault.help("add `function M.render(props) ... end`; it returns a node"),
                });
                return;
            }
        },
    };
    let Some(render) = render else { return };
    let mut declared: BTreeSet<&str> = BTreeSet::new();
    for (_, definition) in components {
        declared.extend(definition.props.iter().map(|prop| &prop.name[..]));
    }
    let Some((id, _)) = render.params.first() else {
        for (component, definition) in components {
            report_unused(component, definition, &BTreeSet::new(), report);
        }
        return;
    };
    let uses = props_read(file, render, *id);
    let mut meant: BTreeSet<&str> = BTreeSet::new();
    for (prop, range) in &uses.read {
        if declared.contains(prop) || IMPLICIT_PROPS.contains(prop) {
            continue;
        }
        let message = format!("component `{name}` does not declare the prop `{prop}`");
        let fault = file.fault(Severity::Warning, "undeclared_prop", message, *range);
        report.push(match closest(prop, declared.iter().copied()) {
            Some(near) => {
                meant.insert(near);
                fault.help(format!("did you mean `{near}`?"))
            }
            None => fault.help(format!("add \"{prop}\": \"any\" to its `props` in components.json")),
        });
    }
    if !uses.escape {
        // A prop that was misspelled where it is read is one fault, not two.
        let read: BTreeSet<&str> = uses.read.keys().copied().chain(meant).collect();
        for (component, definition) in components {
            report_unused(component, definition, &read, report);
        }
    }
}

fn report_unused(component: &Component, definition: &Definition, read: &BTreeSet<&str>, report: &mut Report) {
    for prop in definition.props.iter().filter(|prop| !read.contains(&prop.name[..])) {
        let message = format!("prop `{}` of `{}` is never used", prop.name, component.name);
        let fault = Diagnostic::warning("unused_prop", message).at(prop.span);
        report.push(fault.help(format!("`{}` does not read it; remove it from `props`", definition.script.path)));
    }
}

/// The props that a function reads.
struct Uses<'t> {
    read: BTreeMap<&'t str, Range>,
    /// Whether the props go elsewhere as a whole, where others of them may be read.
    escape: bool,
}

fn props_read<'t>(file: &'t File<'t>, render: &'t Function, props: LocalId) -> Uses<'t> {
    let mut uses = Uses { read: BTreeMap::new(), escape: false };
    // Other names for the same table, or one that stands in for it: `local p = props or {}`.
    let mut same: Vec<LocalId> = vec![props];
    for (id, value) in &file.facts.values {
        if stands_for(value, props) {
            same.push(*id);
        }
    }
    let is_props = |expr: &Expr| expr.as_local().is_some_and(|id| same.contains(&id));
    let mut whole = 0_i64;
    walk_function(render, &mut |event, _| match event {
        Event::Stat(Stat::Local { values, .. } | Stat::Assign { values, .. }) => {
            whole -= values.iter().filter(|value| stands_for(value, props)).count() as i64;
        }
        Event::Expr(expr) => match &expr.kind {
            Kind::Index { base, key: Key::Name(name) } if is_props(base) => {
                whole -= 1;
                uses.read.entry(&name.text).or_insert(name.range);
            }
            Kind::Name(_, Some(_)) if is_props(expr) => whole += 1,
            // `if not props then`, `props and props.title`
            Kind::Unary { value, .. } if is_props(value) => whole -= 1,
            Kind::Binary { op: Op::And, left, .. } if is_props(left) => whole -= 1,
            Kind::Binary { op: Op::Other, left, right } if is_props(left) && matches!(right.kind, Kind::Nil) => {
                whole -= 1
            }
            _ => {}
        },
        Event::Target(target) => {
            if let Some((base, name)) = target.as_field()
                && is_props(base)
            {
                whole -= 1;
                uses.read.entry(&name.text).or_insert(name.range);
            }
        }
        _ => {}
    });
    uses.escape = whole > 0;
    uses
}

/// Tells whether a value is the props, or what stands in for them: `props or {}`.
fn stands_for(value: &Expr, props: LocalId) -> bool {
    match &value.plain().kind {
        Kind::Name(_, Some(id)) => *id == props,
        Kind::Binary { op: Op::Or, left, .. } => left.as_local() == Some(props),
        _ => false,
    }
}

/// Checks what is written in the document: handlers wherever they are, and the props of nodes that are components.
fn check_nodes<'w>(node: &Node, world: &World<'w>, number: usize, report: &mut Report) {
    match &node.kind {
        NodeKind::Array(items) => items.iter().for_each(|item| check_nodes(item, world, number, report)),
        NodeKind::Object(members) => {
            let is_definition = node.get("script").is_some();
            for member in members {
                match &member.key[..] {
                    "scripts" | "events" => check_handlers(&member.value, world, number, report),
                    "props" if is_definition => {}
                    "props" => {
                        if let Some(word) = node.get("type").and_then(Node::as_str) {
                            check_props(word, node, &member.value, world, number, report);
                        }
                    }
                    _ => check_nodes(&member.value, world, number, report),
                }
            }
            if node.get("props").is_none()
                && !is_definition
                && let Some(word) = node.get("type").and_then(Node::as_str)
            {
                check_props(word, node, node, world, number, report);
            }
        }
        _ => {}
    }
}

fn check_handlers<'w>(node: &Node, world: &World<'w>, number: usize, report: &mut Report) {
    match &node.kind {
        NodeKind::Array(items) => items.iter().for_each(|item| check_handlers(item, world, number, report)),
        NodeKind::Object(members) => {
            members.iter().for_each(|member| check_handlers(&member.value, world, number, report));
        }
        _ => {
            if let Some(text) = node.as_str() {
                check_handler(text, node.span, world, number, report);
            }
        }
    }
}

/// Checks `module.function`, or `package.operation`.
fn check_handler(text: &str, span: Span, world: &World<'_>, number: usize, report: &mut Report) {
    let is_name = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
    };
    // Expressions and actions of other kinds are not names.
    let Some((module, function)) = text.rsplit_once('.') else { return };
    if !text.split(['.', '/']).all(is_name) || function == "lua" || function == "json" {
        return;
    }
    let own = &world.packages[number];
    let exports = |target: &Target<'_>| match target {
        Target::Script(package, number) => Some(&world.packages[*package].files[*number]),
        _ => None,
    };
    let module_file = world.lookup(number, module);
    let whole_file = world.lookup(number, text);
    if matches!(whole_file, Some(Target::Script(..))) {
        return;
    }
    match module_file {
        Some(target @ Target::Script(..)) => {
            let file = exports(&target).expect("it is a script");
            if file.tree.is_some()
                && !world.says_nothing(number, file)
                && !file.facts.exports.may_have(function)
                && !file.facts.globals.contains_key(function)
            {
                let message = format!("module `{module}` has no function `{function}`");
                let fault = Diagnostic::warning("unknown_handler", message).at(span);
                report.push(match closest(function, file.facts.exports.names()) {
                    Some(near) => fault.help(format!("did you mean `{near}`?")),
                    None => fault.help(format!("add the function to scripts/{}, or name another", file.script.path)),
                });
            }
        }
        Some(Target::Face(other)) => {
            let files = world.packages[other].files.iter().filter(|file| file.is_face());
            let mut names: BTreeSet<&str> = BTreeSet::new();
            for file in files {
                if file.tree.is_none() || file.facts.exports.may_have(function) {
                    return;
                }
                names.extend(file.facts.exports.names());
            }
            let message = format!("package `{module}` has no operation `{function}`");
            report.push(Diagnostic::warning("unknown_handler", message).at(span).did_you_mean(function, names));
        }
        Some(_) => {}
        None => {
            let message = format!("there is no module `{module}` for the handler `{text}`");
            let fault = Diagnostic::warning("unknown_handler", message).at(span);
            let modules =
                own.package.scripts.iter().filter(|script| script.in_scripts).map(|script| &script.module[..]);
            report.push(match closest(module, modules) {
                Some(near) => fault.help(format!("did you mean `{near}.{function}`?")),
                None => fault.help("a handler is a module below `scripts` and a function in it: \"module.function\""),
            });
        }
    }
}

/// Checks the props that a node gives to a component of the same name.
fn check_props(word: &str, node: &Node, props: &Node, world: &World<'_>, number: usize, report: &mut Report) {
    let own = world.packages[number].package;
    let needed = world.packages.iter().map(|other| other.package).filter(|other| own.depends_on(&other.id));
    let component = std::iter::once(own).chain(needed).find_map(|package| {
        package
            .components
            .iter()
            .find(|component| component.name.eq_ignore_ascii_case(word) && component.definition().is_some())
    });
    let Some((component, definition)) = component.and_then(|component| Some((component, component.definition()?)))
    else {
        return;
    };
    let given: &[json::Member] = if std::ptr::eq(node, props) { &[] } else { props.as_object().unwrap_or(&[]) };
    for member in given {
        let Some(prop) = definition.props.iter().find(|prop| prop.name == member.key) else {
            if IMPLICIT_PROPS.contains(&&member.key[..]) {
                continue;
            }
            let message = format!("component `{}` has no prop `{}`", component.name, member.key);
            let fault = Diagnostic::warning("unknown_prop", message).at(member.key_span);
            let names: Vec<&str> = definition.props.iter().map(|prop| &prop.name[..]).collect();
            report.push(match closest(&member.key, names.iter().copied()) {
                Some(near) => fault.help(format!("did you mean `{near}`?")),
                None if names.is_empty() => fault.help("it has none"),
                None => fault.help(format!("its props are: {}", names.join(", "))),
            });
            continue;
        };
        let value = member.value.to_value();
        // What stands in braces is filled in later.
        let filled = value.as_str().is_some_and(|text| text.contains("{{"));
        if !filled && !value.is_null() && !prop.prop_type.accepts(&value) {
            let message = format!("prop `{}` of `{}` must be of type {}", prop.name, component.name, prop.prop_type);
            let fault = Diagnostic::warning("wrong_prop_type", message).at(member.value.span);
            report.push(match prop.prop_type {
                PropType::Function => fault.help("name an operation: \"package.operation\""),
                _ => fault,
            });
        } else if let (PropType::Function, Some(name)) = (prop.prop_type, value.as_str()) {
            check_handler(name, member.value.span, world, number, report);
        }
    }
    for prop in definition.props.iter().filter(|prop| prop.required) {
        if !given.iter().any(|member| member.key == prop.name) {
            let message = format!("component `{}` needs the prop `{}`", component.name, prop.name);
            let place = node.get("type").map_or(node.span, |word| word.span);
            let fault = Diagnostic::warning("missing_prop", message).at(place);
            report.push(fault.help(format!("add \"{}\" of type {} to `props`", prop.name, prop.prop_type)));
        }
    }
}

/// Makes the fault of a script that returns nothing. The one table that it fills with functions is what it should return.
fn returns_nothing(file: &File, message: String, help: &str) -> Diagnostic {
    let fault = Diagnostic::error("returns_nothing", message).at(file.span(file.last_line())).help(help);
    let tables: Vec<LocalId> = file
        .facts
        .values
        .iter()
        .filter(|(id, value)| matches!(value.kind, Kind::Table(_)) && file.fills(**id))
        .map(|(id, _)| *id)
        .collect();
    let [table] = tables.as_slice() else { return fault };
    let name = file.tree.map_or("M", |tree| &tree.locals[table.0].name);
    let end = file.text.trim_end().len();
    fault.fix(file.span(Range { start: end, end }), format!("\n\nreturn {name}"))
}

/// Checks the tables that make a package's face: operations are called with a dot.
pub(super) fn check_face(file: &File, report: &mut Report) {
    if let (Exports::Nothing, Some(tree)) = (&file.facts.exports, file.tree)
        && !tree.block.is_empty()
        && !matches!(tree.block.last(), Some(Stat::Call(call)) if is_error(call))
    {
        let message = format!("`{}` returns nothing", file.script.path);
        let help = "add `return M` at its end, where M is the table of its functions";
        report.push(returns_nothing(file, message, help));
    }
    let Exports::Table { members, .. } = &file.facts.exports else { return };
    for (name, member) in members {
        if let Member::Function { method: true, name: written, function } = member
            && !name.starts_with('_')
        {
            let message = format!("operation `{name}` is a method, and is called without a `self`");
            let fault = file.fault(Severity::Warning, "method_operation", message, written.range);
            report.push(file.with_dot(fault.help(format!("write a dot: `function M.{name}(...)`")), written, function));
        }
    }
}

fn is_error(call: &Expr) -> bool {
    matches!(&call.kind, Kind::Call { callee, .. } if callee.as_global() == Some("error"))
}

/// Names keys that a table holds twice: the second takes the place of the first.
pub(super) fn check_tables(file: &File, report: &mut Report) {
    let Some(tree) = &file.tree else { return };
    walk(&tree.block, &mut |event, _| {
        let Event::Expr(Expr { kind: Kind::Table(fields), .. }) = event else { return };
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        for field in fields {
            if let Some(Key::Name(name)) = &field.key
                && !seen.insert(&name.text)
            {
                let message = format!("key `{}` is there twice in one table; the second wins", name.text);
                let fault = file.fault(Severity::Warning, "duplicate_key", message, name.range);
                report.push(fault.help("remove one of the two"));
            }
        }
    });
}
