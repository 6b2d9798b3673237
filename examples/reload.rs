//! A package changes while it is called: first by hand, then because its files are watched.
//!
//! `cargo run --example reload`

use std::path::Path;
use std::sync::{Mutex, mpsc};
use std::time::Duration;
use std::{fs, io};

use mbl::package::Wanted;
use mbl::runtime::{Event, WatchOptions};
use mbl::{Result, Runtime};

fn main() -> Result<()> {
    let folder = std::env::temp_dir().join(format!("mbl-reload-{}", std::process::id()));
    let package = folder.join("greeter");
    write(&package, "Hello").expect("the package can be written");

    let (sender, events) = mpsc::channel();
    let sender = Mutex::new(sender);
    let runtime = Runtime::builder()
        .only(Wanted::Path(package.clone()))
        .in_memory()
        .on_event(move |event| {
            let line = match event {
                Event::Reloaded(reload) => format!("generation {}: {:?} changed", reload.generation, reload.changed),
                Event::ReloadFailed { generation, .. } => format!("failed, generation {generation} goes on"),
                _ => return,
            };
            let _ = sender.lock().map(|sender| sender.send(line));
        })
        .build()?;
    assert_eq!(runtime.call::<String>("greeter.greet", ("Ann",))?, "Hello, Ann");

    write(&package, "Good day").expect("the package can be written");
    runtime.reload()?;
    assert_eq!(runtime.call::<String>("greeter.greet", ("Ann",))?, "Good day, Ann");

    let watch = runtime.watch(&WatchOptions::default())?;
    write(&package, "Broken' .. (").expect("the package can be written");
    write(&package, "Good night").expect("the package can be written");
    while !runtime.call::<String>("greeter.greet", ("Ann",))?.starts_with("Good night") {
        let line = events.recv_timeout(Duration::from_secs(10)).expect("the change is seen");
        println!("{line}");
    }
    drop(watch);
    let _ = fs::remove_dir_all(&folder);
    Ok(())
}

fn write(package: &Path, word: &str) -> io::Result<()> {
    fs::create_dir_all(package.join("scripts"))?;
    fs::write(
        package.join("metadata.json"),
        r#"{ "packageId": "greeter", "name": "Greeter", "version": "1.0.0", "description": "Greets." }"#,
    )?;
    let script = format!("local M = {{}}\nfunction M.greet(name) return '{word}, ' .. name end\nreturn M\n");
    fs::write(package.join("scripts/init.lua"), script)
}

#[test]
fn it_runs() -> Result<()> {
    main()
}
