//! A day of a centre, compressed: quiet, a peak, quiet; talk, notes, transfers, breaks, reloads, closes, reopenings.

use std::time::Duration;

use super::RunFault;
use super::churn::Churn;
use super::day::Day;
use super::drive::{Away, talk};
use super::run::{Played, Run, words};
use super::world::Opens;
use crate::cli::MixedOptions;
use crate::report::Report;

/// The rate follows the hour in stretches of this length.
const STRETCH_US: u64 = 500_000;
/// How long the last wishes of the day may take.
const LAST_WISHES: Duration = Duration::from_secs(5);

/// Plays it.
pub async fn run(options: &MixedOptions) -> Result<Report, RunFault> {
    let common = &options.common;
    let own = format!(" --rate {} --acts {} --duration {}", options.rate, options.acts, options.duration);
    let mut run = Run::begin(common, words("mixed", common, &own)).await?;
    if !options.acts.is_finite() || options.acts < 0.0 {
        return Err(RunFault::Options("--acts must be 0 or above".into()));
    }
    let plan = common.plan(options.rate, options.chat_posts, Duration::from_secs(options.chat_seconds), run.seed)?;
    let mut stage = run.stage(plan, Opens::Always)?;
    let (clock, world) = (stage.clock(), stage.world.clone());
    let dawn = |begins_ms| Day {
        begins_ms,
        lasts_ms: options.duration * 1_000,
        acts_per_s: 0.0,
        other_category: options.other_category.clone(),
        due: 0.0,
        looked_ms: begins_ms,
        open_max: 0,
    };
    {
        let mut world = world.borrow_mut();
        world.with_supervisors(options.supervisor.iter().cloned());
        world.day = Some(dawn(u64::MAX));
    }
    stage.enter_all(common.ramp).await?;
    let start_us = clock.us();
    let end_us = start_us + options.duration * 1_000_000;
    {
        let mut world = world.borrow_mut();
        world.measure(start_us..end_us);
        world.day = Some(Day { acts_per_s: options.acts, ..dawn(start_us / 1_000) });
        world.churn = Some(Churn { stay_ms: options.churn * 1_000, absence_ms: options.absence * 1_000 });
    }
    let watch = run.watch(clock, start_us);
    let mut from_us = start_us;
    while from_us < end_us {
        {
            let mut world = world.borrow_mut();
            let share = world.day.as_ref().map_or(1.0, |day| day.share(from_us / 1_000));
            world.plan.rate = options.rate * share;
        }
        let until_us = (from_us + STRETCH_US).min(end_us);
        talk(&world, from_us, until_us, Away::survive(common.survive)).await?;
        from_us = until_us;
    }
    let looks = Some(watch.end().await);
    {
        let mut world = world.borrow_mut();
        (world.day, world.opens) = (None, Opens::Never);
    }
    stage.wait(LAST_WISHES, || world.borrow().people.iter().all(|person| person.reopening.is_none())).await;
    run.end(stage, Played { seconds: options.duration as f64, looks }).await
}
