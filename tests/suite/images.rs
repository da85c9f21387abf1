//! Images as builds leave them: layouts in tar archives, in zip archives, made by hand so that they can be wrong.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde_json::{Value, json};
use tar::{Builder, EntryType, Header};

pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub(crate) const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// The artifact of an image of one layer, told from others by `content`: a zip archive with one file.
pub(crate) fn artifact(member: &str, content: &str) -> Vec<u8> {
    zip(member, &Layout::of_one_image(content).tar())
}

/// The digest of bytes.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    let digits: Vec<_> = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{}", digits.concat())
}

/// An image layout, whose files are written in the order in which they were put into it.
#[derive(Default)]
pub(crate) struct Layout {
    pub(crate) files: Vec<(String, Vec<u8>)>,
}

impl Layout {
    /// As `docker save` has it: one image, with what older versions of docker read.
    pub(crate) fn of_one_image(content: &str) -> Self {
        let mut layout = Self::default();
        let image = layout.image(&[content.as_bytes()]);
        layout.root(&[image]);
        layout.files.push(("manifest.json".to_owned(), b"[]".to_vec()));
        layout.files.push(("repositories".to_owned(), b"{}".to_vec()));
        layout
    }

    /// Adds a blob, once, and returns its descriptor.
    pub(crate) fn blob(&mut self, kind: &str, bytes: &[u8]) -> Value {
        let digest = sha256(bytes);
        let name = format!("blobs/sha256/{}", digest.trim_start_matches("sha256:"));
        if !self.files.iter().any(|(there, _)| *there == name) {
            self.files.push((name, bytes.to_vec()));
        }
        json!({"mediaType": kind, "digest": digest, "size": bytes.len()})
    }

    /// Adds an image of these layers.
    pub(crate) fn image(&mut self, layers: &[&[u8]]) -> Value {
        let layers: Vec<_> = layers.iter().map(|layer| self.blob(LAYER, layer)).collect();
        self.image_of(&layers)
    }

    /// Adds an image of layers that are described so, whatever is there.
    pub(crate) fn image_of(&mut self, layers: &[Value]) -> Value {
        let config = json!({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}});
        let config = self.blob(CONFIG, config.to_string().as_bytes());
        let manifest = json!({"schemaVersion": 2, "mediaType": IMAGE, "config": config, "layers": layers});
        self.blob(IMAGE, manifest.to_string().as_bytes())
    }

    /// Adds an index of images for `amd64` and `arm64`.
    pub(crate) fn index(&mut self, images: &[Value]) -> Value {
        let platforms = ["amd64", "arm64"].into_iter().zip(images).map(|(architecture, image)| {
            let mut image = image.clone();
            image["platform"] = json!({"os": "linux", "architecture": architecture});
            image
        });
        let manifests: Vec<_> = platforms.collect();
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests});
        self.blob(INDEX, index.to_string().as_bytes())
    }

    /// Says what the images are.
    pub(crate) fn root(&mut self, images: &[Value]) {
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": images});
        self.files.push(("index.json".to_owned(), index.to_string().into_bytes()));
        self.files.push(("oci-layout".to_owned(), br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec()));
    }

    /// The archive.
    pub(crate) fn tar(&self) -> Vec<u8> {
        self.tar_with(|_| {})
    }

    /// The archive, with something more.
    pub(crate) fn tar_with(&self, more: impl FnOnce(&mut Builder<Vec<u8>>)) -> Vec<u8> {
        let mut builder = Builder::new(Vec::new());
        entry(&mut builder, "blobs/", EntryType::Directory, b"");
        entry(&mut builder, "blobs/sha256/", EntryType::Directory, b"");
        for (name, bytes) in &self.files {
            entry(&mut builder, name, EntryType::Regular, bytes);
        }
        more(&mut builder);
        builder.into_inner().unwrap()
    }
}

/// Adds an entry of any name and kind; a link leads to `/etc/passwd`.
pub(crate) fn entry(builder: &mut Builder<Vec<u8>>, name: impl AsRef<[u8]>, kind: EntryType, bytes: &[u8]) {
    let mut header = Header::new_ustar();
    let name = name.as_ref();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name);
    header.set_entry_type(kind);
    if kind.is_symlink() || kind.is_hard_link() {
        header.set_link_name("/etc/passwd").unwrap();
    }
    header.set_mode(0o644);
    header.set_size(bytes.len() as u64);
    header.set_cksum();
    builder.append(&header, bytes).unwrap();
}

/// A zip archive of one file, as `actions/upload-artifact` makes it.
pub(crate) fn zip(member: &str, content: &[u8]) -> Vec<u8> {
    Zip::default().of(&[Packed { name: member, content, ..Packed::default() }])
}

