//! Supervisors move the floor: another's status, signing him out, his tickets elsewhere, many closed at once, a team's
//! slots. Each by socket or HTTP, with a result for each ticket, and written down.

use deskwire_protocol::kinds::{self, ItemResult, PublicFrame, StaffFrame};
use deskwire_protocol::{CloseCode, PersonId, Refusal, ServerFrame, Status, TakenBack, TicketId};
use serde_json::{Value, json};

use crate::client::Client;
use crate::engine::Engine;
use crate::http::Caller;
use crate::oversight::{person, sam_leads_alice_alone};

/// The results of an act on many tickets.
fn results(client: &mut Client, request: u32) -> Result<Vec<ItemResult>, Refusal> {
    client.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::Results(results)) if results.request == request => {
            Some(Ok(results.items.clone()))
        }
        ServerFrame::Public(PublicFrame::Refused(no)) if no.request == request => {
            Some(Err(Refusal::from_number(no.code).unwrap()))
        }
        _ => None,
    })
}

fn set_status_of(client: &mut Client, agent: PersonId, status: Status) -> Result<(), Refusal> {
    let request = client.request();
    client.send(kinds::SetAgentStatus { request, agent, status, reason: "lunch".into() });
    client.done(request).map_err(|no| Refusal::from_number(no.code).unwrap())
}

fn take_back(client: &mut Client, agent: PersonId, taken: TakenBack) -> Result<Vec<ItemResult>, Refusal> {
    let request = client.request();
    client.send(kinds::TakeBack { request, agent, taken, reason: "too much".into() });
    results(client, request)
}

fn close(client: &mut Client, tickets: &[TicketId]) -> Result<Vec<ItemResult>, Refusal> {
    let request = client.request();
    let tickets = tickets.iter().map(|ticket| kinds::TicketNamed { ticket: *ticket }).collect();
    client.send(kinds::CloseTickets { request, tickets, reason: "the outage is over".into() });
    results(client, request)
}

fn status_is(client: &mut Client, status: Status) {
    client.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::YourState(state)) if state.status == status => Some(()),
        _ => None,
    });
}

fn done(ticket: TicketId) -> ItemResult {
    ItemResult { ticket, code: 0 }
}

/// The last step in a ticket's log: what it was, by whom, why.
fn last_step(reader: &Caller, ticket: TicketId) -> (Value, Value) {
    let (_, page) = reader.get(&format!("/tickets/{ticket}/events"));
    let events = page["events"].as_array().unwrap();
    let step = events.iter().rev().find(|event| event["kind"] == "advanced").unwrap();
    (step["step"].clone(), step["reason"].clone())
}

/// B30: a supervisor sets another's status, on disk and in the engine's log; an agent who is nobody, or not his, is
/// unknown; who is no supervisor is refused.
#[test]
fn a_supervisor_sets_an_agents_status() {
    let mut engine = Engine::start();
    let admin = Caller::staff(&engine, "admin");
    let alices = person(&admin, "Alice");
    let mut alice = Client::agent(&engine, "alice");
    let (mut sam, _) = Client::hello(&engine, &engine.sign_in("sam"), "");
    assert_eq!(set_status_of(&mut sam, alices, Status::Away), Ok(()));
    status_is(&mut alice, Status::Away);
    let line = engine.wait_for("an agent's status is set by another");
    assert!(line.contains("lunch") && line.contains("Away"), "{line}");
    assert_eq!(set_status_of(&mut sam, PersonId(1), Status::Away), Err(Refusal::UnknownAgent));
    assert_eq!(set_status_of(&mut alice, alices, Status::Available), Err(Refusal::Forbidden));
    let set = |caller: &Caller, agent: &str, body: Value| {
        let (status, no) = caller.ask("PUT", &format!("/floor/agents/{agent}/status"), "", body);
        (status, no["code"].as_u64().and_then(|code| Refusal::from_number(code as u16)))
    };
    let (caller, busy) = (Caller::staff(&engine, "sam"), json!({ "status": "busy" }));
    let id = alices.to_string();
    assert_eq!(set(&caller, &id, busy.clone()), (204, None));
    status_is(&mut alice, Status::Busy);
    assert_eq!(set(&caller, "00000000000000ff", busy.clone()), (404, Some(Refusal::UnknownAgent)));
    assert_eq!(set(&caller, "nonsense", busy.clone()), (422, Some(Refusal::Malformed)));
    assert_eq!(set(&caller, &id, json!({ "status": "asleep" })), (422, Some(Refusal::Malformed)));
    assert_eq!(set(&Caller::staff(&engine, "bob"), &id, busy.clone()), (403, Some(Refusal::Forbidden)));
    let bob = person(&admin, "Bob").to_string();
    assert_eq!(set(&caller, &bob, busy.clone()), (204, None), "who is not at work is so when he comes");
    let (mut bobs, _) = Client::hello(&engine, &engine.sign_in("bob"), "");
    status_is(&mut bobs, Status::Busy);
    sam_leads_alice_alone(&admin);
    assert_eq!(set(&caller, &bob, busy.clone()), (404, Some(Refusal::UnknownAgent)), "he is of another team");
    assert_eq!(set(&caller, &id, busy), (204, None));
    engine.kill();
    engine.restart();
    let (mut alice, _) = Client::hello(&engine, &engine.sign_in("alice"), "");
    status_is(&mut alice, Status::Busy);
}

