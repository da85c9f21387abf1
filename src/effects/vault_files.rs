//! The files that setting up a Vault leaves for the steps that follow, in one folder that nobody else can look into.

use std::fs::{self, DirBuilder, Metadata};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::env::{self, Environment};
use crate::error::Error;
use crate::secret::Secret;

/// How the names of files begin that may be the only copy of an encrypted record.
pub const ESCROW: &str = "escrow-";

/// The folder, which may not be there yet.
#[derive(Debug, Clone)]
pub struct VaultFiles {
    folder: PathBuf,
}

/// What became of the files.
#[derive(Debug, Default)]
pub struct Removed {
    /// What is gone.
    pub removed: Vec<PathBuf>,
    /// What may be the only copy of a record, and is still there.
    pub kept: Vec<PathBuf>,
    /// What could not be removed, and why.
    pub failed: Vec<(PathBuf, io::Error)>,
}

impl VaultFiles {
    /// The folder `bivouac-vault` of the runner's temporary files; without a runner, one of this user's own among the system's.
    #[must_use]
    pub fn new(environment: &Environment) -> Self {
        if let Some(folder) = environment.get(env::RUNNER_TEMP) {
            return Self { folder: Path::new(folder.trim()).join("bivouac-vault") };
        }
        // Where no temporary file can be made, none can be written either, and that is when it is told.
        let user = user().map_or_else(|_| "unknown".to_owned(), |user| user.to_string());
        Self { folder: std::env::temp_dir().join(format!("bivouac-vault-{user}")) }
    }

    /// Writes a secret, and nothing else, into the file of this name, which only this user can read. An older one is replaced as
    /// a whole.
    ///
    /// # Errors
    ///
    /// When the name is none for a file, something else is in the way, it belongs to somebody else, or it can not be written.
    pub fn write(&self, name: &str, secret: &Secret) -> Result<PathBuf, Error> {
        let written = || {
            let path = self.place(name)?;
            self.prepare()?;
            if let Some(found) = look(&path)? {
                is_our_file(&found)?;
            }
            let file = self.filled(secret.expose())?;
            file.persist(&path).map_err(|failed| failed.error)?;
            Ok(path)
        };
        written().map_err(|why| self.failed(name, "written", why))
    }

    /// Writes a secret into a file of this name, where nothing was before.
    ///
    /// # Errors
    ///
    /// When the name is none for a file, anything has it already, or it can not be written.
    pub fn write_new(&self, name: &str, secret: &Secret) -> Result<PathBuf, Error> {
        let written = || {
            let path = self.place(name)?;
            self.prepare()?;
            let file = self.filled(secret.expose())?;
            file.persist_noclobber(&path).map_err(|failed| failed.error)?;
            Ok(path)
        };
        written().map_err(|why| self.failed(name, "written", why))
    }

    /// Makes sure that the folder is there, is ours, and that a file can be written into it.
    ///
    /// # Errors
    ///
    /// When it is not so.
    pub fn try_out(&self) -> Result<(), Error> {
        let tried = || {
            self.prepare()?;
            self.filled("probe")?.close()
        };
        tried().map_err(|why: io::Error| {
            Error::local(format!("no file can be left in the folder `{}`", self.folder.display()), why)
        })
    }

