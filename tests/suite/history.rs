//! The life of previews, read from the commits of real repositories.

mod lives;
mod program;
mod servers;
mod shapes;

use std::cell::Cell;
use std::path::{Path, PathBuf};

use bivouac::domain::history::{End, History, Life};
use bivouac::effects::git::{Address, Author, Credentials, GitRepository};
use bivouac::effects::http;
use bivouac::error::Error;
use bivouac::secret::Secret;
use bivouac::usecases::history::history;
use tempfile::TempDir;

use crate::world::{TOKEN, World, checked, git_command};

/// Reads the history of the apps repository by this address.
fn read_at(world: &World, address: &str) -> Result<History, Error> {
    let address = Address::parse(address, &world.emulator.server_url(), false).unwrap();
    let credentials = Credentials { token: Secret::new(TOKEN), ..Credentials::default() };
    let author = Author { name: "A".to_owned(), mail: "a@example.com".to_owned() };
    world.block_on(async {
        let apps = GitRepository::new(&http::client().unwrap(), &address, None, credentials, author).unwrap();
        history(&apps).await
    })
}

/// The history, by way of the server and in the folder, which must be the same.
fn read(world: &World) -> History {
    let (by_server, in_folder) = (read_at(world, "acme/apps").unwrap(), read_at(world, &folder(&world.apps)).unwrap());
    assert_eq!(by_server, in_folder);
    by_server
}

fn folder(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// What happened, in one line for each life, the one that began last first.
fn told(history: &History) -> Vec<String> {
    let told = |life: &Life| {
        let moments: Vec<_> = life.moments.iter().map(|moment| moment.change.word()).collect();
        let end = match life.end {
            End::StillUp { is_seen: true } => "is seen",
            End::StillUp { is_seen: false } => "is up",
            End::Removed { .. } => "ended",
            End::Unsaid => "is gone",
        };
        let application = life.application.as_ref().map_or("?", |application| application.as_str());
        format!("{application} {}: {} - {end}", life.preview, moments.join(", "))
    };
    history.lives.iter().map(told).collect()
}

fn odd(history: &History) -> Vec<&str> {
    history.odd.iter().map(|(_, why)| why.as_str()).collect()
}

/// The message of a commit as the first versions wrote it.
fn message(verb: &str, number: u32, head: char) -> String {
    let head = head.to_string().repeat(40);
    format!(
        "preview(wildside): {verb} pr-{number}\n\nBivouac-Preview: pr-{number}\n\
         Bivouac-Pull-Request: acme/wildside#{number}\nBivouac-Commit: {head}\n\
         Bivouac-Run: https://github.com/acme/wildside/actions/runs/{number}\n"
    )
}

/// A clone of an apps repository, in which people commit by hand.
struct Tree {
    world: World,
    _folder: TempDir,
    path: PathBuf,
    /// When the next commit is made, in seconds: an hour later each.
    clock: Cell<u64>,
}

impl Tree {
    /// Of a repository without any root: nothing is held against what the commits say.
    fn new() -> Self {
        let world = World::empty();
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("tree");
        let clone = ["clone", "--quiet", &*world.apps.to_string_lossy(), &*path.to_string_lossy()].map(str::to_owned);
        checked(&git_command(Path::new("/"), world.home.path()).args(clone).output().unwrap());
        let tree = Self { world, _folder: folder, path, clock: Cell::new(1_700_000_000) };
        tree.git(&["checkout", "--quiet", "-B", "main"]);
        tree.commit("Lay it out");
        tree
    }

    fn git(&self, arguments: &[&str]) -> String {
        let mut command = git_command(&self.path, self.world.home.path());
        self.clock.set(self.clock.get() + 3600);
        let time = format!("{} +0000", self.clock.get());
        command.args(["-c", "core.editor=true", "-c", "advice.detachedHead=false"]);
        command.env("GIT_AUTHOR_DATE", &time).env("GIT_COMMITTER_DATE", &time).args(arguments);
        checked(&command.output().unwrap())
    }

    fn commit(&self, message: &str) {
        self.git(&["commit", "--quiet", "--allow-empty", "--cleanup=verbatim", "-m", message]);
    }

    /// Begins a branch at some commit.
    fn branch(&self, name: &str, at: &str) {
        self.git(&["checkout", "--quiet", "-b", name, at]);
    }

    fn switch(&self, name: &str) {
        self.git(&["checkout", "--quiet", name]);
    }

    /// Pushes `main`, whatever was there before, and reads its history.
    fn read(&self) -> History {
        self.git(&["push", "--quiet", "--force", "origin", "main"]);
        read(&self.world)
    }
}
