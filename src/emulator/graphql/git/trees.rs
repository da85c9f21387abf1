//! Trees, and what is in them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use git2::{Oid, TreeEntry};

use super::super::execute::{Arguments, FieldError, Object, Resolved, broken};
use super::Place;

/// The modes of entries that are no files (`gitformat-index(5)`).
const FOLDER: i32 = 0o040_000;
const SUBMODULE: i32 = 0o160_000;

/// A tree, and where it was found.
pub(super) struct TreeNode {
    place: Place,
    oid: Oid,
    /// Without a slash at either end; empty for the top.
    path: Vec<u8>,
}

impl TreeNode {
    pub(super) fn new(place: Place, oid: Oid, path: &[u8]) -> Self {
        Self { place, oid, path: path.to_vec() }
    }

    /// In git's order.
    fn entries(&self) -> Result<Resolved, FieldError> {
        let git = self.place.git()?;
        let tree = git.find_tree(self.oid).map_err(|error| broken(&error))?;
        let entry = |entry: TreeEntry| {
            let above = if self.path.is_empty() { Vec::new() } else { [&self.path, b"/".as_slice()].concat() };
            let path = [&above, entry.name_bytes()].concat();
            Resolved::object(EntryNode::new(&self.place, path, &entry))
        };
        Ok(Resolved::List(tree.iter().map(entry).collect()))
    }
}

impl Object for TreeNode {
    fn type_name(&self) -> &'static str {
        "Tree"
    }

    fn is(&self, type_name: &str) -> bool {
        matches!(type_name, "Tree" | "Node" | "GitObject")
    }

    fn field(&self, name: &str, _: &Arguments) -> Result<Resolved, FieldError> {
        if name == "entries" { self.entries() } else { self.place.field_of_object('T', &self.oid.to_string(), name) }
    }
}

/// A file, a symlink, a folder or a submodule, as the tree above it has it.
pub(super) struct EntryNode {
    place: Place,
    path: Vec<u8>,
    oid: Oid,
    mode: i32,
}

impl EntryNode {
    pub(super) fn new(place: &Place, path: Vec<u8>, entry: &TreeEntry) -> Self {
        Self { place: place.clone(), path, oid: entry.id(), mode: entry.filemode() }
    }

    fn name(&self) -> &[u8] {
        self.path.rsplit(|byte| *byte == b'/').next().unwrap_or_default()
    }

    fn kind(&self) -> &'static str {
        match self.mode {
            FOLDER => "tree",
            SUBMODULE => "commit",
            _ => "blob",
        }
    }

    /// What follows the last dot, with the dot.
    fn extension(&self) -> String {
        let name = String::from_utf8_lossy(self.name()).into_owned();
        name.rfind('.').map_or_else(String::new, |dot| name[dot..].to_owned())
    }
}

impl Object for EntryNode {
    fn type_name(&self) -> &'static str {
        "TreeEntry"
    }

    fn field(&self, name: &str, _: &Arguments) -> Result<Resolved, FieldError> {
        Ok(match name {
            // What is no UTF-8 in a name is replaced; whoever needs the name takes `nameRaw`.
            "name" => Resolved::value(String::from_utf8_lossy(self.name())),
            "nameRaw" => Resolved::value(STANDARD.encode(self.name())),
            "path" => Resolved::value(String::from_utf8_lossy(&self.path)),
            "pathRaw" => Resolved::value(STANDARD.encode(&self.path)),
            "extension" => Resolved::value(self.extension()),
            // Git's octal number, read as a number: 33188 is 100644.
            "mode" => Resolved::value(self.mode),
            "type" => Resolved::value(self.kind()),
            "oid" => Resolved::value(self.oid.to_string()),
            "size" if self.kind() == "blob" => Resolved::value(self.place.size(self.oid)?),
            "size" => Resolved::value(0),
            "isGenerated" => Resolved::value(false),
            "language" => Resolved::null(),
            // The commit of a submodule is in another repository, even if it happens to be in this one.
            "object" if self.mode == SUBMODULE => Resolved::null(),
            "object" => self.place.object(self.oid, &self.path)?,
            "repository" => self.place.repository(),
            _ => return Err(FieldError::Unknown),
        })
    }
}
