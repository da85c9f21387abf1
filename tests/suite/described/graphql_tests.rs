//! What the GraphQL half lets pass, and what it refuses.

use serde_json::{Value, json};

use super::GITHUB;

const COMMIT: &str = "5f2c9d1e0b7a4c3d8e6f1a2b3c4d5e6f7a8b9c0d";

const COMMENTS: &str = "
    query Comments($owner: String!, $name: String!, $number: Int!, $after: String) {
      repository(owner: $owner, name: $name) {
        request: pullRequest(number: $number) {
          state
          comments(first: 100, after: $after) {
            pageInfo { hasNextPage endCursor }
            nodes { id viewerDidAuthor author { __typename ...Named } }
          }
        }
      }
    }
    fragment Named on Actor { login ... on User { name } }";

const COMMIT_MUTATION: &str = "
    mutation($input: CreateCommitOnBranchInput!) {
      createCommitOnBranch(input: $input) { commit { oid } }
    }";

fn request(query: &str, variables: &Value) -> Vec<u8> {
    json!({"query": query, "variables": variables}).to_string().into_bytes()
}

fn refuses(query: &str, variables: &Value, because: &str) {
    let why = GITHUB.check_graphql(&request(query, variables)).expect_err(&format!("{query} is let through"));
    assert!(why.contains(because), "{query} is refused because of {why}, and not because of {because}");
}

fn comments_variables() -> Value {
    json!({"owner": "acme", "name": "wildside", "number": 123})
}

fn commit_input() -> Value {
    json!({"input": {
        "branch": {"repositoryNameWithOwner": "acme/apps", "branchName": "main"},
        "expectedHeadOid": COMMIT,
        "message": {"headline": "preview(wildside): put up pr-123"},
        "fileChanges": {
            "additions": [{"path": "overlays/ephemeral/kustomization.yaml", "contents": "aGVsbG8="}],
            "deletions": [{"path": "overlays/ephemeral/pr-1/kustomization.yaml"}],
        },
    }})
}

#[test]
fn requests_that_the_schema_allows_pass() {
    GITHUB.check_graphql(&request(COMMENTS, &comments_variables())).unwrap();
    GITHUB.check_graphql(&request(COMMIT_MUTATION, &commit_input())).unwrap();
    GITHUB.check_graphql(&request("{ viewer { login } }", &json!(null))).unwrap();
}

#[test]
fn what_is_not_in_the_schema_is_refused() {
    refuses("{ viewer { nickname } }", &json!({}), "nickname");
    refuses("{ repository(owner: \"acme\") { id } }", &json!({}), "name");
    refuses("{ repository(owner: \"acme\", name: \"x\", colour: 1) { id } }", &json!({}), "colour");
    refuses("{ viewer { login ", &json!({}), "expected");
    refuses("{ viewer }", &json!({}), "selection");
}

#[test]
fn variables_that_do_not_fit_are_refused() {
    let mut variables = comments_variables();
    variables["number"] = json!("123");
    refuses(COMMENTS, &variables, "variables do not fit");
    variables.as_object_mut().unwrap().remove("number");
    refuses(COMMENTS, &variables, "variables do not fit");
    variables = comments_variables();
    variables["first"] = json!(1);
    refuses(COMMENTS, &variables, "no variable `$first`");
}

#[test]
fn the_input_of_a_mutation_is_checked_to_its_scalars() {
    let with = |pointer: &str, value: Value| {
        let mut variables = commit_input();
        *variables.pointer_mut(pointer).unwrap() = value;
        variables
    };
    refuses(COMMIT_MUTATION, &with("/input/expectedHeadOid", json!("main")), "is no `GitObjectID`");
    refuses(COMMIT_MUTATION, &with("/input/expectedHeadOid", json!(null)), "variables do not fit");
    refuses(COMMIT_MUTATION, &with("/input/message", json!({"title": "x"})), "variables do not fit");
    let plain_text = with("/input/fileChanges/additions/0/contents", json!("hello, world"));
    refuses(COMMIT_MUTATION, &plain_text, "is no `Base64String`");
}

#[test]
fn deprecated_fields_and_values_are_refused() {
    let repository = |inner: &str| format!("{{ repository(owner: \"a\", name: \"b\") {{ {inner} }} }}");
    let pull_request = |inner: &str| repository(&format!("pullRequest(number: 1) {{ {inner} }}"));
    refuses(&pull_request("databaseId"), &json!({}), "`PullRequest.databaseId`: GitHub calls it deprecated");
    refuses(&pull_request("... on PullRequest { databaseId }"), &json!({}), "deprecated");
    let by_fragment = format!("{} fragment Old on PullRequest {{ databaseId }}", pull_request("...Old"));
    refuses(&by_fragment, &json!({}), "deprecated");
    refuses("{ viewer { packages(first: 1, packageType: NPM) { totalCount } } }", &json!({}), "`NPM` deprecated");
    let by_variable = "query($of: PackageType) { viewer { packages(first: 1, packageType: $of) { totalCount } } }";
    refuses(by_variable, &json!({"of": "NPM"}), "`NPM` deprecated");
    GITHUB.check_graphql(&request(by_variable, &json!({"of": "PYPI"}))).unwrap();
}

