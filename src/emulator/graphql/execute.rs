//! Walks the selections of an operation over the objects.

use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::Invalid;
use super::syntax::{Document, Field, Fragment, Literal, Operation, Selection};

/// Something with fields.
pub(super) trait Object {
    /// What `__typename` says.
    fn type_name(&self) -> &str;

    /// Whether a fragment on this type or interface holds for the object.
    fn is(&self, type_name: &str) -> bool {
        type_name == self.type_name()
    }

    /// The value of a field.
    fn field(&self, name: &str, arguments: &Arguments) -> Result<Resolved, FieldError>;
}

/// What a field holds.
pub(super) enum Resolved {
    Value(Value),
    Object(Rc<dyn Object>),
    List(Vec<Resolved>),
}

impl Resolved {
    pub(super) fn value(value: impl Into<Value>) -> Self {
        Self::Value(value.into())
    }

    pub(super) fn object(object: impl Object + 'static) -> Self {
        Self::Object(Rc::new(object))
    }

    pub(super) fn null() -> Self {
        Self::Value(Value::Null)
    }
}

/// Why a field has no value.
pub(super) enum FieldError {
    /// The type has no such field: the whole request is refused.
    Unknown,
    /// The field becomes null, and the answer tells why beside its data.
    Failed {
        /// GitHub's word for it, such as `NOT_FOUND`.
        kind: &'static str,
        message: String,
    },
}

/// An argument that has to be there.
pub(super) fn required<'a>(arguments: &'a Arguments, name: &str) -> Result<&'a str, FieldError> {
    arguments.text(name).ok_or_else(|| missing(name))
}

/// Why a field can not do without an argument.
pub(super) fn missing(name: &str) -> FieldError {
    FieldError::Failed {
        kind: "missingRequiredArguments",
        message: format!("Field is missing required arguments: {name}"),
    }
}

/// Why there is no such thing.
pub(super) fn not_found(message: String) -> FieldError {
    FieldError::Failed { kind: "NOT_FOUND", message }
}

/// Why git did not do as it was told, which is nobody's fault who asks.
pub(super) fn broken(error: &git2::Error) -> FieldError {
    FieldError::Failed {
        kind: "INTERNAL",
        message: format!("Something went wrong while executing your query: {error}"),
    }
}

/// The arguments of a field, with the variables filled in.
#[derive(Default)]
pub(super) struct Arguments(Map<String, Value>);

impl Arguments {
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        self.0.get(name)?.as_i64()
    }

    /// A value as it is.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The strings of a list, or of a single value in place of one.
    pub(super) fn list(&self, name: &str) -> Option<Vec<&str>> {
        match self.0.get(name)? {
            Value::Array(values) => Some(values.iter().filter_map(Value::as_str).collect()),
            value => value.as_str().map(|value| vec![value]),
        }
    }

    /// Whether `orderBy` asks for the end first.
    pub(super) fn is_descending(&self) -> bool {
        self.0.get("orderBy").is_some_and(|order| order["direction"] == "DESC")
    }
}

/// The values of an operation's variables: those given, else the defaults.
pub(super) fn variables(
    operation: &Operation,
    given: Option<&Map<String, Value>>,
) -> Result<Map<String, Value>, Invalid> {
    let mut values = Map::new();
    for variable in &operation.variables {
        let given = given.and_then(|given| given.get(&variable.name));
        let default = || variable.default.as_ref().and_then(|default| filled_in(default, &Map::new()));
        let value = given.cloned().or_else(default);
        let type_name = &variable.type_name;
        if !fits(value.as_ref().unwrap_or(&Value::Null), type_name) {
            let message = format!("Variable ${} of type {type_name} was provided invalid value", variable.name);
            return Err(Invalid::new(message).with("extensions", json!({"value": value})));
        }
        values.extend(value.map(|value| (variable.name.clone(), value)));
    }
    Ok(values)
}

/// Whether a value is one of a type, as far as can be told without a schema.
fn fits(value: &Value, type_name: &str) -> bool {
    if value.is_null() {
        return !type_name.ends_with('!');
    }
    match type_name.trim_end_matches('!') {
        "Int" => value.is_i64(),
        "String" => value.is_string(),
        "ID" => value.is_string() || value.is_i64(),
        "Boolean" => value.is_boolean(),
        _ => true,
    }
}

/// What a literal stands for; a variable that was not given leaves nothing.
fn filled_in(literal: &Literal, variables: &Map<String, Value>) -> Option<Value> {
    Some(match literal {
        Literal::Value(value) => value.clone(),
        Literal::Variable(name) => variables.get(name)?.clone(),
        Literal::List(items) => items.iter().map(|item| filled_in(item, variables).unwrap_or_default()).collect(),
        Literal::Object(fields) => {
            let fields = fields.iter().filter_map(|(name, value)| Some((name.clone(), filled_in(value, variables)?)));
            Value::Object(fields.collect())
        }
    })
}

