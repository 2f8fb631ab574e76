//! The dispatcher actor: begins in the order that its argument needs, then carries messages to the pure machine.

use std::collections::VecDeque;
use std::sync::Arc;

use deskwire::actors::latest::Notice;
use deskwire::domain::dispatch::{Dispatch, Input, OfferAnswer, Order, Output, Watching};
use deskwire::domain::matcher::{AgentProfile, Mode, Presence, Slots};
use deskwire::domain::room::{Assign, Direct, Reported};
use deskwire::domain::rules::Rules;
use deskwire::domain::who::Who;
use deskwire_protocol::kinds::{self, PublicFrame, StaffFrame};
use deskwire_protocol::words::Manner;
use deskwire_protocol::{PersonId, Refusal, Routing, Status, TicketId, Time};

use crate::faults::GRACE_MS;
use crate::network::{Ask, Outbox};
use crate::people;
use crate::room;
use crate::shared::Check;
use crate::store::Job;
use crate::world::World;

/// What the dispatcher is told.
pub enum Mail {
    /// A room has news.
    Report(Notice<Reported>),
    /// There is no such ticket.
    NoTicket { ticket: TicketId, era: u64 },
    /// A room would not have an agent.
    AssignRefused { ticket: TicketId, attempt: u64, refusal: Refusal, reported: Reported },
    /// A room was asked about silence.
    Chimed { ticket: TicketId, next: Option<Time>, passed_over: Option<PersonId> },
    /// A room left.
    RoomGone { ticket: TicketId },
    /// A room fell.
    RoomFell { ticket: TicketId },
    /// A connection of an agent begins.
    Greet { who: Arc<Who>, outbox: Outbox },
    /// An agent came or went.
    Presence { who: Arc<Who>, presence: Presence },
    /// An agent takes a ticket by hand.
    Pick { ask: Ask, who: Arc<Who>, ticket: TicketId },
    /// An agent answers an offer.
    AnswerOffer { ask: Ask, who: Arc<Who>, ticket: TicketId, offer: u32, answer: OfferAnswer },
    /// Somebody says that a ticket goes to an agent.
    Move { ask: Ask, who: Arc<Who>, ticket: TicketId, agent: PersonId },
    /// A customer came or went.
    CustomerMoved { customer: PersonId },
    /// An agent takes tickets, or no more.
    SetStatus { ask: Ask, who: Arc<Who>, status: Status },
    /// An agent looks at the queue.
    Watch { ask: Ask, who: Arc<Who> },
    /// Time has passed.
    Tick(Notice<()>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    Down,
    Spawned,
    HasEra,
    HasRooms { live: Vec<TicketId> },
    AwaitsBarrier { live: Vec<TicketId> },
    Reads { live: Vec<TicketId> },
    Lives,
}

/// The dispatcher, in one of its lives.
pub struct Dispatcher {
    /// What waits.
    pub mailbox: VecDeque<Mail>,
    dispatch: Dispatch<Ask>,
    phase: Phase,
    life: u64,
    falls: VecDeque<u64>,
}

impl Default for Dispatcher {
    fn default() -> Dispatcher {
        Dispatcher {
            mailbox: VecDeque::new(),
            dispatch: Dispatch::default(),
            phase: Phase::Down,
            life: 0,
            falls: VecDeque::new(),
        }
    }
}

impl Dispatcher {
    /// Whether what is told to the dispatcher reaches this one.
    pub fn is_named(&self) -> bool {
        self.phase != Phase::Down
    }

    /// Whether it has something to do.
    pub fn is_busy(&self) -> bool {
        match self.phase {
            Phase::AwaitsBarrier { .. } => false,
            Phase::Lives => !self.mailbox.is_empty(),
            Phase::Down | Phase::Spawned | Phase::HasEra | Phase::HasRooms { .. } | Phase::Reads { .. } => true,
        }
    }

