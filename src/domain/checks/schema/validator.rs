//! Holds a value against a schema: what structural schemas use of JSON Schema, and the API server's strictness about fields.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use regex::Regex;
use serde_json::{Map, Value};

use super::SchemaError;
use super::index::{Dialect, Index, Located, OBJECT_META};
use super::keywords::{check_choice, check_count, check_number, check_text, check_type, check_unique};
use super::pattern::translate;
use super::words::{self, Step, quoted};

/// So deep may an object be; Kubernetes' own JSON reader stops at a depth like this, too.
const DEEPEST: usize = 128;
/// So many `$ref` may lead to each other before anything is looked at.
const LONGEST_CHAIN: usize = 32;
/// So many schemas may be held against the values of one object, whatever its size, ...
const LEAST_STEPS: usize = 100_000;
/// ... so many more for each of its values, ...
const STEPS_PER_VALUE: usize = 50;
/// ... and never more than these. A schema that refers to itself in several forms doubles them with each level.
const MOST_STEPS: usize = 2_000_000;

/// A schema, and the document that its `$ref` are relative to.
#[derive(Clone, Copy)]
struct Node<'a> {
    document: usize,
    schema: &'a Value,
}

/// What surrounds a schema.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Surroundings {
    /// It is the schema of a whole object: `apiVersion`, `kind` and `metadata` are there whether it names them or not.
    Object,
    /// It is the schema of a field or an item.
    Field,
    /// It is one of several in `allOf`, `anyOf`, `oneOf` or `not`, which narrow, and do not say what there is.
    Narrowing,
}

/// One walk through one object.
pub(super) struct Validator<'a, 'v> {
    index: &'a Index,
    patterns: &'a Mutex<HashMap<String, Regex>>,
    dialect: Dialect,
    shows_values: bool,
    steps: usize,
    most_steps: usize,
    path: Vec<Step<'v>>,
    found: Vec<String>,
}

impl<'a, 'v> Validator<'a, 'v> {
    pub(super) fn new(
        index: &'a Index,
        patterns: &'a Mutex<HashMap<String, Regex>>,
        dialect: Dialect,
        shows_values: bool,
    ) -> Self {
        Self {
            index,
            patterns,
            dialect,
            shows_values,
            steps: 0,
            most_steps: LEAST_STEPS,
            path: Vec::new(),
            found: Vec::new(),
        }
    }

    /// What is wrong with an object.
    pub(super) fn check(mut self, located: &Located, object: &'v Value) -> Result<Vec<String>, SchemaError> {
        let (document, schema) = self.index.follow(located.document, &format!("#{}", located.pointer))?;
        self.most_steps = MOST_STEPS.min(LEAST_STEPS + STEPS_PER_VALUE.saturating_mul(count(object)));
        self.walk(Node { document, schema }, object, Surroundings::Object, 0)?;
        // Metadata is looked at by its own schema and by the CRD's.
        self.found.dedup();
        Ok(self.found)
    }

