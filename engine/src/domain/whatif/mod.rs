//! What if: the floor of now run forward under virtual time, with changes; the very Matcher decides, on a copy.
//!
//! Arrivals, handling times and patience are drawn from what the floor has seen. Nobody comes to work or goes, unless
//! that is the question.

mod run;
mod sample;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use deskwire_protocol::Time;

use crate::domain::event::CategoryId;
use crate::domain::matcher::{Matcher, Need};

pub use sample::WaitEnd;

/// Within this time an agent should be there where a category says nothing else, in milliseconds.
pub const SERVICE_MS: u64 = 20_000;
/// Most minutes that a question looks ahead; more are not looked at.
pub const MINUTES_MAX: u32 = 240;
/// Most runs of one question; more are not made.
pub const RUNS_MAX: u32 = 16;

/// What a category has seen: what is drawn from.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Between two arrivals, in milliseconds; none for no arrivals.
    pub gaps_ms: Vec<u64>,
    /// How long a slot was used for a ticket, writing it up included, in milliseconds.
    pub handled_ms: Vec<u64>,
    /// How long tickets waited, in milliseconds, and how that ended.
    pub waits: Vec<(u64, WaitEnd)>,
    /// What tickets asked for; none for nothing.
    pub needs: Vec<Arc<Need>>,
}

/// What is to be other than it is. The default changes nothing.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// So many more agents at work, each like one who is.
    pub agents_more: usize,
    /// Live slots of every agent.
    pub slots: Option<u16>,
    /// Tickets that waited for so long may be served in another category: (of, in, after milliseconds).
    pub overflow: Vec<(CategoryId, CategoryId, u64)>,
}

/// A question about the floor.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// The floor as it is.
    pub matcher: &'a Matcher,
    /// When.
    pub now: Time,
    /// What it has seen.
    pub seen: &'a BTreeMap<CategoryId, Seen>,
    /// Within which time an agent should be there, in milliseconds, as each category says; [`SERVICE_MS`] for others.
    pub within_ms: &'a BTreeMap<CategoryId, u64>,
    /// How far to look ahead.
    pub minutes: u32,
    /// How often; the answer is the mean.
    pub runs: u32,
    /// Which random numbers: the same give the same answer.
    pub seed: u64,
    /// The categories whose tickets are counted; nothing for all.
    pub of: Option<&'a BTreeSet<CategoryId>>,
}

/// One minute of a floor that was run forward.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Minute {
    /// Tickets that wait at its end.
    pub waiting: f64,
    /// How long the one that waits longest has waited at its end, in seconds.
    pub oldest_s: f64,
    /// Tickets that got their agents.
    pub served: f64,
    /// Of these, those who waited no longer than their category says.
    pub in_time: f64,
    /// Tickets whose customers left.
    pub abandoned: f64,
}

/// The floor run forward, minute by minute.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curves {
    /// In order.
    pub minutes: Vec<Minute>,
}

impl Curves {
    /// The part of all that ended waiting whose agents came in time, those who left counted as not.
    pub fn service_level(&self) -> f64 {
        let ended: f64 = self.minutes.iter().map(|minute| minute.served + minute.abandoned).sum();
        let in_time: f64 = self.minutes.iter().map(|minute| minute.in_time).sum();
        if ended > 0.0 { in_time / ended } else { 1.0 }
    }

    /// The part of all that ended waiting whose customers left.
    pub fn abandonment(&self) -> f64 {
        let abandoned: f64 = self.minutes.iter().map(|minute| minute.abandoned).sum();
        let served: f64 = self.minutes.iter().map(|minute| minute.served).sum();
        if served + abandoned > 0.0 { abandoned / (served + abandoned) } else { 0.0 }
    }

    fn add(&mut self, other: &Curves, part: f64) {
        self.minutes.resize(other.minutes.len(), Minute::default());
        for (sum, one) in self.minutes.iter_mut().zip(&other.minutes) {
            sum.waiting += one.waiting * part;
            sum.oldest_s += one.oldest_s * part;
            sum.served += one.served * part;
            sum.in_time += one.in_time * part;
            sum.abandoned += one.abandoned * part;
        }
    }
}

/// Runs a floor forward with changes.
pub fn ask(question: &Question<'_>, changes: &Changes) -> Curves {
    let runs = question.runs.clamp(1, RUNS_MAX);
    let mut mean = Curves::default();
    for run in 0..runs {
        let seed = question.seed.wrapping_add(u64::from(run));
        mean.add(&run::run(question, changes, seed), 1.0 / f64::from(runs));
    }
    mean
}
