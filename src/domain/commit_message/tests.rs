use super::*;
use crate::domain::reason::Reason;
use crate::domain::record::Record;
use crate::domain::sweep::Healed;
use crate::domain::tests::at;
use crate::domain::tests::{commit, record};

#[test]
fn the_subject_is_for_people_and_the_trailers_for_programs() {
    let commit = "5f2c9d1a".repeat(5).parse().unwrap();
    let message = CommitMessage {
        change: Told::PutUp,
        application: &"wildside".parse().unwrap(),
        preview: &"pr-123".parse().unwrap(),
        repository: &"acme/wildside".parse().unwrap(),
        number: "123".parse().unwrap(),
        commit: Some(&commit),
        generation: Some(3),
        pushed_at: Some(at(crate::domain::tests::NOON)),
        approved_by: None,
        because: None,
        reason: None,
        by: Some(&"ada".parse().unwrap()),
        run: Some("https://github.com/acme/wildside/actions/runs/1"),
    };
    insta::assert_snapshot!(message.to_string(), @"
    preview(wildside): put up pr-123 at 5f2c9d1

    Bivouac-Preview: pr-123
    Bivouac-Pull-Request: acme/wildside#123
    Bivouac-Commit: 5f2c9d1a5f2c9d1a5f2c9d1a5f2c9d1a5f2c9d1a
    Bivouac-Application: wildside
    Bivouac-Change: put-up
    Bivouac-Generation: 3
    Bivouac-Pushed-At: 2026-11-21T12:00:00Z
    Bivouac-By: ada
    Bivouac-Run: https://github.com/acme/wildside/actions/runs/1
    ");
    let removed = CommitMessage {
        change: Told::Removed,
        because: Some("the pull request is merged".to_owned()),
        reason: Some("merged"),
        pushed_at: None,
        ..message
    };
    assert!(removed.to_string().contains("\nBivouac-Reason: merged\n"));
    insta::assert_snapshot!(removed.to_string().lines().take(3).collect::<Vec<_>>().join("\n"), @"
    preview(wildside): take down pr-123

    Because the pull request is merged.
    ");
}

#[test]
fn who_approved_a_commit_of_a_fork_is_a_trailer_and_a_later_end_is_a_reason() {
    let (application, preview, repository) =
        ("wildside".parse().unwrap(), "pr-123".parse().unwrap(), "acme/wildside".parse().unwrap());
    let (head, by) = (commit('a'), "ada-lovelace".parse().unwrap());
    let message = CommitMessage {
        change: Told::Updated,
        application: &application,
        preview: &preview,
        repository: &repository,
        number: "123".parse().unwrap(),
        commit: Some(&head),
        generation: None,
        pushed_at: None,
        approved_by: Some(&by),
        because: None,
        reason: None,
        by: None,
        run: None,
    };
    insta::assert_snapshot!(message.to_string(), @"
    preview(wildside): bring pr-123 up to date at aaaaaaa

    Bivouac-Preview: pr-123
    Bivouac-Pull-Request: acme/wildside#123
    Bivouac-Commit: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    Bivouac-Application: wildside
    Bivouac-Change: updated
    Bivouac-Approved-By: ada-lovelace
    ");
    let because = Some("somebody asked for a later end".to_owned());
    insta::assert_snapshot!(CommitMessage { change: Told::Prolonged, approved_by: None, because, ..message }.to_string(), @"
    preview(wildside): bring pr-123 up to date at aaaaaaa

    Because somebody asked for a later end.

    Bivouac-Preview: pr-123
    Bivouac-Pull-Request: acme/wildside#123
    Bivouac-Commit: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    Bivouac-Application: wildside
    Bivouac-Change: prolonged
    ");
}

fn going(name: &str, digit: char, reason: Reason) -> Going {
    let number = name.trim_start_matches("pr-").parse().unwrap();
    Going { name: name.to_owned(), record: Record { number, commit: commit(digit), ..record() }, reason }
}

#[test]
fn a_sweep_that_takes_down_one_preview_names_it_in_the_subject() {
    let (application, going) = ("wildside".parse().unwrap(), going("pr-7", 'a', Reason::Merged));
    let run = Some("https://github.com/acme/apps/actions/runs/1");
    let message = SweepMessage { removals: vec![(&application, &going)], healed: Vec::new(), run };
    insta::assert_snapshot!(message.to_string(), @"
    preview(wildside): take down pr-7

    - pr-7: the pull request is merged

    Bivouac-Preview: pr-7
    Bivouac-Pull-Request: acme/wildside#7
    Bivouac-Commit: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    Bivouac-Application: wildside
    Bivouac-Change: removed
    Bivouac-Generation: 3
    Bivouac-Reason: merged
    Bivouac-Run: https://github.com/acme/apps/actions/runs/1
    ");
}

#[test]
fn a_sweep_that_takes_down_several_says_how_many_and_why_each_one_went() {
    let application = "wildside".parse().unwrap();
    let since = Some("2026-11-21T12:00:00Z".parse().unwrap());
    let excluded = Reason::Excluded { label: "no\n`preview`".to_owned() };
    let goings = [
        going("pr-7", 'a', Reason::Closed),
        going("pr-8", 'b', Reason::Expired { since }),
        going("pr-9", 'c', excluded),
    ];
    let removals = goings.iter().map(|going| (&application, going)).collect();
    let healed = vec![Healed::Entry("pr-5".to_owned()).to_string(), Healed::Missing("pr-6".to_owned()).to_string()];
    insta::assert_snapshot!(SweepMessage { removals, healed, run: None }.to_string(), @"
    preview(wildside): take down 3 previews

    - pr-7: the pull request is closed
    - pr-8: its time was up on 2026-11-21 12:00 UTC
    - pr-9: the pull request has the label `no 'preview'`
    - the list named `pr-5`, which is not there
    - the list did not name `pr-6`

    Bivouac-Preview: pr-7
    Bivouac-Pull-Request: acme/wildside#7
    Bivouac-Commit: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    Bivouac-Application: wildside
    Bivouac-Change: removed
    Bivouac-Generation: 3
    Bivouac-Reason: closed
    Bivouac-Preview: pr-8
    Bivouac-Pull-Request: acme/wildside#8
    Bivouac-Commit: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
    Bivouac-Application: wildside
    Bivouac-Change: removed
    Bivouac-Generation: 3
    Bivouac-Reason: expired
    Bivouac-Preview: pr-9
    Bivouac-Pull-Request: acme/wildside#9
    Bivouac-Commit: cccccccccccccccccccccccccccccccccccccccc
    Bivouac-Application: wildside
    Bivouac-Change: removed
    Bivouac-Generation: 3
    Bivouac-Reason: excluded
    ");
}

#[test]
fn a_sweep_of_several_applications_has_none_in_its_subject() {
    let applications = ["wildside".parse().unwrap(), "other".parse().unwrap()];
    let goings = [going("pr-7", 'a', Reason::Closed), going("pr-8", 'b', Reason::Draft)];
    let removals = applications.iter().zip(&goings).collect();
    let message = SweepMessage { removals, healed: Vec::new(), run: None }.to_string();
    assert_eq!(message.lines().next(), Some("preview: take down 2 previews"));
    let removals = goings.iter().map(|going| (&applications[1], going)).collect();
    let message = SweepMessage { removals, healed: Vec::new(), run: None }.to_string();
    assert_eq!(message.lines().next(), Some("preview(other): take down 2 previews"));
}

#[test]
fn a_sweep_that_only_puts_the_list_in_order_says_so() {
    let healed = vec![Healed::Entry("pr-5".to_owned()).to_string()];
    let message = SweepMessage { removals: Vec::new(), healed, run: None };
    insta::assert_snapshot!(message.to_string(), @"
    preview: put the list of previews in order

    - the list named `pr-5`, which is not there
    ");
}

#[test]
fn the_subject_says_what_becomes_of_the_preview() {
    let (application, preview, repository) =
        ("wildside".parse().unwrap(), "pr-123".parse().unwrap(), "acme/wildside".parse().unwrap());
    let head = commit('a');
    for (change, with_commit, subject) in [
        (Told::PutUp, true, "preview(wildside): put up pr-123 at aaaaaaa"),
        (Told::PutUp, false, "preview(wildside): put up pr-123"),
        (Told::Updated, true, "preview(wildside): bring pr-123 up to date at aaaaaaa"),
        (Told::Prolonged, false, "preview(wildside): bring pr-123 up to date"),
        (Told::Removed, true, "preview(wildside): take down pr-123"),
    ] {
        let message = CommitMessage {
            change,
            application: &application,
            preview: &preview,
            repository: &repository,
            number: "123".parse().unwrap(),
            commit: with_commit.then_some(&head),
            generation: None,
            pushed_at: None,
            approved_by: None,
            because: None,
            reason: None,
            by: None,
            run: None,
        };
        let message = message.to_string();
        assert_eq!(message.lines().next(), Some(subject));
        assert_eq!(message.contains("Bivouac-Commit: "), with_commit);
        assert!(!message.contains("Bivouac-Run"));
    }
}
