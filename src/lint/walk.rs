//! Visits everything in a tree, in the order of the text.

use crate::lint::tree::{Block, Doc, Expr, Field, Function, Key, Kind, Name, Stat};

/// Where something stands.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    /// How many functions are around it.
    pub functions: usize,
    /// Whether what goes wrong in it is caught: it stands in a function that `pcall`, `expect` or the like is given.
    pub guarded: bool,
}

/// What is visited.
pub(super) enum Event<'t> {
    /// An expression whose value is asked for; what is in it follows.
    Expr(&'t Expr),
    /// An expression that something is assigned to; what is read on the way follows.
    Target(&'t Expr),
    /// A function; its body follows.
    Function(Named<'t>),
    /// A statement; what is in it follows.
    Stat(&'t Stat),
}

/// A function, and what it is called where it is made.
pub(super) struct Named<'t> {
    pub function: &'t Function,
    pub doc: Option<&'t Doc>,
    /// The last part of its name: `createThread` of `M.createThread`.
    pub name: Option<&'t str>,
    /// Whether it is written with a colon.
    pub method: bool,
}

type Visitor<'v, 't> = &'v mut dyn FnMut(Event<'t>, Place);

/// Visits a block.
pub(super) fn walk<'t>(block: &'t Block, visit: Visitor<'_, 't>) {
    walk_block(block, Place::default(), visit);
}

/// Visits a function's body.
pub(super) fn walk_function<'t>(function: &'t Function, visit: Visitor<'_, 't>) {
    walk_block(&function.body, Place { functions: 1, guarded: false }, visit);
}

fn walk_block<'t>(block: &'t Block, place: Place, visit: Visitor<'_, 't>) {
    for stat in block {
        walk_stat(stat, place, visit);
    }
}

fn walk_stat<'t>(stat: &'t Stat, place: Place, visit: Visitor<'_, 't>) {
    visit(Event::Stat(stat), place);
    match stat {
        Stat::Local { values, doc, .. } => walk_values(values, None, doc.as_ref(), place, visit),
        Stat::Assign { targets, values, doc } => {
            let name = targets.first().and_then(last_name);
            walk_values(values, name, doc.as_ref(), place, visit);
            for target in targets {
                walk_target(target, place, visit);
            }
        }
        Stat::Call(call) => walk_expr(call, place, visit),
        Stat::Function { target, method, function, doc } => {
            walk_target(target, place, visit);
            let named = Named { function, doc: doc.as_ref(), name: last_name(target), method: *method };
            walk_named(named, place, visit);
        }
        Stat::LocalFunction { name, function, doc, .. } => {
            let named = Named { function, doc: doc.as_ref(), name: Some(&name.text), method: false };
            walk_named(named, place, visit);
        }
        Stat::If { arms } => {
            for (condition, body) in arms {
                if let Some(condition) = condition {
                    walk_expr(condition, place, visit);
                }
                walk_block(body, place, visit);
            }
        }
        Stat::While { condition, body } => {
            if let Some(condition) = condition {
                walk_expr(condition, place, visit);
            }
            walk_block(body, place, visit);
        }
        Stat::For { values, body } => {
            walk_values(values, None, None, place, visit);
            walk_block(body, place, visit);
        }
        Stat::Repeat { body, condition } => {
            walk_block(body, place, visit);
            if let Some(condition) = condition {
                walk_expr(condition, place, visit);
            }
        }
        Stat::Do(body) => walk_block(body, place, visit),
        Stat::Return { values } => walk_values(values, None, None, place, visit),
    }
}

/// Visits values; a comment above the statement belongs to the first, when that is a function.
fn walk_values<'t>(
    values: &'t [Expr],
    name: Option<&'t str>,
    doc: Option<&'t Doc>,
    place: Place,
    visit: Visitor<'_, 't>,
) {
    for (index, value) in values.iter().enumerate() {
        match &value.kind {
            Kind::Function(function) if index == 0 => {
                visit(Event::Expr(value), place);
                walk_named(Named { function, doc, name, method: false }, place, visit);
            }
            _ => walk_expr(value, place, visit),
        }
    }
}

fn walk_named<'t>(named: Named<'t>, place: Place, visit: Visitor<'_, 't>) {
    let function = named.function;
    visit(Event::Function(named), place);
    walk_block(&function.body, Place { functions: place.functions + 1, ..place }, visit);
}

fn walk_target<'t>(target: &'t Expr, place: Place, visit: Visitor<'_, 't>) {
    visit(Event::Target(target), place);
    if let Kind::Index { base, key } = &target.kind {
        walk_expr(base, place, visit);
        walk_key(key, place, visit);
    }
}

fn walk_key<'t>(key: &'t Key, place: Place, visit: Visitor<'_, 't>) {
    if let Key::Expr(key) = key {
        walk_expr(key, place, visit);
    }
}

fn walk_expr<'t>(expr: &'t Expr, place: Place, visit: Visitor<'_, 't>) {
    visit(Event::Expr(expr), place);
    match &expr.kind {
        Kind::Function(function) => {
            walk_named(Named { function, doc: None, name: None, method: false }, place, visit);
        }
        Kind::Index { base, key } => {
            walk_expr(base, place, visit);
            walk_key(key, place, visit);
        }
        Kind::Call { callee, args, .. } => {
            walk_expr(callee, place, visit);
            let inside = Place { guarded: place.guarded || catches(callee), ..place };
            for arg in args {
                // Only what runs inside is caught; an argument is made before.
                let place = if matches!(arg.kind, Kind::Function(_)) { inside } else { place };
                walk_expr(arg, place, visit);
            }
        }
        Kind::Table(fields) => {
            for Field { key, value, doc } in fields {
                if let Some(key) = key {
                    walk_key(key, place, visit);
                }
                match (&value.kind, key) {
                    (Kind::Function(function), Some(Key::Name(name))) => {
                        visit(Event::Expr(value), place);
                        let named = Named { function, doc: doc.as_ref(), name: Some(&name.text), method: false };
                        walk_named(named, place, visit);
                    }
                    _ => walk_expr(value, place, visit),
                }
            }
        }
        Kind::Binary { left, right, .. } => {
            walk_expr(left, place, visit);
            walk_expr(right, place, visit);
        }
        Kind::Unary { value, .. } | Kind::Paren(value) => walk_expr(value, place, visit),
        Kind::Nil
        | Kind::Bool(_)
        | Kind::Int(_)
        | Kind::Float(_)
        | Kind::Text(_)
        | Kind::Rest
        | Kind::Name(..)
        | Kind::Unknown => {}
    }
}

/// Tells whether a call answers the errors of the functions that it is given.
fn catches(callee: &Expr) -> bool {
    match &callee.plain().kind {
        Kind::Name(name, _) => matches!(&name[..], "pcall" | "xpcall" | "expect") || speaks_of_errors(name),
        Kind::Index { base, key: Key::Name(name) } => speaks_of_errors(&name.text) || catches(base),
        _ => false,
    }
}

fn speaks_of_errors(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("error") || name.contains("throw") || name.contains("raise") || name.contains("fails")
}

fn last_name(target: &Expr) -> Option<&str> {
    match &target.kind {
        Kind::Name(name, _) => Some(name),
        Kind::Index { key: Key::Name(Name { text, .. }), .. } => Some(text),
        _ => None,
    }
}
