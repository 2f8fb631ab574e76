//! The floor from outside: watched by socket, looked at and asked about by HTTP.

use deskwire_protocol::kinds::{self, FloorAgent, FloorCategory, PublicFrame, StaffFrame};
use deskwire_protocol::{Refusal, ServerFrame, Status, Step, TicketId};
use serde_json::{Value, json};

use crate::client::Client;
use crate::engine::Engine;
use crate::http::Caller;
use crate::oversight::sam_leads_alice_alone;

pub fn watch(client: &mut Client, on: bool) -> Result<(), kinds::Refused> {
    let request = client.request();
    client.send(kinds::WatchFloor { request, on });
    client.done(request)
}

/// Waits until an agent's line is as it should be.
pub fn agent_is(client: &mut Client, name: &str, right: impl Fn(&FloorAgent) -> bool) -> FloorAgent {
    client.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::FloorAgents(floor)) => {
            floor.agents.iter().find(|line| line.name == name && right(line)).cloned()
        }
        _ => None,
    })
}

/// Waits until a category's line is as it should be.
fn category_is(client: &mut Client, name: &str, right: impl Fn(&FloorCategory) -> bool) -> FloorCategory {
    client.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::FloorCategories(floor)) => {
            floor.categories.iter().find(|line| line.category == name && right(line)).cloned()
        }
        _ => None,
    })
}

fn refusal((status, no): (u16, Value)) -> (u16, Option<Refusal>) {
    (status, no["code"].as_u64().and_then(|code| Refusal::from_number(code as u16)))
}

/// Part 6: a supervisor sees agents, slots, queue and figures change as they do; who is none is refused.
#[test]
fn a_supervisor_sees_the_floor_change() {
    let mut engine = Engine::start();
    let (mut sam, _) = Client::hello(&engine, &engine.sign_in("sam"), "");
    watch(&mut sam, true).unwrap();
    let general = category_is(&mut sam, "general", |_| true);
    assert_eq!((general.waiting_live, general.answered, general.service_level, general.on_duty), (0, 0, 1_000, 0));
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let waits = carl.start_chat("technical", 1).unwrap();
    let technical = category_is(&mut sam, "technical", |line| line.waiting_live == 1);
    assert!(technical.oldest.ms() > 0);
    let mut alice = Client::agent(&engine, "alice");
    let line = agent_is(&mut sam, "Alice", |line| line.status == Status::Available && line.here);
    assert_eq!((line.live, line.live_active, line.since.ms() > 0), (12, 0, true));
    let ticket = carl.start_chat("general", 2).unwrap();
    assert_eq!(alice.yours(), ticket);
    agent_is(&mut sam, "Alice", |line| line.live_active == 1);
    let general = category_is(&mut sam, "general", |line| line.answered == 1);
    assert_eq!((general.in_time, general.abandoned, general.on_duty, general.free), (1, 0, 1, 1));
    assert_eq!(general.occupancy, 83, "one of twelve");
    alice.advance(ticket, Step::Hold, "").unwrap();
    agent_is(&mut sam, "Alice", |line| (line.live_active, line.live_held) == (0, 1));
    carl.advance(waits, Step::Abandon, "").unwrap();
    let technical = category_is(&mut sam, "technical", |line| line.abandoned == 1);
    assert_eq!((technical.waiting_live, technical.abandoned_short, technical.service_level), (0, 1, 0));
    assert_eq!(
        (technical.service_level_without_short, technical.abandonment, technical.oldest.ms()),
        (1_000, 1_000, 0)
    );
    assert_eq!(watch(&mut alice, true).unwrap_err().code, Refusal::Forbidden.number());
    assert_eq!(watch(&mut carl, true).unwrap_err().code, Refusal::Forbidden.number());
    watch(&mut sam, false).unwrap();
    // Nobody is cut off for what he asks for, however much at once.
    for request in 1_000..1_200 {
        sam.send(kinds::AskFloor { request, part: deskwire_protocol::FloorPart::Agents, page: 0 });
    }
    for request in 1_000..1_200 {
        sam.wait(|frame| match frame {
            ServerFrame::Staff(StaffFrame::FloorAgents(floor)) if floor.request == request => Some(()),
            _ => None,
        });
    }

    let floor = Caller::staff(&engine, "sam").get("/floor").1;
    assert_eq!((floor["categories"].as_array().unwrap().len(), &floor["more"]), (3, &json!(false)), "{floor}");
    assert_eq!(floor["agents"].as_array().unwrap().iter().filter(|line| line["live_held"] == 1).count(), 1);
    assert_eq!(Caller::staff(&engine, "sam").get("/floor?page=9").1["agents"], json!([]));
    assert_eq!(Caller::staff(&engine, "alice").get("/floor").0, 403);
    assert_eq!(Caller::staff(&engine, "admin").get("/floor").0, 200);
    for wrong in ["?page=x", "?page=70000", "?side=2"] {
        assert_eq!(Caller::staff(&engine, "sam").get(&format!("/floor{wrong}")).0, 422, "{wrong}");
    }
    // What is on the floor outlives a kill; what was counted begins anew, and says so.
    engine.kill();
    engine.restart();
    let again = Caller::staff(&engine, "sam").get("/floor").1;
    let counted = |floor: &Value| floor["counted_since"].as_u64().unwrap();
    let line = again["categories"].as_array().unwrap().iter().find(|line| line["category"] == "general").unwrap();
    assert!(counted(&again) > counted(&floor) && line["answered"] == 0, "{again}");
}

