//! What those are told who wait while it takes too long, the hours end or nobody is left, and when rooms are asked about
//! silence: as the dispatcher decides it, under a clock of the test's own.

#![allow(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one thing among all that is said")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use deskwire::domain::admission::Admission;
use deskwire::domain::dispatch::{Dispatch, Input, Order, Output, TOLD_PER_TICK_MAX};
use deskwire::domain::event::CategoryId;
use deskwire::domain::facts::{Causes, Facts};
use deskwire::domain::matcher::{AgentProfile, Mode, Presence, Slots};
use deskwire::domain::rules::{OverflowRule, Rules};
use deskwire_protocol::{Closure, PersonId, Phase, Priority, StageName, Status, TellCause, TicketId, Time};
use proptest::prelude::*;

const CHAT: CategoryId = CategoryId(1);
const HELP: CategoryId = CategoryId(2);
/// Noon of a Thursday, in UTC.
const NOON: u64 = 12 * 60 * 60 * 1_000;

/// The dispatcher, and rooms that do at once what they are told unless they are deaf.
struct Desk {
    dispatch: Dispatch<u64>,
    now: u64,
    tickets: BTreeMap<TicketId, Facts>,
    /// What was told to whom, and when.
    told: Vec<(u64, TicketId, TellCause)>,
    may_wait: Vec<bool>,
    chimes: Vec<(u64, TicketId)>,
    deaf: bool,
}

impl Desk {
    fn new(rules: Rules) -> Desk {
        let mut desk = Desk {
            dispatch: Dispatch::default(),
            now: NOON,
            tickets: BTreeMap::new(),
            told: Vec::new(),
            may_wait: Vec::new(),
            chimes: Vec::new(),
            deaf: false,
        };
        desk.begin(&rules);
        desk
    }

    /// A new dispatcher, which has read what is so.
    fn begin(&mut self, rules: &Rules) {
        self.dispatch = Dispatch::default();
        self.rules(CHAT, rules);
        self.hear(Input::Begin { era: 1, stages: self.tickets.values().cloned().collect(), live: Vec::new() });
    }

    fn rules(&mut self, id: CategoryId, rules: &Rules) {
        self.hear(Input::CategoryIs { id, name: format!("{id:?}"), rules: Arc::new(rules.clone()) });
    }

    fn hear(&mut self, input: Input<u64>) {
        let mut out = Vec::new();
        self.dispatch.step(input, Time::from_ms(self.now), &mut out);
        for output in out {
            match output {
                Output::Direct { ticket, order: Order::Tell(cause), seq, notice, .. }
                    if !self.deaf && self.tickets[&ticket].seq == seq =>
                {
                    let notice = notice.unwrap();
                    assert!(!notice.text.is_empty());
                    self.told.push((self.now, ticket, cause));
                    self.may_wait.push(notice.may_wait);
                    self.change(ticket, |facts| facts.told = facts.told.with(cause));
                }
                Output::Assign { ticket, agent, .. } => {
                    self.change(ticket, |facts| (facts.stage, facts.agent) = (StageName::Assigned, Some(agent)));
                }
                Output::Chime { ticket, .. } => self.chimes.push((self.now, ticket)),
                _ => {}
            }
        }
    }

    fn change(&mut self, ticket: TicketId, change: impl FnOnce(&mut Facts)) {
        let facts = self.tickets.get_mut(&ticket).unwrap();
        change(facts);
        facts.seq += 1;
        let facts = facts.clone();
        self.hear(Input::Report { facts, era: 1 });
    }

    fn waits(&mut self, ticket: u64, phase: Phase) {
        let facts = Facts {
            ticket: TicketId(ticket),
            seq: 1,
            stage: StageName::Waiting,
            round: 1,
            agent: None,
            customer: PersonId(10_000 + ticket),
            category: CHAT,
            priority: Priority::Normal,
            arrived: Time::from_ms(self.now),
            since: Time::from_ms(self.now),
            phase,
            reachable: true,
            skills: Vec::new(),
            wrap_up_until: None,
            told: Causes::default(),
            hands: Default::default(),
            name: String::new(),
            subject: String::new(),
        };
        self.tickets.insert(facts.ticket, facts.clone());
        self.hear(Input::Report { facts, era: 1 });
    }

    fn agent(&mut self, id: u64, categories: &[CategoryId], live: u16) {
        let categories = BTreeSet::from_iter(categories.iter().copied());
        let slots = Slots { live, asynchronous: 1 };
        let profile = AgentProfile { categories, slots, ..AgentProfile::nobody(PersonId(id)) };
        self.hear(Input::AgentIs { profile, status: Some(Status::Available) });
        self.here(id, Presence::Here);
    }

    fn here(&mut self, agent: u64, presence: Presence) {
        self.hear(Input::AgentPresent { agent: PersonId(agent), presence });
    }

