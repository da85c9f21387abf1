//! The server with all repositories, and one run of one client after the other, or many at once.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bivouac::emulator::{Access, Account, Emulator, NewPullRequest, ReceivedRequest, Settings as EmulatorSettings};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::apps::{self, Apps, Described, EXAMPLE, Example, commit_of};
use crate::contestant::{APPLICATION, Contestant, Job, TOKEN};
use crate::delay::Far;
use crate::launcher::{self, Client, Ended, Waiting};
use crate::settings::{DELAY, Settings};
use crate::traffic::Traffic;
use crate::{Fallible, progress};

/// The server, and everything that is on it.
pub(crate) struct World {
    emulator: Emulator,
    far: Far,
    runtime: Runtime,
    /// Everything that is written beside the repositories.
    folder: TempDir,
    /// One for each number of previews.
    pub(crate) apps: Vec<Apps>,
    next_number: u64,
    /// Who can not take part.
    unavailable: Vec<Contestant>,
}

/// A client that has run.
pub(crate) struct Run {
    pub(crate) number: u64,
    pub(crate) ended: Ended,
    /// The end of what it said.
    pub(crate) said: String,
}

impl World {
    /// With a repository for each number of previews.
    pub(crate) fn start(settings: &Settings) -> Fallible<Self> {
        let (mut world, example) = Self::empty(settings)?;
        for previews in &settings.previews {
            progress(&format!("making a repository with {previews} previews"));
            world.add(&format!("apps-{previews}"), *previews, &example, &BTreeMap::new())?;
        }
        Ok(world)
    }

    /// Without any repository, and how the program writes a preview.
    pub(crate) fn empty(settings: &Settings) -> Fallible<(Self, Example)> {
        let runtime = Runtime::new()?;
        let account = Account::bot("github-actions[bot]", TOKEN, Access::Write);
        let emulator = runtime.block_on(Emulator::start(EmulatorSettings::new(vec![account])))?;
        let url = emulator.server_url();
        let far = Far::start(&runtime, url.trim_start_matches("http://"), DELAY)?;
        runtime.block_on(emulator.create_repository("acme", "wildside"))?;
        let folder = tempfile::Builder::new().prefix("bivouac-bench-").tempdir()?;
        let (apps, unavailable) = (Vec::new(), Vec::new());
        let mut world = Self { emulator, far, runtime, folder, apps, next_number: 900_000, unavailable };
        let example = world.example(settings)?;
        Ok((world, example))
    }

    /// Makes one more repository, the last of `apps`, with `more` files than its previews have.
    pub(crate) fn add(
        &mut self,
        name: &str,
        previews: usize,
        example: &Example,
        more: &BTreeMap<String, String>,
    ) -> Fallible<()> {
        let folder = self.create(name)?;
        self.apps.push(Apps::generate(&format!("acme/{name}"), folder, previews, example, more)?);
        Ok(())
    }

    fn create(&self, name: &str) -> Fallible<PathBuf> {
        Ok(self.runtime.block_on(self.emulator.create_repository("acme", name))?)
    }

    /// Lets the program write one preview, to see how it does, and finds out who can take part.
    fn example(&mut self, settings: &Settings) -> Fallible<Example> {
        let folder = self.create("apps-example")?;
        apps::lay_out(&folder)?;
        fs::create_dir(self.templates())?;
        let apps = Apps::open("acme/apps-example", folder.clone());
        self.open(EXAMPLE)?;
        let run = self.run_as(&apps, Contestant::Git, EXAMPLE, settings)?;
        if run.ended.code != Some(0) {
            return Err(format!("the program can not put up a preview: {}", run.said).into());
        }
        let example = Example::read(&folder)?;
        for (name, text) in &example.files {
            fs::write(self.templates().join(name), text)?;
        }
        let number = self.open_next()?;
        let run = self.run_as(&apps, Contestant::Github, number, settings)?;
        if run.ended.code == Some(2) {
            progress(&format!("{} is not available", Contestant::Github.name()));
            self.unavailable.push(Contestant::Github);
        }
        Ok(example)
    }

    fn run_as(&self, apps: &Apps, contestant: Contestant, number: u64, settings: &Settings) -> Fallible<Run> {
        let (home, client) = self.client(apps, contestant, number, &self.emulator.server_url(), settings)?;
        Run::of(number, launcher::launch(&client)?, home.path())
    }

