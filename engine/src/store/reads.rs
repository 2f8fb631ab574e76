//! What can be asked of the log: the newest of it in memory, the rest in sled; neither holds what is not durable.
//!
//! Every read looks into [`Recent`] first and into sled after that: what it did not find in memory had been settled
//! before, or has come since.

use std::cmp::Ordering;
use std::iter::from_fn;
use std::ops::Bound;

use deskwire_protocol::TicketId;
use sled::IVec;

use super::append::{Record, RecordKind};
use super::fault::{Damaged, ReadFault};
use super::layout::{self, Range};
use super::page::{Logged, Page, PageLimits};
use super::recent::{Keys, Recent};
use crate::domain::facts::Facts;

/// One commit: which events it added, in no order that means anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its number.
    pub number: u64,
    /// What it added.
    pub ranges: Vec<Range>,
}

/// The store as it can be read.
#[derive(Clone, Copy)]
pub(super) struct Reader<'s> {
    pub(super) db: &'s sled::Db,
    pub(super) recent: &'s Recent,
    /// The lowest commit that is kept.
    pub(super) floor: u64,
}

type Pair = sled::Result<(IVec, IVec)>;

impl<'s> Reader<'s> {
    pub(super) fn get(&self, key: &[u8]) -> sled::Result<Option<IVec>> {
        match self.recent.get(key) {
            Some(known) => Ok(known),
            None => self.db.get(key),
        }
    }

