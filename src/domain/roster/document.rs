//! What a roster says, and where in the text it says it.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle, options};

use super::edits::Edits;
use super::error::{Place, RosterError};
use super::{lines, scalar};

/// The rest of a roster with no content yet.
const NOTHING: [Event<'static>; 2] = [Event::MappingStart(StructureStyle::Block, 0, None), Event::MappingEnd];

/// A roster that has been read.
pub(super) struct Document<'text> {
    /// Where the content starts.
    pub(super) at: Place,
    pub(super) resources: Resources,
    /// The mapping at the top without `resources`, with anchors numbered on their own, so that it can be compared.
    pub(super) rest: Vec<Event<'text>>,
}

/// What is written as `resources`.
pub(super) enum Resources {
    /// No such key. `hole` adds it with an empty list, unless the mapping is in braces.
    Absent {
        hole: Option<Edits>,
    },
    /// A null. `hole` makes an empty list of it.
    Null {
        hole: Edits,
    },
    List(List),
}

/// The list, in byte offsets of the text.
pub(super) struct List {
    pub(super) style: StructureStyle,
    /// Whether no braces are around it, in which there are no block lists.
    is_in_block: bool,
    key: usize,
    /// Behind the colon, and behind an anchor and a tag of the list.
    pub(super) value: usize,
    /// The opening and the closing bracket of a flow list.
    pub(super) open: usize,
    pub(super) close: usize,
    pub(super) items: Vec<Item>,
}

/// One entry.
pub(super) struct Item {
    pub(super) value: String,
    /// From its anchor or tag on, which for a block scalar does not say where the entry starts.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether it is a literal or folded block scalar, whose end is behind its last line.
    pub(super) is_block_scalar: bool,
    pub(super) at: Place,
}

impl List {
    /// The blanks before the key.
    pub(super) fn indentation<'text>(&self, text: &'text str) -> &'text str {
        lines::indentation(text, self.key)
    }

    /// Whether it is `resources: []`, as everybody writes it.
    pub(super) fn is_ordinary_and_empty(&self, text: &str) -> bool {
        self.is_in_block && &text[self.value..=self.close] == " []" && !lines::has_line_end(&text[self.key..self.value])
    }
}

impl<'text> Document<'text> {
    pub(super) fn read(text: &'text str) -> Result<Self, RosterError> {
        let tokens = tokens(text)?;
        let starts = |token: &&Token<'_>| matches!(token.event, Event::DocumentStart(..));
        if let Some(second) = tokens.iter().filter(starts).nth(1) {
            return Err(RosterError::SeveralDocuments { at: second.at });
        }
        let mut reader = Reader::new(text, &tokens);
        let absent = |hole, at| Self { at, resources: Resources::Absent { hole: Some(hole) }, rest: NOTHING.into() };
        match tokens.get(1).map(|root| (&root.event, root)) {
            // No document at all: an empty file, or one of comments only.
            None => Ok(absent(reader.absent(text.len(), ""), Place::START)),
            // Nothing but a `---`.
            Some((Event::Scalar(_, ScalarStyle::Plain, 0, None), root)) if root.span.is_empty() => {
                Ok(absent(reader.absent_at_end(""), root.at))
            }
            Some((Event::MappingStart(style, ..), root)) => {
                Ok(Self { at: root.at, resources: reader.mapping(*style)?, rest: reader.rest() })
            }
            Some((_, root)) => Err(RosterError::NotAMapping { at: root.at }),
        }
    }

    /// The entries as people wrote them.
    pub(super) fn entries(&self) -> impl Iterator<Item = &str> {
        let items = match &self.resources {
            Resources::List(list) => list.items.as_slice(),
            Resources::Null { .. } | Resources::Absent { .. } => &[],
        };
        items.iter().map(|item| item.value.as_str())
    }
}

/// An event with its place in the text.
struct Token<'text> {
    event: Event<'text>,
    /// The node itself.
    span: Range<usize>,
    /// Its anchor and its tag.
    properties: Vec<Range<usize>>,
    at: Place,
}