/// B30: whom a supervisor signs out has his connections closed and his live tickets back in the queue at once; they go to
/// others, and their logs say who did it and why.
#[test]
fn who_is_signed_out_holds_nobody_up() {
    let mut engine = Engine::start();
    let admin = Caller::staff(&engine, "admin");
    let alices = person(&admin, "Alice");
    let mut alice = Client::agent(&engine, "alice");
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let tickets = [1, 2, 3].map(|key| carl.start_chat("general", key).unwrap());
    tickets.iter().for_each(|_| _ = alice.yours());
    let mut bob = Client::agent(&engine, "bob");
    let (mut sam, _) = Client::hello(&engine, &engine.sign_in("sam"), "");
    let request = sam.request();
    sam.send(kinds::SignOut { request, agent: alices, reason: "she fell ill".into() });
    let mut items = results(&mut sam, request).unwrap();
    items.sort_unstable_by_key(|item| item.ticket);
    let mut expected = tickets.map(done);
    expected.sort_unstable_by_key(|item| item.ticket);
    assert_eq!(items, expected);
    assert_eq!(alice.closed(), CloseCode::SignedOut.number());
    let mut given = tickets.map(|_| bob.yours());
    given.sort_unstable();
    assert_eq!(given, expected.map(|item| item.ticket));
    let reader = Caller::staff(&engine, "bob");
    for ticket in tickets {
        assert_eq!(last_step(&reader, ticket), (json!("requeue"), json!("she fell ill")));
    }
    let line = engine.wait_for("an agent is signed out by another");
    assert!(line.contains("she fell ill") && line.contains(&alices.to_string()), "{line}");
    let (mut alice, _) = Client::hello(&engine, &engine.sign_in("alice"), "");
    status_is(&mut alice, Status::Offline);
    let again = Caller::staff(&engine, "sam").ask("POST", &format!("/floor/agents/{alices}/sign-out"), "", json!({}));
    assert_eq!((again.0, &again.1["items"]), (200, &json!([])));
    assert_eq!(alice.closed(), CloseCode::SignedOut.number());
    let nobody = Caller::staff(&engine, "sam").ask("POST", "/floor/agents/00000000000000ff/sign-out", "", json!({}));
    assert_eq!((nobody.0, &nobody.1["error"]), (404, &json!("UnknownAgent")));
}

/// B30: all tickets of an agent go back to the queue; redistributed, they pass him over while somebody else is there.
#[test]
fn an_agents_tickets_are_requeued_or_redistributed() {
    let engine = Engine::start();
    let admin = Caller::staff(&engine, "admin");
    let alices = person(&admin, "Alice");
    let mut alice = Client::agent(&engine, "alice");
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let tickets = [1, 2].map(|key| carl.start_chat("general", key).unwrap());
    tickets.iter().for_each(|_| _ = alice.yours());
    let (mut sam, _) = Client::hello(&engine, &engine.sign_in("sam"), "");
    // Nobody else is there: they come back to her, either way.
    for taken in [TakenBack::Requeue, TakenBack::Redistribute] {
        let items = take_back(&mut sam, alices, taken).unwrap();
        assert_eq!((items.len(), items.iter().all(|item| item.code == 0)), (2, true), "{items:?}");
        tickets.iter().for_each(|_| _ = alice.yours());
    }
    let mut bob = Client::agent(&engine, "bob");
    // He has as many as she by then: only that she is passed over sends them to him.
    let others = [3, 4].map(|key| carl.start_chat("general", key).unwrap());
    others.iter().for_each(|_| _ = bob.yours());
    let items = take_back(&mut sam, alices, TakenBack::Redistribute).unwrap();
    let mut given: Vec<TicketId> = items.iter().map(|_| bob.yours()).collect();
    given.sort_unstable();
    let mut taken: Vec<TicketId> = items.iter().map(|item| item.ticket).collect();
    taken.sort_unstable();
    assert_eq!(given, taken);
    assert_eq!(last_step(&Caller::staff(&engine, "bob"), tickets[0]), (json!("requeue"), json!("too much")));
    assert_eq!(take_back(&mut sam, PersonId(1), TakenBack::Requeue), Err(Refusal::UnknownAgent));
    assert_eq!(take_back(&mut alice, alices, TakenBack::Requeue), Err(Refusal::Forbidden));
    let path = format!("/floor/agents/{alices}/take-back");
    let caller = Caller::staff(&engine, "sam");
    assert_eq!(caller.ask("POST", &path, "", json!({ "taken": "requeue" })).1["items"], json!([]), "she has none");
    assert_eq!(caller.ask("POST", &path, "", json!({ "taken": "burn" })).0, 422);
    assert_eq!(engine.metric("deskwire_invariant_violations_total{invariant=\"two_owners\"}"), 0.0);
}

