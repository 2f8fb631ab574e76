//! The acts of the socket by HTTP: each arrives live at the sockets of those whom it concerns.

use std::net::SocketAddr;

use deskwire_protocol::kinds::{PublicFrame, StaffFrame};
use deskwire_protocol::{Refusal, ServerFrame, StageName, TicketId};
use serde_json::{Value, json};

use crate::client::Client;
use crate::engine::{Engine, request};

/// Somebody who has a token and no socket.
pub struct Caller {
    address: SocketAddr,
    token: String,
}

impl Caller {
    pub fn new(engine: &Engine, token: impl Into<String>) -> Caller {
        Caller { address: engine.address, token: token.into() }
    }

    pub fn staff(engine: &Engine, name: &str) -> Caller {
        Caller::new(engine, engine.sign_in(name))
    }

    /// A request with a key, and without a body where there is nothing in it.
    pub fn ask(&self, method: &str, path: &str, key: &str, body: Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let headers = format!("authorization: Bearer {}\r\nidempotency-key: {key}\r\n", self.token);
        let (status, body) = request(self.address, method, &format!("/api{path}"), &headers, &body);
        (status, serde_json::from_str(&body).unwrap_or(Value::Null))
    }

    pub fn get(&self, path: &str) -> (u16, Value) {
        self.ask("GET", path, "", Value::Null)
    }

    pub fn act(&self, ticket: TicketId, act: &str, body: Value) -> (u16, Value) {
        self.ask("POST", &format!("/tickets/{ticket}/{act}"), "", body)
    }

    fn say(&self, ticket: TicketId, key: &str, text: &str) -> (u16, Value) {
        self.ask("POST", &format!("/tickets/{ticket}/messages"), key, json!({ "text": text }))
    }

    pub fn open(&self, category: &str, key: &str) -> TicketId {
        let (status, ready) = self.ask("POST", "/tickets", key, json!({ "category": category, "subject": "Help" }));
        assert_eq!((status, &ready["kind"]), (201, &json!("ticket_ready")), "{ready}");
        ready["ticket"].as_str().unwrap().parse().unwrap()
    }
}

/// The next step of a ticket's life that a socket hears of.
fn stage(client: &mut Client) -> (StageName, String) {
    client.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::Advanced(step)) => Some((step.stage, step.reason.clone())),
        _ => None,
    })
}

const DONE: (u16, Value) = (204, Value::Null);

/// C19, A10, B08: opening, picking, talking and every step by HTTP, each seen at a socket.
#[test]
fn every_act_by_http_arrives_live_at_sockets() {
    let engine = Engine::start();
    let (mut customer, welcome) = Client::customer(&engine, "Carl");
    let mut agent = Client::agent(&engine, "alice");
    let (carl, alice) = (Caller::new(&engine, welcome.token), Caller::staff(&engine, "alice"));
    let ticket = carl.open("technical", "chat-1");
    assert_eq!(carl.open("technical", "chat-1"), ticket, "a repeat is the same chat");
    customer.join(ticket, 11, 0).unwrap();
    assert_eq!(alice.act(ticket, "pick", Value::Null), DONE);
    assert_eq!(agent.yours(), ticket);
    agent.join(ticket, 21, 0).unwrap();
    customer.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::Assigned(assigned)) if assigned.name == "Alice" => Some(()),
        _ => None,
    });

    let said = alice.say(ticket, "first", "good day");
    assert_eq!((said.0, &said.1["kind"], &said.1["seq"]), (200, &json!("acknowledged"), &json!(3)), "{said:?}");
    assert_eq!(customer.message(), (3, "good day".to_owned()));
    assert_eq!(agent.message(), (3, "good day".to_owned()), "his own socket shows it too");
    assert_eq!(alice.say(ticket, "first", "good day"), said, "a repeat gets the first acknowledgement");
    let (status, no) = alice.say(ticket, "first", "another");
    assert_eq!((status, &no["error"], &no["code"]), (409, &json!("StreamConflict"), &json!(107)));
    assert_eq!(carl.say(ticket, "first", "hello").0, 200, "keys are each person's own");
    assert_eq!(agent.message(), (4, "hello".to_owned()));
    let note = |key: &str| alice.ask("POST", &format!("/tickets/{ticket}/notes"), key, json!({ "text": "aside" }));
    assert_eq!((note("n").1["seq"].clone(), note("n").1["seq"].clone()), (json!(5), json!(5)));
    agent.wait(|frame| matches!(frame, ServerFrame::Staff(StaffFrame::OwnNote(note)) if note.seq == 5).then_some(()));

    for (act, then) in [
        ("hold", StageName::OnHold),
        ("resume", StageName::Assigned),
        ("pend", StageName::Pending),
        ("close", StageName::Closed),
        ("reopen", StageName::Reopened),
    ] {
        assert_eq!(alice.act(ticket, act, json!({ "reason": act })), DONE, "{act}");
        assert_eq!(stage(&mut customer), (then, act.to_owned()));
    }
    assert_eq!(alice.act(ticket, "pick", json!({})), DONE);
    assert_eq!(alice.act(ticket, "requeue", Value::Null), DONE);
    assert_eq!(stage(&mut customer).0, StageName::Waiting);
    assert_eq!(alice.act(ticket, "reject", json!({ "reason": "spam" })), DONE);
    assert_eq!(stage(&mut customer), (StageName::Rejected, "spam".to_owned()));
    let left = carl.open("technical", "chat-2");
    customer.join(left, 12, 0).unwrap();
    assert_eq!(carl.act(left, "abandon", Value::Null), DONE);
    assert_eq!(stage(&mut customer).0, StageName::Abandoned);
}

