//! A zip archive that holds one file.
//! <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>
//!
//! It is read from its end, and only as far as it is what it should be: how many files it claims to hold is known before
//! anything of them is read. Its headers tell the same things several times; where they differ, it is refused.

use std::io::{self, Read, Seek, SeekFrom, Write};

use flate2::Crc;
use flate2::read::DeflateDecoder;

use crate::domain::oci::quoted;

/// The most that is unpacked, in bytes.
pub const LARGEST: u64 = 8 * 1024 * 1024 * 1024;

const END: [u8; 4] = *b"PK\x05\x06";
const LARGE_END: [u8; 4] = *b"PK\x06\x06";
const LARGE_END_PLACE: [u8; 4] = *b"PK\x06\x07";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const LOCAL: [u8; 4] = *b"PK\x03\x04";
const END_LENGTH: usize = 22;
const LARGE_END_LENGTH: usize = 56;
const LARGE_END_PLACE_LENGTH: usize = 20;
const CENTRAL_LENGTH: usize = 46;
const LOCAL_LENGTH: usize = 30;
/// The longest comment that an archive can have.
const LONGEST_COMMENT: usize = 0xffff;
/// What stands in a field of two or four bytes whose value is in the fields for large archives.
const ELSEWHERE: u64 = 0xffff_ffff;
const COUNT_ELSEWHERE: u64 = 0xffff;
/// The extra field with sizes of eight bytes.
const LARGE_SIZES: u64 = 1;
/// The bits of the flags that tell of encryption.
const ENCRYPTED: u64 = 1 | 1 << 6 | 1 << 13;
const STORED: u64 = 0;
const DEFLATED: u64 = 8;
/// How much is unpacked at once, in bytes.
const PIECE: usize = 64 * 1024;

/// Why it was not unpacked.
#[derive(Debug)]
pub(super) enum Failed {
    /// It is not what it should be.
    Refused(String),
    /// It can not be read.
    Read(io::Error),
    /// What is in it can not be written.
    Written(io::Error),
}

impl From<io::Error> for Failed {
    fn from(why: io::Error) -> Self {
        match why.kind() {
            io::ErrorKind::UnexpectedEof => refused("the zip archive is cut short"),
            _ => Self::Read(why),
        }
    }
}

fn refused(message: impl Into<String>) -> Failed {
    Failed::Refused(message.into())
}

fn senseless() -> Failed {
    refused("the headers of the zip archive contradict each other")
}

/// Writes the one file of an archive, which is called `member`, `into` something: at most `limit` bytes.
pub(super) fn unpack(
    archive: &mut (impl Read + Seek),
    member: &str,
    limit: u64,
    into: &mut impl Write,
) -> Result<(), Failed> {
    let directory = Directory::find(archive)?;
    let entry = directory.entry(archive, member)?;
    let start = entry.start(archive, member, &directory)?;
    archive.seek(SeekFrom::Start(start))?;
    let mut packed = archive.take(entry.packed);
    if entry.method == STORED {
        return copy(&mut packed, &entry, limit, into);
    }
    let mut unpacked = DeflateDecoder::new(packed);
    copy(&mut unpacked, &entry, limit, into)?;
    if unpacked.total_in() == entry.packed { Ok(()) } else { Err(senseless()) }
}

fn copy(from: &mut impl Read, entry: &Entry, limit: u64, into: &mut impl Write) -> Result<(), Failed> {
    let (mut piece, mut length, mut sum) = (vec![0; PIECE], 0_u64, Crc::new());
    loop {
        let read = match from.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => &piece[..read],
            Err(why) if why.kind() == io::ErrorKind::Interrupted => continue,
            Err(why) if matches!(why.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => {
                return Err(refused("the file in the zip archive can not be unpacked: it is damaged"));
            }
            Err(why) => return Err(why.into()),
        };
        length += read.len() as u64;
        if length > limit {
            return Err(refused(format!("it has more than {limit} bytes when it is unpacked")));
        }
        sum.update(read);
        into.write_all(read).map_err(Failed::Written)?;
    }
    if length == entry.size && u64::from(sum.sum()) == entry.sum {
        return Ok(());
    }
    Err(refused("the file in the zip archive is not the one that its headers tell of: another length or sum"))
}

/// The part of an archive that tells what is in it.
#[derive(Debug)]
struct Directory {
    start: u64,
    length: u64,
}

