//! Who goes to whom: the best ticket of an agent who became free, the best agent of a ticket that came.
//!
//! At rest no ticket stands beside a free agent who could take it. Only two things can change that: a ticket comes to
//! stand somewhere, or an agent gets a free slot. Both are noted as they happen ([`Dirty`]), and only they are looked
//! at. An agent looks at the first of each class that he can serve; a ticket looks through the free agents of its
//! category, or of the rarest skill it asks for if those are fewer, in the order of their turns.

use std::collections::BTreeSet;

use deskwire_protocol::{Obstacle, PersonId, Phase, TicketId, Time};

use super::agent::{Agent, AgentProfile, Hold, Limit, Turn};
use super::classes::{ClassKey, Second};
use super::line::Key;
use super::place::{Spot, Stands};
use super::queue::Mode;
use super::{How, Match, Matcher, Place};
use crate::domain::event::CategoryId;

/// Places where most agents look at most.
const BEHIND_FEW: usize = 64;

/// What may make a pair.
#[derive(Clone, Debug, Default)]
pub(super) struct Dirty {
    /// Agents who may take more than before.
    pub(super) agents: BTreeSet<PersonId>,
    /// Tickets that stand where they did not.
    pub(super) tickets: BTreeSet<Key>,
    /// The best ticket of each agent who was looked at. It may be gone by the time he gets it; a better one never comes
    /// without his being noted again.
    candidates: BTreeSet<(Key, PersonId)>,
}

impl Dirty {
    /// A ticket came, or is open to more agents than before: whoever has a candidate may have a better one.
    pub(super) fn look_again(&mut self) {
        while let Some((_, agent)) = self.candidates.pop_first() {
            self.agents.insert(agent);
        }
    }

    pub(super) fn is_clean(&self) -> bool {
        self.agents.is_empty() && self.tickets.is_empty() && self.candidates.is_empty()
    }
}

/// An agent chosen for a ticket.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Choice {
    turn: Turn,
    category: CategoryId,
}

impl Matcher {
    /// The next pair that the queues make, if any; its slot is taken. To be asked until there is none.
    pub fn pair(&mut self, now: Time) -> Option<Match> {
        loop {
            while let Some(agent) = self.dirty.agents.pop_first() {
                let best = self.best_ticket(agent, now);
                self.dirty.candidates.extend(best.map(|key| (key, agent)));
            }
            let Some((key, agent)) = self.dirty.candidates.pop_first() else { break };
            // He is looked at again: he may have another slot free, or this ticket is gone.
            self.dirty.agents.insert(agent);
            if self.could_take(agent, key.ticket(), now)
                && let Some(made) = self.give(key.ticket(), now)
            {
                return Some(made);
            }
        }
        while let Some(key) = self.dirty.tickets.pop_first() {
            if let Some(made) = self.give(key.ticket(), now) {
                return Some(made);
            }
        }
        None
    }

    fn could_take(&self, agent: PersonId, ticket: TicketId, now: Time) -> bool {
        let Some(Place::Waiting(spot)) = self.places.get(&ticket) else { return false };
        let agent = self.agents.get(&agent);
        agent.is_some_and(|agent| self.verdict(agent, spot, now).obstacle == Obstacle::Turn)
    }

    /// Gives a waiting ticket to the best of the agents who are free for it.
    fn give(&mut self, ticket: TicketId, now: Time) -> Option<Match> {
        let Some(Place::Waiting(spot)) = self.places.get(&ticket) else { return None };
        let Choice { turn, category } = self.best_agent(spot, now)?;
        let how = match self.policy(category).mode {
            Mode::Offer => How::Offer,
            Mode::Automatic | Mode::Manual => How::Assign,
        };
        self.promise(ticket, turn.agent, now);
        Some(Match { ticket, agent: turn.agent, how })
    }

    /// The first of all tickets that an agent could take now.
    fn best_ticket(&self, id: PersonId, now: Time) -> Option<Key> {
        let agent = self.agents.get(&id)?;
        [Phase::Live, Phase::Asynchronous].into_iter().filter_map(|phase| self.best_of_phase(agent, phase, now)).min()
    }

