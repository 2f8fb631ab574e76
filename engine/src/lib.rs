//! The engine of Deskwire: a help desk in one process. `ARCHITECTURE.md` is the map; this is its index.
//!
//! ```text
//! main ─► transport ─► actors ─► store ─► domain ─► protocol
//!             └── config, clock, metrics, engine (what all may use): never from domain
//! ```

pub mod actors;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod engine;
pub mod gauges;
pub mod identity;
pub mod metrics;
pub mod planted;
pub mod process;
pub mod store;
pub mod transport;