/// A22: a supervisor who is bound to a team sees its agents and what they serve, on the floor and in what-if; nobody else.
#[test]
fn a_bound_supervisor_sees_his_part_of_the_floor() {
    let engine = Engine::start();
    let admin = Caller::staff(&engine, "admin");
    sam_leads_alice_alone(&admin);
    let (_alice, _bob) = (Client::agent(&engine, "alice"), Client::agent(&engine, "bob"));
    let sam = Caller::staff(&engine, "sam");
    let floor = sam.get("/floor").1;
    let names = |part: &str, name: &str| -> Vec<Value> {
        floor[part].as_array().unwrap().iter().map(|line| line[name].clone()).collect()
    };
    assert_eq!(
        (names("agents", "name"), names("categories", "category")),
        (vec![json!("Alice")], vec![json!("billing")])
    );
    let (mut carl, _) = Client::customer(&engine, "Carl");
    (1..=4).for_each(|key| _ = carl.start_chat("technical", key).unwrap());
    let waiting = |caller: &Caller| {
        let (status, answer) = caller.ask("POST", "/floor/what-if", "", json!({ "minutes": 1 }));
        assert_eq!(status, 200, "{answer}");
        answer["as_is"][0]["waiting"].as_u64().unwrap()
    };
    assert_eq!(
        (waiting(&sam), waiting(&admin) >= 400),
        (0, true),
        "four wait for a hand, in a category that is not his"
    );
}

/// B24, part 7: why a ticket has its agent, and why an agent gets nothing, by HTTP.
#[test]
fn routing_is_explained_by_http() {
    let engine = Engine::start();
    let mut alice = Client::agent(&engine, "alice");
    let _bob = Client::agent(&engine, "bob");
    let (mut carl, welcome) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), ticket);
    let [sam, alice, bob] = ["sam", "alice", "bob"].map(|name| Caller::staff(&engine, name));
    let (status, why) = sam.get(&format!("/tickets/{ticket}/routing"));
    assert_eq!(
        (status, &why["kind"], &why["candidates"][0]["name"]),
        (200, &json!("routing_explained"), &json!("Alice"))
    );
    assert_eq!(alice.get(&format!("/tickets/{ticket}/routing")).1["routing"], "automatic");
    let unknown = (404, Some(Refusal::UnknownTicket));
    assert_eq!(refusal(bob.get(&format!("/tickets/{ticket}/routing"))), unknown, "he may not read it");
    assert_eq!(refusal(sam.get("/tickets/00000000000000ff/routing")), unknown);
    assert_eq!(refusal(sam.get("/tickets/nonsense/routing")), unknown);
    assert_eq!(refusal(Caller::new(&engine, welcome.token).get(&format!("/tickets/{ticket}/routing"))).0, 403);
    carl.start_chat("technical", 2).unwrap();
    let (status, mine) = bob.get("/me/routing");
    assert_eq!((status, &mine["kind"], &mine["heads"][0]["obstacle"]), (200, &json!("my_routing"), &json!("by_hand")));
}

