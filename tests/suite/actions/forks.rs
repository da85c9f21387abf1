//! Previews of forks: the build without secrets, the approval, and what is put up with what the build left.

mod build;
mod events;
mod life;

use std::fs;

use bivouac::emulator::{Actor, NewPullRequest, NewWorkflowRun, Role};
use serde_json::{Value, json};

use super::{Caller, Ended};
use crate::files::top;
use crate::images::{Layout, zip};
use crate::registry::server::Server;
use crate::world::{APPLICATION, WEBHOOKS, World};

const FORK: &str = "stranger/wildside";
const BRANCH: &str = "patch-1";
const BUILD: &str = "preview-fork-build.yml";
const DEPLOY: &str = "preview-fork.yml";

/// An application whose one image is in a registry of its own, a fork of it, and who may push.
struct Forked {
    caller: Caller,
    server: Server,
}

impl Forked {
    /// One whose `bivouac.yaml` says this of previews, besides that forks get one.
    fn new(preview: &str) -> Self {
        let (mut caller, server) = (Caller::with_workflows_of(&["--forks"]), Server::open());
        let configuration = format!(
            "version: 1\napplication: wildside\nrepository: {APPLICATION}\ndomain: preview.example.com\nimages:\n  \
             web: {{repository: {}/acme/wildside, values: web.image}}\npreview: {{forks: approved{preview}}}\n",
            server.address()
        );
        caller.world.commit_apps(&[("bivouac.yaml".to_owned(), configuration)].into(), "Let forks have previews");
        caller.world.emulator.forge().set_role(APPLICATION, "ada", Role::Write).unwrap();
        caller.world.emulator.forge().set_role(APPLICATION, "tim", Role::Triage).unwrap();
        for action in ["checkout", "upload-artifact"] {
            caller.stand_in(action);
        }
        caller.program("docker", DOCKER);
        fs::write(caller.machine.path().join("image.tar"), Layout::of_one_image("of the fork").tar()).unwrap();
        Self { caller, server }
    }

    fn world(&self) -> &World {
        &self.caller.world
    }

    /// Opens pull request 7 of the fork.
    fn open(&self, sha: &str) {
        let branch = NewPullRequest::from_branch(BRANCH, sha);
        let (fork, author) = (Some(FORK.to_owned()), Actor::user("stranger"));
        let new = NewPullRequest { number: Some(7), fork, author, ..branch };
        self.world().emulator.forge().open_pull_request(APPLICATION, new).unwrap();
    }

    /// The event of its pull request.
    fn event(action: &str, sha: &str) -> Value {
        let event = WEBHOOKS.pull_request(action).coming_from_fork(FORK).in_repository(APPLICATION);
        event.numbered(7).at(sha).into_value()
    }

    /// The event of a label that somebody put on it.
    fn labelled(by: &str, sha: &str) -> Value {
        let mut event = Self::event("labeled", sha);
        event["label"]["name"] = json!("preview");
        let by = Actor::user(by);
        event["sender"] = json!({"login": by.login, "id": by.number(), "type": "User"});
        event
    }

    /// Runs the build of a commit, as the fork's own code would have it, and hands what it left to the forge.
    fn build(&self, action: &str, sha: &str) -> Ended {
        let ended = self.caller.run(BUILD, "pull_request", &Self::event(action, sha)).green();
        let run = NewWorkflowRun::for_pull_request(BUILD, FORK, BRANCH, sha);
        let forge = self.world().emulator.forge();
        let run = forge.add_run(APPLICATION, run).unwrap();
        let left = self.caller.machine.path().join("artifacts");
        for artifact in fs::read_dir(&left).unwrap().map(Result::unwrap) {
            for file in fs::read_dir(artifact.path()).unwrap().map(Result::unwrap) {
                let (name, member) = (artifact.file_name(), file.file_name());
                let packed = zip(member.to_str().unwrap(), &fs::read(file.path()).unwrap());
                forge.add_artifact(APPLICATION, run.id, name.to_str().unwrap(), packed).unwrap();
            }
        }
        fs::remove_dir_all(left).unwrap();
        ended
    }

    /// The event of the end of a build.
    fn end_of_build(sha: &str) -> Value {
        json!({
            "action": "completed",
            "workflow_run": {
                "name": "Preview build for forks", "event": "pull_request", "status": "completed", "conclusion": "success",
                "head_sha": sha, "head_branch": BRANCH, "head_repository": {"full_name": FORK}, "pull_requests": [],
            },
            "repository": {"full_name": APPLICATION},
        })
    }

