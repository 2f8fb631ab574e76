//! Rooms that left, and when the thread that writes may forget them; pure.
//!
//! A room says that it left aside of the queue, so that it need not wait for a place. What it appended before may still
//! be in the queue then, and is taken with the jobs that were in it when the thread heard of it. So the thread counts
//! these down, and hears of the next ones when it is through: under load too, not only when the queue is empty.

use deskwire_protocol::TicketId;

use super::heads::{Heads, Incarnation};

/// A room that left.
pub(super) type Left = (TicketId, Incarnation);

/// The rooms that the thread has heard of, and how many jobs are before them.
#[derive(Debug, Default)]
pub(super) struct Leaving {
    rooms: Vec<Left>,
    jobs_before: usize,
}

impl Leaving {
    /// After `taken` jobs: forgets the rooms that have none before them any more, and hears of those that have left
    /// since, with `waiting` jobs in the queue.
    pub(super) fn taken(
        &mut self,
        taken: usize,
        heads: &mut Heads,
        since: &mut Vec<Left>,
        waiting: impl Fn() -> usize,
    ) {
        self.jobs_before = self.jobs_before.saturating_sub(taken);
        if self.jobs_before > 0 {
            return;
        }
        for (ticket, incarnation) in self.rooms.drain(..) {
            heads.release(ticket, incarnation);
        }
        std::mem::swap(&mut self.rooms, since);
        if !self.rooms.is_empty() {
            self.jobs_before = waiting();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A queue that is never empty keeps no room for ever, and none is forgotten before its own appends were taken.
    #[test]
    fn a_room_is_forgotten_when_what_waited_before_it_is_taken() {
        let one = Incarnation(1);
        let tickets = [TicketId(1), TicketId(2)];
        let (mut heads, mut leaving, mut since) = (Heads::default(), Leaving::default(), Vec::new());
        for ticket in tickets {
            heads.fence(ticket, one, 0).unwrap();
        }
        since.push((tickets[0], one));
        leaving.taken(5, &mut heads, &mut since, || 7);
        since.push((tickets[1], one));
        leaving.taken(6, &mut heads, &mut since, || 7);
        assert_eq!((heads.len(), since.len()), (2, 1), "one job is still before it");
        leaving.taken(1, &mut heads, &mut since, || 3);
        assert_eq!((heads.head(tickets[0]), heads.head(tickets[1]), since.len()), (None, Some(0), 0));
        leaving.taken(3, &mut heads, &mut since, || 9);
        assert!(heads.is_empty());
    }
}
