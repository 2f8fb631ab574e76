//! The threads of an open store, and their end.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread::{self, JoinHandle};

use tokio::sync::{mpsc, oneshot};

use super::fault::Fatal;
use super::handle::Shared;
use super::keeper;
use super::writer::{Job, Work, Writer};

/// The threads of an open store. Dropping it leaves them running until the last handle is dropped.
pub struct StoreThread {
    writer: JoinHandle<()>,
    keeper: JoinHandle<()>,
    checkpointing: JoinHandle<()>,
    queue: mpsc::WeakSender<Work>,
}

impl StoreThread {
    pub(super) fn spawn(
        dir: &Path,
        writer: Writer,
        keeper_stop: Receiver<()>,
        checkpointing: JoinHandle<()>,
        queue: mpsc::WeakSender<Work>,
    ) -> io::Result<StoreThread> {
        let (dir, shared) = (dir.to_owned(), writer.shared.clone());
        let keeper =
            thread::Builder::new().name("store-keeper".to_owned()).spawn(move || keep(dir, shared, keeper_stop))?;
        let writer = thread::Builder::new().name("store-writer".to_owned()).spawn(move || run(writer))?;
        Ok(StoreThread { writer, keeper, checkpointing, queue })
    }

    /// Writes what was handed in before, raises the watermark and ends the threads. What is handed in later is refused;
    /// reads still work. The files are let go of when the last handle is dropped.
    pub async fn stop(self) {
        if let Some(queue) = self.queue.upgrade() {
            let (answer, answered) = oneshot::channel();
            if queue
                .send(Work {
                    // Not a write: nobody waits for it to be on disk.
                    at: 0,
                    job: Job::Stop(answer),
                })
                .await
                .is_ok()
            {
                // An error says that the thread has ended already, which is what is wanted.
                let _ = answered.await;
            }
        }
        let join = move || (self.writer.join(), self.keeper.join(), self.checkpointing.join());
        // A thread that fell has said so itself.
        let _ = tokio::task::spawn_blocking(join).await;
    }
}

/// The queue stays open until the process has been ended: were it closed before, those who write would fall first, and
/// could end the process with another code.
fn run(mut writer: Writer) {
    let on_fatal = writer.shared.settings.on_fatal.clone();
    match catch_unwind(AssertUnwindSafe(|| writer.run())) {
        Ok(Ok(())) => {}
        Ok(Err(fatal)) => on_fatal(fatal),
        Err(_) => on_fatal(Fatal::Fell),
    }
}

/// Without it nobody would see the disk fill up, or stand still.
fn keep(dir: PathBuf, shared: Arc<Shared>, stop: Receiver<()>) {
    let on_fatal = shared.settings.on_fatal.clone();
    if catch_unwind(AssertUnwindSafe(|| keeper::run(dir, shared, stop))).is_err() {
        on_fatal(Fatal::Fell);
    }
}
