//! What the disk alone takes: the floor of every acknowledgement.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use deskwire_loadtest::clock;

use crate::figures::median;

/// An entry of the journal with one post.
const ENTRY_BYTES: usize = 300;
const SYNCS: usize = 1_000;

/// A write and an `fdatasync` at the end of a file, in milliseconds; half take at most this.
pub fn sync_p50_ms(dir: &Path) -> anyhow::Result<f64> {
    let path = dir.join("syncs");
    let mut file = File::create(&path)?;
    let mut took = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let begun = clock::now();
        file.write_all(&[7; ENTRY_BYTES])?;
        file.sync_data()?;
        took.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    std::fs::remove_file(path)?;
    median(took).context("nothing was synced")
}
