use std::time::Duration;

use super::*;
use crate::domain::configuration::Age;
use crate::domain::tests::{commit, pull_request};

/// The default settings, with a week to live, and forks whose commits are approved.
fn settings() -> PreviewSettings {
    let ttl = Ttl::After(Age(Duration::from_hours(7 * 24)));
    PreviewSettings { ttl, forks: Forks::Approved, ..PreviewSettings::default() }
}

fn with(settings: &mut PreviewSettings, require: &[&str], exclude: &[&str], keep: &[&str]) {
    let owned = |labels: &[&str]| labels.iter().map(|&label| label.to_owned()).collect();
    settings.labels = LabelRules { require: owned(require), exclude: owned(exclude), keep: owned(keep) };
}

fn labelled(labels: &[&str]) -> PullRequest {
    PullRequest { labels: labels.iter().map(|&label| label.to_owned()).collect(), ..pull_request() }
}

fn from_a_fork() -> PullRequest {
    PullRequest { is_from_fork: true, ..pull_request() }
}

fn order(command: &SlashCommand, settings: &PreviewSettings, pull_request: &PullRequest) -> Order {
    Order::of(command, &"ada".parse().unwrap(), settings, pull_request, None)
}

/// An order in words: the labels, what is asked of the preview, and what is said.
fn words(order: &Order) -> String {
    let mut words: Vec<_> = order.labels.added.iter().map(|label| format!("+{label}")).collect();
    words.extend(order.labels.removed.iter().map(|label| format!("-{label}")));
    words.push(match &order.intent {
        Intent::Deploy { made_for: None, is_explicit: true } => "deploy".to_owned(),
        Intent::Teardown { force: true } => "remove by force".to_owned(),
        Intent::Teardown { force: false } => "remove".to_owned(),
        Intent::Prolong(age) => format!("prolong by {} h", age.0.as_secs() / 3600),
        Intent::Look => "look".to_owned(),
        other => format!("{other:?}"),
    });
    words.extend(order.is_refused.then(|| "refuse".to_owned()));
    words.push(match &order.answer {
        Answer::None => return words.join(" "),
        Answer::End => "say its end".to_owned(),
        Answer::Standing => "say how it stands".to_owned(),
        answer if *answer == Answer::help() => "help".to_owned(),
        Answer::Text(text) => text.clone(),
    });
    words.join(" ")
}

const EXTEND: SlashCommand = SlashCommand::Extend(Age(Duration::from_hours(48)));
const NOT_OPEN: &str = "look refuse the pull request is not open.";

#[test]
fn each_command_is_done_by_labels_first_and_then_by_the_preview() {
    let table = [
        (SlashCommand::Deploy, &[][..], "deploy"),
        (SlashCommand::Deploy, &["bug", "No-Preview"], "-No-Preview deploy"),
        (SlashCommand::Remove, &[], "+no-preview remove"),
        (SlashCommand::Remove, &["No-Preview"], "remove"),
        (SlashCommand::Keep, &[], "+keep-preview look say its end"),
        (SlashCommand::Keep, &["KEEP-PREVIEW"], "look say its end"),
        (EXTEND, &[], "prolong by 48 h say its end"),
        (SlashCommand::Status, &[], "look say how it stands"),
        (SlashCommand::Help, &[], "look help"),
    ];
    for (command, labels, expected) in table {
        assert_eq!(words(&order(&command, &settings(), &labelled(labels))), expected, "{command:?} {labels:?}");
    }
}

#[test]
fn labels_are_those_of_the_configuration_and_none_where_it_has_none() {
    let mut bare = settings();
    with(&mut bare, &[], &[], &[]);
    let told = |command: &SlashCommand, settings: &PreviewSettings, labels: &[&str]| {
        words(&order(command, settings, &labelled(labels)))
    };
    assert_eq!(told(&SlashCommand::Deploy, &bare, &["no-preview"]), "deploy");
    assert_eq!(told(&SlashCommand::Remove, &bare, &["no-preview"]), "remove by force");
    let none = "look refuse no label keeps a preview here: `preview.labels.keep` of `bivouac.yaml` names none.";
    assert_eq!(told(&SlashCommand::Keep, &bare, &["keep-preview"]), none);

    let mut many = settings();
    with(&mut many, &["Preview", "ready"], &["wip", "hold"], &["pinned", "demo"]);
    assert_eq!(told(&SlashCommand::Deploy, &many, &["preview", "HOLD", "Wip"]), "+ready -HOLD -Wip deploy");
    assert_eq!(told(&SlashCommand::Remove, &many, &["preview"]), "+wip remove");
    assert_eq!(told(&SlashCommand::Remove, &many, &["hold"]), "remove");
    assert_eq!(told(&SlashCommand::Keep, &many, &["Demo"]), "look say its end");
    assert_eq!(told(&SlashCommand::Keep, &many, &[]), "+pinned look say its end");
    many.ttl = Ttl::None;
    assert_eq!(told(&SlashCommand::Keep, &many, &[]), "look say its end", "nothing ends");
}

