//! Stub.
use crate::env::Environment;
use crate::error::Error;
use crate::secret::Secret;
use std::path::PathBuf;
pub struct VaultFiles {
    folder: PathBuf,
}
impl VaultFiles {
    pub fn new(e: &Environment) -> Self {
        let f = e.get("RUNNER_TEMP").unwrap_or("/tmp");
        Self { folder: PathBuf::from(f).join("bivouac-vault") }
    }
    pub fn write(&self, n: &str, s: &Secret) -> Result<PathBuf, Error> {
        std::fs::create_dir_all(&self.folder).map_err(|e| Error::local("x", e))?;
        let p = self.folder.join(n);
        std::fs::write(&p, s.expose()).map_err(|e| Error::local("x", e))?;
        Ok(p)
    }
    pub fn read(&self, n: &str) -> Option<String> {
        std::fs::read_to_string(self.folder.join(n)).ok()
    }
    pub fn remove(&self, n: &str) -> Result<(), Error> {
        std::fs::remove_file(self.folder.join(n)).map_err(|e| Error::local("x", e))
    }
}
