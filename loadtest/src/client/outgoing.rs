//! What one client has said into one ticket and has no acknowledgement for: numbered, in order, sent again when need be.
//!
//! A number of a stream is bound to one text for ever. Whatever would need another text under the same number takes a
//! new stream instead, so that a copy still on its way can never be taken for something else.

use std::collections::VecDeque;
use std::sync::Arc;

use deskwire_protocol::kinds::{Note, Post};
use deskwire_protocol::limits::{RESEND_AFTER_MS, STREAM_MEMORY};
use deskwire_protocol::{ClientFrame, NoteKind, StreamId, TicketId};

/// Sent and unacknowledged posts of one stream; with more, a repeat could be too far back to be told apart.
pub const WINDOW: usize = STREAM_MEMORY;
/// The least wait before something is sent again, in milliseconds: refusals of one burst come together.
pub const PAUSE_MS_MIN: u64 = 20;
/// Acknowledgements that are remembered, to see that a repeat gets the same one.
const ANSWERS_KEPT: usize = 2 * STREAM_MEMORY;

/// What a text is said as; it keeps its number either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// To all.
    Post,
    /// To staff alone.
    Note(NoteKind),
}

/// A post that is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Underway {
    /// Its number in the stream.
    pub number: u32,
    /// What is said.
    pub text: Arc<str>,
    /// To whom.
    pub said: Said,
    /// The caller's own mark of it.
    pub tag: u64,
    sent_at: Option<u64>,
    /// Why it was refused for good, if it was. Another copy of it may be on its way and be taken.
    refused: Option<u16>,
}

/// The sending half of a ticket: one stream and what is underway on it.
#[derive(Clone, Debug)]
pub struct Outgoing {
    ticket: TicketId,
    stream: StreamId,
    next: u32,
    /// In order of their numbers; the first `sent` of them were sent on this connection.
    underway: VecDeque<Underway>,
    sent: usize,
    /// The highest number sent on this connection, and the highest that has any answer on it.
    last_sent: u32,
    last_answered: u32,
    paused_until: u64,
    answers: VecDeque<(u32, u32)>,
    acknowledged: u32,
}

impl Outgoing {
    /// Nothing said yet.
    pub fn new(ticket: TicketId, stream: StreamId) -> Outgoing {
        Outgoing {
            ticket,
            stream,
            next: 1,
            underway: VecDeque::new(),
            sent: 0,
            last_sent: 0,
            last_answered: 0,
            paused_until: 0,
            answers: VecDeque::new(),
            acknowledged: 0,
        }
    }

    /// The stream in use.
    pub fn stream(&self) -> StreamId {
        self.stream
    }

    /// The highest number of the stream that was acknowledged.
    pub fn acknowledged(&self) -> u32 {
        self.acknowledged
    }

    /// The number the next text will get.
    pub fn next_number(&self) -> u32 {
        self.next
    }

    /// Posts sent and not yet answered.
    pub fn in_flight(&self) -> usize {
        self.sent
    }

    /// Posts that were never sent, on any connection.
    pub fn never_sent(&self) -> usize {
        self.underway.iter().filter(|post| post.sent_at.is_none()).count()
    }

    /// Drops what was never sent: its numbers are bound to nothing yet. Answers how much that was.
    pub fn drop_unsent(&mut self) -> usize {
        let kept = self.underway.iter().rposition(|post| post.sent_at.is_some()).map_or(0, |at| at + 1);
        let dropped = self.underway.split_off(kept).len();
        self.next -= dropped as u32;
        dropped
    }

    /// How long ago a post was sent on this connection, in milliseconds.
    pub fn sent_ago(&self, number: u32, now: u64) -> Option<u64> {
        let at = self.underway.binary_search_by_key(&number, |post| post.number).ok().filter(|at| *at < self.sent)?;
        Some(now.saturating_sub(self.underway[at].sent_at?))
    }

    /// Everything that has no answer yet, in order.
    pub fn underway(&self) -> impl ExactSizeIterator<Item = &Underway> {
        self.underway.iter()
    }

    /// Takes a text; it goes with the next [`Outgoing::pump`] that has room.
    pub fn say(&mut self, text: Arc<str>, said: Said, tag: u64) {
        self.underway.push_back(Underway { number: self.next, text, said, tag, sent_at: None, refused: None });
        self.next += 1;
    }

    /// Sends what may be sent: in order, at most `budget`, at most a window. After 5 s without an answer everything
    /// from the oldest on goes again.
    pub fn pump(&mut self, now: u64, budget: usize, mut send: impl FnMut(ClientFrame)) {
        if self.resend_at().is_some_and(|at| at <= now) {
            self.sent = 0;
        }
        if now < self.paused_until {
            return;
        }
        let until = self.underway.len().min(WINDOW).min(self.sent.saturating_add(budget));
        for post in self.underway.range_mut(self.sent.min(until)..until) {
            post.sent_at = Some(now);
            self.last_sent = self.last_sent.max(post.number);
            let (ticket, number, text) = (self.ticket, post.number, post.text.to_string());
            send(match post.said {
                Said::Post => Post { ticket, number, text }.into(),
                Said::Note(note) => Note { ticket, note, number, text }.into(),
            });
        }
        self.sent = self.sent.max(until);
    }