    fn walk(&mut self, node: Node<'a>, value: &'v Value, around: Surroundings, hops: usize) -> Result<(), SchemaError> {
        self.steps += 1;
        if self.steps > self.most_steps {
            let file = self.index.documents[node.document].name.clone();
            return Err(SchemaError::TooCostly { file, most: self.most_steps });
        }
        let Some(schema) = node.schema.as_object() else {
            if *node.schema == Value::Bool(false) {
                self.refuse("is not allowed");
            }
            return Ok(());
        };
        if self.path.len() > DEEPEST {
            self.refuse("is nested too deeply");
            return Ok(());
        }
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            if hops > LONGEST_CHAIN {
                return Err(SchemaError::Endless { file: self.index.documents[node.document].name.clone() });
            }
            if self.dialect == Dialect::OpenApi && takes_numbers_and_texts(reference) {
                self.check_scalar(value);
                return Ok(());
            }
            let (document, schema) = self.index.follow(node.document, reference)?;
            self.walk(Node { document, schema }, value, around, hops + 1)?;
        }
        if value.is_null() && schema.get("nullable").is_some_and(|nullable| nullable == true) {
            return Ok(());
        }
        if let Err(expected) = check_type(schema, value) {
            self.refuse_value(&format!("expected {expected}, got {}", words::kind(value)), value);
            return Ok(());
        }
        self.check_value(node, schema, value)?;
        match value {
            Value::Object(map) => self.check_object(node, schema, map, around)?,
            Value::Array(items) => self.check_list(node, schema, items, around)?,
            _ => {}
        }
        self.check_combinations(node, schema, value, hops)
    }

    /// What has neither keys nor items to walk into.
    fn check_value(&mut self, node: Node<'a>, schema: &Map<String, Value>, value: &Value) -> Result<(), SchemaError> {
        if let Some(choices) = check_choice(schema, value) {
            let shown = if self.shows_values { quoted(value) } else { "value".to_owned() };
            self.refuse(&format!("unsupported {shown}: supported values: {choices}"));
        }
        let problems = match value {
            Value::Number(_) => check_number(schema, value),
            Value::String(text) => {
                if let Some(pattern) = schema.get("pattern").and_then(Value::as_str)
                    && !self.matches(node.document, pattern, text)?
                {
                    self.refuse_value(&format!("does not match the pattern `{pattern}`:"), value);
                }
                check_text(schema, text)
            }
            _ => Vec::new(),
        };
        self.refuse_all(&problems);
        Ok(())
    }

    fn check_object(
        &mut self,
        node: Node<'a>,
        schema: &'a Map<String, Value>,
        map: &'v Map<String, Value>,
        around: Surroundings,
    ) -> Result<(), SchemaError> {
        let is_embedded = is_true(schema, "x-kubernetes-embedded-resource");
        let is_whole = around == Surroundings::Object || is_embedded;
        let properties = schema.get("properties").and_then(Value::as_object);
        for (key, value) in map {
            let described = properties.and_then(|properties| properties.get(key));
            self.path.push(Step::Key(key));
            if is_whole && matches!(key.as_str(), "apiVersion" | "kind" | "metadata") {
                self.check_standard(node, key, described, value)?;
            } else if let Some(described) = described {
                if !self.may_be_null(schema, key, described, value) {
                    self.walk(Node { schema: described, ..node }, value, inside(around), 0)?;
                }
            } else {
                self.check_other(node, schema, key, value, around)?;
            }
            self.path.pop();
        }
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let of_embedded = ["apiVersion", "kind"].into_iter().filter(|_| is_embedded);
        for key in required.chain(of_embedded) {
            if !map.contains_key(key) {
                self.refuse(&format!("`{key}` is required"));
            }
        }
        let problems = check_count(schema, map.len(), ["minProperties", "maxProperties"], "keys");
        self.refuse_all(&problems);
        Ok(())
    }

    /// `apiVersion`, `kind` and `metadata`, which the API server knows without any schema.
    fn check_standard(
        &mut self,
        node: Node<'a>,
        key: &str,
        described: Option<&'a Value>,
        value: &'v Value,
    ) -> Result<(), SchemaError> {
        if key != "metadata" {
            if !value.is_string() {
                self.refuse_value(&format!("expected string, got {}", words::kind(value)), value);
            }
            return described
                .map_or(Ok(()), |schema| self.walk(Node { schema, ..node }, value, Surroundings::Field, 0));
        }
        if described.is_some_and(|schema| schema.get("$ref").is_some() || schema.get("allOf").is_some()) {
            return described
                .map_or(Ok(()), |schema| self.walk(Node { schema, ..node }, value, Surroundings::Field, 0));
        }
        let own = std::mem::replace(&mut self.dialect, Dialect::OpenApi);
        let schema = self.index.documents[OBJECT_META].value()?;
        let outcome = self.walk(Node { document: OBJECT_META, schema }, value, Surroundings::Field, 0);
        self.dialect = own;
        outcome?;
        described.map_or(Ok(()), |schema| self.walk(Node { schema, ..node }, value, Surroundings::Narrowing, 0))
    }

    /// A key that `properties` does not name.
    fn check_other(
        &mut self,
        node: Node<'a>,
        schema: &'a Map<String, Value>,
        key: &str,
        value: &'v Value,
        around: Surroundings,
    ) -> Result<(), SchemaError> {
        let keeps = is_true(schema, "x-kubernetes-preserve-unknown-fields");
        let properties = schema.get("properties").and_then(Value::as_object);
        match schema.get("additionalProperties") {
            Some(Value::Bool(false)) if keeps => Ok(()),
            Some(Value::Bool(true)) => Ok(()),
            Some(rest @ Value::Object(_)) => self.walk(Node { schema: rest, ..node }, value, inside(around), 0),
            None if keeps || around == Surroundings::Narrowing => Ok(()),
            // Such an object has no fields for a CRD; elsewhere it may hold anything.
            None if properties.is_none() && (self.dialect != Dialect::Crd || !schema.contains_key("type")) => Ok(()),
            _ => {
                let known = properties.and_then(|properties| words::nearest(key, properties.keys()));
                let advice = known.map_or_else(String::new, |known| format!(": did you mean `{known}`?"));
                self.refuse_key(key, &advice);
                Ok(())
            }
        }
    }

    /// Whether a null is as good as nothing.
    fn may_be_null(&self, schema: &Map<String, Value>, key: &str, described: &Value, value: &Value) -> bool {
        let is_required = || {
            let required = schema.get("required").and_then(Value::as_array);
            required.is_some_and(|required| required.iter().any(|required| required == key))
        };
        value.is_null()
            && match self.dialect {
                Dialect::OpenApi => !is_required(),
                Dialect::Crd => described.get("default").is_some(),
                Dialect::JsonSchema => false,
            }
    }

    fn check_list(
        &mut self,
        node: Node<'a>,
        schema: &'a Map<String, Value>,
        items: &'v [Value],
        around: Surroundings,
    ) -> Result<(), SchemaError> {
        let mut problems = check_count(schema, items.len(), ["minItems", "maxItems"], "items");
        // Kubernetes' own lists of that type are merged by their keys, but take the same key twice.
        if (self.dialect == Dialect::Crd || is_true(schema, "uniqueItems"))
            && let Some((at, identity)) = check_unique(schema, items)
        {
            let shown = if self.shows_values && !identity.is_empty() { format!(": {identity}") } else { String::new() };
            problems.push(format!("item {at} is there twice{shown}"));
        }
        self.refuse_all(&problems);
        if let Some(described) = schema.get("items") {
            for (at, item) in items.iter().enumerate() {
                self.path.push(Step::Index(at));
                self.walk(Node { schema: described, ..node }, item, inside(around), 0)?;
                self.path.pop();
            }
        }
        Ok(())
    }

    fn check_combinations(
        &mut self,
        node: Node<'a>,
        schema: &'a Map<String, Value>,
        value: &'v Value,
        hops: usize,
    ) -> Result<(), SchemaError> {
        for one in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            // OpenAPI 3 wraps a reference that has a description or a default beside it into this.
            let is_wrapped = self.dialect != Dialect::Crd && one.get("$ref").is_some();
            let around = if is_wrapped { Surroundings::Field } else { Surroundings::Narrowing };
            self.walk(Node { schema: one, ..node }, value, around, hops + 1)?;
        }
        for (key, rule) in [("anyOf", "at least one"), ("oneOf", "exactly one")] {
            let Some(all) = schema.get(key).and_then(Value::as_array) else { continue };
            let mut fits = 0;
            let mut nearest: Option<Vec<String>> = None;
            for one in all {
                let found = self.attempt(Node { schema: one, ..node }, value, hops)?;
                fits += usize::from(found.is_empty());
                if nearest.as_ref().is_none_or(|nearest| found.len() < nearest.len()) {
                    nearest = Some(found);
                }
            }
            if fits == 0 {
                let why = nearest.into_iter().flatten().next().unwrap_or_default();
                self.refuse(&format!("must be {rule} of {} forms ({key}), and is none: {why}", all.len()));
            } else if fits > 1 && key == "oneOf" {
                self.refuse(&format!("must be {rule} of {} forms ({key}), and is {fits} of them", all.len()));
            }
        }
        if let Some(refused) = schema.get("not")
            && self.attempt(Node { schema: refused, ..node }, value, hops)?.is_empty()
        {
            self.refuse("is what the schema forbids (not)");
        }
        Ok(())
    }

    /// What would be wrong if the value had to be this.
    fn attempt(&mut self, node: Node<'a>, value: &'v Value, hops: usize) -> Result<Vec<String>, SchemaError> {
        if hops > LONGEST_CHAIN {
            return Err(SchemaError::Endless { file: self.index.documents[node.document].name.clone() });
        }
        let before = std::mem::take(&mut self.found);
        let outcome = self.walk(node, value, Surroundings::Narrowing, hops + 1);
        let found = std::mem::replace(&mut self.found, before);
        outcome.map(|()| found)
    }

    /// Quantities and the like: the API server takes a number as well as a text.
    fn check_scalar(&mut self, value: &Value) {
        if !value.is_string() && !value.is_number() {
            self.refuse_value(&format!("expected number or string, got {}", words::kind(value)), value);
        }
    }

    fn matches(&self, document: usize, pattern: &str, text: &str) -> Result<bool, SchemaError> {
        let mut known = self.patterns.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(regex) = known.get(pattern) {
            return Ok(regex.is_match(text));
        }
        let regex = Regex::new(&translate(pattern)).map_err(|why| SchemaError::Pattern {
            file: self.index.documents[document].name.clone(),
            why: why.to_string(),
        })?;
        Ok(known.entry(pattern.to_owned()).or_insert(regex).is_match(text))
    }

    fn refuse_value(&mut self, problem: &str, value: &Value) {
        let is_one = !matches!(value, Value::Null | Value::Array(_) | Value::Object(_));
        if self.shows_values && is_one {
            self.refuse(&format!("{problem} {}", quoted(value)));
        } else {
            self.refuse(problem.trim_end_matches(':'));
        }
    }

    /// Refuses a key that was stepped into, in the object that it is in.
    fn refuse_key(&mut self, key: &str, advice: &str) {
        let within = words::path(&self.path[..self.path.len().saturating_sub(1)]);
        let colon = if within.is_empty() { "" } else { ": " };
        self.found.push(format!("{within}{colon}unknown field `{}`{advice}", words::path(&[Step::Key(key)])));
    }

    fn refuse_all(&mut self, problems: &[String]) {
        for problem in problems {
            self.refuse(problem);
        }
    }

    fn refuse(&mut self, problem: &str) {
        let path = words::path(&self.path);
        self.found.push(if path.is_empty() { problem.to_owned() } else { format!("{path}: {problem}") });
    }
}

/// How many values there are in a value, with itself.
fn count(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(count).sum::<usize>(),
        Value::Object(map) => 1 + map.values().map(count).sum::<usize>(),
        _ => 1,
    }
}

/// What surrounds the schema of something inside.
fn inside(around: Surroundings) -> Surroundings {
    if around == Surroundings::Narrowing { Surroundings::Narrowing } else { Surroundings::Field }
}

fn is_true(schema: &Map<String, Value>, key: &str) -> bool {
    schema.get(key).is_some_and(|value| value == true)
}

/// Whether a definition of Kubernetes' OpenAPI reads numbers although it says `string`.
fn takes_numbers_and_texts(reference: &str) -> bool {
    reference.ends_with(".api.resource.Quantity")
}
