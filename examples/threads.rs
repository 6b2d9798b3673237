//! Many threads call one runtime, and for some it is another tenant who calls.
//!
//! `cargo run --example threads`

use std::thread;

use mbl::lua::Context;
use mbl::runtime::CallOptions;
use mbl::{Result, Runtime};
use serde_json::Value;

fn main() -> Result<()> {
    let folder = std::env::temp_dir().join(format!("mbl-threads-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    // Each worker has a Lua state and a connection of its own; readers do not wait for a writer.
    let runtime = Runtime::builder()
        .packages("packages")
        .database(folder.join("app.db").display().to_string())
        .workers(2)
        .build()?;
    thread::scope(|scope| -> Result<()> {
        let calls: Vec<_> = ["acme", "globex", "initech"]
            .map(|tenant| {
                let runtime = &runtime;
                scope.spawn(move || {
                    let context = Context { tenant: Some(tenant.into()), ..Context::default() };
                    let options = CallOptions { context, ..CallOptions::default() };
                    for _ in 0..10 {
                        runtime.call_with::<Vec<Value>>(&options, "forum_forge.listCategories", (tenant,))?;
                    }
                    runtime.call_with::<Vec<Value>>(&options, "forum_forge.listCategories", (tenant,))
                })
            })
            .into_iter()
            .collect();
        for call in calls {
            let categories = call.join().expect("no thread panics")?;
            println!("{} categories", categories.len());
        }
        Ok(())
    })?;
    runtime.shutdown();
    let _ = std::fs::remove_dir_all(&folder);
    Ok(())
}

#[test]
fn it_runs() -> Result<()> {
    main()
}
