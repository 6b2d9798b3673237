//! Reads over rows in memory, written as plainly as the rules can be said.

use std::cmp::Ordering;

use serde_json::{Map, Value as Json, json};

use super::world::{GREEN, Kind, Model, Relation, STORED_GREEN, Value, World, from_json, to_json};

/// SQL's truth: true, false, or unknown.
type Truth = Option<bool>;

/// What a part of a where says.
#[derive(Clone, Copy)]
enum Said {
    /// `{}`, or only such parts: as if it were not there.
    Nothing,
    Is(Truth),
}

fn all(parts: impl IntoIterator<Item = Truth>) -> Truth {
    let mut all = Some(true);
    for part in parts {
        match part {
            Some(false) => return Some(false),
            Some(true) => {}
            None => all = None,
        }
    }
    all
}

fn any(parts: impl IntoIterator<Item = Truth>) -> Truth {
    not(all(parts.into_iter().map(not)))
}

fn not(truth: Truth) -> Truth {
    truth.map(|truth| !truth)
}

/// Returns what the parts that say something say.
fn spoken(parts: Vec<Said>) -> Vec<Truth> {
    let truth = |part| if let Said::Is(truth) = part { Some(truth) } else { None };
    parts.into_iter().filter_map(truth).collect()
}

/// All of the parts must hold.
fn both(parts: Vec<Said>) -> Said {
    let parts = spoken(parts);
    if parts.is_empty() { Said::Nothing } else { Said::Is(all(parts)) }
}

impl World {
    /// Tells whether a row meets a where.
    pub fn meets(&self, model: usize, filter: &Json, row: usize) -> bool {
        self.truth(model, filter, row) == Some(true)
    }

    fn truth(&self, model: usize, filter: &Json, row: usize) -> Truth {
        match self.says(model, filter, row, true) {
            Said::Is(truth) => truth,
            _ => Some(true),
        }
    }

    fn says(&self, model: usize, filter: &Json, row: usize, top: bool) -> Said {
        let entries = filter.as_object().expect("a where is an object");
        let parts: Vec<Said> = entries.iter().map(|(key, value)| self.part(model, key, value, row, top)).collect();
        both(parts)
    }

    fn part(&self, model: usize, key: &str, value: &Json, row: usize, top: bool) -> Said {
        if matches!(key, "AND" | "OR" | "NOT") {
            let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            let parts = spoken(items.iter().map(|item| self.says(model, item, row, false)).collect());
            return match key {
                // An OR of nothing is met by no record, but inside another group it is not there.
                "OR" if top || !parts.is_empty() => Said::Is(any(parts)),
                _ if parts.is_empty() => Said::Nothing,
                "NOT" => Said::Is(all(parts.into_iter().map(not))),
                _ => Said::Is(all(parts)),
            };
        }
        let definition = &self.models[model];
        if let Some(relation) = definition.relations.iter().find(|relation| relation.name == key) {
            return self.relation(model, relation, value, row);
        }
        let field = definition.fields.iter().position(|field| field.name == key).expect("a field");
        let kind = definition.fields[field].kind;
        match operators(value) {
            Some(operators) => self.operators(model, field, operators, row, false),
            None => Said::Is(equals(&self.rows[model][row][field], &from_json(kind, value))),
        }
    }

    fn relation(&self, model: usize, relation: &Relation, value: &Json, row: usize) -> Said {
        let related = self.related(model, relation, row);
        let Some(entries) = value.as_object() else { return Said::Is(Some(related.is_empty())) };
        if entries.is_empty() {
            return Said::Nothing;
        }
        let any_is = |filter: &Json, truth: Truth| {
            related.iter().any(|other| self.truth(relation.target, filter, *other) == truth)
        };
        // A single record that is not there meets nothing; of one that is there the filter may be unknown.
        let is =
            |filter: &Json| related.first().map_or(Some(false), |other| self.truth(relation.target, filter, *other));
        let known = ["some", "every", "none", "is", "isNot"];
        if !entries.keys().all(|key| known.contains(&key.as_str())) {
            return Said::Is(is(value));
        }
        both(
            entries
                .iter()
                .map(|(key, filter)| {
                    Said::Is(match key.as_str() {
                        "is" if filter.is_null() => Some(related.is_empty()),
                        "isNot" if filter.is_null() => Some(!related.is_empty()),
                        "is" => is(filter),
                        "isNot" => not(is(filter)),
                        "some" => Some(any_is(filter, Some(true))),
                        "every" => Some(!any_is(filter, Some(false))),
                        _ => Some(!any_is(filter, Some(true))),
                    })
                })
                .collect(),
        )
    }

