//! The applications of a desired state, and which of them can not be.

use super::{LEAST, message, parse};
use crate::domain::vault::wanted::{IssuerKeys, SecretPath, WorkflowLogin};

const WORKFLOW: &str = "acme/wildside/.github/workflows/preview-sweep.yml@refs/heads/main";
const OTHER: &str = "acme/wildside/.github/workflows/preview.yml@refs/heads/main";

#[test]
fn an_application_has_the_deployers_lengths_of_time_and_a_prefix_below_the_deployers() {
    let wanted =
        parse(&format!("{LEAST}  deployer: {{prefix: a/b}}\n  applications: {{wildside: {{}}, x: {{prefix: c}}}}\n"));
    let wanted = wanted.unwrap();
    let [wildside, x] = &wanted.applications[..] else { panic!("{:?}", wanted.applications) };
    assert_eq!(
        (wildside.name.as_str(), wildside.prefix.as_str(), x.prefix.as_str()),
        ("wildside", "a/b/wildside", "c")
    );
    assert_eq!(wildside.shared, std::slice::from_ref(&wildside.prefix));
    assert_eq!(
        (wildside.login.role.as_str(), wildside.login.policy_name.as_str()),
        ("bivouac-wildside", "bivouac-wildside")
    );
    let times = |login: &super::Login| [login.token_ttl, login.token_max_ttl, login.secret_id_ttl];
    assert_eq!(times(&wildside.login), times(&wanted.deployer));
    assert!(wildside.reads.is_empty() && wildside.github.is_none() && wanted.github.is_none());
}

#[test]
fn an_application_without_content_has_the_defaults() {
    let blank = parse(&format!("{LEAST}  applications:\n    wildside:\n    x:\n      shared:\n")).unwrap();
    let empty = parse(&format!("{LEAST}  applications: {{wildside: {{}}, x: {{}}}}\n")).unwrap();
    assert_eq!((blank.applications.len(), &blank.applications), (2, &empty.applications));
}

#[test]
fn an_application_says_everything() {
    let text = format!(
        "{LEAST}  applications:\n    wildside:\n      prefix: p/w\n      shared: [p/w/a, p/w/a, p/w]\n      reads: [staging/w, p]\n      \
         repository-id: 123456\n      job-workflow-ref: [{WORKFLOW}, {OTHER}]\n      token-ttl: 5m\n      \
         token-max-ttl: 10m\n      secret-id-ttl: 0\n"
    );
    let wanted = parse(&text).unwrap();
    let application = &wanted.applications[0];
    assert_eq!(application.shared.iter().map(SecretPath::as_str).collect::<Vec<_>>(), ["p/w", "p/w/a"]);
    assert_eq!(application.reads.iter().map(SecretPath::as_str).collect::<Vec<_>>(), ["staging/w", "p"]);
    assert_eq!(application.login.token_ttl.to_string(), "5m");
    assert!(application.login.secret_id_ttl.is_none());
    let workflows = vec![WORKFLOW.parse().unwrap(), OTHER.parse().unwrap()];
    assert_eq!(application.github, Some(WorkflowLogin { repository_id: "123456".parse().unwrap(), workflows }));
    // It asks for the login by GitHub, which nobody else uses here.
    let github = wanted.github.unwrap();
    assert_eq!((github.mount.as_str(), github.keys), ("jwt", IssuerKeys::Discovery));
    assert!(github.deployer.is_none() && github.operator.is_none());
}

#[test]
fn the_login_by_github_needs_somebody_who_logs_in() {
    let application = format!("  applications: {{a: {{repository-id: 1, job-workflow-ref: {WORKFLOW}}}}}\n");
    for (github, application, words) in [
        ("{}", "", "needs `repository-id`"),
        ("{}", "  applications: {a: {}}\n", "needs `repository-id`"),
        ("{}", &application, "it is taken"),
        ("{mount: oidc}", &application, "it is taken"),
        ("{repository-id: 1}", &application, "needs `job-workflow-ref`"),
        (&format!("{{job-workflow-ref: {OTHER}}}"), &application, "needs `repository-id`"),
        (&format!("{{operator-workflow-ref: {OTHER}}}"), &application, "needs `repository-id`"),
        (&format!("{{repository-id: 1, operator-workflow-ref: {OTHER}}}"), &application, "it is taken"),
        (&format!("{{repository-id: 1, operator-workflow-ref: {OTHER}}}"), "", "needs `job-workflow-ref`"),
        (&format!("{{repository-id: 1, operator-workflow-ref: {WORKFLOW}}}"), &application, "and as the operator"),
        (&format!("{{repository-id: 1, job-workflow-ref: {OTHER}, role: bivouac-a}}"), &application, "the role of `a`"),
    ] {
        let found = message(&format!("{LEAST}  github: {github}\n{application}"));
        assert!(found.contains(words), "{github} {application}: {found}");
    }
}

