//! Worker processes that wait for work, seen from their host.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::ioctl_fionbio;

use crate::sandbox::wire::{self, HEADER, tag};
use crate::sandbox::{GRACE, Job, Limit, Outcome, WORKER_ARGUMENT};

/// How many processes wait.
const SPARE: usize = 2;

/// How long a worker may take until its script begins: opening a database may have to wait for others.
const START: Duration = Duration::from_secs(30);

/// Nobody waits longer: more is a number that no clock holds.
const LONGEST: Duration = Duration::from_secs(1 << 31);

/// What an answer may be beside the result: a message, an error's place.
const ANSWER_EXTRA: usize = 1 << 20;

/// Processes for untrusted code, each for one script. Threads may share a pool; each waits for its own.
pub struct Pool {
    program: PathBuf,
    spare: Mutex<Vec<Worker>>,
}

/// A process that waits for its job. Dropping it kills it.
struct Worker {
    child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
}

/// What was read so far of a worker's frames.
struct Frames {
    bytes: Vec<u8>,
    at: usize,
}

/// Why a worker gave no answer.
enum Lost {
    Late,
    Gone,
    Garbled,
}

impl Pool {
    /// Makes a pool whose workers are this program, which must call [`crate::worker_main`] first of all. Nothing is started yet.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), spare: Mutex::default() }
    }

    /// Runs a job in a process of its own and hands on what it prints. Returns soon after the script's deadline, whatever it does.
    pub fn run(&self, job: &Job, output: &mut dyn FnMut(&[u8])) -> Outcome {
        let mut worker = match self.take() {
            Ok(worker) => worker,
            Err(error) => {
                let message = format!("the sandbox's process cannot be started: {error}");
                return Outcome::failed(message, "sandbox_unavailable", None);
            }
        };
        let bytes = match wire::job_bytes(job) {
            Ok(bytes) => bytes,
            Err(error) => return Outcome::failed(error.to_string(), "sandbox_unavailable", None),
        };
        let mut begun = Instant::now();
        let mut started = false;
        let lost = match worker.send(&bytes, begun + START) {
            Ok(()) => {
                // The next one is made while this one works.
                self.refill();
                match worker.follow(job, &mut begun, &mut started, output) {
                    Ok(outcome) => return outcome,
                    Err(lost) => lost,
                }
            }
            Err(lost) => lost,
        };
        let time = begun.elapsed();
        let status = worker.end();
        Outcome { time, ..explain(&lost, started, status, job) }
    }

    fn take(&self) -> std::io::Result<Worker> {
        let spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(mut worker) = spare {
            // One that has ended meanwhile is of no use.
            if worker.child.try_wait()?.is_none() {
                return Ok(worker);
            }
        }
        self.start()
    }

    fn refill(&self) {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        while spare.len() < SPARE {
            match self.start() {
                Ok(worker) => spare.push(worker),
                // Whoever needs it will be told.
                Err(_) => break,
            }
        }
    }

    fn start(&self) -> std::io::Result<Worker> {
        let mut child = Command::new(&self.program)
            .arg(WORKER_ARGUMENT)
            .env_clear()
            // mimalloc maps a gigabyte ahead, which no limit on memory could tell from what is used. In KiB.
            .env("MIMALLOC_ARENA_RESERVE", "16384")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(std::io::Error::other("no pipes"));
        };
        let worker = Worker { child, stdin, stdout };
        ioctl_fionbio(&worker.stdin, true)?;
        ioctl_fionbio(&worker.stdout, true)?;
        Ok(worker)
    }
}

impl Worker {
    fn send(&mut self, mut bytes: &[u8], until: Instant) -> Result<(), Lost> {
        while !bytes.is_empty() {
            match self.stdin.write(bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    wait(self.stdin.as_fd(), PollFlags::OUT, until)?;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err(Lost::Gone),
            }
        }
        Ok(())
    }

    /// Reads frames until the answer.
    fn follow(
        &mut self,
        job: &Job,
        begun: &mut Instant,
        started: &mut bool,
        output: &mut dyn FnMut(&[u8]),
    ) -> Result<Outcome, Lost> {
        let mut frames = Frames { bytes: Vec::new(), at: 0 };
        let mut until = *begun + START;
        let mut output_left = job.script.output_bytes;
        let largest = job.script.memory_bytes.saturating_add(ANSWER_EXTRA);
        loop {
            let (tag, bytes) = frames.next(&mut self.stdout, until, largest)?;
            match tag {
                tag::STARTED => {
                    *begun = Instant::now();
                    *started = true;
                    until = *begun + job.script.timeout.min(LONGEST).saturating_add(GRACE);
                }
                tag::OUTPUT => {
                    output_left = output_left.checked_sub(bytes.len()).ok_or(Lost::Garbled)?;
                    output(bytes);
                }
                tag::ANSWER => return serde_json::from_slice(bytes).map_err(|_| Lost::Garbled),
                _ => return Err(Lost::Garbled),
            }
        }
    }

