//! Whether the identity opens what every sink holds, and whether that is enough.

use super::survey::{Standing, Survey};
use crate::domain::escrow::check::check;
use crate::domain::escrow::{Held, Ledger};
use crate::error::Error;
use crate::ports::{CipherError, EscrowCipher, EscrowError};

/// What was proven of one sink.
#[derive(Debug)]
pub struct Checked {
    /// What it is called.
    pub sink: String,
    /// The generation that was opened and the shares in it, or what is wrong.
    pub result: Result<(u64, Held), Error>,
}

/// Opens the newest ciphertext of every sink, and counts the shares in it.
///
/// # Errors
///
/// When there is no identity: then nothing can be said of any sink.
pub fn verify(survey: Survey, cipher: &impl EscrowCipher) -> Result<Vec<Checked>, Error> {
    if !cipher.has_identity() {
        return Err(CipherError::NoIdentity.into());
    }
    let standings: Vec<_> = survey.seen.iter().map(|seen| survey.standing(seen)).collect();
    let mut readable = survey.seen.iter().filter(|seen| seen.ledger.is_ok());
    let first = readable.next().map(|seen| seen.sink.clone()).unwrap_or_default();
    let one = |(seen, standing): (super::Seen, Standing)| {
        let sink = seen.sink;
        let result = match (seen.ledger, standing) {
            (Err(why), _) => Err(why.into()),
            (Ok(_), Standing::Disagrees(source)) => {
                Err(EscrowError::Disagreement { sink: sink.clone(), other: first.clone(), source }.into())
            }
            (Ok(_), Standing::Lags { holds, of }) => Err(Error::EscrowLags { sink: sink.clone(), holds, of }),
            (Ok(ledger), _) => open(&ledger, cipher),
        };
        Checked { sink, result }
    };
    Ok(survey.seen.into_iter().zip(standings).map(one).collect())
}

fn open(ledger: &Ledger, cipher: &impl EscrowCipher) -> Result<(u64, Held), Error> {
    let record = ledger.current().ok_or(Error::NoKeys)?;
    let contents = cipher.decrypt(record.ciphertext.as_deref().unwrap_or_default())?;
    Ok((record.generation, check(record, &contents)?))
}
