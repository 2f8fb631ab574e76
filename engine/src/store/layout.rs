//! Keys and values on disk: one tree, a tag byte in front of every key, a checksum behind every value.
//!
//! ```text
//! 0x10 | ticket | seq         events from this one on, without a gap: of each its length (4), kind byte, archive
//! 0x20 | kind | id            record: version, bytes
//! 0x30 | commit number        commit: (ticket, first, count) of each append in it
//! 0x31 | name                 cursor: the commit number that this reader has done with
//! 0x40 | ticket               stage: the facts of an open ticket
//! 0x50 |                      starts: how often the store was opened
//!
//! value = format (1) | length of the body (4) | body | CRC32C of key, format, length and body (4)
//! ```
//! The events of a ticket are many to a value where they came together: a key costs as much as fifty events. In an entry of
//! the journal each has a key of its own, and its value is the event alone: the entry has a checksum.
//!
//! Numbers in keys are big endian, so that their order is the tree's; in values little endian. The checksum covers the
//! key, so that a value under a wrong key is noticed too.

use deskwire_protocol::TicketId;
use rkyv::rancor::Failure;

use super::append::{Record, RecordKey, RecordValue};
use super::fault::Damaged;
use crate::domain::facts::Facts;

/// The version of this layout and of all that is encoded in it. A store of another one is refused: of a higher one
/// because nothing is known of it, of a lower one because no release ever wrote it.
///
/// Version 1 had no journal, version 2 no phases, skills and wrap-ups in events and stages, up to version 4 every event
/// had a key of its own.
pub const DATA_VERSION: u32 = 5;

/// Most bytes of one event or record. sled moves what is far larger to files of its own that it never syncs.
pub const VALUE_BYTES_MAX: usize = 32 * 1024;
/// Most bytes of the events that go into one value, unless it is one event alone.
pub(super) const EVENTS_BYTES_MAX: usize = 16 * 1024;
/// Most bytes of a record's id.
pub const RECORD_ID_BYTES_MAX: usize = 512;

const EVENT: u8 = 0x10;
const RECORD: u8 = 0x20;
const COMMIT: u8 = 0x30;
const CURSOR: u8 = 0x31;
const STAGE: u8 = 0x40;
const STARTS: u8 = 0x50;

const FORMAT: u8 = 1;
const HEADER_BYTES: usize = 5;
const CRC_BYTES: usize = 4;
const RANGE_BYTES: usize = 16;
const LENGTH_BYTES: usize = 4;
/// Most events of one append: three bytes of a range count them.
pub(super) const APPEND_EVENTS_MAX: usize = (1 << 24) - 1;

/// Events of one ticket that a commit added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Whose log.
    pub ticket: TicketId,
    /// The sequence of the first.
    pub first: u32,
    /// How many.
    pub count: u32,
    /// The kind byte of all of them; 0, which is none, where they differ: who does not want it need not read them.
    pub kind: u8,
}

pub(super) fn event_key(ticket: TicketId, seq: u32) -> [u8; 13] {
    let mut key = [EVENT; 13];
    key[1..9].copy_from_slice(&ticket.0.to_be_bytes());
    key[9..].copy_from_slice(&seq.to_be_bytes());
    key
}

pub(super) const COMMITS: [u8; 1] = [COMMIT];
pub(super) const CURSORS: [u8; 1] = [CURSOR];
pub(super) const STAGES: [u8; 1] = [STAGE];
pub(super) const STARTS_KEY: [u8; 1] = [STARTS];

pub(super) fn read_event_key(key: &[u8]) -> Result<(TicketId, u32), Damaged> {
    let (ticket, seq) = key[1..].split_first_chunk().ok_or_else(|| Damaged::at(key))?;
    let seq = seq.try_into().map_err(|_| Damaged::at(key))?;
    Ok((TicketId(u64::from_be_bytes(*ticket)), u32::from_be_bytes(seq)))
}

/// Whose event a change in the journal is, if it is an event.
pub(super) fn event_of(key: &[u8]) -> Option<(TicketId, u32)> {
    (part(key) == Some(Part::Event)).then(|| read_event_key(key).ok()).flatten()
}

/// The first key behind all that begin like this.
pub(super) fn after(prefix: &[u8]) -> Vec<u8> {
    let mut after = prefix.to_vec();
    // A tag is never the last byte there is, so that something is left.
    while let Some(last) = after.pop() {
        if last < u8::MAX {
            after.push(last + 1);
            break;
        }
    }
    after
}

pub(super) fn record_prefix(kind: super::RecordKind, id: &[u8]) -> Vec<u8> {
    let mut key = vec![RECORD, kind as u8];
    key.extend_from_slice(id);
    key
}

pub(super) fn record_key(key: &RecordKey) -> Vec<u8> {
    record_prefix(key.kind, &key.id)
}

fn numbered(tag: u8, number: u64) -> [u8; 9] {
    let mut key = [tag; 9];
    key[1..].copy_from_slice(&number.to_be_bytes());
    key
}

