//! The JSON Schemas of metadata.json and components.json.

use serde_json::{Value as Json, json};

use crate::generate::Generated;
use crate::package::{Level, NODE_TYPES, PropType, STANDARD_MODULES};

/// Returns the schemas, as editors take them: what the checker refuses, they refuse, as far as one document alone can tell.
pub fn json_schemas() -> Vec<Generated> {
    [("components.schema.json", components()), ("metadata.schema.json", metadata())]
        .into_iter()
        .map(|(name, schema)| Generated { name: name.to_owned(), text: format!("{schema:#}\n") })
        .collect()
}

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A number of a version; a letter or a digit of what follows it.
const NUMBER: &str = "(0|[1-9][0-9]*)";
const SUFFIX: &str = "[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*";

fn metadata() -> Json {
    let text = |description: &str| json!({ "type": "string", "description": description });
    let strings = || json!({ "type": "array", "items": { "type": "string" } });
    let version = format!("{NUMBER}\\.{NUMBER}\\.{NUMBER}(-{SUFFIX})?(\\+{SUFFIX})?");
    // Numbers that are left out, or `x`, stand for any.
    let some = format!("({NUMBER}\\.){{0,2}}(\\*|[xX])(\\.(\\*|[xX]))*|{NUMBER}(\\.{NUMBER})?|{version}");
    let bound = format!("([~^=]|[<>]=?)?\\s*({some})");
    let versions = format!("\\s*{bound}([\\s,]+{bound})*[\\s,]*");
    let id = "[A-Za-z][A-Za-z0-9_-]*";
    let reserved = format!("^({})(@|$)", STANDARD_MODULES.join("|"));
    let dependencies = json!({
        "description": "packages that it needs: \"name\" or \"name@^1.2\"",
        "anyOf": [
            {
                "type": "array",
                "items": { "type": "string", "pattern": format!("^{id}(@{versions})?$"), "not": { "pattern": reserved } },
            },
            {
                "type": "object",
                "propertyNames": { "pattern": format!("^{id}$"), "not": { "enum": STANDARD_MODULES } },
                "additionalProperties": { "type": "string", "pattern": format!("^{versions}$") },
            },
        ],
    });
    let level = json!({ "type": "integer", "minimum": 0, "maximum": 6 });
    json!({
        "$schema": DRAFT,
        "title": "metadata.json of a package",
        "type": "object",
        "required": ["packageId", "version"],
        "properties": {
            "$schema": { "type": "string" },
            "packageId": {
                "description": "letters, digits and `_`, a letter first; what `require` takes",
                "type": "string",
                "pattern": format!("^{id}$"),
                "not": { "enum": STANDARD_MODULES },
            },
            "name": text("the name that people read"),
            "version": { "description": "MAJOR.MINOR.PATCH", "type": "string", "pattern": format!("^{version}$") },
            "description": text("one sentence"),
            "author": text("who made it"),
            "category": text("what it is about"),
            "dependencies": dependencies.clone(),
            "devDependencies": dependencies,
            "capabilities": {
                "description": "what it asks the host for, such as db.raw",
                "type": "array",
                "items": { "type": "string" },
            },
            "permissions": {
                "description": "what callers of which level may do: { \"a.b\": { \"minLevel\": 1, \"description\": \"...\" } }",
                "$ref": "#/$defs/permissions",
            },
            "minLevel": {
                "description": "the level that a caller needs at all: 0 public, 1 user, 2 moderator, 3 admin, 4 god, 5 supergod, 6 the owner",
                "type": "integer",
                "minimum": 0,
                "maximum": 6,
            },
            "exports": {
                "description": "what it shows to others",
                "anyOf": [
                    strings(),
                    {
                        "type": "object",
                        "properties": { "components": strings(), "scripts": strings(), "pages": strings() },
                    },
                ],
            },
            "primary": { "type": "boolean" },
            "tests": { "type": "object" },
            "schema": { "type": "object" },
            "bindings": { "type": "object" },
        },
        "$defs": {
            // `minLevel` at any depth; everything else in them is the package's own.
            "permissions": {
                "type": "object",
                "properties": {
                    "minLevel": { "anyOf": [level, { "$ref": "#/$defs/permissions" }] },
                    "operations": { "if": { "type": "array" }, "then": strings() },
                },
                "additionalProperties": { "if": { "type": "object" }, "then": { "$ref": "#/$defs/permissions" } },
            },
        },
    })
}

