//! A client of the engine: its delivery rule, its WebSocket, its session.

pub mod delivery;
pub mod effect;
pub mod outgoing;
pub mod view;
