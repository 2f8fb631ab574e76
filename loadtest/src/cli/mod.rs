//! The command line.

mod common;
mod options;
mod trials;

use clap::{Parser, Subcommand};

pub use common::Common;
pub use options::{BacklogOptions, ChatOptions, ConnectOptions, RoomOptions};
pub use trials::{JitterOptions, MixedOptions, OverloadOptions, SlowOptions, StormOptions};

/// Drives a Deskwire engine with real chats, measures it, and checks that it keeps its promises.
///
/// Exit codes: 0 fine, 1 the run could not be made, 98 a promise was broken, 104 bad options.
#[derive(Debug, Parser)]
#[command(name = "deskwire-loadtest", version)]
pub struct Cli {
    /// What to play.
    #[command(subcommand)]
    pub scenario: Scenario,
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
