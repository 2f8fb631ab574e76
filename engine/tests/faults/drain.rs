//! SIGTERM while the disk is slow: what was accepted is answered, what comes later is told to come back.

use deskwire_protocol::kinds::{self, PublicFrame};
use deskwire_protocol::{CloseCode, Refusal, ServerFrame, StreamId};
use rustix::process::Signal;

use crate::client::Client;
use crate::engine::{ANYWHERE, Engine};
use crate::load::{skipped, wait_until};
use crate::row::row;
use crate::traced::{NO_STRACE, can_trace};

/// Each sync of a thread takes more than a second, from its eighth on.
const SLOW_SYNCS: &str = "inject=fdatasync:delay_exit=1200000:when=8+";
const FAST_SYNCS: u128 = 8;
const POSTS: u32 = 3;

/// G10: accepted posts are acknowledged before the goodbye, and kept; posts, chats and picks that come later are refused
/// as `draining`, and are not in the log.
#[test]
fn what_was_accepted_before_a_drain_is_acknowledged_and_what_comes_later_is_refused() {
    if !can_trace() {
        return skipped("what_was_accepted_before_a_drain_is_acknowledged_and_what_comes_later_is_refused", NO_STRACE);
    }
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let through =
        ["strace", "-D", "-f", "--seccomp-bpf", "-qq", "-e", "trace=fdatasync", "-e", SLOW_SYNCS, "-o", "/dev/null"];
    let mut engine = Engine::on(&data, ANYWHERE, &[("SERVE_DRAIN_SECONDS", "30")], &through);
    let mut alice = Client::agent(&engine, "alice");
    let (mut carl, welcome) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("technical", 1).unwrap();
    carl.join(ticket, 11, 0).unwrap();
    // Each needs a sync of its own: after so many the slow ones have begun.
    for stream in 0..FAST_SYNCS {
        carl.send(kinds::Join { ticket, stream: StreamId(100 + stream), after: 0 });
        carl.post(ticket, 1, "hello");
        carl.acknowledged(ticket, 1).unwrap();
    }
    carl.join(ticket, 11, 0).unwrap();
    carl.post(ticket, 1, "still accepted");
    wait_until("it is being synced", || engine.metric("deskwire_store_unsynced_age_seconds") > 0.05);
    // These are in the next batch: they wait longer yet. The pong is given in order: before it the room had them.
    (2..=POSTS).for_each(|number| carl.post(ticket, number, "still accepted"));
    let early = carl.settle();
    wait_until("they wait in the queue", || engine.metric("deskwire_store_queue") > 0.0);
    assert_eq!(engine.metric("deskwire_posts_inside"), f64::from(POSTS));
    assert!(!early.iter().any(|frame| matches!(frame, ServerFrame::Public(PublicFrame::Acknowledged(_)))), "{early:?}");

    engine.signal(Signal::TERM);
    engine.wait_for("the desk closes");
    carl.post(ticket, POSTS + 1, "too late");
    assert_eq!(carl.start_chat("technical", 2).unwrap_err().code, Refusal::Draining.number());
    let no = carl.acknowledged(ticket, POSTS + 1).unwrap_err();
    assert!(no.code == Refusal::Draining.number() && no.retry_ms > 0, "{no:?}");
    let request = alice.request();
    alice.send(kinds::Pick { request, ticket });
    assert_eq!(alice.done(request).unwrap_err().code, Refusal::Draining.number());
    for number in 1..=POSTS {
        carl.acknowledged(ticket, number).unwrap();
    }
    assert_eq!(carl.closed(), CloseCode::GoingAway.number());
    assert!(carl.heard.iter().any(|frame| matches!(frame, ServerFrame::Public(PublicFrame::Goodbye(_)))));
    engine.wait_for("everything that was acknowledged is kept");
    drop(engine);

    let engine = Engine::on(&data, ANYWHERE, &[], &[]);
    let (mut carl, _) = Client::hello(&engine, &welcome.token, "");
    let texts = carl.join(ticket, 11, 0).unwrap();
    let count = |wanted: &str| {
        let is = |event: &&PublicFrame| matches!(event, PublicFrame::OwnMessage(own) if own.text == wanted);
        texts.iter().filter(is).count() as u32
    };
    assert_eq!((count("still accepted"), count("too late")), (POSTS, 0));
    row("SIGTERM while the disk is slow", &format!("{POSTS} accepted posts kept, later ones refused"), 0);
}