    /// Looks behind his skills in all his queues at once, where the first ticket comes first: soon no other can be
    /// better.
    fn best_of_phase(&self, agent: &Agent, phase: Phase, now: Time) -> Option<Key> {
        agent.turn(phase).filter(|_| self.team_has_room(agent, phase))?;
        let AgentProfile { id, categories, skills, .. } = agent.profile();
        let mut best = self.sticky.get(id).and_then(|lines| lines.of(phase).first());
        let queues = categories.iter().filter_map(|category| self.queues.get(category));
        let planes = skills.planes();
        let mut behind = Vec::with_capacity(BEHIND_FEW);
        behind.extend(queues.flat_map(|queue| queue.classes.behind(phase, skills)));
        loop {
            behind.retain(|(first, _)| best.is_none_or(|best| *first <= Second::of(&best)));
            let firsts = behind.iter().enumerate();
            let Some((index, _)) = firsts.min_by_key(|(_, (first, _))| *first) else { return best };
            let (_, next) = behind.swap_remove(index);
            best = next.first_for((skills, &planes), best, |key| self.may_be_given(key, *id, now));
        }
    }

    /// Whether an agent is not passed over for a ticket.
    fn may_be_given(&self, key: Key, agent: PersonId, now: Time) -> bool {
        let Some(Place::Waiting(spot)) = self.places.get(&key.ticket()) else { return false };
        !self.is_passed_over(spot, agent, now)
    }

    /// The best of those who are free for a ticket.
    fn best_agent(&self, spot: &Spot, now: Time) -> Option<Choice> {
        if let Stands::With(agent) = spot.stands {
            let (phase, category) = (spot.request.phase, spot.request.category);
            let agent = self.agents.get(&agent).filter(|agent| self.team_has_room(agent, phase))?;
            return agent.turn(phase).map(|turn| Choice { turn, category });
        }
        spot.queues().filter_map(|(category, class)| self.best_in(spot, category, class, now)).min()
    }

    fn best_in(&self, spot: &Spot, category: CategoryId, class: &ClassKey, now: Time) -> Option<Choice> {
        let queue = self.queues.get(&category)?;
        let mut free = queue.free.of(class.phase);
        for skill in class.skills.iter() {
            let skilled = self.skilled.get(&skill.id)?.of(class.phase);
            free = if skilled.len() < free.len() { skilled } else { free };
        }
        let fits = |turn: &&Turn| {
            self.agents.get(&turn.agent).is_some_and(|agent| {
                agent.serves(category)
                    && agent.profile().skills.meet(&class.skills)
                    && self.team_has_room(agent, class.phase)
                    && !self.is_passed_over(spot, turn.agent, now)
            })
        };
        free.iter().find(fits).map(|turn| Choice { turn: *turn, category })
    }

    /// Takes an agent's slot for a ticket that waits: it is his as soon as its room, or he, says so.
    pub(super) fn promise(&mut self, ticket: TicketId, agent: PersonId, now: Time) {
        self.promise_within(ticket, (agent, Limit::Kept), now);
    }

    /// The same, perhaps beyond his limit: then it is no decision of the queue, which is never above one.
    pub(super) fn promise_within(&mut self, ticket: TicketId, (agent, limit): (PersonId, Limit), now: Time) {
        let Some(Place::Waiting(spot)) = self.places.get(&ticket) else { return };
        let (category, phase) = (spot.request.category, spot.request.phase);
        self.decision = self.decision_of(spot, agent, now);
        self.touched.decided.extend((limit == Limit::Kept).then_some((agent, phase)));
        self.hold(ticket, agent, super::Held { category, phase, hold: Hold::Promised, since: None }, now);
    }

    /// The first ticket that waits beside a free agent who could take it; reads everything.
    pub(super) fn overlooked(&self, now: Time) -> Option<TicketId> {
        let waiting = self.places.values().filter_map(|place| match place {
            Place::Waiting(spot) => Some(spot),
            Place::Held { .. } => None,
        });
        waiting.filter(|spot| self.best_agent(spot, now).is_some()).map(|spot| spot.request.ticket).min()
    }
}
