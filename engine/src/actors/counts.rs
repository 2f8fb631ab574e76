//! What became of requests and connections: counters that whoever refuses or closes adds to.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use deskwire_protocol::{CloseCode, Refusal};

/// What became of requests and connections, counted since the start.
#[derive(Debug)]
pub struct Counts {
    refusals: [AtomicU64; Refusal::ALL.len()],
    closes: [AtomicU64; CloseCode::ALL.len()],
}

impl Default for Counts {
    fn default() -> Counts {
        Counts { refusals: [const { AtomicU64::new(0) }; _], closes: [const { AtomicU64::new(0) }; _] }
    }
}

impl Counts {
    /// How often each refusal was given.
    pub fn refusals(&self) -> impl Iterator<Item = (Refusal, u64)> {
        Refusal::ALL.iter().zip(&self.refusals).map(|(refusal, count)| (*refusal, count.load(Relaxed)))
    }

    /// How often the engine ended a connection, by reason.
    pub fn closes(&self) -> impl Iterator<Item = (CloseCode, u64)> {
        CloseCode::ALL.iter().zip(&self.closes).map(|(code, count)| (*code, count.load(Relaxed)))
    }

    /// Counts a refusal.
    pub fn refused(&self, refusal: Refusal) {
        count(Refusal::ALL, &self.refusals, refusal);
    }

    pub(super) fn closed(&self, code: CloseCode) {
        count(CloseCode::ALL, &self.closes, code);
    }
}

fn count<T: Copy + PartialEq>(all: &[T], counts: &[AtomicU64], which: T) {
    if let Some(at) = all.iter().position(|one| *one == which) {
        counts[at].fetch_add(1, Relaxed);
    }
}
