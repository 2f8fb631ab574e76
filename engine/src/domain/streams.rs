//! Streams of posts and their numbers: the ticket takes exactly the next, a repeat gets its first answer again.

use std::collections::{HashMap, VecDeque};

use deskwire_protocol::limits::{STREAM_IDLE_MS, STREAM_MEMORY, STREAMS_PER_TICKET_MAX};
use deskwire_protocol::{NoteKind, PersonId, Refusal, StreamId, Time};
use sha2::{Digest as _, Sha256};

/// What a repeat is told apart by: the first 8 bytes of the text's SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(u64);

impl Digest {
    /// The digest of a post's text.
    pub fn of(text: &str) -> Digest {
        Digest::over(&[text.as_bytes()])
    }

    /// That of a note's: another one than a post's with the same text, which has its number on the same stream.
    pub fn of_note(note: NoteKind, text: &str) -> Digest {
        let mark: &[u8] = match note {
            NoteKind::Note => b"\0note\0",
            NoteKind::Whisper => b"\0whisper\0",
        };
        Digest::over(&[mark, text.as_bytes()])
    }

    fn over(parts: &[&[u8]]) -> Digest {
        let hash = parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize();
        let first = hash.first_chunk::<8>().expect("a SHA-256 has 32 bytes");
        Digest(u64::from_le_bytes(*first))
    }
}

/// A number that was taken, and the place it got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Its sequence in the ticket.
    pub seq: u32,
    /// When.
    pub at: Time,
    digest: Digest,
}

/// What a post's number is to its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The next: it may be taken.
    Next,
    /// It was taken before by the same text.
    Repeat(Taken),
    /// No; `expected` names the stream's next number where that helps.
    No {
        /// Why.
        refusal: Refusal,
        /// The stream's next number.
        expected: u32,
    },
}

#[derive(Clone, Debug, Default)]
struct Stream {
    head: u32,
    recent: VecDeque<Taken>,
    /// The sequence of the newest that is not remembered any more.
    forgotten: u32,
}

impl Stream {
    /// The answer to a number at or below the head.
    fn repeat(&self, number: u32, digest: Digest) -> Place {
        let expected = self.head + 1;
        let back = (self.head - number) as usize;
        let taken = self.recent.len().checked_sub(back + 1).and_then(|index| self.recent.get(index));
        match taken {
            Some(taken) if taken.digest == digest => Place::Repeat(*taken),
            Some(_) => Place::No { refusal: Refusal::StreamConflict, expected },
            None => Place::No { refusal: Refusal::StreamForgotten, expected },
        }
    }

    fn last_used(&self) -> Time {
        self.recent.back().map_or(Time::default(), |taken| taken.at)
    }
}

/// The streams of one ticket, by person and id: nobody can post on another's stream. Posts and notes share them.
#[derive(Clone, Debug)]
pub struct Streams {
    streams: HashMap<(PersonId, StreamId), Stream>,
    max: usize,
}

impl Default for Streams {
    fn default() -> Streams {
        Streams::at_most(STREAMS_PER_TICKET_MAX)
    }
}

impl Streams {
    /// None yet, and never more than this.
    pub fn at_most(max: usize) -> Streams {
        Streams { streams: HashMap::new(), max }
    }

    /// None again.
    pub fn forget(&mut self) {
        self.streams.clear();
    }

    /// What this number would be. Numbers start at 1.
    pub fn place(&self, author: PersonId, stream: StreamId, number: u32, digest: Digest, now: Time) -> Place {
        match self.streams.get(&(author, stream)) {
            Some(known) if number >= 1 && number <= known.head => known.repeat(number, digest),
            Some(known) if number == known.head + 1 => Place::Next,
            Some(known) => Place::No { refusal: Refusal::OutOfOrder, expected: known.head + 1 },
            None if number != 1 => Place::No { refusal: Refusal::StreamUnknown, expected: 1 },
            None if self.has_place(now) => Place::Next,
            None => Place::No { refusal: Refusal::StreamsFull, expected: 1 },
        }
    }

    /// Takes a number that was [`Place::Next`].
    pub fn take(&mut self, author: PersonId, stream: StreamId, number: u32, digest: Digest, seq: u32, at: Time) {
        if number == 1 && self.streams.len() >= self.max {
            self.forget_longest_unused();
        }
        let stream = self.streams.entry((author, stream)).or_default();
        stream.head = number;
        if stream.recent.len() == STREAM_MEMORY
            && let Some(oldest) = stream.recent.pop_front()
        {
            stream.forgotten = oldest.seq;
        }
        stream.recent.push_back(Taken { seq, at, digest });
    }

    /// The last number of a stream at or below a sequence; 0 for none that is remembered.
    pub fn head_at(&self, author: PersonId, stream: StreamId, seq: u32) -> u32 {
        let Some(stream) = self.streams.get(&(author, stream)) else {
            return 0;
        };
        let beyond = stream.recent.iter().rev().take_while(|taken| taken.seq > seq).count();
        let is_known = beyond < stream.recent.len() || stream.forgotten <= seq;
        if is_known { stream.head - beyond as u32 } else { 0 }
    }