/// C19, C14: a supervisor takes part by HTTP, an agent changes his status by HTTP; both are seen at sockets.
#[test]
fn taking_part_and_a_status_by_http_are_seen_at_sockets() {
    let engine = Engine::start();
    let mut agent = Client::agent(&engine, "alice");
    let (mut customer, welcome) = Client::customer(&engine, "Carl");
    let ticket = customer.start_chat("general", 1).unwrap();
    assert_eq!(agent.yours(), ticket);
    customer.join(ticket, 11, 0).unwrap();
    let sam = Caller::staff(&engine, "sam");
    assert_eq!(sam.act(ticket, "take-part", Value::Null), DONE);
    customer.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::MemberAdded(added)) if added.name == "Sam Supervisor" => Some(()),
        _ => None,
    });
    let alice = Caller::staff(&engine, "alice");
    agent.settle();
    assert_eq!(alice.ask("PUT", "/me/status", "", json!({ "status": "away" })), DONE);
    agent.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::YourState(state)) if state.status == deskwire_protocol::Status::Away => Some(()),
        _ => None,
    });
    let (status, me) = alice.get("/me");
    assert_eq!(
        (status, &me["name"], &me["role"], &me["status"]),
        (200, &json!("Alice"), &json!("agent"), &json!("away"))
    );
    let (_, me) = Caller::new(&engine, welcome.token).get("/me");
    assert_eq!((&me["name"], &me["tickets"][0]["ticket"]), (&json!("Carl"), &json!(ticket)));
}

/// C19, B12: a transfer and a take over by HTTP are seen at the sockets of both agents; what cannot be is named.
#[test]
fn a_ticket_changes_hands_by_http() {
    let engine = Engine::start();
    let mut alice = Client::agent(&engine, "alice");
    let (mut bob, welcome) = Client::hello(&engine, &engine.sign_in("bob"), "");
    let (mut sam, _) = Client::hello(&engine, &engine.sign_in("sam"), "");
    let [http, bobs, sams] = ["alice", "bob", "sam"].map(|name| Caller::staff(&engine, name));
    let (mut customer, _) = Client::customer(&engine, "Carl");
    let ticket = customer.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), ticket);
    let to = |person: &str| json!({ "agent": person, "reason": "he knows better" });
    let (status, no) = http.act(ticket, "transfer", to(&welcome.person.to_string()));
    assert_eq!((status, &no["error"]), (409, &json!("CannotTake")), "Bob is away");
    assert_eq!(bobs.ask("PUT", "/me/status", "", json!({ "status": "available" })), DONE);
    assert_eq!(http.act(ticket, "transfer", to(&welcome.person.to_string())), DONE);
    assert_eq!(bob.yours(), ticket);
    alice.wait(|frame| {
        matches!(frame, ServerFrame::Staff(StaffFrame::NotYours(gone)) if gone.ticket == ticket).then_some(())
    });
    assert_eq!(http.act(ticket, "take-over", Value::Null).0, 404, "he sees it no more");
    assert_eq!(bobs.act(ticket, "take-over", Value::Null).0, 403);
    assert_eq!(sams.ask("PUT", "/me/status", "", json!({ "status": "available" })), DONE);
    assert_eq!(sams.act(ticket, "take-over", json!({ "reason": "mine" })), DONE);
    assert_eq!(sam.yours(), ticket);
    assert_eq!(sams.act(ticket, "wrap-up", json!({ "more_s": 60 })).0, 409, "nothing is to be written up");
}