    fn pass(&mut self, seconds: u64) {
        for _ in 0..seconds * 2 {
            self.now += 500;
            self.hear(Input::Tick);
        }
    }

    fn causes(&self) -> Vec<(u64, TellCause)> {
        self.told.iter().map(|(_, ticket, cause)| (ticket.0, *cause)).collect()
    }

    fn admission(&self) -> Admission {
        self.dispatch.admission(CHAT)
    }
}

/// By hand, so that tickets wait beside free agents; nobody is given any time.
fn by_hand() -> Rules {
    Rules { mode: Mode::Manual, agent_grace_s: 10, customer_grace_s: 10_000, ..Rules::default() }
}

/// B05, B27: nobody is said to be absent before all have had their time to come back; then those who wait are told, and
/// who comes is turned away until somebody is there.
#[test]
fn nobody_on_duty_is_said_when_it_is_known_and_once() {
    let mut desk = Desk::new(by_hand());
    desk.waits(1, Phase::Live);
    desk.waits(2, Phase::Asynchronous);
    desk.pass(9);
    assert_eq!((desk.causes(), desk.admission()), (vec![], Admission::Admit), "they may yet come back");
    desk.pass(3);
    assert_eq!(desk.causes(), [(1, TellCause::Nobody)], "who wrote a message waits for nobody");
    assert_eq!(desk.admission(), Admission::TurnAway(Closure::Nobody));
    desk.agent(9, &[CHAT], 1);
    assert_eq!(desk.admission(), Admission::Admit);
    desk.here(9, Presence::Gone);
    desk.pass(9);
    assert_eq!(desk.admission(), Admission::Admit, "a reload");
    desk.waits(3, Phase::Live);
    desk.pass(3);
    assert_eq!(desk.causes(), [(1, TellCause::Nobody), (3, TellCause::Nobody)], "nobody is told twice");
    assert_eq!(desk.admission(), Admission::TurnAway(Closure::Nobody));
    desk.begin(&by_hand());
    assert_eq!(desk.admission(), Admission::Admit, "a new dispatcher knows of nobody yet");
    desk.pass(30);
    assert_eq!(desk.told.len(), 2, "and tells nobody again");
}

/// B31: a tick tells so many; the others hear it in the next ones.
#[test]
fn more_than_a_tick_tells_are_told_in_the_next() {
    let mut desk = Desk::new(Rules { wait_max_s: 30, ..by_hand() });
    desk.agent(9, &[CHAT], 0);
    let all = TOLD_PER_TICK_MAX as u64 + 10;
    (1..=all).for_each(|ticket| desk.waits(ticket, Phase::Live));
    desk.now += 29_000;
    desk.hear(Input::Tick);
    desk.hear(Input::Tick);
    assert_eq!(desk.told.len(), 0);
    desk.now += 1_000;
    desk.hear(Input::Tick);
    assert_eq!(desk.told.len(), TOLD_PER_TICK_MAX);
    desk.pass(2);
    assert_eq!(desk.told.len() as u64, all);
}

/// B25, B31: when the hours end those who wait are told; whether waiting makes sense is whether somebody is still there.
#[test]
fn when_the_hours_end_those_who_wait_are_told() {
    let rules = Rules { hours: "Thu 09:00-12:30; zone UTC".parse().unwrap(), last_entry_min: 5, ..by_hand() };
    let mut desk = Desk::new(rules);
    desk.agent(9, &[CHAT], 1);
    desk.waits(1, Phase::Live);
    desk.pass(24 * 60);
    assert_eq!(desk.admission(), Admission::Admit);
    desk.pass(2 * 60);
    assert_eq!((desk.admission(), desk.causes()), (Admission::TurnAway(Closure::Ending), vec![]));
    desk.pass(5 * 60);
    assert_eq!(desk.causes(), [(1, TellCause::Closed)]);
    assert_eq!(desk.may_wait, [true], "somebody is still at work");
    assert_eq!(desk.admission(), Admission::TurnAway(Closure::Closed));
    assert_eq!(desk.dispatch.opens_at(CHAT).map(Time::ms), Some(7 * 24 * 3_600_000 + 9 * 3_600_000));
}

/// B31: a ceiling of the queue, and another category that helps out as long as it takes chats itself.
#[test]
fn beyond_the_ceiling_another_category_helps_out() {
    let overflow = Some(OverflowRule { to: HELP, after_s: 86_400 });
    let mut desk = Desk::new(Rules { queue_max: 2, overflow, ..by_hand() });
    desk.rules(HELP, &by_hand());
    desk.agent(9, &[CHAT], 0);
    desk.waits(1, Phase::Live);
    desk.pass(11);
    assert_eq!(desk.admission(), Admission::Admit);
    desk.waits(2, Phase::Live);
    assert_eq!(desk.admission(), Admission::TurnAway(Closure::QueueFull), "nobody helps out there");
    desk.agent(8, &[HELP], 1);
    assert_eq!(desk.admission(), Admission::Overflow(HELP));
    desk.here(9, Presence::Gone);
    desk.pass(12);
    assert_eq!((desk.causes(), desk.admission()), (vec![], Admission::Overflow(HELP)), "they are helped");
    desk.here(8, Presence::Gone);
    desk.pass(12);
    assert_eq!(desk.causes(), [(1, TellCause::Nobody), (2, TellCause::Nobody)]);
}

