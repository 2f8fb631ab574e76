//! Agents come, go and are cut off while everybody talks: no chat is stuck, doubled or lost with them.

use crate::engine::Engine;
use crate::load::{Load, Size, assert_kept, figures, is_long};
use crate::row::{broken, row};

/// B14, B15, B18: the promises of talk hold, the engine's own count of violated invariants stays 0, and chats of agents
/// who stayed away went to others.
#[test]
fn agents_come_go_and_are_cut_off_and_no_chat_is_stuck_or_doubled() {
    let (size, churn, grace) = match is_long() {
        true => (Size { customers: 1_000, agents: 100, rate: 400, seconds: 600, chat_posts: 20 }, "30", 10),
        false => (Size { customers: 24, agents: 8, rate: 150, seconds: 10, chat_posts: 30 }, "2", 1),
    };
    let engine = Engine::start();
    engine.set_rules("general", &format!(r#"{{"mode":"automatic","agent_grace_s":{grace}}}"#));
    let metrics = format!("http://{}/metrics", engine.ops);
    let absence = (grace * 2).to_string();
    let more = ["--churn", churn, "--absence", &absence, "--chat-seconds", "6", "--metrics-url", &metrics];
    let report = Load::start_with(engine.address, size, &more).end();
    let given: f64 = ["automatic", "offered", "picked"]
        .map(|how| engine.metric(&format!("deskwire_matches_total{{routing=\"{how}\"}}")))
        .iter()
        .sum();
    let (turns, paired) = (report.counts["agents' turns"], report.counts["chats paired"]);
    let words = format!("{turns} turns, {paired} chats given {given} times; {}", figures(&report));
    row("agents come, go and are cut off", &words, broken(&report));
    assert_kept(&report);
    assert_eq!(report.violations, Some(0), "{report}");
    assert!(turns > 10 && given > paired as f64, "{given}: {report}");
    assert_eq!(report.counts["chats opened"], report.counts["chats closed"], "{report}");
}
