//! The dispatcher as a state machine: the Matcher, what rooms have reported, and what is on its way to them.
//!
//! # Pairing
//! Taking a ticket goes dispatcher → room: the Matcher takes the slot at the decision, a *claim* remembers it, and an
//! Assign goes to the room, where it is a compare-and-set on (waits, round). Giving back goes room → dispatcher:
//! only durable facts move a ticket from an agent. A claim ends in three ways:
//! - **a fact that settles its round**: owned by this agent (won), by another, over, or waiting in a later round
//!   (lost). A fact that still says "waits, same round" settles nothing: it may have been reported before the Assign
//!   came. An Assign of a settled round fails for ever, so nothing that is still on its way can matter;
//! - **a final refusal of its latest attempt**. An earlier attempt's refusal frees nothing, since a later one could
//!   still succeed; a retryable refusal frees nothing, since an earlier one could. The ticket then rests until the
//!   next tick, so that a room that refuses everybody is asked no oftener;
//! - **quarantine** ([`Input::SetAside`]).
//!
//! An attempt that is not answered is repeated ([`ASSIGN_REPEAT_MS`]). Picks wait in the claim, the winner's and the
//! others', and are judged again by the facts when it ends: so two picks have exactly one Ok.
//!
//! A room that falls takes reports with it that it owed for what is on disk, or will be: a ticket that began to wait,
//! a slot that became free. So each fall is answered by a wake ([`Input::RoomFell`]); quarantine bounds how often.
//!
//! # Why a new dispatcher may trust what it has gathered
//! The old one fell at any point; its Assigns may be anywhere: not yet in a mailbox, in one, applied and not yet on
//! disk, on disk. The new one (1) raises the *era* in the Directory, (2) lists the live rooms, (3) reads the stage
//! index behind a store fence, (4) wakes every listed room and pairs nothing until each has reported. A room refuses
//! an Assign whose era ([`era_of`] its attempt) is not the Directory's *when it handles it*. So each old Assign
//! - is handled after (1): refused;
//! - was handled before (1), by a room that is no longer live at (2): its append was queued before the fence (3),
//!   which therefore reads it. (A room's entry goes after its appends are queued; a handler that is still running
//!   has its entry.);
//! - was handled before (1), by a room that is live at (2): the room's report of this era tells of it. A report
//!   carries the era that was read while its facts were the newest applied, and leaves once they are durable; one
//!   that was already on its way, or was overtaken in its room, carries a lower era and does not count. If the room leaves or falls first, it is
//!   woken again, and its replay is a fence of its own.
//!
//! Without the era in (1) there is a hole: an Assign on its way to a room that is not yet spawned at (2) would be
//! accepted behind the back of the new dispatcher. The round still keeps the ticket from having two owners, but its
//! owner could get one ticket too many. Without the era in the report there is a smaller one of the same kind.
//!
//! # What the ticket must keep
//! A round that has ended never comes again: each return to the queue, a reopening too, has a higher one.

mod ceilings;
mod chimes;
mod claim;
mod consulting;
mod escalation;
mod floor;
mod forecasts;
mod gather;
mod handing;
mod learn;
mod lease;
mod message;
mod moving;
mod offer;
mod order;
mod output;
mod position;
mod routing;
mod view;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use deskwire_protocol::{PersonId, Refusal, Status, TicketId, Time};

use crate::domain::event::CategoryId;
use crate::domain::facts::Facts;
use crate::domain::matcher::{AgentState, Matcher, Presence};
use crate::domain::rules::Rules;
use crate::domain::ticket::Moved;

pub use ceilings::TOLD_PER_TICK_MAX;
pub use claim::{ASSIGN_REPEAT_MS, PICKS_PER_TICKET_MAX};
pub use consulting::CONSULTS_TOLD_MAX;
pub use floor::{Copied, FLOOR_EVERY_MS, FLOOR_PAGE_EVERY_MS, FLOOR_WATCHERS_PER_TICK_MAX, FloorInput};
pub use forecasts::FORECASTS_PER_TICK_MAX;
pub use gather::GATHER_REPEAT_MS;
pub use learn::{Given, OVER_REMEMBERED_MAX};
pub use message::{Answer, Input, Watching, era_of};
pub use offer::OfferAnswer;
pub use order::{Announcement, Order};
pub use output::Output;
pub use position::{POSITION_EVERY_MS, POSITIONS_PER_TICK_MAX};
pub use routing::{DECISIONS_REMEMBERED_MAX, Decided, RoutingOf};
pub use view::{ENTRIES_PER_SLICE_MAX, ENTRIES_PER_TICK_MAX};

use ceilings::Ceilings;
use chimes::Chimes;
use claim::{Claim, Repeat};
use consulting::Consults;
use escalation::Escalations;
use floor::FloorView;
use forecasts::Forecasts;
use gather::Gate;
use learn::Over;
use lease::{Absent, Lease};
use offer::Offer;
use order::Ordered;
use position::{Sweeps, Told};
use routing::Decisions;
use view::Views;

