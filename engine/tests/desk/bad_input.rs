//! What people do at the wrong time or to the wrong one, row by row: each is a refusal with a name, or has one outcome.

mod clock;
mod taken_away;

use deskwire_protocol::kinds::{self, ClientFrame, PublicFrame, StaffFrame};
use deskwire_protocol::words::{Manner, OfferExit};
use deskwire_protocol::{PersonId, Refusal, ServerFrame, Status, Step, TellCause, TicketId};
use serde_json::{Value, json};

use crate::admin::offered;
use crate::categories::{entry, named, serves, set_profile, watch};
use crate::client::Client;
use crate::engine::Engine;
use crate::hours::set_rules;
use crate::http::Caller;
use crate::moving::{at_work, set_status, transfer, violations};
use crate::oversight::person;

fn ask(client: &mut Client, frame: impl FnOnce(u32) -> ClientFrame) -> Result<(), Refusal> {
    let request = client.request();
    client.send(frame(request));
    client.done(request).map_err(named)
}

fn answer(client: &mut Client, (ticket, offer): (TicketId, u32), accept: bool) -> Result<(), Refusal> {
    ask(client, |request| kinds::AnswerOffer { request, ticket, offer, accept }.into())
}

fn pick(client: &mut Client, ticket: TicketId) -> Result<(), Refusal> {
    ask(client, |request| kinds::Pick { request, ticket }.into())
}

fn take_over(client: &mut Client, ticket: TicketId) -> Result<(), Refusal> {
    ask(client, |request| kinds::TakeOver { request, ticket, reason: String::new() }.into())
}

fn offer_gone(client: &mut Client, (ticket, offer): (TicketId, u32)) -> OfferExit {
    client.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::OfferGone(gone)) if (gone.ticket, gone.offer) == (ticket, offer) => {
            Some(gone.exit)
        }
        _ => None,
    })
}

fn is_given(client: &mut Client) -> bool {
    client.settle().iter().any(|frame| matches!(frame, ServerFrame::Staff(StaffFrame::Yours(_))))
}

/// B07, B13: of picks at the same moment one is a yes, all others are "taken"; the same agent's second tab hears yes too,
/// and his slot is used once.
#[test]
fn two_picks_at_once_are_one_yes() {
    let engine = Engine::start();
    set_profile(&engine, "Alice", "slots", json!({ "live": 1, "asynchronous": 0 }));
    let mut agents = ["alice", "bob", "agent-001", "agent-002"].map(|name| at_work(&engine, name).0);
    let (mut carl, _) = Client::customer(&engine, "Carl");
    for key in 1..=5 {
        let ticket = carl.start_chat("technical", key).unwrap();
        agents.iter_mut().for_each(|agent| agent.send(kinds::Pick { request: 700, ticket }));
        let answers: Vec<_> = agents.iter_mut().map(|agent| agent.done(700).map_err(named)).collect();
        let winner = answers.iter().position(Result::is_ok).expect("somebody has it");
        let lost = answers.iter().enumerate().filter(|(agent, _)| *agent != winner);
        assert!(lost.clone().all(|(_, answer)| *answer == Err(Refusal::Taken)), "{answers:?}");
        agents[winner].advance(ticket, Step::Close, "").unwrap();
    }
    let mut tabs = [at_work(&engine, "alice").0, at_work(&engine, "alice").0];
    let tickets = [11, 12].map(|key| carl.start_chat("technical", key).unwrap());
    tabs.iter_mut().for_each(|tab| tab.send(kinds::Pick { request: 701, ticket: tickets[0] }));
    assert_eq!(tabs.each_mut().map(|tab| tab.done(701).map_err(named)), [Ok(()), Ok(())], "it is hers");
    assert_eq!(pick(&mut tabs[0], tickets[1]), Err(Refusal::NoFreeSlot), "and uses the one slot that she has");
    assert_eq!(violations(&engine), 0.0);
}

