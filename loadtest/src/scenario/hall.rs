//! The state of a discussion being played: its members, what they said and saw.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use deskwire_protocol::{CloseCode, PublicFrame, ServerFrame, TicketId};

use super::stall::Reading;
use crate::checker::Checker;
use crate::client::codec::Incoming;
use crate::client::effect::Effect;
use crate::client::event::LogEvent;
use crate::client::session::{Session, Signal};
use crate::client::socket::{Pipe, Writer};
use crate::clock::Clock;
use crate::measure::{Measures, What};
use crate::random::Random;
use crate::text::Mark;

/// The one chat that the checker knows: the discussion, each member a side of it.
const DISCUSSION: u32 = 0;

/// The hall, as every task of the run sees it.
pub type SharedHall = Rc<RefCell<Hall>>;

/// Everything of a run.
#[derive(Debug)]
pub struct Hall {
    /// The run's clock.
    pub clock: Clock,
    /// Tells this run's texts from others.
    pub run: u32,
    /// The source of everything random.
    pub random: Random,
    /// The discussion.
    pub ticket: TicketId,
    /// Bytes of a text.
    pub size: usize,
    /// Its members; all of them customers.
    pub members: Vec<Member>,
    /// Posts due in this time are measured, in microseconds.
    pub measured: std::ops::Range<u64>,
    /// What is held against the log.
    pub checker: Checker,
    /// What is measured.
    pub measures: Measures,
    /// What the engine said no to, or ended connections with, by name.
    pub complaints: BTreeMap<String, u64>,
    /// Nobody says anything any more.
    pub silent: bool,
    /// What the receipts by those who read count for, beside delivery.
    pub others: Option<What>,
    dirty: Vec<usize>,
}

/// One member and his connection.
#[derive(Debug)]
pub struct Member {
    /// Who he is at the engine.
    pub session: Session,
    /// The way to it, while there is one.
    pub writer: Option<Writer>,
    /// How much his side of a connection keeps for him.
    pub pipe: Pipe,
    /// How he reads.
    pub reading: Reading,
    /// When each of his posts was due, by ordinal.
    due_us: Vec<u64>,
}

impl Hall {
    /// So many members, none of them connected yet.
    pub fn new(seed: u64, members: u8, size: usize) -> Hall {
        let mut random = Random::new(seed);
        let run = random.draw() as u32;
        let mut checker = Checker::new(run);
        checker.chat();
        (1..members).for_each(|_| _ = checker.agent(DISCUSSION));
        let member = |number: u8| {
            let session = Session::new(String::new(), format!("Load member {number}"));
            Member { session, writer: None, pipe: Pipe::Wide, reading: Reading::Eagerly, due_us: Vec::new() }
        };
        Hall {
            clock: Clock::start(),
            run,
            random,
            ticket: TicketId::default(),
            size,
            members: (1..=members).map(member).collect(),
            measured: 0..0,
            checker,
            measures: Measures::default(),
            complaints: BTreeMap::new(),
            silent: false,
            others: None,
            dirty: Vec::new(),
        }
    }

    /// The last so many have narrow pipes: they may stall.
    pub fn narrow(&mut self, count: usize) {
        self.members.iter_mut().rev().take(count).for_each(|member| member.pipe = Pipe::Narrow);
    }

    /// They stop reading, every other one altogether.
    pub fn stall(&mut self, count: usize) {
        for (index, member) in self.members.iter_mut().rev().take(count).enumerate() {
            member.reading = if index % 2 == 0 { Reading::Not } else { Reading::Sips };
            self.measures.acts.stalls += 1;
        }
    }

    /// Everybody reads again.
    pub fn read_on(&mut self) {
        self.members.iter_mut().for_each(|member| member.reading = Reading::Eagerly);
    }

    /// Notes something the engine said no to.
    pub fn complain(&mut self, what: String) {
        *self.complaints.entry(what).or_default() += 1;
    }

    /// How many are in the discussion and hear it live.
    pub fn live(&self) -> usize {
        self.members
            .iter()
            .filter(|member| member.session.is_live() && member.session.delivery(self.ticket).is_some())
            .count()
    }

    /// Whether everything that was said was answered, and has come to all.
    pub fn has_arrived(&self) -> bool {
        let seen = |who: usize| self.checker.seen(DISCUSSION, who as u8);
        let answered = |member: &Member| member.session.deliveries().all(|one| one.outgoing().underway().len() == 0);
        self.live() == self.members.len()
            && self.members.iter().all(answered)
            && (1..self.members.len()).all(|who| seen(who) == seen(0))
    }

    /// The sides that must have seen everything.
    pub fn complete(&self) -> Vec<u8> {
        let live = |who: &usize| self.members[*who].session.is_live();
        (0..self.members.len()).filter(live).map(|who| who as u8).collect()
    }

    /// A member has a connection.
    pub fn connected(&mut self, who: usize, writer: Writer) {
        self.members[who].writer = Some(writer);
        self.with_session(who, |session, _, out| session.connected(out));
        self.flush();
    }

    /// It is gone.
    pub fn lost(&mut self, who: usize) {
        self.members[who].writer = None;
        self.members[who].session.disconnected();
        self.measures.disconnects += 1;
    }

