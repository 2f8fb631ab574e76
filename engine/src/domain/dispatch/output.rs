//! What the dispatcher says: to rooms, to agents, to those who watch, to those who wait.

use std::sync::Arc;

use deskwire_protocol::kinds::{Offered, QueueEntry, StaffFrame};
use deskwire_protocol::words::{OfferExit, QueueExit};
use deskwire_protocol::{PersonId, Role, Routing, Status, TicketId, Time};

use super::message::Answer;
use super::order::{Announcement, Order};
use crate::domain::event::CategoryId;
use crate::domain::matcher::AgentState;
use crate::domain::room::Chime;
use crate::domain::ticket::Moved;

/// What the dispatcher says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output<A> {
    /// To a room, spawned if need be: this agent has you, if you still wait in this round.
    Assign {
        /// The ticket.
        ticket: TicketId,
        /// Who.
        agent: PersonId,
        /// His display name.
        name: String,
        /// What he is.
        role: Role,
        /// The round of waiting that this would end.
        round: u32,
        /// How it came to him.
        routing: Routing,
        /// How long he may write it up, in seconds.
        wrap_up_s: u32,
        /// Who has it until then and who moves it, where somebody does.
        moved: Option<Arc<Moved>>,
        /// Which sending.
        attempt: u64,
    },
    /// To a room, spawned if need be: do this, if nothing has changed since.
    Direct {
        /// The ticket.
        ticket: TicketId,
        /// The sequence of the facts that this follows from.
        seq: u32,
        /// What.
        order: Order,
        /// What its customer is told, where he is told something.
        notice: Option<Announcement>,
        /// Which sending.
        attempt: u64,
    },
    /// To a room, spawned if need be: has a silence lasted too long?
    Chime {
        /// The ticket.
        ticket: TicketId,
        /// What is too long.
        chime: Chime,
    },
    /// To an agent: will you have this ticket?
    Offer {
        /// Who.
        agent: PersonId,
        /// The frame.
        offer: Offered,
    },
    /// To an agent: an offer stands no more.
    OfferGone {
        /// Who.
        agent: PersonId,
        /// Which ticket.
        ticket: TicketId,
        /// The offer's number.
        offer: u32,
        /// Why.
        exit: OfferExit,
    },
    /// To supervisors: everybody at work who could take a ticket has declined it.
    AllDeclined {
        /// Which.
        ticket: TicketId,
        /// Of which category.
        category: CategoryId,
    },
    /// Somebody's ticket is new here: if he has no connection, say so.
    Attend {
        /// The customer.
        customer: PersonId,
    },
    /// To an agent: he writes a ticket up until then, or no more.
    WrapUp {
        /// Who.
        agent: PersonId,
        /// Which.
        ticket: TicketId,
        /// When it ends by itself; nothing when it has ended.
        until: Option<Time>,
    },
    /// An agent's status is another; where he said so himself he waits for the answer until it is on disk.
    StatusIs {
        /// Who.
        agent: PersonId,
        /// From now on.
        status: Status,
        /// What he calls that; empty for nothing.
        label: String,
        /// Whom to answer.
        ask: Option<A>,
    },
    /// To whoever asked.
    Answer {
        /// The handle of the ask.
        ask: A,
        /// What became of it.
        result: Answer,
    },
    /// To a room, spawned if need be: report, once all that you have applied is durable.
    Wake {
        /// The ticket.
        ticket: TicketId,
    },
    /// To a waiting ticket's customer.
    Position {
        /// The ticket.
        ticket: TicketId,
        /// Whose it is.
        customer: PersonId,
        /// Tickets of its category that would be served before it now, plus one.
        position: u32,
        /// The estimated wait in seconds.
        wait_s: u32,
    },
    /// To staff who watch: a ticket waits. May be said twice of the same ticket: the later replaces.
    QueueEntry {
        /// To whom.
        to: Arc<[PersonId]>,
        /// The frame.
        entry: QueueEntry,
    },
    /// To staff who watch: a ticket waits no longer. May name one that was never told.
    QueueGone {
        /// To whom.
        to: Arc<[PersonId]>,
        /// Which.
        ticket: TicketId,
        /// Why.
        exit: QueueExit,
    },
    /// To members of the staff.
    Staff {
        /// To whom.
        to: Arc<[PersonId]>,
        /// What.
        frame: StaffFrame,
    },
    /// To an agent: the ticket is his, durably. May be said twice.
    Yours {
        /// Who.
        agent: PersonId,
        /// Which.
        ticket: TicketId,
    },
    /// To an agent: the ticket is his no longer, durably, or was set aside.
    NotYours {
        /// Who.
        agent: PersonId,
        /// Which.
        ticket: TicketId,
    },
    /// To who watches the floor.
    Floor {
        /// Who.
        to: PersonId,
        /// What is new to him.
        frame: StaffFrame,
    },
    /// To an agent: how the desk sees him.
    AgentState {
        /// Who.
        agent: PersonId,
        /// How.
        state: AgentState,
    },
}
