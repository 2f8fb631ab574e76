//! What the small engine knows and does: tickets, streams, a queue, and the faults planted in it.

mod plant;

use std::collections::{HashMap, VecDeque};

use deskwire_protocol::kinds::*;
use deskwire_protocol::{
    Batch, ClientFrame, PersonId, Priority, PublicFrame, Refusal, Role, Routing, ServerFrame, StaffFrame, StageName,
    Status, Step, StreamId, TicketId, Time,
};
use tokio::sync::watch;

use super::{Fault, Outbox};

const SLOTS: usize = 4;
/// Posts before the planted fault shows.
const FAULT_AT: u32 = 60;
/// Small, so that a log takes several.
const PAGE_EVENTS: usize = 7;
/// The first ticket: it cannot be read any more once it is closed, where that is the fault.
const HIDDEN: TicketId = TicketId(0x1000);

#[derive(Clone)]
struct Listener {
    connection: u32,
    stream: StreamId,
}

/// Whose post, on which stream, under which number.
type Own = (PersonId, StreamId, u32);

struct Ticket {
    customer: PersonId,
    /// Anybody may join it.
    open_to_all: bool,
    agent: Option<PersonId>,
    stage: StageName,
    /// Each as others see it; its author; stream and number.
    events: Vec<(PublicFrame, Option<Own>)>,
    listeners: Vec<Listener>,
    /// The place of each number of a stream.
    streams: HashMap<(PersonId, StreamId), Vec<u32>>,
    held: Option<(u32, PersonId, Listener, Post)>,
}

/// The engine's state.
pub struct Desk {
    fault: Fault,
    restart_after: Option<u32>,
    fall: watch::Sender<u32>,
    posts: u32,
    done: bool,
    outboxes: HashMap<u32, Outbox>,
    people: HashMap<u32, PersonId>,
    tokens: HashMap<String, PersonId>,
    tickets: HashMap<TicketId, Ticket>,
    keys: HashMap<(PersonId, StreamId), TicketId>,
    agents: Vec<PersonId>,
    waiting: VecDeque<TicketId>,
}

impl Desk {
    pub fn new(fault: Fault, restart_after: Option<u32>, fall: watch::Sender<u32>) -> Desk {
        Desk {
            fault,
            restart_after,
            fall,
            posts: 0,
            done: false,
            outboxes: HashMap::new(),
            people: HashMap::new(),
            tokens: HashMap::new(),
            tickets: HashMap::new(),
            keys: HashMap::new(),
            agents: Vec::new(),
            waiting: VecDeque::new(),
        }
    }

    pub fn connected(&mut self, connection: u32, outbox: Outbox) {
        self.outboxes.insert(connection, outbox);
    }

    /// How many of its invariants it has seen violated, by its own count.
    pub fn violations(&self) -> u32 {
        u32::from(self.fault == Fault::Violate && self.posts > FAULT_AT)
    }

    pub fn gone(&mut self, connection: u32) {
        self.outboxes.remove(&connection);
        self.people.remove(&connection);
        self.tickets.values_mut().for_each(|ticket| ticket.listeners.retain(|one| one.connection != connection));
    }

    pub fn hear(&mut self, connection: u32, frame: ClientFrame) {
        let person = self.people.get(&connection).copied();
        match (frame, person) {
            (ClientFrame::Hello(hello), _) => self.hello(connection, hello),
            (ClientFrame::Open(open), Some(person)) => self.open(connection, person, open),
            (ClientFrame::Found(found), Some(person)) => {
                // As a chat, but for who may join it; it is never waiting.
                let Found { request, key, title, .. } = found;
                let (category, priority) = (String::new(), Priority::Normal);
                self.open(connection, person, Open { request, key, category, priority, subject: title });
                self.waiting.clear();
                self.tickets.values_mut().for_each(|ticket| ticket.open_to_all = true);
            }
            (ClientFrame::Join(join), Some(person)) => self.join(connection, person, &join),
            (ClientFrame::Post(post), Some(person)) => self.post(connection, person, post),
            (ClientFrame::Advance(advance), Some(person)) => self.advance(connection, person, &advance),
            (ClientFrame::SetStatus(status), Some(person)) => {
                if status.status == Status::Available && !self.agents.contains(&person) {
                    self.agents.push(person);
                }
                self.send(connection, PublicFrame::Done(Done { request: status.request }));
                self.pair();
            }
            (ClientFrame::Leave(leave), _) => {
                if let Some(ticket) = self.tickets.get_mut(&leave.ticket) {
                    ticket.listeners.retain(|one| one.connection != connection);
                }
            }
            (other, _) => panic!("not played here: {other:?}"),
        }
    }

