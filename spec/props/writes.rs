//! Random writes: whatever they do, every constraint holds, the counts are as they must be, and what fails has changed nothing.

use std::collections::BTreeMap;

use mbl::db::Database;
use serde_json::{Map, Value as Json, json};

use super::random::{Random, setting};
use super::world::{Kind, Link, Relation, World, to_json, value};
use super::{ask, assert_sound, call, database, dump};

/// How many writes one random schema serves.
const WRITES: u64 = 120;

#[test]
fn random_writes_keep_every_constraint() {
    let (first, steps) = (setting("MBL_SEED", 1), setting("MBL_PROPS", 2_400));
    println!("MBL_SEED={first} MBL_PROPS={steps}");
    let (mut succeeded, mut failures) = (0, BTreeMap::<String, u64>::new());
    for seed in first..first + steps.div_ceil(WRITES) {
        let mut random = Random::new(seed);
        let world = World::random(&mut random);
        let database = database(&world.schema());
        world.write_to(&database);
        for step in 0..WRITES {
            let mut writer =
                Writer { world: &world, random: &mut random, changes: vec![Change::default(); world.models.len()] };
            let request = writer.request();
            let changes = writer.changes;
            let (before, counts) = (dump(&database), counts(&database, &world));
            let reply = ask(&database, &request);
            let context = format!("seed {seed}, step {step}: {request}\n{reply}");
            assert_sound(&database, &context);
            if reply.get("error").is_some() {
                assert_ne!(reply["error"]["kind"], "internal", "{context}");
                let code = reply["error"]["code"].as_str().or(reply["error"]["meta"]["reason"].as_str());
                *failures.entry(code.unwrap_or_default().to_owned()).or_default() += 1;
                assert_eq!(dump(&database), before, "something is left of {context}");
                continue;
            }
            succeeded += 1;
            for (index, change) in changes.iter().enumerate() {
                let found = self::counts(&database, &world)[index] - counts[index];
                let model = world.models[index].name;
                assert!(
                    change.least <= found && found <= change.most,
                    "{model}: {change:?}, found {found}: {context}\n{}",
                    world.schema()
                );
            }
            assert_answer_is_what_a_read_finds(&world, &database, &request, &reply["result"]);
            if let Some(data) = request["args"]["data"].as_object()
                && matches!(request["action"].as_str(), Some("create" | "update"))
                // A nested write may come back to this row.
                && data.keys().all(|name| reply["result"].get(name).is_some())
            {
                data.iter().for_each(|(name, value)| assert_eq!(reply["result"][name], *value, "{name}: {context}"));
            }
        }
    }
    println!("{succeeded} of {steps} writes succeeded, the others failed with {failures:?}");
    assert!(failures.len() >= 5, "writes fail in few ways: {failures:?}");
    assert!(succeeded > steps / 4, "only {succeeded} of {steps} writes succeeded");
}

/// A write of one record and no other answers what is there then. Where its key changes, foreign keys may follow, its own among them.
fn assert_answer_is_what_a_read_finds(world: &World, database: &Database, request: &Json, result: &Json) {
    let Some(model) = world.models.iter().find(|model| request["model"] == model.name) else { return };
    if !matches!(request["action"].as_str(), Some("create" | "update" | "upsert")) {
        return;
    }
    let key: Vec<&str> = model.key.iter().map(|field| model.fields[*field].name.as_str()).collect();
    let keeps = |part: &str| {
        let data = request["args"][part].as_object();
        let is_flat = |name: &String| result.get(name).is_some();
        let keeps_key =
            |name: &String| request["action"] == "create" || part == "create" || !key.contains(&name.as_str());
        data.is_none_or(|data| data.keys().all(|name| is_flat(name) && keeps_key(name)))
    };
    if !["data", "create", "update"].into_iter().all(keeps) {
        return;
    }
    let values: Map<String, Json> = key.iter().map(|name| ((*name).to_owned(), result[*name].clone())).collect();
    let unique = if key.len() == 1 { Json::Object(values) } else { json!({ "k1_k2": values }) };
    let found = call(database, model.name, "findUnique", json!({ "where": unique }));
    assert_eq!(found.to_string(), result.to_string(), "{request}");
}

