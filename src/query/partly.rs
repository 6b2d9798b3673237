//! Arguments that are known in part: those of a call as a script's text says them.
//!
//! The rules are [`check`]'s own. What it says because of a value that is not known is left out again.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::query::Action;
use crate::query::check::check;
use crate::query::error::ArgError;
use crate::query::input::{Node, Raw, push_key};
use crate::schema::{ModelId, Schema};

/// A fault in arguments that are known in part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartlyFault {
    /// The fault.
    pub error: ArgError,
    /// Whether the call fails whatever the values are. A key whose value is not known may be left out: a nil erases it.
    pub certain: bool,
}

/// Checks arguments of which some values are not known ([`Scalar::Unknown`](crate::value::Scalar::Unknown)).
///
/// An object with the empty key has more keys, which are not known.
pub fn check_partly(schema: &Schema, model: ModelId, action: Action, args: &Node) -> Vec<PartlyFault> {
    let Err(errors) = check(schema, model, action, args) else { return Vec::new() };
    let mut gaps = Gaps::default();
    gaps.collect(args, &mut String::new());
    errors.0.into_iter().filter_map(|error| gaps.judge(error)).collect()
}

/// What is not known, by path.
#[derive(Default)]
struct Gaps {
    values: FxHashSet<String>,
    /// Objects that may have more keys, with those that are known.
    open: FxHashMap<String, Vec<String>>,
}

impl Gaps {
    fn collect(&mut self, node: &Node, path: &mut String) {
        let length = path.len();
        match node {
            Node::Value { raw: Raw::Unknown, .. } => {
                self.values.insert(path.clone());
            }
            Node::Value { raw: Raw::List(items), .. } => {
                for (index, _) in items.iter().enumerate().filter(|(_, raw)| **raw == Raw::Unknown) {
                    self.values.insert(format!("{path}[{index}]"));
                }
            }
            Node::Value { .. } | Node::Empty { .. } => {}
            Node::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    path.push_str(&format!("[{index}]"));
                    self.collect(item, path);
                    path.truncate(length);
                }
            }
            Node::Object { entries, .. } => {
                if entries.iter().any(|(key, _)| key.is_empty()) {
                    let keys = entries.iter().map(|(key, _)| child(path, key)).collect();
                    self.open.insert(path.clone(), keys);
                }
                for (key, node) in entries {
                    push_key(path, key);
                    self.collect(node, path);
                    path.truncate(length);
                }
            }
        }
    }

    fn judge(&self, error: ArgError) -> Option<PartlyFault> {
        let path = &error.path;
        let inside = |outer: &str| {
            outer.is_empty()
                || path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        // The empty key says that there are others, and is none itself.
        if self.open.keys().any(|open| child(open, "") == *path) {
            return None;
        }
        let gap_at_or_below = self
            .values
            .iter()
            .any(|gap| gap.strip_prefix(&path[..]).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '['])));
        if error.code.starts_with("unknown_") {
            let certain = !gap_at_or_below && !self.open.keys().any(|open| inside(open));
            return Some(PartlyFault { error, certain });
        }
        let of_open = |(open, keys): (&String, &Vec<String>)| {
            open == path
                || (error.code.starts_with("missing_")
                    && inside(open)
                    && !keys.contains(path)
                    && depth_below(open, path) == 1)
        };
        let of_what_is_inside =
            matches!(error.code, "empty_select" | "empty_where" | "empty_filter") && gap_at_or_below;
        if self.values.contains(path) || self.open.iter().any(of_open) || of_what_is_inside {
            return None;
        }
        // Whatever the values of other keys are, they make no unique key.
        let certain = (!gap_at_or_below || error.code == "not_unique") && !self.open.keys().any(|open| inside(open));
        Some(PartlyFault { error, certain })
    }
}

fn child(path: &str, key: &str) -> String {
    let mut child = path.to_owned();
    push_key(&mut child, key);
    child
}

/// Returns how many keys `path` lies below `outer`.
fn depth_below(outer: &str, path: &str) -> usize {
    let rest = path[outer.len()..].trim_start_matches('.');
    if rest.is_empty() { 0 } else { 1 + rest.matches('.').count() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::input::tree;
    use crate::value::{Args, ArgsFault, ArgsSink, Scalar};

    /// `data = { title = <unknown>, views = 'many', [<unknown>] = <unknown> }`.
    struct Sample;

    impl Args for Sample {
        fn feed(&self, sink: &mut dyn ArgsSink) -> Result<(), ArgsFault> {
            sink.begin_object(true)?;
            sink.key("data")?;
            sink.begin_object(true)?;
            sink.key("title")?;
            sink.scalar(Scalar::Unknown)?;
            sink.key("titel")?;
            sink.scalar(Scalar::Unknown)?;
            sink.key("views")?;
            sink.scalar(Scalar::Text(b"many"))?;
            sink.key("")?;
            sink.scalar(Scalar::Unknown)?;
            sink.end_object();
            sink.key("select")?;
            sink.scalar(Scalar::Unknown)?;
            sink.end_object();
            Ok(())
        }
    }

    #[test]
    fn what_is_not_known_is_not_faulted() {
        let schema = "model Post {\n  id Int @id\n  title String\n  views Int\n  body String\n}\n";
        let schema = Schema::parse_text("s.prisma", schema).expect("it is sound");
        let model = schema.model_named("Post").expect("it is there");
        let args = tree(&schema, model, &Sample).expect("a tree");
        let faults: Vec<(String, &str, bool)> = check_partly(&schema, model, Action::Create, &args)
            .into_iter()
            .map(|fault| (fault.error.path, fault.error.code, fault.certain))
            .collect();
        assert_eq!(
            faults,
            [("data.titel".to_owned(), "unknown_field", false), ("data.views".to_owned(), "wrong_type", false)]
        );
    }
}
