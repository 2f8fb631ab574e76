//! The log on disk, and what is derived from it: one thread writes and syncs, a few read, nobody else touches sled.
//!
//! | room | what is in it |
//! |---|---|
//! | [`append`] | what is asked: events, stage, records, and who is told |
//! | [`handle`] | the door: queue in, reads out |
//! | [`writer`] | the thread that writes: gather, journal, sync, memory, tell |
//! | `journal` | where a commit is synced |
//! | `recent` | what the journal holds and sled does not yet, in memory |
//! | `checkpoint` | the thread that settles it in sled when a file of the journal is full |
//! | [`heads`] | who may append to which ticket, and what comes next; pure |
//! | `leaving` | when a room that left may be forgotten; pure |
//! | [`reads`] | pages, records, stages, commits |
//! | `page` | how much of a log is read at once |
//! | `tail` | commits with those of their events that matter to a reader |
//! | `trim` | which commits may go |
//! | [`layout`] | keys, values, checksums, the data version |
//! | `open` | from a directory to a store, or words why not |
//! | `files` | lock, identity and epoch, watermark |
//! | `preflight` | old snapshots, space, ballast |
//! | `keeper` | the thread that watches: disk marks, reserve, stalls, watermark |
//! | `reserve` | the room on the disk that sled's log has beyond its end |
//! | [`pressure`], [`stats`] | how it is doing, what it has done |
//! | [`check`] | the whole store read and proved |
//! | [`rebuild`] | the stage index put right, out of the logs |
//! | `thread` | the threads as a whole, and their end |
//! | [`fault`] | what can go wrong, in words and exit codes |
//! | [`sync_file_range`] | the one unsafe symbol, and why |
//!
//! **Acknowledged = on disk.** A commit is one entry of the journal, written and synced with one `fdatasync`; then memory
//! holds it, where readers find it, and then it is told. When a file of the journal is full, what it holds is settled in
//! sled, a few large values for many small events, and sled is brought to disk. So neither holds what is not durable, and
//! sled is not touched for a commit. An opening settles what sled may lack. A sync that fails ends the process: there is
//! no second try that could be believed.

pub mod append;
pub mod check;
#[cfg(feature = "planted-bugs")]
pub mod fall;
pub mod fault;
pub mod handle;
pub mod heads;
pub mod layout;
pub mod pread64;
pub mod pressure;
pub mod reads;
pub mod rebuild;
pub mod settings;
pub mod stats;
pub mod sync_file_range;
pub mod writer;

mod checkpoint;
mod checksummed;
mod files;
mod journal;
mod keeper;
mod leaving;
mod open;
mod page;
mod preflight;
mod recent;
mod reserve;
mod tail;
mod thread;
mod trim;

use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, mpsc as std_mpsc};

use tokio::sync::{Semaphore, mpsc, watch};

pub use append::{Append, Outcome, Record, RecordKey, RecordKind, RecordPut, RecordValue, StageChange, Told};
pub use check::Report;
pub use fault::{Closed, CommitFault, Damaged, Fatal, FenceFault, OpenFault, ReadFault};
pub use files::Lock;
pub use handle::{NoPlace, StoreHandle};
pub use heads::{Heads, Incarnation, Violation};
pub use layout::{DATA_VERSION, RECORD_ID_BYTES_MAX, Range, VALUE_BYTES_MAX};
pub use open::accept_loss;
pub use page::{Logged, PageLimits};
pub use pressure::{Disk, Pressure};
pub use reads::Commit;
pub use rebuild::{RebuildFault, Rebuilt};
pub use settings::StoreSettings;
pub use stats::{CommitReport, Stats};
pub use tail::Tailed;
pub use thread::StoreThread;
pub use writer::{BATCH_APPENDS_MAX, BATCH_BYTES_MAX, QUEUE_APPENDS_MAX};

use checkpoint::Checkpointer;
use handle::Shared;
use leaving::Leaving;
use recent::Recent;
use writer::Writer;

/// The store; see [`Store::open`].
pub struct Store;

impl Store {
    /// Opens the store in a directory, or makes a new one there. Reads the end of the log and no more.
    pub fn open(dir: &Path, settings: StoreSettings) -> Result<(StoreHandle, StoreThread), OpenFault> {
        let opened = open::open(dir, &settings)?;
        let trim = trim::Trim::read(&opened.db, opened.last, settings.commits_kept_max)
            .map_err(|fault| OpenFault::Damaged(fault.to_string()))?;
        let (queue, waiting) = mpsc::channel(QUEUE_APPENDS_MAX);
        let (durable_now, durable) = watch::channel(opened.last);
        let (keeper, keeper_stop) = std_mpsc::sync_channel(0);
        let shared = Arc::new(Shared {
            db: opened.db,
            recent: Recent::default(),
            floor: AtomicU64::new(trim.floor()),
            pressure: Pressure::new(settings.clock.clone(), settings.stalled_ms),
            stats: Stats::default(),
            epoch: opened.identity.epoch,
            durable,
            watermark: Mutex::new(opened.watermark),
            leaving: Mutex::default(),
            readers: Arc::new(Semaphore::new(settings.reads_at_once)),
            _lock: opened.lock,
            settings,
        });
        keeper::look_at_disk(dir, &shared);
        let thread_fault = || OpenFault::io("cannot start a thread");
        let (checkpointer, checkpointing) = Checkpointer::spawn(shared.clone(), opened.file).map_err(thread_fault())?;
        let writer = Writer {
            queue: waiting,
            shared: shared.clone(),
            journal: opened.journal,
            checkpointer,
            durable: durable_now,
            heads: Heads::default(),
            trim,
            last: opened.last,
            leaving: Leaving::default(),
            _keeper: keeper,
        };
        let thread =
            StoreThread::spawn(dir, writer, keeper_stop, checkpointing, queue.downgrade()).map_err(thread_fault())?;
        Ok((StoreHandle { shared, queue }, thread))
    }
}
