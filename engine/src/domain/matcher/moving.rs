//! A ticket goes to an agent because somebody says so.

use deskwire_protocol::{PersonId, TicketId, Time};

use super::{CannotTake, Held, Hold, Limit, Matcher, Place};

impl Matcher {
    /// A ticket that waits or is held goes to an agent because somebody says so; a slot of his is taken, and that of
    /// whoever has it stays used until a fact says otherwise.
    pub fn move_to(
        &mut self,
        ticket: TicketId,
        (agent, limit): (PersonId, Limit),
        held: Held,
        now: Time,
    ) -> Result<(), CannotTake> {
        let phase = match self.places.get(&ticket) {
            Some(Place::Waiting(spot)) => spot.request.phase,
            Some(Place::Held { .. }) | None => held.phase,
        };
        match self.may_take(self.agents.get(&agent).ok_or(CannotTake::Away)?, phase) {
            Err(CannotTake::NoFreeSlot) if limit == Limit::Beyond => {}
            result => result?,
        }
        match self.places.get_mut(&ticket) {
            None => Err(CannotTake::NotWaiting),
            Some(Place::Held { agent: owner, next }) if *owner == agent || next.is_some() => {
                Err(CannotTake::NotWaiting)
            }
            Some(Place::Waiting(_)) => {
                self.promise_within(ticket, (agent, limit), now);
                Ok(())
            }
            Some(Place::Held { next, .. }) => {
                *next = Some(agent);
                self.touched.tickets.push(ticket);
                self.touched.decided.extend((limit == Limit::Kept).then_some((agent, held.phase)));
                self.with_agent(agent, now, |agent| agent.take(ticket, Held { hold: Hold::Promised, ..held }, now));
                Ok(())
            }
        }
    }

    /// A ticket does not move: the slot that was taken for it is free again.
    pub fn move_no_more(&mut self, ticket: TicketId, now: Time) {
        if let Some(Place::Held { next, .. }) = self.places.get_mut(&ticket)
            && let Some(agent) = next.take()
        {
            self.touched.tickets.push(ticket);
            self.with_agent(agent, now, |agent| agent.free(ticket, now));
        }
    }
}
