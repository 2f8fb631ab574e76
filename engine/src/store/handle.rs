//! The door to the store: what the rest of the engine holds.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deskwire_protocol::TicketId;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};

use super::append::{Append, Record, RecordKind, RecordPut};
use super::check::{self, Checked, Report};
use super::fault::{Closed, CommitFault, FenceFault, ReadFault};
use super::files::{Lock, Watermark};
use super::heads::Incarnation;
use super::leaving::Left;
use super::page::{Logged, PageLimits};
use super::pressure::Pressure;
use super::reads::{Commit, Reader};
use super::recent::Recent;
use super::settings::StoreSettings;
use super::stats::Stats;
use super::writer::{Job, Work};
use crate::domain::facts::Facts;

/// What the handles and the threads share.
pub(super) struct Shared {
    pub(super) db: sled::Db,
    pub(super) recent: Recent,
    /// The lowest commit that is kept.
    pub(super) floor: AtomicU64,
    pub(super) settings: StoreSettings,
    pub(super) pressure: Pressure,
    pub(super) stats: Stats,
    pub(super) epoch: u64,
    /// The last commit on disk.
    pub(super) durable: watch::Receiver<u64>,
    pub(super) watermark: Mutex<Watermark>,
    pub(super) leaving: Mutex<Vec<Left>>,
    pub(super) readers: Arc<Semaphore>,
    /// After sled, so that it is let go of last.
    pub(super) _lock: Lock,
}

impl Shared {
    pub(super) fn reader(&self) -> Reader<'_> {
        Reader { db: &self.db, recent: &self.recent, floor: self.floor.load(Ordering::Acquire) }
    }

    pub(super) fn trimmed_below(&self, floor: u64) {
        self.floor.store(floor, Ordering::Release);
    }

    pub(super) fn leaving(&self) -> MutexGuard<'_, Vec<Left>> {
        self.leaving.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A failure here loses nothing that was promised; it only makes a later check weaker.
    pub(super) fn raise_watermark(&self, number: u64) {
        let mut watermark = self.watermark.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(fault) = watermark.raise(number) {
            tracing::error!(%fault, number, "the watermark could not be written");
        }
    }
}

/// An append that found no place.
pub enum NoPlace {
    /// The queue is full; it is given back.
    Full(Box<Append>),
    /// The store is closed.
    Closed,
}

/// A handle on an open store; cheap to clone. The store's files are let go of when the last one is dropped.
#[derive(Clone)]
pub struct StoreHandle {
    pub(super) shared: Arc<Shared>,
    pub(super) queue: mpsc::Sender<Work>,
}

impl StoreHandle {
    fn work(&self, job: Job) -> Work {
        let at = self.shared.pressure.now();
        Work { at, job }
    }

    async fn send(&self, job: Job) -> Result<(), Closed> {
        self.queue.send(self.work(job)).await.map_err(|_| Closed)
    }

    /// Hands in an append; waits only for a place in the queue. What became of it `told` hears.
    pub async fn append(&self, append: Append) -> Result<(), Closed> {
        self.send(Job::Append(Box::new(append))).await
    }

    /// Hands in an append if there is a place for it now.
    pub fn try_append(&self, append: Append) -> Result<(), NoPlace> {
        match self.queue.try_reserve() {
            Ok(place) => {
                place.send(self.work(Job::Append(Box::new(append))));
                Ok(())
            }
            Err(TrySendError::Full(())) => Err(NoPlace::Full(Box::new(append))),
            Err(TrySendError::Closed(())) => Err(NoPlace::Closed),
        }
    }

    /// Writes records alone, together; answers the commit number once they are on disk.
    pub async fn commit(&self, records: Vec<RecordPut>) -> Result<u64, CommitFault> {
        let (answer, answered) = oneshot::channel();
        let sent = self.send(Job::Commit(records, answer)).await;
        sent.map_err(|Closed| CommitFault::Closed)?;
        answered.await.unwrap_or(Err(CommitFault::Closed))
    }

    /// Gives a ticket to an instance, behind all that was appended before, and answers the durable head (0: no such
    /// ticket). From here on appends of every older instance are refused.
    pub async fn fence(&self, ticket: TicketId, incarnation: Incarnation) -> Result<u32, FenceFault> {
        // Read aside first, so that the thread that writes finds the page in memory and waits for no disk.
        self.aside(move |store| store.head(ticket)).await?;
        let (answer, answered) = oneshot::channel();
        let sent = self.send(Job::Fence(ticket, incarnation, answer)).await;
        sent.map_err(|Closed| FenceFault::Closed)?;
        answered.await.unwrap_or(Err(FenceFault::Closed))
    }