    /// All operators must hold; under a `not` the opposite of each, but `not` with a value is the same there.
    fn operators(&self, model: usize, field: usize, operators: &Map<String, Json>, row: usize, opposite: bool) -> Said {
        let definition = &self.models[model];
        let kind = definition.fields[field].kind;
        let own = &self.rows[model][row][field];
        let mut parts = Vec::new();
        for (name, value) in operators {
            let operand = || match value["$field"].as_str() {
                Some(reference) => {
                    let (_, other) = reference.split_once('.').expect("a model and a field");
                    let place = definition.fields.iter().position(|field| field.name == other).expect("a field");
                    self.rows[model][row][place].clone()
                }
                None => from_json(kind, value),
            };
            let item = |item: &Json| equals(own, &from_json(kind, item));
            let like = |before: &str, after: &str| match (own, operand()) {
                (Value::Text(own), Value::Text(pattern)) => {
                    let pattern: Vec<char> = format!("{before}{pattern}{after}").chars().collect();
                    Some(like(&pattern, &own.chars().collect::<Vec<char>>()))
                }
                _ => None,
            };
            let part = match name.as_str() {
                "not" => match self::operators(value) {
                    Some(inner) => self.operators(model, field, inner, row, !opposite),
                    None if value.is_null() => Said::Is(Some(*own != Value::Null)),
                    None => Said::Is(not(equals(own, &operand()))),
                },
                "equals" if value["$field"].is_string() => Said::Is(compare(own, &operand(), |order| order.is_eq())),
                "equals" => Said::Is(equals(own, &operand())),
                "lt" => Said::Is(compare(own, &operand(), Ordering::is_lt)),
                "lte" => Said::Is(compare(own, &operand(), Ordering::is_le)),
                "gt" => Said::Is(compare(own, &operand(), Ordering::is_gt)),
                "gte" => Said::Is(compare(own, &operand(), Ordering::is_ge)),
                "in" => Said::Is(any(value.as_array().expect("a list").iter().map(item))),
                "notIn" => Said::Is(not(any(value.as_array().expect("a list").iter().map(item)))),
                "contains" => Said::Is(like("%", "%")),
                "startsWith" => Said::Is(like("", "%")),
                "endsWith" => Said::Is(like("%", "")),
                other => panic!("no operator {other}"),
            };
            parts.push(match part {
                Said::Is(truth) if opposite && name != "not" => Said::Is(not(truth)),
                part => part,
            });
        }
        both(parts)
    }

    // ---- whole reads ----

    /// Returns what findMany answers, of all rows of a model.
    pub fn find_many(&self, model: usize, args: &Json) -> Json {
        let rows = (0..self.rows[model].len()).collect();
        Json::Array(self.page(model, args, rows).into_iter().map(|row| self.record(model, args, row)).collect())
    }

    /// Returns the numbers of the rows that a read of some of the rows shows.
    pub fn page(&self, model: usize, args: &Json, mut rows: Vec<usize>) -> Vec<usize> {
        let definition = &self.models[model];
        if let Some(filter) = args.get("where") {
            rows.retain(|row| self.meets(model, filter, *row));
        }
        let number = |name: &str| args.get(name).and_then(Json::as_i64);
        let keys: Vec<Json> = match args.get("orderBy").and_then(Json::as_array) {
            Some(keys) if !keys.is_empty() => keys.clone(),
            // A page needs an order.
            _ => definition.key.iter().map(|field| json!({ definition.fields[*field].name.as_str(): "asc" })).collect(),
        };
        rows.sort_by(|one, other| {
            keys.iter()
                .map(|key| self.order(model, key, *one, *other))
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        });
        let take = number("take");
        let backward = take.is_some_and(|take| take < 0);
        // A page backwards is a page of the reversed rows, reversed.
        if backward {
            rows.reverse();
        }
        if let Some(cursor) = args.get("cursor") {
            let place = rows
                .iter()
                .position(|row| definition.unique_where(&definition.key, &self.rows[model][*row]) == *cursor);
            rows.drain(..place.unwrap_or(rows.len()));
        }
        if let Some(fields) = args.get("distinct").and_then(Json::as_array).filter(|fields| !fields.is_empty()) {
            let mut seen: Vec<Vec<Value>> = Vec::new();
            rows.retain(|row| {
                let place =
                    |name: &Json| definition.fields.iter().position(|field| name == &field.name).expect("a field");
                let values: Vec<Value> =
                    fields.iter().map(|name| self.rows[model][*row][place(name)].clone()).collect();
                let fresh = !seen.contains(&values);
                seen.push(values);
                fresh
            });
        }
        rows.drain(..(number("skip").unwrap_or(0) as usize).min(rows.len()));
        rows.truncate(take.map_or(rows.len(), |take| take.unsigned_abs() as usize));
        if backward {
            rows.reverse();
        }
        rows
    }

