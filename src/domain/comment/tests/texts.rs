//! Every kind of comment, as people read it.

use super::*;
use crate::domain::deployment::DeploymentId;

#[test]
fn a_preview_that_is_up_is_told_with_all_that_there_is_to_know() {
    let images = tags(&[("backend", &"a".repeat(40)), ("frontend", "v1.2.3")]);
    let record = record();
    let story = Story::Up { record: &record, tags: &images, expiry: &Expiry::Never, keep: Some("keep-preview") };
    insta::assert_snapshot!(body(State::Deploying, story), @"
    <!-- bivouac application=wildside generation=3 state=deploying text=343918dc3b7fb500 -->
    ### Preview of wildside: deploying

    | Address | https://pr-123.preview.example.com |
    |:---|:---|
    | Commit | [`aaaaaaa`](https://github.com/acme/wildside/pull/123/commits/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) |
    | Images | `backend` `aaaaaaa`<br>`frontend` `v1.2.3` |
    | Namespace | `wildside-pr-123` |
    | Updated | 2026-11-21 12:00 UTC by `ada` |
    | Run | [4711](https://github.com/acme/wildside/actions/runs/4711) |

    Committed; Flux is rolling it out; not checked: the address may take a while to answer.
    ");
}

#[test]
fn what_is_not_known_is_not_told() {
    let (identity, pull_request, record) = (identity(), pull_request(), record());
    let story = Story::Up { record: &record, tags: &[], expiry: &Expiry::Never, keep: Some("keep-preview") };
    let marker = Marker { deployment: Some(DeploymentId(7)), ..marker(State::Deploying) };
    let comment = Comment {
        marker,
        identity: &identity,
        pull_request: &pull_request,
        story,
        seen: None,
        answer: None,
        by: None,
        at: at(NOON),
        run: None,
    };
    insta::assert_snapshot!(comment.body(), @"
    <!-- bivouac application=wildside generation=3 state=deploying deployment=7 text=758a088d1966810e -->
    ### Preview of wildside: deploying

    | Address | https://pr-123.preview.example.com |
    |:---|:---|
    | Commit | [`aaaaaaa`](https://github.com/acme/wildside/pull/123/commits/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) |
    | Namespace | `wildside-pr-123` |
    | Updated | 2026-11-21 12:00 UTC |

    Committed; Flux is rolling it out; not checked: the address may take a while to answer.
    ");
}

#[test]
fn one_image_is_one_and_a_life_that_ends_is_told() {
    let record = record();
    let expiry = Expiry::At { end: at("2026-11-28T12:00:00Z"), warning: at("2026-11-27T12:00:00Z") };
    let images = tags(&[("web", "v1")]);
    let story = Story::Up { record: &record, tags: &images, expiry: &expiry, keep: Some("keep-preview") };
    let body = body(State::Deploying, story);
    assert!(!body.contains("WARNING"));
    let rows: Vec<_> = body.lines().filter(|line| line.contains("Image") || line.contains("Expires")).collect();
    insta::assert_snapshot!(rows.join("\n"), @"
    | Image | `web` `v1` |
    | Expires | 2026-11-28 12:00 UTC; a push prolongs it |
    ");
}

#[test]
fn a_preview_whose_time_is_nearly_up_warns() {
    let record = record();
    let expiry = Expiry::At { end: at("2026-11-22T00:30:00Z"), warning: at(NOON) };
    let story = Story::Up { record: &record, tags: &[], expiry: &expiry, keep: Some("keep-preview") };
    insta::assert_snapshot!(body(State::Expiring, story), @"
    <!-- bivouac application=wildside generation=3 state=expiring text=ee3d00d7ad9e420b -->
    ### Preview of wildside: expiring

    > **It will be taken down on 2026-11-22 00:30 UTC.** Push a commit, or add the label `keep-preview` to keep it.

    | Address | https://pr-123.preview.example.com |
    |:---|:---|
    | Commit | [`aaaaaaa`](https://github.com/acme/wildside/pull/123/commits/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) |
    | Namespace | `wildside-pr-123` |
    | Updated | 2026-11-21 12:00 UTC by `ada` |
    | Run | [4711](https://github.com/acme/wildside/actions/runs/4711) |
    | Expires | 2026-11-22 00:30 UTC; a push prolongs it |

    Committed; not checked: nobody has looked whether the address answers.
    ");
}

#[test]
fn a_preview_that_a_label_keeps_says_which_one() {
    let record = record();
    let expiry = Expiry::Kept { label: "keep-preview".to_owned() };
    let story = Story::Up { record: &record, tags: &[], expiry: &expiry, keep: Some("keep-preview") };
    let body = body(State::Deploying, story);
    insta::assert_snapshot!(body.lines().find(|line| line.contains("Expires")).unwrap(), @"| Expires | never, as long as it has the label `keep-preview` |");
}

#[test]
fn a_preview_that_went_with_its_pull_request_tells_what_it_was() {
    let record = record();
    let story = Story::Removed { reason: Some(&Reason::Closed), record: Some(&record) };
    insta::assert_snapshot!(body(State::Removed, story), @"
    <!-- bivouac application=wildside generation=3 state=removed text=b75f7a25287b05be -->
    ### Preview of wildside: removed

    Taken down because the pull request is closed.

    | Was at | `pr-123.preview.example.com` |
    |:---|:---|
    | Last commit | [`aaaaaaa`](https://github.com/acme/wildside/pull/123/commits/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) |
    | Put up | 2026-11-21 12:00 UTC |
    | Taken down | 2026-11-21 12:00 UTC by `ada` |
    | Run | [4711](https://github.com/acme/wildside/actions/runs/4711) |
    ");
}

#[test]
fn a_preview_that_was_taken_down_says_how_it_comes_back() {
    let first = |reason: &Reason| {
        let body = body(State::Removed, Story::Removed { reason: Some(reason), record: None });
        body.lines().nth(3).unwrap().to_owned()
    };
    insta::assert_snapshot!(first(&Reason::Forced), @"Taken down because `--force` was given. The next `deploy` brings it back.");
    insta::assert_snapshot!(first(&Reason::Expired { since: Some(at(NOON)) }), @"Taken down because its time was up on 2026-11-21 12:00 UTC. Push a commit, or run `deploy` by hand, to get it back.");
    insta::assert_snapshot!(first(&Reason::Excluded { label: "no-preview".to_owned() }), @"Taken down because the pull request has the label `no-preview`. Take the label away to get one.");
}

#[test]
fn a_preview_that_went_nobody_knows_why_is_told_all_the_same() {
    let story = Story::Removed { reason: None, record: None };
    insta::assert_snapshot!(body_by(State::Removed, story, None), @"
    <!-- bivouac application=wildside generation=3 state=removed text=0c35e774ff85fd20 -->
    ### Preview of wildside: removed

    Taken down.

    | Was at | `pr-123.preview.example.com` |
    |:---|:---|
    | Taken down | 2026-11-21 12:00 UTC |
    | Run | [4711](https://github.com/acme/wildside/actions/runs/4711) |
    ");
}

#[test]
fn a_refusal_says_why_and_what_can_be_done() {
    let refused = |reason: &Reason| body(State::Refused, Story::Refused { reason });
    insta::assert_snapshot!(refused(&Reason::Draft), @"
    <!-- bivouac application=wildside generation=3 state=refused text=d7f42d5ba1ea12cb -->
    ### Preview of wildside: none

    There is no preview because the pull request is a draft. Mark it ready for review to get one.
    ");
    let last = |reason: &Reason| refused(reason).lines().last().unwrap().to_owned();
    insta::assert_snapshot!(last(&Reason::Fork), @"There is no preview because the pull request comes from a fork, and previews for forks are refused. Somebody who may push to the repository can push the branch there to get one; with `preview.forks: approved` they can approve its commits.");
    insta::assert_snapshot!(last(&Reason::Bot { login: "dependabot[bot]".to_owned() }), @"There is no preview because the author, `dependabot[bot]`, is a bot. `preview.bots: true` in `bivouac.yaml` gives bots previews too.");
    insta::assert_snapshot!(last(&Reason::Unlabelled { label: "preview".to_owned() }), @"There is no preview because the pull request does not have the label `preview`. Add the label to get one.");
    insta::assert_snapshot!(last(&Reason::Branch { target: "dev".to_owned() }), @"There is no preview because the target branch, `dev`, is not one that previews are for. `preview.branches` in `bivouac.yaml` says which are.");
    insta::assert_snapshot!(last(&Reason::Expired { since: None }), @"There is no preview because its time was up. Push a commit, or run `deploy` by hand, to get it back.");
    insta::assert_snapshot!(last(&Reason::Merged), @"There is no preview because the pull request is merged.");
    insta::assert_snapshot!(last(&Reason::Limit { limit: 0, holders: Vec::new() }), @"Raise `preview.limit` in `bivouac.yaml`.");
}

#[test]
fn a_full_house_names_who_is_in_it() {
    let reason = Reason::Limit { limit: 3, holders: holders(3) };
    insta::assert_snapshot!(body(State::Refused, Story::Refused { reason: &reason }), @"
    <!-- bivouac application=wildside generation=3 state=refused text=9781f3f514bcc55a -->
    ### Preview of wildside: none

    There is no preview because the limit of 3 is reached. These are there:

    - [pr-1](https://github.com/acme/wildside/pull/1)
    - [pr-2](https://github.com/acme/wildside/pull/2)
    - [pr-3](https://github.com/acme/wildside/pull/3)

    When one of them has gone, push, or run `deploy` by hand, to get one.
    ");
}

#[test]
fn a_house_that_is_full_of_many_names_some_and_counts_the_others() {
    let lines = |count| {
        let reason = Reason::Limit { limit: 50, holders: holders(count) };
        let body = body(State::Refused, Story::Refused { reason: &reason });
        body.lines().filter(|line| line.starts_with("- ")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!((lines(50).len(), lines(51).len(), lines(120).len()), (50, 51, 51));
    assert_eq!(lines(50).last().unwrap(), "- [pr-50](https://github.com/acme/wildside/pull/50)");
    assert_eq!(lines(51).last().unwrap(), "- and 1 more");
    assert_eq!(lines(120).last().unwrap(), "- and 70 more");
    assert_eq!(lines(50), lines(120)[..50]);
}

#[test]
fn many_images_are_named_as_far_as_they_fit_and_counted() {
    let images = |count: usize| {
        let images: Vec<_> = (0..count).map(|index| (format!("image-{index}"), "x".repeat(128))).collect();
        let record = record();
        let body = body(
            State::Deploying,
            Story::Up { record: &record, tags: &images, expiry: &Expiry::Never, keep: Some("keep-preview") },
        );
        body.lines().find(|line| line.starts_with("| Images |")).unwrap().to_owned()
    };
    let (fifty, more) = (images(50), images(53));
    assert_eq!((fifty.matches("<br>").count(), more.matches("<br>").count()), (49, 50));
    assert!(more.ends_with("<br>and 3 more |") && !fifty.contains(" more"));
    assert!(fifty.contains(&format!("`image-49` `{}` |", "x".repeat(64))), "{fifty}");
}

#[test]
fn a_preview_that_was_waited_for_says_what_came_of_it() {
    let (identity, pull_request, record) = (identity(), pull_request(), record());
    let told = |state, rollout, seen| {
        let expiry = Expiry::At { end: at("2026-11-22T00:30:00Z"), warning: at(NOON) };
        let story = Story::Up { record: &record, tags: &[], expiry: &expiry, keep: Some("keep-preview") };
        let marker = Marker { rollout, ..marker(state) };
        let (identity, pull_request) = (&identity, &pull_request);
        let comment =
            Comment { marker, identity, pull_request, story, seen, answer: None, by: None, at: at(NOON), run: None };
        let body = comment.body();
        let shown = |line: &&str| !line.starts_with('|') || line.contains("Last answer");
        body.lines().filter(shown).filter(|line| !line.is_empty()).skip(1).collect::<Vec<_>>().join("\n")
    };
    let rollout = |is_ready, took| Some(Rollout { is_ready, took });
    let cases = [
        told(State::Ready, rollout(true, Some(42)), Some("status 200, header x-commit holds aaaaaaa")),
        told(State::Ready, rollout(true, None), None),
        told(State::Failed, rollout(false, Some(605)), Some("status 502, not `200` | x")),
        told(State::Failed, rollout(false, None), None),
        told(State::Expiring, rollout(true, Some(120)), None),
        told(State::Expiring, rollout(false, Some(600)), None),
    ];
    insta::assert_snapshot!(cases.join("\n\n"), @"
    ### Preview of wildside: ready
    | Last answer | `status 200, header x-commit holds aaaaaaa` |
    Ready: it was seen to show this commit, after a wait of 42 s.

    ### Preview of wildside: ready
    Ready: it was seen to show this commit.

    ### Preview of wildside: failed
    | Last answer | `status 502, not '200' ¦ x` |
    It was not seen to show this commit within 10 min 5 s. `flux get helmreleases -n wildside-pr-123` and `kubectl get pods -n wildside-pr-123` may say why. A push, or waiting again, looks again.

    ### Preview of wildside: failed
    It was not seen to show this commit. `flux get helmreleases -n wildside-pr-123` and `kubectl get pods -n wildside-pr-123` may say why. A push, or waiting again, looks again.

    ### Preview of wildside: expiring
    > **It will be taken down on 2026-11-22 00:30 UTC.** Push a commit, or add the label `keep-preview` to keep it.
    Ready: it was seen to show this commit, after a wait of 2 min.

    ### Preview of wildside: expiring
    > **It will be taken down on 2026-11-22 00:30 UTC.** Push a commit, or add the label `keep-preview` to keep it.
    It was not seen to show this commit within 10 min. `flux get helmreleases -n wildside-pr-123` and `kubectl get pods -n wildside-pr-123` may say why. A push, or waiting again, looks again.
    ");
}