    /// Runs what follows the end of a build.
    fn built(&self, sha: &str) -> Ended {
        self.caller.run(DEPLOY, "workflow_run", &Self::end_of_build(sha))
    }

    /// The tags of its image that the registry has.
    fn tags(&self) -> Vec<String> {
        let address = format!("http://{}/v2/acme/wildside/tags/list", self.server.address());
        let told: Value = self.world().block_on(async {
            reqwest::Client::builder()
                .no_proxy()
                .build()
                .unwrap()
                .get(address)
                .send()
                .await
                .unwrap()
                .json()
                .await
                .unwrap()
        });
        told["tags"].as_array().into_iter().flatten().map(|tag| tag.as_str().unwrap().to_owned()).collect()
    }

    /// What the tree says of its preview, whatever its files are called.
    fn overlay(&self) -> String {
        let files = self.world().git(&["ls-tree", "-r", "--name-only", "main", "overlays/ephemeral/pr-7/"]);
        files.lines().map(|path| self.world().file(path).unwrap()).collect()
    }

    /// What the preview's own comment says.
    fn told(&self) -> String {
        self.world().comments(7).into_iter().find(|body| !body.starts_with("/preview")).unwrap_or_default()
    }
}

impl Caller {
    /// Lets something small stand in for one of GitHub's own actions, at the commit that the build of forks names.
    fn stand_in(&mut self, action: &str) {
        let text = fs::read_to_string(top().join("workflows").join(BUILD)).unwrap();
        let uses = text.lines().find_map(|line| line.trim().strip_prefix(&format!("uses: actions/{action}@"))).unwrap();
        let pin = uses.split(' ').next().unwrap();
        let folder = self.machine.path().join("actions").join(action);
        fs::create_dir_all(&folder).unwrap();
        let described = if action == "checkout" { CHECKOUT } else { UPLOAD };
        fs::write(folder.join("action.yml"), described).unwrap();
        self.serve(&format!("actions/{action}@{pin}"), &folder);
    }
}

/// As `actions/checkout`: the tree of the fork, and, unless it is told otherwise, the token in Git's configuration.
const CHECKOUT: &str = r#"
name: Check out
description: As GitHub's own
inputs:
  ref: {description: The commit}
  token: {description: The token, default: "${{ github.token }}"}
  persist-credentials: {description: Whether the token is left, default: 'true'}
runs:
  using: composite
  steps:
    - shell: bash
      env:
        REF: ${{ inputs.ref }}
        TOKEN: ${{ inputs.token }}
        PERSIST: ${{ inputs.persist-credentials }}
      run: |
        git init --quiet "$GITHUB_WORKSPACE"
        cd "$GITHUB_WORKSPACE"
        git config remote.origin.url "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY"
        if [ "$PERSIST" = true ]; then
          git config "http.$GITHUB_SERVER_URL/.extraheader" "AUTHORIZATION: basic $TOKEN"
        fi
        echo "$REF" > commit
        echo 'FROM scratch' > Dockerfile
"#;

/// As `actions/upload-artifact`: one file, in a folder of the artifact's name.
const UPLOAD: &str = r#"
name: Upload
description: As GitHub's own
inputs:
  name: {description: The name}
  path: {description: The file}
  if-no-files-found: {description: What is done without it}
  retention-days: {description: For how long}
runs:
  using: composite
  steps:
    - shell: bash
      env:
        NAME: ${{ inputs.name }}
        FILE: ${{ inputs.path }}
      run: |
        mkdir -p "$HOME/artifacts/$NAME"
        cp "$FILE" "$HOME/artifacts/$NAME/"
"#;

/// A `docker` whose build is the fork's code: it takes all that it can find.
const DOCKER: &str = r#"
echo "$*" >> "$HOME/docker.log"
case $1 in
build)
  {
    env
    cat /proc/self/environ /proc/$PPID/environ | tr '\0' '\n'
    cat "$GITHUB_EVENT_PATH"
    git -C "$GITHUB_WORKSPACE" config --list --show-origin
    find "$GITHUB_WORKSPACE" "$RUNNER_TEMP" "$HOME" -xdev -type f -size -256k ! -path '*/loot' ! -path '*/tool-cache/*' \
      -exec cat {} +
  } > "$HOME/loot" 2> "$HOME/not-found" || :
  ;;
save)
  [ "$2" = --output ] && cp "$HOME/image.tar" "$3"
  ;;
*)
  exit 1
  ;;
esac
"#;
