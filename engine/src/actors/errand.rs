//! An errand: one request of somebody who has no connection, brought to the actors as if he had one.
//!
//! It has an outbox of its own, into which nothing comes but its answer, so that whoever answers an `Ask` need not know
//! whether a socket is behind it. Errands that are on their way have a bound in common: a place is held by the errand
//! and by every question that it asked, so that leaving early frees none before the engine is done with it.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use deskwire_protocol::{PublicFrame, Refusal, ServerFrame};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::ask::No;
use super::connections::Connections;
use super::encoded::{Audience, Form};
use super::outbox::Outbox;
use super::permit::Permit;
use super::writer::{Alarm, Work, Writer};

/// Errands that may be on their way at once, in the whole engine; one more is refused `busy`.
pub const ERRANDS_MAX: u32 = 1_024;
/// How long an errand waits for its answer.
pub const ERRAND_WITHIN: Duration = Duration::from_secs(10);

/// The places of all errands.
#[derive(Debug)]
pub(super) struct Places(Arc<Semaphore>);

/// That of one, given back with the last outbox that leads to it.
#[derive(Debug)]
pub(super) struct Place {
    _place: OwnedSemaphorePermit,
}

impl Places {
    pub(super) fn new(max: u32) -> Places {
        Places(Arc::new(Semaphore::new(max as usize)))
    }

    fn take(&self) -> Option<Place> {
        Some(Place { _place: self.0.clone().try_acquire_owned().ok()? })
    }
}

impl Outbox {
    /// Whether it is an errand's, and no socket is behind it.
    pub(super) fn is_errand(&self) -> bool {
        self.0.place.is_some()
    }
}

/// One request on its way.
#[derive(Debug)]
pub struct Errand(Writer);

impl Errand {
    /// Begins one, if there is a place.
    pub fn begin(connections: &Arc<Connections>, audience: Audience) -> Result<Errand, No> {
        let Some(place) = connections.places.take() else {
            connections.counts.refused(Refusal::Busy);
            return Err(No::new(Refusal::Busy, "as many requests are on their way as may"));
        };
        let (outbox, writer) = connections.open_at(Form::Binary, Some(place));
        outbox.admit(audience);
        Ok(Errand(writer))
    }

    /// Where its answer goes.
    pub fn outbox(&self) -> &Outbox {
        self.0.outbox()
    }

    /// The right of its question to be in flight, with so many bytes.
    pub fn permit(&self, bytes: usize) -> Permit {
        let mut permit = self.outbox().try_permit().expect("an errand asks fewer questions than one connection may");
        permit.carry(bytes);
        permit
    }

    /// What it is answered. The question may still be answered after that: by then nobody listens.
    pub async fn answer(self) -> Result<ServerFrame, No> {
        self.answer_within(ERRAND_WITHIN).await
    }

    async fn answer_within(mut self, within: Duration) -> Result<ServerFrame, No> {
        match tokio::time::timeout(within, poll_fn(|context| self.poll(context))).await {
            Ok(answer) => answer,
            Err(_elapsed) => Err(No::new(Refusal::Again, "no answer came in time, its fate is unknown")),
        }
    }

    fn poll(&mut self, context: &Context<'_>) -> Poll<Result<ServerFrame, No>> {
        loop {
            match self.0.collect(context.waker(), Alarm::On) {
                Work::None => return Poll::Pending,
                Work::Ended | Work::Shut => return Poll::Ready(Err(going())),
                Work::Some => {
                    let frames = self.0.take_frames().expect("the engine reads what it wrote");
                    if let Some(frame) = frames.into_iter().next() {
                        return Poll::Ready(answer_in(frame));
                    }
                }
            }
        }
    }
}

/// A goodbye, which all connections get, is no answer.
fn answer_in(frame: ServerFrame) -> Result<ServerFrame, No> {
    match frame {
        ServerFrame::Public(PublicFrame::Goodbye(_)) => Err(going()),
        ServerFrame::Public(_) | ServerFrame::Staff(_) => Ok(frame),
    }
}

fn going() -> No {
    No::new(Refusal::Draining, "the engine is going down; whether it was done is unknown")
}

#[cfg(test)]
mod tests {
    use deskwire_protocol::TicketId;
    use deskwire_protocol::kinds::Done;

    use super::*;
    use crate::actors::ask::{Ask, ReplyTo};
    use crate::actors::connections::Bounds;

    fn connections(errands_max: u32) -> Arc<Connections> {
        Connections::new(Bounds { errands_max, ..Bounds::default() })
    }

    fn begin(connections: &Arc<Connections>) -> Errand {
        Errand::begin(connections, Audience::Customer).unwrap()
    }

    fn ask(errand: &Errand) -> Ask {
        Ask::new(errand.permit(10), ReplyTo::Request { request: 1, ticket: TicketId(9) })
    }

    /// C19: whoever answers a question answers an errand.
    #[tokio::test]
    async fn an_errand_is_answered_as_a_connection_is() {
        let connections = connections(1);
        let errand = begin(&connections);
        let asked = ask(&errand);
        let waiting = tokio::spawn(errand.answer());
        tokio::task::yield_now().await;
        assert_eq!((connections.count(), connections.in_flight(), connections.inward_bytes()), (0, 1, 10));
        asked.done();
        assert_eq!(waiting.await.unwrap(), Ok(ServerFrame::Public(Done { request: 1 }.into())));
        assert_eq!((connections.in_flight(), connections.inward_bytes(), connections.outward_bytes()), (0, 0, 0));
    }

    /// The limit ERRANDS_MAX. Who leaves frees no place before his question is answered.
    #[test]
    fn so_many_errands_are_on_their_way_and_no_more() {
        let connections = connections(2);
        let (one, two) = (begin(&connections), begin(&connections));
        let busy = |connections| Errand::begin(connections, Audience::Staff).map(drop).unwrap_err().refusal;
        assert_eq!(busy(&connections), Refusal::Busy);
        let asked = ask(&one);
        drop(one);
        assert_eq!(busy(&connections), Refusal::Busy, "his question is still on its way");
        asked.done();
        let three = begin(&connections);
        drop((two, three));
        assert_eq!((begin(&connections).outbox().in_flight(), connections.count()), (0, 0));
    }

    #[tokio::test]
    async fn an_answer_that_does_not_come_in_time_is_again() {
        let connections = connections(1);
        let errand = begin(&connections);
        let asked = ask(&errand);
        let no = errand.answer_within(Duration::from_millis(5)).await.unwrap_err();
        assert_eq!((no.refusal, no.refusal.is_retryable()), (Refusal::Again, true));
        asked.done();
        assert_eq!(connections.outward_bytes(), 0);
    }

    #[tokio::test]
    async fn an_errand_whose_engine_goes_is_told_so() {
        let connections = connections(1);
        let errand = begin(&connections);
        let _asked = ask(&errand);
        connections.say_goodbye(1_000);
        assert_eq!(errand.answer().await.unwrap_err().refusal, Refusal::Draining);
    }
}
