//! The floor view under a clock of the test's own: pages, changes alone, once a second, and only what one oversees.

use std::collections::BTreeMap;
use std::sync::Arc;

use deskwire::domain::dispatch::{
    Dispatch, FLOOR_EVERY_MS, FLOOR_PAGE_EVERY_MS, FLOOR_WATCHERS_PER_TICK_MAX, FloorInput, Input, Output, Watching,
};
use deskwire::domain::event::CategoryId;
use deskwire::domain::facts::Facts;
use deskwire::domain::matcher::{AgentProfile, Mode, Presence, Slots, TeamId};
use deskwire::domain::rules::Rules;
use deskwire::domain::who::{Bound, Sight, Who};
use deskwire_protocol::kinds::{FloorAgent, FloorAgents, FloorCategories, StaffFrame};
use deskwire_protocol::limits::{FLOOR_LINES_MAX, NAME_BYTES_MAX, PAGE_BYTES_MAX};
use deskwire_protocol::{FloorPart, PersonId, Phase, Priority, Role, StageName, Status, TicketId, Time};

/// Agents from 1 on; supervisors from here on.
const SUPERVISORS: u64 = 100_000;

struct Floor {
    dispatch: Dispatch<u32>,
    now: u64,
}

impl Floor {
    /// Agents in teams 1 and 2 in turn, who serve categories of the same numbers.
    fn new(agents: u64) -> Floor {
        let mut floor = Floor { dispatch: Dispatch::default(), now: 1_000_000 };
        for id in [1, 2] {
            let rules = Rules { mode: Mode::Manual, ..Rules::default() };
            floor.hear(Input::CategoryIs {
                id: CategoryId(id),
                name: format!("category {id}"),
                rules: Arc::new(rules),
            });
        }
        floor.hear(Input::Begin { era: 1, stages: Vec::new(), live: Vec::new() });
        (1..=agents).for_each(|id| floor.agent(id, (id % 2 + 1) as u16, Role::Agent));
        floor
    }

    fn agent(&mut self, id: u64, team: u16, role: Role) {
        let profile = AgentProfile {
            id: PersonId(id),
            // As long as a name may be: the page is as large as it gets.
            name: format!("{id:0width$}", width = NAME_BYTES_MAX),
            role,
            team: Some(TeamId(team)),
            categories: [CategoryId(team)].into(),
            slots: Slots { live: 3, asynchronous: 9 },
            ..AgentProfile::nobody(PersonId(id))
        };
        self.hear(Input::AgentIs { profile, status: Some(Status::Available) });
        self.hear(Input::AgentPresent { agent: PersonId(id), presence: Presence::Here });
    }

    fn hear(&mut self, input: Input<u32>) -> Vec<Output<u32>> {
        let mut out = Vec::new();
        self.dispatch.step(input, Time::from_ms(self.now), &mut out);
        out
    }

    fn later(&mut self, ms: u64) -> Told {
        self.now += ms;
        Told::of(self.hear(Input::Tick))
    }

    fn supervisor(&mut self, id: u64, bound: Option<u16>) -> Arc<Who> {
        let bound = bound.map(|team| Bound { teams: [TeamId(team)].into(), categories: [CategoryId(team)].into() });
        let who = Arc::new(Who {
            person: PersonId(SUPERVISORS + id),
            role: Role::Supervisor,
            name: "Susan".into(),
            categories: [].into(),
            reachable: true,
            sight: Sight { bound, shared: [].into() },
        });
        self.agent(who.person.0, 1, Role::Supervisor);
        who
    }

    fn watch(&mut self, who: &Arc<Who>, watching: Watching) {
        let out = self.hear(Input::Floor(FloorInput::Watch { who: who.clone(), watching, ask: 1 }));
        assert_eq!(out, [Output::Answer { ask: 1, result: Ok(()) }], "what there is to see comes with the ticks");
    }

    fn report(&mut self, facts: Facts) {
        self.hear(Input::Report { facts, era: 1 });
    }
}

/// What watchers were told.
#[derive(Debug, Default)]
struct Told {
    agents: Vec<(PersonId, FloorAgents)>,
    categories: Vec<(PersonId, FloorCategories)>,
}

impl Told {
    fn of(out: Vec<Output<u32>>) -> Told {
        let mut told = Told::default();
        for output in out {
            let Output::Floor { to, frame } = output else { continue };
            assert!(frame.encode().len() <= PAGE_BYTES_MAX, "{} bytes", frame.encode().len());
            if let StaffFrame::FloorAgents(frame) = frame {
                told.agents.push((to, frame));
            } else if let StaffFrame::FloorCategories(frame) = frame {
                told.categories.push((to, frame));
            }
        }
        told
    }

