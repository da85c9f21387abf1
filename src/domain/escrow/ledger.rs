//! All generations of an escrow: JSON, one record a line, and nothing is ever taken away.

use std::collections::BTreeMap;

use serde_json::Value;

use super::record::{Record, SCHEMA};

/// The records, in the order of their generations. Two ledgers are equal when their records are.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    records: Vec<Record>,
    /// The text that was read, byte for byte, and what came after it.
    text: String,
}

/// Why a text is no ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The last line ends in the middle.
    #[error("line {line} of the escrow, its last one, ends in the middle of a record, as after a power cut")]
    Torn {
        /// Which line.
        line: usize,
    },
    /// A line that is no record.
    #[error("line {line} of the escrow is no record: {why}")]
    NotARecord {
        /// Which line.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// A record whose shape is not known here.
    #[error(
        "line {line} of the escrow was written by a newer Bivouac: its schema is {schema}, and {SCHEMA} is known here"
    )]
    Newer {
        /// Which line.
        line: usize,
        /// Its schema.
        schema: u64,
    },
    /// A generation is missing, or stands twice.
    #[error(
        "line {line} of the escrow is generation {found}, where {expected} belongs: a line was taken out or put in"
    )]
    OutOfOrder {
        /// Which line.
        line: usize,
        /// The generation that is there.
        found: u64,
        /// The generation that belongs there.
        expected: u64,
    },
}

/// Two ledgers say different things of one generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("generation {generation} of the escrow says two different things")]
pub struct Disagreement {
    /// Which one.
    pub generation: u64,
}

impl Ledger {
    /// Reads the text of a ledger. Blank lines are passed over, and kept.
    ///
    /// # Errors
    ///
    /// When a line is no record, is of a newer Bivouac's, or is out of order. Nothing is left out silently.
    pub fn parse(text: &str) -> Result<Self, LedgerError> {
        let mut ledger = Self { records: Vec::new(), text: text.to_owned() };
        for (index, line) in text.split_inclusive('\n').enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let number = index + 1;
            let record = parse_line(line.trim(), number).map_err(|error| match error {
                LedgerError::NotARecord { line: number, .. } if !line.ends_with('\n') => {
                    LedgerError::Torn { line: number }
                }
                error => error,
            })?;
            let expected = ledger.next_generation();
            if record.generation != expected {
                return Err(LedgerError::OutOfOrder { line: number, found: record.generation, expected });
            }
            ledger.records.push(record);
        }
        Ok(ledger)
    }

    /// The text: what was read, byte for byte, and a line for each record that was added.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.text.clone()
    }

    /// The records, in order.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The generation of the record that comes next.
    #[must_use]
    pub fn next_generation(&self) -> u64 {
        self.latest().map_or(1, |record| record.generation.saturating_add(1))
    }

    /// The newest record.
    #[must_use]
    pub fn latest(&self) -> Option<&Record> {
        self.records.last()
    }

    /// The newest record with a ciphertext.
    #[must_use]
    pub fn current(&self) -> Option<&Record> {
        self.records.iter().rev().find(|record| record.ciphertext.is_some())
    }

    /// Whether there are keys in any record.
    #[must_use]
    pub fn has_keys(&self) -> bool {
        self.records.iter().any(Record::has_keys)
    }

    /// This ledger and one more record, of the next generation.
    #[must_use]
    pub fn with(&self, record: Record) -> Self {
        let mut ledger = self.clone();
        if !ledger.text.is_empty() && !ledger.text.ends_with('\n') {
            ledger.text.push('\n');
        }
        ledger.text.push_str(&line(&record));
        ledger.records.push(record);
        ledger
    }

    /// Whether `other` says the same, as far as this one goes.
    #[must_use]
    pub fn is_start_of(&self, other: &Self) -> bool {
        other.records.starts_with(&self.records)
    }

    /// What either of them holds.
    ///
    /// # Errors
    ///
    /// When they say different things of one generation.
    pub fn merged(&self, other: &Self) -> Result<Self, Disagreement> {
        let mut records: BTreeMap<u64, &Record> =
            self.records.iter().map(|record| (record.generation, record)).collect();
        for record in &other.records {
            let known = records.insert(record.generation, record);
            if known.is_some_and(|known| known != record) {
                return Err(Disagreement { generation: record.generation });
            }
        }
        let start = if self.is_start_of(other) { other } else { self };
        let rest = records.into_values().filter(|record| !start.records.contains(record));
        Ok(rest.fold(start.clone(), |ledger, record| ledger.with(record.clone())))
    }
}

impl PartialEq for Ledger {
    fn eq(&self, other: &Self) -> bool {
        self.records == other.records
    }
}

impl Eq for Ledger {}

fn line(record: &Record) -> String {
    // A record is made of texts, numbers and lists of them: there is nothing in it that JSON can not say.
    let text = serde_json::to_string(record).unwrap_or_default();
    format!("{text}\n")
}

fn parse_line(text: &str, line: usize) -> Result<Record, LedgerError> {
    let not_a_record = |why: serde_json::Error| LedgerError::NotARecord { line, why: why.to_string() };
    let value: Value = serde_json::from_str(text).map_err(not_a_record)?;
    // Before anything else: of a newer record nothing else can be said.
    if let Some(schema) = value["schema"].as_u64().filter(|schema| *schema > u64::from(SCHEMA)) {
        return Err(LedgerError::Newer { line, schema });
    }
    serde_json::from_value(value).map_err(not_a_record)
}