impl Token<'_> {
    fn anchor(&self) -> Option<usize> {
        self.event.anchor_id().filter(|_| !self.event.is_alias())
    }

    fn start(&self) -> usize {
        self.properties.iter().map(|property| property.start).fold(self.span.start, usize::min)
    }
}

/// All events of the document, an anchor with the node that it is on.
fn tokens(text: &str) -> Result<Vec<Token<'_>>, RosterError> {
    let mut options = options! { emit_anchor_events: true };
    // Comments are not needed, and a parser that emits them gives up on a hundred in a row.
    options.set_emit_comments(false);
    let mut tokens: Vec<Token<'_>> = Vec::new();
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) =
            event.map_err(|source| RosterError::NotYaml { at: source.marker().into(), source: Box::new(source) })?;
        match event {
            Event::StreamStart | Event::StreamEnd => {}
            Event::Anchor(..) => {
                if let Some(node) = tokens.last_mut() {
                    node.properties.push(bytes(&span));
                }
            }
            _ => {
                let properties = span.tag_span().iter().map(bytes).collect();
                tokens.push(Token { event, properties, at: (&span.start).into(), span: bytes(&span) });
            }
        }
    }
    Ok(tokens)
}

// The parser has byte offsets for every span of a `&str`.
fn bytes(span: &Span) -> Range<usize> {
    span.byte_range().unwrap_or_default()
}

/// Finds its way through the tokens of a document.
struct Reader<'text, 'tokens> {
    text: &'text str,
    tokens: &'tokens [Token<'text>],
    /// The token that each anchor is on.
    anchored: HashMap<usize, usize>,
    aliased: HashSet<usize>,
    /// The tokens of `resources`, with its key.
    taken: Range<usize>,
}

