//! GitHub's GraphQL schema, and the requests that it allows.

use apollo_compiler::{
    ExecutableDocument, Node, Schema,
    executable::{Field, Operation, Selection, SelectionSet},
    request::coerce_variable_values,
    response::JsonMap,
    validation::Valid,
};
use serde_json::{Map, Value};

use super::inputs::Inputs;

/// The schema.
pub(super) struct GraphQl {
    pub(super) schema: Valid<Schema>,
}

/// A request that the schema allows.
pub(super) struct Request {
    pub(super) document: Valid<ExecutableDocument>,
    operation_name: Option<String>,
    /// As they are coerced, with defaults filled in.
    pub(super) variables: Map<String, Value>,
}

impl Request {
    pub(super) fn operation(&self) -> &Node<Operation> {
        self.document.operations.get(self.operation_name.as_deref()).expect("it was found when it was parsed")
    }
}

impl GraphQl {
    pub(super) fn parse(text: &str) -> Self {
        let schema = Schema::parse_and_validate(text, "schema.graphql").unwrap_or_else(|problems| {
            // GitHub publishes two fields of `EnterpriseOwnerInfo` twice; the first of each is kept.
            let is_harmless = |problem: String| problem.starts_with("duplicate definitions for the");
            let harmless = problems.errors.iter().all(|problem| is_harmless(problem.to_json().message));
            assert!(harmless, "GitHub's schema is not valid: {}", problems.errors);
            Valid::assume_valid(problems.partial)
        });
        Self { schema }
    }

    pub(super) fn check_request(&self, request: &[u8]) -> Result<(), String> {
        let request = self.parse_request(request)?;
        let operation = request.operation();
        self.check_variables(&request, operation)?;
        self.check_selections(&request, &operation.selection_set)?;
        request
            .document
            .fragments
            .values()
            .try_for_each(|fragment| self.check_selections(&request, &fragment.selection_set))
    }

    /// Reads and validates a request, but for what GitHub adds to the rules of GraphQL.
    pub(super) fn parse_request(&self, request: &[u8]) -> Result<Request, String> {
        let body: Value =
            serde_json::from_slice(request).map_err(|error| format!("the request is not JSON: {error}"))?;
        let Value::Object(body) = body else {
            return Err("the request is not an object".to_owned());
        };
        if let Some(unknown) = body.keys().find(|key| !["query", "variables", "operationName"].contains(&key.as_str()))
        {
            return Err(format!("a request has no `{unknown}`"));
        }
        let query = body.get("query").and_then(Value::as_str).ok_or("the request has no `query`")?;
        let document = ExecutableDocument::parse_and_validate(&self.schema, query, "query.graphql")
            .map_err(|problems| problems.errors.to_string())?;
        let operation_name = body.get("operationName").and_then(Value::as_str).map(str::to_owned);
        let operation = document
            .operations
            .get(operation_name.as_deref())
            .map_err(|error| format!("no operation to run: {}", error.message()))?;
        let variables = self.coerce(operation, body.get("variables"))?;
        Ok(Request { document, operation_name, variables })
    }

    fn coerce(&self, operation: &Operation, given: Option<&Value>) -> Result<Map<String, Value>, String> {
        let given = match given {
            None | Some(Value::Null) => Value::Object(Map::new()),
            Some(given) => given.clone(),
        };
        let given: JsonMap = serde_json::from_value(given).map_err(|error| format!("`variables`: {error}"))?;
        let is_declared = |name: &str| operation.variables.iter().any(|variable| variable.name == name);
        if let Some(unknown) = given.keys().find(|name| !is_declared(name.as_str())) {
            return Err(format!("the operation declares no variable `${}`", unknown.as_str()));
        }
        let coerced = coerce_variable_values(&self.schema, operation, &given)
            .map_err(|error| format!("the variables do not fit: {}", error.message()))?;
        match serde_json::to_value(&*coerced) {
            Ok(Value::Object(coerced)) => Ok(coerced),
            other => Err(format!("the variables are no object: {other:?}")),
        }
    }

    fn check_variables(&self, request: &Request, operation: &Operation) -> Result<(), String> {
        let inputs = Inputs { schema: &self.schema, variables: &request.variables };
        for variable in &operation.variables {
            if let Some(value) = request.variables.get(variable.name.as_str()) {
                inputs.check(&variable.ty, value).map_err(|why| format!("`${}`: {why}", variable.name))?;
            }
        }
        Ok(())
    }

    fn check_selections(&self, request: &Request, selections: &SelectionSet) -> Result<(), String> {
        selections.selections.iter().try_for_each(|selection| match selection {
            Selection::Field(field) => {
                self.check_field(request, field).map_err(|why| format!("`{}.{}`: {why}", selections.ty, field.name))?;
                self.check_selections(request, &field.selection_set)
            }
            Selection::InlineFragment(fragment) => self.check_selections(request, &fragment.selection_set),
            // Every fragment is visited once, by itself.
            Selection::FragmentSpread(_) => Ok(()),
        })
    }

    fn check_field(&self, request: &Request, field: &Field) -> Result<(), String> {
        if field.definition.directives.has("deprecated") {
            return Err("GitHub calls it deprecated".to_owned());
        }
        let inputs = Inputs { schema: &self.schema, variables: &request.variables };
        for argument in &field.arguments {
            let Some(described) = field.definition.argument_by_name(&argument.name) else {
                continue;
            };
            if described.directives.has("deprecated") {
                return Err(format!("GitHub calls its argument `{}` deprecated", argument.name));
            }
            inputs
                .check(&described.ty, &inputs.value(&argument.value))
                .map_err(|why| format!("`{}`: {why}", argument.name))?;
        }
        check_page_size(&inputs, field)
    }
}

/// GitHub refuses a connection without `first` or `last`, or with one that is not within 1-100
/// (docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api).
fn check_page_size(inputs: &Inputs<'_>, field: &Field) -> Result<(), String> {
    let is_connection = field.definition.ty.inner_named_type().ends_with("Connection");
    if !is_connection || field.definition.argument_by_name("first").is_none() {
        return Ok(());
    }
    let given: Vec<Value> = ["first", "last"]
        .iter()
        .filter_map(|name| field.specified_argument_by_name(name))
        .map(|value| inputs.value(value))
        .filter(|value| !value.is_null())
        .collect();
    match given.as_slice() {
        [] => Err("GitHub wants `first` or `last` with every connection".to_owned()),
        sizes if sizes.iter().all(|size| size.as_i64().is_some_and(|size| (1..=100).contains(&size))) => Ok(()),
        _ => Err("`first` and `last` must be within 1-100".to_owned()),
    }
}
