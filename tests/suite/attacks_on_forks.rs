//! What strangers try against previews of forks: whatever they do, no commit that nobody has approved reaches the apps repository,
//! and no image of one the registry.

mod applications;
mod artifacts;
mod beside;
mod faults;
mod labels;
mod many;
mod moving;
mod permissions;
mod records;
mod shapes;
mod waiting;

use bivouac::emulator::{Actor, NewPullRequest, NewWorkflowRun, Role};
use serde_json::{Value, json};

use crate::command::{ADA, hearing};
use crate::images::artifact;
use crate::policy::patch;
use crate::registry::server::Server;
use crate::world::{APPLICATION, Run, WEBHOOKS, World, sha, wildside};

const FORK: &str = "stranger/wildside";
const BRANCH: &str = "patch-1";
const WORKFLOW: &str = "preview-fork-build.yml";
const LABEL: &str = "preview";
const OPTIONS: [&str; 4] = ["--build-workflow", WORKFLOW, "--image-timeout", "1s"];

/// An application whose one image is in a registry of its own, and pull request 7 of a fork, at `a…`. Ada may push; builds of
/// `a…` and `b…` have left their images.
struct Ground {
    world: World,
    server: Server,
}

impl Ground {
    fn new() -> Self {
        Self::with("")
    }

    /// One with this under `preview` besides.
    fn with(preview: &str) -> Self {
        let (world, server) = (World::empty(), Server::open());
        let mut files = wildside();
        let configuration = format!(
            "version: 1\napplication: wildside\nrepository: {APPLICATION}\ndomain: preview.example.com\nimages:\n  \
             backend: {{repository: {}/acme/web, values: backend.image}}\npreview: {{forks: approved{preview}}}\n",
            server.address()
        );
        files.insert("bivouac.yaml".to_owned(), configuration);
        world.commit_apps(&files, "Lay out the apps repository");
        let ground = Self { world, server };
        ground.open(7, 'a');
        let forge = ground.world.emulator.forge();
        forge.set_role(APPLICATION, ADA, Role::Write).unwrap();
        for digit in ['a', 'b'] {
            ground.build(digit, &artifact("web.tar", &digit.to_string()));
        }
        ground
    }

    fn open(&self, number: u64, digit: char) {
        let (fork, author) = (Some(FORK.to_owned()), Actor::user("stranger"));
        let branch = NewPullRequest::from_branch(BRANCH, sha(digit));
        let new = NewPullRequest { number: Some(number), fork, author, ..branch };
        self.world.emulator.forge().open_pull_request(APPLICATION, new).unwrap();
    }

    /// Lets a build of a commit leave this, and go well.
    fn build(&self, digit: char, zip: &[u8]) {
        let forge = self.world.emulator.forge();
        let new = NewWorkflowRun::for_pull_request(WORKFLOW, FORK, BRANCH, sha(digit));
        let run = forge.add_run(APPLICATION, new).unwrap().id;
        forge.add_artifact(APPLICATION, run, "bivouac-image-web", zip).unwrap();
    }

    /// The run that hears of a comment.
    fn said(&self, by: &Actor, body: &str) -> Run {
        let id = self.world.emulator.forge().comment(APPLICATION, 7, by.clone(), body).unwrap().id;
        let event = crate::command::event(7, id, by, body);
        self.world.run(hearing(&self.world, &event, &OPTIONS))
    }

    fn ada(&self, body: &str) -> Run {
        self.said(&Actor::user(ADA), body)
    }

    /// `deploy` for an event, with options and an environment besides.
    fn deploy(&self, name: &str, event: &Value, more: &[&str], environment: &[(&str, &str)]) -> Run {
        let path = self.world.write_event(event);
        let mut command = self.world.bivouac(&[&["deploy"][..], &OPTIONS, more].concat());
        command.env("GITHUB_EVENT_NAME", name).env("GITHUB_EVENT_PATH", path).envs(environment.iter().copied());
        self.world.run(command)
    }

    /// The commit that is shown, and the one that was approved.
    fn shown(&self) -> Option<(String, String)> {
        let patch = patch(&self.world, 7)?;
        let annotation = |name: &str| {
            let line = patch.lines().find_map(|line| line.trim().strip_prefix(&format!("bivouac.dev/{name}: ")));
            line.unwrap_or_default().trim_matches('"').to_owned()
        };
        Some((annotation("commit"), annotation("approved-commit")))
    }

    /// Whether the registry has an image of a commit.
    fn has_image(&self, digit: char) -> bool {
        let place = format!("manifests/{}", sha(digit));
        self.world.block_on(self.server.get("acme/web", &place)).is_some()
    }

    /// Fails the test if anything was written for a commit that nobody has approved.
    fn holds_nothing_of(&self, digit: char, what: &str) {
        assert!(!self.has_image(digit), "{what}: an image was pushed");
        let log = self.world.git(&["log", "--format=%B", "-p", "main"]);
        assert!(!log.contains(&sha(digit)), "{what}: it was committed\n{log}");
    }
}

/// An event of a fork's pull request, whose head was that commit.
fn event(action: &str, number: u64, digit: char) -> Value {
    let event = WEBHOOKS.pull_request(action).numbered(number).at(&sha(digit)).in_repository(APPLICATION);
    event.coming_from_fork(FORK).into_value()
}

/// That somebody put the label on a fork's pull request.
fn labelled(by: &str, number: u64, digit: char) -> Value {
    let (mut event, by) = (event("labeled", number, digit), Actor::user(by));
    event["label"]["name"] = json!(LABEL);
    event["sender"] = json!({"login": by.login, "id": by.number(), "type": "User"});
    event
}

/// The end of a build of pull request 7.
fn built(digit: char) -> Value {
    let mut event = WEBHOOKS.example("workflow_run", "completed");
    let run = &mut event["workflow_run"];
    (run["event"], run["status"], run["conclusion"]) = (json!("pull_request"), json!("completed"), json!("success"));
    (run["head_sha"], run["head_branch"], run["pull_requests"]) = (json!(sha(digit)), json!(BRANCH), json!([]));
    run["head_repository"]["full_name"] = json!(FORK);
    event["repository"]["full_name"] = json!(APPLICATION);
    event
}
