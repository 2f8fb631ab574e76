//! What the journal holds and sled does not yet: the newest commits, in memory, where every read looks first.
//!
//! A [`Run`] is what one file of the journal holds, no more and no less. When the file is full, the run is settled in sled
//! by the thread of the checkpoints: the events of a ticket as few large values, everything else as it stood at the end,
//! and what came and went in between not at all. An opening makes the same runs out of the same files, and so settles
//! the same values under the same keys, however often, over whatever part of them sled came back with.

use std::collections::{BTreeMap, HashMap};
use std::ops::{Bound, RangeInclusive};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use deskwire_protocol::TicketId;
use sled::IVec;

use super::journal::Entry;
use super::layout::{self, COMMITS, EVENTS_BYTES_MAX};
use super::page::{Page, PageLimits};

/// A range of keys.
pub(super) type Keys<'k> = (Bound<&'k [u8]>, Bound<&'k [u8]>);

/// What became of keys, in their order: a value, or none where the key is gone.
pub(super) type Changes = BTreeMap<IVec, Option<IVec>>;

/// Where a value lies.
#[derive(Clone, Copy, Debug)]
struct Place {
    entry: u32,
    at: u32,
    length: u32,
}

/// What one file of the journal holds.
#[derive(Debug, Default)]
pub(super) struct Run {
    entries: Vec<Entry>,
    /// The events of each ticket, in their order.
    events: HashMap<TicketId, Vec<(u32, Place)>>,
    /// What became of every other key.
    changes: BTreeMap<Box<[u8]>, Option<Place>>,
}

impl Run {
    /// Takes the next commit.
    pub(super) fn take(&mut self, entry: Entry) {
        let index = u32::try_from(self.entries.len()).expect("a file of the journal holds far fewer");
        for change in entry.changes() {
            let place = change.value.map(|value| Place {
                entry: index,
                at: value.start as u32,
                length: (value.end - value.start) as u32,
            });
            match (layout::event_of(change.key), place) {
                (Some((ticket, seq)), Some(place)) => self.events.entry(ticket).or_default().push((seq, place)),
                (_, place) => self.change(change.key, place),
            }
        }
        self.entries.push(entry);
    }

    /// A commit that is trimmed where it was made need never come to sled; of other keys sled may have an older value.
    fn change(&mut self, key: &[u8], place: Option<Place>) {
        match self.changes.get_mut(key) {
            Some(Some(_)) if place.is_none() && key.starts_with(&COMMITS) => drop(self.changes.remove(key)),
            Some(known) => *known = place,
            None => drop(self.changes.insert(key.into(), place)),
        }
    }

    fn bytes(&self, place: Place) -> &[u8] {
        self.entries[place.entry as usize].value(place.at as usize, place.length as usize)
    }

    fn get(&self, key: &[u8]) -> Option<Option<IVec>> {
        self.changes.get(key).map(|place| place.map(|place| IVec::from(self.bytes(place))))
    }

    fn copy(&self, keys: Keys<'_>, into: &mut Changes) {
        for (key, place) in self.changes.range::<[u8], _>(keys) {
            into.insert(IVec::from(&**key), place.map(|place| IVec::from(self.bytes(place))));
        }
    }

    /// Hands everything in it to sled.
    pub(super) fn settle(&self, db: &sled::Db) -> sled::Result<()> {
        self.hand_over(|key, value| match value {
            Some(value) => db.insert(key, value).map(drop),
            None => db.remove(key).map(drop),
        })
    }

    /// The commits behind all that they speak of, and what is trimmed last. Sled comes back with what it was handed first,
    /// so it holds all of a run whose last commit it holds, and always some commit.
    fn hand_over<E>(&self, mut put: impl FnMut(&[u8], Option<&[u8]>) -> Result<(), E>) -> Result<(), E> {
        let mut tickets = self.events.iter().collect::<Vec<_>>();
        // Neighbours in the tree one after the other.
        tickets.sort_unstable_by_key(|(ticket, _)| **ticket);
        for (ticket, events) in tickets {
            self.hand_over_events(*ticket, events, &mut put)?;
        }
        let (commits, others): (Vec<_>, Vec<_>) = self.changes.iter().partition(|(key, _)| key.starts_with(&COMMITS));
        let (new, trimmed): (Vec<_>, Vec<_>) = commits.into_iter().partition(|(_, place)| place.is_some());
        let mut all = others.into_iter().chain(new).chain(trimmed);
        all.try_for_each(|(key, place)| put(key, place.map(|place| self.bytes(place))))
    }

