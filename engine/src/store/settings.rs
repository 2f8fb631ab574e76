//! What can be set about a store, with the values that a test needs to change.

use std::fs::File;
use std::io;
use std::sync::Arc;

use super::fault::Fatal;
use super::stats::OnCommit;
use crate::clock::Clock;

/// Makes what was written to a file durable; an argument, so that a failing disk can be tested.
pub type SyncFile = Arc<dyn Fn(&File) -> io::Result<()> + Send + Sync>;

/// Ends the process. One that returns (in tests) leaves a store that is closed.
pub type OnFatal = Arc<dyn Fn(Fatal) + Send + Sync>;

/// The settings of a store.
#[derive(Clone)]
pub struct StoreSettings {
    /// Free bytes of the disk below which it counts as [`Disk::Low`](super::Disk::Low).
    pub disk_low_bytes: u64,
    /// Free bytes of the disk below which it counts as [`Disk::Lowest`](super::Disk::Lowest).
    pub disk_lowest_bytes: u64,
    /// Free bytes without which the store is not opened; the ballast is given up first.
    pub open_free_bytes: u64,
    /// Size of the ballast file, which is there to be deleted when a full disk would keep the store from opening.
    pub ballast_bytes: u64,
    /// Bytes that the log has on the disk beyond its end, for what is settled and read when the disk is full.
    pub reserve_bytes: u64,
    /// Size of each of the journal's two files; when one is full, sled is brought to disk.
    pub journal_bytes: u64,
    /// A write that waits longer makes the store count as stalled, in milliseconds.
    pub stalled_ms: u64,
    /// A write that waits longer ends the process, in milliseconds.
    pub stalled_fatal_ms: u64,
    /// Time between two looks at the disk, in milliseconds; at every fourth the watermark is raised.
    pub keep_every_ms: u64,
    /// Reads that run at once; others wait for their turn.
    pub reads_at_once: usize,
    /// Commits that are kept for readers that are behind; a reader further behind rebuilds.
    pub commits_kept_max: u64,
    /// Tells how long a write has waited.
    pub clock: Clock,
    /// Syncs the log.
    pub sync: SyncFile,
    /// Ends the process.
    pub on_fatal: OnFatal,
    /// Hears of every commit.
    pub on_commit: Option<OnCommit>,
}

impl Default for StoreSettings {
    fn default() -> StoreSettings {
        StoreSettings {
            disk_low_bytes: 1 << 30,
            disk_lowest_bytes: 256 << 20,
            open_free_bytes: 24 << 20,
            ballast_bytes: 32 << 20,
            reserve_bytes: 64 << 20,
            journal_bytes: 4 << 20,
            stalled_ms: 2_000,
            stalled_fatal_ms: 30_000,
            keep_every_ms: 250,
            reads_at_once: 4,
            commits_kept_max: 1_000_000,
            clock: Clock::system(),
            sync: Arc::new(File::sync_data),
            on_fatal: Arc::new(exit),
            on_commit: None,
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "nothing must be written any more, and nobody be told: there is no order left to keep"
)]
fn exit(fatal: Fatal) {
    tracing::error!(%fatal, "the store ends the process");
    // The log may not reach a terminal that is being torn down; these words are the last ones.
    eprintln!("deskwire: {fatal}");
    std::process::exit(fatal.exit_code());
}
