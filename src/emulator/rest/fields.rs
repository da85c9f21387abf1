//! The JSON body of a request, field by field.

use serde_json::{Map, Value};

use super::refusal::Refusal;

/// What a request says.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    pub(super) fn read(body: &[u8]) -> Result<Self, Refusal> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(Refusal::new(400, "Body should be a JSON object")),
            Err(_) => Err(Refusal::new(400, "Problems parsing JSON")),
        }
    }

    /// A value as it is; null is none.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Refusal> {
        self.of_type(name, "a string", Value::as_str)
    }

    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        self.of_type(name, "a boolean", Value::as_bool)
    }

    pub(super) fn list(&self, name: &str) -> Result<Option<&Vec<Value>>, Refusal> {
        self.of_type(name, "an array", Value::as_array)
    }

    /// A string that has to be there; null is a wrong one.
    pub(super) fn required_text(&self, name: &str) -> Result<&str, Refusal> {
        match self.0.get(name) {
            Some(Value::Null) => Err(wrong_type(name, &Value::Null, "a string")),
            Some(_) => Ok(self.text(name)?.unwrap_or_default()),
            None => Err(Refusal::invalid(format_args!("\"{name}\" wasn't supplied."))),
        }
    }

    fn of_type<'a, T>(
        &'a self,
        name: &str,
        type_name: &str,
        read: fn(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, Refusal> {
        match self.value(name) {
            None => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| wrong_type(name, value, type_name)),
        }
    }
}

fn wrong_type(name: &str, value: &Value, type_name: &str) -> Refusal {
    Refusal::invalid(format_args!("For 'properties/{name}', {value} is not {type_name}."))
}
