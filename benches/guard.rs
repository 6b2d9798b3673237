//! What limits cost: the same Lua without a limit, with one that does not fire, and with the count hook; and our own string and table
//! functions beside Lua's. Each row is the median of interleaved rounds.
//!
//! `cargo bench --bench guard`

use std::rc::Rc;
use std::time::{Duration, Instant};

use mbl::lua::{Context, TimeGuard, Vm, VmOptions};

const ROUNDS: usize = 15;

/// Name, and a script that takes some tens of milliseconds.
const SCRIPTS: &[(&str, &str)] = &[
    (
        "fib(29)",
        "local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end assert(fib(29) == 514229)",
    ),
    ("numeric loop", "local sum = 0.0 for i = 1, 5000000 do sum = sum + i % 7 * 0.5 end assert(sum > 0)"),
];

const LIBRARY: &[(&str, &str)] = &[
    ("find", "local s = ('lorem ipsum dolor '):rep(50) .. 'sit 42' for _ = 1, 2000 do assert(s:find('%d+')) end"),
    (
        "find, literal",
        "local s = ('lorem ipsum dolor '):rep(50) .. 'sit' for _ = 1, 100000 do assert(s:find('sit')) end",
    ),
    ("gsub", "local s = ('lorem ipsum dolor '):rep(50) for _ = 1, 1000 do s:gsub('%w+', '<%0>') end"),
    (
        "gmatch",
        "local s = ('key = value, '):rep(50) for _ = 1, 1000 do for k, v in s:gmatch('(%w+) = (%w+)') do end end",
    ),
    ("sort", "local t = {} for i = 1, 100000 do t[i] = i * 7919 % 100003 end table.sort(t)"),
    (
        "sort, compared",
        "local t = {} for i = 1, 30000 do t[i] = i * 7919 % 30011 end table.sort(t, function(a, b) return a > b end)",
    ),
    ("concat", "local t = {} for i = 1, 1000 do t[i] = 'item' end for _ = 1, 500 do table.concat(t, ', ') end"),
    ("rep", "for _ = 1, 20000 do ('abc'):rep(500) end"),
];

fn main() {
    let bare = vm(None, TimeGuard::Watchdog);
    let guarded = vm(Some(Duration::from_secs(3600)), TimeGuard::Watchdog);
    let counting = vm(Some(Duration::from_secs(3600)), TimeGuard::CountHook);
    println!("{:<16} {:>9} {:>9} {:>7} {:>11} {:>7}", "", "no limit", "limit", "ratio", "count hook", "ratio");
    for (name, script) in SCRIPTS {
        let [without, with, hook] =
            medians([&|| run(&bare, script), &|| run(&guarded, script), &|| run(&counting, script)]);
        println!(
            "{name:<16} {:>6.2} ms {:>6.2} ms {:>7.3} {:>8.2} ms {:>7.3}",
            ms(without),
            ms(with),
            with / without,
            ms(hook),
            hook / without
        );
    }
    let lua = mlua::Lua::new();
    println!("\n{:<16} {:>9} {:>9} {:>7}", "", "Lua's own", "ours", "ratio");
    for (name, script) in LIBRARY {
        let own = || lua.load(*script).exec().expect("the script is right");
        let [own, ours] = medians([&own, &|| run(&guarded, script)]);
        println!("{name:<16} {:>6.2} ms {:>6.2} ms {:>7.3}", ms(own), ms(ours), ours / own);
    }
}

fn vm(limit: Option<Duration>, time_guard: TimeGuard) -> Vm {
    Vm::new(VmOptions {
        database: None,
        packages: Vec::new(),
        modules: Default::default(),
        print: Rc::new(|_| ()),
        log: Rc::new(|_| ()),
        load_timeout: None,
        call_timeout: limit,
        memory_bytes: None,
        output_bytes: None,
        time_guard,
        sandbox: None,
        untrusted: None,
    })
    .expect("a state")
}

fn run(vm: &Vm, script: &str) {
    vm.exec("bench.lua", script.as_bytes(), &[], &Context::default()).expect("the script is right");
}

/// Returns the median time of each, in seconds.
fn medians<const N: usize>(candidates: [&dyn Fn(); N]) -> [f64; N] {
    let mut times = [const { Vec::new() }; N];
    for _ in 0..ROUNDS {
        for (candidate, times) in candidates.iter().zip(&mut times) {
            let begun = Instant::now();
            candidate();
            times.push(begun.elapsed().as_secs_f64());
        }
    }
    times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    })
}

fn ms(seconds: f64) -> f64 {
    seconds * 1000.0
}
