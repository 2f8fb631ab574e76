//! The dispatcher actor: carries messages to the pure dispatch machine, and what it says to rooms and people.

use std::sync::Arc;

use deskwire_protocol::kinds::{self, StaffFrame};
use deskwire_protocol::words::Manner;
use deskwire_protocol::{PersonId, Refusal, Role, Routing, TicketId};
use ractor::{Actor, ActorProcessingErr, ActorRef};

use super::ask::Ask;
use super::desk::Desk;
use super::dispatched::state_frames;
use super::outbox::Outbox;
use super::person::Watch;
use super::routing;
use crate::domain::authorize::{Action, Target, authorize};
use crate::domain::dispatch::{Dispatch, FloorInput, Input, Output, Watching};
use crate::domain::matcher::{Limit, Slots, TeamId, Violations};
use crate::domain::room::Reported;
use crate::domain::who::Who;
use crate::identity::account::{Category, Team};
use crate::metrics::Invariant;

pub use super::dispatcher_msg::{AssignRefused, Msg};
pub use crate::domain::matcher::Presence;

/// How often the longest wait is looked for, in ticks.
const OLDEST_TICKS: u32 = 10;

/// The dispatcher.
pub struct Dispatcher;

/// The machine, and the way out.
pub struct State {
    pub(super) desk: Arc<Desk>,
    pub(super) dispatch: Dispatch<Ask>,
    out: Vec<Output<Ask>>,
    /// Why nothing is paired, as the machine was told.
    paused: Option<Refusal>,
    violations: Violations,
    ticks: u32,
}

impl Actor for Dispatcher {
    type Msg = Msg;
    type State = State;
    type Arguments = Arc<Desk>;

    async fn pre_start(&self, myself: ActorRef<Msg>, desk: Arc<Desk>) -> Result<State, ActorProcessingErr> {
        // Before anything is read: what a room reports from here on must not go to the one that fell.
        desk.dispatched_by(myself);
        let (dispatch, violations) = (Dispatch::default(), Violations::default());
        Ok(State { desk, dispatch, out: Vec::new(), paused: None, violations, ticks: 0 })
    }

    async fn post_start(&self, _: ActorRef<Msg>, state: &mut State) -> Result<(), ActorProcessingErr> {
        state.begin().await
    }

    async fn handle(&self, _: ActorRef<Msg>, msg: Msg, state: &mut State) -> Result<(), ActorProcessingErr> {
        state.hear(msg);
        state.desk.handling(None);
        Ok(())
    }
}

impl State {
    /// The order matters: the era first, then who lives, then what is on disk behind a fence.
    async fn begin(&mut self) -> Result<(), ActorProcessingErr> {
        let era = self.desk.directory.next_era();
        self.desk.directory.dismiss_watchers();
        let live = self.desk.directory.rooms();
        self.desk.store.barrier().await?;
        let stages = self.desk.store.stages().await;
        let stages =
            stages.map_err(|fault| format!("{fault}; stopped, `deskwire rebuild` makes the stage index anew"))?;
        for category in self.desk.accounts.categories() {
            self.category_is(&category);
        }
        for team in self.desk.accounts.teams() {
            self.team_is(&team);
        }
        // The one that fell took with it what it knew of these, and may have fallen over one of them.
        for ticket in self.desk.directory.all_set_aside() {
            self.step(Input::SetAside { ticket });
        }
        self.step(Input::Begin { era, stages, live });
        for who in self.desk.directory.staff_present() {
            self.present(&who, Presence::Here);
        }
        Ok(())
    }

