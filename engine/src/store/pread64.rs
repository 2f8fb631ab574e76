//! The other unsafe symbol of the engine: a `pread64` that ends the process where a read fails while sled opens its log.
//!
//! sled 0.34.7 takes a read that fails, while it looks for the end of its log, for that end, and writes zeros over what
//! follows: one bad moment of a disk, and acknowledged history is gone for good. No return value tells it otherwise, so
//! it must not go on. Once it is open a read that fails is an error like any other, and this `pread64` is the kernel's.
//! As with `sync_file_range`, a symbol in the program's own objects takes precedence over the one in the C library.
#![allow(unsafe_code, reason = "a C symbol must be defined, and a system call be made")]

use std::ffi::{c_int, c_long, c_void};
use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// The exit code of a process to which a file was refused, as [`OpenFault::Io`](super::OpenFault) has it.
const EXIT: i32 = 26;

/// How many logs are being opened.
static OPENING: AtomicUsize = AtomicUsize::new(0);
static CALLS: AtomicU64 = AtomicU64::new(0);

/// While it lives no read may fail.
pub(super) struct Guarded(());

impl Guarded {
    pub(super) fn begin() -> Guarded {
        OPENING.fetch_add(1, Ordering::SeqCst);
        Guarded(())
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        OPENING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// How often this process has read through here.
pub fn calls() -> u64 {
    CALLS.load(Ordering::Relaxed)
}

// SAFETY: the name and the signature are those of pread64(2), and it does what that does: the arguments go to the kernel
// as they are, and the answer and errno come back as the kernel gave them.
#[cfg(target_pointer_width = "64")]
#[unsafe(no_mangle)]
unsafe extern "C" fn pread64(file: c_int, buffer: *mut c_void, bytes: usize, offset: libc::off64_t) -> isize {
    CALLS.fetch_add(1, Ordering::Relaxed);
    // SAFETY: the caller vouches for the buffer, as he must to the C library's.
    let read: c_long = unsafe { libc::syscall(libc::SYS_pread64, file, buffer, bytes, offset) };
    if read < 0 && OPENING.load(Ordering::SeqCst) > 0 {
        let fault = io::Error::last_os_error();
        if fault.kind() != io::ErrorKind::Interrupted {
            refused(&fault);
        }
    }
    read as isize
}

#[expect(clippy::disallowed_methods, reason = "whoever called would destroy what could not be read")]
fn refused(fault: &io::Error) -> ! {
    tracing::error!(%fault, "the log cannot be read; nothing of it was changed");
    eprintln!("deskwire: cannot read the log: {fault}; nothing of it was changed");
    std::process::exit(EXIT)
}
