//! Relation fields to relations: finding the other side, the side with the foreign key, and what is wrong with either.

use rustc_hash::FxHashMap;

use crate::diag::{Diagnostic, Span};
use crate::schema::arguments::{Arguments, Signature, wrong_type};
use crate::schema::ast::{Attribute, ExpressionKind};
use crate::schema::resolve::{DraftKind, FieldDraft, ModelDraft, name_list};
use crate::schema::{Arity, Faults, ReferentialAction, RelationKind};

/// A model's index and its field's.
pub(crate) type Place = (usize, usize);

/// A relation on its way.
pub(crate) struct RelationDraft {
    pub(crate) name: String,
    pub(crate) kind: RelationKind,
    pub(crate) from: Place,
    pub(crate) to: Place,
    pub(crate) fields: Vec<usize>,
    pub(crate) references: Vec<usize>,
    pub(crate) on_delete: ReferentialAction,
    pub(crate) on_update: ReferentialAction,
    pub(crate) db_name: String,
}

/// What `@relation` says.
#[derive(Default)]
pub(crate) struct RelationAttribute {
    /// Whether it is there.
    pub(crate) span: Option<Span>,
    pub(crate) name: Option<String>,
    pub(crate) fields: Option<(Vec<(String, Span)>, Span)>,
    pub(crate) references: Option<(Vec<(String, Span)>, Span)>,
    pub(crate) on_delete: Option<(Option<ReferentialAction>, Span)>,
    pub(crate) on_update: Option<(Option<ReferentialAction>, Span)>,
    /// Whether it could not be read, so that nothing may be concluded from what is missing.
    pub(crate) broken: bool,
}

const RELATION: Signature = Signature {
    name: "@relation",
    unnamed: Some("name"),
    named: &["fields", "references", "onDelete", "onUpdate", "map"],
};

const ACTIONS: [(&str, ReferentialAction); 5] = [
    ("Cascade", ReferentialAction::Cascade),
    ("Restrict", ReferentialAction::Restrict),
    ("NoAction", ReferentialAction::NoAction),
    ("SetNull", ReferentialAction::SetNull),
    ("SetDefault", ReferentialAction::SetDefault),
];

impl RelationAttribute {
    /// Reads `@relation(...)`.
    pub(crate) fn read(attribute: &Attribute, faults: &mut Faults) -> Self {
        let mut relation = Self { span: Some(attribute.span), ..Self::default() };
        let Some(arguments) = Arguments::bind(&RELATION, attribute, faults) else {
            relation.broken = true;
            return relation;
        };
        // An argument that could not be bound may have been any of them.
        relation.broken = attribute.arguments.iter().any(|argument| {
            argument.value.is_none() || argument.name.as_ref().is_some_and(|name| arguments.get(&name.text).is_none())
        });
        if arguments.get("name").is_some() {
            match arguments.string("name", faults) {
                Some((name, _)) => relation.name = Some(name.to_owned()),
                None => relation.broken = true,
            }
        }
        arguments.refuse(&["map"], &RELATION, faults);
        for (argument, slot) in [("fields", &mut relation.fields), ("references", &mut relation.references)] {
            let Some(value) = arguments.get(argument) else { continue };
            match name_list(value, &format!("an entry of `{argument}`"), faults) {
                None => relation.broken = true,
                Some(names) if names.iter().any(|(_, _, arguments)| !arguments.is_empty()) => {
                    faults.push(wrong_type(value, &format!("`{argument}`"), "a list of plain field names"));
                    relation.broken = true;
                }
                Some(names) => {
                    let names = names.into_iter().map(|(name, span, _)| (name.to_owned(), span)).collect();
                    *slot = Some((names, value.span));
                }
            }
        }
        for (argument, slot) in [("onDelete", &mut relation.on_delete), ("onUpdate", &mut relation.on_update)] {
            let Some(value) = arguments.get(argument) else { continue };
            let action = match &value.kind {
                ExpressionKind::Constant(word) => {
                    let action = ACTIONS.iter().find(|(name, _)| name == word).map(|(_, action)| *action);
                    if action.is_none() {
                        faults.push(
                            Diagnostic::error("unknown_action", format!("unknown referential action `{word}`"))
                                .at(value.span)
                                .label("expected `Cascade`, `Restrict`, `NoAction`, `SetNull` or `SetDefault`")
                                .did_you_mean(word, ACTIONS.iter().map(|(name, _)| *name)),
                        );
                    }
                    action
                }
                _ => {
                    faults.push(wrong_type(value, &format!("`{argument}`"), "a referential action such as `Cascade`"));
                    None
                }
            };
            *slot = Some((action, value.span));
        }
        relation
    }

