//! A release is made by scripts and workflows that do what they say, as far as that can be seen without GitHub.

mod archives;
mod program;
mod reopen;
mod sources;
mod version;
mod workflows;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::files::top;

/// The targets of a release, as `release/shared.py` has them.
const TARGETS: [&str; 4] =
    ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl", "x86_64-apple-darwin", "aarch64-apple-darwin"];

/// The debug program of these tests.
const PROGRAM: &str = env!("CARGO_BIN_EXE_bivouac");

/// A copy of what the scripts read and write.
struct Checkout(TempDir);

impl Checkout {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("release")).unwrap();
        for entry in fs::read_dir(top().join("release")).unwrap() {
            let path = entry.unwrap().path();
            // Python leaves a folder if somebody else has started the scripts.
            if path.is_file() {
                fs::copy(&path, folder.path().join("release").join(path.file_name().unwrap())).unwrap();
            }
        }
        for name in ["Cargo.toml", "Cargo.lock", "CHANGELOG.md", "README.md", "LICENSE-MIT", "LICENSE-APACHE"] {
            fs::copy(top().join(name), folder.path().join(name)).unwrap();
        }
        Self(folder)
    }

    /// With an archive of every target, of a stand-in for its program.
    fn packed() -> Self {
        let checkout = Self::new();
        for target in TARGETS {
            checkout.pack(target, target.as_bytes()).ok();
        }
        checkout
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
    }

    /// `release/<script>`, in the checkout.
    fn script(&self, script: &str, arguments: &[&str]) -> Ending {
        let mut command = self.command(self.path("release").join(script).to_str().unwrap(), arguments);
        Ending(command.output().unwrap())
    }

    fn git(&self, arguments: &[&str]) -> Ending {
        Ending(self.command("git", arguments).output().unwrap())
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.0.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.0.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .stdin(Stdio::null());
        command
    }

    /// Packs these bytes as the program of `target`; the debug program writes the pages that go with it.
    fn pack(&self, target: &str, program: &[u8]) -> Ending {
        self.write("program", program);
        self.script("pack", &[target, "program", "archives", PROGRAM])
    }
}

/// How a script ended.
struct Ending(Output);

impl Ending {
    /// What it printed. Fails the test when the script failed.
    fn ok(&self) -> String {
        assert!(self.0.status.success(), "{}{}", self.out(), self.err());
        self.out()
    }

    /// What it complained about. Fails the test when it did not.
    fn refused(&self) -> String {
        assert!(!self.0.status.success(), "{}", self.out());
        assert!(!self.err().contains("Traceback"), "{}", self.err());
        self.err()
    }

    fn out(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }

    fn err(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }
}

/// Where the archive of `target` is in a checkout.
fn archive(target: &str) -> String {
    format!("archives/bivouac-{}-{target}.tar.gz", env!("CARGO_PKG_VERSION"))
}
