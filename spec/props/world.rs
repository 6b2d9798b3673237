//! Random schemas with rows: in a database, and in memory.

use mbl::db::Database;
use serde_json::{Map, Value as Json, json};

use super::random::Random;
use super::{call, raw};

/// A value in memory. NULL is None where a field may be so.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// String, enum, and DateTime in ISO form.
    Text(String),
    Bytes(Vec<u8>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    String,
    Int,
    BigInt,
    Float,
    Decimal,
    Boolean,
    DateTime,
    Bytes,
    Enum,
}

pub const KINDS: [Kind; 9] = [
    Kind::String,
    Kind::Int,
    Kind::BigInt,
    Kind::Float,
    Kind::Decimal,
    Kind::Boolean,
    Kind::DateTime,
    Kind::Bytes,
    Kind::Enum,
];

pub struct Field {
    pub name: String,
    pub kind: Kind,
    pub optional: bool,
}

pub struct Relation {
    pub name: String,
    /// The name of the relation itself, the same on both sides.
    pub pair: usize,
    pub list: bool,
    pub optional: bool,
    pub target: usize,
    pub link: Link,
}

pub enum Link {
    /// Fields here equal fields there. `owner`: this side has the foreign key.
    Key { here: Vec<usize>, there: Vec<usize>, owner: bool },
    /// Pairs of row numbers; `second` tells that this side is the second of a pair.
    Join { pairs: usize, second: bool },
}

pub struct Model {
    pub name: &'static str,
    pub fields: Vec<Field>,
    pub key: Vec<usize>,
    pub uniques: Vec<Vec<usize>>,
    pub relations: Vec<Relation>,
}

pub type Row = Vec<Value>;

pub struct World {
    pub models: Vec<Model>,
    pub rows: Vec<Vec<Row>>,
    /// For each many-to-many relation: which rows it joins.
    pub joins: Vec<Vec<(usize, usize)>>,
}

const NAMES: [&str; 4] = ["Alpha", "Beta", "Gamma", "Delta"];
const ENUM: [&str; 3] = ["RED", GREEN, "BLUE"];
/// A value of the enum, and its name in the database, which sorts elsewhere.
pub const GREEN: &str = "GREEN";
pub const STORED_GREEN: &str = "green-ish";
const TEXTS: [&str; 16] = [
    "",
    "a",
    "A",
    "ab",
    "aB",
    "Ab%",
    "a_c",
    "abc",
    "ABC",
    "\u{e9}",
    "\u{c9}t\u{e9}",
    "100%",
    "_",
    "%",
    "x y",
    "\u{1f600}b",
];
const PATTERNS: [&str; 14] = ["", "a", "A", "b", "_", "%", "a_", "_b", "%c", "B%", "\u{e9}", "\u{c9}", "0%", " "];
const INTS: [i64; 8] = [-2, -1, 0, 1, 2, 3, 4, 100];
const BIGS: [i64; 7] = [i64::MIN, -1, 0, 1, 2, 9_007_199_254_740_993, i64::MAX];
const FLOATS: [f64; 8] = [-1.5, -0.25, 0.0, 0.5, 1.0, 2.25, 3.0, 1e30];
const DATES: [&str; 5] = [
    "1969-12-31T23:59:59.999Z",
    "2020-01-01T00:00:00.000Z",
    "2020-01-01T00:00:00.001Z",
    "2020-06-15T12:30:00.000Z",
    "2021-02-03T04:05:06.789Z",
];
const BYTES: [&[u8]; 4] = [b"", b"a", b"\x00\xff", b"abc"];

/// Returns a value of a few, so that equal ones meet.
pub fn value(random: &mut Random, kind: Kind) -> Value {
    match kind {
        Kind::String => Value::Text((*random.pick(&TEXTS)).to_owned()),
        Kind::Int => Value::Int(*random.pick(&INTS)),
        Kind::BigInt => Value::Int(*random.pick(&BIGS)),
        Kind::Float | Kind::Decimal => Value::Float(*random.pick(&FLOATS)),
        Kind::Boolean => Value::Bool(random.chance(50)),
        Kind::DateTime => Value::Text((*random.pick(&DATES)).to_owned()),
        Kind::Bytes => Value::Bytes(random.pick(&BYTES).to_vec()),
        Kind::Enum => Value::Text((*random.pick(&ENUM)).to_owned()),
    }
}

