//! A ticket is opened again: by its customer for a while, by staff at any time; whoever had it last has it first. And what
//! was turned down is restored.

use deskwire_protocol::kinds::PublicFrame;
use deskwire_protocol::{Refusal, ServerFrame, StageName, Status, Step};
use serde_json::json;

use crate::admin::put;
use crate::categories::{entry, named, watch};
use crate::client::Client;
use crate::engine::Engine;
use crate::http::Caller;
use crate::moving::{at_work, set_status, violations};

fn stage(client: &mut Client) -> (StageName, String) {
    client.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::Advanced(step)) => Some((step.stage, step.reason.clone())),
        _ => None,
    })
}

/// D03: it goes to its last agent if he is free, though it would be another's turn; else to the queue. Chat works again.
#[test]
fn a_reopened_ticket_goes_to_its_last_agent_if_he_is_free() {
    let engine = Engine::start();
    let (mut alice, _) = at_work(&engine, "alice");
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    let other = carl.start_chat("general", 2).unwrap();
    assert_eq!([alice.yours(), alice.yours()], [ticket, other]);
    let (mut bob, _) = at_work(&engine, "bob");
    alice.advance(ticket, Step::Close, "").unwrap();
    carl.advance(ticket, Step::Reopen, "again").unwrap();
    assert_eq!(alice.yours(), ticket, "Bob has nothing, and yet it is hers");
    carl.join(ticket, 11, 0).unwrap();
    carl.post(ticket, 1, "it is back");
    carl.acknowledged(ticket, 1).unwrap();
    alice.advance(ticket, Step::Close, "").unwrap();
    set_status(&mut alice, Status::Away).unwrap();
    carl.advance(ticket, Step::Reopen, "and again").unwrap();
    assert_eq!(bob.yours(), ticket);
    assert_eq!(violations(&engine), 0.0);
}

/// D03: beyond the days of the category's rule its customer is refused by name, and staff are not.
#[test]
fn a_customer_reopens_within_the_days_of_the_rule() {
    let engine = Engine::start();
    let admin = Caller::staff(&engine, "admin");
    let (status, rules) = put(&admin, "categories/general/rules", json!({ "mode": "automatic", "reopen_days": 0 }));
    assert_eq!((status, &rules["reopen_days"]), (200, &json!(0)));
    assert_eq!(put(&admin, "categories/general/rules", json!({ "reopen_days": -1 })).0, 422);
    let (mut alice, _) = at_work(&engine, "alice");
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), ticket);
    assert_eq!(carl.advance(ticket, Step::Reopen, "").map_err(named), Err(Refusal::IllegalStep), "it is open");
    alice.advance(ticket, Step::Close, "").unwrap();
    std::thread::sleep(std::time::Duration::from_millis(5));
    assert_eq!(carl.advance(ticket, Step::Reopen, "").map_err(named), Err(Refusal::TooLate));
    alice.advance(ticket, Step::Reopen, "").unwrap();
    assert_eq!(alice.yours(), ticket);
    assert_eq!(violations(&engine), 0.0);
}

/// B11: turned down with a reason, which its customer sees live; put back in one act, which is no customer's; seen live too.
#[test]
fn a_rejected_ticket_is_restored_in_one_act() {
    let engine = Engine::start();
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("technical", 1).unwrap();
    carl.join(ticket, 11, 0).unwrap();
    let (mut alice, _) = at_work(&engine, "alice");
    watch(&mut alice);
    assert!(entry(&mut alice, ticket).is_ok());
    alice.advance(ticket, Step::Reject, "spam").unwrap();
    assert_eq!(stage(&mut carl), (StageName::Rejected, "spam".to_owned()));
    assert!(entry(&mut alice, ticket).is_err());
    assert_eq!(carl.advance(ticket, Step::Reopen, "").map_err(named), Err(Refusal::Forbidden));
    let sam = Caller::staff(&engine, "sam");
    assert_eq!(sam.act(ticket, "reopen", json!({ "reason": "it was none" })).0, 204);
    assert_eq!(stage(&mut carl), (StageName::Reopened, "it was none".to_owned()));
    assert!(entry(&mut alice, ticket).is_ok());
    carl.post(ticket, 1, "thank you");
    carl.acknowledged(ticket, 1).unwrap();
    assert_eq!(violations(&engine), 0.0);
}
