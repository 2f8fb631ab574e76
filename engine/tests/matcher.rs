//! The Matcher against the rules said plainly: every decision is checked by looking at everybody.

use std::collections::BTreeMap;
use std::sync::Arc;

use deskwire::domain::event::CategoryId;
use deskwire::domain::matcher::{
    AgentProfile, Held, Hold, Limit, Match, Matcher, Mode, Need, Overflow, PRIORITY_STEP_MS, Policy, Presence, Request,
    Skill, SkillId, SkillStep, Skills, Slots, TeamId, Violations,
};
use deskwire_protocol::{Obstacle, PersonId, Phase, Priority, Status, TicketId, Time};
use proptest::prelude::*;

const AGENTS: u64 = 6;
const TICKETS: u64 = 24;
const CATEGORIES: u16 = 4;

#[derive(Clone, Debug)]
enum Step {
    Policy(u16, Policy),
    Team(u16, Slots),
    Agent(AgentProfile),
    Remove(u64),
    Here(u64, bool),
    Available(u64, bool),
    Wait(Request),
    Hold(u64, u64, Phase, Hold),
    Leave(u64),
    Exclude(u64, u64, u64),
    Pick(u64, u64),
    Move(u64, u64),
    MoveNot(u64),
}

fn skills(most: usize) -> impl Strategy<Value = Skills> {
    prop::collection::vec((0u16..3, 1u8..4), 0..=most)
        .prop_map(|all| Skills::new(all.into_iter().map(|(id, level)| Skill { id: SkillId(id), level })))
}

fn slots(most: u16) -> impl Strategy<Value = Slots> {
    (0..=most, 0..=most).prop_map(|(live, asynchronous)| Slots { live, asynchronous })
}

fn phase() -> impl Strategy<Value = Phase> {
    prop_oneof![3 => Just(Phase::Live), 1 => Just(Phase::Asynchronous)]
}

fn policy() -> impl Strategy<Value = Policy> {
    let mode = prop_oneof![1 => Just(Mode::Manual), 3 => Just(Mode::Automatic), 2 => Just(Mode::Offer)];
    let overflow = prop::option::of((0..CATEGORIES, 0u64..300_000))
        .prop_map(|some| some.map(|(to, after_ms)| Overflow { to: CategoryId(to), after_ms }));
    (mode, prop_oneof![Just(0u64), 1u64..200_000], overflow).prop_map(|(mode, sticky_ms, overflow)| Policy {
        mode,
        sticky_ms,
        overflow,
    })
}

fn request() -> impl Strategy<Value = Request> {
    let steps = prop::collection::vec((skills(2), 0u64..150_000), 0..3);
    let what = (0..TICKETS, 0..CATEGORIES, 0usize..4, phase());
    let when = (0u64..400_000, 0u64..200_000);
    let people = (prop::option::of(0..AGENTS), prop::collection::vec((0..AGENTS).prop_map(PersonId), 0..3));
    (what, when, steps, skills(1), people).prop_map(
        |((ticket, category, priority, phase), (ago, since), steps, finally, (last, ignored))| Request {
            ticket: TicketId(ticket),
            category: CategoryId(category),
            priority: Priority::ALL[priority],
            arrived: Time::from_ms(10_000_000 - ago),
            since: Time::from_ms(10_000_000 + since),
            phase,
            need: Arc::new(Need {
                steps: steps.into_iter().map(|(skills, for_ms)| SkillStep { skills, for_ms }).collect(),
                finally,
            }),
            last_agent: last.map(PersonId),
            ignored,
        },
    )
}

fn agent() -> impl Strategy<Value = AgentProfile> {
    let categories = prop::collection::btree_set((0..CATEGORIES).prop_map(CategoryId), 0..4);
    (0..AGENTS, categories, skills(3), slots(3), prop::option::of(0u16..2)).prop_map(
        |(id, categories, skills, slots, team)| AgentProfile {
            team: team.map(TeamId),
            categories,
            skills,
            slots,
            ..AgentProfile::nobody(PersonId(id))
        },
    )
}

