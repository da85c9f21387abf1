//! Lists that are read page by page.

use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::execute::{Arguments, FieldError, Object, Resolved};

/// The most that GitHub gives at once.
const LARGEST_PAGE: i64 = 100;
const CURSOR_PREFIX: &str = "cursor:v2:";
const NAME_PREFIX: &str = "name:";

/// What tells one thing of a list from the others, and stays its own while they come and go. Keys only grow along a
/// list, or only shrink.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub(super) enum Key {
    Number(u64),
    Name(String),
}

/// One thing of a page.
#[derive(Clone)]
struct Item {
    key: Key,
    object: Rc<dyn Object>,
}

/// A page of a list.
pub(super) struct Connection {
    type_name: String,
    total: usize,
    page: Vec<Item>,
    has_previous: bool,
    has_next: bool,
}

impl Connection {
    /// The page that `first`, `after`, `last` and `before` ask for. Only what is on it becomes an object.
    pub(super) fn page<T>(
        field: &str,
        type_name: &str,
        items: Vec<(Key, T)>,
        object: impl Fn(T) -> Rc<dyn Object>,
        arguments: &Arguments,
    ) -> Result<Resolved, FieldError> {
        let (first, last) = (bound(field, "first", arguments)?, bound(field, "last", arguments)?);
        if first.is_none() && last.is_none() {
            let message =
                format!("You must provide a `first` or `last` value to properly paginate the `{field}` connection.");
            return Err(FieldError::Failed { kind: "MISSING_PAGINATION_BOUNDARIES", message });
        }
        let total = items.len();
        let mut start = position(&items, arguments.text("after"))?.map_or(0, |index| index + 1);
        let mut end = position(&items, arguments.text("before"))?.unwrap_or(total).max(start);
        if let Some(first) = first {
            end = end.min(start + first);
        }
        if let Some(last) = last {
            start = start.max(end.saturating_sub(last));
        }
        let page = items.into_iter().skip(start).take(end - start);
        let page = page.map(|(key, item)| Item { key, object: object(item) }).collect();
        let type_name = format!("{type_name}Connection");
        Ok(Resolved::object(Self { type_name, total, page, has_previous: start > 0, has_next: end < total }))
    }

    fn list(&self, one: impl Fn(&Item) -> Rc<dyn Object>) -> Resolved {
        Resolved::List(self.page.iter().map(|item| Resolved::Object(one(item))).collect())
    }
}

impl Object for Connection {
    fn type_name(&self) -> &str {
        &self.type_name
    }

    fn field(&self, name: &str, _: &Arguments) -> Result<Resolved, FieldError> {
        Ok(match name {
            "totalCount" => Resolved::value(self.total),
            "nodes" => self.list(|item| Rc::clone(&item.object)),
            "edges" => self.list(|item| Rc::new(Edge(item.clone()))),
            "pageInfo" => Resolved::object(PageInfo {
                start: self.page.first().map(|item| cursor(&item.key)),
                end: self.page.last().map(|item| cursor(&item.key)),
                has_previous: self.has_previous,
                has_next: self.has_next,
            }),
            _ => return Err(FieldError::Unknown),
        })
    }
}

struct Edge(Item);

impl Object for Edge {
    fn type_name(&self) -> &'static str {
        "Edge"
    }

    fn field(&self, name: &str, _: &Arguments) -> Result<Resolved, FieldError> {
        Ok(match name {
            "cursor" => Resolved::value(cursor(&self.0.key)),
            "node" => Resolved::Object(Rc::clone(&self.0.object)),
            _ => return Err(FieldError::Unknown),
        })
    }
}

struct PageInfo {
    start: Option<String>,
    end: Option<String>,
    has_previous: bool,
    has_next: bool,
}

impl Object for PageInfo {
    fn type_name(&self) -> &'static str {
        "PageInfo"
    }

    fn field(&self, name: &str, _: &Arguments) -> Result<Resolved, FieldError> {
        Ok(match name {
            "startCursor" => Resolved::value(self.start.clone()),
            "endCursor" => Resolved::value(self.end.clone()),
            "hasPreviousPage" => Resolved::value(self.has_previous),
            "hasNextPage" => Resolved::value(self.has_next),
            _ => return Err(FieldError::Unknown),
        })
    }
}

fn bound(field: &str, name: &str, arguments: &Arguments) -> Result<Option<usize>, FieldError> {
    let Some(wanted) = arguments.integer(name) else {
        return Ok(None);
    };
    if wanted > LARGEST_PAGE {
        let message = format!(
            "Requesting {wanted} records on the `{field}` connection exceeds the `{name}` limit of {LARGEST_PAGE} records."
        );
        return Err(FieldError::Failed { kind: "EXCESSIVE_PAGINATION", message });
    }
    let negative = |_| FieldError::Failed {
        kind: "INVALID_PAGINATION_BOUNDARIES",
        message: format!("`{name}` on the `{field}` connection cannot be less than zero."),
    };
    usize::try_from(wanted).map(Some).map_err(negative)
}

/// Where the item of a cursor is. An item that is gone is looked for by its neighbours.
fn position<T>(items: &[(Key, T)], cursor: Option<&str>) -> Result<Option<usize>, FieldError> {
    let Some(cursor) = cursor else {
        return Ok(None);
    };
    let key = key(cursor).ok_or_else(|| FieldError::Failed {
        kind: "INVALID_CURSOR_ARGUMENTS",
        message: format!("`{cursor}` does not appear to be a valid cursor."),
    })?;
    if let Some(index) = items.iter().position(|(known, _)| *known == key) {
        return Ok(Some(index));
    }
    let grows = items.first().map(|(key, _)| key) <= items.last().map(|(key, _)| key);
    let before = items.iter().take_while(|(known, _)| (*known < key) == grows).count();
    Ok(before.checked_sub(1))
}

fn cursor(key: &Key) -> String {
    STANDARD.encode(match key {
        Key::Number(number) => format!("{CURSOR_PREFIX}{number}"),
        Key::Name(name) => format!("{CURSOR_PREFIX}{NAME_PREFIX}{name}"),
    })
}

fn key(cursor: &str) -> Option<Key> {
    let text = String::from_utf8(STANDARD.decode(cursor).ok()?).ok()?;
    let text = text.strip_prefix(CURSOR_PREFIX)?;
    match text.strip_prefix(NAME_PREFIX) {
        Some(name) => Some(Key::Name(name.to_owned())),
        None => text.parse().ok().map(Key::Number),
    }
}
