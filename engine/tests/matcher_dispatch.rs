//! The dispatcher's rules one by one.

use std::collections::BTreeSet;
use std::sync::Arc;

use deskwire::domain::dispatch::{
    ASSIGN_REPEAT_MS, Dispatch, ENTRIES_PER_SLICE_MAX, Input, Output, PICKS_PER_TICKET_MAX, Watching,
};
use deskwire::domain::event::CategoryId;
use deskwire::domain::facts::{Causes, Facts};
use deskwire::domain::matcher::{AgentProfile, Mode, Presence, Slots};
use deskwire::domain::rules::Rules;
use deskwire_protocol::words::QueueExit;
use deskwire_protocol::{PersonId, Phase, Priority, Refusal, StageName, Status, TicketId, Time};

const ERA: u64 = 1;
const BY_HAND: CategoryId = CategoryId(1);
const BY_ITSELF: CategoryId = CategoryId(2);
const ANNA: PersonId = PersonId(1);
const BEN: PersonId = PersonId(2);
const STRANGER: PersonId = PersonId(3);
const T: TicketId = TicketId(100);

struct Desk {
    dispatch: Dispatch<u64>,
    now: u64,
}

impl Desk {
    /// Anna and Ben serve both categories with one slot each; the stranger serves neither. Nothing waits.
    fn new() -> Desk {
        let mut desk = Desk::gathering(Vec::new());
        assert!(desk.dispatch.is_pairing());
        desk.now += 1;
        desk
    }

    fn gathering(live: Vec<TicketId>) -> Desk {
        let mut desk = Desk { dispatch: Dispatch::default(), now: 1_000_000 };
        for (id, mode) in [(BY_HAND, Mode::Manual), (BY_ITSELF, Mode::Automatic)] {
            desk.hear(Input::CategoryIs {
                id,
                name: "chat".into(),
                rules: Arc::new(Rules { mode, ..Rules::default() }),
            });
        }
        for (agent, all) in [(ANNA, vec![BY_HAND, BY_ITSELF]), (BEN, vec![BY_HAND, BY_ITSELF]), (STRANGER, vec![])] {
            desk.agent(agent, all.into_iter().collect(), 1);
            desk.hear(Input::AgentPresent { agent, presence: Presence::Here });
            desk.hear(Input::SetStatus { agent, status: Status::Available, label: String::new(), ask: 0 });
        }
        desk.hear(Input::Begin { era: ERA, stages: Vec::new(), live });
        desk
    }

    fn agent(&mut self, id: PersonId, categories: BTreeSet<CategoryId>, slots: u16) {
        let slots = Slots { live: slots, asynchronous: 0 };
        let profile = AgentProfile { name: "somebody".into(), categories, slots, ..AgentProfile::nobody(id) };
        self.hear(Input::AgentIs { profile, status: None });
    }

    fn hear(&mut self, input: Input<u64>) -> Vec<Output<u64>> {
        let mut out = Vec::new();
        self.dispatch.step(input, Time::from_ms(self.now), &mut out);
        assert_eq!(self.dispatch.matcher().check(), Ok(()));
        assert_eq!(self.dispatch.matcher().violations(), 0);
        out
    }

    fn later(&mut self, ms: u64) -> Vec<Output<u64>> {
        self.now += ms;
        self.hear(Input::Tick)
    }

    fn report(&mut self, facts: Facts) -> Vec<Output<u64>> {
        self.hear(Input::Report { facts, era: ERA })
    }

    fn pick(&mut self, agent: PersonId, ask: u64) -> Vec<Output<u64>> {
        self.hear(Input::Pick { agent, ticket: T, ask })
    }

    fn load(&self, agent: PersonId) -> u16 {
        self.dispatch.matcher().agent(agent).map_or(0, |agent| agent.used().live)
    }
}

fn waiting(ticket: TicketId, category: CategoryId, seq: u32, round: u32) -> Facts {
    Facts {
        ticket,
        seq,
        stage: StageName::Waiting,
        round,
        agent: None,
        customer: PersonId(9),
        category,
        priority: Priority::Normal,
        arrived: Time::from_ms(900_000),
        since: Time::from_ms(900_000),
        phase: Phase::Live,
        reachable: false,
        skills: Vec::new(),
        wrap_up_until: None,
        told: Causes::default(),
        hands: Default::default(),
        name: "Carla".into(),
        subject: "the printer".into(),
    }
}

fn with(agent: PersonId, stage: StageName, facts: Facts) -> Facts {
    Facts { agent: Some(agent), stage, seq: facts.seq + 1, ..facts }
}

fn answers(out: &[Output<u64>]) -> Vec<(u64, Option<Refusal>)> {
    let answer = |output: &Output<u64>| {
        let Output::Answer { ask, result } = output else { return None };
        Some((*ask, result.as_ref().err().map(|(refusal, _)| *refusal)))
    };
    out.iter().filter_map(answer).collect()
}