    /// Returns a record with what it includes.
    fn record(&self, model: usize, args: &Json, row: usize) -> Json {
        let definition = &self.models[model];
        let values = definition.fields.iter().zip(&self.rows[model][row]);
        let mut record: Map<String, Json> =
            values.map(|(field, value)| (field.name.clone(), to_json(field.kind, value))).collect();
        for (name, args) in args.get("include").and_then(Json::as_object).into_iter().flatten() {
            if name == "_count" {
                record.insert(name.clone(), self.counts(model, &args["select"], row));
                continue;
            }
            let relation = definition.relation(name);
            let rows = self.page(relation.target, args, self.related(model, relation, row));
            let mut records = rows.into_iter().map(|row| self.record(relation.target, args, row));
            let shown = match relation.list {
                true => Json::Array(records.collect()),
                false => records.next().unwrap_or(Json::Null),
            };
            record.insert(name.clone(), shown);
        }
        Json::Object(record)
    }

    /// Returns the numbers of all rows.
    pub fn all(&self, model: usize) -> Vec<usize> {
        (0..self.rows[model].len()).collect()
    }

    /// Returns the groups that groupBy answers.
    pub fn groups(&self, model: usize, args: &Json) -> Vec<Json> {
        let definition = &self.models[model];
        let place = |name: &Json| definition.fields.iter().position(|field| name == &field.name).expect("a field");
        let by: Vec<usize> = args["by"].as_array().expect("a list").iter().map(place).collect();
        let mut groups: Vec<(Vec<&Value>, Vec<usize>)> = Vec::new();
        for row in self.all(model) {
            if args.get("where").is_some_and(|filter| !self.meets(model, filter, row)) {
                continue;
            }
            let key: Vec<&Value> = by.iter().map(|field| &self.rows[model][row][*field]).collect();
            match groups.iter_mut().find(|(other, _)| *other == key) {
                Some((_, rows)) => rows.push(row),
                None => groups.push((key, vec![row])),
            }
        }
        for (name, filter) in args.get("having").and_then(Json::as_object).into_iter().flatten() {
            let field = place(&json!(name));
            let more = filter["_count"]["gt"].as_u64().expect("a number") as usize;
            groups.retain(|(_, rows)| self.known(model, field, rows).len() > more);
        }
        let record = |(key, rows): (Vec<&Value>, Vec<usize>)| {
            let mut record = self.aggregate(model, args, &rows);
            for (field, value) in by.iter().zip(key) {
                let field = &definition.fields[*field];
                record[field.name.as_str()] = to_json(field.kind, value);
            }
            record
        };
        groups.into_iter().map(record).collect()
    }

    /// Returns the aggregates of some rows.
    pub fn aggregate(&self, model: usize, args: &Json, rows: &[usize]) -> Json {
        let definition = &self.models[model];
        let mut record = json!({});
        for aggregate in ["_count", "_min", "_max", "_sum"] {
            for (name, _) in args.get(aggregate).and_then(Json::as_object).into_iter().flatten() {
                record[aggregate][name.as_str()] = match definition.fields.iter().position(|field| field.name == *name)
                {
                    None => json!(rows.len()),
                    Some(field) => self.aggregate_field(model, field, aggregate, rows),
                };
            }
        }
        record
    }

    fn aggregate_field(&self, model: usize, field: usize, aggregate: &str, rows: &[usize]) -> Json {
        let mut known = self.known(model, field, rows);
        known.sort_by(|one, other| one.partial_cmp(other).expect("comparable"));
        let shown = |value: Option<&&Value>| {
            value.map_or(Json::Null, |value| to_json(self.models[model].fields[field].kind, value))
        };
        let number = |value: &&Value| if let Value::Int(number) = value { *number } else { 0 };
        match aggregate {
            "_count" => json!(known.len()),
            "_min" => shown(known.first()),
            "_max" => shown(known.last()),
            _ if known.is_empty() => Json::Null,
            _ => json!(known.iter().map(number).sum::<i64>()),
        }
    }

