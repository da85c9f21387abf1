//! The JSON objects of the REST API, with every field that GitHub's description of it requires.

use serde_json::{Map, Value, json};

use super::super::model::{Actor, ActorKind, Comment, PullRequest, PullRequestState, moment, user_number};
use super::super::percent;
use super::super::state::Repository;

/// The addresses of a user, by field.
const USER_URLS: &[(&str, &str)] = &[
    ("events_url", "/events{/privacy}"),
    ("followers_url", "/followers"),
    ("following_url", "/following{/other_user}"),
    ("gists_url", "/gists{/gist_id}"),
    ("organizations_url", "/orgs"),
    ("received_events_url", "/received_events"),
    ("repos_url", "/repos"),
    ("starred_url", "/starred{/owner}{/repo}"),
    ("subscriptions_url", "/subscriptions"),
    ("url", ""),
];

/// The addresses of a repository, by field.
const REPOSITORY_URLS: &[(&str, &str)] = &[
    ("archive_url", "/{archive_format}{/ref}"),
    ("assignees_url", "/assignees{/user}"),
    ("blobs_url", "/git/blobs{/sha}"),
    ("branches_url", "/branches{/branch}"),
    ("collaborators_url", "/collaborators{/collaborator}"),
    ("comments_url", "/comments{/number}"),
    ("commits_url", "/commits{/sha}"),
    ("compare_url", "/compare/{base}...{head}"),
    ("contents_url", "/contents/{+path}"),
    ("contributors_url", "/contributors"),
    ("deployments_url", "/deployments"),
    ("downloads_url", "/downloads"),
    ("events_url", "/events"),
    ("forks_url", "/forks"),
    ("git_commits_url", "/git/commits{/sha}"),
    ("git_refs_url", "/git/refs{/sha}"),
    ("git_tags_url", "/git/tags{/sha}"),
    ("hooks_url", "/hooks"),
    ("issue_comment_url", "/issues/comments{/number}"),
    ("issue_events_url", "/issues/events{/number}"),
    ("issues_url", "/issues{/number}"),
    ("keys_url", "/keys{/key_id}"),
    ("labels_url", "/labels{/name}"),
    ("languages_url", "/languages"),
    ("merges_url", "/merges"),
    ("milestones_url", "/milestones{/number}"),
    ("notifications_url", "/notifications{?since,all,participating}"),
    ("pulls_url", "/pulls{/number}"),
    ("releases_url", "/releases{/id}"),
    ("stargazers_url", "/stargazers"),
    ("statuses_url", "/statuses/{sha}"),
    ("subscribers_url", "/subscribers"),
    ("subscription_url", "/subscription"),
    ("tags_url", "/tags"),
    ("teams_url", "/teams"),
    ("trees_url", "/git/trees{/sha}"),
    ("url", ""),
];

/// Makes the objects, with addresses on one server.
pub(super) struct Objects<'a> {
    server: &'a str,
}

impl<'a> Objects<'a> {
    pub(super) fn new(server: &'a str) -> Self {
        Self { server }
    }

    pub(super) fn comment(&self, repository: &str, comment: &Comment, association: &str) -> Value {
        let api = self.repository_url(repository);
        json!({
            "id": comment.id,
            "node_id": comment.node_id,
            "url": format!("{api}/issues/comments/{}", comment.id),
            "html_url": comment.url,
            "issue_url": format!("{api}/issues/{}", comment.pull_request),
            "body": comment.body,
            "user": self.user(&comment.author),
            "created_at": moment(comment.created_at),
            "updated_at": moment(comment.updated_at),
            "author_association": association,
            "performed_via_github_app": null,
        })
    }

