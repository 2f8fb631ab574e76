//! The world around the dispatcher: messages in any order, rooms that leave and fall, dispatchers that fall too.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use deskwire::domain::dispatch::{Dispatch, Input, Order, Output, era_of};
use deskwire::domain::event::CategoryId;
use deskwire::domain::facts::{Causes, Facts};
use deskwire::domain::matcher::{AgentProfile, Mode, Presence, Slots};
use deskwire::domain::rules::Rules;
use deskwire_protocol::{PersonId, Phase, Priority, Refusal, StageName, Status, TicketId, Time};

use crate::room::{Room, Then};
use crate::underway::{Start, ToRoom};

const SLOTS: u16 = 2;
const AGENTS: u64 = 3;

/// What is built wrongly on purpose.
#[derive(Clone, Copy, PartialEq)]
pub enum Plant {
    Nothing,
    /// A room takes an Assign of a dispatcher that has fallen.
    RoomsTakeOldEras,
    /// Word that was on its way before the new dispatcher counts as the answer to its wake.
    OldWordCounts,
}

pub struct World {
    random: u64,
    plant: Plant,
    now: u64,
    era: u64,
    dispatch: Dispatch<u64>,
    start: Start,
    rooms: BTreeMap<TicketId, Room>,
    /// With the step before which it does not arrive.
    to_rooms: Vec<(u64, TicketId, ToRoom)>,
    steps: u64,
    to_dispatch: Vec<Input<u64>>,
    asks: BTreeMap<u64, (PersonId, TicketId)>,
    asked: u64,
    /// Who durably had which ticket at some time.
    owners: BTreeSet<(TicketId, PersonId)>,
}

impl World {
    pub fn new(seed: u64, plant: Plant) -> World {
        let mut world = World {
            random: seed,
            plant,
            now: 1_000_000,
            era: 0,
            dispatch: Dispatch::default(),
            start: Start::Listing,
            rooms: BTreeMap::new(),
            to_rooms: Vec::new(),
            steps: 0,
            to_dispatch: Vec::new(),
            asks: BTreeMap::new(),
            asked: 0,
            owners: BTreeSet::new(),
        };
        world.dispatcher_starts();
        world
    }