    /// When [`Outgoing::pump`] has something to do by the clock alone.
    pub fn due(&self) -> Option<u64> {
        let fresh = (self.sent < self.underway.len().min(WINDOW)).then_some(self.paused_until);
        [fresh, self.resend_at()].into_iter().flatten().min()
    }

    /// Everything from this number on is to be sent again, after a pause.
    pub fn rewind_from(&mut self, number: u32, now: u64, pause_ms: u64) {
        let keep = self.underway.partition_point(|post| post.number < number);
        self.sent = self.sent.min(keep);
        self.paused_until = self.paused_until.max(now + pause_ms.max(PAUSE_MS_MIN));
    }

    /// The connection is gone: nothing is in flight any more.
    pub fn rewind_all(&mut self) {
        self.sent = 0;
        self.last_sent = 0;
        self.last_answered = 0;
        self.paused_until = 0;
        self.underway.iter_mut().for_each(|post| post.refused = None);
    }

    /// Some answer to this number came on this connection.
    pub fn answered(&mut self, number: u32) {
        self.last_answered = self.last_answered.max(number);
    }

    /// Whether the last post sent on this connection has an answer. Answers come in order and only once what was
    /// accepted before is on disk, so then nothing of the stream is undecided.
    pub fn is_answered(&self) -> bool {
        self.last_answered >= self.last_sent
    }

    /// The post is on disk at `seq`. Gives it out the first time; a second answer must be the first again.
    pub fn settle(&mut self, number: u32, seq: u32) -> Settled {
        let Some(post) = self.take(number) else {
            return match self.answers.iter().find(|(known, _)| *known == number) {
                Some((_, first)) if *first != seq => Settled::Differently { first: *first },
                Some(_) | None => Settled::Before,
            };
        };
        self.acknowledged = self.acknowledged.max(number);
        if self.answers.len() == ANSWERS_KEPT {
            self.answers.pop_front();
        }
        self.answers.push_back((number, seq));
        Settled::Now(post)
    }

    /// The post was refused for good. It is kept until the log was asked: a copy of it that came later may be there.
    pub fn refuse(&mut self, number: u32, code: u16) {
        if let Ok(at) = self.underway.binary_search_by_key(&number, |post| post.number) {
            self.underway[at].refused = Some(code);
        }
    }

    /// Gives out what was refused for good, with the refusal's number: it is never sent again.
    pub fn give_up_refused(&mut self) -> Vec<(Underway, u16)> {
        let (refused, kept) = self.underway.drain(..).partition(|post| post.refused.is_some());
        self.underway = kept;
        let refused: VecDeque<Underway> = refused;
        refused.into_iter().filter_map(|post| post.refused.map(|code| (post, code))).collect()
    }

    /// What is underway gets the numbers 1, 2, 3 … of another stream.
    pub fn take_stream(&mut self, stream: StreamId) {
        self.stream = stream;
        self.rewind_all();
        self.acknowledged = 0;
        self.answers.clear();
        for (number, post) in (1..).zip(&mut self.underway) {
            post.number = number;
        }
        self.next = self.underway.back().map_or(1, |last| last.number + 1);
    }

    fn resend_at(&self) -> Option<u64> {
        let oldest = self.underway.front().filter(|_| self.sent > 0)?;
        Some(oldest.sent_at? + RESEND_AFTER_MS)
    }

    fn take(&mut self, number: u32) -> Option<Underway> {
        let at = self.underway.binary_search_by_key(&number, |post| post.number).ok()?;
        if at < self.sent {
            self.sent -= 1;
        }
        self.underway.remove(at)
    }
}

/// What an answer meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The post was underway and is done.
    Now(Underway),
    /// It was answered before, the same way, or is not ours to know.
    Before,
    /// It was answered before with another place in the ticket.
    Differently {
        /// The place named first.
        first: u32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_sent_is_dropped_and_its_numbers_are_free() {
        let mut outgoing = Outgoing::new(TicketId(1), StreamId(1));
        (1..=5).for_each(|tag| outgoing.say("x".into(), Said::Post, tag));
        let mut sent = 0;
        outgoing.pump(1_000, 3, |_| sent += 1);
        assert_eq!((sent, outgoing.never_sent(), outgoing.sent_ago(3, 1_250)), (3, 2, Some(250)));
        assert_eq!(outgoing.sent_ago(4, 1_250), None, "it was never sent");
        assert_eq!((outgoing.drop_unsent(), outgoing.next_number(), outgoing.underway().len()), (2, 4, 3));
        // Refused for now, they wait to be sent again: another copy may be on its way, so they stay.
        outgoing.rewind_from(2, 1_300, 0);
        assert_eq!((outgoing.drop_unsent(), outgoing.next_number()), (0, 4));
    }
}
