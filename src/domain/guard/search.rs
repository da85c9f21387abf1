//! The search of one text.

use std::collections::BTreeSet;

use super::entropy::{self, is_random};
use super::hidden::{decoded, packed};
use super::scalars::{Lines, Said, Way, walk};
use super::shapes;
use super::tell_tale::is_tell_tale;
use super::words::is_wording;
use super::{Found, Guard, Kind, Place};
use crate::domain::secrecy;

/// So much is found at most: a message names fewer.
const MOST: usize = 100;
/// So deep a text is taken apart that is within a text.
const DEEPEST: usize = 4;
/// So many bytes are looked at that are within others, for each byte of a text.
const MOST_WITHIN: usize = 16;
/// So much of a key is told.
const LONGEST_KEY: usize = 80;

/// The search of one text.
pub(super) struct Search<'a> {
    guard: &'a Guard<'a>,
    place: Place,
    /// How many lines are before the text.
    before: usize,
    found: Vec<(Found, Lines)>,
    /// How much of it is refused, and how much is allowed.
    count: (usize, usize),
    /// How many bytes of texts within texts are still looked at.
    left: usize,
}

impl<'a> Search<'a> {
    pub(super) fn new(guard: &'a Guard<'a>, place: Place) -> Self {
        Self { guard, place, before: 0, found: Vec::new(), count: (0, 0), left: 0 }
    }

    pub(super) fn below(self, before: usize) -> Self {
        Self { before, ..self }
    }

    /// Searches a text that is YAML, or may be.
    pub(super) fn text(mut self, text: &str) -> Vec<Found> {
        self.left = MOST_WITHIN * text.len();
        let end = walk(text, &mut |way, lines, said| self.said(way, lines, said));
        if let Some(line) = end {
            self.lines_from(text, line);
        }
        let rest = self.raw(text);
        self.found.into_iter().map(|(found, _)| found).chain(rest).collect()
    }

    /// Searches a text as it is, for what was not found in it yet.
    pub(super) fn raw(&self, text: &str) -> Vec<Found> {
        let known = self.guard.known.each(text).into_iter().map(|(at, kind)| (at, kind.clone()));
        let mut hits: Vec<_> = known.chain(shapes::find(text).map(|(at, name)| (at, Kind::Shape(name)))).collect();
        hits.sort_unstable();
        let (mut line, mut from) = (1, 0);
        let mut told: Vec<Found> = Vec::new();
        for (at, what) in hits {
            line += text[from..at].matches('\n').count();
            from = at;
            let is_told = self.found.iter().any(|(found, lines)| {
                (found.what == what || found.what == Kind::Known) && (lines.0..=lines.1).contains(&line)
            });
            let found = Found { place: self.place.clone(), line: Some(line + self.before), key: None, what };
            if !is_told && !told.contains(&found) && told.len() < MOST {
                told.push(found);
            }
        }
        told
    }

    /// The lines in which something is found, from 1; nothing when there is too much to tell.
    pub(super) fn lines(mut self, text: &str) -> Option<BTreeSet<usize>> {
        self.left = MOST_WITHIN * text.len();
        if let Some(line) = walk(text, &mut |way, lines, said| self.said(way, lines, said)) {
            self.lines_from(text, line);
        }
        let raw = self.raw(text);
        let is_whole = |found: &Found| found.what == Kind::Manifest;
        if self.found.len() >= MOST || raw.len() >= MOST || self.found.iter().any(|(found, _)| is_whole(found)) {
            return None;
        }
        let within = self.found.iter().flat_map(|(_, lines)| lines.0..=lines.1);
        Some(within.chain(raw.iter().filter_map(|found| found.line)).collect())
    }

    fn said(&mut self, way: &Way<'_>, lines: Lines, said: &Said<'_>) {
        if self.count.0 >= MOST {
            return;
        }
        let what = match said {
            Said::Key(key) => self.kind_of(key),
            Said::Value(value) => self.value(way.key(), value, DEEPEST),
            Said::Again(value) => self.by_key(way.key(), value),
            Said::Named(name, value) => self.by_key(Some(name), value),
            Said::Secret => Some(Kind::Manifest),
        };
        let Some(what) = what else { return };
        let is_split = ["", ".", "-"].iter().any(|between| !self.guard.known.find(&way.joined(between)).is_empty());
        let text = if is_split && !way.keys().any(|key| !self.guard.known.find(key).is_empty()) {
            "…".to_owned()
        } else {
            way.text(|key| self.shown(key))
        };
        let key = Some(text).filter(|key| !key.is_empty());
        let line = Some(lines.0 + self.before);
        let found = Found { place: self.place.clone(), line, key, what };
        self.push(found, lines);
    }

    fn push(&mut self, found: Found, lines: Lines) {
        let is_allowed = self.guard.allows(&found);
        let count = if is_allowed { &mut self.count.1 } else { &mut self.count.0 };
        if *count < MOST && !self.found.iter().any(|(other, _)| *other == found) {
            *count += 1;
            self.found.push((found, lines));
        }
    }

