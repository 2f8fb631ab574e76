//! Opening a store: lock, identity, preflight, sled, journal, watermark, and only then anything that serves.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;
use std::{fs, io, thread};

use super::fault::OpenFault;
use super::files::{Identity, Lock, Watermark, log_dir};
use super::journal::{Fit, Found, Journal};
use super::pread64::Guarded;
use super::settings::StoreSettings;
use super::{layout, preflight, sync_file_range};
use crate::planted::{self, PlantedBug};

/// The settings under which sled lost nothing in power cuts; all of them are needed, with the own fdatasync and the
/// missing `sync_file_range`. Larger segments keep values out of files that are never synced.
const SEGMENT_BYTES: usize = 8 << 20;
const CACHE_BYTES: u64 = 64 << 20;

/// sled under its lock, known to be whole as far as its end.
pub(super) struct Opened {
    pub(super) db: sled::Db,
    /// Sled's log, for our own sync.
    pub(super) file: File,
    pub(super) journal: Journal,
    pub(super) lock: Lock,
    pub(super) identity: Identity,
    pub(super) watermark: Watermark,
    /// The last commit, 0 for none.
    pub(super) last: u64,
}

/// Opens what is in the directory, or makes a new store there.
pub(super) fn open(dir: &Path, settings: &StoreSettings) -> Result<Opened, OpenFault> {
    let lock = Lock::take(dir)?;
    let identity = match Identity::read(dir)? {
        Some(identity) => identity,
        None => create(dir, settings)?,
    };
    let watermark = Watermark::open(dir)?;
    fs::create_dir_all(log_dir(dir)).map_err(OpenFault::io("cannot make the log directory"))?;
    preflight::make_room(dir, settings)?;
    preflight::check_conf(dir)?;
    preflight::clear_snapshots(dir)?;
    let file = open_log_file(dir)?;
    let reading = Guarded::begin();
    let db = open_sled(dir)?;
    drop(reading);
    preflight::sync_names(dir).map_err(OpenFault::io("cannot sync the data directory"))?;
    if preflight::has_blobs(dir).map_err(OpenFault::io("cannot look into the data directory"))? {
        return Err(OpenFault::Damaged("sled keeps values outside of its log".to_owned()));
    }
    let in_sled = last_commit(&db)?;
    let found = Found::read(dir)?;
    let fit = fit(&found, in_sled, watermark.number())?;
    let (runs, mut journal) = found.into_runs(fit, settings.journal_bytes);
    if !planted::is(PlantedBug::JournalForgotten) {
        runs.iter().try_for_each(|run| run.settle(&db)).map_err(sled_fault)?;
    }
    let last = last_commit(&db)?;
    prove_sync(&db, &file, settings)?;
    journal.restart(last).map_err(OpenFault::io("cannot write the journal"))?;
    Ok(Opened { db, file, journal, lock, identity, watermark, last })
}

/// How journal and sled go together, and whether they reach as far as what is known to have been acknowledged.
fn fit(journal: &Found, in_sled: u64, watermark: u64) -> Result<Fit, OpenFault> {
    let fit = journal.fit(in_sled);
    let (found, expected) = match fit {
        Fit::Newest | Fit::Both => (journal.last(), watermark),
        Fit::Ahead => (in_sled, watermark),
        // With the loss accepted, or nothing ever told, there is nothing left to ask for.
        Fit::Gap if watermark == 0 => (in_sled, 0),
        Fit::Gap => (in_sled, watermark.max(journal.last())),
    };
    if matches!(fit, Fit::Ahead | Fit::Gap) {
        tracing::warn!(in_sled, in_journal = journal.last(), ?fit, "the journal does not go with the log; it is left");
    }
    match found < expected {
        true => Err(OpenFault::HistoryLost { found, expected }),
        false => Ok(fit),
    }
}

/// Accepts that acknowledged history is missing: a new epoch, from which every client learns that it must compare.
/// Answers it.
pub fn accept_loss(dir: &Path) -> Result<u64, OpenFault> {
    let _lock = Lock::take(dir)?;
    Identity::read(dir)?.ok_or_else(|| OpenFault::Damaged("there is no store".to_owned()))?;
    let identity = Identity::new()?;
    identity.write(dir)?;
    Watermark::create(dir, 0)?;
    Ok(identity.epoch)
}