    pub(super) fn pull_request(&self, repository: &Repository, head: Option<&Repository>, of: &PullRequest) -> Value {
        let mut object = json!({
            "id": of.id,
            "node_id": of.node_id,
            "number": of.number,
            "title": of.title,
            "body": if of.body.is_empty() { Value::Null } else { of.body.as_str().into() },
            "state": if of.state == PullRequestState::Open { "open" } else { "closed" },
            "draft": of.is_draft,
            "locked": false,
            "user": self.user(&of.author),
            "labels": of.labels.iter().map(|label| self.label(&of.base_repository, label)).collect::<Value>(),
            "head": self.side(&of.head_ref, &of.head_sha, of.head_repository.as_deref(), head),
            "base": self.side(&of.base_ref, &of.base_sha, Some(&of.base_repository), Some(repository)),
            "created_at": moment(of.created_at),
            "updated_at": moment(of.updated_at),
            "closed_at": of.closed_at.map(moment),
            "merged_at": of.merged_at.map(moment),
            "merged": of.state == PullRequestState::Merged,
            "merged_by": if of.merged_at.is_some() { self.user(&of.author) } else { Value::Null },
            "comments": repository.comments.on(of.number).len(),
            "_links": self.links(of),
        });
        self.add_pull_request_urls(&mut object, of);
        add(&mut object, unused_of_pull_request(of));
        object
    }

    pub(super) fn repository(&self, repository: &Repository) -> Value {
        let (owner, name) = (repository.name.owner(), repository.name.name());
        let address = format!("{}/{owner}/{name}", self.server);
        let open = repository.pull_requests.values().filter(|of| of.state == PullRequestState::Open).count();
        let mut object = json!({
            "id": repository.id,
            "node_id": repository.node_id,
            "name": name,
            "full_name": repository.name.to_string(),
            "private": true,
            "visibility": "private",
            "owner": self.user(&Actor::user(owner)),
            "default_branch": "main",
            "html_url": address,
            "svn_url": address,
            "clone_url": format!("{address}.git"),
            "git_url": format!("git://{}/{owner}/{name}.git", self.host()),
            "ssh_url": format!("git@{}:{owner}/{name}.git", self.host()),
            "open_issues": open,
            "open_issues_count": open,
            "created_at": moment(repository.created_at),
            "updated_at": moment(repository.created_at),
            "pushed_at": moment(repository.created_at),
        });
        add_urls(&mut object, &self.repository_url(&repository.name.to_string()), REPOSITORY_URLS);
        add(&mut object, unused_of_repository());
        object
    }

    /// A repository of which nothing but its name is known: a fork that the forge was not told of.
    pub(super) fn named_repository(&self, full_name: &str) -> Value {
        let (owner, name) = full_name.split_once('/').unwrap_or(("unknown", full_name));
        let id = user_number(full_name);
        let mut object = json!({
            "id": id,
            "node_id": format!("R_{id:x}"),
            "name": name,
            "full_name": full_name,
            "private": false,
            "owner": self.user(&Actor::user(owner)),
            "html_url": format!("{}/{full_name}", self.server),
            "description": null,
            "fork": true,
        });
        add_urls(&mut object, &self.repository_url(full_name), REPOSITORY_URLS);
        object
    }

    pub(super) fn user(&self, actor: &Actor) -> Value {
        let login = &actor.login;
        let id = actor.number();
        let mut object = json!({
            "login": login,
            "id": id,
            "node_id": format!("U_{id:x}"),
            "avatar_url": format!("{}/avatars/u/{id}", self.server),
            "gravatar_id": "",
            "html_url": format!("{}/{}", self.server, login.strip_suffix("[bot]").map_or(login.clone(), |app| format!("apps/{app}"))),
            "type": if actor.kind == ActorKind::Bot { "Bot" } else { "User" },
            "site_admin": false,
        });
        let address = format!("{}/api/v3/users/{}", self.server, login.replace('[', "%5B").replace(']', "%5D"));
        add_urls(&mut object, &address, USER_URLS);
        object
    }

    pub(super) fn label(&self, repository: &str, name: &str) -> Value {
        let id = user_number(name);
        json!({
            "id": id,
            "node_id": format!("LA_{id:x}"),
            "url": format!("{}/labels/{}", self.repository_url(repository), percent::encoded(name)),
            "name": name,
            "description": null,
            "color": "ededed",
            "default": false,
        })
    }