impl<'text, 'tokens> Reader<'text, 'tokens> {
    fn new(text: &'text str, tokens: &'tokens [Token<'text>]) -> Self {
        let numbered = tokens.iter().enumerate();
        let anchored = numbered.filter_map(|(index, token)| Some((token.anchor()?, index))).collect();
        let aliased = tokens.iter().filter_map(|token| token.event.alias_id()).collect();
        Self { text, tokens, anchored, aliased, taken: 0..0 }
    }

    /// Finds `resources` in the mapping at the top.
    fn mapping(&mut self, style: StructureStyle) -> Result<Resources, RosterError> {
        let mut merge = None;
        let mut key = 2;
        while !matches!(self.tokens[key].event, Event::MappingEnd) {
            let value = self.skip(key);
            let next = self.skip(value);
            let at = self.tokens[key].at;
            match scalar::string(&self.target(key).event) {
                Some("resources") if !self.taken.is_empty() => return Err(RosterError::Repeated { at }),
                Some("resources") => self.taken = key..next,
                Some("<<") => merge = Some(at),
                Some(name) if name.eq_ignore_ascii_case("resources") => {
                    return Err(RosterError::Misspelt { key: name.to_owned(), at });
                }
                _ => {}
            }
            key = next;
        }
        match (self.taken.is_empty(), merge, style) {
            (false, ..) => self.resources(style),
            (true, Some(at), _) => Err(RosterError::Merged { at }),
            (true, None, StructureStyle::Flow) => Ok(Resources::Absent { hole: None }),
            (true, None, StructureStyle::Block) => {
                let indentation = lines::indentation(self.text, self.tokens[1].span.start);
                Ok(Resources::Absent { hole: Some(self.absent_at_end(indentation)) })
            }
        }
    }

    fn resources(&self, around: StructureStyle) -> Result<Resources, RosterError> {
        let key = &self.tokens[self.taken.start];
        let value = &self.tokens[self.taken.start + 1];
        let at = value.at;
        let colon = lines::find_mark(self.text, key.span.end, ':');
        let after_colon = colon.ok_or(RosterError::NotAList { at })? + 1;
        let start = value.properties.iter().map(|property| property.end).fold(after_colon, usize::max);
        match value.event {
            Event::SequenceStart(..) if value.anchor().is_some_and(|anchor| self.aliased.contains(&anchor)) => {
                Err(RosterError::Shared { at })
            }
            Event::SequenceStart(style, ..) => Ok(Resources::List(List {
                style,
                is_in_block: around == StructureStyle::Block,
                key: key.span.start,
                value: start,
                open: value.span.start,
                close: self.tokens[self.taken.end - 1].span.start,
                items: self.items()?,
            })),
            Event::Alias(_) => Err(RosterError::Aliased { at }),
            // An empty span lies before the colon, so it does not say where the value would be.
            _ if scalar::is_null(&value.event) && value.span.is_empty() => {
                Ok(Resources::Null { hole: Edits::default().insert(start, " []") })
            }
            _ if scalar::is_null(&value.event) => {
                let hole = Edits::default().remove(value.span.clone()).insert(value.span.start, "[]");
                Ok(Resources::Null { hole })
            }
            _ => Err(RosterError::NotAList { at }),
        }
    }

    fn items(&self) -> Result<Vec<Item>, RosterError> {
        let mut items = Vec::new();
        for index in self.taken.start + 2..self.taken.end - 1 {
            let token = &self.tokens[index];
            let target = self.target(index);
            let value = scalar::string(&target.event).ok_or(RosterError::NotAString { at: token.at })?;
            items.push(Item {
                value: value.to_owned(),
                start: token.start(),
                end: token.span.end,
                is_block_scalar: matches!(
                    token.event,
                    Event::Scalar(_, ScalarStyle::Literal | ScalarStyle::Folded, ..)
                ),
                at: token.at,
            });
        }
        Ok(items)
    }

    /// Adds the key with an empty list at the end of the document: before a `...`, if there is one.
    fn absent_at_end(&self, indentation: &str) -> Edits {
        let marker = self.tokens.last().map(|token| token.span.clone()).filter(|marker| !marker.is_empty());
        self.absent(marker.map_or(self.text.len(), |marker| marker.start), indentation)
    }

    fn absent(&self, at: usize, indentation: &str) -> Edits {
        let line_end = lines::first_line_end(self.text);
        let before = self.text[..at].trim_start_matches('\u{feff}');
        let is_open = !before.is_empty() && lines::final_line_end(before).is_empty();
        let first = if is_open { line_end } else { "" };
        Edits::default().insert(at, format!("{first}{indentation}resources: []{line_end}"))
    }

    /// The token after the node that starts at `index`.
    fn skip(&self, index: usize) -> usize {
        let mut depth = 0_usize;
        let mut next = index;
        loop {
            match self.tokens[next].event {
                Event::MappingStart(..) | Event::SequenceStart(..) => depth += 1,
                Event::MappingEnd | Event::SequenceEnd => depth -= 1,
                _ => {}
            }
            next += 1;
            if depth == 0 {
                return next;
            }
        }
    }

    /// The token itself, or the one that it is an alias of.
    fn target(&self, index: usize) -> &'tokens Token<'text> {
        let alias = self.tokens[index].event.alias_id();
        let target = alias.and_then(|anchor| self.anchored.get(&anchor)).copied();
        &self.tokens[target.unwrap_or(index)]
    }

    /// Everything but `resources`. Anchors are numbered anew, because those in the list come and go; an alias of one of
    /// those counts as its value.
    fn rest(&self) -> Vec<Event<'text>> {
        let mut numbers: HashMap<usize, usize> = HashMap::new();
        // Not the start and the end of the document, which an edit never touches.
        let indices = (1..self.tokens.len() - 1).filter(|index| !self.taken.contains(index));
        let rest = indices.map(|index| {
            let mut event = self.tokens[index].event.clone();
            if let Event::Alias(anchor) = &mut event {
                match numbers.get(anchor) {
                    Some(number) => *anchor = *number,
                    None => event = self.target(index).event.clone(),
                }
            }
            if let Event::Scalar(_, _, anchor, _)
            | Event::SequenceStart(_, anchor, _)
            | Event::MappingStart(_, anchor, _) = &mut event
                && *anchor != 0
            {
                let number = numbers.len() + 1;
                *anchor = *numbers.entry(*anchor).or_insert(number);
            }
            event
        });
        rest.collect()
    }
}
