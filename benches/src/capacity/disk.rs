//! What the disk alone takes: the floor of every acknowledgement.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use deskwire_loadtest::clock::{self, pause};

use crate::figures::median;

/// An entry of the journal with one post.
const ENTRY_BYTES: usize = 300;
const SYNCS: usize = 200;

/// A write and an `fdatasync` at the end of a file, so many a second, in milliseconds; half take at most this. A disk and
/// a processor that slept in between take longer than those that never rest.
pub async fn sync_p50_ms(dir: &Path, rate: f64) -> anyhow::Result<f64> {
    let path = dir.join("syncs");
    let mut file = File::create(&path)?;
    let mut took = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        pause(Duration::from_secs_f64(1.0 / rate)).await;
        let begun = clock::now();
        file.write_all(&[7; ENTRY_BYTES])?;
        file.sync_data()?;
        took.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    std::fs::remove_file(path)?;
    median(took).context("nothing was synced")
}
