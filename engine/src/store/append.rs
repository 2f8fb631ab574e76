//! What is asked of the store: one decision's writes, records, and what is answered.

use std::sync::Arc;

use deskwire_protocol::TicketId;

use super::heads::Incarnation;
use crate::domain::facts::Facts;

/// What happened to an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is on disk; the ticket's durable head is now this.
    Durable(u32),
    /// It was not written: it broke the rule of [`Heads`](super::Heads), which was counted. The sender should fall.
    Refused,
}

/// Hears what happened to an append, on the thread that writes: it must be cheap and never block. It is not called
/// when the store stops or the process ends first.
pub type Told = Arc<dyn Fn(Outcome) + Send + Sync>;

/// What one decision writes: all of it or nothing.
#[derive(Clone)]
pub struct Append {
    /// Whose log.
    pub ticket: TicketId,
    /// The instance that appends; it must have fenced.
    pub incarnation: Incarnation,
    /// The sequence of `events[0]`; must be the head of that instance + 1, also when there are no events.
    pub first: u32,
    /// Encoded domain events: kind byte and archive. Each 1 to [`VALUE_BYTES_MAX`](super::VALUE_BYTES_MAX) bytes.
    pub events: Vec<Vec<u8>>,
    /// What changes in the stage index, if anything.
    pub stage: Option<StageChange>,
    /// Records that change with it.
    pub records: Vec<RecordPut>,
    /// Who hears of it.
    pub told: Told,
}

impl Append {
    /// Its bytes, for the bound of a batch.
    pub fn bytes(&self) -> usize {
        let records = self.records.iter().map(RecordPut::bytes).sum::<usize>();
        self.events.iter().map(Vec::len).sum::<usize>() + records
    }
}

/// A change of a ticket's entry in the stage index, which holds open tickets only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StageChange {
    /// The ticket is open and stands like this.
    Put(Facts),
    /// The ticket is over.
    Remove,
}

macro_rules! record_kinds {
    ($($(#[doc = $doc:literal])+ $name:ident = $byte:literal,)+) => {
        /// What a record is about: the first byte of its key. Numbers are never used again.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum RecordKind { $($(#[doc = $doc])+ $name = $byte,)+ }

        impl RecordKind {
            /// Every kind, in the order of the bytes.
            pub const ALL: &'static [RecordKind] = &[$(RecordKind::$name),+];
        }
    };
}

record_kinds! {
    /// A staff account, by person.
    Account = 1,
    /// A category, by number.
    Category = 2,
    /// An agent's status, by person.
    AgentStatus = 3,
    /// A setting made at run time, by name.
    Setting = 4,
    /// A customer, by person.
    CustomerProfile = 5,
    /// One ticket of a customer, by person and ticket.
    CustomerTicket = 6,
    /// How far a person has read a ticket, by ticket and person.
    ReadMark = 7,
    /// A session that was signed in or revoked, by session.
    Session = 8,
    /// A staff account's login name to its person, by name.
    Login = 9,
    /// What an agent can do and which team he is in, by person.
    AgentProfile = 10,
    /// The rules of a category, by number.
    CategoryRules = 11,
    /// A team, by number.
    Team = 12,
    /// The teams that a supervisor is bound to, by person.
    Supervision = 20,
    /// A canned reply, by number; under number 0 the last number that was given.
    CannedReply = 40,
    /// What a person was told of, by person.
    Notices = 41,
    /// One version of a form for evaluations, by form and version.
    EvaluationForm = 42,
    /// An evaluation of an agent, by agent and number.
    Evaluation = 43,
    /// What the list shows of a discussion, by ticket.
    Discussion = 50,
}

/// Which record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RecordKey {
    /// What it is about.
    pub kind: RecordKind,
    /// Which one, at most [`RECORD_ID_BYTES_MAX`](super::RECORD_ID_BYTES_MAX) bytes.
    pub id: Vec<u8>,
}

/// A record that is written whole, or deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordPut {
    /// Which record.
    pub key: RecordKey,
    /// The new value, or none to delete it.
    pub value: Option<RecordValue>,
}

/// The new value of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordValue {
    /// Its version, as the writer counts it; the store keeps it and compares nothing.
    pub version: u64,
    /// Its bytes, at most [`VALUE_BYTES_MAX`](super::VALUE_BYTES_MAX).
    pub bytes: Vec<u8>,
}

impl RecordPut {
    /// A record that gets a new value.
    pub fn put(kind: RecordKind, id: impl Into<Vec<u8>>, version: u64, bytes: impl Into<Vec<u8>>) -> RecordPut {
        let value = RecordValue { version, bytes: bytes.into() };
        RecordPut { key: RecordKey { kind, id: id.into() }, value: Some(value) }
    }

    /// A record that is deleted.
    pub fn delete(kind: RecordKind, id: impl Into<Vec<u8>>) -> RecordPut {
        RecordPut { key: RecordKey { kind, id: id.into() }, value: None }
    }

    /// Its bytes, for the bound of a batch.
    pub fn bytes(&self) -> usize {
        self.key.id.len() + self.value.as_ref().map_or(0, |value| value.bytes.len())
    }
}

/// A record as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Which one of its kind.
    pub id: Vec<u8>,
    /// Its version, as its writer counted it.
    pub version: u64,
    /// Its bytes.
    pub bytes: Vec<u8>,
}
