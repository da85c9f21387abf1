//! The runs of the forge's workflows.

use super::super::EmulatorError;
use super::super::workflow_run::{Artifact, NewWorkflowRun, WorkflowRun};
use super::Forge;

impl Forge {
    /// Makes a workflow known by the name of its file, as one on the default branch is. One that has run is known too.
    ///
    /// # Errors
    ///
    /// When the repository is unknown.
    pub fn add_workflow(&self, repository: &str, file: &str) -> Result<(), EmulatorError> {
        self.lock().repository(repository)?.runs.add_workflow(file);
        Ok(())
    }

    /// Adds a run of a workflow, newer than all others.
    ///
    /// # Errors
    ///
    /// When the repository is unknown.
    pub fn add_run(&self, repository: &str, new: NewWorkflowRun) -> Result<WorkflowRun, EmulatorError> {
        let now = (self.clock)();
        let mut state = self.lock();
        let id = state.next_identifier();
        let runs = &mut state.repository(repository)?.runs;
        let number = runs.count_of(&new.workflow) + 1;
        let run = WorkflowRun { id, number, said: new, created_at: now, updated_at: now };
        runs.push(run.clone());
        Ok(run)
    }

    /// Changes anything about a run and returns it.
    ///
    /// # Errors
    ///
    /// When there is no such run.
    pub fn change_run(
        &self,
        repository: &str,
        id: u64,
        change: impl FnOnce(&mut NewWorkflowRun),
    ) -> Result<WorkflowRun, EmulatorError> {
        let now = (self.clock)();
        let mut state = self.lock();
        let run = state.repository(repository)?.runs.get_mut(id).ok_or(EmulatorError::UnknownRun(id))?;
        change(&mut run.said);
        run.updated_at = now;
        Ok(run.clone())
    }

    /// The runs of a repository's workflows, the oldest first.
    ///
    /// # Errors
    ///
    /// When the repository is unknown.
    pub fn runs(&self, repository: &str) -> Result<Vec<WorkflowRun>, EmulatorError> {
        Ok(self.lock().known(repository)?.runs.all().map(|run| run.as_ref().clone()).collect())
    }

    /// Lets a run leave something; `zip` is what is fetched of it.
    ///
    /// # Errors
    ///
    /// When there is no such run.
    pub fn add_artifact(
        &self,
        repository: &str,
        run: u64,
        name: &str,
        zip: impl Into<Vec<u8>>,
    ) -> Result<Artifact, EmulatorError> {
        let created_at = (self.clock)();
        let mut state = self.lock();
        let id = state.next_identifier();
        let runs = &mut state.repository(repository)?.runs;
        runs.get(run).ok_or(EmulatorError::UnknownRun(run))?;
        let (name, zip) = (name.to_owned(), zip.into().into());
        let artifact = Artifact { id, run, name, zip, is_expired: false, created_at };
        runs.push_artifact(artifact.clone());
        Ok(artifact)
    }

    /// Throws away what a run left, as time does; it is still listed.
    ///
    /// # Errors
    ///
    /// When there is no such artifact.
    pub fn expire_artifact(&self, repository: &str, id: u64) -> Result<(), EmulatorError> {
        let mut state = self.lock();
        let found = state.repository(repository)?.runs.artifact_mut(id).ok_or(EmulatorError::UnknownArtifact(id))?;
        found.is_expired = true;
        Ok(())
    }
}
