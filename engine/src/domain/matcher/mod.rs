//! The pure queue: who is served by whom, and why.
//!
//! **Order.** Each category has a [`Line`] in the order of service: arrival less a headstart for priority, then
//! arrival, then id ([`Key`] says why nobody starves). Categories do not wait for each other, and neither do tickets
//! that ask for different skills: a category's tickets that ask for the same are a class of their own, and where an
//! agent could serve several classes, the smallest key of all is served.
//!
//! **Choice.** Among the agents who serve the category, have the skills that the ticket asks for by now, are here,
//! available and have a free slot of its phase: fewest of these slots used, then longest idle, then id. A ticket that
//! waits for the agent who had it last waits for him alone, for a while. Who declined it is passed over, for a while,
//! as long as somebody else is at work.
//!
//! **Slots** are a set of ticket ids per agent, offered, active, held and in wrap-up alike, each of its phase. A
//! decision ([`Matcher::pair`], [`Matcher::pick`], [`Matcher::move_to`]) never takes one beyond the limit of the agent
//! or of his team. A fact ([`Matcher::hold`]) always does, since it has happened; load above a limit that was lowered
//! runs down.
//!
//! **Time** is an argument. What changes by time alone (a need relaxes, an agent is waited for no longer, another
//! category helps out) is done by [`Matcher::advance`], in the order in which it falls due.
//!
//! **Cost** of a step, for an agent of c categories and s skills: c + s insertions of log a into the orders of the
//! free, and c × s looks at what waits behind his skills, of which few go further than the first ticket. For a ticket: a
//! look through the free agents of its category or of the rarest of its skills.

mod agent;
mod audit;
mod choose;
mod classes;
mod exclude;
mod explain;
mod forecast;
mod handling;
mod hash;
mod line;
mod moving;
mod place;
mod queue;
mod seats;
mod skill;
mod supervisors;
mod team;

use std::collections::{BTreeMap, BTreeSet};

use deskwire_protocol::{PersonId, Phase, Status, TicketId, Time};

use crate::domain::event::CategoryId;

pub use agent::{
    Agent, AgentProfile, AgentState, Held, Hold, Limit, PerPhase, Presence, RELOAD_MS, Slots, TeamId, Turn,
};
pub use audit::{Touched, Violations};
pub use exclude::EXCLUSIONS_MAX;
pub use explain::{AgentExplanation, Candidate, Decision, EXPLAINED_MAX, Explanation, Head, RUNNERS_UP_MAX, Verdict};
pub use forecast::{FORECAST_EVERY_MS, Forecast};
pub use handling::{HANDLING_FIRST_MS, Handling};
pub use line::{Key, Line, PRIORITY_STEP_MS};
pub use place::Request;
pub use queue::{Mode, Overflow, Policy, Queue, Seat};
pub use skill::{CONDITIONS_MAX, LEVEL_MAX, Need, SKILLS_MAX, STEPS_MAX, Skill, SkillId, SkillStep, Skills};

use choose::Dirty;
use exclude::Exclusion;
use hash::IdMap;
use place::Spot;
use supervisors::Supervisors;
use team::Team;

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
    /// How.
    pub how: How,
}

/// How a ticket goes to an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// He has it.
    Assign,
    /// He is asked.
    Offer,
}

/// Why an agent cannot take a ticket by hand, or be given it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CannotTake {
    /// The ticket does not wait, or not for him.
    NotWaiting,
    /// He is away.
    Away,
    /// His slots are used, or his team's.
    NoFreeSlot,
    /// He ignores it.
    Ignored,
}

/// Where a ticket is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Waiting(Box<Spot>),
    /// An agent's slot is used for it, and perhaps already that of the agent whom it moves to.
    Held {
        agent: PersonId,
        next: Option<PersonId>,
    },
}

/// Agents, queues and tickets, and who goes to whom.
#[derive(Clone, Debug, Default)]
pub struct Matcher {
    agents: IdMap<PersonId, Agent>,
    teams: BTreeMap<TeamId, Team>,
    /// In order, so that what is done over all of them is the same on every run; apart, so that the way to each is short.
    queues: BTreeMap<CategoryId, Box<Queue>>,
    /// Those who may take one more now, by what they can do.
    skilled: IdMap<SkillId, PerPhase<BTreeSet<Turn>>>,
    supervisors: Supervisors,
    places: IdMap<TicketId, Place>,
    /// Tickets that wait for one agent alone.
    sticky: IdMap<PersonId, PerPhase<Line>>,
    excluded: BTreeMap<TicketId, Vec<Exclusion>>,
    /// When a ticket stands elsewhere by time alone.
    due: BTreeSet<(u64, TicketId)>,
    dirty: Dirty,
    /// What the latest pair was decided by.
    decision: Option<Decision>,
    waiting: usize,
    touched: Touched,
    violations: Violations,
}

