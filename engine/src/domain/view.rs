//! What people see of an event: the frame it becomes, for its author and for the others.

use deskwire_protocol::kinds::{self, PublicFrame};
use deskwire_protocol::limits::{PAGE_BYTES_MAX, PAGE_EVENTS_MAX};
use deskwire_protocol::{Batch, TicketId};

use super::event::Event;

/// Whose eyes: an author sees the stream and number of his own posts, nobody else does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sight {
    /// Everybody but the author.
    Others,
    /// The author's own connections.
    Own,
}

/// The frame that the event at this place of this ticket becomes.
pub fn frame(ticket: TicketId, seq: u32, event: &Event, sight: Sight) -> PublicFrame {
    let at = event.at();
    match event {
        Event::Opened(opened) => PublicFrame::Opened(kinds::Opened {
            ticket,
            seq,
            at,
            name: opened.name.clone(),
            category: opened.category_name.clone(),
            priority: opened.priority,
            subject: opened.subject.clone(),
        }),
        Event::Posted(posted) => match sight {
            Sight::Others => PublicFrame::Message(kinds::Message {
                ticket,
                seq,
                at,
                author: posted.author,
                text: posted.text.clone(),
            }),
            Sight::Own => PublicFrame::OwnMessage(kinds::OwnMessage {
                ticket,
                seq,
                at,
                author: posted.author,
                stream: posted.stream,
                number: posted.number,
                text: posted.text.clone(),
            }),
        },
        Event::Assigned(assigned) => PublicFrame::Assigned(kinds::Assigned {
            ticket,
            seq,
            at,
            member: assigned.member,
            name: assigned.name.clone(),
            routing: assigned.routing,
        }),
        Event::Advanced(advanced) => PublicFrame::Advanced(kinds::Advanced {
            ticket,
            seq,
            at,
            author: advanced.author,
            step: advanced.step,
            stage: advanced.stage,
            reason: advanced.reason.clone(),
        }),
        Event::PhaseChanged(changed) => PublicFrame::PhaseChanged(kinds::PhaseChanged {
            ticket,
            seq,
            at,
            author: changed.author,
            phase: changed.phase,
            reason: changed.reason.clone(),
        }),
        Event::MemberAdded(added) => {
            PublicFrame::MemberAdded(kinds::MemberAdded { ticket, seq, at, name: added.name.clone(), role: added.role })
        }
    }
}

/// Whose eyes a person has for an event: his own posts he sees as their author.
pub fn sight(event: &Event, member: Option<u16>) -> Sight {
    match event {
        Event::Posted(posted) if member == Some(posted.author) => Sight::Own,
        Event::Posted(_)
        | Event::Opened(_)
        | Event::Assigned(_)
        | Event::Advanced(_)
        | Event::MemberAdded(_)
        | Event::PhaseChanged(_) => Sight::Others,
    }
}

/// A page in the making: events in order until a bound is reached.
#[derive(Debug, Default)]
pub struct PageMaker {
    events: Batch,
    count: usize,
}

impl PageMaker {
    /// Adds a frame; `false` when the page is full and it was not added. A single frame always fits.
    pub fn add(&mut self, frame: &PublicFrame) -> bool {
        let bytes = frame.encode();
        let fits = self.count < PAGE_EVENTS_MAX && self.events.len() + bytes.len() + 4 <= PAGE_BYTES_MAX;
        if !fits && self.count > 0 {
            return false;
        }
        self.events.push(&bytes);
        self.count += 1;
        true
    }

    /// The events so far.
    pub fn finish(self) -> Batch {
        self.events
    }
}
