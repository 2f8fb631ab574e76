//! A waiting ticket is ignored: it leaves one view and no other, and goes to everybody else.

use deskwire_protocol::kinds::{self, StaffFrame};
use deskwire_protocol::words::QueueExit;
use deskwire_protocol::{Refusal, ServerFrame, Step, TicketId};
use serde_json::json;

use crate::admin::offered;
use crate::categories::{entry, named, watch};
use crate::client::Client;
use crate::engine::Engine;
use crate::http::Caller;
use crate::moving::{at_work, violations};

fn ignore(client: &mut Client, ticket: TicketId, on: bool) -> Result<(), Refusal> {
    let request = client.request();
    client.send(kinds::Ignore { request, ticket, on });
    client.done(request).map_err(named)
}

fn pick(client: &mut Client, ticket: TicketId) -> Result<(), Refusal> {
    let request = client.request();
    client.send(kinds::Pick { request, ticket });
    client.done(request).map_err(named)
}

/// B09, B27: it leaves his view and nobody else's, the customer hears nothing, he cannot have it; over a kill and a fall of
/// his connection; shown again it is as before.
#[test]
fn an_ignored_ticket_leaves_one_view_over_a_kill() {
    let mut engine = Engine::start();
    let [mut alice, mut bob] = ["alice", "bob"].map(|name| at_work(&engine, name).0);
    [&mut alice, &mut bob].into_iter().for_each(watch);
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("technical", 1).unwrap();
    carl.join(ticket, 11, 0).unwrap();
    for agent in [&mut alice, &mut bob] {
        assert_eq!(entry(agent, ticket), Ok("technical".to_owned()));
    }
    carl.settle();
    assert_eq!(ignore(&mut alice, ticket, true), Ok(()));
    assert_eq!(ignore(&mut alice, ticket, true), Ok(()), "twice is once");
    assert_eq!(entry(&mut alice, ticket), Err(QueueExit::Ignored));
    assert_eq!(pick(&mut alice, ticket), Err(Refusal::Ignored));
    let about =
        |frame: &ServerFrame| matches!(frame, ServerFrame::Staff(StaffFrame::QueueGone(_) | StaffFrame::QueueEntry(_)));
    assert!(!bob.settle().iter().any(about), "he hears nothing of it");
    let event = |frame: &ServerFrame| crate::client::place(frame).is_some();
    assert!(!carl.settle().iter().any(event), "neither does the customer");

    engine.kill();
    engine.restart();
    let mut alice = at_work(&engine, "alice").0;
    let mut bob = at_work(&engine, "bob").0;
    [&mut alice, &mut bob].into_iter().for_each(watch);
    assert_eq!(entry(&mut bob, ticket), Ok("technical".to_owned()));
    assert!(!alice.settle().iter().any(about), "what waits was shown to both at once, and to her without it");
    assert_eq!(pick(&mut alice, ticket), Err(Refusal::Ignored));
    let caller = Caller::staff(&engine, "alice");
    assert_eq!(caller.act(ticket, "ignore", json!({ "on": false })).0, 204);
    assert_eq!(entry(&mut alice, ticket), Ok("technical".to_owned()));
    assert_eq!(caller.act(ticket, "ignore", json!({ "on": true })).0, 204);
    assert_eq!(pick(&mut bob, ticket), Ok(()));
    bob.advance(ticket, Step::Requeue, "").unwrap();
    assert_eq!(entry(&mut alice, ticket), Err(QueueExit::Ignored));
    assert_eq!(entry(&mut alice, ticket), Err(QueueExit::Assigned));
    assert_eq!(entry(&mut alice, ticket), Ok("technical".to_owned()), "it waits anew");
    assert_eq!(violations(&engine), 0.0);
}

/// B09, B10: who ignores what he is offered loses the offer; it goes to another; when all ignore it supervisors hear so,
/// and nobody has it.
#[test]
fn what_all_ignore_the_supervisors_hear_of() {
    let engine = Engine::start();
    let mut sam = Client::hello(&engine, &engine.sign_in("sam"), "").0;
    let (mut alice, _) = at_work(&engine, "alice");
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("billing", 1).unwrap();
    assert_eq!(offered(&mut alice).0, ticket);
    let (mut bob, _) = at_work(&engine, "bob");
    assert_eq!(ignore(&mut alice, ticket, true), Ok(()));
    alice.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::OfferGone(gone)) if gone.ticket == ticket => Some(()),
        _ => None,
    });
    assert_eq!(offered(&mut bob).0, ticket);
    assert_eq!(ignore(&mut bob, ticket, true), Ok(()));
    let all = |frame: &ServerFrame| match frame {
        ServerFrame::Staff(StaffFrame::AllDeclined(all)) if all.ticket == ticket => Some(()),
        _ => None,
    };
    sam.wait(all);
    alice.settle();
    assert_eq!(ignore(&mut alice, ticket, false), Ok(()));
    assert_eq!(offered(&mut alice).0, ticket, "he is the only one left");

    let waits = carl.start_chat("technical", 2).unwrap();
    assert_eq!((ignore(&mut alice, waits, true), ignore(&mut bob, waits, true)), (Ok(()), Ok(())));
    sam.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::AllDeclined(all)) if all.ticket == waits => Some(()),
        _ => None,
    });
    assert_eq!(violations(&engine), 0.0);
}

/// B09: what does not wait, is another's or not there, and a customer: each a refusal with a name.
#[test]
fn what_cannot_be_ignored_is_refused() {
    let engine = Engine::start();
    let (mut alice, _) = at_work(&engine, "alice");
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), ticket);
    let (mut bob, _) = at_work(&engine, "bob");
    let mut sam = Client::hello(&engine, &engine.sign_in("sam"), "").0;
    assert_eq!(ignore(&mut alice, ticket, true), Err(Refusal::IllegalStep), "she has it");
    assert_eq!(ignore(&mut sam, ticket, true), Err(Refusal::IllegalStep));
    assert_eq!(ignore(&mut bob, ticket, true), Err(Refusal::UnknownTicket));
    assert_eq!(ignore(&mut bob, TicketId(1), true), Err(Refusal::UnknownTicket));
    assert_eq!(ignore(&mut carl, ticket, true), Err(Refusal::Forbidden));
    alice.advance(ticket, Step::Close, "").unwrap();
    assert_eq!(ignore(&mut alice, ticket, true), Err(Refusal::IllegalStep), "it is over");
    assert_eq!(violations(&engine), 0.0);
}
