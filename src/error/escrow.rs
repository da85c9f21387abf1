//! The escrow's errors: what the program ends with, and what to do.

use super::code::apps_code;
use super::hint;
use crate::contract::ExitCode;
use crate::domain::escrow::LedgerError;
use crate::ports::{CipherError, EscrowError};

pub(super) fn code(error: &EscrowError) -> ExitCode {
    match error {
        EscrowError::Apps { source, .. } => apps_code(source),
        EscrowError::Unreadable { .. } | EscrowError::Unwritable { .. } | EscrowError::Locked { .. } => {
            ExitCode::Failed
        }
        EscrowError::Contended { .. } | EscrowError::Moved { .. } => ExitCode::Contended,
        EscrowError::Leak { .. }
        | EscrowError::InTheWay { .. }
        | EscrowError::Broken { .. }
        | EscrowError::Disagreement { .. }
        | EscrowError::NotReadBack { .. } => ExitCode::Unsafe,
    }
}

pub(super) fn cipher_code(error: &CipherError) -> ExitCode {
    match error {
        CipherError::NoIdentity | CipherError::NotForIdentity => ExitCode::Waiting,
        CipherError::BadRecipient { .. } | CipherError::TooFewRecipients { .. } | CipherError::BadIdentity { .. } => {
            ExitCode::Usage
        }
        CipherError::Broken | CipherError::Contents(_) => ExitCode::Unsafe,
    }
}

pub(super) fn hint(error: &EscrowError) -> Option<&'static str> {
    Some(match error {
        EscrowError::Apps { source, .. } => return hint::apps_hint(source),
        EscrowError::Leak { .. } => {
            "nothing was committed: this should never happen, so tell the authors of Bivouac, and write the escrow to a file"
        }
        EscrowError::Unreadable { .. } => "check the path, and who may read it: the directory must exist",
        EscrowError::Unwritable { .. } => "check that the directory exists, has space, and may be written",
        EscrowError::Locked { .. } => "wait for it to end, then run it again",
        EscrowError::InTheWay { .. } => "name another place, or move what is there out of the way",
        EscrowError::Contended { .. } => "raise `--patience`, or serialise the jobs with a `concurrency` group",
        EscrowError::Broken { source: LedgerError::Torn { .. }, .. } => {
            "see whether another place holds that generation (a sink, or the log of the run); keep a copy of the file, then remove that line"
        }
        EscrowError::Broken { source: LedgerError::Newer { .. }, .. } => {
            "use the Bivouac that wrote it, or a newer one"
        }
        EscrowError::Broken { .. } => {
            "nobody edits an escrow: find out who did, and put back what was there, from its history or another sink"
        }
        EscrowError::Disagreement { .. } => {
            "remove neither: find out which of them belongs to the Vault (`bivouac escrow show` for each alone), and keep the other as a copy"
        }
        EscrowError::NotReadBack { .. } => "take another place: what is written there is not kept",
        EscrowError::Moved { .. } => "run it again, and serialise the jobs with a `concurrency` group",
    })
}

pub(super) fn cipher_hint(error: &CipherError) -> &'static str {
    match error {
        CipherError::NoIdentity => {
            "set `BIVOUAC_AGE_IDENTITY` to the private key of a recipient, or `BIVOUAC_AGE_IDENTITY_FILE` to its file; `bivouac escrow show` says whose"
        }
        CipherError::NotForIdentity => "give the private key of one of the recipients that `bivouac escrow show` names",
        CipherError::BadRecipient { .. } => "give each person's public key once: `age-keygen -y KEY` prints it",
        CipherError::TooFewRecipients { .. } => "give `--recipient` twice or more, for different people",
        CipherError::BadIdentity { .. } => {
            "give the text of a file that `age-keygen` wrote, or of an OpenSSH key without a passphrase"
        }
        CipherError::Broken | CipherError::Contents(_) => {
            "compare with another sink, or with the history of the apps repository"
        }
    }
}
