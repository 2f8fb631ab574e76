//! What can go wrong with a store, in words and exit codes.

use std::io;
use std::path::PathBuf;

use super::layout;

/// A value that is not what was written under its key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} is damaged")]
pub struct Damaged {
    /// Which value, in words.
    pub what: String,
}

impl Damaged {
    pub(super) fn at(key: &[u8]) -> Damaged {
        Damaged { what: layout::describe(key) }
    }
}

/// The store takes nothing any more: it was stopped, or the process is ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the store is closed")]
pub struct Closed;

/// Why something could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadFault {
    /// The store is closed.
    #[error("the store is closed")]
    Closed,
    /// What is on disk is not what was written.
    #[error("{0}")]
    Damaged(#[from] Damaged),
    /// The commits asked for were trimmed; the reader must rebuild what it derives, from here on.
    #[error("the commits before {floor} are trimmed")]
    Trimmed {
        /// The lowest commit that is kept.
        floor: u64,
    },
    /// The disk, or sled.
    #[error("the store cannot be read: {0}")]
    Disk(String),
}

impl From<sled::Error> for ReadFault {
    fn from(fault: sled::Error) -> ReadFault {
        ReadFault::Disk(fault.to_string())
    }
}

/// Why a fence was not set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FenceFault {
    /// The store is closed.
    #[error("the store is closed")]
    Closed,
    /// A newer instance has the ticket already; counted as a violation, because the directory should not let it be.
    #[error("a newer instance has the ticket")]
    Superseded,
    /// The head could not be read.
    #[error("{0}")]
    Read(#[from] ReadFault),
}

/// Why records were not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitFault {
    /// The store is closed.
    #[error("the store is closed")]
    Closed,
    /// A record passes its bound.
    #[error("a record passes the bound of the store")]
    BadSize,
}

/// Why a store was not opened. Each says what to do, and has an exit code of its own.
#[derive(Debug, thiserror::Error)]
pub enum OpenFault {
    /// Another process has it.
    #[error("another process uses the data directory {0}; stop it, or choose another directory")]
    Locked(PathBuf),
    /// It was written by a newer engine.
    #[error("the data is of version {found}, and this engine knows versions up to {known}; use a newer engine")]
    Newer {
        /// The version of the data.
        found: u32,
        /// The newest version known here.
        known: u32,
    },
    /// It was written by an engine of before the first release, whose data no other reads.
    #[error(
        "the data is of version {found}, from before the first release; this engine reads version {known}: begin anew"
    )]
    Unreleased {
        /// The version of the data.
        found: u32,
        /// The one that is read here.
        known: u32,
    },
    /// It cannot be read.
    #[error("the store is damaged: {0}; restore a backup, or run `deskwire check`")]
    Damaged(String),
    /// Acknowledged commits are missing.
    #[error(
        "the store ends at commit {found}, but commit {expected} was acknowledged: history was lost (a disk that \
         lies about its cache, or an older copy of the data); restore a backup, or accept the loss explicitly, which \
         tells every client to compare"
    )]
    HistoryLost {
        /// The last commit found.
        found: u64,
        /// The last commit that is known to have been acknowledged.
        expected: u64,
    },
    /// There is too little space to open it safely.
    #[error("only {free} bytes are free on the disk of the data directory, and opening needs {needed}; make room")]
    DiskFull {
        /// Free bytes.
        free: u64,
        /// Bytes needed.
        needed: u64,
    },
    /// sled's writes would not reach the disk.
    #[error(
        "this build is linked so that sled does not call fsync: what it acknowledges would not survive a power cut"
    )]
    Unsynced,
    /// The operating system.
    #[error("{what}: {fault}")]
    Io {
        /// What was tried.
        what: String,
        /// How it failed.
        #[source]
        fault: io::Error,
    },
}

impl OpenFault {
    /// The exit code of a process that could not open its store.
    pub fn exit_code(&self) -> i32 {
        match self {
            OpenFault::Locked(_) => 20,
            OpenFault::Newer { .. } | OpenFault::Unreleased { .. } => 21,
            OpenFault::Damaged(_) => 22,
            OpenFault::HistoryLost { .. } => 23,
            OpenFault::DiskFull { .. } => 24,
            OpenFault::Unsynced => 25,
            OpenFault::Io { .. } => 26,
        }
    }

    pub(super) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> OpenFault {
        let what = what.into();
        move |fault| OpenFault::Io { what, fault }
    }
}

impl From<Damaged> for OpenFault {
    fn from(damaged: Damaged) -> OpenFault {
        OpenFault::Damaged(damaged.to_string())
    }
}

/// Why a running store ends the process on purpose. What was not told is not promised; a restart finds the rest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fatal {
    /// A write or sync failed: the kernel may have dropped what it could not write, so nothing after it can be trusted.
    #[error("the store could not be written and synced: {0}")]
    SyncFailed(String),
    /// A sync did not return.
    #[error("the store has waited for its disk for {0} ms")]
    Stalled(u64),
    /// The thread that writes panicked.
    #[error("the thread that writes the store fell")]
    Fell,
}

impl Fatal {
    /// The exit code of a process that its store ended.
    pub fn exit_code(&self) -> i32 {
        match self {
            Fatal::SyncFailed(_) => 30,
            Fatal::Stalled(_) => 31,
            Fatal::Fell => 32,
        }
    }
}
