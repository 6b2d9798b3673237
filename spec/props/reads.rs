//! Random reads against the naive evaluator.

use serde_json::{Map, Value as Json, json};

use super::naive::is_ordered;
use super::random::{Random, setting};
use super::world::{Field, Kind, Model, Relation, World, pattern, to_json, value};
use super::{ask, call, database};

/// How many reads one random schema serves.
const READS: u64 = 200;

#[test]
fn random_filters_find_what_a_naive_evaluator_finds() {
    run("findMany", setting("MBL_PROPS", 10_400), |world, random| {
        let model = random.below(world.models.len());
        (model, json!({ "where": filter(world, random, model, 4) }))
    });
}

#[test]
fn random_pages_are_those_of_a_naive_evaluator() {
    run("findMany", setting("MBL_PROPS", 3_000), |world, random| {
        let model = random.below(world.models.len());
        let rows: Vec<usize> = (0..world.rows[model].len()).collect();
        (model, page(world, random, model, &rows, 2))
    });
}

#[test]
fn random_aggregates_are_those_of_a_naive_evaluator() {
    let (first, cases) = (setting("MBL_SEED", 1), setting("MBL_PROPS", 2_000));
    println!("MBL_SEED={first} MBL_PROPS={cases}");
    for seed in first..first + cases.div_ceil(READS) {
        let mut random = Random::new(seed);
        let world = World::random(&mut random);
        let database = database(&world.schema());
        world.write_to(&database);
        for _ in 0..READS {
            let model = random.below(world.models.len());
            let grouped = random.chance(60);
            let args = aggregates(&world, &mut random, model, grouped);
            let action = if grouped { "groupBy" } else { "aggregate" };
            let found = call(&database, world.models[model].name, action, args.clone());
            let (mut expected, mut left) = match grouped {
                true => (world.groups(model, &args), found.as_array().cloned().expect("a list")),
                false => (
                    vec![world.aggregate(model, &args, &world.page(model, &args, world.all(model)))],
                    vec![found.clone()],
                ),
            };
            // Groups come in no order.
            expected.retain(|group| match left.iter().position(|other| other == group) {
                Some(place) => {
                    left.remove(place);
                    false
                }
                None => true,
            });
            let context = format!("seed {seed}: {}.{action}({args})\n{found}", world.models[model].name);
            assert!(expected.is_empty() && left.is_empty(), "{context}\nmissing {expected:?}\ntoo much {left:?}");
        }
    }
}

/// Makes worlds and asks each for many reads; a difference is made small before it is shown.
fn run(action: &str, cases: u64, make: impl Fn(&World, &mut Random) -> (usize, Json)) {
    let first = setting("MBL_SEED", 1);
    println!("MBL_SEED={first} MBL_PROPS={cases}");
    let mut telling = 0;
    for seed in first..first + cases.div_ceil(READS) {
        let mut random = Random::new(seed);
        let world = World::random(&mut random);
        let database = database(&world.schema());
        world.write_to(&database);
        for _ in 0..READS {
            let (model, args) = make(&world, &mut random);
            let judge = |args: &Json| {
                let request = json!({ "model": world.models[model].name, "action": action, "args": args });
                let reply = ask(&database, &request);
                let expected = world.find_many(model, args);
                let ordered = args.as_object().is_some_and(|args| args.keys().any(|key| key != "where"));
                let same = if ordered { reply["result"] == expected } else { bag(&reply["result"]) == bag(&expected) };
                (!same).then(|| format!("expected {expected}\n     got {reply}"))
            };
            let found = world.find_many(model, &args).as_array().map_or(0, Vec::len);
            telling += u64::from(found > 0 && found < world.rows[model].len());
            if let Some(fault) = judge(&args) {
                let refused = fault.contains("\"error\":");
                let (args, fault) = shrink(args, fault, &|args| {
                    let quiet = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| judge(args)));
                    quiet.ok().flatten().filter(|fault| fault.contains("\"error\":") == refused)
                });
                panic!("seed {seed}: {}.{action}({args})\n{fault}\n{}", world.models[model].name, world.schema());
            }
            if action == "findMany" && args.as_object().is_some_and(|args| args.keys().eq(["where"])) {
                let counted = call(&database, world.models[model].name, "count", args);
                assert_eq!(counted, json!(found), "seed {seed}: the count differs");
            }
        }
    }
    println!("{telling} of {cases} reads found some of the rows");
    assert!(telling > cases / 5, "only {telling} of {cases} reads find some of the rows and not all");
}

