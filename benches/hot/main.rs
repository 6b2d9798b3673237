//! The hot path: `db` from a Lua loop against rusqlite by hand, in turn in one process on one file.
//!
//! `cargo bench --bench hot` runs it whole, `-- --quick` in under a minute, `-- W1 W2` some rows of it. The figure of a row is the median over
//! the rounds, beside the least and the greatest: a ratio (`mbl`'s time divided by rusqlite's) or a time. Absolute times are not compared
//! across machines. `--rounds N` sets how many rounds there are, `--absolute` prints the least time of each side, too, and `--cpu` counts
//! the time of the processor instead of that of the clock, for a machine that is busy with other things.
//!
//! `--only-mbl W2 --iterations N` and `--only-rusqlite W2 --iterations N` run one side of one row and print nothing, for `valgrind
//! --tool=callgrind` and other profilers; `--database FILE` keeps the rows there, so that only the first run makes them. `--serve` does
//! what lines on stdin say, `mbl W2 1000`: so `benches/peers` runs it.

#[path = "../../src/allocator.rs"]
mod allocator;
mod baseline;
mod costs;
mod measure;
mod memory;
mod scale;
mod serve;
mod workloads;
mod world;

use std::path::PathBuf;
use std::time::Duration;

use crate::costs::COSTS;
use crate::measure::{Clock, Goal, Setting, interleaved};
use crate::workloads::{WORKLOADS, Workload};
use crate::world::{Limits, ROWS, SCHEMA, World, seeded};

/// The allocator of the binary, for both sides.
#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator;

/// What the command line said.
struct Options {
    quick: bool,
    absolute: bool,
    clock: Clock,
    rounds: usize,
    iterations: Option<i64>,
    database: Option<PathBuf>,
    /// One side of one workload: whether it is `mbl`'s.
    only: Option<(bool, String)>,
    /// Answer requests on stdin.
    serve: bool,
    /// Tell the memory that one side of a measurement takes at most.
    peak: Option<String>,
    names: Vec<String>,
}

fn main() {
    let options = Options::read().unwrap_or_else(|message| {
        eprintln!("{message}");
        std::process::exit(2)
    });
    let folder = std::env::temp_dir().join(format!("mbl-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let file = options.database.clone().unwrap_or_else(|| folder.join("hot.db"));
    seeded(&file, ROWS);
    if let Some(side) = &options.peak {
        println!("{}", memory::peak_of(side, &file));
    } else if options.serve {
        serve::serve(&file);
    } else if let Some((ours, name)) = &options.only {
        one_side(&file, *ours, workload(name).expect("it was checked"), options.iterations);
    } else {
        let Options { quick, rounds, clock, .. } = options;
        table(&options, Setting { quick, rounds, clock, file: &file, folder: &folder });
    }
    std::fs::remove_dir_all(&folder).expect("the folder can go");
}

/// Runs the rows that were asked for, and prints them as they come.
fn table(options: &Options, setting: Setting) {
    let wanted = |name: &str| options.names.is_empty() || options.names.iter().any(|wanted| wanted == name);
    println!("{:10} {:38} {:>8} {:>8} {:>8} {:>6}", "", "", "median", "min", "max", "goal");
    let asked: Vec<&Workload> = WORKLOADS.iter().filter(|workload| wanted(workload.name)).collect();
    if !asked.is_empty() {
        let world = World::open(setting.file, SCHEMA, Limits::default());
        let connection = baseline::open(setting.file);
        for workload in asked {
            let quick = if options.quick { (workload.count / 4).max(workload.least) } else { workload.count };
            let count = options.iterations.unwrap_or(quick);
            // What one side wrote is not left for the other to move into the file.
            let tidy = || connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").expect("a checkpoint");
            let rounds =
                interleaved(&setting, tidy, || (workload.baseline)(&connection, count), || workload.run(&world, count));
            print_row(workload.name, workload.what, &rounds.ratios, workload.goal);
            if options.absolute {
                let each = |time: Duration| time.as_secs_f64() * 1e6 / count as f64;
                println!("{:10} rusqlite {:.2} µs each, mbl {:.2} µs", "", each(rounds.first), each(rounds.second));
            }
        }
    }
    for cost in COSTS.iter().filter(|cost| wanted(cost.name)) {
        print_row(cost.name, cost.what, &(cost.measure)(&setting), cost.goal);
    }
}

/// Runs one side of a workload.
fn one_side(file: &std::path::Path, ours: bool, workload: &Workload, iterations: Option<i64>) {
    let count = iterations.unwrap_or(workload.count);
    match ours {
        true => {
            let world = World::open(file, SCHEMA, Limits::default());
            profiled(|| workload.run(&world, count));
        }
        false => {
            let connection = baseline::open(file);
            profiled(|| (workload.baseline)(&connection, count));
        }
    }
}

/// What a profiler is to look at: `--toggle-collect='*profiled*'`.
#[inline(never)]
fn profiled(body: impl FnOnce()) {
    body();
}

fn workload(name: &str) -> Option<&'static Workload> {
    WORKLOADS.iter().find(|workload| workload.name == name)
}

/// Prints a row.
fn print_row(name: &str, what: &str, figures: &[f64], goal: Goal) {
    let mut figures = figures.to_vec();
    figures.sort_by(f64::total_cmp);
    let (median, least, most) = (figures[figures.len() / 2], figures[0], figures[figures.len() - 1]);
    let mark = if goal.is_met(median) { "" } else { "  missed" };
    println!("{name:10} {what:38} {median:8.2} {least:8.2} {most:8.2} {goal:>6}{mark}");
}

impl Options {
    fn read() -> Result<Self, String> {
        let mut options = Self {
            quick: false,
            absolute: false,
            clock: Clock::Wall,
            rounds: 0,
            iterations: None,
            database: None,
            only: None,
            serve: false,
            peak: None,
            names: Vec::new(),
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("`{argument}` needs a value"));
            match argument.as_str() {
                // Cargo says it.
                "--bench" => {}
                "--quick" => options.quick = true,
                "--cpu" => options.clock = Clock::Processor,
                "--absolute" => options.absolute = true,
                "--rounds" => options.rounds = number(&argument, &value()?)?,
                "--iterations" => options.iterations = Some(number(&argument, &value()?)?),
                "--database" => options.database = Some(value()?.into()),
                "--serve" => options.serve = true,
                // The benchmark says it to itself.
                "--peak" => options.peak = Some(value()?),
                "--only-mbl" | "--only-rusqlite" => {
                    let name = value()?;
                    if workload(&name).is_none() {
                        return Err(unknown(&name));
                    }
                    options.only = Some((argument == "--only-mbl", name));
                }
                name if workload(name).is_some() || COSTS.iter().any(|cost| cost.name == name) => {
                    options.names.push(name.to_owned());
                }
                other => return Err(unknown(other)),
            }
        }
        if options.rounds == 0 {
            options.rounds = if options.quick { 3 } else { 11 };
        }
        Ok(options)
    }
}

fn number<T: std::str::FromStr>(option: &str, text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("`{option}` needs a number, found `{text}`"))
}

fn unknown(name: &str) -> String {
    let rows = WORKLOADS.iter().map(|workload| workload.name).chain(COSTS.iter().map(|cost| cost.name));
    format!(
        "there is no row and no option `{name}`; rows: {}; options: --quick --absolute --cpu --rounds N --iterations N --database FILE \
         --serve --only-mbl ROW --only-rusqlite ROW",
        rows.collect::<Vec<_>>().join(" ")
    )
}
