//! Nobody who listens fails a run, and nobody sees where they are.

use super::ear::SECRET;
use super::{Ear, listen, wait, world, world_with_preview};
use crate::sweep::{annotations, fail_writes, sweep};
use crate::world::{Run, sha};

/// No part of an address is anywhere but in the commands that ask the runner to mask it.
fn keeps_addresses(run: &Run) {
    let log: String = run.stderr.lines().filter(|line| !line.starts_with("::add-mask::")).collect();
    let outputs: String = run.outputs.values().cloned().collect();
    for text in [&log, &run.stdout, &run.summary, &outputs] {
        assert!(!text.contains(SECRET), "{run:#?}");
    }
}

#[test]
fn addresses_and_secrets_are_masked_line_by_line_before_anything_else_is_said() {
    let (world, ear) = world("{}");
    let address = ear.address();
    world.give("BIVOUAC_NOTIFY_ADDRESSES", format!("other=https://hooks.example.com/{SECRET}\n\near={address}\nx=y"));
    world.give("BIVOUAC_NOTIFY_SECRETS", "ear=whsec_aHVzaC10aGlzLWlzLWEtc2VjcmV0LWtleS0x".to_owned());
    let run = world.deploy(7, &sha('a')).ok();
    let masked: Vec<_> = run.stderr.lines().filter_map(|line| line.strip_prefix("::add-mask::")).collect();
    for line in [
        address.as_str(),
        &format!("ear={address}"),
        &format!("https://hooks.example.com/{SECRET}"),
        "whsec_aHVzaC10aGlzLWlzLWEtc2VjcmV0LWtleS0x",
    ] {
        assert!(masked.contains(&line), "{line}: {masked:#?}");
    }
    assert!(!masked.contains(&"y") && !masked.contains(&"ear"), "what is short would hide everything: {masked:#?}");
    keeps_addresses(&run);
    assert_eq!(ear.told(), "deploying pr-7");
}

#[test]
fn a_listener_that_fails_costs_a_warning_and_no_more() {
    let (world, ear) = world("{}");
    ear.answer("400 Bad Request");
    let run = world.deploy(7, &sha('a')).ok();
    assert_eq!(run.output("result"), "created");
    let warnings: Vec<_> = annotations(&run).into_iter().filter(|line| line.starts_with("::warning ")).collect();
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    for text in [warnings[0], &run.stderr, &run.summary] {
        assert!(text.contains("ear") && text.contains("deploying"), "{text}");
    }
    keeps_addresses(&run);
    ear.events();

    ear.answer("202 Accepted");
    let run = world.deploy(7, &sha('a')).ok();
    assert_eq!((annotations(&run), ear.told().as_str()), (vec![], ""), "another run does not tell it again");
    assert!(!run.summary.contains("Listeners"), "{}", run.summary);
}

#[test]
fn a_run_that_fails_tells_what_it_did() {
    let (world, ear) = world_with_preview("{}");
    assert_eq!(wait(&world, 'a', "1s").code, 12);
    assert_eq!(ear.told(), "failed pr-7");
    world.push(7, &sha('b'));
    fail_writes(&world, 403);
    let run = world.deploy(7, &sha('b'));
    assert_eq!((run.code, ear.told().as_str()), (4, "updated pr-7"), "{}", run.stderr);
}

#[test]
fn what_the_checks_refuse_is_no_event() {
    let (world, ear) = world("{}");
    world.configure("preview: {components: [components/quota]}\n");
    assert_ne!(world.deploy(7, &sha('a')).code, 0);
    assert_eq!(ear.told(), "");
}

#[test]
fn a_file_that_can_not_be_read_is_named_before_anything_is_done() {
    let (world, ear) = world("{}");
    let tip = world.tip();
    for option in ["--notify-addresses-file", "--notify-secrets-file"] {
        let run = world.on_event("deploy", "opened", 7, &sha('a'), &[option, "/gone"]);
        assert_eq!((run.code, world.tip().as_str(), ear.told().as_str()), (2, tip.as_str(), ""));
        assert!(run.stderr.contains("the file `/gone` can not be read"), "{}", run.stderr);
    }
}

#[test]
fn addresses_are_read_from_a_file_too() {
    let (world, ear) = world("{}");
    let file = world.home.path().join("addresses");
    std::fs::write(&file, format!("ear={}\n", ear.address())).unwrap();
    world.give("BIVOUAC_NOTIFY_ADDRESSES", String::new());
    world.give("BIVOUAC_NOTIFY_ADDRESSES_FILE", file.to_string_lossy().into_owned());
    let run = world.deploy(7, &sha('a')).ok();
    assert_eq!(ear.told(), "deploying pr-7");
    keeps_addresses(&run);
    let named = file.to_string_lossy().into_owned();
    world.give("BIVOUAC_NOTIFY_ADDRESSES_FILE", "/gone".to_owned());
    world.push(7, &sha('b'));
    world.on_event("deploy", "synchronize", 7, &sha('b'), &["--notify-addresses-file", &named]).ok();
    assert_eq!(ear.told(), "updated pr-7");
}

#[test]
fn each_listener_hears_what_it_wants_to_hear() {
    let (world, ear) = world("{}");
    let (other, nobody) = (Ear::new(), "nobody");
    let notify = format!(
        "notify: [{{name: ear, kind: cloudevents, events: [removed]}}, {{name: other, kind: cloudevents}}, {{name: {nobody}, kind: slack}}]"
    );
    let configuration = world.file("bivouac.yaml").unwrap();
    let configuration = configuration.replace("notify: [{name: ear, kind: cloudevents}]", &notify);
    world.commit_apps(&[("bivouac.yaml".to_owned(), configuration)].into(), "Let others listen");
    world.give("BIVOUAC_NOTIFY_ADDRESSES", format!("ear={}\nother={}", ear.address(), other.address()));
    world.deploy(7, &sha('a')).ok();
    assert_eq!((ear.told().as_str(), other.told().as_str()), ("", "deploying pr-7"));
    super::close(&world);
    sweep(&world, &[]).ok();
    assert_eq!((ear.told().as_str(), other.told().as_str()), ("removed pr-7", "removed pr-7"));
}

#[test]
fn without_a_listener_nothing_is_asked_of_the_environment() {
    let world = crate::world::World::new();
    let ear = Ear::new();
    listen(&world, &ear);
    world.open(7, &sha('a'));
    let run = world.deploy(7, &sha('a')).ok();
    assert_eq!((annotations(&run), ear.told().as_str()), (vec![], ""));
}
