//! The secrets of environments.

use super::super::EmulatorError;
use super::Forge;

impl Forge {
    /// Makes an environment, if there is none of this name.
    ///
    /// # Errors
    ///
    /// When the repository is unknown.
    pub fn create_environment(&self, repository: &str, name: &str) -> Result<(), EmulatorError> {
        self.lock().add_environment(repository, name)
    }

    /// A secret of an environment, opened; GitHub itself shows it to workflows only. Nothing when there is none of this name.
    ///
    /// # Errors
    ///
    /// When there is no such environment.
    pub fn environment_secret(
        &self,
        repository: &str,
        environment: &str,
        name: &str,
    ) -> Result<Option<String>, EmulatorError> {
        let state = self.lock();
        let found = state.known(repository)?.environments.get(environment);
        let found = found.ok_or_else(|| EmulatorError::UnknownEnvironment(environment.to_owned()))?;
        let sealed = found.secrets.get(&name.to_ascii_uppercase());
        let opened = sealed.and_then(|sealed| found.key.unseal(sealed).ok());
        Ok(opened.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Keeps a secret as it was encrypted, and says whether it is a new one.
    pub(in super::super) fn put_environment_secret(
        &self,
        repository: &str,
        environment: &str,
        name: &str,
        sealed: Vec<u8>,
    ) -> Result<bool, EmulatorError> {
        let mut state = self.lock();
        let found = state.repository(repository)?.environments.find(environment);
        let found = found.ok_or_else(|| EmulatorError::UnknownEnvironment(environment.to_owned()))?;
        Ok(found.secrets.insert(name.to_ascii_uppercase(), sealed).is_none())
    }
}
