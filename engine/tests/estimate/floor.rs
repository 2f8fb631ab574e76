//! A floor under virtual time around the real dispatcher: rooms that do at once what they are told, customers who come
//! at random, agents who need random times.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use deskwire::domain::dispatch::{Dispatch, Input, Output};
use deskwire::domain::event::CategoryId;
use deskwire::domain::facts::{Causes, Facts};
use deskwire::domain::matcher::{AgentProfile, Presence, Slots};
use deskwire::domain::rules::Rules;
use deskwire_protocol::{PersonId, Phase, Priority, StageName, Status, TicketId, Time};

const BEGAN_MS: u64 = 1_000_000_000;

/// Random numbers, the same for a seed.
pub struct Dice(pub u64);

impl Dice {
    /// Above 0, at most 1.
    pub fn part(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (((z ^ (z >> 31)) >> 11) as f64 + 1.0) / (1u64 << 53) as f64
    }

    /// Between two arrivals of a Poisson stream, in milliseconds.
    pub fn gap_ms(&mut self, per_minute: f64) -> u64 {
        (-self.part().ln() * 60_000.0 / per_minute) as u64
    }

    /// Lognormal with this mean; `sigma` of the logarithm.
    pub fn lognormal_ms(&mut self, mean_ms: f64, sigma: f64) -> u64 {
        let normal = (-2.0 * self.part().ln()).sqrt() * (std::f64::consts::TAU * self.part()).cos();
        (mean_ms.ln() - sigma * sigma / 2.0 + sigma * normal).exp() as u64
    }
}

/// What happens by itself.
#[derive(Clone, Copy, Debug)]
pub enum Happens {
    /// A customer comes to a category.
    Comes(u16),
    /// A ticket has been handled.
    Ends(TicketId),
    /// An agent takes nothing new from now on.
    Leaves(PersonId),
    /// A second has passed.
    Tick,
}

/// What a customer was told first, beside what a mean alone would have said.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    pub at_ms: u64,
    pub estimate_s: f64,
    /// Position × mean handling time / slots at work, with the mean of all that has ended.
    pub by_mean_s: f64,
    /// Position × mean handling time.
    pub by_mean_alone_s: f64,
}

pub struct Floor {
    pub now_ms: u64,
    pub dice: Dice,
    mean_ms: f64,
    sigma: f64,
    dispatch: Dispatch<u64>,
    agenda: BTreeMap<(u64, u64), Happens>,
    facts: HashMap<TicketId, Facts>,
    began: HashMap<TicketId, u64>,
    numbers: u64,
    ended: (f64, f64),
    told: HashMap<TicketId, Told>,
    /// What was told and how long it took, in seconds, of each ticket that waited and has its agent.
    pub known: Vec<(Told, f64)>,
}

impl Floor {
    /// A floor with these agents: categories and live slots.
    pub fn new(seed: u64, mean_ms: f64, sigma: f64, agents: &[(&[u16], u16)]) -> Floor {
        let mut floor = Floor {
            now_ms: BEGAN_MS,
            dice: Dice(seed),
            mean_ms,
            sigma,
            dispatch: Dispatch::default(),
            agenda: BTreeMap::new(),
            facts: HashMap::new(),
            began: HashMap::new(),
            numbers: 0,
            ended: (0.0, 0.0),
            told: HashMap::new(),
            known: Vec::new(),
        };
        for category in 1..=2 {
            let rules = Arc::new(Rules::default());
            floor.hear(Input::CategoryIs { id: CategoryId(category), name: "chat".into(), rules });
        }
        floor.hear(Input::Begin { era: 1, stages: Vec::new(), live: Vec::new() });
        for (number, (categories, live)) in agents.iter().enumerate() {
            let (id, slots) = (PersonId(number as u64 + 1), Slots { live: *live, asynchronous: 0 });
            let categories = categories.iter().map(|id| CategoryId(*id)).collect();
            let profile = AgentProfile { categories, slots, ..AgentProfile::nobody(id) };
            floor.hear(Input::AgentIs { profile, status: None });
            floor.hear(Input::AgentPresent { agent: id, presence: Presence::Here });
            floor.hear(Input::SetStatus { agent: id, status: Status::Available, label: String::new(), ask: 0 });
        }
        floor.at(1_000, Happens::Tick);
        floor
    }

    /// Something happens later.
    pub fn at(&mut self, later_ms: u64, happens: Happens) {
        self.numbers += 1;
        self.agenda.insert((self.now_ms + later_ms, self.numbers), happens);
    }

    /// A Poisson stream of customers for a while.
    pub fn stream(&mut self, category: u16, per_minute: f64, from_min: u64, to_min: u64) {
        let mut at = from_min * 60_000;
        while at < to_min * 60_000 {
            self.at(at, Happens::Comes(category));
            at += self.dice.gap_ms(per_minute);
        }
    }

