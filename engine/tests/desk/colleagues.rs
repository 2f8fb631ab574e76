//! Who of the staff reads a ticket and who writes there: told to staff alone, and of a silent watch to nobody.

use deskwire_protocol::kinds::{self, StaffFrame};
use deskwire_protocol::words::ConsultManner;
use deskwire_protocol::{PhaseWish, ServerFrame, TicketId};

use crate::client::Client;
use crate::engine::Engine;
use crate::hours::{open_with, opened, reachable};
use crate::moving::{at_work, violations};

/// Whether somebody is said to be here, or to be gone.
fn said(client: &mut Client, ticket: TicketId, whom: &str) -> bool {
    client.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::StaffHere(it)) if it.ticket == ticket && it.name == whom => Some(it.here),
        _ => None,
    })
}

fn types(client: &mut Client, whom: &str) {
    client.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::NoteTypingNow(it)) if it.name == whom => Some(()),
        _ => None,
    });
}

fn is_about_staff(frame: &ServerFrame) -> bool {
    matches!(frame, ServerFrame::Staff(StaffFrame::StaffHere(_)))
}

/// B32, C13, C14: two agents who look at the same message see each other come, type and go; a supervisor who watches sees
/// them and is not seen, until he is asked in; its customer hears nothing of any.
#[test]
fn staff_see_who_else_reads_a_ticket_and_a_silent_watch_stays_silent() {
    let engine = Engine::start();
    let (mut carl, _) = reachable(&engine, "Carl");
    let ask = kinds::OpenWith { category: "technical".into(), ..open_with(1, PhaseWish::Asynchronous) };
    let ticket = opened(&mut carl, ask).unwrap();
    carl.join(ticket, 11, 0).unwrap();
    let (mut alice, _) = at_work(&engine, "alice");
    let (mut bob, _) = at_work(&engine, "bob");
    let (mut sam, sams) = at_work(&engine, "sam");
    carl.settle();
    let so_far = carl.raw.len();
    alice.join(ticket, 21, 0).unwrap();
    bob.join(ticket, 31, 0).unwrap();
    assert!(said(&mut alice, ticket, "Bob"));
    assert!(said(&mut bob, ticket, "Alice"), "who was there before him");
    sam.join(ticket, 41, 0).unwrap();
    assert!(said(&mut sam, ticket, "Alice") && said(&mut sam, ticket, "Bob"));
    bob.send(kinds::NoteTyping { ticket });
    types(&mut alice, "Bob");
    assert!(!alice.settle().iter().any(is_about_staff), "his watch is silent");
    assert!(!bob.settle().iter().any(is_about_staff));
    let mut second = at_work(&engine, "bob").0;
    second.join(ticket, 32, 0).unwrap();
    drop(bob);
    second.settle();
    assert!(!alice.settle().iter().any(is_about_staff), "he has another connection");
    second.send(kinds::Leave { ticket });
    assert!(!said(&mut alice, ticket, "Bob"));

    let request = alice.request();
    alice.send(kinds::Pick { request, ticket });
    alice.done(request).unwrap();
    let (manner, reason) = (ConsultManner::Notes, String::new());
    let request = alice.request();
    alice.send(kinds::Consult { request, ticket, agent: sams, manner, reason });
    alice.done(request).unwrap();
    assert!(said(&mut alice, ticket, "Sam Supervisor"), "asked in he is seen");
    carl.settle();
    for name in ["Bob", "Sam"] {
        let shown = carl.raw[so_far..].windows(name.len()).any(|window| window == name.as_bytes());
        assert!(!shown, "{name} to the customer");
    }
    assert_eq!(violations(&engine), 0.0);
}
