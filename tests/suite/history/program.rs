//! `history` and `list --format html`, from commits that were made for real.

use std::process::Command;

use serde_json::Value;

use crate::world::{Run, World, sha};

/// Pull request 7 lived from its opening to its merge, with a push in between; 8 is up.
fn world() -> World {
    let world = World::new();
    for (number, digit) in [(7, '7'), (8, '8')] {
        world.open(number, &sha(digit));
        by_octocat(&world, "deploy", "opened", number, digit);
    }
    world.push(7, &sha('a'));
    by_octocat(&world, "deploy", "synchronize", 7, 'a');
    world.emulator.forge().merge("acme/wildside", 7).unwrap();
    by_octocat(&world, "teardown", "closed", 7, 'a');
    world
}

fn by_octocat(world: &World, verb: &str, action: &str, number: u64, digit: char) {
    let mut command = world.event_command(verb, action, number, &sha(digit), &[]);
    command.env("GITHUB_ACTOR", "octocat");
    world.run(command).ok();
}

fn history(world: &World, arguments: &[&str]) -> Run {
    world.run(world.bivouac(&[&["history"], arguments].concat())).ok()
}

fn json(world: &World, arguments: &[&str]) -> Value {
    serde_json::from_str(&history(world, &[&["--format", "json"], arguments].concat()).stdout).unwrap()
}

/// What stands in the table below a header, line by line: no cell of it has two blanks within.
fn column(table: &str, header: &str) -> Vec<String> {
    let mut lines = table.lines();
    let at = lines.next().unwrap().find(header).unwrap_or_else(|| panic!("{table}"));
    let cells = lines.take_while(|line| !line.is_empty()).map(|line| line.chars().skip(at).collect::<String>());
    cells.map(|rest| rest.split("  ").next().unwrap().trim().to_owned()).collect()
}

#[test]
fn a_history_tells_who_put_a_preview_up_how_often_it_was_updated_and_why_it_went() {
    let world = world();
    let run = history(&world, &[]);
    assert_eq!(column(&run.stdout, "PREVIEW"), ["pr-8", "pr-7"]);
    assert_eq!(column(&run.stdout, "PULL REQUEST"), ["acme/wildside#8", "acme/wildside#7"]);
    assert_eq!(column(&run.stdout, "UPDATES"), ["0", "1"]);
    assert_eq!(column(&run.stdout, "BY"), ["octocat", "octocat"]);
    assert_eq!(column(&run.stdout, "STATE"), ["up", "removed (merged)"]);
    assert_eq!((run.output("count"), run.output("up")), ("2", "1"));
    assert!(run.summary.starts_with("### History of previews: 2\n\n| PREVIEW |"), "{}", run.summary);
    assert!(run.summary.contains("| removed \\(merged\\) |"), "{}", run.summary);
    assert!(!run.stderr.contains("makes no sense"), "{}", run.stderr);
}