/// Returns the records of a list in an order of which there is one.
fn bag(list: &Json) -> Vec<String> {
    let mut texts: Vec<String> = list.as_array().into_iter().flatten().map(Json::to_string).collect();
    texts.sort();
    texts
}

/// Takes parts away as long as the fault stays.
fn shrink(mut args: Json, mut fault: String, judge: &dyn Fn(&Json) -> Option<String>) -> (Json, String) {
    'smaller: loop {
        for candidate in smaller(&args) {
            if let Some(other) = judge(&candidate) {
                (args, fault) = (candidate, other);
                continue 'smaller;
            }
        }
        return (args, fault);
    }
}

/// Returns the values that lack one part.
fn smaller(value: &Json) -> Vec<Json> {
    let mut found = Vec::new();
    match value {
        Json::Array(items) => {
            for index in 0..items.len() {
                let mut fewer = items.clone();
                fewer.remove(index);
                found.push(Json::Array(fewer));
                for item in smaller(&items[index]) {
                    let mut changed = items.clone();
                    changed[index] = item;
                    found.push(Json::Array(changed));
                }
            }
        }
        Json::Object(object) if !object.keys().any(|key| key.starts_with('$')) => {
            for (key, item) in object {
                let mut fewer = object.clone();
                fewer.shift_remove(key);
                found.push(Json::Object(fewer));
                for item in smaller(item) {
                    let mut changed = object.clone();
                    changed.insert(key.clone(), item);
                    found.push(Json::Object(changed));
                }
            }
        }
        _ => {}
    }
    found
}

// ---- making ----

/// Makes a where.
pub fn filter(world: &World, random: &mut Random, model: usize, depth: usize) -> Json {
    let definition = &world.models[model];
    let mut parts = Map::new();
    let count = if random.chance(6) { 0 } else { random.between(1, 2) };
    for _ in 0..count {
        match random.below(10) {
            0..=3 if depth > 0 => {
                let key = *random.pick(&["AND", "OR", "NOT"]);
                let part = if key != "OR" && random.chance(30) {
                    filter(world, random, model, depth - 1)
                } else {
                    let parts = (0..random.below(4)).map(|_| filter(world, random, model, depth - 1));
                    Json::Array(parts.collect())
                };
                parts.insert(key.to_owned(), part);
            }
            4..=6 if depth > 0 && !definition.relations.is_empty() => {
                let relation = random.below(definition.relations.len());
                let part = relation_filter(world, random, model, relation, depth - 1);
                parts.insert(definition.relations[relation].name.clone(), part);
            }
            _ => {
                let field = random.pick(&definition.fields);
                parts.insert(field.name.clone(), field_filter(random, definition, field));
            }
        }
    }
    Json::Object(parts)
}

fn relation_filter(world: &World, random: &mut Random, model: usize, relation: usize, depth: usize) -> Json {
    let relation = &world.models[model].relations[relation];
    let inner = |random: &mut Random| filter(world, random, relation.target, depth);
    if random.chance(4) {
        return json!({});
    }
    if relation.list {
        let mut parts = Map::new();
        for _ in 0..random.between(1, 2) {
            parts.insert((*random.pick(&["some", "every", "none"])).to_owned(), inner(random));
        }
        return Json::Object(parts);
    }
    match random.below(10) {
        0 if relation.optional => Json::Null,
        1 if relation.optional => json!({ *random.pick(&["is", "isNot"]): null }),
        2..=4 => inner(random),
        5 => json!({ "is": inner(random), "isNot": inner(random) }),
        _ => json!({ *random.pick(&["is", "isNot"]): inner(random) }),
    }
}

fn field_filter(random: &mut Random, model: &Model, field: &Field) -> Json {
    match random.below(10) {
        0..=1 if field.optional => Json::Null,
        0..=3 => to_json(field.kind, &value(random, field.kind)),
        _ => operators(random, model, field, 2),
    }
}

