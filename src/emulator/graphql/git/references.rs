//! Refs, and what they point to at the moment.

use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::super::connection::{Connection, Key};
use super::super::execute::{Arguments, FieldError, Object, Resolved, broken, required};
use super::Place;

/// Where a repository's node identifier ends and the name of a ref begins.
const SEPARATOR: char = ':';

impl Place {
    /// The ref of this name: a whole one such as `refs/heads/main` first, else a short one such as `main`.
    pub(in super::super) fn reference(&self, name: &str) -> Result<Resolved, FieldError> {
        let git = self.git()?;
        let found = git.find_reference(name).or_else(|_| git.resolve_reference_from_short_name(name));
        let found = found.ok().and_then(|found| found.name().ok().map(str::to_owned));
        // `HEAD` and its like are no refs of GitHub's.
        Ok(self.reference_or_null(found.filter(|name| name.starts_with("refs/"))))
    }

    /// The branch that `HEAD` names, if it is there.
    pub(in super::super) fn default_branch(&self) -> Result<Resolved, FieldError> {
        let git = self.git()?;
        let found = git.head().ok().and_then(|head| head.name().ok().map(str::to_owned));
        Ok(self.reference_or_null(found))
    }

    /// The refs below `refPrefix` by name. Understands `query`, and the direction of `orderBy`.
    pub(in super::super) fn references(&self, arguments: &Arguments) -> Result<Resolved, FieldError> {
        let (git, prefix) = (self.git()?, required(arguments, "refPrefix")?);
        let mut found = git.references().map_err(|error| broken(&error))?;
        let wanted = |name: &&str| {
            let below = name.strip_prefix(prefix);
            below.is_some_and(|below| arguments.text("query").is_none_or(|query| below.contains(query)))
        };
        let mut names: Vec<String> = found.names().filter_map(Result::ok).filter(wanted).map(str::to_owned).collect();
        names.sort();
        if arguments.is_descending() {
            names.reverse();
        }
        let items = names.into_iter().map(|name| (Key::Name(name.clone()), name)).collect();
        let node = |name| -> Rc<dyn Object> { Rc::new(ReferenceNode::new(self.clone(), name)) };
        Connection::page("refs", "Ref", items, node, arguments)
    }

    /// Whether there is nothing that could be cloned.
    pub(in super::super) fn is_empty(&self) -> Result<bool, FieldError> {
        let git = self.git()?;
        let mut references = git.references().map_err(|error| broken(&error))?;
        Ok(references.next().is_none())
    }

    fn reference_or_null(&self, name: Option<String>) -> Resolved {
        name.map_or_else(Resolved::null, |name| Resolved::object(ReferenceNode::new(self.clone(), name)))
    }
}

/// A ref, by its whole name.
pub(in super::super) struct ReferenceNode {
    place: Place,
    name: String,
}

impl ReferenceNode {
    pub(in super::super) fn new(place: Place, name: String) -> Self {
        Self { place, name }
    }

    /// The repository's node identifier and the ref's whole name that a ref's node identifier is made of.
    pub(in super::super) fn parts(id: &str) -> Option<(String, String)> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id.strip_prefix("REF_")?).ok()?).ok()?;
        let (repository, name) = text.split_once(SEPARATOR)?;
        Some((repository.to_owned(), name.to_owned()))
    }

    /// `refs/heads/` and `main`.
    fn split(&self) -> (&str, &str) {
        let end = ["refs/heads/", "refs/tags/"].into_iter().find(|prefix| self.name.starts_with(prefix));
        self.name.split_at(end.unwrap_or("refs/").len())
    }

    fn target(&self) -> Result<Resolved, FieldError> {
        let git = self.place.git()?;
        let found = git.find_reference(&self.name).and_then(|found| found.peel(git2::ObjectType::Any));
        found.map_or_else(|_| Ok(Resolved::null()), |found| self.place.object(found.id(), b""))
    }
}

impl Object for ReferenceNode {
    fn type_name(&self) -> &'static str {
        "Ref"
    }

    fn is(&self, type_name: &str) -> bool {
        matches!(type_name, "Ref" | "Node")
    }

    fn field(&self, name: &str, _: &Arguments) -> Result<Resolved, FieldError> {
        Ok(match name {
            "id" => {
                let text = format!("{}{SEPARATOR}{}", self.place.repository.node_id, self.name);
                Resolved::value(format!("REF_{}", URL_SAFE_NO_PAD.encode(text)))
            }
            "name" => Resolved::value(self.split().1),
            "prefix" => Resolved::value(self.split().0),
            "target" => self.target()?,
            "repository" => self.place.repository(),
            _ => return Err(FieldError::Unknown),
        })
    }
}