/// The dispatcher.
#[derive(Debug)]
pub struct Dispatch<A> {
    now: Time,
    era: u64,
    gate: Gate,
    paused: Option<Refusal>,
    matcher: Matcher,
    tickets: HashMap<TicketId, Belief<A>>,
    aside: BTreeSet<TicketId>,
    over: Over,
    attempts: u64,
    /// In the order in which they fall due.
    repeats: VecDeque<Repeat>,
    /// Refused by their rooms; they queue again at the next tick.
    resting: Vec<TicketId>,
    /// Began to wait in this step.
    fresh: Vec<TicketId>,
    categories: BTreeMap<CategoryId, Category>,
    /// Offers in the order in which they lapse.
    offers: BTreeSet<(u64, TicketId)>,
    /// What rooms were told to do and have not done yet.
    orders: HashMap<TicketId, Ordered>,
    /// Leases in the order in which they end.
    leases: BTreeSet<(u64, Lease)>,
    absent: Absent,
    ceilings: Ceilings,
    chimes: Chimes,
    /// When this dispatcher began: nobody's absence began before.
    began: Time,
    states: HashMap<PersonId, AgentState>,
    views: Views,
    sweeps: Sweeps,
    forecasts: Forecasts,
    decisions: Decisions,
    escalations: Escalations,
    consults: Consults,
    floor: FloorView,
    given: Vec<Given>,
}

/// A category as the queue must know it.
#[derive(Debug)]
struct Category {
    name: String,
    rules: Arc<Rules>,
}

/// What is believed of a ticket that is not over.
#[derive(Debug)]
struct Belief<A> {
    facts: Facts,
    standing: Standing<A>,
    told: Option<Told>,
}

/// How a ticket's place in the Matcher follows from its facts.
#[derive(Debug)]
enum Standing<A> {
    /// It is where they say.
    Placed,
    /// They say that it waits, but a slot is taken for it.
    Claimed(Claim<A>),
    /// They say that it waits, and an agent is asked whether he will have it; his slot is taken.
    Offered(Offer),
    /// They say that it waits, but its room has just refused an agent.
    Resting,
    /// It has none: it was set aside, or put back and not yet heard of.
    Out,
}

impl<A> Default for Dispatch<A> {
    fn default() -> Self {
        Dispatch {
            now: Time::default(),
            era: 0,
            gate: Gate::Closed,
            paused: None,
            matcher: Matcher::default(),
            tickets: HashMap::new(),
            aside: BTreeSet::new(),
            over: Over::default(),
            attempts: 0,
            repeats: VecDeque::new(),
            resting: Vec::new(),
            fresh: Vec::new(),
            categories: BTreeMap::new(),
            offers: BTreeSet::new(),
            orders: HashMap::new(),
            leases: BTreeSet::new(),
            absent: Absent::default(),
            ceilings: Ceilings::default(),
            chimes: Chimes::default(),
            began: Time::default(),
            states: HashMap::new(),
            views: Views::default(),
            sweeps: Sweeps::default(),
            forecasts: Forecasts::default(),
            decisions: Decisions::default(),
            escalations: Escalations::default(),
            consults: Consults::default(),
            floor: FloorView::default(),
            given: Vec::new(),
        }
    }
}

impl<A> Dispatch<A> {
    /// Takes one input and appends what is to be said, in order. Time that runs back stands still.
    pub fn step(&mut self, input: Input<A>, now: Time, out: &mut Vec<Output<A>>) {
        if now.ms() > self.now.ms() {
            self.now = now;
        }
        self.hear(input, out);
        self.hand_to_supervisors(out);
        self.pair(out);
        self.tell_fresh(out);
        self.tell_agents(out);
    }

    /// Whether it pairs.
    pub fn is_pairing(&self) -> bool {
        self.gate.is_open() && self.paused.is_none()
    }

    /// The time of the latest step.
    pub fn now(&self) -> Time {
        self.now
    }

    /// The queue as it stands.
    pub fn matcher(&self) -> &Matcher {
        &self.matcher
    }

    /// The facts last believed of a ticket that is not over.
    pub fn facts(&self, ticket: TicketId) -> Option<&Facts> {
        self.tickets.get(&ticket).map(|belief| &belief.facts)
    }

    /// What was given since this was asked last, for whoever counts.
    pub fn take_given(&mut self) -> Vec<Given> {
        std::mem::take(&mut self.given)
    }

    /// When the ticket that waits longest began to. Looks at all of them.
    pub fn oldest_arrival(&self) -> Option<Time> {
        let waiting = self.tickets.values().map(|belief| &belief.facts).filter(|facts| facts.is_waiting());
        waiting.map(|facts| facts.arrived).min()
    }

    /// Whether a ticket is set aside.
    pub fn is_aside(&self, ticket: TicketId) -> bool {
        self.aside.contains(&ticket)
    }

    /// The asks that were not answered, for whoever ends it.
    pub fn into_asks(self) -> Vec<A> {
        let beliefs = self.tickets.into_values();
        beliefs.flat_map(|belief| belief.standing.into_asks()).collect()
    }

