//! What a preview has for itself, through every verb that touches it, by the role of its application, which `bootstrap-vault` makes.

use std::fs::{self, File};
use std::process::Command;
use std::sync::{Arc, Mutex};

use bivouac::emulator::{Answer, Verdict};
use serde_json::json;
use tempfile::TempDir;

use super::watched::{Recorders, watched};
use super::{Canary, Place, leak};
use crate::secrets::world::SecretsWorld;
use crate::vault::issuer::Issuer;
use crate::world::{APPLICATION, Run, sha};

const OWN: &str = "previews/wildside/pr-7";
const WORKFLOW: &str = "acme/wildside/.github/workflows/preview.yml@refs/heads/main";
/// What is put for the preview, in each of the ways that there are.
const PUT: [&str; 4] =
    ["canary-put-by-standard-input", "canary-put-by-a-file", "canary-put-alone", "canary-put-as-json"];
/// What stands in the Vault elsewhere.
const SHARED: [&str; 2] = ["canary-of-all-previews", "canary-of-the-staging"];

/// How the application logs in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Login {
    AppRole,
    Oidc,
}

struct Site {
    it: SecretsWorld,
    canaries: Vec<Canary>,
    recorders: Recorders,
    /// What the tests themselves write down, which is not searched.
    folder: TempDir,
    sent: Arc<Mutex<Vec<Place>>>,
}

impl Site {
    fn new(login: Login) -> Self {
        let (it, folder, issuer) = (SecretsWorld::new(), TempDir::new().unwrap(), Issuer::new());
        it.by_hand("previews/wildside", &json!({ "SHARED": SHARED[0] }));
        it.by_hand("staging/wildside", &json!({ "STAGING": SHARED[1] }));
        let mut canaries: Vec<_> =
            PUT.iter().chain(&SHARED).map(|&value| Canary::word("a value in the Vault", value)).collect();
        canaries.push(Canary::word("BIVOUAC_VAULT_TOKEN", &it.root));
        let jwt = issuer.token(&Issuer::claims("123456", WORKFLOW, &it.bao.address()));
        canaries.push(Canary::word("a token of GitHub's", &jwt));
        let site = Self { it, canaries, recorders: Recorders::new(), folder, sent: Arc::default() };
        site.listen(jwt);
        let made = site.bootstrap(&issuer);
        site.give(login, &made)
    }

    /// Notes what is sent to the forge, which gives tokens of its provider too.
    fn listen(&self, jwt: String) {
        let sent = Arc::clone(&self.sent);
        self.it.world.intercept(move |request| {
            if request.path == "/oidc" {
                return Verdict::Answer(Answer::json(200, &json!({ "value": jwt })));
            }
            let headers: Vec<_> = request.headers.iter().filter(|(name, _)| name != "authorization").collect();
            let head = format!("{} {}?{} {headers:?}\n", request.method, request.path, request.query);
            let place = Place::new(format!("a request to {}", request.path), [head.as_bytes(), &request.body].concat());
            sent.lock().unwrap().push(place);
            Verdict::Pass
        });
    }

    /// Makes the role of the application, and returns its role-id and its secret-id.
    fn bootstrap(&self, issuer: &Issuer) -> (String, String) {
        let file = self.folder.path().join("vault.yaml");
        let text = format!(
            "version: 1\nvault:\n  addresses: [{}]\n  audit: none\n  github:\n    jwt-validation-pubkeys:\n{}\n  applications:\n    \
             wildside: {{reads: [staging/wildside], repository-id: 123456, job-workflow-ref: {WORKFLOW}}}\n",
            self.it.bao.address(),
            issuer.entry(6)
        );
        fs::write(&file, text).unwrap();
        let mut command = self.it.world.bivouac(&["bootstrap-vault", "--config", file.to_str().unwrap()]);
        command.args(["--mint-application-secret-id", "wildside"]).env("BIVOUAC_VAULT_TOKEN", &self.it.root);
        command.env("RUNNER_TEMP", self.folder.path());
        let run = self.it.world.run(command).ok();
        let left = |output: &str| run.output(output).strip_prefix("wildside=").unwrap().to_owned();
        let secret_id = fs::read_to_string(left("application-secret-id-files")).unwrap();
        (left("application-role-ids"), secret_id.trim().to_owned())
    }

