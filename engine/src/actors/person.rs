//! What customers and agents are told, and how their actors are made.

use std::sync::Arc;

use deskwire_protocol::kinds;
use deskwire_protocol::words::Manner;
use deskwire_protocol::{PersonId, Refusal, Role, Status, TicketId};
use ractor::{ActorCell, ActorRef};

use super::ask::Ask;
use super::desk::Desk;
use super::floor::FloorWish;
use super::outbox::Outbox;
use super::routing::Why;
use super::{agent, customer};
use crate::domain::room::Yes;
use crate::domain::ticket::Command;
use crate::domain::who::Who;

pub use crate::domain::dispatch::OfferAnswer;

/// What a person's actor is told.
pub enum Msg {
    /// A connection of this person has signed in: welcome it.
    Attached {
        /// The way to it.
        outbox: Outbox,
    },
    /// A connection has gone.
    Detached,
    /// A customer starts a chat.
    Open {
        /// The question.
        ask: Ask,
        /// What he wants.
        open: kinds::OpenWith,
    },
    /// A customer opens a ticket of his again.
    Reopen {
        /// The question.
        ask: Ask,
        /// Which.
        ticket: TicketId,
        /// The step, as its room will hear it.
        command: Command,
        /// How he wants his "yes".
        yes: Yes,
    },
    /// An agent takes a ticket by hand.
    Pick {
        /// The question.
        ask: Ask,
        /// Which.
        ticket: TicketId,
    },
    /// An agent answers an offer.
    AnswerOffer {
        /// The question.
        ask: Ask,
        /// Which ticket.
        ticket: TicketId,
        /// The offer's number.
        offer: u32,
        /// What he says.
        answer: OfferAnswer,
    },
    /// A ticket goes to an agent because somebody says so.
    Transfer {
        /// The question.
        ask: Ask,
        /// Which ticket.
        ticket: TicketId,
        /// To whom.
        agent: PersonId,
        /// How.
        manner: Manner,
        /// Why.
        reason: String,
    },
    /// A supervisor takes a ticket from whoever has it.
    TakeOver {
        /// The question.
        ask: Ask,
        /// Which ticket.
        ticket: TicketId,
        /// Why.
        reason: String,
    },
    /// An agent says whether he takes new tickets.
    SetStatus {
        /// The question.
        ask: Ask,
        /// From now on.
        status: Status,
        /// What he calls that; empty for nothing.
        label: String,
    },
    /// An agent's connection watches the queue, or ceases to.
    Watch {
        /// The question.
        ask: Ask,
        /// Begin or end.
        watch: Watch,
    },
    /// One of the staff asks why a ticket has this agent or none, or why he gets nothing.
    AskRouting {
        /// The question.
        ask: Ask,
        /// What.
        why: Why,
    },
    /// One of those who oversee the floor wants something of it.
    Floor {
        /// The question.
        ask: Ask,
        /// What.
        wish: FloorWish,
    },
    /// Falls, for tests of falling.
    #[cfg(feature = "planted-bugs")]
    Panic,
}

/// Begin to watch, or cease to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// Show me the queue.
    Begin,
    /// Show it no more.
    End,
}

impl Msg {
    /// Refuses the question inside, if there is one.
    pub fn refuse(self, refusal: Refusal) {
        match self {
            Msg::Open { ask, .. }
            | Msg::Reopen { ask, .. }
            | Msg::Pick { ask, .. }
            | Msg::AnswerOffer { ask, .. }
            | Msg::Transfer { ask, .. }
            | Msg::TakeOver { ask, .. }
            | Msg::SetStatus { ask, .. }
            | Msg::AskRouting { ask, .. }
            | Msg::Floor { ask, .. }
            | Msg::Watch { ask, .. } => ask.refuse(refusal, refusal.words().trim()),
            Msg::Attached { .. } | Msg::Detached => {}
            #[cfg(feature = "planted-bugs")]
            Msg::Panic => {}
        }
    }
}

/// Makes the actor of a person: a customer or an agent.
pub fn spawn(desk: &Arc<Desk>, who: &Arc<Who>, supervisor: ActorCell) -> Result<ActorRef<Msg>, Refusal> {
    match who.role {
        Role::Customer => customer::spawn(desk, who, supervisor),
        Role::Agent | Role::Supervisor | Role::Admin => agent::spawn(desk, who, supervisor),
    }
}

/// The frame that welcomes a connection.
pub fn welcome(desk: &Desk, who: &Who, token: String, tickets: Vec<kinds::TicketLine>) -> kinds::Welcome {
    kinds::Welcome {
        person: who.person,
        role: who.role,
        name: who.name.to_string(),
        token,
        epoch: TicketId(desk.store.epoch()),
        now: desk.clock.now(),
        tickets,
    }
}
