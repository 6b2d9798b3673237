//! The rows whose figure is a ratio: `mbl`'s time divided by that of rusqlite by hand.

use std::hint::black_box;

use rusqlite::Connection;
use serde_json::json;

use crate::baseline;
use crate::measure::Goal;
use crate::world::World;

/// One thing that both sides do `count` times.
pub struct Workload {
    /// What the command line and the Lua function call it.
    pub name: &'static str,
    /// What it does.
    pub what: &'static str,
    /// The ratio to reach.
    pub goal: Goal,
    /// How often a round does it.
    pub count: i64,
    /// How often at least, so that a round means something.
    pub least: i64,
    /// rusqlite's side.
    pub baseline: fn(&Connection, i64),
    /// What takes the place of the function in `hot.lua`, for what is not said in Lua.
    pub instead: Option<fn(&World, i64)>,
}

impl Workload {
    const fn new(
        name: &'static str,
        what: &'static str,
        goal: Goal,
        count: i64,
        baseline: fn(&Connection, i64),
    ) -> Self {
        Self { name, what, goal, count, least: 2, baseline, instead: None }
    }

    /// Runs `mbl`'s side.
    pub fn run(&self, world: &World, count: i64) {
        match self.instead {
            Some(run) => run(world, count),
            None => world.run(self.name, count),
        }
    }
}

/// The workloads in the order of the table.
pub const WORKLOADS: &[Workload] = &[
    Workload::new("W1", "a page of 50", Goal::AtMost(1.30), 2000, baseline::page),
    Workload::new("W2", "findUnique by id", Goal::AtMost(1.45), 20_000, baseline::by_id),
    Workload::new("W3", "one create, committed", Goal::AtMost(1.2), 300, baseline::create),
    Workload::new("W3b", "10,000 creates in a transaction", Goal::AtMost(1.5), 10_000, baseline::creates),
    Workload::new("W4", "createMany of 10,000", Goal::AtMost(1.4), 10_000, baseline::creates),
    Workload::new("W5", "update by id, in a transaction", Goal::AtMost(1.5), 5_000, baseline::updates),
    Workload::new("W6", "count with where", Goal::AtMost(1.1), 1_000, baseline::count),
    Workload::new("W7", "findMany of 10,000 rows", Goal::AtMost(2.3), 10, baseline::many),
    Workload::new("W8", "50 threads with their posts", Goal::AtMost(1.8), 500, baseline::threads),
    Workload::new("wide", "200 rows with Json, DateTime, Bytes", Goal::None, 200, baseline::wide),
    Workload::new("deep", "include of depth 3: 2,620 rows", Goal::None, 60, baseline::deep),
    Workload::new("nested", "create of 1 + 20 rows", Goal::None, 500, baseline::nested),
    Workload::new("updateMany", "40 rows a call", Goal::None, 1000, baseline::update_many),
    Workload::new("groupBy", "2,000 rows in 5 groups", Goal::None, 200, baseline::group_by),
    Workload::new("upsert", "by a unique name", Goal::None, 5_000, baseline::upsert),
    Workload { least: 2000, ..Workload::new("shapes", "1,000 shapes in turn", Goal::None, 6_000, baseline::shapes) },
    Workload {
        instead: Some(json_door),
        ..Workload::new("door", "W1 as JSON text", Goal::None, 2000, baseline::json_page)
    },
];

const ACTIONS: [&str; 5] = ["create", "update", "delete", "login", "logout"];

/// W1 through the JSON door: a line in, a line out.
fn json_door(world: &World, count: i64) {
    for i in 0..count {
        let request = json!({
            "id": i,
            "model": "auditLog",
            "action": "findMany",
            "args": {
                "where": { "tenantId": format!("tenant-{}", i % 50), "action": ACTIONS[(i % 5) as usize] },
                "orderBy": { "timestamp": "desc" },
                "take": 50,
            },
        });
        let answer = mbl::runtime::answer(&world.database, request.to_string().as_bytes());
        assert!(answer.contains("\"result\""), "{answer}");
        black_box(answer);
    }
}
