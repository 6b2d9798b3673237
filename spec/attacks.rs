//! Attacks of one package on another, on the host and on the limits: `spec/attacks/<category>/*.lua`.
//!
//! Each runs as a script of a package in a runtime of its own, under small limits. Its first lines say what is to happen:
//! `-- expect: ok`, `error <text>`, `timeout`, `memory` or `output`, several of them with `|` between; `-- never: <text>` what must not be seen; `-- items: <n>` how many
//! records there are afterwards (1 if not said). Afterwards the other package must be sound, whatever happened.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use mbl::lua::{LuaErrorKind, TimeGuard};
use mbl::package::Wanted;
use mbl::{Error, Runtime};
use serde_json::{Value as Json, json};

use crate::cli::{Folder, root};

const TIME: Duration = Duration::from_millis(200);

/// For what is to reach another limit first, in a debug build on a busy machine.
const MORE_TIME: Duration = Duration::from_secs(20);

/// For large values, some of which reach the other limit first.
const JSON_TIME: Duration = Duration::from_secs(4);

/// How late a stop may be. A busy machine that runs other tests adds to the 100 ms that are promised.
const LATE: Duration = Duration::from_millis(1500);

#[test]
fn every_attack_ends_as_it_should_and_harms_nobody() {
    run(TimeGuard::Watchdog, &attacks());
}

#[test]
fn the_count_hook_holds_as_well() {
    let attacks = attacks();
    let timed: Vec<PathBuf> = attacks.into_iter().filter(|path| path.to_string_lossy().contains("dos-time")).collect();
    run(TimeGuard::CountHook, &timed);
}

#[test]
fn one_runtime_outlives_all_attacks() {
    let sources: Vec<String> = attacks().iter().map(|path| fs::read_to_string(path).expect("it is UTF-8")).collect();
    let case = Case::new("return 1", TIME, TimeGuard::Watchdog);
    for source in sources {
        let text = format!("return load({})()", quoted(&source));
        let runtime = &case.runtime;
        let _ = runtime.call::<Json>("attacker.run", (text,));
        assert_eq!(
            runtime.call::<String>("victim.probe", ()).map_err(|error| error.to_string()),
            Ok("sound".into()),
            "{source}"
        );
    }
}

fn run(guard: TimeGuard, attacks: &[PathBuf]) {
    assert!(!attacks.is_empty());
    let (next, faults) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(path) = attacks.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(fault) = attack(path, guard) {
                        let name = path.strip_prefix(root().join("spec/attacks")).unwrap_or(path).display().to_string();
                        faults.lock().expect("no one panicked").push(format!("{name}: {fault}"));
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().expect("no one panicked");
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), attacks.len(), faults.join("\n"));
}

