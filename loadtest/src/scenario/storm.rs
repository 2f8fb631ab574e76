//! Everybody loses his connection at one moment and comes back: how long until each hears his ticket again.

use std::time::Duration;

use super::RunFault;
use super::drive::{Away, talk};
use super::run::{Played, Run, words};
use super::server::Server;
use super::stage::Stage;
use super::world::Opens;
use crate::cli::StormOptions;
use crate::clock::pause;
use crate::measure::{Measures, What};
use crate::report::Report;

/// How long a kill from outside is waited for.
const STRIKE_TIMEOUT: Duration = Duration::from_secs(600);
/// How long everybody may take to come back.
const BACK_TIMEOUT: Duration = Duration::from_secs(60);
/// A chat of a storm outlasts it.
const CHAT_POSTS: u32 = 1_000_000;
const CHAT_TIME: Duration = Duration::from_secs(24 * 3_600);
/// Talk goes on after the last storm for this long.
const AFTERWARDS: Duration = Duration::from_millis(500);

/// Plays it.
pub async fn run(options: &StormOptions) -> Result<Report, RunFault> {
    let common = &options.common;
    let mut server = match &options.server_command {
        Some(command) => Some(Server::start(command, common.target()?.address).await?),
        None => None,
    };
    let mut run = Run::begin(common, words("storm", common, &format!(" --rate {}", options.rate))).await?;
    let mut plan = common.plan(options.rate, CHAT_POSTS, CHAT_TIME, run.seed)?;
    plan.agents = plan.agents.min(plan.customers);
    let mut stage = run.stage(plan, Opens::Once)?;
    stage.enter_all(common.ramp).await?;
    let world = stage.world.clone();
    let all_have_tickets = || world.borrow().chats.iter().filter(|chat| chat.ticket.is_some()).count();
    stage.wait(BACK_TIMEOUT, || all_have_tickets() == common.customers).await;

    let start_us = stage.clock().us();
    world.borrow_mut().measure(start_us..u64::MAX);
    let shared = world.clone();
    let talking = tokio::task::spawn_local(async move { talk(&shared, start_us, u64::MAX, Away::Waited).await });
    for _ in 0..options.storms {
        let calm_ms = (options.calm * 1_000.0) as u64;
        let moment_ms = calm_ms / 2 + world.borrow_mut().random.below(calm_ms + 1);
        pause(Duration::from_millis(moment_ms)).await;
        storm(&stage, &mut server, common.survive).await?;
    }
    pause(AFTERWARDS).await;
    talking.abort();
    let seconds = (stage.clock().us() - start_us) as f64 / 1e6;
    let mut report = run.end(stage, Played { seconds, looks: None }).await?;
    report.counts.entry("not back".into()).or_default();
    Ok(report)
}

/// One strike, and the wait until all are back.
async fn storm(stage: &Stage, server: &mut Option<Server>, survive: bool) -> Result<(), RunFault> {
    let (world, clock) = (&stage.world, stage.clock());
    let connected = || world.borrow().people.iter().filter(|person| person.session.is_ready()).count();
    let before = connected();
    let struck_us = clock.us();
    let (struck_us, open_us) = match server {
        Some(server) => {
            server.kill();
            server.again().await?;
            (struck_us, Some(clock.us()))
        }
        None if survive => {
            if !stage.wait(STRIKE_TIMEOUT, || connected() < before / 2).await {
                return Err(RunFault::Engine("nobody killed the server (--survive waits for it)".into()));
            }
            let world = world.borrow();
            // Who is still away from an earlier storm lost nothing in this one.
            let lost = world.people.iter().filter_map(|person| person.lost_us).filter(|lost_us| *lost_us >= struck_us);
            (lost.min().unwrap_or(struck_us), None)
        }
        None => {
            world.borrow_mut().cut_all();
            (struck_us, None)
        }
    };
    // Whoever is not back by then is counted so.
    let is_back = || world.borrow().people.iter().all(|person| person.back_us >= struck_us);
    stage.wait(BACK_TIMEOUT, is_back).await;
    let mut world = world.borrow_mut();
    let backs: Vec<u64> = world.people.iter().map(|person| person.back_us).collect();
    for back_us in backs {
        came_back(&mut world.measures, Some(back_us).filter(|back_us| *back_us >= struck_us), struck_us, open_us);
    }
    Ok(())
}

/// One of those who were struck: when he heard all his tickets again, if he did.
fn came_back(measures: &mut Measures, back_us: Option<u64>, struck_us: u64, open_us: Option<u64>) {
    measures.acts.struck += 1;
    let Some(back_us) = back_us else {
        measures.acts.not_back += 1;
        measures.never_came(What::Back);
        return open_us.iter().for_each(|_| measures.never_came(What::BackOpen));
    };
    measures.took(What::Back, back_us - struck_us);
    open_us.iter().for_each(|open_us| measures.took(What::BackOpen, back_us.saturating_sub(*open_us)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[test]
    fn who_never_came_back_is_counted_and_slower_than_all_who_did() {
        for (open_us, of_open) in [(None, (0, 0)), (Some(7_000), (9, 1))] {
            let mut measures = Measures::new(Clock::start());
            (0..9).for_each(|_| came_back(&mut measures, Some(8_000), 5_000, open_us));
            came_back(&mut measures, None, 5_000, open_us);
            assert_eq!((measures.acts.struck, measures.acts.not_back), (10, 1));
            let (back, open) = (measures.last_line(What::Back), measures.last_line(What::BackOpen));
            assert_eq!((back.count, back.missing, back.p90, back.p95), (9, 1, Some(back.max), None));
            assert_eq!((open.count, open.missing), of_open);
        }
    }
}
