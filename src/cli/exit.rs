//! Exit codes, and the failures that lead to them.

use std::process::ExitCode;

use mbl::Error;
use mbl::db::ErrorKind;
use mbl::diag::{Diagnostic, Diagnostics, Sources};
use mbl::lua::{LuaError, LuaErrorKind};
use mbl::package::LoadError;
use mbl::store::StoreError;

/// How a command ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Exit {
    /// All is well.
    #[default]
    Done = 0,
    /// The package's own problem: findings, a failed test, an error of a script.
    Fault = 1,
    /// Wrong usage: flags, arguments that are no JSON, a package or file that is not there.
    Usage = 2,
    /// The environment: a database or a file that cannot be used.
    Environment = 3,
    /// Refused, or stale: data loss that is not accepted, a check that found differences.
    Refused = 4,
    /// A bug in mbl.
    Bug = 70,
    /// A time limit.
    TimeLimit = 124,
    /// Ctrl-C.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

impl Exit {
    /// Returns the exit code that findings call for.
    pub fn of(diagnostics: &Diagnostics) -> Self {
        let found = |code: &str| diagnostics.iter().any(|finding| finding.code == code);
        match diagnostics.has_errors() {
            false => Exit::Done,
            true if found("time_limit") => Exit::TimeLimit,
            true if found("unreadable_file") => Exit::Environment,
            true => Exit::Fault,
        }
    }
}

/// Why a command did not do what it was asked: what to show, and the exit code.
#[derive(Debug, Default)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What was found.
    pub diagnostics: Diagnostics,
    /// The texts that the findings point into.
    pub sources: Sources,
    /// The script's error, when a script failed.
    pub script: Option<Box<LuaError>>,
}

/// The result of a command, or of a part of one.
pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    /// Makes a failure of one finding that points into no text.
    pub fn new(exit: Exit, diagnostic: Diagnostic) -> Self {
        let mut diagnostics = Diagnostics::new();
        diagnostics.push(diagnostic);
        Self { exit, diagnostics, ..Self::default() }
    }

    /// Makes a failure of wrong usage.
    pub fn usage(diagnostic: Diagnostic) -> Self {
        Self::new(Exit::Usage, diagnostic)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::of(&error)
    }
}