fn counts(database: &Database, world: &World) -> Vec<i64> {
    let count = |name| call(database, name, "count", json!({})).as_i64().expect("a count");
    world.models.iter().map(|model| count(model.name)).collect()
}

/// How the number of a model's rows may change.
#[derive(Debug, Clone, Default)]
struct Change {
    least: i64,
    most: i64,
}

/// Makes a write and notes what it must do to the counts.
struct Writer<'a> {
    world: &'a World,
    random: &'a mut Random,
    changes: Vec<Change>,
}

impl Writer<'_> {
    fn request(&mut self) -> Json {
        if self.random.chance(12) {
            let calls: Vec<Json> = (0..self.random.between(2, 4)).map(|_| self.call()).collect();
            return json!({ "transaction": calls });
        }
        self.call()
    }

    fn call(&mut self) -> Json {
        let model = self.random.below(self.world.models.len());
        let (action, args) = match self.random.below(14) {
            0..=4 => ("create", json!({ "data": self.create(model, None, 2, true) })),
            5 => {
                let rows: Vec<Json> = (0..self.random.between(1, 3)).map(|_| self.flat(model, None, true)).collect();
                (*self.random.pick(&["createMany", "createManyAndReturn"]), json!({ "data": rows }))
            }
            6..=9 => ("update", json!({ "where": self.unique(model), "data": self.update(model, None, 2, true) })),
            10 => {
                let (create, update) = (self.create(model, None, 1, false), self.update(model, None, 1, false));
                ("upsert", json!({ "where": self.unique(model), "create": create, "update": update }))
            }
            11 => {
                let action = *self.random.pick(&["updateMany", "updateManyAndReturn"]);
                (action, json!({ "where": self.filter(model), "data": self.scalars(model, None, false) }))
            }
            12 => {
                self.deletes();
                ("delete", json!({ "where": self.unique(model) }))
            }
            _ => {
                self.deletes();
                ("deleteMany", json!({ "where": self.filter(model), "limit": self.random.below(3) }))
            }
        };
        json!({ "model": self.world.models[model].name, "action": action, "args": args })
    }

    /// A row of each model may go, as deletes cascade.
    fn deletes(&mut self) {
        self.changes.iter_mut().for_each(|change| change.least -= 1_000);
    }

    fn makes(&mut self, model: usize, certain: bool) {
        self.changes[model].most += 1;
        self.changes[model].least += i64::from(certain);
    }

    fn key_value(&mut self, kind: Kind) -> Json {
        match kind {
            Kind::String => json!(format!("{}{}", self.random.pick(&["k", "K", "%", "n"]), self.random.below(9))),
            _ => json!(self.random.between(0, 13) as i64 * 3 - 4),
        }
    }

    fn unique(&mut self, model: usize) -> Json {
        let definition = &self.world.models[model];
        let rows = &self.world.rows[model];
        if !rows.is_empty() && self.random.chance(70) {
            return definition.unique_where(&definition.key, self.random.pick(rows));
        }
        let values: Vec<(String, Json)> = definition
            .key
            .iter()
            .map(|field| (definition.fields[*field].name.clone(), self.key_value(definition.fields[*field].kind)))
            .collect();
        match values.as_slice() {
            [(name, value)] => json!({ name.as_str(): value }),
            _ => json!({ "k1_k2": values.into_iter().collect::<Map<String, Json>>() }),
        }
    }

    fn filter(&mut self, model: usize) -> Json {
        super::reads::filter(self.world, self.random, model, 2)
    }

    /// The fields of the foreign key that a nested write sets by itself.
    fn set_above(&self, model: usize, above: Option<usize>) -> Vec<usize> {
        let relations = &self.world.models[model].relations;
        match above.map(|above| &relations[above].link) {
            Some(Link::Key { here, owner: true, .. }) => here.clone(),
            _ => Vec::new(),
        }
    }

    fn foreign(&self, model: usize) -> Vec<usize> {
        let relations = self.world.models[model].relations.iter();
        relations
            .filter_map(|relation| match &relation.link {
                Link::Key { here, owner: true, .. } => Some(here.clone()),
                _ => None,
            })
            .flatten()
            .collect()
    }

    /// Makes the scalars of a row, foreign keys aside: all that are needed, or some.
    fn scalars(&mut self, model: usize, above: Option<usize>, whole: bool) -> Json {
        let definition = &self.world.models[model];
        let (mut skipped, mut data) = (self.foreign(model), Map::new());
        skipped.extend(self.set_above(model, above));
        for (place, field) in definition.fields.iter().enumerate().filter(|(place, _)| !skipped.contains(place)) {
            let key = definition.key.contains(&place);
            let needed = whole && !field.optional;
            if needed || self.random.chance(if key { 4 } else { 35 }) {
                let given = match place {
                    0 => self.key_value(field.kind),
                    _ if key => self.key_value(field.kind),
                    _ if field.optional && self.random.chance(20) => Json::Null,
                    _ => to_json(field.kind, &value(self.random, field.kind)),
                };
                data.insert(field.name.clone(), given);
            }
        }
        Json::Object(data)
    }

    /// Makes a row without nested writes.
    fn flat(&mut self, model: usize, above: Option<usize>, certain: bool) -> Json {
        self.makes(model, certain);
        let mut data = self.scalars(model, above, true);
        self.keys(model, above, &mut data);
        data
    }

    /// Gives foreign keys as scalars.
    fn keys(&mut self, model: usize, above: Option<usize>, data: &mut Json) {
        let world = self.world;
        for (index, relation) in world.models[model].relations.iter().enumerate() {
            let Link::Key { here, there, owner: true } = &relation.link else { continue };
            if above == Some(index) || relation.optional && self.random.chance(50) {
                continue;
            }
            let target = &world.rows[relation.target];
            for (own, foreign) in here.iter().zip(there) {
                let field = &world.models[model].fields[*own];
                let given = match target.is_empty() {
                    true => self.key_value(field.kind),
                    false => to_json(field.kind, &target[(self.random.next() % 3) as usize % target.len()][*foreign]),
                };
                data[field.name.as_str()] = given;
            }
        }
    }

    /// Makes the data of a create. `above` is the relation through which it is nested.
    fn create(&mut self, model: usize, above: Option<usize>, depth: usize, certain: bool) -> Json {
        self.makes(model, certain);
        let world = self.world;
        let mut data = self.scalars(model, above, true);
        let checked = depth > 0 && self.random.chance(50);
        if !checked {
            self.keys(model, above, &mut data);
        }
        for (index, relation) in world.models[model].relations.iter().enumerate() {
            let owner = matches!(relation.link, Link::Key { owner: true, .. });
            let needed = owner && !relation.optional;
            if above == Some(index) || owner && !checked || depth == 0 || !(needed || self.random.chance(25)) {
                continue;
            }
            data[relation.name.as_str()] = self.nested_create(relation, depth - 1, certain);
        }
        data
    }

    fn opposite(&self, relation: &Relation) -> usize {
        let target = &self.world.models[relation.target].relations;
        let same = |other: &&Relation| other.pair == relation.pair && other.name != relation.name;
        let other = target.iter().find(same).expect("a relation has two sides");
        target.iter().position(|candidate| std::ptr::eq(candidate, other)).expect("it is one of them")
    }

    fn nested_create(&mut self, relation: &Relation, depth: usize, certain: bool) -> Json {
        let (target, above) = (relation.target, Some(self.opposite(relation)));
        let mut names = vec!["create", "connect", "connectOrCreate"];
        if relation.list && matches!(relation.link, Link::Key { .. }) {
            names.push("createMany");
        }
        let name = *self.random.pick(&names);
        json!({ name: self.operation(name, target, above, relation.list, depth, certain) })
    }

    fn operation(
        &mut self,
        name: &str,
        target: usize,
        above: Option<usize>,
        list: bool,
        depth: usize,
        certain: bool,
    ) -> Json {
        let single = |writer: &mut Self| match name {
            "create" => writer.create(target, above, depth, certain),
            "connectOrCreate" => {
                json!({ "where": writer.unique(target), "create": writer.create(target, above, depth, false) })
            }
            "update" if list => {
                json!({ "where": writer.unique(target), "data": writer.update(target, above, depth, certain) })
            }
            "update" => writer.update(target, above, depth, certain),
            "upsert" => {
                let (create, update) =
                    (writer.create(target, above, depth, false), writer.update(target, above, depth, false));
                match list {
                    true => json!({ "where": writer.unique(target), "create": create, "update": update }),
                    false => json!({ "create": create, "update": update }),
                }
            }
            "updateMany" => json!({ "where": writer.filter(target), "data": writer.scalars(target, above, false) }),
            "deleteMany" => {
                writer.deletes();
                writer.filter(target)
            }
            "delete" => {
                writer.deletes();
                if list { writer.unique(target) } else { json!(true) }
            }
            "disconnect" if !list => json!(true),
            _ => writer.unique(target),
        };
        if name == "createMany" {
            let rows: Vec<Json> = (0..self.random.between(1, 2)).map(|_| self.flat(target, above, certain)).collect();
            return json!({ "data": rows });
        }
        if list && self.random.chance(50) {
            return Json::Array((0..self.random.below(3)).map(|_| single(self)).collect());
        }
        single(self)
    }

    /// Makes the data of an update.
    fn update(&mut self, model: usize, above: Option<usize>, depth: usize, certain: bool) -> Json {
        let world = self.world;
        let mut data = self.scalars(model, above, false);
        let checked = self.random.chance(60);
        if !checked && self.random.chance(50) {
            self.keys(model, above, &mut data);
        }
        for (index, relation) in world.models[model].relations.iter().enumerate() {
            let owner = matches!(relation.link, Link::Key { owner: true, .. });
            if above == Some(index) || owner && !checked || depth == 0 || !self.random.chance(40) {
                continue;
            }
            let opposite = self.opposite(relation);
            let loose = match &relation.link {
                Link::Join { .. } => true,
                Link::Key { owner: true, .. } => relation.optional,
                Link::Key { .. } => world.models[relation.target].relations[opposite].optional,
            };
            let mut names = vec!["create", "connect", "connectOrCreate", "update", "upsert"];
            if relation.list {
                names.extend(["updateMany", "deleteMany", "delete"]);
                names.extend(matches!(relation.link, Link::Key { .. }).then_some("createMany"));
                names.extend(loose.then_some("set"));
            } else if relation.optional {
                names.push("delete");
            }
            names.extend(loose.then_some("disconnect"));
            let mut operations = Map::new();
            for _ in 0..if relation.list { self.random.between(1, 2) } else { 1 } {
                let name = *self.random.pick(&names);
                if !operations.contains_key(name) {
                    let part = self.operation(name, relation.target, Some(opposite), relation.list, depth - 1, certain);
                    operations.insert(name.to_owned(), part);
                }
            }
            data[relation.name.as_str()] = Json::Object(operations);
        }
        data
    }
}

