//! The hard crowd: agents with 3–8 of 50 skills and all slots used, 200 categories, tickets that ask for one to three
//! skills of which 5 % are nobody's.

use std::collections::BTreeSet;
use std::sync::Arc;

use deskwire::domain::event::CategoryId;
use deskwire::domain::matcher::{
    AgentProfile, Held, Hold, Matcher, Mode, Need, Policy, Presence, Request, Skill, SkillId, SkillStep, Skills, Slots,
};
use deskwire_protocol::{PersonId, Phase, Priority, Status, TicketId, Time};

/// Agents and tickets that wait, from a small desk to the largest there may be.
pub const SIZES: [(u64, u64); 3] = [(100, 1_000), (1_000, 10_000), (10_000, 100_000)];
/// Categories; each agent serves 3 to 8 of them.
pub const CATEGORIES: u64 = 200;
/// Live slots of each agent, all used.
pub const SLOTS: u16 = 3;
const SKILLS: u64 = 50;
/// A skill that nobody has.
const NOBODYS: u16 = 50;
/// Tickets held before the first that waits.
const HELD: u64 = 1 << 40;

/// Numbers that look random, the same on every run.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// At least 0, less than `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % end
    }

    fn skills(&mut self, from: u64, to: u64) -> Vec<Skill> {
        let count = from + self.below(to - from + 1);
        (0..count).map(|_| self.skill()).collect()
    }

    fn skill(&mut self) -> Skill {
        Skill { id: SkillId(self.below(SKILLS) as u16), level: 1 + self.below(5) as u8 }
    }

    fn category(&mut self) -> CategoryId {
        CategoryId(self.below(CATEGORIES) as u16)
    }
}

/// When everybody on the floor arrived.
pub const ARRIVED_MS: u64 = 900_000_000;
/// When the floor is looked at.
pub const NOW: u64 = 1_000_000_000;

/// A request as they come: one in twenty asks for what nobody has, half relax after a minute to an hour.
pub fn request(ticket: u64, arrived: Time, dice: &mut Dice) -> Request {
    let mut skills = dice.skills(1, 3);
    let nobodys = dice.below(20) == 0;
    if nobodys {
        skills.push(Skill { id: SkillId(NOBODYS), level: 1 });
    }
    let all = Skills::new(skills);
    let need = match nobodys || dice.below(2) == 0 {
        true => Need { steps: Vec::new(), finally: all },
        false => {
            let for_ms = NOW - ARRIVED_MS + 60_000 + dice.below(3_600_000);
            Need { steps: vec![SkillStep { skills: all, for_ms }], finally: Skills::new(dice.skills(0, 1)) }
        }
    };
    Request {
        ticket: TicketId(ticket),
        category: dice.category(),
        priority: Priority::ALL[dice.below(4) as usize],
        arrived,
        since: arrived,
        phase: Phase::Live,
        need: Arc::new(need),
        last_agent: None,
        ignored: Vec::new(),
    }
}

/// What an agent's slot is used for.
pub fn held(category: CategoryId) -> Held {
    Held { category, phase: Phase::Live, hold: Hold::Active, since: Some(Time::from_ms(NOW - 60_000)) }
}

/// The floor with so many at work and so many waiting. Nobody is free.
pub fn floor(agents: u64, waiting: u64) -> Matcher {
    let (mut matcher, mut dice) = (Matcher::default(), Dice::new(1));
    let now = Time::from_ms(NOW);
    for category in 0..CATEGORIES {
        let policy = Policy { mode: Mode::Automatic, ..Policy::default() };
        matcher.set_policy(CategoryId(category as u16), policy, now);
    }
    for agent in 0..agents {
        let id = PersonId(agent);
        let categories: BTreeSet<CategoryId> = (0..3 + agent % 6).map(|_| dice.category()).collect();
        let first = *categories.first().expect("at least one");
        let slots = Slots { live: SLOTS, asynchronous: 0 };
        let skills = Skills::new(dice.skills(3, 8));
        matcher.set_agent(AgentProfile { categories, skills, slots, ..AgentProfile::nobody(id) }, now);
        matcher.set_presence(id, Presence::Here, now);
        matcher.set_status(id, Status::Available, now);
        for slot in 0..u64::from(SLOTS) {
            matcher.hold(TicketId(HELD + agent * 8 + slot), id, held(first), now);
        }
    }
    for ticket in 0..waiting {
        let arrived = Time::from_ms(ARRIVED_MS + ticket * 7);
        let request = request(ticket, arrived, &mut dice);
        matcher.wait(request, now);
    }
    while matcher.pair(now).is_some() {}
    matcher.audit();
    matcher.check().expect("the floor is sound");
    matcher
}
