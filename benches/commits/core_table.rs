//! What the bench `core` said: divan's table and the instructions, which `make bench` keeps in `target/bench`.

use std::collections::BTreeMap;
use std::fs;

use crate::results::CoreRow;
use crate::{Fallible, progress, top};

/// The column of the medians.
const MEDIAN: usize = 2;

/// The rows of the table; none where `core.rs` has not run.
pub(crate) fn read() -> Fallible<Vec<CoreRow>> {
    let file = top().join("target/bench/core.txt");
    if !file.is_file() {
        progress("there is no `target/bench/core.txt`: the page is written without the core");
        return Ok(Vec::new());
    }
    let mut rows = rows(&fs::read_to_string(file)?);
    // Where there is no valgrind there are no instructions.
    let counted = fs::read_to_string(top().join("target/bench/instructions.txt")).unwrap_or_default();
    let counted: BTreeMap<_, _> = counted.lines().filter_map(|line| line.split_once('\t')).collect();
    for row in &mut rows {
        row.instructions = counted.get(row.name.as_str()).map(|number| (*number).to_owned());
        row.name = row.name.replace('_', " ");
    }
    if rows.is_empty() { Err("there is nothing in `target/bench/core.txt`".into()) } else { Ok(rows) }
}

/// A line of the table: what is drawn before it, its name, and its columns.
struct Line<'a> {
    drawn: &'a str,
    name: &'a str,
    median: &'a str,
}

impl<'a> Line<'a> {
    /// The first value stands behind the name, after two blanks or more.
    fn parse(line: &'a str) -> Self {
        let rest = line.trim_start_matches(|character| "├╰─│ ".contains(character));
        let drawn = &line[..line.len() - rest.len()];
        let name = rest.split(['│']).next().unwrap_or_default();
        let name = name.split_once("  ").map_or(name, |(name, _)| name).trim();
        Self { drawn, name, median: rest.split('│').nth(MEDIAN).unwrap_or_default().trim() }
    }

    /// Whether this is a function, or one of its arguments, rather than what is told of it.
    fn is_branch(&self) -> bool {
        self.drawn.contains(['├', '╰'])
    }
}

/// Of each function: its name, its median time, how often it allocated, and how much it held at once.
fn rows(text: &str) -> Vec<CoreRow> {
    let lines: Vec<_> = text.lines().map(Line::parse).collect();
    let mut rows: Vec<CoreRow> = Vec::new();
    let mut function = "";
    for (index, line) in lines.iter().enumerate() {
        let median = |below: usize| lines.get(index + below).map_or("", |line| line.median).to_owned();
        let is_argument = line.is_branch() && line.drawn.chars().count() > 3;
        if line.is_branch() && !is_argument {
            function = line.name;
        }
        if line.is_branch() && !line.median.is_empty() {
            let name = if is_argument { format!("{function}, {}", line.name) } else { function.to_owned() };
            let (allocations, held) = (String::new(), String::new());
            rows.push(CoreRow { name, median: median(0), instructions: None, allocations, held });
        }
        match (line.name, rows.last_mut()) {
            ("max alloc:", Some(row)) => row.held = median(2),
            ("alloc:", Some(row)) => row.allocations = median(1),
            _ => {}
        }
    }
    rows
}
