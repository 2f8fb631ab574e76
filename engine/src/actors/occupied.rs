//! Work that somebody has under way and that takes its time: one of a sort at once for each person, and so many for all.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use deskwire_protocol::PersonId;

/// What-ifs that run at once, of all people: each uses a thread for as long as it runs.
pub const WHAT_IFS_AT_ONCE: usize = 2;
/// Acts on many tickets that are under way at once, of all people.
pub const BULKS_AT_ONCE: usize = 8;

/// A sort of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Work {
    /// A floor is run forward.
    WhatIf,
    /// An act on many tickets.
    Bulk,
}

impl Work {
    fn at_once(self) -> usize {
        match self {
            Work::WhatIf => WHAT_IFS_AT_ONCE,
            Work::Bulk => BULKS_AT_ONCE,
        }
    }
}

/// Who has what under way.
#[derive(Clone, Debug, Default)]
pub struct Occupied(Arc<Mutex<HashSet<(PersonId, Work)>>>);

/// Work that is under way until this is dropped.
#[derive(Debug)]
pub struct UnderWay {
    occupied: Occupied,
    what: (PersonId, Work),
}

impl Occupied {
    /// Begins, unless he has such work under way or too many have.
    pub fn begin(&self, person: PersonId, work: Work) -> Option<UnderWay> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let under_way = all.iter().filter(|(_, other)| *other == work).count();
        let begins = under_way < work.at_once() && all.insert((person, work));
        begins.then(|| UnderWay { occupied: self.clone(), what: (person, work) })
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.occupied.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.what);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The limits WHAT_IFS_AT_ONCE and BULKS_AT_ONCE.
    #[test]
    fn one_at_a_time_of_a_person_and_so_many_of_all() {
        for (work, max) in [(Work::WhatIf, WHAT_IFS_AT_ONCE), (Work::Bulk, BULKS_AT_ONCE)] {
            let occupied = Occupied::default();
            let mut all: Vec<_> = (1..=max as u64).map(|id| occupied.begin(PersonId(id), work).unwrap()).collect();
            assert!(occupied.begin(PersonId(99), work).is_none(), "too many");
            all.pop();
            assert!(occupied.begin(PersonId(1), work).is_none(), "he has one");
            assert!(occupied.begin(PersonId(99), work).is_some());
        }
    }
}
