//! Exit codes, and the failures that lead to them.

use std::process::ExitCode;

use mbl::diag::{Diagnostic, Diagnostics, Sources};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All is well.
    Done = 0,
    /// The package's own problem: findings, a failed test, an error of a script.
    Fault = 1,
    /// Wrong usage: flags, arguments that are no JSON, a package or file that is not there.
    Usage = 2,
    /// The environment: a database or a file that cannot be used.
    Environment = 3,
    /// A bug in mbl.
    Bug = 70,
    /// A time limit.
    TimeLimit = 124,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// Why a command did not do what it was asked: the findings to show, and the exit code.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What to show; never empty.
    pub diagnostics: Diagnostics,
    /// The texts that the findings point into.
    pub sources: Sources,
}

/// The result of a command, or of a part of one.
pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    /// Makes a failure of one finding that points into no text.
    pub fn new(exit: Exit, diagnostic: Diagnostic) -> Self {
        let mut diagnostics = Diagnostics::new();
        diagnostics.push(diagnostic);
        Self { exit, diagnostics, sources: Sources::new() }
    }

    /// Makes a failure of wrong usage.
    pub fn usage(diagnostic: Diagnostic) -> Self {
        Self::new(Exit::Usage, diagnostic)
    }
}
