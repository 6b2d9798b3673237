//! WHERE and HAVING conditions.

use crate::query::{AggregateFunction, CompareOp, Filter, JsonOp, Operand, Quantifier, Target};
use crate::schema::{FieldId, ModelId, Relation, RelationKind, Schema};
use crate::sql::name::quote_name;
use crate::sql::plan::{Param, Register, Statement, like_parts};
use crate::value::Value;

/// How many parts of an AND or OR are written side by side.
const FLAT_PARTS: usize = 100;

/// A statement that is being written: its text and its parameters grow together.
pub(crate) struct Builder<'a> {
    pub schema: &'a Schema,
    pub sql: String,
    pub params: Vec<Param>,
    aliases: u32,
}

/// How two tables of a relation meet, seen from one of its fields.
pub(crate) enum Link<'a> {
    /// Columns here equal columns there. `owner` tells whether this side holds the foreign key.
    Columns { here: &'a [FieldId], there: &'a [FieldId], owner: bool },
    /// Through a join table: its column for this side, and for the other.
    Join { table: &'a str, here: &'static str, there: &'static str },
}

/// Returns how the relation of `field` links its model with the other side.
pub(crate) fn link(schema: &Schema, model: ModelId, field: FieldId) -> (Link<'_>, ModelId, &Relation) {
    let side = schema.field(model, field).relation().expect("a filter or load names a relation field");
    let relation = schema.relation(side.relation);
    let link = match relation.kind {
        RelationKind::ManyToMany => {
            let first = relation.from == (model, field);
            let (here, there) = if first { ("A", "B") } else { ("B", "A") };
            Link::Join { table: &relation.db_name, here, there }
        }
        _ if !side.fields.is_empty() => Link::Columns { here: &side.fields, there: &side.references, owner: true },
        _ => Link::Columns { here: &relation.references, there: &relation.fields, owner: false },
    };
    (link, side.target, relation)
}

/// Returns the single column that a join table refers to.
pub(crate) fn join_key(schema: &Schema, model: ModelId) -> FieldId {
    *schema.model(model).identity().first().expect("a model of an m-n relation has an id")
}

/// What a condition of unknown truth counts as at its place: rows are left out where it decides alone, and kept under a NOT.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unknown {
    IsFalse,
    IsTrue,
}

/// Where a condition stands.
#[derive(Clone, Copy)]
struct Place {
    unknown: Unknown,
    /// Whether Prisma joins single related records here.
    joined: bool,
}

impl Place {
    fn opposite(self) -> Self {
        Self { unknown: self.unknown.opposite(), ..self }
    }
}

impl Unknown {
    fn opposite(self) -> Self {
        match self {
            Unknown::IsFalse => Unknown::IsTrue,
            Unknown::IsTrue => Unknown::IsFalse,
        }
    }
}

impl<'a> Builder<'a> {
    pub fn new(schema: &'a Schema) -> Self {
        Self { schema, sql: String::with_capacity(256), params: Vec::new(), aliases: 0 }
    }

    /// Ends the statement.
    pub fn finish(self) -> Statement {
        Statement { sql: self.sql.into(), params: self.params }
    }

