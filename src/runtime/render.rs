//! Renders components: props checked, a script run, a tree of nodes back.

use serde_json::{Map, Value as Json};

use crate::diag::closest;
use crate::error::{Error, Result};
use crate::json::kind_of;
use crate::package::{Component, ComponentKind, Definition, PropType};
use crate::runtime::Runtime;

impl Runtime {
    /// Renders a component of a package with these props, an object, and returns its tree of nodes.
    ///
    /// A prop that is left out gets its default; one that is missing or does not fit is refused. What has no script is returned as it
    /// stands in components.json.
    ///
    /// ```
    /// use serde_json::json;
    ///
    /// let runtime = mbl::Runtime::builder().packages("packages").in_memory().build()?;
    /// let page = runtime.render("forum_forge", "ForumPage", &json!({ "tenantId": "default" }))?;
    /// assert_eq!(page["type"], "Container");
    /// # Ok::<(), mbl::Error>(())
    /// ```
    pub fn render(&self, package: &str, component: &str, props: &Json) -> Result<Json> {
        let generation = self.generation();
        let known = generation.known_package(package)?;
        let Some(found) = known.component(component) else {
            let components: Vec<String> = known.components.iter().map(|component| component.name.clone()).collect();
            let near = closest(component, components.iter().map(String::as_str)).map(str::to_owned);
            return Err(Error::UnknownComponent {
                package: package.to_owned(),
                component: component.to_owned(),
                near,
                components,
            });
        };
        match &found.kind {
            ComponentKind::Tree(tree) => Ok(tree.clone()),
            ComponentKind::Definition(definition) => {
                let props = given(found, definition, props)?;
                let (package, script, context) =
                    (package.to_owned(), definition.script.path.clone(), self.shared.context.clone());
                self.shared.run(move |world| {
                    world.enter(&context)?;
                    Ok(world.vm.render(&package, &script, &props, &context)?)
                })
            }
        }
    }
}

/// Fills in the defaults and names everything that is wrong with props.
fn given(component: &Component, definition: &Definition, props: &Json) -> Result<Json> {
    let refused = |faults: Vec<String>| Err(Error::Props { component: component.name.clone(), faults });
    let empty = Map::new();
    let props = match props {
        Json::Object(props) => props,
        Json::Null => &empty,
        other => return refused(vec![format!("props are an object, found {}", kind_of(other))]),
    };
    let (mut filled, mut faults) = (props.clone(), Vec::new());
    for prop in &definition.props {
        match props.get(&prop.name) {
            None | Some(Json::Null) => {
                filled.remove(&prop.name);
                match &prop.default {
                    Some(default) => drop(filled.insert(prop.name.clone(), default.clone())),
                    None if prop.required => {
                        faults.push(format!("`{}` is missing ({})", prop.name, wanted(prop.prop_type)))
                    }
                    None => {}
                }
            }
            Some(value) if !prop.prop_type.accepts(value) => {
                faults.push(format!("`{}` must be {}, found {}", prop.name, wanted(prop.prop_type), kind_of(value)));
            }
            Some(_) => {}
        }
    }
    for name in props.keys().filter(|name| !definition.props.iter().any(|prop| prop.name == **name)) {
        // A prop that nobody declares may still be read; a near miss is a slip.
        if let Some(near) = closest(name, definition.props.iter().map(|prop| prop.name.as_str())) {
            faults.push(format!("there is no prop `{}`; did you mean `{near}`?", name.escape_debug()));
        }
    }
    if faults.is_empty() { Ok(Json::Object(filled)) } else { refused(faults) }
}

fn wanted(prop_type: PropType) -> &'static str {
    match prop_type {
        PropType::String => "a string",
        PropType::Number => "a number",
        PropType::Integer => "an integer",
        PropType::Boolean => "true or false",
        PropType::Object => "an object",
        PropType::Array => "a list",
        PropType::Function => "the name of an operation, `package.operation`",
        PropType::Any => "a value",
    }
}
