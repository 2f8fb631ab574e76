//! Who is given an escalated ticket, and when, as the dispatcher decides it: a supervisor in the same step, before anybody else.

#![allow(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one thing among all that is said")]

use std::sync::Arc;

use deskwire::domain::dispatch::{Dispatch, Input, Output};
use deskwire::domain::event::CategoryId;
use deskwire::domain::facts::{Causes, Facts, Hands};
use deskwire::domain::matcher::{AgentProfile, Mode, Presence, Slots};
use deskwire::domain::rules::Rules;
use deskwire_protocol::words::Manner;
use deskwire_protocol::{PersonId, Phase, Priority, Refusal, Role, Routing, StageName, Status, TicketId, Time};

const CHAT: CategoryId = CategoryId(1);
const ANNA: PersonId = PersonId(1);
const BEN: PersonId = PersonId(2);
const SAM: PersonId = PersonId(3);
const T: TicketId = TicketId(100);

fn now() -> Time {
    Time::from_ms(1_000_000)
}

/// Who is given a ticket, and how.
type Given = (PersonId, Routing);
/// An ask, and its refusal where it is one.
type Answered = (u8, Option<Refusal>);

/// A step; who is given what by it.
fn hear(dispatch: &mut Dispatch<u8>, input: Input<u8>) -> Vec<Given> {
    heard(dispatch, input).0
}

/// A step; who is given what by it, and what is answered. No invariant is broken.
fn heard(dispatch: &mut Dispatch<u8>, input: Input<u8>) -> (Vec<Given>, Vec<Answered>) {
    let mut out = Vec::new();
    dispatch.step(input, now(), &mut out);
    assert_eq!(dispatch.matcher().check(), Ok(()));
    assert_eq!(dispatch.matcher().violations(), 0);
    let given = out.iter().filter_map(|output| match output {
        Output::Assign { agent, routing, .. } => Some((*agent, *routing)),
        _ => None,
    });
    let answered = out.iter().filter_map(|output| match output {
        Output::Answer { ask, result } => Some((*ask, result.as_ref().err().map(|(refusal, _)| *refusal))),
        _ => None,
    });
    (given.collect(), answered.collect())
}

/// Anna, Ben and Sam, who is a supervisor, each with one slot; Anna has the ticket.
fn desk() -> Dispatch<u8> {
    let mut dispatch = Dispatch::default();
    let rules = Arc::new(Rules { mode: Mode::Automatic, ..Rules::default() });
    hear(&mut dispatch, Input::CategoryIs { id: CHAT, name: "chat".into(), rules });
    for (agent, role) in [(ANNA, Role::Agent), (BEN, Role::Agent), (SAM, Role::Supervisor)] {
        let slots = Slots { live: 1, asynchronous: 0 };
        let profile = AgentProfile { role, categories: [CHAT].into(), slots, ..AgentProfile::nobody(agent) };
        hear(&mut dispatch, Input::AgentIs { profile, status: Some(Status::Available) });
        hear(&mut dispatch, Input::AgentPresent { agent, presence: Presence::Here });
    }
    hear(&mut dispatch, Input::Begin { era: 1, stages: vec![facts(2, Some(ANNA), 1)], live: Vec::new() });
    dispatch
}

fn facts(seq: u32, agent: Option<PersonId>, round: u32) -> Facts {
    Facts {
        ticket: T,
        seq,
        stage: if agent.is_some() { StageName::Assigned } else { StageName::Waiting },
        round,
        agent,
        customer: PersonId(9),
        category: CHAT,
        priority: Priority::Normal,
        arrived: now(),
        since: now(),
        phase: Phase::Live,
        reachable: false,
        skills: Vec::new(),
        wrap_up_until: None,
        told: Causes::default(),
        hands: Hands::default(),
        name: "Carla".into(),
        subject: "the printer".into(),
    }
}

fn escalated(facts: Facts) -> Facts {
    Facts { hands: Hands { escalated: Some(now()), ..facts.hands.clone() }, ..facts }
}

fn report(dispatch: &mut Dispatch<u8>, facts: Facts) -> Vec<Given> {
    hear(dispatch, Input::Report { facts, era: 1 })
}

/// Anna gives it to Ben, and it is escalated while it is on its way: a supervisor is free all the while.
fn escalated_on_its_way() -> Dispatch<u8> {
    let mut dispatch = desk();
    let (name, reason) = ("Anna".to_owned(), String::new());
    let (routing, manner) = (Routing::Transferred, Manner::AtOnce);
    let to_ben = Input::Move { ticket: T, agent: BEN, routing, manner, by: ANNA, name, reason, ask: 1 };
    assert_eq!(hear(&mut dispatch, to_ben), [(BEN, Routing::Transferred)]);
    assert_eq!(report(&mut dispatch, escalated(facts(3, Some(ANNA), 1))), [], "it is promised to one already");
    dispatch
}

/// B22
#[test]
fn a_ticket_that_was_escalated_on_its_way_is_a_supervisors_as_soon_as_it_came() {
    let mut dispatch = escalated_on_its_way();
    assert_eq!(report(&mut dispatch, escalated(facts(5, Some(BEN), 2))), [(SAM, Routing::Escalated)]);
    assert_eq!(report(&mut dispatch, facts(6, Some(SAM), 3)), []);
    assert_eq!(dispatch.escalated().count(), 0);
}

/// B22, B27: back in the queue it is given once, to the supervisor, though agents are free too.
#[test]
fn an_escalated_ticket_that_comes_back_to_the_queue_is_a_supervisors_before_an_agents() {
    let mut dispatch = escalated_on_its_way();
    let back = Input::Report { facts: escalated(facts(4, None, 2)), era: 1 };
    let (given, answered) = heard(&mut dispatch, back);
    assert_eq!(answered, [(1, Some(Refusal::Taken))], "it is not Ben's for having been given to him");
    assert_eq!(given, [(SAM, Routing::Escalated)]);
    assert_eq!(hear(&mut dispatch, Input::Tick), [], "it is given once");
    assert_eq!(dispatch.escalated().count(), 1, "until his room says so");
    assert_eq!(report(&mut dispatch, facts(5, Some(SAM), 2)), []);
    assert_eq!(dispatch.escalated().count(), 0);
}

/// B22, B09: a supervisor who ignores it is not given it; an agent has it, and it stays escalated.
#[test]
fn an_escalated_ticket_is_not_given_to_a_supervisor_who_ignores_it() {
    let mut dispatch = desk();
    let ignoring =
        Facts { hands: Hands { escalated: Some(now()), ignored: vec![SAM], ..Hands::default() }, ..facts(4, None, 2) };
    let given = report(&mut dispatch, ignoring);
    assert!(matches!(given[..], [(ANNA | BEN, Routing::Automatic)]), "{given:?}");
    assert_eq!(dispatch.escalated().count(), 1);
}