/// C19, C13, C14: each reads a ticket in his own numbers; who watches is in the log.
#[test]
fn a_ticket_is_read_by_http_in_the_numbers_of_whoever_asks() {
    let engine = Engine::start();
    let mut agent = Client::agent(&engine, "alice");
    let (mut customer, welcome) = Client::customer(&engine, "Carl");
    let ticket = customer.start_chat("general", 1).unwrap();
    assert_eq!(agent.yours(), ticket);
    customer.join(ticket, 11, 0).unwrap();
    let (carl, alice) = (Caller::new(&engine, welcome.token), Caller::staff(&engine, "alice"));
    alice.ask("POST", &format!("/tickets/{ticket}/notes"), "n", json!({ "text": "canary" }));
    alice.say(ticket, "m", "good day");
    let path = format!("/tickets/{ticket}");
    let (status, now) = carl.get(&path);
    assert_eq!(
        (status, &now["kind"], &now["head"], &now["stage"]),
        (200, &json!("joined"), &json!(3), &json!("assigned"))
    );
    assert_eq!(alice.get(&path).1["head"], 4);
    let events = |caller: &Caller, which: &str| {
        let (status, page) = caller.get(&format!("{path}/events{which}"));
        assert_eq!(status, 200, "{page}");
        let events = page["events"].as_array().unwrap().iter();
        let names = events.map(|event| format!("{} {}", event["seq"], event["kind"].as_str().unwrap()));
        (names.collect::<Vec<_>>(), page["more"].as_bool().unwrap())
    };
    assert_eq!(events(&carl, "").0, ["1 opened", "2 assigned", "3 message"]);
    assert_eq!(events(&carl, "?after=2"), (vec!["3 message".to_owned()], false));
    assert_eq!(events(&carl, "?before=3").0, ["1 opened", "2 assigned"]);
    assert_eq!(events(&alice, "?after=2").0, ["3 own_note", "4 own_message"]);
    assert_eq!(carl.get(&format!("{path}/events?after=4")).1["error"], "Ahead");
    for wrong in ["?after=x", "?after=1&before=2", "?since=1"] {
        assert_eq!(carl.get(&format!("{path}/events{wrong}")).0, 422, "{wrong}");
    }
    let sam = Caller::staff(&engine, "sam");
    assert_eq!(events(&sam, "?after=4").0, ["5 watch_began"]);
    assert_eq!(events(&sam, "?before=8").0[4..], ["5 watch_began", "6 watch_ended", "7 watch_began"]);
    assert_eq!(carl.get(&path).1["head"], 3);
    let (seen, _) = events(&carl, "");
    assert!(!seen.iter().any(|event| event.contains("watch") || event.contains("note")), "{seen:?}");
    assert!(customer.settle().iter().all(|frame| !matches!(frame, ServerFrame::Public(PublicFrame::Presence(_)))));
}

