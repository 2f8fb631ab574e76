//! A queue of customers, and then agents for all of them at once: how soon each has his.

use std::time::Duration;

use super::RunFault;
use super::chat::{PATIENCE, seed_of, stage, violations, violations_since, words};
use super::world::Opens;
use crate::cli::BacklogOptions;
use crate::progress::Progress;
use crate::report::Report;

/// How long the customers may take to stand in the queue, and the agents to take them.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(60);

/// Plays it.
pub async fn run(options: &BacklogOptions) -> Result<Report, RunFault> {
    let common = &options.common;
    let seed = seed_of(common)?;
    let plan = common.plan(1.0, 1, QUEUE_TIMEOUT, seed)?;
    let violated = violations(common).await?;
    let mut stage = stage(common, plan, Opens::Once)?;
    let world = stage.world.clone();
    world.borrow_mut().agents_wait = true;
    let progress = Progress::of(&world, !common.no_progress);
    stage.enter_agents().await?;
    stage.enter_customers(common.ramp).await?;
    let queued = || world.borrow().chats.iter().filter(|chat| chat.ticket.is_some()).count();
    if !stage.wait(QUEUE_TIMEOUT, || queued() == common.customers).await {
        return Err(RunFault::Engine(format!("{} of {} stand in the queue", queued(), common.customers)));
    }
    let start_us = world.borrow_mut().agents_begin();
    let paired = || world.borrow().measures.paired as usize;
    stage.wait(QUEUE_TIMEOUT, || paired() == common.customers).await;
    let (served, took_us) = (paired(), world.borrow().clock.us() - start_us);
    let mut report = Report { command: words("backlog", common, 0.0), seed, ..Report::default() };
    stage.finish(common.patience.map_or(PATIENCE, Duration::from_secs)).await;
    drop(progress);
    report.violations = violations_since(violated, common).await?;
    let world = world.borrow();
    report.measured(&world.measures, took_us as f64 / 1e6);
    report.checked(world.checker.tally());
    report.complaints.clone_from(&world.complaints);
    match served == common.customers {
        true => Ok(report),
        false => Err(RunFault::Engine(format!("{served} of {} were served\n{report}", common.customers))),
    }
}