    /// Gives every run the login, and no other.
    fn give(mut self, login: Login, (role_id, secret_id): &(String, String)) -> Self {
        let world = &self.it.world;
        let (role_id, secret_id) =
            if login == Login::AppRole { (role_id.as_str(), secret_id.as_str()) } else { ("", "") };
        world.give("BIVOUAC_VAULT_ROLE_ID", role_id.to_owned());
        world.give("BIVOUAC_VAULT_SECRET_ID", secret_id.to_owned());
        if login == Login::AppRole {
            self.canaries.push(Canary::word("BIVOUAC_VAULT_SECRET_ID", secret_id));
            return self;
        }
        world.give("BIVOUAC_VAULT_ROLE", "bivouac-wildside".to_owned());
        world.give("ACTIONS_ID_TOKEN_REQUEST_URL", format!("{}/oidc?x=1", world.emulator.server_url()));
        world.give("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "canary-of-the-oidc-provider".to_owned());
        self.canaries.push(Canary::word("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "canary-of-the-oidc-provider"));
        self
    }

    /// Runs a command; nothing that it shows, writes, sends or starts has a secret in it.
    fn run(&self, mut command: Command, what: &str) -> Run {
        self.recorders.stand_in(&mut command);
        let (run, mut places) = watched(command, self.it.world.home.path());
        let objects = self.it.world.git(&["cat-file", "--batch", "--batch-all-objects"]);
        places.push(Place::new("an object of the apps repository", objects));
        places.append(&mut self.sent.lock().unwrap());
        places.extend(self.it.world.comments(7).into_iter().map(|body| Place::new("a comment", body)));
        places.extend(
            self.recorders.noted().into_iter().map(|(name, text)| Place::new(format!("what {name} got"), text)),
        );
        let leak = leak(&self.canaries, &places);
        assert!(leak.is_none(), "{what}: {}\n{run:#?}", leak.unwrap());
        run
    }

    fn on(&self, verb: &str, action: &str) -> Run {
        self.run(self.it.world.event_command(verb, action, 7, &sha('a'), &[]), verb)
    }

    /// A verb on the preview's own secrets, with something at standard input.
    fn secrets(&self, input: &str, arguments: &[&str]) -> Run {
        let mut command = self.it.command(arguments);
        command.stdin(File::open(self.file("input", input)).unwrap());
        self.run(command, &arguments.join(" "))
    }

    fn file(&self, name: &str, text: &str) -> String {
        let file = self.folder.path().join(name);
        fs::write(&file, text).unwrap();
        file.display().to_string()
    }
}

/// A preview that gets everything, and loses it with its pull request.
fn live(site: &Site) {
    let it = &site.it;
    assert_eq!(site.on("deploy", "opened").ok().output("result"), "created");
    site.secrets(&format!("A={}\n", PUT[0]), &["put"]).ok();
    let file = site.file("values", &format!("B={}\n", PUT[1]));
    site.secrets("", &["put", "--file", &file]).ok();
    site.secrets(PUT[2], &["put", "--key", "C"]).ok();
    site.secrets(&json!({ "D": PUT[3] }).to_string(), &["put", "--format", "json"]).ok();
    site.secrets(&format!("A={}\n", PUT[1]), &["put", "--dry-run"]).ok();
    site.secrets("", &["copy", "--from", "staging/wildside"]).ok();
    site.secrets("", &["copy", "--from", "previews/wildside"]).ok();
    let (values, _) = it.values(OWN).unwrap();
    let expected = json!({
        "A": PUT[0], "B": PUT[1], "C": PUT[2], "D": PUT[3], "STAGING": SHARED[1], "SHARED": SHARED[0],
    });
    assert_eq!(values, expected);
    for arguments in [&["list"][..], &["list", "--format", "json"]] {
        let run = site.secrets("", arguments).ok();
        assert!(run.stdout.contains("pr-7"), "{}", run.stdout);
    }
    // What is no value is told without it, and what it may not read is not read.
    for (input, arguments) in [
        (PUT[0].to_owned(), &["put"][..]),
        (format!("{{\"A\": \"{}\"", PUT[0]), &["put"]),
        (format!("no key={}", PUT[0]), &["put"]),
        (String::new(), &["copy", "--from", "staging/another"]),
        (String::new(), &["copy", "--from", "previews/other"]),
    ] {
        let run = site.secrets(&input, arguments);
        assert!(run.code != 0 && run.outputs.is_empty(), "{run:#?}");
    }
    assert_eq!(it.values(OWN).unwrap().0, expected);
    let marks = it.metadata(OWN).unwrap();
    it.world.emulator.forge().close(APPLICATION, 7).unwrap();
    assert_eq!(site.on("teardown", "closed").ok().output("result"), "removed");
    assert_eq!((it.values(OWN), it.metadata(OWN)), (None, None));
    it.by_hand(OWN, &json!({ "A": PUT[0] }));
    // A sweep removes what is marked as ours.
    let marks = Some(json!({ "custom_metadata": marks }));
    it.bao.done("POST", &format!("secret/metadata/{OWN}"), Some(&it.root), marks);
    site.run(it.world.bivouac(&["sweep"]), "sweep").ok();
    assert_eq!(it.metadata(OWN), None);
    it.by_hand(OWN, &json!({ "A": PUT[0] }));
    site.secrets("", &["remove"]).ok();
    assert_eq!((it.metadata(OWN), it.tokens_left()), (None, 0));
    assert_eq!(it.values("previews/wildside").unwrap().0, json!({ "SHARED": SHARED[0] }));
}

#[test]
fn what_a_preview_has_for_itself_is_seen_nowhere_by_approle() {
    live(&Site::new(Login::AppRole));
}

#[test]
fn what_a_preview_has_for_itself_is_seen_nowhere_by_githubs_oidc() {
    live(&Site::new(Login::Oidc));
}