/// Returns a text for `contains` and its like, with wildcards.
pub fn pattern(random: &mut Random) -> Value {
    Value::Text((*random.pick(&PATTERNS)).to_owned())
}

/// Returns a value as the JSON door takes it and answers it.
pub fn to_json(kind: Kind, value: &Value) -> Json {
    match (kind, value) {
        (_, Value::Null) => Json::Null,
        (Kind::BigInt, Value::Int(number)) => json!({ "$bigint": number.to_string() }),
        (Kind::Decimal, Value::Float(number)) => json!({ "$decimal": number.to_string() }),
        (Kind::DateTime, Value::Text(text)) => json!({ "$datetime": text }),
        (_, Value::Bool(value)) => json!(value),
        (_, Value::Int(number)) => json!(number),
        (_, Value::Float(number)) => json!(number),
        (_, Value::Text(text)) => json!(text),
        (_, Value::Bytes(bytes)) => json!({ "$bytes": base64(bytes) }),
    }
}

/// Reads what [`to_json`] wrote.
pub fn from_json(kind: Kind, json: &Json) -> Value {
    let mark = |name: &str| json[name].as_str().unwrap_or_else(|| panic!("{json} has no {name}")).to_owned();
    match kind {
        _ if json.is_null() => Value::Null,
        Kind::BigInt => Value::Int(mark("$bigint").parse().expect("digits")),
        Kind::Decimal => Value::Float(mark("$decimal").parse().expect("digits")),
        Kind::DateTime => Value::Text(mark("$datetime")),
        Kind::Bytes => Value::Bytes(
            BYTES.iter().find(|bytes| base64(bytes) == mark("$bytes")).expect("one of the values").to_vec(),
        ),
        Kind::Boolean => Value::Bool(json.as_bool().expect("a boolean")),
        Kind::Int => Value::Int(json.as_i64().expect("an integer")),
        Kind::Float => Value::Float(json.as_f64().expect("a number")),
        Kind::String | Kind::Enum => Value::Text(json.as_str().expect("a string").to_owned()),
    }
}

fn base64(bytes: &[u8]) -> &'static str {
    match bytes {
        b"" => "",
        b"a" => "YQ==",
        b"\x00\xff" => "AP8=",
        b"abc" => "YWJj",
        _ => unreachable!("one of the values"),
    }
}

impl Model {
    /// Returns what names one row: its key and value.
    pub fn unique_where(&self, fields: &[usize], row: &Row) -> Json {
        let pairs: Map<String, Json> = fields
            .iter()
            .map(|field| (self.fields[*field].name.clone(), to_json(self.fields[*field].kind, &row[*field])))
            .collect();
        if fields.len() == 1 {
            return Json::Object(pairs);
        }
        let name: Vec<String> = pairs.keys().cloned().collect();
        json!({ name.join("_"): pairs })
    }
}

impl World {
    /// Makes a schema of a few models, and rows for it.
    pub fn random(random: &mut Random) -> World {
        let mut models: Vec<Model> =
            (0..random.between(2, 4)).map(|index| random_model(random, NAMES[index])).collect();
        let mut joins = 0;
        for pair in 0..random.between(2, 5) {
            random_relation(random, &mut models, pair, &mut joins);
        }
        let mut world = World { rows: vec![Vec::new(); models.len()], joins: vec![Vec::new(); joins], models };
        world.fill(random);
        world
    }

    /// Returns the numbers of the rows that a relation leads to.
    pub fn related(&self, model: usize, relation: &Relation, row: usize) -> Vec<usize> {
        let target = &self.rows[relation.target];
        match &relation.link {
            Link::Key { here, there, .. } => {
                let own: Vec<&Value> = here.iter().map(|field| &self.rows[model][row][*field]).collect();
                if own.contains(&&Value::Null) {
                    return Vec::new();
                }
                let fits = |other: &&usize| there.iter().zip(&own).all(|(field, own)| target[**other][*field] == **own);
                (0..target.len()).collect::<Vec<_>>().iter().filter(fits).copied().collect()
            }
            Link::Join { pairs, second } => {
                let ends = self.joins[*pairs].iter().map(|(a, b)| if *second { (*b, *a) } else { (*a, *b) });
                let mut found: Vec<usize> = ends.filter(|(here, _)| *here == row).map(|(_, there)| there).collect();
                found.sort_unstable();
                found
            }
        }
    }

