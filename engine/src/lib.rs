//! The engine of Deskwire: a help desk in one process. `ARCHITECTURE.md` is the map; this is its index.
//!
//! ```text
//! main ─► transport ─► actors ─► store ─► domain ─► protocol
//!             └── config, clock, metrics, engine (what all may use): never from domain
//! ```

pub mod actors;
pub mod domain;
pub mod transport;
