//! One act on many tickets: each is asked as if alone, by the one who acts and under his rights, and answers for itself.

use std::collections::HashSet;
use std::sync::Arc;

use deskwire_protocol::kinds::{Done, ItemResult, PublicFrame, Results, StaffFrame};
use deskwire_protocol::{Refusal, ServerFrame, Step, TicketId};

use super::ask::{Ask, No, ReplyTo};
use super::desk::Desk;
use super::encoded::Audience;
use super::errand::Errand;
use super::occupied::Work;
use super::room;
use crate::domain::room::Yes;
use crate::domain::ticket::Command;
use crate::domain::who::Who;

/// Tickets of one act that are asked at once; the others wait for these.
pub const BULK_AT_ONCE: usize = 32;

/// What each ticket is asked, and by whom.
pub(super) struct Bulk {
    pub(super) who: Arc<Who>,
    pub(super) tickets: Vec<TicketId>,
    pub(super) step: Step,
    pub(super) reason: String,
    /// What must be done before: without it nothing is.
    pub(super) first: Option<Errand>,
}

/// Asks them all, beside everything else; the answer comes when each has answered.
pub(super) fn begin(desk: &Arc<Desk>, ask: Ask, bulk: Bulk) {
    let ReplyTo::Request { request, .. } = ask.reply_to() else { return ask.forget() };
    let Some(under_way) = desk.occupied.begin(bulk.who.person, Work::Bulk) else {
        return ask.refuse(Refusal::Busy, "another act of yours on many tickets is under way, or too many of others");
    };
    let desk = desk.clone();
    tokio::spawn(async move {
        let _under_way = under_way;
        match bulk.carry_out(&desk).await {
            Ok(items) => ask.answer_any(StaffFrame::Results(Results { request, items }).into()),
            Err(no) => ask.refuse_with(no),
        }
    });
}

impl Bulk {
    async fn carry_out(mut self, desk: &Arc<Desk>) -> Result<Vec<ItemResult>, No> {
        if let Some(first) = self.first.take() {
            match first.answer().await? {
                ServerFrame::Public(PublicFrame::Refused(no)) => {
                    let refusal = Refusal::from_number(no.code).unwrap_or(Refusal::Again);
                    return Err(No::new(refusal, no.detail));
                }
                ServerFrame::Public(_) | ServerFrame::Staff(_) => {}
            }
        }
        let mut named = HashSet::new();
        self.tickets.retain(|ticket| named.insert(*ticket));
        let mut items = Vec::with_capacity(self.tickets.len());
        for some in self.tickets.chunks(BULK_AT_ONCE) {
            let errands: Vec<_> = some.iter().map(|ticket| (*ticket, self.ask_one(desk, *ticket))).collect();
            for (ticket, errand) in errands {
                let mut result = result(errand).await;
                // A room that was leaving just then: the next one answers.
                if result == Refusal::Again.number() {
                    result = self::result(self.ask_one(desk, ticket)).await;
                }
                items.push(ItemResult { ticket, code: result });
            }
        }
        Ok(items)
    }

    fn ask_one(&self, desk: &Arc<Desk>, ticket: TicketId) -> Result<Errand, No> {
        let errand = Errand::begin(&desk.connections, Audience::of(self.who.role))?;
        let ask = Ask::new(errand.permit(self.reason.len()), ReplyTo::Request { request: 1, ticket });
        let command = Command::Advance { step: self.step, reason: self.reason.clone() };
        let yes = Yes::Frame(PublicFrame::Done(Done { request: 1 }));
        desk.tell_room(ticket, room::Msg::Command { ask, who: self.who.clone(), command, yes });
        Ok(errand)
    }
}

/// 0 for done, else the refusal.
async fn result(errand: Result<Errand, No>) -> u16 {
    let answer = match errand {
        Ok(errand) => errand.answer().await,
        Err(no) => Err(no),
    };
    match answer {
        Ok(ServerFrame::Public(PublicFrame::Refused(no))) => no.code,
        Ok(ServerFrame::Public(_) | ServerFrame::Staff(_)) => 0,
        Err(no) => no.refusal.number(),
    }
}