    /// The names in the folder, in order. None when it is not there, is not ours, or can not be read.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let is_ours = look(&self.folder).is_ok_and(|found| found.is_some_and(|found| is_our_folder(&found).is_ok()));
        let entries = is_ours.then(|| fs::read_dir(&self.folder)).and_then(Result::ok);
        let mut names: Vec<_> =
            entries.into_iter().flatten().flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }

    /// What the file of this name says. Nothing when it is not there, is not ours, or can not be read.
    #[must_use]
    pub fn read(&self, name: &str) -> Option<String> {
        let path = self.place(name).ok()?;
        is_our_folder(&look(&self.folder).ok()??).ok()?;
        is_our_file(&look(&path).ok()??).ok()?;
        fs::read_to_string(path).ok()
    }

    /// Removes the file of this name, if it is there.
    ///
    /// # Errors
    ///
    /// When the folder or the file belongs to somebody else, or can not be removed.
    pub fn remove(&self, name: &str) -> Result<(), Error> {
        let removed = || {
            let path = self.place(name)?;
            let Some(found) = look(&self.folder)? else { return Ok(()) };
            is_our_folder(&found)?;
            remove(&path)
        };
        removed().map_err(|why| self.failed(name, "removed", why))
    }

    /// Removes all files but those that may be the only copy of a record, and with `with_escrow` those too. The folder goes when
    /// it is empty. No link is followed.
    ///
    /// # Errors
    ///
    /// When the folder is none, belongs to somebody else, or can not be read.
    pub fn remove_all(&self, with_escrow: bool) -> Result<Removed, Error> {
        let failed = |why| Error::local(format!("the folder `{}` can not be cleaned up", self.folder.display()), why);
        let mut removed = Removed::default();
        let Some(found) = look(&self.folder).map_err(failed)? else { return Ok(removed) };
        is_our_folder(&found).map_err(failed)?;
        let mut paths = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(failed)? {
            paths.push(entry.map_err(failed)?.path());
        }
        paths.sort();
        for path in paths {
            if is_escrow(&path) && !with_escrow {
                removed.kept.push(path);
                continue;
            }
            match remove(&path) {
                Ok(()) => removed.removed.push(path),
                Err(why) => removed.failed.push((path, why)),
            }
        }
        if removed.kept.is_empty() && removed.failed.is_empty() {
            // Somebody may have put something into it meanwhile.
            drop(fs::remove_dir(&self.folder));
        }
        Ok(removed)
    }

    /// Where the file of this name is: in the folder, and nowhere else.
    fn place(&self, name: &str) -> io::Result<PathBuf> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if name.is_empty() || name.starts_with('.') || !name.bytes().all(is_plain) {
            return Err(io::Error::other("its name is not one of letters, digits, `-`, `_` and `.`"));
        }
        Ok(self.folder.join(name))
    }

    fn failed(&self, name: &str, what: &str, why: io::Error) -> Error {
        Error::local(format!("the file `{}` can not be {what}", self.folder.join(name).display()), why)
    }

    /// Makes the folder, or makes sure that the one that is there is ours and closed to others.
    fn prepare(&self) -> io::Result<()> {
        match private().create(&self.folder) {
            Err(why) if why.kind() != io::ErrorKind::AlreadyExists => return Err(why),
            _ => {}
        }
        is_our_folder(&fs::symlink_metadata(&self.folder)?)?;
        close(&self.folder)
    }

    /// A file without a name of its own yet, with a text in it.
    fn filled(&self, text: &str) -> io::Result<NamedTempFile> {
        // It is made for this user alone, and only where nothing was.
        let mut file = NamedTempFile::with_prefix_in(".new-", &self.folder)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        Ok(file)
    }
}

fn is_escrow(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(ESCROW))
}

/// What is at a path, if anything is: a link is a link.
fn look(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(why) => Err(why),
    }
}

/// Removes a file, a folder with what is in it, or a link, but not what it leads to.
fn remove(path: &Path) -> io::Result<()> {
    let Some(found) = look(path)? else { return Ok(()) };
    let removed = if found.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn is_our_folder(found: &Metadata) -> io::Result<()> {
    if !found.is_dir() {
        return Err(io::Error::other("it is no folder"));
    }
    is_ours(found)
}

fn is_our_file(found: &Metadata) -> io::Result<()> {
    if !found.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    is_ours(found)
}

fn is_ours(found: &Metadata) -> io::Result<()> {
    if owner(found) == user()? { Ok(()) } else { Err(io::Error::other("it belongs to somebody else")) }
}

/// The number of the user that this runs as: what is made now belongs to them.
fn user() -> io::Result<u32> {
    Ok(owner(&tempfile::tempfile()?.metadata()?))
}

#[cfg(unix)]
fn owner(found: &Metadata) -> u32 {
    std::os::unix::fs::MetadataExt::uid(found)
}

#[cfg(unix)]
fn private() -> DirBuilder {
    let mut builder = DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

#[cfg(unix)]
fn close(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))
}

// Elsewhere a user's temporary files are the user's own.
#[cfg(not(unix))]
fn owner(_: &Metadata) -> u32 {
    0
}

#[cfg(not(unix))]
fn private() -> DirBuilder {
    DirBuilder::new()
}

#[cfg(not(unix))]
fn close(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests;
