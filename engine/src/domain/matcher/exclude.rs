//! Exclusions: a ticket is not offered again to whoever declined it, for a while, as long as somebody else is there.

use deskwire_protocol::{PersonId, TicketId, Time};

use super::place::{Spot, Stands};
use super::{Matcher, Place};

/// Most agents that are remembered to have declined one ticket; the earliest is forgotten first.
pub const EXCLUSIONS_MAX: usize = 64;

/// Who is not to get a ticket, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exclusion {
    agent: PersonId,
    until: Time,
}

impl Matcher {
    /// A ticket is not to go to an agent until then, unless nobody else is at work who could take it.
    pub fn exclude(&mut self, ticket: TicketId, agent: PersonId, until: Time, now: Time) {
        let all = self.excluded.entry(ticket).or_default();
        all.retain(|one| one.agent != agent && one.until > now);
        if all.len() >= EXCLUSIONS_MAX {
            all.remove(0);
        }
        all.push(Exclusion { agent, until });
        self.stand_anew(ticket, now);
    }

    /// Whether an agent is named as one who is not to get a ticket.
    pub(super) fn is_named_excluded(&self, ticket: TicketId, agent: PersonId, now: Time) -> bool {
        !self.excluded.is_empty() && self.excluded_until(ticket, agent, now).is_some()
    }

    /// Until when an agent is not to get a ticket.
    pub(super) fn excluded_until(&self, ticket: TicketId, agent: PersonId, now: Time) -> Option<Time> {
        let one = self.excluded.get(&ticket)?.iter().find(|one| one.agent == agent && one.until > now);
        one.map(|one| one.until)
    }

    /// Whether an agent is passed over for a waiting ticket now.
    pub(super) fn is_passed_over(&self, spot: &Spot, agent: PersonId, now: Time) -> bool {
        let ticket = spot.request.ticket;
        if spot.request.ignored.contains(&agent) {
            return true;
        }
        self.is_named_excluded(ticket, agent, now) && self.has_another(spot, now)
    }

    /// Whether somebody is at work who could take a ticket and has neither declined nor ignored it. Looks at all who serve
    /// it.
    pub fn has_candidate(&self, ticket: TicketId, now: Time) -> bool {
        match self.places.get(&ticket) {
            Some(Place::Waiting(spot)) => match &spot.stands {
                Stands::Apart => self.has_hand(spot),
                Stands::With(_) => true,
                Stands::In { .. } => self.has_another(spot, now),
            },
            Some(Place::Held { .. }) | None => false,
        }
    }

    /// Whether somebody is at work who could pick a ticket.
    fn has_hand(&self, spot: &Spot) -> bool {
        let staff = self.queues.get(&spot.request.category).into_iter().flat_map(|queue| &queue.staff);
        staff.filter(|id| !spot.request.ignored.contains(id)).any(|id| {
            let agent = self.agents.get(id);
            agent.is_some_and(|agent| agent.is_on_duty())
        })
    }

    pub(super) fn has_another(&self, spot: &Spot, now: Time) -> bool {
        spot.queues().any(|(category, class)| {
            let staff = self.queues.get(&category).into_iter().flat_map(|queue| &queue.staff);
            let ignored = &spot.request.ignored;
            let could =
                staff.filter(|id| !self.is_named_excluded(spot.request.ticket, **id, now) && !ignored.contains(id));
            could.into_iter().any(|id| {
                self.agents
                    .get(id)
                    .is_some_and(|agent| agent.is_on_duty() && agent.profile().skills.meet(&class.skills))
            })
        })
    }

    pub(super) fn exclusion_ends(&self, ticket: TicketId) -> Option<Time> {
        self.excluded.get(&ticket)?.iter().map(|one| one.until).min()
    }

    pub(super) fn forget_exclusions(&mut self, ticket: TicketId, now: Time) {
        if let Some(all) = self.excluded.get_mut(&ticket) {
            all.retain(|one| one.until > now);
            if all.is_empty() {
                self.excluded.remove(&ticket);
            }
        }
    }

    /// Somebody went off duty: whoever was passed over for a ticket may be the last who could take it.
    pub(super) fn reconsider_excluded(&mut self) {
        self.dirty.look_again();
        for ticket in self.excluded.keys() {
            if let Some(Place::Waiting(spot)) = self.places.get(ticket) {
                self.dirty.tickets.insert(spot.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B10, the limit EXCLUSIONS_MAX: the earliest to have declined is forgotten first; who declines again is there once.
    #[test]
    fn so_many_are_remembered_to_have_declined_and_no_more() {
        let (mut matcher, ticket) = (Matcher::default(), TicketId(1));
        let (now, until) = (Time::from_ms(1_000), Time::from_ms(2_000));
        let agents: Vec<PersonId> = (1..).take(EXCLUSIONS_MAX + 1).map(PersonId).collect();
        let known = |matcher: &Matcher| agents.iter().filter(|id| matcher.is_named_excluded(ticket, **id, now)).count();
        for agent in &agents[..EXCLUSIONS_MAX] {
            matcher.exclude(ticket, *agent, until, now);
            matcher.exclude(ticket, *agent, until, now);
        }
        assert_eq!(known(&matcher), EXCLUSIONS_MAX);
        matcher.exclude(ticket, agents[EXCLUSIONS_MAX], until, now);
        assert_eq!(known(&matcher), EXCLUSIONS_MAX);
        assert!(!matcher.is_named_excluded(ticket, agents[0], now));
    }
}
