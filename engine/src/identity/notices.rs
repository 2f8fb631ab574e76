//! A person's notices as a record of the store. Its version is the last commit that it tells of, so that what is read
//! again from there on after a restart is not told twice.

use deskwire_protocol::kinds::NoticeLine;
use deskwire_protocol::limits::NOTICES_KEPT_MAX;
use deskwire_protocol::{Malformed, PersonId, frames};

use crate::domain::notice::NoticeList;
use crate::store::{Record, RecordKind, RecordPut};

frames! {
    /// What is kept of a person's notices. Numbers are never used again; a changed record is a new kind.
    pub enum NoticeRecord {
        /// His list, the oldest first.
        1 KeptNotices {
            /// The notices.
            lines: Vec<NoticeLine> [max NOTICES_KEPT_MAX];
        }
    }
}

/// A list, and the last commit that it tells of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// The list.
    pub list: NoticeList,
    /// The commit.
    pub upto: u64,
}

impl Kept {
    /// What a record says; of a person without one nothing was ever told.
    pub fn read(record: Option<&Record>) -> Result<Kept, Malformed> {
        let Some(record) = record else { return Ok(Kept::default()) };
        let NoticeRecord::KeptNotices(KeptNotices { lines }) = NoticeRecord::decode(&record.bytes)?;
        Ok(Kept { list: NoticeList::of(lines), upto: record.version })
    }

    /// As it is kept.
    pub fn put(&self, person: PersonId) -> RecordPut {
        let record = NoticeRecord::from(KeptNotices { lines: self.list.lines() });
        RecordPut::put(RecordKind::Notices, person.0.to_be_bytes(), self.upto, record.encode())
    }
}

#[cfg(test)]
mod tests {
    use deskwire_protocol::limits::{NAME_BYTES_MAX, REASON_BYTES_MAX};
    use deskwire_protocol::{NoticeWord, TicketId, Time};

    use super::*;
    use crate::domain::notice::Notice;
    use crate::store::VALUE_BYTES_MAX;

    /// E03: the longest list comes back as it was, and is no larger than a record may be.
    #[test]
    fn the_longest_list_fits_a_record_and_comes_back() {
        let mut kept = Kept { upto: 7, ..Kept::default() };
        for ticket in 0..NOTICES_KEPT_MAX as u64 {
            let (by, detail) = ("b".repeat(NAME_BYTES_MAX), "d".repeat(REASON_BYTES_MAX));
            let (what, at) = (NoticeWord::Given, Time::from_ms(ticket));
            kept.list.add(Notice { what, ticket: TicketId(ticket), at, by, detail });
        }
        let put = kept.put(PersonId(5));
        let value = put.value.unwrap();
        assert!(value.bytes.len() <= VALUE_BYTES_MAX, "{}", value.bytes.len());
        let record = Record { id: put.key.id, version: value.version, bytes: value.bytes };
        assert_eq!(Kept::read(Some(&record)), Ok(kept));
    }
}