fn what_if(client: &mut Client, question: kinds::WhatIf) -> Result<kinds::WhatIfAnswer, Refusal> {
    let request = question.request;
    client.send(question);
    client.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::WhatIfAnswer(answer)) if answer.request == request => Some(Ok(answer.clone())),
        ServerFrame::Public(PublicFrame::Refused(no)) if no.request == request => {
            Some(Err(Refusal::from_number(no.code).unwrap()))
        }
        _ => None,
    })
}

/// Part 8: the floor of now with more agents: curves, unchanged and changed; what cannot be asked is named.
#[test]
fn a_supervisor_asks_what_if() {
    let engine = Engine::start();
    let (mut sam, _) = Client::hello(&engine, &engine.sign_in("sam"), "");
    let mut alice = Client::agent(&engine, "alice");
    let mut customers = [Client::customer(&engine, "Carl").0, Client::customer(&engine, "Cora").0];
    let mut open = |key: u128| customers[key as usize % 2].start_chat("general", key).unwrap();
    let served: Vec<TicketId> = (0..12).map(&mut open).collect();
    served.iter().for_each(|_| _ = alice.yours());
    (12..16).for_each(|key| _ = open(key));
    engine.wait_until("deskwire_queue_waiting", |waiting| waiting == 4.0);
    let question = |client: &mut Client, minutes, agents_more| {
        let request = client.request();
        kinds::WhatIf { request, minutes, agents_more, slots: 0, overflow: Vec::new() }
    };
    let asked = question(&mut sam, 30, 3);
    let answer = what_if(&mut sam, asked).unwrap();
    assert_eq!((answer.as_is.len(), answer.changed.len()), (30, 30));
    let waiting = (answer.as_is[0].waiting, answer.changed[0].waiting);
    assert!(waiting.0 >= 400 && waiting.1 == 0, "three more take all four at once: {waiting:?}");
    for (minutes, agents_more, refused) in [
        (0, 0, Refusal::Absurd),
        (241, 0, Refusal::Absurd),
        (u16::MAX, 0, Refusal::Absurd),
        (10, 1_001, Refusal::Absurd),
    ] {
        let asked = question(&mut sam, minutes, agents_more);
        assert_eq!(what_if(&mut sam, asked), Err(refused), "{minutes} {agents_more}");
    }
    let caller = Caller::staff(&engine, "sam");
    let ask = |body: Value| refusal(caller.ask("POST", "/floor/what-if", "", body));
    let overflow =
        |of: &str, to: &str, s: u32| json!({ "minutes": 9, "overflow": [{ "of": of, "to": to, "after_s": s }] });
    assert_eq!(ask(overflow("general", "billing", 60)), (200, None));
    assert_eq!(ask(overflow("general", "nonsense", 60)), (422, Some(Refusal::UnknownCategory)));
    assert_eq!(ask(overflow("general", "general", 60)), (422, Some(Refusal::Absurd)));
    assert_eq!(ask(overflow("general", "billing", 86_401)), (422, Some(Refusal::Absurd)));
    assert_eq!(ask(json!({ "minutes": 9, "slots": 1_001 })), (422, Some(Refusal::Absurd)));
    assert_eq!(ask(json!({ "minutes": -1 })), (422, Some(Refusal::Malformed)));
    assert_eq!(ask(json!({ "minutes": 9, "overflow": vec![json!({ "of": "", "to": "", "after_s": 0 }); 17] })).0, 422);
    assert_eq!(
        refusal(Caller::staff(&engine, "alice").ask("POST", "/floor/what-if", "", json!({ "minutes": 9 }))).0,
        403
    );
}
