//! Untrusted code: run in a worker process where the host has said how to start one, else in a thread of this process.

use std::io::{self, BufReader, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::db::Database;
use crate::diag::Sources;
use crate::error::Error;
use crate::lua::{Printer, SandboxRunner, TimeGuard, Vm, VmOptions, fault_of};
use crate::migrate::Layout;
use crate::runtime::worker::{STACK_BYTES, lock};
use crate::sandbox::{self, Grant, Job, JobDatabase, Outcome, Untrusted};
use crate::schema::Schema;
use crate::store::{DatabaseUrl, Location, Policy, Store, Synchronous};

/// How much a database of untrusted code may grow.
const GROWTH_BYTES: u64 = 256 << 20;

/// Where untrusted code runs.
#[derive(Clone, Default)]
pub(super) enum Place {
    /// In a thread of this process.
    #[default]
    Thread,
    /// In processes of their own.
    #[cfg(unix)]
    Pool(Arc<sandbox::Pool>),
}

impl Place {
    /// Makes the place that a program gives.
    pub(super) fn of(program: PathBuf) -> Self {
        #[cfg(unix)]
        return Place::Pool(Arc::new(sandbox::Pool::new(program)));
        #[cfg(not(unix))]
        return {
            let _ = program;
            Place::Thread
        };
    }
}

/// Makes what runs untrusted code over a database.
pub(super) fn runner(place: &Place, url: &DatabaseUrl, schema: &Arc<Schema>) -> SandboxRunner {
    let (place, url, schema) = (place.clone(), url.clone(), schema.clone());
    Arc::new(move |untrusted, output| {
        let job = Job { script: untrusted.clone(), database: job_database(untrusted.grant, &url, &schema) };
        match &place {
            Place::Thread => in_thread(job, output),
            #[cfg(unix)]
            Place::Pool(pool) => pool.run(&job, output),
        }
    })
}

/// Says which database a worker is to open: a file of this one's, or one in memory of its own.
fn job_database(grant: Grant, url: &DatabaseUrl, schema: &Schema) -> Option<JobDatabase> {
    if grant == Grant::None {
        return None;
    }
    let file = match &url.location {
        Location::Memory => None,
        // The worker has another current folder.
        Location::File(path) => Some(std::path::absolute(path).unwrap_or_else(|_| path.clone())),
    };
    Some(JobDatabase {
        file: file.map(|path| path.to_string_lossy().into_owned()),
        synchronous: url.synchronous.name().to_owned(),
        busy_timeout: url.busy_timeout,
        schema: schema.texts().iter().map(|text| (text.name.to_string(), text.text.to_string())).collect(),
    })
}

/// Does the work of a worker, when this process was started as one; then there is nothing left to do but to return the exit code.
///
/// A host calls it first of all in its `main`, and names its own program to
/// [`RuntimeBuilder::sandbox_program`](crate::RuntimeBuilder::sandbox_program):
///
/// ```
/// use std::process::ExitCode;
///
/// fn main() -> ExitCode {
///     if let Some(code) = mbl::worker_main() {
///         return code;
///     }
///     // What the host does.
///     ExitCode::SUCCESS
/// }
/// ```
pub fn worker_main() -> Option<ExitCode> {
    if std::env::args_os().nth(1).is_none_or(|argument| argument != sandbox::WORKER_ARGUMENT) {
        return None;
    }
    sandbox::prepare();
    // The deepest recursion of Lua needs more than a main thread has.
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(work);
    Some(match thread.map(std::thread::JoinHandle::join) {
        Ok(Ok(Ok(()))) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

fn work() -> io::Result<()> {
    // What the first script that is stopped in a process needs, the watchdog's thread among others, is there before the job comes.
    let mut first = Untrusted::new("", "while true do end");
    first.timeout = Duration::from_millis(1);
    run(&Job { script: first, database: None }, Rc::new(|_| ()), || ());
    let Some(job) = sandbox::read_job(&mut BufReader::new(io::stdin()))? else { return Ok(()) };
    let outcome = run(
        &job,
        Rc::new(|bytes| {
            // A host that is gone ends this process soon.
            let _ = sandbox::write_output(&mut io::stdout().lock(), bytes);
        }),
        || {
            let _ = sandbox::write_started(&mut io::stdout().lock());
            sandbox::confine(&job);
        },
    );
    let mut stdout = io::stdout().lock();
    sandbox::write_answer(&mut stdout, &outcome)?;
    stdout.flush()
}

/// Runs a job in a thread of this process: what a state keeps to itself, and how deep it may call, are then as in a worker.
fn in_thread(job: Job, output: &mut dyn FnMut(&[u8])) -> Outcome {
    let (sender, receiver) = mpsc::channel::<Vec<u8>>();
    let outcome = Arc::new(Mutex::new(None));
    let thread = std::thread::Builder::new().name("mbl sandbox".into()).stack_size(STACK_BYTES).spawn({
        let outcome = outcome.clone();
        move || {
            let print = Rc::new(move |bytes: &[u8]| drop(sender.send(bytes.to_vec())));
            let done = run(&job, print, || ());
            *lock(&outcome) = Some(done);
        }
    });
    let thread = match thread {
        Ok(thread) => thread,
        Err(error) => return unavailable(&format!("no thread could be started: {error}")),
    };
    for bytes in receiver {
        output(&bytes);
    }
    let _ = thread.join();
    lock(&outcome).take().unwrap_or_else(|| unavailable("the script's thread failed"))
}

/// Runs a job here and now. `started` is called when all is ready.
fn run(job: &Job, print: Printer, started: impl FnOnce()) -> Outcome {
    let database = match job.database.as_ref().map(|database| open(database, &job.script)).transpose() {
        Ok(database) => database,
        Err(error) => return unavailable(&error.to_string()),
    };
    let vm = match state(database, print, &job.script) {
        Ok(vm) => vm,
        Err(error) => return Outcome { error: Some(fault_of(error)), ..Outcome::default() },
    };
    started();
    let begun = Instant::now();
    let (result, error) = match vm.run_untrusted(&job.script) {
        Ok(result) => (result, None),
        Err(error) => (Json::Null, Some(fault_of(error))),
    };
    Outcome { result, error, time: begun.elapsed() }
}

fn state(database: Option<Rc<Database>>, print: Printer, script: &Untrusted) -> Result<Vm, crate::lua::LuaError> {
    Vm::new(VmOptions {
        database,
        packages: Vec::new(),
        modules: Arc::default(),
        print,
        log: Rc::new(|_| ()),
        load_timeout: None,
        call_timeout: Some(script.timeout),
        // To Lua, nothing would be no limit.
        memory_bytes: Some(script.memory_bytes.max(1)),
        output_bytes: Some(script.output_bytes),
        time_guard: TimeGuard::Watchdog,
        sandbox: None,
        untrusted: Some(script.grant),
    })
}

/// Opens the database of a job, within bounds.
fn open(database: &JobDatabase, script: &Untrusted) -> Result<Rc<Database>, Error> {
    let mut sources = Sources::new();
    let files: Vec<_> = database.schema.iter().map(|(name, text)| sources.add(name.as_str(), text.as_str())).collect();
    // Whoever sent it has read it without errors.
    let (schema, _) = Schema::parse(&sources, &files);
    let mut url = match &database.file {
        Some(path) => DatabaseUrl::file(path),
        None => DatabaseUrl::memory(),
    };
    url.synchronous = Synchronous::named(&database.synchronous).unwrap_or(url.synchronous);
    url.busy_timeout = database.busy_timeout;
    let store = Store::open(&url)?;
    let bytes = match &url.location {
        Location::Memory => {
            store.bring_to(&Layout::of(&schema), Policy::Additive)?;
            script.memory_bytes as u64
        }
        Location::File(path) => std::fs::metadata(path).map_or(0, |file| file.len()).saturating_add(GROWTH_BYTES),
    };
    store.limit_size(bytes)?;
    store.bound_untrusted(script.grant == Grant::Write)?;
    Ok(Rc::new(Database::new(store, Arc::new(schema))))
}

fn unavailable(message: &str) -> Outcome {
    Outcome::failed(message, "sandbox_unavailable", None)
}
