//! Why tickets went where they went: the latest decisions, remembered as they were made.

use std::collections::{HashMap, VecDeque};

use deskwire_protocol::{PersonId, Routing, TicketId};

use super::Dispatch;
use crate::domain::matcher::{Decision, Explanation, Skills, Turn};

/// Decisions that are remembered; the earliest is forgotten first.
pub const DECISIONS_REMEMBERED_MAX: usize = 4_096;

/// A decision, and how the ticket came to its agent by it.
#[derive(Clone, Debug)]
pub struct Decided {
    /// How.
    pub routing: Routing,
    /// What was looked at.
    pub decision: Decision,
}

/// Why a ticket has this agent, or none.
#[derive(Clone, Debug)]
pub struct RoutingOf<'a> {
    /// The latest decision about it, if it is remembered.
    pub decided: Option<&'a Decided>,
    /// Why it waits, if it does.
    pub explanation: Option<Explanation>,
}

/// The latest decisions, one a ticket.
#[derive(Debug, Default)]
pub(super) struct Decisions {
    latest: HashMap<TicketId, (u64, Decided)>,
    order: VecDeque<(u64, TicketId)>,
    count: u64,
}

impl Decisions {
    fn remember(&mut self, decided: Decided) {
        self.count += 1;
        let ticket = decided.decision.ticket;
        self.latest.insert(ticket, (self.count, decided));
        self.order.push_back((self.count, ticket));
        if self.order.len() > DECISIONS_REMEMBERED_MAX
            && let Some((number, ticket)) = self.order.pop_front()
            && self.latest.get(&ticket).is_some_and(|(latest, _)| *latest == number)
        {
            self.latest.remove(&ticket);
        }
    }
}

impl<A> Dispatch<A> {
    /// Why a ticket has this agent, or none: what was decided, and how it stands if it waits.
    pub fn routing_of(&self, ticket: TicketId) -> RoutingOf<'_> {
        RoutingOf {
            decided: self.decisions.latest.get(&ticket).map(|(_, decided)| decided),
            explanation: self.matcher.explain(ticket, self.now),
        }
    }

    /// Remembers why a ticket goes to an agent: what the Matcher has just decided, or else that somebody said so. Where
    /// he accepts an offer, it is why he was asked.
    pub(super) fn remember_decision(&mut self, ticket: TicketId, agent: PersonId, routing: Routing) {
        let decided = self.matcher.take_decision().filter(|decision| decision.ticket == ticket);
        let known = self.decisions.latest.get(&ticket).is_some_and(|(_, known)| known.decision.turn.agent == agent);
        let decision = match decided {
            Some(decision) => Some(decision),
            None if known => None,
            None => self.said_so(ticket, agent),
        };
        if let Some(decision) = decision {
            self.decisions.remember(Decided { routing, decision });
        }
    }

    fn said_so(&self, ticket: TicketId, agent: PersonId) -> Option<Decision> {
        let facts = self.facts(ticket)?;
        let (of, queue) = (self.matcher.agent(agent)?, self.matcher.queue(facts.category)?);
        let (load, idle_since_ms) = (*of.used().of(facts.phase), of.idle_since().ms());
        Some(Decision {
            ticket,
            turn: Turn { load, idle_since_ms, agent },
            at: self.now,
            besides: None,
            asked: Skills::default(),
            runners_up: Vec::new(),
            free: queue.free.of(facts.phase).len() as u32,
            on_duty: queue.on_duty as u32,
            staff: queue.staff.len() as u32,
        })
    }
}

#[cfg(test)]
mod tests {
    use deskwire_protocol::Time;

    use super::*;

    /// B24, the limit DECISIONS_REMEMBERED_MAX: the earliest is forgotten first, and of a ticket the latest is kept.
    #[test]
    fn so_many_decisions_are_remembered_and_no_more() {
        let mut decisions = Decisions::default();
        let decided = |ticket: u64| Decided {
            routing: Routing::Automatic,
            decision: Decision {
                ticket: TicketId(ticket),
                turn: Turn { load: 0, idle_since_ms: 0, agent: PersonId(1) },
                at: Time::default(),
                besides: None,
                asked: Skills::default(),
                runners_up: Vec::new(),
                free: 1,
                on_duty: 1,
                staff: 1,
            },
        };
        let max = DECISIONS_REMEMBERED_MAX as u64;
        (1..=max).for_each(|ticket| decisions.remember(decided(ticket)));
        assert_eq!(decisions.latest.len(), DECISIONS_REMEMBERED_MAX);
        // The first is decided anew: what goes now is its old decision, and then the second's.
        decisions.remember(decided(1));
        assert_eq!(
            (decisions.latest.len(), decisions.order.len()),
            (DECISIONS_REMEMBERED_MAX, DECISIONS_REMEMBERED_MAX)
        );
        decisions.remember(decided(max + 1));
        assert!(decisions.latest.contains_key(&TicketId(1)) && !decisions.latest.contains_key(&TicketId(2)));
        assert_eq!(
            (decisions.latest.len(), decisions.order.len()),
            (DECISIONS_REMEMBERED_MAX, DECISIONS_REMEMBERED_MAX)
        );
    }
}
