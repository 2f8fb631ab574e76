//! The desk from outside: the real program, real sockets, a real disk.

#![allow(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one frame among all")]
#![allow(clippy::disallowed_methods, reason = "a test waits for real time")]

mod client;
#[allow(dead_code, reason = "shared with the tests of faults, which use more of it")]
mod engine;

mod admin;
mod aside;
mod bad_input;
mod behind;
mod bounds;
mod browser;
mod canned;
mod categories;
mod colleagues;
mod coming_back;
mod consulting;
mod crowded;
mod discussing;
mod escalating;
mod evaluations;
mod floor;
mod handing_over;
mod hostile;
mod hours;
mod http;
mod ignoring;
mod metrics;
mod moderating;
mod moving;
mod moving_floor;
mod notices;
mod oversight;
mod people;
mod queue;
mod reading;
mod rebuilt;
mod reopening;
mod rights;
mod routing;
mod rude;
mod silence;
mod talking;