    fn lines(&self) -> Vec<&FloorAgent> {
        self.agents.iter().flat_map(|(_, frame)| &frame.agents).collect()
    }

    fn is_nothing(&self) -> bool {
        self.agents.is_empty() && self.categories.is_empty()
    }
}

fn waiting(ticket: u64, category: u16, at: u64) -> Facts {
    Facts {
        ticket: TicketId(ticket),
        seq: 1,
        stage: StageName::Waiting,
        round: 1,
        agent: None,
        customer: PersonId(900_000 + ticket),
        category: CategoryId(category),
        priority: Priority::Normal,
        arrived: Time::from_ms(at),
        since: Time::from_ms(at),
        phase: Phase::Live,
        reachable: false,
        skills: Vec::new(),
        wrap_up_until: None,
        told: Default::default(),
        hands: Default::default(),
        name: "Carla".into(),
        subject: "the printer".into(),
    }
}

/// Part 6, the limit FLOOR_LINES_MAX: 400 agents are one frame of at most 64 KiB; afterwards only what changed, at most
/// once a second.
#[test]
fn four_hundred_agents_are_one_frame_and_then_only_changes_once_a_second() {
    let mut floor = Floor::new(399);
    let susan = floor.supervisor(1, None);
    floor.watch(&susan, Watching::Begin);
    let told = floor.later(100);
    assert_eq!((told.agents.len(), told.lines().len(), told.agents[0].1.more), (1, FLOOR_LINES_MAX, false));
    assert_eq!(told.categories[0].1.categories.len(), 2);
    assert!(floor.later(FLOOR_EVERY_MS).is_nothing(), "nothing has changed");

    let pick = Facts { agent: Some(PersonId(3)), stage: StageName::Assigned, seq: 2, ..waiting(7, 2, floor.now) };
    floor.report(waiting(7, 2, floor.now));
    floor.report(pick.clone());
    let mut frames = 0;
    for _ in 0..9 {
        frames += floor.later(100).agents.len();
    }
    assert_eq!(frames, 0, "not before a second has passed");
    let told = floor.later(100);
    let lines = told.lines();
    assert_eq!((lines.len(), lines[0].agent, lines[0].live_active), (1, PersonId(3), 1));
    let category = &told.categories[0].1.categories[0];
    assert_eq!((category.answered, category.in_time, category.service_level), (1, 1, 1_000));
    floor.report(Facts { stage: StageName::OnHold, seq: 3, ..pick });
    let told = floor.later(FLOOR_EVERY_MS);
    assert_eq!((told.lines()[0].live_active, told.lines()[0].live_held), (0, 1));
}

/// Part 6: more agents than a frame holds follow page by page, and asking again does not hasten them.
#[test]
fn a_larger_floor_follows_page_by_page_and_asking_again_costs_no_more() {
    let mut floor = Floor::new(1_000);
    let susan = floor.supervisor(1, None);
    floor.watch(&susan, Watching::Begin);
    let mut known = BTreeMap::new();
    for more in [true, true, false] {
        let told = floor.later(FLOOR_PAGE_EVERY_MS);
        assert_eq!((told.agents.len(), told.agents[0].1.more), (1, more));
        known.extend(told.lines().iter().map(|line| (line.agent, (*line).clone())));
    }
    assert_eq!(known.len(), 1_001);
    for _ in 0..500 {
        floor.watch(&susan, Watching::Begin);
    }
    assert!(floor.later(100).is_nothing(), "he was told less than a second ago");
    assert_eq!(floor.later(FLOOR_EVERY_MS).agents.len(), 1);
    floor.watch(&susan, Watching::End);
    assert!(floor.later(10 * FLOOR_EVERY_MS).is_nothing());

    let page = |floor: &mut Floor, page| {
        let frame = floor.dispatch.look_at_the_floor(&susan, FloorPart::Agents, page, 9);
        assert!(frame.encode().len() <= PAGE_BYTES_MAX);
        let StaffFrame::FloorAgents(frame) = frame else { panic!("{frame:?}") };
        (frame.agents.len(), frame.more)
    };
    let pages = [0, 1, 2, 3].map(|number| page(&mut floor, number));
    assert_eq!(pages, [(400, true), (400, true), (201, false), (0, false)]);
}