// ---- a ledger ----

const LEDGER: &str = r#"
datasource db {
  provider = "sqlite"
}

model Account {
  id      Int     @id
  owner   String  @unique
  balance Int     @default(0)
  note    String?
}
"#;

/// What the table holds: owner and balance by id.
type Accounts = BTreeMap<i64, (String, i64)>;

#[test]
fn a_ledger_agrees_with_one_in_memory() {
    let database = database(LEDGER);
    let mut random = Random::new(setting("MBL_SEED", 1));
    let mut accounts = Accounts::new();
    let (mut failed, steps) = (0, setting("MBL_PROPS", 1_500));
    for step in 0..steps {
        let calls: Vec<(Json, Movement)> = (0..random.between(1, 4)).map(|_| movement(&mut random)).collect();
        let mut after = accounts.clone();
        let fits = calls.iter().all(|(_, movement)| movement.apply(&mut after));
        let requests: Vec<&Json> = calls.iter().map(|(call, _)| call).collect();
        let request = json!({ "transaction": requests });
        let reply = ask(&database, &request);
        assert_eq!(reply.get("result").is_some(), fits, "step {step}: {request}\n{reply}\n{accounts:?}");
        if fits {
            accounts = after;
        } else {
            failed += 1;
        }
        let rows = call(&database, "account", "findMany", json!({ "orderBy": { "id": "asc" } }));
        let found: Accounts = rows
            .as_array()
            .expect("a list")
            .iter()
            .map(|row| {
                let (id, owner, balance) = (row["id"].as_i64(), row["owner"].as_str(), row["balance"].as_i64());
                (id.expect("an id"), (owner.expect("an owner").to_owned(), balance.expect("a balance")))
            })
            .collect();
        assert_eq!(found, accounts, "step {step}: {request}\n{reply}");
    }
    assert_sound(&database, &"the ledger");
    assert!(failed > steps / 10 && failed < steps * 9 / 10, "{failed} of {steps} transactions failed");
}

