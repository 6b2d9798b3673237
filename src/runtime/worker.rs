//! Threads that each own a [`World`], fed from one queue.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{self, JoinHandle, ThreadId};

use crate::error::{Error, Result};
use crate::runtime::world::World;

/// What a worker is asked to do with its world.
pub(super) type Job = Box<dyn FnOnce(&mut World) + Send>;

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
}

#[derive(Default)]
struct QueueState {
    /// For whoever is free.
    jobs: VecDeque<Job>,
    /// For one worker each, by its number.
    own: Vec<VecDeque<Job>>,
    closed: bool,
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
        let (sender, receiver) = mpsc::channel();
        let queue = self.queue.clone();
        let number = self.ids.len();
        let thread = thread::Builder::new()
            .name("mbl worker".into())
            .stack_size(STACK_BYTES)
            .spawn(move || match open() {
                Ok((mut world, report)) => {
                    let _ = sender.send(Ok(report));
                    queue.work(number, &mut world);
                }
                Err(error) => drop(sender.send(Err(error))),
            })
            .map_err(|error| Error::Internal(format!("no thread could be started: {error}")))?;
        let opened = receiver.recv().unwrap_or_else(|_| Err(Error::Internal("a worker ended while it started".into())));
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
        let (job, receiver) = answered(move |world: &mut World| job(world));
        self.push(job).map_err(|_| Error::Stopped)?;
        receiver.recv().unwrap_or_else(|_| Err(died()))
    }

    /// Asks one worker to do a job, before all that wait for any; the result comes through the channel.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        number: usize,
        job: impl FnOnce(&mut World) -> Result<T> + Send + 'static,
    ) -> Result<mpsc::Receiver<Result<T>>> {
        let (job, receiver) = answered(job);
        let mut state = self.queue.lock();
        if state.closed {
            return Err(Error::Stopped);
        }
        state.own[number].push_back(job);
        drop(state);
        self.queue.changed.notify_all();
        Ok(receiver)
    }

    /// Queues a job; gives it back when they take no more.
    pub(super) fn push(&self, job: Job) -> std::result::Result<(), Job> {
        let mut state = self.queue.lock();
        if state.closed {
            return Err(job);
        }
        state.jobs.push_back(job);
        drop(state);
        self.queue.changed.notify_one();
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
                own.push_back(Box::new(move |world| last(world)));
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
        while let Some(job) = self.next(number) {
            // The caller learns of a panic by the end of its channel; the worker goes on for the others.
            let _ = catch_unwind(AssertUnwindSafe(|| job(world)));
        }
    }

    fn next(&self, number: usize) -> Option<Job> {
        let mut state = self.lock();
        loop {
            // What is asked of this worker alone goes before, but a worker that is about to end does what waits first.
            let own = match state.closed && !state.jobs.is_empty() {
                true => None,
                false => state.own.get_mut(number).and_then(VecDeque::pop_front),
            };
            if let Some(job) = own.or_else(|| state.jobs.pop_front()) {
                return Some(job);
            }
            if state.closed {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, QueueState> {
        lock(&self.state)
    }
}

/// Makes a job whose result comes through a channel.
pub(super) fn answered<T: Send + 'static>(
    job: impl FnOnce(&mut World) -> Result<T> + Send + 'static,
) -> (Job, mpsc::Receiver<Result<T>>) {
    let (sender, receiver) = mpsc::channel();
    (Box::new(move |world| drop(sender.send(job(world)))), receiver)
}

/// The error of a job that did not come to its end.
pub(super) fn died() -> Error {
    Error::Internal("a worker failed in the middle of a call".into())
}

/// Locks, whether or not a thread panicked with the lock in hand: what it guards is whole at every step.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
