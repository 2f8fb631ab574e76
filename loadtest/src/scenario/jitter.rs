//! Everybody is offline for a while again and again, each at his own time, and talk goes on.

use std::time::Duration;

use super::RunFault;
use super::churn::Jitter;
use super::drive::{Away, talk};
use super::run::{Played, Run, words};
use super::world::Opens;
use crate::cli::JitterOptions;
use crate::report::Report;

/// Plays it.
pub async fn run(options: &JitterOptions) -> Result<Report, RunFault> {
    let common = &options.common;
    let own = format!(" --rate {} --every {} --offline {}", options.rate, options.every, options.offline);
    let mut run = Run::begin(common, words("jitter", common, &own)).await?;
    if !(options.offline > 0.0 && options.every > options.offline) {
        return Err(RunFault::Options("--offline must be above 0 and below --every".into()));
    }
    let plan = common.plan(options.rate, options.chat_posts, Duration::from_secs(options.chat_seconds), run.seed)?;
    let mut stage = run.stage(plan, Opens::Always)?;
    stage.enter_all(common.ramp).await?;
    let (clock, world) = (stage.clock(), stage.world.clone());
    let start_us = clock.us();
    let end_us = start_us + options.duration * 1_000_000;
    {
        let mut world = world.borrow_mut();
        world.measure(start_us..end_us);
        let ms = |seconds: f64| (seconds * 1_000.0) as u64;
        world.jitter = Some(Jitter { every_ms: ms(options.every), offline_ms: ms(options.offline) });
    }
    let watch = run.watch(clock, start_us);
    talk(&world, start_us, end_us, Away::Waited).await?;
    let looks = Some(watch.end().await);
    run.end(stage, Played { seconds: options.duration as f64, looks }).await
}