    /// Returns the names in `fields`.
    pub(crate) fn field_names(&self) -> Vec<&str> {
        self.fields.iter().flat_map(|(names, _)| names).map(|(name, _)| name.as_str()).collect()
    }

    /// Tells whether `fields` or `references` is there and names something.
    fn has_key(&self) -> bool {
        [&self.fields, &self.references].into_iter().flatten().any(|(names, _)| !names.is_empty())
    }

    fn actions(&self) -> impl Iterator<Item = (&'static str, Span)> {
        let on_delete = self.on_delete.iter().map(|(_, span)| ("onDelete", *span));
        on_delete.chain(self.on_update.iter().map(|(_, span)| ("onUpdate", *span)))
    }
}

/// Finds the relations of all models, in the order of their first field.
pub(crate) fn relate(models: &[ModelDraft<'_>], faults: &mut Faults) -> Vec<RelationDraft> {
    let is_unclear = |model: &ModelDraft<'_>| model.broken || model.fields.iter().any(|field| field.relation.broken);
    let unclear = models.iter().map(is_unclear).collect();
    let relater = Relater { models, groups: group(models), unclear };
    let mut done: FxHashMap<Place, ()> = FxHashMap::default();
    let mut relations = Vec::new();
    for (model, draft) in models.iter().enumerate() {
        for field in 0..draft.fields.len() {
            let place = (model, field);
            if !draft.fields[field].is_relation() || done.contains_key(&place) {
                continue;
            }
            match relater.pair(place, faults) {
                Pair::With(other) => {
                    done.insert(place, ());
                    done.insert(other, ());
                    relations.extend(relater.relation(place, other, faults));
                }
                // One fault covers them all.
                Pair::Faulty(others) => done.extend(others.into_iter().map(|other| (other, ()))),
            }
        }
    }
    relations
}

/// Without foreign keys, two actions have no one to perform them.
pub(crate) fn check_emulated_actions(models: &[ModelDraft<'_>], faults: &mut Faults) {
    for field in models.iter().flat_map(|model| &model.fields) {
        for (action, span) in [&field.relation.on_delete, &field.relation.on_update].into_iter().flatten() {
            if matches!(action, Some(ReferentialAction::NoAction | ReferentialAction::SetDefault)) {
                faults.push(
                    Diagnostic::error("unsupported_action", "this action needs foreign keys")
                        .at(*span)
                        .label("with `relationMode = \"prisma\"`: `Cascade`, `Restrict` or `SetNull`")
                        .help("choose another action, or remove `relationMode`"),
                );
            }
        }
    }
}

/// Without foreign keys, actions that lead in a circle have no end.
pub(crate) fn check_circular_actions(models: &[ModelDraft<'_>], relations: &[RelationDraft], faults: &mut Faults) {
    let changes = |action| !matches!(action, ReferentialAction::NoAction | ReferentialAction::Restrict);
    let acts = |relation: &&RelationDraft| {
        relation.kind != RelationKind::ManyToMany && (changes(relation.on_delete) || changes(relation.on_update))
    };
    let acting: Vec<&RelationDraft> = relations.iter().filter(acts).collect();
    for relation in &acting {
        let Some(way) = shortest_way(&acting, relation.to.0, relation.from.0) else { continue };
        let name = |relation: &RelationDraft| {
            let (model, field) = relation.from;
            format!("`{}.{}`", models[model].name(), models[model].fields[field].name())
        };
        let circle: Vec<String> = std::iter::once(*relation).chain(way).map(name).collect();
        let (model, field) = relation.from;
        faults.push(
            Diagnostic::error("circular_actions", "the actions of these relations lead in a circle")
                .at(models[model].fields[field].node.name.span)
                .label(circle.join(", "))
                .help("give one of them `onDelete: Restrict, onUpdate: Restrict`, or remove `relationMode`"),
        );
    }
}

/// Returns the relations that lead from one model to another, the fewest; none when they are the same.
fn shortest_way<'a>(relations: &[&'a RelationDraft], from: usize, to: usize) -> Option<Vec<&'a RelationDraft>> {
    let mut ways = vec![(from, Vec::new())];
    let mut seen = vec![from];
    let mut next = 0;
    while let Some((model, way)) = ways.get(next).cloned() {
        if model == to {
            return Some(way);
        }
        for relation in relations.iter().filter(|relation| relation.from.0 == model) {
            if !seen.contains(&relation.to.0) {
                seen.push(relation.to.0);
                ways.push((relation.to.0, way.iter().copied().chain([*relation]).collect()));
            }
        }
        next += 1;
    }
    None
}

