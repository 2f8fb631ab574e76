//! What is watched beside the load, in every scenario: CPU and memory of both sides.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;

use crate::cli::Common;
use crate::client::scrape::scrape;
use crate::clock::{Clock, pause};
use crate::process::{self, Usage};
use crate::report::{Cost, Report};
use crate::scenario::RunFault;

/// Looks that are kept; a longer run is looked at less often.
pub const LOOKS_MAX: usize = 1_200;
const LOOK_US: u64 = 1_000_000;

/// What both sides have used so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// When, in microseconds since the run began.
    pub at_us: u64,
    /// The load client.
    pub client: Usage,
    /// The server, where it is known.
    pub server: Option<Usage>,
}

/// What both sides used between two looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// When it ended, in seconds since the measured time began.
    pub at_s: f64,
    /// The load client's part of one core.
    pub client_cores: f64,
    /// The load client's resident memory at the end, in bytes.
    pub client_rss_bytes: u64,
    /// The server's part of one core.
    pub server_cores: Option<f64>,
    /// The server's resident memory at the end, in bytes.
    pub server_rss_bytes: Option<u64>,
}

/// Where the server's usage is read.
#[derive(Clone, Debug)]
pub enum Server {
    /// Nowhere.
    Unknown,
    /// It is a process on this machine.
    Process(u32),
    /// Its metrics tell it.
    Metrics(String),
}

impl Server {
    /// As the options say; a process that is not there is told before anything is played.
    pub fn of(common: &Common) -> Result<Server, RunFault> {
        match (common.server_pid, &common.metrics_url) {
            (Some(pid), _) if process::usage(pid).is_none() => {
                Err(RunFault::Engine(format!("--server-pid {pid}: there is no such process on this machine")))
            }
            (Some(pid), _) => Ok(Server::Process(pid)),
            (None, Some(url)) => Ok(Server::Metrics(url.clone())),
            (None, None) => Ok(Server::Unknown),
        }
    }

    /// What it has used so far, where that can be known now.
    pub async fn usage(&self) -> Option<Usage> {
        match self {
            Server::Unknown => None,
            Server::Process(pid) => process::usage(*pid),
            // A server that is down for a moment is not looked at in this moment.
            Server::Metrics(url) => scrape(url).await.ok().and_then(|scraped| scraped.usage),
        }
    }
}

/// Looks at both sides from some moment on.
#[derive(Debug)]
pub struct Watch {
    server: Server,
    clock: Clock,
    looks: Rc<RefCell<Vec<Look>>>,
    task: JoinHandle<()>,
}

impl Watch {
    /// Looks when the measured time begins, and then each second.
    pub fn begin(server: Server, clock: Clock, from_us: u64) -> Watch {
        let looks = Rc::new(RefCell::new(Vec::new()));
        let (asked, kept) = (server.clone(), looks.clone());
        let task = tokio::task::spawn_local(async move {
            let (mut due_us, mut step_us) = (from_us, LOOK_US);
            loop {
                pause(Duration::from_micros(due_us.saturating_sub(clock.us()))).await;
                let look = look(&asked, clock).await;
                step_us *= keep(&mut kept.borrow_mut(), look);
                due_us += step_us;
            }
        });
        Watch { server, clock, looks, task }
    }

    /// The measured time is over: all looks, the last of them now.
    pub async fn end(self) -> Vec<Look> {
        self.task.abort();
        let last = look(&self.server, self.clock).await;
        keep(&mut self.looks.borrow_mut(), last);
        self.looks.take()
    }
}

impl Report {
    /// Takes in what both sides used, by these looks.
    pub fn used(&mut self, looks: &[Look]) {
        // What was done in the time that was looked at: under too much load, what was due in it comes later, if ever.
        let messages = self.count("delivered in time");
        self.client = cost(looks, messages, |look| Some(look.client));
        self.server = cost(looks, messages, |look| look.server);
        self.usage = samples(looks);
    }
}

