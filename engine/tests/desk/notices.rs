//! Who is given notice of what: live at any socket, in a list that stays, and to nobody else.

use deskwire_protocol::kinds::{self, PublicFrame, StaffFrame};
use deskwire_protocol::{NoteKind, NoticeWord, ServerFrame, Status, Step, StreamId, TicketId};
use serde_json::{Value, json};

use crate::client::Client;
use crate::engine::Engine;
use crate::http::Caller;

/// The next notice.
fn notified(client: &mut Client) -> kinds::Notified {
    client.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::Notified(notice)) => Some(notice.clone()),
        _ => None,
    })
}

fn what(client: &mut Client) -> (NoticeWord, TicketId, String) {
    let notice = notified(client);
    (notice.what, notice.ticket, notice.by)
}

/// The list, by a frame.
fn list(client: &mut Client) -> (u32, Vec<(u32, NoticeWord, bool)>) {
    let request = client.request();
    client.send(kinds::AskNotices { request, before: 0 });
    client.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::Notices(notices)) if notices.request == request => {
            let lines = notices.notices.iter().map(|one| (one.number, one.what, one.read)).collect();
            Some((notices.unread, lines))
        }
        _ => None,
    })
}

fn mark(client: &mut Client, number: u32) {
    let request = client.request();
    client.send(kinds::MarkNotices { request, number });
    client.done(request).unwrap();
}

fn new_ticket(client: &mut Client) -> (TicketId, String) {
    client.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::NewTicket(new)) => Some((new.ticket, new.category.clone())),
        _ => None,
    })
}

fn hears_of(frames: &[ServerFrame], ticket: TicketId) -> bool {
    frames.iter().any(|frame| matches!(frame, ServerFrame::Staff(StaffFrame::NewTicket(new)) if new.ticket == ticket))
}

fn transfer(client: &mut Client, ticket: TicketId, agent: deskwire_protocol::PersonId) {
    let request = client.request();
    client.send(kinds::Transfer { request, ticket, agent, reason: "he knows printers".into() });
    client.done(request).unwrap();
}

/// E02: a customer hears of what becomes of his ticket at a socket that has not joined it, not of his own doing; the
/// list is there after a kill.
#[test]
fn a_customer_hears_of_his_ticket_at_any_socket() {
    let mut engine = Engine::start();
    let mut alice = Client::agent(&engine, "alice");
    let (mut carl, welcome) = Client::customer(&engine, "Carl");
    let (mut phone, _) = Client::hello(&engine, &welcome.token, "");
    let (mut other, _) = Client::customer(&engine, "Eve");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), ticket);
    for socket in [&mut carl, &mut phone] {
        assert_eq!(what(socket), (NoticeWord::Accepted, ticket, "Alice".into()));
    }
    let (mut bob, bobs) = Client::hello(&engine, &engine.sign_in("bob"), "");
    let request = bob.request();
    bob.send(kinds::SetStatus { request, status: Status::Available });
    bob.done(request).unwrap();
    transfer(&mut alice, ticket, bobs.person);
    assert_eq!(what(&mut phone), (NoticeWord::Transferred, ticket, "Bob".into()));
    let given = notified(&mut bob);
    assert_eq!((given.what, given.detail.as_str()), (NoticeWord::Given, "he knows printers"));
    bob.advance(ticket, Step::Close, "solved").unwrap();
    let closed = notified(&mut phone);
    assert_eq!((closed.what, closed.detail.as_str(), closed.unread), (NoticeWord::Closed, "solved", 3));
    let second = carl.start_chat("technical", 2).unwrap();
    assert_eq!(Caller::staff(&engine, "alice").act(second, "reject", json!({ "reason": "spam" })).0, 204);
    assert_eq!(what(&mut phone).0, NoticeWord::Rejected);
    let third = carl.start_chat("technical", 3).unwrap();
    carl.advance(third, Step::Abandon, "").unwrap();

    engine.kill();
    engine.restart();
    let (mut carl, _) = Client::hello(&engine, &welcome.token, "");
    let (unread, lines) = list(&mut carl);
    let words: Vec<NoticeWord> = lines.iter().map(|(_, what, _)| *what).collect();
    assert_eq!(unread, 4);
    assert_eq!(words, [NoticeWord::Rejected, NoticeWord::Closed, NoticeWord::Transferred, NoticeWord::Accepted]);
    let told = |frames: Vec<ServerFrame>| {
        frames.into_iter().any(|frame| matches!(frame, ServerFrame::Public(PublicFrame::Notified(_))))
    };
    assert!(!told(std::mem::take(&mut other.heard)), "another customer hears nothing");
}

