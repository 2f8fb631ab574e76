//! The state of a run, in one place on one thread: who is there, what is open, what is known.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::rc::Rc;

use deskwire_protocol::{CloseCode, ServerFrame, TicketId};

use super::Plan;
use super::churn::{Churn, Jitter};
use super::day::Day;
use super::people::{Chat, Part, Person};
use crate::checker::Checker;
use crate::client::codec::Incoming;
use crate::client::effect::Effect;
use crate::client::session::Signal;
use crate::client::socket::Writer;
use crate::clock::Clock;
use crate::measure::{Measures, What};
use crate::random::{Random, mix};

/// Who waits for an answer and hears nothing for this long takes a new connection, in milliseconds.
const SILENCE_MS_MAX: u64 = 15_000;

/// The world, as every task of the run sees it.
pub type Shared = Rc<RefCell<World>>;

/// Everything of a run.
#[derive(Debug)]
pub struct World {
    /// The run's clock.
    pub clock: Clock,
    /// Tells this run's texts and tickets from those of others.
    pub run: u32,
    /// Who plays, and how.
    pub plan: Plan,
    /// The source of everything random.
    pub random: Random,
    /// The source of the schedules alone: what happens in a run draws nothing from it, so that the seed plays them again.
    pub timetable: Random,
    /// Customers first, then agents.
    pub people: Vec<Person>,
    /// Every chat of the run.
    pub chats: Vec<Chat>,
    /// The chat of a ticket.
    pub by_ticket: HashMap<TicketId, u32>,
    /// Chats in which both sides talk.
    pub paired: Vec<u32>,
    /// Chats of which enough was said.
    pub ending: Vec<u32>,
    /// Whether customers open chats, and again after one has ended.
    pub opens: Opens,
    /// Whether agents take nothing yet.
    pub agents_wait: bool,
    /// How agents come and go, while they do.
    pub churn: Option<Churn>,
    /// How everybody loses his connection, while all do.
    pub jitter: Option<Jitter>,
    /// What people do beside posting, while they do.
    pub day: Option<Day>,
    /// What is said by one who has a window full underway.
    pub backlog: Backlog,
    /// Chats whose customers stall at times; their agents say much.
    pub loud: Vec<u32>,
    /// What the receipts by all others count for, beside delivery.
    pub others: Option<What>,
    /// Posts due in this time are measured, in microseconds.
    pub measured: std::ops::Range<u64>,
    /// What is held against the log.
    pub checker: Checker,
    /// What is measured.
    pub measures: Measures,
    /// What the engine said no to, or ended connections with, by name.
    pub complaints: BTreeMap<String, u64>,
    /// Who was told of a ticket that he does not hear; judged at the end, when all tickets are known.
    pub suspects: HashSet<(usize, TicketId)>,
    /// Who saw the end of which ticket, if it is its end.
    pub(super) ended: Vec<(usize, TicketId)>,
    dirty: Vec<usize>,
    signals: VecDeque<Signal>,
}

/// Whether customers open chats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opens {
    /// No more.
    Never,
    /// One each.
    Once,
    /// Another after each.
    Always,
}

/// What becomes of a post that is due while its sender has a window full underway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backlog {
    /// It waits at the sender: a latency counts from when it was due.
    Kept,
    /// It is not said, and counted: the sender's memory is bounded.
    Bounded,
}

impl World {
    /// Everybody, not yet connected; `emails` are the agents'.
    pub fn new(plan: Plan, run: u32, emails: Vec<String>, opens: Opens) -> World {
        let customer = |number| {
            Person::new(Part::Customer { chat: None, opening: None, had_one: false }, format!("Load customer {number}"))
        };
        let agent = |email| Person::new(Part::Agent { email, requests: HashMap::new() }, String::new());
        let people = (1..=plan.customers).map(customer).chain(emails.into_iter().map(agent)).collect();
        let clock = Clock::start();
        World {
            clock,
            run,
            random: Random::new(plan.seed),
            timetable: Random::new(mix(plan.seed)),
            plan,
            people,
            chats: Vec::new(),
            by_ticket: HashMap::new(),
            paired: Vec::new(),
            ending: Vec::new(),
            opens,
            agents_wait: false,
            churn: None,
            jitter: None,
            day: None,
            backlog: Backlog::Kept,
            loud: Vec::new(),
            others: None,
            measured: 0..0,
            checker: Checker::new(run),
            measures: Measures::new(clock),
            complaints: BTreeMap::new(),
            suspects: HashSet::new(),
            ended: Vec::new(),
            dirty: Vec::new(),
            signals: VecDeque::new(),
        }
    }

