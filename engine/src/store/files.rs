//! The small files beside sled's, written so that a power cut leaves the old or the new one, never half of either.
//!
//! ```text
//! DIR/lock        held by whoever works on the directory
//! DIR/identity    data version and epoch
//! DIR/watermark   the last commit known to be acknowledged
//! DIR/ballast     space to give up
//! DIR/journal.*   what was synced and is not surely in sled; see `journal.rs`
//! DIR/log/        sled: db, conf, blobs/, snap.*
//! ```

use std::cmp::Ordering;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::fault::OpenFault;
use super::layout::DATA_VERSION;

/// The directory of sled's own files.
pub(super) fn log_dir(dir: &Path) -> PathBuf {
    dir.join("log")
}

/// Syncs a directory, so that the names in it are durable.
pub(super) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// The lock on a data directory: one engine or offline command at a time. Freed when dropped, and by the kernel when
/// the process ends in any way.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, making the directory where it is missing.
    pub fn take(dir: &Path) -> Result<Lock, OpenFault> {
        let words = format!("cannot use the data directory {}", dir.display());
        fs::create_dir_all(dir).map_err(OpenFault::io(words.clone()))?;
        let path = dir.join("lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(OpenFault::io(words.clone()))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(OpenFault::Locked(dir.to_owned())),
            Err(TryLockError::Error(fault)) => Err(OpenFault::io(words)(fault)),
        }
    }
}

/// Which store this is, and which version of the data it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) version: u32,
    /// Random; clients that know another one drop their copy.
    pub(super) epoch: u64,
}

impl Identity {
    pub(super) fn new() -> Result<Identity, OpenFault> {
        let epoch = getrandom::u64().map_err(|fault| OpenFault::Io {
            what: "cannot get a random number".to_owned(),
            fault: io::Error::other(fault.to_string()),
        })?;
        let version = DATA_VERSION;
        Ok(Identity { version, epoch })
    }

    fn text(self) -> String {
        let body = format!("deskwire data {}\nepoch {:016x}\n", self.version, self.epoch);
        format!("{body}crc {:08x}\n", crc32c::crc32c(body.as_bytes()))
    }

    fn parse(text: &str) -> Option<Identity> {
        let mut lines = text.lines();
        let version = lines.next()?.strip_prefix("deskwire data ")?.parse().ok()?;
        // A newer version may say other things below; only its number is needed to refuse it.
        if version > DATA_VERSION {
            return Some(Identity { version, epoch: 0 });
        }
        let epoch = u64::from_str_radix(lines.next()?.strip_prefix("epoch ")?, 16).ok()?;
        let identity = Identity { version, epoch };
        (identity.text() == text).then_some(identity)
    }

    /// The identity of the store in this directory, none where there is no store yet.
    pub(super) fn read(dir: &Path) -> Result<Option<Identity>, OpenFault> {
        let text = match fs::read_to_string(dir.join("identity")) {
            Ok(text) => text,
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(fault) => return Err(OpenFault::io("cannot read the identity file")(fault)),
        };
        let damaged = || OpenFault::Damaged("the identity file is not readable".to_owned());
        let identity = Identity::parse(&text).ok_or_else(damaged)?;
        match identity.version.cmp(&DATA_VERSION) {
            Ordering::Greater => Err(OpenFault::Newer { found: identity.version, known: DATA_VERSION }),
            Ordering::Less => Err(OpenFault::Unreleased { found: identity.version, known: DATA_VERSION }),
            Ordering::Equal => Ok(Some(identity)),
        }
    }

    pub(super) fn write(self, dir: &Path) -> Result<(), OpenFault> {
        replace(dir, "identity", self.text().as_bytes()).map_err(OpenFault::io("cannot write the identity file"))
    }
}

fn replace(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let new = dir.join(format!("{name}.new"));
    let mut file = File::create(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, dir.join(name))?;
    sync_dir(dir)
}

const SLOT_BYTES: usize = 12;
/// Apart by more than a sector, so that a write torn by a power cut hurts one slot only.
const SLOT_STRIDE: u64 = 4_096;

/// The last commit that is known to have been acknowledged: what a store must at least hold.
///
/// Two slots, written in turn and in place, so that a full disk cannot get in the way.
#[derive(Debug)]
pub(super) struct Watermark {
    file: File,
    number: u64,
    slot: u64,
}

impl Watermark {
    /// Makes or resets the file, at a commit number.
    pub(super) fn create(dir: &Path, number: u64) -> Result<(), OpenFault> {
        let mut bytes = vec![0; SLOT_STRIDE as usize + SLOT_BYTES];
        bytes[..SLOT_BYTES].copy_from_slice(&slot_bytes(number));
        replace(dir, "watermark", &bytes).map_err(OpenFault::io("cannot write the watermark file"))
    }

    pub(super) fn open(dir: &Path) -> Result<Watermark, OpenFault> {
        let path = dir.join("watermark");
        let file = match File::options().read(true).write(true).open(path) {
            Ok(file) => file,
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => {
                return Err(OpenFault::Damaged("the watermark file is missing".to_owned()));
            }
            Err(fault) => return Err(OpenFault::io("cannot open the watermark file")(fault)),
        };
        let newest = [0, 1].into_iter().filter_map(|slot| Some((read_slot(&file, slot)?, slot))).max();
        let damaged = || OpenFault::Damaged("the watermark file is not readable".to_owned());
        let (number, slot) = newest.ok_or_else(damaged)?;
        Ok(Watermark { file, number, slot })
    }

    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Raises it, durably; a lower number changes nothing.
    pub(super) fn raise(&mut self, number: u64) -> io::Result<()> {
        if number <= self.number {
            return Ok(());
        }
        let slot = 1 - self.slot;
        self.file.write_all_at(&slot_bytes(number), slot * SLOT_STRIDE)?;
        self.file.sync_data()?;
        self.number = number;
        self.slot = slot;
        Ok(())
    }
}

fn slot_bytes(number: u64) -> [u8; SLOT_BYTES] {
    let mut bytes = [0; SLOT_BYTES];
    let (value, crc) = bytes.split_at_mut(8);
    value.copy_from_slice(&number.to_le_bytes());
    crc.copy_from_slice(&crc32c::crc32c(value).to_le_bytes());
    bytes
}

fn read_slot(file: &File, slot: u64) -> Option<u64> {
    let mut bytes = [0; SLOT_BYTES];
    file.read_exact_at(&mut bytes, slot * SLOT_STRIDE).ok()?;
    let (value, _) = bytes.split_first_chunk()?;
    let number = u64::from_le_bytes(*value);
    (slot_bytes(number) == bytes).then_some(number)
}