pub(super) fn commit_key(number: u64) -> [u8; 9] {
    numbered(COMMIT, number)
}

pub(super) fn stage_key(ticket: TicketId) -> [u8; 9] {
    numbered(STAGE, ticket.0)
}

pub(super) fn cursor_key(name: &str) -> Vec<u8> {
    [&[CURSOR], name.as_bytes()].concat()
}

/// The number in the key of a commit, or the ticket's in that of a stage.
pub(super) fn read_numbered(key: &[u8]) -> Result<u64, Damaged> {
    let number = key[1..].try_into().map_err(|_| Damaged::at(key))?;
    Ok(u64::from_be_bytes(number))
}

/// A value around one or two pieces of body.
pub(super) fn seal(key: &[u8], body: &[&[u8]]) -> Vec<u8> {
    let length = body.iter().map(|piece| piece.len()).sum::<usize>();
    let mut value = Vec::with_capacity(HEADER_BYTES + length + CRC_BYTES);
    value.push(FORMAT);
    let length = u32::try_from(length).expect("every body is bounded far below this");
    value.extend_from_slice(&length.to_le_bytes());
    for piece in body {
        value.extend_from_slice(piece);
    }
    let crc = crc32c::crc32c_append(crc32c::crc32c(key), &value);
    value.extend_from_slice(&crc.to_le_bytes());
    value
}

/// The body of a value, if value and key are as they were written.
pub(super) fn unseal<'v>(key: &[u8], value: &'v [u8]) -> Result<&'v [u8], Damaged> {
    let damaged = || Damaged::at(key);
    let (sealed, crc) = value.split_last_chunk::<CRC_BYTES>().ok_or_else(damaged)?;
    let expected = crc32c::crc32c_append(crc32c::crc32c(key), sealed);
    if u32::from_le_bytes(*crc) != expected {
        return Err(damaged());
    }
    let (header, body) = sealed.split_first_chunk::<HEADER_BYTES>().ok_or_else(damaged)?;
    let [format, length @ ..] = *header;
    if format != FORMAT || u32::from_le_bytes(length) as usize != body.len() {
        return Err(damaged());
    }
    Ok(body)
}

/// Events that follow each other, the first of them under this key.
pub(super) fn seal_events<'e>(key: &[u8], events: impl Iterator<Item = &'e [u8]>) -> Vec<u8> {
    let mut body = Vec::with_capacity(EVENTS_BYTES_MAX / 4);
    for event in events {
        let length = u32::try_from(event.len()).expect("events are bounded far below this");
        body.extend_from_slice(&length.to_le_bytes());
        body.extend_from_slice(event);
    }
    seal(key, &[&body])
}

/// The events of a value, in their order.
pub(super) fn unseal_events<'v>(
    key: &[u8],
    value: &'v [u8],
) -> Result<impl Iterator<Item = &'v [u8]> + use<'v>, Damaged> {
    let body = unseal(key, value)?;
    let mut rest = body;
    while !rest.is_empty() {
        (_, rest) = split_event(rest).ok_or_else(|| Damaged::at(key))?;
    }
    let mut rest = body;
    Ok(std::iter::from_fn(move || {
        let (event, behind) = split_event(rest)?;
        rest = behind;
        Some(event)
    }))
}

fn split_event(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, bytes) = bytes.split_first_chunk::<LENGTH_BYTES>()?;
    let (event, rest) = bytes.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    (!event.is_empty()).then_some((event, rest))
}

pub(super) fn seal_record(key: &[u8], value: &RecordValue) -> Vec<u8> {
    seal(key, &[&value.version.to_le_bytes(), &value.bytes])
}

pub(super) fn unseal_record(key: &[u8], value: &[u8]) -> Result<Record, Damaged> {
    let (version, bytes) = unseal(key, value)?.split_first_chunk().ok_or_else(|| Damaged::at(key))?;
    Ok(Record { id: key[2..].to_vec(), version: u64::from_le_bytes(*version), bytes: bytes.to_vec() })
}

pub(super) fn seal_stage(key: &[u8], facts: &Facts) -> Vec<u8> {
    let bytes = rkyv::to_bytes::<Failure>(facts).expect("writing an archive into memory cannot fail");
    seal(key, &[&bytes])
}

pub(super) fn unseal_stage(key: &[u8], value: &[u8]) -> Result<Facts, Damaged> {
    rkyv::from_bytes::<Facts, Failure>(unseal(key, value)?).map_err(|_| Damaged::at(key))
}

pub(super) fn seal_number(key: &[u8], number: u64) -> Vec<u8> {
    seal(key, &[&number.to_le_bytes()])
}

pub(super) fn unseal_number(key: &[u8], value: &[u8]) -> Result<u64, Damaged> {
    let number = unseal(key, value)?.try_into().map_err(|_| Damaged::at(key))?;
    Ok(u64::from_le_bytes(number))
}