/// B10: an offer that lapsed, was declined or accepted, is another's or was never made: each answer is "lapsed", and
/// changes nothing.
#[test]
fn an_offer_is_answered_once_in_time_and_by_its_agent() {
    let engine = Engine::start();
    set_rules(&engine, "general", json!({ "mode": "offer", "offer_s": 2 }));
    let (mut alice, _) = at_work(&engine, "alice");
    let mut bob = Client::hello(&engine, &engine.sign_in("bob"), "").0;
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    let lapsed = Err(Refusal::Lapsed);

    let first = offered(&mut alice);
    assert_eq!(first.0, ticket);
    assert_eq!(answer(&mut bob, first, true), lapsed, "another's");
    assert_eq!(answer(&mut bob, first, false), lapsed, "another's");
    assert_eq!(answer(&mut carl, first, true), Err(Refusal::Forbidden), "a customer's");
    assert_eq!(answer(&mut alice, (ticket, first.1 + 1_000), true), lapsed, "one never made");
    assert_eq!(answer(&mut alice, (TicketId(1), first.1), true), lapsed, "of no ticket");
    assert_eq!(offer_gone(&mut alice, first), OfferExit::Lapsed);
    assert_eq!(answer(&mut alice, first, true), lapsed, "accepted after it lapsed");
    assert_eq!(answer(&mut alice, first, false), lapsed, "declined after it lapsed");
    assert!(!is_given(&mut alice), "and nothing was given");

    set_status(&mut alice, Status::Available).unwrap();
    let second = offered(&mut alice);
    assert_eq!(answer(&mut alice, second, false), Ok(()));
    assert_eq!(answer(&mut alice, second, false), lapsed, "declined twice");
    assert_eq!(answer(&mut alice, second, true), lapsed, "accepted after it was declined");
    let third = offered(&mut alice);
    assert_eq!((third.0, third.1 == second.1), (ticket, false), "she is the only one");
    assert_eq!(answer(&mut alice, third, true), Ok(()));
    assert_eq!(answer(&mut alice, third, true), lapsed, "accepted twice");
    assert_eq!(answer(&mut alice, third, false), lapsed, "declined after it was accepted");
    assert_eq!(alice.yours(), ticket);

    let other = carl.start_chat("general", 2).unwrap();
    let offer = offered(&mut alice);
    carl.advance(other, Step::Abandon, "").unwrap();
    assert_eq!(offer_gone(&mut alice, offer), OfferExit::Rescinded);
    assert_eq!(answer(&mut alice, offer, true), lapsed, "accepted after its customer left");
    assert_eq!(violations(&engine), 0.0);
}

/// B21, B32, B14: to oneself, to nobody, to one who is not entitled, full, away or gone: refused in every manner, and the
/// ticket stays where it is. Beyond the limit a supervisor gives to who is full, and to none of the others.
#[test]
fn a_ticket_goes_to_nobody_who_cannot_take_it() {
    let engine = Engine::start();
    serves(&engine, "Agent 001", &["technical"]);
    set_profile(&engine, "Agent 002", "slots", json!({ "live": 1, "asynchronous": 0 }));
    let (mut alice, alices) = at_work(&engine, "alice");
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), ticket);
    let (_unentitled, unentitled) = at_work(&engine, "agent-001");
    let (mut full_one, full) = at_work(&engine, "agent-002");
    let other = carl.start_chat("technical", 2).unwrap();
    assert_eq!(pick(&mut full_one, other), Ok(()));
    let (mut away_one, away) = at_work(&engine, "bob");
    set_status(&mut away_one, Status::Away).unwrap();
    let mut sam = Client::hello(&engine, &engine.sign_in("sam"), "").0;
    let never_came = person(&Caller::staff(&engine, "admin"), "Agent 003");
    let by_http = Caller::staff(&engine, "alice");
    let no = Err(Refusal::CannotTake);
    let hand_over = |client: &mut Client, agent, manner| {
        ask(client, |request| kinds::HandOver { request, ticket, agent, manner, reason: String::new() }.into())
    };
    for (to, agent, beyond) in [
        ("himself", alices, no),
        ("nobody", PersonId(1), no),
        ("one who is not entitled", unentitled, no),
        ("one who is away", away, no),
        ("one who is not there", never_came, no),
        ("one who is full", full, Ok(())),
    ] {
        assert_eq!(transfer(&mut alice, ticket, agent), no, "to {to}");
        assert_eq!(hand_over(&mut alice, agent, Manner::AtOnce), no, "to {to}");
        assert_eq!(hand_over(&mut alice, agent, Manner::IfAccepted), no, "to {to}, if he accepts");
        let (status, told) = by_http.act(ticket, "transfer", json!({ "agent": agent }));
        assert_eq!((status, &told["error"]), (409, &json!("CannotTake")), "to {to}, by HTTP");
        assert_eq!(hand_over(&mut sam, agent, Manner::IfAccepted), no, "to {to}, by a supervisor");
        assert_eq!(hand_over(&mut alice, agent, Manner::BeyondLimit), Err(Refusal::Forbidden), "she is none");
        assert_eq!(hand_over(&mut sam, agent, Manner::BeyondLimit), beyond, "to {to}, beyond the limit");
    }
    assert_eq!(full_one.yours(), other);
    assert_eq!(full_one.yours(), ticket);
    assert_eq!(violations(&engine), 0.0);
}

/// B12, B21: what is over is nobody's to take, give, pick or ignore: while it is written up its stage is named, after that
/// the queue knows it no more.
#[test]
fn a_closed_ticket_is_nobodys_to_take() {
    let engine = Engine::start();
    set_rules(&engine, "billing", json!({ "mode": "automatic", "wrap_up_s": 600 }));
    let (mut alice, _) = at_work(&engine, "alice");
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let tickets = [(1, "general"), (2, "billing")].map(|(key, category)| {
        let ticket = carl.start_chat(category, key).unwrap();
        assert_eq!(alice.yours(), ticket);
        ticket
    });
    let (_bob, bobs) = at_work(&engine, "bob");
    let (mut sam, _) = at_work(&engine, "sam");
    tickets.iter().for_each(|ticket| alice.advance(*ticket, Step::Close, "").unwrap());
    for (ticket, refusal) in tickets.into_iter().zip([Refusal::UnknownTicket, Refusal::IllegalStep]) {
        assert_eq!(take_over(&mut sam, ticket), Err(refusal));
        assert_eq!(transfer(&mut sam, ticket, bobs), Err(refusal));
        assert_eq!(transfer(&mut alice, ticket, bobs), Err(refusal));
        let ignored = ask(&mut sam, |request| kinds::Ignore { request, ticket, on: true }.into());
        assert_eq!(ignored, Err(Refusal::IllegalStep));
        assert_eq!(named(sam.advance(ticket, Step::Requeue, "").unwrap_err()), Refusal::IllegalStep);
    }
    assert_eq!(tickets.map(|ticket| pick(&mut alice, ticket)), [Err(Refusal::UnknownTicket); 2]);
    assert_eq!(violations(&engine), 0.0);
}

