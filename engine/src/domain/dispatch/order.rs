//! Orders: what the dispatcher has a room do, because somebody is gone or a time is over. Sent again until facts say that it happened,
//! or something else did.

use std::sync::Arc;

use deskwire_protocol::{TellCause, TicketId};

use super::claim::ASSIGN_REPEAT_MS;
use super::message::attempt_of;
use super::{Dispatch, Output};

/// What the dispatcher has a room do. The room does it only if nothing has changed since the facts it follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Back to the queue: its agent is gone.
    Requeue,
    /// Out of the queue: its customer is gone.
    Abandon,
    /// It goes on by mail: its customer is gone and can be reached.
    GoAsynchronous,
    /// It is over: its customer is gone and cannot be reached.
    Close,
    /// It is written up: the time for it is over.
    EndWrapUp,
    /// Its customer waits, and is told why that may take long.
    Tell(TellCause),
}

/// What a customer is told with an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// Whether waiting on makes sense.
    pub may_wait: bool,
    /// What the category has to say.
    pub text: Arc<str>,
}

/// An order that is on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ordered {
    order: Order,
    /// The facts that it follows from: newer ones end it.
    seq: u32,
    due_ms: u64,
}

impl<A> Dispatch<A> {
    /// Orders a room to do something, unless it was ordered something for the same facts already.
    pub(super) fn order(&mut self, ticket: TicketId, order: Order, out: &mut Vec<Output<A>>) {
        let Some(seq) = self.facts(ticket).map(|facts| facts.seq) else { return };
        if self.orders.get(&ticket).is_none_or(|ordered| ordered.seq != seq) {
            self.orders.insert(ticket, Ordered { order, seq, due_ms: 0 });
            self.send_order(ticket, out);
        }
    }

    /// Newer facts: whatever was ordered before has happened, or is not to happen.
    pub(super) fn forget_order(&mut self, ticket: TicketId, seq: u32) {
        if self.orders.get(&ticket).is_some_and(|ordered| ordered.seq < seq) {
            self.orders.remove(&ticket);
        }
    }

    pub(super) fn repeat_orders(&mut self, out: &mut Vec<Output<A>>) {
        let now_ms = self.now.ms();
        let due = self.orders.iter().filter(|(_, ordered)| ordered.due_ms <= now_ms).map(|(ticket, _)| *ticket);
        let mut due: Vec<TicketId> = due.collect();
        due.sort_unstable();
        for ticket in due {
            self.send_order(ticket, out);
        }
    }

    fn send_order(&mut self, ticket: TicketId, out: &mut Vec<Output<A>>) {
        self.attempts += 1;
        let attempt = attempt_of(self.era, self.attempts);
        let due_ms = self.now.ms() + ASSIGN_REPEAT_MS;
        let notice = self.orders.get(&ticket).and_then(|ordered| self.notice(ticket, ordered.order));
        if let Some(ordered) = self.orders.get_mut(&ticket) {
            ordered.due_ms = due_ms;
            out.push(Output::Direct { ticket, seq: ordered.seq, order: ordered.order, notice, attempt });
        }
    }
}