/// A10, A11, A01: what is wrong has its status, and the refusal's name and number; unknown and not yours answer alike.
#[test]
fn what_is_wrong_has_its_status_and_the_refusals_number() {
    let engine = Engine::start();
    let (mut customer, welcome) = Client::customer(&engine, "Carl");
    let (_, other) = Client::customer(&engine, "Eve");
    let ticket = customer.start_chat("technical", 1).unwrap();
    let (carl, eve) = (Caller::new(&engine, welcome.token), Caller::new(&engine, other.token));
    let alice = Caller::staff(&engine, "alice");

    let path = format!("/tickets/{ticket}");
    for token in ["", "nonsense", "e30.e30.e30"] {
        let nobody = Caller::new(&engine, token);
        assert_eq!(
            (nobody.get(&path).0, nobody.get("/me").0, nobody.act(ticket, "pick", json!({})).0),
            (401, 401, 401)
        );
    }
    let (status, _) = engine.http(engine.address, "GET", "/api/me", "");
    assert_eq!(status, 401, "without the header");

    let code = |(status, no): (u16, Value)| (status, no["code"].as_u64().unwrap_or_default());
    let of = |refusal: Refusal| u64::from(refusal.number());
    assert_eq!(code(carl.act(ticket, "pick", json!({}))), (403, of(Refusal::Forbidden)));
    assert_eq!(code(carl.act(ticket, "reject", json!({}))), (403, of(Refusal::Forbidden)));
    let open = json!({ "category": "general" });
    assert_eq!(code(alice.ask("POST", "/tickets", "k", open.clone())), (403, of(Refusal::Forbidden)));
    assert_eq!(code(carl.ask("PUT", "/me/status", "", json!({ "status": "away" }))), (403, of(Refusal::Forbidden)));

    let unknown = eve.get("/tickets/00000000000000ff");
    assert_eq!(code(unknown.clone()), (404, of(Refusal::UnknownTicket)));
    assert_eq!(eve.get(&path), unknown, "not hers answers as one that does not exist");
    assert_eq!(eve.get("/tickets/nonsense"), unknown);
    assert_eq!(code(eve.act(ticket, "close", json!({}))), (404, of(Refusal::UnknownTicket)));
    assert_eq!(code(eve.say(ticket, "k", "hello")), (404, of(Refusal::UnknownTicket)));

    assert_eq!(code(carl.act(ticket, "resume", json!({}))).0, 403);
    assert_eq!(code(alice.act(ticket, "offer", json!({ "offer": 7, "accept": true }))), (409, of(Refusal::Lapsed)));
    assert_eq!(code(carl.say(ticket, "k", "  ")), (422, of(Refusal::EmptyText)));
    assert_eq!(code(carl.act(ticket, "close", json!({ "step": "reopen" }))).0, 422);
    let (status, no) = carl.act(ticket, "close", json!({ "raeson": "" }));
    assert_eq!((status, &no["error"]), (422, &json!("Malformed")));
    assert!(no["words"].as_str().unwrap().contains("raeson"), "{no}");
    assert_eq!(code(carl.ask("POST", "/tickets", "k", json!({ "category": "nonsense" }))).0, 422);
    assert_eq!(carl.ask("POST", "/tickets", "", open.clone()).1["error"], "idempotency_key");
    assert_eq!(carl.get(&format!("{path}/close")).0, 405);
    assert_eq!(carl.get("/nonsense").0, 404);
    (2..=10).for_each(|number| _ = carl.open("technical", &format!("k{number}")));
    assert_eq!(code(carl.ask("POST", "/tickets", "k11", open)), (429, of(Refusal::TooManyTickets)));
    assert_eq!(carl.act(ticket, "close", json!({})), DONE);
    assert_eq!(code(carl.act(ticket, "abandon", json!({}))), (409, of(Refusal::IllegalStep)));
}

/// B07: of two picks at once one is done, the other a 409 that names the winner's stage.
#[test]
fn of_two_picks_by_http_one_is_a_409_that_names_the_stage() {
    let engine = Engine::start();
    let _sockets = [Client::agent(&engine, "alice"), Client::agent(&engine, "bob")];
    let callers = [Caller::staff(&engine, "alice"), Caller::staff(&engine, "bob")];
    let (mut customer, _) = Client::customer(&engine, "Carl");
    for round in 1..=5 {
        let ticket = customer.start_chat("technical", round).unwrap();
        let results = std::thread::scope(|scope| {
            let picks = callers.each_ref().map(|caller| scope.spawn(move || caller.act(ticket, "pick", Value::Null)));
            picks.map(|pick| pick.join().unwrap())
        });
        let winner = results.iter().position(|result| *result == DONE).unwrap();
        let (status, no) = &results[1 - winner];
        assert_eq!((*status, &no["error"]), (409, &json!("Taken")), "{no}");
        assert!(no["words"].as_str().unwrap().contains("assigned"), "{no}");
        assert_eq!(callers[winner].act(ticket, "close", Value::Null), DONE);
    }
}
