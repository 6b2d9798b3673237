//! Many threads call one runtime, for several tenants, while the files of its package change.
//!
//! `cargo run --example threads`

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::{fs, io};

use mbl::lua::Context;
use mbl::package::Wanted;
use mbl::runtime::CallOptions;
use mbl::{Result, Runtime};

fn main() -> Result<()> {
    let folder = std::env::temp_dir().join(format!("mbl-threads-{}", std::process::id()));
    let package = folder.join("greeter");
    write(&package, 1).expect("the package can be written");
    // Each worker has a Lua state and a connection of its own; readers do not wait for a writer.
    let runtime = Runtime::builder()
        .only(Wanted::Path(package.clone()))
        .database(folder.join("app.db").display().to_string())
        .workers(2)
        .build()?;

    let done = AtomicBool::new(false);
    thread::scope(|scope| -> Result<()> {
        let calls = ["acme", "globex", "initech", "umbrella"].map(|tenant| {
            let (runtime, done) = (&runtime, &done);
            scope.spawn(move || -> Result<usize> {
                let context = Context { tenant: Some(tenant.into()), ..Context::default() };
                let options = CallOptions { context, ..CallOptions::default() };
                let (mut calls, mut newest) = (0, 0);
                while !done.load(Ordering::Relaxed) {
                    // The one number comes from init.lua, the other from a module: both are of one generation.
                    let (greeting, one, other): (String, u32, u32) =
                        runtime.call_with(&options, "greeter.greet", ("Ann",))?;
                    assert_eq!(greeting, format!("Hello Ann of {tenant}"));
                    assert!(one == other && one >= newest);
                    (calls, newest) = (calls + 1, one);
                }
                Ok(calls)
            })
        });
        for version in 2..=10 {
            write(&package, version).expect("the package can be written");
            let reload = runtime.reload()?;
            println!("generation {}: {}", reload.generation, reload.files.join(", "));
        }
        done.store(true, Ordering::Relaxed);
        for call in calls {
            println!("{} calls", call.join().expect("no thread panics")?);
        }
        Ok(())
    })?;
    runtime.shutdown();
    let _ = fs::remove_dir_all(&folder);
    Ok(())
}

fn write(package: &Path, version: u32) -> io::Result<()> {
    fs::create_dir_all(package.join("scripts"))?;
    fs::write(
        package.join("metadata.json"),
        r#"{ "packageId": "greeter", "name": "Greeter", "version": "1.0.0", "description": "Greets." }"#,
    )?;
    fs::write(package.join("scripts/version.lua"), format!("return {version}"))?;
    let script = format!(
        "local ctx = require('ctx')
local M = {{}}
function M.greet(name)
  return {{ ('Hello %s of %s'):format(name, ctx.tenant), {version}, require('version') }}
end
return M
"
    );
    fs::write(package.join("scripts/init.lua"), script)
}

#[test]
fn it_runs() -> Result<()> {
    main()
}