    /// Something came for a member.
    pub fn incoming(&mut self, who: usize, incoming: Incoming<'_>) {
        match incoming {
            Incoming::Message(bytes) => match ServerFrame::decode(bytes) {
                Ok(frame) => self.with_session(who, |session, now, out| session.hear(frame, now, out)),
                Err(fault) => self.complain(format!("a frame that cannot be read: {fault}")),
            },
            Incoming::Ping(payload) => {
                if let Some(writer) = &mut self.members[who].writer {
                    writer.pong(payload);
                    self.dirty.push(who);
                }
            }
            Incoming::Pong => {}
            Incoming::Close(code) => {
                let known = CloseCode::ALL.iter().find(|known| known.number() == code);
                self.measures.acts.cut_slow += u64::from(known == Some(&CloseCode::Slow));
                let name = known.map_or_else(|| code.to_string(), |known| known.name().to_owned());
                self.complain(format!("closed: {name}"));
            }
        }
    }

    /// A post is due: one of the members says it.
    pub fn post(&mut self, due_us: u64) {
        let who = self.random.below(self.members.len() as u64) as usize;
        let ordinal = self.checker.said(DISCUSSION, who as u8);
        let text = Mark { run: self.run, chat: DISCUSSION, side: who as u8, ordinal, due_us }.text(self.size);
        self.members[who].due_us.push(due_us);
        let (now_us, ticket) = (self.clock.us(), self.ticket);
        if self.measured.contains(&due_us) {
            self.measures.scheduled += 1;
            self.measures.took(What::Lag, now_us.saturating_sub(due_us));
        }
        self.with_session(who, |session, now, out| session.say(ticket, &text, ordinal.into(), now, out));
    }

    /// What the clock alone asks for; called some fifty times a second.
    pub fn sweep(&mut self) {
        for who in 0..self.members.len() {
            if self.members[who].writer.as_ref().is_some_and(Writer::is_behind) {
                self.dirty.push(who);
            }
            self.with_session(who, |session, now, out| session.tick(now, out));
        }
        self.flush();
    }

    /// Writes what waits, each connection in one write.
    pub fn flush(&mut self) {
        for who in std::mem::take(&mut self.dirty) {
            if let Some(writer) = &mut self.members[who].writer
                && writer.flush().is_err()
            {
                self.members[who].writer = None;
            }
        }
    }

    fn with_session(&mut self, who: usize, act: impl FnOnce(&mut Session, u64, &mut Vec<Signal>)) {
        let mut out = Vec::new();
        let now = self.clock.ms();
        act(&mut self.members[who].session, now, &mut out);
        for signal in out {
            self.signal(who, signal);
        }
    }

    fn signal(&mut self, who: usize, signal: Signal) {
        match signal {
            Signal::Send(frame) => {
                if let Some(writer) = &mut self.members[who].writer {
                    writer.send(&frame);
                    self.dirty.push(who);
                }
            }
            Signal::Ready(_) => {
                let (ticket, seed) = (self.ticket, self.random.draw());
                self.with_session(who, |session, now, out| session.hear_ticket(ticket, seed, now, out));
            }
            Signal::Ticket(_, effect) => self.effect(who, effect),
            Signal::Refused(no) => self.complain(format!("refused: {}", no.code)),
            Signal::Foreign(_) | Signal::Staff(_) => self.checker.foreign(),
            Signal::OtherStore => self.checker.other_store(),
            Signal::Done(_) | Signal::Opened { .. } | Signal::Goodbye(_) => {}
        }
    }

    fn effect(&mut self, who: usize, effect: Effect) {
        let side = who as u8;
        match effect {
            Effect::Event { seq, event } => {
                self.checker.saw(DISCUSSION, side, seq, &event);
                if let ServerFrame::Public(event) = event {
                    self.delivered(side, &event);
                }
            }
            Effect::Own { seq, text, .. } => self.checker.saw_own(DISCUSSION, side, seq, &text),
            Effect::Acknowledged { tag, seq, .. } => {
                let ordinal = tag as u32;
                self.checker.acknowledged(DISCUSSION, side, ordinal, seq);
                let due_us = self.members[who].due_us[ordinal as usize - 1];
                if self.measured.contains(&due_us) {
                    self.measures.acknowledged += 1;
                    self.measures.took(What::Acknowledge, self.clock.us().saturating_sub(due_us));
                }
            }
            Effect::Refused { tag, code } => {
                self.checker.refused(DISCUSSION, side, tag as u32);
                self.complain(format!("post refused: {code}"));
            }
            Effect::PutOff { code, after_ms } => self.measures.put_off(code, after_ms),
            Effect::Failed(code) => self.complain(format!("join refused: {code}")),
            Effect::Restarted => self.checker.restarted(DISCUSSION, side),
            Effect::Breach(breach) => {
                self.checker.breach(breach);
                self.complain(format!("broken: {breach:?} at member {who}"));
            }
            Effect::Live | Effect::Joined(_) | Effect::Send(_) => {}
        }
    }

    fn delivered(&mut self, side: u8, event: &PublicFrame) {
        let Some(LogEvent::Message(message)) = LogEvent::of(event) else { return };
        let mark = Mark::of(&message.text).filter(|mark| mark.run == self.run && mark.side != side);
        let Some(mark) = mark.filter(|mark| self.measured.contains(&mark.due_us)) else { return };
        let took_us = self.clock.us().saturating_sub(mark.due_us);
        self.measures.delivered += 1;
        self.measures.took(What::Deliver, took_us);
        if let Some(what) = self.others.filter(|_| self.members[usize::from(side)].pipe == Pipe::Wide) {
            self.measures.took(what, took_us);
        }
    }
}