enum Movement {
    Create(i64, String),
    CreateMany(Vec<(i64, String)>),
    Add(i64, i64),
    AddMany(i64, i64),
    Rename(i64, String),
    Upsert(i64, String, i64),
    Delete(i64),
    DeleteMany(i64),
}

impl Movement {
    /// Changes the accounts; false when that cannot be.
    fn apply(&self, accounts: &mut Accounts) -> bool {
        let open = |id: i64, owner: &String, accounts: &mut Accounts| {
            let taken = accounts.contains_key(&id) || accounts.values().any(|(other, _)| other == owner);
            if !taken {
                accounts.insert(id, (owner.clone(), 0));
            }
            !taken
        };
        match self {
            Movement::Create(id, owner) => open(*id, owner, accounts),
            Movement::CreateMany(rows) => rows.iter().all(|(id, owner)| open(*id, owner, accounts)),
            Movement::Add(id, amount) => accounts.get_mut(id).map(|(_, balance)| *balance += amount).is_some(),
            Movement::AddMany(below, amount) => {
                accounts
                    .values_mut()
                    .filter(|(_, balance)| balance < below)
                    .for_each(|(_, balance)| *balance += amount);
                true
            }
            Movement::Rename(id, name) => {
                let taken = accounts.iter().any(|(other, (owner, _))| other != id && owner == name);
                !taken && accounts.get_mut(id).map(|(owner, _)| *owner = name.clone()).is_some()
            }
            Movement::Upsert(id, owner, amount) => match accounts.get_mut(id) {
                Some((_, balance)) => {
                    *balance += amount;
                    true
                }
                None => open(*id, owner, accounts),
            },
            Movement::Delete(id) => accounts.remove(id).is_some(),
            Movement::DeleteMany(least) => {
                accounts.retain(|_, (_, balance)| *balance < *least);
                true
            }
        }
    }
}