    /// The machine, once it has begun.
    pub fn living(&self) -> Option<&Dispatch<Ask>> {
        (self.phase == Phase::Lives).then_some(&self.dispatch)
    }

    /// Whether one more fall leaves the process alive.
    pub fn may_fall(&mut self, now: u64) -> bool {
        self.falls.retain(|at| at + 60_000 > now);
        self.falls.len() < 4 && self.phase != Phase::Down
    }

    /// Falls with all it has.
    pub fn fall(&mut self, now: u64) {
        self.falls.push_back(now);
        self.mailbox.clear();
        // In an order of their own: the machine keeps them in none.
        let mut asks = std::mem::take(&mut self.dispatch).into_asks();
        asks.sort_by_key(Ask::order);
        asks.into_iter().for_each(drop);
        self.phase = Phase::Down;
    }

    /// The store says that everything handed in before is on disk.
    pub fn barrier(&mut self, life: u64) {
        if let Phase::AwaitsBarrier { live } = &self.phase
            && life == self.life
        {
            self.phase = Phase::Reads { live: live.clone() };
        }
    }
}

impl World {
    /// The dispatcher does the next thing. The order of the first ones matters: reachable, era, rooms, barrier, index.
    pub fn step_dispatcher(&mut self) {
        let phase = self.engine.dispatcher.phase.clone();
        self.engine.dispatcher.phase = match phase {
            Phase::Down => {
                self.engine.dispatcher.life += 1;
                self.shared.note(format!("dispatcher {} is spawned", self.engine.dispatcher.life));
                Phase::Spawned
            }
            Phase::Spawned => {
                self.engine.directory.era += 1;
                Phase::HasEra
            }
            Phase::HasEra => Phase::HasRooms { live: self.engine.directory.rooms.keys().copied().collect() },
            Phase::HasRooms { live } if self.engine.store.has_place() => {
                self.engine.store.hand_in(Job::Barrier(self.engine.dispatcher.life));
                Phase::AwaitsBarrier { live }
            }
            Phase::Reads { live } => {
                self.engine.dispatcher.phase = Phase::Lives;
                self.begin(live);
                Phase::Lives
            }
            Phase::Lives => {
                if let Some(mail) = self.engine.dispatcher.mailbox.pop_front() {
                    self.hear(mail);
                }
                Phase::Lives
            }
            waits @ (Phase::HasRooms { .. } | Phase::AwaitsBarrier { .. }) => waits,
        };
    }

    fn begin(&mut self, live: Vec<TicketId>) {
        let stages = self.shared.log.borrow().stages();
        for (id, name, mode) in [
            (people::AUTOMATIC, "automatic", Mode::Automatic),
            (people::MANUAL, "manual", Mode::Manual),
            (people::OFFERED, "offered", Mode::Offer),
        ] {
            let rules = Rules {
                mode,
                offer_s: 4,
                again_s: 6,
                sticky_s: 3,
                wrap_up_s: if id == people::AUTOMATIC { 2 } else { 0 },
                wait_max_s: 3,
                customer_silent_s: 4,
                agent_silent_s: 3,
                agent_escalate_s: 2,
                agent_grace_s: (GRACE_MS / 1_000) as u32,
                customer_grace_s: (GRACE_MS / 1_000) as u32,
                ..Rules::default()
            };
            self.dispatch(Input::CategoryIs { id, name: name.into(), rules: Arc::new(rules) });
        }
        let era = self.engine.directory.era;
        self.shared.note(format!("dispatcher begins era {era} with live {live:?}"));
        self.dispatch(Input::Begin { era, stages, live });
        for who in people::staff() {
            if !self.engine.directory.outboxes(who.person).is_empty() {
                self.present(&who, Presence::Here);
            }
        }
    }

