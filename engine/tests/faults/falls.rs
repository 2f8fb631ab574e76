//! Parts of the desk fall: what was written is told all the same, and other people's chats do not notice.

use std::time::{Duration, Instant};

use deskwire_protocol::kinds::{self, PublicFrame, StaffFrame};
use deskwire_protocol::{CloseCode, Refusal, ServerFrame, Status, Step, TicketId};

use crate::client::Client;
use crate::engine::Engine;
use crate::load::{Load, Size, assert_kept, figures, wait_until};
use crate::row::{broken, row};

/// How long who listens silently may have to wait.
const AT_ONCE: Duration = Duration::from_secs(1);

pub fn fall(engine: &Engine, words: &str) {
    assert_eq!(engine.http(engine.ops, "POST", &format!("/debug/fall?{words}"), "").0, 200, "{words}");
}

fn falls(engine: &Engine, actor: &str) -> f64 {
    engine.metric(&format!("deskwire_actor_falls_total{{actor=\"{actor}\"}}"))
}

/// Makes an actor fall and waits until that was noticed.
pub fn fall_and_wait(engine: &Engine, words: &str, actor: &str) {
    let before = falls(engine, actor);
    fall(engine, words);
    wait_until("it fell", || falls(engine, actor) > before);
}

fn set_status(agent: &mut Client, status: Status) {
    let request = agent.request();
    agent.send(kinds::SetStatus { request, status });
    agent.done(request).unwrap();
}

/// Alice and Carl in a chat, both listening.
fn chat(engine: &Engine) -> (Client, Client, TicketId) {
    let mut alice = Client::agent(engine, "alice");
    let (mut carl, _) = Client::customer(engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), ticket);
    alice.join(ticket, 21, 0).unwrap();
    carl.join(ticket, 11, 0).unwrap();
    alice.settle();
    (alice, carl, ticket)
}

fn ms(took: Duration) -> String {
    format!("{:.1} ms", took.as_secs_f64() * 1e3)
}

fn is_late(took: Duration) -> u64 {
    u64::from(took >= AT_ONCE)
}

/// Posts until it is acknowledged, as every client does: a refusal that may be retried is.
pub fn post_until_acknowledged(client: &mut Client, ticket: TicketId, number: u32, text: &str) -> (u32, usize) {
    for tries in 1..20 {
        client.post(ticket, number, text);
        match client.acknowledged(ticket, number) {
            Ok(seq) => return (seq, tries),
            Err(no) => assert_eq!(no.code, Refusal::Again.number(), "{no:?}"),
        }
    }
    panic!("{text} was never acknowledged");
}

/// C08, C10; promises 3 and 5 at their hardest place.
#[test]
fn a_room_that_falls_between_the_sync_and_telling_is_heard_within_a_second() {
    let engine = Engine::start();
    let (mut alice, mut carl, ticket) = chat(&engine);
    fall(&engine, &format!("room_at_sync={}", ticket.0));
    let posted = Instant::now();
    carl.post(ticket, 1, "is anybody there");
    // Alice sends nothing: her next byte would be answered by a room that is back already.
    let (seq, text) = alice.message();
    let took = posted.elapsed();
    assert_eq!((seq, text.as_str()), (3, "is anybody there"));
    assert_eq!(carl.acknowledged(ticket, 1).unwrap_err().code, Refusal::Again.number());
    assert_eq!(post_until_acknowledged(&mut carl, ticket, 1, "is anybody there"), (3, 1));
    assert_eq!(post_until_acknowledged(&mut carl, ticket, 2, "well then"), (4, 1));
    assert_eq!(alice.message(), (4, "well then".to_owned()));
    assert_eq!(falls(&engine, "room"), 1.0);
    row("a room falls before it tells", &format!("a listener had it after {}", ms(took)), is_late(took));
}

/// C10: the same with a room that left because nothing happened.
#[test]
fn a_room_that_left_is_heard_within_a_second_of_the_next_post() {
    let engine = Engine::with(&[("ACTORS_IDLE_SECONDS", "1")]);
    let (mut alice, mut carl, ticket) = chat(&engine);
    wait_until("the room leaves", || engine.metric("deskwire_actors{actor=\"room\"}") == 0.0);
    let posted = Instant::now();
    carl.post(ticket, 1, "is anybody there");
    assert_eq!(alice.message(), (3, "is anybody there".to_owned()));
    let took = posted.elapsed();
    assert_eq!(carl.acknowledged(ticket, 1).unwrap(), 3);
    row("a post to a room that left", &format!("a silent listener had it after {}", ms(took)), is_late(took));
}

