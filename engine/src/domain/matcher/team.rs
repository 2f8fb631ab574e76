//! Teams: a limit above those of their agents.

use std::collections::BTreeSet;

use deskwire_protocol::{PersonId, Phase};

use super::Matcher;
use super::agent::{Agent, PerPhase, Slots, TeamId};

/// A team as the queue sees it.
#[derive(Clone, Debug)]
pub(super) struct Team {
    /// What all its agents together may have at once.
    pub(super) slots: Slots,
    /// What they have.
    pub(super) used: PerPhase<u32>,
    pub(super) members: BTreeSet<PersonId>,
}

impl Default for Team {
    /// A team that nobody has set a limit for has none.
    fn default() -> Team {
        let slots = Slots { live: u16::MAX, asynchronous: u16::MAX };
        Team { slots, used: PerPhase::default(), members: BTreeSet::new() }
    }
}

impl Team {
    pub(super) fn has_room(&self, phase: Phase) -> bool {
        *self.used.of(phase) < u32::from(*self.slots.of(phase))
    }
}

impl Matcher {
    /// A team's limits. What its agents hold above them runs down.
    pub fn set_team(&mut self, id: TeamId, slots: Slots) {
        let team = self.teams.entry(id).or_default();
        team.slots = slots;
        self.dirty.agents.extend(&team.members);
    }

    /// Whether an agent's team lets him take one more.
    pub(super) fn team_has_room(&self, agent: &Agent, phase: Phase) -> bool {
        let team = agent.profile().team.and_then(|team| self.teams.get(&team));
        team.is_none_or(|team| team.has_room(phase))
    }

    /// An agent was another before. Where a team was full and is so no more, any of its agents may take something.
    pub(super) fn count_in_team(&mut self, before: Part, after: Part) {
        if before.team != after.team {
            before.team.inspect(|id| _ = self.teams.entry(*id).or_default().members.remove(&before.agent));
            after.team.inspect(|id| _ = self.teams.entry(*id).or_default().members.insert(after.agent));
        }
        for phase in [Phase::Live, Phase::Asynchronous] {
            let (was, is) = (i64::from(*before.used.of(phase)), i64::from(*after.used.of(phase)));
            match before.team == after.team {
                true => self.adjust(after.team, phase, is - was),
                false => {
                    self.adjust(before.team, phase, -was);
                    self.adjust(after.team, phase, is);
                }
            }
        }
    }

    fn adjust(&mut self, id: Option<TeamId>, phase: Phase, by: i64) {
        let Some(team) = id.and_then(|id| self.teams.get_mut(&id)).filter(|_| by != 0) else { return };
        let had_room = team.has_room(phase);
        let used = team.used.of_mut(phase);
        *used = u32::try_from(i64::from(*used) + by).expect("a team uses what its agents do");
        if !had_room && team.has_room(phase) {
            self.dirty.agents.extend(&team.members);
        }
    }
}

/// What an agent is to his team.
#[derive(Clone, Copy)]
pub(super) struct Part {
    pub(super) agent: PersonId,
    pub(super) team: Option<TeamId>,
    pub(super) used: Slots,
}

impl Part {
    pub(super) fn of(agent: &Agent) -> Part {
        Part { agent: agent.profile().id, team: agent.profile().team, used: agent.used() }
    }
}
