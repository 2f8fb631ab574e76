//! The Matcher checks itself: after every step what the step touched, in tests everything.

use std::collections::BTreeSet;

use deskwire_protocol::{PersonId, TicketId};

use super::{Matcher, Place, seat};

/// What was touched since the last audit.
#[derive(Clone, Debug, Default)]
pub struct Touched {
    /// Agents; some may be named twice.
    pub agents: Vec<PersonId>,
    /// Tickets; some may be named twice.
    pub tickets: Vec<TicketId>,
    /// Agents who were given a ticket by a decision, not by a fact.
    pub decided: Vec<PersonId>,
}

/// How many times an audit found something wrong, by what it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Violations {
    /// An agent holds a ticket that is another's.
    pub two_owners: u64,
    /// A decision gave an agent more than his slots.
    pub over_capacity: u64,
    /// The tables disagree in some other way.
    pub tables: u64,
}

impl Matcher {
    /// Checks what the steps since the last audit touched, counts what is wrong, and says what was touched. Costs
    /// what the steps themselves cost.
    pub fn audit(&mut self) -> Touched {
        let touched = std::mem::take(&mut self.touched);
        let mut found = self.violations;
        found.tables += touched.tickets.iter().filter(|ticket| !self.is_in_one_place(**ticket)).count() as u64;
        for agent in touched.agents.iter().filter(|agent| !self.holds_what_it_says(**agent)) {
            match self.holds_anothers(*agent) {
                true => found.two_owners += 1,
                false => found.tables += 1,
            }
        }
        found.over_capacity += touched.decided.iter().filter(|agent| self.is_overloaded(**agent)).count() as u64;
        self.violations = found;
        touched
    }

    /// How many times an audit found something wrong: must stay 0.
    pub fn violations(&self) -> u64 {
        let Violations { two_owners, over_capacity, tables } = self.violations;
        two_owners + over_capacity + tables
    }

    /// The same, by what it was.
    pub fn violations_by(&self) -> Violations {
        self.violations
    }

    fn holds_anothers(&self, id: PersonId) -> bool {
        let another = |ticket| matches!(self.places.get(ticket), Some(Place::Held { agent }) if *agent != id);
        self.agents.get(&id).is_some_and(|agent| agent.held().keys().any(another))
    }

    /// The first thing that is wrong anywhere; reads everything.
    pub fn check(&self) -> Result<(), String> {
        self.check_tickets()?;
        self.check_agents()?;
        self.check_queues()
    }

    fn is_in_one_place(&self, ticket: TicketId) -> bool {
        match self.places.get(&ticket) {
            None => true,
            Some(Place::Waiting { category, key }) => {
                key.ticket() == ticket && self.queues.get(category).is_some_and(|queue| queue.line.contains(key))
            }
            Some(Place::Held { agent }) => {
                let agent = self.agents.get(agent);
                agent.is_some_and(|agent| agent.held().contains_key(&ticket))
            }
        }
    }

    fn holds_what_it_says(&self, id: PersonId) -> bool {
        let Some(agent) = self.agents.get(&id) else {
            return true;
        };
        let held_here = |ticket| self.places.get(ticket) == Some(&Place::Held { agent: id });
        let turn = agent.turn();
        let queued = |category| {
            let free = self.queues.get(category).map(|queue| &queue.free);
            turn.is_none_or(|turn| free.is_some_and(|free| free.contains(&turn)))
        };
        agent.held().keys().all(held_here) && agent.profile().categories.iter().all(queued)
    }

    fn is_overloaded(&self, id: PersonId) -> bool {
        let agent = self.agents.get(&id);
        agent.is_none_or(|agent| agent.load() > agent.profile().slots)
    }

    fn check_tickets(&self) -> Result<(), String> {
        let wrong = self.places.keys().find(|ticket| !self.is_in_one_place(**ticket));
        wrong.map_or(Ok(()), |ticket| Err(format!("{ticket} is not where its place says")))?;
        let places = self.places.values();
        let waiting = places.filter(|place| matches!(place, Place::Waiting { .. })).count();
        let held = self.places.len() - waiting;
        let lines: usize = self.queues.values().map(|queue| queue.line.len()).sum();
        let slots: usize = self.agents.values().map(|agent| agent.held().len()).sum();
        let counts = [(waiting, lines), (waiting, self.waiting), (held, slots)];
        let equal = counts.iter().all(|(left, right)| left == right);
        equal.then_some(()).ok_or(format!("places, lines and slots differ: {counts:?}"))
    }

    fn check_agents(&self) -> Result<(), String> {
        let wrong = self.agents.keys().find(|agent| !self.holds_what_it_says(**agent));
        wrong.map_or(Ok(()), |agent| Err(format!("{agent} holds or offers what others do not see")))
    }

    fn check_queues(&self) -> Result<(), String> {
        for (category, queue) in &self.queues {
            let staff = || self.agents.values().filter(|agent| agent.serves(*category));
            let free: BTreeSet<_> = staff().filter_map(|agent| seat(agent).turn).collect();
            let slots: u64 = staff().map(|agent| u64::from(seat(agent).slots)).sum();
            if free != queue.free || slots != queue.slots_at_work {
                return Err(format!("the staff of {category:?} is not what its queue says"));
            }
            if queue.is_ready() != self.ready.contains(category) {
                return Err(format!("{category:?} is ready and not known as such, or the other way round"));
            }
        }
        Ok(())
    }

    /// Whether an automatic ticket waits beside an agent who could take it: never, once `pair` says there is none.
    pub fn is_ready(&self) -> bool {
        !self.ready.is_empty()
    }
}
