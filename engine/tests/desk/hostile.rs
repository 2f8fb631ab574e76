//! Clients that mean harm: what they do to the engine, to others, and to what they are told.

use deskwire_protocol::kinds::{self, PublicFrame, StaffFrame};
use deskwire_protocol::{Refusal, ServerFrame, Status, Step, StreamId};

use crate::client::Client;
use crate::engine::Engine;

/// Promise 6: a leave that overtakes its join on the way to the room leaves no registration behind.
#[test]
fn who_leaves_hears_nothing_more_however_fast_he_does() {
    let engine = Engine::with(&[("ACTORS_IDLE_SECONDS", "1")]);
    let (mut writer, welcome) = Client::customer(&engine, "Carl");
    let ticket = writer.start_chat("technical", 1).unwrap();
    let (mut leaver, _) = Client::hello(&engine, &welcome.token, "");
    engine.wait_until("deskwire_actors{actor=\"room\"}", |rooms| rooms == 0.0);
    leaver.send(kinds::Join { ticket, stream: StreamId(9), after: 0 });
    leaver.send(kinds::Leave { ticket });
    leaver.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::Page(_)) => Some(()),
        _ => None,
    });
    writer.join(ticket, 11, 0).unwrap();
    writer.post(ticket, 1, "not for him");
    writer.acknowledged(ticket, 1).unwrap();
    let heard = leaver.settle();
    let message = |frame: &ServerFrame| matches!(frame, ServerFrame::Public(PublicFrame::OwnMessage(_)));
    assert!(!heard.iter().any(message), "{heard:?}");
}

/// Promise 6: customers who come and go leave no actors behind.
#[test]
fn a_customer_who_is_gone_takes_his_actor_along() {
    let engine = Engine::start();
    for _ in 0..50 {
        Client::customer(&engine, "Carl");
        // This one does not wait for his actor to have begun.
        let hello = kinds::Hello { token: String::new(), name: "Carl".into(), email: String::new() };
        Client::connect(engine.address).send(hello);
    }
    engine.wait_until("deskwire_actors{actor=\"customer\"}", |customers| customers == 0.0);
}

/// A02, A11: an admin takes no tickets, by himself or by hand: the one table says so at every door.
#[test]
fn an_admin_takes_no_tickets() {
    let engine = Engine::start();
    let (mut customer, _) = Client::customer(&engine, "Carl");
    let ticket = customer.start_chat("technical", 1).unwrap();
    let (mut admin, _) = Client::hello(&engine, &engine.sign_in("admin"), "");
    admin.send(kinds::SetStatus { request: 71, status: Status::Available });
    assert_eq!(admin.done(71).unwrap_err().code, Refusal::Forbidden.number());
    admin.send(kinds::WatchQueue { request: 72, on: true });
    admin.done(72).unwrap();
    admin.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::QueueEntry(entry)) if entry.ticket == ticket => Some(()),
        _ => None,
    });
    admin.send(kinds::Pick { request: 73, ticket });
    assert_eq!(admin.done(73).unwrap_err().code, Refusal::Forbidden.number());
}

/// Each metric that a chat must move has moved; what must stay 0 has.
#[test]
fn what_operators_look_at_moves() {
    let engine = Engine::start();
    let mut customer = Client::customer(&engine, "Carl").0;
    let ticket = customer.start_chat("general", 1).unwrap();
    engine.wait_until("deskwire_queue_oldest_wait_seconds", |wait| wait > 0.0);
    let mut agent = Client::agent(&engine, "alice");
    assert_eq!(agent.yours(), ticket);
    engine.wait_until("deskwire_queue_oldest_wait_seconds", |wait| wait == 0.0);
    customer.join(ticket, 11, 0).unwrap();
    customer.post(ticket, 1, "hello");
    customer.acknowledged(ticket, 1).unwrap();
    for moved in [
        "deskwire_sockets_signed_in{role=\"customer\"}",
        "deskwire_frames_in_total",
        "deskwire_frames_out_total",
        "deskwire_queue_wait_seconds_count",
        "deskwire_matches_total{routing=\"automatic\"}",
        "deskwire_store_appends_total",
        "deskwire_store_records_total",
        "deskwire_store_commit_seconds_count",
        "deskwire_disk_free_bytes",
    ] {
        assert!(engine.metric(moved) > 0.0, "{moved}");
    }
    let (_, text) = engine.http(engine.ops, "GET", "/metrics", "");
    let violations = text.lines().filter(|line| line.starts_with("deskwire_invariant_violations_total{"));
    assert!(violations.clone().count() > 0 && violations.clone().all(|line| line.ends_with(" 0")), "{text}");
}

