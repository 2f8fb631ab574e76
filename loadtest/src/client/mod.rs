//! A client of the engine: its delivery rule, its session, its WebSocket.

pub mod codec;
pub mod delivery;
pub mod effect;
pub mod event;
pub mod login;
pub mod metrics;
pub mod outgoing;
mod phase;
pub mod scrape;
pub mod session;
pub mod socket;
pub mod view;
