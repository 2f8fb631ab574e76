//! What people do with tickets that they hand on: the frames, and the commands that they are.

use deskwire::domain::dispatch::OfferAnswer;
use deskwire::domain::event::CategoryId;
use deskwire::domain::handing::{Handing, NamedCategory};
use deskwire::domain::ticket::Command;
use deskwire_protocol::kinds::{self, ClientFrame};
use deskwire_protocol::{PersonId, TicketId};

use crate::client::Want;
use crate::network::Ask;
use crate::people::{AUTOMATIC, MANUAL, Mail, OFFERED};
use crate::world::World;

/// The command that a frame is, if it hands a ticket on. A category's name here is its number.
#[allow(clippy::wildcard_enum_match_arm, reason = "all other frames are the reception's")]
pub fn command(frame: &ClientFrame) -> Option<(u32, TicketId, Command)> {
    let (request, ticket, handing) = match frame.clone() {
        ClientFrame::TakePart(it) => return Some((it.request, it.ticket, Command::TakePart)),
        ClientFrame::SetWrapUp(it) => return Some((it.request, it.ticket, Command::WrapUp { more_s: it.more_s })),
        ClientFrame::TransferToCategory(it) => {
            let id = it.category.parse().map(CategoryId).expect("a number");
            let to = Some(NamedCategory { id, name: it.category, early_posts: id != MANUAL });
            (it.request, it.ticket, Handing::ToCategory { to, reason: it.reason })
        }
        ClientFrame::Escalate(it) if it.on => (it.request, it.ticket, Handing::Escalate { reason: it.reason }),
        ClientFrame::Escalate(it) => (it.request, it.ticket, Handing::EndEscalation { reason: it.reason }),
        ClientFrame::Ignore(it) if it.on => (it.request, it.ticket, Handing::Ignore),
        ClientFrame::Ignore(it) => (it.request, it.ticket, Handing::EndIgnore),
        _ => return None,
    };
    Some((request, ticket, Command::Hand(handing)))
}

/// What a person's own actor is told, if the frame is his to look after.
#[allow(clippy::wildcard_enum_match_arm, reason = "all other frames are the reception's")]
pub fn mail(frame: &ClientFrame, by: PersonId, ask: impl Fn(u32, TicketId) -> Ask) -> Option<Mail> {
    let desk = |number| ask(number, TicketId::default());
    let moves = |number, ticket, agent| Mail::Move { ask: ask(number, ticket), ticket, agent };
    Some(match frame {
        ClientFrame::Pick(it) => Mail::Pick { ask: ask(it.request, it.ticket), ticket: it.ticket },
        ClientFrame::AnswerOffer(it) => {
            let answer = if it.accept { OfferAnswer::Accept } else { OfferAnswer::Decline };
            Mail::AnswerOffer { ask: ask(it.request, it.ticket), ticket: it.ticket, offer: it.offer, answer }
        }
        ClientFrame::SetStatus(it) => Mail::SetStatus { ask: desk(it.request), status: it.status },
        ClientFrame::WatchQueue(it) => Mail::Watch { ask: desk(it.request) },
        ClientFrame::Transfer(it) => moves(it.request, it.ticket, it.agent),
        ClientFrame::HandOver(it) => moves(it.request, it.ticket, it.agent),
        ClientFrame::TakeOver(it) => moves(it.request, it.ticket, by),
        _ => return None,
    })
}

impl World {
    /// To one of the categories, whether it is there already or not; to a supervisor, or not any more.
    pub fn hand_on(&mut self, tab: usize, ticket: Option<TicketId>) {
        let Some(ticket) = ticket else { return };
        if self.random.below(3) == 0 {
            let on = self.random.below(3) > 0;
            return self.request(tab, Want::Once, |request| kinds::Ignore { request, ticket, on }.into());
        }
        if self.random.below(2) == 0 {
            let (on, reason) = (self.random.below(3) > 0, String::new());
            return self.request(tab, Want::Once, |request| kinds::Escalate { request, ticket, on, reason }.into());
        }
        let CategoryId(to) = [AUTOMATIC, OFFERED, MANUAL][self.random.below(3) as usize];
        let (category, reason) = (to.to_string(), format!("hand {}", self.number()));
        self.request(tab, Want::Once, |request| kinds::TransferToCategory { request, ticket, category, reason }.into());
    }
}
