//! The schemas of an OpenAPI 3.0 document as JSON Schemas.

use std::collections::BTreeSet;

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

/// Compiles one schema with all that it refers to, and with nothing else of the 13 MB around it.
pub(super) fn compile(document: &Value, schema: &Value) -> Validator {
    let mut wanted = Vec::new();
    let root = translate(schema, &mut wanted);
    let mut whole = json!({"allOf": [root]});
    let mut done = BTreeSet::new();
    while let Some(reference) = wanted.pop() {
        if done.insert(reference.clone()) {
            let translated = translate(resolve(document, &reference), &mut wanted);
            put(&mut whole, &reference, translated);
        }
    }
    jsonschema::options()
        // OpenAPI 3.0 is written in this draft's dialect: siblings of `$ref` do not count, `exclusiveMinimum` is a boolean.
        .with_draft(Draft::Draft4)
        .should_validate_formats(true)
        .build(&whole)
        .unwrap_or_else(|error| panic!("GitHub's schema does not compile: {error}"))
}

/// What is wrong with `instance`, in one line, or nothing.
pub(super) fn problems(validator: &Validator, instance: &Value) -> Result<(), String> {
    let found: Vec<String> = validator
        .iter_errors(instance)
        .take(MOST_PROBLEMS)
        .map(|error| {
            let message: String = error.to_string().chars().take(LONGEST_PROBLEM).collect();
            format!("`{}`: {message}", error.instance_path())
        })
        .collect();
    if found.is_empty() { Ok(()) } else { Err(found.join("; ")) }
}

/// The properties that an object of this schema may have; nothing when it may have any.
pub(super) fn known_properties(document: &Value, schema: &Value) -> Option<BTreeSet<String>> {
    let schema = follow(document, schema);
    if schema.get("additionalProperties").is_some_and(|allowed| *allowed != json!(false)) {
        return None;
    }
    let mut known = BTreeSet::new();
    let mut says_something = false;
    if let Some(Value::Object(properties)) = schema.get("properties") {
        says_something = true;
        known.extend(properties.keys().cloned());
    }
    for branch in BRANCHES.iter().filter_map(|keyword| schema.get(keyword)?.as_array()).flatten() {
        if follow(document, branch).get("type").is_none_or(|of_type| of_type == "object") {
            let Some(more) = known_properties(document, branch) else {
                continue;
            };
            says_something = true;
            known.extend(more);
        }
    }
    says_something.then_some(known)
}

/// `value`, or what it refers to.
pub(super) fn follow<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value.get("$ref").and_then(Value::as_str) {
        Some(reference) => follow(document, resolve(document, reference)),
        None => value,
    }
}

const BRANCHES: [&str; 3] = ["allOf", "anyOf", "oneOf"];
const MOST_PROBLEMS: usize = 5;
const LONGEST_PROBLEM: usize = 300;

fn resolve<'a>(document: &'a Value, reference: &str) -> &'a Value {
    let pointer = reference.trim_start_matches('#');
    document
        .pointer(pointer)
        .unwrap_or_else(|| panic!("GitHub's description refers to `{reference}` and does not have it"))
}

fn translate(schema: &Value, wanted: &mut Vec<String>) -> Value {
    let Value::Object(schema) = schema else {
        return schema.clone();
    };
    if let Some(Value::String(reference)) = schema.get("$ref") {
        wanted.push(reference.clone());
        return json!({"$ref": reference});
    }
    let mut translated = Map::new();
    for (keyword, value) in schema {
        let value = match (keyword.as_str(), value) {
            ("nullable" | "example" | "examples" | "description" | "default" | "title", _) => {
                continue;
            }
            ("items" | "not" | "additionalProperties", _) => translate(value, wanted),
            ("allOf" | "anyOf" | "oneOf", Value::Array(branches)) => {
                branches.iter().map(|branch| translate(branch, wanted)).collect()
            }
            ("properties", Value::Object(properties)) => {
                properties.iter().map(|(name, property)| (name.clone(), translate(property, wanted))).collect()
            }
            _ => value.clone(),
        };
        translated.insert(keyword.clone(), value);
    }
    if schema.get("nullable") == Some(&json!(true)) { or_null(translated) } else { Value::Object(translated) }
}

fn or_null(mut schema: Map<String, Value>) -> Value {
    let plain = ["enum", "allOf", "anyOf", "oneOf", "not"].iter().all(|keyword| !schema.contains_key(*keyword));
    match schema.get("type") {
        Some(Value::String(of_type)) if plain => {
            schema["type"] = json!([of_type, "null"]);
            Value::Object(schema)
        }
        _ => json!({"anyOf": [{"type": "null"}, schema]}),
    }
}

/// Puts a schema where `reference` (`#/a/b/c`) finds it.
fn put(whole: &mut Value, reference: &str, schema: Value) {
    let mut place = whole;
    for key in reference.trim_start_matches("#/").split('/') {
        place = &mut place[key];
    }
    *place = schema;
}

#[test]
fn a_nullable_schema_takes_null_and_still_refuses_the_rest() {
    let document =
        json!({"components": {"schemas": {"colour": {"type": "string", "enum": ["red"], "nullable": true}}}});
    let object = json!({
        "type": "object",
        "properties": {
            "colour": {"$ref": "#/components/schemas/colour"},
            "size": {"type": "integer", "nullable": true},
        },
    });
    let validator = compile(&document, &object);
    assert!(validator.is_valid(&json!({"colour": null, "size": null})));
    assert!(validator.is_valid(&json!({"colour": "red", "size": 1})));
    assert!(!validator.is_valid(&json!({"colour": "blue"})));
    assert!(!validator.is_valid(&json!({"size": "1"})));
}
