//! A ticket is handed to a supervisor: at once, when one is free, by his taking it, by his yes; and what ends that.

use deskwire_protocol::kinds::{self, PublicFrame, StaffFrame};
use deskwire_protocol::{Refusal, Routing, ServerFrame, StaffAct, Status, Step, TicketId};
use serde_json::json;

use crate::admin::offered;
use crate::categories::{named, set_profile, watch};
use crate::client::Client;
use crate::engine::Engine;
use crate::http::Caller;
use crate::moving::{at_work, not_yours, set_status, violations};

fn escalate(client: &mut Client, ticket: TicketId, on: bool) -> Result<(), Refusal> {
    let request = client.request();
    client.send(kinds::Escalate { request, ticket, on, reason: "he wants the boss".into() });
    client.done(request).map_err(named)
}

/// Whether a ticket waits for a supervisor, as one who watches is told next.
fn is_waited_for(supervisor: &mut Client, ticket: TicketId) -> bool {
    supervisor.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::Escalation(it)) if it.ticket == ticket => Some(it.since.ms() > 0),
        _ => None,
    })
}

/// The next assignment that was an escalation.
fn supervised(client: &mut Client) -> String {
    client.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::Assigned(event)) if event.routing == Routing::Escalated => {
            Some(event.name.clone())
        }
        _ => None,
    })
}

fn answer(client: &mut Client, (ticket, offer): (TicketId, u32), accept: bool) {
    let request = client.request();
    client.send(kinds::AnswerOffer { request, ticket, offer, accept });
    client.done(request).unwrap();
}

/// Alice has Carl's ticket, and both hear it.
fn talk(engine: &Engine, category: &str) -> (Client, Client, TicketId) {
    let (mut alice, _) = at_work(engine, "alice");
    let mut carl = Client::customer(engine, "Carl").0;
    let ticket = carl.start_chat(category, 1).unwrap();
    if category == "billing" {
        let offer = offered(&mut alice);
        answer(&mut alice, offer, true);
    }
    assert_eq!(alice.yours(), ticket);
    carl.join(ticket, 11, 0).unwrap();
    alice.join(ticket, 21, 0).unwrap();
    carl.post(ticket, 1, "this cannot be");
    carl.acknowledged(ticket, 1).unwrap();
    (alice, carl, ticket)
}

/// A supervisor who is here and takes nothing yet.
fn busy_supervisor(engine: &Engine) -> Client {
    let (mut sam, _) = Client::hello(engine, &engine.sign_in("sam"), "");
    set_status(&mut sam, Status::Busy).unwrap();
    watch(&mut sam);
    sam
}

/// B22: one act: a supervisor who is free has it, with its history and the reason; who escalated hears it no more.
#[test]
fn an_escalated_ticket_is_a_free_supervisors_at_once() {
    let engine = Engine::start();
    let (mut alice, mut carl, ticket) = talk(&engine, "general");
    let (mut sam, _) = at_work(&engine, "sam");
    assert_eq!(escalate(&mut alice, ticket, true), Ok(()));
    assert_eq!((sam.yours(), supervised(&mut carl)), (ticket, "Sam Supervisor".to_owned()));
    not_yours(&mut alice, ticket);
    let events = sam.join_all(ticket, 31, 0).unwrap();
    let said = events.iter().any(|event| match event {
        ServerFrame::Public(PublicFrame::Message(message)) => message.text == "this cannot be",
        _ => false,
    });
    let acted = events.iter().find_map(|event| match event {
        ServerFrame::Staff(StaffFrame::Acted(acted)) => Some((acted.name.as_str(), acted.act, acted.reason.as_str())),
        _ => None,
    });
    assert_eq!((said, acted), (true, Some(("Alice", StaffAct::Escalate, "he wants the boss"))));
    sam.post(ticket, 1, "what can I do?");
    sam.acknowledged(ticket, 1).unwrap();
    assert_eq!(carl.message().1, "what can I do?");
    alice.post(ticket, 1, "well");
    assert_eq!(named(alice.acknowledged(ticket, 1).unwrap_err()), Refusal::UnknownTicket);
    assert!(!carl.raw.windows(8).any(|bytes| bytes == b"the boss"), "the reason is not the customer's");
    assert_eq!(violations(&engine), 0.0);
}