    /// Writes the schema in Prisma's language.
    pub fn schema(&self) -> String {
        let mut text = String::from("datasource db {\n  provider = \"sqlite\"\n}\n\n");
        text.push_str(&format!("enum Color {{\n  RED\n  {GREEN} @map(\"{STORED_GREEN}\")\n  BLUE\n}}\n"));
        for (index, model) in self.models.iter().enumerate() {
            text.push_str(&format!("\nmodel {} {{\n", model.name));
            for (number, field) in model.fields.iter().enumerate() {
                let kind = if field.kind == Kind::Enum { "Color".to_owned() } else { format!("{:?}", field.kind) };
                let id = if model.key == [number] { " @id" } else { "" };
                let unique = if model.uniques.contains(&vec![number]) { " @unique" } else { "" };
                let map = if number % 3 == 1 { format!(" @map(\"c {number}\")") } else { String::new() };
                let optional = if field.optional { "?" } else { "" };
                text.push_str(&format!("  {} {kind}{optional}{id}{unique}{map}\n", field.name));
            }
            for relation in &model.relations {
                let mark = match (relation.list, relation.optional) {
                    (true, _) => "[]",
                    (false, true) => "?",
                    (false, false) => "",
                };
                let target = &self.models[relation.target];
                let names = |model: &Model, fields: &[usize]| {
                    fields.iter().map(|field| model.fields[*field].name.clone()).collect::<Vec<_>>().join(", ")
                };
                let key = match &relation.link {
                    Link::Key { here, there, owner: true } => {
                        format!(", fields: [{}], references: [{}]", names(model, here), names(target, there))
                    }
                    _ => String::new(),
                };
                let pair = relation.pair;
                text.push_str(&format!("  {} {}{mark} @relation(\"R{pair}\"{key})\n", relation.name, target.name));
            }
            let list = |fields: &[usize]| {
                fields.iter().map(|field| model.fields[*field].name.clone()).collect::<Vec<_>>().join(", ")
            };
            if model.key.len() > 1 {
                text.push_str(&format!("  @@id([{}])\n", list(&model.key)));
            }
            for unique in model.uniques.iter().filter(|unique| unique.len() > 1) {
                text.push_str(&format!("  @@unique([{}])\n", list(unique)));
            }
            if index % 2 == 1 {
                text.push_str(&format!("  @@map(\"the {}\")\n", model.name));
            }
            text.push_str("}\n");
        }
        text
    }

    fn fill(&mut self, random: &mut Random) {
        for index in 0..self.models.len() {
            for number in 0..random.between(0, 12) {
                let model = &self.models[index];
                let row = model.fields.iter().enumerate().map(|(place, field)| match place {
                    // The first part of a key tells the rows apart.
                    0 if field.kind == Kind::String => {
                        Value::Text(format!("{}{number}", random.pick(&["k", "K", "%"])))
                    }
                    0 => Value::Int(number as i64 * 3 - 4),
                    _ if field.optional && random.chance(35) => Value::Null,
                    _ => value(random, field.kind),
                });
                let row = row.collect();
                self.rows[index].push(row);
            }
        }
        self.point(random);
        for index in 0..self.models.len() {
            for place in 0..self.models[index].relations.len() {
                let relation = &self.models[index].relations[place];
                let Link::Join { pairs, second: false } = relation.link else { continue };
                let (here, there) = (self.rows[index].len(), self.rows[relation.target].len());
                for (a, b) in (0..here).flat_map(|a| (0..there).map(move |b| (a, b))) {
                    if random.chance(25) {
                        self.joins[pairs].push((a, b));
                    }
                }
            }
        }
    }

    /// Gives the foreign keys their values, and takes away the rows that would need a row that is not there.
    fn point(&mut self, random: &mut Random) {
        loop {
            let mut gone = false;
            for index in 0..self.models.len() {
                for place in 0..self.models[index].relations.len() {
                    let relation = &self.models[index].relations[place];
                    let Link::Key { here, there, owner: true } = &relation.link else { continue };
                    let (here, there, target) = (here.clone(), there.clone(), relation.target);
                    let (optional, single) = (relation.optional, self.models[index].uniques.contains(&here));
                    let mut free: Vec<usize> = (0..self.rows[target].len()).collect();
                    let mut row = 0;
                    while row < self.rows[index].len() {
                        let wanted = if optional && random.chance(30) || free.is_empty() {
                            None
                        } else {
                            Some(random.below(free.len()))
                        };
                        match wanted {
                            Some(choice) => {
                                let other = if single { free.swap_remove(choice) } else { free[choice] };
                                for (own, foreign) in here.iter().zip(&there) {
                                    self.rows[index][row][*own] = self.rows[target][other][*foreign].clone();
                                }
                            }
                            None if optional => here.iter().for_each(|own| self.rows[index][row][*own] = Value::Null),
                            None => {
                                // Everything is pointed again, as others may have pointed here.
                                self.rows[index].remove(row);
                                gone = true;
                                break;
                            }
                        }
                        row += 1;
                    }
                }
            }
            if !gone {
                return;
            }
        }
    }

