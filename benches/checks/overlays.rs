//! Every overlay of a checkout: `bivouac validate`, and the loops that pipelines have instead.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::apps::Example;
use crate::launcher::{self, Client, Ended};
use crate::settings::Settings;
use crate::statistics::median;
use crate::world::World;
use crate::{Fallible, PREVIEWS, progress, top};

/// How often `validate` is run.
pub(crate) const ROUNDS: usize = 3;
/// How many previews there are in the larger checkout, which is looked at once, for the memory.
pub(crate) const MANY: usize = 4000;
/// How often a program is run by itself.
const ALONE: usize = 5;

/// One overlay after the other.
pub(crate) const LOOP: &str =
    r#"set -eu; for overlay in "$TREE"/overlays/ephemeral/*/; do kubectl kustomize "$overlay" >/dev/null; done"#;
/// As many at once as there are cores.
pub(crate) const XARGS: &str = r#"set -eu; printf '%s\0' "$TREE"/overlays/ephemeral/*/ | xargs -0 -n 1 -P "$(nproc)" kubectl kustomize >/dev/null"#;

/// What was measured.
pub(crate) struct Measured {
    /// `validate` of [`PREVIEWS`], each round.
    validated: Vec<Ended>,
    /// `validate` of [`MANY`].
    pub(crate) many: Ended,
    /// How many overlays the loops built.
    pub(crate) looped: usize,
    /// The loop.
    pub(crate) one_by_one: Ended,
    /// The same, as many at once as there are cores.
    pub(crate) at_once: Ended,
    /// One run of `kubectl kustomize` of one overlay, in milliseconds.
    pub(crate) kustomize: f64,
    /// One run of `helm template` of the chart, in milliseconds.
    pub(crate) helm: f64,
}

impl Measured {
    /// How long a loop takes for [`PREVIEWS`], in milliseconds.
    pub(crate) fn scaled(&self, looped: &Ended) -> Fallible<f64> {
        let (all, some) = (u32::try_from(PREVIEWS)?, u32::try_from(self.looped)?);
        Ok(looped.milliseconds * f64::from(all) / f64::from(some))
    }

    /// The median of the times of `validate`, in milliseconds.
    pub(crate) fn validate(&self) -> f64 {
        median(&self.validated.iter().map(|ended| ended.milliseconds).collect::<Vec<_>>())
    }

    /// The highest that was seen of `validate` of [`PREVIEWS`]: of itself, and of the largest process, in KiB.
    pub(crate) fn peaks(&self) -> (u64, u64) {
        let highest = |of: &dyn Fn(&Ended) -> u64| self.validated.iter().map(of).max().unwrap_or_default();
        (highest(&|ended| ended.own_peak_kb.unwrap_or_default()), highest(&|ended| ended.peak_kb))
    }
}

/// Measures all of it, the loops on so many overlays.
pub(crate) fn measure(world: &mut World, example: &Example, looped: usize, settings: &Settings) -> Fallible<Measured> {
    let folder = tempfile::Builder::new().prefix("bivouac-bench-").tempdir()?;
    let mut check_out = |previews: usize| {
        progress(&format!("checking out {previews} previews"));
        world.add(&format!("overlays-{previews}"), previews, example, &BTreeMap::new())?;
        let tree = folder.path().join(previews.to_string());
        let apps = world.apps.last().ok_or("there is no repository")?;
        apps.check_out(&tree).map(|()| tree)
    };
    let (tree, large) = (check_out(PREVIEWS)?, check_out(MANY)?);
    let for_loops = if looped == PREVIEWS { tree.clone() } else { check_out(looped)? };
    let start = |program: &str, arguments: &[&str], tree: &Path| {
        progress(&format!("{program} {}", arguments.join(" ")));
        run(&client(program, arguments, tree, folder.path(), settings))
    };
    let validate = |tree: &Path| start(env!("CARGO_BIN_EXE_bivouac"), &["validate", &tree.to_string_lossy()], tree);
    let often = |program: &str, arguments: &[&str]| {
        let times = (0..ALONE).map(|_| start(program, arguments, &tree).map(|ended| ended.milliseconds));
        times.collect::<Fallible<Vec<_>>>().map(|times| median(&times))
    };
    // Not counted: the programs are read from the disk.
    validate(&tree)?;
    let chart = top().join("benches/fixtures/checks/chart");
    let overlay = tree.join("overlays/ephemeral/pr-1");
    Ok(Measured {
        validated: (0..ROUNDS).map(|_| validate(&tree)).collect::<Fallible<_>>()?,
        many: validate(&large)?,
        kustomize: often("kubectl", &["kustomize", &overlay.to_string_lossy()])?,
        helm: often("helm", &["template", "wildside", &chart.to_string_lossy()])?,
        looped,
        one_by_one: start("sh", &["-c", LOOP], &for_loops)?,
        at_once: start("sh", &["-c", XARGS], &for_loops)?,
    })
}

fn client(program: &str, arguments: &[&str], tree: &Path, home: &Path, settings: &Settings) -> Client {
    let named =
        |name: &str| env::split_paths(&settings.path).map(|folder| folder.join(name)).find(|path| path.exists());
    let environment = [
        ("PATH", settings.path.clone()),
        ("HOME", home.to_string_lossy().into_owned()),
        ("TMPDIR", env::temp_dir().to_string_lossy().into_owned()),
        ("TREE", tree.to_string_lossy().into_owned()),
    ];
    Client {
        program: named(program).unwrap_or_else(|| PathBuf::from(program)),
        arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
        environment: environment.map(|(name, value)| (name.to_owned(), value)).into(),
        directory: home.to_owned(),
        timeout: settings.timeout.as_secs(),
        is_watched: true,
    }
}

fn run(client: &Client) -> Fallible<Ended> {
    let ended = launcher::launch(client)?;
    if ended.code == Some(0) {
        return Ok(ended);
    }
    let said = fs::read_to_string(client.directory.join("output"))?;
    Err(format!("`{}` failed: {:?} {said}", client.program.display(), ended.code).into())
}
