//! The Matcher checks itself: after every step what the step touched, in tests everything.

use std::collections::BTreeSet;

use deskwire_protocol::{PersonId, Phase, TicketId, Time};

use super::place::{Spot, Stands};
use super::seats::seat;
use super::{Agent, Matcher, Place, Turn};
use crate::domain::event::CategoryId;

/// What was touched since the last audit.
#[derive(Clone, Debug, Default)]
pub struct Touched {
    /// Agents, each once, in order.
    pub agents: Vec<PersonId>,
    /// Tickets; some may be named twice.
    pub tickets: Vec<TicketId>,
    /// Agents who were given a ticket by a decision, not by a fact, and of which phase.
    pub decided: Vec<(PersonId, Phase)>,
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
        let mut touched = std::mem::take(&mut self.touched);
        touched.agents.sort_unstable();
        touched.agents.dedup();
        let mut found = self.violations;
        found.tables += touched.tickets.iter().filter(|ticket| !self.is_in_one_place(**ticket)).count() as u64;
        for agent in touched.agents.iter().filter(|agent| !self.holds_what_it_says(**agent)) {
            match self.holds_anothers(*agent) {
                true => found.two_owners += 1,
                false => found.tables += 1,
            }
        }
        found.over_capacity +=
            touched.decided.iter().filter(|(agent, phase)| self.is_overloaded(*agent, *phase)).count() as u64;
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
        let another = |ticket: &TicketId| {
            !self.is_held_by(*ticket, id) && matches!(self.places.get(ticket), Some(Place::Held { .. }))
        };
        self.agents.get(&id).is_some_and(|agent| agent.held().keys().any(another))
    }

    /// The first thing that is wrong anywhere; reads everything.
    pub fn check(&self) -> Result<(), String> {
        self.check_tickets()?;
        self.check_agents()?;
        self.check_queues()
    }

    /// Whether a ticket is an agent's, or moves to him.
    fn is_held_by(&self, ticket: TicketId, id: PersonId) -> bool {
        matches!(self.places.get(&ticket), Some(Place::Held { agent, next }) if *agent == id || *next == Some(id))
    }

    fn is_in_one_place(&self, ticket: TicketId) -> bool {
        match self.places.get(&ticket) {
            None => true,
            Some(Place::Waiting(spot)) => self.is_where_it_stands(ticket, spot),
            Some(Place::Held { agent, next }) => [Some(*agent), *next].into_iter().flatten().all(|agent| {
                let agent = self.agents.get(&agent);
                agent.is_some_and(|agent| agent.held().contains_key(&ticket))
            }),
        }
    }

    fn is_where_it_stands(&self, ticket: TicketId, spot: &Spot) -> bool {
        let in_line = |category| self.queues.get(&category).is_some_and(|queue| queue.line.contains(&spot.key));
        let waited_for = match spot.stands {
            Stands::With(agent) => {
                let line = self.sticky.get(&agent).map(|lines| lines.of(spot.request.phase));
                line.is_some_and(|line| line.contains(&spot.key))
            }
            Stands::Apart | Stands::In { .. } => true,
        };
        let mut classes = spot.queues();
        spot.key.ticket() == ticket
            && in_line(spot.request.category)
            && spot.besides().is_none_or(in_line)
            && waited_for
            && classes.all(|(category, class)| {
                self.queues.get(&category).is_some_and(|queue| queue.classes.has(class, &spot.key))
            })
            && spot.due.is_none_or(|due| self.due.contains(&(due.ms(), ticket)))
    }

    fn holds_what_it_says(&self, id: PersonId) -> bool {
        let Some(agent) = self.agents.get(&id) else {
            return true;
        };
        let stands_in = |category: &CategoryId, phase: Phase, turn: &Turn| {
            self.queues.get(category).is_some_and(|queue| queue.free.of(phase).contains(turn))
        };
        [Phase::Live, Phase::Asynchronous].into_iter().all(|phase| {
            let mut categories = agent.profile().categories.iter();
            agent.count(phase) == usize::from(*agent.used().of(phase))
                && agent.turn(phase).is_none_or(|turn| categories.all(|category| stands_in(category, phase, &turn)))
        }) && agent.held().keys().all(|ticket| self.is_held_by(*ticket, id))
    }

    /// Whether the last decision gave an agent more than his slots, or his team more than its.
    fn is_overloaded(&self, id: PersonId, phase: Phase) -> bool {
        let Some(agent) = self.agents.get(&id) else { return true };
        let team = agent.profile().team.and_then(|team| self.teams.get(&team));
        let team_above = team.is_some_and(|team| *team.used.of(phase) > u32::from(*team.slots.of(phase)));
        agent.used().of(phase) > agent.profile().slots.of(phase) || team_above
    }

    fn check_tickets(&self) -> Result<(), String> {
        let wrong = self.places.keys().find(|ticket| !self.is_in_one_place(**ticket));
        wrong.map_or(Ok(()), |ticket| Err(format!("{ticket} is not where its place says")))?;
        let waiting: Vec<&Spot> = self.places.values().filter_map(Place::waiting).collect();
        let held = self.places.values().map(Place::slots).sum::<usize>();
        let lines: usize = self.queues.values().map(|queue| queue.line.len()).sum();
        let helped = waiting.iter().filter(|spot| spot.besides().is_some()).count();
        let classed: usize = waiting.iter().map(|spot| spot.queues().count()).sum();
        let classes: usize = self.queues.values().map(|queue| queue.classes.len()).sum();
        let slots: usize = self.agents.values().map(|agent| agent.held().len()).sum();
        let due = waiting.iter().filter(|spot| spot.due.is_some()).count();
        let counts = [(waiting.len() + helped, lines), (waiting.len(), self.waiting), (held, slots)];
        let equal = counts.iter().all(|(left, right)| left == right) && classed == classes && due == self.due.len();
        equal.then_some(()).ok_or(format!("places, lines and slots differ: {counts:?} {classed} {classes} {due}"))
    }

    fn check_agents(&self) -> Result<(), String> {
        let wrong = self.agents.keys().find(|agent| !self.holds_what_it_says(**agent));
        wrong.map_or(Ok(()), |agent| Err(format!("{agent} holds or offers what others do not see")))
    }

    fn check_queues(&self) -> Result<(), String> {
        for (category, queue) in &self.queues {
            let staff = || self.agents.values().filter(|agent| agent.serves(*category));
            let slots: u64 = staff().map(|agent| u64::from(seat(agent).slots)).sum();
            let on_duty = staff().filter(|agent| agent.is_on_duty()).count();
            let named: BTreeSet<PersonId> = staff().map(|agent| agent.profile().id).collect();
            let free = [Phase::Live, Phase::Asynchronous].into_iter().all(|phase| {
                let free: BTreeSet<_> = staff().filter_map(|agent| agent.turn(phase)).collect();
                free == *queue.free.of(phase)
            });
            if !queue.classes.is_sound() {
                return Err(format!("the classes of {category:?} are not found where they stand"));
            }
            if !free || slots != queue.slots_at_work || on_duty != queue.on_duty || named != queue.staff {
                return Err(format!("the staff of {category:?} is not what its queue says"));
            }
        }
        self.check_skilled()?;
        self.check_supervisors()?;
        self.check_teams()
    }

    fn check_skilled(&self) -> Result<(), String> {
        for (skill, turns) in &self.skilled {
            for phase in [Phase::Live, Phase::Asynchronous] {
                let has = |agent: &&Agent| agent.profile().skills.iter().any(|own| own.id == *skill);
                let free: BTreeSet<_> =
                    self.agents.values().filter(has).filter_map(|agent| agent.turn(phase)).collect();
                if free != *turns.of(phase) {
                    return Err(format!("who is free with {skill:?} is not what its order says"));
                }
            }
        }
        Ok(())
    }

    fn check_teams(&self) -> Result<(), String> {
        for (id, team) in &self.teams {
            let members = || self.agents.values().filter(|agent| agent.profile().team == Some(*id));
            for phase in [Phase::Live, Phase::Asynchronous] {
                let used: u32 = members().map(|agent| u32::from(*agent.used().of(phase))).sum();
                if used != *team.used.of(phase) {
                    return Err(format!("{id:?} uses {used} and says {}", team.used.of(phase)));
                }
            }
            let named: BTreeSet<PersonId> = members().map(|agent| agent.profile().id).collect();
            if named != team.members {
                return Err(format!("the members of {id:?} are not those who say so"));
            }
        }
        Ok(())
    }

    /// Whether everything that could be paired was, once `pair` says there is nothing more. Reads everything.
    pub fn check_at_rest(&self, now: Time) -> Result<(), String> {
        let overlooked = self.overlooked(now).filter(|_| self.dirty.is_clean());
        overlooked.map_or(Ok(()), |ticket| Err(format!("{ticket} waits beside a free agent who could take it")))
    }
}

impl Place {
    fn waiting(&self) -> Option<&Spot> {
        match self {
            Place::Waiting(spot) => Some(spot),
            Place::Held { .. } => None,
        }
    }

    fn slots(&self) -> usize {
        match self {
            Place::Waiting(_) => 0,
            Place::Held { next, .. } => 1 + usize::from(next.is_some()),
        }
    }
}