/// C20: texts that JSON spells six times as long do not shut the ticket to those who read JSON.
#[test]
fn no_text_keeps_a_json_client_out_of_a_ticket() {
    let engine = Engine::start();
    let (mut customer, welcome) = Client::customer(&engine, "Carl");
    let ticket = customer.start_chat("technical", 1).unwrap();
    customer.join(ticket, 11, 0).unwrap();
    for number in 1..=3 {
        customer.post(ticket, number, &"\u{1}".repeat(16 * 1024));
        customer.acknowledged(ticket, number).unwrap();
    }
    let mut reader = Client::open(engine.address, "/ws", "deskwire.v1.json");
    reader.send_bytes(0x81, format!(r#"{{"kind":"hello","token":"{}"}}"#, welcome.token).as_bytes());
    let join = format!(r#"{{"kind":"join","ticket":"{ticket}","stream":"{}"}}"#, "0".repeat(31) + "9");
    reader.send_bytes(0x81, join.as_bytes());
    let page = reader.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::Page(page)) => Some(page.clone()),
        _ => None,
    });
    assert_eq!((page.events.frames().unwrap().len(), page.more), (4, false));
}

/// A refusal's words keep their bound, whatever they quote.
#[test]
fn a_refusal_does_not_repeat_a_book() {
    let engine = Engine::start();
    let mut client = Client::open(engine.address, "/ws", "deskwire.v1.json");
    client.send_bytes(0x81, br#"{"kind":"hello","name":"Carl"}"#);
    client.send_bytes(0x81, format!(r#"{{"kind":"{}"}}"#, "ä".repeat(15_000)).as_bytes());
    let no = client.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::Refused(no)) => Some(no.clone()),
        _ => None,
    });
    assert_eq!(no.code, Refusal::Malformed.number());
    assert!(no.detail.len() <= deskwire_protocol::limits::DETAIL_BYTES_MAX, "{}", no.detail.len());
}

/// Promise 6: as many tickets wait as may, however they came to wait.
#[test]
fn a_full_queue_takes_no_reopened_ticket_either() {
    let engine = Engine::with(&[("DESK_WAITING", "1")]);
    let (mut customer, _) = Client::customer(&engine, "Carl");
    let first = customer.start_chat("technical", 1).unwrap();
    customer.advance(first, Step::Close, "").unwrap();
    engine.wait_until("deskwire_queue_waiting", |waiting| waiting == 0.0);
    customer.start_chat("technical", 2).unwrap();
    engine.wait_until("deskwire_queue_waiting", |waiting| waiting == 1.0);
    assert_eq!(customer.start_chat("technical", 3).unwrap_err().code, Refusal::Full.number());
    assert_eq!(customer.advance(first, Step::Reopen, "").unwrap_err().code, Refusal::Full.number());
}

/// C02: who had a ticket and lost it is answered as a stranger is.
#[test]
fn an_agent_who_lost_a_ticket_is_a_stranger_to_it() {
    let engine = Engine::start();
    let (mut customer, _) = Client::customer(&engine, "Carl");
    let ticket = customer.start_chat("technical", 1).unwrap();
    let pick = |agent: &mut Client| {
        agent.send(kinds::Pick { request: 81, ticket });
        agent.done(81).unwrap();
    };
    let (mut alice, mut bob) = (Client::agent(&engine, "alice"), Client::agent(&engine, "bob"));
    pick(&mut alice);
    alice.join(ticket, 21, 0).unwrap();
    alice.advance(ticket, Step::Requeue, "").unwrap();
    pick(&mut bob);
    for number in [0, 1, 2] {
        alice.post(ticket, number, "still here");
        assert_eq!(alice.acknowledged(ticket, number).unwrap_err().code, Refusal::UnknownTicket.number(), "{number}");
    }
}
