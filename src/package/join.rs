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
/// Of two parts with one model the first keeps it.
pub(super) fn join(sources: &Sources, core: Option<SourceId>, parts: &[Part], diagnostics: &mut Diagnostics) -> Joined {
    let parse = |chosen: &mut dyn Iterator<Item = &Part>| {
        let files: Vec<SourceId> = core.into_iter().chain(chosen.map(|part| part.source)).collect();
        Schema::parse(sources, &files)
    };
    // The usual case: everything fits together.
    let (together, together_findings) = parse(&mut parts.iter().filter(|part| part.joins));
    let fits = !together_findings.has_errors();

    // Else each part by itself with the core, so that one part's faults breed none in another.
    let mut joined = Joined { schema: Arc::default(), whole: Vec::new(), models: Vec::new() };
    let mut names = Vec::new();
    for part in parts {
        if fits && part.joins {
            joined.whole.push(true);
            joined.models.push(names_of(&together, part.source).into_iter().map(|(name, _)| name).collect());
            continue;
        }
        let (schema, findings) = parse(&mut std::iter::once(part));
        joined.whole.push(!findings.has_errors());
        joined.models.push(names_of(&schema, part.source).into_iter().map(|(name, _)| name).collect());
        diagnostics.extend(findings);
        if part.joins {
            names.push((joined.whole.len() - 1, names_of(&schema, part.source), enums_of(&schema, part.source)));
        }
    }
    if fits {
        diagnostics.extend(together_findings);
        joined.schema = Arc::new(together);
        return joined;
    }
    refuse_taken_names(sources, parts, &names, &mut joined.whole, diagnostics);

    // What is left can clash only in the names of tables, indexes and constraints.
    loop {
        let left = |index: usize| parts[index].joins && joined.whole[index];
        let (schema, findings) = parse(&mut (0..parts.len()).filter(|index| left(*index)).map(|index| &parts[index]));
        let clashes = findings.has_errors();
        let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
        let blamed: Vec<SourceId> = errors.filter_map(|finding| finding.span.map(|span| span.source)).collect();
        diagnostics.extend(findings);
        joined.schema = Arc::new(schema);
        let mut guilty: Vec<usize> =
            (0..parts.len()).filter(|index| left(*index) && blamed.contains(&parts[*index].source)).collect();
        if guilty.is_empty() {
            // A fault that points nowhere, or into the core, is laid at the last part's door.
            guilty.extend((0..parts.len()).rfind(|index| left(*index)));
        }
        if !clashes || guilty.is_empty() {
            return joined;
        }
        for index in guilty {
            joined.whole[index] = false;
        }
    }
}

/// A part's index, and the names of its models and enums.
type Names = (usize, Vec<(String, Span)>, Vec<(String, Span)>);

/// Refuses parts that declare what an earlier part has declared.
fn refuse_taken_names(
    sources: &Sources,
    parts: &[Part],
    names: &[Names],
    whole: &mut [bool],
    diagnostics: &mut Diagnostics,
) {
    let mut taken: BTreeMap<&str, (&str, Span)> = BTreeMap::new();
    for (index, models, enums) in names {
        let words = models.iter().map(|name| ("model", name)).chain(enums.iter().map(|name| ("enum", name)));
        for (word, (name, span)) in words {
            let id = parts[*index].id;
            let Some((owner, place)) = taken.get(&name[..]).filter(|(_, place)| place.source != span.source) else {
                taken.entry(name).or_insert((id, *span));
                continue;
            };
            let source = sources.get(place.source);
            let (line, column) = source.position(place.start);
            let message = format!("{word} `{name}` of package `{id}` belongs to package `{owner}` already");
            let fault = Diagnostic::error("duplicate_model", message).at(*span);
            let fault = fault.label("a model belongs to one package");
            let fault = fault.help(format!("`{owner}` declares it at {}:{line}:{column}", source.name));
            diagnostics.push(fault.help(format!("give it a name of its own, or use the operations of `{owner}`")));
            whole[*index] = false;
        }
    }
}

fn names_of(schema: &Schema, source: SourceId) -> Vec<(String, Span)> {
    let models = schema.models.iter().filter(|model| model.span.source == source);
    models.map(|model| (model.name.clone(), model.span)).collect()
}

fn enums_of(schema: &Schema, source: SourceId) -> Vec<(String, Span)> {
    let enums = schema.enums.iter().filter(|one| one.span.source == source);
    enums.map(|one| (one.name.clone(), one.span)).collect()
}
