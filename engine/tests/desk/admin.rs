//! Administration by HTTP: for admins alone, on disk, and in the running queue without a restart.

use deskwire_protocol::kinds::{self, StaffFrame};
use deskwire_protocol::{CloseCode, Refusal, ServerFrame, Step, TicketId};
use serde_json::{Value, json};

use crate::client::Client;
use crate::engine::Engine;
use crate::http::Caller;

pub fn put(caller: &Caller, path: &str, value: Value) -> (u16, Value) {
    caller.ask("PUT", &format!("/admin/{path}"), "", value)
}

fn alice(admin: &Caller) -> String {
    let (status, staff) = admin.get("/admin/agents");
    assert_eq!(status, 200);
    let line = staff.as_array().unwrap().iter().find(|line| line["name"] == "Alice").unwrap();
    line["person"].as_str().unwrap().to_owned()
}

pub fn offered(agent: &mut Client) -> (TicketId, u32) {
    agent.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::Offered(offer)) => Some((offer.ticket, offer.offer)),
        _ => None,
    })
}

fn slots(agent: &mut Client, live: u16) {
    agent.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::YourSlots(slots)) if slots.live == live => Some(()),
        _ => None,
    });
}

/// A02, A11: 403 for all but admins, 401 without a token; a wrong value names itself with 422.
#[test]
fn administration_is_for_admins_alone_and_a_wrong_value_names_itself() {
    let engine = Engine::start();
    let admin = Caller::staff(&engine, "admin");
    let profile = format!("agents/{}/profile", alice(&admin));
    let (_, customer) = Client::customer(&engine, "Carl");
    let others = [Caller::staff(&engine, "alice"), Caller::staff(&engine, "sam"), Caller::new(&engine, customer.token)];
    for path in ["categories/general/rules", "categories/nonsense/rules", "teams/1", profile.as_str()] {
        for caller in &others {
            assert_eq!(caller.get(&format!("/admin/{path}")).0, 403, "{path}");
            assert_eq!(put(caller, path, json!({})).0, 403, "{path}");
        }
        assert_eq!(put(&Caller::new(&engine, "nonsense"), path, json!({})).0, 401);
    }
    for (path, value, words) in [
        ("categories/general/rules", json!({ "offer_s": 0 }), "offer_s"),
        ("categories/1/rules", json!({ "sticky_s": 86_401 }), "sticky_s"),
        ("categories/general/rules", json!({ "modus": "offer" }), "modus"),
        ("categories/general/rules", json!({ "mode": "lottery" }), "lottery"),
        ("categories/general/rules", json!({ "overflow": { "to": 77, "after_s": 1 } }), "77"),
        ("teams/1", json!({ "name": "", "slots": { "live": 1, "asynchronous": null } }), "name"),
        ("teams/1", json!({ "name": "night" }), "slots"),
        ("teams/2", json!({ "name": "front desk", "slots": { "live": 1, "asynchronous": 1 } }), "name"),
        (&profile, json!({ "skills": [], "slots": { "live": 1, "asynchronous": 1 }, "categories": ["x"] }), "\"x\""),
        (&profile, json!({ "skills": [], "slots": { "live": 70_000, "asynchronous": 1 }, "categories": [] }), "70000"),
    ] {
        let (status, no) = put(&admin, path, value.clone());
        assert_eq!(status, 422, "{value}: {no}");
        assert!(no["words"].as_str().unwrap().contains(words), "{value}: {no}");
    }
    for path in ["categories/nonsense/rules", "teams/77", "teams/x", "agents/00000000000000ff/profile"] {
        assert_eq!(admin.get(&format!("/admin/{path}")).0, 404, "{path}");
    }
}

/// A22, B10, C19: the mode of a category changes in the running queue and outlives a restart; offers are answered by HTTP.
#[test]
fn rules_of_a_category_reach_the_running_queue_and_outlive_a_restart() {
    let mut engine = Engine::start();
    let admin = Caller::staff(&engine, "admin");
    let (_, before) = admin.get("/admin/categories/general/rules");
    assert_eq!(before["mode"], "automatic");
    let mut agent = Client::agent(&engine, "alice");
    let (mut customer, _) = Client::customer(&engine, "Carl");
    let (status, now) = put(&admin, "categories/general/rules", json!({ "mode": "offer", "offer_s": 30 }));
    assert_eq!((status, &now["mode"], &now["again_s"]), (200, &json!("offer"), &json!(60)));
    assert_eq!(admin.get("/admin/categories/1/rules").1, now);
    let ticket = customer.start_chat("general", 1).unwrap();
    let (asked, offer) = offered(&mut agent);
    assert_eq!(asked, ticket);
    let alice = Caller::staff(&engine, "alice");
    let answer = |ticket, offer, accept| alice.act(ticket, "offer", json!({ "offer": offer, "accept": accept })).0;
    assert_eq!(answer(ticket, offer, false), 204);
    let gone = |frame: &ServerFrame| match frame {
        ServerFrame::Staff(StaffFrame::OfferGone(gone)) => Some(gone.offer),
        _ => None,
    };
    assert_eq!(agent.wait(gone), offer);
    assert_eq!(answer(ticket, offer, true), 409, "what was declined has lapsed");
    let second = customer.start_chat("general", 2).unwrap();
    let offer = loop {
        match offered(&mut agent) {
            (asked, offer) if asked == second => break offer,
            _ => {}
        }
    };
    assert_eq!(answer(second, offer, true), 204);
    assert_eq!(agent.yours(), second);

    engine.kill();
    assert!(engine.said.iter().all(|line| !line.contains("@demo.example")));
    engine.restart();
    assert_eq!(Caller::staff(&engine, "admin").get("/admin/categories/general/rules").1, now);
}

