//! Room on the disk that sled's log has beyond its end: what is on its way is settled, and read, on a full disk too.
//!
//! Once nothing more is admitted, the journal's two files may still be settled, and sled writes of itself: a read finishes
//! the split of a page that an insert began, and a page that was put out of memory before it was written is written to be
//! read. One write that finds no room, and sled answers nothing any more until it is opened anew. So its next segments are
//! allocated ahead of it, with no change of the file's length, which it goes by. Where files are never written in place,
//! or cannot be allocated ahead (btrfs, ZFS), it has no such room.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{FallocateFlags, fallocate};
use rustix::io::Errno;

/// What `st_blocks` counts in, whatever the blocks of the file system are.
const BLOCK_BYTES: u64 = 512;

/// The log, how much it is to have beyond its end, and how far it has the disk.
pub(super) struct Reserve {
    file: File,
    bytes: u64,
    end: u64,
    /// Bytes of the disk that the whole file had when last looked at: fewer, and it was cut.
    allocated: Option<u64>,
    is_short: bool,
}

impl Reserve {
    pub(super) fn new(log: &Path, bytes: u64) -> io::Result<Reserve> {
        let file = File::options().write(true).open(log)?;
        Ok(Reserve { file, bytes, end: 0, allocated: None, is_short: false })
    }

    /// Makes it whole again after the log has grown or was cut, out of `spare` bytes, or of those that a cut gave back.
    /// An error says that there is no such thing here.
    pub(super) fn keep(&mut self, spare: u64) -> io::Result<()> {
        let found = self.file.metadata()?;
        let wanted = found.len() + self.bytes;
        let given_back = self.given_back(&found);
        if given_back.is_none_or(|bytes| bytes > 0) {
            self.end = allocated(&found).min(wanted);
        }
        let has = self.end.max(found.len());
        let end = wanted.min(has.saturating_add(spare.max(given_back.unwrap_or(0))));
        if end > has && self.allocate(found.len(), end)? {
            self.end = end;
        }
        self.allocated = Some(allocated(&self.file.metadata()?));
        self.say(wanted > self.end.max(found.len()));
        Ok(())
    }

    /// How much of the disk the file had and has no more; none at the first look, which finds what an earlier start left.
    fn given_back(&self, found: &Metadata) -> Option<u64> {
        self.allocated.map(|before| before.saturating_sub(allocated(found)))
    }

    /// From a little before the log's end: what of its last segments is not written yet is a hole. Answers whether it was
    /// to be had this time.
    fn allocate(&self, length: u64, end: u64) -> io::Result<bool> {
        let begin = length.saturating_sub(self.bytes);
        match fallocate(&self.file, FallocateFlags::KEEP_SIZE, begin, end - begin) {
            Ok(()) => Ok(true),
            Err(Errno::NOSPC | Errno::DQUOT | Errno::INTR) => Ok(false),
            Err(fault) => Err(fault.into()),
        }
    }

    fn say(&mut self, is_short: bool) {
        if is_short && !self.is_short {
            tracing::warn!("the disk has no room for all of the log's reserve");
        }
        self.is_short = is_short;
    }
}

fn allocated(file: &Metadata) -> u64 {
    file.blocks() * BLOCK_BYTES
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const KIB: u64 = 1 << 10;
    const BYTES: u64 = 1_024 * KIB;

    /// Has at least so much beyond its length, and less than twice the whole reserve.
    fn has(log: &File, bytes: u64) {
        let found = log.metadata().unwrap();
        let beyond = allocated(&found).saturating_sub(found.len());
        assert!((bytes..2 * BYTES).contains(&beyond), "{beyond} of {bytes} beyond {}", found.len());
    }

    /// The limit `store.reserve_mib`.
    #[test]
    fn the_log_has_its_reserve_however_it_grows_and_is_cut() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("db");
        let mut log = File::create(&path).unwrap();
        let mut reserve = Reserve::new(&path, BYTES).unwrap();
        if let Err(fault) = reserve.keep(u64::MAX) {
            return println!(
                "SKIPPED the_log_has_its_reserve_however_it_grows_and_is_cut (1 test did not run): {fault}"
            );
        }
        has(&log, BYTES);
        log.write_all(&vec![1; 700 * KIB as usize]).unwrap();
        log.sync_all().unwrap();
        has(&log, BYTES - 700 * KIB);
        reserve.keep(100 * KIB).unwrap();
        has(&log, BYTES - 600 * KIB);
        assert!(reserve.is_short);
        reserve.keep(0).unwrap();
        has(&log, BYTES - 600 * KIB);
        reserve.keep(u64::MAX).unwrap();
        has(&log, BYTES);
        assert!(!reserve.is_short);
        let mut again = Reserve::new(&path, BYTES).unwrap();
        again.keep(0).unwrap();
        assert!(!again.is_short);
        // What a cut gives back is the log's still, however little is free.
        log.set_len(100 * KIB).unwrap();
        has(&log, 0);
        reserve.keep(0).unwrap();
        has(&log, BYTES);
        assert_eq!(log.metadata().unwrap().len(), 100 * KIB);
    }
}
