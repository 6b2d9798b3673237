//! Which level a caller needs for what, as metadata.json and components.json say.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::package::Package;

/// The levels that a package asks of its callers, from 0 for the public to 6.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Levels {
    /// `minLevel`: for anything at all.
    pub package: u8,
    /// By the name of an operation.
    pub operations: BTreeMap<String, u8>,
    /// By the script of a component, `ui/forum_page.lua`.
    pub components: BTreeMap<String, u8>,
}

impl Levels {
    /// Reads the levels of a package.
    ///
    /// A permission speaks of the operation or component that its key names (`forum_forge.lockThread`, `lockThread`, `ForumPage`), and
    /// of those in its `operations`. Where several speak of one, the highest level counts.
    pub fn of(package: &Package) -> Self {
        let mut levels = Self { package: package.min_level, ..Self::default() };
        for component in &package.components {
            if let Some(definition) = component.definition() {
                raise(&mut levels.components, &definition.script.path, component.min_level);
            }
        }
        let own = format!("{}.", package.id);
        for (key, permission) in package.permissions.as_object().into_iter().flatten() {
            levels.read(package, key.strip_prefix(&own).unwrap_or(key), permission);
        }
        levels
    }

    fn read(&mut self, package: &Package, key: &str, permission: &Json) {
        let level =
            permission.get("minLevel").unwrap_or(permission).as_u64().and_then(|level| u8::try_from(level).ok());
        let Some(level) = level else {
            // Some packages gather permissions by component.
            for (inner, permission) in permission.as_object().into_iter().flatten() {
                if permission.is_object() {
                    self.read(package, inner, permission);
                }
            }
            return;
        };
        if let Some(definition) = package.component(key).and_then(|component| component.definition()) {
            raise(&mut self.components, &definition.script.path, level);
        }
        let listed = permission.get("operations").and_then(Json::as_array).into_iter().flatten();
        for operation in listed.filter_map(Json::as_str).chain([key]) {
            let operation = operation.strip_prefix(&format!("{}.", package.id)).unwrap_or(operation);
            raise(&mut self.operations, operation, level);
        }
    }
}

fn raise(levels: &mut BTreeMap<String, u8>, name: &str, level: u8) {
    if level > 0 {
        let known = levels.entry(name.to_owned()).or_default();
        *known = level.max(*known);
    }
}
