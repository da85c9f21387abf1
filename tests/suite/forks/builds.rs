//! Images of an approved commit, published out of what its build left before its preview is committed.

use bivouac::emulator::{NewWorkflowRun, RequestKind, RunConclusion, RunStatus};
use tokio::runtime::Runtime;

use super::{FORK, by_ada, event, on, run_event, shown, with_fork};
use crate::command::{ADA, Said, hearing, reactions, sticky};
use crate::images::{Layout, artifact, zip};
use crate::policy::{ending, plain};
use crate::registry::server::Server;
use crate::world::{APPLICATION, Run, World, sha, wildside};

const WORKFLOW: &str = "preview-fork-build.yml";
const OPTIONS: [&str; 4] = ["--build-workflow", WORKFLOW, "--image-timeout", "1s"];

/// A world whose one image is in this registry, and has to be there.
fn world(server: &Server) -> World {
    let world = World::empty();
    let mut files = wildside();
    let configuration = format!(
        "version: 1\napplication: wildside\nrepository: acme/wildside\ndomain: preview.example.com\nimages:\n  \
         backend: {{repository: {}/acme/web, values: backend.image}}\nchecks: {{images: require}}\n\
         preview: {{forks: approved}}\n",
        server.address()
    );
    files.insert("bivouac.yaml".to_owned(), configuration);
    world.commit_apps(&files, "Lay out the apps repository");
    with_fork(&world);
    world
}

/// Lets the build of `a…` leave this, and returns its number.
fn built(world: &World, zip: &[u8]) -> u64 {
    let forge = world.emulator.forge();
    let new = NewWorkflowRun::for_pull_request(WORKFLOW, FORK, "patch-1", sha('a'));
    let run = forge.add_run(APPLICATION, new).unwrap().id;
    forge.add_artifact(APPLICATION, run, "bivouac-image-web", zip).unwrap();
    run
}

/// What comes of Ada's approval of `a…`, with images of the build.
fn approve(world: &World) -> Said {
    let (ada, body) = (bivouac::emulator::Actor::user(ADA), format!("/preview approve {}", sha('a')));
    let id = world.emulator.forge().comment(APPLICATION, 7, ada.clone(), &body).unwrap().id;
    world.emulator.forget_requests();
    let run = world.run(hearing(world, &crate::command::event(7, id, &ada, &body), &OPTIONS));
    Said { id, run }
}

/// Whether the registry has the image of `a…`.
fn is_published(server: &Server) -> bool {
    let url = format!("http://{}/v2/acme/web/manifests/{}", server.address(), sha('a'));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let accepted = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json";
    let answer = Runtime::new().unwrap().block_on(client.get(url).header("accept", accepted).send()).unwrap();
    answer.status().is_success()
}

/// The requests about runs and what they left.
fn about_runs(world: &World) -> Vec<String> {
    let requests = world.requests(RequestKind::Api).into_iter().map(|request| request.path);
    requests.filter(|path| path.contains("/actions/")).collect()
}

/// An approval that fails with this code: nothing is published or committed, and it is told.
fn fails(server: &Server, world: &World, code: i32) -> Run {
    let tip = world.tip();
    let said = approve(world);
    assert_eq!(said.run.code, code, "{}\n{}", said.run.stdout, said.run.stderr);
    assert_eq!((world.tip(), shown(world), is_published(server)), (tip, None, false));
    assert_eq!(reactions(world, said.id), "confused");
    assert!(sticky(world).contains("`/preview approve` failed: [this run]("), "{}", sticky(world));
    said.run
}

#[test]
fn the_image_of_an_approved_commit_is_published_before_it_is_committed() {
    let server = Server::open();
    let world = world(&server);
    built(&world, &artifact("web.tar", "one"));
    let said = approve(&world).ok();
    assert_eq!((said.ending(), said.reactions(&world)), (plain("created"), "+1".to_owned()));
    assert_eq!(shown(&world), Some(by_ada('a')));
    assert!(is_published(&server));
    // What is there is not fetched again.
    let again = approve(&world).ok();
    assert_eq!((again.ending(), about_runs(&world)), (plain("unchanged"), vec![]));
}

#[test]
fn the_image_is_there_before_anybody_can_see_the_commit() {
    let server = Server::open();
    let world = world(&server);
    built(&world, &artifact("web.tar", "one"));
    world.hook("pre-receive", "echo not now >&2; exit 1");
    let (tip, said) = (world.tip(), approve(&world));
    assert_eq!((said.run.code, world.tip(), is_published(&server)), (4, tip, true), "{}", said.run.stderr);
}

#[test]
fn a_workflow_that_there_is_not_is_a_mistake_of_the_options() {
    let server = Server::open();
    let world = world(&server);
    let run = fails(&server, &world, 4);
    assert!(run.stderr.contains("check the name of the workflow's file"), "{}", run.stderr);
}

