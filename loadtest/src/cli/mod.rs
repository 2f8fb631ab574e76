//! The command line.

mod bounds;
mod common;
mod options;
mod trials;
mod words;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::threshold::Threshold;

pub use common::Common;
pub use options::{BacklogOptions, ChatOptions, ConnectOptions, RoomOptions};
pub use trials::{JitterOptions, MixedOptions, OverloadOptions, SlowOptions, StormOptions};
pub use words::command;

/// Drives a Deskwire engine with real chats, measures it, and checks that it keeps its promises.
///
/// Exit codes: 0 fine, 1 the run could not be made, 98 a promise was broken, 99 a threshold was not kept, 104 bad
/// options.
#[derive(Debug, Parser)]
#[command(name = "deskwire-loadtest", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "a process has one")]
pub enum Command {
    /// Plays a scenario.
    #[command(flatten)]
    Play(Scenario),
    /// Holds the second of two reports that --json wrote against the first: every figure of both, and their ratio.
    Compare(CompareOptions),
}

/// What to play.
#[derive(Debug, Subcommand)]
pub enum Scenario {
    /// Customers open chats, agents get them from the queue, both talk; chats end and others begin.
    Chat(ChatOptions),
    /// Customers queue up while no agent takes anything; then all agents do: how long each waits from then. The agents
    /// need a free slot for each customer.
    Backlog(BacklogOptions),
    /// Customers sign in, talk a little, then idle: what one of them costs the server in memory.
    Connect(ConnectOptions),
    /// Members of one discussion talk; each post goes to all the others.
    Room(RoomOptions),
    /// A day of a centre, compressed: arrivals, talk, notes, transfers, breaks, reloads, closes, reopenings.
    Mixed(MixedOptions),
    /// Everybody loses his connection at one moment and comes back: how long until each hears his ticket again.
    Storm(StormOptions),
    /// Everybody is offline for a while again and again, and talk goes on.
    Jitter(JitterOptions),
    /// Some readers stall, in chats and in one discussion: what the others notice of it.
    Slow(SlowOptions),
    /// More than the server can take, in steps: what is accepted, what refused, and how fast each.
    Overload(OverloadOptions),
}

impl Scenario {
    /// What every scenario takes.
    pub fn common(&self) -> &Common {
        match self {
            Scenario::Chat(options) => &options.common,
            Scenario::Backlog(options) => &options.common,
            Scenario::Connect(options) => &options.common,
            Scenario::Room(options) => &options.common,
            Scenario::Mixed(options) => &options.common,
            Scenario::Storm(options) => &options.common,
            Scenario::Jitter(options) => &options.common,
            Scenario::Slow(options) => &options.common,
            Scenario::Overload(options) => &options.common,
        }
    }
}

/// `compare`.
#[derive(Clone, Debug, Args)]
pub struct CompareOptions {
    /// The report to compare with.
    pub first: PathBuf,
    /// The report that is compared.
    pub second: PathBuf,
    /// What the ratio must keep to, as in deliver.p99<=1.2x; may be given several times.
    #[arg(long = "threshold", value_name = "FIGURE<RATIO", value_parser = bounds::ratio)]
    pub thresholds: Vec<Threshold>,
}
