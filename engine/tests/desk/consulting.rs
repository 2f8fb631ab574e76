//! A colleague is asked into the notes of a ticket, or into its talk; it stays its owner's.

use deskwire_protocol::kinds::{self, PublicFrame, StaffFrame};
use deskwire_protocol::words::ConsultManner;
use deskwire_protocol::{NoteKind, PersonId, Refusal, ServerFrame, StaffAct, Step, TicketId};
use serde_json::json;

use crate::categories::{named, serves};
use crate::client::{Client, place};
use crate::engine::Engine;
use crate::http::Caller;
use crate::moving::{at_work, transfer, violations};

/// Said beside the talk.
const CANARY: &str = "canary-77b2";

fn consult(client: &mut Client, ticket: TicketId, agent: PersonId, manner: ConsultManner) -> Result<(), Refusal> {
    let request = client.request();
    client.send(kinds::Consult { request, ticket, agent, manner, reason: CANARY.into() });
    client.done(request).map_err(named)
}

/// The next word about being asked into a ticket.
fn consulted(client: &mut Client, ticket: TicketId) -> ConsultManner {
    client.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::Consulted(it)) if it.ticket == ticket => Some(it.manner),
        _ => None,
    })
}

fn note(client: &mut Client, ticket: TicketId, number: u32) -> Result<u32, Refusal> {
    client.send(kinds::Note { ticket, note: NoteKind::Note, number, text: format!("{CANARY} {number}") });
    client.acknowledged(ticket, number).map_err(named)
}

fn post(client: &mut Client, ticket: TicketId, number: u32, text: &str) -> Result<u32, Refusal> {
    client.post(ticket, number, text);
    client.acknowledged(ticket, number).map_err(named)
}

/// Whether somebody neither hears a ticket nor can, by socket and by HTTP.
fn is_shut_out(client: &mut Client, caller: &Caller, ticket: TicketId) {
    assert_eq!(named(client.join_all(ticket, 77, 0).unwrap_err()), Refusal::UnknownTicket);
    assert_eq!(caller.get(&format!("/tickets/{ticket}")).0, 404);
    assert_eq!(caller.get(&format!("/tickets/{ticket}/events?after=0")).0, 404);
}

fn contains(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

/// Somebody who is not at work, so that nothing is given to him.
fn at_home(engine: &Engine, name: &str) -> (Client, PersonId) {
    let (client, welcome) = Client::hello(engine, &engine.sign_in(name), "");
    (client, welcome.person)
}

/// B32, C13, A22: he hears of it at once, reads along and leaves notes, and does nothing else; not a byte of it crosses the
/// customer's socket, no number, no sign that anybody is there.
#[test]
fn a_colleague_is_asked_into_the_notes_and_the_customer_hears_nothing() {
    let engine = Engine::start();
    let (mut alice, _) = at_work(&engine, "alice");
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), ticket);
    let (mut bob, bobs) = at_home(&engine, "bob");
    let caller = Caller::staff(&engine, "bob");
    carl.join(ticket, 11, 0).unwrap();
    alice.join(ticket, 21, 0).unwrap();
    is_shut_out(&mut bob, &caller, ticket);
    carl.settle();
    let so_far = carl.raw.len();

    assert_eq!(consult(&mut alice, ticket, bobs, ConsultManner::Notes), Ok(()));
    assert_eq!(consult(&mut alice, ticket, bobs, ConsultManner::Notes), Ok(()), "twice is once");
    assert_eq!(consulted(&mut bob, ticket), ConsultManner::Notes);
    let events = bob.join_all(ticket, 31, 0).unwrap();
    let asked = events.iter().filter_map(|event| match event {
        ServerFrame::Staff(StaffFrame::Acted(acted)) => {
            Some((acted.act, acted.name.as_str(), acted.agent_name.as_str()))
        }
        _ => None,
    });
    assert_eq!(asked.collect::<Vec<_>>(), [(StaffAct::Consult, "Alice", "Bob")]);
    assert!(note(&mut bob, ticket, 1).is_ok());
    bob.send(kinds::NoteTyping { ticket });
    bob.send(kinds::Typing { ticket });
    assert_eq!(post(&mut bob, ticket, 2, "me too"), Err(Refusal::UnknownTicket), "he does not talk");
    assert_eq!(bob.advance(ticket, Step::Close, "").map_err(named), Err(Refusal::Forbidden));
    assert_eq!(caller.get(&format!("/tickets/{ticket}")).0, 200);
    drop(bob);
    let heard = carl.settle();
    assert!(!heard.iter().any(|frame| place(frame).is_some()), "{heard:?}");
    let live = |frame: &ServerFrame| {
        matches!(frame, ServerFrame::Public(PublicFrame::Presence(_) | PublicFrame::TypingNow(_)))
    };
    assert!(!heard.iter().any(live), "{heard:?}");
    for word in [CANARY, "Bob"] {
        assert!(!contains(&carl.raw[so_far..], word), "{word}");
    }

    assert!(post(&mut alice, ticket, 1, "as ever").is_ok());
    let after = carl.settle();
    assert_eq!(after.iter().filter_map(place).collect::<Vec<_>>(), [3], "his numbers have no hole");
    assert_eq!(violations(&engine), 0.0);
}

