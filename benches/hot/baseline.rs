//! The other side of each workload: rusqlite by hand, as somebody who knows it writes it.
//!
//! Pragmas are those of `mbl`, statements are kept, and rows are read into structs.

use std::collections::HashMap;
use std::hint::black_box;
use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};
use serde::Serialize;

use crate::world::ROWS;

/// Opens the file with the pragmas that `mbl` sets.
pub fn open(file: &Path) -> Connection {
    let connection = Connection::open(file).expect("the file opens");
    connection
        .execute_batch(
            "PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;
             PRAGMA mmap_size = 268435456; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON;",
        )
        .expect("pragmas");
    connection.set_prepared_statement_cache_capacity(2048);
    connection
}

/// A row as a program in Rust would hold it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log {
    id: String,
    tenant_id: String,
    user_id: Option<String>,
    username: Option<String>,
    action: String,
    entity: String,
    entity_id: Option<String>,
    old_value: Option<String>,
    new_value: Option<String>,
    ip_address: Option<String>,
    user_agent: Option<String>,
    details: Option<String>,
    timestamp: i64,
}

const COLUMNS: &str = r#""id","tenantId","userId","username","action","entity","entityId","oldValue","newValue","ipAddress","userAgent","details","timestamp""#;

fn log(row: &rusqlite::Row) -> rusqlite::Result<Log> {
    Ok(Log {
        id: row.get(0)?,
        tenant_id: row.get(1)?,
        user_id: row.get(2)?,
        username: row.get(3)?,
        action: row.get(4)?,
        entity: row.get(5)?,
        entity_id: row.get(6)?,
        old_value: row.get(7)?,
        new_value: row.get(8)?,
        ip_address: row.get(9)?,
        user_agent: row.get(10)?,
        details: row.get(11)?,
        timestamp: row.get(12)?,
    })
}

fn logs(connection: &Connection, sql: &str, params: impl rusqlite::Params) -> Vec<Log> {
    let mut statement = connection.prepare_cached(sql).expect("prepares");
    statement.query_map(params, log).expect("runs").map(|row| row.expect("a row")).collect()
}

const ACTIONS: [&str; 5] = ["create", "update", "delete", "login", "logout"];

fn page_of(connection: &Connection, sql: &str, i: i64) -> Vec<Log> {
    logs(connection, sql, params![format!("tenant-{}", i % 50), ACTIONS[(i % 5) as usize]])
}

fn page_sql() -> String {
    format!(
        r#"SELECT {COLUMNS} FROM "AuditLog" WHERE "tenantId" = ? AND "action" = ? ORDER BY "timestamp" DESC LIMIT 50"#
    )
}

pub fn page(connection: &Connection, count: i64) {
    let sql = page_sql();
    for i in 0..count {
        black_box(page_of(connection, &sql, i));
    }
}

/// The same page as JSON text.
pub fn json_page(connection: &Connection, count: i64) {
    let sql = page_sql();
    for i in 0..count {
        let page = page_of(connection, &sql, i);
        black_box(serde_json::to_string(&page).expect("rows are JSON"));
    }
}

