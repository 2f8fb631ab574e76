//! Discussions: open rooms with a topic, founded by those who moderate, entered by anybody who is signed in.

use deskwire_protocol::kinds::{self, ENGINE, PublicFrame};
use deskwire_protocol::{MemberState, ModerationAct, Refusal, ServerFrame, StreamId, TicketId};
use serde_json::{Value, json};

use crate::client::{Client, place, seq};
use crate::engine::Engine;
use crate::http::Caller;
use crate::rebuilt::run;

/// What one who does not say what he means leaves open.
pub const NOTHING: kinds::Moderate = kinds::Moderate {
    request: 0,
    ticket: TicketId(0),
    act: ModerationAct::Mute,
    member: ENGINE,
    seq: 0,
    seconds: 0,
    reason: String::new(),
};

pub fn supervisor(engine: &Engine) -> Client {
    Client::hello(engine, &engine.sign_in("sam"), "").0
}

pub fn found(client: &mut Client, key: u128, slow_s: u32) -> Result<TicketId, kinds::Refused> {
    let (request, title, topic) = (client.request(), "Printers".to_owned(), "All about paper".to_owned());
    client.send(kinds::Found { request, key: StreamId(key), title, topic, slow_s });
    client.ready(request)
}

/// Joins, and what the room says of itself then.
pub fn enter(client: &mut Client, room: TicketId, stream: u128) -> Result<kinds::DiscussionJoined, kinds::Refused> {
    client.join_all(room, stream, 0)?;
    Ok(client.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::DiscussionJoined(joined)) if joined.ticket == room => Some(joined.clone()),
        _ => None,
    }))
}

pub fn say(client: &mut Client, room: TicketId, number: u32, text: &str) -> Result<u32, kinds::Refused> {
    client.post(room, number, text);
    client.acknowledged(room, number)
}

pub fn history(client: &mut Client, room: TicketId, before: u32) -> Vec<PublicFrame> {
    client.send(kinds::ReadBack { ticket: room, before });
    client.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::History(history)) => Some(history.events.frames().unwrap()),
        _ => None,
    })
}

fn listed(client: &mut Client) -> Vec<kinds::DiscussionLine> {
    let request = client.request();
    client.send(kinds::ListDiscussions { request, after: TicketId(0) });
    client.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::Discussions(list)) if list.request == request => Some(list.lines.clone()),
        _ => None,
    })
}