/// C02; promise 5: a room again and again is set aside with words, and its slot is free; strangers learn nothing of it.
#[test]
fn a_room_that_falls_five_times_is_set_aside_and_its_agent_is_free() {
    let engine = Engine::start();
    let (mut alice, mut carl, ticket) = chat(&engine);
    let began = Instant::now();
    for _ in 0..5 {
        fall_and_wait(&engine, &format!("room={}", ticket.0), "room");
    }
    let words = carl.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::Refused(no)) if no.ticket == ticket => Some(no.clone()),
        _ => None,
    });
    assert_eq!(words.code, Refusal::SetAside.number());
    assert!(!words.detail.is_empty());
    alice.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::NotYours(gone)) if gone.ticket == ticket => Some(()),
        _ => None,
    });
    alice.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::YourState(state)) if state.active == 0 => Some(()),
        _ => None,
    });
    let took = ms(began.elapsed());
    carl.post(ticket, 1, "and now");
    assert_eq!(carl.acknowledged(ticket, 1).unwrap_err().code, Refusal::SetAside.number());
    assert_eq!(engine.metric("deskwire_rooms_set_aside"), 1.0);

    let (mut dora, _) = Client::customer(&engine, "Dora");
    let next = dora.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), next);

    for to_see in [&mut carl, &mut alice, &mut staff(&engine, "admin")] {
        assert_eq!(wants(to_see, ticket).map(|(code, _)| code), [Refusal::SetAside.number(); 3]);
    }
    let strangers = [Client::customer(&engine, "Mallory").0, staff(&engine, "bob")];
    for mut stranger in strangers {
        assert_eq!(wants(&mut stranger, ticket), wants(&mut stranger, TicketId(ticket.0 ^ 1)));
    }
    row("a room falls five times", &format!("set aside with words, its agent free, {took} after the first"), 0);
}

fn staff(engine: &Engine, name: &str) -> Client {
    Client::hello(engine, &engine.sign_in(name), "").0
}

/// What somebody hears who wants to hear, read and close a ticket: code and words of each refusal.
fn wants(client: &mut Client, ticket: TicketId) -> [(u16, String); 3] {
    let join = client.join(ticket, 31, 0).unwrap_err();
    client.send(kinds::ReadBack { ticket, before: 9 });
    let read = client.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::Refused(no)) if no.ticket == ticket => Some(no.clone()),
        _ => None,
    });
    let close = client.advance(ticket, Step::Close, "").unwrap_err();
    [join, read, close].map(|no| (no.code, no.detail))
}

/// Promise 5: an operator tries it again: its agent has it again, its people talk on, and its falls are counted anew.
#[test]
fn a_ticket_that_was_set_aside_is_put_back() {
    let engine = Engine::start();
    let (mut alice, mut carl, ticket) = chat(&engine);
    let (seq, _) = post_until_acknowledged(&mut carl, ticket, 1, "before");
    for _ in 0..5 {
        fall_and_wait(&engine, &format!("room={}", ticket.0), "room");
    }
    alice.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::NotYours(gone)) if gone.ticket == ticket => Some(()),
        _ => None,
    });
    alice.settle();
    carl.settle();
    let aside = || engine.http(engine.ops, "GET", "/tickets/aside", "").1;
    let put_back = |id: &str| engine.http(engine.ops, "POST", &format!("/tickets/{id}/put-back"), "").0;
    assert_eq!(aside(), format!(r#"{{"tickets":["{ticket}"]}}"#));
    assert_eq!(carl.join(ticket, 11, 0).unwrap_err().code, Refusal::SetAside.number());
    assert_eq!((put_back("nonsense"), put_back("0000000000000001")), (400, 404));
    let began = Instant::now();
    assert_eq!((put_back(&ticket.to_string()), put_back(&ticket.to_string())), (204, 404));
    assert_eq!((aside().as_str(), engine.metric("deskwire_rooms_set_aside")), (r#"{"tickets":[]}"#, 0.0));

    assert_eq!(alice.yours(), ticket);
    alice.join(ticket, 21, seq).unwrap();
    carl.join(ticket, 11, seq).unwrap();
    post_until_acknowledged(&mut carl, ticket, 2, "and after");
    assert_eq!(alice.message(), (seq + 1, "and after".to_owned()));
    let took = ms(began.elapsed());
    for _ in 0..4 {
        fall_and_wait(&engine, &format!("room={}", ticket.0), "room");
    }
    post_until_acknowledged(&mut carl, ticket, 3, "four falls are not five");
    assert_eq!(alice.message(), (seq + 2, "four falls are not five".to_owned()));
    row("a ticket is put back", &format!("its people talk on {took} after"), 0);
}

/// B01; promise 5: what an agent said of taking tickets outlives the dispatcher; nobody has to say it again.
#[test]
fn an_agent_who_takes_tickets_does_so_after_a_fall_of_the_dispatcher() {
    let engine = Engine::start();
    let mut alice = Client::agent(&engine, "alice");
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let fell = Instant::now();
    fall_and_wait(&engine, "dispatcher", "dispatcher");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), ticket);
    row("the dispatcher falls, an agent", &format!("has the next ticket {} after", ms(fell.elapsed())), 0);
}

/// B07; promise 5: who looks at the queue when the dispatcher falls is told to come back, and sees the queue as it is.
#[test]
fn who_watches_the_queue_comes_back_after_a_fall_of_the_dispatcher() {
    let engine = Engine::start();
    let token = engine.sign_in("alice");
    let watch = || {
        let (mut alice, _) = Client::hello(&engine, &token, "");
        let request = alice.request();
        alice.send(kinds::WatchQueue { request, on: true });
        alice.done(request).unwrap();
        alice
    };
    let mut alice = watch();
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let fell = Instant::now();
    fall_and_wait(&engine, "dispatcher", "dispatcher");
    assert_eq!(alice.closed(), CloseCode::Internal.number());
    let ticket = carl.start_chat("technical", 1).unwrap();
    watch().wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::QueueEntry(entry)) if entry.ticket == ticket => Some(()),
        _ => None,
    });
    row("the dispatcher falls, the queue", &format!("is seen as it is {} after", ms(fell.elapsed())), 0);
}

