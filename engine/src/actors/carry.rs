//! Carries a room's effects out: to the store, to connections, to the dispatcher.

use std::sync::Arc;

use deskwire_protocol::kinds::{History, Page, PublicFrame};
use deskwire_protocol::limits::{PAGE_BYTES_MAX, PAGE_EVENTS_MAX};
use deskwire_protocol::{Batch, CloseCode, PersonId, Refusal, TicketId};
use ractor::ActorProcessingErr;

use super::ask::{Ask, No};
use super::desk::Desk;
use super::dispatcher;
use super::encoded::{Form, PublicBytes};
use super::latest::Latest;
use super::outbox::Outbox;
use super::room;
use crate::domain::event::Event;
use crate::domain::facts::Facts;
use crate::domain::registration::{Registration, Tell};
use crate::domain::room::{Effect, Reported};
use crate::domain::ticket::Refused;
use crate::domain::view::{self, PageMaker, Sight};
use crate::metrics::Invariant;
use crate::store::{Append, Incarnation, PageLimits, RecordKind, RecordPut, StageChange, Told};

/// The way out of one room.
pub(super) struct Carrier {
    pub(super) desk: Arc<Desk>,
    pub(super) ticket: TicketId,
    pub(super) incarnation: Incarnation,
    told: Told,
    report: Arc<Latest<Reported>>,
    encoded: Encoded,
}

/// One event as frames, encoded on first need, at most once for each sight and form.
#[derive(Default)]
struct Encoded {
    seq: u32,
    frames: [[Option<PublicBytes>; 2]; 2],
}

impl Encoded {
    fn bytes(&mut self, ticket: TicketId, seq: u32, event: &Event, sight: Sight, form: Form) -> PublicBytes {
        if self.seq != seq {
            *self = Encoded { seq, ..Encoded::default() };
        }
        let frame = || PublicBytes::new(&view::frame(ticket, seq, event, sight), form);
        self.frames[sight as usize][form as usize].get_or_insert_with(frame).clone()
    }
}

impl Carrier {
    pub(super) fn new(desk: Arc<Desk>, ticket: TicketId, incarnation: Incarnation, told: Told) -> Carrier {
        Carrier { desk, ticket, incarnation, told, report: Arc::default(), encoded: Encoded::default() }
    }

    /// The durable head, behind all that an earlier instance appended; from here on that one cannot append.
    pub(super) async fn fence(&self) -> Result<u32, ActorProcessingErr> {
        Ok(self.desk.store.fence(self.ticket, self.incarnation).await?)
    }

    pub(super) fn listeners(&self) -> Vec<Arc<Registration<Outbox>>> {
        self.desk.directory.listeners(self.ticket)
    }

    /// The actor ends in order. What it had not told yet, a next instance tells.
    pub(super) fn left(&self, settled: bool) {
        self.desk.directory.remove_room(self.ticket, self.incarnation);
        match settled {
            true => self.desk.store.release(self.ticket, self.incarnation),
            // Its appends may still wait for the writer: the next instance's fence stands behind them.
            false => self.desk.tell_room(self.ticket, room::Msg::Report),
        }
    }

    pub(super) async fn carry(&mut self, effect: Effect<Ask, Outbox>) -> Result<(), ActorProcessingErr> {
        match effect {
            Effect::Append { first, events, facts } => return self.append(first, &events, facts).await,
            Effect::Tell { to, seq, event, sight, answered } => self.tell(&to, seq, &event, sight, answered),
            Effect::Show { to, frame } => to.to.send(&frame),
            Effect::Answer { ask, frame } => ask.answer(frame),
            Effect::Refuse { ask, refused } => self.refuse(ask, refused),
            Effect::ReadAside { ask, member, after, durable } => self.read_aside(ask, member, after, durable),
            Effect::ReadBack { ask, member, before, upto } => self.read_back(ask, member, before, upto),
            Effect::CutOff { registration } => self.cut_off(&registration),
            Effect::Register { registration } => return self.register(registration),
            Effect::Unregister { registration } => {
                self.desk.directory.unregister(self.ticket, &registration.to);
            }
            Effect::Report(reported) => self.report(reported),
            Effect::NoTicket { era } => {
                self.desk.tell_dispatcher(dispatcher::Msg::NoTicket { ticket: self.ticket, era });
            }
            Effect::AssignRefused { attempt, refusal, reported } => {
                let refused = dispatcher::AssignRefused { ticket: self.ticket, attempt, refusal, reported };
                self.desk.tell_dispatcher(dispatcher::Msg::AssignRefused(Box::new(refused)));
            }
        }
        Ok(())
    }

