use std::time::Duration;

use super::super::help;
use super::*;
use crate::domain::configuration::Age;
use crate::domain::tests::{commit, pull_request};

fn settings() -> PreviewSettings {
    let mut settings = PreviewSettings { ttl: Ttl::After(Age(Duration::from_hours(24))), ..PreviewSettings::default() };
    settings.forks = Forks::Approved;
    settings.labels.require = vec!["preview".to_owned()];
    settings.labels.exclude = vec!["no-preview".to_owned(), "wip".to_owned()];
    settings
}

fn with_labels(labels: &[&str]) -> PullRequest {
    PullRequest { labels: labels.iter().map(|&label| label.to_owned()).collect(), ..pull_request() }
}

fn order(command: &SlashCommand, settings: &PreviewSettings, pull_request: &PullRequest) -> Order {
    Order::of(command, &"ada".parse().unwrap(), settings, pull_request, None)
}

fn labels(added: &[&str], removed: &[&str]) -> Labels {
    let owned = |labels: &[&str]| labels.iter().map(|&label| label.to_owned()).collect();
    Labels { added: owned(added), removed: owned(removed) }
}

#[test]
fn a_deploy_takes_away_what_excludes_and_puts_on_what_is_required() {
    for (has, expected) in [
        (&["bug"][..], labels(&["preview"], &[])),
        (&["bug", "PREVIEW"], labels(&[], &[])),
        (&["No-Preview", "WIP", "preview"], labels(&[], &["No-Preview", "WIP"])),
    ] {
        let order = order(&SlashCommand::Deploy, &settings(), &with_labels(has));
        assert_eq!((order.labels, order.approval, order.is_refused), (expected, None, false), "{has:?}");
        assert_eq!(order.intent, Intent::Deploy { made_for: None, is_explicit: true });
    }
}

#[test]
fn a_removal_puts_on_the_first_label_that_excludes_and_goes_without_one_by_force() {
    let kept = |force| Intent::Teardown { force };
    let mut none = settings();
    none.labels.exclude = Vec::new();
    let closed = PullRequest { state: PullRequestState::Closed, ..pull_request() };
    for (settings, pull_request, intent, expected) in [
        (&settings(), pull_request(), kept(false), labels(&["no-preview"], &[])),
        (&settings(), with_labels(&["Wip"]), kept(false), labels(&[], &[])),
        (&none, pull_request(), kept(true), labels(&[], &[])),
        (&settings(), closed.clone(), kept(false), labels(&[], &[])),
        (&none, closed, kept(false), labels(&[], &[])),
    ] {
        let order = order(&SlashCommand::Remove, settings, &pull_request);
        assert_eq!((order.intent, order.labels, order.is_refused), (intent, expected, false));
    }
}

#[test]
fn keeping_puts_on_the_first_label_that_keeps_where_there_is_an_end_to_keep_it_from() {
    let mut none = settings();
    none.labels.keep = Vec::new();
    let endless = PreviewSettings { ttl: Ttl::None, ..settings() };
    for (settings, pull_request, expected, is_refused) in [
        (&settings(), pull_request(), labels(&["keep-preview"], &[]), false),
        (&settings(), with_labels(&["Keep-Preview"]), labels(&[], &[]), false),
        (&endless, pull_request(), labels(&[], &[]), false),
        (&none, pull_request(), labels(&[], &[]), true),
    ] {
        let order = order(&SlashCommand::Keep, settings, &pull_request);
        assert_eq!((order.labels, order.is_refused, order.intent), (expected, is_refused, Intent::Look));
        assert_eq!(order.answer == Answer::End, !is_refused);
    }
}

#[test]
fn nothing_is_asked_of_a_pull_request_that_is_not_open_but_to_go_and_to_tell() {
    let approve = SlashCommand::Approve("a".repeat(40).parse().unwrap());
    for state in [PullRequestState::Closed, PullRequestState::Merged] {
        let closed = PullRequest { state, is_from_fork: true, ..pull_request() };
        for command in
            [SlashCommand::Deploy, SlashCommand::Keep, SlashCommand::Extend(Age(Duration::ZERO)), approve.clone()]
        {
            let order = order(&command, &settings(), &closed);
            assert_eq!(order, Order::refuse("the pull request is not open."), "{command:?}");
        }
        for command in [SlashCommand::Status, SlashCommand::Help, SlashCommand::Remove] {
            assert!(!order(&command, &settings(), &closed).is_refused, "{command:?}");
        }
        assert!(!Order::may_approve(&settings(), &closed));
    }
}

#[test]
fn an_approval_is_of_the_head_of_a_fork_and_of_nothing_else() {
    let fork = PullRequest { is_from_fork: true, ..with_labels(&["no-preview"]) };
    let approve = |settings: &PreviewSettings, pull_request: &PullRequest, named: Option<char>| {
        let named = named.map(commit);
        let command = SlashCommand::Approve("a".repeat(40).parse().unwrap());
        Order::of(&command, &"ada".parse().unwrap(), settings, pull_request, named.as_ref())
    };
    let approved = approve(&settings(), &fork, Some('a'));
    assert_eq!(approved.intent, Intent::Deploy { made_for: Some(commit('a')), is_explicit: true });
    assert_eq!(approved.labels, labels(&["preview"], &["no-preview"]));
    let given = approved.approval.unwrap();
    assert_eq!((given.approval.commit, given.approval.by.as_str(), given.means), (commit('a'), "ada", Means::Command));

    let refused = PreviewSettings { forks: Forks::Refused, ..settings() };
    for (settings, pull_request, named, why) in [
        (&settings(), &fork, Some('b'), "`bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb` is not the head any more"),
        (&settings(), &fork, None, "no commit, or more than one, begins like that"),
        (&settings(), &pull_request(), Some('a'), "comes from no fork"),
        (&refused, &fork, Some('a'), "previews for forks are refused here"),
    ] {
        let order = approve(settings, pull_request, named);
        let Answer::Text(told) = &order.answer else { panic!("{order:?}") };
        assert!(told.contains(why), "{told}");
        assert_eq!((order.is_refused, order.approval, order.intent), (true, None, Intent::Look));
        assert_eq!(order.labels, Labels::default());
        assert_eq!(
            Order::may_approve(settings, pull_request),
            pull_request.is_from_fork && settings.forks == Forks::Approved
        );
    }
}

#[test]
fn help_and_status_change_nothing() {
    for (command, answer) in [(SlashCommand::Help, Answer::Text(help())), (SlashCommand::Status, Answer::Standing)] {
        let order = order(&command, &settings(), &pull_request());
        assert_eq!((order.intent, order.labels, order.answer), (Intent::Look, Labels::default(), answer));
    }
}

#[test]
fn labels_are_put_on_a_pull_request_as_it_was_read() {
    let mut pull_request = with_labels(&["bug", "No-Preview"]);
    labels(&["preview", "BUG"], &["No-Preview"]).put_on(&mut pull_request);
    assert_eq!(pull_request.labels, ["bug", "preview"]);
}
