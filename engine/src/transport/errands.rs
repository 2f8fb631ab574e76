//! What comes over HTTP, brought to the actors on the way that frames take: no rule is here, and none a second time.

use std::sync::Arc;

use deskwire_protocol::kinds::{ClientFrame, Refused};
use deskwire_protocol::{PublicFrame, Refusal, ServerFrame, StreamId, TicketId};

use super::reception::Reception;
use crate::actors::ask::{Ask, No, ReplyTo, fitting};
use crate::actors::desk::Desk;
use crate::actors::encoded::Audience;
use crate::actors::errand::Errand;
use crate::actors::person;
use crate::actors::room;
use crate::domain::room::Look;
use crate::domain::who::Who;

/// The request number of every errand: each asks one question.
pub const REQUEST: u32 = 1;

/// The answer to an errand; a refusal is as a socket hears it.
pub type Answered = Result<ServerFrame, Refused>;

impl Reception {
    /// Carries out one frame of somebody who has no connection here, and answers what he would have heard. What is said
    /// in a ticket needs its stream.
    pub async fn carry_out(&self, who: &Arc<Who>, frame: ClientFrame, said: Option<(TicketId, StreamId)>) -> Answered {
        let errand = self.begin(who)?;
        let permit = errand.permit(frame.archive_bytes());
        // A frame that would end a connection has no answer.
        self.errand(who, permit, frame, said)
            .map_err(|_| refused(No::new(Refusal::Malformed, "this frame is a socket's")))?;
        answer(errand).await
    }

    /// What somebody sees of a ticket now; he is told nothing afterwards.
    pub async fn look(&self, who: &Arc<Who>, ticket: TicketId, look: Look) -> Answered {
        self::look(&self.desk, who, ticket, look).await
    }

    /// The welcome that a connection of his would get; it names a customer's open tickets.
    pub async fn welcome(&self, who: &Arc<Who>) -> Answered {
        if who.role.is_staff() {
            return Ok(ServerFrame::Public(person::welcome(&self.desk, who, String::new(), Vec::new()).into()));
        }
        let errand = self.begin(who)?;
        self.desk.tell_person(who, person::Msg::Attached { outbox: errand.outbox().clone() });
        let welcomed = answer(errand).await;
        // He goes again at once, unless a socket of his is there.
        self.desk.tell_person(who, person::Msg::Detached);
        welcomed
    }

    fn begin(&self, who: &Who) -> Result<Errand, Refused> {
        begin(&self.desk, who)
    }
}

/// What somebody sees of a ticket now.
pub(super) async fn look(desk: &Arc<Desk>, who: &Arc<Who>, ticket: TicketId, look: Look) -> Answered {
    let errand = begin(desk, who)?;
    let mut permit = errand.permit(0);
    permit.ask_page();
    let ask = Ask::new(permit, ReplyTo::Ticket(ticket));
    desk.tell_room(ticket, room::Msg::Look { ask, who: who.clone(), look });
    answer(errand).await
}

fn begin(desk: &Desk, who: &Who) -> Result<Errand, Refused> {
    Errand::begin(&desk.connections, Audience::of(who.role)).map_err(refused)
}

async fn answer(errand: Errand) -> Answered {
    match errand.answer().await.map_err(refused)? {
        ServerFrame::Public(PublicFrame::Refused(no)) => Err(no),
        frame @ (ServerFrame::Public(_) | ServerFrame::Staff(_)) => Ok(frame),
    }
}

/// As a frame says it.
fn refused(No { refusal, retry_ms, expected, detail }: No) -> Refused {
    let (code, detail) = (refusal.number(), fitting(detail));
    Refused { request: REQUEST, ticket: TicketId::default(), number: 0, code, retry_ms, expected, detail }
}
