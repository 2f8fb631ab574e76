//! What a room is told.

use std::sync::Arc;

use deskwire_protocol::{PersonId, Refusal, StreamId};

use super::ask::Ask;
use super::latest::Notice;
use crate::domain::room::{Assign, Chime, Direct, Look, Typing, Yes};
use crate::domain::ticket::Command;
use crate::domain::who::Who;
use crate::store::Outcome;

/// What a room is told.
pub enum Msg {
    /// Somebody wants something of the ticket.
    Command {
        /// The question; it knows its connection.
        ask: Ask,
        /// Who asks.
        who: Arc<Who>,
        /// What.
        command: Command,
        /// How he wants his "yes".
        yes: Yes,
    },
    /// A connection wants to hear the ticket.
    Join {
        /// The question.
        ask: Ask,
        /// Who asks.
        who: Arc<Who>,
        /// The stream it will post on.
        stream: StreamId,
        /// What it has seen.
        after: u32,
    },
    /// Somebody wants older events.
    ReadBack {
        /// The question.
        ask: Ask,
        /// Who asks.
        who: Arc<Who>,
        /// Below this sequence.
        before: u32,
    },
    /// Somebody wants to see the ticket once.
    Look {
        /// The question.
        ask: Ask,
        /// Who asks.
        who: Arc<Who>,
        /// What.
        look: Look,
    },
    /// Somebody types. Not answered; the permit bounds it.
    Typing {
        /// The guard.
        ask: Ask,
        /// Who.
        who: Arc<Who>,
        /// What.
        what: Typing,
    },
    /// A member has read up to here.
    ReadUpTo {
        /// The question.
        ask: Ask,
        /// Who.
        who: Arc<Who>,
        /// Up to where, in his numbers.
        seq: u32,
    },
    /// A mark is on disk.
    MarkKept {
        /// Whose.
        person: PersonId,
        /// The last event read, in the numbers of customers.
        place: u32,
    },
    /// A connection hears the ticket no more. Not answered; the permit bounds it.
    HearNoMore {
        /// The guard.
        ask: Ask,
        /// Whose.
        who: Arc<Who>,
    },
    /// A connection left.
    Left {
        /// Whose.
        who: Arc<Who>,
    },
    /// The queue gives the ticket to an agent.
    Assign {
        /// Him.
        who: Arc<Who>,
        /// What the queue saw.
        assign: Assign,
    },
    /// The queue has the ticket do something.
    Direct {
        /// What.
        direct: Direct,
    },
    /// The queue asks whether a silence has lasted too long. This keeps no room here.
    Chime(Chime),
    /// The queue wants to know how things are.
    Report,
    /// It is time to tell those here how many they are.
    TellCrowd,
    /// The store has news.
    Synced(Notice<Outcome>),
    /// Nothing happened for a while: leave, if that is still so.
    Leave,
    /// Falls, for tests of falling.
    #[cfg(feature = "planted-bugs")]
    Panic,
}

impl Msg {
    /// The question inside, and who asks, if it is one about a ticket that may not be his to see.
    pub(super) fn into_question(self) -> Option<(Ask, Arc<Who>)> {
        match self {
            Msg::Command { ask, who, .. }
            | Msg::Join { ask, who, .. }
            | Msg::ReadBack { ask, who, .. }
            | Msg::Look { ask, who, .. }
            | Msg::ReadUpTo { ask, who, .. } => Some((ask, who)),
            Msg::Typing { ask, .. } | Msg::HearNoMore { ask, .. } => {
                ask.forget();
                None
            }
            Msg::Left { .. } | Msg::Assign { .. } | Msg::Direct { .. } | Msg::Chime(_) | Msg::MarkKept { .. } => None,
            Msg::Report | Msg::TellCrowd | Msg::Synced(_) | Msg::Leave => None,
            #[cfg(feature = "planted-bugs")]
            Msg::Panic => None,
        }
    }

    /// Refuses the question inside, if there is one.
    pub fn refuse(self, refusal: Refusal) {
        match self {
            Msg::Command { ask, .. }
            | Msg::Join { ask, .. }
            | Msg::ReadBack { ask, .. }
            | Msg::Look { ask, .. }
            | Msg::ReadUpTo { ask, .. } => ask.refuse(refusal, refusal.words().trim()),
            Msg::Typing { ask, .. } | Msg::HearNoMore { ask, .. } => ask.forget(),
            Msg::Left { .. } | Msg::Assign { .. } | Msg::Direct { .. } | Msg::Chime(_) | Msg::MarkKept { .. } => {}
            Msg::Report | Msg::TellCrowd | Msg::Synced(_) | Msg::Leave => {}
            #[cfg(feature = "planted-bugs")]
            Msg::Panic => {}
        }
    }
}
