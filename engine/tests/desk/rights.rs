//! Who may not: a customer who sends what staff send, and staff who reach for tickets and people that are none of theirs.

use deskwire_protocol::kinds::{ClientFrame, PublicFrame};
use deskwire_protocol::{PersonId, Refusal, ServerFrame, TicketId};
use serde_json::{Value, json};

use crate::client::Client;
use crate::engine::Engine;
use crate::http::Caller;
use crate::moving::violations;
use crate::oversight::{person, sam_leads_alice_alone};

/// What customers send too; what they may not of it is a ticket's to say.
const CUSTOMERS: [&str; 16] = [
    "Hello",
    "Open",
    "OpenWith",
    "Join",
    "Leave",
    "Post",
    "Typing",
    "ReadBack",
    "Ping",
    "LeaveMessage",
    "ReadUpTo",
    "AskNotices",
    "MarkNotices",
    "ListDiscussions",
    "Enter",
    "Depart",
];

/// Each kind that staff alone send, and what a customer is told who sends it about a ticket of his own.
fn of_staff(ticket: TicketId) -> Vec<(&'static str, Value)> {
    let (nobody, reason) = ("00000000000000ff", "x");
    vec![
        ("Advance", json!({ "ticket": ticket, "step": "requeue" })),
        ("Pick", json!({ "ticket": ticket })),
        ("SetStatus", json!({ "status": "available" })),
        ("SetStatusWith", json!({ "status": "available" })),
        ("WatchQueue", json!({ "on": true })),
        ("Note", json!({ "ticket": ticket, "note": "whisper", "number": 1, "text": "psst" })),
        ("NoteTyping", json!({ "ticket": ticket })),
        ("TakePart", json!({ "ticket": ticket })),
        ("AskCanned", json!({ "ticket": ticket })),
        ("AnswerOffer", json!({ "ticket": ticket, "offer": 1, "accept": true })),
        ("Transfer", json!({ "ticket": ticket, "agent": nobody })),
        ("TakeOver", json!({ "ticket": ticket })),
        ("SetWrapUp", json!({ "ticket": ticket, "more_s": 0 })),
        ("TransferToCategory", json!({ "ticket": ticket, "category": "billing" })),
        ("Escalate", json!({ "ticket": ticket, "on": true })),
        ("Ignore", json!({ "ticket": ticket, "on": true })),
        ("HandOver", json!({ "ticket": ticket, "agent": nobody, "manner": "beyond_limit" })),
        ("Consult", json!({ "ticket": ticket, "agent": nobody, "manner": "notes" })),
        ("WatchFloor", json!({ "on": true })),
        ("AskFloor", json!({ "part": "agents" })),
        ("WhatIf", json!({ "minutes": 60 })),
        ("SetAgentStatus", json!({ "agent": nobody, "status": "away" })),
        ("SignOut", json!({ "agent": nobody })),
        ("TakeBack", json!({ "agent": nobody, "taken": "requeue" })),
        ("AskRouting", json!({ "ticket": ticket })),
        ("AskMyRouting", json!({})),
        ("CloseTickets", json!({ "tickets": [{ "ticket": ticket }], "reason": reason })),
        ("SetTeamSlots", json!({ "team": 1, "live": 0, "asynchronous": 0 })),
        ("Found", json!({ "key": "00000000000000000000000000000001", "title": "Mine" })),
        ("Moderate", json!({ "ticket": ticket, "act": "mute", "member": 1 })),
    ]
}

fn snake(name: &str) -> String {
    let letter = |(at, letter): (usize, char)| {
        let gap = (letter.is_uppercase() && at > 0).then_some('_');
        gap.into_iter().chain(letter.to_lowercase())
    };
    name.chars().enumerate().flat_map(letter).collect()
}

