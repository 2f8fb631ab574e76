//! The customer actor: welcomes his connections, starts his chats, and holds him to his number of open tickets.

use std::collections::HashMap;
use std::sync::Arc;

use deskwire_protocol::kinds::{self, TicketLine};
use deskwire_protocol::limits::{OPEN_TICKETS_PER_CUSTOMER_MAX, WELCOME_TICKETS_MAX};
use deskwire_protocol::{Phase, Refusal, StageName, TicketId};
use ractor::{Actor, ActorCell, ActorProcessingErr, ActorRef, ActorRuntime};

use super::ask::Ask;
use super::desk::Desk;
use super::outbox::Outbox;
use super::person::{self, Msg};
use super::room;
use crate::domain::room::Yes;
use crate::domain::ticket::Command;
use crate::domain::who::Who;
use crate::store::{ReadFault, RecordKind};

/// A chat that was started counts as open for this long before the store must know it, in milliseconds.
const STARTED_COUNTS_MS: u64 = 5_000;

pub(super) fn spawn(desk: &Arc<Desk>, who: &Arc<Who>, supervisor: ActorCell) -> Result<ActorRef<Msg>, Refusal> {
    let start = (desk.clone(), who.clone());
    let (actor, _) =
        ActorRuntime::spawn_linked_instant(None, CustomerActor, start, supervisor).map_err(|_| Refusal::Again)?;
    Ok(actor)
}

struct CustomerActor;

struct State {
    desk: Arc<Desk>,
    who: Arc<Who>,
    /// Chats started by this actor that the store may not list yet, and when.
    started: HashMap<TicketId, u64>,
}

impl Actor for CustomerActor {
    type Msg = Msg;
    type State = State;
    type Arguments = (Arc<Desk>, Arc<Who>);

    async fn pre_start(
        &self,
        _: ActorRef<Msg>,
        (desk, who): (Arc<Desk>, Arc<Who>),
    ) -> Result<State, ActorProcessingErr> {
        Ok(State { desk, who, started: HashMap::new() })
    }

    async fn handle(&self, myself: ActorRef<Msg>, msg: Msg, state: &mut State) -> Result<(), ActorProcessingErr> {
        match msg {
            Msg::Attached { outbox } => state.welcome(&outbox).await?,
            Msg::Detached => state.leave_if_alone(&myself),
            Msg::Open { ask, open } => state.open(ask, open).await?,
            Msg::Reopen { ask, ticket, command, yes } => {
                // It takes a place like a new one; the rest is the room's to judge.
                if let Some(ask) = state.with_place(ask, ticket).await? {
                    let who = state.who.clone();
                    state.desk.tell_room(ticket, room::Msg::Command { ask, who, command, yes });
                }
            }
            Msg::Pick { .. }
            | Msg::AnswerOffer { .. }
            | Msg::Transfer { .. }
            | Msg::TakeOver { .. }
            | Msg::SetStatus { .. }
            | Msg::Watch { .. }
            | Msg::AskRouting { .. }
            | Msg::Floor { .. } => {
                msg.refuse(Refusal::Forbidden);
            }
            #[cfg(feature = "planted-bugs")]
            Msg::Panic => panic!("a customer's actor was asked to fall"),
        }
        Ok(())
    }
}

impl State {
    async fn welcome(&self, outbox: &Outbox) -> Result<(), ReadFault> {
        let tickets = self.tickets().await?;
        outbox.send(&person::welcome(&self.desk, &self.who, String::new(), tickets).into());
        Ok(())
    }

    /// Goes with his last connection, for customers come and go as fast as anybody likes.
    fn leave_if_alone(&self, myself: &ActorRef<Msg>) {
        if self.desk.directory.let_go_if_alone(self.who.person, myself.get_id()) {
            // It can only fail where the actor is already on its way out.
            let _ = myself.drain();
        }
    }

    /// His open tickets, as the store lists them.
    async fn tickets(&self) -> Result<Vec<TicketLine>, ReadFault> {
        let mine = self.who.person.0.to_be_bytes();
        let records = self.desk.store.records(RecordKind::CustomerTicket, &mine).await?;
        let lines = records.iter().filter_map(|record| {
            let ticket = TicketId(u64::from_be_bytes(*record.id.last_chunk()?));
            let stage = StageName::ALL.get(usize::from(*record.bytes.first()?))?;
            Some(TicketLine { ticket, stage: *stage })
        });
        Ok(lines.take(WELCOME_TICKETS_MAX).collect())
    }

    async fn open(&mut self, ask: Ask, open: kinds::Open) -> Result<(), ReadFault> {
        let ticket = self.desk.ticket_id(self.who.person, open.key.0);
        let Some(category) = self.desk.accounts.category_by_name(&open.category) else {
            ask.refuse(Refusal::UnknownCategory, format!("there is no category {:?}", open.category));
            return Ok(());
        };
        if self.desk.queue_is_full() {
            ask.refuse(Refusal::Full, "as many tickets wait as may");
            return Ok(());
        }
        let Some(ask) = self.with_place(ask, ticket).await? else { return Ok(()) };
        let command = Command::Open {
            category: category.id,
            category_name: category.name.clone(),
            priority: open.priority,
            subject: open.subject,
            early_posts: category.early_posts,
            phase: Phase::Live,
            skills: Vec::new(),
        };
        let yes = Yes::Frame(kinds::TicketReady { request: open.request, ticket }.into());
        let who = self.who.clone();
        self.desk.tell_room(ticket, room::Msg::Command { ask, who, command, yes });
        Ok(())
    }

    /// The question back, if there is a place for the ticket it is about.
    async fn with_place(&mut self, ask: Ask, ticket: TicketId) -> Result<Option<Ask>, ReadFault> {
        if self.may_open(ticket).await? {
            return Ok(Some(ask));
        }
        ask.refuse(Refusal::TooManyTickets, format!("at most {OPEN_TICKETS_PER_CUSTOMER_MAX} open tickets"));
        Ok(None)
    }

    /// Whether there is a place for this ticket, or it has one.
    async fn may_open(&mut self, ticket: TicketId) -> Result<bool, ReadFault> {
        let now_ms = self.desk.now_ms();
        self.started.retain(|_, at| *at + STARTED_COUNTS_MS > now_ms);
        for line in self.tickets().await? {
            self.started.entry(line.ticket).or_insert(now_ms);
        }
        if !self.started.contains_key(&ticket) && self.started.len() >= OPEN_TICKETS_PER_CUSTOMER_MAX {
            return Ok(false);
        }
        self.started.insert(ticket, now_ms);
        Ok(true)
    }
}