#[test]
fn a_pull_request_that_has_ended_gets_no_label_and_is_only_told_of() {
    for state in [PullRequestState::Closed, PullRequestState::Merged] {
        let ended = PullRequest { state, labels: vec!["no-preview".to_owned()], ..from_a_fork() };
        let approve = SlashCommand::Approve(commit('a').as_str().parse().unwrap());
        for (command, expected) in [
            (SlashCommand::Deploy, NOT_OPEN),
            (SlashCommand::Keep, NOT_OPEN),
            (EXTEND, NOT_OPEN),
            (approve, NOT_OPEN),
            (SlashCommand::Remove, "remove"),
            (SlashCommand::Status, "look say how it stands"),
            (SlashCommand::Help, "look help"),
        ] {
            assert_eq!(words(&order(&command, &settings(), &ended)), expected, "{state:?} {command:?}");
            let mut bare = settings();
            with(&mut bare, &[], &[], &[]);
            assert_eq!(words(&order(&command, &bare, &ended)), expected, "{state:?} {command:?}");
        }
        assert!(!Order::may_approve(&settings(), &ended));
    }
}

/// What is ordered for an approval that names this commit.
fn approve(settings: &PreviewSettings, pull_request: &PullRequest, named: Option<char>) -> Order {
    let command = SlashCommand::Approve("0123456789ab".parse().unwrap());
    Order::of(&command, &"ada".parse().unwrap(), settings, pull_request, named.map(commit).as_ref())
}

#[test]
fn the_head_of_a_fork_is_approved_by_name_and_nothing_else_is() {
    let mut settings = settings();
    with(&mut settings, &["preview"], &["no-preview"], &[]);
    let fork = PullRequest { labels: vec!["no-preview".to_owned()], ..from_a_fork() };
    let order = approve(&settings, &fork, Some('a'));
    let given = Given { approval: Approval { commit: commit('a'), by: "ada".parse().unwrap() }, means: Means::Command };
    assert_eq!(order.approval, Some(given));
    assert_eq!(order.intent, Intent::Deploy { made_for: Some(commit('a')), is_explicit: true });
    assert_eq!((order.labels.added, order.labels.removed), (vec!["preview".to_owned()], vec!["no-preview".to_owned()]));
    assert!(!order.is_refused);

    let refused = |settings: &PreviewSettings, pull_request: &PullRequest, named: Option<char>| {
        let order = approve(settings, pull_request, named);
        assert_eq!((order.approval.as_ref(), &order.labels), (None, &Labels::default()));
        words(&order).strip_prefix("look refuse ").unwrap().to_owned()
    };
    insta::assert_snapshot!(refused(&settings, &fork, None), @"no commit, or more than one, begins like that: give all digits of the commit that you have read.");
    insta::assert_snapshot!(refused(&settings, &fork, Some('b')), @"`bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb` is not the head any more, or never was: that is `aaaaaaa`. Read what has changed before you approve it.");
    for named in [None, Some('a'), Some('b')] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(refused(&settings, &pull_request(), named), @"the pull request comes from no fork, so that nothing needs an approval.");
        }
    }
    settings.forks = Forks::Refused;
    for named in [None, Some('a')] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(refused(&settings, &fork, named), @"previews for forks are refused here: `preview.forks` of `bivouac.yaml` says so.");
        }
    }
}

#[test]
fn an_approval_is_looked_up_only_where_it_may_count() {
    let refused = PreviewSettings { forks: Forks::Refused, ..settings() };
    assert!(Order::may_approve(&settings(), &from_a_fork()));
    assert!(!Order::may_approve(&settings(), &pull_request()));
    assert!(!Order::may_approve(&refused, &from_a_fork()));
}

#[test]
fn labels_are_put_on_a_pull_request_as_a_forge_would() {
    let mut one = labelled(&["bug", "No-Preview", "ready"]);
    let owned = |labels: &[&str]| labels.iter().map(|&label| label.to_owned()).collect();
    let labels = Labels { added: owned(&["Ready", "preview"]), removed: owned(&["No-Preview"]) };
    for _first_and_again in 0..2 {
        labels.put_on(&mut one);
        assert_eq!(one.labels, ["bug", "ready", "preview"]);
    }
}