/// The relation fields that stand on one model, refer to another and have the same name or none.
type Groups<'a> = FxHashMap<(usize, usize, Option<&'a str>), Vec<usize>>;

fn group<'a>(models: &'a [ModelDraft<'_>]) -> Groups<'a> {
    let mut groups: Groups<'a> = FxHashMap::default();
    for (model, draft) in models.iter().enumerate() {
        for (field, draft) in draft.fields.iter().enumerate() {
            if let DraftKind::Relation(target) = draft.kind {
                groups.entry((model, target, draft.relation.name.as_deref())).or_default().push(field);
            }
        }
    }
    groups
}

struct Relater<'a, 'd> {
    models: &'a [ModelDraft<'d>],
    groups: Groups<'a>,
    /// Whether something in a model could not be read, so that what seems to be missing may be there.
    unclear: Vec<bool>,
}

/// The other side of a relation field.
enum Pair {
    With(Place),
    /// There is none, or more than one; these are covered by the fault.
    Faulty(Vec<Place>),
}

impl<'a, 'd> Relater<'a, 'd> {
    fn field(&self, place: Place) -> &'a FieldDraft<'d> {
        &self.models[place.0].fields[place.1]
    }

    fn target(&self, place: Place) -> usize {
        match self.field(place).kind {
            DraftKind::Relation(target) => target,
            _ => unreachable!("only relation fields are related"),
        }
    }

    /// Names a field with its model, `Post.author`.
    fn full_name(&self, place: Place) -> String {
        format!("{}.{}", self.models[place.0].name(), self.field(place).name())
    }

    fn pair(&self, place: Place, faults: &mut Faults) -> Pair {
        let (model, _) = place;
        let target = self.target(place);
        let name = self.field(place).relation.name.as_deref();
        let group = |from, to, name| self.groups.get(&(from, to, name)).map_or(&[][..], Vec::as_slice);
        let ours = group(model, target, name);
        let theirs = group(target, model, name);
        let places = |model: usize, fields: &[usize]| fields.iter().map(|field| (model, *field)).collect::<Vec<_>>();
        // Where `@relation` could not be read, its name is not known.
        let unclear = |model: usize| self.unclear[model];
        if model == target {
            return match ours {
                [one, two] if name.is_some() => Pair::With((model, if *one == place.1 { *two } else { *one })),
                [_] => {
                    if !unclear(model) {
                        return self.missing_opposite(place, faults);
                    }
                    Pair::Faulty(vec![place])
                }
                _ => {
                    if !unclear(model) {
                        faults.push(self.ambiguous_self(place, ours));
                    }
                    Pair::Faulty(places(model, ours))
                }
            };
        }
        if ours.len() > 1 || theirs.len() > 1 {
            if !unclear(model) && !unclear(target) {
                let (first, fields) = if ours.len() > 1 { (place, ours) } else { ((target, theirs[0]), theirs) };
                faults.push(self.ambiguous(first, fields));
            }
            let mut covered = places(model, ours);
            covered.extend(places(target, theirs));
            return Pair::Faulty(covered);
        }
        match theirs {
            [other] => Pair::With((target, *other)),
            _ if unclear(target) || unclear(model) => Pair::Faulty(vec![place]),
            _ => self.missing_opposite(place, faults),
        }
    }

