//! What the dispatcher is told, by rooms, people and the clock.

use std::sync::Arc;

use deskwire_protocol::words::Manner;
use deskwire_protocol::{PersonId, Refusal, Status, TicketId, Time};

use super::ask::Ask;
use super::floor::Wished;
use super::latest::Notice;
use super::opening::Opening;
use super::outbox::Outbox;
use super::person::Watch;
use super::routing::Why;
use crate::domain::dispatch::OfferAnswer;
use crate::domain::event::CategoryId;
use crate::domain::matcher::Presence;
use crate::domain::room::Reported;
use crate::domain::who::Who;

/// A room would not have an agent.
pub struct AssignRefused {
    /// The ticket.
    pub ticket: TicketId,
    /// Which attempt.
    pub attempt: u64,
    /// Why.
    pub refusal: Refusal,
    /// What is so instead.
    pub reported: Reported,
}

/// What the dispatcher is told.
pub enum Msg {
    /// A room has news; the newest is in the box.
    Report(Notice<Reported>),
    /// There is no such ticket.
    NoTicket {
        /// Which.
        ticket: TicketId,
        /// The era when that was so.
        era: u64,
    },
    /// A room would not have an agent.
    AssignRefused(Box<AssignRefused>),
    /// A customer starts a chat.
    Open(Box<Opening>),
    /// A room was asked about silence.
    Chimed {
        /// Its ticket.
        ticket: TicketId,
        /// When to ask again at the latest.
        next: Option<Time>,
        /// Who is not to have the ticket again for a while.
        passed_over: Option<PersonId>,
    },
    /// A room left.
    RoomGone {
        /// Its ticket.
        ticket: TicketId,
    },
    /// A room fell, and the report it owed with it.
    RoomFell {
        /// Its ticket.
        ticket: TicketId,
    },
    /// A ticket fell too often.
    SetAside {
        /// Which.
        ticket: TicketId,
    },
    /// Somebody wants something of a ticket that is set aside.
    AskedAside {
        /// The question.
        ask: Ask,
        /// Who.
        who: Arc<Who>,
        /// Which.
        ticket: TicketId,
    },
    /// An operator put a ticket back.
    PutBack {
        /// Which.
        ticket: TicketId,
    },
    /// A connection of an agent begins: tell it what is his.
    Greet {
        /// The agent.
        who: Arc<Who>,
        /// The way to it.
        outbox: Outbox,
    },
    /// An agent came or went.
    Presence {
        /// Who.
        who: Arc<Who>,
        /// Which.
        presence: Presence,
    },
    /// An agent takes a ticket by hand.
    Pick {
        /// The question.
        ask: Ask,
        /// Who.
        who: Arc<Who>,
        /// Which.
        ticket: TicketId,
    },
    /// An agent answers an offer.
    AnswerOffer {
        /// The question.
        ask: Ask,
        /// Who.
        who: Arc<Who>,
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
        /// Who says so.
        who: Arc<Who>,
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
        /// Who.
        who: Arc<Who>,
        /// Which ticket.
        ticket: TicketId,
        /// Why.
        reason: String,
    },
    /// A customer came or went: look whether he is there.
    CustomerMoved {
        /// Who.
        customer: PersonId,
    },
    /// An agent takes tickets, or no more.
    SetStatus {
        /// The question.
        ask: Ask,
        /// Who.
        who: Arc<Who>,
        /// From now on.
        status: Status,
        /// What he calls that; empty for nothing.
        label: String,
    },
    /// The rules of a category are others than before.
    CategoryChanged {
        /// Which.
        category: CategoryId,
    },
    /// A team is another than before.
    TeamChanged {
        /// Its number.
        team: u16,
    },
    /// An agent's profile is another than before.
    AgentChanged {
        /// Who.
        agent: PersonId,
    },
    /// An agent looks at the queue.
    Watch {
        /// The question.
        ask: Ask,
        /// Who.
        who: Arc<Who>,
        /// Begin or end.
        watch: Watch,
    },
    /// One of the staff asks why.
    AskRouting {
        /// The question.
        ask: Ask,
        /// Who.
        who: Arc<Who>,
        /// What.
        why: Why,
    },
    /// One of those who oversee the floor wants something of it.
    Floor(Box<Wished>),
    /// Time has passed.
    Tick(Notice<()>),
    /// Falls, for tests of falling.
    #[cfg(feature = "planted-bugs")]
    Panic,
}
