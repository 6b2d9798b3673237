//! Loads a package: compiles its scripts, runs those that make its face, and merges what they return.

use mlua::{Function, Table, Value};

use crate::diag::{Diagnostic, Diagnostics, Span};
use crate::lua::result::split_place;
use crate::lua::{Context, LuaError, LuaErrorKind, Script, Vm, environment, is_operation};

impl Vm {
    /// Loads package `number`; without a fault in its init.lua it has a face afterwards.
    pub(super) fn load_package(&self, number: usize, diagnostics: &mut Diagnostics) {
        let package = self.world.modules.packages()[number].clone();
        let mut broken = Vec::new();
        let (keep, own) = (self.prelude.get::<Function>("keep"), self.environment(number).ok());
        for script in &package.scripts {
            match environment::compile(&self.lua, script, own.clone()) {
                Ok(chunk) => {
                    // When memory is too short for this, it is compiled again.
                    let _ = keep.as_ref().map(|keep| keep.call::<()>((number, script.path.as_str(), chunk)));
                }
                Err(error) => {
                    let fault = environment::syntax_message(&error);
                    self.quarantine(number, &script.path, &fault);
                    diagnostics.push(finding(script, &self.syntax(&error), "syntax"));
                    broken.push(script.path.as_str());
                }
            }
        }
        let face = match package.scripts.iter().find(|script| script.path == "init.lua") {
            Some(script) if broken.contains(&"init.lua") => {
                let _ = script;
                return;
            }
            Some(script) => match self.face_part(number, script, diagnostics) {
                Some(face) => face,
                None => return,
            },
            None => {
                let message = format!("package `{}` has no scripts/init.lua", package.id);
                let mut fault = Diagnostic::error("missing_init", message)
                    .help("add scripts/init.lua with `local M = {}` and `return M`; its functions are the package's operations");
                if let Some(folder) = &package.folder {
                    fault = fault.in_file(folder.join("scripts/init.lua"));
                }
                diagnostics.push(fault);
                return;
            }
        };
        // The face is a table of its own: what init.lua returned stays as its author made it.
        let Ok(merged) = self.copy(&face) else { return };
        let mut origins: Vec<(String, &str)> =
            function_names(&face).into_iter().map(|name| (name, "init.lua")).collect();
        let mut scripts: Vec<&Script> = package.scripts.iter().filter(|script| is_db_script(&script.path)).collect();
        scripts.sort_by(|one, other| one.path.cmp(&other.path));
        for script in scripts {
            if broken.contains(&script.path.as_str()) {
                continue;
            }
            let Some(part) = self.face_part(number, script, diagnostics) else { continue };
            for name in function_names(&part).into_iter().filter(|name| is_operation(name)) {
                let (Ok(mine), Ok(theirs)) = (part.raw_get::<Value>(&*name), merged.raw_get::<Value>(&*name)) else {
                    continue;
                };
                match theirs {
                    Value::Nil => {
                        origins.push((name.clone(), script.path.as_str()));
                        // Memory may be short; then the operation is missing, and calling it says so.
                        let _ = merged.raw_set(name, mine);
                    }
                    // init.lua may hand out what the script returns.
                    theirs if theirs == mine => {}
                    _ => {
                        let first =
                            origins.iter().find(|(known, _)| *known == name).map_or("init.lua", |(_, path)| *path);
                        diagnostics.push(
                            at_start(
                                script,
                                "duplicate_operation",
                                format!("operation `{name}` is there twice in `{}`", package.id),
                            )
                            .help(format!("the other one is in scripts/{first}; rename one of them")),
                        );
                    }
                }
            }
        }
        let set: mlua::Result<()> = self.prelude.get::<Function>("setFace").and_then(|set| set.call((number, &merged)));
        match set {
            Ok(()) => {
                self.faces.borrow_mut().insert(package.id.clone(), merged);
            }
            Err(error) => diagnostics.push(Diagnostic::error("lua", self.fault(error).message)),
        }
    }