/// B30, the limit BULK_TICKETS_MAX: up to 500 tickets are closed in one act, each with its own result: closed, over
/// already, unknown, not his. 501 are refused whole.
#[test]
fn up_to_five_hundred_tickets_are_closed_in_one_act() {
    let engine = Engine::start();
    let mut alice = Client::agent(&engine, "alice");
    let mut tickets = Vec::new();
    let mut customers = Vec::new();
    for customer in 0..2 {
        let (mut carl, _) = Client::customer(&engine, "Carl");
        (0..5).for_each(|key| tickets.push(carl.start_chat("general", customer * 10 + key).unwrap()));
        customers.push(carl);
    }
    tickets.iter().for_each(|_| _ = alice.yours());
    let (mut sam, _) = Client::hello(&engine, &engine.sign_in("sam"), "");
    alice.advance(tickets[0], deskwire_protocol::Step::Close, "").unwrap();
    let nobody = TicketId(7);
    let mut asked = tickets.clone();
    asked.extend((1_000..1_490).map(TicketId));
    let items = close(&mut sam, &asked).unwrap();
    assert_eq!(items.len(), 500);
    assert_eq!(items[0], ItemResult { ticket: tickets[0], code: Refusal::IllegalStep.number() });
    assert_eq!(items[1..10], tickets[1..].iter().map(|ticket| done(*ticket)).collect::<Vec<_>>());
    let odd: Vec<_> = items[10..].iter().filter(|item| item.code != Refusal::UnknownTicket.number()).collect();
    assert!(odd.is_empty(), "{odd:?}");
    assert_eq!(last_step(&Caller::staff(&engine, "alice"), tickets[5]), (json!("close"), json!("the outage is over")));
    asked.push(nobody);
    let request = sam.request();
    let named = asked.iter().map(|ticket| kinds::TicketNamed { ticket: *ticket }).collect();
    sam.send(kinds::CloseTickets { request, tickets: named, reason: String::new() });
    let no = sam.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::Refused(no)) => Some((no.code, no.detail.clone())),
        _ => None,
    });
    assert_eq!(no.0, Refusal::Malformed.number());
    assert!(no.1.contains("501"), "{}", no.1);
    let caller = Caller::staff(&engine, "sam");
    let body = |count: usize| json!({ "tickets": vec![json!({ "ticket": nobody }); count], "reason": "x" });
    assert_eq!(caller.ask("POST", "/floor/close", "", body(501)).0, 422);
    assert_eq!(caller.ask("POST", "/floor/close", "", body(0)).1["items"], json!([]));
    assert_eq!(caller.ask("POST", "/floor/close", "", body(1)).1["items"][0]["code"], 103);
    assert_eq!(caller.ask("POST", "/floor/close", "", body(3)).1["items"].as_array().unwrap().len(), 1, "one ticket");
    assert_eq!(Caller::staff(&engine, "alice").ask("POST", "/floor/close", "", body(1)).0, 403);
}

/// B30, A22: a supervisor of a team sets its slots, in the running queue and on disk; other teams are unknown to him.
#[test]
fn a_supervisor_sets_the_slots_of_his_team() {
    let mut engine = Engine::start();
    let admin = Caller::staff(&engine, "admin");
    sam_leads_alice_alone(&admin);
    let sam = Caller::staff(&engine, "sam");
    let set = |caller: &Caller, team: &str, live: u32| {
        let slots = json!({ "live": live, "asynchronous": 65_535 });
        let (status, no) = caller.ask("PUT", &format!("/floor/teams/{team}/slots"), "", slots);
        (status, no["code"].as_u64().and_then(|code| Refusal::from_number(code as u16)))
    };
    let mut alice = Client::agent(&engine, "alice");
    let request = alice.request();
    alice.send(kinds::SetStatus { request, status: Status::Available });
    alice.done(request).unwrap();
    assert_eq!(set(&sam, "7", 0), (204, None));
    assert_eq!(admin.get("/admin/teams/7").1["slots"], json!({ "live": 0, "asynchronous": null }));
    let (mut carl, _) = Client::customer(&engine, "Carl");
    carl.start_chat("billing", 1).unwrap();
    engine.wait_until("deskwire_queue_waiting", |waiting| waiting == 1.0);
    assert_eq!(set(&sam, "7", 1), (204, None));
    alice.wait(|frame| matches!(frame, ServerFrame::Staff(StaffFrame::Offered(_))).then_some(()));
    let unknown = (404, Some(Refusal::UnknownTeam));
    assert_eq!((set(&sam, "1", 1), set(&sam, "99", 1)), (unknown, unknown), "not his, and none");
    assert_eq!(set(&sam, "x", 1).0, 422);
    assert_eq!(set(&sam, "7", 70_000).0, 422);
    assert_eq!(set(&Caller::staff(&engine, "bob"), "7", 1), (403, Some(Refusal::Forbidden)));
    assert_eq!(set(&admin, "1", 9), (204, None));
    engine.wait_for("a team's slots were changed");
    engine.kill();
    engine.restart();
    assert_eq!(Caller::staff(&engine, "admin").get("/admin/teams/7").1["slots"]["live"], 1);
}
