//! A recorded hour: a floor of one category, warm for an hour before it is recorded.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use deskwire::domain::event::CategoryId;
use deskwire::domain::matcher::{AgentProfile, Held, Hold, Matcher, Mode, Need, Policy, Presence, Request, Slots};
use deskwire::domain::whatif::{SERVICE_MS, WaitEnd};
use deskwire_protocol::{PersonId, Phase, Priority, Status, TicketId, Time};

pub const CATEGORY: CategoryId = CategoryId(1);
const HOUR_MS: u64 = 3_600_000;
const BEGAN_MS: u64 = 1_000_000_000;
const HANDLED_MEAN_MS: f64 = 360_000.0;
const PATIENCE_MEAN_MS: f64 = 240_000.0;

/// What was seen in an hour, and the floor at its beginning.
pub struct Hour {
    pub began: Time,
    pub at_its_beginning: Matcher,
    pub gaps_ms: Vec<u64>,
    pub handled_ms: Vec<u64>,
    pub waits: Vec<(u64, WaitEnd)>,
}

impl Hour {
    pub fn service_level(&self) -> f64 {
        let in_time = |(ms, end): &&(u64, WaitEnd)| *end == WaitEnd::Served && *ms <= SERVICE_MS;
        self.waits.iter().filter(in_time).count() as f64 / self.waits.len() as f64
    }

    pub fn abandonment(&self) -> f64 {
        let left = self.waits.iter().filter(|(_, end)| *end == WaitEnd::Abandoned).count();
        left as f64 / self.waits.len() as f64
    }
}

struct Dice(u64);

impl Dice {
    /// Above 0, at most 1.
    fn part(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) as f64 + 1.0) / (1u64 << 53) as f64
    }

    fn exponential_ms(&mut self, mean_ms: f64) -> u64 {
        (-self.part().ln() * mean_ms) as u64
    }

    fn lognormal_ms(&mut self, mean_ms: f64, sigma: f64) -> u64 {
        let normal = (-2.0 * self.part().ln()).sqrt() * (std::f64::consts::TAU * self.part()).cos();
        (mean_ms.ln() - sigma * sigma / 2.0 + sigma * normal).exp() as u64
    }
}

enum Happens {
    Comes,
    Ends(TicketId),
    Leaves(TicketId),
}

struct Floor {
    matcher: Matcher,
    dice: Dice,
    now: Time,
    agenda: BTreeMap<(u64, u64), Happens>,
    numbers: u64,
    began: HashMap<TicketId, u64>,
    came_ms: u64,
    seen: Option<Hour>,
}

/// An hour with so many customers a minute and so many agents with three slots; two more serve another category.
pub fn hour(seed: u64, per_minute: f64, agents: u64) -> Hour {
    let now = Time::from_ms(BEGAN_MS);
    let mut matcher = Matcher::default();
    for category in [CATEGORY, CategoryId(2)] {
        matcher.set_policy(category, Policy { mode: Mode::Automatic, ..Policy::default() }, now);
    }
    for id in (1..=agents + 2).map(PersonId) {
        let category = if id.0 <= agents { CATEGORY } else { CategoryId(2) };
        let (categories, slots) = (BTreeSet::from([category]), Slots { live: 3, asynchronous: 0 });
        matcher.set_agent(AgentProfile { categories, slots, ..AgentProfile::nobody(id) }, now);
        matcher.set_presence(id, Presence::Here, now);
        matcher.set_status(id, Status::Available, now);
    }
    let (dice, agenda, began) = (Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)), BTreeMap::new(), HashMap::new());
    let mut floor = Floor { matcher, dice, now, agenda, numbers: 0, began, came_ms: BEGAN_MS, seen: None };
    floor.run(per_minute);
    floor.seen.expect("it was recorded")
}

impl Floor {
    fn at(&mut self, later_ms: u64, happens: Happens) {
        self.numbers += 1;
        self.agenda.insert((self.now.ms() + later_ms, self.numbers), happens);
    }

    fn run(&mut self, per_minute: f64) {
        self.at(0, Happens::Comes);
        while let Some(((at, _), happens)) = self.agenda.pop_first() {
            if at >= BEGAN_MS + HOUR_MS && self.seen.is_none() {
                self.record();
            }
            if at >= BEGAN_MS + 2 * HOUR_MS {
                return;
            }
            self.now = Time::from_ms(at);
            match happens {
                Happens::Comes => self.comes(per_minute),
                Happens::Ends(ticket) => self.matcher.leave(ticket, self.now),
                Happens::Leaves(ticket) if self.matcher.is_waiting(ticket) => {
                    self.waited(ticket, WaitEnd::Abandoned);
                    self.matcher.leave(ticket, self.now);
                }
                Happens::Leaves(_) => {}
            }
            self.pair();
        }
    }

    fn record(&mut self) {
        let (began, at_its_beginning) = (Time::from_ms(BEGAN_MS + HOUR_MS), self.matcher.clone());
        let (gaps_ms, handled_ms, waits) = (Vec::new(), Vec::new(), Vec::new());
        self.seen = Some(Hour { began, at_its_beginning, gaps_ms, handled_ms, waits });
    }

    fn comes(&mut self, per_minute: f64) {
        let gap_ms = self.now.ms() - self.came_ms;
        self.seen.iter_mut().for_each(|hour| hour.gaps_ms.push(gap_ms));
        self.came_ms = self.now.ms();
        self.numbers += 1;
        let ticket = TicketId(self.numbers);
        let request = Request {
            ticket,
            category: CATEGORY,
            priority: Priority::Normal,
            arrived: self.now,
            since: self.now,
            phase: Phase::Live,
            need: Arc::new(Need::default()),
            last_agent: None,
            ignored: Vec::new(),
        };
        self.matcher.wait(request, self.now);
        self.began.insert(ticket, self.now.ms());
        let (patience, next) =
            (self.dice.exponential_ms(PATIENCE_MEAN_MS), self.dice.exponential_ms(60_000.0 / per_minute));
        self.at(patience, Happens::Leaves(ticket));
        self.at(next, Happens::Comes);
    }

    fn pair(&mut self) {
        while let Some(made) = self.matcher.pair(self.now) {
            let since = Some(self.now);
            let held = Held { category: CATEGORY, phase: Phase::Live, hold: Hold::Active, since };
            self.matcher.hold(made.ticket, made.agent, held, self.now);
            self.waited(made.ticket, WaitEnd::Served);
            let handled_ms = self.dice.lognormal_ms(HANDLED_MEAN_MS, 0.8);
            self.seen.iter_mut().for_each(|hour| hour.handled_ms.push(handled_ms));
            self.at(handled_ms, Happens::Ends(made.ticket));
        }
        self.matcher.audit();
    }

    fn waited(&mut self, ticket: TicketId, end: WaitEnd) {
        let began = self.began.remove(&ticket).expect("it waited");
        let waited_ms = self.now.ms() - began;
        self.seen.iter_mut().for_each(|hour| hour.waits.push((waited_ms, end)));
    }
}