    fn end(&mut self) -> Option<std::process::ExitStatus> {
        let _ = self.child.kill();
        self.child.wait().ok()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.end();
    }
}

impl Frames {
    /// Returns the next frame.
    fn next(&mut self, from: &mut ChildStdout, until: Instant, largest: usize) -> Result<(u8, &[u8]), Lost> {
        self.bytes.drain(..self.at);
        self.at = 0;
        self.fill(from, HEADER, until)?;
        let mut header = [0; HEADER];
        header.copy_from_slice(&self.bytes[..HEADER]);
        let (tag, length) = wire::header_parts(header);
        if length > largest {
            return Err(Lost::Garbled);
        }
        self.fill(from, HEADER + length, until)?;
        self.at = HEADER + length;
        Ok((tag, &self.bytes[HEADER..self.at]))
    }

    /// Reads until there are `wanted` bytes.
    fn fill(&mut self, from: &mut ChildStdout, wanted: usize, until: Instant) -> Result<(), Lost> {
        let mut chunk = [0; 16 << 10];
        while self.bytes.len() < wanted {
            // A script that prints without end gets no more time by it.
            if Instant::now() >= until {
                return Err(Lost::Late);
            }
            match from.read(&mut chunk) {
                Ok(0) => return Err(Lost::Gone),
                Ok(read) => self.bytes.extend_from_slice(&chunk[..read]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => wait(from.as_fd(), PollFlags::IN, until)?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err(Lost::Gone),
            }
        }
        Ok(())
    }
}

fn wait(fd: BorrowedFd<'_>, flags: PollFlags, until: Instant) -> Result<(), Lost> {
    let left = until.checked_duration_since(Instant::now()).ok_or(Lost::Late)?;
    let timeout = Timespec { tv_sec: left.as_secs().min(1 << 30) as i64, tv_nsec: i64::from(left.subsec_nanos()) as _ };
    match poll(&mut [PollFd::from_borrowed_fd(fd, flags)], Some(&timeout)) {
        Ok(0) => Err(Lost::Late),
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(_) => Err(Lost::Gone),
    }
}

/// Says why there is no answer.
fn explain(lost: &Lost, started: bool, status: Option<std::process::ExitStatus>, job: &Job) -> Outcome {
    let signal = status.and_then(|status| status.signal());
    match (lost, started) {
        (Lost::Late, true) => {
            let limit = job.script.timeout.as_millis();
            Outcome::failed(
                format!("the script ran longer than {limit} ms, and its process was ended"),
                "time_limit",
                Some(Limit::Time),
            )
        }
        (Lost::Late, false) => Outcome::failed(
            format!("the sandbox's process did not begin within {} s", START.as_secs()),
            "sandbox_unavailable",
            None,
        ),
        // The system's own limit on time.
        (Lost::Gone, true) if signal == Some(libc::SIGXCPU) => {
            Outcome::failed("the script used up its time on the processor", "time_limit", Some(Limit::Time))
        }
        // What Rust does when memory ends, and what the system does.
        (Lost::Gone, true) if signal == Some(libc::SIGABRT) => Outcome::failed(
            format!("the script's process needs more than its {} MiB of memory", job.script.memory_bytes >> 20),
            "memory_limit",
            Some(Limit::Memory),
        ),
        (Lost::Gone, true) => Outcome::failed(
            match signal.filter(|signal| *signal != libc::SIGKILL) {
                Some(signal) => format!("the script's process ended by signal {signal}"),
                None => "the script's process ended without an answer".to_owned(),
            },
            "sandbox_ended",
            None,
        ),
        (Lost::Gone, false) => Outcome::failed(
            "the sandbox's process ended before the script began; does its program call `mbl::worker_main()` first?",
            "sandbox_unavailable",
            None,
        ),
        (Lost::Garbled, _) => Outcome::failed("the script's process answered what is no answer", "sandbox_ended", None),
    }
}
