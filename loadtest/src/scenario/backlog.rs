//! A queue of customers, and then agents for all of them at once: how soon each has his.

use std::time::Duration;

use super::RunFault;
use super::run::{Played, Run, words};
use super::world::Opens;
use crate::cli::BacklogOptions;
use crate::report::Report;

/// How long the customers may take to stand in the queue, and the agents to take them.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(60);

/// Plays it.
pub async fn run(options: &BacklogOptions) -> Result<Report, RunFault> {
    let common = &options.common;
    let mut run = Run::begin(common, words("backlog", common, "")).await?;
    let plan = common.plan(1.0, 1, QUEUE_TIMEOUT, run.seed)?;
    let mut stage = run.stage(plan, Opens::Once)?;
    let world = stage.world.clone();
    world.borrow_mut().agents_wait = true;
    stage.enter_all(common.ramp).await?;
    let queued = || world.borrow().chats.iter().filter(|chat| chat.ticket.is_some()).count();
    if !stage.wait(QUEUE_TIMEOUT, || queued() == common.customers).await {
        return Err(RunFault::Engine(format!("{} of {} stand in the queue", queued(), common.customers)));
    }
    let start_us = world.borrow_mut().agents_begin();
    world.borrow_mut().measure(start_us..start_us);
    let served = || world.borrow().chats.iter().filter(|chat| chat.was_paired).count();
    stage.wait(QUEUE_TIMEOUT, || served() == common.customers).await;
    let (served, took_us) = (served(), stage.clock().us() - start_us);
    let report = run.end(stage, Played { seconds: took_us as f64 / 1e6, looks: None }).await?;
    match served == common.customers {
        true => Ok(report),
        false => Err(RunFault::Engine(format!("{served} of {} were served\n{report}", common.customers))),
    }
}
