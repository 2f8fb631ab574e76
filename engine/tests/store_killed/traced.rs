//! What the kernel sees: an fdatasync of the journal before each acknowledgement, and no sync_file_range at all.

use std::fs;
use std::process::Command;

use crate::child::{UNTIL, Writing};
use crate::killed::CHILD;

/// C09. Skipped with words where `strace` is not installed or may not trace.
#[test]
fn the_kernel_sees_a_sync_before_each_acknowledgement() {
    if !Command::new("strace").args(["-qq", "-e", "trace=none", "true"]).status().is_ok_and(|status| status.success()) {
        eprintln!(
            "SKIPPED the_kernel_sees_a_sync_before_each_acknowledgement: strace cannot be run (apt install strace)"
        );
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let trace = dir.path().join("trace");
    let store = dir.path().join("data");
    let child = Writing::command(CHILD, &store, 1);
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-y", "-e", "trace=fsync,fdatasync,sync_file_range,write", "-o"]);
    strace.arg(&trace).arg(child.get_program()).args(child.get_args());
    strace.envs(child.get_envs().filter_map(|(name, value)| Some((name, value?))));
    strace.env(UNTIL, "100");
    let told = Writing::start(strace).end();
    assert_eq!(told.values().collect::<Vec<_>>(), [&100]);

    let trace = fs::read_to_string(trace).unwrap();
    assert!(!trace.contains("sync_file_range"), "it reached the kernel");
    assert!(trace.contains(" fsync("), "sled fell back to fsync");
    let writer = trace.lines().find(|line| line.contains("\"told ")).unwrap();
    let writer = writer.split(' ').next().unwrap();
    let (mut synced, mut told) = (false, 0);
    // The thread that writes both syncs and tells: its own lines are in order whatever the others do.
    for line in trace.lines().filter(|line| line.split(' ').next() == Some(writer)) {
        // A call during which another thread ran is shown as two lines, the second without the file's name.
        let is_log = line.contains("/journal.") || line.contains("fdatasync resumed");
        if line.contains("fdatasync") && is_log && line.ends_with("= 0") {
            synced = true;
        } else if line.contains("\"told ") {
            assert!(synced, "told without a sync: {line}");
            (synced, told) = (false, told + 1);
        }
    }
    assert!(told >= 100);
}
