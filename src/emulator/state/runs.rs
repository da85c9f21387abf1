//! A repository's workflows, their runs, and what these left.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::model::user_number;
use super::super::workflow_run::{Artifact, WorkflowRun};

/// The workflows by the names of their files, and their runs and artifacts by number.
#[derive(Clone, Default)]
pub(crate) struct Runs {
    workflows: BTreeSet<String>,
    all: BTreeMap<u64, Arc<WorkflowRun>>,
    artifacts: BTreeMap<u64, Arc<Artifact>>,
}

impl Runs {
    /// The file of a workflow that is known, by its name or its number.
    pub(crate) fn workflow(&self, wanted: &str) -> Option<&str> {
        let is_wanted = |file: &&String| *file == wanted || user_number(file).to_string() == wanted;
        self.workflows.iter().find(is_wanted).map(String::as_str)
    }

    pub(crate) fn add_workflow(&mut self, file: &str) {
        self.workflows.insert(file.to_owned());
    }

    pub(crate) fn get(&self, id: u64) -> Option<&Arc<WorkflowRun>> {
        self.all.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: u64) -> Option<&mut WorkflowRun> {
        self.all.get_mut(&id).map(Arc::make_mut)
    }

    /// All of them, the oldest first.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &Arc<WorkflowRun>> {
        self.all.values()
    }

    /// How many runs of a workflow there are.
    pub(crate) fn count_of(&self, workflow: &str) -> u64 {
        self.all.values().filter(|run| run.said.workflow == workflow).map(|_| 1).sum()
    }

    /// Adds a run; its workflow is known from then on.
    pub(crate) fn push(&mut self, run: WorkflowRun) {
        self.add_workflow(&run.said.workflow);
        self.all.insert(run.id, Arc::new(run));
    }

    pub(crate) fn artifact(&self, id: u64) -> Option<&Arc<Artifact>> {
        self.artifacts.get(&id)
    }

    pub(crate) fn artifact_mut(&mut self, id: u64) -> Option<&mut Artifact> {
        self.artifacts.get_mut(&id).map(Arc::make_mut)
    }

    /// What a run left, the oldest first.
    pub(crate) fn artifacts_of(&self, run: u64) -> impl DoubleEndedIterator<Item = &Arc<Artifact>> {
        self.artifacts.values().filter(move |artifact| artifact.run == run)
    }

    pub(crate) fn push_artifact(&mut self, artifact: Artifact) {
        self.artifacts.insert(artifact.id, Arc::new(artifact));
    }
}
