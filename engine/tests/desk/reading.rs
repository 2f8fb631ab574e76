//! Read marks at real sockets: shown to the other side, kept, and silent about all that is beside the talk.

use deskwire_protocol::kinds::{self, PublicFrame};
use deskwire_protocol::{NoteKind, Refusal, ServerFrame, TicketId};
use serde_json::{Value, json};

use crate::client::Client;
use crate::engine::Engine;
use crate::http::Caller;

fn read(client: &mut Client, ticket: TicketId, seq: u32) -> Result<(), Refusal> {
    let request = client.request();
    client.send(kinds::ReadUpTo { request, ticket, seq });
    client.done(request).map_err(|no| Refusal::from_number(no.code).unwrap())
}

/// The next marks, as member and number.
fn marks(client: &mut Client) -> Vec<(u16, u32)> {
    client.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::ReadMarks(marks)) => {
            Some(marks.marks.iter().map(|mark| (mark.author, mark.seq)).collect())
        }
        _ => None,
    })
}

fn has_marks(frames: &[ServerFrame]) -> bool {
    frames.iter().any(|frame| matches!(frame, ServerFrame::Public(PublicFrame::ReadMarks(_))))
}

/// C12, C13, C14: told live to the other side in its own numbers, also over a kill; a note read and a silent watch move
/// nothing.
#[test]
fn read_marks_are_shown_kept_and_leak_nothing() {
    let mut engine = Engine::start();
    let mut alice = Client::agent(&engine, "alice");
    let (mut carl, welcome) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), ticket);
    carl.join(ticket, 11, 0).unwrap();
    alice.join(ticket, 21, 0).unwrap();
    carl.post(ticket, 1, "hello");
    assert_eq!(carl.acknowledged(ticket, 1), Ok(3));

    assert_eq!(read(&mut alice, ticket, 3), Ok(()));
    assert_eq!(marks(&mut carl), [(1, 3)]);
    assert_eq!(marks(&mut alice), [(1, 3)]);
    // A note is number 4 of the log: who reads it has read nothing of the customer's.
    alice.send(kinds::Note { ticket, note: NoteKind::Note, number: 1, text: "difficult".into() });
    assert_eq!(alice.acknowledged(ticket, 1), Ok(4));
    assert_eq!(read(&mut alice, ticket, 4), Ok(()));
    let mut sam = Client::hello(&engine, &engine.sign_in("sam"), "").0;
    sam.join_all(ticket, 31, 0).unwrap();
    assert_eq!(marks(&mut sam), [(1, 3)], "who watches sees the marks");
    assert_eq!(read(&mut sam, ticket, 4), Err(Refusal::Forbidden), "and leaves none");
    assert!(!has_marks(&carl.settle()));
    carl.post(ticket, 2, "still there?");
    assert_eq!(carl.acknowledged(ticket, 2), Ok(4));
    // It is number 6 of the log, behind the note and the beginning of the watch.
    assert_eq!(read(&mut alice, ticket, 6), Ok(()));
    assert_eq!(marks(&mut carl), [(1, 4)]);
    assert_eq!(marks(&mut alice), [(1, 6)]);
    assert_eq!(read(&mut carl, ticket, 4), Ok(()));
    assert_eq!(marks(&mut alice), [(0, 6)]);

    engine.kill();
    engine.restart();
    let (mut carl, _) = Client::hello(&engine, &welcome.token, "");
    carl.join(ticket, 12, 4).unwrap();
    assert_eq!(marks(&mut carl), [(0, 4), (1, 4)]);
    assert_eq!(read(&mut carl, ticket, 2), Ok(()), "never back");
    let (mut alice, _) = Client::hello(&engine, &engine.sign_in("alice"), "");
    alice.join_all(ticket, 22, 5).unwrap();
    assert_eq!(marks(&mut alice), [(0, 6), (1, 6)]);
}

/// C12, C19: the same by HTTP; what cannot be read is refused by name.
#[test]
fn read_marks_go_by_http_too() {
    let engine = Engine::start();
    let mut agent = Client::agent(&engine, "alice");
    let (mut customer, welcome) = Client::customer(&engine, "Carl");
    let ticket = customer.start_chat("general", 1).unwrap();
    assert_eq!(agent.yours(), ticket);
    customer.join(ticket, 11, 0).unwrap();
    let (carl, alice) = (Caller::new(&engine, welcome.token), Caller::staff(&engine, "alice"));
    assert_eq!(alice.get(&format!("/tickets/{ticket}/read-marks")).1["marks"], json!([]));
    assert_eq!(alice.act(ticket, "read", json!({ "seq": 2 })), (204, Value::Null));
    assert_eq!(marks(&mut customer), [(1, 2)]);
    let (status, shown) = carl.get(&format!("/tickets/{ticket}/read-marks"));
    assert_eq!((status, &shown["marks"]), (200, &json!([{ "author": 1, "seq": 2 }])));
    for (caller, body, status, error) in [
        (&carl, json!({ "seq": 3 }), 409, "Ahead"),
        (&carl, json!({}), 422, "Malformed"),
        (&carl, json!({ "seq": -1 }), 422, "Malformed"),
        (&Caller::staff(&engine, "bob"), json!({ "seq": 1 }), 404, "UnknownTicket"),
        (&Caller::staff(&engine, "sam"), json!({ "seq": 1 }), 403, "Forbidden"),
        (&Caller::staff(&engine, "admin"), json!({ "seq": 1 }), 403, "Forbidden"),
    ] {
        let (found, no) = caller.act(ticket, "read", body.clone());
        assert_eq!((found, &no["error"]), (status, &json!(error)), "{body}");
    }
    let nowhere = TicketId(0xff);
    assert_eq!(carl.act(nowhere, "read", json!({ "seq": 1 })).0, 404);
    assert_eq!(carl.get(&format!("/tickets/{nowhere}/read-marks")).0, 404);
}
