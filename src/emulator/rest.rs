//! GitHub's REST API, as far as Bivouac uses it.

use serde_json::{Value, json};

use super::accounts::{self, Access, Account};
use super::answer::Answer;
use super::rest_objects::Objects;
use super::server::Context;
use super::state::Repository;
use super::traffic::IncomingRequest;

/// The most characters that a comment may have.
const LONGEST_COMMENT: usize = 65_536;
const DEFAULT_PAGE: usize = 30;
const LARGEST_PAGE: usize = 100;

/// What can be asked; the numbers are those of the path.
#[derive(Clone, Copy)]
enum Operation {
    ShowRepository,
    ShowPullRequest(u64),
    ListComments(u64),
    CreateComment(u64),
    ShowComment(u64),
    EditComment(u64),
    DeleteComment(u64),
}

impl Operation {
    /// Reads the method and what follows `repos/{owner}/{name}` in the path.
    fn parse(method: &str, path: &[&str]) -> Option<Self> {
        Some(match (method, path) {
            ("GET", []) => Self::ShowRepository,
            ("GET", ["pulls", number]) => Self::ShowPullRequest(number.parse().ok()?),
            ("GET", ["issues", "comments", id]) => Self::ShowComment(id.parse().ok()?),
            ("PATCH", ["issues", "comments", id]) => Self::EditComment(id.parse().ok()?),
            ("DELETE", ["issues", "comments", id]) => Self::DeleteComment(id.parse().ok()?),
            ("GET", ["issues", number, "comments"]) => Self::ListComments(number.parse().ok()?),
            ("POST", ["issues", number, "comments"]) => Self::CreateComment(number.parse().ok()?),
            _ => return None,
        })
    }

    fn writes(self) -> bool {
        matches!(self, Self::CreateComment(_) | Self::EditComment(_) | Self::DeleteComment(_))
    }

    fn documentation(self) -> &'static str {
        match self {
            Self::ShowRepository => "repos/repos#get-a-repository",
            Self::ShowPullRequest(_) => "pulls/pulls#get-a-pull-request",
            Self::ListComments(_) => "issues/comments#list-issue-comments",
            Self::CreateComment(_) => "issues/comments#create-an-issue-comment",
            Self::ShowComment(_) => "issues/comments#get-an-issue-comment",
            Self::EditComment(_) => "issues/comments#update-an-issue-comment",
            Self::DeleteComment(_) => "issues/comments#delete-an-issue-comment",
        }
    }
}

/// Why a request is not done.
struct Refusal {
    status: u16,
    message: String,
    errors: Option<Value>,
}

impl Refusal {
    fn new(status: u16, message: &str) -> Self {
        Self { status, message: message.to_owned(), errors: None }
    }

    fn not_found() -> Self {
        Self::new(404, "Not Found")
    }

    fn invalid_comment(reason: &str) -> Self {
        let error = json!({"resource": "IssueComment", "code": "unprocessable", "field": "data", "message": reason});
        Self { errors: Some(json!([error])), ..Self::new(422, "Validation Failed") }
    }

    fn into_answer(self, documentation: &str) -> Answer {
        let mut body = json!({"message": self.message});
        if let Some(errors) = self.errors {
            body["errors"] = errors;
        }
        body["documentation_url"] = format!("https://docs.github.com/rest{documentation}").into();
        body["status"] = self.status.to_string().into();
        Answer::json(self.status, &body)
    }
}

/// Answers a request under `/api/v3`.
pub(super) fn answer(context: &Context, request: &IncomingRequest) -> Answer {
    let authorization = request.header("authorization");
    let Some(account) = authorization.and_then(|header| accounts::by_bearer(&context.accounts, header)) else {
        let message = if authorization.is_some() { "Bad credentials" } else { "Requires authentication" };
        return Refusal::new(401, message).into_answer("");
    };
    let path: Vec<&str> = request.path.split('/').skip(3).collect();
    let ["repos", owner, name, rest @ ..] = path.as_slice() else {
        return Refusal::not_found().into_answer("");
    };
    let Some(operation) = Operation::parse(&request.method, rest) else {
        return Refusal::not_found().into_answer("");
    };
    let call = Call { context, request, account, repository: format!("{owner}/{name}") };
    call.perform(operation).unwrap_or_else(|refusal| refusal.into_answer(&format!("/{}", operation.documentation())))
}

/// A request by somebody known, on one repository.
struct Call<'a> {
    context: &'a Context,
    request: &'a IncomingRequest,
    account: &'a Account,
    repository: String,
}

