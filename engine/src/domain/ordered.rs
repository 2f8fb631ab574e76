//! What a ticket does because the queue says so: somebody is gone, a time is over, or its customer is to be told.

use deskwire_protocol::kinds::ENGINE;
use deskwire_protocol::{Phase, StaffAct, Step, TellCause, Time};

use super::dispatch::{Announcement, Order};
use super::event::{Advanced, CustomerTold, Event, PhaseChanged};
use super::lifecycle::{self, Act};
use super::ticket::{AGENT_GONE, CUSTOMER_GONE, Ticket};
use super::wrap_up::engine_acted;

impl Ticket {
    /// What comes of an order of the queue. It is of the moment that the facts of this sequence describe: on others
    /// nothing does.
    pub fn decide_order(&self, seq: u32, order: Order, notice: Option<&Announcement>, now: Time) -> Option<Event> {
        let (facts, at) = (self.outline().facts(), now.max(self.outline().last_at()));
        if facts.seq != seq {
            return None;
        }
        let (step, reason) = match order {
            Order::EndWrapUp => {
                let over = facts.wrap_up_until.is_some_and(|until| until <= at);
                return over.then(|| engine_acted(at, StaffAct::EndWrapUp));
            }
            Order::GoAsynchronous => {
                let (author, phase, reason) = (ENGINE, Phase::Asynchronous, CUSTOMER_GONE.to_owned());
                return Some(Event::PhaseChanged(PhaseChanged { at, author, phase, reason }));
            }
            Order::Tell(cause) => return self.decide_tell(cause, notice?, at),
            Order::Requeue => (Step::Requeue, AGENT_GONE),
            Order::Abandon => (Step::Abandon, CUSTOMER_GONE),
            Order::Close => (Step::Close, CUSTOMER_GONE),
        };
        let stage = lifecycle::next(facts.stage, Act::Step(step))?;
        let (author, reason) = (ENGINE, reason.to_owned());
        Some(Event::Advanced(Advanced { at, author, step, stage, reason }))
    }

    /// Whoever waits live is told, each cause once a round.
    fn decide_tell(&self, cause: TellCause, notice: &Announcement, at: Time) -> Option<Event> {
        let facts = self.outline().facts();
        if !facts.is_waiting() || facts.phase != Phase::Live || facts.told.has(cause) {
            return None;
        }
        let (may_wait, may_leave_message) = (notice.may_wait, facts.reachable);
        let text = notice.text.to_string();
        Some(Event::CustomerTold(CustomerTold { at, cause, may_wait, may_leave_message, text }))
    }
}