    /// Runs one client from the start of the repository; also says what it asked of the server.
    pub(crate) fn run(
        &mut self,
        index: usize,
        contestant: Contestant,
        is_far: bool,
        settings: &Settings,
    ) -> Fallible<(Run, Vec<ReceivedRequest>)> {
        let number = self.open_next()?;
        self.start_over(index)?;
        let apps = &self.apps[index];
        let server = if is_far { self.far.url.clone() } else { self.emulator.server_url() };
        let (home, client) = self.client(apps, contestant, number, &server, settings)?;
        let run = Run::of(number, launcher::launch(&client)?, home.path())?;
        if run.ended.code != Some(0) || !apps.landed(&[number])?.contains(&number) {
            return Err(format!("{} did not land: {:?} {}", contestant.name(), run.ended, run.said).into());
        }
        Ok((run, self.emulator.requests()))
    }

    /// Runs many clients at once from the start of the repository, each for a pull request of its own. They get the
    /// sign when all are ready, and all are gone when this returns.
    pub(crate) fn run_at_once(
        &mut self,
        index: usize,
        contestant: Contestant,
        writers: usize,
        settings: &Settings,
    ) -> Fallible<(Vec<Run>, Traffic)> {
        let numbers: Vec<_> = (0..writers).map(|_| self.open_next()).collect::<Fallible<_>>()?;
        self.start_over(index)?;
        let apps = &self.apps[index];
        let mut waiting = Vec::new();
        for number in numbers {
            let (home, client) = self.client(apps, contestant, number, &self.emulator.server_url(), settings)?;
            waiting.push((number, home, Waiting::start(&client)?));
        }
        for (_, _, waiting) in &mut waiting {
            waiting.go()?;
        }
        let runs = waiting.into_iter().map(|(number, home, waiting)| Run::of(number, waiting.end()?, home.path()));
        let runs = runs.collect::<Fallible<_>>()?;
        Ok((runs, Traffic::of(&self.emulator.requests())))
    }

    /// Takes back what earlier runs left: in the repository, in the forge, and in the list of requests.
    fn start_over(&self, index: usize) -> Fallible<()> {
        self.apps[index].reset()?;
        let forge = self.emulator.forge();
        for deployment in forge.deployments(APPLICATION)? {
            forge.delete_deployment(APPLICATION, deployment.id)?;
        }
        self.emulator.forget_requests();
        Ok(())
    }

    fn client(
        &self,
        apps: &Apps,
        contestant: Contestant,
        number: u64,
        server: &str,
        settings: &Settings,
    ) -> Fallible<(TempDir, Client)> {
        let home = TempDir::new_in(self.folder.path())?;
        let templates = self.templates();
        let job = Job { contestant, apps, number, server, templates: &templates, home: home.path() };
        let client = job.client(settings)?;
        Ok((home, client))
    }

    fn templates(&self) -> PathBuf {
        self.folder.path().join("templates")
    }

    fn open_next(&mut self) -> Fallible<u64> {
        self.next_number += 1;
        self.open(self.next_number)?;
        Ok(self.next_number)
    }

    fn open(&self, number: u64) -> Fallible<()> {
        let branch = NewPullRequest::from_branch(format!("branch-{number}"), commit_of(number));
        let new = NewPullRequest { number: Some(number), title: "A change".to_owned(), ..branch };
        self.emulator.forge().open_pull_request(APPLICATION, new)?;
        Ok(())
    }

    /// Who takes part, in the order in which they run.
    pub(crate) fn contestants(&self) -> Vec<Contestant> {
        Contestant::ALL.into_iter().filter(|contestant| !self.unavailable.contains(contestant)).collect()
    }

    /// Who can not take part.
    pub(crate) fn unavailable(&self) -> Vec<Contestant> {
        self.unavailable.clone()
    }

    pub(crate) fn repositories(&self) -> Fallible<Vec<Described>> {
        self.apps.iter().map(Apps::describe).collect()
    }

    /// The least that can be seen as the peak memory of a client: what the launcher itself needs when it starts one.
    pub(crate) fn floor_kb(&self) -> Fallible<u64> {
        let directory = self.folder.path().to_owned();
        let (arguments, environment) = (Vec::new(), [("PATH".to_owned(), std::env::var("PATH")?)].into());
        let is_watched = false;
        let client = Client { program: "true".into(), arguments, environment, directory, timeout: 10, is_watched };
        Ok(launcher::launch(&client)?.peak_kb)
    }

    /// Stops the server and removes everything.
    pub(crate) fn stop(self) {
        self.far.stop();
        self.runtime.block_on(self.emulator.stop());
    }
}

impl Run {
    fn of(number: u64, ended: Ended, home: &Path) -> Fallible<Self> {
        let said = String::from_utf8_lossy(&fs::read(home.join("output"))?).into_owned();
        let begin = said.char_indices().rev().nth(600).map_or(0, |(index, _)| index);
        Ok(Self { number, ended, said: said[begin..].trim().to_owned() })
    }
}
