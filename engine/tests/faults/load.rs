//! The load client beside a test: it plays on a thread of its own while the test breaks things.

use std::net::SocketAddr;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use clap::Parser;
use deskwire_loadtest::cli::{Cli, Command, Scenario};
use deskwire_loadtest::report::Report;
use deskwire_loadtest::scenario::chat;
use tokio::task::LocalSet;

use crate::engine::{Engine, PATIENCE};

/// How large and how long the tests are.
pub fn is_long() -> bool {
    std::env::var("DESKWIRE_FAULTS").is_ok_and(|value| value == "long")
}

/// A run underway.
pub struct Load(JoinHandle<Report>);

/// Who plays.
#[derive(Clone, Copy)]
pub struct Size {
    pub customers: usize,
    pub agents: usize,
    pub rate: usize,
    pub seconds: u64,
    pub chat_posts: usize,
}

impl Load {
    /// Begins to play chats against an engine, with more options, and does not give up while it is away.
    pub fn start_with(address: SocketAddr, size: Size, more: &[&str]) -> Load {
        let Size { customers, agents, rate, seconds, chat_posts } = size;
        // Long enough for what is late, not for all that an engine with a bug never sends.
        let patience = if is_long() { 60 } else { 5 };
        let line = format!(
            "deskwire-loadtest chat --url ws://{address}/ws --customers {customers} --agents {agents} --rate {rate} \
             --duration {seconds} --warmup 0 --chat-posts {chat_posts} --survive --patience {patience} \
             --no-progress"
        );
        let Command::Play(Scenario::Chat(options)) =
            Cli::try_parse_from(line.split_whitespace().chain(more.iter().copied())).unwrap().command
        else {
            panic!("not the scenario asked for");
        };
        Load(std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            LocalSet::new().block_on(&runtime, chat::run(&options)).unwrap()
        }))
    }

    /// The same without them, once everybody is in and has begun to talk.
    pub fn start_and_wait(engine: &Engine, size: Size) -> Load {
        Load::start_and_wait_with(engine, size, &[])
    }

    /// The same, with more options.
    pub fn start_and_wait_with(engine: &Engine, size: Size, more: &[&str]) -> Load {
        let events = || engine.metric("deskwire_store_appends_total");
        let before = events();
        let load = Load::start_with(engine.address, size, more);
        let everybody = (size.customers + size.agents) as f64;
        wait_until("everybody is in", || engine.metric("deskwire_sockets") >= everybody);
        // A chat is opened and assigned before anybody says a word.
        wait_until("everybody talks", || events() > before + 3.0 * size.customers as f64);
        load
    }

    /// How it went.
    pub fn end(self) -> Report {
        self.0.join().unwrap()
    }
}

/// Waits until something is so.
#[track_caller]
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < until, "it did not come to be that {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The run in one line.
pub fn figures(report: &Report) -> String {
    let count = |name: &str| report.counts.get(name).copied().unwrap_or_default();
    let ms = |name: &str| match report.times_us.get(name).filter(|line| line.count > 0).map(|line| line.p99) {
        Some(Some(us)) => format!("{:.1}", us as f64 / 1_000.0),
        Some(None) => "never".to_owned(),
        None => "none".to_owned(),
    };
    format!(
        "{} posts, {} acknowledged, {} chats, {} connections lost; p99 ms: acknowledged {}, delivered {}, \
         outage {}, resume {}; {}",
        report.checked.posted,
        report.checked.acknowledged,
        count("chats opened"),
        count("connections lost"),
        ms("acknowledge"),
        ms("deliver"),
        ms("outage"),
        ms("resume"),
        match report.is_broken() {
            true => report.checked.broken_words(),
            false => "no promise broken".to_owned(),
        }
    )
}

/// Nothing was broken, and something was tried.
#[track_caller]
pub fn assert_kept(report: &Report) {
    assert!(!report.is_broken(), "{report}");
    assert!(report.checked.acknowledged > 50, "{report}");
}

/// A test that cannot run here says so.
pub fn skipped(test: &str, why: &str) {
    println!("SKIPPED {test}: {why}");
}
