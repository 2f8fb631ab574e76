//! What each frame on its way to a client must satisfy, held against what a power cut at this moment would leave.

use deskwire::domain::event::Event;
use deskwire::domain::view;
use deskwire::domain::who::Who;
use deskwire_loadtest::client::event::seq_of;
use deskwire_loadtest::client::session::heard_by;
use deskwire_protocol::kinds::{Acknowledged, PublicFrame, Refused, StaffFrame};
use deskwire_protocol::{Role, ServerFrame, TicketId};

use crate::log::Log;
use crate::shared::{Check, Shared};

/// Checks one frame for one connection.
pub fn check(shared: &Shared, outbox: u64, who: &Who, frame: &ServerFrame) {
    let log = shared.log.borrow();
    let wrong = match frame {
        ServerFrame::Public(frame) => public(shared, &log, outbox, who, frame),
        ServerFrame::Staff(frame) if who.role == Role::Customer => {
            Some((Check::Private, format!("{:?} is told {frame:?}", who.person)))
        }
        ServerFrame::Staff(StaffFrame::StaffPage(it)) => {
            page(&log, who, it.ticket, it.head, it.events.frames().unwrap_or_default())
        }
        ServerFrame::Staff(_) if seq_of(frame).is_some() => event(&log, who, frame, Told::Live),
        ServerFrame::Staff(StaffFrame::Yours(yours)) if !log.was_owner(yours.ticket, who.person) => {
            Some((Check::Durable, format!("{:?} is told that {:?} is his", who.person, yours.ticket)))
        }
        ServerFrame::Staff(_) => None,
    };
    drop(log);
    if let Some((check, words)) = wrong {
        shared.fail(check, words);
    }
}

type Wrong = Option<(Check, String)>;

