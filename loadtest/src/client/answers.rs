//! What a ticket's delivery hears that is no event of its log.

use deskwire_protocol::PublicFrame;

use super::delivery::Delivery;
use super::effect::Effect;

impl Delivery {
    /// An answer, or something that says nothing about delivery; events come another way.
    pub(super) fn answered(&mut self, frame: PublicFrame, now: u64, out: &mut Vec<Effect>) {
        match frame {
            PublicFrame::Acknowledged(answer) => self.acknowledged(answer.number, answer.seq, now, out),
            PublicFrame::Refused(refused) => self.refused(&refused, now, out),
            PublicFrame::Joined(joined) => self.joined(joined, out),
            PublicFrame::Page(_)
            | PublicFrame::Welcome(_)
            | PublicFrame::Done(_)
            | PublicFrame::Message(_)
            | PublicFrame::OwnMessage(_)
            | PublicFrame::History(_)
            | PublicFrame::Opened(_)
            | PublicFrame::Assigned(_)
            | PublicFrame::Advanced(_)
            | PublicFrame::MemberAdded(_)
            | PublicFrame::PhaseChanged(_)
            | PublicFrame::CategoryChanged(_)
            | PublicFrame::TypingNow(_)
            | PublicFrame::Presence(_)
            | PublicFrame::Position(_)
            | PublicFrame::TicketReady(_)
            | PublicFrame::Goodbye(_)
            | PublicFrame::ReadMarks(_)
            | PublicFrame::Notified(_)
            | PublicFrame::Notices(_)
            | PublicFrame::NoticesRead(_)
            | PublicFrame::Pong(_) => {}
        }
    }
}
