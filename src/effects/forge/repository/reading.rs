//! GitHub's objects as what is known of a commit.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

use super::known::{File, Known, Listing, Node, Text};
use super::questions::{Ask, aliases};
use crate::domain::path::RepoPath;
use crate::ports::EntryKind;

/// The tip of a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tip {
    /// The branch, without `refs/heads/`.
    pub(super) branch: String,
    /// The commit.
    pub(super) oid: String,
}

/// The tip under that name in an answer; nothing when there is no such branch.
pub(super) fn tip(repository: &Value, key: &str) -> Option<Tip> {
    let text = |pointer| repository.get(key)?.pointer(pointer)?.as_str().map(str::to_owned);
    Some(Tip { branch: text("/name")?, oid: text("/target/oid")? })
}

/// Adds what an answer tells of everything that was asked for.
pub(super) fn learn(known: &mut Known, repository: &mut Value, asks: &[Ask]) -> Result<(), String> {
    // The kinds first: an object alone does not tell a symbolic link from a file.
    for (index, ask) in asks.iter().enumerate().filter(|(_, ask)| ask.with_kind) {
        let (_, alias) = aliases(index);
        let kind = ["/first/target", "/commit"].iter().find_map(|place| repository.pointer(place)?.get(&alias));
        if let Some(kind) = kind.filter(|kind| !kind.is_null()) {
            let entry = Entry::deserialize(kind).map_err(|why| why.to_string())?;
            known.learn(&ask.path, entry.node());
        }
    }
    for (index, ask) in asks.iter().enumerate() {
        let told = repository.get_mut(aliases(index).0).map(Value::take);
        let told = told.ok_or_else(|| format!("nothing is told of `{}`", ask.path))?;
        match Option::<Object>::deserialize(told).map_err(|why| why.to_string())? {
            Some(object) => learn_object(known, &ask.path, object)?,
            None => known.learn(&ask.path, Node::Absent),
        }
    }
    Ok(())
}

fn learn_object(known: &mut Known, path: &RepoPath, object: Object) -> Result<(), String> {
    match object.type_name.as_deref() {
        Some("Blob") => {
            let text = object.text();
            known.learn(path, Node::File(File { oid: object.oid.unwrap_or_default(), is_executable: false, text }));
        }
        Some("Tree") => learn_directory(known, path, object.oid, object.entries)?,
        Some("Commit") => known.learn(path, Node::Submodule),
        other => return Err(format!("`{path}` is {}", other.unwrap_or("of no type"))),
    }
    Ok(())
}

/// Adds a directory, and what is told of what is in it.
fn learn_directory(
    known: &mut Known,
    path: &RepoPath,
    oid: Option<String>,
    entries: Option<Vec<Entry>>,
) -> Result<(), String> {
    let Some(entries) = entries else {
        known.learn(path, Node::Directory(None));
        known.learn_directory_id(path, oid);
        return Ok(());
    };
    let mut listing = Listing { names: Vec::new(), has_nameless: false };
    for mut entry in entries {
        let Some(name) = entry.name() else {
            listing.has_nameless = true;
            continue;
        };
        let below = path.join(&name);
        listing.names.push((name, entry.kind()));
        known.learn(&below, entry.node());
        if entry.kind() == EntryKind::Directory {
            let nested = entry.object.take().and_then(|object| object.entries);
            learn_directory(known, &below, Some(entry.oid), nested)?;
        }
    }
    known.learn(path, Node::Directory(Some(listing)));
    known.learn_directory_id(path, oid);
    Ok(())
}

/// A blob, a tree or a commit, as far as it was asked for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    #[serde(rename = "__typename")]
    type_name: Option<String>,
    oid: Option<String>,
    byte_size: Option<usize>,
    is_binary: Option<bool>,
    is_truncated: Option<bool>,
    text: Option<String>,
    entries: Option<Vec<Entry>>,
}

impl Object {
    /// The text of a blob. What is not told whole, or not told as it is, has to be read in another way.
    fn text(&self) -> Text {
        let Some(size) = self.byte_size else { return Text::Unread };
        match &self.text {
            _ if self.is_binary == Some(true) => Text::Other,
            Some(text) if self.is_truncated == Some(false) && text.len() == size && !text.contains('\u{fffd}') => {
                Text::Is(text.clone())
            }
            _ => Text::Withheld,
        }
    }
}

/// An entry of a tree.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    name: Option<String>,
    name_raw: Option<String>,
    mode: u32,
    #[serde(rename = "type")]
    of_type: String,
    oid: String,
    object: Option<Object>,
}

/// The modes that Git writes into trees.
const EXECUTABLE: u32 = 0o100_755;
const SYMLINK: u32 = 0o120_000;

impl Entry {
    /// Its name; nothing when that is not UTF-8.
    fn name(&self) -> Option<String> {
        match &self.name_raw {
            Some(raw) => String::from_utf8(decoded(raw)?).ok(),
            None => self.name.clone(),
        }
    }

    fn kind(&self) -> EntryKind {
        match self.of_type.as_str() {
            "tree" => EntryKind::Directory,
            "commit" => EntryKind::Submodule,
            _ if self.mode == SYMLINK => EntryKind::Symlink,
            _ => EntryKind::File,
        }
    }

    fn node(&self) -> Node {
        match self.kind() {
            EntryKind::Directory => Node::Directory(None),
            EntryKind::Submodule => Node::Submodule,
            EntryKind::Symlink => Node::Symlink,
            EntryKind::File => Node::File(File {
                oid: self.oid.clone(),
                is_executable: self.mode == EXECUTABLE,
                text: self.object.as_ref().map_or(Text::Unread, Object::text),
            }),
        }
    }
}

/// The content of a blob as REST tells it.
pub(super) fn blob(value: &Value) -> Result<Vec<u8>, String> {
    let content = value.get("content").and_then(Value::as_str).ok_or("it holds no content")?;
    match value.get("encoding").and_then(Value::as_str) {
        Some("base64") => Ok(decoded(content).ok_or("its content is not the base64 that it is said to be")?),
        Some("utf-8") => Ok(content.as_bytes().to_vec()),
        other => Err(format!("its content is encoded as `{}`", other.unwrap_or_default())),
    }
}

/// The bytes of a base64 text, which GitHub breaks into lines.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests;