    fn hear(&mut self, input: Input<A>, out: &mut Vec<Output<A>>) {
        match input {
            Input::Begin { era, stages, live } => self.begin(era, stages, live, out),
            Input::Report { facts, era } => self.report(facts, era, out),
            Input::NoTicket { ticket, era } => self.heard(ticket, era),
            Input::AssignRefused { ticket, attempt, refusal, facts, era } => {
                self.report(facts, era, out);
                self.refused(ticket, attempt, refusal, out);
            }
            Input::Chimed { ticket, next, passed_over } => self.chimed(ticket, next, passed_over),
            Input::RoomGone { ticket } => self.room_gone(ticket, out),
            Input::RoomFell { ticket } => self.room_fell(ticket, out),
            Input::SetAside { ticket } => self.set_aside(ticket, out),
            Input::PutBack { ticket } => self.put_back(ticket, out),
            Input::CategoryIs { id, name, rules } => {
                self.matcher.set_policy(id, rules.policy(), self.now);
                self.categories.insert(id, Category { name, rules });
                self.reconsider_ceilings(id);
                self.reconsider_silence(id);
            }
            Input::TeamIs { id, slots } => self.matcher.set_team(id, slots),
            Input::AgentIs { profile, status } => {
                let agent = profile.id;
                self.views.forget_audiences();
                self.views.restart(agent);
                self.matcher.set_agent(profile, self.now);
                if let Some(status) = status {
                    self.matcher.set_status(agent, status, self.now);
                }
            }
            Input::AgentGone { agent } => {
                self.views.end(agent);
                self.matcher.remove_agent(agent, self.now);
                self.rescind_all(agent, out);
            }
            Input::AnswerOffer { agent, ticket, offer, answer, ask } => {
                self.answer_offer(agent, ticket, offer, answer, ask, out);
            }
            Input::Move { ticket, agent, routing, manner, by, name, reason, ask } => {
                let moved = Moved { from: None, by, name, reason, manner };
                self.move_ticket(ticket, agent, routing, moved, ask, out);
            }
            Input::CustomerPresent { customer, presence } => self.customer_present(customer, presence),
            Input::AgentPresent { agent, presence } => self.agent_present(agent, presence),
            Input::SetStatus { agent, status, label, ask } => self.set_status(agent, (status, label), ask, out),
            Input::Pick { agent, ticket, ask } => self.pick(agent, ticket, ask, out),
            Input::Watch { agent, watching, ask } => self.watch(agent, watching, ask, out),
            Input::Floor(input) => self.hear_of_the_floor(input, out),
            Input::TellPosition { ticket } => self.retell(ticket, out),
            Input::Pause { refusal } => self.paused = Some(refusal),
            Input::Resume => self.paused = None,
            Input::Tick => self.tick(out),
        }
    }

    fn tick(&mut self, out: &mut Vec<Output<A>>) {
        self.forecast_again();
        self.gather_again(out);
        self.matcher.advance(self.now);
        self.escalations.look_again();
        self.let_offers_lapse(out);
        self.end_leases(out);
        self.tell_who_waits(out);
        self.chime(out);
        self.repeat_orders(out);
        self.repeat_assigns(out);
        self.queue_the_resting(out);
        self.sweep_positions(out);
        self.show_more(out);
        self.tell_floor(out);
    }

    fn agent_present(&mut self, agent: PersonId, presence: Presence) {
        match presence {
            Presence::Here => {}
            Presence::Gone => {
                self.views.end(agent);
                self.floor.end(agent);
            }
        }
        self.matcher.set_presence(agent, presence, self.now);
        self.lease_agent(agent);
    }

    fn set_status(&mut self, agent: PersonId, (status, label): (Status, String), ask: A, out: &mut Vec<Output<A>>) {
        let result = self.at_the_desk(agent);
        match result {
            Ok(()) => {
                self.matcher.set_status(agent, status, self.now);
                out.push(Output::StatusIs { agent, status, label, ask: Some(ask) });
            }
            Err(_) => out.push(Output::Answer { ask, result }),
        }
    }

    /// The rules of a category; of one that nobody has named those that all have.
    fn rules(&self, category: CategoryId) -> Arc<Rules> {
        self.categories.get(&category).map_or_else(Arc::default, |category| category.rules.clone())
    }

    fn at_the_desk(&self, agent: PersonId) -> Answer {
        let known = self.matcher.agent(agent).is_some_and(|agent| agent.is_known());
        let words = "you are not at the desk: open a connection first";
        known.then_some(()).ok_or_else(|| (Refusal::NotEntitled, words.to_owned()))
    }

    /// Ends the step: the Matcher checks itself, and agents hear what changed for them.
    fn tell_agents(&mut self, out: &mut Vec<Output<A>>) {
        for id in self.matcher.audit().agents {
            let agent = self.matcher.agent(id).filter(|agent| agent.is_known());
            let Some(state) = agent.map(|agent| agent.state()) else {
                self.states.remove(&id);
                continue;
            };
            if self.states.insert(id, state) != Some(state) {
                out.push(Output::AgentState { agent: id, state });
            }
        }
    }
}

fn refuse(refusal: Refusal) -> (Refusal, String) {
    (refusal, refusal.words().trim().to_owned())
}