fn operators(random: &mut Random, model: &Model, field: &Field, depth: usize) -> Json {
    let mut names = vec!["equals", "not"];
    if field.kind != Kind::Boolean {
        names.extend(["in", "notIn"]);
    }
    if is_ordered(field.kind) {
        names.extend(["lt", "lte", "gt", "gte"]);
    }
    if field.kind == Kind::String {
        names.extend(["contains", "startsWith", "endsWith", "contains", "startsWith", "endsWith"]);
    }
    let count = if random.chance(4) { 0 } else { random.between(1, 2) };
    let mut parts = Map::new();
    for _ in 0..count {
        let name = *random.pick(&names);
        let part = match name {
            "in" | "notIn" => {
                let items = (0..random.below(4)).map(|_| to_json(field.kind, &value(random, field.kind)));
                Json::Array(items.collect())
            }
            "not" if depth > 0 && random.chance(50) => operators(random, model, field, depth - 1),
            "equals" | "not" if field.optional && random.chance(25) => Json::Null,
            // `not` takes no reference: `not: { equals: ... }` does.
            _ if name != "not" && random.chance(20) => {
                let alike: Vec<&Field> = model.fields.iter().filter(|other| other.kind == field.kind).collect();
                json!({ "$field": format!("{}.{}", model.name, random.pick(&alike).name) })
            }
            "contains" | "startsWith" | "endsWith" => to_json(field.kind, &pattern(random)),
            _ => to_json(field.kind, &value(random, field.kind)),
        };
        parts.insert(name.to_owned(), part);
    }
    Json::Object(parts)
}

/// Makes the arguments of a read with an order that leaves nothing open.
fn page(world: &World, random: &mut Random, model: usize, rows: &[usize], depth: usize) -> Json {
    let definition = &world.models[model];
    let mut args = Map::new();
    if random.chance(40) {
        args.insert("where".to_owned(), filter(world, random, model, 1));
    }
    let paged = random.chance(60);
    if !paged || random.chance(80) {
        args.insert("orderBy".to_owned(), order(world, random, model, true));
    }
    if random.chance(25) && args.contains_key("orderBy") {
        let names = (0..random.between(1, 2)).map(|_| json!(random.pick(&definition.fields).name));
        args.insert("distinct".to_owned(), Json::Array(names.collect()));
    }
    if paged {
        let least = random.chance(if args.contains_key("orderBy") { 65 } else { 100 });
        if least {
            args.insert("take".to_owned(), json!(random.below(9) as i64 - 4));
        }
        if random.chance(40) {
            args.insert("skip".to_owned(), json!(random.below(4)));
        }
        // The cursor's row is one of the page's, or none at all.
        let mut candidates =
            world.page(model, &json!({ "where": args.get("where").unwrap_or(&json!({})) }), rows.to_vec());
        if random.chance(10) {
            candidates.clear();
        }
        if random.chance(50) {
            let row = match candidates.is_empty() {
                true => definition.fields.iter().map(|field| absent(field.kind)).collect(),
                false => world.rows[model][*random.pick(&candidates)].clone(),
            };
            args.insert("cursor".to_owned(), definition.unique_where(&definition.key, &row));
            // Prisma compares with the cursor's row before it looks for it, so that NULLs in the order can change the page.
            if args.contains_key("distinct") {
                args.insert("orderBy".to_owned(), order_by_key(random, definition));
            } else if args.contains_key("orderBy") {
                args.insert("orderBy".to_owned(), order(world, random, model, false));
            }
        }
    }
    if depth > 0 && !definition.relations.is_empty() && random.chance(60) {
        let mut include = Map::new();
        for _ in 0..random.between(1, 2) {
            let relation = random.pick(&definition.relations);
            let below = if relation.list {
                let rows: Vec<usize> = (0..world.rows[relation.target].len()).collect();
                page(world, random, relation.target, &rows, depth - 1)
            } else {
                json!({})
            };
            include.insert(relation.name.clone(), below);
        }
        let lists: Vec<_> = definition.relations.iter().filter(|relation| relation.list).collect();
        if !lists.is_empty() && random.chance(30) {
            let relation = random.pick(&lists);
            let counted = json!({ "where": filter(world, random, relation.target, 1) });
            include.insert("_count".to_owned(), json!({ "select": { relation.name.as_str(): counted } }));
        }
        args.insert("include".to_owned(), Json::Object(include));
    }
    Json::Object(args)
}

