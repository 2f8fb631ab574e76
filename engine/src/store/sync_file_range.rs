//! One of the two unsafe symbols of the engine: a `sync_file_range` that says "not implemented", so that sled calls fsync.
//!
//! sled 0.34.7 makes its log durable with `sync_file_range`, which neither waits for the file's metadata nor makes the
//! disk empty its write cache: after a power cut what it "flushed" was gone. When the call answers `ENOSYS` sled falls
//! back to `fsync`. A symbol in the program's own objects takes precedence over the one in the C library, so this
//! definition is what sled gets. Every call is counted: a store that has flushed without one call counted was linked
//! against the wrong function, and must not serve.
#![allow(unsafe_code, reason = "a C symbol must be defined, and errno set through its pointer")]

use std::ffi::{c_int, c_uint};
use std::sync::atomic::{AtomicU64, Ordering};

static CALLS: AtomicU64 = AtomicU64::new(0);

/// How often sled has asked for a `sync_file_range` in this process.
pub fn calls() -> u64 {
    CALLS.load(Ordering::Relaxed)
}

// SAFETY: the name and the signature are those of sync_file_range(2); nothing but sled calls it in this process, and
// "not implemented" is an answer that every caller of it must be ready for.
#[unsafe(no_mangle)]
extern "C" fn sync_file_range(_fd: c_int, _offset: libc::off64_t, _bytes: libc::off64_t, _flags: c_uint) -> c_int {
    CALLS.fetch_add(1, Ordering::Relaxed);
    // SAFETY: the C library's own pointer to this thread's errno, always valid.
    unsafe { *libc::__errno_location() = libc::ENOSYS };
    -1
}
