//! `mbl generate`: files for editors, made from packages.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstRootNode};
use mbl::diag::{Diagnostic, Diagnostics, Sources, Span};
use mbl::generate::{self, Generated};
use mbl::lua::{standard_library, test_vocabulary};
use serde_json::{Map, json};

use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::output::Output;
use crate::cli::project::{self, Print};
use crate::cli::run::counted;
use crate::cli::{Common, counts, read_text};

#[derive(Subcommand)]
pub enum GenerateCommand {
    /// LuaLS definitions of db, the models, the standard library and the packages; .luarc.json learns of them
    #[command(after_help = "Examples:\n  mbl generate lua")]
    Lua(GenerateArgs),
    /// JSON Schemas of metadata.json and components.json
    #[command(after_help = "Examples:\n  mbl generate json-schema")]
    JsonSchema(GenerateArgs),
}

#[derive(Args)]
pub struct GenerateArgs {
    /// Packages' folders, or folders of packages [default: the packages of the project]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Folder to write to [default: types/lua or types/json in the project]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write nothing; end with 4 when a file is missing or stale
    #[arg(long)]
    check: bool,
}

/// Writes LuaLS definitions and names them in .luarc.json.
pub fn lua(common: &Common, args: &GenerateArgs, output: Output) -> Outcome<Exit> {
    let set = project::with_paths(common, &args.paths, Print::Stderr, output).read()?;
    if set.diagnostics.has_errors() {
        output.findings(&set.diagnostics, &set.sources);
    }
    let root = project_root(args);
    let out = args.out.clone().unwrap_or_else(|| root.join("types/lua"));
    let library = standard_library().chain([test_vocabulary()]);
    let mut files = placed(&out, generate::lua(&set, library));
    let settings = root.join(".luarc.json");
    files.push((settings.clone(), luarc(&settings, &relative(&out, &root))?));
    let stale = leftovers(&out, &files);
    finish("generate_lua", &files, &stale, args.check, output)
}

/// Writes the JSON Schemas of a package's own files.
pub fn json_schema(_common: &Common, args: &GenerateArgs, output: Output) -> Outcome<Exit> {
    let out = args.out.clone().unwrap_or_else(|| project_root(args).join("types/json"));
    finish("generate_json_schema", &placed(&out, generate::json_schemas()), &[], args.check, output)
}

/// Returns the folder of the project that the packages belong to, else the current one.
fn project_root(args: &GenerateArgs) -> PathBuf {
    project::project_folder(args.paths.first().map(PathBuf::as_path)).unwrap_or_default()
}

fn placed(folder: &Path, files: Vec<Generated>) -> Vec<(PathBuf, String)> {
    files.into_iter().map(|file| (folder.join(file.name), file.text)).collect()
}

/// Returns a path as `.luarc.json` in `root` says it.
fn relative(path: &Path, root: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Returns what was made before and is made no more: the faces of packages that are gone.
fn leftovers(folder: &Path, files: &[(PathBuf, String)]) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let made = |path: &PathBuf| {
        fs::read_to_string(path)
            .is_ok_and(|text| text.lines().take(2).any(|line| line.contains("Made by `mbl generate lua`")))
    };
    let mut found: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|extension| extension == "lua"))
        .filter(|path| !files.iter().any(|(known, _)| known == path) && made(path))
        .collect();
    found.sort();
    found
}

