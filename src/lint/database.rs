//! Calls of `db` whose arguments are written out, checked as the database would check them.

use std::cell::RefCell;

use rustc_hash::FxHashMap;

use crate::diag::{Severity, closest};
use crate::lint::facts::{Added, Facts};
use crate::lint::tree::{Expr, Field, Key, Kind, LocalId, Range, Tree, Unary};
use crate::lint::walk::{Event, Place, walk};
use crate::lint::{File, Report};
use crate::query::input::{push_key, tree as args_tree};
use crate::query::{Action, check_partly};
use crate::schema::{ModelId, Schema};
use crate::value::{Args, ArgsFault, ArgsSink, Scalar, Sentinel, Wish};

/// The names of `db` itself: they win over a model's.
const MEMBERS: &[&str] =
    &["null", "dbNull", "jsonNull", "anyNull", "all", "model", "transaction", "explain", "queryRaw", "executeRaw"];

/// Checks the calls of one script.
pub(super) fn check(file: &File, schema: &Schema, report: &mut Report) {
    let Some(tree) = &file.tree else { return };
    let mut handles = Handles { facts: &file.facts, transactions: Vec::new() };
    walk(&tree.block, &mut |event, _| {
        if let Event::Expr(Expr { kind: Kind::Call { callee, args, .. }, .. }) = event
            && callee.as_field().is_some_and(|(base, name)| name.text == "transaction" && handles.is_db(base))
            && let Some(Expr { kind: Kind::Function(function), .. }) = args.first()
        {
            handles.transactions.extend(function.params.first().map(|(id, _)| *id));
        }
    });
    walk(&tree.block, &mut |event, place| {
        if let Event::Expr(expr) = event {
            check_expr(expr, place, &handles, tree, file, schema, report);
        }
    });
}

/// Which expressions are `db`, and which a model of it.
struct Handles<'t> {
    facts: &'t Facts<'t>,
    /// What the functions of transactions get.
    transactions: Vec<LocalId>,
}

impl<'t> Handles<'t> {
    fn is_db(&self, expr: &Expr) -> bool {
        if expr.as_require().is_some_and(|(name, _)| name == "db") {
            return true;
        }
        let Some(id) = expr.as_local() else { return false };
        self.transactions.contains(&id) || self.facts.values.get(&id).is_some_and(|value| self.is_db(value))
    }

    /// Returns the name of the model that an expression is.
    fn model<'e>(&'e self, expr: &'e Expr) -> Option<ModelName<'e>> {
        if let Some((base, name)) = expr.as_field() {
            return self.is_db(base).then_some(ModelName { text: &name.text, range: name.range, exactly: false });
        }
        if let Kind::Call { callee, args, .. } = &expr.plain().kind {
            let (base, name) = callee.as_field()?;
            let [arg] = args.as_slice() else { return None };
            let text = arg.as_text().filter(|_| name.text == "model" && self.is_db(base))?;
            return Some(ModelName { text, range: arg.range, exactly: true });
        }
        self.model(self.facts.values.get(&expr.as_local()?)?)
    }
}

/// The name of a model where it is written.
struct ModelName<'e> {
    text: &'e str,
    range: Range,
    /// Whether it is the schema's name, not the client's.
    exactly: bool,
}

impl ModelName<'_> {
    fn find(&self, schema: &Schema) -> Option<ModelId> {
        let found = match self.exactly {
            true => schema.model_named(self.text).or_else(|| schema.model_by_accessor(self.text)),
            false => schema.model_by_accessor(self.text),
        };
        found.filter(|id| !schema.model(*id).ignored)
    }
}

