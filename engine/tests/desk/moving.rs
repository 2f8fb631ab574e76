//! A ticket goes from one agent to another: transfer, assignment by hand, take over, and every way they cannot be.

use deskwire_protocol::kinds::{self, PublicFrame, StaffFrame};
use deskwire_protocol::{PersonId, Refusal, Routing, ServerFrame, Status, Step, TicketId};

use crate::client::Client;
use crate::engine::Engine;

/// Tickets that a member of the demonstration's staff may have at once.
const SLOTS: u128 = 12;

/// Somebody of the staff who is at work, and who he is.
pub fn at_work(engine: &Engine, name: &str) -> (Client, PersonId) {
    let (mut client, welcome) = Client::hello(engine, &engine.sign_in(name), "");
    set_status(&mut client, Status::Available).unwrap();
    (client, welcome.person)
}

pub fn set_status(client: &mut Client, status: Status) -> Result<(), kinds::Refused> {
    let request = client.request();
    client.send(kinds::SetStatus { request, status });
    client.done(request)
}

pub fn transfer(client: &mut Client, ticket: TicketId, agent: PersonId) -> Result<(), Refusal> {
    let request = client.request();
    client.send(kinds::Transfer { request, ticket, agent, reason: "he knows printers".into() });
    client.done(request).map_err(|no| Refusal::from_number(no.code).unwrap())
}

fn take_over(client: &mut Client, ticket: TicketId) -> Result<(), Refusal> {
    let request = client.request();
    client.send(kinds::TakeOver { request, ticket, reason: String::new() });
    client.done(request).map_err(|no| Refusal::from_number(no.code).unwrap())
}

pub fn assigned(client: &mut Client) -> (String, Routing) {
    client.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::Assigned(event)) => Some((event.name.clone(), event.routing)),
        _ => None,
    })
}

pub fn not_yours(client: &mut Client, ticket: TicketId) {
    client.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::NotYours(gone)) if gone.ticket == ticket => Some(()),
        _ => None,
    });
}

/// All that the engine found wrong with itself.
pub fn violations(engine: &Engine) -> f64 {
    let (_, text) = engine.http(engine.ops, "GET", "/metrics", "");
    let lines = text.lines().filter(|line| line.starts_with("deskwire_invariant_violations_total"));
    let counts: Vec<f64> = lines.map(|line| line.rsplit(' ').next().unwrap().parse().unwrap()).collect();
    assert!(counts.len() >= 3, "{counts:?}");
    counts.iter().sum()
}

/// B21, A22, B08: the customer sees the new agent, the new agent the history and who sent him, the old one nothing more.
#[test]
fn a_ticket_is_transferred_with_its_history() {
    let engine = Engine::start();
    let (mut alice, _) = at_work(&engine, "alice");
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), ticket);
    let (mut bob, bobs) = at_work(&engine, "bob");
    carl.join(ticket, 11, 0).unwrap();
    alice.join(ticket, 21, 0).unwrap();
    carl.post(ticket, 1, "my printer");
    carl.acknowledged(ticket, 1).unwrap();

    assert_eq!(transfer(&mut alice, ticket, bobs), Ok(()));
    assert_eq!(bob.yours(), ticket);
    assert_eq!(assigned(&mut carl), ("Bob".to_owned(), Routing::Transferred));
    not_yours(&mut alice, ticket);
    let events = bob.join_all(ticket, 31, 0).unwrap();
    let acted = events.iter().find_map(|event| match event {
        ServerFrame::Staff(StaffFrame::Acted(acted)) => Some((acted.name.as_str(), acted.reason.as_str())),
        _ => None,
    });
    assert_eq!(acted, Some(("Alice", "he knows printers")));
    // Who gave it away reads and says nothing more: for her it is not there.
    alice.post(ticket, 1, "one more thing");
    assert_eq!(alice.acknowledged(ticket, 1).unwrap_err().code, Refusal::UnknownTicket.number());
    bob.post(ticket, 1, "hello");
    bob.acknowledged(ticket, 1).unwrap();
    assert_eq!(carl.message().1, "hello");
    bob.advance(ticket, Step::Close, "solved").unwrap();
    assert_eq!(violations(&engine), 0.0);
}