/// E03: what a kill came before is told once after it, and what was told before it is not told again.
#[test]
fn a_kill_loses_and_doubles_no_notice() {
    let mut engine = Engine::start();
    let (_, welcome) = Client::customer(&engine, "Carl");
    for round in 1..=4_u32 {
        let mut alice = Client::agent(&engine, "alice");
        let (mut carl, _) = Client::hello(&engine, &welcome.token, "");
        let ticket = carl.start_chat("general", u128::from(round)).unwrap();
        assert_eq!(alice.yours(), ticket);
        // Acknowledged, and perhaps not told of: the kill comes in the same moment.
        alice.advance(ticket, Step::Close, "solved").unwrap();
        if round % 2 == 0 {
            while list(&mut carl).0 < 2 * round {}
        }
        engine.kill();
        engine.restart();
    }
    let (mut carl, _) = Client::hello(&engine, &welcome.token, "");
    while list(&mut carl).0 < 8 {}
    let mut alice = Client::agent(&engine, "alice");
    let ticket = carl.start_chat("general", 9).unwrap();
    assert_eq!(alice.yours(), ticket);
    assert_eq!(what(&mut carl), (NoticeWord::Accepted, ticket, "Alice".into()));
    let (unread, lines) = list(&mut carl);
    assert_eq!((unread, lines.len()), (9, 9), "{lines:?}");
    assert!(lines.iter().rev().map(|(number, ..)| *number).eq(1..=9));
}

/// E03: unread count, pages, one and all marked, seen by the other tab, kept over a kill; by frame and by HTTP.
#[test]
fn notices_are_marked_as_read_and_stay_so() {
    let mut engine = Engine::start();
    let mut alice = Client::agent(&engine, "alice");
    let (mut carl, welcome) = Client::customer(&engine, "Carl");
    for key in 1..=3 {
        let ticket = carl.start_chat("general", key).unwrap();
        assert_eq!(alice.yours(), ticket);
        assert_eq!(notified(&mut carl).number, key as u32);
    }
    let (mut phone, _) = Client::hello(&engine, &welcome.token, "");
    mark(&mut carl, 2);
    let read = |client: &mut Client| {
        client.wait(|frame| match frame {
            ServerFrame::Public(PublicFrame::NoticesRead(read)) => Some((read.number, read.unread)),
            _ => None,
        })
    };
    assert_eq!(read(&mut phone), (2, 2));
    mark(&mut carl, 2);
    mark(&mut carl, 77);
    let mine = Caller::new(&engine, welcome.token.clone());
    let (status, page) = mine.get("/me/notifications");
    assert_eq!((status, &page["unread"], &page["notices"][1]["read"]), (200, &json!(2), &json!(true)), "{page}");
    let (_, older) = mine.get("/me/notifications?before=2");
    assert_eq!((older["notices"].as_array().unwrap().len(), &older["more"]), (1, &json!(false)));

    engine.kill();
    engine.restart();
    let mine = Caller::new(&engine, welcome.token.clone());
    let (mut carl, _) = Client::hello(&engine, &welcome.token, "");
    assert_eq!(list(&mut carl).0, 2);
    let marked = |body: Value| mine.ask("POST", "/me/notifications/read", "", body);
    assert_eq!(marked(json!({ "number": 3 })).0, 204);
    assert_eq!(read(&mut carl), (3, 1));
    assert_eq!(marked(Value::Null).0, 204);
    assert_eq!(list(&mut carl).0, 0);
    for body in [json!({ "number": -1 }), json!({ "number": "x" }), json!({ "nummer": 1 })] {
        assert_eq!(marked(body).0, 422);
    }
    assert_eq!(mine.get("/me/notifications?before=x").0, 422);
    assert_eq!(Caller::new(&engine, "nonsense").get("/me/notifications").0, 401);
}

