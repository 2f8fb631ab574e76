//! Supervisors who may take one more ticket now: those to whom escalated ones go.

use std::collections::BTreeSet;

use deskwire_protocol::{PersonId, Phase, Role, TicketId, Time};

use super::agent::{PerPhase, Turn};
use super::{Agent, Matcher, Place};
use crate::domain::event::CategoryId;

/// Those who have a free slot, in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Supervisors {
    free: PerPhase<BTreeSet<Turn>>,
    /// Grows with every change.
    version: u64,
}

impl Supervisors {
    pub(super) fn change(&mut self, phase: Phase, before: Option<Turn>, after: Option<Turn>) {
        if before != after {
            let free = self.free.of_mut(phase);
            before.inspect(|turn| _ = free.remove(turn));
            after.inspect(|turn| _ = free.insert(*turn));
            self.version += 1;
        }
    }
}

impl Matcher {
    /// The supervisor whose turn it is to take a ticket that was escalated, if one is free who serves its category.
    pub fn free_supervisor(&self, ticket: TicketId, category: CategoryId, phase: Phase, now: Time) -> Option<PersonId> {
        let holder = self.holder(ticket);
        let ignored = match self.places.get(&ticket) {
            Some(Place::Waiting(spot)) => spot.request.ignored.as_slice(),
            Some(Place::Held { .. }) | None => &[],
        };
        let mut free = self.supervisors.free.of(phase).iter().map(|turn| turn.agent);
        free.find(|id| {
            let agent = self.agents.get(id);
            agent.is_some_and(|agent| agent.serves(category) && self.team_has_room(agent, phase))
                && holder != Some(*id)
                && !ignored.contains(id)
                && !self.is_named_excluded(ticket, *id, now)
        })
    }

    /// Grows with everything that may make a supervisor free.
    pub fn supervisors_version(&self) -> u64 {
        self.supervisors.version
    }

    pub(super) fn check_supervisors(&self) -> Result<(), String> {
        let all = || self.agents.values().filter(|agent| agent.profile().role == Role::Supervisor);
        let sound = [Phase::Live, Phase::Asynchronous].into_iter().all(|phase| {
            all().filter_map(|agent: &Agent| agent.turn(phase)).collect::<BTreeSet<_>>()
                == *self.supervisors.free.of(phase)
        });
        sound.then_some(()).ok_or("the free supervisors are not those who are free".to_owned())
    }
}
