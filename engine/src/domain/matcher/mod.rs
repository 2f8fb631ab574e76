//! The pure queue: who is served by whom, and why.
//!
//! **Order.** Each category has a [`Line`] in the order of service: arrival less a headstart for priority, then
//! arrival, then id ([`Key`] says why nobody starves). Categories do not wait for each other: the first of each line
//! is looked at, and where an agent could serve several, the smallest key among them is served.
//!
//! **Choice.** Among the agents who serve the category, are here, available and have a free slot: fewest slots used,
//! then longest idle, then id. Each queue keeps them in that order, so the choice is its first.
//!
//! **Slots** are a set of ticket ids per agent. A decision ([`Matcher::pair`], [`Matcher::pick`]) never takes one
//! beyond the limit. A fact ([`Matcher::hold`]) always does, since it has happened; load above a limit that was
//! lowered runs down.
//!
//! **Cost** of a step, n waiting, a agents, c categories of the agent it concerns: a search of the line's chunks
//! (n / 256 additions for a rank), and c insertions of log a into the queues' orders.

mod agent;
mod audit;
mod line;
mod queue;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use deskwire_protocol::{PersonId, Priority, Status, TicketId, Time};

use crate::domain::event::CategoryId;

pub use agent::{Agent, AgentProfile, AgentState, Held, Presence, RELOAD_MS, Turn};
pub use audit::{Touched, Violations};
pub use line::{Key, Line, PRIORITY_STEP_MS};
pub use queue::{HANDLING_FIRST_MS, Mode, Queue, Seat};

/// Most tickets that may wait at once. New ones are refused at the door ([`Matcher::is_full`]); what is on disk as
/// waiting is never turned away.
pub const WAITING_TICKETS_MAX: usize = 100_000;

/// A ticket goes to an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// The ticket.
    pub ticket: TicketId,
    /// Who gets it.
    pub agent: PersonId,
}

/// Why an agent cannot take a ticket by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CannotPick {
    /// The ticket does not wait, or not for him.
    NotWaiting,
    /// His slots are used, or he is away.
    NoFreeSlot,
}

/// Where a ticket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Waiting { category: CategoryId, key: Key },
    Held { agent: PersonId },
}

/// Agents, queues and tickets, and who goes to whom.
#[derive(Clone, Debug, Default)]
pub struct Matcher {
    agents: HashMap<PersonId, Agent>,
    /// In order, so that what is done over all of them is the same on every run.
    queues: BTreeMap<CategoryId, Queue>,
    places: HashMap<TicketId, Place>,
    /// The queues that would make a pair now.
    ready: BTreeSet<CategoryId>,
    waiting: usize,
    touched: Touched,
    violations: Violations,
}

/// What the administration and the agents say.
impl Matcher {
    /// A category's mode. Its queue may have tickets already.
    pub fn set_mode(&mut self, category: CategoryId, mode: Mode) {
        self.with_queue(category, |queue| queue.mode = mode);
    }

    /// An agent is new or another than before. What he holds stays his.
    pub fn set_agent(&mut self, profile: AgentProfile) {
        let categories = profile.categories.clone();
        self.restaff(profile.id, categories, |agent| agent.set_profile(profile));
    }

    /// An agent works here no more. What he holds stays his until a fact says otherwise.
    pub fn remove_agent(&mut self, id: PersonId) {
        self.restaff(id, BTreeSet::new(), Agent::dismiss);
    }

    /// An agent came or went.
    pub fn set_presence(&mut self, id: PersonId, presence: Presence, now: Time) {
        self.with_agent(id, |agent| agent.set_presence(presence, now));
    }

    /// An agent takes new tickets, or no more.
    pub fn set_status(&mut self, id: PersonId, status: Status, now: Time) {
        self.with_agent(id, |agent| agent.set_status(status, now));
    }
}

/// What happens to tickets.
impl Matcher {
    /// A ticket waits; whoever held it holds it no longer. Nothing changes if it waits there already.
    pub fn wait(&mut self, ticket: TicketId, category: CategoryId, priority: Priority, arrived: Time, now: Time) {
        let key = Key::new(priority, arrived, ticket);
        let place = Place::Waiting { category, key };
        if self.places.get(&ticket) == Some(&place) {
            return;
        }
        self.leave(ticket, now);
        self.places.insert(ticket, place);
        self.waiting += 1;
        self.with_line(category, |line| _ = line.insert(key));
    }

    /// A fact: an agent has a ticket, `since` then if that is known. His slot is used even beyond his limit.
    pub fn hold(&mut self, ticket: TicketId, agent: PersonId, category: CategoryId, since: Option<Time>, now: Time) {
        let before = self.agents.get(&agent).and_then(|agent| agent.held().get(&ticket)).copied();
        if before.is_none() {
            self.leave(ticket, now);
        }
        let since = before.and_then(|held| held.since).or(since);
        self.places.insert(ticket, Place::Held { agent });
        self.touched.tickets.push(ticket);
        self.with_agent(agent, |agent| agent.take(ticket, Held { category, since }, now));
    }

    /// A ticket is out of the queue and of all slots.
    pub fn leave(&mut self, ticket: TicketId, now: Time) {
        match self.places.remove(&ticket) {
            None => return,
            Some(Place::Waiting { category, key }) => {
                self.waiting -= 1;
                self.with_line(category, |line| _ = line.remove(&key));
            }
            Some(Place::Held { agent }) => {
                let held = self.with_agent(agent, |agent| agent.free(ticket, now));
                if let Some(Held { category, since: Some(since) }) = held {
                    let ms = now.ms().saturating_sub(since.ms());
                    self.with_queue(category, |queue| queue.handled(ms));
                }
            }
        }
        self.touched.tickets.push(ticket);
    }