    fn hear(&mut self, mail: Mail) {
        match mail {
            Mail::Report(notice) => {
                if let Some(Reported { facts, era }) = notice.take() {
                    self.is_durable(&facts);
                    self.dispatch(Input::Report { facts, era });
                }
            }
            Mail::NoTicket { ticket, era } => self.dispatch(Input::NoTicket { ticket, era }),
            Mail::AssignRefused { ticket, attempt, refusal, reported: Reported { facts, era } } => {
                self.is_durable(&facts);
                self.dispatch(Input::AssignRefused { ticket, attempt, refusal, facts, era });
            }
            Mail::Chimed { ticket, next, passed_over } => {
                self.dispatch(Input::Chimed { ticket, next, passed_over });
            }
            Mail::RoomGone { ticket } => self.dispatch(Input::RoomGone { ticket }),
            Mail::RoomFell { ticket } => self.dispatch(Input::RoomFell { ticket }),
            Mail::Greet { who, outbox } => self.greet(&who, &outbox),
            Mail::Presence { who, presence } => self.present(&who, presence),
            Mail::Pick { ask, who, ticket } => self.dispatch(Input::Pick { agent: who.person, ticket, ask }),
            Mail::AnswerOffer { ask, who, ticket, offer, answer } => {
                self.dispatch(Input::AnswerOffer { agent: who.person, ticket, offer, answer, ask });
            }
            Mail::Move { ask, who, ticket, agent } => {
                let routing = if agent == who.person { Routing::TakenOver } else { Routing::Transferred };
                let (by, name, reason, manner) = (who.person, who.name.to_string(), String::new(), Manner::AtOnce);
                self.dispatch(Input::Move { ticket, agent, routing, manner, by, name, reason, ask });
            }
            Mail::CustomerMoved { customer } => {
                let presence = match self.engine.directory.outboxes(customer).is_empty() {
                    true => Presence::Gone,
                    false => Presence::Here,
                };
                self.dispatch(Input::CustomerPresent { customer, presence });
            }
            Mail::SetStatus { ask, who, status } => {
                let label = String::new();
                self.dispatch(Input::SetStatus { agent: who.person, status, label, ask });
            }
            Mail::Watch { ask, who } => {
                self.dispatch(Input::Watch { agent: who.person, watching: Watching::Begin, ask });
            }
            Mail::Tick(notice) => {
                notice.take();
                self.dispatch(Input::Tick);
            }
        }
    }

    fn is_durable(&self, facts: &deskwire::domain::facts::Facts) {
        let log = self.shared.log.borrow();
        let is_so = log.outline(facts.ticket, facts.seq).is_some_and(|outline| outline.facts() == facts);
        drop(log);
        self.shared.expect(is_so, Check::Durable, || format!("a room reports {facts:?}"));
    }

    fn dispatch(&mut self, input: Input<Ask>) {
        let (now, mut out) = (self.steady(), Vec::new());
        self.engine.dispatcher.dispatch.step(input, now, &mut out);
        let matcher = self.engine.dispatcher.dispatch.matcher();
        if matcher.violations() > 0 {
            self.shared.violated("the Matcher found itself wrong");
        }
        if let Err(words) = matcher.check() {
            self.shared.fail(Check::Counters, words);
        }
        out.into_iter().for_each(|output| self.carry_output(output));
    }

    fn present(&mut self, who: &Who, presence: Presence) {
        let agent = who.person;
        if presence == Presence::Here {
            let slots = self.shared.log.borrow().slots(agent);
            let profile = AgentProfile {
                name: who.name.to_string(),
                role: who.role,
                categories: who.categories.iter().copied().collect(),
                slots: Slots { live: slots, asynchronous: slots },
                ..AgentProfile::nobody(agent)
            };
            self.dispatch(Input::AgentIs { profile, status: None });
        }
        self.dispatch(Input::AgentPresent { agent, presence });
    }

