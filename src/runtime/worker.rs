//! Threads that each own a [`World`], fed from one queue.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use std::task::{Context, Poll, Waker};
use std::thread::{self, JoinHandle, ThreadId};
use std::time::Duration;

use rustc_hash::FxHashSet;

use crate::error::{Error, Result};
use crate::runtime::world::World;

/// What a worker is asked to do with its world.
pub(super) type Job = Box<dyn FnOnce(&mut World) -> Deliver + Send>;

/// Gives the answer of a job to its caller, once the worker has noted what the job did: the caller's next job may depend on it.
pub(super) type Deliver = Box<dyn FnOnce()>;

/// The stack of a worker: deep enough for Lua's own limit on nested calls from C, in a debug build too.
pub(super) const STACK_BYTES: usize = 16 << 20;

/// The running threads. Dropping them ends them, each after the jobs that wait.
pub(super) struct Workers {
    queue: Arc<Queue>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    ids: Vec<ThreadId>,
}

/// The jobs that no worker has taken yet.
#[derive(Default)]
struct Queue {
    state: Mutex<QueueState>,
    changed: Condvar,
    /// The names of the jobs that have been seen to write.
    writers: RwLock<FxHashSet<Arc<str>>>,
}

#[derive(Default)]
struct QueueState {
    /// For whoever is free: those that only read, as far as is known, and those that write.
    readers: VecDeque<Waiting>,
    writers: VecDeque<Waiting>,
    /// For one worker each, by its number.
    own: Vec<VecDeque<Job>>,
    /// How many workers are at a job that writes.
    writing: usize,
    /// How many workers wait for a job.
    idle: usize,
    /// The number of the next job.
    next: u64,
    closed: bool,
}

/// A job for whoever is free.
struct Waiting {
    number: u64,
    name: Option<Arc<str>>,
    job: Job,
}

/// What a worker has taken.
enum Taken {
    /// It was asked of this worker.
    Own(Job),
    /// For whoever is free, and whether it is one that writes.
    Any(Waiting, bool),
}

impl Workers {
    /// Makes no thread yet.
    pub(super) fn new() -> Self {
        Self { queue: Arc::default(), threads: Mutex::default(), ids: Vec::new() }
    }

