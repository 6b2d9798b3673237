//! What a script's tree says at once: what its locals hold, what it hands out, which globals it makes.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::lint::tree::{Expr, Function, Key, Kind, LocalId, Op, Stat, Tree, Unary};
use crate::lint::walk::{Event, walk};

/// What is known of a tree.
#[derive(Default)]
pub(super) struct Facts<'t> {
    /// What a local holds for as long as it lives: it is never assigned again.
    pub values: FxHashMap<LocalId, &'t Expr>,
    /// The functions of `local function`.
    pub functions: FxHashMap<LocalId, &'t Function>,
    /// What is put into the table of a local later: `where.userId = userId`.
    pub added: FxHashMap<LocalId, Vec<Added<'t>>>,
    /// Locals whose table may be changed in ways that are not seen.
    pub changed: FxHashSet<LocalId>,
    /// The globals that something is assigned to, each with the first place, and whether one of them is outside of all functions.
    pub globals: BTreeMap<&'t str, (&'t Expr, bool)>,
    /// The globals that the script asks for before it uses them.
    pub tested: BTreeSet<&'t str>,
    /// The members of modules that the script asks for before it uses them, by their range.
    pub tested_members: FxHashSet<(usize, usize)>,
    /// Members that are put into libraries: (`string`, `trim`).
    pub library_members: BTreeSet<(&'t str, &'t str)>,
    /// What the script returns.
    pub exports: Exports<'t>,
}

/// A field that is put into a table after it was made.
#[derive(Clone, Copy)]
pub(super) struct Added<'t> {
    pub name: &'t str,
    /// What is assigned to: `where.userId`.
    pub target: &'t Expr,
    /// None when it is one of several values of a call.
    pub value: Option<&'t Expr>,
}

/// What a script returns.
#[derive(Default)]
pub(super) enum Exports<'t> {
    /// It returns nothing.
    #[default]
    Nothing,
    /// It returns something that is not made out.
    Open,
    /// It returns a function.
    Function(&'t Function),
    /// It returns a table with these members; `open` tells that there may be more.
    Table { members: BTreeMap<&'t str, Member<'t>>, open: bool },
}

/// A member of a table that is returned.
#[derive(Clone, Copy)]
pub(super) enum Member<'t> {
    /// A function, when it is written with a colon.
    Function { function: &'t Function, method: bool, name: &'t Expr },
    /// Something else, or something that is not made out.
    Value(&'t Expr),
}

impl<'t> Exports<'t> {
    /// Tells whether there may be a member of this name.
    pub fn may_have(&self, name: &str) -> bool {
        match self {
            Exports::Nothing | Exports::Function(_) => false,
            Exports::Open => true,
            Exports::Table { members, open } => *open || members.contains_key(name),
        }
    }

    /// Returns the names of the members, as far as they are known.
    pub fn names(&self) -> impl Iterator<Item = &'t str> {
        let members = match self {
            Exports::Table { members, .. } => Some(members),
            _ => None,
        };
        members.into_iter().flat_map(|members| members.keys().copied())
    }
}

/// Collects the facts of a tree.
pub(super) fn facts(tree: &Tree) -> Facts<'_> {
    let mut facts = Facts::default();
    walk(&tree.block, &mut |event, place| match event {
        Event::Stat(Stat::Local { names, values, .. }) => {
            for (id, value) in names.iter().zip(values) {
                if tree.locals[id.0].assigned == 0 {
                    facts.values.insert(*id, value);
                }
            }
        }
        Event::Stat(Stat::LocalFunction { id, function, .. }) if tree.locals[id.0].assigned == 0 => {
            facts.functions.insert(*id, function);
        }
        Event::Stat(Stat::Assign { targets, values, .. }) => {
            for (index, target) in targets.iter().enumerate() {
                if let Some((base, name)) = target.as_field()
                    && let Some(id) = base.as_local()
                {
                    facts.added.entry(id).or_default().push(Added {
                        name: &name.text,
                        target,
                        value: values.get(index),
                    });
                }
            }
        }
        Event::Stat(Stat::If { arms }) => {
            for condition in arms.iter().filter_map(|(condition, _)| condition.as_ref()) {
                facts.test(condition);
            }
        }
        Event::Target(target) => match &target.kind {
            Kind::Name(name, None) => {
                let outside = place.functions == 0;
                let entry = facts.globals.entry(name).or_insert((target, outside));
                entry.1 |= outside;
            }
            Kind::Index { base, key: Key::Name(name) } => match base.as_global() {
                Some("_G" | "_ENV") => {
                    facts.globals.entry(&name.text).or_insert((target, true)).1 = true;
                }
                Some(library) => {
                    facts.library_members.insert((library, &name.text));
                }
                None => {}
            },
            Kind::Index { base, key: Key::Expr(_) } => {
                facts.changed.extend(base.as_local());
            }
            _ => {}
        },
        Event::Expr(expr) => match &expr.kind {
            Kind::Binary { op, left, .. } if *op != Op::Other => facts.test(left),
            Kind::Binary { left, right, .. } => {
                // `log ~= nil` asks for it.
                for side in [left, right] {
                    if matches!(left.kind, Kind::Nil) || matches!(right.kind, Kind::Nil) {
                        facts.test(side);
                    }
                }
            }
            Kind::Unary { op: Unary::Not, value } => facts.test(value),
            Kind::Call { callee, args, .. } => {
                if matches!(callee.as_global(), Some("type" | "rawget" | "pcall" | "tostring")) {
                    args.iter().for_each(|arg| facts.test(arg));
                }
                if callee.as_global() == Some("rawget")
                    && let [table, name] = args.as_slice()
                    && table.as_global() == Some("_G")
                {
                    facts.tested.extend(name.as_text());
                }
                if callee.as_global() == Some("rawset")
                    && let [table, name, ..] = args.as_slice()
                    && table.as_global() == Some("_G")
                    && let Some(name) = name.as_text()
                {
                    facts.globals.entry(name).or_insert((expr, true)).1 = true;
                }
                // Who gets a table may change it.
                facts.changed.extend(args.iter().filter_map(Expr::as_local));
            }
            Kind::Index { base, key: Key::Name(name) } if matches!(base.as_global(), Some("_G" | "_ENV")) => {
                facts.tested.insert(&name.text);
            }
            _ => {}
        },
        _ => {}
    });
    facts.exports = exports(tree, &facts);
    facts
}

