//! What a run found, for people and for programs.

mod cost;
mod date;
pub mod hgrm;
pub mod html;
mod warnings;
mod words;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::checker::{Promise, Tally};
use crate::measure::{Line, Measures, Point, What};
use crate::meter::Sample;
use crate::process::Machine;
use crate::rungs::Rung;
use crate::threshold::Verdict;
use crate::timeline::SliceLine;

pub use cost::{Cost, Idle};

/// What says that a file is a report of ours, and how it is to be read.
pub const FORMAT: &str = "deskwire-loadtest 1";

/// Everything of a run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    /// Says that this is a report, and which form it has.
    pub format: String,
    /// The load tester's version.
    pub version: String,
    /// When the run ended, as ISO 8601 has it, in UTC.
    pub at: String,
    /// The scenario and its options, as they were given; no password is in it.
    pub command: String,
    /// The seed that plays its schedule again.
    pub seed: u64,
    /// The machine of the load client.
    pub machine: Machine,
    /// The measured time in seconds.
    pub seconds: f64,
    /// Times in microseconds, by name.
    pub times_us: BTreeMap<String, Line>,
    /// Counts by name.
    pub counts: BTreeMap<String, u64>,
    /// Posts acknowledged a second: what came in the measured time, not what was due in it.
    pub acknowledged_per_s: f64,
    /// Posts received by the other side a second, likewise.
    pub delivered_per_s: f64,
    /// Receivers of a post, in the mean.
    pub receivers: f64,
    /// What the engine said no to, or ended connections with.
    pub complaints: BTreeMap<String, u64>,
    /// The load client itself, while messages were measured.
    pub client: Option<Cost>,
    /// The server, where its process or its metrics are known.
    pub server: Option<Cost>,
    /// The steps of an overload.
    pub steps: Vec<Rung>,
    /// The memory of idle sessions, where that was measured.
    pub idle: Option<Idle>,
    /// Whether the client could not keep its own schedule.
    pub saturated: bool,
    /// What must be known to read the figures right.
    pub warnings: Vec<String>,
    /// Invariants that the server itself counted as violated during the run, where its metrics are known.
    pub violations: Option<u64>,
    /// What was promised, and how often.
    pub checked: Tally,
    /// What was broken, by name.
    pub broken: BTreeMap<String, u64>,
    /// The thresholds asked for, and what came of them.
    pub thresholds: Vec<Verdict>,
    /// Seconds of each slice of the timeline.
    pub slice_s: u64,
    /// The measured time, slice by slice.
    pub timeline: Vec<SliceLine>,
    /// CPU and memory of both sides in the measured time.
    pub usage: Vec<Sample>,
    /// The whole distribution of each time, by name.
    pub distributions: BTreeMap<String, Distribution>,
}

/// The whole distribution of a time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// The mean of what came, in microseconds.
    pub mean_us: f64,
    /// Its standard deviation, in microseconds.
    pub deviation_us: f64,
    /// Its points, ascending.
    pub points: Vec<Point>,
}

impl Report {
    /// Takes in what was measured.
    pub fn measured(&mut self, measures: &Measures, seconds: f64) {
        self.seconds = seconds;
        self.acknowledged_per_s = measures.acknowledged_in_time as f64 / seconds;
        self.delivered_per_s = measures.delivered_in_time as f64 / seconds;
        self.receivers = if measures.said > 0 { measures.owed as f64 / measures.said as f64 } else { 1.0 };
        self.saturated = measures.is_saturated();
        self.times_us = What::ALL.iter().map(|what| (what.word().to_owned(), measures.last_line(*what))).collect();
        let counts = [
            ("scheduled", measures.scheduled),
            ("unpaired", measures.unpaired),
            ("acknowledged", measures.acknowledged),
            ("unacknowledged", measures.missing(What::Acknowledge)),
            ("delivered", measures.delivered),
            ("undelivered", measures.missing(What::Deliver)),
            ("delivered in time", measures.delivered_in_time),
            ("chats opened", measures.opened),
            ("chats paired", measures.paired),
            ("chats closed", measures.closed),
            ("connections lost", measures.disconnects),
            ("posts refused", measures.posts_refused),
            ("requests refused", measures.requests_refused),
            ("agents' turns", measures.turns),
            ("tickets cleared", measures.cleared),
        ];
        self.counts.extend(counts.map(|(name, count)| (name.to_owned(), count)));
        self.counts.extend(measures.acts.counts());
        (self.timeline, self.slice_s) = measures.slices();
        let came = What::ALL.iter().filter(|what| !measures.times(**what).is_empty());
        self.distributions = came.map(|what| (what.word().to_owned(), distribution(measures, *what))).collect();
    }

    /// Takes in what was checked.
    pub fn checked(&mut self, tally: &Tally) {
        self.checked = tally.clone();
        self.broken = Promise::ALL.iter().map(|one| (one.broken().to_owned(), tally.of(*one))).collect();
    }

    /// Says what run it is of, and what must be known of it; the last step of every scenario.
    pub fn sign(&mut self, command: String, at_s: u64) {
        self.format = FORMAT.into();
        self.version = env!("CARGO_PKG_VERSION").into();
        self.at = date::iso(at_s);
        self.command = command;
        self.machine = Machine::this();
        self.warnings = warnings::of(self);
    }

    /// Whether the engine broke a promise.
    pub fn is_broken(&self) -> bool {
        self.broken.values().any(|count| *count > 0) || self.violations.is_some_and(|count| count > 0)
    }

    /// Whether a threshold was not kept.
    pub fn has_failed(&self) -> bool {
        self.thresholds.iter().any(|verdict| !verdict.kept)
    }

    /// A count; 0 where the scenario has none.
    pub fn count(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or_default()
    }

    /// `lost 0  doubled 0 …`, or only those that were broken.
    pub fn promises(&self) -> String {
        let one = |promise: &Promise| {
            format!("{} {}", promise.broken(), self.broken.get(promise.broken()).copied().unwrap_or_default())
        };
        Promise::ALL.iter().map(one).collect::<Vec<_>>().join("  ")
    }
}

fn distribution(measures: &Measures, what: What) -> Distribution {
    let (mean_us, deviation_us) = measures.spread(what);
    Distribution { mean_us, deviation_us, points: measures.points(what) }
}
