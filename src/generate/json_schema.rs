//! The JSON Schemas of metadata.json and components.json.

use serde_json::{Value as Json, json};

use crate::generate::Generated;
use crate::package::{Level, PropType, STANDARD_MODULES};

/// Returns the schemas, as editors take them: what the checker refuses, they refuse, as far as one document alone can tell.
pub fn json_schemas() -> Vec<Generated> {
    [("components.schema.json", components()), ("metadata.schema.json", metadata())]
        .into_iter()
        .map(|(name, schema)| Generated { name: name.to_owned(), text: format!("{schema:#}\n") })
        .collect()
}

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

fn metadata() -> Json {
    let text = |description: &str| json!({ "type": "string", "description": description });
    let dependencies = json!({
        "description": "packages that it needs: \"name\" or \"name@^1.2\"",
        "anyOf": [
            { "type": "array", "items": { "type": "string" } },
            { "type": "object", "additionalProperties": { "type": "string" } },
        ],
    });
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
                "pattern": "^[A-Za-z][A-Za-z0-9_-]*$",
                "not": { "enum": STANDARD_MODULES },
            },
            "name": text("the name that people read"),
            "version": {
                "description": "MAJOR.MINOR.PATCH",
                "type": "string",
                "pattern": "^(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?(\\+[0-9A-Za-z.-]+)?$",
            },
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
                "type": "object",
            },
            "minLevel": { "description": "the level that a caller needs at all", "type": "integer", "minimum": 0, "maximum": 6 },
            "exports": { "description": "what it shows to others", "type": ["object", "array"] },
            "primary": { "type": "boolean" },
            "tests": { "type": "object" },
            "schema": { "type": "object" },
            "bindings": { "type": "object" },
        },
    })
}

fn components() -> Json {
    let types: Vec<&str> = PropType::ALL.map(PropType::as_str).to_vec();
    let levels = format!("^({})$", Level::ALL.map(|level| any_case(level.as_str())).join("|"));
    json!({
        "$schema": DRAFT,
        "title": "components.json of a package",
        "anyOf": [
            { "$ref": "#/$defs/list" },
            { "type": "object", "required": ["components"], "properties": { "components": { "$ref": "#/$defs/list" } } },
            { "allOf": [{ "required": ["type"] }, { "$ref": "#/$defs/component" }] },
            { "type": "object", "not": { "anyOf": [{ "required": ["components"] }, { "required": ["type"] }] } },
        ],
        "$defs": {
            "list": { "type": "array", "items": { "$ref": "#/$defs/component" } },
            "component": {
                "type": "object",
                "anyOf": [{ "required": ["name"] }, { "required": ["id"] }],
                "properties": {
                    "name": { "type": "string" },
                    "id": { "type": "string" },
                    "description": { "type": "string" },
                },
                "if": { "required": ["script"], "not": { "required": ["layout"] } },
                "then": { "$ref": "#/$defs/definition" },
            },
            "definition": {
                "required": ["type", "script"],
                "properties": {
                    "type": { "description": "how large a part of a page it is", "type": "string", "pattern": levels },
                    "script": { "description": "a path below scripts/, such as ui/my_component.lua", "type": "string" },
                    "props": {
                        "anyOf": [
                            { "type": "object", "additionalProperties": { "$ref": "#/$defs/prop" } },
                            {
                                "type": "array",
                                "items": { "type": "object", "required": ["name"], "$ref": "#/$defs/longProp" },
                            },
                        ],
                    },
                },
            },
            "prop": { "anyOf": [{ "$ref": "#/$defs/propType" }, { "$ref": "#/$defs/longProp" }] },
            "propType": {
                "description": "a type; with `?` behind it the prop may be left out",
                "type": "string",
                "pattern": format!("^({})\\??$", types.join("|")),
            },
            "longProp": {
                "type": "object",
                "required": ["type"],
                "properties": {
                    "type": { "$ref": "#/$defs/propType" },
                    "required": { "type": "boolean" },
                    "description": { "type": "string" },
                },
            },
        },
    })
}

/// Returns a pattern for a word in letters of any case.
fn any_case(word: &str) -> String {
    word.chars().map(|letter| format!("[{}{letter}]", letter.to_ascii_uppercase())).collect()
}
