//! `mbl run --watch` as a person sees it in a terminal, and as a program reads it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::Value as Json;

use crate::cli::{Folder, project};

#[test]
fn a_terminal_shows_broken_saves_fixes_and_schema_changes_and_takes_keys() {
    let folder = project();
    let read = Forum(&folder).read("scripts/db/read.lua");
    let mut terminal = Terminal::run(&folder, &["run", "packages/forum_forge", "--watch"]);
    terminal.wait_for("schema.prisma\r\n");
    assert!(terminal.seen.contains("· watching "), "{}", terminal.seen);
    terminal.wait_for("keys: r reload · t test · q quit");

    Forum(&folder).write("scripts/db/read.lua", "local M = {\n");
    terminal.wait_for("db/read.lua  ");
    terminal.wait_for("reload failed, generation 1 goes on");
    terminal.wait_for("error");
    terminal.wait_for("packages/forum_forge/seed/scripts/db/read.lua:");
    Forum(&folder).write("scripts/db/read.lua", &read);
    terminal.wait_for("db/read.lua  generation 2");

    let schema = Forum(&folder).read("schema.prisma");
    let (head, tail) = schema.split_once("model ForumThread {\n").expect("it is there");
    Forum(&folder).write("schema.prisma", &format!("{head}model ForumThread {{\n  archivedAt BigInt?\n{tail}"));
    terminal.wait_for("schema.prisma  ");
    terminal.wait_for("generation 3");
    terminal.wait_for("added column ForumThread.archivedAt");

    terminal.press("r");
    terminal.wait_for("again  ");
    terminal.wait_for("generation 4");
    terminal.press("t");
    terminal.wait_for("0 failed, ");
    terminal.press("q");
    assert_eq!(terminal.end(), Some(0));
}

#[test]
fn events_are_lines_of_json_and_an_interrupt_ends_with_130() {
    let folder = project();
    let watched = Watched::run(&folder, "packages/forum_forge");
    let next = || watched.next();
    let ready = next();
    assert_eq!((&ready["event"], &ready["generation"]), (&"ready".into(), &1.into()));
    let init = Forum(&folder).read("scripts/init.lua");
    Forum(&folder).write("scripts/init.lua", "");
    let failed = next();
    assert_eq!((&failed["event"], &failed["ok"], &failed["generation"]), (&"reload".into(), &false.into(), &1.into()));
    assert_eq!(failed["diagnostics"][0]["severity"], "error");
    assert_eq!(failed["changed"][0], "packages/forum_forge/seed/scripts/init.lua");
    Forum(&folder).write("scripts/init.lua", &format!("print('hello')\n{init}"));
    let printed = next();
    assert_eq!((&printed["event"], &printed["message"]), (&"log".into(), &"hello".into()));
    let reloaded = next();
    assert_eq!((&reloaded["ok"], &reloaded["generation"]), (&true.into(), &2.into()));
    watched.interrupt();
}

/// A package that `mbl run --watch --json` follows.
pub struct Watched {
    child: Child,
    lines: Receiver<String>,
}

impl Watched {
    /// Begins.
    pub fn run(folder: &Folder, package: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_mbl"))
            .args(["run", package, "--watch", "--json"])
            .current_dir(&folder.path)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let lines = lines_of(BufReader::new(child.stdout.take().expect("it is piped")));
        Self { child, lines }
    }

    /// Waits for the next event.
    pub fn next(&self) -> Json {
        serde_json::from_str(&self.lines.recv_timeout(WAIT).expect("a line")).expect("it is JSON")
    }

    /// Presses Ctrl-C, which ends it with 130.
    pub fn interrupt(mut self) {
        kill_process(Pid::from_child(&self.child), Signal::INT).expect("it can be told");
        assert_eq!(self.child.wait().expect("it ends").code(), Some(130));
    }
}

/// How long a test waits for what must come.
pub const WAIT: Duration = Duration::from_secs(30);

/// The forum's package in a project.
struct Forum<'a>(&'a Folder);

impl Forum<'_> {
    fn path(&self, file: &str) -> PathBuf {
        self.0.path.join("packages/forum_forge/seed").join(file)
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).expect("it can be read")
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.path(file), text).expect("it can be written");
    }
}

/// A program in a pseudo-terminal.
pub struct Terminal {
    child: Child,
    keys: File,
    screen: Receiver<String>,
    /// All that was shown and not yet waited for.
    seen: String,
}

impl Terminal {
    /// Starts the program.
    pub fn run(folder: &Folder, args: &[&str]) -> Self {
        let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal can be had");
        grantpt(&controller).expect("it is ours");
        unlockpt(&controller).expect("it is ours");
        let name = ptsname(&controller, Vec::new()).expect("it has a name").into_string().expect("it is text");
        let user = || Stdio::from(File::options().read(true).write(true).open(&name).expect("it opens"));
        let child = Command::new(env!("CARGO_BIN_EXE_mbl"))
            .args(args)
            .current_dir(&folder.path)
            .env("NO_COLOR", "1")
            .env("TERM", "xterm")
            .stdin(user())
            .stdout(user())
            .stderr(user())
            .spawn()
            .expect("it starts");
        let keys = File::from(controller);
        let mut shown = keys.try_clone().expect("it is ours");
        let (sender, screen) = mpsc::channel();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count) = shown.read(&mut bytes) {
                if count == 0 || sender.send(String::from_utf8_lossy(&bytes[..count]).into_owned()).is_err() {
                    break;
                }
            }
        });
        Self { child, keys, screen, seen: String::new() }
    }

    /// Waits until a text is shown, and forgets what came before its end.
    pub fn wait_for(&mut self, text: &str) {
        let until = Instant::now() + WAIT;
        loop {
            if let Some(at) = self.seen.find(text) {
                // What led to it is looked at by whoever waits for a line's end.
                if !text.ends_with('\n') {
                    self.seen.drain(..at + text.len());
                }
                return;
            }
            match self.screen.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(more) => self.seen.push_str(&more),
                Err(_) => panic!("`{text}` was not shown after\n{}", self.seen),
            }
        }
    }

    /// Types keys.
    pub fn press(&mut self, key: &str) {
        self.keys.write_all(key.as_bytes()).expect("it takes keys");
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it can be told");
    }

    /// Waits until the program ends, and returns its exit code.
    pub fn end(mut self) -> Option<i32> {
        self.child.wait().expect("it ends").code()
    }
}

/// Returns the lines of a stream as they come.
pub fn lines_of(reader: impl BufRead + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || reader.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    receiver
}
