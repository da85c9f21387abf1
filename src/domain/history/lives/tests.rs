mod properties;
mod tips;

use indoc::formatdoc;
use jiff::Timestamp;

use super::*;
use crate::domain::history::There;
use crate::domain::tests::{NOON, at};

/// A commit, an hour after the one before it.
pub(super) fn logged(index: usize, message: &str) -> Logged {
    let at = at(NOON) + SignedDuration::from_hours(i64::try_from(index).unwrap());
    let (author, message) = ("Ada".to_owned(), message.to_owned());
    Logged { id: format!("{index:040x}").parse().unwrap(), at, authored_at: at, author, message }
}

pub(super) fn log(messages: &[&str]) -> Vec<Logged> {
    messages.iter().enumerate().map(|(index, message)| logged(index, message)).collect()
}

/// A message as they all were before there were more trailers.
pub(super) fn old(verb: &str, number: u32, head: char) -> String {
    formatdoc! {"
        preview(wildside): {verb} pr-{number}

        Bivouac-Preview: pr-{number}
        Bivouac-Pull-Request: acme/wildside#{number}
        Bivouac-Commit: {head}
        ", head = head.to_string().repeat(40)}
}

/// What happened, in one line for each life, the one that began last first.
pub(super) fn told(history: &History) -> Vec<String> {
    let told = |life: &Life| {
        let moments: Vec<_> = life.moments.iter().map(|moment| moment.change.word()).collect();
        let end = match life.end {
            End::StillUp { is_seen: true } => "is seen",
            End::StillUp { is_seen: false } => "is up",
            End::Removed { .. } => "ended",
            End::Unsaid => "is gone",
        };
        let application = life.application.as_ref().map_or("?", |application| application.as_str());
        format!("{application} {}: {} - {end}", life.preview, moments.join(", "))
    };
    history.lives.iter().map(told).collect()
}

fn of(messages: &[&str]) -> History {
    History::of(&log(messages), &Tip::default())
}

fn odd(history: &History) -> Vec<&str> {
    history.odd.iter().map(|(_, why)| why.as_str()).collect()
}

#[test]
fn a_preview_lives_from_where_it_is_put_up_to_where_it_is_taken_down() {
    let (up, more, down) = (
        old("put up", 7, 'a'),
        old("bring", 7, 'b').replace("pr-7\n\n", "pr-7 up to date\n\n"),
        old("take down", 7, 'b'),
    );
    let history = of(&["Lay it out", &up, &more, &down, &up.replace("aaaa", "cccc"), "Notes"]);
    assert_eq!(told(&history), ["wildside pr-7: put-up - is up", "wildside pr-7: put-up, updated, removed - ended"]);
    assert_eq!((history.commits, odd(&history).len()), (6, 0));
    let life = &history.lives[1];
    assert_eq!(life.began_at, Some(at("2026-11-21T13:00:00Z")));
    assert_eq!(life.end, End::Removed { at: at("2026-11-21T15:00:00Z") });
}

#[test]
fn what_a_copy_says_counts_once() {
    let (up, down) = (old("put up", 7, 'a'), old("take down", 7, 'a'));
    let mut commits = log(&[&up, &down, &up]);
    commits[2].authored_at = commits[0].authored_at;
    let history = History::of(&commits, &Tip::default());
    assert_eq!(told(&history), ["wildside pr-7: put-up, removed - ended"]);
    assert_eq!(odd(&history), ["what it says of `pr-7` was said before: it counts once"]);
    // Nobody copies a commit in the moment in which it is made: this one was put up twice.
    commits[2].at = commits[0].at;
    assert_eq!(History::of(&commits, &Tip::default()).lives.len(), 2);
    // Put up once more with the same commit, which is no copy.
    assert_eq!(of(&[&up, &down, &up]).lives.len(), 2);
    let generation = |message: &str| format!("{message}Bivouac-Generation: 1\n");
    assert_eq!(of(&[&generation(&up), &generation(&down), &generation(&up)]).lives.len(), 1);
}

#[test]
fn what_a_squash_says_of_commits_that_are_there_counts_once() {
    let (up, down) = (old("put up", 7, 'a'), old("take down", 7, 'a'));
    let squash = |index: usize, message: &str| {
        let indented: String = message.lines().map(|line| format!("    {line}\n")).collect();
        format!("commit {index:040x}\nAuthor: Ada\n\n{indented}\n")
    };
    let all = |first: usize| {
        let (down, up) = (squash(first + 1, &down), squash(first, &up));
        format!("Squashed commit of the following:\n\n{down}{up}")
    };
    assert_eq!(told(&of(&[&up, &down, &all(0)])), ["wildside pr-7: put-up, removed - ended"]);
    assert_eq!(told(&of(&[&all(1), &up, &down])), ["wildside pr-7: put-up, removed - ended"]);
    let again = format!("* {up}\n* {down}\n* {up}");
    assert_eq!(of(&[&again]).lives.len(), 2, "one commit may say the same of two times");
}

#[test]
fn a_revert_undoes_what_was_said_and_a_revert_of_it_does_it_again() {
    let (up, down) = (old("put up", 7, 'a'), old("take down", 7, 'a'));
    let revert = |index: usize| format!("Revert \"x\"\n\nThis reverts commit {index:040x}.\n");
    assert_eq!(told(&of(&[&up, &revert(0)])), ["wildside pr-7: put-up, removed - ended"]);
    let twice = of(&[&up, &revert(0), &revert(1)]);
    assert_eq!(told(&twice), ["wildside pr-7: put-up - is up", "wildside pr-7: put-up, removed - ended"]);
    let back = of(&[&up, &down, &revert(1)]);
    assert_eq!(told(&back), ["wildside pr-7: put-up - is up", "wildside pr-7: put-up, removed - ended"]);
    assert_eq!(back.lives[0].moments[0].commit, Some("a".repeat(40).parse().unwrap()));
    let update = old("update", 7, 'b');
    assert_eq!(told(&of(&[&up, &update, &revert(1)])), ["wildside pr-7: put-up, updated, updated - is up"]);
    assert_eq!(told(&of(&[&up, &revert(9)])), ["wildside pr-7: put-up - is up"], "a commit that is not there");
    let short = "Revert\n\nThis reverts commit 0000000000.\n";
    assert_eq!(told(&of(&[&up, short])), ["wildside pr-7: put-up, removed - ended"]);
}

#[test]
fn what_makes_no_sense_is_told_and_stops_nothing() {
    let (up, down, update) = (old("put up", 7, 'a'), old("take down", 7, 'a'), old("update", 7, 'b'));
    let history = of(&[&down, &update, &up]);
    assert_eq!(told(&history), ["wildside pr-7: updated, updated - is up"]);
    assert_eq!(history.lives[0].began_at, None);
    assert_eq!(
        odd(&history),
        [
            "`pr-7` is taken down, and was not up: that is left out",
            "`pr-7` is changed, and nothing says that it was put up",
            "`pr-7` is put up, and was up already: it counts as brought up to date",
        ]
    );
}

#[test]
fn the_order_of_the_commits_counts_and_not_their_clocks() {
    let mut commits = log(&[&old("put up", 7, 'a'), &old("take down", 7, 'a')]);
    commits[1].at = Timestamp::UNIX_EPOCH;
    let history = History::of(&commits, &Tip::default());
    assert_eq!(told(&history), ["wildside pr-7: put-up, removed - ended"]);
    assert_eq!(odd(&history), ["it is older than what happened to `pr-7` before it"]);
    assert_eq!(history.lives[0].end, End::Removed { at: Timestamp::UNIX_EPOCH });
}

#[test]
fn a_claim_without_a_verb_puts_up_what_is_not_up() {
    let plain = |head: char| old("paint", 7, head);
    assert_eq!(told(&of(&[&plain('a'), &plain('b')])), ["wildside pr-7: put-up, updated - is up"]);
}

#[test]
fn a_preview_is_the_same_whether_a_commit_says_whose_it_is_or_not() {
    let nobody = |verb: &str, head: char| old(verb, 7, head).replace("(wildside)", "");
    let history = of(&[&nobody("put up", 'a'), &old("update", 7, 'b'), &nobody("take down", 'b')]);
    assert_eq!(told(&history), ["wildside pr-7: put-up, updated, removed - ended"]);
    let other = old("put up", 7, 'a').replace("wildside)", "other)");
    let history = of(&[&old("put up", 7, 'a'), &other, &nobody("take down", 'a'), &nobody("take down", 'a')]);
    assert_eq!(history.lives.iter().filter(|life| matches!(life.end, End::Removed { .. })).count(), 2);
    let cased = old("take down", 7, 'a').replace("acme/wildside", "Acme/Wildside");
    assert_eq!(told(&of(&[&old("put up", 7, 'a'), &cased])), ["wildside pr-7: put-up, removed - ended"]);
}

#[test]
fn a_moment_says_who_did_it_and_why() {
    let down = format!(
        "{}Bivouac-Reason: merged\nBivouac-By: grace\nBivouac-Approved-By: ada\nBivouac-Run: https://x.example/1\n",
        old("take down", 7, 'a')
    );
    let history = of(&[&format!("{}Bivouac-Pushed-At: {NOON}\n", old("put up", 7, 'a')), &down]);
    let [up, down] = history.lives[0].moments.as_slice() else { panic!("{history:?}") };
    assert_eq!((up.pushed_at, up.author.as_str(), up.reason.as_deref()), (Some(at(NOON)), "Ada", None));
    assert_eq!((down.by.as_deref(), down.approved_by.as_deref()), (Some("grace"), Some("ada")));
    assert_eq!((down.reason.as_deref(), down.run.as_deref()), (Some("merged"), Some("https://x.example/1")));
}

pub(super) fn there(number: u32) -> There {
    There {
        application: "wildside".parse().unwrap(),
        preview: format!("pr-{number}"),
        repository: "acme/wildside".parse().unwrap(),
        number: number.to_string().parse().unwrap(),
        generation: 3,
        commit: "a".repeat(40).parse().unwrap(),
        created_at: at(NOON),
    }
}