fn attempts(out: &[Output<u64>]) -> Vec<(PersonId, u64)> {
    let attempt = |output: &Output<u64>| {
        let Output::Assign { agent, attempt, .. } = output else { return None };
        Some((*agent, *attempt))
    };
    out.iter().filter_map(attempt).collect()
}

fn positions(out: &[Output<u64>]) -> Vec<(TicketId, u32)> {
    let position = |output: &Output<u64>| {
        let Output::Position { ticket, position, .. } = output else { return None };
        Some((*ticket, *position))
    };
    out.iter().filter_map(position).collect()
}

/// B03
#[test]
fn a_ticket_is_paired_in_the_step_in_which_it_came() {
    let mut desk = Desk::new();
    let out = desk.report(waiting(T, BY_ITSELF, 1, 1));
    assert_eq!(attempts(&out).len(), 1);
    assert_eq!(positions(&out), [], "he does not wait, so he has no position");
}

/// B03
#[test]
fn an_agent_is_paired_in_the_step_in_which_his_slot_became_free() {
    let mut desk = Desk::new();
    desk.agent(BEN, BTreeSet::new(), 0);
    desk.report(with(ANNA, StageName::Assigned, waiting(T, BY_ITSELF, 1, 1)));
    let next = TicketId(101);
    assert_eq!(attempts(&desk.report(waiting(next, BY_ITSELF, 1, 1))), []);
    let out = desk.report(Facts { seq: 5, ..with(ANNA, StageName::Closed, waiting(T, BY_ITSELF, 4, 1)) });
    assert_eq!(attempts(&out).len(), 1);
}

/// B07
#[test]
fn of_two_picks_exactly_one_gets_the_ticket_and_both_wait_for_the_disk() {
    let mut desk = Desk::new();
    desk.report(waiting(T, BY_HAND, 1, 1));
    let first = desk.pick(BEN, 1);
    assert_eq!((attempts(&first).len(), answers(&first)), (1, vec![]));
    assert_eq!(desk.pick(ANNA, 2), []);
    let out = desk.report(with(BEN, StageName::Assigned, waiting(T, BY_HAND, 1, 1)));
    assert_eq!(answers(&out), [(1, None), (2, Some(Refusal::Taken))]);
    let words = out
        .iter()
        .any(|output| matches!(output, Output::Answer { result: Err((_, words)), .. } if words.contains("assigned")));
    assert!(words, "the refusal names the stage");
    assert!(out.contains(&Output::Yours { agent: BEN, ticket: T }));
    assert_eq!((desk.load(ANNA), desk.load(BEN)), (0, 1));
    assert_eq!(answers(&desk.pick(BEN, 3)), [(3, None)], "he has it already");
}

/// The limit PICKS_PER_TICKET_MAX: so many wait for the disk, one more is told to come again.
#[test]
fn so_many_picks_wait_for_one_ticket_and_no_more() {
    let mut desk = Desk::new();
    desk.report(waiting(T, BY_HAND, 1, 1));
    for ask in 1..=PICKS_PER_TICKET_MAX as u64 {
        assert_eq!(answers(&desk.pick(if ask == 1 { BEN } else { ANNA }, ask)), []);
    }
    assert_eq!(answers(&desk.pick(ANNA, 0)), [(0, Some(Refusal::Busy))]);
    let out = desk.report(with(BEN, StageName::Assigned, waiting(T, BY_HAND, 1, 1)));
    assert_eq!(answers(&out).len(), PICKS_PER_TICKET_MAX);
}

/// B07, B13, B14, A22: what a pick is told.
#[test]
fn a_pick_that_cannot_be_is_told_why_at_once() {
    let mut desk = Desk::new();
    assert_eq!(answers(&desk.pick(ANNA, 1)), [(1, Some(Refusal::UnknownTicket))]);
    desk.report(waiting(T, BY_HAND, 1, 1));
    assert_eq!(answers(&desk.pick(STRANGER, 2)), [(2, Some(Refusal::UnknownTicket))], "foreign as unknown");
    assert_eq!(answers(&desk.pick(PersonId(77), 3)), [(3, Some(Refusal::NotEntitled))]);
    desk.report(with(ANNA, StageName::Assigned, waiting(TicketId(7), BY_HAND, 1, 1)));
    assert_eq!(answers(&desk.pick(ANNA, 4)), [(4, Some(Refusal::NoFreeSlot))]);
    desk.hear(Input::Pause { refusal: Refusal::ReadOnly });
    assert_eq!(answers(&desk.pick(BEN, 5)), [(5, Some(Refusal::ReadOnly))]);
    desk.hear(Input::Resume);
    desk.hear(Input::SetAside { ticket: T });
    assert_eq!(answers(&desk.pick(BEN, 6)), [(6, Some(Refusal::SetAside))]);
}

