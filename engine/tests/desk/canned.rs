//! Canned replies: managed by admins, filled in for the ticket of whoever answers.

use deskwire_protocol::kinds::{self, PublicFrame, StaffFrame};
use deskwire_protocol::{Refusal, ServerFrame, TicketId};
use serde_json::{Value, json};

use crate::client::Client;
use crate::engine::Engine;
use crate::http::Caller;

const REPLIES: &str = "/admin/canned-replies";

fn make(admin: &Caller, title: &str, category: Option<&str>, text: &str) -> (u16, Value) {
    admin.ask("POST", REPLIES, "", json!({ "title": title, "category": category, "text": text }))
}

/// The replies for a ticket, by a frame.
fn asked(client: &mut Client, ticket: TicketId, after: u32) -> Result<kinds::CannedReplies, Refusal> {
    let request = client.request();
    client.send(kinds::AskCanned { request, ticket, after });
    client.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::CannedReplies(replies)) if replies.request == request => {
            Some(Ok(replies.clone()))
        }
        ServerFrame::Public(PublicFrame::Refused(no)) if no.request == request => {
            Some(Err(Refusal::from_number(no.code).unwrap()))
        }
        _ => None,
    })
}

/// C15: filled in for the ticket, by a frame and by HTTP; a name that looks like a placeholder stays as it is.
#[test]
fn canned_replies_of_a_category_are_filled_in_for_its_ticket() {
    let mut engine = Engine::start();
    let admin = Caller::staff(&engine, "admin");
    assert_eq!(make(&admin, "greeting", None, "Dear {customer}, {agent} here.").0, 201);
    assert_eq!(make(&admin, "invoice", Some("billing"), "Your invoice, {customer}.").0, 201);
    let (_, third) = make(&admin, "printer", Some("general"), "{{ticket}} {ticket} in {category}");
    assert_eq!(third["id"], 3);

    let mut agent = Client::agent(&engine, "alice");
    let (mut customer, _) = Client::customer(&engine, "{agent}");
    let ticket = customer.start_chat("general", 1).unwrap();
    assert_eq!(agent.yours(), ticket);
    let expected = vec![
        ("greeting".to_owned(), "Dear {agent}, Alice here.".to_owned()),
        ("printer".to_owned(), format!("{{ticket}} {ticket} in general")),
    ];
    let of = |replies: &kinds::CannedReplies| {
        replies.replies.iter().map(|one| (one.title.clone(), one.text.clone())).collect::<Vec<_>>()
    };
    let replies = asked(&mut agent, ticket, 0).unwrap();
    assert_eq!((of(&replies), replies.more), (expected.clone(), false));
    assert_eq!(of(&asked(&mut agent, ticket, 1).unwrap()), expected[1..]);

    let alice = Caller::staff(&engine, "alice");
    let (status, filled) = alice.get(&format!("/canned-replies?ticket={ticket}"));
    assert_eq!((status, &filled["replies"][0]["text"]), (200, &json!("Dear {agent}, Alice here.")));
    let (status, written) = alice.get("/canned-replies?category=billing");
    assert_eq!((status, written["replies"].as_array().unwrap().len()), (200, 2), "{written}");
    assert_eq!(written["replies"][1]["text"], "Your invoice, {customer}.");

    // What is changed and removed is so at once, and after a kill.
    let changed = json!({ "title": "hello", "text": "Hello {customer}" });
    assert_eq!(admin.ask("PUT", &format!("{REPLIES}/1"), "", changed).0, 200);
    assert_eq!(admin.ask("DELETE", &format!("{REPLIES}/3"), "", Value::Null).0, 204);
    assert_eq!(of(&asked(&mut agent, ticket, 0).unwrap()), [("hello".to_owned(), "Hello {agent}".to_owned())]);
    assert!(engine.wait_for("a canned reply was removed").contains("printer"));
    engine.kill();
    engine.restart();
    let admin = Caller::staff(&engine, "admin");
    let (_, all) = admin.get(REPLIES);
    assert_eq!((&all["replies"][0]["title"], &all["more"]), (&json!("hello"), &json!(false)), "{all}");
    assert_eq!(make(&admin, "printer", None, "x").1["id"], 4, "a number is never given twice");
}

