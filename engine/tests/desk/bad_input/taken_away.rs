//! Frames for a room that was taken from their sender a moment ago.

use deskwire_protocol::kinds::{self, ClientFrame, PublicFrame};
use deskwire_protocol::{NoteKind, PersonId, Refusal, ServerFrame, Step, TicketId};

use super::{ask, take_over};
use crate::categories::named;
use crate::client::Client;
use crate::engine::Engine;
use crate::moving::{at_work, not_yours, violations};

/// What he sends, by its number, and what he is told.
type Row = (&'static str, Box<dyn Fn(u32) -> ClientFrame>, Refusal);

/// B12, A22: who had a ticket a moment ago hears and does nothing more in it: each frame of his is refused, and none of them
/// reaches its customer.
#[test]
fn frames_for_a_room_that_was_taken_away_come_to_nothing() {
    let engine = Engine::start();
    let (mut alice, _) = at_work(&engine, "alice");
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), ticket);
    carl.join(ticket, 11, 0).unwrap();
    alice.join(ticket, 21, 0).unwrap();
    let (_bob, bobs) = at_work(&engine, "bob");
    let (mut sam, _) = at_work(&engine, "sam");
    assert_eq!(take_over(&mut sam, ticket), Ok(()));
    not_yours(&mut alice, ticket);
    alice.settle();
    carl.settle();

    for (name, frame, refusal) in rows(ticket, bobs) {
        assert_eq!(ask(&mut alice, frame), Err(refusal), "{name}");
    }
    alice.post(ticket, 1, "one more word");
    assert_eq!(named(alice.acknowledged(ticket, 1).unwrap_err()), Refusal::UnknownTicket, "post");
    alice.send(kinds::Note { ticket, note: NoteKind::Note, number: 1, text: "a note".into() });
    assert_eq!(named(alice.acknowledged(ticket, 1).unwrap_err()), Refusal::UnknownTicket, "note");
    alice.send(kinds::Typing { ticket });
    alice.send(kinds::NoteTyping { ticket });
    assert_eq!(named(alice.join(ticket, 22, 0).unwrap_err()), Refusal::UnknownTicket, "join");
    assert!(!alice.settle().iter().any(|frame| crate::client::place(frame).is_some()), "she hears nothing of it");
    let heard = carl.settle();
    let of_hers = |frame: &ServerFrame| {
        crate::client::place(frame).is_some() || matches!(frame, ServerFrame::Public(PublicFrame::TypingNow(_)))
    };
    assert!(!heard.iter().any(of_hers), "neither does its customer: {heard:?}");
    assert_eq!(violations(&engine), 0.0);
}

fn rows(ticket: TicketId, bobs: PersonId) -> [Row; 14] {
    let reason = String::new;
    [
        ("hold", Box::new(move |request| advance(request, ticket, Step::Hold)), Refusal::UnknownTicket),
        ("close", Box::new(move |request| advance(request, ticket, Step::Close)), Refusal::UnknownTicket),
        ("requeue", Box::new(move |request| advance(request, ticket, Step::Requeue)), Refusal::UnknownTicket),
        ("pick", Box::new(move |request| kinds::Pick { request, ticket }.into()), Refusal::Taken),
        (
            "take over",
            Box::new(move |request| kinds::TakeOver { request, ticket, reason: reason() }.into()),
            Refusal::UnknownTicket,
        ),
        ("take part", Box::new(move |request| kinds::TakePart { request, ticket }.into()), Refusal::UnknownTicket),
        (
            "transfer",
            Box::new(move |request| kinds::Transfer { request, ticket, agent: bobs, reason: reason() }.into()),
            Refusal::UnknownTicket,
        ),
        (
            "another category",
            Box::new(move |request| {
                kinds::TransferToCategory { request, ticket, category: "billing".into(), reason: reason() }.into()
            }),
            Refusal::UnknownTicket,
        ),
        (
            "escalate",
            Box::new(move |request| kinds::Escalate { request, ticket, on: true, reason: reason() }.into()),
            Refusal::UnknownTicket,
        ),
        ("ignore", Box::new(move |request| kinds::Ignore { request, ticket, on: true }.into()), Refusal::UnknownTicket),
        (
            "wrap up",
            Box::new(move |request| kinds::SetWrapUp { request, ticket, more_s: 60 }.into()),
            Refusal::UnknownTicket,
        ),
        ("read", Box::new(move |request| kinds::ReadUpTo { request, ticket, seq: 1 }.into()), Refusal::UnknownTicket),
        (
            "canned",
            Box::new(move |request| kinds::AskCanned { request, ticket, after: 0 }.into()),
            Refusal::UnknownTicket,
        ),
        ("routing", Box::new(move |request| kinds::AskRouting { request, ticket }.into()), Refusal::UnknownTicket),
    ]
}

fn advance(request: u32, ticket: TicketId, step: Step) -> ClientFrame {
    kinds::Advance { request, ticket, step, reason: String::new() }.into()
}

/// B12: of posts on their way while the ticket is taken over, those that came before are acknowledged and with its customer,
/// and from the first refused on all are refused.
#[test]
fn posts_on_their_way_while_a_ticket_is_taken_over_are_said_or_refused() {
    const POSTS: u32 = 30;
    let engine = Engine::start();
    let (mut alice, _) = at_work(&engine, "alice");
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), ticket);
    carl.join(ticket, 11, 0).unwrap();
    alice.join(ticket, 21, 0).unwrap();
    let (mut sam, _) = at_work(&engine, "sam");
    (1..=POSTS / 2).for_each(|number| alice.post(ticket, number, &format!("{number}")));
    sam.send(kinds::TakeOver { request: 700, ticket, reason: String::new() });
    (POSTS / 2 + 1..=POSTS).for_each(|number| alice.post(ticket, number, &format!("{number}")));
    assert_eq!(sam.done(700).map_err(named), Ok(()));
    let answers: Vec<_> = (1..=POSTS).map(|number| alice.acknowledged(ticket, number).map_err(named)).collect();
    let said = answers.iter().take_while(|answer| answer.is_ok()).count();
    assert!(answers[said..].iter().all(|answer| *answer == Err(Refusal::UnknownTicket)), "{answers:?}");
    let heard = carl.settle();
    let texts: Vec<&str> = heard.iter().filter_map(text).collect();
    assert_eq!(texts, (1..=said).map(|number| number.to_string()).collect::<Vec<_>>());
    assert_eq!(violations(&engine), 0.0);
}

fn text(frame: &ServerFrame) -> Option<&str> {
    match frame {
        ServerFrame::Public(PublicFrame::Message(message)) => Some(&message.text),
        _ => None,
    }
}
