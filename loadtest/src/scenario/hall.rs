//! The state of a discussion being played: its members, what they said and saw.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use deskwire_protocol::{CloseCode, PublicFrame, ServerFrame, TicketId};

use super::stall::Reading;
use crate::checker::{Checker, Tally};
use crate::client::codec::Incoming;
use crate::client::effect::Effect;
use crate::client::event::LogEvent;
use crate::client::session::{Session, Signal};
use crate::client::socket::{Pipe, Writer};
use crate::clock::Clock;
use crate::measure::{Measures, What};
use crate::progress::Watched;
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
    /// How far he has seen the discussion, whatever he was told again.
    reached: u32,
    /// His posts, by ordinal.
    said: Vec<Spoken>,
}

/// One post of the run.
#[derive(Clone, Copy, Debug)]
struct Spoken {
    due_us: u64,
    /// How many of the others have it.
    heard: u8,
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
            let (pipe, reading) = (Pipe::Wide, Reading::Eagerly);
            Member { session, writer: None, pipe, reading, reached: 0, said: Vec::new() }
        };
        let clock = Clock::start();
        Hall {
            clock,
            run,
            random,
            ticket: TicketId::default(),
            size,
            members: (1..=members).map(member).collect(),
            measured: 0..0,
            checker,
            measures: Measures::new(clock),
            complaints: BTreeMap::new(),
            silent: false,
            others: None,
            dirty: Vec::new(),
        }
    }

    /// What is due in this time is measured.
    pub fn measure(&mut self, measured: std::ops::Range<u64>) {
        self.measures.begin(measured.start);
        self.measured = measured;
    }

    /// Posts that still wait in the client.
    pub fn never_sent(&self) -> usize {
        let deliveries = self.members.iter().flat_map(|member| member.session.deliveries());
        deliveries.map(|one| one.outgoing().never_sent()).sum()
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
        self.measures.connection_lost();
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
        self.members[who].said.push(Spoken { due_us, heard: 0 });
        let ticket = self.ticket;
        if self.measured.contains(&due_us) {
            self.measures.post_due(due_us);
            self.measures.post_said(due_us, self.members.len() - 1);
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
                    self.delivered(who, seq, &event);
                }
            }
            Effect::Own { seq, text, .. } => self.checker.saw_own(DISCUSSION, side, seq, &text),
            Effect::Acknowledged { tag, seq, .. } => {
                let ordinal = tag as u32;
                self.checker.acknowledged(DISCUSSION, side, ordinal, seq);
                let due_us = self.members[who].said[ordinal as usize - 1].due_us;
                self.measures.acknowledged_in_time += u64::from(self.measured.contains(&self.clock.us()));
                if self.measured.contains(&due_us) {
                    self.measures.post_acknowledged(due_us);
                }
            }
            Effect::Refused { tag, code } => {
                self.checker.refused(DISCUSSION, side, tag as u32);
                self.measures.post_refused();
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

    /// One more of the others has a post, each once: a view that begins again is told what it had.
    fn delivered(&mut self, who: usize, seq: u32, event: &PublicFrame) {
        let Some(LogEvent::Message(message)) = LogEvent::of(event) else { return };
        let reached = &mut self.members[who].reached;
        if std::mem::replace(reached, seq.max(*reached)) >= seq {
            return;
        }
        let mark = Mark::of(&message.text).filter(|mark| mark.run == self.run && usize::from(mark.side) != who);
        self.measures.delivered_in_time += u64::from(mark.is_some() && self.measured.contains(&self.clock.us()));
        let Some(mark) = mark.filter(|mark| self.measured.contains(&mark.due_us)) else { return };
        self.measures.post_delivered(mark.due_us);
        if let Some(what) = self.others.filter(|_| self.members[who].pipe == Pipe::Wide) {
            self.measures.took(what, self.clock.us().saturating_sub(mark.due_us));
        }
        let others = self.members.len() - 1;
        let author = self.members.get_mut(usize::from(mark.side));
        let Some(post) = author.and_then(|author| author.said.get_mut((mark.ordinal as usize).wrapping_sub(1))) else {
            return;
        };
        post.heard += 1;
        if usize::from(post.heard) == others {
            self.measures.took(What::LastOfRoom, self.clock.us().saturating_sub(post.due_us));
        }
    }
}

impl Watched for Hall {
    fn clock(&self) -> Clock {
        self.clock
    }

    fn measured(&self) -> std::ops::Range<u64> {
        self.measured.clone()
    }

    fn measures(&self) -> &Measures {
        &self.measures
    }

    fn tally(&self) -> &Tally {
        self.checker.tally()
    }

    fn there(&self) -> String {
        format!("{} members hear it", self.live())
    }
}
