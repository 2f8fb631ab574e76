//! What every scenario has in common before and after its own part: the seed, the server's own count of what it
//! violated, the line of progress, and a report that holds what was checked.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use super::stage::{Stage, sources_for};
use super::world::{Opens, World};
use super::{Plan, RunFault};
use crate::checker::Tally;
use crate::cli::Common;
use crate::client::scrape;
use crate::clock::Clock;
use crate::measure::Measures;
use crate::meter::{Look, Server, Watch};
use crate::process::Usage;
use crate::progress::{Progress, Watched};
use crate::random::Random;
use crate::report::Report;

/// How long what is underway may take to arrive at the end.
const PATIENCE: Duration = Duration::from_secs(15);
const PATIENCE_SURVIVE: Duration = Duration::from_secs(60);

/// A run of some scenario. Its report is had through [`Run::end`] or [`Run::report`] alone, so that none goes without
/// the server's own count.
#[derive(Debug)]
pub struct Run<'a> {
    /// The source of everything random.
    pub seed: u64,
    common: &'a Common,
    command: String,
    server: Server,
    violated: Option<u64>,
    progress: Option<Progress>,
}

/// What a scenario's own part brings beside the measures.
#[derive(Clone, Debug, Default)]
pub struct Played {
    /// The measured time in seconds.
    pub seconds: f64,
    /// What was used before, in and after it, where that means something.
    pub looks: Option<Vec<Look>>,
}

/// What was measured and checked, wherever it is kept.
#[derive(Clone, Copy, Debug)]
pub struct Findings<'a> {
    /// The times and counts.
    pub measures: &'a Measures,
    /// What was promised, and how often it was broken.
    pub tally: &'a Tally,
    /// What the engine said no to.
    pub complaints: &'a BTreeMap<String, u64>,
}

/// What the server counted of its own invariants during the run, where it is to be asked.
#[derive(Clone, Copy, Debug)]
pub struct Violated(Option<u64>);

impl<'a> Run<'a> {
    /// Begins; `command` is how it was asked for, in a line.
    pub async fn begin(common: &'a Common, command: String) -> Result<Run<'a>, RunFault> {
        let seed = match common.seed {
            Some(seed) => seed,
            None => getrandom::u64().map_err(|fault| RunFault::Engine(format!("no random numbers: {fault}")))?,
        };
        let server = Server::of(common)?;
        Ok(Run { seed, common, command, server, violated: violations(common).await?, progress: None })
    }

    /// The world and the people, not yet in.
    pub fn stage(&mut self, plan: Plan, opens: Opens) -> Result<Stage, RunFault> {
        let target = self.common.target()?;
        let number = Random::new(plan.seed).draw() as u32;
        let connections = plan.customers + plan.agents;
        let sources = self.common.source_addresses.unwrap_or_else(|| sources_for(connections));
        let world = Rc::new(RefCell::new(World::new(plan, number, self.common.emails(), opens)));
        self.show(&world);
        Ok(Stage::new(world, target, &self.common.password, sources))
    }

    /// Shows from now on how it goes, where somebody looks.
    pub fn show<W: Watched>(&mut self, world: &Rc<RefCell<W>>) {
        self.progress = Some(Progress::of(world, !self.common.no_progress));
    }

    /// Lets everything arrive, sends everybody home, holds all logs against what was seen, and reports.
    pub async fn end(self, stage: Stage, played: Played) -> Result<Report, RunFault> {
        let patience = if self.common.survive { PATIENCE_SURVIVE } else { PATIENCE };
        let world = stage.world.clone();
        stage.finish(self.common.patience.map_or(patience, Duration::from_secs)).await;
        let violated = self.violated_since().await?;
        let world = world.borrow();
        let deliveries = world.people.iter().flat_map(|person| person.session.deliveries());
        let unsent: usize = deliveries.map(|one| one.outgoing().never_sent()).sum();
        let (measures, tally, complaints) = (&world.measures, world.checker.tally(), &world.complaints);
        let found = Findings { measures, tally, complaints };
        let mut report = self.report(violated, found, played);
        report.counts.insert("unsent".into(), unsent as u64);
        Ok(report)
    }

    /// The report of what was found.
    pub fn report(self, violated: Violated, found: Findings<'_>, played: Played) -> Report {
        let mut report = Report { command: self.command, seed: self.seed, violations: violated.0, ..Report::default() };
        report.measured(found.measures, played.seconds);
        report.checked(found.tally);
        report.complaints.clone_from(found.complaints);
        if let Some(looks) = played.looks {
            report.used(&looks);
        }
        report
    }

    /// How many violated invariants the server has counted since the run began.
    pub async fn violated_since(&self) -> Result<Violated, RunFault> {
        let both = violations(self.common).await?.zip(self.violated);
        // A server that was started again counts from 0.
        Ok(Violated(both.map(|(after, before)| if after < before { after } else { after - before })))
    }

    /// Looks at what is used from then on.
    pub fn watch(&self, clock: Clock, from_us: u64) -> Watch {
        Watch::begin(self.server.clone(), clock, from_us)
    }

    /// What the server has used so far, where that is known.
    pub async fn server_usage(&self) -> Option<Usage> {
        self.server.usage().await
    }
}

/// What the server counts of its own invariants, if it is to be asked.
async fn violations(common: &Common) -> Result<Option<u64>, RunFault> {
    let Some(url) = &common.metrics_url else { return Ok(None) };
    let fault = |fault| RunFault::Engine(format!("--metrics-url {url}: {fault}"));
    scrape::violations(url).await.map(Some).map_err(fault)
}

/// A command in a line: the scenario, where it plays and who, and what is its own.
pub fn words(scenario: &str, common: &Common, own: &str) -> String {
    let Common { url, customers, agents, size, .. } = common;
    format!("{scenario} --url {url} --customers {customers} --agents {agents} --size {size}{own}")
}
