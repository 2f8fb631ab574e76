//! The thread that looks after the store while it runs: space on the disk, stalls, the watermark.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::fault::Fatal;
use super::handle::Shared;
use super::preflight;
use super::pressure::Disk;

/// Runs until the other end of `stop` is dropped.
pub(super) fn run(dir: PathBuf, shared: Arc<Shared>, stop: Receiver<()>) {
    let every = Duration::from_millis(shared.settings.keep_every_ms);
    let mut ballast = Ballast::Wanted;
    loop {
        look(&dir, &shared, &mut ballast);
        match stop.recv_timeout(every) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Whether the ballast file has yet to be seen to: once, when there is room for it.
enum Ballast {
    Wanted,
    Seen,
}

fn look(dir: &Path, shared: &Shared, ballast: &mut Ballast) {
    look_at_disk(dir, shared);
    if matches!(ballast, Ballast::Wanted) && shared.pressure.disk() == Disk::Fine {
        *ballast = Ballast::Seen;
        if let Err(fault) = preflight::lay_ballast(dir, shared.settings.ballast_bytes) {
            tracing::warn!(%fault, "the ballast file could not be written");
        }
    }
    shared.raise_watermark(*shared.durable.borrow());
    let waited = shared.pressure.oldest_ms();
    if waited > shared.settings.stalled_fatal_ms {
        (shared.settings.on_fatal)(Fatal::Stalled(waited));
    }
}

/// Asks how full the disk is, and remembers it.
pub(super) fn look_at_disk(dir: &Path, shared: &Shared) {
    let before = shared.pressure.disk();
    match preflight::free_bytes(dir) {
        Ok(free) => {
            let now = preflight::disk_state(free, &shared.settings);
            shared.pressure.set_disk(now);
            if now != before {
                tracing::warn!(free, ?before, ?now, "the space on the disk passed a mark");
            }
        }
        Err(fault) => tracing::error!(%fault, "the disk does not say how full it is"),
    }
}