/// C15, A11: each wrong value is named; nobody but those who may manages or reads them.
#[test]
fn a_canned_reply_that_cannot_be_is_refused_by_name() {
    let engine = Engine::start();
    let admin = Caller::staff(&engine, "admin");
    for (value, words) in [
        (json!({ "title": "x", "text": "Dear {name}" }), "{name}"),
        (json!({ "title": "x", "text": "Dear {customer" }), "byte 5"),
        (json!({ "title": "x", "text": " " }), "text"),
        (json!({ "title": "x", "text": "x".repeat(4_097) }), "4097"),
        (json!({ "title": "", "text": "x" }), "title"),
        (json!({ "title": "x".repeat(81), "text": "x" }), "title"),
        (json!({ "title": "x", "text": "x", "category": "nonsense" }), "nonsense"),
        (json!({ "title": "x", "text": "x", "id": 7 }), "id"),
        (json!({ "title": "x" }), "text"),
    ] {
        let (status, no) = admin.ask("POST", REPLIES, "", value.clone());
        assert_eq!(status, 422, "{value}: {no}");
        assert!(no["words"].as_str().unwrap().contains(words), "{value}: {no}");
    }
    assert_eq!(admin.get(REPLIES).1["replies"], json!([]));
    for id in ["1", "0", "x", "4294967296"] {
        let path = format!("{REPLIES}/{id}");
        assert_eq!(admin.get(&path).0, 404);
        assert_eq!(admin.ask("PUT", &path, "", json!({ "title": "x", "text": "x" })).0, 404);
        assert_eq!(admin.ask("DELETE", &path, "", Value::Null).0, 404);
    }
    assert_eq!(make(&admin, "x", None, "x").0, 201);

    let (mut carl, welcome) = Client::customer(&engine, "Carl");
    let customer = Caller::new(&engine, welcome.token);
    for caller in [&customer, &Caller::staff(&engine, "alice"), &Caller::staff(&engine, "sam")] {
        assert_eq!((caller.get(REPLIES).0, make(caller, "x", None, "x").0), (403, 403));
    }
    assert_eq!(customer.get("/canned-replies?category=general").0, 403);
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(asked(&mut carl, ticket, 0), Err(Refusal::Forbidden));
    let alice = Caller::staff(&engine, "alice");
    for (query, status) in [
        ("category=nonsense", 422),
        ("", 422),
        (&format!("category=general&ticket={ticket}"), 422),
        ("ticket=nonsense", 422),
        ("ticket=00000000000000ff", 404),
        ("category=general&after=x", 422),
    ] {
        assert_eq!(alice.get(&format!("/canned-replies?{query}")).0, status, "{query}");
    }
    // Somebody else's ticket answers as one that does not exist.
    let mut agent = Client::agent(&engine, "alice");
    assert_eq!(agent.yours(), ticket);
    let mut bob = Client::agent(&engine, "bob");
    assert_eq!(asked(&mut bob, ticket, 0), Err(Refusal::UnknownTicket));
    // A category that is not his.
    let (_, staff) = admin.get("/admin/agents");
    let line = staff.as_array().unwrap().iter().find(|line| line["name"] == "Bob").unwrap();
    let path = format!("/admin/agents/{}/profile", line["person"].as_str().unwrap());
    let (_, mut profile) = admin.get(&path);
    profile["categories"] = json!(["billing"]);
    assert_eq!(admin.ask("PUT", &path, "", profile).0, 200);
    assert_eq!(Caller::staff(&engine, "bob").get("/canned-replies?category=general").0, 403);
}
