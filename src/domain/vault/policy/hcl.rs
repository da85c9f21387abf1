//! From the text of a policy to its rules.

use hcl_edit::expr::{Expression, Object, ObjectKey};
use hcl_edit::structure::{Body, Structure};
use hcl_edit::{Span, parser};
use serde_json::{Map, Value};

use super::PolicyError;
use super::rules::{Rules, WrongRule};

/// Reads a policy that is written in HCL.
pub(super) fn read(text: &str) -> Result<Rules, PolicyError> {
    let body = parser::parse_body(text).map_err(|error| {
        let place = error.location();
        let message = format!("this is not HCL: {}", error.message());
        PolicyError { line: place.line(), column: place.column(), message }
    })?;
    let mut rules = Rules::default();
    for structure in &body {
        let at = structure.span().map_or(0, |span| span.start);
        let wrong = |message: String| at_offset(text, at, message);
        match structure {
            Structure::Attribute(attribute) if attribute.key.as_str() == "name" => {}
            Structure::Attribute(attribute) => return Err(wrong(unknown(attribute.key.as_str()))),
            Structure::Block(block) if block.ident.as_str() != "path" => {
                return Err(wrong(unknown(block.ident.as_str())));
            }
            Structure::Block(block) => {
                let [path] = block.labels.as_slice() else {
                    return Err(wrong("a path has one name: write it as `path \"secret/data/*\" { … }`".to_owned()));
                };
                let fields = fields(text, &block.body)?;
                rules.add(path.as_str(), &fields).map_err(|WrongRule(message)| wrong(message))?;
            }
        }
    }
    Ok(rules)
}

/// Reads a policy that is written in JSON.
pub(super) fn read_json(text: &str) -> Result<Rules, PolicyError> {
    let wrong = |message: String| PolicyError { line: 1, column: 1, message };
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let message = format!("this is not JSON: {error}");
        PolicyError { line: error.line().max(1), column: error.column().max(1), message }
    })?;
    let mut rules = Rules::default();
    for (key, value) in value.as_object().into_iter().flatten() {
        match (key.as_str(), value) {
            ("name", _) => {}
            ("path", Value::Object(paths)) => {
                for (path, fields) in paths {
                    let Value::Object(fields) = fields else {
                        return Err(wrong(format!("`{}` is not a map of what it allows", path.escape_debug())));
                    };
                    rules.add(path, fields).map_err(|WrongRule(message)| wrong(message))?;
                }
            }
            ("path", _) => return Err(wrong("`path` is not a map from paths to what they allow".to_owned())),
            _ => return Err(wrong(unknown(key))),
        }
    }
    Ok(rules)
}

fn unknown(key: &str) -> String {
    format!("a policy has no `{}`: use `path \"…\" {{ capabilities = [\"read\"] }}`", key.escape_debug())
}

/// The fields of a block. A block within it is a map, as HCL has it.
fn fields(text: &str, body: &Body) -> Result<Map<String, Value>, PolicyError> {
    let mut fields = Map::new();
    for structure in body {
        let at = structure.span().map_or(0, |span| span.start);
        let (key, value) = match structure {
            Structure::Attribute(attribute) => {
                let value = value(&attribute.value);
                let value = value.ok_or_else(|| at_offset(text, at, "this is not a plain value".to_owned()))?;
                (attribute.key.as_str(), value)
            }
            Structure::Block(block) if block.labels.is_empty() => {
                (block.ident.as_str(), Value::Object(self::fields(text, &block.body)?))
            }
            Structure::Block(_) => return Err(at_offset(text, at, "a block does not belong here".to_owned())),
        };
        if fields.insert(key.to_owned(), value).is_some() {
            return Err(at_offset(text, at, format!("`{key}` stands there twice")));
        }
    }
    Ok(fields)
}

/// A plain value; nothing for what would have to be worked out.
fn value(expression: &Expression) -> Option<Value> {
    match expression {
        Expression::Null(_) => Some(Value::Null),
        Expression::Bool(flag) => Some(Value::Bool(*flag.value())),
        Expression::String(text) => Some(Value::String(text.value().clone())),
        Expression::Number(number) => number.value().as_i64().map(Value::from),
        Expression::Array(items) => items.iter().map(value).collect::<Option<Vec<_>>>().map(Value::Array),
        Expression::Object(object) => map(object).map(Value::Object),
        _ => None,
    }
}

fn map(object: &Object) -> Option<Map<String, Value>> {
    let entry = |(key, entry): (&ObjectKey, &hcl_edit::expr::ObjectValue)| {
        let key = match key {
            ObjectKey::Ident(name) => name.as_str().to_owned(),
            ObjectKey::Expression(Expression::String(text)) => text.value().clone(),
            ObjectKey::Expression(_) => return None,
        };
        Some((key, value(entry.expr())?))
    };
    object.iter().map(entry).collect()
}

fn at_offset(text: &str, offset: usize, message: String) -> PolicyError {
    let before = text.get(..offset).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    PolicyError { line, column, message }
}