impl Failure {
    /// Makes a failure of the library's error.
    pub fn of(error: &Error) -> Self {
        let message = error.to_string();
        match error {
            Error::Invalid(findings) => Self {
                exit: match findings.diagnostics.iter().any(|finding| finding.code == "time_limit") {
                    true => Exit::TimeLimit,
                    false => Exit::Fault,
                },
                diagnostics: findings.diagnostics.clone(),
                sources: findings.sources.clone(),
                ..Self::default()
            },
            Error::Load(error) => load_failure(error),
            Error::UnknownPackage { package, near } => Self::usage(
                Diagnostic::error("unknown_package", format!("no package `{package}` is loaded")).help(match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "`mbl list` shows the packages that there are".into(),
                }),
            ),
            Error::UnknownOperation { package, operation, near, operations } => {
                let mut diagnostic =
                    Diagnostic::error("unknown_operation", format!("`{package}` has no operation `{operation}`"));
                if let Some(near) = near {
                    diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
                }
                diagnostic = diagnostic.help(match operations.is_empty() {
                    true => "it has no operations at all".into(),
                    false => format!("it has {}", operations.join(", ")),
                });
                Self::new(Exit::Fault, diagnostic)
            }
            Error::UnknownComponent { package, component, near, components } => {
                let message = format!("`{package}` has no component `{component}`");
                let mut diagnostic = Diagnostic::error("unknown_component", message);
                if let Some(near) = near {
                    diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
                }
                Self::new(
                    Exit::Fault,
                    diagnostic.help(match components.is_empty() {
                        true => "it has no components at all".into(),
                        false => format!("it has {}", components.join(", ")),
                    }),
                )
            }
            Error::Props { component, faults } => {
                let mut diagnostics = Diagnostics::new();
                for fault in faults {
                    diagnostics.push(Diagnostic::error("wrong_props", format!("{component}: {fault}")));
                }
                Self { exit: Exit::Fault, diagnostics, ..Self::default() }
            }
            Error::Store(error) => store_failure(error),
            Error::Migrate(_) => Self::new(
                Exit::Environment,
                Diagnostic::error("schema_differs", message).help(
                    "the database was left as it is; `mbl schema diff` shows what differs, `mbl schema apply` brings it to the schema",
                ),
            ),
            Error::Db(error) => Self::new(
                match error.kind {
                    ErrorKind::Internal => Exit::Environment,
                    _ => Exit::Fault,
                },
                Diagnostic::error("db", message),
            ),
            Error::Lua(error) => Self {
                exit: match (error.kind, &error.db) {
                    (LuaErrorKind::TimeLimit, _) => Exit::TimeLimit,
                    (LuaErrorKind::Interrupted, _) => Exit::Interrupted,
                    (LuaErrorKind::Internal, _) => Exit::Bug,
                    (_, Some(db)) if db.kind == ErrorKind::Internal => Exit::Environment,
                    _ => Exit::Fault,
                },
                script: Some(error.clone()),
                ..Self::default()
            },
            Error::TestsFailed { findings, .. } => Self {
                exit: Exit::Fault,
                diagnostics: findings.diagnostics.clone(),
                sources: findings.sources.clone(),
                ..Self::default()
            },
            Error::Io { .. } => Self::new(Exit::Environment, Diagnostic::error("unreadable_file", message)),
            Error::Convert(_) => Self::new(Exit::Fault, Diagnostic::error("bad_result", message)),
            _ => Self::new(Exit::Bug, Diagnostic::error("bug", format!("this is a bug in mbl: {message}"))),
        }
    }
}

fn load_failure(error: &LoadError) -> Failure {
    let diagnostic = match error {
        LoadError::NoSuchFolder { path } => {
            Diagnostic::error("folder_not_found", format!("there is no folder `{}`", path.display()))
                .help("check the path; it is taken from the current folder")
        }
        LoadError::NotAFolder { path } => {
            Diagnostic::error("not_a_folder", format!("`{}` is not a folder", path.display()))
                .help("name a package's folder, such as packages/forum_forge")
        }
        LoadError::UnknownPackage { id, roots, near } => {
            let places: Vec<String> = roots.iter().map(|root| format!("`{}`", root.display())).collect();
            let places = if places.is_empty() { "any folder".to_owned() } else { places.join(", ") };
            Diagnostic::error("unknown_package", format!("there is no package `{id}` in {places}")).help(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name its folder, or say with --packages where it lies".into(),
            })
        }
    };
    Failure::usage(diagnostic)
}

fn store_failure(error: &StoreError) -> Failure {
    let (code, help) = match error {
        StoreError::Url { .. } => ("database_url", "give --db a path, file:PATH or :memory:"),
        StoreError::MissingFolder { .. } => {
            ("no_such_folder", "make the folder first, or choose another file with --db")
        }
        StoreError::CannotOpen { .. } => ("cannot_open_database", "choose another file with --db"),
        StoreError::NotADatabase { .. } => {
            ("not_a_database", "choose another file with --db; this one was left as it is")
        }
        StoreError::Damaged { .. } => ("damaged_database", "bring back a copy of it, or choose another file with --db"),
        StoreError::ReadOnly { .. } => {
            ("read_only_database", "make the file and its folder writable, or choose another with --db")
        }
        StoreError::Locked { .. } => ("database_locked", "try again when the other program has ended its transaction"),
        StoreError::Full { .. } => ("database_full", "make room on the disk and try again"),
        _ => ("database", "the database was left as it was"),
    };
    Failure::new(Exit::Environment, Diagnostic::error(code, error.to_string()).help(help))
}
