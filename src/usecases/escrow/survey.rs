//! What each sink holds, side by side. One that can not be read hides none of the others.

use super::union;
use crate::domain::escrow::{Disagreement, Ledger};
use crate::error::Error;
use crate::ports::{EscrowError, EscrowSink};

/// What each sink holds.
#[derive(Debug)]
pub struct Survey {
    /// The sinks, in the order in which they were named.
    pub seen: Vec<Seen>,
    /// What those that agree hold together. Where they do not, the first one's word counts.
    pub all: Ledger,
}

/// One sink.
#[derive(Debug)]
pub struct Seen {
    /// What it is called.
    pub sink: String,
    /// What it holds, or why that is not known.
    pub ledger: Result<Ledger, EscrowError>,
}

/// How one sink stands to all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It holds every generation.
    Whole,
    /// The newest ones are missing.
    Lags {
        /// How many it holds.
        holds: usize,
        /// Of how many.
        of: usize,
    },
    /// It says something else than a sink before it.
    Disagrees(Disagreement),
    /// It can not be read.
    Unreadable,
}

/// Looks at every sink.
pub async fn survey<S: EscrowSink>(sinks: &[S]) -> Survey {
    let mut seen = Vec::new();
    let mut all = Ledger::default();
    for sink in sinks {
        let ledger = sink.read().await;
        if let Ok(ledger) = &ledger {
            all = all.merged(ledger).unwrap_or(all);
        }
        seen.push(Seen { sink: sink.name(), ledger });
    }
    Survey { seen, all }
}

impl Survey {
    /// How one sink stands to all of them.
    #[must_use]
    pub fn standing(&self, seen: &Seen) -> Standing {
        let Ok(ledger) = &seen.ledger else { return Standing::Unreadable };
        let (holds, of) = (ledger.records().len(), self.all.records().len());
        match self.all.merged(ledger) {
            Err(disagreement) => Standing::Disagrees(disagreement),
            Ok(_) if holds < of => Standing::Lags { holds, of },
            Ok(_) => Standing::Whole,
        }
    }

    /// The first thing that is wrong: two sinks that disagree, before one that can not be read. A sink that lags is fine.
    ///
    /// # Errors
    ///
    /// That.
    pub fn into_agreement(self) -> Result<Ledger, Error> {
        let readable = self.seen.iter().filter_map(|seen| Some((seen.sink.clone(), seen.ledger.as_ref().ok()?)));
        let all = union(&readable.collect::<Vec<_>>())?;
        let unread = self.seen.into_iter().find_map(|seen| seen.ledger.err());
        unread.map_or(Ok(all), |why| Err(why.into()))
    }
}
