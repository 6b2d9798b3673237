//! Globals: those that nobody defines, and members of Lua's libraries that are not there.

use std::collections::BTreeSet;

use crate::diag::Severity;
use crate::lint::facts::facts;
use crate::lint::tree::{Key, Kind, parse};
use crate::lint::walk::{Event, walk};
use crate::lint::{File, PackageFiles, Report, World};

/// What a package's environment holds of its own.
pub(super) const GLOBALS: &[&str] = &[
    "_ENV",
    "_G",
    "_VERSION",
    "assert",
    "collectgarbage",
    "coroutine",
    "error",
    "getmetatable",
    "io",
    "ipairs",
    "json",
    "load",
    "loadstring",
    "log",
    "math",
    "next",
    "os",
    "pairs",
    "pcall",
    "print",
    "rawequal",
    "rawget",
    "rawlen",
    "rawset",
    "require",
    "select",
    "setmetatable",
    "string",
    "table",
    "tonumber",
    "tostring",
    "type",
    "unpack",
    "utf8",
    "xpcall",
];

/// Reads what a spec file finds beside them out of the text of the standard module `test`: the fields of its table `globals`.
pub(super) fn spec_globals(text: &str) -> BTreeSet<String> {
    // The runner itself adds this one.
    let mut names = BTreeSet::from(["load_cases".to_owned()]);
    let Some(tree) = parse(text).map(|parsed| parsed.tree()) else { return names };
    let facts = facts(&tree);
    for (id, value) in &facts.values {
        let Kind::Table(fields) = &value.kind else { continue };
        if tree.locals[id.0].name != "globals" {
            continue;
        }
        let written = fields.iter().filter_map(|field| match &field.key {
            Some(Key::Name(name)) => Some(name.text.clone()),
            _ => None,
        });
        names.extend(written);
        names.extend(facts.added.get(id).into_iter().flatten().map(|added| added.name.to_owned()));
    }
    names
}

/// The members of Lua's libraries that are there.
const LIBRARIES: &[(&str, &[&str])] = &[
    ("coroutine", &["close", "create", "isyieldable", "resume", "running", "status", "wrap", "yield"]),
    ("io", &["open", "type"]),
    (
        "math",
        &[
            "abs",
            "acos",
            "asin",
            "atan",
            "ceil",
            "cos",
            "deg",
            "exp",
            "floor",
            "fmod",
            "huge",
            "log",
            "max",
            "maxinteger",
            "min",
            "mininteger",
            "modf",
            "pi",
            "rad",
            "random",
            "randomseed",
            "sin",
            "sqrt",
            "tan",
            "tointeger",
            "type",
            "ult",
        ],
    ),
    ("os", &["clock", "date", "difftime", "time"]),
    (
        "string",
        &[
            "byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "pack", "packsize", "rep",
            "reverse", "sub", "unpack", "upper",
        ],
    ),
    ("table", &["concat", "insert", "move", "pack", "remove", "sort", "unpack"]),
    ("utf8", &["char", "charpattern", "codepoint", "codes", "len", "offset"]),
];

/// Says what stands for what Lua has elsewhere and a package does not.
fn instead(name: &str) -> Option<&'static str> {
    Some(match name {
        "db" | "ctx" | "time" | "id" | "text" | "list" | "check" | "ui" => return None,
        "debug" | "package" | "dofile" | "loadfile" => "packages cannot reach the machine; `require` loads modules",
        "module" | "setfenv" | "getfenv" => "that is Lua 5.1's; a module is a table that the script returns",
        "os.getenv" | "os.execute" | "os.exit" | "os.remove" | "os.rename" | "os.tmpname" | "os.setlocale" => {
            "packages cannot reach the machine"
        }
        "io.popen" | "io.write" | "io.read" | "io.lines" | "io.stderr" | "io.stdout" | "io.stdin" => {
            "files are read with `io.open`, and only those of the package's own folder; `print` and `log` write"
        }
        "table.getn" => "write `#list`",
        "table.maxn" => "that is Lua 5.1's; write `#list`",
        "table.foreach" | "table.foreachi" => "write `for key, value in pairs(t) do`",
        "string.dump" => "bytecode cannot be loaded here",
        "string.gfind" => "write `string.gmatch`",
        "string.trim" | "string.split" | "string.startswith" | "string.endswith" => {
            "the module `text` has that: `require('text')`"
        }
        "table.contains" | "table.map" | "table.filter" | "table.keys" => {
            "the module `list` may have that: `require('list')`"
        }
        "math.pow" => "write `x ^ y`",
        "math.log10" => "write `math.log(x, 10)`",
        "math.ldexp" | "math.frexp" | "math.cosh" | "math.sinh" | "math.tanh" => "Lua 5.4 has it no more",
        "math.atan2" => "write `math.atan(y, x)`",
        _ => return None,
    })
}

