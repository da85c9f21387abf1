//! Images that strangers' builds left: a zip archive that holds one tar archive that holds an image layout. Nothing of it is
//! unpacked by its own name, and nothing of it counts before all of it is checked.

mod layout;
mod zip;

pub(super) use layout::shown;
pub use layout::{Layout, Place};
pub use zip::LARGEST;

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use crate::domain::oci::{Image, Invalid};
use crate::effects::scratch::Scratch;

/// Why an archive is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// It is not what it should be. The message quotes it without control characters.
    #[error("{0}")]
    Refused(String),
    /// A file of this machine can not be read or written.
    #[error("`{path}` can not be used")]
    Local {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl From<Invalid> for Unusable {
    fn from(invalid: Invalid) -> Self {
        Self::Refused(invalid.0)
    }
}

/// An image in a file of ours, all of which was checked.
#[derive(Debug)]
pub struct CheckedImage {
    /// What it consists of.
    pub image: Image,
    /// Where its parts are.
    pub layout: Layout,
    file: Scratch,
}

impl CheckedImage {
    /// Takes the one file of a zip archive, `member`, out of it, and checks everything: the archive, the archive in it, the
    /// documents, and the size and digest of all that they name. At most `limit` bytes are unpacked.
    ///
    /// # Errors
    ///
    /// When something is not as it should be, and when a file of ours can not be written.
    pub fn open(zip: &Path, member: &str, limit: u64) -> Result<Self, Unusable> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| Unusable::Local { path, source }
        };
        let mut archive = BufReader::new(File::open(zip).map_err(at(zip))?);
        let scratch = Scratch::empty().map_err(at(&std::env::temp_dir()))?;
        let mut unpacked = BufWriter::new(File::create(scratch.path()).map_err(at(scratch.path()))?);
        zip::unpack(&mut archive, member, limit, &mut unpacked).map_err(|failed| match failed {
            zip::Failed::Refused(message) => Unusable::Refused(message),
            zip::Failed::Read(source) => at(zip)(source),
            zip::Failed::Written(source) => at(scratch.path())(source),
        })?;
        unpacked.flush().map_err(at(scratch.path()))?;
        drop(unpacked);
        let file = File::open(scratch.path()).map_err(at(scratch.path()))?;
        let layout = Layout::read(file, scratch.path())?;
        let image = layout.check()?;
        Ok(Self { image, layout, file: scratch })
    }

    /// The file that holds its parts.
    #[must_use]
    pub fn file(&self) -> &Path {
        self.file.path()
    }
}
