//! What a comment says of commits of forks that somebody has to approve, and to who asked for something.

use super::*;
use crate::domain::pull_request::PullRequest;
use crate::domain::record::Record;
use crate::domain::tests::commit;

/// The comment on a preview of `b…` that Ada approved.
fn told(marker: Marker, answer: Option<&str>) -> String {
    let approval = Some(crate::domain::approval::Approval { commit: commit('b'), by: "ada".parse().unwrap() });
    let record = Record { commit: commit('b'), approval, ..record() };
    let (identity, pull_request) = (identity(), PullRequest { is_from_fork: true, ..pull_request() });
    Comment {
        marker,
        identity: &identity,
        pull_request: &pull_request,
        story: Story::Up { record: &record, tags: &[], expiry: &Expiry::Never, keep: None },
        seen: None,
        answer,
        by: None,
        at: at(NOON),
        run: None,
    }
    .body()
}

#[test]
fn a_preview_of_an_approved_commit_says_who_approved_it() {
    insta::assert_snapshot!(told(marker(State::Deploying), None), @"
    <!-- bivouac application=wildside generation=3 state=deploying text=bdd0039601bd725d -->
    ### Preview of wildside: deploying

    | Address | https://pr-123.preview.example.com |
    |:---|:---|
    | Commit | [`bbbbbbb`](https://github.com/acme/wildside/pull/123/commits/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb) |
    | Approved by | `ada` |
    | Namespace | `wildside-pr-123` |
    | Updated | 2026-11-21 12:00 UTC |

    Committed; Flux is rolling it out; not checked: the address may take a while to answer.
    ");
}

#[test]
fn a_head_that_nobody_has_approved_is_told_above_everything_with_what_to_do() {
    let marker = Marker { unapproved: Some(commit('a')), ..marker(State::Deploying) };
    insta::assert_snapshot!(told(marker, None), @"
    <!-- bivouac application=wildside generation=3 state=deploying unapproved=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa text=f689226db3eef096 -->
    ### Preview of wildside: deploying

    > **The head, [`aaaaaaa`](https://github.com/acme/wildside/pull/123/commits/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa), is not approved: the preview stays at [`bbbbbbb`](https://github.com/acme/wildside/pull/123/commits/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb).** Somebody who may push to the repository, and has read that commit, can comment `/preview approve aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`.

    | Address | https://pr-123.preview.example.com |
    |:---|:---|
    | Commit | [`bbbbbbb`](https://github.com/acme/wildside/pull/123/commits/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb) |
    | Approved by | `ada` |
    | Namespace | `wildside-pr-123` |
    | Updated | 2026-11-21 12:00 UTC |

    Committed; Flux is rolling it out; not checked: the address may take a while to answer.
    ");
}

#[test]
fn the_warning_of_an_end_stands_below_that_of_the_head() {
    let marker = Marker { unapproved: Some(commit('a')), ..marker(State::Ready) };
    let body = told(marker, None);
    assert!(body.contains("### Preview of wildside: ready\n\n> **The head, "), "{body}");
}

#[test]
fn no_preview_for_want_of_an_approval_gives_the_command_with_all_digits() {
    let reason = Reason::Unapproved { head: commit('a') };
    insta::assert_snapshot!(body(State::Refused, Story::Refused { reason: &reason }), @"
    <!-- bivouac application=wildside generation=3 state=refused text=b456d196f55b0b63 -->
    ### Preview of wildside: none

    There is no preview because the head, `aaaaaaa`, is a commit of a fork that nobody has approved. Somebody who may push to the repository, and has read that commit, can comment `/preview approve aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`.
    ");
    insta::assert_snapshot!(body(State::Removed, Story::Removed { reason: Some(&reason), record: None }), @"
    <!-- bivouac application=wildside generation=3 state=removed text=364d563a084496f1 -->
    ### Preview of wildside: removed

    Taken down because the head, `aaaaaaa`, is a commit of a fork that nobody has approved. Somebody who may push to the repository, and has read that commit, can comment `/preview approve aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`.

    | Was at | `pr-123.preview.example.com` |
    |:---|:---|
    | Taken down | 2026-11-21 12:00 UTC by `ada` |
    | Run | [4711](https://github.com/acme/wildside/actions/runs/4711) |
    ");
}

#[test]
fn who_asked_is_answered_below_everything_else_in_a_line_of_its_own() {
    let answer = "To `ada`, 2026-11-21 12:00 UTC: there is no preview.";
    let body = told(marker(State::Deploying), Some(answer));
    assert!(body.ends_with(&format!("\n\n{answer}\n")), "{body}");
    assert!(is_untouched(&body));
    let told = told(marker(State::Deploying), None);
    let shown = |body: &str| body.split_once("-->").unwrap().1.trim_end().to_owned();
    assert_eq!(shown(&body), format!("{}\n\n{answer}", shown(&told)));
}
