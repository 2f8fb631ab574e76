//! Why: what keeps each agent from a ticket, what keeps each ticket from an agent, and what a decision looked at.

use std::collections::BTreeMap;

use deskwire_protocol::{Obstacle, PersonId, Phase, TicketId, Time};

use super::agent::Agent;
use super::place::{Spot, Stands};
use super::skill::{Skill, Skills};
use super::{Matcher, Place, Presence, Turn};
use crate::domain::event::CategoryId;

/// Most agents, or tickets, that an explanation looks at one by one; the others are counted.
pub const EXPLAINED_MAX: usize = deskwire_protocol::limits::ROUTING_LINES_MAX;
/// Most agents that a decision remembers beside the one who was chosen.
pub const RUNNERS_UP_MAX: usize = 8;

/// What keeps an agent from a ticket, or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The first thing that does.
    pub obstacle: Obstacle,
    /// The skill that he lacks, and the level that is asked, where it is that.
    pub skill: Option<Skill>,
    /// Until when he is passed over, where he declined.
    pub until: Option<Time>,
}

impl From<Obstacle> for Verdict {
    fn from(obstacle: Obstacle) -> Verdict {
        Verdict { obstacle, skill: None, until: None }
    }
}

/// An agent who was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// His place in the order of turns, whether or not he may take something.
    pub turn: Turn,
    /// What keeps it from him.
    pub verdict: Verdict,
}

/// Why a ticket waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Its category.
    pub category: CategoryId,
    /// A category that helps out by now.
    pub besides: Option<CategoryId>,
    /// Its position in its queue, from 1.
    pub position: u64,
    /// What it asks for now.
    pub asks: Skills,
    /// When it asks for less, waits for its last agent no longer, or another category helps out.
    pub relaxes: Option<Time>,
    /// Those who serve it, the nearest first; at most [`EXPLAINED_MAX`].
    pub candidates: Vec<Candidate>,
    /// All of them, by what keeps it from them.
    pub counts: BTreeMap<Obstacle, u32>,
}

/// Why an agent gets nothing, or not yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentExplanation {
    /// What keeps every live ticket from him; `Turn` where nothing does.
    pub obstacle: Obstacle,
    /// The first ticket of each of his queues; at most [`EXPLAINED_MAX`].
    pub heads: Vec<Head>,
    /// Queues of his with tickets that are not among these.
    pub more: usize,
}

/// The first ticket of a queue, and an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The ticket.
    pub ticket: TicketId,
    /// The queue.
    pub category: CategoryId,
    /// What keeps it from him.
    pub verdict: Verdict,
    /// How many wait there.
    pub waiting: usize,
}

/// What a decision looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The ticket.
    pub ticket: TicketId,
    /// Who got it, and his turn: the smallest of those who could.
    pub turn: Turn,
    /// When.
    pub at: Time,
    /// Through which queue, if not through its own.
    pub besides: Option<CategoryId>,
    /// What it asked for.
    pub asked: Skills,
    /// The first of the others who had a free slot, in the order of their turns; at most [`RUNNERS_UP_MAX`].
    pub runners_up: Vec<Candidate>,
    /// How many of those who serve the category had a free slot, he among them.
    pub free: u32,
    /// How many were at work.
    pub on_duty: u32,
    /// How many there are.
    pub staff: u32,
}

impl Matcher {
    /// Why a waiting ticket waits. Looks at all who serve its category.
    pub fn explain(&self, ticket: TicketId, now: Time) -> Option<Explanation> {
        let Some(Place::Waiting(spot)) = self.places.get(&ticket) else { return None };
        let (asks, _) = spot.request.need.at(spot.request.arrived, now);
        let own = self.queues.get(&spot.request.category).into_iter();
        let besides = spot.besides().and_then(|category| self.queues.get(&category));
        let mut staff: Vec<PersonId> = own.chain(besides).flat_map(|queue| queue.staff.iter().copied()).collect();
        staff.sort_unstable();
        staff.dedup();
        let agents = staff.iter().filter_map(|id| self.agents.get(id));
        let judged = |agent: &Agent| Candidate {
            turn: turn(agent, spot.request.phase),
            verdict: self.verdict(agent, spot, now),
        };
        let mut candidates: Vec<Candidate> = agents.map(judged).collect();
        let mut counts = BTreeMap::new();
        candidates.iter().for_each(|one| *counts.entry(one.verdict.obstacle).or_default() += 1);
        candidates.sort_unstable_by_key(|one| (nearness(one.verdict.obstacle), one.turn));
        candidates.truncate(EXPLAINED_MAX);
        Some(Explanation {
            category: spot.request.category,
            besides: spot.besides(),
            position: self.position(ticket)?,
            asks: asks.clone(),
            relaxes: spot.due,
            candidates,
            counts,
        })
    }