    /// The pairs of a range, in the order of their keys. Not for events.
    pub(super) fn range(&self, keys: Keys<'_>) -> impl Iterator<Item = Pair> + use<'s> {
        let recent = self.recent.changes(keys);
        joined(recent.into_iter(), self.db.range::<&[u8], _>(keys), IVec::cmp)
    }

    /// The same from the end.
    pub(super) fn range_back(&self, keys: Keys<'_>) -> impl Iterator<Item = Pair> + use<'s> {
        let recent = self.recent.changes(keys);
        joined(recent.into_iter().rev(), self.db.range::<&[u8], _>(keys).rev(), |one, other| other.cmp(one))
    }

    /// The pairs whose keys begin like this, in the order of their keys. Not for events.
    pub(super) fn prefixed(&self, prefix: &[u8]) -> impl Iterator<Item = Pair> + use<'s> {
        let end = layout::after(prefix);
        self.range((Bound::Included(prefix), Bound::Excluded(&end)))
    }

    /// The sequence of a ticket's last event, 0 where there is none.
    pub(super) fn head(&self, ticket: TicketId) -> Result<u32, ReadFault> {
        if let Some(head) = self.recent.head(ticket) {
            return Ok(head);
        }
        let all = layout::event_key(ticket, 0)..=layout::event_key(ticket, u32::MAX);
        match self.db.range(all).next_back().transpose()? {
            Some((key, value)) => {
                let (_, first) = layout::read_event_key(&key)?;
                Ok(first + (layout::unseal_events(&key, &value)?.count() as u32).saturating_sub(1))
            }
            None => Ok(0),
        }
    }

    /// Events `from..=to`, oldest first, as many as a page holds.
    pub(super) fn forward(
        &self,
        ticket: TicketId,
        from: u32,
        to: u32,
        limits: PageLimits,
    ) -> Result<Vec<Logged>, ReadFault> {
        if from > to {
            return Ok(Vec::new());
        }
        let newer = self.recent.forward(ticket, from, to, limits);
        let mut page = Page::new(limits);
        match newer.events.first() {
            Some((first, _)) if *first == from => page = newer,
            Some((first, _)) => {
                self.settled_forward(ticket, from, *first - 1, &mut page)?;
                page.fill(newer.events.iter().map(|(seq, event)| (*seq, event.as_slice())));
            }
            None => self.settled_forward(ticket, from, to, &mut page)?,
        }
        whole(ticket, &page.events, Some(from))?;
        Ok(page.events)
    }

    fn settled_forward(&self, ticket: TicketId, from: u32, to: u32, page: &mut Page) -> Result<(), ReadFault> {
        // The value that holds the first begins at it or before.
        let before = layout::event_key(ticket, 0)..=layout::event_key(ticket, from);
        let begin = match self.db.range(before).next_back().transpose()? {
            Some((key, _)) => key,
            None => IVec::from(&layout::event_key(ticket, from)),
        };
        for pair in self.db.range::<&[u8], _>(&*begin..=&layout::event_key(ticket, to)[..]) {
            let (key, value) = pair?;
            let (_, first) = layout::read_event_key(&key)?;
            let events = (first..=to).zip(layout::unseal_events(&key, &value)?);
            if page.fill(events.filter(|(seq, _)| *seq >= from)) {
                break;
            }
        }
        Ok(())
    }

    /// The events before a sequence, as many as a page holds, oldest first.
    pub(super) fn back(&self, ticket: TicketId, before: u32, limits: PageLimits) -> Result<Vec<Logged>, ReadFault> {
        let mut page = self.recent.back(ticket, before, limits);
        let before = page.events.last().map_or(before, |(seq, _)| *seq);
        if !page.is_full() {
            for pair in self.db.range(layout::event_key(ticket, 0)..layout::event_key(ticket, before)).rev() {
                let (key, value) = pair?;
                let (_, first) = layout::read_event_key(&key)?;
                let events = (first..before).zip(layout::unseal_events(&key, &value)?).collect::<Vec<_>>();
                if page.fill(events.into_iter().rev()) {
                    break;
                }
            }
        }
        page.events.reverse();
        whole(ticket, &page.events, None)?;
        Ok(page.events)
    }

    /// The facts of every open ticket.
    pub(super) fn stages(&self) -> Result<Vec<Facts>, ReadFault> {
        let mut stages = Vec::new();
        for pair in self.prefixed(&layout::STAGES) {
            let (key, value) = pair?;
            stages.push(layout::unseal_stage(&key, &value)?);
        }
        Ok(stages)
    }

    /// Every record of a kind whose id begins like this, by id.
    pub(super) fn records(&self, kind: RecordKind, id_prefix: &[u8]) -> Result<Vec<Record>, ReadFault> {
        let mut records = Vec::new();
        for pair in self.prefixed(&layout::record_prefix(kind, id_prefix)) {
            let (key, value) = pair?;
            records.push(layout::unseal_record(&key, &value)?);
        }
        Ok(records)
    }

    /// The records of a kind whose id begins like this and comes before another, the last first, at most so many.
    pub(super) fn records_back(
        &self,
        kind: RecordKind,
        id_prefix: &[u8],
        before: Option<&[u8]>,
        max: usize,
    ) -> Result<Vec<Record>, ReadFault> {
        let begin = layout::record_prefix(kind, id_prefix);
        let mut end = layout::after(&begin);
        if let Some(id) = before {
            end = end.min(layout::record_prefix(kind, id));
        }
        if end <= begin {
            return Ok(Vec::new());
        }
        let own = self.range_back((Bound::Included(&begin), Bound::Excluded(&end)));
        own.take(max)
            .map(|pair| {
                let (key, value) = pair?;
                Ok(layout::unseal_record(&key, &value)?)
            })
            .collect()
    }

    /// One record.
    pub(super) fn record(&self, kind: RecordKind, id: &[u8]) -> Result<Option<Record>, ReadFault> {
        let key = layout::record_prefix(kind, id);
        match self.get(&key)? {
            Some(value) => Ok(Some(layout::unseal_record(&key, &value)?)),
            None => Ok(None),
        }
    }

    /// The commits after a number, oldest first.
    pub(super) fn commits(&self, after: u64, max: usize) -> Result<Vec<Commit>, ReadFault> {
        let next = after.saturating_add(1);
        if self.floor > next {
            return Err(ReadFault::Trimmed { floor: self.floor });
        }
        let mut commits = Vec::new();
        let (first, last) = (layout::commit_key(next), layout::commit_key(u64::MAX));
        for pair in self.range((Bound::Included(&first), Bound::Included(&last))).take(max) {
            let (key, value) = pair?;
            commits.push(Commit { number: layout::read_numbered(&key)?, ranges: layout::unseal_commit(&key, &value)? });
        }
        match commits.first() {
            // Trimmed since.
            Some(Commit { number: floor, .. }) if *floor > next => Err(ReadFault::Trimmed { floor: *floor }),
            _ => Ok(commits),
        }
    }
}

/// What sled has, changed as memory knows it: both in the same order.
fn joined(
    recent: impl Iterator<Item = (IVec, Option<IVec>)>,
    settled: impl Iterator<Item = Pair>,
    order: impl Fn(&IVec, &IVec) -> Ordering,
) -> impl Iterator<Item = Pair> {
    let (mut recent, mut settled) = (recent.peekable(), settled.peekable());
    from_fn(move || {
        loop {
            let next = match (recent.peek(), settled.peek()) {
                (Some((newer, _)), Some(Ok((key, _)))) => order(newer, key),
                (Some(_), None) => Ordering::Less,
                (_, Some(Err(_))) | (None, _) => Ordering::Greater,
            };
            if next == Ordering::Greater {
                return settled.next();
            }
            if next == Ordering::Equal {
                settled.next();
            }
            if let Some((key, Some(value))) = recent.next() {
                return Some(Ok((key, value)));
            }
        }
    })
}

/// A page without a hole, from the event that was asked for: a log that has one is damaged.
fn whole(ticket: TicketId, page: &[Logged], from: Option<u32>) -> Result<(), ReadFault> {
    let Some((first, _)) = page.first() else {
        return Ok(());
    };
    let mut expected = from.unwrap_or(*first);
    for (seq, _) in page {
        if *seq != expected {
            return Err(Damaged::at(&layout::event_key(ticket, expected)).into());
        }
        expected = expected.saturating_add(1);
    }
    Ok(())
}