    /// What is due in this time is measured.
    pub fn measure(&mut self, measured: std::ops::Range<u64>) {
        self.measures.begin(measured.start);
        self.measured = measured;
    }

    /// Supervisors come with the agents; before anybody is in.
    pub fn with_supervisors(&mut self, emails: impl IntoIterator<Item = String>) {
        let supervisor = |email| Person::new(Part::Supervisor { email }, String::new());
        self.people.extend(emails.into_iter().map(supervisor));
    }

    /// The agents' places among the people.
    pub(super) fn agents(&self) -> std::ops::Range<usize> {
        self.plan.customers..self.plan.customers + self.plan.agents
    }

    /// How many of the agents, or of the customers, were welcomed.
    pub fn ready(&self, customers: impl Fn(&Person) -> bool) -> usize {
        self.people.iter().filter(|person| customers(person) && person.session.is_ready()).count()
    }

    /// Notes something the engine said no to.
    pub fn complain(&mut self, what: String) {
        *self.complaints.entry(what).or_default() += 1;
    }

    /// Somebody has a connection.
    pub fn connected(&mut self, who: usize, writer: Writer, dialled_us: u64) {
        let person = &mut self.people[who];
        person.writer = Some(writer);
        person.dialled_us = dialled_us;
        person.heard_ms = self.clock.ms();
        person.away_ms = 0;
        self.with_session(who, |session, _, out| session.connected(out));
        self.flush();
    }

    /// Somebody's connection is gone.
    pub fn lost(&mut self, who: usize) {
        let now_us = self.clock.us();
        let person = &mut self.people[who];
        person.writer = None;
        person.session.disconnected();
        person.lost_us.get_or_insert(now_us);
        self.measures.connection_lost();
    }

    /// Something came.
    pub fn incoming(&mut self, who: usize, incoming: Incoming<'_>) {
        self.people[who].heard_ms = self.clock.ms();
        match incoming {
            Incoming::Message(bytes) => match ServerFrame::decode(bytes) {
                Ok(frame) if self.people[who].is_customer() => {
                    self.checker.came_to_customer(&frame);
                    self.with_session(who, |session, now, out| session.hear(frame, now, out));
                }
                Ok(frame) => self.with_session(who, |session, now, out| session.hear(frame, now, out)),
                Err(fault) => self.complain(format!("a frame that cannot be read: {fault}")),
            },
            Incoming::Ping(payload) => {
                if let Some(writer) = &mut self.people[who].writer {
                    writer.pong(payload);
                    self.dirty.push(who);
                }
            }
            Incoming::Pong => {}
            Incoming::Close(code) => self.closed(who, code),
        }
    }

    fn closed(&mut self, who: usize, code: u16) {
        let known = CloseCode::ALL.iter().find(|known| known.number() == code);
        if known == Some(&CloseCode::Unauthenticated) {
            self.people[who].session.set_token(String::new());
        }
        let name = known.map_or_else(|| code.to_string(), |known| known.name().to_owned());
        self.measures.acts.cut_slow += u64::from(known == Some(&CloseCode::Slow));
        self.complain(format!("closed: {name}"));
    }

    /// Lets a session do something, and does what it wants done.
    pub fn with_session(
        &mut self,
        who: usize,
        act: impl FnOnce(&mut crate::client::session::Session, u64, &mut Vec<Signal>),
    ) {
        let mut out = Vec::new();
        let now = self.clock.ms();
        act(&mut self.people[who].session, now, &mut out);
        self.signals.extend(out);
        while let Some(signal) = self.signals.pop_front() {
            self.signal(who, signal);
        }
        while let Some((who, ticket)) = self.ended.pop() {
            self.end_for_agent(who, ticket);
        }
    }