    pub fn run(&mut self, minutes: u64) {
        let end = self.now_ms + minutes * 60_000;
        while let Some(((at, _), happens)) = self.agenda.pop_first().filter(|((at, _), _)| *at <= end) {
            self.now_ms = at;
            match happens {
                Happens::Comes(category) => self.comes(category),
                Happens::Ends(ticket) => self.ends(ticket),
                Happens::Leaves(agent) => {
                    self.hear(Input::SetStatus { agent, status: Status::Away, label: String::new(), ask: 0 })
                }
                Happens::Tick => {
                    self.hear(Input::Tick);
                    self.at(1_000, Happens::Tick);
                }
            }
        }
    }

    /// The median relative error of a way to tell, and over how many.
    pub fn median_error(&self, of: impl Fn(&Told) -> f64) -> (f64, usize) {
        let error = |(told, real_s): &(Told, f64)| (of(told) - real_s).abs() / real_s.max(1.0);
        let mut errors: Vec<f64> = self.known.iter().map(error).collect();
        errors.sort_by(f64::total_cmp);
        (errors[errors.len() / 2], errors.len())
    }

    fn comes(&mut self, category: u16) {
        self.numbers += 1;
        let (ticket, now) = (TicketId(self.numbers), Time::from_ms(self.now_ms));
        let facts = Facts {
            ticket,
            seq: 1,
            stage: StageName::Waiting,
            round: 1,
            agent: None,
            customer: PersonId(1_000_000 + self.numbers),
            category: CategoryId(category),
            priority: Priority::Normal,
            arrived: now,
            since: now,
            phase: Phase::Live,
            reachable: false,
            wrap_up_until: None,
            told: Causes::default(),
            hands: Default::default(),
            skills: Vec::new(),
            name: String::new(),
            subject: String::new(),
        };
        self.facts.insert(ticket, facts.clone());
        self.hear(Input::Report { facts, era: 1 });
    }

    fn ends(&mut self, ticket: TicketId) {
        let began = self.began.remove(&ticket).expect("it has an agent");
        self.ended = (self.ended.0 + (self.now_ms - began) as f64, self.ended.1 + 1.0);
        let mut facts = self.facts.remove(&ticket).expect("it is open");
        facts.seq += 1;
        facts.stage = StageName::Closed;
        self.hear(Input::Report { facts, era: 1 });
    }

    fn hear(&mut self, input: Input<u64>) {
        let mut out = Vec::new();
        self.dispatch.step(input, Time::from_ms(self.now_ms), &mut out);
        for output in out {
            match output {
                Output::Assign { ticket, agent, .. } => self.assigned(ticket, agent),
                Output::Position { ticket, position, wait_s, .. } => self.tell(ticket, position, wait_s),
                Output::Direct { .. }
                | Output::Chime { .. }
                | Output::Offer { .. }
                | Output::OfferGone { .. }
                | Output::AllDeclined { .. }
                | Output::Floor { .. }
                | Output::Attend { .. }
                | Output::Staff { .. }
                | Output::WrapUp { .. }
                | Output::StatusIs { .. }
                | Output::Answer { .. }
                | Output::Wake { .. }
                | Output::QueueEntry { .. }
                | Output::QueueGone { .. }
                | Output::Yours { .. }
                | Output::NotYours { .. }
                | Output::AgentState { .. } => {}
            }
        }
    }

    fn assigned(&mut self, ticket: TicketId, agent: PersonId) {
        if let Some(told) = self.told.remove(&ticket) {
            self.known.push((told, (self.now_ms - told.at_ms) as f64 / 1_000.0));
        }
        let facts = self.facts.get_mut(&ticket).expect("it is open");
        (facts.seq, facts.stage, facts.agent) = (facts.seq + 1, StageName::Assigned, Some(agent));
        let facts = facts.clone();
        self.began.insert(ticket, self.now_ms);
        let takes_ms = self.dice.lognormal_ms(self.mean_ms, self.sigma);
        self.at(takes_ms.max(1_000), Happens::Ends(ticket));
        self.hear(Input::Report { facts, era: 1 });
    }

    fn tell(&mut self, ticket: TicketId, position: u32, wait_s: u32) {
        let queue = self.dispatch.matcher().queue(self.facts[&ticket].category).expect("it waits there");
        let slots = queue.slots_at_work.max(1) as f64;
        let mean_s = if self.ended.1 > 0.0 { self.ended.0 / self.ended.1 / 1_000.0 } else { 300.0 };
        let by_mean_alone_s = f64::from(position) * mean_s;
        let (at_ms, estimate_s) = (self.now_ms, f64::from(wait_s));
        let told = Told { at_ms, estimate_s, by_mean_s: by_mean_alone_s / slots, by_mean_alone_s };
        self.told.entry(ticket).or_insert(told);
    }
}
