//! What the queue must know of a ticket: the room reports it, the stage index keeps it.

use deskwire_protocol::{PersonId, Phase, Priority, StageName, TellCause, TicketId, Time};
use rkyv::{Archive, Deserialize, Serialize};

use super::event::CategoryId;
use super::matcher::Skill;

/// A ticket as the queue sees it. Always durable; a later one (by `seq`) replaces an earlier one whole.
#[derive(Clone, Debug, PartialEq, Eq, Archive, Serialize, Deserialize)]
pub struct Facts {
    /// The ticket.
    pub ticket: TicketId,
    /// The sequence of the last event that changed any of this; later facts have a higher one.
    pub seq: u32,
    /// Where it is in its life.
    pub stage: StageName,
    /// The round of waiting: 1 for the first, one more each time it comes back to the queue, or its phase changes.
    pub round: u32,
    /// Who has it (assigned, pending, on hold), or had it last.
    pub agent: Option<PersonId>,
    /// Whose it is.
    pub customer: PersonId,
    /// Its category.
    pub category: CategoryId,
    /// How soon it should be served.
    pub priority: Priority,
    /// When it came to the queue: kept when it comes back or is restored, anew when it is reopened.
    pub arrived: Time,
    /// When its stage began.
    pub since: Time,
    /// Whether both sides are there at the same time.
    pub phase: Phase,
    /// Whether the customer can be reached when he has left.
    pub reachable: bool,
    /// What it asks of its agent.
    pub skills: Vec<Skill>,
    /// Until when its last agent writes it up, if he does: it is over, and his slot is still used.
    pub wrap_up_until: Option<Time>,
    /// What its customer was told in this round of waiting.
    pub told: Causes,
    /// Who else has, or wants, a hand in it.
    pub hands: Hands,
    /// The customer's display name, for the queue view.
    pub name: String,
    /// What it is about, for the queue view.
    pub subject: String,
}

/// What a customer was told, each cause once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Archive, Serialize, Deserialize)]
pub struct Causes(u8);

impl Causes {
    /// Whether he was told this.
    pub fn has(self, cause: TellCause) -> bool {
        self.0 & (1 << cause as u8) != 0
    }

    /// The same, with one more.
    #[must_use]
    pub fn with(self, cause: TellCause) -> Causes {
        Causes(self.0 | (1 << cause as u8))
    }
}

/// Who has a hand in a ticket besides its owner, or wants none in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Archive, Serialize, Deserialize)]
pub struct Hands {
    /// Since when a supervisor is asked for, if one is.
    pub escalated: Option<Time>,
    /// Who has hidden it from his view, in this round of waiting.
    pub ignored: Vec<PersonId>,
    /// Who is asked in while its owner has it.
    pub consulted: Vec<Consulted>,
}

/// A colleague who is asked into somebody's ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Archive, Serialize, Deserialize)]
pub struct Consulted {
    /// Who.
    pub person: PersonId,
    /// Into what.
    pub into: Invitation,
}

/// What a colleague is asked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Archive, Serialize, Deserialize)]
pub enum Invitation {
    /// Its notes: he reads along, and its customer hears nothing of it.
    Notes,
    /// Its talk: he is a member whom its customer sees.
    Talk,
}

impl Facts {
    /// Since when it waits for a supervisor, if it does.
    pub fn escalated(&self) -> Option<Time> {
        self.hands.escalated.filter(|_| !self.is_over())
    }

    /// Whether it is in the queue.
    pub fn is_waiting(&self) -> bool {
        matches!(self.stage, StageName::Waiting | StageName::Reopened)
    }

    /// Who uses a slot for it.
    pub fn owner(&self) -> Option<PersonId> {
        match self.stage {
            StageName::Assigned | StageName::Pending | StageName::OnHold => self.agent,
            StageName::Waiting
            | StageName::Reopened
            | StageName::Closed
            | StageName::Rejected
            | StageName::Abandoned => None,
        }
    }

    /// Who writes it up.
    pub fn writes_up(&self) -> Option<PersonId> {
        self.agent.filter(|_| self.wrap_up_until.is_some())
    }

    /// Whether the queue need know nothing more of it: over, and written up.
    pub fn is_done_with(&self) -> bool {
        self.is_over() && self.wrap_up_until.is_none()
    }

    /// Whether it is over (it may still be reopened).
    pub fn is_over(&self) -> bool {
        matches!(self.stage, StageName::Closed | StageName::Rejected | StageName::Abandoned)
    }
}
