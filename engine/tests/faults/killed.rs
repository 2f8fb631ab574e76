//! SIGKILL again and again under load: no acknowledged message is lost, doubled or reordered.

use std::time::Duration;

use rustix::process::Signal;

use crate::engine::Engine;
use crate::load::{Load, Size, assert_kept, figures, is_long};

/// When the process is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// While people talk.
    Talking,
    /// Again while it starts.
    Starting,
    /// While it goes down in order.
    Closing,
}

/// A random time up to this many milliseconds.
fn up_to(ms: u64) -> Duration {
    Duration::from_millis(getrandom::u64().unwrap() % ms)
}

fn kill(engine: &mut Engine, moment: Moment) {
    match moment {
        Moment::Talking => engine.kill(),
        Moment::Starting => {
            engine.kill();
            engine.begin();
            std::thread::sleep(up_to(200));
            engine.kill();
        }
        Moment::Closing => {
            engine.signal(Signal::TERM);
            std::thread::sleep(up_to(150));
            engine.kill();
        }
    }
}

/// C08, C09, C10, D05: clients resume after each kill, and everything acknowledged is there exactly once, in order.
#[test]
fn a_process_killed_again_and_again_loses_doubles_and_reorders_nothing() {
    let (cycles, each_ms, size) = match is_long() {
        true => (50, 1_800, Size { customers: 1_000, agents: 100, rate: 400, seconds: 120, chat_posts: 20 }),
        false => (5, 1_000, Size { customers: 30, agents: 8, rate: 200, seconds: 8, chat_posts: 12 }),
    };
    let mut engine = Engine::start();
    let load = Load::start_and_wait(&engine, size);
    for moment in [Moment::Talking, Moment::Closing, Moment::Starting].into_iter().cycle().take(cycles) {
        std::thread::sleep(Duration::from_millis(each_ms / 2) + up_to(each_ms));
        kill(&mut engine, moment);
        engine.restart();
    }
    let report = load.end();
    println!("{cycles} kills: {}", figures(&report));
    assert_kept(&report);
    assert!(report.counts["connections lost"] >= (size.customers + size.agents) as u64, "{report}");
    let violations = "deskwire_invariant_violations_total{invariant=\"append_out_of_turn\"}";
    assert_eq!(engine.metric(violations), 0.0);
}