/// C03, C04: founded, listed, entered by customers and staff, heard by all; the same after a kill; and nothing of it is
/// in the queue, for `check` either.
#[test]
fn a_discussion_is_founded_entered_and_heard_by_all() {
    let mut engine = Engine::start();
    let mut sam = supervisor(&engine);
    let room = found(&mut sam, 1, 0).unwrap();
    assert_eq!(found(&mut sam, 1, 0), Ok(room), "a repeat is the same room");
    let (mut carl, welcome) = Client::customer(&engine, "Carl");
    assert_eq!(found(&mut carl, 2, 0).unwrap_err().code, Refusal::Forbidden.number());
    let lines = listed(&mut carl);
    let words = |line: &kinds::DiscussionLine| (line.ticket, line.title.clone(), line.founder.clone());
    assert_eq!(lines.iter().map(words).collect::<Vec<_>>(), [(room, "Printers".into(), "Sam Supervisor".into())]);
    let mut alice = Client::agent(&engine, "alice");
    assert!(enter(&mut sam, room, 11).unwrap().moderates);
    assert_eq!(say(&mut sam, room, 1, "welcome"), Ok(2));
    let joined = enter(&mut carl, room, 21).unwrap();
    assert_eq!((joined.head, joined.topic.as_str(), joined.members_max), (3, "All about paper", 250));
    assert_eq!((joined.moderates, joined.here), (false, 2));
    assert!(joined.members.iter().map(|one| one.state).eq([MemberState::Moderates, MemberState::In]));
    enter(&mut alice, room, 31).unwrap();
    assert_eq!(say(&mut carl, room, 1, "paper jam"), Ok(5));
    for client in [&mut sam, &mut alice] {
        assert_eq!(client.message(), (5, "paper jam".to_owned()));
    }
    let crowd = |frame: &ServerFrame| match frame {
        ServerFrame::Public(PublicFrame::Crowd(crowd)) if crowd.here == 3 => Some(()),
        _ => None,
    };
    carl.wait(crowd);
    engine.kill();
    engine.restart();
    let mut carl = Client::hello(&engine, &welcome.token, "").0;
    assert_eq!(listed(&mut carl), lines);
    let seen = carl.join(room, 22, 0).unwrap();
    assert_eq!(seen.iter().filter_map(seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5], "he is a member still");
    assert_eq!(history(&mut carl, room, 4).iter().filter_map(seq).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(say(&mut carl, room, 1, "again"), Ok(6));
    assert_eq!(carl.advance(room, deskwire_protocol::Step::Close, "").unwrap_err().code, Refusal::Forbidden.number());
    let mut alice = Client::agent(&engine, "alice");
    alice.send(kinds::Pick { request: 77, ticket: room });
    assert_eq!(alice.done(77).unwrap_err().code, Refusal::UnknownTicket.number());
    assert_eq!(engine.metric("deskwire_queue_waiting"), 0.0);
    assert!(engine.terminate().success());
    let (code, said) = run("check", engine.data());
    assert_eq!(code, 0, "{said}");
    let (code, said) = run("rebuild", engine.data());
    assert_eq!(code, 0, "{said}");
}

/// C03: the bound is a setting; the one too many is told so, by its number and in words, and the others go on.
#[test]
fn one_member_too_many_is_told_so() {
    let engine = Engine::with(&[("ROOMS_MEMBERS_MAX", "3")]);
    let mut sam = supervisor(&engine);
    let room = found(&mut sam, 1, 0).unwrap();
    let mut inside: Vec<Client> = (0..2).map(|_| Client::customer(&engine, "Carl").0).collect();
    for client in &mut inside {
        enter(client, room, 21).unwrap();
    }
    let (mut late, _) = Client::customer(&engine, "Lou");
    let full = enter(&mut late, room, 31).unwrap_err();
    assert_eq!(full.code, Refusal::DiscussionFull.number());
    assert!(full.detail.contains("has 3 members"), "{}", full.detail);
    late.post(room, 1, "may I?");
    assert_eq!(late.acknowledged(room, 1).unwrap_err().code, Refusal::UnknownTicket.number());
    let request = inside[0].request();
    inside[0].send(kinds::Depart { request, ticket: room });
    inside[0].done(request).unwrap();
    enter(&mut late, room, 31).unwrap();
    assert!(say(&mut late, room, 1, "here I am").is_ok());
    assert_eq!(inside[1].message().1, "here I am");
    let heard = inside[0].settle();
    assert!(!heard.iter().any(|frame| matches!(frame, ServerFrame::Public(PublicFrame::Message(_)))), "he left");
    assert_eq!(say(&mut inside[0], room, 1, "still?").unwrap_err().code, Refusal::NotAMember.number());
}

/// C03, C19: all of it by HTTP, seen at sockets.
#[test]
fn a_discussion_by_http_is_seen_at_sockets() {
    let engine = Engine::start();
    let (sam, alice) = (Caller::staff(&engine, "sam"), Caller::staff(&engine, "alice"));
    let (mut carl, welcome) = Client::customer(&engine, "Carl");
    let caller = Caller::new(&engine, welcome.token);
    let body = json!({ "title": "Printers", "topic": "paper" });
    let (status, ready) = sam.ask("POST", "/rooms", "a-key", body.clone());
    assert_eq!((status, &ready["kind"]), (201, &json!("ticket_ready")), "{ready}");
    let room: TicketId = ready["ticket"].as_str().unwrap().parse().unwrap();
    assert_eq!(sam.ask("POST", "/rooms", "a-key", body.clone()).1["ticket"], ready["ticket"]);
    assert_eq!(alice.ask("POST", "/rooms", "a-key", body).0, 403);
    assert_eq!(sam.ask("POST", "/rooms", "another", json!({ "title": " " })).0, 422);
    let (status, list) = caller.get("/rooms");
    assert_eq!((status, &list["lines"][0]["title"], &list["more"]), (200, &json!("Printers"), &json!(false)));
    assert_eq!(caller.get(&format!("/rooms?after={room}")).1["lines"], json!([]));
    let at = |end: &str| format!("/rooms/{room}{end}");
    enter(&mut carl, room, 21).unwrap();
    let text = json!({ "text": "by http" });
    let (status, no) = alice.ask("POST", &at("/messages"), "m1", text.clone());
    assert_eq!((status, &no["code"]), (404, &json!(Refusal::UnknownTicket.number())), "{no}");
    assert_eq!(alice.ask("POST", &at("/enter"), "", Value::Null).0, 204);
    let (status, said) = alice.ask("POST", &at("/messages"), "m1", text.clone());
    assert_eq!((status, &said["seq"]), (200, &json!(4)), "{said}");
    assert_eq!(alice.ask("POST", &at("/messages"), "m1", text).1["seq"], json!(4), "a repeat");
    assert_eq!(carl.message(), (4, "by http".to_owned()));
    let (status, joined) = caller.get(&at(""));
    assert_eq!((status, &joined["kind"], &joined["here"]), (200, &json!("discussion_joined"), &json!(1)));
    assert_eq!(caller.get(&at("/events?after=2")).1["events"].as_array().unwrap().len(), 2);
    let mute = json!({ "act": "mute", "member": 1, "seconds": 60, "reason": "noise" });
    assert_eq!(alice.ask("POST", &at("/moderate"), "", mute.clone()).0, 403);
    assert_eq!(sam.ask("POST", &at("/moderate"), "", mute).0, 204);
    carl.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::ModeratedYou(it)) if it.act == ModerationAct::Mute => Some(()),
        _ => None,
    });
    assert_eq!(alice.ask("POST", &at("/depart"), "", Value::Null).0, 204);
    let gone = carl.wait(|frame| matches!(frame, ServerFrame::Public(PublicFrame::Departed(_))).then(|| place(frame)));
    assert_eq!(gone, Some(5), "the mute has no number for him");
    let (status, no) = caller.ask("POST", &at("/messages"), "m2", json!({ "text": "?" }));
    assert_eq!((status, &no["code"]), (403, &json!(Refusal::Muted.number())), "{no}");
}
