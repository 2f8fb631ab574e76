//! A ticket goes to an agent in a manner of its own: if he accepts, or beyond his limit.

use deskwire_protocol::kinds::{self, StaffFrame};
use deskwire_protocol::words::{Manner, OfferExit};
use deskwire_protocol::{PersonId, Refusal, ServerFrame, StaffAct, Status, Step, TicketId};
use serde_json::json;

use crate::admin::offered;
use crate::categories::{named, set_profile};
use crate::client::Client;
use crate::engine::Engine;
use crate::http::Caller;
use crate::moving::{at_work, not_yours, set_status, violations};

fn hand_over(client: &mut Client, ticket: TicketId, agent: PersonId, manner: Manner) -> Result<(), Refusal> {
    let request = client.request();
    client.send(kinds::HandOver { request, ticket, agent, manner, reason: "please".into() });
    client.done(request).map_err(named)
}

/// What became of the ticket that somebody offered.
fn answered(client: &mut Client, ticket: TicketId) -> (String, OfferExit) {
    client.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::TransferAnswered(it)) if it.ticket == ticket => Some((it.name.clone(), it.exit)),
        _ => None,
    })
}

fn answer(client: &mut Client, (ticket, offer): (TicketId, u32), accept: bool) {
    let request = client.request();
    client.send(kinds::AnswerOffer { request, ticket, offer, accept });
    client.done(request).unwrap();
}

/// B32, B21: the target is asked; declined it stays with its owner, who is told and talks on; accepted it moves.
#[test]
fn a_transfer_waits_for_a_yes() {
    let engine = Engine::start();
    let (mut alice, _) = at_work(&engine, "alice");
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), ticket);
    alice.join(ticket, 21, 0).unwrap();
    let (mut bob, bobs) = at_work(&engine, "bob");
    assert_eq!(hand_over(&mut alice, ticket, bobs, Manner::IfAccepted), Ok(()));
    let offer = offered(&mut bob);
    alice.post(ticket, 1, "one moment");
    alice.acknowledged(ticket, 1).unwrap();
    answer(&mut bob, offer, false);
    assert_eq!(answered(&mut alice, ticket), ("Bob".to_owned(), OfferExit::Declined));
    alice.post(ticket, 2, "it stays with me");
    alice.acknowledged(ticket, 2).unwrap();

    let caller = Caller::staff(&engine, "alice");
    let body = json!({ "agent": bobs, "manner": "if_accepted", "reason": "please" });
    assert_eq!(caller.act(ticket, "hand-over", body).0, 204);
    let offer = offered(&mut bob);
    answer(&mut bob, offer, true);
    assert_eq!((bob.yours(), answered(&mut alice, ticket).1), (ticket, OfferExit::Accepted));
    not_yours(&mut alice, ticket);
    bob.advance(ticket, Step::Close, "").unwrap();

    set_status(&mut bob, Status::Away).unwrap();
    let second = carl.start_chat("general", 2).unwrap();
    assert_eq!(alice.yours(), second);
    assert_eq!(hand_over(&mut alice, second, bobs, Manner::IfAccepted), Err(Refusal::CannotTake), "he is away");
    set_status(&mut bob, Status::Available).unwrap();
    assert_eq!(hand_over(&mut alice, second, bobs, Manner::IfAccepted), Ok(()));
    offered(&mut bob);
    alice.advance(second, Step::Close, "").unwrap();
    assert_eq!(answered(&mut alice, second).1, OfferExit::Rescinded);
    assert_eq!(violations(&engine), 0.0);
}

/// B14: a supervisor gives and takes beyond the limit: only he, by saying so, named in the log, counted apart, and no
/// violation; who is away gets nothing even so.
#[test]
fn a_supervisors_override_is_named_and_counted_apart() {
    let engine = Engine::start();
    for name in ["Alice", "Sam Supervisor"] {
        set_profile(&engine, name, "slots", json!({ "live": 1, "asynchronous": 1 }));
    }
    let (mut alice, alices) = at_work(&engine, "alice");
    let mut customers: Vec<Client> = (0..4).map(|_| Client::customer(&engine, "Carl").0).collect();
    let tickets: Vec<TicketId> = customers.iter_mut().map(|one| one.start_chat("technical", 1).unwrap()).collect();
    let (mut sam, sams) = at_work(&engine, "sam");
    let overrides = || engine.metric("deskwire_limit_overrides_total");
    let beyond = Manner::BeyondLimit;
    assert_eq!(hand_over(&mut sam, tickets[0], alices, beyond), Ok(()));
    assert_eq!((alice.yours(), overrides()), (tickets[0], 0.0), "she had a slot: nothing was overridden");
    assert_eq!(hand_over(&mut sam, tickets[1], alices, Manner::AtOnce), Err(Refusal::CannotTake));
    assert_eq!(hand_over(&mut alice, tickets[0], sams, beyond), Err(Refusal::Forbidden));
    assert_eq!(hand_over(&mut sam, tickets[1], alices, beyond), Ok(()));
    assert_eq!((alice.yours(), overrides()), (tickets[1], 1.0));
    assert_eq!(hand_over(&mut sam, tickets[2], sams, beyond), Ok(()), "he takes one");
    assert_eq!(sam.yours(), tickets[2]);
    assert_eq!(hand_over(&mut sam, tickets[1], sams, beyond), Ok(()), "and one that she has");
    assert_eq!((sam.yours(), overrides()), (tickets[1], 2.0));
    let events = sam.join_all(tickets[1], 31, 0).unwrap();
    let acts: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            ServerFrame::Staff(StaffFrame::Acted(acted)) => Some((acted.name.as_str(), acted.act)),
            _ => None,
        })
        .collect();
    assert_eq!(acts, [("Sam Supervisor", StaffAct::AssignBeyondLimit); 2]);
    set_status(&mut alice, Status::Away).unwrap();
    assert_eq!(hand_over(&mut sam, tickets[3], alices, beyond), Err(Refusal::CannotTake));
    assert_eq!(violations(&engine), 0.0);
}
