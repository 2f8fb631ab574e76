//! What the store has done since it was opened, counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// One commit, as it is reported to whoever measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitReport {
    /// Appends in it.
    pub appends: u32,
    /// Events in it.
    pub events: u32,
    /// Records in it.
    pub records: u32,
    /// Bytes of events and records in it.
    pub bytes: u32,
    /// Time until it was on disk, in nanoseconds.
    pub sync_nanos: u64,
    /// Time to hand it to sled after that, in nanoseconds.
    pub apply_nanos: u64,
}

/// Hears of every commit, on the thread that writes: it must be cheap and never block.
pub type OnCommit = Arc<dyn Fn(&CommitReport) + Send + Sync>;

/// Counters; they only grow.
#[derive(Debug, Default)]
pub struct Stats {
    commits: AtomicU64,
    appends: AtomicU64,
    events: AtomicU64,
    bytes: AtomicU64,
    sync_nanos: AtomicU64,
    violations: AtomicU64,
}

macro_rules! getters {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        impl Stats {
            $($(#[doc = $doc])+ pub fn $name(&self) -> u64 { self.$name.load(Ordering::Relaxed) })+
        }
    };
}

getters! {
    /// Commits: batches that were synced.
    commits,
    /// Appends that were written.
    appends,
    /// Events that were written.
    events,
    /// Bytes of events and records that were written.
    bytes,
    /// Time spent waiting for the disk, in nanoseconds.
    sync_nanos,
    /// Appends and fences that broke the rule of [`Heads`](super::Heads); must stay 0.
    violations,
}

impl Stats {
    pub(super) fn committed(&self, report: &CommitReport) {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.appends.fetch_add(report.appends.into(), Ordering::Relaxed);
        self.events.fetch_add(report.events.into(), Ordering::Relaxed);
        self.bytes.fetch_add(report.bytes.into(), Ordering::Relaxed);
        self.sync_nanos.fetch_add(report.sync_nanos, Ordering::Relaxed);
    }

    pub(super) fn violated(&self) {
        self.violations.fetch_add(1, Ordering::Relaxed);
    }
}