/// B32, A22: it outlives a kill; the owner ends it, or he leaves, by socket and by HTTP, and he hears no more.
#[test]
fn a_consultation_outlives_a_kill_and_no_end() {
    let mut engine = Engine::start();
    let (mut alice, _) = at_work(&engine, "alice");
    let (mut carl, carls) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), ticket);
    let (_, bobs) = at_home(&engine, "bob");
    assert_eq!(consult(&mut alice, ticket, bobs, ConsultManner::Notes), Ok(()));
    engine.kill();
    engine.restart();
    let (mut alice, _) = at_work(&engine, "alice");
    assert_eq!(alice.yours(), ticket, "it is hers");
    alice.join(ticket, 22, 0).unwrap();
    let (mut bob, _) = at_home(&engine, "bob");
    assert_eq!(consulted(&mut bob, ticket), ConsultManner::Notes, "over a kill too");
    bob.join(ticket, 32, 0).unwrap();
    assert!(note(&mut bob, ticket, 1).is_ok());
    assert_eq!(consult(&mut alice, ticket, bobs, ConsultManner::End), Ok(()));
    assert_eq!(consulted(&mut bob, ticket), ConsultManner::End);
    bob.settle();
    assert!(post(&mut alice, ticket, 1, "between us").is_ok());
    assert!(!bob.settle().iter().any(|frame| place(frame).is_some()), "he hears no more");
    let caller = Caller::staff(&engine, "bob");
    is_shut_out(&mut bob, &caller, ticket);
    assert_eq!(note(&mut bob, ticket, 2), Err(Refusal::UnknownTicket));

    let owner = Caller::staff(&engine, "alice");
    assert_eq!(owner.act(ticket, "consult", json!({ "agent": bobs, "manner": "notes" })).0, 204);
    assert_eq!(consulted(&mut bob, ticket), ConsultManner::Notes);
    assert_eq!(caller.act(ticket, "consult", json!({ "agent": bobs, "manner": "end" })).0, 204, "he leaves");
    assert_eq!(consulted(&mut bob, ticket), ConsultManner::End);
    is_shut_out(&mut bob, &caller, ticket);
    let (mut carl, _) = Client::hello(&engine, &carls.token, "");
    let seen = carl.join(ticket, 12, 0).unwrap();
    assert_eq!(seen.iter().filter_map(crate::client::seq).collect::<Vec<_>>(), [1, 2, 3], "his numbers have no hole");
    assert!(!contains(&carl.raw, CANARY) && !contains(&carl.raw, "Bob"));
    assert_eq!(violations(&engine), 0.0);
}

