//! A ticket goes to another category: who hears of it, where it stands there, and every way it cannot.

use deskwire_protocol::kinds::{self, PublicFrame, StaffFrame};
use deskwire_protocol::words::QueueExit;
use deskwire_protocol::{Refusal, ServerFrame, StaffAct, StageName, Step, TicketId};
use serde_json::{Value, json};

use crate::admin::put;
use crate::client::Client;
use crate::engine::Engine;
use crate::http::Caller;
use crate::moving::{at_work, not_yours, violations};

/// A refusal by its number.
pub fn named(no: kinds::Refused) -> Refusal {
    Refusal::from_number(no.code).unwrap()
}

fn to_category(client: &mut Client, ticket: TicketId, category: &str) -> Result<(), Refusal> {
    let request = client.request();
    let reason = "a bill, not a printer".into();
    client.send(kinds::TransferToCategory { request, ticket, category: category.into(), reason });
    client.done(request).map_err(named)
}

/// Sets what somebody serves, before he comes.
pub fn serves(engine: &Engine, name: &str, categories: &[&str]) {
    set_profile(engine, name, "categories", json!(categories));
}

/// Sets one thing of somebody's profile.
pub fn set_profile(engine: &Engine, name: &str, what: &str, value: Value) {
    let admin = Caller::staff(engine, "admin");
    let (_, staff) = admin.get("/admin/agents");
    let line = staff.as_array().unwrap().iter().find(|line| line["name"] == name).unwrap();
    let path = format!("agents/{}/profile", line["person"].as_str().unwrap());
    let (_, mut profile) = admin.get(&format!("/admin/{path}"));
    profile[what] = value;
    profile.as_object_mut().unwrap().retain(|key, _| ["team", "skills", "slots", "categories"].contains(&key.as_str()));
    let (status, answer) = put(&admin, &path, profile);
    assert_eq!(status, 200, "{answer}");
}

/// Somebody watches the queue of his categories.
pub fn watch(client: &mut Client) {
    let request = client.request();
    client.send(kinds::WatchQueue { request, on: true });
    client.done(request).unwrap();
}

/// The next entry for a ticket, or why it left.
pub fn entry(client: &mut Client, ticket: TicketId) -> Result<String, QueueExit> {
    client.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::QueueEntry(entry)) if entry.ticket == ticket => Some(Ok(entry.category.clone())),
        ServerFrame::Staff(StaffFrame::QueueGone(gone)) if gone.ticket == ticket => Some(Err(gone.exit)),
        _ => None,
    })
}

fn changed(client: &mut Client) -> (String, StageName) {
    client.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::CategoryChanged(event)) => Some((event.category.clone(), event.stage)),
        _ => None,
    })
}

