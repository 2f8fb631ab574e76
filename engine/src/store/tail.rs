//! The log as it grows, for whoever derives from it: the commits after a cursor with those of their events that matter.

use deskwire_protocol::TicketId;

use super::append::{Record, RecordKind};
use super::fault::{Damaged, ReadFault};
use super::handle::StoreHandle;
use super::{layout, reads};

/// One commit, and the events in it that were asked for, ticket by ticket in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tailed {
    /// Its number.
    pub number: u64,
    /// Ticket, sequence, and the event: kind byte and archive.
    pub events: Vec<(TicketId, u32, Vec<u8>)>,
}

impl StoreHandle {
    /// The commits after a number, oldest first, at most `max`, with the events whose kind byte `wanted` says yes to.
    /// The others are looked at no further.
    pub async fn tail(&self, after: u64, max: usize, wanted: fn(u8) -> bool) -> Result<Vec<Tailed>, ReadFault> {
        self.aside(move |db| tail(db, after, max, wanted)).await
    }

    /// How far a reader of commits had said that it is; nothing where it never did.
    pub async fn cursor(&self, name: &str) -> Result<Option<u64>, ReadFault> {
        let key = layout::cursor_key(name);
        self.aside(move |db| match db.get(&key)? {
            Some(value) => Ok(Some(layout::unseal_number(&key, &value)?)),
            None => Ok(None),
        })
        .await
    }

    /// Records of a kind by their ids, in the order of these.
    pub async fn records_of(&self, kind: RecordKind, ids: Vec<Vec<u8>>) -> Result<Vec<Option<Record>>, ReadFault> {
        self.aside(move |db| ids.iter().map(|id| reads::record(db, kind, id)).collect()).await
    }

    /// The records of a kind whose id begins like this and comes before another (the end where there is none), the last
    /// first, at most so many.
    pub async fn records_back(
        &self,
        kind: RecordKind,
        prefix: Vec<u8>,
        before: Option<Vec<u8>>,
        max: usize,
    ) -> Result<Vec<Record>, ReadFault> {
        self.aside(move |db| {
            let from = layout::record_prefix(kind, &prefix);
            let end = before.map(|id| layout::record_prefix(kind, &id));
            let own = db.scan_prefix(&from).rev();
            let below = own.filter(|pair| match (pair, &end) {
                (Ok((key, _)), Some(end)) => key.as_ref() < end.as_slice(),
                (Ok(_) | Err(_), _) => true,
            });
            below
                .take(max)
                .map(|pair| {
                    let (key, value) = pair?;
                    Ok(layout::unseal_record(&key, &value)?)
                })
                .collect()
        })
        .await
    }
}

fn tail(db: &sled::Db, after: u64, max: usize, wanted: fn(u8) -> bool) -> Result<Vec<Tailed>, ReadFault> {
    let commits = reads::commits(db, after, max)?;
    commits.into_iter().map(|commit| tailed(db, commit, wanted)).collect()
}

fn tailed(db: &sled::Db, commit: reads::Commit, wanted: fn(u8) -> bool) -> Result<Tailed, ReadFault> {
    let mut ranges = commit.ranges;
    ranges.sort_unstable_by_key(|range| (range.ticket, range.first));
    let mut events = Vec::new();
    for range in ranges.iter().filter(|range| range.count > 0 && (range.kind == 0 || wanted(range.kind))) {
        let (first, last) = (range.first, range.first.saturating_add(range.count - 1));
        let all = layout::event_key(range.ticket, first)..=layout::event_key(range.ticket, last);
        let mut expected = first;
        for pair in db.range(all) {
            let (key, value) = pair?;
            let (ticket, seq) = layout::read_event_key(&key)?;
            if seq != expected {
                return Err(Damaged::at(&layout::event_key(ticket, expected)).into());
            }
            expected = seq.saturating_add(1);
            if layout::kind_of(&value).is_none_or(wanted) {
                events.push((ticket, seq, layout::unseal(&key, &value)?.to_vec()));
            }
        }
    }
    Ok(Tailed { number: commit.number, events })
}
