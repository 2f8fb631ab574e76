//! Room on the disk that sled's log has beyond its end: what is on its way is settled, and read, on a full disk too.
//!
//! Once nothing more is admitted, the journal's two files may still be settled, and sled writes of itself: a read finishes
//! the split of a page that an insert began, and a page that was put out of memory before it was written is written to be
//! read. One write that finds no room, and sled answers nothing any more until it is opened anew. So its next segments are
//! allocated ahead of it, with no change of the file's length, which it goes by.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{FallocateFlags, fallocate};
use rustix::io::Errno;

use super::files::log_dir;

/// What `st_blocks` counts in, whatever the blocks of the file system are.
const BLOCK_BYTES: u64 = 512;

/// sled's log, and how much it is to have beyond its end.
pub(super) struct Reserve {
    file: File,
    bytes: u64,
}

impl Reserve {
    pub(super) fn new(dir: &Path, bytes: u64) -> io::Result<Reserve> {
        let file = File::options().write(true).open(log_dir(dir).join("db"))?;
        Ok(Reserve { file, bytes })
    }

    /// Makes it whole again after the log has grown or was cut, if what is missing is no more than `spare` bytes.
    pub(super) fn keep(&self, spare: u64) -> io::Result<()> {
        let found = self.file.metadata()?;
        let (length, allocated) = (found.len(), found.blocks() * BLOCK_BYTES);
        let missing = (length + self.bytes).saturating_sub(allocated);
        if missing == 0 || missing > spare {
            return Ok(());
        }
        // From a little before the end: what of the last segments is not written yet is a hole.
        let begin = length.saturating_sub(self.bytes);
        match fallocate(&self.file, FallocateFlags::KEEP_SIZE, begin, length - begin + self.bytes) {
            // Somebody else was faster.
            Err(Errno::NOSPC) => Ok(()),
            done => Ok(done?),
        }
    }
}