fn steps() -> impl Strategy<Value = Vec<(u64, Step)>> {
    let hold = prop_oneof![Just(Hold::Promised), Just(Hold::Active), Just(Hold::WrapUp)];
    let step = prop_oneof![
        2 => (0..CATEGORIES, policy()).prop_map(|(c, policy)| Step::Policy(c, policy)),
        1 => (0u16..2, slots(4)).prop_map(|(team, slots)| Step::Team(team, slots)),
        3 => agent().prop_map(Step::Agent),
        1 => (0..AGENTS).prop_map(Step::Remove),
        3 => (0..AGENTS, any::<bool>()).prop_map(|(a, here)| Step::Here(a, here)),
        3 => (0..AGENTS, any::<bool>()).prop_map(|(a, on)| Step::Available(a, on)),
        9 => request().prop_map(Step::Wait),
        2 => (0..TICKETS, 0..AGENTS, phase(), hold).prop_map(|(t, a, p, h)| Step::Hold(t, a, p, h)),
        5 => (0..TICKETS).prop_map(Step::Leave),
        2 => (0..TICKETS, 0..AGENTS, 0u64..200_000).prop_map(|(t, a, ms)| Step::Exclude(t, a, ms)),
        3 => (0..AGENTS, 0..TICKETS).prop_map(|(a, t)| Step::Pick(a, t)),
        2 => (0..AGENTS, 0..TICKETS).prop_map(|(a, t)| Step::Move(a, t)),
        1 => (0..TICKETS).prop_map(Step::MoveNot),
    ];
    prop::collection::vec((0u64..40_000, step), 0..200)
}

/// What was said of the floor, kept as plainly as it was said.
#[derive(Default)]
struct Floor {
    agents: BTreeMap<PersonId, AgentProfile>,
    on_duty: BTreeMap<PersonId, (bool, bool)>,
    policies: BTreeMap<CategoryId, Policy>,
    teams: BTreeMap<TeamId, Slots>,
    waiting: BTreeMap<TicketId, Request>,
    excluded: BTreeMap<(TicketId, PersonId), u64>,
}

impl Floor {
    fn policy(&self, category: CategoryId) -> Policy {
        self.policies.get(&category).copied().unwrap_or_default()
    }

    fn works(&self, agent: PersonId) -> bool {
        self.on_duty.get(&agent) == Some(&(true, true))
    }

    /// Whether a slot of the phase is free for him and his team, by counting what the Matcher says they hold.
    fn has_slot(&self, matcher: &Matcher, agent: PersonId, phase: Phase) -> bool {
        let Some(profile) = self.agents.get(&agent).filter(|_| self.works(agent)) else { return false };
        let held = |id: PersonId| matcher.agent(id).map_or(0, |agent| agent.count(phase)) as u64;
        let team = profile.team.and_then(|team| Some((team, self.teams.get(&team)?)));
        let team_has = team.is_none_or(|(id, slots)| {
            let members = self.agents.values().filter(|other| other.team == Some(id));
            members.map(|other| held(other.id)).sum::<u64>() < u64::from(*slots.of(phase))
        });
        held(agent) < u64::from(*profile.slots.of(phase)) && team_has
    }

    /// The categories through which a ticket may be given now.
    fn through(&self, request: &Request, now: Time) -> Vec<CategoryId> {
        let policy = self.policy(request.category);
        let overflow = policy.overflow.filter(|overflow| request.arrived.ms() + overflow.after_ms <= now.ms());
        let all = [Some(request.category), overflow.map(|overflow| overflow.to)];
        all.into_iter().flatten().filter(|category| self.policy(*category).mode != Mode::Manual).collect()
    }

    /// Whether he serves it and can do what it asks by now.
    fn can(&self, agent: PersonId, request: &Request, now: Time) -> bool {
        let asked = request.need.at(request.arrived, now).0;
        self.agents.get(&agent).is_some_and(|profile| {
            let through = self.through(request, now);
            through.iter().any(|category| profile.categories.contains(category))
                && profile.skills.meet(asked)
                && !request.ignored.contains(&agent)
        })
    }

    fn declined(&self, agent: PersonId, ticket: TicketId, now: Time) -> bool {
        self.excluded.get(&(ticket, agent)).is_some_and(|until| *until > now.ms())
    }

    /// Whether a ticket may go to him now, for all that is known: free, able, and not passed over.
    fn may_get(&self, matcher: &Matcher, agent: PersonId, request: &Request, now: Time) -> bool {
        let others = self.agents.keys().filter(|id| **id != agent);
        let mut others = others.filter(|id| self.works(**id) && self.can(**id, request, now));
        let passed_over =
            self.declined(agent, request.ticket, now) && others.any(|id| !self.declined(*id, request.ticket, now));
        self.has_slot(matcher, agent, request.phase) && self.can(agent, request, now) && !passed_over
    }

