//! Why a request is not done, in GitHub's words.

use serde_json::{Value, json};

use super::super::answer::Answer;

/// Why a request is not done.
pub(super) struct Refusal {
    status: u16,
    message: String,
    errors: Option<Value>,
}

impl Refusal {
    pub(super) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), errors: None }
    }

    pub(super) fn not_found() -> Self {
        Self::new(404, "Not Found")
    }

    pub(super) fn forbidden() -> Self {
        Self::new(403, "Resource not accessible by integration")
    }

    /// A field that has no value of its type, or none at all.
    pub(super) fn invalid(why: impl std::fmt::Display) -> Self {
        Self::new(422, format!("Invalid request.\n\n{why}"))
    }

    /// A value that the thing can not have.
    pub(super) fn validation(resource: &str, code: &str, field: &str, message: &str) -> Self {
        let error = json!({"resource": resource, "code": code, "field": field, "message": message});
        Self::new(422, "Validation Failed").with_error(error)
    }

    #[must_use]
    pub(super) fn with_error(self, error: Value) -> Self {
        Self { errors: Some(Value::Array(vec![error])), ..self }
    }

    pub(super) fn into_answer(self, documentation: &str) -> Answer {
        let mut body = json!({"message": self.message});
        if let Some(errors) = self.errors {
            body["errors"] = errors;
        }
        body["documentation_url"] = format!("https://docs.github.com/rest{documentation}").into();
        body["status"] = self.status.to_string().into();
        Answer::json(self.status, &body)
    }
}
