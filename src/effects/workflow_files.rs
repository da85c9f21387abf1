//! The workflow files of a checkout.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use crate::domain::diagnosis::workflows::LARGEST;

/// The most files that are read.
const MOST: usize = 1000;

/// A file by its name, with its text or why that can not be read.
pub type WorkflowFile = (String, Result<String, String>);

/// The workflows in a folder, by name. Nothing when there is no such folder.
///
/// # Errors
///
/// When the folder can not be read.
pub fn read(folder: &Path) -> io::Result<Option<Vec<WorkflowFile>>> {
    let entries = match fs::read_dir(folder) {
        Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(None),
        entries => entries?,
    };
    let mut names = Vec::new();
    for entry in entries.take(MOST) {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let is_workflow = Path::new(&name).extension().is_some_and(|end| end == "yml" || end == "yaml");
        names.extend(is_workflow.then_some(name));
    }
    names.sort();
    let read = |name: String| {
        let text = text(&folder.join(&name)).map_err(|why| why.to_string());
        (name, text)
    };
    Ok(Some(names.into_iter().map(read).collect()))
}

/// A text; of one that is too large, so much that this is seen.
fn text(path: &Path) -> io::Result<String> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut text = String::new();
    fs::File::open(path)?.take(LARGEST as u64 + 1).read_to_string(&mut text)?;
    Ok(text)
}
