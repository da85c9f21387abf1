//! What a YAML text says where: its keys and values with the way to them, by events, so that no alias unfolds.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::fmt::Write as _;

use serde_saphyr::granit_parser::{Event, Parser, StrInput};

use super::tell_tale::{is_about, is_of_many};

/// Longer values are not remembered for aliases: they are looked at where they stand.
const LONGEST_ANCHORED: usize = 512;
/// So far up a list is followed to the key that it stands under.
const FARTHEST: usize = 8;
/// What a value is called that its own key does not tell of.
const NEUTRAL: [&str; 6] = ["value", "data", "text", "plain", "default", "content"];

/// The first and the last line of something, from 1.
pub(super) type Lines = (usize, usize);

/// Something that a text says.
pub(super) enum Said<'a> {
    /// A key of a map.
    Key(&'a str),
    /// A value.
    Value(&'a str),
    /// A value that stood elsewhere already.
    Again(&'a str),
    /// `{name: …, value: …}`, as variables are written.
    Named(&'a str, &'a str),
    /// A Secret that has values.
    Secret,
}

/// The way to something.
pub(super) struct Way<'a>(&'a [Frame]);

impl Way<'_> {
    /// The key that something stands under, past lists and keys that tell nothing.
    pub(super) fn key(&self) -> Option<&str> {
        // In an ExternalSecret, `secretKey` names what is fetched.
        if let [.., data, list, last] = self.0
            && (data.key.as_deref(), list.is_list, last.key.as_deref()) == (Some("data"), true, Some("secretKey"))
        {
            return None;
        }
        let mut keys = self.0.iter().rev().take(FARTHEST).filter_map(|frame| frame.key.as_deref());
        let key = keys.find(|key| !NEUTRAL.contains(key))?;
        // In `passwords: {alice: …}` the names are anybody's.
        Some(keys.next().filter(|parent| is_of_many(parent) && !is_about(key)).unwrap_or(key))
    }

    /// The way as text: keys joined by dots, `[0]` for what is in lists; each key as it may be `shown`.
    pub(super) fn text(&self, shown: impl Fn(&str) -> String) -> String {
        let mut text = String::new();
        for frame in self.0 {
            if frame.is_list {
                let _ = write!(text, "[{}]", frame.index);
            } else if let Some(key) = &frame.key {
                let dot = if text.is_empty() { "" } else { "." };
                let shown = frame.shown.get_or_init(|| shown(key));
                let _ = write!(text, "{dot}{shown}");
            }
        }
        text
    }

    /// The keys alone, one behind the other with `between` them.
    pub(super) fn joined(&self, between: &str) -> String {
        self.keys().collect::<Vec<_>>().join(between)
    }

    /// The keys alone.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|frame| frame.key.as_deref())
    }
}

/// A list or map that is being read.
#[derive(Default)]
struct Frame {
    is_list: bool,
    /// Which item of the list is next, or is being read.
    index: usize,
    /// The key of the map whose value is next, or is being read.
    key: Option<String>,
    /// How a message shows that key, once one did.
    shown: OnceCell<String>,
    anchor: usize,
    line: usize,
    name: Option<String>,
    value: Option<(String, Lines)>,
    object: Object,
}

impl Frame {
    fn enter(&mut self, key: Option<String>) {
        self.key = key;
        self.shown = OnceCell::new();
    }
}

/// What makes a map a Secret.
#[derive(Default, Clone, Copy)]
struct Object {
    is_secret: bool,
    is_core: bool,
    has_values: bool,
}

impl Object {
    fn learn(&mut self, key: &str, value: &str) {
        self.is_secret |= key == "kind" && value == "Secret";
        self.is_core |= key == "apiVersion" && value == "v1";
    }

    fn merge(&mut self, other: Self) {
        self.is_secret |= other.is_secret;
        self.is_core |= other.is_core;
        self.has_values |= other.has_values;
    }
}

/// Goes through a text, and returns the line in which it stops being YAML, if it does.
pub(super) fn walk(text: &str, told: &mut impl FnMut(&Way<'_>, Lines, &Said<'_>)) -> Option<usize> {
    let mut walk = Walk { frames: Vec::new(), values: HashMap::new(), objects: HashMap::new(), told };
    let parser: Parser<'_, StrInput<'_>> = Parser::new_from_str(text);
    let mut last = 1;
    for next in parser {
        let Ok((event, span)) = next else { return Some(last) };
        last = span.end.line().max(1);
        walk.event(event, (span.start.line(), last));
    }
    None
}

