//! Who may append to which ticket, and what comes next: pure, so that the simulation runs the same rule as the disk.
//!
//! Only tickets with a live room are kept. The head of a ticket without one is on disk, one reverse lookup away, and is
//! asked for at the fence that every starting room needs anyway; keeping all of them would cost memory and a full scan
//! at start for tickets that nobody looks at.

use std::collections::HashMap;

use deskwire_protocol::TicketId;

use crate::planted::{self, PlantedBug};

/// One instance of a room. Made by the directory, ever increasing: of two instances the higher is the newer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Incarnation(pub u64);

/// Why an append was not written or a fence not set. Each is a bug of the sender, counted, and fells him.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// The ticket has no live instance: nobody fenced, or it was released.
    #[error("the ticket is fenced by nobody")]
    Unfenced,
    /// Another instance has the ticket.
    #[error("instance {} has the ticket", .owner.0)]
    NotOwner {
        /// The instance that has it.
        owner: Incarnation,
    },
    /// The first event is not head + 1.
    #[error("the first event should be {expected}")]
    NotNext {
        /// Head + 1.
        expected: u32,
    },
    /// A value is too large for the log, an event is empty, or the ticket is full.
    #[error("a value is empty or passes the bound of the store")]
    BadSize,
}

#[derive(Clone, Copy, Debug)]
struct Live {
    incarnation: Incarnation,
    head: u32,
}

/// The live tickets: instance and head of each.
#[derive(Clone, Debug, Default)]
pub struct Heads {
    live: HashMap<TicketId, Live>,
}

impl Heads {
    /// The head of a ticket with a live instance; it counts what was admitted, on disk or not.
    pub fn head(&self, ticket: TicketId) -> Option<u32> {
        self.live.get(&ticket).map(|live| live.head)
    }

    /// Gives the ticket to an instance; appends of any other are refused from here on. `stored_head` is the head on
    /// disk (0: no such ticket), and counts only where no instance was live. Answers the head.
    pub fn fence(&mut self, ticket: TicketId, incarnation: Incarnation, stored_head: u32) -> Result<u32, Violation> {
        let live = self.live.entry(ticket).or_insert(Live { incarnation, head: stored_head });
        if incarnation < live.incarnation {
            return Err(Violation::NotOwner { owner: live.incarnation });
        }
        live.incarnation = incarnation;
        Ok(live.head)
    }

    /// Admits `count` events from `first` on; answers the new head.
    pub fn admit(
        &mut self,
        ticket: TicketId,
        incarnation: Incarnation,
        first: u32,
        count: u32,
    ) -> Result<u32, Violation> {
        let live = self.live.get_mut(&ticket).ok_or(Violation::Unfenced)?;
        if planted::is(PlantedBug::TwoInstancesAppend) {
            live.head = live.head.max(first + count - 1);
            return Ok(live.head);
        }
        if live.incarnation != incarnation {
            return Err(Violation::NotOwner { owner: live.incarnation });
        }
        let expected = live.head.checked_add(1).ok_or(Violation::BadSize)?;
        if first != expected {
            return Err(Violation::NotNext { expected });
        }
        live.head = live.head.checked_add(count).ok_or(Violation::BadSize)?;
        Ok(live.head)
    }

    /// Forgets a ticket whose room left, unless another instance has it by now.
    pub fn release(&mut self, ticket: TicketId, incarnation: Incarnation) {
        if self.live.get(&ticket).is_some_and(|live| live.incarnation == incarnation) {
            self.live.remove(&ticket);
        }
    }

    /// How many tickets have a live instance.
    pub fn len(&self) -> usize {
        self.live.len()
    }

    /// Whether no ticket has a live instance.
    pub fn is_empty(&self) -> bool {
        self.live.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: TicketId = TicketId(7);
    const OLD: Incarnation = Incarnation(1);
    const NEW: Incarnation = Incarnation(2);

    /// C08: an event key is never written twice, and never skipped.
    #[test]
    fn only_the_next_event_of_the_newest_instance_is_admitted() {
        let mut heads = Heads::default();
        assert_eq!(heads.admit(T, OLD, 1, 1), Err(Violation::Unfenced));
        assert_eq!(heads.fence(T, OLD, 0), Ok(0));
        assert_eq!(heads.admit(T, OLD, 2, 1), Err(Violation::NotNext { expected: 1 }));
        assert_eq!(heads.admit(T, OLD, 1, 3), Ok(3));
        assert_eq!(heads.admit(T, OLD, 3, 1), Err(Violation::NotNext { expected: 4 }));
        assert_eq!(heads.fence(T, NEW, 99), Ok(3), "what was admitted counts, not the disk");
        assert_eq!(heads.admit(T, OLD, 4, 1), Err(Violation::NotOwner { owner: NEW }));
        assert_eq!(heads.fence(T, OLD, 3), Err(Violation::NotOwner { owner: NEW }));
        assert_eq!(heads.admit(T, NEW, 4, 1), Ok(4));
    }

    #[test]
    fn a_release_by_an_older_instance_changes_nothing() {
        let mut heads = Heads::default();
        assert_eq!(heads.fence(T, OLD, 5), Ok(5));
        assert_eq!(heads.fence(T, NEW, 5), Ok(5));
        heads.release(T, OLD);
        assert_eq!(heads.head(T), Some(5));
        heads.release(T, NEW);
        assert!(heads.is_empty());
    }

    #[test]
    fn a_full_ticket_takes_no_more() {
        let mut heads = Heads::default();
        assert_eq!(heads.fence(T, OLD, u32::MAX - 1), Ok(u32::MAX - 1));
        assert_eq!(heads.admit(T, OLD, u32::MAX, 2), Err(Violation::BadSize));
        assert_eq!(heads.admit(T, OLD, u32::MAX, 1), Ok(u32::MAX));
        assert_eq!(heads.admit(T, OLD, u32::MAX, 1), Err(Violation::BadSize));
    }
}