/// A22, B14, B30: slots of a team and of an agent change in the running queue, and each change is in the log.
#[test]
fn slots_of_teams_and_agents_reach_the_running_queue() {
    let mut engine = Engine::start();
    let admin = Caller::staff(&engine, "admin");
    let profile = format!("agents/{}/profile", alice(&admin));
    let mut agent = Client::agent(&engine, "alice");
    let (_, mut alice) = admin.get(&format!("/admin/{profile}"));
    assert_eq!(alice["slots"]["live"], 12);
    alice["slots"]["live"] = json!(1);
    assert_eq!(put(&admin, &profile, alice.clone()), (200, alice.clone()));
    slots(&mut agent, 1);
    let (mut customer, _) = Client::customer(&engine, "Carl");
    let tickets = [1, 2, 3].map(|key| customer.start_chat("general", key).unwrap());
    assert_eq!(agent.yours(), tickets[0]);
    agent.settle();
    engine.wait_until("deskwire_queue_waiting", |waiting| waiting == 2.0);

    let team = format!("teams/{}", alice["team"]);
    let limit = |live: u16| json!({ "name": "front desk", "slots": { "live": live, "asynchronous": null } });
    assert_eq!(put(&admin, &team, limit(2)), (200, limit(2)));
    assert_eq!(admin.get(&format!("/admin/{team}")), (200, limit(2)));
    alice["slots"]["live"] = json!(3);
    assert_eq!(put(&admin, &profile, alice).0, 200);
    assert_eq!(agent.yours(), tickets[1], "two of his three slots are his team's");
    slots(&mut agent, 3);
    engine.wait_until("deskwire_queue_waiting", |waiting| waiting == 1.0);
    assert_eq!(put(&admin, &team, limit(9)).0, 200);
    assert_eq!(agent.yours(), tickets[2]);
    for words in ["an agent's profile was changed", "a team was changed"] {
        let line = engine.wait_for(words);
        assert!(line.contains("\"before\"") && line.contains("\"after\"") && !line.contains('@'), "{line}");
    }
}

/// B13, A13: who serves other categories is told to come back, and sees what he serves now.
#[test]
fn who_serves_other_categories_comes_back_to_them() {
    let engine = Engine::start();
    let admin = Caller::staff(&engine, "admin");
    let profile = format!("agents/{}/profile", alice(&admin));
    let mut agent = Client::agent(&engine, "alice");
    let (_, mut alice) = admin.get(&format!("/admin/{profile}"));
    alice["categories"] = json!(["billing"]);
    assert_eq!(put(&admin, &profile, alice).0, 200);
    assert_eq!(agent.closed(), CloseCode::Changed.number());
    let _agent = Client::agent(&engine, "alice");
    let (mut customer, _) = Client::customer(&engine, "Carl");
    let ticket = customer.start_chat("technical", 1).unwrap();
    let (status, no) = Caller::staff(&engine, "alice").act(ticket, "pick", Value::Null);
    assert_eq!((status, &no["error"]), (404, &json!("UnknownTicket")), "not his to see");
}

fn live_used(agent: &mut Client, used: u16) {
    agent.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::YourSlots(slots)) if slots.live_used == used => Some(()),
        _ => None,
    });
}

fn set_wrap_up(agent: &mut Client, ticket: TicketId, more_s: u32) -> Result<(), kinds::Refused> {
    let request = agent.request();
    agent.send(kinds::SetWrapUp { request, ticket, more_s });
    agent.done(request)
}

/// B19: after the close the slot stays used, over a kill too, until the agent says that he has written it up.
#[test]
fn a_wrap_up_keeps_the_slot_until_it_is_ended() {
    let mut engine = Engine::start();
    let admin = Caller::staff(&engine, "admin");
    assert_eq!(put(&admin, "categories/general/rules", json!({ "mode": "automatic", "wrap_up_s": 600 })).0, 200);
    let mut agent = Client::agent(&engine, "alice");
    let (mut customer, _) = Client::customer(&engine, "Carl");
    let ticket = customer.start_chat("general", 1).unwrap();
    assert_eq!(agent.yours(), ticket);
    live_used(&mut agent, 1);
    assert_eq!(set_wrap_up(&mut agent, ticket, 0).unwrap_err().code, Refusal::IllegalStep.number(), "it is not over");
    agent.advance(ticket, Step::Close, "solved").unwrap();
    let until = |agent: &mut Client| {
        agent.wait(|frame| match frame {
            ServerFrame::Staff(StaffFrame::WrapUp(wrap_up)) if wrap_up.ticket == ticket => Some(wrap_up.until.ms()),
            _ => None,
        })
    };
    let first = until(&mut agent);
    assert!(first > 0);
    set_wrap_up(&mut agent, ticket, 3_000).unwrap();
    assert!(until(&mut agent) > first, "he needs longer");
    assert_eq!(set_wrap_up(&mut agent, ticket, 3_601).unwrap_err().code, Refusal::Malformed.number());

    engine.kill();
    engine.restart();
    let (mut agent, _) = Client::hello(&engine, &engine.sign_in("alice"), "");
    live_used(&mut agent, 1);
    assert!(until(&mut agent) > first, "a new connection hears what is written up");
    set_wrap_up(&mut agent, ticket, 0).unwrap();
    live_used(&mut agent, 0);
    assert_eq!(until(&mut agent), 0);
    set_wrap_up(&mut agent, ticket, 0).unwrap();
}
