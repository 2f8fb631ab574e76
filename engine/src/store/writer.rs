//! The one thread that writes: gather what waits, one entry of the journal, one sync, memory, then tell.

use std::sync::{Arc, mpsc as std_mpsc};

use deskwire_protocol::TicketId;
use tokio::sync::{mpsc, oneshot, watch};

use super::append::{Append, Outcome, RecordPut, StageChange, Told};
use super::checkpoint::Checkpointer;
use super::fault::{CommitFault, Fatal, FenceFault};
use super::handle::Shared;
use super::heads::{Heads, Incarnation, Violation};
use super::journal::{Entry, Journal};
use super::layout::{self, APPEND_EVENTS_MAX, RECORD_ID_BYTES_MAX, Range, VALUE_BYTES_MAX};
use super::leaving::Leaving;
use super::stats::CommitReport;
use super::trim::Trim;
use crate::planted::{self, PlantedBug};

/// Writes that may wait for the thread; who has one more waits for a place.
pub const QUEUE_APPENDS_MAX: usize = 4_096;
/// Most appends of one batch.
pub const BATCH_APPENDS_MAX: usize = 512;
/// A batch takes no more once it holds this many bytes.
pub const BATCH_BYTES_MAX: usize = 1 << 20;

/// Something that waits for the thread, and since when.
pub(super) struct Work {
    /// As [`Pressure::now`](super::Pressure).
    pub(super) at: u64,
    pub(super) job: Job,
}

pub(super) enum Job {
    Append(Box<Append>),
    Commit(Vec<RecordPut>, oneshot::Sender<Result<u64, CommitFault>>),
    Fence(TicketId, Incarnation, oneshot::Sender<Result<u32, FenceFault>>),
    Barrier(oneshot::Sender<u64>),
    Settle(oneshot::Sender<u64>),
    Cursor(String, u64),
    Stop(oneshot::Sender<()>),
}

/// What is answered once a batch is on disk.
enum Answer {
    Append(Told, u32),
    Refused(Told),
    Commit(oneshot::Sender<Result<u64, CommitFault>>),
    Fence(oneshot::Sender<Result<u32, FenceFault>>, Result<u32, FenceFault>),
    Barrier(oneshot::Sender<u64>),
    Stop(oneshot::Sender<()>),
}

#[derive(Default)]
struct Gathered {
    entry: Entry,
    ranges: Vec<Range>,
    answers: Vec<Answer>,
    writes: bool,
    settles: bool,
    stops: bool,
    report: Counted,
}

#[derive(Default)]
struct Counted {
    jobs: usize,
    appends: usize,
    events: usize,
    records: usize,
    bytes: usize,
}

impl Gathered {
    fn has_room(&self) -> bool {
        self.report.jobs < BATCH_APPENDS_MAX && self.report.bytes < BATCH_BYTES_MAX && !self.stops
    }
}

pub(super) struct Writer {
    pub(super) queue: mpsc::Receiver<Work>,
    pub(super) shared: Arc<Shared>,
    pub(super) journal: Journal,
    pub(super) checkpointer: Checkpointer,
    pub(super) durable: watch::Sender<u64>,
    pub(super) heads: Heads,
    pub(super) trim: Trim,
    pub(super) last: u64,
    pub(super) leaving: Leaving,
    /// Ends the keeper when this thread ends.
    pub(super) _keeper: std_mpsc::SyncSender<()>,
}

impl Writer {
    /// Runs until it is stopped, all handles are gone, or the disk fails.
    pub(super) fn run(&mut self) -> Result<(), Fatal> {
        while let Some(work) = self.queue.blocking_recv() {
            self.shared.pressure.waiting_since(work.at);
            #[cfg(feature = "planted-bugs")]
            super::fall::at(super::fall::Which::Writer);
            let mut gathered = self.gather(work);
            self.commit(&mut gathered)?;
            if gathered.stops {
                break;
            }
        }
        self.shared.raise_watermark(self.last);
        self.settle()
    }

    fn gather(&mut self, first: Work) -> Gathered {
        let mut gathered = Gathered::default();
        self.take(first.job, &mut gathered);
        while gathered.has_room() {
            let Ok(work) = self.queue.try_recv() else {
                break;
            };
            self.take(work.job, &mut gathered);
        }
        let queue = &self.queue;
        self.leaving.taken(gathered.report.jobs, &mut self.heads, &mut self.shared.leaving(), || queue.len());
        gathered
    }

