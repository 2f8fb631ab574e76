//! More than the server can take, in steps: what is accepted is not slowed, the rest is refused soon.

use std::time::Duration;

use super::RunFault;
use super::drive::{Away, talk};
use super::run::{Played, Run, words};
use super::stage::Stage;
use super::world::{Backlog, Opens};
use crate::cli::OverloadOptions;
use crate::client::metrics::{Buckets, buckets};
use crate::measure::{Measures, What};
use crate::report::Report;
use crate::rungs::Rung;

const CHAT_POSTS: u32 = u32::MAX / 4;
const CHAT_TIME: Duration = Duration::from_secs(24 * 3_600);
/// How long all chats may take to be paired, and what is underway after a step to arrive.
const PAIR_TIMEOUT: Duration = Duration::from_secs(30);
const DRAIN_TIMEOUT: Duration = Duration::from_secs(30);
/// The ramp that finds the base rate: where it begins, by what it grows, how long each step is, and what is enough.
const RAMP_FROM: f64 = 500.0;
const RAMP_BY: f64 = 1.5;
const RAMP_STEP_S: f64 = 2.0;
const RAMP_TO: f64 = 200_000.0;
/// A step of the ramp of which this part was not accepted is beyond full load.
const FULL_LOAD: f64 = 0.95;
/// The server's times from the read of a post's frame to its acknowledgement.
const POST_SECONDS: &str = "deskwire_post_seconds";

/// Plays it.
pub async fn run(options: &OverloadOptions) -> Result<Report, RunFault> {
    let common = &options.common;
    let rate = options.rate.unwrap_or(RAMP_FROM);
    let own = options.rate.map_or(String::new(), |rate| format!(" --rate {rate}"));
    let mut run = Run::begin(common, words("overload", common, &own)).await?;
    if options.steps.is_empty() || options.steps.iter().any(|factor| !factor.is_finite() || *factor <= 0.0) {
        return Err(RunFault::Options("--steps must be numbers above 0".into()));
    }
    let plan = common.plan(rate, CHAT_POSTS, CHAT_TIME, run.seed)?;
    let mut stage = run.stage(plan, Opens::Once)?;
    let world = stage.world.clone();
    world.borrow_mut().backlog = Backlog::Bounded;
    stage.enter_all(common.ramp).await?;
    let paired = || world.borrow().paired.len();
    stage.wait(PAIR_TIMEOUT, || paired() == common.customers).await;
    if paired() == 0 {
        return Err(RunFault::Engine("no customer has an agent".into()));
    }
    let asks = Asks { stage: &stage, url: common.metrics_url.as_deref() };
    let mut begun = asks.set_apart();
    let base = match options.rate {
        Some(rate) => rate,
        None => asks.ramp(&mut begun).await?,
    };
    let (mut rungs, mut measured) = (Vec::new(), Measures::new(stage.clock()));
    measured.begin(stage.clock().us());
    for factor in &options.steps {
        let rung = asks.step(base * factor, options.step as f64).await?;
        measured.add(&asks.set_apart());
        rungs.push(Rung { factor: *factor, ..rung });
    }
    // Chats were opened and connections lost before the first step too.
    measured.acts.add(&begun.acts);
    measured.add_chats(&begun);
    world.borrow_mut().measures = measured;
    let seconds = (options.step * options.steps.len() as u64) as f64;
    let mut report = run.end(stage, Played { seconds, looks: None }).await?;
    report.steps = rungs;
    Ok(report)
}

/// One who asks for more and more.
struct Asks<'a> {
    stage: &'a Stage,
    url: Option<&'a str>,
}

impl Asks<'_> {
    /// The highest rate of the ramp that was still accepted; where not even the first was, what of it was. Of what was
    /// measured on the way only the chats count.
    async fn ramp(&self, begun: &mut Measures) -> Result<f64, RunFault> {
        let (mut rate, mut carried) = (RAMP_FROM, None);
        loop {
            let rung = self.step(rate, RAMP_STEP_S).await?;
            begun.add_chats(&self.set_apart());
            if rung.accepted_per_s < FULL_LOAD * rung.asked_per_s || rate > RAMP_TO {
                return Ok(carried.unwrap_or(rung.accepted_per_s.max(1.0)));
            }
            carried = Some(rate);
            rate *= RAMP_BY;
        }
    }

    /// Asks for so many posts a second, and then waits until what was sent is answered.
    async fn step(&self, rate: f64, seconds: f64) -> Result<Rung, RunFault> {
        let (world, clock) = (&self.stage.world, self.stage.clock());
        let before = self.times().await?;
        let start_us = clock.us();
        let end_us = start_us + (seconds * 1e6) as u64;
        {
            let mut world = world.borrow_mut();
            (world.plan.rate, world.measured) = (rate, start_us..end_us);
        }
        talk(world, start_us, end_us, Away::GivenUp).await?;
        let given_up: usize = world.borrow_mut().people.iter_mut().map(|person| person.session.drop_unsent()).sum();
        world.borrow_mut().measures.acts.given_up += given_up as u64;
        let answered = || {
            let world = world.borrow();
            let mut deliveries = world.people.iter().flat_map(|person| person.session.deliveries());
            deliveries.all(|one| one.outgoing().underway().len() == 0)
        };
        self.stage.wait(DRAIN_TIMEOUT, answered).await;
        let after = self.times().await?;
        let world = world.borrow();
        let measures = &world.measures;
        let per_s = |count: u64| count as f64 / seconds;
        let p99_ms = |what| measures.last_line(what).p99.map(|us| us as f64 / 1_000.0);
        let growth = before.zip(after).map(|(before, after)| after.since(&before));
        Ok(Rung {
            factor: 1.0,
            asked_per_s: per_s(measures.scheduled),
            accepted_per_s: per_s(measures.acknowledged),
            refused_per_s: per_s(measures.acts.put_off),
            unsent_per_s: per_s(measures.acts.held + measures.acts.given_up + measures.unpaired),
            accepted_p99_ms: growth.and_then(|growth| growth.quantile(0.99)).map(|seconds| seconds * 1_000.0),
            client_p99_ms: p99_ms(What::Acknowledge),
            refused_p99_ms: p99_ms(What::Refused),
        })
    }

    /// Takes out what was measured so far.
    fn set_apart(&self) -> Measures {
        let fresh = Measures::new(self.stage.clock());
        std::mem::replace(&mut self.stage.world.borrow_mut().measures, fresh)
    }

    async fn times(&self) -> Result<Option<Buckets>, RunFault> {
        let Some(url) = self.url else { return Ok(None) };
        let fault = |fault| RunFault::Engine(format!("--metrics-url {url}: {fault}"));
        buckets(url, POST_SECONDS).await.map(Some).map_err(fault)
    }
}