    /// Starts a thread whose world `open` makes, and waits until it has.
    ///
    /// A Lua state and a connection belong to one thread, so a world is made where it lives.
    pub(super) fn start<T: Send + 'static>(
        &mut self,
        open: impl FnOnce() -> Result<(World, T)> + Send + 'static,
    ) -> Result<T> {
        let (promise, answer) = promise();
        let queue = self.queue.clone();
        let number = self.ids.len();
        let thread = thread::Builder::new()
            .name("mbl worker".into())
            .stack_size(STACK_BYTES)
            .spawn(move || match open() {
                Ok((mut world, report)) => {
                    promise.keep(Ok(report));
                    queue.work(number, &mut world);
                }
                Err(error) => promise.keep(Err(error)),
            })
            .map_err(|error| Error::Internal(format!("no thread could be started: {error}")))?;
        let opened = answer.wait().unwrap_or_else(|| Err(Error::Internal("a worker ended while it started".into())));
        match opened {
            Ok(_) => {
                self.ids.push(thread.thread().id());
                self.queue.lock().own.push(VecDeque::new());
                lock(&self.threads).push(thread);
            }
            // It has nothing left to do, but its connection is closed only when it is over.
            Err(_) => drop(thread.join()),
        }
        opened
    }

    /// Returns how many there are.
    pub(super) fn count(&self) -> usize {
        self.ids.len()
    }

    /// Tells whether the current thread is one of them.
    pub(super) fn is_one(&self) -> bool {
        self.ids.contains(&thread::current().id())
    }

    /// Runs `job` on a worker that is free, and waits for its result.
    pub(super) fn run<T: Send + 'static>(&self, job: impl FnOnce(&World) -> Result<T> + Send + 'static) -> Result<T> {
        let (job, answer) = answered(move |world: &mut World| job(world));
        self.push(job, None).map_err(|_| Error::Stopped)?;
        answer.wait().unwrap_or_else(|| Err(died()))
    }

    /// Asks one worker to do a job, before all that wait for any.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        number: usize,
        job: impl FnOnce(&mut World) -> Result<T> + Send + 'static,
    ) -> Result<Answer<Result<T>>> {
        let (job, answer) = answered(job);
        let mut state = self.queue.lock();
        if state.closed {
            return Err(Error::Stopped);
        }
        state.own[number].push_back(job);
        drop(state);
        self.queue.changed.notify_all();
        Ok(answer)
    }

    /// Queues a job; gives it back when they take no more.
    ///
    /// Jobs of one name do alike: one that has been seen to write may have to wait for the next.
    pub(super) fn push(&self, job: Job, name: Option<&str>) -> std::result::Result<(), Job> {
        let writes = name.is_some_and(|name| self.queue.writers().contains(name));
        let mut state = self.queue.lock();
        if state.closed {
            return Err(job);
        }
        let number = state.next;
        state.next += 1;
        let waiting = Waiting { number, name: name.map(Arc::from), job };
        match writes {
            true => state.writers.push_back(waiting),
            false => state.readers.push_back(waiting),
        }
        let someone_waits = state.idle > 0;
        drop(state);
        if someone_waits {
            self.queue.changed.notify_one();
        }
        Ok(())
    }

    /// Takes no more jobs. Those that wait are done; then each worker does `last` and ends.
    pub(super) fn close(&self, last: Option<fn(&World)>) {
        let mut state = self.queue.lock();
        if state.closed {
            return;
        }
        state.closed = true;
        if let Some(last) = last {
            for own in &mut state.own {
                own.push_back(Box::new(move |world| {
                    last(world);
                    Box::new(|| ())
                }));
            }
        }
        drop(state);
        self.queue.changed.notify_all();
    }

    /// Tells whether all threads have ended.
    pub(super) fn are_done(&self) -> bool {
        lock(&self.threads).iter().all(JoinHandle::is_finished)
    }

    /// Waits until all threads have ended.
    pub(super) fn join(&self) {
        let threads = std::mem::take(&mut *lock(&self.threads));
        for thread in threads {
            // A host function may have held the last handle of its own runtime.
            if thread.thread().id() != thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.close(None);
        self.join();
    }
}

impl Queue {
    /// Does jobs until the queue is closed and empty.
    fn work(&self, number: usize, world: &mut World) {
        let mut wrote = false;
        while let Some(taken) = self.next(number, wrote) {
            wrote = matches!(taken, Taken::Any(_, true));
            let before = world.writes();
            let (job, name) = match taken {
                Taken::Own(job) => (job, None),
                Taken::Any(waiting, _) => (waiting.job, waiting.name),
            };
            // The caller learns of a panic by its answer; the worker goes on for the others.
            let deliver = catch_unwind(AssertUnwindSafe(|| job(world)));
            world.leave_nothing_open();
            if !wrote
                && world.writes() != before
                && let Some(name) = name
            {
                self.writers.write().unwrap_or_else(PoisonError::into_inner).insert(name);
            }
            if let Ok(deliver) = deliver {
                deliver();
            }
        }
    }

    fn next(&self, number: usize, wrote: bool) -> Option<Taken> {
        let mut state = self.lock();
        if wrote {
            state.writing -= 1;
        }
        loop {
            // What is asked of this worker alone goes before, but a worker that is about to end does what waits first.
            let is_last = state.closed && !(state.readers.is_empty() && state.writers.is_empty());
            let own = match is_last {
                true => None,
                false => state.own.get_mut(number).and_then(VecDeque::pop_front).map(Taken::Own),
            };
            if let Some(taken) = own.or_else(|| state.take()) {
                // Who was woken for a job that had to wait sleeps again.
                if wrote && state.has_work() {
                    self.changed.notify_one();
                }
                return Some(taken);
            }
            if state.closed {
                return None;
            }
            state.idle += 1;
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }

    fn lock(&self) -> MutexGuard<'_, QueueState> {
        lock(&self.state)
    }

