//! GitHub's published descriptions of its REST and GraphQL interfaces, and whether a request or an answer keeps to them.
//!
//! They are 14 MB: hold one [`Described`] for the whole process, in a `LazyLock`. Each half is read when it is first needed.

mod answer;
mod graphql;
mod graphql_tests;
mod inputs;
mod rest;
mod rest_tests;
mod route;
mod schema;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use self::{graphql::GraphQl, rest::Rest};

/// What GitHub says about its own interfaces.
pub(crate) struct Described {
    folder: PathBuf,
    rest: OnceLock<Rest>,
    graphql: OnceLock<GraphQl>,
}

impl Described {
    /// The descriptions in `folder`, which `make tools` fills: `target/tools/github`.
    ///
    /// # Panics
    ///
    /// When one of them is missing: a check that can not check must not pass.
    pub(crate) fn load(folder: &Path) -> Self {
        for name in [REST, GRAPHQL] {
            let path = folder.join(name);
            assert!(path.is_file(), "`{}` is missing: run `make tools`", path.display());
        }
        Self { folder: folder.to_owned(), rest: OnceLock::new(), graphql: OnceLock::new() }
    }

    /// Whether GitHub describes this request. `path_and_query` starts behind the API's root, with `/repos/…`.
    pub(crate) fn check_rest(&self, method: &str, path_and_query: &str, body: Option<&[u8]>) -> Result<(), String> {
        self.rest().check_request(method, path_and_query, body)
    }

    /// Whether GitHub describes this answer to a request.
    pub(crate) fn check_rest_answer(
        &self,
        method: &str,
        path_and_query: &str,
        status: u16,
        body: &[u8],
    ) -> Result<(), String> {
        self.rest().check_answer(method, path_and_query, status, body)
    }

    /// Whether GitHub describes this event, as a runner has it in `GITHUB_EVENT_PATH`.
    pub(crate) fn check_event(&self, event: &str, payload: &serde_json::Value) -> Result<(), String> {
        self.rest().check_event(event, payload)
    }

    /// Whether GitHub's schema allows this request: `{"query": …, "variables": …, "operationName": …}`.
    pub(crate) fn check_graphql(&self, request: &[u8]) -> Result<(), String> {
        self.graphql().check_request(request)
    }

    /// Whether `answer` (`{"data": …, "errors": …}`) is one that GitHub's schema allows for `request`.
    pub(crate) fn check_graphql_answer(&self, request: &[u8], answer: &[u8]) -> Result<(), String> {
        self.graphql().check_answer(request, answer)
    }

    fn rest(&self) -> &Rest {
        self.rest.get_or_init(|| Rest::parse(&read(&self.folder.join(REST))))
    }

    fn graphql(&self) -> &GraphQl {
        self.graphql.get_or_init(|| GraphQl::parse(&read(&self.folder.join(GRAPHQL))))
    }
}

const REST: &str = "api.github.com.json";
const GRAPHQL: &str = "schema.graphql";

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("could not read `{}`: {error}", path.display()))
}

/// The descriptions, for the tests in this folder.
static GITHUB: std::sync::LazyLock<Described> =
    std::sync::LazyLock::new(|| Described::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/github")));

#[test]
#[should_panic(expected = "run `make tools`")]
fn a_missing_description_fails_instead_of_skipping() {
    Described::load(Path::new("/nonexistent"));
}