    /// Runs a script that must return a table; names what is wrong and quarantines it otherwise.
    fn face_part(&self, number: usize, script: &Script, diagnostics: &mut Diagnostics) -> Option<Table> {
        let run: Function = self.prelude.get("script").ok()?;
        let context = Context::default();
        let fault = match self.protected(&run, (number, script.path.as_str()), self.load_timeout, &context) {
            Ok(values) => match (values.front(), values.get(1)) {
                (Some(Value::Table(table)), _) => return Some(table.clone()),
                (_, Some(Value::Boolean(true))) => {
                    at_start(script, "returns_nothing", format!("`{}` returns nothing", script.path))
                        .help("add `return M` at its end, where M is the table of its functions")
                }
                (value, _) => {
                    let kind = value.map_or("nil", |value| value.type_name());
                    at_start(
                        script,
                        "returns_no_table",
                        format!("`{}` returns a value of type {kind}, not a table of functions", script.path),
                    )
                    .help("add `return M` at its end, where M is the table of its functions")
                }
            },
            Err(error) => {
                let code = match error.kind {
                    LuaErrorKind::TimeLimit => "time_limit",
                    LuaErrorKind::MemoryLimit => "memory_limit",
                    LuaErrorKind::OutputLimit => "output_limit",
                    LuaErrorKind::Interrupted => "interrupted",
                    _ => "script_error",
                };
                finding(script, &error, code)
            }
        };
        self.quarantine(number, &script.path, &format!("{}: {}", script.name, fault.message));
        diagnostics.push(fault);
        None
    }

    fn quarantine(&self, number: usize, path: &str, fault: &str) {
        let message = format!("module `{path}` is quarantined: {fault}");
        // When memory is too short for this, running the script again fails again.
        let _ = self
            .prelude
            .get::<Function>("quarantine")
            .and_then(|quarantine| quarantine.call::<()>((number, path, message)));
    }

    fn copy(&self, table: &Table) -> mlua::Result<Table> {
        let copy = self.lua.create_table()?;
        for pair in table.pairs::<Value, Value>() {
            let (key, value) = pair?;
            copy.raw_set(key, value)?;
        }
        Ok(copy)
    }
}

/// Tells whether a script lies in `db/` itself and belongs to the face.
fn is_db_script(path: &str) -> bool {
    let Some(name) = path.strip_prefix("db/") else { return false };
    let test = ["_spec.lua", "_test.lua", ".test.lua"].iter().any(|end| name.ends_with(end));
    !name.contains('/') && name.ends_with(".lua") && !test
}

/// Returns the names of a table's functions, sorted.
fn function_names(table: &Table) -> Vec<String> {
    let mut names: Vec<String> = table
        .pairs::<Value, Value>()
        .flatten()
        .filter(|(_, value)| value.is_function())
        .filter_map(|(name, _)| Some(name.as_string()?.to_str().ok()?.to_owned()))
        .collect();
    names.sort();
    names
}

/// Makes a finding of an error, at its line when that lies in this script.
fn finding(script: &Script, error: &LuaError, code: &'static str) -> Diagnostic {
    let inside = error.file.as_deref() == Some(&*script.name)
        || error
            .file
            .as_deref()
            .and_then(|file| file.strip_prefix("..."))
            .is_some_and(|end| script.name.ends_with(end));
    let line = match (inside, error.line) {
        (true, Some(line)) => Some(line),
        // What was raised in another script was brought about by a line of this one.
        _ => error.traceback.iter().find(|frame| frame.file == *script.name).map(|frame| frame.line),
    };
    let message = match (inside, &error.file, error.line) {
        (false, Some(file), Some(line)) => format!("{} ({file}:{line})", error.message),
        _ => error.message.clone(),
    };
    let message = split_place(&message).map_or(message.clone(), |(file, line, rest)| match file == &*script.name {
        true => rest.to_owned(),
        false => format!("{rest} ({file}:{line})"),
    });
    let fault = Diagnostic::error(code, message);
    match (script.source, line) {
        (Some(source), Some(line)) => {
            let (start, end) = line_bounds(&script.text, line);
            fault.at(Span::new(source, start, end))
        }
        _ => match script.source {
            Some(source) => fault.at(Span::new(source, 0, 0)),
            None => fault.in_file(&*script.name),
        },
    }
}

fn at_start(script: &Script, code: &'static str, message: String) -> Diagnostic {
    let fault = Diagnostic::error(code, message);
    match script.source {
        Some(source) => fault.at(Span::new(source, 0, 0)),
        None => fault.in_file(&*script.name),
    }
}

/// Returns where the text of a line begins, without its indentation, and where it ends.
fn line_bounds(text: &[u8], line: u32) -> (usize, usize) {
    let mut start = 0;
    for _ in 1..line {
        match text[start..].iter().position(|byte| *byte == b'\n') {
            Some(newline) => start += newline + 1,
            None => break,
        }
    }
    let end = text[start..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |newline| start + newline);
    let indent = text[start..end].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    (start + indent, end.max(start + indent))
}
