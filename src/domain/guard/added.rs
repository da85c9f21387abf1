//! What a text says that it did not say before.

use std::collections::HashSet;

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
    let (old, new): (Vec<_>, Vec<_>) = (before.lines().collect(), after.lines().collect());
    let same = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[same..], &new[same..]);
    let alike = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[..old.len() - alike], &new[..new.len() - alike]);
    let known: HashSet<_> = old.iter().copied().collect();
    let mut blocks: Vec<Block> = Vec::new();
    let mut last = None;
    for (index, line) in new.iter().enumerate().filter(|(_, line)| !known.contains(*line)) {
        match blocks.last_mut().filter(|_| last.is_some_and(|last| last + 1 == index)) {
            Some(block) => {
                block.text.push('\n');
                block.text.push_str(line);
            }
            None => blocks.push(Block { before: same + index, text: (*line).to_owned() }),
        }
        last = Some(index);
    }
    for block in &mut blocks {
        block.text = dedented(&block.text);
    }
    blocks
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
