//! A world in which everything that takes a secret has one.

use std::fs;
use std::process::Command;
use std::sync::{Arc, Mutex};

use bivouac::emulator::{Access, RequestKind, Role, Token, Verdict};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::watched::{Recorders, watched};
use super::{Canary, Place, leak};
use crate::command::{ADA, US};
use crate::escrow::Person;
use crate::events::ear::{Ear, SECRET};
use crate::gate::with_chart;
use crate::registry::server::{OCI_IMAGE, PASSWORD, Server, USER};
use crate::world::{APPLICATION, Run, World, sha};

/// Where a secret stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// In a variable.
    Variables,
    /// In a file that a variable names.
    Files,
}

/// A world, its secrets, and everything that was seen of the runs in it.
pub(super) struct Ground {
    pub(super) world: World,
    pub(super) canaries: Vec<Canary>,
    pub(super) ear: Ear,
    recorders: Recorders,
    registry: Server,
    way: Way,
    /// Files with secrets, which the tests themselves have put there.
    files: TempDir,
    sent: Arc<Mutex<Vec<Place>>>,
}

impl Ground {
    pub(super) fn new(way: Way) -> Self {
        let (registry, ear) = (Server::locked(), Ear::new());
        let configuration = format!(
            "version: 1\napplication: wildside\nrepository: {APPLICATION}\ndomain: preview.example.com\nimages:\n  \
             backend: {{repository: {}/acme/web, values: backend.image}}\nchecks: {{images: require, chart: require, \
             ready: {{url: '{}', header: x-commit}}}}\nnotify: [{{name: ear, kind: cloudevents}}]\n",
            registry.address(),
            ear.preview()
        );
        let world = with_chart("values: {replicaCount: 2}").with("bivouac.yaml", &configuration).world();
        world.emulator.forge().set_role(APPLICATION, ADA, Role::Write).unwrap();
        let canaries = canaries(&ear);
        let token = |name: &str| Token::new(canaries.iter().find(|canary| canary.name == name).unwrap().value.clone());
        for (login, name) in [(US, "BIVOUAC_GITHUB_TOKEN"), ("reader", "BIVOUAC_APPS_TOKEN")] {
            let token = token(name);
            let give = |account: &mut bivouac::emulator::Account| {
                (account.token, account.access) = (token, Access::Write);
            };
            world.emulator.change_account(login, give).unwrap();
        }
        let ground = Self {
            world,
            canaries,
            ear,
            recorders: Recorders::new(),
            registry,
            way,
            files: TempDir::new().unwrap(),
            sent: Arc::default(),
        };
        ground.listen_to_the_forge();
        for digit in ['a', 'b'] {
            ground.push_image(digit);
        }
        ground
    }

    fn push_image(&self, digit: char) {
        let tag = sha(digit);
        let push = self.registry.push_image("acme/web", &tag, OCI_IMAGE, "one");
        Runtime::new().unwrap().block_on(push);
    }

    /// Notes what is sent to the forge, but for the header that is meant to carry a token.
    fn listen_to_the_forge(&self) {
        let sent = Arc::clone(&self.sent);
        self.world.intercept(move |request| {
            let headers: Vec<_> = request.headers.iter().filter(|(name, _)| name != "authorization").collect();
            let head = format!("{} {}?{} {headers:?}\n", request.method, request.path, request.query);
            let place = format!("a request to the forge, {} {}", request.method, request.path);
            sent.lock().unwrap().push(Place::new(place, [head.as_bytes(), &request.body].concat()));
            Verdict::Pass
        });
    }

    /// Gives a command all secrets, and programs that note what they are given.
    pub(super) fn arm(&self, command: &mut Command) {
        self.recorders.stand_in(command);
        command.env_remove("GITHUB_TOKEN").env("BIVOUAC_REGISTRY_USERNAME", USER);
        command.env("BIVOUAC_NOTIFY_ALLOW_PRIVATE", "true").env("RUNNER_TEMP", self.world.home.path());
        command.env("ACTIONS_ID_TOKEN_REQUEST_URL", format!("{}/oidc", self.world.emulator.server_url()));
        for Canary { name, value, .. } in &self.canaries {
            // The runner has no other way for what is its own, and what is of others is in variables.
            if self.way == Way::Variables || name.starts_with("ACTIONS_") || *name == "GH_TOKEN" {
                command.env(name, value);
                continue;
            }
            let file = self.files.path().join(name);
            fs::write(&file, format!("{value}\n")).unwrap();
            let variable = if *name == "BIVOUAC_SSH_KEY" { (*name).to_owned() } else { format!("{name}_FILE") };
            command.env(variable, file);
        }
    }

