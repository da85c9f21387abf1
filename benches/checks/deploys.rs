//! One deploy of a new pull request: without checks, with those that are on without a word, and with all of them, in turns.

use std::collections::BTreeMap;
use std::fs;

use crate::apps::Example;
use crate::contestant::Contestant;
use crate::settings::Settings;
use crate::statistics::median;
use crate::world::World;
use crate::{Fallible, PREVIEWS, progress, top};

/// The schemas that what is rendered needs, and what all of them refer to.
const SCHEMAS: [&str; 5] = [
    "_definitions.json",
    "deployment-apps-v1.json",
    "ingress-networking-v1.json",
    "namespace-v1.json",
    "service-v1.json",
];
/// Where they are: those that the tests have.
const SCHEMA_FOLDER: &str = "target/tools/python/kubernetes_validate/kubernetes-json-schema/v1.34.0-local-strict";

/// How much is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Checks {
    Off,
    Default,
    Everything,
}

impl Checks {
    pub(crate) const ALL: [Self; 3] = [Self::Off, Self::Default, Self::Everything];

    /// What stands in `bivouac.yaml`.
    fn configuration(self) -> &'static str {
        match self {
            Self::Off => include_str!("../fixtures/checks/off.yaml"),
            Self::Default => "",
            Self::Everything => include_str!("../fixtures/checks/everything.yaml"),
        }
    }

    /// All files that a repository has beside its previews: they differ in the configuration only.
    fn files(self) -> Fallible<BTreeMap<String, String>> {
        let configuration = format!("{}{}", include_str!("../fixtures/bivouac.yaml"), self.configuration());
        let mut files = BTreeMap::from([("bivouac.yaml".to_owned(), configuration)]);
        let fixtures = top().join("benches/fixtures/checks");
        for path in [
            "chart/Chart.yaml",
            "chart/values.yaml",
            "chart/templates/ingress.yaml",
            "chart/templates/workloads.yaml",
            "policy/images.rego",
            "policy/replicas.rego",
        ] {
            files.insert(path.to_owned(), fs::read_to_string(fixtures.join(path))?);
        }
        for name in SCHEMAS {
            let text = fs::read_to_string(top().join(SCHEMA_FOLDER).join(name))?;
            files.insert(format!("schemas/v1.34.0-local-strict/{name}"), text);
        }
        Ok(files)
    }
}

/// Deploys with one backend and so many checks.
#[derive(Debug, Default)]
pub(crate) struct Deploys {
    /// In milliseconds.
    pub(crate) times: Vec<f64>,
    /// Of the last run.
    pub(crate) requests: usize,
    /// Bodies of answers, in bytes.
    pub(crate) received: usize,
}

impl Deploys {
    /// The median, in milliseconds.
    pub(crate) fn median(&self) -> f64 {
        median(&self.times)
    }
}

/// What was measured, by backend and checks.
pub(crate) type Measured = BTreeMap<(Contestant, Checks), Deploys>;

/// Measures all of them, each so often.
pub(crate) fn measure(world: &mut World, example: &Example, rounds: usize, settings: &Settings) -> Fallible<Measured> {
    for checks in Checks::ALL {
        progress(&format!("making a repository with {PREVIEWS} previews"));
        world.add(&format!("apps-{checks:?}").to_lowercase(), PREVIEWS, example, &checks.files()?)?;
    }
    let mut measured = Measured::new();
    let unavailable = world.unavailable();
    for contestant in [Contestant::Git, Contestant::Github].into_iter().filter(|one| !unavailable.contains(one)) {
        // The first round is not counted: programs and packs are read from the disk.
        for round in 0..=rounds {
            progress(&format!("{}: round {round} of {rounds}", contestant.name()));
            for (index, checks) in Checks::ALL.into_iter().enumerate() {
                let (run, asked) = world.run(index, contestant, false, settings)?;
                let deploys = measured.entry((contestant, checks)).or_default();
                deploys.requests = asked.len();
                deploys.received = asked.iter().map(|request| request.answer_bytes).sum();
                deploys.times.extend((round > 0).then_some(run.ended.milliseconds));
            }
        }
    }
    Ok(measured)
}
