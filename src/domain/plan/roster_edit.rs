//! The roster, edited along with the previews that it names.

use super::{Edit, PlanError, Previews};
use crate::domain::names::PreviewName;
use crate::domain::overlay::previews_directory;
use crate::domain::path::RepoPath;
use crate::domain::roster::{Roster, RosterError};

/// The roster on its way from what it says to what it shall say.
pub(super) struct RosterEdit {
    path: RepoPath,
    before: Option<String>,
    pub(super) roster: Roster,
}

impl RosterEdit {
    pub(super) fn start(previews: &Previews) -> Result<Self, PlanError> {
        let path = || previews_directory(&previews.root).join("kustomization.yaml");
        let (path, before) = previews.roster.clone().map_or_else(|| (path(), None), |(path, text)| (path, Some(text)));
        let roster = before.as_deref().map_or_else(|| Ok(Roster::empty()), Roster::parse);
        match roster {
            Ok(roster) => Ok(Self { path, before, roster }),
            Err(source) => Err(PlanError::Roster { path, source }),
        }
    }

    pub(super) fn add(&mut self, name: &PreviewName) -> Result<(), PlanError> {
        self.replace(|roster| roster.with(name.as_str()))
    }

    pub(super) fn remove(&mut self, name: &str) -> Result<(), PlanError> {
        self.replace(|roster| roster.without(name))
    }

    pub(super) fn replace(
        &mut self,
        edit: impl FnOnce(&Roster) -> Result<Roster, RosterError>,
    ) -> Result<(), PlanError> {
        self.roster = edit(&self.roster).map_err(|source| PlanError::Roster { path: self.path.clone(), source })?;
        Ok(())
    }

    /// A roster is written where it changes, and where it is missing beside other changes: a path that disappears is never
    /// pruned by Flux.
    pub(super) fn finish(self, beside_other_edits: bool) -> Option<Edit> {
        let is_as_wanted = match &self.before {
            Some(before) => before == self.roster.text(),
            None => !beside_other_edits && self.roster.entries().next().is_none(),
        };
        if is_as_wanted {
            return None;
        }
        Some(Edit::Write { path: self.path, before: self.before, after: self.roster.text().to_owned() })
    }
}