/// B15: a report from before the Assign came proves nothing.
#[test]
fn a_report_of_the_same_round_frees_no_slot() {
    let mut desk = Desk::new();
    desk.report(waiting(T, BY_HAND, 1, 1));
    desk.pick(ANNA, 1);
    assert_eq!(answers(&desk.report(waiting(T, BY_HAND, 1, 1))), []);
    assert_eq!(desk.load(ANNA), 1);
    let out = desk.report(waiting(T, BY_HAND, 4, 2));
    assert_eq!(desk.load(ANNA), 1, "the pick is tried again in the new round");
    assert_eq!((attempts(&out).len(), answers(&out)), (1, vec![]));
}

#[test]
fn an_unanswered_assign_is_repeated_and_only_its_latest_refusal_frees() {
    let mut desk = Desk::new();
    desk.report(waiting(T, BY_HAND, 1, 1));
    let (_, first) = attempts(&desk.pick(ANNA, 1))[0];
    assert_eq!(desk.later(ASSIGN_REPEAT_MS - 1), []);
    let (_, second) = attempts(&desk.later(1))[0];
    assert_ne!(first, second);
    let refused = |attempt, refusal| {
        let facts = waiting(T, BY_HAND, 1, 1);
        Input::AssignRefused { ticket: T, attempt, refusal, facts, era: ERA }
    };
    assert_eq!(desk.hear(refused(first, Refusal::MembersFull)), []);
    assert_eq!(answers(&desk.hear(refused(second, Refusal::Again))), []);
    assert_eq!(desk.load(ANNA), 1);
    let out = desk.hear(refused(second, Refusal::MembersFull));
    assert_eq!((answers(&out), desk.load(ANNA)), (vec![(1, Some(Refusal::MembersFull))], 0));
    assert_eq!(answers(&desk.pick(BEN, 2)), [(2, Some(Refusal::PairingPaused))], "it rests until the next tick");
    desk.later(1);
    assert_eq!(attempts(&desk.pick(BEN, 3)).len(), 1);
}

#[test]
fn older_facts_change_nothing() {
    let mut desk = Desk::new();
    desk.report(with(ANNA, StageName::Assigned, waiting(T, BY_HAND, 4, 1)));
    assert_eq!(desk.report(waiting(T, BY_HAND, 1, 1)), []);
    assert_eq!(desk.load(ANNA), 1);
    desk.report(with(ANNA, StageName::Closed, waiting(T, BY_HAND, 8, 1)));
    assert_eq!(desk.report(with(ANNA, StageName::OnHold, waiting(T, BY_HAND, 5, 1))), []);
    assert_eq!(desk.load(ANNA), 0, "what is over does not come back");
    assert_eq!(answers(&desk.pick(ANNA, 1)), [(1, Some(Refusal::UnknownTicket))]);
    desk.report(Facts { stage: StageName::Reopened, ..waiting(T, BY_HAND, 10, 2) });
    assert_eq!(attempts(&desk.pick(ANNA, 2)).len(), 1, "but it may be opened again");
}

/// B15: nothing is paired while the dispatcher gathers, and old word does not end it.
#[test]
fn nothing_is_paired_before_every_live_room_has_reported() {
    let (other, empty) = (TicketId(8), TicketId(9));
    let mut desk = Desk::gathering(vec![T, other, empty]);
    assert_eq!(attempts(&desk.report(waiting(T, BY_ITSELF, 1, 1))), []);
    assert_eq!(answers(&desk.pick(ANNA, 1)), [(1, Some(Refusal::PairingPaused))]);
    desk.hear(Input::NoTicket { ticket: empty, era: ERA });
    assert_eq!(desk.hear(Input::RoomGone { ticket: other }), [Output::Wake { ticket: other }]);
    assert_eq!(desk.later(1_000), [Output::Wake { ticket: other }]);
    let out = desk.hear(Input::Report { facts: waiting(other, BY_HAND, 1, 1), era: ERA - 1 });
    assert_eq!(attempts(&out), []);
    let out = desk.report(with(ANNA, StageName::Assigned, waiting(other, BY_HAND, 1, 1)));
    assert_eq!(attempts(&out).iter().map(|(agent, _)| *agent).collect::<Vec<_>>(), [BEN], "Anna's slot is used");
}