/// B22, B27: with none free its owner has it on and talks; it waits for a supervisor in front of what else he could take,
/// over a kill and a fall of the dispatcher; when he becomes free it is his.
#[test]
fn an_escalated_ticket_waits_in_front_for_a_supervisor_over_a_kill() {
    let mut engine = Engine::start();
    let (mut alice, _) = at_work(&engine, "alice");
    let (mut carl, carls) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), ticket);
    alice.join(ticket, 21, 0).unwrap();
    set_status(&mut alice, Status::Away).unwrap();
    let (mut cleo, cleos) = Client::customer(&engine, "Cleo");
    let earlier = cleo.start_chat("general", 1).unwrap();
    set_profile(&engine, "Sam Supervisor", "slots", json!({ "live": 1, "asynchronous": 1 }));
    let mut sam = busy_supervisor(&engine);
    assert_eq!(escalate(&mut alice, ticket, true), Ok(()));
    assert_eq!(escalate(&mut alice, ticket, true), Ok(()), "twice is once");
    assert!(is_waited_for(&mut sam, ticket));
    alice.post(ticket, 1, "somebody comes");
    alice.acknowledged(ticket, 1).unwrap();

    engine.kill();
    engine.restart();
    let (mut alice, _) = Client::hello(&engine, &engine.sign_in("alice"), "");
    assert_eq!(alice.yours(), ticket, "it is hers until then");
    let (mut carl, _) = Client::hello(&engine, &carls.token, "");
    let (mut cleo, _) = Client::hello(&engine, &cleos.token, "");
    carl.join(ticket, 12, 0).unwrap();
    cleo.join(earlier, 12, 0).unwrap();
    let (mut sam, _) = Client::hello(&engine, &engine.sign_in("sam"), "");
    watch(&mut sam);
    assert!(is_waited_for(&mut sam, ticket), "it is in the line again");
    set_status(&mut sam, Status::Available).unwrap();
    assert_eq!(sam.yours(), ticket, "he has one slot, and another ticket waits");
    assert!(!is_waited_for(&mut sam, ticket));
    assert_eq!(supervised(&mut carl), "Sam Supervisor");
    sam.advance(ticket, Step::Close, "").unwrap();
    assert_eq!(sam.yours(), earlier);
    assert_eq!(violations(&engine), 0.0);
}

/// B22, C14: a withdrawal ends it, the end of the ticket does, and so does who takes the ticket over. By HTTP as well.
#[test]
fn an_escalation_is_ended_by_withdrawal_close_and_take_over() {
    let engine = Engine::start();
    let (mut alice, mut carl, ticket) = talk(&engine, "general");
    let mut sam = busy_supervisor(&engine);
    let caller = Caller::staff(&engine, "alice");
    let ask = |on| caller.act(ticket, "escalate", json!({ "on": on })).0;
    assert_eq!((ask(true), is_waited_for(&mut sam, ticket)), (204, true));
    assert_eq!((ask(false), is_waited_for(&mut sam, ticket)), (204, false));
    assert_eq!(ask(false), 204, "none is asked for");
    set_status(&mut sam, Status::Available).unwrap();
    sam.settle();
    alice.post(ticket, 1, "it is mine");
    alice.acknowledged(ticket, 1).unwrap();
    set_status(&mut sam, Status::Busy).unwrap();

    assert_eq!((ask(true), is_waited_for(&mut sam, ticket)), (204, true));
    let request = sam.request();
    sam.send(kinds::TakeOver { request, ticket, reason: String::new() });
    assert_eq!(sam.done(request).map_err(named), Err(Refusal::CannotTake), "who is busy takes nothing");
    alice.advance(ticket, Step::Close, "solved").unwrap();
    assert!(!is_waited_for(&mut sam, ticket));
    assert_eq!(escalate(&mut alice, ticket, true), Err(Refusal::IllegalStep));

    let second = carl.start_chat("general", 2).unwrap();
    assert_eq!(alice.yours(), second);
    set_status(&mut sam, Status::Available).unwrap();
    assert_eq!(escalate(&mut alice, second, true), Ok(()));
    assert_eq!(sam.yours(), second);
    assert!(is_waited_for(&mut sam, second) && !is_waited_for(&mut sam, second));
    assert_eq!(violations(&engine), 0.0);
}

