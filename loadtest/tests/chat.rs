//! The scenarios against a small engine: a right one keeps every promise, each wrong one is found out.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod fake;

use std::collections::BTreeMap;
use std::fs;
use std::net::IpAddr;
use std::process::{Command, Output};

use fake::{Fake, Fault};

/// Plays a short chat run against an engine with this fault.
fn play(fault: Fault, restart_after: Option<u32>, more: &[&str]) -> Output {
    let fake = Fake::start(fault, restart_after);
    let url = format!("ws://{}/ws", fake.address);
    let base = ["chat", "--customers", "12", "--agents", "3", "--rate", "300", "--duration", "2", "--warmup", "0"];
    Command::new(env!("CARGO_BIN_EXE_deskwire-loadtest"))
        .args(base)
        .args(["--url", &url, "--no-progress", "--seed", "7", "--chat-posts", "12"])
        .args(more)
        .output()
        .unwrap()
}

#[track_caller]
fn finds(fault: Fault, restart_after: Option<u32>, word: &str) {
    let output = play(fault, restart_after, &[]);
    let (told, faults) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(98), "{fault:?}: {told}{faults}");
    let promises = told.lines().find(|line| line.starts_with("lost ")).unwrap_or_default();
    assert!(promises.contains(word) && !promises.contains(&format!("{word} 0")), "{fault:?}: {told}{faults}");
}

/// C08, C10: the promise, and the count of what was measured.
#[test]
fn a_right_engine_keeps_every_promise() {
    let file = tempfile();
    let output = play(Fault::None, None, &["--json", &file]);
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("lost 0  doubled 0  reordered 0  gaps 0"), "{told}");
    assert!(told.contains("every promise was kept"), "{told}");
    let report: serde_json::Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let checked = &report["checked"];
    assert!(checked["posted"].as_u64().unwrap() > 400, "{report}");
    assert_eq!(checked["posted"], checked["acknowledged"], "{report}");
    assert_eq!(report["counts"]["acknowledged"], report["counts"]["delivered"], "{report}");
    assert!(report["counts"]["chats closed"].as_u64().unwrap() > 20, "{report}");
    assert_eq!(report["times_us"]["deliver"]["count"], report["counts"]["delivered"], "{report}");
    fs::remove_file(file).unwrap();
}

#[test]
fn a_restart_loses_nothing_and_is_told() {
    let output = play(Fault::None, Some(200), &["--survive"]);
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("connections lost 15"), "{told}");
    assert!(told.contains("resume"), "{told}");
}

#[test]
fn a_lost_post_is_found() {
    finds(Fault::Lose, None, "lost");
}

#[test]
fn a_doubled_post_is_found() {
    finds(Fault::Double, None, "doubled");
}

#[test]
fn a_reordered_post_is_found() {
    finds(Fault::Reorder, None, "reordered");
}

#[test]
fn a_gap_in_a_view_is_found() {
    finds(Fault::Gap, None, "gaps");
}

#[test]
fn an_event_told_twice_is_found() {
    finds(Fault::Repeat, None, "doubled");
}

#[test]
fn an_altered_text_is_found() {
    finds(Fault::Alter, None, "altered");
}

/// A05, C02.
#[test]
fn a_leaked_message_is_found() {
    finds(Fault::Leak, None, "leaked");
}

#[test]
fn an_engine_that_forgets_what_it_acknowledged_is_found() {
    finds(Fault::Forget, Some(200), "lost");
}

#[test]
fn an_engine_that_forgets_its_streams_is_found() {
    finds(Fault::ForgetStreams, Some(200), "forgotten streams");
}

#[test]
fn a_last_event_that_nobody_was_told_is_found() {
    finds(Fault::Miss, None, "missed");
}

#[test]
fn a_second_answer_that_differs_is_found() {
    finds(Fault::Contradict, None, "contradicted");
}