    /// Writes the rows into an empty database of this schema.
    pub fn write_to(&self, database: &Database) {
        // The keys may go in circles.
        raw(database, "PRAGMA foreign_keys = OFF");
        for (model, rows) in self.models.iter().zip(&self.rows) {
            let data: Vec<Json> = rows
                .iter()
                .map(|row| {
                    let pairs = model.fields.iter().zip(row);
                    Json::Object(pairs.map(|(field, value)| (field.name.clone(), to_json(field.kind, value))).collect())
                })
                .collect();
            call(database, model.name, "createMany", json!({ "data": data }));
        }
        raw(database, "PRAGMA foreign_keys = ON");
        for (index, model) in self.models.iter().enumerate() {
            for relation in &model.relations {
                let Link::Join { second: false, .. } = relation.link else { continue };
                let target = &self.models[relation.target];
                for row in 0..self.rows[index].len() {
                    let others: Vec<Json> = self
                        .related(index, relation, row)
                        .into_iter()
                        .map(|other| target.unique_where(&target.key, &self.rows[relation.target][other]))
                        .collect();
                    let place = model.unique_where(&model.key, &self.rows[index][row]);
                    let data = json!({ relation.name.as_str(): { "connect": others } });
                    call(database, model.name, "update", json!({ "where": place, "data": data }));
                }
            }
        }
        super::assert_sound(database, &"filling");
    }
}

fn random_model(random: &mut Random, name: &'static str) -> Model {
    let field = |name: &str, kind, optional| Field { name: name.to_owned(), kind, optional };
    let (mut fields, key) = match random.below(4) {
        0 => (vec![field("id", Kind::String, false)], vec![0]),
        1 => (vec![field("k1", Kind::Int, false), field("k2", Kind::String, false)], vec![0, 1]),
        _ => (vec![field("id", Kind::Int, false)], vec![0]),
    };
    for number in 0..random.between(3, 7) {
        let kind = *random.pick(&KINDS);
        fields.push(field(&format!("f{number}{kind:?}"), kind, random.chance(60)));
    }
    Model { name, fields, key, uniques: Vec::new(), relations: Vec::new() }
}

fn random_relation(random: &mut Random, models: &mut [Model], pair: usize, joins: &mut usize) {
    let (from, to) = (random.below(models.len()), random.below(models.len()));
    let (here_name, there_name) = (format!("to{pair}"), format!("from{pair}"));
    let relation = |name: &String, target, list, optional, link| Relation {
        name: name.clone(),
        pair,
        list,
        optional,
        target,
        link,
    };
    if random.chance(30) && models[from].key.len() == 1 && models[to].key.len() == 1 {
        // The first of a pair is the field that comes first in the order of names.
        let link = |second| Link::Join { pairs: *joins, second };
        let (first, second) =
            (relation(&here_name, to, true, false, link(false)), relation(&there_name, from, true, false, link(true)));
        models[from].relations.push(first);
        models[to].relations.push(second);
        *joins += 1;
        return;
    }
    let single = random.chance(35);
    let optional = random.chance(65) || from == to;
    let there = models[to].key.clone();
    let mut here = Vec::new();
    for (number, field) in there.iter().enumerate() {
        let kind = models[to].fields[*field].kind;
        here.push(models[from].fields.len());
        models[from].fields.push(Field { name: format!("to{pair}k{number}"), kind, optional });
    }
    if single {
        models[from].uniques.push(here.clone());
    }
    let back = Link::Key { here: there.clone(), there: here.clone(), owner: false };
    models[from].relations.push(relation(&here_name, to, false, optional, Link::Key { here, there, owner: true }));
    models[to].relations.push(relation(&there_name, from, !single, true, back));
}
