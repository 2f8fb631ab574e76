//! What staff do beside the talk: notes, whispers, watching, taking part; and what of it crosses a customer's socket.

use deskwire_protocol::kinds::{self, PublicFrame, StaffFrame};
use deskwire_protocol::{NoteKind, Refusal, ServerFrame, Step, TicketId};

use crate::client::{Client, place};
use crate::engine::Engine;

/// Said beside the talk, in every spelling that a leak could have.
const CANARY: &str = "canary-4f1c";

fn supervisor(engine: &Engine) -> Client {
    Client::hello(engine, &engine.sign_in("sam"), "").0
}

fn note(client: &mut Client, ticket: TicketId, note: NoteKind, number: u32) -> Result<u32, kinds::Refused> {
    client.send(kinds::Note { ticket, note, number, text: format!("{CANARY} {number}") });
    client.acknowledged(ticket, number)
}

fn note_at(client: &mut Client, seq: u32) -> kinds::Noted {
    client.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::Noted(noted)) if noted.seq == seq => Some(noted.clone()),
        _ => None,
    })
}

/// The numbers of a customer's events, live and in pages, in the order they came.
fn numbers(frames: &[ServerFrame]) -> Vec<u32> {
    frames.iter().filter_map(place).collect()
}

fn presence_and_typing(frames: &[ServerFrame]) -> usize {
    let live = |frame: &&ServerFrame| {
        matches!(frame, ServerFrame::Public(PublicFrame::Presence(_) | PublicFrame::TypingNow(_)))
    };
    frames.iter().filter(live).count()
}

fn contains(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

/// C12, C13, C14: silent watch, note, whisper, note-typing and taking part, on real sockets; of all before the last not a
/// byte crosses the customer's, in either form, and his numbers stay 1, 2, 3 ….
#[test]
fn nothing_said_beside_the_talk_crosses_a_customers_socket() {
    let engine = Engine::start();
    let mut agent = Client::agent(&engine, "alice");
    let (mut customer, welcome) = Client::customer(&engine, "Carl");
    let ticket = customer.start_chat("general", 1).unwrap();
    assert_eq!(agent.yours(), ticket);
    customer.join(ticket, 11, 0).unwrap();
    let mut json = Client::open(engine.address, "/ws", "deskwire.v1.json");
    json.send_json(&format!(r#"{{"kind":"hello","token":"{}"}}"#, welcome.token));
    json.send_json(&format!(r#"{{"kind":"join","ticket":"{ticket}","stream":"{:032x}"}}"#, 12));
    json.wait(|frame| matches!(frame, ServerFrame::Public(PublicFrame::Page(_))).then_some(()));
    agent.join(ticket, 21, 0).unwrap();
    let agent_came = |frame: &ServerFrame| match frame {
        ServerFrame::Public(PublicFrame::Presence(presence)) if presence.author == 1 => Some(()),
        _ => None,
    };
    customer.wait(agent_came);
    json.wait(agent_came);
    customer.settle();
    json.heard.clear();

    let mut watcher = supervisor(&engine);
    let seen = watcher.join_all(ticket, 31, 0).unwrap();
    assert_eq!(numbers(&seen), [1, 2, 3]);
    assert!(matches!(&seen[2], ServerFrame::Staff(StaffFrame::WatchBegan(began)) if began.name == "Sam Supervisor"));
    watcher.send(kinds::Typing { ticket });
    watcher.send(kinds::NoteTyping { ticket });
    agent.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::NoteTypingNow(typing)) if typing.name == "Sam Supervisor" => Some(()),
        _ => None,
    });
    assert_eq!(note(&mut watcher, ticket, NoteKind::Whisper, 1).unwrap(), 4);
    assert_eq!(note_at(&mut agent, 4).note, NoteKind::Whisper);
    agent.send(kinds::NoteTyping { ticket });
    assert_eq!(note(&mut agent, ticket, NoteKind::Note, 1).unwrap(), 5);
    assert_eq!(note_at(&mut watcher, 5).name, "Alice");
    customer.post(ticket, 1, "hello");
    assert_eq!(customer.acknowledged(ticket, 1).unwrap(), 3, "his third, the log's sixth");
    agent.post(ticket, 2, "good day");
    assert_eq!(agent.acknowledged(ticket, 2).unwrap(), 7);
    assert_eq!(customer.message(), (4, "good day".to_owned()));

    let silent = customer.settle();
    assert_eq!((presence_and_typing(&silent), numbers(&silent)), (0, Vec::new()));
    json.wait(|frame| (place(frame) == Some(4)).then_some(()));
    assert_eq!(presence_and_typing(&json.heard), 0);
    customer.send(kinds::ReadBack { ticket, before: 5 });
    let history = customer.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::History(history)) => Some(history.clone()),
        _ => None,
    });
    let history: Vec<ServerFrame> = history.events.frames().unwrap().into_iter().map(ServerFrame::Public).collect();
    assert_eq!(numbers(&history), [1, 2, 3, 4]);
    let mut again = Client::hello(&engine, &welcome.token, "").0;
    assert_eq!(numbers(&again.join_all(ticket, 13, 0).unwrap()), [1, 2, 3, 4]);
    assert_eq!(again.join(ticket, 13, 5).unwrap_err().code, Refusal::Ahead.number());
    for client in [&customer, &json, &again] {
        assert!(!contains(&client.raw, "canary"), "a note crossed a customer's socket");
        assert!(!contains(&client.raw, "Supervisor"), "a watch crossed a customer's socket");
        assert!(!contains(&client.raw, "note"), "a staff frame crossed a customer's socket");
    }

    takes_part(&mut watcher, &mut customer, ticket);
    assert_eq!(engine.metric("deskwire_invariant_violations_total{invariant=\"gap\"}"), 0.0);
}

