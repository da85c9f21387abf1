//! A runner's environment, with a tree of the action in it, and what holds after every run of the setup.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use super::{PROGRAM, TARGET};

use crate::files::{find, sha256, top, write_program};

/// Every program that the setup may start, and what these need themselves.
const TOOLS: [&str; 13] =
    ["bash", "cat", "chmod", "curl", "env", "gzip", "mkdir", "mktemp", "mv", "rm", "sh", "sha256sum", "tar"];
/// What every annotation begins with, after its kind.
const TITLE: &str = " title=Bivouac setup::";

pub(super) struct Runner {
    home: TempDir,
    environment: BTreeMap<String, String>,
}

/// How a run ended.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) code: i32,
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) outputs: String,
}

impl Runner {
    /// A runner on Linux and `x86_64`, with the tree of an action whose RELEASE names nothing.
    pub(super) fn new() -> Self {
        let home = TempDir::new().unwrap();
        let mut runner = Self { home, environment: BTreeMap::new() };
        for folder in ["bin", "tree/setup", "tree/actions/deploy", "tool", "temp", "tmp", "workspace", "files"] {
            fs::create_dir_all(runner.path(folder)).unwrap();
        }
        for tool in TOOLS {
            symlink(find(tool), runner.path("bin").join(tool)).unwrap();
        }
        let script = top().join("setup/install.sh");
        copy(&script, &runner.path("tree/setup/install.sh"));
        runner.put_program("bin/sleep", "#!/bin/sh\necho \"$@\" >>\"$HOME/files/slept\"\n");
        fs::write(runner.path("tree/RELEASE"), "version 0.1.0\naddress http://127.0.0.1:1\n").unwrap();
        fs::write(runner.path("files/env"), "A=1\n").unwrap();
        fs::write(runner.path("files/path"), "/opt/a\n").unwrap();
        for (name, folder) in
            [("RUNNER_TOOL_CACHE", "tool"), ("RUNNER_TEMP", "temp"), ("GITHUB_WORKSPACE", "workspace")]
        {
            let path = runner.path(folder).display().to_string();
            runner.set(name, path);
        }
        runner.set("RUNNER_OS", "Linux");
        runner.set("RUNNER_ARCH", "X64");
        for input in ["BINARY", "BUILD_FROM_SOURCE", "MIRROR"] {
            runner.set(&format!("BIVOUAC_SETUP_{input}"), "");
        }
        runner
    }