    fn hear(&mut self, msg: Msg) {
        match msg {
            Msg::Report(notice) => {
                if let Some(Reported { facts, era }) = notice.take() {
                    self.about(facts.ticket, Input::Report { facts, era });
                }
            }
            Msg::NoTicket { ticket, era } => self.about(ticket, Input::NoTicket { ticket, era }),
            Msg::AssignRefused(refused) => {
                let AssignRefused { ticket, attempt, refusal, reported: Reported { facts, era } } = *refused;
                self.about(ticket, Input::AssignRefused { ticket, attempt, refusal, facts, era });
            }
            Msg::Open(opening) => self.desk.let_in(&self.dispatch, *opening),
            Msg::Chimed { ticket, next, passed_over } => {
                self.about(ticket, Input::Chimed { ticket, next, passed_over });
            }
            Msg::RoomGone { ticket } => self.about(ticket, Input::RoomGone { ticket }),
            Msg::RoomFell { ticket } => self.about(ticket, Input::RoomFell { ticket }),
            Msg::AskedAside { ask, who, ticket } => {
                let refusal = match self.allows(&who, Action::Read, ticket) {
                    Some(Ok(())) => Refusal::SetAside,
                    Some(Err(_)) | None => Refusal::UnknownTicket,
                };
                ask.refuse(refusal, refusal.words().trim());
            }
            // The directory was told first and knows the last word: the two may overtake each other on their way here.
            Msg::SetAside { ticket } | Msg::PutBack { ticket } => match self.desk.directory.is_set_aside(ticket) {
                true => self.step(Input::SetAside { ticket }),
                false => self.about(ticket, Input::PutBack { ticket }),
            },
            Msg::Greet { who, outbox } => self.greet(&who, &outbox),
            Msg::Presence { who, presence } => self.present(&who, presence),
            Msg::Pick { ask, who, ticket } => self.pick(ask, &who, ticket),
            Msg::AnswerOffer { ask, who, ticket, offer, answer } => {
                self.about(ticket, Input::AnswerOffer { agent: who.person, ticket, offer, answer, ask });
            }
            Msg::Transfer { ask, who, ticket, agent, manner, reason } => {
                self.transfer(ask, &who, (ticket, asked(manner)), (agent, manner), reason);
            }
            Msg::TakeOver { ask, who, ticket, reason } => {
                self.transfer(ask, &who, (ticket, Action::TakeOver), (who.person, Manner::AtOnce), reason);
            }
            Msg::CustomerMoved { customer } => self.customer_moved(customer),
            Msg::SetStatus { ask, who, status, label } => {
                self.step(Input::SetStatus { agent: who.person, status, label, ask });
            }
            Msg::CategoryChanged { category } => {
                self.desk.accounts.category(category).iter().for_each(|category| self.category_is(category));
            }
            Msg::TeamChanged { team } => {
                self.desk.accounts.teams().iter().filter(|one| one.id == team).for_each(|team| self.team_is(team));
            }
            Msg::AgentChanged { agent } => self.agent_changed(agent),
            Msg::Watch { ask, who, watch } => self.watch(ask, &who, watch),
            Msg::AskRouting { ask, who, why } => {
                let allowed = why.ticket().map_or(Some(Ok(())), |ticket| self.allows(&who, Action::Read, ticket));
                routing::answer(&self.dispatch, ask, &who, why, allowed);
            }
            Msg::Floor(wished) => self.wished(*wished),
            Msg::Tick(notice) => {
                notice.take();
                self.tick();
            }
            #[cfg(feature = "planted-bugs")]
            Msg::Panic => panic!("the dispatcher was asked to fall"),
        }
    }

    fn tick(&mut self) {
        let paused = self.desk.pairs_not();
        if paused != self.paused {
            self.paused = paused;
            self.step(paused.map_or(Input::Resume, |refusal| Input::Pause { refusal }));
        }
        self.step(Input::Tick);
        self.look_at_the_oldest();
    }

    fn watch(&mut self, ask: Ask, who: &Who, watch: Watch) {
        self.desk.directory.set_watch(who.person, watch);
        let watching = match watch {
            Watch::Begin => Watching::Begin,
            Watch::End => Watching::End,
        };
        self.step(Input::Watch { agent: who.person, watching, ask });
    }

    /// By the one table first; a ticket that is not known here answers as the machine says.
    fn pick(&mut self, ask: Ask, who: &Who, ticket: TicketId) {
        if self.desk.is_closed() {
            return ask.refuse(Refusal::Draining, Refusal::Draining.words().trim());
        }
        match self.allows(who, Action::Pick, ticket).unwrap_or(Ok(())) {
            Ok(()) => self.about(ticket, Input::Pick { agent: who.person, ticket, ask }),
            Err(refusal) => ask.refuse(refusal, refusal.words().trim()),
        }
    }

    /// A ticket that is not known here is over, or nobody's to give.
    fn transfer(
        &mut self,
        ask: Ask,
        by: &Who,
        (ticket, action): (TicketId, Action),
        (agent, manner): (PersonId, Manner),
        reason: String,
    ) {
        if self.desk.is_closed() {
            return ask.refuse(Refusal::Draining, Refusal::Draining.words().trim());
        }
        let is_taken = self.dispatch.facts(ticket).is_some_and(|facts| facts.owner().is_some());
        let routing = match (action, by.role) {
            (Action::TakeOver, _) => Routing::TakenOver,
            (Action::Override, _) if agent == by.person && is_taken => Routing::TakenOver,
            (_, Role::Supervisor | Role::Admin) => Routing::ByHand,
            (_, Role::Agent | Role::Customer) => Routing::Transferred,
        };
        match self.allows(by, action, ticket).unwrap_or(Err(Refusal::UnknownTicket)) {
            Ok(()) if !self.may_give_to(by, ticket, agent) => {
                ask.refuse(Refusal::CannotTake, "there is no such agent at work");
            }
            Ok(()) => {
                let (by, name) = (by.person, by.name.to_string());
                self.about(ticket, Input::Move { ticket, agent, routing, manner, by, name, reason, ask });
            }
            Err(refusal) => ask.refuse(refusal, refusal.words().trim()),
        }
    }

    /// Whether somebody may do this to a ticket, if it is known here: one that is not over.
    fn allows(&self, who: &Who, action: Action, ticket: TicketId) -> Option<Result<(), Refusal>> {
        let facts = self.dispatch.facts(ticket)?;
        // Whether he takes part makes no difference to what is asked of the queue.
        let of = who.of_ticket(facts, None);
        Some(authorize(&who.actor(), action, Target::Ticket(of)))
    }

