//! The store in a process of its own, which is killed, traced and cut off from its power.
//!
//! Apart from the other tests of the store: a process that is being made holds every lock of this one for a moment.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, wherever its helpers stand")]

mod child;
#[allow(dead_code, reason = "shared with the other tests of the store, which use more of it")]
#[path = "../store/common.rs"]
mod common;
mod disk;
mod full;
mod killed;
mod power;
mod traced;