    /// What a value is, and what is within it.
    fn value(&mut self, key: Option<&str>, value: &str, depth: usize) -> Option<Kind> {
        let found = self.kind_of(value).or_else(|| self.by_key(key, value)).or_else(|| self.assigned(value));
        if found.is_some() || depth == 0 || value.len() > self.left {
            return found;
        }
        let mut within = decoded(value);
        if is_structured(value) {
            within.push(value.to_owned());
        }
        within.iter().find_map(|text| self.within(key, text, depth - 1))
    }

    /// What a text is that is within another one.
    fn within(&mut self, key: Option<&str>, text: &str, depth: usize) -> Option<Kind> {
        self.left = self.left.saturating_sub(text.len());
        if !is_structured(text) {
            return self.value(key, text, depth);
        }
        let mut found = self.kind_of(text);
        walk(text, &mut |way, _, said| {
            if found.is_some() {
                return;
            }
            found = match said {
                Said::Key(key) => self.kind_of(key),
                Said::Value(value) => self.value(way.key().or(key), value, depth.min(1)),
                Said::Again(value) => self.by_key(way.key(), value),
                Said::Named(name, value) => self.by_key(Some(name), value),
                Said::Secret => Some(Kind::Manifest),
            };
        });
        found
    }

    /// What a text is by itself.
    fn kind_of(&self, text: &str) -> Option<Kind> {
        let known = &self.guard.known;
        if let Some(kind) = known.kind_of(text) {
            return Some(kind);
        }
        let packed = packed(text);
        if packed.len() < text.len()
            && let Some(kind) = known.kind_of(&packed)
        {
            return Some(kind);
        }
        let shape = shapes::find(text).next().map(|(_, name)| Kind::Shape(name));
        shape.or_else(|| secrecy::is_encoded_key(&packed).then_some(Kind::Shape(shapes::PRIVATE_KEY)))
    }

    /// What a value is under its key.
    fn by_key(&self, key: Option<&str>, value: &str) -> Option<Kind> {
        let may_be = !self.guard.is_of_ciphertext && value.len() >= entropy::SHORTEST;
        (may_be && key.is_some_and(is_tell_tale) && is_random(value)).then_some(Kind::Random)
    }

    /// What is assigned within a text: `--password=…`, `DB_PASSWORD=…`, `?token=…`, and `password = …` in a line of its own.
    fn assigned(&self, text: &str) -> Option<Kind> {
        let lines = text.lines().filter_map(|line| line.split_once('='));
        let mut of_lines = lines.filter_map(|(key, value)| {
            let key = key.trim().rsplit(['.', ' ']).next().unwrap_or_default();
            self.by_key(Some(key), value.trim().trim_matches(['"', '\'', ',', ';']))
        });
        if let Some(found) = of_lines.next() {
            return Some(found);
        }
        let is_end = |character: char| character.is_whitespace() || ";,&?".contains(character);
        let assigned = text.split(is_end).filter_map(|part| part.split_once('='));
        let mut found = assigned.filter_map(|(key, value)| {
            let key = key.rsplit('.').next().unwrap_or(key);
            self.by_key(Some(key), value.trim_matches(['"', '\'']))
        });
        found.next()
    }

    /// What follows the line in which a text stops being YAML.
    fn lines_from(&mut self, text: &str, from: usize) {
        for (index, line) in text.lines().enumerate().skip(from - 1) {
            let pair = line.split_once([':', '=']);
            let pair = pair.map(|(key, value)| (key.trim_matches([' ', '\t', '"', '\'', '-']), value));
            let found = pair.and_then(|(key, value)| self.by_key(Some(key), value.trim_matches([' ', '"', '\'', ','])));
            let Some(what) = found.or_else(|| self.assigned(line)).filter(|_| self.found.len() < MOST) else {
                continue;
            };
            let number = index + 1;
            if self.found.iter().any(|(found, lines)| found.what == what && (lines.0..=lines.1).contains(&number)) {
                continue;
            }
            let found = Found { place: self.place.clone(), line: Some(number + self.before), key: None, what };
            self.push(found, (number, number));
        }
    }

    /// A key as a message may show it, and as the configuration writes it.
    fn shown(&self, key: &str) -> String {
        let is_login = key.split_once(':').is_some_and(|(_, password)| !is_wording(password));
        if self.kind_of(key).is_some() || is_login || is_random(key) {
            return "…".to_owned();
        }
        let plain = |character: char| if character.is_control() { '\u{fffd}' } else { character };
        let mut shown: String = key.chars().take(LONGEST_KEY).map(plain).collect();
        if shown.len() < key.len() {
            shown.push('…');
        }
        shown.replace('\\', "\\\\").replace('.', "\\.")
    }
}

/// Whether a text may be JSON or YAML with keys.
fn is_structured(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with(['{', '[']) || text.contains('\n') && text.contains(':')
}
