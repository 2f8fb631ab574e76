//! The delivery rule of a client, for one ticket: what it has seen without a gap, what it said, and what to ask next.
//!
//! Pure: frames and the time in milliseconds come in, effects go out. No socket, no clock, no runtime; the load client
//! and any simulation run the very same machine.

use std::sync::Arc;

use deskwire_protocol::kinds::{Join, Joined, Refused};
use deskwire_protocol::limits::RESEND_AFTER_MS;
use deskwire_protocol::{NoteKind, PublicFrame, Refusal, ServerFrame, StreamId, TicketId};

use super::effect::{Breach, Effect, Meaning};
use super::event::{AnyPage, own_of, page_of, seq_of};
use super::outgoing::{Outgoing, PAUSE_MS_MIN, Said, Settled, Underway};
use super::view::View;
use crate::random::Random;

pub use super::phase::Phase;

/// Wait before asking again after a page that brought nothing of use, in milliseconds.
const ASK_AGAIN_MS: u64 = 1_000;

/// A stream that is to be used instead. It waits until everything sent on the old one has an answer, which comes only
/// once what was accepted before is on disk; then the log is asked, so that nothing in it is said a second time.
#[derive(Clone, Copy, Debug)]
struct Fresh {
    stream: StreamId,
    since: u64,
    asked: bool,
}

/// Where an event came from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Live,
    Page,
}

/// One client at one ticket.
#[derive(Clone, Debug)]
pub struct Delivery {
    ticket: TicketId,
    phase: Phase,
    view: View,
    outgoing: Outgoing,
    fresh: Option<Fresh>,
    streams: Random,
}

impl Delivery {
    /// A client that has seen nothing; `seed` is the source of its stream ids.
    pub fn new(ticket: TicketId, seed: u64) -> Delivery {
        let mut streams = Random::new(seed);
        let stream = streams.stream();
        Delivery {
            ticket,
            phase: Phase::Away,
            view: View::default(),
            outgoing: Outgoing::new(ticket, stream),
            fresh: None,
            streams,
        }
    }

    /// The ticket.
    pub fn ticket(&self) -> TicketId {
        self.ticket
    }

    /// How the client stands to the ticket.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// The last place seen; everything up to it was seen.
    pub fn seen(&self) -> u32 {
        self.view.seen()
    }

    /// The sending half.
    pub fn outgoing(&self) -> &Outgoing {
        &self.outgoing
    }

    /// Says something; it goes with the next [`Delivery::tick`] that has room for it.
    pub fn say(&mut self, text: Arc<str>, tag: u64) {
        self.outgoing.say(text, Said::Post, tag);
    }

    /// Says something to staff alone, numbered like the posts.
    pub fn note(&mut self, text: Arc<str>, note: NoteKind, tag: u64) {
        self.outgoing.say(text, Said::Note(note), tag);
    }

    /// Drops what was never sent on any connection; how much that was.
    pub fn drop_unsent(&mut self) -> usize {
        self.outgoing.drop_unsent()
    }

    /// There is a connection that has been welcomed: resume.
    pub fn connected(&mut self, now: u64, out: &mut Vec<Effect>) {
        self.outgoing.rewind_all();
        self.join(now, out);
    }

    /// The right to hear the ticket may have been lost and come back: asks anew, on the same connection.
    pub fn rejoin(&mut self, now: u64, out: &mut Vec<Effect>) {
        if self.phase != Phase::Away {
            self.join(now, out);
        }
    }

    /// The connection is gone.
    pub fn disconnected(&mut self) {
        if self.phase != Phase::Failed {
            self.phase = Phase::Away;
        }
        // What the old connection still carries is decided on the old stream: only that can tell what became of it.
        self.fresh = None;
        self.outgoing.rewind_all();
    }

    /// The store is another one (its epoch changed): drop the copy and the position, take a new stream.
    pub fn forget(&mut self, out: &mut Vec<Effect>) {
        self.view = View::default();
        self.fresh = None;
        self.outgoing.take_stream(self.streams.stream());
        out.push(Effect::Restarted);
    }

