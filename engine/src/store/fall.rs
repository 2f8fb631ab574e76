//! Makes one of the store's threads fall on demand, so that what its fall does can be tested. In builds with planted bugs only.

use std::sync::atomic::{AtomicBool, Ordering};

/// One of the threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The one that writes, at its next batch.
    Writer,
    /// The one that looks after disk and watermark, at its next look.
    Keeper,
    /// The one that brings sled to disk, when it is next asked to.
    Checkpoint,
}

static ASKED: [AtomicBool; 3] = [const { AtomicBool::new(false) }; 3];

/// Makes a thread fall when it next has something to do.
pub fn ask(which: Which) {
    ASKED[which as usize].store(true, Ordering::Relaxed);
}

/// The place to fall.
pub(super) fn at(which: Which) {
    assert!(!ASKED[which as usize].swap(false, Ordering::Relaxed), "a thread of the store was asked to fall");
}
