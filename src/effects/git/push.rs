//! Pushing: one request that says where the branch has to be, what comes on top, and takes effect whole or not at all.
//! <https://git-scm.com/docs/gitprotocol-pack#_pushing_data_to_a_server>

use git2::Oid;

use super::connection::{Connection, Conversation, Service};
use super::packets::{Fault, Packets, Request};
use super::refusal::{self, Refusal, words_of_the_server};
use super::server::{self, AGENT};
use crate::domain::names::BranchName;
use crate::ports::AppsError;

/// The move of a branch.
#[derive(Clone, Copy)]
pub(super) struct Push<'a> {
    pub(super) branch: &'a BranchName,
    /// Where it has to be.
    pub(super) from: Oid,
    /// Where it shall be.
    pub(super) to: Oid,
}

/// How a push ended.
pub(super) enum Pushed {
    /// The branch was moved.
    Landed,
    /// The branch is elsewhere.
    TipMoved,
    /// The answer was lost, or says nothing: it may have been moved.
    Unknown(AppsError),
}

impl Push<'_> {
    /// Sends it, once.
    pub(super) fn send(self, connection: &Connection, repository: &str, pack: &[u8]) -> Result<Pushed, AppsError> {
        let mut conversation = connection.open(Service::ReceivePack)?;
        if conversation.speaks_first() && self.is_elsewhere(&mut conversation, repository)? {
            return Ok(Pushed::TipMoved);
        }
        let command =
            format!("{} {} refs/heads/{}\0report-status side-band-64k {AGENT}", self.from, self.to, self.branch);
        let mut request = Request::default().line(&command).flush().bytes();
        request.extend_from_slice(pack);
        let answer = conversation.ask(request).and_then(|mut packets| read_report(&mut packets, self.branch));
        match answer {
            Ok(report) => report.judge(repository),
            Err(Fault::Apps(error @ (AppsError::Unreachable { .. } | AppsError::RateLimited { .. }))) => {
                Ok(Pushed::Unknown(error))
            }
            Err(fault @ (Fault::Broken(_) | Fault::Senseless(_))) => Ok(Pushed::Unknown(fault.of(repository))),
            Err(Fault::Refused(words)) => Report::of_refusal(words).judge(repository),
            Err(fault) => Err(fault.of(repository)),
        }
    }

    /// Whether the service tells that the branch has moved.
    fn is_elsewhere(self, conversation: &mut Conversation<'_>, repository: &str) -> Result<bool, AppsError> {
        let told = conversation.told().and_then(|mut packets| server::advertisement(&mut packets));
        let (_, heads) = told.map_err(|fault| fault.of(repository))?;
        Ok(!heads.branches.contains(&(self.branch.clone(), self.from)))
    }
}

/// Proves that the credentials may push: the service that takes pushes tells of itself to nobody else. It is asked for nothing.
pub(super) fn may_push(connection: &Connection, repository: &str) -> Result<(), AppsError> {
    let mut conversation = connection.open(Service::ReceivePack)?;
    let told = conversation.told().and_then(|mut packets| packets.next().map(drop));
    told.map_err(|fault| fault.of(repository))
}

/// What a server reports of a push.
#[derive(Debug, Default, PartialEq, Eq)]
struct Report {
    /// Why it did not move the branch; nothing where it did.
    refusal: Option<String>,
    /// What its hooks said.
    said: String,
}

impl Report {
    fn of_refusal(words: String) -> Self {
        Self { refusal: Some(words), said: String::new() }
    }

    fn judge(self, repository: &str) -> Result<Pushed, AppsError> {
        let Some(reason) = self.refusal else { return Ok(Pushed::Landed) };
        match refusal::classify(&reason) {
            Refusal::TipMoved => Ok(Pushed::TipMoved),
            Refusal::Passing => {
                let message = format!("the server answered `{reason}`");
                Ok(Pushed::Unknown(AppsError::Unreachable { repository: repository.to_owned(), message }))
            }
            Refusal::ByRule => {
                Err(AppsError::Refused { repository: repository.to_owned(), reason, message: self.said })
            }
        }
    }
}

