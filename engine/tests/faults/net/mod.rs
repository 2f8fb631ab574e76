//! The desk on a bad network and among bad clients: chats go on, nothing is lost, nothing grows.

mod autobahn;
mod bombs;
mod flood;
mod proxied;
mod proxy;
mod raw;
mod slow;

use deskwire_loadtest::process;

use crate::engine::Engine;
use crate::load::{Load, Size, wait_until};

/// Chats at an address before an engine, once everybody is in.
pub fn chats_at(address: std::net::SocketAddr, engine: &Engine, size: Size) -> Load {
    let metrics = format!("http://{}/metrics", engine.ops);
    let before = engine.metric("deskwire_sockets");
    let load = Load::start_with(address, size, &["--metrics-url", &metrics]);
    let everybody = before + (size.customers + size.agents) as f64;
    wait_until("everybody is in", || engine.metric("deskwire_sockets") >= everybody);
    load
}

fn pid(engine: &Engine) -> u32 {
    engine.pid().as_raw_nonzero().get() as u32
}

/// What the engine has resident, in bytes.
pub fn rss(engine: &Engine) -> u64 {
    process::usage(pid(engine)).unwrap().rss_bytes
}

/// Descriptors that the engine has open.
pub fn descriptors(engine: &Engine) -> usize {
    std::fs::read_dir(format!("/proc/{}/fd", pid(engine))).unwrap().count()
}

/// For people to read.
pub fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
