//! Why tickets went where they went: the latest decisions, remembered as they were made.

use std::collections::{HashMap, VecDeque};

use deskwire_protocol::{Routing, TicketId};

use super::Dispatch;
use crate::domain::matcher::{Decision, Explanation};

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

    /// Remembers what the Matcher has just decided.
    pub(super) fn remember_decision(&mut self, routing: Routing) {
        if let Some(decision) = self.matcher.take_decision() {
            self.decisions.remember(Decided { routing, decision });
        }
    }
}