/// Makes the arguments of aggregate or groupBy.
fn aggregates(world: &World, random: &mut Random, model: usize, grouped: bool) -> Json {
    let definition = &world.models[model];
    let mut args = Map::new();
    if random.chance(50) {
        args.insert("where".to_owned(), filter(world, random, model, 1));
    }
    let mut counted = Map::from_iter([("_all".to_owned(), json!(true))]);
    for field in definition.fields.iter().filter(|_| random.chance(30)) {
        counted.insert(field.name.clone(), json!(true));
    }
    args.insert("_count".to_owned(), Json::Object(counted));
    for (name, fits) in AGGREGATES {
        let fields: Map<String, Json> = definition
            .fields
            .iter()
            .filter(|field| fits.contains(&field.kind) && random.chance(40))
            .map(|field| (field.name.clone(), json!(true)))
            .collect();
        if !fields.is_empty() {
            args.insert(name.to_owned(), Json::Object(fields));
        }
    }
    if grouped {
        let by: Vec<&str> = (0..random.between(1, 2)).map(|_| random.pick(&definition.fields).name.as_str()).collect();
        args.insert("by".to_owned(), json!(by));
        if random.chance(40) {
            let counted = json!({ "_count": { "gt": random.below(3) } });
            args.insert("having".to_owned(), json!({ random.pick(&definition.fields).name.as_str(): counted }));
        }
    } else if random.chance(50) {
        args.insert("orderBy".to_owned(), order(world, random, model, true));
        args.insert("take".to_owned(), json!(random.below(9) as i64 - 4));
        args.insert("skip".to_owned(), json!(random.below(3)));
    }
    Json::Object(args)
}

/// The aggregates beside `_count`, and the kinds of fields that are asked for.
const AGGREGATES: [(&str, &[Kind]); 3] = [
    ("_min", &[Kind::Int, Kind::BigInt, Kind::Float, Kind::String, Kind::DateTime]),
    ("_max", &[Kind::Int, Kind::BigInt, Kind::Float, Kind::String, Kind::DateTime]),
    ("_sum", &[Kind::Int]),
];

/// Returns a value that no row has.
fn absent(kind: Kind) -> super::world::Value {
    match kind {
        Kind::String => super::world::Value::Text("absent".to_owned()),
        _ => super::world::Value::Int(987_654),
    }
}

/// Makes an orderBy; `absent` tells whether a record on the way may not be there.
fn order(world: &World, random: &mut Random, model: usize, absent: bool) -> Json {
    let definition = &world.models[model];
    let mut keys: Vec<Json> = (0..random.below(3)).map(|_| order_key(world, random, model, absent, 2)).collect();
    keys.extend(order_by_key(random, definition).as_array().cloned().unwrap_or_default());
    Json::Array(keys)
}

fn order_by_key(random: &mut Random, model: &Model) -> Json {
    let direction = *random.pick(&["asc", "desc"]);
    model.key.iter().map(|field| json!({ model.fields[*field].name.as_str(): direction })).collect()
}

fn order_key(world: &World, random: &mut Random, model: usize, absent: bool, depth: usize) -> Json {
    let definition = &world.models[model];
    let direction = *random.pick(&["asc", "desc"]);
    let fits = |relation: &&Relation| relation.list || absent || !relation.optional;
    let relations: Vec<&Relation> = definition.relations.iter().filter(fits).collect();
    if depth > 0 && !relations.is_empty() && random.chance(35) {
        let relation = random.pick(&relations);
        return match relation.list {
            true => json!({ relation.name.as_str(): { "_count": direction } }),
            false => json!({ relation.name.as_str(): order_key(world, random, relation.target, absent, depth - 1) }),
        };
    }
    let field = random.pick(&definition.fields);
    match field.optional && random.chance(50) {
        true => json!({ field.name.as_str(): { "sort": direction, "nulls": *random.pick(&["first", "last"]) } }),
        false => json!({ field.name.as_str(): direction }),
    }
}
