//! What the dispatcher hears, of rooms, agents, administration and the clock; what it says is in `output`.

use std::sync::Arc;

use deskwire_protocol::words::Manner;
use deskwire_protocol::{PersonId, Refusal, Routing, Status, TicketId, Time};

use super::floor::FloorInput;
use super::offer::OfferAnswer;
use crate::domain::event::CategoryId;
use crate::domain::facts::Facts;
use crate::domain::matcher::{AgentProfile, Presence, Slots, TeamId};
use crate::domain::rules::Rules;

/// Attempts of one era; the bits above them in an attempt are the era.
const ATTEMPT_BITS: u32 = 40;

/// The number of one sending of an Assign: a repeat is a new one, and no two dispatchers of a process share one.
pub(super) fn attempt_of(era: u64, number: u64) -> u64 {
    (era << ATTEMPT_BITS) | number
}

/// The era of the dispatcher that made an attempt. A room drops an Assign whose era is not the Directory's.
pub fn era_of(attempt: u64) -> u64 {
    attempt >> ATTEMPT_BITS
}

/// Whether somebody looks at the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watching {
    /// From now on.
    Begin,
    /// No more.
    End,
}

/// The answer to an ask: done, or why not, with words that fit the case.
pub type Answer = Result<(), (Refusal, String)>;

/// What the dispatcher hears. `A` is whatever an answer goes back through: opaque here, answered exactly once.
#[derive(Debug)]
pub enum Input<A> {
    /// The first input: what the stage index said behind a store fence, and the rooms that were live before it.
    Begin {
        /// This dispatcher's era: 1 for the first of a process, one more for each after it. The Directory has had it
        /// since before `live` was read.
        era: u64,
        /// Every ticket that is not over; those that are over may be among them.
        stages: Vec<Facts>,
        /// Rooms that were live; each must report before the first pair.
        live: Vec<TicketId>,
    },
    /// A room's durable facts: when it starts, when they changed, when it was woken.
    Report {
        /// The facts, durable.
        facts: Facts,
        /// The era that the room read in the Directory while these facts were the newest that it had applied; 0 for
        /// facts that it has already moved on from.
        era: u64,
    },
    /// A woken room found no ticket in the log.
    NoTicket {
        /// Its id.
        ticket: TicketId,
        /// As in a report.
        era: u64,
    },
    /// A room would not have the agent it was sent.
    AssignRefused {
        /// The ticket.
        ticket: TicketId,
        /// The attempt that it answers.
        attempt: u64,
        /// Why. A retryable one leaves the claim and the Assign is repeated.
        refusal: Refusal,
        /// The durable facts that the refusal depends on.
        facts: Facts,
        /// As in a report.
        era: u64,
    },
    /// A room was asked about silence.
    Chimed {
        /// Its ticket.
        ticket: TicketId,
        /// When to ask again at the latest.
        next: Option<Time>,
        /// Who is not to have the ticket again for a while.
        passed_over: Option<PersonId>,
    },
    /// A room left quietly: it had nothing more to report.
    RoomGone {
        /// Its ticket.
        ticket: TicketId,
    },
    /// A room fell. What it had appended will be on disk, but its report is lost: it is woken.
    RoomFell {
        /// Its ticket.
        ticket: TicketId,
    },
    /// A ticket's room fell again and again: the queue lets go of it.
    SetAside {
        /// The ticket.
        ticket: TicketId,
    },
    /// An operator tries it again.
    PutBack {
        /// The ticket.
        ticket: TicketId,
    },
    /// A category is new or another than before.
    CategoryIs {
        /// The category.
        id: CategoryId,
        /// Its name, for the queue view.
        name: String,
        /// How its tickets are treated.
        rules: Arc<Rules>,
    },
    /// A team is new or another than before.
    TeamIs {
        /// Which.
        id: TeamId,
        /// What its agents together may have at once.
        slots: Slots,
    },
    /// An agent is new or another than before. A new one is away until a status says otherwise.
    AgentIs {
        /// All of him.
        profile: AgentProfile,
        /// What he last said of taking tickets, where he has.
        status: Option<Status>,
    },
    /// An agent works here no more; what he has stays his until a room says otherwise.
    AgentGone {
        /// Who.
        agent: PersonId,
    },
    /// An agent's first connection came, or his last went.
    AgentPresent {
        /// Who.
        agent: PersonId,
        /// Which.
        presence: Presence,
    },
    /// An agent takes tickets, or no more.
    SetStatus {
        /// Who.
        agent: PersonId,
        /// From now on.
        status: Status,
        /// What he calls that; empty for nothing.
        label: String,
        /// Whom to answer.
        ask: A,
    },
    /// An agent answers an offer.
    AnswerOffer {
        /// Who.
        agent: PersonId,
        /// Which ticket.
        ticket: TicketId,
        /// The offer's number.
        offer: u32,
        /// What he says.
        answer: OfferAnswer,
        /// Whom to answer.
        ask: A,
    },
    /// Somebody says that a ticket goes to an agent.
    Move {
        /// Which ticket.
        ticket: TicketId,
        /// To whom.
        agent: PersonId,
        /// How that is called.
        routing: Routing,
        /// How it is done.
        manner: Manner,
        /// Who says so.
        by: PersonId,
        /// His display name.
        name: String,
        /// Why.
        reason: String,
        /// Whom to answer.
        ask: A,
    },
    /// A customer's first connection came, or his last went. Only of customers of open tickets is it remembered.
    CustomerPresent {
        /// Who.
        customer: PersonId,
        /// Which.
        presence: Presence,
    },
    /// An agent takes a ticket by hand.
    Pick {
        /// Who.
        agent: PersonId,
        /// Which.
        ticket: TicketId,
        /// Whom to answer.
        ask: A,
    },
    /// An agent looks at the queue of his categories.
    Watch {
        /// Who.
        agent: PersonId,
        /// Begins or ends. Ends by itself when he is gone.
        watching: Watching,
        /// Whom to answer.
        ask: A,
    },
    /// Who oversees the floor watches it, or does something about it.
    Floor(FloorInput<A>),
    /// Somebody joined a waiting ticket and has not heard its position.
    TellPosition {
        /// The ticket.
        ticket: TicketId,
    },
    /// Nothing is paired from now on: the disk is nearly full, or the engine goes down.
    Pause {
        /// What a pick is told meanwhile.
        refusal: Refusal,
    },
    /// Pairing goes on.
    Resume,
    /// Time has passed; about ten times a second.
    Tick,
}
