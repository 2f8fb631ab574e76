//! Sockets and HTTP.

pub mod http;