    /// A path in this runner's home, which holds everything there is.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.home.path().join(path)
    }

    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.environment.insert(name.to_owned(), value.into());
    }

    pub(super) fn unset(&mut self, name: &str) {
        self.environment.remove(name).unwrap();
    }

    pub(super) fn input(&mut self, name: &str, value: impl Into<String>) {
        self.set(&format!("BIVOUAC_SETUP_{name}"), value);
    }

    /// Where the program is after a good run.
    pub(super) fn cached(&self) -> PathBuf {
        self.path("tool/bivouac/0.1.0/x64/bivouac")
    }

    /// Writes a program.
    pub(super) fn put_program(&self, path: &str, text: &str) {
        write_program(&self.path(path), text);
    }

    /// Packs a release whose program is `PROGRAM`, for a target.
    pub(super) fn pack_for(&self, target: &str) -> Vec<u8> {
        let name = format!("bivouac-0.1.0-{target}");
        self.put_program(&format!("files/{name}/bivouac"), PROGRAM);
        fs::write(self.path("files").join(&name).join("README.md"), "Read me.\n").unwrap();
        self.pack_folder(&name)
    }

    pub(super) fn pack(&self) -> Vec<u8> {
        self.pack_for(TARGET)
    }

    /// Packs a folder of `files`, and takes it away.
    pub(super) fn pack_folder(&self, name: &str) -> Vec<u8> {
        let files = self.path("files");
        let mut tar = Command::new("tar");
        // By name, so that it is the later of two hard links that is stored as a link.
        tar.args(["--sort=name", "-C"]).arg(&files).arg("-czf").arg(files.join("archive")).arg(name);
        assert!(tar.status().unwrap().success());
        fs::remove_dir_all(files.join(name)).unwrap();
        fs::read(files.join("archive")).unwrap()
    }

    /// Writes RELEASE with one line, for this runner's target.
    pub(super) fn name_release(&self, address: &str, archive: &[u8], program: &str) {
        let (archive, program) = (sha256(archive), sha256(program.as_bytes()));
        self.write_release(&format!("version 0.1.0\naddress {address}\n{TARGET} {archive} {program}\n"));
    }

    pub(super) fn write_release(&self, text: &str) {
        fs::write(self.path("tree/RELEASE"), text).unwrap();
    }

    /// The step of the action `deploy`, as a job of this runner's.
    pub(super) fn command(&self, job: &str) -> Command {
        let mut command = Command::new("bash");
        command
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c"])
            .arg(r#""$GITHUB_ACTION_PATH/../../setup/install.sh""#)
            .current_dir(self.path("workspace"))
            .env_clear()
            .env("PATH", self.path("bin"))
            .env("HOME", self.home.path())
            .env("TMPDIR", self.path("tmp"))
            .env("GITHUB_ACTION_PATH", self.path("tree/actions/deploy"))
            .env("GITHUB_OUTPUT", self.path(&format!("files/output-{job}")))
            .env("GITHUB_ENV", self.path("files/env"))
            .env("GITHUB_PATH", self.path("files/path"))
            .envs(&self.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the step, and checks what holds after every run.
    pub(super) fn run(&self) -> Step {
        let before = self.kept();
        let output = self.command("1").output().unwrap();
        let step = self.step("1", &output);
        if step.code != 0 {
            assert_eq!(self.kept(), before, "something was left: {step:?}");
        }
        step
    }

    /// What a job's step came to, and that it kept to what every step keeps to.
    pub(super) fn step(&self, job: &str, output: &Output) -> Step {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let file = self.path(&format!("files/output-{job}"));
        let outputs = fs::read_to_string(&file).unwrap_or_default();
        drop(fs::remove_file(file));
        let code = output.status.code().unwrap();
        let step = Step { code, stdout: text(&output.stdout), stderr: text(&output.stderr), outputs };
        step.check();
        assert_eq!(fs::read_to_string(self.path("files/env")).unwrap(), "A=1\n");
        assert_eq!(fs::read_to_string(self.path("files/path")).unwrap(), "/opt/a\n");
        step
    }

    /// Everything in the folders that the setup may write to. None of it may be temporary.
    pub(super) fn kept(&self) -> BTreeSet<PathBuf> {
        let mut found = BTreeSet::new();
        let mut waiting: Vec<PathBuf> = ["tool", "temp", "tmp", "workspace"].map(|folder| self.path(folder)).into();
        while let Some(folder) = waiting.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_dir() {
                    waiting.push(entry.path());
                }
                found.insert(entry.path().strip_prefix(self.home.path()).unwrap().to_owned());
            }
        }
        let is_temporary = |path: &PathBuf| path.starts_with("tmp") || path.to_string_lossy().contains(".setup.");
        assert!(!found.iter().any(is_temporary), "{found:?}");
        found
    }
}

impl Step {
    /// One `::error` where it fails, none where it works, no other command, and outputs only where it works.
    fn check(&self) {
        let lines: Vec<_> = self.stdout.lines().chain(self.stderr.lines()).collect();
        let starting = |start: &str| lines.iter().filter(|line| line.trim_start().starts_with(start)).count();
        let (errors, warnings) = (starting(&format!("::error{TITLE}")), starting(&format!("::warning{TITLE}")));
        assert_eq!(errors, usize::from(self.code != 0), "{self:#?}");
        assert_eq!(starting("::"), errors + warnings, "{self:#?}");
        assert!(!lines.iter().any(|line| line.contains("##[")), "{self:#?}");
        let names: Vec<_> = self.outputs.lines().map(|line| line.split('=').next().unwrap()).collect();
        assert_eq!(names, if self.code == 0 { vec!["path", "version"] } else { vec![] }, "{self:#?}");
    }

    /// The step worked, handed over this program, and said this in one line.
    pub(super) fn handed_over(self, path: &Path, says: &str) -> Self {
        assert_eq!(self.code, 0, "{self:#?}");
        assert_eq!(self.outputs, format!("path={}\nversion=0.1.0\n", path.display()));
        assert_eq!(self.stdout.lines().last(), Some(says), "{self:#?}");
        let answer = Command::new(path).arg("--version").output().unwrap();
        assert_eq!(String::from_utf8_lossy(&answer.stdout), "bivouac 0.1.0\n");
        self
    }

    /// The step failed, and its one error has these words in it.
    pub(super) fn failed(self, words: &[&str]) -> Self {
        assert_eq!(self.code, 1, "{self:#?}");
        let error = self.stdout.lines().find(|line| line.starts_with("::error")).unwrap_or_default();
        for word in words {
            assert!(error.contains(word), "no `{word}` in: {error}");
        }
        self
    }
}

fn copy(from: &Path, to: &Path) {
    assert!(Command::new("install").args(["-m", "755"]).arg(from).arg(to).status().unwrap().success());
}