#[test]
fn a_history_for_programs_has_all_that_the_commits_say() {
    let world = world();
    let all = json(&world, &["--stats"]);
    let life = &all["lives"][1];
    assert_eq!(
        (&life["preview"], &life["state"], &life["reason"]),
        (&"pr-7".into(), &"removed".into(), &"merged".into())
    );
    assert_eq!(
        (&life["application"], &life["pull-request"], &life["seen"]),
        (&"wildside".into(), &7.into(), &false.into())
    );
    assert_eq!((&life["by"], &life["author"]), (&"octocat".into(), &Value::Null));
    let moments = life["moments"].as_array().unwrap();
    let changes: Vec<_> = moments.iter().map(|moment| moment["change"].as_str().unwrap()).collect();
    assert_eq!(changes, ["put-up", "updated", "removed"]);
    assert_eq!(moments[1]["commit"], sha('a').as_str());
    assert_eq!(moments[2]["apps-commit"], world.tip().trim());
    assert!(moments[0]["run"].as_str().unwrap().ends_with("/acme/wildside/actions/runs/42"), "{moments:?}");
    let time = |name: &str| life[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert_eq!(life["lived-seconds"], time("ended-at").duration_since(time("put-up-at")).as_secs());
    let figures = &all["statistics"];
    assert_eq!((&figures["lives"], &figures["up"], &figures["median-life"]["of"]), (&2.into(), &1.into(), &1.into()));
    let weeks = figures["weeks"].as_array().unwrap().iter().map(|week| week["put-up"].as_u64().unwrap());
    assert_eq!(weeks.sum::<u64>(), 2);
    assert_eq!((&all["odd"], json(&world, &[]).get("statistics")), (&Value::Array(Vec::new()), None));
}

#[test]
fn a_history_of_one_preview_tells_all_that_happened_to_it() {
    let world = world();
    for arguments in [["pr-7"].as_slice(), &["--pull-request", "7"]] {
        let told = history(&world, arguments).stdout;
        let (lives, moments) = told.split_once("\npr-7, acme/wildside#7\n").unwrap();
        assert_eq!(column(lives, "PREVIEW"), ["pr-7"]);
        assert_eq!(column(moments, "WHAT"), ["put up", "updated", "removed"]);
        assert_eq!(column(moments, "COMMIT")[..2], ["7777777", "aaaaaaa"]);
        assert_eq!(column(moments, "REASON"), ["–", "–", "merged"]);
    }
}

#[test]
fn only_what_is_asked_for_is_told() {
    let world = world();
    let names = |arguments: &[&str]| -> Vec<String> {
        let all = json(&world, arguments);
        all["lives"].as_array().unwrap().iter().map(|life| life["preview"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&["--application", "wildside", "--since", "2w"]), ["pr-8", "pr-7"]);
    assert_eq!(names(&["--until", "2020-01-01"]), Vec::<String>::new());
    assert_eq!(names(&["--application", "other"]), Vec::<String>::new());
    assert_eq!(history(&world, &["pr-9"]).stdout, "No commit tells of such a preview.\n");
    let wrong = world.run(world.bivouac(&["history", "--since", "yesterday"]));
    assert!(wrong.code == 2 && wrong.stderr.contains("`30d`"), "{wrong:?}");
}

#[test]
fn figures_are_drawn_with_what_the_terminal_has() {
    let world = world();
    let plain = history(&world, &["--stats"]).stdout;
    assert!(plain.is_ascii() && plain.contains('#'), "{plain}");
    let mut command = world.bivouac(&["history", "--stats"]);
    command.env("LANG", "C.UTF-8");
    let drawn = world.run(command).ok().stdout;
    assert!(drawn.contains('█') && drawn.contains("of these up now             1\n"), "{drawn}");
    assert!(!drawn.contains('\u{1b}') && drawn.lines().all(|line| line.chars().count() <= 80), "{drawn}");
}

#[test]
fn the_chart_is_a_picture_in_one_file_without_a_script() {
    let world = world();
    let file = world.home.path().join("chart.svg");
    std::fs::write(&file, history(&world, &["--format", "svg"]).stdout).unwrap();
    let look = "import sys, xml.etree.ElementTree as tree
svg = '{http://www.w3.org/2000/svg}'
root = tree.parse(sys.argv[1]).getroot()
names = {element.tag for element in root.iter()}
assert root.tag == svg + 'svg' and svg + 'script' not in names, names
assert root.find(svg + 'title').text == 'History of previews', root.find(svg + 'title').text
assert '2 lives, 1 up now' in root.find(svg + 'desc').text
assert 'url(' not in root.find(svg + 'style').text
assert len(root.findall('.//' + svg + 'rect')) >= 2";
    let checked = Command::new("python3").args(["-c", look]).arg(&file).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

#[test]
fn both_pages_are_printed_and_the_steps_get_what_they_always_get() {
    let world = world();
    let page = history(&world, &["--format", "html"]);
    assert!(page.stdout.starts_with("<!DOCTYPE html>") && page.stdout.contains("<svg"), "{}", page.stdout);
    assert!(page.stdout.contains("removed (merged)") && page.output("count") == "2");
    let page = world.run(world.bivouac(&["list", "--format", "html"])).ok();
    assert!(page.stdout.contains("<title>Previews of wildside</title>") && page.stdout.contains(">pr-8</th>"));
    assert!(page.stdout.contains("href=\"https://pr-8.preview.example.com/\""), "{}", page.stdout);
    assert_eq!(page.output("count"), "1");
}

#[test]
fn a_commit_that_makes_no_sense_is_counted_and_listed_and_nothing_of_it_reaches_the_terminal() {
    let world = world();
    let lie = "preview(wildside): put up pr-9 at 9999999\u{1b}[31m\n\nBivouac-Preview: ../pr-9\nBivouac-Pull-Request: \
               acme/wildside#9\nBivouac-Run: javascript:alert(1)\nBivouac-By: ::error::x\n";
    world.commit_apps(&[("README.md".to_owned(), "Hello\n".to_owned())].into(), lie);
    let run = history(&world, &[]);
    let warnings: Vec<_> = run.stderr.lines().filter(|line| line.contains("makes no sense")).collect();
    assert!(warnings.len() == 1 && warnings[0].contains("`--format json`"), "{}", run.stderr);
    assert!(!run.stdout.contains('\u{1b}') && !run.stdout.contains("\n::"), "{}", run.stdout);
    let all = json(&world, &[]);
    assert_eq!(all["odd"][0]["commit"], world.tip().trim());
    assert!(!all["odd"][0]["why"].as_str().unwrap().is_empty());
    assert!(!history(&world, &["--format", "html"]).stdout.contains("javascript:"));
}