    fn below(&mut self, n: usize) -> usize {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % n as u64) as usize
    }

    fn any_ticket(&mut self) -> Option<TicketId> {
        let index = self.below(self.rooms.len().max(1));
        self.rooms.keys().nth(index).copied()
    }

    fn hear(&mut self, input: Input<u64>) -> Result<(), String> {
        let mut out = Vec::new();
        self.dispatch.step(input, Time::from_ms(self.now), &mut out);
        for output in out {
            match output {
                Output::Assign { ticket, agent, round, attempt, .. } => {
                    self.send(ticket, ToRoom::Assign { agent, round, attempt });
                }
                Output::Direct { order: Order::Tell(_), .. } | Output::Chime { .. } => {}
                Output::Direct { .. } | Output::Offer { .. } => return Err(format!("unasked: {output:?}")),
                Output::Wake { ticket } => self.send(ticket, ToRoom::Wake),
                Output::Answer { ask, result } => self.answered(ask, result.is_ok())?,
                Output::Position { .. }
                | Output::QueueEntry { .. }
                | Output::QueueGone { .. }
                | Output::Yours { .. }
                | Output::NotYours { .. }
                | Output::OfferGone { .. }
                | Output::AllDeclined { .. }
                | Output::Floor { .. }
                | Output::Attend { .. }
                | Output::WrapUp { .. }
                | Output::StatusIs { .. }
                | Output::Staff { .. }
                | Output::AgentState { .. } => {}
            }
        }
        self.dispatch.matcher().check()
    }

    /// One in four messages is slow.
    fn send(&mut self, ticket: TicketId, message: ToRoom) {
        let slow = self.below(4) == 0;
        let later = if slow { self.below(150) as u64 } else { 0 };
        self.to_rooms.push((self.steps + later, ticket, message));
    }

    fn answered(&mut self, ask: u64, yes: bool) -> Result<(), String> {
        let asked = self.asks.remove(&ask).ok_or(format!("ask {ask} was answered twice"));
        let (agent, ticket) = asked?;
        let owned = self.owners.contains(&(ticket, agent));
        (!yes || owned).then_some(()).ok_or(format!("{agent} was told that he has {ticket} and never had"))
    }

    fn dispatcher_starts(&mut self) {
        self.era += 1;
        let old = std::mem::take(&mut self.dispatch);
        self.asks.clear();
        drop(old.into_asks());
        self.to_dispatch.clear();
        self.start = Start::Listing;
        let category = CategoryId(1);
        let rules = Arc::new(Rules { mode: Mode::Automatic, ..Rules::default() });
        self.to_dispatch.push(Input::CategoryIs { id: category, name: "chat".into(), rules });
        for agent in 1..=AGENTS {
            let (id, categories) = (PersonId(agent), BTreeSet::from([category, CategoryId(2)]));
            let slots = Slots { live: SLOTS, asynchronous: 0 };
            let profile = AgentProfile { categories, slots, ..AgentProfile::nobody(id) };
            let mut out = Vec::new();
            let now = Time::from_ms(self.now);
            self.dispatch.step(Input::AgentIs { profile, status: Some(Status::Available) }, now, &mut out);
            self.dispatch.step(Input::AgentPresent { agent: id, presence: Presence::Here }, now, &mut out);
        }
    }

    fn start_goes_on(&mut self) -> Result<(), String> {
        self.start = match std::mem::replace(&mut self.start, Start::Done) {
            Start::Listing => {
                let live = self.rooms.iter().filter(|(_, room)| room.live).map(|(ticket, _)| *ticket);
                Start::Fencing { live: live.collect() }
            }
            Start::Fencing { live } => {
                Start::Ready { live, stages: self.rooms.values().map(|room| room.applied.clone()).collect() }
            }
            Start::Ready { live, stages } => {
                let owned = stages.iter().filter_map(|facts| Some((facts.ticket, facts.owner()?)));
                self.owners.extend(owned);
                self.hear(Input::Begin { era: self.era, stages, live })?;
                Start::Done
            }
            Start::Done => Start::Done,
        };
        Ok(())
    }

    fn open(&mut self) {
        let ticket = TicketId(self.rooms.len() as u64 + 1);
        let category = CategoryId(1 + self.below(2) as u16);
        let priority = Priority::ALL[self.below(4)];
        let facts = Facts {
            ticket,
            seq: 1,
            stage: StageName::Waiting,
            round: 1,
            agent: None,
            customer: PersonId(99),
            category,
            priority,
            arrived: Time::from_ms(self.now),
            since: Time::from_ms(self.now),
            phase: Phase::Live,
            reachable: false,
            skills: Vec::new(),
            wrap_up_until: None,
            told: Causes::default(),
            hands: Default::default(),
            name: String::new(),
            subject: String::new(),
        };
        let waiting = vec![Then::Report(facts.clone())];
        self.rooms.insert(ticket, Room { applied: facts, durable: 0, live: true, waiting, handling: None });
    }

    /// Somebody in the room acts: closes, gives back, reopens.
    fn act(&mut self, ticket: TicketId) {
        let stage = match (self.rooms[&ticket].applied.stage, self.below(3)) {
            (StageName::Assigned, 0) => StageName::Waiting,
            (StageName::Assigned, 1) => StageName::OnHold,
            (StageName::Closed, 0) => StageName::Reopened,
            (StageName::Assigned | StageName::OnHold, _) => StageName::Closed,
            _ => return,
        };
        let room = self.rooms.get_mut(&ticket).expect("it was picked from the rooms");
        if room.live && room.handling.is_none() {
            room.applied.round += u32::from(matches!(stage, StageName::Waiting | StageName::Reopened));
            room.change(stage);
        }
    }

    fn sync(&mut self, ticket: TicketId) {
        let (era, plant) = (self.era, self.plant);
        let Some(room) = self.rooms.get_mut(&ticket).filter(|room| room.handling.is_none()) else { return };
        let upto = room.durable + 1 + (room.applied.seq - room.durable) / 2;
        room.durable = upto.min(room.applied.seq);
        let durable = room.durable;
        let (due, later) = std::mem::take(&mut room.waiting).into_iter().partition(|then| then.needs() <= durable);
        room.waiting = later;
        let newest = room.applied.seq;
        let era_for = |seq: u32| if seq == newest || plant == Plant::OldWordCounts { era } else { 0 };
        let due: Vec<Then> = due;
        for then in due {
            self.to_dispatch.push(match then {
                Then::Report(facts) => {
                    self.owners.extend(facts.owner().map(|owner| (ticket, owner)));
                    Input::Report { era: era_for(facts.seq), facts }
                }
                Then::Refused { attempt, facts } => {
                    self.owners.extend(facts.owner().map(|owner| (ticket, owner)));
                    let (refusal, era) = (Refusal::Taken, era_for(facts.seq));
                    Input::AssignRefused { ticket, attempt, refusal, facts, era }
                }
            });
        }
    }

    /// It owes nobody anything; what comes for it spawns it again.
    fn room_leaves(&mut self, ticket: TicketId) {
        let room = self.rooms.get_mut(&ticket).expect("it was picked from the rooms");
        if room.live && room.handling.is_none() && room.waiting.is_empty() && room.durable == room.applied.seq {
            room.live = false;
            self.to_dispatch.push(Input::RoomGone { ticket });
        }
    }

    /// What it owed and what was on its way to it is lost; what it appended is not.
    fn room_falls(&mut self, ticket: TicketId) {
        let room = self.rooms.get_mut(&ticket).expect("it was picked from the rooms");
        if room.live {
            room.live = false;
            room.waiting.clear();
            room.handling = None;
            self.to_rooms.retain(|(_, to, _)| *to != ticket);
            self.to_dispatch.push(Input::RoomFell { ticket });
        }
    }

    fn deliver_to_room(&mut self) {
        let idle = |ticket: &TicketId| self.rooms[ticket].handling.is_none();
        let due = |(due, ticket, _): &(u64, TicketId, ToRoom)| *due <= self.steps && idle(ticket);
        let due: Vec<usize> = (0..self.to_rooms.len()).filter(|index| due(&self.to_rooms[*index])).collect();
        if due.is_empty() {
            return;
        }
        let index = due[self.below(due.len())];
        let (_, ticket, message) = self.to_rooms.swap_remove(index);
        let (era, plant, slow) = (self.era, self.plant, self.below(4) == 0);
        let room = self.rooms.get_mut(&ticket).expect("the dispatcher knows no others");
        if !room.live {
            room.live = true; // The replay is a fence, and the room reports.
            room.durable = room.applied.seq;
            room.waiting.push(Then::Report(room.applied.clone()));
        }
        match message {
            ToRoom::Wake => room.waiting.push(Then::Report(room.applied.clone())),
            ToRoom::Assign { attempt, .. } if era_of(attempt) != era && plant != Plant::RoomsTakeOldEras => {}
            ToRoom::Assign { agent, round, attempt } => room.handling = Some((agent, round, attempt)),
        }
        if !slow {
            room.finish();
        }
    }

    /// A room does one thing at a time.
    fn finish(&mut self, ticket: TicketId) {
        self.rooms.get_mut(&ticket).expect("it was picked from the rooms").finish();
    }

    fn deliver_to_dispatch(&mut self) -> Result<(), String> {
        if self.to_dispatch.is_empty() {
            return Ok(());
        }
        let index = self.below(self.to_dispatch.len());
        let input = self.to_dispatch.swap_remove(index);
        self.hear(input)
    }

    fn pick(&mut self, ticket: TicketId) -> Result<(), String> {
        self.asked += 1;
        let (agent, ask) = (PersonId(1 + self.below(AGENTS as usize) as u64), self.asked);
        self.asks.insert(ask, (agent, ticket));
        self.hear(Input::Pick { agent, ticket, ask })
    }

    fn tick(&mut self) -> Result<(), String> {
        self.now += 300;
        self.hear(Input::Tick)
    }

    pub fn step(&mut self) -> Result<(), String> {
        self.steps += 1;
        let dice = self.below(105);
        let ticket = self.any_ticket();
        match (dice, ticket) {
            (0..4, _) if self.rooms.len() < 40 => self.open(),
            (4..30, _) => self.deliver_to_dispatch()?,
            (30..46, _) => self.deliver_to_room(),
            (46..50, _) => self.start_goes_on()?,
            (50..70, Some(ticket)) => self.sync(ticket),
            (70..78, Some(ticket)) => self.act(ticket),
            (78..82, Some(ticket)) => self.pick(ticket)?,
            (82..84, Some(ticket)) => self.room_leaves(ticket),
            (84, Some(ticket)) => self.room_falls(ticket),
            (85, _) => self.dispatcher_starts(),
            (86..91, _) => self.start_goes_on()?,
            (91..100, _) => self.tick()?,
            (100..105, Some(ticket)) => self.finish(ticket),
            _ => {}
        }
        self.check()
    }

    /// B14, B15: by what the rooms have applied, nobody has too many; a ticket has one owner by its form.
    fn check(&self) -> Result<(), String> {
        for agent in 1..=AGENTS {
            let owned = self.rooms.values().filter(|room| room.applied.owner() == Some(PersonId(agent)));
            let owned = owned.count();
            if owned > usize::from(SLOTS) {
                return Err(format!("agent {agent} has {owned} tickets and may have {SLOTS}"));
            }
        }
        let violations = self.dispatch.matcher().violations();
        (violations == 0).then_some(()).ok_or(format!("{violations} violations"))
    }

    /// Nothing falls any more and everything arrives.
    pub fn rest(&mut self) -> Result<(), String> {
        for _ in 0..60 {
            self.start_goes_on()?;
            let tickets: Vec<TicketId> = self.rooms.keys().copied().collect();
            self.steps += 150;
            while !self.to_rooms.is_empty() {
                tickets.iter().for_each(|ticket| self.finish(*ticket));
                self.deliver_to_room();
            }
            for ticket in tickets {
                self.finish(ticket);
                for _ in 0..8 {
                    self.sync(ticket);
                }
            }
            while !self.to_dispatch.is_empty() {
                self.deliver_to_dispatch()?;
            }
            self.tick()?;
            self.check()?;
        }
        self.check_rest()
    }

    fn check_rest(&self) -> Result<(), String> {
        if !self.dispatch.is_pairing() || !self.asks.is_empty() {
            return Err(format!("pairing: {}, unanswered: {:?}", self.dispatch.is_pairing(), self.asks));
        }
        let matcher = self.dispatch.matcher();
        for (ticket, room) in &self.rooms {
            let known = self.dispatch.facts(*ticket);
            if known != Some(&room.applied).filter(|facts| !facts.is_over()) {
                return Err(format!("{ticket}: believed {known:?}, is {:?}", room.applied));
            }
            if matcher.holder(*ticket) != room.applied.owner() {
                return Err(format!("{ticket}: a slot is used by {:?}", matcher.holder(*ticket)));
            }
        }
        let full = |agent| matcher.agent(PersonId(agent)).is_some_and(|agent| agent.used().live >= SLOTS);
        let waits = |room: &Room| room.applied.is_waiting() && room.applied.category == CategoryId(1);
        (!self.rooms.values().any(waits) || (1..=AGENTS).all(full))
            .then_some(())
            .ok_or("a ticket waits beside a free agent".to_owned())
    }
}
