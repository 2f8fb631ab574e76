//! The checker is worth something: it fails on an engine with a bug, and the same run without the bug passes.

use std::time::Duration;

use deskwire_loadtest::checker::Promise;
use deskwire_loadtest::report::Report;
use deskwire_protocol::limits::RESEND_AFTER_MS;

use crate::engine::{ANYWHERE, Engine};
use crate::load::{Load, Size, assert_kept, figures, skipped, wait_until};
use crate::traced::{NO_STRACE, can_trace};

const SIZE: Size = Size { customers: 24, agents: 6, rate: 250, seconds: 3, chat_posts: 8 };

/// Plays, with a kill in the middle.
fn play(bug: Option<&str>) -> Report {
    play_with(bug, SIZE, 1)
}

/// Plays, with so many kills.
fn play_with(bug: Option<&str>, size: Size, kills: usize) -> Report {
    let settings: Vec<_> = bug.map(|bug| ("PLANTED_BUG", bug)).into_iter().collect();
    let mut engine = Engine::with(&settings);
    let load = Load::start_and_wait(&engine, size);
    for _ in 0..kills {
        std::thread::sleep(Duration::from_millis(1_200));
        engine.kill();
        engine.restart();
    }
    let report = load.end();
    println!("{}: {}", bug.unwrap_or("no bug"), figures(&report));
    report
}

/// One of the promises that the bug is against is broken: that some log could not be read, say, would not do.
#[track_caller]
fn assert_breaks(report: &Report, one_of: &[Promise]) {
    assert!(one_of.iter().any(|promise| report.checked.of(*promise) > 0), "none of {one_of:?}: {report}");
}

/// The runs below without their bugs.
#[test]
fn an_engine_without_a_planted_bug_passes() {
    assert_kept(&play(None));
}

/// C08: promise 2.
#[test]
fn numbering_in_memory_only_is_caught() {
    assert_breaks(&play(Some("numbers_forgotten")), &[Promise::StreamsKept, Promise::NotDoubled]);
}

/// C09, C10: promise 3.
#[test]
fn a_registration_made_after_the_page_was_read_is_caught() {
    assert_breaks(&play(Some("register_after_read")), &[Promise::Gapless, Promise::Delivered]);
}

/// C08: promise 1. A write that failed is nobody's business, and its append is told all the same.
///
/// Mostly others follow on it, and a log with a hole is not served at all. A post is missed in a log that is served
/// where it was the last before a kill: hence many chats, and more kills than one.
#[test]
fn a_writer_that_does_not_look_after_its_writes_is_caught() {
    let size = Size { customers: 96, agents: 32, rate: 400, seconds: 6, ..SIZE };
    // Chance may spare all that come last: then others.
    let lost = || play_with(Some("writer_forgets"), size, 3).checked.of(Promise::NotLost);
    assert!((0..3).any(|_| lost() > 0), "three plays, and nothing acknowledged was lost");
}

/// Talk so slow that rooms leave between two posts: whoever listens is to hear the next all the same.
fn play_slowly(bug: Option<&str>) -> Report {
    let settings: Vec<_> =
        [("ACTORS_IDLE_SECONDS", "1")].into_iter().chain(bug.map(|bug| ("PLANTED_BUG", bug))).collect();
    let engine = Engine::with(&settings);
    let size = Size { customers: 24, agents: 8, rate: 16, seconds: 6, chat_posts: 12 };
    let report = Load::start_with(engine.address, size, &[]).end();
    println!("rooms that leave, {}: {}", bug.unwrap_or("no bug"), figures(&report));
    report
}

/// The run below without its bug.
#[test]
fn rooms_that_leave_between_two_posts_take_nothing_with_them() {
    assert_kept(&play_slowly(None));
}

/// C10: promise 3.
#[test]
fn registrations_lost_with_the_room_are_caught() {
    assert_breaks(&play_slowly(Some("registrations_in_room")), &[Promise::Delivered]);
}

/// A sync of a thread takes ten seconds, from this one on.
const SLOW_SYNCS: &str = "inject=fdatasync:delay_enter=10000000:when=150+";
/// A disk that only has much to do is never so far behind, in seconds.
const STANDS_STILL_S: f64 = 2.0;

/// The disk stands still for so long that clients send again what they sent, and it is not on disk yet. Then the process
/// is killed.
fn play_repeats(bug: Option<&str>) -> Report {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let settings: Vec<_> = bug.map(|bug| ("PLANTED_BUG", bug)).into_iter().collect();
    let through =
        ["strace", "-D", "-f", "--seccomp-bpf", "-qq", "-e", "trace=fdatasync", "-e", SLOW_SYNCS, "-o", "/dev/null"];
    let mut engine = Engine::on(&data, ANYWHERE, &settings, &through);
    let size = Size { customers: 24, agents: 8, rate: 150, seconds: 11, chat_posts: 100 };
    let load = Load::start_with(engine.address, size, &[]);
    wait_until("the disk stands still", || engine.metric("deskwire_store_unsynced_age_seconds") > STANDS_STILL_S);
    // What was sent before is sent again meanwhile.
    std::thread::sleep(Duration::from_millis(RESEND_AFTER_MS));
    engine.kill();
    let again = Engine::on(&data, engine.address, &[], &[]);
    let report = load.end();
    println!("a disk that stands still, {}: {}", bug.unwrap_or("no bug"), figures(&report));
    drop(again);
    report
}

/// The run below without its bug.
#[test]
fn what_is_sent_again_while_the_disk_stands_still_is_not_acknowledged_before_it_is_on_disk() {
    match can_trace() {
        true => assert_kept(&play_repeats(None)),
        false => skipped("what_is_sent_again_while_the_disk_stands_still_…", NO_STRACE),
    }
}

/// C08: promises 1 and 2.
#[test]
fn a_repeat_answered_from_what_is_applied_is_caught() {
    match can_trace() {
        true => assert_breaks(&play_repeats(Some("acknowledge_repeat_applied")), &[Promise::NotLost]),
        false => skipped("a_repeat_answered_from_what_is_applied_is_caught", NO_STRACE),
    }
}
