//! The transport over real sockets on loopback, with clients that can be as rude as they like.

mod client;
mod guard;
mod http;
mod life;
mod malformed;
mod overload;
mod server;