    /// As many events to a value as go in. Where one begins depends on nothing but the run.
    fn hand_over_events<E>(
        &self,
        ticket: TicketId,
        events: &[(u32, Place)],
        put: &mut impl FnMut(&[u8], Option<&[u8]>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut rest = events;
        while let Some((first, place)) = rest.first() {
            let (mut count, mut bytes) = (1, place.length as usize);
            for ((before, _), (seq, place)) in rest.iter().zip(&rest[1..]) {
                bytes += place.length as usize;
                if bytes > EVENTS_BYTES_MAX || *seq != before + 1 {
                    break;
                }
                count += 1;
            }
            let key = layout::event_key(ticket, *first);
            let value = layout::seal_events(&key, rest[..count].iter().map(|(_, place)| self.bytes(*place)));
            put(&key, Some(&value))?;
            rest = &rest[count..];
        }
        Ok(())
    }
}

/// The runs that are not known to be in sled: one that grows, and one that is being settled.
#[derive(Debug, Default)]
pub(super) struct Recent {
    runs: RwLock<Runs>,
}

#[derive(Debug, Default)]
struct Runs {
    newest: Run,
    full: Option<Arc<Run>>,
}

impl Runs {
    /// The older first.
    fn both(&self) -> impl DoubleEndedIterator<Item = &Run> {
        self.full.as_deref().into_iter().chain([&self.newest])
    }
}

impl Recent {
    fn read(&self) -> RwLockReadGuard<'_, Runs> {
        self.runs.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Runs> {
        self.runs.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a commit that is on disk: readers find it from now on.
    pub(super) fn take(&self, entry: Entry) {
        self.write().newest.take(entry);
    }

    /// Begins a new run, with a new file of the journal, and answers the one to be settled. The last one must have been.
    pub(super) fn turn(&self) -> Arc<Run> {
        let mut runs = self.write();
        let full = Arc::new(std::mem::take(&mut runs.newest));
        runs.full = Some(full.clone());
        full
    }

    /// The run that was to be settled is in sled, where reads find it.
    pub(super) fn settled(&self) {
        let settled = self.write().full.take();
        // Outside of the lock: it may be large.
        drop(settled);
    }

    /// What became of a key: nothing known, gone, or a value. Not for events.
    pub(super) fn get(&self, key: &[u8]) -> Option<Option<IVec>> {
        self.read().both().rev().find_map(|run| run.get(key))
    }

    /// What became of the keys of a range. Not for events.
    pub(super) fn changes(&self, keys: Keys<'_>) -> Changes {
        let mut changes = Changes::new();
        self.read().both().for_each(|run| run.copy(keys, &mut changes));
        changes
    }

    /// The sequence of a ticket's last event in here.
    pub(super) fn head(&self, ticket: TicketId) -> Option<u32> {
        self.read().both().rev().find_map(|run| run.events.get(&ticket)?.last()).map(|(seq, _)| *seq)
    }

    /// Events `from..=to` of a ticket, oldest first, as far as they are in here and the page has room.
    pub(super) fn forward(&self, ticket: TicketId, from: u32, to: u32, limits: PageLimits) -> Page {
        Page::of(limits, events(&self.read(), ticket, from..=to))
    }

    /// The events of a ticket before a sequence, the newest first, as far as they are in here and the page has room.
    pub(super) fn back(&self, ticket: TicketId, before: u32, limits: PageLimits) -> Page {
        match before.checked_sub(1) {
            Some(last) => Page::of(limits, events(&self.read(), ticket, 0..=last).rev()),
            None => Page::of(limits, std::iter::empty()),
        }
    }
}

fn events(runs: &Runs, ticket: TicketId, within: RangeInclusive<u32>) -> impl DoubleEndedIterator<Item = (u32, &[u8])> {
    runs.both().flat_map(move |run| {
        let all = run.events.get(&ticket).map_or(&[][..], Vec::as_slice);
        let begin = all.partition_point(|(seq, _)| seq < within.start());
        let end = all.partition_point(|(seq, _)| seq <= within.end()).max(begin);
        all[begin..end].iter().map(|(seq, place)| (*seq, run.bytes(*place)))
    })
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// A commit with one event of a ticket and one other key, which trims the commit that is so many before it.
    fn entry(number: u64, trims: Option<u64>) -> Entry {
        let mut entry = Entry::default();
        entry.insert(&layout::event_key(TicketId(number % 3), number as u32 / 3), &[2; 100]);
        entry.insert(&layout::stage_key(TicketId(number % 5)), &number.to_le_bytes());
        if let Some(trimmed) = trims {
            entry.remove(&layout::commit_key(trimmed));
        }
        entry.insert(&layout::commit_key(number), b"");
        entry
    }

    fn run(numbers: std::ops::Range<u64>) -> Run {
        let mut run = Run::default();
        numbers.for_each(|number| run.take(entry(number, number.checked_sub(4))));
        run
    }

    fn handed_over(run: &Run) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
        let mut handed = Vec::new();
        let Ok(()) = run.hand_over(|key, value| -> Result<(), Infallible> {
            handed.push((key.to_vec(), value.map(<[u8]>::to_vec)));
            Ok(())
        });
        handed
    }

    /// C08: a power cut takes the end of what sled was handed, from any place on. What is left has a commit, and where it
    /// has the last one it has everything.
    #[test]
    fn every_beginning_of_a_run_says_how_far_it_reaches() {
        let mut sled = BTreeMap::new();
        for (begin, end) in [(1, 30), (30, 31), (31, 90)] {
            let run = run(begin..end);
            let handed = handed_over(&run);
            let matters = handed.iter().rposition(|(_, value)| value.is_some()).unwrap();
            for (at, (key, value)) in handed.into_iter().enumerate() {
                match value {
                    Some(value) => drop(sled.insert(key, value)),
                    None => drop(sled.remove(&key)),
                }
                let last = sled.keys().rfind(|key| key.starts_with(&COMMITS));
                let last = last.map_or(0, |key| layout::read_numbered(key).unwrap());
                assert!(last >= begin - 1, "{last} of {begin}..{end} after {at}");
                assert_eq!(last == end - 1, at >= matters, "{last} of {begin}..{end} after {at}");
            }
        }
    }

    /// Whatever was in the way before, the same run leaves the same, and a commit that came and went leaves nothing.
    #[test]
    fn the_same_run_is_handed_over_the_same_way() {
        assert_eq!(handed_over(&run(7..200)), handed_over(&run(7..200)));
        let commits = handed_over(&run(7..200)).into_iter().filter(|(key, _)| key.starts_with(&COMMITS));
        let numbers = commits.map(|(key, value)| (layout::read_numbered(&key).unwrap(), value.is_some()));
        let expected = (196..200).map(|number| (number, true)).chain((3..7).map(|number| (number, false)));
        assert!(numbers.eq(expected));
    }
}
