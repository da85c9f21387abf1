//! The stage of the demonstration: servers, event files, and the commands run against them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::commands::{context::Context, report};
use crate::domain::layout::Layout;
use crate::domain::path::RepoPath;
use crate::effects::files;
use crate::emulator::{
    Access, Account, Actor, ActorKind, Emulator, EmulatorError, NewPullRequest, PullRequest, PullRequestState, Role,
    Settings,
};
use crate::error::Error;

const APPLICATION: &str = "acme/wildside";
const TOKEN: &str = "demo-token";

/// The servers, and the folder that everything is left in.
pub(super) struct Stage {
    emulator: Emulator,
    /// What is left afterwards: the apps repository and the event files.
    folder: PathBuf,
    apps: PathBuf,
    program: PathBuf,
    path: String,
}

impl Stage {
    /// Starts the servers, and lays out an apps repository as `bivouac init` does.
    pub(super) async fn set(directory: Option<PathBuf>, context: &Context) -> Result<Self, Error> {
        let folder = folder(directory)?;
        let bot = Account::bot("github-actions[bot]", TOKEN, Access::Write);
        let emulator = Emulator::start(Settings::new(vec![bot])).await.map_err(failed)?;
        emulator.create_repository("acme", "wildside").await.map_err(failed)?;
        let apps = emulator.create_repository("acme", "apps").await.map_err(failed)?;
        let program = std::env::current_exe().map_err(|why| Error::local("the program does not find itself", why))?;
        let path = context.environment.get("PATH").unwrap_or_default().to_owned();
        let stage = Self { emulator, folder, apps, program, path };
        stage.lay_out().await?;
        Ok(stage)
    }

    async fn lay_out(&self) -> Result<(), Error> {
        let checkout = self.folder.join("checkout");
        let wrong =
            |why: &dyn std::fmt::Display| Error::local("the demonstration's own names are wrong", why.to_string());
        let image = |name: &str| {
            let repository = format!("ghcr.io/acme/wildside-{name}");
            Ok::<_, Error>((name.parse().map_err(|why| wrong(&why))?, repository.parse().map_err(|why| wrong(&why))?))
        };
        let layout = Layout {
            application: "wildside".parse().map_err(|why| wrong(&why))?,
            repository: APPLICATION.parse().map_err(|why| wrong(&why))?,
            domain: "wildside.preview.example.com".parse().map_err(|why| wrong(&why))?,
            images: BTreeMap::from([image("backend")?, image("frontend")?]),
            ingress_host: "ingress.hostname".parse().map_err(|why| wrong(&why))?,
            chart: "wildside".parse().map_err(|why| wrong(&why))?,
            chart_repository: "oci://ghcr.io/acme/charts".parse().map_err(|why| wrong(&why))?,
            chart_version: "1.x".parse().map_err(|why| wrong(&why))?,
            apps_url: format!("{}/acme/apps", self.emulator.server_url()),
            apps_branch: "main".parse().map_err(|why| wrong(&why))?,
            root: RepoPath::top(),
            vault_address: None,
        };
        let mut files = layout.files();
        if let Some(configuration) = files.get_mut(&RepoPath::top().join("bivouac.yaml")) {
            configuration.push_str("preview: {forks: approved}\n");
        }
        files::write_all(&checkout, &files, false)?;
        let checkout = checkout.to_string_lossy();
        let remote = self.apps.to_string_lossy();
        self.git(&["init", "--quiet", "--initial-branch=main", &checkout]).await?;
        self.git(&["-C", &checkout, "add", "--all"]).await?;
        self.git(&["-C", &checkout, "commit", "--quiet", "--message=Lay out the apps repository"]).await?;
        self.git(&["-C", &checkout, "push", "--quiet", &remote, "main"]).await?;
        std::fs::remove_dir_all(&*checkout).map_err(|why| Error::local("the checkout can not be removed", why))
    }

    pub(super) fn heading(text: &str) -> Result<(), Error> {
        let style = Style::new().bold().underline();
        report::print(&format!("\n{style}{text}{style:#}\n"))
    }

    pub(super) fn open(&self, number: u64, title: &str) -> Result<(), Error> {
        self.open_from(None, number, title)
    }

    /// Opens a pull request from a stranger's fork.
    pub(super) fn open_fork(&self, number: u64, title: &str) -> Result<(), Error> {
        self.open_from(Some("stranger/wildside"), number, title)
    }

    fn open_from(&self, fork: Option<&str>, number: u64, title: &str) -> Result<(), Error> {
        let new = NewPullRequest {
            number: Some(number),
            title: title.to_owned(),
            fork: fork.map(str::to_owned),
            ..NewPullRequest::from_branch(format!("branch-{number}"), commit())
        };
        self.emulator.forge().open_pull_request(APPLICATION, new).map(|_| ()).map_err(failed)
    }