/// A22: who is bound to a team is shown its agents and what they serve; whoever leaves the team goes from his view.
#[test]
fn who_is_bound_to_a_team_sees_its_agents_and_categories_alone() {
    let mut floor = Floor::new(10);
    let (all, bound) = (floor.supervisor(1, None), floor.supervisor(2, Some(2)));
    for who in [&all, &bound] {
        floor.watch(who, Watching::Begin);
    }
    let told = floor.later(100);
    let of = |told: &Told, who: &Arc<Who>| -> Vec<u64> {
        let frames = told.agents.iter().filter(|(to, _)| *to == who.person);
        frames.flat_map(|(_, frame)| frame.agents.iter().map(|line| line.agent.0)).collect()
    };
    assert_eq!((of(&told, &all).len(), of(&told, &bound)), (12, vec![1, 3, 5, 7, 9]));
    let categories = told.categories.iter().find(|(to, _)| *to == bound.person).unwrap();
    let names: Vec<_> = categories.1.categories.iter().map(|line| line.category.as_str()).collect();
    assert_eq!(names, ["category 2"]);
    floor.report(waiting(1, 1, floor.now));
    floor.agent(3, 1, Role::Agent);
    let told = floor.later(FLOOR_EVERY_MS);
    let his: Vec<_> = told.agents.iter().filter(|(to, _)| *to == bound.person).collect();
    assert_eq!((his[0].1.agents.len(), his[0].1.gone[0].agent), (0, PersonId(3)));
    assert!(
        told.categories.iter().all(|(to, frame)| *to == all.person || frame.categories[0].category == "category 2")
    );
    // He comes back bound to nothing: he is shown the rest.
    let free = Arc::new(Who { sight: Sight::default(), ..(*bound).clone() });
    floor.hear(Input::Floor(FloorInput::Came { who: free }));
    assert_eq!(of(&floor.later(FLOOR_EVERY_MS), &bound).len(), 12);
}

/// The limit FLOOR_WATCHERS_PER_TICK_MAX: all are told in turn.
#[test]
fn many_watchers_are_told_in_turn() {
    let mut floor = Floor::new(2);
    let many = FLOOR_WATCHERS_PER_TICK_MAX as u64 + 5;
    let all: Vec<_> = (0..many).map(|id| floor.supervisor(id, None)).collect();
    all.iter().for_each(|who| floor.watch(who, Watching::Begin));
    assert_eq!(floor.later(100).agents.len(), FLOOR_WATCHERS_PER_TICK_MAX);
    assert_eq!(floor.later(100).agents.len(), 5);
    floor.hear(Input::AgentPresent { agent: all[0].person, presence: Presence::Gone });
    let told = floor.later(FLOOR_EVERY_MS);
    assert!(told.agents.iter().all(|(to, _)| *to != all[0].person), "who is gone watches no longer");
}

/// B30: offers to one who is signed out are taken back at once and go to another; another's status is kept also where he
/// is not at work.
#[test]
fn offers_to_who_is_signed_out_are_taken_back() {
    let mut floor = Floor::new(2);
    let rules = Rules { mode: Mode::Offer, ..Rules::default() };
    floor.hear(Input::CategoryIs { id: CategoryId(2), name: "offered".into(), rules: Arc::new(rules) });
    let out = floor.hear(Input::Report { facts: waiting(1, 2, 1_000_000), era: 1 });
    let offered = |out: &[Output<u32>]| {
        out.iter().find_map(|output| {
            let Output::Offer { agent, .. } = output else { return None };
            Some(*agent)
        })
    };
    let first = offered(&out);
    assert_eq!(first, Some(PersonId(1)), "the only one who serves it");
    floor.agent(4, 2, Role::Agent);
    let status = |agent| FloorInput::SetStatus { agent, status: Status::Offline, ask: Some(3) };
    let said = Output::StatusIs { agent: PersonId(1), status: Status::Offline, label: String::new(), ask: Some(3) };
    assert!(floor.hear(Input::Floor(status(PersonId(1)))).contains(&said));
    let out = floor.hear(Input::Floor(FloorInput::Rescind { agent: PersonId(1) }));
    assert!(out.iter().any(|output| matches!(output, Output::OfferGone { agent: PersonId(1), .. })));
    assert_eq!(offered(&out), Some(PersonId(4)));
    let said = Output::StatusIs { agent: PersonId(77), status: Status::Offline, label: String::new(), ask: Some(3) };
    assert_eq!(floor.hear(Input::Floor(status(PersonId(77)))), [said], "he is not at work, and is so when he comes");
}
