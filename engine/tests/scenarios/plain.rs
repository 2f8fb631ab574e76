//! Chats, a queue, idle sessions, a discussion.

use crate::engine::Engine;
use crate::play::{assert_kept, count, play};

/// G13.
#[test]
fn chat_opens_talks_in_and_closes_chats() {
    let engine = Engine::start();
    let report = play(&engine, "chat --customers 20 --agents 8 --rate 150 --duration 2 --warmup 1 --chat-posts 8");
    assert_kept(&report);
    assert!(count(&report, "chats closed") >= 10 && count(&report, "delivered") > 100, "{report}");
    assert_eq!(report.violations, Some(0));
}

/// G13: also at an engine that turns customers away while nobody is available, as all do that have run for a while.
#[test]
fn backlog_gives_everybody_in_the_queue_an_agent() {
    let engine = Engine::start();
    engine.set_rules("general", r#"{"mode":"automatic","agent_grace_s":1}"#);
    // Its dispatcher has then heard of everybody who is there.
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    let report = play(&engine, "backlog --customers 60 --agents 10");
    assert!(!report.is_broken(), "{report}");
    // The one agent who was there has twelve slots.
    let paired = count(&report, "chats paired");
    assert!((48..=60).contains(&paired), "{report}");
    assert_eq!(report.times_us["pairing"].count, paired);
    assert_eq!(report.violations, Some(0));
}

/// G13: its sessions are idle past the engine's idle time, as its actors show.
#[test]
fn connect_tells_what_an_idle_session_costs() {
    let engine = Engine::with(&[("ACTORS_IDLE_SECONDS", "1")]);
    let pid = engine.pid().as_raw_nonzero();
    let report = play(
        &engine,
        &format!("connect --customers 20 --agents 8 --rate 200 --chat-posts 4 --idle 4 --server-pid {pid}"),
    );
    assert_kept(&report);
    let idle = report.idle.unwrap();
    assert_eq!((idle.sessions, report.violations), (20, Some(0)), "{report}");
    assert!(idle.rss_after_bytes > 0 && idle.rss_anon_after_bytes > 0, "{report}");
    assert_eq!(idle.rooms, Some(0), "the rooms had gone idle: {report}");
    let us = idle.cpu_us_per_session_s.unwrap();
    assert!(us.is_finite() && us >= 0.0 && (us - idle.idle_cores * 1e6 / 20.0).abs() < 1e-6, "{report}");
    assert!(report.to_string().contains(" us of CPU a second each"), "{report}");
}

/// G13.
#[test]
fn room_brings_each_post_to_all_the_others() {
    let engine = Engine::start();
    let report = play(&engine, "room --members 12 --rate 60 --duration 2 --warmup 0");
    assert_kept(&report);
    assert_eq!(count(&report, "delivered"), 11 * count(&report, "acknowledged"), "{report}");
    assert_eq!(report.violations, Some(0));
}
