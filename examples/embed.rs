//! A host in thirty lines: it loads a package, calls its operations, and looks at the database.
//!
//! `cargo run --example embed`

use std::time::Duration;

use mbl::{Result, Runtime};
use serde::Deserialize;

#[derive(Deserialize)]
struct Category {
    id: String,
    name: String,
}

fn main() -> Result<()> {
    let runtime = Runtime::builder()
        .packages("packages")
        .in_memory()
        .call_timeout(Some(Duration::from_secs(5)))
        .on_log(|record| eprintln!("{} {}: {}", record.level, record.package, record.message))
        .build()?;
    let categories: Vec<Category> = runtime.call("forum_forge.listCategories", ("default",))?;
    let first = &categories[0];
    runtime.call::<serde_json::Value>("forum_forge.createThread", (&first.id, "ann", "Hello", "First!"))?;
    for (model, rows) in runtime.row_counts("forum_forge")? {
        println!("{model}: {rows}");
    }
    println!("the first category is {}", first.name);
    Ok(())
}

#[test]
fn it_runs() -> Result<()> {
    main()
}
