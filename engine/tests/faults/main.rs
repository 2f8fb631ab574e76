//! The desk when things break: killed, cut off from its power, with parts of it falling, with one who does not listen.
//!
//! The real program on a real disk, loaded by the real load client, whose checker judges. `DESKWIRE_FAULTS=long` makes
//! it as long and as large as the promise says; without it the same is done on a small scale.

#![allow(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one frame among all")]
#![allow(clippy::disallowed_methods, reason = "a test waits for real time")]

#[allow(dead_code, reason = "shared with the tests of the desk, which use more of it")]
#[path = "../desk/client.rs"]
mod client;
#[path = "../store_killed/disk.rs"]
mod disk;
#[allow(dead_code, reason = "shared with the tests of the desk, which use more of it")]
#[path = "../desk/engine.rs"]
mod engine;
mod load;

mod churn;
mod deaf;
mod drain;
mod falls;
mod full_disk;
mod killed;
mod net;
mod planted;
mod power;
mod restart;
mod traced;