    pub(super) fn push(&self, number: u64) -> Result<(), Error> {
        self.emulator.forge().push(APPLICATION, number, &commit()).map(|_| ()).map_err(failed)
    }

    pub(super) fn label(&self, number: u64, label: &str) -> Result<(), Error> {
        self.emulator.forge().label(APPLICATION, number, label).map(|_| ()).map_err(failed)
    }

    pub(super) fn merge(&self, number: u64) -> Result<(), Error> {
        self.emulator.forge().merge(APPLICATION, number).map(|_| ()).map_err(failed)
    }

    /// Writes the event's file and runs a command as a workflow would.
    pub(super) async fn run(&self, verb: &str, action: &str, number: u64) -> Result<(), Error> {
        let event = self.write_event(action, number)?;
        report::print(&format!("{} bivouac {verb} --apps-repository acme/apps\n", prompt()))?;
        let mut command = self.bivouac(&event);
        command.args([verb, "--apps-repository", "acme/apps"]);
        finished(command, verb).await
    }

    /// The head of a pull request.
    pub(super) fn head(&self, number: u64) -> Result<String, Error> {
        Ok(self.pull_request(number)?.head_sha)
    }

    /// Has Ada, who may push, comment, and runs what a workflow would.
    pub(super) async fn say(&self, number: u64, words: &str) -> Result<(), Error> {
        let (forge, ada) = (self.emulator.forge(), Actor::user("ada"));
        forge.set_role(APPLICATION, &ada.login, Role::Write).map_err(failed)?;
        let comment = forge.comment(APPLICATION, number, ada.clone(), words).map_err(failed)?;
        let user = json!({"login": ada.login, "id": ada.number(), "type": "User"});
        let event = self.leave_event(
            &format!("comment-{number}"),
            &json!({
                "action": "created",
                "comment": {"id": comment.id, "body": words, "user": user},
                "issue": {"number": number, "pull_request": {"url": comment.url}},
                "repository": {"full_name": APPLICATION},
                "sender": user,
            }),
        )?;
        report::print(&format!("Ada comments: `{words}`\n{} bivouac command --apps-repository acme/apps\n", prompt()))?;
        let mut command = self.bivouac(&event);
        command.env("GITHUB_EVENT_NAME", "issue_comment").args(["command", "--apps-repository", "acme/apps"]);
        finished(command, "command").await
    }

    pub(super) async fn list(&self) -> Result<(), Error> {
        self.without_event("list").await
    }

    pub(super) async fn sweep(&self) -> Result<(), Error> {
        self.without_event("sweep").await
    }

    async fn without_event(&self, verb: &str) -> Result<(), Error> {
        report::print(&format!("{} bivouac {verb} --apps-repository acme/apps\n", prompt()))?;
        let mut command = self.bivouac(Path::new(""));
        command.args([verb, "--apps-repository", "acme/apps"]);
        finished(command, verb).await
    }

