//! What each frame on its way to a client must satisfy, held against what a power cut at this moment would leave.

use deskwire::domain::view;
use deskwire::domain::who::Who;
use deskwire_loadtest::client::event::LogEvent;
use deskwire_protocol::kinds::{Acknowledged, Page, PublicFrame, Refused, StaffFrame};
use deskwire_protocol::{ServerFrame, TicketId};

use crate::log::Log;
use crate::shared::{Check, Shared};

/// Checks one frame for one connection.
pub fn check(shared: &Shared, outbox: u64, who: &Who, frame: &ServerFrame) {
    let log = shared.log.borrow();
    let wrong = match frame {
        ServerFrame::Public(frame) => public(shared, &log, outbox, who, frame),
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
        PublicFrame::Page(page) => self::page(log, who, page),
        PublicFrame::Joined(joined) if joined.head > log.head(joined.ticket) => {
            Some((Check::Durable, format!("joined at {} of {:?}", joined.head, joined.ticket)))
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
        PublicFrame::Message(_)
        | PublicFrame::OwnMessage(_)
        | PublicFrame::Opened(_)
        | PublicFrame::Assigned(_)
        | PublicFrame::Advanced(_)
        | PublicFrame::MemberAdded(_)
        | PublicFrame::PhaseChanged(_) => event(log, who, frame, Told::Live),
        PublicFrame::TicketReady(_)
        | PublicFrame::Welcome(_)
        | PublicFrame::History(_)
        | PublicFrame::TypingNow(_)
        | PublicFrame::Presence(_)
        | PublicFrame::Position(_)
        | PublicFrame::Goodbye(_)
        | PublicFrame::Pong(_) => None,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Live,
    InPage { head: u32 },
}

fn numbers(log: &Log, ticket: TicketId, who: &Who) -> u32 {
    let member = log.newest(ticket).and_then(|outline| outline.member(who.person));
    member.map_or(0, |member| log.numbers(ticket, member))
}

fn refused(log: &Log, who: &Who, refused: &Refused) -> Wrong {
    let known = numbers(log, refused.ticket, who);
    (refused.expected > known + 1).then(|| (Check::Durable, format!("{} is expected after {known}", refused.expected)))
}

fn acknowledged(log: &Log, who: &Who, answer: &Acknowledged) -> Wrong {
    let Acknowledged { ticket, number, seq, .. } = *answer;
    let words = || format!("number {number} of {:?} is acknowledged at {seq} of {ticket:?}", who.person);
    let Some(event) = log.event(ticket, seq) else {
        return Some((Check::Durable, words()));
    };
    let member = log.newest(ticket).and_then(|outline| outline.member(who.person));
    let is_it = matches!(&**event, deskwire::domain::event::Event::Posted(posted)
        if posted.number == number && Some(posted.author) == member);
    (!is_it).then(|| (Check::ExactlyOnce, format!("{}, where {event:?} stands", words())))
}

fn page(log: &Log, who: &Who, page: &Page) -> Wrong {
    if page.head > log.head(page.ticket) {
        return Some((Check::Durable, format!("a page of {:?} names the head {}", page.ticket, page.head)));
    }
    let mut last = None;
    for frame in page.events.iter() {
        let Ok(ServerFrame::Public(frame)) = frame.and_then(ServerFrame::decode) else {
            return Some((Check::Gapless, "a page that cannot be read".into()));
        };
        let seq = LogEvent::of(&frame)?.seq();
        if last.is_some_and(|last: u32| seq != last + 1) {
            return Some((Check::Gapless, format!("{seq} follows {last:?} in a page")));
        }
        last = Some(seq);
        if let Some(wrong) = event(log, who, &frame, Told::InPage { head: page.head }) {
            return Some(wrong);
        }
    }
    None
}

fn event(log: &Log, who: &Who, frame: &PublicFrame, told: Told) -> Wrong {
    let (seq, ticket) = (LogEvent::of(frame)?.seq(), ticket_of(frame)?);
    let Some(event) = log.event(ticket, seq) else {
        return Some((Check::Durable, format!("{:?} is told {seq} of {ticket:?}: {frame:?}", who.person)));
    };
    let newest = log.newest(ticket)?;
    let sight = view::sight(event, newest.member(who.person));
    if *frame != view::frame(ticket, seq, event, sight) {
        return Some((Check::Gapless, format!("{frame:?} is told, {event:?} is the log")));
    }
    let may = |seq| log.outline(ticket, seq).is_some_and(|outline| outline.may_read(who));
    let allowed = match told {
        // Who loses the right by an event hears of that.
        Told::Live => may(seq) || may(seq - 1),
        // A page shows all to whoever may read at its head.
        Told::InPage { head } => may(head),
    };
    (!allowed).then(|| (Check::Private, format!("{:?} is told {seq} of {ticket:?}", who.person)))
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
        | PublicFrame::Goodbye(_)
        | PublicFrame::Pong(_) => None,
    }
}
