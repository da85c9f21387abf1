//! The lines of Git's protocol, and what is wrong with an answer.
//! <https://git-scm.com/docs/gitprotocol-common>

use std::io::{self, Read};

use gix_packetline::blocking_io::{StreamingPeekableIter, encode};
use gix_packetline::{Channel, PacketLineRef};

use super::refusal::words_of_the_server;
use crate::ports::AppsError;

/// A request, line by line.
#[derive(Default)]
pub(super) struct Request(Vec<u8>);

impl Request {
    pub(super) fn line(mut self, text: &str) -> Self {
        self.push(|bytes| encode::text_to_write(text.as_bytes(), bytes));
        self
    }

    pub(super) fn lines<T: AsRef<str>>(self, texts: impl IntoIterator<Item = T>) -> Self {
        texts.into_iter().fold(self, |request, text| request.line(text.as_ref()))
    }

    pub(super) fn delimiter(mut self) -> Self {
        self.push(|bytes| encode::delim_to_write(bytes));
        self
    }

    pub(super) fn flush(mut self) -> Self {
        self.push(|bytes| encode::flush_to_write(bytes));
        self
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        self.0
    }

    // Memory takes everything; a line of more than 65,516 bytes, which is none of ours, is left out.
    fn push(&mut self, write: impl FnOnce(&mut Vec<u8>) -> io::Result<usize>) {
        let length = self.0.len();
        if write(&mut self.0).is_err() {
            self.0.truncate(length);
        }
    }
}

/// What is wrong with an answer.
#[derive(Debug)]
pub(super) enum Fault {
    /// The request did not get through, or it is clear what it failed of.
    Apps(AppsError),
    /// The answer ends in the middle, or the connection broke.
    Broken(String),
    /// The server says no, in these words.
    Refused(String),
    /// It is not the protocol.
    Senseless(String),
    /// It is something that we can not do.
    Unsupported(&'static str),
}

impl From<AppsError> for Fault {
    fn from(error: AppsError) -> Self {
        Self::Apps(error)
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.downcast::<AppsError>() {
            Ok(error) => Self::Apps(error),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Self::Broken("the server hung up in the middle of its answer".to_owned())
            }
            Err(error) => Self::Broken(error.to_string()),
        }
    }
}

impl Fault {
    /// The error of a repository.
    pub(super) fn of(self, repository: &str) -> AppsError {
        let repository = repository.to_owned();
        match self {
            Self::Apps(error) => error,
            Self::Unsupported(message) => AppsError::Address { repository, message: message.to_owned() },
            Self::Broken(message) => AppsError::Unreachable { repository, message },
            Self::Refused(words) => {
                AppsError::Unreachable { repository, message: format!("the server answered `{words}`") }
            }
            Self::Senseless(message) => {
                AppsError::Unreachable { repository, message: format!("the server's answer makes no sense: {message}") }
            }
        }
    }
}

/// One line of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Packet<'a> {
    Line(&'a [u8]),
    /// The end of a section.
    Delimiter,
    /// The end of the answer, or of a part of it.
    Flush,
}

impl Packet<'_> {
    /// The line as text, without its end; nothing where a section ends.
    pub(super) fn text(&self) -> Option<String> {
        let Self::Line(bytes) = self else { return None };
        Some(String::from_utf8_lossy(bytes.strip_suffix(b"\n").unwrap_or(bytes)).into_owned())
    }
}

/// The lines of an answer.
pub(super) struct Packets<'r>(StreamingPeekableIter<Box<dyn Read + 'r>>);

impl<'r> Packets<'r> {
    pub(super) fn new(answer: Box<dyn Read + 'r>) -> Self {
        Self(StreamingPeekableIter::new(answer, &[], false))
    }

    /// The next line. A line that tells of an error is one.
    pub(super) fn next(&mut self) -> Result<Packet<'_>, Fault> {
        let read = self.0.read_line().unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into()))?;
        let line = read.map_err(|why| Fault::Senseless(why.to_string()))?;
        if let Some(error) = line.check_error() {
            return Err(Fault::Refused(words_of_the_server(error.0)));
        }
        Ok(match line {
            PacketLineRef::Data(bytes) => Packet::Line(bytes),
            PacketLineRef::Delimiter => Packet::Delimiter,
            PacketLineRef::Flush | PacketLineRef::ResponseEnd => Packet::Flush,
        })
    }

    /// Hands on the data of a part that is sent in bands, up to its end; returns what else was said.
    pub(super) fn bands(&mut self, mut data: impl FnMut(&[u8]) -> Result<(), Fault>) -> Result<Vec<u8>, Fault> {
        let mut said = Vec::new();
        loop {
            let Packet::Line(bytes) = self.next()? else { return Ok(said) };
            match bytes.split_first() {
                Some((&band, bytes)) if band == Channel::Data as u8 => data(bytes)?,
                Some((&band, bytes)) if band == Channel::Progress as u8 => said.extend_from_slice(bytes),
                Some((&band, bytes)) if band == Channel::Error as u8 => {
                    return Err(Fault::Refused(words_of_the_server(bytes)));
                }
                _ => return Err(Fault::Senseless("a band that there is not".to_owned())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packets(bytes: &[u8]) -> Packets<'_> {
        Packets::new(Box::new(bytes))
    }

    #[test]
    fn a_request_is_written_line_by_line() {
        let request = Request::default().line("command=ls-refs").delimiter().lines(["a", "b"]).flush();
        assert_eq!(request.bytes(), b"0014command=ls-refs\n00010006a\n0006b\n0000");
    }

    #[test]
    fn an_answer_is_read_line_by_line() {
        let mut packets = packets(b"0006a\n00010000");
        assert_eq!(packets.next().unwrap().text(), Some("a".to_owned()));
        assert_eq!(packets.next().unwrap(), Packet::Delimiter);
        assert_eq!(packets.next().unwrap(), Packet::Flush);
        assert!(matches!(packets.next(), Err(Fault::Broken(_))));
    }

    #[test]
    fn what_is_wrong_with_an_answer_is_told() {
        let kind = |bytes: &[u8]| match packets(bytes).next() {
            Ok(_) => "a line",
            Err(Fault::Apps(_)) => "apps",
            Err(Fault::Broken(_)) => "broken",
            Err(Fault::Refused(_)) => "refused",
            Err(Fault::Senseless(_)) => "senseless",
            Err(Fault::Unsupported(_)) => "unsupported",
        };
        let table: [(&[u8], &str); 8] = [
            (b"0006a\n", "a line"),
            (b"", "broken"),
            (b"00", "broken"),
            (b"0006a", "broken"),
            (b"000aERR no", "refused"),
            (b"0003", "senseless"),
            (b"<htm", "senseless"),
            (b"ffffa", "senseless"),
        ];
        for (bytes, expected) in table {
            assert_eq!(kind(bytes), expected, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn bands_are_told_apart() {
        let mut data = Vec::new();
        let said = packets(b"0007\x01ab0007\x02xy0006\x01c0000")
            .bands(|bytes| {
                data.extend_from_slice(bytes);
                Ok(())
            })
            .unwrap();
        assert_eq!((data.as_slice(), said.as_slice()), (&b"abc"[..], &b"xy"[..]));
        assert!(matches!(packets(b"0008\x03bad0000").bands(|_| Ok(())), Err(Fault::Refused(words)) if words == "bad"));
        assert!(matches!(packets(b"0008\x04bad0000").bands(|_| Ok(())), Err(Fault::Senseless(_))));
        assert!(matches!(packets(b"0007\x01ab").bands(|_| Ok(())), Err(Fault::Broken(_))));
    }
}