/// B32, A22: asked into the talk he is a member whom the customer sees and hears, the owner stays the owner; ended he is
/// seen to go and says nothing more; he who gets the ticket has it, and with its end all guests are gone.
#[test]
fn a_colleague_is_asked_into_the_talk_and_the_owner_stays() {
    let engine = Engine::start();
    let (mut alice, alices) = at_work(&engine, "alice");
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), ticket);
    let (mut bob, bobs) = at_work(&engine, "bob");
    carl.join(ticket, 11, 0).unwrap();
    alice.join(ticket, 21, 0).unwrap();
    let caller = Caller::staff(&engine, "bob");
    assert_eq!(consult(&mut alice, ticket, bobs, ConsultManner::Notes), Ok(()));
    bob.join(ticket, 31, 0).unwrap();
    assert_eq!(consult(&mut alice, ticket, bobs, ConsultManner::Talk), Ok(()));
    let added = |frame: &ServerFrame| match frame {
        ServerFrame::Public(PublicFrame::MemberAdded(added)) => Some(added.name.clone()),
        _ => None,
    };
    assert_eq!(carl.wait(added), "Bob");
    let here = |here: bool| {
        move |frame: &ServerFrame| match frame {
            ServerFrame::Public(PublicFrame::Presence(it)) if it.author == 2 && it.here == here => Some(()),
            _ => None,
        }
    };
    carl.wait(here(true));
    assert!(post(&mut bob, ticket, 1, "I know printers").is_ok());
    assert_eq!(carl.message().1, "I know printers");
    assert_eq!(bob.advance(ticket, Step::Close, "").map_err(named), Err(Refusal::Forbidden));
    assert_eq!(transfer(&mut bob, ticket, bobs), Err(Refusal::Forbidden), "it is hers");

    assert_eq!(consult(&mut alice, ticket, bobs, ConsultManner::End), Ok(()));
    carl.wait(here(false));
    is_shut_out(&mut bob, &caller, ticket);
    assert_eq!(post(&mut bob, ticket, 2, "one more thing"), Err(Refusal::UnknownTicket));

    // Again, and this time it becomes his; she is asked in, and it ends with the ticket.
    assert_eq!(consult(&mut alice, ticket, bobs, ConsultManner::Talk), Ok(()));
    assert_eq!(transfer(&mut alice, ticket, bobs), Ok(()));
    assert_eq!(bob.yours(), ticket);
    for manner in
        [ConsultManner::Notes, ConsultManner::Talk, ConsultManner::End, ConsultManner::Talk, ConsultManner::End]
    {
        assert_eq!(consulted(&mut bob, ticket), manner);
    }
    assert_eq!(consult(&mut bob, ticket, alices, ConsultManner::Notes), Ok(()));
    assert_eq!(consulted(&mut alice, ticket), ConsultManner::Notes);
    carl.settle();
    alice.join(ticket, 22, 0).unwrap();
    let seen = carl.settle();
    let shown = |frame: &ServerFrame| matches!(frame, ServerFrame::Public(PublicFrame::Presence(_)));
    assert!(!seen.iter().any(shown), "she had it once, and is not seen to read along: {seen:?}");
    bob.advance(ticket, Step::Close, "").unwrap();
    assert_eq!(consulted(&mut alice, ticket), ConsultManner::End);
    is_shut_out(&mut alice, &Caller::staff(&engine, "alice"), ticket);
    assert_eq!(violations(&engine), 0.0);
}

/// B32: himself, its owner, who serves other categories, an admin, a customer, nobody, a ticket of somebody else's, that
/// is not there, that waits or is over: each a refusal with a name; and a supervisor may.
#[test]
fn a_consultation_that_cannot_be_is_refused() {
    let engine = Engine::start();
    serves(&engine, "Bob", &["technical"]);
    let (mut alice, alices) = at_work(&engine, "alice");
    let (mut carl, carls) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), ticket);
    let waiting = carl.start_chat("technical", 2).unwrap();
    let (mut bob, bobs) = at_home(&engine, "bob");
    let (mut sam, sams) = at_home(&engine, "sam");
    let (_, admins) = at_home(&engine, "admin");
    for (whom, why) in [
        (alices, "herself"),
        (bobs, "he serves other categories"),
        (carls.person, "a customer"),
        (admins, "an admin sees it anyhow"),
        (PersonId(1), "nobody"),
    ] {
        assert_eq!(consult(&mut alice, ticket, whom, ConsultManner::Notes), Err(Refusal::CannotConsult), "{why}");
    }
    assert_eq!(consult(&mut sam, ticket, alices, ConsultManner::Talk), Err(Refusal::CannotConsult), "its owner");
    assert_eq!(consult(&mut bob, ticket, bobs, ConsultManner::Talk), Err(Refusal::UnknownTicket), "not his");
    assert_eq!(consult(&mut alice, TicketId(1), sams, ConsultManner::Talk), Err(Refusal::UnknownTicket));
    assert_eq!(consult(&mut carl, ticket, sams, ConsultManner::Talk), Err(Refusal::Forbidden), "its customer");
    assert_eq!(consult(&mut bob, waiting, alices, ConsultManner::Talk), Err(Refusal::Forbidden), "nobody has it");
    assert_eq!(consult(&mut sam, waiting, alices, ConsultManner::Talk), Err(Refusal::IllegalStep), "it waits");
    assert_eq!(consult(&mut alice, ticket, bobs, ConsultManner::End), Ok(()), "who was never asked is asked no more");
    let (mut other, _) = at_home(&engine, "sam");
    assert_eq!(consult(&mut alice, ticket, sams, ConsultManner::Talk), Ok(()));
    assert_eq!(consulted(&mut other, ticket), ConsultManner::Talk);
    let caller = Caller::staff(&engine, "alice");
    let (status, no) = caller.act(ticket, "consult", json!({ "agent": bobs, "manner": "notes" }));
    assert_eq!((status, &no["code"]), (409, &json!(Refusal::CannotConsult.number())), "{no}");
    let (status, no) = caller.act(ticket, "consult", json!({ "agent": sams, "manner": "both" }));
    assert_eq!(status, 422, "{no}");
    alice.advance(ticket, Step::Close, "").unwrap();
    assert_eq!(consult(&mut alice, ticket, sams, ConsultManner::Talk), Err(Refusal::IllegalStep), "it is over");
    assert_eq!(violations(&engine), 0.0);
}