    /// Says that a room left: its ticket's head need not be kept. A room must not append after this.
    pub fn release(&self, ticket: TicketId, incarnation: Incarnation) {
        self.shared.leaving().push((ticket, incarnation));
    }

    /// Answers the last commit number once all that was handed in before is on disk.
    pub async fn barrier(&self) -> Result<u64, Closed> {
        let (answer, answered) = oneshot::channel();
        self.send(Job::Barrier(answer)).await?;
        answered.await.map_err(|_| Closed)
    }

    /// Says that a reader of commits has done with everything up to a number. Names are few and fixed.
    pub async fn move_cursor(&self, name: &str, done_with: u64) -> Result<(), Closed> {
        self.send(Job::Cursor(name.to_owned(), done_with)).await
    }

    /// Events `from..=to` of a ticket, oldest first, as many as a page holds.
    pub async fn events(
        &self,
        ticket: TicketId,
        from: u32,
        to: u32,
        limits: PageLimits,
    ) -> Result<Vec<Logged>, ReadFault> {
        self.aside(move |store| store.forward(ticket, from, to, limits)).await
    }

    /// The newest events of a ticket before a sequence, as many as a page holds, oldest first.
    pub async fn events_back(
        &self,
        ticket: TicketId,
        before: u32,
        limits: PageLimits,
    ) -> Result<Vec<Logged>, ReadFault> {
        self.aside(move |store| store.back(ticket, before, limits)).await
    }

    /// The facts of every open ticket: one scan, for a starting dispatcher.
    pub async fn stages(&self) -> Result<Vec<Facts>, ReadFault> {
        self.aside(|store| store.stages()).await
    }

    /// Every record of a kind whose id begins like this, in the order of the ids.
    pub async fn records(&self, kind: RecordKind, id_prefix: &[u8]) -> Result<Vec<Record>, ReadFault> {
        let prefix = id_prefix.to_vec();
        self.aside(move |store| store.records(kind, &prefix)).await
    }

    /// One record.
    pub async fn record(&self, kind: RecordKind, id: &[u8]) -> Result<Option<Record>, ReadFault> {
        let id = id.to_vec();
        self.aside(move |store| store.record(kind, &id)).await
    }

    /// The commits after a number, oldest first, at most `max`: what changed since, for whoever derives from the log.
    pub async fn commits(&self, after: u64, max: usize) -> Result<Vec<Commit>, ReadFault> {
        self.aside(move |store| store.commits(after, max)).await
    }

    /// Reads the whole store and proves it: for `deskwire check`, with nothing else at work on it.
    pub async fn check(&self) -> Result<Report, ReadFault> {
        self.checked().await.map(|checked| checked.report)
    }

    /// All of it is settled first, so that sled is all there is to read.
    pub(super) async fn checked(&self) -> Result<Checked, ReadFault> {
        let (answer, answered) = oneshot::channel();
        self.send(Job::Settle(answer)).await.map_err(|Closed| ReadFault::Closed)?;
        answered.await.map_err(|_| ReadFault::Closed)?;
        self.aside(|store| check::check(store.db)).await
    }

    /// Writes that wait for the thread.
    pub fn queued(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    /// How the store is doing right now.
    pub fn pressure(&self) -> &Pressure {
        &self.shared.pressure
    }

    /// What the store has done since it was opened.
    pub fn stats(&self) -> &Stats {
        &self.shared.stats
    }

    /// The random number of this store; clients that know another one drop their copy.
    pub fn epoch(&self) -> u64 {
        self.shared.epoch
    }

    /// The last commit on disk; changes are seen by waiting on it.
    pub fn durable(&self) -> watch::Receiver<u64> {
        self.shared.durable.clone()
    }

    /// Reads on one of few threads. Who comes when all are in use waits his turn; he who asks is himself bounded.
    pub(super) async fn aside<T: Send + 'static>(
        &self,
        read: impl FnOnce(Reader<'_>) -> Result<T, ReadFault> + Send + 'static,
    ) -> Result<T, ReadFault> {
        let turn = self.shared.readers.clone().acquire_owned().await;
        let turn = turn.map_err(|_| ReadFault::Closed)?;
        let shared = self.shared.clone();
        let reading = tokio::task::spawn_blocking(move || {
            // Held until the read is done, also when nobody waits for it any more.
            let _turn = turn;
            read(shared.reader())
        });
        match reading.await {
            Ok(found) => found,
            Err(fault) if fault.is_panic() => Err(ReadFault::Disk("sled fell while it read".to_owned())),
            Err(_) => Err(ReadFault::Closed),
        }
    }
}