    /// Returns a fresh table alias.
    pub fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("t{}", self.aliases)
    }

    pub fn push(&mut self, text: &str) {
        self.sql.push_str(text);
    }

    pub fn name(&mut self, name: &str) {
        self.sql.push_str(&quote_name(name));
    }

    pub fn table(&mut self, model: ModelId) {
        self.sql.push_str(&quote_name(&self.schema.model(model).table));
    }

    /// Writes `alias.column`.
    pub fn column(&mut self, alias: &str, model: ModelId, field: FieldId) {
        if !alias.is_empty() {
            self.sql.push_str(alias);
            self.sql.push('.');
        }
        self.sql.push_str(&quote_name(&self.schema.field(model, field).column));
    }

    /// Writes a question mark for a value.
    pub fn param(&mut self, param: Param) {
        self.sql.push('?');
        self.params.push(param);
    }

    pub fn value(&mut self, value: Value) {
        self.param(Param::Value(value));
    }

    /// Writes the operand of a comparison.
    pub fn operand(&mut self, alias: &str, model: ModelId, operand: &Operand) {
        match operand {
            Operand::Slot(slot) => self.param(Param::Slot(slot.0)),
            Operand::Null => self.push("NULL"),
            Operand::JsonNull => self.value(Value::Text("null".into())),
            Operand::Field(field) => self.column(alias, model, *field),
        }
    }

    /// Writes `items` with `separator` between them.
    pub fn separated<T>(&mut self, items: &[T], separator: &str, mut each: impl FnMut(&mut Self, &T)) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.push(separator);
            }
            each(self, item);
        }
    }

    /// Writes ` WHERE ...`, or nothing for a filter that restricts nothing.
    pub fn filter_clause(&mut self, model: ModelId, alias: &str, filter: &Filter) {
        if *filter != Filter::True {
            self.push(" WHERE ");
            self.filter(model, alias, filter);
        }
    }

    /// Writes `columns = registers`, joined with AND.
    pub fn equals_registers(&mut self, alias: &str, model: ModelId, fields: &[FieldId], registers: &[Register]) {
        for (index, (field, register)) in fields.iter().zip(registers).enumerate() {
            if index > 0 {
                self.push(" AND ");
            }
            self.column(alias, model, *field);
            self.push(" = ");
            self.param(Param::Register(*register));
        }
    }

    /// Writes a condition.
    pub fn filter(&mut self, model: ModelId, alias: &str, filter: &Filter) {
        self.filter_as(model, alias, filter, Place { unknown: Unknown::IsFalse, joined: true });
    }

    /// Writes ` WHERE ...` of an UPDATE or a DELETE, or nothing for a filter that restricts nothing.
    ///
    /// These have no joins in Prisma, so a condition on a single related record is never unknown in them.
    pub fn change_clause(&mut self, model: ModelId, alias: &str, filter: &Filter) {
        if *filter != Filter::True {
            self.push(" WHERE ");
            self.filter_as(model, alias, filter, Place { unknown: Unknown::IsFalse, joined: false });
        }
    }

    /// Writes a condition. What may be unknown in it is unknown in SQL too, but a condition on a single related record: Prisma's join
    /// makes it unknown where the filter on that record is, and a subquery is never unknown, so it is told what that means here.
    fn filter_as(&mut self, model: ModelId, alias: &str, filter: &Filter, place: Place) {
        match filter {
            Filter::True => self.push("1"),
            Filter::False => self.push("0"),
            Filter::And(parts) => self.junction(model, alias, parts, (" AND ", "1"), place),
            Filter::Or(parts) => self.junction(model, alias, parts, (" OR ", "0"), place),
            Filter::Not(inner) => {
                self.push("NOT (");
                self.filter_as(model, alias, inner, place.opposite());
                self.push(")");
            }
            Filter::Compare { target, op, operand } => {
                self.target(alias, model, *target);
                self.push(match op {
                    CompareOp::Equals => " = ",
                    CompareOp::NotEquals => " <> ",
                    CompareOp::Lt => " < ",
                    CompareOp::Lte => " <= ",
                    CompareOp::Gt => " > ",
                    CompareOp::Gte => " >= ",
                });
                self.operand(alias, model, operand);
            }
            Filter::Null { target, negated } => {
                self.target(alias, model, *target);
                self.push(if *negated { " IS NOT NULL" } else { " IS NULL" });
            }
            Filter::In { target, list, negated } => {
                self.target(alias, model, *target);
                self.push(if *negated { " NOT IN rarray(" } else { " IN rarray(" });
                self.param(Param::Slot(list.0));
                self.push(")");
            }
            Filter::Like { target, kind, operand, negated } => {
                self.target(alias, model, *target);
                self.push(if *negated { " NOT LIKE " } else { " LIKE " });
                match operand {
                    Operand::Field(_) => {
                        let (before, after) = like_parts(*kind);
                        self.push("(");
                        self.push(before);
                        self.operand(alias, model, operand);
                        self.push(after);
                        self.push(")");
                    }
                    _ => self.operand(alias, model, operand),
                }
            }
            Filter::Json { field, path, op, operand } => {
                let condition = (*op, path.map(|slot| slot.0), operand);
                self.json(model, alias, *field, condition, place.unknown);
            }
            Filter::Relation { field, quantifier, filter } => {
                self.relation(model, alias, *field, *quantifier, filter, place);
            }
            Filter::RelationNull { field, negated } => self.relation_null(model, alias, *field, *negated),
        }
    }

    fn junction(&mut self, model: ModelId, alias: &str, parts: &[Filter], (word, empty): (&str, &str), place: Place) {
        match parts {
            [] => self.push(empty),
            [only] => self.filter_as(model, alias, only, place),
            // SQLite bounds the depth of a condition, and `a OR b OR c` is as deep as it is long; halves are not.
            _ if parts.len() > FLAT_PARTS => {
                let (left, right) = parts.split_at(parts.len() / 2);
                self.push("(");
                self.junction(model, alias, left, (word, empty), place);
                self.push(word);
                self.junction(model, alias, right, (word, empty), place);
                self.push(")");
            }
            _ => {
                self.push("(");
                self.separated(parts, word, |builder, part| builder.filter_as(model, alias, part, place));
                self.push(")");
            }
        }
    }

    fn target(&mut self, alias: &str, model: ModelId, target: Target) {
        match target {
            Target::Field(field) => self.column(alias, model, field),
            Target::Aggregate(function, field) => self.aggregate(alias, model, function, field),
        }
    }

    /// Writes an aggregate of a column.
    pub fn aggregate(&mut self, alias: &str, model: ModelId, function: AggregateFunction, field: FieldId) {
        self.push(match function {
            AggregateFunction::Count => "COUNT(",
            AggregateFunction::Sum => "SUM(",
            AggregateFunction::Avg => "AVG(",
            AggregateFunction::Min => "MIN(",
            AggregateFunction::Max => "MAX(",
        });
        self.column(alias, model, field);
        self.push(")");
    }

    /// Writes a Json filter. `->` gives the JSON text at a path, `->>` its SQL value.
    ///
    /// An operator on strings or arrays fits those only, and the opposite of it fits those only, too.
    fn json(
        &mut self,
        model: ModelId,
        alias: &str,
        field: FieldId,
        (op, path, operand): (JsonOp, Option<u32>, &Operand),
        unknown: Unknown,
    ) {
        let of_type = |name: &str| match unknown {
            Unknown::IsFalse => format!(") = '{name}' AND "),
            Unknown::IsTrue => format!(") <> '{name}' OR "),
        };
        let place = |builder: &mut Self, arrow: &str| {
            builder.push("(");
            builder.column(alias, model, field);
            if let Some(path) = path {
                builder.push(arrow);
                builder.param(Param::Slot(path));
            }
            builder.push(")");
        };
        match (op, operand) {
            (JsonOp::Equals, Operand::Null) => {
                place(self, " -> ");
                self.push(" IS NULL");
            }
            (JsonOp::Not, Operand::Null) => {
                place(self, " -> ");
                self.push(" IS NOT NULL");
            }
            (JsonOp::EqualsAnyNull, _) => {
                self.push("(");
                place(self, " -> ");
                self.push(" = 'null' OR ");
                place(self, " -> ");
                self.push(" IS NULL)");
            }
            (JsonOp::NotAnyNull, _) => {
                self.push("(");
                place(self, " -> ");
                self.push(" <> 'null' AND ");
                place(self, " -> ");
                self.push(" IS NOT NULL)");
            }
            (JsonOp::Equals | JsonOp::Not, _) => {
                place(self, " -> ");
                self.push(if op == JsonOp::Equals { " = " } else { " <> " });
                self.operand(alias, model, operand);
            }
            (JsonOp::StringContains | JsonOp::StringStartsWith | JsonOp::StringEndsWith, _) => {
                self.push("(json_type(");
                place(self, " -> ");
                self.push(&of_type("text"));
                place(self, " ->> ");
                self.push(" LIKE ");
                self.operand(alias, model, operand);
                self.push(")");
            }
            (JsonOp::ArrayStartsWith | JsonOp::ArrayEndsWith, _) => {
                self.push("(json_type(");
                place(self, " -> ");
                self.push(&of_type("array"));
                place(self, " -> ");
                self.push(if op == JsonOp::ArrayStartsWith { " -> '$[0]' = " } else { " -> '$[#-1]' = " });
                self.operand(alias, model, operand);
                self.push(")");
            }
        }
    }

    /// Writes a condition on related records.
    fn relation(
        &mut self,
        model: ModelId,
        alias: &str,
        field: FieldId,
        quantifier: Quantifier,
        filter: &Filter,
        place: Place,
    ) {
        let negated = matches!(quantifier, Quantifier::None | Quantifier::Every | Quantifier::IsNot);
        // `every`: no record for which the filter is false. `is` and `isNot`: what is unknown counts as the place wants it.
        let inner = match quantifier {
            Quantifier::Some | Quantifier::None => Unknown::IsFalse,
            Quantifier::Every => Unknown::IsTrue,
            Quantifier::Is if place.joined => place.unknown,
            Quantifier::IsNot if place.joined => place.unknown.opposite(),
            Quantifier::Is | Quantifier::IsNot => Unknown::IsFalse,
        };
        let within = Place { unknown: inner, joined: true };
        self.push(if negated { "NOT EXISTS (" } else { "EXISTS (" });
        let (target, row) = self.related(model, alias, field, "1");
        if quantifier == Quantifier::Every {
            self.push(" AND NOT (");
            self.filter_as(target, &row, filter, within);
            self.push(")");
        } else if *filter != Filter::True {
            self.push(" AND ");
            match inner {
                Unknown::IsFalse => self.filter_as(target, &row, filter, within),
                Unknown::IsTrue => {
                    self.push("(");
                    self.filter_as(target, &row, filter, within);
                    self.push(") IS NOT FALSE");
                }
            }
        }
        self.push(")");
    }

    /// Writes `SELECT what FROM related WHERE linked to the row above`, and returns the related model and its alias.
    pub fn related(&mut self, model: ModelId, alias: &str, field: FieldId, what: &str) -> (ModelId, String) {
        let (link, target, _) = link(self.schema, model, field);
        let inner = self.alias();
        self.push("SELECT ");
        self.push(what);
        self.push(" FROM ");
        match link {
            Link::Columns { here, there, .. } => {
                self.table(target);
                self.push(&format!(" AS {inner} WHERE "));
                for (index, (here, there)) in here.iter().zip(there).enumerate() {
                    if index > 0 {
                        self.push(" AND ");
                    }
                    self.column(&inner, target, *there);
                    self.push(" = ");
                    self.column(alias, model, *here);
                }
            }
            Link::Join { table, here, there } => {
                let join = self.alias();
                let (own, other) = (join_key(self.schema, model), join_key(self.schema, target));
                self.name(table);
                self.push(&format!(" AS {join} JOIN "));
                self.table(target);
                self.push(&format!(" AS {inner} ON "));
                self.column(&inner, target, other);
                self.push(&format!(" = {join}.\"{there}\" WHERE {join}.\"{here}\" = "));
                self.column(alias, model, own);
            }
        }
        (target, inner)
    }

    fn relation_null(&mut self, model: ModelId, alias: &str, field: FieldId, negated: bool) {
        let (link, _, _) = link(self.schema, model, field);
        match link {
            Link::Columns { here, owner: true, .. } => {
                self.push(if negated { "NOT (" } else { "(" });
                let here = here.to_vec();
                self.separated(&here, " AND ", |builder, column| {
                    builder.column(alias, model, *column);
                    builder.push(" IS NULL");
                });
                self.push(")");
            }
            _ => {
                self.push(if negated { "EXISTS (" } else { "NOT EXISTS (" });
                self.related(model, alias, field, "1");
                self.push(")");
            }
        }
    }
}
