//! Real two-party chats, as many and as fast as asked for, in an open model.

use std::time::Duration;

use super::RunFault;
use super::drive::{Away, talk};
use super::run::{Played, Run, words};
use super::world::Opens;
use crate::cli::ChatOptions;
use crate::report::Report;

/// Plays it.
pub async fn run(options: &ChatOptions) -> Result<Report, RunFault> {
    let common = &options.common;
    let mut run = Run::begin(common, words("chat", common, &format!(" --rate {}", options.rate))).await?;
    let plan = common.plan(options.rate, options.chat_posts, Duration::from_secs(options.chat_seconds), run.seed)?;
    let mut stage = run.stage(plan, Opens::Always)?;
    stage.enter_all(common.ramp).await?;

    let (warmup_us, measured_us) = (options.warmup * 1_000_000, options.duration * 1_000_000);
    let (clock, world) = (stage.clock(), stage.world.clone());
    let start_us = clock.us();
    let measured = start_us + warmup_us..start_us + warmup_us + measured_us;
    {
        let mut world = world.borrow_mut();
        world.measure(measured.clone());
        world.churn = options.churn();
    }
    let watch = run.watch(clock, measured.start);
    talk(&world, start_us, measured.end, Away::survive(common.survive)).await?;
    let looks = Some(watch.end().await);
    run.end(stage, Played { seconds: options.duration as f64, looks }).await
}