/// B21, A22, B06: the customer is told, the old agent's socket loses the ticket in the same step and his slot is free; it
/// stands in the new category's queue at the place of its arrival, with its history.
#[test]
fn a_ticket_goes_to_another_category_with_its_place_and_history() {
    let engine = Engine::start();
    serves(&engine, "Alice", &["general"]);
    let (mut alice, _) = at_work(&engine, "alice");
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), ticket);
    let (mut bob, _) = at_work(&engine, "bob");
    watch(&mut bob);
    let (mut cleo, _) = Client::customer(&engine, "Cleo");
    let later = cleo.start_chat("technical", 1).unwrap();
    assert_eq!(entry(&mut bob, later), Ok("technical".to_owned()));
    carl.join(ticket, 11, 0).unwrap();
    alice.join(ticket, 21, 0).unwrap();
    carl.post(ticket, 1, "my bill");
    carl.acknowledged(ticket, 1).unwrap();
    alice.settle();

    assert_eq!(to_category(&mut alice, ticket, "technical"), Ok(()));
    assert_eq!(changed(&mut carl), ("technical".to_owned(), StageName::Waiting));
    not_yours(&mut alice, ticket);
    assert_eq!(entry(&mut bob, ticket), Ok("technical".to_owned()));
    let position = carl.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::Position(place)) => Some(place.position),
        _ => None,
    });
    assert_eq!(position, 1, "it arrived before the one that waits there");
    alice.post(ticket, 1, "one more thing");
    assert_eq!(named(alice.acknowledged(ticket, 1).unwrap_err()), Refusal::UnknownTicket);
    carl.post(ticket, 2, "who has it now?");
    carl.acknowledged(ticket, 2).unwrap();
    let heard = alice.settle();
    let message = |frame: &ServerFrame| matches!(frame, ServerFrame::Public(PublicFrame::Message(_)));
    assert!(!heard.iter().any(message), "she hears it no more: {heard:?}");

    let request = bob.request();
    bob.send(kinds::Pick { request, ticket });
    bob.done(request).unwrap();
    let events = bob.join_all(ticket, 31, 0).unwrap();
    let acted = events.iter().find_map(|event| match event {
        ServerFrame::Staff(StaffFrame::Acted(acted)) => Some((acted.name.as_str(), acted.act, acted.reason.as_str())),
        _ => None,
    });
    assert_eq!(acted, Some(("Alice", StaffAct::TransferToCategory, "a bill, not a printer")));
    let joined = bob.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::Joined(joined)) => Some(joined.category.clone()),
        _ => None,
    });
    assert_eq!(joined, "technical");
    assert!(!carl.raw.windows(6).any(|bytes| bytes == b"a bill"), "the reason is not the customer's");
    bob.advance(ticket, Step::Close, "").unwrap();
    let other = cleo.start_chat("general", 2).unwrap();
    assert_eq!(alice.yours(), other, "her slot is free, and nothing is written up");
    assert_eq!(violations(&engine), 0.0);
}

/// B21: a supervisor moves a ticket that waits; whoever watched the old queue sees it go. By HTTP as well.
#[test]
fn a_supervisor_moves_a_waiting_ticket_to_another_category() {
    let engine = Engine::start();
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("technical", 1).unwrap();
    carl.join(ticket, 11, 0).unwrap();
    serves(&engine, "Bob", &["technical"]);
    let (mut bob, _) = at_work(&engine, "bob");
    watch(&mut bob);
    assert_eq!(entry(&mut bob, ticket), Ok("technical".to_owned()));
    let sam = Caller::staff(&engine, "sam");
    let (status, no) =
        sam.act(ticket, "transfer-to-category", json!({ "category": "general", "reason": "wrong door" }));
    assert_eq!((status, changed(&mut carl)), (204, ("general".to_owned(), StageName::Waiting)), "{no}");
    assert_eq!(entry(&mut bob, ticket), Err(QueueExit::Moved));
    let (mut alice, _) = at_work(&engine, "alice");
    assert_eq!(alice.yours(), ticket);
    assert_eq!(violations(&engine), 0.0);
}

/// B21: a category that is not there or is its own, a ticket that is another's, over or not there, a customer, and words
/// that are too long: each a refusal with a name.
#[test]
fn a_transfer_to_a_category_that_cannot_be_is_refused() {
    let engine = Engine::start();
    let (mut alice, _) = at_work(&engine, "alice");
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), ticket);
    let (mut bob, _) = at_work(&engine, "bob");
    let to = |client: &mut Client, ticket, category: &str| to_category(client, ticket, category);
    assert_eq!(to(&mut alice, ticket, "plumbing"), Err(Refusal::UnknownCategory));
    assert_eq!(to(&mut alice, ticket, "general"), Err(Refusal::SameCategory));
    assert_eq!(to(&mut bob, ticket, "plumbing"), Err(Refusal::UnknownTicket), "he learns of neither");
    assert_eq!(to(&mut carl, ticket, "billing"), Err(Refusal::Forbidden));
    assert_eq!(to(&mut alice, TicketId(1), "billing"), Err(Refusal::UnknownTicket));
    alice.advance(ticket, Step::Close, "").unwrap();
    assert_eq!(to(&mut alice, ticket, "billing"), Err(Refusal::IllegalStep));
    let caller = Caller::staff(&engine, "alice");
    let long = json!({ "category": "billing", "reason": "x".repeat(201) });
    assert_eq!(caller.act(ticket, "transfer-to-category", long).0, 422);
    assert_eq!(caller.act(ticket, "transfer-to-category", json!({})).0, 422);
    assert_eq!(violations(&engine), 0.0);
}
