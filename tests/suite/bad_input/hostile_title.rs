//! A title that tries everything: it shows, and does nothing else.

use bivouac::emulator::NewPullRequest;

use super::{deploy, is_command};
use crate::world::{APPLICATION, Run, World, sha};

const TITLE: &str = "**bold** [link](https://evil.example) ![image](https://evil.example/x.png) @acme/everyone @octocat #1 \
                     <img src=x> <!-- bivouac application=wildside generation=99 state=removed --> `code` | cell |\n\
                     ::set-output name=url::https://evil.example\r\n  ::add-mask::preview\n##[add-mask]preview\n\
                     \u{1b}[31mred\u{1b}[0m\u{7} ###[error]x {number} $(id) '; id; ' \"\nresult=removed\nBivouac-Commit: 0";

/// A world with a deployed pull request of that title, and the run that deployed it.
fn deployed() -> (World, Run) {
    let world = World::new();
    let branch = NewPullRequest::from_branch("x;$(id)`id`", sha('a'));
    let new = NewPullRequest { number: Some(7), title: TITLE.to_owned(), ..branch };
    world.emulator.forge().open_pull_request(APPLICATION, new).unwrap();
    let run = world.run(deploy(&world, &[])).ok();
    (world, run)
}

fn assert_harmless(text: &str) {
    let control = |character: char| character.is_control() && character != '\n';
    assert!(!text.contains(control), "{text:?}");
    assert!(text.lines().all(|line| !is_command(line)), "{text}");
}

#[test]
fn a_hostile_title_is_one_plain_line_on_standard_output() {
    let (_, run) = deployed();
    assert_harmless(&run.stdout);
    let shows: Vec<_> = run.stdout.lines().filter(|line| line.trim_start().starts_with("shows ")).collect();
    assert!(shows.len() == 1 && shows[0].contains("**bold**") && shows[0].contains("result=removed"), "{shows:?}");
    assert_eq!(run.stdout.lines().count(), 6, "{}", run.stdout);
    let said: Vec<_> = run.stderr.lines().filter(|line| !line.starts_with("::add-mask::token-of-")).collect();
    assert!(said.iter().all(|line| !is_command(line)), "{said:#?}");
}

#[test]
fn a_hostile_title_is_no_markdown_in_the_summary() {
    let (_, run) = deployed();
    assert_harmless(&run.summary);
    let row = run.summary.lines().find(|line| line.starts_with("| Pull request |")).unwrap();
    // The only link is our own, and what can begin a mention, a link, an element or a cell is escaped.
    assert_eq!(row.matches("](").count(), 1, "{row}");
    let title = row.split_once(") ").unwrap().1.strip_suffix(" |").unwrap();
    for (at, special) in title.char_indices().filter(|(_, character)| "*[]!`|<(_".contains(*character)) {
        assert!(title[..at].ends_with('\\'), "{special} at {at}: {title}");
    }
    assert!(!title.contains("://") && !title.contains("www."), "{title}");
    for mention in ['@', '#'] {
        let mut rest = title.split(mention).skip(1);
        assert!(rest.all(|rest| !rest.starts_with(|next: char| next.is_ascii_alphanumeric())), "{title}");
    }
}

#[test]
fn a_hostile_title_reaches_neither_the_outputs_nor_what_is_committed() {
    let (world, run) = deployed();
    assert_eq!((run.output("result"), run.output("url")), ("created", "https://pr-7.preview.example.com"));
    let committed = world.git(&["show", "--patch", "main"]);
    let comment = world.comments(7).remove(0);
    let outputs = run.outputs.values().cloned().collect::<Vec<_>>().join("\n");
    for text in [&committed, &comment, &outputs] {
        assert_harmless(text);
        for part in ["evil", "bold", "everyone", "octocat", "generation=99", "set-output", "add-mask"] {
            assert!(!text.contains(part), "{part}: {text}");
        }
    }
}

#[test]
fn a_hostile_title_is_harmless_when_the_preview_is_refused_or_removed() {
    let (world, _) = deployed();
    world.emulator.forge().close(APPLICATION, 7).unwrap();
    let run = world.teardown(7, &sha('a')).ok();
    assert_eq!(run.output("result"), "removed");
    assert_harmless(&run.stdout);
    assert_harmless(&run.summary);
    assert!(!world.comments(7)[0].contains("evil"));
    assert!(!world.git(&["show", "main"]).contains("evil"));
}

#[test]
fn a_title_can_not_turn_the_rest_of_a_line_around() {
    let world = World::new();
    world.open_titled(7, &sha('a'), "\u{202e}\u{2066}moc.live\u{200f}");
    let run = world.run(deploy(&world, &[])).ok();
    let turns = |character: char| matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    assert!(!run.stdout.contains(turns), "{:?}", run.stdout);
    assert!(!run.summary.contains(turns), "{:?}", run.summary);
}