    /// Time has come to `now`; `budget` more posts may go on this connection.
    pub fn tick(&mut self, now: u64, budget: usize, out: &mut Vec<Effect>) {
        match self.phase {
            Phase::Asking { at } if at <= now => self.join(now, out),
            Phase::Joining { since } if since + RESEND_AFTER_MS <= now => self.join(now, out),
            Phase::Live => {
                if let Some(got) = self.view.behind(now) {
                    return self.gap(got, now, out);
                }
                if self.fresh.is_some() {
                    return self.go_on_changing(now, out);
                }
                self.outgoing.pump(now, budget, |frame| out.push(Effect::Send(frame)));
            }
            Phase::Away | Phase::Asking { .. } | Phase::Joining { .. } | Phase::Failed => {}
        }
    }

    /// When [`Delivery::tick`] has something to do by the clock alone.
    pub fn due(&self) -> Option<u64> {
        match self.phase {
            Phase::Asking { at } => Some(at),
            Phase::Joining { since } => Some(since + RESEND_AFTER_MS),
            Phase::Live => {
                let change = self.fresh.map(|fresh| fresh.since + RESEND_AFTER_MS);
                [self.view.behind_at(), change.or(self.outgoing.due())].into_iter().flatten().min()
            }
            Phase::Away | Phase::Failed => None,
        }
    }

    /// A frame of this ticket came. Frames that say nothing about delivery are passed over.
    pub fn hear(&mut self, frame: impl Into<ServerFrame>, now: u64, out: &mut Vec<Effect>) {
        let frame = frame.into();
        if let Some(seq) = seq_of(&frame) {
            return self.event(seq, frame, Source::Live, now, out);
        }
        let frame = match page_of(frame).map_err(|frame| *frame) {
            Ok(page) => return self.page(page, now, out),
            Err(ServerFrame::Public(frame)) => frame,
            Err(ServerFrame::Staff(_)) => return,
        };
        match frame {
            PublicFrame::Acknowledged(answer) => self.acknowledged(answer.number, answer.seq, now, out),
            PublicFrame::Refused(refused) => self.refused(&refused, now, out),
            PublicFrame::Joined(joined) => self.joined(joined, out),
            PublicFrame::DiscussionJoined(joined) => self.stream_is_at(joined.stream_head, out),
            PublicFrame::Page(_) | PublicFrame::Welcome(_) | PublicFrame::Done(_) | PublicFrame::History(_) => {}
            PublicFrame::Message(_) | PublicFrame::OwnMessage(_) | PublicFrame::Opened(_) => {}
            PublicFrame::Assigned(_) | PublicFrame::Advanced(_) | PublicFrame::MemberAdded(_) => {}
            PublicFrame::PhaseChanged(_) | PublicFrame::CategoryChanged(_) => {}
            PublicFrame::TypingNow(_) | PublicFrame::Presence(_) => {}
            PublicFrame::Position(_) | PublicFrame::TicketReady(_) | PublicFrame::Goodbye(_) => {}
            PublicFrame::Founded(_) | PublicFrame::Entered(_) | PublicFrame::Departed(_) => {}
            PublicFrame::PostDeleted(_) | PublicFrame::SlowMode(_) | PublicFrame::Discussions(_) => {}
            PublicFrame::ReadMarks(_) | PublicFrame::Notified(_) | PublicFrame::Notices(_) => {}
            PublicFrame::NoticesRead(_) | PublicFrame::CustomerTold(_) | PublicFrame::TurnedAway(_) => {}
            PublicFrame::Crowd(_) | PublicFrame::ModeratedYou(_) | PublicFrame::Pong(_) => {}
        }
    }

