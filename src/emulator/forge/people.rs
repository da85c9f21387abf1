//! The people of the forge.

use super::super::EmulatorError;
use super::super::role::Role;
use super::Forge;

impl Forge {
    /// Gives somebody a role in a repository, in the place of any that they have; an account of that name is known from then on.
    ///
    /// # Errors
    ///
    /// When the repository is unknown.
    pub fn set_role(&self, repository: &str, login: &str, role: Role) -> Result<(), EmulatorError> {
        let mut state = self.lock();
        state.repository(repository)?.roles.insert(login.to_lowercase(), role);
        state.note_person(login);
        Ok(())
    }

    /// The role that somebody was given in a repository.
    ///
    /// # Errors
    ///
    /// When the repository is unknown.
    pub fn role(&self, repository: &str, login: &str) -> Result<Option<Role>, EmulatorError> {
        Ok(self.lock().known(repository)?.roles.get(&login.to_lowercase()).copied())
    }

    /// The name of a known person as the forge writes it: somebody who was given a role, or has opened a pull request or written
    /// a comment.
    pub(crate) fn person(&self, login: &str) -> Option<String> {
        self.lock().people.get(&login.to_lowercase()).cloned()
    }
}