    fn missing_opposite(&self, place: Place, faults: &mut Faults) -> Pair {
        if faults.is_full() {
            return Pair::Faulty(vec![place]);
        }
        let (model, _) = place;
        let target = self.target(place);
        let field = self.field(place);
        let source_name = self.models[model].name();
        let target_name = self.models[target].name();
        let with = field.relation.name.as_ref().map(|name| format!(" for relation \"{name}\"")).unwrap_or_default();
        let fault = Diagnostic::error(
            "missing_opposite_field",
            format!("`{}` has no opposite field on `{target_name}`{with}", self.full_name(place)),
        )
        .at(field.node.name.span);
        // A field back with another name, or without one, is most likely meant; it is covered by this fault.
        let back = self.models[target].fields.iter().enumerate().find(|(other, draft)| {
            draft.kind == DraftKind::Relation(model)
                && (target, *other) != place
                && draft.relation.name != field.relation.name
                && !self.groups.contains_key(&(model, target, draft.relation.name.as_deref()))
        });
        if let Some((other, _)) = back {
            let other = (target, other);
            let attribute = |name: &Option<String>| match name {
                Some(name) => format!("the relation name \"{name}\""),
                None => "no relation name".to_owned(),
            };
            faults.push(fault.help(format!(
                "`{}` refers back, but has {}; give both fields the same name",
                self.full_name(other),
                attribute(&self.field(other).relation.name)
            )));
            return Pair::Faulty(vec![place, other]);
        }
        let named = match &field.relation.name {
            Some(name) => format!(" @relation(\"{name}\")"),
            None if model == target => " @relation(\"name\")".to_owned(),
            None => String::new(),
        };
        let help = if field.arity == Arity::List {
            let back = lower_first(source_name);
            let key = self.models[model]
                .keys
                .primary
                .as_ref()
                .filter(|key| key.fields.len() == 1)
                .map_or("id", |key| self.models[model].fields[key.fields[0].0].name());
            let relation = match &field.relation.name {
                Some(name) => format!("\"{name}\", "),
                None => String::new(),
            };
            let column = format!("{back}{}", upper_first(key));
            let scalar =
                self.models[model].names.get(key).and_then(|key| self.models[model].fields[*key].node.type_.as_ref());
            let missing = match scalar {
                Some(scalar) if !self.models[target].names.contains_key(column.as_str()) => {
                    format!(", and {column} {}", scalar.name.text)
                }
                _ => String::new(),
            };
            format!(
                "add to model `{target_name}`: {back} {source_name} @relation({relation}fields: [{column}], references: [{key}]){missing}"
            )
        } else {
            format!("add to model `{target_name}`: {}s {source_name}[]{named}", lower_first(source_name))
        };
        faults.push(fault.help(help));
        Pair::Faulty(vec![place])
    }

    fn ambiguous_self(&self, place: Place, fields: &[usize]) -> Diagnostic {
        let model = &self.models[place.0];
        let names = listed(fields.iter().map(|field| model.fields[*field].name()));
        let (message, help) = match &self.field(place).relation.name {
            Some(name) => (
                format!("more than two fields of `{}` have the relation name \"{name}\": {names}", model.name()),
                "give each pair of fields a name of its own with `@relation(\"name\")`",
            ),
            None => (
                format!("the fields {names} of `{0}` all refer to `{0}` without a relation name", model.name()),
                "give the two fields of a relation the same name with `@relation(\"name\")`",
            ),
        };
        Diagnostic::error("ambiguous_relation", message).at(self.field(place).node.name.span).help(help)
    }

    fn ambiguous(&self, place: Place, fields: &[usize]) -> Diagnostic {
        let model = &self.models[place.0];
        let target = self.models[self.target(place)].name();
        let names = listed(fields.iter().map(|field| model.fields[*field].name()));
        let message = match &self.field(place).relation.name {
            Some(name) => format!("the fields {names} of `{}` have the same relation name \"{name}\"", model.name()),
            None => format!("the fields {names} of `{}` all refer to `{target}` without a relation name", model.name()),
        };
        Diagnostic::error("ambiguous_relation", message)
            .at(self.field(place).node.name.span)
            .help("give each relation a name of its own, on both sides: `@relation(\"name\")`")
    }

    /// Makes the relation of two fields that belong together, unless something is wrong with it.
    fn relation(&self, one: Place, two: Place, faults: &mut Faults) -> Option<RelationDraft> {
        if self.field(one).relation.broken || self.field(two).relation.broken {
            return None;
        }
        match (self.field(one).arity, self.field(two).arity) {
            (Arity::List, Arity::List) => self.many_to_many(one, two, faults),
            (Arity::List, _) => self.one_to_many(two, one, faults),
            (_, Arity::List) => self.one_to_many(one, two, faults),
            _ => self.one_to_one(one, two, faults),
        }
    }

