//! Customers who sign in, talk a little and then idle: what each costs the server.

use std::time::Duration;

use super::RunFault;
use super::drive::{Away, talk};
use super::people::{ChatStage, Person};
use super::run::{Played, Run, words};
use super::world::{Opens, Shared};
use crate::cli::ConnectOptions;
use crate::client::metrics;
use crate::clock::pause;
use crate::process::Usage;
use crate::report::{Idle, Report};

/// How long the talk may take beyond what the rate allows.
const TALK_TIMEOUT: Duration = Duration::from_secs(120);
/// Talk goes on in stretches of this long, until everybody has had his chat.
const STRETCH_US: u64 = 500_000;

/// Rooms that live, as the server counts them.
const ROOMS: &str = "deskwire_actors{actor=\"room\"}";

/// Plays it.
pub async fn run(options: &ConnectOptions) -> Result<Report, RunFault> {
    let common = &options.common;
    let mut run = Run::begin(common, words("connect", common, &format!(" --idle {}", options.idle))).await?;
    let plan = common.plan(options.rate, options.chat_posts, TALK_TIMEOUT, run.seed)?;
    let opens = if options.chat_posts == 0 { Opens::Never } else { Opens::Once };
    let mut stage = run.stage(plan, opens)?;
    let world = stage.world.clone();
    stage.enter_agents().await?;
    let before = run.server_usage().await;
    let start_us = stage.clock().us();
    world.borrow_mut().measure(start_us..u64::MAX);
    let talking = tokio::task::spawn_local(talk_until_done(world.clone(), Away::survive(common.survive)));
    stage.enter_customers(common.ramp).await?;
    talking.await.map_err(|fault| RunFault::Engine(fault.to_string()))??;
    let talked_us = stage.clock().us() - start_us;

    let idle_from = run.server_usage().await;
    pause(Duration::from_secs(options.idle)).await;
    let after = run.server_usage().await;
    let rooms = match &common.metrics_url {
        Some(url) => metrics::value(url, ROOMS).await.ok().map(|rooms| rooms as u64),
        None => None,
    };
    let sessions = world.borrow().ready(Person::is_customer) as u64;
    let mut report = run.end(stage, Played { seconds: talked_us as f64 / 1e6, looks: None }).await?;
    report.idle = before.zip(idle_from).zip(after).map(|((before, idle_from), after)| {
        idle(sessions, rooms, before, after).with_cpu(after.cpu.saturating_sub(idle_from.cpu), options.idle)
    });
    Ok(report)
}

/// What the sessions took of memory.
fn idle(sessions: u64, rooms: Option<u64>, before: Usage, after: Usage) -> Idle {
    let of_one = |before: u64, after: u64| (after as f64 - before as f64) / sessions.max(1) as f64;
    Idle {
        sessions,
        rss_before_bytes: before.rss_bytes,
        rss_after_bytes: after.rss_bytes,
        bytes_per_session: of_one(before.rss_bytes, after.rss_bytes),
        rss_anon_before_bytes: before.rss_anon_bytes,
        rss_anon_after_bytes: after.rss_anon_bytes,
        anon_bytes_per_session: of_one(before.rss_anon_bytes, after.rss_anon_bytes),
        rooms,
        ..Idle::default()
    }
}

/// Talks until every customer has had his chat.
async fn talk_until_done(world: Shared, away: Away) -> Result<(), RunFault> {
    let clock = world.borrow().clock;
    let (customers, rate, posts) = {
        let world = world.borrow();
        let customers = if world.opens == Opens::Never { 0 } else { world.plan.customers };
        (customers, world.plan.rate, f64::from(world.plan.chat_posts))
    };
    let expected_s = 2.0 * customers as f64 * posts / rate;
    let until = clock.us() + (expected_s * 1e6) as u64 + TALK_TIMEOUT.as_micros() as u64;
    loop {
        let done = world.borrow().chats.iter().filter(|chat| chat.stage == ChatStage::Over).count();
        if done >= customers {
            return Ok(());
        }
        let now_us = clock.us();
        if now_us > until {
            return Err(RunFault::Engine(format!("{done} of {customers} customers were served")));
        }
        talk(&world, now_us, now_us + STRETCH_US, away).await?;
    }
}