/// Reads what a report, which comes as lines within a band, says of a branch.
fn read_report(packets: &mut Packets<'_>, branch: &BranchName) -> Result<Report, Fault> {
    let mut told = Vec::new();
    let said = packets.bands(|bytes| {
        told.extend_from_slice(bytes);
        Ok(())
    })?;
    let said = words_of_the_server(&said);
    let mut lines = Packets::new(Box::new(told.as_slice()));
    let (mut is_moved, reference) = (false, format!("refs/heads/{branch}"));
    while let Some(line) = lines.next()?.text() {
        let words = |text: &str| words_of_the_server(text.as_bytes());
        match line.split_once(' ') {
            Some(("unpack", "ok")) => {}
            Some(("unpack", why)) => return Ok(Report { refusal: Some(format!("unpack: {}", words(why))), said }),
            Some(("ok", name)) => is_moved |= name == reference,
            Some(("ng", rest)) => {
                let (name, reason) = rest.split_once(' ').unwrap_or((rest, "no reason"));
                if name == reference {
                    return Ok(Report { refusal: Some(words(reason)), said });
                }
            }
            _ => return Err(Fault::Senseless(format!("`{}` is no report", line.escape_debug()))),
        }
    }
    if is_moved {
        return Ok(Report { refusal: None, said });
    }
    Err(Fault::Broken(format!("the server's report says nothing of `{reference}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str], said: &str) -> Result<Report, Fault> {
        let inner = Request::default().lines(lines).flush().bytes();
        let mut answer = Vec::new();
        for (band, bytes) in [(2, said.as_bytes()), (1, inner.as_slice())] {
            answer.extend(format!("{:04x}", bytes.len() + 5).into_bytes());
            answer.push(band);
            answer.extend_from_slice(bytes);
        }
        answer.extend_from_slice(b"0000");
        read_report(&mut Packets::new(Box::new(answer.as_slice())), &"main".parse().unwrap())
    }

    #[test]
    fn a_report_says_whether_the_branch_was_moved() {
        assert_eq!(read(&["unpack ok", "ok refs/heads/main"], "x").unwrap().refusal, None);
        let refused = |lines: &[&str]| read(lines, "no\x1b[31m!\n").unwrap();
        let expected = Report { refusal: Some("hook declined".to_owned()), said: "no[31m!".to_owned() };
        assert_eq!(refused(&["unpack ok", "ng refs/heads/main hook declined"]), expected);
        assert_eq!(refused(&["unpack disk full"]).refusal.unwrap(), "unpack: disk full");
        assert_eq!(refused(&["unpack ok", "ng refs/heads/main"]).refusal.unwrap(), "no reason");
    }

    #[test]
    fn what_is_no_report_leaves_open_how_it_ended() {
        for lines in [vec!["unpack ok"], vec!["unpack ok", "ok refs/heads/x"], vec!["unpack ok", "ng refs/heads/x no"]]
        {
            assert!(matches!(read(&lines, ""), Err(Fault::Broken(_))), "{lines:?}");
        }
        assert!(matches!(read(&["hello"], ""), Err(Fault::Senseless(_))));
    }

    #[test]
    fn what_a_report_means_is_told() {
        let judge = |reason: &str| match Report::of_refusal(reason.to_owned()).judge("x") {
            Ok(Pushed::Landed) => "landed",
            Ok(Pushed::TipMoved) => "moved",
            Ok(Pushed::Unknown(_)) => "unknown",
            Err(_) => "refused",
        };
        assert_eq!(judge("fetch first"), "moved");
        assert_eq!(judge("pre-receive hook declined"), "refused");
        assert_eq!(judge("unpack: unable to create temporary object directory"), "unknown");
    }
}