    fn signal(&mut self, who: usize, signal: Signal) {
        if let Signal::Ready(welcome) = &signal {
            self.people[who].id = welcome.person;
        }
        match signal {
            Signal::Send(frame) => {
                if let Some(writer) = &mut self.people[who].writer {
                    writer.send(&frame);
                    self.dirty.push(who);
                }
            }
            Signal::Foreign(ticket) => drop(self.suspects.insert((who, ticket))),
            Signal::OtherStore => self.checker.other_store(),
            Signal::Goodbye(retry_ms) => self.people[who].away_ms = u64::from(retry_ms),
            Signal::Ticket(ticket, effect) => self.effect(who, ticket, effect),
            signal @ (Signal::Ready(_)
            | Signal::Done(_)
            | Signal::Refused(_)
            | Signal::Opened { .. }
            | Signal::Staff(_)) => match self.people[who].is_customer() {
                true => self.customer(who, signal),
                false => self.agent(who, signal),
            },
        }
        self.resumed(who);
    }

    /// Whoever had lost his connection and hears everything again has resumed.
    fn resumed(&mut self, who: usize) {
        let person = &mut self.people[who];
        if person.lost_us.is_none() || !person.session.is_live() {
            return;
        }
        let now_us = self.clock.us();
        if let Some(lost_us) = person.lost_us.take() {
            person.back_us = now_us;
            self.measures.took(What::Outage, now_us - lost_us);
            self.measures.took(What::Resume, now_us - person.dialled_us);
        }
    }

    fn effect(&mut self, who: usize, ticket: TicketId, effect: Effect) {
        match effect {
            Effect::Breach(breach) => {
                self.checker.breach(breach);
                self.complain(format!("broken: {breach:?} of ticket {ticket} at person {who}"));
            }
            Effect::Failed(code) => {
                self.complain(format!("join refused: {code}"));
                self.cannot_hear(who, ticket);
            }
            Effect::Live => self.hears(who, ticket),
            Effect::Joined(_) | Effect::Send(_) => {}
            effect @ (Effect::Event { .. }
            | Effect::Own { .. }
            | Effect::Acknowledged { .. }
            | Effect::PutOff { .. }
            | Effect::Refused { .. }
            | Effect::Restarted) => self.said_or_seen(who, ticket, effect),
        }
    }

    /// Writes what waits, each connection in one write.
    pub fn flush(&mut self) {
        for who in std::mem::take(&mut self.dirty) {
            if let Some(writer) = &mut self.people[who].writer
                && writer.flush().is_err()
            {
                // The reader of the connection hears of it too and takes a new one.
                self.people[who].writer = None;
            }
        }
    }

    /// What the clock alone asks for; called some fifty times a second.
    pub fn sweep(&mut self) {
        let now = self.clock.ms();
        for who in 0..self.people.len() {
            let person = &mut self.people[who];
            if person.writer.as_ref().is_some_and(Writer::is_behind) {
                self.dirty.push(who);
            }
            let owed = person.session.deliveries().any(|one| one.outgoing().in_flight() > 0);
            if owed && person.heard_ms + SILENCE_MS_MAX < now {
                person.writer = None;
            }
            let due = person.session.deliveries().filter_map(|one| one.due()).any(|at| at <= now);
            if due {
                self.with_session(who, |session, now, out| session.tick(now, out));
            }
            self.open_again(who, now);
        }
        self.churn(now);
        self.jitter(now);
        self.live_the_day(now);
        self.end_chats(now);
        self.flush();
    }

    /// Judges who was told of what: his own tickets, then or now, are his to hear of.
    pub fn judge_suspects(&mut self) {
        for (who, ticket) in std::mem::take(&mut self.suspects) {
            let chat = self.by_ticket.get(&ticket).map(|chat| &self.chats[*chat as usize]);
            let watched = |chat: &Chat| chat.watchers.iter().any(|(watcher, _)| *watcher == who);
            let his = |chat: &Chat| chat.customer == who || chat.agents.contains(&who) || watched(chat);
            // An agent may also be told of what an earlier run left behind.
            if !chat.is_some_and(his) && (chat.is_some() || self.people[who].is_customer()) {
                self.checker.foreign();
                self.complain(format!("leaked: ticket {ticket} to person {who}"));
            }
        }
    }
}