fn attack(path: &Path, guard: TimeGuard) -> Result<(), String> {
    let source = fs::read_to_string(path).expect("it is UTF-8");
    let said = |word: &str| {
        let prefix = format!("-- {word}: ");
        source
            .lines()
            .take_while(|line| line.starts_with("--"))
            .filter_map(move |line| line.strip_prefix(&prefix).map(str::to_owned))
    };
    let expected = said("expect").next().ok_or("it has no `-- expect:`")?;
    let time = match path.to_string_lossy() {
        path if path.contains("/dos-memory/") => MORE_TIME,
        path if path.contains("/json/") || path.contains("/bad-input/") => JSON_TIME,
        _ => TIME,
    };
    let case = Case::new(&source, time, guard);
    let begun = Instant::now();
    let result = case.runtime.call::<Json>("attacker.attack", ());
    let took = begun.elapsed();
    let (found, text) = match &result {
        Ok(value) => ("ok", value.to_string()),
        Err(Error::Lua(error)) => (
            match error.kind {
                LuaErrorKind::TimeLimit => "timeout",
                LuaErrorKind::MemoryLimit => "memory",
                LuaErrorKind::OutputLimit => "output",
                LuaErrorKind::Internal => "internal error",
                _ => "error",
            },
            error.to_string(),
        ),
        Err(error) => ("error", error.to_string()),
    };
    let (kind, part) = expected.split_once(' ').unwrap_or((&expected, ""));
    if kind.split('|').all(|kind| found != kind) || !text.contains(part) {
        return Err(format!("expected {expected}, found {found}: {text}"));
    }
    if took > time + LATE {
        return Err(format!("it took {took:?}"));
    }
    let printed = case.printed.lock().expect("no one panicked").concat();
    for never in said("never") {
        if text.contains(&never) || printed.contains(&never) {
            return Err(format!("`{never}` is seen: {text} {printed}"));
        }
    }
    let items: i64 = said("items").next().map_or(1, |number| number.parse().expect("a number"));
    let found = case.runtime.call::<i64>("victim.count", ()).map_err(|error| format!("afterwards: {error}"))?;
    if found != items {
        return Err(format!("{found} items are left, expected {items}"));
    }
    let sound = case.runtime.call::<String>("victim.probe", ()).map_err(|error| format!("afterwards: {error}"))?;
    let own = case.runtime.call::<i64>("attacker.one", ()).map_err(|error| format!("afterwards: {error}"))?;
    match (sound.as_str(), own) {
        ("sound", 1) => Ok(()),
        _ => Err(format!("afterwards: {sound}, {own}")),
    }
}

/// A runtime with a package that attacks and one that is attacked.
struct Case {
    runtime: Runtime,
    printed: Arc<Mutex<Vec<String>>>,
    _folder: Folder,
}

impl Case {
    fn new(source: &str, time: Duration, guard: TimeGuard) -> Self {
        let folder = Folder::new();
        package(&folder, "victim", &[], &root().join("spec/attacks/victim"));
        package(&folder, "attacker", &["victim"], &root().join("spec/attacks/attacker"));
        fs::write(folder.path.join("attacker/seed/scripts/attack.lua"), source).expect("a file can be written");
        let printed = Arc::new(Mutex::new(Vec::new()));
        let sink = printed.clone();
        let runtime = Runtime::builder()
            .packages(&folder.path)
            .base(&folder.path)
            .only(Wanted::Id("attacker".into()))
            .in_memory()
            .call_timeout(Some(time))
            .memory_bytes(Some(32 << 20))
            .output_bytes(Some(64 << 10))
            .database_bytes(Some(16 << 20))
            .time_guard(guard)
            .on_print(move |line| {
                sink.lock().expect("no one panicked").push(String::from_utf8_lossy(line).into_owned())
            })
            .build()
            .expect("it builds");
        runtime.call::<Json>("victim.add", ("seed",)).expect("it answers");
        Self { runtime, printed, _folder: folder }
    }
}

/// Makes a package of a folder with `init.lua` and `schema.prisma`.
fn package(folder: &Folder, id: &str, dependencies: &[&str], from: &Path) {
    let seed = folder.path.join(id).join("seed");
    fs::create_dir_all(seed.join("scripts")).expect("a folder can be made");
    let metadata = json!({ "packageId": id, "name": id, "version": "1.0.0", "dependencies": dependencies });
    fs::write(seed.join("metadata.json"), metadata.to_string()).expect("a file can be written");
    fs::copy(from.join("schema.prisma"), seed.join("schema.prisma")).expect("a file can be copied");
    fs::copy(from.join("init.lua"), seed.join("scripts/init.lua")).expect("a file can be copied");
}

fn attacks() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for category in ["bad-input", "dos-memory", "dos-time", "escape", "isolation", "json", "tx"] {
        let folder = root().join("spec/attacks").join(category);
        let files = fs::read_dir(&folder).expect("it is there").map(|entry| entry.expect("it can be read").path());
        found.extend(files.filter(|path| path.extension().is_some_and(|extension| extension == "lua")));
    }
    found.sort();
    found
}

/// Writes a text as a Lua string.
fn quoted(text: &str) -> String {
    let level = "=".repeat(8);
    format!("[{level}[\n{text}]{level}]")
}
