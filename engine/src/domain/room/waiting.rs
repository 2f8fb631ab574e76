//! What waits in a room for the disk, in order.

use deskwire_protocol::kinds::PublicFrame;
use deskwire_protocol::{PersonId, Refusal, Time};

use super::hearing::Wish;
use super::{Reported, Yes};
use crate::domain::audience::Audience;
use crate::domain::ticket::Refused;

/// What follows once the disk has what it depends on.
#[derive(Debug)]
pub(super) enum Then<A, O> {
    Acknowledge { ask: A, from: O, audience: Audience, number: u32, seq: u32, at: Time },
    Answer { ask: A, frame: PublicFrame },
    Refuse { ask: A, refused: Refused },
    Hear { wish: Wish<O>, ask: A },
    EndWatch { person: PersonId, now: Time },
    Report(Reported),
    AssignRefused { attempt: u64, refusal: Refusal, reported: Reported },
}

impl<A, O> Then<A, O> {
    /// The connection whose acknowledgement of this sequence it is.
    pub(super) fn acknowledges(&self, place: u32) -> Option<&O> {
        match self {
            Then::Acknowledge { from, seq, .. } if *seq == place => Some(from),
            Then::Acknowledge { .. }
            | Then::Answer { .. }
            | Then::Refuse { .. }
            | Then::Hear { .. }
            | Then::EndWatch { .. }
            | Then::Report(_)
            | Then::AssignRefused { .. } => None,
        }
    }
}

/// It, and up to which sequence the disk must be.
#[derive(Debug)]
pub(super) struct Waiting<A, O> {
    pub(super) needs: u32,
    pub(super) then: Then<A, O>,
}

/// The place of what was decided last.
pub(super) struct Taken {
    pub(super) seq: u32,
    pub(super) at: Time,
}

/// A "yes" as it was wanted.
pub(super) fn positive<A, O>(ask: A, from: O, audience: Audience, yes: Yes, taken: Taken) -> Then<A, O> {
    match yes {
        Yes::Acknowledged(number) => Then::Acknowledge { ask, from, audience, number, seq: taken.seq, at: taken.at },
        Yes::Frame(frame) => Then::Answer { ask, frame },
    }
}
