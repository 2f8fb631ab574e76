//! Who plays: customers and agents with their connections, and the chats between them.

use std::collections::HashMap;

use deskwire_protocol::{PersonId, StreamId, TicketId};

use super::churn::Turned;
use super::stall::Reading;
use crate::client::session::Session;
use crate::client::socket::{Pipe, Writer};

/// What a person is in the play.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Opens chats.
    Customer {
        /// The chat he has.
        chat: Option<u32>,
        /// The chat he is about to have.
        opening: Option<Opening>,
        /// Whether he ever had one.
        had_one: bool,
    },
    /// Gets chats from the queue.
    Agent {
        /// How he signs in.
        email: String,
        /// What he asked for: the ticket of each request.
        requests: HashMap<u32, TicketId>,
    },
    /// Watches chats and whispers to their agents.
    Supervisor {
        /// How he signs in.
        email: String,
    },
}

/// A chat asked for and not yet there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The chat's index.
    pub chat: u32,
    /// The same for every repeat.
    pub key: StreamId,
    /// The request last made.
    pub request: u32,
    /// When to ask again, in milliseconds.
    pub again_at: u64,
}

/// One person and his connection.
#[derive(Debug)]
pub struct Person {
    /// What he is.
    pub part: Part,
    /// What he knows.
    pub session: Session,
    /// His connection, while there is one.
    pub writer: Option<Writer>,
    /// When the connection in use was dialled, in microseconds.
    pub dialled_us: u64,
    /// When he lost a connection and has not resumed since, in microseconds.
    pub lost_us: Option<u64>,
    /// When something last came, in milliseconds.
    pub heard_ms: u64,
    /// How long the engine asked him to stay away, in milliseconds.
    pub away_ms: u64,
    /// When he last heard all his tickets again after a loss, in microseconds.
    pub back_us: u64,
    /// How much his side of a connection keeps for him.
    pub pipe: Pipe,
    /// How he reads.
    pub reading: Reading,
    /// Who he is at the engine, once welcomed.
    pub id: PersonId,
    /// The request by which he asked for his last ticket again, if he did.
    pub reopening: Option<(u32, TicketId)>,
    /// Where he is in his coming and going.
    pub turned: Turned,
}

impl Person {
    /// Somebody without a connection yet.
    pub fn new(part: Part, name: String) -> Person {
        Person {
            part,
            session: Session::new(String::new(), name),
            writer: None,
            dialled_us: 0,
            lost_us: None,
            heard_ms: 0,
            away_ms: 0,
            back_us: 0,
            pipe: Pipe::Wide,
            reading: Reading::Eagerly,
            id: PersonId::default(),
            reopening: None,
            turned: Turned::Steady,
        }
    }

    /// Whether he stays away of his own.
    pub fn is_away(&self) -> bool {
        matches!(self.turned, Turned::Away(_))
    }

    /// Whether he has a chat, or is about to have one.
    pub fn has_chat(&self) -> bool {
        matches!(self.part, Part::Customer { chat: Some(_), .. } | Part::Customer { opening: Some(_), .. })
    }

    /// Whether he gets chats from the queue.
    pub fn is_agent(&self) -> bool {
        matches!(self.part, Part::Agent { .. })
    }

    /// Whether he watches chats.
    pub fn is_supervisor(&self) -> bool {
        matches!(self.part, Part::Supervisor { .. })
    }

    /// Whether he opens chats.
    pub fn is_customer(&self) -> bool {
        matches!(self.part, Part::Customer { .. })
    }
}

/// Where a chat is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatStage {
    /// Nobody has it, or not both sides know yet.
    Waiting,
    /// Both talk; its place among the paired ones.
    Talking {
        /// Index into the list of paired chats.
        place: usize,
    },
    /// Enough was said: it is closed once everything has arrived.
    Ending {
        /// When its close was last asked for, in milliseconds; 0 for never.
        asked_ms: u64,
    },
    /// It is over.
    Over,
}

/// One chat.
#[derive(Clone, Debug)]
pub struct Chat {
    /// Whose.
    pub customer: usize,
    /// Its ticket, once there is one.
    pub ticket: Option<TicketId>,
    /// The agent who has it, and his side.
    pub agent: Option<(usize, u8)>,
    /// Every agent who ever had it.
    pub agents: Vec<usize>,
    /// Supervisors who ever watched it, and their sides.
    pub watchers: Vec<(usize, u8)>,
    /// Whether what its agent has seen of it ends with its end.
    pub agent_saw_end: bool,
    /// How often it was opened again.
    pub reopenings: u32,
    /// Whether it is on hold, as asked for.
    pub on_hold: bool,
    /// When it was first asked for, in microseconds.
    pub opened_us: u64,
    /// Whether the customer has seen that it is assigned, now and ever.
    pub customer_knows: bool,
    /// Whether it was ever paired, for the measure.
    pub was_paired: bool,
    /// Whether the agent has.
    pub agent_knows: bool,
    /// Since when both talk, in milliseconds.
    pub since_ms: u64,
    /// How far posts of the other side have come to its customer, and to its agents.
    pub reached: [u32; 2],
    /// What was said so far.
    pub posts: u32,
    /// How much is to be said.
    pub posts_wanted: u32,
    /// Whether the customer has seen its end.
    pub customer_saw_end: bool,
    /// Where it is.
    pub stage: ChatStage,
}