/// What the administration and the agents say.
impl Matcher {
    /// How a category is treated. Its queue may have tickets already.
    pub fn set_policy(&mut self, category: CategoryId, policy: Policy, now: Time) {
        let queue = self.queues.entry(category).or_default();
        if queue.policy == policy {
            return;
        }
        queue.policy = policy;
        queue.version += 1;
        let helped = |queue: &&Queue| queue.policy.overflow.is_some_and(|overflow| overflow.to == category);
        let others = self.queues.values().map(Box::as_ref).filter(helped);
        let queues = self.queue(category).into_iter().chain(others);
        let waiting: BTreeSet<TicketId> =
            queues.flat_map(|queue| queue.line.after(None)).map(|key| key.ticket()).collect();
        for ticket in waiting {
            self.stand_anew(ticket, now);
        }
    }

    /// An agent is new or another than before. What he holds stays his.
    pub fn set_agent(&mut self, profile: AgentProfile, now: Time) {
        let mut agent = self.agent_or_unknown(profile.id);
        let before = agent.clone();
        agent.set_profile(profile);
        self.restaff(before, agent, now);
    }

    /// An agent works here no more. What he holds stays his until a fact says otherwise.
    pub fn remove_agent(&mut self, id: PersonId, now: Time) {
        let mut agent = self.agent_or_unknown(id);
        let before = agent.clone();
        agent.dismiss();
        self.restaff(before, agent, now);
    }

    /// An agent came or went.
    pub fn set_presence(&mut self, id: PersonId, presence: Presence, now: Time) {
        self.with_agent(id, now, |agent| agent.set_presence(presence, now));
    }

    /// An agent takes new tickets, or no more.
    pub fn set_status(&mut self, id: PersonId, status: Status, now: Time) {
        self.with_agent(id, now, |agent| agent.set_status(status, now));
    }
}

/// What happens to tickets.
impl Matcher {
    /// A ticket waits; whoever held it holds it no longer. Nothing changes if it waits so already.
    pub fn wait(&mut self, request: Request, now: Time) {
        let ticket = request.ticket;
        if matches!(self.places.get(&ticket), Some(Place::Waiting(spot)) if spot.request == request) {
            return;
        }
        self.leave_place(ticket, now);
        self.stand(request, now);
    }

    /// A fact: an agent's slot is used for a ticket, `since` then if that is known. It is, even beyond his limit.
    pub fn hold(&mut self, ticket: TicketId, agent: PersonId, held: Held, now: Time) {
        let before = self.agents.get(&agent).and_then(|agent| agent.held().get(&ticket)).copied();
        if self.places.get(&ticket) != Some(&Place::Held { agent, next: None }) {
            self.leave_other_slots(ticket, agent, now);
        }
        let since = before.filter(|before| before.hold == held.hold).and_then(|before| before.since).or(held.since);
        if let Some(began) = before.filter(|_| held.hold == Hold::WrapUp).and_then(|before| before.since) {
            self.handled(held.category, began, now);
        }
        self.places.insert(ticket, Place::Held { agent, next: None });
        self.touched.tickets.push(ticket);
        self.with_agent(agent, now, |agent| agent.take(ticket, Held { since, ..held }, now));
    }

    /// A ticket is out of the queue and of all slots.
    pub fn leave(&mut self, ticket: TicketId, now: Time) {
        self.excluded.remove(&ticket);
        self.leave_place(ticket, now);
    }

    /// An agent takes a waiting ticket of his categories by hand; its slot is taken.
    pub fn pick(&mut self, agent: PersonId, ticket: TicketId, now: Time) -> Result<(), CannotTake> {
        let Some(Place::Waiting(spot)) = self.places.get(&ticket) else {
            return Err(CannotTake::NotWaiting);
        };
        let phase = spot.request.phase;
        let categories = [Some(spot.request.category), spot.besides()];
        let who = self.agents.get(&agent);
        let who = who.filter(|agent| categories.into_iter().flatten().any(|category| agent.serves(category)));
        if spot.request.ignored.contains(&agent) {
            return Err(CannotTake::Ignored);
        }
        self.may_take(who.ok_or(CannotTake::NotWaiting)?, phase)?;
        self.promise(ticket, agent, now);
        Ok(())
    }