    fn many_to_many(&self, one: Place, two: Place, faults: &mut Faults) -> Option<RelationDraft> {
        let order = |place: Place| (self.models[place.0].name(), self.field(place).name());
        let (from, to) = if order(one) <= order(two) { (one, two) } else { (two, one) };
        let mut sound = true;
        for place in [from, to] {
            let field = self.field(place);
            let explicit = field.relation.fields.as_ref().map(|(_, span)| ("fields", *span));
            let explicit = explicit.or(field.relation.references.as_ref().map(|(_, span)| ("references", *span)));
            if let Some((argument, span)) = explicit {
                sound = false;
                faults.push(
                    Diagnostic::error(
                        "key_on_many_to_many",
                        format!("`{}` is many-to-many, so it has no `{argument}`", self.full_name(place)),
                    )
                    .at(span)
                    .help("remove it, or make one side single"),
                );
            }
            for (argument, span) in field.relation.actions() {
                sound = false;
                faults.push(
                    Diagnostic::error(
                        "action_on_many_to_many",
                        format!("`{}` is many-to-many, so it has no `{argument}`", self.full_name(place)),
                    )
                    .at(span)
                    .help("remove it, or make the join table a model of its own"),
                );
            }
            let target = &self.models[self.target(place)];
            match &target.keys.primary {
                Some(key) if key.fields.len() == 1 => {}
                None if target.keys.broken || target.broken => sound = false,
                _ => {
                    sound = false;
                    faults.push(
                        Diagnostic::error(
                            "many_to_many_without_id",
                            format!(
                                "`{}` is many-to-many, but `{}` has no id of one field",
                                self.full_name(place),
                                target.name()
                            ),
                        )
                        .at(field.node.name.span)
                        .help(format!("give `{}` an `@id`, or make the join table a model of its own", target.name())),
                    );
                }
            }
        }
        let name = self.relation_name(from);
        sound.then(|| RelationDraft {
            db_name: format!("_{name}"),
            name,
            kind: RelationKind::ManyToMany,
            from,
            to,
            fields: Vec::new(),
            references: Vec::new(),
            on_delete: ReferentialAction::Cascade,
            on_update: ReferentialAction::Cascade,
        })
    }

    fn one_to_many(&self, from: Place, to: Place, faults: &mut Faults) -> Option<RelationDraft> {
        if !self.field(from).relation.has_key() && self.field(to).relation.has_key() {
            faults.push(
                Diagnostic::error(
                    "missing_foreign_key",
                    format!("`{}` needs `fields` and `references`", self.full_name(from)),
                )
                .at(self.field(from).node.name.span)
                .label("the single side of a relation holds the key")
                .help(format!("move them here from `{}`", self.full_name(to))),
            );
            return None;
        }
        let mut sound = self.only_on(from, to, faults);
        sound &= self.has_both_arguments(from, faults);
        let key = self.key(from, faults);
        let relation = key.filter(|_| sound)?;
        self.inline(RelationKind::OneToMany, from, to, relation, faults)
    }

    fn one_to_one(&self, one: Place, two: Place, faults: &mut Faults) -> Option<RelationDraft> {
        let (first, second) = (self.field(one), self.field(two));
        let (from, to) = match (first.relation.has_key(), second.relation.has_key()) {
            (true, false) => (one, two),
            (false, true) => (two, one),
            (true, true) => {
                self.both_sides(one, two, faults);
                return None;
            }
            (false, false) => {
                let (from, to) = self.likely_order(one, two);
                faults.push(
                    Diagnostic::error(
                        "missing_foreign_key",
                        format!("neither `{}` nor `{}` has `fields`", self.full_name(from), self.full_name(to)),
                    )
                    .at(self.field(from).node.name.span)
                    .label("one side of a one-to-one relation holds the key")
                    .help(self.relation_help(from)),
                );
                return None;
            }
        };
        let mut sound = self.only_on(from, to, faults);
        sound &= self.has_both_arguments(from, faults);
        if self.field(to).arity == Arity::Required {
            sound = false;
            let target = self.models[from.0].name();
            let fault = match self.field(from).arity {
                Arity::Required => Diagnostic::error(
                    "required_back_field",
                    format!("`{}` cannot be required: no column holds it", self.full_name(to)),
                )
                .at(self.field(to).node.name.span)
                .help(format!("make it optional: `{} {target}?`", self.field(to).name())),
                _ => Diagnostic::error(
                    "key_on_wrong_side",
                    format!(
                        "`{}` holds the key, but `{}` is the required side",
                        self.full_name(from),
                        self.full_name(to)
                    ),
                )
                .at(self.field(from).node.name.span)
                .help(format!("move `fields` and `references` to `{}`", self.full_name(to)))
                .help(format!("or make it optional: `{} {target}?`", self.field(to).name())),
            };
            faults.push(fault);
        }
        let key = self.key(from, faults)?;
        sound &= self.is_unique_key(from, &key, faults);
        if !sound {
            return None;
        }
        self.inline(RelationKind::OneToOne, from, to, key, faults)
    }

