//! Attacks by untrusted code: `spec/attacks/sandbox/<category>/*.lua`, run by `mbl exec --batch`, each with a probe behind it.
//!
//! Lines in them say what is to happen: `-- expect: ok`, `error <text>` or `timeout`, several of them with `|` between; `-- grant: ...` if
//! it is not write; `-- timeout-ms: <n>` if it is not long enough for a busy machine; `-- never: <text>` what must not be seen.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use serde_json::Value as Json;

use crate::cli::{Folder, root};

/// Enough for what is to end by itself, in a debug build on a busy machine.
const LONG_MS: u64 = 30_000;

/// How late an end may be: the 250 ms after which the process is killed, and what a busy machine adds.
const LATE_MS: f64 = 250.0 + 4000.0;

struct Attack {
    name: String,
    path: PathBuf,
    expect: String,
    never: Option<String>,
    grant: String,
    timeout_ms: u64,
}

#[test]
fn untrusted_code_stays_in_its_box() {
    let mut batches: BTreeMap<(String, u64), Vec<Attack>> = BTreeMap::new();
    let all = attacks();
    assert!(all.len() >= 300, "only {} attacks were found", all.len());
    for attack in all {
        batches.entry((attack.grant.clone(), attack.timeout_ms)).or_default().push(attack);
    }
    let faults: Vec<String> = thread::scope(|scope| {
        let threads: Vec<_> = batches.values().map(|attacks| scope.spawn(|| batch(attacks))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a batch is run")).collect()
    });
    assert!(faults.is_empty(), "{} attacks:\n{}", faults.len(), faults.join("\n"));
}

/// Runs attacks in one host process, and says what is wrong with what became of them.
fn batch(attacks: &[Attack]) -> Vec<String> {
    let folder = Folder::new();
    let here = root().join("spec/attacks/sandbox");
    let probe = here.join("probe.lua");
    let list: Vec<String> =
        attacks.iter().map(|attack| format!("{}\n{}\n", attack.path.display(), probe.display())).collect();
    fs::write(folder.path.join("list.txt"), list.concat()).expect("a file can be written");
    let schema = here.join("schema.prisma").display().to_string();
    let ms = attacks[0].timeout_ms.to_string();
    let output = Command::new(env!("CARGO_BIN_EXE_mbl"))
        .args(["exec", "--batch", "--memory-mb", "32", "--timeout-ms", &ms, "--grant", &attacks[0].grant])
        .args(["--schema", &schema, "--db", "app.db", "list.txt"])
        .current_dir(&folder.path)
        .stdin(Stdio::null())
        .output()
        .expect("the binary starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let answers: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    let mut faults = Vec::new();
    if !output.status.success() || answers.len() != 2 * attacks.len() {
        let errors = String::from_utf8_lossy(&output.stderr);
        faults.push(format!("{}: {} answers to {} attacks: {errors}", output.status, answers.len(), attacks.len()));
    }
    for (attack, answers) in attacks.iter().zip(answers.chunks(2)) {
        faults.extend(judge(attack, &answers[0]).err().map(|fault| format!("{}: {fault}", attack.name)));
        match answers.get(1) {
            Some(probe) if probe["stdout"] == "sound\n" && probe["status"] == "ok" => {}
            // In a short time a busy machine runs nothing.
            Some(probe) if probe["status"] == "timeout" && attack.timeout_ms < LONG_MS => {}
            probe => faults.push(format!("{}: the probe behind it: {probe:?}", attack.name)),
        }
    }
    faults
}

fn judge(attack: &Attack, answer: &Json) -> Result<(), String> {
    let (status, error) = (answer["status"].as_str().unwrap_or(""), answer["error"].as_str().unwrap_or(""));
    let is_expected = attack.expect.split('|').any(|expected| {
        let (kind, part) = expected.split_once(' ').unwrap_or((expected, ""));
        status == kind && error.contains(part)
    });
    if !is_expected {
        return Err(format!("expected {}, found {answer}", attack.expect));
    }
    if error.contains("signal") || error.contains("panicked") || error.contains("without an answer") {
        return Err(format!("its process ended badly: {answer}"));
    }
    if answer["ms"].as_f64().unwrap_or(f64::MAX) > attack.timeout_ms as f64 + LATE_MS {
        return Err(format!("it ran too long: {answer}"));
    }
    match &attack.never {
        Some(never) if answer.to_string().contains(never.as_str()) => Err(format!("`{never}` is seen: {answer}")),
        _ => Ok(()),
    }
}

fn attacks() -> Vec<Attack> {
    let mut found = Vec::new();
    for category in ["bad-input", "crash", "dos-memory", "dos-time", "escape", "isolation", "json", "sql", "tx"] {
        let folder = root().join("spec/attacks/sandbox").join(category);
        for entry in fs::read_dir(&folder).expect("it is there").flatten() {
            let path = entry.path();
            let source = fs::read_to_string(&path).expect("it is UTF-8");
            let said = |word: &str| {
                let prefix = format!("-- {word}: ");
                source.lines().find_map(|line| line.strip_prefix(&prefix)).map(str::to_owned)
            };
            found.push(Attack {
                name: format!("{category}/{}", entry.file_name().to_string_lossy()),
                expect: said("expect").unwrap_or_else(|| panic!("{} says what is to happen", path.display())),
                never: said("never"),
                grant: said("grant").unwrap_or_else(|| "write".into()),
                timeout_ms: said("timeout-ms").map_or(LONG_MS, |ms| ms.parse().expect("a number")),
                path,
            });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}
