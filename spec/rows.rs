//! Results that do not come to their end: memory that is short at any byte of them, a stored value that does not fit in the middle.
//!
//! After each the state goes on, no transaction is open and no statement holds its tables. `MBL_SWEEP` says at how many bytes memory is
//! short; `.ci/memcheck` runs this file under Valgrind.

use std::rc::Rc;
use std::sync::Arc;

use mbl::db::Database;
use mbl::lua::{Context, LuaError, LuaErrorKind, Vm};
use mbl::migrate::Layout;
use mbl::schema::Schema;
use mbl::store::{DatabaseUrl, Policy, Store};
use serde_json::{Value as Json, json};

use crate::lua::vm;

const SCHEMA: &str = "
enum Color {
  red
  green
}

model Thing {
  id       Int       @id @default(autoincrement())
  text     String
  number   Int
  big      BigInt
  float    Float
  flag     Boolean
  decimal  Decimal
  at       DateTime
  json     Json
  bytes    Bytes
  color    Color
  note     String?
  extra    Json?
  parentId Int?
  parent   Thing?    @relation(\"tree\", fields: [parentId], references: [id])
  children Thing[]   @relation(\"tree\")

  @@index([number], map: \"by_number\")
}
";

const SCRIPT: &str = include_str!("rows.lua");

/// What a state may hold.
const MEMORY: usize = 2 << 20;

/// The functions of `rows.lua` whose result is cut short.
const CALLS: &[&str] = &["rows", "tree", "first", "created", "changed", "grouped", "decoded", "encoded"];

struct World {
    vm: Vm,
    database: Rc<Database>,
}

impl World {
    fn new() -> Self {
        let Ok(schema) = Schema::parse_text("schema.prisma", SCHEMA) else { panic!("the schema is right") };
        let store = Store::open(&DatabaseUrl::memory()).expect("a database");
        store.bring_to(&Layout::of(&schema), Policy::Additive).expect("tables");
        let database = Rc::new(Database::new(store, Arc::new(schema)));
        let vm = vm(database.clone(), "rows.lua", SCRIPT, Some(MEMORY));
        let world = Self { vm, database };
        world.call("seed", &[]).expect("rows");
        world
    }

    fn call(&self, name: &str, args: &[Json]) -> Result<Json, LuaError> {
        self.vm.call("p", name, args, &Context::default())
    }

    fn execute(&self, sql: &str) {
        self.database.execute_raw(sql, &[]).unwrap_or_else(|error| panic!("{sql}: {}", error.message));
    }

    /// Calls `name` with so many bytes of the memory taken already; None when they do not fit.
    fn call_beside(&self, bytes: usize, name: &str) -> Option<Result<Json, LuaError>> {
        match self.call("beside", &[json!(bytes), json!(name)]) {
            Ok(Json::Null) => None,
            result => Some(result),
        }
    }

    /// Panics when something of a call was left open.
    fn assert_at_rest(&self, context: &str) {
        assert_eq!(self.database.depth(), 0, "{context}: a transaction is open");
        // SQLite refuses this while a statement is at a row of the table.
        self.execute("DROP INDEX by_number");
        self.execute("CREATE INDEX by_number ON Thing (number)");
    }
}

#[test]
fn memory_may_be_short_at_any_byte_of_a_result() {
    let points = std::env::var("MBL_SWEEP").ok().and_then(|points| points.parse().ok()).unwrap_or(60);
    let world = World::new();
    for name in CALLS {
        let expected = world.call(name, &[]).unwrap_or_else(|error| panic!("{name}: {error}"));
        // The most that may be taken already, and the least beside which not even the call begins.
        let fits = |bytes| world.call_beside(bytes, name).is_some_and(|result| result.is_ok());
        let begins = |bytes| world.call_beside(bytes, "nothing").is_some_and(|result| result.is_ok());
        let most = greatest(0, MEMORY, fits);
        let end = greatest(most, MEMORY, begins);
        assert!(end > most, "{name}: the result takes memory");
        let mut failed = 0;
        for point in 1..=points {
            let bytes = most + (end - most) * point / points;
            let context = format!("{name} beside {bytes} bytes");
            match world.call_beside(bytes, name) {
                None => {}
                // What is taken differs by some bytes from call to call.
                Some(Ok(found)) => assert_eq!(found, expected, "{context}"),
                Some(Err(error)) => {
                    assert!(is_short(&error), "{context}: {error:?}");
                    failed += 1;
                }
            }
            world.assert_at_rest(&context);
            assert_eq!(world.call(name, &[]).as_ref(), Ok(&expected), "{context}: the next call");
        }
        assert!(failed * 2 > points, "{name}: memory was short {failed} times of {points}");
    }
}

/// Tells whether memory was short. Lua's stack is memory, too, and it tells no more than that it could not grow.
fn is_short(error: &LuaError) -> bool {
    let stack = ["too many keys", "too large", "too deep"];
    error.kind == LuaErrorKind::MemoryLimit || stack.iter().any(|message| error.message.contains(message))
}

/// Finds the greatest number from `low` to `high` for which `holds`, when it holds for `low` and up to some number.
fn greatest(mut low: usize, mut high: usize, holds: impl Fn(usize) -> bool) -> usize {
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        match holds(middle) {
            true => low = middle,
            false => high = middle,
        }
    }
    low
}

#[test]
fn a_value_that_does_not_fit_ends_a_result_in_the_middle() {
    let world = World::new();
    let expected: Vec<Json> = CALLS.iter().map(|name| world.call(name, &[]).expect("it answers")).collect();
    for (column, value) in [
        ("text", "x'ff'"),
        ("text", "CAST(x'ff' AS TEXT)"),
        ("number", "'seven'"),
        ("big", "'lots'"),
        ("float", "'much'"),
        ("flag", "'maybe'"),
        ("decimal", "'a lot'"),
        ("at", "'yesterday'"),
        ("json", "'{\"open\":'"),
        ("bytes", "'text'"),
        ("color", "'blue'"),
        ("extra", "x'00'"),
    ] {
        world.execute("BEGIN");
        world.execute(&format!("UPDATE Thing SET {column} = {value} WHERE id = 25"));
        world.execute("COMMIT");
        for name in ["rows", "tree"] {
            let error = world.call(name, &[]).expect_err(value);
            let code = error.db.as_ref().and_then(|error| error.code.as_deref());
            assert_eq!((error.kind, code), (LuaErrorKind::Db, Some("P2023")), "{column} = {value}: {error:?}");
            world.assert_at_rest(&format!("{column} = {value}"));
        }
        world.call("seed", &[]).expect("rows");
    }
    let found: Vec<Json> = CALLS.iter().map(|name| world.call(name, &[]).expect("it answers")).collect();
    assert_eq!(found, expected);
}