impl<'t> Facts<'t> {
    /// Notes the global, or the member of a module, that an expression asks for.
    fn test(&mut self, expr: &'t Expr) {
        match &expr.plain().kind {
            Kind::Name(name, None) => {
                self.tested.insert(name);
            }
            Kind::Index { key: Key::Name(_), .. } => {
                self.tested_members.insert((expr.plain().range.start, expr.plain().range.end));
            }
            Kind::Unary { value, .. } => self.test(value),
            _ => {}
        }
    }
}

/// Finds out what the script returns: the one `return` at its end.
fn exports<'t>(tree: &'t Tree, facts: &Facts<'t>) -> Exports<'t> {
    let mut returns = 0;
    walk(&tree.block, &mut |event, place| {
        if let Event::Stat(Stat::Return { .. }) = event
            && place.functions == 0
        {
            returns += 1;
        }
    });
    let values = match tree.block.last() {
        Some(Stat::Return { values }) if returns == 1 => values,
        _ if returns == 0 => return Exports::Nothing,
        _ => return Exports::Open,
    };
    let [value] = values.as_slice() else {
        return if values.is_empty() { Exports::Nothing } else { Exports::Open };
    };
    match &value.plain().kind {
        Kind::Nil => Exports::Nothing,
        Kind::Function(function) => Exports::Function(function),
        Kind::Table(_) => table_members(value, facts),
        Kind::Name(_, Some(id)) => match (facts.functions.get(id), facts.values.get(id)) {
            (Some(function), _) => Exports::Function(function),
            (None, Some(value)) => match &value.plain().kind {
                Kind::Table(_) => local_members(*id, value, tree, facts),
                Kind::Function(function) => Exports::Function(function),
                _ => Exports::Open,
            },
            (None, None) => Exports::Open,
        },
        _ => Exports::Open,
    }
}

fn member<'t>(value: &'t Expr, name: &'t Expr, facts: &Facts<'t>) -> Member<'t> {
    match function_of(value, facts) {
        Some(function) => Member::Function { function, method: false, name },
        None => Member::Value(value),
    }
}

/// Returns the function that an expression is, also by a local's name.
pub(super) fn function_of<'t>(value: &'t Expr, facts: &Facts<'t>) -> Option<&'t Function> {
    match &value.plain().kind {
        Kind::Function(function) => Some(function),
        Kind::Name(_, Some(id)) => match (facts.functions.get(id), facts.values.get(id)) {
            (Some(function), _) => Some(function),
            (None, Some(Expr { kind: Kind::Function(function), .. })) => Some(function),
            _ => None,
        },
        _ => None,
    }
}

fn table_members<'t>(table: &'t Expr, facts: &Facts<'t>) -> Exports<'t> {
    let Kind::Table(fields) = &table.plain().kind else { return Exports::Open };
    let mut members = BTreeMap::new();
    let mut open = false;
    for field in fields {
        match &field.key {
            Some(Key::Name(name)) => {
                members.insert(&name.text[..], member(&field.value, &field.value, facts));
            }
            Some(Key::Expr(_)) => open = true,
            None => open |= !matches!(field.value.kind, Kind::Table(_) | Kind::Text(_) | Kind::Int(_)),
        }
    }
    Exports::Table { members, open }
}

/// Returns the members of the table in a local, with those that are put into it later.
fn local_members<'t>(id: LocalId, table: &'t Expr, tree: &'t Tree, facts: &Facts<'t>) -> Exports<'t> {
    let Exports::Table { mut members, open } = table_members(table, facts) else { return Exports::Open };
    let mut open = open || facts.changed.contains(&id);
    // Whatever else is done with the table may add to it.
    let mut uses = 0;
    walk(&tree.block, &mut |event, _| match event {
        Event::Stat(Stat::Function { target, method, function, .. }) => {
            if let Some((base, name)) = target.as_field()
                && base.as_local() == Some(id)
            {
                members.insert(&name.text, Member::Function { function, method: *method, name: target });
            }
        }
        Event::Expr(expr) if expr.as_local() == Some(id) && !matches!(expr.kind, Kind::Paren(_)) => uses += 1,
        Event::Expr(expr) | Event::Target(expr)
            if expr.as_field().is_some_and(|(base, _)| base.as_local() == Some(id)) =>
        {
            uses -= 1;
        }
        _ => {}
    });
    // The `return` itself is the one that is left.
    open |= uses != 1;
    for Added { name, target, value } in facts.added.get(&id).into_iter().flatten() {
        match value {
            Some(value) => members.insert(name, member(value, target, facts)),
            None => members.insert(name, Member::Value(target)),
        };
    }
    Exports::Table { members, open }
}
