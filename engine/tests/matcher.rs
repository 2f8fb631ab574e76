//! The Matcher against a reference that looks at everybody each time.

use std::collections::{BTreeMap, BTreeSet};

use deskwire::domain::event::CategoryId;
use deskwire::domain::matcher::{AgentProfile, Match, Matcher, Mode, PRIORITY_STEP_MS, Presence, RELOAD_MS};
use deskwire_protocol::{PersonId, Priority, Role, Status, TicketId, Time};
use proptest::prelude::*;

const AGENTS: u64 = 6;
const TICKETS: u64 = 24;
const CATEGORIES: u16 = 4;

#[derive(Clone, Debug)]
enum Step {
    Mode(u16, bool),
    Agent(u64, BTreeSet<u16>, u16),
    Remove(u64),
    Here(u64, bool),
    Available(u64, bool),
    Wait(u64, u16, usize, u64),
    Hold(u64, u64),
    Leave(u64),
    Pick(u64, u64),
}

fn steps() -> impl Strategy<Value = Vec<(u64, Step)>> {
    let categories = prop::collection::btree_set(0..CATEGORIES, 0..4);
    let step = prop_oneof![
        1 => (0..CATEGORIES, any::<bool>()).prop_map(|(c, on)| Step::Mode(c, on)),
        3 => (0..AGENTS, categories, 0u16..4).prop_map(|(a, c, slots)| Step::Agent(a, c, slots)),
        1 => (0..AGENTS).prop_map(Step::Remove),
        3 => (0..AGENTS, any::<bool>()).prop_map(|(a, here)| Step::Here(a, here)),
        3 => (0..AGENTS, any::<bool>()).prop_map(|(a, on)| Step::Available(a, on)),
        8 => (0..TICKETS, 0..CATEGORIES, 0usize..4, 0u64..4_000_000).prop_map(|(t, c, p, at)| Step::Wait(t, c, p, at)),
        2 => (0..TICKETS, 0..AGENTS).prop_map(|(t, a)| Step::Hold(t, a)),
        5 => (0..TICKETS).prop_map(Step::Leave),
        3 => (0..AGENTS, 0..TICKETS).prop_map(|(a, t)| Step::Pick(a, t)),
    ];
    prop::collection::vec((0u64..100_000, step), 0..250)
}

#[derive(Default)]
struct Person {
    known: bool,
    categories: BTreeSet<u16>,
    slots: u16,
    here: bool,
    available: bool,
    gone_since: u64,
    idle_since: u64,
}

#[derive(Clone, Copy, PartialEq)]
enum At {
    Waits { category: u16, priority: usize, arrived: u64 },
    With(u64),
}

/// The rules said plainly, O(n) at every turn.
#[derive(Default)]
struct Reference {
    people: BTreeMap<u64, Person>,
    tickets: BTreeMap<u64, At>,
    automatic: BTreeSet<u16>,
}

impl Reference {
    fn person(&mut self, id: u64) -> &mut Person {
        self.people.entry(id).or_default()
    }

    fn load(&self, agent: u64) -> usize {
        self.tickets.values().filter(|at| **at == At::With(agent)).count()
    }

    fn may_take(&self, agent: u64, category: u16) -> bool {
        self.people.get(&agent).is_some_and(|person| {
            let works = person.here && person.available && person.categories.contains(&category);
            works && self.load(agent) < usize::from(person.slots)
        })
    }

    fn put(&mut self, ticket: u64, at: Option<At>, now: u64) {
        let before = self.tickets.get(&ticket).copied();
        if before == at {
            return;
        }
        for place in [before, at] {
            if let Some(At::With(agent)) = place {
                self.person(agent).idle_since = now;
            }
        }
        self.tickets.remove(&ticket);
        self.tickets.extend(at.map(|at| (ticket, at)));
    }

    /// (served from, arrived, ticket, category) of each that waits, in order.
    fn waiting(&self) -> Vec<(i64, u64, u64, u16)> {
        let key = |(ticket, at): (&u64, &At)| match at {
            At::Waits { category, priority, arrived } => {
                Some((*arrived as i64 - *priority as i64 * PRIORITY_STEP_MS, *arrived, *ticket, *category))
            }
            At::With(_) => None,
        };
        let mut waiting: Vec<_> = self.tickets.iter().filter_map(key).collect();
        waiting.sort_unstable();
        waiting
    }

