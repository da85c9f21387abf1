//! Blobs, as far as GraphQL shows what is in them.

use std::cell::OnceCell;

use git2::Oid;

use super::super::execute::{Arguments, FieldError, Object, Resolved, broken};
use super::Place;

/// The most bytes of a text that GitHub gives; measured, not documented: <https://github.com/sveltia/sveltia-cms/issues/950>.
const LONGEST_TEXT: usize = 512_000;
/// Where git looks for a NUL to tell a binary (`buffer_is_binary` in its `xdiff-interface.c`).
const LOOKED_AT: usize = 8_000;

/// A blob.
pub(super) struct BlobNode {
    place: Place,
    oid: Oid,
    text: OnceCell<Option<String>>,
}

impl BlobNode {
    pub(super) fn new(place: Place, oid: Oid) -> Self {
        Self { place, oid, text: OnceCell::new() }
    }

    /// The text, if it is one: cut where it is too long, and with what is no UTF-8 replaced, where GitHub guesses an
    /// encoding. Read once, however many fields ask for it.
    fn text(&self) -> Result<&Option<String>, FieldError> {
        if let Some(text) = self.text.get() {
            return Ok(text);
        }
        let git = self.place.git()?;
        let blob = git.find_blob(self.oid).map_err(|error| broken(&error))?;
        let content = blob.content();
        let is_binary = content.iter().take(LOOKED_AT).any(|byte| *byte == 0);
        let shown = &content[..content.len().min(LONGEST_TEXT)];
        Ok(self.text.get_or_init(|| (!is_binary).then(|| String::from_utf8_lossy(shown).into_owned())))
    }
}

impl Object for BlobNode {
    fn type_name(&self) -> &'static str {
        "Blob"
    }

    fn is(&self, type_name: &str) -> bool {
        matches!(type_name, "Blob" | "Node" | "GitObject")
    }

    fn field(&self, name: &str, _: &Arguments) -> Result<Resolved, FieldError> {
        Ok(match name {
            "byteSize" => Resolved::value(self.place.size(self.oid)?),
            "isTruncated" => Resolved::value(self.place.size(self.oid)? > LONGEST_TEXT),
            "isBinary" => Resolved::value(self.text()?.is_none()),
            "text" => Resolved::value(self.text()?.clone()),
            _ => return self.place.field_of_object('B', &self.oid.to_string(), name),
        })
    }
}
