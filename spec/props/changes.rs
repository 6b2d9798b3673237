//! A random schema with random rows becomes a random other one, and the first again, through edits that lose nothing.

use mbl::db::Database;
use mbl::migrate::{Layout, diff, pull};
use mbl::schema::{Schema, keep};
use mbl::store::{DatabaseUrl, Store, Surplus};

use super::random::{Random, setting};
use super::world::World;
use super::{assert_sound, database_on, raw};

#[test]
fn rows_survive_any_safe_edit_and_its_way_back() {
    let (first, cases) = (setting("MBL_SEED", 1), setting("MBL_PROPS", 40));
    for seed in first..first + cases {
        let mut random = Random::new(seed);
        let world = World::random(&mut random);
        let text = world.schema();
        let (there, back) = edit(&mut random, &text);
        let database = database_on(&text, Store::open(&DatabaseUrl::memory()).expect("it opens"));
        world.write_to(&database);
        let before = contents(&database);
        for (way, schema) in [("there", &there), ("back", &back)] {
            let context = format!("seed {seed}, {way}:\n{text}\n{schema}");
            let parsed = Schema::parse_text("schema.prisma", schema).unwrap_or_else(|(sources, faults)| {
                panic!("{}\n{context}", faults.render(&sources, Default::default()))
            });
            let layout = Layout::of(&parsed);
            let changed = database.store().change_to(&layout, Surplus::Goes, false);
            changed.unwrap_or_else(|error| panic!("{error}\n{context}"));
            let rest = database.store().compare(&layout, Surplus::Goes).expect("it is compared");
            assert!(rest.is_empty(), "{:?}\n{context}", rest.changes);
            assert_sound(&database, &context);
            // What is pulled from it, with the schema at hand or without, differs in nothing.
            let found = database.store().introspect().expect("it is read");
            for known in [None, Some(&parsed)] {
                let kept = if known.is_some() { vec![schema.as_str()] } else { Vec::new() };
                let pulled = keep(&kept, &pull(&found, known));
                let again = Schema::parse_text("pulled.prisma", &pulled).unwrap_or_else(|(sources, faults)| {
                    panic!("{}\n{pulled}\n{context}", faults.render(&sources, Default::default()))
                });
                let steps = diff(&found, &Layout::of(&again)).steps;
                assert!(steps.is_empty(), "{steps:?}\n{pulled}\n{context}");
            }
        }
        assert_eq!(contents(&database), before, "seed {seed}:\n{text}\n{there}\n{back}");
    }
}

/// Returns all rows of all tables, sorted, with the columns in the order of their names.
fn contents(database: &Database) -> String {
    let tables =
        raw(database, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '_mbl_*' ORDER BY name");
    let names = |list: &serde_json::Value| -> Vec<String> {
        list.as_array().expect("a list").iter().map(|row| row["name"].as_str().expect("a name").to_owned()).collect()
    };
    let mut text = String::new();
    for table in names(&tables).into_iter().filter(|table| table != "sqlite_sequence") {
        let columns = names(&raw(database, &format!("SELECT name FROM pragma_table_info('{table}') ORDER BY name")));
        let quoted: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
        let rows = raw(database, &format!("SELECT {} AS v FROM \"{table}\" ORDER BY 1", quoted.join("||','||")));
        text.push_str(&format!("{table} {columns:?}: {rows}\n"));
    }
    text
}

/// Returns the schema with random edits, and itself with what leads back.
fn edit(random: &mut Random, text: &str) -> (String, String) {
    let (mut there, mut back) = (String::new(), String::new());
    let mut both = |a: &str, b: &str| {
        there.push_str(a);
        back.push_str(b);
    };
    let new_name = random.chance(60);
    let rename = |line: &str| match new_name {
        // In the alphabet it comes last, so that join tables change their sides.
        true => line.split(' ').map(|word| word.replace("Alpha", "Omega")).collect::<Vec<_>>().join(" "),
        false => line.to_owned(),
    };
    let mut in_model = false;
    for (number, line) in text.lines().enumerate() {
        let renamed = rename(line);
        if line.starts_with("model ") {
            in_model = true;
            if line != renamed {
                both("/// @renamed-from Alpha\n", "/// @renamed-from Omega\n");
            }
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        let is_plain = in_model && line.starts_with("  f") && words.len() >= 2 && !line.contains('@');
        let is_mapped = in_model && line.starts_with("  f") && line.contains("@map(\"c ") && !line.contains("@unique");
        let kind = words.get(1).copied().unwrap_or("").trim_end_matches('?');
        match random.below(8) {
            0 if is_plain && !line.contains('?') => {
                both(&format!("  {} {}?\n", words[0], words[1]), &format!("{line}\n"));
            }
            1 if is_plain => {
                both(
                    &format!("  /// @renamed-from {0}\n  other{number} {1}\n", words[0], words[1]),
                    &format!("  /// @renamed-from other{number}\n{line}\n"),
                );
            }
            2 if is_mapped => {
                let (old, new) = (format!("c {}", column(line)), format!("d {}", column(line)));
                both(
                    &format!("  /// @renamed-from \"{old}\"\n{}\n", line.replace(&old, &new)),
                    &format!("  /// @renamed-from `{new}`\n{line}\n"),
                );
            }
            3 if is_plain && ["Int", "Boolean", "BigInt"].contains(&kind) => {
                let other = match kind {
                    "Int" => *random.pick(&["BigInt", "String", "Float", "Decimal"]),
                    "Boolean" => *random.pick(&["Int", "String", "BigInt"]),
                    _ => "String",
                };
                both(&format!("  {} {}\n", words[0], words[1].replacen(kind, other, 1)), &format!("{line}\n"));
            }
            4 if is_plain && kind == "String" => both(&format!("{line} @default(\"it's\")\n"), &format!("{line}\n")),
            5 if in_model && line.starts_with("  f") && !renamed.contains("Omega") => {
                let kind = *random.pick(&["String?", "Int?", "DateTime?", "Json?", "Boolean?"]);
                both(&format!("{line}\n  added{number} {kind}\n"), &format!("{line}\n"));
            }
            6 if line.contains("fields: [") => {
                let action = *random.pick(&["Cascade", "NoAction", "Restrict"]);
                both(&format!("{}\n", renamed.replace("])", &format!("], onDelete: {action})"))), &format!("{line}\n"));
            }
            _ if line == "}" && in_model => {
                in_model = false;
                let index = if random.chance(40) { first_plain(&there_fields(text, number)) } else { None };
                let index = index.map(|field| format!("  @@index([{field}])\n")).unwrap_or_default();
                both(&format!("{index}}}\n"), "}\n");
            }
            _ => both(&format!("{renamed}\n"), &format!("{line}\n")),
        }
    }
    if random.chance(50) {
        there.push_str("\nmodel Extra {\n  id Int @id\n  note String @default(\"x\")\n}\n");
    }
    (there, back)
}

/// Returns the number in `@map("c 4")`.
fn column(line: &str) -> &str {
    line.split("@map(\"c ").nth(1).and_then(|rest| rest.split('"').next()).expect("it is mapped")
}

/// Returns the lines of the model that ends at line `end`.
fn there_fields(text: &str, end: usize) -> Vec<&str> {
    let lines: Vec<&str> = text.lines().take(end).collect();
    let start = lines.iter().rposition(|line| line.starts_with("model ")).unwrap_or(0);
    lines[start..].to_vec()
}

/// Returns the name of a field that no edit renames: the first of the key.
fn first_plain(lines: &[&str]) -> Option<String> {
    lines.get(1)?.split_whitespace().next().map(str::to_owned)
}