fn check_expr<'t>(
    expr: &'t Expr,
    place: Place,
    handles: &Handles<'t>,
    tree: &'t Tree,
    file: &File,
    schema: &Schema,
    report: &mut Report,
) {
    // What is caught is provoked.
    if place.guarded {
        return;
    }
    // `db.posts`, `db.model('Posts')`: a model that is not there.
    let names_model =
        matches!(&expr.kind, Kind::Call { .. }) || expr.as_field().is_some_and(|(base, _)| handles.is_db(base));
    if names_model && let Some(model) = handles.model(expr) {
        if (!model.exactly && MEMBERS.contains(&model.text)) || model.find(schema).is_some() {
            return;
        }
        let message = format!("`db` has no model `{}`", model.text);
        let fault = file.fault(Severity::Error, "unknown_model", message, model.range);
        report.push(match schema.nearest_model(model.text) {
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None => fault.help("models are declared in schema.prisma; `model AuditLog` is `db.auditLog`"),
        });
        return;
    }
    // `db.post.findAll`: an operation that is not there.
    if let Some((base, name)) = expr.as_field()
        && let Some(model) = handles.model(base)
        && let Some(id) = model.find(schema)
    {
        if name.text == "fields" || Action::named(&name.text).is_some() {
            return;
        }
        let accessor = &schema.model(id).accessor;
        let message = format!("`db.{accessor}` has no operation `{}`", name.text);
        let fault = file.fault(Severity::Error, "unknown_operation", message, name.range);
        let meant = match &name.text[..] {
            "find" | "findAll" | "all" | "list" | "get" | "select" | "where" => Some("findMany"),
            "findOne" | "findById" | "first" => Some("findUnique"),
            "insert" | "add" | "save" | "new" => Some("create"),
            "remove" | "destroy" => Some("delete"),
            other => closest(other, Action::ALL.iter().map(|action| action.name())),
        };
        report.push(match meant {
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None => fault.help("there are: ".to_owned() + &Action::ALL.map(Action::name).join(", ")),
        });
        return;
    }
    // `db.post.fields.titel`: a field that is not there.
    if let Some((base, name)) = expr.as_field()
        && let Some((model, fields)) = base.as_field()
        && fields.text == "fields"
        && let Some(id) = handles.model(model).and_then(|model| model.find(schema))
    {
        let model = schema.model(id);
        if !model.scalars().any(|(_, field)| field.name == name.text) {
            let message = format!("{} has no scalar field `{}`", model.name, name.text);
            let fault = file.fault(Severity::Error, "unknown_field", message, name.range);
            report.push(fault.did_you_mean(&name.text, model.scalars().map(|(_, field)| &field.name[..])));
        }
        return;
    }
    let Kind::Call { callee, args, colon } = &expr.kind else { return };
    let Some((base, name)) = callee.as_field() else { return };
    let Some(id) = handles.model(base).and_then(|model| model.find(schema)) else { return };
    let Some(action) = Action::named(&name.text) else { return };
    let model = schema.model(id);
    let call = format!("db.{}.{}", model.accessor, action.name());
    if *colon {
        let message = format!("{call}: called with a colon, which passes the model as the arguments");
        let fault = file.fault(Severity::Error, "colon_call", message, name.range);
        report.push(
            fault
                .help(format!("write a dot: `{call}(...)`"))
                .fix(file.span(Range { start: name.range.start - 1, end: name.range.start }), "."),
        );
        return;
    }
    if args.len() > 1 {
        let message = format!("{call}: takes one table of arguments, found {} arguments", args.len());
        let range = Range { start: args[1].range.start, end: args[args.len() - 1].range.end };
        let fault = file.fault(Severity::Warning, "extra_arguments", message, range);
        report.push(fault.help("write `{ where = ..., data = ... }`"));
    }
    let literal = match args.first() {
        Some(arg) => Literal { expr: arg, handles, tree, schema, places: RefCell::default() },
        None => return,
    };
    let literal_tree = match args_tree(schema, id, &literal) {
        Ok(tree) => tree,
        Err(faults) => {
            for fault in faults.0 {
                let range = literal.range_of(&fault.path, false);
                report.push(file.fault(Severity::Error, fault.code, format!("{call}: {}", fault.message), range));
            }
            return;
        }
    };
    for fault in check_partly(schema, id, action, &literal_tree) {
        let error = fault.error;
        let severity = match fault.certain && !file.script.is_test {
            true => Severity::Error,
            false => Severity::Warning,
        };
        let of_key = error.code.starts_with("unknown_");
        let range = literal.range_of(&error.path, of_key);
        let mut finding = file.fault(severity, error.code, format!("{call}: {}", error.message), range);
        if let Some(help) = error.help {
            finding = finding.help(help);
        }
        report.push(finding);
    }
}

/// Arguments as they are written.
struct Literal<'a, 't> {
    expr: &'a Expr,
    handles: &'a Handles<'t>,
    tree: &'t Tree,
    schema: &'a Schema,
    /// Where the key and the value of each path stand.
    places: RefCell<FxHashMap<String, (Range, Range)>>,
}

impl Args for Literal<'_, '_> {
    fn feed(&self, sink: &mut dyn ArgsSink) -> Result<(), ArgsFault> {
        self.value(self.expr, sink, &mut String::new(), Wish::Walk)
    }
}