    /// The time in which a ticket may wait for its last agent alone.
    fn may_stick(&self, request: &Request, now: Time) -> bool {
        let until = request.since.ms() + self.policy(request.category).sticky_ms;
        request.last_agent.is_some() && now.ms() < until
    }

    fn key(&self, request: &Request) -> (i64, u64, TicketId) {
        let worth = request.priority as i64 * PRIORITY_STEP_MS;
        (request.arrived.ms() as i64 - worth, request.arrived.ms(), request.ticket)
    }

    /// A decision is right: he may have it, nobody's turn was before his, and nothing that he could have waited longer.
    fn is_right(&self, matcher: &Matcher, made: &Match, turns: &BTreeMap<PersonId, (u16, u64)>, now: Time) {
        let request = &self.waiting[&made.ticket];
        let sticks = self.may_stick(request, now) && request.last_agent == Some(made.agent);
        let served = self.agents[&made.agent].categories.contains(&request.category);
        assert!(!request.ignored.contains(&made.agent), "{made:?} is ignored by him");
        assert!(self.may_get(matcher, made.agent, request, now) || (sticks && served), "{made:?} cannot be");
        for (other, turn) in turns.iter().filter(|_| !sticks) {
            let before = (turn, *other) < (&turns[&made.agent], made.agent);
            assert!(!before || !self.may_get(matcher, *other, request, now), "{other} was before {made:?}");
        }
        for earlier in self.waiting.values().filter(|earlier| self.key(earlier) < self.key(request)) {
            let could = self.may_get(matcher, made.agent, earlier, now) && !self.may_stick(earlier, now);
            assert!(!could, "{made:?} overtook {}", earlier.ticket);
        }
    }

    /// Nobody waits beside somebody who may take him.
    fn is_at_rest(&self, matcher: &Matcher, now: Time) {
        for request in self.waiting.values().filter(|request| !self.may_stick(request, now)) {
            let free = self.agents.keys().find(|agent| self.may_get(matcher, **agent, request, now));
            assert_eq!(free, None, "{} waits beside a free agent", request.ticket);
        }
    }

    /// B24: what is said to keep an agent from a ticket does, and nobody is said to be able to take one.
    fn is_explained(&self, matcher: &Matcher, request: &Request, now: Time) {
        let explained = matcher.explain(request.ticket, now).expect("it waits");
        assert_eq!(explained.counts.values().sum::<u32>() as usize, explained.candidates.len());
        for one in &explained.candidates {
            let (agent, phase) = (one.turn.agent, request.phase);
            let asked = request.need.at(request.arrived, now).0;
            let (through, profile) = (self.through(request, now), &self.agents[&agent]);
            let right = match one.verdict.obstacle {
                Obstacle::Turn | Obstacle::Chosen => false,
                Obstacle::ByHand => through.is_empty(),
                Obstacle::KeptForAnother => self.may_stick(request, now) && request.last_agent != Some(agent),
                Obstacle::OtherCategory => !through.iter().any(|category| profile.categories.contains(category)),
                Obstacle::Skill => !profile.skills.meet(asked),
                Obstacle::Gone | Obstacle::Away => !self.works(agent),
                Obstacle::Full | Obstacle::TeamFull => self.works(agent) && !self.has_slot(matcher, agent, phase),
                Obstacle::Ignored => request.ignored.contains(&agent),
                Obstacle::Declined => self.declined(agent, request.ticket, now),
            };
            assert!(right, "{} is not kept from {agent} by {:?}", request.ticket, one.verdict);
        }
    }

