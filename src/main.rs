//! The `mbl` command: the library's first host.

use std::process::ExitCode;

mod cli;

fn main() -> ExitCode {
    cli::main()
}