/// One operation while it is executed.
pub(super) struct Execution<'a> {
    document: &'a Document,
    variables: &'a Map<String, Value>,
    errors: Vec<Value>,
    path: Vec<Value>,
}

/// The fields of one key, and what is selected of them together.
struct Wanted<'a> {
    field: &'a Field,
    selections: Vec<&'a Selection>,
}

impl<'a> Execution<'a> {
    pub(super) fn new(document: &'a Document, variables: &'a Map<String, Value>) -> Self {
        Self { document, variables, errors: Vec::new(), path: Vec::new() }
    }

    /// The whole answer: the data, and the errors if there are any.
    pub(super) fn run(mut self, root: &dyn Object, selections: &'a [Selection]) -> Result<Value, Invalid> {
        let data = self.select(root, selections.iter().collect())?;
        let mut answer = json!({"data": data});
        if !self.errors.is_empty() {
            answer["errors"] = self.errors.into();
        }
        Ok(answer)
    }

    fn select(&mut self, object: &dyn Object, selections: Vec<&'a Selection>) -> Result<Value, Invalid> {
        let mut wanted = Vec::new();
        self.collect(object, selections, &mut wanted)?;
        let mut values = Map::new();
        for Wanted { field, selections } in wanted {
            self.path.push(field.key.as_str().into());
            let value = self.resolve(object, field, selections)?;
            self.path.pop();
            values.insert(field.key.clone(), value);
        }
        Ok(Value::Object(values))
    }

    /// Finds the fields that are wanted of an object, in fragments too, each key once.
    fn collect(
        &self,
        object: &dyn Object,
        selections: Vec<&'a Selection>,
        wanted: &mut Vec<Wanted<'a>>,
    ) -> Result<(), Invalid> {
        for selection in selections {
            let Fragment { condition, selections } = match selection {
                Selection::Field(field) => {
                    match wanted.iter_mut().find(|known| known.field.key == field.key) {
                        Some(known) => known.selections.extend(&field.selections),
                        None => wanted.push(Wanted { field, selections: field.selections.iter().collect() }),
                    }
                    continue;
                }
                Selection::Inline(fragment) => fragment,
                Selection::Spread(name) => {
                    let unknown = || Invalid::new(format!("Fragment {name} was used, but not defined"));
                    self.document.fragments.get(name).ok_or_else(unknown)?
                }
            };
            if condition.as_deref().is_none_or(|condition| object.is(condition)) {
                self.collect(object, selections.iter().collect(), wanted)?;
            }
        }
        Ok(())
    }

    fn resolve(
        &mut self,
        object: &dyn Object,
        field: &'a Field,
        selections: Vec<&'a Selection>,
    ) -> Result<Value, Invalid> {
        if field.name == "__typename" {
            return Ok(object.type_name().into());
        }
        let given = field.arguments.iter();
        let given = given.filter_map(|(name, literal)| Some((name.clone(), filled_in(literal, self.variables)?)));
        match object.field(&field.name, &Arguments(given.collect())) {
            Ok(resolved) => self.complete(resolved, field, selections),
            Err(FieldError::Unknown) => Err(undefined_field(object.type_name(), field)),
            Err(FieldError::Failed { kind, message }) => {
                let locations = json!([{"line": field.position.line, "column": field.position.column}]);
                let error =
                    json!({"type": kind, "path": self.path.clone(), "locations": locations, "message": message});
                self.errors.push(error);
                Ok(Value::Null)
            }
        }
    }

    fn complete(
        &mut self,
        resolved: Resolved,
        field: &'a Field,
        selections: Vec<&'a Selection>,
    ) -> Result<Value, Invalid> {
        match resolved {
            Resolved::Value(value) if value.is_null() || selections.is_empty() => Ok(value),
            Resolved::Value(_) => Err(Invalid::new(format!(
                "Selections can't be made on scalars (field '{}' returns a scalar)",
                field.name
            ))),
            Resolved::Object(object) if selections.is_empty() => {
                let name = object.type_name();
                Err(Invalid::new(format!(
                    "Field must have selections (field '{}' returns {name} but has no selections)",
                    field.name
                )))
            }
            Resolved::Object(object) => self.select(object.as_ref(), selections),
            Resolved::List(items) => {
                let mut values = Vec::new();
                for (index, item) in items.into_iter().enumerate() {
                    self.path.push(index.into());
                    values.push(self.complete(item, field, selections.clone())?);
                    self.path.pop();
                }
                Ok(Value::Array(values))
            }
        }
    }
}

fn undefined_field(type_name: &str, field: &Field) -> Invalid {
    Invalid::new(format!("Field '{}' doesn't exist on type '{type_name}'", field.name))
        .with("locations", json!([{"line": field.position.line, "column": field.position.column}]))
        .with("extensions", json!({"code": "undefinedField", "typeName": type_name, "fieldName": field.name}))
}
