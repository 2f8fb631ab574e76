//! What can be played against an engine.

pub mod backlog;
pub mod chat;
pub mod connect;
pub mod jitter;
pub mod mixed;
pub mod overload;
pub mod room;
pub mod slow;
pub mod storm;

mod agent;
mod churn;
mod customer;
mod day;
mod drive;
mod hall;
mod history;
mod link;
mod never;
mod people;
mod run;
mod server;
mod stage;
mod stall;
mod talk;
mod world;

pub use churn::Churn;
pub use world::{Shared, World};

use crate::pace::Arrivals;

/// Who plays, and how they talk.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Customers.
    pub customers: usize,
    /// Agents.
    pub agents: usize,
    /// Posts a second in all.
    pub rate: f64,
    /// How posts follow each other.
    pub arrivals: Arrivals,
    /// Bytes of a text.
    pub size: usize,
    /// Posts of a chat, in the mean.
    pub chat_posts: u32,
    /// Longest chat, in milliseconds.
    pub chat_ms: u64,
    /// The category chats are opened in.
    pub category: String,
    /// The source of everything random.
    pub seed: u64,
}

/// Why a run could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RunFault {
    /// The engine cannot be used.
    #[error("{0}")]
    Engine(String),
    /// The options do not fit together.
    #[error("{0}")]
    Options(String),
}