    /// Says one thing to both.
    fn say(&mut self, matcher: &mut Matcher, step: Step, now: Time) {
        match step {
            Step::Policy(category, policy) => {
                matcher.set_policy(CategoryId(category), policy, now);
                self.policies.insert(CategoryId(category), policy);
            }
            Step::Team(team, slots) => {
                matcher.set_team(TeamId(team), slots);
                self.teams.insert(TeamId(team), slots);
            }
            Step::Agent(profile) => {
                matcher.set_agent(profile.clone(), now);
                self.agents.insert(profile.id, profile);
            }
            Step::Remove(id) => {
                matcher.remove_agent(PersonId(id), now);
                self.agents.remove(&PersonId(id));
            }
            Step::Here(id, here) => {
                matcher.set_presence(PersonId(id), if here { Presence::Here } else { Presence::Gone }, now);
                self.on_duty.entry(PersonId(id)).or_default().0 = here;
            }
            Step::Available(id, on) => {
                matcher.set_status(PersonId(id), if on { Status::Available } else { Status::Busy }, now);
                self.on_duty.entry(PersonId(id)).or_default().1 = on;
            }
            Step::Wait(request) => {
                matcher.wait(request.clone(), now);
                self.waiting.insert(request.ticket, request);
            }
            Step::Hold(ticket, agent, phase, hold) => {
                let held = Held { category: CategoryId(0), phase, hold, since: None };
                matcher.hold(TicketId(ticket), PersonId(agent), held, now);
                self.waiting.remove(&TicketId(ticket));
            }
            Step::Leave(ticket) => {
                matcher.leave(TicketId(ticket), now);
                self.waiting.remove(&TicketId(ticket));
                self.excluded.retain(|(one, _), _| *one != TicketId(ticket));
            }
            Step::Exclude(ticket, agent, ms) => {
                let (ticket, agent, until) = (TicketId(ticket), PersonId(agent), now.ms() + ms);
                matcher.exclude(ticket, agent, Time::from_ms(until), now);
                self.excluded.insert((ticket, agent), until);
            }
            Step::Pick(agent, ticket) => {
                let taken = matcher.pick(PersonId(agent), TicketId(ticket), now).is_ok();
                self.took(matcher, taken, PersonId(agent), TicketId(ticket));
            }
            Step::Move(agent, ticket) => {
                let held = Held { category: CategoryId(0), phase: Phase::Live, hold: Hold::Active, since: None };
                let taken = matcher.move_to(TicketId(ticket), (PersonId(agent), Limit::Kept), held, now).is_ok();
                self.took(matcher, taken, PersonId(agent), TicketId(ticket));
            }
            Step::MoveNot(ticket) => matcher.move_no_more(TicketId(ticket), now),
        }
        // Of whom nothing is known but a word, nothing is remembered.
        self.on_duty.retain(|id, _| matcher.agent(*id).is_some());
    }

    fn took(&mut self, matcher: &Matcher, taken: bool, agent: PersonId, ticket: TicketId) {
        if taken {
            self.waiting.remove(&ticket);
        }
        let holds = matcher.agent(agent).is_some_and(|agent| agent.held().contains_key(&ticket));
        assert!(!taken || holds, "{agent} took {ticket} and has no slot for it");
    }
}

fn turns(matcher: &Matcher, phase: Phase) -> BTreeMap<PersonId, (u16, u64)> {
    let turns = matcher.agents().filter_map(|agent| agent.turn(phase));
    turns.map(|turn| (turn.agent, (turn.load, turn.idle_since_ms))).collect()
}

proptest! {
    /// B03, B13, B14, B15, B16, B17, B24, B26: limits, order, skills and choice are those that the rules say, at every step,
    /// and nobody waits beside an agent who could take him.
    #[test]
    fn the_matcher_does_what_the_rules_say(steps in steps()) {
        let (mut matcher, mut floor, mut ms) = (Matcher::default(), Floor::default(), 10_000_000);
        for (later, step) in steps {
            ms += later;
            let now = Time::from_ms(ms);
            matcher.advance(now);
            floor.say(&mut matcher, step, now);
            prop_assert_eq!(matcher.check(), Ok(()));
            while let Some(before) = Some(matcher.clone()) {
                let Some(made) = matcher.pair(now) else { break };
                let phase = floor.waiting[&made.ticket].phase;
                floor.is_right(&before, &made, &turns(&before, phase), now);
                let manner = matcher.agent(made.agent).expect("he was chosen").held()[&made.ticket].hold;
                prop_assert_eq!(manner, Hold::Promised);
                floor.waiting.remove(&made.ticket);
            }
            matcher.audit();
            prop_assert_eq!(matcher.violations_by(), Violations::default());
            prop_assert_eq!(matcher.check(), Ok(()));
            prop_assert_eq!(matcher.check_at_rest(now), Ok(()));
            prop_assert_eq!(matcher.waiting(), floor.waiting.len());
            floor.is_at_rest(&matcher, now);
            floor.waiting.values().for_each(|request| floor.is_explained(&matcher, request, now));
            prop_assert!(floor.waiting.keys().all(|ticket| matcher.is_waiting(*ticket)));
        }
    }
}