/// B14: slots lowered below what is held take nothing away and give nothing more until it has run down, in any mode.
#[test]
fn slots_lowered_below_what_is_held_run_down() {
    let engine = Engine::start();
    let (mut alice, alices) = at_work(&engine, "alice");
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let mut sam = Client::hello(&engine, &engine.sign_in("sam"), "").0;
    let held = [1, 2, 3].map(|key| carl.start_chat("general", key).unwrap());
    held.iter().for_each(|_| _ = alice.yours());
    set_profile(&engine, "Alice", "slots", json!({ "live": 1, "asynchronous": 0 }));
    alice.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::YourSlots(slots)) if slots.live == 1 => Some(()),
        _ => None,
    });
    let waits = carl.start_chat("general", 4).unwrap();
    let by_hand = carl.start_chat("technical", 5).unwrap();
    for ticket in &held[..2] {
        assert_eq!(pick(&mut alice, by_hand), Err(Refusal::NoFreeSlot));
        assert_eq!(transfer(&mut sam, by_hand, alices), Err(Refusal::CannotTake));
        alice.advance(*ticket, Step::Close, "").unwrap();
        assert!(!is_given(&mut alice), "she has no fewer than she may");
    }
    alice.advance(held[2], Step::Close, "").unwrap();
    assert_eq!(alice.yours(), waits, "it has run down");
    assert_eq!(violations(&engine), 0.0);
}

/// B01, B26: a category cannot be deleted; with tickets waiting it may be given by hand, be offered, close its hours or lose
/// all who serve it: what waits goes by the new rules, and stays where it cannot go.
#[test]
fn a_category_changes_under_those_who_wait() {
    let engine = Engine::start();
    let admin = Caller::staff(&engine, "admin");
    for path in ["/admin/categories/general", "/admin/categories/general/rules"] {
        assert!([404, 405].contains(&admin.ask("DELETE", path, "", Value::Null).0), "{path}");
    }
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let tickets = [1, 2, 3].map(|key| carl.start_chat("general", key).unwrap());
    set_rules(&engine, "general", json!({ "mode": "manual" }));
    let (mut alice, _) = at_work(&engine, "alice");
    assert!(!is_given(&mut alice), "what is picked is given to nobody");
    assert_eq!(pick(&mut alice, tickets[1]), Ok(()));
    assert_eq!(alice.yours(), tickets[1]);
    set_rules(&engine, "general", json!({ "mode": "offer", "offer_s": 60 }));
    let mut offers = [offered(&mut alice), offered(&mut alice)];
    offers.sort_by_key(|(ticket, _)| tickets.iter().position(|one| one == ticket));
    assert_eq!(offers.map(|(ticket, _)| ticket), [tickets[0], tickets[2]]);
    set_rules(&engine, "general", json!({ "mode": "manual" }));
    assert_eq!(answer(&mut alice, offers[0], true), Ok(()), "an offer stands until it is answered");
    assert_eq!(alice.yours(), tickets[0]);
    assert_eq!(answer(&mut alice, offers[1], false), Ok(()));
    assert!(!is_given(&mut alice), "then it is picked");

    carl.join(tickets[2], 11, 0).unwrap();
    let closed =
        json!({ "mode": "manual", "hours": "2999-01-01 09:00-17:00; zone UTC", "unavailable_text": "We sleep." });
    set_rules(&engine, "general", closed);
    let told = carl.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::CustomerTold(told)) => Some((told.cause, told.text.clone())),
        _ => None,
    });
    assert_eq!(told, (TellCause::Closed, "We sleep.".to_owned()));
    serves(&engine, "Alice", &["technical"]);
    let (mut alice, _) = at_work(&engine, "alice");
    assert_eq!(pick(&mut alice, tickets[2]), Err(Refusal::UnknownTicket), "she serves it no more");
    alice.advance(tickets[0], Step::Close, "").unwrap();
    let mut sam = Client::hello(&engine, &engine.sign_in("sam"), "").0;
    watch(&mut alice);
    let elsewhere = |request| {
        let (ticket, category, reason) = (tickets[2], "technical".into(), String::new());
        kinds::TransferToCategory { request, ticket, category, reason }.into()
    };
    assert_eq!(ask(&mut sam, elsewhere), Ok(()), "what nobody serves is moved by hand");
    assert_eq!(entry(&mut alice, tickets[2]), Ok("technical".to_owned()));
    assert_eq!(violations(&engine), 0.0);
}