pub fn by_id(connection: &Connection, count: i64) {
    let sql = format!(r#"SELECT {COLUMNS} FROM "AuditLog" WHERE "id" = ?"#);
    for i in 0..count {
        black_box(logs(connection, &sql, params![format!("log-{}", (i * 7919) % ROWS)]));
    }
}

const INSERT: &str = r#"INSERT INTO "AuditLog" ("id","tenantId","userId","username","action","entity","entityId","newValue","ipAddress","timestamp") VALUES (?,?,?,?,?,?,?,?,?,?) RETURNING "id""#;

/// Creates a row.
pub fn insert(connection: &Connection, i: i64) {
    let mut statement = connection.prepare_cached(INSERT).expect("prepares");
    let id: String = statement
        .query_row(
            params![
                mbl::id::cuid(),
                "tenant-new",
                "user-1",
                "ann",
                "create",
                "ForumPost",
                format!("post-{i}"),
                "{\"title\":\"Hello\"}",
                "10.0.0.1",
                1_700_000_000_000_i64 + i
            ],
            |row| row.get(0),
        )
        .expect("inserts");
    black_box(id);
}

pub fn create(connection: &Connection, count: i64) {
    for i in 0..count {
        insert(connection, i);
    }
    clean(connection);
}

pub fn creates(connection: &Connection, count: i64) {
    connection.execute_batch("BEGIN IMMEDIATE").expect("begins");
    for i in 0..count {
        insert(connection, i);
    }
    connection.execute_batch("COMMIT").expect("commits");
    clean(connection);
}

/// Takes away what creates have made.
pub const CLEAN: &str = r#"DELETE FROM "AuditLog" WHERE "tenantId" = 'tenant-new'"#;

fn clean(connection: &Connection) {
    connection.execute(CLEAN, []).expect("deletes");
}

pub fn updates(connection: &Connection, count: i64) {
    let sql = format!(r#"UPDATE "AuditLog" SET "details" = ? WHERE "id" = ? RETURNING {COLUMNS}"#);
    connection.execute_batch("BEGIN IMMEDIATE").expect("begins");
    for i in 0..count {
        black_box(logs(connection, &sql, params!["seen", format!("log-{}", (i * 7919) % ROWS)]));
    }
    connection.execute_batch("COMMIT").expect("commits");
}

pub fn count(connection: &Connection, count: i64) {
    let sql = r#"SELECT COUNT(*) FROM "AuditLog" WHERE "tenantId" = ? AND "action" = ?"#;
    for i in 0..count {
        let mut statement = connection.prepare_cached(sql).expect("prepares");
        let number: i64 = statement
            .query_row(params![format!("tenant-{}", i % 50), ACTIONS[(i % 5) as usize]], |row| row.get(0))
            .expect("counts");
        black_box(number);
    }
}

/// The first rows of all, as many as its parameter says.
pub const ALL: &str = r#"SELECT * FROM "AuditLog" ORDER BY "id" LIMIT ?"#;

pub fn many(connection: &Connection, count: i64) {
    for _ in 0..count {
        black_box(logs(connection, ALL, [10_000]));
    }
}

/// A thread and its posts, as a program in Rust would hold them.
#[allow(dead_code)]
struct Thread {
    id: i64,
    title: String,
    category: i64,
    posts: Vec<(i64, i64, String)>,
}

pub fn threads(connection: &Connection, count: i64) {
    for i in 0..count {
        let mut statement = connection
            .prepare_cached(
                r#"SELECT "id", "title", "categoryId" FROM "Thread" WHERE "categoryId" = ? ORDER BY "id" LIMIT 50"#,
            )
            .expect("prepares");
        let mut threads: Vec<Thread> = statement
            .query_map([i % 10], |row| {
                Ok(Thread { id: row.get(0)?, title: row.get(1)?, category: row.get(2)?, posts: Vec::new() })
            })
            .expect("runs")
            .map(|row| row.expect("a row"))
            .collect();
        let places: HashMap<i64, usize> =
            threads.iter().enumerate().map(|(place, thread)| (thread.id, place)).collect();
        let marks = vec!["?"; threads.len()].join(",");
        let sql = format!(r#"SELECT "id", "threadId", "content" FROM "Post" WHERE "threadId" IN ({marks})"#);
        let mut statement = connection.prepare_cached(&sql).expect("prepares");
        let ids: Vec<i64> = threads.iter().map(|thread| thread.id).collect();
        let posts = statement
            .query_map(params_from_iter(ids), |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?)))
            .expect("runs");
        for post in posts {
            let post: (i64, i64, String) = post.expect("a row");
            threads[places[&post.1]].posts.push(post);
        }
        black_box(threads);
    }
}

/// A document as a program in Rust would hold it.
#[allow(dead_code)]
struct Document {
    id: i64,
    shelf: i64,
    title: String,
    note: Option<String>,
    size: i64,
    score: f64,
    is_public: bool,
    created_at: String,
    updated_at: Option<String>,
    body: serde_json::Value,
    extra: Option<serde_json::Value>,
    hash: Vec<u8>,
}

pub fn wide(connection: &Connection, count: i64) {
    let sql = r#"SELECT "id","shelf","title","note","size","score","isPublic","createdAt","updatedAt","body","extra","hash" FROM "Document" WHERE "shelf" = ? ORDER BY "id""#;
    let json = |text: &str| serde_json::from_str(text).expect("JSON");
    for i in 0..count {
        let mut statement = connection.prepare_cached(sql).expect("prepares");
        let mut rows = statement.query([i % 10]).expect("runs");
        let mut documents = Vec::new();
        while let Some(row) = rows.next().expect("a row") {
            let read = || -> rusqlite::Result<Document> {
                Ok(Document {
                    id: row.get(0)?,
                    shelf: row.get(1)?,
                    title: row.get(2)?,
                    note: row.get(3)?,
                    size: row.get(4)?,
                    score: row.get(5)?,
                    is_public: row.get(6)?,
                    created_at: row.get(7)?,
                    updated_at: row.get(8)?,
                    body: json(row.get_ref(9)?.as_str()?),
                    extra: row.get_ref(10)?.as_str_or_null()?.map(json),
                    hash: row.get(11)?,
                })
            };
            documents.push(read().expect("a document"));
        }
        black_box(documents);
    }
}

/// What lies under a parent, and what lies under that.
#[allow(dead_code)]
struct Node {
    id: i64,
    parent: i64,
    text: String,
    count: i64,
    children: Vec<Node>,
}

/// Reads the children of `parents` in one statement.
fn children(connection: &Connection, columns: &str, table: &str, parent: &str, parents: &[i64]) -> Vec<Node> {
    let marks = vec!["?"; parents.len()].join(",");
    let sql = format!(r#"SELECT {columns} FROM "{table}" WHERE "{parent}" IN ({marks})"#);
    let mut statement = connection.prepare_cached(&sql).expect("prepares");
    let has_count = statement.column_count() > 3;
    let node = |row: &rusqlite::Row| {
        let count = if has_count { row.get(3)? } else { 0 };
        Ok(Node { id: row.get(0)?, parent: row.get(1)?, text: row.get(2)?, count, children: Vec::new() })
    };
    statement.query_map(params_from_iter(parents), node).expect("runs").map(|row| row.expect("a row")).collect()
}

/// Hands children to their parents.
fn join(parents: &mut [Node], children: Vec<Node>) {
    let places: HashMap<i64, usize> = parents.iter().enumerate().map(|(place, node)| (node.id, place)).collect();
    for child in children {
        parents[places[&child.parent]].children.push(child);
    }
}

fn ids(nodes: &[Node]) -> Vec<i64> {
    nodes.iter().map(|node| node.id).collect()
}

pub fn deep(connection: &Connection, count: i64) {
    for _ in 0..count {
        let mut statement =
            connection.prepare_cached(r#"SELECT "id","name" FROM "Region" ORDER BY "id""#).expect("prepares");
        let region = |row: &rusqlite::Row| {
            Ok(Node { id: row.get(0)?, parent: 0, text: row.get(1)?, count: 0, children: Vec::new() })
        };
        let mut regions: Vec<Node> =
            statement.query_map([], region).expect("runs").map(|row| row.expect("a row")).collect();
        let mut shops = children(connection, r#""id","regionId","name""#, "Shop", "regionId", &ids(&regions));
        let mut orders = children(connection, r#""id","shopId","number""#, "Order", "shopId", &ids(&shops));
        let lines = children(connection, r#""id","orderId","product","count""#, "Line", "orderId", &ids(&orders));
        join(&mut orders, lines);
        join(&mut shops, orders);
        join(&mut regions, shops);
        black_box(regions);
    }
}

pub fn nested(connection: &Connection, count: i64) {
    connection.execute_batch("BEGIN IMMEDIATE").expect("begins");
    for i in 0..count {
        let mut thread = connection
            .prepare_cached(
                r#"INSERT INTO "Thread" ("title","categoryId") VALUES (?,?) RETURNING "id","title","categoryId""#,
            )
            .expect("prepares");
        let thread = thread
            .query_row(params![format!("thread {i}"), 99], |row| {
                Ok(Thread { id: row.get(0)?, title: row.get(1)?, category: row.get(2)?, posts: Vec::new() })
            })
            .expect("inserts");
        let mut post =
            connection.prepare_cached(r#"INSERT INTO "Post" ("threadId","content") VALUES (?,?)"#).expect("prepares");
        for j in 1..=20 {
            post.execute(params![thread.id, format!("post {j}")]).expect("inserts");
        }
        black_box(thread);
    }
    connection
        .execute_batch(
            r#"COMMIT;
               DELETE FROM "Post" WHERE "threadId" IN (SELECT "id" FROM "Thread" WHERE "categoryId" = 99);
               DELETE FROM "Thread" WHERE "categoryId" = 99;"#,
        )
        .expect("commits and cleans");
}

pub fn update_many(connection: &Connection, count: i64) {
    connection.execute_batch("BEGIN IMMEDIATE").expect("begins");
    for i in 0..count {
        let from = 1_700_000_000_000 + i % 50 * 2_000_000;
        let mut statement = connection
            .prepare_cached(
                r#"UPDATE "AuditLog" SET "userAgent" = ? WHERE "tenantId" = ? AND "timestamp" >= ? AND "timestamp" < ?"#,
            )
            .expect("prepares");
        let params = params![format!("agent {i}"), format!("tenant-{}", i % 50), from, from + 2_000_000];
        black_box(statement.execute(params).expect("updates"));
    }
    connection.execute_batch("COMMIT").expect("commits");
}

pub fn group_by(connection: &Connection, count: i64) {
    let sql = r#"SELECT "action", COUNT(*), MAX("timestamp") FROM "AuditLog" WHERE "tenantId" = ? GROUP BY "action" ORDER BY "action""#;
    for i in 0..count {
        let mut statement = connection.prepare_cached(sql).expect("prepares");
        let groups: Vec<(String, i64, i64)> = statement
            .query_map([format!("tenant-{}", i % 50)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .expect("runs")
            .map(|row| row.expect("a row"))
            .collect();
        black_box(groups);
    }
}

pub fn upsert(connection: &Connection, count: i64) {
    let sql = r#"INSERT INTO "Counter" ("name","value") VALUES (?,1) ON CONFLICT ("name") DO UPDATE SET "value" = "value" + 1 RETURNING "name","value""#;
    connection.execute_batch("BEGIN IMMEDIATE").expect("begins");
    for i in 0..count {
        let mut statement = connection.prepare_cached(sql).expect("prepares");
        let counter: (String, i64) = statement
            .query_row([format!("counter-{}", i % 500)], |row| Ok((row.get(0)?, row.get(1)?)))
            .expect("upserts");
        black_box(counter);
    }
    connection.execute_batch(r#"COMMIT; DELETE FROM "Counter";"#).expect("commits and cleans");
}

/// The thousand statements of `hot.lua`'s shapes, with their values.
fn shape_statements() -> Vec<(String, Vec<Value>)> {
    let text = |text: String| Some(Value::Text(text));
    let statement = |number: i64| {
        let conditions = [
            ("tenantId", text(format!("tenant-{}", number % 50))),
            ("userId", text(format!("user-{}", number % 100))),
            ("username", text(format!("name {}", number % 100))),
            ("action", text(ACTIONS[(number / 50 % 5) as usize].to_owned())),
            ("entity", text("ForumPost".to_owned())),
            ("entityId", text(format!("post-{number}"))),
            ("newValue", text(format!(r#"{{"title":"Hello","likes":{number}}}"#))),
            ("ipAddress", text(format!("10.0.0.{}", number % 250))),
            ("timestamp", Some(Value::Integer(1_700_000_000_000 + number * 1000))),
            ("oldValue", None),
        ];
        let mut sql = format!(r#"SELECT {COLUMNS} FROM "AuditLog" WHERE "id" = ?"#);
        let mut values = vec![Value::Text(format!("log-{number}"))];
        for (bit, (column, value)) in conditions.into_iter().enumerate() {
            if number >> bit & 1 == 1 {
                let condition = if value.is_some() { "= ?" } else { "IS NULL" };
                sql.push_str(&format!(r#" AND "{column}" {condition}"#));
                values.extend(value);
            }
        }
        sql.push_str(" LIMIT 1");
        (sql, values)
    };
    (0..1000).map(statement).collect()
}

pub fn shapes(connection: &Connection, count: i64) {
    thread_local! {
        static STATEMENTS: Vec<(String, Vec<Value>)> = shape_statements();
    }
    STATEMENTS.with(|statements| {
        for i in 0..count {
            let (sql, values) = &statements[(i % 1000) as usize];
            let found = logs(connection, sql, params_from_iter(values));
            assert_eq!(found.len(), 1, "{sql}");
            black_box(found);
        }
    });
}
