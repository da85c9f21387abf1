//! What a text says that it did not say before.

use std::collections::HashSet;

/// So many bytes are compared at once.
const CHUNK: usize = 4096;

/// Some lines that follow each other.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// The line that is before its first one, from 1: nothing for the first line of the text.
    pub(super) before: usize,
    /// Its lines, moved to the left as far as the first one goes.
    pub(super) text: String,
}

/// The lines of `after` that `before` does not have.
pub(super) fn added(before: &str, after: &str) -> Vec<Block> {
    let (old, new) = (before.as_bytes(), after.as_bytes());
    let same = line_start(new, alike(old, new));
    let (old, new) = (&before[same..], &after[same..]);
    let (old, new) = without_end(old, new);
    let first = after[..same].matches('\n').count();
    let mut blocks: Vec<Block> = Vec::new();
    let mut last = None;
    for (index, line) in new_lines(old, new) {
        match blocks.last_mut().filter(|_| last.is_some_and(|last| last + 1 == index)) {
            Some(block) => {
                block.text.push('\n');
                block.text.push_str(line);
            }
            None => blocks.push(Block { before: first + index, text: line.to_owned() }),
        }
        last = Some(index);
    }
    for block in &mut blocks {
        block.text = dedented(&block.text);
    }
    blocks
}

/// The lines that are not among the old ones, with their numbers from 0. As long as nothing but lines are gone, each is looked for
/// from where the last one was.
fn new_lines<'a>(old: &str, new: &'a str) -> Vec<(usize, &'a str)> {
    let mut rest = old.lines();
    let mut new = new.lines().enumerate().peekable();
    while let Some((_, line)) = new.peek() {
        let mut ahead = rest.clone();
        if !ahead.any(|old| old == *line) {
            break;
        }
        rest = ahead;
        new.next();
    }
    if new.peek().is_none() {
        return Vec::new();
    }
    let known: HashSet<_> = old.lines().collect();
    new.filter(|(_, line)| !known.contains(line)).collect()
}

/// How many bytes two texts have in common at their beginnings.
fn alike(one: &[u8], other: &[u8]) -> usize {
    let chunks = one.chunks(CHUNK).zip(other.chunks(CHUNK)).take_while(|(one, other)| one == other);
    let same: usize = chunks.map(|(chunk, _)| chunk.len()).sum();
    let rest = one[same..].iter().zip(&other[same..]).take_while(|(one, other)| one == other);
    same + rest.count()
}

/// Where the line begins that the byte at `at` is in.
fn line_start(text: &[u8], at: usize) -> usize {
    text[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1)
}

/// Two texts without the lines at their ends that are alike.
fn without_end<'a>(old: &'a str, new: &'a str) -> (&'a str, &'a str) {
    let most = old.len().min(new.len());
    let (ends, others) = (&old.as_bytes()[old.len() - most..], &new.as_bytes()[new.len() - most..]);
    let chunks = ends.rchunks(CHUNK).zip(others.rchunks(CHUNK)).take_while(|(one, other)| one == other);
    let same: usize = chunks.map(|(chunk, _)| chunk.len()).sum();
    let rest = ends[..most - same].iter().rev().zip(others[..most - same].iter().rev());
    let same = same + rest.take_while(|(one, other)| one == other).count();
    // Up to the first line that is wholly alike in both.
    let end = &new.as_bytes()[new.len() - same..];
    let cut = end.iter().position(|byte| *byte == b'\n').map_or(0, |at| same - at - 1);
    (&old[..old.len() - cut], &new[..new.len() - cut])
}

fn dedented(text: &str) -> String {
    let margin = text.len() - text.trim_start_matches(' ').len();
    let lines =
        text.lines().map(|line| line.get(margin..).filter(|_| line[..margin].trim().is_empty()).unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_what_is_new_is_left() {
        let before = "resources:\n  - pr-1\n  - pr-2\n  - pr-3\n";
        let after = "resources:\n  - pr-2\n  - pr-4\n  - pr-5 # x\n  - pr-3\nimages:\n  a: b\n";
        let blocks = [(2, "- pr-4\n- pr-5 # x"), (5, "images:\n  a: b")];
        let blocks = blocks.map(|(before, text)| Block { before, text: text.to_owned() });
        assert_eq!(added(before, after), blocks);
        assert_eq!(added(before, "resources:\n  - pr-2\n"), []);
        assert_eq!(added(before, before), []);
    }

    proptest! {
        #[test]
        fn every_new_line_is_in_a_block(before in "([ab ]{0,3}\n){0,6}", after in "([abc ]{0,3}\n){0,6}") {
            let blocks = added(&before, &after);
            let found: Vec<_> = blocks.iter().flat_map(|block| block.text.lines().map(str::trim)).collect();
            let is_old = |line: &&str| before.lines().any(|old| old == *line);
            for line in after.lines().filter(|line| !is_old(line) && !line.trim().is_empty()) {
                prop_assert!(found.contains(&line.trim()), "{line:?} {found:?}");
            }
        }
    }
}