    fn take(&mut self, job: Job, into: &mut Gathered) {
        into.report.jobs += 1;
        match job {
            Job::Append(append) => self.take_append(*append, into),
            Job::Commit(records, answer) => take_records(&records, answer, into),
            Job::Fence(ticket, incarnation, answer) => {
                let head = self.fence(ticket, incarnation);
                into.answers.push(Answer::Fence(answer, head));
            }
            Job::Barrier(answer) => into.answers.push(Answer::Barrier(answer)),
            Job::Settle(answer) => {
                into.settles = true;
                into.answers.push(Answer::Barrier(answer));
            }
            Job::Cursor(name, at) => {
                let key = layout::cursor_key(&name);
                into.entry.insert(&key, &layout::seal_number(&key, at));
                into.writes = true;
                self.trim.move_cursor(name, at);
            }
            Job::Stop(answer) => {
                into.stops = true;
                into.answers.push(Answer::Stop(answer));
            }
        }
    }

    fn take_append(&mut self, append: Append, into: &mut Gathered) {
        let count = append.events.len() as u32;
        let fits = append.events.len() <= APPEND_EVENTS_MAX
            && append.events.iter().all(|event| is_event_size(event))
            && append.records.iter().all(is_record_size);
        let admitted = match fits {
            true => self.heads.admit(append.ticket, append.incarnation, append.first, count),
            false => Err(Violation::BadSize),
        };
        let head = match admitted {
            Ok(head) => head,
            Err(violation) => return self.refuse(append, violation, into),
        };
        into.report.appends += 1;
        if planted::is(PlantedBug::WriterForgets) && is_forgotten(&append) {
            into.answers.push(Answer::Append(append.told, head));
            return;
        }
        into.report.events += append.events.len();
        into.report.records += append.records.len();
        into.report.bytes += append.bytes();
        for (seq, event) in (append.first..).zip(&append.events) {
            let key = layout::event_key(append.ticket, seq);
            into.entry.insert(&key, event);
        }
        if count > 0 {
            let kind = shared_kind(&append.events);
            into.ranges.push(Range { ticket: append.ticket, first: append.first, count, kind });
        }
        if let Some(change) = append.stage {
            put_stage(append.ticket, change, &mut into.entry);
        }
        put_records(&append.records, &mut into.entry);
        into.writes = true;
        into.answers.push(Answer::Append(append.told, head));
    }

    fn refuse(&self, append: Append, violation: Violation, into: &mut Gathered) {
        let (ticket, first) = (append.ticket, append.first);
        tracing::error!(%ticket, incarnation = append.incarnation.0, first, %violation, "an append was refused");
        self.shared.stats.violated();
        // In its turn: told at once, the news of what it appended before would cover it.
        into.answers.push(Answer::Refused(append.told));
    }

    fn fence(&mut self, ticket: TicketId, incarnation: Incarnation) -> Result<u32, FenceFault> {
        let stored = match self.heads.head(ticket) {
            Some(head) => head,
            None => self.shared.reader().head(ticket)?,
        };
        self.heads.fence(ticket, incarnation, stored).map_err(|violation| {
            tracing::error!(%ticket, incarnation = incarnation.0, %violation, "a fence was refused");
            self.shared.stats.violated();
            FenceFault::Superseded
        })
    }

    fn commit(&mut self, gathered: &mut Gathered) -> Result<(), Fatal> {
        if planted::is(PlantedBug::AckBeforeSync) {
            self.tell(gathered);
            std::thread::park_timeout(std::time::Duration::from_millis(50));
            return self.write(gathered);
        }
        self.write(gathered)?;
        if gathered.settles {
            self.settle()?;
        }
        self.tell(gathered);
        Ok(())
    }

    /// Puts what was gathered on disk, and then where readers find it: who sees a change sees one that is durable. An error is final: what the kernel could not write it may have dropped, and a second sync that succeeds
    /// would not bring it back.
    fn write(&mut self, gathered: &mut Gathered) -> Result<(), Fatal> {
        if !gathered.writes {
            return Ok(());
        }
        let number = self.last + 1;
        let key = layout::commit_key(number);
        self.trim.step(number, &mut gathered.entry);
        gathered.entry.insert(&key, &layout::seal_commit(&key, &gathered.ranges));

        let begun = self.shared.pressure.now();
        self.sync(number, &mut gathered.entry)?;
        let synced = self.shared.pressure.now();
        self.shared.recent.take(std::mem::take(&mut gathered.entry));
        self.shared.trimmed_below(self.trim.floor());
        let applied = self.shared.pressure.now();

        self.last = number;
        self.durable.send_replace(number);
        let report = CommitReport {
            appends: gathered.report.appends as u32,
            events: gathered.report.events as u32,
            records: gathered.report.records as u32,
            bytes: gathered.report.bytes as u32,
            apply_nanos: applied.saturating_sub(synced),
            sync_nanos: synced.saturating_sub(begun),
        };
        self.shared.stats.committed(&report);
        if let Some(on_commit) = &self.shared.settings.on_commit {
            on_commit(&report);
        }
        Ok(())
    }