    fn has_place(&self, now: Time) -> bool {
        self.streams.len() < self.max
            || self.longest_unused().is_some_and(|(_, used)| used.ms() + STREAM_IDLE_MS < now.ms())
    }

    fn longest_unused(&self) -> Option<((PersonId, StreamId), Time)> {
        let used = self.streams.iter().map(|(key, stream)| (*key, stream.last_used()));
        used.min_by_key(|(key, used)| (*used, *key))
    }

    fn forget_longest_unused(&mut self) {
        if let Some((key, _)) = self.longest_unused() {
            self.streams.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERSON: PersonId = PersonId(3);
    const STREAM: StreamId = StreamId(7);

    fn at(ms: u64) -> Time {
        Time::from_ms(ms)
    }

    fn place(streams: &Streams, stream: StreamId, number: u32, text: &str) -> Place {
        streams.place(PERSON, stream, number, Digest::of(text), at(1))
    }

    fn take(streams: &mut Streams, stream: StreamId, number: u32, text: &str, seq: u32) {
        streams.take(PERSON, stream, number, Digest::of(text), seq, at(1));
    }

    fn refused(place: Place) -> Option<(Refusal, u32)> {
        match place {
            Place::No { refusal, expected } => Some((refusal, expected)),
            Place::Next | Place::Repeat(_) => None,
        }
    }

    /// C08: exactly the next number is taken, a repeat gets its first place, a skip names the number expected.
    #[test]
    fn a_stream_takes_exactly_the_next_number() {
        let mut streams = Streams::default();
        assert_eq!(refused(place(&streams, STREAM, 2, "b")), Some((Refusal::StreamUnknown, 1)));
        assert_eq!(refused(place(&streams, STREAM, 0, "b")), Some((Refusal::StreamUnknown, 1)));
        assert_eq!(place(&streams, STREAM, 1, "a"), Place::Next);
        take(&mut streams, STREAM, 1, "a", 5);
        assert!(matches!(place(&streams, STREAM, 1, "a"), Place::Repeat(Taken { seq: 5, .. })));
        assert_eq!(refused(place(&streams, STREAM, 1, "other")), Some((Refusal::StreamConflict, 2)));
        assert_eq!(refused(place(&streams, STREAM, 0, "a")), Some((Refusal::OutOfOrder, 2)));
        assert_eq!(refused(place(&streams, STREAM, 3, "c")), Some((Refusal::OutOfOrder, 2)));
        assert_eq!(place(&streams, STREAM, 2, "b"), Place::Next);
    }

    /// C08: a number that left the memory is not guessed about.
    #[test]
    fn a_repeat_beyond_the_memory_is_refused() {
        let mut streams = Streams::default();
        for number in 1..=40 {
            take(&mut streams, STREAM, number, "x", 100 + number);
        }
        assert!(matches!(place(&streams, STREAM, 9, "x"), Place::Repeat(Taken { seq: 109, .. })));
        assert_eq!(refused(place(&streams, STREAM, 8, "x")), Some((Refusal::StreamForgotten, 41)));
    }

    /// The limit STREAMS_PER_TICKET_MAX: the longest unused idle over a day goes first, else the new one is refused.
    #[test]
    fn a_full_ticket_forgets_only_streams_idle_over_a_day() {
        let mut streams = Streams::default();
        for id in 0..STREAMS_PER_TICKET_MAX as u128 {
            streams.take(PERSON, StreamId(id), 1, Digest::of("x"), 1, at(1_000 + id as u64));
        }
        let new = StreamId(u128::MAX);
        let asked = |now| streams.place(PERSON, new, 1, Digest::of("x"), at(now));
        assert_eq!(refused(asked(1_000 + STREAM_IDLE_MS)), Some((Refusal::StreamsFull, 1)));
        assert_eq!(asked(1_001 + STREAM_IDLE_MS), Place::Next);
        streams.take(PERSON, new, 1, Digest::of("x"), 2, at(1_001 + STREAM_IDLE_MS));
        assert_eq!(streams.streams.len(), STREAMS_PER_TICKET_MAX);
        assert!(!streams.streams.contains_key(&(PERSON, StreamId(0))));
    }

    /// C10: what a resume may say of a stream is only what is durable.
    #[test]
    fn the_head_of_a_stream_is_cut_at_the_durable_sequence() {
        let mut streams = Streams::default();
        for number in 1..=3 {
            take(&mut streams, STREAM, number, "x", 10 * number);
        }
        let heads: Vec<u32> = [9, 10, 29, 30, 99].iter().map(|seq| streams.head_at(PERSON, STREAM, *seq)).collect();
        assert_eq!(heads, [0, 1, 2, 3, 3]);
        // A whole memory that is not on disk yet does not hide what was there before it.
        for number in 4..=34 {
            take(&mut streams, STREAM, number, "x", 10 * number);
        }
        let heads: Vec<u32> = [19, 20, 29, 30, 340].iter().map(|seq| streams.head_at(PERSON, STREAM, *seq)).collect();
        assert_eq!(heads, [0, 2, 2, 3, 34]);
    }
}