    fn send(&self, connection: u32, frame: PublicFrame) {
        if let Some(outbox) = self.outboxes.get(&connection) {
            super::send(outbox, ServerFrame::Public(frame));
        }
    }

    fn hello(&mut self, connection: u32, hello: Hello) {
        let staff = hello.token.contains('@');
        let token = if hello.token.is_empty() { format!("customer {connection}") } else { hello.token };
        let next = PersonId(self.tokens.len() as u64 + 1);
        let person = *self.tokens.entry(token.clone()).or_insert(next);
        self.people.insert(connection, person);
        let own = |ticket: &Ticket| ticket.agent == Some(person) || ticket.customer == person;
        let open = self.tickets.iter().filter(|(_, ticket)| own(ticket) && ticket.stage != StageName::Closed);
        let tickets = open.map(|(id, ticket)| TicketLine { ticket: *id, stage: ticket.stage }).collect();
        let role = if staff { Role::Agent } else { Role::Customer };
        let (name, token) = (hello.name, if staff { String::new() } else { token });
        let welcome = Welcome { person, role, name, token, epoch: TicketId(1), now: Time::default(), tickets };
        self.send(connection, welcome.into());
    }

    fn open(&mut self, connection: u32, person: PersonId, open: Open) {
        let next = TicketId(0x1000 + self.keys.len() as u64);
        let id = *self.keys.entry((person, open.key)).or_insert(next);
        if id == next {
            let (stage, streams) = (StageName::Waiting, HashMap::new());
            let (events, listeners) = (Vec::new(), Vec::new());
            let (customer, agent, held, open_to_all) = (person, None, None, false);
            self.tickets.insert(id, Ticket { customer, open_to_all, agent, stage, events, listeners, streams, held });
            let Open { category, priority, subject, .. } = open;
            let (at, name) = (Time::default(), "somebody".to_owned());
            self.tell(id, Opened { ticket: id, seq: 1, at, name, category, priority, subject }.into(), None);
            self.waiting.push_back(id);
        }
        self.send(connection, TicketReady { request: open.request, ticket: id }.into());
        self.pair();
    }

    fn pair(&mut self) {
        while let Some(id) = self.waiting.front().copied() {
            let load = |agent: &&PersonId| {
                let has = |ticket: &&Ticket| ticket.agent == Some(**agent) && ticket.stage != StageName::Closed;
                self.tickets.values().filter(has).count()
            };
            let Some(agent) = self.agents.iter().filter(|agent| load(agent) < SLOTS).min_by_key(load).copied() else {
                return;
            };
            self.waiting.pop_front();
            let ticket = self.tickets.get_mut(&id).unwrap();
            (ticket.agent, ticket.stage) = (Some(agent), StageName::Assigned);
            let (seq, at, name) = (ticket.events.len() as u32 + 1, Time::default(), "agent".to_owned());
            let routing = Routing::Automatic;
            self.tell(id, Assigned { ticket: id, seq, at, member: 1, name, routing }.into(), None);
            for (connection, _) in self.people.iter().filter(|(_, person)| **person == agent) {
                super::send(&self.outboxes[connection], ServerFrame::Staff(StaffFrame::Yours(Yours { ticket: id })));
            }
        }
    }

