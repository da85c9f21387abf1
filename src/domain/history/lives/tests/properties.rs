//! Whatever commits say.

use proptest::prelude::*;

use super::*;
use crate::domain::commit_message::{CommitMessage, SweepMessage};
use crate::domain::reason::Reason;
use crate::domain::record::Record;
use crate::domain::sweep::Going;
use crate::domain::tests::{commit, hostile, record};

/// Lines that mean something, and some that nearly do.
const LINES: [&str; 30] = [
    "preview(wildside): put up pr-7 at aaaaaaa",
    "preview(wildside): bring pr-7 up to date",
    "preview(other): take down pr-8",
    "preview: take down 2 previews",
    "* preview(wildside): take down pr-7",
    "Revert \"preview(wildside): put up pr-7\"",
    "This reverts commit 0000000000000000000000000000000000000000.",
    "This reverts commit 0000000000000000000000000000000000000001.",
    "This reverts commit 0000000000.",
    "commit 0000000000000000000000000000000000000002",
    "Bivouac-Preview: pr-7",
    "    Bivouac-Preview: pr-7",
    "Bivouac-Preview: pr-8",
    "Bivouac-Preview: ../x",
    "Bivouac-Pull-Request: acme/wildside#7",
    "bivouac-pull-request: ACME/wildside#7",
    "Bivouac-Pull-Request: acme/wildside#99999999999",
    "Bivouac-Commit: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "Bivouac-Application: wildside",
    "Bivouac-Application: other",
    "Bivouac-Change: put-up",
    "Bivouac-Change: removed",
    "Bivouac-Generation: 1",
    "Bivouac-Generation: x",
    "Bivouac-Run: https://github.com/acme/wildside/actions/runs/1",
    "Bivouac-Pushed-At: 9999-12-30T22:00:00Z",
    "- pr-7: the pull request is closed",
    "Because the pull request is merged.",
    "",
    "",
];

fn message() -> impl Strategy<Value = String> {
    let known = prop::sample::select(&LINES).prop_map(str::to_owned);
    let line = prop_oneof![10 => known, 1 => hostile()];
    prop::collection::vec(line, 0..14).prop_map(|lines| lines.join("\n"))
}

fn commits() -> impl Strategy<Value = Vec<Logged>> {
    let seconds = prop_oneof![4 => 1_700_000_000_i64..1_800_000_000, 1 => Just(Timestamp::MIN.as_second()), 1 => Just(253_402_000_000)];
    let made = prop::collection::vec((message(), seconds), 0..12);
    made.prop_map(|made| {
        let made = made.into_iter().enumerate();
        let made = made.map(|(index, (message, second))| {
            let at = Timestamp::from_second(second).unwrap();
            Logged { at, authored_at: at, ..logged(index, &message) }
        });
        made.collect()
    })
}

fn change() -> impl Strategy<Value = Told> {
    prop::sample::select(&Told::ALL)
}

proptest! {
    #[test]
    fn whatever_commits_say_they_are_read(commits in commits()) {
        let history = History::of(&commits, &Tip { previews: vec![there(7), there(9)], ..Tip::default() });
        let statistics = history.statistics(&crate::domain::history::Filter::default());
        prop_assert!(statistics.weeks.len() <= 1045);
        prop_assert!(statistics.up <= statistics.lives);
    }

    #[test]
    fn copies_of_all_commits_change_no_life(commits in commits()) {
        let copies = commits.iter().enumerate().map(|(index, commit)| {
            let later = commit.at.checked_add(SignedDuration::from_secs(1)).unwrap_or(NOON.parse().unwrap());
            Logged { id: format!("{:040x}", index + 1000).parse().unwrap(), at: later, ..commit.clone() }
        });
        // A copy of a revert reverts the original.
        let both: Vec<_> = commits.iter().cloned().chain(copies).collect();
        prop_assert_eq!(History::of(&both, &Tip::default()).lives, History::of(&commits, &Tip::default()).lives);
    }

    #[test]
    fn what_is_written_is_read(
        change in change(), number in 1_u32..9999, generation in 1_u64..99, with_all: bool, text in hostile(),
    ) {
        let (application, preview, repository) =
            ("wildside".parse().unwrap(), format!("pr-{number}").parse().unwrap(), "acme/wildside".parse().unwrap());
        let (head, by, run) = (commit('a'), "ada".parse().unwrap(), "https://github.com/acme/wildside/actions/runs/1");
        let reason = Reason::Excluded { label: text };
        let message = CommitMessage {
            change,
            application: &application,
            preview: &preview,
            repository: &repository,
            number: number.to_string().parse().unwrap(),
            commit: with_all.then_some(&head),
            generation: with_all.then_some(generation),
            pushed_at: with_all.then(|| at(NOON)),
            approved_by: with_all.then_some(&by),
            because: Some(reason.sentence()),
            reason: with_all.then(|| reason.word()),
            by: with_all.then_some(&by),
            run: with_all.then_some(run),
        };
        let said = claims::read(&message.to_string());
        prop_assert_eq!(said.odd, Vec::<String>::new());
        let [Item::Claim(claim)] = said.items.as_slice() else { panic!("{:?}", said.items) };
        prop_assert_eq!((claim.told, claim.application.as_ref()), (Some(change), Some(&application)));
        prop_assert_eq!((&claim.preview, &claim.repository), (&preview, &repository));
        prop_assert_eq!((claim.number, claim.commit.is_some()), (message.number, with_all));
        prop_assert_eq!((claim.generation, claim.pushed_at), (message.generation, message.pushed_at));
        prop_assert_eq!((claim.by.is_some(), claim.run.as_deref()), (with_all, message.run));
        let is_removal = change == Told::Removed;
        prop_assert_eq!(claim.reason.as_deref(), is_removal.then_some("excluded"));
    }

    #[test]
    fn what_a_sweep_writes_is_read(numbers in prop::collection::btree_set(1_u32..50, 1..20), two: bool) {
        let applications: Vec<_> = ["wildside", "other"].iter().map(|name| name.parse().unwrap()).collect();
        let goings: Vec<_> = numbers.iter().map(|number| {
            let number: crate::domain::names::PullRequestNumber = number.to_string().parse().unwrap();
            Going { name: format!("pr-{number}"), record: Record { number, ..record() }, reason: Reason::Draft }
        }).collect();
        let removals = goings.iter().enumerate().map(|(index, going)| (&applications[index % (1 + usize::from(two))], going));
        let run = Some("https://github.com/acme/apps/actions/runs/1");
        let message = SweepMessage { removals: removals.collect(), healed: vec!["the list named `pr-5`".to_owned()], run };
        let said = claims::read(&message.to_string());
        prop_assert_eq!(said.odd, Vec::<String>::new());
        prop_assert_eq!(said.items.len(), goings.len());
        for (item, (application, going)) in said.items.iter().zip(&message.removals) {
            let Item::Claim(claim) = item else { panic!("{item:?}") };
            prop_assert_eq!((claim.told, claim.application.as_ref()), (Some(Told::Removed), Some(*application)));
            prop_assert_eq!((claim.number, claim.generation), (going.record.number, Some(going.record.generation)));
            prop_assert_eq!((claim.reason.as_deref(), claim.run.as_deref()), (Some("draft"), run));
        }
    }
}
