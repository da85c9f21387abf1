//! Whether a GraphQL answer is one that the schema allows for its request.

use apollo_compiler::{
    Name, Node,
    ast::Type,
    executable::{DirectiveList, Field, Selection, SelectionSet},
    schema::ExtendedType,
};
use serde_json::{Map, Value};

use super::{
    graphql::{GraphQl, Request},
    inputs::{Inputs, check_scalar},
};

impl GraphQl {
    pub(super) fn check_answer(&self, request: &[u8], answer: &[u8]) -> Result<(), String> {
        let request = self.parse_request(request)?;
        let answer: Value =
            serde_json::from_slice(answer).map_err(|error| format!("the answer is not JSON: {error}"))?;
        let Value::Object(answer) = answer else {
            return Err("the answer is not an object".to_owned());
        };
        if let Some(unknown) = answer.keys().find(|key| !["data", "errors", "extensions"].contains(&key.as_str())) {
            return Err(format!("an answer has no `{unknown}`"));
        }
        let has_errors = match answer.get("errors") {
            None => false,
            Some(errors) => check_errors(errors)?,
        };
        let reader = Reader { graphql: self, request: &request, has_errors };
        match answer.get("data") {
            None | Some(Value::Null) if has_errors => Ok(()),
            Some(Value::Object(data)) => {
                let operation = request.operation();
                reader.check_object(&[&operation.selection_set], operation.object_type(), data)
            }
            _ => Err("the answer has neither `data` nor `errors`".to_owned()),
        }
    }
}

fn check_errors(errors: &Value) -> Result<bool, String> {
    match errors.as_array() {
        Some(errors) if !errors.is_empty() && errors.iter().all(|error| error["message"].is_string()) => Ok(true),
        _ => Err("`errors` is not a list of errors with a `message` each".to_owned()),
    }
}

struct Reader<'a> {
    graphql: &'a GraphQl,
    request: &'a Request,
    /// Then what may not be null may be, because it could not be had.
    has_errors: bool,
}

/// A key of an answer, and the fields that fill it: GraphQL merges those of one key.
struct Expected<'a> {
    key: &'a str,
    fields: Vec<&'a Node<Field>>,
    /// It depends on the object's type, which the request did not ask for.
    perhaps: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Applies {
    Yes,
    Perhaps,
    No,
}

impl<'a> Reader<'a> {
    fn check_object(
        &self,
        selections: &[&'a SelectionSet],
        declared: &str,
        object: &Map<String, Value>,
    ) -> Result<(), String> {
        let concrete = self.concrete_type(declared, object)?;
        let mut expected = Vec::new();
        for selection in selections {
            self.collect(selection, declared, concrete, false, &mut expected);
        }
        if let Some(unasked) = object.keys().find(|key| !expected.iter().any(|expected| expected.key == *key)) {
            return Err(format!("`{unasked}` was not asked for"));
        }
        for Expected { key, fields, perhaps } in &expected {
            match object.get(*key) {
                Some(value) => {
                    self.check_value(fields, fields[0].ty(), value).map_err(|why| format!("{key}: {why}"))?;
                }
                None if *perhaps => {}
                None => return Err(format!("`{key}` was asked for and is missing")),
            }
        }
        Ok(())
    }

    fn check_value(&self, fields: &[&'a Node<Field>], of_type: &Type, value: &Value) -> Result<(), String> {
        if value.is_null() {
            let allowed = self.has_errors || !of_type.is_non_null();
            return if allowed { Ok(()) } else { Err(format!("it is null, and it is a `{of_type}`")) };
        }
        if of_type.is_list() {
            let Value::Array(items) = value else {
                return Err(format!("it is a `{of_type}`, and here no list"));
            };
            return items.iter().enumerate().try_for_each(|(index, item)| {
                self.check_value(fields, of_type.item_type(), item).map_err(|why| format!("{index}: {why}"))
            });
        }
        self.check_named(fields, of_type.inner_named_type(), value)
    }

    fn check_named(&self, fields: &[&'a Node<Field>], name: &str, value: &Value) -> Result<(), String> {
        match self.graphql.schema.types.get(name) {
            Some(ExtendedType::Scalar(_)) => check_scalar(name, value),
            Some(ExtendedType::Enum(described)) => match value.as_str() {
                Some(value) if described.values.contains_key(value) => Ok(()),
                _ => Err(format!("`{value}` is no `{name}`")),
            },
            _ => {
                let Value::Object(object) = value else {
                    return Err(format!("it is a `{name}`, and here no object"));
                };
                let selections: Vec<_> = fields.iter().map(|field| &field.selection_set).collect();
                self.check_object(&selections, name, object)
            }
        }
    }

    /// The type that an object says it is, or the only one that it can be.
    fn concrete_type<'o>(&self, declared: &'o str, object: &'o Map<String, Value>) -> Result<Option<&'o str>, String> {
        let schema = &self.graphql.schema;
        let said = object.get("__typename").and_then(Value::as_str);
        match said {
            Some(said) if said == declared || schema.is_subtype(declared, said) => Ok(Some(said)),
            Some(said) => Err(format!("`{said}` is no `{declared}`")),
            None => Ok(schema.get_object(declared).map(|_| declared)),
        }
    }

    fn collect(
        &self,
        selections: &'a SelectionSet,
        declared: &str,
        concrete: Option<&str>,
        perhaps: bool,
        into: &mut Vec<Expected<'a>>,
    ) {
        for selection in &selections.selections {
            if self.is_left_out(selection.directives()) {
                continue;
            }
            let (condition, inner) = match selection {
                Selection::Field(field) => {
                    add(into, field, perhaps);
                    continue;
                }
                Selection::InlineFragment(fragment) => (fragment.type_condition.as_ref(), &fragment.selection_set),
                Selection::FragmentSpread(spread) => {
                    let Some(fragment) = self.request.document.fragments.get(&spread.fragment_name) else {
                        continue;
                    };
                    (Some(fragment.type_condition()), &fragment.selection_set)
                }
            };
            match self.applies(condition.map(Name::as_str), declared, concrete) {
                Applies::No => {}
                applies => self.collect(inner, declared, concrete, perhaps || applies == Applies::Perhaps, into),
            }
        }
    }

    fn applies(&self, condition: Option<&str>, declared: &str, concrete: Option<&str>) -> Applies {
        let is_one = |name, condition| name == condition || self.graphql.schema.is_subtype(condition, name);
        match (condition, concrete) {
            (None, _) => Applies::Yes,
            (Some(condition), Some(concrete)) if is_one(concrete, condition) => Applies::Yes,
            (Some(_), Some(_)) => Applies::No,
            (Some(condition), None) if is_one(declared, condition) => Applies::Yes,
            (Some(_), None) => Applies::Perhaps,
        }
    }

    /// By `@skip` or `@include`.
    fn is_left_out(&self, directives: &DirectiveList) -> bool {
        let inputs = Inputs { schema: &self.graphql.schema, variables: &self.request.variables };
        let says = |name, unless| {
            let condition = directives.get(name).and_then(|directive| directive.specified_argument_by_name("if"));
            condition.is_some_and(|condition| inputs.value(condition) == unless)
        };
        says("skip", true) || says("include", false)
    }
}

fn add<'a>(into: &mut Vec<Expected<'a>>, field: &'a Node<Field>, perhaps: bool) {
    let key = field.response_key().as_str();
    match into.iter_mut().find(|expected| expected.key == key) {
        Some(expected) => {
            expected.fields.push(field);
            expected.perhaps &= perhaps;
        }
        None => into.push(Expected { key, fields: vec![field], perhaps }),
    }
}