/// C14: from now on he is seen, and heard.
fn takes_part(watcher: &mut Client, customer: &mut Client, ticket: TicketId) {
    let request = watcher.request();
    watcher.send(kinds::TakePart { request, ticket });
    watcher.done(request).unwrap();
    let joined = |frame: &ServerFrame| match frame {
        ServerFrame::Public(PublicFrame::MemberAdded(added)) => Some((added.seq, added.name.clone())),
        _ => None,
    };
    assert_eq!(customer.wait(joined), (5, "Sam Supervisor".to_owned()));
    customer.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::Presence(presence)) if presence.author == 2 && presence.here => Some(()),
        _ => None,
    });
    watcher.post(ticket, 2, "I take part");
    watcher.acknowledged(ticket, 2).unwrap();
    assert_eq!(customer.message(), (6, "I take part".to_owned()));
}

/// C13: a customer can neither leave a note nor be seen to try; who does not read the ticket learns nothing.
#[test]
fn notes_are_left_by_staff_who_may_read() {
    let engine = Engine::start();
    let (mut customer, _) = Client::customer(&engine, "Carl");
    let ticket = customer.start_chat("general", 1).unwrap();
    let mut agent = Client::agent(&engine, "alice");
    assert_eq!(agent.yours(), ticket);
    agent.join(ticket, 21, 0).unwrap();
    customer.join(ticket, 11, 0).unwrap();
    assert_eq!(note(&mut customer, ticket, NoteKind::Note, 1).unwrap_err().code, Refusal::Forbidden.number());
    assert_eq!(note(&mut agent, ticket, NoteKind::Whisper, 1).unwrap_err().code, Refusal::Forbidden.number());
    customer.send(kinds::NoteTyping { ticket });
    customer.send(kinds::TakePart { request: 90, ticket });
    assert_eq!(customer.done(90).unwrap_err().code, Refusal::Forbidden.number());
    assert_eq!(note(&mut agent, ticket, NoteKind::Note, 1).unwrap(), 3);
    assert!(!agent.settle().iter().any(|frame| matches!(frame, ServerFrame::Staff(StaffFrame::NoteTypingNow(_)))));
}

/// C14, A22: each watch is in the log with begin and end; a kill between the two doubles neither.
#[test]
fn a_watch_is_in_the_log_with_begin_and_end_also_after_a_kill() {
    let mut engine = Engine::start();
    let (mut customer, welcome) = Client::customer(&engine, "Carl");
    let ticket = customer.start_chat("general", 1).unwrap();
    let mut watcher = supervisor(&engine);
    watcher.join(ticket, 31, 0).unwrap();
    let mut second = supervisor(&engine);
    second.join(ticket, 32, 0).unwrap();
    engine.kill();
    engine.restart();
    let mut customer = Client::hello(&engine, &welcome.token, "").0;
    let seen = customer.join(ticket, 11, 0).unwrap();
    assert_eq!(seen.len(), 1);
    let mut watcher = supervisor(&engine);
    let words = |seen: Vec<ServerFrame>| {
        let kinds = seen.into_iter().map(|frame| match frame {
            ServerFrame::Staff(StaffFrame::WatchBegan(_)) => "began",
            ServerFrame::Staff(StaffFrame::WatchEnded(_)) => "ended",
            _ => "other",
        });
        kinds.collect::<Vec<_>>()
    };
    assert_eq!(words(watcher.join_all(ticket, 33, 0).unwrap()), ["other", "began", "ended", "began"]);
    drop(watcher);
    let mut admin = Client::hello(&engine, &engine.sign_in("admin"), "").0;
    let mut seen = words(admin.join_all(ticket, 34, 0).unwrap());
    if seen.last() == Some(&"began") && seen.len() == 5 {
        // His connection's end was noticed after she came.
        admin.wait(|frame| matches!(frame, ServerFrame::Staff(StaffFrame::WatchEnded(_))).then_some(()));
        seen.insert(4, "ended");
    }
    assert_eq!(seen, ["other", "began", "ended", "began", "ended", "began"]);
    customer.advance(ticket, Step::Abandon, "").unwrap();
}