#[test]
fn an_approval_whose_build_never_came_is_none_when_it_comes() {
    let server = Server::open();
    let world = world(&server);
    world.emulator.forge().add_workflow(APPLICATION, WORKFLOW).unwrap();
    fails(&server, &world, 12);
    built(&world, &artifact("web.tar", "one"));
    let path = world.write_event(&run_event('a'));
    let mut command = world.bivouac(&[&["deploy"][..], &OPTIONS].concat());
    command.env("GITHUB_EVENT_NAME", "workflow_run").env("GITHUB_EVENT_PATH", path);
    let run = world.run(command).ok();
    assert_eq!(ending(&run), super::because_unapproved("refused", 'a'), "an approval that failed is none");
    assert_eq!(approve(&world).ok().ending(), plain("created"));
}

#[test]
fn a_build_that_never_comes_keeps_the_preview_back() {
    let server = Server::open();
    let world = world(&server);
    world.emulator.forge().add_workflow(APPLICATION, WORKFLOW).unwrap();
    let run = fails(&server, &world, 12);
    assert!(run.stderr.contains(WORKFLOW), "{}", run.stderr);
    let pending = NewWorkflowRun::for_pull_request(WORKFLOW, FORK, "patch-1", sha('a')).at(RunStatus::Queued, None);
    world.emulator.forge().add_run(APPLICATION, pending).unwrap();
    fails(&server, &world, 12);
}

#[test]
fn a_build_that_failed_keeps_the_preview_back() {
    let server = Server::open();
    let world = world(&server);
    let run = built(&world, &artifact("web.tar", "one"));
    let forge = world.emulator.forge();
    forge.change_run(APPLICATION, run, |run| run.conclusion = Some(RunConclusion::Failure)).unwrap();
    fails(&server, &world, 12);
}

#[test]
fn a_build_of_somebody_elses_repository_does_not_count() {
    let server = Server::open();
    let world = world(&server);
    let forge = world.emulator.forge();
    let new = NewWorkflowRun::for_pull_request(WORKFLOW, "mallory/wildside", "patch-1", sha('a'));
    let run = forge.add_run(APPLICATION, new).unwrap().id;
    forge.add_artifact(APPLICATION, run, "bivouac-image-web", artifact("web.tar", "one")).unwrap();
    fails(&server, &world, 12);
}

#[test]
fn what_is_no_image_is_neither_published_nor_committed() {
    let broken = Layout { files: vec![("../../etc/passwd".to_owned(), b"x".to_vec())] };
    let hostile = [
        b"no zip archive".to_vec(),
        artifact("../web.tar", "one"),
        zip("web.tar", &broken.tar()),
        zip("web.tar", b"x"),
    ];
    for bytes in hostile {
        let server = Server::open();
        let world = world(&server);
        built(&world, &bytes);
        let run = fails(&server, &world, 7);
        assert!(!run.stderr.contains("::error::x"), "{}", run.stderr);
    }
}

#[test]
fn of_what_nobody_has_approved_nothing_is_fetched() {
    let server = Server::open();
    let world = world(&server);
    built(&world, &artifact("web.tar", "one"));
    world.emulator.forget_requests();
    let run = on(&world, "deploy", &event("synchronize", &sha('a')), &OPTIONS).ok();
    assert_eq!(ending(&run), super::because_unapproved("refused", 'a'));
    assert_eq!((about_runs(&world), is_published(&server)), (vec![], false));
    assert_eq!(world.requests(RequestKind::Archive), []);

    approve(&world).ok();
    world.push(7, &sha('b'));
    world.emulator.forget_requests();
    let run = on(&world, "deploy", &event("synchronize", &sha('b')), &OPTIONS).ok();
    assert_eq!((ending(&run), about_runs(&world)), (super::because_unapproved("kept", 'b'), vec![]));
}

#[test]
fn a_pull_request_of_ours_is_not_asked_for_a_build_of_forks() {
    let server = Server::open();
    let world = world(&server);
    world.open(9, &sha('a'));
    world.emulator.forget_requests();
    let run = world.on_event("deploy", "synchronize", 9, &sha('a'), &OPTIONS);
    assert_eq!((run.code, about_runs(&world)), (12, vec![]), "{}", run.stderr);
}

#[test]
fn a_dry_run_publishes_nothing() {
    let server = Server::open();
    let world = world(&server);
    built(&world, &artifact("web.tar", "one"));
    let (ada, body) = (bivouac::emulator::Actor::user(ADA), format!("/preview approve {}", sha('a')));
    let options = [&OPTIONS[..], &["--dry-run"]].concat();
    let said = crate::command::said_by(&world, &ada, &body, &options);
    assert_eq!(
        (about_runs(&world), is_published(&server), shown(&world)),
        (vec![], false, None),
        "{}",
        said.run.stderr
    );
}