    fn writers(&self) -> std::sync::RwLockReadGuard<'_, FxHashSet<Arc<str>>> {
        self.writers.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl QueueState {
    /// Tells whether a job that writes may begin.
    ///
    /// The database takes one writer at a time, and the others wait in the middle of their call: the last worker is kept for readers.
    fn may_write(&self) -> bool {
        self.closed || self.writing == 0 || self.writing + 1 < self.own.len()
    }

    fn has_work(&self) -> bool {
        !self.readers.is_empty() || !self.writers.is_empty() && self.may_write()
    }

    /// Takes the job that has waited longest of those that may begin.
    fn take(&mut self) -> Option<Taken> {
        let number = |waiting: Option<&Waiting>| waiting.map_or(u64::MAX, |waiting| waiting.number);
        if self.may_write() && number(self.writers.front()) < number(self.readers.front()) {
            self.writing += 1;
            return self.writers.pop_front().map(|waiting| Taken::Any(waiting, true));
        }
        self.readers.pop_front().map(|waiting| Taken::Any(waiting, false))
    }
}

/// The one who owes a value; when it is dropped before, nothing will come.
pub(super) struct Promise<T>(Arc<Promised<T>>);

/// The one who waits for a value.
pub(super) struct Answer<T>(Arc<Promised<T>>);

struct Promised<T> {
    state: Mutex<PromisedState<T>>,
    changed: Condvar,
}

struct PromisedState<T> {
    value: Option<T>,
    /// Nothing will come any more.
    over: bool,
    waker: Option<Waker>,
}

/// What waiting for a while came to.
pub(super) enum Waited<T> {
    /// This.
    Kept(T),
    /// It will never come.
    Broken,
    /// It has not come yet.
    NotYet,
}

/// Makes both ends of a promise.
pub(super) fn promise<T>() -> (Promise<T>, Answer<T>) {
    let state = PromisedState { value: None, over: false, waker: None };
    let promised = Arc::new(Promised { state: Mutex::new(state), changed: Condvar::new() });
    (Promise(promised.clone()), Answer(promised))
}

impl<T> Promise<T> {
    pub(super) fn keep(self, value: T) {
        lock(&self.0.state).value = Some(value);
    }
}

impl<T> Drop for Promise<T> {
    fn drop(&mut self) {
        let mut state = lock(&self.0.state);
        state.over = true;
        let waker = state.waker.take();
        drop(state);
        self.0.changed.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Answer<T> {
    /// Waits for the value; None when it will never come.
    pub(super) fn wait(self) -> Option<T> {
        let mut state = lock(&self.0.state);
        while !state.over {
            state = self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.value.take()
    }

    /// Waits for the value for a while.
    pub(super) fn wait_for(&self, time: Duration) -> Waited<T> {
        let state = lock(&self.0.state);
        let waited = self.0.changed.wait_timeout_while(state, time, |state| !state.over);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match (state.over, state.value.take()) {
            (_, Some(value)) => Waited::Kept(value),
            (true, None) => Waited::Broken,
            (false, None) => Waited::NotYet,
        }
    }

    /// Looks for the value, as a future does; None when it will never come, or has been taken.
    pub(super) fn poll(&self, context: &Context<'_>) -> Poll<Option<T>> {
        let mut state = lock(&self.0.state);
        match state.over {
            true => Poll::Ready(state.value.take()),
            false => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

/// Makes a job and what waits for its result.
pub(super) fn answered<T: Send + 'static>(
    job: impl FnOnce(&mut World) -> Result<T> + Send + 'static,
) -> (Job, Answer<Result<T>>) {
    let (promise, answer) = promise();
    let job = move |world: &mut World| {
        let result = catch_unwind(AssertUnwindSafe(|| job(world)));
        let result = result.unwrap_or_else(|panic| {
            Err(Error::Internal(format!("a worker panicked in the middle of a call: {}", text_of(&*panic))))
        });
        Box::new(move || promise.keep(result)) as Deliver
    };
    (Box::new(job), answer)
}

fn text_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

/// The error of a job that did not come to its end.
pub(super) fn died() -> Error {
    Error::Internal("a worker failed in the middle of a call".into())
}

/// Locks, whether or not a thread panicked with the lock in hand: what it guards is whole at every step.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
