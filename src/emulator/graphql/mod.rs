//! GitHub's GraphQL API: any query over the objects that are here gets just what it selects.
//!
//! Arguments that an object does not know are ignored, and a field is looked for only where a value is: whether a query
//! is valid at all is for a guard with GitHub's schema to say.

mod actors;
mod connection;
mod create_commit;
mod deployments;
mod execute;
mod git;
mod lexer;
mod pull_request;
mod repository;
mod root;
mod syntax;

use serde_json::{Map, Value, json};

use super::accounts::Account;
use super::answer::Answer;
use super::server::Context;
use super::traffic::IncomingRequest;
use execute::{Execution, variables};
use root::Root;
use syntax::{Document, Operation};

/// A request that can not be executed, as the answer will say it.
struct Invalid {
    message: String,
    extra: Map<String, Value>,
}

impl Invalid {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), extra: Map::new() }
    }

    #[must_use]
    fn with(mut self, name: &str, value: Value) -> Self {
        self.extra.insert(name.to_owned(), value);
        self
    }

    fn into_json(self) -> Value {
        let mut error = self.extra;
        error.insert("message".to_owned(), self.message.into());
        json!({"errors": [error]})
    }
}

/// Answers a request to `/api/graphql`.
pub(super) fn answer(context: &Context, request: &IncomingRequest) -> Answer {
    let authorization = request.header("authorization");
    let Some(account) = authorization.and_then(|header| context.accounts.by_bearer(header)) else {
        let message =
            if authorization.is_some() { "Bad credentials" } else { "This endpoint requires you to be authenticated." };
        return failed(401, message);
    };
    if request.method != "POST" {
        return failed(404, "Not Found");
    }
    let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
        return failed(400, "Problems parsing JSON");
    };
    Answer::json(200, &execute(context, &account, &body).unwrap_or_else(Invalid::into_json))
}

fn failed(status: u16, message: &str) -> Answer {
    let documentation = "https://docs.github.com/graphql";
    Answer::json(status, &json!({"message": message, "documentation_url": documentation, "status": status.to_string()}))
}

fn execute(context: &Context, account: &Account, body: &Value) -> Result<Value, Invalid> {
    let query = body["query"]
        .as_str()
        .ok_or_else(|| Invalid::new("A query attribute must be specified and must be a string."))?;
    let document = syntax::parse(query)?;
    let operation = chosen(&document, body["operationName"].as_str())?;
    let variables = variables(operation, body["variables"].as_object())?;
    let root = Root::new(context, account, operation.kind);
    Execution::new(&document, &variables).run(&root, &operation.selections)
}

fn chosen<'a>(document: &'a Document, name: Option<&str>) -> Result<&'a Operation, Invalid> {
    match (name, document.operations.as_slice()) {
        (Some(name), operations) => operations
            .iter()
            .find(|operation| operation.name.as_deref() == Some(name))
            .ok_or_else(|| Invalid::new(format!("No operation named \"{name}\""))),
        (None, [only]) => Ok(only),
        (None, _) => Err(Invalid::new("An operation name is required")),
    }
}
