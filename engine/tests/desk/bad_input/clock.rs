//! The clock is set back: a row that no socket can show, so it asks the ticket and the dispatcher themselves.

use deskwire::domain::dispatch::{Dispatch, Input, Output};
use deskwire::domain::event::{CategoryId, Event};
use deskwire::domain::matcher::{AgentProfile, Mode, Presence, Slots};
use deskwire::domain::rules::Rules;
use deskwire::domain::ticket::{Command, Decision, Ticket};
use deskwire::domain::who::{Sight, Who};
use deskwire_protocol::words::OfferExit;
use deskwire_protocol::{PersonId, Phase, Priority, Role, Status, StreamId, TicketId, Time};

/// D02, B10: a clock that is set back moves nothing back: a ticket's events keep their order in time, and an offer lapses
/// when it would have.
#[test]
fn a_clock_that_is_set_back_moves_nothing_back() {
    const NOON: u64 = 1_000_000;
    let at = Time::from_ms;
    let (category, id, agent) = (CategoryId(1), TicketId(7), PersonId(1));
    let sight = Sight::default();
    let name = "Carl".into();
    let carl = Who { person: PersonId(9), role: Role::Customer, name, categories: [].into(), reachable: false, sight };
    let open = Command::Open {
        category,
        category_name: "chat".into(),
        priority: Priority::Normal,
        subject: "Help".into(),
        early_posts: true,
        phase: Phase::Live,
        skills: Vec::new(),
        first: None,
        turned_away: None,
    };
    let events = |decision| match decision {
        Decision::Events(events) => events,
        other => panic!("{other:?}"),
    };
    let first: Vec<Event> = events(Ticket::decide_first(&carl, open, at(NOON)).unwrap());
    let mut ticket = Ticket::begin(id, &first[0]).unwrap();
    for (number, now, told) in
        [(1, NOON + 500, NOON + 500), (2, NOON - 5, NOON + 500), (3, 0, NOON + 500), (4, NOON + 600, NOON + 600)]
    {
        let post = Command::Post { stream: StreamId(1), number, text: "hello".into() };
        for event in events(ticket.decide(&carl, post, at(now)).unwrap()) {
            assert_eq!(event.at(), at(told), "at {now}");
            ticket.apply(&event);
        }
    }

    let mut dispatch: Dispatch<u32> = Dispatch::default();
    let mut step = |input, now| {
        let mut out = Vec::new();
        dispatch.step(input, at(now), &mut out);
        let mut ends = out.iter().filter_map(|output| match output {
            Output::Offer { offer, .. } => Some((offer.until, None)),
            Output::OfferGone { exit, .. } => Some((at(now), Some(*exit))),
            _ => None,
        });
        ends.next()
    };
    let rules = Rules { mode: Mode::Offer, offer_s: 20, ..Rules::default() }.into();
    step(Input::CategoryIs { id: category, name: "chat".into(), rules }, NOON);
    let slots = Slots { live: 1, asynchronous: 0 };
    let profile = AgentProfile { categories: [category].into(), slots, ..AgentProfile::nobody(agent) };
    step(Input::AgentIs { profile, status: Some(Status::Available) }, NOON);
    step(Input::AgentPresent { agent, presence: Presence::Here }, NOON);
    step(Input::Begin { era: 1, stages: Vec::new(), live: Vec::new() }, NOON);
    let facts = ticket.outline().facts().clone();
    let until = NOON + 20_000;
    assert_eq!(step(Input::Report { facts, era: 1 }, NOON), Some((at(until), None)));
    for (now, gone) in
        [(5, None), (NOON - 1, None), (until - 1, None), (until, Some((at(until), Some(OfferExit::Lapsed))))]
    {
        assert_eq!(step(Input::Tick, now), gone, "at {now}");
    }
    assert_eq!((step(Input::Tick, 5), dispatch.now()), (None, at(until)));
}