fn public(shared: &Shared, log: &Log, outbox: u64, who: &Who, frame: &PublicFrame) -> Wrong {
    match frame {
        PublicFrame::Acknowledged(answer) => acknowledged(log, who, answer),
        PublicFrame::Page(it) => {
            let events = it.events.frames().unwrap_or_default().into_iter().map(ServerFrame::Public).collect();
            page(log, who, it.ticket, it.head, events)
        }
        PublicFrame::Joined(joined) if joined.head > head_for(log, who, joined.ticket) => {
            Some((Check::Durable, format!("joined at {} of {:?}", joined.head, joined.ticket)))
        }
        PublicFrame::Joined(joined) if watches_unsaid(log, who, joined.ticket) => {
            Some((Check::Watched, format!("{:?} hears {:?} and the log does not say so", who.person, joined.ticket)))
        }
        PublicFrame::Joined(joined) => {
            let known = numbers(log, joined.ticket, who);
            (joined.stream_head > known)
                .then(|| (Check::Durable, format!("stream head {} where {known} is on disk", joined.stream_head)))
        }
        PublicFrame::TicketReady(ready) if log.head(ready.ticket) == 0 => {
            Some((Check::Durable, format!("{:?} is ready", ready.ticket)))
        }
        PublicFrame::Done(done) => {
            let asked = shared.steps_asked.borrow();
            let reason = asked.get(&(outbox, done.request)).filter(|reason| !log.has_step(reason));
            reason.map(|reason| (Check::Durable, format!("the step {reason:?} is done")))
        }
        PublicFrame::Refused(refused) => self::refused(log, who, refused),
        PublicFrame::Message(message) if who.role == Role::Customer && log.is_note(&message.text) => {
            Some((Check::Private, format!("{:?} is told the note {:?}", who.person, message.text)))
        }
        PublicFrame::Message(_)
        | PublicFrame::OwnMessage(_)
        | PublicFrame::Opened(_)
        | PublicFrame::Assigned(_)
        | PublicFrame::Advanced(_)
        | PublicFrame::MemberAdded(_)
        | PublicFrame::CustomerTold(_)
        | PublicFrame::CategoryChanged(_)
        | PublicFrame::Founded(_)
        | PublicFrame::Entered(_)
        | PublicFrame::Departed(_)
        | PublicFrame::PostDeleted(_)
        | PublicFrame::SlowMode(_)
        | PublicFrame::PhaseChanged(_) => event(log, who, &frame.clone().into(), Told::Live),
        PublicFrame::TicketReady(_)
        | PublicFrame::TurnedAway(_)
        | PublicFrame::Welcome(_)
        | PublicFrame::History(_)
        | PublicFrame::TypingNow(_)
        | PublicFrame::Presence(_)
        | PublicFrame::Position(_)
        | PublicFrame::Goodbye(_)
        | PublicFrame::ReadMarks(_)
        | PublicFrame::Notified(_)
        | PublicFrame::Notices(_)
        | PublicFrame::NoticesRead(_)
        | PublicFrame::DiscussionJoined(_)
        | PublicFrame::Discussions(_)
        | PublicFrame::Crowd(_)
        | PublicFrame::ModeratedYou(_)
        | PublicFrame::Pong(_) => None,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Live,
    InPage { head: u32 },
}

fn numbers(log: &Log, ticket: TicketId, who: &Who) -> u32 {
    log.numbers(ticket, who.person)
}

fn head_for(log: &Log, who: &Who, ticket: TicketId) -> u32 {
    log.number_for(who.role, ticket, log.head(ticket))
}

/// Whether somebody who is no member hears a ticket, and its log does not say so.
fn watches_unsaid(log: &Log, who: &Who, ticket: TicketId) -> bool {
    let said = |outline: &deskwire::domain::outline::Outline| {
        outline.member(who.person).is_some() || outline.watchers().iter().any(|one| one.person == who.person)
    };
    who.may_watch() && !log.newest(ticket).is_some_and(said)
}

fn refused(log: &Log, who: &Who, refused: &Refused) -> Wrong {
    let known = numbers(log, refused.ticket, who);
    (refused.expected > known + 1).then(|| (Check::Durable, format!("{} is expected after {known}", refused.expected)))
}

fn acknowledged(log: &Log, who: &Who, answer: &Acknowledged) -> Wrong {
    let Acknowledged { ticket, number, seq, .. } = *answer;
    let words = || format!("number {number} of {:?} is acknowledged at {seq} of {ticket:?}", who.person);
    let Some(event) = log.seq_for(who.role, ticket, seq).and_then(|seq| log.event(ticket, seq)) else {
        return Some((Check::Durable, words()));
    };
    let member = log.newest(ticket).and_then(|outline| outline.member(who.person));
    let is_it = match &**event {
        Event::Posted(posted) => posted.number == number && Some(posted.author) == member,
        Event::Noted(noted) => noted.number == number && noted.person == who.person,
        Event::Opened(_)
        | Event::Assigned(_)
        | Event::Advanced(_)
        | Event::MemberAdded(_)
        | Event::PhaseChanged(_)
        | Event::CustomerTold(_)
        | Event::AgentSilent(_)
        | Event::CategoryChanged(_)
        | Event::WatchBegan(_)
        | Event::WatchEnded(_)
        | Event::Acted(_)
        | Event::Founded(_)
        | Event::Entered(_)
        | Event::Departed(_)
        | Event::Moderated(_) => false,
    };
    (!is_it).then(|| (Check::ExactlyOnce, format!("{}, where {event:?} stands", words())))
}

fn page(log: &Log, who: &Who, ticket: TicketId, head: u32, events: Vec<ServerFrame>) -> Wrong {
    if head > head_for(log, who, ticket) {
        return Some((Check::Durable, format!("a page of {ticket:?} names the head {head}")));
    }
    let mut last = None;
    for frame in events {
        let seq = seq_of(&frame)?;
        if last.is_some_and(|last: u32| seq != last + 1) {
            return Some((Check::Gapless, format!("{seq} follows {last:?} in a page")));
        }
        last = Some(seq);
        if let Some(wrong) = event(log, who, &frame, Told::InPage { head }) {
            return Some(wrong);
        }
    }
    None
}

fn event(log: &Log, who: &Who, frame: &ServerFrame, told: Told) -> Wrong {
    let (number, ticket) = (seq_of(frame)?, of_ticket(frame)?);
    let place = log.seq_for(who.role, ticket, number).and_then(|seq| Some((seq, log.event(ticket, seq)?)));
    let Some((seq, event)) = place else {
        return Some((Check::Durable, format!("{:?} is told {number} of {ticket:?}: {frame:?}", who.person)));
    };
    let newest = log.newest(ticket)?;
    let sight = view::sight(event, who.person, newest.member(who.person));
    let expected = match who.role {
        Role::Customer => view::public(ticket, number, event, sight).map(ServerFrame::Public),
        Role::Agent | Role::Supervisor | Role::Admin => view::staff(ticket, seq, event, sight),
    };
    if Some(frame) != expected.as_ref() {
        return Some((Check::Gapless, format!("{frame:?} is told, {event:?} is the log")));
    }
    let may = |seq| log.outline(ticket, seq).is_some_and(|outline| outline.may_read(who));
    let allowed = match told {
        // Who loses the right by an event hears of that.
        Told::Live => may(seq) || may(seq - 1),
        // A page shows all to whoever may read at its head.
        Told::InPage { head } => log.seq_for(who.role, ticket, head).is_some_and(may),
    };
    (!allowed).then(|| (Check::Private, format!("{:?} is told {seq} of {ticket:?}", who.person)))
}

/// The ticket of an event's frame, or of what else matters to delivery.
fn of_ticket(frame: &ServerFrame) -> Option<TicketId> {
    match frame {
        ServerFrame::Public(frame) => ticket_of(frame),
        ServerFrame::Staff(frame) => heard_by(frame),
    }
}

/// The ticket that a frame is about, where it matters to delivery.
pub fn ticket_of(frame: &PublicFrame) -> Option<TicketId> {
    match frame {
        PublicFrame::Acknowledged(frame) => Some(frame.ticket),
        PublicFrame::Message(frame) => Some(frame.ticket),
        PublicFrame::OwnMessage(frame) => Some(frame.ticket),
        PublicFrame::Opened(frame) => Some(frame.ticket),
        PublicFrame::Assigned(frame) => Some(frame.ticket),
        PublicFrame::Advanced(frame) => Some(frame.ticket),
        PublicFrame::MemberAdded(frame) => Some(frame.ticket),
        PublicFrame::PhaseChanged(frame) => Some(frame.ticket),
        PublicFrame::CustomerTold(frame) => Some(frame.ticket),
        PublicFrame::CategoryChanged(frame) => Some(frame.ticket),
        PublicFrame::Founded(frame) => Some(frame.ticket),
        PublicFrame::Entered(frame) => Some(frame.ticket),
        PublicFrame::Departed(frame) => Some(frame.ticket),
        PublicFrame::PostDeleted(frame) => Some(frame.ticket),
        PublicFrame::SlowMode(frame) => Some(frame.ticket),
        PublicFrame::DiscussionJoined(frame) => Some(frame.ticket),
        PublicFrame::Joined(frame) => Some(frame.ticket),
        PublicFrame::Page(frame) => Some(frame.ticket),
        PublicFrame::Refused(frame) => Some(frame.ticket),
        PublicFrame::Welcome(_)
        | PublicFrame::Done(_)
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
        | PublicFrame::Discussions(_)
        | PublicFrame::Crowd(_)
        | PublicFrame::ModeratedYou(_)
        | PublicFrame::Pong(_) => None,
    }
}