    /// Why an agent gets nothing, or not yet.
    pub fn explain_agent(&self, id: PersonId, now: Time) -> Option<AgentExplanation> {
        let agent = self.agents.get(&id).filter(|agent| agent.is_known())?;
        let queues =
            agent.profile().categories.iter().filter_map(|category| Some((*category, self.queues.get(category)?)));
        let mut heads: Vec<Head> =
            queues.filter_map(|(category, queue)| self.head(agent, category, &queue.line, now)).collect();
        let more = heads.len().saturating_sub(EXPLAINED_MAX);
        heads.truncate(EXPLAINED_MAX);
        let obstacle = self.hindrance(agent, Phase::Live).unwrap_or(Obstacle::Turn);
        Some(AgentExplanation { obstacle, heads, more })
    }

    fn head(&self, agent: &Agent, category: CategoryId, line: &super::Line, now: Time) -> Option<Head> {
        let ticket = line.first()?.ticket();
        let Some(Place::Waiting(spot)) = self.places.get(&ticket) else { return None };
        Some(Head { ticket, category, verdict: self.verdict(agent, spot, now), waiting: line.len() })
    }

    /// What keeps an agent from a waiting ticket: first what it is about, then what he is, then how he stands.
    pub(super) fn verdict(&self, agent: &Agent, spot: &Spot, now: Time) -> Verdict {
        let (id, ticket) = (agent.profile().id, spot.request.ticket);
        if spot.request.ignored.contains(&id) {
            return Obstacle::Ignored.into();
        }
        let ended = match &spot.stands {
            Stands::Apart => Some(Obstacle::ByHand.into()),
            Stands::With(other) if *other != id => Some(Obstacle::KeptForAnother.into()),
            Stands::With(_) => None,
            Stands::In { class, own, besides } => {
                let serves = [*own, *besides].into_iter().flatten().any(|category| agent.serves(category));
                let skill = agent.profile().skills.lacking(&class.skills);
                let lacks = skill.map(|skill| Verdict { skill: Some(skill), ..Obstacle::Skill.into() });
                (!serves).then_some(Obstacle::OtherCategory.into()).or(lacks)
            }
        };
        let ended = ended.or_else(|| self.hindrance(agent, spot.request.phase).map(Verdict::from));
        let passed_over = || {
            let until = self.excluded_until(ticket, id, now).filter(|_| self.has_another(spot, now));
            until.map(|until| Verdict { until: Some(until), ..Obstacle::Declined.into() })
        };
        ended.or_else(passed_over).unwrap_or(Obstacle::Turn.into())
    }

    /// What keeps an agent from every ticket of a phase.
    fn hindrance(&self, agent: &Agent, phase: Phase) -> Option<Obstacle> {
        if agent.presence() == Presence::Gone {
            return Some(Obstacle::Gone);
        }
        if !agent.is_on_duty() {
            return Some(Obstacle::Away);
        }
        let full = agent.turn(phase).is_none().then_some(Obstacle::Full);
        full.or((!self.team_has_room(agent, phase)).then_some(Obstacle::TeamFull))
    }

    /// What a decision looks at, before it changes anything.
    pub(super) fn decision_of(&self, spot: &Spot, chosen: PersonId, now: Time) -> Option<Decision> {
        let (ticket, phase) = (spot.request.ticket, spot.request.phase);
        let chosen = self.agents.get(&chosen)?;
        let besides = spot.besides().filter(|_| !chosen.serves(spot.request.category));
        let (turn, queue) = (turn(chosen, phase), self.queues.get(&besides.unwrap_or(spot.request.category))?);
        let free = queue.free.of(phase);
        let others = free.iter().filter(|other| other.agent != turn.agent).take(RUNNERS_UP_MAX);
        let judged = others.filter_map(|other| {
            let verdict = self.verdict(self.agents.get(&other.agent)?, spot, now);
            Some(Candidate { turn: *other, verdict })
        });
        Some(Decision {
            ticket,
            turn,
            at: now,
            besides,
            asked: spot.request.need.at(spot.request.arrived, now).0.clone(),
            runners_up: judged.collect(),
            free: free.len() as u32,
            on_duty: queue.on_duty as u32,
            staff: queue.staff.len() as u32,
        })
    }

    /// What the latest pair was decided by, once.
    pub fn take_decision(&mut self) -> Option<Decision> {
        self.decision.take()
    }
}

fn turn(agent: &Agent, phase: Phase) -> Turn {
    let idle_since_ms = agent.idle_since().ms();
    Turn { load: *agent.used().of(phase), idle_since_ms, agent: agent.profile().id }
}

/// The order of an explanation: who could take it first, then who could if he were there, who cannot last.
fn nearness(obstacle: Obstacle) -> u8 {
    match obstacle {
        Obstacle::Chosen => 0,
        Obstacle::Turn => 1,
        Obstacle::Declined => 2,
        Obstacle::TeamFull => 3,
        Obstacle::Full => 4,
        Obstacle::Away => 5,
        Obstacle::Gone => 6,
        Obstacle::ByHand => 7,
        Obstacle::KeptForAnother => 8,
        Obstacle::Skill => 9,
        Obstacle::Ignored => 10,
        Obstacle::OtherCategory => 11,
    }
}
