//! The emulator's people, reactions, labels and commits, held against GitHub's description.

use bivouac::emulator::{Access, Actor, NewPullRequest, Role, Settings};
use serde_json::{Value, json};

use super::support::{REPOSITORY, Workshop, accounts, git_url, held, rest, started, with_pull_request};
use crate::world::DESCRIBED;

#[tokio::test]
async fn a_permission_is_told_in_the_oldest_words_and_the_role_beside_it() {
    let emulator = with_pull_request().await;
    let forge = emulator.forge();
    let roles = [
        (Role::Admin, "admin", "admin", true),
        (Role::Maintain, "write", "maintain", true),
        (Role::Write, "write", "write", true),
        (Role::Triage, "read", "triage", false),
        (Role::Read, "read", "read", false),
        (Role::None, "none", "none", false),
    ];
    for (role, permission, name, push) in roles {
        forge.set_role(REPOSITORY, "Ada", role).unwrap();
        let told = held(&emulator, "GET", "/collaborators/ada/permission", "actions-token", None).await.json;
        assert_eq!((&told["permission"], &told["role_name"]), (&json!(permission), &json!(name)));
        assert_eq!((&told["user"]["login"], &told["user"]["id"]), (&json!("Ada"), &json!(Actor::user("Ada").number())));
        assert_eq!((&told["user"]["permissions"]["push"], &told["user"]["role_name"]), (&json!(push), &json!(name)));
    }
    assert_eq!(forge.role(REPOSITORY, "ADA").unwrap(), Some(Role::None));
}

#[tokio::test]
async fn an_account_has_the_role_of_its_access_and_a_stranger_may_look() {
    let emulator = with_pull_request().await;
    let forge = emulator.forge();
    emulator.change_account("mallory", |account| account.access = Access::None).unwrap();
    forge.comment(REPOSITORY, 123, Actor::user("Stranger"), "/preview").unwrap();
    forge.set_role("acme/apps", "elsewhere", Role::Admin).unwrap();
    let ask = async |login: &str, token| {
        let path = format!("/collaborators/{login}/permission");
        held(&emulator, "GET", &path, token, None).await
    };
    for (login, permission) in
        [("octocat", "write"), ("hubot", "read"), ("mallory", "none"), ("stranger", "read"), ("elsewhere", "read")]
    {
        assert_eq!(ask(login, "actions-token").await.json["permission"], permission, "{login}");
    }
    for nobody in ["nobody", "github-actions%5Bbot%5D", "ghost"] {
        let answer = ask(nobody, "actions-token").await;
        assert_eq!(answer.status, 404, "{nobody}");
        assert!(answer.json["message"].as_str().unwrap().ends_with(" is not a user"), "{}", answer.text);
    }
    assert_eq!((ask("octocat", "writer-token").await.status, ask("octocat", "reader-token").await.status), (200, 403));
    // What somebody was given counts in the place of what their token may do.
    forge.set_role(REPOSITORY, "octocat", Role::Triage).unwrap();
    assert_eq!(ask("octocat", "actions-token").await.json["permission"], "read");
}

#[tokio::test]
async fn a_comment_tells_who_its_author_is_to_the_repository() {
    let emulator = with_pull_request().await;
    let forge = emulator.forge();
    forge.set_role(REPOSITORY, "ada", Role::Read).unwrap();
    let merged = NewPullRequest { author: Actor::user("grace"), ..NewPullRequest::from_branch("b", "a".repeat(40)) };
    let merged = forge.open_pull_request(REPOSITORY, merged).unwrap();
    forge.merge(REPOSITORY, merged.number).unwrap();
    for (author, kind, association) in [
        (Actor::user("acme"), "User", "OWNER"),
        (Actor::user("ada"), "User", "COLLABORATOR"),
        (Actor::user("octocat"), "User", "COLLABORATOR"),
        (Actor::user("grace"), "User", "CONTRIBUTOR"),
        (Actor::user("stranger"), "User", "NONE"),
        (Actor::bot("github-actions[bot]"), "Bot", "NONE"),
    ] {
        let comment = forge.comment(REPOSITORY, 123, author.clone(), "/preview").unwrap();
        let path = format!("/issues/comments/{}", comment.id);
        let told = held(&emulator, "GET", &path, "reader-token", None).await.json;
        assert_eq!(told["author_association"], association, "{author:?}");
        assert_eq!((&told["user"]["id"], &told["user"]["type"]), (&json!(author.number()), &json!(kind)));
    }
}

#[tokio::test]
async fn a_reaction_is_there_once_for_each_kind_and_account() {
    let emulator = with_pull_request().await;
    let comment = emulator.forge().comment(REPOSITORY, 123, Actor::user("stranger"), "/preview").unwrap().id;
    let react = async |comment: u64, token, content: Value| {
        let path = format!("/issues/comments/{comment}/reactions");
        held(&emulator, "POST", &path, token, Some(json!({"content": content}))).await
    };
    for (token, content, status) in [
        ("actions-token", json!("+1"), 201),
        ("actions-token", json!("+1"), 200),
        ("actions-token", json!("confused"), 201),
        ("writer-token", json!("+1"), 201),
        ("actions-token", json!("thumbs-up"), 422),
        ("actions-token", Value::Null, 422),
        ("reader-token", json!("+1"), 403),
        ("stranger-token", json!("+1"), 404),
    ] {
        assert_eq!(react(comment, token, content.clone()).await.status, status, "{token} {content}");
    }
    assert_eq!(react(7, "actions-token", json!("+1")).await.status, 404);
    let found = emulator.forge().comments(REPOSITORY, 123).unwrap()[0].reactions.clone();
    let found: Vec<_> = found.iter().map(|one| (one.author.login.as_str(), one.content.as_str())).collect();
    assert_eq!(found, [("github-actions[bot]", "+1"), ("github-actions[bot]", "confused"), ("octocat", "+1")]);
}