async fn look(server: &Server, clock: Clock) -> Look {
    let server = server.usage().await;
    Look { at_us: clock.us(), client: process::own().unwrap_or_default(), server }
}

/// Keeps a look; with too many every other goes. Answers by how much longer the steps are from now on.
fn keep(looks: &mut Vec<Look>, look: Look) -> u64 {
    let mut wider = 1;
    if looks.len() >= LOOKS_MAX {
        let mut place = 0;
        looks.retain(|_| {
            place += 1;
            place % 2 == 1
        });
        wider = 2;
    }
    looks.push(look);
    wider
}

/// What one side used from the first look to the last. A server that was started again begins with nothing used.
fn cost(looks: &[Look], messages: u64, side: impl Fn(&Look) -> Option<Usage>) -> Option<Cost> {
    let (first, last) = (looks.first()?, looks.last()?);
    let known: Vec<Usage> = looks.iter().filter_map(&side).collect();
    if known.len() < 2 || side(last).is_none() {
        return None;
    }
    let cpu = known.windows(2).map(|two| two[1].since(two[0])).sum();
    Some(Cost::of(cpu, known.last()?.rss_bytes, (last.at_us - first.at_us) as f64 / 1e6, messages))
}

fn samples(looks: &[Look]) -> Vec<Sample> {
    let Some(began) = looks.first() else { return Vec::new() };
    let sample = |(before, after): (&Look, &Look)| {
        let seconds = (after.at_us - before.at_us).max(1) as f64 / 1e6;
        let cores = |before: Usage, after: Usage| after.since(before).as_secs_f64() / seconds;
        Sample {
            at_s: (after.at_us - began.at_us) as f64 / 1e6,
            client_cores: cores(before.client, after.client),
            client_rss_bytes: after.client.rss_bytes,
            server_cores: before.server.zip(after.server).map(|(before, after)| cores(before, after)),
            server_rss_bytes: after.server.map(|usage| usage.rss_bytes),
        }
    };
    looks.iter().zip(&looks[1..]).map(sample).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64) -> Look {
        let usage = Usage { cpu: Duration::from_millis(500 * second), rss_bytes: 1 << 20, rss_anon_bytes: 0 };
        Look { at_us: second * LOOK_US, client: usage, server: Some(usage) }
    }

    #[test]
    fn a_sample_is_what_was_used_between_two_looks() {
        let samples = samples(&[at(3), at(4), at(6)]);
        assert_eq!(samples.iter().map(|one| one.at_s).collect::<Vec<_>>(), [1.0, 3.0]);
        assert!(samples.iter().all(|one| one.client_cores == 0.5 && one.server_cores == Some(0.5)), "{samples:?}");
    }

    #[test]
    fn what_was_used_is_added_up_over_a_restart_and_a_server_that_is_gone_has_no_cost() {
        let reborn = Look {
            at_us: 7 * LOOK_US,
            server: Some(Usage { cpu: Duration::from_secs(1), rss_bytes: 7, rss_anon_bytes: 0 }),
            ..at(7)
        };
        let cost_of = |looks: &[Look]| cost(looks, 1_000, |look| look.server);
        let whole = cost_of(&[at(3), at(5), reborn]).unwrap();
        assert_eq!((whole.cores, whole.us_per_message, whole.rss_bytes), (0.5, Some(2_000.0), 7));
        assert_eq!(cost_of(&[at(3), Look { server: None, ..at(5) }]), None);
        assert_eq!(cost_of(&[at(3)]), None);
    }

    #[test]
    fn a_long_run_is_looked_at_less_often_and_its_beginning_stays() {
        let mut looks = Vec::new();
        let wider: u64 = (0..3 * LOOKS_MAX as u64).map(|second| keep(&mut looks, at(second))).product();
        assert!(looks.len() <= LOOKS_MAX && wider >= 4, "{} {wider}", looks.len());
        assert_eq!(
            (looks[0].at_us, looks.last().map(|look| look.at_us)),
            (0, Some((3 * LOOKS_MAX as u64 - 1) * LOOK_US))
        );
    }
}
