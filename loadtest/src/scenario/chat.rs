//! Real two-party chats, as many and as fast as asked for, in an open model.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use super::stage::{Stage, sources_for};
use super::world::{Opens, Shared, World};
use super::{Plan, RunFault};
use crate::cli::{ChatOptions, Common};
use crate::client::scrape;
use crate::clock::{Clock, pause};
use crate::pace::{Hand, Schedule};
use crate::process::{self, Usage};
use crate::progress::Progress;
use crate::random::Random;
use crate::report::{Cost, Report};

/// Above this many posts a second they are sent a quarter of a millisecond's worth at a time.
const CLOSE_RATE: f64 = 4_000.0;
const STEP_US: u64 = 250;
/// Without a single connection for this long the server is given up, unless it is to be survived.
const GONE_US: u64 = 10_000_000;
/// How long what is underway may take to arrive at the end.
pub(super) const PATIENCE: Duration = Duration::from_secs(15);
const PATIENCE_SURVIVE: Duration = Duration::from_secs(60);

/// Plays it.
pub async fn run(options: &ChatOptions) -> Result<Report, RunFault> {
    let common = &options.common;
    let seed = seed_of(common)?;
    let plan = common.plan(options.rate, options.chat_posts, Duration::from_secs(options.chat_seconds), seed)?;
    let violated = violations(common).await?;
    let mut stage = stage(common, plan, Opens::Always)?;
    let world = stage.world.clone();
    let progress = Progress::of(&world, !common.no_progress);
    stage.enter_agents().await?;
    stage.enter_customers(common.ramp).await?;

    let (warmup_us, measured_us) = (options.warmup * 1_000_000, options.duration * 1_000_000);
    let start_us = world.borrow().clock.us();
    let measured = start_us + warmup_us..start_us + warmup_us + measured_us;
    {
        let mut world = world.borrow_mut();
        world.measured = measured.clone();
        world.churn = options.churn();
    }
    let clock = world.borrow().clock;
    let before = tokio::task::spawn_local(look_at(clock, measured.start, common.server_pid));
    talk(&world, start_us, measured.end, common.survive).await?;
    let after = look(common.server_pid);
    let before = before.await.unwrap_or(after);
    let mut report = Report { command: words("chat", common, options.rate), seed, ..Report::default() };
    let patience = if common.survive { PATIENCE_SURVIVE } else { PATIENCE };
    stage.finish(common.patience.map_or(patience, Duration::from_secs)).await;
    drop(progress);
    report.violations = violations_since(violated, common).await?;

    let world = world.borrow();
    report.measured(&world.measures, options.duration as f64);
    let deliveries = world.people.iter().flat_map(|person| person.session.deliveries());
    let unsent: usize = deliveries.map(|one| one.outgoing().never_sent()).sum();
    report.counts.insert("unsent".into(), unsent as u64);
    report.checked(world.checker.tally());
    report.complaints.clone_from(&world.complaints);
    report.costs(before, after, world.measures.delivered);
    Ok(report)
}

/// What the server counts of its own invariants, if it is to be asked.
pub(super) async fn violations(common: &Common) -> Result<Option<u64>, RunFault> {
    let Some(url) = &common.metrics_url else { return Ok(None) };
    let fault = |fault| RunFault::Engine(format!("--metrics-url {url}: {fault}"));
    scrape::violations(url).await.map(Some).map_err(fault)
}

/// How many it has counted since then.
pub(super) async fn violations_since(before: Option<u64>, common: &Common) -> Result<Option<u64>, RunFault> {
    let both = violations(common).await?.zip(before);
    // A server that was started again counts from 0.
    Ok(both.map(|(after, before)| if after < before { after } else { after - before }))
}

/// The world and the people, not yet in.
pub(super) fn stage(common: &Common, plan: Plan, opens: Opens) -> Result<Stage, RunFault> {
    let target = common.target()?;
    let run = Random::new(plan.seed).draw() as u32;
    let connections = plan.customers + plan.agents;
    let sources = common.source_addresses.unwrap_or_else(|| sources_for(connections));
    let world = Rc::new(RefCell::new(World::new(plan, run, common.emails(), opens)));
    Ok(Stage::new(world, target, &common.password, sources))
}

/// Posts by the schedule from `start_us` to `end_us`, whatever happens.
pub(super) async fn talk(world: &Shared, start_us: u64, end_us: u64, survive: bool) -> Result<(), RunFault> {
    let hand = Hand::start();
    let (clock, mut schedule, step_us) = {
        let mut world = world.borrow_mut();
        let seed = world.random.draw();
        let plan = &world.plan;
        let step_us = if plan.rate > CLOSE_RATE { STEP_US } else { 0 };
        (world.clock, Schedule::new(plan.arrivals, plan.rate, start_us, seed), step_us)
    };
    let mut connected_us = start_us;
    while schedule.next_us() < end_us {
        let now_us = clock.us();
        {
            let mut world = world.borrow_mut();
            while let Some(due_us) = schedule.due(now_us.min(end_us - 1)) {
                world.post(due_us);
            }
            world.flush();
            if world.people.iter().any(|person| person.writer.is_some()) {
                connected_us = now_us;
            }
        }
        if !survive && connected_us + GONE_US < now_us {
            return Err(RunFault::Engine("the server is gone (--survive waits for it)".into()));
        }
        hand.until(clock.at_us(schedule.next_us().min(end_us).max(now_us + step_us))).await;
    }
    Ok(())
}

/// What this process and the server have used so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Look {
    client: Usage,
    server: Option<Usage>,
}

pub(super) fn look(server: Option<u32>) -> Look {
    Look { client: process::own().unwrap_or_default(), server: server.and_then(process::usage) }
}

pub(super) async fn look_at(clock: Clock, at_us: u64, server: Option<u32>) -> Look {
    pause(Duration::from_micros(at_us.saturating_sub(clock.us()))).await;
    look(server)
}

impl Report {
    pub(super) fn costs(&mut self, before: Look, after: Look, messages: u64) {
        self.client = Some(Cost::between(before.client, after.client, self.seconds, messages));
        let server = before.server.zip(after.server);
        self.server = server.map(|(before, after)| Cost::between(before, after, self.seconds, messages));
    }
}

/// The seed asked for, or a new one.
pub(super) fn seed_of(common: &Common) -> Result<u64, RunFault> {
    match common.seed {
        Some(seed) => Ok(seed),
        None => getrandom::u64().map_err(|fault| RunFault::Engine(format!("no random numbers: {fault}"))),
    }
}

/// The command in a line.
pub(super) fn words(scenario: &str, common: &Common, rate: f64) -> String {
    let Common { url, customers, agents, size, .. } = common;
    format!("{scenario} --url {url} --customers {customers} --agents {agents} --rate {rate} --size {size}")
}
