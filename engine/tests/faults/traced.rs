//! What the kernel sees of the whole program: a sync before each acknowledgement, and no `sync_file_range` at all.

use std::fs;
use std::process::Command;

use crate::client::Client;
use crate::engine::{ANYWHERE, Engine};
use crate::load::skipped;
use crate::row::row;

const POSTS: u32 = 50;

/// C09: one client posts and waits, over and over; so each acknowledgement needs a sync of its own.
#[test]
fn the_kernel_sees_a_sync_before_each_acknowledgement_is_sent() {
    if !can_trace() {
        return skipped("the_kernel_sees_a_sync_before_each_acknowledgement_is_sent", NO_STRACE);
    }
    let dir = tempfile::tempdir().unwrap();
    let trace = dir.path().join("trace");
    let calls = "trace=fsync,fdatasync,sync_file_range,write,writev,sendto,sendmsg";
    let through = ["strace", "-D", "-f", "-qq", "-y", "-s", "96", "-e", calls, "-o", trace.to_str().unwrap()];
    let mut engine = Engine::on(&dir.path().join("data"), ANYWHERE, &[], &through);
    post(&engine);
    assert!(engine.terminate().success());
    let trace = fs::read_to_string(trace).unwrap();
    let (sent, syncs) = read(&trace);
    assert_eq!(sent, POSTS);
    row("syncs as the kernel sees them", &format!("{sent} acknowledgements, each after one of {syncs} syncs"), 0);
    assert!(!trace.contains("sync_file_range("), "it reached the kernel");
}

/// Whether strace is here, and may trace.
pub fn can_trace() -> bool {
    Command::new("strace").args(["-D", "-qq", "-e", "trace=none", "true"]).status().is_ok_and(|one| one.success())
}

/// Why not.
pub const NO_STRACE: &str = "strace cannot be run (apt install strace)";

/// In JSON, so that the trace shows what is sent.
fn post(engine: &Engine) {
    let mut customer = Client::open(engine.address, "/ws", "deskwire.v1.json");
    let say = |client: &mut Client, text: String| client.send_bytes(0x81, text.as_bytes());
    say(&mut customer, r#"{"kind":"hello","name":"Carl"}"#.into());
    let open = r#"{"kind":"open","request":1,"key":"00000000000000000000000000000001","category":"technical","priority":"normal","subject":"Help"}"#;
    say(&mut customer, open.into());
    let ticket = customer.ready(1).unwrap();
    let hex = format!("{:016x}", ticket.0);
    let stream = "0000000000000000000000000000000b";
    say(&mut customer, format!(r#"{{"kind":"join","ticket":"{hex}","stream":"{stream}","after":0}}"#));
    for number in 1..=POSTS {
        say(&mut customer, format!(r#"{{"kind":"post","ticket":"{hex}","number":{number},"text":"word"}}"#));
        customer.acknowledged(ticket, number).unwrap();
    }
}

/// The acknowledgements sent, and the syncs of the log. Lines are in the order of the calls' beginnings, and of their
/// ends where another thread's call came between.
fn read(trace: &str) -> (u32, u32) {
    let (mut synced, mut sent, mut syncs) = (false, 0, 0);
    for line in trace.lines() {
        let is_log = line.contains("/journal.") || line.contains("fdatasync resumed");
        if line.contains("fdatasync") && is_log && line.ends_with("= 0") {
            (synced, syncs) = (true, syncs + 1);
        } else if line.contains("acknowledged") {
            assert!(synced, "an acknowledgement without a sync: {line}");
            (synced, sent) = (false, sent + 1);
        }
    }
    (sent, syncs)
}