    fn join(&mut self, now: u64, out: &mut Vec<Effect>) {
        self.phase = Phase::Joining { since: now };
        let mut stream = self.outgoing.stream();
        if let Some(fresh) = &mut self.fresh
            && (self.outgoing.is_answered() || fresh.since + RESEND_AFTER_MS <= now)
        {
            fresh.asked = true;
            stream = fresh.stream;
        }
        out.push(Effect::Send(Join { ticket: self.ticket, stream, after: self.view.seen() }.into()));
    }

    fn change_stream(&mut self, now: u64, out: &mut Vec<Effect>) {
        if self.fresh.is_none() {
            self.fresh = Some(Fresh { stream: self.streams.stream(), since: now, asked: false });
        }
        self.go_on_changing(now, out);
    }

    /// Asks the log, once the old stream has all its answers.
    fn go_on_changing(&mut self, now: u64, out: &mut Vec<Effect>) {
        let Some(fresh) = self.fresh.filter(|fresh| !fresh.asked && self.phase == Phase::Live) else { return };
        if self.outgoing.is_answered() || fresh.since + RESEND_AFTER_MS <= now {
            self.join(now, out);
        }
    }

    fn event(&mut self, seq: u32, event: ServerFrame, source: Source, now: u64, out: &mut Vec<Effect>) {
        own_of(&event).into_iter().for_each(|own| self.own(own, out));
        if seq <= self.view.seen() {
            return self.again(seq, source, out);
        }
        if seq > self.view.seen() + 1 {
            return match (source, self.phase) {
                (Source::Live, Phase::Live) | (Source::Page, _) => self.gap(seq, now, out),
                // A page is on its way and will bring it.
                (Source::Live, _) => {}
            };
        }
        self.view.see(seq, event, now, out);
    }

    fn again(&mut self, seq: u32, source: Source, out: &mut Vec<Effect>) {
        if !self.view.uncover(seq) && source == Source::Live && self.phase == Phase::Live {
            out.push(Effect::Breach(Breach::Repeated { seq }));
        }
    }

    fn gap(&mut self, got: u32, now: u64, out: &mut Vec<Effect>) {
        out.push(Effect::Breach(Breach::Gap { expected: self.view.seen() + 1, got }));
        self.view.wait_again(now);
        match self.phase {
            Phase::Live => self.join(now, out),
            Phase::Away | Phase::Asking { .. } | Phase::Joining { .. } | Phase::Failed => {
                self.phase = Phase::Asking { at: now + ASK_AGAIN_MS };
            }
        }
    }

    fn own(&mut self, (stream, number, seq, text): (StreamId, u32, u32, &str), out: &mut Vec<Effect>) {
        if stream == self.outgoing.stream()
            && let Some(post) = self.settle(number, seq, out)
            && *post.text != *text
        {
            out.push(Effect::Breach(Breach::Altered { seq }));
        }
    }

    fn acknowledged(&mut self, number: u32, seq: u32, now: u64, out: &mut Vec<Effect>) {
        let Some(post) = self.settle(number, seq, out) else {
            return;
        };
        self.view.cover(seq, (post.text, post.said), now, out);
    }

    fn settle(&mut self, number: u32, seq: u32, out: &mut Vec<Effect>) -> Option<Underway> {
        match self.outgoing.settle(number, seq) {
            Settled::Now(post) => {
                let stream = self.outgoing.stream();
                out.push(Effect::Acknowledged { tag: post.tag, stream, number, seq });
                Some(post)
            }
            Settled::Before => None,
            Settled::Differently { first } => {
                out.push(Effect::Breach(Breach::TwoAnswers { number, first, then: seq }));
                None
            }
        }
    }

    fn stream_is_at(&mut self, known: u32, out: &mut Vec<Effect>) {
        let acknowledged = self.outgoing.acknowledged();
        if self.fresh.is_none() && known < acknowledged {
            out.push(Effect::Breach(Breach::StreamLost { acknowledged, known }));
        }
    }

    fn joined(&mut self, joined: Joined, out: &mut Vec<Effect>) {
        self.stream_is_at(joined.stream_head, out);
        out.push(Effect::Joined(joined));
    }

