//! `mbl`, a Lua-first embeddable scripting runtime.
//!
//! Lua packages describe their data in `schema.prisma` and read and write it through `db`. A [`Runtime`] loads them, brings a SQLite
//! database to their schema, and calls their operations:
//!
//! ```
//! fn main() -> mbl::Result<()> {
//!     let runtime = mbl::Runtime::builder().packages("packages").in_memory().build()?;
//!     let categories: serde_json::Value = runtime.call("forum_forge.listCategories", ("default",))?;
//!     assert_eq!(categories[0]["name"], "General");
//!     Ok(())
//! }
//! ```
//!
//! Nothing here prints, ends the process or panics on bad input.

/// Compiles and runs the examples of the page.
#[cfg(doctest)]
#[doc = include_str!("../docs/embedding.md")]
struct EmbeddingPage;

mod cache;
pub mod db;
pub mod diag;
mod error;
pub mod files;
pub mod generate;
pub mod hash;
pub mod html;
pub mod id;
pub mod image;
pub mod json;
#[cfg(feature = "lint")]
pub mod lint;
pub mod lua;
pub mod markdown;
pub mod migrate;
pub mod package;
pub mod query;
pub mod runtime;
pub mod sandbox;
pub mod schema;
pub mod sql;
pub mod store;
pub mod value;
#[cfg(feature = "watch")]
pub mod watch;

pub use db::{Database, DbError};
pub use error::{Error, Findings, Result};
pub use runtime::{Runtime, RuntimeBuilder, worker_main};
