//! Threads that each own a [`World`], fed from one queue.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{self, JoinHandle};

use crate::error::{Error, Result};
use crate::runtime::world::World;

/// What a worker is asked to do with its world.
type Job = Box<dyn FnOnce(&World) + Send>;

/// The stack of a worker: deep enough for Lua's own limit on nested calls from C, in a debug build too.
pub(super) const STACK_BYTES: usize = 16 << 20;

/// The running threads. Dropping them ends them, each after the job that it is at.
pub(super) struct Workers {
    queue: Arc<Queue>,
    threads: Vec<JoinHandle<()>>,
}

/// The jobs that no worker has taken yet.
#[derive(Default)]
struct Queue {
    state: Mutex<QueueState>,
    changed: Condvar,
}

#[derive(Default)]
struct QueueState {
    jobs: VecDeque<Job>,
    closed: bool,
}

impl Workers {
    /// Makes no thread yet.
    pub(super) fn new() -> Self {
        Self { queue: Arc::default(), threads: Vec::new() }
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
        let thread = thread::Builder::new()
            .name("mbl worker".into())
            .stack_size(STACK_BYTES)
            .spawn(move || match open() {
                Ok((world, report)) => {
                    let _ = sender.send(Ok(report));
                    queue.work(&world);
                }
                Err(error) => drop(sender.send(Err(error))),
            })
            .map_err(|error| Error::Internal(format!("no thread could be started: {error}")))?;
        let opened = receiver.recv().unwrap_or_else(|_| Err(Error::Internal("a worker ended while it started".into())));
        match opened {
            Ok(_) => self.threads.push(thread),
            // It has nothing left to do, but its connection is closed only when it is over.
            Err(_) => drop(thread.join()),
        }
        opened
    }

    /// Runs `job` on a worker that is free, and waits for its result.
    pub(super) fn run<T: Send + 'static>(&self, job: impl FnOnce(&World) -> Result<T> + Send + 'static) -> Result<T> {
        let (sender, receiver) = mpsc::channel();
        self.queue.push(Box::new(move |world| drop(sender.send(job(world)))));
        receiver.recv().unwrap_or_else(|_| Err(Error::Internal("a worker failed in the middle of a call".into())))
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.queue.close();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Queue {
    fn push(&self, job: Job) {
        self.lock().jobs.push_back(job);
        self.changed.notify_one();
    }

    fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Does jobs until the queue is closed.
    fn work(&self, world: &World) {
        while let Some(job) = self.next() {
            // The caller learns of a panic by the end of its channel; the worker goes on for the others.
            let _ = catch_unwind(AssertUnwindSafe(|| job(world)));
        }
    }

    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            if state.closed {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