    fn may_take(&self, agent: &Agent, phase: Phase) -> Result<(), CannotTake> {
        if !agent.is_on_duty() {
            return Err(CannotTake::Away);
        }
        let free = agent.turn(phase).is_some() && self.team_has_room(agent, phase);
        free.then_some(()).ok_or(CannotTake::NoFreeSlot)
    }

    fn leave_place(&mut self, ticket: TicketId, now: Time) {
        match self.places.remove(&ticket) {
            None => return,
            Some(Place::Waiting(spot)) => self.unstand(&spot),
            Some(Place::Held { agent, next }) => {
                for agent in [Some(agent), next].into_iter().flatten() {
                    self.free(ticket, agent, now);
                }
            }
        }
        self.touched.tickets.push(ticket);
    }

    /// As [`Matcher::leave_place`], but one agent's slot stays as it is.
    fn leave_other_slots(&mut self, ticket: TicketId, stays: PersonId, now: Time) {
        match self.places.remove(&ticket) {
            None => {}
            Some(Place::Waiting(spot)) => self.unstand(&spot),
            Some(Place::Held { agent, next }) => {
                for agent in [Some(agent), next].into_iter().flatten().filter(|agent| *agent != stays) {
                    self.free(ticket, agent, now);
                }
            }
        }
    }

    fn free(&mut self, ticket: TicketId, agent: PersonId, now: Time) {
        match self.with_agent(agent, now, |agent| agent.free(ticket, now)) {
            Some(Held { category, since: Some(since), hold: Hold::Active, .. }) => self.handled(category, since, now),
            Some(Held { category, since: Some(since), hold: Hold::WrapUp, .. }) => {
                let ms = now.ms().saturating_sub(since.ms());
                self.queues.entry(category).or_default().wrote_up(ms);
            }
            Some(_) | None => {}
        }
    }

    fn handled(&mut self, category: CategoryId, since: Time, now: Time) {
        let ms = now.ms().saturating_sub(since.ms());
        self.queues.entry(category).or_default().handled(ms);
    }
}

/// What can be asked.
impl Matcher {
    /// An agent, if anything is known of him.
    pub fn agent(&self, id: PersonId) -> Option<&Agent> {
        self.agents.get(&id)
    }

    /// Everybody of whom anything is known.
    pub fn agents(&self) -> impl Iterator<Item = &Agent> {
        self.agents.values()
    }

    /// Who uses a slot for a ticket.
    pub fn holder(&self, ticket: TicketId) -> Option<PersonId> {
        match self.places.get(&ticket)? {
            Place::Held { agent, .. } => Some(*agent),
            Place::Waiting(_) => None,
        }
    }

    /// Whether a ticket waits.
    pub fn is_waiting(&self, ticket: TicketId) -> bool {
        matches!(self.places.get(&ticket), Some(Place::Waiting(_)))
    }

    /// The category that a waiting ticket is of.
    pub fn category_of(&self, ticket: TicketId) -> Option<CategoryId> {
        match self.places.get(&ticket)? {
            Place::Waiting(spot) => Some(spot.request.category),
            Place::Held { .. } => None,
        }
    }

    /// A waiting ticket's position in its queue, from 1.
    pub fn position(&self, ticket: TicketId) -> Option<u64> {
        match self.places.get(&ticket)? {
            Place::Waiting(spot) => {
                let queue = self.queues.get(&spot.request.category)?;
                Some(queue.line.rank(&spot.key) as u64 + 1)
            }
            Place::Held { .. } => None,
        }
    }

    /// A category's queue, if anything is known of it.
    pub fn queue(&self, category: CategoryId) -> Option<&Queue> {
        self.queues.get(&category).map(Box::as_ref)
    }

    /// Every queue.
    pub fn queues(&self) -> impl Iterator<Item = (CategoryId, &Queue)> {
        self.queues.iter().map(|(category, queue)| (*category, queue.as_ref()))
    }

    /// How a category is treated.
    pub fn policy(&self, category: CategoryId) -> Policy {
        self.queues.get(&category).map_or(Policy::default(), |queue| queue.policy)
    }

    /// Everything that waits, in no order.
    pub fn requests(&self) -> impl Iterator<Item = &Request> {
        self.places.values().filter_map(|place| match place {
            Place::Waiting(spot) => Some(&spot.request),
            Place::Held { .. } => None,
        })
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