impl Call<'_> {
    fn perform(&self, operation: Operation) -> Result<Answer, Refusal> {
        let access = self.account.access_to(&self.repository);
        let found = self.context.forge.repository(&self.repository).filter(|_| access > Access::None);
        let repository = found.ok_or_else(Refusal::not_found)?;
        if operation.writes() && access < Access::Write {
            return Err(Refusal::new(403, "Resource not accessible by integration"));
        }
        match operation {
            Operation::ShowRepository => Ok(Answer::json(200, &self.objects().repository(&repository))),
            Operation::ShowPullRequest(number) => self.show_pull_request(&repository, number),
            Operation::ListComments(number) => self.list_comments(&repository, number),
            Operation::CreateComment(number) => self.create_comment(&repository, number),
            Operation::ShowComment(id) => self.show_comment(&repository, id),
            Operation::EditComment(id) => self.edit_comment(&repository, id),
            Operation::DeleteComment(id) => self.delete_comment(id),
        }
    }

    fn show_pull_request(&self, repository: &Repository, number: u64) -> Result<Answer, Refusal> {
        let pull_request = repository.pull_requests.get(&number).ok_or_else(Refusal::not_found)?;
        let head = pull_request.head_repository.as_ref().and_then(|name| self.context.forge.repository(name));
        Ok(Answer::json(200, &self.objects().pull_request(repository, head.as_ref(), pull_request)))
    }

    fn show_comment(&self, repository: &Repository, id: u64) -> Result<Answer, Refusal> {
        let comment = repository.comments.get(&id).ok_or_else(Refusal::not_found)?;
        Ok(Answer::json(200, &self.objects().comment(&self.repository, comment)))
    }

    fn list_comments(&self, repository: &Repository, number: u64) -> Result<Answer, Refusal> {
        if !repository.pull_requests.contains_key(&number) {
            return Err(Refusal::not_found());
        }
        let count = |name| {
            self.request.parameter(name).and_then(|value| value.parse::<usize>().ok()).filter(|count| *count > 0)
        };
        let per_page = count("per_page").unwrap_or(DEFAULT_PAGE).min(LARGEST_PAGE);
        let page = count("page").unwrap_or(1);
        let comments = repository.comments_on(number);
        let shown = comments.iter().skip((page - 1).saturating_mul(per_page)).take(per_page);
        let objects = self.objects();
        let body: Value = shown.map(|comment| objects.comment(&self.repository, comment)).collect();
        let answer = Answer::json(200, &body);
        let last = comments.len().div_ceil(per_page);
        if page >= last {
            return Ok(answer);
        }
        let address =
            |page| format!("{}{}?per_page={per_page}&page={page}", self.context.forge.server_url(), self.request.path);
        Ok(answer
            .with_header("link", format!("<{}>; rel=\"next\", <{}>; rel=\"last\"", address(page + 1), address(last))))
    }

    fn create_comment(&self, repository: &Repository, number: u64) -> Result<Answer, Refusal> {
        if !repository.pull_requests.contains_key(&number) {
            return Err(Refusal::not_found());
        }
        let body = self.comment_body()?;
        let written = self.context.forge.comment(&self.repository, number, self.account.actor(), &body);
        let comment = self.objects().comment(&self.repository, &written.map_err(|_| Refusal::not_found())?);
        let location = comment["url"].as_str().unwrap_or_default().to_owned();
        Ok(Answer::json(201, &comment).with_header("location", location))
    }

    fn edit_comment(&self, repository: &Repository, id: u64) -> Result<Answer, Refusal> {
        if !repository.comments.contains_key(&id) {
            return Err(Refusal::not_found());
        }
        let edited = self.context.forge.edit_comment(&self.repository, id, &self.comment_body()?);
        let comment = edited.map_err(|_| Refusal::not_found())?;
        Ok(Answer::json(200, &self.objects().comment(&self.repository, &comment)))
    }

    fn delete_comment(&self, id: u64) -> Result<Answer, Refusal> {
        self.context.forge.delete_comment(&self.repository, id).map_err(|_| Refusal::not_found())?;
        Ok(Answer::empty(204))
    }

    /// The text of the comment in the request, as far as GitHub would take it.
    fn comment_body(&self) -> Result<String, Refusal> {
        let request: Value =
            serde_json::from_slice(&self.request.body).map_err(|_| Refusal::new(400, "Problems parsing JSON"))?;
        let body = match request.get("body") {
            Some(Value::String(body)) => body,
            Some(other) => {
                let message = format!("Invalid request.\n\nFor 'properties/body', {other} is not a string.");
                return Err(Refusal::new(422, &message));
            }
            None => {
                return Err(Refusal::new(422, "Invalid request.\n\n\"body\" wasn't supplied."));
            }
        };
        if body.trim().is_empty() {
            Err(Refusal::invalid_comment("Body can't be blank"))
        } else if body.chars().count() > LONGEST_COMMENT {
            Err(Refusal::invalid_comment("Body is too long (maximum is 65536 characters)"))
        } else {
            Ok(body.clone())
        }
    }

    fn objects(&self) -> Objects<'_> {
        Objects::new(self.context.forge.server_url())
    }
}
