//! Values that a GraphQL request brings along: in its text, and as variables.

use apollo_compiler::{
    Node, Schema,
    ast::{Type, Value as Literal},
    schema::ExtendedType,
};
use serde_json::{Map, Value};
use url::Url;

/// What the values of a request are checked against.
pub(super) struct Inputs<'a> {
    pub(super) schema: &'a Schema,
    pub(super) variables: &'a Map<String, Value>,
}

impl Inputs<'_> {
    /// The value of a literal. A variable that was not given is null.
    pub(super) fn value(&self, literal: &Node<Literal>) -> Value {
        match &**literal {
            Literal::Null => Value::Null,
            Literal::Variable(name) => self.variables.get(name.as_str()).cloned().unwrap_or_default(),
            Literal::Enum(name) => name.as_str().into(),
            Literal::String(text) => text.as_str().into(),
            Literal::Boolean(value) => (*value).into(),
            Literal::Int(number) => number.try_to_i32().map_or_else(|_| number.as_str().into(), Value::from),
            Literal::Float(number) => number.try_to_f64().map_or_else(|_| number.as_str().into(), Value::from),
            Literal::List(items) => items.iter().map(|item| self.value(item)).collect(),
            Literal::Object(fields) => {
                fields.iter().map(|(name, value)| (name.to_string(), self.value(value))).collect()
            }
        }
    }

    /// Refuses what GraphQL's own rules let pass: deprecated fields and enum values, scalars that are no such thing.
    pub(super) fn check(&self, of_type: &Type, value: &Value) -> Result<(), String> {
        if value.is_null() {
            return Ok(());
        }
        if let (true, Value::Array(items)) = (of_type.is_list(), value) {
            return items.iter().try_for_each(|item| self.check(of_type.item_type(), item));
        }
        match self.schema.types.get(of_type.inner_named_type()) {
            Some(ExtendedType::Enum(described)) => {
                let chosen = value.as_str().and_then(|name| described.values.get(name));
                match chosen {
                    Some(chosen) if chosen.directives.has("deprecated") => {
                        Err(format!("GitHub calls `{}` deprecated", chosen.value))
                    }
                    _ => Ok(()),
                }
            }
            Some(ExtendedType::InputObject(described)) => {
                for (name, value) in value.as_object().into_iter().flatten() {
                    let Some(field) = described.fields.get(name.as_str()) else {
                        continue;
                    };
                    if field.directives.has("deprecated") {
                        return Err(format!("GitHub calls `{name}` deprecated"));
                    }
                    self.check(&field.ty, value).map_err(|why| format!("`{name}`: {why}"))?;
                }
                Ok(())
            }
            _ => check_scalar(of_type.inner_named_type(), value),
        }
    }
}

/// Whether `value` is one of GitHub's own scalars, or one of GraphQL's.
pub(super) fn check_scalar(name: &str, value: &Value) -> Result<(), String> {
    let text = value.as_str();
    let fits = match name {
        "Int" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        "Float" => value.is_number(),
        "Boolean" => value.is_boolean(),
        "ID" | "String" => text.is_some(),
        "GitObjectID" => text.is_some_and(|text| text.len() == 40 && text.chars().all(|c| c.is_ascii_hexdigit())),
        "Base64String" => text.is_some_and(is_base64),
        "DateTime" | "PreciseDateTime" | "GitTimestamp" => text.is_some_and(is_date_time),
        "URI" => text.is_some_and(|text| Url::parse(text).is_ok()),
        _ => true,
    };
    if fits { Ok(()) } else { Err(format!("`{value}` is no `{name}`")) }
}

fn is_base64(text: &str) -> bool {
    let letters = text.trim_end_matches('=');
    text.len().is_multiple_of(4)
        && text.len() - letters.len() <= 2
        && letters.chars().all(|c| c.is_ascii_alphanumeric() || c == '+' || c == '/')
}

fn is_date_time(text: &str) -> bool {
    let schema = serde_json::json!({"format": "date-time"});
    jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .is_ok_and(|validator| validator.is_valid(&text.into()))
}
