//! Who is who: tokens, strangers, and what a wrong one learns.

use deskwire_protocol::kinds::{self, PublicFrame};
use deskwire_protocol::{CloseCode, Refusal, ServerFrame, Step, TicketId};

use crate::client::Client;
use crate::engine::Engine;

/// A01, C02: somebody else's ticket answers exactly as one that does not exist.
#[test]
fn a_strangers_ticket_answers_like_none() {
    let engine = Engine::start();
    let (mut owner, _) = Client::customer(&engine, "Carl");
    let real = owner.start_chat("technical", 1).unwrap();
    let (mut stranger, _) = Client::customer(&engine, "Mallory");
    let mut ask = |ticket: TicketId| {
        let join = stranger.join(ticket, 1, 0).unwrap_err();
        stranger.post(ticket, 1, "let me in");
        let post = stranger.acknowledged(ticket, 1).unwrap_err();
        let close = stranger.advance(ticket, Step::Close, "").unwrap_err();
        stranger.send(kinds::ReadBack { ticket, before: 9 });
        let read = stranger.wait(|frame| match frame {
            ServerFrame::Public(PublicFrame::Refused(no)) => Some(no.clone()),
            _ => None,
        });
        [join, post, close, read].map(|no| (no.code, no.retry_ms, no.expected, no.detail))
    };
    assert_eq!(ask(real), ask(TicketId(real.0 ^ 1)));
    let heard = owner.settle();
    assert!(!heard.iter().any(|frame| matches!(frame, ServerFrame::Public(PublicFrame::Presence(_)))), "{heard:?}");
}

/// A10, A12, A18: tokens in the first frame or the address; a forged one ends the connection, none is logged.
#[test]
fn tokens_let_in_and_are_never_logged() {
    let mut engine = Engine::with(&[("LOG_LEVEL", "trace")]);
    let (_, welcome) = Client::customer(&engine, "Carl");
    let staff = engine.sign_in("alice");
    let mut by_address = Client::open(engine.address, &format!("/ws?token={staff}"), "deskwire.v1");
    let person = by_address.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::Welcome(welcome)) => Some(welcome.name.clone()),
        _ => None,
    });
    assert_eq!(person, "Alice");
    for forged in [format!("{}x", welcome.token), "x".into(), "a.b.c".into(), welcome.token.replace('.', "..")] {
        let mut client = Client::connect(engine.address);
        client.send(kinds::Hello { token: forged, name: String::new(), email: String::new() });
        assert_eq!(client.closed(), CloseCode::Unauthenticated.number());
    }
    assert!(engine.terminate().success());
    let secret =
        |line: &&String| line.contains(&staff) || line.contains(&welcome.token) || line.contains("deskwire-demo");
    assert_eq!(engine.said.iter().find(secret), None);
}

/// A02, A11: customers cannot act as staff, staff cannot open chats.
#[test]
fn roles_are_kept_apart() {
    let engine = Engine::start();
    let mut agent = Client::agent(&engine, "bob");
    let (mut customer, _) = Client::customer(&engine, "Carl");
    let ticket = customer.start_chat("technical", 1).unwrap();
    assert_eq!(agent.start_chat("general", 2).unwrap_err().code, Refusal::Forbidden.number());
    for (number, frame) in [
        (1, kinds::ClientFrame::from(kinds::Pick { request: 901, ticket })),
        (2, kinds::SetStatus { request: 902, status: deskwire_protocol::Status::Available }.into()),
        (3, kinds::WatchQueue { request: 903, on: true }.into()),
    ] {
        customer.send(frame);
        assert_eq!(customer.done(900 + number).unwrap_err().code, Refusal::Forbidden.number());
    }
    assert_eq!(customer.advance(ticket, Step::Reject, "").unwrap_err().code, Refusal::Forbidden.number());
    let staff_frames = customer.settle().iter().filter(|frame| matches!(frame, ServerFrame::Staff(_))).count();
    assert_eq!(staff_frames, 0);
}

/// The limit OPEN_TICKETS_PER_CUSTOMER_MAX, and unknown categories.
#[test]
fn a_customer_has_a_bounded_number_of_open_tickets() {
    let engine = Engine::start();
    let (mut customer, _) = Client::customer(&engine, "Carl");
    let max = deskwire_protocol::limits::OPEN_TICKETS_PER_CUSTOMER_MAX as u128;
    let tickets: Vec<TicketId> = (1..=max).map(|key| customer.start_chat("technical", key).unwrap()).collect();
    assert_eq!(customer.start_chat("technical", max + 1).unwrap_err().code, Refusal::TooManyTickets.number());
    assert_eq!(customer.start_chat("technical", 1).unwrap(), tickets[0], "a repeat is no new one");
    customer.advance(tickets[0], Step::Abandon, "").unwrap();
    assert_eq!(customer.start_chat("nonsense", 99).unwrap_err().code, Refusal::UnknownCategory.number());
}

/// The limit OPEN_TICKETS_PER_CUSTOMER_MAX: a ticket that is opened again counts like a new one.
#[test]
fn reopening_leads_past_no_bound() {
    let engine = Engine::start();
    let (mut customer, welcome) = Client::customer(&engine, "Carl");
    let max = deskwire_protocol::limits::OPEN_TICKETS_PER_CUSTOMER_MAX as u128;
    let first = customer.start_chat("technical", 1).unwrap();
    customer.advance(first, Step::Close, "").unwrap();
    customer.advance(first, Step::Reopen, "").unwrap();
    for key in 2..=max {
        customer.start_chat("technical", key).unwrap();
    }
    customer.advance(first, Step::Close, "").unwrap();
    customer.advance(first, Step::Reopen, "").unwrap();
    customer.advance(first, Step::Close, "").unwrap();
    // With his last connection goes what his actor remembers of tickets that are over since.
    drop(customer);
    engine.wait_until("deskwire_actors{actor=\"customer\"}", |customers| customers == 0.0);
    let (mut customer, _) = Client::hello(&engine, &welcome.token, "");
    customer.start_chat("technical", max + 1).unwrap();
    for _ in 0..3 {
        let no = customer.advance(first, Step::Reopen, "").unwrap_err();
        assert_eq!(no.code, Refusal::TooManyTickets.number());
    }
    let (mut again, welcome) = Client::hello(&engine, &welcome.token, "");
    assert_eq!(welcome.tickets.len(), max as usize);
    assert_eq!(again.advance(first, Step::Reopen, "").unwrap_err().code, Refusal::TooManyTickets.number());
}
