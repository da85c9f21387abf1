//! How long a preview lives.

use jiff::{SignedDuration, Timestamp};

use super::{comment, configure, configured, dispatched, ending, notice, on, open, patch, plain, quietly};
use crate::world::{APPLICATION, World, sha};

const TEN_HOURS: &str = "{ttl: 10h, ttl-warning: 2h}";

/// A world where previews live for ten hours, with the one of pull request 7.
fn world() -> World {
    let world = configured(TEN_HOURS);
    open(&world, |_| ());
    assert_eq!(on(&world, "opened"), plain("created"));
    world
}

/// A moment in the record of pull request 7's preview.
fn moment(world: &World, name: &str) -> Timestamp {
    let patch = patch(world, 7).unwrap();
    let line = patch.lines().find_map(|line| line.trim().strip_prefix(&format!("bivouac.dev/{name}: \"")));
    line.unwrap_or_else(|| panic!("no {name}:\n{patch}")).trim_end_matches('"').parse().unwrap()
}

fn end(world: &World) -> Timestamp {
    moment(world, "expires-at")
}

fn is_expired(ending: &(String, String), result: &str) -> bool {
    ending.0 == result && ending.1.starts_with("its time was up")
}

#[test]
fn a_life_begins_with_a_push_and_the_same_head_does_not_prolong_it() {
    let world = world();
    let first = end(&world);
    assert_eq!(first.duration_since(moment(&world, "created-at")), SignedDuration::from_hours(10));
    insta::assert_snapshot!(comment(&world, 7), @"
    <!-- bivouac application=wildside generation=1 state=deploying deployment=… text=… -->
    ### Preview of wildside: deploying

    | Address | https://pr-7.preview.example.com |
    |:---|:---|
    | Commit | [`aaaaaaa`](http://SERVER/acme/wildside/pull/7/commits/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) |
    | Images | `backend` `aaaaaaa`<br>`frontend` `aaaaaaa` |
    | Namespace | `wildside-pr-7` |
    | Updated | MOMENT |
    | Run | [42](http://SERVER/acme/wildside/actions/runs/42) |
    | Expires | MOMENT; a push prolongs it |

    Committed; Flux is rolling it out; not checked: the address may take a while to answer.
    ");
    world.pass_hours(3);
    assert_eq!(quietly(&world, || on(&world, "labeled")), plain("unchanged"));
    assert_eq!(end(&world), first);
    world.push(7, &sha('b'));
    assert_eq!(ending(&world.deploy(7, &sha('b')).ok()), plain("updated"));
    let prolonged = end(&world).duration_since(first);
    assert!(prolonged >= SignedDuration::from_hours(3) && prolonged < SignedDuration::from_mins(182), "{prolonged}");
}

#[test]
fn a_push_never_makes_a_life_shorter() {
    let world = world();
    let first = end(&world);
    configure(&world, "{ttl: 1h}");
    world.push(7, &sha('b'));
    world.deploy(7, &sha('b')).ok();
    assert_eq!(end(&world), first);
}

#[test]
fn a_life_without_an_end_has_none_until_the_push_after_one_is_set() {
    let world = World::new();
    open(&world, |_| ());
    assert_eq!(on(&world, "opened"), plain("created"));
    assert!(!patch(&world, 7).unwrap().contains("expires-at"));
    configure(&world, TEN_HOURS);
    world.pass_hours(100);
    assert_eq!(on(&world, "synchronize"), plain("unchanged"));
    world.push(7, &sha('b'));
    world.deploy(7, &sha('b')).ok();
    end(&world);
}

#[test]
fn an_end_that_is_near_is_told_in_the_comment_once() {
    let world = world();
    world.pass_hours(9);
    assert_eq!(on(&world, "labeled"), plain("unchanged"));
    insta::assert_snapshot!(comment(&world, 7), @"
    <!-- bivouac application=wildside generation=1 state=expiring deployment=… text=… -->
    ### Preview of wildside: expiring

    > **It will be taken down on MOMENT.** Push a commit, or add the label `keep-preview` to keep it.

    | Address | https://pr-7.preview.example.com |
    |:---|:---|
    | Commit | [`aaaaaaa`](http://SERVER/acme/wildside/pull/7/commits/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) |
    | Images | `backend` `aaaaaaa`<br>`frontend` `aaaaaaa` |
    | Namespace | `wildside-pr-7` |
    | Updated | MOMENT |
    | Run | [42](http://SERVER/acme/wildside/actions/runs/42) |
    | Expires | MOMENT; a push prolongs it |

    Committed; not checked: nobody has looked whether the address answers.
    ");
    assert_eq!(quietly(&world, || on(&world, "labeled")), plain("unchanged"));
    world.push(7, &sha('b'));
    world.deploy(7, &sha('b')).ok();
    let told = comment(&world, 7);
    assert!(told.contains("generation=2 state=deploying") && !told.contains("is up on"), "{told}");
}

#[test]
fn an_expired_preview_is_taken_down_by_an_event_and_stays_away_until_a_push() {
    let world = world();
    world.pass_hours(11);
    let run = world.on_event("deploy", "labeled", 7, &sha('a'), &[]).ok();
    assert!(is_expired(&ending(&run), "removed"), "{:?}", ending(&run));
    assert_eq!(patch(&world, 7), None);
    assert!(notice(&run).contains("Push a commit, or run `deploy` by hand, to get it back."), "{}", notice(&run));
    insta::assert_snapshot!(comment(&world, 7), @"
    <!-- bivouac application=wildside generation=2 state=removed reason=expired expired=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa text=… -->
    ### Preview of wildside: removed

    Taken down because its time was up on MOMENT. Push a commit, or run `deploy` by hand, to get it back.

    | Was at | `pr-7.preview.example.com` |
    |:---|:---|
    | Last commit | [`aaaaaaa`](http://SERVER/acme/wildside/pull/7/commits/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) |
    | Put up | MOMENT |
    | Taken down | MOMENT |
    | Run | [42](http://SERVER/acme/wildside/actions/runs/42) |
    ");
    assert!(is_expired(&quietly(&world, || on(&world, "labeled")), "refused"));
    let by_number = quietly(&world, || world.on_event("deploy", "labeled", 7, &sha('a'), &["--pull-request", "7"]));
    assert!(is_expired(&ending(&by_number.ok()), "refused"));

    world.push(7, &sha('b'));
    assert_eq!(ending(&world.deploy(7, &sha('b')).ok()), plain("created"));
    assert!(comment(&world, 7).contains("generation=3 state=deploying"), "{}", comment(&world, 7));
    assert!(!world.comments(7)[0].contains("expired="), "{:?}", world.comments(7));
}

#[test]
fn an_expired_preview_comes_back_when_somebody_asks_for_it() {
    let world = world();
    world.pass_hours(11);
    assert!(is_expired(&on(&world, "labeled"), "removed"));
    assert_eq!(ending(&world.run(dispatched(&world, 7)).ok()), plain("created"));
    world.pass_hours(11);
    assert!(is_expired(&on(&world, "labeled"), "removed"));
    let by_hand = world.bivouac(&["deploy", "--pull-request", "7"]);
    assert_eq!(ending(&world.run(by_hand).ok()), plain("created"));
}

#[test]
fn an_expired_preview_that_is_still_there_lives_on_when_somebody_asks_for_it() {
    let world = world();
    let first = end(&world);
    world.pass_hours(11);
    assert_eq!(ending(&world.run(dispatched(&world, 7)).ok()), plain("updated"));
    assert!(end(&world) > first);
    assert_eq!(quietly(&world, || on(&world, "labeled")), plain("unchanged"));
}

#[test]
fn a_push_saves_a_preview_whose_time_is_up() {
    let world = world();
    world.pass_hours(11);
    world.push(7, &sha('b'));
    assert_eq!(ending(&world.deploy(7, &sha('b')).ok()), plain("updated"));
}

#[test]
fn a_teardown_takes_an_expired_preview_down() {
    let world = world();
    assert_eq!(world.teardown(7, &sha('a')).ok().output("result"), "kept");
    world.pass_hours(11);
    assert!(is_expired(&ending(&world.teardown(7, &sha('a')).ok()), "removed"));
}

#[test]
fn a_label_keeps_a_preview_beyond_its_time_and_gives_it_up() {
    let world = world();
    world.emulator.forge().label(APPLICATION, 7, "Keep-Preview").unwrap();
    world.pass_hours(11);
    assert_eq!(on(&world, "labeled"), plain("unchanged"));
    let told = comment(&world, 7);
    assert!(told.contains("| Expires | never, as long as it has the label `keep-preview` |"), "{told}");
    world.emulator.forge().unlabel(APPLICATION, 7, "Keep-Preview").unwrap();
    assert!(is_expired(&on(&world, "unlabeled"), "removed"));
}

#[test]
fn the_end_that_the_apps_repository_has_counts() {
    let world = world();
    let path = format!("{}/pr-7/patch-helmrelease-values.yaml", super::PREVIEWS);
    let earlier = patch(&world, 7).unwrap().replace(&end(&world).to_string(), "2020-01-02T03:04:05Z");
    world.commit_apps(&[(path, earlier)].into(), "End it");
    assert_eq!(on(&world, "labeled"), ("removed".to_owned(), "its time was up on 2020-01-02 03:04 UTC".to_owned()));
}

#[test]
fn a_preview_from_before_there_was_an_end_gets_one_by_a_push_or_by_hand() {
    let world = configured("{}");
    open(&world, |_| ());
    assert_eq!(on(&world, "opened"), plain("created"));
    configure(&world, TEN_HOURS);
    assert_eq!(quietly(&world, || on(&world, "labeled")), plain("unchanged"));
    assert!(!patch(&world, 7).unwrap().contains("expires-at"));
    assert_eq!(ending(&world.run(dispatched(&world, 7)).ok()), plain("updated"));
    assert_eq!(end(&world).duration_since(moment(&world, "created-at")).as_hours(), 10);
    assert_eq!(ending(&world.run(dispatched(&world, 7)).ok()), plain("unchanged"));
}