/// A02, A11, C14: every kind that staff alone send is refused to a customer who sends it as JSON, about his own ticket too;
/// no staff frame reaches him, and nothing comes of it.
#[test]
fn a_customer_who_sends_what_staff_send_is_refused() {
    let engine = Engine::start();
    let (mut carl, welcome) = Client::customer(&engine, "Carl");
    let mut alice = Client::agent(&engine, "alice");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), ticket);
    let rows = of_staff(ticket);
    for kind in ClientFrame::KINDS {
        let name = kind.shape.name;
        let rows =
            rows.iter().filter(|(row, _)| *row == name).count() + CUSTOMERS.iter().filter(|one| **one == name).count();
        assert_eq!(rows, 1, "{name} is in one of the two lists: is it for customers too?");
    }
    let mut mallory = Client::open(engine.address, "/ws", "deskwire.v1.json");
    mallory.send_json(&json!({ "kind": "hello", "token": welcome.token }).to_string());
    mallory.settle_json();
    mallory.send_json(
        &json!({ "kind": "join", "ticket": ticket, "stream": "0000000000000000000000000000000c" }).to_string(),
    );
    mallory.settle_json();
    for (request, (name, mut frame)) in (800..).zip(rows) {
        frame["kind"] = json!(snake(name));
        if !["Note", "NoteTyping"].contains(&name) {
            frame["request"] = json!(request);
        }
        mallory.send_json(&frame.to_string());
        let answer = match name {
            "NoteTyping" => continue,
            "Note" => mallory.acknowledged(ticket, 1).map(|_| ()),
            _ => mallory.done(request),
        };
        // What is no discussion is none to moderate.
        let refusal = if name == "Moderate" { Refusal::UnknownTicket } else { Refusal::Forbidden };
        assert_eq!(answer.map_err(|no| Refusal::from_number(no.code).unwrap()), Err(refusal), "{name}");
    }
    let heard = mallory.settle_json();
    let is_news =
        |frame: &&ServerFrame| crate::client::place(frame).is_some() || matches!(frame, ServerFrame::Staff(_));
    assert_eq!(heard.iter().find(is_news), None, "nobody was told anything");
    alice.join(ticket, 21, 0).unwrap();
    assert_eq!(carl.join(ticket, 11, 2).unwrap(), [], "nothing was written");
    assert_eq!(violations(&engine), 0.0);
}

fn refusal((status, no): (u16, Value)) -> (u16, Option<Refusal>) {
    (status, no["code"].as_u64().and_then(|code| Refusal::from_number(code as u16)))
}

/// A supervisor reaches for an agent who is none of his, with his team and his tickets; and evaluates one who is.
fn reach_for_an_agent(sam: &Caller, bobs: PersonId, alices: PersonId, tickets: &[TicketId]) {
    let nobody = (404, Some(Refusal::UnknownAgent));
    let floor = format!("/floor/agents/{bobs}");
    assert_eq!(refusal(sam.ask("PUT", &format!("{floor}/status"), "", json!({ "status": "away" }))), nobody);
    assert_eq!(refusal(sam.ask("POST", &format!("{floor}/sign-out"), "", json!({}))), nobody);
    assert_eq!(refusal(sam.ask("POST", &format!("{floor}/take-back"), "", json!({ "taken": "requeue" }))), nobody);
    let all = json!({ "tickets": tickets.iter().map(|ticket| json!({ "ticket": ticket })).collect::<Vec<_>>(), "reason": "x" });
    let items = sam.ask("POST", "/floor/close", "", all).1["items"].clone();
    let codes: Vec<&Value> = items.as_array().unwrap().iter().map(|item| &item["code"]).collect();
    assert_eq!(codes, [&json!(103), &json!(103)], "each is unknown to him");
    let slots = json!({ "live": 0, "asynchronous": 0 });
    assert_eq!(refusal(sam.ask("PUT", "/floor/teams/1/slots", "", slots)), (404, Some(Refusal::UnknownTeam)));
    assert_eq!(sam.get(&format!("/evaluations?agent={bobs}")).0, 404, "he is none of his");
    let said = |agent| json!({ "agent": agent, "form": 1, "marks": [5] });
    let (status, no) = sam.ask("POST", "/evaluations", "", said(bobs));
    assert_eq!(
        (status, no["words"].as_str().is_some_and(|words| words.contains("no such agent"))),
        (422, true),
        "{no}"
    );
    assert_eq!(sam.ask("POST", "/evaluations", "", said(alices)).0, 201, "she is his");
    assert_eq!(sam.get(&format!("/evaluations?agent={alices}")).0, 200);
}