impl Directory {
    /// Where the directory is, which is of one file.
    fn find(archive: &mut (impl Read + Seek)) -> Result<Self, Failed> {
        let whole = archive.seek(SeekFrom::End(0))?;
        let tail = whole.min((END_LENGTH + LONGEST_COMMENT + LARGE_END_PLACE_LENGTH) as u64);
        archive.seek(SeekFrom::Start(whole - tail))?;
        let mut bytes = Vec::new();
        archive.by_ref().take(tail).read_to_end(&mut bytes)?;
        let is_end = |at: &usize| bytes[*at..].starts_with(&END) && number(&bytes, at + 20, 2) == ended(&bytes, *at);
        let place = (0..=bytes.len().saturating_sub(END_LENGTH)).rev().find(is_end);
        let place = place.ok_or_else(|| refused("it is no zip archive, or it is cut short"))?;
        let end = &bytes[place..];
        let (mut here, mut count, mut length, mut start) =
            (number(end, 8, 2), number(end, 10, 2), number(end, 12, 4), number(end, 16, 4));
        let mut until = whole - tail + place as u64;
        let is_large = [here, count].contains(&COUNT_ELSEWHERE) || [length, start].contains(&ELSEWHERE);
        let large = place.checked_sub(LARGE_END_PLACE_LENGTH).map(|at| &bytes[at..place]);
        if let Some(large) = large.filter(|large| is_large && large.starts_with(&LARGE_END_PLACE)) {
            let at = number(large, 8, 8);
            let end = Self::large(archive, at, until - LARGE_END_PLACE_LENGTH as u64)?;
            (here, count, length, start) =
                (number(&end, 24, 8), number(&end, 32, 8), number(&end, 40, 8), number(&end, 48, 8));
            until = at;
        }
        if (here, count) != (1, 1) {
            return Err(refused(format!("the zip archive holds {} files, not one", here.max(count))));
        }
        if start.checked_add(length) != Some(until) {
            return Err(senseless());
        }
        Ok(Self { start, length })
    }

    /// The end of a large archive, which has to reach `until`.
    fn large(archive: &mut (impl Read + Seek), at: u64, until: u64) -> Result<Vec<u8>, Failed> {
        if at.checked_add(LARGE_END_LENGTH as u64) != Some(until) {
            return Err(senseless());
        }
        let end = bytes(archive, at, LARGE_END_LENGTH)?;
        if end.starts_with(&LARGE_END) { Ok(end) } else { Err(senseless()) }
    }

    /// What it tells of its file.
    fn entry(&self, archive: &mut (impl Read + Seek), member: &str) -> Result<Entry, Failed> {
        let fixed = bytes(archive, self.start, CENTRAL_LENGTH)?;
        let length = |at: usize| number(&fixed, at, 2);
        let all = CENTRAL_LENGTH as u64 + length(28) + length(30) + length(32);
        if !fixed.starts_with(&CENTRAL) || all != self.length || length(34) != 0 {
            return Err(senseless());
        }
        let name = bytes(archive, self.start + CENTRAL_LENGTH as u64, short(length(28)))?;
        check_name(&name, member)?;
        let attributes = number(&fixed, 38, 4);
        // The mode of Unix is in the upper half; all but the bits that say a type are permissions.
        let is_regular = matches!(attributes >> 16 & 0o170_000, 0 | 0o100_000) && attributes & 0x10 == 0;
        if !is_regular {
            return Err(refused(format!("{} is no regular file in the zip archive", quoted(member))));
        }
        let (flags, method) = (length(8), length(10));
        if flags & ENCRYPTED != 0 {
            return Err(refused("the zip archive is encrypted"));
        }
        if method != STORED && method != DEFLATED {
            return Err(refused(format!("the zip archive is packed by the method {method}, which is not taken")));
        }
        let extra = bytes(archive, self.start + CENTRAL_LENGTH as u64 + length(28), short(length(30)))?;
        let mut large = large_sizes(&extra);
        let mut value = |at: usize| match number(&fixed, at, 4) {
            ELSEWHERE => large.next().ok_or_else(senseless),
            value => Ok(value),
        };
        let (size, packed, place) = (value(24)?, value(20)?, value(42)?);
        Ok(Entry { method, sum: number(&fixed, 16, 4), packed, size, place })
    }
}

/// What is told of the file.
#[derive(Debug)]
struct Entry {
    method: u64,
    sum: u64,
    packed: u64,
    size: u64,
    place: u64,
}

impl Entry {
    /// Where its bytes begin: after the header that stands before them, which has to tell the same.
    fn start(&self, archive: &mut (impl Read + Seek), member: &str, directory: &Directory) -> Result<u64, Failed> {
        let last = directory.start.checked_sub(LOCAL_LENGTH as u64);
        if last.is_none_or(|last| self.place > last) {
            return Err(senseless());
        }
        let fixed = bytes(archive, self.place, LOCAL_LENGTH)?;
        let length = |at: usize| number(&fixed, at, 2);
        if !fixed.starts_with(&LOCAL) || length(8) != self.method {
            return Err(senseless());
        }
        if length(6) & ENCRYPTED != 0 {
            return Err(refused("the zip archive is encrypted"));
        }
        check_name(&bytes(archive, self.place + LOCAL_LENGTH as u64, short(length(26)))?, member)?;
        let start = self.place + LOCAL_LENGTH as u64 + length(26) + length(28);
        match start.checked_add(self.packed) {
            Some(end) if end <= directory.start => Ok(start),
            _ => Err(senseless()),
        }
    }
}