#[test]
fn a_connection_without_a_page_size_is_refused() {
    let literal = |arguments: &str| format!("{{ viewer {{ repositories{arguments} {{ totalCount }} }} }}");
    refuses(&literal(""), &json!({}), "`first` or `last`");
    refuses(&literal("(first: 101)"), &json!({}), "within 1-100");
    let by_variable = "query($size: Int) { viewer { repositories(first: $size) { totalCount } } }";
    refuses(by_variable, &json!({"size": 0}), "within 1-100");
    refuses(by_variable, &json!({}), "`first` or `last`");
    GITHUB.check_graphql(&request(by_variable, &json!({"size": 100}))).unwrap();
}

#[test]
fn a_body_that_is_no_request_is_refused() {
    for (body, because) in [
        ("[]", "not an object"),
        ("{", "not JSON"),
        ("{}", "no `query`"),
        (r#"{"query": "{ viewer { login } }", "extras": 1}"#, "no `extras`"),
        (r#"{"query": "query A { viewer { login } }", "operationName": "B"}"#, "no operation"),
    ] {
        let why = GITHUB.check_graphql(body.as_bytes()).unwrap_err();
        assert!(why.contains(because), "{body}: {why}");
    }
}

fn answer(data: &Value) -> Result<(), String> {
    GITHUB.check_graphql_answer(&request(COMMENTS, &comments_variables()), data.to_string().as_bytes())
}

fn comments_answer() -> Value {
    json!({"data": {"repository": {"request": {"state": "OPEN", "comments": {
        "pageInfo": {"hasNextPage": false, "endCursor": null},
        "nodes": [
            {"id": "IC_1", "viewerDidAuthor": true, "author": {"__typename": "Bot", "login": "github-actions"}},
            {"id": "IC_2", "viewerDidAuthor": false, "author": {"__typename": "User", "login": "ada", "name": null}},
            {"id": "IC_3", "viewerDidAuthor": false, "author": null},
        ],
    }}}}})
}

#[test]
fn an_answer_with_all_that_was_asked_for_passes() {
    answer(&comments_answer()).unwrap();
    answer(&json!({"data": {"repository": null}})).unwrap();
    answer(&json!({"data": null, "errors": [{"message": "no"}]})).unwrap();
}

#[test]
fn an_answer_that_the_schema_does_not_allow_is_refused() {
    let comments = "/data/repository/request/comments";
    let with = |place: &str, value: Value| {
        let mut changed = comments_answer();
        *changed.pointer_mut(&format!("{comments}{place}")).unwrap() = value;
        answer(&changed).expect_err(place)
    };
    assert!(with("/pageInfo", json!({"endCursor": null})).contains("`hasNextPage` was asked for and is missing"));
    assert!(with("/pageInfo", json!({"hasNextPage": null, "endCursor": null})).contains("it is null"));
    assert!(with("/pageInfo", json!({"hasNextPage": "no", "endCursor": null})).contains("no `Boolean`"));
    assert!(with("/nodes/0/id", json!(1)).contains("no `ID`"));
    assert!(with("/nodes", json!({})).contains("no list"));
}

#[test]
fn a_fragment_counts_only_for_the_type_that_it_is_on() {
    let with = |index: usize, author: Value| {
        let mut changed = comments_answer();
        changed["data"]["repository"]["request"]["comments"]["nodes"][index]["author"] = author;
        answer(&changed).unwrap_err()
    };
    let nameless = json!({"__typename": "User", "login": "ada"});
    assert!(with(1, nameless).contains("`name` was asked for and is missing"));
    let named = json!({"__typename": "Bot", "login": "ci", "name": "CI"});
    assert!(with(0, named).contains("`name` was not asked for"));
    let alien = json!({"__typename": "Issue", "login": "ada"});
    assert!(with(0, alien).contains("`Issue` is no `Actor`"));
}

#[test]
fn an_answer_of_another_shape_is_refused() {
    let mut closed = comments_answer();
    closed["data"]["repository"]["request"]["state"] = json!("SHUT");
    assert!(answer(&closed).unwrap_err().contains("no `PullRequestState`"));
    assert!(answer(&json!({"data": {"repository": {"pullRequest": null}}})).unwrap_err().contains("not asked for"));
    assert!(answer(&json!({"message": "Bad credentials"})).unwrap_err().contains("no `message`"));
    assert!(answer(&json!({"data": null})).unwrap_err().contains("neither"));
}

#[test]
fn what_may_not_be_null_may_be_beside_an_error() {
    let mut partial = comments_answer();
    partial["data"]["repository"]["request"]["comments"] = json!(null);
    assert!(answer(&partial).unwrap_err().contains("it is null"));
    partial["errors"] = json!([{"message": "something went wrong", "path": ["repository", "request", "comments"]}]);
    answer(&partial).unwrap();
    partial["errors"] = json!([]);
    assert!(answer(&partial).unwrap_err().contains("not a list of errors"));
}

#[test]
fn a_field_that_is_left_out_by_a_directive_is_not_missed() {
    let query = "query($more: Boolean!) { viewer { login name @include(if: $more) } }";
    let without = request(query, &json!({"more": false}));
    let with = request(query, &json!({"more": true}));
    let short = br#"{"data": {"viewer": {"login": "ada"}}}"#;
    GITHUB.check_graphql_answer(&without, short).unwrap();
    assert!(GITHUB.check_graphql_answer(&with, short).unwrap_err().contains("`name`"));
}