/// E01: every agent of the category who is here and the supervisors of the teams that serve it; no admin, no customer,
/// no agent of other categories, nobody who is away from the desk.
#[test]
fn staff_hear_of_a_new_ticket_and_nobody_else_does() {
    let engine = Engine::start();
    let admin = Caller::staff(&engine, "admin");
    let (_, staff) = admin.get("/admin/agents");
    let profile = |name: &str| {
        let line = staff.as_array().unwrap().iter().find(|line| line["name"] == name).unwrap();
        format!("/admin/agents/{}/profile", line["person"].as_str().unwrap())
    };
    let set = |name: &str, field: &str, value: Value| {
        let (_, mut now) = admin.get(&profile(name));
        now[field] = value;
        assert_eq!(admin.ask("PUT", &profile(name), "", now).0, 200);
    };
    assert_eq!(
        admin
            .ask(
                "PUT",
                "/admin/teams/3",
                "",
                json!({ "name": "night", "slots": { "live": null, "asynchronous": null } })
            )
            .0,
        200
    );
    set("Bob", "categories", json!(["billing"]));
    set("Agent 001", "team", json!(3));
    set("Agent 001", "categories", json!(["billing"]));
    let connect = |name: &str| Client::hello(&engine, &engine.sign_in(name), "").0;
    let [mut alice, mut bob, mut sam, mut ada] = ["alice", "bob", "sam", "admin"].map(connect);
    let (mut eve, _) = Client::customer(&engine, "Eve");
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(new_ticket(&mut alice), (ticket, "general".into()), "she need not look at the queue, nor be available");
    assert_eq!(new_ticket(&mut sam), (ticket, "general".into()), "his team serves it");
    for (name, client) in [("bob", &mut bob), ("admin", &mut ada), ("eve", &mut eve), ("carl", &mut carl)] {
        assert!(!hears_of(&client.settle(), ticket), "{name}");
    }
    // A supervisor of the night hears of what the night serves.
    set("Sam Supervisor", "team", json!(3));
    let mut sam = connect("sam");
    let (other, billing) = (carl.start_chat("general", 2).unwrap(), carl.start_chat("billing", 3).unwrap());
    assert_eq!(new_ticket(&mut sam), (billing, "billing".into()));
    assert_eq!(new_ticket(&mut bob), (billing, "billing".into()));
    assert!(!hears_of(&sam.settle(), other));
}

/// E03, C13: an agent is told of a ticket that is taken from him and of a whisper, without its words; his customer of
/// neither.
#[test]
fn an_agent_is_told_of_a_whisper_and_of_a_ticket_that_is_taken() {
    let engine = Engine::start();
    let mut alice = Client::agent(&engine, "alice");
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), ticket);
    assert_eq!(what(&mut carl).0, NoticeWord::Accepted);
    let mut sam = Client::agent(&engine, "sam");
    sam.join_all(ticket, 31, 0).unwrap();
    let (note, number) = (NoteKind::Whisper, 1);
    sam.send(kinds::Note { ticket, note, number, text: "ask for the model".into() });
    sam.acknowledged(ticket, number).unwrap();
    let whispered = notified(&mut alice);
    assert_eq!((whispered.what, whispered.by.as_str()), (NoticeWord::Whispered, "Sam Supervisor"));
    assert!(!whispered.detail.contains("model"));
    let request = sam.request();
    sam.send(kinds::TakeOver { request, ticket, reason: "mine".into() });
    sam.done(request).unwrap();
    assert_eq!(what(&mut alice), (NoticeWord::TakenAway, ticket, "Sam Supervisor".into()));
    // By then all that was to be told him is: the next of his is that of the other agent.
    assert_eq!(what(&mut carl), (NoticeWord::Transferred, ticket, "Sam Supervisor".into()));
    let stream = StreamId(21);
    alice.send(kinds::Join { ticket, stream, after: 0 });
    assert_eq!(list(&mut sam).1, vec![], "what one did oneself one knows");
}