/// B12, C14, B14: a supervisor gives a ticket to whom he names, and takes one over; slots follow.
#[test]
fn a_supervisor_assigns_and_takes_over() {
    let engine = Engine::start();
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("technical", 1).unwrap();
    carl.join(ticket, 11, 0).unwrap();
    let (mut alice, alices) = at_work(&engine, "alice");
    let (mut sam, _) = at_work(&engine, "sam");
    assert_eq!(transfer(&mut sam, ticket, alices), Ok(()), "it waited");
    assert_eq!((alice.yours(), assigned(&mut carl)), (ticket, ("Alice".to_owned(), Routing::ByHand)));
    assert_eq!(take_over(&mut alice, ticket), Err(Refusal::Forbidden));
    assert_eq!(take_over(&mut sam, ticket), Ok(()));
    assert_eq!((sam.yours(), assigned(&mut carl)), (ticket, ("Sam Supervisor".to_owned(), Routing::TakenOver)));
    not_yours(&mut alice, ticket);
    assert_eq!(violations(&engine), 0.0);
}

/// B21: a target that is oneself, away, full or nobody, a ticket that is over or not there: each a refusal with a name.
#[test]
fn a_transfer_that_cannot_be_is_refused() {
    let engine = Engine::start();
    let (mut alice, alices) = at_work(&engine, "alice");
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), ticket);
    let (mut bob, bobs) = at_work(&engine, "bob");
    let (mut sam, _) = at_work(&engine, "sam");

    assert_eq!(transfer(&mut alice, ticket, alices), Err(Refusal::CannotTake), "to oneself");
    assert_eq!(transfer(&mut alice, ticket, PersonId(1)), Err(Refusal::CannotTake), "to nobody");
    assert_eq!(transfer(&mut bob, ticket, bobs), Err(Refusal::UnknownTicket), "not his to give");
    assert_eq!(transfer(&mut alice, TicketId(1), bobs), Err(Refusal::UnknownTicket), "no such ticket");
    set_status(&mut bob, Status::Away).unwrap();
    assert_eq!(transfer(&mut alice, ticket, bobs), Err(Refusal::CannotTake), "to one who is away");
    set_status(&mut bob, Status::Available).unwrap();
    let mut customers = [Client::customer(&engine, "Cleo").0, Client::customer(&engine, "Cora").0];
    let mut others = Vec::new();
    for key in 0..SLOTS {
        let other = customers[key as usize % 2].start_chat("technical", key).unwrap();
        assert_eq!(transfer(&mut sam, other, bobs), Ok(()));
        assert_eq!(bob.yours(), other);
        others.push(other);
    }
    assert_eq!(transfer(&mut alice, ticket, bobs), Err(Refusal::CannotTake), "to one who is full");
    let other = others[0];
    bob.advance(other, Step::Close, "").unwrap();
    assert_eq!(take_over(&mut sam, other), Err(Refusal::UnknownTicket), "one that is over");
    assert_eq!(transfer(&mut alice, ticket, bobs), Ok(()), "once his slot is free");
    assert_eq!(violations(&engine), 0.0);
}

/// B27: a restart is not an absence: who was away is away, who was at work is at work and gets the next ticket.
#[test]
fn a_status_survives_a_restart() {
    let mut engine = Engine::start();
    let (mut bob, _) = at_work(&engine, "bob");
    set_status(&mut bob, Status::Busy).unwrap();
    let (_, _) = at_work(&engine, "alice");
    engine.kill();
    engine.restart();
    let state = |name: &str| {
        let (mut client, _) = Client::hello(&engine, &engine.sign_in(name), "");
        let status = client.wait(|frame| match frame {
            ServerFrame::Staff(StaffFrame::YourState(state)) => Some(state.status),
            _ => None,
        });
        (client, status)
    };
    let (_bob, status) = state("bob");
    assert_eq!(status, Status::Busy);
    let (mut alice, status) = state("alice");
    assert_eq!(status, Status::Available);
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), ticket);
}
