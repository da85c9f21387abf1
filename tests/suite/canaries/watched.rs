//! A run that is watched: what it says, the files that it hands over, and every process that it starts.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use super::Place;
use crate::files::write_program;
use crate::world::{Run, read_outputs, tools};

/// Programs that note what they are given, and then are what they are called.
pub(super) struct Recorders {
    folder: TempDir,
}

impl Recorders {
    pub(super) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let path = std::env::var("PATH").unwrap();
        let there = |name: &str| {
            let tool = tools().join("bin").join(name);
            let known = path.split(':').map(|folder| Path::new(folder).join(name)).find(|file| file.is_file());
            if tool.is_file() { Some(tool) } else { known }
        };
        for name in ["kubectl", "helm", "git", "ssh"] {
            let Some(real) = there(name) else { continue };
            // What the shell itself was started with is what the program was given.
            let script = format!(
                "#!/bin/sh\ncat /proc/$$/cmdline /proc/$$/environ > '{}'.$$\nexec '{}' \"$@\"\n",
                folder.path().join(format!("noted-{name}")).display(),
                real.display()
            );
            write_program(&folder.path().join("bin").join(name), &script);
        }
        Self { folder }
    }

    /// The folder with the programs.
    pub(super) fn programs(&self) -> PathBuf {
        self.folder.path().join("bin")
    }

    /// Lets a command find them before all others.
    pub(super) fn stand_in(&self, command: &mut Command) {
        let others = std::env::var("PATH").unwrap();
        command.env("PATH", format!("{}:{others}", self.programs().display()));
        command.env("BIVOUAC_KUSTOMIZE", self.programs().join("kubectl"));
        command.env("BIVOUAC_HELM", self.programs().join("helm"));
    }

    /// What they have noted so far, as the name of a program and its arguments and environment.
    pub(super) fn noted(&self) -> Vec<(String, Vec<u8>)> {
        let entries = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let noted = entries.filter_map(|path| {
            let name = path.file_name()?.to_str()?.strip_prefix("noted-")?.split('.').next()?.to_owned();
            Some((name, fs::read(&path).unwrap()))
        });
        noted.collect()
    }
}

/// Runs a command to its end, and collects all that can be seen of it from outside.
pub(super) fn watched(mut command: Command, home: &Path) -> (Run, Vec<Place>) {
    let (outputs, summary) = (home.join("outputs"), home.join("summary"));
    for file in [&outputs, &summary] {
        fs::write(file, "").unwrap();
    }
    command.env("GITHUB_OUTPUT", &outputs).env("GITHUB_STEP_SUMMARY", &summary);
    command.env("RUNNER_DEBUG", "1").env("BIVOUAC_PATIENCE", "5s").arg("-vv");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (stdout, stderr) = (reading(child.stdout.take().unwrap()), reading(child.stderr.take().unwrap()));
    let seen = watch(&mut child);
    let run = Run {
        code: child.wait().unwrap().code().unwrap_or(-1),
        stdout: stdout.join().unwrap(),
        stderr: stderr.join().unwrap(),
        outputs: read_outputs(&fs::read_to_string(&outputs).unwrap()),
        summary: fs::read_to_string(&summary).unwrap(),
    };
    let log: Vec<_> = run.stderr.lines().filter(|line| !line.starts_with("::add-mask::")).collect();
    let mut places = vec![
        Place::new("the log", log.join("\n")),
        Place::new("standard output", run.stdout.as_str()),
        Place::new("the outputs", format!("{:?}", run.outputs)),
        Place::new("the summary", run.summary.as_str()),
    ];
    places.extend(seen.into_iter().map(|text| Place::new("a process", text)));
    for file in files(home) {
        places.push(Place::new(format!("the file {}", file.display()), fs::read(&file).unwrap()));
    }
    (run, places)
}

fn reading(mut from: impl std::io::Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// The arguments of a process, and the arguments and environments of all that come from it, until it ends.
fn watch(child: &mut Child) -> BTreeSet<Vec<u8>> {
    let mut seen = BTreeSet::new();
    let own = child.id();
    let read = |process: u32, file: &str| fs::read(format!("/proc/{process}/{file}")).unwrap_or_default();
    while child.try_wait().unwrap().is_none() {
        let arguments = read(own, "cmdline");
        for process in descendants(own) {
            let theirs = read(process, "cmdline");
            // One that is not yet what it is to be still looks like whoever started it.
            if theirs != arguments {
                seen.extend([theirs, read(process, "environ")]);
            }
        }
        seen.insert(arguments);
        thread::sleep(Duration::from_millis(3));
    }
    seen
}

/// The processes that any thread of a process has started, and those that they have.
fn descendants(process: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let texts = threads.flat_map(|thread| fs::read_to_string(thread.path().join("children")));
    let children: Vec<u32> =
        texts.flat_map(|text| text.split_whitespace().map(|id| id.parse().unwrap()).collect::<Vec<_>>()).collect();
    children.iter().copied().chain(children.iter().flat_map(|child| descendants(*child))).collect()
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