pub(super) fn seal_commit(key: &[u8], ranges: &[Range]) -> Vec<u8> {
    let mut body = Vec::with_capacity(ranges.len() * RANGE_BYTES);
    for range in ranges {
        body.extend_from_slice(&range.ticket.0.to_le_bytes());
        body.extend_from_slice(&range.first.to_le_bytes());
        let [c0, c1, c2, _] = range.count.to_le_bytes();
        body.extend_from_slice(&[c0, c1, c2, range.kind]);
    }
    seal(key, &[&body])
}

pub(super) fn unseal_commit(key: &[u8], value: &[u8]) -> Result<Vec<Range>, Damaged> {
    let (ranges, rest) = unseal(key, value)?.as_chunks::<RANGE_BYTES>();
    if !rest.is_empty() {
        return Err(Damaged::at(key));
    }
    let read = |bytes: &[u8; RANGE_BYTES]| {
        let [ticket @ .., f0, f1, f2, f3, c0, c1, c2, kind] = *bytes;
        Range {
            ticket: TicketId(u64::from_le_bytes(ticket)),
            first: u32::from_le_bytes([f0, f1, f2, f3]),
            count: u32::from_le_bytes([c0, c1, c2, 0]),
            kind,
        }
    };
    Ok(ranges.iter().map(read).collect())
}

/// What a key is the key of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Event,
    Record,
    Commit,
    Cursor,
    Stage,
    Starts,
}

pub(super) fn part(key: &[u8]) -> Option<Part> {
    match *key.first()? {
        EVENT => Some(Part::Event),
        RECORD => Some(Part::Record),
        COMMIT => Some(Part::Commit),
        CURSOR => Some(Part::Cursor),
        STAGE => Some(Part::Stage),
        STARTS => Some(Part::Starts),
        _ => None,
    }
}

/// The same in words, for an operator.
pub(super) fn describe(key: &[u8]) -> String {
    let number = || read_numbered(key).unwrap_or(0);
    match part(key) {
        Some(Part::Event) => match read_event_key(key) {
            Ok((ticket, seq)) => format!("the log of ticket {ticket} from event {seq} on"),
            Err(_) => "an event key of the wrong length".to_owned(),
        },
        Some(Part::Record) => format!("a record of kind {}", key.get(1).copied().unwrap_or(0)),
        Some(Part::Commit) => format!("commit {}", number()),
        Some(Part::Cursor) => "a cursor".to_owned(),
        Some(Part::Stage) => format!("ticket {} in the stage index", TicketId(number())),
        Some(Part::Starts) => "the count of starts".to_owned(),
        None => "a key that is none of ours".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A checksum over key and value: no single bit may change unnoticed, nor a value stand under another key.
    #[test]
    fn every_flipped_bit_is_noticed() {
        let key = event_key(TicketId(7), 3);
        let value = seal(&key, &[b"hello"]);
        assert_eq!(unseal(&key, &value), Ok(&b"hello"[..]));
        for bit in 0..value.len() * 8 {
            let mut flipped = value.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(unseal(&key, &flipped), Err(Damaged::at(&key)), "bit {bit}");
        }
        for cut in 0..value.len() {
            assert!(unseal(&key, &value[..cut]).is_err(), "cut at {cut}");
        }
        let damaged = unseal(&event_key(TicketId(7), 4), &value).unwrap_err();
        assert_eq!(damaged.to_string(), "the log of ticket 0000000000000007 from event 4 on is damaged");
    }

    /// Reads of one ticket never see another's, and come in the order of the sequence.
    #[test]
    fn the_order_of_the_keys_is_the_order_of_the_numbers() {
        let places = [(1, 1), (1, 2), (1, 256), (1, u32::MAX), (2, 0), (256, 1), (u64::MAX, 1)];
        let keys = places.map(|(ticket, seq)| event_key(TicketId(ticket), seq));
        assert!(keys.is_sorted());
        for (key, (ticket, seq)) in keys.iter().zip(places) {
            assert_eq!(read_event_key(key), Ok((TicketId(ticket), seq)));
        }
        assert!([1, 255, 256, 1 << 40].map(commit_key).is_sorted());
    }

    /// The bytes on disk are a promise to later engines.
    #[test]
    fn the_form_of_a_value_stays() {
        let key = event_key(TicketId(0x0102_0304_0506_0708), 9);
        assert_eq!(key, [0x10, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 9]);
        let value = seal(&key, &[&[5], b"hi"]);
        let (front, crc) = value.split_at(8);
        assert_eq!(front, [1, 3, 0, 0, 0, 5, b'h', b'i']);
        assert_eq!(crc, crc32c::crc32c(&[&key[..], front].concat()).to_le_bytes());
        let range = Range { ticket: TicketId(1), first: 2, count: 3, kind: 9 };
        let key = commit_key(4);
        let value = seal_commit(&key, &[range]);
        assert_eq!(value[5..21], [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 9]);
        assert_eq!(unseal_commit(&key, &value), Ok(vec![range]));
    }
}