    fn bivouac(&self, event: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command
            .env_clear()
            .env("PATH", &self.path)
            .env("HOME", &self.folder)
            .env("CLICOLOR_FORCE", if is_coloured() { "1" } else { "0" })
            .env("NO_COLOR", if is_coloured() { "" } else { "1" })
            .env("GITHUB_EVENT_NAME", "pull_request")
            .env("GITHUB_EVENT_PATH", event)
            .env("GITHUB_REPOSITORY", APPLICATION)
            .env("GITHUB_ACTOR", "octocat")
            .env("GITHUB_RUN_ID", "1")
            .env("GITHUB_SERVER_URL", self.emulator.server_url())
            .env("GITHUB_API_URL", self.emulator.api_url())
            .env("GITHUB_GRAPHQL_URL", self.emulator.graphql_url())
            .env("GITHUB_TOKEN", TOKEN)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    fn write_event(&self, action: &str, number: u64) -> Result<PathBuf, Error> {
        let found = self.pull_request(number)?;
        let state = if found.state == PullRequestState::Open { "open" } else { "closed" };
        let event = json!({
            "action": action,
            "number": number,
            "pull_request": {
                "number": number,
                "state": state,
                "merged": found.state == PullRequestState::Merged,
                "title": found.title,
                "head": {"sha": found.head_sha, "ref": found.head_ref, "repo": {"full_name": found.head_repository}},
                "base": {"ref": "main", "repo": {"full_name": APPLICATION}},
            },
            "repository": {"full_name": APPLICATION},
        });
        self.leave_event(&format!("{number}-{action}"), &event)
    }

    fn leave_event(&self, name: &str, event: &Value) -> Result<PathBuf, Error> {
        let path = self.folder.join(format!("event-{name}.json"));
        let written = std::fs::write(&path, format!("{event:#}\n"));
        written.map(|()| path).map_err(|why| Error::local("the event can not be written", why))
    }

    fn pull_request(&self, number: u64) -> Result<PullRequest, Error> {
        self.emulator.forge().pull_request(APPLICATION, number).map_err(failed)
    }

    pub(super) async fn show_commit(&self) -> Result<(), Error> {
        self.show("log -1 --stat --format=%s%n%n%b").await
    }

    pub(super) async fn show_diff(&self) -> Result<(), Error> {
        self.show("show --format=%s --unified=0 HEAD").await
    }

    pub(super) async fn show_overlay(&self, name: &str) -> Result<(), Error> {
        self.show(&format!("show HEAD:overlays/ephemeral/{name}/patch-helmrelease-values.yaml")).await
    }

    pub(super) async fn show_roster(&self) -> Result<(), Error> {
        self.show("show HEAD:overlays/ephemeral/kustomization.yaml").await
    }

    pub(super) fn show_comment(&self, number: u64) -> Result<(), Error> {
        let comments = self.emulator.forge().comments(APPLICATION, number).map_err(failed)?;
        let mut text = format!("The comment on pull request {number}:\n");
        let ours = comments.iter().filter(|comment| comment.author.kind == ActorKind::Bot);
        for line in ours.flat_map(|comment| comment.body.lines()) {
            let _ = writeln!(text, "  | {line}");
        }
        report::print(&text)
    }

    /// Runs git on the apps repository and shows what it says, a little to the right.
    async fn show(&self, arguments: &str) -> Result<(), Error> {
        report::print(&format!("{} git {arguments}\n", prompt()))?;
        let apps = self.apps.to_string_lossy().into_owned();
        let said = self.git(&["-C", &apps].into_iter().chain(arguments.split(' ')).collect::<Vec<_>>()).await?;
        let is_diff = arguments.contains("--unified");
        let said = if is_diff { report::coloured(said.trim_end()) } else { said };
        report::print(
            &said.trim_end().lines().fold(String::new(), |text, line| text + format!("  | {line}").trim_end() + "\n"),
        )
    }

    /// Leaves the apps repository where the reader can look at it, and stops the servers.
    pub(super) async fn leave(self) -> Result<(), Error> {
        let apps = self.folder.join("apps");
        self.git(&["clone", "--quiet", &self.apps.to_string_lossy(), &apps.to_string_lossy()]).await?;
        Self::heading("To look at afterwards")?;
        report::print(&format!(
            "  {apps}   the apps repository: `git -C {apps} log --patch`\n  {folder}   the event files; remove it when you are done\n",
            apps = apps.display(),
            folder = self.folder.display(),
        ))?;
        self.emulator.stop().await;
        Ok(())
    }

    async fn git(&self, arguments: &[&str]) -> Result<String, Error> {
        let mut command = Command::new("git");
        command
            .args(arguments)
            .env_clear()
            .env("PATH", &self.path)
            .env("HOME", &self.folder)
            .env("GIT_CONFIG_NOSYSTEM", "1");
        for who in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{who}_NAME"), "Platform team")
                .env(format!("GIT_{who}_EMAIL"), "platform@example.com");
        }
        let output =
            command.stdin(Stdio::null()).output().await.map_err(|why| Error::local("`git` does not start", why))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(Error::local(format!("`git {}` failed", arguments.join(" ")), said))
    }
}

async fn finished(mut command: Command, verb: &str) -> Result<(), Error> {
    let output = command.output().await.map_err(|why| Error::local(format!("`bivouac {verb}` does not start"), why))?;
    report::print(&String::from_utf8_lossy(&output.stdout))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Error::local(format!("`bivouac {verb}` failed"), said))
}

pub(super) fn folder(directory: Option<PathBuf>) -> Result<PathBuf, Error> {
    let made = match directory {
        Some(directory) => std::fs::create_dir(&directory).map(|()| directory),
        None => tempfile::Builder::new().prefix("bivouac-demo-").tempdir().map(tempfile::TempDir::keep),
    };
    let folder = made.map_err(|why| {
        Error::local("the directory for the demonstration can not be made: name one that is not there yet", why)
    })?;
    folder.canonicalize().map_err(|why| Error::local("the directory can not be found again", why))
}

fn commit() -> String {
    format!("{:032x}{:08x}", rand::random::<u128>(), rand::random::<u32>())
}

pub(super) fn is_coloured() -> bool {
    anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
}

pub(super) fn prompt() -> String {
    let style = AnsiColor::Blue.on_default().bold();
    format!("{style}${style:#}")
}

fn failed(why: EmulatorError) -> Error {
    Error::local("the demonstration's servers failed", why)
}