    /// A step that is about one ticket: its name is noted, in case it fells us.
    fn about(&mut self, ticket: TicketId, input: Input<Ask>) {
        self.desk.handling(Some(ticket));
        self.step(input);
    }

    pub(super) fn step(&mut self, input: Input<Ask>) {
        let now = self.desk.clock.steady();
        self.dispatch.step(input, now, &mut self.out);
        for output in std::mem::take(&mut self.out) {
            self.desk.carry_output(output);
        }
        self.desk.set_waiting(self.dispatch.matcher().waiting());
        self.count();
    }

    /// What operators see of a step.
    fn count(&mut self) {
        let metrics = &self.desk.metrics;
        for given in self.dispatch.take_given() {
            metrics.matches[given.routing].inc();
            metrics.limit_overrides.inc_by(u64::from(given.limit == Limit::Beyond));
            if let Some(waited_ms) = given.waited_ms {
                metrics.queue_wait.observe(waited_ms as f64 / 1_000.0);
            }
            if let Some(error_ms) = given.estimate_error_ms {
                metrics.wait_estimate_error.observe(error_ms as f64 / 1_000.0);
            }
        }
        let (found, known) = (self.dispatch.matcher().violations_by(), self.violations);
        if found != known {
            let counters = &metrics.invariant_violations;
            counters[Invariant::TwoOwners].inc_by(found.two_owners - known.two_owners);
            counters[Invariant::OverCapacity].inc_by(found.over_capacity - known.over_capacity);
            counters[Invariant::MatcherTables].inc_by(found.tables - known.tables);
            self.violations = found;
        }
    }

    /// Looks at all that wait, so only once a second.
    fn look_at_the_oldest(&mut self) {
        self.ticks = self.ticks.wrapping_add(1);
        if self.ticks.is_multiple_of(OLDEST_TICKS) {
            let now_ms = self.desk.clock.now().ms();
            let waited_ms = self.dispatch.oldest_arrival().map_or(0, |arrived| now_ms.saturating_sub(arrived.ms()));
            self.desk.metrics.queue_oldest_wait.set(waited_ms as f64 / 1_000.0);
        }
    }

    fn category_is(&mut self, category: &Category) {
        let rules = self.desk.accounts.rules(category);
        self.step(Input::CategoryIs { id: category.id, name: category.name.clone(), rules });
    }

    fn team_is(&mut self, team: &Team) {
        let slots = Slots { live: team.live, asynchronous: team.asynchronous };
        self.step(Input::TeamIs { id: TeamId(team.id), slots });
    }

    /// One who is not known here is looked up when he comes.
    fn agent_changed(&mut self, agent: PersonId) {
        let known = self.dispatch.matcher().agent(agent).is_some();
        if let Some(profile) = self.desk.accounts.profile(agent).filter(|_| known) {
            self.step(Input::AgentIs { profile, status: None });
        }
    }

    /// Who is there is known anew from his account each time he comes.
    fn present(&mut self, who: &Arc<Who>, presence: Presence) {
        let agent = who.person;
        if let (Presence::Here, Some(profile)) = (presence, self.desk.accounts.profile(agent)) {
            let status = self.desk.statuses.of(agent);
            self.step(Input::AgentIs { profile, status });
        }
        self.step(Input::Floor(FloorInput::Came { who: self.desk.accounts.who(agent).unwrap_or_else(|| who.clone()) }));
        self.step(Input::AgentPresent { agent, presence });
    }

    /// Looked at now, so that a late notice of an old connection cannot hide a new one.
    fn customer_moved(&mut self, customer: PersonId) {
        let presence = match self.desk.directory.outboxes(customer).is_empty() {
            true => Presence::Gone,
            false => Presence::Here,
        };
        self.step(Input::CustomerPresent { customer, presence });
    }

    /// What is his, to a new connection.
    fn greet(&self, who: &Who, outbox: &Outbox) {
        let Some(outbox) = outbox.staff() else { return };
        self.dispatch.consults_of(who.person).iter().for_each(|frame| outbox.send(frame));
        let Some(agent) = self.dispatch.matcher().agent(who.person) else { return };
        for ticket in agent.held().keys() {
            let durable = self.dispatch.facts(*ticket).is_some_and(|facts| facts.owner() == Some(who.person));
            if durable {
                outbox.send(&StaffFrame::Yours(kinds::Yours { ticket: *ticket }));
            }
        }
        self.dispatch.greeting(who.person).iter().for_each(|frame| outbox.send(frame));
        // Of one who is not known yet, the news follows when he is; of one whose last word is not on disk, when it is.
        let state = agent.state();
        if !agent.is_known() || self.desk.statuses.keep_to_itself(who.person, state) {
            return;
        }
        let label = self.desk.label_frame(who.person, state.status);
        state_frames(state).iter().chain(&label).for_each(|frame| outbox.send(frame));
    }
}

/// What it takes to hand a ticket over like this.
fn asked(manner: Manner) -> Action {
    match manner {
        Manner::AtOnce | Manner::IfAccepted => Action::Transfer,
        Manner::BeyondLimit => Action::Override,
    }
}

#[cfg(test)]
#[path = "dispatcher_tests.rs"]
mod tests;