    fn page(&mut self, AnyPage { events, head, more }: AnyPage, now: u64, out: &mut Vec<Effect>) {
        let (before, phase) = (self.view.seen(), self.phase);
        for event in events {
            if let Some(seq) = seq_of(&event) {
                self.event(seq, event, Source::Page, now, out);
            }
            if self.phase != phase {
                return;
            }
        }
        if !matches!(self.phase, Phase::Joining { .. }) {
            return;
        }
        match more {
            true if self.view.seen() > before => self.join(now, out),
            true => self.phase = Phase::Asking { at: now + ASK_AGAIN_MS },
            false if self.view.seen() < head => self.gap(head, now, out),
            false => self.live(out),
        }
    }

    fn live(&mut self, out: &mut Vec<Effect>) {
        self.phase = Phase::Live;
        if let Some(fresh) = self.fresh.take_if(|fresh| fresh.asked) {
            for (post, code) in self.outgoing.give_up_refused() {
                out.push(Effect::Refused { tag: post.tag, code });
            }
            self.outgoing.take_stream(fresh.stream);
        }
        out.push(Effect::Live);
    }

    fn refused(&mut self, refused: &Refused, now: u64, out: &mut Vec<Effect>) {
        match refused.number {
            0 => self.join_refused(refused, now, out),
            number => self.post_refused(number, refused, now, out),
        }
    }

    fn join_refused(&mut self, refused: &Refused, now: u64, out: &mut Vec<Effect>) {
        if refused.code == Refusal::Ahead.number() {
            out.push(Effect::Breach(Breach::Ahead { seen: self.view.seen() }));
            self.forget(out);
            self.join(now, out);
        } else if refused.code >= 200 {
            self.phase = Phase::Asking { at: now + u64::from(refused.retry_ms).max(PAUSE_MS_MIN) };
        } else {
            self.phase = Phase::Failed;
            out.push(Effect::Failed(refused.code));
        }
    }

    fn post_refused(&mut self, number: u32, refused: &Refused, now: u64, out: &mut Vec<Effect>) {
        self.outgoing.answered(number);
        match Meaning::of(refused.code) {
            Meaning::Later => {
                let after_ms = self.outgoing.sent_ago(number, now);
                out.extend(after_ms.map(|after_ms| Effect::PutOff { code: refused.code, after_ms }));
                self.outgoing.rewind_from(number, now, u64::from(refused.retry_ms));
            }
            Meaning::JoinFirst if self.phase == Phase::Live => {
                self.outgoing.rewind_all();
                self.join(now, out);
            }
            // A join is on its way already.
            Meaning::JoinFirst => {}
            // Nothing of the stream is known: the first of it comes first.
            Meaning::UnknownStream if self.outgoing.acknowledged() == 0 => self.out_of_order(1, now, out),
            Meaning::OtherStream | Meaning::UnknownStream => self.change_stream(now, out),
            Meaning::OtherNumber => self.out_of_order(refused.expected, now, out),
            // Its number is not used up; what follows it goes on another stream, as numbers stay bound to their texts.
            Meaning::Never => {
                self.outgoing.refuse(number, refused.code);
                self.change_stream(now, out);
            }
        }
    }

    fn out_of_order(&mut self, expected: u32, now: u64, out: &mut Vec<Effect>) {
        let acknowledged = self.outgoing.acknowledged();
        if self.fresh.is_some() {
            return self.go_on_changing(now, out);
        }
        if expected <= acknowledged {
            out.push(Effect::Breach(Breach::StreamLost { acknowledged, known: expected.saturating_sub(1) }));
        }
        let oldest = self.outgoing.underway().next().map_or(self.outgoing.next_number(), |post| post.number);
        if (oldest..=self.outgoing.next_number()).contains(&expected) {
            // From the oldest: those before `expected` get their acknowledgement again.
            self.outgoing.rewind_from(oldest, now, PAUSE_MS_MIN);
        } else {
            // A number that nothing of ours has any more.
            self.change_stream(now, out);
        }
    }
}