    /// Runs a command with all secrets; what it shows is none of them.
    pub(super) fn run(&self, command: Command, what: &str) -> Run {
        let (run, leak) = self.searched(command);
        assert!(leak.is_none(), "{what}, {:?}: {}\n{run:#?}", self.way, leak.unwrap());
        run
    }

    /// Runs a command with all secrets, and says whether it has shown one of them.
    pub(super) fn searched(&self, mut command: Command) -> (Run, Option<String>) {
        self.arm(&mut command);
        let (run, mut places) = watched(command, self.world.home.path());
        self.world.accepts_all();
        places.extend(self.told());
        places.extend(
            self.recorders.noted().into_iter().map(|(name, text)| Place::new(format!("what {name} got"), text)),
        );
        let leak = leak(&self.canaries, &places);
        (run, leak)
    }

    /// What was written into the apps repository, sent to the forge, said on it and told to who listens.
    fn told(&self) -> Vec<Place> {
        let mut places = vec![Place::new(
            "an object of the apps repository",
            self.world.git(&["cat-file", "--batch", "--batch-all-objects"]),
        )];
        places.append(&mut self.sent.lock().unwrap());
        places.extend(self.world.comments(7).into_iter().map(|body| Place::new("a comment", body)));
        let events = self.ear.events();
        places.extend(events.into_iter().map(|event| Place::new("an event", event.to_string())));
        let requests = self.world.emulator.requests();
        let log = requests.iter().filter(|request| request.kind != RequestKind::Git);
        places.extend(log.map(|request| Place::new("the forge's log", format!("{request:?}"))));
        places
    }

    /// The programs that were started so far.
    pub(super) fn started(&self) -> Vec<String> {
        let mut names: Vec<_> = self.recorders.noted().into_iter().map(|(name, _)| name).collect();
        names.sort();
        names.dedup();
        names
    }
}

/// A secret for each variable that takes one.
fn canaries(ear: &Ear) -> Vec<Canary> {
    let shares = ["c1".repeat(33), "c2".repeat(33), "c3".repeat(33)];
    let key = ["Y2FuYXJ5LW9mLXRoZS1zc2gta2V5LW9uZQ", "Y2FuYXJ5LW9mLXRoZS1zc2gta2V5LXR3bw"];
    let key_text =
        format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n{}\n-----END OPENSSH PRIVATE KEY-----", key[0], key[1]);
    let signing = "whsec_Y2FuYXJ5LW9mLXdob2V2ZXItc2lnbnMtZXZlbnRz";
    let identity = Person::new().secret;
    vec![
        Canary::word("BIVOUAC_APPS_TOKEN", "canary-of-the-apps-token"),
        Canary::word("BIVOUAC_GITHUB_TOKEN", "canary-of-bivouacs-github-token"),
        Canary::word("GITHUB_TOKEN", "canary-of-the-workflows-token"),
        Canary::word("GH_TOKEN", "canary-of-another-programs-token"),
        Canary::word("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "canary-of-the-oidc-provider"),
        Canary::word("ACTIONS_RUNTIME_TOKEN", "canary-of-the-runners-token"),
        Canary::word("BIVOUAC_ENVIRONMENT_TOKEN", "canary-of-the-environment-token"),
        Canary::word("BIVOUAC_VAULT_TOKEN", "canary-of-bivouacs-vault-token"),
        Canary::word("VAULT_TOKEN", "canary-of-the-vault-token"),
        Canary::word("BIVOUAC_VAULT_SECRET_ID", "canary-of-a-secret-id"),
        Canary::word("BIVOUAC_REGISTRY_TOKEN", PASSWORD),
        Canary::text("BIVOUAC_SSH_KEY", &key_text, &key),
        Canary::text("BIVOUAC_AGE_IDENTITY", &identity, &[identity.trim()]),
        Canary::text("BIVOUAC_UNSEAL_SHARES", &shares.join("\n"), &shares.each_ref().map(String::as_str)),
        Canary::text("BIVOUAC_NOTIFY_ADDRESSES", &format!("ear={}", ear.address()), &[SECRET]),
        Canary::text("BIVOUAC_NOTIFY_SECRETS", &format!("ear={signing}"), &[&signing[6..], "canary-of-whoever-signs"]),
    ]
}
