//! The thread that settles what a full file of the journal holds in sled, and brings sled to disk, so that the file can be
//! used again.

use std::fs::File;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::{io, panic};

use super::fault::Fatal;
use super::handle::Shared;
use super::recent::Run;

/// The other end of the thread: one checkpoint is under way at most.
pub(super) struct Checkpointer {
    ask: SyncSender<Arc<Run>>,
    done: Receiver<()>,
    is_under_way: bool,
}

impl Checkpointer {
    /// `file` is sled's log, opened before sled's first write; see [`open`](super::open).
    pub(super) fn spawn(shared: Arc<Shared>, file: File) -> io::Result<(Checkpointer, JoinHandle<()>)> {
        let (ask, asked) = sync_channel(1);
        let (finish, done) = sync_channel(1);
        let run = move || {
            let on_fatal = shared.settings.on_fatal.clone();
            let works = panic::AssertUnwindSafe(|| run(&shared, &file, &asked, &finish));
            match panic::catch_unwind(works) {
                Ok(Ok(())) => {}
                Ok(Err(fatal)) => on_fatal(fatal),
                Err(_) => on_fatal(Fatal::Fell),
            }
        };
        let thread = thread::Builder::new().name("store-checkpoint".to_owned()).spawn(run)?;
        Ok((Checkpointer { ask, done, is_under_way: false }, thread))
    }

    /// Begins with a run; the last must have been waited for.
    pub(super) fn begin(&mut self, run: Arc<Run>) -> Result<(), Fatal> {
        self.ask.send(run).map_err(|_| failed())?;
        self.is_under_way = true;
        Ok(())
    }

    /// Waits until the one that is under way, if any, is done: sled has all of its run, and has it on disk.
    pub(super) fn wait(&mut self) -> Result<(), Fatal> {
        if self.is_under_way {
            self.done.recv().map_err(|_| failed())?;
            self.is_under_way = false;
        }
        Ok(())
    }
}

fn failed() -> Fatal {
    Fatal::SyncFailed("a checkpoint failed".to_owned())
}

fn run(shared: &Shared, file: &File, asked: &Receiver<Arc<Run>>, done: &SyncSender<()>) -> Result<(), Fatal> {
    while let Ok(run) = asked.recv() {
        #[cfg(feature = "planted-bugs")]
        super::fall::at(super::fall::Which::Checkpoint);
        run.settle(&shared.db).map_err(|fault| Fatal::SyncFailed(fault.to_string()))?;
        drop(run);
        shared.recent.settled();
        shared.db.flush().map_err(|fault| Fatal::SyncFailed(fault.to_string()))?;
        hand_in_garbage();
        (shared.settings.sync)(file).map_err(|fault| Fatal::SyncFailed(fault.to_string()))?;
        if done.send(()).is_err() {
            break;
        }
    }
    Ok(())
}

/// A flush leaves the old log buffer, 8 MiB, in this thread's bag of garbage, which is looked into when it holds 64: half
/// a gigabyte. Handed in at once, it is freed by whoever of sled's threads comes by next.
fn hand_in_garbage() {
    crossbeam_epoch::pin().flush();
}