/// The identity is written last: without it there is no store, whatever else a power cut left behind.
fn create(dir: &Path, settings: &StoreSettings) -> Result<Identity, OpenFault> {
    if fs::metadata(log_dir(dir).join("db")).is_ok() {
        return Err(OpenFault::Damaged("the identity file is missing".to_owned()));
    }
    let identity = Identity::new()?;
    Watermark::create(dir, 0)?;
    Journal::create(dir, settings.journal_bytes, 0)?;
    identity.write(dir)?;
    if let Some(parent) = dir.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        super::files::sync_dir(parent).map_err(OpenFault::io("cannot sync the parent of the data directory"))?;
    }
    Ok(identity)
}

/// Before sled's first write, and kept: the kernel reports a failed write-back once to each descriptor that was open
/// then, and what sled's own descriptor was told goes no further than its log.
fn open_log_file(dir: &Path) -> Result<File, OpenFault> {
    File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(log_dir(dir).join("db"))
        .map_err(OpenFault::io("cannot open the log file"))
}

fn open_sled(dir: &Path) -> Result<sled::Db, OpenFault> {
    let config = sled::Config::new()
        .path(log_dir(dir))
        .segment_size(SEGMENT_BYTES)
        .cache_capacity(CACHE_BYTES)
        .flush_every_ms(None);
    // Ours is the lock that counts. sled's own may still be held for a moment by a store that this same process has
    // just closed: sled's background threads let go of it when they are done.
    const TRIES: u32 = 40;
    for _ in 1..TRIES {
        match open_once(&config) {
            Err(OpenFault::Io { fault, .. }) if fault.to_string().contains("could not acquire lock") => {
                thread::park_timeout(Duration::from_millis(50));
            }
            other => return other,
        }
    }
    open_once(&config)
}

/// sled panics on some damage.
fn open_once(config: &sled::Config) -> Result<sled::Db, OpenFault> {
    match catch_unwind(AssertUnwindSafe(|| config.open())) {
        Ok(Ok(db)) => Ok(db),
        Ok(Err(fault)) => Err(sled_fault(fault)),
        Err(panic) => Err(OpenFault::Damaged(words_of(&*panic))),
    }
}

fn words_of(panic: &(dyn std::any::Any + Send)) -> String {
    let words = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    format!("log/db made sled fall while it was opened ({})", words.unwrap_or("without words"))
}

pub(super) fn last_commit(db: &sled::Db) -> Result<u64, OpenFault> {
    match last_key(db, &layout::COMMITS).map_err(sled_fault)? {
        Some(key) => Ok(layout::read_numbered(&key)?),
        None => Ok(0),
    }
}

/// The highest key with this prefix.
pub(super) fn last_key(db: &sled::Db, prefix: &[u8]) -> sled::Result<Option<sled::IVec>> {
    let found = db.scan_prefix(prefix).next_back().transpose()?;
    Ok(found.map(|(key, _)| key))
}

/// What the operating system refused is no damage: nobody should restore a backup for it.
fn sled_fault(fault: sled::Error) -> OpenFault {
    match fault {
        sled::Error::Io(fault) => OpenFault::io("cannot read or write the log")(fault),
        // Its other files were looked at before it was opened.
        sled::Error::Corruption { at, .. } => {
            let place = at.map(|at| format!(" at {at}")).unwrap_or_default();
            OpenFault::Damaged(format!("log/db is not what was written{place}"))
        }
        damage @ (sled::Error::CollectionNotFound(_) | sled::Error::Unsupported(_) | sled::Error::ReportableBug(_)) => {
            OpenFault::Damaged(format!("log/db: {damage}"))
        }
    }
}

/// Writes and syncs once, as every commit will, and sees whether sled asked for the call that stands in its way.
fn prove_sync(db: &sled::Db, file: &File, settings: &StoreSettings) -> Result<(), OpenFault> {
    let calls = sync_file_range::calls();
    let key = layout::STARTS_KEY;
    let starts = match db.get(key).map_err(sled_fault)? {
        Some(value) => layout::unseal_number(&key, &value)?,
        None => 0,
    };
    let value = layout::seal_number(&key, starts + 1);
    db.insert(key, value).map_err(sled_fault)?;
    db.flush().map_err(sled_fault)?;
    let synced: io::Result<()> = (settings.sync)(file);
    synced.map_err(OpenFault::io("cannot sync the log"))?;
    match sync_file_range::calls() > calls {
        true => Ok(()),
        false => Err(OpenFault::Unsynced),
    }
}