#[test]
fn an_event_told_otherwise_than_it_is_kept_is_found() {
    finds(Fault::Differ, None, "differing views");
}

#[test]
fn a_post_that_is_refused_and_kept_is_found() {
    finds(Fault::RefuseYetKeep, None, "refused yet kept");
}

#[test]
fn a_log_that_cannot_be_read_is_found() {
    finds(Fault::Hide, None, "unread");
}

/// Sign-ins and the reading of the logs at the end come from the first address; sessions from those asked for.
#[test]
fn sessions_come_from_as_many_addresses_as_asked_for() {
    for asked in [0, 1, 3] {
        let fake = Fake::start(Fault::None, None);
        let (url, addresses) = (format!("ws://{}/ws", fake.address), asked.to_string());
        let asks = ["--source-addresses", &addresses];
        let output = Command::new(env!("CARGO_BIN_EXE_deskwire-loadtest"))
            .args(["connect", "--customers", "12", "--agents", "3", "--rate", "500", "--idle", "0", "--url", &url])
            .args(if asked > 0 { &asks[..] } else { &[] })
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{told}{}", String::from_utf8_lossy(&output.stderr));
        let mut sessions = BTreeMap::<IpAddr, usize>::new();
        fake.peers().into_iter().for_each(|peer| *sessions.entry(peer).or_default() += 1);
        assert!(sessions.remove(&IpAddr::from([127, 0, 0, 1])).is_some_and(|count| count >= 3), "{sessions:?}");
        let expected = (0..asked).map(|index| (IpAddr::from([127, 0, 0, 2 + index]), 15 / usize::from(asked)));
        assert_eq!(sessions, expected.collect(), "{asked}");
    }
}

#[test]
fn idle_sessions_are_weighed_after_each_has_talked() {
    let fake = Fake::start(Fault::None, None);
    let (url, pid) = (format!("ws://{}/ws", fake.address), std::process::id().to_string());
    let base = ["connect", "--customers", "40", "--agents", "3", "--rate", "500", "--idle", "1"];
    let output = Command::new(env!("CARGO_BIN_EXE_deskwire-loadtest"))
        .args(base)
        .args(["--url", &url, "--no-progress", "--server-pid", &pid, "--source-addresses", "2"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("idle: 40 sessions") && told.contains("chats: opened 40, paired 40, closed 40"), "{told}");
    assert!(told.contains("cores while idle") && !told.contains("per delivered message"), "{told}");
}

/// B04: the waits are counted from when the agents begin; whom the one took who was there before was in no queue.
#[test]
fn a_backlog_is_served_once_agents_take_tickets() {
    let fake = Fake::start(Fault::None, None);
    let output = Command::new(env!("CARGO_BIN_EXE_deskwire-loadtest"))
        .args(["backlog", "--customers", "12", "--agents", "3", "--no-progress"])
        .args(["--url", &format!("ws://{}/ws", fake.address)])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}{}", String::from_utf8_lossy(&output.stderr));
    let line = told.lines().find(|line| line.starts_with("chats: opened 12, paired ")).unwrap();
    let paired = line.split([' ', ',']).nth(5).unwrap().parse::<u32>().unwrap();
    assert!((1..12).contains(&paired) && line.contains("closed 12"), "{told}");
}

#[test]
fn options_that_make_no_run_exit_with_104_and_an_absent_engine_with_1() {
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_deskwire-loadtest")).args(arguments).output().unwrap();
        output.status.code()
    };
    assert_eq!(run(&["chat", "--rate", "many"]), Some(104));
    assert_eq!(run(&["chat", "--size", "3"]), Some(104));
    assert_eq!(run(&["chat", "--url", "http://127.0.0.1:1/ws"]), Some(104));
    assert_eq!(run(&["--help"]), Some(0));
}

fn tempfile() -> String {
    std::env::temp_dir().join(format!("deskwire-loadtest-{}.json", std::process::id())).display().to_string()
}