fn components() -> Json {
    let types = PropType::ALL.map(PropType::as_str).join("|");
    let level = format!("^({})$", Level::ALL.map(|level| any_case(level.as_str())).join("|"));
    let nodes: Vec<String> = NODE_TYPES.iter().map(|name| any_case(name)).collect();
    let node_type = json!({ "type": "string", "pattern": format!("^({})$", nodes.join("|")) });
    let word = |pattern: &str| json!({ "required": ["type"], "properties": { "type": { "type": "string", "pattern": pattern } } });
    let default = |prop_type: PropType| {
        let fits = match prop_type {
            PropType::Function => json!({ "type": ["string", "null"], "pattern": "\\." }),
            PropType::Any => json!(true),
            other => json!({ "type": [other.as_str(), "null"] }),
        };
        json!({ "if": word(&format!("^{prop_type}\\??$")), "then": { "properties": { "default": fits } } })
    };
    json!({
        "$schema": DRAFT,
        "title": "components.json of a package",
        "$ref": "#/$defs/document",
        "$defs": {
            // A list, `{ "components": ... }`, one alone, or a map of names.
            "document": {
                "type": ["array", "object"],
                "items": { "$ref": "#/$defs/nameless" },
                "if": { "required": ["components"] },
                "then": { "properties": { "components": { "$ref": "#/$defs/document" } } },
                "else": {
                    "if": { "type": "object", "required": ["type"], "properties": { "type": { "type": "string" } } },
                    "then": { "$ref": "#/$defs/nameless" },
                    "else": { "additionalProperties": { "$ref": "#/$defs/component" } },
                },
            },
            "nameless": {
                "if": { "required": ["name"] },
                "else": { "required": ["id"], "properties": { "id": { "type": "string" } } },
                "$ref": "#/$defs/component",
            },
            "component": {
                "type": "object",
                "properties": {
                    "name": { "type": "string" },
                    "description": { "type": "string" },
                    "minLevel": { "type": "integer", "minimum": 0, "maximum": 6 },
                },
                "if": { "required": ["layout"] },
                "then": { "properties": { "layout": { "$ref": "#/$defs/node" } } },
                "else": {
                    "if": { "$ref": "#/$defs/isDefinition" },
                    "then": { "$ref": "#/$defs/definition" },
                    "else": { "$ref": "#/$defs/node" },
                },
            },
            // What names a script is one, and what has a name and no id, unless it looks like a node.
            "isDefinition": {
                "anyOf": [
                    { "required": ["script"] },
                    {
                        "not": {
                            "anyOf": [
                                { "required": ["children"] },
                                { "required": ["type"], "properties": { "type": node_type } },
                            ],
                        },
                        "anyOf": [word(&level), { "not": { "required": ["id"] } }],
                    },
                ],
            },
            "definition": {
                "required": ["type", "script"],
                "properties": {
                    "type": { "description": "how large a part of a page it is", "type": "string", "pattern": level },
                    "script": {
                        "description": "a path below scripts/, such as ui/my_component.lua",
                        "type": "string",
                        "pattern": "^(?!/)(?!(.*/)?\\.\\.(/|$))[^\\\\:\\u0000]*$",
                    },
                    "props": {
                        "if": { "type": "array" },
                        "then": {
                            "items": {
                                "type": "object",
                                "required": ["name"],
                                "properties": { "name": { "type": "string" } },
                                "$ref": "#/$defs/longProp",
                            },
                        },
                        "else": {
                            "type": "object",
                            "additionalProperties": {
                                "if": { "type": "string" },
                                "then": { "$ref": "#/$defs/propType" },
                                "else": { "$ref": "#/$defs/longProp" },
                            },
                        },
                    },
                },
            },
            "propType": {
                "description": "a type; with `?` behind it the prop may be left out",
                "type": "string",
                "pattern": format!("^({types})\\??$"),
            },
            "longProp": {
                "type": "object",
                "required": ["type"],
                "properties": {
                    "type": { "$ref": "#/$defs/propType" },
                    "required": { "type": "boolean" },
                    "description": { "type": "string" },
                },
                "allOf": PropType::ALL.map(default),
            },
            "node": {
                "type": "object",
                "required": ["type"],
                "properties": {
                    "type": { "description": "a node type such as Stack, or the name of a component", "type": "string" },
                    "props": { "type": "object" },
                    "children": {
                        "if": { "type": "array" },
                        "then": {
                            "items": { "if": { "type": ["object", "array"] }, "then": { "$ref": "#/$defs/node" } },
                        },
                        "else": { "if": { "type": "object" }, "then": { "$ref": "#/$defs/node" } },
                    },
                },
            },
        },
    })
}

/// Returns a pattern for a word in letters of any case.
fn any_case(word: &str) -> String {
    word.chars().map(|letter| format!("[{}{}]", letter.to_ascii_uppercase(), letter.to_ascii_lowercase())).collect()
}