/// B22, B10: where tickets are offered the supervisor is asked; while he is, and when he declines, the owner has it.
#[test]
fn an_escalated_ticket_is_offered_where_tickets_are_offered() {
    let engine = Engine::start();
    let (mut alice, mut carl, ticket) = talk(&engine, "billing");
    let (mut sam, _) = at_work(&engine, "sam");
    assert_eq!(escalate(&mut alice, ticket, true), Ok(()));
    let offer = offered(&mut sam);
    alice.post(ticket, 1, "I ask for you");
    alice.acknowledged(ticket, 1).unwrap();
    answer(&mut sam, offer, false);
    sam.settle();
    alice.post(ticket, 2, "one moment");
    alice.acknowledged(ticket, 2).unwrap();
    let request = sam.request();
    sam.send(kinds::TakeOver { request, ticket, reason: String::new() });
    sam.done(request).unwrap();
    assert_eq!(sam.yours(), ticket);
    not_yours(&mut alice, ticket);

    let second = carl.start_chat("billing", 2).unwrap();
    let offer = offered(&mut alice);
    answer(&mut alice, offer, true);
    assert_eq!(escalate(&mut alice, second, true), Ok(()));
    let offer = offered(&mut sam);
    assert_eq!(offer.0, second);
    assert_eq!(escalate(&mut alice, second, false), Ok(()));
    sam.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::OfferGone(gone)) if gone.ticket == second => Some(()),
        _ => None,
    });
    assert_eq!(escalate(&mut alice, second, true), Ok(()));
    let offer = offered(&mut sam);
    answer(&mut sam, offer, true);
    assert_eq!(sam.yours(), second);
    assert_eq!(violations(&engine), 0.0);
}

/// B22: who does not have the ticket cannot escalate it: each a refusal with a name.
#[test]
fn an_escalation_that_cannot_be_is_refused() {
    let engine = Engine::start();
    let (mut alice, mut carl, ticket) = talk(&engine, "general");
    let (mut bob, _) = at_work(&engine, "bob");
    let mut sam = busy_supervisor(&engine);
    assert_eq!(escalate(&mut bob, ticket, true), Err(Refusal::UnknownTicket));
    assert_eq!(escalate(&mut sam, ticket, true), Err(Refusal::Forbidden));
    assert_eq!(escalate(&mut carl, ticket, true), Err(Refusal::Forbidden));
    assert_eq!(escalate(&mut alice, TicketId(1), true), Err(Refusal::UnknownTicket));
    let waits = carl.start_chat("technical", 2).unwrap();
    assert_eq!(escalate(&mut alice, waits, true), Err(Refusal::Forbidden), "nobody has it");
    assert_eq!(violations(&engine), 0.0);
}

/// B22, B27: an escalated ticket whose agent is gone stays escalated: a supervisor who is free has it before an agent; with
/// none free an agent has it, and it waits for a supervisor on, who is given it once.
#[test]
fn an_escalated_ticket_whose_agent_is_gone_stays_escalated() {
    let engine = Engine::start();
    let (mut alice, mut carl, ticket) = talk(&engine, "general");
    let mut sam = busy_supervisor(&engine);
    assert_eq!(escalate(&mut alice, ticket, true), Ok(()));
    assert!(is_waited_for(&mut sam, ticket));
    set_status(&mut alice, Status::Away).unwrap();
    alice.advance(ticket, Step::Requeue, "").unwrap();
    let (mut bob, _) = at_work(&engine, "bob");
    assert_eq!(bob.yours(), ticket, "an agent has it meanwhile");
    set_status(&mut sam, Status::Available).unwrap();
    assert_eq!((sam.yours(), supervised(&mut carl)), (ticket, "Sam Supervisor".to_owned()));
    assert!(!is_waited_for(&mut sam, ticket));
    not_yours(&mut bob, ticket);

    set_status(&mut sam, Status::Busy).unwrap();
    let second = carl.start_chat("general", 2).unwrap();
    carl.join(second, 12, 0).unwrap();
    assert_eq!(bob.yours(), second);
    assert_eq!(escalate(&mut bob, second, true), Ok(()));
    set_status(&mut bob, Status::Away).unwrap();
    bob.advance(second, Step::Requeue, "").unwrap();
    assert_eq!(escalate(&mut bob, second, false), Err(Refusal::Forbidden), "he has it no more");
    set_status(&mut sam, Status::Available).unwrap();
    assert_eq!(
        (sam.yours(), supervised(&mut carl)),
        (second, "Sam Supervisor".to_owned()),
        "out of the queue, as a supervisor"
    );
    set_status(&mut bob, Status::Available).unwrap();
    let given = |frame: &ServerFrame| matches!(frame, ServerFrame::Staff(StaffFrame::Yours(_)));
    assert!(!bob.settle().iter().any(given), "it was given once");
    assert_eq!(violations(&engine), 0.0);
}
