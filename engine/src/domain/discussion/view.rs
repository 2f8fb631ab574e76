//! What people see of a discussion's own events.

use deskwire_protocol::kinds::{self, PublicFrame, StaffFrame};
use deskwire_protocol::{ModerationAct, TicketId};

use crate::domain::event::{Event, Moderated};

/// What anybody sees: that somebody came or went, not who put him out; that a post was deleted, not by whom.
pub(in crate::domain) fn public(ticket: TicketId, seq: u32, event: &Event) -> Option<PublicFrame> {
    let at = event.at();
    let departed = |author| PublicFrame::Departed(kinds::Departed { ticket, seq, at, author });
    if let Event::Founded(founded) = event {
        return Some(PublicFrame::Founded(kinds::Founded {
            ticket,
            seq,
            at,
            name: founded.name.clone(),
            role: founded.role,
            title: founded.title.clone(),
            topic: founded.topic.clone(),
            members_max: founded.members_max,
            slow_s: founded.slow_s,
        }));
    }
    if let Event::Entered(entered) = event {
        let (author, name, role) = (entered.member, entered.name.clone(), entered.role);
        return Some(PublicFrame::Entered(kinds::Entered { ticket, seq, at, author, name, role }));
    }
    if let Event::Departed(one) = event {
        return Some(departed(one.member));
    }
    let Event::Moderated(moderated) = event else { return None };
    match moderated.act {
        ModerationAct::Remove | ModerationAct::Ban => Some(departed(moderated.member)),
        ModerationAct::DeletePost => {
            Some(PublicFrame::PostDeleted(kinds::PostDeleted { ticket, seq, at, target: moderated.place }))
        }
        ModerationAct::SlowMode => {
            Some(PublicFrame::SlowMode(kinds::SlowMode { ticket, seq, at, seconds: moderated.seconds }))
        }
        ModerationAct::Mute
        | ModerationAct::Unmute
        | ModerationAct::Unban
        | ModerationAct::Appoint
        | ModerationAct::Dismiss => None,
    }
}

/// What staff see: all of it.
pub(in crate::domain) fn moderated(ticket: TicketId, seq: u32, moderated: &Moderated) -> StaffFrame {
    StaffFrame::Moderated(kinds::Moderated {
        ticket,
        seq,
        at: moderated.at,
        person: moderated.person,
        name: moderated.name.clone(),
        act: moderated.act,
        author: moderated.member,
        target: moderated.seq,
        until: moderated.until,
        seconds: moderated.seconds,
        reason: moderated.reason.clone(),
    })
}

/// What he whom it concerns is told, beside what all see.
pub(in crate::domain) fn concerned(ticket: TicketId, moderated: &Moderated) -> Option<PublicFrame> {
    let (act, until, reason) = (moderated.act, moderated.until, moderated.reason.clone());
    match act {
        ModerationAct::DeletePost | ModerationAct::SlowMode => None,
        ModerationAct::Mute
        | ModerationAct::Unmute
        | ModerationAct::Remove
        | ModerationAct::Ban
        | ModerationAct::Unban
        | ModerationAct::Appoint
        | ModerationAct::Dismiss => Some(PublicFrame::ModeratedYou(kinds::ModeratedYou { ticket, act, until, reason })),
    }
}
