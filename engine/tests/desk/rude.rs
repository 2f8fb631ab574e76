//! Bad input at the desk: a numbered refusal or a close code with words, and nobody else is affected.

use deskwire_protocol::kinds::{self, PublicFrame};
use deskwire_protocol::{CloseCode, Refusal, ServerFrame};

use crate::client::Client;
use crate::engine::Engine;

/// Each wrong beginning ends the connection with its own code.
#[test]
fn wrong_beginnings_are_closed_with_words() {
    let engine = Engine::start();
    let hello = || kinds::Hello { token: String::new(), name: "x".into(), email: String::new() };
    let first = |frame: kinds::ClientFrame| {
        let mut client = Client::connect(engine.address);
        client.send(frame);
        client.closed()
    };
    assert_eq!(first(kinds::Ping { nonce: 1 }.into()), CloseCode::HelloOutOfPlace.number());
    let (mut twice, _) = Client::customer(&engine, "Carl");
    twice.send(hello());
    assert_eq!(twice.closed(), CloseCode::HelloOutOfPlace.number());
    for garbage in [&[][..], &[0], &[200, 1, 2], &[5], &[5, 1, 2, 3]] {
        let (mut client, _) = Client::customer(&engine, "Carl");
        client.send_bytes(0x82, garbage);
        assert_eq!(client.closed(), CloseCode::Malformed.number(), "{garbage:?}");
    }
    let (mut text, _) = Client::customer(&engine, "Carl");
    text.send_bytes(0x81, b"{}");
    assert_eq!(text.closed(), CloseCode::WrongForm.number());
}

/// C20: whoever writes JSON by hand is told what is wrong, and may go on.
#[test]
fn wrong_json_is_refused_with_words() {
    let engine = Engine::start();
    let mut client = Client::open(engine.address, "/ws", "deskwire.v1.json");
    client.send_bytes(0x81, br#"{"kind":"hello","name":"Carl"}"#);
    for (text, words) in [
        (r#"{"kind":"post","ticket":"0000000000000001","number":1}"#, "missing field `text`"),
        (r#"{"kind":"post","ticket":"1","number":1,"text":""}"#, "hexadecimal digits"),
        (r#"{"kind":"pots"}"#, "unknown variant"),
        (r#"{"kind":"ping","nonce":1,"more":2}"#, "unknown field"),
        ("not json", "expected"),
    ] {
        client.send_bytes(0x81, text.as_bytes());
        let no = client.wait(|frame| match frame {
            ServerFrame::Public(PublicFrame::Refused(no)) => Some(no.clone()),
            _ => None,
        });
        assert_eq!(no.code, Refusal::Malformed.number());
        assert!(no.detail.contains(words), "{text}: {}", no.detail);
    }
    client.send_bytes(0x81, br#"{"kind":"ping","nonce":7}"#);
    let nonce = client.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::Pong(pong)) => Some(pong.nonce),
        _ => None,
    });
    assert_eq!(nonce, 7);
}

/// Bounds of the table are refusals: the connection stays.
#[test]
fn what_is_too_long_is_refused() {
    let engine = Engine::start();
    let (mut customer, _) = Client::customer(&engine, "Carl");
    let ticket = customer.start_chat("technical", 1).unwrap();
    customer.join(ticket, 11, 0).unwrap();
    customer.post(ticket, 1, &"x".repeat(deskwire_protocol::limits::TEXT_BYTES_MAX + 1));
    let no = customer.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::Refused(no)) => Some(no.clone()),
        _ => None,
    });
    assert_eq!(no.code, Refusal::Malformed.number());
    assert!(no.detail.contains("text"), "{}", no.detail);
    customer.post(ticket, 1, &"x".repeat(deskwire_protocol::limits::TEXT_BYTES_MAX));
    customer.acknowledged(ticket, 1).unwrap();
    customer.send(kinds::Post { ticket, number: 2, text: " ".into() });
    assert_eq!(customer.acknowledged(ticket, 2).unwrap_err().code, Refusal::EmptyText.number());
}

/// A nearly full disk is a state with two marks: posts stop first, reading and signing in go on.
#[test]
fn a_nearly_full_disk_refuses_posts_and_goes_on_reading() {
    let engine = Engine::with(&[("STORE_DISK_LOW_MIB", "1000000"), ("STORE_BALLAST_MIB", "0")]);
    let (mut customer, _) = Client::customer(&engine, "Carl");
    let no = customer.start_chat("general", 1).unwrap_err();
    assert_eq!(no.code, Refusal::ReadOnly.number());
    assert!(no.retry_ms > 0);
    engine.sign_in("alice");
    assert_eq!(engine.metric("deskwire_disk_state"), 1.0);
    assert_eq!(engine.http(engine.ops, "GET", "/readyz", "").0, 503);
    assert_eq!(engine.http(engine.ops, "GET", "/healthz", "").0, 200);
}

/// C08, C09: what was acknowledged is acknowledged again, on a nearly full disk too; what is new is not taken.
#[test]
fn a_nearly_full_disk_acknowledges_what_it_has() {
    let mut engine = Engine::start();
    let (mut customer, welcome) = Client::customer(&engine, "Carl");
    let ticket = customer.start_chat("technical", 1).unwrap();
    customer.join(ticket, 11, 0).unwrap();
    customer.post(ticket, 1, "on disk");
    let seq = customer.acknowledged(ticket, 1).unwrap();
    engine.kill();
    for mark in ["STORE_DISK_LOW_MIB", "STORE_DISK_LOWEST_MIB"] {
        engine.set(&[("STORE_DISK_LOW_MIB", "1000000"), (mark, "1000000"), ("STORE_BALLAST_MIB", "0")]);
        engine.restart();
        let (mut customer, _) = Client::hello(&engine, &welcome.token, "");
        customer.join(ticket, 11, 0).unwrap();
        customer.post(ticket, 1, "on disk");
        assert_eq!(customer.acknowledged(ticket, 1).unwrap(), seq, "{mark}");
        assert_eq!(customer.start_chat("technical", 1).unwrap(), ticket, "{mark}");
        customer.post(ticket, 2, "one more");
        assert_eq!(customer.acknowledged(ticket, 2).unwrap_err().code, Refusal::ReadOnly.number(), "{mark}");
        engine.kill();
    }
}

/// The limit JOINED_PER_CONNECTION_MAX: tickets that answered no hold no place in it.
#[test]
fn refused_joins_take_no_place() {
    let engine = Engine::start();
    let (mut customer, _) = Client::customer(&engine, "Carl");
    let ticket = customer.start_chat("technical", 1).unwrap();
    for other in 1..=deskwire_protocol::limits::JOINED_PER_CONNECTION_MAX as u64 {
        let no = customer.join(deskwire_protocol::TicketId(other), 11, 0).unwrap_err();
        assert_eq!(no.code, Refusal::UnknownTicket.number());
    }
    customer.join(ticket, 11, 0).unwrap();
    customer.post(ticket, 1, "still heard");
    customer.acknowledged(ticket, 1).unwrap();
}
