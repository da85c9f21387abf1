//! A checkout of an apps repository on this machine, read as a commit is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::domain::path::RepoPath;
use crate::error::Error;
use crate::ports::{AppsError, Entry, EntryKind, Need, Snapshot};

/// The files in a folder, as they are now.
pub struct Checkout {
    top: PathBuf,
}

impl Checkout {
    /// The checkout that `path` is in, and where in it that is. A folder that is in none is taken for one itself.
    ///
    /// # Errors
    ///
    /// When there is no such folder, or its name is no text.
    pub fn around(path: &Path) -> Result<(Self, RepoPath), Error> {
        Self::find(path).map_err(|why| Error::Usage {
            message: format!("`{}` is no directory that can be read: {why}", path.display()),
            hint: "give the path of a checkout of the apps repository",
        })
    }

    fn find(path: &Path) -> io::Result<(Self, RepoPath)> {
        let here = path.canonicalize()?;
        if !here.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        let top = here.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&here).to_owned();
        let below = here.strip_prefix(&top).ok().and_then(Path::to_str).unwrap_or_default();
        let below = RepoPath::top().resolve(below).ok_or(io::ErrorKind::InvalidFilename)?;
        Ok((Self { top }, below))
    }

    /// Its top.
    #[must_use]
    pub fn top(&self) -> &Path {
        &self.top
    }

    fn place(&self, path: &RepoPath) -> PathBuf {
        path.components().fold(self.top.clone(), |place, component| place.join(component))
    }

    /// What is at a path: nothing where it leads through something that is no directory, which is told instead.
    fn look(&self, path: &RepoPath) -> Result<Found, AppsError> {
        let mut here = RepoPath::top();
        let mut components = path.components().peekable();
        while let Some(component) = components.next() {
            here = here.join(component);
            let kind = match fs::symlink_metadata(self.place(&here)) {
                Ok(found) if found.is_dir() => EntryKind::Directory,
                Ok(found) if found.is_file() => EntryKind::File,
                Ok(_) => EntryKind::Symlink,
                Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
                Err(why) => return Err(local(&here, &why)),
            };
            match kind {
                EntryKind::Directory => {}
                EntryKind::File if components.peek().is_none() => return Ok(Found::File),
                kind => return Ok(Found::InTheWay(here, kind)),
            }
        }
        Ok(Found::Directory)
    }
}

enum Found {
    Nothing,
    File,
    Directory,
    InTheWay(RepoPath, EntryKind),
}

impl Snapshot for Checkout {
    async fn gather(&self, _needs: &[Need]) -> Result<(), AppsError> {
        Ok(())
    }

    async fn gather_at_once(&self, _needs: &[Need]) -> Result<(), AppsError> {
        Ok(())
    }

    async fn entry(&self, path: &RepoPath) -> Result<Entry, AppsError> {
        Ok(match self.look(path)? {
            Found::Nothing => Entry::Absent,
            Found::Directory => Entry::Directory,
            Found::InTheWay(path, kind) => Entry::InTheWay { path, kind },
            Found::File => {
                let bytes = fs::read(self.place(path)).map_err(|why| local(path, &why))?;
                Entry::File(String::from_utf8(bytes).map_err(|_| AppsError::NotText { path: path.clone() })?)
            }
        })
    }

    async fn bytes(&self, path: &RepoPath) -> Result<Option<Vec<u8>>, AppsError> {
        match self.look(path)? {
            Found::File => fs::read(self.place(path)).map(Some).map_err(|why| local(path, &why)),
            _ => Ok(None),
        }
    }

    async fn list(&self, directory: &RepoPath) -> Result<Vec<(String, EntryKind)>, AppsError> {
        let Found::Directory = self.look(directory)? else { return Ok(Vec::new()) };
        let read = || {
            let mut found = Vec::new();
            for entry in fs::read_dir(self.place(directory))? {
                let entry = entry?;
                let kind = match entry.file_type()? {
                    kind if kind.is_dir() => EntryKind::Directory,
                    kind if kind.is_file() => EntryKind::File,
                    _ => EntryKind::Symlink,
                };
                // A name that is not UTF-8 is nobody's preview, and Git's own files are no part of a commit.
                found.extend(
                    entry.file_name().into_string().ok().filter(|name| name != ".git").map(|name| (name, kind)),
                );
            }
            found.sort_by(|(one, _), (other, _)| one.cmp(other));
            Ok(found)
        };
        read().map_err(|why: io::Error| local(directory, &why))
    }
}

fn local(path: &RepoPath, why: &io::Error) -> AppsError {
    AppsError::Local { message: format!("`{path}` can not be read: {why}") }
}
