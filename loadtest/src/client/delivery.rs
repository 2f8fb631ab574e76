//! The delivery rule of a client, for one ticket: what it has seen without a gap, what it said, and what to ask next.
//!
//! Pure: frames and the time in milliseconds come in, effects go out. No socket, no clock, no runtime; the load client
//! and any simulation run the very same machine.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use deskwire_protocol::kinds::{Join, Joined, OwnMessage, Page, Refused};
use deskwire_protocol::limits::RESEND_AFTER_MS;
use deskwire_protocol::{ClientFrame, PublicFrame, Refusal, ServerFrame, StreamId, TicketId};

use super::outgoing::{Outgoing, PAUSE_MS_MIN, Settled, Underway};
use crate::random::Random;

/// An acknowledgement names a place; the events before it must be here after this long, in milliseconds.
pub const BEHIND_MS_MAX: u64 = 1_000;
/// Wait before asking again after a page that brought nothing of use, in milliseconds.
const ASK_AGAIN_MS: u64 = 1_000;
/// Own places known by an acknowledgement alone, whose event may still come.
const COVERED_KEPT: usize = 64;

/// What the machine wants done, or has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send this.
    Send(ClientFrame),
    /// The next event of the ticket, each exactly once and in order.
    Event {
        /// Its place.
        seq: u32,
        /// The event's frame.
        event: PublicFrame,
    },
    /// The next event of the ticket is a post of ours, known by its acknowledgement.
    Own {
        /// Its place.
        seq: u32,
        /// What we said.
        text: Arc<str>,
    },
    /// A post of ours is on disk.
    Acknowledged {
        /// The caller's mark.
        tag: u64,
        /// The stream it was posted on.
        stream: StreamId,
        /// Its number there.
        number: u32,
        /// Its place.
        seq: u32,
    },
    /// A post of ours was refused for good and is dropped.
    Refused {
        /// The caller's mark.
        tag: u64,
        /// The refusal's number.
        code: u16,
    },
    /// What the ticket is; the last page follows.
    Joined(Joined),
    /// Everything on disk has been seen and what comes now is live.
    Live,
    /// The ticket cannot be heard; the refusal's number.
    Failed(u16),
    /// What was seen is dropped: the view begins again at 1.
    Restarted,
    /// The engine broke a promise.
    Breach(Breach),
}

/// A promise broken before our eyes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breach {
    /// An event came a second time.
    Repeated {
        /// Its place.
        seq: u32,
    },
    /// Places were left out.
    Gap {
        /// The place that was next.
        expected: u32,
        /// The place that came.
        got: u32,
    },
    /// One post was acknowledged at two places.
    TwoAnswers {
        /// Its number.
        number: u32,
        /// The place named first.
        first: u32,
        /// The place named then.
        then: u32,
    },
    /// The engine knows less of our stream than it has acknowledged.
    StreamLost {
        /// The highest number acknowledged.
        acknowledged: u32,
        /// The highest number the engine knows.
        known: u32,
    },
    /// We have seen more than the engine has.
    Ahead {
        /// The last place seen.
        seen: u32,
    },
    /// A post of ours stands there with another text.
    Altered {
        /// Its place.
        seq: u32,
    },
}

/// How the client stands to the ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// There is no connection.
    Away,
    /// It will ask at this time.
    Asking {
        /// When.
        at: u64,
    },
    /// It has asked and waits for a page.
    Joining {
        /// Since when.
        since: u64,
    },
    /// It hears the ticket.
    Live,
    /// It was refused for good.
    Failed,
}

/// What a refused post calls for.
enum Meaning {
    /// The same again after a while.
    Later,
    /// The same again after a join.
    JoinFirst,
    /// The same again from another number.
    OtherNumber,
    /// The same again on another stream.
    OtherStream,
    /// Nothing: it is refused for good.
    Never,
}