    /// Returns the values of a field that are not NULL.
    fn known(&self, model: usize, field: usize, rows: &[usize]) -> Vec<&Value> {
        let values = rows.iter().map(|row| &self.rows[model][*row][field]);
        values.filter(|value| **value != Value::Null).collect()
    }

    fn counts(&self, model: usize, select: &Json, row: usize) -> Json {
        let counted = select.as_object().expect("an object").iter().map(|(name, args)| {
            let relation = self.models[model].relation(name);
            let mut related = self.related(model, relation, row);
            if let Some(filter) = args.get("where") {
                related.retain(|other| self.meets(relation.target, filter, *other));
            }
            (name.clone(), json!(related.len()))
        });
        Json::Object(counted.collect())
    }

    /// Compares two rows by one key of an orderBy.
    fn order(&self, model: usize, key: &Json, one: usize, other: usize) -> Ordering {
        let (mut value, mut model) = (key, model);
        let (mut one, mut other) = (Some(one), Some(other));
        loop {
            let (name, below) = value.as_object().and_then(|object| object.iter().next()).expect("a key");
            let definition = &self.models[model];
            if let Some(field) = definition.fields.iter().position(|field| field.name == *name) {
                let cell = |row: Option<usize>| match row.map(|row| self.rows[model][row][field].clone()) {
                    None => Value::Null,
                    // The name in the database is what lies there to be sorted.
                    Some(Value::Text(name)) if definition.fields[field].kind == Kind::Enum && name == GREEN => {
                        Value::Text(STORED_GREEN.to_owned())
                    }
                    Some(value) => value,
                };
                return directed(below, &cell(one), &cell(other));
            }
            let relation = definition.relation(name);
            if relation.list {
                // A record that is not there has none.
                let count = |row: Option<usize>| {
                    Value::Int(row.map_or(0, |row| self.related(model, relation, row).len()) as i64)
                };
                return directed(&below["_count"], &count(one), &count(other));
            }
            let step = |row: Option<usize>| row.and_then(|row| self.related(model, relation, row).first().copied());
            (one, other) = (step(one), step(other));
            (model, value) = (relation.target, below);
        }
    }
}

impl Model {
    fn relation(&self, name: &str) -> &Relation {
        self.relations.iter().find(|relation| relation.name == name).expect("a relation")
    }
}

/// Compares values in a direction; SQLite's NULL is less than all others.
fn directed(direction: &Json, one: &Value, other: &Value) -> Ordering {
    let descending = direction.as_str().or(direction["sort"].as_str()) == Some("desc");
    match (one, other, direction["nulls"].as_str()) {
        (Value::Null, Value::Null, _) => Ordering::Equal,
        (Value::Null, _, Some("first")) | (_, Value::Null, Some("last")) => Ordering::Less,
        (Value::Null, _, Some(_)) | (_, Value::Null, Some(_)) => Ordering::Greater,
        _ => {
            let order = match (one, other) {
                (Value::Null, _) => Ordering::Less,
                (_, Value::Null) => Ordering::Greater,
                _ => one.partial_cmp(other).expect("comparable"),
            };
            if descending { order.reverse() } else { order }
        }
    }
}

/// Returns the operators of a scalar filter; None when it is a value.
fn operators(value: &Json) -> Option<&Map<String, Json>> {
    value.as_object().filter(|object| !object.keys().any(|key| key.starts_with('$')))
}

fn compare(one: &Value, other: &Value, fits: impl Fn(Ordering) -> bool) -> Truth {
    if *one == Value::Null || *other == Value::Null {
        return None;
    }
    Some(fits(one.partial_cmp(other).expect("comparable")))
}

/// Equal to a value of the caller's; its null means IS NULL.
fn equals(own: &Value, wanted: &Value) -> Truth {
    if *wanted == Value::Null { Some(*own == Value::Null) } else { compare(own, wanted, Ordering::is_eq) }
}

/// LIKE: `%` is any text, `_` any character, letters of ASCII in either case.
fn like(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['%', rest @ ..] => (0..=text.len()).any(|start| like(rest, &text[start..])),
        [first, rest @ ..] => match text {
            [head, tail @ ..] => (*first == '_' || first.eq_ignore_ascii_case(head)) && like(rest, tail),
            [] => false,
        },
    }
}

/// Tells whether a kind has an order that filters know.
pub fn is_ordered(kind: Kind) -> bool {
    !matches!(kind, Kind::Boolean | Kind::Bytes | Kind::Enum)
}
