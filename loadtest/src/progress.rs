//! A line a second on a terminal, and silence anywhere else.

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::task::JoinHandle;

use crate::clock::pause;
use crate::measure::What;
use crate::scenario::Shared;

/// The line; it ends when this is dropped.
#[derive(Debug)]
pub struct Progress {
    line: ProgressBar,
    task: Option<JoinHandle<()>>,
}

impl Progress {
    /// Shows how a run goes, where somebody looks and has not asked for silence.
    pub fn of(world: &Shared, wanted: bool) -> Progress {
        let shown = wanted && stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        if !shown {
            return Progress { line: ProgressBar::hidden(), task: None };
        }
        let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        line.set_style(ProgressStyle::with_template("{elapsed_precise} {msg}").expect("the template is right"));
        let (told, world) = (line.clone(), world.clone());
        let task = tokio::task::spawn_local(async move {
            let mut before = 0;
            loop {
                pause(Duration::from_secs(1)).await;
                told.set_message(words(&world, &mut before));
                told.tick();
            }
        });
        Progress { line, task: Some(task) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
        self.line.finish_and_clear();
    }
}

fn words(world: &Shared, before: &mut u64) -> String {
    let world = world.borrow();
    let acknowledged = world.checker.tally().acknowledged;
    let rate = acknowledged - std::mem::replace(before, acknowledged);
    let p99 = |what| world.measures.line(what).p99 as f64 / 1_000.0;
    format!(
        "{} connected, {} chats paired, {rate} msg/s, acknowledge p99 {:.1} ms, deliver p99 {:.1} ms, {}",
        world.ready(|_| true),
        world.paired.len(),
        p99(What::Acknowledge),
        p99(What::Deliver),
        if world.checker.tally().is_broken() { "BROKEN" } else { "all kept" }
    )
}