#[tokio::test]
async fn labels_are_put_on_and_taken_off_in_any_case() {
    let emulator = with_pull_request().await;
    let path = "/issues/123/labels";
    let names = |labels: &Value| -> Vec<String> {
        labels.as_array().unwrap().iter().map(|label| label["name"].as_str().unwrap().to_owned()).collect()
    };
    let body = json!({"labels": ["preview: no/üs?", "KEEP-Preview", {"name": "x"}]});
    for _first_and_again in 0..2 {
        let added = held(&emulator, "POST", path, "actions-token", Some(body.clone())).await;
        assert_eq!(
            (added.status, names(&added.json)),
            (200, vec!["keep-preview".to_owned(), "preview: no/üs?".to_owned(), "x".to_owned()])
        );
    }
    let one = "/issues/123/labels/Preview%3A%20no%2F%C3%9Cs%3F";
    let removed = held(&emulator, "DELETE", one, "actions-token", None).await;
    assert_eq!((removed.status, names(&removed.json)), (200, vec!["keep-preview".to_owned(), "x".to_owned()]));
    let again = held(&emulator, "DELETE", one, "actions-token", None).await;
    assert_eq!((again.status, &again.json["message"]), (404, &json!("Label does not exist")));
    assert_eq!(emulator.forge().pull_request(REPOSITORY, 123).unwrap().labels, ["keep-preview", "x"]);

    let body = |label: &str| Some(json!({"labels": [label]}));
    for (path, token, label, status) in [
        (path, "reader-token", "y".to_owned(), 403),
        ("/issues/7/labels", "actions-token", "y".to_owned(), 404),
        (path, "actions-token", "y".repeat(51), 422),
        (path, "actions-token", String::new(), 422),
    ] {
        assert_eq!(held(&emulator, "POST", path, token, body(&label)).await.status, status, "{path} {token}");
    }
    assert_eq!(held(&emulator, "DELETE", "/issues/7/labels/x", "actions-token", None).await.status, 404);
    assert_eq!(held(&emulator, "DELETE", "/issues/123/labels/x", "reader-token", None).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_is_known_by_the_beginning_of_its_id_if_it_is_the_only_one() {
    let (emulator, workshop) = (started(Settings::new(accounts())).await, Workshop::new());
    workshop.clone_with_commit(&git_url(&emulator, "writer-token", "/acme/wildside"), "one");
    workshop.done("one", &["push", "--quiet", "origin", "HEAD:main"]);
    let pushed = workshop.done("one", &["rev-parse", "HEAD"]);
    let (former, head) = (format!("abcdef12{}", "3".repeat(32)), format!("abcdef19{}", "3".repeat(32)));
    let fork = NewPullRequest { fork: Some("x/y".to_owned()), ..NewPullRequest::from_branch("b", &former) };
    let fork = emulator.forge().open_pull_request(REPOSITORY, fork).unwrap();
    emulator.forge().push(REPOSITORY, fork.number, &head).unwrap();
    let ask = async |reference: &str| {
        let path = format!("/commits/{reference}?per_page=1");
        held(&emulator, "GET", &path, "reader-token", None).await
    };
    for (reference, sha) in [
        (former.as_str(), &former),
        ("abcdef12", &former),
        ("ABCDEF19333", &head),
        (&pushed, &pushed),
        (&pushed[..12], &pushed),
        ("main", &pushed),
    ] {
        let found = ask(reference).await;
        assert_eq!((found.status, found.json["sha"].as_str()), (200, Some(sha.as_str())), "{reference}");
    }
    // The branch of a fork is none here.
    for reference in ["b", "abcdef1", "abc", "0000000000000000000000000000000000000000", "ffffffff", "no-branch"] {
        let found = ask(reference).await;
        let message = format!("No commit found for SHA: {reference}");
        assert_eq!((found.status, &found.json["message"]), (422, &json!(message)), "{reference}");
    }
    let tree = workshop.done("one", &["rev-parse", "HEAD^{tree}"]);
    assert_eq!(ask(&tree).await.status, 422);
    assert_eq!(ask(&tree[..12]).await.status, 422);
    // A branch of that name comes first.
    workshop.done("one", &["push", "--quiet", "origin", "HEAD:refs/heads/abcdef12"]);
    assert_eq!(ask("abcdef12").await.json["sha"], pushed);
}

#[tokio::test]
async fn whoever_has_no_access_finds_nothing() {
    let emulator = with_pull_request().await;
    for path in ["/collaborators/octocat/permission", "/commits/main", "/actions/workflows/x.yml/runs"] {
        assert_eq!(rest(&emulator, "GET", path, "stranger-token", None).await.status, 404, "{path}");
        DESCRIBED.check_rest("GET", &format!("/repos/{REPOSITORY}{path}"), None).unwrap();
    }
}
