//! What became of requests and connections: counters that whoever refuses or closes adds to.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use deskwire_protocol::{CloseCode, Refusal};

use crate::metrics::{CutReason, Label};

/// What became of requests and connections, counted since the start.
#[derive(Debug)]
pub struct Counts {
    refusals: [AtomicU64; Refusal::ALL.len()],
    closes: [AtomicU64; CloseCode::ALL.len()],
    cuts: [AtomicU64; CutReason::WORDS.len()],
    frames_out: AtomicU64,
}

impl Default for Counts {
    fn default() -> Counts {
        Counts {
            refusals: [const { AtomicU64::new(0) }; _],
            closes: [const { AtomicU64::new(0) }; _],
            cuts: [const { AtomicU64::new(0) }; _],
            frames_out: AtomicU64::new(0),
        }
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

    /// How often a slow reader was cut off, by the bound it passed.
    pub fn cuts(&self) -> impl Iterator<Item = (CutReason, u64)> {
        CutReason::WORDS.iter().zip(&self.cuts).map(|(reason, count)| (*reason, count.load(Relaxed)))
    }

    /// Frames written to connections.
    pub fn frames_out(&self) -> u64 {
        self.frames_out.load(Relaxed)
    }

    /// Counts a refusal.
    pub fn refused(&self, refusal: Refusal) {
        count(Refusal::ALL, &self.refusals, refusal);
    }

    pub(super) fn cut(&self, reason: CutReason) {
        count(CutReason::WORDS, &self.cuts, reason);
    }

    pub(super) fn wrote(&self, frames: usize) {
        self.frames_out.fetch_add(frames as u64, Relaxed);
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