    /// The head or the base; a fork that the forge does not know looks like one that was deleted.
    fn side(&self, branch: &str, sha: &str, name: Option<&str>, repository: Option<&Repository>) -> Value {
        let owner = name.and_then(|name| name.split_once('/')).map_or("unknown", |(owner, _)| owner);
        json!({
            "label": format!("{owner}:{branch}"),
            "ref": branch,
            "sha": sha,
            "user": if name.is_some() { self.user(&Actor::user(owner)) } else { Value::Null },
            "repo": repository.map(|repository| self.repository(repository)),
        })
    }

    fn add_pull_request_urls(&self, object: &mut Value, of: &PullRequest) {
        let api = self.repository_url(&of.base_repository);
        let number = of.number;
        add(
            object,
            json!({
                "html_url": of.url,
                "diff_url": format!("{}.diff", of.url),
                "patch_url": format!("{}.patch", of.url),
                "url": format!("{api}/pulls/{number}"),
                "issue_url": format!("{api}/issues/{number}"),
                "comments_url": format!("{api}/issues/{number}/comments"),
                "commits_url": format!("{api}/pulls/{number}/commits"),
                "review_comments_url": format!("{api}/pulls/{number}/comments"),
                "review_comment_url": format!("{api}/pulls/comments{{/number}}"),
                "statuses_url": format!("{api}/statuses/{}", of.head_sha),
            }),
        );
    }

    fn links(&self, of: &PullRequest) -> Value {
        let api = self.repository_url(&of.base_repository);
        let number = of.number;
        json!({
            "self": {"href": format!("{api}/pulls/{number}")},
            "html": {"href": of.url},
            "issue": {"href": format!("{api}/issues/{number}")},
            "comments": {"href": format!("{api}/issues/{number}/comments")},
            "review_comments": {"href": format!("{api}/pulls/{number}/comments")},
            "review_comment": {"href": format!("{api}/pulls/comments{{/number}}")},
            "commits": {"href": format!("{api}/pulls/{number}/commits")},
            "statuses": {"href": format!("{api}/statuses/{}", of.head_sha)},
        })
    }

    pub(super) fn repository_url(&self, repository: &str) -> String {
        format!("{}/api/v3/repos/{repository}", self.server)
    }

    fn host(&self) -> &str {
        self.server.trim_start_matches("http://")
    }
}

/// What GitHub says of a pull request and nothing here changes.
fn unused_of_pull_request(of: &PullRequest) -> Value {
    json!({
        "assignee": null,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "milestone": null,
        "author_association": "CONTRIBUTOR",
        "auto_merge": null,
        "active_lock_reason": null,
        "merge_commit_sha": of.merged_at.map(|_| of.head_sha.as_str()),
        "mergeable": null,
        "mergeable_state": "unknown",
        "rebaseable": null,
        "maintainer_can_modify": false,
        "review_comments": 0,
        "commits": 1,
        "additions": of.files.len(),
        "deletions": 0,
        "changed_files": of.files.len(),
    })
}

/// What GitHub says of a repository and nothing here changes.
fn unused_of_repository() -> Value {
    json!({
        "description": null,
        "fork": false,
        "homepage": null,
        "language": null,
        "license": null,
        "mirror_url": null,
        "archived": false,
        "disabled": false,
        "has_downloads": true,
        "has_issues": true,
        "has_projects": false,
        "has_wiki": false,
        "has_pages": false,
        "has_discussions": false,
        "forks": 0,
        "forks_count": 0,
        "network_count": 0,
        "size": 0,
        "stargazers_count": 0,
        "subscribers_count": 0,
        "watchers": 0,
        "watchers_count": 0,
    })
}

fn add_urls(object: &mut Value, address: &str, fields: &[(&str, &str)]) {
    let urls = fields.iter().map(|(field, suffix)| ((*field).to_owned(), format!("{address}{suffix}").into()));
    add(object, Value::Object(urls.collect::<Map<_, _>>()));
}

fn add(object: &mut Value, fields: Value) {
    if let (Value::Object(object), Value::Object(fields)) = (object, fields) {
        object.extend(fields);
    }
}
