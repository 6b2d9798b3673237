//! What does not grow: statements with rows, plans with calls, time with the length of a list.

use std::time::{Duration, Instant};

use mbl::db::Database;
use mbl::store::StatementRecord;
use serde_json::{Value as Json, json};

use super::{call, database, raw, recorded_schema};

/// Returns the statements that are no BEGIN or COMMIT.
fn statements(records: &[StatementRecord]) -> Vec<&StatementRecord> {
    records.iter().filter(|record| !record.plan.is_empty()).collect()
}

#[test]
fn a_write_of_one_record_runs_no_more_than_it_needs() {
    let database = database(&recorded_schema("types.prisma"));
    let run = |model: &str, action: &str, args: Json| -> Vec<String> {
        let (_, records) = database.store().record(|| call(&database, model, action, args));
        records.into_iter().map(|record| record.sql).collect()
    };
    let select = r#"SELECT t1."id", t1."name", t1._rowid_ FROM "StrId" AS t1 WHERE t1."id" = ?"#;
    let renamed = r#"SELECT t1."id", ?, t1._rowid_ FROM "StrId" AS t1 WHERE t1."id" = ?"#;
    let insert = r#"INSERT INTO "StrId" ("id", "name") VALUES (?, ?)"#;
    let update = r#"UPDATE "StrId" SET "name" = ? WHERE _rowid_ = ?"#;
    let delete = r#"DELETE FROM "StrId" WHERE _rowid_ = ?"#;
    let upsert = json!({ "where": { "id": "b" }, "create": { "id": "b", "name": "B" }, "update": { "name": "C" } });
    let kept = json!({ "where": { "id": "b" }, "create": { "id": "b", "name": "B" }, "update": {} });
    let cases = [
        ("create", json!({ "data": { "id": "a", "name": "A" } }), vec![insert]),
        ("createMany", json!({ "data": [{ "name": "B" }, { "name": "C" }] }), vec![]),
        ("update", json!({ "where": { "id": "a" }, "data": { "name": "B" } }), vec![renamed, update]),
        ("upsert", upsert.clone(), vec![renamed, insert]),
        ("upsert", upsert, vec![renamed, update]),
        ("upsert", kept, vec![select]),
        ("delete", json!({ "where": { "id": "a" } }), vec![select, delete]),
    ];
    for open in [false, true] {
        if open {
            database.begin().expect("a transaction begins");
        }
        for (action, args, expected) in &cases {
            let ran = run("strId", action, args.clone());
            match expected.as_slice() {
                [] => assert_eq!(ran.len(), 1, "{action}: {ran:?}"),
                [_, ..] if open || *action == "create" => assert_eq!(ran, *expected, "{action}"),
                statements => {
                    let whole = [&["BEGIN IMMEDIATE"], statements, &["COMMIT"]].concat();
                    assert_eq!(ran, whole, "{action}");
                }
            }
        }
        run("strId", "deleteMany", json!({}));
    }
    // The id is SQLite's own number, which is known without RETURNING.
    let made =
        run("parent", "create", json!({ "data": { "id": 1, "name": "a", "cascade": { "create": { "id": 1 } } } }));
    assert_eq!(made.len(), 5, "{made:?}");
    assert!(made.iter().all(|sql| !sql.contains("RETURNING")), "{made:?}");
    let select = r#"SELECT t1."id" FROM "Parent" AS t1 WHERE t1."name" = ? LIMIT 1"#;
    let insert = r#"INSERT INTO "ChildSetNull" ("id", "parentId") VALUES (?, ?)"#;
    let data = json!({ "id": 1, "parent": { "connect": { "name": "a" } } });
    assert_eq!(run("childSetNull", "create", json!({ "data": data })), [select, insert]);
    let deleted = run("parent", "delete", json!({ "where": { "name": "a" }, "include": { "cascade": true } }));
    assert_eq!(deleted[2], r#"DELETE FROM "Parent" WHERE "id" = ?"#);
}

#[test]
fn an_in_list_may_have_any_length() {
    const ROWS: i64 = 100_000;
    let database = database(&recorded_schema("types.prisma"));
    raw(
        &database,
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
         INSERT INTO Opt (id, str, big, flt, dt, bytes)
         SELECT i, 's' || i, i + 9007199254740992, i + 0.5, strftime('%Y-%m-%dT%H:%M:%S.000+00:00', i * 86400, 'unixepoch'), CAST('b' || i AS BLOB)
         FROM n",
    );
    let dates = call(&database, "opt", "findMany", json!({ "select": { "dt": true }, "orderBy": { "id": "asc" } }));
    let days: Vec<&str> =
        (0..1_000).map(|day| &dates[day]["dt"]["$datetime"].as_str().expect("a date")[..11]).collect();
    let kinds: [(&str, &dyn Fn(i64) -> Json); 6] = [
        ("id", &|number| json!(number)),
        ("str", &|number| json!(format!("s{number}"))),
        ("big", &|number| json!({ "$bigint": (number + 9_007_199_254_740_992).to_string() })),
        ("flt", &|number| json!(number as f64 + 0.5)),
        ("bytes", &|number| json!({ "$bytes": encode(&format!("b{number}")) })),
        ("dt", &|number| {
            let (day, second) = (number % 1_000, number / 1_000);
            json!({ "$datetime": format!("{}00:{:02}:{:02}.000Z", days[day as usize], second / 60, second % 60) })
        }),
    ];
    for (field, item) in kinds {
        let list: Vec<Json> = (0..ROWS).map(item).collect();
        let (count, records) = database.store().record(|| {
            let inside = call(&database, "opt", "count", json!({ "where": { field: { "in": list } } }));
            let outside = call(&database, "opt", "count", json!({ "where": { field: { "notIn": list } } }));
            (inside, outside)
        });
        assert_eq!(count, (json!(1_000), json!(0)), "{field}");
        assert_eq!(statements(&records).len(), 2, "{field}");
        assert!(records.iter().all(|record| record.time < Duration::from_secs(2)), "{field}: {records:?}");
    }
}

fn encode(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// Returns the blog with a number of posts by each of some users.
fn filled(users: i64, posts: i64) -> Database {
    let database = database(&recorded_schema("blog.prisma"));
    let rows =
        |count: i64| format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})");
    raw(&database, &format!("{} INSERT INTO User (id, email) SELECT i, 'u' || i FROM n", rows(users)));
    raw(
        &database,
        &format!(
            "{} INSERT INTO Post (id, slug, title, authorId) SELECT i, 'p' || i, 't' || i, (i - 1) % {users} + 1 FROM n",
            rows(users * posts)
        ),
    );
    raw(&database, &format!("{} INSERT INTO Comment (id, text, postId) SELECT i, 'c', i FROM n", rows(users * posts)));
    raw(
        &database,
        &format!(
            "{} INSERT INTO Comment (id, text, postId, parentId) SELECT i + 1000000, 'r', i, i FROM n",
            rows(users * posts)
        ),
    );
    raw(&database, &format!("{} INSERT INTO Tag (id, name) SELECT i, 'n' || i FROM n", rows(5)));
    raw(&database, &format!("{} INSERT INTO _PostToTag (A, B) SELECT i, i % 5 + 1 FROM n", rows(users * posts)));
    database
}

