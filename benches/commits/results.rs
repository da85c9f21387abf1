//! Everything that was measured, as it lies in `target/bench/results.json`.

use serde::{Deserialize, Serialize};

use crate::apps::Described;
use crate::contestant::Contestant;
use crate::statistics::{median, p95};
use crate::traffic::Traffic;

/// Everything that was measured in one run.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Results {
    pub(crate) machine: Machine,
    /// The least that can be seen as a peak memory.
    pub(crate) floor_kb: u64,
    pub(crate) repositories: Vec<Described>,
    /// Who could not take part.
    pub(crate) unavailable: Vec<Contestant>,
    pub(crate) alone: Vec<Alone>,
    pub(crate) contention: Vec<Contention>,
    pub(crate) core: Vec<CoreRow>,
}

/// Where and of what it was measured.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) date: String,
    /// With a plus where something was not committed.
    pub(crate) commit: String,
    pub(crate) profile: String,
    pub(crate) program_bytes: u64,
    pub(crate) cpu: String,
    pub(crate) cores: usize,
    pub(crate) memory_kb: u64,
    pub(crate) kernel: String,
    pub(crate) git: String,
    /// The kind of file system that the repositories and the homes were on.
    pub(crate) folder: String,
    /// How many wanted to run when it began.
    pub(crate) load: String,
}

/// One deploy of one new pull request, several times.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Alone {
    pub(crate) previews: usize,
    pub(crate) round_trip_ms: u64,
    pub(crate) contestant: Contestant,
    /// Each run, in milliseconds.
    pub(crate) times: Vec<f64>,
    /// How long each run kept a core busy, in milliseconds; the server's part is not in it.
    #[serde(default)]
    pub(crate) cpu: Vec<f64>,
    /// The largest peak memory of all runs.
    pub(crate) peak_kb: u64,
    /// Of the last run.
    pub(crate) traffic: Traffic,
    /// Each request of the last run, with the bytes of both bodies.
    pub(crate) requests: Vec<String>,
}

impl Alone {
    pub(crate) fn median(&self) -> f64 {
        median(&self.times)
    }

    pub(crate) fn p95(&self) -> f64 {
        p95(&self.times)
    }
}

/// Many deploys at the same time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Contention {
    pub(crate) writers: usize,
    pub(crate) contestant: Contestant,
    /// Whose preview is in the repository.
    pub(crate) landed: usize,
    /// How long each took that landed, in milliseconds, in the order of their pull requests.
    pub(crate) times: Vec<f64>,
    /// From the sign to the end of the last.
    pub(crate) total_ms: f64,
    /// The exit codes of those that did not land, and what the first of them said.
    pub(crate) failures: Vec<Option<i32>>,
    pub(crate) said: String,
    pub(crate) traffic: Traffic,
}

/// A function of the pure core.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CoreRow {
    pub(crate) name: String,
    pub(crate) median: String,
    /// None where they were not counted.
    #[serde(default)]
    pub(crate) instructions: Option<String>,
    pub(crate) allocations: String,
    /// The most that it held at once.
    pub(crate) held: String,
}

impl Results {
    /// What one contestant took alone.
    pub(crate) fn alone(&self, contestant: Contestant, previews: usize, is_far: bool) -> Option<&Alone> {
        self.alone.iter().find(|alone| {
            alone.contestant == contestant && alone.previews == previews && (alone.round_trip_ms > 0) == is_far
        })
    }

    /// What became of that many of one contestant's writers.
    pub(crate) fn contention(&self, contestant: Contestant, writers: usize) -> Option<&Contention> {
        self.contention.iter().find(|found| found.contestant == contestant && found.writers == writers)
    }

    /// How many previews there were, in the order of measuring.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        self.repositories.iter().map(|repository| repository.previews).collect()
    }

    /// How many wrote at once, in the order of measuring.
    pub(crate) fn writers(&self) -> Vec<usize> {
        let mut writers: Vec<_> = self.contention.iter().map(|found| found.writers).collect();
        writers.dedup();
        writers
    }
}
