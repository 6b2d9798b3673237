//! Which packages and which database a command means, by its arguments and the folder that it runs in.

use std::path::{Path, PathBuf};
use std::time::Duration;

use mbl::Runtime;
use mbl::diag::escape_control;
use mbl::lua::{Context, LogRecord};
use mbl::package::Wanted;
use mbl::runtime::RuntimeBuilder;

use crate::cli::output::{Output, write_stderr, write_stdout};
use crate::cli::{Common, LogKind};

/// Where what scripts print goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Print {
    /// To stdout: it is the command's result.
    Stdout,
    /// To stderr: stdout is the command's own.
    Stderr,
}

/// Begins a runtime with the packages at these paths; with all packages of the project when there is none.
pub fn with_paths(common: &Common, paths: &[PathBuf], print: Print, output: Output) -> RuntimeBuilder {
    let wanted: Vec<Wanted> = paths.iter().cloned().map(Wanted::Path).collect();
    begin(common, wanted, print, output)
}

/// Begins a runtime with one package, named by its path or by its id.
pub fn with_package(common: &Common, package: &str, print: Print, output: Output) -> (RuntimeBuilder, Wanted) {
    let wanted = wanted(package);
    (begin(common, vec![wanted.clone()], print, output), wanted)
}

/// Begins a runtime with packages named by path or id; with all packages of the project when there is none.
pub fn with_packages(common: &Common, packages: &[String], print: Print, output: Output) -> RuntimeBuilder {
    begin(common, packages.iter().map(|package| wanted(package)).collect(), print, output)
}

/// Tells a package's path from its id.
fn wanted(package: &str) -> Wanted {
    let path = Path::new(package);
    let is_path = package.contains(std::path::MAIN_SEPARATOR)
        || package == "."
        || package == ".."
        || path.join("metadata.json").is_file()
        || path.join("seed/metadata.json").is_file();
    match is_path {
        true => Wanted::Path(path.to_owned()),
        false => Wanted::Id(package.to_owned()),
    }
}

/// Begins a runtime without packages.
pub fn without_packages(common: &Common, print: Print, output: Output) -> RuntimeBuilder {
    let builder = Runtime::builder().context(context(common));
    let builder = match print {
        Print::Stdout => builder.on_print(|bytes| write_stdout(bytes)),
        Print::Stderr => builder.on_print(|bytes| write_stderr(bytes)),
    };
    let builder = match common.log {
        Some(LogKind::Sql) => builder.on_statement(write_statement),
        None => builder,
    };
    with_sandbox(builder.on_log(move |record| write_log(&record, output)))
}

/// Lets untrusted code run in processes of this program.
fn with_sandbox(builder: RuntimeBuilder) -> RuntimeBuilder {
    match std::env::current_exe() {
        Ok(program) => builder.sandbox_program(program),
        Err(_) => builder,
    }
}

/// Returns the roots that hold packages, as far as they are known without naming one.
pub fn roots(common: &Common) -> Vec<PathBuf> {
    if !common.packages.is_empty() {
        return common.packages.clone();
    }
    project_folder(None).map(|folder| vec![folder.join("packages")]).unwrap_or_default()
}

/// Returns the database's URL: what the user said, else `.mbl/dev.db` in the project that `path` belongs to.
pub fn database(common: &Common, path: Option<&Path>) -> String {
    common.db.clone().or_else(|| common.db_default.clone()).unwrap_or_else(|| {
        let folder = project_folder(path).unwrap_or_default();
        folder.join(".mbl/dev.db").display().to_string()
    })
}

/// Returns on whose behalf calls run.
pub fn context(common: &Common) -> Context {
    Context { tenant: common.tenant.clone(), user: common.user.clone(), level: common.level, now: None }
}

fn begin(common: &Common, wanted: Vec<Wanted>, print: Print, output: Output) -> RuntimeBuilder {
    let path = wanted.iter().find_map(|wanted| match wanted {
        Wanted::Path(path) => Some(path.clone()),
        Wanted::Id(_) => None,
    });
    let mut builder = without_packages(common, print, output).database(database(common, path.as_deref()));
    if let Ok(folder) = std::env::current_dir() {
        builder = builder.base(folder);
    }
    // Beside a package that was named lie those that it needs; the project's roots matter to names only.
    if path.is_none() || !common.packages.is_empty() {
        builder = roots(common).into_iter().fold(builder, RuntimeBuilder::packages);
    }
    wanted.into_iter().fold(builder, RuntimeBuilder::only)
}

/// Returns the folder that holds `packages/`: above the path that was named, else the current folder or one above it.
///
/// It is relative where it is the current folder or lies in it.
pub fn project_folder(path: Option<&Path>) -> Option<PathBuf> {
    let current = std::env::current_dir().ok()?;
    let named = path.and_then(|path| {
        let absolute = path.canonicalize().ok()?;
        let packages = absolute.ancestors().find(|folder| folder.file_name().is_some_and(|name| name == "packages"))?;
        packages.parent().map(Path::to_owned)
    });
    let found =
        named.or_else(|| current.ancestors().find(|folder| folder.join("packages").is_dir()).map(Path::to_owned))?;
    Some(found.strip_prefix(&current).map(Path::to_owned).unwrap_or(found))
}

/// From here on a statement is marked as slow.
const SLOW: Duration = Duration::from_millis(100);

/// Tells of a statement that has ended.
pub fn write_statement(sql: &str, time: Duration) {
    let milliseconds = time.as_secs_f64() * 1000.0;
    let mark = if time >= SLOW { " slow" } else { "" };
    write_stderr(format!("sql {milliseconds:>9.3} ms{mark}  {}\n", escape_control(sql)));
}

fn write_log(record: &LogRecord, output: Output) {
    let wanted = match record.level {
        "debug" => output.verbose,
        "info" => !output.quiet,
        _ => true,
    };
    if wanted {
        let fields = record.fields.as_ref().map(|fields| format!(" {fields}")).unwrap_or_default();
        let line = format!("{} {}: {}{fields}", record.level, record.package, record.message);
        write_stderr(format!("{}\n", escape_control(&line)));
    }
}
