//! The arguments of one attribute, bound to the names that the attribute knows.

use crate::diag::{Diagnostic, Span};
use crate::schema::Faults;
use crate::schema::ast::{Attribute, Expression, ExpressionKind};

/// Bound arguments. What does not fit was told when they were bound, and is left out.
pub(crate) struct Arguments<'a> {
    bound: Vec<(&'static str, &'a Expression)>,
}

/// What an attribute takes: the argument that may stand without its name, and the others.
pub(crate) struct Signature {
    /// As users write it: `@map`, `@@index`.
    pub(crate) name: &'static str,
    pub(crate) unnamed: Option<&'static str>,
    pub(crate) named: &'static [&'static str],
}

impl<'a> Arguments<'a> {
    /// Binds; `None` when the attribute could not even be read.
    pub(crate) fn bind(signature: &Signature, attribute: &'a Attribute, faults: &mut Faults) -> Option<Self> {
        if attribute.broken {
            return None;
        }
        let mut arguments = Arguments { bound: Vec::new() };
        for argument in &attribute.arguments {
            let known = signature.unnamed.iter().chain(signature.named).copied();
            let name = match (&argument.name, signature.unnamed) {
                (Some(name), _) => match known.clone().find(|known| *known == name.text) {
                    Some(known) => known,
                    None => {
                        faults.push(
                            Diagnostic::error(
                                "unknown_argument",
                                format!("`{}` has no argument `{}`", signature.name, name.text),
                            )
                            .at(name.span)
                            .label(expected_arguments(known.clone()))
                            .did_you_mean(&name.text, known),
                        );
                        continue;
                    }
                },
                (None, Some(unnamed)) if arguments.get(unnamed).is_none() => unnamed,
                (None, _) => {
                    faults.push(
                        Diagnostic::error("unknown_argument", format!("`{}` has an argument too many", signature.name))
                            .at(argument.span)
                            .label(expected_arguments(known)),
                    );
                    continue;
                }
            };
            let Some(value) = &argument.value else {
                faults.push(
                    Diagnostic::error(
                        "missing_value",
                        format!("argument `{name}` of `{}` has no value", signature.name),
                    )
                    .at(argument.span),
                );
                continue;
            };
            if arguments.get(name).is_some() {
                faults.push(
                    Diagnostic::error(
                        "duplicate_argument",
                        format!("argument `{name}` of `{}` is given twice", signature.name),
                    )
                    .at(argument.span)
                    .help("keep one of the two"),
                );
                continue;
            }
            arguments.bound.push((name, value));
        }
        Some(arguments)
    }

    /// Returns an argument's value.
    pub(crate) fn get(&self, name: &str) -> Option<&'a Expression> {
        self.bound.iter().find(|(bound, _)| *bound == name).map(|(_, value)| *value)
    }

    /// Returns a string argument, which must not be empty.
    pub(crate) fn string(&self, name: &str, faults: &mut Faults) -> Option<(&'a str, Span)> {
        let value = self.get(name)?;
        let ExpressionKind::String(text) = &value.kind else {
            faults.push(wrong_type(value, &format!("`{name}`"), "a string in quotes"));
            return None;
        };
        if text.is_empty() {
            faults.push(
                Diagnostic::error("empty_name", format!("`{name}` is an empty string"))
                    .at(value.span)
                    .label("expected a name"),
            );
            return None;
        }
        Some((text, value.span))
    }

    /// Reads `sort: Asc` or `sort: Desc`; true for `Desc`.
    pub(crate) fn descending(&self, faults: &mut Faults) -> bool {
        self.get("sort").is_some_and(|value| descending(value, faults))
    }

    /// Refuses what SQLite's indexes do not have.
    pub(crate) fn refuse(&self, names: &[&str], signature: &Signature, faults: &mut Faults) {
        for name in names {
            if let Some(value) = self.get(name) {
                faults.push(not_in_sqlite(name, signature.name, value.span));
            }
        }
    }
}

/// The fault of an argument that other databases have.
pub(crate) fn not_in_sqlite(argument: &str, attribute: &str, span: Span) -> Diagnostic {
    Diagnostic::error("unsupported_argument", format!("`{argument}` of `{attribute}` is not supported by SQLite"))
        .at(span)
        .help(format!("leave `{argument}` out"))
}

/// Reads a sort order; true for `Desc`.
pub(crate) fn descending(value: &Expression, faults: &mut Faults) -> bool {
    match &value.kind {
        ExpressionKind::Constant(word) if word == "Desc" => true,
        ExpressionKind::Constant(word) if word == "Asc" => false,
        _ => {
            faults.push(wrong_type(value, "`sort`", "`Asc` or `Desc`"));
            false
        }
    }
}

/// The fault of a value of another type.
pub(crate) fn wrong_type(value: &Expression, what: &str, wanted: &str) -> Diagnostic {
    Diagnostic::error("wrong_type", format!("{what} must be {wanted}, found {}", describe(value))).at(value.span)
}

/// Says what a value is, for a message.
pub(crate) fn describe(value: &Expression) -> String {
    match &value.kind {
        ExpressionKind::String(text) => format!("the string \"{}\"", short(text)),
        ExpressionKind::Number(number) => format!("the number {}", short(number)),
        ExpressionKind::Constant(word) => format!("`{}`", short(word)),
        ExpressionKind::Call(name, _) => format!("`{}()`", short(name)),
        ExpressionKind::List(_) => "a list".to_owned(),
    }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

fn expected_arguments<'a>(known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<String> = known.map(|name| format!("`{name}`")).collect();
    match known.as_slice() {
        [] => "no argument belongs here".to_owned(),
        [one] => format!("expected {one}"),
        [first @ .., last] => format!("expected {} or {last}", first.join(", ")),
    }
}
