//! Offers, leases, wrap-ups and moves as the dispatcher decides them, under a clock of the test's own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use deskwire::domain::dispatch::{Dispatch, Input, OfferAnswer, Order, Output};
use deskwire::domain::event::CategoryId;
use deskwire::domain::facts::{Causes, Facts};
use deskwire::domain::matcher::{AgentProfile, Mode, Presence, Slots};
use deskwire::domain::rules::Rules;
use deskwire_protocol::words::{Manner, OfferExit};
use deskwire_protocol::{PersonId, Phase, Priority, Refusal, Routing, StageName, Status, TicketId, Time};

const CHAT: CategoryId = CategoryId(1);
const CUSTOMER: u64 = 10_000;

/// The dispatcher and rooms that do at once what they are told.
struct Floor {
    dispatch: Dispatch<u64>,
    now: u64,
    tickets: BTreeMap<TicketId, Facts>,
    /// What was said since it was last looked at.
    said: Vec<Output<u64>>,
}

impl Floor {
    fn new(rules: Rules) -> Floor {
        let mut floor =
            Floor { dispatch: Dispatch::default(), now: 1_000_000, tickets: BTreeMap::new(), said: Vec::new() };
        floor.hear(Input::CategoryIs { id: CHAT, name: "chat".into(), rules: Arc::new(rules) });
        floor.hear(Input::Begin { era: 1, stages: Vec::new(), live: Vec::new() });
        floor
    }

    fn offering() -> Floor {
        Floor::new(Rules { mode: Mode::Offer, offer_s: 20, again_s: 60, ..Rules::default() })
    }

    fn hear(&mut self, input: Input<u64>) {
        let mut out = Vec::new();
        self.dispatch.step(input, Time::from_ms(self.now), &mut out);
        assert_eq!(self.dispatch.matcher().check(), Ok(()));
        assert_eq!(self.dispatch.matcher().check_at_rest(Time::from_ms(self.now)), Ok(()));
        assert_eq!(self.dispatch.matcher().violations(), 0);
        self.said.extend(out.iter().cloned());
        for output in out {
            self.obey(output);
        }
    }

    /// What a room would do.
    fn obey(&mut self, output: Output<u64>) {
        if let Output::Assign { ticket, agent, moved, .. } = output {
            let round = u32::from(moved.is_some_and(|moved| moved.from.is_some()));
            self.change(ticket, |facts| {
                (facts.stage, facts.agent) = (StageName::Assigned, Some(agent));
                facts.round += round;
            });
        } else if let Output::Direct { ticket, order, seq, .. } = output
            && self.tickets[&ticket].seq == seq
        {
            self.change(ticket, |facts| match order {
                Order::Requeue => (facts.stage, facts.round) = (StageName::Waiting, facts.round + 1),
                Order::Abandon => facts.stage = StageName::Abandoned,
                Order::Close => facts.stage = StageName::Closed,
                Order::GoAsynchronous => facts.phase = Phase::Asynchronous,
                Order::EndWrapUp => facts.wrap_up_until = None,
                Order::Tell(cause) => facts.told = facts.told.with(cause),
            });
        }
    }

    fn change(&mut self, ticket: TicketId, change: impl FnOnce(&mut Facts)) {
        let facts = self.tickets.get_mut(&ticket).expect("it is one of its own");
        change(facts);
        facts.seq += 1;
        facts.since = Time::from_ms(self.now);
        let facts = facts.clone();
        self.hear(Input::Report { facts, era: 1 });
    }

    fn agent(&mut self, id: u64, slots: u16) {
        let (slots, categories) = (Slots { live: slots, asynchronous: 1 }, BTreeSet::from([CHAT]));
        let profile = AgentProfile { categories, slots, ..AgentProfile::nobody(PersonId(id)) };
        self.hear(Input::AgentIs { profile, status: Some(Status::Available) });
        self.here(id, Presence::Here);
    }

    fn here(&mut self, agent: u64, presence: Presence) {
        self.hear(Input::AgentPresent { agent: PersonId(agent), presence });
    }