    fn both_sides(&self, one: Place, two: Place, faults: &mut Faults) {
        let has_fields =
            |place: Place| self.field(place).relation.fields.as_ref().is_some_and(|(names, _)| !names.is_empty());
        let (from, to) = self.likely_order(one, two);
        let fault = if has_fields(from) && has_fields(to) {
            Diagnostic::error(
                "foreign_key_twice",
                format!("both `{}` and `{}` have `fields`", self.full_name(from), self.full_name(to)),
            )
            .help("keep `fields` and `references` on one side")
        } else {
            Diagnostic::error(
                "foreign_key_twice",
                format!(
                    "`fields` and `references` stand on both `{}` and `{}`",
                    self.full_name(from),
                    self.full_name(to)
                ),
            )
            .help("write both on the side that holds the key")
        };
        faults.push(fault.at(self.field(from).node.name.span).label("only one side of a relation holds the key"));
    }

    /// Guesses which side of a one-to-one relation is to hold the key: the required one, else the first in the alphabet.
    fn likely_order(&self, one: Place, two: Place) -> (Place, Place) {
        let is_required = |place| self.field(place).arity == Arity::Required;
        let order = |place: Place| (self.models[place.0].name(), self.field(place).name());
        let swap = match (is_required(one), is_required(two)) {
            (true, false) => false,
            (false, true) => true,
            _ => order(one) > order(two),
        };
        if swap { (two, one) } else { (one, two) }
    }

    /// The other side may hold neither key nor actions.
    fn only_on(&self, from: Place, to: Place, faults: &mut Faults) -> bool {
        let other = &self.field(to).relation;
        let mut sound = true;
        let key = other.fields.as_ref().map(|(names, span)| ("fields", names, *span));
        let key = key.or(other.references.as_ref().map(|(names, span)| ("references", names, *span)));
        if let Some((argument, names, span)) = key
            && !names.is_empty()
        {
            sound = false;
            faults.push(self.wrong_side(argument, span, from, to));
        }
        for (argument, span) in other.actions() {
            sound = false;
            faults.push(self.wrong_side(argument, span, from, to));
        }
        sound
    }

    fn wrong_side(&self, argument: &str, span: Span, from: Place, to: Place) -> Diagnostic {
        Diagnostic::error("argument_on_wrong_side", format!("`{}` may not have `{argument}`", self.full_name(to)))
            .at(span)
            .label("only the side with the key has it")
            .help(format!("move it to `{}`", self.full_name(from)))
    }

    fn has_both_arguments(&self, from: Place, faults: &mut Faults) -> bool {
        let relation = &self.field(from).relation;
        let is_empty =
            |slot: &Option<(Vec<(String, Span)>, Span)>| slot.as_ref().is_none_or(|(names, _)| names.is_empty());
        let missing = match (is_empty(&relation.fields), is_empty(&relation.references)) {
            (false, false) => return true,
            (true, true) => "`fields` and `references`",
            (true, false) => "`fields`",
            (false, true) => "`references`",
        };
        faults.push(
            Diagnostic::error("missing_foreign_key", format!("`{}` needs {missing}", self.full_name(from)))
                .at(relation.span.unwrap_or(self.field(from).node.name.span))
                .label("this side of the relation holds the key")
                .help(self.relation_help(from)),
        );
        false
    }

    /// Writes the attribute that is most likely wanted.
    fn relation_help(&self, from: Place) -> String {
        let target = &self.models[self.target(from)];
        let key = target.keys.primary.as_ref().or(target.keys.uniques.first());
        let references: Vec<&str> = match key {
            Some(key) => key.field_indexes().map(|field| target.fields[field].name()).collect(),
            None => vec!["id"],
        };
        let name = self.field(from).name();
        let fields: Vec<String> =
            references.iter().map(|reference| format!("{name}{}", upper_first(reference))).collect();
        format!("write `@relation(fields: [{}], references: [{}])`", fields.join(", "), references.join(", "))
    }

