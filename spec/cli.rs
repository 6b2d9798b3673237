//! Transcripts of the command line: `spec/cli/*.txt`.
//!
//! A line that begins with `$ ` is a command for the shell, lines with `> ` go on with it; then come what it printed to stdout, what it
//! printed to stderr (each line marked `! `), and `exit N` for every `mbl` and for whatever else did not end with 0. All other text is
//! prose. Each file has a folder of its own, empty but for `packages/`, a copy of the repository's. Times, seeds, ids and paths are
//! written as `N ms`, `[id]`, `[time]`, `[folder]`. `UPDATE_EXPECT=1 cargo test` rewrites the files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::time::ClockId;

#[test]
fn transcripts_are_true() {
    let folder = root().join("spec/cli");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("spec/cli is a folder")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "there are transcripts");
    let mut faults = Vec::new();
    for file in files {
        let expected = fs::read_to_string(&file).expect("a transcript is UTF-8");
        let actual = replay(&expected, &project().path);
        if actual == expected {
            continue;
        }
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&file, &actual).expect("a transcript can be written");
        } else {
            faults.push(format!("{}\n{}", file.display(), difference(&expected, &actual)));
        }
    }
    assert!(faults.is_empty(), "{}\nUPDATE_EXPECT=1 cargo test rewrites them", faults.join("\n"));
}

#[test]
fn the_examples_of_the_readme_are_true() {
    let file = root().join("README.md");
    let expected = fs::read_to_string(&file).expect("README.md is UTF-8");
    let folder = project();
    let mut actual = String::new();
    for (index, part) in expected.split("```console\n").enumerate() {
        if index == 0 {
            actual.push_str(part);
            continue;
        }
        let (block, rest) = part.split_once("```").expect("a block of code ends");
        let shown = replay(block, &folder.path);
        // A reader of the README needs no word on what went well.
        let shown: String = shown.lines().filter(|line| *line != "exit 0").map(|line| format!("{line}\n")).collect();
        actual.push_str(&format!("```console\n{shown}```{rest}"));
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() && actual != expected {
        fs::write(&file, &actual).expect("README.md can be written");
    } else {
        assert!(actual == expected, "{}\nUPDATE_EXPECT=1 cargo test rewrites it", difference(&expected, &actual));
    }
}

#[test]
fn each_command_has_examples_in_its_help_and_they_are_true() {
    let folder = Folder::new();
    let mut left = vec![String::new()];
    let (mut faults, mut seen) = (Vec::new(), 0);
    while let Some(command) = left.pop() {
        let help = run(&format!("mbl{command} --help"), &folder.path);
        let part = |title: &str| {
            let lines = help.lines().skip_while(|line| *line != title).skip(1);
            lines.take_while(|line| line.starts_with(' ')).map(str::trim).map(str::to_owned).collect::<Vec<String>>()
        };
        let inner = part("Commands:");
        left.extend(inner.iter().filter_map(|line| {
            let name = line.split(' ').next().filter(|name| *name != "help")?;
            Some(format!("{command} {name}"))
        }));
        if !inner.is_empty() {
            continue;
        }
        seen += 1;
        let examples = part("Examples:");
        if !examples.iter().any(|example| example.contains(&format!("mbl{command}"))) {
            faults.push(format!("mbl{command} --help has no example"));
        }
        // The examples of a command are a session: each finds what those above it left.
        let project = project();
        for example in examples {
            let done = run(&example, &project.path);
            if done.lines().last().is_some_and(|line| line.starts_with("exit ") && line != "exit 0") {
                faults.push(format!("mbl{command}: {example}\n{done}"));
            }
        }
    }
    assert!(seen > 30, "{seen} commands");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Makes a folder with a copy of the repository's packages.
pub fn project() -> Folder {
    let folder = Folder::new();
    copy_tree(&root().join("packages"), &folder.path.join("packages"));
    folder
}

/// Runs the commands of a transcript and returns it with what they print now.
fn replay(transcript: &str, folder: &Path) -> String {
    let mut out = String::new();
    let mut lines = transcript.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(first) = line.strip_prefix("$ ") else {
            out.push_str(line);
            out.push('\n');
            continue;
        };
        out.push_str(line);
        out.push('\n');
        let mut command = first.to_owned();
        while let Some(more) = lines.next_if(|next| next.starts_with("> ") || *next == ">") {
            command.push('\n');
            command.push_str(more.get(2..).unwrap_or(""));
            out.push_str(more);
            out.push('\n');
        }
        // What was printed last time ends at the next command, or at the blank line before prose.
        while lines.next_if(|next| !next.is_empty() && !next.starts_with("$ ")).is_some() {}
        out.push_str(&run(&command, folder));
    }
    out
}

/// Runs one command and returns what a transcript says of it.
fn run(command: &str, folder: &Path) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_mbl"));
    let path = std::env::join_paths(
        [binary.parent().expect("a binary lies in a folder").to_owned()]
            .into_iter()
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
    )
    .expect("PATH is a list of folders");
    let mut child = Command::new("sh");
    child.arg("-c").arg(command).current_dir(folder).stdin(Stdio::null()).env("PATH", path);
    for name in [
        "NO_COLOR",
        "CLICOLOR_FORCE",
        "DATABASE_URL",
        "MBL_DB",
        "MBL_LEVEL",
        "MBL_LOG",
        "MBL_PACKAGES",
        "MBL_TENANT",
        "MBL_USER",
    ] {
        child.env_remove(name);
    }
    let done = child.output().expect("sh runs");
    let mut out = normalize(&String::from_utf8_lossy(&done.stdout), folder);
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    // A blank line ends the output of a command, so one inside is shown as a dot.
    let mut shown: String =
        out.lines().map(|line| if line.is_empty() { ".\n".into() } else { format!("{line}\n") }).collect();
    for line in normalize(&String::from_utf8_lossy(&done.stderr), folder).lines() {
        shown.push_str(if line.is_empty() { "!" } else { "! " });
        shown.push_str(line);
        shown.push('\n');
    }
    let code = done.status.code().unwrap_or(-1);
    if code != 0 || command.split_whitespace().any(|word| word == "mbl") {
        shown.push_str(&format!("exit {code}\n"));
    }
    shown
}