    /// The next pair that the automatic queues make, if any; its slot is taken. To be asked until there is none.
    pub fn pair(&mut self, now: Time) -> Option<Match> {
        let heads = self.ready.iter().filter_map(|category| {
            let queue = self.queues.get(category)?;
            Some((queue.line.first()?, queue.free.first()?.agent))
        });
        let (key, agent) = heads.min_by_key(|(key, _)| *key)?;
        let ticket = key.ticket();
        self.decide(ticket, agent, now);
        Some(Match { ticket, agent })
    }

    /// An agent takes a waiting ticket of his categories by hand; its slot is taken.
    pub fn pick(&mut self, agent: PersonId, ticket: TicketId, now: Time) -> Result<(), CannotPick> {
        let Some(Place::Waiting { category, .. }) = self.places.get(&ticket) else {
            return Err(CannotPick::NotWaiting);
        };
        let who = self.agents.get(&agent).filter(|agent| agent.serves(*category));
        let who = who.ok_or(CannotPick::NotWaiting)?;
        who.turn().ok_or(CannotPick::NoFreeSlot)?;
        self.decide(ticket, agent, now);
        Ok(())
    }

    fn decide(&mut self, ticket: TicketId, agent: PersonId, now: Time) {
        let Some(Place::Waiting { category, .. }) = self.places.get(&ticket).copied() else {
            return;
        };
        self.touched.decided.push(agent);
        self.hold(ticket, agent, category, None, now);
    }
}

/// What can be asked.
impl Matcher {
    /// An agent, if anything is known of him.
    pub fn agent(&self, id: PersonId) -> Option<&Agent> {
        self.agents.get(&id)
    }

    /// Who uses a slot for a ticket.
    pub fn holder(&self, ticket: TicketId) -> Option<PersonId> {
        match self.places.get(&ticket)? {
            Place::Held { agent } => Some(*agent),
            Place::Waiting { .. } => None,
        }
    }

    /// Whether a ticket waits.
    pub fn is_waiting(&self, ticket: TicketId) -> bool {
        matches!(self.places.get(&ticket), Some(Place::Waiting { .. }))
    }

    /// A waiting ticket's position in its queue, from 1.
    pub fn position(&self, ticket: TicketId) -> Option<u64> {
        match self.places.get(&ticket)? {
            Place::Waiting { category, key } => Some(self.queues.get(category)?.line.rank(key) as u64 + 1),
            Place::Held { .. } => None,
        }
    }

    /// A category's queue, if anything is known of it.
    pub fn queue(&self, category: CategoryId) -> Option<&Queue> {
        self.queues.get(&category)
    }

    /// Every queue.
    pub fn queues(&self) -> impl Iterator<Item = (CategoryId, &Queue)> {
        self.queues.iter().map(|(category, queue)| (*category, queue))
    }

    /// How many tickets wait.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// Whether a new ticket should be refused at the door.
    pub fn is_full(&self) -> bool {
        self.waiting >= WAITING_TICKETS_MAX
    }
}

/// The indexes follow every change here, and only here.
impl Matcher {
    fn with_queue<T>(&mut self, category: CategoryId, change: impl FnOnce(&mut Queue) -> T) -> T {
        let queue = self.queues.entry(category).or_default();
        let result = change(queue);
        if queue.is_ready() {
            self.ready.insert(category);
        } else {
            self.ready.remove(&category);
        }
        result
    }

    fn with_line(&mut self, category: CategoryId, change: impl FnOnce(&mut Line)) {
        self.with_queue(category, |queue| {
            change(&mut queue.line);
            queue.version += 1;
        });
    }

    /// As [`Matcher::with_agent`], for a change of the agent's categories to these.
    fn restaff(&mut self, id: PersonId, new: BTreeSet<CategoryId>, change: impl FnOnce(&mut Agent)) {
        let mut agent = self.agents.remove(&id).unwrap_or_else(|| Agent::unknown(id));
        let (old, before) = (agent.profile().categories.clone(), seat(&agent));
        change(&mut agent);
        let after = seat(&agent);
        for category in old {
            self.with_queue(category, |queue| queue.restaff(before, Seat::default()));
        }
        for category in new {
            self.with_queue(category, |queue| queue.restaff(Seat::default(), after));
        }
        self.keep(id, agent);
    }

    fn keep(&mut self, id: PersonId, agent: Agent) {
        if !agent.is_nobody() {
            self.agents.insert(id, agent);
        }
        self.touched.agents.push(id);
    }

    fn with_agent<T>(&mut self, id: PersonId, change: impl FnOnce(&mut Agent) -> T) -> T {
        let mut agent = self.agents.remove(&id).unwrap_or_else(|| Agent::unknown(id));
        let before = seat(&agent);
        let result = change(&mut agent);
        let after = seat(&agent);
        if before != after {
            for category in &agent.profile().categories {
                self.with_queue(*category, |queue| queue.restaff(before, after));
            }
        }
        self.keep(id, agent);
        result
    }
}

fn seat(agent: &Agent) -> Seat {
    Seat { turn: agent.turn(), slots: agent.slots_at_work() }
}