    /// Keeps an event and tells it to all who listen; its author's connection hears of it by the answer.
    fn tell(&mut self, id: TicketId, event: PublicFrame, own: Option<(PersonId, StreamId, u32, u32)>) {
        let ticket = self.tickets.get_mut(&id).unwrap();
        ticket.events.push((event.clone(), own.map(|(person, stream, number, _)| (person, stream, number))));
        let planted = self.posts > FAULT_AT && !self.done && matches!(event, PublicFrame::Message(_));
        let end = !self.done && self.posts > FAULT_AT && matches!(event, PublicFrame::Advanced(_));
        // In more than one ticket: where it is the last event of a run it is no gap but something missed.
        let gap = planted && self.fault == Fault::Gap && ticket.events.len().is_multiple_of(5);
        let listeners = ticket.listeners.clone();
        for listener in &listeners {
            if own.is_some_and(|(_, _, _, connection)| connection == listener.connection) {
                continue;
            }
            if gap {
                continue;
            }
            if end && self.fault == Fault::Miss {
                self.done = true;
                continue;
            }
            let differs = planted && !self.done && self.fault == Fault::Differ;
            self.done |= differs;
            self.send(listener.connection, if differs { altered(&event) } else { event.clone() });
            if planted && self.fault == Fault::Repeat {
                self.done = true;
                self.send(listener.connection, event.clone());
            }
        }
        if planted && self.fault == Fault::Leak {
            let his = |person: &PersonId| listeners.iter().any(|one| self.people[&one.connection] == *person);
            let stranger = self.people.iter().find(|(_, person)| !his(person) && !self.agents.contains(person));
            self.send(*stranger.unwrap().0, event);
            self.done = true;
        }
    }

    fn join(&mut self, connection: u32, person: PersonId, join: &Join) {
        let Some(ticket) = self.tickets.get_mut(&join.ticket) else {
            return self.refuse(connection, join.ticket, 0, Refusal::UnknownTicket, 0);
        };
        let hidden = self.fault == Fault::Hide && join.ticket == HIDDEN && ticket.stage == StageName::Closed;
        if hidden || !ticket.open_to_all && ticket.customer != person && ticket.agent != Some(person) {
            return self.refuse(connection, join.ticket, 0, Refusal::UnknownTicket, 0);
        }
        let head = ticket.events.len() as u32;
        if join.after > head {
            return self.refuse(connection, join.ticket, 0, Refusal::Ahead, 0);
        }
        let mut events = Batch::default();
        let page = ticket.events.iter().skip(join.after as usize).take(PAGE_EVENTS);
        let count = page.clone().count() as u32;
        page.for_each(|(event, own)| events.push(&seen_by(person, event, own)));
        let more = join.after + count < head;
        if !more {
            let listener = Listener { connection, stream: join.stream };
            ticket.listeners.retain(|one| one.connection != connection);
            ticket.listeners.push(listener);
            let stream_head = ticket.streams.get(&(person, join.stream)).map_or(0, |places| places.len() as u32);
            let (stage, category, subject) = (ticket.stage, "general".to_owned(), String::new());
            let (ticket, members) = (join.ticket, Vec::new());
            self.send(connection, Joined { ticket, head, stage, category, subject, members, stream_head }.into());
        }
        self.send(connection, Page { ticket: join.ticket, head, more, events }.into());
    }

    fn refuse(&self, connection: u32, ticket: TicketId, number: u32, refusal: Refusal, expected: u32) {
        let (code, detail) = (refusal.number(), String::new());
        self.send(connection, Refused { request: 0, ticket, number, code, retry_ms: 0, expected, detail }.into());
    }