/// A22, A03, B09, B12, B22, B30: a supervisor of another team and an agent of another category reach for a ticket, an agent
/// and a team that are none of theirs: all are unknown to them, and nothing comes of it.
#[test]
fn what_is_none_of_theirs_is_unknown_to_supervisors_and_agents() {
    let engine = Engine::start();
    let admin = Caller::staff(&engine, "admin");
    let alices = sam_leads_alice_alone(&admin);
    let bobs = person(&admin, "Bob");
    let form = json!({ "name": "talk", "scale": 5, "criteria": [{ "name": "tone", "weight": 1 }] });
    assert_eq!(admin.ask("POST", "/admin/evaluation-forms", "", form).0, 201);
    let mut bob = Client::agent(&engine, "bob");
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let [held, waits] = [(1, "general"), (2, "technical")].map(|(key, name)| carl.start_chat(name, key).unwrap());
    assert_eq!(bob.yours(), held);
    let unknown = (404, Some(Refusal::UnknownTicket));
    for name in ["sam", "alice"] {
        let caller = Caller::staff(&engine, name);
        for ticket in [held, waits] {
            for (act, body) in [
                ("escalate", json!({ "on": true })),
                ("ignore", json!({ "on": true })),
                ("hand-over", json!({ "agent": alices, "manner": "at_once" })),
                ("hand-over", json!({ "agent": alices, "manner": "if_accepted" })),
                ("hand-over", json!({ "agent": alices, "manner": "beyond_limit" })),
                ("transfer-to-category", json!({ "category": "billing" })),
                ("wrap-up", json!({ "more_s": 60 })),
                ("read", json!({ "seq": 1 })),
                ("reopen", json!({})),
                ("take-part", json!({})),
                ("hold", json!({})),
            ] {
                assert_eq!(refusal(caller.act(ticket, act, body)), unknown, "{name}: {act}");
            }
            let note = caller.ask("POST", &format!("/tickets/{ticket}/notes"), "k", json!({ "text": "x" }));
            assert_eq!(refusal(note), unknown, "{name}: note");
            for read in ["", "/events", "/read-marks", "/routing"] {
                assert_eq!(refusal(caller.get(&format!("/tickets/{ticket}{read}"))), unknown, "{name}: {read}");
            }
            assert_eq!(refusal(caller.get(&format!("/canned-replies?ticket={ticket}"))), unknown, "{name}: canned");
        }
        assert_eq!(caller.get("/canned-replies?category=general").0, 403, "{name}");
    }
    reach_for_an_agent(&Caller::staff(&engine, "sam"), bobs, alices, &[held, waits]);

    let settled = bob.settle();
    assert!(!settled.iter().any(|frame| matches!(frame, ServerFrame::Public(PublicFrame::Notified(_)))), "{settled:?}");
    bob.join(held, 21, 0).unwrap();
    let (_, page) = Caller::staff(&engine, "admin").get(&format!("/tickets/{held}/events"));
    let kinds: Vec<&str> =
        page["events"].as_array().unwrap().iter().filter_map(|event| event["kind"].as_str()).collect();
    assert_eq!(kinds, ["opened", "assigned", "watch_began"], "nothing of it is in its log but who looks now");
    assert_eq!(violations(&engine), 0.0);
}
