//! One process that runs workloads when it is asked to, so that those of other languages take their turns with it.

use std::io::{BufRead, Write, stdin, stdout};
use std::path::Path;

use crate::world::{Limits, SCHEMA, World};
use crate::{baseline, workload};

/// Answers each line on stdin, `mbl W2 1000` or `rusqlite W2 1000`, with `done` when it is.
pub fn serve(file: &Path) {
    let world = World::open(file, SCHEMA, Limits::default());
    let connection = baseline::open(file);
    for line in stdin().lock().lines() {
        let line = line.expect("stdin is text");
        let mut words = line.split_whitespace();
        let (side, name) = (words.next(), words.next().and_then(workload));
        let count: Option<i64> = words.next().and_then(|count| count.parse().ok());
        match (side, name, count) {
            (Some("mbl"), Some(workload), Some(count)) => workload.run(&world, count),
            (Some("rusqlite"), Some(workload), Some(count)) => (workload.baseline)(&connection, count),
            _ => panic!("expected `mbl` or `rusqlite`, a workload and a number, found `{line}`"),
        }
        // Whoever asks measures, so that all languages have one clock.
        println!("done");
        stdout().flush().expect("stdout takes it");
    }
}