/// What is written, once locals are followed.
enum Written<'t> {
    Expr(&'t Expr),
    /// The table of a local, with what is put into it later.
    Grown(&'t Expr, &'t [Added<'t>]),
    Unknown,
}

impl Literal<'_, '_> {
    /// Returns where the value of a path stands, or its key; of a path that is not there the place of what is around it.
    fn range_of(&self, path: &str, key: bool) -> Range {
        let places = self.places.borrow();
        let mut path = path;
        let mut exact = true;
        loop {
            if let Some((of_key, of_value)) = places.get(path) {
                return if key && exact { *of_key } else { first_of(*of_value, exact) };
            }
            exact = false;
            match path.rfind(['.', '[']) {
                Some(end) => path = &path[..end],
                None => return first_of(self.expr.range, exact),
            }
        }
    }

    fn written<'e>(&'e self, expr: &'e Expr, depth: usize) -> Written<'e> {
        let expr = expr.plain();
        let Some(id) = expr.as_local().filter(|_| depth < 8) else { return Written::Expr(expr) };
        let facts = self.handles.facts;
        let Some(value) = facts.values.get(&id) else { return Written::Unknown };
        if self.tree.locals[id.0].assigned > 0 {
            return Written::Unknown;
        }
        let added = facts.added.get(&id).map(Vec::as_slice).unwrap_or_default();
        match &value.plain().kind {
            Kind::Table(_) if added.is_empty() && !facts.changed.contains(&id) => Written::Expr(value.plain()),
            Kind::Table(_) => Written::Grown(value.plain(), added),
            Kind::Name(_, Some(_)) => self.written(value, depth + 1),
            _ => Written::Expr(value.plain()),
        }
    }

    fn value(&self, expr: &Expr, sink: &mut dyn ArgsSink, path: &mut String, wish: Wish) -> Result<(), ArgsFault> {
        let (expr, added) = match self.written(expr, 0) {
            Written::Expr(expr) => (expr, None),
            Written::Grown(expr, added) => (expr, Some(added)),
            Written::Unknown => return sink.scalar(Scalar::Unknown),
        };
        if wish == Wish::Json {
            return match self.json(expr).filter(|_| added.is_none()) {
                Some(value) => sink.json(value.to_string()),
                None => sink.scalar(Scalar::Unknown),
            };
        }
        match &expr.kind {
            Kind::Table(fields) => self.table(fields, added, sink, path),
            _ => match self.scalar(expr) {
                Some(scalar) => sink.scalar(scalar),
                None => match self.field_reference(expr) {
                    Some((model, field)) => sink.scalar(Scalar::Field(model, field)),
                    None => sink.scalar(Scalar::Unknown),
                },
            },
        }
    }

    fn table(
        &self,
        fields: &[Field],
        added: Option<&[Added]>,
        sink: &mut dyn ArgsSink,
        path: &mut String,
    ) -> Result<(), ArgsFault> {
        let given = |field: &&Field| !matches!(field.value.plain().kind, Kind::Nil);
        let items = fields.iter().filter(|field| field.key.is_none()).count();
        let length = path.len();
        if items > 0 {
            let more = fields.last().is_some_and(|field| matches!(field.value.kind, Kind::Call { .. } | Kind::Rest));
            if items < fields.len() || more || added.is_some() {
                return sink.scalar(Scalar::Unknown);
            }
            sink.begin_list()?;
            for (index, field) in fields.iter().enumerate() {
                path.push_str(&format!("[{index}]"));
                self.places.borrow_mut().insert(path.clone(), (field.value.range, field.value.range));
                self.value(&field.value, sink, path, Wish::Walk)?;
                path.truncate(length);
            }
            sink.end_list();
            return Ok(());
        }
        if fields.iter().filter(given).count() == 0 && added.is_none() {
            return sink.empty(true);
        }
        sink.begin_object(true)?;
        let mut open = added.is_some();
        let mut names: Vec<&str> = Vec::new();
        let known = fields.iter().filter(given).filter_map(|field| match &field.key {
            Some(Key::Name(name)) => Some((&name.text[..], name.range, Some(&field.value))),
            _ => None,
        });
        open |= fields.iter().any(|field| matches!(field.key, Some(Key::Expr(_))));
        let later = added.unwrap_or_default().iter().map(|Added { name, target, value }| {
            let range = target.as_field().map_or(target.range, |(_, name)| name.range);
            // Nil takes a key away.
            (*name, range, value.filter(|value| !matches!(value.plain().kind, Kind::Nil)))
        });
        let given_later: Vec<(&str, Range, Option<&Expr>)> = later.collect();
        for (name, key_range, value) in known.chain(given_later.iter().copied()) {
            if names.contains(&name) || name.is_empty() {
                continue;
            }
            names.push(name);
            push_key(path, name);
            let value_range = value.map_or(key_range, |value| value.range);
            self.places.borrow_mut().insert(path.clone(), (key_range, value_range));
            let wish = sink.key(name)?;
            // What is assigned twice holds the one or the other.
            let twice = given_later.iter().filter(|(other, ..)| *other == name).count();
            let again = fields.iter().any(|field| matches!(&field.key, Some(Key::Name(key)) if key.text == name));
            match value.filter(|_| twice == 0 || (twice == 1 && !again)) {
                Some(value) => self.value(value, sink, path, wish)?,
                None => sink.scalar(Scalar::Unknown)?,
            }
            path.truncate(length);
        }
        if open {
            sink.key("")?;
            sink.scalar(Scalar::Unknown)?;
        }
        sink.end_object();
        Ok(())
    }

    fn scalar<'e>(&self, expr: &'e Expr) -> Option<Scalar<'e>> {
        Some(match &expr.kind {
            Kind::Bool(value) => Scalar::Bool(*value),
            Kind::Int(value) => Scalar::Int(*value),
            Kind::Float(value) => Scalar::Float(*value),
            Kind::Text(text) => Scalar::Text(text.as_bytes()),
            Kind::Unary { op: Unary::Minus, value } => match value.plain().kind {
                Kind::Int(value) => Scalar::Int(value.wrapping_neg()),
                Kind::Float(value) => Scalar::Float(-value),
                _ => return None,
            },
            Kind::Index { base, key: Key::Name(name) } if self.handles.is_db(base) => match &name.text[..] {
                "null" => Scalar::Null,
                "dbNull" => Scalar::Sentinel(Sentinel::DbNull),
                "jsonNull" => Scalar::Sentinel(Sentinel::JsonNull),
                "anyNull" => Scalar::Sentinel(Sentinel::AnyNull),
                "all" => Scalar::Sentinel(Sentinel::All),
                _ => return None,
            },
            Kind::Index { base, key: Key::Name(name) } if base.as_global() == Some("json") && name.text == "null" => {
                Scalar::Null
            }
            _ => return None,
        })
    }

    /// Returns the model and the field of `db.post.fields.views`.
    fn field_reference<'e>(&'e self, expr: &'e Expr) -> Option<(&'e str, &'e str)> {
        let (fields, field) = expr.as_field()?;
        let (model, _) = fields.as_field().filter(|(_, word)| word.text == "fields")?;
        let model = self.handles.model(model)?.find(self.schema)?;
        Some((&self.schema.model(model).name, &field.text))
    }

    /// Returns the JSON of a value that is written out; None when a part of it is not known.
    fn json(&self, expr: &Expr) -> Option<serde_json::Value> {
        use serde_json::Value as Json;
        let expr = match self.written(expr, 0) {
            Written::Expr(expr) => expr,
            Written::Grown(..) | Written::Unknown => return None,
        };
        match &expr.kind {
            Kind::Table(fields) if fields.iter().all(|field| field.key.is_none()) => {
                fields.iter().map(|field| self.json(&field.value)).collect::<Option<Vec<Json>>>().map(Json::Array)
            }
            Kind::Table(fields) => {
                let members = fields.iter().map(|field| match &field.key {
                    Some(Key::Name(name)) => Some((name.text.clone(), self.json(&field.value)?)),
                    _ => None,
                });
                members.collect::<Option<serde_json::Map<String, Json>>>().map(Json::Object)
            }
            _ => match self.scalar(expr)? {
                Scalar::Null => Some(Json::Null),
                Scalar::Bool(value) => Some(Json::Bool(value)),
                Scalar::Int(value) => Some(Json::from(value)),
                Scalar::Float(value) => serde_json::Number::from_f64(value).map(Json::Number),
                Scalar::Text(text) => Some(Json::from(String::from_utf8_lossy(text))),
                _ => None,
            },
        }
    }
}

/// A fault of a whole table is shown at its brace: the lines below it are right.
fn first_of(range: Range, exact: bool) -> Range {
    match exact {
        true => range,
        false => Range { start: range.start, end: range.start + 1 },
    }
}
