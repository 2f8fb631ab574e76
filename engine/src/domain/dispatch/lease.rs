//! Leases: an agent's and a customer's presence, and the time for a wrap-up. Who is gone for longer than the grace is gone. A reload is no absence, and neither is a restart:
//! nobody's absence began before the dispatcher did.
//!
//! An agent's live tickets go back to the queue at their places; asynchronous ones stay his. A customer's waiting
//! ticket is abandoned; one that an agent has goes on by mail if the customer can be reached, else it is closed.

use std::collections::{BTreeSet, HashMap};

use deskwire_protocol::{PersonId, Phase, TicketId, Time};

use super::order::Order;
use super::{Dispatch, Output};
use crate::domain::facts::Facts;
use crate::domain::matcher::{Hold, Presence};

/// Whose absence from which ticket ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lease {
    Agent(PersonId),
    Customer(PersonId),
    WrapUp(TicketId),
}

/// Customers of open live tickets, and which of them are gone.
#[derive(Debug, Default)]
pub(super) struct Absent {
    tickets: HashMap<PersonId, BTreeSet<TicketId>>,
    gone: HashMap<PersonId, Time>,
}

impl<A> Dispatch<A> {
    /// Facts changed: what hangs on them is looked at.
    pub(super) fn follow(&mut self, before: Option<&Facts>, facts: &Facts, out: &mut Vec<Output<A>>) {
        self.forget_order(facts.ticket, facts.seq);
        self.follow_wrap_up(before, facts, out);
        self.follow_ceilings(facts.ticket);
        self.follow_silence(facts);
        let minded = facts.phase == Phase::Live && !facts.is_over();
        let (ticket, customer) = (facts.ticket, facts.customer);
        match minded {
            true => {
                let tickets = self.absent.tickets.entry(customer).or_default();
                let first = tickets.is_empty();
                if tickets.insert(ticket) && first {
                    out.push(Output::Attend { customer });
                }
                self.lease_customer(customer);
            }
            false => self.mind_no_more(customer, ticket),
        }
        // Also where he had it before: what was ordered for other facts is to be ordered again.
        if let Some(owner) = facts.owner() {
            self.lease_agent(owner);
        }
    }

    /// An agent begins to write a ticket up, has more time for it, or has done.
    fn follow_wrap_up(&mut self, before: Option<&Facts>, facts: &Facts, out: &mut Vec<Output<A>>) {
        let (was, until) = (before.and_then(|facts| facts.wrap_up_until), facts.wrap_up_until);
        if let Some(until) = until {
            self.leases.insert((until.ms(), Lease::WrapUp(facts.ticket)));
        }
        if let Some(agent) = facts.agent.or(before.and_then(|facts| facts.agent)).filter(|_| was != until) {
            out.push(Output::WrapUp { agent, ticket: facts.ticket, until });
        }
    }

    fn mind_no_more(&mut self, customer: PersonId, ticket: TicketId) {
        let Some(tickets) = self.absent.tickets.get_mut(&customer) else { return };
        tickets.remove(&ticket);
        if tickets.is_empty() {
            self.absent.tickets.remove(&customer);
            self.absent.gone.remove(&customer);
        }
    }

    pub(super) fn customer_present(&mut self, customer: PersonId, presence: Presence) {
        if !self.absent.tickets.contains_key(&customer) {
            return;
        }
        match presence {
            Presence::Here => _ = self.absent.gone.remove(&customer),
            Presence::Gone => _ = self.absent.gone.entry(customer).or_insert(self.now),
        }
        self.lease_customer(customer);
    }

    /// Notes when an agent's absence is to be looked at, if he is gone.
    pub(super) fn lease_agent(&mut self, id: PersonId) {
        if let Some(due) = self.agent_leases(id).map(|(_, due)| due).min() {
            self.leases.insert((due.ms(), Lease::Agent(id)));
        }
    }

    fn lease_customer(&mut self, id: PersonId) {
        if let Some(due) = self.customer_leases(id).map(|(_, due)| due).min() {
            self.leases.insert((due.ms(), Lease::Customer(id)));
        }
    }

    /// The live tickets of an agent who is gone, and when he is gone too long for each.
    fn agent_leases(&self, id: PersonId) -> impl Iterator<Item = (TicketId, Time)> + '_ {
        let agent = self.matcher.agent(id);
        let gone = agent.and_then(|agent| agent.gone_since()).map(|since| since.max(self.began));
        let held = agent.into_iter().flat_map(|agent| agent.held().iter());
        let live = held.filter(|(_, held)| held.phase == Phase::Live && held.hold == Hold::Active);
        live.filter_map(move |(ticket, held)| Some((*ticket, self.rules(held.category).agent_gone_at(gone?))))
    }

    /// The live tickets of a customer who is gone, and when he is gone too long for each.
    fn customer_leases(&self, id: PersonId) -> impl Iterator<Item = (TicketId, Time)> + '_ {
        let gone = self.absent.gone.get(&id).copied();
        let tickets = self.absent.tickets.get(&id).into_iter().flatten();
        tickets.filter_map(move |ticket| {
            let rules = self.rules(self.facts(*ticket)?.category);
            Some((*ticket, rules.customer_gone_at(gone?)))
        })
    }

    /// Leases that have ended.
    pub(super) fn end_leases(&mut self, out: &mut Vec<Output<A>>) {
        if !self.gate.is_open() {
            return;
        }
        while let Some((due, lease)) = self.leases.first().copied().filter(|(due, _)| *due <= self.now.ms()) {
            self.leases.remove(&(due, lease));
            let ended = |all: Vec<(TicketId, Time)>, now: Time| all.into_iter().partition(|(_, due)| *due <= now);
            let (over, later): (Vec<_>, Vec<_>) = match lease {
                Lease::Agent(id) => ended(self.agent_leases(id).collect(), self.now),
                Lease::Customer(id) => ended(self.customer_leases(id).collect(), self.now),
                Lease::WrapUp(ticket) => {
                    let until = self.facts(ticket).and_then(|facts| facts.wrap_up_until);
                    ended(until.map(|until| (ticket, until)).into_iter().collect(), self.now)
                }
            };
            for (ticket, _) in over {
                self.end_lease(ticket, lease, out);
            }
            let next = later.into_iter().map(|(_, due)| due).min();
            self.leases.extend(next.map(|due| (due.ms(), lease)));
        }
    }

    fn end_lease(&mut self, ticket: TicketId, lease: Lease, out: &mut Vec<Output<A>>) {
        let Some(facts) = self.facts(ticket).filter(|facts| !self.is_aside(facts.ticket)) else { return };
        let order = match lease {
            Lease::Agent(id) if facts.owner() == Some(id) => Order::Requeue,
            Lease::Agent(_) => return,
            Lease::WrapUp(_) => Order::EndWrapUp,
            Lease::Customer(_) if facts.is_over() => return,
            Lease::Customer(_) if facts.is_waiting() => Order::Abandon,
            Lease::Customer(_) if facts.reachable => Order::GoAsynchronous,
            Lease::Customer(_) => Order::Close,
        };
        self.order(ticket, order, out);
    }
}