    fn greet(&self, who: &Who, outbox: &Outbox) {
        let dispatch = &self.engine.dispatcher.dispatch;
        let Some(agent) = dispatch.matcher().agent(who.person) else { return };
        for ticket in agent.held().keys() {
            if dispatch.facts(*ticket).is_some_and(|facts| facts.owner() == Some(who.person)) {
                outbox.send_staff(StaffFrame::Yours(kinds::Yours { ticket: *ticket }));
            }
        }
        outbox.send_staff(your_state(agent.state()));
    }

    fn carry_output(&mut self, output: Output<Ask>) {
        match output {
            Output::Assign { ticket, agent, round, routing, wrap_up_s, moved, attempt, .. } => {
                let who = people::who(agent);
                self.shared.happened.borrow_mut().insert(format!("{routing:?}"));
                self.shared.note(format!("dispatcher: {ticket:?} to {agent:?} in round {round}"));
                self.tell_room(
                    ticket,
                    room::Mail::Assign { who, assign: Assign { round, routing, wrap_up_s, moved, attempt } },
                );
            }
            Output::Direct { ticket, seq, order, notice, attempt } => {
                self.shared.note(format!("dispatcher: {order:?} {ticket:?} at {seq}"));
                let told = if let Order::Tell(cause) = order { Some(cause) } else { None };
                let name = told.map_or_else(|| format!("{order:?}"), |cause| format!("{cause:?}"));
                self.shared.happened.borrow_mut().insert(name);
                self.tell_room(ticket, room::Mail::Direct(Direct { seq, order, notice, attempt }));
            }
            Output::Chime { ticket, chime } => self.tell_room(ticket, room::Mail::Chime(chime)),
            Output::Offer { agent, offer } => self.staff(&[agent], &StaffFrame::Offered(offer)),
            Output::OfferGone { agent, ticket, offer, exit } => {
                self.shared.happened.borrow_mut().insert(format!("{exit:?}"));
                self.staff(&[agent], &StaffFrame::OfferGone(kinds::OfferGone { ticket, offer, exit }));
            }
            Output::AllDeclined { .. } | Output::WrapUp { .. } | Output::Floor { .. } => {}
            Output::Attend { customer } => self.tell_dispatcher(Mail::CustomerMoved { customer }),
            Output::StatusIs { ask, .. } => {
                ask.into_iter().for_each(Ask::done);
            }
            Output::Answer { ask, result: Ok(()) } => ask.done(),
            Output::Answer { ask, result: Err((refusal, _)) } => ask.refuse(refusal),
            Output::Wake { ticket } => self.tell_room(ticket, room::Mail::Report),
            Output::Position { ticket, customer, position, wait_s } => {
                let frame = PublicFrame::Position(kinds::Position { ticket, position, wait_s });
                self.engine.directory.outboxes(customer).iter().for_each(|outbox| outbox.send(&frame));
            }
            Output::QueueEntry { to, entry } => self.staff(&to, &StaffFrame::QueueEntry(entry)),
            Output::QueueGone { to, ticket, exit } => {
                self.staff(&to, &StaffFrame::QueueGone(kinds::QueueGone { ticket, exit }));
            }
            Output::Staff { to, frame } => self.staff(&to, &frame),
            Output::Yours { agent, ticket } => self.staff(&[agent], &StaffFrame::Yours(kinds::Yours { ticket })),
            Output::NotYours { agent, ticket } => {
                self.staff(&[agent], &StaffFrame::NotYours(kinds::NotYours { ticket }));
            }
            Output::AgentState { agent, state } => self.staff(&[agent], &your_state(state)),
        }
    }

    fn staff(&self, people: &[PersonId], frame: &StaffFrame) {
        for outbox in people.iter().flat_map(|person| self.engine.directory.outboxes(*person)) {
            outbox.send_staff(frame.clone());
        }
    }
}

fn your_state(state: deskwire::domain::matcher::AgentState) -> StaffFrame {
    StaffFrame::YourState(kinds::YourState { status: state.status, slots: state.slots.live, active: state.used.live })
}