    fn post(&mut self, connection: u32, person: PersonId, post: Post) {
        let id = post.ticket;
        let ticket = self.tickets.get_mut(&id).unwrap();
        let Some(listener) = ticket.listeners.iter().find(|one| one.connection == connection).cloned() else {
            return self.refuse(connection, id, post.number, Refusal::NotJoined, 0);
        };
        let places = ticket.streams.entry((person, listener.stream)).or_default();
        let held = ticket.held.as_ref().is_some_and(|(_, who, ..)| *who == person);
        let expected = places.len() as u32 + 1 + u32::from(held);
        if post.number < expected && !held {
            let place = places[post.number as usize - 1];
            return self.acknowledge(connection, id, post.number, place);
        }
        if post.number != expected {
            return self.refuse(connection, id, post.number, Refusal::OutOfOrder, expected);
        }
        if ticket.stage == StageName::Closed {
            return self.refuse(connection, id, post.number, Refusal::IllegalStep, 0);
        }
        self.posts += 1;
        if self.posts > FAULT_AT && !self.done && self.plant(connection, person, &listener, &post) {
            return;
        }
        let number = post.number;
        let seq = self.keep(connection, person, &listener, post);
        self.acknowledge(connection, id, number, seq);
        if let Some((connection, person, listener, post)) = self.tickets.get_mut(&id).unwrap().held.take_if(|_| held) {
            let number = post.number;
            let seq = self.keep(connection, person, &listener, post);
            self.acknowledge(connection, id, number, seq);
        }
        self.maybe_fall(id);
    }

    fn keep(&mut self, connection: u32, person: PersonId, listener: &Listener, post: Post) -> u32 {
        let ticket = self.tickets.get_mut(&post.ticket).unwrap();
        let (seq, at) = (ticket.events.len() as u32 + 1, Time::default());
        ticket.streams.entry((person, listener.stream)).or_default().push(seq);
        let author = u16::from(ticket.customer != person);
        let event = Message { ticket: post.ticket, seq, at, author, text: post.text };
        self.tell(post.ticket, event.into(), Some((person, listener.stream, post.number, connection)));
        seq
    }

    fn acknowledge(&self, connection: u32, ticket: TicketId, number: u32, seq: u32) {
        self.send(connection, Acknowledged { ticket, number, seq, at: Time::default() }.into());
    }

    fn advance(&mut self, connection: u32, person: PersonId, advance: &Advance) {
        let (id, step) = (advance.ticket, advance.step);
        let ticket = self.tickets.get_mut(&id).unwrap();
        if ticket.stage != StageName::Closed && ticket.stage != StageName::Abandoned {
            ticket.stage = if step == Step::Abandon { StageName::Abandoned } else { StageName::Closed };
            let (seq, stage) = (ticket.events.len() as u32 + 1, ticket.stage);
            let author = u16::from(ticket.customer != person);
            let (at, reason) = (Time::default(), advance.reason.clone());
            self.waiting.retain(|waiting| *waiting != id);
            self.tell(id, Advanced { ticket: id, seq, at, author, step, stage, reason }.into(), None);
        }
        self.send(connection, Done { request: advance.request }.into());
        self.pair();
    }

    /// Falls once and is there again at once, with what it has kept.
    fn maybe_fall(&mut self, id: TicketId) {
        if self.restart_after.is_none_or(|after| self.posts < after) {
            return;
        }
        self.restart_after = None;
        if self.fault == Fault::Forget {
            self.tickets.get_mut(&id).unwrap().events.pop();
        }
        if self.fault == Fault::ForgetStreams {
            self.tickets.values_mut().for_each(|ticket| ticket.streams.clear());
        }
        self.fall.send_modify(|falls| *falls += 1);
    }
}

/// The same post with another text.
fn altered(event: &PublicFrame) -> PublicFrame {
    let PublicFrame::Message(post) = event else { return event.clone() };
    Message { text: post.text.replace(' ', "_"), ..post.clone() }.into()
}

/// An event as one person sees it.
fn seen_by(person: PersonId, event: &PublicFrame, own: &Option<Own>) -> PublicFrame {
    match (event, own) {
        (PublicFrame::Message(post), Some((author, stream, number))) if *author == person => OwnMessage {
            ticket: post.ticket,
            seq: post.seq,
            at: post.at,
            author: post.author,
            stream: *stream,
            number: *number,
            text: post.text.clone(),
        }
        .into(),
        (event, _) => event.clone(),
    }
}
