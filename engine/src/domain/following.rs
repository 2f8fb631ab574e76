//! What one who follows the log keeps at hand: outlines of tickets, and new tickets still to be told. Both bounded.

use std::collections::{HashMap, VecDeque};

use deskwire_protocol::TicketId;

use super::outline::Outline;

/// Tickets whose outline is at hand; with one more all are let go of, and folded again on need.
pub const TICKETS_AT_HAND_MAX: usize = 8_192;
/// New tickets that wait to be told; the oldest gives way, it is in the queue view.
pub const NEW_TICKETS_MAX: usize = 1_024;
/// New tickets that one person is told at once, so that his outbox holds them; the next follow with the next tick.
pub const NEW_TICKETS_PER_TICK_MAX: usize = 32;

/// Outlines of tickets that are not done with.
#[derive(Debug, Default)]
pub struct AtHand(HashMap<TicketId, Outline>);

impl AtHand {
    /// Takes one out, to be put back behind its next event.
    pub fn take(&mut self, ticket: TicketId) -> Option<Outline> {
        self.0.remove(&ticket)
    }

    /// Keeps one, unless nothing more comes of it.
    pub fn put(&mut self, outline: Outline) {
        if outline.facts().is_done_with() {
            return;
        }
        if self.0.len() >= TICKETS_AT_HAND_MAX {
            self.0.clear();
        }
        self.0.insert(outline.facts().ticket, outline);
    }

    /// Forgets all: the log was not followed without a gap.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

/// What is new and not told yet, the oldest first.
#[derive(Debug)]
pub struct Fresh<T>(VecDeque<T>);

impl<T> Default for Fresh<T> {
    fn default() -> Fresh<T> {
        Fresh(VecDeque::new())
    }
}

impl<T> Fresh<T> {
    /// Adds one.
    pub fn push(&mut self, new: T) {
        if self.0.len() >= NEW_TICKETS_MAX {
            self.0.pop_front();
        }
        self.0.push_back(new);
    }

    /// What is told now.
    pub fn slice(&mut self) -> Vec<T> {
        self.0.drain(..self.0.len().min(NEW_TICKETS_PER_TICK_MAX)).collect()
    }
}

#[cfg(test)]
mod tests {
    use deskwire_protocol::{PersonId, Phase, Priority, StageName, Step, Time};

    use super::*;
    use crate::domain::event::{Advanced, CategoryId, Opened, SkillList};

    fn outline(ticket: u64) -> Outline {
        let opened = Opened {
            at: Time::from_ms(1),
            person: PersonId(1),
            name: "Carl".into(),
            category: CategoryId(1),
            category_name: "general".into(),
            priority: Priority::Normal,
            subject: String::new(),
            early_posts: false,
            phase: Phase::Live,
            reachable: false,
            skills: SkillList::default(),
        };
        Outline::begin(TicketId(ticket), &opened.into()).unwrap()
    }

    /// The limit TICKETS_AT_HAND_MAX at its edge; what is done with takes no place.
    #[test]
    fn so_many_tickets_are_at_hand_and_with_one_more_all_are_let_go_of() {
        let mut hand = AtHand::default();
        let mut over = outline(9_999);
        let (author, step, stage) = (0, Step::Abandon, StageName::Abandoned);
        over.apply(&Advanced { at: Time::from_ms(2), author, step, stage, reason: String::new() }.into());
        for ticket in 1..=TICKETS_AT_HAND_MAX as u64 {
            hand.put(outline(ticket));
            hand.put(over.clone());
        }
        assert!(hand.take(TicketId(9_999)).is_none());
        let first = hand.take(TicketId(1)).unwrap();
        hand.put(first);
        assert!(hand.0.contains_key(&TicketId(2)));
        hand.put(outline(10_000));
        assert_eq!(hand.0.len(), 1);
    }

    /// The limits NEW_TICKETS_MAX and NEW_TICKETS_PER_TICK_MAX at their edges.
    #[test]
    fn new_tickets_are_told_some_at_a_time_and_the_oldest_gives_way() {
        let mut fresh = Fresh::default();
        (0..=NEW_TICKETS_MAX).for_each(|ticket| fresh.push(ticket));
        let told = fresh.slice();
        assert_eq!((told.len(), told[0]), (NEW_TICKETS_PER_TICK_MAX, 1));
        let rest: usize = std::iter::repeat_with(|| fresh.slice().len()).take_while(|count| *count > 0).sum();
        assert_eq!(rest, NEW_TICKETS_MAX - NEW_TICKETS_PER_TICK_MAX);
    }
}