/// Replaces what differs from run to run: paths, ids, instants, durations and seeds.
fn normalize(text: &str, folder: &Path) -> String {
    let text = text.replace(&folder.display().to_string(), "[folder]").replace(&root().display().to_string(), "[root]");
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        if !is_word(first) {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let mut length = rest.find(|character: char| !is_word(character)).unwrap_or(rest.len());
        // The name of a migration begins with its time.
        if rest.starts_with("20")
            && rest.len() > 15
            && rest.bytes().take(14).all(|byte| byte.is_ascii_digit())
            && rest.as_bytes()[14] == b'_'
        {
            out.push_str("[time]");
            rest = &rest[14..];
            continue;
        }
        let mut word = &rest[..length];
        // A decimal fraction belongs to its number when a unit of time follows.
        if word.bytes().all(|byte| byte.is_ascii_digit()) {
            let fraction = rest[length..]
                .strip_prefix('.')
                .map_or(0, |after| after.find(|character: char| !character.is_ascii_digit()).unwrap_or(after.len()));
            let end = if fraction > 0 { length + 1 + fraction } else { length };
            let after = &rest[end..];
            let unit = ["ms", "s"].into_iter().find(|unit| {
                after
                    .strip_prefix(' ')
                    .and_then(|after| after.strip_prefix(unit))
                    .is_some_and(|after| !after.starts_with(is_word))
            });
            if unit.is_some() {
                // A duration is set to the right, so its length moves it.
                while out.ends_with("   ") {
                    out.pop();
                }
                out.push('N');
                rest = after;
                continue;
            }
            if out.ends_with("seed ") {
                out.push('N');
                rest = &rest[length..];
                continue;
            }
            if word.len() == 14 && word.starts_with("20") {
                out.push_str("[time]");
                rest = &rest[length..];
                continue;
            }
            if word.len() == 13 && word.starts_with('1') {
                out.push_str("[time]");
                rest = &rest[length..];
                continue;
            }
        }
        if word.len() == 25 && word.starts_with('c') && word.bytes().any(|byte| byte.is_ascii_digit()) {
            word = "[id]";
        } else {
            length = word.len();
        }
        out.push_str(word);
        rest = &rest[length..];
    }
    out
}

/// Shows the first line that differs, with what was expected and what came.
fn difference(expected: &str, actual: &str) -> String {
    let expected: Vec<&str> = expected.lines().collect();
    let actual: Vec<&str> = actual.lines().collect();
    let first = (0..expected.len().max(actual.len())).find(|&line| expected.get(line) != actual.get(line)).unwrap_or(0);
    let part = |lines: &[&str], mark: &str| -> String {
        let from = first.min(lines.len());
        lines[from..(from + 12).min(lines.len())].iter().map(|line| format!("{mark} {line}\n")).collect()
    };
    format!("line {}:\n{}{}", first + 1, part(&expected, "-"), part(&actual, "+"))
}

/// Copies a folder, if it is there.
pub fn copy_tree(from: &Path, to: &Path) {
    let Ok(entries) = fs::read_dir(from) else { return };
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in entries.flatten() {
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy_tree(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).expect("a file can be copied")),
        }
    }
}

/// Returns the repository's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns how much time of a processor this process or thread has used: what others do on the machine is not in it.
pub fn spent(clock: ClockId) -> Duration {
    let time = rustix::time::clock_gettime(clock);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// A folder of a test's own, removed at its end.
pub struct Folder {
    /// Where it lies.
    pub path: PathBuf,
}

impl Folder {
    /// Makes an empty folder.
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("mbl-cli-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder can be made");
        Self { path }
    }

    /// Writes a file into it.
    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path.join(name), text).expect("a file can be written");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}
