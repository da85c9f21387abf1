//! An image layout in a tar archive: where its files are, and whether they are what they should be.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use tar::{Archive, Entry, EntryType};

use super::Unusable;
use crate::domain::hexadecimal::hexadecimal;
use crate::domain::image::Digest;
use crate::domain::oci::{Blob, Image, LARGEST_MANIFEST, assemble, check_layout, quoted};

/// The most headers of an archive.
const MOST_ENTRIES: usize = 10_000;
/// The most bytes of a header that says more of the next one.
const LARGEST_EXTENSION: u64 = 64 * 1024;
/// What such a header may not change: what is checked is what stands in the header itself.
const CHANGED: [&str; 4] = ["path", "linkpath", "size", "GNU.sparse"];
/// How much is read at once, in bytes.
const PIECE: usize = 256 * 1024;

/// Where something is in the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its first byte.
    pub start: u64,
    /// How many bytes it has.
    pub length: u64,
}

/// The files of a layout that count, by where they are.
#[derive(Debug)]
pub struct Layout {
    file: File,
    path: PathBuf,
    marker: Option<Place>,
    index: Option<Place>,
    blobs: BTreeMap<Digest, Place>,
}

impl Layout {
    /// Reads the headers of an archive.
    pub(super) fn read(file: File, path: &Path) -> Result<Self, Unusable> {
        let local = |source| Unusable::Local { path: path.to_owned(), source };
        let mut layout = Self {
            file: file.try_clone().map_err(local)?,
            path: path.to_owned(),
            marker: None,
            index: None,
            blobs: BTreeMap::new(),
        };
        let length = file.metadata().map_err(local)?.len();
        let mut archive = Archive::new(file);
        // Raw: what extends a header would be read as long as it claims to be.
        let entries = archive.entries_with_seek().map_err(broken)?.raw(true);
        let mut names = HashSet::new();
        for (index, entry) in entries.enumerate() {
            if index == MOST_ENTRIES {
                return Err(refused(format!("the archive has more than {MOST_ENTRIES} entries")));
            }
            layout.add(entry.map_err(broken)?, length, &mut names)?;
        }
        Ok(layout)
    }

    fn add(&mut self, mut entry: Entry<'_, File>, length: u64, names: &mut HashSet<String>) -> Result<(), Unusable> {
        let place = Place { start: entry.raw_file_position(), length: entry.size() };
        let raw = entry.path_bytes().into_owned();
        if place.start.checked_add(place.length).is_none_or(|end| end > length) {
            return Err(refused(format!("the archive ends within {}", quoted(&String::from_utf8_lossy(&raw)))));
        }
        let kind = entry.header().entry_type();
        if kind == EntryType::XHeader {
            return check_extension(&mut entry);
        }
        let name = name(&raw)?;
        if kind != EntryType::Regular && kind != EntryType::Directory {
            let what = if kind.is_symlink() || kind.is_hard_link() { "a link" } else { "no regular file" };
            return Err(refused(format!("{} is {what}; files and directories are taken only", quoted(&name))));
        }
        if !names.insert(name.clone()) {
            return Err(refused(format!("{} is there twice", quoted(&name))));
        }
        if kind == EntryType::Regular {
            match name.as_str() {
                "oci-layout" => self.marker = Some(place),
                "index.json" => self.index = Some(place),
                name => {
                    let digits = name.strip_prefix("blobs/sha256/").unwrap_or_default();
                    if let Ok(digest) = format!("sha256:{digits}").parse() {
                        self.blobs.insert(digest, place);
                    }
                }
            }
        }
        Ok(())
    }

    /// Checks all documents, and that all that they name is there, with the size and the digest that they say.
    pub(super) fn check(&self) -> Result<Image, Unusable> {
        check_layout(&self.document(self.marker, "oci-layout")?)?;
        let index = self.document(self.index, "index.json")?;
        let image = assemble(&index, |blob| {
            let place = self.place(blob)?;
            let bytes = self.bytes(place)?;
            check_digest(blob, &digest(&bytes))?;
            Ok::<_, Unusable>(bytes)
        })?;
        // That all are there is known at once; what they hold takes a while.
        let places = image.blobs.iter().map(|blob| self.place(blob)).collect::<Result<Vec<_>, _>>()?;
        for (blob, place) in image.blobs.iter().zip(places) {
            check_digest(blob, &self.digest(place)?)?;
        }
        Ok(image)
    }

    /// Where a blob is, which has the size that it should have.
    ///
    /// # Errors
    ///
    /// When it is not there, or of another size.
    pub fn place(&self, blob: &Blob) -> Result<Place, Unusable> {
        let place = self.blobs.get(&blob.digest);
        let place = place.ok_or_else(|| refused(format!("the blob `{}` is not in the archive", blob.digest)))?;
        if place.length == blob.size {
            return Ok(*place);
        }
        let (found, said) = (place.length, blob.size);
        Err(refused(format!("the blob `{}` has {found} bytes, and is said to have {said}", blob.digest)))
    }

