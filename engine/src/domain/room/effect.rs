//! What crosses a room's border: questions in, effects out.

use std::sync::Arc;

use deskwire_protocol::kinds::{PublicFrame, StaffFrame};
use deskwire_protocol::{PersonId, Refusal, Routing, ServerFrame, StreamId};

use super::quiet::Quiet;
use crate::domain::discussion::Deleted;
use crate::domain::dispatch::{Announcement, Order};
use crate::domain::event::{Event, Founded};
use crate::domain::facts::Facts;
use crate::domain::numbering::Point;
use crate::domain::registration::Registration;
use crate::domain::ticket::{Moved, Refused};
use crate::domain::view::{Reader, Sight};
use crate::domain::who::Who;

/// Something that leaves the room.
#[derive(Debug)]
pub enum Effect<A, O> {
    /// Write these; the first has this sequence. `facts` where the stage changed.
    Append {
        /// Sequence of the first event.
        first: u32,
        /// What happened.
        events: Vec<Arc<Event>>,
        /// The ticket as the queue sees it after them, if that changed.
        facts: Option<Facts>,
    },
    /// Tell one connection one durable event.
    Tell {
        /// Who.
        to: Arc<Registration<O>>,
        /// Its place in the log: where his mark goes.
        seq: u32,
        /// What.
        event: Arc<Event>,
        /// What of it he is handed.
        telling: Telling,
    },
    /// Show one connection something that is not logged.
    Show {
        /// Who.
        to: Arc<Registration<O>>,
        /// What.
        frame: Arc<PublicFrame>,
    },
    /// The same for a connection of the staff.
    ShowStaff {
        /// Who.
        to: Arc<Registration<O>>,
        /// What.
        frame: Arc<StaffFrame>,
    },
    /// Answer a question.
    Answer {
        /// Which.
        ask: A,
        /// The answer.
        frame: ServerFrame,
    },
    /// Answer a question with no.
    Refuse {
        /// Which.
        ask: A,
        /// Why.
        refused: Refused,
    },
    /// Keep how far a member has read, answer him then, and say that it is kept.
    Mark {
        /// Which.
        ask: A,
        /// Whose mark.
        person: PersonId,
        /// The last event read, in the numbers of customers.
        place: u32,
    },
    /// Answer a question that asks for nothing but "done".
    Marked {
        /// Which.
        ask: A,
    },
    /// What is asked for lies below the tail: read it aside, up to the durable head.
    ReadAside {
        /// Which.
        ask: A,
        /// Whose eyes.
        reader: Reader,
        /// After this point.
        after: Point,
        /// Up to this one.
        upto: Point,
        /// The places of posts whose text is not shown.
        deleted: Deleted,
    },
    /// Older events are asked for: read them aside, at most up to the durable head.
    ReadBack {
        /// Which.
        ask: A,
        /// Whose eyes.
        reader: Reader,
        /// Below this number, as he asked.
        before: u32,
        /// The first event that is too new, there or just beyond the durable head.
        end: Point,
        /// The places of posts whose text is not shown.
        deleted: Deleted,
    },
    /// It missed more than the room has at hand: end the connection, it will resume.
    CutOff {
        /// Which.
        registration: Arc<Registration<O>>,
    },
    /// Register this connection; it has the last page.
    Register {
        /// Which.
        registration: Arc<Registration<O>>,
    },
    /// It lost the right to hear the ticket.
    Unregister {
        /// Which.
        registration: Arc<Registration<O>>,
    },
    /// Ask for [`Room::tell_crowd`](super::Room::tell_crowd) in a while.
    CrowdSoon,
    /// A discussion is there from now on: list it.
    List {
        /// How it began.
        founded: Box<Founded>,
    },
    /// Tell the queue or people something of a silence.
    Quiet(Quiet),
    /// Tell the queue.
    Report(Reported),
    /// Tell the queue that there is no such ticket.
    NoTicket {
        /// The dispatcher's era when that was so.
        era: u64,
    },
    /// Tell the queue that an assignment was refused.
    AssignRefused {
        /// Which attempt.
        attempt: u64,
        /// Why.
        refusal: Refusal,
        /// What is so instead.
        reported: Reported,
    },
}

/// What of an event is handed to one who hears the ticket. His mark moves with each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    /// A public frame, at a customer's place.
    Customer {
        /// His number of it.
        place: u32,
        /// With whose eyes.
        sight: Sight,
    },
    /// A public or a staff frame, at its place in the log.
    Staff {
        /// With whose eyes.
        sight: Sight,
    },
    /// Nothing: the answer above it, on the same connection, says it.
    Answered,
    /// Nothing: it is not for him.
    Unseen,
}

/// How a question wants its "yes".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Yes {
    /// With an acknowledgement of this number.
    Acknowledged(u32),
    /// With this frame.
    Frame(PublicFrame),
}

/// Somebody's question.
#[derive(Debug)]
pub struct Question<A, O> {
    /// Its handle: answered exactly once.
    pub ask: A,
    /// The connection it came on.
    pub from: O,
    /// Who asks.
    pub who: Arc<Who>,
    /// How he wants his "yes".
    pub yes: Yes,
}

/// What the queue wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assign {
    /// The round of waiting it saw.
    pub round: u32,
    /// How it chose.
    pub routing: Routing,
    /// How long the agent may write it up, in seconds.
    pub wrap_up_s: u32,
    /// Who has it until then and who moves it, where somebody does.
    pub moved: Option<Arc<Moved>>,
    /// Which attempt this is.
    pub attempt: u64,
}

/// What the queue has the ticket do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Direct {
    /// The sequence of the facts that it follows from.
    pub seq: u32,
    /// What.
    pub order: Order,
    /// What the customer is told, where he is told something.
    pub notice: Option<Announcement>,
    /// Which attempt this is.
    pub attempt: u64,
}

/// Durable facts, and the dispatcher's era when they were the newest decided: a dispatcher that has just begun needs
/// to know that no assignment of its predecessor hides behind them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// The facts.
    pub facts: Facts,
    /// The era.
    pub era: u64,
}

/// What somebody wants to see of a ticket once, without hearing what comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// How it is.
    Now,
    /// How far its members have read.
    Marks,
    /// A page of what came after this, in his numbers.
    After(u32),
    /// A page of what came before this, in his numbers.
    Before(u32),
}

/// A connection that wants to hear the ticket.
#[derive(Debug)]
pub struct Join<O> {
    /// Who.
    pub who: Arc<Who>,
    /// The way to it.
    pub to: O,
    /// The stream it will post on.
    pub stream: StreamId,
    /// What it has seen.
    pub after: u32,
}
