//! Files and folders of ours that go when they are no longer needed, and when the program is told to stop.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Everything that is there now. A program that is told to stop runs no `Drop`.
static THERE: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A file or folder in the system's folder for temporary ones, readable by nobody else.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// An empty folder.
    ///
    /// # Errors
    ///
    /// When it can not be made.
    pub fn folder() -> io::Result<Self> {
        Ok(Self::of(tempfile::Builder::new().prefix("bivouac-").tempdir()?.keep()))
    }

    /// A file that says `text`.
    ///
    /// # Errors
    ///
    /// When it can not be written.
    pub fn file(text: &str) -> io::Result<Self> {
        let mut file = tempfile::Builder::new().prefix("bivouac-").tempfile()?;
        writeln!(file, "{text}")?;
        let (_, path) = file.keep().map_err(|kept| kept.error)?;
        Ok(Self::of(path))
    }

    /// An empty file.
    ///
    /// # Errors
    ///
    /// When it can not be made.
    pub fn empty() -> io::Result<Self> {
        let file = tempfile::Builder::new().prefix("bivouac-").tempfile()?;
        let (_, path) = file.keep().map_err(|kept| kept.error)?;
        Ok(Self::of(path))
    }

    fn of(path: PathBuf) -> Self {
        THERE.lock().unwrap_or_else(PoisonError::into_inner).push(path.clone());
        Self { path }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        remove(&self.path);
        THERE.lock().unwrap_or_else(PoisonError::into_inner).retain(|path| *path != self.path);
    }
}

/// Removes everything that is still there, for a program that is told to stop.
pub fn remove_all() {
    for path in THERE.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        remove(path);
    }
}

/// Another thread may still write into a folder while it goes, so it is tried more than once.
fn remove(path: &Path) {
    for _ in 0..5 {
        let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        match removed {
            Err(why) if why.kind() != io::ErrorKind::NotFound => tracing::debug!(%why, "a temporary file stays"),
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_goes_again() {
        let (folder, file) = (Scratch::folder().unwrap(), Scratch::file("x").unwrap());
        fs::write(folder.path().join("inside"), "y").unwrap();
        assert_eq!(fs::read_to_string(file.path()).unwrap(), "x\n");
        let empty = Scratch::empty().unwrap();
        assert_eq!(fs::read(empty.path()).unwrap(), b"");
        let paths = [&folder, &file, &empty].map(|made| made.path().to_owned());
        drop((folder, file, empty));
        assert!(paths.iter().all(|path| !path.exists()));
    }
}
