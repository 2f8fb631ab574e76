//! What comes of a command: events, or a "no" with its reasons.

use deskwire_protocol::{Refusal, StageName};

use super::event::Event;
use super::streams::Taken;

/// What comes of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It happens.
    Events(Vec<Event>),
    /// It happened before, there.
    Repeat(Taken),
    /// It is already so.
    Already,
}

/// A "no" with its reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Which.
    pub refusal: Refusal,
    /// The stream's next number, where it is about order.
    pub expected: u32,
    /// When it may be tried again, in milliseconds from now, where that is known; else 0.
    pub retry_ms: u32,
    /// For people.
    pub detail: String,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Refused {
        Refused { refusal, expected: 0, retry_ms: 0, detail: refusal.words().trim().to_owned() }
    }
}

pub(super) fn illegal(stage: StageName, what: &str) -> Refused {
    Refused { detail: format!("{what} is not possible while the ticket is {stage:?}"), ..Refusal::IllegalStep.into() }
}

pub(super) fn bounded(field: &str, text: &str, max: usize) -> Result<(), Refused> {
    match text.len() <= max {
        true => Ok(()),
        false => Err(Refused {
            detail: format!("{field} has {} bytes and may have {max}", text.len()),
            ..Refusal::Malformed.into()
        }),
    }
}