    /// Resolves `fields` and `references` of the side with the key.
    fn key(&self, from: Place, faults: &mut Faults) -> Option<(Vec<usize>, Vec<usize>)> {
        let relation = &self.field(from).relation;
        let fields = relation.fields.as_ref().map(|(names, _)| self.key_fields("fields", from.0, names, faults));
        let target = self.target(from);
        let references =
            relation.references.as_ref().map(|(names, _)| self.key_fields("references", target, names, faults));
        let (fields, references) = (fields??, references??);
        if fields.len() != references.len() {
            let span = relation.span.unwrap_or(self.field(from).node.name.span);
            faults.push(
                Diagnostic::error(
                    "field_count",
                    format!("`fields` names {} and `references` names {}", fields.len(), references.len()),
                )
                .at(span)
                .label("both must name as many fields"),
            );
            return None;
        }
        Some((fields, references))
    }

    fn key_fields(
        &self,
        argument: &str,
        model: usize,
        names: &[(String, Span)],
        faults: &mut Faults,
    ) -> Option<Vec<usize>> {
        let draft = &self.models[model];
        let mut found = Vec::new();
        for (name, span) in names {
            match draft.names.get(name.as_str()) {
                None => {
                    let fault = Diagnostic::error(
                        "unknown_field",
                        format!("`{argument}` names `{name}`, but model `{}` has no such field", draft.name()),
                    )
                    .at(*span);
                    let near = faults.closest(name, draft.fields.iter().map(|field| field.name()));
                    faults.push(match near {
                        Some(near) => fault.help(format!("did you mean `{near}`?")),
                        None => fault.help(format!("add the field `{name}` to model `{}`", draft.name())),
                    });
                }
                Some(field) if draft.fields[*field].is_relation() => faults.push(
                    Diagnostic::error(
                        "relation_in_key",
                        format!("`{argument}` names the relation field `{name}` of `{}`", draft.name()),
                    )
                    .at(*span)
                    .label("expected a field with a column"),
                ),
                Some(field) if draft.fields[*field].is_column() => found.push(*field),
                // Its fault is told.
                Some(_) => {}
            }
        }
        (found.len() == names.len()).then_some(found)
    }

    /// A one-to-one relation needs a unique key, or it would be one-to-many.
    fn is_unique_key(&self, from: Place, key: &(Vec<usize>, Vec<usize>), faults: &mut Faults) -> bool {
        let model = &self.models[from.0];
        if has_key_over(model, &key.0) {
            return true;
        }
        if model.keys.broken {
            return false;
        }
        let names = model.field_names(key.0.iter().copied(), ", ");
        let help = match key.0.len() {
            1 => format!("add `@unique` to `{names}`"),
            _ => format!("add `@@unique([{names}])` to model `{}`", model.name()),
        };
        faults.push(
            Diagnostic::error(
                "one_to_one_not_unique",
                format!("`{}` is one-to-one, but its `fields` are not unique", self.full_name(from)),
            )
            .at(self.field(from).node.name.span)
            .help(help)
            .help("or make it one-to-many: make the opposite field a list"),
        );
        false
    }

