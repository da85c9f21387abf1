//! Tables, as they are printed.

use comfy_table::Table;

/// The lines of a table without the blanks around them.
pub(super) fn trimmed(table: &Table) -> String {
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim());
        text.push('\n');
    }
    text
}