/// How an archive is written.
#[derive(Default, Clone, Copy)]
pub(crate) struct Zip {
    /// With the fields for large archives.
    pub(crate) is_large: bool,
    /// How many files it claims to hold.
    pub(crate) count: Option<u64>,
}

/// A file in an archive.
#[derive(Clone, Copy)]
pub(crate) struct Packed<'a> {
    pub(crate) name: &'a str,
    pub(crate) content: &'a [u8],
    pub(crate) is_stored: bool,
    pub(crate) flags: u16,
    pub(crate) attributes: u32,
    /// Its size and sum as the headers tell them.
    pub(crate) told: Option<(u64, u32)>,
}

impl Default for Packed<'_> {
    fn default() -> Self {
        let attributes = 0o100_644 << 16;
        Self { name: "", content: b"", is_stored: false, flags: 0, attributes, told: None }
    }
}

impl Zip {
    pub(crate) fn of(self, files: &[Packed<'_>]) -> Vec<u8> {
        let (mut out, mut directory) = (Vec::new(), Vec::new());
        for file in files {
            let place = out.len() as u64;
            let packed = file.packed();
            let mut sum = flate2::Crc::new();
            sum.update(file.content);
            let (size, sum) = file.told.unwrap_or((file.content.len() as u64, sum.sum()));
            // The sizes follow the file, as of one that was written as it came.
            out.extend(b"PK\x03\x04");
            numbers(&mut out, &[(45, 2), (u64::from(file.flags) | 8, 2), (file.method(), 2), (0, 4), (0, 12)]);
            numbers(&mut out, &[(file.name.len() as u64, 2), (0, 2)]);
            out.extend(file.name.bytes());
            out.extend(&packed);
            out.extend(b"PK\x07\x08");
            let width = if self.is_large { 8 } else { 4 };
            numbers(&mut out, &[(u64::from(sum), 4), (packed.len() as u64, width), (size, width)]);
            self.describe(&mut directory, file, [size, packed.len() as u64, place], sum);
        }
        let start = out.len() as u64;
        out.extend(&directory);
        self.end(&mut out, start, directory.len() as u64, files.len() as u64);
        out
    }

    fn describe(self, directory: &mut Vec<u8>, file: &Packed<'_>, large: [u64; 3], sum: u32) {
        let [size, packed, place] = large.map(|value| if self.is_large { 0xffff_ffff } else { value });
        directory.extend(b"PK\x01\x02");
        let flags = u64::from(file.flags) | 8;
        numbers(directory, &[(0x032d, 2), (45, 2), (flags, 2), (file.method(), 2), (0, 4), (u64::from(sum), 4)]);
        numbers(directory, &[(packed, 4), (size, 4), (file.name.len() as u64, 2)]);
        numbers(directory, &[(if self.is_large { 28 } else { 0 }, 2), (0, 2), (0, 2), (0, 2)]);
        numbers(directory, &[(u64::from(file.attributes), 4), (place, 4)]);
        directory.extend(file.name.bytes());
        if self.is_large {
            numbers(directory, &[(1, 2), (24, 2), (large[0], 8), (large[1], 8), (large[2], 8)]);
        }
    }

    fn end(self, out: &mut Vec<u8>, start: u64, length: u64, count: u64) {
        let (place, count) = (out.len() as u64, self.count.unwrap_or(count));
        if self.is_large {
            out.extend(b"PK\x06\x06");
            numbers(out, &[(44, 8), (45, 2), (45, 2), (0, 4), (0, 4), (count, 8), (count, 8), (length, 8), (start, 8)]);
            out.extend(b"PK\x06\x07");
            numbers(out, &[(0, 4), (place, 8), (1, 4)]);
        }
        out.extend(b"PK\x05\x06");
        let small = |value: u64, most: u64| if self.is_large { most } else { value };
        let count = small(count, 0xffff);
        numbers(out, &[(0, 2), (0, 2), (count, 2), (count, 2)]);
        numbers(out, &[(small(length, 0xffff_ffff), 4), (small(start, 0xffff_ffff), 4), (0, 2)]);
    }
}

impl Packed<'_> {
    fn method(&self) -> u64 {
        if self.is_stored { 0 } else { 8 }
    }

    fn packed(&self) -> Vec<u8> {
        if self.is_stored {
            return self.content.to_vec();
        }
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(self.content).unwrap();
        encoder.finish().unwrap()
    }
}

/// Writes numbers of so many bytes, the lowest first.
fn numbers(out: &mut Vec<u8>, values: &[(u64, usize)]) {
    for (value, width) in values {
        let mut bytes = value.to_le_bytes().to_vec();
        bytes.resize(*width, 0);
        out.extend(bytes);
    }
}