/// B14: a limit lowered below what is held runs down.
#[test]
fn load_above_a_lowered_limit_runs_down() {
    let mut desk = Desk::new();
    desk.agent(BEN, BTreeSet::new(), 0);
    let all = BTreeSet::from([BY_ITSELF]);
    desk.agent(ANNA, all.clone(), 2);
    for ticket in [TicketId(1), TicketId(2)] {
        desk.report(with(ANNA, StageName::Assigned, waiting(ticket, BY_ITSELF, 1, 1)));
    }
    desk.agent(ANNA, all, 1);
    assert_eq!(attempts(&desk.report(waiting(T, BY_ITSELF, 1, 1))), []);
    assert_eq!(attempts(&desk.report(with(ANNA, StageName::Closed, waiting(TicketId(1), BY_ITSELF, 5, 1)))), []);
    let out = desk.report(with(ANNA, StageName::Closed, waiting(TicketId(2), BY_ITSELF, 5, 1)));
    assert_eq!(attempts(&out).len(), 1);
}

#[test]
fn a_ticket_set_aside_frees_its_slot_and_comes_back_with_its_rooms_word() {
    let mut desk = Desk::new();
    desk.report(waiting(T, BY_HAND, 1, 1));
    desk.pick(ANNA, 1);
    let out = desk.hear(Input::SetAside { ticket: T });
    assert_eq!((answers(&out), desk.load(ANNA)), (vec![(1, Some(Refusal::SetAside))], 0));
    desk.report(with(ANNA, StageName::Assigned, waiting(T, BY_HAND, 1, 1)));
    assert_eq!(desk.load(ANNA), 0);
    assert_eq!(desk.hear(Input::PutBack { ticket: T }), [Output::Wake { ticket: T }]);
    let out = desk.report(with(ANNA, StageName::Assigned, waiting(T, BY_HAND, 1, 1)));
    assert!(out.contains(&Output::Yours { agent: ANNA, ticket: T }));
    assert_eq!(desk.load(ANNA), 1);
}

/// B02
#[test]
fn positions_are_told_at_once_then_on_change_at_most_once_a_second() {
    let mut desk = Desk::new();
    let (a, b, c) = (TicketId(1), TicketId(2), TicketId(3));
    for (ticket, place) in [(a, 1), (b, 2), (c, 3)] {
        assert_eq!(positions(&desk.report(waiting(ticket, BY_HAND, 1, 1))), [(ticket, place)]);
    }
    desk.report(with(BEN, StageName::Closed, waiting(a, BY_HAND, 1, 1)));
    assert_eq!(positions(&desk.later(500)), []);
    assert_eq!(positions(&desk.later(500)), [(b, 1), (c, 2)]);
    desk.hear(Input::TellPosition { ticket: c });
    assert_eq!(positions(&desk.later(999)), []);
    assert_eq!(positions(&desk.later(1)), [(c, 2)], "who asks is told, a second after the last");
    assert_eq!(positions(&desk.later(5_000)), []);
}

/// B06, E01
#[test]
fn who_watches_sees_the_queue_of_his_categories_and_its_changes() {
    let mut desk = Desk::new();
    let many = ENTRIES_PER_SLICE_MAX as u64 + 6;
    for n in 0..many {
        desk.report(waiting(TicketId(1_000 + n), BY_HAND, 1, 1));
    }
    let entries = |out: &[Output<u64>]| out.iter().filter(|output| matches!(output, Output::QueueEntry { .. })).count();
    for (agent, ask) in [(ANNA, 1), (STRANGER, 2)] {
        let out = desk.hear(Input::Watch { agent, watching: Watching::Begin, ask });
        assert_eq!((answers(&out), matches!(out[0], Output::Answer { .. })), (vec![(ask, None)], true));
        assert_eq!(entries(&out), 0, "what waits comes with the ticks");
    }
    // However often he asks, a tick shows him no more than a slice.
    for ask in 10..1_000 {
        let out = desk.hear(Input::Watch { agent: ANNA, watching: Watching::Begin, ask });
        assert_eq!((out.len(), answers(&out)), (1, vec![(ask, None)]));
    }
    assert_eq!(entries(&desk.later(100)), ENTRIES_PER_SLICE_MAX);
    assert_eq!(entries(&desk.later(100)), 6);
    let to: std::sync::Arc<[PersonId]> = [ANNA].into();
    let entered = desk.report(waiting(T, BY_HAND, 1, 1));
    assert!(entered.iter().any(|output| matches!(output, Output::QueueEntry { to: heard, .. } if *heard == to)));
    assert_eq!(entries(&desk.pick(BEN, 3)), 0, "a promise is no fact");
    let left = desk.report(with(BEN, StageName::Assigned, waiting(T, BY_HAND, 1, 1)));
    assert!(left.contains(&Output::QueueGone { to, ticket: T, exit: QueueExit::Assigned }));
}

#[test]
fn an_ask_that_was_not_answered_is_handed_back() {
    let mut desk = Desk::new();
    desk.report(waiting(T, BY_HAND, 1, 1));
    desk.pick(ANNA, 1);
    desk.pick(BEN, 2);
    assert_eq!(desk.dispatch.into_asks(), [1, 2]);
}
