//! The store on a real disk: what is acknowledged is there, what is damaged is named, who may not write does not.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, wherever its helpers stand")]

mod bounds;
mod checking;
mod common;
mod durable;
mod faults;
mod fences;
mod journal;
mod opening;
mod reading;
mod settling;
mod tailing;
