//! The events of a ticket's log among all frames: the one place that tells them apart.

use deskwire_protocol::kinds::{
    Advanced, Assigned, CategoryChanged, CustomerTold, Departed, Entered, Founded, MemberAdded, Message, Opened,
    OwnMessage, PhaseChanged, PostDeleted, SlowMode,
};
use deskwire_protocol::{PublicFrame, ServerFrame, StaffFrame, StreamId};

/// An event of a ticket's log, seen in its frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogEvent<'a> {
    /// The ticket began.
    Opened(&'a Opened),
    /// An agent has it.
    Assigned(&'a Assigned),
    /// It went a step through its life.
    Advanced(&'a Advanced),
    /// Somebody joined its members.
    MemberAdded(&'a MemberAdded),
    /// The two sides are there at the same time no more, or again.
    PhaseChanged(&'a PhaseChanged),
    /// The engine said something to the customer.
    CustomerTold(&'a CustomerTold),
    /// It went to another category.
    CategoryChanged(&'a CategoryChanged),
    /// A discussion began.
    Founded(&'a Founded),
    /// Somebody is in it.
    Entered(&'a Entered),
    /// He is no longer.
    Departed(&'a Departed),
    /// A post of it was deleted.
    PostDeleted(&'a PostDeleted),
    /// How often its members may post.
    SlowMode(&'a SlowMode),
    /// Somebody else said something.
    Message(&'a Message),
    /// The reader said something.
    OwnMessage(&'a OwnMessage),
}

impl<'a> LogEvent<'a> {
    /// The event of a frame; none for a frame that is not of the log.
    pub fn of(frame: &'a PublicFrame) -> Option<LogEvent<'a>> {
        Some(match frame {
            PublicFrame::Opened(event) => LogEvent::Opened(event),
            PublicFrame::Assigned(event) => LogEvent::Assigned(event),
            PublicFrame::Advanced(event) => LogEvent::Advanced(event),
            PublicFrame::MemberAdded(event) => LogEvent::MemberAdded(event),
            PublicFrame::PhaseChanged(event) => LogEvent::PhaseChanged(event),
            PublicFrame::CustomerTold(event) => LogEvent::CustomerTold(event),
            PublicFrame::CategoryChanged(event) => LogEvent::CategoryChanged(event),
            PublicFrame::Founded(event) => LogEvent::Founded(event),
            PublicFrame::Entered(event) => LogEvent::Entered(event),
            PublicFrame::Departed(event) => LogEvent::Departed(event),
            PublicFrame::PostDeleted(event) => LogEvent::PostDeleted(event),
            PublicFrame::SlowMode(event) => LogEvent::SlowMode(event),
            PublicFrame::Message(event) => LogEvent::Message(event),
            PublicFrame::OwnMessage(event) => LogEvent::OwnMessage(event),
            PublicFrame::Welcome(_)
            | PublicFrame::Refused(_)
            | PublicFrame::Done(_)
            | PublicFrame::Acknowledged(_)
            | PublicFrame::Joined(_)
            | PublicFrame::Page(_)
            | PublicFrame::History(_)
            | PublicFrame::TypingNow(_)
            | PublicFrame::Presence(_)
            | PublicFrame::Position(_)
            | PublicFrame::TicketReady(_)
            | PublicFrame::TurnedAway(_)
            | PublicFrame::Goodbye(_)
            | PublicFrame::ReadMarks(_)
            | PublicFrame::Notified(_)
            | PublicFrame::Notices(_)
            | PublicFrame::NoticesRead(_)
            | PublicFrame::DiscussionJoined(_)
            | PublicFrame::Discussions(_)
            | PublicFrame::Crowd(_)
            | PublicFrame::ModeratedYou(_)
            | PublicFrame::Pong(_) => return None,
        })
    }

    /// Its place in the ticket.
    pub fn seq(self) -> u32 {
        match self {
            LogEvent::Opened(event) => event.seq,
            LogEvent::Assigned(event) => event.seq,
            LogEvent::Advanced(event) => event.seq,
            LogEvent::MemberAdded(event) => event.seq,
            LogEvent::PhaseChanged(event) => event.seq,
            LogEvent::CustomerTold(event) => event.seq,
            LogEvent::CategoryChanged(event) => event.seq,
            LogEvent::Founded(event) => event.seq,
            LogEvent::Entered(event) => event.seq,
            LogEvent::Departed(event) => event.seq,
            LogEvent::PostDeleted(event) => event.seq,
            LogEvent::SlowMode(event) => event.seq,
            LogEvent::Message(event) => event.seq,
            LogEvent::OwnMessage(event) => event.seq,
        }
    }
}

/// The place of an event's frame, for staff alone or not; none for any other frame.
pub fn seq_of(frame: &ServerFrame) -> Option<u32> {
    match frame {
        ServerFrame::Public(frame) => LogEvent::of(frame).map(LogEvent::seq),
        ServerFrame::Staff(StaffFrame::Noted(event)) => Some(event.seq),
        ServerFrame::Staff(StaffFrame::OwnNote(event)) => Some(event.seq),
        ServerFrame::Staff(StaffFrame::WatchBegan(event)) => Some(event.seq),
        ServerFrame::Staff(StaffFrame::WatchEnded(event)) => Some(event.seq),
        ServerFrame::Staff(StaffFrame::Acted(event)) => Some(event.seq),
        ServerFrame::Staff(StaffFrame::AgentSilent(event)) => Some(event.seq),
        ServerFrame::Staff(StaffFrame::Moderated(event)) => Some(event.seq),
        // Whatever else staff are told is no event.
        ServerFrame::Staff(_) => None,
    }
}

/// A page, for whomever.
pub struct AnyPage {
    /// Its events.
    pub events: Vec<ServerFrame>,
    /// The newest sequence on disk.
    pub head: u32,
    /// Whether there are more.
    pub more: bool,
}

/// The page in a frame, or the frame.
pub fn page_of(frame: ServerFrame) -> Result<AnyPage, Box<ServerFrame>> {
    match frame {
        ServerFrame::Public(PublicFrame::Page(page)) => {
            let events = page.events.frames().unwrap_or_default().into_iter().map(ServerFrame::Public).collect();
            Ok(AnyPage { events, head: page.head, more: page.more })
        }
        ServerFrame::Staff(StaffFrame::StaffPage(page)) => {
            Ok(AnyPage { events: page.events.frames().unwrap_or_default(), head: page.head, more: page.more })
        }
        other @ (ServerFrame::Public(_) | ServerFrame::Staff(_)) => Err(Box::new(other)),
    }
}

/// Something that the reader said himself: stream, number, place and text.
pub fn own_of(frame: &ServerFrame) -> Option<(StreamId, u32, u32, &str)> {
    match frame {
        ServerFrame::Public(PublicFrame::OwnMessage(own)) => Some((own.stream, own.number, own.seq, &own.text)),
        ServerFrame::Staff(StaffFrame::OwnNote(own)) => Some((own.stream, own.number, own.seq, &own.text)),
        ServerFrame::Public(_) | ServerFrame::Staff(_) => None,
    }
}
