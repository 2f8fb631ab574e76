//! A queue in the order of service that also knows each ticket's rank: sorted keys in small sorted chunks.
//!
//! A `BTreeSet` cannot say how many keys stand before one. Chunks of at most [`CHUNK_MAX`] keys can: a rank adds up
//! the lengths of the chunks before it (800 additions side by side in memory at 100,000 tickets) and searches one.
//! Insertion and removal search the chunks, then one chunk, then move at most 6 KiB.

use deskwire_protocol::{Priority, TicketId, Time};

/// What one step of priority is worth in waiting, in milliseconds.
///
/// Priority ages because it *is* waiting time: a step up moves the arrival this far back, once, and then all grow
/// older at the same pace, so the order of two tickets never changes and the key is static. It also means that
/// nobody starves: a ticket can only be passed by tickets that arrive less than three steps after it, which is a
/// finite number, however many urgent ones keep coming.
pub const PRIORITY_STEP_MS: i64 = 10 * 60 * 1_000;

const CHUNK_MAX: usize = 256;

/// A ticket's place in the order of service; the smallest is served first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Arrival less what the priority is worth, in milliseconds since 1970.
    served_from: i64,
    /// Arrival, in milliseconds since 1970.
    arrived_ms: u64,
    ticket: TicketId,
}

impl Key {
    /// The place of a ticket.
    pub fn new(priority: Priority, arrived: Time, ticket: TicketId) -> Key {
        let arrived_ms = arrived.ms();
        let arrival = i64::try_from(arrived_ms).expect("a time has 48 bits");
        Key { served_from: arrival - steps(priority) * PRIORITY_STEP_MS, arrived_ms, ticket }
    }

    /// Arrival less what the priority is worth, in milliseconds since 1970: what the order begins with.
    pub fn served_from(&self) -> i64 {
        self.served_from
    }

    /// Whose place it is.
    pub fn ticket(&self) -> TicketId {
        self.ticket
    }
}

fn steps(priority: Priority) -> i64 {
    match priority {
        Priority::Low => 0,
        Priority::Normal => 1,
        Priority::High => 2,
        Priority::Urgent => 3,
    }
}

/// Waiting tickets in the order of service.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// Sorted, none empty, each sorted and before the next.
    chunks: Vec<Vec<Key>>,
    len: usize,
}

impl Line {
    /// How many wait.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Who is served first.
    pub fn first(&self) -> Option<Key> {
        self.chunks.first().and_then(|chunk| chunk.first()).copied()
    }

    /// Adds a key; says whether it was new.
    pub fn insert(&mut self, key: Key) -> bool {
        let index = self.chunk_of(&key);
        let Some(chunk) = self.chunks.get_mut(index) else {
            self.push(key);
            return true;
        };
        let Err(place) = chunk.binary_search(&key) else {
            return false;
        };
        chunk.insert(place, key);
        if chunk.len() > CHUNK_MAX {
            let upper = chunk.split_off(CHUNK_MAX / 2);
            self.chunks.insert(index + 1, upper);
        }
        self.len += 1;
        true
    }

    /// Removes a key; says whether it was there.
    pub fn remove(&mut self, key: &Key) -> bool {
        let index = self.chunk_of(key);
        let Some(chunk) = self.chunks.get_mut(index) else {
            return false;
        };
        let Ok(place) = chunk.binary_search(key) else {
            return false;
        };
        chunk.remove(place);
        if chunk.is_empty() {
            self.chunks.remove(index);
        }
        self.len -= 1;
        true
    }

    /// Whether a key is there.
    pub fn contains(&self, key: &Key) -> bool {
        let chunk = self.chunks.get(self.chunk_of(key));
        chunk.is_some_and(|chunk| chunk.binary_search(key).is_ok())
    }

    /// How many keys are smaller.
    pub fn rank(&self, key: &Key) -> usize {
        let index = self.chunk_of(key);
        let before: usize = self.chunks[..index].iter().map(Vec::len).sum();
        let inside = self.chunks.get(index).map_or(0, |chunk| chunk.partition_point(|other| other < key));
        before + inside
    }

    /// The keys after one, or all, in order.
    pub fn after(&self, key: Option<Key>) -> impl Iterator<Item = Key> + '_ {
        let index = key.map_or(0, |key| self.chunk_of(&key));
        self.chunks[index..].iter().flatten().copied().skip_while(move |other| key.is_some_and(|key| *other <= key))
    }

    /// The first chunk whose last key is not smaller; the number of chunks if there is none.
    fn chunk_of(&self, key: &Key) -> usize {
        self.chunks.partition_point(|chunk| chunk.last().is_some_and(|last| last < key))
    }

    /// Adds a key behind all others, where most arrive: full chunks stay full.
    fn push(&mut self, key: Key) {
        match self.chunks.last_mut() {
            Some(chunk) if chunk.len() < CHUNK_MAX => chunk.push(key),
            Some(_) | None => self.chunks.push(vec![key]),
        }
        self.len += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn key(ms: u64) -> Key {
        Key::new(Priority::Low, Time::from_ms(ms), TicketId(ms))
    }

    proptest! {
        #[test]
        fn a_line_is_a_set_that_knows_ranks(steps in prop::collection::vec((0u64..2_000, any::<bool>()), 0..3_000)) {
            let (mut line, mut model) = (Line::default(), BTreeSet::new());
            for (ms, insert) in steps {
                let key = key(ms);
                if insert {
                    prop_assert_eq!(line.insert(key), model.insert(key));
                } else {
                    prop_assert_eq!(line.remove(&key), model.remove(&key));
                }
                prop_assert_eq!(line.contains(&key), model.contains(&key));
                prop_assert_eq!(line.rank(&key), model.range(..key).count());
                prop_assert_eq!((line.len(), line.first()), (model.len(), model.first().copied()));
            }
            prop_assert!(line.after(None).eq(model.iter().copied()));
            prop_assert!(line.after(Some(key(1_000))).eq(model.range(key(1_001)..).copied()));
            prop_assert!(line.chunks.iter().all(|chunk| !chunk.is_empty() && chunk.len() <= CHUNK_MAX));
        }
    }

    /// B16
    #[test]
    fn a_step_of_priority_is_worth_its_minutes_and_no_more() {
        let at = |priority, minutes: u64| Key::new(priority, Time::from_ms(minutes * 60_000), TicketId(minutes));
        assert!(at(Priority::Urgent, 129) < at(Priority::Low, 100));
        assert!(at(Priority::Urgent, 131) > at(Priority::Low, 100));
        assert!(at(Priority::High, 105) < at(Priority::Normal, 100));
    }
}
