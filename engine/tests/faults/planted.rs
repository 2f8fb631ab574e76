//! The checker is worth something: it fails on an engine with a bug, and the same run without the bug passes.

use std::time::Duration;

use crate::engine::Engine;
use crate::load::{Load, Size, assert_kept, figures};
use deskwire_loadtest::report::Report;

const SIZE: Size = Size { customers: 24, agents: 6, rate: 250, seconds: 3, chat_posts: 8 };

/// Plays, with a kill in the middle.
fn play(bug: Option<&str>) -> Report {
    let settings: Vec<_> = bug.map(|bug| ("PLANTED_BUG", bug)).into_iter().collect();
    let mut engine = Engine::with(&settings);
    let load = Load::start_and_wait(&engine, SIZE);
    std::thread::sleep(Duration::from_millis(1_200));
    engine.kill();
    engine.restart();
    let report = load.end();
    println!("{}: {}", bug.unwrap_or("no bug"), figures(&report));
    report
}

/// The two runs below without their bugs.
#[test]
fn an_engine_without_a_planted_bug_passes() {
    assert_kept(&play(None));
}

/// C08: promise 2.
#[test]
fn numbering_in_memory_only_is_caught() {
    let report = play(Some("numbers_forgotten"));
    assert!(report.is_broken(), "{report}");
}

/// C09, C10: promise 3.
#[test]
fn a_registration_made_after_the_page_was_read_is_caught() {
    let report = play(Some("register_after_read"));
    assert!(report.is_broken(), "{report}");
}