/// Writes what differs, or only says so.
fn finish(kind: &str, files: &[(PathBuf, String)], stale: &[PathBuf], check: bool, output: Output) -> Outcome<Exit> {
    let mut changed: Vec<&(PathBuf, String)> = Vec::new();
    for file in files {
        match fs::read_to_string(&file.0) {
            Ok(text) if text == file.1 => {}
            _ => changed.push(file),
        }
    }
    if !check {
        for (path, text) in &changed {
            write_whole(path, text)?;
        }
        for path in stale {
            fs::remove_file(path).map_err(|error| unwritable(path, &error))?;
        }
    }
    let names: Vec<String> =
        changed.iter().map(|(path, _)| path).chain(stale).map(|path| path.display().to_string()).collect();
    let ok = !check || names.is_empty();
    if output.json {
        let mut more = Map::new();
        more.insert(
            "files".into(),
            json!(files.iter().map(|(path, _)| path.display().to_string()).collect::<Vec<_>>()),
        );
        more.insert(if check { "stale" } else { "written" }.into(), json!(names));
        let none = Diagnostics::new();
        output.report(kind, ok, &none, &Sources::new(), more, counts(&none));
    } else if check {
        for name in &names {
            output.line(&format!("stale: {name}"));
        }
        match names.is_empty() {
            true if !output.quiet => output.line(&format!("{}, all as they should be", counted(files.len(), "file"))),
            true => {}
            false => output.note(&format!(
                "mbl generate {} brings them up to date",
                if kind.ends_with("lua") { "lua" } else { "json-schema" }
            )),
        }
    } else if !output.quiet {
        let folder = files.first().and_then(|(path, _)| path.parent()).unwrap_or(Path::new(""));
        output.line(&format!("{} in {}, {} written", counted(files.len(), "file"), folder.display(), names.len()));
    }
    Ok(if ok { Exit::Done } else { Exit::Refused })
}

/// Writes a file so that nobody ever finds half of it.
pub fn write_whole(path: &Path, text: &str) -> Outcome<()> {
    let write = || -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let beside = path.with_file_name(format!(".{name}.{}", std::process::id()));
        fs::write(&beside, text)?;
        fs::rename(&beside, path).inspect_err(|_| drop(fs::remove_file(&beside)))
    };
    write().map_err(|error| unwritable(path, &error))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    let message = format!("`{}` cannot be written: {error}", path.display());
    Failure::new(Exit::Environment, Diagnostic::error("unwritable_file", message))
}

/// Returns the text of .luarc.json that names the folder of definitions; what else stands in it stays, comments too.
fn luarc(path: &Path, library: &str) -> Outcome<String> {
    let text = match path.exists() {
        true => read_text(path)?,
        false => "{}\n".to_owned(),
    };
    let wrong = |message: String, range: std::ops::Range<usize>| {
        let mut sources = Sources::new();
        let source = sources.add(path.display().to_string(), text.clone());
        let mut diagnostics = Diagnostics::new();
        diagnostics.push(
            Diagnostic::error("bad_configuration", message)
                .at(Span::new(source, range.start, range.end))
                .help("mend it, or move it away: it is made anew"),
        );
        Failure { exit: Exit::Environment, diagnostics, sources, ..Failure::default() }
    };
    let whole = 0..text.trim_end().len();
    let source = if text.trim().is_empty() { "{}\n" } else { &text };
    let root = CstRootNode::parse(source, &ParseOptions::default())
        .map_err(|error| wrong(error.kind().to_string(), error.range().start..error.range().end))?;
    let refused = |what: &str, kind: &str| wrong(format!("{what} must be {kind}"), whole.clone());
    let settings = root.object_value().ok_or_else(|| refused("the file", "an object"))?;
    // Both `"workspace.library"` and `"workspace": { "library" }` are understood; what is there goes on.
    let folders = match settings.get("workspace.library") {
        Some(property) => property.array_value().ok_or_else(|| refused("`workspace.library`", "a list"))?,
        None => settings
            .object_value_or_create("workspace")
            .ok_or_else(|| refused("`workspace`", "an object"))?
            .array_value_or_create("library")
            .ok_or_else(|| refused("`workspace.library`", "a list"))?,
    };
    let named = |node: &jsonc_parser::cst::CstNode| {
        node.as_string_lit().and_then(|text| text.decoded_value().ok()).is_some_and(|text| text == library)
    };
    if !folders.elements().iter().any(named) {
        folders.append(CstInputValue::from(library));
    }
    if settings.get("runtime.version").is_none() {
        let runtime = settings.object_value_or_create("runtime").ok_or_else(|| refused("`runtime`", "an object"))?;
        if runtime.get("version").is_none() {
            runtime.append("version", CstInputValue::from("Lua 5.4"));
        }
    }
    Ok(root.to_string())
}
