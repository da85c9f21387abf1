//! Where things stand in a YAML file: what a message about them names.

use serde_saphyr::granit_parser::{Event, Marker, Parser, StrInput};

/// A line and a column, both counted from 1, the column in characters.
pub type Place = (usize, usize);

type Events<'text> = Parser<'text, StrInput<'text>>;

/// A file as nothing but places.
#[derive(Debug)]
pub struct Places {
    top: Node,
}

#[derive(Debug)]
struct Node {
    place: Place,
    children: Children,
}

#[derive(Debug)]
enum Children {
    None,
    List(Vec<Node>),
    Map(Vec<(String, Place, Node)>),
}

impl Places {
    /// Finds the places of the first document; nothing when the text is not YAML or says nothing.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut parser = Parser::new_from_str(text);
        loop {
            let (event, span) = parser.next()?.ok()?;
            if let Some(top) = Node::read(&event, span.start, &mut parser) {
                return Some(Self { top });
            }
        }
    }

    /// Where the value stands to which these keys, and indices of lists, lead.
    #[must_use]
    pub fn of_value(&self, path: &[impl AsRef<str>]) -> Option<Place> {
        let node = path.iter().try_fold(&self.top, |node, step| node.child(step.as_ref()).map(|(_, child)| child))?;
        Some(node.place)
    }

    /// Where the last of these keys stands; for an index of a list, the item.
    #[must_use]
    pub fn of_key(&self, path: &[impl AsRef<str>]) -> Option<Place> {
        let (last, above) = path.split_last()?;
        let node = above.iter().try_fold(&self.top, |node, step| node.child(step.as_ref()).map(|(_, child)| child))?;
        node.child(last.as_ref()).map(|(place, _)| place)
    }
}

impl Node {
    /// Reads the node that begins with `event`; nothing when no node begins with it.
    fn read(event: &Event<'_>, start: Marker, events: &mut Events<'_>) -> Option<Self> {
        let place = (start.line(), start.col() + 1);
        let children = match event {
            Event::Scalar(..) | Event::Alias(..) => Children::None,
            Event::SequenceStart(..) => Children::List(Self::read_list(events)),
            Event::MappingStart(..) => Children::Map(Self::read_map(events)),
            _ => return None,
        };
        Some(Self { place, children })
    }

    fn read_list(events: &mut Events<'_>) -> Vec<Self> {
        let mut items = Vec::new();
        while let Some(Ok((event, span))) = events.next() {
            if matches!(event, Event::SequenceEnd) {
                break;
            }
            items.extend(Self::read(&event, span.start, events));
        }
        items
    }

    fn read_map(events: &mut Events<'_>) -> Vec<(String, Place, Self)> {
        let mut entries = Vec::new();
        let mut key: Option<(String, Place)> = None;
        while let Some(Ok((event, span))) = events.next() {
            if matches!(event, Event::MappingEnd) {
                break;
            }
            let name = if let Event::Scalar(text, ..) = &event { text.to_string() } else { String::new() };
            let Some(node) = Self::read(&event, span.start, events) else { continue };
            match key.take() {
                None => key = Some((name, node.place)),
                Some((name, place)) => entries.push((name, place, node)),
            }
        }
        entries
    }

    /// The child, and where its key stands.
    fn child(&self, step: &str) -> Option<(Place, &Self)> {
        match &self.children {
            Children::None => None,
            Children::List(items) => items.get(step.parse::<usize>().ok()?).map(|item| (item.place, item)),
            Children::Map(entries) => {
                entries.iter().find(|(key, ..)| key == step).map(|(_, place, value)| (*place, value))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_are_found_where_they_stand() {
        let text = "# x\na: 1\nlist: [a, {b: 2}]\nb:\n  a:\n    - c: 1\n  c: {d: 1, e: 2}\n";
        let places = Places::read(text).unwrap();
        assert_eq!(places.of_key(&["b", "c", "e"]), Some((7, 13)));
        assert_eq!(places.of_value(&["b", "c", "e"]), Some((7, 16)));
        assert_eq!(places.of_key(&["b", "a"]), Some((5, 3)));
        assert_eq!(places.of_value(&["list", "1", "b"]), Some((3, 15)));
        assert_eq!(places.of_key(&["b", "x"]), None);
        assert_eq!(places.of_key(&["list", "b"]), None);
        assert!(Places::read("").is_none() && Places::read("# x\n").is_none());
    }

    #[test]
    fn what_is_not_there_has_no_place() {
        let places = Places::read("a: 1\nlist: [a]\n? [k, l]\n: b\nalias: &x y\nz: *x\n").unwrap();
        for path in
            [&["b"][..], &["a", "b"], &["a", "0"], &["list", "1"], &["list", "-1"], &["list", "a"], &["a", "b", "c"]]
        {
            assert_eq!((places.of_value(path), places.of_key(path)), (None, None), "{path:?}");
        }
        let top: [&str; 0] = [];
        assert_eq!((places.of_value(&top), places.of_key(&top)), (Some((1, 1)), None));
        assert_eq!((places.of_value(&["z"]), places.of_key(&["alias"])), (Some((6, 4)), Some((5, 1))));
    }
}
