//! `docs/benchmarks.md`: what is between the markers is written anew, the rest is people's.

use std::fs;

use crate::results::Results;
use crate::{Fallible, pictures, tables, top};

/// Writes the tables into the page, and the pictures beside it.
pub(crate) fn write(results: &Results) -> Fallible<()> {
    let page = top().join("docs/benchmarks.md");
    let parts = [
        ("goals", tables::goals(results)),
        ("machine", tables::machine(results)),
        ("repositories", tables::repositories(results)),
        ("near", tables::alone(results, false)),
        ("far", tables::alone(results, true)),
        ("contention", tables::contention(results)),
        ("core", tables::core(results)),
    ];
    let mut text = fs::read_to_string(&page)?;
    for (name, table) in parts {
        text = replaced(&text, name, &table)?;
    }
    fs::write(page, text)?;
    let folder = top().join("docs/benchmarks");
    fs::create_dir_all(&folder)?;
    for (name, picture) in pictures::all(results) {
        fs::write(folder.join(format!("{name}.svg")), picture)?;
    }
    Ok(())
}

/// The text with another table between the markers of this name.
fn replaced(text: &str, name: &str, table: &str) -> Fallible<String> {
    let (begin, end) = (format!("<!-- {name}, by `make bench` -->\n"), format!("<!-- end of {name} -->"));
    let parts = text.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1)));
    let (before, after) = parts.ok_or_else(|| format!("`docs/benchmarks.md` has no place for {name}"))?;
    Ok(format!("{before}{begin}\n{table}\n{end}{after}"))
}