    /// Checks what one-to-one and one-to-many have in common, and makes the relation.
    fn inline(
        &self,
        kind: RelationKind,
        from: Place,
        to: Place,
        (fields, references): (Vec<usize>, Vec<usize>),
        faults: &mut Faults,
    ) -> Option<RelationDraft> {
        let model = &self.models[from.0];
        let target = &self.models[to.0];
        let field = self.field(from);
        let mut sound = true;
        if !has_key_over(target, &references) {
            sound = false;
            if !target.keys.broken {
                let names = target.field_names(references.iter().copied(), ", ");
                let help = match references.len() {
                    1 => format!("add `@unique` to `{}.{names}`, or refer to its id", target.name()),
                    _ => format!("add `@@unique([{names}])` to model `{}`", target.name()),
                };
                let span = field.relation.references.as_ref().map_or(field.node.name.span, |(_, span)| *span);
                faults.push(
                    Diagnostic::error(
                        "reference_not_unique",
                        format!(
                            "`references` of `{}` is no id and not unique in `{}`",
                            self.full_name(from),
                            target.name()
                        ),
                    )
                    .at(span)
                    .help(help),
                );
            }
        }
        for (own, reference) in fields.iter().zip(&references) {
            let (own, reference) = (&model.fields[*own], &target.fields[*reference]);
            if own.kind != reference.kind {
                sound = false;
                faults.push(
                    Diagnostic::error(
                        "key_type_mismatch",
                        format!(
                            "`{}.{}` and `{}.{}` have different types",
                            model.name(),
                            own.name(),
                            target.name(),
                            reference.name()
                        ),
                    )
                    .at(field.node.name.span)
                    .label("a key and what it refers to must have the same type")
                    .help(match &reference.node.type_ {
                        Some(type_) => format!("give `{}` the type `{}`", own.name(), type_.name.text),
                        None => format!("give `{}` the type of `{}`", own.name(), reference.name()),
                    }),
                );
            }
        }
        let any_optional = fields.iter().any(|field| model.fields[*field].arity == Arity::Optional);
        let any_required = fields.iter().any(|field| model.fields[*field].arity == Arity::Required);
        if field.arity == Arity::Required && any_optional {
            sound = false;
            let optional: Vec<&str> = fields
                .iter()
                .map(|field| &model.fields[*field])
                .filter(|field| field.arity == Arity::Optional)
                .map(|field| field.name())
                .collect();
            faults.push(
                Diagnostic::error(
                    "required_relation_optional_key",
                    format!(
                        "`{}` is required, but {} in its `fields` {} optional",
                        self.full_name(from),
                        listed(optional.iter().copied()),
                        if optional.len() == 1 { "is" } else { "are" }
                    ),
                )
                .at(field.node.name.span)
                .help(format!("make the relation optional: `{} {}?`", field.name(), target.name()))
                .help("or remove the `?` from the type of the key"),
            );
        }
        let chosen = |slot: &Option<(Option<ReferentialAction>, Span)>| slot.as_ref().and_then(|(action, _)| *action);
        for (argument, slot) in [("onDelete", &field.relation.on_delete), ("onUpdate", &field.relation.on_update)] {
            if let Some((Some(ReferentialAction::SetNull), span)) = slot
                && any_required
            {
                sound = false;
                faults.push(
                    Diagnostic::error(
                        "set_null_on_required",
                        format!("`{argument}: SetNull` of `{}` needs optional `fields`", self.full_name(from)),
                    )
                    .at(*span)
                    .help("choose another action, or make the fields of the key optional"),
                );
            }
        }
        let optional = field.arity == Arity::Optional && !any_required;
        let implied = if optional { ReferentialAction::SetNull } else { ReferentialAction::Restrict };
        let columns = model.columns(fields.iter().copied());
        sound.then(|| RelationDraft {
            name: self.relation_name(from),
            kind,
            from,
            to,
            on_delete: chosen(&field.relation.on_delete).unwrap_or(implied),
            on_update: chosen(&field.relation.on_update).unwrap_or(ReferentialAction::Cascade),
            db_name: format!("{}_{columns}_fkey", model.table),
            fields,
            references,
        })
    }

    /// Returns the relation's name, or the one that Prisma gives it.
    fn relation_name(&self, place: Place) -> String {
        match &self.field(place).relation.name {
            Some(name) => name.clone(),
            None => {
                let (one, two) = (self.models[place.0].name(), self.models[self.target(place)].name());
                if one <= two { format!("{one}To{two}") } else { format!("{two}To{one}") }
            }
        }
    }
}

/// Tells whether an id or a unique key has just these fields, in any order.
fn has_key_over(model: &ModelDraft<'_>, fields: &[usize]) -> bool {
    // Comparing lengths first keeps models with very many keys cheap.
    let mut wanted = fields.to_vec();
    wanted.sort_unstable();
    let keys = model.keys.primary.iter().chain(&model.keys.uniques);
    keys.filter(|key| key.fields.len() == fields.len()).any(|key| {
        let mut found: Vec<usize> = key.field_indexes().collect();
        found.sort_unstable();
        found == wanted
    })
}

/// Lists names in backquotes: `a`, `b` and `c`.
fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn lower_first(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map(|first| first.to_lowercase().chain(characters).collect()).unwrap_or_default()
}

fn upper_first(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}