impl Meaning {
    fn of(code: u16) -> Meaning {
        let is = |refusal: Refusal| refusal.number() == code;
        match code {
            200.. => Meaning::Later,
            _ if is(Refusal::NotJoined) => Meaning::JoinFirst,
            _ if is(Refusal::OutOfOrder) => Meaning::OtherNumber,
            _ if is(Refusal::StreamConflict) || is(Refusal::StreamUnknown) || is(Refusal::StreamForgotten) => {
                Meaning::OtherStream
            }
            _ => Meaning::Never,
        }
    }
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
    seen: u32,
    outgoing: Outgoing,
    /// The stream that the next join names and that is in use from the last page on.
    fresh: Option<StreamId>,
    streams: Random,
    /// Own posts whose place is beyond the next one, and since when there are such.
    ahead: BTreeMap<u32, Arc<str>>,
    behind_since: u64,
    covered: VecDeque<u32>,
}

impl Delivery {
    /// A client that has seen nothing; `seed` is the source of its stream ids.
    pub fn new(ticket: TicketId, seed: u64) -> Delivery {
        let mut streams = Random::new(seed);
        let stream = streams.stream();
        Delivery {
            ticket,
            phase: Phase::Away,
            seen: 0,
            outgoing: Outgoing::new(ticket, stream),
            fresh: None,
            streams,
            ahead: BTreeMap::new(),
            behind_since: 0,
            covered: VecDeque::new(),
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
        self.seen
    }

    /// The sending half.
    pub fn outgoing(&self) -> &Outgoing {
        &self.outgoing
    }

    /// Says something; it goes with the next [`Delivery::tick`] that has room for it.
    pub fn say(&mut self, text: Arc<str>, tag: u64) {
        self.outgoing.say(text, tag);
    }

    /// There is a connection that has been welcomed: resume.
    pub fn connected(&mut self, now: u64, out: &mut Vec<Effect>) {
        self.outgoing.rewind_all();
        self.join(now, out);
    }

    /// The connection is gone.
    pub fn disconnected(&mut self) {
        if self.phase != Phase::Failed {
            self.phase = Phase::Away;
        }
        self.outgoing.rewind_all();
    }

    /// The store is another one (its epoch changed): drop the copy and the position, take a new stream.
    pub fn forget(&mut self, out: &mut Vec<Effect>) {
        self.restart(out);
        self.fresh = Some(self.streams.stream());
    }

    /// Time has come to `now`; `budget` more posts may go on this connection.
    pub fn tick(&mut self, now: u64, budget: usize, out: &mut Vec<Effect>) {
        match self.phase {
            Phase::Asking { at } if at <= now => self.join(now, out),
            Phase::Joining { since } if since + RESEND_AFTER_MS <= now => self.join(now, out),
            Phase::Live => {
                if let Some((&got, _)) = self
                    .ahead
                    .first_key_value()
                    .filter(|_| self.behind_since + BEHIND_MS_MAX <= now)
                {
                    return self.gap(got, now, out);
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
                let behind = (!self.ahead.is_empty()).then_some(self.behind_since + BEHIND_MS_MAX);
                [behind, self.outgoing.due()].into_iter().flatten().min()
            }
            Phase::Away | Phase::Failed => None,
        }
    }

    /// A frame of this ticket came. Frames that say nothing about delivery are passed over.
    pub fn hear(&mut self, frame: PublicFrame, now: u64, out: &mut Vec<Effect>) {
        if let Some(seq) = seq_of(&frame) {
            return self.event(seq, frame, Source::Live, now, out);
        }
        match frame {
            PublicFrame::Acknowledged(answer) => self.acknowledged(answer.number, answer.seq, now, out),
            PublicFrame::Refused(refused) => self.refused(&refused, now, out),
            PublicFrame::Joined(joined) => self.joined(joined, out),
            PublicFrame::Page(page) => self.page(&page, now, out),
            PublicFrame::Welcome(_)
            | PublicFrame::Done(_)
            | PublicFrame::Message(_)
            | PublicFrame::OwnMessage(_)
            | PublicFrame::History(_)
            | PublicFrame::Opened(_)
            | PublicFrame::Assigned(_)
            | PublicFrame::Advanced(_)
            | PublicFrame::MemberAdded(_)
            | PublicFrame::TypingNow(_)
            | PublicFrame::Presence(_)
            | PublicFrame::Position(_)
            | PublicFrame::TicketReady(_)
            | PublicFrame::Goodbye(_)
            | PublicFrame::Pong(_) => {}
        }
    }

    fn join(&mut self, now: u64, out: &mut Vec<Effect>) {
        self.phase = Phase::Joining { since: now };
        let stream = self.fresh.unwrap_or(self.outgoing.stream());
        out.push(Effect::Send(
            Join {
                ticket: self.ticket,
                stream,
                after: self.seen,
            }
            .into(),
        ));
    }

    /// Another stream: first the log is asked, so that what is in it on the old stream is not said again.
    fn change_stream(&mut self, now: u64, out: &mut Vec<Effect>) {
        if self.fresh.is_none() {
            self.fresh = Some(self.streams.stream());
            self.join(now, out);
        }
    }

    fn restart(&mut self, out: &mut Vec<Effect>) {
        self.seen = 0;
        self.ahead.clear();
        self.covered.clear();
        out.push(Effect::Restarted);
    }

    fn event(&mut self, seq: u32, event: PublicFrame, source: Source, now: u64, out: &mut Vec<Effect>) {
        if let PublicFrame::OwnMessage(own) = &event {
            self.own(own, out);
        }
        if seq <= self.seen {
            return self.again(seq, source, out);
        }
        if seq > self.seen + 1 {
            return match (source, self.phase) {
                (Source::Live, Phase::Live) | (Source::Page, _) => self.gap(seq, now, out),
                // A page is on its way and will bring it.
                (Source::Live, _) => {}
            };
        }
        self.seen = seq;
        out.push(Effect::Event { seq, event });
        self.close_up(now, out);
    }

    /// Own posts known by their acknowledgement take their place once everything before them is here.
    fn close_up(&mut self, now: u64, out: &mut Vec<Effect>) {
        while let Some(first) = self.ahead.first_entry().filter(|first| *first.key() <= self.seen + 1) {
            let (seq, text) = first.remove_entry();
            if seq == self.seen + 1 {
                self.seen = seq;
                if self.covered.len() == COVERED_KEPT {
                    self.covered.pop_front();
                }
                self.covered.push_back(seq);
                out.push(Effect::Own { seq, text });
            }
            self.behind_since = now;
        }
    }

    fn again(&mut self, seq: u32, source: Source, out: &mut Vec<Effect>) {
        let covered = self.covered.iter().position(|known| *known == seq);
        if let Some(at) = covered {
            self.covered.remove(at);
        } else if source == Source::Live && self.phase == Phase::Live {
            out.push(Effect::Breach(Breach::Repeated { seq }));
        }
    }

    fn gap(&mut self, got: u32, now: u64, out: &mut Vec<Effect>) {
        out.push(Effect::Breach(Breach::Gap {
            expected: self.seen + 1,
            got,
        }));
        self.behind_since = now;
        match self.phase {
            Phase::Live => self.join(now, out),
            Phase::Away | Phase::Asking { .. } | Phase::Joining { .. } | Phase::Failed => {
                self.phase = Phase::Asking { at: now + ASK_AGAIN_MS };
            }
        }
    }

    fn own(&mut self, own: &OwnMessage, out: &mut Vec<Effect>) {
        if own.stream != self.outgoing.stream() {
            return;
        }
        if let Some(post) = self.settle(own.number, own.seq, out)
            && *post.text != *own.text
        {
            out.push(Effect::Breach(Breach::Altered { seq: own.seq }));
        }
    }

    fn acknowledged(&mut self, number: u32, seq: u32, now: u64, out: &mut Vec<Effect>) {
        let Some(post) = self.settle(number, seq, out) else {
            return;
        };
        if seq > self.seen {
            if self.ahead.is_empty() {
                self.behind_since = now;
            }
            self.ahead.insert(seq, post.text);
            self.close_up(now, out);
        }
    }

    fn settle(&mut self, number: u32, seq: u32, out: &mut Vec<Effect>) -> Option<Underway> {
        match self.outgoing.settle(number, seq) {
            Settled::Now(post) => {
                let stream = self.outgoing.stream();
                out.push(Effect::Acknowledged {
                    tag: post.tag,
                    stream,
                    number,
                    seq,
                });
                Some(post)
            }
            Settled::Before => None,
            Settled::Differently { first } => {
                out.push(Effect::Breach(Breach::TwoAnswers {
                    number,
                    first,
                    then: seq,
                }));
                None
            }
        }
    }

    fn joined(&mut self, joined: Joined, out: &mut Vec<Effect>) {
        let acknowledged = self.outgoing.acknowledged();
        if self.fresh.is_none() && joined.stream_head < acknowledged {
            out.push(Effect::Breach(Breach::StreamLost {
                acknowledged,
                known: joined.stream_head,
            }));
        }
        out.push(Effect::Joined(joined));
    }

    fn page(&mut self, page: &Page, now: u64, out: &mut Vec<Effect>) {
        let (before, phase) = (self.seen, self.phase);
        for frame in page.events.iter() {
            let Ok(ServerFrame::Public(event)) = frame.and_then(ServerFrame::decode) else {
                continue;
            };
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
        match page.more {
            true if self.seen > before => self.join(now, out),
            true => self.phase = Phase::Asking { at: now + ASK_AGAIN_MS },
            false if self.seen < page.head => self.gap(page.head, now, out),
            false => self.live(out),
        }
    }

    fn live(&mut self, out: &mut Vec<Effect>) {
        self.phase = Phase::Live;
        if let Some(stream) = self.fresh.take() {
            self.outgoing.take_stream(stream);
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
            out.push(Effect::Breach(Breach::Ahead { seen: self.seen }));
            self.forget(out);
            self.join(now, out);
        } else if refused.code >= 200 {
            self.phase = Phase::Asking {
                at: now + u64::from(refused.retry_ms).max(PAUSE_MS_MIN),
            };
        } else {
            self.phase = Phase::Failed;
            out.push(Effect::Failed(refused.code));
        }
    }

    fn post_refused(&mut self, number: u32, refused: &Refused, now: u64, out: &mut Vec<Effect>) {
        match Meaning::of(refused.code) {
            Meaning::Later => self.outgoing.rewind_from(number, now, u64::from(refused.retry_ms)),
            Meaning::JoinFirst if self.phase == Phase::Live => {
                self.outgoing.rewind_all();
                self.join(now, out);
            }
            // A join is on its way already.
            Meaning::JoinFirst => {}
            Meaning::OtherStream => self.change_stream(now, out),
            Meaning::OtherNumber => self.out_of_order(refused.expected, now, out),
            // Its number is not used up; what follows it goes on another stream, as numbers stay bound to their texts.
            Meaning::Never => {
                if let Some(post) = self.outgoing.give_up(number) {
                    out.push(Effect::Refused {
                        tag: post.tag,
                        code: refused.code,
                    });
                }
                self.change_stream(now, out);
            }
        }
    }

    fn out_of_order(&mut self, expected: u32, now: u64, out: &mut Vec<Effect>) {
        let acknowledged = self.outgoing.acknowledged();
        if self.fresh.is_some() {
            // The numbers of the stream that is being left do not matter any more.
        } else if expected <= acknowledged {
            out.push(Effect::Breach(Breach::StreamLost {
                acknowledged,
                known: expected.saturating_sub(1),
            }));
            self.change_stream(now, out);
        } else if expected > self.outgoing.next_number() {
            self.change_stream(now, out);
        } else {
            // From the oldest: those before `expected` get their acknowledgement again.
            self.outgoing.rewind_from(0, now, PAUSE_MS_MIN);
        }
    }
}

/// The place of an event's frame; none for any other frame.
pub fn seq_of(frame: &PublicFrame) -> Option<u32> {
    match frame {
        PublicFrame::Message(event) => Some(event.seq),
        PublicFrame::OwnMessage(event) => Some(event.seq),
        PublicFrame::Opened(event) => Some(event.seq),
        PublicFrame::Assigned(event) => Some(event.seq),
        PublicFrame::Advanced(event) => Some(event.seq),
        PublicFrame::MemberAdded(event) => Some(event.seq),
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
        | PublicFrame::Goodbye(_)
        | PublicFrame::Pong(_) => None,
    }
}
