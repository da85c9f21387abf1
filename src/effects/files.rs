//! Files in a checkout on this machine.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use crate::domain::path::RepoPath;
use crate::error::Error;
use crate::ports::EntryKind;

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It was not there before.
    Created,
    /// It said something else before.
    Overwritten,
    /// It said this already.
    Unchanged,
}

/// Writes all files below `directory`, or none of them: everything in the way is found before the first is written.
///
/// # Errors
///
/// When a file says something else and `force` is not given, or something is in the way, or can not be written.
pub fn write_all(
    directory: &Path,
    files: &BTreeMap<RepoPath, String>,
    force: bool,
) -> Result<Vec<(RepoPath, Written)>, Error> {
    if directory.is_file() {
        return Err(Error::NotADirectory { path: directory.to_owned() });
    }
    let mut planned = Vec::new();
    for (path, text) in files {
        planned.push((path.clone(), state(directory, path, text)?));
    }
    let differing: Vec<_> = planned.iter().filter(|(_, written)| *written == Written::Overwritten).collect();
    if !force && !differing.is_empty() {
        return Err(Error::WouldOverwrite { files: differing.iter().map(|(path, _)| format!("`{path}`")).collect() });
    }
    for (path, _) in planned.iter().filter(|(_, written)| *written != Written::Unchanged) {
        write(&directory.join(path.as_str()), &files[path])
            .map_err(|why| Error::local(format!("`{path}` can not be written"), why))?;
    }
    Ok(planned)
}

fn state(directory: &Path, path: &RepoPath, text: &str) -> Result<Written, Error> {
    let mut here = RepoPath::top();
    let mut components = path.components().peekable();
    while let Some(component) = components.next() {
        here = here.join(component);
        let kind = match fs::symlink_metadata(directory.join(here.as_str())) {
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(Written::Created),
            Err(why) => return Err(Error::local(format!("`{here}` can not be looked at"), why)),
            Ok(metadata) if metadata.is_symlink() => EntryKind::Symlink,
            Ok(metadata) if metadata.is_dir() => EntryKind::Directory,
            Ok(metadata) if metadata.is_file() => EntryKind::File,
            Ok(_) => {
                let why = "it is neither a file nor a directory: remove it";
                return Err(Error::local(format!("`{here}` is in the way"), why));
            }
        };
        let expected = if components.peek().is_some() { EntryKind::Directory } else { EntryKind::File };
        if kind != expected {
            return Err(Error::InTheWay { path: here, kind });
        }
    }
    let existing = fs::read(directory.join(path.as_str()))
        .map_err(|why| Error::local(format!("`{path}` can not be read"), why))?;
    Ok(if existing == text.as_bytes() { Written::Unchanged } else { Written::Overwritten })
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, text)
}