/// Promise 5: a fall costs one room, one person's pause, or a moment of the queue, and nobody else anything.
#[test]
fn falls_of_some_do_not_disturb_the_chats_of_others() {
    let engine = Engine::start();
    let size = Size { customers: 16, agents: 4, rate: 100, seconds: 4, chat_posts: 10 };
    // Picked by hand, by one who takes no more: the load client's chats and this one do not meet.
    let (mut carl, carl_is) = Client::customer(&engine, "Carl");
    let alice_token = engine.sign_in("alice");
    let (mut alice, alice_is) = Client::hello(&engine, &alice_token, "");
    set_status(&mut alice, Status::Available);
    let ticket = carl.start_chat("technical", 1).unwrap();
    let request = alice.request();
    alice.send(kinds::Pick { request, ticket });
    alice.done(request).unwrap();
    set_status(&mut alice, Status::Away);
    let load = Load::start_and_wait(&engine, size);
    for _ in 0..3 {
        fall_and_wait(&engine, "dispatcher", "dispatcher");
        fall_and_wait(&engine, "notifier", "notifier");
        fall_and_wait(&engine, &format!("room={}", ticket.0), "room");
        fall_and_wait(&engine, &format!("person={}", carl_is.person.0), "customer");
        fall_and_wait(&engine, &format!("person={}", alice_is.person.0), "agent");
        // Whether their connections stayed or were told to come back: with new ones they go on.
        (carl, _) = Client::hello(&engine, &carl_is.token, "");
        (alice, _) = Client::hello(&engine, &alice_token, "");
        std::thread::sleep(Duration::from_millis(300));
    }
    carl.join(ticket, 11, 0).unwrap();
    alice.join(ticket, 21, 0).unwrap();
    let (seq, _) = post_until_acknowledged(&mut carl, ticket, 1, "still here");
    assert_eq!(alice.message(), (seq, "still here".to_owned()));
    let report = load.end();
    // A post put off, as `busy` say, is no error: its client sends it again by itself, and the checker proves that it came.
    let refused = report.checked.refused + report.counts["requests refused"];
    let errors = report.counts["connections lost"] + refused;
    if errors > 0 {
        println!("{report}");
    }
    let words = format!("15 falls; {}; {refused} posts and requests refused", figures(&report));
    row("falls of actors, the others", &words, broken(&report) + errors);
    assert_kept(&report);
    assert!(report.counts["unpaired"] * 4 < report.counts["scheduled"], "{report}");
}

/// Part 6; promise 5: who watches the floor when the dispatcher falls is told to come back, and sees what waits as before; what
/// was counted begins anew, and the frame says since when.
#[test]
fn the_floor_after_a_fall_of_the_dispatcher_is_as_before_but_for_its_counts() {
    let engine = Engine::start();
    let (_alice, mut carl, _ticket) = chat(&engine);
    carl.start_chat("technical", 2).unwrap();
    let look = |right: &dyn Fn(&kinds::FloorCategories) -> bool| {
        let (mut sam, _) = Client::hello(&engine, &engine.sign_in("sam"), "");
        let request = sam.request();
        sam.send(kinds::WatchFloor { request, on: true });
        sam.done(request).unwrap();
        let floor = sam.wait(|frame| match frame {
            ServerFrame::Staff(StaffFrame::FloorCategories(floor)) if right(floor) => Some(floor.clone()),
            _ => None,
        });
        (sam, floor)
    };
    let line = |floor: &kinds::FloorCategories, name: &str| {
        floor.categories.iter().find(|line| line.category == name).map(|line| (line.waiting_live, line.answered))
    };
    let (mut sam, before) = look(&|floor| line(floor, "general") == Some((0, 1)));
    let fell = Instant::now();
    fall_and_wait(&engine, "dispatcher", "dispatcher");
    assert_eq!(sam.closed(), CloseCode::Internal.number());
    let (_sam, after) = look(&|floor| line(floor, "technical") == Some((1, 0)));
    let took = ms(fell.elapsed());
    assert_eq!(line(&after, "general"), Some((0, 0)));
    assert!(after.counted_since > before.counted_since);
    row("the dispatcher falls, the floor", &format!("is seen as before {took} after"), 0);
}