    fn pair(&mut self, now: u64) -> Option<Match> {
        for (_, _, ticket, category) in self.waiting() {
            let free = self.people.keys().copied().filter(|agent| self.may_take(*agent, category));
            let best = free.min_by_key(|agent| (self.load(*agent), self.people[agent].idle_since, *agent));
            if let Some(agent) = best.filter(|_| self.automatic.contains(&category)) {
                self.put(ticket, Some(At::With(agent)), now);
                return Some(Match { ticket: TicketId(ticket), agent: PersonId(agent) });
            }
        }
        None
    }

    fn pick(&mut self, agent: u64, ticket: u64, now: u64) -> bool {
        let Some(At::Waits { category, .. }) = self.tickets.get(&ticket).copied() else { return false };
        let takes = self.may_take(agent, category);
        if takes {
            self.put(ticket, Some(At::With(agent)), now);
        }
        takes
    }

    fn here(&mut self, id: u64, here: bool, now: u64) {
        let person = self.person(id);
        if person.here && !here {
            person.gone_since = now;
        }
        if !person.here && here && now - person.gone_since > RELOAD_MS {
            person.idle_since = now;
        }
        person.here = here;
    }

    fn forget_nobodies(&mut self) {
        let held: BTreeSet<u64> = self.people.keys().copied().filter(|id| self.load(*id) > 0).collect();
        self.people.retain(|id, person| person.known || person.here || held.contains(id));
    }
}

fn profile(id: u64, all: &BTreeSet<u16>, slots: u16) -> AgentProfile {
    let categories = all.iter().copied().map(CategoryId).collect();
    AgentProfile { id: PersonId(id), name: format!("agent {id}"), role: Role::Agent, categories, slots }
}

/// Takes one step with both; what a pick answers must be the same.
fn both(matcher: &mut Matcher, reference: &mut Reference, step: Step, now: Time) -> Result<(), TestCaseError> {
    let ms = now.ms();
    match step {
        Step::Mode(category, automatic) => {
            matcher.set_mode(CategoryId(category), if automatic { Mode::Automatic } else { Mode::Manual });
            reference.automatic.remove(&category);
            reference.automatic.extend(automatic.then_some(category));
        }
        Step::Agent(id, all, slots) => {
            matcher.set_agent(profile(id, &all, slots));
            let person = reference.person(id);
            (person.known, person.categories, person.slots) = (true, all, slots);
        }
        Step::Remove(id) => {
            matcher.remove_agent(PersonId(id));
            let person = reference.person(id);
            (person.known, person.categories, person.slots) = (false, BTreeSet::new(), 0);
        }
        Step::Here(id, here) => {
            matcher.set_presence(PersonId(id), if here { Presence::Here } else { Presence::Gone }, now);
            reference.here(id, here, ms);
        }
        Step::Available(id, on) => {
            matcher.set_status(PersonId(id), if on { Status::Available } else { Status::Away }, now);
            let person = reference.person(id);
            person.idle_since = if person.available == on { person.idle_since } else { ms };
            person.available = on;
        }
        Step::Wait(id, category, priority, arrived) => {
            let at = Time::from_ms(arrived);
            matcher.wait(TicketId(id), CategoryId(category), Priority::ALL[priority], at, now);
            reference.put(id, Some(At::Waits { category, priority, arrived }), ms);
        }
        Step::Hold(ticket, agent) => {
            matcher.hold(TicketId(ticket), PersonId(agent), CategoryId(0), None, now);
            reference.put(ticket, Some(At::With(agent)), ms);
        }
        Step::Leave(ticket) => {
            matcher.leave(TicketId(ticket), now);
            reference.put(ticket, None, ms);
        }
        Step::Pick(agent, ticket) => {
            let picked = matcher.pick(PersonId(agent), TicketId(ticket), now).is_ok();
            prop_assert_eq!(picked, reference.pick(agent, ticket, ms));
        }
    }
    reference.forget_nobodies();
    Ok(())
}

fn same(matcher: &Matcher, reference: &Reference) -> Result<(), TestCaseError> {
    for ticket in 0..TICKETS {
        let holder = match reference.tickets.get(&ticket) {
            Some(At::With(agent)) => Some(PersonId(*agent)),
            Some(At::Waits { .. }) | None => None,
        };
        prop_assert_eq!(matcher.holder(TicketId(ticket)), holder);
    }
    let waiting = reference.waiting();
    prop_assert_eq!(matcher.waiting(), waiting.len());
    for (index, (_, _, ticket, category)) in waiting.iter().enumerate() {
        let before = waiting[..index].iter().filter(|(_, _, _, other)| other == category).count() as u64;
        prop_assert_eq!(matcher.position(TicketId(*ticket)), Some(before + 1));
    }
    prop_assert_eq!(matcher.check(), Ok(()));
    prop_assert_eq!(matcher.violations(), 0);
    Ok(())
}

