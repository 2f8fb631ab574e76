//! Plays a scenario as its command line says.

use clap::Parser;
use deskwire_loadtest::cli::{Cli, Command, Scenario};
use deskwire_loadtest::report::Report;
use deskwire_loadtest::scenario::{RunFault, backlog, chat, connect, jitter, mixed, overload, room, slow, storm};
use tokio::task::LocalSet;

use crate::engine::Engine;

/// No line of progress, and no long wait for what an engine with a bug never sends.
const QUIET: [&str; 3] = ["--no-progress", "--patience", "10"];

/// Plays against an engine, which is asked for the invariants that it saw violated.
pub fn play(engine: &Engine, words: &str) -> Report {
    let metrics = format!("http://{}/metrics", engine.ops);
    let report = run(&format!("{words} --url ws://{}/ws --metrics-url {metrics}", engine.address)).unwrap();
    println!("{report}");
    report
}

/// Plays.
pub fn run(words: &str) -> Result<Report, RunFault> {
    run_with(words, &[])
}

fn play_line<'a>(words: impl Iterator<Item = &'a str>) -> Result<Report, RunFault> {
    let line: Vec<&str> = ["deskwire-loadtest"].into_iter().chain(words).chain(QUIET).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, async {
        let Command::Play(scenario) = Cli::try_parse_from(&line).unwrap().command else {
            panic!("this plays nothing");
        };
        match scenario {
            Scenario::Chat(options) => chat::run(&options).await,
            Scenario::Backlog(options) => backlog::run(&options).await,
            Scenario::Connect(options) => connect::run(&options).await,
            Scenario::Room(options) => room::run(&options).await,
            Scenario::Mixed(options) => mixed::run(&options).await,
            Scenario::Storm(options) => storm::run(&options).await,
            Scenario::Jitter(options) => jitter::run(&options).await,
            Scenario::Slow(options) => slow::run(&options).await,
            Scenario::Overload(options) => overload::run(&options).await,
        }
    })
}

/// Plays; some words hold blanks.
pub fn run_with(words: &str, more: &[&str]) -> Result<Report, RunFault> {
    play_line(words.split_whitespace().chain(more.iter().copied()))
}

/// A count of the report; 0 where it has none of that name.
pub fn count(report: &Report, name: &str) -> u64 {
    report.counts.get(name).copied().unwrap_or_default()
}

/// Every promise was kept, by the checker and by the server's own count, and something was tried.
#[track_caller]
pub fn assert_kept(report: &Report) {
    assert!(!report.is_broken(), "{report}");
    assert!(report.checked.acknowledged > 50 && report.checked.logs > 0, "{report}");
}
