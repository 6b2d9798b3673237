//! Several threads at once: readers on their own connections, writers that wait for one another.

use std::hint::black_box;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use mbl::Runtime;
use rusqlite::params;

use crate::baseline;
use crate::costs::package;
use crate::measure::{Clock, Setting, interleaved, samples};
use crate::world::seeded;

/// What two threads get done that have nothing to share, in the time of one: what the machine gives.
pub fn spin(setting: &Setting) -> Vec<f64> {
    let steps = if setting.quick { 100_000_000 } else { 400_000_000 };
    let spin = |threads: u64| {
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(move || {
                    let mut state = 1_u64;
                    for _ in 0..steps / threads {
                        state = black_box(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
                    }
                });
            }
        });
    };
    interleaved(&wall(setting), || (), || spin(2), || spin(1)).ratios
}

/// W1 through a runtime with two workers, by throughput, against one with one; four threads call.
pub fn readers(setting: &Setting) -> Vec<f64> {
    let calls = if setting.quick { 25 } else { 100 };
    let read = |runtime: &Runtime| {
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..calls).for_each(|_| runtime.call("hot.W1", (20,)).expect("it answers")));
            }
        });
    };
    let (one, two) = (runtime(setting, setting.file, 1), runtime(setting, setting.file, 2));
    interleaved(&wall(setting), || (), || read(&two), || read(&one)).ratios
}

/// Creates, each its own commit, by four threads over four workers, by throughput, against one worker.
pub fn writers(setting: &Setting) -> Vec<f64> {
    let file = setting.folder.join("writers.db");
    seeded(&file, 1_000);
    let (one, four) = (runtime(setting, &file, 1), runtime(setting, &file, 4));
    let creates = if setting.quick { 25 } else { 100 };
    let write = |runtime: &Runtime| drop(write_from_four(runtime, creates));
    interleaved(&wall(setting), || clean(&one), || write(&four), || write(&one)).ratios
}

/// The longest of all creates of four threads over four workers, in ms: whether one of them is left to starve.
pub fn waits(setting: &Setting) -> Vec<f64> {
    let file = setting.folder.join("waits.db");
    seeded(&file, 1_000);
    let runtime = runtime(setting, &file, 4);
    let creates = if setting.quick { 25 } else { 100 };
    samples(setting, || {
        let most = write_from_four(&runtime, creates).into_iter().max().unwrap_or_default();
        clean(&runtime);
        most.as_secs_f64() * 1e3
    })
}

/// Returns how long each create took.
fn write_from_four(runtime: &Runtime, creates: usize) -> Vec<Duration> {
    let times = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for i in 0..creates {
                    let begun = Instant::now();
                    runtime.call::<()>("hot.add", (i,)).expect("no writer fails");
                    times.lock().expect("no writer panics").push(begun.elapsed());
                }
            });
        }
    });
    times.into_inner().expect("no writer panics")
}

fn clean(runtime: &Runtime) {
    runtime.call::<()>("hot.clean", ()).expect("it cleans");
}

/// What four writers could gain at most by sharing a commit.
pub fn group_of_4(setting: &Setting) -> Vec<f64> {
    group(setting, 4)
}

/// What sixteen writers could gain at most by sharing a commit.
pub fn group_of_16(setting: &Setting) -> Vec<f64> {
    group(setting, 16)
}

/// The throughput of rusqlite by hand with this many creates in a commit, against one in each; both with `synchronous=FULL`.
fn group(setting: &Setting, size: i64) -> Vec<f64> {
    let connection = baseline::open(setting.file);
    let commits = if setting.quick { 2 } else { 10 };
    let write = |size: i64, commits: i64| {
        for commit in 0..commits {
            connection.execute_batch("BEGIN IMMEDIATE").expect("begins");
            (0..size).for_each(|i| baseline::insert(&connection, commit * size + i));
            connection.execute_batch("COMMIT").expect("commits");
        }
    };
    let tidy = || connection.execute(baseline::CLEAN, params![]).map(drop).expect("deletes");
    interleaved(&wall(setting), tidy, || write(size, commits), || write(1, size * commits)).ratios
}

/// Opens a runtime over a file with the workloads.
fn runtime(setting: &Setting, file: &std::path::Path, workers: usize) -> Runtime {
    let builder = Runtime::builder().packages(package(setting.folder)).database(file.display().to_string());
    builder.workers(workers).build().expect("it builds")
}

/// The time of this thread says nothing of the others'.
fn wall<'a>(setting: &Setting<'a>) -> Setting<'a> {
    Setting { clock: Clock::Wall, ..*setting }
}
