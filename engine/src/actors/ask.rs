//! The guard of one accepted frame: answered once, by whoever has it; dropped unanswered it says "again".

use deskwire_protocol::kinds::{Done, Refused};
use deskwire_protocol::limits::DETAIL_BYTES_MAX;
use deskwire_protocol::{PublicFrame, Refusal, ServerFrame, TicketId};

use super::outbox::Outbox;
use super::permit::Permit;

/// What an answer names, so that the client knows which of its frames it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyTo {
    /// A frame with a request number.
    Request {
        /// Chosen by the client.
        request: u32,
        /// The ticket it is about, or 0.
        ticket: TicketId,
    },
    /// A post.
    Post {
        /// The ticket.
        ticket: TicketId,
        /// Its number in the sender's stream.
        number: u32,
    },
    /// A frame that names a ticket alone.
    Ticket(TicketId),
}

/// A refusal with all it may say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct No {
    /// Which.
    pub refusal: Refusal,
    /// Try again after this many milliseconds; 0 where it is final.
    pub retry_ms: u32,
    /// The stream's next number, where the refusal is about order; else 0.
    pub expected: u32,
    /// For people.
    pub detail: String,
}

impl No {
    /// A refusal with its usual waiting time.
    pub fn new(refusal: Refusal, detail: impl Into<String>) -> No {
        No { refusal, retry_ms: usual_retry_ms(refusal), expected: 0, detail: detail.into() }
    }
}

/// Words within the bound of a refusal's, cut between two characters: they may quote what a client wrote.
pub fn fitting(mut detail: String) -> String {
    detail.truncate(detail.floor_char_boundary(DETAIL_BYTES_MAX));
    detail
}

/// How long a client waits that was told nothing else, in milliseconds.
fn usual_retry_ms(refusal: Refusal) -> u32 {
    match (refusal, refusal.is_retryable()) {
        (Refusal::Again, _) => 100,
        (_, true) => 1_000,
        (_, false) => 0,
    }
}

/// One accepted frame: its permit, the way back, and what the answer names.
///
/// It travels inside the messages between actors. Whatever happens to the message, the client gets an answer: an
/// `Ask` that is dropped unanswered (a fall, a mailbox that closed) answers [`Refusal::Again`].
#[derive(Debug)]
pub struct Ask {
    permit: Permit,
    reply_to: ReplyTo,
    answered: Answered,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answered {
    NotYet,
    Yes,
}

impl Ask {
    /// A frame was accepted.
    pub fn new(permit: Permit, reply_to: ReplyTo) -> Ask {
        Ask { permit, reply_to, answered: Answered::NotYet }
    }

    /// The connection that asked.
    pub fn outbox(&self) -> &Outbox {
        self.permit.outbox()
    }

    /// How long ago its frame was read, in microseconds; none for one that came by no socket.
    pub(super) fn since_read(&self, now_us: u32) -> Option<u32> {
        self.permit.since_read(now_us)
    }

    /// It is a post, and goes on to its room.
    pub fn accept_post(&mut self) {
        self.permit.accept_post();
    }

    /// What the answer names.
    pub fn reply_to(&self) -> ReplyTo {
        self.reply_to
    }

    /// Answers with a frame, and gives the permit back.
    pub fn answer(mut self, frame: impl Into<PublicFrame>) {
        self.answered = Answered::Yes;
        self.outbox().send(&frame.into());
    }

    /// Answers "done", if the question has a request number.
    pub fn done(self) {
        match self.reply_to {
            ReplyTo::Request { request, .. } => self.answer(PublicFrame::Done(Done { request })),
            ReplyTo::Post { .. } | ReplyTo::Ticket(_) => self.forget(),
        }
    }

    /// Answers with a frame that may be for staff alone. A connection that takes none of those hears that there is no
    /// such ticket.
    pub fn answer_any(mut self, frame: ServerFrame) {
        match (frame, self.outbox().staff()) {
            (ServerFrame::Public(frame), _) => return self.answer(frame),
            (ServerFrame::Staff(frame), Some(staff)) => staff.send(&frame),
            (ServerFrame::Staff(_), None) => {
                return self.refuse(Refusal::UnknownTicket, Refusal::UnknownTicket.words().trim());
            }
        }
        self.answered = Answered::Yes;
    }