    async fn append(&self, first: u32, events: &[Arc<Event>], facts: Option<Facts>) -> Result<(), ActorProcessingErr> {
        let append = Append {
            ticket: self.ticket,
            incarnation: self.incarnation,
            first,
            events: events.iter().map(|event| event.encode()).collect(),
            records: facts.iter().map(customer_ticket).collect(),
            stage: facts.map(stage_change),
            told: self.told.clone(),
        };
        Ok(self.desk.store.append(append).await?)
    }

    fn tell(&mut self, to: &Registration<Outbox>, seq: u32, event: &Event, sight: Sight, answered: bool) {
        let (ticket, encoded) = (self.ticket, &mut self.encoded);
        let told = to.tell(seq, |outbox| {
            if !answered {
                outbox.push(encoded.bytes(ticket, seq, event, sight, outbox.form()));
            }
        });
        if told == Tell::Gap {
            self.desk.metrics.invariant_violations[Invariant::Gap].inc();
            to.to.cut(CloseCode::Internal);
        }
    }

    fn refuse(&self, ask: Ask, refused: Refused) {
        if refused.refusal == Refusal::Ahead {
            self.desk.metrics.clients_ahead.inc();
        }
        ask.refuse_with(No { expected: refused.expected, ..No::new(refused.refusal, refused.detail) });
    }

    fn cut_off(&self, registration: &Registration<Outbox>) {
        registration.to.cut(CloseCode::Slow);
    }

    /// Registers, unless another instance has taken over: then this one falls, and the client asks again.
    fn register(&self, registration: Arc<Registration<Outbox>>) -> Result<(), ActorProcessingErr> {
        match self.desk.directory.register(self.incarnation, registration) {
            true => Ok(()),
            false => Err("another instance of this room hears".into()),
        }
    }

    fn report(&self, reported: Reported) {
        if let Some(notice) = self.report.put(reported) {
            self.desk.tell_dispatcher(dispatcher::Msg::Report(notice));
        }
    }

    /// A page from below the tail, read by the pool and handed to the connection without the room.
    fn read_aside(&self, ask: Ask, member: Option<u16>, after: u32, durable: u32) {
        let (desk, ticket) = (self.desk.clone(), self.ticket);
        tokio::spawn(async move {
            let read = desk.store.events(ticket, after + 1, durable, page_limits()).await;
            let Ok(events) = read else { return };
            let Some(events) = batch(ticket, &events, member) else { return };
            // Whatever is left, the client asks again: only a page out of the tail comes with a registration.
            ask.answer(PublicFrame::Page(Page { ticket, head: durable, more: true, events }));
        });
    }

    fn read_back(&self, ask: Ask, member: Option<u16>, before: u32, upto: u32) {
        let (desk, ticket) = (self.desk.clone(), self.ticket);
        tokio::spawn(async move {
            let limits = page_limits();
            let Ok(events) = desk.store.events_back(ticket, before.min(upto + 1), limits).await else { return };
            let more = events.first().is_some_and(|(seq, _)| *seq > 1);
            let Some(events) = batch(ticket, &events, member) else { return };
            ask.answer(PublicFrame::History(History { ticket, before, more, events }));
        });
    }
}

/// Half of a page: a frame is never twice as large as its event, so all that is read fits.
fn page_limits() -> PageLimits {
    PageLimits { events: PAGE_EVENTS_MAX, bytes: PAGE_BYTES_MAX / 2 }
}

/// Events of the log as a batch of frames; nothing where the log is damaged.
fn batch(ticket: TicketId, events: &[(u32, Vec<u8>)], member: Option<u16>) -> Option<Batch> {
    let mut maker = PageMaker::default();
    for (seq, bytes) in events {
        let event = Event::decode(bytes).ok()?;
        if !maker.add(&view::frame(ticket, *seq, &event, view::sight(&event, member))) {
            break;
        }
    }
    Some(maker.finish())
}

fn stage_change(facts: Facts) -> StageChange {
    match facts.is_over() {
        true => StageChange::Remove,
        false => StageChange::Put(facts),
    }
}

/// A customer's open tickets are found by him.
fn customer_ticket(facts: &Facts) -> RecordPut {
    let id = customer_ticket_id(facts.customer, facts.ticket);
    match facts.is_over() {
        true => RecordPut::delete(RecordKind::CustomerTicket, id),
        false => RecordPut::put(RecordKind::CustomerTicket, id, u64::from(facts.seq), [facts.stage as u8]),
    }
}

/// The key of a customer's ticket: person, then ticket, so that a prefix finds all of his.
pub(super) fn customer_ticket_id(customer: PersonId, ticket: TicketId) -> Vec<u8> {
    [customer.0.to_be_bytes(), ticket.0.to_be_bytes()].concat()
}