#[test]
fn an_include_runs_one_statement_for_each_relation() {
    let include = json!({ "posts": { "include": { "comments": { "include": { "replies": true } } } } });
    for (users, posts) in [(1, 1), (10_000, 2)] {
        let database = filled(users, posts);
        let begun = Instant::now();
        let (found, records) =
            database.store().record(|| call(&database, "user", "findMany", json!({ "include": include })));
        assert_eq!(found.as_array().map(Vec::len), Some(users as usize));
        let last = &found[users as usize - 1]["posts"][posts as usize - 1];
        assert_eq!(last["comments"][0]["replies"][0]["text"], "r", "{last}");
        assert_eq!(statements(&records).len(), 4, "{records:?}");
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    }
}

#[test]
fn pages_and_counts_of_relations_need_no_more_statements() {
    let database = filled(500, 3);
    let cases = [
        (json!({ "posts": { "take": 1, "skip": 1, "orderBy": { "id": "desc" } } }), 2),
        (json!({ "posts": { "distinct": ["status"], "cursor": { "id": 1 } } }), 2),
        (json!({ "posts": { "include": { "tags": { "take": 2 }, "author": true, "_count": true } } }), 4),
        (json!({ "_count": true }), 1),
    ];
    for (include, expected) in cases {
        let (_, records) =
            database.store().record(|| call(&database, "user", "findMany", json!({ "include": include })));
        assert_eq!(statements(&records).len(), expected, "{include}: {records:?}");
    }
}

#[test]
fn the_same_shape_is_compiled_once() {
    let database = filled(20, 2);
    for id in 1..=20 {
        let found = call(
            &database,
            "user",
            "findMany",
            json!({ "where": { "id": id }, "include": { "posts": { "take": 5 } } }),
        );
        assert_eq!(found[0]["id"], id);
    }
    assert_eq!(database.compiled_plans(), 1);
    // Another value is the same shape; another kind of value is not.
    call(&database, "user", "findMany", json!({ "where": { "name": "a" } }));
    call(&database, "user", "findMany", json!({ "where": { "name": "b" } }));
    call(&database, "user", "findMany", json!({ "where": { "name": null } }));
    assert_eq!(database.compiled_plans(), 3);
}

#[test]
fn plans_of_many_shapes_are_right_and_bounded() {
    let database = filled(30, 1);
    for shapes in [1_000, 5_000] {
        for round in 0..2 {
            for number in 0..shapes {
                // The number's bits choose among the parts: each number is a shape of its own.
                let mut parts = vec![json!({ "id": 1 + number % 30 })];
                for bit in 0..13 {
                    let field = ["id", "email", "nick", "active"][bit % 4];
                    let part = match number >> bit & 1 {
                        0 => {
                            json!({ field: { "not": if field == "id" { json!(-1) } else if field == "active" { json!(false) } else { json!("none") } } })
                        }
                        _ => {
                            json!({ "NOT": { field: if field == "id" { json!(-2) } else if field == "active" { json!(false) } else { json!("no") } } })
                        }
                    };
                    parts.push(part);
                }
                let found =
                    call(&database, "user", "findMany", json!({ "where": { "AND": parts }, "select": { "id": true } }));
                assert_eq!(found, json!([{ "id": 1 + number % 30 }]), "shape {number} of {shapes}, round {round}");
            }
            assert!(database.kept_plans() <= 2_048, "{} plans are kept", database.kept_plans());
        }
        if shapes == 1_000 {
            assert_eq!(database.compiled_plans(), 1_000, "the second round compiles nothing");
        }
    }
}
