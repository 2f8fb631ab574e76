//! Moderating a discussion: mute, remove, ban, delete a post, slow mode; who is told, and what survives a kill.

use deskwire_protocol::kinds::{self, PublicFrame, StaffFrame};
use deskwire_protocol::{ModerationAct, Refusal, ServerFrame, TicketId};

use crate::client::{Client, place, seq};
use crate::discussing::{NOTHING, enter, found, history, say, supervisor};
use crate::engine::Engine;
use crate::http::Caller;

fn moderate(client: &mut Client, room: TicketId, wish: kinds::Moderate) -> Result<(), kinds::Refused> {
    let request = client.request();
    client.send(kinds::Moderate { request, ticket: room, reason: "house rules".into(), ..wish });
    client.done(request)
}

fn act(client: &mut Client, room: TicketId, act: ModerationAct, member: u16) -> Result<(), kinds::Refused> {
    moderate(client, room, kinds::Moderate { act, member, ..NOTHING })
}

fn about_you(client: &mut Client) -> (ModerationAct, String) {
    client.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::ModeratedYou(it)) => Some((it.act, it.reason.clone())),
        _ => None,
    })
}

fn code<T: std::fmt::Debug>(answer: Result<T, kinds::Refused>) -> u16 {
    answer.unwrap_err().code
}

/// A discussion with its founder, Carl (member 1) and Mia (member 2), all of them on sockets.
fn hall(engine: &Engine) -> (TicketId, Client, (Client, String), Client) {
    let mut sam = supervisor(engine);
    let room = found(&mut sam, 1, 0).unwrap();
    let (mut carl, welcome) = Client::customer(engine, "Carl");
    let (mut mia, _) = Client::customer(engine, "Mia");
    enter(&mut sam, room, 11).unwrap();
    enter(&mut carl, room, 21).unwrap();
    enter(&mut mia, room, 31).unwrap();
    (room, sam, (carl, welcome.token), mia)
}

/// C03, C08: a muted member is refused by name, hears on, and his number is free; a kill changes nothing.
#[test]
fn a_muted_member_hears_and_says_nothing_also_after_a_kill() {
    let mut engine = Engine::start();
    let (room, mut sam, (mut carl, token), mut mia) = hall(&engine);
    assert_eq!(say(&mut carl, room, 1, "one"), Ok(4));
    assert_eq!(code(act(&mut carl, room, ModerationAct::Mute, 2)), Refusal::Forbidden.number());
    act(&mut sam, room, ModerationAct::Mute, 1).unwrap();
    assert_eq!(about_you(&mut carl), (ModerationAct::Mute, "house rules".to_owned()));
    let no = say(&mut carl, room, 2, "two").unwrap_err();
    assert_eq!((no.code, no.detail.as_str()), (Refusal::Muted.number(), "muted for good"));
    carl.post(room, 1, "one");
    assert_eq!(carl.acknowledged(room, 1), Ok(4), "what was accepted is acknowledged again");
    assert_eq!(say(&mut mia, room, 1, "hello"), Ok(5));
    carl.wait(|frame| (place(frame) == Some(5)).then_some(()));
    engine.kill();
    engine.restart();
    let mut carl = Client::hello(&engine, &token, "").0;
    let joined = enter(&mut carl, room, 21).unwrap();
    assert_eq!((joined.stream_head, joined.muted_until.ms()), (1, deskwire_protocol::ids::TIME_MS_MAX));
    assert_eq!(code(say(&mut carl, room, 2, "two")), Refusal::Muted.number());
    let mut sam = supervisor(&engine);
    enter(&mut sam, room, 12).unwrap();
    let log = sam.join_all(room, 12, 0).unwrap();
    let said = log.iter().find_map(|frame| match frame {
        ServerFrame::Staff(StaffFrame::Moderated(it)) => Some((it.seq, it.act, it.author, it.name.as_str())),
        _ => None,
    });
    assert_eq!(said, Some((5, ModerationAct::Mute, 1, "Sam Supervisor")));
    act(&mut sam, room, ModerationAct::Unmute, 1).unwrap();
    assert_eq!(say(&mut carl, room, 2, "two"), Ok(6), "the number was not used up; nor has the mute one for him");
    assert!(!carl.raw.windows(3).any(|bytes| bytes == b"Sam") || joined.members[0].name.starts_with("Sam"));
}

/// C03: who is removed is out in the same step and may come back; who is banned may not, until he may.
#[test]
fn a_removed_member_may_come_back_and_a_banned_one_may_not() {
    let mut engine = Engine::start();
    let (room, mut sam, (mut carl, token), mut mia) = hall(&engine);
    act(&mut sam, room, ModerationAct::Remove, 1).unwrap();
    assert_eq!(about_you(&mut carl).0, ModerationAct::Remove);
    let departed = |frame: &ServerFrame| match frame {
        ServerFrame::Public(PublicFrame::Departed(it)) => Some((it.seq, it.author)),
        _ => None,
    };
    assert_eq!(mia.wait(departed), (4, 1));
    assert_eq!(say(&mut mia, room, 1, "he is gone"), Ok(5));
    assert!(carl.settle().iter().all(|frame| place(frame) != Some(5)), "nothing more reaches him");
    assert_eq!(code(say(&mut carl, room, 1, "let me in")), Refusal::NotAMember.number());
    assert_eq!(enter(&mut carl, room, 21).unwrap().stream_head, 0);
    assert_eq!(say(&mut carl, room, 1, "back"), Ok(7));
    act(&mut sam, room, ModerationAct::Ban, 1).unwrap();
    assert_eq!(about_you(&mut carl).0, ModerationAct::Ban);
    engine.kill();
    engine.restart();
    let mut carl = Client::hello(&engine, &token, "").0;
    assert_eq!(code(enter(&mut carl, room, 22)), Refusal::Banned.number());
    assert_eq!(code(say(&mut carl, room, 1, "?")), Refusal::Banned.number());
    let caller = Caller::new(&engine, token);
    assert_eq!(caller.get(&format!("/rooms/{room}")).0, 403);
    let mut sam = supervisor(&engine);
    act(&mut sam, room, ModerationAct::Unban, 1).unwrap();
    assert_eq!(enter(&mut carl, room, 22).unwrap().members.len(), 3, "he is member 1 as before");
}

