//! A day of a centre.

use crate::engine::Engine;
use crate::play::{assert_kept, count, play};

const DAY: &str = "mixed --customers 24 --agents 12 --rate 150 --acts 90 --duration 7 --chat-posts 8 --chat-seconds 5 \
                   --churn 5 --absence 1";

/// G13, C12, D03: everything that a day has happens in it, and all promises are kept.
#[test]
fn mixed_has_all_that_a_day_has_and_keeps_every_promise() {
    let engine = Engine::start();
    engine.set_rules("general", r#"{"mode":"automatic","agent_grace_s":3,"reopen_days":1}"#);
    let report = play(&engine, DAY);
    assert_kept(&report);
    let happened = [
        "typing",
        "read marks",
        "notes",
        "notes acknowledged",
        "whispers",
        "notes seen by staff",
        "transfers",
        "agents after the first",
        "moves to a category",
        "categories changed",
        "requeues",
        "holds",
        "reopenings asked",
        "reopened",
        "reloads of customers",
        "agents' turns",
        "chats closed",
    ];
    happened.iter().for_each(|what| assert!(count(&report, what) > 0, "{what}: {report}"));
    assert_eq!(report.violations, Some(0));
}

/// G13, C12: the check of visibility can fail.
#[test]
fn a_whisper_that_reaches_a_customer_is_told_as_leaked() {
    let engine = Engine::with(&[("PLANTED_BUG", "whisper_leaked")]);
    let report = play(&engine, DAY);
    assert!(report.is_broken() && report.broken["leaked"] > 0, "{report}");
}
