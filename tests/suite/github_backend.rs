//! The apps repository through GitHub's API alone.

mod lost;
mod refusals;
mod shapes;

use bivouac::emulator::{IncomingRequest, ReceivedRequest, RequestKind, Verdict};

use crate::world::{APPLICATION, Run, World, sha};

const PREVIEW: &str = "overlays/ephemeral/pr-7";
const ROSTER: &str = "overlays/ephemeral/kustomization.yaml";

/// A world with the open pull request 7 at `a…`, in which the backend is what fits.
fn world() -> World {
    on_github(World::new())
}

fn on_github(mut world: World) -> World {
    world.backend = "auto";
    world.open(7, &sha('a'));
    world
}

/// The operations of the requests to the forge since they were forgotten: of GraphQL by name, of REST by method and path.
fn asked(world: &World) -> Vec<String> {
    let requests = world.emulator.requests().into_iter();
    requests.map(|request| operation(&request)).collect()
}

fn operation(request: &ReceivedRequest) -> String {
    match request.body["operationName"].as_str() {
        Some(name) => name.to_owned(),
        None => format!("{} {}", request.method, request.path.replace("/api/v3/repos/acme/", "")),
    }
}

fn is_commit(request: &IncomingRequest) -> bool {
    request.kind == RequestKind::Graphql && request.json()["operationName"] == "CommitToAppsRepository"
}

/// Lets the first commit of the world meet `verdict`.
fn meet_commit(world: &World, verdict: Verdict) {
    let verdict = std::sync::Mutex::new(Some(verdict));
    world.intercept(move |request| {
        let met = if is_commit(request) { verdict.lock().unwrap().take() } else { None };
        met.unwrap_or(Verdict::Pass)
    });
}

/// How many commits the branch has.
fn commits(world: &World) -> usize {
    world.git(&["rev-list", "--count", "main"]).trim().parse().unwrap()
}

/// The commit that a run told of is the branch's tip.
fn tells_the_tip(world: &World, run: &Run) {
    assert_eq!(run.output("apps-commit"), world.tip(), "{}", run.stderr);
}

#[test]
fn a_first_deploy_asks_six_times_and_nothing_of_git() {
    let world = world();
    let run = world.deploy(7, &sha('a')).ok();
    assert_eq!(run.output("result"), "created");
    tells_the_tip(&world, &run);
    let mut asked = asked(&world);
    asked.sort();
    let deployment = asked.iter().position(|asked| asked.ends_with("/statuses")).map(|index| asked.remove(index));
    assert!(deployment.is_some(), "{asked:#?}");
    let expected = [
        "CommitToAppsRepository",
        "ObserveAppsRepository",
        "ObservePullRequest",
        "POST wildside/deployments",
        "POST wildside/issues/7/comments",
    ];
    assert_eq!(asked, expected);
    assert!(world.file(ROSTER).unwrap().contains("- \"pr-7\""));
    assert_eq!(commits(&world), 2);
}

#[test]
fn the_commit_is_what_git_would_have_made_of_it() {
    let (github, mut git) = (world(), world());
    git.backend = "git";
    for world in [&github, &git] {
        world.deploy(7, &sha('a')).ok();
    }
    let shown = |world: &World| {
        let tree = world.git(&["ls-tree", "-r", "--name-only", "main"]);
        let roster = world.file(ROSTER).unwrap();
        let message = world.git(&["log", "-1", "--format=%B", "main"]);
        (
            tree,
            roster,
            message.trim().lines().map(str::to_owned).filter(|line| !line.contains("-Run:")).collect::<Vec<_>>(),
        )
    };
    assert_eq!(shown(&github), shown(&git));
}

#[test]
fn a_run_that_changes_nothing_asks_twice() {
    let world = world();
    world.deploy(7, &sha('a')).ok();
    world.emulator.forget_requests();
    let tip = world.tip();
    let run = world.deploy(7, &sha('a')).ok();
    assert_eq!((run.output("result"), world.tip()), ("unchanged", tip));
    let mut asked = asked(&world);
    asked.sort();
    assert_eq!(asked, ["ObserveAppsRepository", "ObservePullRequest"]);
}

#[test]
fn an_update_and_a_removal_cost_no_more_than_a_first_deploy() {
    let world = world();
    world.deploy(7, &sha('a')).ok();
    world.push(7, &sha('b'));
    world.emulator.forget_requests();
    let run = world.deploy(7, &sha('b')).ok();
    tells_the_tip(&world, &run);
    assert!(asked(&world).len() <= 7, "{:#?}", asked(&world));
    world.emulator.forge().close(APPLICATION, 7).unwrap();
    world.emulator.forget_requests();
    let run = world.teardown(7, &sha('b')).ok();
    assert_eq!((run.output("result"), world.file(&format!("{PREVIEW}/namespace.yaml"))), ("removed", None));
    tells_the_tip(&world, &run);
    assert!(asked(&world).len() <= 5, "{:#?}", asked(&world));
    assert!(world.requests(RequestKind::Git).is_empty());
}

#[test]
fn a_sweep_and_a_list_read_every_preview() {
    let world = world();
    world.open(8, &sha('b'));
    for (number, head) in [(7, sha('a')), (8, sha('b'))] {
        world.deploy(number, &head).ok();
    }
    world.emulator.forge().close(APPLICATION, 7).unwrap();
    world.emulator.forget_requests();
    let run = world.run(world.bivouac(&["list", "--format", "json"])).ok();
    assert!(run.stdout.contains("pr-7") && run.stdout.contains("pr-8"), "{}", run.stdout);
    let run = world.run(world.bivouac(&["sweep"])).ok();
    assert_eq!(run.output("removed"), "[\"pr-7\"]", "{}", run.stdout);
    tells_the_tip(&world, &run);
    assert!(world.requests(RequestKind::Git).is_empty(), "{:#?}", asked(&world));
    assert!(world.file(&format!("{PREVIEW}/namespace.yaml")).is_none());
}

#[test]
fn an_author_that_can_not_be_is_told_of() {
    let world = world();
    let run = world.on_event("deploy", "opened", 7, &sha('a'), &["--author", "Me <me@example.com>", "-v"]).ok();
    assert_eq!(run.stderr.matches("`--author` has no effect here").count(), 1, "{}", run.stderr);
}

#[test]
fn a_dry_run_only_looks() {
    let world = world();
    let tip = world.tip();
    world.on_event("deploy", "opened", 7, &sha('a'), &["--dry-run"]).ok();
    let mut asked = asked(&world);
    asked.sort();
    assert_eq!((world.tip(), asked), (tip, vec!["ObserveAppsRepository".to_owned(), "ObservePullRequest".to_owned()]));
}
