//! What the delivery rule wants done, what it has found, and what a refusal calls for.

use std::sync::Arc;

use deskwire_protocol::kinds::Joined;
use deskwire_protocol::{ClientFrame, Refusal, ServerFrame, StreamId};

use super::outgoing::Said;

/// What the machine wants done, or has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send this.
    Send(ClientFrame),
    /// The next event of the ticket, each exactly once and in order.
    Event {
        /// Its place.
        seq: u32,
        /// The event's frame.
        event: ServerFrame,
    },
    /// The next event of the ticket is a post or note of ours, known by its acknowledgement.
    Own {
        /// Its place.
        seq: u32,
        /// What we said.
        text: Arc<str>,
        /// To whom.
        said: Said,
    },
    /// A post of ours is on disk.
    Acknowledged {
        /// The caller's mark.
        tag: u64,
        /// The stream it was posted on.
        stream: StreamId,
        /// Its number there.
        number: u32,
        /// Its place.
        seq: u32,
    },
    /// A post of ours was refused for now, and goes again.
    PutOff {
        /// The refusal's number.
        code: u16,
        /// Milliseconds from its sending to this answer.
        after_ms: u64,
    },
    /// A post of ours was refused for good and is dropped.
    Refused {
        /// The caller's mark.
        tag: u64,
        /// The refusal's number.
        code: u16,
    },
    /// What the ticket is; the last page follows.
    Joined(Joined),
    /// Everything on disk has been seen and what comes now is live.
    Live,
    /// The ticket cannot be heard; the refusal's number.
    Failed(u16),
    /// What was seen is dropped: the view begins again at 1.
    Restarted,
    /// The engine broke a promise.
    Breach(Breach),
}

/// A promise broken before our eyes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breach {
    /// An event came a second time.
    Repeated {
        /// Its place.
        seq: u32,
    },
    /// Places were left out.
    Gap {
        /// The place that was next.
        expected: u32,
        /// The place that came.
        got: u32,
    },
    /// One post was acknowledged at two places.
    TwoAnswers {
        /// Its number.
        number: u32,
        /// The place named first.
        first: u32,
        /// The place named then.
        then: u32,
    },
    /// The engine knows less of our stream than it has acknowledged.
    StreamLost {
        /// The highest number acknowledged.
        acknowledged: u32,
        /// The highest number the engine knows.
        known: u32,
    },
    /// We have seen more than the engine has.
    Ahead {
        /// The last place seen.
        seen: u32,
    },
    /// A post of ours stands there with another text.
    Altered {
        /// Its place.
        seq: u32,
    },
}

/// What a refused post calls for.
pub(super) enum Meaning {
    /// The same again after a while.
    Later,
    /// The same again after a join.
    JoinFirst,
    /// The same again from another number.
    OtherNumber,
    /// The same again on another stream.
    OtherStream,
    /// The ticket knows nothing of the stream.
    UnknownStream,
    /// Nothing: it is refused for good.
    Never,
}

impl Meaning {
    pub(super) fn of(code: u16) -> Meaning {
        let is = |refusal: Refusal| refusal.number() == code;
        match code {
            200.. => Meaning::Later,
            _ if is(Refusal::NotJoined) => Meaning::JoinFirst,
            _ if is(Refusal::OutOfOrder) => Meaning::OtherNumber,
            _ if is(Refusal::StreamUnknown) => Meaning::UnknownStream,
            _ if is(Refusal::StreamConflict) || is(Refusal::StreamForgotten) => Meaning::OtherStream,
            _ => Meaning::Never,
        }
    }
}
