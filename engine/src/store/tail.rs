//! The log as it grows, for whoever derives from it: the commits after a cursor with those of their events that matter.

use deskwire_protocol::TicketId;

use super::append::{Record, RecordKind};
use super::fault::ReadFault;
use super::handle::StoreHandle;
use super::layout;
use super::page::PageLimits;
use super::reads::{Commit, Reader};

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
        self.aside(move |store| tail(store, after, max, wanted)).await
    }

    /// How far a reader of commits had said that it is; nothing where it never did.
    pub async fn cursor(&self, name: &str) -> Result<Option<u64>, ReadFault> {
        let key = layout::cursor_key(name);
        self.aside(move |store| match store.get(&key)? {
            Some(value) => Ok(Some(layout::unseal_number(&key, &value)?)),
            None => Ok(None),
        })
        .await
    }

    /// Records of a kind by their ids, in the order of these.
    pub async fn records_of(&self, kind: RecordKind, ids: Vec<Vec<u8>>) -> Result<Vec<Option<Record>>, ReadFault> {
        self.aside(move |store| ids.iter().map(|id| store.record(kind, id)).collect()).await
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
        self.aside(move |store| store.records_back(kind, &prefix, before.as_deref(), max)).await
    }
}

fn tail(store: Reader<'_>, after: u64, max: usize, wanted: fn(u8) -> bool) -> Result<Vec<Tailed>, ReadFault> {
    let commits = store.commits(after, max)?;
    commits.into_iter().map(|commit| tailed(store, commit, wanted)).collect()
}

fn tailed(store: Reader<'_>, commit: Commit, wanted: fn(u8) -> bool) -> Result<Tailed, ReadFault> {
    let mut ranges = commit.ranges;
    ranges.sort_unstable_by_key(|range| (range.ticket, range.first));
    let mut events = Vec::new();
    for range in ranges.iter().filter(|range| range.count > 0 && (range.kind == 0 || wanted(range.kind))) {
        let last = range.first.saturating_add(range.count - 1);
        let found = store.forward(range.ticket, range.first, last, PageLimits::NONE)?;
        let wanted = found.into_iter().filter(|(_, event)| event.first().is_some_and(|kind| wanted(*kind)));
        events.extend(wanted.map(|(seq, event)| (range.ticket, seq, event)));
    }
    Ok(Tailed { number: commit.number, events })
}
