//! One schema from the core's and the packages' files.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diag::{Diagnostic, Diagnostics, Severity, SourceId, Sources, Span};
use crate::schema::Schema;

/// A package's schema file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    pub id: &'a str,
    pub source: SourceId,
    /// Whether it is to join; else it is only checked.
    pub joins: bool,
}

/// The schema that all whole parts make together.
#[derive(Debug)]
pub(super) struct Joined {
    pub schema: Arc<Schema>,
    /// For each part whether it is whole.
    pub whole: Vec<bool>,
    /// The names of each part's models, in the order of the text.
    pub models: Vec<Vec<String>>,
}

/// Joins the core schema and the packages' parts; a broken part is left out, and all its faults are named.
///
/// Of two parts with one model the first keeps it; the core keeps its own before all.
pub(super) fn join(sources: &Sources, core: Option<SourceId>, parts: &[Part], diagnostics: &mut Diagnostics) -> Joined {
    let together = |chosen: &dyn Fn(usize) -> bool| {
        let chosen = (0..parts.len()).filter(|index| chosen(*index)).map(|index| parts[index].source);
        Schema::parse(sources, &core.into_iter().chain(chosen).collect::<Vec<_>>())
    };
    // The usual case: everything fits together.
    let (schema, findings) = together(&|index| parts[index].joins);
    let fits = !findings.has_errors();
    let mut joined = Joined { schema: Arc::new(schema), whole: vec![true; parts.len()], models: Vec::new() };
    if fits {
        diagnostics.extend(findings);
    }

    // Else each part by itself with the core, so that one part's faults breed none in another.
    let core_names = match core {
        Some(core) if !fits => names_of(&Schema::parse(sources, &[core]).0, core),
        _ => Vec::new(),
    };
    let mut taken: BTreeMap<String, (Option<&str>, Name)> =
        core_names.into_iter().map(|name| (name.text.clone(), (None, name))).collect();
    let mut said = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        if fits && part.joins {
            joined.models.push(models_of(&joined.schema, part.source));
            continue;
        }
        let files: Vec<SourceId> = [part.source].into_iter().chain(core).collect();
        let (schema, findings) = Schema::parse(sources, &files);
        joined.models.push(models_of(&schema, part.source));
        let mut faults = Diagnostics::new();
        for name in names_of(&schema, part.source) {
            match taken.get(&name.text) {
                Some((owner, first)) if *owner != Some(part.id) => {
                    faults.push(taken_name(sources, part.id, &name, *owner, first));
                }
                _ if part.joins => {
                    taken.entry(name.text.clone()).or_insert((Some(part.id), name));
                }
                _ => {}
            }
        }
        // The core is right by itself: what seems wrong with it comes of this part, and has mostly been said above.
        let (in_core, in_part): (Vec<_>, Vec<_>) = findings
            .into_iter()
            .filter(|finding| !is_about_settings(finding) || finding.span.map(|span| span.source) != core)
            .partition(|finding| finding.span.is_some_and(|span| Some(span.source) == core));
        for finding in in_part {
            faults.push(finding);
        }
        if !faults.has_errors() {
            in_core.into_iter().for_each(|finding| faults.push(finding));
        }
        joined.whole[index] = !faults.has_errors();
        said.push((part.id, faults));
    }
    for (id, faults) in said {
        for fault in faults {
            diagnostics.push(explain_foreign_type(sources, id, fault, &taken));
        }
    }
    if fits {
        return joined;
    }

    // What is left can clash only in the names of tables, indexes and constraints.
    loop {
        let left = |index: usize| parts[index].joins && joined.whole[index];
        let (schema, findings) = together(&left);
        let mut blamed = Vec::new();
        let mut clashes = false;
        // Every part may have settings of its own; they have been looked at one by one.
        for finding in findings.into_iter().filter(|finding| !is_about_settings(finding)) {
            if finding.severity == Severity::Error {
                clashes = true;
                blamed.extend(finding.span.map(|span| span.source));
            }
            diagnostics.push(finding);
        }
        let mut guilty: Vec<usize> =
            (0..parts.len()).filter(|index| left(*index) && blamed.contains(&parts[*index].source)).collect();
        if guilty.is_empty() {
            // A fault that points nowhere, or into the core, is laid at the last part's door.
            guilty.extend((0..parts.len()).rfind(|index| left(*index)));
        }
        joined.schema = Arc::new(schema);
        if !clashes || guilty.is_empty() {
            return joined;
        }
        for index in guilty {
            joined.whole[index] = false;
        }
    }
}

/// The name of a model or an enum.
#[derive(Debug)]
struct Name {
    word: &'static str,
    text: String,
    span: Span,
}

/// Tells whether a finding says only that two files have datasource or generator blocks.
fn is_about_settings(finding: &Diagnostic) -> bool {
    matches!(finding.code, "second_datasource" | "duplicate_generator")
}

fn taken_name(sources: &Sources, id: &str, name: &Name, owner: Option<&str>, first: &Name) -> Diagnostic {
    let Name { word, text, span } = name;
    let Some(owner) = owner else {
        let message = format!("{word} `{text}` of package `{id}` belongs to the core already");
        let fault = Diagnostic::error("duplicate_model", message).at(*span).label("the runtime brings it");
        return fault.help(format!("remove it, or give it a name of its own; `db` has the core's `{text}`"));
    };
    let source = sources.get(first.span.source);
    let (line, column) = source.position(first.span.start);
    let message = format!("{word} `{text}` of package `{id}` belongs to package `{owner}` already");
    let fault = Diagnostic::error("duplicate_model", message).at(*span).label("a model belongs to one package");
    fault
        .help(format!("`{owner}` declares it at {}:{line}:{column}", source.name))
        .help(format!("give it a name of its own, or use the operations of `{owner}`"))
}

/// Says of an unknown type which package it belongs to, if it is another one's.
fn explain_foreign_type(
    sources: &Sources,
    id: &str,
    fault: Diagnostic,
    taken: &BTreeMap<String, (Option<&str>, Name)>,
) -> Diagnostic {
    let Some(span) = fault.span.filter(|_| fault.code == "unknown_type") else { return fault };
    let text = sources.text(span);
    match taken.get(text) {
        Some((Some(owner), _)) if *owner != id => {
            let help = "relations stay inside a package: keep the other record's id in a plain column";
            let message = format!("type `{text}` belongs to package `{owner}`");
            Diagnostic { message, help: vec![help.to_owned()], ..fault }.label("another package's model")
        }
        _ => fault,
    }
}

/// Returns the names of the models and enums that a file declares.
fn names_of(schema: &Schema, source: SourceId) -> Vec<Name> {
    let models = schema.models.iter().map(|model| Name { word: "model", text: model.name.clone(), span: model.span });
    let enums = schema.enums.iter().map(|one| Name { word: "enum", text: one.name.clone(), span: one.span });
    models.chain(enums).filter(|name| name.span.source == source).collect()
}

fn models_of(schema: &Schema, source: SourceId) -> Vec<String> {
    names_of(schema, source).into_iter().filter(|name| name.word == "model").map(|name| name.text).collect()
}
