//! Carries a room's effects out: to the store, to connections, to the dispatcher.

use std::sync::Arc;

use deskwire_protocol::limits::{PAGE_BYTES_MAX, PAGE_EVENTS_MAX};
use deskwire_protocol::{
    CloseCode, Malformed, PersonId, PublicFrame, Refusal, ServerFrame, StaffFrame, TicketId, Time,
};
use ractor::ActorProcessingErr;

use super::ask::{Ask, No};
use super::desk::Desk;
use super::discussions;
use super::dispatcher;
use super::latest::Latest;
use super::outbox::Outbox;
use super::room;
use super::telling::{Encoded, Line};
use crate::domain::discussion::{self, Deleted};
use crate::domain::event::Event;
use crate::domain::facts::Facts;
use crate::domain::numbering::Point;
use crate::domain::registration::{Registration, Tell};
use crate::domain::reopening;
use crate::domain::room::{Effect, Reported, Telling};
use crate::domain::ticket::{Command, Refused};
use crate::domain::view::{BackPage, PageMaker, Reader};
use crate::domain::who::Who;
use crate::metrics::Invariant;
use crate::store::{Append, Incarnation, PageLimits, ReadFault, RecordKind, RecordPut, StageChange, Told};

/// The way out of one room.
pub(super) struct Carrier {
    pub(super) desk: Arc<Desk>,
    pub(super) ticket: TicketId,
    pub(super) incarnation: Incarnation,
    told: Told,
    report: Arc<Latest<Reported>>,
    encoded: Encoded,
    /// Somebody was handed a part of the log, and will ask for the next.
    pub(super) leads_on: bool,
}

impl Carrier {
    pub(super) fn new(desk: Arc<Desk>, ticket: TicketId, incarnation: Incarnation, told: Told) -> Carrier {
        Carrier {
            desk,
            ticket,
            incarnation,
            told,
            report: Arc::default(),
            encoded: Encoded::default(),
            leads_on: false,
        }
    }

    /// The durable head, behind all that an earlier instance appended; from here on that one cannot append.
    pub(super) async fn fence(&self) -> Result<u32, ActorProcessingErr> {
        Ok(self.desk.store.fence(self.ticket, self.incarnation).await?)
    }

