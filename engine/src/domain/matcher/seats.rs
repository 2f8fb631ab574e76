//! The orders of the free follow every change of an agent here, and only here.

use std::collections::{BTreeMap, BTreeSet};

use deskwire_protocol::{PersonId, Phase, Role, Time};

use super::agent::{Agent, PerPhase, Turn};
use super::hash::IdMap;
use super::line::Line;
use super::queue::Seat;
use super::skill::SkillId;
use super::supervisors::Supervisors;
use super::team::Part;
use super::{Matcher, Queue};
use crate::domain::event::CategoryId;

impl Matcher {
    pub(super) fn with_line(&mut self, category: CategoryId, change: impl FnOnce(&mut Line)) {
        let queue = self.queues.entry(category).or_default();
        change(&mut queue.line);
        queue.version += 1;
    }

    pub(super) fn agent_or_unknown(&mut self, id: PersonId) -> Agent {
        self.agents.remove(&id).unwrap_or_else(|| Agent::unknown(id))
    }

    /// An agent whose categories, skills or team may be others than before.
    pub(super) fn restaff(&mut self, before: Agent, after: Agent, now: Time) {
        self.seats().change(&before, seat(&before), Seat::default());
        self.seats().change(&after, Seat::default(), seat(&after));
        for category in &before.profile().categories {
            self.queues.entry(*category).or_default().staff.remove(&after.profile().id);
        }
        for category in &after.profile().categories {
            self.queues.entry(*category).or_default().staff.insert(after.profile().id);
        }
        self.count_in_team(Part::of(&before), Part::of(&after));
        let id = after.profile().id;
        self.keep(id, after);
        self.dirty.agents.insert(id);
        self.wait_no_more_for(id, now);
        self.reconsider_excluded();
    }

    pub(super) fn with_agent<T>(&mut self, id: PersonId, now: Time, change: impl FnOnce(&mut Agent) -> T) -> T {
        let agent = self.agents.entry(id).or_insert_with(|| Agent::unknown(id));
        let (before, was) = (seat(agent), Part::of(agent));
        let result = change(agent);
        let (after, is, is_nobody) = (seat(agent), Part::of(agent), agent.is_nobody());
        if before != after {
            let (queues, skilled, supervisors) = (&mut self.queues, &mut self.skilled, &mut self.supervisors);
            Seats { queues, skilled, supervisors }.change(agent, before, after);
        }
        if is_nobody {
            self.agents.remove(&id);
        }
        let may_take_more = |phase| before.turns.of(phase).is_none() && after.turns.of(phase).is_some();
        if may_take_more(Phase::Live) || may_take_more(Phase::Asynchronous) {
            self.dirty.agents.insert(id);
        }
        self.count_in_team(was, is);
        self.touched.agents.push(id);
        if before.on_duty && !after.on_duty {
            self.wait_no_more_for(id, now);
            self.reconsider_excluded();
        }
        result
    }

    fn seats(&mut self) -> Seats<'_> {
        Seats { queues: &mut self.queues, skilled: &mut self.skilled, supervisors: &mut self.supervisors }
    }

    fn keep(&mut self, id: PersonId, agent: Agent) {
        if !agent.is_nobody() {
            self.agents.insert(id, agent);
        }
        self.touched.agents.push(id);
    }
}

/// The orders of the free, apart from the agents themselves.
struct Seats<'a> {
    queues: &'a mut BTreeMap<CategoryId, Box<Queue>>,
    skilled: &'a mut IdMap<SkillId, PerPhase<BTreeSet<Turn>>>,
    supervisors: &'a mut Supervisors,
}

impl Seats<'_> {
    fn change(self, agent: &Agent, before: Seat, after: Seat) {
        for category in &agent.profile().categories {
            self.queues.entry(*category).or_default().restaff(before, after);
        }
        for phase in [Phase::Live, Phase::Asynchronous] {
            let (before, after) = (*before.turns.of(phase), *after.turns.of(phase));
            if agent.profile().role == Role::Supervisor {
                self.supervisors.change(phase, before, after);
            }
            for skill in agent.profile().skills.iter().filter(|_| before != after) {
                let skilled = self.skilled.entry(skill.id).or_default().of_mut(phase);
                before.inspect(|turn| _ = skilled.remove(turn));
                after.inspect(|turn| _ = skilled.insert(*turn));
            }
        }
    }
}

/// What an agent brings to his queues.
pub(super) fn seat(agent: &Agent) -> Seat {
    let turns = PerPhase { live: agent.turn(Phase::Live), asynchronous: agent.turn(Phase::Asynchronous) };
    Seat { turns, slots: agent.slots_at_work(), on_duty: agent.is_on_duty() }
}
