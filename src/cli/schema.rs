//! `mbl schema`: schemas without a database.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use mbl::diag::Sources;
use mbl::schema::Schema;
use serde_json::{Map, json};

use crate::cli::exit::{Exit, Outcome};
use crate::cli::output::Output;
use crate::cli::{Common, project, read_text};

#[derive(Subcommand)]
pub enum SchemaCommand {
    /// Check schema files; several files are one schema
    Validate(ValidateArgs),
}

#[derive(Args)]
pub struct ValidateArgs {
    /// Schema files, or folders of them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}