fn check_name(name: &[u8], member: &str) -> Result<(), Failed> {
    if name == member.as_bytes() {
        return Ok(());
    }
    let found = quoted(&String::from_utf8_lossy(name));
    Err(refused(format!("the zip archive holds {found}, not `{member}`")))
}

/// The values of the extra field for large files, in their order.
fn large_sizes(mut extra: &[u8]) -> impl Iterator<Item = u64> {
    let mut values = Vec::new();
    while extra.len() >= 4 {
        let (kind, length) = (number(extra, 0, 2), short(number(extra, 2, 2)));
        let Some(field) = extra.get(4..4 + length) else { break };
        if kind == LARGE_SIZES {
            values = field.chunks_exact(8).map(|value| number(value, 0, 8)).collect();
            break;
        }
        extra = &extra[4 + length..];
    }
    values.into_iter()
}

/// How many bytes there are after the end's fixed part.
fn ended(bytes: &[u8], at: usize) -> u64 {
    (bytes.len() - at).saturating_sub(END_LENGTH) as u64
}

/// A number of `length` bytes, the lowest first; what is not there counts as nothing.
fn number(bytes: &[u8], at: usize, length: usize) -> u64 {
    let digits = bytes.iter().skip(at).take(length);
    digits.enumerate().fold(0, |value, (index, byte)| value | u64::from(*byte) << (8 * index))
}

/// A length that came in two bytes.
fn short(length: u64) -> usize {
    usize::try_from(length & 0xffff).unwrap_or_default()
}

fn bytes(archive: &mut (impl Read + Seek), at: u64, length: usize) -> Result<Vec<u8>, Failed> {
    archive.seek(SeekFrom::Start(at))?;
    let mut bytes = vec![0; length];
    archive.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    /// An archive that holds `web.tar`, which is stored.
    fn archive(content: &[u8]) -> Vec<u8> {
        let mut sum = Crc::new();
        sum.update(content);
        let length = u32::try_from(content.len()).unwrap().to_le_bytes();
        let told = [&[0, 0, 0, 0], &sum.sum().to_le_bytes(), &length, &length, &[7, 0, 0, 0][..]].concat();
        let local = [&LOCAL[..], &[20, 0, 0, 0, 0, 0], &told, b"web.tar", content].concat();
        let central = [&CENTRAL[..], &[20, 3, 20, 0, 0, 0, 0, 0], &told, &[0; 14], b"web.tar"].concat();
        let sizes = [central.len(), local.len()].map(|size| u32::try_from(size).unwrap().to_le_bytes()).concat();
        [&local[..], &central, &END, &[0, 0, 0, 0, 1, 0, 1, 0], &sizes, &[0, 0]].concat()
    }

    fn unpacked(archive: &[u8], limit: u64) -> Result<Vec<u8>, String> {
        let mut into = Vec::new();
        match unpack(&mut Cursor::new(archive), "web.tar", limit, &mut into) {
            Ok(()) => Ok(into),
            Err(Failed::Refused(message)) => Err(message),
            Err(failed) => panic!("{failed:?}"),
        }
    }

    #[test]
    fn one_file_is_unpacked_up_to_the_limit() {
        let whole = archive(b"content");
        assert_eq!(unpacked(&whole, 7).unwrap(), b"content");
        assert_eq!(unpacked(&whole, 6).unwrap_err(), "it has more than 6 bytes when it is unpacked");
        assert_eq!(unpacked(&archive(b""), 0).unwrap(), b"");
    }

    #[test]
    fn what_stands_before_or_after_an_archive_is_none_of_it() {
        let whole = archive(b"content");
        assert!(unpacked(&[b"x", &whole[..]].concat(), 7).unwrap_err().contains("contradict"));
        assert!(unpacked(&[&whole[..], b"x"].concat(), 7).unwrap_err().contains("no zip archive"));
        for length in 0..whole.len() {
            assert!(unpacked(&whole[..length], 7).is_err(), "{length}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_are_a_surprise(bytes: Vec<u8>, at: prop::sample::Index, byte: u8) {
            let _ = unpacked(&bytes, 10);
            let mut changed = archive(b"content");
            let at = at.index(changed.len());
            changed[at] = byte;
            let found = unpacked(&changed, 10);
            prop_assert!(found.is_err() || found.is_ok_and(|content| content == b"content"));
        }
    }
}