    fn sync(&mut self, number: u64, entry: &mut Entry) -> Result<(), Fatal> {
        if self.journal.is_full_for(entry) {
            // What the other file holds is settled; mostly it was done long ago.
            self.checkpointer.wait()?;
            self.journal.turn(self.last).map_err(failed)?;
            self.checkpointer.begin(self.shared.recent.turn())?;
        }
        let file = self.journal.write(number, entry).map_err(failed)?;
        (self.shared.settings.sync)(file).map_err(failed)
    }

    /// Leaves all in sled, and the journal empty.
    fn settle(&mut self) -> Result<(), Fatal> {
        self.checkpointer.wait()?;
        self.checkpointer.begin(self.shared.recent.turn())?;
        self.checkpointer.wait()?;
        self.journal.restart(self.last).map_err(failed)
    }

    fn tell(&mut self, gathered: &mut Gathered) {
        // With more in the queue the age stays as it is, a little too high, until the next batch sets it.
        if self.queue.is_empty() {
            self.shared.pressure.nothing_waits();
        }
        for answer in gathered.answers.drain(..) {
            // Who went away needs no answer.
            match answer {
                Answer::Append(told, head) => told(Outcome::Durable(head)),
                Answer::Refused(told) => told(Outcome::Refused),
                Answer::Commit(answer) => {
                    let _ = answer.send(Ok(self.last));
                }
                Answer::Fence(answer, head) => {
                    let _ = answer.send(head);
                }
                Answer::Barrier(answer) => {
                    let _ = answer.send(self.last);
                }
                Answer::Stop(answer) => {
                    self.shared.raise_watermark(self.last);
                    let _ = answer.send(());
                }
            }
        }
    }
}

fn failed(fault: impl std::fmt::Display) -> Fatal {
    Fatal::SyncFailed(fault.to_string())
}

fn is_event_size(event: &[u8]) -> bool {
    (1..=VALUE_BYTES_MAX).contains(&event.len())
}

/// The kind byte of all these events, or 0.
fn shared_kind(events: &[Vec<u8>]) -> u8 {
    let kinds = || events.iter().map(|event| event[0]);
    kinds().next().filter(|first| kinds().all(|kind| kind == *first)).unwrap_or(0)
}

fn is_record_size(record: &RecordPut) -> bool {
    let bytes = record.value.as_ref().map_or(0, |value| value.bytes.len());
    record.key.id.len() <= RECORD_ID_BYTES_MAX && bytes <= VALUE_BYTES_MAX
}

fn take_records(records: &[RecordPut], answer: oneshot::Sender<Result<u64, CommitFault>>, into: &mut Gathered) {
    if !records.iter().all(is_record_size) {
        let _ = answer.send(Err(CommitFault::BadSize));
        return;
    }
    put_records(records, &mut into.entry);
    into.report.records += records.len();
    into.report.bytes += records.iter().map(RecordPut::bytes).sum::<usize>();
    into.writes = true;
    into.answers.push(Answer::Commit(answer));
}

fn put_records(records: &[RecordPut], entry: &mut Entry) {
    for record in records {
        let key = layout::record_key(&record.key);
        match &record.value {
            Some(value) => entry.insert(&key, &layout::seal_record(&key, value)),
            None => entry.remove(&key),
        }
    }
}

/// A planted bug's choice: of appends that change no stage, one in sixty-four.
fn is_forgotten(append: &Append) -> bool {
    append.stage.is_none() && (append.ticket.0 ^ u64::from(append.first)) % 64 == 7
}

fn put_stage(ticket: TicketId, change: StageChange, entry: &mut Entry) {
    let key = layout::stage_key(ticket);
    match change {
        StageChange::Put(facts) => entry.insert(&key, &layout::seal_stage(&key, &facts)),
        StageChange::Remove => entry.remove(&key),
    }
}