    /// Answers "no", with the refusal's usual waiting time.
    pub fn refuse(self, refusal: Refusal, detail: impl Into<String>) {
        self.refuse_with(No::new(refusal, detail));
    }

    /// Answers "no", with all there is to say.
    pub fn refuse_with(mut self, no: No) {
        self.say_no(no);
    }

    /// Gives the permit back without a word, for frames that have no answer or whose answer is already queued.
    pub fn forget(mut self) {
        self.answered = Answered::Yes;
    }

    fn say_no(&mut self, no: No) {
        self.answered = Answered::Yes;
        let (request, ticket, number) = match self.reply_to {
            ReplyTo::Request { request, ticket } => (request, ticket, 0),
            ReplyTo::Post { ticket, number } => (0, ticket, number),
            ReplyTo::Ticket(ticket) => (0, ticket, 0),
        };
        let No { refusal, retry_ms, expected, detail } = no;
        let (code, detail) = (refusal.number(), fitting(detail));
        self.outbox().connections().counts.refused(refusal);
        self.outbox().send(&Refused { request, ticket, number, code, retry_ms, expected, detail }.into());
    }
}

impl Drop for Ask {
    fn drop(&mut self) {
        if self.answered == Answered::NotYet {
            self.say_no(No::new(Refusal::Again, "accepted, but its fate is unknown"));
        }
    }
}

#[cfg(test)]
mod tests {
    use deskwire_protocol::ServerFrame;
    use deskwire_protocol::kinds::Done;

    use super::*;
    use crate::actors::connections::{Bounds, Connections};
    use crate::actors::encoded::Form;
    use crate::actors::writer::Writer;

    const TICKET: TicketId = TicketId(9);

    fn refused(writer: &mut Writer) -> Refused {
        match writer.take_frames().unwrap().pop() {
            Some(ServerFrame::Public(PublicFrame::Refused(refused))) => refused,
            other => panic!("not a refusal: {other:?}"),
        }
    }

    fn asked(reply_to: ReplyTo) -> (Ask, Writer) {
        let (outbox, writer) = Connections::new(Bounds::default()).open(Form::Json);
        let permit = outbox.try_permit().unwrap();
        (Ask::new(permit, reply_to), writer)
    }

    #[test]
    fn an_answer_arrives_and_frees_the_place() {
        let (ask, mut writer) = asked(ReplyTo::Request { request: 4, ticket: TICKET });
        assert_eq!(writer.outbox().in_flight(), 1);
        ask.answer(Done { request: 4 });
        assert_eq!(writer.take_frames().unwrap(), [ServerFrame::Public(Done { request: 4 }.into())]);
        assert_eq!(writer.outbox().in_flight(), 0);
    }

    #[test]
    fn dropped_unanswered_it_says_again() {
        let (ask, mut writer) = asked(ReplyTo::Post { ticket: TICKET, number: 7 });
        drop(ask);
        let refused = refused(&mut writer);
        assert_eq!((refused.code, refused.number, refused.ticket), (200, 7, TICKET));
        assert_eq!(refused.retry_ms, 100);
        let counts = &writer.outbox().connections().counts;
        assert!(counts.refusals().any(|count| count == (Refusal::Again, 1)));
    }

    #[test]
    fn a_final_refusal_names_no_time() {
        let (ask, mut writer) = asked(ReplyTo::Ticket(TICKET));
        ask.refuse(Refusal::UnknownTicket, "no such ticket");
        let refused = refused(&mut writer);
        assert_eq!((refused.code, refused.retry_ms, refused.request), (103, 0, 0));
    }

    #[test]
    fn a_refusal_about_order_names_the_number_expected() {
        let (ask, mut writer) = asked(ReplyTo::Post { ticket: TICKET, number: 9 });
        ask.refuse_with(No { expected: 5, ..No::new(Refusal::OutOfOrder, "5 comes next") });
        assert_eq!(refused(&mut writer).expected, 5);
    }

    #[test]
    fn what_is_forgotten_is_not_answered() {
        let (ask, mut writer) = asked(ReplyTo::Ticket(TICKET));
        ask.forget();
        assert_eq!(writer.take_frames().unwrap(), []);
        assert_eq!(writer.outbox().in_flight(), 0);
    }
}
