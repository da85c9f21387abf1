//! GitHub's OpenAPI document.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use jsonschema::Validator;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{
    route::{Parameters, Route},
    schema::{compile, follow, known_properties, problems},
};

/// The operations that GitHub describes.
pub(super) struct Rest {
    document: Value,
    routes: Vec<Route>,
    /// Compiled when first used: few of the thousand are.
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

struct Operation<'a> {
    name: String,
    definition: &'a Value,
    parameters: Parameters,
}

impl Rest {
    pub(super) fn parse(text: &str) -> Self {
        let mut document: Value = serde_json::from_str(text).expect("GitHub's description is JSON");
        allow_deleted_forks(&mut document);
        let routes = routes(&document);
        Self { document, routes, validators: Mutex::default() }
    }

    pub(super) fn check_request(&self, method: &str, path_and_query: &str, body: Option<&[u8]>) -> Result<(), String> {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        let operation = self.find(method, path)?;
        let context = |why: String| format!("`{method} {path_and_query}`: {why}");
        if operation.definition.get("deprecated") == Some(&json!(true)) {
            return Err(context("GitHub calls it deprecated".to_owned()));
        }
        self.check_path(&operation).map_err(context)?;
        self.check_query(&operation, query).map_err(context)?;
        self.check_body(&operation, body.filter(|body| !body.is_empty())).map_err(context)
    }

    pub(super) fn check_answer(
        &self,
        method: &str,
        path_and_query: &str,
        status: u16,
        body: &[u8],
    ) -> Result<(), String> {
        let path = path_and_query.split_once('?').map_or(path_and_query, |(path, _)| path);
        let operation = self.find(method, path)?;
        let context = |why: String| format!("{status} to `{method} {path_and_query}`: {why}");
        let Some(response) = operation.definition["responses"].get(status.to_string()) else {
            return self.check_undescribed(status, body).map_err(context);
        };
        let Some(described) = follow(&self.document, response).get("content") else {
            return if body.is_empty() { Ok(()) } else { Err(context("GitHub describes no body".to_owned())) };
        };
        let Some(schema) = described.pointer(JSON_SCHEMA) else {
            return Ok(());
        };
        let key = format!("{} {status}", operation.name);
        self.check_json(key, schema, &parse(body).map_err(context)?).map_err(context)
    }

    pub(super) fn check_event(&self, event: &str, payload: &Value) -> Result<(), String> {
        let action = payload["action"].as_str().map(|action| format!("-{action}")).unwrap_or_default();
        let key = format!("{event}{action}").replace('_', "-");
        let schema = self.document["x-webhooks"]
            .get(&key)
            .and_then(|described| described.pointer("/post/requestBody/content")?.pointer(JSON_SCHEMA))
            .ok_or_else(|| format!("GitHub describes no event `{key}`"))?;
        self.check_json(format!("event {key}"), schema, payload).map_err(|why| format!("event `{key}`: {why}"))
    }