#[test]
fn a_path_begins_below_the_mount() {
    for (lines, place, words) in [
        (
            "  applications: {a: {reads: [secret/data/staging/a]}}",
            "line 4, column 22",
            "without `secret/data/` in front",
        ),
        (
            "  applications: {a: {reads: [secret/metadata/a]}}",
            "line 4, column 22",
            "without `secret/metadata/` in front",
        ),
        ("  applications: {a: {shared: [secret/data/previews/a/b]}}", "line 4, column 22", "without `secret/data/`"),
        ("  applications: {a: {prefix: secret/data/previews/a}}", "line 4, column 22", "without `secret/data/`"),
        ("  deployer: {prefix: secret/data}", "line 4, column 14", "without `secret/data/`"),
        ("  kv: {mount: a/b}\n  applications: {a: {reads: [a/b/data/x]}}", "line 5", "without `a/b/data/`"),
        ("  kv: {mount: other}\n  applications: {a: {reads: [secret/data/x]}}", "", "it is taken"),
        ("  applications: {a: {reads: [secret/database/x, data/x, secret/x]}}", "", "it is taken"),
    ] {
        let found = message(&format!("{LEAST}{lines}\n"));
        assert!(found.contains(place) && found.contains(words), "{lines}: {found}");
    }
}

#[test]
fn what_is_wrong_with_an_application_is_said_where_it_stands() {
    for (lines, place, words) in [
        ("Wild: {}", "line 5", "`Wild` is not"),
        ("a/b: {}", "line 5", "`a/b` is not"),
        ("a: {prefx: x}", "line 5, column 9", "did you mean `prefix`?"),
        ("a: {prefix: \"x/*\"}", "line 5, column 17", "not a path of secrets"),
        ("a: {prefix: x/+/y}", "line 5, column 17", "not a path of secrets"),
        ("a: {prefix: x/../y}", "line 5, column 17", "not a path of secrets"),
        ("a: {prefix: x/}", "line 5, column 17", "not a path of secrets"),
        ("a: {reads: [\"staging/*\"]}", "line 5, column 17", "not a path of secrets"),
        ("a: {reads: [staging//x]}", "line 5, column 17", "not a path of secrets"),
        ("a: {shared: [staging/x]}", "line 5, column 9", "is not below `previews/a`"),
        ("a: {reads: [previews/a/b]}", "line 5, column 9", "the application's own"),
        ("a: {reads: [previews/a]}", "line 5, column 9", "the application's own"),
        ("a: {reads: [previews/b/c]}\n    b: {}", "line 5, column 9", "is of `b`"),
        ("a: {}\n    b: {reads: [previews/a]}", "line 6, column 9", "is of `a`"),
        ("a: {}\n    b: {prefix: previews/a}", "line 6, column 9", "one within the other"),
        ("a: {}\n    b: {prefix: previews/a/b}", "line 6, column 9", "one within the other"),
        ("a: {}\n    b: {prefix: previews}", "line 6, column 9", "one within the other"),
        ("deployer: {}", "line 5, column 5", "`bivouac-deployer` is the deployer's name already"),
        ("reader: {}", "line 5, column 5", "the reader's name already"),
        ("operator: {}", "line 5, column 5", "the operator's name already"),
        (
            "a: {}\n  policies: {bivouac-a: 'path \"x\" { policy = \"read\" }'}",
            "line 6",
            "the application `a`'s policy",
        ),
        ("a: {repository-id: 1}", "line 5, column 9", "needs `job-workflow-ref` too"),
        (
            "a: {job-workflow-ref: []}\n    b: {repository-id: 1, job-workflow-ref: []}",
            "line 6, column 9",
            "needs `job-workflow-ref` too",
        ),
        (
            "a: {job-workflow-ref: a/b/.github/workflows/c.yml@refs/heads/m}",
            "line 5, column 9",
            "needs `repository-id` too",
        ),
        ("a: {job-workflow-ref: main}", "line 5, column 27", "not a workflow at a ref"),
        (
            "a: {job-workflow-ref: [\"a/b/.github/workflows/*@refs/heads/m\"]}",
            "line 5, column",
            "not a workflow at a ref",
        ),
        ("a: {job-workflow-ref: {a: b}}", "line 5, column 27", "a workflow at a ref, or a list of them"),
        ("a: {token-ttl: 5h}", "line 5, column 9", "a token that lives 5h can not end after 4h"),
    ] {
        let found = message(&format!("{LEAST}  applications:\n    {lines}\n"));
        assert!(found.contains(place) && found.contains(words), "{lines}: {found}");
    }
    // What only begins alike is no neighbour.
    let apart = "a: {}\n    a-evil: {}\n    b: {prefix: previews/ab, reads: [previews/abc, previews]}";
    assert_eq!(message(&format!("{LEAST}  applications:\n    {apart}\n")), "it is taken");
}
