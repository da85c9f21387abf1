use super::*;
use indoc::indoc;

fn claims(message: &str) -> Vec<Claim> {
    let items = read(message).items.into_iter();
    items.filter_map(|item| if let Item::Claim(claim) = item { Some(*claim) } else { None }).collect()
}

fn odd(message: &str) -> String {
    read(message).odd.join("\n")
}

const OLD: &str = indoc! {"
    preview(wildside): put up pr-7 at 5f2c9d1

    Bivouac-Preview: pr-7
    Bivouac-Pull-Request: acme/wildside#7
    Bivouac-Commit: 5f2c9d1a5f2c9d1a5f2c9d1a5f2c9d1a5f2c9d1a
    Bivouac-Run: https://github.com/acme/wildside/actions/runs/1
"};

#[test]
fn an_old_message_says_by_its_subject_what_its_trailers_do_not() {
    let [claim] = claims(OLD).try_into().unwrap();
    assert_eq!((claim.told, claim.application), (Some(Told::PutUp), Some("wildside".parse().unwrap())));
    assert_eq!((claim.preview.as_str(), claim.number.as_u32()), ("pr-7", 7));
    assert_eq!(claim.commit.unwrap().short(), "5f2c9d1");
    assert_eq!(claim.run.as_deref(), Some("https://github.com/acme/wildside/actions/runs/1"));
    let told = |subject: &str| claims(&OLD.replace("put up pr-7 at 5f2c9d1", subject))[0].told;
    assert_eq!(told("bring pr-7 up to date"), Some(Told::Updated));
    assert_eq!(told("bring pr-7 up to date\n\nBecause somebody asked for a later end."), Some(Told::Prolonged));
    assert_eq!(told("take down pr-7"), Some(Told::Removed));
    assert_eq!(told("paint pr-7"), None);
}

#[test]
fn trailers_count_more_than_the_subject() {
    let message = OLD.replace("Bivouac-Run", "bivouac-change: Removed\nBIVOUAC-APPLICATION : other\nBivouac-Run");
    let [claim] = claims(&message).try_into().unwrap();
    assert_eq!((claim.told, claim.application), (Some(Told::Removed), Some("other".parse().unwrap())));
}

#[test]
fn a_removal_says_why_by_its_sentence() {
    let message = OLD.replace("put up pr-7 at 5f2c9d1", "take down pr-7\n\nBecause the pull request is merged.");
    assert_eq!(claims(&message)[0].reason.as_deref(), Some("merged"));
    let other = message.replace("the pull request is merged", "it rained");
    assert_eq!(claims(&other)[0].reason, None);
}

#[test]
fn a_sweep_says_several_things_and_its_run_is_of_all_of_them() {
    let message = indoc! {"
        preview: take down 2 previews

        - pr-7: the pull request is closed
        - pr-8: its time was up on 2026-11-21 12:00 UTC
        - the list named `pr-5`, which is not there

        Bivouac-Preview: pr-7
        Bivouac-Pull-Request: acme/wildside#7
        Bivouac-Preview: pr-8
        Bivouac-Pull-Request: acme/other#8
        Bivouac-Run: https://github.com/acme/apps/actions/runs/1
        Bivouac-By: ada
    "};
    let found = claims(message);
    let told: Vec<_> = found.iter().map(|claim| (claim.told, claim.reason.as_deref())).collect();
    assert_eq!(told, [(Some(Told::Removed), Some("closed")), (Some(Told::Removed), Some("expired"))]);
    assert!(found.iter().all(|claim| claim.run.is_some() && claim.by.as_deref() == Some("ada")));
    assert!(found.iter().all(|claim| claim.application.is_none()));
    assert_eq!(found[1].repository.to_string(), "acme/other");
}

#[test]
fn a_squash_says_what_each_of_its_commits_said() {
    let indented: String = OLD.lines().map(|line| format!("    {line}\n")).collect();
    let by_git = format!(
        "Squashed commit of the following:\n\ncommit {}\nAuthor: Ada <a@b>\nDate:   now\n\n{}\ncommit {}\n\n{indented}",
        "b".repeat(40),
        indented.replace("put up pr-7 at 5f2c9d1", "take down pr-7"),
        "a".repeat(40),
    );
    let by_github = format!(
        "Previews (#3)\n\n* {OLD}\n* {}\nCo-authored-by: Ada <a@b>",
        OLD.replace("put up pr-7 at 5f2c9d1", "take down pr-7")
    );
    let told = |message: &str| claims(message).iter().map(|claim| claim.told).collect::<Vec<_>>();
    assert_eq!(told(&by_git), [Some(Told::PutUp), Some(Told::Removed)], "the youngest comes first there");
    assert_eq!(told(&by_github), [Some(Told::PutUp), Some(Told::Removed)]);
    let origins: Vec<_> = claims(&by_git).into_iter().map(|claim| claim.origin.unwrap().to_string()).collect();
    assert_eq!(origins, ["a".repeat(40), "b".repeat(40)]);
}

#[test]
fn a_revert_names_what_it_reverts() {
    let id = "5F2C9D1A".repeat(5);
    let message = format!("Revert \"preview(a): put up pr-7\"\n\nThis reverts commit {id}.\n");
    assert_eq!(read(&message).items, [Item::Reverts(id.to_lowercase())]);
    assert_eq!(reverted(&message).collect::<Vec<_>>(), [id.to_lowercase()]);
    assert_eq!(reverted("This reverts commit 5f2c9d1 (a, 2026).").collect::<Vec<_>>(), ["5f2c9d1"]);
    for none in ["This reverts commit abc.", "This reverts commit ", "> This reverts commit 5f2c9d1."] {
        assert_eq!(reverted(none).count(), 0, "{none}");
    }
}

#[test]
fn what_makes_no_sense_is_told_and_left_out() {
    for (from, to, why) in [
        ("pr-7\nBivouac-P", "Pr_7\nBivouac-P", "`Pr_7` is not the name of a preview"),
        ("acme/wildside#7", "acme/wildside#0", "`acme/wildside#0` is not the pull request of a preview: `pr-7`"),
        ("acme/wildside#7", "#7", "`#7` is not the pull request of a preview: `pr-7`"),
        ("Bivouac-Pull-Request: acme/wildside#7\n", "", "`pr-7` has no pull request"),
        ("Bivouac-Preview: pr-7\n", "", "it names a pull request, and no preview"),
    ] {
        let message = OLD.replacen(from, to, 1);
        assert_eq!((claims(&message), odd(&message).as_str()), (Vec::new(), why));
    }
}

#[test]
fn a_trailer_that_makes_no_sense_is_none_and_the_others_count() {
    for (line, why) in [
        ("Bivouac-Change: painted", "`pr-7` says that it was `painted`"),
        ("Bivouac-Generation: -1", "`pr-7` has a `Bivouac-Generation` that makes no sense: `-1`"),
        ("Bivouac-Generation: 99999999999999999", "makes no sense"),
        ("Bivouac-Application: No Name", "`Bivouac-Application`"),
        ("Bivouac-By: a b", "`Bivouac-By`"),
        ("Bivouac-Approved-By: @ada", "`Bivouac-Approved-By`"),
        ("Bivouac-Pushed-At: yesterday", "`Bivouac-Pushed-At`"),
        ("Bivouac-Reason: <b>", "`Bivouac-Reason`"),
        ("Bivouac-Commit: main", "`Bivouac-Commit` is `5f2c9d1a"),
        ("Bivouac-Run: javascript:alert(1)", "at once: the first counts"),
    ] {
        let message = format!("{OLD}{line}\n");
        let [claim] = claims(&message).try_into().unwrap();
        assert_eq!((claim.told, claim.by, claim.generation), (Some(Told::PutUp), None, None));
        assert!(odd(&message).contains(why), "{line}: {}", odd(&message));
    }
    let message = OLD.replace("https:", "javascript:");
    assert_eq!(claims(&message)[0].run, None);
    assert!(odd(&message).contains("`Bivouac-Run` that makes no sense"));
    assert_eq!(read(&format!("{OLD}Bivouac-By:\nBivouac-Change: \n")).odd, Vec::<String>::new());
}

#[test]
fn what_stands_before_a_preview_is_of_the_first_one() {
    let message = "x\n\nBivouac-Run: https://a.example\nBivouac-Pull-Request: a/b#7\nBivouac-Preview: pr-7\nSigned-off-by: a\n\
                   Bivouac-Preview: pr-8\nBivouac-Pull-Request: a/b#8\n";
    let found = claims(message);
    assert_eq!(found.iter().map(|claim| claim.number.as_u32()).collect::<Vec<_>>(), [7, 8]);
    assert!(found.iter().all(|claim| claim.run.is_some() && claim.told.is_none()));
}

#[test]
fn words_of_people_end_a_life_where_trailers_do_not_say_so() {
    let trailers = "Bivouac-Preview: pr-7\nBivouac-Pull-Request: a/b#7\n";
    for (subject, told) in [
        ("Remove the preview by hand", Some(Told::Removed)),
        ("Put up a preview by hand", Some(Told::PutUp)),
        ("Update things", None),
    ] {
        assert_eq!(claims(&format!("{subject}\n\n{trailers}"))[0].told, told, "{subject}");
    }
    assert_eq!(claims(&format!("A title\n\nRemove it\n\n{trailers}"))[0].told, None);
}
