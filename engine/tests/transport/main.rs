//! The transport over real sockets on loopback, with clients that can be as rude as they like.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod client;
mod guard;
mod http;
mod life;
mod malformed;
mod overload;
mod server;
