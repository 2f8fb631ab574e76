//! The options of the scenarios that try the server hard: a day, a storm, bad networks, stalled readers, overload.

use clap::Args;

use super::{Common, RoomOptions, bounds};

/// `mixed`.
#[derive(Clone, Debug, Args)]
pub struct MixedOptions {
    /// What every scenario takes.
    #[command(flatten)]
    pub common: Common,
    /// Posts a second in all, at the height of the day.
    #[arg(long, default_value_t = 400.0, value_parser = bounds::rate)]
    pub rate: f64,
    /// What people do beside posting, a second in all, at the height of the day: typing, read marks, notes, whispers,
    /// transfers, moves to a category, requeues, holds, reloads.
    #[arg(long, default_value_t = 100.0)]
    pub acts: f64,
    /// Seconds that the day lasts.
    #[arg(long, default_value_t = 120, value_parser = bounds::duration)]
    pub duration: u64,
    /// Posts of a chat, in the mean.
    #[arg(long, default_value_t = 20)]
    pub chat_posts: u32,
    /// Seconds after which a chat ends in any case.
    #[arg(long, default_value_t = 30)]
    pub chat_seconds: u64,
    /// Mean seconds until an agent takes a break, reloads, goes home, or is cut off as a dying machine is.
    #[arg(long, default_value_t = 60)]
    pub churn: u64,
    /// Mean seconds that he is away then.
    #[arg(long, default_value_t = 10)]
    pub absence: u64,
    /// The category tickets are moved to.
    #[arg(long, default_value = "billing")]
    pub other_category: String,
    /// Who watches and whispers; repeatable.
    #[arg(long, default_values_t = ["sam@demo.example".to_owned()])]
    pub supervisor: Vec<String>,
}

/// `storm`. By default this client drops all its sockets at one moment; with `--survive` it waits until somebody kills
/// the server.
#[derive(Clone, Debug, Args)]
pub struct StormOptions {
    /// What every scenario takes.
    #[command(flatten)]
    pub common: Common,
    /// The server, started by this client, killed (SIGKILL) at a random moment under load, and started again. A command
    /// without a shell: its words are parted by blanks.
    #[arg(long, conflicts_with = "survive")]
    pub server_command: Option<String>,
    /// Posts a second in all, before and after.
    #[arg(long, default_value_t = 400.0, value_parser = bounds::rate)]
    pub rate: f64,
    /// Seconds of talk before each storm, in the mean.
    #[arg(long, default_value_t = 5.0)]
    pub calm: f64,
    /// How many storms.
    #[arg(long, default_value_t = 1)]
    pub storms: u32,
}

/// `jitter`.
#[derive(Clone, Debug, Args)]
pub struct JitterOptions {
    /// What every scenario takes.
    #[command(flatten)]
    pub common: Common,
    /// Posts a second in all.
    #[arg(long, default_value_t = 400.0, value_parser = bounds::rate)]
    pub rate: f64,
    /// Seconds from one loss of a connection to the next.
    #[arg(long, default_value_t = 15.0)]
    pub every: f64,
    /// Seconds of that without a connection.
    #[arg(long, default_value_t = 2.0)]
    pub offline: f64,
    /// Seconds that it goes on.
    #[arg(long, default_value_t = 60, value_parser = bounds::duration)]
    pub duration: u64,
    /// Posts of a chat, in the mean.
    #[arg(long, default_value_t = 20)]
    pub chat_posts: u32,
    /// Seconds after which a chat ends in any case.
    #[arg(long, default_value_t = 30)]
    pub chat_seconds: u64,
}

/// `slow`.
#[derive(Clone, Debug, Args)]
pub struct SlowOptions {
    /// What every scenario takes.
    #[command(flatten)]
    pub common: Common,
    /// Posts a second in the chats.
    #[arg(long, default_value_t = 400.0, value_parser = bounds::rate)]
    pub rate: f64,
    /// Members of the discussion.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u8).range(2..))]
    pub members: u8,
    /// Posts a second in the discussion, 4 KiB each.
    #[arg(long, default_value_t = 40.0, value_parser = bounds::rate)]
    pub room_rate: f64,
    /// How many stall: so many customers, and so many members of the discussion. Their agents say 4 KiB up to fifty times
    /// a second, all the time.
    #[arg(long, default_value_t = 10)]
    pub stalled: usize,
    /// Seconds in which all read, and at most as many in which these do not. With --metrics-url they read on once all of
    /// them were cut off.
    #[arg(long, default_value_t = 30, value_parser = bounds::duration)]
    pub duration: u64,
    /// Who founds the discussion.
    #[arg(long, default_value = "sam@demo.example")]
    pub founder: String,
}

/// `overload`.
#[derive(Clone, Debug, Args)]
pub struct OverloadOptions {
    /// What every scenario takes.
    #[command(flatten)]
    pub common: Common,
    /// Posts a second that are full load; by default found by a ramp.
    #[arg(long, value_parser = bounds::rate)]
    pub rate: Option<f64>,
    /// The steps, each so many times full load.
    #[arg(long, value_delimiter = ',', default_values_t = [1.0, 2.0, 5.0, 10.0])]
    pub steps: Vec<f64>,
    /// Seconds of a step.
    #[arg(long, default_value_t = 10, value_parser = bounds::duration)]
    pub step: u64,
}

impl SlowOptions {
    /// The discussion, as the scenario `room` has it.
    pub fn room(&self) -> RoomOptions {
        let SlowOptions { common, members, room_rate, duration, founder, .. } = self.clone();
        RoomOptions { common, members, rate: room_rate, duration, warmup: 0, founder }
    }
}
