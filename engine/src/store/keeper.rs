//! The thread that looks after the store while it runs: space on the disk, stalls, the watermark.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::fault::Fatal;
use super::files::log_dir;
use super::handle::Shared;
use super::preflight;
use super::pressure::Disk;
use super::reserve::Reserve;

/// The watermark costs a sync: it is raised at every so many looks.
const LOOKS_PER_WATERMARK: u64 = 4;

/// Runs until the other end of `stop` is dropped.
pub(super) fn run(dir: PathBuf, shared: Arc<Shared>, stop: Receiver<()>) {
    let every = Duration::from_millis(shared.settings.keep_every_ms);
    let reserve = Some(shared.settings.reserve_bytes).filter(|bytes| *bytes > 0);
    let reserve = reserve.and_then(|bytes| or_warn(Reserve::new(&log_dir(&dir).join("db"), bytes)));
    let mut keeper = Keeper { dir, shared, reserve, has_ballast: false, looks: 0, overdue: None };
    loop {
        #[cfg(feature = "planted-bugs")]
        super::fall::at(super::fall::Which::Keeper);
        keeper.look();
        match stop.recv_timeout(every) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

struct Keeper {
    dir: PathBuf,
    shared: Arc<Shared>,
    /// None where there is to be none, and where the file system has no such thing.
    reserve: Option<Reserve>,
    has_ballast: bool,
    looks: u64,
    /// The write that had waited too long when last looked at.
    overdue: Option<u64>,
}

impl Keeper {
    fn look(&mut self) {
        look_at_disk(&self.dir, &self.shared);
        match self.lays_ballast() {
            true => self.lay_ballast(),
            false => self.keep_reserve(),
        }
        if self.looks.is_multiple_of(LOOKS_PER_WATERMARK) {
            self.shared.raise_watermark(*self.shared.durable.borrow());
        }
        self.looks += 1;
        self.look_at_stall();
    }

    /// Of what is free above the lowest mark.
    fn keep_reserve(&mut self) {
        let spare = self.shared.pressure.free_bytes().saturating_sub(self.shared.settings.disk_lowest_bytes);
        let Some(reserve) = &mut self.reserve else { return };
        if or_warn(reserve.keep(spare)).is_none() {
            self.reserve = None;
        }
    }

    /// Once, and only with room for it.
    fn lays_ballast(&self) -> bool {
        !self.has_ballast && self.shared.pressure.disk() == Disk::Fine
    }

    fn lay_ballast(&mut self) {
        self.has_ballast = true;
        if let Err(fault) = preflight::lay_ballast(&self.dir, self.shared.settings.ballast_bytes) {
            tracing::warn!(%fault, "the ballast file could not be written");
        }
    }

    /// A write must be seen overdue twice: after the whole process stood still (a paused machine, a debugger) it looks
    /// so once, and the disk is fine.
    fn look_at_stall(&mut self) {
        let pressure = &self.shared.pressure;
        let waited = pressure.oldest_ms();
        let overdue = pressure.oldest().filter(|_| waited > self.shared.settings.stalled_fatal_ms);
        if overdue.is_some() && overdue == self.overdue {
            (self.shared.settings.on_fatal)(Fatal::Stalled(waited));
        }
        self.overdue = overdue;
    }
}

fn or_warn<T>(reserve: io::Result<T>) -> Option<T> {
    reserve.inspect_err(|fault| tracing::warn!(%fault, "the log has no reserve for a full disk")).ok()
}

/// Asks how full the disk is, and remembers it.
pub(super) fn look_at_disk(dir: &Path, shared: &Shared) {
    let before = shared.pressure.disk();
    match preflight::free_bytes(dir) {
        Ok(free) => {
            let now = preflight::disk_state(free, &shared.settings);
            shared.pressure.set_disk(now, free);
            if now != before {
                tracing::warn!(free, ?before, ?now, "the space on the disk passed a mark");
            }
        }
        Err(fault) => tracing::error!(%fault, "the disk does not say how full it is"),
    }
}
