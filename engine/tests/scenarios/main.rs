//! Every scenario of the load tester in small, against the real engine: each keeps every promise, and does what its name
//! says.

#![allow(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]
#![allow(clippy::disallowed_methods, reason = "a test waits for real time")]

#[allow(dead_code, reason = "shared with the tests of the desk, which use more of it")]
#[path = "../desk/engine.rs"]
mod engine;
mod play;

mod away;
mod mixed;
mod overload;
mod plain;
mod slow;