/// Checks the globals of one script.
pub(super) fn check(world: &World<'_>, package: &PackageFiles, file: &File, report: &mut Report) {
    let Some(tree) = &file.tree else { return };
    let defined = |name: &str| {
        GLOBALS.contains(&name)
            || (file.script.is_test && world.spec_globals.contains(name))
            || file.facts.tested.contains(name)
            || package.files.iter().any(|other| other.facts.globals.contains_key(name))
    };
    let mut told: BTreeSet<String> = BTreeSet::new();
    walk(&tree.block, &mut |event, place| {
        let Event::Expr(expr) = event else { return };
        if let Kind::Name(name, None) = &expr.kind {
            if defined(name) || !told.insert(name.clone()) {
                return;
            }
            let message = format!("`{name}` is never defined");
            let fault = file.fault(Severity::Warning, "undefined_global", message, expr.range);
            report.push(match instead(name) {
                Some(help) => fault.help(help),
                None if world.standard.iter().any(|(module, _)| module == name) => {
                    fault.help(format!("add `local {name} = require('{name}')`"))
                }
                None if package.package.scripts.iter().any(|script| script.module == *name) => {
                    fault.help(format!("add `local {name} = require('{name}')`"))
                }
                None => {
                    let spec = world.spec_globals.iter().filter(|_| file.script.is_test).map(String::as_str);
                    let names: Vec<&str> = tree.locals.iter().map(|local| &local.name[..]).collect();
                    let names = names.into_iter().filter(|other| other != name);
                    fault.did_you_mean(name, names.chain(GLOBALS.iter().copied()).chain(spec))
                }
            });
            return;
        }
        if let Some((base, member)) = expr.as_field().filter(|_| matches!(expr.kind, Kind::Index { .. }))
            && let Some(library) = base.as_global()
            && let Some((_, members)) = LIBRARIES.iter().find(|(known, _)| *known == library)
        {
            let added = |other: &File| other.facts.library_members.contains(&(library, &member.text[..]));
            let full = format!("{library}.{}", member.text);
            let overwritten = package.files.iter().any(|other| other.facts.globals.contains_key(library));
            if members.contains(&&member.text[..])
                || place.guarded
                || overwritten
                || file.facts.tested_members.contains(&(expr.range.start, expr.range.end))
                || package.files.iter().any(added)
                || !told.insert(full.clone())
            {
                return;
            }
            let fault =
                file.fault(Severity::Warning, "undefined_global", format!("`{full}` is not there"), member.range);
            report.push(match instead(&full) {
                Some(help) => fault.help(help),
                None => fault.did_you_mean(&member.text, members.iter().copied()),
            });
        }
    });
    if file.script.is_test {
        return;
    }
    for (name, (target, outside)) in &file.facts.globals {
        let elsewhere =
            package.files.iter().any(|other| other.facts.globals.get(name).is_some_and(|(_, outside)| *outside));
        if !outside && !elsewhere && !GLOBALS.contains(name) {
            let message = format!("`{name}` is assigned without `local`, and outlives the call");
            let fault = file.fault(Severity::Warning, "global_assignment", message, target.range);
            report.push(fault.help(format!("write `local {name} = ...`")));
        }
    }
}