    /// A document, which is not longer than one may be.
    fn document(&self, place: Option<Place>, name: &str) -> Result<Vec<u8>, Unusable> {
        let place = place.ok_or_else(|| refused(format!("the archive has no `{name}`: it is no image layout")))?;
        if place.length > LARGEST_MANIFEST {
            return Err(refused(format!("`{name}` has {} bytes; {LARGEST_MANIFEST} are taken", place.length)));
        }
        self.bytes(place)
    }

    fn bytes(&self, place: Place) -> Result<Vec<u8>, Unusable> {
        let mut bytes = vec![0; usize::try_from(place.length).unwrap_or_default()];
        self.file.read_exact_at(&mut bytes, place.start).map_err(|why| self.local(why))?;
        Ok(bytes)
    }

    fn digest(&self, place: Place) -> Result<String, Unusable> {
        let (mut context, mut piece) = (Context::new(&SHA256), vec![0; PIECE]);
        let (mut at, end) = (place.start, place.start + place.length);
        while at < end {
            let most = usize::try_from(end - at).unwrap_or(PIECE).min(PIECE);
            self.file.read_exact_at(&mut piece[..most], at).map_err(|why| self.local(why))?;
            context.update(&piece[..most]);
            at += most as u64;
        }
        Ok(shown(context))
    }

    fn local(&self, source: io::Error) -> Unusable {
        Unusable::Local { path: self.path.clone(), source }
    }
}

/// The name of a file, without what says nothing: `./` before it, and `/` after that of a directory.
fn name(raw: &[u8]) -> Result<String, Unusable> {
    let shown = || quoted(&String::from_utf8_lossy(raw));
    let text = std::str::from_utf8(raw).map_err(|_| refused(format!("the name {} is no UTF-8", shown())))?;
    if text.starts_with('/') {
        return Err(refused(format!("{} is an absolute path", shown())));
    }
    let name = text.strip_prefix("./").unwrap_or(text);
    let name = name.strip_suffix('/').unwrap_or(name);
    let is_odd = |component: &str| matches!(component, "" | "." | "..");
    if !matches!(text, "./" | ".") && name.split('/').any(is_odd) {
        return Err(refused(format!("{} is no path in a layout", shown())));
    }
    Ok(name.to_owned())
}

/// What says more of the next file may say its times and owner, and nothing that matters here.
/// <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html>
fn check_extension(entry: &mut Entry<'_, File>) -> Result<(), Unusable> {
    if entry.size() > LARGEST_EXTENSION {
        return Err(refused("the archive has an extended header that is too long"));
    }
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes).map_err(broken)?;
    for record in tar::PaxExtensions::new(&bytes) {
        let record = record.map_err(broken)?;
        let key = String::from_utf8_lossy(record.key_bytes());
        if CHANGED.iter().any(|changed| key.starts_with(changed)) {
            return Err(refused(format!("the archive has an extended header with {}", quoted(&key))));
        }
    }
    Ok(())
}

fn check_digest(blob: &Blob, found: &str) -> Result<(), Unusable> {
    if blob.digest.as_str() == found {
        return Ok(());
    }
    Err(refused(format!("the blob `{}` has the digest `{found}`", blob.digest)))
}

fn digest(bytes: &[u8]) -> String {
    let mut context = Context::new(&SHA256);
    context.update(bytes);
    shown(context)
}

/// A digest by sha256, as images write it.
pub(in crate::effects) fn shown(context: Context) -> String {
    format!("sha256:{}", hexadecimal(context.finish().as_ref()))
}

fn refused(message: impl Into<String>) -> Unusable {
    Unusable::Refused(message.into())
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn broken(why: io::Error) -> Unusable {
    refused(format!("the archive can not be read: {}", quoted(&why.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_what_is_below_the_archive() {
        let table = [
            ("index.json", Some("index.json")),
            ("./index.json", Some("index.json")),
            ("blobs/sha256/", Some("blobs/sha256")),
            ("./", Some("")),
            ("/index.json", None),
            ("//index.json", None),
            ("./../x", None),
            ("a/./b", None),
            ("a/..", None),
            ("..", None),
            ("", None),
            ("a//", None),
        ];
        for (raw, expected) in table {
            assert_eq!(name(raw.as_bytes()).ok().as_deref(), expected, "{raw}");
        }
        assert!(name(b"a\xff\n").unwrap_err().to_string().ends_with("`a\u{fffd}\\n` is no UTF-8"));
    }
}