    fn customer(&mut self, ticket: u64, presence: Presence) {
        self.hear(Input::CustomerPresent { customer: PersonId(CUSTOMER + ticket), presence });
    }

    fn waits(&mut self, ticket: u64) {
        let facts = Facts {
            ticket: TicketId(ticket),
            seq: 1,
            stage: StageName::Waiting,
            round: 1,
            agent: None,
            customer: PersonId(CUSTOMER + ticket),
            category: CHAT,
            priority: Priority::Normal,
            arrived: Time::from_ms(self.now + ticket),
            since: Time::from_ms(self.now),
            phase: Phase::Live,
            reachable: ticket % 2 == 1,
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

    /// Time passes, tick by tick.
    fn pass(&mut self, seconds: u64) {
        for _ in 0..seconds * 2 {
            self.now += 500;
            self.hear(Input::Tick);
        }
    }

    fn offered(&self, ticket: u64) -> Option<(u64, u32)> {
        self.dispatch.offered(TicketId(ticket)).map(|(agent, number)| (agent.0, number))
    }

    fn owner(&self, ticket: u64) -> Option<u64> {
        self.tickets[&TicketId(ticket)].owner().map(|agent| agent.0)
    }

    fn stage(&self, ticket: u64) -> StageName {
        self.tickets[&TicketId(ticket)].stage
    }

    fn answer(&mut self, agent: u64, ticket: u64, offer: u32, answer: OfferAnswer) -> Result<(), Refusal> {
        self.said.clear();
        let (agent, ticket) = (PersonId(agent), TicketId(ticket));
        self.hear(Input::AnswerOffer { agent, ticket, offer, answer, ask: 7 });
        self.answered()
    }

    fn answered(&self) -> Result<(), Refusal> {
        let answer = self.said.iter().find_map(|output| {
            let Output::Answer { ask: 7, result } = output else { return None };
            Some(result.clone().map_err(|(refusal, _)| refusal))
        });
        answer.expect("it was asked")
    }

    fn exits(&self) -> Vec<(u64, OfferExit)> {
        let exit = |output: &Output<u64>| {
            let Output::OfferGone { agent, exit, .. } = output else { return None };
            Some((agent.0, *exit))
        };
        self.said.iter().filter_map(exit).collect()
    }
}

/// B10: created, then accepted; once accepted it cannot be answered again.
#[test]
fn an_offer_is_accepted_once() {
    let mut floor = Floor::offering();
    floor.agent(1, 1);
    floor.waits(1);
    let (agent, offer) = floor.offered(1).unwrap();
    assert_eq!((agent, floor.owner(1)), (1, None), "it waits on");
    assert_eq!(floor.answer(1, 1, offer + 1, OfferAnswer::Accept), Err(Refusal::Lapsed), "another number");
    assert_eq!(floor.answer(2, 1, offer, OfferAnswer::Accept), Err(Refusal::Lapsed), "not his");
    assert_eq!(floor.answer(1, 1, offer, OfferAnswer::Accept), Ok(()));
    assert_eq!((floor.owner(1), floor.exits()), (Some(1), vec![(1, OfferExit::Accepted)]));
    assert_eq!(floor.answer(1, 1, offer, OfferAnswer::Accept), Err(Refusal::Lapsed));
}

/// B10: a declined ticket keeps its place and goes to another; not to the same while another is there.
#[test]
fn a_declined_offer_goes_to_another_and_keeps_its_place() {
    let mut floor = Floor::offering();
    floor.agent(1, 1);
    floor.waits(1);
    floor.waits(2);
    floor.agent(2, 0);
    let (_, offer) = floor.offered(1).unwrap();
    assert_eq!(floor.answer(1, 1, offer, OfferAnswer::Decline), Ok(()));
    // Agent 2 is at work and full: the ticket waits for him, and agent 1 gets the next.
    assert_eq!((floor.offered(1), floor.offered(2).map(|(agent, _)| agent)), (None, Some(1)));
    assert_eq!(floor.dispatch.matcher().position(TicketId(1)), Some(1), "its old place");
    assert_eq!(floor.answer(1, 1, offer, OfferAnswer::Decline), Err(Refusal::Lapsed), "declined twice");
    floor.agent(2, 1);
    assert_eq!(floor.offered(1).map(|(agent, _)| agent), Some(2));
}

/// B10: when all have declined, the supervisors hear it, and the last one left is asked again.
#[test]
fn when_all_have_declined_the_supervisors_hear_it() {
    let mut floor = Floor::offering();
    floor.agent(1, 1);
    floor.waits(1);
    let (_, offer) = floor.offered(1).unwrap();
    assert_eq!(floor.answer(1, 1, offer, OfferAnswer::Decline), Ok(()));
    assert!(floor.said.iter().any(|said| matches!(said, Output::AllDeclined { ticket: TicketId(1), .. })));
    assert!(floor.offered(1).is_some_and(|(agent, again)| agent == 1 && again != offer));
}

/// B10: who says nothing in time gets nothing more until he says otherwise.
#[test]
fn who_lets_an_offer_lapse_is_not_responding() {
    let mut floor = Floor::offering();
    floor.agent(1, 2);
    floor.waits(1);
    let (_, offer) = floor.offered(1).unwrap();
    floor.pass(19);
    assert_eq!(floor.offered(1), Some((1, offer)));
    floor.said.clear();
    floor.pass(1);
    assert_eq!((floor.offered(1), floor.exits()), (None, vec![(1, OfferExit::Lapsed)]));
    let status = |floor: &Floor| floor.dispatch.matcher().agent(PersonId(1)).unwrap().state().status;
    assert_eq!(status(&floor), Status::NotResponding);
    assert_eq!(floor.answer(1, 1, offer, OfferAnswer::Accept), Err(Refusal::Lapsed), "accepted after it lapsed");
    floor.hear(Input::SetStatus { agent: PersonId(1), status: Status::Available, label: String::new(), ask: 9 });
    assert_eq!(floor.offered(1).map(|(agent, _)| agent), Some(1));
}

/// B10, B15, B20: a ticket that goes elsewhere takes its offer with it.
#[test]
fn an_offer_of_a_ticket_that_is_gone_is_rescinded() {
    let mut floor = Floor::offering();
    floor.agent(1, 1);
    floor.agent(2, 1);
    floor.waits(1);
    let (agent, offer) = floor.offered(1).unwrap();
    floor.said.clear();
    floor.change(TicketId(1), |facts| facts.stage = StageName::Abandoned);
    assert_eq!(floor.exits(), [(agent, OfferExit::Rescinded)]);
    assert_eq!(floor.answer(agent, 1, offer, OfferAnswer::Accept), Err(Refusal::Lapsed));
    floor.waits(2);
    let (asked, _) = floor.offered(2).unwrap();
    let other = 3 - asked;
    floor.said.clear();
    let (by, name, reason) = (PersonId(9), "Sam".to_owned(), String::new());
    let (ticket, agent, routing) = (TicketId(2), PersonId(other), Routing::ByHand);
    floor.hear(Input::Move { ticket, agent, routing, manner: Manner::AtOnce, by, name, reason, ask: 7 });
    assert_eq!((floor.answered(), floor.exits()), (Ok(()), vec![(asked, OfferExit::Rescinded)]));
    assert_eq!(floor.owner(2), Some(other));
}

/// B18, B26: 400 agents who drop at once. For 20 s nothing moves; for 120 s each live ticket goes back once, in its order,
/// and is given again in it; asynchronous ones stay.
#[test]
fn four_hundred_agents_drop_at_once() {
    let mut floor = Floor::new(Rules { agent_grace_s: 60, customer_grace_s: 3_600, ..Rules::default() });
    for agent in 1..=400 {
        floor.agent(agent, 1);
        floor.waits(agent);
    }
    floor.change(TicketId(7), |facts| facts.phase = Phase::Asynchronous);
    let owners = |floor: &Floor| (1..=400).map(|ticket| floor.owner(ticket)).collect::<Vec<_>>();
    let before = owners(&floor);
    (1..=400).for_each(|agent| floor.here(agent, Presence::Gone));
    floor.pass(20);
    assert_eq!(owners(&floor), before);
    (1..=400).for_each(|agent| floor.here(agent, Presence::Here));
    floor.pass(120);
    assert_eq!(owners(&floor), before, "a reload of all is no absence");

    (1..=400).for_each(|agent| floor.here(agent, Presence::Gone));
    floor.said.clear();
    floor.pass(120);
    let requeued = floor.said.iter().filter_map(|said| {
        let Output::Direct { ticket, order: Order::Requeue, .. } = said else { return None };
        Some(ticket.0)
    });
    let requeued: BTreeSet<u64> = requeued.collect();
    assert_eq!((requeued.len(), floor.owner(7)), (399, before[6]));
    assert!(floor.tickets.values().all(|facts| facts.round <= 2), "once each");
    let waiting: Vec<u64> = (1..=400).filter(|ticket| *ticket != 7).collect();
    let place = |ticket: &u64| floor.dispatch.matcher().position(TicketId(*ticket)).unwrap();
    assert!(waiting.iter().map(place).eq(1..=399), "in the order in which they came first");
    floor.here(400, Presence::Here);
    assert_eq!(floor.owner(1), Some(400), "the first is served first");
}

/// B20, B26: a customer who is gone: from the queue abandoned; with an agent by mail if he can be reached, else over.
#[test]
fn a_customer_who_stays_away_holds_nobody() {
    let mut floor = Floor::new(Rules { customer_grace_s: 60, ..Rules::default() });
    floor.agent(1, 2);
    for ticket in 1..=3 {
        floor.waits(ticket);
    }
    assert_eq!([floor.owner(1), floor.owner(2), floor.owner(3)], [Some(1), Some(1), None]);
    floor.customer(3, Presence::Gone);
    floor.pass(1);
    (1..=2).for_each(|ticket| floor.customer(ticket, Presence::Gone));
    floor.pass(30);
    floor.customer(2, Presence::Here);
    floor.customer(2, Presence::Gone);
    floor.pass(31);
    assert_eq!(floor.stage(3), StageName::Abandoned);
    let first = &floor.tickets[&TicketId(1)];
    assert_eq!((first.stage, first.phase), (StageName::Assigned, Phase::Asynchronous), "he can be reached");
    assert_eq!(floor.stage(2), StageName::Assigned, "he was there half a minute ago");
    floor.pass(30);
    assert_eq!(floor.stage(2), StageName::Closed, "he cannot be reached");
}

/// B19: the slot stays used until the wrap-up is over.
#[test]
fn a_slot_stays_used_until_the_ticket_is_written_up() {
    let mut floor = Floor::new(Rules::default());
    floor.agent(1, 1);
    floor.waits(1);
    floor.waits(2);
    let until = Time::from_ms(floor.now + 30_000);
    floor.change(TicketId(1), |facts| (facts.stage, facts.wrap_up_until) = (StageName::Closed, Some(until)));
    floor.pass(29);
    assert_eq!(floor.owner(2), None);
    floor.pass(2);
    assert_eq!((floor.owner(2), floor.tickets[&TicketId(1)].wrap_up_until), (Some(1), None));
}

/// B27: a dispatcher that begins gives everybody his full grace from then.
#[test]
fn a_new_dispatcher_gives_everybody_a_full_grace() {
    let mut floor = Floor::new(Rules { agent_grace_s: 60, customer_grace_s: 60, ..Rules::default() });
    floor.agent(1, 1);
    floor.waits(1);
    let stages: Vec<Facts> = floor.tickets.values().cloned().collect();
    floor.dispatch = Dispatch::default();
    floor.now += 3_600_000;
    floor.hear(Input::CategoryIs { id: CHAT, name: "chat".into(), rules: Arc::default() });
    floor.hear(Input::Begin { era: 1, stages, live: Vec::new() });
    floor.customer(1, Presence::Gone);
    floor.pass(59);
    assert_eq!(floor.owner(1), Some(1));
    floor.customer(1, Presence::Here);
    floor.pass(2);
    assert_eq!(floor.stage(1), StageName::Waiting, "his agent never came back");
}
