//! One chat held against its log, event by event.

use std::collections::{BTreeMap, HashMap};

use deskwire_protocol::kinds::OwnMessage;
use deskwire_protocol::{PublicFrame, StreamId};

use super::digest;
use super::tally::{Promise, Tally};
use super::{Outcome, Side};
use crate::client::event::LogEvent;
use crate::text::{ASIDE, Mark};

/// The reading of one log.
#[derive(Debug)]
pub struct Audit<'a> {
    run: u32,
    chat: u32,
    sides: &'a [Side],
    complete: Vec<u8>,
    head: u32,
    digest: u64,
    /// For each side, the places of its posts by ordinal.
    found: Vec<BTreeMap<u32, u32>>,
    /// The places of the posts of each side, in the order of the log.
    streams: HashMap<StreamId, u32>,
    tally: Tally,
}

impl<'a> Audit<'a> {
    pub(super) fn new(run: u32, chat: u32, sides: &'a [Side], complete: &[u8]) -> Audit<'a> {
        Audit {
            run,
            chat,
            sides,
            complete: complete.to_vec(),
            head: 0,
            digest: 0,
            found: vec![BTreeMap::new(); sides.len()],
            streams: HashMap::new(),
            tally: Tally { logs: 1, ..Tally::default() },
        }
    }

    /// The next event of the log, as its customer reads it.
    pub fn event(&mut self, event: &PublicFrame) {
        let Some(event) = LogEvent::of(event) else { return };
        let seq = event.seq();
        if seq != self.head + 1 {
            self.tally.count(if seq <= self.head { Promise::NotDoubled } else { Promise::Gapless });
        }
        self.head = seq;
        self.tally.events += 1;
        self.digest = digest::chain(self.digest, digest::of_event(event));
        for side in self.sides {
            if side.place(side.seen) == seq && side.digest != self.digest {
                self.tally.count(Promise::SameForAll);
            }
        }
        match event {
            LogEvent::Message(post) => self.post(seq, &post.text),
            LogEvent::OwnMessage(own) => {
                self.own(own);
                self.post(seq, &own.text);
            }
            LogEvent::Opened(_)
            | LogEvent::Assigned(_)
            | LogEvent::Advanced(_)
            | LogEvent::MemberAdded(_)
            | LogEvent::PhaseChanged(_)
            | LogEvent::CategoryChanged(_)
            | LogEvent::CustomerTold(_) => {}
            LogEvent::Founded(_) | LogEvent::Entered(_) | LogEvent::Departed(_) => {}
            LogEvent::PostDeleted(_) | LogEvent::SlowMode(_) => {}
        }
    }

    /// The numbers of each of the customer's streams run 1, 2, 3 …
    fn own(&mut self, own: &OwnMessage) {
        let last = self.streams.entry(own.stream).or_default();
        if own.number <= *last {
            self.tally.count(Promise::NotDoubled);
        } else if own.number > *last + 1 {
            self.tally.count(Promise::NotReordered);
        }
        *last = own.number;
    }

    fn post(&mut self, seq: u32, text: &str) {
        if text.starts_with(ASIDE) {
            return self.tally.count(Promise::Private);
        }
        let Some(mark) = Mark::of(text).filter(|mark| mark.run == self.run) else {
            return self.tally.count(Promise::Unaltered);
        };
        let side = self.sides.get(usize::from(mark.side)).filter(|_| mark.chat == self.chat);
        let Some(outcome) = side.and_then(|side| side.outcome(mark.ordinal)) else {
            return self.tally.count(Promise::Private);
        };
        let found = &mut self.found[usize::from(mark.side)];
        let later = found.last_key_value().is_some_and(|(last, _)| *last > mark.ordinal);
        if found.insert(mark.ordinal, seq).is_some() {
            return self.tally.count(Promise::NotDoubled);
        }
        let elsewhere = matches!(outcome, Outcome::At(at) if at != seq);
        if later || elsewhere {
            self.tally.count(Promise::NotReordered);
        }
        match outcome {
            Outcome::Refused => self.tally.count(Promise::RefusedMeansNo),
            Outcome::Unknown => self.tally.unknown_kept += 1,
            Outcome::At(_) => {}
        }
    }

    /// The log is at its end: what it lacks.
    pub fn finish(mut self) -> Tally {
        for (index, side) in self.sides.iter().enumerate() {
            for ordinal in 1..=side.outcomes.len() as u32 {
                if self.found[index].contains_key(&ordinal) {
                    continue;
                }
                match side.outcome(ordinal) {
                    Some(Outcome::At(_)) => self.tally.count(Promise::NotLost),
                    Some(Outcome::Unknown) => self.tally.unknown_dropped += 1,
                    Some(Outcome::Refused) | None => {}
                }
            }
            if side.place(side.seen) > self.head {
                self.tally.count(Promise::NotLost);
            }
            self.undelivered(index);
        }
        self.tally
    }

    /// Who was there to the end has seen everything; of the others, the posts they did not see are counted.
    fn undelivered(&mut self, index: usize) {
        let others = self.found.iter().enumerate().filter(|(other, _)| *other != index);
        let seen = self.sides[index].place(self.sides[index].seen);
        let missed = others.flat_map(|(_, found)| found.values()).filter(|seq| **seq > seen).count();
        if self.complete.contains(&(index as u8)) {
            if seen < self.head {
                self.tally.count(Promise::Delivered);
            }
        } else {
            self.tally.undelivered += missed as u64;
        }
    }
}