fn texts(frames: &[PublicFrame]) -> Vec<(u32, String)> {
    let text = |frame: &PublicFrame| match frame {
        PublicFrame::Message(it) => Some((it.seq, it.text.clone())),
        PublicFrame::OwnMessage(it) => Some((it.seq, it.text.clone())),
        _ => None,
    };
    frames.iter().filter_map(text).collect()
}

/// C03: a deleted post keeps its number and loses its text: live windows are told, and no page has it, from memory, from
/// disk, back or after a kill. What is on disk is another matter.
#[test]
fn a_deleted_post_leaves_every_way_of_reading() {
    const CANARY: &str = "canary-91ab";
    let mut engine = Engine::start();
    let (room, mut sam, (mut carl, token), mut mia) = hall(&engine);
    act(&mut sam, room, ModerationAct::Mute, 2).unwrap();
    assert_eq!(say(&mut carl, room, 1, CANARY), Ok(4));
    assert_eq!(mia.message(), (4, CANARY.to_owned()));
    let delete = |seq| kinds::Moderate { act: ModerationAct::DeletePost, seq, ..NOTHING };
    assert_eq!(code(moderate(&mut sam, room, delete(99))), Refusal::UnknownPost.number());
    moderate(&mut sam, room, delete(5)).unwrap();
    let deleted = |frame: &ServerFrame| match frame {
        ServerFrame::Public(PublicFrame::PostDeleted(it)) => Some((it.seq, it.target)),
        _ => None,
    };
    assert_eq!((mia.wait(deleted), carl.wait(deleted)), ((5, 4), (5, 4)), "in customers' numbers");
    carl.post(room, 1, CANARY);
    assert_eq!(carl.acknowledged(room, 1), Ok(4), "a repeat is one still");
    let mut heard: Vec<Client> = vec![Client::customer(&engine, "Lou").0];
    assert_eq!(texts(&heard[0].join(room, 41, 0).unwrap()), [(4, String::new())]);
    assert_eq!(texts(&history(&mut heard[0], room, 6)), [(4, String::new())]);
    engine.kill();
    engine.restart();
    let mut again = Client::hello(&engine, &token, "").0;
    assert_eq!(texts(&again.join(room, 22, 0).unwrap()), [(4, String::new())]);
    for number in 1..=600 {
        say(&mut again, room, number, "on and on").unwrap();
    }
    assert_eq!(texts(&history(&mut again, room, 6)), [(4, String::new())]);
    assert_eq!(texts(&again.join(room, 23, 0).unwrap())[0], (4, String::new()), "below the room's tail");
    let events = Caller::staff(&engine, "sam").get(&format!("/rooms/{room}/events?after=0")).1;
    assert!(!events.to_string().contains(CANARY));
    heard.push(again);
    assert!(heard.iter().all(|client| !client.raw.windows(CANARY.len()).any(|bytes| bytes == CANARY.as_bytes())));
}

/// C03: one post in so many seconds; who is too soon is told when, and his number is free.
#[test]
fn slow_mode_refuses_by_name_and_says_when() {
    let engine = Engine::start();
    let (room, mut sam, (mut carl, _), _) = hall(&engine);
    moderate(&mut sam, room, kinds::Moderate { act: ModerationAct::SlowMode, seconds: 600, ..NOTHING }).unwrap();
    let slow = |frame: &ServerFrame| match frame {
        ServerFrame::Public(PublicFrame::SlowMode(it)) => Some((it.seq, it.seconds)),
        _ => None,
    };
    assert_eq!(carl.wait(slow), (4, 600));
    assert_eq!(say(&mut carl, room, 1, "one"), Ok(5));
    let no = say(&mut carl, room, 2, "two").unwrap_err();
    assert_eq!(no.code, Refusal::TooSoon.number());
    assert!((1..=600_000).contains(&no.retry_ms), "{}", no.retry_ms);
    assert_eq!((say(&mut sam, room, 1, "staff"), say(&mut sam, room, 2, "as they like")), (Ok(6), Ok(7)));
    moderate(&mut sam, room, kinds::Moderate { act: ModerationAct::SlowMode, ..NOTHING }).unwrap();
    assert_eq!(say(&mut carl, room, 2, "two"), Ok(9));
    let heard = carl.settle();
    assert!(
        heard
            .iter()
            .filter_map(|frame| match frame {
                ServerFrame::Public(frame) => seq(frame),
                ServerFrame::Staff(_) => None,
            })
            .eq([3, 6, 7, 8])
    );
}
