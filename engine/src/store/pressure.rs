//! How the store is doing right now, readable by everybody at the price of an atomic load.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use crate::clock::Clock;

/// How much room the disk has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Disk {
    /// Enough.
    Fine = 0,
    /// Below the first mark: only what ends or frees something should be written.
    Low = 1,
    /// Below the second mark: nothing should be written.
    Lowest = 2,
}

/// The age of the oldest write that is not on disk, and the state of the disk.
#[derive(Debug)]
pub struct Pressure {
    clock: Clock,
    stalled_ms: u64,
    /// When the oldest unsynced write was handed in, as [`Pressure::now`]; 0 for none.
    oldest: AtomicU64,
    disk: AtomicU8,
    free_bytes: AtomicU64,
}

impl Pressure {
    pub(super) fn new(clock: Clock, stalled_ms: u64) -> Pressure {
        let disk = AtomicU8::new(Disk::Fine as u8);
        Pressure { clock, stalled_ms, oldest: AtomicU64::new(0), disk, free_bytes: AtomicU64::new(0) }
    }

    /// Nanoseconds since the clock was made, never 0.
    pub(super) fn now(&self) -> u64 {
        let nanos = self.clock.elapsed().as_nanos();
        u64::try_from(nanos).unwrap_or(u64::MAX).max(1)
    }

    pub(super) fn waiting_since(&self, at: u64) {
        self.oldest.store(at, Ordering::Relaxed);
    }

    pub(super) fn nothing_waits(&self) {
        self.oldest.store(0, Ordering::Relaxed);
    }

    pub(super) fn set_disk(&self, disk: Disk, free_bytes: u64) {
        self.free_bytes.store(free_bytes, Ordering::Relaxed);
        self.disk.store(disk as u8, Ordering::Relaxed);
    }

    /// The write that has waited longest, as when it was handed in; none when none waits.
    pub(super) fn oldest(&self) -> Option<u64> {
        Some(self.oldest.load(Ordering::Relaxed)).filter(|at| *at != 0)
    }

    /// How long the oldest write has waited to be on disk, in milliseconds; 0 when none waits.
    pub fn oldest_ms(&self) -> u64 {
        match self.oldest.load(Ordering::Relaxed) {
            0 => 0,
            at => self.now().saturating_sub(at) / 1_000_000,
        }
    }

    /// How much room the disk has.
    pub fn disk(&self) -> Disk {
        match self.disk.load(Ordering::Relaxed) {
            0 => Disk::Fine,
            1 => Disk::Low,
            _ => Disk::Lowest,
        }
    }

    /// Bytes free on the disk, as last looked at.
    pub fn free_bytes(&self) -> u64 {
        self.free_bytes.load(Ordering::Relaxed)
    }

    /// Whether the disk does not answer: the engine is then not ready, and refuses posts.
    pub fn is_stalled(&self) -> bool {
        self.oldest_ms() > self.stalled_ms
    }
}