    fn find(&self, method: &str, path: &str) -> Result<Operation<'_>, String> {
        let candidates: Vec<_> =
            self.routes.iter().filter_map(|route| Some((route, route.parameters(path)?))).collect();
        let methods: Vec<_> = candidates.iter().map(|(route, _)| route.method.clone()).collect();
        let (route, parameters) = candidates
            .into_iter()
            .filter(|(route, _)| route.method == method.to_uppercase())
            .max_by_key(|(route, _)| route.nearness())
            .ok_or_else(|| match methods.as_slice() {
                [] => format!("GitHub describes no `{path}`"),
                _ => format!("GitHub describes no `{method}` for `{path}`, only {}", methods.join(", ")),
            })?;
        let definition = &self.document["paths"][&route.template][route.method.to_lowercase()];
        Ok(Operation { name: format!("{} {}", route.method, route.template), definition, parameters })
    }

    fn check_path(&self, operation: &Operation<'_>) -> Result<(), String> {
        for (name, value) in &operation.parameters {
            let described = self
                .described(operation, "path")
                .find(|described| described["name"] == **name)
                .ok_or_else(|| format!("GitHub does not describe `{{{name}}}`"))?;
            self.check_parameter(operation, described, value)?;
        }
        Ok(())
    }

    fn check_query(&self, operation: &Operation<'_>, query: &str) -> Result<(), String> {
        let given: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        for (name, value) in &given {
            let described = self
                .described(operation, "query")
                .find(|described| described["name"] == **name)
                .ok_or_else(|| format!("it has no query parameter `{name}`"))?;
            self.check_parameter(operation, described, value)?;
        }
        let is_missing = |described: &&Value| {
            described["required"] == true && !given.iter().any(|(name, _)| described["name"] == **name)
        };
        match self.described(operation, "query").find(is_missing) {
            Some(missing) => {
                Err(format!("the query parameter `{}` is missing", missing["name"].as_str().unwrap_or_default()))
            }
            None => Ok(()),
        }
    }

    fn described<'a>(&'a self, operation: &Operation<'a>, place: &str) -> impl Iterator<Item = &'a Value> {
        parameters(&self.document, operation.definition).filter(move |described| described["in"] == place)
    }

    fn check_parameter(&self, operation: &Operation<'_>, described: &Value, value: &str) -> Result<(), String> {
        let name = described["name"].as_str().unwrap_or_default();
        if described["deprecated"] == true {
            return Err(format!("GitHub calls the parameter `{name}` deprecated"));
        }
        if let (Some(most), Ok(number)) = (most(described), value.parse::<u64>())
            && number > most
        {
            return Err(format!("`{name}` is {number}, and GitHub gives at most {most}"));
        }
        let place = described["in"].as_str().unwrap_or_default();
        let key = format!("{} {place} {name}", operation.name);
        let validator = self.validator(key, &described["schema"]);
        if readings(value).iter().any(|reading| validator.is_valid(reading)) {
            return Ok(());
        }
        problems(&validator, &json!(value)).map_err(|why| format!("`{name}` may not be `{value}`: {why}"))
    }

    fn check_body(&self, operation: &Operation<'_>, body: Option<&[u8]>) -> Result<(), String> {
        let described = operation.definition.get("requestBody").map(|described| follow(&self.document, described));
        let (described, body) = match (described, body) {
            (Some(described), Some(body)) => (described, body),
            (None, Some(_)) => return Err("it takes no body".to_owned()),
            (Some(described), None) if described["required"] == true => {
                return Err("it needs a body".to_owned());
            }
            (_, None) => return Ok(()),
        };
        let Some(schema) = described["content"].pointer(JSON_SCHEMA) else {
            return Ok(());
        };
        let body = parse(body)?;
        if let (Some(known), Value::Object(given)) = (known_properties(&self.document, schema), &body)
            && let Some(unknown) = given.keys().find(|name| !known.contains(*name))
        {
            return Err(format!("the body has no property `{unknown}`"));
        }
        self.check_json(format!("{} body", operation.name), schema, &body)
    }

    /// GitHub does not list every status with every operation. What is not listed is refused, unless it says what went wrong.
    fn check_undescribed(&self, status: u16, body: &[u8]) -> Result<(), String> {
        if status < 400 {
            return Err("GitHub does not describe this status".to_owned());
        }
        let schema = json!({"allOf": [{"$ref": "#/components/schemas/basic-error"}], "required": ["message"]});
        self.check_json("error".to_owned(), &schema, &parse(body)?)
    }

    fn check_json(&self, key: String, schema: &Value, instance: &Value) -> Result<(), String> {
        problems(&self.validator(key, schema), instance)
    }

    fn validator(&self, key: String, schema: &Value) -> Arc<Validator> {
        let mut validators = self.validators.lock().expect("no check panics while it holds the lock");
        validators.entry(key).or_insert_with(|| Arc::new(compile(&self.document, schema))).clone()
    }
}

const JSON_SCHEMA: &str = "/application~1json/schema";

/// The head of a pull request has no repository once its fork is deleted. GitHub answers so, and does not describe it.
fn allow_deleted_forks(document: &mut Value) {
    let schemas = document["components"]["schemas"].as_object_mut().expect("GitHub's description has schemas");
    for schema in schemas.values_mut() {
        for pull_request in ["", "/properties/pull_request"] {
            if let Some(repository) = schema.pointer_mut(&format!("{pull_request}/properties/head/properties/repo")) {
                *repository = json!({"allOf": [repository.take()], "nullable": true});
            }
        }
    }
    // Nor has a run for it.
    let repository = &mut schemas["workflow-run"]["properties"]["head_repository"];
    *repository = json!({"allOf": [repository.take()], "nullable": true});
}

fn routes(document: &Value) -> Vec<Route> {
    let paths = document["paths"].as_object().expect("GitHub's description has paths");
    let mut routes = Vec::new();
    for (template, operations) in paths {
        for (method, definition) in operations.as_object().into_iter().flatten() {
            let spans = |name: &str| {
                parameters(document, definition)
                    .any(|described| described["name"] == name && described["x-multi-segment"] == true)
            };
            routes.push(Route::new(method, template, spans));
        }
    }
    routes
}

fn parameters<'a>(document: &'a Value, definition: &'a Value) -> impl Iterator<Item = &'a Value> {
    let described = definition.get("parameters").and_then(Value::as_array);
    described.into_iter().flatten().map(|described| follow(document, described))
}

/// The highest value of a parameter. GitHub states it for `per_page` in prose only: "results per page (max 100)".
fn most(described: &Value) -> Option<u64> {
    let (_, after) = described["description"].as_str()?.split_once("(max ")?;
    after.split_once(')')?.0.parse().ok()
}

/// What a parameter's text can mean: the text, a number or a boolean, a list.
fn readings(value: &str) -> Vec<Value> {
    let literal =
        serde_json::from_str(value).ok().filter(|literal: &Value| literal.is_number() || literal.is_boolean());
    let list = value.split(',').map(Value::from).collect();
    [Some(json!(value)), literal, Some(list)].into_iter().flatten().collect()
}

fn parse(body: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(body).map_err(|error| format!("the body is not JSON: {error}"))
}