fn movement(random: &mut Random) -> (Json, Movement) {
    let (id, amount) = (random.below(14) as i64, random.below(40) as i64);
    let owner = format!("owner {}", random.below(16));
    let (action, args, movement) = match random.below(11) {
        0..=2 => ("create", json!({ "data": { "id": id, "owner": owner } }), Movement::Create(id, owner)),
        3 => {
            let second = (random.below(14) as i64, format!("owner {}", random.below(16)));
            let rows = vec![(id, owner), second];
            let data: Vec<Json> = rows.iter().map(|(id, owner)| json!({ "id": id, "owner": owner })).collect();
            ("createMany", json!({ "data": data }), Movement::CreateMany(rows))
        }
        4 | 5 => {
            let data = json!({ "balance": { "increment": amount } });
            ("update", json!({ "where": { "id": id }, "data": data }), Movement::Add(id, amount))
        }
        6 => {
            let filter = json!({ "balance": { "lt": 50 } });
            let data = json!({ "balance": { "decrement": amount } });
            ("updateMany", json!({ "where": filter, "data": data }), Movement::AddMany(50, -amount))
        }
        7 => {
            let data = json!({ "owner": { "set": owner } });
            ("update", json!({ "where": { "id": id }, "data": data }), Movement::Rename(id, owner))
        }
        8 => {
            let (create, update) = (json!({ "id": id, "owner": owner }), json!({ "balance": { "increment": amount } }));
            let args = json!({ "where": { "id": id }, "create": create, "update": update });
            ("upsert", args, Movement::Upsert(id, owner, amount))
        }
        9 => ("delete", json!({ "where": { "id": id } }), Movement::Delete(id)),
        _ => {
            let least = amount + 60;
            ("deleteMany", json!({ "where": { "balance": { "gte": least } } }), Movement::DeleteMany(least))
        }
    };
    (json!({ "model": "account", "action": action, "args": args }), movement)
}