/// B28: a room is asked at least as often as the shortest silence lasts, sooner where it says so; after a fall of the
/// dispatcher as well, and no more once nobody has the ticket.
#[test]
fn rooms_are_asked_about_silence_in_time() {
    let rules =
        Rules { mode: Mode::Automatic, customer_silent_s: 20, agent_silent_s: 10, customer_close_s: 30, ..by_hand() };
    let mut desk = Desk::new(rules.clone());
    desk.agent(9, &[CHAT], 1);
    desk.waits(1, Phase::Live);
    let at = |desk: &Desk| desk.chimes.iter().map(|(at, _)| (at - NOON) / 1_000).collect::<Vec<_>>();
    desk.pass(21);
    assert_eq!(at(&desk), [10, 20]);
    let next = Some(Time::from_ms(desk.now + 3_000));
    desk.hear(Input::Chimed { ticket: TicketId(1), next, passed_over: None });
    desk.pass(4);
    assert_eq!(at(&desk), [10, 20, 24]);
    desk.begin(&rules);
    desk.pass(10);
    assert_eq!(at(&desk), [10, 20, 24, 35], "begun anew");
    desk.change(TicketId(1), |facts| facts.stage = StageName::Closed);
    desk.pass(60);
    assert_eq!(desk.chimes.len(), 4);
}

/// What happens to a desk.
#[derive(Clone, Copy, Debug)]
enum Happens {
    Waits(bool),
    Comes(bool),
    Passes(u64),
    Falls,
    Deaf(bool),
    Picked,
}

fn any_happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        4 => any::<bool>().prop_map(Happens::Waits),
        2 => any::<bool>().prop_map(Happens::Comes),
        4 => (1_u64..40).prop_map(Happens::Passes),
        1 => Just(Happens::Falls),
        1 => any::<bool>().prop_map(Happens::Deaf),
        1 => Just(Happens::Picked),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// B31: whatever happens, once rooms hear again nobody waits live past a ceiling without having been told of it, and
    /// nobody is told the same twice in a round.
    #[test]
    fn nobody_waits_past_a_ceiling_untold(all in prop::collection::vec(any_happens(), 1..40)) {
        let rules = Rules { wait_max_s: 30, hours: "Thu 09:00-12:05; zone UTC".parse().unwrap(), ..by_hand() };
        let (mut desk, mut number) = (Desk::new(rules.clone()), 0);
        for happens in all {
            match happens {
                Happens::Waits(live) => {
                    number += 1;
                    desk.waits(number, if live { Phase::Live } else { Phase::Asynchronous });
                }
                Happens::Comes(true) => desk.agent(9, &[CHAT], 5),
                Happens::Comes(false) => desk.here(9, Presence::Gone),
                Happens::Passes(seconds) => desk.pass(seconds),
                Happens::Falls => desk.begin(&rules),
                Happens::Deaf(deaf) => desk.deaf = deaf,
                Happens::Picked => {
                    let waits = desk.tickets.values().find(|facts| facts.is_waiting()).map(|facts| facts.ticket);
                    if let Some(ticket) = waits {
                        desk.change(ticket, |facts| (facts.stage, facts.agent) = (StageName::Assigned, Some(PersonId(9))));
                    }
                }
            }
        }
        desk.deaf = false;
        desk.pass(15);
        let closed = desk.now >= NOON + 5 * 60_000 + 2_000;
        let gone = desk.dispatch.admission(CHAT) == Admission::TurnAway(Closure::Nobody);
        for facts in desk.tickets.values().filter(|facts| facts.is_waiting()) {
            if facts.phase == Phase::Asynchronous {
                prop_assert_eq!(facts.told, Causes::default());
                continue;
            }
            let too_long = facts.since.ms() + 32_000 <= desk.now;
            prop_assert!(!too_long || facts.told.has(TellCause::WaitTooLong), "{facts:?} at {}", desk.now);
            prop_assert!(!closed || facts.told.has(TellCause::Closed), "{facts:?} at {}", desk.now);
            prop_assert!(!gone || facts.told.has(TellCause::Nobody), "{facts:?} at {}", desk.now);
        }
        let once: BTreeSet<_> = desk.told.iter().map(|(_, ticket, cause)| (*ticket, *cause)).collect();
        prop_assert_eq!(once.len(), desk.told.len());
    }
}