    /// Whether it is not too late for what somebody wants, by the rules of the ticket's category.
    pub(super) fn in_time(
        &self,
        facts: Option<&Facts>,
        who: &Who,
        command: &Command,
        now: Time,
    ) -> Result<(), Refusal> {
        let Some(facts) = facts.filter(|_| reopening::reopens(command)) else { return Ok(()) };
        let accounts = &self.desk.accounts;
        let rules = accounts.category(facts.category).map(|category| accounts.rules(&category));
        rules.map_or(Ok(()), |rules| reopening::admits(facts, &rules, who, now))
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

    fn answer(&self, ask: Ask, frame: ServerFrame) {
        if matches!(frame, ServerFrame::Public(PublicFrame::Acknowledged(_))) {
            let now_us = self.desk.clock.wrapping_us();
            if let Some(took_us) = ask.since_read(now_us) {
                self.desk.metrics.post_seconds.observe(f64::from(took_us) / 1e6);
                let may_take_us = self.desk.limits.busy_ms.saturating_mul(1_000);
                self.desk.connections.intake.took(now_us, took_us, may_take_us);
            }
        }
        ask.answer_any(frame);
    }

    pub(super) async fn carry(&mut self, effect: Effect<Ask, Outbox>) -> Result<(), ActorProcessingErr> {
        match effect {
            Effect::Append { first, events, facts } => return self.append(first, &events, facts).await,
            Effect::Tell { to, seq, event, telling } => self.tell(&to, seq, &event, telling),
            Effect::Show { to, frame } => to.to.send(&frame),
            Effect::ShowStaff { to, frame } => to.to.staff().iter().for_each(|staff| staff.send(&frame)),
            Effect::Answer { ask, frame } => {
                self.leads_on |= is_a_part(&frame);
                self.answer(ask, frame);
            }
            Effect::Refuse { ask, refused } => self.refuse(ask, refused),
            Effect::Mark { ask, person, place } => self.desk.marks.put(self.ticket, person, place, ask),
            Effect::Marked { ask } => ask.done(),
            Effect::ReadAside { ask, reader, after, upto, deleted } => {
                self.leads_on = true;
                self.read_aside(ask, reader, (after, upto), deleted);
            }
            Effect::ReadBack { ask, reader, before, end, deleted } => {
                self.leads_on |= end.seq as usize > PAGE_EVENTS_MAX;
                self.read_back(ask, reader, (before, end), deleted);
            }
            Effect::CrowdSoon => self.desk.discussions.crowd_soon(self.ticket),
            Effect::List { founded } => self.desk.discussions.list(discussions::line(self.ticket, &founded)),
            Effect::CutOff { registration } => self.cut_off(&registration),
            Effect::Register { registration } => return self.register(registration),
            Effect::Unregister { registration } => {
                self.desk.directory.unregister(self.ticket, &registration.to);
            }
            Effect::Quiet(quiet) => self.desk.carry_quiet(self.ticket, quiet),
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
            records: facts.iter().map(customer_ticket).chain(discussions::records(self.ticket, events)).collect(),
            stage: facts.map(stage_change),
            told: self.told.clone(),
        };
        Ok(self.desk.store.append(append).await?)
    }

    fn tell(&mut self, to: &Registration<Outbox>, seq: u32, event: &Event, telling: Telling) {
        let (line, encoded, mut fits) = (Line { ticket: self.ticket, seq, event }, &mut self.encoded, true);
        let told = to.tell(seq, |outbox| fits = encoded.push(outbox, &line, telling));
        if told == Tell::Gap || !fits {
            self.desk.metrics.invariant_violations[Invariant::Gap].inc();
            to.to.cut(CloseCode::Internal);
        }
    }

    fn refuse(&self, ask: Ask, refused: Refused) {
        if refused.refusal == Refusal::Ahead {
            self.desk.metrics.clients_ahead.inc();
        }
        let usual = No::new(refused.refusal, refused.detail);
        let retry_ms = if refused.retry_ms > 0 { refused.retry_ms } else { usual.retry_ms };
        ask.refuse_with(No { expected: refused.expected, retry_ms, ..usual });
    }

    fn cut_off(&self, registration: &Registration<Outbox>) {
        registration.to.cut(CloseCode::Slow);
    }

    /// Registers, unless another instance has taken over: then this one falls, and the client asks again.
    fn register(&self, registration: Arc<Registration<Outbox>>) -> Result<(), ActorProcessingErr> {
        if !self.desk.directory.register(self.incarnation, registration.clone()) {
            return Err("another instance of this room hears".into());
        }
        if registration.is_gone() {
            // Its end came before it did: the room believes him here.
            self.desk.tell_room(self.ticket, room::Msg::Left { who: registration.who.clone() });
        }
        Ok(())
    }

    fn report(&self, reported: Reported) {
        if let Some(notice) = self.report.put(reported) {
            self.desk.tell_dispatcher(dispatcher::Msg::Report(notice));
        }
    }

    /// A page from below the tail, read by the pool and handed to the connection without the room.
    fn read_aside(&self, ask: Ask, reader: Reader, (after, upto): (Point, Point), deleted: Deleted) {
        let (desk, ticket) = (self.desk.clone(), self.ticket);
        tokio::spawn(async move {
            let mut maker = PageMaker::after(ticket, reader, after);
            let mut from = after.seq + 1;
            'page: while from <= upto.seq && !maker.is_full() {
                let read = desk.store.events(ticket, from, upto.seq, page_limits()).await;
                let Some(events) = told(ticket, read) else { return };
                for (seq, bytes) in &events {
                    let Ok(event) = decode(bytes, *seq, &deleted) else { return };
                    if !maker.add(*seq, &event) {
                        break 'page;
                    }
                }
                let Some((last, _)) = events.last() else { return };
                from = last + 1;
            }
            // Whatever is left, the client asks again: only a page out of the tail comes with a registration.
            ask.answer_any(maker.page(upto.place, true));
        });
    }

    /// What its reader does not see is passed over, so that his pages do not show where it was.
    fn read_back(&self, ask: Ask, reader: Reader, (before, end): (u32, Point), deleted: Deleted) {
        let (desk, ticket) = (self.desk.clone(), self.ticket);
        tokio::spawn(async move {
            let (mut page, mut below) = (BackPage::new(reader), end.seq);
            'page: while below > 1 && !page.is_full() {
                let read = desk.store.events_back(ticket, below, page_limits()).await;
                let Some(events) = told(ticket, read) else { return };
                for (seq, bytes) in events.iter().rev() {
                    let Ok(event) = decode(bytes, *seq, &deleted) else { return };
                    if !page.add(*seq, event, bytes.len()) {
                        break 'page;
                    }
                }
                let Some((first, _)) = events.first() else { return };
                below = *first;
            }
            ask.answer_any(page.history(ticket, before, end.place));
        });
    }
}

/// Whether it is a page that another follows.
fn is_a_part(frame: &ServerFrame) -> bool {
    match frame {
        ServerFrame::Public(PublicFrame::Page(page)) => page.more,
        ServerFrame::Staff(StaffFrame::StaffPage(page)) => page.more,
        ServerFrame::Public(_) | ServerFrame::Staff(_) => false,
    }
}

/// An event as it may be shown: of a deleted post, without its text.
fn decode(bytes: &[u8], seq: u32, deleted: &Deleted) -> Result<Event, Malformed> {
    let event = Event::decode(bytes)?;
    Ok(if deleted.contains(&seq) { discussion::without_text(event) } else { event })
}

/// What is read at once: most often a whole page, and never much more.
fn page_limits() -> PageLimits {
    PageLimits { events: PAGE_EVENTS_MAX, bytes: PAGE_BYTES_MAX / 2 }
}

fn stage_change(facts: Facts) -> StageChange {
    match facts.is_done_with() {
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

/// What was read. Where nothing could be, an operator must know; who asked hears that he may ask again.
fn told<T>(ticket: TicketId, read: Result<T, ReadFault>) -> Option<T> {
    read.inspect_err(|fault| tracing::error!(%ticket, %fault, "a page of the log could not be read")).ok()
}
