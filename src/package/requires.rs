//! Which scripts need which: the graph of `require` with a literal name, as far as it can be read without running anything.

use std::collections::BTreeSet;

use crate::diag::SourceId;
use crate::package::{Package, PackageSet, STANDARD_MODULES, Script};

impl PackageSet {
    /// Returns the test files that need one of the `changed` scripts, by themselves or through others.
    ///
    /// A script whose `require` names no literal may need every script of its package.
    pub fn tests_of(&self, changed: &BTreeSet<SourceId>) -> BTreeSet<SourceId> {
        let scripts: Vec<(&Package, &Script)> = self
            .packages
            .iter()
            .flat_map(|package| package.scripts.iter().map(move |script| (package, script)))
            .collect();
        let needs: Vec<(SourceId, BTreeSet<SourceId>)> =
            scripts.iter().map(|(package, script)| (script.source, self.needs(package, script))).collect();
        let mut concerned = changed.clone();
        // Each round reaches who needs what the round before has reached.
        loop {
            let more: Vec<SourceId> = needs
                .iter()
                .filter(|(source, needs)| !concerned.contains(source) && !needs.is_disjoint(&concerned))
                .map(|(source, _)| *source)
                .collect();
            if more.is_empty() {
                break;
            }
            concerned.extend(more);
        }
        let tests = scripts.iter().filter(|(_, script)| script.is_test && concerned.contains(&script.source));
        tests.map(|(_, script)| script.source).collect()
    }

    /// Returns the scripts that a script requires.
    fn needs(&self, package: &Package, script: &Script) -> BTreeSet<SourceId> {
        let mut needs = BTreeSet::new();
        for name in required(&self.sources.get(script.source).text) {
            match name {
                Some(name) => self.resolve_into(package, script, name, &mut needs),
                None => needs.extend(package.scripts.iter().map(|script| script.source)),
            }
        }
        needs
    }

    /// Adds the scripts that a module's name means to a script: one script, or the whole face of a package.
    fn resolve_into(&self, package: &Package, script: &Script, name: &str, needs: &mut BTreeSet<SourceId>) {
        if STANDARD_MODULES.contains(&name) {
            return;
        }
        if let Ok(Some(found)) = package.resolve(name, Some(script)) {
            needs.insert(found.source);
            return;
        }
        if let Some(other) = self.package(name) {
            let of_face = |script: &&Script| {
                let inner = script.path.strip_prefix("db/");
                script.path == "init.lua" || inner.is_some_and(|inner| !inner.contains('/') && !script.is_test)
            };
            needs.extend(other.scripts.iter().filter(of_face).map(|script| script.source));
            return;
        }
        let (id, inner) = name.split_once(['.', '/']).unwrap_or((name, ""));
        let within = self.package(id).and_then(|other| other.resolve(inner, None).ok().flatten());
        let beside = || {
            let dependencies = package.dependencies.iter().filter_map(|dependency| self.package(&dependency.id));
            dependencies.filter_map(|other| other.resolve(name, None).ok().flatten()).next()
        };
        needs.extend(within.or_else(beside).map(|script| script.source));
    }
}

/// Returns the names that a script requires; None for one that is not a literal. What stands in comments counts as well.
fn required(text: &str) -> impl Iterator<Item = Option<&str>> {
    text.match_indices("require").filter_map(|(at, word)| {
        let is_name = |character: char| character.is_alphanumeric() || character == '_';
        let rest = &text[at + word.len()..];
        if text[..at].ends_with(is_name) || rest.starts_with(is_name) {
            return None;
        }
        // `require 'x'`, `require('x')`, `pcall(require, 'x')`.
        let rest = rest.trim_start();
        let rest = rest.strip_prefix(['(', ',']).unwrap_or(rest).trim_start();
        let quote = rest.chars().next().filter(|quote| matches!(quote, '\'' | '"'));
        Some(quote.and_then(|quote| rest[1..].split_once(quote)).map(|(name, _)| name))
    })
}

#[cfg(test)]
mod tests {
    use super::required;

    #[test]
    fn names_are_read_in_all_their_forms() {
        let text =
            "local a = require('a')\nlocal b = require \"b.c\"\npcall(require, 'd')\nrequire(e)\nM.requires('f')";
        assert_eq!(required(text).collect::<Vec<_>>(), [Some("a"), Some("b.c"), Some("d"), None]);
    }
}