proptest! {
    /// B03, B13, B14, B15, B16, B17: order, choice, limits and positions are those of the reference after every
    /// step, so nobody waits in an automatic category beside an agent who could take him.
    #[test]
    fn the_matcher_does_what_the_rules_say(steps in steps()) {
        let (mut matcher, mut reference, mut ms) = (Matcher::default(), Reference::default(), 10_000_000);
        for (later, step) in steps {
            ms += later;
            let now = Time::from_ms(ms);
            both(&mut matcher, &mut reference, step, now)?;
            while let Some(made) = matcher.pair(now) {
                prop_assert_eq!(Some(made), reference.pair(ms));
                let agent = matcher.agent(made.agent).expect("he was chosen");
                prop_assert!(agent.load() <= agent.profile().slots, "a decision went beyond the limit");
            }
            prop_assert_eq!(reference.pair(ms), None);
            matcher.audit();
            same(&matcher, &reference)?;
        }
    }
}

fn at_work(matcher: &mut Matcher, id: u64, category: u16, slots: u16, now: Time) {
    matcher.set_agent(profile(id, &BTreeSet::from([category]), slots));
    matcher.set_presence(PersonId(id), Presence::Here, now);
    matcher.set_status(PersonId(id), Status::Available, now);
}

/// B16: urgent tickets arrive faster than one agent serves; what came before them is served all the same.
#[test]
fn nobody_starves() {
    let (category, old) = (CategoryId(1), TicketId(0));
    let minute = |n: u64| Time::from_ms(1 + n * 60_000);
    let mut matcher = Matcher::default();
    matcher.set_mode(category, Mode::Automatic);
    matcher.wait(old, category, Priority::Low, minute(0), minute(0));
    let mut passed = 0;
    for n in 0..200 {
        for id in [2 * n + 1, 2 * n + 2] {
            matcher.wait(TicketId(id), category, Priority::Urgent, minute(n), minute(n));
        }
        at_work(&mut matcher, 1, 1, 1, minute(n));
        let made = matcher.pair(minute(n)).expect("he is free");
        matcher.set_status(PersonId(1), Status::Away, minute(n));
        matcher.leave(made.ticket, minute(n));
        if made.ticket == old {
            break;
        }
        passed += 1;
    }
    assert_eq!(passed, 60, "two a minute within three steps of ten minutes pass it, no more");
}

/// B16: the first of one category finds nobody; the others are served.
#[test]
fn a_category_without_agents_stops_no_other() {
    let mut matcher = Matcher::default();
    let now = Time::from_ms(3);
    for category in [1, 2] {
        matcher.set_mode(CategoryId(category), Mode::Automatic);
    }
    matcher.wait(TicketId(1), CategoryId(1), Priority::Urgent, Time::from_ms(1), now);
    matcher.wait(TicketId(2), CategoryId(2), Priority::Low, Time::from_ms(2), now);
    at_work(&mut matcher, 7, 2, 1, now);
    assert_eq!(matcher.pair(now), Some(Match { ticket: TicketId(2), agent: PersonId(7) }));
    assert_eq!(matcher.pair(now), None);
}

/// B02: twice the slots at work, half the wait; what was handled moves the mean.
#[test]
fn the_estimate_follows_slots_and_handling_times() {
    let (category, now) = (CategoryId(1), Time::from_ms(1));
    let mut matcher = Matcher::default();
    at_work(&mut matcher, 1, 1, 2, now);
    let wait_s = |matcher: &Matcher| matcher.queue(category).expect("it has staff").wait_s(4);
    assert_eq!(wait_s(&matcher), 4 * 300 / 2);
    at_work(&mut matcher, 1, 1, 4, now);
    assert_eq!(wait_s(&matcher), 300);
    matcher.hold(TicketId(1), PersonId(1), category, Some(now), now);
    matcher.leave(TicketId(1), Time::from_ms(1 + 1_100_000));
    assert_eq!(wait_s(&matcher), 400, "an eighth of the way from 300 to 1,100 seconds");
}