struct Walk<'a, F> {
    frames: Vec<Frame>,
    values: HashMap<usize, String>,
    objects: HashMap<usize, Object>,
    told: &'a mut F,
}

impl<F: FnMut(&Way<'_>, Lines, &Said<'_>)> Walk<'_, F> {
    fn event(&mut self, event: Event<'_>, lines: Lines) {
        match event {
            Event::DocumentStart(..) => {
                self.values.clear();
                self.objects.clear();
            }
            Event::SequenceStart(_, anchor, ..) => {
                self.frames.push(Frame { is_list: true, anchor, line: lines.0, ..Frame::default() });
            }
            Event::MappingStart(_, anchor, ..) => {
                self.frames.push(Frame { anchor, line: lines.0, ..Frame::default() });
            }
            Event::SequenceEnd => {
                self.frames.pop();
                self.is_done();
            }
            Event::MappingEnd => self.map_ends(),
            Event::Scalar(text, _, anchor, _) => {
                if anchor > 0 && text.len() <= LONGEST_ANCHORED {
                    self.values.insert(anchor, text.to_string());
                }
                self.scalar(&text, lines, false);
            }
            Event::Alias(anchor) => self.alias(anchor, lines),
            _ => {}
        }
    }

    fn scalar(&mut self, text: &str, lines: Lines, is_alias: bool) {
        if let Some(frame) = self.frames.last_mut().filter(|frame| !frame.is_list && frame.key.is_none()) {
            frame.enter(Some(text.to_owned()));
            (self.told)(&Way(&self.frames), lines, &Said::Key(text));
            return;
        }
        let said = if is_alias { Said::Again(text) } else { Said::Value(text) };
        (self.told)(&Way(&self.frames), lines, &said);
        if let Some(frame) = self.frames.last_mut().filter(|frame| !frame.is_list) {
            match frame.key.as_deref() {
                Some("name") => frame.name = Some(text.to_owned()),
                Some("value") => frame.value = Some((text.to_owned(), lines)),
                Some(key) => frame.object.learn(key, text),
                None => {}
            }
        }
        self.is_value_of_secret(!text.is_empty() && !text.starts_with("ENC["));
        self.is_done();
    }

    /// What stands in `data` or `stringData` is a value of the Secret around it.
    fn is_value_of_secret(&mut self, is_plain: bool) {
        let Some([.., object, values]) = self.frames.get_mut(..) else { return };
        let is_field = matches!(object.key.as_deref(), Some("data" | "stringData")) && !values.is_list;
        object.object.has_values |= is_plain && is_field && !object.is_list;
    }

    fn alias(&mut self, anchor: usize, lines: Lines) {
        if let Some(text) = self.values.get(&anchor).cloned() {
            self.scalar(&text, lines, true);
            return;
        }
        let Some(frame) = self.frames.last_mut() else { return };
        if !frame.is_list && frame.key.is_none() {
            frame.enter(Some(String::new()));
            return;
        }
        match frame.key.as_deref() {
            Some("<<") => frame.object.merge(self.objects.get(&anchor).copied().unwrap_or_default()),
            Some("data" | "stringData") => frame.object.has_values = true,
            _ => self.is_value_of_secret(true),
        }
        self.is_done();
    }

    fn map_ends(&mut self) {
        let Some(frame) = self.frames.last_mut() else { return };
        frame.enter(None);
        let (anchor, line, object) = (frame.anchor, frame.line, frame.object);
        if let (Some(name), Some((value, lines))) = (frame.name.take(), frame.value.take()) {
            frame.enter(Some("value".to_owned()));
            (self.told)(&Way(&self.frames), lines, &Said::Named(&name, &value));
        }
        self.frames.pop();
        if anchor > 0 {
            self.objects.insert(anchor, object);
        }
        if object.is_secret && object.is_core && object.has_values {
            (self.told)(&Way(&self.frames), (line, line), &Said::Secret);
        }
        self.is_merged(object);
        self.is_done();
    }

    /// A map in `<<` is one with the map around it.
    fn is_merged(&mut self, object: Object) {
        let around = self.frames.iter_mut().rev().find(|frame| !frame.is_list);
        if let Some(frame) = around.filter(|frame| frame.key.as_deref() == Some("<<")) {
            frame.object.merge(object);
        }
    }

    /// A value, a list or a map has come to its end: what follows is the next item, or the next key.
    fn is_done(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.index += 1;
            // A map as a key has no name.
            let is_over = frame.key.is_some() || frame.is_list;
            frame.enter((!is_over).then(String::new));
        }
    }
}
