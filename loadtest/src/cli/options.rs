//! The options of each scenario.

use clap::Args;

use super::{Common, bounds};
use crate::scenario::Churn;

/// `chat`.
#[derive(Clone, Debug, Args)]
pub struct ChatOptions {
    /// What every scenario takes.
    #[command(flatten)]
    pub common: Common,
    /// Posts a second in all.
    #[arg(long, default_value_t = 400.0, value_parser = bounds::rate)]
    pub rate: f64,
    /// Seconds that are measured.
    #[arg(long, default_value_t = 60, value_parser = bounds::duration)]
    pub duration: u64,
    /// Seconds before, in which everybody talks and nothing is measured.
    #[arg(long, default_value_t = 5, value_parser = bounds::seconds)]
    pub warmup: u64,
    /// Posts of a chat, in the mean.
    #[arg(long, default_value_t = 20)]
    pub chat_posts: u32,
    /// Seconds after which a chat ends in any case.
    #[arg(long, default_value_t = 30)]
    pub chat_seconds: u64,
    /// Mean seconds until an agent takes a break, reloads, goes home, or is cut off as a dying machine is; 0 for never.
    #[arg(long, default_value_t = 0)]
    pub churn: u64,
    /// Mean seconds that he is away then.
    #[arg(long, default_value_t = 20)]
    pub absence: u64,
}

/// `backlog`.
#[derive(Clone, Debug, Args)]
pub struct BacklogOptions {
    /// What every scenario takes.
    #[command(flatten)]
    pub common: Common,
}

/// `connect`.
#[derive(Clone, Debug, Args)]
pub struct ConnectOptions {
    /// What every scenario takes.
    #[command(flatten)]
    pub common: Common,
    /// Posts a second while customers talk.
    #[arg(long, default_value_t = 2_000.0, value_parser = bounds::rate)]
    pub rate: f64,
    /// Posts of each customer's chat, in the mean; 0 for none: they only sign in.
    #[arg(long, default_value_t = 4)]
    pub chat_posts: u32,
    /// Seconds that all idle before the memory is read.
    #[arg(long, default_value_t = 60)]
    pub idle: u64,
}

impl ChatOptions {
    /// How agents come and go, if they do.
    pub fn churn(&self) -> Option<Churn> {
        (self.churn > 0).then_some(Churn { stay_ms: self.churn * 1_000, absence_ms: self.absence * 1_000 })
    }
}

/// `room`. Of what every scenario takes it has no use for customers, agents and their chats.
#[derive(Clone, Debug, Args)]
pub struct RoomOptions {
    /// What every scenario takes.
    #[command(flatten)]
    pub common: Common,
    /// Members of the discussion, its founder besides.
    #[arg(long, default_value_t = 249, value_parser = clap::value_parser!(u8).range(2..))]
    pub members: u8,
    /// Posts a second in all.
    #[arg(long, default_value_t = 40.0, value_parser = bounds::rate)]
    pub rate: f64,
    /// Seconds that are measured.
    #[arg(long, default_value_t = 30, value_parser = bounds::duration)]
    pub duration: u64,
    /// Seconds before, in which everybody talks and nothing is measured.
    #[arg(long, default_value_t = 5, value_parser = bounds::seconds)]
    pub warmup: u64,
    /// Who founds it.
    #[arg(long, default_value = "sam@demo.example")]
    pub founder: String,
}
